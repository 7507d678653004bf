//! Left and right margins (VT510 DECLRMM, DECSLRM) and origin mode (DECOM).

use super::{answers, check};

#[test]
fn side_margins_confine_text_and_motion() {
    // VT510 DECSLRM; DEC STD 070 for the cursor outside, as xterm has it.
    for (input, expected, x, y) in [
        ("\x1b[1;3Habcd", "  abc|  d", 4, 2),
        ("\x1b[1;1Habcdef", "abcde|  f", 4, 2),
        ("\x1b[1;7Habcde", "      abcd|  e", 4, 2),
        ("\x1b[?7l\x1b[1;3Habcd", "  abd", 5, 1),
        ("\x1b[1;4H\r", "", 3, 1),
        ("\x1b[1;3H\r", "", 3, 1),
        ("\x1b[1;2H\r", "", 1, 1),
        ("\x1b[1;4H\x1b[9D", "", 3, 1),
        ("\x1b[1;2H\x1b[9D", "", 1, 1),
        ("\x1b[1;3H\x08", "", 3, 1),
        ("\x1b[1;4H\x1b[9C", "", 5, 1),
        ("\x1b[1;1H\x1b[9C", "", 5, 1),
        ("\x1b[1;6H\x1b[9C", "", 10, 1),
        ("\x1b[1;4H\x1bE", "", 3, 2),
        ("\x1b[1;2H\x1bE", "", 1, 2),
        ("\x1b[2;4H\x1b[F", "", 3, 1),
        ("\x1b[2;2H\x1b[E", "", 1, 3),
        // Absolute motion is free of them.
        ("\x1b[1;4H\x1b[9G", "", 9, 1),
        ("\x1b[1;4H\x1b[2`", "", 2, 1),
        ("\x1b[1;4H\x1b[9a", "", 10, 1),
    ] {
        check(&[(&format!("\x1b[?69h\x1b[3;5s{input}"), expected, x, y)]);
    }
}

#[test]
fn top_and_bottom_margins_confine_motion_from_inside() {
    // VT510 CUU, CUD.
    check(&[
        ("\x1b[2;4r\x1b[3H\x1b[9A", "", 1, 2),
        ("\x1b[2;4r\x1b[3H\x1b[9B", "", 1, 4),
        ("\x1b[2;4r\x1b[1H\x1b[9A", "", 1, 1),
        ("\x1b[2;4r\x1b[1H\x1b[9B", "", 1, 4),
        ("\x1b[2;4r\x1b[5H\x1b[9A", "", 1, 2),
        ("\x1b[2;4r\x1b[5H\x1b[9B", "", 1, 5),
        ("\x1b[2;4r\x1b[5H\x1b[9F", "", 1, 2),
        ("\x1b[2;4r\x1b[3H\x1b[9E", "", 1, 4),
        // VPR and VPA are free of them.
        ("\x1b[2;4r\x1b[3H\x1b[9e", "", 1, 5),
        ("\x1b[2;4r\x1b[3H\x1b[1d", "", 1, 1),
    ]);
}

