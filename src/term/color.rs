//! Colours that a program gives its terminal and asks back (xterm ctlseqs: OSC
//! 4, 5, 10 to 12 and their resets): remembered, reported, and shown where the
//! viewer's terminal can. It never asks a viewer's terminal.

use super::osc::{end, number_of};
use super::reply::{color, say};
use super::{Output, Rgb, Terminal};
use crate::base::palette::palette;

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
            let Some(now) = self.palette_color(index) else {
                continue;
            };
            if value == b"?" {
                let text = color(now);
                say(out, format_args!("\x1b]{osc};{number};{text}{}", end(st)));
            } else if let Some(rgb) = parse_color(value) {
                self.set_palette_color(index, Some(rgb));
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
        let text = self.colors.foreground.or(self.config.foreground);
        Some(special.or(text).unwrap_or_else(|| palette(7)))
    }

    fn set_palette_color(&mut self, index: u16, rgb: Option<Rgb>) {
        if let Ok(index) = u8::try_from(index) {
            match rgb {
                Some(rgb) => self.colors.palette.insert(index, rgb),
                None => self.colors.palette.remove(&index),
            };
        } else if let Some(slot) = self
            .colors
            .special
            .get_mut(usize::from(index.saturating_sub(PALETTE)))
        {
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
    }

    /// OSC 10 to 19: each further field is for the next number.
    pub(super) fn dynamic_colors(&mut self, first: u16, text: &[u8], st: bool, out: &mut Output) {
        for (number, value) in (first..=19).zip(text.split(|b| *b == b';')) {
            let config = &self.config;
            let (slot, known) = match number {
                10 => (&mut self.colors.foreground, config.foreground),
                11 => (&mut self.colors.background, config.background),
                12 => (&mut self.colors.cursor, config.cursor_color),
                _ => continue,
            };
            if value == b"?" {
                if let Some(rgb) = slot.or(known) {
                    let text = color(rgb);
                    say(out, format_args!("\x1b]{number};{text}{}", end(st)));
                }
            } else if let Some(rgb) = parse_color(value) {
                *slot = Some(rgb);
            }
        }
    }
}

/// A colour as XParseColor takes it: `#rgb` to `#rrrrggggbbbb`, whose digits are
/// the most significant ones; `rgb:r/g/b` with one to four digits each, which are
/// scaled; `rgbi:r/g/b` with intensities from 0 to 1.
fn parse_color(text: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(rest) = text.strip_prefix("rgb:") {
        return three(rest.split('/').map(scaled));
    }
    if let Some(rest) = text.strip_prefix("rgbi:") {
        return three(rest.split('/').map(intensity));
    }
    let digits = text.strip_prefix('#')?;
    if !digits.is_ascii() || !matches!(digits.len(), 3 | 6 | 9 | 12) {
        return None;
    }
    let n = digits.len() / 3;
    three((0..3).map(|i| leading(&digits[i * n..(i + 1) * n])))
}

fn three(mut parts: impl Iterator<Item = Option<u8>>) -> Option<Rgb> {
    let rgb = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(rgb)
}

/// Up to four hexadecimal digits scaled to 0..=255.
fn scaled(digits: &str) -> Option<u8> {
    let value = hex(digits)?;
    let most = (1 << (4 * digits.len() as u32)) - 1;
    u8::try_from(value * 255 / most).ok()
}

/// The first two of up to four hexadecimal digits; a missing one is 0.
fn leading(digits: &str) -> Option<u8> {
    let value = hex(digits)? << (16 - 4 * digits.len() as u32);
    u8::try_from(value >> 8).ok()
}

fn hex(digits: &str) -> Option<u32> {
    let fits = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// An intensity from 0 to 1, as an sRGB display shows it.
fn intensity(text: &str) -> Option<u8> {
    let value: f32 = text.parse().ok()?;
    if !(0.0..=1.0).contains(&value) {
        return None;
    }
    let shown = if value <= 0.003_130_8 {
        12.92 * value
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    };
    Some((shown * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_parse_as_xparsecolor_has_them() {
        for (text, rgb) in [
            ("#fff", Some((0xf0, 0xf0, 0xf0))),
            ("#102030", Some((16, 32, 48))),
            ("#123456789", Some((0x12, 0x45, 0x78))),
            ("#123456789abc", Some((0x12, 0x56, 0x9a))),
            ("rgb:1/22/3333", Some((17, 34, 51))),
            ("rgbi:1/0/1.0", Some((255, 0, 255))),
            ("rgbi:2/0/0", None),
            ("rgb:+f/0/0", None),
            ("rgb:ff/80", None),
            ("#12345", None),
            ("red", None),
        ] {
            assert_eq!(parse_color(text.as_bytes()), rgb, "{text}");
        }
    }
}
