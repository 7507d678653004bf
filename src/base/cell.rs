//! The 8-byte cell of a visible screen: text (a scalar or an interned cluster)
//! with its flags, and an interned style.
//!
//! ```text
//!  31    26 25 24 23 22 21 20                    0
//! ┌────────┬──┬──┬──┬──┬──┬───────────────────────┐
//! │GR TR TB│PD│PR│TL│WD│CL│ scalar or cluster id  │  + 32 bits of StyleId
//! └────────┴──┴──┴──┴──┴──┴───────────────────────┘
//! ```
//! CL the number is a cluster id; WD the cell is the left half of a wide one;
//! TL the right half of a wide one (no text); PR protected (DECSCA); PD blank
//! left at the margin because a wide cluster did not fit; TB a tab begins here,
//! TR it goes on; GR written as DEC special graphics; bit 29, HF, half of a wide
//! one whose other half is gone: it shows nothing, and keeps its text for dumps.

use super::pool::{ClusterId, StyleId};

const TEXT: u32 = (1 << 21) - 1;
const CLUSTER: u32 = 1 << 21;
const WIDE: u32 = 1 << 22;
const TAIL: u32 = 1 << 23;
const PROTECTED: u32 = 1 << 24;
const PAD: u32 = 1 << 25;
const TAB: u32 = 1 << 26;
const TAB_REST: u32 = 1 << 27;
const GRAPHIC: u32 = 1 << 28;
const HALF: u32 = 1 << 29;
/// What a frame does not show.
const NOTES: u32 = PAD | TAB | TAB_REST | GRAPHIC | HALF;

/// One cell of a screen or frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    bits: u32,
    /// The cell's style in the pool of its screen or frame.
    pub style: StyleId,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellText {
    /// Nothing was written here.
    Empty,
    /// One character.
    Char(char),
    /// A cluster of several, in the pool.
    Cluster(ClusterId),
    /// The right half of the wide cell before it.
    Tail,
}

impl Cell {
    /// An unwritten cell in the default style.
    pub const EMPTY: Self = Self {
        bits: 0,
        style: StyleId::DEFAULT,
    };

    /// An unwritten cell in a style.
    #[must_use]
    pub const fn empty(style: StyleId) -> Self {
        Self { bits: 0, style }
    }

    /// A one-column character.
    #[must_use]
    #[inline]
    pub const fn narrow(ch: char, style: StyleId) -> Self {
        Self {
            bits: ch as u32,
            style,
        }
    }

    /// The left half of a two-column character; a [`Self::tail`] must follow.
    #[must_use]
    pub const fn wide(ch: char, style: StyleId) -> Self {
        Self {
            bits: ch as u32 | WIDE,
            style,
        }
    }

    /// A cluster of one or two columns.
    #[must_use]
    pub const fn cluster(id: ClusterId, wide: bool, style: StyleId) -> Self {
        let wide = if wide { WIDE } else { 0 };
        Self {
            bits: (id.0 & TEXT) | CLUSTER | wide,
            style,
        }
    }

    /// The right half of a wide cell.
    #[must_use]
    pub const fn tail(style: StyleId) -> Self {
        Self { bits: TAIL, style }
    }

    /// A blank left at the right margin by a wide cluster that did not fit.
    #[must_use]
    pub const fn pad(style: StyleId) -> Self {
        Self { bits: PAD, style }
    }

    /// A blank cell of a tab, its first one or one of the rest.
    #[must_use]
    pub const fn tab(first: bool, style: StyleId) -> Self {
        let note = if first { TAB } else { TAB_REST };
        Self {
            bits: ' ' as u32 | note,
            style,
        }
    }

    /// The cell, noted as written in DEC special graphics.
    #[must_use]
    #[inline]
    pub const fn graphic(self) -> Self {
        Self {
            bits: self.bits | GRAPHIC,
            style: self.style,
        }
    }

    /// The cell of a frame, noted as a border that keeps the texts at its sides
    /// apart: what reads from right to left ends there. A frame has no protected
    /// cells, so that it is the same note.
    #[must_use]
    pub const fn isolated(self) -> Self {
        self.protected(true)
    }

    /// Whether the cell of a frame keeps the texts at its sides apart.
    #[must_use]
    pub const fn is_isolated(self) -> bool {
        self.is_protected()
    }

    /// What is left of half a wide character when the other half is gone: of the
    /// left half its text, were it one character; of the right half nothing.
    #[must_use]
    pub const fn halved(self) -> Self {
        let kept = if self.bits & CLUSTER == 0 {
            TEXT | PROTECTED
        } else {
            PROTECTED
        };
        Self {
            bits: self.bits & kept | HALF,
            style: self.style,
        }
    }

