//! Copy mode's motions by cells, lines, words, characters, paragraphs and
//! brackets. They move cursor and view, and draw the selection along.

use crate::term::Marks;

use super::reader::Reader;
use super::{CopyMode, Jump, Lines, Place, Recentre};

const OPEN: &str = "{[(";
const CLOSE: &str = "}])";

impl CopyMode {
    /// The last column that the cursor may stand in: vi's stays on the text.
    pub(super) fn limit(&self, line: usize, beyond: bool) -> usize {
        if beyond || !self.vi {
            self.sheet().length(line)
        } else {
            self.sheet().limit(line)
        }
    }

    pub(super) fn in_rectangle(&self) -> bool {
        self.selection.is_on && self.rectangle
    }

    /// Puts the cursor into the view, on the line's text unless in a rectangle.
    pub(super) fn place_cursor(&mut self, col: usize, row: usize) {
        let col = if self.rectangle || row >= self.rows() {
            col
        } else {
            col.min(self.limit(self.top() + row, false))
        };
        (self.col, self.row) = (col, row);
    }

    /// Puts the cursor on a place at or above where it was, scrolling to it.
    pub(super) fn reach_up(&mut self, to: Place) {
        let top = self.top();
        for _ in to.line..top {
            self.up(true);
        }
        self.place_cursor(to.col, to.line.saturating_sub(top));
        self.update_selection(false);
    }

    /// Puts the cursor on a place at or below where it was, scrolling to it.
    pub(super) fn reach_down(&mut self, to: Place, keep: bool) {
        let last = self.rows() - 1;
        let row = to.line.saturating_sub(self.top());
        for _ in last..row {
            self.down(true);
        }
        self.place_cursor(to.col, row.min(last));
        self.update_selection(keep);
    }

