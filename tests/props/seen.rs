//! All that can be seen of a terminal, its pool's numbers resolved, as a text
//! that two terminals can be compared by.

use std::fmt::Write as _;

use stepmux::base::width::{self, Join};
use stepmux::base::{Cell, CellText, Pool, Style, StyleId};
use stepmux::term::{CaptureOptions, CaptureRange, Terminal, ViewLine};

/// A style without the numbers of its pool.
pub fn style_text(style: Style, pool: &Pool, out: &mut String) {
    let link = pool.link_of(style.link);
    let bare = Style {
        link: Default::default(),
        ..style
    };
    if bare != Style::DEFAULT {
        let _ = write!(out, "<{bare:?}>");
    }
    if let Some(link) = link {
        let _ = write!(out, "<{} {}>", link.id, link.uri);
    }
}

fn row_text(cells: &[Cell], pool: &Pool, out: &mut String) {
    for cell in cells {
        if cell.style != StyleId::DEFAULT {
            style_text(pool.get(cell.style), pool, out);
        }
        let mark = match (cell.is_protected(), cell.is_pad()) {
            (false, false) => "",
            (true, false) => "!",
            (false, true) => "_",
            (true, true) => "!_",
        };
        out.push_str(mark);
        if cell.is_wide() {
            out.push('=');
        }
        // An empty cell is not a space.
        if cell.is_empty() && !cell.is_tail() {
            out.push('.');
        } else {
            pool.push_text(*cell, out);
        }
    }
}

/// Both screens, the cursor, what was told, and the whole history.
pub fn seen(term: &Terminal) -> String {
    let mut out = format!(
        "{:?}\n{:?}\n{:?} {:?}\n{:?}\n{:?}\n{:?}\n",
        term.cursor(),
        term.modes(),
        term.title(),
        term.path(),
        term.scroll_region(),
        term.tab_stops(),
        colors(term),
    );
    for y in 0..term.size().rows() {
        out.push_str(if term.row_wrapped(y) { "+" } else { " " });
        row_text(term.row(y), term.pool(), &mut out);
        out.push('\n');
    }
    for y in 0..term.size().rows() {
        out.push_str(if term.primary_wrapped(y) { "+" } else { " " });
        row_text(term.primary_row(y), term.pool(), &mut out);
        out.push('\n');
        row_text(term.alternate_row(y), term.pool(), &mut out);
        out.push('\n');
    }
    let range = CaptureRange {
        start: Some(i64::MIN),
        end: Some(i64::MAX),
    };
    // Without the room of a row (`no_pad`): as in tmux, it grows by what is
    // written at once, so that it may differ with the cuts of the input.
    let options = CaptureOptions {
        escapes: true,
        trailing: true,
        no_pad: true,
        ..CaptureOptions::default()
    };
    out.push_str(&term.capture(range, options));
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.with_rows(|rows| {
        for at in 0..rows.rows() {
            rows.row(at, &mut pool, &mut line);
            row_text(&line.cells[..line.styled()], &pool, &mut out);
            out.push('\n');
        }
    });
    out
}

/// The colours that the program set, the palette in order.
fn colors(term: &Terminal) -> String {
    let colors = term.colors();
    let mut palette: Vec<_> = colors.palette.iter().collect();
    palette.sort();
    format!(
        "{palette:?} {:?} {:?} {:?}",
        colors.foreground, colors.background, colors.cursor
    )
}

/// Whether any two cells side by side would be one when written so.
pub fn row_joins(cells: &[Cell], pool: &Pool) -> bool {
    let plain = |cell: &Cell| match cell.text() {
        CellText::Empty | CellText::Tail => true,
        CellText::Char(ch) => ch.is_ascii(),
        CellText::Cluster(_) => false,
    };
    if cells.iter().all(plain) {
        return false;
    }
    let mut before = String::new();
    let mut text = String::new();
    for cell in cells.iter().filter(|cell| !cell.is_tail()) {
        text.clear();
        pool.push_text(*cell, &mut text);
        let mut sofar = before.clone();
        let apart = text.chars().enumerate().all(|(nth, ch)| {
            let starts = matches!(width::join(&sofar, ch), Join::Starts(_));
            if starts {
                sofar.clear();
            }
            sofar.push(ch);
            starts == (nth == 0)
        });
        if !apart {
            return true;
        }
        std::mem::swap(&mut before, &mut text);
    }
    false
}
