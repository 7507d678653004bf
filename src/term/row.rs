//! One row of a screen: its cells, when it last changed, and whether it runs on
//! into the next row. It keeps wide pairs whole and knows nothing of cursors,
//! margins or styles.

use super::marks::Marks;
use crate::base::{Cell, StyleId};

/// A row of cells.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The cells, one for each column.
    pub(super) cells: Box<[Cell]>,
    /// Sequence number of the last change.
    pub(super) seq: u64,
    /// Whether autowrap continued this row's text on the next row.
    pub(super) wrapped: bool,
    /// What is marked on the row.
    pub(super) marks: Marks,
    /// Whether the row has half the columns (DECDWL, DECDHL).
    pub(super) double: bool,
    /// Columns up to the last that was ever written since the row was cleared.
    pub(super) reach: u16,
    /// Columns that tmux would have made room for (see [`room_for`]).
    pub(super) room: u16,
    /// Something was written that tmux's small cells cannot hold.
    pub(super) rich: bool,
    /// It was cut when its line was wrapped anew (see `reflow`).
    pub(super) anew: bool,
    /// Where a shell's marks stand, if any does.
    pub(super) places: Option<Box<MarkPlaces>>,
}

/// The columns of a shell's marks on a row, and a command's exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MarkPlaces {
    pub(super) prompt: u16,
    pub(super) input: u16,
    pub(super) output: u16,
    pub(super) end: u16,
    pub(super) status: i32,
}

/// How many columns tmux makes room for when a row that has room for `had` is
/// written up to `upto`: a quarter, half or all of it. Captures with `-N` show
/// them. A row that became narrower keeps the room that it had.
pub(super) fn room_for(upto: usize, had: usize, cols: usize) -> usize {
    match upto {
        _ if upto <= had => had,
        _ if upto < cols / 4 => cols / 4,
        _ if upto < cols / 2 => cols / 2,
        _ => cols,
    }
}

/// The room of a row that `n` columns more are written to one by one, after
/// `used` of them.
pub(super) fn room_by_one(used: usize, n: usize, had: usize, cols: usize) -> usize {
    let end = (used + n).min(cols);
    let mut room = had;
    // Room grows three times at most.
    while room < end {
        room = room_for((used + 1).max(room + 1), room, cols);
    }
    room
}

impl Row {
    pub(super) fn new(cols: u16, seq: u64) -> Self {
        Self {
            cells: vec![Cell::EMPTY; usize::from(cols)].into_boxed_slice(),
            seq,
            wrapped: false,
            marks: Marks::NONE,
            double: false,
            reach: 0,
            room: 0,
            rich: false,
            anew: false,
            places: None,
        }
    }

    /// Notes that columns up to `upto` were written.
    #[inline]
    pub(super) fn wrote(&mut self, upto: usize) {
        // A row has at most `u16::MAX` columns.
        self.reach = self.reach.max(upto as u16);
        self.make_room(upto);
    }

    #[inline]
    fn make_room(&mut self, upto: usize) {
        if upto > usize::from(self.room) {
            self.room = room_for(upto, usize::from(self.room), self.cells.len()) as u16;
        }
    }

    /// Notes that columns `from..to` were blanked.
    fn blanked(&mut self, from: usize, to: usize, blank: Cell) {
        if from == 0 && to == self.cells.len() {
            self.emptied(blank);
        } else if blank.style != StyleId::DEFAULT {
            self.make_room(to);
        }
    }

    /// Notes that all of it was blanked.
    fn emptied(&mut self, blank: Cell) {
        self.reach = 0;
        self.rich = false;
        self.anew = false;
        self.room = match blank.style {
            StyleId::DEFAULT => 0,
            _ => self.cells.len() as u16,
        };
    }

    /// Makes the border before column `at` one between whole characters: a wide
    /// character across it loses both halves.
    #[inline]
    pub(super) fn split(&mut self, at: usize) {
        if at > 0 && self.cells.get(at).is_some_and(|cell| cell.is_tail()) {
            self.cells[at - 1] = Cell::empty(self.cells[at - 1].style);
            self.cells[at] = Cell::empty(self.cells[at].style);
        }
        if at > 0 && self.cells.get(at).is_some_and(|cell| cell.is_tab_rest()) {
            self.break_tab(at);
        }
    }

    /// As [`Self::split`], where what is written next begins: over the right half
    /// of a character that is gone, what stands in its place goes too, as in tmux.
    #[inline]
    pub(super) fn split_for(&mut self, at: usize) {
        self.split(at);
        if self.cells.get(at).is_some_and(|cell| cell.is_half()) {
            self.break_half(at);
        }
    }

    #[cold]
    fn break_half(&mut self, at: usize) {
        let right = |cell: &&Cell| cell.is_half() && cell.half_of().is_none();
        let halves = self.cells[..=at].iter().rev().take_while(right).count();
        if halves == 0 {
            return;
        }
        let first = (at + 1).saturating_sub(halves + 1);
        self.split(first);
        for cell in &mut self.cells[first..at] {
            *cell = Cell::EMPTY;
        }
        if let Some(tail) = self.cells.get_mut(at).filter(|cell| cell.is_tail()) {
            *tail = Cell::EMPTY;
        }
    }

