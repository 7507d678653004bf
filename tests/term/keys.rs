//! What a program is sent for keys, by what it asked for: the kitty protocol
//! (kitty, "Comprehensive keyboard handling in terminals"), modifyOtherKeys and
//! the keyboard's modes (xterm ctlseqs; VT510: DECCKM, DECKPAM, DECBKM, LNM).

use stepmux::base::{Key, Size};
use stepmux::term::{Config, Output, Terminal};

use crate::{fed, replies};

fn sent(term: &Terminal, name: &str) -> String {
    let key: Key = name.parse().unwrap();
    let mut out = Vec::new();
    term.encode_key(key, &mut out);
    String::from_utf8(out).unwrap()
}

/// What was asked for, the key, the bytes.
#[test]
fn key_is_sent_as_the_program_asked() {
    for (asked, name, want) in [
        // VT510 and xterm.
        ("", "Up", "\x1b[A"),
        ("\x1b[?1h", "Up", "\x1bOA"),
        ("\x1b[?1h", "C-Up", "\x1b[1;5A"),
        ("\x1b[?1h\x1b[!p", "Up", "\x1b[A"),
        ("\x1b=", "KP5", "\x1bOu"),
        ("\x1b=\x1b>", "KP5", "5"),
        ("\x1b[?66h", "KPEnter", "\x1bOM"),
        ("\x1b[?67h", "BSpace", "\x08"),
        ("\x1b[?67h", "C-BSpace", ""),
        ("", "C-BSpace", ""),
        ("\x1b[20h", "Enter", "\r\n"),
        ("\x1b[20h", "M-Enter", "\x1b\r"),
        ("\x1b[20h\x1b[20l", "Enter", "\r"),
        // modifyOtherKeys and formatOtherKeys.
        ("\x1b[>4;1m", "C-a", "\x01"),
        ("\x1b[>4;1m", "C-Enter", "\x1b[27;5;13~"),
        ("\x1b[>4;2m", "C-a", "\x1b[27;5;97~"),
        ("\x1b[>4;2m\x1b[>4m", "C-a", "\x01"),
        ("\x1b[>4;2m\x1b[>4n", "C-a", "\x01"),
        ("\x1b[>4;2m\x1b[>m", "C-a", "\x01"),
        ("\x1b[>4;2m\x1bc", "C-a", "\x01"),
        ("\x1b[>4;2m\x1b[>4;1f", "C-a", "\x1b[97;5u"),
        ("\x1b[>4;2m\x1b[>4;1f\x1b[>4f", "C-a", "\x1b[27;5;97~"),
        // kitty 1: escape codes for what bytes leave open.
        ("\x1b[>1u", "a", "a"),
        ("\x1b[>1u", "A", "A"),
        ("\x1b[>1u", "é", "é"),
        ("\x1b[>1u", "C-a", "\x1b[97;5u"),
        ("\x1b[>1u", "M-a", "\x1b[97;3u"),
        ("\x1b[>1u", "M-A", "\x1b[97;4u"),
        ("\x1b[>1u", "C-M-é", "\x1b[233;7u"),
        ("\x1b[>1u", "C-Space", "\x1b[32;5u"),
        ("\x1b[>1u", "Escape", "\x1b[27u"),
        ("\x1b[>1u", "M-Escape", "\x1b[27;3u"),
        ("\x1b[>1u", "Enter", "\r"),
        ("\x1b[>1u", "Tab", "\t"),
        ("\x1b[>1u", "BSpace", "\x7f"),
        ("\x1b[>1u", "S-Enter", "\x1b[13;2u"),
        ("\x1b[>1u", "C-Tab", "\x1b[9;5u"),
        ("\x1b[>1u", "BTab", "\x1b[9;2u"),
        ("\x1b[>1u", "C-BSpace", "\x1b[127;5u"),
        ("\x1b[?1h\x1b[>1u", "Up", "\x1b[A"),
        ("\x1b[>1u", "C-Left", "\x1b[1;5D"),
        ("\x1b[>1u", "Home", "\x1b[H"),
        ("\x1b[>1u", "S-End", "\x1b[1;2F"),
        ("\x1b[>1u", "DC", "\x1b[3~"),
        ("\x1b[>1u", "M-PPage", "\x1b[5;3~"),
        ("\x1b[>1u", "F1", "\x1b[P"),
        ("\x1b[>1u", "S-F2", "\x1b[1;2Q"),
        ("\x1b[>1u", "F3", "\x1b[13~"),
        ("\x1b[>1u", "F4", "\x1b[S"),
        ("\x1b[>1u", "C-F12", "\x1b[24;5~"),
        ("\x1b[>1u", "F13", "\x1b[57376u"),
        ("\x1b[>1u", "F24", "\x1b[57387u"),
        ("\x1b[>1u", "KP7", "7"),
        ("\x1b[>1u", "C-KP7", "\x1b[57406;5u"),
        ("\x1b[>1u", "KPEnter", "\x1b[57414u"),
        // 4: with the shifted character; 8: everything; 16: with text.
        ("\x1b[>5u", "M-A", "\x1b[97:65;4u"),
        ("\x1b[>5u", "A", "A"),
        ("\x1b[>8u", "a", "\x1b[97u"),
        ("\x1b[>8u", "A", "\x1b[97;2u"),
        ("\x1b[>8u", "Enter", "\x1b[13u"),
        ("\x1b[>8u", "Tab", "\x1b[9u"),
        ("\x1b[>8u", "BSpace", "\x1b[127u"),
        ("\x1b[>8u", "KP+", "\x1b[57413u"),
        ("\x1b[>12u", "A", "\x1b[97:65;2u"),
        ("\x1b[>24u", "a", "\x1b[97;;97u"),
        ("\x1b[>28u", "A", "\x1b[97:65;2;65u"),
        ("\x1b[>24u", "C-a", "\x1b[97;5u"),
        ("\x1b[>24u", "KP1", "\x1b[57400;;49u"),
        ("\x1b[>24u", "Enter", "\x1b[13u"),
        // Flags that alone change no press.
        ("\x1b[>2u", "C-a", "\x01"),
        ("\x1b[>16u", "Escape", "\x1b"),
        // It wins over modifyOtherKeys.
        ("\x1b[>4;2m\x1b[>1u", "C-a", "\x1b[97;5u"),
    ] {
        let (term, _) = fed(80, 24, asked.as_bytes());
        assert_eq!(sent(&term, name), want, "{asked:?} {name}");
    }
}

