//! Reads the history as display rows of a width. Whatever is worked out here
//! (row counts, decompressed blocks, the last long line) is kept in small
//! bounded caches. It changes no line.

use std::sync::Arc;

use crate::base::{Cell, Pool, StyleId};
use crate::term::view::{ViewLine, ViewPos, blank};

use super::block::{Block, Body, Raw, Table};
use super::line::{self, InTab, Line, RUNS, Unit, WIDE};
use super::scan::Spot;
use super::{History, plain_rows};

/// Decompressed blocks kept for reading.
const CACHED_BLOCKS: usize = 4;
/// The longest line that is walked run by run for each row of it.
const WALK_COLS: u16 = 2048;

/// Where a row was last found, to walk on from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    cols: u16,
    pub(super) block: usize,
    /// First row of the block.
    block_row: usize,
    pub(super) line: usize,
    /// First row of the line.
    pub(super) line_row: usize,
}

/// The line last taken apart.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Block and line of `units`.
    key: Option<(u64, usize)>,
    units: Vec<Unit>,
    cols: u16,
    /// First unit of each row at `cols`; empty when not worked out.
    starts: Vec<u32>,
    /// Rows that begin with the second half of a character.
    orphans: Vec<u32>,
}

impl Scratch {
    pub(super) fn forget(&mut self) {
        self.key = None;
    }

    fn turn_to(&mut self, block: &Block, index: usize, line: Line<'_>, cols: u16) {
        if self.key != Some((block.serial, index)) {
            line.units(&mut self.units);
            self.key = Some((block.serial, index));
            self.starts.clear();
        }
        if self.starts.is_empty() || self.cols != cols {
            self.orphans.clear();
            if block.is_anew(index, line) {
                line::wrap_anew(&self.units, cols, &mut self.starts, &mut self.orphans);
            } else {
                line::wrap(&self.units, cols, &mut self.starts);
            }
            self.cols = cols;
        }
    }

    fn row_of(&self, row: usize) -> &[Unit] {
        let Some(start) = self.starts.get(row) else {
            return &[];
        };
        let end = self
            .starts
            .get(row + 1)
            .map_or(self.units.len(), |end| *end as usize);
        self.units.get(*start as usize..end).unwrap_or_default()
    }
}

impl History {
    /// Display rows at a width. The first call after a change of the width
    /// looks at every line's length, later ones only at what changed.
    #[must_use]
    pub fn rows(&self, cols: u16) -> usize {
        let cols = cols.max(1);
        if let Some((at, total)) = self.total.get()
            && at == cols
        {
            return total;
        }
        let total = self.blocks.iter().map(|b| self.block_rows(b, cols)).sum();
        self.total.set(Some((cols, total)));
        total
    }

    /// Reads a display row into `out`; row 0 is the oldest. A row beyond the
    /// end is blank.
    pub fn row(&self, index: usize, cols: u16, pool: &mut Pool, out: &mut ViewLine) {
        let cols = cols.max(1);
        out.cells.clear();
        let Some((at, raw)) = self.find_row(index, cols) else {
            return blank(cols, out);
        };
        let block = &self.blocks[at.block];
        let row = index - at.line_row;
        let line = raw.line(at.line);
        let width = block.width(at.line, &raw);
        let walk = width <= cols || width <= WALK_COLS || line.flags() & RUNS == 0;
        let plain = walk && !block.is_anew(at.line, line);
        if line.is_ascii() && line.fill_from() == u32::MAX && plain {
            ascii_row(line, row, cols, &block.table, pool, &mut out.cells);
            ascii_tabs(line, row, cols, &mut out.cells);
        } else {
            let mut scratch = self.scratch.borrow_mut();
            scratch.turn_to(block, at.line, line, cols);
            let units = scratch.row_of(row);
            if scratch.orphans.binary_search(&(row as u32)).is_ok() {
                out.cells.push(Cell::pad(StyleId::DEFAULT));
            }
            unit_cells(units, line.text, cols, &block.table, pool, &mut out.cells);
        }
        out.cells.resize(usize::from(cols), Cell::EMPTY);
        let last = row + 1 >= self.line_rows(block, Some(&raw), at.line, cols);
        out.wrapped = !last || self.goes_on(at.block, at.line, &raw);
    }

