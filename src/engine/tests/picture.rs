//! The picture is the oracle: whatever programs write, an attached client's
//! terminal shows what their panes hold. One terminal is our own, with every
//! attribute; the other is alacritty's, which has widths of its own.

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config as AlacrittyConfig, Term};
use alacritty_terminal::vte::ansi::Processor;
use proptest::prelude::*;

use super::*;
use crate::base::{Attrs, Cell, Color, Pool, Pos, Style, Underline};
use crate::term::{Config, Output, Terminal};

const COLS: u16 = 44;
const ROWS: u16 = 13;

/// A cell as it is seen: what makes no difference on a blank is left out.
#[derive(Debug, PartialEq)]
struct Seen {
    text: String,
    wide: bool,
    style: Style,
    uri: Box<str>,
}

fn seen(cell: Cell, pool: &Pool) -> Seen {
    let mut text = String::new();
    if !cell.is_tail() {
        pool.push_text(cell, &mut text);
    }
    let mut style = pool.get(cell.style);
    let uri = pool
        .link_of(style.link)
        .map_or("".into(), |link| link.uri.clone());
    style.link = crate::base::LinkId::NONE;
    if text.trim_matches(' ').is_empty() {
        text.clear();
        let lines = Attrs::REVERSE.with(Attrs::STRIKE).with(Attrs::OVERLINE);
        style.attrs = style.attrs.without(style.attrs.without(lines));
        if style.attrs.is_empty() && style.underline == Underline::None {
            style.fg = Color::Default;
        }
    }
    if style.underline == Underline::None {
        style.us = Color::Default;
    }
    Seen {
        text,
        wide: cell.is_wide(),
        style,
        uri,
    }
}

/// A client's terminal that answers what it is asked.
trait Outer {
    fn take(&mut self, bytes: &[u8]) -> Vec<u8>;
    /// Complains of the first cell that shows something else.
    fn check(&self, at: Pos, cell: Cell, pool: &Pool) -> Result<(), TestCaseError>;
    fn cursor(&self) -> (Pos, bool);
}

struct Own(Terminal);

impl Own {
    fn new() -> Self {
        Self(Terminal::new(Size::new(COLS, ROWS), Config::default()))
    }
}

impl Outer for Own {
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Output::default();
        self.0.feed(bytes, &mut out);
        out.replies
    }

    fn check(&self, at: Pos, cell: Cell, pool: &Pool) -> Result<(), TestCaseError> {
        let mut text = String::new();
        pool.push_text(cell, &mut text);
        // Where a pane does not wrap, its last column may hold what is wider:
        // no terminal shows that in one column.
        if !cell.is_wide() && crate::base::width::str_width(&text) > 1 {
            return Ok(());
        }
        let shown = self.0.row(at.y)[usize::from(at.x)];
        prop_assert_eq!(seen(shown, self.0.pool()), seen(cell, pool), "at {:?}", at);
        Ok(())
    }

    fn cursor(&self) -> (Pos, bool) {
        let cursor = self.0.cursor();
        (cursor.pos, cursor.visible)
    }
}

struct Dims;

impl Dimensions for Dims {
    fn total_lines(&self) -> usize {
        usize::from(ROWS)
    }
    fn screen_lines(&self) -> usize {
        usize::from(ROWS)
    }
    fn columns(&self) -> usize {
        usize::from(COLS)
    }
}

struct Alacritty(Term<VoidListener>, Processor);

impl Alacritty {
    fn new() -> Self {
        let term = Term::new(AlacrittyConfig::default(), &Dims, VoidListener);
        Self(term, Processor::new())
    }
}

