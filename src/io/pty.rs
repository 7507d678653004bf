//! The panes' processes: reads in turns, writes behind a bound, resizes, ends.
//! It knows bytes and exits; what they mean is the terminal's and the model's.
//!
//! ```text
//! readable fd ─→ queue of ready panes ─→ Panes::next reads one piece ─→ owner
//!                     ↑ more to read: to the back, so panes take turns
//! ```
//! Nothing is read ahead: while the owner does not ask, the child blocks.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::{Rc, Weak};
use std::time::Duration;

use rustc_hash::FxHashMap;
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, spawn_local};

use super::job::Surroundings;
use super::pipe::{Pipe, Running};
use super::{proc, spawn};
use crate::base::{PaneId, Size};
use crate::engine::event::{ExitStatus, Process};
use crate::mux::effect::SpawnSpec;

/// What a pane's process may leave unread, in bytes.
pub const MAX_INPUT: usize = 4 << 20;

/// The size of the buffer to give to [`Panes::next`], in bytes.
pub const READ: usize = 64 << 10;

/// How long after its process's end a pane is still read while someone else
/// (a background job) holds its terminal open.
const GRACE: Duration = Duration::from_millis(100);

/// How many more pieces are read when that time is over and bytes still come.
const LAST_READS: u32 = 16;

/// How often a terminal that every process closed is looked at again.
const REOPENED: Duration = Duration::from_millis(500);

/// What happened in a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaneEvent {
    /// The first `len` bytes of the buffer are its output.
    Bytes {
        /// Which pane.
        pane: PaneId,
        /// How many bytes.
        len: usize,
    },
    /// Its process is gone and its output was delivered; the pane is forgotten.
    Exited {
        /// Which pane.
        pane: PaneId,
        /// How it ended.
        status: ExitStatus,
    },
}

/// A pane's process does not read; what was typed was dropped as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pane's process does not read its input")]
pub struct Backlog;

/// Every pane's process. Dropping it hangs them all up.
#[derive(Debug, Default)]
pub struct Panes {
    panes: FxHashMap<PaneId, Entry>,
    ready: Rc<Ready>,
    /// The only pane that is read now.
    awaited: Option<PaneId>,
}

#[derive(Debug)]
struct Entry {
    pty: Rc<Pty>,
    pipe: Option<Pipe>,
    around: Surroundings,
    tasks: [AbortHandle; 2],
}

#[derive(Debug, Default)]
struct Ready {
    queue: RefCell<VecDeque<PaneId>>,
    notify: Notify,
}

#[derive(Debug)]
struct Pty {
    id: PaneId,
    master: AsyncFd<OwnedFd>,
    pid: Pid,
    /// It is in the queue of ready panes.
    queued: Cell<bool>,
    /// The reader may wait for readiness again.
    rearm: Notify,
    /// The last read said that no process has the terminal open.
    closed: Cell<bool>,
    exit: Cell<Option<ExitStatus>>,
    /// `GRACE` has passed since the exit.
    overdue: Cell<bool>,
    last_reads: Cell<u32>,
    input: RefCell<VecDeque<u8>>,
    typed: Notify,
    drained: Notify,
}

enum Got {
    /// Bytes, and whether more may be there.
    Bytes(usize, bool),
    Nothing,
}

impl Panes {
    /// No panes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a pane's process. Must be called inside a `LocalSet`.
    ///
    /// # Errors
    /// A sentence for the user; nothing was started then.
    pub fn spawn(&mut self, pane: PaneId, spec: &SpawnSpec) -> Result<Process, String> {
        let started = spawn::spawn(spec)?;
        let said = |error: io::Error| super::reason(&error);
        let pidfd = watch(started.pidfd, Interest::READABLE).map_err(said)?;
        let pty = Rc::new(Pty {
            id: pane,
            // Only readable: else each key typed wakes the server once more.
            master: watch(started.master, Interest::READABLE).map_err(said)?,
            pid: started.pid,
            queued: Cell::default(),
            rearm: Notify::new(),
            closed: Cell::default(),
            exit: Cell::default(),
            overdue: Cell::default(),
            last_reads: Cell::default(),
            input: RefCell::default(),
            typed: Notify::new(),
            drained: Notify::new(),
        });
        let reader = spawn_local(watch_output(pty.clone(), self.ready.clone()));
        let writer = spawn_local(write_input(pty.clone()));
        // It outlives the pane, to reap the process; so it must not hold the pty.
        spawn_local(watch_exit(pidfd, Rc::downgrade(&pty), self.ready.clone()));
        self.close(pane);
        let entry = Entry {
            pty,
            pipe: None,
            around: Surroundings {
                cwd: spec.cwd.clone(),
                env: spec.env.clone(),
            },
            tasks: [reader.abort_handle(), writer.abort_handle()],
        };
        self.panes.insert(pane, entry);
        Ok(Process {
            pid: started.pid.as_raw_nonzero().get().unsigned_abs(),
            tty: started.tty,
        })
    }

