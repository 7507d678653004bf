//! Mouse reports (xterm ctlseqs, "Mouse Tracking"): X10 and UTF-8 `CSI M`, SGR
//! `CSI <`, urxvt. Clicks are not counted here and drags not ended; that takes
//! places and time, which this room does not know.

use crate::base::{Mods, MouseAction, MouseEvent};

/// A report before the meaning of its button number is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The button code, without the offset of 32.
    pub(super) code: u16,
    /// Column, from 1.
    pub(super) x: u16,
    /// Row, from 1.
    pub(super) y: u16,
    /// What SGR says with its final: pressed (or moved) or released.
    pub(super) release: Option<bool>,
}

/// Reads the three values after `CSI M`; nothing while bytes are missing.
pub(super) fn x10(bytes: &[u8], utf8: bool) -> Option<Report> {
    let mut values = [0u16; 3];
    let mut rest = bytes;
    for value in &mut values {
        let (&first, tail) = rest.split_first()?;
        rest = tail;
        *value = u16::from(first);
        if utf8 && first & 0xe0 == 0xc0 {
            let (&second, tail) = rest.split_first()?;
            rest = tail;
            *value = u16::from(first & 0x1f) << 6 | u16::from(second & 0x3f);
        }
    }
    Some(Report {
        code: values[0].wrapping_sub(32),
        x: values[1].saturating_sub(32),
        y: values[2].saturating_sub(32),
        release: None,
    })
}

/// Remembers the button held: all encodings but SGR do not say which one was
/// released.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Buttons {
    held: Option<u8>,
}

impl Buttons {
    /// The event of a report; nothing for one outside the screen or of no use.
    pub(super) fn event(&mut self, report: Report) -> Option<MouseEvent> {
        let Report { code, x, y, .. } = report;
        if code > 0xff || x == 0 || y == 0 {
            return None;
        }
        Some(MouseEvent {
            action: self.action(code, report.release)?,
            x: x - 1,
            y: y - 1,
            mods: mods(code),
        })
    }

    fn action(&mut self, code: u16, release: Option<bool>) -> Option<MouseAction> {
        let moved = code & 32 != 0;
        // Two low bits, then 64 (wheel) and 128 (extra buttons): 0 to 15.
        let number = (code & 3 | (code & 0xc0) >> 4) as u8;
        let button = match number {
            0..=2 => number + 1,
            3 if moved => return Some(MouseAction::Move),
            3 => return self.held.take().map(MouseAction::Up),
            4 | 5 if moved || release == Some(true) => return None,
            4 => return Some(MouseAction::WheelUp),
            5 => return Some(MouseAction::WheelDown),
            6..=11 => number,
            _ => return None,
        };
        if moved {
            self.held = Some(button);
            return Some(MouseAction::Drag(button));
        }
        if release == Some(true) {
            self.held = None;
            return Some(MouseAction::Up(button));
        }
        self.held = Some(button);
        Some(MouseAction::Down(button))
    }
}

fn mods(code: u16) -> Mods {
    [(4, Mods::SHIFT), (8, Mods::META), (16, Mods::CTRL)]
        .into_iter()
        .filter(|(bit, _)| code & bit != 0)
        .fold(Mods::NONE, |all, (_, one)| all.with(one))
}
