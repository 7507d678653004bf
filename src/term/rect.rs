//! Rectangles (VT510 DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA,
//! DECRQCRA). Coordinates follow origin mode and are cut to the screen.

use super::parse::Params;
use super::reply::say;
use super::screen::Guard;
use super::{Output, Terminal, sgr};
use crate::base::{Attrs, Cell, CellText, Color, Style, Underline};

/// A rectangle, ends exclusive; never empty.
#[derive(Clone, Copy)]
struct Area {
    top: u16,
    left: u16,
    bottom: u16,
    right: u16,
}

impl Terminal {
    /// The rectangle of four parameters from `at` on.
    fn area(&self, params: &Params, at: usize) -> Option<Area> {
        let (x, y, cols, rows) = if self.modes.origin {
            let region = self.region;
            (region.left, region.top, region.right + 1, region.bottom + 1)
        } else {
            (0, 0, self.size.cols(), self.size.rows())
        };
        let area = Area {
            top: y.saturating_add(params.count(at) - 1),
            left: x.saturating_add(params.count(at + 1) - 1),
            bottom: y.saturating_add(params.or(at + 2, u16::MAX)).min(rows),
            right: x.saturating_add(params.or(at + 3, u16::MAX)).min(cols),
        };
        (area.top < area.bottom && area.left < area.right).then_some(area)
    }

    /// DECERA and DECSERA; only the latter spares, and only what DECSCA
    /// protected.
    pub(super) fn erase_rect(&mut self, params: &Params, selective: bool) {
        if let Some(area) = self.area(params, 0) {
            let blank = self.blank();
            let guard = selective && self.pen.guard == Guard::Dec;
            let seq = self.seq;
            for y in area.top..area.bottom {
                let row = self.grids[self.active].row_mut(y);
                row.erase(area.left.into(), area.right.into(), blank, guard);
                row.seq = seq;
            }
        }
    }

    /// DECFRA.
    pub(super) fn fill_rect(&mut self, params: &Params) {
        let code = params.raw(0);
        if !matches!(code, 32..=126 | 160..=255) {
            return;
        }
        let ch = match u8::try_from(code) {
            Ok(byte @ 32..=126) => self.charsets.locked().map(byte),
            Ok(byte) => char::from(byte),
            Err(_) => return,
        };
        if let Some(area) = self.area(params, 1) {
            self.blank();
            let style = self.pool.style(self.pen.style);
            let cell = Cell::narrow(ch, style).protected(self.pen.protected);
            let seq = self.seq;
            for y in area.top..area.bottom {
                let row = self.grids[self.active].row_mut(y);
                row.erase(area.left.into(), area.right.into(), cell, false);
                row.seq = seq;
            }
        }
    }

    /// DECCRA; pages are ignored, there is one.
    pub(super) fn copy_rect(&mut self, params: &Params) {
        let Some(from) = self.area(params, 0) else {
            return;
        };
        let height = from.bottom - from.top;
        let width = from.right - from.left;
        let mut target = Params::of(b"");
        let last = |first: u16, n: u16| first.saturating_add(n - 1);
        let (top, left) = (params.count(5), params.count(6));
        for value in [top, left, last(top, height), last(left, width)] {
            target.push(value);
        }
        let Some(to) = self.area(&target, 0) else {
            return;
        };
        let (left, right) = (usize::from(from.left), usize::from(from.right));
        let grid = &mut self.grids[self.active];
        let rows: Vec<Vec<Cell>> = (from.top..from.bottom)
            .map(|y| {
                // Halves of wide characters at the edges are not copied.
                let mut row = grid.row(y).clone();
                row.split(left);
                row.split(right);
                row.cells[left..right].to_vec()
            })
            .collect();
        let seq = self.seq;
        for (y, cells) in (to.top..to.bottom).zip(rows) {
            let row = self.grids[self.active].row_mut(y);
            let (left, right) = (usize::from(to.left), usize::from(to.right));
            row.split(left);
            row.split(right);
            let n = right - left;
            row.cells[left..right].copy_from_slice(&cells[..n]);
            // A wide character cut by the screen's edge loses its half.
            if row.cells[right - 1].is_wide() {
                row.cells[right - 1] = Cell::empty(row.cells[right - 1].style);
            }
            row.seq = seq;
        }
    }

    /// DECCARA and, with `reverse`, DECRARA: attributes from the fifth parameter.
    pub(super) fn restyle_rect(&mut self, params: &Params, reverse: bool) {
        let Some(area) = self.area(params, 0) else {
            return;
        };
        let attrs = params.from(4);
        let seq = self.seq;
        let mut known: Option<(crate::base::StyleId, crate::base::StyleId)> = None;
        for y in area.top..area.bottom {
            let (mut from, mut to) = (area.left, area.right);
            if self.extent != 2 {
                from = if y == area.top { area.left } else { 0 };
                to = if y + 1 == area.bottom {
                    area.right
                } else {
                    self.size.cols()
                };
            }
            let row = self.grids[self.active].row_mut(y);
            row.seq = seq;
            let end = usize::from(to).max(usize::from(from));
            for cell in &mut row.cells[usize::from(from)..end] {
                let new = match known {
                    Some((old, new)) if old == cell.style => new,
                    _ => {
                        let style = restyle(self.pool.get(cell.style), &attrs, reverse);
                        self.pool.style(style)
                    }
                };
                known = Some((cell.style, new));
                *cell = cell.restyled(new);
            }
        }
    }

