//! Images that programs send: sixel (DCS q), kitty's graphics (APC G), iTerm2's
//! files (OSC 1337). None is shown: a box of text takes the image's place, the
//! cursor goes where it would have gone, and questions are not answered, so that
//! programs fall back to text. Of an image's data only what tells its size is
//! looked at.

use super::Terminal;
use super::parse::Params;
use super::sixel::Measure;
use crate::base::{Cell, base64};

/// Where the cursor stands after an image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// In the image's last row, at its left side (sixel).
    LastRow,
    /// In the image's last row, right of it (kitty, iTerm2).
    Right,
    /// Where it was.
    Stays,
}

impl Terminal {
    /// A sixel image, by the parameters of its DCS.
    pub(super) fn sixel(&mut self, params: &Params, data: Measure) {
        let Some((width, height)) = data.size(params.raw(0)) else {
            return;
        };
        let cells = self.in_cells(width, height);
        let label = format!("sixel {width}x{height}");
        if self.modes.sixel_display {
            // DECSDM: at the top left corner, without scrolling.
            let at = (self.x, self.y, self.pending);
            (self.x, self.y) = (0, 0);
            self.image_box(cells, &label, After::Stays, false);
            (self.x, self.y, self.pending) = at;
        } else {
            let after = if self.modes.sixel_right {
                After::Right
            } else {
                After::LastRow
            };
            self.image_box(cells, &label, after, true);
        }
    }

    /// kitty's graphics: `G`, keys and values, then data. Only what is to be
    /// displayed at once leaves a mark; the string may be cut short.
    pub(super) fn kitty_image(&mut self, string: &[u8]) {
        let Some(string) = string.strip_prefix(b"G") else {
            return;
        };
        let (control, data) = match string.iter().position(|b| *b == b';') {
            Some(at) => (&string[..at], &string[at + 1..]),
            None => (string, &[][..]),
        };
        let value = |key: u8| {
            control.split(|b| *b == b',').find_map(|pair| match pair {
                [name, b'=', value @ ..] if *name == key => Some(value),
                _ => None,
            })
        };
        let number = |key: u8| {
            let text = std::str::from_utf8(value(key)?).ok()?;
            text.parse::<u32>().ok().filter(|n| *n > 0)
        };
        // U: shown by placeholder characters, which are text.
        if !matches!(value(b'a'), Some(b"T" | b"p")) || number(b'U').is_some() {
            return;
        }
        let mut pixels = number(b's').zip(number(b'v'));
        if value(b'f') == Some(b"100") {
            pixels = pixels.or_else(|| pixel_size(&base64_start(data)));
        }
        let natural = pixels.map(|(w, h)| self.in_cells(w, h));
        let cells = match (number(b'c'), number(b'r'), natural) {
            (Some(c), Some(r), _) => (c, r),
            (Some(c), None, Some((w, h))) => (c, scaled(h, c, w)),
            (None, Some(r), Some((w, h))) => (scaled(w, r, h), r),
            (None, None, Some(natural)) => natural,
            (_, _, None) => return,
        };
        let after = if number(b'C').is_some() {
            After::Stays
        } else {
            After::Right
        };
        self.image_box(cells, "kitty image", after, true);
    }

