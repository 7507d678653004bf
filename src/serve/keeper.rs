//! The process that keeps one debug build's command: it outlives the server, so
//! that a server's end or death ends no build. A run's directory holds all that
//! is between the two; a lock on a file there says that the keeper lives, so no
//! process id is trusted. It starts its order once, whoever asks again.
//!
//! ```text
//! order.json   what to run            the server's
//! lock         held while it runs     the keeper's, with its process id
//! group        the command's process  the keeper's, to sweep up after it
//! ways.json    lines to join by       the keeper's
//! log, log.1   the command's output   the keeper's, bounded
//! end.json     how it ended           the keeper's, last
//! ```

use std::io::{Read as _, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use super::store::Line;
use super::ways::Ways;
use crate::base::duration::in_words;
use crate::io::reason;

/// The first argument of a keeper process; the second is a run's directory.
pub const KEEPER: &str = "--stepmux-keeper";

/// How large a run's log becomes before it is put aside, in bytes.
const MAX_LOG: u64 = 4 * 1024 * 1024;

/// How long a command has to end by itself.
const GRACE: Duration = Duration::from_secs(10);

/// How long the output of what a command left behind is waited for.
const AFTER: Duration = Duration::from_millis(500);

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    /// The program and its arguments.
    pub(super) argv: Vec<String>,
    /// Where; the keeper's own directory otherwise.
    pub(super) directory: Option<PathBuf>,
    /// After how many seconds it is ended.
    #[serde(default)]
    pub(super) ends_after: Option<u64>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ending {
    /// None after a signal, or when it could not be started.
    pub(super) status: Option<i64>,
    pub(super) reason: String,
}

/// What a run's directory says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No keeper has taken it.
    Nothing,
    /// A keeper lives.
    Running,
    /// It is over.
    Over(Ending),
    /// A keeper died without a word.
    Lost,
}

/// Writes an order down.
pub(super) fn order(dir: &Path, order: &Order) -> Result<(), String> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    let said = |error: std::io::Error| format!("{}: {}", dir.display(), reason(&error));
    builder.create(dir).map_err(said)?;
    write(dir, "order.json", order)
}

/// Looks at a run's directory.
pub(super) fn look(dir: &Path) -> Found {
    if let Some(ending) = read(dir, "end.json") {
        return Found::Over(ending);
    }
    let Some((lock, claimed)) = open_lock(dir, OFlags::RDWR) else {
        return Found::Nothing;
    };
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Err(_) if claimed.is_some() => Found::Running,
        // It is being taken.
        Err(_) => Found::Nothing,
        Ok(()) if claimed.is_none() => Found::Nothing,
        // It may have ended in between.
        Ok(()) => read(dir, "end.json").map_or(Found::Lost, Found::Over),
    }
}

/// Tells a living keeper to end its command.
pub(super) fn end(dir: &Path) {
    let Some((lock, Some(pid))) = open_lock(dir, OFlags::RDWR) else {
        return;
    };
    let Ok(process) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) else {
        return;
    };
    // The lock is still held: the id was not given to another meanwhile.
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        let _ = rustix::process::pidfd_send_signal(&process, Signal::TERM);
    }
}

/// Ends the command of a keeper that died.
pub(super) fn sweep(dir: &Path) {
    let Some((pid, born)) = read::<(i32, String)>(dir, "group") else {
        return;
    };
    if let Some(pid) = Pid::from_raw(pid)
        && birth(pid).is_some_and(|now| now == born)
    {
        let _ = kill_process_group(pid, Signal::TERM);
    }
}

/// The lines to join by, so far.
pub(super) fn lines(dir: &Path) -> Vec<Line> {
    let pairs: Vec<(String, String)> = read(dir, "ways.json").unwrap_or_default();
    let line = |(kind, text)| Line { kind, text };
    pairs.into_iter().map(line).collect()
}

/// The lock file, and the process id that is in it.
fn open_lock(dir: &Path, flags: OFlags) -> Option<(std::fs::File, Option<Pid>)> {
    let mode = Mode::RUSR | Mode::WUSR;
    let lock = rustix::fs::open(dir.join("lock"), flags | OFlags::CLOEXEC, mode).ok()?;
    let mut lock = std::fs::File::from(lock);
    let mut text = String::new();
    lock.read_to_string(&mut text).ok()?;
    let pid = text.trim().parse().ok().and_then(Pid::from_raw);
    Some((lock, pid))
}

/// When a process was started, as the kernel counts (proc_pid_stat(5), field 22).
fn birth(pid: Pid) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let after = &stat[stat.rfind(')')? + 1..];
    after.split_ascii_whitespace().nth(19).map(str::to_owned)
}