    /// DECRQCRA, as xterm answers: the sum of the characters' low bytes and of a
    /// number for each of four attributes, negated; blanks that nobody wrote
    /// count only where the rectangle begins. XTCHECKSUM's bits turn each of
    /// these rules off.
    pub(super) fn checksum(&self, params: &Params, out: &mut Output) {
        const POSITIVE: u8 = 1;
        const UNTRIMMED: u8 = 4;
        const WRITTEN: u8 = 8;
        let bits = self.checksum_bits;
        let mut sum = 0u16;
        let mut first = true;
        if let Some(area) = self.area(params, 2) {
            for y in area.top..area.bottom {
                let row = self.grids[self.active].row(y);
                for cell in &row.cells[usize::from(area.left)..usize::from(area.right)] {
                    let weight = self.weight(*cell);
                    let blank = cell.is_empty() && weight == 0x20;
                    let skipped = if bits & UNTRIMMED != 0 {
                        cell.is_empty() && bits & WRITTEN != 0
                    } else {
                        blank && !first
                    };
                    if !skipped {
                        sum = sum.wrapping_add(weight);
                    }
                    first = false;
                }
            }
        }
        let id = params.raw(0);
        if bits & POSITIVE == 0 {
            sum = sum.wrapping_neg();
        }
        say(out, format_args!("\x1bP{id}!~{sum:04X}\x1b\\"));
    }

    /// What a cell adds to a checksum.
    fn weight(&self, cell: Cell) -> u16 {
        const PLAIN: u8 = 2;
        const WIDE: u8 = 16;
        let code = match cell.text() {
            CellText::Empty => 0x20,
            CellText::Char(ch) => ch as u32,
            CellText::Cluster(id) => {
                let mut chars = self.pool.cluster_text(id).chars();
                chars.next().map_or(0x20, |ch| ch as u32)
            }
            CellText::Tail => 0,
        };
        let mask = if self.checksum_bits & WIDE == 0 {
            0xff
        } else {
            0xffff
        };
        let code = (code & mask) as u16;
        if self.checksum_bits & PLAIN != 0 {
            return code;
        }
        let style = self.pool.get(cell.style);
        let marks = [
            (style.underline != Underline::None, 0x10),
            (style.attrs.has(Attrs::REVERSE), 0x20),
            (style.attrs.has(Attrs::BLINK), 0x40),
            (style.attrs.has(Attrs::BOLD), 0x80),
        ];
        let marks = marks.iter().filter(|(on, _)| *on).map(|(_, n)| *n);
        marks.fold(code, u16::wrapping_add)
    }

    /// XTREPORTSGR: what all cells of the rectangle have in common.
    pub(super) fn report_styles(&self, params: &Params, out: &mut Output) {
        let Some(area) = self.area(params, 0) else {
            return;
        };
        let mut common: Option<(crate::base::StyleId, Style)> = None;
        for y in area.top..area.bottom {
            let row = self.grids[self.active].row(y);
            for cell in &row.cells[usize::from(area.left)..usize::from(area.right)] {
                common = match common {
                    None => Some((cell.style, self.pool.get(cell.style))),
                    Some((id, style)) if id == cell.style => Some((id, style)),
                    Some((_, style)) => {
                        let other = self.pool.get(cell.style);
                        Some((cell.style, in_common(style, other)))
                    }
                };
            }
        }
        if let Some((_, style)) = common {
            say(out, format_args!("\x1b[{}m", sgr::report(style)));
        }
    }
}

/// What two styles share; the rest is as by default.
fn in_common(a: Style, b: Style) -> Style {
    let same = |a: Color, b: Color| if a == b { a } else { Color::Default };
    Style {
        fg: same(a.fg, b.fg),
        bg: same(a.bg, b.bg),
        us: same(a.us, b.us),
        underline: if a.underline == b.underline {
            a.underline
        } else {
            Underline::None
        },
        attrs: Attrs::from_bits(a.attrs.bits() & b.attrs.bits()),
        link: Default::default(),
    }
}

/// DECCARA's and DECRARA's changes, to the attributes that VT510 names and 8;
/// colours stay as they are.
fn restyle(mut style: Style, params: &Params, reverse: bool) -> Style {
    const KNOWN: [(u16, Attrs); 4] = [
        (1, Attrs::BOLD),
        (5, Attrs::BLINK),
        (7, Attrs::REVERSE),
        (8, Attrs::HIDDEN),
    ];
    let mut values: Vec<u16> = params.iter().collect();
    if values.is_empty() {
        values.push(0);
    }
    if reverse && values == [0] {
        values = vec![1, 4, 5, 7];
    }
    for value in values {
        let attr = KNOWN.iter().find(|(code, _)| *code == value % 20);
        match (value, attr) {
            (0, _) => {
                for (_, attr) in KNOWN {
                    style.attrs = style.attrs.without(attr);
                }
                style.underline = Underline::None;
            }
            (4, _) if reverse && style.underline != Underline::None => {
                style.underline = Underline::None;
            }
            (4, _) => style.underline = Underline::Single,
            (1 | 5 | 7 | 8, Some((_, attr))) => {
                let on = !reverse || !style.attrs.has(*attr);
                style.attrs = style.attrs.set(*attr, on);
            }
            (22, _) if !reverse => style.attrs = style.attrs.without(Attrs::BOLD),
            (24, _) if !reverse => style.underline = Underline::None,
            (25 | 27 | 28, Some((_, attr))) if !reverse => {
                style.attrs = style.attrs.without(*attr);
            }
            _ => {}
        }
    }
    style
}
