//! A relay of several nodes: any of them takes any guest, and finds the node to
//! which the session's VM is linked by asking the bus, live. The guests' streams
//! are numbered between their own node and the VM, so that they go on by another
//! node when one dies. A relay of one node has none of this.
//!
//! ```text
//! guest ─ssh─► node C ──bus: who has it?──► A, B
//!                └──mutual TLS, by the peer table──► node A ──link──► VM
//!                      A dies: the same streams ───► node B ──link──► VM
//! ```

mod bus;
mod peer;
mod seal;
mod tls;
mod transit;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Node;
use crate::access::Prefix;
use crate::door::gate::Gate;
use crate::door::streams::{LinkError, Streams, Terms};
use bus::{Bus, Said};
use peer::Path;
pub use tls::Files;
use tls::Tls;
pub(super) use transit::Transit;

/// Nodes in a peer table at most.
const MOST_PEERS: usize = 256;
/// Connections of other nodes at most.
const VISITS: usize = 8192;
/// Connections whose peers have not yet said which node they are, at most.
const GREETERS: usize = 1024;
/// The same of one address (an IPv6 /64).
const GREETERS_PER_ADDRESS: usize = 512;
/// Rounds of asking every peer at once.
const ROUNDS: usize = 8;
/// The first wait before a session is looked for again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A way that was one for so long was a good one: the next is looked for at once.
const GOOD: Duration = Duration::from_millis(250);
/// How long a way is kept that no guest goes.
const IDLE: Duration = Duration::from_secs(30);

/// How a node of a cluster is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The node's name, for which its certificate is.
    pub node: String,
    /// Where the bus is: `nats://HOST[:PORT]` or `tls://HOST[:PORT]`, several
    /// with commas between them.
    pub bus: String,
    /// A file with `USER:PASSWORD` or a token for the bus.
    pub bus_auth: Option<PathBuf>,
    /// Where other nodes come: `ADDR:PORT`.
    pub listen: Vec<String>,
    /// Every node's name and address, `HOST:PORT`; the node's own may be in it.
    pub peers: BTreeMap<String, String>,
    /// The node's certificates.
    pub files: Files,
    /// A node or the bus that says nothing for so long is given up; the same for
    /// all nodes.
    pub silence: Duration,
}

/// How it is with a cluster, as a node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClusterState {
    /// The bus is there.
    pub(super) bus: bool,
    /// Words on it without the cluster's seal, so far.
    pub(super) forged: u64,
    /// Sessions whose link is at another node.
    pub(super) ways: usize,
    /// Other nodes' connections.
    pub(super) visits: usize,
}

/// A node's part in its cluster.
pub(super) struct Cluster {
    pub(super) name: String,
    peers: BTreeMap<String, String>,
    bus: Bus,
    tls: Tls,
    gate: Arc<Gate>,
    visits: Arc<Semaphore>,
    silence: Duration,
    rounds: Semaphore,
    /// The sessions to which a way is looked for or kept.
    ways: Mutex<HashSet<Prefix>>,
}

impl Cluster {
    /// A node's part; `secret` is what all nodes have in common.
    ///
    /// # Errors
    /// A sentence naming what is wrong with the set-up.
    pub(super) async fn new(setup: &Setup, secret: &[u8]) -> Result<Self, String> {
        for name in std::iter::once(&setup.node).chain(setup.peers.keys()) {
            if !is_name(name) {
                return Err(format!("no node's name: {name:?} (a-z, 0-9 and hyphens)"));
            }
        }
        let mut peers = setup.peers.clone();
        peers.remove(&setup.node);
        if peers.is_empty() || peers.len() > MOST_PEERS {
            return Err(format!(
                "a cluster has 1 to {MOST_PEERS} other nodes (--peer)"
            ));
        }
        let tls = Tls::load(&setup.files, &setup.node)?;
        let auth = setup.bus_auth.as_deref();
        let bus = Bus::open(&setup.bus, auth, secret, &setup.node, setup.silence).await?;
        Ok(Self {
            name: setup.node.clone(),
            peers,
            bus,
            tls,
            gate: Gate::new(GREETERS, GREETERS_PER_ADDRESS),
            visits: Arc::new(Semaphore::new(VISITS)),
            silence: setup.silence,
            rounds: Semaphore::new(ROUNDS),
            ways: Mutex::default(),
        })
    }

    /// Answers for a session until the guard is dropped, or the relay is to end.
    pub(super) fn answer(
        &self,
        session: Prefix,
        epoch: u64,
        closing: &CancellationToken,
    ) -> DropGuard {
        self.bus.answer(session, epoch, closing)
    }

    /// How it is with the bus and the other nodes.
    pub(super) fn state(&self) -> ClusterState {
        ClusterState {
            bus: self.bus.is_connected(),
            forged: self.bus.forged(),
            ways: self.ways().len(),
            visits: VISITS - self.visits.available_permits(),
        }
    }

    /// Says what has changed with the bus since it was last looked at.
    pub(super) fn note(&self, last: &mut Option<ClusterState>) {
        let now = self.state();
        let (visits, ways) = (now.visits, now.ways);
        if last.is_none_or(|last| last.bus != now.bus) {
            match now.bus {
                true => tracing::info!(visits, ways, "the bus is there"),
                false => tracing::warn!(visits, ways, "the bus is away: nodes ask each other"),
            }
        }
        if last.is_some_and(|last| last.forged != now.forged) {
            tracing::warn!(forged = now.forged, "words without the cluster's seal");
        }
        *last = Some(now);
    }

