//! Strings that set and tell: titles, colours, links, the clipboard, marks and
//! notices (xterm ctlseqs, "Operating System Commands"; XParseColor; iTerm2,
//! kitty, ConEmu, FinalTerm for theirs; tmux(1), `allow-passthrough`).

use stepmux::base::{Label, Size};
use stepmux::term::{Config, Notice, Output, PromptMark, Terminal};

use crate::{fed, line, replies};

/// Asked, answered.
#[test]
fn colours_are_set_told_and_reset_as_in_xterm() {
    for (asked, want) in [
        // The palette, several at once, the terminator that was used.
        (
            "\x1b]4;1;red\x07\x1b]4;1;?\x1b\\",
            "\x1b]4;1;rgb:ffff/0000/0000\x1b\\",
        ),
        ("\x1b]4;1;?\x07", ""),
        (
            "\x1b]4;0;#fff;1;rgb:80/0/0\x07\x1b]4;0;?;1;?\x07",
            "\x1b]4;0;rgb:f0f0/f0f0/f0f0\x07\x1b]4;1;rgb:8080/0000/0000\x07",
        ),
        (
            "\x1b]4;5;#010203\x07\x1b]4;5;?;6\x07",
            "\x1b]4;5;rgb:0101/0202/0303\x07",
        ),
        (
            "\x1b]4;9;red;9;nonsense;9;?\x07",
            "\x1b]4;9;rgb:ffff/0000/0000\x07",
        ),
        ("\x1b]4;300;?\x07\x1b]4;-1;?\x07", ""),
        ("\x1b]4;3;#aabbcc\x07\x1b]104;3\x07\x1b]4;3;?\x07", ""),
        ("\x1b]4;3;#aabbcc\x07\x1b]104\x07\x1b]4;3;?\x07", ""),
        // The special colours, by either number.
        (
            "\x1b]5;0;#aabbcc\x07\x1b]5;0;?\x07",
            "\x1b]5;0;rgb:aaaa/bbbb/cccc\x07",
        ),
        (
            "\x1b]4;256;#aabbcc\x07\x1b]4;256;?\x07",
            "\x1b]4;256;rgb:aaaa/bbbb/cccc\x07",
        ),
        ("\x1b]5;1;#aabbcc\x07\x1b]105;1\x07\x1b]5;1;?\x07", ""),
        // The dynamic ones: each further field is for the next number.
        (
            "\x1b]10;#102030;#405060\x07\x1b]10;?;?\x1b\\",
            "\x1b]10;rgb:1010/2020/3030\x1b\\\x1b]11;rgb:4040/5050/6060\x1b\\",
        ),
        ("\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07", ""),
        (
            "\x1b]12;red\x07\x1b]12;?\x07",
            "\x1b]12;rgb:ffff/0000/0000\x07",
        ),
        ("\x1b]11;#fff\x07\x1b]111\x07\x1b]11;?\x07", ""),
        (
            "\x1b]17;#101010\x07\x1b]17;?;?;?\x07",
            "\x1b]17;rgb:1010/1010/1010\x07",
        ),
        ("\x1b]19;#101010\x07\x1b]119\x07\x1b]19;?\x07", ""),
        (
            "\x1b]10;rgbi:0.5/0.5/0.5\x07\x1b]10;?\x07",
            "\x1b]10;rgb:c1c1/bbbb/bbbb\x07",
        ),
        ("\x1b]10;#aabbcc\x07\x1bc\x1b]10;?\x07", ""),
    ] {
        assert_eq!(replies(asked.as_bytes()), want, "{asked:?}");
    }
}

#[test]
fn known_colours_of_the_viewer_are_told() {
    let mut term = Terminal::new(Size::new(80, 24), Config::default());
    term.set_viewer_colors(Some((1, 2, 3)), Some((4, 5, 6)), None);
    let mut out = Output::default();
    term.feed(b"\x1b]10;?;?\x07\x1b]11;white\x07\x1b]11;?\x07", &mut out);
    let want = "\x1b]10;rgb:0101/0202/0303\x07\x1b]11;rgb:0404/0505/0606\x07\
                \x1b]11;rgb:ffff/ffff/ffff\x07";
    assert_eq!(String::from_utf8(out.replies).unwrap(), want);
}

