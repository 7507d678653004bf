//! Two other emulators are the oracle: what is drawn must give the frame.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{self, NamedColor, Processor};
use proptest::prelude::*;

use super::*;
use crate::base::pool::Link;
use crate::base::{Size, Style, StyleId};
use crate::tty::{Depth, MouseDemand};

fn caps(term: &str) -> Caps {
    Caps::from_env(term, |_| None, true)
}

fn frame(pool: &mut Pool, lines: &[&str]) -> Frame {
    let cols = lines
        .iter()
        .map(|line| crate::base::width::str_width(line))
        .max();
    let mut frame = Frame::new(Size::new(cols.unwrap_or(1) as u16, lines.len() as u16), 1);
    frame.cursor.visible = true;
    for (y, line) in lines.iter().enumerate() {
        let mut cells = Vec::new();
        for (text, width) in crate::base::width::clusters(line) {
            cells.push(pool.cell(text, width == 2, StyleId::DEFAULT));
            if width == 2 {
                cells.push(Cell::tail(StyleId::DEFAULT));
            }
        }
        frame.set_row(y as u16, &cells);
    }
    frame
}

fn bytes(shown: Option<&Frame>, new: &Frame, pool: &Pool, caps: &Caps) -> String {
    let mut out = Vec::new();
    diff(shown, new, pool, caps, &mut out);
    String::from_utf8(out).unwrap().replace('\x1b', "^")
}

#[test]
fn keystroke_costs_its_own_byte() {
    let mut pool = Pool::new();
    let mut shown = frame(&mut pool, &["$ l       ", "          "]);
    shown.cursor.pos = Pos::new(3, 0);
    let mut new = frame(&mut pool, &["$ ls      ", "          "]);
    new.cursor.pos = Pos::new(4, 0);
    for term in ["xterm-256color", "foot", "vt100", "linux", "tmux-256color"] {
        assert_eq!(bytes(Some(&shown), &new, &pool, &caps(term)), "s", "{term}");
        assert_eq!(bytes(Some(&new), &new, &pool, &caps(term)), "", "{term}");
        let back = bytes(Some(&new), &shown, &pool, &caps(term));
        assert_eq!(back, "\u{8} \u{8}", "{term}");
    }
}

#[test]
fn scrolling_log_costs_its_new_line() {
    let mut pool = Pool::new();
    let log: Vec<String> = (0..30).map(|n| format!("line number {n:<20}")).collect();
    let lines = |from: usize| {
        let mut lines: Vec<&str> = log[from..from + 20].iter().map(String::as_str).collect();
        lines.push("status");
        lines
    };
    let (shown, new) = (frame(&mut pool, &lines(0)), frame(&mut pool, &lines(1)));
    let drawn = bytes(Some(&shown), &new, &pool, &caps("xterm"));
    assert_eq!(drawn, "^[1;20r^[S^[r^[20Hline number 20^[H");
    let drawn = bytes(Some(&shown), &new, &pool, &caps("linux"));
    assert_eq!(drawn, "^[1;20r^[20H\n^[r^[20Hline number 20^[H".to_owned());
}

#[test]
fn rows_are_reached_by_the_fewest_bytes() {
    let mut pool = Pool::new();
    let blank = frame(&mut pool, &["          "; 30]);
    for (lines, drawn) in [
        (&["ab", "cd"][..], "ab\r\ncd^[H"),
        (&["abcdefghij", "c"], "abcdefghij\r\nc^[H"),
        (&["ab", "", "", "x"], "ab\r\n\n\nx^[H"),
        (&["ab", "  x"], "ab\nx^[H"),
        (&["   x", "  x"], "^[3Cx\u{8}\u{8}\nx^[H"),
        (&["", "", "", "", "", "", "", "       x"], "^[8;8Hx^[H"),
    ] {
        let mut new = blank.clone();
        let text = frame(&mut pool, lines);
        for y in 0..lines.len() as u16 {
            new.set_row(y, text.row(y));
        }
        let foot = bytes(Some(&blank), &new, &pool, &caps("foot"));
        assert_eq!(foot, drawn, "{lines:?}");
    }
}

