//! Writes rows as text, as tmux's capture-pane does (tmux(1)): plain, or with
//! the shortest SGR change from the cell before, and OSC 8 links. It reads, and
//! writes to strings only.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::pool::Importer;
use crate::base::width::str_width;
use crate::base::{Attrs, Color, LinkId, Pool, Style, StyleId, Underline};

use super::Terminal;
use super::charset;
use super::history::{Cut, History, Printer};
use super::marks::Marks;
use super::row::room_for;
use super::search::ScreenRows;
use super::view::{Rows, View, ViewLine, blank};

/// Changes of style remembered during one capture.
const CHANGES_MAX: usize = 4096;
/// Text made room for at once, in bytes.
const ROOM_MAX: usize = 64 << 20;

/// Which lines are captured: 0 is the first of the screen, negative ones are in
/// the history. `i64::MIN` and `i64::MAX` stand for its beginning and the
/// screen's end (`-` in tmux's command), nothing for what is visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaptureRange {
    /// First line (`-S`).
    pub start: Option<i64>,
    /// Last line (`-E`).
    pub end: Option<i64>,
}

/// How lines are captured (tmux(1), capture-pane).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaptureOptions {
    /// With escape sequences for colours, attributes and links (`-e`).
    pub escapes: bool,
    /// Escapes and backslashes as octal and doubled (`-C`).
    pub octal: bool,
    /// Wrapped rows joined, trailing spaces kept (`-J`).
    pub join: bool,
    /// Trailing spaces kept (`-N`).
    pub trailing: bool,
    /// Without the blanks at a row's end that were coloured and never written
    /// (`-T`); `join` implies it.
    pub no_pad: bool,
    /// Each line begins with its number (`-L`).
    pub numbers: bool,
    /// Each line begins with letters for what is special about it (`-F`): `H`
    /// links, `O` output starts, `P` a prompt starts, `W` wrapped, `X` more
    /// than ASCII in few colours; `-` is nothing.
    pub flags: bool,
    /// The targets of links alone, each once (`-H`).
    pub links: bool,
    /// Of the screen that is not shown, while the alternate one is (`-a`).
    pub alternate: bool,
    /// Of the view that begins at this row, the oldest being 0, as if there
    /// were nothing above and below it (`-M`, in copy mode).
    pub view: Option<usize>,
}

/// Rows of which some are in the history, and the part that counts as visible.
struct Extent {
    /// Rows that can be captured.
    first: usize,
    last: usize,
    /// The row with the number 0.
    zero: usize,
}

impl Extent {
    /// The rows that a range takes in.
    fn rows(&self, range: CaptureRange) -> std::ops::RangeInclusive<usize> {
        let row = |line: Option<i64>, default: usize| match line {
            None => default,
            Some(line) => {
                let zero = i64::try_from(self.zero).unwrap_or(i64::MAX);
                usize::try_from(zero.saturating_add(line).max(0))
                    .unwrap_or(usize::MAX)
                    .clamp(self.first, self.last)
            }
        };
        let (start, end) = (row(range.start, self.zero), row(range.end, self.last));
        start.min(end)..=start.max(end)
    }
}

/// Captures rows of history and screen.
#[must_use]
pub fn capture(view: &View<'_>, range: CaptureRange, options: CaptureOptions) -> String {
    let above = view.history.rows(view.cols());
    let all = above + view.screen.rows();
    let screen = view.screen.rows();
    let extent = match options.view {
        Some(top) => {
            let first = top.min(all.saturating_sub(screen));
            Extent {
                first,
                last: (first + screen).saturating_sub(1),
                zero: first,
            }
        }
        None => Extent {
            first: 0,
            last: all.saturating_sub(1),
            zero: above,
        },
    };
    let rows = extent.rows(range);
    let (from, to) = (*rows.start(), *rows.end() + 1);
    let mut dump = Dump::new(options);
    dump.number = i64::try_from(from).unwrap_or(0) - i64::try_from(extent.zero).unwrap_or(0);
    let cols = usize::from(view.cols());
    let room = (to - from).saturating_mul(cols + 1);
    dump.out.reserve(room.min(ROOM_MAX));
    dump.cols = cols;
    if from < above {
        view.history
            .print(from..to.min(above), view.cols(), &mut dump);
        let apart = !view.screen.continues() && to > above;
        if options.join && apart && !dump.out.ends_with('\n') {
            dump.out.push('\n');
            dump.start += 1;
        }
    }
    for row in from.max(above)..to {
        dump.row(view.screen, row - above);
    }
    dump.out
}

