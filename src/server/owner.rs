//! The owner: one task that holds the engine, takes every event in turn and
//! performs what comes out. Clients are served before pane output, and a pane
//! is read only when its last bytes have been taken in.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::access::LocalAccess;
use crate::base::{ClientId, Now, PaneId, SessionId, Token};
use crate::engine::{Engine, Event};
use crate::io::alarm::Alarm;
use crate::io::local::{ClientHandle, ClientIds, LocalEvent};
use crate::io::pty::{PaneEvent, Panes};
use crate::io::signal::{Signal, Signals};
use crate::mux::Effect;
use crate::ssh::{DoorEvent, Guest, GuestId, GuestRequest, Shares};

use super::daemon::Inherited;
use super::settings::Settings;
use super::socket::{self, Hold};

/// The most that the kernel gives for one read of a pty, in bytes (n_tty).
const TTY_READ: usize = 4095;

/// The most bytes read from a pane at once: a buffer that is no multiple would
/// be filled by a read of a few bytes.
const PANE_READ: usize = 4 * TTY_READ;

/// The same shortly after someone typed: a key waits for a few of such pieces
/// while a pane floods.
const SMALL_READ: usize = TTY_READ;

/// How long "shortly" is.
const ATTENTION: Duration = Duration::from_millis(100);

/// Rounds of the runtime between two pieces: a key passes through as many hands
/// (client's task, owner) before it is an event.
const BREATHS: usize = 2;

/// How long other panes are left alone for the echo of what was typed; the
/// runtime's clock may make it twice as long.
const ECHO_TIME: Duration = Duration::from_millis(1);

/// How long they are not, after a pane did not answer in that time.
const UNANSWERED: Duration = Duration::from_millis(50);

/// Panes whose foreground process is looked up before a command, at most.
const FRESH: usize = 16;

/// How long clients have to take the server's last words.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long the configuration waits for the client that starts the server.
const FIRST_CLIENT: Duration = Duration::from_secs(2);

/// How long the clock's zone is taken for granted.
const ZONE_TIME: Duration = Duration::from_secs(60);

/// What came of a job or file, from the task that did it.
#[derive(Debug)]
pub(super) enum Finished {
    /// A job.
    Job(Token, crate::mux::peer::ExitStatus, Vec<u8>),
    /// A file.
    File(Token, Result<Vec<u8>, String>),
    /// The command of a pane's pipe, by its pid.
    Pipe(PaneId, u32),
}

/// How a client is spoken to.
#[derive(Debug)]
pub(super) enum Door {
    /// Through the local socket.
    Local(ClientHandle),
    /// Through a share.
    Guest(Guest),
}

/// A client as the owner knows it.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) door: Door,
    pub(super) cwd: PathBuf,
    /// Restores its terminal; nothing before it is attached.
    pub(super) leave: Vec<u8>,
    /// Bytes of a mirrored log that it did not take in time.
    pub(super) left_out: usize,
    /// It speaks lines; its standard input is its commands.
    pub(super) control: bool,
    /// What its standard input is read for.
    pub(super) stdin_for: Option<Token>,
}

impl Visitor {
    fn new(door: Door, peer: &crate::engine::event::Peer) -> Self {
        Self {
            door,
            cwd: PathBuf::from(&peer.cwd),
            leave: Vec::new(),
            left_out: 0,
            control: peer.control,
            stdin_for: None,
        }
    }
}

/// The owner of everything.
pub(super) struct Owner {
    pub(super) engine: Engine,
    pub(super) panes: Panes,
    pub(super) visitors: FxHashMap<ClientId, Visitor>,
    guests: FxHashMap<GuestId, ClientId>,
    pub(super) shares: Shares,
    pub(super) finished: mpsc::UnboundedSender<Finished>,
    /// Which other users come in by the socket.
    pub(super) access: Rc<RefCell<LocalAccess>>,
    ids: ClientIds,
    clock: Clock,
    /// Panes that wrote or were typed into since they were looked up.
    pub(super) touched: FxHashSet<PaneId>,
    /// Clients whose terminal took a picture at once.
    pub(super) taken: Vec<ClientId>,
    pub(super) typing: Typing,
    /// The server has ended.
    pub(super) done: bool,
    /// No new client is taken.
    pub(super) closed: bool,
    /// The socket is to be made anew.
    reopen: bool,
}

/// What is known of keys under way, in the owner's own time.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// A client's bytes are being taken in.
    now: bool,
    /// Until when pieces are small.
    attentive: Duration,
    /// When a pane's answer is no longer waited for.
    patience: Duration,
    /// Before this no answer is waited for.
    impatient: Duration,
}

