//! The words between VMs, relays and their nodes, and a stream that is fed any
//! parts: nothing panics, nothing is held beyond a stream's window, and what is
//! understood is written as it was.

use stepmux::access::Claim;
use stepmux::wire::{Blob, Flow, Link, Part};

use super::Reader;
use super::wire::messages;

/// What a stream holds in each direction at most, in bytes (stepmux-relay(8)).
const WINDOW: usize = 256 << 10;

/// Cuts, then a peer's bytes: as words, as a claim, as orders to two streams.
pub fn link_words(data: &[u8]) {
    let mut reader = Reader::new(data);
    let seed = reader.byte();
    let bytes = reader.rest();
    messages::<Link>(bytes, seed);
    if let Ok(claim) = Claim::read(bytes) {
        assert_eq!(claim.to_bytes().as_deref(), Ok(bytes));
    }
    streams(&mut reader);
}

/// One side keeps to the protocol, and the other one is told whatever the bytes
/// say, until it is noticed.
fn streams(reader: &mut Reader<'_>) {
    let mut flow = Flow::default();
    let mut given = 0u64;
    while !reader.rest().is_empty() {
        let (what, number) = (reader.byte(), u64::from(reader.byte()));
        // Near what was given, near the window, near the end of all numbers.
        let at = match what >> 5 {
            0..4 => number,
            4 => given.saturating_add(number).saturating_sub(128),
            5 => number * 1024,
            6 => (WINDOW as u64).saturating_add(number).saturating_sub(128),
            _ => u64::MAX - number,
        };
        let bytes = |count: usize| Blob(vec![what; count]);
        let part = match what & 15 {
            0..4 => Part::Data {
                at,
                bytes: bytes(usize::from(what) * 160),
            },
            4 | 5 => Part::Ack { to: at },
            6 => Part::End { at },
            7 | 8 => Part::Resume { from: at },
            9 => Part::Reset,
            10 | 11 => {
                given += flow.give(&vec![0; usize::from(what) * 512]) as u64;
                continue;
            }
            12 => {
                flow.take(usize::from(what) * 256);
                continue;
            }
            13 => {
                flow.relink();
                continue;
            }
            14 => {
                flow.end();
                continue;
            }
            _ => {
                let mut said = 0;
                while let Some(part) = flow.send() {
                    said += 1;
                    assert!(said < 64, "it has no end: {part:?}");
                }
                assert!(!flow.ready());
                continue;
            }
        };
        assert!(flow.room() <= WINDOW);
        if flow.accept(part).is_err() {
            break;
        }
    }
    assert!(flow.take(usize::MAX).len() <= WINDOW);
}
