//! The model: sessions, windows, panes, clients, buffers. It holds what is, and
//! the operations that keep it whole; it knows no command line and draws
//! nothing. What an operation needs from outside is left in [`Mux::emit`]ted
//! effects.
//!
//! ```text
//!   Session ─links: index→ Window ─layout→ Pane ─ Terminal
//!      ↑                      (a window may be linked in several sessions)
//!   Client (attached to one session at a time)
//! ```
//!
//! [`Mux::verify`] states the invariants; tests call it after every step.

pub mod buffers;
pub mod changes;
pub mod channels;
pub mod client;
pub mod control;
pub mod copy;
pub mod copying;
pub mod debugged;
pub mod drag;
pub mod effect;
pub mod environ;
pub mod events;
pub mod floats;
pub mod guests;
mod hidden;
pub mod jobs;
pub mod key_help;
pub mod layout;
mod life;
pub mod modes;
pub mod monitors;
pub mod mouse;
mod moves;
mod options;
mod pan;
pub mod pane;
mod pane_log;
pub mod panel;
pub mod peek;
pub mod peer;
pub mod phases;
pub mod prompt;

pub mod resolve;
pub mod session;
mod size;
pub mod veil;
mod verify;
pub mod watch;
pub mod window;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::access::LocalAccess;
use crate::base::{ClientId, Key, Label, Minter, Now, PaneId, SessionId, Token, WindowId};
use crate::config::{Bindings, Global};

pub use client::Client;
pub use effect::Effect;
pub use environ::Environ;
pub use layout::Layout;
pub use life::{LifeError, NewPane};
pub use mouse::MouseAt;
pub use pane::Pane;
pub use session::Session;
pub use window::Window;

use buffers::Buffers;

/// How long news of guests stay in the status line at least.
const NOTICE_TIME: Duration = Duration::from_secs(4);

/// What the server knows of itself; it never changes.
#[derive(Clone, Debug, Default)]
pub struct ServerInfo {
    /// The host's name.
    pub host: Label,
    /// The server's process.
    pub pid: u32,
    /// The server's user id.
    pub uid: u32,
    /// The server's user name.
    pub user: String,
    /// The socket's path.
    pub socket: String,
    /// The server's executable, for `$STEPMUX_BIN`.
    pub program: String,
    /// Where programs find it: the directory of terminfo entries has
    /// `tmux-256color`.
    pub has_terminfo: bool,
    /// When the server started.
    pub started: Now,
    /// The directory that the server was started in.
    pub cwd: String,
    /// The configuration files, as they were given.
    pub config_files: Vec<String>,
    /// The users' homes by name, for `~NAME`.
    pub homes: BTreeMap<String, String>,
    /// The file by which it is known that the user has been told of the keys;
    /// none if nobody is to be told.
    pub hint_file: Option<String>,
    /// Started under the name `tmux`: panes get `TMUX` and `TMUX_PANE` too.
    pub as_tmux: bool,
}

/// A line of `show-messages`.
#[derive(Clone, Debug)]
pub struct Logged {
    /// When.
    pub at: Now,
    /// What.
    pub text: Label,
    /// It is a command that somebody ran, and no message.
    pub command: bool,
}

/// The longest command that is logged, in bytes.
const MOST_LOGGED: usize = 4096;