    /// Whether a display row is the first of several of its line: whether it was
    /// cut anew, and whether that line was not only ASCII.
    pub(in crate::term) fn first_cut(&self, index: usize, cols: u16) -> (bool, bool) {
        let cols = cols.max(1);
        let Some((at, raw)) = self.find_row(index, cols) else {
            return (false, false);
        };
        let (block, line) = (&self.blocks[at.block], raw.line(at.line));
        let first = index == at.line_row
            && (self.goes_on(at.block, at.line, &raw)
                || self.line_rows(block, Some(&raw), at.line, cols) > 1);
        let anew = first && block.is_anew(at.line, line);
        (anew, first && block.is_rich(at.line, line))
    }

    /// Whether a line goes on in the one after it.
    pub(super) fn goes_on(&self, block: usize, line: usize, raw: &Raw) -> bool {
        if line + 1 < raw.starts.len() {
            return raw.line(line + 1).flags() & line::CONTINUED != 0;
        }
        match self.blocks.get(block + 1) {
            Some(next) => next.continued && next.skip == 0,
            None => self.is_open(),
        }
    }

    /// A block's lines, from the cache when compressed.
    pub(super) fn load(&self, block: &Block) -> Arc<Raw> {
        if matches!(block.body, Body::Raw(_)) {
            return block.raw();
        }
        let mut cache = self.cache.borrow_mut();
        if let Some(at) = cache.iter().position(|(id, _)| *id == block.serial) {
            let entry = cache.remove(at);
            let raw = Arc::clone(&entry.1);
            cache.push(entry);
            return raw;
        }
        if cache.len() >= CACHED_BLOCKS {
            cache.remove(0);
        }
        let raw = block.raw();
        cache.push((block.serial, Arc::clone(&raw)));
        raw
    }

    fn block_rows(&self, block: &Block, cols: u16) -> usize {
        if let Some((at, rows)) = block.rows.get()
            && at == cols
        {
            return rows;
        }
        let rows = if block.widest <= cols && !block.may_part(block.widest, cols) {
            block.lines()
        } else if block.must_read() {
            let raw = self.load(block);
            (block.skip..block.len())
                .map(|line| self.line_rows(block, Some(&raw), line, cols))
                .sum()
        } else {
            block.widths[block.skip..]
                .iter()
                .map(|width| plain_rows(*width, cols))
                .sum()
        };
        block.rows.set(Some((cols, rows)));
        rows
    }

    fn line_rows(&self, block: &Block, raw: Option<&Raw>, line: usize, cols: u16) -> usize {
        if block.widest <= cols && !block.may_part(block.widest, cols) {
            return 1;
        }
        if !block.must_read() {
            return plain_rows(block.widths.get(line).copied().unwrap_or(0), cols);
        }
        let loaded;
        let raw = match raw {
            Some(raw) => raw,
            None => {
                loaded = self.load(block);
                &loaded
            }
        };
        let width = block.width(line, raw);
        let packed = raw.line(line);
        let anew = block.may_part(width, cols) && block.is_anew(line, packed);
        if !anew && (width <= cols || packed.flags() & WIDE == 0) {
            return plain_rows(width, cols);
        }
        let mut scratch = self.scratch.borrow_mut();
        scratch.turn_to(block, line, packed, cols);
        scratch.starts.len()
    }

