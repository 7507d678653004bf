//! The server as a process: where its socket is, how it is started, the task
//! that owns the engine, and how effects are performed. The session's state is
//! the engine's; nothing is decided here.

pub mod daemon;
mod owner;
mod perform;
mod settings;
pub mod socket;

use std::path::{Path, PathBuf};

use settings::Settings;

/// Runs the server of a socket in this process, which a client started as a
/// daemon, until it ends.
///
/// # Errors
/// Why it could not start; the client that waits has been told.
pub fn run(socket: &Path, files: &[PathBuf], as_tmux: bool) -> Result<(), String> {
    let inherited = daemon::take_over(socket)?;
    let settings = Settings::read(socket, files, as_tmux);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| crate::io::reason(&error))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, owner::serve(inherited, settings))
}
