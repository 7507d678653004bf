//! Writes rows as text, as tmux's capture-pane does (tmux(1)): plain, or with
//! the shortest SGR change from the cell before, and OSC 8 links. It reads, and
//! writes to strings only.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use crate::base::pool::Importer;
use crate::base::{Attrs, Cell, Color, LinkId, Pool, Style, StyleId, Underline};

use super::Terminal;
use super::search::ScreenRows;
use super::view::{Rows, View, ViewLine, blank};

/// Changes of style remembered during one capture.
const CHANGES_MAX: usize = 4096;

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
    /// Of the screen that is not shown, while the alternate one is (`-a`).
    pub alternate: bool,
}

/// The rows that a range takes in, of `above` in the history and `screen` below.
fn row_range(range: CaptureRange, above: usize, screen: usize) -> std::ops::RangeInclusive<usize> {
    let last = (above + screen).saturating_sub(1);
    let row = |line: Option<i64>, visible: usize| match line {
        None => visible,
        Some(line) => {
            let above = i64::try_from(above).unwrap_or(i64::MAX);
            usize::try_from(above.saturating_add(line).max(0))
                .unwrap_or(usize::MAX)
                .min(last)
        }
    };
    let (start, end) = (row(range.start, above), row(range.end, last));
    start.min(end)..=start.max(end)
}

/// Captures rows of anything that has rows. `above` is the number of rows that
/// lie in the history.
#[must_use]
pub fn capture(
    rows: &dyn Rows,
    above: usize,
    range: CaptureRange,
    options: CaptureOptions,
) -> String {
    let screen = rows.rows().saturating_sub(above);
    let mut dump = Dump::new(options);
    for row in row_range(range, above, screen) {
        dump.row(rows, row);
    }
    dump.out
}

struct Dump {
    options: CaptureOptions,
    out: String,
    pool: Pool,
    line: ViewLine,
    /// Style of the cell before; of other lines too.
    last: Style,
    last_id: StyleId,
    changes: FxHashMap<(StyleId, StyleId), String>,
}

impl Dump {
    fn new(options: CaptureOptions) -> Self {
        Self {
            options,
            out: String::new(),
            pool: Pool::new(),
            line: ViewLine::default(),
            last: Style::DEFAULT,
            last_id: StyleId::DEFAULT,
            changes: FxHashMap::default(),
        }
    }

