//! What happens to the engine: every door, pty, job and timer speaks through
//! these values.

use std::net::SocketAddr;

use crate::base::{ClientId, PaneId, SessionId, Size, Token};
use crate::mux::effect::ShareInfo;
pub use crate::mux::peer::{ExitStatus, Origin, Peer, Process, TerminalSpec};
pub use crate::term::{BlockStore, Store, StoreError};

/// One thing that happened outside.
#[derive(Debug)]
pub enum Event<'a> {
    /// A door admitted a client. It runs commands; it may attach later.
    Connected {
        /// A fresh id, minted by the server.
        client: ClientId,
        /// Who it is.
        peer: Box<Peer>,
    },
    /// The client asks for a command line, words already split by its shell.
    /// `;` alone is a word that separates commands. No words: `new-session`
    /// or `attach-session`, as `stepmux` alone does.
    Command {
        /// Who asks.
        client: ClientId,
        /// The words.
        argv: Vec<String>,
    },
    /// A configuration file in the command language was read at start.
    Config {
        /// Its name, for messages.
        file: String,
        /// Its text.
        text: String,
    },
    /// The native configuration file was read at start.
    Settings {
        /// Its name, for messages.
        file: String,
        /// What it says.
        config: Box<crate::config::FileConfig>,
    },
    /// A configuration file could not be used; the first client is told.
    ConfigError {
        /// Which, where and why.
        message: String,
    },
    /// An attached client's terminal sent bytes; a control client's standard
    /// input did.
    Bytes {
        /// Whose.
        client: ClientId,
        /// As read, in any chunks.
        bytes: &'a [u8],
    },
    /// A control client's standard input has ended.
    Eof {
        /// Whose.
        client: ClientId,
    },
    /// An attached client's terminal changed size.
    Resized {
        /// Whose.
        client: ClientId,
        /// Its new size.
        size: Size,
    },
    /// The last `Effect::Send` of this client is out; it can take another.
    Ready {
        /// Whose.
        client: ClientId,
    },
    /// The client is gone; its id is never used again.
    Gone {
        /// Who.
        client: ClientId,
    },
    /// All configuration files were handed over.
    Configured,
    /// A pane's process wrote bytes, at most 64 KiB.
    PaneBytes {
        /// Which pane.
        pane: PaneId,
        /// What it wrote.
        bytes: &'a [u8],
    },
    /// A pane's process was started, or could not be.
    Spawned {
        /// The effect's token.
        token: Token,
        /// The pane.
        pane: PaneId,
        /// The process, or why there is none.
        result: Result<Process, String>,
    },
    /// A pane's foreground process changed (seen after output or on demand).
    Foreground {
        /// Which pane.
        pane: PaneId,
        /// The process's name.
        command: String,
        /// Its directory, empty when unknown.
        cwd: String,
    },
    /// A pane's process is gone and its last bytes have been delivered.
    PaneExited {
        /// Which pane.
        pane: PaneId,
        /// How it ended.
        status: ExitStatus,
    },
    /// A job ended.
    JobDone {
        /// The effect's token.
        token: Token,
        /// How it ended.
        status: ExitStatus,
        /// Standard output and error together, at most 1 MiB.
        output: Vec<u8>,
    },
    /// A file was read (its bytes) or written (empty), or could not be.
    FileDone {
        /// The effect's token.
        token: Token,
        /// The bytes, or the reason (`No such file or directory`).
        result: Result<Vec<u8>, String>,
    },
    /// A share is open, or could not be opened.
    Shared {
        /// The effect's token.
        token: Token,
        /// What guests need, or why there is no share.
        result: Result<Box<ShareInfo>, String>,
    },
    /// A store for a pane's history is open, or could not be opened.
    Store {
        /// Which pane.
        pane: PaneId,
        /// The store, or why there is none.
        result: Result<Store, String>,
    },
    /// The command of a pane's pipe runs, or could not be started.
    Piped {
        /// Which pane.
        pane: PaneId,
        /// The command's process; none if there is none.
        pid: Option<u32>,
    },
    /// The command of a pane's pipe has ended.
    PipeEnded {
        /// Which pane.
        pane: PaneId,
        /// The command's process.
        pid: u32,
    },
    /// Processes were looked for.
    Processes {
        /// The effect's token.
        token: Token,
        /// How many were there.
        left: usize,
    },
    /// Someone was refused at a share's door.
    Refused {
        /// Whose share.
        session: SessionId,
        /// From where.
        address: SocketAddr,
        /// The fingerprint of a key that they offered; empty without one.
        key: String,
    },
    /// Time passed; sent at [`super::Engine::deadline`].
    Tick,
    /// The server was told to end (SIGTERM).
    Terminate,
}
