//! The kitty keyboard protocol on a pane's side (kitty, "Comprehensive keyboard
//! handling in terminals"): each screen's stack of flags, and keys as `CSI u`.
//! What a viewer's terminal does not tell (that a key is held, or let go) is not
//! made up here.

use super::keys::push_char;
use super::parse::Params;
use super::reply::say;
use super::{Output, Terminal};
use crate::base::key::Keypad;
use crate::base::{Key, KeyAction, KeyCode, Keystroke};

/// Escape codes where bytes would be ambiguous.
pub(super) const DISAMBIGUATE: u8 = 1;
/// Repeats, and that keys are let go.
pub(super) const EVENTS: u8 = 2;
/// The character that shift makes, too.
const ALTERNATES: u8 = 4;
/// Every key as an escape code.
pub(super) const ALL: u8 = 8;
/// The text that a key makes, too.
const TEXT: u8 = 16;
/// All five flags.
const KNOWN: u8 = 31;

/// The modifier shift, and the two locks.
const SHIFT: u8 = 1;
const LOCKS: u8 = 64 | 128;

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

/// A key as it is about to be written.
#[derive(Clone, Copy)]
struct Writer {
    flags: u8,
    /// The protocol's modifiers.
    held: u8,
    action: KeyAction,
}

/// Appends what was done to a key as the protocol has it under `flags`; false
/// where the flags leave it as it is without them.
pub(super) fn encode(key: Key, stroke: Keystroke, flags: u8, out: &mut Vec<u8>) -> bool {
    let released = stroke.action == KeyAction::Release;
    let writer = Writer {
        flags,
        held: stroke.held.unwrap_or_else(|| key.mods.xterm() - 1),
        action: match flags & EVENTS {
            0 if released => return true,
            0 => KeyAction::Press,
            _ => stroke.action,
        },
    };
    let pressed = writer.action == KeyAction::Press;
    if flags & (DISAMBIGUATE | ALL) == 0 && (pressed || !is_always_told(key.code)) {
        return released;
    }
    match key.code {
        KeyCode::Char(ch) => writer.character(ch, stroke.base, out),
        KeyCode::Keypad(key) => writer.keypad(key, out),
        // These three stay as they are, so that a shell can be used after a
        // program that ended without popping its flags; that they are let go is
        // not told either.
        KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace
            if flags & ALL == 0 && (released || writer.held & !LOCKS == 0) =>
        {
            return released;
        }
        KeyCode::Escape => writer.unicode(27, None, None, out),
        KeyCode::Enter => writer.unicode(13, None, None, out),
        KeyCode::Tab => writer.unicode(9, None, None, out),
        KeyCode::BackTab => writer.with_shift().unicode(9, None, None, out),
        KeyCode::Backspace => writer.unicode(127, None, None, out),
        KeyCode::Up => writer.letter(b'A', out),
        KeyCode::Down => writer.letter(b'B', out),
        KeyCode::Right => writer.letter(b'C', out),
        KeyCode::Left => writer.letter(b'D', out),
        KeyCode::Home => writer.letter(b'H', out),
        KeyCode::End => writer.letter(b'F', out),
        KeyCode::Insert => writer.tilde(2, out),
        KeyCode::Delete => writer.tilde(3, out),
        KeyCode::PageUp => writer.tilde(5, out),
        KeyCode::PageDown => writer.tilde(6, out),
        KeyCode::F(n) => writer.function(n, out),
        KeyCode::Mouse(_)
        | KeyCode::User(_)
        | KeyCode::Any
        | KeyCode::None
        | KeyCode::FocusIn
        | KeyCode::PasteStart
        | KeyCode::PasteEnd
        | KeyCode::FocusOut => return false,
    }
    true
}

/// Whether a key has a sequence with room for what happens to it, also where
/// none is told apart.
const fn is_always_told(code: KeyCode) -> bool {
    matches!(
        code,
        KeyCode::Up
            | KeyCode::Down
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::Home
            | KeyCode::End
            | KeyCode::Insert
            | KeyCode::Delete
            | KeyCode::PageUp
            | KeyCode::PageDown
            | KeyCode::F(_)
    )
}

