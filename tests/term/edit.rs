//! Inserting, deleting and scrolling characters, lines and columns.

use super::check;

#[test]
fn characters_move_within_their_row() {
    // ECMA-48 §8.3.64 ICH, §8.3.26 DCH.
    check(&[
        ("abcdef\x1b[3G\x1b[@", "ab cdef", 3, 1),
        ("abcdef\x1b[3G\x1b[2@", "ab  cdef", 3, 1),
        ("0123456789\x1b[3G\x1b[2@", "01  234567", 3, 1),
        ("0123456789\x1b[3G\x1b[99@", "01", 3, 1),
        ("abcdef\x1b[3G\x1b[P", "abdef", 3, 1),
        ("abcdef\x1b[3G\x1b[2P", "abef", 3, 1),
        ("abcdef\x1b[3G\x1b[99P", "ab", 3, 1),
        // DCH works outside the top and bottom margins (xterm patch 316).
        ("abcdef\x1b[2;3r\x1b[1;3H\x1b[P", "abdef", 3, 1),
    ]);
}

#[test]
fn lines_move_down_to_the_bottom_margin_and_leave_the_cursor() {
    // ECMA-48 §8.3.67 IL, §8.3.32 DL; without LINE HOME, as tmux has it.
    let rows = "1\r\n2\r\n3\r\n4\r\n5";
    for (input, expected, x, y) in [
        ("\x1b[2;3H\x1b[L", "1||2|3|4", 3, 2),
        ("\x1b[2;3H\x1b[2L", "1|||2|3", 3, 2),
        ("\x1b[2;3H\x1b[99L", "1", 3, 2),
        ("\x1b[2;3H\x1b[M", "1|3|4|5", 3, 2),
        ("\x1b[2;3H\x1b[99M", "1", 3, 2),
        ("\x1b[2;4r\x1b[2;3H\x1b[L", "1||2|3|5", 3, 2),
        ("\x1b[2;4r\x1b[3;3H\x1b[M", "1|2|4||5", 3, 3),
        // Outside of the region it is the screen that they end at.
        ("\x1b[2;4r\x1b[1;3H\x1b[L", "|1|2|3|4", 3, 1),
        ("\x1b[2;4r\x1b[5;3H\x1b[M", "1|2|3|4", 3, 5),
    ] {
        check(&[(&format!("{rows}{input}"), expected, x, y)]);
    }
}

#[test]
fn scrolling_leaves_the_cursor() {
    // ECMA-48 §8.3.147 SU, §8.3.113 SD; xterm takes CSI ^ for SD.
    let rows = "1\r\n2\r\n3\r\n4\r\n5";
    for (input, expected, x, y) in [
        ("\x1b[S", "2|3|4|5", 2, 5),
        ("\x1b[2S", "3|4|5", 2, 5),
        ("\x1b[99S", "", 2, 5),
        ("\x1b[T", "|1|2|3|4", 2, 5),
        ("\x1b[2^", "||1|2|3", 2, 5),
        ("\x1b[99T", "", 2, 5),
        ("\x1b[2;4r\x1b[S", "1|3|4||5", 1, 1),
        ("\x1b[2;4r\x1b[5;2H\x1b[T", "1||2|3|5", 2, 5),
        // With five parameters it is xterm's highlight tracking.
        ("\x1b[1;2;3;4;5T", "1|2|3|4|5", 2, 5),
    ] {
        check(&[(&format!("{rows}{input}"), expected, x, y)]);
    }
}

#[test]
fn index_scrolls_at_the_margins_only() {
    // VT510 IND, RI, DECSTBM.
    let rows = "1\r\n2\r\n3\r\n4\r\n5";
    for (input, expected, x, y) in [
        ("\x1bD", "2|3|4|5", 2, 5),
        ("\x1b[H\x1bM", "|1|2|3|4", 1, 1),
        ("\x1b[2;4r\x1b[4H\n", "1|3|4||5", 1, 4),
        ("\x1b[2;4r\x1b[2H\x1bM", "1||2|3|5", 1, 2),
        ("\x1b[2;4r\x1b[5H\n", "1|2|3|4|5", 1, 5),
        ("\x1b[2;4r\x1b[1H\x1bM", "1|2|3|4|5", 1, 1),
        ("\x1b[2;4r\x1b[1H\n\n\n\nx", "1|3|4|x|5", 2, 4),
        ("\x1b[2;4r\x1b[5H\x1bM\x1bM\x1bM\x1bM", "1||2|3|5", 1, 2),
    ] {
        check(&[(&format!("{rows}{input}"), expected, x, y)]);
    }
}

#[test]
fn region_needs_two_rows_and_homes_the_cursor() {
    // VT510 DECSTBM; xterm ignores what is no region, and further parameters; tmux
    // a bottom of 0.
    let rows = "1\r\n2\r\n3\r\n4\r\n5";
    for (input, expected, x, y) in [
        ("\x1b[3;3H\x1b[2;3r", "1|2|3|4|5", 1, 1),
        ("\x1b[3;3H\x1b[3;3r", "1|2|3|4|5", 3, 3),
        ("\x1b[3;3H\x1b[4;3r", "1|2|3|4|5", 3, 3),
        ("\x1b[0;3r\x1b[3H\n", "2|3||4|5", 1, 3),
        ("\x1b[2;0r\x1b[5H\n", "2|3|4|5", 1, 5),
        ("\x1b[2;99r\x1b[5H\n", "1|3|4|5", 1, 5),
        ("\x1b[2;3;4r\x1b[3H\n", "1|3||4|5", 1, 3),
        ("\x1b[2;3r\x1b[r\x1b[3H\n", "1|2|3|4|5", 1, 4),
    ] {
        check(&[(&format!("{rows}{input}"), expected, x, y)]);
    }
}
