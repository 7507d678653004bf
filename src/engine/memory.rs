//! What outlives a server: the answers to prompts (`history-file`), and that the
//! user has been told of the keys once. Files are others' to read and write.

use crate::base::{ClientId, Token};
use crate::mux::Effect;
use crate::mux::prompt::Histories;

use super::Engine;

/// What is known of files that outlive the server.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The history file is being read.
    reading: Option<Token>,
    /// The history file, once it was looked for; what is written goes there.
    kept: bool,
    /// Somebody has been told of the keys.
    hinted: bool,
}

impl Engine {
    /// The file of `history-file`: absolute, or in the home directory; any other
    /// is none, as in tmux.
    fn history_file(&self) -> Option<String> {
        let path = self.mux.server_text("history-file");
        if let Some(rest) = path.strip_prefix("~/") {
            let home = self.mux.environ.value("HOME")?;
            return Some(format!("{home}/{rest}"));
        }
        path.starts_with('/').then_some(path)
    }

    /// Asks for the history file, once the configuration holds.
    pub(super) fn recall_history(&mut self) {
        if std::mem::replace(&mut self.upkeep.memory.kept, true) {
            return;
        }
        if let Some(path) = self.history_file() {
            let token = self.mux.ids.token();
            self.upkeep.memory.reading = Some(token);
            self.mux.emit(Effect::ReadFile {
                token,
                client: None,
                path,
            });
        }
    }

    /// Takes the history file in; whether it was that.
    pub(super) fn history_came(&mut self, token: Token, read: &Result<Vec<u8>, String>) -> bool {
        if self.upkeep.memory.reading != Some(token) {
            return false;
        }
        self.upkeep.memory.reading = None;
        if let Ok(bytes) = read {
            let limit = self.mux.server_number("prompt-history-limit");
            let limit = usize::try_from(limit).unwrap_or(100);
            let text = String::from_utf8_lossy(bytes);
            let mut histories = Histories::from_lines(&text, limit);
            // What was answered since the start is the newest.
            histories.extend(&self.mux.histories, limit);
            self.mux.histories = histories;
        }
        true
    }

    /// Keeps what prompts were answered with, at the end of the server.
    pub(super) fn keep_history(&mut self) {
        if self.upkeep.memory.reading.is_some() {
            // It never came: what is in it must not be lost.
            return;
        }
        if let Some(path) = self.history_file() {
            let bytes = self.mux.histories.to_lines().into_bytes();
            self.mux.emit(Effect::Keep { path, bytes });
        }
    }

    /// Tells a client of the keys, if nobody has been told yet.
    pub(super) fn hint(&mut self, id: ClientId) {
        let Some(path) = self.mux.server.hint_file.clone() else {
            return;
        };
        if self.upkeep.memory.hinted || !self.mux.server_flag("first-hint") {
            return;
        }
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        if client.guest_of().is_some() {
            return;
        }
        client.hint = true;
        self.upkeep.memory.hinted = true;
        self.mux.emit(Effect::Keep {
            path,
            bytes: Vec::new(),
        });
    }
}
