//! What of copy mode is seen where: line numbers, the selection, the mark, the
//! lines as cells. How it looks is the options' and the drawing's affair.

use crate::base::{Cell, Label, Pool};
use crate::term::{Rows, ViewLine};

use super::{CopyMode, Numbers, Place};

/// The longest word that is told, in bytes.
const WORD_LIMIT: usize = 64 * 1024;

/// How lines are numbered (`copy-mode-line-numbers`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// Not at all.
    #[default]
    Off,
    /// From the bottom, as the position is.
    Default,
    /// From the oldest line, which is 1.
    Absolute,
    /// From the cursor's line.
    Relative,
    /// The cursor's line absolutely, the others from it.
    Hybrid,
}

impl Numbering {
    fn of(option: &str) -> Self {
        match option {
            "default" => Self::Default,
            "absolute" => Self::Absolute,
            "relative" => Self::Relative,
            "hybrid" => Self::Hybrid,
            _ => Self::Off,
        }
    }

    /// Whether the position and `goto-line` count from the oldest line.
    #[must_use]
    pub fn is_absolute(self) -> bool {
        matches!(self, Self::Absolute | Self::Relative | Self::Hybrid)
    }
}

/// What a cell of the view stands out by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glow {
    /// It is in the cursor's line.
    pub current: bool,
    /// It is in the marked line.
    pub marked: bool,
    /// It is the marked place itself.
    pub mark: bool,
    /// It is in a match, and in the cursor's own one.
    pub found: Option<bool>,
}

impl CopyMode {
    /// How lines are numbered, by what the option says.
    #[must_use]
    pub fn numbering(&self, option: &str) -> Numbering {
        match (self.numbers, Numbering::of(option)) {
            (Numbers::Off, _) => Numbering::Off,
            (Numbers::On, Numbering::Off) => Numbering::Default,
            (Numbers::On | Numbers::Option, own) => own,
        }
    }

    /// Shows line numbers or hides them.
    pub(super) fn set_numbers(&mut self, on: bool, option: &str) {
        self.numbers = match Numbering::of(option) {
            _ if !on => Numbers::Off,
            Numbering::Off => Numbers::On,
            _ => Numbers::Option,
        };
    }

    /// Columns that line numbers take, with the blank behind them.
    #[must_use]
    pub fn number_width(&self, numbering: Numbering) -> usize {
        if numbering == Numbering::Off {
            return 0;
        }
        let lines = self.above() + self.rows() + 1;
        lines.to_string().len().max(3) + 1
    }

    /// The number of a row of the view.
    #[must_use]
    pub fn number(&self, numbering: Numbering, row: usize) -> usize {
        let absolute = self.top() + row + 1;
        match numbering {
            Numbering::Off => 0,
            Numbering::Default => self.back.abs_diff(row),
            Numbering::Absolute => absolute,
            Numbering::Hybrid if row == self.row => absolute,
            Numbering::Hybrid | Numbering::Relative => row.abs_diff(self.row),
        }
    }

    /// Columns left for text beside line numbers, at least one.
    #[must_use]
    pub fn text_width(&self, numbering: Numbering) -> usize {
        self.cols()
            .saturating_sub(self.number_width(numbering))
            .max(1)
    }

    /// The column of the view that shows a column of the text.
    #[must_use]
    pub fn seen_col(&self, numbering: Numbering, col: usize) -> usize {
        let width = self.number_width(numbering);
        if width == 0 {
            col
        } else if col >= self.text_width(numbering) {
            self.cols() - 1
        } else {
            width + col
        }
    }

    /// The column of the text that a column of the view shows.
    #[must_use]
    pub fn text_col(&self, numbering: Numbering, col: usize) -> usize {
        let width = self.number_width(numbering);
        if width == 0 {
            return col;
        }
        let last = self.text_width(numbering) - 1;
        col.saturating_sub(width).min(last)
    }

    /// Position and limit that the indicator shows.
    #[must_use]
    pub fn position(&self, numbering: Numbering) -> (usize, usize) {
        let above = self.above();
        if numbering.is_absolute() {
            (above - self.back.min(above) + 1, above + self.rows())
        } else {
            (self.back, above)
        }
    }

