//! What every SSH server here offers: present-day algorithms, bounded windows,
//! keepalives. Methods and deadlines are the callers'.

use std::time::Duration;

use russh::keys::Algorithm;
use russh::server::Config;
use russh::{MethodSet, Preferred, SshId};

use super::hostkey::HostKey;

/// What callers say of their server.
pub(crate) struct Terms {
    /// The methods named to one who was refused.
    pub(crate) methods: MethodSet,
    /// Refused credentials per connection.
    pub(crate) attempts: usize,
    /// Between keepalives; three unanswered ones end a connection.
    pub(crate) keepalive: Duration,
}

/// A server's configuration for russh.
pub(crate) fn server(key: HostKey, terms: &Terms) -> Config {
    let preferred = Preferred::DEFAULT;
    let no_sha1 = preferred
        .key
        .iter()
        .filter(|algorithm| !matches!(algorithm, Algorithm::Rsa { hash: None }))
        .cloned()
        .collect();
    Config {
        server_id: SshId::Standard("SSH-2.0-stepmux".into()),
        methods: terms.methods.clone(),
        auth_rejection_time: Duration::from_millis(50),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key.key],
        certificates: key.certificate.into_iter().collect(),
        window_size: 256 * 1024,
        maximum_packet_size: 32 * 1024,
        channel_buffer_size: 8,
        event_buffer_size: 8,
        preferred: Preferred {
            key: no_sha1,
            ..preferred
        },
        max_auth_attempts: terms.attempts,
        inactivity_timeout: None,
        keepalive_interval: Some(terms.keepalive),
        keepalive_max: 3,
        nodelay: true,
        ..Config::default()
    }
}
