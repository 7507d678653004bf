//! Copy mode's selection: how it begins and grows, and its text. A selection
//! that follows nothing stays on its text.

use super::{CopyMode, Follows, Lines, Place, SelectBy};

impl CopyMode {
    /// Whether there is a selection.
    #[must_use]
    pub fn has_selection(&self) -> bool {
        self.selection.is_on
    }

    /// Its first chosen and its other end, if there is one.
    #[must_use]
    pub fn selection(&self) -> Option<(Place, Place)> {
        let own = &self.selection;
        own.is_on.then_some((own.start, own.end))
    }

    /// Whether an end of it goes with the cursor.
    #[must_use]
    pub fn selects(&self) -> bool {
        self.selection.is_on && self.selection.follows != Follows::None
    }

    /// By what it grows.
    #[must_use]
    pub fn selects_by(&self) -> SelectBy {
        self.selection.by
    }

    /// Whether it is a rectangle.
    #[must_use]
    pub fn is_rectangle(&self) -> bool {
        self.rectangle
    }

    /// Begins a selection at the cursor.
    pub fn begin(&mut self) {
        self.selection.lines = Lines::Off;
        self.selection.by = SelectBy::Char;
        self.start_selection();
    }

    pub(super) fn start_selection(&mut self) {
        let here = self.here();
        self.selection.start = here;
        self.selection.end = here;
        self.selection.follows = Follows::End;
        self.set_selection(false);
    }

    /// The selection stays where it is.
    pub fn stop_selection(&mut self) {
        self.selection.follows = Follows::None;
        self.selection.lines = Lines::Off;
        self.selection.by = SelectBy::Char;
    }

    /// No end goes with the cursor any more; by what it grew is kept.
    pub(super) fn let_go(&mut self) {
        self.selection.follows = Follows::None;
        self.selection.lines = Lines::Off;
    }

    /// Unselects, and brings the cursor back onto the text.
    pub fn clear_selection(&mut self) {
        self.selection.is_on = false;
        self.stop_selection();
        let limit = self.limit(self.here().line, self.rectangle);
        if self.col > limit {
            self.place_cursor(limit, self.row);
        }
    }

    pub(super) fn update_selection(&mut self, keep: bool) {
        if self.selection.is_on || self.selection.lines != Lines::Off {
            self.set_selection(keep);
        }
    }

    /// After the view moved: ends that follow nothing keep their text.
    pub(super) fn update_selection_view(&mut self, keep: bool) {
        if self.selection.follows != Follows::None {
            return self.update_selection(keep);
        }
        let ends = (self.selection.start, self.selection.end);
        self.update_selection(true);
        (self.selection.start, self.selection.end) = ends;
    }

    fn set_selection(&mut self, keep: bool) {
        match self.selection.follows {
            Follows::None => {}
            Follows::Start => self.draw_end(true, keep),
            Follows::End => self.draw_end(false, keep),
        }
        let (top, bottom) = (self.top(), self.top() + self.rows());
        let side = |at: Place| (at.line >= top) as u8 + (at.line >= bottom) as u8;
        let (from, to) = (side(self.selection.start), side(self.selection.end));
        if from != to || from == 1 {
            self.selection.is_on = true;
        }
    }

    /// Draws the end that follows to the cursor, by whole words or lines.
    fn draw_end(&mut self, start: bool, keep: bool) {
        let mut at = self.here();
        let mut is_start = start;
        match self.selection.by {
            SelectBy::Word if !keep => {
                let separators = std::mem::take(&mut self.selection.separators);
                is_start = self.selection.origin > at;
                if is_start {
                    at = self.word_start_place(&separators);
                    self.selection.end = self.selection.first.1;
                } else {
                    let past = at.col >= self.sheet().length(at.line);
                    if past || !self.sheet().is_blank(at.line, at.col + 1) {
                        at = self.word_end_place(&separators);
                    }
                    self.selection.start = self.selection.first.0;
                }
                self.selection.separators = separators;
            }
            SelectBy::Line if !keep => {
                is_start = self.selection.origin.line > at.line;
                if is_start {
                    at.col = 0;
                    self.selection.end = self.selection.first.1;
                } else {
                    at.line = at.line.max(self.selection.first.1.line);
                    at.col = self.sheet().length(at.line);
                    self.selection.start = self.selection.first.0;
                }
            }
            SelectBy::Word | SelectBy::Line | SelectBy::Char => {}
        }
        if is_start {
            self.selection.start = at;
        } else {
            self.selection.end = at;
        }
    }

