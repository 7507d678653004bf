//! What control sequences from a terminal mean: keys of xterm, rxvt, the Linux
//! console, PuTTY, screen and tmux (xterm ctlseqs, "PC-Style Function Keys"),
//! of modifyOtherKeys and of the kitty protocol. It holds no state.

use crate::base::key::Keypad;
use crate::base::{Key, KeyAction, KeyCode, Keystroke, Mods};

use super::mouse::Report;
use super::reply::{self, Reply};

const MAX_PARAMS: usize = 16;

/// A whole control sequence, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    Key(Key, Keystroke),
    Report(KeyCode),
    Mouse(Report),
    Reply(Reply),
    PasteStart,
    Unknown,
}

/// The numbers between `CSI` and the final byte. Missing ones are 0, further
/// ones than fit are dropped, too large ones are held at `u32::MAX`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Params {
    /// One of `< = > ?` in front, or 0.
    pub(super) prefix: u8,
    /// The last intermediate byte, or 0.
    pub(super) intermediate: u8,
    values: [u32; MAX_PARAMS],
    /// The first sub-parameter of each (after a colon).
    subs: [u32; MAX_PARAMS],
    count: usize,
}

impl Params {
    /// Reads what came between the introducer and the final byte.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut params = Self::default();
        let mut rest = bytes;
        if let Some((&first @ b'<'..=b'?', tail)) = bytes.split_first() {
            params.prefix = first;
            rest = tail;
        }
        if !rest.is_empty() {
            params.count = 1;
        }
        // Which sub-parameter is being read: 0 the value itself.
        let mut part = 0u8;
        for &byte in rest {
            let at = params.count - 1;
            match byte {
                b'0'..=b'9' if at < MAX_PARAMS && part < 2 => {
                    let slot = if part == 0 {
                        &mut params.values[at]
                    } else {
                        &mut params.subs[at]
                    };
                    *slot = slot
                        .saturating_mul(10)
                        .saturating_add(u32::from(byte - b'0'));
                }
                b';' => {
                    params.count += 1;
                    part = 0;
                }
                b':' => part = part.saturating_add(1),
                0x20..=0x2f => params.intermediate = byte,
                _ => {}
            }
        }
        params.count = params.count.min(MAX_PARAMS);
        params
    }

    /// The values given.
    pub(super) fn values(&self) -> &[u32] {
        &self.values[..self.count]
    }

    /// The value at `at`, 0 where it is missing.
    pub(super) fn get(&self, at: usize) -> u32 {
        self.values().get(at).copied().unwrap_or(0)
    }

    fn sub(&self, at: usize) -> u32 {
        self.subs[..self.count].get(at).copied().unwrap_or(0)
    }

    /// The modifiers in the parameter at `at`.
    fn mods(&self, at: usize) -> Mods {
        let bits = self.get(at).saturating_sub(1);
        // xterm's Meta is 8 where kitty has Super: as in tmux either is Meta, so
        // that a shortcut is not typed as text. Kitty's own Meta is 32; hyper
        // and locks are nothing.
        let meta = if bits & (8 | 32) != 0 {
            Mods::META
        } else {
            Mods::NONE
        };
        Mods::from_xterm((bits & 7) as u16 + 1).with(meta)
    }

    /// What the kitty protocol tells beside the key, in a sequence that ends in
    /// `last`.
    fn stroke(&self, last: u8) -> Keystroke {
        let bits = self.get(1).saturating_sub(1);
        let shifted = last == b'u' && self.sub(0) != 0;
        Keystroke {
            action: match self.sub(1) {
                2 => KeyAction::Repeat,
                3 => KeyAction::Release,
                _ => KeyAction::Press,
            },
            held: u8::try_from(bits).ok().filter(|bits| *bits > 7),
            base: char::from_u32(self.get(0)).filter(|ch| shifted && !ch.is_control()),
        }
    }
}

/// Whether the bytes so far are one number that rxvt ends in `$` (a shifted
/// key); a mode report with `$ y` has two.
pub(super) fn is_rxvt_number(seq: &[u8]) -> bool {
    matches!(seq, [b'0'..=b'9'] | [b'0'..=b'9', b'0'..=b'9'])
}

