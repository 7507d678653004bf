//! Writes cells as a terminal's bytes: styles as the shortest SGR change, the
//! cursor by its cheapest move, text without control characters.
//!
//! It assumes SGR 0 and a known or unknown cursor place at the start, and goes
//! back to SGR 0 at the end. It decides nothing about *what* is drawn.

use std::fmt::Write as _;

use crate::base::width::{char_width, str_width};
use crate::base::{
    Attrs, Cell, CellText, Color, LinkId, Pool, Pos, Size, Style, StyleId, Underline,
};

use super::caps::{Caps, Charset, Depth};
use super::color::reduce;

/// Longest hyperlink target sent, in bytes (VTE's own limit).
const MAX_URI: usize = 2083;

/// LRI and PDI (Unicode Standard Annex 9).
const ISOLATE: char = '\u{2066}';
const END_ISOLATE: char = '\u{2069}';

/// How far beyond its own columns a character of doubtful width may be drawn: a
/// family of four in a terminal that does not join it.
pub(super) const REACH: usize = 6;

/// A terminal being written to.
pub(super) struct Writer<'a> {
    pub(super) caps: &'a Caps,
    pub(super) out: &'a mut Vec<u8>,
    pool: &'a Pool,
    size: Size,
    /// Where the cursor is; unknown after the last column or doubtful text.
    at: Option<Pos>,
    /// The style that `look` was made of.
    style: StyleId,
    /// What SGR is set to, as the terminal can show it.
    look: Style,
    link: LinkId,
    /// Whether G0 is the special graphics.
    lines: bool,
    /// Something of doubtful width was written.
    doubt: bool,
}

impl<'a> Writer<'a> {
    /// A writer at SGR 0 with the cursor at `at`.
    pub(super) fn new(
        caps: &'a Caps,
        pool: &'a Pool,
        size: Size,
        at: Option<Pos>,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self {
            caps,
            out,
            pool,
            size,
            at,
            style: StyleId::DEFAULT,
            look: Style::DEFAULT,
            link: LinkId::NONE,
            lines: false,
            doubt: false,
        }
    }

    /// Says that the cursor's place is no longer known.
    pub(super) fn lose(&mut self) {
        self.at = None;
    }

    /// The style of a number.
    pub(super) fn style_of(&self, id: StyleId) -> Style {
        self.pool.get(id)
    }

    /// Back to SGR 0, no link, ASCII.
    pub(super) fn finish(&mut self) {
        self.set_style(StyleId::DEFAULT);
        self.set_lines(false);
    }

    /// Writes `CSI n last`, leaving out a count of 1.
    pub(super) fn csi(&mut self, n: usize, last: u8) {
        self.out.extend_from_slice(b"\x1b[");
        if n != 1 {
            number(self.out, n);
        }
        self.out.push(last);
    }

    /// Moves the cursor by the fewest bytes.
    pub(super) fn move_to(&mut self, to: Pos) {
        let from = self.at.replace(to);
        if from == Some(to) {
            return;
        }
        let Some(from) = from else {
            return self.place(to);
        };
        let start = self.out.len();
        self.move_in_row(from.x, to.x);
        self.move_in_column(from.y, to.y);
        if self.out.len() - start > place_len(to) {
            self.out.truncate(start);
            self.place(to);
        }
    }

    fn move_in_row(&mut self, from: u16, to: u16) {
        if from == to {
            return;
        }
        // With a wrap pending only CR means the same everywhere.
        let pending = from >= self.size.cols();
        let (left, right) = (usize::from(from), usize::from(to));
        let back = left.saturating_sub(right);
        let direct = match (pending, back) {
            (true, _) => usize::MAX,
            (false, 0) => csi_len(right - left),
            (false, back) => back.min(csi_len(back)),
        };
        let around = 1 + if to == 0 { 0 } else { csi_len(right) };
        if around <= direct {
            self.out.push(b'\r');
            if to > 0 {
                self.csi(right, b'C');
            }
        } else if back == 0 {
            self.csi(right - left, b'C');
        } else if back <= csi_len(back) {
            self.out.extend(std::iter::repeat_n(8, back));
        } else {
            self.csi(back, b'D');
        }
    }

