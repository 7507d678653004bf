//! The messages after the first frames. They are values; what they lead to is
//! decided by the engine on one side and by the client's pump on the other.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::frame::{CHUNK, WireError, encode};

/// From a client to its server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromClient {
    /// Run a command line; the words are already split. None: attach or create.
    Command {
        /// The words.
        argv: Vec<String>,
    },
    /// The terminal is raw, and the server's: its descriptor comes along with
    /// this message (unix(7), SCM_RIGHTS).
    Terminal,
    /// The terminal has this size now. Also sent, with an unchanged size, when
    /// the terminal must be drawn anew: after a suspension.
    Resize {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// A piece of standard input, asked for with `ReadStdin`; from a control
    /// client unasked, as it comes.
    Stdin {
        /// The piece.
        bytes: Blob,
        /// Nothing follows.
        end: bool,
    },
    /// The client leaves by itself (its terminal is gone, a signal).
    Bye,
}

/// From a server to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToClient {
    /// Write to standard output or error.
    Print {
        /// Which.
        stream: OutStream,
        /// The bytes.
        bytes: Blob,
    },
    /// Make the terminal raw and hand it over with `Terminal`.
    Attach,
    /// The terminal is the client's again: write to it what is left of the
    /// picture and what puts it back.
    Draw(Blob),
    /// Send standard input to its end.
    ReadStdin,
    /// Restore the terminal, say the message, exit.
    Exit {
        /// The exit status.
        status: u8,
        /// A last line for standard output.
        message: Option<String>,
    },
    /// To a control client: say `%exit` and exit.
    ExitControl {
        /// The exit status.
        status: u8,
        /// Why, if there is more to say.
        reason: Option<String>,
        /// Read standard input up to an empty line before.
        wait: bool,
    },
    /// Restore the terminal and become `$SHELL -c command`.
    Exec {
        /// The command.
        command: String,
    },
    /// Restore the terminal and stop (SIGTSTP) until continued.
    Suspend,
    /// Restore the terminal and run `sh -c command` until it ends.
    Lock {
        /// The command.
        command: String,
    },
}

/// A client's output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutStream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl ToClient {
    /// Appends the frames of output to a stream, cut into pieces.
    ///
    /// # Errors
    /// None in practice: every piece is within the bound.
    pub fn encode_print(
        stream: OutStream,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), WireError> {
        bytes.chunks(CHUNK).try_for_each(|piece| {
            let bytes = Blob(piece.to_vec());
            encode(&Self::Print { stream, bytes }, out)
        })
    }

    /// Appends the frames of what is left for the terminal, cut into pieces.
    ///
    /// # Errors
    /// None in practice: every piece is within the bound.
    pub fn encode_draw(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        bytes
            .chunks(CHUNK)
            .try_for_each(|piece| encode(&Self::Draw(Blob(piece.to_vec())), out))
    }
}

/// Bytes that are copied as a whole instead of one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BlobVisitor)
    }
}

struct BlobVisitor;

impl<'de> Visitor<'de> for BlobVisitor {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Blob, E> {
        Ok(Blob(bytes.to_vec()))
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Blob, E> {
        Ok(Blob(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Blob, A::Error> {
        Err(A::Error::custom("bytes are not a sequence here"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wire::{Decoder, frame::MAX_FRAME};

    #[test]
    fn draw_is_cut_into_pieces() {
        for length in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let picture: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut out = Vec::new();
            ToClient::encode_draw(&picture, &mut out).unwrap();
            let mut decoder = Decoder::new(MAX_FRAME);
            decoder.push(&out);
            let (mut got, mut pieces) = (Vec::new(), 0);
            while let Some(message) = decoder.message::<ToClient>().unwrap() {
                let ToClient::Draw(bytes) = message else {
                    panic!("not a draw");
                };
                got.extend(bytes.0);
                pieces += 1;
            }
            assert_eq!((got, pieces), (picture, length.div_ceil(CHUNK)));
        }
    }
}
