//! Copy mode through changes of its pane: another size, and a new picture of what
//! the program has written since. The cursor stays on its text.

use crate::base::{Anchor, Size};
use crate::term::{Marks, Terminal};

use super::sheet::Sheet;
use super::{CopyMode, Folds, Place};

/// Rows as they are, whatever is closed.
static OPEN: Folds = Folds::NONE;

/// A place as its line counts it, whatever the width.
struct Kept {
    line: Anchor,
    /// Columns from the logical line's start; none for behind its end.
    cols: Option<usize>,
}

impl CopyMode {
    /// Follows the pane's size.
    pub fn resize(&mut self, size: Size) {
        if size == self.term.size() {
            return;
        }
        self.back = self.back.min(self.above() + self.row);
        let mut at = self.here();
        at.line = self.folds.row(at.line);
        let wraps = size.cols() != self.term.size().cols();
        let kept = if wraps { self.keep(at) } else { None };
        self.term.resize_picture(size);
        self.folds.refold(&self.term);
        let mut to = kept.map_or(at, |kept| self.find_kept(&kept, at));
        to.line = self.folds.shown(to.line);
        let above = self.above();
        self.col = to.col.min(self.cols());
        (self.row, self.back) = if to.line < above {
            (0, above - to.line)
        } else {
            ((to.line - above).min(self.rows() - 1), 0)
        };
        self.changed();
    }

    fn keep(&mut self, at: Place) -> Option<Kept> {
        let (first, cols) = {
            let sheet = Sheet::new(&self.term, &OPEN);
            let mut first = at.line;
            let mut cols = 0;
            while sheet.continues(first) {
                first -= 1;
                cols += sheet.line(first).used;
            }
            let inside = at.col < sheet.line(at.line).used;
            (first, inside.then_some(cols + at.col))
        };
        let above = u64::try_from(self.term.history_rows()).ok()?;
        let row = u64::try_from(first).ok()? + self.term.rows_pushed();
        let line = self.term.anchor_row(row.checked_sub(above)?, Marks::NONE)?;
        Some(Kept { line, cols })
    }

    fn find_kept(&self, kept: &Kept, old: Place) -> Place {
        let Some(mut line) = self.term.row_of_anchor(kept.line) else {
            return old;
        };
        let sheet = Sheet::new(&self.term, &OPEN);
        let Some(mut cols) = kept.cols else {
            while line < sheet.last() && sheet.wraps(line) {
                line += 1;
            }
            let col = sheet.line(line).used;
            return Place { line, col };
        };
        while line < sheet.last() && sheet.wraps(line) && cols >= sheet.line(line).used {
            cols -= sheet.line(line).used;
            line += 1;
        }
        Place { line, col: cols }
    }

    /// Drops the blank lines below the last one that was written, as is done with
    /// another pane's picture.
    pub fn trim(&mut self) {
        self.term.trim_blank();
        let cursor = self.term.cursor().pos;
        (self.col, self.row) = (cursor.x.into(), cursor.y.into());
    }

    /// Shows a new picture: its end with `follow`, else the same lines.
    pub fn refresh(&mut self, mut term: Terminal, follow: bool) {
        let top = self.top();
        self.seen = term.seq();
        term.resize_picture(self.term.size());
        self.term = term;
        self.folds.refold(&self.term);
        let above = self.above();
        if follow {
            self.row = self.rows() - 1;
            self.back = 0;
            self.col = self.limit(self.here().line, false);
        } else if top <= above {
            self.back = above - top;
        } else {
            self.row = 0;
            self.back = above;
        }
        self.changed();
    }

    /// Whether new output is to be shown now, and if so, whether its end is.
    #[must_use]
    pub fn wants_refresh(&self) -> Option<bool> {
        let quiet = !self.selection.is_on && !self.selects();
        let at_end = self.back == 0 && self.row + 1 == self.rows();
        (self.refreshes && quiet).then_some(at_end)
    }

    fn changed(&mut self) {
        self.clear_selection();
        self.research();
    }
}
