//! Accepting at a listener: errors are logged and outlived, and nothing waits for
//! a peer. Who may come in is for its callers to say.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long accepting pauses when the system has no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Where connections come.
pub(crate) trait Comers {
    /// A connection, with what is known of its peer.
    type Comer;

    /// Waits for the next one.
    ///
    /// # Errors
    /// As accept(2). The listener is as good as before.
    fn next(&self) -> impl Future<Output = io::Result<Self::Comer>> + Send;
}

impl Comers for TcpListener {
    type Comer = (TcpStream, SocketAddr);

    async fn next(&self) -> io::Result<Self::Comer> {
        self.accept().await
    }
}

impl Comers for UnixListener {
    type Comer = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        self.accept().await.map(|(stream, _)| stream)
    }
}

/// The next connection; none once `closing` is cancelled.
pub(crate) async fn accepted<L: Comers>(
    listener: &L,
    closing: &CancellationToken,
) -> Option<L::Comer> {
    loop {
        let next = tokio::select! {
            next = listener.next() => next,
            () = closing.cancelled() => return None,
        };
        match next {
            Ok(comer) => return Some(comer),
            Err(error) => {
                tracing::warn!(%error, "accept");
                sleep(PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A listener that has no descriptors left for a while.
    struct Short(AtomicU32);

    impl Comers for Short {
        type Comer = u32;

        async fn next(&self) -> io::Result<u32> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                // EMFILE
                0..3 => Err(io::Error::from_raw_os_error(24)),
                nth => Ok(nth),
            }
        }
    }

    #[tokio::test]
    async fn listener_outlives_a_shortage_and_ends_when_it_is_told_to() {
        let (listener, closing) = (Short(AtomicU32::new(0)), CancellationToken::new());
        assert_eq!(accepted(&listener, &closing).await, Some(3));
        closing.cancel();
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert!(accepted(&silent, &closing).await.is_none());
    }
}
