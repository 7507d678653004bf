//! Rectangles: DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA, DECRQCRA.

use super::{answers, check, fed, style};
use stepmux::base::{Attrs, Color, Underline};

const GRID: &str = "abcde\r\nfghij\r\nklmno\r\npqrst\x1b[5;7H";

fn rows(table: &[(&str, &str)]) {
    for (input, expected) in table {
        check(&[(&format!("{GRID}{input}\x1b[5;7H"), expected, 7, 5)]);
    }
}

#[test]
fn rectangles_are_filled_erased_and_copied() {
    // VT510 DECFRA, DECERA, DECCRA. Sides default to the page's; a rectangle
    // beyond the page is cut, one upside down is nothing.
    rows(&[
        ("\x1b[42;2;2;3;4$x", "abcde|f***j|k***o|pqrst"),
        ("\x1b[42;2;2;1;1$x", "abcde|fghij|klmno|pqrst"),
        ("\x1b[10;1;1;2;2$x", "abcde|fghij|klmno|pqrst"),
        ("\x1b[2;2;3;4$z", "abcde|f   j|k   o|pqrst"),
        ("\x1b[$z", ""),
        ("\x1b[3;3$z", "abcde|fghij|kl|pq"),
        ("\x1b[2;2;3;4${", "abcde|f   j|k   o|pqrst"),
        ("\x1b[1;1;2;2;1;3;4;1$v", "abcde|fghij|klmab|pqrfg"),
        ("\x1b[1;1;2;2;1;2;2;1$v", "abcde|fabij|kfgno|pqrst"),
        ("\x1b[2;2;3;3;1;1;1;1$v", "ghcde|lmhij|klmno|pqrst"),
        ("\x1b[2;2;3;3$v", "ghcde|lmhij|klmno|pqrst"),
        (
            "\x1b[;;2;2;1;4;9;1$v",
            "abcde|fghij|klmno|pqrst   ab|        fg",
        ),
        (
            "\x1b[;;2;2;1;5;10;1$v",
            "abcde|fghij|klmno|pqrst|         a",
        ),
        ("\x1b[2;2;1;1;1;3;4;1$v", "abcde|fghij|klmno|pqrst"),
        (
            "\x1b[(0\x1b(0\x1b[113;1;1;1;3$x\x1b(B",
            "───de|fghij|klmno|pqrst",
        ),
    ]);
    check(&[(
        "\x1b[42$x\x1b[5;7H",
        "**********|**********|**********|**********|**********",
        7,
        5,
    )]);
}

#[test]
fn rectangles_follow_origin_mode_and_ignore_margins() {
    // VT510, "Rectangular Area Operations".
    rows(&[
        (
            "\x1b[2;3r\x1b[42;3;3;4;4$x\x1b[r",
            "abcde|fghij|kl**o|pq**t",
        ),
        (
            "\x1b[?69h\x1b[2;9s\x1b[2;4r\x1b[?6h\x1b[42;1;1;2;2$x\x1b[?6l\x1b[?69l\x1b[r",
            "abcde|f**ij|k**no|pqrst",
        ),
        (
            "\x1b[2;3r\x1b[?6h\x1b[42;1;1;9;2$x\x1b[?6l\x1b[r",
            "abcde|**hij|**mno|pqrst",
        ),
        (
            "\x1b[2;4r\x1b[?6h\x1b[1;1;1;2;1;3;4;1$v\x1b[?6l\x1b[r",
            "abcde|fghij|klmno|pqrfg",
        ),
    ]);
}

