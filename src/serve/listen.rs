//! Connections with a bound: so many at a time, each for so long. Whoever is
//! slow takes one place for a limited time and nothing else.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

/// Connections at a time.
const SEATS: usize = 256;

/// How long a connection may go on asking.
const LIFE: Duration = Duration::from_secs(60);

/// How long nothing is accepted after an error, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener that admits [`SEATS`] at a time.
#[derive(Debug)]
pub(super) struct Bounded {
    listener: TcpListener,
    seats: Arc<Semaphore>,
}

impl Bounded {
    pub(super) fn new(listener: TcpListener) -> Self {
        let seats = Arc::new(Semaphore::new(SEATS));
        Self { listener, seats }
    }
}

impl axum::serve::Listener for Bounded {
    type Io = Guarded;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guarded, SocketAddr) {
        loop {
            let seat = Arc::clone(&self.seats).acquire_owned().await;
            if let (Ok(seat), Ok((stream, from))) = (seat, self.listener.accept().await) {
                let _ = stream.set_nodelay(true);
                return (Guarded::new(stream, seat), from);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that cannot be read from after [`LIFE`].
#[derive(Debug)]
pub(super) struct Guarded {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _seat: OwnedSemaphorePermit,
}

impl Guarded {
    fn new(stream: TcpStream, seat: OwnedSemaphorePermit) -> Self {
        Self {
            stream,
            end: Box::pin(tokio::time::sleep(LIFE)),
            _seat: seat,
        }
    }

    /// Whether its time is over; if not, it is woken then.
    fn over(&mut self, cx: &mut Context<'_>) -> bool {
        self.end.as_mut().poll(cx).is_ready()
    }
}

fn too_long<T>() -> Poll<std::io::Result<T>> {
    Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()))
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.over(cx) {
            return too_long();
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            // Who does not take the answer is not waited for either.
            Poll::Pending if self.over(cx) => too_long(),
            written => written,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::serve::Listener;
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn pair() -> (TcpStream, Guarded, Bounded) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let mut bounded = Bounded::new(listener);
        let client = TcpStream::connect(at).await.unwrap();
        let (guarded, _) = bounded.accept().await;
        (client, guarded, bounded)
    }

    #[test]
    fn connection_ends_when_its_time_is_over() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (_client, mut guarded, _bounded) = pair().await;
            guarded
                .end
                .as_mut()
                .reset(tokio::time::Instant::now() - Duration::from_secs(1));
            let error = guarded.read_u8().await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn seat_is_given_back_with_the_connection() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (_client, guarded, bounded) = pair().await;
            assert_eq!(bounded.seats.available_permits(), SEATS - 1);
            drop(guarded);
            assert_eq!(bounded.seats.available_permits(), SEATS);
        });
    }
}
