//! The bytes that turn the picture shown into the new one: only rows that
//! changed, in them only what changed, scrolled where a band of rows moved.
//!
//! Nothing is kept between calls and nothing allocated but in `out`. No control
//! character of a cell, title or link ever comes out.

use std::sync::Arc;

use crate::base::{Attrs, Cell, CellText, Color, Label, Pool, Pos, Underline};

use super::caps::Caps;
use super::encode::{REACH, Writer, number};
use super::frame::Frame;
use super::modes;
use super::scroll::{self, Bands};

/// Begins and ends a block that is shown as one (mode 2026).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Up to this many bytes a picture is sent bare: no terminal shows half of it.
const SMALL: usize = 48;
/// Equal cells between two changes that are written again rather than skipped.
const GAP: usize = 4;
/// From this many blanks on, erasing and stepping over them is shorter.
const LONG_BLANK: usize = 12;

/// What the terminal shows in a row.
#[derive(Clone, Copy)]
pub(super) enum Old<'a> {
    Row(&'a [Cell]),
    Blank,
    Unknown,
}

impl Old<'_> {
    #[inline]
    fn is(&self, x: usize, new: Cell) -> bool {
        match self {
            Self::Row(cells) => cells.get(x).is_some_and(|old| same(*old, new)),
            Self::Blank => same(Cell::EMPTY, new),
            Self::Unknown => false,
        }
    }
}

/// Writes what turns `shown` into `new`; `None` clears and draws all. The pool
/// is that of `new`'s generation. A terminal at SGR 0 is left at SGR 0. Nothing
/// is written where nothing changed.
pub fn diff(shown: Option<&Frame>, new: &Frame, pool: &Pool, caps: &Caps, out: &mut Vec<u8>) {
    modes::modes(shown.map(|shown| shown.modes), new.modes, caps, out);
    if new.title.is_some() && shown.map(|shown| &shown.title) != Some(&new.title) {
        title(new.title.as_ref(), caps, out);
    }
    let kept = shown.filter(|shown| shown.size == new.size && shown.rows.len() == new.rows.len());
    let mut visible = shown.map(|shown| shown.cursor.visible);

    let start = out.len();
    let hide = !caps.sync && caps.cursor_hide && visible != Some(false);
    if caps.sync {
        out.extend_from_slice(BEGIN);
    } else if hide {
        out.extend_from_slice(b"\x1b[?25l");
    }
    let body = out.len();
    let mut writer = Writer::new(caps, pool, new.size, kept.map(Frame::cursor_pos), out);
    draw(kept, new, &mut writer);
    writer.finish();
    writer.move_to(new.cursor_pos());

    let big = out.len() - body > SMALL;
    if !big {
        out.drain(start..body);
    } else if hide {
        visible = Some(false);
    }
    modes::cursor_shape(shown.map(|shown| shown.cursor), new.cursor, caps, out);
    modes::cursor_color(shown.map(|shown| shown.cursor), new.cursor, caps, out);
    if caps.cursor_hide && visible != Some(new.cursor.visible) {
        out.extend_from_slice(if new.cursor.visible {
            b"\x1b[?25h"
        } else {
            b"\x1b[?25l"
        });
    }
    if big && caps.sync {
        out.extend_from_slice(END);
    }
}

/// The bytes of a picture in one block (mode 2026), if they are not in one yet:
/// what a program wants to be shown as one is, however small.
#[must_use]
pub fn as_one(bytes: Arc<[u8]>) -> Arc<[u8]> {
    let begun = bytes.windows(BEGIN.len()).any(|part| part == BEGIN);
    if bytes.is_empty() || begun {
        return bytes;
    }
    [BEGIN, &bytes, END].concat().into()
}

fn title(title: Option<&Label>, caps: &Caps, out: &mut Vec<u8>) {
    if !caps.title {
        return;
    }
    out.extend_from_slice(b"\x1b]2;");
    for ch in title.map_or("", Label::as_str).chars() {
        if ch.is_ascii() || caps.utf8() {
            out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(b'?');
        }
    }
    out.push(7);
}

