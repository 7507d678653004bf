//! One share from its request to its end: keys, listeners, connections, and the
//! deadlines that russh does not keep. It never trusts a peer to be quick.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use russh::Disconnect;
use russh::server::{Config, run_stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::auth::{Lock, Minted, Terms};
use super::channel::{CHUNKS, Connection};
use super::files::Root;
use super::forward::Targets;
use super::guest::{Guest, Guests};
use super::program::Program;
use super::room::Phase;
use super::uplink::Uplink;
use super::{DoorEvent, GuestId, Limits, Opened as Place, lists};
use crate::access::Grant;
use crate::base::{SessionId, Token};
use crate::door::accept::accepted;
use crate::door::config;
use crate::door::gate::{Gate, Ticket};
use crate::door::hostkey::{self, HostKey};
use crate::door::info;
use crate::door::line::{Line, Rein, tune};
use crate::door::streams::StreamEnd;
use crate::io::audit;
use crate::mux::effect::{RelayInfo, ShareInfo, ShareRequest};

/// How long a cut connection may take to notice.
const CUT_GRACE: Duration = Duration::from_secs(2);
/// What a guest reads when the share ends.
const CLOSED: &str = "[sharing stopped]";

/// What all shares of a server have in common.
#[derive(Clone)]
pub(super) struct House {
    pub(super) events: mpsc::Sender<DoorEvent>,
    pub(super) guests: Arc<Guests>,
    pub(super) ids: Arc<AtomicU64>,
    pub(super) limits: Limits,
}

/// An open share.
pub(super) struct Share {
    pub(super) session: SessionId,
    pub(super) lock: Lock,
    pub(super) limits: Limits,
    pub(super) events: mpsc::Sender<DoorEvent>,
    /// The files that are served, if any are.
    pub(super) files: Option<Arc<Root>>,
    /// Guests may come whose ssh ends in the relay.
    pub(super) compat: bool,
    /// Everyone waits until someone inside lets them in.
    pub(super) knock: bool,
    /// Channels that may yet serve them.
    pub(super) readers: Arc<Semaphore>,
    /// Where guests may be connected to.
    pub(super) targets: Targets,
    /// Forwarded connections that there may yet be.
    pub(super) forwards: Arc<Semaphore>,
    house: House,
    guests: Arc<Guests>,
    gate: Arc<Gate>,
    /// Ends the share: no further guests.
    pub(super) closing: CancellationToken,
    /// Ends its connections: every connection's own token is its child.
    cut: CancellationToken,
    connections: Arc<Semaphore>,
    config: Arc<Config>,
}

impl Share {
    /// A fresh guest's id.
    pub(super) fn mint(&self) -> GuestId {
        GuestId(self.house.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes a guest in; false when the share is full.
    pub(super) fn seat(&self, guest: Guest) -> bool {
        if !self.guests.insert(guest.clone(), self.limits.guests) {
            return false;
        }
        // A share that closes meanwhile: whoever comes second tells the guest.
        if self.closing.is_cancelled() {
            guest.exit(0, Some(CLOSED.to_owned()));
        }
        self.house.guests.insert(guest, usize::MAX)
    }

    /// Lets a guest go, and tells the owner once nothing else of the guest is
    /// under way: its `Gone` is its last event.
    pub(super) async fn unseat(&self, guest: &Guest, chunks: &Semaphore) {
        self.guests.remove(guest.id());
        // It is never closed before, so this only waits.
        drop(chunks.acquire_many(CHUNKS).await);
        chunks.close();
        let gone = DoorEvent::Gone { guest: guest.id() };
        let _ = self.events.send(gone).await;
        self.house.guests.remove(guest.id());
    }

    /// Waits until the share is closed and those who came over a relay have gone,
    /// which is given a moment: they read their last words through the link.
    pub(super) async fn left_by_relay(&self) {
        self.closing.cancelled().await;
        let gone = self.house.guests.none_relayed();
        let _ = timeout(super::RELAYED_TIME, gone).await;
    }

    /// Tells the owner of one who was refused, at a bounded rate, and only if
    /// the owner has room for it.
    /// `key` is the fingerprint of a key that it offered, or empty.
    pub(super) fn refused(&self, address: SocketAddr, key: String, now: Instant) {
        tracing::info!(session = %self.session, %address, "refused");
        if self.gate.may_report(now) {
            let _ = self.events.try_send(DoorEvent::Refused {
                session: self.session,
                address,
                key,
            });
        }
    }
}

/// Opens a share, answers the owner, and serves until `closing`.
pub(super) async fn run(
    house: House,
    token: Token,
    request: ShareRequest,
    state_dir: std::path::PathBuf,
    place: Place,
    closing: CancellationToken,
) {
    let opened = tokio::select! {
        opened = open(&house, &request, &state_dir, &closing) => opened,
        () = closing.cancelled() => Err("sharing was stopped".to_owned()),
    };
    let events = house.events.clone();
    let (share, listeners, info) = match opened {
        Ok(opened) => opened,
        Err(why) => {
            let result = Err(why);
            let _ = events.send(DoorEvent::Shared { token, result }).await;
            return;
        }
    };
    tracing::info!(session = %share.session, listen = ?info.listen, "shared");
    place.set(&share, &info);
    let result = Ok(Box::new(info));
    let _ = events.send(DoorEvent::Shared { token, result }).await;
    for listener in listeners {
        tokio::spawn(accept(Arc::clone(&share), listener));
    }
    closing.cancelled().await;
    end(&share).await;
}

/// Sends everyone away: guests with a message, then whoever is left.
async fn end(share: &Share) {
    tracing::info!(session = %share.session, "no longer shared");
    for guest in share.guests.all() {
        guest.exit(0, Some(CLOSED.to_owned()));
    }
    let linger = share.limits.linger;
    let _ = timeout(linger + CUT_GRACE, share.guests.none_left()).await;
    let all = u32::try_from(share.limits.connections).unwrap_or(u32::MAX);
    // A client leaves by itself once its last channel is closed.
    let left = timeout(CUT_GRACE, share.connections.acquire_many(all)).await;
    if left.is_err() {
        share.cut.cancel();
        let _ = timeout(CUT_GRACE, share.connections.acquire_many(all)).await;
    }
}

/// What a share is opened with.
struct Loaded {
    key: HostKey,
    lock: Lock,
    minted: Minted,
    files: Option<Arc<Root>>,
}

/// Reads all that a request names; it blocks on files and on forges.
fn load(request: &ShareRequest, forge_time: Duration, state_dir: &Path) -> Result<Loaded, String> {
    if !request.audit.is_empty() {
        let path = &request.audit;
        let opened = audit::open(Path::new(path));
        opened.map_err(|why| format!("audit log {path}: {why}"))?;
    }
    let lists = lists::read(request, forge_time)?;
    let key = hostkey::of(request.host_key.as_deref(), request.fresh_key, state_dir)?;
    let program = request.auth_command.clone();
    let most = if request.view_only {
        Grant::View
    } else {
        Grant::Admin
    };
    let (lock, minted) = Lock::new(Terms {
        lists,
        key_grant: request.key_grant,
        most,
        keys_only: !request.limit_to.is_empty(),
        program: program.map(|spec| Program::new(spec, &request.name)),
    })?;
    let files = request.sftp.as_deref().map(Root::open).transpose()?;
    Ok(Loaded {
        key,
        lock,
        minted,
        files,
    })
}

type Opened = (Arc<Share>, Vec<TcpListener>, ShareInfo);

async fn open(
    house: &House,
    request: &ShareRequest,
    state_dir: &Path,
    closing: &CancellationToken,
) -> Result<Opened, String> {
    let targets = Targets::read(&request.forward)?;
    let loading = {
        let (request, state_dir) = (request.clone(), state_dir.to_owned());
        let forge_time = house.limits.forge;
        tokio::task::spawn_blocking(move || load(&request, forge_time, &state_dir))
    };
    let loaded = loading.await.map_err(|error| error.to_string())?;
    let Loaded {
        key,
        lock,
        minted,
        files,
    } = loaded?;
    if request.listen.is_empty() && request.relay.is_none() {
        return Err("no address to listen on".to_owned());
    }
    if request.relay.as_ref().is_some_and(|relay| relay.compat) && lock.keys_only() {
        return Err(
            "guests who come by ssh alone (--relay-compat) show the relay no key: \
                    this does not go with --limit-to"
                .to_owned(),
        );
    }
    let (listeners, listen) = listen_at(&request.listen).await?;
    let host = listen.first().copied().map(info::host_for);
    let host = host.unwrap_or_default();
    let mut uplink = None;
    let mut relay = None;
    if let Some(wanted) = &request.relay {
        let (wanted, private) = (wanted.clone(), key.key.clone());
        let dir = state_dir.to_owned();
        let making = move || Uplink::new(&wanted, private, &dir);
        let made = tokio::task::spawn_blocking(making).await;
        let mut own = made.map_err(|error| error.to_string())??;
        relay = Some(own.first().await?);
        uplink = Some(own);
    }
    let share_info = ShareInfo {
        session: request.session,
        known_hosts: known_hosts(&key, &host, &listen, relay.as_ref())?,
        relay,
        fingerprint: hostkey::fingerprint(&key.key),
        public_key: hostkey::public_line(&key.key)?,
        listen,
        host,
        token: minted.token,
        view_token: minted.view,
        keys: lock.keys(),
        keys_only: lock.keys_only(),
        policy: request.policy.clone(),
        audit: request.audit.clone(),
        locked: false,
        ends: None,
    };
    let mut limits = house.limits.clone();
    let most = request.policy.max_guests.unwrap_or(limits.guests);
    limits.guests = limits.guests.min(most);
    let share = Share {
        session: request.session,
        config: Arc::new(config::server(
            key,
            &config::Terms {
                methods: lock.methods(),
                attempts: limits.attempts,
                keepalive: limits.keepalive,
            },
        )),
        lock,
        events: house.events.clone(),
        files,
        compat: share_info.relay.as_ref().is_some_and(|relay| relay.compat),
        knock: request.policy.knock.is_some(),
        readers: Arc::new(Semaphore::new(limits.readers)),
        targets,
        forwards: Arc::new(Semaphore::new(limits.all_forwards)),
        house: house.clone(),
        guests: Guests::new(),
        gate: Gate::new(limits.waiting, limits.waiting_per_address),
        closing: closing.clone(),
        cut: CancellationToken::new(),
        connections: Arc::new(Semaphore::new(limits.connections)),
        limits,
    };
    let share = Arc::new(share);
    if let Some(uplink) = uplink {
        tokio::spawn(uplink.keep(Arc::clone(&share)));
    }
    Ok((share, listeners, share_info))
}

async fn listen_at(wanted: &[String]) -> Result<(Vec<TcpListener>, Vec<SocketAddr>), String> {
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for place in wanted {
        let listener = info::bind(place).await?;
        let address = listener.local_addr();
        addresses.push(address.map_err(|error| info::reason(&error))?);
        listeners.push(listener);
    }
    Ok((listeners, addresses))
}

/// The `known_hosts` lines: the key by the name of each address, and the
/// authority of a certificate.
fn known_hosts(
    key: &HostKey,
    host: &str,
    listen: &[SocketAddr],
    relay: Option<&RelayInfo>,
) -> Result<String, String> {
    let public = hostkey::public_line(&key.key)?;
    let mut lines: Vec<String> = Vec::new();
    if let Some(relay) = relay {
        lines.push(format!("{} {public}", relay.alias));
        // Whom a guest jumps through is to be known as well.
        lines.push(info::known_hosts(&relay.host, relay.port, &relay.key));
    }
    for address in listen {
        let own = address.ip().to_string();
        let name = if address.ip().is_unspecified() {
            host
        } else {
            &own
        };
        let line = info::known_hosts(name, address.port(), &public);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if let Some(authority) = key.authority()? {
        let line = info::known_hosts(
            host,
            listen.first().map_or(22, SocketAddr::port),
            &authority,
        );
        lines.push(format!("@cert-authority {line}"));
    }
    Ok(lines.join("\n"))
}

/// Accepts until the share closes. Nothing here waits for a peer.
async fn accept(share: Arc<Share>, listener: TcpListener) {
    while let Some((tcp, address)) = accepted(&listener, &share.closing).await {
        let cut = share.cut.child_token();
        let Some(ticket) = share.gate.enter(address.ip(), &cut, Instant::now()) else {
            tracing::info!(%address, "too many connections not yet admitted");
            continue;
        };
        let Ok(permit) = Arc::clone(&share.connections).try_acquire_owned() else {
            tracing::info!(%address, "too many connections");
            continue;
        };
        let share = Arc::clone(&share);
        tune(&tcp);
        tokio::spawn(async move {
            attend(share, tcp, (address, false), ticket, cut).await;
            drop(permit);
        });
    }
}

/// Takes a guest's connection that comes over a relay.
pub(super) fn relayed(share: &Arc<Share>, end: StreamEnd, address: SocketAddr) {
    let cut = share.cut.child_token();
    let ticket = share.gate.enter(address.ip(), &cut, Instant::now());
    let permit = Arc::clone(&share.connections).try_acquire_owned();
    // Dropping the end tells the peer.
    let (Some(ticket), Ok(permit)) = (ticket, permit) else {
        return tracing::info!(%address, "too many connections");
    };
    let share = Arc::clone(share);
    let counted = share.house.guests.relayed();
    tokio::spawn(async move {
        attend(share, end, (address, true), ticket, cut).await;
        drop((permit, counted));
    });
}

/// Attends one connection until it is over.
async fn attend(
    share: Arc<Share>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    (address, relayed): (SocketAddr, bool),
    ticket: Ticket,
    cut: CancellationToken,
) {
    let opened = tokio::time::Instant::now();
    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
    let rein = Rein::new(cut.clone());
    let line = Line::new(stream, Arc::clone(&rein));
    let (connection, mut phase) =
        Connection::new(Arc::clone(&share), (address, relayed), rein, ticket);
    let config = Arc::clone(&share.config);
    let running = tokio::select! {
        running = run_stream(config, line, connection) => running,
        () = sleep_until(opened + share.limits.grace) => return,
        () = share.closing.cancelled() => return,
        () = cut.cancelled() => return,
    };
    let mut session = match running {
        Ok(session) => session,
        Err(error) => {
            tracing::debug!(%address, %error, "no handshake");
            return;
        }
    };
    let handle = session.handle();
    tokio::select! {
        ended = &mut session => {
            if let Err(error) = ended {
                tracing::debug!(%address, %error, "connection ended");
            }
            return;
        }
        () = cut.cancelled() => {}
        why = overstay(&share, &mut phase, opened) => {
            tracing::debug!(%address, why, "connection ended");
            let bye = handle.disconnect(Disconnect::ByApplication, why.into(), String::new());
            let _ = timeout(CUT_GRACE / 2, bye).await;
            let ended = timeout(CUT_GRACE / 2, &mut session).await;
            cut.cancel();
            if ended.is_ok() {
                return;
            }
        }
    }
    let _ = timeout(CUT_GRACE, session).await;
}

/// Waits until a connection has used up its time: for its authentication as a
/// whole, however its bytes trickle, or without any channel.
async fn overstay(
    share: &Share,
    phase: &mut watch::Receiver<Phase>,
    opened: tokio::time::Instant,
) -> &'static str {
    loop {
        let now = *phase.borrow_and_update();
        let changed = async {
            if phase.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match now {
            Phase::Greeting => tokio::select! {
                () = changed => {}
                () = sleep_until(opened + share.limits.grace) => {
                    return "the time to log in is over";
                }
                () = share.closing.cancelled() => return "sharing stopped",
            },
            // Not at the share's end: a client that is told to go away drops
            // what it has not yet shown. It leaves by itself; `end` waits.
            Phase::Admitted(0) => tokio::select! {
                () = changed => {}
                () = sleep(share.limits.idle) => return "nothing was asked for",
            },
            Phase::Admitted(_) => changed.await,
        }
    }
}
