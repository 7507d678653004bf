//! Sizes, positions and rectangles in character cells. Columns and rows count
//! from 0 at the top left.

/// A size in cells. Neither side is ever zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    cols: u16,
    rows: u16,
}

impl Size {
    /// The largest side accepted from anywhere, in cells (as in tmux).
    pub const MAX_SIDE: u16 = 10_000;

    /// The size that a session without a client gets: 80×24.
    pub const DEFAULT: Self = Self { cols: 80, rows: 24 };

    /// A size with each side brought into `1..=MAX_SIDE`.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Self {
        Self {
            cols: cols.clamp(1, Self::MAX_SIDE),
            rows: rows.clamp(1, Self::MAX_SIDE),
        }
    }

    /// The size, or nothing when a side is zero or above [`Self::MAX_SIDE`].
    #[must_use]
    pub fn checked(cols: u32, rows: u32) -> Option<Self> {
        let side = |n: u32| {
            u16::try_from(n)
                .ok()
                .filter(|n| (1..=Self::MAX_SIDE).contains(n))
        };
        Some(Self {
            cols: side(cols)?,
            rows: side(rows)?,
        })
    }

    /// Columns, at least 1.
    #[must_use]
    pub const fn cols(self) -> u16 {
        self.cols
    }

    /// Rows, at least 1.
    #[must_use]
    pub const fn rows(self) -> u16 {
        self.rows
    }

    /// Cells in all.
    #[must_use]
    pub const fn area(self) -> usize {
        self.cols as usize * self.rows as usize
    }
}

/// A cell's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pos {
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
}

impl Pos {
    /// The place at column `x`, row `y`.
    #[must_use]
    pub const fn new(x: u16, y: u16) -> Self {
        Self { x, y }
    }
}

/// A rectangle of cells; it may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Rect {
    /// A rectangle by its corner and sides.
    #[must_use]
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The whole area of a size, at the origin.
    #[must_use]
    pub const fn of(size: Size) -> Self {
        Self::new(0, 0, size.cols, size.rows)
    }

    /// The first column right of the rectangle.
    #[must_use]
    pub const fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }

    /// The first row below the rectangle.
    #[must_use]
    pub const fn bottom(self) -> u16 {
        self.y.saturating_add(self.height)
    }

    /// Whether the place is inside.
    #[must_use]
    pub const fn contains(self, at: Pos) -> bool {
        at.x >= self.x && at.x < self.right() && at.y >= self.y && at.y < self.bottom()
    }

    /// The rectangle's size; empty sides count as 1.
    #[must_use]
    pub fn size(self) -> Size {
        Size::new(self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_never_zero() {
        assert_eq!(Size::new(0, 0), Size::new(1, 1));
        assert_eq!(Size::checked(0, 5), None);
        assert_eq!(Size::checked(10_001, 5), None);
        assert_eq!(Size::checked(80, 24), Some(Size::DEFAULT));
    }

    #[test]
    fn rect_contains_its_corners_only_inside() {
        let rect = Rect::new(2, 3, 4, 1);
        assert!(rect.contains(Pos::new(2, 3)));
        assert!(rect.contains(Pos::new(5, 3)));
        assert!(!rect.contains(Pos::new(6, 3)));
        assert!(!rect.contains(Pos::new(2, 4)));
    }
}
