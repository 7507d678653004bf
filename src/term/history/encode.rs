//! Writes the cells of a screen row at the end of a raw block's last line. The
//! tight loop of the history: no allocation once the buffers have grown.

use crate::base::{Cell, CellText, Pool, StyleId, width};

use super::block::{Raw, Table};
use super::intern::Interner;
use super::line::{self, FILL, RUNS, SHAPES, TABS, TEXT, Unit, WIDE};

/// How far the last line has been written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail {
    /// Units so far.
    pub(super) units: u32,
    /// Columns so far.
    pub(super) cols: u32,
    /// Units since the last one with a shape.
    since: u32,
}

impl Tail {
    /// The state after a line that was written earlier.
    pub(super) fn after(line: line::Line<'_>, units: &[Unit], cols: u32) -> Self {
        let shapes = line.shape_sum();
        Self {
            units: units.len() as u32,
            cols,
            since: units.len() as u32 - shapes.min(units.len() as u32),
        }
    }
}

/// Where a row is written to.
pub(super) struct Encoder<'a> {
    pub(super) raw: &'a mut Raw,
    pub(super) table: &'a mut Table,
    pub(super) interner: &'a mut Interner,
    pub(super) pool: &'a Pool,
    pub(super) tail: &'a mut Tail,
    /// Header byte of the line, gathered here and stored by the caller.
    pub(super) flags: u8,
}

/// How much of a row is kept: cells up to the last one that shows, and of these
/// up to the last one that was written.
pub(super) fn kept(cells: &[Cell], wrapped: bool) -> (usize, usize) {
    if wrapped {
        let pads = cells.iter().rev().take_while(|c| c.is_pad()).count();
        let end = cells.len() - pads;
        return (end, end);
    }
    let bare = |c: &&Cell| c.is_empty() && c.style == StyleId::DEFAULT;
    let end = cells.len() - cells.iter().rev().take_while(bare).count();
    let fill = cells[..end].iter().rev().take_while(|c| c.is_empty());
    (end, end - fill.count())
}

/// What a row of cells turned out to be.
enum Row {
    /// ASCII in one style; whether there are tabs.
    Plain(bool),
    /// ASCII in several styles; whether there are tabs.
    Styled(bool),
    /// Anything else.
    Mixed,
}

