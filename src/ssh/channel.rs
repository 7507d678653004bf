//! One connection as russh tells of it: authentication, then channels. A
//! session channel becomes a guest by `shell` (with a pty) or `exec`, or serves
//! files; a forwarded connection is a channel of its own. The last two are had
//! only where the share says so, by those who may type. Agents, X11 and remote
//! forwards are refused.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use russh::keys::{Certificate, HashAlg, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, ChannelWriteHalf, Error, MethodSet, Pty, Sig};
use tokio::io::AsyncWriteExt;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::ask::{self, Asked};
use super::auth::{Attempt, Pass};
use super::gate::Ticket;
use super::guest::{Chunk, Guest, Scribe};
use super::line::Rein;
use super::pipe::{Inflow, Pipe};
use super::serve::Share;
use super::{DoorEvent, GuestRequest, forward, sftp};
use crate::access::Grant;
use crate::base::{Now, Size};
use crate::mux::effect::Stream;

/// Pieces of input that one guest may have under way to the owner, each of at
/// most 32 KiB.
pub(super) const CHUNKS: u32 = 4;

/// SSH's extended data type of standard error (RFC 4254, 5.2).
const STDERR: u32 = 1;

/// What a guest is told who asks for files where there are none.
const NO_FILES: &[u8] = b"stepmux: files are not served here (the host shares with --sftp)\n";
const NO_ROOM: &[u8] = b"stepmux: too many guests have files open\n";
const NO_GRANT: &[u8] = b"stepmux: files are for guests who may type\n";

/// Refused keys that are remembered for their owner.
const OFFERED: usize = 8;

/// The wall clock's moment: certificates and keys have ends.
fn clock() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let zone = jiff::tz::TimeZone::system();
    Now {
        unix_us: since.map_or(0, |since| {
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        }),
        utc_offset: zone.to_offset(jiff::Timestamp::now()).seconds(),
        ..Now::default()
    }
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody yet.
    Greeting,
    /// Admitted, with so many channels open.
    Admitted(usize),
}

/// russh's handler of one connection.
pub(super) struct Connection {
    share: Arc<Share>,
    address: SocketAddr,
    rein: Arc<Rein>,
    phase: Arc<watch::Sender<Phase>>,
    ticket: Option<Ticket>,
    pass: Option<Pass>,
    /// Wrong names and keys so far.
    wrong: u32,
    told: bool,
    /// The operator's program was asked about the bare name.
    asked: bool,
    /// Fingerprints of the keys that were refused, the latest last.
    offered: Vec<String>,
    rooms: HashMap<ChannelId, Room>,
    /// One that may forward is not sent away for having no channel.
    stays: Option<Open>,
}

/// An open channel, counted in its connection's phase while this lives.
struct Open(Arc<watch::Sender<Phase>>);

impl Open {
    fn new(phase: &Arc<watch::Sender<Phase>>) -> Self {
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
struct Room {
    /// Taken by the guest that the channel becomes.
    write: Option<(ChannelWriteHalf<Msg>, Open)>,
    terminal: Option<(String, Size)>,
    env: Vec<(String, String)>,
    used: Option<Use>,
}

/// What a channel has become.
enum Use {
    Guest(Seat),
    Pipe(Pipe),
}

impl Use {
    fn gone(&self) -> &CancellationToken {
        match self {
            Self::Guest(seat) => &seat.gone,
            Self::Pipe(pipe) => pipe.gone(),
        }
    }
}

/// What was wrong about an attempt.
#[derive(Clone, Copy)]
enum Wrong {
    Name,
    Key,
}

/// A channel's guest.
struct Seat {
    guest: Guest,
    chunks: Arc<Semaphore>,
    gone: CancellationToken,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.gone.cancel();
        self.guest.stdin().end();
    }
}

impl Connection {
    pub(super) fn new(
        share: Arc<Share>,
        address: SocketAddr,
        rein: Arc<Rein>,
        ticket: Ticket,
    ) -> (Self, watch::Receiver<Phase>) {
        let (phase, seen) = watch::channel(Phase::Greeting);
        let connection = Self {
            share,
            address,
            rein,
            phase: Arc::new(phase),
            ticket: Some(ticket),
            pass: None,
            wrong: 0,
            told: false,
            asked: false,
            offered: Vec::new(),
            rooms: HashMap::new(),
            stays: None,
        };
        (connection, seen)
    }

    fn admit(&mut self, pass: Option<Pass>) -> bool {
        self.pass = pass;
        self.pass.is_some()
    }

