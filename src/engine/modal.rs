//! Keys and clicks of a window with a modal pane (`new-pane -O`): what ends the
//! pane, and keys that pass all tables by. Which panes may be active beside it is
//! the window's.

use crate::base::{ClientId, Key, KeyCode, Keystroke, MouseAction, MouseEvent, PaneId};
use crate::mux::window::Modal;

use super::Engine;

impl Engine {
    /// The modal pane of the window that a client looks at, if they may type.
    fn modal_of(&self, client: ClientId) -> Option<Modal> {
        let session = self.mux.clients.get(&client)?.session?;
        let window = self.mux.sessions.get(&session)?.window()?;
        let modal = self.mux.windows.get(&window)?.modal?;
        self.may_type(client).then_some(modal)
    }

    /// Whether a modal pane took the key: it ends by it (`-D`), or has all (`-K`).
    pub(super) fn modal_takes(&mut self, client: ClientId, key: Key, stroke: Keystroke) -> bool {
        let Some(modal) = self.modal_of(client).filter(|_| !key.is_mouse()) else {
            return false;
        };
        let ends = key == Key::plain(KeyCode::Escape) || key == Key::ctrl('c');
        if modal.close_on_escape && ends {
            self.close_modal(modal.pane);
            return true;
        }
        let pane = self.mux.panes.get(&modal.pane);
        let reads = pane.is_some_and(|pane| pane.copy.is_none() && pane.mode.is_none());
        if modal.all_keys && reads {
            self.type_key(client, key, stroke, None);
        }
        modal.all_keys && reads
    }

    /// Whether a click outside ended a modal pane (`-C`); `pane` is what was hit.
    pub(super) fn modal_clicked(
        &mut self,
        client: ClientId,
        event: &MouseEvent,
        pane: Option<PaneId>,
    ) -> bool {
        if !matches!(event.action, MouseAction::Down(_)) {
            return false;
        }
        let modal = self.modal_of(client);
        let Some(modal) = modal.filter(|modal| modal.close_on_click && Some(modal.pane) != pane)
        else {
            return false;
        };
        self.close_modal(modal.pane);
        true
    }

    fn close_modal(&mut self, pane: PaneId) {
        self.mux.kill_pane(pane);
        self.demand_all();
    }
}
