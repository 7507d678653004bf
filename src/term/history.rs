//! Packed history: the logical lines that scrolled off a screen, as UTF-8 text
//! and style runs in blocks. Old blocks are compressed. Lines are wrapped when
//! they are read, so that a resize costs nothing here.
//!
//! ```text
//! oldest ┌────────┬────────┬─ ─ ─┬────────┬────────┬────────┐ newest
//!        │ packed │ packed │     │ packed │  raw   │ raw    │◄── push_row
//!        └─┬──────┴────────┴─ ─ ─┴────────┴────────┴────────┘──► pop_line
//!          └ lines are dropped here
//! ```
//! It knows nothing of the screen, and holds no number of the screen's pool.

mod block;
mod encode;
mod filter;
mod index;
mod intern;
mod line;
mod print;
mod read;
mod scan;
pub mod store;

use std::cell::{Cell as Slot, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use super::marks::Marks;
use crate::base::{Anchor, Cell, Pool};

use block::{Block, Body, Raw, Start};
use encode::{Encoder, Tail};
use index::Index;
use intern::Interner;
use line::{CONTINUED, WIDE};
use read::{Hint, Scratch};
use store::Store;

pub(super) use filter::Pairs;
pub(super) use print::{Cut, Printer};
pub(super) use scan::{Needle, Spot};

/// Blocks left uncompressed at the newest end while output flows.
const RAW_BLOCKS: usize = 4;
/// Columns after which an endless line is cut in two.
const MAX_COLS: u32 = 32 * 1024;
/// The largest newest block that is left uncompressed in quiet, in bytes.
const SETTLED_RAW: usize = 16 * 1024;
/// Bytes of text after which an endless line is cut in two.
const MAX_TEXT: usize = 64 * 1024;

/// The lines that scrolled off a screen.
///
/// An endless line is cut after 32 Ki columns or 64 KiB; the second part is
/// marked as going on from the first, counts as a line, and starts a row.
#[derive(Debug)]
pub struct History {
    blocks: VecDeque<Block>,
    serial: u64,
    lines: usize,
    limit_lines: usize,
    limit_bytes: usize,
    /// Bytes of all blocks but the newest.
    settled_bytes: usize,
    /// The newest line goes on in the next row pushed.
    open: bool,
    /// The last row pushed had no room for a wide character at its end.
    padded: bool,
    /// Known while the newest line is being written.
    tail: Option<Tail>,
    interner: Interner,
    index: Index,
    /// Where blocks go that memory has no room for.
    store: Option<Store>,
    /// How many of the oldest blocks are there.
    stored: usize,
    spare: Option<Raw>,
    pushed: u64,
    dropped: u64,
    total: Slot<Option<(u16, usize)>>,
    hint: Slot<Option<Hint>>,
    cache: RefCell<Vec<(u64, Arc<Raw>)>>,
    scratch: RefCell<Scratch>,
}

impl Clone for History {
    /// A picture: lines that are in memory are shared as far as they can be, and
    /// those in a store are read from there for as long as they lie there. It
    /// puts nothing there, and takes nothing away.
    fn clone(&self) -> Self {
        let lent = |block: &Block| {
            let mut block = block.clone();
            if let Body::Stored(stored) = &mut block.body {
                stored.lend();
            }
            block
        };
        Self {
            blocks: self.blocks.iter().map(lent).collect(),
            interner: self.interner.clone(),
            index: self.index.clone(),
            store: None,
            spare: None,
            total: self.total.clone(),
            hint: self.hint.clone(),
            cache: RefCell::default(),
            scratch: RefCell::default(),
            ..*self
        }
    }
}

impl History {
    /// An empty history of at most so many logical lines and about so many
    /// bytes.
    #[must_use]
    pub fn new(limit_lines: usize, limit_bytes: usize) -> Self {
        Self {
            blocks: VecDeque::new(),
            serial: 0,
            lines: 0,
            limit_lines,
            limit_bytes,
            settled_bytes: 0,
            open: false,
            padded: false,
            tail: None,
            interner: Interner::default(),
            index: Index::default(),
            store: None,
            stored: 0,
            spare: None,
            pushed: 0,
            dropped: 0,
            total: Slot::new(None),
            hint: Slot::new(None),
            cache: RefCell::default(),
            scratch: RefCell::default(),
        }
    }

    /// Takes a row that scrolled off; a `wrapped` row goes on in the next one
    /// pushed, and both are one line. Blanks that nothing was written to are
    /// not kept at a line's end.
    ///
    /// When the limit is reached, a tenth of the lines is dropped at once, as
    /// tmux does.
    pub fn push_row(&mut self, cells: &[Cell], wrapped: bool, pool: &Pool) {
        self.pushed += 1;
        if self.limit_lines == 0 {
            self.dropped += u64::from(!self.open);
            self.open = wrapped;
            return;
        }
        self.total.set(None);
        // What was written over such a character later would fill that row.
        let parted = self.padded && !cells.first().is_some_and(|cell| cell.is_wide());
        if !self.open || self.lines == 0 || parted || self.must_cut(cells.len()) {
            self.begin_line(self.open && self.lines > 0);
        }
        self.open = wrapped;
        self.padded = wrapped && cells.last().is_some_and(|cell| cell.is_pad());
        self.write_row(cells, wrapped, pool);
    }

    /// Whether the newest line cannot take a row of so many cells more.
    fn must_cut(&mut self, cells: usize) -> bool {
        let tail = self.tail();
        let text = match self.blocks.back().map(|block| &block.body) {
            Some(Body::Raw(raw)) => {
                let start = raw.starts.last().map_or(0, |start| start.text as usize);
                raw.text.len() - start
            }
            Some(Body::Packed(_) | Body::Stored(_)) | None => MAX_TEXT,
        };
        tail.cols as usize + cells > MAX_COLS as usize || text >= MAX_TEXT
    }

    /// How far the newest line is written, worked out if it was read back.
    fn tail(&mut self) -> Tail {
        if let Some(tail) = self.tail {
            return tail;
        }
        self.thaw_newest();
        let tail = match self.blocks.back() {
            Some(block) => {
                let raw = block.raw();
                let mut units = Vec::new();
                let line = raw.line(raw.starts.len().saturating_sub(1));
                line.units(&mut units);
                let cols = block.widths.last().copied().unwrap_or(0);
                Tail::after(line, &units, u32::from(cols))
            }
            None => Tail::default(),
        };
        self.tail = Some(tail);
        tail
    }

    /// Makes the newest block raw again, as it will now change.
    fn thaw_newest(&mut self) {
        if let Some(block) = self.blocks.back_mut()
            && !matches!(block.body, Body::Raw(_))
        {
            block.thaw();
            let serial = block.serial;
            self.stored = self.stored.min(self.blocks.len() - 1);
            self.cache.get_mut().retain(|(id, _)| *id != serial);
        }
    }

    fn begin_line(&mut self, continued: bool) {
        if self.lines >= self.limit_lines {
            let excess = self.lines - self.limit_lines;
            self.drop_lines(excess + (self.limit_lines / 10).max(1));
        }
        self.thaw_newest();
        if self.blocks.back().is_none_or(Block::is_full) {
            self.begin_block(continued);
        }
        let Some(block) = self.blocks.back_mut() else {
            return;
        };
        if let Body::Raw(raw) = &mut block.body {
            let raw = Arc::make_mut(raw);
            if !raw.starts.is_empty() {
                raw.text.push(b'\n');
            }
            raw.starts.push(Start {
                text: raw.text.len() as u32,
                meta: raw.meta.len() as u32,
            });
            raw.meta.push(if continued { CONTINUED } else { 0 });
        }
        block.widths.push(0);
        block.rows.set(
            block
                .rows
                .get()
                .map(|(cols, rows)| (cols, rows.saturating_add(1))),
        );
        self.lines += 1;
        self.tail = Some(Tail::default());
    }

    fn begin_block(&mut self, continued: bool) {
        if let Some(last) = self.blocks.back() {
            self.settled_bytes += last.bytes();
        }
        let at = (self.blocks.len() + 1).checked_sub(RAW_BLOCKS + 1);
        if let Some(raw) = at.and_then(|at| self.pack(at)) {
            self.spare = Some(raw);
        }
        while self.settled_bytes > self.limit_bytes && !self.blocks.is_empty() {
            self.drop_block();
        }
        self.serial += 1;
        let mut raw = self.spare.take().unwrap_or_default();
        raw.clear();
        let mut block = Block::new(self.serial, raw);
        block.continued = continued;
        self.blocks.push_back(block);
    }

    /// Compresses a block that is not the newest, by its index.
    fn pack(&mut self, index: usize) -> Option<Raw> {
        let block = self.blocks.get_mut(index)?;
        let before = block.bytes();
        let raw = block.pack()?;
        let after = block.bytes();
        self.settled_bytes = (self.settled_bytes + after).saturating_sub(before);
        Some(raw)
    }

    fn write_row(&mut self, cells: &[Cell], wrapped: bool, pool: &Pool) {
        let mut tail = self.tail();
        self.scratch.get_mut().forget();
        let Some(block) = self.blocks.back_mut() else {
            return;
        };
        self.interner.turn_to(block.serial, &block.table);
        let Body::Raw(raw) = &mut block.body else {
            return;
        };
        let raw = Arc::make_mut(raw);
        let at = raw.starts.last().map_or(0, |start| start.meta as usize);
        let flags = raw.meta.get(at).copied().unwrap_or(0);
        let mut encoder = Encoder {
            raw,
            table: &mut block.table,
            interner: &mut self.interner,
            pool,
            tail: &mut tail,
            flags,
        };
        encoder.row(cells, wrapped);
        let flags = encoder.flags;
        if let Some(header) = raw.meta.get_mut(at) {
            *header = flags;
        }
        block.wide |= flags & WIDE != 0;
        block.tabbed |= flags & line::TABS != 0;
        if let Some(width) = block.widths.last_mut() {
            let before = std::mem::replace(width, tail.cols.min(u32::from(u16::MAX)) as u16);
            let after = *width;
            block.widest = block.widest.max(after);
            block.rows.set(block.rows.get().and_then(|(cols, rows)| {
                let fits = (after <= cols || flags & WIDE == 0) && !block.anew;
                let grown = plain_rows(after, cols) - plain_rows(before, cols);
                fits.then_some((cols, rows + grown))
            }));
        }
        self.tail = Some(tail);
    }

    /// Notes that the width has changed: lines with wide characters and tabs are
    /// wrapped as tmux wraps anew what is there, see `line::wrap_anew`.
    pub(super) fn reflow(&mut self) {
        self.padded = false;
        self.forget_reading();
        for block in &mut self.blocks {
            block.reflowed = block.len();
            block.anew = block.wide || block.tabbed;
            block.rows.set(None);
        }
    }

    /// Notes of the newest line that its rows were cut when it was wrapped anew.
    pub(super) fn reflow_newest(&mut self) {
        self.padded = false;
        let Some(block) = self.blocks.back_mut() else {
            return;
        };
        let Body::Raw(raw) = &mut block.body else {
            return;
        };
        let at = raw.starts.last().map_or(0, |start| start.meta as usize);
        let odd = raw
            .meta
            .get(at)
            .is_some_and(|flags| flags & (WIDE | line::TABS) != 0 && flags & line::ANEW == 0);
        if odd && let Some(flags) = Arc::make_mut(raw).meta.get_mut(at) {
            *flags |= line::ANEW;
            block.anew = true;
        }
        if block.anew {
            block.rows.set(None);
            self.forget_reading();
        }
    }

    /// Whether the newest line is wrapped anew.
    pub(super) fn newest_is_anew(&mut self) -> bool {
        self.thaw_newest();
        self.blocks.back().is_some_and(|block| {
            let raw = block.raw();
            let last = raw.starts.len().saturating_sub(1);
            block.is_anew(last, raw.line(last))
        })
    }

    /// Takes back the newest line, its cells in `pool`, unwrapped. True when
    /// it goes on: in the first row of the screen, or in the line taken before.
    pub fn pop_line(&mut self, pool: &mut Pool) -> Option<(Vec<Cell>, bool)> {
        self.forget_reading();
        self.thaw_newest();
        let block = self.blocks.back_mut()?;
        let raw = block.raw();
        let last = raw.starts.len().checked_sub(1)?;
        let line = raw.line(last);
        let mut cells = Vec::new();
        read::line_cells(line, &block.table, pool, &mut cells);
        let continued = line.flags() & CONTINUED != 0;
        drop(raw);
        if let Body::Raw(raw) = &mut block.body {
            let raw = Arc::make_mut(raw);
            if let Some(start) = raw.starts.pop() {
                raw.text.truncate((start.text as usize).saturating_sub(1));
                raw.meta.truncate(start.meta as usize);
            }
        }
        block.widths.pop();
        block.reflowed = block.reflowed.min(block.widths.len());
        block.rows.set(None);
        let empty = block.lines() == 0;
        self.index.cut(self.newest());
        self.lines -= 1;
        self.tail = None;
        if empty {
            self.blocks.pop_back();
            self.stored = self.stored.min(self.blocks.len());
            if let Some(newest) = self.blocks.back() {
                self.settled_bytes = self.settled_bytes.saturating_sub(newest.bytes());
            }
        }
        self.padded = false;
        let open = std::mem::replace(&mut self.open, continued && self.lines > 0);
        Some((cells, open))
    }

    /// The number of the newest line, counted from the first ever pushed.
    fn newest(&self) -> u64 {
        (self.dropped + self.lines as u64).saturating_sub(1)
    }

    /// Adds marks to the newest line.
    pub(super) fn mark_newest(&mut self, marks: Marks) {
        if self.lines > 0 {
            self.index.add(self.newest(), marks);
        }
    }

    /// The marks of the newest line.
    pub(super) fn newest_marks(&self) -> Marks {
        self.index.get(self.newest())
    }

    /// Adds marks to the line of a display row.
    pub(super) fn mark_row(&mut self, row: usize, cols: u16, marks: Marks) {
        if let Some((at, _)) = self.find_row(row, cols) {
            self.index.add(self.number_of(at.block, at.line), marks);
        }
    }

    /// The display row of the first line with some of `which` whose first row
    /// is after `row`; the last one before it, if not `after`.
    pub(super) fn marked_row(
        &self,
        row: usize,
        cols: u16,
        which: Marks,
        after: bool,
    ) -> Option<usize> {
        let end = self.dropped + self.lines as u64;
        let (line, inside) = match self.find_row(row, cols) {
            Some((at, _)) => (self.number_of(at.block, at.line), row > at.line_row),
            None => (end, false),
        };
        let found = match (after, inside) {
            (true, _) => self.index.after(line, which),
            // From the middle of a marked line back is to its own beginning.
            (false, true) => self.index.before(line + 1, which),
            (false, false) => self.index.before(line, which),
        };
        Some(self.row_of(found?, cols))
    }

    /// The first display row of the line on which an anchor lies.
    pub(super) fn row_of_anchor(&self, anchor: Anchor, cols: u16) -> Option<usize> {
        Some(self.row_of(self.index.anchored(anchor)?, cols))
    }

    /// The first display rows of the lines on which anchors lie, with the first
    /// and the last of each.
    pub(super) fn anchors(&self, cols: u16) -> impl Iterator<Item = (usize, Anchor, Anchor)> {
        let lines: Vec<u64> = self.index.anchors().map(|(line, ..)| line).collect();
        let rows = self.rows_of(&lines, cols).into_iter();
        rows.zip(self.index.anchors())
            .map(|(row, (_, first, last))| (row, first, last))
    }

    /// Adds `more` to the newest line that has some of `which`.
    pub(super) fn mark_newest_with(&mut self, which: Marks, more: Marks) {
        self.index.add_to_newest(which, more);
    }

    fn forget_reading(&mut self) {
        self.total.set(None);
        self.hint.set(None);
        self.scratch.get_mut().forget();
    }

    /// Drops the oldest lines.
    fn drop_lines(&mut self, count: usize) {
        self.forget_reading();
        let mut left = count;
        while left > 0 {
            let Some(block) = self.blocks.front_mut() else {
                return;
            };
            if block.lines() <= left {
                left -= block.lines();
                self.drop_block();
                continue;
            }
            block.skip += left;
            block.rows.set(None);
            self.lines -= left;
            self.dropped += left as u64;
            left = 0;
        }
        self.index.trim(self.dropped);
    }

    fn drop_block(&mut self) {
        self.forget_reading();
        let newest = self.blocks.len() == 1;
        if let Some(block) = self.blocks.pop_front() {
            self.lines -= block.lines();
            self.dropped += block.lines() as u64;
            self.index.trim(self.dropped);
            if !newest {
                self.settled_bytes = self.settled_bytes.saturating_sub(block.bytes());
            }
            self.cache.get_mut().retain(|(id, _)| *id != block.serial);
            if let Body::Stored(stored) = &block.body {
                stored.free();
                self.stored = self.stored.saturating_sub(1);
            }
            if self.spare.is_none()
                && let Body::Raw(raw) = block.body
            {
                self.spare = Arc::into_inner(raw);
            }
        }
        if self.blocks.is_empty() {
            self.settled_bytes = 0;
            self.tail = None;
        }
    }

    /// Sets the limits, dropping the oldest lines beyond them.
    pub fn set_limit(&mut self, lines: usize, bytes: usize) {
        self.limit_lines = lines;
        self.limit_bytes = bytes;
        self.drop_lines(self.lines.saturating_sub(lines));
        while self.settled_bytes > bytes && self.blocks.len() > 1 {
            self.drop_block();
        }
        self.open &= self.lines > 0;
    }

    /// Forgets every line and gives the memory back. A line that goes on is
    /// cut: its next row begins a new one.
    pub fn clear(&mut self) {
        self.drop_lines(self.lines);
        self.open = false;
        self.spare = None;
        self.interner = Interner::default();
        self.cache.get_mut().clear();
        *self.scratch.get_mut() = Scratch::default();
    }

    /// Gives the store for what memory has no room for.
    pub fn set_store(&mut self, store: Store) {
        self.store = Some(store);
    }

    /// Whether there is a store.
    #[must_use]
    pub fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Makes room: the oldest block in memory goes to the store, or, where
    /// there is none, the oldest block is dropped. The newest block stays.
    /// Says how many bytes were freed.
    pub fn shed(&mut self) -> usize {
        let before = self.bytes();
        let newest = self.blocks.len().saturating_sub(1);
        match self.store.clone() {
            Some(store) if self.stored < newest => {
                let at = self.stored;
                let Some(block) = self.blocks.get_mut(at) else {
                    return 0;
                };
                let held = block.bytes();
                // What a store does not take shows as lost when it is read.
                let _ = block.put(&store);
                let left = block.bytes();
                let serial = block.serial;
                self.settled_bytes = (self.settled_bytes + left).saturating_sub(held);
                self.stored += 1;
                self.cache.get_mut().retain(|(id, _)| *id != serial);
                self.total.set(None);
            }
            None if newest > 0 => self.drop_block(),
            Some(_) | None => return 0,
        }
        before.saturating_sub(self.bytes())
    }

    /// Compresses every block and lets go of what reading left behind: for
    /// when nothing was written for a while. A newest block that is small
    /// stays as it is, for it is soon written to.
    pub fn settle(&mut self) {
        let newest = self.blocks.len().saturating_sub(1);
        for index in self.stored..newest {
            self.pack(index);
        }
        if let Some(block) = self.blocks.back_mut()
            && block.bytes() > SETTLED_RAW
        {
            block.pack();
            self.tail = None;
        }
        self.spare = None;
        self.cache.get_mut().clear();
        *self.scratch.get_mut() = Scratch::default();
    }

    /// Memory held for lines, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.settled_bytes + self.blocks.back().map_or(0, Block::bytes) + self.index.bytes()
    }

    /// Logical lines held.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Whether the newest line goes on in the first row of the screen.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open && self.lines > 0
    }

    /// Rows ever pushed; it never falls.
    #[must_use]
    pub fn pushed_rows(&self) -> u64 {
        self.pushed
    }

    /// Lines ever dropped at the old end.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.dropped
    }
}

/// Display rows of a line without wide cells.
fn plain_rows(width: u16, cols: u16) -> usize {
    usize::from(width.div_ceil(cols.max(1)).max(1))
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
