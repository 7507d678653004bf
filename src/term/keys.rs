//! What a program in a pane is sent for a key: the sequences of xterm that
//! tmux-256color's terminfo names, and where the program asked for it
//! modifyOtherKeys (xterm ctlseqs) or the kitty protocol (`kitty_keys`). It never
//! sends what a client's terminal sent.

use crate::base::key::Keypad;
use crate::base::{Key, KeyAction, KeyCode, Keystroke, Mods};

use super::modes::Modes;
use super::parse::Params;
use super::reply::say;
use super::{Output, Terminal, kitty_keys};

/// How an extended key is written (tmux(1), `extended-keys-format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtendedFormat {
    /// `CSI 27 ; modifiers ; code ~`.
    #[default]
    Xterm,
    /// `CSI code ; modifiers u`.
    CsiU,
}

impl Terminal {
    /// Appends the bytes of a key. False for a key that no bytes stand for: a
    /// mouse key, or control with a character that has no control code.
    pub fn encode_key(&self, key: Key, out: &mut Vec<u8>) -> bool {
        let key = match self.config.backspace {
            Some(own) if key.code == KeyCode::Backspace => Key {
                code: own.code,
                mods: own.mods.with(key.mods),
            },
            _ => key,
        };
        let format = if self.modes.format_other_keys {
            ExtendedFormat::CsiU
        } else {
            self.config.extended_format
        };
        if self.config.extended_always && self.modes.modify_other_keys == 0 {
            let mut modes = self.modes.clone();
            modes.modify_other_keys = 1;
            return encode_key_as(key, &modes, format, out);
        }
        encode_key_as(key, &self.modes, format, out)
    }

    /// Appends the bytes of what was done to a key, for a program that asked the
    /// kitty protocol for more than presses; for others those of the press.
    pub fn encode_stroke(&self, key: Key, stroke: Keystroke, out: &mut Vec<u8>) {
        if kitty_keys::encode(key, stroke, self.modes.kitty_keys, out)
            || stroke.action == KeyAction::Release
        {
            return;
        }
        let from = out.len();
        if !self.encode_key(key, out) {
            out.truncate(from);
        }
    }

    /// Whether the program asked to be told when keys are let go.
    #[must_use]
    pub fn wants_releases(&self) -> bool {
        self.modes.kitty_keys & kitty_keys::EVENTS != 0
    }

    /// The controls that say how keys are sent: XTMODKEYS, XTQMODKEYS, XTFMTKEYS,
    /// XTQFMTKEYS and the kitty protocol's.
    pub(super) fn key_control(
        &mut self,
        (prefix, last): (u8, u8),
        params: &Params,
        out: &mut Output,
    ) {
        let (resource, value) = (params.raw(0), params.raw(1));
        let may = self.config.extended_keys;
        match (prefix, last) {
            (_, b'u') => self.kitty_control(prefix, params, out),
            (b'>', b'm') if params.len() == 0 => self.modes.modify_other_keys = 0,
            (b'>', b'm') if resource == 4 && may => {
                self.modes.modify_other_keys = value.min(2) as u8;
            }
            (b'>', b'n') if matches!(resource, 0 | 4) => self.modes.modify_other_keys = 0,
            (b'>', b'f') if params.len() == 0 => self.modes.format_other_keys = false,
            (b'>', b'f') if resource == 4 && may => self.modes.format_other_keys = value == 1,
            (b'?', b'm') if resource == 4 => {
                let mode = self.modes.modify_other_keys;
                say(out, format_args!("\x1b[>4;{mode}m"));
            }
            (b'?', b'g') if resource == 4 => {
                let form = u8::from(self.modes.format_other_keys);
                say(out, format_args!("\x1b[>4;{form}f"));
            }
            _ => {}
        }
    }
}

/// Whether a control sequence with this prefix and final byte is one of keys.
pub(super) fn is_key_control(prefix: u8, last: u8) -> bool {
    matches!(
        (prefix, last),
        (b'<'..=b'?', b'u') | (b'>', b'm' | b'n' | b'f') | (b'?', b'm' | b'g')
    )
}

/// Appends the bytes of a key, or nothing for keys that have none (a mouse
/// key, `Any`, `None`, a user key, a combination that no byte stands for).
pub fn encode_key(key: Key, modes: &Modes, out: &mut Vec<u8>) {
    encode_key_as(key, modes, ExtendedFormat::Xterm, out);
}

