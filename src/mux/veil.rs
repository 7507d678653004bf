//! Where a debug build's secrets stand in a terminal, for whoever is not to see
//! them: of a value that is only partly in the rows that are shown, the part that
//! is. It draws nothing and changes nothing.

use std::ops::Range;

use crate::base::mask::Secrets;
use crate::base::{CellText, Pool};
use crate::term::{Match, Terminal, ViewLine};

/// The most rows that are read on each side of those that are shown.
const BESIDE: usize = 1000;

/// A cell: its row among history and screen, and its column.
pub type At = (usize, u16);

/// Text of cells, and which cell each byte of it is.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    cells: Vec<At>,
    /// How many bytes are no blanks.
    visible: usize,
}

impl Text {
    fn of_row(term: &Terminal, row: usize, pool: &mut Pool, line: &mut ViewLine) -> Self {
        let mut text = Self::default();
        term.view_row(row, pool, line);
        let mut buffer = [0; 4];
        for (column, cell) in (0u16..).zip(&line.cells) {
            let word = match cell.text() {
                CellText::Char(ch) => ch.encode_utf8(&mut buffer),
                CellText::Cluster(id) => pool.cluster_text(id),
                CellText::Empty | CellText::Tail => " ",
            };
            text.bytes.extend_from_slice(word.as_bytes());
            text.cells.resize(text.bytes.len(), (row, column));
        }
        text.visible = text.bytes.iter().filter(|byte| **byte > b' ').count();
        text
    }

    fn add(&mut self, mut other: Self) {
        self.bytes.append(&mut other.bytes);
        self.cells.append(&mut other.cells);
    }
}

/// The cells of these rows that belong to a value, wherever it begins and ends.
/// With `live`, the screen as it is written to, what stands before the cursor may
/// be the beginning of one that is not finished.
#[must_use]
pub fn hidden(
    term: &Terminal,
    secrets: &Secrets,
    rows: Range<usize>,
    live: bool,
    pool: &mut Pool,
) -> Vec<At> {
    let most = secrets.longest();
    let last = term.history_rows() + usize::from(term.size().rows());
    let mut line = ViewLine::default();
    let mut above = Vec::new();
    let mut seen = 0;
    for row in (0..rows.start.min(last)).rev().take(BESIDE) {
        if seen >= most {
            break;
        }
        let text = Text::of_row(term, row, pool, &mut line);
        seen += text.visible;
        above.push(text);
    }
    let mut text = Text::default();
    above.into_iter().rev().for_each(|row| text.add(row));
    for row in rows.start..rows.end.min(last) {
        text.add(Text::of_row(term, row, pool, &mut line));
    }
    let mut seen = 0;
    for row in (rows.end..last).take(BESIDE) {
        if seen >= most {
            break;
        }
        let below = Text::of_row(term, row, pool, &mut line);
        seen += below.visible;
        text.add(below);
    }
    let mut spans = secrets.spans(&text.bytes);
    if live {
        let cursor = term.cursor().pos;
        let at = (term.history_rows() + usize::from(cursor.y), cursor.x);
        let end = text.cells.partition_point(|cell| *cell < at);
        let begun = secrets.begun(text.bytes.get(..end).unwrap_or_default());
        spans.push(end - begun..end);
    }
    let mut cells = Vec::new();
    for place in spans.into_iter().flatten() {
        // A blank that is passed over is none of the value's characters.
        let is_seen = text.bytes.get(place).is_some_and(|byte| *byte > b' ');
        let cell = text.cells.get(place).filter(|_| is_seen);
        let cell = cell.filter(|(row, _)| rows.contains(row));
        if let Some(cell) = cell
            && cells.last() != Some(cell)
        {
            cells.push(*cell);
        }
    }
    cells
}

/// Whether something that was found shows a character of a value.
#[must_use]
pub fn shows(term: &Terminal, secrets: &Secrets, found: Match) -> bool {
    let rows = found.start.row..found.end.row.saturating_add(1);
    let cells = hidden(term, secrets, rows, true, &mut Pool::new());
    let first = (found.start.row, found.start.col);
    let last = (found.end.row, found.end.col);
    cells.into_iter().any(|cell| first <= cell && cell <= last)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::base::Size;
    use crate::term::{Config, Output};

    /// What is left of each row without the hidden cells.
    fn left(term: &Terminal, rows: Range<usize>) -> Vec<String> {
        let secrets = Secrets::of(["hunter2-secret"]).unwrap();
        let mut pool = Pool::new();
        let cells = hidden(term, &secrets, rows.clone(), false, &mut pool);
        let mut line = ViewLine::default();
        let text = |row: usize| {
            let mut shown = Text::of_row(term, row, &mut pool, &mut line);
            for (byte, cell) in shown.bytes.iter_mut().zip(&shown.cells) {
                if cells.contains(cell) {
                    *byte = b'*';
                }
            }
            String::from_utf8(shown.bytes)
                .unwrap()
                .trim_end()
                .to_owned()
        };
        rows.map(text).collect()
    }

    #[test]
    fn parts_of_a_value_are_hidden_wherever_it_is_cut() {
        let config = Config {
            history_lines: 100,
            ..Config::default()
        };
        let mut term = Terminal::new(Size::new(10, 3), config);
        let text = b"one two hunter2-\x1b[31msecret end\r\n\r\nlast\r\nhunter2-\r\n  secret.";
        term.feed(text, &mut Output::default());
        let whole = [
            "one two **",
            "**********",
            "** end",
            "",
            "last",
            "********",
            "  ******.",
        ];
        assert_eq!(left(&term, 0..7), whole);
        // However few of its rows are looked at.
        for first in 0..7 {
            for end in first..7 {
                assert_eq!(left(&term, first..end), whole[first..end], "{first} {end}");
            }
        }
    }

    #[test]
    fn finding_tells_nothing_of_a_value() {
        use crate::term::{Direction, Query, ViewPos};
        let secrets = Secrets::of(["hunter2-secret"]).unwrap();
        let mut term = Terminal::new(Size::new(10, 3), Config::default());
        term.feed(b"x hunter2-secret y", &mut Output::default());
        for (word, hidden) in [("hunter2", true), ("t y", true), ("y", false), ("x", false)] {
            let query = Query::literal(word).unwrap();
            let found = term.search(&query, ViewPos::new(0, 0), Direction::Backward, true);
            assert_eq!(shows(&term, &secrets, found.unwrap()), hidden, "{word}");
        }
    }
}
