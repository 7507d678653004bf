//! One connection as russh tells of it: authentication, then channels. A
//! session channel becomes a guest by `shell` (with a pty) or `exec`, or serves
//! files; a forwarded connection is a channel of its own. The last two are had
//! only where the share says so, by those who may type. Agents, X11 and remote
//! forwards are refused.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::keys::{Certificate, HashAlg, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Error, MethodSet, Pty, Sig};
use tokio::io::AsyncWrite;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::ask::{self, Asked};
use super::auth::{Attempt, Pass};
use super::files::Root;
use super::guest::{Chunk, Guest, Kind, Scribe};
use super::room::{Open, Phase, Room, Seat, Use};
use super::serve::Share;
use super::{DoorEvent, GuestRequest, forward, sftp};
use crate::access::Grant;
use crate::base::Size;
use crate::door::gate::Ticket;
use crate::door::line::Rein;
use crate::door::pipe::{Inflow, Pipe};
use crate::mux::effect::Stream;
use crate::wire::link::READABLE;

/// Pieces of input that one guest may have under way to the owner, each of at
/// most 32 KiB.
pub(super) const CHUNKS: u32 = 4;

/// What a guest is told who asks for files in vain.
const NO_FILES: &str = "files are not served here (the host shares with --sftp)";
const NO_READER: &str = "too many guests have files open";
const NO_GRANT: &str = "files are for guests who may type";

/// Refused keys that are remembered for their owner.
const OFFERED: usize = 8;

/// russh's handler of one connection.
pub(super) struct Connection {
    share: Arc<Share>,
    address: SocketAddr,
    /// A relay says that it is this address.
    relayed: bool,
    /// That relay can read what passes.
    readable: bool,
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

/// What was wrong about an attempt.
#[derive(Clone, Copy)]
enum Wrong {
    Name,
    Key,
}

impl Connection {
    pub(super) fn new(
        share: Arc<Share>,
        (address, relayed): (SocketAddr, bool),
        rein: Arc<Rein>,
        ticket: Ticket,
    ) -> (Self, watch::Receiver<Phase>) {
        let (phase, seen) = watch::channel(Phase::Greeting);
        let connection = Self {
            share,
            address,
            relayed,
            readable: false,
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
            relayed: self.relayed,
            now: ask::clock(),
        }
    }

    /// The name that a guest gave. A relay in which the guest's ssh ends says so
    /// before it; none: no guest is to come so.
    fn given<'a>(&mut self, user: &'a str) -> Option<&'a str> {
        match user.strip_prefix(READABLE).filter(|_| self.relayed) {
            Some(user) => {
                self.readable = true;
                self.share.compat.then_some(user)
            }
            None => Some(user),
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
        let forward = |room: &&Room| matches!(room.used, Some(Use::Forward(_))) == forwards;
        self.rooms.values().filter(forward).count()
    }

    fn may_forward(&self) -> bool {
        let may = |pass: &Pass| pass.forwarding && pass.grant.allows(Grant::Type);
        self.share.targets.any()
            && self.rein.most().allows(Grant::Type)
            && self.pass.as_ref().is_some_and(may)
    }

    /// A guest of this connection whom the owner has let in. Where everyone is
    /// asked for, nothing is forwarded without one; and when they go, or are
    /// sent away, so do the forwards that they had.
    fn sponsor(&self) -> Option<CancellationToken> {
        self.rooms.values().find_map(|room| match &room.used {
            Some(Use::Guest(seat)) if !seat.gone.is_cancelled() && seat.guest.is_inside() => {
                Some(seat.gone.clone())
            }
            _ => None,
        })
    }

