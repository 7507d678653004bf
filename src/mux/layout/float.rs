//! Floating panes: they lie over the tiled ones, anywhere, one over the other.
//! Each keeps a place in the tree, to which it returns when it is tiled again.
//! What a mouse does with them is not known here.

use std::str::FromStr;

use crate::base::{PaneId, Size};

use super::node::{Kind, Node};
use super::split::{check_space, halves, wrap};
use super::{Area, Axis, Layout, NoSpace, give_away};

/// Sides and corner that a floating pane is to have; those not given are the
/// usual ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloatPlace {
    /// Columns.
    pub w: Option<i32>,
    /// Rows.
    pub h: Option<i32>,
    /// Left column.
    pub x: Option<i32>,
    /// Top row.
    pub y: Option<i32>,
    /// It has no frame.
    pub bare: bool,
}

/// Why a pane cannot float as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FloatError {
    /// Fewer columns than one, or too many.
    #[error("invalid width")]
    Width,
    /// Fewer rows than one, or too many.
    #[error("invalid height")]
    Height,
    /// A side would be less than one cell, or too large.
    #[error("size is too big or too small")]
    Size,
    /// A change would leave a side less than one cell, or too large.
    #[error("change is too big or too small")]
    Change,
    /// There is no room.
    #[error(transparent)]
    NoSpace(#[from] NoSpace),
}

/// Where `move-pane -P` puts a floating pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// At an edge or the middle, across and down.
    Edges(Third, Third),
    /// In the middle of a quarter: right, lower.
    Quarter(bool, bool),
    /// Over all others.
    Front,
    /// Under all others.
    Back,
    /// One further to the front; from there to the back if it loops.
    Forward(bool),
    /// One further to the back; from there to the front if it loops.
    Backward(bool),
}

/// A third of a window's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Third {
    /// Left or top.
    Start,
    /// The middle.
    Middle,
    /// Right or bottom.
    End,
}

impl FromStr for Position {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let quarter = name
            .strip_suffix("-centre")
            .filter(|start| start.contains('-'));
        if let Some(corner) = quarter {
            return match corner {
                "top-left" => Ok(Self::Quarter(false, false)),
                "top-right" => Ok(Self::Quarter(true, false)),
                "bottom-left" => Ok(Self::Quarter(false, true)),
                "bottom-right" => Ok(Self::Quarter(true, true)),
                _ => Err(format!("unknown position: {name}")),
            };
        }
        Ok(match name {
            "front" => Self::Front,
            "back" => Self::Back,
            "forward" => Self::Forward(false),
            "backward" => Self::Backward(false),
            "forward-loop" => Self::Forward(true),
            "backward-loop" => Self::Backward(true),
            "centre" => Self::Edges(Third::Middle, Third::Middle),
            _ => {
                let unknown = || format!("unknown position: {name}");
                let (down, across) = name.split_once('-').ok_or_else(unknown)?;
                let down = match down {
                    "top" => Third::Start,
                    "centre" => Third::Middle,
                    "bottom" => Third::End,
                    _ => return Err(unknown()),
                };
                let across = match across {
                    "left" => Third::Start,
                    "centre" => Third::Middle,
                    "right" => Third::End,
                    _ => return Err(unknown()),
                };
                if (down, across) == (Third::Middle, Third::Middle) {
                    return Err(unknown());
                }
                Self::Edges(across, down)
            }
        })
    }
}

impl Layout {
    /// Whether a pane floats.
    #[must_use]
    pub fn floats(&self, pane: PaneId) -> bool {
        self.root.find(pane).is_some_and(|node| node.float)
    }

    /// The floating panes with their places, the rearmost first.
    #[must_use]
    pub fn floating(&self) -> Vec<(PaneId, Area)> {
        let mut areas = std::collections::HashMap::new();
        self.root.each_pane(&mut |pane, node| {
            if node.float {
                areas.insert(pane, self.insets.inside(node.area, false));
            }
        });
        let front_last = self.stack.iter().rev();
        front_last
            .filter_map(|pane| Some((*pane, *areas.get(pane)?)))
            .collect()
    }

