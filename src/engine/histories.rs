//! The histories of all panes together: their memory is bounded by
//! `history-bytes`, what is beyond it goes to a file if `history-spill` says so,
//! and a pane that was quiet for a while is compressed. Nothing here looks at
//! all panes in every turn.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::{Label, PaneId};
use crate::mux::Effect;
use crate::term::Store;

use super::Engine;

/// How long a pane has written nothing when its history is compressed.
const QUIET: Duration = Duration::from_secs(1);
/// Bytes that panes write between two looks at all histories.
const LOOK: usize = 1 << 20;

/// What is to be done about histories, and when.
#[derive(Debug, Default)]
pub(super) struct Histories {
    /// Panes that wrote, and when to see whether they are quiet.
    quiet: BTreeMap<PaneId, Duration>,
    /// Bytes written since all histories were looked at.
    written: usize,
    /// Panes for which a store was asked, and whether the answer came.
    asked: BTreeMap<PaneId, bool>,
}

impl Histories {
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.quiet.values().min().copied()
    }
}

impl Engine {
    /// Takes note that a pane wrote.
    pub(super) fn history_grew(&mut self, pane: PaneId, bytes: usize) {
        let due = self.now().mono + QUIET;
        let histories = &mut self.upkeep.histories;
        histories.quiet.entry(pane).or_insert(due);
        histories.written += bytes;
        if histories.written >= LOOK {
            histories.written = 0;
            self.bound_histories();
        }
    }

    /// Compresses the histories of panes that are quiet now.
    pub(super) fn settle_histories(&mut self) {
        let now = self.now().mono;
        let quiet = &self.upkeep.histories.quiet;
        let due = quiet.iter().filter(|(_, at)| **at <= now);
        let due: Vec<PaneId> = due.map(|(pane, _)| *pane).collect();
        if due.is_empty() {
            return;
        }
        for id in due {
            self.upkeep.histories.quiet.remove(&id);
            let Some(pane) = self.mux.panes.get_mut(&id) else {
                continue;
            };
            let until = pane.output_at.mono + QUIET;
            if until > now {
                self.upkeep.histories.quiet.insert(id, until);
            } else {
                pane.term.settle();
            }
        }
        self.bound_histories();
    }

    /// Makes the largest histories smaller until all are within the limit.
    fn bound_histories(&mut self) {
        let limit = usize::try_from(self.mux.server_number("history-bytes")).unwrap_or(0);
        let panes = self.mux.panes.values();
        let mut total: usize = panes.map(|pane| pane.term.history_bytes()).sum();
        if limit == 0 || total <= limit {
            return;
        }
        let path = self.mux.server_text("history-spill");
        let mut spent = BTreeSet::new();
        while total > limit {
            let panes = self.mux.panes.values_mut();
            let rest = panes.filter(|pane| !spent.contains(&pane.id));
            let Some(pane) = rest.max_by_key(|pane| pane.term.history_bytes()) else {
                return;
            };
            let id = pane.id;
            let wanted = !path.is_empty() && path != "off" && !pane.term.has_store();
            if wanted {
                match self.upkeep.histories.asked.get(&id) {
                    Some(true) => {}
                    // The answer goes on from here.
                    Some(false) => return,
                    None => {
                        self.upkeep.histories.asked.insert(id, false);
                        self.mux.emit(Effect::OpenStore { pane: id, path });
                        return;
                    }
                }
            }
            let freed = pane.term.shed();
            total = total.saturating_sub(freed);
            if freed == 0 {
                spent.insert(id);
            }
        }
    }

    /// A store for a pane's history is open, or could not be opened.
    pub(super) fn store_opened(&mut self, id: PaneId, result: Result<Store, String>) {
        match (self.mux.panes.get_mut(&id), result) {
            (Some(pane), Ok(store)) => pane.term.set_store(store),
            (Some(_), Err(why)) => self.mux.log(Label::new(&format!("history-spill: {why}"))),
            (None, _) => {}
        }
        let panes = &self.mux.panes;
        self.upkeep
            .histories
            .asked
            .retain(|pane, _| panes.contains_key(pane));
        if let Some(answered) = self.upkeep.histories.asked.get_mut(&id) {
            *answered = true;
        }
        self.bound_histories();
    }
}
