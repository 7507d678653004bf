//! Marks of lines: where a prompt, a command's input, its output, its end and a
//! build's step lie (OSC 133, as FinalTerm and iTerm2 describe it, and our own
//! OSC 7717). A mark belongs to a line and goes with it into the history. What
//! the marks are good for is copy mode's affair.

use super::{PromptMark, Terminal};
use crate::base::Anchor;

/// What is marked on one line, and the anchors that lie on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks {
    bits: u8,
    /// The first and the last anchor on the line, none being 0. Anchors are
    /// minted in order, so that those between lie on it too.
    anchors: (u32, u32),
}

impl Marks {
    /// Nothing.
    pub const NONE: Self = Self::bit(0);
    /// A prompt starts (OSC 133 A).
    pub const PROMPT: Self = Self::bit(1);
    /// A command line starts (OSC 133 B).
    pub const INPUT: Self = Self::bit(1 << 1);
    /// A command's output starts (OSC 133 C).
    pub const OUTPUT: Self = Self::bit(1 << 2);
    /// A command ended (OSC 133 D).
    pub const END: Self = Self::bit(1 << 3);
    /// The command or step that starts here failed.
    pub const FAILED: Self = Self::bit(1 << 4);
    /// The first step of a phase starts (OSC 7717).
    pub const PHASE: Self = Self::bit(1 << 5);
    /// Any step of a phase starts (OSC 7717).
    pub const STEP: Self = Self::bit(1 << 6);

    const fn bit(bits: u8) -> Self {
        let anchors = (0, 0);
        Self { bits, anchors }
    }

    /// One anchor.
    pub(super) const fn anchor(anchor: Anchor) -> Self {
        let anchors = (anchor.0, anchor.0);
        Self { bits: 0, anchors }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let (a, b) = (self.anchors, other.anchors);
        let first = if a.0 == 0 || (b.0 != 0 && b.0 < a.0) {
            b.0
        } else {
            a.0
        };
        let last = if a.1 > b.1 { a.1 } else { b.1 };
        Self {
            bits: self.bits | other.bits,
            anchors: (first, last),
        }
    }

    /// Whether some mark of `other` is among these.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether an anchor lies here.
    #[must_use]
    pub(super) const fn holds(self, anchor: Anchor) -> bool {
        self.anchors.0 != 0 && self.anchors.0 <= anchor.0 && anchor.0 <= self.anchors.1
    }

    /// The first and the last anchor on the line.
    pub(super) fn anchors(self) -> Option<(Anchor, Anchor)> {
        let (first, last) = self.anchors;
        (first != 0).then_some((Anchor(first), Anchor(last)))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.bits == 0 && self.anchors.1 == 0
    }
}

/// Where a shell is, as its marks tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shell {
    /// A prompt is shown, and its command does not run yet.
    pub(super) at_prompt: bool,
    /// The line editor began behind its prompt (zle), which it draws again as
    /// a whole; readline begins before it and draws its last line only.
    pub(super) owns_prompt: bool,
    /// The last row, counted as [`Terminal::rows_pushed`] counts, from whose
    /// first column the screen was erased down: zle does so before its prompt.
    erased: Option<u64>,
    /// The row where that prompt begins while its line is read.
    pub(super) begins: Option<u64>,
}

impl Shell {
    /// The mark that a line editor draws from.
    pub(super) fn edited_from(self) -> Option<Marks> {
        let mark = if self.owns_prompt {
            Marks::PROMPT
        } else {
            Marks::INPUT
        };
        self.at_prompt.then_some(mark)
    }
}

impl Terminal {
    /// Keeps a shell's mark at the cursor's row. The alternate screen has none.
    pub(super) fn mark_prompt(&mut self, mark: PromptMark) {
        if self.active != 0 {
            return;
        }
        let marks = match mark {
            PromptMark::A => Marks::PROMPT,
            PromptMark::B => Marks::INPUT,
            PromptMark::C => Marks::OUTPUT,
            PromptMark::D(_) => Marks::END,
        };
        self.shell.at_prompt = marks.any(Marks::PROMPT.and(Marks::INPUT));
        if matches!(mark, PromptMark::D(Some(status)) if status != 0) {
            self.mark_failed(Marks::PROMPT);
        }
        // The first prompt of a row that is drawn again is the same prompt.
        let row = self.grids[0].row_mut(self.y);
        row.marks = row.marks.and(marks);
        let places = row.places.get_or_insert_default();
        match mark {
            PromptMark::A => places.prompt = self.x,
            PromptMark::B => places.input = self.x,
            PromptMark::C => places.output = self.x,
            PromptMark::D(status) => {
                places.end = self.x;
                places.status = status.unwrap_or(0);
            }
        }
    }

    /// Marks the newest line that has one of `which` as failed.
    pub fn mark_failed(&mut self, which: Marks) {
        let rows = (0..=self.y.min(self.size.rows() - 1)).rev();
        for y in rows {
            let row = self.grids[0].row_mut(y);
            if row.marks.any(which) {
                row.marks = row.marks.and(Marks::FAILED);
                return;
            }
        }
        self.history.mark_newest_with(which, Marks::FAILED);
    }

