//! Keys for panes that are in a mode to choose in, and the commands that they
//! lead to, which run under the right of who pressed them.

use crate::base::{ClientId, Key, PaneId};
use crate::exec::{self, Authority, Context, ModeMouse, MouseAt};

use super::Engine;

impl Engine {
    /// Whether a pane is in a mode that takes its keys.
    pub(super) fn in_mode(&self, pane: PaneId) -> bool {
        let pane = self.mux.panes.get(&pane);
        pane.is_some_and(|pane| pane.mode.is_some())
    }

    /// Gives a key to a pane's mode.
    pub(super) fn mode_takes(
        &mut self,
        client: ClientId,
        pane: PaneId,
        key: Key,
        mouse: Option<MouseAt>,
    ) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let authority = Authority::of(owner);
        let cx = Context::for_client(&self.mux, client, authority);
        let size = self.mux.panes.get(&pane).map(|pane| pane.size());
        let mouse = mouse.and_then(|at| {
            let size = size?;
            Some(ModeMouse {
                at: at.inside(size.cols(), size.rows())?,
                action: at.event.action,
            })
        });
        let follow = exec::mode_key(&mut self.mux, &cx, pane, key, mouse);
        for next in follow {
            let mut cx = Context::for_client(&self.mux, client, authority);
            cx.current = next.current;
            self.run_text(client, &next.text, cx);
        }
        self.demand_all();
    }
}
