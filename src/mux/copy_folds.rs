//! Folds in copy mode: a closed one is shown as one line that stands for all of
//! its rows. Rows keep their numbers; here they are turned into the numbers of
//! lines as they are shown, and back. It closes what it is told to close, and
//! opens what is gone into.
//!
//! ```text
//! rows    10 11 12 13 14 15 16        closed: 12 to 14, header 12
//! shown   10 11 12       13 14
//! ```

use std::collections::BTreeSet;

use crate::base::{Anchor, Label};
use crate::ci::timeline::span;
use crate::term::{FoldRows, Terminal, ViewPos};

use super::copy::{AbsRow, CopyMode};

/// A closed fold: its first row stands for it, the others are hidden.
#[derive(Clone, Debug)]
struct Closed {
    header: u64,
    last: u64,
    /// Rows hidden by those before it.
    before: u64,
    label: Label,
}

impl Closed {
    const fn hides(&self) -> u64 {
        self.last - self.header
    }
}

/// The folds that are closed in a copy mode.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    ids: BTreeSet<Anchor>,
    /// From the oldest, none within another.
    closed: Vec<Closed>,
    /// Columns for which that was worked out.
    cols: u16,
}

impl Folds {
    fn last_before(&self, row: u64) -> Option<&Closed> {
        let at = self.closed.partition_point(|fold| fold.header < row);
        self.closed.get(at.checked_sub(1)?)
    }

    /// The line that shows a row: hidden rows are shown by their fold's.
    fn shown(&self, row: u64) -> u64 {
        match self.last_before(row) {
            None => row,
            Some(fold) if row <= fold.last => fold.header - fold.before,
            Some(fold) => row - fold.before - fold.hides(),
        }
    }

    /// The row that a line shows, of a closed fold its first.
    fn row(&self, shown: u64) -> u64 {
        let at = self
            .closed
            .partition_point(|fold| fold.header - fold.before < shown);
        match at.checked_sub(1).and_then(|at| self.closed.get(at)) {
            None => shown,
            Some(fold) => shown + fold.before + fold.hides(),
        }
    }

    fn at_header(&self, row: u64) -> Option<&Closed> {
        let at = self.closed.binary_search_by_key(&row, |fold| fold.header);
        self.closed.get(at.ok()?)
    }

    fn hides(&self, row: u64) -> Option<&Closed> {
        self.last_before(row).filter(|fold| row <= fold.last)
    }
}

impl CopyMode {
    /// The line that shows a row, counted as rows are.
    #[must_use]
    pub fn shown(&self, row: AbsRow) -> u64 {
        self.folds.shown(row.0)
    }

    /// The row that a line shows.
    #[must_use]
    pub fn row_shown(&self, shown: u64) -> AbsRow {
        AbsRow(self.folds.row(shown))
    }

    /// The row that is shown so many lines below the view's first.
    #[must_use]
    pub fn row_below(&self, line: u16) -> AbsRow {
        self.row_shown(self.shown(self.top) + u64::from(line))
    }

    /// The last row of all.
    pub(super) fn end(term: &Terminal) -> AbsRow {
        AbsRow(term.rows_pushed() + u64::from(term.size().rows()) - 1)
    }

    /// The first line at which the view is at the bottom.
    pub(super) fn last_top(&self, term: &Terminal) -> u64 {
        let rows = u64::from(term.size().rows());
        let top = (self.shown(Self::end(term)) + 1).saturating_sub(rows);
        top.max(self.shown(Self::oldest(term)))
    }

    /// Lines between the view and the bottom.
    #[must_use]
    pub fn lines_below(&self, term: &Terminal) -> u64 {
        self.last_top(term).saturating_sub(self.shown(self.top))
    }

    /// The line on the screen that the cursor is on.
    #[must_use]
    pub fn cursor_line(&self) -> u64 {
        self.shown(self.cursor.row)
            .saturating_sub(self.shown(self.top))
    }

    /// What is shown in place of a closed fold whose first row this is.
    #[must_use]
    pub fn fold_label(&self, row: AbsRow) -> Option<&Label> {
        self.folds.at_header(row.0).map(|fold| &fold.label)
    }

    /// The last row that a row stands for: of a closed fold the fold's.
    #[must_use]
    pub fn last_of(&self, row: AbsRow) -> AbsRow {
        let fold = self.folds.at_header(row.0);
        AbsRow(fold.map_or(row.0, |fold| fold.last))
    }

    /// Whether a row is not shown.
    #[must_use]
    pub fn is_hidden(&self, row: AbsRow) -> bool {
        self.folds.hides(row.0).is_some()
    }