/// The changes from style to style that were written before.
#[derive(Default)]
struct Changes {
    codes: String,
    known: FxHashMap<(StyleId, StyleId), (usize, usize)>,
}

struct Dump {
    options: CaptureOptions,
    out: String,
    pool: Pool,
    line: ViewLine,
    /// Style of the cell before; of other lines too.
    last: Style,
    last_id: StyleId,
    changes: Changes,
    /// The number of the next row.
    number: i64,
    /// Where the row begins in `out`.
    start: usize,
    /// The link that is open.
    link: LinkId,
    /// Columns of a row, and of the history's row that is written.
    cols: usize,
    columns: usize,
    /// What the row has, for its flags.
    extended: bool,
    linked: bool,
    /// What is written next is line drawing.
    graphic: bool,
    /// Links written before, for `links`.
    seen: FxHashSet<LinkId>,
}

impl Printer for Dump {
    fn pool(&mut self) -> &mut Pool {
        &mut self.pool
    }

    fn text(&mut self, style: StyleId, text: &str) {
        self.style(style);
        if self.options.flags && (text.contains('\t') || !text.is_ascii()) {
            self.extended = true;
        }
        if self.pads() {
            for (at, part) in text.split('\t').enumerate() {
                if at > 0 {
                    self.columns = (self.columns / 8 + 1) * 8;
                }
                self.columns += str_width(part);
            }
        }
        if self.options.links {
        } else if self.options.octal && text.contains('\\') {
            self.out.push_str(&text.replace('\\', "\\\\"));
        } else {
            self.out.push_str(text);
        }
    }

    fn blanks(&mut self, style: StyleId, count: usize) {
        if self.pads() {
            self.columns += count;
            self.style(style);
            self.out.extend(std::iter::repeat_n(' ', count));
        }
    }

    fn end(&mut self, wrapped: bool, marks: Marks, cut: Cut) {
        if self.link != LinkId::NONE && self.options.escapes {
            self.link = LinkId::NONE;
            self.escape("\x1b]8;;\x1b\\");
            self.last.link = LinkId::NONE;
            self.last_id = self.pool.style(self.last);
        }
        if self.pads() {
            // Lines of the history keep the room that tmux made for them.
            let columns = std::mem::take(&mut self.columns) + usize::from(cut.orphan);
            let columns = columns.saturating_sub(usize::from(cut.halved));
            let blanks = match cut.first {
                true => 0,
                false => room_for(columns, 0, self.cols).saturating_sub(columns),
            };
            if blanks > 0 {
                self.style(StyleId::DEFAULT);
            }
            self.out.extend(std::iter::repeat_n(' ', blanks));
        }
        self.extended |= cut.rich;
        if !self.options.join && !self.options.trailing {
            let text = self.out[self.start..].trim_end_matches(' ').len();
            self.out.truncate(self.start + text);
        }
        let nothing = self.options.links && self.out.len() == self.start;
        if !nothing {
            self.prefix(wrapped, marks);
            if !(self.options.join && wrapped) {
                self.out.push('\n');
            }
        }
        self.start = self.out.len();
        self.number += 1;
        self.extended = false;
        self.linked = false;
    }
}

impl Dump {
    /// Whether the blanks at a row's end are wanted.
    fn pads(&self) -> bool {
        let options = self.options;
        options.trailing && !options.no_pad && !options.join && !options.links
    }

