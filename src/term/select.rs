//! Places in a view by what they mean: words, lines, paragraphs, brackets; and
//! the text between two places. Copy mode is built on these; they hold no state
//! and know nothing of keys.
//!
//! A *word* is a run of characters that are neither blank nor separators; a run
//! of separators is a word of its own, as in vi. With no separators given only
//! blanks part words (vi's `W`, tmux's next-space).

use crate::base::{Cell, CellText, Pool};

use super::Terminal;
use super::search::ScreenRows;
use super::view::{Rows, View, ViewLine, ViewPos};

/// Rows that a motion looks at before it stops where it is.
const REACH: usize = 100_000;

/// What a cell is to a motion by words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Blank,
    Separator,
    Word,
}

/// Reads places of a view, keeping the row last read.
struct Cursor<'a> {
    rows: &'a dyn Rows,
    pool: Pool,
    line: ViewLine,
    loaded: Option<usize>,
    at: ViewPos,
    seen: usize,
}

impl<'a> Cursor<'a> {
    fn new(rows: &'a dyn Rows, at: ViewPos) -> Self {
        let last = ViewPos::new(rows.rows().saturating_sub(1), rows.cols().saturating_sub(1));
        let at = ViewPos::new(at.row.min(last.row), at.col.min(last.col));
        let mut cursor = Self {
            rows,
            pool: Pool::new(),
            line: ViewLine::default(),
            loaded: None,
            at,
            seen: 0,
        };
        cursor.load();
        cursor.snap();
        cursor
    }

    fn load(&mut self) {
        if self.loaded != Some(self.at.row) {
            self.rows.row(self.at.row, &mut self.pool, &mut self.line);
            self.loaded = Some(self.at.row);
            self.seen += 1;
        }
    }

    /// From the right half of a wide cell to its left half.
    fn snap(&mut self) {
        while self.at.col > 0 && self.cell().is_tail() {
            self.at.col -= 1;
        }
    }

    fn cell(&self) -> Cell {
        let cell = self.line.cells.get(usize::from(self.at.col));
        cell.copied().unwrap_or(Cell::EMPTY)
    }

    fn kind(&self, separators: &str) -> Kind {
        match self.cell().text() {
            CellText::Empty | CellText::Tail => Kind::Blank,
            CellText::Char(ch) if ch.is_whitespace() => Kind::Blank,
            CellText::Char(ch) if separators.contains(ch) => Kind::Separator,
            CellText::Char(_) | CellText::Cluster(_) => Kind::Word,
        }
    }

    /// Columns that a motion passes through in this row: a wrapped row's all,
    /// another's up to its text.
    fn len(&self) -> u16 {
        if self.line.wrapped {
            self.rows.cols()
        } else {
            self.line.used().min(usize::from(self.rows.cols())) as u16
        }
    }

    /// To the next cell; true when that crossed a line's end. Nothing at the
    /// end of all.
    fn next(&mut self) -> Option<bool> {
        let step = if self.cell().is_wide() { 2 } else { 1 };
        if self.at.col.saturating_add(step) < self.len() {
            self.at.col += step;
            return Some(false);
        }
        if self.at.row + 1 >= self.rows.rows() || self.seen > REACH {
            return None;
        }
        let crossed = !self.line.wrapped;
        self.at = ViewPos::new(self.at.row + 1, 0);
        self.load();
        Some(crossed)
    }

    /// To the cell before; true when that crossed a line's end.
    fn previous(&mut self) -> Option<bool> {
        if self.at.col > 0 {
            self.at.col -= 1;
            self.snap();
            return Some(false);
        }
        if self.at.row == 0 || self.seen > REACH {
            return None;
        }
        self.at.row -= 1;
        self.load();
        self.at.col = self.len().saturating_sub(1);
        self.snap();
        Some(!self.line.wrapped)
    }

    /// Whether the row's logical line has nothing but blanks in this row.
    fn is_blank_row(&self) -> bool {
        self.line.cells.iter().all(|cell| match cell.text() {
            CellText::Empty => true,
            CellText::Char(ch) => ch.is_whitespace(),
            CellText::Cluster(_) | CellText::Tail => false,
        })
    }
}

/// The first cell of the next word; the last place of all when there is none.
#[must_use]
pub fn next_word(rows: &dyn Rows, from: ViewPos, separators: &str) -> ViewPos {
    let mut cursor = Cursor::new(rows, from);
    let first = cursor.kind(separators);
    let mut inside = first != Kind::Blank;
    while let Some(crossed) = cursor.next() {
        let kind = cursor.kind(separators);
        inside &= !crossed && kind == first;
        if !inside && kind != Kind::Blank {
            break;
        }
    }
    cursor.at
}