    fn walked(&self, walk: impl FnOnce(&mut Reader<'_>)) -> Place {
        let sheet = self.sheet();
        let mut reader = Reader::new(&sheet, self.here());
        walk(&mut reader);
        reader.at
    }

    pub(super) fn left(&mut self) {
        let to = self.walked(|reader| reader.left(true));
        self.reach_up(to);
    }

    pub(super) fn right(&mut self) {
        let (whole, beyond) = (self.in_rectangle(), !self.vi);
        let to = self.walked(|reader| reader.right(true, whole, beyond));
        self.reach_down(to, false);
    }

    pub(super) fn start_of_line(&mut self) {
        let to = self.walked(|reader| reader.go_start());
        self.reach_up(to);
    }

    pub(super) fn indentation(&mut self) {
        let to = self.walked(|reader| reader.go_indent());
        self.reach_up(to);
    }

    pub(super) fn end_of_line(&mut self) {
        let whole = self.in_rectangle();
        let mut to = self.walked(|reader| reader.go_end(true, whole));
        if !whole {
            to.col = self.limit(to.line, false);
        }
        self.reach_down(to, false);
    }

    /// Notes the column to come back to, unless the cursor is behind the text.
    pub(super) fn note_wanted(&mut self) {
        let length = self.sheet().length(self.here().line);
        if self.col != length {
            self.wanted = (self.col, length);
        }
    }

    /// Whether the cursor, come to a line, belongs at its text's end.
    pub(super) fn is_past(&self) -> bool {
        let length = self.sheet().length(self.here().line);
        (self.col >= self.wanted.1 && self.col != length) || self.col > length
    }

    pub(super) fn up(&mut self, scroll: bool) {
        let free = !self.in_rectangle();
        if free {
            self.note_wanted();
        }
        if self.selection.lines == Lines::Down && self.here().line == self.selection.start.line {
            self.other_end();
        }
        if scroll && self.vi && self.row + 1 < self.rows() {
            self.place_cursor(self.col, self.row + 1);
        }
        if scroll || self.row == 0 {
            if free {
                self.col = self.wanted.0;
            }
            self.scroll_back(1);
        } else {
            let col = if free { self.wanted.0 } else { self.col };
            self.place_cursor(col, self.row - 1);
            self.update_selection(false);
        }
        self.after_line(free);
    }

    pub(super) fn down(&mut self, scroll: bool) {
        let free = !self.in_rectangle();
        if free {
            self.note_wanted();
        }
        if self.selection.lines == Lines::Up && self.here().line == self.selection.end.line {
            self.other_end();
        }
        if scroll && self.vi && self.row > 0 {
            self.place_cursor(self.col, self.row - 1);
        }
        if scroll || self.row + 1 >= self.rows() {
            if free {
                self.col = self.wanted.0;
            }
            self.scroll_on(1);
        } else {
            let col = if free { self.wanted.0 } else { self.col };
            self.place_cursor(col, self.row + 1);
            self.update_selection(false);
        }
        self.after_line(free);
    }

    fn after_line(&mut self, free: bool) {
        if free && self.is_past() {
            let length = self.sheet().length(self.here().line);
            self.place_cursor(length, self.row);
            self.update_selection(false);
        }
        let col = match self.selection.lines {
            Lines::Off => return,
            Lines::Down if self.rectangle => self.cols(),
            Lines::Down => self.sheet().length(self.here().line),
            Lines::Up => 0,
        };
        self.place_cursor(col, self.row);
        self.update_selection(false);
    }

    pub(super) fn next_word(&mut self, separators: &str) {
        let to = self.walked(|reader| reader.next_word(separators));
        self.reach_down(to, false);
    }

    /// The end of this or the next word, as the keys have it.
    pub(super) fn word_end_place(&self, separators: &str) -> Place {
        self.walked(|reader| {
            if self.vi {
                reader.word_end_on(separators);
            } else {
                reader.word_end(separators);
            }
        })
    }

    pub(super) fn word_end(&mut self, separators: &str, keep: bool) {
        let to = self.word_end_place(separators);
        self.reach_down(to, keep);
    }

    pub(super) fn word_start_place(&self, separators: &str) -> Place {
        self.walked(|reader| reader.word_start(separators, false, true))
    }

    pub(super) fn word_start(&mut self, separators: &str, already: bool) {
        let stops = !self.vi;
        let to = self.walked(|reader| reader.word_start(separators, already, stops));
        self.reach_up(to);
    }

    /// Remembers a jump and does it.
    pub(super) fn jump_to(&mut self, wanted: char, forward: bool, short: bool, times: u32) {
        let jump = Jump {
            wanted,
            forward,
            short,
        };
        self.jump = Some(jump);
        self.jump_again(false, times);
    }

    /// The last jump again, or the other way.
    pub(super) fn jump_again(&mut self, turned: bool, times: u32) {
        let Some(jump) = self.jump else { return };
        for _ in 0..times {
            let before = self.here();
            if jump.forward == turned {
                self.jump_back(jump);
            } else {
                self.jump_on(jump);
            }
            if self.here() == before {
                break;
            }
        }
    }

    fn jump_on(&mut self, jump: Jump) {
        let to = self.found(|reader| {
            reader.at.col += if jump.short { 2 } else { 1 };
            let found = reader.find(jump.wanted);
            if jump.short {
                reader.left(true);
            }
            found
        });
        if let Some(to) = to {
            self.reach_down(to, false);
        }
    }

    fn jump_back(&mut self, jump: Jump) {
        let to = self.found(|reader| {
            reader.left(false);
            if jump.short {
                reader.left(false);
            }
            let found = reader.find_back(jump.wanted);
            if jump.short {
                reader.right(true, false, !self.vi);
            }
            found
        });
        if let Some(to) = to {
            self.reach_up(to);
        }
    }

    fn found(&self, walk: impl FnOnce(&mut Reader<'_>) -> bool) -> Option<Place> {
        let sheet = self.sheet();
        let mut reader = Reader::new(&sheet, self.here());
        walk(&mut reader).then_some(reader.at)
    }

    pub(super) fn previous_paragraph(&mut self) {
        let mut line = self.here().line;
        {
            let sheet = self.sheet();
            while line > 0 && sheet.length(line) == 0 {
                line -= 1;
            }
            while line > 0 && sheet.length(line) > 0 {
                line -= 1;
            }
        }
        self.show_place(Place { line, col: 0 });
    }

    pub(super) fn next_paragraph(&mut self) {
        let last = self.last_line();
        let mut line = self.here().line;
        let col = {
            let sheet = self.sheet();
            while line < last && sheet.length(line) == 0 {
                line += 1;
            }
            while line < last && sheet.length(line) > 0 {
                line += 1;
            }
            sheet.length(line)
        };
        self.show_place(Place { line, col });
    }

    pub(super) fn last_line(&self) -> usize {
        self.above() + self.rows() - 1
    }

    /// Goes to a row that a shell or a build marked, if there is one that way.
    pub(super) fn go_marked(&mut self, which: Marks, after: bool) {
        let row = self.folds.row(self.here().line);
        if let Some(row) = self.term.marked_row(row, which, after) {
            self.go_to_row(row);
        }
    }

    pub(super) fn go_mark(&mut self) {
        let here = self.here();
        let above = self.above();
        self.col = self.mark.col;
        (self.row, self.back) = if self.mark.line < above {
            (0, above - self.mark.line)
        } else {
            ((self.mark.line - above).min(self.rows() - 1), 0)
        };
        self.mark = here;
        self.shows_mark = true;
        self.update_selection(false);
    }

    pub(super) fn set_mark(&mut self) {
        self.mark = self.here();
        self.shows_mark = true;
    }

    /// The line to the middle, the top, the bottom, in turns.
    pub(super) fn recentre(&mut self) {
        let line = self.here().line;
        if self.recentre.1 != line {
            self.recentre = (Recentre::Middle, line);
        }
        let (row, back, last) = (self.row, self.back, self.rows() - 1);
        match self.recentre.0 {
            Recentre::Middle => {
                self.recentre.0 = Recentre::Top;
                if row < last / 2 {
                    self.scroll_back(last / 2 - row);
                } else {
                    self.scroll_on(row - last / 2);
                }
            }
            Recentre::Top => {
                self.recentre.0 = Recentre::Bottom;
                self.scroll_on(row);
            }
            Recentre::Bottom => {
                self.recentre.0 = Recentre::Middle;
                self.scroll_back(last - row);
            }
        }
        self.row = (row + self.back).saturating_sub(back);
        self.update_selection_view(false);
    }

    /// To the bracket that opens what the one here closes; where there is none,
    /// emacs' keys look one back, and go to a word's start.
    pub(super) fn previous_bracket(&mut self) {
        match self.bracket_before() {
            Bracket::At(to) => self.show_place(to),
            Bracket::Word if !self.entered_vi => self.word_start(CLOSE, true),
            Bracket::Word | Bracket::None => {}
        }
    }

    fn bracket_before(&self) -> Bracket {
        let sheet = self.sheet();
        let mut at = self.here();
        if sheet.length(at.line) == 0 {
            return Bracket::None;
        }
        let close = |at: Place| sheet.char(at.line, at.col).filter(|ch| CLOSE.contains(*ch));
        let mut found = close(at);
        if found.is_none() && !self.entered_vi && at.col > 0 {
            at.col -= 1;
            found = close(at);
        }
        let Some(found) = found else {
            return Bracket::Word;
        };
        let wanted = partner(found, CLOSE, OPEN);
        let mut depth = 1;
        while depth > 0 {
            if at.col > 0 {
                at.col -= 1;
            } else {
                let above = (0..at.line).rev().find(|line| sheet.length(*line) > 0);
                let Some(line) = above else {
                    return Bracket::None;
                };
                let col = sheet.length(line) - 1;
                at = Place { line, col };
            }
            match sheet.char(at.line, at.col) {
                Some(ch) if ch == found => depth += 1,
                Some(ch) if Some(ch) == wanted => depth -= 1,
                _ => {}
            }
        }
        Bracket::At(at)
    }

    /// To the bracket that closes what the one here opens. vi's keys look for the
    /// first one of the line, and back from one that closes. False when it is no
    /// use to go on.
    pub(super) fn next_bracket(&mut self) -> bool {
        let here = self.here();
        let (to, turns) = self.bracket_after();
        match to {
            Bracket::At(to) if turns => {
                self.show_place(to);
                self.previous_bracket();
                let to = self.here();
                let stands = self.sheet().char(to.line, to.col);
                if stands.is_some_and(|ch| CLOSE.contains(ch)) {
                    self.show_place(here);
                }
                return false;
            }
            Bracket::At(to) => self.show_place(to),
            Bracket::Word => self.word_end(OPEN, false),
            Bracket::None => {}
        }
        true
    }

    /// The bracket looked for, and whether it is one to go back from.
    fn bracket_after(&self) -> (Bracket, bool) {
        let sheet = self.sheet();
        let last = self.last_line();
        let mut at = self.here();
        let mut length = sheet.length(at.line);
        if length == 0 {
            return (Bracket::None, false);
        }
        let mut tried = false;
        let found = loop {
            let ch = sheet.char(at.line, at.col);
            if self.entered_vi && ch.is_some_and(|ch| CLOSE.contains(ch)) {
                return (Bracket::At(at), true);
            }
            if let Some(ch) = ch.filter(|ch| OPEN.contains(*ch)) {
                break ch;
            }
            if !self.entered_vi && (tried || at.col > length) {
                return (Bracket::Word, false);
            }
            tried = true;
            if at.col <= length {
                at.col += 1;
                continue;
            }
            if at.line == last || !sheet.wraps(at.line) {
                return (Bracket::None, false);
            }
            let line = at.line + 1;
            at = Place { line, col: 0 };
            length = sheet.length(line);
        };
        let wanted = partner(found, OPEN, CLOSE);
        let mut depth = 1;
        while depth > 0 {
            if at.col <= length {
                at.col += 1;
            } else if at.line == last {
                return (Bracket::None, false);
            } else {
                let line = at.line + 1;
                at = Place { line, col: 0 };
                length = sheet.length(line);
            }
            match sheet.char(at.line, at.col) {
                Some(ch) if ch == found => depth += 1,
                Some(ch) if Some(ch) == wanted => depth -= 1,
                _ => {}
            }
        }
        (Bracket::At(at), false)
    }
}

/// What a look for a bracket gave.
enum Bracket {
    At(Place),
    /// None is near: a motion by words instead.
    Word,
    None,
}

/// The bracket at the same place of the other list.
fn partner(own: char, from: &str, to: &str) -> Option<char> {
    let at = from.chars().position(|ch| ch == own)?;
    to.chars().nth(at)
}