    fn move_in_column(&mut self, from: u16, to: u16) {
        let (from, to) = (usize::from(from), usize::from(to));
        if to < from {
            self.csi(from - to, b'A');
        } else if to - from <= csi_len(to - from) {
            // Never at the bottom row: nothing scrolls.
            self.out.extend(std::iter::repeat_n(b'\n', to - from));
        } else {
            self.csi(to - from, b'B');
        }
    }

    /// CUP, with its defaults left out.
    fn place(&mut self, to: Pos) {
        self.out.extend_from_slice(b"\x1b[");
        if to.y > 0 || to.x > 0 {
            if to.y > 0 {
                number(self.out, usize::from(to.y) + 1);
            }
            if to.x > 0 {
                self.out.push(b';');
                number(self.out, usize::from(to.x) + 1);
            }
        }
        self.out.push(b'H');
    }

    /// Sets the style of what follows.
    #[inline]
    pub(super) fn set_style(&mut self, id: StyleId) {
        if id != self.style {
            self.change_style(id, self.pool.get(id));
        }
    }

    /// Sets only the background of a style, as an erase needs it.
    pub(super) fn set_erase_style(&mut self, id: StyleId) {
        let style = self.pool.get(id).erased();
        // The pen is no style of the pool now, but for the default one.
        let id = if style == Style::DEFAULT {
            StyleId::DEFAULT
        } else {
            StyleId(u32::MAX)
        };
        self.change_style(id, style);
    }

    fn change_style(&mut self, id: StyleId, style: Style) {
        self.style = id;
        if self.caps.hyperlinks && style.link != self.link {
            self.set_link(style.link);
        }
        let look = look_of(style, self.caps);
        if look != self.look {
            sgr(self.look, look, self.caps, self.out);
            self.look = look;
        }
    }

    fn set_link(&mut self, link: LinkId) {
        let target = self
            .pool
            .link_of(link)
            .filter(|link| link.uri.len() <= MAX_URI && is_printable(&link.uri));
        let Some(target) = target else {
            if std::mem::replace(&mut self.link, LinkId::NONE) != LinkId::NONE {
                self.out.extend_from_slice(b"\x1b]8;;\x1b\\");
            }
            return;
        };
        self.link = link;
        self.out.extend_from_slice(b"\x1b]8;id=");
        let plain = |id: &str| is_printable(id) && id.len() <= 250 && !id.contains([':', ';']);
        // Cells drawn at different times still belong together.
        number(self.out, link.0 as usize);
        if !target.id.is_empty() && plain(&target.id) {
            self.out.push(b'-');
            self.out.extend_from_slice(target.id.as_bytes());
        }
        self.out.push(b';');
        self.out.extend_from_slice(target.uri.as_bytes());
        self.out.extend_from_slice(b"\x1b\\");
    }

    fn set_lines(&mut self, on: bool) {
        if self.lines != on {
            self.lines = on;
            self.out
                .extend_from_slice(if on { b"\x1b(0" } else { b"\x1b(B" });
        }
    }

    /// Counts `columns` written, from the cursor on.
    fn advance(&mut self, columns: u16) {
        if let Some(at) = &mut self.at {
            at.x += columns;
            // Beyond the last column a wrap is pending, or has been made.
            if at.x > self.size.cols() || (at.x == self.size.cols() && !self.caps.xenl) {
                self.at = None;
            }
        }
    }

    /// Whether something was written since the last call of which terminals
    /// disagree how wide it is.
    pub(super) fn take_doubt(&mut self) -> bool {
        std::mem::take(&mut self.doubt)
    }

    /// Writes the printable ASCII at the start of `cells`, as long as the style
    /// stays; how many cells that were.
    #[inline]
    pub(super) fn put_ascii(&mut self, cells: &[Cell]) -> usize {
        let Some(first) = cells.first() else { return 0 };
        let style = first.style;
        let run = cells
            .iter()
            .take_while(|cell| cell.style == style && ascii(**cell).is_some())
            .take_while(|cell| !self.isolates(**cell))
            .count();
        if run == 0 {
            return 0;
        }
        self.set_style(style);
        self.set_lines(false);
        let text = cells[..run].iter();
        self.out
            .extend(text.map(|cell| ascii(*cell).unwrap_or(b' ')));
        self.advance(run as u16);
        run
    }

