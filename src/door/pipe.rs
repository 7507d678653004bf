//! A channel whose bytes go to a task of its own, for files and forwards. What
//! the task has not yet taken is bounded in bytes.
//!
//! The bound is not a queue's length, and is not waited for without end: a
//! connection that waits for this task does not take the task's own output
//! either, and russh renews the peer's window without asking. So the bound is
//! far above what clients send ahead, and a task that does not move is given up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// What may be under way, in bytes. OpenSSH's `sftp` sends 64 requests ahead,
/// each with up to 64 KiB (see `sftp`).
const AHEAD: usize = 6 * 1024 * 1024;

/// How long a connection waits for a task that takes nothing.
const STALL: Duration = Duration::from_secs(10);

/// The connection's end.
pub(crate) struct Pipe {
    /// None once the peer has sent all.
    input: Option<mpsc::UnboundedSender<Piece>>,
    room: Arc<Semaphore>,
    ahead: usize,
    gone: CancellationToken,
    stall: Duration,
}

/// The task's end.
pub(crate) struct Inflow(mpsc::UnboundedReceiver<Piece>);

struct Piece {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl Pipe {
    pub(crate) fn new() -> (Self, Inflow) {
        Self::bounded(AHEAD, STALL)
    }

    /// What pipes of one connection may hold in all.
    pub(crate) fn shared_room() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(AHEAD))
    }

    /// A pipe that shares its room with others of its connection.
    pub(crate) fn sharing(room: &Arc<Semaphore>) -> (Self, Inflow) {
        let (mut pipe, inflow) = Self::new();
        pipe.room = Arc::clone(room);
        (pipe, inflow)
    }

    /// A pipe that holds at most `ahead` bytes, whose task may take nothing for
    /// so long.
    pub(crate) fn bounded(ahead: usize, stall: Duration) -> (Self, Inflow) {
        // Bounded by the permits that its pieces hold.
        let (input, inflow) = mpsc::unbounded_channel();
        let pipe = Self {
            input: Some(input),
            room: Arc::new(Semaphore::new(ahead)),
            ahead,
            gone: CancellationToken::new(),
            stall,
        };
        (pipe, Inflow(inflow))
    }

    /// Cancelled when either end is done.
    pub(crate) fn gone(&self) -> &CancellationToken {
        &self.gone
    }

    /// Passes bytes on, or ends a task that does not take them.
    pub(crate) async fn feed(&self, bytes: Vec<u8>) {
        let Some(input) = &self.input else {
            return;
        };
        let len = u32::try_from(bytes.len().min(self.ahead)).unwrap_or(u32::MAX);
        let room = timeout(self.stall, Arc::clone(&self.room).acquire_many_owned(len));
        let room = tokio::select! {
            room = room => room,
            () = self.gone.cancelled() => return,
        };
        match room {
            Ok(Ok(permit)) => {
                let piece = Piece {
                    bytes,
                    _permit: permit,
                };
                let _ = input.send(piece);
            }
            _ => self.gone.cancel(),
        }
    }

    /// The peer has sent all.
    pub(crate) fn end(&mut self) {
        self.input = None;
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

impl Inflow {
    /// The next bytes; none once there are no more.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.0.recv().await?.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pipe_passes_on_until_its_end() {
        let (mut pipe, mut inflow) = Pipe::new();
        pipe.feed(b"a".to_vec()).await;
        pipe.end();
        pipe.feed(b"late".to_vec()).await;
        assert_eq!(inflow.next().await, Some(b"a".to_vec()));
        assert_eq!(inflow.next().await, None);
        assert!(!pipe.gone().is_cancelled());
    }

    #[tokio::test]
    async fn pipes_that_share_their_room_hold_no_more_than_one() {
        let room = Pipe::shared_room();
        let (first, mut inflow) = Pipe::sharing(&room);
        let (mut second, _other) = Pipe::sharing(&room);
        second.stall = Duration::from_millis(1);
        first.feed(vec![0; AHEAD]).await;
        second.feed(vec![0]).await;
        assert!(second.gone().is_cancelled());
        let (third, mut taken) = Pipe::sharing(&room);
        let _ = inflow.next().await;
        third.feed(vec![7]).await;
        assert_eq!(taken.next().await, Some(vec![7]));
    }

    #[tokio::test]
    async fn task_that_takes_nothing_is_given_up() {
        let (mut pipe, mut inflow) = Pipe::new();
        pipe.stall = Duration::from_millis(1);
        pipe.feed(vec![0; AHEAD]).await;
        let _ = inflow.next().await;
        pipe.feed(vec![0; AHEAD]).await;
        assert!(!pipe.gone().is_cancelled());
        pipe.feed(vec![0]).await;
        assert!(pipe.gone().is_cancelled());
    }
}
