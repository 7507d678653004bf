//! What `capture-pane` prints gives the same picture again when it is written
//! to an empty terminal, and its octal form says the same.
//!
//! Captured text has no marks between cells, so two cells whose characters
//! would join when written one after the other (two regional indicators, say)
//! cannot come back as two: a picture with such cells is left out.

use stepmux::base::Size;
use stepmux::base::pool::Pool;
use stepmux::term::{CaptureOptions, CaptureRange, Config, Output, Terminal, ViewLine};

use super::Reader;
use super::pane::{Step, steps};
use super::seen::{row_joins, style_text};

const ALL: CaptureRange = CaptureRange {
    start: Some(i64::MIN),
    end: Some(i64::MAX),
};

/// Size, then a stream with resizes in it.
pub fn capture_round_trip(data: &[u8]) {
    let mut reader = Reader::new(data);
    let mut term = Terminal::new(
        Size::new(reader.side(), reader.side()),
        Config {
            history_lines: 100_000,
            ..Config::default()
        },
    );
    for step in steps(reader.rest()) {
        match step {
            Step::Feed(bytes) => term.feed(bytes, &mut Output::default()),
            Step::Resize(size) => term.resize(size),
        }
    }
    let options = CaptureOptions {
        escapes: true,
        trailing: true,
        ..CaptureOptions::default()
    };
    let octal = CaptureOptions {
        octal: true,
        ..options
    };
    let captured = term.capture(ALL, options);
    assert_eq!(unescaped(&term.capture(ALL, octal)), captured, "octal");
    if joins(&term) {
        return;
    }
    let above = captured.matches('\n').count() - usize::from(term.size().rows());
    let Some(again) = replayed(&captured, term.size()) else {
        return;
    };
    assert_eq!(again.verify(), Ok(()));
    assert_eq!(again.capture(ALL, options), captured, "captured again");
    for y in 0..term.size().rows() {
        let shown = row_text(&again, above as u16 + y);
        assert_eq!(shown, row_text(&term, y), "row {y}");
    }
}

/// A terminal that captured lines were written to. It has a row for each, as a
/// screen that scrolls fills the new row with the background that is set.
fn replayed(captured: &str, size: Size) -> Option<Terminal> {
    let rows = u32::try_from(captured.matches('\n').count()).ok()?;
    let tall = Size::checked(size.cols().into(), rows)?;
    let mut again = Terminal::new(tall, Config::default());
    let lines = captured.strip_suffix('\n').unwrap_or(captured);
    let text = lines.replace('\n', "\r\n");
    again.feed(text.as_bytes(), &mut Output::default());
    Some(again)
}

/// A row up to the last cell that shows anything; an unwritten cell is a space,
/// and the right half of a wide one has no style of its own.
fn row_text(term: &Terminal, y: u16) -> String {
    let pool = term.pool();
    let mut out = String::new();
    for cell in term.row(y) {
        if cell.is_tail() {
            out.push('<');
            continue;
        }
        style_text(pool.get(cell.style), pool, &mut out);
        pool.push_text(*cell, &mut out);
        out.push('|');
    }
    let shown = out.trim_end_matches(" |").len();
    out.truncate(shown);
    out
}

/// Whether any two cells side by side would be one when written so.
fn joins(term: &Terminal) -> bool {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.with_rows(|rows| {
        (0..rows.rows()).any(|at| {
            rows.row(at, &mut pool, &mut line);
            row_joins(&line.cells, &pool)
        })
    })
}

/// What `capture-pane -C` wrote, with its escapes undone.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('\\') {
            out.push('\\');
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("033") {
            out.push('\x1b');
            rest = tail;
        } else {
            panic!("a lone backslash in octal text");
        }
    }
    out + rest
}