/// What a terminal tells beyond the press, under flags that ask for it.
#[test]
fn keys_held_and_let_go_are_told_to_whoever_asked() {
    use stepmux::base::{KeyAction, Keystroke};
    let stroke = |action, held, base| Keystroke { action, held, base };
    let (press, repeat, release) = (KeyAction::Press, KeyAction::Repeat, KeyAction::Release);
    for (flags, name, action, held, base, want) in [
        // Nobody asked.
        (0, "a", repeat, None, None, "a"),
        (0, "a", release, None, None, ""),
        (0, "Up", release, None, None, ""),
        (1, "Up", repeat, None, None, "\x1b[A"),
        (1, "C-a", release, None, None, ""),
        // 2 alone: keys with a sequence that has room for it.
        (2, "a", repeat, None, None, "a"),
        (2, "C-a", release, None, None, ""),
        (2, "Up", repeat, None, None, "\x1b[1;1:2A"),
        (2, "C-DC", release, None, None, "\x1b[3;5:3~"),
        // Text is text, and these three are themselves, without 8.
        (3, "a", repeat, None, None, "a"),
        (3, "a", release, None, None, ""),
        (3, "Enter", release, None, None, ""),
        (3, "C-Enter", release, None, None, ""),
        (3, "KP1", release, None, None, ""),
        (3, "C-a", repeat, None, None, "\x1b[97;5:2u"),
        (3, "C-a", release, None, None, "\x1b[97;5:3u"),
        (3, "Escape", release, None, None, "\x1b[27;1:3u"),
        (3, "F1", release, None, None, "\x1b[1;1:3P"),
        (3, "F5", release, Some(8), None, "\x1b[15;9:3~"),
        (11, "a", release, None, None, "\x1b[97;1:3u"),
        (11, "A", repeat, None, None, "\x1b[97;2:2u"),
        (31, "a", release, None, None, "\x1b[97;1:3u"),
        (31, "a", repeat, None, None, "\x1b[97;1:2;97u"),
        (11, "Enter", release, None, None, "\x1b[13;1:3u"),
        // Modifiers that bindings know nothing of, and the key below shift.
        (1, "M-a", press, Some(8), None, "\x1b[97;9u"),
        (1, "M-Up", press, Some(16), None, "\x1b[1;17A"),
        (1, "a", press, Some(64), None, "a"),
        (9, "a", press, Some(128), None, "\x1b[97;129u"),
        (31, "!", press, Some(1), Some('1'), "\x1b[49:33;2;33u"),
        (11, "!", release, None, Some('1'), "\x1b[49;2:3u"),
    ] {
        let (term, _) = fed(80, 24, format!("\x1b[>{flags}u").as_bytes());
        let mut out = Vec::new();
        term.encode_stroke(name.parse().unwrap(), stroke(action, held, base), &mut out);
        let got = String::from_utf8(out).unwrap();
        assert_eq!(got, want, "{flags} {name} {action:?} {held:?}");
    }
}

