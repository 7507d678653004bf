//! Writes the grid cell by cell, as capture-pane -R of tmux's newest does: what
//! is in each, and no picture of it. It is for tests of terminals and changes
//! nothing.
//!
//! ```text
//! G 80x24 (2/2000)                       columns, rows, history, its limit
//!     L 0 (-) flags=WRAPPED[1] 80/80     line, row of the screen, used/columns
//!         C 0,0 data=(1,1,a) flags=NONE[0] attr=BRIGHT[1] fg=red[1] …
//! ```
//! A cell is `CLEARED` where the row has room that was never written, or was
//! erased. Of the history neither the room nor tabs are known.

use std::fmt::Write as _;

use super::Terminal;
use super::charset;
use super::marks::Marks;
use super::row::{MarkPlaces, room_for};
use super::search::ScreenRows;
use super::view::{Rows, View, ViewLine};
use crate::base::cell::CellText;
use crate::base::{Attrs, Cell, Color, LinkId, Pool, Style, Underline};

/// The most cells written: the oldest lines beyond them are left out.
const MAX_CELLS: usize = 1 << 20;

/// A name and its bit.
type Bit = (&'static str, u32);

const WRAPPED: Bit = ("WRAPPED", 0x1);
const EXTENDED: Bit = ("EXTENDED", 0x2);
const HYPERLINK: Bit = ("HYPERLINK", 0x100);
const MARKS: [(Marks, Bit); 4] = [
    (Marks::PROMPT, ("START_PROMPT", 0x8)),
    (Marks::INPUT, ("START_COMMAND", 0x20)),
    (Marks::OUTPUT, ("START_OUTPUT", 0x40)),
    (Marks::END, ("END_OUTPUT", 0x80)),
];

const FG256: Bit = ("FG256", 0x1);
const BG256: Bit = ("BG256", 0x2);
const PADDING: Bit = ("PADDING", 0x4);
const CLEARED: Bit = ("CLEARED", 0x40);
const TAB: Bit = ("TAB", 0x80);

/// Attributes in tmux's order, but for underlines and the last.
const BEFORE: [(Attrs, Bit); 2] = [(Attrs::BOLD, ("BRIGHT", 0x1)), (Attrs::DIM, ("DIM", 0x2))];
const AFTER: [(Attrs, Bit); 5] = [
    (Attrs::BLINK, ("BLINK", 0x8)),
    (Attrs::REVERSE, ("REVERSE", 0x10)),
    (Attrs::HIDDEN, ("HIDDEN", 0x20)),
    (Attrs::ITALIC, ("ITALICS", 0x40)),
    (Attrs::STRIKE, ("STRIKETHROUGH", 0x100)),
];
const UNDERSCORE: Bit = ("UNDERSCORE", 0x4);
const OVERLINE: Bit = ("OVERLINE", 0x2000);

const COLORS: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

impl Terminal {
    /// The whole grid, history first, cell by cell; of a long history the newest
    /// lines.
    #[must_use]
    pub fn raw_dump(&self) -> String {
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        let (cols, rows) = (usize::from(view.cols()), screen.rows());
        let above = view.rows() - rows;
        let first = view.rows().saturating_sub((MAX_CELLS / cols).max(rows));
        let mut out = format!("G {cols}x{rows} ({above}/{})\n", self.history_limit());
        let (mut pool, mut line, mut next) =
            (Pool::new(), ViewLine::default(), ViewLine::default());
        for at in first..view.rows() {
            view.row(at, &mut pool, &mut line);
            let place = match at.checked_sub(above) {
                Some(y) => y.to_string(),
                None => "-".to_owned(),
            };
            let marks = at
                .checked_sub(above)
                .map_or(Marks::NONE, |y| screen.marks(y));
            // What was once on the row counts until it is cleared.
            let (cut, rich) = match at.checked_sub(above) {
                Some(y) => (false, screen.is_rich(y)),
                None => self.history.first_cut(at, view.cols()),
            };
            let flags = named(&line_flags(&line, marks, rich, &pool));
            let y = at.checked_sub(above);
            let known = y.and_then(|y| screen.extent(y));
            let (used, room) = known.unwrap_or_else(|| {
                let mut used = line.styled();
                if used > 0 && line.wrapped && line.cells[used - 1].is_tail() {
                    // Its second half may be counted in the next row.
                    view.row(at + 1, &mut pool, &mut next);
                    used -= usize::from(next.cells.first().is_some_and(|cell| cell.is_pad()));
                }
                let room = if cut { used } else { room_for(used, 0, cols) };
                (used, room)
            });
            let _ = write!(out, "\tL {at} ({place}) flags={flags} {used}/{room}");
            if let Some(at) = y.and_then(|y| self.mark_places(y)) {
                let MarkPlaces {
                    prompt,
                    input,
                    output,
                    end,
                    status,
                } = at;
                let _ = write!(out, " osc133={prompt},{input},{output},{end},{status}");
            }
            out.push('\n');
            for (x, cell) in line.cells.iter().enumerate() {
                let _ = write!(out, "\t\tC {at},{x} ");
                let rest = line.cells[x + 1..].iter();
                let tab = 1 + rest.take_while(|cell| cell.is_tab_rest()).count();
                let cell = match x {
                    0 if cell.is_pad() && used > 0 => Cell::tail(cell.style),
                    _ if cell.is_tail() && x >= used => Cell::EMPTY,
                    _ => *cell,
                };
                describe(cell, x < room, tab, &pool, &mut out);
            }
        }
        out
    }
}

impl Terminal {
    /// Where a shell's marks stand on a row of the screen, if any does.
    fn mark_places(&self, y: usize) -> Option<MarkPlaces> {
        let row = self.grids[self.active].row(u16::try_from(y).ok()?);
        row.places.as_deref().copied()
    }
}

fn line_flags(line: &ViewLine, marks: Marks, rich: bool, pool: &Pool) -> Vec<Bit> {
    let style = |cell: &Cell| pool.get(cell.style);
    let linked = |cell: &Cell| style(cell).link != LinkId::NONE;
    // What tmux's five bytes for a cell cannot hold.
    let extended = |cell: &Cell| {
        let style = style(cell);
        let wide = cell.half_of().is_some()
            || !cell.is_graphic() && matches!(cell.text(), CellText::Char(c) if !c.is_ascii());
        let rich = |color| matches!(color, Color::Rgb(..));
        !cell.is_pad()
            && (wide
                || matches!(cell.text(), CellText::Cluster(_) | CellText::Tail)
                || rich(style.fg)
                || rich(style.bg)
                || style.us != Color::Default
                || !matches!(style.underline, Underline::None | Underline::Single)
                || style.attrs.has(Attrs::STRIKE)
                || style.attrs.has(Attrs::OVERLINE)
                || linked(cell))
    };
    let any = |is: &dyn Fn(&Cell) -> bool| line.cells.iter().any(is);
    let mut flags = Vec::new();
    flags.extend(line.wrapped.then_some(WRAPPED));
    flags.extend((rich || any(&extended)).then_some(EXTENDED));
    let marked = MARKS.iter().filter(|(mark, _)| marks.any(*mark));
    flags.extend(marked.map(|(_, bit)| *bit));
    flags.extend(any(&linked).then_some(HYPERLINK));
    flags
}

fn describe(cell: Cell, room: bool, tab: usize, pool: &Pool, out: &mut String) {
    let (text, flag) = match cell.text() {
        _ if cell.is_tab() => (" ".repeat(tab), Some(TAB)),
        _ if cell.is_tab_rest() => ("!".to_owned(), Some(PADDING)),
        _ if cell.is_half() => match cell.half_of() {
            Some(ch) => (ch.to_string(), None),
            None => ("!".to_owned(), Some(PADDING)),
        },
        _ if cell.is_graphic() => (charset::letter(cell).to_string(), None),
        CellText::Empty => (" ".to_owned(), room.then_some(CLEARED)),
        CellText::Char(ch) => (ch.to_string(), None),
        CellText::Cluster(id) => (pool.cluster_text(id).to_owned(), None),
        CellText::Tail => ("!".to_owned(), Some(PADDING)),
    };
    let style = match pool.get(cell.style) {
        // The second half of a character has only its background.
        Style { bg, .. } if flag == Some(PADDING) && !cell.is_tab_rest() => Style {
            bg,
            ..Style::DEFAULT
        },
        _ if cell.is_tab_rest() => Style::DEFAULT,
        style => style,
    };
    let mut flags = Vec::new();
    let fg = (style.fg, style.attrs.has(Attrs::FG_LONG));
    let bg = (style.bg, style.attrs.has(Attrs::BG_LONG));
    flags.extend(is_256(fg).then_some(FG256));
    flags.extend(is_256(bg).then_some(BG256));
    flags.extend(flag);
    let mut attrs: Vec<Bit> = Vec::new();
    let set = |list: &[(Attrs, Bit)]| -> Vec<Bit> {
        let set = list.iter().filter(|(attr, _)| style.attrs.has(*attr));
        set.map(|(_, bit)| *bit).collect()
    };
    attrs.extend(set(&BEFORE));
    attrs.extend((style.underline == Underline::Single).then_some(UNDERSCORE));
    let [blink, reverse, hidden, italic, strike] = AFTER;
    attrs.extend(set(&[blink, reverse, hidden, italic]));
    attrs.extend(cell.is_graphic().then_some(("CHARSET", 0x80)));
    attrs.extend(set(&[strike]));
    attrs.extend(match style.underline {
        Underline::None | Underline::Single => None,
        Underline::Double => Some(("UNDERSCORE_2", 0x200)),
        Underline::Curly => Some(("UNDERSCORE_3", 0x400)),
        Underline::Dotted => Some(("UNDERSCORE_4", 0x800)),
        Underline::Dashed => Some(("UNDERSCORE_5", 0x1000)),
    });
    attrs.extend(style.attrs.has(Attrs::OVERLINE).then_some(OVERLINE));
    let link = pool.link_of(style.link);
    let shown = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => "NONE".to_owned(),
    };
    let _ = writeln!(
        out,
        "data=({},{},{text}) flags={} attr={} fg={} bg={} us={} link={} linkid={}",
        match cell {
            _ if cell.is_tab() => tab,
            _ if cell.is_wide() || cell.half_of().is_some() => 2,
            _ => 1,
        },
        text.len(),
        named(&flags),
        named(&attrs),
        color(fg),
        color(bg),
        color((style.us, true)),
        shown(link.map(|link| &*link.uri)),
        shown(link.map(|link| &*link.id)),
    );
}

