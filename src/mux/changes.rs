//! What changed in the model between two looks, as events. Whoever changes the
//! model fires nothing: after each command, and at the end of a turn, the model is
//! compared with what was seen of it before. While nobody listens, nothing is
//! kept and nothing compared.
//!
//! ```text
//!   Seen (before) ─┬─ compare ─→ Fired, Fired, …   in the order in which tmux
//!   Mux   (now) ───┘                               tells of such changes
//! ```

use std::collections::BTreeMap;

use crate::base::{ClientId, PaneId, SessionId, Size, WindowId};

use super::events::Fired;
use super::resolve::Current;
use super::{Layout, Mux, Pane};

mod moves;

use moves::movers;

/// What was seen of the model.
#[derive(Debug, Default)]
pub struct Seen {
    sessions: BTreeMap<SessionId, SeenSession>,
    windows: BTreeMap<WindowId, SeenWindow>,
    panes: BTreeMap<PaneId, SeenPane>,
    clients: BTreeMap<ClientId, SeenClient>,
    marked: Option<PaneId>,
}

#[derive(Debug, PartialEq, Eq)]
struct SeenSession {
    name: String,
    current: (u32, Option<WindowId>),
    links: BTreeMap<u32, WindowId>,
    group: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct SeenWindow {
    name: String,
    active: PaneId,
    zoomed: bool,
    size: Size,
    layout: Layout,
    /// In the order of their indexes.
    panes: Vec<PaneId>,
}

#[derive(Debug, PartialEq, Eq)]
struct SeenPane {
    window: WindowId,
    size: Size,
    title: String,
    mode: &'static str,
    pid: Option<u32>,
    dead: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct SeenClient {
    session: Option<SessionId>,
    size: Option<Size>,
    focused: bool,
    latest: bool,
    light: Option<bool>,
}

/// A command line in one word, as `wait-for -v` shows it.
fn quoted(command: &str) -> String {
    if !command.contains(char::is_whitespace) {
        return command.to_owned();
    }
    let mut word = String::from('"');
    for ch in command.chars() {
        if matches!(ch, '"' | '\\' | '$') {
            word.push('\\');
        }
        word.push(ch);
    }
    word.push('"');
    word
}

/// The name of the mode that a pane is in; empty for none.
fn mode_of(pane: &Pane) -> &'static str {
    if pane.clock {
        return "clock-mode";
    }
    pane.copy.as_deref().map_or("", |mode| mode.name())
}

/// The links that are in `now` and were not in `old`, by window: one whose index
/// alone changed was there.
fn gained(old: &BTreeMap<u32, WindowId>, now: &BTreeMap<u32, WindowId>) -> Vec<(u32, WindowId)> {
    let mut had: BTreeMap<WindowId, usize> = BTreeMap::new();
    for window in old.values() {
        *had.entry(*window).or_default() += 1;
    }
    let (kept, other): (Vec<_>, Vec<_>) = now
        .iter()
        .map(|(index, window)| (*index, *window))
        .partition(|(index, window)| old.get(index) == Some(window));
    let mut gained = Vec::new();
    for (index, window) in kept.into_iter().chain(other) {
        match had.get_mut(&window) {
            Some(count) if *count > 0 => *count -= 1,
            _ => gained.push((index, window)),
        }
    }
    gained
}

/// The windows of a session that ends, in tmux's order: it takes the root of
/// their tree each time, which is the second of three or more.
pub(crate) fn in_tree_order(links: &BTreeMap<u32, WindowId>) -> Vec<(&u32, &WindowId)> {
    let mut all: Vec<_> = links.iter().collect();
    if all.len() > 2 {
        all.rotate_left(1);
    }
    all
}

impl Seen {
    fn of(mux: &Mux) -> Self {
        let sessions = mux.sessions.values().map(|owner| {
            let links = owner.links.iter();
            let seen = SeenSession {
                name: owner.name.clone(),
                current: (owner.current, owner.window()),
                links: links.map(|(index, link)| (*index, link.window)).collect(),
                group: owner.group.clone(),
            };
            (owner.id, seen)
        });
        let windows = mux.windows.values().map(|owner| {
            let seen = SeenWindow {
                name: owner.name.clone(),
                active: owner.active,
                zoomed: owner.zoomed.is_some(),
                size: owner.size,
                layout: owner.layout.clone(),
                panes: owner.panes(),
            };
            (owner.id, seen)
        });
        let panes = mux.panes.values().map(|pane| {
            let seen = SeenPane {
                window: pane.window,
                size: pane.size(),
                title: pane.title(&mux.server.host).to_string(),
                mode: mode_of(pane),
                pid: pane.process.as_ref().map(|process| process.pid),
                dead: pane.dead.is_some(),
            };
            (pane.id, seen)
        });
        let people = mux.clients.values().filter(|client| !client.records);
        let clients = people.map(|client| {
            let rivals = mux.clients.values().filter(|rival| !rival.records);
            let newest = rivals
                .filter(|rival| rival.session == client.session)
                .map(|rival| rival.latest)
                .max();
            let seen = SeenClient {
                session: client.session,
                size: client.size(),
                focused: client.focused,
                light: client.light,
                latest: client.session.is_some() && newest == Some(client.latest),
            };
            (client.id, seen)
        });
        Self {
            sessions: sessions.collect(),
            windows: windows.collect(),
            panes: panes.collect(),
            clients: clients.collect(),
            marked: mux.marked,
        }
    }
}

impl Mux {
    /// Fires what the model's changes since the last look amount to.
    pub fn note_changes(&mut self) {
        if !self.listens() {
            self.seen = None;
            return;
        }
        let now = Seen::of(self);
        let told = std::mem::take(&mut self.layouts_told);
        let Some(old) = self.seen.replace(now) else {
            self.hook_focus = self.focused_panes();
            return;
        };
        let Some(now) = self.seen.take() else { return };
        let mut events = Vec::new();
        self.changed_clients(&old, &now, &mut events);
        if self.server_flag("focus-events") {
            events.extend(self.focus_events(None));
        }
        self.changed_panes(&old, &now, &mut events);
        self.changed_windows(&old, &now, &told, &mut events);
        self.moved(&old, &now, &mut events);
        self.made(&old, &now, &mut events);
        self.ended_sessions(&old, &now, &mut events);
        self.changed_sessions(&old, &now, &mut events);
        self.ended_windows(&old, &now, &mut events);
        self.renamed(&old, &now, &mut events);
        if old.marked != now.marked {
            events.push(self.marked_event(old.marked, now.marked));
        }
        self.seen = Some(now);
        for event in events {
            self.fire_event(event);
        }
    }