    fn isolates(&self, cell: Cell) -> bool {
        cell.is_isolated() && self.caps.bidi && self.caps.utf8()
    }

    /// Writes one cell of `columns` columns (1 or 2).
    pub(super) fn put(&mut self, cell: Cell, columns: u16) {
        if self.isolates(cell) {
            // What began before the border ends, and begins anew behind it.
            push_char(self.out, END_ISOLATE);
            self.put_plain(cell, columns);
            return push_char(self.out, ISOLATE);
        }
        self.put_plain(cell, columns);
    }

    fn put_plain(&mut self, cell: Cell, columns: u16) {
        self.set_style(cell.style);
        match cell.text() {
            CellText::Empty | CellText::Tail => self.blanks(columns),
            CellText::Char(ch) => self.put_char(ch, columns),
            CellText::Cluster(id) => {
                let pool = self.pool;
                self.put_cluster(pool.cluster_text(id), columns);
            }
        }
    }

    /// Writes spaces in the style set.
    pub(super) fn blanks(&mut self, columns: u16) {
        self.set_lines(false);
        self.out
            .extend(std::iter::repeat_n(b' ', usize::from(columns)));
        self.advance(columns);
    }

    fn put_char(&mut self, ch: char, columns: u16) {
        if ch.is_control() || char_width(ch) == 0 {
            return self.blanks(columns);
        }
        if self.caps.utf8() || ch.is_ascii() {
            if u16::from(char_width(ch)) != columns {
                return self.put_doubtful(ch.encode_utf8(&mut [0; 4]), columns);
            }
            self.set_lines(false);
            push_char(self.out, ch);
            return self.advance(columns);
        }
        self.substitute(ch, columns);
    }

    fn put_cluster(&mut self, text: &str, columns: u16) {
        if !self.caps.utf8() {
            let first = text.chars().next().unwrap_or(' ');
            return self.substitute(first, columns);
        }
        let mut printable = text.chars().filter(|ch| !ch.is_control()).peekable();
        if printable.peek().is_none_or(|ch| char_width(*ch) == 0) {
            return self.blanks(columns);
        }
        // Terminals disagree on the width of all but simple accents.
        let accents = |ch| matches!(ch, '\u{300}'..='\u{36f}');
        if !text
            .chars()
            .filter(|ch| !ch.is_control())
            .skip(1)
            .all(accents)
        {
            return self.put_doubtful(text, columns);
        }
        self.set_lines(false);
        printable.for_each(|ch| push_char(self.out, ch));
        self.advance(columns);
    }

    /// Writes what one terminal shows in fewer columns and another in more: its
    /// cells are blank first, and at the right edge it is kept from going on in
    /// the next row (DECAWM).
    fn put_doubtful(&mut self, text: &str, columns: u16) {
        self.set_lines(false);
        let apart: usize = text.chars().map(|ch| usize::from(char_width(ch))).sum();
        let widest = apart.max(str_width(text)).max(usize::from(columns));
        let edge = self
            .at
            .is_none_or(|at| usize::from(at.x) + widest > usize::from(self.size.cols()));
        if let Some(at) = self.at.filter(|_| columns > 1) {
            self.blanks(columns);
            self.move_to(at);
        }
        if edge {
            self.out.extend_from_slice(b"\x1b[?7l");
        }
        for ch in text.chars().filter(|ch| !ch.is_control()) {
            push_char(self.out, ch);
        }
        if edge {
            self.out.extend_from_slice(b"\x1b[?7h");
        }
        self.doubt = true;
        self.lose();
    }

    /// Stands in for what the terminal's character set lacks.
    fn substitute(&mut self, ch: char, columns: u16) {
        match (self.caps.charset, line_drawing(ch)) {
            (Charset::Acs, Some((graphic, _))) => {
                self.set_lines(true);
                self.out.push(graphic);
            }
            (_, Some((_, plain))) => {
                self.set_lines(false);
                self.out.push(plain);
            }
            (_, None) => {
                self.set_lines(false);
                let mark = if ch.is_ascii() && !ch.is_control() {
                    ch as u8
                } else {
                    b'_'
                };
                self.out
                    .extend(std::iter::repeat_n(mark, usize::from(columns)));
            }
        }
        self.advance(columns);
    }
}

