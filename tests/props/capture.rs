//! What `capture-pane` prints gives the same picture again when it is written
//! to an empty terminal, and its octal form says the same.
//!
//! Captured text has no marks between cells, so two cells whose characters
//! would join when written one after the other (two regional indicators, say)
//! cannot come back as two: a picture with such cells is left out.

use stepmux::base::pool::Pool;
use stepmux::base::{Cell, Size};
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
    // A tab ends at the next stop, which may have been elsewhere; the second half
    // of a character of the row above is not captured.
    if any_row(&term, row_joins) || any_row(&term, is_orphaned) || captured.contains('\t') {
        return;
    }
    let Some(again) = replayed(&captured, term.size()) else {
        return;
    };
    assert_eq!(again.verify(), Ok(()));
    // The pictures, not their captures: those show the room of a row with
    // blanks (as in tmux), and blanks that are written make more room.
    let (got, seen) = (picture(&again), picture(&term));
    if !is_wider(&again, term.size().cols()) {
        assert_eq!(got, seen, "captured again");
    }
}

/// A terminal that captured lines were written to. It has a row for each, as a
/// screen that scrolls fills the new row with the background that is set, and more
/// columns: behind a character that a resize has cut, a row is captured with a
/// space too many, as in tmux.
fn replayed(captured: &str, size: Size) -> Option<Terminal> {
    let rows = u32::try_from(captured.matches('\n').count()).ok()?;
    let larger = Size::checked(u32::from(size.cols()) + 8, rows)?;
    let mut again = Terminal::new(larger, Config::default());
    let lines = captured.strip_suffix('\n').unwrap_or(captured);
    // Line drawing is captured with shifts, as in tmux: it has to be in G1.
    let text = format!("\x1b)0{}", lines.replace('\n', "\r\n"));
    again.feed(text.as_bytes(), &mut Output::default());
    Some(again)
}

/// History and screen, each row up to the last cell that shows anything; an
/// unwritten cell is a space, and the right half of a wide one has no style of
/// its own.
fn picture(term: &Terminal) -> Vec<String> {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.with_rows(|rows| {
        let shown = |at| {
            rows.row(at, &mut pool, &mut line);
            row_text(&line.cells, &pool)
        };
        (0..rows.rows()).map(shown).collect()
    })
}

fn row_text(cells: &[Cell], pool: &Pool) -> String {
    let mut out = String::new();
    for cell in cells {
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

/// Whether anything shows behind so many columns.
fn is_wider(term: &Terminal, cols: u16) -> bool {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.with_rows(|rows| {
        (0..rows.rows()).any(|at| {
            rows.row(at, &mut pool, &mut line);
            let behind = line.cells.get(usize::from(cols)..).unwrap_or_default();
            !row_text(behind, &pool).is_empty()
        })
    })
}

/// Whether this holds of any row.
fn any_row(term: &Terminal, holds: fn(&[Cell], &Pool) -> bool) -> bool {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.with_rows(|rows| {
        (0..rows.rows()).any(|at| {
            rows.row(at, &mut pool, &mut line);
            holds(&line.cells, &pool)
        })
    })
}

/// Whether a half of a character stands alone in a row: captures write what of it
/// cannot be read back.
fn is_orphaned(cells: &[Cell], _: &Pool) -> bool {
    cells.first().is_some_and(|cell| cell.is_pad()) || cells.iter().any(|cell| cell.is_half())
}

/// What `capture-pane -C` wrote, with its escapes undone.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let escapes = [
            ("\\", '\\'),
            ("033", '\x1b'),
            ("016", '\x0e'),
            ("017", '\x0f'),
        ];
        let undone = |(code, ch)| Some((rest.strip_prefix(code)?, ch));
        let Some((tail, ch)) = escapes.into_iter().find_map(undone) else {
            panic!("a lone backslash in octal text");
        };
        out.push(ch);
        rest = tail;
    }
    out + rest
}
