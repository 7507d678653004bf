//! The kitty keyboard protocol on a pane's side (kitty, "Comprehensive keyboard
//! handling in terminals"): each screen's stack of flags, and keys as `CSI u`.
//! Only presses are sent: a viewer's terminal is not asked for releases and
//! repeats, and what it does not tell cannot be told on.

use super::keys::{letter, push_char, tilde};
use super::parse::Params;
use super::reply::say;
use super::{Output, Terminal};
use crate::base::key::Keypad;
use crate::base::{Key, KeyCode, Mods};

/// Escape codes where bytes would be ambiguous.
pub(super) const DISAMBIGUATE: u8 = 1;
/// The character that shift makes, too.
const ALTERNATES: u8 = 4;
/// Every key as an escape code.
pub(super) const ALL: u8 = 8;
/// The text that a key makes, too.
const TEXT: u8 = 16;
/// All five flags; 2 asks for repeats and releases.
const KNOWN: u8 = 31;

/// Entries of a stack; the oldest give way.
const MAX_DEPTH: usize = 16;

/// A screen's flags, and those put aside.
#[derive(Clone, Debug, Default)]
pub(super) struct Stack {
    flags: u8,
    below: Vec<u8>,
}

impl Stack {
    fn push(&mut self, flags: u8) {
        if self.below.len() == MAX_DEPTH {
            self.below.remove(0);
        }
        self.below.push(self.flags);
        self.flags = flags;
    }

    /// Takes `n` entries off; below the last one there are no flags.
    fn pop(&mut self, n: usize) {
        for _ in 0..n.min(MAX_DEPTH + 1) {
            self.flags = self.below.pop().unwrap_or(0);
        }
    }

    fn set(&mut self, flags: u8, how: u16) {
        match how {
            0 | 1 => self.flags = flags,
            2 => self.flags |= flags,
            3 => self.flags &= !flags,
            _ => {}
        }
    }
}

impl Terminal {
    /// `CSI > u`, `CSI < u`, `CSI = u` and `CSI ? u`.
    pub(super) fn kitty_control(&mut self, prefix: u8, params: &Params, out: &mut Output) {
        let flags = (params.raw(0) & u16::from(KNOWN)) as u8;
        let stack = &mut self.kitty_keys[self.active];
        match prefix {
            b'>' => stack.push(flags),
            b'<' => stack.pop(params.count(0).into()),
            b'=' => stack.set(flags, params.raw(1)),
            _ => say(out, format_args!("\x1b[?{}u", stack.flags)),
        }
        self.modes.kitty_keys = self.kitty_keys[self.active].flags;
    }

    /// Takes up the shown screen's flags.
    pub(super) fn switch_kitty_keys(&mut self) {
        self.modes.kitty_keys = self.kitty_keys[self.active].flags;
    }
}

/// Appends a key as the protocol has it under `flags`; false where the flags
/// leave it as it is without them.
pub(super) fn encode(key: Key, flags: u8, out: &mut Vec<u8>) -> bool {
    if flags & (DISAMBIGUATE | ALL) == 0 {
        return false;
    }
    let mods = key.mods;
    match key.code {
        KeyCode::Char(ch) => return character(ch, mods, flags, out),
        KeyCode::Keypad(key) => return keypad(key, mods, flags, out),
        // These three stay as they are, so that a shell can be used after a
        // program that ended without popping its flags.
        KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace
            if mods.is_empty() && flags & ALL == 0 =>
        {
            return false;
        }
        KeyCode::Escape => unicode(27, None, mods, None, out),
        KeyCode::Enter => unicode(13, None, mods, None, out),
        KeyCode::Tab => unicode(9, None, mods, None, out),
        KeyCode::BackTab => unicode(9, None, mods.with(Mods::SHIFT), None, out),
        KeyCode::Backspace => unicode(127, None, mods, None, out),
        KeyCode::Up => letter(b'A', mods, out),
        KeyCode::Down => letter(b'B', mods, out),
        KeyCode::Right => letter(b'C', mods, out),
        KeyCode::Left => letter(b'D', mods, out),
        KeyCode::Home => letter(b'H', mods, out),
        KeyCode::End => letter(b'F', mods, out),
        KeyCode::Insert => tilde(2, mods, out),
        KeyCode::Delete => tilde(3, mods, out),
        KeyCode::PageUp => tilde(5, mods, out),
        KeyCode::PageDown => tilde(6, mods, out),
        KeyCode::F(n) => function(n, mods, out),
        KeyCode::Mouse(_)
        | KeyCode::User(_)
        | KeyCode::Any
        | KeyCode::None
        | KeyCode::FocusIn
        | KeyCode::FocusOut => return false,
    }
    true
}

