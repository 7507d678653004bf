//! Many streams over one link, which may break and come again: each end of a
//! stream reads and writes like a connection, and waits while there is no link.
//! A stream that nobody reads stops its own peer alone.

mod state;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::wire::{Decoder, Link, Part};
pub(crate) use state::weight;
use state::{Entry, PASSING, State, Taken};

/// How long a link may take nothing.
const STALL: Duration = Duration::from_secs(30);

/// The streams of one session.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// A link began.
    linked: Notify,
    /// A link has room again for others' words, or is over.
    room: Notify,
}

/// How a link is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// It carries all streams and takes the place of every other link; else it
    /// carries those that the peer opens over it, beside other links.
    pub(crate) all: bool,
    /// Parts of streams that are not ours are somebody else's, and not reset.
    pub(crate) strays: bool,
    /// The peer is another node: it is told of streams that are over, and is given
    /// up when it has said nothing for so long. It is asked whether it is there
    /// after a third of that.
    pub(crate) peer: Option<Duration>,
}

impl Terms {
    /// Between a VM and the one node of its relay.
    pub(crate) const LONE: Self = Self {
        all: true,
        strays: false,
        peer: None,
    };
    /// A VM's link to one of several nodes.
    pub(crate) const BESIDE: Self = Self {
        all: false,
        ..Self::LONE
    };
    /// A node's link to a VM, over which other nodes' streams go too.
    pub(crate) const SHARED: Self = Self {
        strays: true,
        ..Self::LONE
    };