/// The digits of a number that a control sequence needs: none for 1.
const fn digits(n: usize) -> usize {
    match n {
        0 | 1 => 0,
        2..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        _ => 5,
    }
}

/// The bytes of `CSI n X`.
const fn csi_len(n: usize) -> usize {
    3 + digits(n)
}

/// The bytes of CUP, as [`Writer::place`] writes it.
const fn place_len(to: Pos) -> usize {
    let row = digits(to.y as usize + 1);
    if to.x == 0 {
        return 3 + row;
    }
    4 + row + digits(to.x as usize + 1)
}

/// Writes a decimal number.
pub(super) fn number(out: &mut Vec<u8>, n: usize) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = n;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn push_char(out: &mut Vec<u8>, ch: char) {
    out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The byte of a narrow ASCII cell or a blank.
#[inline]
fn ascii(cell: Cell) -> Option<u8> {
    match cell.text() {
        CellText::Empty => Some(b' '),
        CellText::Char(ch @ ' '..='~') if !cell.is_wide() => Some(ch as u8),
        CellText::Char(_) | CellText::Cluster(_) | CellText::Tail => None,
    }
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x21..=0x7e))
}

/// The attributes as the terminal can show them. As in tmux, italics become
/// standout where they are missing; what else is missing is left out.
fn attrs_of(attrs: Attrs, caps: &Caps) -> Attrs {
    let mut shown = attrs.without(Attrs::FORMS);
    if !caps.italics && attrs.has(Attrs::ITALIC) {
        shown = shown.without(Attrs::ITALIC).with(Attrs::REVERSE);
    }
    if !caps.strike {
        shown = shown.without(Attrs::STRIKE);
    }
    if !caps.overline {
        shown = shown.without(Attrs::OVERLINE);
    }
    shown
}

/// The style as the terminal can show it; the link is kept apart.
fn look_of(style: Style, caps: &Caps) -> Style {
    if style == Style::DEFAULT {
        return style;
    }
    let style = Style {
        fg: caps.theme.show(style.fg),
        bg: caps.theme.show(style.bg),
        us: caps.theme.show(style.us),
        ..style
    };
    let attrs = attrs_of(style.attrs, caps);
    let underline = match style.underline {
        Underline::None => Underline::None,
        _ if !caps.underline_styles => Underline::Single,
        some => some,
    };
    let us = if caps.underline_color && underline != Underline::None {
        reduce(style.us, caps.colors)
    } else {
        Color::Default
    };
    let mut look = Style {
        fg: reduce(style.fg, caps.colors),
        bg: reduce(style.bg, caps.colors),
        us,
        attrs,
        underline,
        link: LinkId::NONE,
    };
    match caps.colors {
        // Without colours, what has a background of its own stands out anyhow.
        Depth::Mono if style.bg != Color::Default => look.attrs = attrs.with(Attrs::REVERSE),
        Depth::Ansi8 => {
            if let Color::Indexed(n @ 8..=15) = look.fg {
                look.fg = Color::Indexed(n - 8);
                look.attrs = attrs.with(Attrs::BOLD);
            }
            if let Color::Indexed(n @ 8..=15) = look.bg {
                look.bg = Color::Indexed(n - 8);
            }
        }
        Depth::Mono | Depth::Ansi16 | Depth::Indexed256 | Depth::Rgb => {}
    }
    keep_apart(style, &mut look);
    look
}

/// Text that could be told from its background still can: where both came down
/// to the same colour, the text becomes white on dark and black on bright.
fn keep_apart(style: Style, look: &mut Style) {
    if let (Color::Indexed(fg), Color::Indexed(bg)) = (look.fg, look.bg)
        && fg == bg
        && fg < 16
        && style.fg != style.bg
        && !look.attrs.has(Attrs::BOLD)
        && (matches!(style.fg, Color::Rgb(..)) || matches!(style.bg, Color::Rgb(..)))
    {
        let dark = matches!(bg, 0 | 1 | 4 | 5 | 8);
        look.fg = Color::Indexed(if dark { 7 } else { 0 });
    }
}

const SGR_ATTRS: [(Attrs, u8); 8] = [
    (Attrs::BOLD, 1),
    (Attrs::DIM, 2),
    (Attrs::ITALIC, 3),
    (Attrs::BLINK, 5),
    (Attrs::REVERSE, 7),
    (Attrs::HIDDEN, 8),
    (Attrs::STRIKE, 9),
    (Attrs::OVERLINE, 53),
];

