//! Printing of what is not ASCII: characters of two columns, and clusters kept
//! whole in one cell (UAX #29, UTS #51; the policy is `base::width`'s). Runs are
//! printed in one go; what may join a cell that is already there is printed one
//! character at a time, and both ways leave the same screen, however the input
//! was cut. Wrapping and margins are in `screen`.

use super::Terminal;
use super::charset::Charset;
use crate::base::width::{self, Join, MAX_CLUSTER, plain_width};
use crate::base::{Cell, CellText};

/// The cell written last by a run: where its text starts, and its column.
#[derive(Clone, Copy)]
struct Placed {
    from: usize,
    x: usize,
}

/// What to do with the next character of a run.
enum Next {
    /// A cell of its own, of these columns.
    Cell(u8),
    /// The cell placed last becomes a cluster of these bytes and columns.
    Cluster(Placed, usize, u8),
    /// Something that the run does not know how to print.
    Stop,
}

/// ASCII that follows in a run before it is left to the path made for that.
const LONG: usize = 8;

impl Terminal {
    /// Prints characters at the start of `text` as far as it can be done in one
    /// go; says how many bytes were taken.
    pub(super) fn print_run(&mut self, text: &str) -> usize {
        if self.modes.insert || self.charsets.is_single() || self.pen.protected {
            return 0;
        }
        let ascii = self.charsets.locked() == Charset::Ascii;
        let mut taken = 0;
        while let Some(ch) = text[taken..].chars().next() {
            // What may join the cell before is looked at before any wrap.
            let starts = plain_width(ch) > 0 || (ascii && ch.is_ascii());
            if !starts || self.open_before() {
                break;
            }
            let n = self.print_in_row(&text[taken..], ascii);
            taken += n;
            if n == 0 || !self.pending {
                break;
            }
        }
        taken
    }

    /// Prints as much of a run as its row takes, wrapping first if that is due.
    fn print_in_row(&mut self, text: &str, ascii: bool) -> usize {
        let style = self.pen_id();
        self.wrap_pending();
        let (mut x, edge) = (usize::from(self.x), self.edge());
        let row = self.grids[self.active].row_mut(self.y);
        let mut placed: Option<Placed> = None;
        let mut last = self.last;
        let mut chars = text.chars();
        while x < edge {
            let rest = chars.as_str();
            let at = text.len() - rest.len();
            let Some(ch) = chars.next() else { break };
            let next = match plain_width(ch) {
                0 => look(text, at, ch, placed, ascii),
                columns => Next::Cell(columns),
            };
            match next {
                Next::Cell(columns) if x + usize::from(columns) <= edge => {
                    let to = x + usize::from(columns);
                    // Room is made for ASCII in one go, else for each cell.
                    if !ch.is_ascii() {
                        row.wrote(x);
                        row.wrote(to);
                    }
                    // What does not fit cuts no wide character in two.
                    if placed.is_none() {
                        row.split_for(x);
                    }
                    row.split(to);
                    if columns == 2 {
                        row.cells[x] = Cell::wide(ch, style);
                        row.cells[x + 1] = Cell::tail(style);
                    } else {
                        row.cells[x] = Cell::narrow(ch, style);
                    }
                    last = Some(ch);
                    placed = Some(Placed { from: at, x });
                    x = to;
                }
                Next::Cluster(cell, bytes, columns) if cell.x + usize::from(columns) <= edge => {
                    let to = cell.x + usize::from(columns);
                    row.split(to);
                    let end = cell.from + bytes;
                    row.cells[cell.x] = self.pool.cell(&text[cell.from..end], columns == 2, style);
                    if columns == 2 {
                        row.cells[cell.x + 1] = Cell::tail(style);
                    }
                    chars = text[end..].chars();
                    row.wrote(to);
                    x = to;
                }
                Next::Cell(_) | Next::Cluster(..) | Next::Stop => {
                    chars = rest.chars();
                    break;
                }
            }
        }
        let taken = text.len() - chars.as_str().len();
        if taken == 0 {
            return 0;
        }
        self.last = last;
        row.wrote(x);
        row.rich |= !text.as_bytes()[..taken].is_ascii();
        row.seq = self.seq;
        self.filled = x == edge;
        if self.filled {
            self.x = (edge - 1) as u16;
            self.pending = self.modes.wrap;
        } else {
            self.x = x as u16;
        }
        taken
    }

    /// Prints any character: joined to the cell before the cursor, or in a cell
    /// of its own.
    pub(super) fn print_char(&mut self, ch: char) {
        let plain = plain_width(ch);
        if (plain == 0 && !ch.is_ascii()) || self.open_before() {
            let mut bytes = [0; 4];
            if self.join_before(ch.encode_utf8(&mut bytes)) > 0 {
                return;
            }
        }
        let columns = width::char_width(ch);
        if columns == 0 {
            return;
        }
        self.last = Some(ch);
        let style = self.pen_id();
        if columns == 2 {
            self.put(Cell::wide(ch, style), true);
        } else {
            self.put(Cell::narrow(ch, style), false);
        }
    }

