//! The door for guests: an SSH server in the process, to which a stock `ssh`
//! client connects. It admits by token or public key, and turns a session
//! channel into a guest: bytes both ways, a size, a grant. What a guest may do
//! with its grant is the engine's to say; this room only carries the grant.
//!
//! ```text
//! Shares ── open ──► serve: keys, listeners ──► attend: a connection's deadlines
//!   ▲                                             │
//!   │ Guest: attach draw print exit               ▼ russh
//!   │                                           channel: auth, rooms
//!   └── guest: outbox ◄──── DoorEvent ◄───────────┘
//! ```
//!
//! It runs on workers of its own, which exist only while something is shared,
//! so that cryptography never delays a key and an idle server stays small.
//! Nothing here blocks the owner, and a guest holds the owner up by nothing:
//! what it does not read is not kept, what it sends too fast is not read.
//!
//! russh's own log lines (crate `log`) name the user, which here is a token:
//! they must never be bridged into this program's log.

mod ask;
mod auth;
mod channel;
mod dial;
mod files;
mod forward;
mod guest;
mod lists;
mod nodes;
mod pins;
mod program;
mod proxy;
mod room;
mod serve;
mod sftp;
mod stdin;
mod uplink;
mod words;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use guest::{Chunk, Guest, GuestId};

use crate::base::{SessionId, Size, Token};
use crate::door::info;
use crate::engine::event::Peer;
use crate::mux::effect::{ShareInfo, ShareRequest};
use guest::Guests;
use serve::House;

/// How long the server's end waits for guests over a relay to have gone.
const RELAYED_TIME: Duration = Duration::from_secs(1);

/// One thing that happened at a door.
#[derive(Debug)]
pub enum DoorEvent {
    /// A share is open, or could not be opened.
    Shared {
        /// As given to [`Shares::open`].
        token: Token,
        /// What guests need, or why there is no share.
        result: Result<Box<ShareInfo>, String>,
    },
    /// A guest was admitted and asked for something. Its first event.
    Connected {
        /// A fresh id.
        guest: GuestId,
        /// Who it is; the origin is always `Origin::Ssh`.
        peer: Box<Peer>,
        /// What it asked for.
        request: GuestRequest,
    },
    /// A guest's terminal sent bytes. A command's standard input is had by
    /// [`Guest::read_stdin`].
    Bytes {
        /// Whose.
        guest: GuestId,
        /// The bytes. While the owner keeps a few of these, the guest is not
        /// read further.
        bytes: Chunk,
    },
    /// A guest of control mode sends no more lines.
    Ended {
        /// Whose.
        guest: GuestId,
    },
    /// A guest's terminal changed size.
    Resized {
        /// Whose.
        guest: GuestId,
        /// Its new size.
        size: Size,
    },
    /// The guest's last [`Guest::draw`] is out; it can take another.
    Ready {
        /// Whose.
        guest: GuestId,
    },
    /// A guest is gone, also after [`Guest::exit`]. Its last event, exactly
    /// once; it waits until the owner has dropped the guest's input.
    Gone {
        /// Who.
        guest: GuestId,
    },
    /// Someone tried a wrong token or key and went away. Bounded in rate.
    Refused {
        /// Whose share.
        session: SessionId,
        /// From where.
        address: SocketAddr,
        /// The fingerprint of a key that it offered; empty if it had none.
        key: String,
    },
}

/// What a guest asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestRequest {
    /// `ssh HOST`: to join the session with its terminal.
    Attach,
    /// `ssh HOST COMMAND…`: to run a command line of the multiplexer. Never
    /// empty; `;` alone is a word, as from a shell.
    Exec(Vec<String>),
    /// `sftp HOST`, `scp`: files, with [`Guest::serve_files`].
    Files,
}