/// As [`encode_key`], with extended keys in the given format. False for a key
/// that no bytes stand for; of one held with alt, ESC may have been written.
pub fn encode_key_as(key: Key, modes: &Modes, format: ExtendedFormat, out: &mut Vec<u8>) -> bool {
    if kitty_keys::encode(key, Keystroke::default(), modes.kitty_keys, out) {
        return true;
    }
    let mods = key.mods;
    match key.code {
        KeyCode::Char(ch) => return typed(ch, mods, modes, format, out),
        KeyCode::Enter if mods.is_empty() && modes.newline => out.extend_from_slice(b"\r\n"),
        KeyCode::Enter => return typed('\r', mods, modes, format, out),
        KeyCode::Tab => return typed('\t', mods, modes, format, out),
        KeyCode::Escape => return typed('\x1b', mods, modes, format, out),
        KeyCode::Backspace => return backspace(mods, modes, format, out),
        KeyCode::BackTab if modes.modify_other_keys > 1 => {
            extended('\t', mods.with(Mods::SHIFT), format, out);
        }
        KeyCode::BackTab => out.extend_from_slice(b"\x1b[Z"),
        KeyCode::Up => cursor(b'A', mods, modes, out),
        KeyCode::Down => cursor(b'B', mods, modes, out),
        KeyCode::Right => cursor(b'C', mods, modes, out),
        KeyCode::Left => cursor(b'D', mods, modes, out),
        KeyCode::Home if mods.is_empty() => tilde(1, mods, out),
        KeyCode::End if mods.is_empty() => tilde(4, mods, out),
        KeyCode::Home => letter(b'H', mods, out),
        KeyCode::End => letter(b'F', mods, out),
        KeyCode::Insert => tilde(2, mods, out),
        KeyCode::Delete => tilde(3, mods, out),
        KeyCode::PageUp => tilde(5, mods, out),
        KeyCode::PageDown => tilde(6, mods, out),
        KeyCode::F(n) => function(n, mods, out),
        KeyCode::Keypad(key) => keypad(key, mods, modes, out),
        KeyCode::FocusIn if modes.focus_events => out.extend_from_slice(b"\x1b[I"),
        KeyCode::FocusOut if modes.focus_events => out.extend_from_slice(b"\x1b[O"),
        KeyCode::FocusIn
        | KeyCode::FocusOut
        | KeyCode::PasteStart
        | KeyCode::PasteEnd
        | KeyCode::User(_)
        | KeyCode::Any => {}
        KeyCode::Mouse(_) | KeyCode::None => return false,
    }
    true
}

/// Backspace sends DEL, or BS with DECBKM (VT510); with control nothing stands
/// for it until a program asks for extended keys.
fn backspace(mods: Mods, modes: &Modes, format: ExtendedFormat, out: &mut Vec<u8>) -> bool {
    if modes.modify_other_keys > 0 && !mods.is_empty() {
        return typed('\x7f', mods, modes, format, out);
    }
    if mods.has(Mods::META) {
        out.push(0x1b);
    }
    if mods.has(Mods::CTRL) {
        return false;
    }
    out.push(if modes.backspace { 8 } else { 0x7f });
    true
}

fn typed(ch: char, mods: Mods, modes: &Modes, format: ExtendedFormat, out: &mut Vec<u8>) -> bool {
    if mods.is_empty() {
        push_char(ch, out);
        return true;
    }
    let done = match modes.modify_other_keys {
        0 => return legacy(ch, mods, out),
        1 => keeps_legacy(ch, mods) && legacy(ch, mods, out),
        _ => false,
    };
    if !done {
        extended(ch, mods, format, out);
    }
    true
}

/// Whether modifyOtherKeys 1 leaves a modified key as it always was (xterm's
/// table "modified keys").
fn keeps_legacy(ch: char, mods: Mods) -> bool {
    if !mods.has(Mods::CTRL) {
        return mods.has(Mods::META);
    }
    matches!(ch, ' ' | '/' | '@' | '^' | '2'..='8' | '@'..='~')
}

fn is_special(ch: char) -> bool {
    matches!(ch, '\r' | '\t' | '\x1b' | '\x7f')
}

