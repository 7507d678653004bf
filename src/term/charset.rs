//! Character sets in 7 bits: designation into G0 to G3 and shifts (ECMA-35,
//! VT510 "Character Sets"). Bytes above ASCII are UTF-8 and never shifted.

/// A set that can be designated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Charset {
    /// ASCII, and every set that is not known.
    #[default]
    Ascii,
    /// DEC special graphics: line drawing.
    Graphics,
    /// ASCII with a pound sign for `#`.
    Uk,
}

impl Charset {
    /// The set that the final byte of a designation names.
    pub(super) fn of(code: u8) -> Self {
        match code {
            b'0' | b'2' => Self::Graphics,
            b'A' => Self::Uk,
            _ => Self::Ascii,
        }
    }

    /// The character of a byte in `0x20..=0x7e`.
    #[inline]
    pub(super) fn map(self, byte: u8) -> char {
        match self {
            Self::Graphics if (0x5f..=0x7e).contains(&byte) => GRAPHICS[usize::from(byte - 0x5f)],
            Self::Uk if byte == b'#' => '£',
            Self::Ascii | Self::Graphics | Self::Uk => char::from(byte),
        }
    }
}

/// DEC special graphics from `_` to `~` (VT510, "DEC Special Graphic").
const GRAPHICS: [char; 32] = [
    ' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
    '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];

/// What is designated and what is shifted in. Saved with the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Charsets {
    sets: [Charset; 4],
    left: u8,
    single: Option<u8>,
}

impl Charsets {
    /// Designates G`slot`.
    pub(super) fn designate(&mut self, slot: usize, set: Charset) {
        self.sets[slot & 3] = set;
    }

    /// Locks G`slot` into the left half (SI, SO, LS2, LS3).
    pub(super) fn lock(&mut self, slot: u8) {
        self.left = slot & 3;
    }

    /// Shifts G`slot` in for one character (SS2, SS3).
    pub(super) fn shift(&mut self, slot: u8) {
        self.single = Some(slot & 3);
    }

    /// Whether the next character is shifted alone.
    #[inline]
    pub(super) fn is_single(&self) -> bool {
        self.single.is_some()
    }

    /// The set locked in.
    #[inline]
    pub(super) fn locked(&self) -> Charset {
        self.sets[usize::from(self.left)]
    }

    /// The character of a byte, using up a single shift.
    pub(super) fn take(&mut self, byte: u8) -> char {
        match self.single.take() {
            Some(slot) => self.sets[usize::from(slot)].map(byte),
            None => self.locked().map(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphics_cover_every_code() {
        assert_eq!(Charset::Graphics.map(b'q'), '─');
        assert_eq!(Charset::Graphics.map(b'~'), '·');
        assert_eq!(Charset::Graphics.map(b'A'), 'A');
        assert_eq!(Charset::Uk.map(b'#'), '£');
    }
}
