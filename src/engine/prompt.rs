//! Prompts of clients and panes: keys go in, and what is answered is run under
//! the right of whoever answered. Modes' prompts are [`crate::exec`]'s.

use crate::base::{ClientId, Key, KeyCode, Label, Mods, PaneId, Token};
use crate::command::Call;
use crate::exec::{self, Answer, Authority, Context};
use crate::mux::prompt::{Around, Pressed, Prompt};

use super::Engine;
use super::queue::Source;

/// Where a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Client,
    Pane(PaneId),
}

impl Engine {
    /// Whether a prompt is open and took the key.
    pub(super) fn prompt_takes(&mut self, client: ClientId, key: Key) -> bool {
        let Some((place, mut prompt)) = self.take_prompt(client) else {
            return false;
        };
        if key.is_mouse() || (key.is_report() && !prompt.flags.key_name) {
            self.keep(client, place, prompt);
            return place == Place::Client;
        }
        let pressed = {
            let own = self.mux.clients.get(&client);
            let guest = own.filter(|own| own.guest_of().is_some());
            let newest = self.mux.buffers.get(None);
            let newest = newest.filter(|_| guest.is_none());
            let around = Around {
                histories: guest.map_or(&self.mux.histories, |own| &own.history),
                pasted: newest.map(|buffer| first_text(&buffer.data)),
            };
            prompt.press(key, &around)
        };
        self.pressed(client, place, prompt, pressed)
    }

    fn pressed(
        &mut self,
        client: ClientId,
        place: Place,
        mut prompt: Box<Prompt>,
        pressed: Pressed,
    ) -> bool {
        match pressed {
            Pressed::Stay => self.keep(client, place, prompt),
            Pressed::Complete => {
                let changed = exec::complete(&self.mux, &mut prompt);
                let runs = changed
                    .then(|| exec::so_far(&self.mux, &prompt, '='))
                    .flatten();
                self.keep(client, place, prompt);
                self.run_answer(client, runs);
            }
            Pressed::Changed(sign) => {
                let runs = exec::so_far(&self.mux, &prompt, sign);
                self.keep(client, place, prompt);
                self.run_answer(client, runs);
            }
            Pressed::Cancelled => self.ended(client, &prompt, None),
            Pressed::Moved => {
                self.ended(client, &prompt, None);
                return false;
            }
            Pressed::Answered(text) => self.answered(client, place, prompt, text),
            Pressed::Released(text) => {
                self.answered(client, place, prompt, text);
                return false;
            }
        }
        true
    }

    /// Takes the prompt that a client's keys go to: its own, or that of the
    /// pane it types into.
    fn take_prompt(&mut self, client: ClientId) -> Option<(Place, Box<Prompt>)> {
        let own = self.mux.clients.get_mut(&client)?;
        if let Some(prompt) = own.prompt.take() {
            return Some((Place::Client, prompt));
        }
        let pane = self.active_pane(client)?;
        let has = self
            .mux
            .panes
            .get(&pane)
            .is_some_and(|pane| pane.prompt.is_some());
        if !has || !self.may_type(client) {
            return None;
        }
        let prompt = self.mux.panes.get_mut(&pane)?.prompt.take()?;
        Some((Place::Pane(pane), prompt))
    }

    /// Whether a prompt is open and took pasted text.
    pub(super) fn prompt_pastes(&mut self, client: ClientId, text: &[u8]) -> bool {
        let Some((place, mut prompt)) = self.take_prompt(client) else {
            return false;
        };
        prompt.line.insert(&String::from_utf8_lossy(text));
        self.keep(client, place, prompt);
        true
    }

    fn keep(&mut self, client: ClientId, place: Place, prompt: Box<Prompt>) {
        match place {
            Place::Client => {
                if let Some(client) = self.mux.clients.get_mut(&client) {
                    client.prompt = Some(prompt);
                }
            }
            Place::Pane(pane) => {
                if let Some(pane) = self.mux.panes.get_mut(&pane) {
                    pane.prompt = Some(prompt);
                }
                self.demand_all();
            }
        }
    }

