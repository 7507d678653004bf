//! Folds in copy mode: a closed one is shown as one line that stands for all of
//! its rows. Here rows of the terminal are turned into lines as they are shown,
//! and back. It closes what it is told to close, and opens what is gone into.
//!
//! ```text
//! rows    10 11 12 13 14 15 16        closed: 12 to 14, header 12
//! lines   10 11 12       13 14
//! ```

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::base::{Anchor, Label};
use crate::ci::timeline::span;
use crate::term::{FoldRows, Terminal, ViewPos};

use super::{CopyMode, Place};

/// A closed fold: its first row stands for it, the others are hidden.
#[derive(Clone, Debug)]
struct Closed {
    header: usize,
    last: usize,
    /// Rows hidden by those before it.
    before: usize,
    label: Label,
}

impl Closed {
    const fn hides(&self) -> usize {
        self.last - self.header
    }
}

/// The folds that are closed in a copy mode.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    ids: BTreeSet<Anchor>,
    /// From the oldest, none within another.
    closed: Vec<Closed>,
}

impl Folds {
    /// None closed.
    pub(super) const NONE: Self = Self {
        ids: BTreeSet::new(),
        closed: Vec::new(),
    };

    fn last_before(&self, row: usize) -> Option<&Closed> {
        let at = self.closed.partition_point(|fold| fold.header < row);
        self.closed.get(at.checked_sub(1)?)
    }

    /// How many lines there are; never fewer than the screen has.
    pub(super) fn lines(&self, term: &Terminal) -> usize {
        let screen = usize::from(term.size().rows());
        let rows = term.history_rows() + screen;
        (self.shown(rows.saturating_sub(1)) + 1).max(screen)
    }

    /// The line that shows a row: hidden rows are shown by their fold's.
    pub(super) fn shown(&self, row: usize) -> usize {
        match self.last_before(row) {
            None => row,
            Some(fold) if row <= fold.last => fold.header - fold.before,
            Some(fold) => row - fold.before - fold.hides(),
        }
    }

    /// The row that a line shows, of a closed fold its first.
    pub(super) fn row(&self, line: usize) -> usize {
        let at = self
            .closed
            .partition_point(|fold| fold.header - fold.before < line);
        match at.checked_sub(1).and_then(|at| self.closed.get(at)) {
            None => line,
            Some(fold) => line + fold.before + fold.hides(),
        }
    }

    fn at_header(&self, row: usize) -> Option<&Closed> {
        let at = self.closed.binary_search_by_key(&row, |fold| fold.header);
        self.closed.get(at.ok()?)
    }

    /// What is shown in place of a closed fold whose first row this is.
    pub(super) fn label(&self, row: usize) -> Option<&Label> {
        self.at_header(row).map(|fold| &fold.label)
    }

    /// The rows that a line stands for, if it is a closed fold's.
    pub(super) fn rows_of(&self, line: usize) -> Option<RangeInclusive<usize>> {
        let fold = self.at_header(self.row(line))?;
        Some(fold.header..=fold.last)
    }

    fn hides(&self, row: usize) -> Option<&Closed> {
        self.last_before(row).filter(|fold| row <= fold.last)
    }

    /// Works out anew which rows are hidden.
    pub(super) fn refold(&mut self, term: &Terminal) {
        self.closed.clear();
        if self.ids.is_empty() {
            return;
        }
        let (mut before, mut free) = (0, 0);
        for fold in term.folds() {
            if !self.ids.contains(&fold.id) || fold.first < free {
                continue;
            }
            let closed = Closed {
                header: fold.first,
                last: fold.last,
                before,
                label: label(term, &fold),
            };
            before += closed.hides();
            free = fold.last + 1;
            self.closed.push(closed);
        }
    }
}

impl CopyMode {
    /// What is shown in place of a closed fold, if a line stands for one.
    #[must_use]
    pub fn fold_label(&self, line: usize) -> Option<&Label> {
        self.folds.label(self.folds.row(line))
    }

    /// The terminal's row that a line shows, of a closed fold its first.
    #[must_use]
    pub fn row_of(&self, line: usize) -> usize {
        self.folds.row(line)
    }

    /// Opens what hides a row.
    pub(super) fn uncover(&mut self, row: usize) {
        if self.folds.hides(row).is_none() {
            return;
        }
        for fold in self.term.folds() {
            if fold.first <= row && row <= fold.last {
                self.folds.ids.remove(&fold.id);
            }
        }
        self.refolded();
    }

    /// Hides anew; cursor, mark and selection stay on their rows.
    fn refolded(&mut self) {
        let row = self.row;
        let keep = |own: &Self, at: Place| Place {
            line: own.folds.row(at.line),
            ..at
        };
        let (start, end) = (self.selection.start, self.selection.end);
        let rows = [self.here(), self.mark, start, end].map(|at| keep(self, at));
        self.folds.refold(&self.term);
        let [here, mark, start, end] = rows.map(|at| Place {
            line: self.folds.shown(at.line),
            ..at
        });
        (self.mark, self.selection.start, self.selection.end) = (mark, start, end);
        // The cursor stays on its row of the view where it can.
        let above = self.above();
        let top = here.line.saturating_sub(row).min(above);
        self.back = above - top;
        self.row = here.line - top;
    }

    /// A command on folds; false when the name is none of one.
    pub(super) fn fold(&mut self, name: &str) -> bool {
        if !name.starts_with("fold-") {
            return false;
        }
        let folds = self.term.folds();
        let here = self.folds.row(self.here().line);
        let closed = |own: &Self, fold: &FoldRows| own.folds.ids.contains(&fold.id);
        let at_header = self.folds.at_header(here).is_some();
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
        self.refolded();
        self.update_selection(false);
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
