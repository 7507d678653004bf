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
mod connection;
mod directory;
mod link;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use russh::keys::{PrivateKey, ssh_key::private::KeypairData};
use russh::server::{Config as Russh, run_stream};
use russh::{MethodKind, MethodSet};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::access::{KeyList, Prefix, RouteKey};
use crate::door::gate::{Gate, Ticket};
use crate::door::line::{Line, Rein, tune};
use crate::door::streams::Streams;
use crate::door::{config, hostkey, info};
use cluster::Cluster;
use connection::{Connection, Phase};
use directory::Directory;

/// The relay's own key, in the state directory.
const KEY_FILE: &str = "relay_ed25519";
/// How long accepting pauses when the system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Between looks for sessions that nobody came back to.
const SWEEP: Duration = Duration::from_secs(5);
/// How long connections have to end once the relay is to stop.
const DRAIN: Duration = Duration::from_secs(10);

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
    /// The keys of those who may bring sessions; none for anybody.
    pub hosts: Option<KeyList>,
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
    /// Between keepalives; three unanswered ones end a connection.
    pub keepalive: Duration,
    /// Connections not yet admitted.
    pub waiting: usize,
    /// The same per address (an IPv6 /64).
    pub waiting_per_address: usize,
    /// Connections.
    pub connections: usize,
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
    hosts: Option<KeyList>,
    /// Its part in a relay of several nodes.
    cluster: Option<Arc<Cluster>>,
    limits: Limits,
    closing: CancellationToken,
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
}

/// Who may come in at a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Welcome {
    guests: bool,
    hosts: bool,
}

/// Runs a relay until `closing`. `opened` is told where it listens.
///
/// # Errors
/// A sentence: a key or an address that cannot be had.
pub async fn run(
    config: Config,
    opened: impl FnOnce(&Opened),
    closing: CancellationToken,
) -> Result<(), String> {
    let (node, key_line) = node(&config, closing.clone()).await?;
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
    opened(&Opened {
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
    closing.cancelled().await;
    // Each connection ends by itself: VMs are told to register elsewhere.
    let most = u32::try_from(node.limits.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(DRAIN, node.connections.acquire_many(most)).await;
    Ok(())
}

async fn node(config: &Config, closing: CancellationToken) -> Result<(Arc<Node>, String), String> {
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
    if config.hosts.is_some() {
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
        hosts: config.hosts.clone(),
        cluster,
        gate: Gate::new(limits.waiting, limits.waiting_per_address),
        config: Arc::new(config::server(hostkey::HostKey::bare(key), &terms)),
        connections: Arc::new(Semaphore::new(limits.connections)),
        limits,
        closing,
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
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = node.closing.cancelled() => return,
        };
        let (tcp, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accept");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let cut = CancellationToken::new();
        let Some(ticket) = node.gate.enter(address.ip(), &cut, Instant::now()) else {
            tracing::debug!(%address, "too many connections not yet admitted");
            continue;
        };
        let Ok(permit) = Arc::clone(&node.connections).try_acquire_owned() else {
            tracing::warn!(%address, "too many connections");
            continue;
        };
        tune(&tcp);
        let node = Arc::clone(&node);
        tokio::spawn(async move {
            attend(node, tcp, address, welcome, ticket, cut).await;
            drop(permit);
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
        if let Err(error) = session.await {
            tracing::debug!(%address, %error, "connection ended");
        }
    };
    // The deadline is for all of the greeting, however its bytes trickle.
    let overstay = async {
        sleep_until(opened + grace).await;
        let settled = seen.wait_for(|phase| *phase == Phase::Busy);
        if tokio::time::timeout(Duration::ZERO, settled).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = whole => {}
        () = cut.cancelled() => {}
        () = overstay => tracing::debug!(%address, "the time to log in is over"),
    }
}