/// The last cell of the word at or after the next cell (vi's `e`).
#[must_use]
pub fn next_word_end(rows: &dyn Rows, from: ViewPos, separators: &str) -> ViewPos {
    let mut cursor = Cursor::new(rows, from);
    while cursor.next().is_some() && cursor.kind(separators) == Kind::Blank {}
    let kind = cursor.kind(separators);
    let mut last = cursor.at;
    while kind != Kind::Blank && cursor.next() == Some(false) && cursor.kind(separators) == kind {
        last = cursor.at;
    }
    last
}

/// The first cell of the word at or before the cell before.
#[must_use]
pub fn previous_word(rows: &dyn Rows, from: ViewPos, separators: &str) -> ViewPos {
    let mut cursor = Cursor::new(rows, from);
    while cursor.previous().is_some() && cursor.kind(separators) == Kind::Blank {}
    let kind = cursor.kind(separators);
    let mut first = cursor.at;
    while kind != Kind::Blank && cursor.previous() == Some(false) && cursor.kind(separators) == kind
    {
        first = cursor.at;
    }
    first
}

/// The next word where only blanks part words.
#[must_use]
pub fn next_space(rows: &dyn Rows, from: ViewPos) -> ViewPos {
    next_word(rows, from, "")
}

/// The next word's end where only blanks part words.
#[must_use]
pub fn next_space_end(rows: &dyn Rows, from: ViewPos) -> ViewPos {
    next_word_end(rows, from, "")
}

/// The previous word where only blanks part words.
#[must_use]
pub fn previous_space(rows: &dyn Rows, from: ViewPos) -> ViewPos {
    previous_word(rows, from, "")
}

/// The first and last cell of the word at a place, or nothing on a blank. A
/// word goes on over a soft wrap.
#[must_use]
pub fn word_at(rows: &dyn Rows, at: ViewPos, separators: &str) -> Option<(ViewPos, ViewPos)> {
    let mut cursor = Cursor::new(rows, at);
    let kind = cursor.kind(separators);
    if kind == Kind::Blank {
        return None;
    }
    let (mut start, mut end) = (cursor.at, cursor.at);
    while cursor.previous() == Some(false) && cursor.kind(separators) == kind {
        start = cursor.at;
    }
    let mut cursor = Cursor::new(rows, at);
    while cursor.next() == Some(false) && cursor.kind(separators) == kind {
        end = cursor.at;
    }
    Some((start, end))
}

/// The first cell of a place's logical line.
#[must_use]
pub fn line_start(rows: &dyn Rows, at: ViewPos) -> ViewPos {
    let mut cursor = Cursor::new(rows, at);
    while cursor.at.row > 0 && cursor.seen <= REACH {
        cursor.at.row -= 1;
        cursor.load();
        if !cursor.line.wrapped {
            cursor.at.row += 1;
            break;
        }
    }
    ViewPos::new(cursor.at.row, 0)
}

/// The first cell of a place's logical line that is not blank; the line's start
/// when all are.
#[must_use]
pub fn line_indent(rows: &dyn Rows, at: ViewPos) -> ViewPos {
    let start = line_start(rows, at);
    let mut cursor = Cursor::new(rows, start);
    while cursor.kind("") == Kind::Blank {
        if cursor.next() != Some(false) {
            return start;
        }
    }
    cursor.at
}

/// The last written cell of a place's logical line; its start when empty.
#[must_use]
pub fn line_end(rows: &dyn Rows, at: ViewPos) -> ViewPos {
    let mut cursor = Cursor::new(rows, at);
    while cursor.line.wrapped && cursor.at.row + 1 < rows.rows() && cursor.seen <= REACH {
        cursor.at.row += 1;
        cursor.load();
    }
    cursor.at.col = cursor.len().saturating_sub(1);
    cursor.snap();
    cursor.at
}

/// The blank row after the next paragraph, or the last row.
#[must_use]
pub fn next_paragraph(rows: &dyn Rows, from: ViewPos) -> ViewPos {
    let mut cursor = Cursor::new(rows, ViewPos::new(from.row, 0));
    let mut text = false;
    loop {
        let blank = cursor.is_blank_row();
        if text && blank {
            return cursor.at;
        }
        text |= !blank;
        if cursor.at.row + 1 >= rows.rows() || cursor.seen > REACH {
            return line_end(rows, cursor.at);
        }
        cursor.at.row += 1;
        cursor.load();
    }
}

