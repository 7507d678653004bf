//! The list of people: its keys. Each becomes a command line under the client's
//! own grant, so that the list lets nobody do more than they may.

use crate::base::{ClientId, Key, KeyCode};
use crate::command;
use crate::exec::{Authority, Context};
use crate::mux::client::Overlay;

use super::Engine;
use super::prompt::is_plain;

impl Engine {
    /// Handles a key of an open list of people.
    pub(super) fn people_key(&mut self, client: ClientId, key: Key, rows: usize) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let Some(session) = owner.session else { return };
        let people = self.mux.people(session);
        let selected = match owner.overlay.as_deref() {
            Some(Overlay::People(list)) => list.selected,
            _ => return,
        };
        let at = selected.and_then(|id| people.iter().position(|own| *own == id));
        let at = at.unwrap_or(0);
        let last = people.len().saturating_sub(1);
        if let Some(by) = super::overlay::motion(key, rows) {
            let to = at.saturating_add_signed(by).min(last);
            self.select_person(client, people.get(to).copied(), to, rows);
            return;
        }
        let plain = is_plain(key);
        let close = key.code == KeyCode::Escape || key == Key::ctrl('c') || plain == Some('q');
        if close {
            if let Some(owner) = self.mux.clients.get_mut(&client) {
                owner.overlay = None;
            }
            return;
        }
        let command = plain.and_then(|ch| self.person_command(client, people.get(at).copied(), ch));
        if let Some(command) = command {
            let Some(owner) = self.mux.clients.get(&client) else {
                return;
            };
            let authority = Authority::of(owner);
            let cx = Context::for_client(&self.mux, client, authority);
            self.run_text(client, &command, cx);
        }
    }

    fn select_person(&mut self, client: ClientId, to: Option<ClientId>, at: usize, rows: usize) {
        let owner = self.mux.clients.get_mut(&client);
        let overlay = owner.and_then(|owner| owner.overlay.as_deref_mut());
        if let Some(Overlay::People(list)) = overlay {
            list.selected = to;
            if at < list.top {
                list.top = at;
            }
            if at >= list.top + rows {
                list.top = at + 1 - rows;
            }
        }
    }

    /// The command that a key means for the selected one.
    fn person_command(
        &self,
        owner: ClientId,
        selected: Option<ClientId>,
        key: char,
    ) -> Option<String> {
        let words = |words: &[&str]| {
            let quoted = words.iter().map(|word| command::quote(word));
            Some(quoted.collect::<Vec<_>>().join(" "))
        };
        match key {
            'L' => {
                let session = self.mux.clients.get(&selected?)?;
                let session = session.session.or_else(|| session.guest_of())?;
                let share = self.mux.sessions.get(&session)?.share.as_deref();
                let locked = share.is_some_and(|share| share.locked);
                return words(if locked {
                    &["lock-share", "-u"]
                } else {
                    &["lock-share"]
                });
            }
            // Without a share these would open one.
            'R' | 's' => {
                let session = self.mux.clients.get(&owner)?.session?;
                self.mux.sessions.get(&session)?.share.as_deref()?;
                return words(&[if key == 'R' { "rotate-share" } else { "share" }]);
            }
            _ => {}
        }
        let person = self.mux.clients.get(&selected?)?;
        let name = person.name.as_str();
        let waits = person.waiting.is_some();
        match key {
            'a' if waits => words(&["admit-guest", "-g", "type", "-t", name]),
            'v' if waits => words(&["admit-guest", "-r", "-t", name]),
            'd' if waits => words(&["deny-guest", "-t", name]),
            'a' => words(&["grant-guest", "-t", name, "type"]),
            'v' => words(&["grant-guest", "-t", name, "view"]),
            'x' => words(&["kick-guest", "-t", name]),
            _ => None,
        }
    }
}
