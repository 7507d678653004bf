//! The relay's figures: what it has counted since its start, and how much there
//! is of everything now. No label names a session, an address or a token.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Node;
use crate::door::claims::unix_now;

type Labels = [(&'static str, &'static str); 1];
type Count = Counter<u64, AtomicU64>;

/// The figures.
pub(super) struct Metrics {
    registry: Mutex<Registry>,
    accepted: Count,
    turned_away: Family<Labels, Count>,
    links: Count,
    guests: Family<Labels, Count>,
    bytes: Family<Labels, Count>,
    sessions: Family<Labels, Gauge>,
    inside: Gauge,
    connections: Gauge,
}

/// Why somebody was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// Too many connections are not yet admitted.
    Waiting,
    /// There is no room for another connection.
    Full,
    /// Its address has all its connections.
    Address,
    /// A user name that is none here, or a wrong token.
    Name,
    /// A machine that is not listed.
    Host,
    /// A claim that does not hold.
    Claim,
    /// The time to log in was over.
    Late,
    /// No such session is here.
    Session,
    /// The session has no room.
    Joiners,
}

/// How a guest comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// End to end.
    Jump,
    /// Their ssh ends here.
    Compat,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("stepmux_relay");
        let own = Self {
            registry: Mutex::default(),
            accepted: Count::default(),
            turned_away: Family::default(),
            links: Count::default(),
            guests: Family::default(),
            bytes: Family::default(),
            sessions: Family::default(),
            inside: Gauge::default(),
            connections: Gauge::default(),
        };
        let start: Gauge = Gauge::default();
        start.set(i64::try_from(unix_now()).unwrap_or(i64::MAX));
        let accepted = own.accepted.clone();
        registry.register("connections", "Connections accepted", accepted);
        let away = own.turned_away.clone();
        registry.register("turned_away", "Peers turned away, by why", away);
        registry.register("links", "Claims of VMs taken", own.links.clone());
        registry.register("guests", "Guests let through, by how", own.guests.clone());
        let bytes = own.bytes.clone();
        registry.register("bytes", "Bytes of guests passed on, by direction", bytes);
        let sessions = own.sessions.clone();
        registry.register(
            "sessions",
            "Sessions, by whether they have a link",
            sessions,
        );
        registry.register("guests_inside", "Guests at present", own.inside.clone());
        let open = own.connections.clone();
        registry.register("connections_open", "Connections at present", open);
        registry.register("start_time_seconds", "When the relay was started", start);
        *own.registry.lock().unwrap_or_else(PoisonError::into_inner) = registry;
        own
    }

    /// A connection was accepted.
    pub(super) fn accepted(&self) {
        self.accepted.inc();
    }

    /// Somebody was turned away.
    pub(super) fn away(&self, why: Away) {
        let why = match why {
            Away::Waiting => "waiting",
            Away::Full => "full",
            Away::Address => "address",
            Away::Name => "name",
            Away::Host => "host",
            Away::Claim => "claim",
            Away::Late => "late",
            Away::Session => "session",
            Away::Joiners => "joiners",
        };
        self.turned_away.get_or_create(&[("why", why)]).inc();
    }

    /// A VM's claim was taken.
    pub(super) fn linked(&self) {
        self.links.inc();
    }

    /// A guest was let through.
    pub(super) fn guest(&self, path: Path) {
        let path = match path {
            Path::Jump => "jump",
            Path::Compat => "compat",
        };
        self.guests.get_or_create(&[("path", path)]).inc();
    }

    /// Bytes were passed on, from a guest or to one.
    pub(super) fn passed(&self, from_guest: bool, count: usize) {
        let direction = if from_guest { "in" } else { "out" };
        let bytes = self.bytes.get_or_create(&[("direction", direction)]);
        bytes.inc_by(count as u64);
    }

    /// The figures as text, those of the moment among them.
    pub(super) fn text(&self, node: &Node) -> String {
        let (sessions, unlinked, guests) = node.directory.count();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for (link, count) in [("yes", sessions.saturating_sub(unlinked)), ("no", unlinked)] {
            let gauge = self.sessions.get_or_create(&[("linked", link)]);
            gauge.set(number(count));
        }
        self.inside.set(number(guests));
        self.connections.set(number(node.open()));
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &registry) {
            tracing::warn!(%error, "figures");
        }
        text
    }
}
