//! The last column: the pending wrap, reverse wrap, and what clears them.

use super::check;

const FULL: &str = "0123456789";

fn rows(table: &[(&str, &str, u16, u16)]) {
    for (input, expected, x, y) in table {
        check(&[(&format!("{FULL}{input}"), expected, *x, *y)]);
    }
}

#[test]
fn writing_the_last_column_leaves_the_cursor_on_it() {
    // DEC STD 070 p. 5-139 (last column flag); of what does not fit tmux writes
    // nothing.
    rows(&[
        ("", "0123456789", 10, 1),
        ("a", "0123456789|a", 2, 2),
        ("\x1b[1ma", "0123456789|a", 2, 2),
    ]);
    check(&[
        ("\x1b[?7l0123456789abc", "012345678c", 10, 1),
        ("\x1b[?7l日本日本日本", "日本日本日", 10, 1),
        ("012345678日", "012345678|日", 3, 2),
        ("\x1b[5;9Habc", "|||        ab|c", 2, 5),
    ]);
}

#[test]
fn motion_counts_from_beyond_the_last_column() {
    // As in tmux the cursor stands beyond the last column: going back begins there,
    // going down keeps it there.
    rows(&[
        ("\x08a", "012345678a", 10, 1),
        ("\x1b[Da", "012345678a", 10, 1),
        ("\x1b[2Da", "01234567a9", 10, 1),
        ("\x1b[Ca", "012345678a", 10, 1),
        ("\ra", "a123456789", 2, 1),
        ("\na", "0123456789||a", 2, 3),
        ("\x0ba", "0123456789||a", 2, 3),
        ("\x0ca", "0123456789||a", 2, 3),
        ("\x1bDa", "0123456789||a", 2, 3),
        ("\x1b[Ba", "0123456789|         a", 10, 2),
        ("\x1b[1;10Ha", "012345678a", 10, 1),
        ("\x1b[10Ga", "012345678a", 10, 1),
    ]);
}

#[test]
fn erasing_and_editing_keep_the_pending_wrap() {
    // tmux: EL, ED, ECH, ICH and DCH act beyond the last column.
    rows(&[
        ("\x1b[Ka", "0123456789|a", 2, 2),
        ("\x1b[1Ka", "|a", 2, 2),
        ("\x1b[2Ka", "|a", 2, 2),
        ("\x1b[Ja", "0123456789|a", 2, 2),
        ("\x1b[Xa", "0123456789|a", 2, 2),
        ("\x1b[@a", "0123456789|a", 2, 2),
        ("\x1b[Pa", "0123456789|a", 2, 2),
        ("\x1b[La", "|a123456789", 2, 2),
        ("\x1b[Ma", "|a", 2, 2),
        // DEC STD 070: without autowrap the flag is gone.
        ("\x1b[?7l\x1b[?7ha", "012345678a", 10, 1),
    ]);
}

#[test]
fn tabs_and_colours_keep_the_pending_wrap() {
    // xterm: TabToNextStop and TabToPrevStop leave the flag; tmux: DECRC goes to the
    // last column.
    rows(&[
        ("\ta", "0123456789|a", 2, 2),
        ("\x1b[Za", "0123456789|a", 2, 2),
        ("\x1b[31ma", "0123456789|a", 2, 2),
        ("\x1b7\x1b[H\x1b8a", "012345678a", 10, 1),
        ("\x1b[s\x1b[H\x1b[ua", "012345678a", 10, 1),
        ("\x07\x00a", "0123456789|a", 2, 2),
        // Mode 41, the fix for more(1): the tab wraps first.
        ("\x1b[?41h\ta", "0123456789|        a", 10, 2),
    ]);
}

#[test]
fn reverse_wrap_goes_back_over_the_left_edge() {
    // xterm modes 45 and 1045: both need autowrap; a pending wrap is one step.
    for mode in ["45", "1045"] {
        let set = format!("\x1b[?{mode}h");
        for (input, x, y) in [
            ("\x1b[3;1H\x08", 10, 2),
            ("\x1b[3;2H\x1b[2D", 10, 2),
            ("\x1b[3;1H\x1b[11D", 10, 1),
            ("\x1b[1;1H\x08", 10, 5),
            ("\x1b[2;4r\x1b[2;1H\x08", 10, 4),
            ("\x1b[?69h\x1b[3;6s\x1b[3;3H\x08", 6, 2),
            ("\x1b[?69h\x1b[3;6s\x1b[3;1H\x08", 6, 2),
            ("\x1b[?7l\x1b[3;1H\x08", 1, 3),
            ("\x1b[!p\x1b[3;1H\x08", 1, 3),
        ] {
            check(&[(&format!("{set}{input}"), "", x, y)]);
        }
        check(&[
            (&format!("{set}0123456789\x08a"), "012345678a", 10, 1),
            (&format!("{set}0123456789\x1b[4Da"), "012345a789", 8, 1),
        ]);
    }
    check(&[("\x1b[3;1H\x08", "", 1, 3)]);
}

#[test]
fn inserted_characters_push_within_the_row() {
    // ECMA-48 §7.2.10 IRM.
    check(&[
        ("abc\x1b[G\x1b[4hX", "Xabc", 2, 1),
        ("0123456789\x1b[G\x1b[4hX", "X012345678", 2, 1),
        ("0123456789\x1b[4hX", "0123456789|X", 2, 2),
        ("\x1b[1;9Hab\x1b[1;10H\x1b[4hYZ", "        aY|Z", 2, 2),
        (
            "\x1b[1;5Habcdef\x1b[?69h\x1b[5;9s\x1b[1;7H\x1b[4hX",
            "    abXcdf",
            8,
            1,
        ),
        ("a日b\x1b[G\x1b[4he\u{301}", "e\u{301}a日b", 2, 1),
    ]);
}