    /// A window's layout is told so often, changed or not, to control clients and
    /// to hooks.
    pub fn tell_layout(&mut self, window: WindowId, times: usize) {
        *self.relaid.entry(window).or_default() += times;
        *self.layouts_told.entry(window).or_default() += times;
    }

    /// Where a window is, for what happens in it.
    #[must_use]
    pub fn at_window(&self, window: WindowId) -> Current {
        let session = self.session_showing(window);
        let owner = session.and_then(|id| self.sessions.get(&id));
        Current {
            session,
            index: owner.and_then(|owner| owner.index_of(window)),
            window: Some(window),
            pane: self.windows.get(&window).map(|owner| owner.active),
        }
    }

    /// Where a pane is.
    #[must_use]
    pub fn at_pane(&self, pane: PaneId) -> Current {
        let window = self.panes.get(&pane).map(|pane| pane.window);
        let at = window.map_or_else(Current::default, |window| self.at_window(window));
        Current {
            pane: Some(pane),
            ..at
        }
    }

    fn at_link(&self, session: SessionId, index: u32, window: WindowId) -> Current {
        Current {
            session: Some(session),
            index: Some(index),
            window: Some(window),
            pane: self.windows.get(&window).map(|owner| owner.active),
        }
    }

    /// A session in which a window is linked, best one that shows it, best the
    /// one used last.
    fn session_showing(&self, window: WindowId) -> Option<SessionId> {
        let sessions = self.sessions_of(window);
        let best = sessions.max_by_key(|owner| {
            let shows = owner.window() == Some(window);
            (shows, owner.activity, std::cmp::Reverse(owner.id))
        });
        best.map(|owner| owner.id)
    }