/// What a door takes before it refuses.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The whole time for a handshake and authentication.
    pub grace: Duration,
    /// The time that an admitted connection may stay without a channel.
    pub idle: Duration,
    /// The time that a guest has to take its exit.
    pub linger: Duration,
    /// Between keepalives; three unanswered ones end a connection.
    pub keepalive: Duration,
    /// Refused credentials per connection.
    pub attempts: usize,
    /// Connections not yet admitted, per share.
    pub waiting: usize,
    /// Connections not yet admitted, per address (an IPv6 /64).
    pub waiting_per_address: usize,
    /// Connections per share.
    pub connections: usize,
    /// Guests per share.
    pub guests: usize,
    /// Open channels per connection, forwards left out.
    pub channels: usize,
    /// The time for a forge's list of keys.
    pub forge: Duration,
    /// Forwarded connections per connection.
    pub forwards: usize,
    /// Forwarded connections per share.
    pub all_forwards: usize,
    /// Channels that serve files, per share.
    pub readers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(20),
            idle: Duration::from_secs(60),
            linger: Duration::from_secs(5),
            keepalive: Duration::from_secs(15),
            attempts: 8,
            waiting: 128,
            waiting_per_address: 64,
            connections: 512,
            guests: 256,
            channels: 8,
            forge: crate::io::web::TIME,
            forwards: 32,
            all_forwards: 128,
            readers: 32,
        }
    }
}

/// The shares of a server and their guests.
pub struct Shares {
    house: House,
    state_dir: PathBuf,
    open: HashMap<SessionId, Door>,
    workers: Arc<Workers>,
}

impl Shares {
    /// No shares yet. `events` should be bounded; `state_dir` is where the
    /// user's host key is, made (0700) with the key at the first share.
    #[must_use]
    pub fn new(events: mpsc::Sender<DoorEvent>, state_dir: PathBuf) -> Self {
        Self::with_limits(events, state_dir, Limits::default())
    }

    /// As [`Shares::new`], with other limits.
    #[must_use]
    pub fn with_limits(
        events: mpsc::Sender<DoorEvent>,
        state_dir: PathBuf,
        limits: Limits,
    ) -> Self {
        let house = House {
            events,
            guests: Guests::new(),
            ids: Arc::new(AtomicU64::new(0)),
            limits,
        };
        Self {
            house,
            state_dir,
            open: HashMap::new(),
            workers: Arc::default(),
        }
    }

    /// Opens a share; answered by [`DoorEvent::Shared`]. A session that is
    /// shared already keeps its share, and the answer is an error.
    pub fn open(&mut self, token: Token, request: ShareRequest) {
        let session = request.session;
        self.open.retain(|_, door| !door.closing.is_cancelled());
        if self.open.contains_key(&session) {
            self.answer(token, format!("session {} is already shared", request.name));
            return;
        }
        let closing = CancellationToken::new();
        let (house, state_dir, done) =
            (self.house.clone(), self.state_dir.clone(), closing.clone());
        let place = Opened::default();
        let door = Door {
            closing,
            place: place.clone(),
        };
        let served = async move {
            serve::run(house, token, request, state_dir, place, done.clone()).await;
            // Also one that never opened is closed now.
            done.cancel();
        };
        match self.workers.spawn(served) {
            Ok(()) => {
                self.open.insert(session, door);
            }
            Err(why) => self.answer(token, why),
        }
    }

    /// Closes a session's share, if there is one: its listeners at once, its
    /// guests after a message. Their [`DoorEvent::Gone`] follow.
    pub fn close(&mut self, session: SessionId) {
        if let Some(door) = self.open.remove(&session) {
            door.closing.cancel();
        }
    }

    /// Replaces a share's tokens; answered by [`DoorEvent::Shared`]. Guests who
    /// are inside stay.
    pub fn rotate(&self, token: Token, session: SessionId) {
        let door = self.open.get(&session);
        let result = match door.and_then(|door| door.place.get()) {
            Some((share, mut info)) => share.lock.rotate().map(|minted| {
                info.token = minted.token;
                info.view_token = minted.view;
                Box::new(info)
            }),
            None => Err("the session is not shared".to_owned()),
        };
        self.say(DoorEvent::Shared { token, result });
    }

    /// A guest to send to; none when it is gone.
    #[must_use]
    pub fn guest(&self, id: GuestId) -> Option<Guest> {
        self.house.guests.get(id)
    }

