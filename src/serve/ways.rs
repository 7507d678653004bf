//! The lines to join by, read out of a debug build's log as it comes: what
//! stands before the session's own output. What a build prints is not believed,
//! and what is kept is bounded.

use crate::base::Label;

/// The longest line, in bytes; what is longer is no line to join by.
const MAX_LINE: usize = 4096;

/// The most lines that are kept.
const MAX_LINES: usize = 32;

/// How much of a log is looked through, in bytes.
const MAX_LOOKED: usize = 256 * 1024;

/// What stands before a session's output or silence; from there on a log is the
/// build's.
const ENDS: [&str; 2] = [
    "Output from the interactive session will be shown below:",
    "This build is running in quiet mode.",
];

/// Which lines are wanted: the kind and the words before them.
const KINDS: [(&str, &str); 3] = [
    ("ssh_read_only", "Read-only: "),
    ("known_hosts", "known_hosts: "),
    ("host_key", "Host key: "),
];

/// A reader of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    line: Vec<u8>,
    looked: usize,
    closed: bool,
    found: Vec<(String, String)>,
}

impl Ways {
    /// Reads on; whether a line was found.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> bool {
        let before = self.found.len();
        for &byte in bytes {
            if self.closed {
                break;
            }
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.read(&line);
            } else if self.line.len() < MAX_LINE {
                self.line.push(byte);
            }
            self.looked += 1;
            self.closed |= self.looked >= MAX_LOOKED || self.found.len() >= MAX_LINES;
        }
        self.found.len() > before
    }

    /// What was found: kinds and texts.
    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.found
    }

    fn read(&mut self, line: &[u8]) {
        if line.len() >= MAX_LINE {
            return;
        }
        let text = plain(&String::from_utf8_lossy(line));
        let text = text.trim();
        if ENDS.iter().any(|end| text.starts_with(end)) {
            self.closed = true;
            return;
        }
        for (kind, words) in KINDS {
            if let Some(rest) = text.strip_prefix(words) {
                return self.add(kind, rest);
            }
        }
        let command = text.strip_prefix("$ ").unwrap_or(text);
        if command.starts_with("ssh ") {
            self.add("ssh", command);
        }
    }

    fn add(&mut self, kind: &str, text: &str) {
        let pair = (kind.to_owned(), text.to_owned());
        // An address that is announced again is the same.
        if !self.found.contains(&pair) {
            self.found.push(pair);
        }
    }
}

/// A line without its colours and controls (ECMA-48, CSI).
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\x1b[") {
        text.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find(|ch: char| matches!(ch, '@'..='~'));
        rest = end.map_or("", |end| &after[end + 1..]);
    }
    text.push_str(rest);
    Label::new(&text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\x1b[33;1mDebug build initiated by octo\x1b[0m\n\
        \x1b[32;1mssh -p 2222 TOKEN@host\x1b[0m\r\n\
        Read-only: ssh -p 2222 VIEW@host\n\
        known_hosts: [host]:2222 ssh-ed25519 AAAA\n\
        Host key: SHA256:abc\n\
        \x1b[32;1mssh -p 2222 TOKEN@host\x1b[0m\n\
        Output from the interactive session will be shown below:\x1b[0m\n\
        ssh evil@example.org\n";

    fn read(parts: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<(String, String)> {
        let mut ways = Ways::default();
        for part in parts {
            ways.feed(part.as_ref());
        }
        ways.pairs().to_vec()
    }

    #[test]
    fn lines_are_found_in_any_pieces_and_before_the_output_alone() {
        let wanted = [
            ("ssh", "ssh -p 2222 TOKEN@host"),
            ("ssh_read_only", "ssh -p 2222 VIEW@host"),
            ("known_hosts", "[host]:2222 ssh-ed25519 AAAA"),
            ("host_key", "SHA256:abc"),
        ]
        .map(|(kind, text)| (kind.to_owned(), text.to_owned()));
        for size in [1, 3, 17, LOG.len()] {
            assert_eq!(read(LOG.as_bytes().chunks(size)), wanted, "{size}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut many = Vec::new();
        for index in 0..2 * MAX_LINES {
            many.push(format!("ssh {index}@h\n"));
        }
        assert_eq!(read(many.iter()).len(), MAX_LINES);
        let long = format!("ssh {}\nssh b@h\n", "a".repeat(2 * MAX_LINE));
        assert_eq!(read([&long].iter()).len(), 1);
        let late = format!("{}ssh b@h\n", "x\n".repeat(MAX_LOOKED));
        assert!(read([&late].iter()).is_empty());
    }
}
