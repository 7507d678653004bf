//! How one logical line is packed: its text as UTF-8, and beside it a header
//! byte with a stream of records for what text alone does not say.
//!
//! ```text
//! text   c a f é   日 本
//! meta   [flags] {run: units, style}* {shape: gap, bytes, wide}* {fill: from}
//!                {tab: from, units}*
//! ```
//! A *unit* is a cell with its text; a wide one covers two columns. Without
//! shapes each character is a unit as wide as [`width::char_width`] says.
//! Nothing here knows of blocks or of wrapping.

use crate::base::width;

/// The line goes on from the one before (a cut of an endless line).
pub(super) const CONTINUED: u8 = 1;
/// Some text is not ASCII.
pub(super) const TEXT: u8 = 1 << 1;
/// Some unit is not simply one character of its usual width.
pub(super) const SHAPES: u8 = 1 << 2;
/// Some unit is not in the default style.
pub(super) const RUNS: u8 = 1 << 3;
/// Some unit is two columns wide.
pub(super) const WIDE: u8 = 1 << 4;
/// The last units are blanks that were erased in a colour, not written.
pub(super) const FILL: u8 = 1 << 5;

/// Some blanks are those of tabs.
pub(super) const TABS: u8 = 1 << 6;

/// The line was wrapped anew (see [`wrap_anew`]).
pub(super) const ANEW: u8 = 1 << 7;

const RUN_TAG: u32 = 0;
const SHAPE_TAG: u32 = 1;
const FILL_TAG: u32 = 2;
const TAB_TAG: u32 = 3;

/// Appends a number, seven bits a byte, low bits first.
pub(super) fn put(out: &mut Vec<u8>, mut n: u32) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Reads a number written by [`put`], moving `at` past it; 0 at the end.
pub(super) fn take(bytes: &[u8], at: &mut usize) -> u32 {
    let mut n = 0;
    let mut shift = 0;
    while let Some(byte) = bytes.get(*at) {
        *at += 1;
        n |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 || shift > 28 {
            break;
        }
    }
    n
}

/// Appends a run of units in one style.
pub(super) fn put_run(meta: &mut Vec<u8>, units: u32, style: u32) {
    put(meta, units << 2 | RUN_TAG);
    put(meta, style);
}

/// Appends the shape of a unit, `gap` units after the last one that had one.
pub(super) fn put_shape(meta: &mut Vec<u8>, gap: u32, bytes: u32, wide: bool) {
    put(meta, gap << 2 | SHAPE_TAG);
    put(meta, bytes << 1 | u32::from(wide));
}

/// Appends where the unwritten blanks begin.
pub(super) fn put_fill(meta: &mut Vec<u8>, from: u32) {
    put(meta, from << 2 | FILL_TAG);
}

/// Appends a tab: its first unit, and how many it has.
pub(super) fn put_tab(meta: &mut Vec<u8>, from: u32, units: u32) {
    put(meta, from << 2 | TAB_TAG);
    put(meta, units);
}

/// Whether a unit is a blank of a tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum InTab {
    /// It is none.
    #[default]
    No,
    /// The first one.
    First,
    /// Another one.
    Rest,
}

/// A packed line as it lies in its block.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// The text, without its line end.
    pub(super) text: &'a [u8],
    /// Header byte and records.
    pub(super) meta: &'a [u8],
}

/// One cell of a line, by its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// First byte of its text.
    pub(super) at: u32,
    /// Bytes of its text.
    pub(super) len: u16,
    /// Whether it covers two columns.
    pub(super) wide: bool,
    /// Whether it was erased, not written.
    pub(super) fill: bool,
    /// Its style in the block's table.
    pub(super) style: u32,
    /// Its place in a tab.
    pub(super) tab: InTab,
}

impl Unit {
    /// Columns at a width: a wide unit on a one-column screen takes the one.
    pub(super) fn cols(self, cols: u16) -> u32 {
        if self.wide && cols > 1 { 2 } else { 1 }
    }
}

/// Reads the records of one kind, passing over the others.
struct Records<'a> {
    meta: &'a [u8],
    at: usize,
    tag: u32,
}

impl Iterator for Records<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        while self.at < self.meta.len() {
            let first = take(self.meta, &mut self.at);
            let tag = first & 3;
            let second = if tag == FILL_TAG {
                0
            } else {
                take(self.meta, &mut self.at)
            };
            if tag == self.tag {
                return Some((first >> 2, second));
            }
        }
        None
    }
}

impl<'a> Line<'a> {
    /// The header.
    pub(super) fn flags(self) -> u8 {
        self.meta.first().copied().unwrap_or(0)
    }

    /// Whether every unit is one ASCII character.
    pub(super) fn is_ascii(self) -> bool {
        self.flags() & (TEXT | SHAPES) == 0
    }