/// Flags are pushed, popped and set on a stack of each screen.
#[test]
fn kitty_flags_are_a_stack_for_each_screen() {
    for (asked, want) in [
        ("", "0"),
        ("\x1b[>1u", "1"),
        ("\x1b[>1u\x1b[>5u", "5"),
        ("\x1b[>1u\x1b[>5u\x1b[<u", "1"),
        ("\x1b[>1u\x1b[>5u\x1b[<9u", "0"),
        ("\x1b[=3u", "3"),
        ("\x1b[=3;1u\x1b[=8;2u", "11"),
        ("\x1b[=11;1u\x1b[=3;3u", "8"),
        ("\x1b[>1u\x1b[=5u\x1b[<u", "0"),
        ("\x1b[>255u", "31"),
        ("\x1b[>1u\x1b[?1049h", "0"),
        ("\x1b[>1u\x1b[?1049h\x1b[>3u\x1b[?1049l", "1"),
        ("\x1b[>1u\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[?1049h", "3"),
        ("\x1b[>1u\x1bc", "0"),
    ] {
        let input = format!("{asked}\x1b[?u");
        assert_eq!(
            replies(input.as_bytes()),
            format!("\x1b[?{want}u"),
            "{asked:?}"
        );
    }
    let mut flood = b"\x1b[>1u".repeat(100_000);
    flood.extend(b"\x1b[<16u\x1b[?u\x1b[<u\x1b[?u");
    assert_eq!(replies(&flood), "\x1b[?1u\x1b[?0u");
}

#[test]
fn key_modes_are_told() {
    for (asked, want) in [
        ("\x1b[?4m", "\x1b[>4;0m"),
        ("\x1b[>4;2m\x1b[?4m", "\x1b[>4;2m"),
        ("\x1b[?4g", "\x1b[>4;0f"),
        ("\x1b[>4;1f\x1b[?4g", "\x1b[>4;1f"),
    ] {
        assert_eq!(replies(asked.as_bytes()), want, "{asked:?}");
    }
}

#[test]
fn extended_keys_stay_off_where_the_option_says_so() {
    let config = Config {
        extended_keys: false,
        ..Config::default()
    };
    let mut term = Terminal::new(Size::new(80, 24), config);
    term.feed(b"\x1b[>4;2m\x1b[>4;1f", &mut Output::default());
    assert_eq!(sent(&term, "C-a"), "\x01");
}
