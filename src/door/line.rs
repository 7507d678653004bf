//! A peer's connection with a rein on it: it can be cut at any moment,
//! also while the peer neither reads nor writes, and it reads no more than its
//! allowance before the guest is admitted. It knows nothing of SSH.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::access::Grant;

/// What a connection may read before its guest is admitted, in bytes: a key
/// exchange takes about 3 KiB, each offered key up to 2 KiB.
const BEFORE_AUTH: usize = 128 * 1024;

/// Peers that are unreachable, or take nothing at all, are given up after this
/// long, in milliseconds (tcp(7), `TCP_USER_TIMEOUT`). A keepalive would not
/// notice while a write waits.
const USER_TIMEOUT: u32 = 60_000;

/// The kernel's send buffer, in bytes. It is what a stalled guest can make the
/// kernel hold, and what a slow one must read before the newest picture.
const SEND_BUFFER: usize = 128 * 1024;

/// Holds one connection.
#[derive(Debug)]
pub(crate) struct Rein {
    cut: CancellationToken,
    allowance: AtomicUsize,
    held: Mutex<Held>,
}

/// How far a connection's guests may go beyond what each was told.
#[derive(Debug)]
struct Held {
    most: Grant,
    /// Ends the forwards.
    forwards: CancellationToken,
}

impl Rein {
    pub(crate) fn new(cut: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            cut,
            allowance: AtomicUsize::new(BEFORE_AUTH),
            held: Mutex::new(Held {
                most: Grant::Admin,
                forwards: CancellationToken::new(),
            }),
        })
    }

    /// Holds the connection to a grant: its forwards end where it covers none,
    /// and no further channel is given more.
    pub(crate) fn hold(&self, most: Grant) {
        let mut held = self.held();
        held.most = most;
        if !most.allows(Grant::Type) {
            std::mem::take(&mut held.forwards).cancel();
        }
    }

    /// The grant that it is held to.
    pub(crate) fn most(&self) -> Grant {
        self.held().most
    }

    /// Cancelled when forwards that begin now must end.
    pub(crate) fn forwards(&self) -> CancellationToken {
        self.held().forwards.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts the connection.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    /// Waits until it is cut.
    pub(crate) async fn severed(&self) {
        self.cut.cancelled().await;
    }

    /// Lifts the allowance: the guest is admitted.
    pub(crate) fn loosen(&self) {
        self.allowance.store(usize::MAX, Ordering::Relaxed);
    }

    /// Takes `read` bytes off the allowance; false when it is used up.
    fn spend(&self, read: usize) -> bool {
        let left = self.allowance.load(Ordering::Relaxed);
        if left == usize::MAX {
            return true;
        }
        // Loosened in between: the store of MAX must win.
        let now = left.saturating_sub(read);
        let _ = self
            .allowance
            .compare_exchange(left, now, Ordering::Relaxed, Ordering::Relaxed);
        now > 0
    }
}

/// The connection.
pub(crate) struct Line<S> {
    stream: S,
    rein: Arc<Rein>,
    cut_read: Pin<Box<WaitForCancellationFutureOwned>>,
    cut_write: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<S> Line<S> {
    /// Puts a rein on a connection.
    pub(crate) fn new(stream: S, rein: Arc<Rein>) -> Self {
        let (read, write) = (rein.cut.clone(), rein.cut.clone());
        Self {
            stream,
            rein,
            cut_read: Box::pin(read.cancelled_owned()),
            cut_write: Box::pin(write.cancelled_owned()),
        }
    }
}

/// Sets a fresh connection's socket up. An option that the system refuses costs
/// comfort alone.
pub(crate) fn tune(tcp: &TcpStream) {
    let set = tcp.set_nodelay(true).is_ok()
        && rustix::net::sockopt::set_tcp_user_timeout(tcp, USER_TIMEOUT).is_ok()
        && rustix::net::sockopt::set_socket_send_buffer_size(tcp, SEND_BUFFER).is_ok();
    if !set {
        tracing::debug!("a socket option was refused");
    }
}

fn severed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was cut")
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        if line.rein.cut.is_cancelled() || line.cut_read.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(severed()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut line.stream).poll_read(cx, buf);
        if polled.is_ready() && !line.rein.spend(buf.filled().len() - before) {
            return Poll::Ready(Err(severed()));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        if line.rein.cut.is_cancelled() || line.cut_write.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(severed()));
        }
        Pin::new(&mut line.stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A line whose peer sends without end, and what was read of it until it was
    /// cut, `most` at most.
    async fn read(rein: &Arc<Rein>, most: usize) -> usize {
        let (near, mut far) = tokio::io::duplex(4096);
        let flood = tokio::spawn(async move { while far.write_all(&[0; 4096]).await.is_ok() {} });
        let mut line = Line::new(near, Arc::clone(rein));
        let (mut buffer, mut all) = ([0; 4096], 0);
        while all < most {
            match line.read(&mut buffer).await {
                Ok(count @ 1..) => all += count,
                _ => break,
            }
        }
        drop(line);
        flood.await.unwrap();
        all
    }

    #[tokio::test]
    async fn peer_is_heard_no_further_than_its_allowance_until_it_is_admitted() {
        let rein = Rein::new(CancellationToken::new());
        let heard = read(&rein, 2 * BEFORE_AUTH).await;
        let about = BEFORE_AUTH - 8192..=BEFORE_AUTH;
        assert!(about.contains(&heard), "{heard}");
        let rein = Rein::new(CancellationToken::new());
        rein.loosen();
        assert_eq!(read(&rein, 4 * BEFORE_AUTH).await, 4 * BEFORE_AUTH);
    }

    #[tokio::test]
    async fn line_is_cut_while_its_peer_is_silent() {
        let rein = Rein::new(CancellationToken::new());
        let (near, _far) = tokio::io::duplex(64);
        let mut line = Line::new(near, Arc::clone(&rein));
        let waiting = tokio::spawn(async move { line.read_u8().await.unwrap_err().kind() });
        tokio::task::yield_now().await;
        rein.cut();
        assert_eq!(waiting.await.unwrap(), io::ErrorKind::ConnectionAborted);
    }
}