/// The meaning of `CSI seq last`.
pub(super) fn read(seq: &[u8], last: u8) -> Sequence {
    let params = Params::read(seq);
    let found = match (params.prefix, last) {
        (b'<', b'M' | b'm') => sgr_mouse(&params, last),
        (0, b'M') if params.count >= 3 => urxvt_mouse(&params),
        (0, b'I') if seq.is_empty() => Some(Sequence::Report(KeyCode::FocusIn)),
        (0, b'O') if seq.is_empty() => Some(Sequence::Report(KeyCode::FocusOut)),
        (0, b'~') if params.get(0) == 200 => Some(Sequence::PasteStart),
        (0, b'~') if params.get(0) == 201 => Some(Sequence::Report(KeyCode::PasteEnd)),
        (0, _) if params.intermediate == 0 || last == b'$' => {
            let stroke = params.stroke(last);
            key(&params, last).map(|key| Sequence::Key(key, stroke))
        }
        _ => None,
    };
    found
        .or_else(|| reply::of_csi(&params, last).map(Sequence::Reply))
        .unwrap_or(Sequence::Unknown)
}

fn sgr_mouse(params: &Params, last: u8) -> Option<Sequence> {
    Some(Sequence::Mouse(Report {
        code: u16::try_from(params.get(0)).ok()?,
        x: u16::try_from(params.get(1)).ok()?,
        y: u16::try_from(params.get(2)).ok()?,
        release: Some(last == b'm'),
    }))
}

fn urxvt_mouse(params: &Params) -> Option<Sequence> {
    Some(Sequence::Mouse(Report {
        code: u16::try_from(params.get(0).checked_sub(32)?).ok()?,
        x: u16::try_from(params.get(1)).ok()?,
        y: u16::try_from(params.get(2)).ok()?,
        release: None,
    }))
}

fn key(params: &Params, last: u8) -> Option<Key> {
    let first = params.get(0);
    match last {
        b'~' if first == 27 && params.count >= 3 => of_code(params.get(2), 0, params.mods(1)),
        // rxvt's function keys with shift; it has none beyond F12.
        b'~' if params.count == 1 && (25..=34).contains(&first) => {
            Some(Key::from(shifted_function(first)?).with(Mods::SHIFT))
        }
        b'~' => Some(with_mods(numbered(first)?, params.mods(1))),
        // A key that made text, or text without a key (kitty, "Text as code
        // points"): what it is by the keyboard's own rules.
        b'u' if params.get(2) != 0 && !types_otherwise(params) => {
            let text = char::from_u32(params.get(2)).filter(|ch| !ch.is_control())?;
            Some(Key::char(text))
        }
        b'u' if params.count > 0 => of_code(first, params.sub(0), params.mods(1)),
        // rxvt: shift, control, both.
        b'$' => Some(Key::from(numbered(first)?).with(Mods::SHIFT)),
        b'^' => Some(Key::from(numbered(first)?).with(Mods::CTRL)),
        b'@' => Some(Key::from(numbered(first)?).with(Mods::CTRL.with(Mods::SHIFT))),
        b'a'..=b'd' if params.count == 0 => {
            let code = lettered(last.to_ascii_uppercase())?;
            Some(Key::from(code).with(Mods::SHIFT))
        }
        // `CSI row ; column R` is a cursor position, unless it reads as F3 with
        // modifiers: nobody asks for the position of a client's cursor.
        b'R' if params.count > 0 && !(first == 1 && matches!(params.get(1), 2..=16)) => None,
        // xterm, and what older ones sent: modifiers alone.
        b'A'..=b'Z' => {
            let mods = if params.count == 1 { 0 } else { 1 };
            Some(with_mods(lettered(last)?, params.mods(mods)))
        }
        _ => None,
    }
}

/// Whether a modifier is held that makes something else of text.
fn types_otherwise(params: &Params) -> bool {
    let [alt, control] = [Mods::META, Mods::CTRL];
    let mods = params.mods(1);
    mods.has(alt) || mods.has(control) || (57_344..=63_743).contains(&params.get(0))
}

/// The key of `SS3 params last` (VT100 keypad and function keys; rxvt's
/// control-arrows).
pub(super) fn ss3(params: &Params, last: u8) -> Option<Key> {
    let mods = params.mods(params.count.saturating_sub(1));
    let code = match last {
        b'a'..=b'd' => {
            let code = lettered(last.to_ascii_uppercase())?;
            return Some(Key::from(code).with(mods.with(Mods::CTRL)));
        }
        b' ' => KeyCode::Char(' '),
        b'I' => KeyCode::Tab,
        b'M' => KeyCode::Keypad(Keypad::Enter),
        b'X' => KeyCode::Char('='),
        b'j' => KeyCode::Keypad(Keypad::Star),
        b'k' => KeyCode::Keypad(Keypad::Plus),
        b'l' => KeyCode::Char(','),
        b'm' => KeyCode::Keypad(Keypad::Minus),
        b'n' => KeyCode::Keypad(Keypad::Period),
        b'o' => KeyCode::Keypad(Keypad::Slash),
        b'p'..=b'y' => KeyCode::Keypad(Keypad::Digit(last - b'p')),
        _ => lettered(last)?,
    };
    Some(with_mods(code, mods))
}

