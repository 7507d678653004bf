//! Changing size: the primary screen's logical lines are wrapped anew and the
//! cursor kept at its character; the alternate screen is cut or extended, as
//! its program redraws it. History is wrapped only when it is shown, so a
//! resize costs the screen, and at most the one line that runs into it.
//!
//! A line that is being edited is not wrapped anew. After SIGWINCH a line editor
//! goes up to the first row of its line as it had counted rows at the old width,
//! clears from there on and draws all again: were its line wrapped anew, a row of
//! the old prompt would stay above (narrower), or a row of output would go
//! (wider). So its rows are cut, or extended, and stay as many as they were. They
//! begin where marks say (OSC 133), or where zle erased the screen for its prompt.

use super::Terminal;
use super::marks::Marks;
use super::row::Row;
use super::screen::Region;
use crate::base::{Cell, Size, StyleId};

/// A place that keeps its character: column, row, pending wrap.
#[derive(Clone, Copy)]
struct Point {
    x: usize,
    y: usize,
    pending: bool,
}

impl Terminal {
    /// Changes the screen's size.
    pub fn resize(&mut self, size: Size) {
        self.resize_as(size, false);
    }

    /// Changes the size of a picture: no row is dropped, be it blank, and what
    /// does not fit goes into the history.
    pub fn resize_picture(&mut self, size: Size) {
        self.shell = super::marks::Shell::default();
        self.modes.bracketed_paste = false;
        self.resize_as(size, true);
    }

    fn resize_as(&mut self, size: Size, whole: bool) {
        if size == self.size {
            return;
        }
        self.seq += 1;
        self.resize_alternate(size);
        self.resize_primary(size, whole);
        self.size = size;
        self.region = Region::of(size);
        self.tabs.resize(size.cols());
        self.x = self.x.min(size.cols() - 1);
        self.y = self.y.min(size.rows() - 1);
        self.pending = self.pending && self.x + 1 == size.cols();
        self.bound_pool();
    }

    /// Drops the rows below the cursor for as many of the history above, and
    /// keeps the cursor on its line (tmux's resize-pane -T). The alternate
    /// screen has no history to take rows from.
    pub fn trim_below_cursor(&mut self) {
        let below = usize::from(self.size.rows() - 1 - self.y);
        let n = below.min(self.history.rows(self.size.cols()));
        if self.active != 0 || n == 0 {
            return;
        }
        self.seq += 1;
        let mut rows = self.grids[0].take();
        rows.truncate(rows.len() - n);
        // Whatever is there may be taken, however it came there.
        let scrolled = std::mem::replace(&mut self.scrolled, n);
        let pulled = self.pull(&mut rows, self.size, Wrap::Printed);
        self.scrolled = scrolled.saturating_sub(pulled);
        self.grids[0].put(rows, self.size, self.seq);
        self.y += pulled as u16;
        self.shell.begins = self.shell.begins.map(|row| row + pulled as u64);
        self.bound_pool();
    }

    /// Makes a picture no higher than what was written on its screen.
    pub fn trim_blank(&mut self) {
        let grid = &self.grids[self.active];
        let used = (0..self.size.rows())
            .rev()
            .find(|y| grid.row(*y).used() > 0);
        let rows = used.map_or(1, |y| y + 1);
        let size = Size::new(self.size.cols(), rows);
        for grid in &mut self.grids {
            let mut rows = grid.take();
            rows.truncate(size.rows().into());
            grid.put(rows, size, self.seq);
        }
        self.size = size;
        self.region = Region::of(size);
        if self.y >= size.rows() {
            (self.x, self.y) = (0, size.rows() - 1);
        }
        self.saved[0].y = self.saved[0].y.min(size.rows() - 1);
        self.saved[1].y = self.saved[1].y.min(size.rows() - 1);
    }

    fn resize_alternate(&mut self, size: Size) {
        let mut rows = self.grids[1].take();
        if self.active == 1 && self.y >= size.rows() {
            rows.drain(..usize::from(self.y + 1 - size.rows()));
            self.y = size.rows() - 1;
        }
        for row in &mut rows {
            row.resize(size.cols());
        }
        self.grids[1].put(rows, size, self.seq);
    }

