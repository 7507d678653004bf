//! A stream of numbered bytes in both directions that outlives what carries it.
//! Each side keeps what the other has not acknowledged, at most a window of it,
//! and sends that again over a new link. It neither reads nor writes: it says
//! what to send, and takes what came.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::message::Blob;

/// What may be under way in one direction, in bytes.
pub const WINDOW: usize = 256 << 10;

/// The most bytes in one part.
pub const PART: usize = 32 << 10;

/// What one side sends to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Bytes from a number on.
    Data {
        /// The first byte's number.
        at: u64,
        /// The bytes.
        bytes: Blob,
    },
    /// All bytes before this number were taken; the end counts as one.
    Ack {
        /// The number.
        to: u64,
    },
    /// No byte has this number or a greater one.
    End {
        /// The number.
        at: u64,
    },
    /// Over a new link: all before this number is here, go on from it.
    Resume {
        /// The number.
        from: u64,
    },
    /// The stream is over, at once and both ways.
    Reset,
}

/// The peer does not keep to the protocol; the stream must be reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stream's numbers are wrong")]
pub struct Wrong;

/// One side's end of a stream.
#[derive(Debug, Default)]
pub struct Flow {
    out: Outgoing,
    inward: Incoming,
    /// Nothing is sent before the peer has said from where.
    waits: bool,
}

#[derive(Debug, Default)]
struct Outgoing {
    /// The number of the first byte of `held`.
    acked: u64,
    held: VecDeque<u8>,
    /// The number of the next byte to send.
    next: u64,
    ended: bool,
    end_sent: bool,
    end_acked: bool,
}

#[derive(Debug, Default)]
struct Incoming {
    /// The number of the next byte to come.
    next: u64,
    /// Came and was not yet taken.
    held: VecDeque<u8>,
    end: bool,
    /// What the peer was last told.
    told: u64,
    /// Over a new link: say how far it came, then again what was taken, since
    /// the last word of that may be lost.
    resume: bool,
    retell: bool,
}

impl Flow {
    /// How many bytes can be given to [`Flow::give`].
    #[must_use]
    pub fn room(&self) -> usize {
        if self.out.ended {
            return 0;
        }
        WINDOW - self.out.held.len().min(WINDOW)
    }

    /// Takes bytes to be sent, as many as there is room for; how many.
    pub fn give(&mut self, bytes: &[u8]) -> usize {
        let len = bytes.len().min(self.room());
        self.out.held.extend(&bytes[..len]);
        len
    }

    /// Nothing further will be given.
    pub fn end(&mut self) {
        self.out.ended = true;
    }

    /// Takes bytes that came, at most `max`; how many there are is the result's
    /// length.
    pub fn take(&mut self, max: usize) -> Vec<u8> {
        let len = self.inward.held.len().min(max);
        self.inward.held.drain(..len).collect()
    }

    /// Whether something can be taken.
    #[must_use]
    pub fn readable(&self) -> bool {
        !self.inward.held.is_empty()
    }

    /// Whether everything came and was taken.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.inward.end && self.inward.held.is_empty()
    }

    /// Whether both directions are over and acknowledged.
    #[must_use]
    pub fn over(&self) -> bool {
        self.finished() && self.inward.told == self.inward.taken() && self.out.end_acked
    }

    /// The link is another one: the peer is told what is here, and nothing is
    /// sent before it has told the same.
    pub fn relink(&mut self) {
        self.waits = true;
        self.inward.resume = true;
        self.inward.retell = self.inward.told > 0;
    }

    /// The peer asks over a new link for what it began over another: it is told
    /// what is here, which for a new stream is nothing.
    pub fn greet(&mut self) {
        self.inward.resume = true;
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.inward.resume || self.inward.due() || (!self.waits && self.out.ready())
    }

    /// What to send next; none for now.
    pub fn send(&mut self) -> Option<Part> {
        if std::mem::take(&mut self.inward.resume) {
            let from = self.inward.next + u64::from(self.inward.end);
            return Some(Part::Resume { from });
        }
        if self.inward.due() {
            let to = self.inward.taken();
            self.inward.told = to;
            self.inward.retell = false;
            return Some(Part::Ack { to });
        }
        if self.waits {
            return None;
        }
        self.out.next_part()
    }

    /// Takes a part from the peer.
    ///
    /// # Errors
    /// Numbers that cannot be.
    pub fn accept(&mut self, part: Part) -> Result<(), Wrong> {
        match part {
            Part::Data { at, bytes } => self.inward.data(at, &bytes.0),
            Part::End { at } => self.inward.ends(at),
            Part::Ack { to } => self.out.acknowledge(to),
            Part::Resume { from } => {
                self.waits = false;
                self.out.resume(from)
            }
            Part::Reset => Err(Wrong),
        }
    }
}

impl Outgoing {
    /// The number after the last byte that is known.
    fn total(&self) -> u64 {
        self.acked + self.held.len() as u64
    }

    fn ready(&self) -> bool {
        self.next < self.total() || (self.ended && !self.end_sent)
    }

    fn next_part(&mut self) -> Option<Part> {
        let at = self.next;
        let skip = usize::try_from(at - self.acked).ok()?;
        let len = (self.held.len() - skip).min(PART);
        if len > 0 {
            let bytes = self.held.range(skip..skip + len).copied().collect();
            self.next += len as u64;
            return Some(Part::Data {
                at,
                bytes: Blob(bytes),
            });
        }
        if self.ended && !self.end_sent {
            self.end_sent = true;
            return Some(Part::End { at });
        }
        None
    }

