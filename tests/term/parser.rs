//! Where sequences begin and end.

use super::{answers, check, fed, picture};

#[test]
fn controls_inside_a_sequence_are_done_and_the_sequence_goes_on() {
    // ECMA-48 §5; DEC STD 070 p. 3-29; NUL and DEL are nothing.
    check(&[
        ("ab\x1b[\x083Cc", "ab  c", 6, 1),
        ("ab\x1b[3\x08Cc", "ab  c", 6, 1),
        ("ab\x1b[1\x000Gc", "ab       c", 10, 1),
        ("ab\x1b[1\x7f0Gc", "ab       c", 10, 1),
        ("a\x1b\nDb", "a|| b", 3, 3),
        ("a\x7fb\x00c", "abc", 4, 1),
        ("a\x1b(\r0q", "─", 2, 1),
        (
            "a\x01\x02\x03\x04\x06\x10\x11\x14\x15\x16\x17\x19\x1c\x1fb",
            "ab",
            3,
            1,
        ),
    ]);
}

#[test]
fn cancel_substitute_and_escape_end_a_sequence() {
    // ECMA-48 §8.3.6 CAN, §8.3.148 SUB; a new ESC starts anew.
    check(&[
        ("\x1b[3\x18Ca", "Ca", 3, 1),
        ("\x1b[3\x1aCa", "Ca", 3, 1),
        ("\x1b(\x18Ba", "Ba", 3, 1),
        ("\x1b[3\x1b[2Ca", "  a", 4, 1),
        ("\x1b\x1b[2Ca", "  a", 4, 1),
        ("\x1b]2;x\x18a", "a", 2, 1),
        ("\x1b]2;x\x1b[2Ca", "  a", 4, 1),
        ("\x1bPq\x1aa", "a", 2, 1),
        ("\x1b_x\x18a", "a", 2, 1),
    ]);
}

#[test]
fn unknown_sequences_leave_no_trace() {
    // ECMA-48 §5.4: what is not known is passed over whole.
    check(&[
        ("a\x1b[1;2;3yb", "ab", 3, 1),
        ("a\x1b[?99hb", "ab", 3, 1),
        ("a\x1b[<1;2Mb", "ab", 3, 1),
        ("a\x1b[1!@b", "ab", 3, 1),
        ("a\x1b[1 !\"#@b", "ab", 3, 1),
        ("a\x1b[1?2Cb", "ab", 3, 1),
        ("a\x1b[1 2Cb", "ab", 3, 1),
        ("a\x1b[=5Cb", "ab", 3, 1),
        ("a\x1b!!!zb", "ab", 3, 1),
        ("a\x1b]9999;x\x07b", "ab", 3, 1),
        ("a\x1bPz0\x1b\\b", "ab", 3, 1),
        // A number that tmux cannot read makes the sequence none.
        ("a\x1b[99999999999999999999Cb", "ab", 3, 1),
        ("a\x1b[:Cb", "a b", 4, 1),
    ]);
}

#[test]
fn strings_are_swallowed_to_their_end() {
    // ECMA-48 §5.6, §8.3.27 DCS, 2 APC, 94 PM, 128 SOS; BEL ends OSC (xterm).
    for intro in [
        "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\u{90}", "\u{9f}", "\u{9e}", "\u{98}",
    ] {
        for end in ["\x1b\\", "\u{9c}"] {
            check(&[(&format!("{intro}xyz{end}A"), "A", 2, 1)]);
        }
    }
    check(&[
        ("\x1b]2;xyz\x07A", "A", 2, 1),
        ("\x1b]2;xyz\x1b\\A", "A", 2, 1),
        ("\u{9d}2;xyz\u{9c}A", "A", 2, 1),
        ("\x1b_x\x07y\x1b\\A", "A", 2, 1),
        ("\x1b]2;日本\x07A", "A", 2, 1),
    ]);
}

#[test]
fn controls_of_the_second_set_are_read_as_utf8() {
    // xterm in UTF-8 mode: C2 80 to C2 9F; a bare byte is no control.
    check(&[
        ("ab\u{84}c", "ab|  c", 4, 2),
        ("ab\u{85}c", "ab|c", 2, 2),
        ("a\r\nb\u{8d}c", "ac|b", 3, 1),
        ("\u{9b}3Ca", "   a", 5, 1),
    ]);
    answers(&[("\u{9b}5n", "\x1b[0n"), ("\u{9a}", "\x1b[?1;2c")]);
    let (term, _) = fed(10, 2, b"a\x9b3Cb");
    assert_eq!(picture(&term), "a\u{fffd}3Cb");
}

#[test]
fn malformed_utf8_becomes_replacement_characters() {
    // One for what its first byte announces and is none, as tmux has it.
    for (input, expected) in [
        (&b"a\xffb"[..], "a\u{fffd}b"),
        (b"a\xc3(b", "a\u{fffd}(b"),
        (b"a\xe2\x82b", "a\u{fffd}b"),
        (b"a\xf0\x9f\x98b", "a\u{fffd}b"),
        (b"a\xe2\x82\x1b[2Cb", "a\u{fffd}  b"),
        (b"\xc0\xafb", "\u{fffd}\u{fffd}b"),
        (b"\xed\xa0\x80b", "\u{fffd}b"),
    ] {
        let (term, _) = fed(10, 2, input);
        assert_eq!(picture(&term), expected, "{input:?}");
    }
}
