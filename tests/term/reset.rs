//! Resets: DECSTR, RIS, DECALN, DECCOLM.

use super::{answers, check, fed, picture, style};

#[test]
fn soft_reset_takes_back_what_vt510_lists() {
    // VT510 DECSTR; autowrap and the margins' mode as xterm does it.
    check(&[
        ("\x1b[3;4H\x1b[!p", "", 4, 3),
        ("ab\x1b[!p", "ab", 3, 1),
        ("\x1b[3;4H\x1b7\x1b[!p\x1b8", "", 1, 1),
        ("\x1b[2;3r\x1b[!p\x1b[3H\nx", "|||x", 2, 4),
        ("ab\x1b[4h\x1b[!p\x1b[Gx", "xb", 2, 1),
        ("\x1b[2;3r\x1b[?6h\x1b[!p\x1b[Hx", "x", 2, 1),
        ("\x1b[?7l\x1b[!p0123456789a", "0123456789|a", 2, 2),
        ("\x1b(0\x0e\x1b[!pq", "q", 2, 1),
        ("a\x1b[1$}\x1b[!pX", "aX", 3, 1),
    ]);
    let (term, _) = fed(10, 2, b"\x1b[1;31m\x1b[!px");
    assert_eq!(style(&term, 0, 0), Default::default());
    answers(&[
        ("\x1b[?25l\x1b[!p\x1b[?25$p", "\x1b[?25;1$y"),
        ("\x1b[?1h\x1b[!p\x1b[?1$p", "\x1b[?1;2$y"),
        ("\x1b[2h\x1b[!p\x1b[2$p", "\x1b[2;2$y"),
        ("\x1b[?66h\x1b[!p\x1b[?66$p", "\x1b[?66;2$y"),
        // What it leaves.
        ("\x1b[?5h\x1b[!p\x1b[?5$p", "\x1b[?5;1$y"),
        ("\x1b[20h\x1b[!p\x1b[20$p", "\x1b[20;1$y"),
        ("\x1b[?2004h\x1b[!p\x1b[?2004$p", "\x1b[?2004;1$y"),
    ]);
}

#[test]
fn full_reset_clears_everything() {
    // VT510 RIS.
    check(&[
        ("abc\x1bcd", "d", 2, 1),
        ("\x1b[2;3r\x1b[?6h\x1bcx", "x", 2, 1),
        ("\x1b[?69h\x1b[3;5s\x1bc\x1b[1;4H\x1b[9D", "", 1, 1),
        ("m\x1b[?47h\x1b[Ha\x1bc\x1b[?47h", "", 1, 1),
        ("\x1b[4h\x1b(0\x1bcqx\x1b[Ga", "ax", 2, 1),
        ("\x1b[3g\x1bc\tx", "        x", 10, 1),
        ("\x1b[3;3H\x1b7\x1bc\x1b8", "", 1, 1),
    ]);
}

#[test]
fn alignment_pattern_fills_the_screen_and_resets_the_margins() {
    // VT510 DECALN.
    let full = ["EEEEEEEEEE"; 5].join("|");
    check(&[
        ("\x1b[3;3H\x1b#8", &full, 1, 1),
        ("\x1b[2;3r\x1b#8\x1b[5H\n", &full[11..], 1, 5),
        ("\x1b[?69h\x1b[2;3s\x1b#8\x1b[1;3H\x1b[9C", &full, 10, 1),
        ("\x1b[2;3r\x1b[?6h\x1b#8", &full, 1, 1),
    ]);
    let (term, _) = fed(4, 2, b"\x1b[1;31m\x1b#8");
    assert_eq!(style(&term, 0, 0), Default::default());
}

#[test]
fn column_mode_does_all_but_change_the_width() {
    // VT510 DECCOLM, DECNCSM; xterm's mode 40 must allow it.
    check(&[
        ("ab\x1b[?3h", "ab", 3, 1),
        ("ab\x1b[?40h\x1b[?3h", "", 1, 1),
        ("\x1b[?40;3hab\x1b[?3l", "", 1, 1),
        (
            "\x1b[?40h\x1b[2;3r\x1b[?69h\x1b[2;4s\x1b[?3h\r\nHello\r\nWorld",
            "|Hello|World",
            6,
            3,
        ),
        ("\x1b[?40h\x1b[?95hab\x1b[?3h", "ab", 1, 1),
        ("\x1b[64;1\"p\x1b[?40h\x1b[?95hab\x1b[?3h", "", 1, 1),
    ]);
}

#[test]
fn level_change_is_a_soft_reset() {
    // xterm DECSCL.
    let (term, _) = fed(10, 3, b"ab\x1b[2;3r\x1b[4h\x1b[2;2H\x1b[65;1\"pc");
    assert_eq!(picture(&term), "ab| c");
    assert!(!term.modes().insert);
    assert_eq!(term.scroll_region(), (0, 2));
}
