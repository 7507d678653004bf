//! A cell of the layout tree and the arithmetic of its sides. A floating cell
//! keeps its place in the tree but takes no room there: what is said of tiled
//! cells passes over it. It knows no pane but by its id.

use crate::base::PaneId;

use super::{Area, Axis, Insets, Layout, StatusSide};

/// A cell: a pane, or a split of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) area: Area,
    pub(super) kind: Kind,
    /// A pane that lies over the tiled ones.
    pub(super) float: bool,
    /// The border's status line takes a row of what is at this edge.
    pub(super) edge: bool,
    /// Where the pane floated before it was tiled.
    pub(super) kept: Option<Area>,
}

/// What a cell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pane(PaneId),
    Split(Axis, Vec<Node>),
}

impl Node {
    pub(super) fn pane(pane: PaneId, w: u16, h: u16) -> Self {
        Self::with(Kind::Pane(pane), Area::new(0, 0, w, h))
    }

    pub(super) fn floating(pane: PaneId, area: Area) -> Self {
        Self {
            float: true,
            ..Self::with(Kind::Pane(pane), area)
        }
    }

    pub(super) fn split(axis: Axis, children: Vec<Self>, w: u16, h: u16) -> Self {
        Self::with(Kind::Split(axis, children), Area::new(0, 0, w, h))
    }

    pub(super) fn with(kind: Kind, area: Area) -> Self {
        Self {
            area,
            kind,
            float: false,
            edge: false,
            kept: None,
        }
    }

    pub(super) fn axis(&self) -> Option<Axis> {
        match &self.kind {
            Kind::Pane(_) => None,
            Kind::Split(axis, _) => Some(*axis),
        }
    }

    pub(super) fn children(&self) -> &[Self] {
        match &self.kind {
            Kind::Pane(_) => &[],
            Kind::Split(_, children) => children,
        }
    }

    pub(super) fn children_mut(&mut self) -> &mut [Self] {
        match &mut self.kind {
            Kind::Pane(_) => &mut [],
            Kind::Split(_, children) => children,
        }
    }

    /// Whether the cell takes room: a tiled pane, or a split that has one.
    pub(super) fn counts(&self) -> bool {
        match &self.kind {
            Kind::Pane(_) => !self.float,
            Kind::Split(_, children) => children.iter().any(Self::counts),
        }
    }

    pub(super) fn side(&self, axis: Axis) -> u16 {
        self.area.side(axis)
    }

    pub(super) fn set_side(&mut self, axis: Axis, cells: u16) {
        match axis {
            Axis::Columns => self.area.w = cells,
            Axis::Rows => self.area.h = cells,
        }
    }

    pub(super) fn each_pane(&self, visit: &mut impl FnMut(PaneId, &Self)) {
        match &self.kind {
            Kind::Pane(pane) => visit(*pane, self),
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
        match &self.kind {
            Kind::Pane(own) => (*own == pane).then_some(self),
            Kind::Split(_, children) => children.iter().find_map(|child| child.find(pane)),
        }
    }

    pub(super) fn find_mut(&mut self, pane: PaneId) -> Option<&mut Self> {
        let path = self.path(pane)?;
        self.at_mut(&path)
    }

    /// The child numbers that lead to a pane.
    pub(super) fn path(&self, pane: PaneId) -> Option<Vec<usize>> {
        let mut path = Vec::new();
        self.walk_to(pane, &mut path).then_some(path)
    }

    fn walk_to(&self, pane: PaneId, path: &mut Vec<usize>) -> bool {
        if let Kind::Pane(own) = self.kind {
            return own == pane;
        }
        for (at, child) in self.children().iter().enumerate() {
            path.push(at);
            if child.walk_to(pane, path) {
                return true;
            }
            path.pop();
        }
        false
    }

    pub(super) fn at(&self, path: &[usize]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, at| node.children().get(*at))
    }