    fn new(options: CaptureOptions) -> Self {
        Self {
            options,
            out: String::new(),
            pool: Pool::new(),
            line: ViewLine::default(),
            last: Style::DEFAULT,
            last_id: StyleId::DEFAULT,
            changes: Changes::default(),
            number: 0,
            start: 0,
            link: LinkId::NONE,
            cols: 0,
            columns: 0,
            extended: false,
            linked: false,
            graphic: false,
            seen: FxHashSet::default(),
        }
    }

    /// Prints a row of cells.
    fn row(&mut self, rows: &dyn Rows, index: usize) {
        let mut line = std::mem::take(&mut self.line);
        rows.row(index, &mut self.pool, &mut line);
        let mut text = String::new();
        let used = line.used();
        // A row may begin with what a tab of the row above went on with.
        let mut after_tab = true;
        self.extended |= rows.is_rich(index);
        // The second half of a character of the row above shows nothing.
        let orphan = usize::from(used > 0 && line.cells[0].is_pad());
        for cell in &line.cells[orphan..used] {
            self.extended |= cell.is_tab();
            after_tab = cell.is_tab() || after_tab && cell.is_tab_rest();
            if cell.is_tail() || after_tab && !cell.is_tab() {
                continue;
            }
            if cell.is_half() && cell.half_of().is_none() {
                continue;
            }
            text.clear();
            if let Some(ch) = cell.half_of() {
                text.push(ch);
            } else if cell.is_tab() {
                text.push('\t');
            } else if cell.is_graphic() {
                text.push(charset::letter(*cell));
            } else {
                self.pool.push_text(*cell, &mut text);
            }
            self.style(cell.style);
            self.shift(cell.is_graphic());
            self.text(cell.style, &text);
        }
        let options = self.options;
        // Lines of the history keep the room that tmux made for them.
        let stored = || (used, room_for(used, 0, usize::from(rows.cols())));
        let (reach, room) = rows.extent(index).unwrap_or_else(stored);
        let end = if options.join || options.no_pad {
            reach
        } else {
            room.min(line.cells.len()).max(line.styled())
        };
        let shows = options.escapes || options.trailing || options.join;
        if shows && !options.links {
            let blanks = line.cells.iter().map(|cell| cell.style);
            let blanks = blanks.chain(std::iter::repeat(StyleId::DEFAULT));
            for style in blanks.take(end).skip(used.min(reach)) {
                self.style(style);
                self.shift(false);
                self.out.push(' ');
            }
        }
        // It has its blanks already.
        self.columns = self.cols;
        self.end(line.wrapped, rows.marks(index), Cut::default());
        self.line = line;
    }

    /// Turns to line drawing or back, if escapes are wanted.
    fn shift(&mut self, graphic: bool) {
        if self.options.escapes && self.graphic != graphic {
            self.graphic = graphic;
            self.out.push_str(match (graphic, self.options.octal) {
                (true, true) => "\\016",
                (false, true) => "\\017",
                (true, false) => "\x0e",
                (false, false) => "\x0f",
            });
        }
    }

    /// Puts what a line begins with before the row just written.
    fn prefix(&mut self, wrapped: bool, marks: Marks) {
        if !self.options.numbers && !self.options.flags {
            return;
        }
        let mut prefix = String::new();
        if self.options.numbers {
            // Writing to a String cannot fail.
            let _ = write!(prefix, "{} ", self.number);
        }
        if self.options.flags {
            let letters = [
                (self.linked, 'H'),
                (marks.any(Marks::OUTPUT), 'O'),
                (marks.any(Marks::PROMPT), 'P'),
                (wrapped, 'W'),
                (self.extended || self.linked, 'X'),
            ];
            let before = prefix.len();
            prefix.extend(letters.iter().filter(|(on, _)| *on).map(|(_, ch)| ch));
            if prefix.len() == before {
                prefix.push('-');
            }
            prefix.push(' ');
        }
        self.out.insert_str(self.start, &prefix);
    }

    /// Turns to a style, writing the change if escapes are wanted.
    #[inline]
    fn style(&mut self, id: StyleId) {
        let wanted = self.options.escapes || self.options.flags || self.options.links;
        if wanted && (id != self.last_id || self.options.flags || self.options.links) {
            self.turn_to(id);
        }
    }

