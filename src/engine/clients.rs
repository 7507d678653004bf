//! Clients: coming, attaching, typing, leaving.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Key, KeyAction, KeyCode, Keystroke, Label, PaneId, Pos, Size};
use crate::mux::Client;
use crate::mux::peer::Peer;
use crate::tty::{Caps, Decoder, DecoderConfig, Frame, Input};

use super::Engine;
use super::draw::ViewId;
use super::mouse::Mouse;
use super::pace::Pace;
use super::palette::ColorWishes;
use super::terminal::Probe;

/// Most input that is held back while a client's command waits.
const MAX_HELD: usize = 4096;

/// Most keys of one client that are taken to be down; the oldest give way.
const MAX_PRESSED: usize = 32;

/// What the engine keeps for an attached client beside the model.
#[derive(Debug)]
pub(super) struct Attached {
    pub(super) decoder: Decoder,
    pub(super) held: VecDeque<Input>,
    /// Its picture, which it may share.
    pub(super) view: Option<ViewId>,
    /// What the terminal shows; none before the first picture.
    pub(super) shown: Option<Arc<Frame>>,
    pub(super) pace: Pace,
    pub(super) mouse: Mouse,
    /// Bytes that go out before the next picture: bell, clipboard.
    pub(super) extra: Vec<u8>,
    /// The terminal was taken over.
    pub(super) entered: bool,
    /// What the terminal was asked.
    pub(super) probe: Probe,
    /// Programs that wait for its colours.
    pub(super) colors: ColorWishes,
    /// Where the last menu was.
    pub(super) last_menu: Option<Pos>,
    /// Keys that are down, and the panes that are to hear when they are not.
    pressed: VecDeque<(PaneId, KeyCode)>,
}

/// A key without what shift makes of it, so that its end is known.
fn unshifted(key: Key, stroke: Keystroke) -> KeyCode {
    match key.code {
        KeyCode::Char(ch) => {
            let ch = stroke.base.unwrap_or(ch);
            let mut small = ch.to_lowercase();
            KeyCode::Char(
                small
                    .next()
                    .filter(|_| small.next().is_none())
                    .unwrap_or(ch),
            )
        }
        KeyCode::BackTab => KeyCode::Tab,
        code => code,
    }
}

impl Attached {
    fn new(utf8: bool) -> Self {
        Self {
            decoder: Decoder::new(DecoderConfig {
                utf8,
                ..DecoderConfig::default()
            }),
            held: VecDeque::new(),
            view: None,
            shown: None,
            pace: Pace::default(),
            mouse: Mouse::default(),
            extra: Vec::new(),
            entered: false,
            probe: Probe::default(),
            colors: ColorWishes::default(),
            last_menu: None,
            pressed: VecDeque::new(),
        }
    }

    /// Remembers that a pane heard of a key that went down.
    pub(super) fn press(&mut self, pane: PaneId, key: Key, stroke: Keystroke) {
        let down = (pane, unshifted(key, stroke));
        if stroke.action == KeyAction::Press && !self.pressed.contains(&down) {
            self.pressed.truncate(MAX_PRESSED - 1);
            self.pressed.push_front(down);
        }
    }

    /// The panes that heard of a key that went up.
    pub(super) fn release(&mut self, key: Key, stroke: Keystroke) -> Vec<PaneId> {
        let code = unshifted(key, stroke);
        let mut panes = Vec::new();
        self.pressed.retain(|(pane, down)| {
            if *down == code {
                panes.push(*pane);
            }
            *down != code
        });
        panes
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let own = [
            self.decoder.deadline(),
            self.mouse.deadline(),
            self.probe.deadline(),
        ];
        own.into_iter().flatten().min()
    }
}

impl Engine {
    pub(super) fn connected(&mut self, id: ClientId, peer: Peer) {
        if peer.control {
            if self.controls.is_empty() {
                self.told = Some(super::notify::Told::of(&self.mux));
            }
            self.controls.insert(id, super::control::Lines::default());
        }
        let client = Client::new(id, peer, Caps::default(), self.now());
        self.mux.clients.insert(id, client);
        // The list may have changed since the door let it in.
        self.mux.hold_to_access(id);
        self.upkeep.first.get_or_insert(id);
        self.meet_terminal(id);
    }

    pub(super) fn client_gone(&mut self, id: ClientId) {
        let gone = self.mux.clients.remove(&id);
        self.attached.remove(&id);
        self.controls.remove(&id);
        if self.upkeep.first == Some(id) {
            self.upkeep.first_command = None;
        }
        for token in self.queue.forget(id) {
            self.mux.stop_waiting(token);
        }
        self.drop_prompts(id);
        self.mux.unwatch(id);
        if let Some(client) = gone {
            self.farewell(&client);
            if client.session.is_some() {
                self.destroy_unattached();
            }
        }
    }

