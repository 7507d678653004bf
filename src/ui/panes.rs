//! Panes on a frame: which of their rows changed since they were drawn last,
//! and those rows carried from the terminal's pool into that of the pictures.

use rustc_hash::FxHashMap;

use crate::base::{Cell, PaneId, Rect};
use crate::mux::{Mux, Pane};

use super::copy;
use super::palette::Palette;

/// What a view remembers of a pane.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The sequence number up to which rows were carried over.
    seq: u64,
    /// It was in copy mode.
    copying: bool,
}

/// What a view remembers of all panes.
#[derive(Clone, Debug, Default)]
pub(super) struct PaneCache {
    seen: FxHashMap<PaneId, Seen>,
}

impl PaneCache {
    /// Forgets everything: every row is to be drawn.
    pub(super) fn clear(&mut self) {
        self.seen.clear();
    }

    /// Forgets panes that are not shown any more.
    pub(super) fn keep(&mut self, places: &[(PaneId, Rect)]) {
        self.seen
            .retain(|pane, _| places.iter().any(|(shown, _)| shown == pane));
    }

    /// Marks the rows of the window that a pane's changes touch.
    pub(super) fn changes(&mut self, pane: &Pane, rect: Rect, dirty: &mut [bool]) {
        let seen = self.seen.entry(pane.id).or_default();
        let copying = pane.copy.is_some();
        let seq = pane.term.seq().max(1);
        if seen.seq == seq && !copying && !seen.copying {
            return;
        }
        let all = seen.seq == 0 || seen.seq > seq || copying || seen.copying;
        let last = pane.size().rows() - 1;
        let rows = dirty.iter_mut().skip(usize::from(rect.y));
        for (row, y) in rows.zip(0..rect.height) {
            *row |= all || pane.term.row_seq(y.min(last)) > seen.seq;
        }
        *seen = Seen { seq, copying };
    }
}

/// Draws a pane's part of one row of the window.
pub(super) fn draw_row(
    mux: &Mux,
    pane: &Pane,
    rect: Rect,
    y: u16,
    palette: &mut Palette,
    row: &mut [Cell],
) {
    let from = usize::from(rect.x).min(row.len());
    let to = usize::from(rect.right()).min(row.len());
    let target = &mut row[from..to];
    let line = y - rect.y;
    if let Some(copy) = pane.copy.as_deref() {
        copy::draw_row(mux, pane, copy, line, palette.pool_mut(), target);
        return;
    }
    if line >= pane.size().rows() {
        return;
    }
    palette.carry(pane, pane.term.row(line), target);
    mend_cut(target);
}

/// A wide cell whose right half was cut off becomes a blank.
fn mend_cut(cells: &mut [Cell]) {
    if let Some(last) = cells.last_mut()
        && last.is_wide()
    {
        *last = Cell::empty(last.style);
    }
}