/// A key that makes text. A capital is its small letter with shift.
fn character(ch: char, mods: Mods, flags: u8, out: &mut Vec<u8>) -> bool {
    let small = small(ch);
    let (base, mods) = match small {
        Some(small) => (small, mods.with(Mods::SHIFT)),
        None => (ch, mods),
    };
    let types = mods.without(Mods::SHIFT).is_empty();
    if types && flags & ALL == 0 {
        push_char(ch, out);
        return true;
    }
    let shifted = (flags & ALTERNATES != 0 && small.is_some()).then_some(ch);
    let text = (flags & TEXT != 0 && flags & ALL != 0 && types).then_some(ch);
    unicode(base.into(), shifted, mods, text, out);
    true
}

/// The small letter of a capital, if it is one character.
fn small(ch: char) -> Option<char> {
    let mut small = ch.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) if one != ch => Some(one),
        _ => None,
    }
}

/// `CSI code:shifted ; modifiers ; text u`, without what is not needed.
fn unicode(code: u32, shifted: Option<char>, mods: Mods, text: Option<char>, out: &mut Vec<u8>) {
    let mut sequence = format!("\x1b[{code}");
    if let Some(shifted) = shifted {
        sequence.push_str(&format!(":{}", u32::from(shifted)));
    }
    match (mods.is_empty(), text) {
        (true, None) => {}
        (false, None) => sequence.push_str(&format!(";{}", mods.xterm())),
        (true, Some(text)) => sequence.push_str(&format!(";;{}", u32::from(text))),
        (false, Some(text)) => {
            sequence.push_str(&format!(";{};{}", mods.xterm(), u32::from(text)));
        }
    }
    sequence.push('u');
    out.extend_from_slice(sequence.as_bytes());
}

fn function(number: u8, mods: Mods, out: &mut Vec<u8>) {
    match number {
        1 | 2 | 4 => letter(b'O' + number, mods, out),
        // Not R: that would be a cursor position.
        3 => tilde(13, mods, out),
        5 => tilde(15, mods, out),
        6..=10 => tilde(number + 11, mods, out),
        11..=12 => tilde(number + 12, mods, out),
        13..=35 => unicode(57_363 + u32::from(number), None, mods, None, out),
        _ => {}
    }
}

fn keypad(key: Keypad, mods: Mods, flags: u8, out: &mut Vec<u8>) -> bool {
    let (code, text) = match key {
        Keypad::Digit(n @ 0..=9) => (57_399 + u32::from(n), Some(char::from(b'0' + n))),
        Keypad::Digit(_) => return true,
        Keypad::Period => (57_409, Some('.')),
        Keypad::Slash => (57_410, Some('/')),
        Keypad::Star => (57_411, Some('*')),
        Keypad::Minus => (57_412, Some('-')),
        Keypad::Plus => (57_413, Some('+')),
        Keypad::Enter => (57_414, None),
    };
    match text {
        Some(ch) if mods.is_empty() && flags & ALL == 0 => push_char(ch, out),
        _ => {
            let tells = flags & TEXT != 0 && flags & ALL != 0 && mods.is_empty();
            unicode(code, None, mods, text.filter(|_| tells), out);
        }
    }
    true
}
