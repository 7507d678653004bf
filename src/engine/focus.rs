//! Focus: which panes have it, and their programs told when that changes
//! (tmux(1), `focus-events`; xterm ctlseqs, DECSET 1004). A pane has it that is
//! active in a window which somebody looks at from a terminal with focus.

use crate::base::{ClientId, PaneId};
use crate::mux::Effect;

use super::Engine;

impl Engine {
    /// A client's terminal gained or lost focus.
    pub(super) fn client_focus(&mut self, client: ClientId, focused: bool) {
        if let Some(client) = self.mux.clients.get_mut(&client) {
            client.focused = focused;
            self.stirred = true;
        }
    }

    /// Tells the panes that gained or lost focus in this turn.
    pub(super) fn settle_focus(&mut self) {
        if !self.mux.server_flag("focus-events") {
            self.focused.clear();
            return;
        }
        let focused = self.mux.focused_panes();
        if focused == self.focused {
            return;
        }
        let before = std::mem::replace(&mut self.focused, focused);
        let lost: Vec<PaneId> = before.difference(&self.focused).copied().collect();
        let gained: Vec<PaneId> = self.focused.difference(&before).copied().collect();
        for (panes, report) in [(lost, b"\x1b[O"), (gained, b"\x1b[I")] {
            for pane in panes {
                self.report_focus(pane, report);
            }
        }
    }

    fn report_focus(&mut self, id: PaneId, report: &[u8]) {
        let wanted = self
            .mux
            .panes
            .get(&id)
            .is_some_and(|pane| pane.term.modes().focus_events && pane.takes_input());
        if wanted {
            self.mux.emit(Effect::PaneWrite {
                pane: id,
                bytes: report.to_vec(),
            });
        }
    }
}