    /// A node's way to the node that has the VM's link, which may be silent for so
    /// long.
    pub(crate) const fn peer(silence: Duration) -> Self {
        Self {
            peer: Some(silence),
            ..Self::LONE
        }
    }
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
        let mut entry = Entry::new(Some(from), None);
        let link = state.sole_number();
        match link {
            Some(link) => entry.go_by(link),
            None => entry.lose(Instant::now()),
        }
        state.streams.insert(number, entry);
        if let Some(link) = link {
            let word = Link::Open {
                stream: number,
                from: from.to_owned(),
                again: false,
            };
            state.say(link, word);
        }
        state.kick(number);
        drop(state);
        Some(self.end(number))
    }

    /// Takes a stream that the peer has opened over a link. None: it is known,
    /// and goes on over this link, or there are too many, in which case the peer
    /// is told.
    pub(crate) fn opened(
        &self,
        link: u64,
        number: u64,
        again: bool,
        most: usize,
    ) -> Option<StreamEnd> {
        let mut state = self.lock();
        if !state.links.contains_key(&link) {
            return None;
        }
        if let Some(entry) = state.streams.get_mut(&number) {
            if again {
                entry.go_by(link);
                entry.flow.relink();
                state.kick(number);
            }
            return None;
        }
        if state.streams.len() >= most {
            state.say(link, reset(number));
            return None;
        }
        let mut entry = Entry::new(None, Some(link));
        if again {
            entry.flow.greet();
        }
        state.streams.insert(number, entry);
        state.kick(number);
        drop(state);
        Some(self.end(number))
    }

    /// The peer has no way to a stream's guest any more: the stream waits for
    /// another link, unless it goes by one already.
    pub(crate) fn gone(&self, link: u64, number: u64) {
        let mut state = self.lock();
        if let Some(entry) = state.streams.get_mut(&number)
            && entry.link == Some(link)
        {
            entry.lose(Instant::now());
        }
    }

    /// Says something over every link, before what the streams have to say.
    pub(crate) fn say(&self, word: &Link) {
        for outlet in self.lock().links.values_mut() {
            outlet.say(word.clone());
            outlet.kick.notify_one();
        }
    }

    /// Passes a word of somebody else's stream on, once the link has room for
    /// it. False: there is no link.
    pub(crate) async fn pass(&self, word: Link) -> bool {
        loop {
            let room = self.0.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            {
                let mut state = self.lock();
                let Some(outlet) = state.sole() else {
                    return false;
                };
                if outlet.passing_bytes < PASSING {
                    outlet.pass(word);
                    outlet.kick.notify_one();
                    return true;
                }
            }
            room.await;
        }
    }

    /// How many streams there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().streams.len()
    }

    /// Whether a stream has this number.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.lock().streams.contains_key(&number)
    }

    /// Whether there is a link that carries all streams.
    pub(crate) fn is_linked(&self) -> bool {
        self.lock().sole().is_some()
    }

    /// Whether there are streams, or somebody waits for a link.
    pub(crate) fn is_wanted(&self) -> bool {
        let state = self.lock();
        state.waiters > 0 || !state.streams.is_empty()
    }

    /// Whether others than the caller hold these streams.
    pub(crate) fn is_held(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Waits for a link that carries all streams. It counts as wanted from the
    /// call on.
    pub(crate) fn linked(&self) -> impl Future<Output = ()> + '_ {
        let waiting = Waiting::new(self);
        async move {
            let _waiting = waiting;
            loop {
                let linked = self.0.linked.notified();
                tokio::pin!(linked);
                linked.as_mut().enable();
                if self.is_linked() {
                    return;
                }
                linked.await;
            }
        }
    }

    /// Resets the streams that have had no link for `keep`; how many.
    pub(crate) fn reap(&self, now: Instant, keep: Duration) -> usize {
        self.lock().reap(now, keep)
    }

    /// Resets all streams: there will be no other link.
    pub(crate) fn reset_all(&self) {
        let mut state = self.lock();
        let all: Vec<u64> = state.streams.keys().copied().collect();
        all.into_iter().for_each(|number| state.remove(number));
    }

    /// Carries the streams over a link until that ends, or another takes its
    /// place. `came` is what was read of it before. What is no part of a stream
    /// of ours is given to `heard`, with the link's number.
    pub(crate) async fn carry<S>(
        &self,
        link: S,
        came: Decoder,
        terms: Terms,
        heard: impl FnMut(u64, Link) -> Result<(), LinkError>,
    ) -> LinkError
    where
        S: AsyncRead + AsyncWrite,
    {
        let (number, kick) = self.lock().attach(terms);
        let _attached = Attached {
            streams: self,
            number,
        };
        self.0.linked.notify_waiters();
        let (read, write) = tokio::io::split(link);
        let ended: Result<std::convert::Infallible, LinkError> = tokio::select! {
            ended = self.reading(number, terms, read, came, heard) => ended,
            ended = self.writing(number, terms, write, &kick) => ended,
        };
        match ended {
            Err(why) => why,
            Ok(never) => match never {},
        }
    }

    async fn reading(
        &self,
        number: u64,
        terms: Terms,
        mut read: impl AsyncRead + Unpin,
        mut came: Decoder,
        mut heard: impl FnMut(u64, Link) -> Result<(), LinkError>,
    ) -> Result<std::convert::Infallible, LinkError> {
        let mut buffer = vec![0; 16 << 10];
        let silence = terms.peer.unwrap_or(Duration::MAX);
        loop {
            while let Some(word) = came.message().map_err(|_| WRONG)? {
                match word {
                    Link::Part { stream, part } => {
                        if let Some(stray) = self.accept(number, terms, stream, part)? {
                            heard(number, stray)?;
                        }
                    }
                    Link::Pong if terms.peer.is_some() => {}
                    other => heard(number, other)?,
                }
            }
            let count = timeout(silence, read.read(&mut buffer));
            let count = count.await.map_err(|_| late())??;
            if count == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            came.push(&buffer[..count]);
        }
    }

    async fn writing(
        &self,
        number: u64,
        terms: Terms,
        mut write: impl AsyncWrite + Unpin,
        kick: &Notify,
    ) -> Result<std::convert::Infallible, LinkError> {
        let mut out = Vec::new();
        // What comes in kicks too: it is no word of ours.
        let mut said = tokio::time::Instant::now();
        let quiet = terms.peer.unwrap_or(Duration::MAX) / 3;
        loop {
            let kicked = kick.notified();
            self.lock().fill(number, &mut out)?;
            if out.is_empty() {
                tokio::select! {
                    () = kicked => {}
                    () = sleep(quiet.saturating_sub(said.elapsed())), if terms.peer.is_some() => {
                        self.lock().say(number, Link::Ping);
                    }
                }
                continue;
            }
            said = tokio::time::Instant::now();
            self.0.room.notify_waiters();
            let written = async {
                write.write_all(&out).await?;
                write.flush().await
            };
            timeout(STALL, written).await.map_err(|_| late())??;
            out.clear();
            // A flood's buffer is not kept for the quiet after it.
            out.shrink_to(KEPT);
        }
    }

    /// Takes a part; what is not for a stream of ours is given back.
    fn accept(
        &self,
        link: u64,
        terms: Terms,
        stream: u64,
        part: Part,
    ) -> Result<Option<Link>, LinkError> {
        let mut state = self.lock();
        match state.accept(link, stream, part)? {
            Taken::Done => {}
            Taken::Stray(part) if terms.strays => return Ok(Some(Link::Part { stream, part })),
            Taken::Stray(Part::Reset) => {}
            Taken::Stray(_) => state.say(link, reset(stream)),
        }
        if let Some(outlet) = state.links.get(&link) {
            outlet.kick.notify_one();
        }
        Ok(None)
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

/// A link while it is carried.
struct Attached<'a> {
    streams: &'a Streams,
    number: u64,
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        self.streams.lock().detach(self.number, Instant::now());
        self.streams.0.room.notify_waiters();
    }
}

/// Who waits for a link.
struct Waiting<'a>(&'a Streams);

impl<'a> Waiting<'a> {
    fn new(streams: &'a Streams) -> Self {
        streams.lock().waiters += 1;
        Self(streams)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiters -= 1;
    }
}

/// What a link's writer keeps of its buffer, in bytes.
const KEPT: usize = 4 << 10;

fn late() -> LinkError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// A peer that says what it may not, or what nobody can read.
const WRONG: LinkError = LinkError::Wrong("the peer does not speak as it should");

fn reset(stream: u64) -> Link {
    Link::Part {
        stream,
        part: Part::Reset,
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
            state.kick(self.number);
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
        state.kick(self.number);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.streams.lock();
        if let Some(entry) = state.streams.get_mut(&self.number) {
            entry.flow.end();
        }
        state.kick(self.number);
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
        }
        state.kick(self.number);
        state.settle(self.number);
    }
}

#[cfg(test)]
mod tests;
