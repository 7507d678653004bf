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

/// The most that is read from a terminal at once, in bytes.
const READ: usize = 16 << 10;

/// A terminal that takes pictures and gives keys.
#[derive(Debug)]
pub(super) struct Terminal {
    fd: AsyncFd<OwnedFd>,
    /// What it has not taken of the last picture.
    rest: RefCell<Vec<u8>>,
    /// There is a rest to write.
    wake: Notify,
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
            fd: watch(fd).map_err(|error| super::reason(&error))?,
            rest: RefCell::default(),
            wake: Notify::new(),
        })
    }

    /// Draws what the terminal takes at once; whether that was all. The rest is
    /// written later, and then [`Did::Drawn`] says so.
    pub(super) fn draw(&self, bytes: &[u8]) -> bool {
        let mut rest = self.rest.borrow_mut();
        let written = if rest.is_empty() {
            self.write(bytes)
        } else {
            0
        };
        rest.extend_from_slice(&bytes[written..]);
        if !rest.is_empty() {
            self.wake.notify_one();
        }
        rest.is_empty()
    }

    /// What it has not taken; nothing of it is written afterwards.
    pub(super) fn take_rest(&self) -> Vec<u8> {
        self.rest.take()
    }

    /// Waits for what it does next. Dropping the future loses nothing.
    pub(super) async fn next(&self) -> Did {
        loop {
            let waits = !self.rest.borrow().is_empty();
            tokio::select! {
                biased;
                ready = self.fd.readable() => match ready {
                    Ok(_) => if let Some(did) = self.read() { return did },
                    Err(_) => return Did::Lost,
                },
                ready = self.fd.writable(), if waits => {
                    if ready.is_err() {
                        return Did::Lost;
                    }
                    let mut rest = self.rest.borrow_mut();
                    let written = self.write(&rest);
                    rest.drain(..written);
                    if rest.is_empty() {
                        return Did::Drawn;
                    }
                }
                () = self.wake.notified(), if !waits => {}
            }
        }
    }

    /// Writes what is taken without waiting. A terminal that is gone takes
    /// everything: its end is told by [`Self::next`].
    fn write(&self, bytes: &[u8]) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            let written = self.fd.try_io(Interest::WRITABLE, |fd| {
                rustix::io::write(fd, &bytes[done..]).map_err(io::Error::from)
            });
            match written {
                Ok(written) => done += written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_pending(&error) => break,
                Err(_) => return bytes.len(),
            }
        }
        done
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

impl AsFd for Terminal {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.get_ref().as_fd()
    }
}

fn is_pending(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || Errno::from_io_error(error) == Some(Errno::AGAIN)
}

/// Registers the terminal with the runtime. tokio deprecates this for types
/// that may lie about their fd; an `OwnedFd` cannot.
#[allow(deprecated)]
fn watch(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, Interest::READABLE | Interest::WRITABLE)
}
