//! Rows of a screen that becomes wider or narrower, wrapped anew as tmux 3.8
//! does it, so that captures are equal: row by row, a long one is cut, and one
//! that ran on into the next takes from that what fits. The second half of a wide
//! character counts once more, and may stand alone, as a blank, at the start of
//! the next row; so does each column of a tab but its first. It knows nothing of
//! history or cursor.

use std::collections::VecDeque;

use super::marks::Marks;
use super::row::{MarkPlaces, Row, room_by_one, room_for};
use crate::base::{Cell, CellText, StyleId};

/// How many rows scrolled off, as tmux counts on while it wraps rows anew: by
/// their numbers before and after.
pub(super) struct Scrolled {
    /// Rows that scrolled off and come back when there is room.
    pub(super) count: usize,
    /// The number of the next row.
    pub(super) from: usize,
    /// The number that it will have.
    pub(super) to: usize,
}

impl Scrolled {
    /// Row `from`, which was `rows`, became `made`.
    fn cut(&mut self, rows: usize, made: usize) {
        if self.from <= self.count {
            self.count = (self.count + made).saturating_sub(rows);
        }
    }

    /// Row `to` took `rows` whole.
    fn joined(&mut self, to: usize, rows: usize) {
        if self.count > to + rows {
            self.count -= rows;
        } else {
            self.count = self.count.min(to);
        }
    }
}

/// A row on its way to another width.
pub(super) struct Strip {
    /// Rows that it was.
    rows: usize,
    /// What was written, and blanks in a colour after it.
    cells: VecDeque<Cell>,
    used: usize,
    room: usize,
    /// Whether its line goes on in the next one.
    pub(super) wrapped: bool,
    marks: Marks,
    rich: bool,
    anew: bool,
    double: bool,
    places: Option<Box<MarkPlaces>>,
}

impl Strip {
    fn new(wrapped: bool) -> Self {
        Self {
            rows: 1,
            cells: VecDeque::new(),
            used: 0,
            room: 0,
            wrapped,
            marks: Marks::NONE,
            rich: false,
            anew: true,
            double: false,
            places: None,
        }
    }

    /// A row, below the strip whose line it goes on with.
    pub(super) fn of_row(row: Row, before: Option<&mut Self>) -> Self {
        let (mut used, room) = row.extent();
        let mut cells = VecDeque::from(row.cells.into_vec());
        let text = if row.wrapped {
            // Nothing was written to what was left at the margin.
            let pads = cells.iter().rev().take_while(|cell| cell.is_pad()).count();
            used = used.min(cells.len() - pads);
            used
        } else {
            let plain = |cell: &&Cell| **cell == Cell::EMPTY;
            used.max(cells.len() - cells.iter().rev().take_while(plain).count())
        };
        cells.truncate(text);
        if let Some(before) = before
            && let Some(last) = before.cells.back().copied()
        {
            let orphan = cells.front_mut().filter(|cell| cell.is_pad());
            match orphan {
                Some(orphan) if last.is_wide() || last.is_tail() => {
                    *orphan = Cell::tail(last.style);
                    if last.is_tail() {
                        before.cells.pop_back();
                        before.used = before.used.min(before.cells.len());
                    }
                }
                None if last.is_wide() => {
                    before.cells.push_back(Cell::tail(last.style));
                    before.used += 1;
                }
                Some(_) | None => {}
            }
        }
        let mut strip = Self {
            rows: 1,
            cells,
            used,
            room,
            wrapped: row.wrapped,
            marks: row.marks,
            rich: row.rich,
            anew: row.anew,
            double: row.double,
            places: row.places,
        };
        if !strip.wrapped
            && strip
                .cells
                .get(used.wrapping_sub(1))
                .is_some_and(|c| c.is_wide())
        {
            strip.used += 1;
        }
        strip
    }

