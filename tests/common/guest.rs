//! Guests: an open share, and stock OpenSSH clients at its door.

use std::ffi::OsString;
use std::process::Command;

use super::{Client, Output, World, finish};

/// An open share.
#[derive(Debug)]
pub struct Share {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The user name that may type.
    pub token: String,
    /// The user name that may only watch.
    pub view_token: String,
    /// What `share` printed.
    pub printed: String,
}

impl World {
    /// Opens the session to guests; the host key is known from then on.
    #[track_caller]
    pub fn share(&self, more: &[&str]) -> Share {
        let printed = self.ok(&[&["share", "--listen", "127.0.0.1:0"], more].concat());
        let (port, token) = door(&self.ask("#{ssh_command}"));
        let (_, view_token) = door(&self.ask("#{ssh_command_ro}"));
        let known = printed.lines().find_map(|line| {
            let from = line.find("[127.0.0.1]:")?;
            line.contains(" ssh-ed25519 ").then(|| line[from..].trim())
        });
        let known = known.unwrap_or_else(|| panic!("no known_hosts line in\n{printed}"));
        self.write("known_hosts", format!("{known}\n"));
        Share {
            port,
            token,
            view_token,
            printed,
        }
    }

    /// The stock client's words before the user and host.
    pub fn ssh_words(&self, port: u16) -> Vec<OsString> {
        let mut words = vec!["ssh".into()];
        words.extend(self.ssh_options(port));
        words
    }

    /// What ssh, scp and sftp are told alike.
    pub fn ssh_options(&self, port: u16) -> Vec<OsString> {
        let mut known_hosts = OsString::from("UserKnownHostsFile=");
        known_hosts.push(self.path("known_hosts"));
        let options = [
            format!("Port={port}").into(),
            known_hosts,
            "GlobalKnownHostsFile=/dev/null".into(),
            "StrictHostKeyChecking=yes".into(),
            "IdentityAgent=none".into(),
            "IdentityFile=none".into(),
            "BatchMode=yes".into(),
            "ConnectTimeout=10".into(),
            "LogLevel=ERROR".into(),
        ];
        let mut words: Vec<OsString> = ["-F", "/dev/null"].map(Into::into).into();
        for option in options {
            words.extend(["-o".into(), option]);
        }
        words
    }

    /// A guest on a terminal of a size.
    #[track_caller]
    pub fn guest(&self, share: &Share, token: &str, cols: u16, rows: u16) -> Client {
        let mut words = self.ssh_words(share.port);
        words.push(format!("{token}@127.0.0.1").into());
        let client = self.on_terminal(&words, cols, rows);
        client.wait("status line", |screen| screen.contents().contains("[work]"));
        client
    }

    /// A guest's command line without a terminal.
    #[track_caller]
    pub fn ssh(&self, share: &Share, token: &str, words: &[&str]) -> Output {
        let all = self.ssh_words(share.port);
        let mut command: Command = self.command(&all[0]);
        command
            .args(&all[1..])
            .arg(format!("{token}@127.0.0.1"))
            .args(words);
        finish(&format!("ssh {words:?}"), command)
    }
}

/// The port and user name of `ssh -p PORT USER@HOST`.
#[track_caller]
pub fn door(command: &str) -> (u16, String) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let [_, "-p", port, place] = words[..] else {
        panic!("not an ssh command: {command:?}");
    };
    let user = place.split('@').next().unwrap();
    (port.parse().expect("a port"), user.to_owned())
}
