//! The relay: a node in the open to which debug VMs dial out, and through which
//! guests reach them with a stock client (`ssh -J ROUTE@relay TOKEN@stepmux`).
//! It routes and nothing else: who a guest is and what they may do is the VM's,
//! and what passes is the guest's own SSH, which it cannot read. All that it has
//! is in memory.
//!
//! ```text
//! ssh -J ──► Connection: one direct-tcpip ──► Directory ──► Streams ──► link ──► VM
//! ```

pub mod cluster;
mod compat;
mod connection;
mod crowd;
mod directory;
mod hosts;
mod http;
mod link;
mod metrics;
pub mod status;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use russh::keys::{PrivateKey, ssh_key::private::KeypairData};
use russh::server::{Config as Russh, run_stream};
use russh::{Disconnect, MethodKind, MethodSet};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::access::{Prefix, RouteKey};
use crate::door::accept::accepted;
use crate::door::gate::{Gate, Ticket};
use crate::door::line::{Line, Rein, tune};
use crate::door::streams::Streams;
use crate::door::{config, hostkey, info};
use cluster::Cluster;
use connection::{Connection, Phase};
use crowd::Crowd;
use directory::Directory;
pub use hosts::AllowHosts;
use hosts::Hosts;
use metrics::{Away, Metrics};

/// The relay's own key, in the state directory.
const KEY_FILE: &str = "relay_ed25519";
/// Between looks for sessions that nobody came back to.
const SWEEP: Duration = Duration::from_secs(5);
/// How long connections have to end once they were told to.
const GOODBYE: Duration = Duration::from_secs(2);
/// What a guest reads whose relay ends.
const ENDING: &str = "the relay ends; come again by the same line";

/// How a relay is set up.
#[derive(Debug)]
pub struct Config {
    /// Where guests come, and VMs too unless `host_listen` says where:
    /// `ADDR:PORT`.
    pub listen: Vec<String>,
    /// Where VMs come.
    pub host_listen: Vec<String>,
    /// The host key's file; none for one that is made in `state_dir`.
    pub key: Option<String>,
    /// Where the key is kept.
    pub state_dir: PathBuf,
    /// Who may bring sessions.
    pub hosts: AllowHosts,
    /// Where the figures are, `ADDR:PORT`; none for nowhere.
    pub metrics: Option<String>,
    /// How long guests may stay once the relay is to end.
    pub drain: Duration,
    /// What it takes before it refuses.
    pub limits: Limits,
    /// Its part in a relay of several nodes; none for a relay of one.
    pub cluster: Option<cluster::Setup>,
}

/// What a relay takes before it refuses.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The whole time for a handshake and authentication.
    pub grace: Duration,
    /// Between keepalives; three unanswered ones end a connection
    /// (`--keepalive`).
    pub keepalive: Duration,
    /// Connections not yet admitted.
    pub waiting: usize,
    /// The same per address (an IPv6 /64).
    pub waiting_per_address: usize,
    /// Connections.
    pub connections: usize,
    /// The same per address (an IPv6 /64).
    pub per_address: usize,
    /// Sessions.
    pub sessions: usize,
    /// Guests per session.
    pub joiners: usize,
    /// How long a guest waits for a session that has no link now.
    pub patience: Duration,
    /// How long a session is kept without a link.
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(20),
            keepalive: Duration::from_secs(15),
            waiting: 1024,
            waiting_per_address: 64,
            connections: 40_000,
            per_address: 4096,
            sessions: 20_000,
            joiners: 64,
            patience: Duration::from_secs(15),
            keep: Duration::from_secs(120),
        }
    }
}

/// A relay that listens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where guests come.
    pub listen: Vec<SocketAddr>,
    /// Where VMs come.
    pub host_listen: Vec<SocketAddr>,
    /// Where other nodes come.
    pub cluster_listen: Vec<SocketAddr>,
    /// Where the figures are.
    pub metrics: Option<SocketAddr>,
    /// The socket of `status`; none when another relay has it.
    pub status: Option<PathBuf>,
    /// The host key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The host key's `known_hosts` lines.
    pub known_hosts: Vec<String>,
}