    /// The line that a display row belongs to, with its block's lines.
    pub(super) fn find_row(&self, row: usize, cols: u16) -> Option<(Hint, Arc<Raw>)> {
        let total = self.rows(cols);
        if row >= total {
            return None;
        }
        let mut at = match self.hint.get() {
            Some(hint) if hint.cols == cols => hint,
            Some(_) | None if row > total / 2 => {
                let block = self.blocks.len() - 1;
                let first = total - self.block_rows(&self.blocks[block], cols);
                self.at_block(block, first, cols)
            }
            Some(_) | None => self.at_block(0, 0, cols),
        };
        while row < at.block_row {
            let block = at.block - 1;
            let first = at.block_row - self.block_rows(&self.blocks[block], cols);
            at = self.at_block(block, first, cols);
        }
        loop {
            let rows = self.block_rows(&self.blocks[at.block], cols);
            if row < at.block_row + rows {
                break;
            }
            at = self.at_block(at.block + 1, at.block_row + rows, cols);
        }
        let block = &self.blocks[at.block];
        let raw = self.load(block);
        if row < at.line_row && at.line_row - row > row - at.block_row {
            at = self.at_block(at.block, at.block_row, cols);
        }
        while row < at.line_row {
            at.line -= 1;
            at.line_row -= self.line_rows(block, Some(&raw), at.line, cols);
        }
        loop {
            let rows = self.line_rows(block, Some(&raw), at.line, cols);
            if row < at.line_row + rows {
                break;
            }
            at.line += 1;
            at.line_row += rows;
        }
        self.hint.set(Some(at));
        Some((at, raw))
    }

    fn at_block(&self, block: usize, first: usize, cols: u16) -> Hint {
        Hint {
            cols,
            block,
            block_row: first,
            line: self.blocks.get(block).map_or(0, |block| block.skip),
            line_row: first,
        }
    }

