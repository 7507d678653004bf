//! The key help's keys. What is chosen in it runs as if its key had been pressed,
//! under the client's own grant.

use crate::base::key::{MouseAction, MouseKey};
use crate::base::{ClientId, Key, KeyCode};
use crate::exec::{Authority, Context};
use crate::mux::client::Overlay;
use crate::mux::key_help::KeyHelp;

use super::Engine;
use super::overlay::plain_motion;
use super::prompt::is_plain;
use super::queue::Source;

/// Rows that a turn of the wheel moves.
const WHEEL: isize = 3;

/// Rows that the help needs beside the list: what is searched, and the selected
/// binding's command.
const CHROME: usize = 2;

impl Engine {
    /// Handles a key of an open key help.
    pub(super) fn help_key(&mut self, client: ClientId, key: Key, rows: usize) {
        let Some(owner) = self.mux.clients.get_mut(&client) else {
            return;
        };
        let session = owner.session;
        let mut help = match owner.overlay.take().map(|overlay| *overlay) {
            Some(Overlay::Keys(help)) => help,
            other => {
                owner.overlay = other.map(Box::new);
                return;
            }
        };
        let status = usize::from(self.mux.status_lines(session));
        let height = rows.saturating_sub(CHROME + status).max(1);
        let window = session.and_then(|id| self.mux.sessions.get(&id)?.window());
        let shown = help.rows(&self.mux, session, window);
        if let Some(by) = motion(key, height) {
            help.step(by, shown.len(), height);
        } else if key.code == KeyCode::Enter {
            let chosen = shown.get(help.selected).filter(|row| row.runs);
            let chosen = chosen.map(|row| (row.binding.key, row.binding.calls()));
            if let Some((key, commands)) = chosen {
                let Some(owner) = self.mux.clients.get(&client) else {
                    return;
                };
                let mut cx = Context::for_client(&self.mux, client, Authority::of(owner));
                cx.key = Some(key);
                self.enqueue(Source::Attached(client), vec![commands], cx);
                return;
            }
        } else if closes(&mut help, key) {
            return;
        }
        if let Some(owner) = self.mux.clients.get_mut(&client) {
            owner.overlay = Some(Box::new(Overlay::Keys(help)));
        }
    }
}

/// The rows that a key or the wheel moves by. Letters are typed, so none of them
/// moves.
fn motion(key: Key, page: usize) -> Option<isize> {
    match key.code {
        KeyCode::Mouse(MouseKey { action, .. }) => Some(match action {
            MouseAction::WheelUp => -WHEEL,
            MouseAction::WheelDown => WHEEL,
            _ => 0,
        }),
        _ => plain_motion(key, page),
    }
}

/// Takes any other key; whether it closes the help.
fn closes(help: &mut KeyHelp, key: Key) -> bool {
    let empty = help.filter.is_empty();
    match (key.code, is_plain(key)) {
        (KeyCode::Escape, _) if empty => return true,
        (KeyCode::Escape, _) => help.erase(true),
        (KeyCode::Backspace, _) => help.erase(false),
        (_, Some('q')) if empty => return true,
        // As elsewhere a search begins with a slash, which is no part of it.
        (_, Some('/')) if empty => {}
        (_, Some(ch)) => help.typed(ch),
        _ if key == Key::ctrl('c') || key == Key::ctrl('g') => return true,
        _ if key == Key::ctrl('u') => help.erase(true),
        _ => {}
    }
    false
}
