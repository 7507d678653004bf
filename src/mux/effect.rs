//! What the engine asks of the outside world. Effects are values: performing
//! them is the server's work, and their answers come back as events.

use std::sync::Arc;
use std::time::Duration;

use crate::access::invite::Via;
use crate::access::route::JOINT;
use crate::access::{Grant, HostBlob, Invite, LimitTo, LocalAccess};
use crate::base::{ClientId, PaneId, Secret, SessionId, Size, Token};

/// One thing to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a file for what a pane's history holds beyond memory; answered by
    /// `Event::Store`.
    OpenStore {
        /// Which pane.
        pane: PaneId,
        /// The option's value: `on`, or a path beside which the file is made.
        path: String,
    },
    /// Draw on a client. Costs the client's one credit, which comes back as
    /// `Event::Ready` once the bytes are out.
    Send {
        /// Whose terminal.
        client: ClientId,
        /// Bytes for it; shared when several clients show the same.
        bytes: Arc<[u8]>,
    },
    /// Write to a command client's standard output or error.
    Print {
        /// Whose.
        client: ClientId,
        /// Which stream.
        stream: Stream,
        /// The bytes, newline included.
        bytes: Vec<u8>,
    },
    /// Write to a control client. Costs its one credit, as `Send` does.
    Control {
        /// Whose standard output.
        client: ClientId,
        /// Whole lines.
        bytes: Vec<u8>,
    },
    /// A control client is done: it says `%exit` and exits.
    ExitControl {
        /// Who.
        client: ClientId,
        /// The exit status.
        status: u8,
        /// Why, if there is more to say.
        reason: Option<String>,
        /// It reads up to an empty line before.
        wait: bool,
    },
    /// Write readable lines of a session to a client that watches it. Lines
    /// that it does not take in time are left out, and it is told so.
    Mirror {
        /// Whose standard output.
        client: ClientId,
        /// Whole lines.
        bytes: Vec<u8>,
    },
    /// The client becomes attached: its terminal goes raw, bytes and frames flow.
    Attach {
        /// Who.
        client: ClientId,
        /// What gives its terminal back in the end, however that comes.
        leave: Vec<u8>,
    },
    /// The client is done: restore its terminal, say the message, exit.
    Exit {
        /// Who.
        client: ClientId,
        /// The exit status.
        status: u8,
        /// A last line for its standard output, such as `[detached (from session 0)]`.
        message: Option<String>,
    },
    /// The client restores its terminal and becomes this shell command.
    Exec {
        /// Who.
        client: ClientId,
        /// The command for its shell.
        command: String,
    },
    /// The client suspends itself (SIGTSTP) until it is continued.
    Suspend {
        /// Who.
        client: ClientId,
    },
    /// The client restores its terminal and runs this shell command; when that
    /// has ended it is back.
    Lock {
        /// Who.
        client: ClientId,
        /// The command for its shell.
        command: String,
    },
    /// Start a pane's process; answered by `Event::Spawned`.
    Spawn {
        /// Names the answer.
        token: Token,
        /// The pane it is for.
        pane: PaneId,
        /// What to start.
        spec: Box<SpawnSpec>,
    },
    /// Show this in a pane where nothing runs, as if a program had written it;
    /// comes back as `Event::PaneBytes`.
    Show {
        /// Which pane.
        pane: PaneId,
        /// What it shows.
        bytes: Vec<u8>,
    },
    /// Type into a pane's process.
    PaneWrite {
        /// Which pane.
        pane: PaneId,
        /// What it reads.
        bytes: Vec<u8>,
    },
    /// Tell a pane's process its size (TIOCSWINSZ).
    PaneResize {
        /// Which pane.
        pane: PaneId,
        /// The new size.
        size: Size,
    },
    /// Look a pane's foreground process up; answered by `Event::Foreground`.
    Inspect {
        /// Which pane.
        pane: PaneId,
    },
    /// Hang up a pane: HUP its process group and close the pty.
    PaneClose {
        /// Which pane.
        pane: PaneId,
    },
    /// Copy a pane's further output to a shell command (`pipe-pane`).
    PipeOpen {
        /// Which pane.
        pane: PaneId,
        /// The command for /bin/sh.
        command: String,
        /// The pane's output goes to the command's standard input.
        output: bool,
        /// The command's output is typed into the pane.
        input: bool,
    },
    /// End a pane's pipe.
    PipeClose {
        /// Which pane.
        pane: PaneId,
    },
    /// Run a shell command; answered by `Event::JobDone`.
    RunJob {
        /// Names the answer.
        token: Token,
        /// What to run.
        spec: JobSpec,
    },
    /// Find files by a pattern (`*`, `?`, `[…]`), in order; answered by
    /// `Event::FileDone` with their paths, a 0 byte between them.
    ListFiles {
        /// Names the answer.
        token: Token,
        /// Where a pattern that is not absolute begins; no pattern itself.
        dir: String,
        /// The pattern, or a plain path.
        pattern: String,
    },
    /// See whether a file can be run; answered by `Event::FileDone` without
    /// content.
    TryProgram {
        /// Names the answer.
        token: Token,
        /// The file, absolute.
        path: String,
    },
    /// Let these users in by the socket, and no others.
    AdmitLocal(LocalAccess),
    /// Read a whole file; answered by `Event::FileDone`. The path `-` is the
    /// client's standard input.
    ReadFile {
        /// Names the answer.
        token: Token,
        /// Whose standard input, and relative to whose directory.
        client: Option<ClientId>,
        /// Absolute, or relative to the client's directory.
        path: String,
    },
    /// Write a whole file; answered by `Event::FileDone`. The path `-` is the
    /// client's standard output.
    WriteFile {
        /// Names the answer.
        token: Token,
        /// Whose standard output, and relative to whose directory.
        client: Option<ClientId>,
        /// Absolute, or relative to the client's directory.
        path: String,
        /// What to write.
        bytes: Vec<u8>,
        /// Add to the file instead of replacing it.
        append: bool,
    },
    /// Keep a file for the next server, for the user's eyes alone, at once and with
    /// no answer; the directory is made.
    Keep {
        /// Its absolute path.
        path: String,
        /// What it holds.
        bytes: Vec<u8>,
    },
    /// Open a session to guests; answered by `Event::Shared`.
    Share {
        /// Names the answer.
        token: Token,
        /// Which session and how.
        request: Box<ShareRequest>,
    },
    /// Close a session's share: guests are detached, its listeners closed.
    Unshare {
        /// Which session.
        session: SessionId,
    },
    /// Replace a share's tokens; answered by `Event::Shared`. Whoever is inside
    /// stays.
    RotateShare {
        /// Names the answer.
        token: Token,
        /// Which session.
        session: SessionId,
    },
    /// A guest who asked for files is let in: they are served from now on.
    ServeFiles {
        /// Who.
        client: ClientId,
    },
    /// Hold a guest's whole connection to a grant, its forwards among it.
    HoldGuest {
        /// Who.
        client: ClientId,
        /// What they may do from now on.
        grant: Grant,
    },
    /// Add a line to the audit log.
    Audit {
        /// The log's file.
        path: String,
        /// One line of JSON, without its newline.
        line: String,
    },
    /// Write a small private file at once, in place of what it held.
    Note {
        /// Its path.
        path: String,
        /// What it says.
        text: String,
    },
    /// Look for processes by their `$STEPMUX`, wherever they have gone to, and
    /// signal them; answered by `Event::Processes`.
    EndProcesses {
        /// Names the answer.
        token: Token,
        /// The variable's value.
        mark: String,
        /// What they are sent.
        signal: EndSignal,
    },
    /// Take no new client: the socket is free for another server.
    CloseDoor,
    /// End the server once every client has been told.
    Shutdown,
}

