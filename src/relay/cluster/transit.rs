//! Other nodes' guests at the node that has the session's link: which stream is
//! whose, and what waits to be sent to each node. It carries their words as they
//! are: the numbering is between the guest's node and the VM.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::door::streams::{LinkError, Streams, weight};
use crate::wire::flow::WINDOW;
use crate::wire::{Link, Part, encode};

/// Nodes that visit one session at most: each holds a connection.
const VISITORS: usize = 256;
/// What may wait for a node, for each of its streams and once more, in bytes:
/// the window, with what small parts weigh.
const SHARE: usize = 2 * WINDOW;
/// Bytes that are written to a node at once, about.
const BATCH: usize = 64 << 10;

/// The other nodes' guests of one session.
#[derive(Clone, Default)]
pub(in crate::relay) struct Transit(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    visitors: BTreeMap<u64, Seat>,
    /// Which visitor a stream is of.
    routes: HashMap<u64, u64>,
}

/// One visiting node's place.
struct Seat {
    queue: VecDeque<Link>,
    bytes: usize,
    streams: usize,
    kick: Arc<Notify>,
    cut: CancellationToken,
}

/// A visiting node; dropping it leaves.
pub(super) struct Visitor {
    transit: Transit,
    number: u64,
    streams: Streams,
    pub(super) kick: Arc<Notify>,
    /// Cancelled when it must go.
    pub(super) cut: CancellationToken,
}

impl Transit {
    /// Gives a node a place; none if there are too many.
    pub(super) fn enter(&self, streams: &Streams) -> Option<Visitor> {
        let mut state = self.lock();
        if state.visitors.len() >= VISITORS {
            return None;
        }
        let number = state.next;
        state.next += 1;
        let seat = Seat {
            queue: VecDeque::new(),
            bytes: 0,
            streams: 0,
            kick: Arc::default(),
            cut: CancellationToken::new(),
        };
        let visitor = Visitor {
            transit: self.clone(),
            number,
            streams: streams.clone(),
            kick: Arc::clone(&seat.kick),
            cut: seat.cut.clone(),
        };
        state.visitors.insert(number, seat);
        Some(visitor)
    }

    /// How many streams of other nodes there are.
    #[cfg(test)]
    pub(in crate::relay) fn len(&self) -> usize {
        self.lock().routes.len()
    }

    /// Takes what the VM says of streams that are not this node's own.
    ///
    /// # Errors
    /// A VM says nothing else.
    pub(in crate::relay) fn heard(&self, streams: &Streams, word: Link) -> Result<(), LinkError> {
        let Link::Part { stream, part } = word else {
            return Err(LinkError::Wrong("a VM has nothing else to say"));
        };
        let mut state = self.lock();
        let Some(&visitor) = state.routes.get(&stream) else {
            drop(state);
            if part != Part::Reset {
                streams.say(&Link::Gone { stream });
            }
            return Ok(());
        };
        if part == Part::Reset {
            state.forget(stream);
        }
        state.tell(visitor, Link::Part { stream, part });
        Ok(())
    }

