//! Colours by name, as XParseColor takes them (Xlib, "Color Strings"): names of
//! X11, `#rgb`, `rgb:`, `rgbi:`, and the device-independent forms of Xcms; and as
//! tmux does: `cmy:`, `cmyk:`, `r,g,b`. Those of Xcms are for a screen that is not there: the one that Xlib assumes where
//! none was measured. It changes nothing.

use super::Rgb;
use crate::base::x11;

/// Three values of some space.
type Triple = [f64; 3];

/// The colour that a string names, or nothing where it names none.
pub(super) fn parse(text: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(digits) = text.strip_prefix('#') {
        return hash(digits);
    }
    let Some((space, values)) = text.split_once(':') else {
        return decimal(text).or_else(|| x11::lookup(text));
    };
    if space.eq_ignore_ascii_case("rgb") {
        return three(values.split('/').map(scaled));
    }
    if space.eq_ignore_ascii_case("cmy") {
        let ink: [f64; 3] = inks(values)?;
        return Some(printed(ink, 0.0));
    }
    if space.eq_ignore_ascii_case("cmyk") {
        let [c, m, y, black] = inks(values)?;
        return Some(printed([c, m, y], black));
    }
    let [a, b, c] = numbers(values)?;
    let xyz = match space.to_ascii_lowercase().as_str() {
        "rgbi" => {
            let inside = [a, b, c].iter().all(|part| (0.0..=1.0).contains(part));
            return inside.then(|| shown([a, b, c]));
        }
        "ciexyz" => [a, b, c],
        "cieuvy" => of_uv(a, b, c)?,
        "ciexyy" => of_xy(a, b, c)?,
        "cielab" => of_lab(a, b, c),
        "cieluv" => of_luv(a, b, c)?,
        "tekhvc" => of_hvc(a, b, c)?,
        _ => return None,
    };
    let finite = xyz.iter().all(|part| part.is_finite());
    finite.then(|| shown(in_gamut(xyz)))
}

/// `r,g,b` in decimal; of each the lowest eight bits, as in tmux.
fn decimal(text: &str) -> Option<Rgb> {
    let part = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| part.parse::<u32>().ok())??;
        Some(number as u8)
    };
    three(text.split(',').map(part))
}

/// So many parts from 0 to 1, apart by slashes.
fn inks<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut out = [0.0; N];
    let mut parts = text.split('/');
    for slot in &mut out {
        let part: f64 = parts.next()?.parse().ok()?;
        *slot = Some(part).filter(|part| (0.0..=1.0).contains(part))?;
    }
    parts.next().is_none().then_some(out)
}

/// What is left of the light by inks and by black.
fn printed(inks: Triple, black: f64) -> Rgb {
    // Within 0..=255, cut as tmux cuts.
    let [r, g, b] = inks.map(|ink| ((1.0 - ink) * (1.0 - black) * 255.0) as u8);
    (r, g, b)
}

/// `#rgb` to `#rrrrggggbbbb`: the digits are the most significant ones.
fn hash(digits: &str) -> Option<Rgb> {
    if !digits.is_ascii() || !matches!(digits.len(), 3 | 6 | 9 | 12) {
        return None;
    }
    let n = digits.len() / 3;
    three((0..3).map(|i| {
        let part = &digits[i * n..(i + 1) * n];
        let value = hex(part)? << (16 - 4 * n);
        u8::try_from(value >> 8).ok()
    }))
}

/// One to four hexadecimal digits, scaled to 0..=255.
fn scaled(digits: &str) -> Option<u8> {
    let value = hex(digits)?;
    let most = (1 << (4 * digits.len())) - 1;
    u8::try_from(value * 255 / most).ok()
}

fn hex(digits: &str) -> Option<u32> {
    let fits = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| u32::from_str_radix(digits, 16).ok())?
}

fn three(mut parts: impl Iterator<Item = Option<u8>>) -> Option<Rgb> {
    let rgb = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(rgb)
}

fn numbers(text: &str) -> Option<Triple> {
    let mut parts = text.split('/').map(|part| part.parse::<f64>().ok());
    let values = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(values)
}

/// From CIE XYZ to the intensities of the screen's phosphors.
const TO_SCREEN: [Triple; 3] = [
    [3.483_405, -1.521_764, -0.559_231],
    [-1.071_528, 1.965_938, 0.036_737],
    [0.063_512, -0.200_205, 0.810_709],
];