/// The node.
struct Node {
    directory: Directory,
    routes: RouteKey,
    /// The fingerprint of its key.
    name: String,
    hosts: Hosts,
    /// Its part in a relay of several nodes.
    cluster: Option<Arc<Cluster>>,
    limits: Limits,
    metrics: Metrics,
    crowd: Arc<Crowd>,
    started: Instant,
    /// Where it listens.
    listen: OnceLock<Vec<String>>,
    /// The port of guests, where VMs have another.
    guests: OnceLock<u16>,
    closing: CancellationToken,
    /// Those who are still here are sent away.
    at_once: CancellationToken,
    gate: Arc<Gate>,
    config: Arc<Russh>,
    connections: Arc<Semaphore>,
    next: AtomicU64,
}

impl Node {
    /// A number that no stream of this or an earlier process has had.
    fn mint(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The node's name in its cluster; empty for a relay of one node.
    fn cluster_name(&self) -> String {
        let name = self.cluster.as_ref().map(|cluster| cluster.name.clone());
        name.unwrap_or_default()
    }

    /// A session's streams, once they have a link: its VM may be on its way back.
    async fn find(self: &Arc<Self>, session: Prefix) -> Option<Streams> {
        match &self.cluster {
            Some(cluster) => cluster::find(self, cluster, session).await,
            None => self.directory.find(session, self.limits.patience).await,
        }
    }

    /// How many connections there are.
    fn open(&self) -> usize {
        let free = self.connections.available_permits();
        self.limits.connections.saturating_sub(free)
    }
}

/// Who may come in at a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Welcome {
    guests: bool,
    hosts: bool,
}

/// What a running relay is told.
#[derive(Clone, Debug, Default)]
pub struct Reins {
    /// It is to end: it takes nobody further, and gives its guests a time.
    pub closing: CancellationToken,
    /// It is to end now.
    pub at_once: CancellationToken,
    /// The lists of machines are to be read again.
    pub renew: Arc<Notify>,
}

/// Runs a relay until it is told to end. `opened` is told where it listens.
///
/// # Errors
/// A sentence: a key, a list or an address that cannot be had.
pub async fn run(config: Config, opened: impl FnOnce(&Opened), reins: Reins) -> Result<(), String> {
    let (node, key_line) = node(&config, &reins).await?;
    let apart = !config.host_listen.is_empty();
    let guests = Welcome {
        guests: true,
        hosts: !apart,
    };
    let hosts = Welcome {
        guests: false,
        hosts: true,
    };
    let listeners = bind(&config.listen).await?;
    let host_listeners = bind(&config.host_listen).await?;
    let cluster = config.cluster.as_ref();
    let node_listeners = bind(cluster.map_or(&[], |setup| &setup.listen)).await?;
    let addresses = |listeners: &[TcpListener]| -> Vec<SocketAddr> {
        let own = listeners.iter().map(TcpListener::local_addr);
        own.filter_map(Result::ok).collect()
    };
    let listen = addresses(&listeners);
    let known_hosts = listen
        .iter()
        .map(|at| info::known_hosts(&info::host_for(*at), at.port(), &key_line));
    let metrics = match &config.metrics {
        Some(place) => Some(info::bind(place).await?),
        None => None,
    };
    let status = status::bind(&config.state_dir)?;
    let at = listen.iter().map(ToString::to_string).collect();
    let _ = node.listen.set(at);
    if let Some(at) = listen.first().filter(|_| apart) {
        let _ = node.guests.set(at.port());
    }
    opened(&Opened {
        metrics: metrics.as_ref().and_then(|own| own.local_addr().ok()),
        status: status.as_ref().map(|_| status::socket(&config.state_dir)),
        known_hosts: known_hosts.collect(),
        host_listen: addresses(&host_listeners),
        cluster_listen: addresses(&node_listeners),
        listen,
        fingerprint: node.name.clone(),
    });
    let all = listeners.into_iter().map(|own| (own, guests));
    for (listener, welcome) in all.chain(host_listeners.into_iter().map(|own| (own, hosts))) {
        tokio::spawn(accept(Arc::clone(&node), listener, welcome));
    }
    if let Some(cluster) = &node.cluster {
        cluster::listen(&node, cluster, node_listeners);
    }
    tokio::spawn(sweep(Arc::clone(&node)));
    if let Some(listener) = metrics {
        tokio::spawn(http::serve(Arc::clone(&node), listener));
    }
    let has_socket = status.is_some();
    if let Some(listener) = status {
        tokio::spawn(status::serve(Arc::clone(&node), listener));
    }
    tokio::spawn(renew(Arc::clone(&node), Arc::clone(&reins.renew)));
    tokio::select! {
        () = node.closing.cancelled() => {}
        () = node.at_once.cancelled() => node.closing.cancel(),
    }
    drain(&node, config.drain).await;
    if has_socket {
        let _ = std::fs::remove_file(status::socket(&config.state_dir));
    }
    Ok(())
}

