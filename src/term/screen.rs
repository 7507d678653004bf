//! The screen in motion: printing, wrapping, cursor motion and scrolling within
//! margins, as xterm does it (ctlseqs; VT510 chapter 5). Erasing and editing
//! are in `edit`.

use super::Terminal;
use super::charset::{Charset, Charsets};
use crate::base::{Cell, CellText, Color, Pool, Size, Style, StyleId};

/// The widest tab that is kept as one, in columns.
const MOST_TAB: usize = 32;

/// How protected cells come about, and what spares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nothing was protected since the last reset: nothing spares.
    #[default]
    Off,
    /// Only selective erases spare (DECSCA).
    Dec,
    /// Every erase spares (SPA, EPA: ECMA-48 guarded areas).
    Iso,
}

/// What is written with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pen {
    pub(super) style: Style,
    /// Whether cells are written protected.
    pub(super) protected: bool,
    pub(super) guard: Guard,
    id: StyleId,
    erase: Option<StyleId>,
    /// The style changed since its numbers were looked up.
    pub(super) stale: bool,
}

/// The numbers of styles lately used, by a cheap hash: programs change between
/// few styles, often.
#[derive(Clone, Debug, Default)]
pub(super) struct StyleCache {
    slots: Vec<(Key, StyleId)>,
}

/// All of a style in three numbers; all zero is the default style.
type Key = (u64, u64, u32);

impl StyleCache {
    const SLOTS: usize = 256;

    /// The number of a style.
    fn get(&mut self, style: Style, pool: &mut Pool) -> StyleId {
        let key = Self::key(&style);
        if key == Key::default() {
            return StyleId::DEFAULT;
        }
        if self.slots.is_empty() {
            self.slots = vec![Default::default(); Self::SLOTS];
        }
        let mixed = key.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ key.1 ^ u64::from(key.2) << 20;
        let at = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 56;
        let slot = &mut self.slots[at as usize];
        if slot.0 != key {
            *slot = (key, pool.style(style));
        }
        slot.1
    }

    #[inline]
    fn key(style: &Style) -> Key {
        let color = |color: Color| match color {
            Color::Default => 0,
            Color::Theme(theme) => 3 << 24 | theme as u32,
            Color::Indexed(n) => 1 << 24 | u32::from(n),
            Color::Rgb(r, g, b) => 2 << 24 | u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b),
        };
        let colors = u64::from(color(style.fg)) | u64::from(color(style.bg)) << 32;
        let rest = u64::from(style.attrs.bits())
            | (style.underline as u64) << 16
            | u64::from(style.link.0) << 32;
        (colors, rest, color(style.us))
    }
}

/// Scrolling margins, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) top: u16,
    pub(super) bottom: u16,
    pub(super) left: u16,
    pub(super) right: u16,
}

impl Region {
    pub(super) fn of(size: Size) -> Self {
        Self {
            top: 0,
            bottom: size.rows() - 1,
            left: 0,
            right: size.cols() - 1,
        }
    }
}

/// What DECSC saves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Saved {
    /// Whether anything was saved since the last reset.
    pub(super) made: bool,
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) style: Style,
    protected: bool,
    charsets: Charsets,
    origin: bool,
}

impl Terminal {
    /// Forgets which numbers the pen's styles have; after a pool's rebuild.
    pub(super) fn forget_pen(&mut self) {
        self.pen.stale = true;
        self.styles = StyleCache::default();
    }

    #[inline]
    pub(super) fn pen_id(&mut self) -> StyleId {
        if self.pen.stale {
            self.pen.stale = false;
            self.pen.id = self.styles.get(self.pen.style, &mut self.pool);
            self.pen.erase = None;
        }
        self.pen.id
    }

    /// The cell that erasing leaves (terminfo `bce`).
    #[inline]
    pub(super) fn blank(&mut self) -> Cell {
        self.pen_id();
        let id = match self.pen.erase {
            Some(id) => id,
            None => {
                let style = self.pen.style.erased();
                let id = self.styles.get(style, &mut self.pool);
                self.pen.erase = Some(id);
                id
            }
        };
        Cell::empty(id)
    }

