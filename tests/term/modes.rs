//! Modes: DECSET, DECRST, SM, RM, and what DECRQM, XTSAVE and XTRESTORE make
//! of them.

use super::answers;

#[test]
fn modes_that_can_be_set_are_reported_so() {
    // VT510 DECRQM; ECMA-48 SM and RM; the private ones as xterm knows them.
    for mode in [2, 4, 12, 20] {
        answers(&[
            (
                &format!("\x1b[{mode}h\x1b[{mode}$p"),
                &format!("\x1b[{mode};1$y"),
            ),
            (
                &format!("\x1b[{mode}l\x1b[{mode}$p"),
                &format!("\x1b[{mode};2$y"),
            ),
        ]);
    }
    let private = [
        1, 4, 5, 6, 7, 9, 12, 18, 19, 25, 30, 35, 40, 41, 42, 44, 45, 47, 66, 67, 69, 95, 1000,
        1002, 1003, 1004, 1005, 1006, 1007, 1010, 1011, 1014, 1015, 1016, 1034, 1035, 1037, 1039,
        1040, 1041, 1042, 1043, 1044, 1045, 1046, 1047, 1049, 1050, 1051, 1052, 1053, 1060, 1061,
        2004, 2026, 2031,
    ];
    for mode in private {
        answers(&[
            (
                &format!("\x1b[?{mode}h\x1b[?{mode}$p"),
                &format!("\x1b[?{mode};1$y"),
            ),
            (
                &format!("\x1b[?{mode}l\x1b[?{mode}$p"),
                &format!("\x1b[?{mode};2$y"),
            ),
        ]);
    }
    answers(&[
        ("\x1b[?40;3h\x1b[?3$p", "\x1b[?3;1$y"),
        ("\x1b[?3h\x1b[?3$p", "\x1b[?3;4$y"),
        ("\x1b[?1048$p", "\x1b[?1048;2$y"),
        ("\x1b[?1048h\x1b[?1048$p", "\x1b[?1048;1$y"),
    ]);
}

#[test]
fn modes_after_a_reset_are_reported() {
    // xterm's resources by default; ECMA-48 for SRM.
    answers(&[
        ("\x1b[?1$p", "\x1b[?1;2$y"),
        ("\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?25$p", "\x1b[?25;1$y"),
        ("\x1b[?35$p", "\x1b[?35;1$y"),
        ("\x1b[12$p", "\x1b[12;1$y"),
        ("\x1b[?19h\x1bc\x1b[?19$p", "\x1b[?19;2$y"),
        ("\x1b[?2004h\x1bc\x1b[?2004$p", "\x1b[?2004;2$y"),
    ]);
}

#[test]
fn modes_that_never_change_and_unknown_ones_are_reported() {
    // VT510 DECRPM: 3 and 4 for good, 0 unknown; DECARM as xterm says it.
    for mode in [1, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19] {
        answers(&[(
            &format!("\x1b[{mode}h\x1b[{mode}$p"),
            &format!("\x1b[{mode};4$y"),
        )]);
    }
    for (mode, state) in [
        (2, 3),
        (8, 4),
        (2027, 3),
        (34, 0),
        (36, 0),
        (60, 0),
        (99, 0),
        (9999, 0),
    ] {
        answers(&[(
            &format!("\x1b[?{mode}$p"),
            &format!("\x1b[?{mode};{state}$y"),
        )]);
    }
    answers(&[("\x1b[99$p", "\x1b[99;0$y")]);
}

#[test]
fn modes_are_saved_and_restored() {
    // xterm XTSAVE, XTRESTORE: nothing saved, nothing restored.
    answers(&[
        ("\x1b[?7s\x1b[?7l\x1b[?7r\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?7l\x1b[?7s\x1b[?7h\x1b[?7r\x1b[?7$p", "\x1b[?7;2$y"),
        ("\x1b[?7l\x1b[?7r\x1b[?7$p", "\x1b[?7;2$y"),
        (
            "\x1b[?1;2004s\x1b[?1;2004h\x1b[?1;2004r\x1b[?2004$p",
            "\x1b[?2004;2$y",
        ),
        (
            "\x1b[?1000h\x1b[?1000s\x1b[?1000l\x1b[?1000r\x1b[?1000$p",
            "\x1b[?1000;1$y",
        ),
    ]);
}

#[test]
fn levels_hide_what_they_lack() {
    // VT510 DECSCL; DECRQM came with level 3, DECSLRM with 4, DECNCSM with 5.
    answers(&[
        ("\x1b[62;1\"p\x1b[4$p", ""),
        ("\x1b[62;1\"p\x1b[?7$p", ""),
        ("\x1b[63;1\"p\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[63;1\"p\x1b[?69h\x1b[?69$p", "\x1b[?69;2$y"),
        ("\x1b[64;1\"p\x1b[?69h\x1b[?69$p", "\x1b[?69;1$y"),
        ("\x1b[64;1\"p\x1b[?95h\x1b[?95$p", "\x1b[?95;0$y"),
        ("\x1b[65;1\"p\x1b[?95h\x1b[?95$p", "\x1b[?95;1$y"),
        ("\x1b[62;1\"p\x1bc\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[99;1\"p\x1b[4$p", "\x1b[4;2$y"),
    ]);
}