/// What processes are sent that are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSignal {
    /// Nothing: they are counted.
    Count,
    /// SIGHUP, and SIGCONT so that those that are stopped take it.
    Hangup,
    /// SIGKILL.
    Kill,
}

/// A command client's output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A pane's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpawnSpec {
    /// What to run.
    pub program: Program,
    /// The directory; when it is missing the spawn fails by name.
    pub cwd: String,
    /// The whole environment, in order; nothing is inherited from the server.
    pub env: Vec<(String, String)>,
    /// The pty's first size.
    pub size: Size,
}

/// How a pane's process is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A login shell: `argv[0]` begins with `-`.
    LoginShell {
        /// The shell's path.
        shell: String,
    },
    /// One string for `SHELL -c`.
    Shell {
        /// The shell's path.
        shell: String,
        /// The command string.
        command: String,
    },
    /// A program and its arguments, looked up in the pane's own PATH; nothing is
    /// started without a word or with one empty word.
    Argv(Vec<String>),
}

impl Program {
    /// Whether it starts nothing: the pane stays empty.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Argv(words) if words.is_empty() || *words == [""])
    }
}

/// A shell command run aside from any pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSpec {
    /// The command for /bin/sh.
    pub command: String,
    /// Its directory.
    pub cwd: String,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// What it reads; empty is /dev/null.
    pub input: Vec<u8>,
    /// What it complains of is output too; else it goes nowhere.
    pub stderr: bool,
}

