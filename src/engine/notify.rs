//! What control clients are told of the model: the difference between what was
//! last told and what is. Whoever changes the model need not know that somebody
//! listens, and nothing is told twice or forgotten. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{ClientId, Now, PaneId, SessionId, WindowId};
use crate::format::{self, Scope};
use crate::mux::Mux;

use super::Engine;

/// The model as control clients know it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    sessions: BTreeMap<SessionId, ToldSession>,
    windows: BTreeMap<WindowId, ToldWindow>,
    /// Each pane's modes.
    panes: BTreeMap<PaneId, String>,
    clients: BTreeMap<ClientId, (String, Option<SessionId>)>,
    buffers: BTreeMap<String, (Now, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ToldSession {
    name: String,
    current: Option<WindowId>,
    /// How often each window is linked.
    links: BTreeMap<WindowId, usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ToldWindow {
    name: String,
    active: PaneId,
    panes: Vec<PaneId>,
    layout: String,
}

/// What is told of layouts beside those that are others.
struct Relaid {
    /// How often at least, by window.
    least: BTreeMap<WindowId, usize>,
    /// The windows of which nothing is told.
    unsaid: BTreeSet<WindowId>,
}

/// Something that happened, in the order in which it is told.
#[derive(Debug)]
enum News {
    SessionsChanged,
    SessionChanged(ClientId, SessionId),
    SessionRenamed(SessionId),
    PaneChanged(WindowId, PaneId),
    Layout(WindowId),
    CurrentWindow(SessionId, WindowId),
    Linked(SessionId, WindowId),
    Unlinked(SessionId, WindowId),
    WindowRenamed(WindowId),
    Mode(PaneId),
    Detached(String),
    BufferDeleted(String),
    BufferChanged(String),
}

impl Told {
    pub(super) fn of(mux: &Mux) -> Self {
        let session = |session: &crate::mux::Session| {
            let mut links = BTreeMap::new();
            for link in session.links.values() {
                *links.entry(link.window).or_insert(0) += 1;
            }
            ToldSession {
                name: session.name.clone(),
                current: session.window(),
                links,
            }
        };
        let window = |window: &crate::mux::Window| {
            let scope = Scope {
                window: Some(window.id),
                pane: Some(window.active),
                ..Scope::default()
            };
            let template = "#{window_layout} #{window_visible_layout}";
            ToldWindow {
                name: window.name.clone(),
                active: window.active,
                panes: window.panes(),
                layout: format::expand(template, mux, &scope),
            }
        };
        let mode = |pane: PaneId| {
            let scope = Scope {
                pane: Some(pane),
                ..Scope::default()
            };
            format::expand("#{pane_in_mode} #{pane_mode}", mux, &scope)
        };
        Self {
            sessions: mux.sessions.values().map(|s| (s.id, session(s))).collect(),
            windows: mux.windows.values().map(|w| (w.id, window(w))).collect(),
            panes: mux.panes.keys().map(|pane| (*pane, mode(*pane))).collect(),
            clients: mux
                .clients
                .values()
                .filter(|c| !c.records)
                .map(|c| (c.id, (c.name.clone(), c.session)))
                .collect(),
            buffers: mux
                .buffers
                .iter()
                .map(|b| (b.name.clone(), (b.created, b.data.len())))
                .collect(),
        }
    }

    /// What makes the one of the other, in tmux's order: what was made, who
    /// moved, what lies where, what ended, what is called how.
    fn news(&self, now: &Self, relaid: &Relaid) -> Vec<News> {
        let mut news = Vec::new();
        for (id, session) in &now.sessions {
            if !self.sessions.contains_key(id) {
                for window in session.links.keys() {
                    news.push(News::Linked(*id, *window));
                }
                news.push(News::SessionsChanged);
            }
        }
        for (id, (_, session)) in &now.clients {
            let before = self.clients.get(id).and_then(|(_, session)| *session);
            if let Some(session) = session.filter(|session| before != Some(*session)) {
                news.push(News::SessionChanged(*id, session));
            }
        }
        self.places(now, relaid, &mut news);
        self.links(now, &mut news);
        for (id, mode) in &now.panes {
            if self.panes.get(id).is_some_and(|old| old != mode) {
                news.push(News::Mode(*id));
            }
        }
        for (id, window) in &now.windows {
            if self
                .windows
                .get(id)
                .is_some_and(|old| old.name != window.name)
            {
                news.push(News::WindowRenamed(*id));
            }
        }
        for (id, session) in &now.sessions {
            if self
                .sessions
                .get(id)
                .is_some_and(|old| old.name != session.name)
            {
                news.push(News::SessionRenamed(*id));
            }
        }
        for (id, (name, session)) in &self.clients {
            let still = now.clients.get(id).and_then(|(_, session)| *session);
            if session.is_some() && still.is_none() {
                news.push(News::Detached(name.clone()));
            }
        }
        for (name, old) in &self.buffers {
            if now.buffers.get(name) != Some(old) {
                news.push(News::BufferDeleted(name.clone()));
            }
        }
        for (name, buffer) in &now.buffers {
            if self.buffers.get(name) != Some(buffer) {
                news.push(News::BufferChanged(name.clone()));
            }
        }
        news
    }

    /// Active panes and layouts. A pane that ends leaves the layout before
    /// another becomes active; one that moves away does so after.
    fn places(&self, now: &Self, relaid: &Relaid, news: &mut Vec<News>) {
        for (id, window) in &now.windows {
            let Some(old) = self.windows.get(id) else {
                continue;
            };
            let active = old.active != window.active;
            let least = relaid.least.get(id).copied().unwrap_or(0);
            let unsaid = relaid.unsaid.contains(id);
            let layouts = least.max(usize::from(old.layout != window.layout && !unsaid));
            let ended = old.panes.iter().any(|pane| !now.panes.contains_key(pane));
            if active && !ended {
                news.push(News::PaneChanged(*id, window.active));
            }
            news.extend((0..layouts).map(|_| News::Layout(*id)));
            if active && ended {
                news.push(News::PaneChanged(*id, window.active));
            }
        }
    }

    fn links(&self, now: &Self, news: &mut Vec<News>) {
        let (mut early, mut moved, mut late) = (Vec::new(), Vec::new(), Vec::new());
        let none = BTreeMap::new();
        for (id, session) in &now.sessions {
            let Some(old) = self.sessions.get(id) else {
                continue;
            };
            for (window, count) in &session.links {
                let had = old.links.get(window).copied().unwrap_or(0);
                // One that was broken off is there before it is looked at.
                let known = now
                    .windows
                    .get(window)
                    .is_some_and(|window| window.panes.iter().any(|p| self.panes.contains_key(p)));
                let list = if known { &mut early } else { &mut late };
                list.extend((had..*count).map(|_| News::Linked(*id, *window)));
            }
            if let Some(current) = session.current.filter(|_| old.current != session.current) {
                moved.push(News::CurrentWindow(*id, current));
            }
        }
        news.extend(early);
        news.extend(moved);
        news.extend(late);
        for (id, old) in &self.sessions {
            let session = now.sessions.get(id);
            if session.is_none() {
                news.push(News::SessionsChanged);
            }
            let links = session.map_or(&none, |session| &session.links);
            let mut lost: Vec<_> = old.links.iter().collect();
            // Of a session that ends the second of three or more goes first.
            if session.is_none() && lost.len() > 2 {
                lost.rotate_left(1);
            }
            for (window, count) in lost {
                let has = links.get(window).copied().unwrap_or(0);
                news.extend((has..*count).map(|_| News::Unlinked(*id, *window)));
            }
        }
    }
}

impl Engine {
    /// Tells every control client what has changed since the last time.
    pub(super) fn notify_controls(&mut self) {
        if self.controls.is_empty() {
            self.told = None;
            self.mux.relaid.clear();
            self.mux.unsaid_layouts.clear();
            return;
        }
        let now = Told::of(&self.mux);
        let mut relaid = Relaid {
            least: std::mem::take(&mut self.mux.relaid),
            unsaid: std::mem::take(&mut self.mux.unsaid_layouts),
        };
        for window in self.resized_windows() {
            let least = relaid.least.entry(window).or_default();
            *least = (*least).max(1);
        }
        let Some(before) = self.told.take() else {
            self.told = Some(now);
            return;
        };
        let news = before.news(&now, &relaid);
        if !news.is_empty() {
            let ids: Vec<ClientId> = self.controls.keys().copied().collect();
            for id in ids {
                self.tell_news(id, &before, &now, &news);
            }
        }
        self.told = Some(now);
    }

    /// The windows of clients that have said a size in this turn: their layout
    /// is told, changed or not.
    fn resized_windows(&mut self) -> Vec<WindowId> {
        let mut windows = Vec::new();
        for client in self.mux.clients.values_mut() {
            let Some(control) = client.control.as_deref_mut() else {
                continue;
            };
            control.forget(
                |pane| self.mux.panes.contains_key(&pane),
                |window| self.mux.windows.contains_key(&window),
            );
            let session = client.session.and_then(|id| self.mux.sessions.get(&id));
            if let Some(session) = session.filter(|_| std::mem::take(&mut control.resized)) {
                let links = session.links.values().map(|link| link.window);
                windows.extend(
                    links.filter(|window| {
                        control.sized || control.window_sizes.contains_key(window)
                    }),
                );
            }
        }
        windows
    }

    fn tell_news(&mut self, id: ClientId, before: &Told, now: &Told, news: &[News]) {
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        let was = before.clients.get(&id).and_then(|(_, session)| *session);
        // One whose session ended hears of nothing more.
        if client.session.is_none() && was.is_some() {
            return;
        }
        let guest = client.guest_of().is_some();
        let lines: Vec<String> = news
            .iter()
            .filter_map(|one| self.line(id, (was, client.session), (before, now), one))
            .filter(|line| !guest || concerns_guests(line))
            .collect();
        if let Some(control) = self.mux.control_mut(id) {
            lines.into_iter().for_each(|line| control.notify(line));
        }
    }

    /// How one client is told; none where it is no affair of its own.
    fn line(
        &self,
        id: ClientId,
        (was, session): (Option<SessionId>, Option<SessionId>),
        (before, now): (&Told, &Told),
        news: &News,
    ) -> Option<String> {
        let owner = session.and_then(|id| self.mux.sessions.get(&id));
        let name = |id: &SessionId| now.sessions.get(id).map(|session| session.name.as_str());
        let has = |window: &WindowId| owner.is_some_and(|owner| owner.has(*window));
        let unlinked = |own: bool| if own { "" } else { "unlinked-" };
        Some(match news {
            News::SessionsChanged => "%sessions-changed".to_owned(),
            News::SessionChanged(who, to) if *who == id => {
                format!("%session-changed {to} {}", name(to)?)
            }
            News::SessionChanged(who, to) => {
                session?;
                let (client, _) = now.clients.get(who)?;
                format!("%client-session-changed {client} {to} {}", name(to)?)
            }
            News::SessionRenamed(of) => format!("%session-renamed {of} {}", name(of)?),
            News::PaneChanged(window, pane) => format!("%window-pane-changed {window} {pane}"),
            News::Layout(window) if has(window) => self.layout_line(id, *window, session?),
            News::Layout(_) => return None,
            News::CurrentWindow(of, window) => format!("%session-window-changed {of} {window}"),
            News::Linked(of, window) => {
                // What a client finds in the session that it comes to is no news.
                if was != session && Some(*of) == session && was.is_none() {
                    return None;
                }
                // One that is linked elsewhere was here before it left.
                let had = before.sessions.get(&session?);
                let had = had.is_some_and(|old| old.links.contains_key(window));
                let own = (has(window) || had) && was == session;
                format!("%{}window-add {window}", unlinked(own))
            }
            News::Unlinked(of, window) => {
                session?;
                let own = Some(*of) == session || has(window);
                format!("%{}window-close {window}", unlinked(own))
            }
            News::WindowRenamed(window) => {
                session?;
                let called = &now.windows.get(window)?.name;
                let unlinked = unlinked(has(window));
                format!("%{unlinked}window-renamed {window} {called}")
            }
            News::Mode(pane) => format!("%pane-mode-changed {pane}"),
            News::Detached(name) => format!("%client-detached {name}"),
            News::BufferDeleted(name) => format!("%paste-buffer-deleted {name}"),
            News::BufferChanged(name) => format!("%paste-buffer-changed {name}"),
        })
    }

    fn layout_line(&self, id: ClientId, window: WindowId, session: SessionId) -> String {
        let owner = self.mux.sessions.get(&session);
        let scope = Scope {
            client: Some(id),
            session: Some(session),
            window: Some(window),
            index: owner.and_then(|owner| owner.index_of(window)),
            pane: self.mux.windows.get(&window).map(|window| window.active),
            now: self.mux.now,
            ..Scope::default()
        };
        let template = "%layout-change #{window_id} #{window_layout} \
                        #{window_visible_layout} #{window_raw_flags}";
        format::expand(template, &self.mux, &scope)
    }
}

/// A guest hears of the session it was invited to, and of nothing else.
fn concerns_guests(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    matches!(
        word,
        "%layout-change" | "%window-add" | "%window-close" | "%window-renamed" | "%session-changed"
    )
}
