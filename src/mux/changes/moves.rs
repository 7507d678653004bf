//! Panes that go from one window to another, and the focus of panes, as events.
//! What else changed is found by the room above; nothing is changed here but what
//! hooks know of focus.

use std::collections::BTreeSet;

use crate::access::Grant;
use crate::base::{PaneId, SessionId, WindowId};
use crate::mux::events::Fired;
use crate::mux::{Mux, Session};

use super::Seen;

/// The panes that went from one window to another.
pub(super) fn movers(old: &Seen, now: &Seen) -> Vec<(PaneId, WindowId, WindowId)> {
    let panes = now.panes.iter().filter_map(|(id, seen)| {
        let from = old.panes.get(id)?.window;
        (from != seen.window).then_some((*id, from, seen.window))
    });
    // Two that changed places are no more than other panes where they are.
    let all: Vec<_> = panes.collect();
    let swapped = |(_, from, to): &(PaneId, WindowId, WindowId)| {
        all.iter()
            .any(|(_, other, there)| other == to && there == from)
    };
    all.iter()
        .filter(|mover| !swapped(mover))
        .copied()
        .collect()
}

impl Mux {
    /// The panes that somebody looks at from a terminal with focus.
    #[must_use]
    pub fn focused_panes(&self) -> BTreeSet<PaneId> {
        self.clients
            .values()
            // What a watcher looks at changes nothing for a program.
            .filter(|client| client.focused && client.effective_grant().allows(Grant::Type))
            .filter_map(|client| self.current_pane(client.session?))
            .collect()
    }

    /// Panes that lost focus, and that gained it, since hooks were told of it
    /// last: all of them, or those of one window.
    pub(super) fn focus_events(&mut self, window: Option<WindowId>) -> Vec<Fired> {
        let has = self.focused_panes();
        let here = |id: &PaneId| {
            let pane = self.panes.get(id);
            window.is_none() || pane.is_some_and(|pane| Some(pane.window) == window)
        };
        let lost: Vec<PaneId> = self.hook_focus.difference(&has).copied().collect();
        let gained: Vec<PaneId> = has.difference(&self.hook_focus).copied().collect();
        let mut events = Vec::new();
        for pane in lost {
            if !self.panes.contains_key(&pane) {
                self.hook_focus.remove(&pane);
            } else if here(&pane) {
                events.push(self.pane_event("pane-focus-out", pane));
                self.hook_focus.remove(&pane);
            }
        }
        for pane in gained.into_iter().filter(here) {
            events.push(self.pane_event("pane-focus-in", pane));
            self.hook_focus.insert(pane);
        }
        events
    }

    /// Fires what a client that left takes of focus with it.
    pub fn fire_unfocus(&mut self, session: SessionId) {
        if !self.listens() {
            return;
        }
        let window = self.sessions.get(&session).and_then(Session::window);
        for event in self.focus_events(window) {
            self.fire_event(event);
        }
    }

    /// Panes that went to another window: what they leave, where they come, in
    /// the order in which tmux breaks and joins panes.
    pub(super) fn moved(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (pane, from, to) in movers(old, now) {
            let layout = |id: WindowId| self.window_event("window-layout-changed", id);
            let active = |id: WindowId, out: &mut Vec<Fired>| {
                if let (Some(before), Some(seen)) = (old.windows.get(&id), now.windows.get(&id))
                    && before.active != seen.active
                {
                    out.push(self.active_changed(id, before, seen));
                }
            };
            let Some(there) = old.windows.get(&to) else {
                active(from, out);
                self.resized_panes(old, now, from, out);
                out.push(layout(from));
                for (id, seen) in &now.sessions {
                    let links = seen.links.iter().filter(|(_, window)| **window == to);
                    for (index, window) in links {
                        out.push(self.link_event("window-linked", *id, *index, *window));
                    }
                }
                self.resized_panes(old, now, to, out);
                out.push(self.window_event("window-created", to));
                out.push(self.pane_moved(old, pane, from, to));
                self.current_windows(old, now, out);
                continue;
            };
            self.resized_panes(old, now, from, out);
            let mut left = layout(from);
            self.name_window(old, from, &mut left);
            out.push(left);
            active(from, out);
            self.resized_panes(old, now, to, out);
            if !there.panes.is_empty() {
                active(to, out);
            }
            self.current_windows(old, now, out);
            out.push(self.pane_moved(old, pane, from, to));
            if now.windows.contains_key(&from) {
                out.push(layout(from));
            } else {
                self.changed_sessions(old, now, out);
            }
            out.push(layout(to));
        }
    }

    fn pane_moved(&self, old: &Seen, pane: PaneId, from: WindowId, to: WindowId) -> Fired {
        let mut event = self
            .pane_event("pane-moved", pane)
            .with("old_window", from)
            .with("new_window", to);
        if let Some(index) = event.at.index {
            event = event
                .with("window_index", index)
                .with("new_window_index", index);
        }
        let mut sessions = old.sessions.values();
        let left = sessions.find_map(|owner| {
            let mut links = owner.links.iter();
            links.find(|(_, window)| **window == from)
        });
        if let Some((index, _)) = left {
            event = event.with("old_window_index", index);
        }
        event
    }

    /// Sessions whose current window is another.
    fn current_windows(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (id, seen) in &now.sessions {
            if let Some(before) = old.sessions.get(id) {
                self.current_changed(*id, before, seen, out);
            }
        }
    }
}
