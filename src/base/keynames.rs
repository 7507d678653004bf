//! Key names as tmux(1) "KEY BINDINGS" spells them, both ways.

use std::fmt;
use std::str::FromStr;

use super::key::{Key, KeyCode, Keypad, Mods, MouseAction, MouseKey, MousePlace};

/// A name that is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey(pub String);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown key: {}", self.0)
    }
}

impl std::error::Error for UnknownKey {}

/// Canonical name first, then what else is understood (compared without case).
const NAMES: &[(KeyCode, &[&str])] = &[
    (KeyCode::Insert, &["IC", "Insert"]),
    (KeyCode::Delete, &["DC", "Delete"]),
    (KeyCode::Home, &["Home"]),
    (KeyCode::End, &["End"]),
    (KeyCode::PageDown, &["NPage", "PageDown", "PgDn"]),
    (KeyCode::PageUp, &["PPage", "PageUp", "PgUp"]),
    (KeyCode::Tab, &["Tab"]),
    (KeyCode::BackTab, &["BTab"]),
    (KeyCode::Char(' '), &["Space"]),
    (KeyCode::Backspace, &["BSpace"]),
    (KeyCode::Enter, &["Enter"]),
    (KeyCode::Escape, &["Escape"]),
    (KeyCode::Up, &["Up"]),
    (KeyCode::Down, &["Down"]),
    (KeyCode::Left, &["Left"]),
    (KeyCode::Right, &["Right"]),
    (KeyCode::Any, &["Any"]),
    (KeyCode::None, &["None"]),
    (KeyCode::FocusIn, &["FocusIn"]),
    (KeyCode::FocusOut, &["FocusOut"]),
    (KeyCode::PasteStart, &["PasteStart"]),
    (KeyCode::PasteEnd, &["PasteEnd"]),
    (KeyCode::Keypad(Keypad::Enter), &["KPEnter"]),
    (KeyCode::Keypad(Keypad::Plus), &["KP+"]),
    (KeyCode::Keypad(Keypad::Minus), &["KP-"]),
    (KeyCode::Keypad(Keypad::Star), &["KP*"]),
    (KeyCode::Keypad(Keypad::Slash), &["KP/"]),
    (KeyCode::Keypad(Keypad::Period), &["KP."]),
];

const PLACES: &[(MousePlace, &str)] = &[
    (MousePlace::Pane, "Pane"),
    (MousePlace::Border, "Border"),
    (MousePlace::StatusLeft, "StatusLeft"),
    (MousePlace::StatusRight, "StatusRight"),
    (MousePlace::StatusDefault, "StatusDefault"),
    (MousePlace::Status, "Status"),
    (MousePlace::ScrollbarUp, "ScrollbarUp"),
    (MousePlace::ScrollbarSlider, "ScrollbarSlider"),
    (MousePlace::ScrollbarDown, "ScrollbarDown"),
    (MousePlace::Control(0), "Control0"),
    (MousePlace::Control(1), "Control1"),
    (MousePlace::Control(2), "Control2"),
    (MousePlace::Control(3), "Control3"),
    (MousePlace::Control(4), "Control4"),
    (MousePlace::Control(5), "Control5"),
    (MousePlace::Control(6), "Control6"),
    (MousePlace::Control(7), "Control7"),
    (MousePlace::Control(8), "Control8"),
    (MousePlace::Control(9), "Control9"),
    (MousePlace::Empty, "Empty"),
];

impl FromStr for Key {
    type Err = UnknownKey;

    /// Reads a key's name: `a`, `C-b`, `M-S-Up`, `^X`, `F5`, `0x1b`,
    /// `MouseDown1Pane`.
    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        parse(name).ok_or_else(|| UnknownKey(name.to_owned()))
    }
}