    /// Makes the border before column `at` one that what is erased or moved ends
    /// at: of a wide character across it a half stays on each side.
    fn part(&mut self, at: usize) {
        if at > 0 && self.cells.get(at).is_some_and(|cell| cell.is_tail()) {
            self.cells[at - 1] = self.cells[at - 1].halved();
            self.cells[at] = self.cells[at].halved();
        }
        self.split(at);
    }

    /// A tab that is written into becomes blanks.
    #[cold]
    fn break_tab(&mut self, at: usize) {
        let rest = |cell: &&Cell| cell.is_tab_rest();
        let before = self.cells[..at].iter().rev().take_while(rest).count();
        let after = self.cells[at..].iter().take_while(rest).count();
        let first = (at - before).saturating_sub(1);
        for cell in &mut self.cells[first..at + after] {
            if cell.is_tab() || cell.is_tab_rest() {
                *cell = Cell::narrow(' ', cell.style);
            }
        }
    }

    /// Blanks columns `from..to`; with `guard`, protected cells are spared.
    pub(super) fn erase(&mut self, from: usize, to: usize, blank: Cell, guard: bool) {
        if from >= to {
            return;
        }
        if guard {
            for at in from..to {
                if self.cells[at].is_protected() {
                    continue;
                }
                self.split(at);
                self.split(at + 1);
                self.cells[at] = blank;
            }
        } else {
            self.part(from);
            self.part(to);
            self.cells[from..to].fill(blank);
        }
        self.blanked(from, to, blank);
        if from == 0 && to == self.cells.len() {
            self.wrapped = false;
        }
    }

    /// Blanks the whole row.
    pub(super) fn clear(&mut self, blank: Cell) {
        self.cells.fill(blank);
        self.wrapped = false;
        self.marks = Marks::NONE;
        self.places = None;
        self.double = false;
        self.emptied(blank);
    }

    /// Moves the cells of `from..to` right by `n`, blanks coming in at `from`.
    pub(super) fn insert(&mut self, from: usize, to: usize, n: usize, blank: Cell) {
        if from >= to {
            return;
        }
        if from + 1 == to && to == self.cells.len() {
            return self.erase(from, to, blank, false);
        }
        let n = n.min(to - from);
        self.part(from);
        self.part(to);
        self.part(to - n);
        self.cells.copy_within(from..to - n, from + n);
        self.cells[from..from + n].fill(blank);
        self.wrote(to);
    }

    /// Moves the cells of `from..to` left by `n`, blanks coming in at the end.
    pub(super) fn delete(&mut self, from: usize, to: usize, n: usize, blank: Cell) {
        if from >= to {
            return;
        }
        let n = n.min(to - from);
        if n == to - from && to == self.cells.len() {
            return self.erase(from, to, blank, false);
        }
        self.part(from);
        self.part(to);
        self.part(from + n);
        self.cells.copy_within(from + n..to, from);
        self.cells[to - n..to].fill(blank);
        self.wrote(to - n);
        self.make_room(to);
    }

    /// Cuts or extends to `cols` columns.
    pub(super) fn resize(&mut self, cols: u16) {
        let cols = usize::from(cols);
        if cols == self.cells.len() {
            return;
        }
        self.split(cols);
        let mut cells = std::mem::take(&mut self.cells).into_vec();
        cells.resize(cols, Cell::EMPTY);
        self.cells = cells.into_boxed_slice();
        self.reach = self.reach.min(cols as u16);
        self.wrapped = false;
    }

    /// Cuts or extends to `cols` columns, still running on into the next row
    /// if it did: for a row whose program draws it again.
    pub(super) fn recut(&mut self, cols: u16) {
        let wrapped = self.wrapped;
        for cell in &mut self.cells {
            if cell.is_pad() {
                *cell = Cell::empty(cell.style);
            }
        }
        self.resize(cols);
        self.wrapped = wrapped;
    }

    /// Columns up to the last that was ever written, and those that there is
    /// room for.
    pub(super) fn extent(&self) -> (usize, usize) {
        let (reach, written) = (usize::from(self.reach), self.written());
        // The second half of a character may be counted in the next row.
        let halved = self.anew && written == reach + 1 && self.cells[reach].is_tail();
        let reach = if halved { reach } else { reach.max(written) };
        let room = room_for(reach, usize::from(self.room), self.cells.len());
        (reach, room)
    }

    /// Columns up to the last that was written.
    pub(super) fn written(&self) -> usize {
        self.cells
            .iter()
            .rposition(|cell| !cell.is_empty())
            .map_or(0, |at| at + 1)
    }

    /// Columns up to the last that was written or coloured.
    pub(super) fn used(&self) -> usize {
        self.cells
            .iter()
            .rposition(|cell| *cell != Cell::EMPTY)
            .map_or(0, |at| at + 1)
    }

    /// Whether every wide cell has its tail and every tail its wide cell.
    pub(super) fn is_whole(&self) -> bool {
        (0..self.cells.len()).all(|at| {
            let wide_before = at > 0 && self.cells[at - 1].is_wide();
            self.cells[at].is_tail() == wide_before
        }) && !self.cells.last().is_some_and(|cell| cell.is_wide())
    }
}