    /// Reads no other pane until this one has written, or [`Self::await_all`]:
    /// someone typed into it, and its echo should not stand in line with a
    /// flood, whose writers and readers keep every processor busy.
    pub fn await_only(&mut self, pane: PaneId) {
        self.awaited = self.panes.contains_key(&pane).then_some(pane);
    }

    /// Reads every pane again.
    pub fn await_all(&mut self) {
        if self.awaited.take().is_some() {
            self.ready.notify.notify_one();
        }
    }

    /// Whether one pane alone is read.
    #[must_use]
    pub fn awaits_one(&self) -> bool {
        self.awaited.is_some()
    }

    /// Waits for the next output or exit. Dropping the future loses nothing.
    pub async fn next(&mut self, buffer: &mut [u8]) -> PaneEvent {
        loop {
            if let Some(event) = self.try_next(buffer) {
                return event;
            }
            self.ready.notify.notified().await;
        }
    }

    /// The next output or exit that is there already. Panes take turns of one
    /// buffer each.
    pub fn try_next(&mut self, buffer: &mut [u8]) -> Option<PaneEvent> {
        loop {
            let pane = self.ready.pop(self.awaited)?;
            let Some(entry) = self.panes.get_mut(&pane) else {
                continue;
            };
            let pty = entry.pty.clone();
            pty.queued.set(false);
            if !pty.is_spent()
                && let Got::Bytes(len, more) = pty.read(buffer)
            {
                if entry
                    .pipe
                    .as_mut()
                    .is_some_and(|pipe| !pipe.feed(&buffer[..len]))
                {
                    entry.pipe = None;
                }
                if more || pty.overdue.get() {
                    self.ready.push(&pty);
                } else {
                    pty.rearm.notify_one();
                }
                if self.awaited == Some(pane) {
                    self.await_all();
                }
                return Some(PaneEvent::Bytes { pane, len });
            }
            if let Some(status) = pty.exit.get()
                && (pty.closed.get() || pty.overdue.get())
            {
                self.forget(pane);
                return Some(PaneEvent::Exited { pane, status });
            }
            pty.rearm.notify_one();
        }
    }

    /// Types into a pane's process, at once if it reads.
    ///
    /// # Errors
    /// [`Backlog`] when more than [`MAX_INPUT`] would wait; nothing is typed.
    pub fn write(&self, pane: PaneId, bytes: &[u8]) -> Result<(), Backlog> {
        match self.panes.get(&pane) {
            Some(entry) => entry.pty.write(bytes),
            None => Ok(()),
        }
    }