    /// Opens what hides a row.
    pub(super) fn uncover(&mut self, term: &Terminal, row: AbsRow) {
        if !self.is_hidden(row) {
            return;
        }
        let oldest = Self::oldest(term).0;
        for fold in term.folds() {
            let inside = oldest + fold.first as u64 <= row.0 && row.0 <= oldest + fold.last as u64;
            if inside {
                self.folds.ids.remove(&fold.id);
            }
        }
        self.refold(term);
    }

    /// Works out anew which rows are hidden, when the width has changed.
    pub(super) fn rewrapped(&mut self, term: &Terminal) {
        if !self.folds.ids.is_empty() && self.folds.cols != term.size().cols() {
            self.refold(term);
        }
    }

    fn refold(&mut self, term: &Terminal) {
        let oldest = Self::oldest(term).0;
        self.folds.cols = term.size().cols();
        self.folds.closed.clear();
        if self.folds.ids.is_empty() {
            return;
        }
        let mut before = 0;
        let mut free = 0;
        for fold in term.folds() {
            let (header, last) = (oldest + fold.first as u64, oldest + fold.last as u64);
            if !self.folds.ids.contains(&fold.id) || header < free {
                continue;
            }
            let closed = Closed {
                header,
                last,
                before,
                label: label(term, &fold),
            };
            before += closed.hides();
            free = last + 1;
            self.folds.closed.push(closed);
        }
    }

    /// A command on folds; false when the name is none of one.
    pub fn fold(&mut self, term: &Terminal, name: &str) -> bool {
        if !name.starts_with("fold-") {
            return false;
        }
        let folds = term.folds();
        let here = Self::to_view(term, self.cursor).row;
        let closed = |own: &Self, fold: &FoldRows| own.folds.ids.contains(&fold.id);
        let at_header = self.folds.at_header(self.cursor.row.0).is_some();
        let inside = |fold: &&FoldRows| fold.first <= here && here <= fold.last;
        // Of what is closed the outermost is shown, of what is open the innermost
        // is meant.
        let mut around = folds.iter().filter(inside);
        let meant = if at_header {
            around.find(|fold| closed(self, fold))
        } else {
            around.min_by_key(|fold| fold.last - fold.first)
        };
        match name {
            "fold-toggle" if at_header => self.set_closed(meant, false),
            "fold-toggle" | "fold-close" => self.set_closed(meant, true),
            "fold-open" => self.set_closed(meant, false),
            "fold-close-all" => self.folds.ids = folds.iter().map(|fold| fold.id).collect(),
            "fold-open-all" => self.folds.ids.clear(),
            "fold-toggle-all" => {
                let any = folds.iter().any(|fold| closed(self, fold));
                let all = folds.iter().filter(|_| !any);
                self.folds.ids = all.map(|fold| fold.id).collect();
            }
            _ => return false,
        }
        let line = self.cursor_line();
        self.refold(term);
        // The cursor stays on its line of the screen where it can.
        self.cursor.row = self.row_shown(self.shown(self.cursor.row));
        let top = self.shown(self.cursor.row).saturating_sub(line);
        self.top = self.row_shown(top);
        self.settle(term);
        self.follow();
        true
    }

    fn set_closed(&mut self, fold: Option<&FoldRows>, close: bool) {
        match fold {
            Some(fold) if close => drop(self.folds.ids.insert(fold.id)),
            Some(fold) => drop(self.folds.ids.remove(&fold.id)),
            None => {}
        }
    }
}

/// `▸ install.1 (132 lines, 12s)`; without a name the first row says what it is.
fn label(term: &Terminal, fold: &FoldRows) -> Label {
    let own = || {
        let end = ViewPos::new(fold.first, term.size().cols() - 1);
        Label::new(&term.text_range(ViewPos::new(fold.first, 0), end, false))
    };
    let name = if fold.name.is_empty() {
        own()
    } else {
        fold.name.clone()
    };
    let lines = fold.last - fold.first + 1;
    let unit = if lines == 1 { "line" } else { "lines" };
    let took = fold.took.map(|took| format!(", {}", span(took)));
    Label::new(&format!(
        "▸ {name} ({lines} {unit}{})",
        took.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_lines_are_turned_into_each_other() {
        let closed = |header, last, before| Closed {
            header,
            last,
            before,
            label: Label::default(),
        };
        let folds = Folds {
            closed: vec![closed(2, 5, 0), closed(8, 8, 3), closed(9, 19, 3)],
            ..Folds::default()
        };
        let shown = [
            (0, 0),
            (2, 2),
            (3, 2),
            (5, 2),
            (6, 3),
            (8, 5),
            (9, 6),
            (19, 6),
            (20, 7),
            (30, 17),
        ];
        for (row, line) in shown {
            assert_eq!(folds.shown(row), line, "{row}");
        }
        for line in 0..30 {
            let row = folds.row(line);
            assert_eq!(folds.shown(row), line);
            assert!(folds.hides(row).is_none(), "{row} is hidden");
        }
    }
}
