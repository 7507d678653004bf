//! Tests of the terminal: tables of input and picture, each naming the rule's
//! source, and random streams against what must always hold.

mod edges;
mod folds;
mod marks;
mod motion;
mod random;
mod reflow;
mod replies;
mod roundtrip;
mod text;

use super::{Config, Output, Terminal};
use crate::base::{Size, Style};

/// A terminal of `cols`×`rows` that was fed `input`.
pub(super) fn fed(cols: u16, rows: u16, input: &str) -> Terminal {
    let mut term = Terminal::new(Size::new(cols, rows), Config::default());
    term.feed(input.as_bytes(), &mut Output::default());
    term.verify().unwrap();
    term
}

/// What a terminal of 20×5 answers to `input`.
pub(super) fn answer(input: &str) -> String {
    let mut out = Output::default();
    let mut term = Terminal::new(Size::new(20, 5), Config::default());
    term.feed(input.as_bytes(), &mut out);
    String::from_utf8(out.replies).unwrap()
}

/// The text of row `y` without trailing blanks.
pub(super) fn line(term: &Terminal, y: u16) -> String {
    let mut text = String::new();
    for cell in term.row(y) {
        term.pool().push_text(*cell, &mut text);
    }
    text.trim_end().to_owned()
}

/// The screen's rows, `|` between them, empty ones at the end left out.
pub(super) fn picture(term: &Terminal) -> String {
    let rows: Vec<String> = (0..term.size().rows()).map(|y| line(term, y)).collect();
    rows.join("|").trim_end_matches('|').to_owned()
}

/// The style of a cell.
pub(super) fn style(term: &Terminal, x: usize, y: u16) -> Style {
    term.pool().get(term.row(y)[x].style)
}

/// Checks rows of (input, picture, column, row) on a terminal of 10×4.
pub(super) fn check(table: &[(&str, &str, u16, u16)]) {
    for (input, expected, x, y) in table {
        let term = fed(10, 4, input);
        let pos = term.cursor().pos;
        assert_eq!(
            (picture(&term).as_str(), pos.x, pos.y),
            (*expected, *x, *y),
            "{input:?}"
        );
    }
}
