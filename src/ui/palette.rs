//! The pool that all pictures share, and how the cells of each pane are carried
//! into it. With one pool a client may pass from one picture to another and
//! still be sent the difference alone.

use rustc_hash::FxHashMap;

use crate::base::pool::Importer;
use crate::base::{Cell, PaneId, Pool};
use crate::mux::{Mux, Pane};
use crate::term::Terminal;

/// Pool entries beyond which it starts anew: many times what the screens of
/// ordinary programs use.
const LIMIT: usize = 1 << 15;

/// How a pane's cells are carried over.
#[derive(Debug, Default)]
struct Carrier {
    importer: Importer,
    /// The generation of the pane's pool that the importer knows.
    generation: u64,
}

/// The pool of all pictures.
#[derive(Debug, Default)]
pub struct Palette {
    pool: Pool,
    generation: u64,
    carriers: FxHashMap<PaneId, Carrier>,
}

impl Palette {
    /// An empty palette.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The pool of every picture of this generation.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn pool_mut(&mut self) -> &mut Pool {
        &mut self.pool
    }

    /// Counts how often the pool started anew; pictures of two generations
    /// cannot be compared.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Starts anew if much more is held than screens can show. To be called
    /// before pictures are composed, never between.
    pub fn bound(&mut self) {
        if self.pool.len() > LIMIT {
            *self = Self {
                generation: self.generation + 1,
                ..Self::default()
            };
        }
    }

    /// Forgets panes that are gone.
    pub fn tidy(&mut self, mux: &Mux) {
        let popups = mux.floats.values();
        let popups = popups.filter_map(|floats| Some(floats.popup.as_ref()?.id));
        let popups: Vec<PaneId> = popups.collect();
        self.carriers
            .retain(|pane, _| mux.panes.contains_key(pane) || popups.contains(pane));
    }

    /// Carries a part of a pane's row over.
    pub(super) fn carry(&mut self, pane: &Pane, cells: &[Cell], target: &mut [Cell]) {
        self.carry_over(pane.id, &pane.term, cells, target);
    }

    /// Carries a part of a terminal's row over.
    pub(super) fn carry_over(
        &mut self,
        id: PaneId,
        term: &Terminal,
        cells: &[Cell],
        target: &mut [Cell],
    ) {
        let carrier = self.carriers.entry(id).or_default();
        let generation = term.pool_generation();
        if carrier.generation != generation {
            *carrier = Carrier {
                generation,
                ..Carrier::default()
            };
        }
        let from = term.pool();
        for (cell, own) in target.iter_mut().zip(cells) {
            *cell = carrier.importer.cell(*own, from, &mut self.pool);
        }
    }
}