fn parse(name: &str) -> Option<Key> {
    if let Some(rest) = name.strip_prefix('^')
        && let [letter] = rest.as_bytes()
    {
        let code = of_char(char::from(letter.to_ascii_lowercase()))?;
        let mods = Mods::CTRL;
        return Some(Key { code, mods });
    }
    let (mut rest, mut mods) = match name.strip_prefix('^') {
        Some(rest) if !rest.is_empty() => (rest, Mods::CTRL),
        _ => (name, Mods::NONE),
    };
    loop {
        let (mark, tail) = match rest.as_bytes() {
            [b'C' | b'c', b'-', _, ..] => (Mods::CTRL, &rest[2..]),
            [b'M' | b'm', b'-', _, ..] => (Mods::META, &rest[2..]),
            [b'S' | b's', b'-', _, ..] => (Mods::SHIFT, &rest[2..]),
            _ => break,
        };
        mods = mods.with(mark);
        rest = tail;
    }
    let code = parse_code(rest)?;
    Some(Key { code, mods })
}

fn parse_code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(ch), None) = (chars.next(), chars.next()) {
        return of_char(ch);
    }
    if let Some(hex) = name.strip_prefix("0x") {
        // As sscanf(3): what follows the digits is not looked at.
        let end = hex.find(|ch: char| !ch.is_ascii_hexdigit());
        let digits = &hex[..end.unwrap_or(hex.len())];
        let ch = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        return of_char(ch);
    }
    let known = NAMES
        .iter()
        .find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    if let Some((code, _)) = known {
        return Some(*code);
    }
    if let Some(n) = number_after(name, "F") {
        let plain = !name[1..].starts_with('0');
        return (plain && (1..=24).contains(&n)).then_some(KeyCode::F(n as u8));
    }
    if let Some(n) = number_after(name, "KP") {
        return (n <= 9).then_some(KeyCode::Keypad(Keypad::Digit(n as u8)));
    }
    if let Some(n) = number_after(name, "User") {
        return Some(KeyCode::User(n));
    }
    parse_mouse(name).map(KeyCode::Mouse)
}

fn of_char(ch: char) -> Option<KeyCode> {
    match ch {
        '\r' => Some(KeyCode::Enter),
        '\t' => Some(KeyCode::Tab),
        '\u{1b}' => Some(KeyCode::Escape),
        '\u{7f}' => Some(KeyCode::Backspace),
        ch if ch.is_control() => None,
        ch => Some(KeyCode::Char(ch)),
    }
}

fn number_after(name: &str, word: &str) -> Option<u16> {
    let (head, digits) = name.split_at_checked(word.len())?;
    if !head.eq_ignore_ascii_case(word) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

fn parse_mouse(name: &str) -> Option<MouseKey> {
    let (place, head) = PLACES
        .iter()
        .find_map(|(place, word)| Some((*place, name.strip_suffix(word)?)))?;
    let button = |word: &str| {
        let n: u8 = head.strip_prefix(word)?.parse().ok()?;
        (matches!(n, 1..=3 | 6..=11)).then_some(n)
    };
    let action = match head {
        "WheelUp" => MouseAction::WheelUp,
        "WheelDown" => MouseAction::WheelDown,
        _ => None
            .or_else(|| button("MouseDown").map(MouseAction::Down))
            .or_else(|| button("MouseUp").map(MouseAction::Up))
            .or_else(|| button("MouseDragEnd").map(MouseAction::DragEnd))
            .or_else(|| button("MouseDrag").map(MouseAction::Drag))
            .or_else(|| button("SecondClick").map(MouseAction::SecondClick))
            .or_else(|| button("DoubleClick").map(MouseAction::DoubleClick))
            .or_else(|| button("TripleClick").map(MouseAction::TripleClick))?,
    };
    Some(MouseKey { action, place })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.mods, self.code)
    }
}

