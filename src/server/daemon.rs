//! Starts the server as a process of its own, and is that process's first act.
//! The client makes the socket, so that it can connect before the server
//! runs; what goes wrong in the server's start comes back to the client.
//!
//! ```text
//! client: lock → connect? → listen → start (socket as stdin, pipe as stderr)
//! server: setsid → take both → … → ready(): one 0 byte, stderr to /dev/null
//! client: 0 → unlock → connect   |   text → remove the socket → say it
//! ```

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::socket::{Hold, Lock, listen};
use crate::io::reason;

/// How long a server may take to start.
const START_TIME: Duration = Duration::from_secs(20);

/// The most that a failing server may say, in bytes.
const MAX_REPORT: u64 = 64 << 10;

/// How to start a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The program; [`Start::own`] is this one.
    pub program: PathBuf,
    /// Its arguments, the hidden one that leads to [`take_over`] included.
    pub args: Vec<OsString>,
}

impl Start {
    /// This very program, even when its file was replaced since.
    #[must_use]
    pub fn own(args: Vec<OsString>) -> Self {
        Self {
            program: PathBuf::from("/proc/self/exe"),
            args,
        }
    }
}

/// Connects to the server, starting it when none answers. Of several clients
/// that do so at once, one starts it and all reach it.
///
/// # Errors
/// A sentence for the user: the socket's, or what the server said.
pub fn connect_or_start(socket: &Path, start: &Start) -> Result<UnixStream, String> {
    if let Ok(stream) = UnixStream::connect(socket) {
        return Ok(stream);
    }
    let lock = Lock::take(socket)?;
    if let Ok(stream) = UnixStream::connect(socket) {
        return Ok(stream);
    }
    let listener = listen(socket, &lock)?;
    if let Err(error) = launch(start, listener) {
        // The lock is held: the path is still ours.
        let _ = std::fs::remove_file(socket);
        return Err(error);
    }
    drop(lock);
    UnixStream::connect(socket).map_err(|error| {
        format!(
            "error connecting to {} ({})",
            socket.display(),
            reason(&error)
        )
    })
}

fn launch(start: &Start, listener: UnixListener) -> Result<(), String> {
    let fail = |error: io::Error| format!("can't start the server: {}", reason(&error));
    let (mut report, write) = io::pipe().map_err(fail)?;
    let mut command = Command::new(&start.program);
    command
        .arg0("stepmux")
        .args(&start.args)
        .current_dir("/")
        .stdin(OwnedFd::from(listener))
        .stdout(Stdio::null())
        .stderr(write);
    let mut child = command.spawn().map_err(fail)?;
    // The pipe ends only when the child's copy is the last.
    drop(command);
    let text = hear(&mut report, &mut child)?;
    if text.first() == Some(&0) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&text);
    Err(match text.trim() {
        "" => "the server ended while it started".to_owned(),
        text => text.to_owned(),
    })
}

/// Reads until the server is ready or its end of the pipe is closed.
fn hear(report: &mut io::PipeReader, child: &mut Child) -> Result<Vec<u8>, String> {
    let end = Instant::now() + START_TIME;
    let mut text = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let wait = Timespec::try_from(left).ok();
        let mut fds = [PollFd::new(&*report, PollFlags::IN)];
        match poll(&mut fds, wait.as_ref()) {
            Ok(0) => {
                let _ = child.kill();
                return Err("the server does not start in time".to_owned());
            }
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(reason(&error.into())),
        }
        match report.read(&mut piece) {
            Ok(0) => return Ok(text),
            Ok(_) if piece[0] == 0 && text.is_empty() => return Ok(vec![0]),
            Ok(len) if (text.len() as u64) < MAX_REPORT => text.extend_from_slice(&piece[..len]),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(reason(&error)),
        }
    }
}

/// What the starting client handed to this process.
#[derive(Debug)]
pub struct Inherited {
    /// The listening socket, set not to block.
    pub listener: UnixListener,
    /// The socket's path.
    pub hold: Hold,
    report: OwnedFd,
}

/// Makes this process the server of `socket`: a session of its own, no
/// terminal, nothing on its standard streams but the report to the client.
/// Call it first, before threads and a runtime exist. Until
/// [`Inherited::ready`], what is written to standard error reaches the client.
///
/// # Errors
/// A sentence for the client; standard input was not a listening socket.
pub fn take_over(socket: &Path) -> Result<Inherited, String> {
    let said = |error: rustix::io::Errno| reason(&error.into());
    // It fails only for a process that leads a group already.
    let _ = rustix::process::setsid();
    let stdin = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3).map_err(said)?;
    if !rustix::net::sockopt::socket_acceptconn(&stdin).unwrap_or(false) {
        return Err("a server is started by its client only".to_owned());
    }
    let listener = UnixListener::from(stdin);
    let fail = |error: io::Error| reason(&error);
    listener.set_nonblocking(true).map_err(fail)?;
    let null = std::fs::File::open("/dev/null").map_err(fail)?;
    rustix::stdio::dup2_stdin(&null).map_err(said)?;
    let report = rustix::io::fcntl_dupfd_cloexec(io::stderr(), 3).map_err(said)?;
    Ok(Inherited {
        listener,
        hold: Hold::of(socket),
        report,
    })
}

impl Inherited {
    /// Tells the client that the server answers from now on, and lets go of
    /// standard error.
    ///
    /// # Errors
    /// Only when /dev/null cannot be opened: a client that is gone is no error.
    pub fn ready(self) -> Result<(UnixListener, Hold), String> {
        let _ = rustix::io::write(self.report.as_fd(), &[0]);
        let null = std::fs::OpenOptions::new().write(true).open("/dev/null");
        let null = null.map_err(|error| reason(&error))?;
        rustix::stdio::dup2_stderr(&null).map_err(|error| reason(&error.into()))?;
        Ok((self.listener, self.hold))
    }
}
