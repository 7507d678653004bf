//! A cell of the layout tree and the arithmetic of its sides.

use crate::base::{PaneId, Rect};

use super::{Axis, Layout};

/// A cell: a pane, or a split with two children or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) w: u16,
    pub(super) h: u16,
    pub(super) kind: Kind,
}

/// What a cell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pane(PaneId),
    Split(Axis, Vec<Node>),
}

impl Node {
    pub(super) fn pane(pane: PaneId, w: u16, h: u16) -> Self {
        Self {
            x: 0,
            y: 0,
            w,
            h,
            kind: Kind::Pane(pane),
        }
    }

    pub(super) fn split(axis: Axis, children: Vec<Self>, w: u16, h: u16) -> Self {
        Self {
            x: 0,
            y: 0,
            w,
            h,
            kind: Kind::Split(axis, children),
        }
    }

    /// A cell of the same size with a pane in it.
    pub(super) fn with_pane(mut self, pane: PaneId) -> Self {
        self.kind = Kind::Pane(pane);
        self
    }

    pub(super) fn rect(&self) -> Rect {
        Rect::new(self.x, self.y, self.w, self.h)
    }

    pub(super) fn axis(&self) -> Option<Axis> {
        match &self.kind {
            Kind::Pane(_) => None,
            Kind::Split(axis, _) => Some(*axis),
        }
    }

    pub(super) fn side(&self, axis: Axis) -> u16 {
        match axis {
            Axis::Columns => self.w,
            Axis::Rows => self.h,
        }
    }

    pub(super) fn set_side(&mut self, axis: Axis, cells: u16) {
        match axis {
            Axis::Columns => self.w = cells,
            Axis::Rows => self.h = cells,
        }
    }

    pub(super) fn each_pane(&self, visit: &mut impl FnMut(PaneId, Rect)) {
        match &self.kind {
            Kind::Pane(pane) => visit(*pane, self.rect()),
            Kind::Split(_, children) => children.iter().for_each(|child| child.each_pane(visit)),
        }
    }

    pub(super) fn rename(&mut self, name: &mut impl FnMut(PaneId) -> PaneId) {
        match &mut self.kind {
            Kind::Pane(pane) => *pane = name(*pane),
            Kind::Split(_, children) => children.iter_mut().for_each(|child| child.rename(name)),
        }
    }

    pub(super) fn find(&self, pane: PaneId) -> Option<&Self> {
        self.path(pane).and_then(|path| self.at(&path))
    }

    /// The child numbers that lead to a pane.
    pub(super) fn path(&self, pane: PaneId) -> Option<Vec<usize>> {
        match &self.kind {
            Kind::Pane(own) => (*own == pane).then(Vec::new),
            Kind::Split(_, children) => children.iter().enumerate().find_map(|(at, child)| {
                let mut path = child.path(pane)?;
                path.insert(0, at);
                Some(path)
            }),
        }
    }

