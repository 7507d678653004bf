//! Colours brought down to what a terminal can show: 24 bits to 256 to 16 to 8
//! to none. Pure arithmetic on xterm's default palette; a user's own palette is
//! not asked for.

use crate::base::Color;
use crate::base::palette::palette;

use super::caps::Depth;

/// The nearest of the sixteen for each of the 256.
static TO_16: [u8; 256] = table_16();

/// The colour as a terminal of this depth can show it. With 8 colours a bright
/// one keeps its number: the pen makes it bold.
#[must_use]
pub fn reduce(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (_, Depth::Mono) => Color::Default,
        (Color::Default | Color::Theme(_), _) | (_, Depth::Rgb) => color,
        (Color::Indexed(_), Depth::Indexed256) => color,
        (Color::Rgb(r, g, b), Depth::Indexed256) => Color::Indexed(nearest_256(r, g, b)),
        (Color::Indexed(n), Depth::Ansi8 | Depth::Ansi16) => Color::Indexed(TO_16[usize::from(n)]),
        (Color::Rgb(r, g, b), Depth::Ansi8 | Depth::Ansi16) => Color::Indexed(nearest_16(r, g, b)),
    }
}

/// The nearest entry of the colour cube or the grey ramp. The first sixteen are
/// left out: users change them.
fn nearest_256(r: u8, g: u8, b: u8) -> u8 {
    let cube = 16 + 36 * step(r) + 6 * step(g) + step(b);
    // The grey of least distance is the mean weighted as `distance` is.
    let mean = (3 * u16::from(r) + 4 * u16::from(g) + 2 * u16::from(b)) / 9;
    let grey = 232 + (mean.saturating_sub(3) / 10).min(23) as u8;
    let far = |index| distance(palette(index), (r, g, b));
    if far(grey) < far(cube) { grey } else { cube }
}

/// Which of the cube's six steps is nearest.
const fn step(value: u8) -> u8 {
    match value {
        0..=47 => 0,
        48..=114 => 1,
        _ => (value - 35) / 40,
    }
}

const fn nearest_16(r: u8, g: u8, b: u8) -> u8 {
    let (mut best, mut least) = (0u8, u32::MAX);
    let mut n = 0u8;
    while n < 16 {
        let far = distance(palette(n), (r, g, b));
        if far < least {
            (best, least) = (n, far);
        }
        n += 1;
    }
    best
}

/// Squared distance, weighted by how the eye sees the three.
const fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let red = a.0.abs_diff(b.0) as u32;
    let green = a.1.abs_diff(b.1) as u32;
    let blue = a.2.abs_diff(b.2) as u32;
    3 * red * red + 4 * green * green + 2 * blue * blue
}

const fn table_16() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut n = 0usize;
    while n < 256 {
        let (r, g, b) = palette(n as u8);
        table[n] = if n < 16 { n as u8 } else { nearest_16(r, g, b) };
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_brought_down_to_the_depth() {
        let orange = Color::Rgb(255, 135, 0);
        for (depth, shown) in [
            (Depth::Rgb, orange),
            (Depth::Indexed256, Color::Indexed(208)),
            (Depth::Ansi16, Color::Indexed(3)),
            (Depth::Ansi8, Color::Indexed(3)),
            (Depth::Mono, Color::Default),
        ] {
            assert_eq!(reduce(orange, depth), shown, "{depth:?}");
        }
        assert_eq!(
            reduce(Color::Indexed(196), Depth::Ansi16),
            Color::Indexed(9)
        );
        assert_eq!(reduce(Color::Default, Depth::Ansi8), Color::Default);
    }

    #[test]
    fn nearest_of_the_palette_is_really_nearest() {
        for n in 0..4096u32 {
            let (r, g, b) = (
                (n >> 8) as u8 * 17,
                (n >> 4 & 15) as u8 * 17,
                (n & 15) as u8 * 17,
            );
            let far = |index| distance(palette(index), (r, g, b));
            let best = (16..=255).map(far).min();
            assert_eq!(Some(far(nearest_256(r, g, b))), best, "{r} {g} {b}");
        }
    }

    #[test]
    fn palette_entry_is_its_own_nearest() {
        for index in 16..=255u8 {
            let (r, g, b) = palette(index);
            let near = nearest_256(r, g, b);
            assert_eq!(palette(near), (r, g, b), "{index}");
        }
    }
}
