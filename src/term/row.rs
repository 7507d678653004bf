//! One row of a screen: its cells, when it last changed, and whether it runs on
//! into the next row. It keeps wide pairs whole and knows nothing of cursors,
//! margins or styles.

use super::marks::Marks;
use crate::base::Cell;

/// A row of cells.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The cells, one for each column.
    pub(super) cells: Box<[Cell]>,
    /// Sequence number of the last change.
    pub(super) seq: u64,
    /// Whether autowrap continued this row's text on the next row.
    pub(super) wrapped: bool,
    /// What is marked on the row.
    pub(super) marks: Marks,
    /// Whether the row has half the columns (DECDWL, DECDHL).
    pub(super) double: bool,
}

impl Row {
    pub(super) fn new(cols: u16, seq: u64) -> Self {
        Self {
            cells: vec![Cell::EMPTY; usize::from(cols)].into_boxed_slice(),
            seq,
            wrapped: false,
            marks: Marks::NONE,
            double: false,
        }
    }

    /// Makes the border before column `at` one between whole characters: a wide
    /// character across it loses both halves.
    #[inline]
    pub(super) fn split(&mut self, at: usize) {
        if at > 0 && self.cells.get(at).is_some_and(|cell| cell.is_tail()) {
            self.cells[at - 1] = Cell::empty(self.cells[at - 1].style);
            self.cells[at] = Cell::empty(self.cells[at].style);
        }
    }

    /// Blanks columns `from..to`; with `guard`, protected cells are spared.
    pub(super) fn erase(&mut self, from: usize, to: usize, blank: Cell, guard: bool) {
        if from >= to {
            return;
        }
        if guard {
            for at in from..to {
                if self.cells[at].is_protected() {
                    continue;
                }
                self.split(at);
                self.split(at + 1);
                self.cells[at] = blank;
            }
        } else {
            self.split(from);
            self.split(to);
            self.cells[from..to].fill(blank);
        }
        if to == self.cells.len() {
            self.wrapped = false;
        }
    }

    /// Blanks the whole row.
    pub(super) fn clear(&mut self, blank: Cell) {
        self.cells.fill(blank);
        self.wrapped = false;
        self.marks = Marks::NONE;
        self.double = false;
    }

    /// Moves the cells of `from..to` right by `n`, blanks coming in at `from`.
    pub(super) fn insert(&mut self, from: usize, to: usize, n: usize, blank: Cell) {
        if from >= to {
            return;
        }
        let n = n.min(to - from);
        self.split(from);
        self.split(to);
        self.split(to - n);
        self.cells.copy_within(from..to - n, from + n);
        self.cells[from..from + n].fill(blank);
        if to == self.cells.len() {
            self.wrapped = false;
        }
    }

    /// Moves the cells of `from..to` left by `n`, blanks coming in at the end.
    pub(super) fn delete(&mut self, from: usize, to: usize, n: usize, blank: Cell) {
        if from >= to {
            return;
        }
        let n = n.min(to - from);
        self.split(from);
        self.split(to);
        self.split(from + n);
        self.cells.copy_within(from + n..to, from);
        self.cells[to - n..to].fill(blank);
        if to == self.cells.len() {
            self.wrapped = false;
        }
    }

    /// Cuts or extends to `cols` columns.
    pub(super) fn resize(&mut self, cols: u16) {
        let cols = usize::from(cols);
        if cols == self.cells.len() {
            return;
        }
        self.split(cols);
        let mut cells = std::mem::take(&mut self.cells).into_vec();
        cells.resize(cols, Cell::EMPTY);
        self.cells = cells.into_boxed_slice();
        self.wrapped = false;
    }

    /// Cuts or extends to `cols` columns, still running on into the next row
    /// if it did: for a row whose program draws it again.
    pub(super) fn recut(&mut self, cols: u16) {
        let wrapped = self.wrapped;
        for cell in &mut self.cells {
            if cell.is_pad() {
                *cell = Cell::empty(cell.style);
            }
        }
        self.resize(cols);
        self.wrapped = wrapped;
    }

    /// Columns up to the last that was written.
    pub(super) fn written(&self) -> usize {
        self.cells
            .iter()
            .rposition(|cell| !cell.is_empty())
            .map_or(0, |at| at + 1)
    }

    /// Columns up to the last that was written or coloured.
    pub(super) fn used(&self) -> usize {
        self.cells
            .iter()
            .rposition(|cell| *cell != Cell::EMPTY)
            .map_or(0, |at| at + 1)
    }

    /// Whether every wide cell has its tail and every tail its wide cell.
    pub(super) fn is_whole(&self) -> bool {
        (0..self.cells.len()).all(|at| {
            let wide_before = at > 0 && self.cells[at - 1].is_wide();
            self.cells[at].is_tail() == wide_before
        }) && !self.cells.last().is_some_and(|cell| cell.is_wide())
    }
}
