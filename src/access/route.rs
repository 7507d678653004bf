//! How a session behind a relay is called: its id, which is its host key's, and
//! the route, the user name with which a guest asks a relay for it. A route is
//! no credential and holds no address: it says which session is meant, and that
//! this relay gave it out.

use data_encoding::{Encoding, Specification};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::LazyLock;
use subtle::ConstantTimeEq;

/// RFC 4648 base 32 in lower case, without padding.
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.encoding().ok()
});

fn base32(bytes: &[u8]) -> String {
    BASE32
        .as_ref()
        .map(|encoding| encoding.encode(bytes))
        .unwrap_or_default()
}

/// A session's id: the SHA-256 of its host key's public blob (RFC 4253, 6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid([u8; 32]);

impl Sid {
    /// Characters of an id as text.
    pub const LEN: usize = 26;

    /// The id of a session with this host key.
    #[must_use]
    pub fn of(blob: &[u8]) -> Self {
        Self(Sha256::digest(blob).into())
    }

    /// What a route keeps of it.
    #[must_use]
    pub fn prefix(&self) -> Prefix {
        let mut prefix = [0; 10];
        prefix.copy_from_slice(&self.0[..10]);
        Prefix(prefix)
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32(&self.0)[..Self::LEN])
    }
}

/// The beginning of a session's id, 80 bits: enough to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix([u8; 10]);

impl Prefix {
    /// The prefix of these bytes.
    #[must_use]
    pub fn of(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 10] {
        self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32(&self.0))
    }
}

/// Where a guest asks to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The node of a cluster that the session was registered with.
    pub node: u8,
    /// Which session.
    pub session: Prefix,
}

/// What a relay, or all nodes of one, make and check routes with.
#[derive(Clone)]
pub struct RouteKey([u8; 32]);

impl fmt::Debug for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouteKey(***)")
    }
}

/// The first character of every route; another version has another.
const VERSION: char = 'r';
/// Bytes of a route's proof.
const PROOF: usize = 9;
/// Bytes of a route: the node, the session, the proof.
const BYTES: usize = 1 + 10 + PROOF;

/// Between a route and a token, in the user name of a guest whose ssh ends in
/// the relay. No route has it.
pub const JOINT: char = '-';

impl RouteKey {
    /// Reads a user name of a route and a token; none for any other text.
    #[must_use]
    pub fn read_with_token<'a>(&self, text: &'a str) -> Option<(Route, &'a str)> {
        let (route, token) = text.split_once(JOINT)?;
        let route = self.read(route)?;
        (!token.is_empty()).then_some((route, token))
    }

    /// A key made of a secret that outlives the relay's process, so that routes
    /// hold after a restart.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        Self(mac(secret, &[b"stepmux route key 1"]))
    }

    /// The route as a user name: 33 lower-case letters and digits.
    #[must_use]
    pub fn write(&self, route: Route) -> String {
        let mut bytes = [0; BYTES];
        bytes[0] = route.node;
        bytes[1..11].copy_from_slice(&route.session.0);
        let proof = self.proof(route);
        bytes[11..].copy_from_slice(&proof);
        format!("{VERSION}{}", base32(&bytes))
    }

    /// Reads a user name that this key has written; none for any other text.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Route> {
        let text = text.strip_prefix(VERSION)?;
        let bytes = BASE32.as_ref()?.decode(text.as_bytes()).ok()?;
        let bytes: [u8; BYTES] = bytes.try_into().ok()?;
        let mut session = [0; 10];
        session.copy_from_slice(&bytes[1..11]);
        let route = Route {
            node: bytes[0],
            session: Prefix(session),
        };
        let same: bool = self.proof(route).ct_eq(&bytes[11..]).into();
        same.then_some(route)
    }

    fn proof(&self, route: Route) -> [u8; PROOF] {
        let whole = mac(&self.0, &[b"route", &[route.node], &route.session.0]);
        let mut proof = [0; PROOF];
        proof.copy_from_slice(&whole[..PROOF]);
        proof
    }
}

/// HMAC-SHA-256 (RFC 2104) of parts of fixed sizes.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        return [0; 32];
    };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn route_is_read_by_the_key_that_wrote_it_alone() {
        let (own, other) = (RouteKey::derive(b"a"), RouteKey::derive(b"b"));
        let route = Route {
            node: 3,
            session: Sid::of(b"key").prefix(),
        };
        let text = own.write(route);
        assert_eq!(text.len(), 33);
        assert!(
            text.chars()
                .all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit())
        );
        assert_eq!(own.read(&text), Some(route));
        assert_eq!(other.read(&text), None);
        assert_eq!(RouteKey::derive(b"a").read(&text), Some(route));
    }

    #[test]
    fn route_with_a_token_is_told_from_one_without() {
        let key = RouteKey::derive(b"a");
        let route = Route {
            node: 0,
            session: Sid::of(b"key").prefix(),
        };
        let text = key.write(route);
        let with = |tail: &str| format!("{text}{tail}");
        let long = with("-tok-en");
        assert_eq!(key.read_with_token(&long), Some((route, "tok-en")));
        assert_eq!(key.read(&long), None);
        for tail in ["", "-", "tok"] {
            assert_eq!(key.read_with_token(&with(tail)), None, "{tail}");
        }
        assert_eq!(RouteKey::derive(b"b").read_with_token(&long), None);
    }

    #[test]
    fn forged_and_truncated_routes_are_none() {
        let key = RouteKey::derive(b"a");
        let text = key.write(Route {
            node: 0,
            session: Sid::of(b"key").prefix(),
        });
        for at in 0..text.len() {
            assert_eq!(key.read(&text[..at]), None, "{at}");
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'a' { b'b' } else { b'a' };
            assert_eq!(key.read(&String::from_utf8(forged).unwrap()), None, "{at}");
        }
        for text in [
            "",
            "r",
            "root",
            "\u{e9}",
            &format!("{text}a"),
            &text.to_uppercase(),
        ] {
            assert_eq!(key.read(text), None, "{text}");
        }
    }

    #[test]
    fn id_is_26_characters_and_its_prefix_begins_it() {
        let sid = Sid::of(b"key");
        assert_eq!(sid.to_string().len(), Sid::LEN);
        assert!(sid.to_string().starts_with(&sid.prefix().to_string()));
        assert_ne!(sid, Sid::of(b"other"));
    }
}
