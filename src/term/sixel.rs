//! The size of a sixel image (VT330/VT340 Programmer Reference Manual, chapter
//! 14; xterm ctlseqs), read as it streams by. No pixel is kept.

/// Numbers of one sixel command that matter; further ones are passed over.
const MAX_NUMBERS: usize = 4;

/// Reads sixel data in any pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Measure {
    x: u32,
    width: u32,
    /// Bands of six pixels above the one that is drawn.
    bands: u32,
    /// The lowest pixel drawn in any band, counted from its top.
    height: u32,
    /// The command whose numbers are read: `!`, `"`, `#` or 0.
    command: u8,
    numbers: [u32; MAX_NUMBERS],
    count: usize,
    /// What the raster attributes say: pixel aspect and size.
    raster: Option<[u32; 4]>,
}

impl Measure {
    /// Takes a piece of the data after the introducing `q`.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        match byte {
            b'0'..=b'9' => {
                if let Some(number) = self.numbers.get_mut(self.count) {
                    *number = number
                        .saturating_mul(10)
                        .saturating_add(u32::from(byte - b'0'))
                        .min(1 << 20);
                }
                return;
            }
            b';' => {
                self.count = (self.count + 1).min(MAX_NUMBERS);
                return;
            }
            _ => {}
        }
        let command = std::mem::take(&mut self.command);
        if command == b'"' {
            self.raster = Some(self.numbers);
        }
        match byte {
            b'!' | b'"' | b'#' => {
                self.command = byte;
                self.numbers = [0; MAX_NUMBERS];
                self.count = 0;
            }
            b'$' => self.x = 0,
            b'-' => {
                self.x = 0;
                self.bands = (self.bands + 1).min(1 << 20);
            }
            b'?'..=b'~' => {
                let times = if command == b'!' {
                    self.numbers[0].max(1)
                } else {
                    1
                };
                self.x = self.x.saturating_add(times).min(1 << 20);
                let drawn = byte - b'?';
                if drawn != 0 {
                    self.width = self.width.max(self.x);
                    let lowest = 8 - drawn.leading_zeros();
                    self.height = self.height.max(self.bands * 6 + lowest);
                }
            }
            _ => {}
        }
    }

    /// The image's size in pixels, given the first parameter of its DCS; none of
    /// an image without any.
    pub(super) fn size(mut self, aspect: u16) -> Option<(u32, u32)> {
        // A command at the very end counts.
        self.byte(b'$');
        let tall = match aspect {
            0 | 1 | 5 | 6 => 2,
            2 => 5,
            3 | 4 => 3,
            _ => 1,
        };
        let (pan, pad, width, height) = match self.raster {
            Some([pan, pad, width, height]) if pan > 0 && pad > 0 => (pan, pad, width, height),
            Some([_, _, width, height]) => (tall, 1, width, height),
            None => (tall, 1, 0, 0),
        };
        // What is drawn is shown even where the attributes say less.
        let width = self.width.max(width);
        let height = self.height.max(height);
        let height = (u64::from(height) * u64::from(pan)).div_ceil(u64::from(pad));
        (width > 0 && height > 0).then(|| (width, u32::try_from(height).unwrap_or(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_what_is_drawn_or_declared() {
        for (aspect, data, size) in [
            (9, "~", Some((1, 6))),
            (9, "@", Some((1, 1))),
            (0, "@", Some((1, 2))),
            (9, "#0;2;0;0;0!10~-!4@", Some((10, 7))),
            (9, "!10~$!20~", Some((20, 6))),
            (0, "\"1;1;640;480#0!640~-", Some((640, 480))),
            (0, "\"1;1;2;2!9~", Some((9, 6))),
            (9, "!99999999999~", Some((1 << 20, 6))),
            (9, "?", None),
            (9, "", None),
            (9, "\"1;1;30;12", Some((30, 12))),
        ] {
            let mut whole = Measure::default();
            whole.feed(data.as_bytes());
            assert_eq!(whole.size(aspect), size, "{data:?}");
            let mut cut = Measure::default();
            for byte in data.bytes() {
                cut.feed(&[byte]);
            }
            assert_eq!(cut.size(aspect), size, "{data:?} cut");
        }
    }
}
