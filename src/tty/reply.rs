//! Answers of a client's terminal: device attributes, modes, colours, version,
//! clipboard. Reading them is all: what was asked, and what an answer changes,
//! is decided elsewhere. No answer is ever typed.

use crate::base::{Label, Size, base64};

use super::csi::Params;

/// A red, green, blue triple as a terminal reports it.
pub type Rgb = (u8, u8, u8);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// DA1 (`CSI ? … c`): the class, then extensions.
    PrimaryAttributes(Vec<u32>),
    /// DA2 (`CSI > … c`): type, version, cartridge.
    SecondaryAttributes(Vec<u32>),
    /// DA3 (`DCS ! |`): the unit id.
    TertiaryAttributes(Label),
    /// DSR (`CSI 0 n`): in order.
    Status,
    /// CPR and DECXCPR, from 0.
    CursorPosition {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// DECRPM (`CSI ? mode ; state $ y`): 0 unknown, 1 set, 2 reset, 3 and 4
    /// the same for good.
    Mode {
        /// The mode's number.
        mode: u16,
        /// Whether it is a DEC mode.
        private: bool,
        /// Its state, 0 to 4.
        state: u8,
    },
    /// OSC 10.
    Foreground(Rgb),
    /// OSC 11.
    Background(Rgb),
    /// OSC 12.
    CursorColor(Rgb),
    /// OSC 4.
    Palette(u8, Rgb),
    /// XTVERSION (`DCS > |`).
    Version(Label),
    /// XTGETTCAP (`DCS 0|1 + r name …`): whether the terminal has a capability of
    /// that terminfo name.
    Capability {
        /// Its name.
        name: Label,
        /// Whether it is there.
        known: bool,
    },
    /// The kitty keyboard protocol's flags (`CSI ? flags u`).
    KittyFlags(u8),
    /// OSC 52: what the clipboard holds, decoded.
    Clipboard(Vec<u8>),
    /// `CSI ? 997 ; 1|2 n`: whether the colour scheme is dark.
    ColorScheme {
        /// Dark rather than light.
        dark: bool,
    },
    /// Text area in cells (`CSI 8 ; rows ; columns t`, in-band resize 2048).
    TextArea(Size),
    /// Cell size in pixels (`CSI 6 ; height ; width t`).
    CellPixels {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// Something else that was plainly an answer.
    Other,
}

/// What introduced a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StringKind {
    /// `ESC ]`.
    Osc,
    /// `ESC P`.
    Dcs,
    /// `ESC _`.
    Apc,
}

impl StringKind {
    /// The kind by the byte after ESC.
    pub(super) const fn of(byte: u8) -> Self {
        match byte {
            b'P' => Self::Dcs,
            b'_' => Self::Apc,
            _ => Self::Osc,
        }
    }

    /// Whether an answer may begin with this byte after the introducer: a number
    /// or one of XTWINOPS's letters (OSC), a number or `>`, `!` (DCS), a `G`
    /// (kitty graphics).
    pub(super) const fn may_begin(self, byte: u8) -> bool {
        match self {
            Self::Osc => matches!(byte, b'0'..=b'9' | b'l' | b'L' | b'I'),
            Self::Dcs => matches!(byte, b'0'..=b'9' | b'>' | b'!' | b'$' | b'+'),
            Self::Apc => byte == b'G',
        }
    }

    /// The character after ESC.
    pub(super) const fn introducer(self) -> char {
        match self {
            Self::Osc => ']',
            Self::Dcs => 'P',
            Self::Apc => '_',
        }
    }
}

