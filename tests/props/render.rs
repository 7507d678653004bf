//! The renderer against emulators: what [`diff`] writes turns the picture shown
//! into the new one, in our own terminal cell by cell, and in vt100 and
//! alacritty as far as they go. Frames come from a program's stream, drawn at
//! any moment of it; frames that no terminal would make must at least let no
//! control character out.
//!
//! No terminal can show two cells side by side whose characters join when one
//! follows the other; such frames are skipped, as a later one shows.

use std::fmt::Write as _;

use stepmux::base::pool::Link;
use stepmux::base::{
    Attrs, Cell, CellText, ClusterId, Color, Pool, Pos, Size, Style, StyleId, Underline,
};
use stepmux::term::{self, Config, Output, Terminal};
use stepmux::tty::{Caps, Charset, CursorShape, Depth, Frame, diff};

use super::oracle::{Emulators, agreed};
use super::pane::{Step, steps};
use super::seen::row_joins;
use super::{Dice, Reader, cut, text};

/// Pieces of a stream between two frames are up to this many times sixteen
/// bytes long.
const PIECES: usize = 8;

/// Longest hyperlink target that is sent; it must be ASCII, as OSC 8 has it.
const MAX_URI: usize = 2083;

/// Size, abilities, pace, then a stream with resizes in it.
pub fn render_oracle(data: &[u8]) {
    let mut reader = Reader::new(data);
    let size = Size::new(reader.side(), reader.side());
    let flags = reader.byte();
    let seed = reader.byte();
    if flags == 0xff {
        return scrambled(size, seed, reader.rest());
    }
    let mut show = Show::new(size, flags);
    let mut dice = Dice::new(seed.into());
    let mut term = Terminal::new(size, Config::default());
    let mut out = Output::default();
    for step in steps(reader.rest()) {
        match step {
            Step::Feed(bytes) => cut(bytes, seed.max(1), |piece| {
                term.feed(piece, &mut out);
                if dice.below(PIECES) == 0 {
                    show.frame(&term);
                }
            }),
            Step::Resize(size) => {
                term.resize(size);
                show.frame(&term);
            }
        }
    }
    show.frame(&term);
}

/// A client's terminal, three times.
struct Show {
    caps: Caps,
    own: Terminal,
    common: Caps,
    others: Option<Emulators>,
    shown: Option<Frame>,
    bare: Vec<(Caps, Terminal)>,
}

impl Show {
    fn new(size: Size, flags: u8) -> Self {
        let caps = able(flags);
        let named = |term: &str| Caps::from_env(term, |_| None, true);
        let common = Caps {
            colors: Depth::Rgb,
            italics: true,
            strike: true,
            ..named(if flags & 1 == 0 {
                "xterm-256color"
            } else {
                "screen-256color"
            })
        };
        let terminal = || Terminal::new(size, Config::default());
        let bare = ["linux", "vt100", "tmux-256color"];
        let bare = bare[usize::from(flags) % 3];
        Self {
            caps,
            own: terminal(),
            common,
            others: (size.cols() >= 4).then(|| Emulators::new(size)),
            shown: None,
            bare: vec![(named(bare), terminal())],
        }
    }

    /// Draws what a terminal shows now, and looks at it.
    fn frame(&mut self, term: &Terminal) {
        let (new, pool) = (frame_of(term), term.pool());
        if new.rows.iter().any(|row| row_joins(row, pool)) {
            return;
        }
        // A pool that was rebuilt gave its numbers new meanings.
        let known = |old: &&Frame| old.generation == new.generation;
        let shown = self.shown.as_ref().filter(known);
        let mut out = Vec::new();
        diff(shown, &new, pool, &self.caps, &mut out);
        let written = text(&out).replace('\x1b', "^");
        draw(&mut self.own, new.size, &out);
        assert_eq!(cells(&self.own), wanted(&new, pool), "own, of {written}");
        let cursor = self.own.cursor();
        assert_eq!(cursor.pos, new.cursor_pos(), "own cursor, of {written}");
        assert_eq!(cursor.visible, new.cursor.visible, "of {written}");
        assert_eq!(Some(self.own.title()), new.title.as_ref());

        for (caps, bare) in &mut self.bare {
            out.clear();
            diff(shown, &new, pool, caps, &mut out);
            draw(bare, new.size, &out);
            if caps.charset == Charset::Utf8 {
                let written = text(&out).replace('\x1b', "^");
                assert_eq!(texts(bare), texts_wanted(&new, pool), "bare, of {written}");
                assert_eq!(bare.cursor().pos, new.cursor_pos(), "bare, of {written}");
            }
        }

        self.others = self.others.take().filter(|_| agreed(&new, pool));
        if let Some(others) = &mut self.others {
            out.clear();
            diff(shown, &new, pool, &self.common, &mut out);
            others.write(new.size, &out);
            others.check(&new, pool);
        }
        out.clear();
        diff(Some(&new), &new, pool, &self.caps, &mut out);
        assert!(out.is_empty(), "something was written for no change");
        self.shown = Some(new);
    }
}