/// Waits until everybody has left; then sends them away.
async fn drain(node: &Node, time: Duration) {
    let most = u32::try_from(node.limits.connections).unwrap_or(u32::MAX);
    tokio::select! {
        _ = timeout(time, node.connections.acquire_many(most)) => {}
        () = node.at_once.cancelled() => {}
    }
    node.at_once.cancel();
    let _ = timeout(GOODBYE * 2, node.connections.acquire_many(most)).await;
}

/// Reads the lists of machines again whenever it is asked for.
async fn renew(node: Arc<Node>, asked: Arc<Notify>) {
    loop {
        asked.notified().await;
        let reading = Arc::clone(&node);
        match tokio::task::spawn_blocking(move || reading.hosts.renew()).await {
            Ok(Ok(keys)) => tracing::info!(keys, "the hosts' keys were read"),
            Ok(Err(why)) => tracing::error!(why, "the hosts' keys stay as they were"),
            Err(_) => {}
        }
    }
}

async fn node(config: &Config, reins: &Reins) -> Result<(Arc<Node>, String), String> {
    let key = match &config.key {
        Some(path) => hostkey::load(path)?,
        None => hostkey::load_or_create(&config.state_dir, KEY_FILE)?,
    };
    let secret = secret(&key)?;
    let routes = RouteKey::derive(&secret);
    let cluster = match &config.cluster {
        // Guests know one relay by one key, and its routes hold at every node.
        Some(_) if config.key.is_none() => {
            return Err("the nodes of a cluster have one host key: --key FILE".to_owned());
        }
        Some(setup) => Some(Arc::new(Cluster::new(setup, &secret).await?)),
        None => None,
    };
    let line = hostkey::public_line(&key)?;
    let limits = config.limits.clone();
    let mut methods = MethodSet::empty();
    methods.push(MethodKind::None);
    let hosts = Hosts::read(config.hosts.clone())?;
    if !hosts.open() {
        methods.push(MethodKind::PublicKey);
    }
    let name = hostkey::fingerprint(&key);
    let terms = config::Terms {
        methods,
        attempts: 6,
        keepalive: limits.keepalive,
    };
    let mut first = [0; 8];
    getrandom::fill(&mut first).map_err(|error| error.to_string())?;
    let node = Node {
        directory: Directory::default(),
        routes,
        name,
        hosts,
        metrics: Metrics::new(),
        crowd: Crowd::new(limits.per_address),
        started: Instant::now(),
        listen: OnceLock::new(),
        guests: OnceLock::new(),
        cluster,
        gate: Gate::new(limits.waiting, limits.waiting_per_address),
        config: Arc::new(config::server(hostkey::HostKey::bare(key), &terms)),
        connections: Arc::new(Semaphore::new(limits.connections)),
        limits,
        closing: reins.closing.clone(),
        at_once: reins.at_once.clone(),
        next: AtomicU64::new(u64::from_le_bytes(first)),
    };
    Ok((Arc::new(node), line))
}

/// What routes are derived of: as lasting, and as secret, as the key.
fn secret(key: &PrivateKey) -> Result<[u8; 32], String> {
    match key.key_data() {
        KeypairData::Ed25519(pair) => Ok(pair.private.to_bytes()),
        _ => Err("a relay's key is an ed25519 key".to_owned()),
    }
}

async fn bind(wanted: &[String]) -> Result<Vec<TcpListener>, String> {
    let mut listeners = Vec::new();
    for place in wanted {
        listeners.push(info::bind(place).await?);
    }
    Ok(listeners)
}