    /// Whether this is half of a wide character without the other one.
    #[must_use]
    pub const fn is_half(self) -> bool {
        self.bits & HALF != 0
    }

    /// The character of a left half without the right one.
    #[must_use]
    pub fn half_of(self) -> Option<char> {
        if self.bits & HALF == 0 {
            return None;
        }
        char::from_u32(self.bits & TEXT).filter(|ch| *ch != '\0')
    }

    /// Whether a tab begins here.
    #[must_use]
    pub const fn is_tab(self) -> bool {
        self.bits & TAB != 0
    }

    /// Whether a tab that began before goes on here.
    #[must_use]
    pub const fn is_tab_rest(self) -> bool {
        self.bits & TAB_REST != 0
    }

    /// Whether it was written in DEC special graphics.
    #[must_use]
    pub const fn is_graphic(self) -> bool {
        self.bits & GRAPHIC != 0
    }

    /// The cell with the notes of another: how it came about.
    #[must_use]
    pub const fn noted_as(self, other: Self) -> Self {
        Self {
            bits: self.bits & !NOTES | other.bits & NOTES,
            style: self.style,
        }
    }

    /// What the cell holds.
    #[must_use]
    #[inline]
    pub fn text(self) -> CellText {
        if self.bits & TAIL != 0 {
            return CellText::Tail;
        }
        if self.bits & HALF != 0 {
            return CellText::Empty;
        }
        let number = self.bits & TEXT;
        if self.bits & CLUSTER != 0 {
            return CellText::Cluster(ClusterId(number));
        }
        match char::from_u32(number) {
            Some('\0') | None => CellText::Empty,
            Some(ch) => CellText::Char(ch),
        }
    }

    /// Whether this is the left half of a wide cell.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        self.bits & WIDE != 0
    }

    /// Whether this is the right half of a wide cell.
    #[must_use]
    pub const fn is_tail(self) -> bool {
        self.bits & TAIL != 0
    }

    /// Whether this is a margin blank before a wrapped wide cluster.
    #[must_use]
    pub const fn is_pad(self) -> bool {
        self.bits & PAD != 0
    }

    /// Whether nothing was written here (a style may still be set).
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits & (TEXT | CLUSTER | TAIL | HALF) == 0
    }

    /// Whether selective erase spares the cell (DECSCA, VT510).
    #[must_use]
    pub const fn is_protected(self) -> bool {
        self.bits & PROTECTED != 0
    }

    /// The cell with its protection set or cleared.
    #[must_use]
    pub const fn protected(self, on: bool) -> Self {
        let bits = if on {
            self.bits | PROTECTED
        } else {
            self.bits & !PROTECTED
        };
        Self { bits, ..self }
    }

    /// The cell's text and width in another style.
    #[must_use]
    pub const fn restyled(self, style: StyleId) -> Self {
        Self {
            bits: self.bits,
            style,
        }
    }

    /// The cell without protection and notes, as a frame holds it.
    #[must_use]
    pub const fn plain(self) -> Self {
        let bits = if self.bits & HALF == 0 {
            self.bits & !(PROTECTED | NOTES)
        } else {
            0
        };
        Self {
            bits,
            style: self.style,
        }
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}/{}", self.text(), self.style.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_takes_eight_bytes() {
        assert_eq!(size_of::<Cell>(), 8);
    }

    #[test]
    fn cell_gives_back_what_it_was_made_of() {
        let style = StyleId(7);
        assert_eq!(Cell::narrow('x', style).text(), CellText::Char('x'));
        assert_eq!(Cell::EMPTY.text(), CellText::Empty);
        assert!(Cell::wide('日', style).is_wide());
        assert_eq!(Cell::tail(style).text(), CellText::Tail);
        let cluster = Cell::cluster(ClusterId(9), true, style).protected(true);
        assert_eq!(cluster.text(), CellText::Cluster(ClusterId(9)));
        assert!(cluster.is_protected() && !cluster.plain().is_protected());
        assert!(Cell::pad(style).is_empty() && Cell::pad(style).is_pad());
        let (left, right) = (Cell::wide('日', style).halved(), Cell::tail(style).halved());
        assert_eq!((left.half_of(), right.half_of()), (Some('日'), None));
        for half in [
            left,
            right,
            Cell::cluster(ClusterId(9), true, style).halved(),
        ] {
            assert!(half.is_half() && !half.is_wide() && !half.is_tail() && !half.is_empty());
            assert_eq!(
                (half.text(), half.plain()),
                (CellText::Empty, Cell::empty(style))
            );
        }
    }
}
