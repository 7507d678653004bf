//! Keys: from a client's terminal to a binding, a prompt, or a pane.

use std::time::Duration;

use crate::access::Grant;
use crate::base::{
    ClientId, Key, KeyAction, KeyCode, Keystroke, Label, MouseAction, PaneId, SessionId,
};
use crate::command::Call;
use crate::exec::{Authority, Context, MouseAt};
use crate::mux::{Client, Effect};
use crate::term;
use crate::tty::PasteChunk;

use super::Engine;
use super::queue::Source;

/// What a key found.
enum Found {
    /// A binding: its commands.
    Bound(Vec<Call>),
    /// The prefix; the next key is looked up in its table.
    Prefix,
    /// Nothing; it belongs to the pane.
    Free,
    /// Nothing, and it is dropped (an unbound key after the prefix).
    Dropped,
}

/// Whether the mouse merely moved: that leaves no table.
fn is_motion(key: Key) -> bool {
    matches!(key.code, KeyCode::Mouse(mouse) if mouse.action == MouseAction::Move)
}

impl Engine {
    pub(super) fn key(&mut self, client: ClientId, key: Key, stroke: Keystroke) {
        if key.is_report() {
            self.reported(client, key);
            return;
        }
        let owner = self.mux.clients.get_mut(&client);
        let message = owner.and_then(|owner| owner.message.take_if(|own| !own.stays));
        if message.is_some() {
            self.demand_now(client);
        }
        if self.prompt_takes(client, key)
            || self.float_takes(client, key, stroke)
            || self.overlay_takes(client, key)
        {
            self.demand_now(client);
            return;
        }
        if self.modal_takes(client, key, stroke) {
            return;
        }
        self.bound_key(client, key, stroke, None);
    }

    /// What a terminal says of its focus and of pastes is a key for who asks for
    /// keys alone (`command-prompt -k`).
    fn reported(&mut self, client: ClientId, key: Key) {
        if matches!(key.code, KeyCode::FocusIn | KeyCode::FocusOut) {
            self.client_focus(client, key.code == KeyCode::FocusIn);
        }
        if self.prompt_takes(client, key) {
            self.demand_now(client);
        }
    }

    /// Looks a key up and runs its binding, or gives it to the pane.
    pub(super) fn bound_key(
        &mut self,
        client: ClientId,
        key: Key,
        stroke: Keystroke,
        mouse: Option<MouseAt>,
    ) {
        match self.look_up(client, key, mouse.and_then(|at| at.pane)) {
            Found::Bound(commands) => {
                let Some(owner) = self.mux.clients.get(&client) else {
                    return;
                };
                let authority = Authority::of(owner);
                let mut cx = Context::for_client(&self.mux, client, authority);
                cx.key = Some(key);
                cx.mouse = mouse;
                if let Some(at) = &mouse {
                    cx.variables.extend(self.mouse_variables(client, at));
                }
                self.enqueue(Source::Attached(client), vec![commands], cx);
            }
            Found::Free => self.type_key(client, key, stroke, mouse),
            Found::Prefix | Found::Dropped => {}
        }
    }

    /// The tables are tried as tmux does: the client's (or the pane's mode's),
    /// then the root table.
    fn look_up(&mut self, client: ClientId, key: Key, pane: Option<PaneId>) -> Found {
        let Some(owner) = self.mux.clients.get(&client) else {
            return Found::Dropped;
        };
        let session = owner.session;
        let root = self.mux.session_text(session, "key-table");
        let now = self.now().mono;
        // A table whose time is over is left by itself.
        let over = owner.repeat_until.is_some_and(|until| until <= now);
        let mut repeating = !over && owner.repeat_until.is_some() && owner.repeat_key.is_some();
        let own = owner.key_table.clone().filter(|_| !over);
        let pane = pane.or_else(|| self.active_pane(client));
        let mode = self.mode_table(pane);
        let mut first = own.or(mode).unwrap_or_else(|| root.clone());
        let mut table = first.clone();
        let prefix = self.is_prefix(session, key);
        loop {
            if prefix && table != "prefix" {
                let time = self.time_of(session, "prefix-timeout");
                let until = (!time.is_zero()).then(|| now + time);
                self.set_table(client, Some("prefix".to_owned()), until, None);
                // Who has found the prefix needs no hint.
                if let Some(owner) = self.mux.clients.get_mut(&client) {
                    owner.hint = false;
                }
                return Found::Prefix;
            }
            let bindings = &self.mux.bindings;
            let any = Key::plain(KeyCode::Any);
            let binding = bindings
                .get(&table, key)
                .or_else(|| bindings.get(&table, any));
            if let Some(binding) = binding {
                // What does not repeat ends repeating, and is a key like any other.
                if repeating && !binding.repeat {
                    self.set_table(client, None, None, None);
                    repeating = false;
                    first.clone_from(&root);
                    table.clone_from(&root);
                    continue;
                }
                let commands = binding.calls();
                let repeat = binding.repeat;
                self.after_binding(client, key, repeat, repeating);
                return Found::Bound(commands);
            }
            if is_motion(key) || (table == root && !repeating) {
                return if first == table || is_motion(key) {
                    Found::Free
                } else {
                    Found::Dropped
                };
            }
            self.set_table(client, None, None, None);
            if repeating {
                first.clone_from(&root);
                repeating = false;
            }
            table.clone_from(&root);
        }
    }