/// The doors that events come through.
#[derive(Debug)]
struct Doors {
    local: mpsc::Receiver<LocalEvent>,
    guests: mpsc::Receiver<DoorEvent>,
    finished: mpsc::UnboundedReceiver<Finished>,
    signals: Signals,
    alarm: Alarm,
}

/// Serves until the engine ends the server. Must run inside a `LocalSet`.
pub(super) async fn serve(
    inherited: Inherited,
    settings: Settings,
    awaited: bool,
) -> Result<(), String> {
    let signals = Signals::new().map_err(|error| crate::io::reason(&error))?;
    let ids = ClientIds::default();
    let (local_sender, local) = mpsc::channel(crate::io::local::QUEUE);
    let (guest_sender, guests) = mpsc::channel(crate::io::local::QUEUE);
    let (finished_sender, finished) = mpsc::unbounded_channel();
    let state_dir = settings.state_dir.clone();
    let mut owner = Owner {
        engine: settings.engine(),
        panes: Panes::new(),
        visitors: FxHashMap::default(),
        guests: FxHashMap::default(),
        shares: Shares::new(guest_sender, state_dir),
        finished: finished_sender,
        access: Rc::default(),
        ids: ids.clone(),
        clock: Clock::new(),
        touched: FxHashSet::default(),
        taken: Vec::new(),
        typing: Typing::default(),
        done: false,
        closed: false,
        reopen: false,
    };
    let (listener, hold) = inherited.ready()?;
    let listener =
        tokio::net::UnixListener::from_std(listener).map_err(|error| crate::io::reason(&error))?;
    let mut acceptor = tokio::task::spawn_local(crate::io::local::serve(
        listener,
        ids.clone(),
        Rc::clone(&owner.access),
        local_sender.clone(),
    ));
    let mut doors = Doors {
        local,
        guests,
        finished,
        signals,
        alarm: Alarm::new(),
    };
    if awaited && !settings.files.is_empty() {
        // Its command waits for the configuration, which may run other clients.
        if let Ok(Some(event)) = timeout(FIRST_CLIENT, doors.local.recv()).await {
            owner.local(event);
        }
    }
    for file in settings.files {
        owner.turn(file.into_event());
    }
    owner.turn(Event::Configured);
    let mut hold = Some(hold);
    let mut buffer = vec![0; PANE_READ];
    while !owner.done {
        owner.step(&mut doors, &mut buffer).await;
        if owner.closed && hold.take().is_some() {
            // A new server can start while this one says goodbye.
            acceptor.abort();
        }
        if std::mem::take(&mut owner.reopen) && !owner.closed {
            let access = Rc::clone(&owner.access);
            reopen(&mut hold, &mut acceptor, &ids, access, &local_sender);
        }
    }
    drop(hold);
    acceptor.abort();
    owner.last_words(&mut doors).await;
    Ok(())
}

/// Makes the socket anew after someone deleted it (SIGUSR1, as in tmux).
fn reopen(
    hold: &mut Option<Hold>,
    acceptor: &mut tokio::task::JoinHandle<()>,
    ids: &ClientIds,
    access: Rc<RefCell<LocalAccess>>,
    sender: &mpsc::Sender<LocalEvent>,
) {
    let Some(path) = hold.as_ref().map(|hold| hold.path().to_owned()) else {
        return;
    };
    let listen = || {
        let lock = socket::Lock::take(&path)?;
        let listener = socket::listen(&path, &lock)?;
        listener
            .set_nonblocking(true)
            .and_then(|()| tokio::net::UnixListener::from_std(listener))
            .map_err(|error| crate::io::reason(&error))
    };
    match listen() {
        Ok(listener) => {
            acceptor.abort();
            let serve = crate::io::local::serve(listener, ids.clone(), access, sender.clone());
            *acceptor = tokio::task::spawn_local(serve);
            *hold = Some(Hold::of(&path));
        }
        Err(error) => tracing::warn!(%error, "socket not made anew"),
    }
}

