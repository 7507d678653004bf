//! Moves in the model: panes between windows, windows between indices and
//! sessions, sessions into groups. Each leaves the model whole, or unchanged
//! with the reason.

use std::collections::BTreeSet;

use crate::base::{PaneId, SessionId, WindowId};
use crate::config::Options;

use super::layout::SplitPlan;
use super::life::LifeError;
use super::session::{Alerts, Link, Session};
use super::window::Window;
use super::{Environ, Mux};

impl Mux {
    /// A pane that leaves its window is marked no longer, as in tmux.
    fn unmark(&mut self, pane: PaneId) {
        self.marked = self.marked.filter(|marked| *marked != pane);
    }

    /// A window that comes to another session has no mark, as in tmux.
    pub fn unmark_window(&mut self, window: WindowId) {
        let marked = self.marked.and_then(|pane| self.panes.get(&pane));
        if marked.is_some_and(|pane| pane.window == window) {
            self.marked = None;
        }
    }

    /// Makes a session that shares the windows of another: both are in one
    /// group then.
    ///
    /// # Errors
    /// [`LifeError::DuplicateSession`], [`LifeError::Gone`].
    pub fn new_grouped_session(
        &mut self,
        name: &str,
        with: SessionId,
    ) -> Result<SessionId, LifeError> {
        if self.session_named(name).is_some() {
            return Err(LifeError::DuplicateSession(name.to_owned()));
        }
        let other = self.sessions.get_mut(&with).ok_or(LifeError::Gone)?;
        let group = other
            .group
            .get_or_insert_with(|| other.name.clone())
            .clone();
        let alerts = Alerts::default();
        let links = other.links.iter().map(|(index, link)| {
            let window = link.window;
            (*index, Link { window, alerts })
        });
        let links = links.collect();
        // tmux makes a window first, and drops it: its ids are never seen.
        let _ = (self.ids.window(), self.ids.pane());
        let base = self.base_index(None);
        let Some(other) = self.sessions.get_mut(&with) else {
            return Err(LifeError::Gone);
        };
        let fresh = Session {
            id: self.ids.session(),
            name: name.to_owned(),
            created: self.now,
            activity: self.now,
            last_attached: None,
            links,
            current: if other.links.contains_key(&base) {
                base
            } else {
                other.current
            },
            last: Vec::new(),
            turned: false,
            options: Options::default(),
            environ: Environ::default(),
            cwd: other.cwd.clone(),
            group: Some(group),
            debug: None,
            share: None,
        };
        let id = fresh.id;
        for link in fresh.links.values() {
            if let Some(window) = self.windows.get_mut(&link.window) {
                window.linked.push(id);
            }
        }
        self.sessions.insert(id, fresh);
        Ok(id)
    }

    /// Exchanges two panes, of one window or of two.
    pub fn swap_panes(&mut self, a: PaneId, b: PaneId) {
        let place = |pane| self.panes.get(&pane).map(|p| p.window);
        let (Some(wa), Some(wb)) = (place(a), place(b)) else {
            return;
        };
        if a == b {
            return;
        }
        for (window, own, other) in [(wa, a, b), (wb, b, a)] {
            let Some(owner) = self.windows.get_mut(&window) else {
                continue;
            };
            if wa == wb {
                owner.layout.swap(a, b);
                return;
            }
            owner.layout.swap(own, other);
            if owner.active == own {
                owner.active = other;
            }
            owner.zoomed = owner
                .zoomed
                .map(|pane| if pane == own { other } else { pane });
            owner.over_zoom.retain(|pane| *pane != own);
            owner.last.retain(|pane| *pane != own);
            if let Some(pane) = self.panes.get_mut(&other) {
                pane.window = window;
            }
            self.unmark(own);
        }
    }

