//! A window's layout: a tree of splits with a pane at each leaf, the order of the
//! panes, and which lie over which. It is never empty, every tiled cell has at
//! least one column and row, and one column or row of border lies between
//! siblings. It knows no pane but by its id.
//!
//! ```text
//!   split(columns)            ┌─────┬───────┐
//!   ├─ %0                     │ %0  │  %1   │
//!   └─ split(rows)     is     │     ├───────┤
//!      ├─ %1                  │     │  %2   │
//!      └─ %2                  └─────┴───────┘
//! ```

mod area;
mod find;
mod float;
mod json;
mod node;
pub mod preset;
mod split;
pub mod text;

pub use area::{Area, Axis, Direction, Insets, StatusSide};
pub use float::{FloatError, FloatPlace, Position};
pub use text::{Form, LayoutTextError};

use crate::base::{PaneId, Rect, Size};

use node::{Kind, Node};

/// Where a new pane goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitPlan {
    /// How the two lie.
    pub axis: Axis,
    /// The new pane's cells along the axis; half when not given.
    pub size: Option<u16>,
    /// Left of or above, instead of right of or below.
    pub before: bool,
    /// Across the whole window instead of the pane (`-f`).
    pub full: bool,
    /// A full one comes first or last in the order of panes too.
    pub at_end: bool,
}

/// There is no room for another pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no space for a new pane")]
pub struct NoSpace;

/// A window's layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: Node,
    /// Every pane once; its place is `pane_index`.
    order: Vec<PaneId>,
    /// Every pane once, the front first; only that of floating ones is seen.
    stack: Vec<PaneId>,
    insets: Insets,
    /// The window's size, of which a window without tiled panes knows no other.
    bounds: Size,
    /// Where the last floating pane without a place was put.
    cascade: (i32, i32),
}

impl Layout {
    /// The smallest pane side in cells.
    pub const MINIMUM: u16 = 1;

    /// A layout of one pane.
    #[must_use]
    pub fn new(pane: PaneId, size: Size) -> Self {
        Self::of(Node::pane(pane, size.cols(), size.rows()), vec![pane], size)
    }

    fn of(root: Node, order: Vec<PaneId>, bounds: Size) -> Self {
        let stack = order.clone();
        let mut layout = Self {
            root,
            order,
            stack,
            insets: Insets::default(),
            bounds,
            cascade: (0, 0),
        };
        layout.settle();
        layout
    }

    /// Brings corners and edges up to the tree.
    fn settle(&mut self) {
        if self.root.counts() {
            self.root.place(0, 0);
        }
        let status = self.insets.status;
        self.root.mark_edge(status.is_some(), status);
    }

    /// The size of the whole; larger than the window's when its panes cannot
    /// shrink further.
    #[must_use]
    pub fn size(&self) -> Size {
        if self.root.counts() {
            Size::new(self.root.area.w, self.root.area.h)
        } else {
            self.bounds
        }
    }

    /// What borders' status lines and scrollbars take of the panes.
    #[must_use]
    pub const fn insets(&self) -> Insets {
        self.insets
    }

    /// Says what borders' status lines and scrollbars take of the panes.
    pub fn set_insets(&mut self, insets: Insets) {
        if self.insets != insets {
            self.insets = insets;
            self.settle();
        }
    }

    /// The panes in their order.
    #[must_use]
    pub fn panes(&self) -> Vec<PaneId> {
        self.order.clone()
    }

    /// Whether the pane is in the layout.
    #[must_use]
    pub fn has(&self, pane: PaneId) -> bool {
        self.order.contains(&pane)
    }

    /// Each tiled pane's cell, as it is without status lines and scrollbars, in
    /// the order of panes.
    #[must_use]
    pub fn cells(&self) -> Vec<(PaneId, Rect)> {
        let mut cells = Vec::with_capacity(self.order.len());
        self.root.each_pane(&mut |pane, node| {
            if !node.float {
                cells.push((pane, node.area.clipped()));
            }
        });
        self.ordered(cells)
    }

    /// Each tiled pane with its place, in the order of panes.
    #[must_use]
    pub fn places(&self) -> Vec<(PaneId, Rect)> {
        let mut places = Vec::with_capacity(self.order.len());
        self.root.each_pane(&mut |pane, node| {
            if !node.float {
                let area = self.insets.inside(node.area, node.edge);
                places.push((pane, area.clipped()));
            }
        });
        self.ordered(places)
    }