    fn records(self, flag: u8, tag: u32) -> Records<'a> {
        let at = if self.flags() & flag == 0 {
            self.meta.len()
        } else {
            1
        };
        Records {
            meta: self.meta,
            at,
            tag,
        }
    }

    /// Style runs: units and style; empty when all is in the default style.
    pub(super) fn runs(self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        self.records(RUNS, RUN_TAG)
    }

    fn shapes(self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        self.records(SHAPES, SHAPE_TAG)
    }

    /// How many units there are up to and with the last that has a shape.
    pub(super) fn shape_sum(self) -> u32 {
        self.shapes().map(|(gap, _)| gap + 1).sum()
    }

    /// The first unit that was erased and not written.
    pub(super) fn fill_from(self) -> u32 {
        self.records(FILL, FILL_TAG)
            .next()
            .map_or(u32::MAX, |(from, _)| from)
    }

    /// Tabs: the first unit and how many there are, from left to right.
    pub(super) fn tabs(self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        self.records(TABS, TAB_TAG)
    }

    /// Lists the line's units in `out`.
    pub(super) fn units(self, out: &mut Vec<Unit>) {
        out.clear();
        let mut runs = self.runs();
        let mut left = 0;
        let mut style = 0;
        let mut shapes = self.shapes();
        let mut shape = shapes.next();
        let mut since = 0;
        let fill = self.fill_from();
        let mut tabs = self.tabs().peekable();
        let mut at = 0;
        while at < self.text.len() {
            if left == 0 {
                (left, style) = runs.next().unwrap_or((u32::MAX, 0));
            }
            let (len, wide) = match shape {
                Some((gap, packed)) if gap == since => {
                    shape = shapes.next();
                    since = 0;
                    ((packed >> 1) as usize, packed & 1 == 1)
                }
                _ => {
                    since += 1;
                    usual(&self.text[at..])
                }
            };
            let len = len.clamp(1, self.text.len() - at);
            let number = out.len() as u32;
            while tabs
                .next_if(|(from, units)| from + units <= number)
                .is_some()
            {}
            let tab = match tabs.peek() {
                Some((from, _)) if *from == number => InTab::First,
                Some((from, _)) if *from < number => InTab::Rest,
                _ => InTab::No,
            };
            out.push(Unit {
                at: at as u32,
                len: len as u16,
                wide,
                fill: out.len() >= fill as usize,
                style,
                tab,
            });
            left = left.saturating_sub(1);
            at += len;
        }
    }
}

/// Bytes and width of the first character of `text`.
fn usual(text: &[u8]) -> (usize, bool) {
    match text.first() {
        Some(byte) if *byte >= 0x80 => {
            first_char(text).map_or((1, false), |ch| (ch.len_utf8(), width::char_width(ch) == 2))
        }
        Some(_) | None => (1, false),
    }
}

/// The first character of valid UTF-8.
pub(super) fn first_char(text: &[u8]) -> Option<char> {
    let len = match text.first()? {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    std::str::from_utf8(text.get(..len)?).ok()?.chars().next()
}

/// Where each display row begins, as indexes into `units`; the first is 0.
pub(super) fn wrap(units: &[Unit], cols: u16, starts: &mut Vec<u32>) {
    starts.clear();
    starts.push(0);
    let mut used = 0;
    for (index, unit) in units.iter().enumerate() {
        let width = unit.cols(cols);
        if used + width > u32::from(cols) {
            starts.push(index as u32);
            used = 0;
        }
        used += width;
    }
}

/// Where each display row of a line begins that was wrapped anew, as tmux 3.8
/// does: the second half of a wide character and what a tab goes on with count
/// once more. A row may begin with the second half of a character, which stands
/// in the row above: `orphans` are the numbers of these.
pub(super) fn wrap_anew(units: &[Unit], cols: u16, starts: &mut Vec<u32>, orphans: &mut Vec<u32>) {
    starts.clear();
    orphans.clear();
    starts.push(0);
    let cols = u32::from(cols);
    let (mut used, mut halved) = (0, false);
    for (index, unit) in units.iter().enumerate() {
        if std::mem::take(&mut halved) {
            orphans.push(starts.len() as u32);
            starts.push(index as u32);
            used = 1;
        }
        let width = match unit.tab {
            InTab::First => {
                let rest = units.iter().skip(index + 1);
                1 + rest.take_while(|unit| unit.tab == InTab::Rest).count() as u32
            }
            InTab::No | InTab::Rest => 1 + u32::from(unit.wide),
        };
        if used > 0 && used + width > cols {
            starts.push(index as u32);
            used = 0;
        }
        used += width;
        if unit.wide {
            halved = used + 1 > cols;
            used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn numbers_come_back_from_their_bytes() {
        let mut bytes = Vec::new();
        let all = [0, 1, 127, 128, 300, 65_535, u32::MAX >> 4];
        all.iter().for_each(|n| put(&mut bytes, *n));
        let mut at = 0;
        for n in all {
            assert_eq!(take(&bytes, &mut at), n);
        }
        assert_eq!((take(&bytes, &mut at), at), (0, bytes.len()));
    }

    #[test]
    fn wide_units_never_split_at_the_margin() {
        let mut units = Vec::new();
        let text = "a日本b".as_bytes();
        let line = Line {
            text,
            meta: &[TEXT | WIDE],
        };
        line.units(&mut units);
        let mut starts = Vec::new();
        for (cols, want) in [
            (1, vec![0, 1, 2, 3]),
            (2, vec![0, 1, 2, 3]),
            (3, vec![0, 2]),
            (4, vec![0, 2]),
            (9, vec![0]),
        ] {
            wrap(&units, cols, &mut starts);
            assert_eq!(starts, want, "{cols}");
        }
    }
}