    fn is_prefix(&self, session: Option<SessionId>, key: Key) -> bool {
        ["prefix", "prefix2"].iter().any(|name| {
            let bound = self.mux.session_str(session, name).parse::<Key>();
            bound.is_ok_and(|bound| bound == key && bound.code != KeyCode::None)
        })
    }

    /// An option of milliseconds, of the session or the server.
    fn time_of(&self, session: Option<SessionId>, name: &str) -> Duration {
        let number = match self.mux.session_number(session, name) {
            0 => self.mux.server_number(name),
            number => number,
        };
        Duration::from_millis(u64::try_from(number).unwrap_or(0))
    }

    /// A repeating key keeps its table for a while, longer the first time if
    /// the options say so; any other leaves it.
    fn after_binding(&mut self, client: ClientId, key: Key, repeat: bool, repeating: bool) {
        let owner = self.mux.clients.get(&client);
        let session = owner.and_then(|c| c.session);
        let again = repeating && owner.is_some_and(|c| c.repeat_key == Some(key));
        let mut time = self.time_of(session, "repeat-time");
        if !repeat || time.is_zero() {
            return self.set_table(client, None, None, None);
        }
        let initial = self.time_of(session, "initial-repeat-time");
        if !again && !initial.is_zero() {
            time = initial;
        }
        let table = owner.and_then(|c| c.key_table.clone());
        let until = self.now().mono + time;
        self.set_table(client, table, Some(until), Some(key));
    }

    fn set_table(
        &mut self,
        client: ClientId,
        table: Option<String>,
        until: Option<Duration>,
        key: Option<Key>,
    ) {
        let Some(owner) = self.mux.clients.get_mut(&client) else {
            return;
        };
        owner.repeat_until = until;
        owner.repeat_key = key;
        if owner.key_table != table {
            owner.key_table = table;
            // The status line may show the table.
            self.demand_now(client);
        }
    }

    fn mode_table(&self, pane: Option<PaneId>) -> Option<String> {
        let pane = self.mux.panes.get(&pane?)?;
        pane.copy
            .as_ref()
            .filter(|_| pane.mode.is_none() && !pane.clock)?;
        let vi = self.mux.window_str(Some(pane.window), "mode-keys") == "vi";
        Some(if vi { "copy-mode-vi" } else { "copy-mode" }.to_owned())
    }

    pub(super) fn active_pane(&self, client: ClientId) -> Option<PaneId> {
        self.mux
            .current_pane(self.mux.clients.get(&client)?.session?)
    }

    pub(super) fn may_type(&self, client: ClientId) -> bool {
        let grant = self.mux.clients.get(&client).map(|c| c.effective_grant());
        grant.is_some_and(|grant| grant.allows(Grant::Type))
    }

