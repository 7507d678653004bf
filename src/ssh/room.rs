//! A connection's channels, and what each has become: a guest, with a pipe
//! beside it if files are what it is there for, or a forwarded connection.

use std::sync::Arc;

use russh::ChannelWriteHalf;
use russh::server::Msg;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::guest::Guest;
use crate::base::Size;
use crate::door::pipe::Pipe;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody yet.
    Greeting,
    /// Admitted, with so many channels open.
    Admitted(usize),
}

/// An open channel, counted in its connection's phase while this lives.
pub(super) struct Open(Arc<watch::Sender<Phase>>);

impl Open {
    pub(super) fn new(phase: &Arc<watch::Sender<Phase>>) -> Self {
        phase.send_modify(|phase| {
            if let Phase::Admitted(open) = phase {
                *open += 1;
            }
        });
        Self(Arc::clone(phase))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|phase| {
            if let Phase::Admitted(open) = phase {
                *open = open.saturating_sub(1);
            }
        });
    }
}

/// A channel.
#[derive(Default)]
pub(super) struct Room {
    /// Taken by the guest that the channel becomes.
    pub(super) write: Option<(ChannelWriteHalf<Msg>, Open)>,
    pub(super) terminal: Option<(String, Size)>,
    pub(super) env: Vec<(String, String)>,
    pub(super) used: Option<Use>,
}

/// What a channel has become.
pub(super) enum Use {
    Guest(Seat),
    Forward(Pipe),
}

impl Use {
    /// Cancelled when it is done.
    pub(super) fn gone(&self) -> &CancellationToken {
        match self {
            Self::Guest(seat) => &seat.gone,
            Self::Forward(pipe) => pipe.gone(),
        }
    }
}

/// A channel's guest.
pub(super) struct Seat {
    pub(super) guest: Guest,
    pub(super) chunks: Arc<Semaphore>,
    pub(super) gone: CancellationToken,
    /// Where its bytes go if it is there for files.
    pub(super) files: Option<Pipe>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.gone.cancel();
        self.guest.stdin().end();
    }
}