    pub(super) fn at(&self, path: &[usize]) -> Option<&Self> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        match &self.kind {
            Kind::Pane(_) => None,
            Kind::Split(_, children) => children.get(*first)?.at(rest),
        }
    }

    pub(super) fn at_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        match &mut self.kind {
            Kind::Pane(_) => None,
            Kind::Split(_, children) => children.get_mut(*first)?.at_mut(rest),
        }
    }

    /// Makes this cell a split of itself and `fresh`.
    pub(super) fn wrap(&mut self, axis: Axis, mut fresh: Self, before: bool, sides: (u16, u16)) {
        let mut old = self.clone();
        let children = if before {
            fresh.set_side(axis, sides.0);
            old.set_side(axis, sides.1);
            vec![fresh, old]
        } else {
            old.set_side(axis, sides.0);
            fresh.set_side(axis, sides.1);
            vec![old, fresh]
        };
        self.kind = Kind::Split(axis, children);
    }

    /// Removes a child; its neighbour takes the room, and a split of one
    /// becomes that one.
    pub(super) fn take_child(&mut self, at: usize) {
        let (w, h) = (self.w, self.h);
        let Kind::Split(axis, children) = &mut self.kind else {
            return;
        };
        let gone = children.remove(at);
        let heir = at.saturating_sub(1);
        children[heir].adjust(*axis, i32::from(gone.side(*axis)) + 1);
        if children.len() == 1
            && let Some(only) = children.pop()
        {
            *self = only;
            (self.w, self.h) = (w, h);
        }
    }

    /// How many cells the side can lose.
    pub(super) fn slack(&self, axis: Axis) -> u16 {
        match &self.kind {
            Kind::Pane(_) => self.side(axis).saturating_sub(Layout::MINIMUM),
            Kind::Split(own, children) if *own == axis => {
                children.iter().map(|child| child.slack(axis)).sum()
            }
            Kind::Split(_, children) => {
                let slacks = children.iter().map(|child| child.slack(axis));
                slacks.min().unwrap_or(0)
            }
        }
    }

    /// Changes the side; within a split along the axis the change goes round
    /// the children one cell at a time. The caller has checked [`Self::slack`].
    pub(super) fn adjust(&mut self, axis: Axis, change: i32) {
        let side = i32::from(self.side(axis)) + change;
        self.set_side(axis, u16::try_from(side.max(1)).unwrap_or(u16::MAX));
        let Kind::Split(own, children) = &mut self.kind else {
            return;
        };
        if *own != axis {
            children
                .iter_mut()
                .for_each(|child| child.adjust(axis, change));
            return;
        }
        let shares = share(change, children, axis);
        for (child, share) in children.iter_mut().zip(shares) {
            if share != 0 {
                child.adjust(axis, share);
            }
        }
    }

    /// Moves the border after child `at` (before it, if it is the last).
    pub(super) fn move_border(&mut self, at: usize, change: i32, opposite: bool) -> bool {
        let Kind::Split(axis, children) = &mut self.kind else {
            return false;
        };
        let axis = *axis;
        let at = if at + 1 == children.len() {
            at.saturating_sub(1)
        } else {
            at
        };
        let mut needed = change;
        let mut moved = false;
        while needed != 0 {
            let pair = if change > 0 {
                grow_pair(children, at, axis, opposite)
            } else {
                shrink_pair(children, at, axis)
            };
            let Some((gains, loses)) = pair else { break };
            let size = i32::from(children[loses].slack(axis)).min(needed.abs());
            children[gains].adjust(axis, size);
            children[loses].adjust(axis, -size);
            needed -= size * change.signum();
            moved = true;
        }
        moved
    }

    /// Gives all children the same side, the first ones one more where it does
    /// not divide. Whether anything changed.
    pub(super) fn spread(&mut self) -> bool {
        let Kind::Split(axis, children) = &mut self.kind else {
            return false;
        };
        let axis = *axis;
        let whole = match axis {
            Axis::Columns => self.w,
            Axis::Rows => self.h,
        };
        let count = u16::try_from(children.len()).unwrap_or(u16::MAX);
        let Some(room) = whole.checked_sub(count - 1) else {
            return false;
        };
        let (each, rest) = (room / count, room % count);
        if each == 0 {
            return false;
        }
        let wanted = |nth: u16| each + u16::from(nth < rest);
        let fits = |(child, nth): (&Self, u16)| child.side(axis) - child.slack(axis) <= wanted(nth);
        if !children.iter().zip(0..).all(fits) {
            return false;
        }
        let mut changed = false;
        for (child, nth) in children.iter_mut().zip(0..) {
            let change = i32::from(wanted(nth)) - i32::from(child.side(axis));
            if change != 0 {
                child.adjust(axis, change);
                changed = true;
            }
        }
        changed
    }

    /// Gives this cell and all below it their corners.
    pub(super) fn place(&mut self, x: u16, y: u16) {
        (self.x, self.y) = (x, y);
        let Kind::Split(axis, children) = &mut self.kind else {
            return;
        };
        let (mut x, mut y) = (x, y);
        for child in children {
            child.place(x, y);
            match axis {
                Axis::Columns => x += child.w + 1,
                Axis::Rows => y += child.h + 1,
            }
        }
    }

    pub(super) fn verify(&self) -> Result<(), String> {
        if self.w == 0 || self.h == 0 {
            return Err("a cell of the layout is empty".to_owned());
        }
        let Kind::Split(axis, children) = &self.kind else {
            return Ok(());
        };
        if children.len() < 2 {
            return Err("a split has fewer than two children".to_owned());
        }
        let (across, along) = match axis {
            Axis::Columns => (Axis::Rows, self.w),
            Axis::Rows => (Axis::Columns, self.h),
        };
        if children.iter().any(|c| c.side(across) != self.side(across)) {
            return Err("a child is not as wide as its split".to_owned());
        }
        let borders = children.len() - 1;
        let used: usize = children.iter().map(|c| usize::from(c.side(*axis))).sum();
        if used + borders != usize::from(along) {
            return Err(format!("children take {used}+{borders} of {along} cells"));
        }
        children.iter().try_for_each(Self::verify)
    }
}

/// How a change is dealt out: one cell to each child in turn, passing over
/// those that cannot shrink.
fn share(change: i32, children: &[Node], axis: Axis) -> Vec<i32> {
    let slack: Vec<i32> = children.iter().map(|c| i32::from(c.slack(axis))).collect();
    let mut shares = vec![0; children.len()];
    let mut left = change;
    while left != 0 {
        let before = left;
        for (share, slack) in shares.iter_mut().zip(&slack) {
            if left > 0 {
                *share += 1;
                left -= 1;
            } else if left < 0 && *slack + *share > 0 {
                *share -= 1;
                left += 1;
            }
        }
        if left == before {
            break;
        }
    }
    shares
}

/// Who gains and who loses when the border after `at` moves on.
fn grow_pair(children: &[Node], at: usize, axis: Axis, opposite: bool) -> Option<(usize, usize)> {
    let can_lose = |n: &usize| children[*n].slack(axis) > 0;
    let after = (at + 1..children.len()).find(can_lose);
    let before = || (0..at).rev().find(can_lose).filter(|_| opposite);
    after.or_else(before).map(|loses| (at, loses))
}

/// Who gains and who loses when the border after `at` moves back.
fn shrink_pair(children: &[Node], at: usize, axis: Axis) -> Option<(usize, usize)> {
    let loses = (0..=at).rev().find(|n| children[*n].slack(axis) > 0)?;
    (at + 1 < children.len()).then_some((at + 1, loses))
}