fn read<T: for<'de> Deserialize<'de>>(dir: &Path, name: &str) -> Option<T> {
    let text = std::fs::read(dir.join(name)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Writes a file so that it is there whole or not at all.
fn write(dir: &Path, name: &str, value: &impl Serialize) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {}", dir.display(), reason(&error));
    let text = serde_json::to_vec(value).map_err(|error| error.to_string())?;
    let fresh = dir.join(format!("{name}.new"));
    let mut file = std::fs::File::create(&fresh).map_err(said)?;
    file.write_all(&text).map_err(said)?;
    file.sync_all().map_err(said)?;
    std::fs::rename(&fresh, dir.join(name)).map_err(said)
}

/// Is the keeper of a run, to its end.
///
/// # Errors
/// A sentence: the directory or its order cannot be had.
pub fn main(dir: &Path) -> Result<(), String> {
    // No terminal's hangup and no service manager's group is ours.
    let _ = rustix::process::setsid();
    let Some((mut lock, _)) = open_lock(dir, OFlags::CREATE | OFlags::RDWR) else {
        return Err(format!("{}: cannot be locked", dir.display()));
    };
    flock(&lock, FlockOperation::LockExclusive).map_err(|error| error.to_string())?;
    // Another had it while we waited.
    if lock.metadata().is_ok_and(|found| found.len() > 0) {
        return Ok(());
    }
    let order: Order = read(dir, "order.json").ok_or("there is no order")?;
    let said = |error: std::io::Error| reason(&error);
    lock.rewind().map_err(said)?;
    write!(lock, "{}", std::process::id()).map_err(said)?;
    lock.sync_all().map_err(said)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(said)?;
    let ending = runtime
        .block_on(keep(dir, &order))
        .unwrap_or_else(|why| Ending {
            status: None,
            reason: format!("cannot be started: {why}"),
        });
    write(dir, "end.json", &ending)
}

async fn keep(dir: &Path, order: &Order) -> Result<Ending, String> {
    let said = |error: std::io::Error| reason(&error);
    let mut output = Output::open(dir)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(said)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(said)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(said)?;
    let (mut child, mut pipe) = spawn(order)?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    if let Some(group) = group {
        let born = birth(group).unwrap_or_default();
        write(dir, "group", &(group.as_raw_nonzero().get(), born))?;
    }
    let stop = |signal: Signal| {
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    };
    let mut buffer = vec![0; 16 * 1024];
    let mut kill_at: Option<Instant> = None;
    let limit = order.ends_after.map(Duration::from_secs);
    let mut late_at = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut late = false;
    let mut open = true;
    let status = loop {
        let at = async |time: Option<Instant>| match time {
            Some(time) => sleep_until(time).await,
            None => std::future::pending().await,
        };
        let (killing, ending) = (at(kill_at), at(late_at));
        tokio::select! {
            status = child.wait() => break status.map_err(said)?,
            read = pipe.read(&mut buffer), if open => match read {
                Ok(count @ 1..) => output.take(&buffer[..count]),
                _ => open = false,
            },
            _ = terminate.recv() => {
                stop(Signal::TERM);
                kill_at.get_or_insert(Instant::now() + GRACE);
            }
            _ = interrupt.recv() => {
                stop(Signal::TERM);
                kill_at.get_or_insert(Instant::now() + GRACE);
            }
            _ = hangup.recv() => {}
            () = ending => {
                (late, late_at) = (true, None);
                stop(Signal::TERM);
                kill_at.get_or_insert(Instant::now() + GRACE);
            }
            () = killing => {
                stop(Signal::KILL);
                kill_at = Some(Instant::now() + GRACE);
            }
        }
    };
    // What is in the pipe is the command's last words; what it left running may
    // hold the pipe for ever.
    let deadline = Instant::now() + AFTER;
    while open {
        tokio::select! {
            () = sleep_until(deadline) => break,
            read = pipe.read(&mut buffer) => match read {
                Ok(count @ 1..) => output.take(&buffer[..count]),
                _ => open = false,
            },
        }
    }
    let mut ending = ending(status);
    if let Some(limit) = limit.filter(|_| late) {
        ending.reason = format!("ended after {}: {}", in_words(limit), ending.reason);
    }
    Ok(ending)
}

fn spawn(order: &Order) -> Result<(tokio::process::Child, Receiver), String> {
    let said = |error: std::io::Error| reason(&error);
    let (program, words) = order.argv.split_first().ok_or("an empty command")?;
    let (read, write) = std::io::pipe().map_err(said)?;
    let mut command = tokio::process::Command::new(program);
    command
        .args(words)
        .env("CI", "true")
        .env_remove("STEPMUX")
        .env_remove("TMUX")
        .stdin(Stdio::null())
        .stdout(write.try_clone().map_err(said)?)
        .stderr(write)
        .process_group(0);
    if let Some(directory) = &order.directory {
        if !directory.is_dir() {
            return Err(format!("{}: no such directory", directory.display()));
        }
        command.current_dir(directory);
    }
    let child = command
        .spawn()
        .map_err(|error| format!("{program}: {}", reason(&error)))?;
    let pipe = Receiver::from_owned_fd(OwnedFd::from(read)).map_err(said)?;
    Ok((child, pipe))
}

fn ending(status: std::process::ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending {
            status: Some(code.into()),
            reason: format!("exited with {code}"),
        },
        (None, signal) => Ending {
            status: None,
            reason: format!("killed by signal {}", signal.unwrap_or_default()),
        },
    }
}

