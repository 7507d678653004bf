//! Layout strings (tmux(1), `select-layout`): `b25d,80x24,0,0{40x24,0,0,0,…}`,
//! with a checksum in front. They are read from users and programs, so every
//! number and the tree's arithmetic are checked.

use std::fmt::Write as _;

use crate::base::{PaneId, Size};

use super::node::{Kind, Node};
use super::{Axis, Layout};

/// Deepest nesting read from a layout string.
const MAX_DEPTH: usize = 64;

/// A layout string that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutTextError {
    /// Not a layout string, or its checksum is wrong.
    #[error("invalid layout")]
    Invalid,
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

impl Layout {
    /// The layout as a string with its checksum.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut body = String::new();
        write_node(&self.root, &mut body);
        format!("{:04x},{body}", checksum(&body))
    }

    /// Reads a layout string and puts `panes` into its cells in order. Cells
    /// left over are closed from the end; the whole keeps the string's size.
    ///
    /// # Errors
    /// [`LayoutTextError`]; nothing is returned that [`Self::verify`] refuses.
    pub fn from_text(text: &str, panes: &[PaneId]) -> Result<Self, LayoutTextError> {
        let (sum, body) = text
            .trim()
            .split_once(',')
            .ok_or(LayoutTextError::Invalid)?;
        let given = u16::from_str_radix(sum, 16).map_err(|_| LayoutTextError::Invalid)?;
        if sum.len() != 4 || given != checksum(body) {
            return Err(LayoutTextError::Invalid);
        }
        let mut reader = Reader { rest: body };
        let root = reader.node(0).ok_or(LayoutTextError::Invalid)?;
        if !reader.rest.is_empty() {
            return Err(LayoutTextError::Invalid);
        }
        let mut layout = Self { root };
        layout.root.place(0, 0);
        layout
            .root
            .verify()
            .map_err(|_| LayoutTextError::Mismatch)?;
        layout.fit(panes)?;
        Ok(layout)
    }

    fn fit(&mut self, panes: &[PaneId]) -> Result<(), LayoutTextError> {
        // Cells get numbers of their own first, since the string may repeat one.
        let mut next = 0;
        self.root.rename(&mut |_| {
            next += 1;
            PaneId(next)
        });
        let need = self.len();
        if panes.len() > need || panes.is_empty() {
            let have = panes.len();
            return Err(LayoutTextError::TooFew { have, need });
        }
        for _ in panes.len()..need {
            let last = self.panes().last().copied();
            if !last.is_some_and(|last| self.remove(last)) {
                return Err(LayoutTextError::Invalid);
            }
        }
        self.refill(panes);
        Ok(())
    }
}

/// tmux's checksum: a rotated 16-bit sum.
fn checksum(body: &str) -> u16 {
    body.bytes().fold(0_u16, |sum, byte| {
        sum.rotate_right(1).wrapping_add(u16::from(byte))
    })
}

fn write_node(node: &Node, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}x{},{},{}", node.w, node.h, node.x, node.y);
    match &node.kind {
        Kind::Pane(pane) => {
            let _ = write!(out, ",{}", pane.0);
        }
        Kind::Split(axis, children) => {
            let (open, close) = match axis {
                Axis::Columns => ('{', '}'),
                Axis::Rows => ('[', ']'),
            };
            out.push(open);
            for (nth, child) in children.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write_node(child, out);
            }
            out.push(close);
        }
    }
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
