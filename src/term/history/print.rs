//! Prints lines of the history as rows of text in styles, straight from their
//! packed form: what a capture takes, without a cell in between. How a row is
//! written is the printer's affair.

use std::ops::Range;

use crate::base::{Pool, StyleId};
use crate::term::marks::Marks;

use super::block::{Block, Body, Raw, Table};
use super::line::{self, InTab, Line, RUNS, TABS, Unit};
use super::{History, plain_rows};

/// Takes rows, piece by piece.
pub(in crate::term) trait Printer {
    /// The pool of the styles that it is given.
    fn pool(&mut self) -> &mut Pool;
    /// More text of the row.
    fn text(&mut self, style: StyleId, text: &str);
    /// Blanks at the row's end which nothing was written to.
    fn blanks(&mut self, style: StyleId, count: usize);
    /// The row's end: whether its line goes on, what is marked on it, and how it
    /// was cut.
    fn end(&mut self, wrapped: bool, marks: Marks, cut: Cut);
}

/// How a row was cut from a line that was wrapped anew.
#[derive(Clone, Copy, Default)]
pub(in crate::term) struct Cut {
    /// It is the first of several.
    pub(in crate::term) first: bool,
    /// The second half of its last character is in the next row.
    pub(in crate::term) halved: bool,
    /// It begins with the second half of a character.
    pub(in crate::term) orphan: bool,
    /// It is the first of several, and one of them is not ASCII.
    pub(in crate::term) rich: bool,
}

/// A block's styles in the printer's pool, as far as they were met.
#[derive(Default)]
struct Styles {
    known: Vec<Option<StyleId>>,
}

impl Styles {
    #[inline]
    fn get(&mut self, style: u32, table: &Table, out: &mut impl Printer) -> StyleId {
        if style == 0 {
            return StyleId::DEFAULT;
        }
        let at = style as usize;
        if let Some(Some(id)) = self.known.get(at) {
            return *id;
        }
        let id = table.in_pool(style, out.pool());
        // A block has a bounded number of styles.
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        self.known[at] = Some(id);
        id
    }
}

/// A line on its way out.
struct Job<'a> {
    line: Line<'a>,
    table: &'a Table,
    cols: u16,
    /// Its rows that are wanted.
    rows: Range<usize>,
    /// Whether the line after it goes on from it.
    goes_on: bool,
    marks: Marks,
    anew: bool,
    /// The line was there when the width changed, and is not only ASCII.
    rich: bool,
    orphans: &'a [u32],
}

impl Job<'_> {
    fn end(&self, row: usize, last: bool, out: &mut impl Printer) {
        let marks = if row == 0 { self.marks } else { Marks::NONE };
        let orphan = |row: usize| self.orphans.binary_search(&(row as u32)).is_ok();
        let cut = Cut {
            first: self.anew && row == 0 && (!last || self.goes_on),
            halved: orphan(row + 1),
            orphan: orphan(row),
            rich: self.rich && row == 0 && (!last || self.goes_on),
        };
        out.end(!last || self.goes_on, marks, cut);
    }

    /// Rows of a line that is all ASCII.
    fn ascii(&self, count: usize, styles: &mut Styles, out: &mut impl Printer) {
        let text = std::str::from_utf8(self.line.text).unwrap_or_default();
        let cols = usize::from(self.cols);
        let mut runs = self.line.runs();
        let plain = self.line.flags() & RUNS == 0;
        let (mut run_end, mut style) = if plain { (usize::MAX, 0) } else { (0, 0) };
        let mut at = (self.rows.start * cols).min(text.len());
        for row in self.rows.clone() {
            let end = ((row + 1) * cols).min(text.len());
            while at < end {
                while run_end <= at {
                    let Some((units, of)) = runs.next() else {
                        (run_end, style) = (usize::MAX, 0);
                        break;
                    };
                    run_end += units as usize;
                    style = of;
                }
                let to = end.min(run_end);
                let id = styles.get(style, self.table, out);
                out.text(id, text.get(at..to).unwrap_or_default());
                at = to;
            }
            self.end(row, row + 1 >= count, out);
        }
    }

    /// Rows of any line, by its units.
    fn units(&self, units: &[Unit], starts: &[u32], styles: &mut Styles, out: &mut impl Printer) {
        for row in self.rows.clone() {
            let from = starts.get(row).map_or(units.len(), |at| *at as usize);
            let to = starts.get(row + 1).map_or(units.len(), |at| *at as usize);
            let mut rest = units.get(from..to).unwrap_or_default();
            while let Some(first) = rest.first() {
                let narrowed = |unit: &Unit| unit.wide && self.cols == 1;
                if first.tab == InTab::First {
                    let in_tab = |unit: &&Unit| unit.tab == InTab::Rest;
                    let units = 1 + rest.iter().skip(1).take_while(in_tab).count();
                    rest = rest.get(units..).unwrap_or_default();
                    let id = styles.get(first.style, self.table, out);
                    out.text(id, "\t");
                    continue;
                }
                let same = |unit: &&Unit| {
                    (unit.style, unit.fill) == (first.style, first.fill)
                        && narrowed(unit) == narrowed(first)
                        && unit.tab != InTab::First
                };
                let n = rest.iter().take_while(same).count();
                let (piece, later) = rest.split_at(n);
                rest = later;
                let id = styles.get(first.style, self.table, out);
                if first.fill {
                    out.blanks(id, n);
                } else if narrowed(first) {
                    // One column shows no half of a wide character.
                    (0..n).for_each(|_| out.text(id, " "));
                } else if let Some(last) = piece.last() {
                    let bytes = first.at as usize..last.at as usize + usize::from(last.len);
                    let bytes = self.line.text.get(bytes).unwrap_or_default();
                    out.text(id, std::str::from_utf8(bytes).unwrap_or_default());
                }
            }
            self.end(row, row + 1 >= starts.len(), out);
        }
    }
}