    /// The first display row of a line, by its number since the beginning.
    pub(super) fn row_of(&self, number: u64, cols: u16) -> usize {
        let mut left = usize::try_from(number.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let mut row = 0;
        for block in &self.blocks {
            if left >= block.lines() {
                left -= block.lines();
                row += self.block_rows(block, cols);
                continue;
            }
            let lines = block.skip..block.skip + left;
            let raw = block.must_read().then(|| self.load(block));
            let above = lines.map(|line| self.line_rows(block, raw.as_deref(), line, cols));
            return row + above.sum::<usize>();
        }
        row
    }

    /// The first display rows of lines, by their numbers in rising order: as
    /// [`Self::row_of`], but each block is gone through once.
    pub(super) fn rows_of(&self, numbers: &[u64], cols: u16) -> Vec<usize> {
        let mut rows = Vec::with_capacity(numbers.len());
        let mut wanted = numbers.iter().copied().peekable();
        let (mut number, mut row) = (self.dropped, 0);
        for block in &self.blocks {
            let end = number + block.lines() as u64;
            let mut at = row;
            let mut line = number;
            let raw = (block.must_read() && wanted.peek().is_some_and(|n| *n < end))
                .then(|| self.load(block));
            while let Some(next) = wanted.next_if(|wanted| *wanted < end) {
                while line < next {
                    let index = block.skip + usize::try_from(line - number).unwrap_or(0);
                    at += self.line_rows(block, raw.as_deref(), index, cols);
                    line += 1;
                }
                rows.push(at);
            }
            row += self.block_rows(block, cols);
            number = end;
        }
        rows.extend(wanted.map(|_| row));
        rows
    }

    /// The first byte of the first unit that begins at a place or after it;
    /// past the row's text, the byte where the row ends.
    pub(in crate::term) fn spot(&self, pos: ViewPos, cols: u16) -> Option<Spot> {
        let (at, raw) = self.find_row(pos.row, cols)?;
        let block = &self.blocks[at.block];
        let line = raw.line(at.line);
        let mut scratch = self.scratch.borrow_mut();
        scratch.turn_to(block, at.line, line, cols);
        let row = scratch.row_of(pos.row - at.line_row);
        let mut col = 0;
        let mut byte = row.first().map_or(0, |unit| unit.at as usize);
        for unit in row {
            if col >= u32::from(pos.col) {
                break;
            }
            col += unit.cols(cols);
            byte = unit.at as usize + usize::from(unit.len);
        }
        Some(Spot {
            block: at.block,
            line: at.line,
            byte,
        })
    }

    /// The place that shows a byte of a line's text.
    pub(in crate::term) fn place(&self, spot: Spot, cols: u16) -> ViewPos {
        let before: usize = (self.blocks.iter().take(spot.block))
            .map(|block| self.block_rows(block, cols))
            .sum();
        let Some(block) = self.blocks.get(spot.block) else {
            return ViewPos::new(before, 0);
        };
        let raw = self.load(block);
        let above: usize = (block.skip..spot.line)
            .map(|line| self.line_rows(block, Some(&raw), line, cols))
            .sum();
        let mut scratch = self.scratch.borrow_mut();
        scratch.turn_to(block, spot.line, raw.line(spot.line), cols);
        let unit = scratch
            .units
            .partition_point(|unit| unit.at as usize <= spot.byte)
            .saturating_sub(1);
        let row = scratch
            .starts
            .partition_point(|start| *start as usize <= unit)
            .saturating_sub(1);
        let first = scratch.starts.get(row).map_or(0, |start| *start as usize);
        let units = scratch.units.get(first..unit).unwrap_or_default();
        let col: u32 = units.iter().map(|unit| unit.cols(cols)).sum();
        ViewPos::new(before + above + row, col as u16)
    }
}

/// A whole line's cells, not wrapped.
pub(super) fn line_cells(line: Line<'_>, table: &Table, pool: &mut Pool, out: &mut Vec<Cell>) {
    let mut units = Vec::new();
    line.units(&mut units);
    unit_cells(&units, line.text, u16::MAX, table, pool, out);
}

fn ascii_row(
    line: Line<'_>,
    row: usize,
    cols: u16,
    table: &Table,
    pool: &mut Pool,
    out: &mut Vec<Cell>,
) {
    let start = (row * usize::from(cols)).min(line.text.len());
    let end = (start + usize::from(cols)).min(line.text.len());
    if line.flags() & RUNS == 0 {
        let text = &line.text[start..end];
        out.extend(text.iter().map(|b| ascii_cell(*b, StyleId::DEFAULT)));
        return;
    }
    let mut at = 0;
    for (units, style) in line.runs() {
        let next = at + units as usize;
        let (from, to) = (at.max(start), next.min(end));
        at = next;
        if from < to {
            let style = table.in_pool(style, pool);
            let text = &line.text[from..to];
            out.extend(text.iter().map(|b| ascii_cell(*b, style)));
        }
        if at >= end {
            break;
        }
    }
}

/// Makes tabs of the blanks of a row that were one.
fn ascii_tabs(line: Line<'_>, row: usize, cols: u16, out: &mut [Cell]) {
    let start = row * usize::from(cols);
    for (from, units) in line.tabs() {
        let (from, units) = (from as usize, units as usize);
        if from >= start + out.len() {
            break;
        }
        for at in from.max(start)..from + units {
            if let Some(cell) = out.get_mut(at - start) {
                *cell = Cell::tab(at == from, cell.style);
            }
        }
    }
}

fn ascii_cell(byte: u8, style: StyleId) -> Cell {
    Cell::narrow(char::from(byte), style)
}

fn unit_cells(
    units: &[Unit],
    text: &[u8],
    cols: u16,
    table: &Table,
    pool: &mut Pool,
    out: &mut Vec<Cell>,
) {
    let mut known = (0, StyleId::DEFAULT);
    for unit in units {
        if unit.style != known.0 {
            known = (unit.style, table.in_pool(unit.style, pool));
        }
        let style = known.1;
        let at = unit.at as usize;
        let bytes = text.get(at..at + usize::from(unit.len));
        let cluster = bytes.and_then(|b| std::str::from_utf8(b).ok());
        let wide = unit.wide && cols > 1;
        out.push(match cluster {
            _ if unit.fill || unit.wide && !wide => Cell::empty(style),
            _ if unit.tab != InTab::No => Cell::tab(unit.tab == InTab::First, style),
            Some(cluster) => pool.cell(cluster, wide, style),
            None => Cell::empty(style),
        });
        if wide {
            out.push(Cell::tail(style));
        }
    }
    // Only a wide cell that did not fit leaves a row short before its line ends.
    let short = units.last().is_some_and(|unit| {
        let end = unit.at as usize + usize::from(unit.len);
        end < text.len() && out.len() < usize::from(cols)
    });
    if short {
        out.resize(usize::from(cols), Cell::pad(StyleId::DEFAULT));
    }
}