    pub(super) fn at_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter()
            .try_fold(self, |node, at| node.children_mut().get_mut(*at))
    }

    /// The tiled child next to another: after it, or before it where there is
    /// none or where it is the last of all.
    pub(super) fn neighbour_of(&self, at: usize) -> Option<usize> {
        let children = self.children();
        let tiled = |n: &usize| children[*n].counts();
        let after = || (at + 1..children.len()).find(tiled);
        let before = || (0..at).rev().find(tiled);
        if at + 1 == children.len() {
            before().or_else(after)
        } else {
            after().or_else(before)
        }
    }

    /// How many cells the side can lose.
    pub(super) fn slack(&self, axis: Axis, insets: &Insets) -> u16 {
        match &self.kind {
            Kind::Pane(_) if self.float => 0,
            Kind::Pane(_) => {
                let extra = match axis {
                    Axis::Columns => insets.bar,
                    Axis::Rows => u16::from(self.edge),
                };
                self.side(axis).saturating_sub(Layout::MINIMUM + extra)
            }
            Kind::Split(own, children) => {
                let tiled = children.iter().filter(|child| child.counts());
                let slacks = tiled.map(|child| child.slack(axis, insets));
                if *own == axis {
                    slacks.fold(0, u16::saturating_add)
                } else {
                    slacks.min().unwrap_or(0)
                }
            }
        }
    }

    fn change_side(&mut self, axis: Axis, change: i32) {
        let side = i32::from(self.side(axis)) + change;
        self.set_side(axis, u16::try_from(side.max(0)).unwrap_or(u16::MAX));
    }

    /// Changes the side; within a split along the axis the change goes round
    /// the children one cell at a time. The caller has checked [`Self::slack`].
    pub(super) fn adjust(&mut self, axis: Axis, change: i32, insets: &Insets) {
        self.change_side(axis, change);
        let Kind::Split(own, children) = &mut self.kind else {
            return;
        };
        if *own != axis {
            let tiled = children.iter_mut().filter(|child| child.counts());
            tiled.for_each(|child| child.adjust(axis, change, insets));
            return;
        }
        let shares = share(change, children, axis, insets);
        for (child, share) in children.iter_mut().zip(shares) {
            if share != 0 {
                child.adjust_singly(axis, share, insets);
            }
        }
    }

    /// The same as so many changes by one cell: below a split that deals them
    /// out, each begins with the first child anew.
    fn adjust_singly(&mut self, axis: Axis, change: i32, insets: &Insets) {
        self.change_side(axis, change);
        let Kind::Split(own, children) = &mut self.kind else {
            return;
        };
        let mut tiled = children.iter_mut().filter(|child| child.counts());
        if *own != axis {
            tiled.for_each(|child| child.adjust_singly(axis, change, insets));
        } else if change > 0 {
            if let Some(first) = tiled.next() {
                first.adjust_singly(axis, change, insets);
            }
        } else {
            let mut left = -change;
            for child in tiled {
                let taken = i32::from(child.slack(axis, insets)).min(left);
                if taken > 0 {
                    child.adjust_singly(axis, -taken, insets);
                    left -= taken;
                }
            }
        }
    }

    /// Brings the side to a number of cells.
    pub(super) fn adjust_to(&mut self, axis: Axis, cells: u16, insets: &Insets) {
        let change = i32::from(cells) - i32::from(self.side(axis));
        self.adjust(axis, change, insets);
    }

    /// Moves the border after child `at` (before it, if it is the last tiled
    /// one). Whether it moved.
    pub(super) fn move_border(
        &mut self,
        at: usize,
        change: i32,
        opposite: bool,
        insets: &Insets,
    ) -> bool {
        let Kind::Split(axis, children) = &mut self.kind else {
            return false;
        };
        let axis = *axis;
        let tiled = |n: &usize| children[*n].counts();
        let Some(last) = (0..children.len()).rev().find(tiled) else {
            return false;
        };
        let at = if at >= last {
            match (0..at).rev().find(tiled) {
                Some(before) => before,
                None => return false,
            }
        } else {
            at
        };
        let mut needed = change;
        let mut moved = false;
        while needed != 0 {
            let pair = if change > 0 {
                grow_pair(children, at, axis, opposite, insets)
            } else {
                shrink_pair(children, at, axis, insets)
            };
            let Some((gains, loses)) = pair else { break };
            let size = i32::from(children[loses].slack(axis, insets)).min(needed.abs());
            children[gains].adjust(axis, size, insets);
            children[loses].adjust(axis, -size, insets);
            needed -= size * change.signum();
            moved = true;
        }
        moved
    }

    /// Gives all tiled children the same side, the first ones one more where it
    /// does not divide. Whether anything changed.
    pub(super) fn spread(&mut self, insets: &Insets) -> bool {
        let edge = self.edge;
        let Kind::Split(axis, children) = &mut self.kind else {
            return false;
        };
        let axis = *axis;
        let mut whole = self.area.side(axis);
        let along_rows = axis == Axis::Rows;
        if along_rows && edge {
            whole = whole.saturating_sub(1);
        }
        let count = children.iter().filter(|child| child.counts()).count();
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        let Some(room) = (count > 1).then(|| whole.checked_sub(count - 1)).flatten() else {
            return false;
        };
        let (each, rest) = (room / count, room % count);
        if each == 0 {
            return false;
        }
        let wanted = |child: &Self, nth: u16| {
            each + u16::from(nth < rest) + u16::from(along_rows && child.edge)
        };
        let fits = |(child, nth): (&Self, u16)| {
            child.side(axis) - child.slack(axis, insets) <= wanted(child, nth)
        };
        let tiled = || children.iter().filter(|child| child.counts());
        if !tiled()
            .zip(0..)
            .filter(|(child, _)| child.axis().is_some())
            .all(fits)
        {
            return false;
        }
        let mut changed = false;
        let tiled = children.iter_mut().filter(|child| child.counts());
        for (child, nth) in tiled.zip(0..) {
            let change = i32::from(wanted(child, nth)) - i32::from(child.side(axis));
            if change != 0 {
                child.adjust(axis, change, insets);
                changed = true;
            }
        }
        changed
    }

    /// Gives this cell and all tiled ones below it their corners.
    pub(super) fn place(&mut self, x: i32, y: i32) {
        (self.area.x, self.area.y) = (x, y);
        let Kind::Split(axis, children) = &mut self.kind else {
            return;
        };
        let (mut x, mut y) = (x, y);
        for child in children.iter_mut().filter(|child| child.counts()) {
            child.place(x, y);
            match axis {
                Axis::Columns => x += i32::from(child.area.w) + 1,
                Axis::Rows => y += i32::from(child.area.h) + 1,
            }
        }
    }

    /// Notes which cells are at the edge that the border's status line takes.
    pub(super) fn mark_edge(&mut self, edge: bool, side: Option<StatusSide>) {
        self.edge = edge;
        let Kind::Split(axis, children) = &mut self.kind else {
            return;
        };
        let tiled = |child: &Self| child.counts();
        let columns = *axis == Axis::Columns;
        let only = match (*axis, side) {
            (Axis::Columns, _) | (_, None) => None,
            (Axis::Rows, Some(StatusSide::Top)) => children.iter().position(tiled),
            (Axis::Rows, Some(StatusSide::Bottom)) => children.iter().rposition(tiled),
        };
        for (nth, child) in children.iter_mut().enumerate() {
            child.mark_edge(edge && (columns || only == Some(nth)), side);
        }
    }

    pub(super) fn verify(&self) -> Result<(), String> {
        if self.area.w == 0 || self.area.h == 0 {
            return Err("a cell of the layout is empty".to_owned());
        }
        let Kind::Split(axis, children) = &self.kind else {
            return Ok(());
        };
        if children.len() < 2 {
            return Err("a split has fewer than two children".to_owned());
        }
        let (across, along) = match axis {
            Axis::Columns => (Axis::Rows, self.area.w),
            Axis::Rows => (Axis::Columns, self.area.h),
        };
        let tiled = || children.iter().filter(|child| child.counts());
        if tiled().any(|c| c.side(across) != self.side(across)) {
            return Err("a child is not as wide as its split".to_owned());
        }
        let used: usize = tiled().map(|c| usize::from(c.side(*axis)) + 1).sum();
        if used != 0 && used != usize::from(along) + 1 {
            return Err(format!("children take {used} of {along} cells and one"));
        }
        tiled().try_for_each(Self::verify)
    }
}

