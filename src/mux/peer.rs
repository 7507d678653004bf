//! The outside as the model knows it: a client's door and terminal, a pane's
//! process.

use std::fmt;
use std::net::SocketAddr;

use crate::access::{Grant, Means};
use crate::base::{SessionId, Size};

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// By itself, with a status.
    Code(u8),
    /// By a signal, with its number.
    Signal(u8),
}

impl ExitStatus {
    /// Status 0.
    pub const SUCCESS: Self = Self::Code(0);

    /// The status as a shell shows it: 128 and the number for a signal.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => signal.saturating_add(128),
        }
    }
}

/// A pane's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its pid, which is also its session and first process group.
    pub pid: u32,
    /// The pty's path.
    pub tty: String,
}

/// A client as its door knows it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Through which door it came.
    pub origin: Origin,
    /// What it may do.
    pub grant: Grant,
    /// Its terminal, if it has one.
    pub terminal: Option<TerminalSpec>,
    /// It speaks lines (`-C`): nothing is drawn on its terminal.
    pub control: bool,
    /// Its working directory.
    pub cwd: String,
    /// Its environment; for a guest only what the door lets through.
    pub env: Vec<(String, String)>,
}

/// A client's door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The local socket.
    Local {
        /// The peer's process.
        pid: u32,
        /// The peer's user.
        uid: u32,
        /// The peer's effective group.
        gid: u32,
    },
    /// A share's SSH server. It may use this session alone.
    Ssh {
        /// The session that was shared.
        session: SessionId,
        /// From where.
        address: SocketAddr,
        /// The key's comment or fingerprint, or how the token is called.
        name: String,
        /// By what they were let in.
        means: Means,
        /// The fingerprint of their key; empty without one.
        key: String,
        /// Their ssh ends in a relay, which can read and change what passes.
        readable: bool,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { .. } => f.write_str("local"),
            Self::Ssh { .. } => f.write_str("ssh"),
        }
    }
}

/// A client's terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalSpec {
    /// Its size.
    pub size: Size,
    /// TERM.
    pub term: String,
    /// The tty's path, or for a guest a name such as `ssh`.
    pub tty: String,
    /// The locale or the client's flag says UTF-8.
    pub utf8: bool,
    /// Features that the client says it has (`-T`, `-2`), separated by commas.
    pub features: String,
    /// The compiled terminfo entry of its name; empty where there is none.
    pub terminfo: Vec<u8>,
}
