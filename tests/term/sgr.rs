//! Rendition: SGR and DECSCUSR.

use super::{fed, style};
use stepmux::base::{Attrs, Color, Style, Underline};
use stepmux::term::CursorShape;

fn styled(sgr: &str) -> Style {
    style(&fed(4, 2, format!("{sgr}x").as_bytes()).0, 0, 0)
}

#[test]
fn attributes_are_set_and_reset() {
    // ECMA-48 §8.3.117; 21 and 53 as xterm has them.
    for (on, off, attr) in [
        (1, 22, Attrs::BOLD),
        (2, 22, Attrs::DIM),
        (3, 23, Attrs::ITALIC),
        (5, 25, Attrs::BLINK),
        (6, 25, Attrs::BLINK),
        (7, 27, Attrs::REVERSE),
        (8, 28, Attrs::HIDDEN),
        (9, 29, Attrs::STRIKE),
        (53, 55, Attrs::OVERLINE),
    ] {
        assert_eq!(styled(&format!("\x1b[{on}m")).attrs, attr, "{on}");
        for off in [off, 0] {
            assert_eq!(
                styled(&format!("\x1b[{on}m\x1b[{off}m")),
                Style::DEFAULT,
                "{on} {off}"
            );
        }
        assert_eq!(styled(&format!("\x1b[{on}m\x1b[m")), Style::DEFAULT, "{on}");
    }
    // Fonts, frames, super- and subscripts are left alone.
    for ignored in [
        "10", "11", "20", "26", "50", "51", "52", "54", "73", "74", "75", "99", "5000",
    ] {
        assert_eq!(
            styled(&format!("\x1b[{ignored}m")),
            Style::DEFAULT,
            "{ignored}"
        );
    }
}

#[test]
fn underlines_have_styles() {
    // kitty's and xterm's 4:n; 21 is double.
    for (sgr, line) in [
        ("\x1b[4m", Underline::Single),
        ("\x1b[21m", Underline::Double),
        ("\x1b[4:0m", Underline::None),
        ("\x1b[4m\x1b[4:0m", Underline::None),
        ("\x1b[4:1m", Underline::Single),
        ("\x1b[4:2m", Underline::Double),
        ("\x1b[4:3m", Underline::Curly),
        ("\x1b[4:4m", Underline::Dotted),
        ("\x1b[4:5m", Underline::Dashed),
        ("\x1b[4:3;24m", Underline::None),
        ("\x1b[4:9m", Underline::None),
    ] {
        assert_eq!(styled(sgr).underline, line, "{sgr:?}");
    }
}

#[test]
fn colours_take_all_their_forms() {
    // ITU-T T.416 §13.1.8 and xterm's shorter forms.
    let rgb = Color::Rgb(1, 2, 3);
    for (sgr, color) in [
        ("31", Color::Indexed(1)),
        ("37", Color::Indexed(7)),
        ("90", Color::Indexed(8)),
        ("97", Color::Indexed(15)),
        ("38;5;200", Color::Indexed(200)),
        ("38:5:200", Color::Indexed(200)),
        ("38;2;1;2;3", rgb),
        ("38:2:1:2:3", rgb),
        ("38:2::1:2:3", rgb),
        ("38:2:0:1:2:3", rgb),
        ("38:2::1:2:3:0:0", rgb),
        ("31;39", Color::Default),
        ("31;38;2;1;2", Color::Indexed(1)),
        // No such colour of the palette is the default one, as in tmux 3.8.
        ("31;38;5", Color::Default),
        ("31;38;5;256", Color::Default),
        ("31;38:5:256", Color::Default),
        ("31;38:2:1:2", Color::Indexed(1)),
        ("31;38;9", Color::Indexed(1)),
    ] {
        assert_eq!(styled(&format!("\x1b[{sgr}m")).fg, color, "{sgr}");
    }
    let all = styled("\x1b[1;38;5;4;48;2;1;2;3;58:5:6;4:3;9m");
    assert_eq!(
        (all.fg, all.bg, all.us, all.underline),
        (Color::Indexed(4), rgb, Color::Indexed(6), Underline::Curly)
    );
    let attrs = all.attrs.without(Attrs::FORMS);
    assert_eq!(attrs, Attrs::BOLD.with(Attrs::STRIKE));
    assert_eq!(styled("\x1b[58;2;1;2;3m").us, rgb);
    assert_eq!(styled("\x1b[58:2::1:2:3m\x1b[59m").us, Color::Default);
    assert_eq!(styled("\x1b[41;49m").bg, Color::Default);
    assert_eq!(styled("\x1b[107m").bg, Color::Indexed(15));
}

#[test]
fn empty_parameters_are_zero_and_too_many_are_none() {
    // ECMA-48 §5.4.2; tmux reads 24.
    assert_eq!(styled("\x1b[1;;3m").attrs, Attrs::ITALIC);
    assert_eq!(styled("\x1b[1;m"), Style::DEFAULT);
    let many = |count: usize| format!("\x1b[{}1m", "0;".repeat(count));
    assert_eq!(styled(&many(20)).attrs, Attrs::BOLD);
    assert_eq!(styled(&many(30)), Style::DEFAULT);
    // Private forms are no SGR.
    assert_eq!(styled("\x1b[?1m"), Style::DEFAULT);
    assert_eq!(styled("\x1b[>4;1m"), Style::DEFAULT);
}

#[test]
fn cursor_has_shapes() {
    // VT510 DECSCUSR, with xterm's bars; att610's blinking.
    for (input, shape, blinking) in [
        ("\x1b[ q", CursorShape::Default, false),
        ("\x1b[1 q", CursorShape::Block, true),
        ("\x1b[2 q", CursorShape::Block, false),
        ("\x1b[3 q", CursorShape::Underline, true),
        ("\x1b[4 q", CursorShape::Underline, false),
        ("\x1b[5 q", CursorShape::Bar, true),
        ("\x1b[6 q", CursorShape::Bar, false),
        ("\x1b[4 q\x1b[9 q", CursorShape::Underline, false),
        ("\x1b[4 q\x1b[?12h", CursorShape::Underline, true),
        ("\x1b[5 q\x1b[?12l", CursorShape::Bar, false),
        ("\x1b[5 q\x1bc", CursorShape::Default, false),
    ] {
        let cursor = fed(4, 2, input.as_bytes()).0.cursor();
        assert_eq!(
            (cursor.shape, cursor.blinking),
            (shape, blinking),
            "{input:?}"
        );
    }
}
