//! What a client's terminal sends: no cut of it matters, what it becomes is no
//! larger than what came, and nothing is held for ever.

use std::time::Duration;

use stepmux::base::{Key, KeyCode};
use stepmux::tty::decode::DecoderConfig;
use stepmux::tty::{Decoder, Input, PASTE_CHUNK, PasteChunk};

use super::{Reader, cut};

/// Longer than any wait of the decoder.
const EVER: Duration = Duration::from_secs(60);

/// Cuts and options, then what is typed; FF and a byte let time pass.
pub fn client_bytes(data: &[u8]) {
    let mut reader = Reader::new(data);
    let seed = reader.byte();
    let flags = reader.byte();
    let config = DecoderConfig {
        escape_time: Duration::from_millis(u64::from(flags >> 4) * 20),
        utf8_mouse: flags & 1 != 0,
        utf8: flags & 2 == 0,
    };
    let (mut bulk, mut got) = (Decoder::new(config.clone()), Vec::new());
    let (mut pieces, mut got_pieces) = (Decoder::new(config), Vec::new());
    for decoder in [&mut bulk, &mut pieces] {
        if flags & 4 != 0 {
            let own = [
                "\x1b[A", "\x1bOzq", "abc", "\x1b[A~", "\u{e9}", "\x1b\x1b", "ab",
            ];
            let key = |n: usize| Key::from(KeyCode::User(n as u16));
            let own = own.iter().enumerate();
            decoder.set_keys(
                own.map(|(n, text)| (text.as_bytes().to_vec(), key(n)))
                    .collect(),
            );
        }
    }
    let mut now = Duration::ZERO;
    let mut rest = reader.rest();
    while !rest.is_empty() {
        let at = rest.iter().position(|b| *b == 0xff).unwrap_or(rest.len());
        let (typed, tail) = rest.split_at(at);
        bulk.feed(typed, now, &mut got);
        cut(typed, seed, |piece| {
            pieces.feed(piece, now, &mut got_pieces)
        });
        assert_eq!(
            bulk.deadline(),
            pieces.deadline(),
            "a cut moves the deadline"
        );
        now += Duration::from_millis(tail.get(1).map_or(0, |b| u64::from(*b) * 8));
        bulk.tick(now, &mut got);
        pieces.tick(now, &mut got_pieces);
        rest = tail.get(2..).unwrap_or_default();
    }
    for (decoder, got) in [(&mut bulk, &mut got), (&mut pieces, &mut got_pieces)] {
        assert!(decoder.deadline().is_none_or(|end| end <= now + EVER));
        // A sequence that is given up may leave another that waits in turn.
        for _ in 0..8 {
            now += EVER;
            decoder.tick(now, got);
        }
        assert_eq!(decoder.deadline(), None, "it waits for ever");
        // At rest: a plain key is a key.
        let before = got.len();
        decoder.feed(b"k", now, got);
        assert_eq!(got.len(), before + 1, "a key was swallowed at rest");
    }
    bounded(&got, data.len() + 1);
    assert_eq!(joined(got), joined(got_pieces));
}

fn bounded(got: &[Input], sent: usize) {
    assert!(got.len() <= sent + 1, "{} of {sent} bytes", got.len());
    let mut pasted = 0;
    for input in got {
        if let Input::Paste(chunk) = input {
            assert!(chunk.bytes.len() <= PASTE_CHUNK);
            pasted += chunk.bytes.len();
        }
    }
    assert!(pasted <= sent, "{pasted} pasted of {sent} bytes");
}

/// The pieces of each paste as one.
fn joined(inputs: Vec<Input>) -> Vec<Input> {
    let mut all: Vec<Input> = Vec::new();
    for input in inputs {
        if let Input::Paste(chunk) = &input
            && let Some(Input::Paste(PasteChunk { bytes, last, .. })) = all.last_mut()
            && !*last
        {
            assert!(!chunk.first, "a paste begins inside a paste");
            bytes.extend_from_slice(&chunk.bytes);
            *last = chunk.last;
            continue;
        }
        all.push(input);
    }
    all
}
