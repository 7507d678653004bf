//! Panes by where they lie: the neighbour in a direction, and what is under a
//! place or a border. Nothing here changes a layout.

use crate::base::PaneId;

use super::node::Node;
use super::{Area, Axis, Direction, Layout};

impl Layout {
    /// The pane that lies next in a direction: the one whose edge touches,
    /// wrapping round at the window's edge; of several the one for which
    /// `recent` is largest, then the first.
    #[must_use]
    pub fn neighbour(
        &self,
        pane: PaneId,
        direction: Direction,
        recent: impl Fn(PaneId) -> usize,
    ) -> Option<PaneId> {
        let own = self.cell(pane)?;
        let size = self.size();
        let (cols, rows) = (i32::from(size.cols()), i32::from(size.rows()));
        let edge = match direction {
            Direction::Left if own.x == 0 => cols + 1,
            Direction::Left => own.x,
            Direction::Up if own.y == 0 => rows + 1,
            Direction::Up => own.y,
            Direction::Right if own.right() + 1 >= cols => 0,
            Direction::Right => own.right() + 1,
            Direction::Down if own.bottom() + 1 >= rows => 0,
            Direction::Down => own.bottom() + 1,
        };
        let touches = |area: &Area| match direction {
            Direction::Left => area.right() + 1 == edge,
            Direction::Right => area.x == edge,
            Direction::Up => area.bottom() + 1 == edge,
            Direction::Down => area.y == edge,
        };
        let beside = |area: &Area| match direction.axis() {
            Axis::Columns => area.y <= own.bottom() && area.bottom() > own.y,
            Axis::Rows => area.x <= own.right() && area.right() > own.x,
        };
        let mut areas = std::collections::HashMap::new();
        self.root.each_pane(&mut |other, node| {
            areas.insert(other, node.area);
        });
        let near = self.order.iter().filter(|other| {
            let area = areas.get(other);
            **other != pane && area.is_some_and(|area| touches(area) && beside(area))
        });
        // The first of the most recent ones: max_by_key would give the last.
        near.rev().max_by_key(|other| recent(**other)).copied()
    }

    /// Moves the border that the mouse holds at a place of the window, tiled
    /// cells' only. Whether there is one.
    pub fn drag_border(&mut self, from: (i32, i32), to: (i32, i32)) -> bool {
        const NEAR: [(i32, i32); 5] = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)];
        let mut held: Vec<Vec<usize>> = Vec::new();
        for (dx, dy) in NEAR {
            if let Some(path) = border_at(&self.root, from.0 + dx, from.1 + dy)
                && !held.contains(&path)
            {
                held.push(path);
            }
        }
        let mut found = false;
        for path in held {
            let Some((at, parent)) = path.split_last() else {
                continue;
            };
            let change = match self.root.at(parent).and_then(Node::axis) {
                Some(Axis::Rows) => to.1 - from.1,
                Some(Axis::Columns) => to.0 - from.0,
                None => continue,
            };
            found = true;
            if change != 0 {
                self.move_border(parent, *at, change, false);
            }
        }
        found
    }
}

/// The path to the cell at whose right or lower border a place is.
fn border_at(root: &Node, x: i32, y: i32) -> Option<Vec<usize>> {
    let mut path = Vec::new();
    let mut node = root;
    loop {
        let axis = node.axis()?;
        let children = node.children();
        let tiled = || {
            children
                .iter()
                .enumerate()
                .filter(|(_, child)| child.counts())
        };
        if let Some((at, child)) = tiled().find(|(_, child)| child.area.contains(x, y)) {
            path.push(at);
            node = child;
            continue;
        }
        let before = |(at, child): (usize, &Node)| {
            let (end, place) = match axis {
                Axis::Columns => (child.area.right(), x),
                Axis::Rows => (child.area.bottom(), y),
            };
            (place == end).then_some(at)
        };
        let last = tiled().next_back()?.0;
        let at = tiled().find_map(before).filter(|at| *at != last)?;
        path.push(at);
        return Some(path);
    }
}