/// The small letter of a capital, if it is one character.
fn small(ch: char) -> Option<char> {
    let mut small = ch.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) if one != ch => Some(one),
        _ => None,
    }
}

impl Writer {
    const fn with_shift(self) -> Self {
        Self {
            held: self.held | SHIFT,
            ..self
        }
    }

    /// Whether the key types text: nothing but shift and locks is held.
    const fn types(self) -> bool {
        self.held & !(SHIFT | LOCKS) == 0
    }

    /// A key that makes text. A capital is its small letter with shift.
    fn character(self, ch: char, base: Option<char>, out: &mut Vec<u8>) {
        let base = base.filter(|base| *base != ch);
        let (code, writer) = match base.or_else(|| small(ch)) {
            Some(code) => (code, self.with_shift()),
            None => (ch, self),
        };
        if self.types() && self.flags & ALL == 0 {
            if self.action != KeyAction::Release {
                push_char(ch, out);
            }
            return;
        }
        let shifted = (self.flags & ALTERNATES != 0 && code != ch).then_some(ch);
        writer.unicode(code.into(), shifted, Some(ch), out);
    }

    /// `CSI code:shifted ; modifiers:action ; text u`, without what is not needed
    /// or not asked for.
    fn unicode(self, code: u32, shifted: Option<char>, text: Option<char>, out: &mut Vec<u8>) {
        let mut sequence = format!("\x1b[{code}");
        if let Some(shifted) = shifted {
            sequence.push_str(&format!(":{}", u32::from(shifted)));
        }
        let tells = self.flags & TEXT != 0 && self.flags & ALL != 0;
        let text = text
            .filter(|_| tells && self.types() && self.action != KeyAction::Release)
            .map(|text| format!(";{}", u32::from(text)));
        match (self.field(), text) {
            (None, None) => {}
            (field, text) => {
                let (field, text) = (field.unwrap_or_default(), text.unwrap_or_default());
                sequence.push_str(&format!(";{field}{text}"));
            }
        }
        sequence.push('u');
        out.extend_from_slice(sequence.as_bytes());
    }

    /// The modifiers and what happened; nothing for a press without any.
    fn field(self) -> Option<String> {
        let mods = u16::from(self.held) + 1;
        match self.action {
            KeyAction::Press if self.held == 0 => None,
            KeyAction::Press => Some(format!("{mods}")),
            KeyAction::Repeat => Some(format!("{mods}:2")),
            KeyAction::Release => Some(format!("{mods}:3")),
        }
    }

    fn letter(self, last: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[");
        if let Some(field) = self.field() {
            out.extend_from_slice(format!("1;{field}").as_bytes());
        }
        out.push(last);
    }

    fn tilde(self, number: u8, out: &mut Vec<u8>) {
        let field = self.field().map(|field| format!(";{field}"));
        let field = field.unwrap_or_default();
        out.extend_from_slice(format!("\x1b[{number}{field}~").as_bytes());
    }

    fn function(self, number: u8, out: &mut Vec<u8>) {
        match number {
            1 | 2 | 4 => self.letter(b'O' + number, out),
            // Not R: that would be a cursor position.
            3 => self.tilde(13, out),
            5 => self.tilde(15, out),
            6..=10 => self.tilde(number + 11, out),
            11..=12 => self.tilde(number + 12, out),
            13..=35 => self.unicode(57_363 + u32::from(number), None, None, out),
            _ => {}
        }
    }

    fn keypad(self, key: Keypad, out: &mut Vec<u8>) {
        let (code, text) = match key {
            Keypad::Digit(n @ 0..=9) => (57_399 + u32::from(n), Some(char::from(b'0' + n))),
            Keypad::Digit(_) => return,
            Keypad::Period => (57_409, Some('.')),
            Keypad::Slash => (57_410, Some('/')),
            Keypad::Star => (57_411, Some('*')),
            Keypad::Minus => (57_412, Some('-')),
            Keypad::Plus => (57_413, Some('+')),
            Keypad::Enter => (57_414, None),
        };
        match text {
            Some(ch) if self.held & !LOCKS == 0 && self.flags & ALL == 0 => {
                if self.action != KeyAction::Release {
                    push_char(ch, out);
                }
            }
            _ => self.unicode(code, None, text, out),
        }
    }
}