    fn row(&mut self, rows: &dyn Rows, index: usize) {
        let start = self.out.len();
        if !self.options.escapes && !self.options.octal && rows.plain(index, &mut self.out) {
            self.end_row(start, false);
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        rows.row(index, &mut self.pool, &mut line);
        let mut link = LinkId::NONE;
        for cell in &line.cells[..line.used()] {
            if cell.is_tail() || cell.is_pad() {
                continue;
            }
            if self.options.escapes && cell.style != self.last_id {
                self.style(cell.style, &mut link);
            }
            self.text(*cell);
        }
        if link != LinkId::NONE {
            self.escape("\x1b]8;;\x1b\\");
            self.last.link = LinkId::NONE;
            self.last_id = self.pool.style(self.last);
        }
        self.end_row(start, line.wrapped);
        self.line = line;
    }

    fn end_row(&mut self, start: usize, wrapped: bool) {
        if !self.options.join && !self.options.trailing {
            let text = self.out[start..].trim_end_matches(' ').len();
            self.out.truncate(start + text);
        }
        if !(self.options.join && wrapped) {
            self.out.push('\n');
        }
    }

    fn text(&mut self, cell: Cell) {
        let before = self.out.len();
        self.pool.push_text(cell, &mut self.out);
        if self.options.octal && self.out[before..] == *"\\" {
            self.out.push('\\');
        }
    }

    fn style(&mut self, id: StyleId, link: &mut LinkId) {
        let style = self.pool.get(id);
        self.change(id, style);
        if style.link != *link {
            let open = match self.pool.link_of(style.link) {
                Some(to) if to.id.is_empty() => format!("\x1b]8;;{}\x1b\\", to.uri),
                Some(to) => format!("\x1b]8;id={};{}\x1b\\", to.id, to.uri),
                None => "\x1b]8;;\x1b\\".to_owned(),
            };
            self.escape(&open);
            *link = style.link;
        }
        self.last = style;
        self.last_id = id;
    }

    /// Appends the change to a style; changes seen before are not worked out
    /// again.
    fn change(&mut self, id: StyleId, style: Style) {
        let key = (self.last_id, id);
        let codes = self.changes.remove(&key).unwrap_or_else(|| {
            let mut codes = String::new();
            sgr_change(self.last, style, &mut codes);
            codes
        });
        self.escape(&codes);
        if self.changes.len() < CHANGES_MAX {
            self.changes.insert(key, codes);
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
    let lost = !to.attrs.has(from.attrs)
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
        codes.push("53");
    }
    if !codes.is_empty() {
        let _ = write!(out, "\x1b[{}m", codes.join(";"));
    }
    for (old, new, base) in [
        (from.fg, to.fg, 30_u8),
        (from.bg, to.bg, 40),
        (from.us, to.us, 50),
    ] {
        if old != new {
            color(new, base, out);
        }
    }
}

/// Appends a colour's sequence: base 30 foreground, 40 background, 50 underline.
fn color(color: Color, base: u8, out: &mut String) {
    let (plain, long) = (base < 50, base + 8);
    // Writing to a String cannot fail.
    let _ = match color {
        Color::Default => write!(out, "\x1b[{}m", base + 9),
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
            out.cells.push(importer.cell(*cell, &self.0.pool, pool));
        }
        out.cells.resize(usize::from(self.cols()), Cell::EMPTY);
        out.wrapped = false;
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
            return capture(&HiddenRows(self), 0, range, options);
        }
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        let above = self.history.rows(screen.cols());
        capture(&view, above, range, options)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::base::pool::Link;
    use crate::term::history::History;
    use crate::term::view::tests::{TextRows, text_cells};

    fn plain(rows: &dyn Rows, above: usize, start: Option<i64>, end: Option<i64>) -> String {
        let range = CaptureRange { start, end };
        capture(rows, above, range, CaptureOptions::default())
    }

    #[test]
    fn capture_takes_lines_by_number() {
        let rows = TextRows::new(8, &["h0", "h1", "s0", "s1  ", ""]);
        for (start, end, want) in [
            (None, None, "s0\ns1\n\n"),
            (Some(i64::MIN), None, "h0\nh1\ns0\ns1\n\n"),
            (Some(-1), Some(0), "h1\ns0\n"),
            (Some(-99), Some(-1), "h0\nh1\n"),
            (Some(1), Some(99), "s1\n\n"),
            (Some(1), Some(i64::MAX), "s1\n\n"),
            (Some(1), Some(0), "s0\ns1\n"),
        ] {
            assert_eq!(plain(&rows, 2, start, end), want, "{start:?} {end:?}");
        }
    }

    #[test]
    fn capture_joins_and_keeps_spaces_when_asked() {
        let rows = TextRows::new(4, &["ab  \\", "cd  ", "\\x  "]);
        let with = |options| capture(&rows, 0, CaptureRange::default(), options);
        let options = CaptureOptions::default();
        assert_eq!(with(options), "ab\ncd\n\\x\n");
        let join = CaptureOptions {
            join: true,
            ..options
        };
        assert_eq!(with(join), "ab  cd  \n\\x  \n");
        let trailing = CaptureOptions {
            trailing: true,
            octal: true,
            ..options
        };
        assert_eq!(with(trailing), "ab  \ncd  \n\\\\x  \n");
    }

    fn styled(parts: &[(&str, Style)]) -> String {
        let mut pool = Pool::new();
        let mut history = History::new(9, usize::MAX);
        let mut cells = Vec::new();
        for (text, style) in parts {
            let id = pool.style(*style);
            cells.extend(text_cells(text, id, &mut pool));
        }
        history.push_row(&cells, false, &pool);
        let screen = TextRows::new(20, &[]);
        let view = View {
            history: &history,
            screen: &screen,
        };
        let options = CaptureOptions {
            escapes: true,
            ..CaptureOptions::default()
        };
        let range = CaptureRange {
            start: Some(i64::MIN),
            end: None,
        };
        capture(&view, 1, range, options).replace('\x1b', "^")
    }

    #[test]
    fn capture_writes_the_shortest_change_of_style() {
        let plain = Style::DEFAULT;
        let red = plain.fg(Color::Indexed(1));
        let bold = plain.with(Attrs::BOLD);
        let curly = Style {
            underline: Underline::Curly,
            us: Color::Indexed(9),
            ..plain
        };
        for (parts, want) in [
            (vec![("red", red), (" x", plain)], "^[31mred^[39m x\n"),
            (vec![("red", red)], "^[31mred\n"),
            (
                vec![("a", red.with(Attrs::BOLD)), ("b", red)],
                "^[1m^[31ma^[0m^[31mb\n",
            ),
            (vec![("a", bold), ("b", plain)], "^[1ma^[0mb\n"),
            (
                vec![("a", bold), ("b", bold.with(Attrs::REVERSE))],
                "^[1ma^[7mb\n",
            ),
            (vec![("a", plain.bg(Color::Indexed(12)))], "^[104ma\n"),
            (
                vec![("a", plain.fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(200)))],
                "^[38;2;1;2;3m^[48;5;200ma\n",
            ),
            (vec![("a", curly)], "^[4:3m^[58;5;9ma\n"),
            (
                vec![("a", plain.with(Attrs::OVERLINE).with(Attrs::DIM))],
                "^[2;53ma\n",
            ),
        ] {
            assert_eq!(styled(&parts), want);
        }
    }

    #[test]
    fn capture_writes_links_and_closes_them() {
        let mut pool = Pool::new();
        let link = pool.link(Link {
            id: "7".into(),
            uri: "http://x/".into(),
        });
        let id = pool.style(Style {
            link,
            ..Style::DEFAULT
        });
        let mut history = History::new(9, usize::MAX);
        let cells = text_cells("ab", id, &mut pool);
        history.push_row(&cells, false, &pool);
        history.push_row(&cells, false, &pool);
        let view = View {
            history: &history,
            screen: &TextRows::new(2, &[]),
        };
        let options = CaptureOptions {
            escapes: true,
            octal: true,
            ..CaptureOptions::default()
        };
        let range = CaptureRange {
            start: Some(i64::MIN),
            end: None,
        };
        let line = "\\033]8;id=7;http://x/\\033\\\\ab\\033]8;;\\033\\\\\n";
        assert_eq!(capture(&view, 2, range, options), line.repeat(2));
    }
}