#[test]
fn cleared_screen_is_erased_in_one_go() {
    let mut pool = Pool::new();
    let mut lines = vec!["some text here"; 20];
    lines.push("status        ");
    let full = frame(&mut pool, &lines);
    let mut cleared = full.clone();
    for y in 0..20 {
        cleared.set_row(y, &[]);
    }
    let drawn = bytes(Some(&full), &cleared, &pool, &caps("foot"));
    assert_eq!(drawn, "^[20;14H^[1J^[H");
    cleared.set_row(20, &[]);
    let drawn = bytes(Some(&full), &cleared, &pool, &caps("foot"));
    assert_eq!(drawn, "^[J");
}

#[test]
fn doubtful_widths_spoil_nothing_beside_them() {
    let mut pool = Pool::new();
    let shown = frame(&mut pool, &["ab........cdefghijkl"]);
    let new = frame(&mut pool, &["ab👩\u{200d}👩\u{200d}👧......cdefghijkl"]);
    let drawn = bytes(Some(&shown), &new, &pool, &caps("foot"));
    assert_eq!(drawn, "^[2C  \u{8}\u{8}👩\u{200d}👩\u{200d}👧^[;5H......\r");
}

#[test]
fn long_blanks_are_erased() {
    let mut pool = Pool::new();
    let blank = frame(&mut pool, &[&" ".repeat(40)]);
    let rule = frame(&mut pool, &[&"-".repeat(40)]);
    let foot = caps("foot");
    assert_eq!(bytes(Some(&rule), &blank, &pool, &foot), "^[K");
    let bar = frame(&mut pool, &[&format!("a{}│", " ".repeat(38))]);
    let text = frame(&mut pool, &[&format!("{}│", "x".repeat(39))]);
    assert_eq!(bytes(Some(&text), &bar, &pool, &foot), "a^[38X\r");
}

#[test]
fn control_characters_never_come_out() {
    let mut pool = Pool::new();
    let mut new = Frame::new(Size::new(8, 1), 1);
    let bad = pool.cluster("\u{9b}\x1b]");
    let link = pool.link(Link {
        id: "a;b".into(),
        uri: "http://x/\x1b\\evil".into(),
    });
    let linked = pool.style(Style {
        link,
        ..Style::DEFAULT
    });
    let cells = [
        Cell::narrow('\x1b', StyleId::DEFAULT),
        Cell::narrow('\u{85}', StyleId::DEFAULT),
        Cell::cluster(bad, false, StyleId::DEFAULT),
        Cell::narrow('y', linked),
        Cell::tail(StyleId::DEFAULT),
        Cell::narrow('\u{200b}', StyleId::DEFAULT),
        Cell::wide('\x07', StyleId::DEFAULT),
        Cell::wide('日', StyleId::DEFAULT),
    ];
    new.set_row(0, &cells);
    new.title = Some(Label::new("t\x07\x1b[2J"));
    let drawn = bytes(None, &new, &pool, &caps("foot"));
    assert!(!drawn.contains('\u{9b}') && !drawn.contains('\u{85}'));
    assert!(!drawn.contains("evil") && !drawn.contains("]8"));
    assert_eq!(drawn.matches('\x07').count(), 1);
}

#[test]
fn lines_fall_back_where_utf8_is_missing() {
    let mut pool = Pool::new();
    let new = frame(&mut pool, &["┌─┐é日x"]);
    let vt100 = Caps::from_env("vt100", |_| None, false);
    let drawn = bytes(None, &new, &pool, &vt100);
    assert_eq!(drawn, "^[m^[H^[2J^[H^(0lqk^(B___x\r");
    let ascii = Caps {
        charset: crate::tty::Charset::Ascii,
        ..vt100
    };
    let drawn = bytes(None, &new, &pool, &ascii);
    assert_eq!(drawn, "^[m^[H^[2J^[H+-+___x\r");
}