    /// Waits until no guest is left, which takes at most [`Limits::linger`] and
    /// a little after each was told to exit, and then a moment for those who come
    /// over a relay, whose last words pass through this process. For the server's
    /// own end. The owner must go on taking events meanwhile, or have dropped its
    /// receiver.
    pub fn settled(&self) -> impl Future<Output = ()> + Send + use<> {
        let guests = Arc::clone(&self.house.guests);
        async move {
            guests.none_left().await;
            let _ = tokio::time::timeout(RELAYED_TIME, guests.none_relayed()).await;
        }
    }

    /// Whether the workers exist; they end soon after the last share.
    #[must_use]
    pub fn working(&self) -> bool {
        let crew = self.workers.state.lock();
        crew.unwrap_or_else(PoisonError::into_inner)
            .handle
            .is_some()
    }

    /// Answers from aside: the owner may be in the middle of its turn.
    fn answer(&self, token: Token, why: String) {
        let result = Err(why);
        self.say(DoorEvent::Shared { token, result });
    }

    fn say(&self, event: DoorEvent) {
        let events = self.house.events.clone();
        if let Err(mpsc::error::TrySendError::Full(event)) = events.try_send(event) {
            std::thread::spawn(move || events.blocking_send(event));
        }
    }
}

impl Drop for Shares {
    fn drop(&mut self) {
        for door in self.open.values() {
            door.closing.cancel();
        }
    }
}

/// A share as its owner knows it.
struct Door {
    closing: CancellationToken,
    place: Opened,
}

/// Where a share can be found once it is open.
#[derive(Clone, Default)]
struct Opened(Arc<OnceLock<(Weak<serve::Share>, ShareInfo)>>);

impl Opened {
    fn set(&self, share: &Arc<serve::Share>, info: &ShareInfo) {
        // It is opened once.
        let _ = self.0.set((Arc::downgrade(share), info.clone()));
    }

    fn get(&self) -> Option<(Arc<serve::Share>, ShareInfo)> {
        let (share, info) = self.0.get()?;
        Some((share.upgrade()?, info.clone()))
    }
}

/// The runtime of the shares. It is made for the first and dropped after the
/// last, on a thread of its own: a runtime may not be dropped where others run.
#[derive(Default)]
struct Workers {
    state: Mutex<Crew>,
}

#[derive(Default)]
struct Crew {
    handle: Option<Handle>,
    stop: CancellationToken,
    shares: usize,
}

impl Workers {
    fn spawn(
        self: &Arc<Self>,
        share: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), String> {
        let mut crew = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = match &crew.handle {
            Some(handle) => handle.clone(),
            None => {
                let stop = CancellationToken::new();
                let handle = start(stop.clone()).map_err(|error| info::reason(&error))?;
                crew.handle = Some(handle.clone());
                crew.stop = stop;
                handle
            }
        };
        crew.shares += 1;
        let leave = Leave(Arc::clone(self));
        handle.spawn(async move {
            share.await;
            drop(leave);
        });
        Ok(())
    }
}

/// Takes a share off the count, also when its task panics.
struct Leave(Arc<Workers>);

impl Drop for Leave {
    fn drop(&mut self) {
        let mut crew = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        crew.shares = crew.shares.saturating_sub(1);
        if crew.shares == 0 {
            crew.handle = None;
            crew.stop.cancel();
        }
    }
}

/// Starts a runtime on a thread of its own, until `stop`.
fn start(stop: CancellationToken) -> std::io::Result<Handle> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = Builder::new_multi_thread()
        .worker_threads(if cores > 2 { 2 } else { 1 })
        // Files and names are looked up on these, and may be slow.
        .max_blocking_threads(16)
        .thread_name("stepmux-ssh")
        .enable_io()
        .enable_time()
        .build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("stepmux-ssh".to_owned())
        .spawn(move || {
            runtime.block_on(stop.cancelled());
            runtime.shutdown_timeout(Duration::from_secs(1));
        })?;
    Ok(handle)
}
