//! What may follow in a command line that is being typed in a prompt, each with
//! its sentence: names, flags, options and their values, hooks, targets, buffers.
//! It changes nothing, and shows a guest its own session alone.

use crate::base::{ClientId, SessionId};
use crate::command;
use crate::command::expect::{Expected, expected, flags};
use crate::config::suggest::{Suggestion, suggest};
use crate::mux::{Mux, Session};

/// Most candidates.
const MOST: usize = 200;

/// Who types: whose session is meant by `:`, and whether others are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typist {
    pub(super) session: Option<SessionId>,
    pub(super) client: Option<ClientId>,
}

impl Typist {
    /// The only session that is shown; none for who may see all.
    fn only(self, mux: &Mux) -> Option<SessionId> {
        mux.clients.get(&self.client?)?.guest_of()
    }
}

/// What could stand at the end of a line, after its command.
pub(super) fn argument(mux: &Mux, typist: Typist, line: &str) -> Vec<Suggestion> {
    let last = line.rsplit([';', '{']).next().unwrap_or_default();
    let mut words: Vec<&str> = last.split(' ').collect();
    let word = words.pop().unwrap_or_default();
    words.retain(|word| !word.is_empty());
    let mut found = match expected(&words, word) {
        Expected::Name => names(mux),
        Expected::Flag(row) => {
            let list = flags(row).into_iter();
            list.map(|(flag, about)| (flag, about.to_owned())).collect()
        }
        Expected::Value { what, before, .. } => value(mux, typist, what, &before, word),
        Expected::Nothing => Vec::new(),
    };
    settle(&mut found, word);
    found
}

/// Commands and aliases that begin with a word, in order.
pub(super) fn commands(mux: &Mux, word: &str) -> Vec<Suggestion> {
    let mut found = names(mux);
    settle(&mut found, word);
    found
}

/// Keeps what begins with the word, in order, each once.
fn settle(found: &mut Vec<Suggestion>, word: &str) {
    found.retain(|(text, _)| text.starts_with(word) && !text.is_empty());
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    found.truncate(MOST);
}

fn names(mux: &Mux) -> Vec<Suggestion> {
    let table = command::table().iter().filter(|row| !row.hidden);
    let mut names: Vec<Suggestion> = table
        .map(|row| (row.name.to_owned(), row.about.to_owned()))
        .collect();
    if let Some(aliases) = mux.server_option("command-alias") {
        let named = aliases
            .entries()
            .filter_map(|(_, entry)| entry.split_once('='));
        names.extend(named.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
    names
}

/// What may be written for what the usage calls `what`.
fn value(mux: &Mux, typist: Typist, what: &str, before: &[String], word: &str) -> Vec<Suggestion> {
    match what {
        "target-client" => clients(mux, typist),
        "target-session" => sessions(mux, typist)
            .map(|own| (own.name.clone(), about(own)))
            .collect(),
        "target-window" | "src-window" | "dst-window" | "source-window" => {
            places(mux, typist, word, false)
        }
        "target-pane" | "src-pane" | "dst-pane" => places(mux, typist, word, true),
        "buffer-name" if typist.only(mux).is_none() => mux
            .buffers
            .iter()
            .map(|buffer| (buffer.name.clone(), buffer.sample()))
            .collect(),
        "command" => names(mux),
        "key-table" => {
            let tables = mux.bindings.tables();
            tables
                .map(|table| (table.to_owned(), "A key table.".to_owned()))
                .collect()
        }
        _ => suggest(what, before),
    }
}

fn about(session: &Session) -> String {
    match session.links.len() {
        1 => "1 window".to_owned(),
        count => format!("{count} windows"),
    }
}

fn clients(mux: &Mux, typist: Typist) -> Vec<Suggestion> {
    let only = typist.only(mux);
    let attached = mux.clients.values().filter_map(|client| {
        let session = client.session.filter(|_| !client.records)?;
        let name = mux.sessions.get(&session)?.name.clone();
        let shown = only.is_none_or(|only| only == session);
        shown.then(|| (client.name.clone(), name))
    });
    attached.collect()
}

fn sessions(mux: &Mux, typist: Typist) -> impl Iterator<Item = &Session> {
    let only = typist.only(mux);
    let own = mux.sessions.values();
    own.filter(move |session| only.is_none_or(|only| only == session.id))
}

/// Sessions; after a colon windows of one, and after a dot their panes.
fn places(mux: &Mux, typist: Typist, word: &str, panes: bool) -> Vec<Suggestion> {
    let Some((name, rest)) = word.split_once(':') else {
        let list = sessions(mux, typist);
        return list
            .map(|own| (format!("{}:", own.name), about(own)))
            .collect();
    };
    let owner = sessions(mux, typist).find(|own| match name {
        "" => Some(own.id) == typist.session,
        name => own.name == name,
    });
    let mut list = Vec::new();
    for (index, link) in owner.into_iter().flat_map(|own| &own.links) {
        let Some(window) = mux.windows.get(&link.window) else {
            continue;
        };
        let place = format!("{name}:{index}");
        if !panes || !rest.contains('.') {
            list.push((place, window.name.clone()));
            continue;
        }
        let base = mux.window_number(Some(window.id), "pane-base-index");
        for (pane, number) in window.panes().into_iter().zip(base..) {
            let title = mux
                .panes
                .get(&pane)
                .map(|pane| pane.title(&mux.server.host));
            let title = title.map(|title| title.to_string()).unwrap_or_default();
            list.push((format!("{place}.{number}"), title));
        }
    }
    list
}
