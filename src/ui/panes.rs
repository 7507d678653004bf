//! Panes on a frame: their rows carried from the terminal's pool into the
//! view's, with borders between and what copy mode adds.

use rustc_hash::FxHashMap;

use crate::base::pool::Importer;
use crate::base::{Cell, PaneId, Pool, Rect};
use crate::mux::{Mux, Pane};

use super::copy;

/// What a view remembers of a pane.
#[derive(Debug, Default)]
struct Seen {
    importer: Importer,
    /// The generation of the pane's pool that the importer knows.
    generation: u64,
    /// The sequence number up to which rows were carried over.
    seq: u64,
    /// It was in copy mode.
    copying: bool,
}

/// What a view remembers of all panes.
#[derive(Debug, Default)]
pub(super) struct PaneCache {
    seen: FxHashMap<PaneId, Seen>,
}

impl PaneCache {
    /// Forgets everything: the view's pool was made anew.
    pub(super) fn clear(&mut self) {
        self.seen.clear();
    }

    /// Forgets panes that are not shown any more.
    pub(super) fn keep(&mut self, places: &[(PaneId, Rect)]) {
        self.seen
            .retain(|pane, _| places.iter().any(|(shown, _)| shown == pane));
    }

    /// Notes which rows of the window a pane's changes touch; says so through
    /// `touch` by row of the window.
    pub(super) fn changes(&mut self, pane: &Pane, rect: Rect, mut touch: impl FnMut(u16)) {
        let seen = self.seen.entry(pane.id).or_default();
        let generation = pane.term.pool_generation();
        let copying = pane.copy.is_some();
        let fresh = seen.seq == 0 || seen.generation != generation;
        if fresh {
            seen.importer = Importer::new();
            seen.generation = generation;
        }
        let all = fresh || copying || seen.copying;
        let since = seen.seq;
        for y in 0..rect.height {
            if all || pane.term.row_seq(y.min(pane.size().rows() - 1)) > since {
                touch(rect.y + y);
            }
        }
        seen.seq = pane.term.seq().max(1);
        seen.copying = copying;
    }

    /// Draws a pane's part of one row of the window.
    pub(super) fn draw_row(
        &mut self,
        mux: &Mux,
        pane: &Pane,
        rect: Rect,
        y: u16,
        pool: &mut Pool,
        row: &mut [Cell],
    ) {
        let from = usize::from(rect.x).min(row.len());
        let to = usize::from(rect.right()).min(row.len());
        let target = &mut row[from..to];
        let line = y - rect.y;
        if let Some(copy) = pane.copy.as_deref() {
            copy::draw_row(mux, pane, copy, line, pool, target);
            return;
        }
        if line >= pane.size().rows() {
            return;
        }
        let seen = self.seen.entry(pane.id).or_default();
        let source = pane.term.pool();
        for (cell, own) in target.iter_mut().zip(pane.term.row(line)) {
            *cell = seen.importer.cell(*own, source, pool);
        }
        mend_cut(target);
    }
}

/// A wide cell whose right half was cut off becomes a blank.
fn mend_cut(cells: &mut [Cell]) {
    if let Some(last) = cells.last_mut()
        && last.is_wide()
    {
        *last = Cell::empty(last.style);
    }
}