    fn window_event(&self, hook: &str, window: WindowId) -> Fired {
        Fired::new(hook, self.at_window(window)).with("window", window)
    }

    fn pane_event(&self, hook: &str, pane: PaneId) -> Fired {
        let at = self.at_pane(pane);
        let event = Fired::new(hook, at).with("pane", pane);
        match at.window {
            Some(window) => event.with("window", window),
            None => event,
        }
    }

    fn session_event(&self, hook: &str, session: SessionId) -> Fired {
        let at = self.place_in(session).map(Current::of);
        let at = at.unwrap_or(Current {
            session: Some(session),
            ..Current::default()
        });
        Fired::new(hook, at).with("session", session)
    }

    fn link_event(&self, hook: &str, session: SessionId, index: u32, window: WindowId) -> Fired {
        Fired::new(hook, self.at_link(session, index, window))
            .with("session", session)
            .with("window", window)
            .with("window_index", index)
    }

    /// An event in a pane that its program or a person made happen.
    pub fn fire_pane(&mut self, hook: &str, pane: PaneId, more: &[(&str, String)]) {
        if !self.listens_to(hook, self.at_pane(pane)) {
            return;
        }
        let mut event = self.pane_event(hook, pane);
        for (key, value) in more {
            event = event.with(key, value);
        }
        self.fire_event(event);
    }

    /// An alert of a window in a session.
    pub fn fire_alert(&mut self, hook: &str, session: SessionId, index: u32, window: WindowId) {
        let event = self.link_event(hook, session, index, window);
        self.fire_event(event);
    }

    fn changed_clients(&mut self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        let window = |session: Option<SessionId>| {
            let owner = now.sessions.get(&session?).or(old.sessions.get(&session?));
            owner.and_then(|owner| owner.current.1)
        };
        for (id, seen) in &now.clients {
            let Some(session) = seen.session else {
                continue;
            };
            let about = |hook: &str| {
                let mut event = self.client_event(hook, session);
                event.client = Some(*id);
                event
            };
            let Some(before) = old.clients.get(id).filter(|old| old.session.is_some()) else {
                let (created, mut attached) = (about("client-created"), about("client-attached"));
                let changed = about("client-session-changed").with("new_session", session);
                if let Some(client) = self.clients.get(id) {
                    for (key, value) in client.particulars() {
                        attached = attached.with(key, value);
                    }
                }
                out.push(created);
                out.extend(self.focus_events(window(Some(session))));
                out.extend([changed, attached]);
                continue;
            };
            if before.session != Some(session) {
                out.extend(self.focus_events(window(before.session)));
                out.extend(self.focus_events(window(Some(session))));
            }
            let about = |hook: &str| {
                let mut event = self.client_event(hook, session);
                event.client = Some(*id);
                event
            };
            if let Some(from) = before.session.filter(|from| *from != session) {
                out.push(
                    about("client-session-changed")
                        .with("old_session", from)
                        .with("new_session", session),
                );
            }
            if seen.latest && !before.latest {
                out.push(about("client-active"));
            }
            if seen.size != before.size
                && let Some(size) = seen.size
            {
                out.push(
                    about("client-resized")
                        .with("width", size.cols())
                        .with("height", size.rows()),
                );
            }
            if seen.light != before.light
                && let Some(light) = seen.light
            {
                let theme = if light { "light" } else { "dark" };
                out.push(about(&format!("client-{theme}-theme")));
            }
            if seen.focused != before.focused {
                let way = if seen.focused { "in" } else { "out" };
                out.push(about(&format!("client-focus-{way}")));
            }
        }
    }