    fn resize_primary(&mut self, size: Size, whole: bool) {
        let saved = self.saved[0];
        let saved = Point {
            x: saved.x.into(),
            y: saved.y.min(self.size.rows() - 1).into(),
            pending: false,
        };
        let cursor = Point {
            x: self.x.into(),
            y: self.y.into(),
            pending: self.pending,
        };
        // The first is the one that must stay on the screen.
        let mut points = if self.active == 0 {
            [cursor, saved]
        } else {
            [saved, saved]
        };
        let prompt = self.rows_of_prompt();
        let mut rows = self.grids[0].take();
        self.change_height(&mut rows, size.rows(), whole, &mut points);
        if size.cols() != self.size.cols() {
            let edited = if self.is_editing() {
                let y = points[0].y;
                let start = edit_start(&rows, y, self.shell.edited_from());
                start.min(y.saturating_sub(prompt.unwrap_or(0)))
            } else {
                rows.len()
            };
            rows = self.rewrap(rows, size.cols(), edited, &mut points);
            self.fit_height(&mut rows, size, &mut points);
        }
        self.grids[0].put(rows, size, self.seq);
        let fit = |at: usize, side: u16| at.min(usize::from(side) - 1) as u16;
        if self.active == 0 {
            self.x = fit(points[0].x, size.cols());
            self.y = fit(points[0].y, size.rows());
            self.pending = points[0].pending;
            let row = self.cursor_row();
            self.shell.begins = prompt.and_then(|above| row?.checked_sub(above as u64));
        }
        self.saved[0].x = fit(points[1].x, size.cols());
        self.saved[0].y = fit(points[1].y, size.rows());
    }

    /// Cuts or extends the screen as it is: what is below the cursor goes first
    /// (not from a picture), then the top goes into the history; and what
    /// scrolled off comes back first, then blank rows do.
    fn change_height(
        &mut self,
        rows: &mut Vec<Row>,
        height: u16,
        whole: bool,
        points: &mut [Point; 2],
    ) {
        let cols = self.size.cols();
        let wanted = usize::from(height);
        let mut over = rows.len().saturating_sub(wanted);
        if over > 0 {
            if !whole {
                let below = over.min(rows.len().saturating_sub(points[0].y + 1));
                rows.truncate(rows.len() - below);
                over -= below;
            }
            for row in rows.drain(..over) {
                self.keep_row(&row);
            }
            self.scrolled += over;
            for point in points {
                point.y = point.y.saturating_sub(over);
            }
        } else if rows.len() < wanted {
            let n = self.pull(rows, Size::new(cols, height), Wrap::Printed);
            for point in points {
                point.y += n;
            }
            rows.resize_with(wanted, || Row::new(cols, self.seq));
        }
    }

    /// Lets the newest rows be the screen after they were wrapped anew, blank
    /// ones below the cursor too: as in tmux, a place that is no longer shown is
    /// the first one.
    fn fit_height(&mut self, rows: &mut Vec<Row>, size: Size, points: &mut [Point; 2]) {
        let over = rows.len().saturating_sub(size.rows().into());
        for row in rows.drain(..over) {
            self.keep_row(&row);
        }
        // From now on all of the history may come down, as in tmux.
        self.scrolled = self.history.rows(size.cols());
        let n = self.pull(rows, size, Wrap::Anew);
        for point in points {
            match point.y.checked_sub(over) {
                Some(y) => point.y = y + n,
                None => {
                    *point = Point {
                        x: 0,
                        y: 0,
                        pending: false,
                    };
                }
            }
        }
    }

    /// Puts a row at the end of the history.
    fn keep_row(&mut self, row: &Row) {
        let orphan = self.history_open && row.cells.first().is_some_and(|cell| cell.is_pad());
        let cells = &row.cells[usize::from(orphan)..];
        self.history.push_row(cells, row.wrapped, &self.pool);
        if !row.marks.is_none() {
            self.history.mark_newest(row.marks);
        }
        self.history_open = row.wrapped;
    }

