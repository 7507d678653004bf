//! The view over the lines: scrolling by lines and pages, and to a place. Ends of
//! copy mode at the bottom are said, not made.

use super::{CopyMode, Place};

impl CopyMode {
    /// The view towards older lines; the cursor keeps its row.
    pub(super) fn scroll_back(&mut self, by: usize) {
        let above = self.above();
        if by > above {
            return;
        }
        let by = by.min(above.saturating_sub(self.back));
        if by == 0 {
            return;
        }
        self.back += by;
        self.refresh_marks();
        self.update_selection_view(false);
    }

    /// The view towards newer lines; the cursor keeps its row.
    pub(super) fn scroll_on(&mut self, by: usize) {
        let by = by.min(self.back);
        if by == 0 {
            return;
        }
        self.back -= by;
        self.refresh_marks();
        self.update_selection_view(false);
    }

    fn page(&self, half: bool) -> usize {
        match self.rows() {
            0..=2 => 1,
            rows if half => rows / 2,
            rows => rows - 2,
        }
    }

    fn after_page(&mut self) {
        if !self.in_rectangle() && self.is_past() {
            self.end_of_line();
        }
    }

    /// A page towards older lines; at the oldest the cursor moves instead.
    pub fn page_up(&mut self, half: bool) {
        self.note_wanted();
        self.col = self.wanted.0;
        self.view_back(self.page(half));
        self.after_page();
        self.refresh_marks();
        self.update_selection(false);
    }

    fn view_back(&mut self, by: usize) {
        let above = self.above();
        if self.back + by > above {
            self.back = above;
            self.row = self.row.saturating_sub(by);
        } else {
            self.back += by;
        }
    }

    fn view_on(&mut self, by: usize) {
        if self.back < by {
            self.back = 0;
            self.row = (self.row + by).min(self.rows() - 1);
        } else {
            self.back -= by;
        }
    }

    /// A page towards newer lines. True when the mode is to be left, as `exits`
    /// asks for at the bottom.
    pub fn page_down(&mut self, half: bool, exits: bool) -> bool {
        self.note_wanted();
        self.col = self.wanted.0;
        self.view_on(self.page(half));
        self.after_page();
        if exits && self.back == 0 && !self.selection.is_on {
            return true;
        }
        self.refresh_marks();
        self.update_selection(false);
        false
    }

    /// The view to a line, as a scrollbar's slider has it: the selection stays
    /// as it is. True when the mode is to be left.
    pub fn slide_to(&mut self, top: usize, exits: bool) -> bool {
        self.note_wanted();
        self.col = self.wanted.0;
        let now = self.top();
        if top <= now {
            self.view_back(now - top);
        } else {
            self.view_on(top - now);
        }
        self.selection.follows = super::Follows::None;
        self.after_page();
        if exits && self.back == 0 && !self.selection.is_on {
            return true;
        }
        self.refresh_marks();
        self.update_selection_view(false);
        false
    }

    /// Puts the cursor on a place; where it is not in view, the view goes there.
    pub(super) fn show_place(&mut self, to: Place) {
        self.bring(to);
        self.refresh_marks();
        self.update_selection(false);
    }

    /// As [`Self::show_place`], while a search finds its marks.
    pub(super) fn bring(&mut self, to: Place) {
        let (rows, above, top) = (self.rows(), self.above(), self.top());
        self.col = to.col;
        if (top..top + rows).contains(&to.line) {
            self.row = to.line - top;
            return;
        }
        let gap = rows / 4;
        let first = if to.line < rows {
            0
        } else if to.line + gap > above + rows {
            above
        } else {
            to.line + gap - rows
        };
        self.row = to.line - first;
        self.back = above - first;
    }

    /// The cursor's line to a row of the view, where there is room for that.
    pub(super) fn line_to_row(&mut self, row: usize) {
        let (by, older) = (self.row.abs_diff(row), self.row < row);
        if older && self.top() >= by {
            self.scroll_back(by);
            self.row = row;
        } else if !older && self.back >= by {
            self.scroll_on(by);
            self.row = row;
        }
        self.update_selection_view(false);
    }

    pub(super) fn go_oldest(&mut self) {
        if self.selection.lines == super::Lines::Down
            && self.here().line == self.selection.start.line
        {
            self.other_end();
        }
        (self.col, self.row, self.back) = (0, 0, self.above());
        self.refresh_marks();
        self.update_selection(false);
    }

    pub(super) fn go_newest(&mut self) {
        if self.selection.lines == super::Lines::Up && self.here().line == self.selection.end.line {
            self.other_end();
        }
        self.row = self.rows() - 1;
        self.back = 0;
        self.col = self.limit(self.here().line, false);
        self.refresh_marks();
        self.update_selection(false);
    }

    pub(super) fn go_view_row(&mut self, row: usize) {
        (self.col, self.row) = (0, row);
        self.update_selection(false);
    }

    /// `goto-line`: lines from the bottom, or from the oldest if `absolute`.
    pub(super) fn goto_line(&mut self, text: &str, absolute: bool) {
        let Ok(number) = text.trim().parse::<i64>() else {
            return;
        };
        if number < -1 || number > i64::from(i32::MAX) {
            return;
        }
        let above = self.above();
        let number = usize::try_from(number).ok();
        self.back = if absolute {
            above + 1 - number.unwrap_or(1).clamp(1, above + 1)
        } else {
            number.unwrap_or(above).min(above)
        };
        self.update_selection(false);
    }

    /// `scroll-down`: true when the mode is to be left.
    pub(super) fn scroll_down(&mut self, times: u32, cancels: bool, drags: bool) -> bool {
        if !cancels && self.back == 0 {
            return self.exit_at_bottom && !self.selection.is_on;
        }
        if self.selection.is_on && !drags {
            self.let_go();
            self.scroll_on(times as usize);
            return false;
        }
        for _ in 0..times {
            self.down(true);
        }
        let exits = self.exit_at_bottom && !self.selection.is_on;
        self.back == 0 && (cancels || exits)
    }

    pub(super) fn scroll_up(&mut self, times: u32, drags: bool) {
        if self.back == self.above() {
            return;
        }
        if self.selection.is_on && !drags {
            self.let_go();
            return self.scroll_back(times as usize);
        }
        for _ in 0..times {
            self.up(true);
        }
    }
}
