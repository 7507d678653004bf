//! The bytes that programs in a pane write, made up the same way every time.
//! No file is read and no randomness but a fixed seed is used, so that two runs
//! on two machines parse the same bytes.
//!
//! None of the texts holds `~`, `|`, `{` or `}`: the key echo looks for those.
#![allow(
    dead_code,
    reason = "shared by the benches, each of which uses a part of it"
)]

use std::io::Write as _;

/// Columns of the pane that the screens are made for.
const COLS: usize = 200;
/// Rows of the pane that the screens are made for: 50 without a status line.
const ROWS: usize = 49;

/// A kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Log lines without colour.
    Plain,
    /// Log lines as build tools colour them.
    Coloured,
    /// Whole screens, each cell with its own 256-colour pair.
    Dense,
    /// Lines of CJK, Cyrillic, combining marks, emoji and box drawing.
    Unicode,
    /// Lines scrolled inside a DECSTBM region, both ways.
    Region,
    /// Whole screens drawn by cursor addressing, as editors and monitors do.
    Redraw,
    /// One line that never ends.
    LongLine,
}

impl Kind {
    /// All kinds, in the order of the report.
    pub(crate) const ALL: [Self; 7] = [
        Self::Plain,
        Self::Coloured,
        Self::Dense,
        Self::Unicode,
        Self::Region,
        Self::Redraw,
        Self::LongLine,
    ];

    /// The name of its case and its file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Coloured => "coloured",
            Self::Dense => "dense",
            Self::Unicode => "unicode",
            Self::Region => "region",
            Self::Redraw => "redraw",
            Self::LongLine => "longline",
        }
    }

    /// What the report calls it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Plain => "plain log lines",
            Self::Coloured => "coloured log lines",
            Self::Dense => "dense cells",
            Self::Unicode => "unicode",
            Self::Region => "scroll region",
            Self::Redraw => "screen redraw",
            Self::LongLine => "one long line",
        }
    }
}

/// Makes at least `bytes` bytes of a kind (the last line or screen is whole),
/// ending with the terminal's margins and pen as at the start.
pub(crate) fn generate(kind: Kind, bytes: usize) -> Vec<u8> {
    let mut dice = Dice::new(0x5eed + kind as u64);
    let mut out = Vec::with_capacity(bytes + 64 * 1024);
    if kind == Kind::Region {
        out.extend_from_slice(b"\x1b[2J\x1b[5;40r");
    }
    let mut number = 0;
    while out.len() < bytes {
        number += 1;
        match kind {
            Kind::Plain => plain_line(&mut dice, number, &mut out),
            Kind::Coloured => coloured_line(&mut dice, number, &mut out),
            Kind::Dense => dense_screen(&mut dice, &mut out),
            Kind::Unicode => unicode_line(&mut dice, &mut out),
            Kind::Region => region_step(&mut dice, number, &mut out),
            Kind::Redraw => redraw_screen(&mut dice, number, &mut out),
            Kind::LongLine => words(&mut dice, 12, &mut out),
        }
    }
    out.extend_from_slice(b"\x1b[r\x1b[m\x1b[49;1H\n");
    out
}

/// Columns of a line in the history's files. One less than half the pane: at 100
/// tmux gives a line room for the pane's whole width, which is twice as much.
pub(crate) const LINE: usize = 99;

/// Makes `count` log lines of [`LINE`] columns, for the history's memory.
pub(crate) fn history_lines(count: usize, coloured: bool) -> Vec<u8> {
    let mut dice = Dice::new(0x100);
    let mut out = Vec::with_capacity(count * 140);
    let mut text = Vec::with_capacity(200);
    for number in 0..count {
        text.clear();
        plain_line(&mut dice, number, &mut text);
        text.pop();
        text.resize(LINE, b'.');
        if coloured {
            let (head, tail) = text.split_at(24);
            let (level, rest) = tail.split_at(6);
            let color = 31 + number % 6;
            let _ = write!(out, "\x1b[90m");
            out.extend_from_slice(head);
            let _ = write!(out, "\x1b[1;{color}m");
            out.extend_from_slice(level);
            out.extend_from_slice(b"\x1b[0m");
            out.extend_from_slice(&rest[..40]);
            let _ = write!(out, "\x1b[38;5;{}m", 16 + number % 200);
            out.extend_from_slice(&rest[40..]);
            out.extend_from_slice(b"\x1b[0m");
        } else {
            out.extend_from_slice(&text);
        }
        out.push(b'\n');
    }
    out
}

