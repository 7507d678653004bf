//! Tab stops: HT, CHT, CBT, HTS, TBC, DECST8C.

use super::{answers, fed};

fn column(cols: u16, input: &str) -> u16 {
    fed(cols, 4, input.as_bytes()).0.cursor().pos.x + 1
}

#[test]
fn tabs_go_to_the_stops() {
    // ECMA-48 §8.3.60 HT, 10 CHT, 7 CBT, 62 HTS, 154 TBC; stops at every eighth.
    for (input, x) in [
        ("\t", 9),
        ("abc\t", 9),
        ("\x1b[8G\t", 9),
        ("\x1b[9G\t", 17),
        ("\t\t\t\t\t\t", 40),
        ("\x1b[I", 9),
        ("\x1b[2I", 17),
        ("\x1b[0I", 9),
        ("\x1b[99I", 40),
        ("\x1b[20G\x1b[Z", 17),
        ("\x1b[20G\x1b[2Z", 9),
        ("\x1b[20G\x1b[99Z", 1),
        ("\x1b[17G\x1b[Z", 9),
        ("\x1b[5G\x1bH\r\t", 5),
        ("\x1b[5G\u{88}\r\t", 5),
        ("\x1b[9G\x1b[g\r\t", 17),
        ("\x1b[9G\x1b[0g\r\t", 17),
        ("\x1b[10G\x1b[g\r\t", 9),
        ("\x1b[3g\r\t", 40),
        ("\x1b[3g\x1b[20G\x1bH\r\t", 20),
        ("\x1b[3g\x1b[?5W\r\t", 9),
        ("\x1b[5G\x1bH\x1bc\t", 9),
    ] {
        assert_eq!(column(40, input), x, "{input:?}");
    }
}

#[test]
fn tabs_stop_at_the_right_margin_and_go_back_over_the_left() {
    // DEC STD 070: HT stops at the right margin; xterm for CHT and CBT.
    for (input, x) in [
        ("\x1b[1;10H\t", 17),
        ("\x1b[1;10H\t\t\t", 20),
        ("\x1b[1;1H\t", 9),
        ("\x1b[1;1H\x1b[9I", 20),
        ("\x1b[1;25H\x1b[9I", 40),
        ("\x1b[1;15H\x1b[9Z", 1),
        ("\x1b[?6h\x1b[1;8H\x1b[9Z", 10),
    ] {
        let margins = "\x1b[?69h\x1b[10;20s";
        assert_eq!(column(40, &format!("{margins}{input}")), x, "{input:?}");
    }
}

#[test]
fn tab_stops_are_reported_and_restored() {
    // VT510 DECTABSR (DECRQPSR 2), DECRSPS.
    answers(&[
        ("\x1b[2$w", "\x1bP2$u1/9/17\x1b\\"),
        ("\x1b[3g\x1bP2$t3/5\x1b\\\x1b[2$w", "\x1bP2$u3/5\x1b\\"),
    ]);
}