    /// Makes a channel's guest known to the owner, or tells a stranger in one
    /// sentence why not.
    async fn start(&mut self, id: ChannelId, asked: Asked, session: &mut Session) -> Reply {
        let (Some(mut pass), Some(room)) = (self.pass.clone(), self.rooms.get_mut(&id)) else {
            return session.channel_failure(id);
        };
        pass.grant = pass.grant.min(self.rein.most());
        let Some((channel, open)) = room.write.take() else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;

        let gone = CancellationToken::new();
        let kind = Kind::of(&asked, room.terminal.is_some());
        let guest = Guest::new(self.share.mint(), kind, self.rein.clone());
        let out = channel.make_writer();
        let mut scribe = Scribe {
            guest: guest.clone(),
            channel,
            events: None,
            gone: gone.clone(),
            linger: self.share.limits.linger,
        };
        let chunks = Arc::new(Semaphore::new(CHUNKS as usize));
        let mut files = None;
        let mut refused = None;
        if kind == Kind::Files {
            let (pipe, inflow) = Pipe::new();
            let cut = pipe.gone().clone();
            match self.share.reader(&pass) {
                Ok(served) => {
                    tokio::spawn(serve_files(guest.clone(), served, inflow, out, cut));
                }
                Err(why) => refused = Some(why),
            }
            files = Some(pipe);
        }
        room.used = Some(Use::Guest(Seat {
            guest: guest.clone(),
            chunks: Arc::clone(&chunks),
            gone,
            files,
        }));
        let request = match asked {
            Asked::Shell if room.terminal.is_none() => Err((1, ask::NO_TERMINAL.to_owned())),
            Asked::Shell => Ok(GuestRequest::Attach),
            Asked::Control(_, argv) if argv.is_empty() => Ok(GuestRequest::Attach),
            Asked::Control(_, argv) => Ok(GuestRequest::Exec(argv)),
            Asked::Exec(argv) => match ask::foreign(&argv) {
                Some(why) => Err((1, why.to_owned())),
                None => Ok(GuestRequest::Exec(argv)),
            },
            // By words: a client that is told of a failure shows no more than that.
            Asked::Files => match refused {
                Some(why) => Err((1, why.to_owned())),
                None => Ok(GuestRequest::Files),
            },
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
                    (self.address, self.readable),
                    &pass,
                    room.terminal.as_ref(),
                    kind.is_control(),
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

/// The files that a guest is served, while this is kept.
type Served = (Arc<Root>, OwnedSemaphorePermit);

impl Share {
    /// What serves a guest, or why nothing does.
    fn reader(&self, pass: &Pass) -> Result<Served, &'static str> {
        let files = self.files.as_ref().ok_or(NO_FILES)?;
        if !pass.grant.allows(Grant::Type) {
            return Err(NO_GRANT);
        }
        let permit = Arc::clone(&self.readers).try_acquire_owned();
        Ok((Arc::clone(files), permit.map_err(|_| NO_READER)?))
    }
}

/// Serves a guest once the owner has let them in.
async fn serve_files(
    guest: Guest,
    served: Served,
    input: Inflow,
    out: impl AsyncWrite,
    cut: CancellationToken,
) {
    let (files, _permit) = served;
    let mut out = std::pin::pin!(out);
    let run = async {
        guest.inside().await;
        sftp::serve(files, input, &mut out).await;
        guest.exit(0, None);
    };
    tokio::select! {
        () = run => {}
        () = guest.leaving() => {}
        () = cut.cancelled() => guest.exit(1, None),
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
        let Some(user) = self.given(user) else {
            return self.refuse(Wrong::Name, Some(MethodSet::empty())).await;
        };
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
        if self.may_forward() && !self.share.knock {
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
        let sponsor = self.sponsor();
        let inside = sponsor.is_some() || !self.share.knock;
        let allowed = self.may_forward() && self.share.targets.allow(host, port);
        if !(allowed && inside) {
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
        let (pipe, input) = Pipe::new();
        let gone = pipe.gone().clone();
        let room = Room {
            used: Some(Use::Forward(pipe)),
            ..Room::default()
        };
        self.rooms.insert(id, room);
        let (rein, share) = (Arc::clone(&self.rein), Arc::clone(&self.share));
        let forbidden = rein.forwards();
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
                () = forbidden.cancelled() => {}
                () = rein.severed() => {}
                () = share.closing.cancelled() => {}
                () = async { sponsor.unwrap_or_default().cancelled().await } => {}
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
            Some(Use::Guest(seat)) => {
                seat.guest.stdin().end();
                seat.files.iter_mut().for_each(Pipe::end);
                if seat.guest.kind().is_control()
                    && let Ok(_permit) = seat.chunks.acquire().await
                {
                    let guest = seat.guest.id();
                    let _ = self.share.events.send(DoorEvent::Ended { guest }).await;
                }
            }
            Some(Use::Forward(pipe)) => pipe.end(),
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
        let keys = seat.guest.kind() == Kind::Terminal;
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
        self.start(channel, Asked::Files, session).await
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
        if let (true, Some(Use::Guest(seat))) = (changed, &room.used)
            && !seat.guest.kind().is_control()
        {
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
    /// Passes input on. The connection is not read further while the owner has
    /// this guest's earlier pieces; other guests' connections are.
    async fn input(&mut self, channel: ChannelId, bytes: Vec<u8>) -> Reply {
        let room = self.rooms.get(&channel);
        let (seat, pipe) = match room.and_then(|room| room.used.as_ref()) {
            Some(Use::Guest(seat)) => (Some(seat), seat.files.as_ref()),
            Some(Use::Forward(pipe)) => (None, Some(pipe)),
            None => return Ok(()),
        };
        if let Some(pipe) = pipe {
            return tokio::select! {
                () = pipe.feed(bytes) => Ok(()),
                () = self.rein.severed() => Err(Error::Disconnect),
            };
        }
        let Some(seat) = seat else {
            return Ok(());
        };
        if seat.guest.kind() == Kind::Command {
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
                bytes: Chunk::new(seat.guest.kind().typed(bytes), permit),
            };
            let _ = self.share.events.send(event).await;
        }
        Ok(())
    }
}
