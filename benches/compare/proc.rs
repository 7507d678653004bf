//! What /proc tells of a process: CPU time, proportional memory, context
//! switches (proc(5)). It only reads.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Ticks a second in /proc, the same on every Linux that there is.
const USER_HZ: f64 = 100.0;

/// A reading of a process's CPU time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    /// Seconds by the scheduler's count of the threads that live, to the
    /// nanosecond.
    threads: f64,
    /// Seconds of utime and stime, with threads that ended, to the tick.
    ticks: f64,
}

impl Cpu {
    /// Reads a process; zero where it is gone.
    pub(crate) fn of(pid: u32) -> Self {
        Self {
            threads: threads(pid),
            ticks: ticks(pid),
        }
    }

    /// Adds another process's time.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            threads: self.threads + other.threads,
            ticks: self.ticks + other.ticks,
        }
    }

    /// Seconds used since an earlier reading: by the fine count, unless
    /// threads that ended in between make it fall short of the coarse one.
    pub(crate) fn since(self, earlier: Self) -> f64 {
        let fine = self.threads - earlier.threads;
        let coarse = self.ticks - earlier.ticks;
        if fine + 0.04 < coarse { coarse } else { fine }
    }
}

fn threads(pid: u32) -> f64 {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0.0;
    };
    let nanos: f64 = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum();
    nanos / 1e9
}

fn ticks(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces: count from behind it. utime and
    // stime are fields 14 and 15, so 11 and 12 after the state.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = |n| -> f64 {
        let text = rest.split_whitespace().nth(n);
        text.and_then(|t| t.parse().ok()).unwrap_or(0.0)
    };
    (field(11) + field(12)) / USER_HZ
}

/// Proportional set size of a process, in bytes.
pub(crate) fn pss(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    Ok(1024.0 * kilobytes.with_context(|| format!("{path}: no Pss"))?)
}

/// Times that the threads of a process went to sleep by themselves.
pub(crate) fn wakeups(pid: u32) -> Result<f64> {
    let mut sum = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let text = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum += line
            .and_then(|l| l.trim().parse::<f64>().ok())
            .unwrap_or(0.0);
    }
    Ok(sum)
}

/// A process and all that came of it, as far as they live.
pub(crate) fn tree(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(&pid) = all.get(next) {
        next += 1;
        for task in fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
    }
    all
}

/// Whether a process lives and was started with `dir` in its environment: a
/// number that was given to somebody else in the meantime is not ours.
pub(crate) fn belongs_to(pid: u32, dir: &Path) -> bool {
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let dir = dir.as_os_str().as_encoded_bytes();
    !dir.is_empty() && environ.windows(dir.len()).any(|part| part == dir)
}