    pub(super) fn select_line(&mut self, times: u32) {
        self.selection.lines = Lines::Down;
        self.rectangle = false;
        self.selection.by = SelectBy::Line;
        self.selection.origin = self.here();
        self.start_of_line();
        self.selection.first.0 = self.here();
        self.selection.first.1.line = self.here().line;
        self.start_selection();
        self.end_of_line();
        let line = self.here().line;
        let col = self.sheet().length(line);
        self.selection.first.1 = Place { line, col };
        for _ in 1..times {
            self.down(false);
            self.end_of_line();
        }
    }

    pub(super) fn select_word(&mut self, separators: &str) {
        self.selection.lines = Lines::Down;
        self.rectangle = false;
        self.selection.by = SelectBy::Word;
        self.selection.origin = self.here();
        separators.clone_into(&mut self.selection.separators);
        self.word_start(separators, false);
        let at = self.here();
        self.selection.first.0 = at;
        self.start_selection();
        let mut next = Place {
            col: at.col + 1,
            ..at
        };
        if self.sheet().wraps(next.line) && next.col >= self.cols() {
            next = Place {
                line: next.line + 1,
                col: 0,
            };
        }
        let past = at.col >= self.sheet().length(at.line);
        if past || !self.sheet().is_blank(next.line, next.col) {
            self.word_end(separators, true);
        } else {
            // A word of one character.
            self.place_cursor(at.col, self.row);
            self.update_selection(true);
        }
        let end = self.here();
        self.selection.first.1 = end;
        if self.selection.origin.line > end.line {
            self.selection.origin = end;
        } else {
            self.selection.origin.col = self.selection.origin.col.min(end.col);
        }
    }

    pub(super) fn selection_mode(&mut self, mode: Option<&str>, separators: &str) {
        let mode = mode.unwrap_or("char").to_ascii_lowercase();
        self.selection.by = match mode.as_str() {
            "char" | "c" => SelectBy::Char,
            "word" | "w" => {
                separators.clone_into(&mut self.selection.separators);
                SelectBy::Word
            }
            "line" | "l" => SelectBy::Line,
            _ => return,
        };
        if self.selection.by == SelectBy::Line && self.selection.is_on {
            self.widen_to_lines();
        }
    }

    /// Makes whole lines of what is selected, with the cursor at the end of them
    /// that follows it.
    fn widen_to_lines(&mut self) {
        let (anchor, head) = match self.selection.follows {
            Follows::Start => (self.selection.end, self.selection.start),
            Follows::None | Follows::End => (self.selection.start, self.selection.end),
        };
        self.rectangle = false;
        self.selection.origin = anchor;
        let (start, end) = {
            let sheet = self.sheet();
            let mut reader = super::reader::Reader::new(&sheet, anchor.min(head));
            reader.go_start();
            let start = reader.at;
            reader.at = anchor.max(head);
            reader.go_end(true, false);
            (start, reader.at)
        };
        self.selection.first = (start, end);
        (self.selection.start, self.selection.end) = (start, end);
        if self.selection.follows == Follows::None {
            return;
        }
        self.go_in_view(head);
        if head < anchor {
            self.selection.lines = Lines::Up;
            self.selection.follows = Follows::Start;
            self.start_of_line();
        } else {
            self.selection.lines = Lines::Down;
            self.selection.follows = Follows::End;
            self.end_of_line();
        }
    }

    /// Puts the cursor on a place; the view moves as far as it must. The line right
    /// below the view is left there, as tmux does.
    fn go_in_view(&mut self, to: Place) {
        let (above, rows, top) = (self.above(), self.rows(), self.top());
        self.col = to.col;
        if to.line < top {
            self.back = above.saturating_sub(to.line);
            self.row = 0;
        } else if to.line > top + rows {
            self.back = (above + rows - 1).saturating_sub(to.line);
            self.row = rows - 1;
        } else {
            self.row = to.line - top;
        }
    }