    /// iTerm2's `File=arguments:base64`, the string perhaps cut short.
    pub(super) fn iterm_file(&mut self, text: &[u8]) {
        let (arguments, data) = match text.iter().position(|b| *b == b':') {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &[][..]),
        };
        let value = |name: &str| {
            arguments.split(|b| *b == b';').find_map(|pair| {
                let rest = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
                std::str::from_utf8(rest).ok()
            })
        };
        // Without it the file is for download, which nobody here wants.
        if value("inline") != Some("1") {
            return;
        }
        let natural = pixel_size(&base64_start(data)).map(|(w, h)| self.in_cells(w, h));
        let (cell, size) = (self.config.cell, self.size);
        let width = length(value("width"), cell.0, size.cols());
        let height = length(value("height"), cell.1, size.rows());
        let cells = match (width, height, natural) {
            (Some(w), Some(h), _) => (w, h),
            (Some(w), None, Some(natural)) => (w, scaled(natural.1, w, natural.0)),
            (None, Some(h), Some(natural)) => (scaled(natural.0, h, natural.1), h),
            (None, None, Some(natural)) => natural,
            (w, h, None) => (w.unwrap_or(10), h.unwrap_or(1)),
        };
        self.image_box(cells, "image", After::Right, true);
    }

    fn in_cells(&self, width: u32, height: u32) -> (u32, u32) {
        let (across, down) = self.config.cell;
        (
            width.div_ceil(u32::from(across.max(1))),
            height.div_ceil(u32::from(down.max(1))),
        )
    }

    /// Writes a box from the cursor on, clipped at the right margin; with
    /// `scrolls`, rows that have no room scroll up.
    fn image_box(&mut self, cells: (u32, u32), label: &str, after: After, scrolls: bool) {
        let start = (self.x, self.y, self.pending);
        self.pending = false;
        let (left, edge) = (usize::from(self.x), self.edge());
        let room = u32::try_from(edge - left).unwrap_or(u32::MAX);
        let cols = cells.0.clamp(1, room) as usize;
        // Rows beyond a screen would scroll off at once.
        let rows = cells.1.clamp(1, self.size.rows().into()) as u16;
        for row in 0..rows {
            if row > 0 {
                if self.y + 1 >= self.size.rows() && !scrolls {
                    break;
                }
                self.index();
            }
            let text = if row == 0 { label } else { "" };
            self.box_row(left, cols, text);
        }
        match after {
            After::LastRow => self.x = start.0,
            After::Right => self.x = (left + cols).min(edge - 1) as u16,
            After::Stays => {
                // Where the screen scrolled, the cursor went with its text.
                self.x = start.0;
                self.y = self.y.saturating_sub(rows - 1);
                self.pending = start.2;
            }
        }
    }

    fn box_row(&mut self, left: usize, cols: usize, text: &str) {
        let style = self.pen_id();
        let row = self.grids[self.active].row_mut(self.y);
        row.split(left);
        row.split(left + cols);
        let chars = text.chars().chain(std::iter::repeat('+'));
        for (cell, ch) in row.cells[left..left + cols].iter_mut().zip(chars) {
            *cell = Cell::narrow(ch, style);
        }
        row.seq = self.seq;
    }
}

/// `part` times `to` over `from`, at least 1.
fn scaled(part: u32, to: u32, from: u32) -> u32 {
    let scaled = u64::from(part) * u64::from(to) / u64::from(from.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// iTerm2's lengths: cells, `Npx`, `N%`; nothing for `auto`.
fn length(text: Option<&str>, cell: u16, all: u16) -> Option<u32> {
    let text = text?;
    if let Some(pixels) = text.strip_suffix("px") {
        return Some(pixels.parse::<u32>().ok()?.div_ceil(cell.max(1).into()));
    }
    if let Some(percent) = text.strip_suffix('%') {
        return Some(scaled(percent.parse().ok()?, all.into(), 100));
    }
    text.parse().ok()
}

/// The bytes of as much base64 as is whole.
fn base64_start(text: &[u8]) -> Vec<u8> {
    base64::decode(&text[..text.len() / 4 * 4]).unwrap_or_default()
}

/// An image's size by its first bytes: PNG (RFC 2083), GIF (GIF89a), JPEG
/// (ITU-T T.81, the first frame header).
fn pixel_size(data: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize| Some(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]));
    if data.starts_with(b"\x89PNG\r\n\x1a\n") {
        let long = |at: usize| Some(u32::from(big(at)?) << 16 | u32::from(big(at + 2)?));
        return Some((long(16)?, long(20)?));
    }
    if data.starts_with(b"GIF8") {
        let little = |at: usize| Some(u32::from(big(at)?.swap_bytes()));
        return Some((little(6)?, little(8)?));
    }
    if !data.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let marker = big(at)?;
        // A start of frame, but for the tables among its numbers.
        if matches!(marker, 0xffc0..=0xffcf if !matches!(marker, 0xffc4 | 0xffc8 | 0xffcc)) {
            return Some((big(at + 7)?.into(), big(at + 5)?.into()));
        }
        at += 2 + usize::from(big(at + 2)?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_read_from_an_images_first_bytes() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xf0";
        let gif = b"GIF89a\x0a\0\x14\0";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\0\x20\0\x30";
        for (data, size) in [
            (&png[..], Some((320, 240))),
            (&gif[..], Some((10, 20))),
            (&jpeg[..], Some((48, 32))),
            (&png[..20], None),
            (&jpeg[..12], None),
            (b"\xff\xd8\0\0\0\0", None),
            (b"", None),
        ] {
            assert_eq!(pixel_size(data), size, "{data:?}");
        }
    }
}