    /// A whole line of the history, which has had `rows`.
    pub(super) fn of_line(cells: Vec<Cell>, wrapped: bool, marks: Marks, rows: usize) -> Self {
        let erased = |cell: &&Cell| cell.is_empty() && !cell.is_tail();
        let used = cells.len() - cells.iter().rev().take_while(erased).count();
        let used = if wrapped { cells.len() } else { used };
        Self {
            rows,
            rich: cells.iter().any(|cell| is_rich(*cell)),
            cells: cells.into(),
            used,
            room: used,
            wrapped,
            marks,
            anew: false,
            double: false,
            places: None,
        }
    }

    /// Cells that were written.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// What the cell at `at` counts.
    fn weight(&self, at: usize) -> usize {
        let cell = self.cells[at];
        if cell.is_tab() {
            let rest = self.cells.iter().skip(at + 1);
            return 1 + rest.take_while(|cell| cell.is_tab_rest()).count();
        }
        1 + usize::from(cell.is_wide())
    }

    /// What all of it counts, and where the first row of `cols` ends.
    fn measure(&self, cols: usize) -> (usize, usize) {
        let (mut width, mut at) = (0, 0);
        for index in 0..self.used {
            let weight = self.weight(index);
            if at == 0 && width + weight > cols {
                at = index;
            }
            width += weight;
        }
        (width, at.max(1))
    }

    /// Appends a cell.
    fn push(&mut self, cell: Cell) {
        self.cells.push_back(cell);
        self.used += 1;
        self.rich |= is_rich(cell);
    }

    /// Cuts it into rows, the first of which ends at `at`; says what the last
    /// one counts.
    fn cut(mut self, at: usize, cols: usize, out: &mut Vec<Self>) -> usize {
        let weights: Vec<usize> = (at..self.used).map(|index| self.weight(index)).collect();
        self.cells.truncate(self.used);
        let rest = self.cells.split_off(at);
        let wrapped = std::mem::replace(&mut self.wrapped, true);
        self.used = at;
        self.room = at;
        self.anew = true;
        out.push(self);
        let mut width = 0;
        let mut piece = Self::new(true);
        for (cell, weight) in rest.into_iter().zip(weights) {
            if width + weight > cols && piece.used > 0 {
                piece.room = room_by_one(0, piece.used, 0, cols);
                out.push(std::mem::replace(&mut piece, Self::new(true)));
                width = 0;
            }
            width += weight;
            piece.push(cell);
        }
        piece.room = room_by_one(0, piece.used, 0, cols);
        piece.wrapped = wrapped;
        out.push(piece);
        width
    }

    /// Takes from the strips that it runs on into what there is room for, itself
    /// counting `width`. As in tmux, it ends here once it has taken the last row
    /// of its line whole. Says how many it took whole.
    fn join(&mut self, rest: &mut VecDeque<Self>, mut width: usize, cols: usize) -> usize {
        let (mut open, mut took) = (true, 0);
        while let Some(next) = rest.front_mut() {
            open &= next.wrapped;
            if next.used == 0 {
                if !open {
                    break;
                }
                self.marks = self.marks.and(next.marks);
                rest.pop_front();
                took += 1;
                continue;
            }
            let mut fits = 0;
            while fits < next.used && width + next.weight(fits) <= cols {
                width += next.weight(fits);
                fits += 1;
            }
            if fits == 0 {
                break;
            }
            self.cells.truncate(self.used);
            self.room = room_by_one(self.used, fits, self.room, cols);
            for cell in next.cells.drain(..fits) {
                self.push(cell);
            }
            self.anew = true;
            next.used -= fits;
            if next.used > 0 {
                next.room = next.used;
                next.cells.truncate(next.used);
                next.anew = true;
                return took;
            }
            took += 1;
            self.marks = self.marks.and(next.marks);
            rest.pop_front();
            if !open || width == cols {
                break;
            }
        }
        if took > 0 && !open {
            self.wrapped = false;
        }
        took
    }

