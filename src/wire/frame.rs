//! Frames: a length and a body. Sizes are bounded before memory is taken; a
//! frame that breaks its bound ends the connection. It never reads or writes
//! by itself.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest frame of any kind, in bytes.
pub const MAX_FRAME: usize = 16 << 20;

/// The largest first frame: an environment can be as large as ARG_MAX.
pub const MAX_HELLO: usize = 4 << 20;

/// The largest frame from a client after its hello. Standard input and pasted
/// text are cut into smaller pieces than this; an argument list may be long.
pub const MAX_FROM_CLIENT: usize = 4 << 20;

/// The size of the pieces into which long output is cut.
pub const CHUNK: usize = 256 << 10;

const HEADER: usize = 4;

/// Why a connection's bytes cannot be understood. Nothing after it can be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WireError {
    /// A frame says it is larger than its kind may be.
    #[error("a frame of {0} bytes is too large")]
    TooLarge(usize),
    /// A frame's body is not the message it should be.
    #[error("a message cannot be understood")]
    Malformed,
    /// The first frame is not of this protocol at all.
    #[error("the peer does not speak stepmux's protocol")]
    Foreign,
}

/// Appends a message's frame.
///
/// # Errors
/// `TooLarge` above [`MAX_FRAME`]; `out` is then as it was.
pub fn encode<T: Serialize>(message: &T, out: &mut Vec<u8>) -> Result<(), WireError> {
    frame(out, |out| append(message, out))
}

/// Appends a frame whose body `fill` writes; on failure `out` is as it was.
pub(super) fn frame(
    out: &mut Vec<u8>,
    fill: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    let filled = fill(out);
    let body = out.len() - start - HEADER;
    let filled = filled.and(if body > MAX_FRAME {
        Err(WireError::TooLarge(body))
    } else {
        Ok(())
    });
    if let Err(error) = filled {
        out.truncate(start);
        return Err(error);
    }
    let length = u32::try_from(body).map_err(|_| WireError::TooLarge(body))?;
    out[start..start + HEADER].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// Appends a message's postcard form without a frame.
pub(super) fn append<T: Serialize>(message: &T, out: &mut Vec<u8>) -> Result<(), WireError> {
    postcard::to_io(message, out)
        .map(|_| ())
        .map_err(|_| WireError::Malformed)
}

/// Cuts a stream of bytes into frames, whatever the chunks it arrives in.
///
/// It holds at most one unfinished frame and what was pushed with its end.
#[derive(Debug)]
pub struct Decoder {
    held: Vec<u8>,
    start: usize,
    limit: usize,
}

impl Decoder {
    /// A decoder that accepts bodies of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            held: Vec::new(),
            start: 0,
            limit: limit.min(MAX_FRAME),
        }
    }

    /// Changes the bound, once the first frame is through.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.min(MAX_FRAME);
    }

    /// Adds bytes as they were read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.held.drain(..self.start);
            self.start = 0;
        }
        self.held.extend_from_slice(bytes);
    }

    /// The next frame's body, if it is all here. Call it until there is none.
    ///
    /// # Errors
    /// `TooLarge` as soon as the length is known, before the body has come.
    pub fn body(&mut self) -> Result<Option<&[u8]>, WireError> {
        let held = &self.held[self.start..];
        let Some((header, rest)) = held.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_le_bytes(*header)).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(WireError::TooLarge(length));
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        self.start += HEADER + length;
        Ok(Some(body))
    }

    /// The next message, if it is all here. Call it until there is none.
    ///
    /// # Errors
    /// `TooLarge`, and `Malformed` when the body is not exactly a `T`.
    pub fn message<T: DeserializeOwned>(&mut self) -> Result<Option<T>, WireError> {
        self.body()?.map(parse).transpose()
    }
}

/// Reads a whole body as one postcard message.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, WireError> {
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        _ => Err(WireError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wire::{FromClient, Preamble, Reply, ToClient};
    use proptest::prelude::*;

    #[test]
    fn decoder_gives_messages_back_in_any_chunks() {
        let sent = [
            FromClient::Terminal,
            FromClient::Stdin {
                bytes: vec![0, 255, 3].into(),
                end: false,
            },
            FromClient::Command {
                argv: vec!["ls".into(), String::new()],
            },
        ];
        let mut bytes = Vec::new();
        for message in &sent {
            encode(message, &mut bytes).unwrap();
        }
        for step in 1..=bytes.len() {
            let mut decoder = Decoder::new(MAX_FROM_CLIENT);
            let mut got = Vec::new();
            for chunk in bytes.chunks(step) {
                decoder.push(chunk);
                while let Some(message) = decoder.message::<FromClient>().unwrap() {
                    got.push(message);
                }
            }
            assert_eq!(got, sent, "chunks of {step}");
        }
    }

    #[test]
    fn decoder_refuses_a_large_frame_by_its_length_alone() {
        let mut decoder = Decoder::new(10);
        decoder.push(&11u32.to_le_bytes());
        assert_eq!(decoder.body(), Err(WireError::TooLarge(11)));
    }

    #[test]
    fn decoder_refuses_a_body_with_a_tail() {
        let mut decoder = Decoder::new(100);
        let mut bytes = Vec::new();
        encode(&FromClient::Terminal, &mut bytes).unwrap();
        bytes[0] += 1;
        bytes.push(0);
        decoder.push(&bytes);
        assert_eq!(decoder.message::<FromClient>(), Err(WireError::Malformed));
    }

    #[test]
    fn encode_leaves_nothing_behind_when_it_fails() {
        let mut out = vec![1];
        let huge = ToClient::Draw(vec![0; MAX_FRAME].into());
        assert!(matches!(
            encode(&huge, &mut out),
            Err(WireError::TooLarge(_))
        ));
        assert_eq!(out, [1]);
    }

    proptest! {
        #[test]
        fn decoder_survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut decoder = Decoder::new(200);
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.message::<FromClient>() {}
            let _ = parse::<ToClient>(&bytes);
            let _ = parse::<FromClient>(&bytes);
            let _ = Preamble::split(&bytes);
            let _ = Reply::parse(&bytes);
        }
    }
}
