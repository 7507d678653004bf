//! A reader that walks over a sheet: by cells, lines, words, characters. It
//! knows neither view nor selection.
//!
//! A word is a run of characters that are neither blank nor separators; a run of
//! separators is one of its own. With no separators only blanks part words. What
//! it does at line ends is what tmux's copy mode does, since muscle memory and
//! scripts count on it.

use super::Place;
use super::sheet::{Glyph, Sheet};

/// Rows that a motion by words passes before it stays where it is.
const REACH: usize = 100_000;

/// A place on a sheet that moves.
pub(super) struct Reader<'a> {
    sheet: &'a Sheet<'a>,
    pub(super) at: Place,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(sheet: &'a Sheet<'a>, at: Place) -> Self {
        Self { sheet, at }
    }

    fn is_blank(&self) -> bool {
        self.sheet.is_blank(self.at.line, self.at.col)
    }

    fn is_separator(&self, separators: &str) -> bool {
        self.sheet.is_one_of(self.at.line, self.at.col, separators)
    }

    /// Off the right half of a glyph.
    fn snap(&mut self) {
        while self.at.col > 0 && self.sheet.is_tail(self.at.line, self.at.col) {
            self.at.col -= 1;
        }
    }

    pub(super) fn down(&mut self) {
        if self.at.line < self.sheet.last() {
            self.at.line += 1;
        }
        self.snap();
    }

    pub(super) fn up(&mut self) {
        self.at.line = self.at.line.saturating_sub(1);
        self.snap();
    }

    /// To the next glyph, up to the sheet's edge (`whole`), behind the text
    /// (`beyond`), or onto its last.
    pub(super) fn right(&mut self, wrap: bool, whole: bool, beyond: bool) {
        let end = if whole {
            self.sheet.cols
        } else if beyond {
            self.sheet.length(self.at.line)
        } else {
            self.sheet.limit(self.at.line)
        };
        if wrap && self.at.col >= end && self.at.line < self.sheet.last() {
            self.at.col = 0;
            self.down();
        } else if self.at.col < end {
            self.at.col += 1;
            while self.at.col < end && self.sheet.is_tail(self.at.line, self.at.col) {
                self.at.col += 1;
            }
        }
    }

    /// To the glyph before; over a line's start if it goes on from the one above,
    /// or with `wrap`.
    pub(super) fn left(&mut self, wrap: bool) {
        self.snap();
        if self.at.col > 0 {
            self.at.col -= 1;
        } else if self.at.line > 0 && (wrap || self.sheet.continues(self.at.line)) {
            self.up();
            self.go_end(false, false);
        }
    }

    pub(super) fn go_start(&mut self) {
        while self.sheet.continues(self.at.line) {
            self.at.line -= 1;
        }
        self.at.col = 0;
    }

    /// Behind the last glyph, or with `whole` behind the last column.
    pub(super) fn go_end(&mut self, wrap: bool, whole: bool) {
        while wrap && self.at.line < self.sheet.last() && self.sheet.wraps(self.at.line) {
            self.at.line += 1;
        }
        self.at.col = if whole {
            self.sheet.cols
        } else {
            self.sheet.length(self.at.line)
        };
    }

    pub(super) fn go_indent(&mut self) {
        let from = self.at;
        self.go_start();
        for line in self.at.line..=self.sheet.last() {
            let text = self.sheet.line(line);
            let solid = |glyph: &Glyph| !glyph.is_tail() && !glyph.is_blank();
            if let Some(col) = text.glyphs[..text.length].iter().position(solid) {
                self.at = Place { line, col };
                return;
            }
            if !text.wrapped {
                break;
            }
        }
        self.at = from;
    }

    /// The last column that words of a line reach.
    fn edge(&self) -> usize {
        if self.sheet.wraps(self.at.line) {
            self.sheet.cols.saturating_sub(1)
        } else {
            self.sheet.length(self.at.line)
        }
    }

    /// Goes on in the next line where the edge was passed; false at the very end.
    fn fold_over(&mut self, edge: &mut usize) -> bool {
        while self.at.col > *edge {
            if self.at.line >= self.sheet.last() {
                return false;
            }
            self.at.col = 0;
            self.down();
            *edge = self.edge();
        }
        true
    }

    /// Over what is of one kind, by cells.
    fn skip(&mut self, edge: &mut usize, is_kind: impl Fn(&Self) -> bool) {
        loop {
            self.at.col += 1;
            if !self.fold_over(edge) || !is_kind(self) {
                return;
            }
        }
    }

    fn skip_word(&mut self, edge: &mut usize, separators: &str) {
        if self.is_separator(separators) {
            self.skip(edge, |own| own.is_separator(separators) && !own.is_blank());
        } else {
            self.skip(edge, |own| !own.is_separator(separators) && !own.is_blank());
        }
    }

    pub(super) fn next_word(&mut self, separators: &str) {
        let mut edge = self.edge();
        if !self.fold_over(&mut edge) {
            return;
        }
        if !self.is_blank() {
            self.skip_word(&mut edge, separators);
        }
        let first = self.at.line;
        while self.at.line - first < REACH && self.fold_over(&mut edge) && self.is_blank() {
            self.at.col += 1;
        }
    }

    /// Behind the end of this or the next word.
    pub(super) fn word_end(&mut self, separators: &str) {
        let mut edge = self.edge();
        let first = self.at.line;
        while self.fold_over(&mut edge) && self.at.line - first < REACH {
            if !self.is_blank() {
                return self.skip_word(&mut edge, separators);
            }
            self.at.col += 1;
        }
    }

    /// vi's end of a word: on its last glyph, from there on the next word's.
    pub(super) fn word_end_on(&mut self, separators: &str) {
        if !self.is_blank() {
            self.right(false, false, false);
        }
        self.word_end(separators);
        self.left(true);
    }

    /// To where a word begins: the one before (`already` at one's start), else
    /// this one. With `stops`, a line that ends in a blank holds it up.
    pub(super) fn word_start(&mut self, separators: &str, already: bool, stops: bool) {
        let mut letters = !self.is_separator(separators);
        if already || self.is_blank() {
            let first = self.at.line;
            loop {
                if first - self.at.line > REACH {
                    return;
                }
                if self.at.col > 0 {
                    self.at.col -= 1;
                    if !self.is_blank() {
                        letters = !self.is_separator(separators);
                        break;
                    }
                    continue;
                }
                if self.at.line == 0 {
                    return;
                }
                self.up();
                self.go_end(false, false);
                let ends_blank = self.at.col > 0 && {
                    let last = self.at.col - 1;
                    self.sheet.is_blank(self.at.line, last)
                };
                if stops && ends_blank {
                    letters = false;
                    break;
                }
            }
        }
        loop {
            let from = self.at;
            if self.at.col == 0 {
                if !self.sheet.continues(self.at.line) {
                    return;
                }
                self.up();
                self.go_end(false, true);
            }
            self.at.col = self.at.col.saturating_sub(1);
            if self.is_blank() || letters == self.is_separator(separators) {
                self.at = from;
                return;
            }
        }
    }

    /// To the next such character of the logical line, this place's included.
    pub(super) fn find(&mut self, wanted: char) -> bool {
        let mut from = self.at.col;
        for line in self.at.line..=self.sheet.last() {
            let text = self.sheet.line(line);
            let is = |glyph: &Glyph| *glyph == Glyph::Char(wanted);
            let rest = text.glyphs[..text.length].iter().skip(from);
            if let Some(at) = rest.into_iter().position(is) {
                self.at = Place {
                    line,
                    col: from + at,
                };
                return true;
            }
            if !text.wrapped {
                return false;
            }
            from = 0;
        }
        false
    }

    /// To the last such character of the logical line up to this place.
    pub(super) fn find_back(&mut self, wanted: char) -> bool {
        let mut line = self.at.line;
        let mut to = self.at.col + 1;
        loop {
            let text = self.sheet.line(line);
            let found = (0..to)
                .rev()
                .find(|col| *text.glyph(*col) == Glyph::Char(wanted));
            if let Some(col) = found {
                self.at = Place { line, col };
                return true;
            }
            if !self.sheet.continues(line) {
                return false;
            }
            line -= 1;
            to = self.sheet.length(line);
        }
    }
}
