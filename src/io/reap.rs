//! Processes found by the mark in their environment, wherever they have gone to:
//! into the background, another process group or another session. One whose
//! environment was cleared, or that is another user's, is not found.

use std::fs;

use rustix::process::{Pid, Signal, getpid, kill_process};

use crate::mux::effect::EndSignal;

/// Signals every process whose `$STEPMUX` is this, but for our own; how many
/// there were. Those that have ended and are not yet waited for do not count.
#[must_use]
pub fn signal(mark: &str, signal: EndSignal) -> usize {
    let found = find(mark);
    for pid in &found {
        let signals: &[Signal] = match signal {
            EndSignal::Count => &[],
            // A stopped process takes the hang-up only when it is continued.
            EndSignal::Hangup => &[Signal::HUP, Signal::CONT],
            EndSignal::Kill => &[Signal::KILL],
        };
        for signal in signals {
            // It may have ended in between.
            let _ = kill_process(*pid, *signal);
        }
    }
    found.len()
}

/// The processes with this mark (proc(5), `/proc/PID/environ`), as they were
/// started: what a program sets for itself later is not seen.
fn find(mark: &str) -> Vec<Pid> {
    let line = format!("STEPMUX={mark}");
    let own = getpid();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(pid).filter(|pid| *pid != own)
    });
    pids.filter(|pid| has(*pid, line.as_bytes())).collect()
}

fn has(pid: Pid, line: &[u8]) -> bool {
    let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
    // That of a process which has ended is empty.
    let text = fs::read(path).unwrap_or_default();
    text.split(|byte| *byte == 0).any(|pair| pair == line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    fn marked_process_is_found_in_another_session_and_killed() {
        let mark = format!("/nowhere,{},7", getpid().as_raw_nonzero());
        let script = "trap '' HUP; echo ready; exec sleep 1000";
        let mut child = Command::new("setsid")
            .args(["--wait", "sh", "-c", script])
            .env("STEPMUX", &mark)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        assert_eq!(signal("/nowhere,1,7", EndSignal::Count), 0);
        assert!(signal(&mark, EndSignal::Count) >= 1);
        assert!(signal(&mark, EndSignal::Hangup) >= 1);
        assert!(signal(&mark, EndSignal::Kill) >= 1);
        // Its standard output ends with the last of them.
        line.clear();
        assert_eq!(out.read_line(&mut line).unwrap(), 0);
        child.wait().unwrap();
        assert_eq!(signal(&mark, EndSignal::Count), 0);
    }
}