    /// The column of the (left half of the) cell before the cursor. At the last
    /// column that is the cell under the cursor once something was written there.
    fn before(&self) -> Option<usize> {
        let x = usize::from(self.x);
        let row = self.grids[self.active].row(self.y);
        let on = self.pending || (!self.modes.wrap && x + 1 == self.edge() && self.filled);
        let at = if on { x } else { x.checked_sub(1)? };
        let tail = row.cells[at].is_tail();
        Some(if tail { at.saturating_sub(1) } else { at })
    }

    /// Whether the cell before is a cluster that a character with width of its
    /// own may join.
    fn open_before(&self) -> bool {
        self.before().is_some_and(
            |at| match self.grids[self.active].row(self.y).cells[at].text() {
                CellText::Cluster(id) => width::is_open(self.pool.cluster_text(id)),
                CellText::Empty | CellText::Char(_) | CellText::Tail => false,
            },
        )
    }

    /// Joins what it can of the start of `text` to the cell before; says how
    /// many bytes were taken. What a cell has no room for is taken and dropped.
    pub(super) fn join_before(&mut self, text: &str) -> usize {
        let Some(at) = self.before() else {
            return 0;
        };
        let cell = self.grids[self.active].row(self.y).cells[at];
        let mut cluster = std::mem::take(&mut self.scratch);
        cluster.clear();
        self.pool.push_text(cell, &mut cluster);
        let (mut taken, mut wide, before) = (0, cell.is_wide(), cluster.len());
        // A narrow cell never holds what is two columns wide: nothing could
        // draw it.
        let room = wide || self.may_widen(at);
        for ch in text.chars() {
            let join = width::join(&cluster, ch);
            if !matches!(join, Join::Joins | Join::Widens) {
                break;
            }
            taken += ch.len_utf8();
            let fits = cluster.len() + ch.len_utf8() <= MAX_CLUSTER;
            if fits && (room || join != Join::Widens) {
                cluster.push(ch);
                wide |= join == Join::Widens;
            }
        }
        if cluster.len() > before {
            if wide && !cell.is_wide() {
                self.widen(at, &cluster, cell);
            } else {
                let joined = self
                    .pool
                    .cell(&cluster, cell.is_wide(), cell.style)
                    .protected(cell.is_protected());
                let row = self.grids[self.active].row_mut(self.y);
                row.cells[at] = joined;
                row.seq = self.seq;
            }
        }
        self.scratch = cluster;
        taken
    }

    /// Whether the narrow cell `at`, before the cursor, has room for a second
    /// column, here or on the next row.
    fn may_widen(&self, at: usize) -> bool {
        at + 1 < self.edge() || self.modes.wrap && at > usize::from(self.region.left)
    }

    /// Makes the narrow cell `at`, before the cursor, a wide one of `text`; on
    /// the next row where this one has no room. It must have one of them.
    fn widen(&mut self, at: usize, text: &str, cell: Cell) {
        let wide = self
            .pool
            .cell(text, true, cell.style)
            .protected(cell.is_protected());
        let edge = self.edge();
        if at + 1 < edge {
            let blank = self.blank();
            let row = self.grids[self.active].row_mut(self.y);
            if self.modes.insert {
                row.insert(at + 1, edge, 1, blank);
            }
            row.split(at + 2);
            row.cells[at] = wide;
            row.cells[at + 1] = Cell::tail(cell.style).protected(cell.is_protected());
            row.wrote(at + 2);
            row.seq = self.seq;
            self.filled = at + 2 >= edge;
            if self.filled {
                self.x = (edge - 1) as u16;
                self.pending = self.modes.wrap;
            } else {
                self.x = (at + 2) as u16;
            }
            return;
        }
        let row = self.grids[self.active].row_mut(self.y);
        row.cells[at] = Cell::pad(cell.style);
        row.seq = self.seq;
        self.pending = true;
        self.put_raw(wide, true);
    }
}

/// What to do with a character that is ASCII, or may join the cell before it.
#[inline]
fn look(text: &str, at: usize, ch: char, placed: Option<Placed>, ascii: bool) -> Next {
    if ch.is_ascii() {
        let following = text.as_bytes()[at..].first_chunk::<LONG>();
        let long = following.is_some_and(|bytes| bytes.is_ascii());
        return if ascii && !long && matches!(ch, ' '..='~') {
            Next::Cell(1)
        } else {
            Next::Stop
        };
    }
    let Some(placed) = placed else {
        return Next::Stop;
    };
    match width::first_cluster(&text[placed.from..]) {
        Some((bytes, columns)) if placed.from + bytes > at => Next::Cluster(placed, bytes, columns),
        Some(_) => match width::char_width(ch) {
            // Joins nothing and has no place: dropped elsewhere.
            0 => Next::Stop,
            columns => Next::Cell(columns),
        },
        None => Next::Stop,
    }
}