/// Writes the shortest SGR that leads from one look to another.
fn sgr(from: Style, to: Style, caps: &Caps, out: &mut Vec<u8>) {
    if to == Style::DEFAULT {
        out.extend_from_slice(b"\x1b[m");
        return;
    }
    let start = out.len();
    let off = takes_back(from, to);
    if !off || (caps.sgr_off && (caps.default_color || !loses_color(from, to))) {
        out.extend_from_slice(b"\x1b[");
        step(from, to, out);
        end(out);
    }
    if off {
        let middle = out.len();
        out.extend_from_slice(b"\x1b[;");
        step(Style::DEFAULT, to, out);
        end(out);
        if middle > start && out.len() - middle >= middle - start {
            out.truncate(middle);
        } else {
            out.drain(start..middle);
        }
    }
}

/// Whether anything set in `from` must go.
fn takes_back(from: Style, to: Style) -> bool {
    !to.attrs.has(from.attrs)
        || (from.underline != Underline::None && to.underline == Underline::None)
        || gone(from.us, to.us)
        || loses_color(from, to)
}

fn loses_color(from: Style, to: Style) -> bool {
    gone(from.fg, to.fg) || gone(from.bg, to.bg)
}

fn gone(from: Color, to: Color) -> bool {
    from != Color::Default && to == Color::Default
}

/// Turns the trailing `;` of a list into its `m`.
fn end(out: &mut [u8]) {
    if let Some(last) = out.last_mut() {
        *last = b'm';
    }
}

fn push(out: &mut Vec<u8>, n: u8) {
    number(out, usize::from(n));
    out.push(b';');
}

/// Writes the parameters from one look to another, each with a `;` after it.
fn step(from: Style, to: Style, out: &mut Vec<u8>) {
    let mut had = from.attrs;
    let lost = from.attrs.without(to.attrs);
    // One code takes both back.
    let weight = Attrs::BOLD.with(Attrs::DIM);
    if !lost.without(lost.without(weight)).is_empty() {
        push(out, 22);
        had = had.without(weight);
    }
    for (attr, code) in [
        (Attrs::ITALIC, 23),
        (Attrs::BLINK, 25),
        (Attrs::REVERSE, 27),
        (Attrs::HIDDEN, 28),
        (Attrs::STRIKE, 29),
        (Attrs::OVERLINE, 55),
    ] {
        if lost.has(attr) {
            push(out, code);
        }
    }
    for (attr, code) in SGR_ATTRS {
        if to.attrs.has(attr) && !had.has(attr) {
            push(out, code);
        }
    }
    if from.underline != to.underline {
        match to.underline {
            Underline::None => push(out, 24),
            Underline::Single => push(out, 4),
            Underline::Double => out.extend_from_slice(b"4:2;"),
            Underline::Curly => out.extend_from_slice(b"4:3;"),
            Underline::Dotted => out.extend_from_slice(b"4:4;"),
            Underline::Dashed => out.extend_from_slice(b"4:5;"),
        }
    }
    if from.fg != to.fg {
        color(to.fg, 30, out);
    }
    if from.bg != to.bg {
        color(to.bg, 40, out);
    }
    if from.us != to.us {
        underline_color(to.us, out);
    }
}

/// A colour's codes; `base` is 30 for the foreground, 40 for the background.
fn color(color: Color, base: u8, out: &mut Vec<u8>) {
    match color {
        Color::Default | Color::Theme(_) => push(out, base + 9),
        Color::Indexed(n @ 0..=7) => push(out, base + n),
        Color::Indexed(n @ 8..=15) => push(out, base + 60 + n - 8),
        Color::Indexed(n) => {
            push(out, base + 8);
            push(out, 5);
            push(out, n);
        }
        Color::Rgb(r, g, b) => {
            for n in [base + 8, 2, r, g, b] {
                push(out, n);
            }
        }
    }
}

