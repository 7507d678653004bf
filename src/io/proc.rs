//! What runs in a pane right now, from its terminal's foreground process group
//! and /proc (proc(5)). Processes come and go: every answer may be missing.

use std::fs;
use std::os::fd::AsFd;

use rustix::process::Pid;
use rustix::termios::{tcgetpgrp, tcgetsid};

/// The longest command name given, in bytes.
const MAX_NAME: usize = 256;

/// The name and directory of the foreground process of a pty's master; the
/// directory is empty when it cannot be read.
#[must_use]
pub fn foreground(master: impl AsFd) -> Option<(String, String)> {
    let group = tcgetpgrp(&master).ok()?;
    let name = name(group)?;
    let cwd = cwd(group)
        .or_else(|| tcgetsid(&master).ok().and_then(cwd))
        .unwrap_or_default();
    Some((name, cwd))
}

/// A process's name: the last part of its first argument, without a login
/// shell's `-`; a thread of the kernel or a rewritten title falls back to comm.
#[must_use]
pub fn name(pid: Pid) -> Option<String> {
    let pid = pid.as_raw_nonzero();
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let first = line.split(|&byte| byte == 0).next().unwrap_or_default();
    let first = first
        .rsplit(|&byte| byte == b'/')
        .next()
        .unwrap_or_default();
    let first = first.strip_prefix(b"-").unwrap_or(first);
    let name = if first.is_empty() {
        fs::read(format!("/proc/{pid}/comm")).ok()?
    } else {
        first[..first.len().min(MAX_NAME)].to_vec()
    };
    let name = String::from_utf8_lossy(&name).trim().to_owned();
    Some(name).filter(|name| !name.is_empty())
}

/// A process's directory.
#[must_use]
pub fn cwd(pid: Pid) -> Option<String> {
    let link = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
    link.into_os_string().into_string().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn process_is_known_by_name_and_directory() {
        let own = rustix::process::getpid();
        assert!(name(own).unwrap().starts_with("stepmux"));
        assert_eq!(
            cwd(own).unwrap(),
            std::env::current_dir().unwrap().to_str().unwrap()
        );
    }
}
