//! Control clients (tmux(1), "CONTROL MODE"): lines become commands, one at a
//! time; panes' output, blocks and notifications leave at the pace at which
//! they are taken. What is told of the model's changes is worked out in
//! `notify`; how it is written, in `mux::control`. Nothing is drawn here.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::mask::Secrets;
use crate::base::{ClientId, Label, PaneId, SessionId, WindowId};
use crate::exec::{self, Authority, Context};
use crate::format::{self, Scope};
use crate::mux::Effect;
use crate::mux::control::{Place, Subscription, Watched};
use crate::term::{CaptureOptions, CaptureRange, Terminal};

use super::Engine;
use super::queue::Source;

/// The most input that waits while a command of the client does, in bytes.
const MOST_INPUT: usize = 4 << 20;

/// What a control client is sent at once, in bytes: little, so that what it is
/// behind waits here, where it can be counted and dropped.
const PIECE: usize = 8 << 10;

/// How many rows above the cursor are read for the beginning of a secret.
const BEFORE: i64 = 50;

/// How often subscriptions are looked at.
const SUBSCRIPTIONS: Duration = Duration::from_secs(1);

/// What the engine keeps for a control client beside the model.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What was read, up to `at` already taken.
    input: Vec<u8>,
    at: usize,
    /// Looked at for a newline up to here.
    seen: usize,
    /// Nothing follows.
    ended: bool,
    /// It is attached, as far as hooks were told.
    pub(super) attached: bool,
}

impl Lines {
    /// The next whole line, without its newline.
    fn next(&mut self) -> Option<Vec<u8>> {
        let from = self.seen.max(self.at);
        let Some(len) = self.input[from..].iter().position(|byte| *byte == b'\n') else {
            self.seen = self.input.len();
            return None;
        };
        let end = from + len;
        let line = self.input[self.at..end].to_vec();
        self.at = end + 1;
        self.seen = self.at;
        if self.at > self.input.len() / 2 {
            self.input.drain(..self.at);
            self.at = 0;
            self.seen = 0;
        }
        Some(line)
    }
}

/// What stands before a pane's cursor, as far as a value may begin there.
fn before_cursor(term: &Terminal) -> String {
    let cursor = term.cursor().pos;
    let range = CaptureRange {
        start: Some(i64::from(cursor.y) - BEFORE),
        end: Some(i64::from(cursor.y) - 1),
    };
    let mut text = String::new();
    if term.history_rows() > 0 || cursor.y > 0 {
        text = term.capture(range, CaptureOptions::default());
    }
    for cell in term.row(cursor.y).iter().take(usize::from(cursor.x)) {
        term.pool().push_text(*cell, &mut text);
    }
    text
}

impl Engine {
    /// Takes in what a control client wrote. Whether it is one.
    pub(super) fn control_bytes(&mut self, id: ClientId, bytes: &[u8]) -> bool {
        let now = self.mux.now;
        let Some(lines) = self.controls.get_mut(&id) else {
            return false;
        };
        if lines.input.len() - lines.at + bytes.len() > MOST_INPUT {
            self.give_up(id, "too much input");
            return true;
        }
        lines.input.extend_from_slice(bytes);
        self.mux.latest += 1;
        let latest = self.mux.latest;
        if let Some(client) = self.mux.clients.get_mut(&id) {
            client.activity = now;
            client.latest = latest;
        }
        self.stirred = true;
        true
    }

    /// A control client's input has ended: it exits when it has been served.
    pub(super) fn control_eof(&mut self, id: ClientId) {
        if let Some(lines) = self.controls.get_mut(&id) {
            lines.ended = true;
        }
    }

    /// Ends a client for a reason that it is told.
    pub(super) fn give_up(&mut self, id: ClientId, reason: &'static str) {
        if let Some(control) = self.mux.control_mut(id) {
            control.reason = Some(reason);
        }
        self.mux.dismiss(id, 1, None);
    }

