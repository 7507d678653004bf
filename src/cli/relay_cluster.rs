//! The arguments of `stepmux relay` for a relay of several nodes. They are read
//! here and checked where they are used; nothing is dialled.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::relay::cluster::{Files, Setup};

/// A node's part in a relay of several nodes.
#[derive(Clone, Debug, Args)]
pub(super) struct ClusterArgs {
    /// Be a node of a relay of several, which find each other's sessions by this
    /// NATS server: nats://HOST[:PORT] or tls://HOST[:PORT], several with commas
    #[arg(
        long,
        value_name = "URL",
        requires_all = ["node", "peer", "cluster_listen", "cluster_ca", "cluster_cert",
                        "cluster_key", "key"]
    )]
    cluster: Option<String>,
    /// Be the node of this name, for which its certificate is
    #[arg(long, value_name = "NAME", requires = "cluster")]
    node: Option<String>,
    /// Know this node and where other nodes reach it; repeated for each. A node
    /// dials no other address
    #[arg(long, value_name = "NAME=HOST:PORT", requires = "cluster", value_parser = peer)]
    peer: Vec<(String, String)>,
    /// Listen there for the other nodes; may be repeated
    #[arg(long, value_name = "ADDR:PORT", requires = "cluster")]
    cluster_listen: Vec<String>,
    /// Believe the certificates that this authority has signed (PEM)
    #[arg(long, value_name = "FILE", requires = "cluster")]
    cluster_ca: Option<PathBuf>,
    /// Show this certificate to the other nodes (PEM)
    #[arg(long, value_name = "FILE", requires = "cluster")]
    cluster_cert: Option<PathBuf>,
    /// Use this private key for it (PEM, readable by its owner alone)
    #[arg(long, value_name = "FILE", requires = "cluster")]
    cluster_key: Option<PathBuf>,
    /// Log in at the NATS server by this file: USER:PASSWORD or a token
    #[arg(long, value_name = "FILE", requires = "cluster")]
    bus_auth: Option<PathBuf>,
    /// Give a node, or the bus, up when it has said nothing for so long; the same
    /// on all nodes
    #[arg(long, value_name = "SECONDS", requires = "cluster", default_value_t = 15,
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    silence: u64,
}

impl ClusterArgs {
    /// The set-up that is asked for, if any.
    ///
    /// # Errors
    /// A name that is there twice.
    pub(super) fn setup(self) -> Result<Option<Setup>, String> {
        let (Some(bus), Some(node)) = (self.cluster, self.node) else {
            return Ok(None);
        };
        let mut peers = BTreeMap::new();
        for (name, place) in self.peer {
            if let Some(other) = peers.insert(name.clone(), place) {
                return Err(format!("--peer {name} is there twice (also at {other})"));
            }
        }
        Ok(Some(Setup {
            node,
            bus,
            bus_auth: self.bus_auth,
            listen: self.cluster_listen,
            peers,
            silence: Duration::from_secs(self.silence),
            files: Files {
                authority: self.cluster_ca.unwrap_or_default(),
                certificate: self.cluster_cert.unwrap_or_default(),
                key: self.cluster_key.unwrap_or_default(),
            },
        }))
    }
}

/// `NAME=HOST:PORT`.
fn peer(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=');
    let port = |place: &str| {
        let port = place.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        matches!(port, Some(Ok(1..)))
    };
    match parts {
        Some((name, place)) if !name.is_empty() && port(place) => {
            Ok((name.to_owned(), place.to_owned()))
        }
        _ => Err("it is NAME=HOST:PORT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::peer;

    #[test]
    fn peer_is_a_name_and_a_place() {
        let pair = |name: &str, place: &str| Ok((name.to_owned(), place.to_owned()));
        assert_eq!(peer("a=10.0.0.1:7443"), pair("a", "10.0.0.1:7443"));
        assert_eq!(peer("b=[::1]:7443"), pair("b", "[::1]:7443"));
        for text in ["", "a", "a=", "=h:1", "a=h", "a=h:0", "a=h:x"] {
            assert!(peer(text).is_err(), "{text}");
        }
    }
}
