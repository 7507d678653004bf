//! What nodes say to each other over the bus, and the seal on it: the bus is
//! believed nothing. A word holds for one session, an answer for one question,
//! and none holds an address.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::access::Prefix;

/// The longest word on the bus, in bytes.
pub(super) const LONGEST: usize = 512;

/// The form of these words.
const VERSION: u8 = 1;
/// Bytes of a seal.
const SEAL: usize = 32;

/// A node asks who has a session's link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ask {
    version: u8,
    /// The node that asks.
    pub(super) node: String,
    /// New for each question.
    pub(super) nonce: [u8; 16],
}

/// The node that has it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    version: u8,
    /// The node that answers: a name, never an address.
    pub(super) node: String,
    /// The epoch of the claim by which it has the session.
    pub(super) epoch: u64,
    /// The question's.
    pub(super) nonce: [u8; 16],
}

impl Ask {
    pub(super) fn new(node: &str, nonce: [u8; 16]) -> Self {
        Self {
            version: VERSION,
            node: node.to_owned(),
            nonce,
        }
    }
}

impl Answer {
    pub(super) fn new(node: &str, epoch: u64, nonce: [u8; 16]) -> Self {
        Self {
            version: VERSION,
            node: node.to_owned(),
            epoch,
            nonce,
        }
    }
}

/// A kind of word.
pub(super) trait Word: Serialize + DeserializeOwned {
    /// What tells the seals of this kind from others.
    const KIND: &'static [u8];
    /// Whether this is of the present form.
    fn is_present(&self) -> bool;
}

impl Word for Ask {
    const KIND: &'static [u8] = b"ask";
    fn is_present(&self) -> bool {
        self.version == VERSION
    }
}

impl Word for Answer {
    const KIND: &'static [u8] = b"answer";
    fn is_present(&self) -> bool {
        self.version == VERSION
    }
}

/// The key of seals, which all nodes of a cluster have in common.
#[derive(Clone)]
pub(super) struct SealKey([u8; 32]);

impl SealKey {
    /// The key that belongs to a secret.
    pub(super) fn derive(secret: &[u8]) -> Self {
        Self(mac(secret, &[b"stepmux bus key 1"]))
    }

    /// The beginning of this cluster's subjects, so that two clusters may use
    /// one bus.
    pub(super) fn realm(&self) -> String {
        let whole = mac(&self.0, &[b"realm"]);
        let hex = whole[..6].iter().map(|byte| format!("{byte:02x}"));
        hex.collect()
    }

    /// A word with its seal; none if it is too long.
    pub(super) fn seal<W: Word>(&self, session: Prefix, word: &W) -> Option<Vec<u8>> {
        let body = postcard::to_stdvec(word).ok()?;
        let mut sealed = self.mac::<W>(session, &body).to_vec();
        sealed.extend(body);
        (sealed.len() <= LONGEST).then_some(sealed)
    }

    /// Reads a word that a node of this cluster has sealed for this session.
    pub(super) fn open<W: Word>(&self, session: Prefix, sealed: &[u8]) -> Option<W> {
        if sealed.len() > LONGEST {
            return None;
        }
        let (seal, body) = sealed.split_at_checked(SEAL)?;
        let same = subtle::ConstantTimeEq::ct_eq(self.mac::<W>(session, body).as_slice(), seal);
        if !bool::from(same) {
            return None;
        }
        match postcard::take_from_bytes::<W>(body) {
            Ok((word, [])) if word.is_present() => Some(word),
            _ => None,
        }
    }

    fn mac<W: Word>(&self, session: Prefix, body: &[u8]) -> [u8; SEAL] {
        mac(&self.0, &[W::KIND, b"\0", &session.bytes(), body])
    }
}

/// HMAC-SHA-256 (RFC 2104) of parts, all but the last of which have fixed sizes.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; SEAL] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        return [0; SEAL];
    };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn word_is_opened_by_its_cluster_for_its_session_and_kind_alone() {
        let (own, other) = (SealKey::derive(b"a"), SealKey::derive(b"b"));
        let (here, there) = (Prefix::of([1; 10]), Prefix::of([2; 10]));
        let answer = Answer::new("n1", 7, [3; 16]);
        let sealed = own.seal(here, &answer).unwrap();
        assert_eq!(own.open::<Answer>(here, &sealed), Some(answer));
        assert_eq!(own.open::<Answer>(there, &sealed), None);
        assert_eq!(other.open::<Answer>(here, &sealed), None);
        assert_eq!(own.open::<Ask>(here, &sealed), None);
        assert_ne!(own.realm(), other.realm());
    }

    #[test]
    fn forged_truncated_and_too_long_words_are_none() {
        let key = SealKey::derive(b"a");
        let here = Prefix::of([1; 10]);
        let sealed = key.seal(here, &Ask::new("n1", [3; 16])).unwrap();
        for at in 0..sealed.len() {
            assert_eq!(key.open::<Ask>(here, &sealed[..at]), None, "{at}");
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert_eq!(key.open::<Ask>(here, &forged), None, "{at}");
        }
        assert_eq!(key.open::<Ask>(here, &vec![0; LONGEST + 1]), None);
        assert_eq!(
            key.seal(here, &Ask::new(&"n".repeat(LONGEST), [0; 16])),
            None
        );
        let other = Ask {
            version: 2,
            ..Ask::new("n1", [3; 16])
        };
        let sealed = key.seal(here, &other).unwrap();
        assert_eq!(key.open::<Ask>(here, &sealed), None);
    }
}
