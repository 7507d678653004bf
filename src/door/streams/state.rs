//! What [`super::Streams`] knows: its streams, and the links over which they go.
//! Plain values under one lock; nothing here waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::{LinkError, Terms, WRONG, reset};
use crate::wire::{Flow, Link, Part, encode};

/// Bytes that are written to a link at once, about.
const BATCH: usize = 64 << 10;
/// Controls that wait for a link at most; a peer that makes more is cut.
const CONTROLS: usize = 4096;
/// Bytes of others' streams that wait for a link at most.
pub(super) const PASSING: usize = 256 << 10;

#[derive(Default)]
pub(super) struct State {
    pub(super) streams: BTreeMap<u64, Entry>,
    pub(super) links: BTreeMap<u64, Outlet>,
    /// How many links there ever were: an old one that is still ending changes
    /// nothing.
    count: u64,
    /// Those who wait for a link.
    pub(super) waiters: usize,
}

/// One link's side of what is sent.
pub(super) struct Outlet {
    pub(super) kick: Arc<Notify>,
    pub(super) terms: Terms,
    controls: VecDeque<Link>,
    /// The peer makes more controls than it takes.
    flooded: bool,
    /// Words of streams that are not ours, and their bytes.
    passing: VecDeque<Link>,
    pub(super) passing_bytes: usize,
    /// Where the turn is, so that each stream has one.
    turn: u64,
}

pub(super) struct Entry {
    pub(super) flow: Flow,
    /// From where its guest comes, on the side that opened it.
    pub(super) from: Option<String>,
    pub(super) read: Option<Waker>,
    pub(super) write: Option<Waker>,
    /// The link over which it goes.
    pub(super) link: Option<u64>,
    /// Since when it has none.
    lost: Option<Instant>,
    /// This side's end was dropped.
    pub(super) dropped: bool,
}

/// What becomes of a part that came.
pub(super) enum Taken {
    /// It was for a stream of ours, or for nobody.
    Done,
    /// No stream of ours has this number.
    Stray(Part),
}

impl State {
    /// Says something over a link, before what its streams have to say.
    pub(super) fn say(&mut self, link: u64, word: Link) {
        if let Some(outlet) = self.links.get_mut(&link) {
            outlet.say(word);
        }
    }

    /// The link that carries all streams.
    pub(super) fn sole(&mut self) -> Option<&mut Outlet> {
        let mut links = self.links.values_mut();
        links.find(|outlet| outlet.terms.all)
    }

    /// Its number.
    pub(super) fn sole_number(&self) -> Option<u64> {
        let mut links = self.links.iter();
        let sole = links.find(|(_, outlet)| outlet.terms.all);
        sole.map(|(&number, _)| number)
    }

    /// Begins a link. If it carries all streams, then what was under way is said
    /// again over it, and it takes the place of every other.
    pub(super) fn attach(&mut self, terms: Terms) -> (u64, Arc<Notify>) {
        self.count += 1;
        let number = self.count;
        let mut outlet = Outlet::new(terms);
        let kick = Arc::clone(&outlet.kick);
        if terms.all {
            for (_, old) in std::mem::take(&mut self.links) {
                old.kick.notify_one();
            }
            for (&stream, entry) in &mut self.streams {
                entry.go_by(number);
                entry.flow.relink();
                if let Some(from) = entry.from.clone() {
                    // As many as there are streams, which are bounded elsewhere.
                    outlet.controls.push_back(Link::Open {
                        stream,
                        from,
                        again: true,
                    });
                }
            }
        }
        self.links.insert(number, outlet);
        (number, kick)
    }

    /// Ends a link: its streams wait for another.
    pub(super) fn detach(&mut self, number: u64, now: Instant) {
        self.links.remove(&number);
        let own = self.streams.values_mut();
        for entry in own.filter(|entry| entry.link == Some(number)) {
            entry.lose(now);
        }
    }

    /// Takes a part that came over a link.
    ///
    /// # Errors
    /// The link is not one of ours any more.
    pub(super) fn accept(
        &mut self,
        link: u64,
        number: u64,
        part: Part,
    ) -> Result<Taken, LinkError> {
        if !self.links.contains_key(&link) {
            return Err(LinkError::Replaced);
        }
        let Some(entry) = self.streams.get_mut(&number) else {
            return Ok(Taken::Stray(part));
        };
        // Late, over the link that it went by before.
        if entry.link != Some(link) {
            return Ok(Taken::Done);
        }
        let is_reset = part == Part::Reset;
        if entry.flow.accept(part).is_err() {
            self.remove(number);
            if !is_reset {
                tracing::debug!(number, "a stream's numbers are wrong");
                self.say(link, reset(number));
            }
            return Ok(Taken::Done);
        }
        if entry.dropped {
            entry.flow.take(usize::MAX);
        }
        entry.wake();
        self.settle(number);
        Ok(Taken::Done)
    }

    /// Forgets a stream that is over, both ways and for both sides.
    pub(super) fn settle(&mut self, number: u64) {
        let over = |entry: &Entry| entry.dropped && entry.flow.over();
        if self.streams.get(&number).is_some_and(over) {
            self.remove(number);
        }
    }