impl fmt::Display for KeyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, names)) = NAMES.iter().find(|(code, _)| code == self) {
            return f.write_str(names[0]);
        }
        match self {
            Self::Char(ch) => write!(f, "{ch}"),
            Self::F(n) => write!(f, "F{n}"),
            Self::Keypad(Keypad::Digit(n)) => write!(f, "KP{n}"),
            Self::User(n) => write!(f, "User{n}"),
            Self::Mouse(mouse) => write!(f, "{mouse}"),
            // All others are in NAMES.
            other => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for MouseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            MouseAction::Down(n) => write!(f, "MouseDown{n}"),
            MouseAction::Up(n) => write!(f, "MouseUp{n}"),
            MouseAction::Drag(n) => write!(f, "MouseDrag{n}"),
            MouseAction::DragEnd(n) => write!(f, "MouseDragEnd{n}"),
            MouseAction::SecondClick(n) => write!(f, "SecondClick{n}"),
            MouseAction::DoubleClick(n) => write!(f, "DoubleClick{n}"),
            MouseAction::TripleClick(n) => write!(f, "TripleClick{n}"),
            MouseAction::Move => f.write_str("MouseMove"),
            MouseAction::WheelUp => f.write_str("WheelUp"),
            MouseAction::WheelDown => f.write_str("WheelDown"),
        }?;
        let place = PLACES.iter().find(|(place, _)| *place == self.place);
        f.write_str(place.map_or("", |(_, name)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_survive_a_round_trip() {
        for name in [
            "a",
            "A",
            "C-b",
            "M-x",
            "C-M-Up",
            "C-M-S-F5",
            "Space",
            "C-Space",
            "IC",
            "NPage",
            "BTab",
            "KP7",
            "KPEnter",
            "MouseDown1Pane",
            "MouseDragEnd3Border",
            "WheelUpStatus",
            "DoubleClick1Pane",
            "User12",
            "Any",
            ";",
            "\"",
            "-",
            "M--",
            "é",
        ] {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn key_names_are_normalised_as_tmux_does() {
        for (name, canonical) in [
            ("^b", "C-b"),
            ("^B", "C-b"),
            ("C-A", "C-A"),
            ("S-Tab", "S-Tab"),
            ("^?", "C-?"),
            ("0x41x", "A"),
            ("PgUp", "PPage"),
            ("0x41", "A"),
            ("0x1b", "Escape"),
            ("enter", "Enter"),
            ("S-C-Left", "C-S-Left"),
        ] {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn keys_are_listed_in_tmuxs_order() {
        let order = "Tab Enter Escape Space Z a ~ User0 User9 Any BSpace F1 F12 IC DC Home End \
            NPage PPage BTab Up Down Left Right KP/ KP* KP- KP7 KP8 KP9 KP+ KP4 KP5 KP6 KP1 KP2 \
            KP3 KPEnter KP0 KP. MouseDown1Pane MouseDown1Status MouseDown1StatusLeft \
            MouseDown1StatusRight MouseDown1StatusDefault MouseDown1Border \
            MouseDown1ScrollbarUp MouseDown1ScrollbarSlider MouseDown1ScrollbarDown \
            MouseDown1Empty MouseDown1Control0 MouseDown1Control9 MouseDown2Pane MouseUp1Pane \
            MouseDrag1Pane MouseDragEnd1Pane WheelDownPane WheelUpPane SecondClick1Pane \
            DoubleClick1Pane TripleClick1Pane M-a M-F1 C-a C-F1 C-M-a S-a S-F1 M-S-a C-S-a \
            C-M-S-a";
        let keys: Vec<Key> = order
            .split_whitespace()
            .map(|name| name.parse().unwrap())
            .collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn key_that_is_none_is_refused_by_name() {
        for name in [
            "",
            "C-",
            "F25",
            "F01",
            "MouseDown4Pane",
            "MouseMovePane",
            "M-^a",
            "F0",
            "KP10",
            "MouseDown0Pane",
            "Wheel",
            "0xd800",
            "ab",
        ] {
            let refused = name.parse::<Key>().unwrap_err();
            assert_eq!(refused.to_string(), format!("unknown key: {name}"));
        }
    }
}