impl Outer for Alacritty {
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.1.advance(&mut self.0, bytes);
        Vec::new()
    }

    fn check(&self, at: Pos, cell: Cell, pool: &Pool) -> Result<(), TestCaseError> {
        let mut text = String::new();
        pool.push_text(cell, &mut text);
        let simple = |ch: char| ch < '\u{300}' || ('\u{4e00}'..='\u{9fff}').contains(&ch);
        let line = alacritty_terminal::index::Line(i32::from(at.y));
        let column = alacritty_terminal::index::Column(usize::from(at.x));
        let shown = &self.0.grid()[line][column];
        // What is joined from several is another's business; blanks beside it
        // are not.
        if text.chars().count() > 1 || !text.chars().all(simple) || cell.is_tail() {
            return Ok(());
        }
        let half = shown.flags.contains(Flags::WIDE_CHAR_SPACER);
        let mut found = String::from(shown.c);
        found.extend(shown.zerowidth().into_iter().flatten());
        prop_assert!(!half, "half a character at {:?}", at);
        prop_assert_eq!(found.trim(), text.trim(), "at {:?}", at);
        Ok(())
    }

    fn cursor(&self) -> (Pos, bool) {
        let at = self.0.grid().cursor.point;
        let shown = alacritty_terminal::term::TermMode::SHOW_CURSOR;
        let pos = Pos::new(at.column.0 as u16, at.line.0 as u16);
        (pos, self.0.mode().contains(shown))
    }
}

/// Everything that every pane of the client's window shows is on its screen.
fn check(scene: &Scene, client: ClientId, outer: &dyn Outer) -> Result<(), TestCaseError> {
    let mux = scene.engine.mux();
    let session = mux.clients[&client].session.unwrap();
    let window = mux.current_window(session).unwrap();
    for (id, rect) in window.visible() {
        let term = &mux.panes[&id].term;
        for y in 0..rect.height {
            for (x, cell) in (0..rect.width).zip(term.row(y)) {
                let at = Pos::new(rect.x + x, rect.y + y);
                outer.check(at, *cell, term.pool())?;
            }
        }
        if id == window.active {
            let cursor = term.cursor();
            let (pos, visible) = outer.cursor();
            prop_assert_eq!(visible, cursor.visible);
            let want = Pos::new(rect.x + cursor.pos.x, rect.y + cursor.pos.y);
            prop_assert!(!visible || pos == want, "{:?} {:?}", pos, want);
        }
    }
    Ok(())
}

/// What programs write, in pieces that are whole.
#[allow(clippy::too_many_lines)]
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "a",
        "make: *** [all] Error 1",
        "\t",
        "  ",
        "              ",
        "日本語テキスト",
        "é",
        "e\u{301}",
        "한글",
        "\u{1112}\u{1161}\u{11ab}",
        "😀",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦",
        "🇩🇪",
        "❤\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "👍🏽",
        "ก็",
        "────────┐",
        "x\u{200b}y",
        "\u{fdfd}",
    ]);
    let plain = prop::sample::select(vec![
        "\r\n",
        "\r",
        "\n",
        "\x08",
        "\x1bM",
        "\x1bD",
        "\x1bE",
        "\x1b7",
        "\x1b8",
        "\x1b[K",
        "\x1b[1K",
        "\x1b[2K",
        "\x1b[J",
        "\x1b[1J",
        "\x1b[2J",
        "\x1b[3J",
        "\x1b#8",
        "\x1bc",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?47h",
        "\x1b[?47l",
        "\x1b[?25l",
        "\x1b[?25h",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b[?7l",
        "\x1b[?7h",
        "\x1b[?6h",
        "\x1b[?6l",
        "\x1b[r",
        "\x1b(0lqqk\x1b(B",
        "\x1b[!p",
        "\x1b]8;;http://a/b\x1b\\",
        "\x1b]8;id=z;http://c\x07",
        "\x1b]8;;\x1b\\",
        "\x1b[?69h",
        "\x1b[?69l",
        "\x1b[s",
        "\x1b[2 q",
        "\x1b]2;title\x07",
    ]);
    let sgr = prop::sample::select(vec![
        "",
        "1",
        "2",
        "3",
        "4",
        "5",
        "7",
        "8",
        "9",
        "53",
        "4:3",
        "4:5;58:2::9:8:7",
        "58:5:200",
        "22",
        "27",
        "24",
        "31",
        "92",
        "39",
        "44",
        "103",
        "49",
        "38;5;200",
        "48;5;22",
        "38;2;1;2;3",
        "48;2;200;100;0",
        "0;7",
        "1;31;42",
    ]);
    let count = prop::sample::select(b"ABCDEGLMPSTX@`abdeIZ".to_vec());
    prop_oneof![
        8 => text.prop_map(|text| text.as_bytes().to_vec()),
        6 => plain.prop_map(|text| text.as_bytes().to_vec()),
        5 => sgr.prop_map(|sgr| format!("\x1b[{sgr}m").into_bytes()),
        5 => (1..14u16, 1..46u16).prop_map(|(y, x)| format!("\x1b[{y};{x}H").into_bytes()),
        5 => (count, 0..12u16).prop_map(|(last, n)| format!("\x1b[{n}{}", last as char).into_bytes()),
        2 => (1..12u16, 1..13u16).prop_map(|(a, b)| format!("\x1b[{a};{b}r").into_bytes()),
        1 => (1..20u16, 10..44u16).prop_map(|(a, b)| format!("\x1b[{a};{b}s").into_bytes()),
    ]
}

