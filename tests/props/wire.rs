//! The local protocol: no bytes of a peer panic or make it hold more than they
//! are, no cut of them matters, and what is understood is written as it was.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use stepmux::wire::{Decoder, FromClient, Hello, Preamble, Reply, ToClient, WireError, encode};

use super::{Reader, cut};

/// The bound of the decoders here, in bytes.
const LIMIT: usize = 4096;

/// Cuts, which side is read, then the peer's bytes.
pub fn wire_frame(data: &[u8]) {
    let mut reader = Reader::new(data);
    let seed = reader.byte();
    let side = reader.byte();
    let bytes = reader.rest();
    if side & 1 == 0 {
        messages::<FromClient>(bytes, seed);
    } else {
        messages::<ToClient>(bytes, seed);
    }
    bodies(bytes, seed);
    first_frames(bytes);
}

/// A decoder's bodies until there is none, or the error that ends it.
fn drain(decoder: &mut Decoder, got: &mut Vec<Result<Vec<u8>, WireError>>) {
    while got.last().is_none_or(Result::is_ok) {
        match decoder.body() {
            Ok(Some(body)) => got.push(Ok(body.to_vec())),
            Ok(None) => return,
            Err(error) => got.push(Err(error)),
        }
    }
}

fn bodies(bytes: &[u8], seed: u8) {
    let (mut bulk, mut got) = (Decoder::new(LIMIT), Vec::new());
    bulk.push(bytes);
    drain(&mut bulk, &mut got);
    let (mut pieces, mut got_pieces) = (Decoder::new(LIMIT), Vec::new());
    cut(bytes, seed, |piece| {
        pieces.push(piece);
        drain(&mut pieces, &mut got_pieces);
    });
    assert_eq!(got, got_pieces);
    let read: usize = got.iter().flatten().map(Vec::len).sum();
    assert!(read <= bytes.len());
}

/// Reads a peer's messages in any cut.
pub(super) fn messages<T>(bytes: &[u8], seed: u8)
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let mut decoder = Decoder::new(LIMIT);
    let mut ended = false;
    cut(bytes, seed, |piece| {
        decoder.push(piece);
        while !ended {
            match decoder.message::<T>() {
                Ok(Some(message)) => same_again(&message),
                Ok(None) => return,
                Err(_) => ended = true,
            }
        }
    });
}

fn same_again<T>(message: &T)
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let mut frame = Vec::new();
    assert_eq!(encode(message, &mut frame), Ok(()));
    let mut decoder = Decoder::new(frame.len());
    decoder.push(&frame);
    let again = decoder.message::<T>();
    assert_eq!(again.as_ref().ok().and_then(Option::as_ref), Some(message));
}

fn first_frames(bytes: &[u8]) {
    let _ = Reply::parse(bytes);
    let rest = match Preamble::split(bytes) {
        Ok((preamble, rest)) => {
            assert!(!preamble.version.chars().any(char::is_control));
            rest
        }
        Err(_) => bytes,
    };
    if let Ok(hello) = Hello::parse(rest) {
        let held = hello.cwd.len() + hello.env.len();
        assert!(held <= bytes.len());
        let mut frame = Vec::new();
        assert_eq!(hello.encode(&mut frame), Ok(()));
    }
}