/// The screen's white, all phosphors at their most.
const WHITE: Triple = [0.949_664, 1.0, 1.406_040];

/// The hue 0 of TekHVC: the reddest red, in u' and v'.
const RED: (f64, f64) = (0.7127, 0.4931);

fn uv([x, y, z]: Triple) -> (f64, f64) {
    let sum = x + 15.0 * y + 3.0 * z;
    (4.0 * x / sum, 9.0 * y / sum)
}

fn of_uv(u: f64, v: f64, y: f64) -> Option<Triple> {
    let rest = 12.0 - 3.0 * u - 20.0 * v;
    (v != 0.0).then(|| [9.0 * u * y / (4.0 * v), y, rest * y / (4.0 * v)])
}

fn of_xy(x: f64, y: f64, luminance: f64) -> Option<Triple> {
    let of = |part: f64| part * luminance / y;
    (y != 0.0).then(|| [of(x), luminance, of(1.0 - x - y)])
}

fn of_lab(l: f64, a: f64, b: f64) -> Triple {
    let root = (l + 16.0) / 116.0;
    let y = root.powi(3);
    if y >= 0.008_856 {
        let (x, z) = ((root + a / 5.0).powi(3), (root - b / 2.0).powi(3));
        return [WHITE[0] * x, y, WHITE[2] * z];
    }
    // In hundredths where CIE has ones: so does Xlib.
    let y = l / 9.032_92;
    [WHITE[0] * (a / 3893.5 + y), y, WHITE[2] * (y - b / 1557.4)]
}

fn of_luv(l: f64, u: f64, v: f64) -> Option<Triple> {
    let (white_u, white_v) = uv(WHITE);
    if l <= 0.0 {
        return None;
    }
    of_uv(
        white_u + u / (13.0 * l),
        white_v + v / (13.0 * l),
        luminance(l),
    )
}

fn of_hvc(hue: f64, value: f64, chroma: f64) -> Option<Triple> {
    let (white_u, white_v) = uv(WHITE);
    if value <= 0.0 {
        return None;
    }
    let angle = (RED.1 - white_v).atan2(RED.0 - white_u) + hue.to_radians();
    let distance = chroma / (value * 7.507_25);
    of_uv(
        white_u + distance * angle.cos(),
        white_v + distance * angle.sin(),
        luminance(value),
    )
}

/// The luminance of a lightness from 0 to 100 (CIE 1976).
fn luminance(lightness: f64) -> f64 {
    let cube = ((lightness + 16.0) / 116.0).powi(3);
    if cube < 0.008_856 {
        lightness / 903.292
    } else {
        cube
    }
}

fn on_screen(xyz: Triple) -> Triple {
    TO_SCREEN.map(|row| row.iter().zip(xyz).map(|(m, part)| m * part).sum())
}