    /// Takes the next line of every control client that none is under way for.
    /// Whether there was any.
    pub(super) fn next_lines(&mut self) -> bool {
        let mut any = false;
        let clients: Vec<ClientId> = self.controls.keys().copied().collect();
        for id in clients {
            // What a guest says before the door opens is taken once they are in.
            if self
                .mux
                .clients
                .get(&id)
                .is_some_and(|c| c.waiting.is_some())
            {
                continue;
            }
            if self.queue.is_busy(id) {
                // Nobody is there who would hear how it went on.
                if self.controls.get(&id).is_some_and(|lines| lines.ended)
                    && !self.queue.in_block(id)
                {
                    any |= self.leave(id);
                }
                continue;
            }
            let next = self.controls.get_mut(&id).map(|l| (l.next(), l.ended));
            let Some((next, ended)) = next else { continue };
            match next {
                Some(line) => {
                    any = true;
                    // What the line before it has changed is told before it.
                    self.notify_controls();
                    self.control_line(id, &line);
                }
                None if ended => any |= self.leave(id),
                None => {}
            }
        }
        any
    }

    fn leave(&mut self, id: ClientId) -> bool {
        let there = self.mux.control_mut(id).is_some();
        if there {
            self.mux.dismiss(id, 0, None);
        }
        there
    }

    fn control_line(&mut self, id: ClientId, line: &[u8]) {
        let Some(client) = self.mux.clients.get(&id).filter(|c| !c.dismissed) else {
            return;
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.leave(id);
            return;
        }
        let authority = Authority::of(client);
        let text = String::from_utf8_lossy(line);
        match exec::parse_text(&self.mux, &text) {
            Ok(commands) => {
                let cx = Context::for_client(&self.mux, id, authority);
                self.enqueue(Source::Control(id), vec![commands], cx);
            }
            Err(message) => {
                let number = self.queue.mint();
                let time = self.mux.now.unix();
                if let Some(control) = self.mux.control_mut(id) {
                    control.begin(time, number, 1);
                    control.print(format!("parse error: {message}").as_bytes());
                    control.end(time, number, 1, true);
                }
            }
        }
    }

    /// Gives what a pane wrote to the control clients whose session has it.
    pub(super) fn tell_output(&mut self, pane: PaneId, window: WindowId, bytes: &[u8]) {
        if self.controls.is_empty() {
            return;
        }
        let now = self.now().mono;
        let veiled = self.veiled_controls();
        let mut lost = Vec::new();
        for client in self.mux.clients.values_mut() {
            let Some(control) = client.control.as_deref_mut().filter(|_| !client.dismissed) else {
                continue;
            };
            let session = client.session.and_then(|id| self.mux.sessions.get(&id));
            if !session.is_some_and(|session| session.has(window)) {
                continue;
            }
            let secrets = veiled.iter().find(|(id, _)| *id == client.id);
            let kept = match secrets {
                Some((_, secrets)) => {
                    let bytes = control.veiled(pane, secrets, bytes);
                    control.output(pane, &bytes, now)
                }
                None => control.output(pane, bytes, now),
            };
            if !kept {
                lost.push(client.id);
            }
        }
        for id in lost {
            self.give_up(id, "too far behind");
        }
    }

    /// The control clients that are not to see secrets, and which.
    fn veiled_controls(&self) -> Vec<(ClientId, Secrets)> {
        let clients = self.controls.keys();
        let clients = clients.filter_map(|id| self.mux.clients.get(id));
        let hidden = clients.filter_map(|client| {
            let secrets = self.mux.hidden_from(client)?;
            Some((client.id, secrets.clone()))
        });
        hidden.collect()
    }

    /// Looks out for secrets in all panes that such a client is told of, before
    /// they write on.
    fn veil_controls(&mut self) {
        let veiled = self.veiled_controls();
        for client in self.mux.clients.values_mut() {
            let Some(control) = client.control.as_deref_mut() else {
                continue;
            };
            let Some((_, secrets)) = veiled.iter().find(|(id, _)| *id == client.id) else {
                control.unveil();
                continue;
            };
            let session = client.session.and_then(|id| self.mux.sessions.get(&id));
            for pane in self.mux.panes.values() {
                if session.is_some_and(|session| session.has(pane.window)) {
                    control.veil(pane.id, secrets, || before_cursor(&pane.term));
                }
            }
        }
    }

    /// When subscriptions are looked at next.
    pub(super) fn control_deadline(&self) -> Option<Duration> {
        let controls = self.controls.keys().filter_map(|id| {
            let client = self.mux.clients.get(id)?;
            client.control.as_ref()?.check_at
        });
        controls.min()
    }