    /// Who asks, for the lock.
    fn attempt<'a>(&self, user: &'a str) -> Attempt<'a> {
        Attempt {
            user,
            address: self.address.ip(),
            now: clock(),
        }
    }

    /// Remembers a key that was refused, for the one who offered it.
    fn note_key(&mut self, key: &PublicKey) {
        let print = key.fingerprint(HashAlg::Sha256).to_string();
        if !self.offered.contains(&print) && self.offered.len() < OFFERED {
            self.offered.push(print);
        }
    }

    /// What was offered and what is accepted. The name itself is not repeated:
    /// it may be a token of somewhere else.
    fn explain(&self, user: &str) -> String {
        let count = user.chars().count();
        let mut text = format!("stepmux: offered: a user name of {count} characters");
        if self.offered.is_empty() {
            text.push_str("; no public key.\n");
        } else {
            text.push_str(&format!("; {}.\n", self.offered.join(", ")));
        }
        text + &self.share.lock.accepted()
    }

    /// Takes note of a wrong name or key. A wrong name waits as long as the
    /// address has earned; at first that is nothing, since every stock client
    /// tries without a credential. A wrong key never waits: keys cannot be
    /// guessed, and a client may hold many.
    async fn refuse(&mut self, wrong: Wrong, methods: Option<MethodSet>) -> Result<Auth, Error> {
        self.wrong += 1;
        if let Some(ticket) = &self.ticket {
            ticket.failed();
            let now = Instant::now();
            let delay = match wrong {
                Wrong::Name => ticket.delay(now),
                Wrong::Key => Duration::ZERO,
            };
            if self.wrong > 1 && methods.is_some() {
                ticket.count(now);
            }
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.rein.severed() => return Err(Error::Disconnect),
            }
        }
        Ok(Auth::Reject {
            proceed_with_methods: methods,
            partial_success: false,
        })
    }

    /// Forgets channels that are done. russh does not tell of a channel that
    /// this side closed first.
    fn sweep(&mut self) {
        let done = |used: &Use| used.gone().is_cancelled();
        self.rooms
            .retain(|_, room| !room.used.as_ref().is_some_and(done));
    }

    /// How many forwarded connections, or other channels, there are.
    fn count(&self, forwards: bool) -> usize {
        let forward = |room: &&Room| {
            let pipe = matches!(&room.used, Some(Use::Pipe(pipe)) if pipe.is_forward());
            pipe == forwards
        };
        self.rooms.values().filter(forward).count()
    }

    fn may_type(&self) -> bool {
        let pass = self.pass.as_ref();
        pass.is_some_and(|pass| pass.grant.allows(Grant::Type))
    }

    /// Makes a channel's guest known to the owner, or tells a stranger in one
    /// sentence why not.
    async fn start(&mut self, id: ChannelId, asked: Asked, session: &mut Session) -> Reply {
        let (Some(pass), Some(room)) = (self.pass.clone(), self.rooms.get_mut(&id)) else {
            return session.channel_failure(id);
        };
        let Some((channel, open)) = room.write.take() else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;

        let gone = CancellationToken::new();
        let guest = Guest::new(
            self.share.mint(),
            room.terminal.is_some(),
            self.rein.clone(),
        );
        let mut scribe = Scribe {
            guest: guest.clone(),
            channel,
            events: None,
            gone: gone.clone(),
            linger: self.share.limits.linger,
        };
        let chunks = Arc::new(Semaphore::new(CHUNKS as usize));
        room.used = Some(Use::Guest(Seat {
            guest: guest.clone(),
            chunks: Arc::clone(&chunks),
            gone,
        }));
        let request = match asked {
            Asked::Shell if room.terminal.is_none() => Err((1, ask::NO_TERMINAL.to_owned())),
            Asked::Shell => Ok(GuestRequest::Attach),
            Asked::Exec(argv) => Ok(GuestRequest::Exec(argv)),
            Asked::Nonsense(why) => Err((1, why)),
        };
        match request {
            Ok(_) if !self.share.seat(guest.clone()) => {
                guest.print(
                    Stream::Err,
                    b"stepmux: there is no room for another guest\n",
                );
                guest.exit(1, None);
                tokio::spawn(scribe.run(open));
            }
            Ok(request) => {
                let peer = Box::new(ask::peer(
                    self.share.session,
                    self.address,
                    &pass,
                    room.terminal.as_ref(),
                    &room.env,
                ));
                scribe.events = Some(self.share.events.clone());
                let connected = DoorEvent::Connected {
                    guest: guest.id(),
                    peer,
                    request,
                };
                let _ = self.share.events.send(connected).await;
                let share = Arc::clone(&self.share);
                tokio::spawn(async move {
                    scribe.run(open).await;
                    share.unseat(&guest, &chunks).await;
                });
            }
            Err((status, why)) => {
                guest.print(Stream::Err, format!("stepmux: {why}\n").as_bytes());
                guest.exit(status, None);
                tokio::spawn(scribe.run(open));
            }
        }
        Ok(())
    }
}