/// The blank row before the previous paragraph, or the first row.
#[must_use]
pub fn previous_paragraph(rows: &dyn Rows, from: ViewPos) -> ViewPos {
    let mut cursor = Cursor::new(rows, ViewPos::new(from.row, 0));
    let mut text = false;
    loop {
        let blank = cursor.is_blank_row();
        if text && blank || cursor.at.row == 0 || cursor.seen > REACH {
            return cursor.at;
        }
        text |= !blank;
        cursor.at.row -= 1;
        cursor.load();
    }
}

/// The bracket that belongs to the one at a place, or to the first one after it
/// in its logical line (vi's `%`); nothing when there is none.
#[must_use]
pub fn matching_bracket(rows: &dyn Rows, at: ViewPos) -> Option<ViewPos> {
    const OPEN: &str = "([{";
    const CLOSE: &str = ")]}";
    let mut cursor = Cursor::new(rows, at);
    let (own, other, forward) = loop {
        if let CellText::Char(ch) = cursor.cell().text() {
            if let Some(n) = OPEN.find(ch) {
                break (ch, CLOSE[n..].chars().next()?, true);
            }
            if let Some(n) = CLOSE.find(ch) {
                break (ch, OPEN[n..].chars().next()?, false);
            }
        }
        if cursor.next() != Some(false) {
            return None;
        }
    };
    let mut depth = 1_usize;
    while depth > 0 {
        if forward {
            cursor.next()?;
        } else {
            cursor.previous()?;
        }
        if let CellText::Char(ch) = cursor.cell().text() {
            if ch == own {
                depth += 1;
            } else if ch == other {
                depth -= 1;
            }
        }
    }
    Some(cursor.at)
}

/// The text from one place to another, both within it, as it is copied: soft
/// wraps joined, blanks at a line's end cut, no line feed at the very end. A
/// rectangle takes the same columns of each row and joins nothing.
#[must_use]
pub fn text_range(rows: &dyn Rows, from: ViewPos, to: ViewPos, rectangle: bool) -> String {
    let (start, end) = (from.min(to), from.max(to));
    let (left, right) = (from.col.min(to.col), from.col.max(to.col));
    let mut out = String::new();
    let mut pool = Pool::new();
    let mut line = ViewLine::default();
    let last = end.row.min(rows.rows().saturating_sub(1));
    for row in start.row..=last {
        rows.row(row, &mut pool, &mut line);
        let (first, stop) = if rectangle {
            (left, right)
        } else {
            let first = if row == start.row { start.col } else { 0 };
            let stop = if row == end.row { end.col } else { u16::MAX };
            (first, stop)
        };
        let joins = line.wrapped && !rectangle;
        let len = if joins {
            line.unpadded()
        } else {
            text_len(&line.cells)
        };
        push_cells(&line.cells[..len], first, stop, &pool, &mut out);
        if !joins && row < last {
            out.push('\n');
        }
    }
    out
}

/// Cells up to the last that is not blank.
fn text_len(cells: &[Cell]) -> usize {
    let blank = |cell: &&Cell| matches!(cell.text(), CellText::Empty | CellText::Char(' '));
    cells.len() - cells.iter().rev().take_while(blank).count()
}

/// Appends the cells in the columns `first..=last`; a wide cell that is cut at
/// its left half is not among them.
fn push_cells(cells: &[Cell], first: u16, last: u16, pool: &Pool, out: &mut String) {
    let end = (usize::from(last) + 1).min(cells.len());
    for cell in cells.get(usize::from(first)..end).unwrap_or_default() {
        pool.push_text(*cell, out);
    }
}