impl History {
    /// Prints display rows at a width, the oldest being 0.
    pub(in crate::term) fn print(&self, rows: Range<usize>, cols: u16, out: &mut impl Printer) {
        let cols = cols.max(1);
        let rows = rows.start..rows.end.min(self.rows(cols));
        let Some((at, _)) = self.find_row(rows.start, cols) else {
            return;
        };
        let mut left = rows.len();
        let mut skip = rows.start - at.line_row;
        let mut buffer = Raw::default();
        let (mut units, mut starts, mut orphans) = (Vec::new(), Vec::new(), Vec::new());
        let mut number = self.number_of(at.block, at.line);
        for (index, block) in self.blocks.iter().enumerate().skip(at.block) {
            let first = if index == at.block {
                at.line
            } else {
                block.skip
            };
            let shared = read(block, &mut buffer);
            let raw = shared.as_deref().unwrap_or(&buffer);
            let mut styles = Styles::default();
            for nth in first..block.len() {
                if left == 0 {
                    return;
                }
                let line = raw.line(nth);
                let tabs = line.flags() & TABS != 0;
                let anew = block.is_anew(nth, line);
                let ascii = line.is_ascii() && line.fill_from() == u32::MAX && !tabs;
                let count = if ascii {
                    plain_rows(block.width(nth, raw), cols)
                } else {
                    line.units(&mut units);
                    orphans.clear();
                    if anew {
                        line::wrap_anew(&units, cols, &mut starts, &mut orphans);
                    } else {
                        line::wrap(&units, cols, &mut starts);
                    }
                    starts.len()
                };
                let job = Job {
                    line,
                    table: &block.table,
                    cols,
                    rows: skip..count.min(skip.saturating_add(left)),
                    goes_on: self.goes_on(index, nth, raw),
                    marks: self.index.get(number),
                    anew,
                    rich: block.is_rich(nth, line),
                    orphans: &orphans,
                };
                left = left.saturating_sub(job.rows.len());
                if ascii {
                    job.ascii(count, &mut styles, out);
                } else {
                    job.units(&units, &starts, &mut styles, out);
                }
                number += 1;
                skip = 0;
            }
        }
    }

    /// The number of a line since the beginning.
    pub(super) fn number_of(&self, block: usize, line: usize) -> u64 {
        let before: usize = self.blocks.iter().take(block).map(Block::lines).sum();
        let skip = self.blocks.get(block).map_or(0, |block| block.skip);
        self.dropped + (before + line.saturating_sub(skip)) as u64
    }
}

/// A block's lines: shared where it is raw, else decompressed into `buffer`.
fn read(block: &Block, buffer: &mut Raw) -> Option<std::sync::Arc<Raw>> {
    match &block.body {
        Body::Raw(raw) => Some(std::sync::Arc::clone(raw)),
        Body::Packed(packed) => {
            packed.open(buffer);
            None
        }
        Body::Stored(stored) => {
            stored.open(buffer);
            None
        }
    }
}
