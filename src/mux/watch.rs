//! Watching a session from a log: clients that get what its panes write as
//! readable lines (`debug-wait`), until the session ends.

use std::collections::BTreeMap;

use crate::base::mask::{Masker, Secrets};
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

/// A pane's output on its way to the log.
#[derive(Debug)]
struct PaneLog {
    mirror: Mirror,
    masker: Masker,
    /// What is known of a line that is not whole yet.
    part: Vec<u8>,
}

impl PaneLog {
    fn new(secrets: &Secrets) -> Self {
        Self {
            mirror: Mirror::new(&Label::default()),
            masker: secrets.stream(),
            part: Vec::new(),
        }
    }

    /// Masks what the mirror has said, and gives whole lines back. Masked are
    /// the lines that come out, one after the other: however a value was
    /// written, there it stands in one piece.
    fn lines(&mut self, said: &[u8], last: bool) -> Vec<u8> {
        self.masker.feed(said, &mut self.part);
        if last {
            self.masker.finish(&mut self.part);
        }
        let whole = self.part.iter().rposition(|byte| *byte == b'\n');
        self.part.drain(..whole.map_or(0, |at| at + 1)).collect()
    }
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
        self.mirrored(pane, window, false, |mirror, lines| {
            mirror.feed(bytes, lines);
        });
    }

    /// Mirrors the rest of a pane that has ended.
    pub fn end_mirror(&mut self, pane: PaneId, window: WindowId) {
        self.mirrored(pane, window, true, Mirror::flush);
        self.watches.logs.remove(&pane);
    }

    fn mirrored(
        &mut self,
        pane: PaneId,
        window: WindowId,
        last: bool,
        feed: impl FnOnce(&mut Mirror, &mut Vec<u8>),
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
                watchers.push((watcher.client, prefix(session, window)));
            }
            if let Some(debug) = session.debug.as_deref() {
                secrets = debug.secrets.clone();
            }
        }
        if watchers.is_empty() {
            return;
        }
        let log = self.watches.logs.entry(pane);
        let log = log.or_insert_with(|| PaneLog::new(&secrets));
        if let Some(owner) = self.panes.get(&pane) {
            log.mirror.set_width(owner.term.size().cols());
        }
        let mut said = Vec::new();
        feed(&mut log.mirror, &mut said);
        let lines = log.lines(&said, last);
        if lines.is_empty() {
            return;
        }
        for (client, prefix) in watchers {
            let bytes = prefixed(&lines, &prefix);
            self.emit(Effect::Mirror { client, bytes });
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

/// What stands before a window's lines: nothing for the session's first
/// window, since most logs have one alone.
fn prefix(session: &Session, window: WindowId) -> String {
    let index = session.index_of(window).unwrap_or(0);
    let first = session.links.keys().next() == Some(&index);
    if first {
        String::new()
    } else {
        format!("[{index}] ")
    }
}