/// A small generator of numbers (splitmix64), the same everywhere.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A generator that starts at `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 16) as usize % bound
    }

    /// One of `items`, which must not be empty.
    fn of<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

const WORDS: [&str; 32] = [
    "compiling",
    "linked",
    "target",
    "release",
    "downloaded",
    "package",
    "checking",
    "cache",
    "restored",
    "worker",
    "queue",
    "finished",
    "in",
    "0.42s",
    "warning:",
    "unused",
    "variable",
    "test",
    "result:",
    "ok.",
    "passed;",
    "failed;",
    "ignored",
    "src/main.rs:42:17",
    "->",
    "module",
    "resolved",
    "from",
    "registry",
    "(sha256:9f86d081)",
    "retry",
    "connection",
];
const LEVELS: [&str; 4] = ["INFO  ", "DEBUG ", "WARN  ", "ERROR "];

fn words(dice: &mut Dice, count: usize, out: &mut Vec<u8>) {
    for _ in 0..count {
        out.extend_from_slice(dice.of(&WORDS).as_bytes());
        out.push(b' ');
    }
}

fn stamp(number: usize, out: &mut Vec<u8>) {
    let (s, ms) = (number / 1000 % 86_400, number % 1000);
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    let _ = write!(out, "2024-03-01T{h:02}:{m:02}:{s:02}.{ms:03}Z");
}

fn plain_line(dice: &mut Dice, number: usize, out: &mut Vec<u8>) {
    stamp(number, out);
    out.push(b' ');
    out.extend_from_slice(dice.of(&LEVELS).as_bytes());
    let count = 4 + dice.below(8);
    words(dice, count, out);
    out.push(b'\n');
}

fn coloured_line(dice: &mut Dice, number: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[90m");
    stamp(number, out);
    let level = dice.below(4);
    let color = [32, 36, 33, 31][level];
    let _ = write!(out, "\x1b[0m \x1b[1;{color}m{}\x1b[0m", LEVELS[level]);
    for _ in 0..3 + dice.below(4) {
        let _ = match dice.below(4) {
            0 => write!(out, "\x1b[38;5;{}m", dice.below(256)),
            1 => write!(out, "\x1b[{}m", 31 + dice.below(6)),
            2 => write!(out, "\x1b[1m"),
            _ => write!(out, "\x1b[4;34m"),
        };
        words(dice, 1, out);
        out.extend_from_slice(b"\x1b[0m");
        words(dice, 1, out);
    }
    out.push(b'\n');
}

fn dense_screen(dice: &mut Dice, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[H");
    for row in 0..ROWS {
        for _ in 0..COLS {
            let (fg, bg) = (dice.below(256), dice.below(256));
            let text = char::from(
                b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#"[dice.below(63)],
            );
            let _ = write!(out, "\x1b[38;5;{fg};48;5;{bg}m{text}");
        }
        if row + 1 < ROWS {
            out.extend_from_slice(b"\r\n");
        }
    }
}

const UNICODE: [&str; 16] = [
    "компиляция завершена ",
    "日本語のログ行です ",
    "测试通过 ",
    "빌드 성공 ",
    "naïve café résumé ",
    "e\u{301}a\u{300}o\u{308}u\u{302} ",
    "─────┬─────┼─────┴─── ",
    "✓ ",
    "✗ ",
    "🎉 ",
    "👩\u{200d}💻 ",
    "🇩🇪 ",
    "👍\u{1f3fd} ",
    "Ελληνικά γράμματα ",
    "→ ∀x∈ℝ ",
    "ﾊﾝｶｸ ",
];

fn unicode_line(dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..4 + dice.below(6) {
        out.extend_from_slice(dice.of(&UNICODE).as_bytes());
    }
    out.push(b'\n');
}

fn region_step(dice: &mut Dice, number: usize, out: &mut Vec<u8>) {
    let up = !number.is_multiple_of(8);
    out.extend_from_slice(if up {
        b"\x1b[40;1H\n"
    } else {
        b"\x1b[5;1H\x1bM"
    });
    let _ = write!(out, "{number:8} ");
    let count = 4 + dice.below(6);
    words(dice, count, out);
}

fn redraw_screen(dice: &mut Dice, number: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[H");
    for row in 1..=ROWS {
        let _ = write!(out, "\x1b[{row};1H\x1b[33m{:5}\x1b[m ", number + row);
        let count = 3 + dice.below(14);
        words(dice, count, out);
        out.extend_from_slice(b"\x1b[K");
    }
    let _ = write!(out, "\x1b[49;1H\x1b[7m -- frame {number} --\x1b[m\x1b[K");
}