    /// Moves a pane beside another. A window that it leaves empty ends.
    ///
    /// # Errors
    /// [`LifeError::NoSpace`], [`LifeError::Gone`]; nothing has moved then.
    pub fn join_pane(
        &mut self,
        pane: PaneId,
        beside: PaneId,
        plan: SplitPlan,
    ) -> Result<(), LifeError> {
        let from = self.panes.get(&pane).ok_or(LifeError::Gone)?.window;
        let to = self.panes.get(&beside).ok_or(LifeError::Gone)?.window;
        let mut tried = self.windows.get(&to).ok_or(LifeError::Gone)?.layout.clone();
        // The place is made before the pane leaves its own, as in tmux.
        let place = PaneId(u32::MAX);
        tried.split(beside, place, plan)?;
        if from == to {
            tried.remove(pane);
        }
        tried.rename(place, pane);
        // In its own window it stays who it was, active or not.
        let left = from == to || self.leave_window(pane);
        if let Some(moved) = self.panes.get_mut(&pane) {
            moved.window = to;
        }
        if from != to {
            self.unmark(pane);
        }
        if let Some(target) = self.windows.get_mut(&to) {
            target.unzoom();
            target.layout = tried;
        }
        if !left {
            self.kill_window(from);
        }
        Ok(())
    }

    /// Makes a window of a pane that has others beside it.
    ///
    /// # Errors
    /// [`LifeError::IndexInUse`], [`LifeError::Gone`].
    pub fn break_pane(
        &mut self,
        pane: PaneId,
        session: SessionId,
        index: u32,
        name: Option<&str>,
    ) -> Result<WindowId, LifeError> {
        let owner = self.sessions.get(&session).ok_or(LifeError::Gone)?;
        if owner.links.contains_key(&index) {
            return Err(LifeError::IndexInUse(index));
        }
        let old = self.panes.get(&pane).ok_or(LifeError::Gone)?.window;
        let size = self.windows.get(&old).ok_or(LifeError::Gone)?.size;
        if !self.leave_window(pane) {
            return Err(LifeError::Gone);
        }
        let id = self.ids.window();
        let command = self.panes.get(&pane).map(|p| p.command.clone());
        let own_name = command.unwrap_or_default();
        let fresh = Window::new((id, size), pane, name, own_name, self.now);
        if let Some(pane) = self.panes.get_mut(&pane) {
            pane.window = id;
        }
        self.unmark(pane);
        self.windows.insert(id, fresh);
        self.configure_insets(id);
        self.link(session, index, id);
        Ok(id)
    }

    /// Moves the windows from an index on by one, so that it is free; the gap
    /// nearest above takes the last of them up. The other sessions of a group stay at
    /// their indexes, as in tmux: what comes to the free one is theirs too.
    pub fn shuffle_up(&mut self, session: SessionId, index: u32) {
        for id in self.group_of(session) {
            let Some(owner) = self.sessions.get_mut(&id) else {
                continue;
            };
            let Some(free) = (index..u32::MAX).find(|at| !owner.links.contains_key(at)) else {
                continue;
            };
            for at in (index..free).rev() {
                if let Some(link) = owner.links.remove(&at) {
                    owner.links.insert(at + 1, link);
                }
            }
            let moved = |at: u32| {
                if (index..free).contains(&at) {
                    at + 1
                } else {
                    at
                }
            };
            if id != session {
                continue;
            }
            owner.current = moved(owner.current);
            for at in &mut owner.last {
                *at = moved(*at);
            }
        }
    }

    /// Takes a window out of one place and links it at another, which must be
    /// free. Whether that was done.
    pub fn move_link(&mut self, from: (SessionId, u32), to: (SessionId, u32)) -> bool {
        let link = self
            .sessions
            .get(&from.0)
            .and_then(|s| s.links.get(&from.1).copied());
        let free = self
            .sessions
            .get(&to.0)
            .is_some_and(|s| !s.links.contains_key(&to.1));
        let (Some(link), true) = (link, free) else {
            return false;
        };
        if self.group_of(from.0).contains(&to.0) {
            for id in self.group_of(from.0) {
                if let Some(owner) = self.sessions.get_mut(&id) {
                    rename_link(owner, from.1, to.1);
                }
            }
            return true;
        }
        self.link(to.0, to.1, link.window);
        self.unlink(from.0, from.1);
        true
    }