    /// Goes on from a number. What is before it stays in the window: the peer
    /// has it, but may not have taken it.
    fn resume(&mut self, from: u64) -> Result<(), Wrong> {
        let total = self.total();
        let past_end = self.ended && from == total + 1;
        if from < self.acked || (from > total && !past_end) {
            return Err(Wrong);
        }
        self.next = from.min(total);
        self.end_sent = past_end || self.end_acked;
        Ok(())
    }

    fn acknowledge(&mut self, to: u64) -> Result<(), Wrong> {
        let total = self.total();
        // The end counts as one, once it is sent.
        let end = self.end_sent && to == total + 1;
        let upto = if end { total } else { to };
        // An older word of the same comes late over another link.
        if upto < self.acked {
            return Ok(());
        }
        if upto > self.next {
            return Err(Wrong);
        }
        let len = usize::try_from(upto - self.acked).map_err(|_| Wrong)?;
        self.held.drain(..len);
        self.acked = upto;
        self.end_acked |= end;
        Ok(())
    }
}

impl Incoming {
    /// The number before which all was taken, the end included.
    fn taken(&self) -> u64 {
        let bytes = self.next - self.held.len() as u64;
        bytes + u64::from(self.end && self.held.is_empty())
    }

    /// An acknowledgement is due: a part of the window, or the end.
    fn due(&self) -> bool {
        let taken = self.taken();
        self.retell
            || taken - self.told >= (WINDOW / 4) as u64
            || (self.end && self.held.is_empty() && self.told < taken)
    }

    fn data(&mut self, at: u64, bytes: &[u8]) -> Result<(), Wrong> {
        if at > self.next || bytes.len() > PART {
            return Err(Wrong);
        }
        // What is here already came twice, over two links.
        let skip = usize::try_from(self.next - at).map_err(|_| Wrong)?;
        let new = bytes.get(skip..).unwrap_or_default();
        if self.end && !new.is_empty() {
            return Err(Wrong);
        }
        // The peer counts its window from what it was told.
        let under_way = self.next + new.len() as u64 - self.told.min(self.next);
        if under_way > WINDOW as u64 {
            return Err(Wrong);
        }
        self.held.extend(new);
        self.next += new.len() as u64;
        Ok(())
    }

    fn ends(&mut self, at: u64) -> Result<(), Wrong> {
        if at != self.next {
            return Err(Wrong);
        }
        self.end = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Carries everything that can be carried, `drop` parts of each direction
    /// lost at its end.
    fn carry(a: &mut Flow, b: &mut Flow) {
        loop {
            let mut moved = false;
            while let Some(part) = a.send() {
                b.accept(part).unwrap();
                moved = true;
            }
            while let Some(part) = b.send() {
                a.accept(part).unwrap();
                moved = true;
            }
            if !moved {
                return;
            }
        }
    }

    #[test]
    fn bytes_come_once_and_in_order_over_links_that_break_anywhere() {
        let text: Vec<u8> = (0..700_000u32).map(|n| (n % 251) as u8).collect();
        for lose in [1, 2, 3, 5, 8] {
            let (mut a, mut b) = (Flow::default(), Flow::default());
            let (mut given, mut got, mut parts) = (0, Vec::new(), 0);
            while got.len() < text.len() {
                given += a.give(&text[given..]);
                // Every so often a part is lost with its link.
                while let Some(part) = a.send() {
                    parts += 1;
                    if parts % (lose * 3) == 0 {
                        a.relink();
                        b.relink();
                        break;
                    }
                    b.accept(part).unwrap();
                }
                while let Some(part) = b.send() {
                    a.accept(part).unwrap();
                }
                got.extend(b.take(50_000));
            }
            a.end();
            carry(&mut a, &mut b);
            got.extend(b.take(usize::MAX));
            assert_eq!(got, text);
            assert!(b.finished());
        }
    }

    #[test]
    fn stream_is_over_when_both_ends_are_acknowledged() {
        let (mut a, mut b) = (Flow::default(), Flow::default());
        assert_eq!(a.give(b"ask"), 3);
        a.end();
        carry(&mut a, &mut b);
        assert!(!b.finished() && b.readable());
        assert_eq!(b.take(10), b"ask");
        assert!(b.finished() && !a.over() && !b.over());
        b.give(b"answer");
        b.end();
        carry(&mut a, &mut b);
        assert_eq!(a.take(10), b"answer");
        carry(&mut a, &mut b);
        assert!(a.over() && b.over());
        assert!(!a.ready() && !b.ready());
    }

    #[test]
    fn window_holds_what_nobody_takes() {
        let (mut a, mut b) = (Flow::default(), Flow::default());
        assert_eq!(a.give(&vec![1; WINDOW + 5]), WINDOW);
        assert_eq!(a.room(), 0);
        carry(&mut a, &mut b);
        assert_eq!(a.give(b"x"), 0);
        b.take(WINDOW / 2);
        carry(&mut a, &mut b);
        assert!(a.room() >= WINDOW / 2);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        let data = |at, len| Part::Data {
            at,
            bytes: Blob(vec![0; len]),
        };
        for part in [
            data(1, 1),
            data(0, PART + 1),
            Part::Ack { to: 1 },
            Part::Resume { from: 9 },
            Part::End { at: 4 },
            Part::Reset,
        ] {
            assert_eq!(Flow::default().accept(part.clone()), Err(Wrong), "{part:?}");
        }
        let mut flow = Flow::default();
        for nth in 0..WINDOW / PART {
            flow.accept(data((nth * PART) as u64, PART)).unwrap();
        }
        assert_eq!(flow.accept(data(WINDOW as u64, 1)), Err(Wrong));
    }
}
