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

use std::collections::VecDeque;

use super::Terminal;
use super::marks::Marks;
use super::row::Row;
use super::screen::Region;
use super::strip::{Scrolled, Strip, flow, lay};
use crate::base::Size;

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
        self.history_generation += u64::from(size.cols() != self.size.cols());
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
        self.history.reflow();
        let scrolled = self.scrolled;
        self.scrolled = self.history.rows(size.cols());
        let n = self.pull(rows, size, Wrap::Anew);
        self.scrolled = scrolled.min(self.history.rows(size.cols()));
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
        if row.anew {
            self.history.reflow_newest();
        }
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
        let count = rows.len();
        let mut strips = VecDeque::with_capacity(count + 1);
        let had = self.history.rows(self.size.cols());
        if self.history_open && !rows.is_empty() {
            let marks = self.history.newest_marks();
            if let Some((cells, _)) = self.history.pop_line(&mut self.pool) {
                let rows = had.saturating_sub(self.history.rows(self.size.cols()));
                strips.push_back(Strip::of_line(cells, true, marks, rows.max(1)));
            }
            self.history_open = false;
        }
        let above = strips.len();
        for row in rows {
            let before = strips.back_mut().filter(|strip| strip.wrapped);
            let strip = Strip::of_row(row, before);
            strips.push_back(strip);
        }
        let places = points.map(|point| Place::of(point, above, &strips));
        let above = self.history.rows(self.size.cols());
        self.history.reflow();
        let to = self.history.rows(cols);
        let mut scrolled = Scrolled {
            count: match self.scrolled {
                0 => 0,
                n => (n + to).saturating_sub(above),
            },
            from: above,
            to,
        };
        let strips = flow(strips, usize::from(cols), &mut scrolled);
        self.scrolled = scrolled.count;
        for (point, place) in points.iter_mut().zip(places) {
            *point = match place {
                Some(place) => place.find(&strips, usize::from(cols)),
                None => Point {
                    x: point.x.min(usize::from(cols) - 1),
                    y: point.y - count + strips.len(),
                    pending: false,
                },
            };
        }
        let mut out: Vec<Row> = Vec::with_capacity(strips.len() + kept.len());
        lay(strips, None, usize::from(cols), self.seq, &mut out);
        out.extend(kept.into_iter().map(|mut row| {
            row.recut(cols);
            row
        }));
        out
    }

    /// Fills a screen that grew with the newest rows of history; says how many.
    fn pull(&mut self, rows: &mut Vec<Row>, size: Size, how: Wrap) -> usize {
        let (height, cols) = (usize::from(size.rows()), usize::from(size.cols()));
        let mut pulled: Vec<Row> = Vec::new();
        while self.scrolled > 0 && rows.len() + pulled.len() < height {
            let marks = self.history.newest_marks();
            let had = self.history.rows(size.cols());
            let anew = how == Wrap::Anew || self.history.newest_is_anew();
            let Some((mut line, open)) = self.history.pop_line(&mut self.pool) else {
                self.scrolled = 0;
                break;
            };
            let next = pulled.first().or(rows.first()).filter(|_| open);
            let orphan = next.is_some_and(|row| row.cells[0].is_pad());
            let half = line.pop_if(|cell| orphan && cell.is_tail());
            self.history_open = false;
            let mut part = Vec::new();
            let had = had.saturating_sub(self.history.rows(size.cols()));
            let strip = Strip::of_line(line, open, marks, had.max(1));
            let cut = if anew {
                let mut scrolled = Scrolled {
                    count: 0,
                    from: 1,
                    to: 0,
                };
                flow(VecDeque::from([strip]), cols, &mut scrolled)
            } else {
                strip.printed(cols)
            };
            lay(cut, half, cols, self.seq, &mut part);
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

/// How the rows of a line come about that was one of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    /// As it was printed: rows are full.
    Printed,
    /// As tmux wraps a line anew (see [`strip`](super::strip)).
    Anew,
}

/// A point by its line and the cells of that line before it: where it is found
/// again once the line was wrapped anew.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    /// Nothing at the end of the line.
    offset: Option<usize>,
}

impl Place {
    /// The place of a point on rows that have `above` strips above them; nothing
    /// for one below all of them.
    fn of(point: Point, above: usize, strips: &VecDeque<Strip>) -> Option<Self> {
        let at = point.y + above;
        let row = strips.get(at)?;
        let (mut line, mut before) = (0, 0);
        for strip in strips.iter().take(at) {
            if strip.wrapped {
                before += strip.used();
            } else {
                (line, before) = (line + 1, 0);
            }
        }
        let inside = !point.pending && point.x < row.used();
        Some(Self {
            line,
            offset: inside.then_some(before + point.x),
        })
    }

    /// Where it is now.
    fn find(self, strips: &[Strip], cols: usize) -> Point {
        let last = strips.len().saturating_sub(1);
        let (mut y, mut line) = (0, 0);
        while y < last && line < self.line {
            line += usize::from(!strips[y].wrapped);
            y += 1;
        }
        let used = |y: usize| strips.get(y).map_or(0, Strip::used);
        let mut x = self.offset.unwrap_or(0);
        while y < last && strips[y].wrapped && (self.offset.is_none() || x >= used(y)) {
            x = x.saturating_sub(used(y));
            y += 1;
        }
        if self.offset.is_none() {
            x = used(y);
        }
        Point {
            x: x.min(cols - 1),
            y,
            // Text that exactly fills its row leaves the cursor waiting to wrap.
            pending: x >= cols,
        }
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
