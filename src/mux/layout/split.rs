//! Splitting: a new tiled cell beside another, or across the whole window. It
//! gives no pane its terminal's size.

use crate::base::PaneId;

use super::node::{Kind, Node};
use super::{Area, Axis, Insets, Layout, NoSpace, SplitPlan};

impl Layout {
    /// Splits `at` (or the whole window) and puts `new` into the free part.
    ///
    /// # Errors
    /// [`NoSpace`] when the two would not fit; nothing is changed then.
    pub fn split(&mut self, at: PaneId, new: PaneId, plan: SplitPlan) -> Result<(), NoSpace> {
        let mut root = self.root.clone();
        let path = root.path(at).ok_or(NoSpace)?;
        let insets = self.insets;
        let target = root.at(&path).filter(|node| !node.float).ok_or(NoSpace)?;
        let target = if plan.full { &root } else { target };
        check_space(target, plan.axis, &insets)?;
        let sizes = halves(target.side(plan.axis), plan.size, plan.before);
        if plan.full {
            split_full(&mut root, new, plan, sizes, &insets)?;
        } else {
            split_one(&mut root, &path, new, plan, sizes);
        }
        // Cells at their least size may not give all that is asked of them.
        root.verify().map_err(|_| NoSpace)?;
        self.root = root;
        self.enter(at, new, plan);
        self.settle();
        Ok(())
    }

    /// Gives a new tiled pane its place in the order: beside the other, or at
    /// an end.
    fn enter(&mut self, at: PaneId, new: PaneId, plan: SplitPlan) {
        let place = self.order.iter().position(|pane| *pane == at);
        let place = match (plan.full && plan.at_end, plan.before, place) {
            (true, true, _) => 0,
            (true, false, _) | (_, _, None) => self.order.len(),
            (false, true, Some(at)) => at,
            (false, false, Some(at)) => at + 1,
        };
        self.order.insert(place, new);
        self.stack.push(new);
    }
}

/// Whether two panes fit where one is.
pub(super) fn check_space(node: &Node, axis: Axis, insets: &Insets) -> Result<(), NoSpace> {
    let minimum = 2 * Layout::MINIMUM
        + match axis {
            Axis::Columns if insets.bar > 0 => insets.bar,
            Axis::Columns => 1,
            Axis::Rows => 1 + u16::from(node.edge),
        };
    if node.side(axis) < minimum.max(2 * Layout::MINIMUM + 1) {
        return Err(NoSpace);
    }
    Ok(())
}

/// The sides of the first and second part when `whole` is split.
pub(super) fn halves(whole: u16, size: Option<u16>, before: bool) -> (u16, u16) {
    let second = match size {
        None => whole.div_ceil(2).saturating_sub(1),
        // One that asks for more than there is gets the least, as in tmux.
        Some(size) if before => whole
            .checked_sub(size.saturating_add(1))
            .unwrap_or(u16::MAX),
        Some(size) => size,
    };
    let second = second.clamp(
        Layout::MINIMUM,
        whole.saturating_sub(2).max(Layout::MINIMUM),
    );
    (whole.saturating_sub(1 + second), second)
}

fn split_one(root: &mut Node, path: &[usize], new: PaneId, plan: SplitPlan, sizes: (u16, u16)) {
    let axis = plan.axis;
    let (old_side, new_side) = if plan.before {
        (sizes.1, sizes.0)
    } else {
        sizes
    };
    let Some(target) = root.at_mut(path) else {
        return;
    };
    let whole = target.area;
    let mut fresh = Node::pane(new, whole.w, whole.h);
    fresh.set_side(axis, new_side);
    target.set_side(axis, old_side);
    let same_axis = path
        .split_last()
        .filter(|(_, parent)| root.at(parent).and_then(Node::axis) == Some(axis));
    if let Some((at, parent)) = same_axis {
        if let Some(Kind::Split(_, children)) = root.at_mut(parent).map(|node| &mut node.kind) {
            children.insert(if plan.before { *at } else { at + 1 }, fresh);
        }
    } else if let Some(target) = root.at_mut(path) {
        wrap(target, axis, fresh, plan.before, whole);
    }
}

