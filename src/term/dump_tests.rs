//! Captures of lines in history and screen, as tables.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::base::pool::Link;
use crate::term::history::History;
use crate::term::view::tests::{TextRows, text_cells};

/// Captures lines of which the first `above` are in the history.
fn captured(
    cols: u16,
    lines: &[&str],
    above: usize,
    range: CaptureRange,
    options: CaptureOptions,
) -> String {
    let all = TextRows::new(cols, lines);
    let mut history = History::new(99, usize::MAX);
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    for index in 0..above {
        all.row(index, &mut pool, &mut line);
        history.push_row(&line.cells, line.wrapped, &pool);
    }
    let screen = TextRows::new(cols, &lines[above..]);
    let view = View {
        history: &history,
        screen: &screen,
    };
    capture(&view, range, options)
}

#[test]
fn capture_takes_lines_by_number() {
    let lines = ["h0", "h1", "s0", "s1  ", ""];
    for (start, end, want) in [
        (None, None, "s0\ns1\n\n"),
        (Some(i64::MIN), None, "h0\nh1\ns0\ns1\n\n"),
        (Some(-1), Some(0), "h1\ns0\n"),
        (Some(-99), Some(-1), "h0\nh1\n"),
        (Some(1), Some(99), "s1\n\n"),
        (Some(1), Some(i64::MAX), "s1\n\n"),
        (Some(1), Some(0), "s0\ns1\n"),
        (Some(-2), Some(-2), "h0\n"),
    ] {
        let range = CaptureRange { start, end };
        let got = captured(8, &lines, 2, range, CaptureOptions::default());
        assert_eq!(got, want, "{start:?} {end:?}");
    }
}

#[test]
fn capture_joins_and_keeps_spaces_when_asked() {
    let lines = ["ab  \\", "cd  ", "\\x  "];
    let options = CaptureOptions::default();
    let join = CaptureOptions {
        join: true,
        ..options
    };
    let trailing = CaptureOptions {
        trailing: true,
        octal: true,
        ..options
    };
    let numbers = CaptureOptions {
        numbers: true,
        flags: true,
        ..options
    };
    let range = CaptureRange {
        start: Some(i64::MIN),
        end: None,
    };
    for above in 0..=3 {
        let with = |options| captured(4, &lines, above, range, options);
        assert_eq!(with(options), "ab\ncd\n\\x\n", "{above}");
        assert_eq!(with(join), "ab  cd  \n\\x  \n", "{above}");
        assert_eq!(with(trailing), "ab  \ncd  \n\\\\x  \n", "{above}");
        let n = |line: i64| line - i64::try_from(above).unwrap();
        let want = format!("{} W ab\n{} - cd\n{} - \\x\n", n(0), n(1), n(2));
        assert_eq!(with(numbers), want, "{above}");
    }
}

#[test]
fn capture_gives_lines_of_the_history_the_room_that_tmux_makes() {
    // A quarter of the width, half of it, or all.
    let lines = ["abc", "abcdef", "abcdefghijk", "", "s"];
    let options = CaptureOptions {
        trailing: true,
        flags: true,
        ..CaptureOptions::default()
    };
    let range = CaptureRange {
        start: Some(-4),
        end: Some(-1),
    };
    let want = format!(
        "- abc  \n- abcdef    \n- abcdefghijk{}\n- \n",
        " ".repeat(9)
    );
    assert_eq!(captured(20, &lines, 4, range, options), want);
}

fn styled(parts: &[(&str, Style)]) -> String {
    let mut pool = Pool::new();
    let mut history = History::new(9, usize::MAX);
    let mut cells = Vec::new();
    for (text, style) in parts {
        let id = pool.style(*style);
        cells.extend(text_cells(text, id, &mut pool));
    }
    history.push_row(&cells, false, &pool);
    let screen = TextRows::new(20, &[]);
    let view = View {
        history: &history,
        screen: &screen,
    };
    let options = CaptureOptions {
        escapes: true,
        ..CaptureOptions::default()
    };
    let range = CaptureRange {
        start: Some(i64::MIN),
        end: None,
    };
    capture(&view, range, options).replace('\x1b', "^")
}

