//! Layout strings (tmux(1), `select-layout`): the older form
//! `b25d,80x24,0,0{40x24,0,0,0,…}` with a checksum in front, in which floating
//! panes are left out, and the JSON of newer versions. They are read from users
//! and programs, so every number and the tree's arithmetic are checked.

use std::fmt::Write as _;

use crate::base::{PaneId, Size};

use super::node::{Kind, Node};
use super::{Axis, Layout, json};

/// Deepest nesting read from a layout string.
pub(super) const MAX_DEPTH: usize = 64;

/// How a layout string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With a checksum, without floating panes.
    Older,
    /// JSON, with them.
    Json,
}

/// A layout string that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutTextError {
    /// Its checksum is wrong.
    #[error("invalid layout checksum")]
    Checksum,
    /// It begins like none.
    #[error("malformed layout header")]
    Header,
    /// Not a layout string.
    #[error("invalid layout")]
    Invalid,
    /// Its JSON is not that of a layout, and why.
    #[error("{0}")]
    Json(String),
    /// Its cells do not fill their splits.
    #[error("size mismatch after applying layout")]
    Mismatch,
    /// It has fewer cells than the window has panes.
    #[error("have {have} panes but need {need}")]
    TooFew {
        /// Panes in the window.
        have: usize,
        /// Cells in the string.
        need: usize,
    },
}

/// Which panes are active and were, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The active one.
    pub active: Option<PaneId>,
    /// Those before.
    pub last: Vec<PaneId>,
    /// The number of the first pane (`pane-base-index`).
    pub base: i64,
}

impl Layout {
    /// The layout as a string.
    #[must_use]
    pub fn to_text(&self, form: Form, activity: &Activity) -> String {
        if form == Form::Json {
            return json::write(self, &self.root, activity);
        }
        let mut body = String::new();
        write_node(&self.root, &mut body);
        format!("{:04x},{body}", checksum(&body))
    }

    /// The string of a zoomed pane, with those that float over it.
    #[must_use]
    pub fn zoomed_text(
        &self,
        (pane, size): (PaneId, Size),
        over: &[PaneId],
        form: Form,
        activity: &Activity,
    ) -> String {
        let zoomed = Node::pane(pane, size.cols(), size.rows());
        let floats = over
            .iter()
            .filter_map(|pane| self.root.find(*pane).cloned());
        let mut children = vec![zoomed];
        children.extend(floats);
        let root = if children.len() == 1 {
            children.remove(0)
        } else {
            Node::split(Axis::Rows, children, size.cols(), size.rows())
        };
        if form == Form::Json {
            return json::write(self, &root, activity);
        }
        let mut body = String::new();
        write_node(&root, &mut body);
        format!("{:04x},{body}", checksum(&body))
    }

    /// Reads a layout string for the panes of this layout. Cells left over are
    /// closed from the end; the whole keeps the string's size. A newer string
    /// says which panes were active, too.
    ///
    /// # Errors
    /// [`LayoutTextError`]; nothing is returned that [`Self::verify`] refuses.
    pub fn read(&self, text: &str) -> Result<(Self, Option<Activity>), LayoutTextError> {
        let text = text.trim_end();
        if text.starts_with('{') {
            let (root, order, stack, activity) = json::read(text, &self.order)?;
            let mut layout = self.with_root(root)?;
            layout.order = order;
            layout.stack = stack;
            layout.fit_bounds();
            layout.settle();
            layout.verify().map_err(|_| LayoutTextError::Mismatch)?;
            return Ok((layout, Some(activity)));
        }
        let root = read_older(text)?;
        let mut layout = self.with_root(root)?;
        layout.fit(&self.order)?;
        layout.settle();
        layout.verify().map_err(|_| LayoutTextError::Mismatch)?;
        Ok((layout, None))
    }

    fn with_root(&self, root: Node) -> Result<Self, LayoutTextError> {
        let mut layout = Self {
            root,
            ..self.clone()
        };
        fix_whole(&mut layout.root);
        if layout.root.counts() {
            layout
                .root
                .verify()
                .map_err(|_| LayoutTextError::Mismatch)?;
        }
        layout.fit_bounds();
        Ok(layout)
    }

    fn fit_bounds(&mut self) {
        if self.root.counts() {
            self.bounds = Size::new(self.root.area.w, self.root.area.h);
        }
    }