type Reply = Result<(), Error>;

impl Drop for Connection {
    /// The connection is over. One that tried and was never admitted is told
    /// to the owner, and remembered against its address.
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        if self.wrong > 0 {
            let now = Instant::now();
            ticket.count(now);
            let key = self.offered.last().cloned().unwrap_or_default();
            self.share.refused(self.address, key, now);
        }
    }
}

impl Handler for Connection {
    type Error = Error;

    async fn auth_none(&mut self, user: &str) -> Result<Auth, Error> {
        let share = Arc::clone(&self.share);
        let mut pass = share.lock.by_name(user);
        if pass.is_none() && !self.asked && share.lock.asks_program(false) {
            self.asked = true;
            pass = share.lock.by_program(self.attempt(user), None, None).await;
        }
        if self.admit(pass) {
            return Ok(Auth::Accept);
        }
        let methods = self.share.lock.methods();
        self.refuse(Wrong::Name, Some(methods)).await
    }

    /// Tells an address that was refused of late what is accepted, before it
    /// tries again: a client that may ask nobody (BatchMode) sees no other word.
    async fn authentication_banner(&mut self) -> Result<Option<String>, Error> {
        let failed = |ticket: &Ticket| ticket.has_failed(Instant::now());
        let failed = self.ticket.as_ref().is_some_and(failed);
        Ok(failed.then(|| format!("{}\r\n", self.share.lock.accepted())))
    }