/// The answer in a control sequence, if it is one.
pub(super) fn of_csi(params: &Params, last: u8) -> Option<Reply> {
    let first = params.get(0);
    let place = |at| u16::try_from(params.get(at).saturating_sub(1)).ok();
    Some(match (params.prefix, params.intermediate, last) {
        (b'?', 0, b'c') => Reply::PrimaryAttributes(params.values().to_vec()),
        (b'>', 0, b'c') => Reply::SecondaryAttributes(params.values().to_vec()),
        (b'?', 0, b'u') => Reply::KittyFlags(u8::try_from(first).ok()?),
        (b'?', 0, b'n') if first == 997 => Reply::ColorScheme {
            dark: params.get(1) == 1,
        },
        (0, 0, b'n') if first == 0 => Reply::Status,
        (0 | b'?', 0, b'R') => Reply::CursorPosition {
            x: place(1)?,
            y: place(0)?,
        },
        (prefix @ (0 | b'?'), b'$', b'y') => Reply::Mode {
            mode: u16::try_from(first).ok()?,
            private: prefix == b'?',
            state: u8::try_from(params.get(1)).ok()?,
        },
        (0, 0, b't') => match first {
            8 => Reply::TextArea(Size::checked(params.get(2), params.get(1))?),
            48 => Reply::TextArea(Size::checked(params.get(2), params.get(1))?),
            6 => Reply::CellPixels {
                width: u16::try_from(params.get(2)).ok()?,
                height: u16::try_from(params.get(1)).ok()?,
            },
            _ => Reply::Other,
        },
        (b'?', _, b'S') | (b'>', _, b'm') | (b'?' | b'>', 0, b'n') => Reply::Other,
        _ => return None,
    })
}

/// The answer in a string; an unknown one is swallowed.
pub(super) fn of_string(kind: StringKind, body: &[u8]) -> Option<Reply> {
    match kind {
        StringKind::Osc => of_osc(body),
        StringKind::Dcs => Some(of_dcs(body)),
        StringKind::Apc => Some(Reply::Other),
    }
}

fn of_dcs(body: &[u8]) -> Reply {
    if let Some(version) = body.strip_prefix(b">|") {
        Reply::Version(Label::from_bytes(version))
    } else if let Some(id) = body.strip_prefix(b"!|") {
        Reply::TertiaryAttributes(Label::from_bytes(id))
    } else {
        capability(body).unwrap_or(Reply::Other)
    }
}

/// `1 + r 524742=…` or `0 + r 524742`: names are hexadecimal.
fn capability(body: &[u8]) -> Option<Reply> {
    let (known, rest) = match body {
        [b'1', b'+', b'r', rest @ ..] => (true, rest),
        [b'0', b'+', b'r', rest @ ..] => (false, rest),
        _ => return None,
    };
    let name = rest.split(|b| matches!(b, b'=' | b';')).next()?;
    let digits = std::str::from_utf8(name)
        .ok()
        .filter(|hex| hex.is_ascii())?;
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok())
        .collect();
    Some(Reply::Capability {
        name: Label::from_bytes(&bytes?),
        known: known && digits.len() >= 2,
    })
}

fn of_osc(body: &[u8]) -> Option<Reply> {
    let mut parts = body.splitn(2, |b| *b == b';');
    let number = parts.next()?;
    let rest = parts.next().unwrap_or_default();
    match number {
        b"10" => color(rest).map(Reply::Foreground),
        b"11" => color(rest).map(Reply::Background),
        b"12" => color(rest).map(Reply::CursorColor),
        b"4" => {
            let (index, spec) = split(rest)?;
            let index = std::str::from_utf8(index).ok()?.parse().ok()?;
            Some(Reply::Palette(index, color(spec)?))
        }
        b"52" => {
            let (_, text) = split(rest)?;
            Some(Reply::Clipboard(base64::decode(text)?))
        }
        _ => None,
    }
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|b| *b == b';')?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// XParseColor's `rgb:r/g/b`, `rgba:r/g/b/a` (1 to 4 hexadecimal digits each)
/// and `#rrggbb`.
fn color(spec: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(spec).ok()?;
    if let Some(hex) = text.strip_prefix('#') {
        let value = u32::from_str_radix(hex, 16).ok()?;
        return (hex.len() == 6).then_some(((value >> 16) as u8, (value >> 8) as u8, value as u8));
    }
    let parts = text
        .strip_prefix("rgb:")
        .or_else(|| text.strip_prefix("rgba:"))?;
    let mut channels = parts.split('/').map(|hex| {
        let most = 16u32.checked_pow(u32::try_from(hex.len()).ok()?)? - 1;
        let value = u32::from_str_radix(hex, 16).ok()?;
        (1..=4)
            .contains(&hex.len())
            .then(|| (value * 255 / most.max(1)) as u8)
    });
    Some((channels.next()??, channels.next()??, channels.next()??))
}