    /// Wraps rows anew, together with the line of history that runs into them.
    /// Rows from `edited` on are cut or extended only.
    fn rewrap(
        &mut self,
        mut rows: Vec<Row>,
        cols: u16,
        edited: usize,
        points: &mut [Point; 2],
    ) -> Vec<Row> {
        let kept = rows.split_off(edited.min(rows.len()));
        let mut line = Line::default();
        if self.history_open && !rows.is_empty() {
            line.marks = self.history.newest_marks();
            if let Some((cells, _)) = self.history.pop_line(&mut self.pool) {
                line.cells = cells;
            }
            self.history_open = false;
        }
        let mut out: Vec<Row> = Vec::with_capacity(rows.len() + kept.len());
        let mut moved = *points;
        let mut starts: Vec<(usize, usize, usize)> = Vec::new();
        let count = rows.len();
        for (y, row) in rows.iter().enumerate() {
            let open = row.wrapped && y + 1 < count;
            starts.push((y, line.begin(row), row.extent().0));
            line.add(row, open, usize::from(cols));
            if open {
                continue;
            }
            let first = out.len();
            let ends = wrap(
                &line.cells,
                usize::from(cols),
                self.seq,
                Wrap::Anew,
                &mut out,
            );
            if let Some(row) = out.get_mut(first) {
                row.marks = line.marks;
            }
            for (point, new) in points.iter().zip(&mut moved) {
                let found = starts.iter().find(|(at, _, _)| *at == point.y);
                if let Some((_, start, written)) = found {
                    let inside = !point.pending && point.x < *written;
                    let offset = inside.then_some(start + point.x);
                    *new = place(offset, &ends, first, usize::from(cols));
                }
            }
            starts.clear();
            line = Line::default();
        }
        for (y, mut row) in (count..).zip(kept) {
            for (point, new) in points.iter().zip(&mut moved) {
                if point.y == y {
                    *new = Point {
                        x: point.x.min(usize::from(cols) - 1),
                        y: out.len(),
                        pending: false,
                    };
                }
            }
            row.recut(cols);
            out.push(row);
        }
        *points = moved;
        out
    }

    /// Fills a screen that grew with the newest rows of history; says how many.
    fn pull(&mut self, rows: &mut Vec<Row>, size: Size, how: Wrap) -> usize {
        let height = usize::from(size.rows());
        let mut pulled: Vec<Row> = Vec::new();
        while self.scrolled > 0 && rows.len() + pulled.len() < height {
            let marks = self.history.newest_marks();
            let Some((line, open)) = self.history.pop_line(&mut self.pool) else {
                self.scrolled = 0;
                break;
            };
            self.history_open = false;
            let mut part = Vec::new();
            let ends = wrap(&line, usize::from(size.cols()), self.seq, how, &mut part);
            if let Some(first) = part.first_mut() {
                first.marks = marks;
            }
            if let Some(last) = part.last_mut() {
                last.wrapped = open;
                if open {
                    // What the line goes on with stands in the next row: the rest
                    // of this one is no text.
                    let start = ends.iter().rev().nth(1).copied().unwrap_or(0);
                    let rest = last.cells.get_mut(line.len() - start..);
                    for cell in rest.unwrap_or_default() {
                        *cell = Cell::pad(StyleId::DEFAULT);
                    }
                }
            }
            let room = (height - rows.len() - pulled.len()).min(self.scrolled);
            if part.len() > room {
                for row in part.drain(..part.len() - room) {
                    self.keep_row(&row);
                }
                self.scrolled = part.len();
            }
            self.scrolled -= part.len();
            part.append(&mut pulled);
            pulled = part;
        }
        let n = pulled.len();
        rows.splice(0..0, pulled);
        n
    }
}

/// A logical line, gathered from its rows.
#[derive(Default)]
struct Line {
    cells: Vec<Cell>,
    marks: Marks,
}

impl Line {
    /// The offset of a row's first column: that of the half character that an
    /// orphan there stands for.
    fn begin(&self, row: &Row) -> usize {
        self.cells.len() - usize::from(self.orphan(row))
    }