fn draw(kept: Option<&Frame>, new: &Frame, writer: &mut Writer<'_>) {
    if kept.is_none() {
        writer.out.extend_from_slice(b"\x1b[m\x1b[H\x1b[2J");
        // ED leaves the cursor: HOME put it at the origin.
        writer.lose();
    }
    let known = kept.filter(|shown| shown.generation == new.generation);
    let bands = known.map_or(Bands::NONE, |shown| {
        if writer.caps.margins {
            scroll::find(&shown.rows, &new.rows)
        } else {
            Bands::NONE
        }
    });
    for band in bands.iter() {
        scroll_band(band, new.rows.len(), writer);
    }
    let old = |y: usize| match (known, kept) {
        (Some(shown), _) => match bands.source(y) {
            Some(from) => Old::Row(&shown.rows[from]),
            None => Old::Blank,
        },
        (None, Some(_)) => Old::Unknown,
        (None, None) => Old::Blank,
    };
    let cleared = clear(new, &old, writer);
    for (y, row) in new.rows.iter().enumerate() {
        let old = match old(y) {
            _ if cleared.contains(&y) => continue,
            Old::Row(shown) if std::ptr::eq(shown, &raw const **row) => continue,
            old => old,
        };
        let last = y + 1 == new.rows.len();
        let cols = usize::from(new.size.cols()).min(row.len());
        // Without xenl the corner would scroll the screen: it stays blank.
        let cols = cols - usize::from(last && !writer.caps.xenl);
        Row {
            y: y as u16,
            old,
            new: &row[..cols],
        }
        .draw(writer);
    }
}

/// Rows from which on erasing them in one go is shorter than one by one.
const MANY_ROWS: usize = 4;

/// Erases the blank rows at the top or at the bottom in one go, where enough of
/// them show something; which rows that were.
fn clear<'a>(
    new: &Frame,
    old: &dyn Fn(usize) -> Old<'a>,
    writer: &mut Writer<'_>,
) -> std::ops::Range<usize> {
    let Some(style) = new
        .rows
        .first()
        .and_then(|row| row.first())
        .map(|c| c.style)
    else {
        return 0..0;
    };
    let rows = new.rows.len();
    // Most pictures change a row or two: those are told by their allocations.
    let changed = |y: &usize| match old(*y) {
        Old::Row(shown) => !std::ptr::eq(shown, &raw const *new.rows[*y]),
        Old::Blank | Old::Unknown => true,
    };
    if (0..rows).filter(changed).nth(MANY_ROWS - 1).is_none() {
        return 0..0;
    }
    let blank = |y: &usize| {
        let row = &new.rows[*y];
        row.iter()
            .all(|cell| cell.style == style && is_blank(*cell))
    };
    let shows = |y: &usize| {
        let row = &new.rows[*y];
        let old = old(*y);
        row.iter().enumerate().any(|(x, cell)| !old.is(x, *cell))
    };
    let many = |range: std::ops::Range<usize>| {
        range.len() >= MANY_ROWS && range.filter(shows).nth(MANY_ROWS - 1).is_some()
    };
    let top = 0..(0..rows).take_while(blank).count();
    if !many(top.clone()) || !writer.erases(style) {
        return 0..0;
    }
    if top.end == rows {
        writer.move_to(Pos::new(0, 0));
        writer.set_erase_style(style);
        writer.out.extend_from_slice(b"\x1b[J");
    } else {
        writer.move_to(Pos::new(new.size.cols() - 1, (top.end - 1) as u16));
        writer.set_erase_style(style);
        writer.out.extend_from_slice(b"\x1b[1J");
    }
    top
}

fn scroll_band(band: scroll::Band, rows: usize, writer: &mut Writer<'_>) {
    let whole = band.top == 0 && band.bottom + 1 == rows;
    let caps = writer.caps;
    if !whole {
        writer.out.extend_from_slice(b"\x1b[");
        number(writer.out, band.top + 1);
        writer.out.push(b';');
        number(writer.out, band.bottom + 1);
        writer.out.push(b'r');
        writer.lose();
    }
    let up = band.shift > 0;
    let count = band.shift.unsigned_abs();
    // Without an alternate screen what leaves it belongs in the terminal's own
    // history, where only a line feed puts it.
    if caps.scroll_count && (caps.alternate || !up) {
        writer.csi(count, if up { b'S' } else { b'T' });
    } else if up {
        writer.move_to(Pos::new(0, band.bottom as u16));
        writer.out.extend(std::iter::repeat_n(b'\n', count));
    } else {
        writer.move_to(Pos::new(0, band.top as u16));
        for _ in 0..count {
            writer.out.extend_from_slice(b"\x1bM");
        }
    }
    if !whole {
        writer.out.extend_from_slice(b"\x1b[r");
        writer.lose();
    }
}

/// One row to be drawn.
struct Row<'a> {
    y: u16,
    old: Old<'a>,
    new: &'a [Cell],
}

