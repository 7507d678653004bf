//! Who runs a command, on what, and what came of it.

use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Key, Now, PaneId, SessionId, Token};
use crate::command::{Call, Command, Need};
use crate::mux::effect::ShareInfo;
use crate::mux::events::Fired;
use crate::mux::peer::{ExitStatus, Process};
use crate::mux::resolve::{Asker, Found};
use crate::mux::{Client, MouseAt, Mux};

use super::source::Sourcing;

pub use crate::mux::resolve::Current;

/// The right to run commands, minted from a client's grant or by the server
/// itself (configuration, hooks of its admin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    grant: Grant,
    /// A guest's commands reach this session alone.
    pub only: Option<SessionId>,
}

impl Authority {
    /// The server's own: configuration files and start-up commands.
    pub const SERVER: Self = Self {
        grant: Grant::Admin,
        only: None,
    };

    /// A client's.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            grant: client.effective_grant(),
            only: client.guest_of(),
        }
    }

    /// Whether it covers what needs `needed`.
    #[must_use]
    pub fn allows(self, needed: Grant) -> bool {
        self.grant.allows(needed)
    }

    /// Refuses a command that it does not cover.
    ///
    /// # Errors
    /// Why not, for whoever asked.
    pub fn check(self, command: &Command) -> Result<(), String> {
        let needed = match command.needs() {
            Need::View => Grant::View,
            Need::Type => Grant::Type,
            Need::Admin => Grant::Admin,
        };
        if !self.allows(needed) {
            return Err(self.refusal(command.name()));
        }
        let foreign = matches!(
            command,
            Command::NewSession(_)
                | Command::DebugSession(_)
                | Command::KillServer(_)
                | Command::LockServer(_)
                | Command::ServerAccess(_)
                | Command::ShowMessages(_)
                | Command::ShowPromptHistory(_)
                | Command::ClearPromptHistory(_)
                // It would run by the server's own right, in any session.
                | Command::SetHook(_)
        );
        if self.only.is_some() && foreign {
            return Err(format!("not allowed for a guest: {}", command.name()));
        }
        Ok(())
    }

    /// Refuses what runs by the server's own right later on: hooks are an
    /// admin's, and no guest's.
    ///
    /// # Errors
    /// Why not.
    pub fn demand_own(self, what: &str) -> Result<(), String> {
        self.demand_admin(what)?;
        if self.only.is_some() {
            return Err(format!("not allowed for a guest: {what}"));
        }
        Ok(())
    }

    /// Refuses what only an admin may do.
    ///
    /// # Errors
    /// Why not.
    pub fn demand_admin(self, what: &str) -> Result<(), String> {
        if self.allows(Grant::Admin) {
            Ok(())
        } else {
            Err(self.refusal(what))
        }
    }

    pub(super) fn refusal(self, what: &str) -> String {
        if self.grant == Grant::View {
            "client is read-only".to_owned()
        } else {
            format!("not allowed: {what}")
        }
    }
}

/// A file's commands, to be run as one: in a place of their own, with the file's
/// name for formats and errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The file, as errors and `#{current_file}` name it.
    pub path: String,
    /// The commands of each line, with its number.
    pub lines: Vec<(usize, Vec<Call>)>,
    /// What a missing target means in it, if not what it means outside.
    pub current: Option<Current>,
}

/// All that a command knows beside its arguments. One context serves a whole
/// line of commands, [`super::resume`] included.
#[derive(Clone, Debug)]
pub struct Context {
    /// For whom it runs.
    pub client: Option<ClientId>,
    /// With what right.
    pub authority: Authority,
    /// The moment.
    pub now: Now,
    /// What a missing target means, where it is not the client's own place.
    pub current: Current,
    /// The mouse event that led to it.
    pub mouse: Option<MouseAt>,
    /// The key that led to it.
    pub key: Option<Key>,
    /// What it printed, lines ending in newlines.
    pub output: Vec<u8>,
    /// Commands to run next, before what follows in the queue, in groups: a
    /// failure drops the rest of its own group only.
    pub insert: Vec<Vec<Call>>,
    /// Commands to run aside, on a line of their own, whose output belongs to a
    /// pane.
    pub aside: Vec<(Option<PaneId>, Vec<Call>)>,
    /// What is to be shown in panes.
    pub shown: Vec<(PaneId, Vec<u8>)>,
    /// Hooks to run next (`set-hook -R`), by the server's own right.
    pub run_hooks: Vec<Fired>,
    /// Files to run next, after the groups.
    pub files: Vec<File>,
    /// How many files deep the command stands.
    pub depth: usize,
    /// What went wrong without ending the command.
    pub warnings: Vec<String>,
    /// Faults of files that were read for no client.
    pub causes: Vec<String>,
    /// Variables for formats (`hook`, `hook_session` …).
    pub variables: Vec<(String, String)>,
    /// The pane whose process is being started.
    pub(super) spawned: Option<PaneId>,
    /// The command came to nothing that its `after-` hook would tell.
    pub(super) idle: bool,
    /// The session that it was made in.
    pub(super) made_in: Option<SessionId>,
    /// How far a command that waits several times has come.
    pub(super) step: usize,
    /// How far a `source-file` has come.
    pub(super) sourcing: Option<Box<Sourcing>>,
}

