//! The first frame of each side. Its outer form is fixed for ever; what differs
//! between versions is inside and is only read when the protocols are equal.

use serde::{Deserialize, Serialize};

use super::frame::{WireError, append, frame, parse};
use super::message::Blob;

/// The protocol's number; it grows whenever a message changes.
pub const PROTOCOL: u32 = 4;

/// This program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const MAGIC: &[u8] = b"stepmux";

/// Who a peer is, readable between any two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// Its protocol.
    pub protocol: u32,
    /// Its version, for people.
    pub version: String,
}

impl Preamble {
    /// This program's own.
    #[must_use]
    pub fn own() -> Self {
        Self {
            protocol: PROTOCOL,
            version: VERSION.to_owned(),
        }
    }

    /// Splits a first frame's body into who sent it and the rest.
    ///
    /// # Errors
    /// `Foreign` when it does not begin as every version's does.
    pub fn split(body: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let rest = body.strip_prefix(MAGIC).ok_or(WireError::Foreign)?;
        let (protocol, rest) = rest.split_first_chunk().ok_or(WireError::Foreign)?;
        let (&length, rest) = rest.split_first().ok_or(WireError::Foreign)?;
        let (version, rest) = rest
            .split_at_checked(usize::from(length))
            .ok_or(WireError::Foreign)?;
        let version = String::from_utf8_lossy(version)
            .chars()
            .filter(|ch| !ch.is_control())
            .collect();
        let protocol = u32::from_le_bytes(*protocol);
        Ok((Self { protocol, version }, rest))
    }

    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.protocol.to_le_bytes());
        let version = self.version.as_bytes();
        let length = u8::try_from(version.len()).unwrap_or(u8::MAX);
        out.push(length);
        out.extend_from_slice(&version[..usize::from(length)]);
    }
}

/// What a server says to a client of another protocol.
#[must_use]
pub fn mismatch(server: &Preamble, client: &Preamble) -> String {
    format!(
        "server runs stepmux {} (protocol {}), this client is {} (protocol {}): \
         use the server's own version, or end it with its kill-server",
        server.version, server.protocol, client.version, client.protocol
    )
}

/// A client's introduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Its working directory.
    pub cwd: String,
    /// Its environment, without entries that are not UTF-8.
    pub env: Vec<(String, String)>,
    /// Its terminal, if its standard input is one.
    pub terminal: Option<Terminal>,
    /// It speaks lines and shows nothing (`-C`): its standard input is sent
    /// unasked, and its terminal stays its own.
    pub control: bool,
}

/// A client's terminal as the wire carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// Columns; the receiver brings it into range.
    pub cols: u16,
    /// Rows; the receiver brings it into range.
    pub rows: u16,
    /// TERM.
    pub term: String,
    /// The tty's path.
    pub tty: String,
    /// The locale or the client's flag says UTF-8.
    pub utf8: bool,
    /// Features that its user says it has, separated by commas.
    pub features: String,
    /// The compiled terminfo entry that the client finds for it; empty where
    /// there is none.
    pub terminfo: Blob,
}

/// A server's answer to a hello that it accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The server's process.
    pub pid: u32,
}

/// A server's first frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The client is in.
    Welcome(Welcome),
    /// It is not, for this reason; the connection ends.
    Refuse(String),
}

impl Hello {
    /// Appends the client's first frame.
    ///
    /// # Errors
    /// `TooLarge` for an environment beyond every bound.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        frame(out, |out| {
            Preamble::own().append(out);
            append(self, out)
        })
    }

    /// Reads what follows the preamble in the client's first frame.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(rest: &[u8]) -> Result<Self, WireError> {
        parse(rest)
    }
}

impl Reply {
    /// Appends the server's first frame.
    ///
    /// # Errors
    /// `TooLarge` for a message beyond every bound.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        frame(out, |out| {
            Preamble::own().append(out);
            match self {
                Self::Welcome(welcome) => {
                    out.push(0);
                    append(welcome, out)
                }
                Self::Refuse(message) => {
                    out.push(1);
                    out.extend_from_slice(message.as_bytes());
                    Ok(())
                }
            }
        })
    }

    /// Reads the server's first frame. A refusal is readable from any version;
    /// a welcome of another protocol becomes a refusal that says so.
    ///
    /// # Errors
    /// `Foreign` or `Malformed`.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        let (server, rest) = Preamble::split(body)?;
        match rest.split_first() {
            Some((1, text)) => Ok(Self::Refuse(String::from_utf8_lossy(text).into_owned())),
            Some((0, rest)) if server.protocol == PROTOCOL => parse(rest).map(Self::Welcome),
            Some((0, _)) => Ok(Self::Refuse(mismatch(&server, &Preamble::own()))),
            _ => Err(WireError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wire::Decoder;

    fn body(frame: &[u8]) -> Vec<u8> {
        let mut decoder = Decoder::new(1 << 20);
        decoder.push(frame);
        decoder.body().unwrap().unwrap().to_vec()
    }

    #[test]
    fn hello_comes_through_with_its_sender() {
        let hello = Hello {
            cwd: "/tmp".into(),
            env: vec![("A".into(), "b".into())],
            control: false,
            terminal: Some(Terminal {
                cols: 80,
                rows: 24,
                term: "xterm".into(),
                tty: "/dev/pts/1".into(),
                utf8: true,
                features: "256".into(),
                terminfo: Blob(vec![0x1a, 1]),
            }),
        };
        let mut out = Vec::new();
        hello.encode(&mut out).unwrap();
        let body = body(&out);
        let (from, rest) = Preamble::split(&body).unwrap();
        assert_eq!(from, Preamble::own());
        assert_eq!(Hello::parse(rest).unwrap(), hello);
    }

    #[test]
    fn reply_of_another_protocol_says_both_versions() {
        let mut out = Vec::new();
        let other = Preamble {
            protocol: 7,
            version: "9.0.0".into(),
        };
        other.append(&mut out);
        out.extend_from_slice(&[0, 1, 2, 3]);
        let Reply::Refuse(text) = Reply::parse(&out).unwrap() else {
            panic!("not refused");
        };
        assert!(text.starts_with("server runs stepmux 9.0.0 (protocol 7), this client is "));
    }

    #[test]
    fn reply_comes_through() {
        for reply in [
            Reply::Welcome(Welcome { pid: 4 }),
            Reply::Refuse("no".into()),
        ] {
            let mut out = Vec::new();
            reply.encode(&mut out).unwrap();
            assert_eq!(Reply::parse(&body(&out)).unwrap(), reply);
        }
    }

    #[test]
    fn preamble_refuses_what_is_not_ours() {
        assert_eq!(Preamble::split(b"GET / HTTP/1.1"), Err(WireError::Foreign));
        assert_eq!(
            Preamble::split(b"stepmux\x01\0\0\0\x09short"),
            Err(WireError::Foreign)
        );
    }
}