/// How a session is to be opened to guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRequest {
    /// Which session.
    pub session: SessionId,
    /// Its name, for messages.
    pub name: String,
    /// Addresses to listen on, `ADDR:PORT`; port 0 takes a free one.
    pub listen: Vec<String>,
    /// A relay to be reached through as well, or instead.
    pub relay: Option<RelayRequest>,
    /// Files of authorised keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
    pub authorized_keys: Vec<String>,
    /// Whom alone to let in. Not empty: a token opens nothing without a key.
    pub limit_to: Vec<LimitTo>,
    /// Below which address GitHub's users' keys are.
    pub github: String,
    /// The same for GitLab.
    pub gitlab: String,
    /// What the keys' holders may do, where the key's line says nothing.
    pub key_grant: Grant,
    /// A program that decides about whom no token or key lets in.
    pub auth_command: Option<JobSpec>,
    /// A file with the host key, instead of the user's own.
    pub host_key: Option<String>,
    /// A host key for this share alone, never written down.
    pub fresh_key: bool,
    /// Nobody may do more than look, by whatever they come in.
    pub view_only: bool,
    /// The audit log, which must be fit to be written; empty for none.
    pub audit: String,
    /// What holds once the door is open.
    pub policy: SharePolicy,
    /// Serve files (SFTP) below this directory to whoever may type.
    pub sftp: Option<String>,
    /// Where guests who may type can be connected to (`ssh -L`): `any`,
    /// `loopback`, or `HOST:PORT` with `*` for either. Empty: nowhere.
    pub forward: Vec<String>,
}

impl ShareRequest {
    /// A share that listens nowhere, of a session and its name.
    #[must_use]
    pub fn new(session: SessionId, name: &str) -> Self {
        Self {
            session,
            name: name.to_owned(),
            listen: Vec::new(),
            relay: None,
            authorized_keys: Vec::new(),
            limit_to: Vec::new(),
            github: String::new(),
            gitlab: String::new(),
            key_grant: Grant::Type,
            auth_command: None,
            host_key: None,
            fresh_key: false,
            view_only: false,
            audit: String::new(),
            policy: SharePolicy::default(),
            sftp: None,
            forward: Vec::new(),
        }
    }
}

/// A relay that a share is to be reached through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRequest {
    /// `HOST` or `HOST:PORT`.
    pub place: String,
    /// The fingerprint of its key, `SHA256:…`; none takes the one that was seen
    /// there first.
    pub pin: Option<String>,
    /// Guests may come by `ssh` alone, whose ssh ends in the relay.
    pub compat: bool,
    /// A file with the key by which the relay knows this machine.
    pub identity: Option<String>,
    /// How the relay is reached.
    pub way: RelayWay,
}

/// How a relay is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayWay {
    /// A command whose standard input and output are the connection; `%h` and
    /// `%p` in it are the relay's host and port. Empty: none.
    pub command: String,
    /// The proxy that the environment names (`HTTPS_PROXY`); empty: none.
    pub proxy: String,
    /// Where it is not used (`NO_PROXY`).
    pub no_proxy: String,
    /// The environment and directory of the command.
    pub env: Vec<(String, String)>,
}

/// How guests come through a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayInfo {
    /// The relay's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user name that it asks for.
    pub route: String,
    /// The fingerprint of its key.
    pub fingerprint: String,
    /// The name under which guests know the session's key.
    pub alias: String,
    /// Its public key, as `ALGORITHM BASE64`.
    pub key: String,
    /// Guests may come by `ssh` alone, and the relay can read those who do.
    pub compat: bool,
}

impl RelayInfo {
    /// The command with which a guest comes in whose ssh ends in the relay.
    #[must_use]
    pub fn compat_command(&self, token: &str) -> Option<String> {
        let user = format!("{}{JOINT}{token}", self.route);
        self.compat.then(|| ssh_line(&user, &self.host, self.port))
    }