    /// Adds marks to a row, counted as [`Terminal::rows_pushed`] counts them:
    /// it may have scrolled away since it was told of.
    pub fn mark_row(&mut self, row: u64, marks: Marks) {
        let pushed = self.history.pushed_rows();
        if let Some(y) = row.checked_sub(pushed) {
            if let Ok(y) = u16::try_from(y)
                && y < self.size.rows()
            {
                let row = self.grids[0].row_mut(y);
                row.marks = row.marks.and(marks);
            }
            return;
        }
        let cols = self.size.cols();
        let back = usize::try_from(pushed - row).unwrap_or(usize::MAX);
        if let Some(row) = self.history.rows(cols).checked_sub(back) {
            self.history.mark_row(row, cols, marks);
        }
    }

    /// Marks a row as [`Self::mark_row`] does, and says by what it can be found
    /// for as long as it is there, whatever scrolls or changes size. Nothing when
    /// the row is gone.
    pub fn anchor_row(&mut self, row: u64, marks: Marks) -> Option<Anchor> {
        let anchor = Anchor(self.last_anchor.checked_add(1)?);
        self.last_anchor = anchor.0;
        self.mark_row(row, marks.and(Marks::anchor(anchor)));
        self.row_of_anchor(anchor).map(|_| anchor)
    }

    /// The row on which an anchor lies, the oldest row of the history being 0; of
    /// a line of several rows the first.
    #[must_use]
    pub fn row_of_anchor(&self, anchor: Anchor) -> Option<usize> {
        let cols = self.size.cols();
        let grid = &self.grids[0];
        let on_screen = (0..self.size.rows()).find(|y| grid.row(*y).marks.holds(anchor));
        match on_screen {
            Some(y) => Some(self.history.rows(cols) + usize::from(y)),
            None => self.history.row_of_anchor(anchor, cols),
        }
    }

    /// The rows of all anchors, for who asks for many: row, first and last anchor
    /// on it. Rows are as [`Self::row_of_anchor`] has them.
    #[must_use]
    pub fn anchors(&self) -> Vec<(usize, Anchor, Anchor)> {
        let cols = self.size.cols();
        let above = self.history.rows(cols);
        let on_screen = (0..self.size.rows()).filter_map(|y| {
            let (first, last) = self.grids[0].row(y).marks.anchors()?;
            Some((above + usize::from(y), first, last))
        });
        self.history.anchors(cols).chain(on_screen).collect()
    }

    /// Whether a shell reads a command line here, as far as can be told.
    #[must_use]
    pub fn is_at_prompt(&self) -> bool {
        self.is_editing()
    }

    /// The number of the cursor's row, as [`Terminal::rows_pushed`] counts;
    /// none on the alternate screen.
    pub(super) fn cursor_row(&self) -> Option<u64> {
        (self.active == 0).then(|| self.history.pushed_rows() + u64::from(self.y))
    }

    /// Where a mark would stand that came now: the cursor's row, and whether it is
    /// at its line's beginning.
    #[must_use]
    pub fn here(&self) -> (Option<u64>, bool) {
        (self.cursor_row(), self.at_line_start())
    }

    /// Whether nothing was written yet on the cursor's line.
    pub(super) fn at_line_start(&self) -> bool {
        let above = self.y.checked_sub(1);
        let goes_on = above.is_some_and(|y| self.grids[self.active].row(y).wrapped);
        self.x == 0 && !self.pending && !goes_on
    }

    /// The next row after `row` that has some of these marks, the oldest row of
    /// the history being 0; with `after` unset the last one before it.
    #[must_use]
    pub fn marked_row(&self, row: usize, which: Marks, after: bool) -> Option<usize> {
        let cols = self.size.cols();
        let above = self.history.rows(cols);
        let marked = |y: &u16| self.grids[0].row(*y).marks.any(which) && self.active == 0;
        let rows = self.size.rows();
        if after {
            let older = (row < above).then(|| self.history.marked_row(row, cols, which, true));
            let from = (row + 1).saturating_sub(above).min(usize::from(rows)) as u16;
            return older
                .flatten()
                .or_else(|| (from..rows).find(marked).map(|y| above + usize::from(y)));
        }
        let to = row.saturating_sub(above).min(usize::from(rows)) as u16;
        let newer = (0..to).rev().find(marked);
        newer
            .map(|y| above + usize::from(y))
            .or_else(|| self.history.marked_row(row.min(above), cols, which, false))
    }

    /// A line editor switched bracketed paste on.
    pub(super) fn editor_begins(&mut self) {
        self.shell.owns_prompt = self.x > 0;
        let near = |row: &u64| {
            let above = self.cursor_row().and_then(|at| at.checked_sub(*row));
            above.is_some_and(|above| above < self.size.rows().into())
        };
        let begins = self.shell.erased.filter(near);
        self.shell.begins = begins.filter(|_| self.shell.owns_prompt);
    }

    /// The screen was erased from the cursor down.
    pub(super) fn erased_below(&mut self) {
        if self.x == 0 {
            self.shell.erased = self.cursor_row().or(self.shell.erased);
        }
    }

    /// Rows from where the line editor's prompt begins to the cursor's, if a
    /// prompt without marks is known to begin anywhere.
    pub(super) fn rows_of_prompt(&self) -> Option<usize> {
        let begins = self.shell.begins.filter(|_| self.is_editing())?;
        let above = self.cursor_row()?.checked_sub(begins)?;
        usize::try_from(above).ok()
    }

    /// Whether a line editor is at work on the primary screen: a prompt is
    /// marked, or pastes are bracketed, which readline, zle, fish and their
    /// like switch on for as long as they read a line.
    pub(super) fn is_editing(&self) -> bool {
        self.active == 0 && (self.shell.at_prompt || self.modes.bracketed_paste)
    }
}
