//! Answers: DA, DSR, CPR, DECRQSS, XTGETTCAP, XTVERSION, XTWINOPS.

use super::{answers, fed};

#[test]
fn device_attributes_follow_the_level_that_a_program_chose() {
    // tmux-256color's u8 before, xterm's answers after DECSCL; DECID is DA1.
    answers(&[
        ("\x1b[c", "\x1b[?1;2c"),
        ("\x1b[0c", "\x1b[?1;2c"),
        ("\x1b[1c", ""),
        ("\x1bZ", "\x1b[?1;2c"),
        ("\x1b[>c", "\x1b[>84;0;0c"),
        ("\x1b[>0c", "\x1b[>84;0;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[62;1\"p\x1b[c", "\x1b[?62;1;2;6;9;15;22;29c"),
        (
            "\x1b[65;1\"p\x1b[c",
            "\x1b[?65;1;2;6;9;15;16;17;18;21;22;28;29c",
        ),
        (
            "\x1b[64;1\"p\x1bZ",
            "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29c",
        ),
        ("\x1b[64;1\"p\x1b[>c", "\x1b[>41;379;0c"),
        ("\x1b[65;1\"p\x1b[>c", "\x1b[>64;379;0c"),
        ("\x1b[65;1\"p\x1bc\x1b[c", "\x1b[?1;2c"),
    ]);
    let (_, out) = fed(20, 5, b"\x1b[>q");
    assert!(out.replies.starts_with(b"\x1bP>|stepmux "));
}