/// The string (without its ends), what was told.
#[test]
fn string_tells_what_it_says_and_leaves_no_mark() {
    let label = |text: &str| Label::new(text);
    let query = |selection: &str, st| Notice::ClipboardQuery {
        selection: selection.to_owned(),
        st,
    };
    for (string, want) in [
        ("]0;a title", vec![Notice::Title(label("a title"))]),
        ("]2;a title", vec![Notice::Title(label("a title"))]),
        ("]1;icon", vec![]),
        ("kname", vec![Notice::WindowName(label("name"))]),
        ("]7;file://h/tmp", vec![Notice::Path("file://h/tmp".into())]),
        ("]1337;CurrentDir=/tmp", vec![Notice::Path("/tmp".into())]),
        ("]9;done", vec![Notice::Notify(label("done"))]),
        ("]9;4;1;50", vec![]),
        ("]9;4", vec![]),
        ("]777;notify;a;b", vec![Notice::Notify(label("a b"))]),
        ("]777;other;a", vec![]),
        ("]52;c;aGk=", vec![Notice::Clipboard(b"hi".to_vec())]),
        ("]52;c;not base64!", vec![]),
        ("]52;c;?", vec![query("c", true)]),
        ("]52;;?", vec![query("", true)]),
        ("]52;p\x01;s;?", vec![]),
        ("]133;A", vec![Notice::Prompt(PromptMark::A)]),
        ("]133;A;aid=7;cl=m", vec![Notice::Prompt(PromptMark::A)]),
        ("]133;A;k=s", vec![]),
        ("]133;P;k=i", vec![Notice::Prompt(PromptMark::A)]),
        ("]133;P;k=c", vec![]),
        ("]133;B", vec![Notice::Prompt(PromptMark::B)]),
        ("]133;C;", vec![Notice::Prompt(PromptMark::C)]),
        (
            "]133;D;7;aid=7",
            vec![Notice::Prompt(PromptMark::D(Some(7)))],
        ),
        ("]133;D", vec![Notice::Prompt(PromptMark::D(None))]),
        ("]133;D;aid=7", vec![Notice::Prompt(PromptMark::D(None))]),
        ("]1337;RemoteHost=a@b", vec![]),
        ("]1337;SetMark", vec![]),
        ("]6;1;1", vec![]),
        ("]21;foreground=?", vec![]),
        ("]22;pointer", vec![]),
        ("]66;s=2;big", vec![]),
        ("]99;i=1;hello", vec![]),
        ("]50;?", vec![]),
        ("]65536;a", vec![]),
        ("]", vec![]),
        ("];a", vec![]),
        ("]x;y", vec![]),
    ] {
        let (term, out) = fed(20, 2, format!("\x1b{string}\x1b\\x").as_bytes());
        assert_eq!(out.notices, want, "{string:?}");
        assert!(out.replies.is_empty(), "{string:?}");
        assert_eq!(line(&term, 0).trim_end_matches('.'), "x", "{string:?}");
    }
}

#[test]
fn title_loses_its_controls() {
    let (term, _) = fed(20, 2, "\x1b]2;a\tb\u{85}c\x07".as_bytes());
    assert!(term.title().as_str().chars().all(|ch| !ch.is_control()));
}

#[test]
fn overlong_string_is_dropped_and_costs_no_memory() {
    for head in [
        "\x1b]2;",
        "\x1b]52;c;",
        "\x1b]133;A;",
        "\x1bk",
        "\x1bPtmux;",
    ] {
        let mut term = Terminal::new(Size::new(20, 2), Config::default());
        let mut out = Output::default();
        term.feed(head.as_bytes(), &mut out);
        for _ in 0..40 {
            term.feed(&[b'A'; 64 << 10], &mut out);
        }
        term.feed(b"\x1b\\x", &mut out);
        assert_eq!(out, Output::default(), "{head:?}");
        assert_eq!(line(&term, 0).trim_end_matches('.'), "x", "{head:?}");
    }
}

/// Handed on only by option, and never run as our own.
#[test]
fn passthrough_is_handed_on_whole() {
    let input = b"\x1bPtmux;\x1b\x1b]2;inner\x07\x1b\x1b\\y\x1b\\x";
    for (allowed, want) in [
        (false, vec![]),
        (
            true,
            vec![Notice::Passthrough(b"\x1b]2;inner\x07\x1b\\y".to_vec())],
        ),
    ] {
        let config = Config {
            allow_passthrough: allowed,
            ..Config::default()
        };
        for size in [1, 3, input.len()] {
            let mut term = Terminal::new(Size::new(20, 2), config.clone());
            let mut out = Output::default();
            for chunk in input.chunks(size) {
                term.feed(chunk, &mut out);
            }
            assert_eq!(out.notices, want);
            assert!(term.title().is_empty());
            assert_eq!(line(&term, 0).trim_end_matches('.'), "x");
        }
    }
}
