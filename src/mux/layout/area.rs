//! Places in a window that may lie beyond its edges, axes and directions, and
//! what a window's furniture takes of its panes.

use crate::base::{Rect, Size};

use super::Layout;

/// How a split's children lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Side by side (`split-window -h`).
    Columns,
    /// One above the other (`split-window -v`).
    Rows,
}

impl Axis {
    /// The other one.
    #[must_use]
    pub const fn across(self) -> Self {
        match self {
            Self::Columns => Self::Rows,
            Self::Rows => Self::Columns,
        }
    }
}

/// A direction on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards the top.
    Up,
    /// Towards the bottom.
    Down,
    /// Towards the left.
    Left,
    /// Towards the right.
    Right,
}

impl Direction {
    /// The axis along which the direction moves.
    #[must_use]
    pub const fn axis(self) -> Axis {
        match self {
            Self::Up | Self::Down => Axis::Rows,
            Self::Left | Self::Right => Axis::Columns,
        }
    }

    /// Whether it moves to higher numbers.
    #[must_use]
    pub const fn is_forward(self) -> bool {
        matches!(self, Self::Down | Self::Right)
    }
}

/// A place of cells that may lie beyond a window's edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Area {
    /// Left column.
    pub x: i32,
    /// Top row.
    pub y: i32,
    /// Columns.
    pub w: u16,
    /// Rows.
    pub h: u16,
}

impl Area {
    /// A place by its corner and sides.
    #[must_use]
    pub const fn new(x: i32, y: i32, w: u16, h: u16) -> Self {
        Self { x, y, w, h }
    }

    /// The side along an axis.
    #[must_use]
    pub const fn side(self, axis: Axis) -> u16 {
        match axis {
            Axis::Columns => self.w,
            Axis::Rows => self.h,
        }
    }

    /// The first column right of it.
    #[must_use]
    pub fn right(self) -> i32 {
        self.x + i32::from(self.w)
    }

    /// The first row below it.
    #[must_use]
    pub fn bottom(self) -> i32 {
        self.y + i32::from(self.h)
    }

    /// Its sides; empty ones count as 1.
    #[must_use]
    pub fn size(self) -> Size {
        Size::new(self.w, self.h)
    }

    /// Whether the place is inside.
    #[must_use]
    pub fn contains(self, x: i32, y: i32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// One cell more on each side.
    #[must_use]
    pub const fn framed(self) -> Self {
        Self {
            x: self.x - 1,
            y: self.y - 1,
            w: self.w.saturating_add(2),
            h: self.h.saturating_add(2),
        }
    }

    /// What of it is right of and below the window's corner.
    #[must_use]
    pub fn clipped(self) -> Rect {
        let cut = |from: i32, to: i32| {
            let start = u16::try_from(from.max(0)).unwrap_or(u16::MAX);
            let end = u16::try_from(to.max(0)).unwrap_or(u16::MAX);
            (start, end.saturating_sub(start))
        };
        let (x, w) = cut(self.x, self.right());
        let (y, h) = cut(self.y, self.bottom());
        Rect::new(x, y, w, h)
    }
}

impl From<Rect> for Area {
    fn from(rect: Rect) -> Self {
        Self::new(rect.x.into(), rect.y.into(), rect.width, rect.height)
    }
}

/// Where borders' status lines are (`pane-border-status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusSide {
    /// Above each pane.
    Top,
    /// Below each pane.
    Bottom,
}

/// What status lines and scrollbars take of the panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Insets {
    /// The outermost panes give a row to the border's status line.
    pub status: Option<StatusSide>,
    /// Columns of each pane for a scrollbar with its padding.
    pub bar: u16,
    /// The scrollbar is at the left.
    pub bar_left: bool,
}

impl Insets {
    /// What a cell leaves to its pane; `edge` says that it gives a row to the
    /// border's status line.
    pub(super) fn inside(self, cell: Area, edge: bool) -> Area {
        let mut area = cell;
        if edge && self.status.is_some() {
            if self.status == Some(StatusSide::Top) {
                area.y += 1;
            }
            area.h = area.h.saturating_sub(1).max(Layout::MINIMUM.min(area.h));
        }
        if self.bar > 0 {
            let left = area.w.saturating_sub(self.bar).max(Layout::MINIMUM);
            if self.bar_left {
                area.x += i32::from(area.w) - i32::from(left);
            }
            area.w = left;
        }
        area
    }
}