#[test]
fn modes_title_and_cursor_change_alone() {
    let mut pool = Pool::new();
    let shown = frame(&mut pool, &["abc"]);
    let mut new = shown.clone();
    new.modes.mouse = MouseDemand::Buttons;
    new.title = Some("t".into());
    new.cursor.shape = crate::tty::CursorShape::Bar;
    new.cursor.visible = false;
    let drawn = bytes(Some(&shown), &new, &pool, &caps("xterm"));
    assert_eq!(drawn, "^[?1000h^[?1006h^]2;t\u{7}^[6 q^[?25l");
}

/// A cell as an emulator shows it, blanks without what cannot be seen.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    text: String,
    fg: Color,
    bg: Color,
    attrs: Attrs,
    underline: bool,
    half: bool,
}

impl Seen {
    fn normal(mut self) -> Self {
        if self.half {
            // Its left half says it all.
            self.text = String::new();
            self.fg = Color::Default;
            self.bg = Color::Default;
            self.attrs = Attrs::NONE;
            self.underline = false;
            return self;
        }
        if self.text.trim().is_empty() {
            self.text = String::new();
            let unseen = Attrs::BOLD.with(Attrs::ITALIC).with(Attrs::DIM);
            self.attrs = self.attrs.without(unseen);
            if self.attrs.is_empty() && !self.underline {
                self.fg = Color::Default;
            }
        }
        self
    }
}

fn wanted(frame: &Frame, pool: &Pool) -> Vec<Seen> {
    let cells = frame.rows.iter().flat_map(|row| row.iter());
    let seen = |cell: &Cell| {
        let style = pool.get(cell.style);
        let mut text = String::new();
        pool.push_text(*cell, &mut text);
        Seen {
            text,
            fg: style.fg,
            bg: style.bg,
            attrs: style.attrs,
            underline: style.underline != Underline::None,
            half: cell.is_tail(),
        }
        .normal()
    };
    cells.map(seen).collect()
}

struct Dims(Size);

impl Dimensions for Dims {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }
    fn screen_lines(&self) -> usize {
        usize::from(self.0.rows())
    }
    fn columns(&self) -> usize {
        usize::from(self.0.cols())
    }
}

fn alacritty_color(color: ansi::Color) -> Color {
    match color {
        ansi::Color::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        ansi::Color::Named(name) => Color::Indexed(name as usize as u8),
        ansi::Color::Indexed(n) => Color::Indexed(n),
        ansi::Color::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
    }
}

fn alacritty_seen(term: &Term<VoidListener>) -> Vec<Seen> {
    let seen = |cell: &alacritty_terminal::term::cell::Cell| {
        let mut text = String::from(cell.c);
        text.extend(cell.zerowidth().into_iter().flatten());
        let half = cell.flags.contains(Flags::WIDE_CHAR_SPACER);
        let attrs = [
            (Attrs::BOLD, Flags::BOLD),
            (Attrs::DIM, Flags::DIM),
            (Attrs::ITALIC, Flags::ITALIC),
            (Attrs::REVERSE, Flags::INVERSE),
            (Attrs::HIDDEN, Flags::HIDDEN),
            (Attrs::STRIKE, Flags::STRIKEOUT),
        ]
        .into_iter()
        .fold(Attrs::NONE, |all, (attr, flag)| {
            all.set(attr, cell.flags.contains(flag))
        });
        Seen {
            text: if half { String::new() } else { text },
            fg: alacritty_color(cell.fg),
            bg: alacritty_color(cell.bg),
            attrs,
            underline: cell.flags.intersects(Flags::ALL_UNDERLINES),
            half,
        }
        .normal()
    };
    term.grid()
        .display_iter()
        .map(|cell| seen(cell.cell))
        .collect()
}