    /// The column right of the last that the cursor can reach by writing.
    #[inline]
    pub(super) fn edge(&self) -> usize {
        let cols = usize::from(self.size.cols());
        let edge = if self.x <= self.region.right {
            usize::from(self.region.right) + 1
        } else {
            cols
        };
        if self.grids[self.active].row(self.y).double {
            // Half the columns (DECDWL), but never left of the cursor.
            return edge.min((cols / 2).max(usize::from(self.x) + 1));
        }
        edge
    }

    /// Prints bytes in `0x20..=0x7e`.
    pub(super) fn print_ascii(&mut self, run: &[u8]) {
        if run.is_empty() {
            return;
        }
        if self.modes.insert || self.charsets.is_single() {
            for byte in run {
                let (ch, set) = self.charsets.take(*byte);
                if set == Charset::Graphics {
                    let style = self.pen_id();
                    self.put(Cell::narrow(ch, style).graphic(), false);
                    self.last = Some(ch);
                } else {
                    self.print_char(ch);
                }
            }
            return;
        }
        let set = self.charsets.locked();
        let style = self.pen_id();
        let mut rest = run;
        while !rest.is_empty() {
            self.wrap_pending();
            let (x, edge) = (usize::from(self.x), self.edge());
            let n = rest.len().min(edge - x);
            let (now, later) = rest.split_at(n);
            let seq = self.seq;
            let protected = self.pen.protected;
            let row = self.grids[self.active].row_mut(self.y);
            row.split_for(x);
            row.split(x + n);
            let cells = &mut row.cells[x..x + n];
            if set == Charset::Ascii && !protected {
                for (cell, byte) in cells.iter_mut().zip(now) {
                    *cell = Cell::narrow(char::from(*byte), style);
                }
            } else {
                for (cell, byte) in cells.iter_mut().zip(now) {
                    let cell_of = Cell::narrow(set.map(*byte), style).protected(protected);
                    let graphic = set == Charset::Graphics;
                    *cell = if graphic { cell_of.graphic() } else { cell_of };
                }
            }
            row.wrote(x + n);
            row.seq = seq;
            rest = later;
            self.filled = x + n == edge;
            if self.filled {
                self.x = (edge - 1) as u16;
                self.pending = self.modes.wrap;
                if !self.modes.wrap && !rest.is_empty() {
                    // All the rest falls on the last column; its end stays.
                    rest = &rest[rest.len() - 1..];
                }
            } else {
                self.x += n as u16;
            }
        }
        self.last = run.last().map(|byte| set.map(*byte));
    }

    /// Writes a cell of the pen's at the cursor.
    pub(super) fn put(&mut self, cell: Cell, wide: bool) {
        self.put_raw(cell.protected(self.pen.protected), wide);
    }

    pub(super) fn put_raw(&mut self, cell: Cell, wide: bool) {
        let n = if wide { 2 } else { 1 };
        self.wrap_pending();
        let mut x = usize::from(self.x);
        let mut edge = self.edge();
        if x + n > edge {
            let left = if self.modes.wrap {
                usize::from(self.region.left)
            } else {
                0
            };
            if edge < left + 2 {
                return;
            }
            if self.modes.wrap {
                let seq = self.seq;
                let row = self.grids[self.active].row_mut(self.y);
                row.split(x);
                row.split(edge);
                row.cells[x..edge].fill(Cell::pad(cell.style));
                row.seq = seq;
                self.pending = true;
                self.wrap_pending();
                x = usize::from(self.x);
                edge = self.edge();
                if x + n > edge {
                    return;
                }
            } else {
                return;
            }
        }
        if self.modes.insert {
            let blank = self.blank();
            let row = self.grids[self.active].row_mut(self.y);
            row.insert(x, edge, n, blank);
        }
        let seq = self.seq;
        let row = self.grids[self.active].row_mut(self.y);
        row.split_for(x);
        row.split(x + n);
        row.cells[x] = cell;
        if wide {
            row.cells[x + 1] = Cell::tail(cell.style).protected(cell.is_protected());
        }
        row.wrote(x + n);
        let small = |cell: Cell| matches!(cell.text(), CellText::Char(ch) if ch.is_ascii());
        row.rich |= !cell.is_graphic() && !small(cell);
        row.seq = seq;
        self.filled = x + n >= edge;
        if self.filled {
            self.x = (edge - 1) as u16;
            self.pending = self.modes.wrap;
        } else {
            self.x = (x + n) as u16;
        }
    }