    /// Finds the node with a session's link and gets a way to it.
    async fn path(self: &Arc<Self>, session: Prefix) -> Option<Path> {
        if let Said::These(nodes) = self.bus.ask(session).await {
            for node in nodes {
                match peer::dial(self, &node, session).await {
                    Ok(path) => {
                        tracing::info!(%session, node, "way");
                        return Some(path);
                    }
                    Err(why) => tracing::info!(%session, node, %why, "no way"),
                }
            }
        }
        // The bus is away, or the node that has it is cut from the bus: there
        // are not many others. So many such rounds at once, and no more.
        let _round = self.rounds.acquire().await.ok()?;
        let mut asked = JoinSet::new();
        for node in self.peers.keys() {
            let (cluster, node) = (Arc::clone(self), node.clone());
            asked.spawn(async move {
                let path = peer::dial(&cluster, &node, session).await.ok()?;
                Some((node, path))
            });
        }
        while let Some(answer) = asked.join_next().await {
            if let Ok(Some((node, path))) = answer {
                tracing::info!(%session, node, "way, by asking every node");
                return Some(path);
            }
        }
        None
    }

    fn ways(&self) -> MutexGuard<'_, HashSet<Prefix>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes other nodes in at these listeners.
pub(super) fn listen(node: &Arc<Node>, cluster: &Arc<Cluster>, listeners: Vec<TcpListener>) {
    for listener in listeners {
        tokio::spawn(peer::accept(
            Arc::clone(node),
            Arc::clone(cluster),
            listener,
        ));
    }
}

/// Waits until the bus comes or goes; for ever where there is none.
pub(super) async fn moved(cluster: Option<&Cluster>) {
    match cluster {
        Some(cluster) => cluster.bus.moved().await,
        None => std::future::pending().await,
    }
}

/// A session's streams once they have a link, of this node or another's.
pub(super) async fn find(
    node: &Arc<Node>,
    cluster: &Arc<Cluster>,
    session: Prefix,
) -> Option<Streams> {
    let streams = node.directory.streams(session);
    let linked = async {
        let linked = streams.linked();
        tokio::pin!(linked);
        loop {
            // What looks for a way gives up once nobody waits; so it is begun
            // again for whoever waits still.
            keep_way(node, cluster, session, &streams);
            tokio::select! {
                () = &mut linked => return,
                () = sleep(LONGEST_WAIT) => {}
            }
        }
    };
    timeout(node.limits.patience, linked).await.ok()?;
    Some(streams)
}

/// Sees to it that a session's streams have a link, unless they have one or
/// nobody wants any.
pub(super) fn keep_way(
    node: &Arc<Node>,
    cluster: &Arc<Cluster>,
    session: Prefix,
    streams: &Streams,
) {
    if streams.is_linked() || !cluster.ways().insert(session) {
        return;
    }
    let way = Way {
        node: Arc::clone(node),
        cluster: Arc::clone(cluster),
        session,
        streams: streams.clone(),
    };
    tokio::spawn(way.keep());
}

/// The way of a session's streams to the node that has its link.
struct Way {
    node: Arc<Node>,
    cluster: Arc<Cluster>,
    session: Prefix,
    streams: Streams,
}

impl Way {
    async fn keep(self) {
        let mut since = Instant::now();
        let mut wait = FIRST_WAIT;
        // A way that breaks at once is tried again at once, but not for ever.
        let mut free = true;
        while !self.is_over() {
            if let Some(path) = self.cluster.path(self.session).await {
                since = Instant::now();
                let why = self.carry(path).await;
                tracing::info!(session = %self.session, %why, "way ended");
                let good = since.elapsed() >= GOOD;
                since = Instant::now();
                if good {
                    wait = FIRST_WAIT;
                }
                if good || std::mem::take(&mut free) {
                    free |= good;
                    continue;
                }
            }
            if since.elapsed() >= self.node.limits.keep {
                tracing::info!(session = %self.session, "no node has it");
                self.streams.reset_all();
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = self.node.at_once.cancelled() => {}
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Whether there is nothing to do any more. Another may begin then.
    fn is_over(&self) -> bool {
        let mut ways = self.cluster.ways();
        let over = self.streams.is_linked()
            || !self.streams.is_wanted()
            || self.node.at_once.is_cancelled();
        if over {
            ways.remove(&self.session);
        }
        over
    }

    async fn carry(&self, path: Path) -> LinkError {
        // The VM's own link may have come in the meantime.
        if self.streams.is_linked() {
            return LinkError::Replaced;
        }
        let terms = Terms::peer(self.cluster.silence);
        let carried = self.streams.carry(path.link, path.rest, terms, |_, _| {
            Err(LinkError::Wrong("the node does not speak as it should"))
        });
        tokio::select! {
            why = carried => why,
            () = self.idle() => LinkError::Wrong("no guest goes it"),
            () = self.node.at_once.cancelled() => LinkError::Wrong("the relay ends"),
        }
    }

    /// Waits until nobody has wanted the way for a while.
    async fn idle(&self) {
        let mut unwanted = Instant::now();
        while unwanted.elapsed() < IDLE {
            sleep(IDLE / 10).await;
            if self.streams.is_wanted() {
                unwanted = Instant::now();
            }
        }
    }
}

/// Whether a text is a node's name: one that a certificate can be for, and that
/// is nothing else on the bus (RFC 1123, 2.1).
fn is_name(text: &str) -> bool {
    let plain = |ch: u8| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == b'-';
    let ends = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && text.len() <= 63 && !ends && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_one_that_a_certificate_can_be_for() {
        for name in ["n1", "a", "relay-eu-3"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "N1", "a.b", "-a", "a-", "a b", "é", &"a".repeat(64)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