impl Row<'_> {
    fn differs(&self, x: usize) -> bool {
        !self.old.is(x, self.new[x])
    }

    fn draw(&self, writer: &mut Writer<'_>) {
        let Some(first) = (0..self.new.len()).find(|x| self.differs(*x)) else {
            return;
        };
        let end = (first..self.new.len())
            .rfind(|x| self.differs(*x))
            .map_or(first, |x| x + 1);
        let blank = self.trailing_blank(writer).max(first);
        let mut erase = blank < end && end - blank >= GAP;
        let mut stop = if erase { blank } else { end };
        let mut x = first;
        // Up to here a character of doubtful width may have reached.
        let mut spoilt = 0;
        while let Some(from) = (x..stop).find(|x| *x < spoilt || self.differs(*x)) {
            let from = from - usize::from(self.is_half(from));
            let to = self.run_end(from, stop);
            x = self.write(from, to, writer).max(from + 1);
            x += usize::from(x < stop && self.is_half(x));
            if writer.take_doubt() {
                spoilt = (x + REACH).min(self.new.len());
                erase |= blank < spoilt && self.new.len() - blank >= GAP;
                stop = if erase { blank } else { end.max(spoilt) };
            }
        }
        if erase {
            writer.move_to(self.pos(blank));
            writer.set_erase_style(self.new[blank].style);
            writer.out.extend_from_slice(b"\x1b[K");
        }
    }

    fn pos(&self, x: usize) -> Pos {
        Pos::new(x as u16, self.y)
    }

    /// Whether the cell is the right half of the wide one before it.
    fn is_half(&self, x: usize) -> bool {
        x > 0 && self.new[x].is_tail() && self.new[x - 1].is_wide()
    }

    /// Where the blanks begin that an erase to the end of the row would leave.
    fn trailing_blank(&self, writer: &Writer<'_>) -> usize {
        let Some(last) = self.new.last() else {
            return 0;
        };
        if !writer.erases(last.style) {
            return self.new.len();
        }
        let style = last.style;
        self.new
            .iter()
            .rposition(|cell| cell.style != style || !is_blank(*cell))
            .map_or(0, |x| x + 1)
    }

    /// The end of what is written in one go: short equal stretches of the same
    /// style are bridged.
    fn run_end(&self, from: usize, stop: usize) -> usize {
        let mut last = from;
        for x in from + 1..stop {
            if self.differs(x) {
                last = x;
            } else if x - last > GAP || self.new[x].style != self.new[last].style {
                break;
            }
        }
        last + 1
    }

    /// Writes cells; the first column not written.
    fn write(&self, from: usize, to: usize, writer: &mut Writer<'_>) -> usize {
        let mut x = from;
        while x < to {
            let (blank, blanks) = self.long_blank(x, to, writer);
            self.write_text(x, blank, writer);
            if blanks == 0 {
                return blank.max(to);
            }
            writer.move_to(self.pos(blank));
            writer.set_erase_style(self.new[blank].style);
            writer.csi(blanks, b'X');
            x = blank + blanks;
        }
        x
    }

    /// The first stretch of blanks worth erasing: where, and how many.
    fn long_blank(&self, from: usize, to: usize, writer: &Writer<'_>) -> (usize, usize) {
        if !writer.caps.ech || to - from < LONG_BLANK {
            return (to, 0);
        }
        let mut start = from;
        while start < to {
            let cell = self.new[start];
            if !is_blank(cell) {
                start += 1;
                continue;
            }
            let run = self.new[start..to]
                .iter()
                .take_while(|next| is_blank(**next) && next.style == cell.style)
                .count();
            if run >= LONG_BLANK && writer.erases(cell.style) {
                return (start, run);
            }
            start += run;
        }
        (to, 0)
    }

    fn write_text(&self, from: usize, to: usize, writer: &mut Writer<'_>) {
        let mut x = from;
        while x < to {
            writer.move_to(self.pos(x));
            let run = writer.put_ascii(&self.new[x..to]);
            x += run;
            if run > 0 {
                continue;
            }
            let cell = self.new[x];
            if !cell.is_wide() {
                writer.put(cell, 1);
                x += 1;
            } else if self.new.get(x + 1).is_some_and(|next| next.is_tail()) {
                writer.put(cell, 2);
                x += 2;
            } else {
                // Half a character has no picture.
                writer.put(Cell::empty(cell.style), 1);
                x += 1;
            }
        }
    }
}

impl Writer<'_> {
    /// Whether an erase shows what a blank in this style shows.
    fn erases(&self, id: crate::base::StyleId) -> bool {
        if id == crate::base::StyleId::DEFAULT {
            return true;
        }
        let style = self.style_of(id);
        let seen = Attrs::REVERSE.with(Attrs::STRIKE).with(Attrs::OVERLINE);
        // Without colours a background is drawn as reverse.
        let erasable = self.caps.bce && self.caps.colors != super::caps::Depth::Mono;
        style.attrs.without(seen) == style.attrs
            && style.underline == Underline::None
            && style.link == crate::base::LinkId::NONE
            && (style.bg == Color::Default || erasable)
    }
}

#[inline]
fn is_blank(cell: Cell) -> bool {
    cell.is_empty() || (cell.text() == CellText::Char(' ') && !cell.is_wide())
}

/// Whether two cells look the same.
#[inline]
fn same(a: Cell, b: Cell) -> bool {
    a == b || (a.style == b.style && is_blank(a) && is_blank(b))
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
