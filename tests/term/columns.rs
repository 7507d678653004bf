//! Columns: DECIC, DECDC, DECBI, DECFI, SL, SR, and rows of double width.

use super::{check, text};

const GRID: &str = "abcde\r\nfghij\r\nklmno";

fn rows(table: &[(&str, &str, u16, u16)]) {
    for (input, expected, x, y) in table {
        check(&[(&format!("{GRID}{input}"), expected, *x, *y)]);
    }
}

#[test]
fn columns_are_inserted_and_deleted_between_the_margins() {
    // VT510 DECIC, DECDC.
    rows(&[
        ("\x1b[1;2H\x1b['}", "a bcde|f ghij|k lmno", 2, 1),
        ("\x1b[2;2H\x1b[2'~", "ade|fij|kno", 2, 2),
        ("\x1b[2;3r\x1b[2;2H\x1b['}", "abcde|f ghij|k lmno", 2, 2),
        (
            "\x1b[?69h\x1b[2;4s\x1b[1;3H\x1b['}",
            "ab ce|fg hj|kl mo",
            3,
            1,
        ),
        (
            "\x1b[?69h\x1b[2;4s\x1b[1;3H\x1b['~",
            "abd e|fgi j|kln o",
            3,
            1,
        ),
        (
            "\x1b[?69h\x1b[2;4s\x1b[1;1H\x1b[9'}",
            "abcde|fghij|klmno",
            1,
            1,
        ),
        ("\x1b[2;3r\x1b[1;2H\x1b['~", "abcde|fghij|klmno", 2, 1),
    ]);
}

#[test]
fn back_and_forward_index_move_or_scroll_columns() {
    // VT510 DECBI, DECFI; DEC STD 070 p. 5-37 for the cursor outside.
    rows(&[
        ("\x1b[2;3H\x1b6", "abcde|fghij|klmno", 2, 2),
        ("\x1b[2;1H\x1b6", " abcde| fghij| klmno", 1, 2),
        ("\x1b[2;3H\x1b9", "abcde|fghij|klmno", 4, 2),
        ("\x1b[2;10H\x1b9", "bcde|ghij|lmno", 10, 2),
        (
            "\x1b[?69h\x1b[2;4s\x1b[2;3r\x1b[2;2H\x1b6",
            "abcde|f ghj|k lmo",
            2,
            2,
        ),
        (
            "\x1b[?69h\x1b[2;4s\x1b[2;3r\x1b[2;4H\x1b9",
            "abcde|fhi j|kmn o",
            4,
            2,
        ),
        (
            "\x1b[?69h\x1b[3;4s\x1b[1;2H\x1b6",
            "abcde|fghij|klmno",
            1,
            1,
        ),
        (
            "\x1b[?69h\x1b[3;4s\x1b[1;1H\x1b6",
            "abcde|fghij|klmno",
            1,
            1,
        ),
        (
            "\x1b[?69h\x1b[3;4s\x1b[1;5H\x1b9",
            "abcde|fghij|klmno",
            6,
            1,
        ),
        (
            "\x1b[?69h\x1b[3;4s\x1b[1;10H\x1b9",
            "abcde|fghij|klmno",
            10,
            1,
        ),
        // DECBI never wraps back.
        (
            "\x1b[?45h\x1b[?69h\x1b[3;4s\x1b[2;1H\x1b6",
            "abcde|fghij|klmno",
            1,
            2,
        ),
    ]);
}

#[test]
fn scrolling_left_and_right_moves_what_is_between_the_margins() {
    // ECMA-48 §8.3.121 SL, §8.3.135 SR; the cursor may be anywhere (xterm).
    rows(&[
        ("\x1b[2 @", "cde|hij|mno", 6, 3),
        ("\x1b[ A", " abcde| fghij| klmno", 6, 3),
        ("\x1b[99 @", "", 6, 3),
        ("\x1b[2;3r\x1b[ @", "abcde|ghij|lmno", 1, 1),
        ("\x1b[?69h\x1b[2;4s\x1b[ @", "acd e|fhi j|kmn o", 1, 1),
        (
            "\x1b[?69h\x1b[2;4s\x1b[5;9H\x1b[ A",
            "a bce|f ghj|k lmo",
            9,
            5,
        ),
    ]);
}

#[test]
fn rows_of_double_width_hold_half_the_columns() {
    // VT510 DECDWL, DECDHL, DECSWL; drawn single.
    check(&[
        ("\x1b#6abcdefg", "abcde|fg", 3, 2),
        ("\x1b#3abcde\r\n\x1b#4abcde", "abcde|abcde", 5, 2),
        ("abcdefgh\x1b#6x", "abcdxfgh", 5, 1),
        ("\x1b#6\x1b[1;5Hab", "    a|b", 2, 2),
        ("\x1b#6\x1b[99Cx", "    x", 5, 1),
        ("\x1b#6\x1b#5abcdefg", "abcdefg", 8, 1),
        ("\x1b#6\x1b[2Jabcdefg", "abcdefg", 8, 1),
        ("\x1b#6\x1bcabcdefg", "abcdefg", 8, 1),
        ("\x1b#6\x1b[?69habcdefg", "abcdefg", 8, 1),
        ("\x1b#6\x1bMabcdefg", "abcdefg", 8, 1),
    ]);
    let (term, _) = super::fed(1, 2, b"\x1b#6a\x1b#6b\x1b#6c");
    assert_eq!(
        (text(&term, 0).as_str(), text(&term, 1).as_str()),
        ("b", "c")
    );
}