    /// Brings the number of cells to that of the panes and puts these in.
    fn fit(&mut self, panes: &[PaneId]) -> Result<(), LayoutTextError> {
        // Cells get numbers of their own first, since the string may repeat one.
        let mut next = 0;
        self.order.clear();
        let order = &mut self.order;
        self.root.rename(&mut |_| {
            next += 1;
            order.push(PaneId(next));
            PaneId(next)
        });
        self.stack.clone_from(&self.order);
        let need = self.len();
        if panes.len() > need || panes.is_empty() {
            let have = panes.len();
            return Err(LayoutTextError::TooFew { have, need });
        }
        for _ in panes.len()..need {
            let last = self.order.last().copied();
            if !last.is_some_and(|last| self.remove(last)) {
                return Err(LayoutTextError::Invalid);
            }
        }
        let mut left = panes.iter().copied();
        self.root.rename(&mut |old| left.next().unwrap_or(old));
        self.order = panes.to_vec();
        self.stack = panes.to_vec();
        Ok(())
    }
}

/// Some older versions wrote a wrong size for the whole: its children decide.
fn fix_whole(root: &mut Node) {
    let Some(axis) = root.axis() else { return };
    let tiled = || root.children().iter().filter(|child| child.counts());
    let along = tiled().fold(0_u16, |sum, child| {
        sum.saturating_add(child.side(axis)).saturating_add(1)
    });
    let across = tiled().next_back().map(|child| child.side(axis.across()));
    if let Some(across) = across {
        root.set_side(axis, along.saturating_sub(1));
        root.set_side(axis.across(), across);
    }
}

fn read_older(text: &str) -> Result<Node, LayoutTextError> {
    let (sum, body) = text.split_once(',').ok_or(LayoutTextError::Header)?;
    let given = u16::from_str_radix(sum, 16).map_err(|_| LayoutTextError::Header)?;
    if sum.len() != 4 || given != checksum(body) {
        return Err(LayoutTextError::Checksum);
    }
    let mut reader = Reader { rest: body };
    let root = reader.node(0).ok_or(LayoutTextError::Invalid)?;
    if !reader.rest.is_empty() {
        return Err(LayoutTextError::Invalid);
    }
    Ok(root)
}

/// tmux's checksum: a rotated 16-bit sum.
fn checksum(body: &str) -> u16 {
    body.bytes().fold(0_u16, |sum, byte| {
        sum.rotate_right(1).wrapping_add(u16::from(byte))
    })
}

fn write_node(node: &Node, out: &mut String) {
    let tiled = || node.children().iter().filter(|child| child.counts());
    let axis = match &node.kind {
        Kind::Pane(_) if node.float => return,
        Kind::Pane(pane) => {
            let area = node.area;
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                "{}x{},{},{},{}",
                area.w, area.h, area.x, area.y, pane.0
            );
            return;
        }
        Kind::Split(..) if tiled().count() < 2 => {
            tiled().for_each(|only| write_node(only, out));
            return;
        }
        Kind::Split(axis, _) => *axis,
    };
    let area = node.area;
    let _ = write!(out, "{}x{},{},{}", area.w, area.h, area.x, area.y);
    let (open, close) = match axis {
        Axis::Columns => ('{', '}'),
        Axis::Rows => ('[', ']'),
    };
    out.push(open);
    for (nth, child) in tiled().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        write_node(child, out);
    }
    out.push(close);
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn node(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let w = self.number()?;
        self.expect('x')?;
        let h = self.number()?;
        self.expect(',')?;
        self.number()?;
        self.expect(',')?;
        self.number()?;
        let size = Size::checked(w, h)?;
        match self.rest.chars().next() {
            Some('{') => self.split(Axis::Columns, '}', size, depth),
            Some('[') => self.split(Axis::Rows, ']', size, depth),
            _ => {
                self.pane_number();
                Some(Node::pane(PaneId(0), size.cols(), size.rows()))
            }
        }
    }

    fn split(&mut self, axis: Axis, close: char, size: Size, depth: usize) -> Option<Node> {
        let mut children = Vec::new();
        loop {
            // The opening bracket, or the comma between two cells.
            self.rest = self.rest.get(1..)?;
            children.push(self.node(depth + 1)?);
            if self.expect(close).is_some() {
                return Some(Node::split(axis, children, size.cols(), size.rows()));
            }
            if !self.rest.starts_with(',') {
                return None;
            }
        }
    }

    /// A pane's number, unless what follows the comma is the next cell.
    fn pane_number(&mut self) {
        let Some(after) = self.rest.strip_prefix(',') else {
            return;
        };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && !after[digits..].starts_with('x') {
            self.rest = &after[digits..];
        }
    }

    fn number(&mut self) -> Option<u32> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn expect(&mut self, ch: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(ch)?;
        Some(())
    }
}
