//! Erasing, inserting and deleting within rows and regions (ECMA-48 ED, EL, ECH,
//! ICH, DCH, IL, DL, SL, SR; VT510 DECSED, DECSEL, DECIC, DECDC, DECALN), with
//! the background colour left behind. Motion is in `screen`.

use super::Terminal;
use super::marks::Marks;
use super::screen::{Guard, Region};
use crate::base::Cell;

impl Terminal {
    /// Whether an erase spares protected cells.
    pub(super) fn spares(&self, selective: bool) -> bool {
        match self.pen.guard {
            Guard::Off => false,
            Guard::Dec => selective,
            Guard::Iso => true,
        }
    }

    fn erase_part(&mut self, y: u16, from: u16, to: u16, selective: bool) {
        let blank = self.blank();
        let guard = self.spares(selective);
        let seq = self.seq;
        let row = self.grids[self.active].row_mut(y);
        row.erase(usize::from(from), usize::from(to), blank, guard);
        row.seq = seq;
        if !guard && from == 0 && to == self.size.cols() {
            self.end_line_above(y);
        }
    }

    /// What runs on into a row that is made anew ends above it.
    fn end_line_above(&mut self, y: u16) {
        match y.checked_sub(1) {
            Some(above) => self.grids[self.active].row_mut(above).wrapped = false,
            None if self.active == 0 => self.history_open = false,
            None => {}
        }
    }

    fn erase_rows(&mut self, from: u16, to: u16, selective: bool) {
        for y in from..to {
            self.erase_part(y, 0, self.size.cols(), selective);
            let row = self.grids[self.active].row_mut(y);
            // A line's marks go with the line, but not with a part of it: line
            // editors clear and redraw what they do not mark again.
            row.marks = Marks::NONE;
            // As in xterm, a row erased as a part of the screen is single.
            row.double = false;
        }
    }

    /// EL and DECSEL. A cursor that waits to wrap is beyond the line, as in tmux:
    /// it goes on waiting, and there is nothing after it.
    pub(super) fn erase_line(&mut self, how: u16, selective: bool) {
        let (x, y, cols) = (self.x, self.y, self.size.cols());
        match how {
            0 if self.pending => {}
            0 => self.erase_part(y, x, cols, selective),
            1 => self.erase_part(y, 0, x + 1, selective),
            2 => self.erase_part(y, 0, cols, selective),
            _ => {}
        }
    }

    /// ED and DECSED; 3 is xterm's, for the saved lines.
    pub(super) fn erase_screen(&mut self, how: u16, selective: bool) {
        let (x, y, rows) = (self.x, self.y, self.size.rows());
        if !selective && (how == 2 || (how == 0 && x == 0 && y == 0)) {
            self.keep_screen();
            self.grids[self.active].row_mut(y).marks = Marks::NONE;
        }
        if matches!(how, 0 | 2) {
            self.erased_below();
        }
        match how {
            0 => {
                self.erase_line(0, selective);
                self.erase_rows(y + 1, rows, selective);
            }
            1 => {
                self.erase_line(1, selective);
                self.erase_rows(0, y, selective);
            }
            2 => self.erase_rows(0, rows, selective),
            3 if !selective => self.drop_history(),
            _ => {}
        }
    }

    /// Puts the primary screen's text into history before it is cleared.
    pub(super) fn keep_screen(&mut self) {
        if self.active != 0 || !self.config.scroll_on_clear {
            return;
        }
        let used = (0..self.size.rows())
            .rev()
            .find(|y| self.grids[0].row(*y).cells.iter().any(|c| !c.is_empty()));
        if let Some(last) = used {
            self.push_rows(0, last + 1);
            self.history_open = false;
            self.scrolled = 0;
        }
    }

    /// ECH.
    pub(super) fn erase_chars(&mut self, n: u16) {
        if self.pending {
            return;
        }
        let to = self.x.saturating_add(n).min(self.size.cols());
        self.erase_part(self.y, self.x, to, false);
    }

    /// ICH.
    pub(super) fn insert_chars(&mut self, n: u16) {
        self.shift_row(self.y, self.x, n, true);
    }

    /// DCH.
    pub(super) fn delete_chars(&mut self, n: u16) {
        self.shift_row(self.y, self.x, n, false);
    }

    fn shift_row(&mut self, y: u16, x: u16, n: u16, insert: bool) {
        let Region { left, right, .. } = self.region;
        if !self.pending && (left..=right).contains(&self.x) {
            self.shift_cells(y, x, n, insert);
        }
    }

    /// Moves the cells of a row from `x` to the right margin.
    fn shift_cells(&mut self, y: u16, x: u16, n: u16, insert: bool) {
        let blank = self.blank();
        let seq = self.seq;
        let to = usize::from(self.region.right) + 1;
        let row = self.grids[self.active].row_mut(y);
        let (from, n) = (usize::from(x), usize::from(n));
        if insert {
            row.insert(from, to, n, blank);
        } else {
            row.delete(from, to, n, blank);
        }
        row.seq = seq;
    }

    /// IL.
    pub(super) fn insert_lines(&mut self, n: u16) {
        self.with_lines(|term| {
            let n = n.min(term.region.bottom - term.y + 1);
            let source = (term.y + n).checked_sub(1);
            term.end_line_above(term.y);
            if let Some(source) = source {
                term.grids[term.active].row_mut(source).wrapped = false;
            }
            term.shift_down(term.y, n);
        });
    }

    /// DL.
    pub(super) fn delete_lines(&mut self, n: u16) {
        self.with_lines(|term| {
            let n = n.min(term.region.bottom - term.y + 1);
            term.end_line_above(term.y);
            term.shift_up(term.y, n);
        });
    }

    /// Moves lines from the cursor's on: to the bottom margin, or, as in tmux,
    /// from outside of the margins to the screen's end. The cursor stays in its
    /// column unless there are left and right margins (DECSLRM).
    fn with_lines(&mut self, act: impl FnOnce(&mut Self)) {
        if self.modes.margins {
            if self.in_region() {
                self.pending = false;
                self.x = self.region.left;
                act(self);
            }
            return;
        }
        let region = self.region;
        if !(region.top..=region.bottom).contains(&self.y) {
            self.region.bottom = self.size.rows() - 1;
        }
        act(self);
        self.region = region;
    }

    /// DECIC (`insert`) and DECDC: whole columns from `x` on, if the cursor is
    /// between all margins.
    pub(super) fn shift_columns(&mut self, x: u16, n: u16, insert: bool) {
        if self.in_region() {
            self.pending = false;
            for y in self.region.top..=self.region.bottom {
                self.shift_cells(y, x, n, insert);
            }
        }
    }

    /// SL and SR (`right`): all between the margins, wherever the cursor is.
    pub(super) fn scroll_columns(&mut self, n: u16, right: bool) {
        for y in self.region.top..=self.region.bottom {
            self.shift_cells(y, self.region.left, n, right);
        }
    }

    /// DECALN: the screen full of E, margins and origin reset.
    pub(super) fn align(&mut self) {
        self.region = Region::of(self.size);
        self.modes.origin = false;
        self.goto(0, 0);
        let seq = self.seq;
        let grid = &mut self.grids[self.active];
        for row in grid.rows_mut() {
            row.clear(Cell::narrow('E', crate::base::StyleId::DEFAULT));
            row.wrote(row.cells.len());
        }
        grid.touch(seq);
    }
}
