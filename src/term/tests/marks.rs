//! Marks of lines through scrolling, compression, trimming and resizes (OSC 133).

use super::super::{Config, Marks, Output, Terminal};
use crate::base::Size;

/// The text of every row with some of `which`, found forwards and backwards.
fn marked(term: &Terminal, which: Marks) -> Vec<String> {
    let mut rows = Vec::new();
    let end = term.history_rows() + usize::from(term.size().rows());
    let mut at = end;
    while let Some(row) = term.marked_row(at, which, false) {
        assert!(row < at);
        rows.push(row);
        at = row;
    }
    rows.reverse();
    for pair in rows.windows(2) {
        assert_eq!(term.marked_row(pair[0], which, true), Some(pair[1]));
    }
    let text = |row: &usize| {
        let at = crate::term::ViewPos::new(*row, 0);
        let end = crate::term::ViewPos::new(*row, term.size().cols() - 1);
        term.text_range(at, end, false)
    };
    rows.iter().map(text).collect()
}

fn fed(limit: usize, commands: usize) -> Terminal {
    let config = Config {
        history_lines: limit,
        ..Config::default()
    };
    let mut term = Terminal::new(Size::new(30, 6), config);
    for n in 0..commands {
        let text = format!(
            "\x1b]133;A\x07$ \x1b]133;B\x07make {n}\r\n\x1b]133;C\x07{}\r\n\x1b]133;D;{}\x07",
            "wörd ".repeat(n % 13),
            n % 2
        );
        term.feed(text.as_bytes(), &mut Output::default());
    }
    term.verify().unwrap();
    term
}

#[test]
fn marks_stay_with_their_lines() {
    let want = |from: usize, to: usize, step: usize| -> Vec<String> {
        (from..to)
            .step_by(step)
            .map(|n| format!("$ make {n}"))
            .collect()
    };
    let mut term = fed(100_000, 2000);
    assert_eq!(marked(&term, Marks::PROMPT), want(0, 2000, 1));
    term.settle();
    assert_eq!(marked(&term, Marks::PROMPT), want(0, 2000, 1));
    for cols in [11, 80, 30] {
        term.resize(Size::new(cols, 6));
        assert_eq!(marked(&term, Marks::PROMPT), want(0, 2000, 1), "{cols}");
    }
    assert_eq!(marked(&term, Marks::FAILED), want(1, 2000, 2));
    term.set_history_limit(50);
    let counts = [Marks::PROMPT, Marks::OUTPUT].map(|which| marked(&term, which).len());
    assert!(counts[0].abs_diff(counts[1]) <= 1, "{counts:?}");
    assert!(marked(&term, Marks::PROMPT).len() < 40);
    term.clear_history();
    assert!(marked(&term, Marks::PROMPT).len() <= 6);
}

#[test]
fn marks_go_with_cleared_screens_but_not_with_redrawn_lines() {
    let mut term = fed(100, 1);
    let mut feed = |text: &str| term.feed(text.as_bytes(), &mut Output::default());
    feed("\x1b]133;A\x07$ \x1b]133;B\x07typed\r\x1b[K$ typed again");
    assert_eq!(marked(&term, Marks::PROMPT), ["$ make 0", "$ typed again"]);
    let mut term = fed(100, 2);
    term.feed(b"\x1b[H\x1b[2Jnew", &mut Output::default());
    assert_eq!(marked(&term, Marks::PROMPT), ["$ make 0", "$ make 1"]);
    let screen = term.history_rows() - 1;
    assert_eq!(term.marked_row(screen, Marks::PROMPT, true), None);
}

#[test]
fn alternate_screen_takes_no_marks() {
    let mut term = fed(100, 1);
    term.feed(
        b"\x1b[?1049h\x1b]133;A\x07x\x1b[?1049l",
        &mut Output::default(),
    );
    assert_eq!(marked(&term, Marks::PROMPT), ["$ make 0"]);
}

#[test]
fn rows_are_marked_where_they_stood_when_they_were_told_of() {
    let mut term = fed(100, 1);
    let mut out = Output::default();
    let text = format!("first\r\n\x1b]7717;x\x07here\r\n{}", "more\r\n".repeat(20));
    term.feed(text.as_bytes(), &mut out);
    let rows: Vec<u64> = out
        .notices
        .iter()
        .filter_map(|notice| match notice {
            crate::term::Notice::Mark { row, .. } => *row,
            _ => None,
        })
        .collect();
    assert_eq!(rows.len(), 1);
    term.mark_row(rows[0], Marks::PHASE);
    term.mark_failed(Marks::PHASE);
    assert_eq!(marked(&term, Marks::FAILED), ["here"]);
    term.mark_row(1 << 40, Marks::PHASE);
    term.mark_row(0, Marks::STEP);
    assert_eq!(marked(&term, Marks::STEP), ["$ make 0"]);
}

#[test]
fn anchors_stay_with_their_lines_until_these_are_gone() {
    let mut term = fed(300, 1);
    let mut anchors = Vec::new();
    for n in 0..200_u32 {
        let mut out = Output::default();
        let text = format!(
            "\x1b]7717;x\x07line {n} {}\r\n",
            "wörd ".repeat(n as usize % 13)
        );
        term.feed(text.as_bytes(), &mut out);
        let row = out.notices.iter().find_map(|notice| match notice {
            crate::term::Notice::Mark { row, .. } => *row,
            _ => None,
        });
        // Two on one line, as of a step that wrote nothing.
        anchors.push(term.anchor_row(row.unwrap(), Marks::NONE).unwrap());
        anchors.push(term.anchor_row(row.unwrap(), Marks::STEP).unwrap());
    }
    let check = |term: &Terminal, from: usize| {
        for (nth, anchor) in anchors.iter().enumerate() {
            let row = term.row_of_anchor(*anchor);
            if nth < from {
                assert_eq!(row, None, "{nth}");
                continue;
            }
            let at = crate::term::ViewPos::new(row.unwrap(), 0);
            let end = crate::term::ViewPos::new(row.unwrap(), 9);
            let text = term.text_range(at, end, false);
            let want = format!("line {} ", nth / 2);
            assert!(
                text.starts_with(&want[..want.len().min(text.len())]),
                "{nth}: {text}"
            );
        }
    };
    check(&term, 0);
    for cols in [11, 80, 30] {
        term.resize(Size::new(cols, 6));
        check(&term, 0);
    }
    assert_eq!(term.anchors().len(), 200);
    term.set_history_limit(50);
    let lost = term.anchors()[0].1;
    let lost = anchors.iter().position(|anchor| *anchor == lost).unwrap();
    assert!(lost > 100);
    check(&term, lost);
    assert_eq!(term.anchor_row(1 << 40, Marks::STEP), None);
}

#[test]
fn rows_of_many_anchors_are_those_of_each() {
    let mut term = fed(20_000, 1);
    for n in 0..6000_usize {
        let mut out = Output::default();
        let text = format!("{}\r\n日{}\r\n", "x".repeat(n % 70), "y".repeat(n % 40));
        term.feed(text.as_bytes(), &mut out);
        if n % 3 == 0 {
            let row = term.rows_pushed() + 2;
            term.anchor_row(row, Marks::NONE);
        }
    }
    for cols in [30, 9, 80] {
        term.resize(Size::new(cols, 6));
        let all = term.anchors();
        assert!(all.len() > 1500);
        for (row, first, _) in all {
            assert_eq!(term.row_of_anchor(first), Some(row));
        }
    }
}
