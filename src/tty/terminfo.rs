//! A compiled terminfo entry (term(5), terminfo(5), user_caps(5)) as what is
//! wanted of it: what the terminal can do, and keys with sequences of their own.
//! It finds no file, and follows no capability's text: what is drawn is always
//! written as ECMA-48 has it, so an entry that has it otherwise is no use.
//!
//! What holds, from first to last: the entry; what is known of the name that no
//! entry says, or that entries have wrong; the client's variables;
//! `terminal-features`; the terminal's own answers; `terminal-overrides`.

use std::time::Duration;

use terminfo_lean::parse::{self, Terminfo as Entry};

use crate::base::{Key, KeyCode};

use super::caps::{Caps, Charset, Depth, Usable};
use super::decode::{Decoder, DecoderConfig, Input};
use super::features::{Override, OverrideValue, key_named};
use super::known::DUMB;

/// The longest entry read, in bytes: ncurses makes none longer (term(5)).
pub const MAX_ENTRY: usize = 32 << 10;

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminfo {
    pub(super) caps: Caps,
    keys: Vec<(Vec<u8>, Key)>,
}

impl Terminfo {
    /// Reads a compiled entry, of the old format or with 32-bit numbers. Nothing
    /// for bytes that are none, or for more than [`MAX_ENTRY`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_ENTRY {
            return None;
        }
        let entry = parse::parse(bytes).ok()?;
        Some(Self {
            caps: caps(&entry),
            keys: keys(&entry),
        })
    }

    /// The sequences that mean a key here and would be read as another one, or
    /// as none. Function keys are left out for `caps.ignore_fkeys`.
    pub fn keys(&self, caps: &Caps) -> impl Iterator<Item = (Vec<u8>, Key)> {
        let all = !caps.ignore_fkeys;
        let wanted = move |key: &Key| all || !matches!(key.code, KeyCode::F(_));
        self.keys
            .iter()
            .filter(move |(_, key)| wanted(key))
            .cloned()
    }
}

/// Capabilities whose text must begin so to be what is written here for them.
const WRITTEN: &[(&str, &[u8])] = &[
    ("csr", b"\x1b[%i%p1%d;%p2%dr"),
    ("indn", b"\x1b[%p1%dS"),
    ("ech", b"\x1b[%p1%dX"),
    ("civis", b"\x1b["),
    ("sitm", b"\x1b[3m"),
    ("smxx", b"\x1b[9m"),
    ("Smol", b"\x1b[53m"),
    ("Smulx", b"\x1b[4:"),
    ("Setulc", b"\x1b[58:"),
    ("Sync", b"\x1b[?2026"),
    ("Hls", b"\x1b]8;"),
    ("tsl", b"\x1b]"),
    ("Swd", b"\x1b]7;"),
    ("Ss", b"\x1b[%p1%d q"),
    ("Cs", b"\x1b]12;"),
    ("Ms", b"\x1b]52;"),
    ("kmous", b"\x1b[M"),
    ("kmous", b"\x1b[<"),
    ("BE", b"\x1b[?2004h"),
    ("Enbp", b"\x1b[?2004h"),
    ("fe", b"\x1b[?1004h"),
    ("Enfcs", b"\x1b[?1004h"),
    ("Eneks", b"\x1b[>4;"),
    ("Enmg", b"\x1b[?69h"),
    ("setrgbf", b"\x1b[38"),
];

/// Capabilities that are there or not.
const FLAGS: &[&str] = &["bce", "AX", "XT", "Su", "Tc", "RGB", "Rect", "Sxl"];