    /// Cuts a line as it was printed: rows are full.
    pub(super) fn printed(mut self, cols: usize) -> Vec<Self> {
        let mut out = Vec::new();
        let (wrapped, marks) = (self.wrapped, self.marks);
        loop {
            let left = self.cells.len();
            let halved = left > cols && cols > 1 && self.cells[cols].is_tail();
            let end = left.min(cols - usize::from(halved));
            let mut piece = Self::new(true);
            piece.anew = false;
            piece.used = end.min(self.used);
            self.used -= piece.used;
            piece.cells = self.cells.drain(..end).collect();
            piece.rich = piece.cells.iter().any(|cell| is_rich(*cell));
            piece.room = room_for(piece.used, 0, cols);
            let last = end == left;
            piece.wrapped = wrapped || !last;
            if out.is_empty() {
                piece.marks = marks;
            }
            out.push(piece);
            if last {
                return out;
            }
        }
    }

    fn lay(mut self, cols: usize, seq: u64, orphan: Option<Cell>) -> Row {
        let mut row = Row::new(cols as u16, seq);
        let mut n = self.used.min(cols);
        let style = self.cells.get(n.wrapping_sub(1)).map(|cell| cell.style);
        if let Some(first) = self.cells.front_mut()
            && first.is_tail()
            && self.used > 0
        {
            *first = Cell::pad(first.style);
        }
        for (cell, from) in row.cells.iter_mut().zip(&self.cells) {
            *cell = *from;
        }
        if let Some(tail) = orphan.filter(|cell| cell.is_tail() && n < cols) {
            row.cells[n] = tail;
            n += 1;
        }
        if self.wrapped {
            row.cells[n..].fill(Cell::pad(style.unwrap_or(StyleId::DEFAULT)));
        }
        mend(&mut row);
        row.wrapped = self.wrapped;
        row.marks = self.marks;
        row.double = self.double;
        row.reach = self.used.min(cols) as u16;
        row.room = self.room.min(usize::from(u16::MAX)) as u16;
        row.rich = self.rich;
        row.anew = self.anew;
        row.places = self.places;
        row
    }
}

/// Wraps strips anew.
pub(super) fn flow(
    mut strips: VecDeque<Strip>,
    cols: usize,
    scrolled: &mut Scrolled,
) -> Vec<Strip> {
    let first = scrolled.to;
    let mut out: Vec<Strip> = Vec::with_capacity(strips.len());
    while let Some(strip) = strips.pop_front() {
        let (mut width, at) = strip.measure(cols);
        let (wrapped, rows, before) = (strip.wrapped, strip.rows, out.len());
        if width > cols && at < strip.used {
            width = strip.cut(at, cols, &mut out);
            scrolled.cut(rows, out.len() - before);
        } else {
            out.push(strip);
        }
        scrolled.from += rows;
        let to = first + out.len() - 1;
        if let Some(last) = out.last_mut().filter(|_| wrapped && width < cols) {
            let took = last.join(&mut strips, width, cols);
            scrolled.joined(to, took);
            scrolled.from += took;
        }
        scrolled.to = first + out.len();
    }
    out
}

/// Makes rows of strips, appended to `out`; `after` is the half of a character
/// that the row after them begins with.
pub(super) fn lay(
    strips: Vec<Strip>,
    after: Option<Cell>,
    cols: usize,
    seq: u64,
    out: &mut Vec<Row>,
) {
    let mut strips = strips.into_iter().peekable();
    while let Some(strip) = strips.next() {
        let orphan = match strips.peek() {
            Some(next) => next.cells.front().copied(),
            None => after,
        };
        let orphan = orphan.filter(|_| strip.wrapped);
        out.push(strip.lay(cols, seq, orphan));
    }
}

/// Whether tmux's small cells cannot hold a cell, by its text.
fn is_rich(cell: Cell) -> bool {
    let small = match cell.text() {
        CellText::Char(ch) => ch.is_ascii() || cell.is_graphic(),
        CellText::Empty | CellText::Tail => true,
        CellText::Cluster(_) => false,
    };
    !small || cell.is_tab()
}

/// Blanks half characters, where one column cannot hold a wide one.
fn mend(row: &mut Row) {
    for at in 0..row.cells.len() {
        let cell = row.cells[at];
        let before = at > 0 && row.cells[at - 1].is_wide();
        let after = row.cells.get(at + 1).is_some_and(|cell| cell.is_tail());
        if (cell.is_tail() && !before) || (cell.is_wide() && !after) {
            row.cells[at] = Cell::empty(cell.style);
        }
    }
}