#[test]
fn status_is_reported() {
    // ECMA-48 §8.3.35 DSR, 14 CPR; VT510 DSR, DECXCPR, DECMSR, DECCKSR.
    answers(&[
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[2;3H\x1b[6n", "\x1b[2;3R"),
        ("01234567890123456789\x1b[6n", "\x1b[1;20R"),
        ("\x1b[2;3H\x1b[?6n", "\x1b[?2;3;1R"),
        ("\x1b[?15n", "\x1b[?13n"),
        ("\x1b[?25n", "\x1b[?20n"),
        ("\x1b[?26n", "\x1b[?27;1;0;0n"),
        ("\x1b[?53n", "\x1b[?50n"),
        ("\x1b[?55n", "\x1b[?50n"),
        ("\x1b[?56n", "\x1b[?57;0n"),
        ("\x1b[?62n", "\x1b[0*{"),
        ("\x1b[?63;123n", "\x1bP123!~0000\x1b\\"),
        ("\x1b[?75n", "\x1b[?70n"),
        ("\x1b[?85n", "\x1b[?83n"),
        ("\x1b[9n\x1b[?9n", ""),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[1x", "\x1b[3;1;1;128;128;1;0x"),
    ]);
}

#[test]
fn settings_are_reported() {
    // VT510 DECRQSS; xterm for validity (1 is valid) and for SGR's form.
    answers(&[
        ("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"),
        ("\x1b[1m\x1bP$qm\x1b\\", "\x1bP1$r0;1m\x1b\\"),
        (
            "\x1b[4:3;53;38;2;1;2;3m\x1bP$qm\x1b\\",
            "\x1bP1$r0;53;4:3;38:2::1:2:3m\x1b\\",
        ),
        (
            "\x1b[91;48;5;200m\x1bP$qm\x1b\\",
            "\x1bP1$r0;91;48:5:200m\x1b\\",
        ),
        ("\x1bP$qr\x1b\\", "\x1bP1$r1;5r\x1b\\"),
        ("\x1b[2;4r\x1bP$qr\x1b\\", "\x1bP1$r2;4r\x1b\\"),
        ("\x1b[?69h\x1b[3;4s\x1bP$qs\x1b\\", "\x1bP1$r3;4s\x1b\\"),
        ("\x1b[1\"q\x1bP$q\"q\x1b\\", "\x1bP1$r1\"q\x1b\\"),
        ("\x1bP$q\"q\x1b\\", "\x1bP1$r0\"q\x1b\\"),
        ("\x1bV\x1bP$q\"q\x1b\\", "\x1bP1$r0\"q\x1b\\"),
        ("\x1b[65;1\"p\x1bP$q\"p\x1b\\", "\x1bP1$r65;1\"p\x1b\\"),
        ("\x1b[61\"p\x1bP$q\"p\x1b\\", "\x1bP1$r61\"p\x1b\\"),
        ("\x1b[4 q\x1bP$q q\x1b\\", "\x1bP1$r q4 q\x1b\\"),
        ("\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r q5 q\x1b\\"),
        ("\x1b[0*x\x1bP$q*x\x1b\\", "\x1bP1$r0*x\x1b\\"),
        ("\x1b[2*x\x1bP$q*x\x1b\\", "\x1bP1$r2*x\x1b\\"),
        ("\x1bP$q$}\x1b\\", "\x1bP1$r0$}\x1b\\"),
        ("\x1bP$q$~\x1b\\", "\x1bP1$r0$~\x1b\\"),
        ("\x1bP$qt\x1b\\", "\x1bP1$r5t\x1b\\"),
        ("\x1bP$q*|\x1b\\", "\x1bP1$r5*|\x1b\\"),
        ("\x1bP$q$|\x1b\\", "\x1bP1$r20$|\x1b\\"),
        ("\x1bP$q+q\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1bP$q*}\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1bP$q\x1b\\", "\x1bP0$r\x1b\\"),
    ]);
}

#[test]
fn presentation_is_reported_and_restored() {
    // VT510 DECRQPSR, DECCIR, DECRSPS.
    answers(&[
        ("\x1b[2;3H\x1b[1$w", "\x1bP1$u2;3;1;@;@;@;0;2;@;BBBB\x1b\\"),
        (
            "\x1b[1;4;7m\x1b[1\"q\x1b)0\x0e\x1b[?6h\x1b[1$w",
            "\x1bP1$u1;1;1;K;A;A;1;2;@;B0BB\x1b\\",
        ),
        (
            "01234567890123456789\x1b[1$w",
            "\x1bP1$u1;20;1;@;@;H;0;2;@;BBBB\x1b\\",
        ),
        (
            "\x1bP1$t2;20;1;G;A;H;1;2;@;B0A%5\x1b\\\x1b[1$w",
            "\x1bP1$u2;20;1;G;A;H;1;2;@;B0A%5\x1b\\",
        ),
        (
            "\x1bP1$t99;99;1;@;@;@;0;2;@;BBBB\x1b\\\x1b[6n",
            "\x1b[5;20R",
        ),
        ("\x1b[2;3H\x1bP1$tx\x1b\\\x1b[6n", "\x1b[2;3R"),
    ]);
}

#[test]
fn capabilities_are_reported() {
    // xterm XTGETTCAP: the name as it was asked, the value in hexadecimal.
    answers(&[
        ("\x1bP+q436F\x1b\\", "\x1bP1+r436F=323536\x1b\\"),
        (
            "\x1bP+q544e\x1b\\",
            "\x1bP1+r544e=746D75782D323536636F6C6F72\x1b\\",
        ),
        ("\x1bP+q6666\x1b\\", "\x1bP0+r\x1b\\"),
        ("\x1bP+qzz\x1b\\", "\x1bP0+r\x1b\\"),
    ]);
}

#[test]
fn window_is_the_pane_and_stays_where_it_is() {
    // xterm XTWINOPS: 14 to 19 agree with each other; nothing is obeyed.
    answers(&[
        ("\x1b[11t", "\x1b[1t"),
        ("\x1b[13t", "\x1b[3;0;0t"),
        ("\x1b[14t", "\x1b[4;80;160t"),
        ("\x1b[14;2t", "\x1b[4;80;160t"),
        ("\x1b[15t", "\x1b[5;80;160t"),
        ("\x1b[16t", "\x1b[6;16;8t"),
        ("\x1b[18t", "\x1b[8;5;20t"),
        ("\x1b[19t", "\x1b[9;5;20t"),
        ("\x1b[8;30;90t\x1b[4;99;99t\x1b[30t\x1b[18t", "\x1b[8;5;20t"),
        ("\x1b[2t\x1b[3;5;5t\x1b[11t\x1b[13t", "\x1b[1t\x1b[3;0;0t"),
    ]);
}

#[test]
fn replies_have_controls_of_one_byte_where_asked_for() {
    // VT510 S8C1T, S7C1T, DECSCL.
    answers(&[
        ("\x1b G\x1b[5n", "\u{9b}0n"),
        ("\x1b G\x1b F\x1b[5n", "\x1b[0n"),
        ("\x1b G\x1bP$qr\x1b\\", "\u{90}1$r1;5r\u{9c}"),
        ("\x1b G\x1bZ", "\u{9b}?1;2c"),
        ("\x1b[65;0\"p\x1b[5n", "\u{9b}0n"),
        ("\x1b[65;1\"p\x1b[5n", "\x1b[0n"),
        ("\x1b[61\"p\x1b G\x1b[5n", "\x1b[0n"),
        ("\x1b G\x1bc\x1b[5n", "\x1b[0n"),
    ]);
}

#[test]
fn colours_are_remembered_reported_and_reset() {
    // xterm OSC 4, 5, 10 to 12, 104, 105, 110; XParseColor's forms. What is not
    // known is not answered.
    answers(&[
        ("\x1b]4;0;?\x1b\\", ""),
        (
            "\x1b]4;0;#888\x07\x1b]4;0;?\x07",
            "\x1b]4;0;rgb:8080/8080/8080\x07",
        ),
        (
            "\x1b]4;0;rgb:f0f0/f0f0/f0f0;1;rgb:f0f0/0000/0000\x07\x1b]4;0;?;1;?\x07",
            "\x1b]4;0;rgb:f0f0/f0f0/f0f0\x07\x1b]4;1;rgb:f0f0/0000/0000\x07",
        ),
        ("\x1b]4;0;#888\x07\x1b]104;0\x07\x1b]4;0;?\x07", ""),
        ("\x1b]4;0;#888\x07\x1b]104\x07\x1b]4;0;?\x07", ""),
        (
            "\x1b]5;0;#aaaabbbbcccc\x07\x1b]5;0;?\x07",
            "\x1b]5;0;rgb:aaaa/bbbb/cccc\x07",
        ),
        (
            "\x1b]5;0;#aaaabbbbcccc\x07\x1b]4;256;?\x07",
            "\x1b]4;256;rgb:aaaa/bbbb/cccc\x07",
        ),
        (
            "\x1b]4;257;#010203\x07\x1b]105;1\x07\x1b]10;#040506\x07\x1b]5;1;?\x07",
            "\x1b]5;1;rgb:0404/0505/0606\x07",
        ),
        ("\x1b]4;999;?\x07\x1b]5;9;?\x07", ""),
        (
            "\x1b]10;#010203;#040506\x07\x1b]10;?;?\x07",
            "\x1b]10;rgb:0101/0202/0303\x07\x1b]11;rgb:0404/0505/0606\x07",
        ),
        ("\x1b]11;#010203\x07\x1b]111\x07\x1b]11;?\x07", ""),
    ]);
}
