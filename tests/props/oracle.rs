//! Two other emulators, each reduced to what it has in common with a frame:
//! text, colours, and the attributes that it knows. It is asked only about
//! characters on whose width all agree.

use std::num::NonZeroU16;

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{self, NamedColor, Processor};
use stepmux::base::{Attrs, Cell, Color, Pool, Pos, Size, Style, Underline};
use stepmux::tty::Frame;

/// A cell as these emulators show it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plain {
    /// A character and up to two marks, NUL where there is none.
    text: [char; 3],
    fg: Color,
    bg: Color,
    attrs: Attrs,
    underline: bool,
    half: bool,
}

impl Plain {
    /// Without what cannot be seen, and with `known` attributes only.
    fn reduced(mut self, known: Attrs) -> Self {
        if self.half {
            // Its left half says it all.
            return Self {
                half: true,
                ..Self::default()
            };
        }
        self.attrs = Attrs::from_bits(self.attrs.bits() & known.bits());
        if matches!(self.text, [' ' | '\0', '\0', _]) {
            self.text = Default::default();
            let unseen = Attrs::BOLD.with(Attrs::ITALIC).with(Attrs::DIM);
            self.attrs = self.attrs.without(unseen).without(Attrs::HIDDEN);
            if self.attrs.is_empty() && !self.underline {
                self.fg = Color::Default;
            }
        }
        self
    }
}

/// The first three characters.
fn chars(mut text: impl Iterator<Item = char>) -> [char; 3] {
    std::array::from_fn(|_| text.next().unwrap_or_default())
}

/// What vt100 knows, and what alacritty does.
const VT100: Attrs = Attrs::BOLD
    .with(Attrs::DIM)
    .with(Attrs::ITALIC)
    .with(Attrs::REVERSE);
const ALACRITTY: Attrs = VT100.with(Attrs::HIDDEN).with(Attrs::STRIKE);

/// Whether every emulator gives the frame's characters the same places, and can
/// show their styles: vt100 holds one of bold and dim, whichever came last.
pub fn agreed(frame: &Frame, pool: &Pool) -> bool {
    let plain = |ch: char| {
        matches!(ch, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}'
            | '\u{2500}'..='\u{257f}' | '\u{4e00}'..='\u{9fa0}' | '\u{ac00}'..='\u{d7a3}')
    };
    let mut text = String::new();
    let mut cell = |cell: &Cell| {
        text.clear();
        pool.push_text(*cell, &mut text);
        let mut chars = text.chars();
        let marks = text.chars().skip(1).count();
        let both = Attrs::BOLD.with(Attrs::DIM);
        chars.next().is_none_or(plain)
            && !pool.get(cell.style).attrs.has(both)
            && marks <= 2
            && chars.all(|ch| matches!(ch, '\u{300}'..='\u{344}'))
    };
    frame.size.cols() >= 4 && frame.rows.iter().all(|row| row.iter().all(&mut cell))
}

fn wanted(frame: &Frame, pool: &Pool, known: Attrs) -> Vec<Plain> {
    let mut text = String::new();
    let cell = |cell: &Cell| {
        let style: Style = pool.get(cell.style);
        text.clear();
        pool.push_text(*cell, &mut text);
        Plain {
            text: chars(text.chars()),
            fg: style.fg,
            bg: style.bg,
            attrs: style.attrs,
            underline: style.underline != Underline::None,
            half: cell.is_tail(),
        }
        .reduced(known)
    };
    frame
        .rows
        .iter()
        .flat_map(|row| row.iter())
        .map(cell)
        .collect()
}

struct Dims(Size);

impl Dimensions for Dims {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }
    fn screen_lines(&self) -> usize {
        self.0.rows().into()
    }
    fn columns(&self) -> usize {
        self.0.cols().into()
    }
}

/// Both emulators at one size.
pub struct Emulators {
    vt100: vt100::Parser,
    alacritty: Term<VoidListener>,
    processor: Processor,
    size: Size,
}

