//! Rows as a reader sees them: history above, screen below, wrapped at the
//! present width. Search, selection and capture read through [`Rows`] and so
//! never ask where a row is kept. Nothing here changes a terminal.

use crate::base::{Cell, Pool, StyleId};

use super::history::History;
use super::marks::Marks;

/// One display row, its cells numbered in the pool that the reader passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewLine {
    /// The row's cells, as many as the view has columns.
    pub cells: Vec<Cell>,
    /// Whether the logical line goes on in the next row.
    pub wrapped: bool,
}

impl ViewLine {
    /// Cells up to the last one that was written.
    #[must_use]
    pub fn used(&self) -> usize {
        let blank = |cell: &Cell| cell.is_empty() && !cell.is_tail();
        self.cells.len() - self.cells.iter().rev().take_while(|c| blank(c)).count()
    }

    /// Cells up to the blanks that a wide cluster left at the margin. Where an
    /// edit moved such a blank inward, it is one as any other.
    #[must_use]
    pub fn unpadded(&self) -> usize {
        let text = self.cells.iter().rposition(|cell| !cell.is_pad());
        text.map_or(0, |at| at + 1)
    }

    /// Cells up to the last one that is not blank in the default style.
    #[must_use]
    pub fn styled(&self) -> usize {
        let bare = |cell: &Cell| cell.is_empty() && cell.style == StyleId::DEFAULT;
        self.cells.len() - self.cells.iter().rev().take_while(|c| bare(c)).count()
    }
}

/// A place in a view. Row 0 is the oldest row of the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewPos {
    /// Display row, from the oldest.
    pub row: usize,
    /// Column, from 0.
    pub col: u16,
}

impl ViewPos {
    /// The place at a row and column.
    #[must_use]
    pub const fn new(row: usize, col: u16) -> Self {
        Self { row, col }
    }
}

/// A readable stack of display rows.
pub trait Rows {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// Columns of every row, at least 1.
    fn cols(&self) -> u16;

    /// Reads a row into `out`, its styles and clusters into `pool`. A row
    /// beyond the end is blank.
    fn row(&self, index: usize, pool: &mut Pool, out: &mut ViewLine);

    /// What is marked on a row.
    fn marks(&self, _index: usize) -> Marks {
        Marks::NONE
    }

    /// Columns of a row up to the last that was ever written, and those that tmux
    /// would have made room for; nothing where that is not known.
    fn extent(&self, _index: usize) -> Option<(usize, usize)> {
        None
    }

    /// Whether something was written to a row that tmux's small cells cannot hold.
    fn is_rich(&self, _index: usize) -> bool {
        false
    }

    /// Whether a line that is open at the history's end goes on in the first
    /// row. In an alternate screen it does not.
    fn continues(&self) -> bool {
        true
    }
}

/// A history with the screen's rows below it.
pub struct View<'a> {
    /// The rows that scrolled off.
    pub history: &'a History,
    /// The rows of the screen.
    pub screen: &'a dyn Rows,
}

impl Rows for View<'_> {
    fn rows(&self) -> usize {
        self.history.rows(self.cols()) + self.screen.rows()
    }

    fn cols(&self) -> u16 {
        self.screen.cols()
    }

    fn row(&self, index: usize, pool: &mut Pool, out: &mut ViewLine) {
        let above = self.history.rows(self.cols());
        match index.checked_sub(above) {
            None => {
                self.history.row(index, self.cols(), pool, out);
                out.wrapped &= index + 1 < above || self.screen.continues();
            }
            Some(y) => self.screen.row(y, pool, out),
        }
    }
}

/// Makes `out` a blank row.
pub fn blank(cols: u16, out: &mut ViewLine) {
    out.cells.clear();
    out.cells.resize(usize::from(cols), Cell::EMPTY);
    out.wrapped = false;
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::base::pool::Importer;
    use crate::base::{CellText, width};

    /// Rows built from strings, for tests. A row ending in `\` is wrapped.
    pub(crate) struct TextRows {
        cols: u16,
        pool: Pool,
        lines: Vec<ViewLine>,
    }

    impl TextRows {
        pub(crate) fn new(cols: u16, rows: &[&str]) -> Self {
            let mut pool = Pool::new();
            let lines = rows
                .iter()
                .map(|text| {
                    let (text, wrapped) = match text.strip_suffix('\\') {
                        Some(text) => (text, true),
                        None => (*text, false),
                    };
                    let mut cells = text_cells(text, StyleId::DEFAULT, &mut pool);
                    cells.resize(usize::from(cols), Cell::EMPTY);
                    ViewLine { cells, wrapped }
                })
                .collect();
            Self { cols, pool, lines }
        }
    }

    pub(crate) fn text_cells(text: &str, style: StyleId, pool: &mut Pool) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (cluster, w) in width::clusters(text) {
            cells.push(pool.cell(cluster, w == 2, style));
            if w == 2 {
                cells.push(Cell::tail(style));
            }
        }
        cells
    }

    impl Rows for TextRows {
        fn rows(&self) -> usize {
            self.lines.len()
        }
        fn cols(&self) -> u16 {
            self.cols
        }
        fn row(&self, index: usize, pool: &mut Pool, out: &mut ViewLine) {
            let Some(line) = self.lines.get(index) else {
                return blank(self.cols, out);
            };
            let mut importer = Importer::new();
            out.cells.clear();
            for cell in &line.cells {
                out.cells.push(importer.cell(*cell, &self.pool, pool));
            }
            out.wrapped = line.wrapped;
        }
    }

    #[test]
    fn view_reads_past_its_end_as_blank() {
        let rows = TextRows::new(4, &["ab"]);
        let mut out = ViewLine::default();
        rows.row(9, &mut Pool::new(), &mut out);
        assert_eq!(out.cells, vec![Cell::EMPTY; 4]);
        rows.row(0, &mut Pool::new(), &mut out);
        assert_eq!(out.used(), 2);
        assert_eq!(out.cells[1].text(), CellText::Char('b'));
    }
}
