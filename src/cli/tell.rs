//! Where else the way into a debug session is told: as JSON, in a file of its own,
//! and in the files of GitHub Actions. It makes no session, and a file that cannot
//! be written ends none.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::warn;
use crate::ci::life::{End, Limits};
use crate::io::reason;

/// The way into a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ways {
    /// The session.
    pub(super) session: String,
    /// The job that it debugs.
    pub(super) job: String,
    /// The command line of a local terminal.
    pub(super) attach: String,
    /// The ssh command of those who may type, and of those who may look.
    pub(super) ssh: Option<String>,
    pub(super) ssh_read_only: Option<String>,
    /// The ssh command of a client that cannot jump: the relay can read it.
    #[serde(default)]
    pub(super) ssh_compat: Option<String>,
    /// The line for those who have stepmux.
    #[serde(default)]
    pub(super) join: Option<String>,
    /// Lines for a guest's `known_hosts`.
    pub(super) known_hosts: Option<String>,
    pub(super) fingerprint: Option<String>,
}

impl Ways {
    /// The best line to join with.
    pub(super) fn line(&self) -> &str {
        let ssh = self.ssh.as_deref().or(self.ssh_read_only.as_deref());
        ssh.unwrap_or(&self.attach)
    }

    /// Whether guests can come.
    pub(super) const fn is_shared(&self) -> bool {
        self.ssh.is_some() || self.ssh_read_only.is_some()
    }

    /// What else a guest may want to know, a line each.
    pub(super) fn more(&self) -> Vec<String> {
        let mut more = Vec::new();
        if self.ssh.is_some() {
            let read_only = self.ssh_read_only.iter();
            more.extend(read_only.map(|ssh| format!("Read-only: {ssh}")));
        }
        let join = self.join.iter();
        more.extend(join.map(|line| format!("With stepmux: {line}")));
        let plain = self.ssh_compat.iter();
        more.extend(plain.map(|line| format!("Plain ssh, which the relay can read: {line}")));
        let known = self.known_hosts.iter().flat_map(|text| text.lines());
        more.extend(known.map(|line| format!("known_hosts: {line}")));
        let prints = self.fingerprint.iter();
        more.extend(prints.map(|print| format!("Host key: {print}")));
        more
    }

    /// As JSON.
    pub(super) fn ready(&self, limits: &Limits) -> Value {
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs());
        json!({
            "event": "ready",
            "session": self.session,
            "job": self.job,
            "attach": self.attach,
            "ssh": self.ssh,
            "ssh_read_only": self.ssh_read_only,
            "ssh_compat": self.ssh_compat,
            "join": self.join,
            "known_hosts": self.known_hosts,
            "fingerprint": self.fingerprint,
            "limits": {
                "wait": seconds(limits.wait),
                "keep": seconds(limits.keep),
                "idle": seconds(limits.idle),
                "max": seconds(limits.max),
                "cap": seconds(limits.cap),
            },
        })
    }
}

/// The end of a session as JSON.
pub(super) fn ended(session: &str, end: Option<End>, status: u8) -> Value {
    let reason = end.map(|end| json!(end.reason));
    json!({
        "event": "end",
        "session": session,
        "reason": reason.unwrap_or_else(|| json!("lost")),
        "status": status,
    })
}

/// Writes the ready file: all at once, for its user alone. One session is an
/// object, several are a list of them.
pub(super) fn ready_file(path: &Path, ways: &[Ways], limits: &Limits) -> Result<(), String> {
    let mut all: Vec<Value> = ways.iter().map(|ways| ways.ready(limits)).collect();
    let value = if all.len() == 1 {
        all.remove(0)
    } else {
        Value::Array(all)
    };
    crate::io::file::note(path, &format!("{value}\n"))
        .map_err(|why| format!("{}: {why}", path.display()))
}

/// Adds to the step's summary and outputs where GitHub Actions has files for
/// them (its "Workflow commands", environment files).
pub(super) fn github(ways: &[Ways], env: impl Fn(&str) -> Option<String>) {
    let add = |name: &str, text: &str| {
        let Some(path) = env(name).filter(|path| !path.is_empty()) else {
            return;
        };
        let file = OpenOptions::new().append(true).create(true).open(&path);
        if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
            warn(&format!("{name}: {path}: {}", reason(&error)));
        }
    };
    let mut summary = String::new();
    let mut output = String::new();
    for (at, ways) in ways.iter().enumerate() {
        summary.push_str(&format!(
            "### Debug session {}\n\n```sh\n{}\n```\n\n",
            ways.session,
            ways.line()
        ));
        // Further ones have a number in their names.
        let number = if at == 0 {
            String::new()
        } else {
            format!("-{}", at + 1)
        };
        for (name, value) in [
            ("session", Some(&ways.session)),
            ("ssh-command", ways.ssh.as_ref()),
            ("ssh-command-read-only", ways.ssh_read_only.as_ref()),
        ] {
            if let Some(value) = value {
                output.push_str(&format!("{name}{number}={value}\n"));
            }
        }
    }
    add("GITHUB_STEP_SUMMARY", &summary);
    add("GITHUB_OUTPUT", &output);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ways(session: &str) -> Ways {
        Ways {
            session: session.to_owned(),
            attach: "stepmux attach".to_owned(),
            ssh: Some("ssh a@b".to_owned()),
            ssh_read_only: Some("ssh v@b".to_owned()),
            ..Ways::default()
        }
    }

    #[test]
    fn github_files_get_summary_and_outputs() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        std::fs::write(path("GITHUB_OUTPUT"), "before=1\n").unwrap();
        github(&[ways("debug"), ways("debug-2")], |name| Some(path(name)));
        let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
        assert!(
            read("GITHUB_STEP_SUMMARY")
                .starts_with("### Debug session debug\n\n```sh\nssh a@b\n```\n")
        );
        assert_eq!(
            read("GITHUB_OUTPUT"),
            "before=1\nsession=debug\nssh-command=ssh a@b\nssh-command-read-only=ssh v@b\n\
             session-2=debug-2\nssh-command-2=ssh a@b\nssh-command-read-only-2=ssh v@b\n"
        );
        github(&[ways("debug")], |_| None);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn ready_file_is_private_json() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ready");
        let limits = Limits {
            keep: Some(Duration::from_secs(60)),
            ..Limits::default()
        };
        ready_file(&path, &[ways("debug")], &limits).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["ssh"], "ssh a@b");
        assert_eq!(value["limits"]["keep"], 60);
        ready_file(&path, &[ways("a"), ways("b")], &limits).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[1]["session"], "b");
    }
}