/// Where a command's output goes: the bounded log, and the lines to join by.
struct Output {
    dir: PathBuf,
    log: std::fs::File,
    size: u64,
    ways: Ways,
}

impl Output {
    fn open(dir: &Path) -> Result<Self, String> {
        Ok(Self {
            dir: dir.to_owned(),
            log: fresh_log(dir).map_err(|error| reason(&error))?,
            size: 0,
            ways: Ways::default(),
        })
    }

    /// Takes what was read. A full disk loses output and ends nothing.
    fn take(&mut self, bytes: &[u8]) {
        if self.size > MAX_LOG
            && std::fs::rename(self.dir.join("log"), self.dir.join("log.1")).is_ok()
            && let Ok(log) = fresh_log(&self.dir)
        {
            self.log = log;
            self.size = 0;
        }
        if self.size <= MAX_LOG && self.log.write_all(bytes).is_ok() {
            self.size += bytes.len() as u64;
        }
        if self.ways.feed(bytes) {
            let _ = write(&self.dir, "ways.json", &self.ways.pairs());
        }
    }
}

fn fresh_log(dir: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(dir.join("log"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn run(dir: &Path, argv: &[&str]) -> Ending {
        run_for(dir, argv, None)
    }

    fn run_for(dir: &Path, argv: &[&str], ends_after: Option<u64>) -> Ending {
        let argv = argv.iter().map(|&word| word.to_owned()).collect();
        let order = Order {
            argv,
            directory: None,
            ends_after,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(keep(dir, &order)).unwrap()
    }

    #[test]
    fn keeper_tells_how_the_command_ended_and_what_it_said() {
        for (script, status, words) in [
            ("echo out; echo err >&2; exit 3", Some(3), "exited with 3"),
            (
                "echo out; echo err >&2; kill -9 $$",
                None,
                "killed by signal 9",
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let ending = run(dir.path(), &["sh", "-c", script]);
            assert_eq!((ending.status, ending.reason.as_str()), (status, words));
            let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
            assert_eq!(log, "out\nerr\n");
        }
    }

    #[test]
    fn keeper_ends_a_command_after_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let script = "trap 'exit 7' TERM; while :; do sleep 0.05; done";
        let ending = run_for(dir.path(), &["sh", "-c", script], Some(1));
        assert_eq!(ending.status, Some(7));
        assert_eq!(ending.reason, "ended after 1 second: exited with 7");
    }

    #[test]
    fn keeper_writes_down_the_ways_to_join() {
        let dir = tempfile::tempdir().unwrap();
        let script = "printf '\\033[32;1mssh -p 1 x@h\\033[0m\\nRead-only: ssh y@h\\n'";
        run(dir.path(), &["sh", "-c", script]);
        let found: Vec<(String, String)> = lines(dir.path())
            .into_iter()
            .map(|line| (line.kind, line.text))
            .collect();
        let wanted = [("ssh", "ssh -p 1 x@h"), ("ssh_read_only", "ssh y@h")];
        assert_eq!(
            found,
            wanted.map(|(kind, text)| (kind.to_owned(), text.to_owned()))
        );
    }

    #[test]
    fn directory_tells_whether_a_keeper_lives() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        assert_eq!(look(path), Found::Nothing);
        let (lock, _) = open_lock(path, OFlags::CREATE | OFlags::RDWR).unwrap();
        assert_eq!(look(path), Found::Nothing, "not taken yet");
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        assert_eq!(look(path), Found::Nothing, "being taken");
        std::fs::write(path.join("lock"), "12345").unwrap();
        assert_eq!(look(path), Found::Running);
        drop(lock);
        assert_eq!(look(path), Found::Lost);
        let ending = Ending {
            status: Some(0),
            reason: "exited with 0".to_owned(),
        };
        write(path, "end.json", &ending).unwrap();
        assert_eq!(look(path), Found::Over(ending));
    }
}
