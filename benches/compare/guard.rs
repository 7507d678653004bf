//! Nothing is left behind and nothing hangs: a watchdog ends a bench that is
//! past its time, and a second process, which sees the bench's end by a pipe,
//! kills the servers that are still there, whatever the end was.

use std::io::{BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::proc;

static REAPER: Mutex<Option<ChildStdin>> = Mutex::new(None);
static DEADLINE: Mutex<Option<Instant>> = Mutex::new(None);

/// Starts the reaper and the watchdog. `at_end` runs before the watchdog gives
/// up, to show what was measured until then.
pub(crate) fn start(at_end: impl Fn() + Send + 'static) -> Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--reap")
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let stdin = child.stdin.take().context("the reaper has no stdin")?;
    *REAPER.lock().unwrap_or_else(PoisonError::into_inner) = Some(stdin);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let deadline = *DEADLINE.lock().unwrap_or_else(PoisonError::into_inner);
            if deadline.is_some_and(|at| Instant::now() > at) {
                at_end();
                eprintln!("compare: a case did not end in time");
                std::process::exit(3);
            }
        }
    });
    Ok(())
}

/// Gives the work from now on so much time.
pub(crate) fn allow(time: Duration) {
    *DEADLINE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
}

/// Has a server killed (0 for none) and its directory removed when the bench
/// ends, if they are still there then.
pub(crate) fn register(pid: u32, dir: &Path) -> Result<()> {
    let mut reaper = REAPER.lock().unwrap_or_else(PoisonError::into_inner);
    let reaper = reaper.as_mut().context("no reaper")?;
    Ok(writeln!(reaper, "{pid} {}", dir.display())?)
}

/// The reaper: waits for the bench's end, then kills what was registered.
pub(crate) fn reap() -> Result<()> {
    let mut servers = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (pid, dir) = line.split_once(' ').context("a line without a directory")?;
        servers.push((pid.parse()?, PathBuf::from(dir)));
    }
    for (pid, dir) in servers {
        kill(pid, &dir);
        let _ = std::fs::remove_dir_all(dir);
    }
    Ok(())
}

/// Kills a server of ours; does nothing where it is gone.
pub(crate) fn kill(pid: u32, dir: &Path) {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(number) = number.filter(|_| proc::belongs_to(pid, dir)) {
        let _ = kill_process(number, Signal::KILL);
    }
}
