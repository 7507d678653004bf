//! The client's terminal: opened anew, made raw, and restored on every way out.
//! What is drawn on it comes from the server; only when the server is gone does
//! this file write a reset of its own.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Mutex, Once};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{
    InputModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, isatty,
    tcflush, tcgetattr, tcgetwinsize, tcsetattr, ttyname,
};

/// Undoes what a server may have left set: synchronised output, mouse, focus
/// and paste modes, colour reports, extended keys, cursor shape, keypad, scroll
/// region, attributes, hidden cursor, alternate screen (xterm ctlseqs, "DEC Private Mode Reset").
const RESET: &[u8] = b"\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\
\x1b[?1004l\x1b[?2004l\x1b[?2031l\x1b[=0;1u\x1b[>4m\x1b[0 q\x1b[?1l\x1b>\x1b[r\x1b(B\x1b[m\x1b[?7h\
\x1b[?25h\x1b[?1049l\r";

/// How long a terminal that takes nothing is waited for.
const PATIENCE: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// What is to be restored; one terminal a process.
static SAVED: Mutex<Option<Saved>> = Mutex::new(None);

struct Saved {
    tty: OwnedFd,
    modes: Termios,
}

/// The standard input's terminal: its path, columns and rows.
pub(super) fn describe() -> Option<(String, u16, u16)> {
    let stdin = io::stdin();
    if !isatty(&stdin) {
        return None;
    }
    let path = ttyname(&stdin, Vec::new()).map_or_else(
        |_| "/dev/tty".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    );
    let (cols, rows) = size(&stdin);
    Some((path, cols, rows))
}

/// A terminal's columns and rows; 80×24 where it does not know.
pub(super) fn size(tty: impl AsFd) -> (u16, u16) {
    match tcgetwinsize(tty) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Opens the terminal anew and without blocking: the inherited descriptor is
/// shared with the user's shell, which must not find it changed.
pub(super) fn open() -> Result<File, String> {
    let fail = || "open terminal failed: not a terminal".to_owned();
    let (path, _, _) = describe().ok_or_else(fail)?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(|_| fail())?;
    let open = |path: &str| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(flags);
        options.open(path)
    };
    // After su(1) the path belongs to somebody else; /dev/tty still opens.
    open(&path)
        .or_else(|_| open("/dev/tty"))
        .map_err(|error| format!("open terminal failed: {}", crate::wire::reason(&error)))
}

/// Makes the terminal raw; its former modes are kept for [`restore`].
pub(super) fn enter(tty: &File) -> Result<(), String> {
    static HOOK: Once = Once::new();
    let said = |error: Errno| {
        format!(
            "open terminal failed: {}",
            crate::wire::reason(&error.into())
        )
    };
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore(true);
            former(panic);
        }));
    });
    let mut saved = SAVED.lock().unwrap_or_else(|held| held.into_inner());
    let former = match saved.take() {
        Some(saved) => saved.modes,
        None => tcgetattr(tty).map_err(said)?,
    };
    let mut raw = former.clone();
    raw.make_raw();
    raw.special_codes[SpecialCodeIndex::VMIN] = 1;
    raw.special_codes[SpecialCodeIndex::VTIME] = 0;
    let fd = tty
        .try_clone()
        .map_err(|error| crate::wire::reason(&error))?;
    set(&fd, &raw).map_err(said)?;
    *saved = Some(Saved {
        tty: fd.into(),
        modes: former,
    });
    Ok(())
}

/// Restores the terminal's modes, once; with `reset`, what was drawn is undone
/// first. Safe to call when there is nothing to restore.
pub(super) fn restore(reset: bool) {
    // A panic while the lock is held must not hang its own hook.
    let Ok(mut saved) = SAVED.try_lock() else {
        return;
    };
    let Some(saved) = saved.take() else {
        return;
    };
    if reset {
        write(saved.tty.as_fd(), RESET);
    }
    // What was typed or answered meanwhile was for the server, not for the shell.
    let _ = tcflush(&saved.tty, QueueSelector::IFlush);
    let _ = set(&saved.tty, &saved.modes);
}

/// Writes to the terminal, as long as it takes something within a short time.
pub(super) fn write(tty: BorrowedFd<'_>, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(tty, rest) {
            Ok(len) if len > 0 => rest = &rest[len..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::new(&tty, PollFlags::OUT)];
                if !matches!(poll(&mut fds, Some(&PATIENCE)), Ok(1..)) {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// Sets modes at once: waiting for output would hang on a stopped terminal.
fn set(tty: impl AsFd, modes: &Termios) -> Result<(), Errno> {
    loop {
        match tcsetattr(&tty, OptionalActions::Now, modes) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Restores on drop, whatever ends the attachment.
pub(super) struct Guard {
    /// The server has put the terminal's screen and modes back itself.
    pub(super) left: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore(!self.left);
    }
}

/// Standard input as a terminal that sends lines at once and echoes nothing
/// (`-CC`); its former modes come back on drop.
pub(super) struct Lines {
    modes: Termios,
}

impl Lines {
    /// Makes it so.
    ///
    /// # Errors
    /// Standard input is no terminal.
    pub(super) fn enter() -> Result<Self, String> {
        let said = |error: Errno| {
            let why = crate::wire::reason(&error.into());
            format!("tcgetattr failed: {why}")
        };
        let modes = tcgetattr(io::stdin()).map_err(said)?;
        let mut raw = modes.clone();
        raw.make_raw();
        // A return ends a line, and a newline that is written returns.
        raw.input_modes = InputModes::ICRNL | InputModes::IXANY;
        raw.output_modes = OutputModes::OPOST | OutputModes::ONLCR;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        set(io::stdin(), &raw).map_err(said)?;
        Ok(Self { modes })
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let _ = set(io::stdin(), &self.modes);
    }
}
