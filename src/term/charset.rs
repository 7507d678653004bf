//! Character sets in 7 bits: designation into G0 to G3 and shifts (ECMA-35,
//! VT510 "Character Sets"). Bytes above ASCII are UTF-8 and never shifted.

use crate::base::{Cell, CellText};

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
    /// The upper half of ISO Latin-1, which DEC's supplemental set is but for a
    /// few characters.
    Supplemental,
    /// A national replacement set: a row of [`NATIONAL`].
    National(u8),
}

impl Charset {
    /// The set that a designation names: what follows `(`, `)`, `*` or `+`.
    /// National sets need DECNRCM (`national`).
    pub(super) fn of(code: &[u8], national: bool) -> Self {
        match code {
            b"0" | b"2" => return Self::Graphics,
            b"A" => return Self::Uk,
            b"<" | b"%5" => return Self::Supplemental,
            _ => {}
        }
        let row = NATIONAL.iter().position(|(codes, _)| codes.contains(&code));
        match row {
            Some(row) if national => Self::National(row as u8),
            _ => Self::Ascii,
        }
    }

    /// What a designation calls the set; the first of its names.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ascii => "B",
            Self::Graphics => "0",
            Self::Uk => "A",
            Self::Supplemental => "%5",
            Self::National(row) => {
                let codes = NATIONAL.get(usize::from(row)).and_then(|row| row.0.first());
                codes.map_or("B", |code| std::str::from_utf8(code).unwrap_or("B"))
            }
        }
    }

    /// The set of 96 characters that a designation names: what follows `-`, `.`
    /// or `/`.
    pub(super) fn of_96(code: &[u8]) -> Self {
        match code {
            b"A" => Self::Supplemental,
            _ => Self::Ascii,
        }
    }

    /// The character of a byte in `0x20..=0x7e`.
    #[inline]
    pub(super) fn map(self, byte: u8) -> char {
        match self {
            Self::Graphics if (0x5f..=0x7e).contains(&byte) => GRAPHICS[usize::from(byte - 0x5f)],
            Self::Uk if byte == b'#' => '£',
            Self::Supplemental if byte > 0x20 => char::from(byte | 0x80),
            Self::National(row) => replaced(usize::from(row), byte),
            Self::Ascii | Self::Graphics | Self::Uk | Self::Supplemental => char::from(byte),
        }
    }
}

fn replaced(row: usize, byte: u8) -> char {
    let at = REPLACED.iter().position(|known| *known == byte);
    let new = at.and_then(|at| NATIONAL.get(row)?.1.chars().nth(at));
    new.unwrap_or(char::from(byte))
}

/// The codes that national sets may replace (ISO 646).
const REPLACED: &[u8; 12] = b"#@[\\]^_`{|}~";

/// National replacement sets: the names of each, and what stands for the codes
/// of [`REPLACED`] (VT510, "National Replacement Character Sets").
const NATIONAL: [(&[&[u8]], &str); 12] = [
    (&[b"4"], "£¾ĳ½|^_`¨ƒ¼´"),             // Dutch
    (&[b"C", b"5"], "#@ÄÖÅÜ_éäöåü"),       // Finnish
    (&[b"R", b"f"], "£à°ç§^_`éùè¨"),       // French
    (&[b"Q", b"9"], "#àâçêî_ôéùèû"),       // French Canadian
    (&[b"K"], "#§ÄÖÜ^_`äöüß"),             // German
    (&[b"Y"], "£§°çé^_ùàòèì"),             // Italian
    (&[b"E", b"6", b"`"], "#ÄÆØÅÜ_äæøåü"), // Norwegian and Danish
    (&[b"%6"], "#@ÃÇÕ^_`ãçõ~"),            // Portuguese
    (&[b"Z"], "£§¡Ñ¿^_`°ñç~"),             // Spanish
    (&[b"H", b"7"], "#ÉÄÖÅÜ_éäöåü"),       // Swedish
    (&[b"="], "ùàéçêîèôäöüû"),             // Swiss
    (&[b"%2"], "#İŞÖÇÜ_Ğşöçü"),            // Turkish
];

/// DEC special graphics from `_` to `~` (VT510, "DEC Special Graphic").
const GRAPHICS: [char; 32] = [
    ' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
    '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];

/// The letter with which a cell of DEC special graphics was written.
pub(super) fn letter(cell: Cell) -> char {
    let CellText::Char(ch) = cell.text() else {
        return ' ';
    };
    let at = GRAPHICS[1..].iter().position(|known| *known == ch);
    let code = at.and_then(|at| u8::try_from(at + 0x60).ok());
    code.map_or(ch, char::from)
}

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

    /// The set designated as G`slot`.
    pub(super) fn set(&self, slot: usize) -> Charset {
        self.sets[slot & 3]
    }

    /// Which of them is locked in.
    pub(super) fn left(&self) -> u8 {
        self.left
    }

    /// Which of them is shifted in for one character.
    pub(super) fn single(&self) -> Option<u8> {
        self.single
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

    /// The character of a byte and the set it is from, using up a single shift.
    pub(super) fn take(&mut self, byte: u8) -> (char, Charset) {
        let set = match self.single.take() {
            Some(slot) => self.sets[usize::from(slot)],
            None => self.locked(),
        };
        (set.map(byte), set)
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

    #[test]
    fn national_sets_replace_their_codes_only() {
        for (codes, text) in NATIONAL {
            assert_eq!(text.chars().count(), REPLACED.len(), "{codes:?}");
        }
        let german = Charset::of(b"K", true);
        let text: String = b"[a~#".iter().map(|b| german.map(*b)).collect();
        assert_eq!(text, "Äaß#");
        assert_eq!(Charset::of(b"K", false), Charset::Ascii);
        assert_eq!(Charset::of(b"<", false).map(b'd'), 'ä');
    }
}