    fn changed_panes(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (id, seen) in &now.panes {
            let Some(before) = old.panes.get(id) else {
                continue;
            };
            let ran = before.pid.is_some() || before.dead;
            if ran && seen.pid != before.pid && seen.pid.is_some() {
                out.push(self.created(*id, true));
            }
            if seen.mode != before.mode {
                let entered = !seen.mode.is_empty();
                let hooks = ["pane-mode-exited", "pane-mode-entered"];
                for hook in [hooks[usize::from(entered)], "pane-mode-changed"] {
                    let mut event = self
                        .pane_event(hook, *id)
                        .with("mode_entered", u8::from(entered));
                    if entered {
                        event = event.with("current_mode", seen.mode);
                    }
                    if !before.mode.is_empty() {
                        event = event.with("previous_mode", before.mode);
                    }
                    out.push(event);
                }
            }
            if seen.title != before.title {
                out.push(
                    self.pane_event("pane-title-changed", *id)
                        .with("new_title", &seen.title),
                );
            }
        }
    }

    /// Panes of a window whose size changed; one that is new in a window that was
    /// there had that of the window.
    fn resized_panes(&self, old: &Seen, now: &Seen, window: WindowId, out: &mut Vec<Fired>) {
        let Some(owner) = now.windows.get(&window) else {
            return;
        };
        let there = old.windows.get(&window);
        for id in &owner.panes {
            let Some(seen) = now.panes.get(id) else {
                continue;
            };
            let before = old.panes.get(id).map(|before| before.size);
            let Some(before) = before.or_else(|| there.map(|window| window.size)) else {
                continue;
            };
            if seen.size != before {
                out.push(
                    self.pane_event("pane-resized", *id)
                        .with("old_width", before.cols())
                        .with("old_height", before.rows())
                        .with("width", seen.size.cols())
                        .with("height", seen.size.rows()),
                );
            }
        }
    }

    fn created(&self, pane: PaneId, again: bool) -> Fired {
        let mut event = self.pane_event("pane-created", pane);
        if let (Some(session), Some(index)) = (event.at.session, event.at.index) {
            event = event.with("session", session).with("window_index", index);
        }
        let Some(owner) = self.panes.get(&pane) else {
            return event;
        };
        let command = if owner.start_command.is_empty() {
            &owner.command
        } else {
            &owner.start_command
        };
        let empty = owner.spec.program.is_nothing();
        event
            .with("created_empty", u8::from(empty))
            .with("created_respawn", u8::from(again))
            .with("pane_command", quoted(command))
            .with("pane_current_path", &owner.spec.cwd)
    }

    /// Windows that were there: sizes and places of their panes, the active one,
    /// zoom. What panes do that come from another window is told of with them.
    fn changed_windows(
        &mut self,
        old: &Seen,
        now: &Seen,
        told: &BTreeMap<WindowId, usize>,
        out: &mut Vec<Fired>,
    ) {
        let movers = movers(old, now);
        for (id, seen) in &now.windows {
            let Some(before) = old.windows.get(id) else {
                continue;
            };
            if movers.iter().any(|(_, from, to)| from == id || to == id) {
                continue;
            }
            self.resized_panes(old, now, *id, out);
            let fresh = seen.panes.iter().filter(|id| !old.panes.contains_key(id));
            for pane in fresh {
                out.push(self.created(*pane, false));
            }
            let ended = before.panes.iter().any(|id| !now.panes.contains_key(id));
            if seen.active != before.active && !ended {
                out.push(self.active_changed(*id, before, seen));
            }
            if seen.zoomed != before.zoomed {
                let hooks = ["window-unzoomed", "window-zoomed"];
                out.push(self.window_event(hooks[usize::from(seen.zoomed)], *id));
            }
            let changed = seen.layout != before.layout || seen.zoomed != before.zoomed;
            let times = told.get(id).copied().unwrap_or(usize::from(changed));
            for _ in 0..times {
                out.push(self.window_event("window-layout-changed", *id));
            }
            if seen.active != before.active && ended {
                out.push(self.active_changed(*id, before, seen));
                out.extend(self.focus_events(Some(*id)));
            }
            if seen.size != before.size {
                out.push(
                    self.window_event("window-resized", *id)
                        .with("old_width", before.size.cols())
                        .with("old_height", before.size.rows())
                        .with("width", seen.size.cols())
                        .with("height", seen.size.rows()),
                );
            }
        }
    }

    fn active_changed(&self, id: WindowId, before: &SeenWindow, seen: &SeenWindow) -> Fired {
        self.window_event("window-pane-changed", id)
            .with("pane", seen.active)
            .with("old_pane", before.active)
            .with("new_pane", seen.active)
    }

