//! What options say of a client's terminal: tmux's features by name, and
//! changes to a terminal's description in terminfo's names (tmux(1),
//! `terminal-features`, `terminal-overrides`; terminfo(5), user_caps(5)). It
//! matches no pattern and reads no option: entries come in as text.

use crate::base::key::Keypad;
use crate::base::{Key, KeyCode, Mods};

use super::caps::{Caps, Charset, Depth};

/// A feature's name, how to see it, how to add it.
type Feature = (&'static str, fn(&Caps) -> bool, fn(&mut Caps));

/// tmux's features, as `client_termfeatures` lists them.
const FEATURES: &[Feature] = &[
    (
        "256",
        |caps| caps.colors >= Depth::Indexed256,
        |caps| caps.colors = caps.colors.max(Depth::Indexed256),
    ),
    ("bpaste", |caps| caps.paste, |caps| caps.paste = true),
    (
        "ccolour",
        |caps| caps.cursor_color,
        |caps| caps.cursor_color = true,
    ),
    (
        "clipboard",
        |caps| caps.clipboard,
        |caps| caps.clipboard = true,
    ),
    (
        "hyperlinks",
        |caps| caps.hyperlinks,
        |caps| caps.hyperlinks = true,
    ),
    (
        "cstyle",
        |caps| caps.cursor_shape,
        |caps| caps.cursor_shape = true,
    ),
    (
        "extkeys",
        |caps| caps.extended_keys || caps.kitty_keys,
        |caps| caps.extended_keys = true,
    ),
    ("focus", |caps| caps.focus, |caps| caps.focus = true),
    (
        "ignorefkeys",
        |caps| caps.ignore_fkeys,
        |caps| caps.ignore_fkeys = true,
    ),
    (
        "margins",
        |caps| caps.side_margins,
        |caps| caps.side_margins = true,
    ),
    ("mouse", |caps| caps.mouse, |caps| caps.mouse = true),
    ("osc7", |caps| caps.path, |caps| caps.path = true),
    (
        "overline",
        |caps| caps.overline,
        |caps| caps.overline = true,
    ),
    (
        "rectfill",
        |caps| caps.rectangles,
        |caps| caps.rectangles = true,
    ),
    (
        "RGB",
        |caps| caps.colors == Depth::Rgb,
        |caps| caps.colors = Depth::Rgb,
    ),
    ("sixel", |caps| caps.sixel, |caps| caps.sixel = true),
    (
        "strikethrough",
        |caps| caps.strike,
        |caps| caps.strike = true,
    ),
    ("sync", |caps| caps.sync, |caps| caps.sync = true),
    ("title", |caps| caps.title, |caps| caps.title = true),
    (
        "usstyle",
        |caps| caps.underline_styles,
        |caps| {
            caps.underline_styles = true;
            caps.underline_color = true;
        },
    ),
];

impl Caps {
    /// Adds one of tmux's features by name; whether it is known.
    pub fn add_feature(&mut self, name: &str) -> bool {
        let found = FEATURES.iter().find(|(known, _, _)| *known == name);
        found.map(|(_, _, add)| add(self)).is_some()
    }

    /// Adds features separated by colons or commas; unknown ones are passed over.
    pub fn add_features(&mut self, list: &str) {
        for name in list.split([':', ',']) {
            self.add_feature(name.trim());
        }
    }

    /// tmux's names of what is there (`client_termfeatures`).
    pub fn features(&self) -> impl Iterator<Item = &'static str> + use<> {
        let caps = *self;
        FEATURES
            .iter()
            .filter(move |(_, has, _)| has(&caps))
            .map(|(name, _, _)| *name)
    }

    /// Takes in one change of the terminal's description; names that decide
    /// nothing here are passed over.
    pub fn override_with(&mut self, change: &Override) {
        let on = change.value != OverrideValue::Removed;
        match change.name.as_str() {
            "Tc" | "RGB" | "setrgbf" | "setrgbb" => self.set_direct_color(on),
            "colors" => self.set_colors(change.number()),
            "setaf" | "setab" if !on => self.colors = Depth::Mono,
            "AX" => self.default_color = on,
            "bce" => self.bce = on,
            "ech" => self.ech = on,
            "csr" => self.margins = on,
            "indn" | "rin" => self.scroll_count = on,
            "xenl" => self.xenl = on,
            // Where nothing wraps by itself, nothing can wrap too early.
            "am" => self.xenl |= !on,
            "smcup" | "rmcup" => self.alternate = on,
            "civis" | "cnorm" => self.cursor_hide = on,
            "sitm" | "ritm" => self.italics = on,
            "smxx" | "rmxx" => self.strike = on,
            "Smol" => self.overline = on,
            "Smulx" | "Su" => self.underline_styles = on,
            "Setulc" | "Setulc1" => self.underline_color = on,
            "Sync" => self.sync = on,
            "Bidi" => self.bidi = on,
            "Hls" => self.hyperlinks = on,
            "tsl" | "fsl" => self.title = on,
            "Swd" => self.path = on,
            "Ss" | "Se" => self.cursor_shape = on,
            "Cs" | "Cr" => self.cursor_color = on,
            "Ms" => self.clipboard = on,
            "kmous" => self.mouse = on,
            "Enbp" | "Dsbp" | "BE" | "BD" => self.paste = on,
            "Enfcs" | "Dsfcs" | "fe" | "fd" => self.focus = on,
            "Eneks" | "Dseks" => {
                self.extended_keys = on;
                self.kitty_keys &= on;
            }
            "Enmg" | "Dsmg" | "Cmg" | "Clmg" => self.side_margins = on,
            "Rect" => self.rectangles = on,
            "Sxl" => self.sixel = on,
            "XT" => self.set_xterm_like(on),
            // 0 draws lines by the alternate character set even in UTF-8, which
            // is all or nothing here.
            "U8" if change.number() == Some(0) => self.charset = Charset::Acs,
            _ => {}
        }
    }

    fn set_direct_color(&mut self, on: bool) {
        self.colors = if on {
            Depth::Rgb
        } else {
            self.colors.min(Depth::Indexed256)
        };
    }

    fn set_colors(&mut self, number: Option<u32>) {
        self.colors = match number.unwrap_or(0) {
            0..8 => Depth::Mono,
            8..16 => Depth::Ansi8,
            16..256 => Depth::Ansi16,
            256 => Depth::Indexed256,
            _ => Depth::Rgb,
        };
    }

    /// tmux's `XT`: what every imitation of xterm has.
    fn set_xterm_like(&mut self, on: bool) {
        self.title = on;
        self.paste = on;
        self.focus = on;
        self.clipboard = on;
        self.answers &= on;
    }
}

