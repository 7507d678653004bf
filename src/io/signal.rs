//! The signals that a server answers. It never sends any.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// A signal's meaning for the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: end, sessions and all.
    Terminate,
    /// SIGUSR1: make the socket anew, it was deleted (as in tmux).
    Reopen,
}

/// The server's signals. SIGHUP is taken and does nothing: a server outlives
/// the terminal it was started from.
#[derive(Debug)]
pub struct Signals {
    terminate: Stream,
    interrupt: Stream,
    hangup: Stream,
    reopen: Stream,
}

impl Signals {
    /// Takes over the signals of this process.
    ///
    /// # Errors
    /// When the runtime cannot.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            reopen: signal(SignalKind::user_defined1())?,
        })
    }

    /// The next signal. It may be dropped and called again at any point.
    pub async fn next(&mut self) -> Signal {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Signal::Terminate,
                _ = self.interrupt.recv() => return Signal::Terminate,
                _ = self.reopen.recv() => return Signal::Reopen,
                _ = self.hangup.recv() => {}
            }
        }
    }
}
