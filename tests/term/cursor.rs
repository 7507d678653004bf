//! Cursor motion.

use super::check;

#[test]
fn motion_goes_by_its_count_and_stops_at_the_edges() {
    // ECMA-48 §8.3.18–22, 57–59, 158–160: CUU CUD CUF CUB CNL CPL CHA HPA HPR HPB
    // VPA VPR; 0 counts as 1. Further parameters are ignored (xterm).
    check(&[
        ("\x1b[3;4H\x1b[A", "", 4, 2),
        ("\x1b[3;4H\x1b[0A", "", 4, 2),
        ("\x1b[3;4H\x1b[9A", "", 4, 1),
        ("\x1b[3;4H\x1b[2;9A", "", 4, 1),
        ("\x1b[3;4H\x1b[B", "", 4, 4),
        ("\x1b[3;4H\x1b[9B", "", 4, 5),
        ("\x1b[3;4H\x1b[2C", "", 6, 3),
        ("\x1b[3;4H\x1b[99C", "", 10, 3),
        ("\x1b[3;4H\x1b[D", "", 3, 3),
        ("\x1b[3;4H\x1b[99D", "", 1, 3),
        ("\x1b[3;4H\x1b[E", "", 1, 4),
        ("\x1b[3;4H\x1b[2F", "", 1, 1),
        ("\x1b[3;4H\x1b[G", "", 1, 3),
        ("\x1b[3;4H\x1b[6G", "", 6, 3),
        ("\x1b[3;4H\x1b[6`", "", 6, 3),
        ("\x1b[3;4H\x1b[a", "", 5, 3),
        ("\x1b[3;4H\x1b[99a", "", 10, 3),
        ("\x1b[3;4H\x1b[2j", "", 2, 3),
        ("\x1b[3;4H\x1b[d", "", 4, 1),
        ("\x1b[3;4H\x1b[9d", "", 4, 5),
        ("\x1b[3;4H\x1b[e", "", 4, 4),
        ("\x1b[3;4H\x1b[9e", "", 4, 5),
        // xterm has no VPB.
        ("\x1b[3;4H\x1b[k", "", 4, 3),
    ]);
}

#[test]
fn addresses_count_from_one_and_default_to_it() {
    // ECMA-48 §8.3.21 CUP, §8.3.63 HVP.
    check(&[
        ("\x1b[2;3H", "", 3, 2),
        ("\x1b[2;3f", "", 3, 2),
        ("\x1b[2H", "", 1, 2),
        ("\x1b[;3H", "", 3, 1),
        ("\x1b[2;3H\x1b[H", "", 1, 1),
        ("\x1b[0;0H", "", 1, 1),
        ("\x1b[99;99H", "", 10, 5),
    ]);
}

#[test]
fn controls_move_as_ecma48_says() {
    // ECMA-48 §8.3.5 BS, 15 CR, 74 LF, 86 NEL, 104 RI, IND; VT and FF are LF
    // (VT510 ch. 4). LNM makes them return (§7.2.11).
    check(&[
        ("ab\x08", "ab", 2, 1),
        ("\x08", "", 1, 1),
        ("ab\rc", "cb", 2, 1),
        ("ab\nc", "ab|  c", 4, 2),
        ("ab\x0bc\x0cd", "ab|  c|   d", 5, 3),
        ("ab\x1bDc", "ab|  c", 4, 2),
        ("ab\x1bEc", "ab|c", 2, 2),
        ("a\r\nb\x1bMc", "ac|b", 3, 1),
        ("\x1b[20hab\nc\x0bd\x0ce", "ab|c|d|e", 2, 4),
        ("\x1b[20hab\x1bDc", "ab|  c", 4, 2),
        ("\x1b[5Ha\nb", "|||a| b", 3, 5),
    ]);
}

#[test]
fn repeat_writes_the_last_character_again() {
    // ECMA-48 §8.3.103 REP; it goes through the charset once, and stops at the
    // end of the line as in tmux (xterm would wrap).
    check(&[
        ("a\x1b[b", "aa", 3, 1),
        ("a\x1b[0b", "aa", 3, 1),
        ("a\x1b[3b", "aaaa", 5, 1),
        ("a\x1b[10b", "aaaaaaaaaa", 10, 1),
        ("aaaaaaaaab\x1b[3b", "aaaaaaaaab", 10, 1),
        ("\x1b(0q\x1b[2b", "───", 4, 1),
        ("é\x1b[2b", "ééé", 4, 1),
        ("日\x1b[2b", "日日日", 7, 1),
        ("\x1b[?69h\x1b[2;4s\x1b[1;2Ha\x1b[3b", " aaa", 4, 1),
        ("a\x1b[b\x1b[b", "aa", 3, 1),
        // Only right after it (xterm, vttest 11.7.2).
        ("\x1b[b", "", 1, 1),
        ("a\x1b[m\x1b[b", "a", 2, 1),
        ("a\r\x1b[b", "a", 1, 1),
        ("a\x1b7\x1b[b", "a", 2, 1),
    ]);
}
