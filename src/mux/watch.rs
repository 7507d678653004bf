//! Watching a session from a log: clients that get what its panes write as
//! readable lines (`debug-wait`), until the session ends.

use std::collections::BTreeMap;

use crate::base::mask::Secrets;
use crate::base::{ClientId, PaneId, SessionId, Token, WindowId};

use super::effect::Effect;
use super::pane_log::{Around, PaneLog};
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
    logs: BTreeMap<PaneId, PaneLog>,
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

    /// Those who watched a session that has ended, who watch no more.
    pub(super) fn end_watches(&mut self, session: SessionId) -> Vec<Token> {
        let (ended, rest) = std::mem::take(&mut self.watches.watchers)
            .into_iter()
            .partition(|watcher: &Watcher| watcher.session == session);
        self.watches.watchers = rest;
        let panes = &self.panes;
        self.watches.logs.retain(|pane, _| panes.contains_key(pane));
        ended.into_iter().map(|watcher| watcher.token).collect()
    }

    /// Writes a line of our own to every log of a session, quiet ones too.
    pub fn say_in_log(&mut self, session: SessionId, line: &str) {
        let watchers = self.watches.watchers.iter();
        let here = watchers.filter(|watcher| watcher.session == session);
        let clients: Vec<ClientId> = here.map(|watcher| watcher.client).collect();
        for client in clients {
            let bytes = format!("{line}\n").into_bytes();
            self.emit(Effect::Mirror { client, bytes });
        }
    }

    /// Mirrors what a pane wrote to those who watch its sessions.
    pub fn mirror(&mut self, pane: PaneId, window: WindowId, bytes: &[u8]) {
        self.mirrored(pane, window, |log, around| log.feed(bytes, around));
    }

    /// Mirrors the rest of a pane that has ended.
    pub fn end_mirror(&mut self, pane: PaneId, window: WindowId) {
        self.mirrored(pane, window, |log, around| log.end(around, true));
        self.watches.logs.remove(&pane);
    }

    /// Mirrors what panes of a session have begun to say, since it ends. Unless this
    /// is the `last` of it, what may begin a secret is kept back.
    pub fn end_logs(&mut self, session: SessionId, last: bool) {
        let Some(owner) = self.sessions.get(&session) else {
            return;
        };
        let panes = self.panes.values();
        let panes = panes.filter(|pane| owner.has(pane.window));
        let panes: Vec<_> = panes.map(|pane| (pane.id, pane.window)).collect();
        for (pane, window) in panes {
            self.mirrored(pane, window, |log, around| log.end(around, last));
        }
    }

    fn mirrored(
        &mut self,
        pane: PaneId,
        window: WindowId,
        feed: impl FnOnce(&mut PaneLog, Around<'_>) -> Vec<u8>,
    ) {
        if self.watches.watchers.is_empty() {
            return;
        }
        let mut watchers = Vec::new();
        let mut secrets = Secrets::default();
        for watcher in &self.watches.watchers {
            let session = self.sessions.get(&watcher.session);
            let Some(session) = session.filter(|session| session.has(window)) else {
                continue;
            };
            if !watcher.quiet {
                watchers.push((watcher.client, self.prefix(session, window, pane)));
            }
            if let Some(debug) = session.debug.as_deref() {
                secrets = debug.secrets.clone();
            }
        }
        let owner = self.panes.get(&pane);
        let Some(owner) = owner.filter(|_| !watchers.is_empty()) else {
            return;
        };
        let log = self.watches.logs.entry(pane);
        let log = log.or_insert_with(|| PaneLog::new(&secrets));
        let around = Around {
            size: owner.term.size(),
            program: &owner.current_command(),
            now: self.now.mono,
        };
        let lines = feed(log, around);
        if lines.is_empty() {
            return;
        }
        for (client, prefix) in watchers {
            let bytes = prefixed(&lines, &prefix);
            self.emit(Effect::Mirror { client, bytes });
        }
    }

    /// What stands before a pane's lines: nothing for the first pane of the
    /// session's first window, since most logs have one alone.
    fn prefix(&self, session: &Session, window: WindowId, pane: PaneId) -> String {
        let index = session.index_of(window).unwrap_or(0);
        let panes = self.windows.get(&window).map(super::Window::panes);
        let at = panes.and_then(|panes| panes.iter().position(|own| *own == pane));
        match at.and_then(|at| i64::try_from(at).ok()) {
            Some(at @ 1..) => {
                let base = self.window_number(Some(window), "pane-base-index");
                format!("[{index}.{}] ", at + base)
            }
            _ if session.links.keys().next() == Some(&index) => String::new(),
            _ => format!("[{index}] "),
        }
    }
}

/// Whole lines, each after the prefix.
fn prefixed(lines: &[u8], prefix: &str) -> Vec<u8> {
    if prefix.is_empty() {
        return lines.to_vec();
    }
    let mut out = Vec::with_capacity(lines.len() + prefix.len() * 8);
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        // An empty line ends in no blank.
        let bare = line == b"\n";
        out.extend_from_slice(if bare { prefix.trim_end() } else { prefix }.as_bytes());
        out.extend_from_slice(line);
    }
    out
}
