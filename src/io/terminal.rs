//! A local client's terminal in the server's hands: the client opens it, makes
//! it raw and hands its descriptor over (unix(7), SCM_RIGHTS), so that a key
//! and its echo pass through one process instead of two. Bytes go in and out
//! as they are; the terminal's modes stay the client's.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::termios::isatty;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use super::pty::watch;

/// The most that is read from a terminal at once, in bytes.
const READ: usize = 16 << 10;

/// A terminal that takes pictures and gives keys.
#[derive(Debug)]
pub(super) struct Terminal {
    fd: AsyncFd<OwnedFd>,
    /// What it has not taken of the last picture, and where that is written.
    rest: RefCell<Rest>,
    /// There is a rest to write.
    wake: Notify,
}

#[derive(Debug, Default)]
struct Rest {
    bytes: Vec<u8>,
    done: usize,
}

/// What a terminal did.
#[derive(Debug)]
pub(super) enum Did {
    /// It sent bytes.
    Typed(Vec<u8>),
    /// It has taken the whole picture.
    Drawn,
    /// It is gone.
    Lost,
}

impl Terminal {
    /// Takes a terminal over.
    ///
    /// # Errors
    /// Why it is of no use: no terminal, one that would block the server, or
    /// one that cannot be waited for.
    pub(super) fn new(fd: OwnedFd) -> Result<Self, String> {
        let flags = fcntl_getfl(&fd).map_err(|error| super::reason(&error.into()))?;
        if !isatty(&fd) || !flags.contains(OFlags::NONBLOCK | OFlags::RDWR) {
            return Err("not a terminal".to_owned());
        }
        Ok(Self {
            fd: watch(fd, Interest::READABLE).map_err(|error| super::reason(&error))?,
            rest: RefCell::default(),
            wake: Notify::new(),
        })
    }

    /// Draws what the terminal takes at once; whether that was all. The rest is
    /// written later, and then [`Did::Drawn`] says so.
    pub(super) fn draw(&self, bytes: &[u8]) -> bool {
        let mut rest = self.rest.borrow_mut();
        let written = if rest.bytes.is_empty() {
            write(self.fd.get_ref(), bytes)
        } else {
            0
        };
        rest.bytes.extend_from_slice(&bytes[written..]);
        if !rest.bytes.is_empty() {
            self.wake.notify_one();
        }
        rest.bytes.is_empty()
    }

    /// What it has not taken; nothing of it is written afterwards.
    pub(super) fn take_rest(&self) -> Vec<u8> {
        let rest = self.rest.take();
        rest.bytes[rest.done..].to_vec()
    }

    /// Waits for what it does next. Dropping the future loses nothing.
    pub(super) async fn next(&self) -> Did {
        loop {
            let waits = !self.rest.borrow().bytes.is_empty();
            tokio::select! {
                biased;
                ready = self.fd.readable() => match ready {
                    Ok(_) => if let Some(did) = self.read() { return did },
                    Err(_) => return Did::Lost,
                },
                drawn = self.write_rest(), if waits => {
                    return drawn.map_or(Did::Lost, |()| Did::Drawn);
                }
                () = self.wake.notified(), if !waits => {}
            }
        }
    }

    /// Writes the rest as the terminal takes it. Readiness to write is watched
    /// for only here: else every picture would wake the server once more.
    async fn write_rest(&self) -> io::Result<()> {
        let own = watch(self.fd.get_ref().try_clone()?, Interest::WRITABLE)?;
        loop {
            let mut guard = own.writable().await?;
            let mut rest = self.rest.borrow_mut();
            let written = write(own.get_ref(), &rest.bytes[rest.done..]);
            rest.done += written;
            if rest.done >= rest.bytes.len() {
                *rest = Rest::default();
                return Ok(());
            }
            guard.clear_ready();
        }
    }

    fn read(&self) -> Option<Did> {
        let mut bytes = vec![0; READ];
        let read = self.fd.try_io(Interest::READABLE, |fd| {
            rustix::io::read(fd, &mut bytes).map_err(io::Error::from)
        });
        match read {
            Ok(0) => Some(Did::Lost),
            Ok(len) => {
                bytes.truncate(len);
                Some(Did::Typed(bytes))
            }
            Err(error) if is_pending(&error) => None,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            Err(_) => Some(Did::Lost),
        }
    }
}

/// Writes what is taken without waiting. A terminal that is gone takes
/// everything: reading tells its end.
fn write(tty: impl AsFd, bytes: &[u8]) -> usize {
    let mut done = 0;
    while done < bytes.len() {
        match rustix::io::write(&tty, &bytes[done..]) {
            Ok(written) if written > 0 => done += written,
            Err(Errno::INTR) => {}
            Ok(_) | Err(Errno::AGAIN) => break,
            Err(_) => return bytes.len(),
        }
    }
    done
}

fn is_pending(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || Errno::from_io_error(error) == Some(Errno::AGAIN)
}