impl Emulators {
    /// Two blank screens.
    pub fn new(size: Size) -> Self {
        Self {
            vt100: vt100::Parser::new(side(size.rows()), side(size.cols()), 0),
            alacritty: Term::new(Config::default(), &Dims(size), VoidListener),
            processor: Processor::new(),
            size,
        }
    }

    /// Writes what was drawn.
    pub fn write(&mut self, size: Size, bytes: &[u8]) {
        if std::mem::replace(&mut self.size, size) != size {
            let (rows, cols) = (side(size.rows()), side(size.cols()));
            self.vt100.screen_mut().set_size(rows, cols);
            self.alacritty.resize(Dims(size));
        }
        self.vt100.process(bytes);
        self.processor.advance(&mut self.alacritty, bytes);
    }

    /// Demands that both show the frame.
    pub fn check(&self, frame: &Frame, pool: &Pool) {
        let place = frame.cursor_pos();
        assert_eq!(
            self.alacritty_cells(),
            wanted(frame, pool, ALACRITTY),
            "alacritty"
        );
        let cursor = self.alacritty.grid().cursor.point;
        let at = Pos::new(cursor.column.0 as u16, cursor.line.0 as u16);
        assert_eq!(at, place, "alacritty's cursor");
        assert_eq!(self.vt100_cells(), wanted(frame, pool, VT100), "vt100");
        let (y, x) = self.vt100.screen().cursor_position();
        assert_eq!(Pos::new(x, y), place, "vt100's cursor");
        assert_eq!(self.vt100.screen().hide_cursor(), !frame.cursor.visible);
    }

    fn alacritty_cells(&self) -> Vec<Plain> {
        let cell = |cell: &alacritty_terminal::term::cell::Cell| {
            let marks = cell.zerowidth().into_iter().flatten().copied();
            let attrs = [
                (Attrs::BOLD, Flags::BOLD),
                (Attrs::DIM, Flags::DIM),
                (Attrs::ITALIC, Flags::ITALIC),
                (Attrs::REVERSE, Flags::INVERSE),
                (Attrs::HIDDEN, Flags::HIDDEN),
                (Attrs::STRIKE, Flags::STRIKEOUT),
            ]
            .into_iter()
            .filter(|(_, flag)| cell.flags.contains(*flag))
            .fold(Attrs::NONE, |all, (attr, _)| all.with(attr));
            Plain {
                text: chars(std::iter::once(cell.c).chain(marks)),
                fg: alacritty_color(cell.fg),
                bg: alacritty_color(cell.bg),
                attrs,
                underline: cell.flags.intersects(Flags::ALL_UNDERLINES),
                half: cell.flags.contains(Flags::WIDE_CHAR_SPACER),
            }
            .reduced(ALACRITTY)
        };
        let grid = self.alacritty.grid();
        grid.display_iter().map(|at| cell(at.cell)).collect()
    }

    fn vt100_cells(&self) -> Vec<Plain> {
        let screen = self.vt100.screen();
        let (rows, cols) = (self.size.rows(), self.size.cols());
        let places = (0..rows).flat_map(|y| (0..cols).map(move |x| (y, x)));
        let cell = |(y, x)| {
            let Some(cell) = screen.cell(y, x) else {
                return Plain::default();
            };
            let attrs = Attrs::NONE
                .set(Attrs::BOLD, cell.bold())
                .set(Attrs::DIM, cell.dim())
                .set(Attrs::ITALIC, cell.italic())
                .set(Attrs::REVERSE, cell.inverse());
            Plain {
                text: chars(cell.contents().chars()),
                fg: vt100_color(cell.fgcolor()),
                bg: vt100_color(cell.bgcolor()),
                attrs,
                underline: cell.underline(),
                half: cell.is_wide_continuation(),
            }
            .reduced(VT100)
        };
        places.map(cell).collect()
    }
}

fn side(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN)
}

fn alacritty_color(color: ansi::Color) -> Color {
    match color {
        ansi::Color::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        ansi::Color::Named(name) => Color::Indexed(name as usize as u8),
        ansi::Color::Indexed(n) => Color::Indexed(n),
        ansi::Color::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
    }
}

fn vt100_color(color: vt100::Color) -> Color {
    match color {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(n) => Color::Indexed(n),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}