fn draw(term: &mut Terminal, size: Size, bytes: &[u8]) {
    term.resize(size);
    let mut out = Output::default();
    term.feed(bytes, &mut out);
    assert_eq!(term.verify(), Ok(()));
    assert!(out.replies.is_empty(), "a frame asks");
}

/// All that a terminal can do, but what the flags take away.
fn able(flags: u8) -> Caps {
    let mut caps = Caps::from_env("foot", |_| None, true);
    for name in ["256", "RGB", "hyperlinks", "overline", "strikethrough"] {
        caps.add_feature(name);
    }
    for name in ["usstyle", "title", "cstyle"] {
        caps.add_feature(name);
    }
    Caps {
        italics: true,
        sync: flags & 1 != 0,
        bce: flags & 2 == 0,
        ech: flags & 4 == 0,
        margins: flags & 8 == 0,
        scroll_count: flags & 16 == 0,
        cursor_hide: true,
        ..caps
    }
}

/// The frame that shows a terminal, as a client without a status line sees it.
fn frame_of(term: &Terminal) -> Frame {
    let mut frame = Frame::new(term.size(), term.pool_generation());
    for y in 0..term.size().rows() {
        let row: Vec<Cell> = term.row(y).iter().map(|cell| cell.plain()).collect();
        frame.set_row(y, &row);
    }
    let cursor = term.cursor();
    frame.cursor.pos = cursor.pos;
    frame.cursor.visible = cursor.visible;
    frame.cursor.blinking = cursor.blinking;
    frame.cursor.shape = match cursor.shape {
        term::CursorShape::Default => CursorShape::Default,
        term::CursorShape::Block => CursorShape::Block,
        term::CursorShape::Underline => CursorShape::Underline,
        term::CursorShape::Bar => CursorShape::Bar,
    };
    frame.title = Some(term.title().clone());
    frame
}

fn cells(term: &Terminal) -> String {
    rows(term, cell_text)
}

fn texts(term: &Terminal) -> String {
    rows(term, plain_text)
}

type Write = fn(Cell, &Pool, &mut String);

fn rows(term: &Terminal, write: Write) -> String {
    let rows = (0..term.size().rows()).map(|y| term.row(y));
    lines(rows, term.pool(), write)
}

fn wanted(frame: &Frame, pool: &Pool) -> String {
    lines(frame.rows.iter().map(|row| &**row), pool, cell_text)
}

fn texts_wanted(frame: &Frame, pool: &Pool) -> String {
    lines(frame.rows.iter().map(|row| &**row), pool, plain_text)
}

fn lines<'a>(rows: impl Iterator<Item = &'a [Cell]>, pool: &Pool, write: Write) -> String {
    let mut out = String::new();
    for row in rows {
        for cell in row {
            write(*cell, pool, &mut out);
        }
        out.push('\n');
    }
    out
}

fn plain_text(cell: Cell, pool: &Pool, out: &mut String) {
    out.push(if cell.is_tail() { '<' } else { '|' });
    pool.push_text(cell, out);
}

/// A cell as one sees it: of a blank, only what shows without text.
fn cell_text(cell: Cell, pool: &Pool, out: &mut String) {
    if cell.is_tail() {
        out.push('<');
        return;
    }
    if cell.style != StyleId::DEFAULT {
        let blank = matches!(cell.text(), CellText::Empty | CellText::Char(' '));
        style_text(pool.get(cell.style), blank, pool, out);
    }
    out.push('|');
    pool.push_text(cell, out);
}