    /// How many floating panes are over one.
    #[must_use]
    pub fn depth(&self, pane: PaneId) -> usize {
        let over = self.over(pane).iter();
        over.filter(|other| self.floats(**other)).count()
    }

    /// The panes that come before one in the order of depth.
    #[must_use]
    pub fn over(&self, pane: PaneId) -> &[PaneId] {
        let at = self.stack.iter().position(|other| *other == pane);
        self.stack.get(..at.unwrap_or(0)).unwrap_or_default()
    }

    /// How many tiled panes there are.
    #[must_use]
    pub fn tiled(&self) -> usize {
        let mut count = 0;
        self.root
            .each_pane(&mut |_, node| count += usize::from(!node.float));
        count
    }

    /// A floating pane's place as asked for: half the window wide and a quarter
    /// high, each a step right of and below the one before.
    ///
    /// # Errors
    /// [`FloatError`].
    pub fn float_place(&mut self, wanted: FloatPlace) -> Result<Area, FloatError> {
        let (cols, rows) = sides(self.size());
        let side = |side: i32, error| {
            let fits = |n: &u16| (1..=Size::MAX_SIDE).contains(n);
            u16::try_from(side).ok().filter(fits).ok_or(error)
        };
        if self.tiled() == self.order.len() {
            self.cascade = (0, 0);
        }
        let w = side(wanted.w.unwrap_or(cols / 2), FloatError::Width)?;
        let h = side(wanted.h.unwrap_or(rows / 4), FloatError::Height)?;
        let frame = i32::from(!wanted.bare);
        // A step on, or from the edge anew where it would not be seen whole.
        let next = |last: &mut i32, step: i32, own: u16, whole: i32| {
            let on = *last + step;
            let fits = on + i32::from(own) + frame <= whole;
            *last = if fits { on } else { step };
            *last
        };
        let x = wanted
            .x
            .unwrap_or_else(|| next(&mut self.cascade.0, 4, w, cols));
        let y = wanted
            .y
            .unwrap_or_else(|| next(&mut self.cascade.1, 2, h, rows));
        Ok(Area::new(x, y, w, h))
    }

    /// Puts a new floating pane over all others. In the order of panes it is
    /// the last, or before the other one.
    pub fn add_float(&mut self, beside: PaneId, new: PaneId, area: Area, before: bool) {
        let Some(path) = self.root.path(beside) else {
            return;
        };
        let fresh = Node::floating(new, area);
        if let Some((at, parent)) = path.split_last() {
            if let Some(Kind::Split(_, children)) =
                self.root.at_mut(parent).map(|node| &mut node.kind)
            {
                children.insert(at + 1, fresh);
            }
        } else {
            let whole = self.root.area;
            wrap(&mut self.root, Axis::Rows, fresh, false, whole);
        }
        let at = self.order.iter().position(|pane| *pane == beside);
        let at = at.filter(|_| before).unwrap_or(self.order.len());
        self.order.insert(at, new);
        self.stack.insert(0, new);
        self.settle();
    }

    /// Splits a floating pane: it makes room for another of its size beside it,
    /// whose place is returned.
    ///
    /// # Errors
    /// [`NoSpace`]; nothing is changed then.
    pub fn split_float(
        &mut self,
        pane: PaneId,
        axis: Axis,
        before: bool,
        full: bool,
        framed: bool,
    ) -> Result<Area, NoSpace> {
        let size = self.size();
        let node = self.root.find_mut(pane).filter(|node| node.float);
        let node = node.ok_or(NoSpace)?;
        let room = Room::new(size, framed);
        let (old, new) = room.split(node.area, axis, before, full).ok_or(NoSpace)?;
        node.area = old;
        Ok(new)
    }