/// SGR 58 with colons: where it is not known, nothing else is mistaken for it.
fn underline_color(color: Color, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let mut text = Text(out);
    let _ = match color {
        Color::Default | Color::Theme(_) => write!(text, "59;"),
        Color::Indexed(n) => write!(text, "58:5:{n};"),
        Color::Rgb(r, g, b) => write!(text, "58:2::{r}:{g}:{b};"),
    };
}

struct Text<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// A line-drawing character in DEC's special graphics, and in ASCII.
fn line_drawing(ch: char) -> Option<(u8, u8)> {
    Some(match ch {
        '─' | '━' | '═' | '╌' | '╍' | '┄' | '┅' | '┈' | '┉' => (b'q', b'-'),
        '│' | '┃' | '║' | '╎' | '╏' | '┆' | '┇' | '┊' | '┋' => (b'x', b'|'),
        '┌' | '┏' | '╔' | '╭' | '┍' | '┎' => (b'l', b'+'),
        '┐' | '┓' | '╗' | '╮' | '┑' | '┒' => (b'k', b'+'),
        '└' | '┗' | '╚' | '╰' | '┕' | '┖' => (b'm', b'+'),
        '┘' | '┛' | '╝' | '╯' | '┙' | '┚' => (b'j', b'+'),
        '├' | '┣' | '╠' | '┝'..='┢' => (b't', b'+'),
        '┤' | '┫' | '╣' | '┥'..='┪' => (b'u', b'+'),
        '┬' | '┳' | '╦' | '┭'..='┲' => (b'w', b'+'),
        '┴' | '┻' | '╩' | '┵'..='┺' => (b'v', b'+'),
        '┼' | '╋' | '╬' | '┽'..='╊' => (b'n', b'+'),
        '▒' | '░' | '▓' => (b'a', b'#'),
        '◆' => (b'`', b'+'),
        '°' => (b'f', b'\''),
        '±' => (b'g', b'#'),
        '·' | '•' => (b'~', b'o'),
        '≤' => (b'y', b'<'),
        '≥' => (b'z', b'>'),
        'π' => (b'{', b'*'),
        '≠' => (b'|', b'!'),
        '£' => (b'}', b'f'),
        '█' => (b'0', b'#'),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn change(from: Style, to: Style, caps: &Caps) -> String {
        let mut out = Vec::new();
        sgr(look_of(from, caps), look_of(to, caps), caps, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn pen_writes_the_shortest_change() {
        let caps = Caps::from_env("foot", |_| None, true);
        let red = Style::DEFAULT.fg(Color::Indexed(1));
        let bold_red = red.with(Attrs::BOLD);
        let rich = bold_red.bg(Color::Rgb(1, 2, 3)).with(Attrs::ITALIC);
        let curly = Style {
            underline: Underline::Curly,
            us: Color::Rgb(9, 8, 7),
            ..red
        };
        for (from, to, bytes) in [
            (Style::DEFAULT, red, "^[31m"),
            (red, bold_red, "^[1m"),
            (bold_red, red, "^[22m"),
            (rich, red, "^[;31m"),
            (rich, rich.without_bold(), "^[22m"),
            (red, curly, "^[4:3;58:2::9:8:7m"),
            (rich, Style::DEFAULT, "^[m"),
            (red, Style::DEFAULT.fg(Color::Indexed(12)), "^[94m"),
            (red, Style::DEFAULT.fg(Color::Indexed(200)), "^[38;5;200m"),
        ] {
            assert_eq!(change(from, to, &caps), bytes);
        }
    }

    #[test]
    fn pen_reduces_to_what_the_terminal_shows() {
        let linux = Caps::from_env("linux", |_| None, true);
        let vt100 = Caps::from_env("vt100", |_| None, true);
        let bright = Style::DEFAULT.fg(Color::Rgb(255, 0, 0)).with(Attrs::ITALIC);
        assert_eq!(change(Style::DEFAULT, bright, &linux), "^[1;7;31m");
        let shaded = Style::DEFAULT.bg(Color::Indexed(4));
        assert_eq!(change(Style::DEFAULT, shaded, &vt100), "^[7m");
        let bold = Style::DEFAULT.with(Attrs::BOLD);
        assert_eq!(change(bold, shaded, &vt100), "^[;7m");
    }

    impl Style {
        fn without_bold(self) -> Self {
            Self {
                attrs: self.attrs.without(Attrs::BOLD),
                ..self
            }
        }
    }
}