impl Context {
    /// The context of a client's commands.
    #[must_use]
    pub fn for_client(mux: &Mux, client: ClientId, authority: Authority) -> Self {
        Self {
            client: Some(client),
            authority,
            ..Self::for_server(mux)
        }
    }

    /// The context of the server's own commands.
    #[must_use]
    pub fn for_server(mux: &Mux) -> Self {
        Self {
            client: None,
            authority: Authority::SERVER,
            now: mux.now,
            current: Current::default(),
            mouse: None,
            key: None,
            output: Vec::new(),
            insert: Vec::new(),
            aside: Vec::new(),
            shown: Vec::new(),
            run_hooks: Vec::new(),
            files: Vec::new(),
            depth: 0,
            warnings: Vec::new(),
            causes: Vec::new(),
            variables: Vec::new(),
            spawned: None,
            made_in: None,
            idle: false,
            step: 0,
            sourcing: None,
        }
    }

    /// Brings the moment up to date and forgets what is gone.
    pub fn refresh(&mut self, mux: &Mux) {
        self.now = mux.now;
        self.step = 0;
        self.spawned = None;
        self.made_in = None;
        self.idle = false;
        let current = &mut self.current;
        current.pane = current.pane.filter(|id| mux.panes.contains_key(id));
        current.window = current.window.filter(|id| mux.windows.contains_key(id));
        current.session = current.session.filter(|id| mux.sessions.contains_key(id));
    }

    /// Whether the command came to nothing that its `after-` hook would tell.
    #[must_use]
    pub fn was_idle(&self) -> bool {
        self.idle
    }

    /// The pane that the command has made.
    #[must_use]
    pub fn made(&self) -> Option<PaneId> {
        self.spawned
    }

    /// Writes bytes to the client, without copying many if they are the first.
    pub(super) fn write(&mut self, bytes: Vec<u8>) {
        if self.output.is_empty() {
            self.output = bytes;
        } else {
            self.output.extend_from_slice(&bytes);
        }
    }

    /// Prints a line.
    pub fn print(&mut self, line: &str) {
        self.output
            .extend_from_slice(&crate::base::raw::release(line));
        self.output.push(b'\n');
    }

    /// Who looks targets up.
    #[must_use]
    pub fn asker(&self) -> Asker {
        let mut current = self.current;
        let pane = self.mouse.and_then(|at| at.pane);
        if current == Current::default() {
            current.pane = pane;
            current.session = self.mouse.and_then(|at| at.session);
        }
        Asker {
            client: self.client,
            current,
            mouse: pane,
            mouse_index: self.mouse.and_then(|at| Some((at.session?, at.window?))),
            only: self.authority.only,
        }
    }

    /// Makes a place current for the commands that follow on the line.
    pub(super) fn set_current(&mut self, found: Found) {
        self.current = Current::of(found);
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It waits for the answer to an effect; [`super::resume`] goes on.
    Wait(Token),
    /// It waits for a time; [`super::resume`] goes on with `Answer::Woken`.
    Sleep(Duration),
    /// It could not be done: the message, and the rest of its line is dropped.
    Fail(String),
    /// It is done, and the client's exit status is this.
    Status(u8),
}

/// The answer to an effect.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To `Effect::Spawn`.
    Spawned(Result<Process, String>),
    /// To `Effect::RunJob`.
    Job(ExitStatus, Vec<u8>),
    /// To `Effect::ReadFile` and `Effect::WriteFile`.
    File(Result<Vec<u8>, String>),
    /// To `Effect::Share`.
    Shared(Result<Box<ShareInfo>, String>),
    /// A prompt was answered: the commands that come of it, or what is wrong.
    Line(Result<Vec<Call>, String>),
    /// A popup was closed, with the status of its program.
    Closed(u8),
    /// A prompt ended without an answer, or with no.
    Refused,
    /// A prompt ended, a `wait-for` channel was woken, a delay is over.
    Woken,
}
