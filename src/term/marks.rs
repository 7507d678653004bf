//! Marks of lines: where a prompt, a command's input, its output, its end and a
//! build's step lie (OSC 133, as FinalTerm and iTerm2 describe it, and our own
//! OSC 7717). A mark belongs to a line and goes with it into the history. What
//! the marks are good for is copy mode's affair.

use super::{PromptMark, Terminal};

/// What is marked on one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u8);

impl Marks {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A prompt starts (OSC 133 A).
    pub const PROMPT: Self = Self(1);
    /// A command line starts (OSC 133 B).
    pub const INPUT: Self = Self(1 << 1);
    /// A command's output starts (OSC 133 C).
    pub const OUTPUT: Self = Self(1 << 2);
    /// A command ended (OSC 133 D).
    pub const END: Self = Self(1 << 3);
    /// The command or step that starts here failed.
    pub const FAILED: Self = Self(1 << 4);
    /// The first step of a phase starts (OSC 7717).
    pub const PHASE: Self = Self(1 << 5);
    /// Any step of a phase starts (OSC 7717).
    pub const STEP: Self = Self(1 << 6);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether some mark of `other` is among these.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
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

    /// The number of the cursor's row, as [`Terminal::rows_pushed`] counts;
    /// none on the alternate screen.
    pub(super) fn cursor_row(&self) -> Option<u64> {
        (self.active == 0).then(|| self.history.pushed_rows() + u64::from(self.y))
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
    }

    /// Whether a line editor is at work on the primary screen: a prompt is
    /// marked, or pastes are bracketed, which readline, zle, fish and their
    /// like switch on for as long as they read a line.
    pub(super) fn is_editing(&self) -> bool {
        self.active == 0 && (self.shell.at_prompt || self.modes.bracketed_paste)
    }
}