    /// Tells a pane's processes its size.
    pub fn resize(&self, pane: PaneId, size: Size) {
        let Some(entry) = self.panes.get(&pane) else {
            return;
        };
        let size = Winsize {
            ws_row: size.rows(),
            ws_col: size.cols(),
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        if let Err(error) = tcsetwinsize(entry.pty.master.get_ref(), size) {
            tracing::debug!(%pane, %error, "resize");
        }
    }

    /// Hangs a pane up and forgets it; no exit is told for it. The signals are the
    /// system's, sent as the pty's last end of ours is closed: one of our own
    /// beside them would come twice.
    pub fn close(&mut self, pane: PaneId) {
        self.forget(pane);
    }

    /// The foreground process's name and directory.
    #[must_use]
    pub fn foreground(&self, pane: PaneId) -> Option<(String, String)> {
        proc::foreground(self.panes.get(&pane)?.pty.master.as_fd())
    }

    /// The process that leads the pane's session.
    #[must_use]
    pub fn pid(&self, pane: PaneId) -> Option<u32> {
        let pid = self.panes.get(&pane)?.pty.pid;
        Some(pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// Copies a pane's further output to a command, or the command's output
    /// to the pane, or both; a former pipe of the pane ends.
    ///
    /// # Errors
    /// Why the shell could not be started.
    pub fn pipe_open(
        &mut self,
        pane: PaneId,
        command: &str,
        output: bool,
        input: bool,
    ) -> Result<Option<Running>, String> {
        let Some(entry) = self.panes.get_mut(&pane) else {
            return Ok(None);
        };
        entry.pipe = None;
        let (pipe, typed, running) = Pipe::open(command, &entry.around, output, input)?;
        entry.pipe = Some(pipe);
        if let Some(typed) = typed {
            spawn_local(type_from(typed, Rc::downgrade(&entry.pty)));
        }
        Ok(Some(running))
    }

    /// Ends a pane's pipe; the command still gets what it was sent.
    pub fn pipe_close(&mut self, pane: PaneId) {
        if let Some(entry) = self.panes.get_mut(&pane) {
            entry.pipe = None;
        }
    }

    fn forget(&mut self, pane: PaneId) {
        let Some(entry) = self.panes.remove(&pane) else {
            return;
        };
        if self.awaited == Some(pane) {
            self.await_all();
        }
        entry.tasks.iter().for_each(AbortHandle::abort);
        // Frees a pipe that waits for room, and with it the last hold on the pty.
        entry.pty.input.borrow_mut().clear();
        entry.pty.drained.notify_one();
    }
}

impl Drop for Panes {
    fn drop(&mut self) {
        let panes: Vec<PaneId> = self.panes.keys().copied().collect();
        panes.into_iter().for_each(|pane| self.close(pane));
    }
}

impl Ready {
    fn push(&self, pty: &Pty) {
        if !pty.queued.replace(true) {
            self.queue.borrow_mut().push_back(pty.id);
            self.notify.notify_one();
        }
    }

    /// Takes the next pane, or the one that alone may be taken.
    fn pop(&self, only: Option<PaneId>) -> Option<PaneId> {
        let mut queue = self.queue.borrow_mut();
        let Some(only) = only else {
            return queue.pop_front();
        };
        let at = queue.iter().position(|pane| *pane == only)?;
        queue.remove(at)
    }
}

impl Pty {
    /// Fills the buffer as far as bytes are there; the kernel gives at most
    /// 4 KiB a call.
    fn read(&self, buffer: &mut [u8]) -> Got {
        if self.overdue.get() {
            self.last_reads.set(self.last_reads.get() + 1);
        }
        let mut len = 0;
        while len < buffer.len() {
            match self.read_once(&mut buffer[len..]) {
                Ok(0) => return self.ended(len),
                Ok(read) => len += read,
                Err(Errno::AGAIN) => {
                    self.closed.set(false);
                    return if len == 0 {
                        Got::Nothing
                    } else {
                        Got::Bytes(len, false)
                    };
                }
                Err(Errno::INTR) => {}
                Err(_) => return self.ended(len),
            }
        }
        Got::Bytes(len, true)
    }

    /// EIO (or nothing) says that no process has the slave open (pty(7)).
    fn ended(&self, len: usize) -> Got {
        self.closed.set(true);
        if len == 0 {
            Got::Nothing
        } else {
            Got::Bytes(len, true)
        }
    }

    fn read_once(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        if self.exit.get().is_some() {
            // The last bytes may be there before the runtime knows of them.
            return rustix::io::read(self.master.get_ref(), buffer);
        }
        let read = self.master.try_io(Interest::READABLE, |fd| {
            rustix::io::read(fd, &mut *buffer).map_err(io::Error::from)
        });
        read.map_err(|error| errno(&error))
    }

    /// Everything that is owed after the exit was read.
    fn is_spent(&self) -> bool {
        self.overdue.get() && self.last_reads.get() >= LAST_READS
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Backlog> {
        let mut input = self.input.borrow_mut();
        if input.len() + bytes.len() > MAX_INPUT {
            return Err(Backlog);
        }
        let mut rest = bytes;
        while input.is_empty() && !rest.is_empty() {
            match rustix::io::write(self.master.get_ref(), rest) {
                Ok(0) | Err(Errno::AGAIN) => break,
                Ok(written) => rest = &rest[written..],
                Err(Errno::INTR) => {}
                Err(_) => return Ok(()),
            }
        }
        if !rest.is_empty() {
            input.extend(rest);
            self.typed.notify_one();
        }
        Ok(())
    }
}

fn errno(error: &io::Error) -> Errno {
    if error.kind() == io::ErrorKind::WouldBlock {
        return Errno::AGAIN;
    }
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Registers an fd with the runtime.
///
/// tokio deprecates this for types that may lie about their fd; an `OwnedFd`
/// cannot.
#[allow(deprecated)]
pub(super) fn watch(fd: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, interest)
}

async fn watch_output(pty: Rc<Pty>, ready: Rc<Ready>) {
    while pty.master.readable().await.is_ok() {
        ready.push(&pty);
        pty.rearm.notified().await;
        if pty.closed.get() {
            tokio::time::sleep(REOPENED).await;
        }
    }
}

async fn write_input(pty: Rc<Pty>) {
    loop {
        pty.typed.notified().await;
        if write_waiting(&pty).await.is_err() {
            pty.input.borrow_mut().clear();
        }
        pty.input.borrow_mut().shrink_to(READ);
        pty.drained.notify_one();
    }
}

/// Writes what waits, as the process reads it.
async fn write_waiting(pty: &Pty) -> io::Result<()> {
    let own = pty.master.get_ref().try_clone()?;
    let own = watch(own, Interest::WRITABLE)?;
    while !pty.input.borrow().is_empty() {
        let mut guard = own.writable().await?;
        let mut input = pty.input.borrow_mut();
        let written =
            guard.try_io(|fd| rustix::io::write(fd, input.as_slices().0).map_err(io::Error::from));
        match written {
            Ok(Ok(written)) => drop(input.drain(..written)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(())
}

async fn watch_exit(pidfd: AsyncFd<OwnedFd>, pty: Weak<Pty>, ready: Rc<Ready>) {
    let status = exited(&pidfd).await;
    let Some(alive) = pty.upgrade() else {
        return;
    };
    alive.exit.set(Some(status));
    ready.push(&alive);
    drop(alive);
    tokio::time::sleep(GRACE).await;
    if let Some(alive) = pty.upgrade() {
        alive.overdue.set(true);
        ready.push(&alive);
    }
}

/// Waits for a process's end and reaps it.
async fn exited(pidfd: &AsyncFd<OwnedFd>) -> ExitStatus {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    loop {
        let Ok(mut guard) = pidfd.readable().await else {
            return ExitStatus::Code(255);
        };
        match waitid(WaitId::PidFd(pidfd.get_ref().as_fd()), options) {
            Ok(Some(status)) => {
                let small = |number: i32| u8::try_from(number & 0xff).unwrap_or(u8::MAX);
                return match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => ExitStatus::Code(small(code)),
                    (None, Some(signal)) => ExitStatus::Signal(small(signal)),
                    (None, None) => ExitStatus::Code(255),
                };
            }
            Ok(None) | Err(Errno::AGAIN) => guard.clear_ready(),
            Err(Errno::INTR) => {}
            // Somebody else reaped it: the status is lost, the end is not.
            Err(_) => return ExitStatus::Code(255),
        }
    }
}

/// Types a pipe's output into its pane, no faster than the pane reads.
async fn type_from(mut typed: super::pipe::Typed, pty: Weak<Pty>) {
    while let Some(bytes) = typed.next().await {
        loop {
            let Some(pty) = pty.upgrade() else {
                return;
            };
            if pty.write(&bytes).is_ok() {
                break;
            }
            pty.drained.notified().await;
        }
    }
}