#[test]
fn attributes_change_in_a_stream_or_a_rectangle() {
    // VT510 DECCARA, DECRARA, DECSACE: colours stay, 0 takes all attributes.
    let at = |input: &str, x: usize, y: u16| {
        style(&fed(10, 5, format!("{GRID}{input}").as_bytes()).0, x, y)
    };
    for (input, x, y, bold) in [
        ("\x1b[1;3;2;4;1$r", 2, 0, true),
        ("\x1b[1;3;2;4;1$r", 1, 0, false),
        ("\x1b[1;3;2;4;1$r", 4, 0, true),
        ("\x1b[1;3;2;4;1$r", 0, 1, true),
        ("\x1b[1;3;2;4;1$r", 4, 1, false),
        ("\x1b[2*x\x1b[1;2;2;3;1$r", 0, 1, false),
        ("\x1b[2*x\x1b[1;2;2;3;1$r", 1, 1, true),
        ("\x1b[2*x\x1b[1;2;2;3;1$r\x1b[1;2;2;3;0$r", 1, 1, false),
        ("\x1b[2*x\x1b[1;2;2;3;1$t", 1, 1, true),
        ("\x1b[2*x\x1b[1;2;2;3;1$t\x1b[1;2;2;3;1$t", 1, 1, false),
        ("\x1b[2*x\x1b[0*x\x1b[1;2;2;3;1$r", 0, 1, true),
    ] {
        assert_eq!(
            at(input, x, y).attrs.has(Attrs::BOLD),
            bold,
            "{input:?} {x} {y}"
        );
    }
    let both = at("\x1b[31m\x1b[H\x1b[4mx\x1b[2*x\x1b[1;1;1;1;4;7$t", 0, 0);
    assert_eq!(both.underline, Underline::None);
    assert!(both.attrs.has(Attrs::REVERSE));
    assert_eq!(both.fg, Color::Indexed(1));
    let plain = at("\x1b[31;1;4m\x1b[Hx\x1b[2*x\x1b[1;1;1;1;0$r", 0, 0);
    assert_eq!(
        (plain.fg, plain.attrs, plain.underline),
        (Color::Indexed(1), Attrs::NONE, Underline::None)
    );
    // Only what DECCARA knows: colours are no attributes.
    assert_eq!(at("\x1b[2*x\x1b[1;1;1;1;31$r", 0, 0).fg, Color::Default);
}

#[test]
fn checksums_are_xterms() {
    // xterm, DECRQCRA since patch 336, and XTCHECKSUM: a negated sum of codes and
    // attributes; blanks nobody wrote count once at most.
    answers(&[
        ("A\x1b[7;1;1;1;1;1*y", "\x1bP7!~FFBF\x1b\\"),
        ("\x1b[7;1;2;2;2;2*y", "\x1bP7!~FFE0\x1b\\"),
        ("AB\x1b[1;1;1;1;1;2*y", "\x1bP1!~FF7D\x1b\\"),
        ("A\x1b[1;1;1;1;1;5*y", "\x1bP1!~FFBF\x1b\\"),
        ("A \x1b[1;1;1;1;1;5*y", "\x1bP1!~FF9F\x1b\\"),
        ("\x1b[1mA\x1b[1;1;1;1;1;1*y", "\x1bP1!~FF3F\x1b\\"),
        ("\x1b[4mA\x1b[1;1;1;1;1;1*y", "\x1bP1!~FFAF\x1b\\"),
        ("\x1b[7mA\x1b[1;1;1;1;1;1*y", "\x1bP1!~FF9F\x1b\\"),
        ("\x1b[1\"qA\x1b[1;1;1;1;1;1*y", "\x1bP1!~FFBF\x1b\\"),
        ("\x1b[1#y\x1b[1mA\x1b[1;1;1;1;1;1*y", "\x1bP1!~00C1\x1b\\"),
        ("\x1b[3#y\x1b[1mA\x1b[1;1;1;1;1;1*y", "\x1bP1!~0041\x1b\\"),
        ("\x1b[7#yA\x1b[1;1;1;1;1;3*y", "\x1bP1!~0081\x1b\\"),
        ("\x1b[15#yA\x1b[1;1;1;1;1;3*y", "\x1bP1!~0041\x1b\\"),
        ("\x1b[19#y─\x1b[1;1;1;1;1;1*y", "\x1bP1!~2500\x1b\\"),
        ("A\x1b[1;1;3;3;2;2*y", "\x1bP1!~0000\x1b\\"),
        ("\x1b[2;3r\x1b[?6hA\x1b[1;1;1;1;1;1*y", "\x1bP1!~FFBF\x1b\\"),
    ]);
}

#[test]
fn styles_are_pushed_popped_and_reported() {
    // xterm XTPUSHSGR, XTPOPSGR, XTREPORTSGR.
    let (term, _) = fed(4, 2, b"\x1b[1;31m\x1b[#{\x1b[0ma\x1b[#}b");
    assert!(style(&term, 0, 0).attrs.is_empty());
    assert!(style(&term, 1, 0).attrs.has(Attrs::BOLD));
    answers(&[
        ("\x1b[1;31ma\x1b[4mb\x1b[1;1;1;2#|", "\x1b[0;1;31m"),
        ("\x1b[1;1;1;2#|", "\x1b[0m"),
    ]);
}