    pub(super) fn set_rectangle(&mut self, on: bool) {
        self.selection.lines = Lines::Off;
        self.rectangle = on;
        let limit = self.limit(self.here().line, on);
        if self.col > limit {
            self.place_cursor(limit, self.row);
        }
        self.update_selection(false);
    }

    /// The cursor to the selection's other end, which then follows it.
    pub(super) fn other_end(&mut self) {
        if !self.selection.is_on && self.selection.lines == Lines::Off {
            return;
        }
        self.selection.lines = match self.selection.lines {
            Lines::Off => Lines::Off,
            Lines::Down => Lines::Up,
            Lines::Up => Lines::Down,
        };
        self.selection.follows = match self.selection.follows {
            Follows::None | Follows::Start => Follows::End,
            Follows::End => Follows::Start,
        };
        let to = match self.selection.follows {
            Follows::Start => self.selection.start,
            Follows::None | Follows::End => self.selection.end,
        };
        self.go_in_view(to);
        self.col = self.col.min(self.limit(self.here().line, self.rectangle));
        self.update_selection(true);
    }

    /// The text of whole lines from the cursor's on, or of the rest of it and the
    /// next ones; the cursor stays.
    pub fn copy_line(&mut self, whole: bool, lines: u32) -> Option<String> {
        let at = (self.col, self.row, self.back);
        if whole {
            self.selection.by = SelectBy::Char;
            self.start_of_line();
        }
        self.start_selection();
        for _ in 1..lines {
            self.down(false);
        }
        self.end_of_line();
        let text = self.selected_text();
        self.clear_selection();
        (self.col, self.row, self.back) = at;
        text
    }

    /// The text that is selected, or the match that the cursor is on; a closed
    /// fold is all of its rows.
    #[must_use]
    pub fn selected_text(&self) -> Option<String> {
        if !self.selection.is_on && self.selection.lines == Lines::Off {
            return self.match_here();
        }
        let sheet = self.sheet();
        let own = &self.selection;
        let (from, mut to) = (own.start.min(own.end), own.start.max(own.end));
        let last = sheet.length(to.line);
        to.col = to.col.min(last);
        let onto = usize::from(!self.vi);
        // Columns of the first line, of the last, and of all between.
        let (first, end, whole) = if self.rectangle {
            let fixed = match own.follows {
                Follows::End => own.start.col,
                Follows::None | Follows::Start => own.end.col,
            };
            if fixed < self.col {
                let end = self.col + 1 - onto;
                (fixed, end, (fixed, end))
            } else {
                (self.col, fixed + 1, (self.col, fixed + 1))
            }
        } else {
            (from.col, to.col + 1 - onto, (0, self.cols()))
        };
        let mut out = String::new();
        for line in from.line..=to.line {
            let start = if line == from.line { first } else { whole.0 };
            let stop = if line == to.line { end } else { whole.1 };
            self.push_line(&sheet, line, (start, stop), &mut out);
        }
        if out.is_empty() {
            return None;
        }
        // The last line feed goes, but vi's keys keep one that was selected.
        if !self.vi || end <= last {
            let joined = sheet.wraps(to.line) && end == last;
            if !joined {
                out.pop();
            }
        }
        Some(out)
    }

    fn push_line(
        &self,
        sheet: &super::sheet::Sheet<'_>,
        at: usize,
        (from, to): (usize, usize),
        out: &mut String,
    ) {
        if let Some(rows) = self.folds.rows_of(at).filter(|_| !self.rectangle) {
            for row in rows {
                let line = sheet.row(row);
                line.push_text(0, line.length, out);
                out.push('\n');
            }
            return;
        }
        let line = sheet.line(at);
        if from > to {
            return;
        }
        let length = if line.wrapped {
            self.cols()
        } else {
            line.length
        };
        let to = to.min(length);
        line.push_text(from.min(length), to, out);
        if !line.wrapped || to != length {
            out.push('\n');
        }
    }
}