impl Encoder<'_> {
    /// Appends a row's cells; `wrapped` rows are kept to their last column.
    pub(super) fn row(&mut self, cells: &[Cell], wrapped: bool) {
        let (end, written) = kept(cells, wrapped);
        self.cells(&cells[..written]);
        if written < end {
            line::put_fill(&mut self.raw.meta, self.tail.units);
            self.flags |= FILL;
            self.cells(&cells[written..end]);
        }
    }

    fn cells(&mut self, cells: &[Cell]) {
        let Some(first) = cells.first() else {
            return;
        };
        match self.ascii_row(cells, first.style) {
            Row::Plain(tabs) => {
                self.ascii_tabs(cells, tabs);
                self.run(self.tail.units, cells.len() as u32, first.style);
                return self.advance(cells.len() as u32);
            }
            Row::Styled(tabs) => {
                self.ascii_tabs(cells, tabs);
                return self.ascii_runs(cells);
            }
            Row::Mixed => {}
        }
        let mut rest = cells;
        while let Some(first) = rest.first() {
            let style = first.style;
            let before = self.tail.units;
            while let Some(cell) = rest.first().filter(|cell| cell.style == style) {
                if cell.is_tab() {
                    self.tab(0, rest);
                }
                let mut taken = 1;
                match ascii_of(*cell) {
                    0 => {
                        self.unit(*cell);
                        let tail = rest.get(1).is_some_and(|next| next.is_tail());
                        taken += usize::from(tail && cell.is_wide());
                    }
                    byte => {
                        self.raw.text.push(byte);
                        self.advance(1);
                    }
                }
                rest = &rest[taken..];
            }
            let units = self.tail.units - before;
            self.run(before, units, style);
        }
    }

    /// Appends the text of a row that is all ASCII; nothing otherwise. Where
    /// styles change is left for another pass, to keep this one tight.
    fn ascii_row(&mut self, cells: &[Cell], style: StyleId) -> Row {
        let text = &mut self.raw.text;
        let before = text.len();
        let mut chunks = cells.chunks_exact(16);
        let mut good = true;
        let mut same = true;
        let mut tabs = false;
        for chunk in &mut chunks {
            let mut bytes = [0; 16];
            for (byte, cell) in bytes.iter_mut().zip(chunk) {
                *byte = ascii_of(*cell);
                good &= *byte != 0;
                same &= cell.style == style;
                tabs |= cell.is_tab();
            }
            text.extend_from_slice(&bytes);
            if !good {
                break;
            }
        }
        for cell in chunks.remainder() {
            let byte = ascii_of(*cell);
            good &= byte != 0;
            same &= cell.style == style;
            tabs |= cell.is_tab();
            text.push(byte);
        }
        if !good {
            text.truncate(before);
            return Row::Mixed;
        }
        if same {
            Row::Plain(tabs)
        } else {
            Row::Styled(tabs)
        }
    }

    /// Notes where tabs stand among cells that are a unit each.
    fn ascii_tabs(&mut self, cells: &[Cell], any: bool) {
        if any {
            for (at, cell) in cells.iter().enumerate() {
                if cell.is_tab() {
                    self.tab(at as u32, &cells[at..]);
                }
            }
        }
    }

    /// Notes the tab that begins with `cells`, `ahead` units from here.
    fn tab(&mut self, ahead: u32, cells: &[Cell]) {
        let rest = cells.iter().skip(1).take_while(|cell| cell.is_tab_rest());
        let units = 1 + rest.count() as u32;
        line::put_tab(&mut self.raw.meta, self.tail.units + ahead, units);
        self.flags |= TABS;
    }

    fn ascii_runs(&mut self, cells: &[Cell]) {
        let mut rest = cells;
        while let Some(first) = rest.first() {
            let style = first.style;
            let other = rest.iter().position(|cell| cell.style != style);
            let len = other.unwrap_or(rest.len());
            self.run(self.tail.units, len as u32, style);
            self.advance(len as u32);
            rest = &rest[len..];
        }
    }

    /// Counts plain units of one column.
    fn advance(&mut self, units: u32) {
        self.tail.units += units;
        self.tail.cols += units;
        self.tail.since += units;
    }

    /// Appends a style run of `units`, `before` units into the line.
    fn run(&mut self, before: u32, units: u32, style: StyleId) {
        let id = self.interner.id(style, self.pool, self.table);
        if self.flags & RUNS == 0 {
            if id == 0 {
                return;
            }
            self.flags |= RUNS;
            if before > 0 {
                line::put_run(&mut self.raw.meta, before, 0);
            }
        }
        line::put_run(&mut self.raw.meta, units, id);
    }

    fn unit(&mut self, cell: Cell) {
        let text = &mut self.raw.text;
        let before = text.len();
        let mut usual = true;
        match cell.text() {
            CellText::Char(ch) if !ch.is_control() => {
                push_char(text, ch);
                usual = (width::char_width(ch) == 2) == cell.is_wide();
            }
            CellText::Cluster(id) => {
                let cluster = self.pool.cluster_text(id);
                for ch in cluster.chars().filter(|ch| !ch.is_control()) {
                    push_char(text, ch);
                }
                usual = false;
            }
            // A control, or half of a wide cell whose left half is gone.
            CellText::Char(_) | CellText::Tail | CellText::Empty => text.push(b' '),
        }
        if text.len() == before {
            text.push(b' ');
        }
        let len = (text.len() - before) as u32;
        self.flags |= TEXT;
        if usual {
            self.tail.since += 1;
        } else {
            line::put_shape(&mut self.raw.meta, self.tail.since, len, cell.is_wide());
            self.tail.since = 0;
            self.flags |= SHAPES;
        }
        if cell.is_wide() {
            self.flags |= WIDE;
            self.tail.cols += 1;
        }
        self.tail.units += 1;
        self.tail.cols += 1;
    }
}

/// The byte of a printable ASCII or empty cell, else 0.
#[inline]
fn ascii_of(cell: Cell) -> u8 {
    match cell.text() {
        CellText::Char(ch @ ' '..='~') if !cell.is_wide() => ch as u8,
        CellText::Empty if !cell.is_wide() => b' ',
        _ => 0,
    }
}

fn push_char(text: &mut Vec<u8>, ch: char) {
    text.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
}