fn style_text(mut style: Style, blank: bool, pool: &Pool, out: &mut String) {
    if blank {
        let unseen = [Attrs::BOLD, Attrs::DIM, Attrs::ITALIC, Attrs::HIDDEN];
        style.attrs = unseen
            .into_iter()
            .fold(style.attrs, |attrs, attr| attrs.without(attr));
        if style.attrs.without(Attrs::BLINK).is_empty() && style.underline == Underline::None {
            style.attrs = Attrs::NONE;
            style.fg = Color::Default;
        }
    }
    if style.underline == Underline::None {
        style.us = Color::Default;
    }
    let sent = |uri: &str| uri.len() <= MAX_URI && uri.bytes().all(|b| matches!(b, 0x21..=0x7e));
    let link = pool.link_of(style.link).filter(|link| sent(&link.uri));
    style.link = Default::default();
    if style != Style::DEFAULT {
        let _ = write!(out, "<{style:?}>");
    }
    if let Some(link) = link {
        let _ = write!(out, "<{}>", link.uri);
    }
}

/// Frames of any cells at all: halves without their other half, numbers of
/// other pools, control characters. What is drawn is bounded and clean.
fn scrambled(size: Size, seed: u8, bytes: &[u8]) {
    let mut pool = Pool::new();
    pool.cluster(&text(&bytes[..bytes.len().min(32)]));
    pool.cluster("\u{9b}\x1b]0;x\x07");
    let link = pool.link(Link {
        id: text(&bytes[..bytes.len().min(8)]).into(),
        uri: text(bytes).into(),
    });
    pool.style(Style {
        link,
        us: Color::Indexed(seed),
        underline: Underline::Curly,
        ..Style::DEFAULT
    });
    pool.style(Style::DEFAULT.bg(Color::Rgb(seed, 1, 2)));
    let mut shown: Option<Frame> = None;
    let each = (4 * size.area()).clamp(16, 4096);
    for part in bytes.chunks(each) {
        let mut new = shown.clone().unwrap_or_else(|| Frame::new(size, 1));
        let wild: Vec<Cell> = part.chunks(3).map(wild_cell).collect();
        for (y, row) in wild.chunks(size.cols().into()).enumerate() {
            new.set_row(y as u16, row);
        }
        new.cursor.pos = Pos::new(part.len() as u16 * 7, u16::from(part[0]));
        for caps in [able(seed), Caps::from_env("vt100", |_| None, false)] {
            let mut out = Vec::new();
            diff(shown.as_ref(), &new, &pool, &caps, &mut out);
            let written = text(&out);
            let c1 = |ch: char| matches!(ch, '\u{80}'..='\u{9f}');
            assert!(!written.contains(c1), "a C1 control comes out");
            assert!(!written.contains(['\0', '\x05', '\x0e', '\x18', '\x7f']) || !caps.title);
            assert!(out.len() <= 4096 + 4 * (bytes.len() + 64) * (size.area() + 1));
            let mut again = Vec::new();
            diff(Some(&new), &new, &pool, &caps, &mut again);
            assert!(again.is_empty(), "something was written for no change");
            // Whatever it was: it is drawn inside the screen, and told nothing.
            let mut term = Terminal::new(size, Config::default());
            let mut told = Output::default();
            term.feed(&out, &mut told);
            assert_eq!(term.verify(), Ok(()));
            assert_eq!((told.replies.len(), told.notices.len()), (0, 0));
        }
        shown = Some(new);
    }
}

fn wild_cell(bytes: &[u8]) -> Cell {
    let mut reader = Reader::new(bytes);
    let (kind, number) = (reader.byte(), reader.byte());
    let style = StyleId((reader.byte() % 5).into());
    let ch = match kind >> 6 {
        0 => char::from(number),
        1 => char::from_u32(0x300 + u32::from(number)).unwrap_or('x'),
        2 => char::from_u32(0x1f1e0 + u32::from(number)).unwrap_or('x'),
        _ => char::from_u32(0x2000 + u32::from(number)).unwrap_or('x'),
    };
    match kind % 8 {
        0 => Cell::tail(style),
        1 => Cell::wide(ch, style),
        2 => Cell::cluster(ClusterId((number % 4).into()), kind & 8 == 0, style),
        3 => Cell::empty(style),
        _ => Cell::narrow(ch, style),
    }
}