    /// Types a key into the pane it is meant for.
    pub(super) fn type_key(
        &mut self,
        client: ClientId,
        key: Key,
        stroke: Keystroke,
        mouse: Option<MouseAt>,
    ) {
        if !self.may_type(client) {
            return;
        }
        let shown = mouse.map_or_else(|| self.active_pane(client), |at| at.pane);
        let clock = shown.and_then(|id| self.mux.panes.get_mut(&id));
        if let Some(pane) = clock.filter(|pane| pane.clock) {
            pane.clock = false;
            self.demand_all();
            return;
        }
        if let Some(at) = mouse {
            let moded = at.pane.filter(|id| self.in_mode(*id));
            match moded {
                Some(pane) => self.mode_takes(client, pane, key, mouse),
                None => self.mux.mouse_to_pane(at),
            }
            return;
        }
        let Some(pane) = self.active_pane(client) else {
            return;
        };
        if self.in_mode(pane) {
            self.mode_takes(client, pane, key, None);
            return;
        }
        if self.key_closes(pane) {
            return;
        }
        let who = self.mux.clients.get(&client).map(Client::label);
        let stroke = self.told(client, stroke);
        for target in self.mux.typed_into(pane) {
            let Some(pane) = self.mux.panes.get(&target) else {
                continue;
            };
            if pane.copy.is_some() || pane.mode.is_some() || !pane.takes_input() {
                continue;
            }
            if pane.term.wants_releases()
                && let Some(attached) = self.attached.get_mut(&client)
            {
                attached.press(target, key, stroke);
            }
            let mut bytes = Vec::new();
            pane.term.encode_stroke(key, stroke, &mut bytes);
            if !bytes.is_empty() {
                self.mux.emit(Effect::PaneWrite {
                    pane: target,
                    bytes,
                });
                self.typed(target, who.as_ref());
            }
        }
    }

    /// Whether a key closes a pane, whose program has ended, and closes it.
    fn key_closes(&mut self, id: PaneId) -> bool {
        let dead = self
            .mux
            .panes
            .get(&id)
            .is_some_and(|pane| pane.dead.is_some());
        let option = self.mux.pane_str(Some(id), "remain-on-exit");
        let closes = dead && matches!(option, "key" | "failed-key");
        if closes {
            self.mux.kill_pane(id);
            self.mux.note_changes();
        }
        closes
    }

    /// What happened to a key of a terminal that tells it. To be let go is no
    /// key that anything is bound to: the panes hear of it that heard the press.
    pub(super) fn stroke(&mut self, client: ClientId, key: Key, stroke: Keystroke) {
        if stroke.action != KeyAction::Release {
            return self.key(client, key, stroke);
        }
        let pressed = match self.attached.get_mut(&client) {
            Some(attached) => attached.release(key, stroke),
            None => Vec::new(),
        };
        let stroke = self.told(client, stroke);
        let may = self.may_type(client);
        for id in pressed {
            let pane = self.mux.panes.get(&id);
            let Some(pane) = pane.filter(|pane| may && pane.takes_input()) else {
                continue;
            };
            let mut bytes = Vec::new();
            pane.term.encode_stroke(key, stroke, &mut bytes);
            if !bytes.is_empty() {
                self.mux.emit(Effect::PaneWrite { pane: id, bytes });
            }
        }
    }

    /// What a terminal told, as the kitty protocol means it: to others the bit
    /// of Super is their Meta's.
    fn told(&self, client: ClientId, stroke: Keystroke) -> Keystroke {
        let kitty = self
            .mux
            .clients
            .get(&client)
            .is_some_and(|c| c.caps.kitty_keys);
        Keystroke {
            held: stroke.held.filter(|_| kitty),
            ..stroke
        }
    }

    /// Pastes what the client's terminal pasted. A long paste comes in pieces,
    /// of which the first opens and the last closes the brackets.
    pub(super) fn paste(&mut self, client: ClientId, chunk: &PasteChunk) {
        let ends = (chunk.first, chunk.last);
        if self.prompt_pastes(client, &chunk.bytes) || self.popup_pastes(client, &chunk.bytes, ends)
        {
            self.demand_now(client);
            return;
        }
        if !self.may_type(client) {
            return;
        }
        let Some(pane) = self.active_pane(client) else {
            return;
        };
        let who = self.mux.clients.get(&client).map(Client::label);
        for target in self.mux.typed_into(pane) {
            let Some(pane) = self.mux.panes.get(&target) else {
                continue;
            };
            if pane.copy.is_some() || pane.mode.is_some() || !pane.takes_input() {
                continue;
            }
            let mut bytes = Vec::new();
            let bracketed = pane.term.modes().bracketed_paste;
            let ends = (chunk.first, chunk.last);
            term::encode_paste_piece(&chunk.bytes, bracketed, ends, &mut bytes);
            self.mux.emit(Effect::PaneWrite {
                pane: target,
                bytes,
            });
            self.typed(target, who.as_ref());
        }
    }

    fn typed(&mut self, pane: PaneId, who: Option<&Label>) {
        let Some(who) = who else { return };
        let known = self
            .mux
            .panes
            .get(&pane)
            .and_then(|own| own.typist.as_ref());
        let new = known != Some(who);
        self.mux.typed_by(pane, who);
        if new && self.mux.server_str("share-names") != "off" {
            self.demand_all();
        }
    }
}
