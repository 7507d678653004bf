//! A window's layout: a tree of splits with a pane at each leaf. It is never
//! empty, every cell has at least one column and row, and one column or row of
//! border lies between siblings. It knows no pane but by its id.
//!
//! ```text
//!   split(columns)            ┌─────┬───────┐
//!   ├─ %0                     │ %0  │  %1   │
//!   └─ split(rows)     is     │     ├───────┤
//!      ├─ %1                  │     │  %2   │
//!      └─ %2                  └─────┴───────┘
//! ```

mod node;
pub mod preset;
pub mod text;

use crate::base::{PaneId, Rect, Size};

use node::{Kind, Node};

/// How a split's children lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Side by side (`split-window -h`).
    Columns,
    /// One above the other (`split-window -v`).
    Rows,
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
}

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
}

/// There is no room for another pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no space for new pane")]
pub struct NoSpace;

/// A window's layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: Node,
}

impl Layout {
    /// The smallest pane side in cells.
    pub const MINIMUM: u16 = 1;

    /// A layout of one pane.
    #[must_use]
    pub fn new(pane: PaneId, size: Size) -> Self {
        Self {
            root: Node::pane(pane, size.cols(), size.rows()),
        }
    }

    /// The size of the whole; larger than the window's when its panes cannot
    /// shrink further.
    #[must_use]
    pub fn size(&self) -> Size {
        Size::new(self.root.w, self.root.h)
    }

    /// The panes, left to right and top to bottom as the tree has them.
    #[must_use]
    pub fn panes(&self) -> Vec<PaneId> {
        let mut panes = Vec::new();
        self.root.each_pane(&mut |pane, _| panes.push(pane));
        panes
    }

    /// Each pane with its place.
    #[must_use]
    pub fn places(&self) -> Vec<(PaneId, Rect)> {
        let mut places = Vec::new();
        self.root
            .each_pane(&mut |pane, rect| places.push((pane, rect)));
        places
    }

    /// A pane's place.
    #[must_use]
    pub fn rect(&self, pane: PaneId) -> Option<Rect> {
        self.root.find(pane).map(Node::rect)
    }