    /// Lifts a tiled pane out of the tree's room and over all others.
    ///
    /// # Errors
    /// [`FloatError`]; nothing is changed then.
    pub fn lift(&mut self, pane: PaneId, wanted: FloatPlace) -> Result<(), FloatError> {
        let kept = self.root.find(pane).and_then(|node| node.kept);
        let wanted = FloatPlace {
            w: wanted.w.or_else(|| kept.map(|area| area.w.into())),
            h: wanted.h.or_else(|| kept.map(|area| area.h.into())),
            x: wanted.x.or_else(|| kept.map(|area| area.x)),
            y: wanted.y.or_else(|| kept.map(|area| area.y)),
            bare: wanted.bare,
        };
        let area = self.float_place(wanted)?;
        let Some(path) = self.root.path(pane) else {
            return Ok(());
        };
        give_away(&mut self.root, &path, &self.insets);
        if let Some(node) = self.root.at_mut(&path) {
            node.float = true;
            node.area = area;
        }
        self.restack(pane, 0);
        self.settle();
        Ok(())
    }

    /// Puts a floating pane back among the tiled ones, where it was.
    ///
    /// # Errors
    /// [`NoSpace`]; nothing is changed then.
    pub fn tile(&mut self, pane: PaneId) -> Result<(), NoSpace> {
        let path = self.root.path(pane).ok_or(NoSpace)?;
        let mut root = self.root.clone();
        let node = root.at_mut(&path).filter(|node| node.float);
        let node = node.ok_or(NoSpace)?;
        node.kept = Some(node.area);
        let size = self.size();
        insert(&mut root, &path, size, &self.insets)?;
        if let Some(node) = root.at_mut(&path) {
            node.float = false;
        }
        // In a window of a few cells the room that was found may not be enough
        // for those who float beside it, and were smaller.
        root.verify().map_err(|_| NoSpace)?;
        self.root = root;
        self.stack.retain(|other| *other != pane);
        self.stack.push(pane);
        self.settle();
        Ok(())
    }

    /// Brings floating panes into a window of another size; `framed` says which
    /// have a border.
    pub fn fit_floats(&mut self, size: Size, framed: impl Fn(PaneId) -> bool) {
        let (cols, rows) = sides(size);
        for (pane, _) in self.floating() {
            let border = i32::from(framed(pane));
            let Some(node) = self.root.find_mut(pane) else {
                continue;
            };
            let fit = |from: &mut i32, side: &mut u16, whole: i32| {
                let most = (whole - 2 * border).max(1);
                if i32::from(*side) > most {
                    *side = u16::try_from(most).unwrap_or(1);
                    *from = border;
                } else if *from + i32::from(*side) + border > whole {
                    *from = whole - i32::from(*side) - border;
                }
            };
            fit(&mut node.area.x, &mut node.area.w, cols);
            fit(&mut node.area.y, &mut node.area.h, rows);
        }
    }

    /// Moves a floating pane's corner.
    pub fn move_float(&mut self, pane: PaneId, x: i32, y: i32) {
        if let Some(node) = self.root.find_mut(pane).filter(|node| node.float) {
            let limit = i32::from(Size::MAX_SIDE);
            node.area.x = x.clamp(-limit, limit);
            node.area.y = y.clamp(-limit, limit);
        }
    }

