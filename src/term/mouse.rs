//! What a program in a pane is sent for the mouse (xterm ctlseqs, "Mouse
//! Tracking"; urxvt's 1015). Only what the program asked for is reported.

use crate::base::{Mods, MouseAction, MouseEvent};

use super::Terminal;
use super::keys::cursor;
use super::modes::{Modes, MouseEncoding, MouseMode};

const RELEASE: u16 = 3;
const MOTION: u16 = 32;

/// Cursor keys sent for one step of the wheel (mode 1007).
const WHEEL_LINES: usize = 3;

impl Terminal {
    /// Appends what the program asked to be sent for an event at a cell of the
    /// pane: a report, cursor keys for the wheel (mode 1007), or nothing.
    pub fn encode_mouse(&self, event: &MouseEvent, out: &mut Vec<u8>) {
        let modes = &self.modes;
        if modes.mouse != MouseMode::Off {
            encode_mouse(event, modes, self.config.cell, out);
        } else if modes.alternate && modes.alternate_scroll {
            let last = match event.action {
                MouseAction::WheelUp => b'A',
                MouseAction::WheelDown => b'B',
                _ => return,
            };
            for _ in 0..WHEEL_LINES {
                cursor(last, Mods::NONE, modes, out);
            }
        }
    }
}

/// Appends the report of an event at a cell of the pane, or nothing when the
/// mode does not ask for it or the encoding cannot say it. `cell` is the size of
/// a cell in pixels: where pixels are asked for, those in its middle are told.
///
/// Actions worked out from several reports count as the report they came with:
/// the end of a drag is a release, a second or third click a press; a double
/// click, which is known only after a wait, is none.
pub fn encode_mouse(event: &MouseEvent, modes: &Modes, cell: (u16, u16), out: &mut Vec<u8>) {
    let Some((button, release)) = wanted(event, modes.mouse) else {
        return;
    };
    let (x, y) = (u32::from(event.x) + 1, u32::from(event.y) + 1);
    let legacy = if release {
        button & !0b1100_0011 | RELEASE
    } else {
        button
    };
    match modes.mouse_encoding {
        MouseEncoding::X10 => {
            let bytes = [u32::from(legacy), x, y].map(|n| u8::try_from(n + 32));
            if let [Ok(b), Ok(x), Ok(y)] = bytes {
                out.extend_from_slice(&[0x1b, b'[', b'M', b, x, y]);
            }
        }
        MouseEncoding::Utf8 => {
            let chars = [u32::from(legacy), x, y].map(|n| n + 32);
            if chars.iter().all(|n| *n < 0x800) {
                out.extend_from_slice(b"\x1b[M");
                for ch in chars.into_iter().filter_map(char::from_u32) {
                    out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        MouseEncoding::Sgr | MouseEncoding::SgrPixels => {
            let middle =
                |at: u16, side: u16| u32::from(at) * u32::from(side) + u32::from(side) / 2 + 1;
            let (x, y) = match modes.mouse_encoding {
                MouseEncoding::SgrPixels => (middle(event.x, cell.0), middle(event.y, cell.1)),
                _ => (x, y),
            };
            let last = if release { 'm' } else { 'M' };
            out.extend_from_slice(format!("\x1b[<{button};{x};{y}{last}").as_bytes());
        }
        MouseEncoding::Urxvt => {
            let button = legacy + 32;
            out.extend_from_slice(format!("\x1b[{button};{x};{y}M").as_bytes());
        }
    }
}

/// The button's code and whether it is released, if the mode reports it.
fn wanted(event: &MouseEvent, mode: MouseMode) -> Option<(u16, bool)> {
    use MouseAction as A;
    let (code, release, least) = match event.action {
        A::Down(n) | A::SecondClick(n) | A::TripleClick(n) => {
            (button(n)?, false, MouseMode::Normal)
        }
        A::Up(n) | A::DragEnd(n) => (button(n)?, true, MouseMode::Normal),
        A::WheelUp => (64, false, MouseMode::Normal),
        A::WheelDown => (65, false, MouseMode::Normal),
        A::Drag(n) => (button(n)? + MOTION, false, MouseMode::Button),
        A::Move => (RELEASE + MOTION, false, MouseMode::Any),
        A::DoubleClick(_) => return None,
    };
    match mode {
        MouseMode::Off => None,
        // Presses of the first three buttons alone, without modifiers.
        MouseMode::X10 => (code < 3 && !release).then_some((code, false)),
        MouseMode::Normal | MouseMode::Button | MouseMode::Any => {
            (rank(mode) >= rank(least)).then_some((code + mods(event.mods), release))
        }
    }
}

fn rank(mode: MouseMode) -> u8 {
    match mode {
        MouseMode::Off => 0,
        MouseMode::X10 => 1,
        MouseMode::Normal => 2,
        MouseMode::Button => 3,
        MouseMode::Any => 4,
    }
}

fn button(number: u8) -> Option<u16> {
    match number {
        1..=3 => Some(u16::from(number) - 1),
        4..=7 => Some(u16::from(number) - 4 + 64),
        8..=11 => Some(u16::from(number) - 8 + 128),
        _ => None,
    }
}

fn mods(mods: Mods) -> u16 {
    [(Mods::SHIFT, 4), (Mods::META, 8), (Mods::CTRL, 16)]
        .into_iter()
        .filter(|(held, _)| mods.has(*held))
        .map(|(_, bit)| bit)
        .sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn report(action: MouseAction, at: (u16, u16), mods: Mods, modes: &Modes) -> Vec<u8> {
        let mut out = Vec::new();
        let (x, y) = at;
        encode_mouse(&MouseEvent { action, x, y, mods }, modes, (8, 16), &mut out);
        out
    }

    fn modes(mouse: MouseMode, mouse_encoding: MouseEncoding) -> Modes {
        Modes {
            mouse,
            mouse_encoding,
            ..Modes::default()
        }
    }

    #[test]
    fn mouse_reports_only_what_the_mode_asks_for() {
        use MouseAction::{Down, Drag, Move, Up, WheelUp};
        use MouseMode::{Any, Button, Normal, Off, X10};
        for (mode, wanted) in [
            (Off, [false; 5]),
            (X10, [true, false, false, false, false]),
            (Normal, [true, true, true, false, false]),
            (Button, [true, true, true, true, false]),
            (Any, [true; 5]),
        ] {
            let modes = modes(mode, MouseEncoding::Sgr);
            let got = [Down(1), Up(1), WheelUp, Drag(1), Move]
                .map(|action| !report(action, (0, 0), Mods::NONE, &modes).is_empty());
            assert_eq!(got, wanted, "{mode:?}");
        }
    }

    #[test]
    fn mouse_is_written_in_each_encoding() {
        use MouseAction::{Down, Drag, Move, Up, WheelDown};
        use MouseEncoding::{Sgr, SgrPixels, Urxvt, Utf8, X10};
        for (encoding, action, at, mods, want) in [
            (X10, Down(1), (0, 0), Mods::NONE, &b"\x1b[M !!"[..]),
            (X10, Up(3), (4, 5), Mods::CTRL, b"\x1b[M3%&"),
            (X10, Down(1), (222, 0), Mods::NONE, b"\x1b[M \xff!"),
            (X10, Down(1), (223, 0), Mods::NONE, b""),
            (Utf8, Down(2), (223, 0), Mods::NONE, b"\x1b[M!\xc4\x80!"),
            (Utf8, Down(2), (2014, 0), Mods::NONE, b"\x1b[M!\xdf\xbf!"),
            (Utf8, Down(2), (2015, 0), Mods::NONE, b""),
            (Sgr, Up(3), (299, 9), Mods::SHIFT, b"\x1b[<6;300;10m"),
            (Sgr, WheelDown, (0, 1), Mods::META, b"\x1b[<73;1;2M"),
            (Sgr, Drag(1), (0, 0), Mods::NONE, b"\x1b[<32;1;1M"),
            (Sgr, Move, (0, 0), Mods::NONE, b"\x1b[<35;1;1M"),
            (Sgr, Down(8), (0, 0), Mods::NONE, b"\x1b[<128;1;1M"),
            (SgrPixels, Down(1), (0, 0), Mods::NONE, b"\x1b[<0;5;9M"),
            (SgrPixels, Up(1), (9, 2), Mods::NONE, b"\x1b[<0;77;41m"),
            (Urxvt, Up(1), (9, 9), Mods::NONE, b"\x1b[35;10;10M"),
        ] {
            let modes = modes(MouseMode::Any, encoding);
            let got = report(action, at, mods, &modes);
            assert_eq!(got, want, "{encoding:?} {action:?}");
        }
    }
}
