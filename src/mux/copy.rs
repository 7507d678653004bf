//! Copy mode's state: a view into a pane's screen and history with a cursor of
//! its own. Rows are counted from the first row that ever scrolled away, so
//! that new output moves nothing.

use crate::base::{Key, Pos};
use crate::term::{Direction, Query, Terminal, ViewPos};

use super::copy_folds::Folds;

/// A row since the beginning: `rows_pushed` of the terminal is the row at the
/// top of its screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbsRow(pub u64);

/// A place in screen or history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbsPos {
    /// The row.
    pub row: AbsRow,
    /// The column.
    pub col: u16,
}

/// By what a selection grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectBy {
    /// Cells.
    #[default]
    Char,
    /// Words.
    Word,
    /// Whole lines.
    Line,
}

/// A selection: from the anchor to the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub anchor: AbsPos,
    /// Where it ends; the cursor, until the selection is stopped.
    pub head: AbsPos,
    /// By what it grows.
    pub by: SelectBy,
    /// It no longer follows the cursor (`stop-selection`).
    pub stopped: bool,
}

/// A pane's copy mode.
#[derive(Clone, Debug)]
pub struct CopyMode {
    /// The first row of the view.
    pub top: AbsRow,
    /// The cursor.
    pub cursor: AbsPos,
    /// The selection.
    pub selection: Option<Selection>,
    /// Selections are rectangles.
    pub rectangle: bool,
    /// What was searched for, and which way.
    pub search: Option<(Query, Direction)>,
    /// The column that vertical moves try to keep.
    pub wanted_col: u16,
    /// Leave when the view reaches the bottom (`copy-mode -e`).
    pub exit_at_bottom: bool,
    /// Hide the position indicator (`copy-mode -H`).
    pub hide_position: bool,
    /// The mark (`set-mark`).
    pub mark: Option<AbsPos>,
    /// The last jump: the character, forwards, up to rather than onto it.
    pub jump: Option<(char, bool, bool)>,
    /// The count typed before a command (`send-keys -N`).
    pub count: u32,
    /// The key that is waited for to complete a jump.
    pub pending: Option<Key>,
    /// The folds that are closed.
    pub folds: Folds,
}

impl CopyMode {
    /// Copy mode as it is entered: the view at the bottom, the cursor where the
    /// program's is.
    #[must_use]
    pub fn enter(term: &Terminal) -> Self {
        let top = AbsRow(term.rows_pushed());
        let at = term.cursor().pos;
        Self {
            top,
            cursor: AbsPos {
                row: AbsRow(top.0 + u64::from(at.y)),
                col: at.x,
            },
            selection: None,
            rectangle: false,
            search: None,
            wanted_col: at.x,
            exit_at_bottom: false,
            hide_position: false,
            mark: None,
            jump: None,
            count: 0,
            pending: None,
            folds: Folds::default(),
        }
    }

    /// The oldest row that is still there.
    #[must_use]
    pub fn oldest(term: &Terminal) -> AbsRow {
        let held = u64::try_from(term.history_rows()).unwrap_or(u64::MAX);
        AbsRow(term.rows_pushed().saturating_sub(held))
    }

    /// Whether the view is at the bottom.
    #[must_use]
    pub fn at_bottom(&self, term: &Terminal) -> bool {
        self.lines_below(term) == 0
    }

    /// A place as the terminal's reader counts it.
    #[must_use]
    pub fn to_view(term: &Terminal, at: AbsPos) -> ViewPos {
        let row = at.row.0.saturating_sub(Self::oldest(term).0);
        ViewPos::new(usize::try_from(row).unwrap_or(usize::MAX), at.col)
    }

    /// A reader's place as rows are counted here.
    #[must_use]
    pub fn of_view(term: &Terminal, at: ViewPos) -> AbsPos {
        AbsPos {
            row: AbsRow(Self::oldest(term).0 + u64::try_from(at.row).unwrap_or(0)),
            col: at.col,
        }
    }

    /// Brings view and cursor back into what is there, after rows fell out of
    /// the history or the pane changed size.
    pub fn settle(&mut self, term: &Terminal) {
        self.rewrapped(term);
        let first = self.shown(Self::oldest(term));
        let top = self.shown(self.top).clamp(first, self.last_top(term));
        self.top = self.row_shown(top);
        let last = top + u64::from(term.size().rows()) - 1;
        let last = last.min(self.shown(Self::end(term)));
        let cursor = self.shown(self.cursor.row).clamp(top, last);
        self.cursor.row = self.row_shown(cursor);
        self.cursor.col = self.cursor.col.min(term.size().cols() - 1);
    }

    /// Moves the view by rows, the cursor staying where it is on the screen.
    pub fn scroll(&mut self, term: &Terminal, by: i64) {
        let line = self.cursor_line();
        let first = self.shown(Self::oldest(term));
        let top = self.shown(self.top).saturating_add_signed(by);
        let top = top.clamp(first, self.last_top(term));
        self.top = self.row_shown(top);
        self.cursor.row = self.row_shown(top + line);
        self.settle(term);
        self.follow();
    }

    /// Puts the cursor on a cell of the view.
    pub fn point(&mut self, term: &Terminal, at: Pos) {
        self.cursor = AbsPos {
            row: self.row_below(at.y),
            col: at.x,
        };
        self.wanted_col = at.x;
        self.settle(term);
        self.follow();
    }

    /// Puts the cursor somewhere; the view moves as far as it must.
    pub fn go(&mut self, term: &Terminal, to: AbsPos) {
        self.uncover(term, to.row);
        let rows = u64::from(term.size().rows());
        self.cursor = to;
        let (top, row) = (self.shown(self.top), self.shown(to.row));
        if row < top {
            self.top = to.row;
        } else if row >= top + rows {
            self.top = self.row_shown(row + 1 - rows);
        }
        self.settle(term);
        self.follow();
    }

    /// Puts the cursor somewhere, at the top of the view where that can be.
    pub fn go_to_top(&mut self, term: &Terminal, to: AbsPos) {
        self.go(term, to);
        self.top = self.row_shown(self.shown(to.row).min(self.last_top(term)));
        self.settle(term);
    }

    /// Lets a selection that is not stopped end at the cursor.
    pub fn follow(&mut self) {
        let cursor = self.cursor;
        if let Some(selection) = self.selection.as_mut().filter(|s| !s.stopped) {
            selection.head = cursor;
        }
    }

    /// Begins a selection at the cursor.
    pub fn begin(&mut self, by: SelectBy) {
        self.selection = Some(Selection {
            anchor: self.cursor,
            head: self.cursor,
            by,
            stopped: false,
        });
    }
}