/// What a program writes, and the number of its pane.
#[derive(Clone)]
struct Burst(u32, Vec<u8>);

impl std::fmt::Debug for Burst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%{} {:?}", self.0, String::from_utf8_lossy(&self.1))
    }
}

/// Bursts of output, each into one of the window's panes.
fn bursts() -> impl Strategy<Value = Vec<Burst>> {
    let burst = prop::collection::vec(piece(), 1..14).prop_map(|all| all.concat());
    prop::collection::vec(
        (0..3u32, burst).prop_map(|(pane, bytes)| Burst(pane, bytes)),
        1..10,
    )
}

fn play(
    term: &str,
    splits: &[&str],
    bursts: &[Burst],
    outer: &mut dyn Outer,
) -> Result<(), TestCaseError> {
    let mut scene = Scene::new();
    let client = scene.attach_as(term, &[("COLORTERM", "truecolor")], COLS, ROWS);
    for split in splits {
        scene.run(split);
    }
    let panes = scene.engine.mux().panes.len() as u32;
    for Burst(pane, bytes) in bursts {
        scene.output(pane % panes, bytes);
        for _ in 0..4 {
            scene.later(Duration::from_millis(40));
            let sent = scene.sent.remove(&client).unwrap_or_default();
            let answers = outer.take(&sent);
            if answers.is_empty() {
                break;
            }
            scene.typed.clear();
            scene.keys(client, &answers);
            prop_assert!(scene.typed.is_empty(), "{:?}", scene.typed);
        }
        check(&scene, client, outer)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn picture_equals_the_pane(bursts in bursts()) {
        play("foot", &[], &bursts, &mut Own::new())?;
        play("xterm-256color", &["set -g status off"], &bursts, &mut Alacritty::new())?;
    }

    #[test]
    fn picture_equals_the_panes_of_a_split_window(bursts in bursts()) {
        let splits = ["split-window -h", "split-window -v"];
        play("foot", &splits, &bursts, &mut Own::new())?;
        play("tmux-256color", &splits, &bursts, &mut Alacritty::new())?;
        play("screen-256color", &splits, &bursts, &mut Alacritty::new())?;
    }
}

/// What a plain terminal must show as well: every character, in its place.
#[test]
fn picture_of_a_plain_terminal_has_every_character() {
    for term in [
        "vt100", "vt220", "linux", "xterm", "rxvt", "screen", "st", "putty", "ansi",
    ] {
        let mut scene = Scene::new();
        let client = scene.attach_as(term, &[], 80, 24);
        for n in 0..200 {
            let line = format!("\x1b[{}mline {n} of the log\x1b[m\r\n", 30 + n % 8);
            scene.output(0, line.as_bytes());
            if n % 7 == 0 {
                scene.later(Duration::from_millis(40));
            }
        }
        scene.output(
            0,
            b"\x1b[5;10r\x1b[5H\x1b[2M\x1b[r\x1b[12;70Hthe right edge\x1b[24H",
        );
        scene.later(Duration::from_millis(40));
        let pane = &scene.engine.mux().panes[&PaneId(0)].term;
        let mut expected = Terminal::new(Size::new(80, 24), Config::default());
        expected.feed(&scene.sent[&client], &mut Output::default());
        for y in 0..23 {
            let text = |term: &Terminal| {
                let mut text = String::new();
                term.row(y)
                    .iter()
                    .for_each(|cell| term.pool().push_text(*cell, &mut text));
                text.trim_end().to_owned()
            };
            assert_eq!(text(&expected), text(pane), "{term} row {y}");
        }
    }
}