impl Owner {
    async fn step(&mut self, doors: &mut Doors, buffer: &mut [u8]) {
        let (until, now) = (self.until(), self.clock.mono());
        let attentive = now < self.typing.attentive;
        let piece = if attentive { SMALL_READ } else { PANE_READ };
        tokio::select! {
            biased;
            Some(event) = doors.local.recv() => self.local(event),
            Some(event) = doors.guests.recv() => self.guest(event),
            Some(finished) = doors.finished.recv() => self.finished(finished),
            signal = doors.signals.next() => self.signal(signal),
            event = self.panes.next(&mut buffer[..piece]) => {
                self.pane(event, buffer);
                // A pane that always has more would never let the sockets'
                // tasks run, and so hold up the very key that stops it.
                for _ in 0..BREATHS {
                    tokio::task::yield_now().await;
                }
            }
            () = doors.alarm.ring(until, now) => self.time_passed(),
        }
    }

    fn time_passed(&mut self) {
        let now = self.clock.mono();
        if self.panes.awaits_one() && self.typing.patience <= now {
            self.typing.impatient = now + UNANSWERED;
            self.panes.await_all();
        }
        self.turn(Event::Tick);
    }

    /// The engine's deadline, or the owner's own where that is sooner.
    fn until(&self) -> Option<Duration> {
        let echo = self.panes.awaits_one().then_some(self.typing.patience);
        self.engine.deadline().into_iter().chain(echo).min()
    }

    /// One turn, and those that its effects answer at once.
    pub(super) fn turn(&mut self, event: Event<'_>) {
        let now = self.clock.now();
        let effects = self.engine.turn(event, now);
        self.perform_all(effects);
        while let Some(client) = self.taken.pop() {
            let now = self.clock.now();
            let effects = self.engine.turn(Event::Ready { client }, now);
            self.perform_all(effects);
        }
    }