/// Whether a colour is one of the palette by its number.
const fn is_256((color, long): (Color, bool)) -> bool {
    matches!(color, Color::Indexed(n) if long || n >= 16)
}

/// Names and the sum of their bits, in hexadecimal.
fn named(bits: &[Bit]) -> String {
    let sum: u32 = bits.iter().map(|(_, bit)| bit).sum();
    let names: Vec<&str> = bits.iter().map(|(name, _)| *name).collect();
    let names = if names.is_empty() {
        "NONE".to_owned()
    } else {
        names.join(",")
    };
    format!("{names}[{sum:x}]")
}

/// A colour's name and tmux's number for it.
fn color((color, long): (Color, bool)) -> String {
    match color {
        Color::Default | Color::Theme(_) => "default[8]".to_owned(),
        Color::Indexed(n) if long => format!("colour{n}[{:x}]", 0x100_0000 | u32::from(n)),
        Color::Indexed(n @ 0..8) => format!("{}[{n:x}]", COLORS[usize::from(n)]),
        Color::Indexed(n @ 8..16) => {
            format!("bright{}[{:x}]", COLORS[usize::from(n - 8)], n - 8 + 90)
        }
        Color::Indexed(n) => format!("colour{n}[{:x}]", 0x100_0000 | u32::from(n)),
        Color::Rgb(r, g, b) => {
            let number = u32::from_be_bytes([2, r, g, b]);
            format!("#{r:02x}{g:02x}{b:02x}[{number:x}]")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::term::tests::fed;

    #[test]
    fn grid_is_dumped_line_by_line_and_cell_by_cell() {
        for (input, lines) in [
            (
                "a\r\nb\r\nc",
                &[
                    "G 4x2 (1/2000)",
                    "\tL 0 (-) flags=NONE[0] 1/2",
                    "\tL 2 (1) flags=NONE[0] 1/2",
                ][..],
            ),
            (
                "abcde",
                &[
                    "\tL 0 (0) flags=WRAPPED[1] 4/4",
                    "\tL 1 (1) flags=NONE[0] 1/2",
                ],
            ),
            (
                "a日",
                &[
                    "\tL 0 (0) flags=EXTENDED[2] 3/4",
                    "\t\tC 0,0 data=(1,1,a) flags=NONE[0] attr=NONE[0] fg=default[8] bg=default[8] \
                     us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,1 data=(2,3,日) flags=NONE[0] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,2 data=(1,1,!) flags=PADDING[4] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,3 data=(1,1, ) flags=CLEARED[40] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                ],
            ),
            (
                "\x1b[1;2;4;5;7;8;3;9;53;91;48;5;17ma\x1b[0;4:3;58;2;1;2;3me\u{301}\x1b[0;44m\x1b[K",
                &[
                    "\t\tC 0,0 data=(1,1,a) flags=BG256[2] attr=BRIGHT,DIM,UNDERSCORE,BLINK,\
                     REVERSE,HIDDEN,ITALICS,STRIKETHROUGH,OVERLINE[217f] fg=brightred[5b] \
                     bg=colour17[1000011] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,1 data=(1,3,e\u{301}) flags=NONE[0] attr=UNDERSCORE_3[400] \
                     fg=default[8] bg=default[8] us=#010203[2010203] link=NONE linkid=NONE",
                    "\t\tC 0,2 data=(1,1, ) flags=CLEARED[40] attr=NONE[0] fg=default[8] \
                     bg=blue[4] us=default[8] link=NONE linkid=NONE",
                ],
            ),
            (
                "\x1b]133;A\x07\x1b]8;id=i;http://x/\x07a\x1b]8;;\x07",
                &[
                    "\tL 0 (0) flags=EXTENDED,START_PROMPT,HYPERLINK[10a] 1/2 osc133=0,0,0,0,0",
                    "\t\tC 0,0 data=(1,1,a) flags=NONE[0] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=http://x/ linkid=i",
                ],
            ),
            (
                "\x1b[2g\t\x1b(0q\x1b[38;5;3m\x1b(Bb",
                &[
                    "\tL 0 (0) flags=WRAPPED,EXTENDED[3] 4/4",
                    "\t\tC 0,0 data=(3,3,   ) flags=TAB[80] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,2 data=(1,1,!) flags=PADDING[4] attr=NONE[0] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 0,3 data=(1,1,q) flags=NONE[0] attr=CHARSET[80] fg=default[8] \
                     bg=default[8] us=default[8] link=NONE linkid=NONE",
                    "\t\tC 1,0 data=(1,1,b) flags=FG256[1] attr=NONE[0] \
                     fg=colour3[1000003] bg=default[8] us=default[8] link=NONE linkid=NONE",
                ],
            ),
        ] {
            let dump = fed(4, 2, input).raw_dump();
            for line in lines {
                assert!(dump.lines().any(|got| got == *line), "{line}\n{dump}");
            }
        }
    }

    /// The cells of the first row, by width, text and flags, up to `n`.
    fn first_cells(input: &str, n: usize) -> String {
        let dump = fed(8, 1, input).raw_dump();
        let cells = dump.lines().filter_map(|line| {
            let (data, rest) = line.split_once(" data=(")?.1.split_once(") flags=")?;
            let mut parts = data.splitn(3, ',');
            let (width, text) = (parts.next()?, parts.nth(1)?);
            let flag = rest.split_once('[')?.0;
            Some(format!("{width}{text}{}", &flag[..1]))
        });
        cells.take(n).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn half_of_a_wide_character_stays_until_it_is_written_over() {
        for (input, cells) in [
            // Erased, the other half stays, with its text or without.
            ("日本x\x1b[1;2H\x1b[X", "2日N 1 C 2本N 1!P 1xN"),
            ("日x\x1b[1;2H\x1b[1K", "1 C 1 C 1xN"),
            // Moved, too.
            ("日本x\x1b[1;4H\x1b[@", "2日N 1!P 2本N 1 C 1!P 1xN"),
            ("日本x\x1b[1;1H\x1b[P", "1!P 2本N 1!P 1xN"),
            // Over the second half, the first goes.
            ("日本x\x1b[1;2H\x1b[X\x1b[1;2Hy", "2日N 1yN 2本N 1!P 1xN"),
        ] {
            let count = cells.matches(['N', 'C', 'P']).count();
            assert_eq!(first_cells(input, count), cells, "{input:?}");
        }
    }

    #[test]
    fn dump_of_a_long_history_is_bounded() {
        let term = fed(80, 24, &"x\r\n".repeat(1900));
        assert!(term.raw_dump().len() < 1 << 28);
        let narrow = fed(1, 1, "ab");
        assert_eq!(narrow.raw_dump().lines().count(), 5);
    }
}
