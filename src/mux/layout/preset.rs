//! The named layouts (tmux(1), `select-layout`).

use std::str::FromStr;

use crate::base::{PaneId, Size};

use super::node::{Kind, Node};
use super::{Axis, Insets, Layout};

/// A named layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// All side by side.
    EvenHorizontal,
    /// All one above the other.
    EvenVertical,
    /// A large pane at the top, the others in a row below.
    MainHorizontal,
    /// A large pane at the bottom, the others in a row above.
    MainHorizontalMirrored,
    /// A large pane at the left, the others in a column beside it.
    MainVertical,
    /// A large pane at the right, the others in a column beside it.
    MainVerticalMirrored,
    /// A grid.
    Tiled,
}

/// What the options say about the main layouts; sides in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MainSides {
    /// `main-pane-width`.
    pub main_width: u16,
    /// `main-pane-height`.
    pub main_height: u16,
    /// `other-pane-width`, 0 for what is left.
    pub other_width: u16,
    /// `other-pane-height`, 0 for what is left.
    pub other_height: u16,
    /// `tiled-layout-max-columns`, 0 for any number.
    pub most_columns: u16,
}

impl Preset {
    /// Every preset in the order of `next-layout`, with its name.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::EvenHorizontal, "even-horizontal"),
        (Self::EvenVertical, "even-vertical"),
        (Self::MainHorizontal, "main-horizontal"),
        (Self::MainHorizontalMirrored, "main-horizontal-mirrored"),
        (Self::MainVertical, "main-vertical"),
        (Self::MainVerticalMirrored, "main-vertical-mirrored"),
        (Self::Tiled, "tiled"),
    ];

    /// The preset `step` places further in the order, round the end.
    #[must_use]
    pub fn cycle(last: Option<Self>, forward: bool) -> Self {
        let count = Self::ALL.len();
        let at = last.and_then(|last| Self::ALL.iter().position(|(preset, _)| *preset == last));
        let next = match (at, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        Self::ALL[next].0
    }
}

impl FromStr for Preset {
    type Err = String;

    /// Reads a preset's name or its unique beginning.
    fn from_str(name: &str) -> Result<Self, String> {
        if let Some((preset, _)) = Self::ALL.iter().find(|(_, full)| *full == name) {
            return Ok(*preset);
        }
        let mut near = Self::ALL.iter().filter(|(_, full)| full.starts_with(name));
        match (near.next(), near.next()) {
            (Some((preset, _)), None) if !name.is_empty() => Ok(*preset),
            _ => Err(format!("invalid layout: {name}")),
        }
    }
}

impl Layout {
    /// Lays the tiled panes out as a preset in a window of this size. The
    /// floating ones stay where they are.
    pub fn arrange(&mut self, preset: Preset, size: Size, sides: MainSides) {
        let mut floating = Vec::new();
        let mut panes = Vec::with_capacity(self.order.len());
        for pane in &self.order {
            match self.root.find(*pane) {
                Some(node) if node.float => floating.push((panes.len(), node.clone())),
                _ => panes.push(*pane),
            }
        }
        if panes.len() < 2 {
            return;
        }
        let (w, h) = (size.cols(), size.rows());
        let mut root = match preset {
            Preset::EvenHorizontal => even(Axis::Columns, &panes, w, h),
            Preset::EvenVertical => even(Axis::Rows, &panes, w, h),
            Preset::MainHorizontal => main(Axis::Rows, &panes, size, sides, false),
            Preset::MainHorizontalMirrored => main(Axis::Rows, &panes, size, sides, true),
            Preset::MainVertical => main(Axis::Columns, &panes, size, sides, false),
            Preset::MainVerticalMirrored => main(Axis::Columns, &panes, size, sides, true),
            Preset::Tiled => tiled(&panes, w, h, sides.most_columns),
        };
        // Rows that a border's status line takes are shared out with the rest.
        let status = self.insets.status;
        root.mark_edge(status.is_some(), status);
        spread_all(&mut root, preset, &self.insets);
        self.put_back(&mut root, preset, floating);
        self.root = root;
        self.settle();
    }
}

impl Layout {
    /// Puts floating cells into a preset's tree, each after as many tiled ones
    /// of the others as in the order of panes.
    fn put_back(&self, root: &mut Node, preset: Preset, floating: Vec<(usize, Node)>) {
        let (host, first) = match preset {
            Preset::EvenHorizontal | Preset::EvenVertical => (Some(&mut *root), 0),
            Preset::MainHorizontal | Preset::MainVertical => (root.children_mut().last_mut(), 1),
            Preset::MainHorizontalMirrored | Preset::MainVerticalMirrored => {
                (root.children_mut().first_mut(), 1)
            }
            Preset::Tiled => (None, 0),
        };
        let host = match host {
            Some(host) if host.axis().is_some() => host,
            _ => {
                if let Kind::Split(_, children) = &mut root.kind {
                    children.extend(floating.into_iter().map(|(_, node)| node));
                }
                return;
            }
        };
        if let Kind::Split(_, children) = &mut host.kind {
            for (nth, (after, node)) in floating.into_iter().enumerate() {
                let at = (after.saturating_sub(first) + nth).min(children.len());
                children.insert(at, node);
            }
        }
    }
}