    /// The command with which a guest comes in by a token. The alias keeps the
    /// keys of sessions apart, which all go by one name.
    #[must_use]
    pub fn ssh_command(&self, token: &str) -> String {
        let port = match self.port {
            22 => String::new(),
            port => format!(":{port}"),
        };
        let jump = format!("{}@{}{port}", self.route, self.written_host());
        let jump = for_shell(jump);
        let alias = &self.alias;
        format!("ssh -J {jump} -o HostKeyAlias={alias} {token}@stepmux")
    }

    /// The relay's name or address as it is written before a port.
    #[must_use]
    pub fn written_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// What holds for those who come through an open door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharePolicy {
    /// Each waits so long until someone inside lets them in; then they are sent
    /// away.
    pub knock: Option<Duration>,
    /// Guests at once.
    pub max_guests: Option<usize>,
    /// The share ends after this.
    pub expires: Option<Duration>,
}

/// An open share: what the host gives to guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareInfo {
    /// Which session.
    pub session: SessionId,
    /// The addresses bound, with their real ports.
    pub listen: Vec<std::net::SocketAddr>,
    /// The name or address that guests should use.
    pub host: String,
    /// The relay through which they come as well, or alone.
    pub relay: Option<RelayInfo>,
    /// The token that may type, if there is one.
    pub token: Option<Secret<String>>,
    /// The token that may only watch.
    pub view_token: Secret<String>,
    /// The host key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The host key itself, as `ALGORITHM BASE64`.
    pub public_key: String,
    /// The host key as a `known_hosts` line.
    pub known_hosts: String,
    /// How many keys and authorities were accepted.
    pub keys: usize,
    /// Tokens open nothing without one of them.
    pub keys_only: bool,
    /// What holds for guests.
    pub policy: SharePolicy,
    /// The audit log; empty for none.
    pub audit: String,
    /// Nobody further is let in.
    pub locked: bool,
    /// When the share ends.
    pub ends: Option<Duration>,
}

impl ShareInfo {
    /// The command with which a guest comes in by a token.
    #[must_use]
    pub fn ssh_command(&self, token: &str) -> String {
        match (self.listen.first(), &self.relay) {
            (None, Some(relay)) => relay.ssh_command(token),
            (at, _) => ssh_line(token, &self.host, at.map_or(22, std::net::SocketAddr::port)),
        }
    }

    /// The command of a guest who has stepmux as well: it knows whom to expect
    /// and comes back by itself. It has the token in it.
    #[must_use]
    pub fn join_command(&self, token: &str) -> String {
        let key = HostBlob::of_line(&self.public_key);
        let at = self.listen.first();
        let invite = match (at, &self.relay, key) {
            (None, Some(relay), Some(key)) => HostBlob::of_line(&relay.key).map(|own| Invite {
                token: Secret::new(token.to_owned()),
                host: relay.host.clone(),
                port: relay.port,
                key,
                via: Some(Via {
                    route: relay.route.clone(),
                    key: own,
                }),
            }),
            (at, _, Some(key)) => Some(Invite {
                token: Secret::new(token.to_owned()),
                host: self.host.clone(),
                port: at.map_or(22, std::net::SocketAddr::port),
                key,
                via: None,
            }),
            (_, _, None) => None,
        };
        let text = invite.map(|invite| invite.write()).unwrap_or_default();
        format!("stepmux join {}", for_shell(text))
    }

    /// The same for every other way in: the relay, and each address that the
    /// share listens on.
    #[must_use]
    pub fn further_commands(&self, token: &str) -> Vec<String> {
        let line = |at: &std::net::SocketAddr| {
            let own = at.ip().to_string();
            let host = if at.ip().is_unspecified() {
                &self.host
            } else {
                &own
            };
            ssh_line(token, host, at.port())
        };
        let relay = self.relay.as_ref().filter(|_| !self.listen.is_empty());
        let relay = relay.map(|relay| relay.ssh_command(token));
        let others = self.listen.iter().skip(1).map(line);
        relay.into_iter().chain(others).collect()
    }
}

/// A word of a line that is pasted into a shell, to which brackets are a pattern.
fn for_shell(word: String) -> String {
    if word.contains('[') {
        format!("'{word}'")
    } else {
        word
    }
}

fn ssh_line(user: &str, host: &str, port: u16) -> String {
    match port {
        22 => format!("ssh {user}@{host}"),
        port => format!("ssh -p {port} {user}@{host}"),
    }
}