/// Makes a cell a split of itself and another.
pub(super) fn wrap(target: &mut Node, axis: Axis, fresh: Node, before: bool, whole: Area) {
    let parent = Node::with(Kind::Split(axis, Vec::with_capacity(2)), whole);
    let old = std::mem::replace(target, parent);
    if let Kind::Split(_, children) = &mut target.kind {
        children.extend(if before { [fresh, old] } else { [old, fresh] });
    }
}

fn split_full(
    root: &mut Node,
    new: PaneId,
    plan: SplitPlan,
    sizes: (u16, u16),
    insets: &Insets,
) -> Result<(), NoSpace> {
    let axis = plan.axis;
    let (old_side, new_side) = if plan.before {
        (sizes.1, sizes.0)
    } else {
        sizes
    };
    if !can_be(root, axis, old_side, insets) {
        return Err(NoSpace);
    }
    let whole = root.area;
    root.set_side(axis, old_side);
    fit_children(root, insets);
    let mut fresh = Node::pane(new, whole.w, whole.h);
    fresh.set_side(axis, new_side);
    if let Kind::Split(own, children) = &mut root.kind
        && *own == axis
    {
        let at = if plan.before { 0 } else { children.len() };
        children.insert(at, fresh);
        root.area = whole;
    } else {
        wrap(root, axis, fresh, plan.before, whole);
    }
    Ok(())
}

/// A child's new side when its parent gets `size` after `previous`, in
/// proportion; the last one takes what is left.
fn proportion(
    node: &Node,
    axis: Axis,
    (previous, size): (u16, u16),
    (count, left): (u16, u16),
    insets: &Insets,
) -> u16 {
    if count == 1 {
        return left;
    }
    let side = node.side(axis);
    let floor = ((Layout::MINIMUM + 1) * (count - 1)).max(side - node.slack(axis, insets));
    let share = u32::from(side) * u32::from(size) / u32::from(previous.max(1));
    let share = u16::try_from(share).unwrap_or(u16::MAX);
    let most = left.checked_sub(floor).unwrap_or(u16::MAX);
    share.min(most).max(Layout::MINIMUM)
}

/// Whether a cell and all in it can be brought to a side.
fn can_be(node: &Node, axis: Axis, size: u16, insets: &Insets) -> bool {
    let Kind::Split(own, children) = &node.kind else {
        return size >= Layout::MINIMUM;
    };
    let tiled: Vec<&Node> = children.iter().filter(|child| child.counts()).collect();
    if *own != axis {
        let splits = tiled.iter().filter(|child| child.axis().is_some());
        return splits
            .into_iter()
            .all(|child| can_be(child, axis, size, insets));
    }
    let count = u16::try_from(tiled.len()).unwrap_or(u16::MAX);
    let mut left = size;
    if count == 0 || size < (count * 2).saturating_sub(1) {
        return count == 0;
    }
    for (child, nth) in tiled.into_iter().zip(0..) {
        let sizes = (node.side(axis), size);
        let wanted = proportion(child, axis, sizes, (count - nth, left), insets);
        let border = u16::from(nth + 1 != count);
        let Some(rest) = left.checked_sub(wanted.saturating_add(border)) else {
            return false;
        };
        left = rest;
        if !can_be(child, axis, wanted, insets) {
            return false;
        }
    }
    true
}

/// Brings all children to a cell whose sides were set.
fn fit_children(node: &mut Node, insets: &Insets) {
    let area = node.area;
    let Kind::Split(axis, children) = &mut node.kind else {
        return;
    };
    let axis = *axis;
    let tiled = || children.iter().filter(|child| child.counts());
    let count = u16::try_from(tiled().count()).unwrap_or(u16::MAX);
    let before = tiled().fold(0_u16, |sum, child| {
        sum.saturating_add(child.side(axis)).saturating_add(1)
    });
    let before = before.saturating_sub(1);
    let (size, across) = match axis {
        Axis::Columns => (area.w, Axis::Rows),
        Axis::Rows => (area.h, Axis::Columns),
    };
    let mut left = size;
    let tiled = children.iter_mut().filter(|child| child.counts());
    for (child, nth) in tiled.zip(0..) {
        let wanted = proportion(child, axis, (before, size), (count - nth, left), insets);
        child.set_side(axis, wanted);
        child.set_side(across, area.side(across));
        left = left.saturating_sub(wanted.saturating_add(1));
        fit_children(child, insets);
    }
}