    /// Forgets a stream; who waits for it finds it gone.
    pub(super) fn remove(&mut self, number: u64) {
        let Some(mut entry) = self.streams.remove(&number) else {
            return;
        };
        entry.wake();
        let link = entry.link.and_then(|link| self.links.get_mut(&link));
        if let Some(outlet) = link.filter(|outlet| outlet.terms.peer.is_some()) {
            outlet.say(Link::Gone { stream: number });
            outlet.kick.notify_one();
        }
    }

    /// Wakes the writer of the link that a stream goes by.
    pub(super) fn kick(&self, number: u64) {
        let link = self.streams.get(&number).and_then(|entry| entry.link);
        if let Some(outlet) = link.and_then(|link| self.links.get(&link)) {
            outlet.kick.notify_one();
        }
    }

    /// Fills a batch: what is to be said, others' words, then a part of each
    /// stream in turn.
    ///
    /// # Errors
    /// The link is not one of ours any more.
    pub(super) fn fill(&mut self, link: u64, out: &mut Vec<u8>) -> Result<(), LinkError> {
        let Some(outlet) = self.links.get_mut(&link) else {
            return Err(LinkError::Replaced);
        };
        if outlet.flooded {
            return Err(WRONG);
        }
        while let Some(word) = outlet.controls.pop_front() {
            encode(&word, out).map_err(|_| WRONG)?;
            if out.len() >= BATCH {
                return Ok(());
            }
        }
        outlet.let_pass(BATCH / 2, out)?;
        let mut turn = outlet.turn;
        while out.len() < BATCH {
            let in_turn = self.streams.range(turn..).chain(self.streams.range(..turn));
            let mut ready = in_turn
                .filter(|(_, entry)| entry.link == Some(link))
                .filter(|(_, entry)| entry.flow.ready());
            let Some((&stream, _)) = ready.next() else {
                break;
            };
            turn = stream.wrapping_add(1);
            let Some(entry) = self.streams.get_mut(&stream) else {
                break;
            };
            if let Some(part) = entry.flow.send() {
                encode(&Link::Part { stream, part }, out).map_err(|_| WRONG)?;
            }
            self.settle(stream);
        }
        if let Some(outlet) = self.links.get_mut(&link) {
            outlet.turn = turn;
            outlet.let_pass(BATCH, out)?;
        }
        Ok(())
    }

    /// Forgets the streams that have had no link for `keep`; how many.
    pub(super) fn reap(&mut self, now: Instant, keep: Duration) -> usize {
        let late = |entry: &Entry| {
            let lost = entry.lost;
            lost.is_some_and(|lost| now.saturating_duration_since(lost) >= keep)
        };
        let all = self.streams.iter();
        let late: Vec<u64> = all
            .filter(|(_, e)| late(e))
            .map(|(&number, _)| number)
            .collect();
        late.iter().for_each(|number| self.remove(*number));
        late.len()
    }
}

impl Outlet {
    fn new(terms: Terms) -> Self {
        Self {
            kick: Arc::default(),
            terms,
            controls: VecDeque::new(),
            flooded: false,
            passing: VecDeque::new(),
            passing_bytes: 0,
            turn: 0,
        }
    }

    pub(super) fn say(&mut self, word: Link) {
        if self.controls.len() < CONTROLS {
            self.controls.push_back(word);
        } else {
            // A reset is said again at the next part of what was reset.
            let reset = matches!(word, Link::Part { .. });
            self.flooded |= !reset;
        }
    }

    pub(super) fn pass(&mut self, word: Link) {
        self.passing_bytes += weight(&word);
        self.passing.push_back(word);
    }

    fn let_pass(&mut self, most: usize, out: &mut Vec<u8>) -> Result<(), LinkError> {
        while out.len() < most {
            let Some(word) = self.passing.pop_front() else {
                break;
            };
            self.passing_bytes -= weight(&word);
            encode(&word, out).map_err(|_| WRONG)?;
        }
        Ok(())
    }
}

/// What a word takes in memory, in bytes, about.
pub(crate) fn weight(word: &Link) -> usize {
    let bytes = match word {
        Link::Part {
            part: Part::Data { bytes, .. },
            ..
        } => bytes.0.len(),
        _ => 0,
    };
    bytes + 64
}

impl Entry {
    pub(super) fn new(from: Option<&str>, link: Option<u64>) -> Self {
        Self {
            flow: Flow::default(),
            from: from.map(str::to_owned),
            read: None,
            write: None,
            link,
            lost: None,
            dropped: false,
        }
    }

    /// It goes over this link from now on.
    pub(super) fn go_by(&mut self, link: u64) {
        self.link = Some(link);
        self.lost = None;
    }

    /// It has no link.
    pub(super) fn lose(&mut self, now: Instant) {
        self.link = None;
        self.lost = Some(now);
    }

    pub(super) fn wake(&mut self) {
        self.read.take().into_iter().for_each(Waker::wake);
        self.write.take().into_iter().for_each(Waker::wake);
    }
}
