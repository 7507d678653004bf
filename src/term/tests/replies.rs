//! Reports (xterm ctlseqs, VT510) and strings (OSC, DCS).

use super::answer;
use crate::base::{Label, Size};
use crate::term::{Config, Notice, Output, PromptMark, Terminal};

#[test]
fn reports_answer_as_xterm_or_tmux() {
    for (ask, reply) in [
        ("\x1b[c", "\x1b[?1;2c"),
        ("\x1bZ", "\x1b[?1;2c"),
        ("\x1b[>c", "\x1b[>84;0;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[2;3H\x1b[6n", "\x1b[2;3R"),
        ("\x1b[2;3H\x1b[?6n", "\x1b[?2;3;1R"),
        ("\x1b[2;4r\x1b[?6h\x1b[6n", "\x1b[1;1R"),
        ("\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?2004$p", "\x1b[?2004;2$y"),
        ("\x1b[?2026h\x1b[?2026$p", "\x1b[?2026;1$y"),
        ("\x1b[?9999$p", "\x1b[?9999;0$y"),
        ("\x1b[4h\x1b[4$p", "\x1b[4;1$y"),
        (
            "\x1b[1;4:3;38;5;9m\x1bP$qm\x1b\\",
            "\x1bP1$r0;1;4:3;91m\x1b\\",
        ),
        ("\x1b[2;4r\x1bP$qr\x1b\\", "\x1bP1$r2;4r\x1b\\"),
        ("\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r q5 q\x1b\\"),
        ("\x1bP$qzz\x1b\\", "\x1bP0$r\x1b\\"),
        (
            "\x1bP+q544e\x1b\\",
            "\x1bP1+r544e=746D75782D323536636F6C6F72\x1b\\",
        ),
        ("\x1b[18t", "\x1b[8;5;20t"),
        ("\x1b]2;x\n;rm\x07\x1b[21t", "\x1b]lx_rm\x1b\\"),
        ("\x1b]4;1;?\x07\x1b]11;?\x07", ""),
        (
            "\x1b]4;1;red\x07\x1b]4;1;?\x07",
            "\x1b]4;1;rgb:ffff/0000/0000\x07",
        ),
        (
            "\x1b]11;#102030\x07\x1b]11;?\x1b\\",
            "\x1b]11;rgb:1010/2020/3030\x1b\\",
        ),
        ("A\x1b[1;1;1;1;1;1*y", "\x1bP1!~FFBF\x1b\\"),
        ("\x1b[2$w", "\x1bP2$u1/9/17\x1b\\"),
        ("\x1b[?7s\x1b[?7l\x1b[?7r\x1b[?7$p", "\x1b[?7;1$y"),
    ] {
        assert_eq!(answer(ask), reply, "{ask:?}");
    }
    assert!(answer("\x1b[>q").starts_with("\x1bP>|stepmux "));
}

fn notices(bytes: &[u8], config: Config) -> Vec<Notice> {
    let mut bulk = Output::default();
    Terminal::new(Size::DEFAULT, config.clone()).feed(bytes, &mut bulk);
    let mut single = Output::default();
    let mut term = Terminal::new(Size::DEFAULT, config);
    for byte in bytes {
        term.feed(&[*byte], &mut single);
    }
    assert_eq!(bulk, single);
    bulk.notices
}

#[test]
fn strings_become_notices_however_they_are_cut() {
    let label = |text: &str| Label::new(text);
    for (bytes, expected) in [
        ("\x07", Notice::Bell),
        ("\x1b]0;a b\x07", Notice::Title(label("a b"))),
        ("\x1b]2;ä\x1b\\", Notice::Title(label("ä"))),
        ("\x1b]2;b\x1b[m", Notice::Title(label("b"))),
        ("\u{9d}2;x\u{9c}", Notice::Title(label("x"))),
        ("\x1bkname\x1b\\", Notice::WindowName(label("name"))),
        ("\x1b]7;file:///tmp\x07", Notice::Path("file:///tmp".into())),
        ("\x1b]52;c;aGk=\x07", Notice::Clipboard(b"hi".to_vec())),
        (
            "\x1b]52;c;?\x07",
            Notice::ClipboardQuery {
                selection: "c".to_owned(),
                st: false,
            },
        ),
        ("\x1b]133;A\x07", Notice::Prompt(PromptMark::A)),
        ("\x1b]133;D;3\x07", Notice::Prompt(PromptMark::D(Some(3)))),
        ("\x1b]9;done\x07", Notice::Notify(label("done"))),
        ("\x1b]777;notify;a;b\x07", Notice::Notify(label("a b"))),
        (
            "\x1b]7717;{\"a\":1}\x07",
            Notice::Mark {
                payload: "{\"a\":1}".into(),
                row: Some(0),
                at_start: true,
            },
        ),
    ] {
        assert_eq!(
            notices(bytes.as_bytes(), Config::default()),
            [expected],
            "{bytes:?}"
        );
    }
}

#[test]
fn passthrough_is_never_run_and_only_handed_on_where_allowed() {
    let bytes = b"\x1bPtmux;\x1b\x1b]2;evil\x07\x1b\x1b\\\x1b\\ok";
    assert_eq!(notices(bytes, Config::default()), []);
    let allowed = Config {
        allow_passthrough: true,
        ..Config::default()
    };
    let payload = b"\x1b]2;evil\x07\x1b\\".to_vec();
    assert_eq!(notices(bytes, allowed), [Notice::Passthrough(payload)]);
}

#[test]
fn options_forbid_title_name_and_clipboard() {
    let config = Config {
        allow_title: false,
        allow_rename: false,
        clipboard: false,
        ..Config::default()
    };
    assert_eq!(
        notices(b"\x1b]2;x\x07\x1bky\x1b\\\x1b]52;c;aGk=\x07", config),
        []
    );
}

#[test]
fn title_stack_gives_titles_back() {
    let bytes = b"\x1b]2;a\x07\x1b[22;0t\x1b]2;b\x07\x1b[23;0t";
    let last = notices(bytes, Config::default()).pop();
    assert_eq!(last, Some(Notice::Title(Label::new("a"))));
}