/// The intensities of a colour, one that the screen cannot show made paler
/// until it can, its hue and luminance kept.
fn in_gamut(xyz: Triple) -> Triple {
    let fits = |rgb: &Triple| rgb.iter().all(|part| (-1e-5..=1.000_01).contains(part));
    let rgb = on_screen(xyz);
    if fits(&rgb) {
        return rgb;
    }
    let luminance = xyz[1];
    if luminance >= 1.0 {
        return [1.0; 3];
    }
    if luminance <= 0.0 {
        return [0.0; 3];
    }
    let (white_u, white_v) = uv(WHITE);
    let (u, v) = uv(xyz);
    let at = |part: f64| {
        let (u, v) = (
            white_u + part * (u - white_u),
            white_v + part * (v - white_v),
        );
        of_uv(u, v, luminance).map(on_screen)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..32 {
        let middle = (low + high) / 2.0;
        if at(middle).is_some_and(|rgb| fits(&rgb)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(low).unwrap_or([luminance; 3])
}

/// Codes of a phosphor for intensities in thousandths: the curve of the screen,
/// linear between these.
const CURVES: [&[(f64, f64)]; 3] = [
    &[
        (0.0, 10.0),
        (1.25, 14.0),
        (1.88, 17.0),
        (2.5, 22.0),
        (3.75, 26.0),
        (56.0, 82.0),
        (112.0, 108.0),
        (500.0, 193.0),
        (701.0, 221.0),
        (923.0, 247.0),
        (1000.0, 255.0),
    ],
    &[
        (0.0, 19.0),
        (0.6, 19.0),
        (0.8, 20.0),
        (55.2, 79.0),
        (110.4, 103.0),
        (361.0, 163.0),
        (453.6, 179.0),
        (500.0, 187.0),
        (1000.0, 255.0),
    ],
    &[
        (0.0, 14.0),
        (55.0, 79.0),
        (110.0, 103.0),
        (337.0, 160.0),
        (417.4, 174.0),
        (500.0, 187.0),
        (1000.0, 255.0),
    ],
];

/// The codes that show intensities from 0 to 1.
fn shown(rgb: Triple) -> Rgb {
    let code = |at: usize| {
        let want = rgb[at].clamp(0.0, 1.0) * 1000.0;
        let curve = CURVES[at];
        let next = curve.partition_point(|(intensity, _)| *intensity < want);
        let (high, code) = curve[next.min(curve.len() - 1)];
        let (low, base) = curve[next.saturating_sub(1)];
        let part = if high > low {
            (want - low) / (high - low)
        } else {
            0.0
        };
        (base + part * (code - base)).round() as u8
    };
    (code(0), code(1), code(2))
}

/// Reads a terminal's answer to OSC 10 or 11: which of them, and the colour.
#[must_use]
pub fn color_report(text: &str) -> Option<(u16, (u8, u8, u8))> {
    let text = text.strip_prefix("\x1b]")?;
    let text = text
        .strip_suffix('\x07')
        .or_else(|| text.strip_suffix("\x1b\\"))?;
    let (number, color) = text.split_once(';')?;
    let number = number.parse().ok().filter(|n| matches!(n, 10 | 11))?;
    Some((number, parse(color.as_bytes())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole forms, and what xterm answers for the rest.
    #[test]
    fn colors_parse_as_xparsecolor_has_them() {
        for (text, rgb) in [
            ("#fff", Some(0xf0f0f0)),
            ("#102030", Some(0x102030)),
            ("#123456789", Some(0x124578)),
            ("#123456789abc", Some(0x12569a)),
            ("rgb:1/22/3333", Some(0x112233)),
            ("RGB:f/f/f", Some(0xffffff)),
            ("red", Some(0xff0000)),
            ("Light Sea Green", Some(0x20b2aa)),
            ("rgbi:1/1/1", Some(0xffffff)),
            ("rgbi:0.5/0.5/0.5", Some(0xc1bbbb)),
            ("rgbi:2/0/0", None),
            ("CIEXYZ:0.5/0.5/0.5", Some(0xddb5a0)),
            ("CIEXYZ:1/1/1", Some(0xffffff)),
            ("CIEuvY:0.5/0.5/0.5", Some(0xffa3ae)),
            ("CIExyY:0.5/0.5/0.5", Some(0xf7b30e)),
            ("CIELab:1/1/1", Some(0x6c6767)),
            ("CIELab:0.5/0.5/0.5", Some(0x524f4f)),
            ("CIELuv:1/1/1", Some(0x16140e)),
            ("CIELuv:0.5/0.5/0.5", Some(0x0e130e)),
            ("TekHVC:1/1/1", Some(0x1a130f)),
            ("TekHVC:0.5/0.5/0.5", Some(0x11130e)),
            ("cmy:0/0.5/1", Some(0xff7f00)),
            ("CMY:1/0/.25", Some(0x00ffbf)),
            ("cmyk:0/0.5/1/0.2", Some(0xcc6600)),
            ("cmyk:1/1/1/1", Some(0x000000)),
            ("123,45,67", Some(0x7b2d43)),
            ("300,1,1", Some(0x2c0101)),
            ("cmy:2/0/0", None),
            ("cmy:0/0", None),
            ("cmyk:0/0/0", None),
            ("1,2", None),
            ("1,2,x", None),
            ("CIEuvY:1/0/1", None),
            ("CIELuv:0/1/1", None),
            ("CIEXYZ:nan/0/0", None),
            ("rgb:+f/0/0", None),
            ("rgb:ff/80", None),
            ("rgb:12345/0/0", None),
            ("#12345", None),
            ("no such colour", None),
            ("", None),
        ] {
            let got = parse(text.as_bytes());
            let got = got.map(|(r, g, b)| u32::from_be_bytes([0, r, g, b]));
            assert_eq!(got, rgb, "{text}: {got:06x?}");
        }
    }
}
