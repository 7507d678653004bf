//! The relays' keys as this account has first seen them, in the state directory:
//! one line a relay, `[HOST]:PORT SHA256:…`. A relay with another key than it had
//! is refused until its line is taken out or its key is named.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::door::hostkey::{check_dir, check_private};
use crate::door::info::reason;

/// The file's name.
const FILE: &str = "known_relays";
/// It is never longer, in bytes.
const MAX: u64 = 256 * 1024;

/// Where the keys are written down.
#[derive(Clone, Debug)]
pub(super) struct Pins {
    path: PathBuf,
    place: String,
}

impl Pins {
    /// Those of the state directory, for a relay.
    pub(super) fn new(state_dir: &Path, host: &str, port: u16) -> Self {
        Self {
            path: state_dir.join(FILE),
            place: format!("[{}]:{port}", host.to_ascii_lowercase()),
        }
    }

    /// The file, to be named to people.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The fingerprint that the relay's key had; none if it was never seen.
    ///
    /// # Errors
    /// A sentence naming the file: it is a link, or others may use it.
    pub(super) fn known(&self) -> Result<Option<String>, String> {
        self.open(false)?.map_or(Ok(None), |file| self.find(file))
    }

    /// Writes down the key that the relay has, unless it is known.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub(super) fn remember(&self, print: &str) -> Result<(), String> {
        if self.known()?.is_some() {
            return Ok(());
        }
        let Some(mut file) = self.open(true)? else {
            return Err(self.fail("it cannot be made"));
        };
        let size = file.metadata().map_or(0, |meta| meta.len());
        let line = format!("{} {print}\n", self.place);
        if size + line.len() as u64 > MAX {
            return Err(self.fail("it is full: take old lines out"));
        }
        // One write at the end of the file: two servers do not mix their lines.
        file.write_all(line.as_bytes())
            .map_err(|error| self.fail(&reason(&error)))
    }

    fn find(&self, file: File) -> Result<Option<String>, String> {
        let mut text = String::new();
        let read = file.take(MAX).read_to_string(&mut text);
        read.map_err(|error| self.fail(&reason(&error)))?;
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let mut own = lines.filter(|(place, _)| *place == self.place);
        Ok(own.next().map(|(_, print)| print.trim().to_owned()))
    }

    fn open(&self, make: bool) -> Result<Option<File>, String> {
        if let Some(dir) = self.path.parent() {
            check_dir(dir).map_err(|why| format!("state directory {}: {why}", dir.display()))?;
        }
        let flags = OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits();
        let flags = i32::try_from(flags).map_err(|error| error.to_string())?;
        let mut options = OpenOptions::new();
        options.read(true).mode(0o600).custom_flags(flags);
        if make {
            options.append(true).create(true);
        }
        let file = match options.open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.fail(&reason(&error))),
        };
        let meta = file
            .metadata()
            .map_err(|error| self.fail(&reason(&error)))?;
        if !meta.is_file() {
            return Err(self.fail("it is not a file"));
        }
        check_private(meta.uid(), meta.mode(), false).map_err(|why| self.fail(&why))?;
        Ok(Some(file))
    }

    fn fail(&self, why: &str) -> String {
        format!("{}: {why}", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn key_is_remembered_by_host_and_port_and_never_replaced() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("state");
        let pins = |host: &str, port| Pins::new(&dir, host, port);
        assert_eq!(pins("relay", 22).known(), Ok(None));
        pins("relay", 22).remember("SHA256:a").unwrap();
        pins("relay", 23).remember("SHA256:b").unwrap();
        pins("Relay", 22).remember("SHA256:c").unwrap();
        let known = |host: &str, port| pins(host, port).known().unwrap();
        assert_eq!(known("RELAY", 22).as_deref(), Some("SHA256:a"));
        assert_eq!(known("relay", 23).as_deref(), Some("SHA256:b"));
        assert_eq!(known("elay", 22), None);
        let text = std::fs::read_to_string(dir.join(FILE)).unwrap();
        assert_eq!(text, "[relay]:22 SHA256:a\n[relay]:23 SHA256:b\n");
    }

    #[test]
    fn file_that_others_reach_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("state");
        let pins = Pins::new(&dir, "relay", 22);
        pins.remember("SHA256:a").unwrap();
        let path = pins.path().to_owned();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o622)).unwrap();
        assert!(pins.known().unwrap_err().contains("mode 0622"));
        let moved = home.path().join("elsewhere");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::rename(&path, &moved).unwrap();
        symlink(&moved, &path).unwrap();
        assert!(pins.known().is_err() && pins.remember("SHA256:b").is_err());
    }
}