    pub(super) fn client_resized(&mut self, id: ClientId, size: Size) {
        self.mux.latest += 1;
        let latest = self.mux.latest;
        if let Some(client) = self.mux.clients.get_mut(&id)
            && let Some(terminal) = &mut client.terminal
        {
            terminal.size = size;
            client.latest = latest;
            if let Some(session) = client.session {
                self.mux.use_window(id, session);
            }
        }
        let resumed = self
            .mux
            .clients
            .get_mut(&id)
            .is_some_and(|client| std::mem::take(&mut client.suspended));
        if let Some(attached) = self.attached.get_mut(&id) {
            if resumed {
                attached.entered = false;
                attached.pace.credit();
            }
            // The terminal's own reflow leaves it in a state unknown here.
            attached.shown = None;
            attached.pace.demand();
        }
    }

    pub(super) fn client_ready(&mut self, id: ClientId) {
        // What a suspended client took was its farewell.
        if let Some(control) = self.mux.control_mut(id) {
            control.taken();
            return;
        }
        let suspended = self.mux.clients.get(&id).is_some_and(|c| c.suspended);
        if let Some(attached) = self.attached.get_mut(&id)
            && !suspended
        {
            attached.pace.credit();
        }
    }

    /// Keeps the engine's own list in step with the model's attachments, and
    /// says who came and went.
    pub(super) fn sync_attached(&mut self) {
        let now_attached: Vec<_> = self
            .mux
            .clients
            .values()
            .filter(|client| client.session.is_some() && client.control.is_none())
            .map(|client| client.id)
            .collect();
        let controls_left = self.sync_controls();
        let left: Vec<_> = self
            .attached
            .keys()
            .filter(|id| !now_attached.contains(id))
            .copied()
            .collect();
        let some_left = controls_left || !left.is_empty();
        for id in left {
            self.attached.remove(&id);
            if let Some(client) = self.mux.clients.get(&id) {
                let label = who(client);
                let session = client.last_session.filter(|_| client.guest_of().is_some());
                if let Some(session) = session {
                    self.mux
                        .announce(session, &Label::new(&format!("{label} left")), None);
                    self.tell(id, session, "left", Some("client-left"));
                }
                self.tell_detached(id);
            }
        }
        if some_left {
            self.destroy_unattached();
        }
        for id in now_attached {
            if self.attached.contains_key(&id) {
                continue;
            }
            let terminal = self.mux.clients.get(&id).and_then(|c| c.terminal.as_ref());
            let fresh = Attached::new(terminal.is_none_or(|terminal| terminal.utf8));
            self.attached.insert(id, fresh);
            self.set_up_input(id);
            self.hint(id);
            // A terminal that is handed over says its size.
            self.fire_client("client-resized", id);
            self.welcome(id);
        }
    }

    /// The same for those who speak lines; whether any left.
    fn sync_controls(&mut self) -> bool {
        let mut changed = Vec::new();
        for (id, lines) in &mut self.controls {
            let session = self.mux.clients.get(id).and_then(|c| c.session);
            if lines.attached != session.is_some() {
                lines.attached = session.is_some();
                changed.push((*id, lines.attached));
            }
        }
        let mut some_left = false;
        for (id, attached) in changed {
            if attached {
                self.welcome(id);
            } else {
                some_left = true;
                self.tell_detached(id);
            }
        }
        some_left
    }

    fn welcome(&mut self, id: ClientId) {
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        let Some(session) = client.session.filter(|_| client.guest_of().is_some()) else {
            return;
        };
        let label = Label::new(&format!("{} joined ({})", who(client), client.grant));
        self.mux.announce(session, &label, Some(id));
        self.tell(id, session, "joined", Some("client-joined"));
    }

    /// Runs the hook of a client that is here but attached no more.
    fn tell_detached(&mut self, id: ClientId) {
        if let Some(client) = self.mux.clients.remove(&id) {
            if let Some(session) = client.last_session.filter(|_| !client.records) {
                self.mux.fire_unfocus(session);
                self.mux.fire_about("client-detached", session, &client);
                self.mux.fire_about("client-closed", session, &client);
            }
            self.mux.clients.insert(id, client);
        }
    }