    fn ordered<T>(&self, mut list: Vec<(PaneId, T)>) -> Vec<(PaneId, T)> {
        let at: std::collections::HashMap<PaneId, usize> =
            self.order.iter().copied().zip(0..).collect();
        list.sort_by_key(|(pane, _)| at.get(pane).copied());
        list
    }

    /// Every pane's size.
    #[must_use]
    pub fn sizes(&self) -> Vec<(PaneId, Size)> {
        let mut sizes = Vec::with_capacity(self.order.len());
        self.root.each_pane(&mut |pane, node| {
            let area = self.insets.inside(node.area, node.edge && !node.float);
            sizes.push((pane, area.size()));
        });
        sizes
    }

    /// A pane's place; a floating one may lie beyond the window's edges.
    #[must_use]
    pub fn area(&self, pane: PaneId) -> Option<Area> {
        let node = self.root.find(pane)?;
        Some(self.insets.inside(node.area, node.edge && !node.float))
    }

    /// Whether a pane gives a row to its border's status line.
    #[must_use]
    pub fn gives_row(&self, pane: PaneId) -> bool {
        self.root
            .find(pane)
            .is_some_and(|node| node.edge && !node.float)
    }

    /// A pane's cell in the tree, as layout strings have it.
    #[must_use]
    pub fn cell(&self, pane: PaneId) -> Option<Area> {
        self.root.find(pane).map(|node| node.area)
    }

    /// The part of a pane's place that is inside the window's left and upper
    /// edges.
    #[must_use]
    pub fn rect(&self, pane: PaneId) -> Option<Rect> {
        self.area(pane).map(Area::clipped)
    }

    /// The place of a pane that fills a window of this size.
    #[must_use]
    pub fn zoomed(&self, size: Size) -> Rect {
        let whole = Area::new(0, 0, size.cols(), size.rows());
        let edge = self.insets.status.is_some();
        self.insets.inside(whole, edge).clipped()
    }

    /// How many panes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Never true: a layout has at least one pane.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Takes a pane out; a neighbour gets its room. The last pane stays.
    pub fn remove(&mut self, pane: PaneId) -> bool {
        let Some(path) = self.root.path(pane).filter(|path| !path.is_empty()) else {
            return false;
        };
        if self.root.at(&path).is_some_and(Node::counts) {
            give_away(&mut self.root, &path, &self.insets);
        }
        let Some((at, parent)) = path.split_last() else {
            return false;
        };
        if let Some(parent) = self.root.at_mut(parent)
            && let Kind::Split(_, children) = &mut parent.kind
        {
            children.remove(*at);
            if children.len() == 1
                && let Some(only) = children.pop()
            {
                *parent = only;
            }
        }
        self.order.retain(|other| *other != pane);
        self.stack.retain(|other| *other != pane);
        self.settle();
        true
    }

    /// Exchanges two panes of this layout.
    pub fn swap(&mut self, a: PaneId, b: PaneId) {
        let mut other = |pane| match pane {
            _ if pane == a => b,
            _ if pane == b => a,
            _ => pane,
        };
        self.root.rename(&mut other);
        self.order.iter_mut().for_each(|pane| *pane = other(*pane));
        self.stack.iter_mut().for_each(|pane| *pane = other(*pane));
    }

    /// Gives a cell another pane, which the layout does not have yet.
    pub fn rename(&mut self, old: PaneId, new: PaneId) {
        self.swap(old, new);
    }

    /// Moves the panes on by one cell of the order, or back; the cells stay.
    pub fn rotate(&mut self, back: bool) {
        let old = self.order.clone();
        if back {
            self.order.rotate_right(1);
        } else {
            self.order.rotate_left(1);
        }
        let fresh: std::collections::HashMap<PaneId, PaneId> =
            old.into_iter().zip(self.order.iter().copied()).collect();
        let mut name = |pane| fresh.get(&pane).copied().unwrap_or(pane);
        self.root.rename(&mut name);
    }

