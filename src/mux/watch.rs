//! Watching a session from a log: clients that get what its panes write as
//! readable lines (`debug-wait`), until the session ends.

use std::collections::BTreeMap;

use crate::base::{ClientId, Label, PaneId, SessionId, Token, WindowId};
use crate::ci::mirror::Mirror;

use super::effect::Effect;
use super::{Mux, Session};

/// A client that watches a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Watcher {
    client: ClientId,
    session: SessionId,
    /// What its command waits for.
    token: Token,
    /// It only waits for the end.
    quiet: bool,
}

/// All clients that watch, and how far each pane's lines have come.
#[derive(Debug, Default)]
pub struct Watches {
    watchers: Vec<Watcher>,
    mirrors: BTreeMap<PaneId, Mirror>,
}

impl Mux {
    /// Lets a client watch a session; the token is woken when it ends.
    pub fn watch(&mut self, client: ClientId, session: SessionId, quiet: bool) -> Token {
        let token = self.ids.token();
        self.watches.watchers.push(Watcher {
            client,
            session,
            token,
            quiet,
        });
        token
    }

    /// Forgets a client that watched.
    pub fn unwatch(&mut self, client: ClientId) {
        self.watches
            .watchers
            .retain(|watcher| watcher.client != client);
    }

    /// Wakes those who watched a session that has ended.
    pub fn end_watches(&mut self, session: SessionId) {
        let (ended, rest) = std::mem::take(&mut self.watches.watchers)
            .into_iter()
            .partition(|watcher| watcher.session == session);
        self.watches.watchers = rest;
        for watcher in ended {
            self.channels.wake(watcher.token);
        }
    }

    /// Mirrors what a pane wrote to those who watch its sessions.
    pub fn mirror(&mut self, pane: PaneId, window: WindowId, bytes: &[u8]) {
        self.mirrored(pane, window, |mirror, lines| mirror.feed(bytes, lines));
    }

    /// Mirrors the rest of a pane that has ended.
    pub fn end_mirror(&mut self, pane: PaneId, window: WindowId) {
        self.mirrored(pane, window, |mirror, lines| mirror.flush(lines));
        self.watches.mirrors.remove(&pane);
    }

    fn mirrored(
        &mut self,
        pane: PaneId,
        window: WindowId,
        feed: impl FnOnce(&mut Mirror, &mut Vec<u8>),
    ) {
        if self.watches.watchers.is_empty() {
            return;
        }
        let watches = |watcher: &&Watcher| {
            let session = self.sessions.get(&watcher.session);
            !watcher.quiet && session.is_some_and(|session| session.has(window))
        };
        let watchers: Vec<Watcher> = self
            .watches
            .watchers
            .iter()
            .filter(watches)
            .copied()
            .collect();
        let Some(first) = watchers.first() else {
            return;
        };
        let prefix = self
            .sessions
            .get(&first.session)
            .map(|session| prefix(session, window));
        let mirror = self.watches.mirrors.entry(pane);
        let mirror = mirror.or_insert_with(|| Mirror::new(&prefix.unwrap_or_default()));
        let mut lines = Vec::new();
        feed(mirror, &mut lines);
        if lines.is_empty() {
            return;
        }
        for watcher in watchers {
            self.emit(Effect::Mirror {
                client: watcher.client,
                bytes: lines.clone(),
            });
        }
    }
}

/// What stands before a window's lines: nothing for the session's first
/// window, since most logs have one alone.
fn prefix(session: &Session, window: WindowId) -> Label {
    let index = session.index_of(window).unwrap_or(0);
    let first = session.links.keys().next() == Some(&index);
    if first {
        Label::default()
    } else {
        Label::new(&index.to_string())
    }
}
