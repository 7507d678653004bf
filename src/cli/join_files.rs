//! The files that `stepmux join` gives to ssh, in a directory of its own which
//! goes with it: the token and the keys are in them, so that no list of processes
//! shows them, and the user's own known hosts are neither asked nor changed.
//!
//! ```text
//! stepmux-join-RANDOM/   0700
//!   config       the session's door; then the user's own configuration
//!   relay        the same for the relay on the way
//!   known_hosts  the keys of both
//!   said         what ssh complains of
//!   joined       is there once ssh was let in
//! ```

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use crate::access::{HostBlob, Invite};
use crate::io::reason;

/// What is read of ssh's complaints, in bytes.
const SAID: u64 = 16 * 1024;
/// The name of the session's door behind a relay.
const BEHIND: &str = "stepmux";

/// What the user wants of ssh beside.
pub(super) struct Wishes<'a> {
    /// Options, as `KEY=VALUE`.
    pub(super) options: &'a [String],
    /// A key to come in by.
    pub(super) identity: Option<&'a Path>,
}

/// The directory; it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    host: String,
}

impl Files {
    /// Writes the files.
    ///
    /// # Errors
    /// A sentence for the user; nothing is left behind.
    pub(super) fn write(invite: &Invite, wishes: &Wishes<'_>) -> Result<Self, String> {
        let base = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| Path::new(dir).is_dir());
        let base = base.map_or_else(std::env::temp_dir, PathBuf::from);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        let dir = base.join(format!("stepmux-join-{}", HEXLOWER.encode(&random)));
        let made = fs::DirBuilder::new().mode(0o700).create(&dir);
        made.map_err(|error| format!("{}: {}", dir.display(), reason(&error)))?;
        let host = match &invite.via {
            Some(_) => BEHIND.to_owned(),
            None => invite.host.clone(),
        };
        let files = Self { dir, host };
        files.fill(invite, wishes)?;
        Ok(files)
    }

    fn fill(&self, invite: &Invite, wishes: &Wishes<'_>) -> Result<(), String> {
        let wanted = wanted(wishes.options)?;
        let mut known = format!("{} {}\n", invite.key.sid(), invite.key.line());
        let mut config = wanted.clone();
        if let Some(identity) = wishes.identity {
            let path = std::path::absolute(identity).unwrap_or_else(|_| identity.to_owned());
            line(&mut config, "IdentityFile", &quoted(&path)?);
        }
        line(&mut config, "User", invite.token.expose());
        line(&mut config, "PermitLocalCommand", "yes");
        let mark = shell(&self.dir.join("joined"))?;
        line(&mut config, "LocalCommand", &format!(": > {mark}"));
        match &invite.via {
            None => line(&mut config, "Port", &invite.port.to_string()),
            Some(via) => {
                let jump = format!(
                    "ssh -F {} -E {} -W {BEHIND}:22 -- {}",
                    shell(&self.dir.join("relay"))?,
                    shell(&self.dir.join("said"))?,
                    invite.host
                );
                line(&mut config, "ProxyCommand", &jump);
                line(&mut config, "HostName", BEHIND);
                known.push_str(&format!("{} {}\n", via.key.sid(), via.key.line()));
                let mut relay = wanted;
                line(&mut relay, "User", &via.route);
                line(&mut relay, "Port", &invite.port.to_string());
                self.common(&mut relay, &via.key)?;
                self.put("relay", &relay)?;
            }
        }
        self.common(&mut config, &invite.key)?;
        self.put("config", &config)?;
        self.put("known_hosts", &known)
    }

    /// What both connections are told; then the user's own files, which change
    /// none of it: ssh takes the first value that it reads (ssh_config(5)).
    fn common(&self, config: &mut String, key: &HostBlob) -> Result<(), String> {
        let known = quoted(&self.dir.join("known_hosts"))?;
        let algorithms = match key.algorithm().unwrap_or_default() {
            "ssh-rsa" => "rsa-sha2-512,rsa-sha2-256",
            other => other,
        };
        for (name, value) in [
            ("IgnoreUnknown", "KnownHostsCommand"),
            ("KnownHostsCommand", "none"),
            ("HostKeyAlias", &key.sid().to_string()),
            ("HostKeyAlgorithms", algorithms),
            ("UserKnownHostsFile", &known),
            ("GlobalKnownHostsFile", "/dev/null"),
            ("StrictHostKeyChecking", "yes"),
            ("UpdateHostKeys", "no"),
            ("VerifyHostKeyDNS", "no"),
            ("CheckHostIP", "no"),
            ("ControlPath", "none"),
            ("ForwardAgent", "no"),
            ("ForwardX11", "no"),
            ("ClearAllForwardings", "no"),
            ("ConnectTimeout", "20"),
            ("ServerAliveInterval", "5"),
            ("ServerAliveCountMax", "3"),
            ("LogLevel", "INFO"),
            ("Include", "~/.ssh/config"),
            ("Include", "/etc/ssh/ssh_config"),
        ] {
            line(config, name, value);
        }
        Ok(())
    }

    fn put(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.dir.join(name);
        let made = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| format!("{}: {}", path.display(), reason(&error)))
    }

    /// ssh's words before the host.
    pub(super) fn words(&self) -> [PathBuf; 4] {
        let path = |name: &str| self.dir.join(name);
        ["-F".into(), path("config"), "-E".into(), path("said")]
    }

    /// The host that ssh is to name.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Forgets the last connection.
    pub(super) fn clear(&self) {
        for name in ["said", "joined"] {
            let _ = fs::remove_file(self.dir.join(name));
        }
    }

    /// Whether ssh was let in.
    pub(super) fn joined(&self) -> bool {
        self.dir.join("joined").exists()
    }

    /// What ssh has complained of, in lines that a terminal may show.
    pub(super) fn said(&self) -> Vec<String> {
        let mut bytes = Vec::new();
        if let Ok(file) = fs::File::open(self.dir.join("said")) {
            let _ = file.take(SAID).read_to_end(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(|line| {
            let plain = line.chars().filter(|ch| !ch.is_control());
            plain.collect::<String>()
        });
        lines.filter(|line| !line.trim().is_empty()).collect()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn line(config: &mut String, name: &str, value: &str) {
    config.push_str(&format!("{name} {value}\n"));
}

/// The user's options as lines.
fn wanted(options: &[String]) -> Result<String, String> {
    let mut text = String::new();
    for option in options {
        let plain = !option.chars().any(char::is_control);
        match option.split_once(['=', ' ']) {
            Some((name, value)) if plain => {
                let value = value.trim_start_matches(['=', ' ']);
                line(&mut text, name.trim(), value.trim());
            }
            _ => return Err("an option of ssh is KEY=VALUE (-o)".to_owned()),
        }
    }
    Ok(text)
}

fn utf8(path: &Path) -> Result<&str, String> {
    let text = path.to_str().filter(|text| !text.contains(['"', '\n']));
    text.ok_or_else(|| format!("{}: ssh cannot be told this path", path.display()))
}

/// A path as a value of ssh_config(5), in which `%` begins a token.
fn quoted(path: &Path) -> Result<String, String> {
    Ok(format!("\"{}\"", utf8(path)?.replace('%', "%%")))
}

/// A path as a word of a shell's line in ssh_config(5).
fn shell(path: &Path) -> Result<String, String> {
    Ok(crate::ci::functions::quote(utf8(path)?).replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::access::invite::SCHEME;

    const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

    fn files(tail: &str) -> Files {
        let invite = Invite::read(&format!("{SCHEME}tok@vm:7/{KEY}{tail}")).unwrap();
        let options = ["Compression=yes".to_owned()];
        let wishes = Wishes {
            options: &options,
            identity: Some(Path::new("/a key")),
        };
        Files::write(&invite, &wishes).unwrap()
    }

    #[test]
    fn files_are_private_hold_the_keys_and_go() {
        let files = files(&format!("/route/{KEY}"));
        let read = |name: &str| fs::read_to_string(files.dir.join(name)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&files.dir), 0o700);
        assert_eq!(mode(&files.dir.join("config")), 0o600);
        let (config, relay) = (read("config"), read("relay"));
        for text in [&config, &relay] {
            assert!(text.starts_with("Compression yes\n"), "{text}");
            assert!(text.contains("StrictHostKeyChecking yes\n"), "{text}");
            assert!(text.contains("HostKeyAlgorithms ssh-ed25519\n"), "{text}");
        }
        assert!(config.contains("User tok\n") && config.contains("IdentityFile \"/a key\"\n"));
        assert!(config.contains("-W stepmux:22 -- vm\n"), "{config}");
        assert!(relay.contains("User route\n") && relay.contains("Port 7\n"));
        assert!(!relay.contains("tok\n") && !relay.contains("IdentityFile"));
        assert_eq!(read("known_hosts").lines().count(), 2);
        assert_eq!(files.host(), "stepmux");
        let dir = files.dir.clone();
        drop(files);
        assert!(!dir.exists());
    }

    #[test]
    fn complaints_are_shown_without_what_a_terminal_obeys() {
        let files = files("");
        assert_eq!(files.host(), "vm");
        assert!(!files.joined() && files.said().is_empty());
        fs::write(files.dir.join("said"), "one\r\n\n\x1b[2Jtwo\n").unwrap();
        fs::write(files.dir.join("joined"), "").unwrap();
        assert_eq!(files.said(), ["one", "[2Jtwo"]);
        assert!(files.joined());
        files.clear();
        assert!(!files.joined() && files.said().is_empty());
    }

    #[test]
    fn options_are_lines_of_their_own() {
        assert_eq!(wanted(&["A = b c".to_owned()]), Ok("A b c\n".to_owned()));
        for option in ["A", "A=b\nUser x"] {
            assert!(wanted(&[option.to_owned()]).is_err(), "{option}");
        }
    }
}