#[test]
fn scrolling_and_editing_stay_between_all_margins() {
    // VT510; outside, ICH DCH IL DL do nothing and LF does not scroll.
    let grid = "abcde\r\nfghij\r\nklmno\r\npqrst\r\nuvwxy\x1b[?69h\x1b[2;4s\x1b[2;4r";
    for (input, expected, x, y) in [
        ("\x1b[2;3H\x1b[L", "abcde|f   j|kghio|plmnt|uvwxy", 2, 2),
        ("\x1b[2;3H\x1b[M", "abcde|flmnj|kqrso|p   t|uvwxy", 2, 2),
        ("\x1b[2;3H\x1b[99M", "abcde|f   j|k   o|p   t|uvwxy", 2, 2),
        ("\x1b[2;1H\x1b[L", "abcde|fghij|klmno|pqrst|uvwxy", 1, 2),
        ("\x1b[1;3H\x1b[M", "abcde|fghij|klmno|pqrst|uvwxy", 3, 1),
        ("\x1b[2;3H\x1b[@", "abcde|fg hj|klmno|pqrst|uvwxy", 3, 2),
        ("\x1b[2;3H\x1b[P", "abcde|fgi j|klmno|pqrst|uvwxy", 3, 2),
        ("\x1b[2;5H\x1b[@", "abcde|fghij|klmno|pqrst|uvwxy", 5, 2),
        ("\x1b[2;1H\x1b[P", "abcde|fghij|klmno|pqrst|uvwxy", 1, 2),
        ("\x1b[S", "abcde|flmnj|kqrso|p   t|uvwxy", 1, 1),
        ("\x1b[T", "abcde|f   j|kghio|plmnt|uvwxy", 1, 1),
        ("\x1b[99S", "abcde|f   j|k   o|p   t|uvwxy", 1, 1),
        ("\x1b[4;3H\n", "abcde|flmnj|kqrso|p   t|uvwxy", 3, 4),
        ("\x1b[4;5H\n", "abcde|fghij|klmno|pqrst|uvwxy", 5, 4),
        ("\x1b[3;5H\n", "abcde|fghij|klmno|pqrst|uvwxy", 5, 4),
        ("\x1b[4;1H\x1bD", "abcde|fghij|klmno|pqrst|uvwxy", 1, 4),
        ("\x1b[2;3H\x1bM", "abcde|f   j|kghio|plmnt|uvwxy", 3, 2),
        ("\x1b[2;5H\x1bM", "abcde|fghij|klmno|pqrst|uvwxy", 5, 2),
    ] {
        check(&[(&format!("{grid}{input}"), expected, x, y)]);
    }
}

#[test]
fn origin_mode_counts_from_the_margins_and_stays_inside() {
    // VT510 DECOM; xterm for HPA, HPR, VPA and VPR.
    for (input, x, y) in [
        ("", 3, 2),
        ("\x1b[2;2H", 4, 3),
        ("\x1b[9;9H", 6, 4),
        ("\x1b[2;2H\x1b[G", 3, 3),
        ("\x1b[2;2H\x1b[3`", 5, 3),
        ("\x1b[2;2H\x1b[a", 5, 3),
        ("\x1b[2;2H\x1b[9a", 6, 3),
        ("\x1b[2;2H\x1b[d", 4, 2),
        ("\x1b[2;2H\x1b[e", 4, 4),
        ("\x1b[2;2H\x1b[9e", 4, 4),
        ("\x1b[2;2H\r", 3, 3),
        ("\x1b[?6l", 1, 1),
    ] {
        let set = "\x1b[?69h\x1b[3;6s\x1b[2;4r\x1b[?6h";
        check(&[(&format!("{set}{input}"), "", x, y)]);
    }
    answers(&[
        (
            "\x1b[?69h\x1b[3;6s\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[6n",
            "\x1b[2;2R",
        ),
        ("\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[?6n", "\x1b[?2;2;1R"),
    ]);
}

#[test]
fn side_margins_need_their_mode() {
    // VT510 DECLRMM; without it CSI s saves the cursor.
    check(&[
        ("\x1b[3;5sabcdefg", "abcdefg", 8, 1),
        ("\x1b[?69h\x1b[3;5s\x1b[?69labcdefg", "abcdefg", 8, 1),
        ("\x1b[?69h\x1b[5;3sabcdefg", "abcdefg", 8, 1),
        ("\x1b[?69h\x1b[5;5sabcdefg", "abcdefg", 8, 1),
        ("\x1b[?69h\x1b[0;3s\x1b[1;1Habcd", "abc|d", 2, 2),
        (
            "\x1b[?69h\x1b[8;0s\x1b[1;8Habcd",
            "       abc|       d",
            9,
            2,
        ),
        ("\x1b[?69h\x1b[8s\x1b[1;8Habcd", "       abc|       d", 9, 2),
        // DECSTR takes mode and margins away.
        (
            "\x1b[?69h\x1b[3;5s\x1b[!p\x1b[1;3Habcdefg",
            "  abcdefg",
            10,
            1,
        ),
    ]);
}