/// How a change is dealt out: one cell to each child in turn, passing over
/// those that float or cannot shrink.
fn share(change: i32, children: &[Node], axis: Axis, insets: &Insets) -> Vec<i32> {
    let tiled: Vec<bool> = children.iter().map(Node::counts).collect();
    let slack: Vec<i32> = children
        .iter()
        .map(|c| i32::from(c.slack(axis, insets)))
        .collect();
    let mut shares = vec![0; children.len()];
    let mut left = change;
    while left != 0 {
        let before = left;
        for (nth, share) in shares.iter_mut().enumerate().filter(|(nth, _)| tiled[*nth]) {
            if left > 0 {
                *share += 1;
                left -= 1;
            } else if left < 0 && slack[nth] + *share > 0 {
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
fn grow_pair(
    children: &[Node],
    at: usize,
    axis: Axis,
    opposite: bool,
    insets: &Insets,
) -> Option<(usize, usize)> {
    let can_lose = |n: &usize| children[*n].slack(axis, insets) > 0;
    let after = (at + 1..children.len()).find(can_lose);
    let before = || (0..at).rev().find(can_lose).filter(|_| opposite);
    after.or_else(before).map(|loses| (at, loses))
}

/// Who gains and who loses when the border after `at` moves back.
fn shrink_pair(
    children: &[Node],
    at: usize,
    axis: Axis,
    insets: &Insets,
) -> Option<(usize, usize)> {
    let loses = (0..=at)
        .rev()
        .find(|n| children[*n].slack(axis, insets) > 0)?;
    let gains = (at + 1..children.len()).find(|n| children[*n].counts())?;
    Some((gains, loses))
}