    /// Sends control clients what they can take, and lets those go that leave.
    pub(super) fn flush_controls(&mut self) {
        if self.controls.is_empty() {
            return;
        }
        self.veil_controls();
        let now = self.now().mono;
        let mut effects = Vec::new();
        for client in self.mux.clients.values_mut() {
            let id = client.id;
            let Some(control) = client.control.as_deref_mut() else {
                continue;
            };
            if let Some(status) = control.leaves() {
                let bytes = control.take_rest(now);
                if !bytes.is_empty() {
                    effects.push(Effect::Control { client: id, bytes });
                }
                effects.push(Effect::ExitControl {
                    client: id,
                    status,
                    reason: control.reason.map(str::to_owned),
                    wait: control.wait_exit,
                });
            } else if let Some(bytes) = control.take(PIECE, now) {
                effects.push(Effect::Control { client: id, bytes });
            }
        }
        for effect in effects {
            self.mux.emit(effect);
        }
    }

    /// Tells what has changed of the formats that are subscribed to, once a
    /// second.
    pub(super) fn check_subscriptions(&mut self) {
        let now = self.now().mono;
        let due: Vec<ClientId> = self
            .controls
            .keys()
            .filter(|id| {
                let control = self.mux.clients.get(id).and_then(|c| c.control.as_ref());
                control.and_then(|c| c.check_at).is_some_and(|at| at <= now)
            })
            .copied()
            .collect();
        for id in due {
            let Some(control) = self.mux.control_mut(id) else {
                continue;
            };
            let subscriptions = std::mem::take(&mut control.subscriptions);
            let mut lines = Vec::new();
            let mut fresh = BTreeMap::new();
            for (name, mut subscription) in subscriptions {
                self.check(id, &name, &mut subscription, &mut lines);
                fresh.insert(name, subscription);
            }
            if let Some(control) = self.mux.control_mut(id) {
                control.check_at = (!fresh.is_empty()).then_some(now + SUBSCRIPTIONS);
                control.subscriptions = fresh;
                lines.into_iter().for_each(|line| control.notify(line));
            }
        }
    }

    fn check(
        &self,
        id: ClientId,
        name: &str,
        subscription: &mut Subscription,
        lines: &mut Vec<String>,
    ) {
        let session = self.mux.clients.get(&id).and_then(|c| c.session);
        let Some(session) = session else { return };
        let mut told = BTreeMap::new();
        for place in self.places(session, subscription.watched) {
            let (window, pane) = place;
            let active = window
                .and_then(|(window, _)| self.mux.windows.get(&window))
                .map(|window| window.active);
            let scope = match window {
                Some((window, index)) => Scope {
                    window: Some(window),
                    index: Some(index),
                    pane: pane.or(active),
                    ..Scope::of_client(&self.mux, id)
                },
                None => Scope::of_client(&self.mux, id),
            };
            let value = format::expand(&subscription.format, &self.mux, &scope);
            if subscription.told.get(&place) != Some(&value) {
                let at = match window {
                    Some((window, index)) => format!("{window} {index}"),
                    None => "- -".to_owned(),
                };
                let pane = pane.map_or("-".to_owned(), |pane| pane.to_string());
                // A line stays one line, whatever the value holds.
                let shown = Label::new(&value);
                lines.push(format!(
                    "%subscription-changed {name} {session} {at} {pane} : {shown}"
                ));
            }
            told.insert(place, value);
        }
        subscription.told = told;
    }

    /// The places that a subscription looks at, those of the session alone.
    fn places(&self, session: SessionId, watched: Watched) -> Vec<Place> {
        let Some(owner) = self.mux.sessions.get(&session) else {
            return Vec::new();
        };
        let links = owner
            .links
            .iter()
            .map(|(index, link)| (link.window, *index));
        let panes_of = |window: WindowId| {
            let window = self.mux.windows.get(&window);
            window.map(crate::mux::Window::panes).unwrap_or_default()
        };
        match watched {
            Watched::Session => vec![(None, None)],
            Watched::Windows => links.map(|link| (Some(link), None)).collect(),
            Watched::Window(wanted) => links
                .filter(|(window, _)| *window == wanted)
                .map(|link| (Some(link), None))
                .collect(),
            Watched::Panes => links
                .flat_map(|link| panes_of(link.0).into_iter().map(move |p| (link, p)))
                .map(|(link, pane)| (Some(link), Some(pane)))
                .collect(),
            Watched::Pane(wanted) => links
                .filter(|(window, _)| panes_of(*window).contains(&wanted))
                .map(|link| (Some(link), Some(wanted)))
                .collect(),
        }
    }
}