    /// What a cell of the view stands out by.
    #[must_use]
    pub fn glow(&self, row: usize, col: usize) -> Glow {
        let line = self.top() + row;
        let marked = self.shows_mark && line == self.mark.line;
        Glow {
            current: row == self.row,
            marked,
            mark: marked && col == self.mark.col,
            found: self.match_at(row, col),
        }
    }

    /// Whether a cell of the view, line numbers counted in, is selected. emacs'
    /// keys leave the later end out.
    #[must_use]
    pub fn is_selected(&self, numbering: Numbering, row: usize, col: usize) -> bool {
        if !self.selection.is_on || col < self.number_width(numbering) {
            return false;
        }
        let own = &self.selection;
        let seen = |at: Place| self.seen_col(numbering, at.col);
        let line = self.top() + row;
        let (a, b) = (own.start, own.end);
        let (low, high) = (a.line.min(b.line), a.line.max(b.line));
        if line < low || line > high {
            return false;
        }
        if self.rectangle {
            let (left, right) = (seen(a).min(seen(b)), seen(a).max(seen(b)));
            return (left..=right).contains(&col);
        }
        let (from, to) = (a.min(b), a.max(b));
        if line == from.line && col < seen(from) {
            return false;
        }
        if line < to.line {
            return true;
        }
        if self.entered_vi {
            return col <= seen(to);
        }
        // Begun at the later end at a line's start, nothing of that line is.
        let last = seen(to);
        if last == 0 && a == to && a.line != b.line {
            return false;
        }
        col <= last.saturating_sub(1)
    }

    /// The cells of a row of the view: of a closed fold nothing, but its label.
    pub fn read_row(&self, row: usize, pool: &mut Pool, out: &mut ViewLine) -> Option<&Label> {
        let at = self.folds.row(self.top() + row);
        if let Some(label) = self.folds.label(at) {
            return Some(label);
        }
        self.term
            .with_rows(|rows: &dyn Rows| rows.row(at, pool, out));
        for cell in &mut out.cells {
            *cell = Cell::plain(*cell);
        }
        None
    }

    /// The text of the line at a row of the view (`copy_cursor_line`).
    #[must_use]
    pub fn line_text(&self, row: usize) -> String {
        let line = self.sheet().line(self.top() + row);
        let mut out = String::new();
        line.push_text(0, line.length, &mut out);
        out
    }

    /// The word at a place of the view (`copy_cursor_word`): the run without
    /// blanks and separators that a place is in, or that begins behind it.
    #[must_use]
    pub fn word_text(&self, col: usize, row: usize, separators: &str) -> String {
        let sheet = self.sheet();
        let ends = |line: usize, col: usize| {
            sheet.is_blank(line, col) || sheet.is_one_of(line, col, separators)
        };
        let (mut line, mut col) = (self.top() + row, col);
        let mut before = false;
        loop {
            if ends(line, col) {
                before = true;
                break;
            }
            if col == 0 {
                if !sheet.continues(line) || sheet.length(line - 1) == 0 {
                    break;
                }
                line -= 1;
                col = sheet.length(line);
            }
            col -= 1;
        }
        let mut out = String::new();
        while out.len() < WORD_LIMIT {
            if before {
                let length = sheet.length(line);
                if length == 0 || col + 1 == length {
                    if line >= sheet.last() || !sheet.wraps(line) {
                        break;
                    }
                    (line, col) = (line + 1, 0);
                } else {
                    col += 1;
                }
            }
            before = true;
            // What goes on from before, the rest of a tab too, is passed over.
            if sheet.is_tail(line, col) {
                continue;
            }
            if ends(line, col) {
                break;
            }
            sheet.line(line).glyph(col).push(&mut out);
        }
        out
    }

    /// The link that a cell of the view belongs to, if any.
    #[must_use]
    pub fn link_at(&self, col: usize, row: usize) -> Option<String> {
        let mut pool = Pool::new();
        let mut line = ViewLine::default();
        if self.read_row(row, &mut pool, &mut line).is_some() {
            return None;
        }
        let cell = line.cells.get(col)?;
        let style = pool.get(cell.style);
        pool.link_of(style.link).map(|link| link.uri.to_string())
    }
}
