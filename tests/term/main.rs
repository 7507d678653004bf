//! Goldens of the pane's terminal: bytes in; grid, cursor, replies and notices
//! out. Each table names where its facts come from.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod keys;
mod unicode;
mod viewer;

use stepmux::base::Size;
use stepmux::term::{Config, Output, Terminal};

/// A terminal of `cols` × `rows` that was fed `input`, and what it said.
pub(crate) fn fed(cols: u16, rows: u16, input: &[u8]) -> (Terminal, Output) {
    let mut term = Terminal::new(Size::new(cols, rows), Config::default());
    let mut out = Output::default();
    term.feed(input, &mut out);
    term.verify().unwrap();
    (term, out)
}

/// The replies to `input`, as text.
pub(crate) fn replies(input: &[u8]) -> String {
    let (_, out) = fed(80, 24, input);
    String::from_utf8(out.replies).unwrap()
}

/// The text of row `y`: a blank is `.`, the right half of a wide cell is `_`.
pub(crate) fn line(term: &Terminal, y: u16) -> String {
    use stepmux::base::CellText;
    let mut out = String::new();
    for cell in term.row(y) {
        match cell.text() {
            CellText::Empty => out.push('.'),
            CellText::Tail => out.push('_'),
            CellText::Char(_) | CellText::Cluster(_) => term.pool().push_text(*cell, &mut out),
        }
    }
    out
}