    /// Moves a floating pane to a named position.
    pub fn position(&mut self, pane: PaneId, position: Position, framed: bool) {
        let Some(area) = self.cell(pane).filter(|_| self.floats(pane)) else {
            return;
        };
        let (cols, rows) = sides(self.size());
        let (w, h) = (i32::from(area.w), i32::from(area.h));
        let edge = i32::from(framed);
        let third = |third, whole: i32, side: i32| match third {
            Third::Start => edge,
            Third::Middle => (whole - side) / 2,
            Third::End => whole - side - edge,
        };
        let quarter =
            |far, whole: i32, side: i32| (if far { whole * 3 / 4 } else { whole / 4 }) - side / 2;
        let (depth, last) = (self.depth(pane), self.floating().len().saturating_sub(1));
        match position {
            Position::Edges(across, down) => {
                self.move_float(pane, third(across, cols, w), third(down, rows, h));
            }
            Position::Quarter(right, lower) => {
                self.move_float(pane, quarter(right, cols, w), quarter(lower, rows, h));
            }
            Position::Front => self.restack(pane, 0),
            Position::Back => self.restack(pane, last),
            Position::Forward(true) if depth == 0 => self.restack(pane, last),
            Position::Backward(true) if depth >= last => self.restack(pane, 0),
            Position::Forward(_) => self.restack(pane, depth.saturating_sub(1)),
            Position::Backward(_) => self.restack(pane, (depth + 1).min(last)),
        }
    }

    /// Moves a pane so that so many floating ones are over it.
    pub fn restack(&mut self, pane: PaneId, depth: usize) {
        self.stack.retain(|other| *other != pane);
        let floats = |at: &usize| self.floats(self.stack[*at]);
        let places: Vec<usize> = (0..self.stack.len()).filter(floats).collect();
        let at = match places.get(depth) {
            Some(at) => *at,
            None => places.last().map_or(0, |last| last + 1),
        };
        self.stack.insert(at, pane);
    }

    /// Gives a floating pane a side.
    ///
    /// # Errors
    /// [`FloatError::Size`].
    pub fn resize_float_to(
        &mut self,
        pane: PaneId,
        axis: Axis,
        cells: i32,
    ) -> Result<(), FloatError> {
        let cells = u16::try_from(cells)
            .ok()
            .filter(|cells| (1..=Size::MAX_SIDE).contains(cells));
        let cells = cells.ok_or(FloatError::Size)?;
        if let Some(node) = self.root.find_mut(pane).filter(|node| node.float) {
            node.set_side(axis, cells);
        }
        Ok(())
    }

    /// Moves one border of a floating pane outwards by so many cells: the left
    /// or upper one, or the opposite.
    ///
    /// # Errors
    /// [`FloatError::Change`].
    pub fn resize_float(
        &mut self,
        pane: PaneId,
        axis: Axis,
        change: i32,
        first: bool,
    ) -> Result<(), FloatError> {
        let Some(node) = self.root.find_mut(pane).filter(|node| node.float) else {
            return Ok(());
        };
        let side = i32::from(node.side(axis)).saturating_add(change);
        let side = u16::try_from(side)
            .ok()
            .filter(|side| (1..=Size::MAX_SIDE).contains(side));
        node.set_side(axis, side.ok_or(FloatError::Change)?);
        match axis {
            Axis::Columns if first => node.area.x -= change,
            Axis::Rows if first => node.area.y -= change,
            Axis::Columns | Axis::Rows => {}
        }
        Ok(())
    }
}

fn sides(size: Size) -> (i32, i32) {
    (i32::from(size.cols()), i32::from(size.rows()))
}

/// Gives a cell that takes no room half of its neighbour's.
fn insert(
    root: &mut Node,
    path: &[usize],
    whole: Size,
    insets: &super::Insets,
) -> Result<(), NoSpace> {
    let Some((at, parent_path)) = path.split_last() else {
        root.area = Area::new(0, 0, whole.cols(), whole.rows());
        return Ok(());
    };
    let parent = root.at(parent_path).ok_or(NoSpace)?;
    let axis = parent.axis().ok_or(NoSpace)?;
    let side = if let Some(neighbour) = parent.neighbour_of(*at) {
        let other = &parent.children()[neighbour];
        check_space(other, axis, insets)?;
        let (first, second) = halves(other.side(axis), None, false);
        if let Some(parent) = root.at_mut(parent_path) {
            parent.children_mut()[neighbour].adjust_to(axis, second, insets);
        }
        first
    } else {
        insert(root, parent_path, whole, insets)?;
        root.at(parent_path).ok_or(NoSpace)?.side(axis)
    };
    let across = root.at(parent_path).ok_or(NoSpace)?.side(axis.across());
    if let Some(node) = root.at_mut(path) {
        node.set_side(axis, side);
        node.set_side(axis.across(), across);
    }
    Ok(())
}