/// Writes a key as terminals did before extended keys: control takes it to a
/// C0 code, alt puts ESC before it. False when there is no such code; ESC is
/// then written all the same.
fn legacy(ch: char, mods: Mods, out: &mut Vec<u8>) -> bool {
    if mods.has(Mods::META) {
        out.push(0x1b);
    }
    let held = mods.has(Mods::CTRL) && ch.is_ascii();
    let ch = match ch {
        '\x1b' if held => return false,
        ch if held && !is_special(ch) => match control(ch) {
            Some(ch) => ch,
            None => return false,
        },
        ch => ch,
    };
    push_char(ch, out);
    true
}

/// What control makes of a character, as xterm and the VT220 do; digits and
/// marks without a code of their own stay what they are.
fn control(ch: char) -> Option<char> {
    let ch = match ch {
        ' ' | '2' => '\0',
        '3'..='7' => char::from(ch as u8 - 0x18),
        '8' | '?' => '\x7f',
        '/' | '-' => '\x1f',
        '!' => '1',
        '(' => '9',
        ')' => '0',
        ':' => ';',
        '"' => '\'',
        '<' => ',',
        '>' => '.',
        '0' | '1' | '9' | '=' | '+' | ';' | '\'' | ',' | '.' => ch,
        '@'..='~' => char::from(ch as u8 & 0x1f),
        _ => return None,
    };
    Some(ch)
}