    /// Brings the whole to a window's size, as far as the panes' minimum
    /// allows; what is gained or lost goes round the cells one by one.
    pub fn resize(&mut self, size: Size) {
        self.bounds = size;
        if !self.root.counts() {
            return;
        }
        for (axis, wanted) in [(Axis::Columns, size.cols()), (Axis::Rows, size.rows())] {
            let change = i32::from(wanted) - i32::from(self.root.side(axis));
            let least = -i32::from(self.root.slack(axis, &self.insets));
            self.root.adjust(axis, change.max(least), &self.insets);
        }
        self.settle();
    }

    /// Moves a pane's border in a direction by some cells, as
    /// `resize-pane -U|-D|-L|-R` does: the right or lower border unless the
    /// pane is the last of its split.
    pub fn resize_pane(&mut self, pane: PaneId, axis: Axis, change: i32) -> bool {
        let Some((parent, at)) = self.split_holding(pane, axis) else {
            return false;
        };
        self.move_border(&parent, at, change, true)
    }

    /// Brings a pane's side to a number of cells (`resize-pane -x|-y`).
    pub fn resize_pane_to(&mut self, pane: PaneId, axis: Axis, cells: u16) -> bool {
        let Some((path, at)) = self.split_holding(pane, axis) else {
            return false;
        };
        let Some(parent) = self.root.at(&path) else {
            return false;
        };
        let children = parent.children();
        let now = i32::from(children[at].side(axis));
        let last = children.iter().rposition(Node::counts) == Some(at);
        let change = i32::from(cells) - now;
        self.move_border(&path, at, if last { -change } else { change }, true)
    }

    fn move_border(&mut self, path: &[usize], at: usize, change: i32, opposite: bool) -> bool {
        let insets = self.insets;
        let Some(parent) = self.root.at_mut(path) else {
            return false;
        };
        let moved = parent.move_border(at, change, opposite, &insets);
        self.settle();
        moved
    }

    /// The nearest split along `axis` above the pane, and the child in it.
    fn split_holding(&self, pane: PaneId, axis: Axis) -> Option<(Vec<usize>, usize)> {
        let mut path = self.root.path(pane).filter(|_| !self.floats(pane))?;
        while let Some(at) = path.pop() {
            if self.root.at(&path)?.axis() == Some(axis) {
                return Some((path, at));
            }
        }
        None
    }

    /// Gives the cells of a pane's split the same size (`select-layout -E`).
    pub fn spread(&mut self, pane: PaneId) {
        let Some(mut path) = self.root.path(pane) else {
            return;
        };
        let insets = self.insets;
        if path.pop().is_some()
            && let Some(split) = self.root.at_mut(&path)
        {
            split.spread(&insets);
        }
        self.settle();
    }

    /// Checks what must always hold: sides of at least one cell, children that
    /// fill their split exactly, every pane once in tree, order and stack.
    ///
    /// # Errors
    /// What does not hold, in words.
    pub fn verify(&self) -> Result<(), String> {
        if self.root.counts() {
            self.root.verify()?;
        }
        let mut tree = Vec::new();
        self.root.each_pane(&mut |pane, _| tree.push(pane));
        tree.sort_unstable();
        if tree.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("a pane is in the layout twice".to_owned());
        }
        for (list, what) in [(&self.order, "order"), (&self.stack, "stack")] {
            let mut list = list.clone();
            list.sort_unstable();
            if list != tree {
                return Err(format!("the {what} of panes is not that of the tree"));
            }
        }
        Ok(())
    }
}

/// Gives a tiled cell's room to its neighbour, or its parent's where it is the
/// only one there. The cell itself is as it was; a parent left without tiled
/// cells has no sides.
fn give_away(root: &mut Node, path: &[usize], insets: &Insets) {
    let Some((at, parent_path)) = path.split_last() else {
        return;
    };
    let Some(parent) = root.at_mut(parent_path) else {
        return;
    };
    let Some(axis) = parent.axis() else { return };
    if let Some(heir) = parent.neighbour_of(*at) {
        let gone = i32::from(parent.children()[*at].side(axis)) + 1;
        parent.children_mut()[heir].adjust(axis, gone, insets);
    } else if !parent_path.is_empty() {
        give_away(root, parent_path, insets);
        if let Some(parent) = root.at_mut(parent_path) {
            parent.area = Area::new(0, 0, 0, 0);
        }
    }
}

#[cfg(test)]
mod tests;
