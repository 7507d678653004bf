//! Many streams over one link, which may break and come again: each end of a
//! stream reads and writes like a connection, and waits while there is no link.
//! A stream that nobody reads stops its own peer alone.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::wire::{Decoder, Flow, Link, Part, encode};

/// Bytes that are written to a link at once, about.
const BATCH: usize = 64 << 10;
/// Controls that wait for a link at most; a peer that makes more is cut.
const CONTROLS: usize = 4096;
/// How long a link may take nothing.
const STALL: Duration = Duration::from_secs(30);

/// The streams of one session.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    kick: Notify,
}

#[derive(Default)]
struct State {
    streams: BTreeMap<u64, Entry>,
    controls: VecDeque<Link>,
    /// Where the turn is, so that each stream has one.
    turn: u64,
    /// Counts links: an old one that is still ending changes nothing.
    link: u64,
}

struct Entry {
    flow: Flow,
    /// From where its guest comes, on the side that opened it.
    from: Option<String>,
    read: Option<Waker>,
    write: Option<Waker>,
    /// It was reset.
    broken: bool,
    /// This side's end was dropped.
    dropped: bool,
}

/// Why a link is over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// It could not be read or written, or was closed.
    #[error("{}", crate::wire::reason(.0))]
    Io(#[from] io::Error),
    /// The peer does not speak as it should.
    #[error("{0}")]
    Wrong(&'static str),
    /// The peer refuses, or is refused.
    #[error("{0}")]
    Refused(String),
    /// Another link took its place.
    #[error("another link took its place")]
    Replaced,
}

impl Streams {
    /// Opens a stream to the peer, for a guest from an address. `number` must be
    /// new. None: there are `most` already.
    pub(crate) fn open(&self, number: u64, from: &str, most: usize) -> Option<StreamEnd> {
        let mut state = self.lock();
        if state.streams.len() >= most || state.streams.contains_key(&number) {
            return None;
        }
        state.streams.insert(number, Entry::new(Some(from)));
        state.say(Link::Open {
            stream: number,
            from: from.to_owned(),
            again: false,
        });
        drop(state);
        self.0.kick.notify_one();
        Some(self.end(number))
    }

    /// Takes a stream that the peer has opened. None: it is known, or there are
    /// too many, in which case the peer is told.
    pub(crate) fn opened(&self, number: u64, again: bool, most: usize) -> Option<StreamEnd> {
        let mut state = self.lock();
        if state.streams.contains_key(&number) {
            return None;
        }
        if state.streams.len() >= most {
            state.say(reset(number));
            drop(state);
            self.0.kick.notify_one();
            return None;
        }
        let mut entry = Entry::new(None);
        if again {
            entry.flow.greet();
        }
        state.streams.insert(number, entry);
        drop(state);
        self.0.kick.notify_one();
        Some(self.end(number))
    }

    /// Says something over the link, before what the streams have to say.
    pub(crate) fn say(&self, word: Link) {
        self.lock().say(word);
        self.0.kick.notify_one();
    }

    /// How many streams there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().streams.len()
    }

    /// Resets all streams: there will be no other link.
    pub(crate) fn reset_all(&self) {
        let mut state = self.lock();
        let all = std::mem::take(&mut state.streams);
        state.controls.clear();
        drop(state);
        for (_, mut entry) in all {
            entry.broken = true;
            entry.wake();
        }
    }

    /// Carries the streams over a link until that ends, or another takes its
    /// place. `came` is what was read of it before. What is no part of a stream
    /// is given to `heard`.
    pub(crate) async fn carry<S>(
        &self,
        link: S,
        mut came: Decoder,
        mut heard: impl FnMut(Link) -> Result<(), LinkError>,
    ) -> LinkError
    where
        S: AsyncRead + AsyncWrite,
    {
        let number = self.relink();
        let (mut read, mut write) = tokio::io::split(link);
        let reading = async {
            let mut buffer = vec![0; 16 << 10];
            loop {
                while let Some(word) = came.message().map_err(|_| WRONG)? {
                    match word {
                        Link::Part { stream, part } => self.accept(number, stream, part)?,
                        other => heard(other)?,
                    }
                }
                let count = read.read(&mut buffer).await?;
                if count == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
                came.push(&buffer[..count]);
            }
        };
        let writing = async {
            let mut out = Vec::new();
            loop {
                let kicked = self.0.kick.notified();
                self.lock().fill(number, &mut out)?;
                if out.is_empty() {
                    kicked.await;
                    continue;
                }
                let written = async {
                    write.write_all(&out).await?;
                    write.flush().await
                };
                match timeout(STALL, written).await {
                    Ok(done) => done?,
                    Err(_) => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                }
                out.clear();
            }
        };
        let ended: Result<std::convert::Infallible, LinkError> = tokio::select! {
            ended = reading => ended,
            ended = writing => ended,
        };
        match ended {
            Err(why) => why,
            Ok(never) => match never {},
        }
    }

    /// Begins a new link: what was under way is said again.
    fn relink(&self) -> u64 {
        let mut state = self.lock();
        state.link += 1;
        let words: Vec<Link> = state
            .streams
            .iter_mut()
            .filter_map(|(&stream, entry)| {
                entry.flow.relink();
                let from = entry.from.clone()?;
                Some(Link::Open {
                    stream,
                    from,
                    again: true,
                })
            })
            .collect();
        state
            .controls
            .retain(|word| !matches!(word, Link::Open { .. }));
        words.into_iter().for_each(|word| state.say(word));
        let number = state.link;
        drop(state);
        self.0.kick.notify_waiters();
        number
    }

    fn accept(&self, link: u64, number: u64, part: Part) -> Result<(), LinkError> {
        let mut state = self.lock();
        if state.link != link {
            return Err(LinkError::Replaced);
        }
        let Some(entry) = state.streams.get_mut(&number) else {
            if part != Part::Reset {
                state.say(reset(number));
                self.0.kick.notify_one();
            }
            return Ok(());
        };
        let is_reset = part == Part::Reset;
        if entry.flow.accept(part).is_err() {
            entry.broken = true;
            entry.wake();
            state.streams.remove(&number);
            if !is_reset {
                tracing::debug!(number, "a stream's numbers are wrong");
                state.say(reset(number));
            }
        } else {
            if entry.dropped {
                entry.flow.take(usize::MAX);
            }
            entry.wake();
            if entry.dropped && entry.flow.over() {
                state.streams.remove(&number);
            }
        }
        drop(state);
        self.0.kick.notify_one();
        Ok(())
    }

    fn end(&self, number: u64) -> StreamEnd {
        StreamEnd {
            streams: self.clone(),
            number,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A peer that says what it may not, or what nobody can read.
const WRONG: LinkError = LinkError::Wrong("the peer does not speak as it should");

fn reset(stream: u64) -> Link {
    Link::Part {
        stream,
        part: Part::Reset,
    }
}

impl State {
    fn say(&mut self, word: Link) {
        if self.controls.len() < CONTROLS {
            self.controls.push_back(word);
        }
    }

    /// Fills a batch: what is to be said, then a part of each stream in turn.
    fn fill(&mut self, link: u64, out: &mut Vec<u8>) -> Result<(), LinkError> {
        if self.link != link {
            return Err(LinkError::Replaced);
        }
        while let Some(word) = self.controls.pop_front() {
            encode(&word, out).map_err(|_| WRONG)?;
            if out.len() >= BATCH {
                return Ok(());
            }
        }
        while out.len() < BATCH {
            let turn = self.turn;
            let in_turn = self.streams.range(turn..).chain(self.streams.range(..turn));
            let mut ready = in_turn.filter(|(_, entry)| entry.flow.ready());
            let Some((&number, _)) = ready.next() else {
                break;
            };
            self.turn = number.wrapping_add(1);
            let Some(entry) = self.streams.get_mut(&number) else {
                break;
            };
            if let Some(part) = entry.flow.send() {
                let word = Link::Part {
                    stream: number,
                    part,
                };
                encode(&word, out).map_err(|_| WRONG)?;
            }
            if entry.dropped && entry.flow.over() {
                self.streams.remove(&number);
            }
        }
        Ok(())
    }
}

impl Entry {
    fn new(from: Option<&str>) -> Self {
        Self {
            flow: Flow::default(),
            from: from.map(str::to_owned),
            read: None,
            write: None,
            broken: false,
            dropped: false,
        }
    }

    fn wake(&mut self) {
        self.read.take().into_iter().for_each(Waker::wake);
        self.write.take().into_iter().for_each(Waker::wake);
    }
}

/// This side's end of a stream. Dropped, it has sent all that it will.
pub(crate) struct StreamEnd {
    streams: Streams,
    number: u64,
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the stream was reset")
}

impl AsyncRead for StreamEnd {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.streams.lock();
        let Some(entry) = state.streams.get_mut(&self.number) else {
            return Poll::Ready(Err(broken()));
        };
        if entry.flow.readable() {
            buf.put_slice(&entry.flow.take(buf.remaining()));
            drop(state);
            self.streams.0.kick.notify_one();
            return Poll::Ready(Ok(()));
        }
        if entry.flow.finished() {
            return Poll::Ready(Ok(()));
        }
        entry.read = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl AsyncWrite for StreamEnd {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.streams.lock();
        let Some(entry) = state.streams.get_mut(&self.number) else {
            return Poll::Ready(Err(broken()));
        };
        let count = entry.flow.give(bytes);
        if count == 0 && !bytes.is_empty() {
            entry.write = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        self.streams.0.kick.notify_one();
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(entry) = self.streams.lock().streams.get_mut(&self.number) {
            entry.flow.end();
        }
        self.streams.0.kick.notify_one();
        Poll::Ready(Ok(()))
    }
}

impl Drop for StreamEnd {
    fn drop(&mut self) {
        let mut state = self.streams.lock();
        if let Some(entry) = state.streams.get_mut(&self.number) {
            entry.flow.end();
            entry.flow.take(usize::MAX);
            entry.dropped = true;
            if entry.flow.over() {
                state.streams.remove(&self.number);
            }
        }
        drop(state);
        self.streams.0.kick.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wire::MAX_LINK;

    /// Two sides and what carries between them; dropping the task cuts it.
    fn link(a: &Streams, b: &Streams) -> tokio::task::JoinHandle<()> {
        let (near, far) = tokio::io::duplex(64 << 10);
        let (a, b) = (a.clone(), b.clone());
        tokio::spawn(async move {
            let other = b.clone();
            tokio::join!(
                a.carry(near, Decoder::new(MAX_LINK), |_| Ok(())),
                b.carry(far, Decoder::new(MAX_LINK), move |word| {
                    if let Link::Open { stream, again, .. } = word
                        && let Some(end) = other.opened(stream, again, 9)
                    {
                        tokio::spawn(echo(end));
                    }
                    Ok(())
                })
            );
        })
    }

    async fn echo(end: StreamEnd) {
        let (mut read, mut write) = tokio::io::split(end);
        let _ = tokio::io::copy(&mut read, &mut write).await;
        let _ = write.shutdown().await;
    }

    #[tokio::test]
    async fn streams_go_on_over_the_next_link() {
        let (a, b) = (Streams::default(), Streams::default());
        let first = link(&a, &b);
        let end = a.open(7, "192.0.2.1:5", 9).unwrap();
        let text: Vec<u8> = (0..1_500_000u32).map(|n| (n % 253) as u8).collect();
        let (mut read, mut write) = tokio::io::split(end);
        let sent = text.clone();
        let writer = tokio::spawn(async move {
            write.write_all(&sent).await.unwrap();
            write.shutdown().await.unwrap();
        });
        let mut got = vec![0; 300_000];
        read.read_exact(&mut got).await.unwrap();
        first.abort();
        let _ = first.await;
        let _second = link(&a, &b);
        read.read_to_end(&mut got).await.unwrap();
        writer.await.unwrap();
        assert!(got == text, "{} bytes", got.len());
    }

    #[tokio::test]
    async fn stream_that_nobody_reads_holds_up_no_other() {
        let (a, b) = (Streams::default(), Streams::default());
        let _link = link(&a, &b);
        let mut stuck = a.open(1, "x", 9).unwrap();
        let mut free = a.open(2, "x", 9).unwrap();
        // Its echo is not read: the window fills, here and there.
        let fill = vec![0; 4 << 20];
        let filling = timeout(Duration::from_millis(300), stuck.write_all(&fill)).await;
        assert!(filling.is_err());
        free.write_all(b"through").await.unwrap();
        let mut got = [0; 7];
        free.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"through");
    }

    #[tokio::test]
    async fn stream_that_the_peer_does_not_know_is_reset() {
        let (a, b) = (Streams::default(), Streams::default());
        let mut end = a.opened(5, false, 9).unwrap();
        end.write_all(b"x").await.unwrap();
        let _link = link(&a, &b);
        assert!(end.read_to_end(&mut Vec::new()).await.is_err());
        assert_eq!((a.len(), b.len()), (0, 0));
        assert!(a.open(1, "x", 0).is_none());
        a.reset_all();
    }
}
