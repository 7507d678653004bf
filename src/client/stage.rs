//! A terminal for a program of ours that draws by itself: raw until it is
//! dropped, with keys read one wait at a time. It knows nothing of a server.

use std::fs::File;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::raw;

/// Taken at the start; what undoes it is the same as for a server's client.
const ENTER: &[u8] = b"\x1b[?1049h";

/// The terminal; it is restored when this is dropped.
#[derive(Debug)]
pub struct Stage {
    tty: File,
}

impl Stage {
    /// Takes standard input's terminal.
    ///
    /// # Errors
    /// A sentence: it is none, or cannot be made raw.
    pub fn enter() -> Result<Self, String> {
        let tty = raw::open()?;
        raw::enter(&tty)?;
        raw::write(tty.as_fd(), ENTER);
        Ok(Self { tty })
    }

    /// Its columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        raw::size(&self.tty)
    }

    /// Writes to it.
    pub fn write(&self, bytes: &[u8]) {
        raw::write(self.tty.as_fd(), bytes);
    }

    /// What was typed, waited for so long; nothing when the time is over. None
    /// when the terminal is gone.
    #[must_use]
    pub fn read(&self, wait: Duration) -> Option<Vec<u8>> {
        let limit = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&self.tty, PollFlags::IN)];
        // A signal, such as the terminal's new size, ends the wait.
        if !matches!(poll(&mut fds, Some(&limit)), Ok(1..)) {
            return Some(Vec::new());
        }
        let mut buffer = [0; 256];
        match rustix::io::read(&self.tty, &mut buffer) {
            Ok(0) => None,
            Ok(count) => Some(buffer[..count].to_vec()),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Some(Vec::new()),
            Err(_) => None,
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        raw::restore(true);
    }
}