    /// New windows and sessions with their panes, and windows linked anew.
    fn made(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        let movers = movers(old, now);
        let broken = |id: &WindowId| movers.iter().any(|(_, _, to)| to == id);
        for (id, seen) in &now.panes {
            if !old.panes.contains_key(id) && !old.windows.contains_key(&seen.window) {
                let mut event = self.created(*id, false);
                // A new window has no name until its pane is there.
                let name = ("hook_window_name".to_owned(), String::new());
                event.names.push(name);
                out.push(event);
            }
        }
        for (id, seen) in &now.sessions {
            let fresh = self.is_fresh(old, seen);
            if let Some(before) = old.sessions.get(id).filter(|_| fresh) {
                self.current_changed(*id, before, seen, out);
            }
        }
        for id in now.windows.keys() {
            if !old.windows.contains_key(id) && !broken(id) {
                out.push(self.window_event("window-created", *id));
            }
        }
        for (id, seen) in &now.sessions {
            if let Some(before) = old.sessions.get(id) {
                self.changed_links(old, *id, before, seen, out);
            } else {
                if let Some(group) = &seen.group {
                    out.push(self.group_event("session-added-to-group", *id, group));
                }
                for (index, window) in &seen.links {
                    out.push(self.link_event("window-linked", *id, *index, *window));
                }
                out.push(self.session_event("session-created", *id));
            }
        }
    }

    /// Whether a session shows a window that is new with all that is in it: one
    /// for a pane that was broken off is linked before it is looked at.
    fn is_fresh(&self, old: &Seen, seen: &SeenSession) -> bool {
        let window = seen.current.1.filter(|id| !old.windows.contains_key(id));
        let window = window.and_then(|id| self.windows.get(&id));
        window.is_some_and(|window| !old.panes.contains_key(&window.active))
    }

    fn group_event(&self, hook: &str, session: SessionId, group: &str) -> Fired {
        let members = self.sessions.values();
        let size = members
            .filter(|s| s.group.as_deref() == Some(group))
            .count();
        self.session_event(hook, session)
            .with("group", group)
            .with("group_size", size)
    }

    /// Windows that a session gained, and the one that became its current.
    fn changed_links(
        &self,
        old: &Seen,
        id: SessionId,
        before: &SeenSession,
        seen: &SeenSession,
        out: &mut Vec<Fired>,
    ) {
        let told = |hook: &str, window: Option<WindowId>| {
            let mut events = out.iter();
            let session = Some(id.to_string());
            events.any(|event| {
                event.hook == hook
                    && event.payload.get("session") == session.as_ref()
                    && event.payload.get("window").cloned() == window.map(|id| id.to_string())
            })
        };
        let mut events = Vec::new();
        for (index, window) in gained(&before.links, &seen.links) {
            if !told("window-linked", Some(window)) {
                events.push(self.link_event("window-linked", id, index, window));
            }
        }
        if !self.is_fresh(old, seen) && !told("session-window-changed", seen.current.1) {
            self.current_changed(id, before, seen, &mut events);
        }
        out.extend(events);
        if seen.group != before.group
            && let Some(group) = &seen.group
        {
            out.push(self.group_event("session-added-to-group", id, group));
        }
    }

    /// Another window of a session became current.
    fn current_changed(
        &self,
        id: SessionId,
        before: &SeenSession,
        seen: &SeenSession,
        out: &mut Vec<Fired>,
    ) {
        let ((old_index, old_window), (index, window)) = (before.current, seen.current);
        if let (Some(old_window), Some(window)) = (old_window, window)
            && (old_window != window
                || seen.links.len() != before.links.len() && old_index != index)
        {
            out.push(
                self.link_event("session-window-changed", id, index, window)
                    .with("old_window", old_window)
                    .with("old_window_index", old_index)
                    .with("new_window", window)
                    .with("new_window_index", index),
            );
        }
    }