    fn perform_all(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.perform(effect);
        }
    }

    fn local(&mut self, event: LocalEvent) {
        match event {
            LocalEvent::Connected {
                client,
                peer,
                handle,
            } => {
                let visitor = Visitor::new(Door::Local(handle), &peer);
                self.visitors.insert(client, visitor);
                self.turn(Event::Connected { client, peer });
            }
            LocalEvent::Command { client, argv } => {
                self.look_around();
                self.turn(Event::Command { client, argv });
            }
            LocalEvent::Bytes { client, bytes } => self.typed(client, &bytes),
            LocalEvent::Resized { client, size } => self.turn(Event::Resized { client, size }),
            LocalEvent::Ready { client } => self.turn(Event::Ready { client }),
            LocalEvent::Stdin { client, result } => {
                let visitor = self.visitors.get_mut(&client);
                if let Some(token) = visitor.and_then(|visitor| visitor.stdin_for.take()) {
                    self.turn(Event::FileDone { token, result });
                }
            }
            LocalEvent::Eof { client } => self.turn(Event::Eof { client }),
            LocalEvent::Gone { client } => self.gone(client),
        }
    }

    fn typed(&mut self, client: ClientId, bytes: &[u8]) {
        self.typing.now = true;
        self.turn(Event::Bytes { client, bytes });
        self.typing.now = false;
    }

    /// Bytes went to a pane; if someone typed them, its echo comes first.
    pub(super) fn expect_echo(&mut self, pane: PaneId) {
        if !self.typing.now {
            return;
        }
        let now = self.clock.mono();
        self.typing.attentive = now + ATTENTION;
        if now >= self.typing.impatient {
            self.typing.patience = now + ECHO_TIME;
            self.panes.await_only(pane);
        }
    }

    fn gone(&mut self, client: ClientId) {
        self.visitors.remove(&client);
        self.turn(Event::Gone { client });
    }

    fn guest(&mut self, event: DoorEvent) {
        match event {
            DoorEvent::Shared { token, result } => self.turn(Event::Shared { token, result }),
            DoorEvent::Refused {
                session,
                address,
                key,
            } => self.turn(Event::Refused {
                session,
                address,
                key,
            }),
            DoorEvent::Connected {
                guest,
                peer,
                request,
            } => self.guest_connected(guest, peer, request),
            DoorEvent::Bytes { guest, bytes } => {
                if let Some(client) = self.guests.get(&guest).copied() {
                    self.typed(client, &bytes);
                }
            }
            DoorEvent::Resized { guest, size } => {
                if let Some(client) = self.guests.get(&guest).copied() {
                    self.turn(Event::Resized { client, size });
                }
            }
            DoorEvent::Ended { guest } => {
                if let Some(client) = self.guests.get(&guest).copied() {
                    self.turn(Event::Eof { client });
                }
            }
            DoorEvent::Ready { guest } => {
                if let Some(client) = self.guests.get(&guest).copied() {
                    self.turn(Event::Ready { client });
                }
            }
            DoorEvent::Gone { guest } => {
                if let Some(client) = self.guests.remove(&guest) {
                    self.gone(client);
                }
            }
        }
    }

    fn guest_connected(
        &mut self,
        guest: GuestId,
        peer: Box<crate::engine::event::Peer>,
        request: GuestRequest,
    ) {
        let Some(handle) = self.shares.guest(guest) else {
            return;
        };
        let session = match &peer.origin {
            crate::engine::event::Origin::Ssh { session, .. } => *session,
            crate::engine::event::Origin::Local { .. } => return,
        };
        let client = self.ids.mint();
        self.guests.insert(guest, client);
        let visitor = Visitor::new(Door::Guest(handle), &peer);
        self.visitors.insert(client, visitor);
        self.turn(Event::Connected { client, peer });
        self.look_around();
        let argv = guest_words(session, request);
        self.turn(Event::Command { client, argv });
    }

    fn finished(&mut self, finished: Finished) {
        match finished {
            Finished::Job(token, status, output) => self.turn(Event::JobDone {
                token,
                status,
                output,
            }),
            Finished::Pipe(pane, pid) => self.turn(Event::PipeEnded { pane, pid }),
            Finished::File(token, result) => self.turn(Event::FileDone { token, result }),
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Terminate => self.turn(Event::Terminate),
            Signal::Reopen => self.reopen = true,
        }
    }

    fn pane(&mut self, event: PaneEvent, buffer: &[u8]) {
        match event {
            PaneEvent::Bytes { pane, len } => {
                self.touched.insert(pane);
                self.turn(Event::PaneBytes {
                    pane,
                    bytes: &buffer[..len],
                });
            }
            PaneEvent::Exited { pane, status } => {
                self.touched.remove(&pane);
                self.turn(Event::PaneExited { pane, status });
            }
        }
    }

    /// Brings what formats say of foreground processes up to date before a
    /// command reads it.
    fn look_around(&mut self) {
        let panes: Vec<_> = self.touched.iter().copied().take(FRESH).collect();
        for pane in panes {
            self.inspect(pane);
        }
    }

    pub(super) fn inspect(&mut self, pane: PaneId) {
        self.touched.remove(&pane);
        if let Some((command, cwd)) = self.panes.foreground(pane) {
            self.turn(Event::Foreground { pane, command, cwd });
        }
    }

    /// Lets clients take what was said to them before the process ends.
    async fn last_words(&mut self, doors: &mut Doors) {
        let settled = self.shares.settled();
        let flush = async {
            loop {
                let waiting = self.visitors.values().any(|visitor| match &visitor.door {
                    Door::Local(handle) => handle.unsent() > 0,
                    Door::Guest(_) => false,
                });
                if !waiting {
                    break;
                }
                tokio::select! {
                    Some(_) = doors.local.recv() => {}
                    () = sleep(Duration::from_millis(5)) => {}
                }
            }
        };
        let guests = async {
            tokio::pin!(settled);
            loop {
                tokio::select! {
                    () = &mut settled => break,
                    Some(_) = doors.guests.recv() => {}
                }
            }
        };
        let _ = timeout(LAST_WORDS, async { tokio::join!(flush, guests) }).await;
    }
}

/// The command line of a guest: attach to the shared session, or what they
/// asked for.
fn guest_words(session: SessionId, request: GuestRequest) -> Vec<String> {
    match request {
        GuestRequest::Attach => ["attach-session", "-t", &session.to_string()]
            .map(str::to_owned)
            .into(),
        GuestRequest::Exec(words) => words,
        GuestRequest::Files => vec!["serve-files".to_owned()],
    }
}

/// The only clock of the server.
#[derive(Debug)]
struct Clock {
    start: Instant,
    zone_at: std::cell::Cell<Option<Duration>>,
    offset: std::cell::Cell<i32>,
}

impl Clock {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            zone_at: std::cell::Cell::new(None),
            offset: std::cell::Cell::new(0),
        }
    }

    fn mono(&self) -> Duration {
        self.start.elapsed()
    }

    fn now(&self) -> Now {
        let mono = self.mono();
        let old = self.zone_at.get().is_none_or(|at| mono - at > ZONE_TIME);
        if old {
            let zone = jiff::tz::TimeZone::system();
            self.offset
                .set(zone.to_offset(jiff::Timestamp::now()).seconds());
            self.zone_at.set(Some(mono));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let unix_us = since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0));
        Now {
            mono,
            unix_us,
            utc_offset: self.offset.get(),
        }
    }
}
