//! What the engine asks of the outside world. Effects are values: performing
//! them is the server's work, and their answers come back as events.

use std::sync::Arc;

use crate::access::Grant;
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
    /// Start a pane's process; answered by `Event::Spawned`.
    Spawn {
        /// Names the answer.
        token: Token,
        /// The pane it is for.
        pane: PaneId,
        /// What to start.
        spec: Box<SpawnSpec>,
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
    /// Take no new client: the socket is free for another server.
    CloseDoor,
    /// End the server once every client has been told.
    Shutdown,
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
    /// A program and its arguments, looked up in the pane's own PATH.
    Argv(Vec<String>),
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
    /// Files of authorised keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
    pub authorized_keys: Vec<String>,
    /// What the keys' holders may do.
    pub key_grant: Grant,
    /// A file with the host key, instead of the user's own.
    pub host_key: Option<String>,
    /// Make no token that may type.
    pub view_only: bool,
    /// Serve files (SFTP) below this directory to whoever may type.
    pub sftp: Option<String>,
    /// Where guests who may type can be connected to (`ssh -L`): `any`,
    /// `loopback`, or `HOST:PORT` with `*` for either. Empty: nowhere.
    pub forward: Vec<String>,
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
    /// The token that may type, if there is one.
    pub token: Option<Secret<String>>,
    /// The token that may only watch.
    pub view_token: Secret<String>,
    /// The host key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The host key as a `known_hosts` line.
    pub known_hosts: String,
    /// How many keys were accepted from the files.
    pub keys: usize,
}

impl ShareInfo {
    /// The command with which a guest comes in by a token.
    #[must_use]
    pub fn ssh_command(&self, token: &str) -> String {
        match self.listen.first().map_or(22, std::net::SocketAddr::port) {
            22 => format!("ssh {token}@{}", self.host),
            port => format!("ssh -p {port} {token}@{}", self.host),
        }
    }
}