    /// Whether the row begins with the room of a wide character's second half.
    fn orphan(&self, row: &Row) -> bool {
        let after = self.cells.last().is_some_and(|cell| cell.is_tail());
        after && row.cells.first().is_some_and(|cell| cell.is_pad())
    }

    /// Appends a row, which the line leaves if it is `open`.
    fn add(&mut self, row: &Row, open: bool, cols: usize) {
        self.marks = self.marks.and(row.marks);
        let end = if open {
            let text = row.cells.iter().rposition(|cell| !cell.is_pad());
            text.map_or(0, |at| at + 1)
        } else {
            // Blanks erased in a colour fill the last row and make no other.
            let written = row.written();
            let over = (self.cells.len() + written) % cols;
            let blank = self.cells.is_empty() && written == 0;
            let room = if over > 0 || blank { cols - over } else { 0 };
            row.used().min(written + room)
        };
        let orphan = usize::from(self.orphan(row));
        self.cells
            .extend_from_slice(&row.cells[orphan.min(end)..end]);
    }
}

/// The first row of what a line editor draws: the cursor's line, or the line of
/// the last `mark` above it (prompts and commands may have several lines).
fn edit_start(rows: &[Row], cursor: usize, mark: Option<Marks>) -> usize {
    let mut start = cursor.min(rows.len().saturating_sub(1));
    if let Some(mark) = mark {
        let mut above = rows.iter().take(start + 1);
        start = above.rposition(|row| row.marks.any(mark)).unwrap_or(start);
    }
    while start > 0 && rows[start - 1].wrapped {
        start -= 1;
    }
    start
}

/// How rows are cut from a logical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    /// As it was printed: rows are full.
    Printed,
    /// As tmux 3.8 wraps a line anew: the second half of a wide character counts
    /// once more, and may stand alone, as a blank, at the start of the next row.
    Anew,
}

impl Wrap {
    /// Where the row that begins at `start` ends.
    fn end(self, line: &[Cell], start: usize, cols: usize) -> usize {
        if self == Self::Anew {
            let mut width = 0;
            for (at, cell) in line.iter().enumerate().skip(start) {
                width += 1 + usize::from(cell.is_wide());
                if width > cols && at > start {
                    return at;
                }
            }
            return line.len();
        }
        let end = (start + cols).min(line.len());
        let halved = end < line.len() && line[end].is_tail() && end - start > 1;
        end - usize::from(halved)
    }
}

/// Cuts a logical line into rows of `cols`, appended to `out`; gives the
/// offsets where each ends.
fn wrap(line: &[Cell], cols: usize, seq: u64, how: Wrap, out: &mut Vec<Row>) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    loop {
        let end = how.end(line, start, cols);
        let mut row = Row::new(cols as u16, seq);
        let mut n = (end - start).min(cols);
        row.cells[..n].copy_from_slice(&line[start..start + n]);
        if how == Wrap::Anew {
            if n > 0 && start > 0 && line[start].is_tail() {
                row.cells[0] = Cell::pad(line[start].style);
            }
            if n < cols && line.get(end).is_some_and(|cell| cell.is_tail()) {
                row.cells[n] = line[end];
                n += 1;
            }
        }
        if end < line.len() {
            row.wrapped = true;
            for cell in &mut row.cells[n..] {
                *cell = Cell::pad(line[end - 1].style);
            }
        }
        mend(&mut row);
        out.push(row);
        ends.push(end);
        start = end;
        if start >= line.len() {
            return ends;
        }
    }
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

/// Where the cell at `offset` of a line went; the line's end for none.
fn place(offset: Option<usize>, ends: &[usize], first: usize, cols: usize) -> Point {
    let last = ends.len().saturating_sub(1);
    let row = offset
        .and_then(|offset| ends.iter().position(|end| offset < *end))
        .unwrap_or(last);
    let start = if row == 0 { 0 } else { ends[row - 1] };
    let end = ends.get(row).copied().unwrap_or(start);
    let x = offset.filter(|at| *at < end).unwrap_or(end) - start;
    Point {
        x: x.min(cols - 1),
        y: first + row,
        // Text that exactly fills its row leaves the cursor waiting to wrap.
        pending: x >= cols,
    }
}
