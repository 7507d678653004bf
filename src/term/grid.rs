//! The rows of one screen as a ring, so that scrolling the whole screen moves
//! no cells. It knows nothing of cursors, modes or history.
//!
//! ```text
//! rows  [ 3 | 4 | 0 | 1 | 2 ]      row y of the screen is rows[(top + y) % len]
//!                 ▲ top
//! ```

use super::row::Row;
use crate::base::{Cell, Size};

/// A screen's rows.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    rows: Vec<Row>,
    top: usize,
    /// Every row changed at this sequence number at the latest.
    moved: u64,
}

impl Grid {
    pub(super) fn new(size: Size, seq: u64) -> Self {
        let rows = (0..size.rows())
            .map(|_| Row::new(size.cols(), seq))
            .collect();
        Self {
            rows,
            top: 0,
            moved: seq,
        }
    }

    #[inline]
    fn index(&self, y: u16) -> usize {
        let at = self.top + usize::from(y);
        if at >= self.rows.len() {
            at - self.rows.len()
        } else {
            at
        }
    }

    /// Rows, at least 1.
    pub(super) fn height(&self) -> u16 {
        // Made from a `Size`, whose sides fit.
        self.rows.len() as u16
    }

    /// Row `y`; a row below the screen is the last one.
    #[inline]
    pub(super) fn row(&self, y: u16) -> &Row {
        &self.rows[self.index(y.min(self.height() - 1))]
    }

    /// Row `y`, which must be on the screen.
    #[inline]
    pub(super) fn row_mut(&mut self, y: u16) -> &mut Row {
        let at = self.index(y);
        &mut self.rows[at]
    }

    /// Sequence number of the last change of row `y`.
    pub(super) fn row_seq(&self, y: u16) -> u64 {
        self.row(y).seq.max(self.moved)
    }

    /// Marks every row as changed.
    pub(super) fn touch(&mut self, seq: u64) {
        self.moved = seq;
    }

    /// Every row, in no particular order.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut()
    }

    /// Moves rows `top..=bottom` up by `n`, blank rows coming in below.
    pub(super) fn scroll_up(&mut self, top: u16, bottom: u16, n: u16, blank: Cell, seq: u64) {
        let height = bottom - top + 1;
        let n = n.min(height);
        if height == self.height() {
            self.top = self.index(n % height);
            self.moved = seq;
        } else {
            self.region(top, bottom).rotate_left(usize::from(n));
            self.stamp(top, bottom, seq);
        }
        for y in bottom + 1 - n..=bottom {
            self.row_mut(y).clear(blank);
        }
    }

    /// Moves rows `top..=bottom` down by `n`, blank rows coming in above.
    pub(super) fn scroll_down(&mut self, top: u16, bottom: u16, n: u16, blank: Cell, seq: u64) {
        let height = bottom - top + 1;
        let n = n.min(height);
        if height == self.height() {
            self.top = self.index(height - n);
            if n == height {
                self.top = 0;
            }
            self.moved = seq;
        } else {
            self.region(top, bottom).rotate_right(usize::from(n));
            self.stamp(top, bottom, seq);
        }
        for y in top..top + n {
            self.row_mut(y).clear(blank);
        }
    }

    /// Rows `top..=bottom` as one slice; the ring is turned to its start, where
    /// it stays while a region scrolls.
    fn region(&mut self, top: u16, bottom: u16) -> &mut [Row] {
        if self.top != 0 {
            self.rows.rotate_left(self.top);
            self.top = 0;
        }
        &mut self.rows[usize::from(top)..=usize::from(bottom)]
    }

    fn stamp(&mut self, top: u16, bottom: u16, seq: u64) {
        for y in top..=bottom {
            self.row_mut(y).seq = seq;
        }
    }

    /// Takes the rows out, top first; the grid is empty until [`Self::put`].
    pub(super) fn take(&mut self) -> Vec<Row> {
        self.rows.rotate_left(self.top);
        self.top = 0;
        std::mem::take(&mut self.rows)
    }

    /// Gives the grid exactly `rows` (cut or filled with blank ones), each
    /// already of the right width.
    pub(super) fn put(&mut self, mut rows: Vec<Row>, size: Size, seq: u64) {
        rows.truncate(usize::from(size.rows()));
        while rows.len() < usize::from(size.rows()) {
            rows.push(Row::new(size.cols(), seq));
        }
        self.rows = rows;
        self.top = 0;
        self.moved = seq;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CellText, StyleId};

    fn letters(grid: &Grid) -> String {
        (0..grid.height())
            .map(|y| match grid.row(y).cells[0].text() {
                CellText::Char(ch) => ch,
                CellText::Empty | CellText::Cluster(_) | CellText::Tail => '.',
            })
            .collect()
    }

    #[test]
    fn scroll_moves_rows_of_the_region_only() {
        for (top, bottom, n, up, down) in [
            (0, 4, 1, "bcde.", ".abcd"),
            (0, 4, 5, ".....", "....."),
            (0, 4, 9, ".....", "....."),
            (1, 3, 1, "acd.e", "a.bce"),
            (1, 3, 2, "ad..e", "a..be"),
            (1, 1, 1, "a.cde", "a.cde"),
            (2, 4, 7, "ab...", "ab..."),
        ] {
            // Start from a turned ring, so that regions cross its seam.
            let mut grid = Grid::new(Size::new(2, 5), 0);
            grid.scroll_up(0, 4, 3, Cell::EMPTY, 1);
            for (y, ch) in ('a'..='e').enumerate() {
                grid.row_mut(y as u16).cells[0] = Cell::narrow(ch, StyleId::DEFAULT);
            }
            let mut other = grid.clone();
            grid.scroll_up(top, bottom, n, Cell::EMPTY, 2);
            assert_eq!(letters(&grid), up, "up {top} {bottom} {n}");
            other.scroll_down(top, bottom, n, Cell::EMPTY, 2);
            assert_eq!(letters(&other), down, "down {top} {bottom} {n}");
        }
    }
}