fn caps(entry: &Entry<'_>) -> Caps {
    let text = |name: &str| entry.strings.get(name).copied().unwrap_or_default();
    let begins = |name: &str, how: &[u8]| text(name).starts_with(how);
    let has = |name: &str| {
        entry.booleans.contains(name)
            || entry.numbers.contains_key(name)
            || entry.strings.contains_key(name)
    };
    let mut caps = Caps {
        usable: usable(text("clear"), text("cup")),
        charset: charset(text("smacs"), text("enacs")),
        colors: Depth::Mono,
        ..DUMB
    };
    let mut set = |name: &str, value| {
        caps.override_with(&Override {
            name: name.to_owned(),
            value,
        });
    };
    if begins("setaf", b"\x1b[") {
        let number = entry.numbers.get("colors").copied().unwrap_or(0);
        set("colors", OverrideValue::Text(number.to_string().into()));
    }
    for name in FLAGS.iter().filter(|name| has(name)) {
        set(name, OverrideValue::Set);
    }
    for (name, how) in WRITTEN {
        if begins(name, how) {
            set(name, OverrideValue::Set);
        }
    }
    // Whoever has an older one has this one.
    let alternate: [&[u8]; 3] = [b"\x1b[?1049h", b"\x1b[?1047h", b"\x1b[?47h"];
    caps.alternate = alternate.iter().any(|how| contains(text("smcup"), how));
    caps.title_stack = contains(text("smcup"), b"\x1b[22;0;0t");
    caps.sgr_off = begins("rmso", b"\x1b[27m") || begins("rmul", b"\x1b[24m");
    caps.default_color |= begins("op", b"\x1b[39;49m");
    // Where nothing wraps by itself, nothing can wrap too early.
    caps.xenl = has("xenl") || !has("am");
    // It says how to ask for its version, or is an xterm by tmux's mark.
    caps.answers = has("XT") || begins("RV", b"\x1b[>c") || begins("XR", b"\x1b[>");
    caps.kitty_keys = has("fullkbd");
    if entry.numbers.get("U8") == Some(&0) {
        caps.charset = Charset::Acs;
    }
    caps
}

/// Whether what is written here clears the screen and places the cursor.
fn usable(clear: &[u8], cup: &[u8]) -> Usable {
    if clear.is_empty() {
        Usable::NoClear
    } else if cup.is_empty() {
        Usable::NoCup
    } else if cup.starts_with(b"\x1b[%i%p1%d;%p2%dH") {
        Usable::Yes
    } else {
        Usable::Foreign
    }
}

/// Lines by `ESC ( 0`: what says so, or shifts to what was designated by its
/// twin `ESC ) 0`.
fn charset(smacs: &[u8], enacs: &[u8]) -> Charset {
    let shifts = smacs.starts_with(b"\x0e") && contains(enacs, b"\x1b)0");
    if shifts || smacs.starts_with(b"\x1b(0") {
        Charset::Acs
    } else {
        Charset::Ascii
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Keys with their sequences, but for what must not be taken over: keypads, of
/// which entries name five keys that share their sequences with others, and the
/// arrows, which send what they were told to (DECCKM) whatever an entry says.
fn keys(entry: &Entry<'_>) -> Vec<(Vec<u8>, Key)> {
    let named = entry.strings.iter().filter_map(|(name, sequence)| {
        let key = key_named(name).filter(|key| !matches!(key.code, KeyCode::Keypad(_)))?;
        let read = plain_reading(sequence);
        let known = read == [Input::Key(key)] || is_arrow(&read);
        (is_own(sequence) && !known).then(|| (sequence.to_vec(), key))
    });
    named.collect()
}

/// Whether a sequence can be told from a character typed, from the start of
/// another sequence, and from an answer.
fn is_own(sequence: &[u8]) -> bool {
    match sequence {
        [0x1b, b'O' | b'[', rest @ ..] => !matches!(rest, [] | [b'?' | b'>' | b'<' | b'=', ..]),
        [0x1b, b']' | b'P' | b'_' | 0x1b, ..] => false,
        // Two bytes are Meta and a character.
        [0x1b, 0..0x20, ..] | [0x1b, _, _, ..] => true,
        _ => false,
    }
}

/// What a sequence means without further ado.
fn plain_reading(sequence: &[u8]) -> Vec<Input> {
    let mut decoder = Decoder::new(DecoderConfig::default());
    let mut read = Vec::new();
    decoder.feed(sequence, Duration::ZERO, &mut read);
    decoder.tick(Duration::from_secs(60), &mut read);
    read
}

fn is_arrow(read: &[Input]) -> bool {
    let arrows = [KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right];
    arrows
        .iter()
        .any(|code| *read == [Input::Key((*code).into())])
}

impl Caps {
    /// An entry's abilities with what is known of its terminal's name: what no
    /// entry says is added, and what does not work there is taken away.
    pub(super) fn known_as(self, known: Self) -> Self {
        Self {
            charset: match self.charset {
                Charset::Ascii => known.charset,
                Charset::Acs | Charset::Utf8 => self.charset,
            },
            default_color: self.default_color && known.default_color,
            scroll_count: self.scroll_count && known.scroll_count,
            title_stack: self.title_stack || known.title_stack,
            mouse: self.mouse || known.mouse,
            paste: self.paste || known.paste,
            answers: known.answers,
            ..self.with(known)
        }
    }
}

#[cfg(test)]
#[path = "terminfo_tests.rs"]
mod tests;