/// The whole model of one server.
#[derive(Debug)]
pub struct Mux {
    /// The server itself.
    pub server: ServerInfo,
    /// Sessions by id.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Windows by id; each is linked in one session at least.
    pub windows: BTreeMap<WindowId, Window>,
    /// Panes by id; each is in one window.
    pub panes: BTreeMap<PaneId, Pane>,
    /// Clients by id.
    pub clients: BTreeMap<ClientId, Client>,
    /// Paste buffers.
    pub buffers: Buffers,
    /// Server options, and the defaults of sessions, windows and panes.
    pub options: Global,
    /// Key tables.
    pub bindings: Bindings,
    /// Variables of the server.
    pub environ: Environ,
    /// Which other users come in by the socket (`server-access`).
    pub local_access: LocalAccess,
    /// The marked pane (`select-pane -m`).
    pub marked: Option<PaneId>,
    /// How panes ended that a line waits for (`split-window -W`).
    pub(in crate::mux) ended: VecDeque<(Token, peer::ExitStatus)>,
    /// The log of `show-messages`, the latest last.
    pub messages: VecDeque<Logged>,
    /// The moment of the turn that is under way.
    pub now: Now,
    /// Debug sessions that have ended, until their processes have.
    pub passing: Vec<debugged::Passing>,
    /// What clients are not to see.
    hidden: hidden::Hidden,
    /// Mints ids.
    pub ids: Minter,
    /// The client whose command runs: what is hidden from it is in no format.
    pub asking: Option<ClientId>,
    /// Grows with attachments and keys; see [`Client::latest`].
    pub latest: u64,
    /// A control client has said a size: all windows follow at once, whether
    /// anyone looks at them or not.
    pub resize_now: bool,
    /// What floats over clients' panes.
    pub floats: floats::ByClient,
    /// Popups that were closed in this turn: who waits, and the status.
    pub popups_closed: Vec<(crate::base::Token, u8)>,
    /// What was answered to prompts.
    pub histories: prompt::Histories,
    /// `wait-for` channels.
    pub channels: channels::Channels,
    /// Output of `#()` jobs.
    pub jobs: jobs::JobCache,
    /// Clients that watch a session from a log.
    pub watches: watch::Watches,
    /// What was copied in this turn, for the clients' own clipboards.
    pub clipboard: Option<copying::Clip>,
    /// What viewers' terminals look like, as far as one has said.
    pub looks: client::Looks,
    /// Windows whose layout commands have set since control clients were last
    /// told, with how often they are told of it, changed or not.
    pub relaid: BTreeMap<WindowId, usize>,
    /// The same for hooks: how often `window-layout-changed` runs, where that is
    /// not once for a layout that is another.
    pub layouts_told: BTreeMap<WindowId, usize>,
    /// Windows whose layout control clients are not told of this time.
    pub unsaid_layouts: std::collections::BTreeSet<WindowId>,
    /// The panes that hooks know to have focus.
    pub hook_focus: std::collections::BTreeSet<crate::base::PaneId>,
    /// An option has changed that may decide about clients' terminals.
    pub terminals_stale: bool,
    /// The server is to end (`kill-server`).
    pub ending: bool,
    /// The configuration is still being run: the first client waits, and jobs
    /// have the `TERM` that the server was started with.
    pub configuring: bool,
    /// Events whose hooks are to be run in this turn.
    pub fired: Vec<events::Fired>,
    /// Keys that commands had clients press, in their order.
    pressed: VecDeque<(ClientId, Key)>,
    /// Who listens to events.
    pub listeners: events::Listeners,
    /// What changes are told from, while somebody listens.
    pub seen: Option<changes::Seen>,
    effects: Vec<Effect>,
}

impl Mux {
    /// A model without sessions.
    #[must_use]
    pub fn new(server: ServerInfo, options: Global, bindings: Bindings, environ: Environ) -> Self {
        Self {
            now: server.started,
            passing: Vec::new(),
            hidden: hidden::Hidden::default(),
            relaid: BTreeMap::new(),
            layouts_told: BTreeMap::new(),
            unsaid_layouts: std::collections::BTreeSet::new(),
            hook_focus: std::collections::BTreeSet::new(),
            server,
            sessions: BTreeMap::new(),
            windows: BTreeMap::new(),
            panes: BTreeMap::new(),
            clients: BTreeMap::new(),
            buffers: Buffers::default(),
            options,
            bindings,
            local_access: LocalAccess::default(),
            environ,
            marked: None,
            ended: VecDeque::new(),
            messages: VecDeque::new(),
            ids: Minter::default(),
            asking: None,
            latest: 0,
            resize_now: false,
            floats: floats::ByClient::default(),
            popups_closed: Vec::new(),
            histories: prompt::Histories::default(),
            channels: channels::Channels::default(),
            jobs: jobs::JobCache::default(),
            watches: watch::Watches::default(),
            clipboard: None,
            looks: client::Looks::default(),
            terminals_stale: false,
            ending: false,
            configuring: false,
            fired: Vec::new(),
            pressed: VecDeque::new(),
            listeners: events::Listeners::default(),
            seen: None,
            effects: Vec::new(),
        }
    }

    /// Asks something of the outside.
    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Takes what was asked since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The session of a name.
    #[must_use]
    pub fn session_named(&self, name: &str) -> Option<SessionId> {
        self.sessions
            .values()
            .find(|s| s.name == name)
            .map(|s| s.id)
    }

    /// The sessions by name, as lists show them.
    #[must_use]
    pub fn sessions_by_name(&self) -> Vec<SessionId> {
        let mut ids: Vec<_> = self.sessions.keys().copied().collect();
        ids.sort_by_key(|id| self.sessions.get(id).map(|s| s.name.clone()));
        ids
    }

    /// The clients attached to a session, but those that record it.
    pub fn attached(&self, session: SessionId) -> impl Iterator<Item = &Client> {
        self.clients
            .values()
            .filter(move |c| c.session == Some(session) && !c.records)
    }

