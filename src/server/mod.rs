//! The server as a process: where its socket is, how it is started, the task
//! that owns the engine, and how effects are performed. The session's state is
//! the engine's; nothing is decided here.

pub mod daemon;
mod owner;
mod perform;
mod settings;
pub mod socket;

use std::path::PathBuf;

use settings::Settings;

/// How a server is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its socket.
    pub socket: PathBuf,
    /// The directory that it is started in; it works in `/` itself.
    pub cwd: PathBuf,
    /// The configuration files of `-f`.
    pub files: Vec<PathBuf>,
    /// Started under the name `tmux`.
    pub as_tmux: bool,
    /// The client that starts it is about to connect.
    pub awaited: bool,
}

/// The model that a server started here would begin with, without any
/// configuration: to try one out.
#[must_use]
pub fn model(start: &Start) -> crate::mux::Mux {
    let start = Start {
        files: vec![PathBuf::from("/dev/null")],
        ..start.clone()
    };
    Settings::read(&start).model()
}

/// Runs the server of a socket in this process, which a client started as a
/// daemon, until it ends.
///
/// # Errors
/// Why it could not start; the client that waits has been told.
pub fn run(start: &Start) -> Result<(), String> {
    let inherited = daemon::take_over(&start.socket)?;
    let settings = Settings::read(start);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| crate::io::reason(&error))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, owner::serve(inherited, settings, start.awaited))
}