/// The room in which floating panes are split: the window without a margin.
struct Room {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    border: i32,
}

impl Room {
    fn new(size: Size, framed: bool) -> Self {
        let (cols, rows) = sides(size);
        Self {
            left: 3,
            right: cols - 3,
            top: 1,
            bottom: rows - 1,
            border: i32::from(framed),
        }
    }

    /// The old pane's place and the new one's; none where a side would vanish.
    fn split(&self, pane: Area, axis: Axis, before: bool, full: bool) -> Option<(Area, Area)> {
        let old = Span::pair(pane);
        let old = (
            self.within(old.0, self.left, self.right),
            self.within(old.1, self.top, self.bottom),
        );
        let (low, high) = match axis {
            Axis::Columns => (self.left, self.right),
            Axis::Rows => (self.top, self.bottom),
        };
        let along = match axis {
            Axis::Columns => old.0,
            Axis::Rows => old.1,
        };
        let (along, mut fresh) = self.divide(along, before, low, high);
        let across = match axis {
            Axis::Columns => old.1,
            Axis::Rows => old.0,
        };
        let mut fresh_across = across;
        if full {
            let (first, last) = match axis {
                Axis::Columns => (self.top, self.bottom),
                Axis::Rows => (self.left, self.right),
            };
            fresh_across = Span {
                from: first + self.border,
                len: last - first - 2 * self.border,
            };
            if before {
                fresh.from = low + self.border;
                fresh.len = along.from - fresh.from - 2 * self.border;
            } else {
                fresh.len = high - fresh.from - self.border;
            }
        }
        let area = |along: Span, across: Span| match axis {
            Axis::Columns => Span::area(along, across),
            Axis::Rows => Span::area(across, along),
        };
        Some((area(along, across)?, area(fresh, fresh_across)?))
    }

    /// Brings a side with its borders between two others.
    fn within(&self, mut span: Span, low: i32, high: i32) -> Span {
        if span.from - self.border < low {
            span.from = low + self.border;
        }
        if high < span.from + span.len + self.border {
            span.from = high - span.len - self.border;
        }
        span
    }

    /// Puts another side before or after one; where there is no room for it the
    /// two share what there is.
    fn divide(&self, mut old: Span, before: bool, low: i32, high: i32) -> (Span, Span) {
        let border = self.border;
        let step = old.len + 2 * border;
        let mut new = Span {
            from: old.from + if before { -step } else { step },
            len: old.len,
        };
        if new.from - border < low {
            let space = old.from + old.len - low - 3 * border + 1;
            new.len = space / 2;
            old.len = space / 2;
            new.from = low + border;
            old.from = new.from + new.len + 2 * border;
            old.len -= i32::from(space % 2 == 0);
        } else if high < new.from + new.len + border {
            let space = high - old.from - 3 * border + 1;
            new.len = space / 2;
            old.len = space / 2;
            new.from = old.from + old.len + 2 * border;
            new.len -= i32::from(space % 2 == 0);
        }
        (old, new)
    }
}

/// One side of a place.
#[derive(Clone, Copy)]
struct Span {
    from: i32,
    len: i32,
}

impl Span {
    fn pair(area: Area) -> (Self, Self) {
        let span = |from, len: u16| Self {
            from,
            len: len.into(),
        };
        (span(area.x, area.w), span(area.y, area.h))
    }

    fn area(across: Self, down: Self) -> Option<Area> {
        let side = |span: Self| u16::try_from(span.len).ok().filter(|side| *side > 0);
        Some(Area::new(
            across.from,
            down.from,
            side(across)?,
            side(down)?,
        ))
    }
}