    /// Ends all visits: the VM's link is over.
    pub(in crate::relay) fn cut_all(&self) {
        for seat in self.lock().visitors.values() {
            seat.cut.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Puts a word into a visitor's queue. One that does not take what it may
    /// have asked for is cut.
    fn tell(&mut self, visitor: u64, word: Link) {
        let Some(seat) = self.visitors.get_mut(&visitor) else {
            return;
        };
        seat.bytes += weight(&word);
        seat.queue.push_back(word);
        if seat.bytes > (seat.streams + 1) * SHARE {
            seat.cut.cancel();
        }
        seat.kick.notify_one();
    }

    fn forget(&mut self, stream: u64) {
        let visitor = self.routes.remove(&stream);
        if let Some(seat) = visitor.and_then(|visitor| self.visitors.get_mut(&visitor)) {
            seat.streams -= 1;
        }
    }
}

impl Visitor {
    /// Takes a word of the node; what is to be passed on to the VM, if anything.
    /// `most` is how many guests the session may have.
    ///
    /// # Errors
    /// A node says nothing else.
    pub(super) fn heard(&self, word: Link, most: usize) -> Result<Option<Link>, LinkError> {
        let mut state = self.transit.lock();
        let own = |state: &State, stream| state.routes.get(stream) == Some(&self.number);
        match &word {
            Link::Open { stream, again, .. } => {
                let stream = *stream;
                let known = state.routes.contains_key(&stream);
                let full = state.routes.len() + self.streams.len() >= most;
                if self.streams.has(stream) || (known && !again) || (!known && full) {
                    let part = Part::Reset;
                    state.tell(self.number, Link::Part { stream, part });
                    return Ok(None);
                }
                state.forget(stream);
                state.routes.insert(stream, self.number);
                if let Some(seat) = state.visitors.get_mut(&self.number) {
                    seat.streams += 1;
                }
                Ok(Some(word))
            }
            Link::Part { stream, part } => {
                if !own(&state, stream) {
                    return Ok(None);
                }
                if *part == Part::Reset {
                    state.forget(*stream);
                }
                Ok(Some(word))
            }
            Link::Gone { stream } => {
                if !own(&state, stream) {
                    return Ok(None);
                }
                state.forget(*stream);
                Ok(Some(word))
            }
            Link::Ping => {
                state.tell(self.number, Link::Pong);
                Ok(None)
            }
            _ => Err(LinkError::Wrong("a node has nothing else to say")),
        }
    }

    /// Fills a batch of what waits for the node.
    ///
    /// # Errors
    /// A word that is too long.
    pub(super) fn fill(&self, out: &mut Vec<u8>) -> Result<(), LinkError> {
        let mut state = self.transit.lock();
        let Some(seat) = state.visitors.get_mut(&self.number) else {
            return Ok(());
        };
        while out.len() < BATCH {
            let Some(word) = seat.queue.pop_front() else {
                break;
            };
            seat.bytes -= weight(&word);
            encode(&word, out).map_err(|_| LinkError::Wrong("a word is too long"))?;
        }
        Ok(())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let mut state = self.transit.lock();
        state.visitors.remove(&self.number);
        let mut gone = Vec::new();
        state.routes.retain(|stream, visitor| {
            let own = *visitor == self.number;
            if own {
                gone.push(*stream);
            }
            !own
        });
        drop(state);
        for stream in gone {
            self.streams.say(&Link::Gone { stream });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wire::{Blob, Decoder, MAX_LINK};

    fn open(stream: u64, again: bool) -> Link {
        Link::Open {
            stream,
            from: "192.0.2.1:5".to_owned(),
            again,
        }
    }

    fn data(stream: u64, len: usize) -> Link {
        let bytes = Blob(vec![0; len]);
        Link::Part {
            stream,
            part: Part::Data { at: 0, bytes },
        }
    }

    fn told(visitor: &Visitor) -> Vec<Link> {
        let mut out = Vec::new();
        visitor.fill(&mut out).unwrap();
        let mut decoder = Decoder::new(MAX_LINK);
        decoder.push(&out);
        std::iter::from_fn(|| decoder.message().unwrap()).collect()
    }

    #[test]
    fn words_go_to_the_node_whose_stream_it_is() {
        let (transit, streams) = (Transit::default(), Streams::default());
        let (a, b) = (
            transit.enter(&streams).unwrap(),
            transit.enter(&streams).unwrap(),
        );
        assert_eq!(a.heard(open(1, false), 9).unwrap(), Some(open(1, false)));
        assert_eq!(b.heard(open(2, false), 9).unwrap(), Some(open(2, false)));
        // Another's stream is nobody's to speak on.
        assert_eq!(b.heard(data(1, 3), 9).unwrap(), None);
        transit.heard(&streams, data(1, 3)).unwrap();
        assert_eq!((told(&a), told(&b)), (vec![data(1, 3)], vec![]));
        // It comes again over another connection, and the old one's end is none.
        assert_eq!(b.heard(open(1, true), 9).unwrap(), Some(open(1, true)));
        drop(a);
        transit.heard(&streams, data(1, 4)).unwrap();
        assert_eq!(told(&b), vec![data(1, 4)]);
        drop(b);
        assert_eq!(transit.len(), 0);
    }

    #[test]
    fn guests_are_bounded_and_what_is_over_makes_room() {
        let (transit, streams) = (Transit::default(), Streams::default());
        let a = transit.enter(&streams).unwrap();
        let reset = |stream| Link::Part {
            stream,
            part: Part::Reset,
        };
        assert!(a.heard(open(1, false), 2).unwrap().is_some());
        assert!(a.heard(open(2, false), 2).unwrap().is_some());
        assert_eq!(a.heard(open(3, false), 2).unwrap(), None);
        assert_eq!(told(&a), vec![reset(3)]);
        assert!(a.heard(Link::Gone { stream: 1 }, 2).unwrap().is_some());
        assert!(a.heard(open(3, false), 2).unwrap().is_some());
        transit.heard(&streams, reset(3)).unwrap();
        assert_eq!((transit.len(), told(&a)), (1, vec![reset(3)]));
        assert!(a.heard(Link::Have, 2).is_err());
        assert!(transit.heard(&streams, Link::Have).is_err());
    }

    #[test]
    fn node_that_takes_nothing_is_cut() {
        let (transit, streams) = (Transit::default(), Streams::default());
        let a = transit.enter(&streams).unwrap();
        a.heard(open(1, false), 9).unwrap();
        let part = 32 << 10;
        for _ in 0..WINDOW / part {
            transit.heard(&streams, data(1, part)).unwrap();
        }
        assert!(!a.cut.is_cancelled(), "a window may wait");
        for _ in 0..4 * WINDOW / part {
            transit.heard(&streams, data(1, part)).unwrap();
        }
        assert!(a.cut.is_cancelled());
    }
}
