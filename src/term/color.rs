//! Colours that a program gives its terminal and asks back (xterm ctlseqs: OSC
//! 4, 5, 10 to 19 and their resets): remembered, reported, and shown where the
//! viewer's terminal can. It never asks a viewer's terminal: what the engine has
//! not told is answered as a dark terminal would.

use super::osc::{end, number_of};
use super::reply::{color, say};
use super::{Output, Rgb, Terminal, xcolor};
use crate::base::palette::palette;

/// Entries of the palette; xterm counts its special colours after them.
const PALETTE: u16 = 256;
/// The background where none is known.
const BACKGROUND: Rgb = (0, 0, 0);
/// The entry that text has where no foreground is known.
const FOREGROUND: u8 = 7;

impl Terminal {
    /// OSC 4 and 5: pairs of number and colour or `?`. OSC 4 counts the special
    /// colours from 256 on, OSC 5 from 0.
    pub(super) fn palette(&mut self, osc: u16, text: &[u8], st: bool, out: &mut Output) {
        let offset = if osc == 5 { PALETTE } else { 0 };
        let mut fields = text.split(|b| *b == b';');
        while let (Some(number), Some(value)) = (fields.next(), fields.next()) {
            let Some(number) = number_of(number) else {
                continue;
            };
            let index = number.saturating_add(offset);
            let Some(now) = self.palette_color(index) else {
                continue;
            };
            if value == b"?" {
                let text = color(now);
                say(out, format_args!("\x1b]{osc};{number};{text}{}", end(st)));
            } else if let Some(rgb) = xcolor::parse(value) {
                self.set_palette_color(index, Some(rgb));
                self.touch_all();
            }
        }
    }

    /// The colour of a number as OSC 4 counts.
    fn palette_color(&self, index: u16) -> Option<Rgb> {
        if let Ok(index) = u8::try_from(index) {
            let known = self.colors.palette.get(&index).copied();
            return Some(known.unwrap_or_else(|| palette(index)));
        }
        let special = self.colors.special.get(usize::from(index - PALETTE))?;
        Some(special.unwrap_or_else(|| self.dynamic_color(10)))
    }

    fn set_palette_color(&mut self, index: u16, rgb: Option<Rgb>) {
        if let Ok(index) = u8::try_from(index) {
            match rgb {
                Some(rgb) => self.colors.palette.insert(index, rgb),
                None => self.colors.palette.remove(&index),
            };
        } else if let Some(slot) = self.colors.special.get_mut(usize::from(index - PALETTE)) {
            *slot = rgb;
        }
    }

    /// OSC 104 and 105: the numbers' colours, or all of them, as they were.
    pub(super) fn reset_palette(&mut self, osc: u16, text: &[u8]) {
        match (osc, text.is_empty()) {
            (104, true) => self.colors.palette.clear(),
            (_, true) => self.colors.special = Default::default(),
            (_, false) => {
                let offset = if osc == 105 { PALETTE } else { 0 };
                for index in text.split(|b| *b == b';').filter_map(number_of) {
                    self.set_palette_color(index.saturating_add(offset), None);
                }
            }
        }
        self.touch_all();
    }

    /// OSC 10 to 19: each further field is for the next number.
    pub(super) fn dynamic_colors(&mut self, first: u16, text: &[u8], st: bool, out: &mut Output) {
        for (number, value) in (first..=19).zip(text.split(|b| *b == b';')) {
            if value == b"?" {
                let text = color(self.dynamic_color(number));
                say(out, format_args!("\x1b]{number};{text}{}", end(st)));
            } else if let Some(rgb) = xcolor::parse(value) {
                self.set_dynamic_color(number, Some(rgb));
            }
        }
    }

    /// The colour of a number from 10 to 19: text, background, cursor, then the
    /// pointer's, Tektronix's and the selection's, which are not shown.
    fn dynamic_color(&self, number: u16) -> Rgb {
        let (colors, config) = (&self.colors, &self.config);
        match number {
            10 => (colors.foreground.or(config.foreground)).unwrap_or_else(|| palette(FOREGROUND)),
            11 => (colors.background.or(config.background)).unwrap_or(BACKGROUND),
            12 => (colors.cursor.or(config.cursor_color)).unwrap_or_else(|| self.dynamic_color(10)),
            _ => {
                let slot = colors.others.get(usize::from(number.saturating_sub(13)));
                let like = if matches!(number, 14 | 16 | 19) {
                    11
                } else {
                    10
                };
                let known = slot.copied().flatten();
                known.unwrap_or_else(|| self.dynamic_color(like))
            }
        }
    }

    /// Sets the colour of a number from 10 to 19, or takes it back (OSC 110 to
    /// 119).
    pub(super) fn set_dynamic_color(&mut self, number: u16, rgb: Option<Rgb>) {
        match number {
            10 => self.colors.foreground = rgb,
            11 => self.colors.background = rgb,
            12 => self.colors.cursor = rgb,
            _ => {
                let at = usize::from(number.saturating_sub(13));
                if let Some(slot) = self.colors.others.get_mut(at) {
                    *slot = rgb;
                }
            }
        }
        self.touch_all();
    }
}