    /// How many panes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.panes().len()
    }

    /// Never true: a layout has at least one pane.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Splits `at` (or the whole window) and puts `new` into the free part.
    ///
    /// # Errors
    /// [`NoSpace`] when the two would not fit; nothing is changed then.
    pub fn split(&mut self, at: PaneId, new: PaneId, plan: SplitPlan) -> Result<(), NoSpace> {
        if plan.full {
            return self.split_full(new, plan);
        }
        let path = self.root.path(at).ok_or(NoSpace)?;
        let target = self.root.at(&path).ok_or(NoSpace)?;
        let (first, second) = halves(target.side(plan.axis), plan.size, plan.before)?;
        let same_axis = path
            .split_last()
            .and_then(|(_, parent)| self.root.at(parent))
            .is_some_and(|parent| parent.axis() == Some(plan.axis));
        if same_axis {
            self.insert_sibling(&path, new, plan, (first, second));
        } else if let Some(target) = self.root.at_mut(&path) {
            let fresh = target.clone().with_pane(new);
            target.wrap(plan.axis, fresh, plan.before, (first, second));
        }
        self.root.place(0, 0);
        Ok(())
    }

    fn insert_sibling(&mut self, path: &[usize], new: PaneId, plan: SplitPlan, sides: (u16, u16)) {
        let Some((at, parent)) = path.split_last() else {
            return;
        };
        let Some(Kind::Split(_, children)) = self.root.at_mut(parent).map(|node| &mut node.kind)
        else {
            return;
        };
        let mut fresh = children[*at].clone().with_pane(new);
        let (old_side, new_side) = if plan.before {
            (sides.1, sides.0)
        } else {
            sides
        };
        children[*at].set_side(plan.axis, old_side);
        fresh.set_side(plan.axis, new_side);
        let place = if plan.before { *at } else { *at + 1 };
        children.insert(place, fresh);
    }

    fn split_full(&mut self, new: PaneId, plan: SplitPlan) -> Result<(), NoSpace> {
        let axis = plan.axis;
        let (first, second) = halves(self.root.side(axis), plan.size, plan.before)?;
        let (old_side, new_side) = if plan.before {
            (second, first)
        } else {
            (first, second)
        };
        let shrink = self.root.side(axis) - old_side;
        if self.root.slack(axis) < shrink {
            return Err(NoSpace);
        }
        let whole = (self.root.w, self.root.h);
        self.root.adjust(axis, -i32::from(shrink));
        let mut fresh = Node::pane(new, whole.0, whole.1);
        fresh.set_side(axis, new_side);
        let place = |children: &mut Vec<Node>, fresh| {
            let at = if plan.before { 0 } else { children.len() };
            children.insert(at, fresh);
        };
        if let Kind::Split(own, children) = &mut self.root.kind
            && *own == axis
        {
            place(children, fresh);
        } else {
            let old = std::mem::replace(&mut self.root, Node::pane(new, whole.0, whole.1));
            let mut children = vec![old];
            place(&mut children, fresh);
            self.root.kind = Kind::Split(axis, children);
        }
        (self.root.w, self.root.h) = whole;
        self.root.place(0, 0);
        Ok(())
    }

    /// Takes a pane out; a neighbour gets its room. The last pane stays.
    pub fn remove(&mut self, pane: PaneId) -> bool {
        let Some(path) = self.root.path(pane) else {
            return false;
        };
        let Some((at, parent_path)) = path.split_last() else {
            return false;
        };
        let Some(parent) = self.root.at_mut(parent_path) else {
            return false;
        };
        parent.take_child(*at);
        self.root.place(0, 0);
        true
    }

    /// Exchanges two panes.
    pub fn swap(&mut self, a: PaneId, b: PaneId) {
        self.root.rename(&mut |pane| {
            if pane == a {
                b
            } else if pane == b {
                a
            } else {
                pane
            }
        });
    }

    /// Puts other panes into the same places, in the order of [`Self::panes`].
    pub fn refill(&mut self, panes: &[PaneId]) {
        let mut next = panes.iter().copied();
        self.root.rename(&mut |old| next.next().unwrap_or(old));
    }

    /// Brings the whole to a window's size, as far as the panes' minimum
    /// allows; what is gained or lost goes round the cells one by one.
    pub fn resize(&mut self, size: Size) {
        for (axis, wanted) in [(Axis::Columns, size.cols()), (Axis::Rows, size.rows())] {
            let change = i32::from(wanted) - i32::from(self.root.side(axis));
            let change = change.max(-i32::from(self.root.slack(axis)));
            self.root.adjust(axis, change);
        }
        self.root.place(0, 0);
    }

    /// Moves a pane's border in a direction by some cells, as
    /// `resize-pane -U|-D|-L|-R` does: the right or lower border unless the
    /// pane is the last of its split.
    pub fn resize_pane(&mut self, pane: PaneId, direction: Direction, cells: u16) -> bool {
        let change = match direction {
            Direction::Up | Direction::Left => -i32::from(cells),
            Direction::Down | Direction::Right => i32::from(cells),
        };
        self.move_border(pane, direction.axis(), change, true)
    }

    /// Brings a pane's side to a number of cells (`resize-pane -x|-y`).
    pub fn resize_pane_to(&mut self, pane: PaneId, axis: Axis, cells: u16) -> bool {
        let Some((parent_path, at)) = self.split_holding(pane, axis) else {
            return false;
        };
        let Some(Kind::Split(_, children)) = self.root.at(&parent_path).map(|node| &node.kind)
        else {
            return false;
        };
        let now = i32::from(children[at].side(axis));
        let wanted = i32::from(cells.max(Self::MINIMUM));
        let change = if at + 1 == children.len() {
            now - wanted
        } else {
            wanted - now
        };
        self.move_border(pane, axis, change, true)
    }

    fn move_border(&mut self, pane: PaneId, axis: Axis, change: i32, opposite: bool) -> bool {
        let Some((parent_path, at)) = self.split_holding(pane, axis) else {
            return false;
        };
        let Some(parent) = self.root.at_mut(&parent_path) else {
            return false;
        };
        let moved = parent.move_border(at, change, opposite);
        self.root.place(0, 0);
        moved
    }

    /// The nearest split along `axis` above the pane, and the child in it.
    fn split_holding(&self, pane: PaneId, axis: Axis) -> Option<(Vec<usize>, usize)> {
        let mut path = self.root.path(pane)?;
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
        while path.pop().is_some() {
            let changed = self.root.at_mut(&path).is_some_and(Node::spread);
            if changed {
                break;
            }
        }
        self.root.place(0, 0);
    }

    /// The pane that lies next in a direction: the one whose edge touches,
    /// wrapping round at the window's edge; of several the one for which
    /// `recent` is largest.
    #[must_use]
    pub fn neighbour(
        &self,
        pane: PaneId,
        direction: Direction,
        recent: impl Fn(PaneId) -> usize,
    ) -> Option<PaneId> {
        let own = self.rect(pane)?;
        let (start, end) = match direction.axis() {
            Axis::Columns => (own.y, own.bottom()),
            Axis::Rows => (own.x, own.right()),
        };
        let edge = self.edge(own, direction);
        self.places()
            .into_iter()
            .filter(|(other, _)| *other != pane)
            .filter(|(_, rect)| match direction {
                Direction::Left => rect.right() == edge,
                Direction::Right => rect.x == edge,
                Direction::Up => rect.bottom() == edge,
                Direction::Down => rect.y == edge,
            })
            .filter(|(_, rect)| {
                let (low, high) = match direction.axis() {
                    Axis::Columns => (rect.y, rect.bottom()),
                    Axis::Rows => (rect.x, rect.right()),
                };
                low <= end && high >= start
            })
            .map(|(other, _)| other)
            .max_by_key(|other| (recent(*other), std::cmp::Reverse(*other)))
    }

    /// The coordinate that a neighbour's near edge has.
    fn edge(&self, own: Rect, direction: Direction) -> u16 {
        let size = self.size();
        match direction {
            Direction::Left if own.x == 0 => size.cols(),
            Direction::Left => own.x - 1,
            Direction::Right if own.right() >= size.cols() => 0,
            Direction::Right => own.right() + 1,
            Direction::Up if own.y == 0 => size.rows(),
            Direction::Up => own.y - 1,
            Direction::Down if own.bottom() >= size.rows() => 0,
            Direction::Down => own.bottom() + 1,
        }
    }

    /// Checks what must always hold: sides of at least one cell, children that
    /// fill their split exactly, no pane twice.
    ///
    /// # Errors
    /// What does not hold, in words.
    pub fn verify(&self) -> Result<(), String> {
        self.root.verify()?;
        let mut panes = self.panes();
        let count = panes.len();
        panes.sort_unstable();
        panes.dedup();
        if panes.len() == count {
            Ok(())
        } else {
            Err("a pane is in the layout twice".to_owned())
        }
    }
}

/// The sides of the first and second part when `whole` is split.
fn halves(whole: u16, size: Option<u16>, before: bool) -> Result<(u16, u16), NoSpace> {
    if whole < 2 * Layout::MINIMUM + 1 {
        return Err(NoSpace);
    }
    let second = match size {
        None => whole.div_ceil(2) - 1,
        Some(size) if before => whole.saturating_sub(size).saturating_sub(1),
        Some(size) => size,
    };
    let second = second.clamp(Layout::MINIMUM, whole - 1 - Layout::MINIMUM);
    Ok((whole - 1 - second, second))
}

#[cfg(test)]
mod tests;