    /// Links a window at an index of a session, or at its first free one; the
    /// index. With `kill` it takes the place of what is there.
    ///
    /// # Errors
    /// [`LifeError::Taken`], [`LifeError::SameIndex`], [`LifeError::Grouped`],
    /// [`LifeError::Gone`]; nothing has changed then.
    pub fn link_window(
        &mut self,
        (from, window): (SessionId, WindowId),
        (to, at): (SessionId, Option<u32>),
        kill: bool,
        select: bool,
    ) -> Result<u32, LifeError> {
        if from != to && self.group_of(from).contains(&to) {
            return Err(LifeError::Grouped);
        }
        let base = self.base_index(Some(to));
        let owner = self.sessions.get_mut(&to).ok_or(LifeError::Gone)?;
        let index = at.unwrap_or_else(|| owner.free_index(base));
        let old = owner.links.get(&index).map(|link| link.window);
        match old {
            Some(old) if old == window => return Err(LifeError::SameIndex(index)),
            Some(_) if !kill => return Err(LifeError::Taken(index)),
            _ => {}
        }
        let alerts = Alerts::default();
        owner.last.retain(|last| *last != index);
        owner.links.insert(index, Link { window, alerts });
        if select {
            owner.select(index);
        }
        self.sync_group(to);
        if let Some(old) = old {
            self.drop_window_if_unlinked(old);
        }
        Ok(index)
    }

    /// Notes that a session has its windows, and that those grouped with it got
    /// them anew.
    pub(super) fn note_links(&mut self, session: SessionId) {
        let Some(owner) = self.sessions.get(&session) else {
            return;
        };
        let mut others: BTreeSet<SessionId> = self.group_of(session).into_iter().collect();
        others.remove(&session);
        for link in owner.links.values() {
            let Some(window) = self.windows.get_mut(&link.window) else {
                continue;
            };
            let sessions = &self.sessions;
            window.linked.retain(|id| {
                let has = |s: &Session| s.has(link.window);
                !others.contains(id) && sessions.get(id).is_some_and(has)
            });
            if !window.linked.contains(&session) {
                window.linked.push(session);
            }
            window.linked.extend(&others);
        }
    }

    /// Gives those grouped with a session its windows. Each keeps its own current
    /// window by index, or goes to the last one that is left.
    pub fn sync_group(&mut self, session: SessionId) {
        self.copy_links(session);
        self.note_links(session);
    }

    fn copy_links(&mut self, session: SessionId) {
        let Some(links) = self.sessions.get(&session).map(|owner| owner.links.clone()) else {
            return;
        };
        if links.is_empty() {
            return;
        }
        for id in self.group_of(session) {
            if id == session {
                continue;
            }
            let Some(owner) = self.sessions.get_mut(&id) else {
                continue;
            };
            owner.links = links.clone();
            owner.last.retain(|index| links.contains_key(index));
            if !links.contains_key(&owner.current) {
                let before = links.range(..owner.current).next_back();
                let before = before.or_else(|| links.iter().next_back());
                let last = owner.last.first().copied();
                let next = last.or(before.map(|(index, _)| *index));
                owner.current = next.unwrap_or(owner.current);
            }
            let current = owner.current;
            owner.last.retain(|index| *index != current);
        }
    }

    /// Exchanges the windows of two places.
    pub fn swap_links(&mut self, a: (SessionId, u32), b: (SessionId, u32)) {
        let window = |(session, index): (SessionId, u32)| {
            Some(self.sessions.get(&session)?.links.get(&index)?.window)
        };
        let (Some(wa), Some(wb)) = (window(a), window(b)) else {
            return;
        };
        for ((session, index), new) in [(a, wb), (b, wa)] {
            let owner = self.sessions.get_mut(&session);
            if let Some(link) = owner.and_then(|owner| owner.links.get_mut(&index)) {
                link.window = new;
            }
        }
        self.sync_group(a.0);
        self.sync_group(b.0);
    }
}

fn rename_link(session: &mut Session, from: u32, to: u32) {
    let Some(link) = session.links.remove(&from) else {
        return;
    };
    session.links.insert(to, link);
    if session.current == from {
        session.current = to;
    }
    for index in &mut session.last {
        if *index == from {
            *index = to;
        }
    }
}