async fn sweep(node: Arc<Node>) {
    let mut last = None;
    loop {
        tokio::select! {
            () = sleep(SWEEP) => {}
            () = cluster::moved(node.cluster.as_deref()) => {}
            () = node.closing.cancelled() => return,
        }
        if let Some(cluster) = &node.cluster {
            cluster.note(&mut last);
        }
        let gone = node.directory.sweep(Instant::now(), node.limits.keep);
        if gone > 0 {
            let (sessions, unlinked, guests) = node.directory.count();
            tracing::info!(
                gone,
                sessions,
                unlinked,
                guests,
                "sessions did not come back"
            );
        }
    }
}

/// Accepts until the relay closes. Nothing here waits for a peer.
async fn accept(node: Arc<Node>, listener: TcpListener, welcome: Welcome) {
    while let Some((tcp, address)) = accepted(&listener, &node.closing).await {
        node.metrics.accepted();
        let Some(seat) = node.crowd.enter(address.ip()) else {
            tracing::debug!(%address, "too many connections of this address");
            node.metrics.away(Away::Address);
            continue;
        };
        let cut = CancellationToken::new();
        let Some(ticket) = node.gate.enter(address.ip(), &cut, Instant::now()) else {
            tracing::debug!(%address, "too many connections not yet admitted");
            node.metrics.away(Away::Waiting);
            continue;
        };
        let Ok(permit) = Arc::clone(&node.connections).try_acquire_owned() else {
            // Reported at a bounded rate: whoever floods fills no log.
            if node.gate.may_report(Instant::now()) {
                tracing::warn!(%address, "too many connections");
            }
            node.metrics.away(Away::Full);
            continue;
        };
        tune(&tcp);
        let node = Arc::clone(&node);
        tokio::spawn(async move {
            attend(node, tcp, address, welcome, ticket, cut).await;
            drop((permit, seat));
        });
    }
}

/// Attends one connection until it is over.
async fn attend(
    node: Arc<Node>,
    tcp: TcpStream,
    address: SocketAddr,
    welcome: Welcome,
    ticket: Ticket,
    cut: CancellationToken,
) {
    let opened = tokio::time::Instant::now();
    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
    let rein = Rein::new(cut.clone());
    let line = Line::new(tcp, Arc::clone(&rein));
    let (phase, mut seen) = watch::channel(Phase::Greeting);
    let config = Arc::clone(&node.config);
    let grace = node.limits.grace;
    let connection = Connection::new(Arc::clone(&node), address, welcome, rein, ticket, phase);
    let whole = async {
        let session = match run_stream(config, line, connection).await {
            Ok(session) => session,
            Err(error) => return tracing::debug!(%address, %error, "no handshake"),
        };
        let handle = session.handle();
        tokio::pin!(session);
        let ended = tokio::select! {
            ended = &mut session => Some(ended),
            () = node.at_once.cancelled() => {
                let by = Disconnect::ByApplication;
                let bye = handle.disconnect(by, ENDING.to_owned(), String::new());
                let _ = timeout(GOODBYE, bye).await;
                timeout(GOODBYE, &mut session).await.ok()
            }
        };
        if let Some(Err(error)) = ended {
            tracing::debug!(%address, %error, "connection ended");
        }
    };
    // The deadline is for all of the greeting, however its bytes trickle. Whose
    // hop is over has as long again for another one.
    let overstay = async {
        let mut until = opened + grace;
        loop {
            sleep_until(until).await;
            if *seen.borrow_and_update() == Phase::Greeting {
                return;
            }
            let idle = seen.wait_for(|phase| *phase == Phase::Greeting);
            if idle.await.is_err() {
                // The connection is over, and says so itself.
                std::future::pending::<()>().await;
            }
            until = tokio::time::Instant::now() + grace;
        }
    };
    tokio::select! {
        () = whole => {}
        () = cut.cancelled() => {}
        () = overstay => {
            tracing::debug!(%address, "the time to log in is over");
            node.metrics.away(Away::Late);
        }
    }
    // russh's own task may be left: it ends with its connection.
    cut.cancel();
}

#[cfg(test)]
mod tests;
