//! Erasing: ED, EL, ECH, and what is protected.

use super::{check, fed, style, text};
use stepmux::base::Color;

const GRID: &str = "abcde\r\nfghij\r\nklmno\x1b[2;3H";

fn rows(table: &[(&str, &str)]) {
    for (input, expected) in table {
        check(&[(&format!("{GRID}{input}"), expected, 3, 2)]);
    }
}

#[test]
fn erasing_takes_its_part_and_leaves_the_cursor() {
    // ECMA-48 §8.3.39 ED, 41 EL, 38 ECH; 3 is xterm's, for the saved lines.
    rows(&[
        ("\x1b[J", "abcde|fg"),
        ("\x1b[0J", "abcde|fg"),
        ("\x1b[1J", "|   ij|klmno"),
        ("\x1b[2J", ""),
        ("\x1b[3J", "abcde|fghij|klmno"),
        ("\x1b[K", "abcde|fg|klmno"),
        ("\x1b[1K", "abcde|   ij|klmno"),
        ("\x1b[2K", "abcde||klmno"),
        ("\x1b[X", "abcde|fg ij|klmno"),
        ("\x1b[2X", "abcde|fg  j|klmno"),
        ("\x1b[99X", "abcde|fg|klmno"),
        ("\x1b[?J", "abcde|fg"),
        ("\x1b[?1K", "abcde|   ij|klmno"),
        ("\x1b[9J", "abcde|fghij|klmno"),
        ("\x1b[9K", "abcde|fghij|klmno"),
    ]);
}

#[test]
fn erasing_ignores_margins() {
    // DEC STD 070; xterm.
    rows(&[
        ("\x1b[?69h\x1b[2;4s\x1b[2;3r\x1b[2;3H\x1b[J", "abcde|fg"),
        (
            "\x1b[?69h\x1b[2;4s\x1b[2;3r\x1b[2;3H\x1b[1J",
            "|   ij|klmno",
        ),
        ("\x1b[?69h\x1b[2;4s\x1b[2;3H\x1b[K", "abcde|fg|klmno"),
        ("\x1b[?69h\x1b[2;4s\x1b[2;3H\x1b[9X", "abcde|fg|klmno"),
    ]);
}

#[test]
fn selective_erase_spares_what_decsca_protects() {
    // VT510 DECSCA, DECSED, DECSEL, DECSERA.
    check(&[
        ("\x1b[1\"qab\x1b[0\"qc\x1b[G\x1b[?K", "ab", 1, 1),
        ("\x1b[1\"qab\x1b[2\"qc\x1b[?2J", "ab", 4, 1),
        ("\x1b[1\"qab\x1b[\"qc\x1b[?1K", "ab", 4, 1),
        ("\x1b[1\"qab\x1b[0\"qc\x1b[1;1;1;3${", "ab", 4, 1),
        // Other erases take all.
        ("\x1b[1\"qab\x1b[0\"qc\x1b[2K", "", 4, 1),
        ("\x1b[1\"qab\x1b[0\"qc\x1b[H\x1b[9X", "", 1, 1),
        ("\x1b[1\"qab\x1b[0\"qc\x1b[1;1;1;3$z", "", 4, 1),
        // A reset forgets that anything was protected (xterm).
        ("\x1b[1\"qab\x1b[!p\x1b[?2J", "", 3, 1),
        ("\x1b[1\"qa\x1b[!pb\x1b[1\"qc\x1b[?2J", "a c", 4, 1),
        // DECSC saves whether text is written protected.
        ("\x1b[1\"q\x1b7\x1b[0\"q\x1b8a\x1b[?2J", "a", 2, 1),
    ]);
}

#[test]
fn guarded_areas_resist_every_erase_but_rectangles() {
    // ECMA-48 §8.3.46 EPA, 143 SPA; xterm's DECSED and DECSEL spare them too.
    check(&[
        ("a\x1bVb\x1bWc\x1b[2K", " b", 4, 1),
        ("a\x1bVb\x1bWc\x1b[2J", " b", 4, 1),
        ("a\x1bVb\x1bWc\x1b[H\x1b[9X", " b", 1, 1),
        ("a\x1bVb\x1bWc\x1b[?2J", " b", 4, 1),
        ("a\x1bVb\x1bWc\x1b[1;1;1;3${", "", 4, 1),
        ("a\u{96}b\u{97}c\x1b[2K", " b", 4, 1),
    ]);
}

#[test]
fn erased_cells_take_the_background() {
    // terminfo bce: EL, ED, ECH, ICH, DCH, IL, DL and scrolling.
    for input in [
        "\x1b[41m\x1b[K",
        "\x1b[41m\x1b[2J",
        "\x1b[41m\x1b[X",
        "\x1b[41m\x1b[@",
        "\x1b[41m\x1b[99P",
        "\x1b[41m\x1b[L",
        "\x1b[41m\x1b[99M",
        "\x1b[41m\x1bM",
        "\x1b[41m\x1b[1;1;1;1$z",
        "\x1b[1;4;7;31;41m\x1b[K",
    ] {
        let (term, _) = fed(4, 2, input.as_bytes());
        let blank = style(&term, 0, 0);
        assert_eq!(blank.bg, Color::Indexed(1), "{input:?}");
        assert_eq!(blank.fg, Color::Default, "{input:?}");
        assert!(blank.attrs.is_empty(), "{input:?}");
    }
}

#[test]
fn half_of_a_wide_character_is_not_left_behind() {
    for (input, expected) in [
        ("日本\x1b[2G\x1b[X", "  本"),
        ("日本\x1b[2G\x1b[K", ""),
        ("日本\x1b[3G\x1b[1K", ""),
        ("日本\x1b[2G\x1b[P", " 本"),
        ("日本\x1b[2G\x1b[@", "   本"),
        ("日本\x1b[2Gx", " x本"),
    ] {
        let (term, _) = fed(10, 2, input.as_bytes());
        assert_eq!(text(&term, 0), expected, "{input:?}");
    }
}