/// One change of a terminal's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The capability's terminfo name.
    pub name: String,
    /// What becomes of it.
    pub value: OverrideValue,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideValue {
    /// The capability is there.
    Set,
    /// It is there with this text, escapes read.
    Text(Vec<u8>),
    /// It is not there.
    Removed,
}

impl Override {
    fn number(&self) -> Option<u32> {
        match &self.value {
            OverrideValue::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            OverrideValue::Set | OverrideValue::Removed => None,
        }
    }

    /// The key that this change gives a sequence to, and the sequence.
    #[must_use]
    pub fn key(&self) -> Option<(Vec<u8>, Key)> {
        match &self.value {
            OverrideValue::Text(text) if !text.is_empty() => {
                Some((text.clone(), key_named(&self.name)?))
            }
            OverrideValue::Text(_) | OverrideValue::Set | OverrideValue::Removed => None,
        }
    }
}

/// Splits an entry of `terminal-features` or `terminal-overrides`: the pattern
/// for TERM, and the rest after its colon.
#[must_use]
pub fn split_entry(entry: &str) -> Option<(&str, &str)> {
    entry.split_once(':')
}

/// The changes in an entry's rest: `name`, `name@`, `name=value`, separated by
/// colons, of which two are one of the value's.
#[must_use]
pub fn overrides(rest: &str) -> Vec<Override> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut chars = rest.chars().peekable();
    while let Some(ch) = chars.next() {
        if ch == ':' && chars.next_if_eq(&':').is_none() {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(ch);
        }
    }
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| change(part))
        .collect()
}

