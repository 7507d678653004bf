//! Hostile input stays bounded.

use super::{fed, line, picture};
use crate::base::Size;
use crate::base::width::MAX_CLUSTER;
use crate::term::{Config, Output, Terminal};

#[test]
fn unknown_strings_are_swallowed_whole() {
    for (input, expected) in [
        ("a\x1b_Gf=32;AAAA\x1b\\b", "ab"),
        ("a\x1b^private\x1b\\b", "ab"),
        ("a\x1bXstring\x07still\x1b\\b", "ab"),
        ("a\x1bPq#0;2;0~~\x1b\\b", "ab"),
        ("a\x1b]9999;x\x07b", "ab"),
        ("a\x1b]2;x\x18b", "ab"),
        ("a\x1b]2;x\x1b[Cb", "a b"),
        ("a\x1b[3\x18b", "ab"),
        ("a\x1b[<>1mb", "ab"),
        ("ac\x1b[1\x08;1Hb", "bc"),
        ("a\x1bgb", "ab"),
    ] {
        assert_eq!(line(&fed(10, 2, input), 0), expected, "{input:?}");
    }
}

#[test]
fn endless_strings_take_bounded_memory() {
    for start in [
        "\x1b]52;c;",
        "\x1b]2;",
        "\x1bP",
        "\x1bk",
        "\x1b_",
        "\x1b]7717;",
    ] {
        let mut term = fed(10, 2, start);
        let block = [b'A'; 4096];
        for _ in 0..1024 {
            term.feed(&block, &mut Output::default());
        }
        assert!(term.parser.held() <= 2 << 20, "{start:?}");
        term.feed(b"\x18ok", &mut Output::default());
        assert_eq!(line(&term, 0), "ok");
    }
}

#[test]
fn ten_thousand_parameters_do_nothing_bad() {
    let input = format!(
        "\x1b[{}mx\x1b[{}Hy",
        "1;".repeat(10_000),
        "9:".repeat(10_000)
    );
    let term = fed(10, 2, &input);
    assert!(picture(&term).contains('x'));
}

#[test]
fn a_million_marks_fit_one_cell() {
    let term = fed(10, 2, &format!("a{}b", "\u{301}\u{302}".repeat(500_000)));
    let text = line(&term, 0);
    assert!(text.len() <= MAX_CLUSTER + 1 && text.ends_with('b'));
    assert!(term.pool().len() < 100);
}

#[test]
fn ever_new_styles_do_not_grow_the_pool() {
    let mut term = Terminal::new(Size::new(10, 2), Config::default());
    for n in 0..100_000u32 {
        let (r, g, b) = (n >> 16, n >> 8 & 255, n & 255);
        let text = format!("\x1b]8;;u{n}\x07\x1b[38;2;{r};{g};{b}mx");
        term.feed(text.as_bytes(), &mut Output::default());
    }
    assert!(term.pool().len() < 10_000);
    assert!(term.pool_generation() > 0);
    let style = term.pool().get(term.row(1)[0].style);
    assert!(term.pool().link_of(style.link).is_some());
}

#[test]
fn changed_rows_are_stamped_and_others_not() {
    let mut term = fed(10, 4, "a\r\nb");
    let seen = term.seq();
    term.feed(b"\x1b[3Hx", &mut Output::default());
    let changed: Vec<bool> = (0..4).map(|y| term.row_seq(y) > seen).collect();
    assert_eq!(changed, [false, false, true, false]);
    term.feed(b"\x1b[4H\n", &mut Output::default());
    assert!((0..4).all(|y| term.row_seq(y) == term.seq()));
}

#[test]
fn narrow_cell_takes_nothing_that_would_widen_it_where_there_is_no_room() {
    for (input, text) in [
        ("❤\u{fe0f}", "❤"),
        ("❤\u{fe0f}\u{301}", "❤\u{301}"),
        ("🇩🇪", "🇩"),
        ("1\u{fe0f}\u{20e3}", "1\u{20e3}"),
    ] {
        let whole = fed(1, 1, input);
        assert_eq!(line(&whole, 0), text);
        let mut pieces = Terminal::new(Size::new(1, 1), Config::default());
        for byte in input.bytes() {
            pieces.feed(&[byte], &mut Output::default());
        }
        assert_eq!(line(&pieces, 0), text);
    }
}

#[test]
fn marks_join_the_cell_before_also_where_nothing_wraps() {
    for (input, text) in [
        ("abcd\x1b[?7l\x1b[3Ge\u{301}", "abe\u{301}d"),
        (
            "abcd\x1b[?7l\x1b[3G1\u{fe0f}\u{20e3}",
            "ab1\u{fe0f}\u{20e3}",
        ),
        ("\x1b[?7labce\u{301}", "abce\u{301}"),
        ("\x1b[?7labcde\u{301}", "abce\u{301}"),
        ("\x1b[?7lab日\u{301}", "ab日\u{301}"),
    ] {
        let term = fed(4, 1, input);
        assert_eq!(line(&term, 0), text, "{input:?}");
    }
}

#[test]
fn blank_left_by_a_wide_character_keeps_its_column_when_it_is_copied_or_searched() {
    use crate::term::{Direction, Query, ViewPos};
    // The blank at the margin moves left with what was before it.
    let term = fed(4, 2, "abc日\x1b[H\x1b[P\x1b[4Gx");
    let (from, to) = (ViewPos::new(0, 0), ViewPos::new(0, 3));
    assert_eq!(term.text_range(from, to, false), "bc x");
    let query = Query::literal("c x").unwrap();
    let found = term.search(&query, ViewPos::new(1, 0), Direction::Backward, true);
    assert_eq!(found.map(|found| found.start), Some(ViewPos::new(0, 1)));
    // At the margin it is no part of the line.
    let term = fed(4, 2, "abc日");
    assert_eq!(term.text_range(from, ViewPos::new(1, 3), false), "abc日");
    let query = Query::literal("c日").unwrap();
    let found = term.search(&query, ViewPos::new(1, 3), Direction::Backward, true);
    assert_eq!(found.map(|found| found.start), Some(ViewPos::new(0, 2)));
}
