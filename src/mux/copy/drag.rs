//! Copy mode under the mouse: pointing, and dragging a selection, which scrolls at
//! the view's edges. Where the mouse is, others know.

use crate::base::Pos;

use super::view::Numbering;
use super::{CopyMode, Follows, Lines, SelectBy};

impl CopyMode {
    /// Puts the cursor on a cell of the view.
    pub fn point(&mut self, at: Pos, numbering: Numbering) {
        let col = self.text_col(numbering, at.x.into());
        self.place_cursor(col, at.y.into());
    }

    /// Whether a cell is in the selection, and if so which end is to be dragged:
    /// true for the start.
    fn end_under(&self, at: Pos, numbering: Numbering) -> Option<bool> {
        if !self.selection.is_on {
            return None;
        }
        let (col, row) = (usize::from(at.x), usize::from(at.y));
        let line = self.top() + row;
        let own = &self.selection;
        let is =
            |place: super::Place| place.line == line && self.seen_col(numbering, place.col) == col;
        if is(own.start) {
            return Some(true);
        }
        if is(own.end) {
            return Some(false);
        }
        let cursor = (self.seen_col(numbering, self.col), self.row);
        if cursor != (col, row) && !self.is_selected(numbering, row, col) {
            return None;
        }
        let flat = |line: usize, col: usize| line * (self.cols() + 1) + col;
        let here = flat(line, self.text_col(numbering, col));
        let start = here.abs_diff(flat(own.start.line, own.start.col));
        let end = here.abs_diff(flat(own.end.line, own.end.col));
        Some(start <= end)
    }

    /// Begins to drag at a cell: a new selection, an end of the one that is
    /// there, or by words or lines when a click has just selected one.
    pub fn grab(&mut self, at: Pos, numbering: Numbering) {
        let end = self.end_under(at, numbering);
        let (col, row) = (self.text_col(numbering, at.x.into()), usize::from(at.y));
        if end.is_some() || self.is_outside_first(col, self.top() + row) {
            self.selection.lines = Lines::Off;
            self.selection.by = SelectBy::Char;
        }
        match self.selection.by {
            SelectBy::Word => {
                self.place_cursor(col, row);
                let separators = self.selection.separators.clone();
                let to = self.word_start_place(&separators);
                self.place_cursor(to.col, to.line.saturating_sub(self.top()));
            }
            SelectBy::Line => self.place_cursor(0, row),
            SelectBy::Char => {
                self.place_cursor(col, row);
                match end {
                    None => self.start_selection(),
                    Some(start) => {
                        self.selection.follows = if start { Follows::Start } else { Follows::End };
                        self.update_selection(false);
                    }
                }
            }
        }
    }

    /// Whether a place is not in the word or line that was selected first.
    fn is_outside_first(&self, col: usize, line: usize) -> bool {
        let (start, end) = self.selection.first;
        col < start.col || col > end.col || line != start.line || !self.selection.is_on
    }

    /// Drags to a cell. Whether it is at an edge, where it scrolls on.
    pub fn drag(&mut self, at: Pos, numbering: Numbering) -> bool {
        let before = (self.col, self.row);
        self.point(at, numbering);
        self.update_selection(false);
        if before.1 == self.row && before.0 != self.col {
            return false;
        }
        let last = self.rows() - 1;
        match usize::from(at.y) {
            0 => self.up(true),
            row if row == last => self.down(true),
            _ => return false,
        }
        true
    }

    /// Scrolls on at an edge; false when the cursor is at none.
    pub fn drag_edge(&mut self) -> bool {
        if self.row == 0 {
            self.up(true);
        } else if self.row + 1 == self.rows() {
            self.down(true);
        } else {
            return false;
        }
        true
    }

    /// The selection stays where it was dragged.
    pub fn drop_drag(&mut self) {
        self.selection.follows = Follows::None;
    }
}