    /// Wraps if the last column was written and wrapping is on.
    #[inline]
    pub(super) fn wrap_pending(&mut self) {
        if self.pending {
            self.pending = false;
            if self.modes.wrap {
                if self.edge() == usize::from(self.size.cols()) {
                    self.grids[self.active].row_mut(self.y).wrapped = true;
                }
                self.index();
                self.x = self.region.left;
            }
        }
    }

    /// Whether the cursor is between all margins.
    pub(super) fn in_region(&self) -> bool {
        let region = self.region;
        (region.top..=region.bottom).contains(&self.y) && self.in_columns()
    }

    fn in_columns(&self) -> bool {
        (self.region.left..=self.region.right).contains(&self.x)
    }

    /// Moves down a row, scrolling at the bottom margin (IND, LF). A cursor that
    /// waits to wrap does so in the new row, as in tmux.
    #[inline]
    pub(super) fn index(&mut self) {
        if self.y == self.region.bottom {
            if self.in_columns() {
                self.scroll_up(1);
            }
        } else if self.y + 1 < self.size.rows() {
            self.y += 1;
        }
    }

    /// Moves up a row, scrolling at the top margin (RI).
    pub(super) fn reverse_index(&mut self) {
        if self.y == self.region.top {
            if self.in_columns() {
                self.scroll_down(1);
            }
        } else {
            self.y = self.y.saturating_sub(1);
        }
    }

    fn full_width(&self) -> bool {
        self.region.left == 0 && self.region.right + 1 == self.size.cols()
    }

    /// Scrolls the region up; on the primary screen into history, from wherever
    /// the region begins, as tmux does.
    pub(super) fn scroll_up(&mut self, n: u16) {
        let region = self.region;
        let n = n.min(region.bottom - region.top + 1);
        if self.active == 0 && self.full_width() {
            self.push_rows(region.top, n);
            self.scrolled = self.scrolled.saturating_add(usize::from(n));
        }
        self.shift_up(region.top, n);
    }

