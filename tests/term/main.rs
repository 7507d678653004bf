//! Goldens of a pane's terminal, by area: what a program writes, and the picture,
//! cursor and answers that come of it. Each table names the source of its rules.
//! They drive the public `stepmux::term::Terminal`, in one piece and byte by
//! byte, and look at nothing inside.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod charsets;
mod columns;
mod cursor;
mod edit;
mod erase;
mod images;
mod keys;
mod margins;
mod modes;
mod osc;
mod parser;
mod rects;
mod reports;
mod reset;
mod screens;
mod sgr;
mod tabs;
mod titles;
mod unicode;
mod viewer;
mod wrap;

use stepmux::base::{Size, Style};
use stepmux::term::{Config, Output, Terminal};

/// A terminal that was fed `input`, and what it answered.
#[track_caller]
pub(crate) fn fed(cols: u16, rows: u16, input: &[u8]) -> (Terminal, Output) {
    let size = Size::new(cols, rows);
    let mut term = Terminal::new(size, Config::default());
    let mut out = Output::default();
    term.feed(input, &mut out);
    term.verify().unwrap();
    let mut single = Terminal::new(size, Config::default());
    let mut pieces = Output::default();
    for byte in input {
        single.feed(&[*byte], &mut pieces);
    }
    let text = String::from_utf8_lossy(input);
    assert_eq!(picture(&term), picture(&single), "byte by byte: {text:?}");
    assert_eq!(term.cursor(), single.cursor(), "byte by byte: {text:?}");
    assert_eq!(out, pieces, "byte by byte: {text:?}");
    (term, out)
}

/// The replies to `input`, as text.
pub(crate) fn replies(input: &[u8]) -> String {
    let (_, out) = fed(80, 24, input);
    String::from_utf8(out.replies).unwrap()
}

/// The cells of row `y`: a blank is `.`, the right half of a wide cell is `_`.
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

/// The text of row `y` without blanks at its end.
pub(crate) fn text(term: &Terminal, y: u16) -> String {
    let mut text = String::new();
    for cell in term.row(y) {
        term.pool().push_text(*cell, &mut text);
    }
    text.trim_end().to_owned()
}

/// The rows of the screen with `|` between them, empty ones at the end left out.
pub(crate) fn picture(term: &Terminal) -> String {
    let rows: Vec<String> = (0..term.size().rows()).map(|y| text(term, y)).collect();
    rows.join("|").trim_end_matches('|').to_owned()
}

/// The style of a cell.
pub(crate) fn style(term: &Terminal, x: usize, y: u16) -> Style {
    term.pool().get(term.row(y)[x].style)
}

/// Checks (input, picture, column, row), both from 1, on a screen of 10×5.
#[track_caller]
pub(crate) fn check(table: &[(&str, &str, u16, u16)]) {
    for (input, expected, x, y) in table {
        let (term, _) = fed(10, 5, input.as_bytes());
        let pos = term.cursor().pos;
        assert_eq!(
            (picture(&term).as_str(), pos.x + 1, pos.y + 1),
            (*expected, *x, *y),
            "{input:?}"
        );
    }
}

/// Checks what a terminal of 20×5 answers.
#[track_caller]
pub(crate) fn answers(table: &[(&str, &str)]) {
    for (input, expected) in table {
        let (_, out) = fed(20, 5, input.as_bytes());
        let reply: String = out.replies.iter().map(|b| char::from(*b)).collect();
        assert_eq!(reply, *expected, "{input:?}");
    }
}
