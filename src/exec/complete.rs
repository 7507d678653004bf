//! What may follow in a command line that is being typed: options, targets,
//! flags. Names of commands are the prompt's own. It changes nothing.

use crate::base::SessionId;
use crate::command;
use crate::config;
use crate::mux::Mux;

/// Most candidates.
const MOST: usize = 200;

/// What could stand at the end of a line, after its command.
pub(super) fn argument(mux: &Mux, session: Option<SessionId>, line: &str) -> Vec<String> {
    let last = line.rsplit([';', '{']).next().unwrap_or_default();
    let mut words: Vec<&str> = last.split(' ').collect();
    let Some(word) = words.pop() else {
        return Vec::new();
    };
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let Some(name) = words.next() else {
        return Vec::new();
    };
    let Ok(row) = command::find(name) else {
        return Vec::new();
    };
    let before = words.next_back();
    let mut found = match before {
        Some("-t" | "-s") => targets(mux, session, row.name, word),
        _ if word.starts_with('-') && word.len() == 1 => flags(row),
        _ => names(mux, row.name),
    };
    found.retain(|text| text.starts_with(word) && !text.is_empty());
    found.sort();
    found.dedup();
    found.truncate(MOST);
    found
}

fn flags(row: &command::Row) -> Vec<String> {
    let letters = row.spec().flags.iter().filter_map(|flag| flag.letter);
    letters.map(|letter| format!("-{letter}")).collect()
}

fn names(mux: &Mux, command: &str) -> Vec<String> {
    match command {
        "set-option" | "set-window-option" | "show-options" | "show-window-options" => {
            config::options().map(|row| row.name.to_owned()).collect()
        }
        "list-commands" => command::table()
            .iter()
            .filter(|row| !row.hidden)
            .map(|row| row.name.to_owned())
            .collect(),
        "show-buffer" | "delete-buffer" | "paste-buffer" => mux
            .buffers
            .iter()
            .map(|buffer| buffer.name.clone())
            .collect(),
        _ => Vec::new(),
    }
}

/// Sessions, and windows of one whose name is written already.
fn targets(mux: &Mux, session: Option<SessionId>, command: &str, word: &str) -> Vec<String> {
    if command == "command-prompt" || command.ends_with("-client") {
        let clients = mux
            .clients
            .values()
            .filter(|client| client.session.is_some());
        return clients.map(|client| client.name.clone()).collect();
    }
    let (owner, prefix) = match word.split_once(':') {
        Some(("", _)) => (session, ":".to_owned()),
        Some((name, _)) => (mux.session_named(name), format!("{name}:")),
        None => {
            let names = mux.sessions.values().map(|own| own.name.clone());
            return names.collect();
        }
    };
    let owner = owner.and_then(|id| mux.sessions.get(&id));
    let indexes = owner.into_iter().flat_map(|own| own.links.keys());
    indexes.map(|index| format!("{prefix}{index}")).collect()
}