#[test]
fn capture_writes_the_shortest_change_of_style() {
    let plain = Style::DEFAULT;
    let red = plain.fg(Color::Indexed(1));
    let bold = plain.with(Attrs::BOLD);
    let curly = Style {
        underline: Underline::Curly,
        us: Color::Indexed(9),
        ..plain
    };
    for (parts, want) in [
        (vec![("red", red), (" x", plain)], "^[31mred^[39m x\n"),
        (vec![("red", red)], "^[31mred\n"),
        (
            vec![("a", red.with(Attrs::BOLD)), ("b", red)],
            "^[1m^[31ma^[0m^[31mb\n",
        ),
        (vec![("a", bold), ("b", plain)], "^[1ma^[0mb\n"),
        (
            vec![("a", bold), ("b", bold.with(Attrs::REVERSE))],
            "^[1ma^[7mb\n",
        ),
        (vec![("a", plain.bg(Color::Indexed(12)))], "^[104ma\n"),
        (
            vec![("a", plain.fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(200)))],
            "^[38;2;1;2;3m^[48;5;200ma\n",
        ),
        (vec![("a", curly)], "^[4:3m^[58;5;9ma\n"),
        (
            vec![("a", plain.with(Attrs::OVERLINE).with(Attrs::DIM))],
            "^[2;5:3ma\n",
        ),
    ] {
        assert_eq!(styled(&parts), want);
    }
}

#[test]
fn capture_writes_links_and_closes_them() {
    let mut pool = Pool::new();
    let link = pool.link(Link {
        id: "7".into(),
        uri: "http://x/".into(),
    });
    let id = pool.style(Style {
        link,
        ..Style::DEFAULT
    });
    let mut history = History::new(9, usize::MAX);
    let cells = text_cells("ab", id, &mut pool);
    history.push_row(&cells, false, &pool);
    history.push_row(&cells, false, &pool);
    let view = View {
        history: &history,
        screen: &TextRows::new(2, &[]),
    };
    let options = CaptureOptions {
        escapes: true,
        octal: true,
        ..CaptureOptions::default()
    };
    let range = CaptureRange {
        start: Some(i64::MIN),
        end: None,
    };
    let line = "\\033]8;id=7;http://x/\\033\\\\ab\\033]8;;\\033\\\\\n";
    assert_eq!(capture(&view, range, options), line.repeat(2));
}

#[test]
fn capture_keeps_the_column_of_a_blank_left_by_a_wide_character() {
    use crate::term::{Config, Output};
    let mut term = Terminal::new(crate::base::Size::new(4, 2), Config::default());
    // The blank at the margin moves left with what was before it.
    term.feed(
        "abc日\x1b[H\x1b[P\x1b[4Gx".as_bytes(),
        &mut Output::default(),
    );
    let options = CaptureOptions {
        escapes: true,
        ..CaptureOptions::default()
    };
    let captured = term.capture(CaptureRange::default(), options);
    assert_eq!(captured, "bc x\n日\n");
}

#[test]
fn capture_doubles_a_backslash_that_has_a_mark() {
    let octal = CaptureOptions {
        octal: true,
        ..CaptureOptions::default()
    };
    let range = CaptureRange::default();
    let captured = captured(8, &["\\\u{301}\\x"], 0, range, octal);
    assert_eq!(captured, "\\\\\u{301}\\\\x\n");
}

#[test]
fn capture_gives_back_how_a_row_was_written() {
    let plain = CaptureOptions::default();
    let spaces = CaptureOptions {
        trailing: true,
        ..plain
    };
    let escapes = CaptureOptions {
        escapes: true,
        ..plain
    };
    let join = CaptureOptions {
        join: true,
        ..plain
    };
    for (input, options, want) in [
        // Room is made in quarters and halves of a row.
        ("ab", spaces, "ab   \n"),
        ("abcde", spaces, "abcde     \n"),
        ("abcdefghij", spaces, "abcdefghij          \n"),
        ("abcd\x1b[1K", join, "    \n"),
        ("a\tb", plain, "a\tb\n"),
        ("a\tb\t", plain, "a\tb\t\n"),
        ("a\tb\r\x1b[3Cx", plain, "a  x    b\n"),
        ("abc\r\tx", plain, "abc     x\n"),
        ("\x1b(0lqk\x1b(B.", plain, "lqk.\n"),
        ("a\x1b(0q\x1b(Bb", escapes, "a\x0eq\x0fb\n"),
        (
            "\x1b[38;5;3ma\x1b[33mb",
            escapes,
            "\x1b[38;5;3ma\x1b[33mb\x1b[39m\n",
        ),
        (
            "\x1b[41ma\x1b[48;5;1mb",
            escapes,
            "\x1b[41ma\x1b[48;5;1mb\x1b[49m\n",
        ),
    ] {
        let term = crate::term::tests::fed(20, 1, input);
        assert_eq!(
            term.capture(CaptureRange::default(), options),
            want,
            "{input:?}"
        );
    }
}