fn vt100_seen(screen: &vt100::Screen, size: Size) -> Vec<Seen> {
    let color = |color| match color {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(n) => Color::Indexed(n),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    };
    let places = (0..size.rows()).flat_map(|y| (0..size.cols()).map(move |x| (y, x)));
    let seen = |(y, x)| {
        let cell = screen.cell(y, x).unwrap();
        let attrs = Attrs::NONE
            .set(Attrs::BOLD, cell.bold())
            .set(Attrs::DIM, cell.dim())
            .set(Attrs::ITALIC, cell.italic())
            .set(Attrs::REVERSE, cell.inverse());
        Seen {
            text: cell.contents().to_owned(),
            fg: color(cell.fgcolor()),
            bg: color(cell.bgcolor()),
            attrs,
            underline: cell.underline(),
            half: cell.is_wide_continuation(),
        }
        .normal()
    };
    places.map(seen).collect()
}

#[derive(Clone, Debug)]
enum Change {
    Put(u16, u16, String, usize),
    Fill(u16, u16, u16, usize),
    Scroll(u16, u16, i8),
    Cursor(u16, u16, bool),
    Resize(u16, u16),
    Again,
}

fn change() -> impl Strategy<Value = Change> {
    let word = prop::sample::select(vec![
        "a",
        "make: all",
        "日本語",
        "é",
        "x日y",
        "e\u{301}e",
        "────────────────",
        "                      ",
        "one  two",
    ]);
    prop_oneof![
        8 => (0..12u16, 0..40u16, word, 0..12usize).prop_map(|(y, x, w, s)| Change::Put(y, x, w.to_owned(), s)),
        2 => (0..12u16, 0..40u16, 0..40u16, 0..12usize).prop_map(|(y, x, n, s)| Change::Fill(y, x, n, s)),
        3 => (0..12u16, 0..12u16, -3..4i8).prop_map(|(a, b, k)| Change::Scroll(a, b, k)),
        2 => (0..12u16, 0..40u16, any::<bool>()).prop_map(|(y, x, v)| Change::Cursor(y, x, v)),
        1 => (2..40u16, 2..14u16).prop_map(|(c, r)| Change::Resize(c, r)),
        1 => Just(Change::Again),
    ]
}

/// Styles that both oracles can show.
fn styles(pool: &mut Pool) -> Vec<StyleId> {
    let plain = Style::DEFAULT;
    let underlined = Style {
        underline: Underline::Single,
        ..plain
    };
    [
        plain,
        plain.with(Attrs::BOLD),
        plain.fg(Color::Indexed(1)),
        plain.bg(Color::Indexed(4)),
        plain.fg(Color::Indexed(2)).bg(Color::Rgb(1, 2, 3)),
        plain.with(Attrs::REVERSE),
        plain.with(Attrs::BOLD.with(Attrs::ITALIC)),
        plain.with(Attrs::DIM).fg(Color::Rgb(200, 100, 0)),
        underlined,
        underlined.fg(Color::Indexed(12)).with(Attrs::ITALIC),
        plain.bg(Color::Indexed(200)),
        plain.fg(Color::Indexed(250)),
    ]
    .into_iter()
    .map(|style| pool.style(style))
    .collect()
}

fn mend(row: &mut [Cell]) {
    for x in 0..row.len() {
        let lead = row[x].is_wide() && !row.get(x + 1).is_some_and(|next| next.is_tail());
        let tail = row[x].is_tail() && (x == 0 || !row[x - 1].is_wide());
        if lead || tail {
            row[x] = Cell::empty(row[x].style);
        }
    }
}