fn change(part: &str) -> Override {
    let (name, value) = match part.split_once('=') {
        Some((name, text)) => (name, OverrideValue::Text(unescape(text))),
        None => match part.strip_suffix('@') {
            Some(name) => (name, OverrideValue::Removed),
            None => match part.split_once('#') {
                Some((name, number)) => (name, OverrideValue::Text(number.into())),
                None => (part, OverrideValue::Set),
            },
        },
    };
    Override {
        name: name.to_owned(),
        value,
    }
}

/// terminfo(5)'s escapes: `\E`, `\e`, `^x`, `\n`, `\033`, `\s` …
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail.first()) {
            (b'^', Some(b'?')) => {
                out.push(0x7f);
                rest = &tail[1..];
            }
            (b'^', Some(&ch @ b'@'..=b'~')) => {
                out.push(ch & 0x1f);
                rest = &tail[1..];
            }
            (b'\\', Some(b'0'..=b'7')) => {
                let digits = tail.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
                let digits: Vec<u8> = digits.copied().collect();
                let value = digits
                    .iter()
                    .fold(0u32, |all, digit| all * 8 + u32::from(digit - b'0'));
                out.push(value as u8);
                rest = &tail[digits.len()..];
            }
            (b'\\', Some(&ch)) => {
                out.push(match ch {
                    b'E' | b'e' => 0x1b,
                    b'n' | b'l' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    b'a' => 7,
                    b's' => b' ',
                    other => other,
                });
                rest = &tail[1..];
            }
            _ => out.push(byte),
        }
    }
    out
}

/// Keys by their terminfo names, without modifiers.
const KEYS: &[(&str, KeyCode)] = &[
    ("kcuu1", KeyCode::Up),
    ("kcud1", KeyCode::Down),
    ("kcub1", KeyCode::Left),
    ("kcuf1", KeyCode::Right),
    ("khome", KeyCode::Home),
    ("kend", KeyCode::End),
    ("kich1", KeyCode::Insert),
    ("kdch1", KeyCode::Delete),
    ("kpp", KeyCode::PageUp),
    ("knp", KeyCode::PageDown),
    ("kcbt", KeyCode::BackTab),
    ("kbs", KeyCode::Backspace),
    ("kent", KeyCode::Keypad(Keypad::Enter)),
    ("ka1", KeyCode::Keypad(Keypad::Digit(7))),
    ("ka3", KeyCode::Keypad(Keypad::Digit(9))),
    ("kb2", KeyCode::Keypad(Keypad::Digit(5))),
    ("kc1", KeyCode::Keypad(Keypad::Digit(1))),
    ("kc3", KeyCode::Keypad(Keypad::Digit(3))),
];

/// Keys whose names take a digit of modifiers (user_caps(5)); alone it is Shift.
const MODIFIED: &[(&str, KeyCode)] = &[
    ("kUP", KeyCode::Up),
    ("kDN", KeyCode::Down),
    ("kLFT", KeyCode::Left),
    ("kRIT", KeyCode::Right),
    ("kHOM", KeyCode::Home),
    ("kEND", KeyCode::End),
    ("kIC", KeyCode::Insert),
    ("kDC", KeyCode::Delete),
    ("kPRV", KeyCode::PageUp),
    ("kNXT", KeyCode::PageDown),
];

/// The key of a terminfo name; nothing for one that is no key.
pub(super) fn key_named(name: &str) -> Option<Key> {
    if let Some((_, code)) = KEYS.iter().find(|(known, _)| *known == name) {
        return Some(Key::from(*code));
    }
    let shifted = match name {
        "kri" => Some(KeyCode::Up),
        "kind" => Some(KeyCode::Down),
        _ => None,
    };
    if let Some(code) = shifted {
        return Some(Key::from(code).with(Mods::SHIFT));
    }
    if let Some(number) = name.strip_prefix("kf") {
        return function_key(number.parse().ok()?);
    }
    let (_, code, rest) = MODIFIED
        .iter()
        .find_map(|(known, code)| Some((known, *code, name.strip_prefix(known)?)))?;
    let mods = match rest {
        "" => Mods::SHIFT,
        _ => Mods::from_xterm(rest.parse().ok().filter(|n| (2..=8).contains(n))?),
    };
    Some(Key::from(code).with(mods))
}