/// Deals the rows out again where the outermost panes give one away.
fn spread_all(root: &mut Node, preset: Preset, insets: &Insets) {
    if insets.status.is_none() {
        return;
    }
    match preset {
        Preset::EvenVertical => {
            root.spread(insets);
        }
        Preset::MainVertical | Preset::MainVerticalMirrored => {
            for child in root.children_mut() {
                child.spread(insets);
            }
        }
        _ => {}
    }
}

/// A split of panes with equal sides; it grows beyond the window where they
/// would have no cell.
fn even(axis: Axis, panes: &[PaneId], w: u16, h: u16) -> Node {
    let count = u16::try_from(panes.len()).unwrap_or(u16::MAX);
    let least = count.saturating_mul(Layout::MINIMUM + 1) - 1;
    let (w, h) = match axis {
        Axis::Columns => (w.max(least), h),
        Axis::Rows => (w, h.max(least)),
    };
    if let [only] = panes {
        return Node::pane(*only, w, h);
    }
    let whole = match axis {
        Axis::Columns => w,
        Axis::Rows => h,
    };
    let room = whole - (count - 1);
    let (each, rest) = (room / count, room % count);
    let children = panes.iter().zip(0..).map(|(pane, nth)| {
        let side = each + u16::from(nth < rest);
        match axis {
            Axis::Columns => Node::pane(*pane, side, h),
            Axis::Rows => Node::pane(*pane, w, side),
        }
    });
    Node::split(axis, children.collect(), w, h)
}

/// A main pane and the others across from it.
fn main(axis: Axis, panes: &[PaneId], size: Size, sides: MainSides, mirrored: bool) -> Node {
    let (whole, main, other) = match axis {
        Axis::Rows => (size.rows(), sides.main_height, sides.other_height),
        Axis::Columns => (size.cols(), sides.main_width, sides.other_width),
    };
    let (main, other) = main_sides(whole, main, other);
    let (across, cells) = match axis {
        Axis::Rows => (Axis::Columns, (size.cols(), other)),
        Axis::Columns => (Axis::Rows, (other, size.rows())),
    };
    let others = even(across, &panes[1..], cells.0, cells.1);
    let (w, h) = match axis {
        Axis::Rows => (others.area.w, main + other + 1),
        Axis::Columns => (main + other + 1, others.area.h),
    };
    let big = match axis {
        Axis::Rows => Node::pane(panes[0], w, main),
        Axis::Columns => Node::pane(panes[0], main, h),
    };
    let children = if mirrored {
        vec![others, big]
    } else {
        vec![big, others]
    };
    Node::split(axis, children, w, h)
}

/// The main pane's and the others' side out of the whole.
fn main_sides(whole: u16, main: u16, other: u16) -> (u16, u16) {
    let room = whole.saturating_sub(1).max(2 * Layout::MINIMUM);
    let main = main.max(Layout::MINIMUM);
    if main + Layout::MINIMUM >= room {
        let main = if room <= 2 * Layout::MINIMUM {
            Layout::MINIMUM
        } else {
            room - Layout::MINIMUM
        };
        return (main, room - main);
    }
    if other == 0 {
        return (main, room - main);
    }
    if other > room || room - other < main {
        return (main, room - main);
    }
    (room - other, other)
}

/// A grid of rows, as square as the number allows.
fn tiled(panes: &[PaneId], w: u16, h: u16, most: u16) -> Node {
    let count = u16::try_from(panes.len()).unwrap_or(u16::MAX);
    let (mut rows, mut columns) = (1_u16, 1_u16);
    while rows * columns < count {
        rows += 1;
        if rows * columns < count && (most == 0 || columns < most) {
            columns += 1;
        }
    }
    let cell_w = (w.saturating_sub(columns - 1) / columns).max(Layout::MINIMUM);
    let cell_h = (h.saturating_sub(rows - 1) / rows).max(Layout::MINIMUM);
    let w = w.max(columns * (cell_w + 1) - 1);
    let h = h.max(rows * (cell_h + 1) - 1);
    let last_h = h - (rows - 1) * (cell_h + 1);
    let lines: Vec<&[PaneId]> = panes.chunks(usize::from(columns)).collect();
    let mut children = Vec::with_capacity(lines.len());
    for (nth, line) in lines.iter().enumerate() {
        let height = if nth + 1 == lines.len() {
            last_h
        } else {
            cell_h
        };
        children.push(tiled_row(line, w, height, cell_w));
    }
    if children.len() == 1 {
        return children.remove(0);
    }
    Node::split(Axis::Rows, children, w, h)
}

fn tiled_row(line: &[PaneId], w: u16, height: u16, cell_w: u16) -> Node {
    if let [only] = line {
        return Node::pane(*only, w, height);
    }
    let before = u16::try_from(line.len() - 1).unwrap_or(u16::MAX) * (cell_w + 1);
    let cells = line.iter().enumerate().map(|(nth, pane)| {
        let width = if nth + 1 == line.len() {
            w - before
        } else {
            cell_w
        };
        Node::pane(*pane, width, height)
    });
    Node::split(Axis::Columns, cells.collect(), w, height)
}