impl Terminal {
    /// The text from one place to another, both within it, as it is copied.
    #[must_use]
    pub fn text_range(&self, from: ViewPos, to: ViewPos, rectangle: bool) -> String {
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        text_range(&view, from, to, rectangle)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::term::view::tests::TextRows;

    const SEPARATORS: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~";

    fn at(row: usize, col: u16) -> ViewPos {
        ViewPos::new(row, col)
    }

    /// ```text
    /// 0 `let x = f(a,`
    /// 1 `  日本 long\`
    /// 2 `er[0]);`
    /// 3 ``
    /// 4 `end`
    /// ```
    fn scene() -> TextRows {
        TextRows::new(11, &["let x=f(a,", "  日本 long\\", "er[0]);", "", "end"])
    }

    #[test]
    fn words_are_stepped_through_both_ways() {
        let rows = scene();
        let all = |step: &dyn Fn(ViewPos) -> ViewPos, mut pos: ViewPos| {
            let mut seen = Vec::new();
            loop {
                let next = step(pos);
                if next == pos || seen.len() > 30 {
                    return seen;
                }
                seen.push((next.row, next.col));
                pos = next;
            }
        };
        let next = all(&|pos| next_word(&rows, pos, SEPARATORS), at(0, 0));
        let starts = [
            (0, 4),
            (0, 5),
            (0, 6),
            (0, 7),
            (0, 8),
            (0, 9),
            (1, 2),
            (1, 7),
            (2, 2),
            (2, 3),
            (2, 4),
            (4, 0),
            (4, 2),
        ];
        assert_eq!(next, starts);
        let back = all(&|pos| previous_word(&rows, pos, SEPARATORS), at(4, 2));
        let mut wanted: Vec<_> = starts[..12].to_vec();
        wanted.insert(0, (0, 0));
        wanted.reverse();
        assert_eq!(back, wanted);
        let ends = all(&|pos| next_word_end(&rows, pos, SEPARATORS), at(0, 0));
        let wanted = [
            (0, 2),
            (0, 4),
            (0, 5),
            (0, 6),
            (0, 7),
            (0, 8),
            (0, 9),
            (1, 4),
            (2, 1),
            (2, 2),
            (2, 3),
            (2, 6),
            (4, 2),
        ];
        assert_eq!(ends, wanted);
        let spaces = all(&|pos| next_space(&rows, pos), at(0, 0));
        assert_eq!(spaces, [(0, 4), (1, 2), (1, 7), (4, 0), (4, 2)]);
        assert_eq!(next_space_end(&rows, at(0, 2)), at(0, 9));
        assert_eq!(previous_space(&rows, at(2, 5)), at(1, 7));
    }

    #[test]
    fn word_goes_on_over_a_soft_wrap() {
        let rows = scene();
        let word = |row, col| word_at(&rows, at(row, col), SEPARATORS);
        assert_eq!(word(2, 0), Some((at(1, 7), at(2, 1))));
        assert_eq!(word(1, 3), Some((at(1, 2), at(1, 4))));
        assert_eq!(word(1, 0), None);
        assert_eq!(word(3, 0), None);
    }

    #[test]
    fn line_places_are_those_of_the_logical_line() {
        let rows = scene();
        assert_eq!(line_start(&rows, at(2, 4)), at(1, 0));
        assert_eq!(line_indent(&rows, at(2, 4)), at(1, 2));
        assert_eq!(line_end(&rows, at(1, 0)), at(2, 6));
        assert_eq!(line_end(&rows, at(3, 5)), at(3, 0));
        assert_eq!(line_start(&rows, at(99, 99)), at(4, 0));
    }

    #[test]
    fn paragraphs_are_parted_by_blank_rows() {
        let rows = scene();
        assert_eq!(next_paragraph(&rows, at(0, 3)), at(3, 0));
        assert_eq!(next_paragraph(&rows, at(3, 0)), at(4, 2));
        assert_eq!(previous_paragraph(&rows, at(4, 2)), at(3, 0));
        assert_eq!(previous_paragraph(&rows, at(3, 0)), at(0, 0));
    }

    #[test]
    fn brackets_find_their_partner() {
        let rows = scene();
        assert_eq!(matching_bracket(&rows, at(0, 0)), Some(at(2, 5)));
        assert_eq!(matching_bracket(&rows, at(2, 5)), Some(at(0, 7)));
        assert_eq!(matching_bracket(&rows, at(2, 2)), Some(at(2, 4)));
        assert_eq!(matching_bracket(&rows, at(4, 0)), None);
    }

    #[test]
    fn text_is_copied_as_lines_or_as_a_rectangle() {
        let rows = scene();
        let text = |from, to, rectangle| text_range(&rows, from, to, rectangle);
        assert_eq!(text(at(0, 4), at(2, 1), false), "x=f(a,\n  日本 longer");
        assert_eq!(text(at(2, 1), at(0, 4), false), "x=f(a,\n  日本 longer");
        assert_eq!(text(at(2, 5), at(4, 99), false), ");\n\nend");
        assert_eq!(text(at(0, 0), at(4, 2), true), "let\n  日\ner[\n\nend");
        assert_eq!(text(at(0, 2), at(2, 0), true), "let\n  日\ner[");
        assert_eq!(text(at(9, 0), at(12, 2), false), "");
        assert_eq!(text(at(0, 0), at(0, 3), false), "let ");
    }
}