fn apply(frame: &mut Frame, change: &Change, pool: &mut Pool, styles: &[StyleId]) {
    let (cols, rows) = (frame.size.cols(), frame.size.rows());
    match change {
        Change::Put(y, x, text, style) => {
            let mut row = frame.row(y % rows).to_vec();
            let mut at = usize::from(x % cols);
            for (cluster, width) in crate::base::width::clusters(text) {
                let cells = [
                    pool.cell(cluster, width == 2, styles[*style]),
                    Cell::tail(styles[*style]),
                ];
                for cell in &cells[..usize::from(width)] {
                    if let Some(place) = row.get_mut(at) {
                        *place = *cell;
                    }
                    at += 1;
                }
            }
            mend(&mut row);
            frame.set_row(y % rows, &row);
        }
        Change::Fill(y, x, n, style) => {
            let mut row = frame.row(y % rows).to_vec();
            for cell in row
                .iter_mut()
                .skip(usize::from(x % cols))
                .take(usize::from(*n))
            {
                *cell = Cell::empty(styles[*style]);
            }
            mend(&mut row);
            frame.set_row(y % rows, &row);
        }
        Change::Scroll(a, b, k) => {
            let (top, bottom) = (a.min(b) % rows, a.max(b) % rows);
            let (top, bottom) = (usize::from(top.min(bottom)), usize::from(top.max(bottom)));
            let band = &mut frame.rows[top..=bottom];
            let n = usize::from(k.unsigned_abs()) % band.len();
            if *k > 0 {
                band.rotate_left(n);
            } else {
                band.rotate_right(n);
            }
        }
        Change::Cursor(y, x, visible) => {
            frame.cursor.pos = Pos::new(x % cols, y % rows);
            frame.cursor.visible = *visible;
        }
        Change::Resize(cols, rows) => {
            let old = std::mem::replace(frame, Frame::new(Size::new(*cols, *rows), 1));
            for (y, row) in old.rows.iter().enumerate().take(usize::from(*rows)) {
                let mut row = row.to_vec();
                row.truncate(usize::from(*cols));
                mend(&mut row);
                frame.set_row(y as u16, &row);
            }
        }
        Change::Again => frame.generation += 1,
    }
}

fn side(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).unwrap()
}

fn check(turns: &[Vec<Change>], caps: &Caps) -> Result<(), TestCaseError> {
    let mut pool = Pool::new();
    let styles = styles(&mut pool);
    let mut new = Frame::new(Size::new(20, 8), 1);
    let mut shown: Option<Frame> = None;
    let mut size = new.size;
    let mut vt = vt100::Parser::new(side(8), side(20), 0);
    let mut term = Term::new(Config::default(), &Dims(new.size), VoidListener);
    let mut processor: Processor = Processor::new();
    for turn in turns {
        for change in turn {
            apply(&mut new, change, &mut pool, &styles);
        }
        if std::mem::replace(&mut size, new.size) != new.size {
            vt.screen_mut()
                .set_size(side(new.size.rows()), side(new.size.cols()));
            term.resize(Dims(new.size));
        }
        let mut out = Vec::new();
        diff(shown.as_ref(), &new, &pool, caps, &mut out);
        processor.advance(&mut term, &out);
        vt.process(&out);
        let text = String::from_utf8_lossy(&out).replace('\x1b', "^");
        let want = wanted(&new, &pool);
        prop_assert_eq!(&alacritty_seen(&term), &want, "alacritty: {}", text);
        let cursor = term.grid().cursor.point;
        let at = Pos::new(cursor.column.0 as u16, cursor.line.0 as u16);
        prop_assert_eq!(at, new.cursor_pos(), "alacritty: {}", text);
        // vt100 does not know parameters with colons.
        if !caps.underline_styles {
            prop_assert_eq!(&vt100_seen(vt.screen(), new.size), &want, "vt100: {}", text);
            let (y, x) = vt.screen().cursor_position();
            prop_assert_eq!(Pos::new(x, y), new.cursor_pos(), "vt100: {}", text);
            prop_assert_eq!(vt.screen().hide_cursor(), !new.cursor.visible);
        }
        let mut nothing = Vec::new();
        diff(Some(&new), &new, &pool, caps, &mut nothing);
        prop_assert!(nothing.is_empty());
        shown = Some(new.clone());
    }
    Ok(())
}

fn turns() -> impl Strategy<Value = Vec<Vec<Change>>> {
    prop::collection::vec(prop::collection::vec(change(), 1..8), 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn drawing_gives_the_frame_in_other_emulators(turns in turns()) {
        for term in ["xterm-256color", "screen-256color", "foot"] {
            let mut caps = caps(term);
            caps.colors = Depth::Rgb;
            caps.italics = true;
            check(&turns, &caps)?;
        }
        let mut bare = Caps { colors: Depth::Rgb, italics: true, ..caps("vt100") };
        bare.cursor_hide = true;
        check(&turns, &bare)?;
    }
}