    fn turn_to(&mut self, id: StyleId) {
        let style = self.pool.get(id);
        if self.options.flags {
            self.linked |= style.link != LinkId::NONE;
            self.extended |= is_extended(&style);
        }
        if self.options.links {
            return self.target(style.link);
        }
        if !self.options.escapes || id == self.last_id {
            return;
        }
        self.change(id, style);
        if style.link != self.link {
            let open = match self.pool.link_of(style.link) {
                Some(to) if to.id.is_empty() => format!("\x1b]8;;{}\x1b\\", to.uri),
                Some(to) => format!("\x1b]8;id={};{}\x1b\\", to.id, to.uri),
                None => "\x1b]8;;\x1b\\".to_owned(),
            };
            self.escape(&open);
            self.link = style.link;
        }
        self.last = style;
        self.last_id = id;
    }

    /// Writes a link's target, if it was not written before.
    fn target(&mut self, link: LinkId) {
        if let Some(to) = self.pool.link_of(link)
            && self.seen.insert(link)
        {
            if self.out.len() > self.start {
                self.out.push(' ');
            }
            self.out.push_str(&to.uri);
        }
    }

    /// Appends the change to a style; changes seen before are not worked out
    /// again.
    fn change(&mut self, id: StyleId, style: Style) {
        let key = (self.last_id, id);
        let (from, to) = match self.changes.known.get(&key) {
            Some(at) => *at,
            None => {
                if self.changes.known.len() >= CHANGES_MAX {
                    self.changes = Changes::default();
                }
                let from = self.changes.codes.len();
                sgr_change(self.last, style, &mut self.changes.codes);
                let at = (from, self.changes.codes.len());
                self.changes.known.insert(key, at);
                at
            }
        };
        if self.options.octal {
            let codes = self.changes.codes[from..to].to_owned();
            self.escape(&codes);
        } else {
            self.out.push_str(&self.changes.codes[from..to]);
        }
    }

    /// Appends a sequence, its controls as octal if so asked.
    fn escape(&mut self, sequence: &str) {
        if !self.options.octal {
            self.out.push_str(sequence);
            return;
        }
        for ch in sequence.chars() {
            match ch {
                '\x1b' => self.out.push_str("\\033"),
                '\\' => self.out.push_str("\\\\"),
                _ => self.out.push(ch),
            }
        }
    }
}

/// Whether tmux would need more than its small cell for a style.
fn is_extended(style: &Style) -> bool {
    let rgb = |color: Color| matches!(color, Color::Rgb(..));
    let small = matches!(style.underline, Underline::None | Underline::Single);
    rgb(style.fg)
        || rgb(style.bg)
        || style.us != Color::Default
        || !small
        || style.attrs.has(Attrs::STRIKE)
        || style.attrs.has(Attrs::OVERLINE)
}

/// Attributes in the order that tmux writes them, with their SGR codes.
const ATTRS: [(Attrs, &str); 3] = [(Attrs::BOLD, "1"), (Attrs::DIM, "2"), (Attrs::ITALIC, "3")];
const MORE_ATTRS: [(Attrs, &str); 4] = [
    (Attrs::BLINK, "5"),
    (Attrs::REVERSE, "7"),
    (Attrs::HIDDEN, "8"),
    (Attrs::STRIKE, "9"),
];

