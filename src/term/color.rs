//! Colours that a program gives its terminal and asks back (xterm ctlseqs: OSC
//! 4, 5, 10 to 19 and their resets): remembered, reported, and shown where the
//! viewer's terminal can. It never asks a viewer's terminal, and makes no colour
//! up: of the palette the engine is told what was asked, all else that is not
//! known is not answered.

use super::osc::{end, number_of};
use super::reply::{color, say};
use super::{Notice, Output, Rgb, Terminal, xcolor};

/// Entries of the palette; xterm counts its special colours after them.
const PALETTE: u16 = 256;

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
            if value == b"?" {
                match (self.palette_color(index), u8::try_from(index)) {
                    (Some(now), _) => {
                        let text = color(now);
                        say(out, format_args!("\x1b]{osc};{number};{text}{}", end(st)));
                    }
                    (None, Ok(index)) => out.notices.push(Notice::PaletteQuery { index, st }),
                    (None, Err(_)) => {}
                }
            } else if let Some(rgb) = xcolor::parse(value) {
                self.set_palette_color(index, Some(rgb));
                self.touch_all();
            }
        }
    }

    /// The colour of a number as OSC 4 counts, where a program has given it one.
    fn palette_color(&self, index: u16) -> Option<Rgb> {
        if let Ok(index) = u8::try_from(index) {
            return self.colors.palette.get(&index).copied();
        }
        let special = self.colors.special.get(usize::from(index - PALETTE))?;
        special.or_else(|| self.dynamic_color(10))
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
                if let Some(known) = self.dynamic_color(number) {
                    let text = color(known);
                    say(out, format_args!("\x1b]{number};{text}{}", end(st)));
                }
            } else if let Some(rgb) = xcolor::parse(value) {
                self.set_dynamic_color(number, Some(rgb));
            }
        }
    }

    /// The colour of a number from 10 to 19: text, background, cursor, then the
    /// pointer's, Tektronix's and the selection's, which are not shown. None is
    /// made up where none is known.
    fn dynamic_color(&self, number: u16) -> Option<Rgb> {
        let (colors, config) = (&self.colors, &self.config);
        match number {
            10 => colors.foreground.or(config.foreground),
            11 => colors.background.or(config.background),
            12 => colors.cursor.or(config.cursor_color),
            _ => {
                let slot = colors.others.get(usize::from(number.saturating_sub(13)));
                let like = if matches!(number, 14 | 16 | 19) {
                    11
                } else {
                    10
                };
                let known = slot.copied().flatten();
                known.or_else(|| self.dynamic_color(like))
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