    /// A client that insists on a password: the name is the credential.
    async fn auth_password(&mut self, user: &str, _password: &str) -> Result<Auth, Error> {
        self.auth_none(user).await
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Error> {
        let attempt = self.attempt(user);
        let lock = &self.share.lock;
        if lock.may_prove(attempt, offer.public_key, offer.algorithm) {
            return Ok(Auth::Accept);
        }
        self.note_key(offer.public_key);
        self.refuse(Wrong::Key, None).await
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Error> {
        let share = Arc::clone(&self.share);
        let (lock, attempt) = (&share.lock, self.attempt(user));
        let mut pass = lock
            .by_name(user)
            .or_else(|| lock.by_key(attempt, key.public_key, key.algorithm));
        if lock.asks_program(true) && (pass.is_none() || lock.keys_only()) {
            pass = lock.by_program(attempt, Some(key.public_key), pass).await;
        }
        if self.admit(pass) {
            return Ok(Auth::Accept);
        }
        self.note_key(key.public_key);
        self.refuse(Wrong::Key, None).await
    }

    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Error> {
        let share = Arc::clone(&self.share);
        let (lock, attempt) = (&share.lock, self.attempt(user));
        let mut pass = lock.by_certificate(attempt, certificate);
        let key = PublicKey::new(certificate.public_key().clone(), "");
        if lock.asks_program(true) && lock.keys_only() {
            pass = lock.by_program(attempt, Some(&key), pass).await;
        }
        if self.admit(pass.or_else(|| lock.by_name(user))) {
            return Ok(Auth::Accept);
        }
        self.note_key(&key);
        self.refuse(Wrong::Key, None).await
    }

    /// Asks for nothing (RFC 4256, 3.2: "zero prompts"): a right name enters, a
    /// wrong one is told what is accepted here.
    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        _response: Option<Response<'a>>,
    ) -> Result<Auth, Error> {
        if self.admit(self.share.lock.by_name(user)) {
            return Ok(Auth::Accept);
        }
        if !self.told {
            self.told = true;
            return Ok(Auth::Partial {
                name: "".into(),
                instructions: self.explain(user).into(),
                prompts: (&[][..]).into(),
            });
        }
        // The methods stay: to OpenSSH's client an empty list means any.
        self.refuse(Wrong::Name, None).await
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Reply {
        self.ticket = None;
        self.rein.loosen();
        self.phase.send_replace(Phase::Admitted(0));
        if self.share.targets.any() && self.may_type() {
            self.stays = Some(Open::new(&self.phase));
        }
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Reply {
        self.sweep();
        if self.count(false) >= self.share.limits.channels {
            return Ok(()); // dropping `reply` refuses
        }
        // The read half is dropped: input comes through `data` alone, and an
        // undrained half would stop the whole connection.
        let id = channel.id();
        let (_, write) = channel.split();
        let room = Room {
            write: Some((write, Open::new(&self.phase))),
            terminal: None,
            env: Vec::new(),
            used: None,
        };
        self.rooms.insert(id, room);
        reply.accept().await;
        Ok(())
    }

    /// The reply follows when the place has answered: nobody waits for it here.
    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Reply {
        self.sweep();
        let port = u16::try_from(port).unwrap_or(0);
        if !self.may_type() || !self.share.targets.allow(host, port) {
            tracing::info!(session = %self.share.session, address = %self.address, "forward refused");
            return Ok(()); // dropping `reply` refuses
        }
        let room = self.count(true) < self.share.limits.forwards;
        let permit = Arc::clone(&self.share.forwards).try_acquire_owned();
        let Some(permit) = permit.ok().filter(|_| room) else {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        };
        tracing::info!(session = %self.share.session, address = %self.address, host, port, "forward");
        let id = channel.id();
        let (_, write) = channel.split();
        let (input, gone) = self.pipe(id, true);
        let (rein, share) = (Arc::clone(&self.rein), Arc::clone(&self.share));
        let host = host.to_owned();
        tokio::spawn(async move {
            let run = async {
                let Some(tcp) = forward::dial(&host, port).await else {
                    reply.reject(ChannelOpenFailure::ConnectFailed).await;
                    return;
                };
                reply.accept().await;
                forward::splice(tcp, input, &write).await;
            };
            tokio::select! {
                () = run => {}
                () = gone.cancelled() => {}
                () = rein.severed() => {}
                () = share.closing.cancelled() => {}
            }
            let _ = timeout(share.limits.linger, write.close()).await;
            gone.cancel();
            drop(permit);
        });
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Reply {
        self.rooms.remove(&channel);
        Ok(())
    }

    /// The peer has sent all: a command's input ends, a forwarded connection
    /// is closed in this direction alone.
    async fn channel_eof(&mut self, channel: ChannelId, _session: &mut Session) -> Reply {
        let room = self.rooms.get_mut(&channel);
        match room.and_then(|room| room.used.as_mut()) {
            Some(Use::Guest(seat)) => seat.guest.stdin().end(),
            Some(Use::Pipe(pipe)) => pipe.end(),
            None => {}
        }
        Ok(())
    }

    /// What a signal means to a guest: `INT` and `QUIT` are keys on a terminal;
    /// what ends a program ends the guest (RFC 4254, 6.9).
    async fn signal(&mut self, channel: ChannelId, signal: Sig, _session: &mut Session) -> Reply {
        let room = self.rooms.get(&channel);
        let Some(Use::Guest(seat)) = room.and_then(|room| room.used.as_ref()) else {
            return Ok(());
        };
        let keys = !seat.guest.reads_stdin();
        match signal {
            Sig::INT if keys => return self.input(channel, vec![0x03]).await,
            Sig::QUIT if keys => return self.input(channel, vec![0x1c]).await,
            // 128 and the signal's number, as shells say it.
            Sig::HUP => seat.guest.exit(129, None),
            Sig::INT => seat.guest.exit(130, None),
            Sig::QUIT => seat.guest.exit(131, None),
            Sig::KILL => seat.guest.exit(137, None),
            Sig::TERM => seat.guest.exit(143, None),
            _ => {}
        }
        Ok(())
    }

    fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        _session: &mut Session,
    ) -> impl Future<Output = Reply> + Send {
        self.input(channel, data.to_vec())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Reply {
        self.sweep();
        let others = self
            .rooms
            .iter()
            .any(|(id, room)| *id != channel && room.terminal.is_some());
        let allowed = self.pass.as_ref().is_some_and(|pass| pass.pty);
        match self.rooms.get_mut(&channel) {
            Some(room) if room.terminal.is_none() && room.write.is_some() && !others && allowed => {
                let size = Size::checked(cols, rows).unwrap_or(Size::DEFAULT);
                room.terminal = Some((ask::term_name(term), size));
                session.channel_success(channel)
            }
            _ => session.channel_failure(channel),
        }
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Reply {
        match self.rooms.get_mut(&channel) {
            Some(room) if ask::takes_env(&room.env, name, value) => {
                room.env.retain(|(known, _)| known != name);
                room.env.push((name.to_owned(), value.to_owned()));
                session.channel_success(channel)
            }
            _ => session.channel_failure(channel),
        }
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Reply {
        self.start(channel, Asked::Shell, session).await
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Reply {
        self.start(channel, ask::asked(line), session).await
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Reply {
        if name != "sftp" {
            return session.channel_failure(channel);
        }
        let files = match &self.share.files {
            Some(files) if self.may_type() => Arc::clone(&self.share.readers)
                .try_acquire_owned()
                .map(|permit| (Arc::clone(files), permit))
                .map_err(|_| NO_ROOM),
            Some(_) => Err(NO_GRANT),
            None => Err(NO_FILES),
        };
        let room = self.rooms.get_mut(&channel);
        let Some((write, open)) = room.and_then(|room| room.write.take()) else {
            return session.channel_failure(channel);
        };
        session.channel_success(channel)?;
        let served = files.is_ok();
        tracing::info!(session = %self.share.session, address = %self.address, served, "files");
        let (input, gone) = self.pipe(channel, false);
        let (rein, share) = (Arc::clone(&self.rein), Arc::clone(&self.share));
        tokio::spawn(async move {
            let status = match files {
                Ok((files, _permit)) => {
                    let mut out = Box::pin(write.make_writer());
                    tokio::select! {
                        () = sftp::serve(files, input, &mut out) => {}
                        () = gone.cancelled() => {}
                        () = rein.severed() => {}
                        () = share.closing.cancelled() => {}
                    }
                    0
                }
                // A client that is told of a failure shows no more than that.
                Err(why) => {
                    let mut err = Box::pin(write.make_writer_ext(Some(STDERR)));
                    let _ = timeout(share.limits.linger, err.write_all(why)).await;
                    1
                }
            };
            let end = async {
                let _ = write.exit_status(status).await;
                let _ = write.eof().await;
                let _ = write.close().await;
            };
            let _ = timeout(share.limits.linger, end).await;
            gone.cancel();
            drop(open);
        });
        Ok(())
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Reply {
        session.channel_failure(channel)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        cols: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _session: &mut Session,
    ) -> Reply {
        let Some(size) = Size::checked(cols, rows) else {
            return Ok(());
        };
        let Some(room) = self.rooms.get_mut(&channel) else {
            return Ok(());
        };
        let changed = match &mut room.terminal {
            Some((_, known)) if *known != size => {
                *known = size;
                true
            }
            _ => false,
        };
        if let (true, Some(Use::Guest(seat))) = (changed, &room.used) {
            // Held while it is sent: nothing may follow the guest's `Gone`.
            let Ok(_permit) = seat.chunks.acquire().await else {
                return Ok(());
            };
            let resized = DoorEvent::Resized {
                guest: seat.guest.id(),
                size,
            };
            let _ = self.share.events.send(resized).await;
        }
        Ok(())
    }
}

impl Connection {
    /// Makes a channel one whose bytes go to a task of its own.
    fn pipe(&mut self, channel: ChannelId, forward: bool) -> (Inflow, CancellationToken) {
        let (pipe, inflow) = Pipe::new(forward);
        let gone = pipe.gone().clone();
        let room = self.rooms.entry(channel).or_default();
        room.used = Some(Use::Pipe(pipe));
        (inflow, gone)
    }

    /// Passes input on. The connection is not read further while the owner has
    /// this guest's earlier pieces; other guests' connections are.
    async fn input(&mut self, channel: ChannelId, bytes: Vec<u8>) -> Reply {
        let room = self.rooms.get(&channel);
        let seat = match room.and_then(|room| room.used.as_ref()) {
            Some(Use::Guest(seat)) => seat,
            Some(Use::Pipe(pipe)) => {
                return tokio::select! {
                    () = pipe.feed(bytes) => Ok(()),
                    () = self.rein.severed() => Err(Error::Disconnect),
                };
            }
            None => return Ok(()),
        };
        if seat.guest.reads_stdin() {
            return tokio::select! {
                () = seat.guest.stdin().feed(&bytes) => Ok(()),
                () = seat.gone.cancelled() => Ok(()),
                () = self.rein.severed() => Err(Error::Disconnect),
            };
        }
        // An error: the guest is done, nobody takes its input.
        let permit = tokio::select! {
            permit = Arc::clone(&seat.chunks).acquire_owned() => permit,
            () = self.rein.severed() => return Err(Error::Disconnect),
        };
        if let Ok(permit) = permit {
            let event = DoorEvent::Bytes {
                guest: seat.guest.id(),
                bytes: Chunk::new(bytes, permit),
            };
            let _ = self.share.events.send(event).await;
        }
        Ok(())
    }
}