    /// The sessions in which a window is linked.
    pub fn sessions_of(&self, window: WindowId) -> impl Iterator<Item = &Session> {
        self.sessions.values().filter(move |s| s.has(window))
    }

    /// The sessions that a window is linked in, as they came to have it.
    #[must_use]
    pub fn sessions_in_order(&self, window: WindowId) -> Vec<&Session> {
        let linked = self.windows.get(&window).map(|window| &window.linked);
        let places: BTreeMap<SessionId, usize> = linked
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(place, id)| (*id, place))
            .collect();
        let mut sessions: Vec<&Session> = self.sessions_of(window).collect();
        sessions.sort_by_key(|s| places.get(&s.id).copied().unwrap_or(usize::MAX));
        sessions
    }

    /// The current window of a session.
    #[must_use]
    pub fn current_window(&self, session: SessionId) -> Option<&Window> {
        self.windows.get(&self.sessions.get(&session)?.window()?)
    }

    /// The active pane of a session's current window.
    #[must_use]
    pub fn current_pane(&self, session: SessionId) -> Option<PaneId> {
        self.current_window(session).map(|window| window.active)
    }

    /// The window that a pane is in.
    #[must_use]
    pub fn window_of(&self, pane: PaneId) -> Option<&Window> {
        self.windows.get(&self.panes.get(&pane)?.window)
    }

    /// Writes a line to the log of `show-messages`.
    pub fn log(&mut self, text: Label) {
        self.log_as(text, false);
    }

    /// Writes a command to that log: who ran it, and by which key.
    pub fn log_command(&mut self, client: Option<ClientId>, key: Option<Key>, text: &str) {
        let client = client.and_then(|id| self.clients.get(&id));
        let text = &text[..text.floor_char_boundary(MOST_LOGGED)];
        let line = match client {
            None => format!("command: {text}"),
            Some(client) => match key.filter(|_| client.session.is_some()) {
                Some(key) => format!("{} key {key}: {text}", client.name),
                None => format!("{} command: {text}", client.name),
            },
        };
        self.log_as(Label::new(&line), true);
    }

    fn log_as(&mut self, text: Label, command: bool) {
        let limit = usize::try_from(self.server_number("message-limit")).unwrap_or(1000);
        self.messages.push_back(Logged {
            at: self.now,
            text,
            command,
        });
        while self.messages.len() > limit {
            self.messages.pop_front();
        }
    }

    /// Shows a line on a client for `display-time`.
    pub fn say(&mut self, client: ClientId, text: Label) {
        let session = self.clients.get(&client).and_then(|c| c.session);
        let time = u64::try_from(self.session_number(session, "display-time")).unwrap_or(750);
        self.log_message(client, &text);
        self.show(client, text, Duration::from_millis(time));
    }

    /// Writes to that log what a client was told.
    pub fn log_message(&mut self, client: ClientId, text: &Label) {
        let name = self.clients.get(&client).map(|client| client.name.as_str());
        let line = format!("{} message: {text}", name.unwrap_or_default());
        self.log(Label::new(line.trim_start()));
    }

    /// Shows a line on a client for a time; 0 waits for a key.
    fn show(&mut self, client: ClientId, text: Label, time: Duration) {
        if let Some(control) = self.control_mut(client) {
            control.print(format!("%message {text}").as_bytes());
            return;
        }
        let until = (!time.is_zero()).then(|| self.now.mono + time);
        if let Some(client) = self.clients.get_mut(&client) {
            client.message = Some(client::Message {
                text,
                until,
                stays: false,
            });
        }
    }

    /// What is a control client's own, unless it has been told to leave.
    pub fn control_mut(&mut self, client: ClientId) -> Option<&mut control::Control> {
        let client = self.clients.get_mut(&client)?;
        client.control.as_deref_mut().filter(|_| !client.dismissed)
    }

    /// Shows a line on every client of a session but the one it is about, long
    /// enough to be read by someone who does not expect it.
    pub fn announce(&mut self, session: SessionId, text: &Label, about: Option<ClientId>) {
        self.log(text.clone());
        let mut clients: Vec<_> = self.attached(session).map(|c| c.id).collect();
        clients.retain(|client| Some(*client) != about);
        let time = u64::try_from(self.session_number(Some(session), "display-time")).unwrap_or(0);
        let time = NOTICE_TIME.max(Duration::from_millis(time));
        for client in clients {
            self.show(client, text.clone(), time);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A model without sessions, for tests.
    pub(crate) fn empty() -> Mux {
        let server = ServerInfo {
            host: Label::new("host"),
            pid: 7,
            socket: "/tmp/s".to_owned(),
            ..ServerInfo::default()
        };
        Mux::new(
            server,
            Global::default(),
            Bindings::default(),
            Environ::default(),
        )
    }
}