fn lettered(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::Keypad(Keypad::Digit(5)),
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // VT220's gaps between the groups of function keys.
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=26 => KeyCode::F((number - 12) as u8),
        28 | 29 => KeyCode::F((number - 13) as u8),
        31..=34 => KeyCode::F((number - 14) as u8),
        _ => return None,
    })
}

/// The function key of which a number is the one with shift.
fn shifted_function(number: u32) -> Option<KeyCode> {
    Some(match number {
        25 | 26 => KeyCode::F((number - 22) as u8),
        28 | 29 => KeyCode::F((number - 23) as u8),
        31..=34 => KeyCode::F((number - 24) as u8),
        _ => return None,
    })
}

fn with_mods(code: KeyCode, mods: Mods) -> Key {
    let mods = match code {
        KeyCode::BackTab => mods.without(Mods::SHIFT),
        _ => mods,
    };
    Key::from(code).with(mods)
}

/// The key of a code point with modifiers (modifyOtherKeys and kitty).
/// `shifted` is what kitty says Shift makes of it, or 0.
fn of_code(code: u32, shifted: u32, mods: Mods) -> Option<Key> {
    let code = match code {
        8 | 127 => KeyCode::Backspace,
        9 if mods.has(Mods::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Escape,
        57_344..=63_743 => functional(code)?,
        _ => return of_char(code, shifted, mods),
    };
    Some(with_mods(code, mods))
}

/// A character; Shift is folded into it as the keyboard would, and as tmux does
/// where nothing else is held.
fn of_char(code: u32, shifted: u32, mods: Mods) -> Option<Key> {
    let ch = char::from_u32(code)?;
    if (1..=26).contains(&code) {
        let letter = char::from(code as u8 - 1 + b'a');
        return Some(Key::ctrl(letter).with(mods));
    }
    if ch.is_control() {
        return None;
    }
    let key = |ch, mods| Some(Key::char(ch).with(mods));
    if !mods.has(Mods::SHIFT) {
        return key(ch, mods);
    }
    let bare = mods.without(Mods::SHIFT);
    let kitty = char::from_u32(shifted).filter(|upper| !upper.is_control());
    if let Some(upper) = kitty.filter(|_| !(mods.has(Mods::CTRL) && ch.is_ascii_alphabetic())) {
        return key(upper, bare);
    }
    let mut upper = ch.to_uppercase();
    match (upper.next(), upper.next()) {
        // With control a letter stays as it was sent.
        (Some(one), None) if ch.is_alphabetic() && !mods.has(Mods::CTRL) => key(one, bare),
        // Shift alone already made what it makes of a key; of a blank it makes none.
        _ if bare.is_empty() && ch != ' ' => key(ch, bare),
        _ => key(ch, mods),
    }
}

/// Kitty's private-use codes ("Functional key definitions"); modifier, lock and
/// media keys are no keys here.
fn functional(code: u32) -> Option<KeyCode> {
    let keypad = |key| Some(KeyCode::Keypad(key));
    match code {
        57_376..=57_387 => Some(KeyCode::F((code - 57_376 + 13) as u8)),
        57_399..=57_408 => keypad(Keypad::Digit((code - 57_399) as u8)),
        57_409 => keypad(Keypad::Period),
        57_410 => keypad(Keypad::Slash),
        57_411 => keypad(Keypad::Star),
        57_412 => keypad(Keypad::Minus),
        57_413 => keypad(Keypad::Plus),
        57_414 => keypad(Keypad::Enter),
        57_415 => Some(KeyCode::Char('=')),
        57_416 => Some(KeyCode::Char(',')),
        57_417 => Some(KeyCode::Left),
        57_418 => Some(KeyCode::Right),
        57_419 => Some(KeyCode::Up),
        57_420 => Some(KeyCode::Down),
        57_421 => Some(KeyCode::PageUp),
        57_422 => Some(KeyCode::PageDown),
        57_423 => Some(KeyCode::Home),
        57_424 => Some(KeyCode::End),
        57_425 => Some(KeyCode::Insert),
        57_426 => Some(KeyCode::Delete),
        57_427 => keypad(Keypad::Digit(5)),
        _ => None,
    }
}