/// xterm counts its twelve function keys on through the modifiers: 13 is
/// Shift-F1, 25 Control-F1, 37 both, 49 Meta, 61 Meta and Shift.
fn function_key(number: u8) -> Option<Key> {
    let (group, key) = match number.checked_sub(1)? {
        index @ 0..63 => (index / 12, index % 12 + 1),
        _ => return None,
    };
    let mods = match group {
        0 => Mods::NONE,
        1 => Mods::SHIFT,
        2 => Mods::CTRL,
        3 => Mods::CTRL.with(Mods::SHIFT),
        4 => Mods::META,
        _ => Mods::META.with(Mods::SHIFT),
    };
    Some(Key::from(KeyCode::F(key)).with(mods))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn caps(term: &str) -> Caps {
        Caps::from_env(term, |_| None, true)
    }

    #[test]
    fn features_have_their_tmux_names() {
        let mut caps = caps("linux");
        assert!(caps.add_feature("RGB") && caps.add_feature("sync"));
        assert!(!caps.add_feature("rgb"));
        assert_eq!(caps.features().collect::<Vec<_>>(), ["256", "RGB", "sync"]);
    }

    #[test]
    fn every_feature_shows_once_it_was_added() {
        for (name, has, _) in FEATURES {
            let mut caps = Caps::default();
            caps.add_features(&format!("none:{name},"));
            assert!(has(&caps), "{name}");
            assert!(caps.features().any(|shown| shown == *name));
        }
    }

    #[test]
    fn overrides_are_read_as_terminfo_writes_them() {
        let text = |bytes: &[u8]| OverrideValue::Text(bytes.to_vec());
        for (rest, name, value) in [
            ("Tc", "Tc", OverrideValue::Set),
            ("AX@", "AX", OverrideValue::Removed),
            ("colors=16", "colors", text(b"16")),
            ("colors#256", "colors", text(b"256")),
            (
                r"Ms=\E]52;%p1%s;%p2%s\007",
                "Ms",
                text(b"\x1b]52;%p1%s;%p2%s\x07"),
            ),
            (r"kf1=\033[11~", "kf1", text(b"\x1b[11~")),
            (r"Smulx=\E[4::%p1%dm", "Smulx", text(b"\x1b[4:%p1%dm")),
            (r"x=^[a^?\s\\", "x", text(b"\x1ba\x7f \\")),
        ] {
            let name = name.to_owned();
            assert_eq!(overrides(rest), [Override { name, value }], "{rest}");
        }
        let several = overrides("a:b@::c=1:");
        let names: Vec<_> = several.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "b@:c"]);
    }

    #[test]
    fn overrides_change_what_is_drawn() {
        let mut caps = caps("xterm-256color");
        for change in overrides("smcup@:rmcup@:Tc:Ms@:Smulx=\\E[4::%p1%dm:colors=8") {
            caps.override_with(&change);
        }
        assert!(!caps.alternate && !caps.clipboard && caps.underline_styles);
        assert_eq!(caps.colors, Depth::Ansi8);
        for change in overrides("RGB") {
            caps.override_with(&change);
        }
        assert_eq!(caps.colors, Depth::Rgb);
        for change in overrides("RGB@") {
            caps.override_with(&change);
        }
        assert_eq!(caps.colors, Depth::Indexed256);
    }

    #[test]
    fn terminfo_names_of_keys_are_known() {
        for (name, key) in [
            ("kcuu1", "Up"),
            ("kf1", "F1"),
            ("kf12", "F12"),
            ("kf13", "S-F1"),
            ("kf25", "C-F1"),
            ("kf48", "C-S-F12"),
            ("kf63", "M-S-F3"),
            ("kUP", "S-Up"),
            ("kUP5", "C-Up"),
            ("kDC8", "C-M-S-DC"),
            ("kri", "S-Up"),
            ("kent", "KPEnter"),
        ] {
            assert_eq!(key_named(name).unwrap().to_string(), key, "{name}");
        }
        for name in ["kf0", "kf64", "kf", "kUP9", "smcup", "k"] {
            assert_eq!(key_named(name), None, "{name}");
        }
    }
}