/// Appends the shortest change from one style to another: attributes in one
/// sequence, beginning with SGR 0 if one goes out, then each colour that
/// differs from what is now set.
pub fn sgr_change(from: Style, to: Style, out: &mut String) {
    let lost = !to.attrs.has(from.attrs.without(Attrs::FORMS))
        || from.underline != Underline::None && to.underline != from.underline
        // tmux has no way back to the default underline colour but a reset.
        || from.us != Color::Default && to.us == Color::Default;
    let from = if lost { Style::DEFAULT } else { from };
    let mut codes: Vec<&str> = Vec::new();
    if lost {
        codes.push("0");
    }
    let added = |attr: Attrs| to.attrs.has(attr) && !from.attrs.has(attr);
    let wanted = |(attr, code): &(Attrs, &'static str)| added(*attr).then_some(*code);
    codes.extend(ATTRS.iter().filter_map(wanted));
    if to.underline == Underline::Single && from.underline != to.underline {
        codes.push("4");
    }
    codes.extend(MORE_ATTRS.iter().filter_map(wanted));
    if to.underline != from.underline {
        match to.underline {
            Underline::None | Underline::Single => {}
            Underline::Double => codes.push("4:2"),
            Underline::Curly => codes.push("4:3"),
            Underline::Dotted => codes.push("4:4"),
            Underline::Dashed => codes.push("4:5"),
        }
    }
    if added(Attrs::OVERLINE) {
        // As tmux writes it, a parameter of two digits in two parts.
        codes.push("5:3");
    }
    if !codes.is_empty() {
        let _ = write!(out, "\x1b[{}m", codes.join(";"));
    }
    for (old, new, base, form) in [
        (from.fg, to.fg, 30_u8, Attrs::FG_LONG),
        (from.bg, to.bg, 40, Attrs::BG_LONG),
        (from.us, to.us, 50, Attrs::NONE),
    ] {
        let (was, long) = (from.attrs.has(form), to.attrs.has(form));
        if old != new || (was != long && new != Color::Default) {
            color(new, base, long || base == 50, out);
        }
    }
}

/// Appends a colour's sequence: base 30 foreground, 40 background, 50 underline;
/// by its number in the palette if it was given so.
fn color(color: Color, base: u8, given_long: bool, out: &mut String) {
    let (plain, long) = (!given_long, base + 8);
    // Writing to a String cannot fail.
    let _ = match color {
        Color::Default | Color::Theme(_) => write!(out, "\x1b[{}m", base + 9),
        Color::Indexed(n @ 0..=7) if plain => write!(out, "\x1b[{}m", base + n),
        Color::Indexed(n @ 8..=15) if plain => write!(out, "\x1b[{}m", base + 52 + n),
        Color::Indexed(n) => write!(out, "\x1b[{long};5;{n}m"),
        Color::Rgb(r, g, b) => write!(out, "\x1b[{long};2;{r};{g};{b}m"),
    };
}

/// The rows of the primary screen while the alternate one is shown.
struct HiddenRows<'a>(&'a Terminal);

impl Rows for HiddenRows<'_> {
    fn rows(&self) -> usize {
        usize::from(self.0.size().rows())
    }

    fn cols(&self) -> u16 {
        self.0.size().cols()
    }

    fn row(&self, index: usize, pool: &mut Pool, out: &mut ViewLine) {
        let rows = self.0.size().rows();
        let Some(y) = u16::try_from(index).ok().filter(|y| *y < rows) else {
            return blank(self.cols(), out);
        };
        let mut importer = Importer::new();
        out.cells.clear();
        for cell in self.0.primary_row(y) {
            let own = importer.cell(*cell, &self.0.pool, pool);
            out.cells.push(own.noted_as(*cell));
        }
        out.wrapped = self.0.primary_wrapped(y);
    }

    fn extent(&self, index: usize) -> Option<(usize, usize)> {
        u16::try_from(index)
            .ok()
            .map(|y| self.0.grids[0].row(y).extent())
    }

    fn marks(&self, index: usize) -> Marks {
        u16::try_from(index).map_or(Marks::NONE, |y| self.0.grids[0].row(y).marks)
    }
}

impl Terminal {
    /// Captures lines as tmux's capture-pane does. With `alternate` it takes
    /// the screen that the alternate one hides, without history; empty when
    /// there is none, for the caller to say so.
    #[must_use]
    pub fn capture(&self, range: CaptureRange, options: CaptureOptions) -> String {
        if options.alternate {
            if !self.modes().alternate {
                return String::new();
            }
            let view = View {
                history: &History::new(0, 0),
                screen: &HiddenRows(self),
            };
            return capture(&view, range, options);
        }
        let view = View {
            history: &self.history,
            screen: &ScreenRows(self),
        };
        capture(&view, range, options)
    }
}

#[cfg(test)]
#[path = "dump_tests.rs"]
mod tests;