fn extended(ch: char, mods: Mods, format: ExtendedFormat, out: &mut Vec<u8>) {
    let (code, mods) = (u32::from(ch), mods.xterm());
    let text = match format {
        ExtendedFormat::Xterm => format!("\x1b[27;{mods};{code}~"),
        ExtendedFormat::CsiU => format!("\x1b[{code};{mods}u"),
    };
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn push_char(ch: char, out: &mut Vec<u8>) {
    out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
}

/// A cursor key: `SS3 X` under DECCKM, `CSI X` otherwise.
pub(super) fn cursor(last: u8, mods: Mods, modes: &Modes, out: &mut Vec<u8>) {
    if mods.is_empty() && modes.app_cursor {
        out.extend_from_slice(&[0x1b, b'O', last]);
    } else {
        letter(last, mods, out);
    }
}

pub(super) fn letter(last: u8, mods: Mods, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    if !mods.is_empty() {
        out.extend_from_slice(&[b'1', b';', b'0' + mods.xterm()]);
    }
    out.push(last);
}

pub(super) fn tilde(number: u8, mods: Mods, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b[{number}").as_bytes());
    if !mods.is_empty() {
        out.extend_from_slice(&[b';', b'0' + mods.xterm()]);
    }
    out.push(b'~');
}

/// F1 to F12; F13 to F24 are these with shift, as terminfo has kf13 to kf24.
fn function(number: u8, mods: Mods, out: &mut Vec<u8>) {
    match number {
        13..=24 => function(number - 12, mods.with(Mods::SHIFT), out),
        1..=4 if mods.is_empty() => out.extend_from_slice(&[0x1b, b'O', b'O' + number]),
        1..=4 => letter(b'O' + number, mods, out),
        5 => tilde(15, mods, out),
        6..=10 => tilde(number + 11, mods, out),
        11..=12 => tilde(number + 12, mods, out),
        _ => {}
    }
}

fn keypad(key: Keypad, mods: Mods, modes: &Modes, out: &mut Vec<u8>) {
    let (plain, application) = match key {
        Keypad::Digit(n @ 0..=9) => (b'0' + n, b'p' + n),
        Keypad::Digit(_) => return,
        Keypad::Enter => (b'\n', b'M'),
        Keypad::Plus => (b'+', b'k'),
        Keypad::Minus => (b'-', b'm'),
        Keypad::Star => (b'*', b'j'),
        Keypad::Slash => (b'/', b'o'),
        Keypad::Period => (b'.', b'n'),
    };
    if !mods.without(Mods::META).is_empty() {
        return;
    }
    if mods.has(Mods::META) {
        out.push(0x1b);
    }
    if modes.app_keypad {
        out.extend_from_slice(&[0x1b, b'O', application]);
    } else {
        out.push(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &str, modes: &Modes) -> String {
        let mut out = Vec::new();
        encode_key(name.parse().unwrap(), modes, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// As tmux 3.3a sends them to a program that asked for nothing.
    #[test]
    fn keys_are_sent_as_terminfo_names_them() {
        let modes = Modes::default();
        for (name, want) in [
            ("a", "a"),
            ("é", "é"),
            ("M-é", "\x1bé"),
            ("C-a", "\x01"),
            ("C-Space", "\0"),
            ("C-@", "\0"),
            ("C-2", "\0"),
            ("C-3", "\x1b"),
            ("C-?", "\x7f"),
            ("C-/", "\x1f"),
            ("C-_", "\x1f"),
            ("C-]", "\x1d"),
            ("C-;", ";"),
            ("C-é", "é"),
            ("M-a", "\x1ba"),
            ("M-C-a", "\x1b\x01"),
            ("Enter", "\r"),
            ("C-Enter", "\r"),
            ("M-Enter", "\x1b\r"),
            ("Tab", "\t"),
            ("BTab", "\x1b[Z"),
            ("BSpace", "\x7f"),
            ("C-BSpace", ""),
            ("C-Escape", ""),
            ("C-#", ""),
            ("KPEnter", "\n"),
            ("C-KP5", ""),
            ("M-BTab", "\x1b[Z"),
            ("M-BSpace", "\x1b\x7f"),
            ("Escape", "\x1b"),
            ("M-Escape", "\x1b\x1b"),
            ("Up", "\x1b[A"),
            ("S-Up", "\x1b[1;2A"),
            ("M-Up", "\x1b[1;3A"),
            ("C-M-S-Left", "\x1b[1;8D"),
            ("Home", "\x1b[1~"),
            ("C-Home", "\x1b[1;5H"),
            ("End", "\x1b[4~"),
            ("S-End", "\x1b[1;2F"),
            ("PPage", "\x1b[5~"),
            ("C-NPage", "\x1b[6;5~"),
            ("IC", "\x1b[2~"),
            ("M-DC", "\x1b[3;3~"),
            ("F1", "\x1bOP"),
            ("F4", "\x1bOS"),
            ("S-F1", "\x1b[1;2P"),
            ("F13", "\x1b[1;2P"),
            ("F5", "\x1b[15~"),
            ("F6", "\x1b[17~"),
            ("F10", "\x1b[21~"),
            ("F11", "\x1b[23~"),
            ("F12", "\x1b[24~"),
            ("F24", "\x1b[24;2~"),
            ("C-F5", "\x1b[15;5~"),
            ("KP7", "7"),
            ("KP*", "*"),
            ("M-KP7", "\x1b7"),
            ("FocusIn", ""),
            ("Any", ""),
            ("None", ""),
            ("MouseDown1Pane", ""),
        ] {
            assert_eq!(sent(name, &modes), want, "{name}");
        }
    }

    #[test]
    fn modes_change_cursor_keypad_and_focus() {
        let modes = Modes {
            app_cursor: true,
            app_keypad: true,
            focus_events: true,
            ..Modes::default()
        };
        for (name, want) in [
            ("Up", "\x1bOA"),
            ("C-Up", "\x1b[1;5A"),
            ("KP0", "\x1bOp"),
            ("KP9", "\x1bOy"),
            ("KPEnter", "\x1bOM"),
            ("KP.", "\x1bOn"),
            ("FocusIn", "\x1b[I"),
            ("FocusOut", "\x1b[O"),
        ] {
            assert_eq!(sent(name, &modes), want, "{name}");
        }
    }

    #[test]
    fn extended_keys_say_what_bytes_cannot() {
        for (level, name, want) in [
            (1, "C-a", "\x01"),
            (1, "M-a", "\x1ba"),
            (1, "C-1", "\x1b[27;5;49~"),
            (1, "C-Enter", "\x1b[27;5;13~"),
            (1, "S-Enter", "\x1b[27;2;13~"),
            (1, "BTab", "\x1b[Z"),
            (1, "S-a", "\x1b[27;2;97~"),
            (2, "BTab", "\x1b[27;2;9~"),
            (2, "C-a", "\x1b[27;5;97~"),
            (2, "M-a", "\x1b[27;3;97~"),
            (2, "a", "a"),
            (2, "Tab", "\t"),
            (2, "C-Up", "\x1b[1;5A"),
        ] {
            let modes = Modes {
                modify_other_keys: level,
                ..Modes::default()
            };
            assert_eq!(sent(name, &modes), want, "{level} {name}");
        }
        let modes = Modes {
            modify_other_keys: 2,
            ..Modes::default()
        };
        let mut out = Vec::new();
        encode_key_as(Key::ctrl('a'), &modes, ExtendedFormat::CsiU, &mut out);
        assert_eq!(out, b"\x1b[97;5u");
    }
}