    /// Copies `n` rows of the primary screen from `top` on into history.
    pub(super) fn push_rows(&mut self, top: u16, n: u16) {
        for y in top..top + n {
            let row = self.grids[0].row(y);
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
    }

    /// Scrolls rows from `top` to the bottom margin up, within the margins.
    pub(super) fn shift_up(&mut self, top: u16, n: u16) {
        let blank = self.blank();
        let region = self.region;
        let seq = self.seq;
        if self.full_width() {
            let grid = &mut self.grids[self.active];
            grid.scroll_up(top, region.bottom, n, blank, seq);
            return;
        }
        for y in top..=region.bottom {
            self.copy_columns(y, (y + n <= region.bottom).then(|| y + n), blank);
        }
    }

    /// Scrolls the region down.
    pub(super) fn scroll_down(&mut self, n: u16) {
        self.shift_down(self.region.top, n);
    }

    /// Scrolls rows from `top` to the bottom margin down, within the margins.
    pub(super) fn shift_down(&mut self, top: u16, n: u16) {
        let blank = self.blank();
        let region = self.region;
        let n = n.min(region.bottom - top + 1);
        let seq = self.seq;
        if self.full_width() {
            let grid = &mut self.grids[self.active];
            grid.scroll_down(top, region.bottom, n, blank, seq);
            return;
        }
        for y in (top..=region.bottom).rev() {
            self.copy_columns(y, (y >= top + n).then(|| y - n), blank);
        }
    }

    /// Gives row `to` the columns between the margins of row `from`, or blanks.
    fn copy_columns(&mut self, to: u16, from: Option<u16>, blank: Cell) {
        let (left, right) = (
            usize::from(self.region.left),
            usize::from(self.region.right) + 1,
        );
        let seq = self.seq;
        let grid = &mut self.grids[self.active];
        let cells = from.map(|from| {
            let row = grid.row_mut(from);
            row.split(left);
            row.split(right);
            row.cells[left..right].to_vec()
        });
        let row = grid.row_mut(to);
        row.erase(left, right, blank, false);
        if let Some(cells) = cells {
            row.cells[left..right].copy_from_slice(&cells);
        }
        row.seq = seq;
    }

    /// CR.
    pub(super) fn carriage_return(&mut self) {
        self.pending = false;
        let left = self.region.left;
        self.x = if self.modes.origin || self.x >= left {
            left
        } else {
            0
        };
    }

    /// CUB and BS. With reverse wrap (xterm modes 45 and 1045) they go on at the
    /// right margin of the row above, and from the top margin at the bottom one;
    /// as in xterm until patch 383, whether the row above was wrapped or not.
    pub(super) fn back(&mut self, n: u16) {
        let reverse = self.modes.wrap && (self.modes.reverse_wrap || self.modes.reverse_wrap_any);
        // Going back over the pending wrap is one of the steps.
        let n = n.saturating_sub(u16::from(self.pending));
        self.pending = false;
        let area = u32::from(self.size.cols()) * u32::from(self.size.rows());
        let mut rest = u32::from(n).min(area);
        let Region { left, right, .. } = self.region;
        loop {
            let first = if self.x >= left { left } else { 0 };
            let step = rest.min(u32::from(self.x - first));
            self.x -= step as u16;
            rest -= step;
            if rest == 0 || !reverse {
                return;
            }
            let Region { top, bottom, .. } = self.region;
            let first = if self.y >= top { top } else { 0 };
            self.y = if self.y > first { self.y - 1 } else { bottom };
            self.x = right;
            rest -= 1;
        }
    }

    /// CUF.
    pub(super) fn forward(&mut self, n: u16) {
        self.pending = false;
        let last = (self.edge() - 1) as u16;
        self.x = self.x.saturating_add(n).min(last);
    }

    /// CUU.
    pub(super) fn up(&mut self, n: u16) {
        self.pending = false;
        let top = if self.y >= self.region.top {
            self.region.top
        } else {
            0
        };
        self.y = self.y.saturating_sub(n).max(top);
    }

    /// CUD.
    pub(super) fn down(&mut self, n: u16) {
        self.pending = false;
        let last = if self.y <= self.region.bottom {
            self.region.bottom
        } else {
            self.size.rows() - 1
        };
        self.y = self.y.saturating_add(n).min(last);
    }

    /// CUP and its kin: from 0, relative to the margins in origin mode.
    pub(super) fn goto(&mut self, x: u16, y: u16) {
        self.pending = false;
        let region = self.region;
        if self.modes.origin {
            self.x = x.saturating_add(region.left).min(region.right);
            self.y = y.saturating_add(region.top).min(region.bottom);
        } else {
            self.x = x.min(self.size.cols() - 1);
            self.y = y.min(self.size.rows() - 1);
        }
    }

    /// The cursor from the origin, as reports and relative motion see it.
    pub(super) fn at(&self) -> (u16, u16) {
        if self.modes.origin {
            let (x, y) = (self.region.left, self.region.top);
            (self.x.saturating_sub(x), self.y.saturating_sub(y))
        } else {
            (self.x, self.y)
        }
    }

    /// HT and CHT. A pending wrap stays pending, or with xterm's mode 41 is done.
    pub(super) fn tab(&mut self, n: u16) {
        if self.modes.more_fix {
            self.wrap_pending();
        }
        let last = (self.edge() - 1) as u16;
        for _ in 0..n.min(self.size.cols()) {
            self.x = self.tabs.next(self.x, last);
        }
    }

    /// HT: over blanks it leaves a tab behind, which captures give back.
    pub(super) fn write_tab(&mut self) {
        let (x, y) = (self.x, self.y);
        self.tab(1);
        let (from, to) = (usize::from(x), usize::from(self.x));
        if y != self.y || from >= to || to - from > MOST_TAB {
            return;
        }
        let (seq, insert, edge) = (self.seq, self.modes.insert, self.edge());
        let row = self.grids[self.active].row_mut(y);
        let style = row.cells[from].style;
        let blank = |cell: &Cell| {
            let bare = matches!(cell.text(), CellText::Empty | CellText::Char(' '));
            bare && cell.style == style && !cell.is_protected() && !cell.is_tab_rest()
        };
        if !row.cells[from..to].iter().all(blank) {
            return;
        }
        if insert && to < edge {
            row.insert(from, edge, to - from, Cell::empty(style));
        }
        row.rich = true;
        for (at, cell) in row.cells[from..to].iter_mut().enumerate() {
            *cell = Cell::tab(at == 0, style);
        }
        row.wrote(to);
        row.seq = seq;
    }

    /// CBT. Like a tab forward it keeps a pending wrap, as xterm does, and it
    /// knows of margins only in origin mode.
    pub(super) fn tab_back(&mut self, n: u16) {
        let left = if self.modes.origin && self.x >= self.region.left {
            self.region.left
        } else {
            0
        };
        for _ in 0..n.min(self.size.cols()) {
            self.x = self.tabs.back(self.x, left);
        }
    }

    /// DECBI: back a column; at the left margin the columns move instead.
    pub(super) fn back_index(&mut self) {
        if self.x == self.region.left {
            self.shift_columns(self.x, 1, true);
        } else {
            self.x = self.x.saturating_sub(1);
        }
        self.pending = false;
    }

    /// DECFI: forward a column; at the right margin the columns move instead.
    pub(super) fn forward_index(&mut self) {
        if self.x == self.region.right {
            self.shift_columns(self.region.left, 1, false);
        } else {
            self.x = (self.x + 1).min(self.size.cols() - 1);
        }
        self.pending = false;
    }

    /// DECSWL, DECDWL and DECDHL: whether the cursor's row is of double width.
    /// It only halves the row: cells are drawn single.
    pub(super) fn set_double(&mut self, on: bool) {
        let on = on && !self.modes.margins;
        self.grids[self.active].row_mut(self.y).double = on;
        let last = (self.size.cols() / 2).max(1) - 1;
        if on && self.x > last {
            self.x = last;
            self.pending = false;
        }
    }

    /// DECSC.
    pub(super) fn save_cursor(&mut self) {
        self.saved[self.active] = Saved {
            made: true,
            x: self.x,
            y: self.y,
            style: self.pen.style,
            protected: self.pen.protected,
            charsets: self.charsets,
            origin: self.modes.origin,
        };
    }

    /// DECRC.
    pub(super) fn restore_cursor(&mut self) {
        let saved = self.saved[self.active];
        self.pen.style = saved.style;
        self.pen.stale = true;
        self.pen.protected = saved.protected;
        self.charsets = saved.charsets;
        self.modes.origin = saved.origin;
        self.x = saved.x.min(self.size.cols() - 1);
        self.y = saved.y.min(self.size.rows() - 1);
        if saved.origin {
            let region = self.region;
            self.x = self.x.clamp(region.left, region.right);
            self.y = self.y.clamp(region.top, region.bottom);
        }
        self.pending = false;
    }

    /// REP: the last character again, once: a further REP repeats nothing, as
    /// vttest expects of xterm.
    pub(super) fn repeat(&mut self, n: u16) {
        if let Some(ch) = self.last {
            // Not beyond the line, as in tmux; not at all at its end.
            let at = self.column_after();
            let left = self.edge().saturating_sub(usize::from(at));
            let most = left.min(usize::from(n));
            for _ in 0..most {
                self.print_char(ch);
            }
            self.last = None;
        }
    }
}