    fn fire_client(&mut self, hook: &str, id: ClientId) {
        if let Some(client) = self.mux.clients.remove(&id) {
            if let Some(session) = client.session.filter(|_| !client.records) {
                self.mux.fire_about(hook, session, &client);
            }
            self.mux.clients.insert(id, client);
        }
    }

    fn farewell(&mut self, client: &Client) {
        if let (Some(session), Some(_)) = (client.session, client.guest_of()) {
            let label = Label::new(&format!("{} left", who(client)));
            self.mux.announce(session, &label, None);
            self.mux.audit_guest(session, "left", client);
            self.mux.fire_about("client-left", session, client);
        }
        if let Some(session) = client.session.filter(|_| !client.records) {
            self.mux.fire_unfocus(session);
            self.mux.fire_about("client-detached", session, client);
            self.mux.fire_about("client-closed", session, client);
        }
    }

    pub(super) fn client_bytes(&mut self, id: ClientId, bytes: &[u8]) {
        if self.control_bytes(id, bytes) {
            return;
        }
        let now = self.now();
        let Some(attached) = self.attached.get_mut(&id) else {
            return;
        };
        let mut inputs = Vec::new();
        attached.decoder.feed(bytes, now.mono, &mut inputs);
        self.take_inputs(id, inputs);
    }

    /// Gives decoders whose escape time is over what they held back.
    pub(super) fn tick_decoders(&mut self) {
        let now = self.now().mono;
        let due: Vec<_> = self
            .attached
            .iter()
            .filter(|(_, attached)| attached.decoder.deadline().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let mut inputs = Vec::new();
            if let Some(attached) = self.attached.get_mut(&id) {
                attached.decoder.tick(now, &mut inputs);
            }
            self.take_inputs(id, inputs);
        }
    }

    fn take_inputs(&mut self, id: ClientId, inputs: Vec<Input>) {
        let inputs = self.take_replies(id, inputs);
        if inputs.is_empty() {
            return;
        }
        self.mux.latest += 1;
        let (latest, now) = (self.mux.latest, self.now());
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        client.activity = now;
        // Someone else was the latest: window sizes may follow this client now.
        let overtakes = client.latest + 1 != latest;
        client.latest = latest;
        if let Some(session) = client.session {
            self.mux.use_window(id, session);
        }
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        // A watcher's keys make no session the one used last.
        let types = client.effective_grant().allows(Grant::Type);
        let session = client.session.filter(|_| types);
        if let Some(session) = session.and_then(|id| self.mux.sessions.get_mut(&id)) {
            session.activity = now;
        }
        if let Some(attached) = self.attached.get_mut(&id) {
            attached.pace.typed(now.mono);
            attached.held.extend(inputs);
            attached.held.truncate(MAX_HELD);
        }
        if overtakes {
            self.demand_all();
        }
        self.drain_input(id);
    }

    /// Takes out what the terminal answered: nobody typed it, and nothing waits
    /// for it. The rest.
    fn take_replies(&mut self, id: ClientId, inputs: Vec<Input>) -> Vec<Input> {
        let mut typed = Vec::with_capacity(inputs.len());
        for input in inputs {
            match input {
                Input::Reply(reply) => self.reply(id, reply),
                input => typed.push(input),
            }
        }
        typed
    }

    /// Handles held input as long as no command of the client waits; a prompt
    /// or overlay takes keys at any time. Whether anything was handled.
    pub(super) fn drain_input(&mut self, id: ClientId) -> bool {
        let mut handled = false;
        while let Some(client) = self.mux.clients.get(&id) {
            let own = client.prompt.is_some() || client.overlay.is_some();
            let pane = self
                .active_pane(id)
                .and_then(|pane| self.mux.panes.get(&pane));
            let asked = pane.is_some_and(|pane| pane.prompt.is_some());
            let modal = own || asked || self.mux.floats.contains_key(&id);
            if self.queue.holds_up(id) && !modal {
                break;
            }
            let next = self.attached.get_mut(&id).and_then(|a| a.held.pop_front());
            let Some(input) = next else { break };
            handled = true;
            self.input(id, input);
        }
        handled
    }

    fn input(&mut self, id: ClientId, input: Input) {
        match input {
            Input::Key(key) => self.key(id, key, Keystroke::default()),
            Input::Stroke(key, stroke) => self.stroke(id, key, stroke),
            Input::Mouse(event) => self.mouse(id, event),
            Input::Paste(chunk) => self.paste(id, &chunk),
            Input::Reply(_) => {}
        }
    }
}

/// How a guest is spoken of: name and address.
pub(super) fn who(client: &Client) -> Label {
    Label::new(&client.name)
}