    fn ended_sessions(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (id, before) in &old.sessions {
            if now.sessions.contains_key(id) {
                continue;
            }
            let gone = |hook: &str| {
                let at = self.latest_session().and_then(|id| self.place_in(id));
                let at = at.map_or_else(Current::default, Current::of);
                let mut event = Fired::new(hook, at).with("session", id);
                event
                    .names
                    .push(("hook_session_name".to_owned(), before.name.clone()));
                event
            };
            out.push(gone("session-closed"));
            if let Some(group) = &before.group {
                let members = old.sessions.values();
                let size = members.filter(|s| s.group.as_ref() == Some(group)).count();
                out.push(
                    gone("session-removed-from-group")
                        .with("group", group)
                        .with("group_size", size),
                );
            }
            for (index, window) in in_tree_order(&before.links) {
                let mut event = gone("window-unlinked")
                    .with("window", window)
                    .with("window_index", index);
                if self.windows.contains_key(window) {
                    event.at = self.at_window(*window);
                }
                self.name_window(old, *window, &mut event);
                out.push(event);
                self.closed(old, now, *window, out);
            }
        }
    }

    fn name_window(&self, old: &Seen, window: WindowId, event: &mut Fired) {
        let name = self.windows.get(&window).map(|owner| &owner.name);
        let before = old.windows.get(&window).map(|seen| &seen.name);
        if let Some(name) = name.or(before) {
            let name = ("hook_window_name".to_owned(), name.clone());
            event.names.push(name);
        }
    }

    /// Windows that a session lost.
    fn changed_sessions(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (id, before) in &old.sessions {
            let Some(seen) = now.sessions.get(id) else {
                continue;
            };
            for (index, window) in gained(&seen.links, &before.links) {
                let (unlinked, of, at) = (
                    "window-unlinked",
                    Some(id.to_string()),
                    Some(window.to_string()),
                );
                let told = out.iter().any(|event| {
                    event.hook == unlinked
                        && event.payload.get("session") == of.as_ref()
                        && event.payload.get("window") == at.as_ref()
                });
                if told {
                    continue;
                }
                let mut event = self.link_event("window-unlinked", *id, index, window);
                event.at = self.place_in(*id).map_or(event.at, Current::of);
                self.name_window(old, window, &mut event);
                out.push(event);
                self.closed(old, now, window, out);
            }
        }
    }

    fn closed(&self, old: &Seen, now: &Seen, window: WindowId, out: &mut Vec<Fired>) {
        let hook = "window-closed";
        let told = |event: &Fired| {
            event.hook == hook && event.payload.get("window") == Some(&window.to_string())
        };
        if now.windows.contains_key(&window) || out.iter().any(told) {
            return;
        }
        let at = self.latest_session().and_then(|id| self.place_in(id));
        let at = at.map_or_else(Current::default, Current::of);
        let mut event = Fired::new(hook, at).with("window", window);
        self.name_window(old, window, &mut event);
        out.push(event);
    }

    fn ended_windows(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for id in old.windows.keys() {
            self.closed(old, now, *id, out);
        }
    }

    fn renamed(&self, old: &Seen, now: &Seen, out: &mut Vec<Fired>) {
        for (id, seen) in &now.sessions {
            if let Some(before) = old.sessions.get(id).filter(|old| old.name != seen.name) {
                out.push(
                    self.session_event("session-renamed", *id)
                        .with("old_name", &before.name)
                        .with("new_name", &seen.name),
                );
            }
        }
        for (id, seen) in &now.windows {
            if let Some(before) = old.windows.get(id).filter(|old| old.name != seen.name) {
                out.push(
                    self.window_event("window-renamed", *id)
                        .with("old_name", &before.name)
                        .with("new_name", &seen.name),
                );
            }
        }
    }

    fn marked_event(&self, old: Option<PaneId>, now: Option<PaneId>) -> Fired {
        let hook = "marked-pane-changed";
        let mut event = match now.or(old) {
            Some(pane) => self.pane_event(hook, pane),
            None => Fired::new(hook, Current::default()),
        };
        event = event.with("marked", u8::from(now.is_some()));
        if let Some(old) = old {
            event = event.with("old_pane", old);
        }
        if let Some(now) = now {
            event = event.with("new_pane", now);
        }
        event
    }
}