    fn answered(&mut self, client: ClientId, place: Place, mut prompt: Box<Prompt>, text: String) {
        self.remember(client, &prompt, &text);
        match exec::answer(&mut self.mux, &mut prompt, text) {
            exec::Next::Asks => self.keep(client, place, prompt),
            exec::Next::Runs(commands) => self.ended(client, &prompt, Some(commands)),
            exec::Next::Nothing => self.ended(client, &prompt, None),
        }
    }

    /// A prompt is over: what waits for it goes on, with the commands if it
    /// has the same right as who answered.
    fn ended(
        &mut self,
        client: ClientId,
        prompt: &Prompt,
        commands: Option<Result<Vec<Call>, String>>,
    ) {
        if let Some(pane) = prompt.pane {
            let window = self.mux.panes.get(&pane).map(|pane| pane.window);
            let session = window.and_then(|id| self.mux.sessions_of(id).next().map(|s| s.id));
            let about = [("hook_pane", pane.to_string())];
            self.mux.fire("pane-prompt-closed", session, &about);
            self.demand_all();
        }
        let Some(token) = prompt.waiter else {
            self.run_answer(client, commands);
            return;
        };
        let Some(commands) = commands else {
            self.queue.answer(token, Answer::Refused);
            return;
        };
        // Who answered is told what is wrong with it, not who asked.
        if commands.is_ok() && self.may_go_on(client, token) {
            self.queue.answer(token, Answer::Line(commands));
        } else {
            self.run_answer(client, Some(commands));
            self.queue.answer(token, Answer::Woken);
        }
    }

    /// Whether the line that waits has the right of the client that answered.
    fn may_go_on(&self, client: ClientId, token: Token) -> bool {
        let own = self.mux.clients.get(&client).map(Authority::of);
        own.is_some() && own == self.queue.authority_of(token)
    }

    fn run_answer(&mut self, client: ClientId, commands: Option<Result<Vec<Call>, String>>) {
        let (Some(commands), Some(owner)) = (commands, self.mux.clients.get(&client)) else {
            return;
        };
        match commands {
            Ok(commands) => {
                let authority = Authority::of(owner);
                let cx = Context::for_client(&self.mux, client, authority);
                self.enqueue(Source::Attached(client), vec![commands], cx);
            }
            Err(error) => {
                let shown = capital(&super::configure::with_remedy(&error));
                self.mux.say(client, Label::new(&shown));
            }
        }
    }

    fn remember(&mut self, client: ClientId, prompt: &Prompt, text: &str) {
        let flags = prompt.flags;
        if text.is_empty() || flags.single || flags.key_name || flags.numeric {
            return;
        }
        let limit = usize::try_from(self.mux.server_number("prompt-history-limit")).unwrap_or(100);
        let Some(own) = self.mux.clients.get_mut(&client) else {
            return;
        };
        // A guest's answers are its own.
        if own.guest_of().is_some() {
            own.history.add(prompt.kind, text, limit);
        } else {
            self.mux.histories.add(prompt.kind, text, limit);
        }
    }

    /// Forgets prompts of panes whose client is gone.
    pub(super) fn drop_prompts(&mut self, client: ClientId) {
        for pane in self.mux.panes.values_mut() {
            let own = |prompt: &Prompt| prompt.client == Some(client);
            if pane.prompt.as_deref().is_some_and(own) {
                pane.prompt = None;
            }
        }
    }
}

/// A message as prompts and keys show it: it begins with a capital.
pub(super) fn capital(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|ch| ch.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The text at the beginning of a buffer, up to a control character.
fn first_text(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(&data[..data.len().min(1 << 14)]).into_owned();
    text.chars().take_while(|ch| !ch.is_control()).collect()
}

/// Whether a key only moves within a prompt or list (no text).
pub(super) fn is_plain(key: Key) -> Option<char> {
    match key.code {
        KeyCode::Char(ch) if key.mods == Mods::NONE => Some(ch),
        _ => None,
    }
}
