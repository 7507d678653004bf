//! What a VM says of itself to a relay: "the session of this key is here". The
//! bytes are signed by the session's host key; who checks the signature is above.
//! A claim counts for one node, once, for a short time, and only if it is newer
//! than every other that the node has seen.

use serde::{Deserialize, Serialize};

use super::Sid;

/// The longest claim, in bytes.
pub const CLAIM_MAX: usize = 2048;

/// The longest time that a claim may be good for, in seconds.
const LIFE_MAX: u64 = 600;

/// By how much the two clocks may differ, in seconds.
const SKEW: u64 = 300;

/// The name under which claims are signed (OpenSSH's PROTOCOL.sshsig), so that
/// no signature for another purpose is one.
pub const NAMESPACE: &str = "claim@stepmux";

/// A claim to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The form of this; 1.
    pub version: u8,
    /// The session's public host key (RFC 4253, 6.6).
    pub key: Vec<u8>,
    /// Grows with every registration of the session.
    pub epoch: u64,
    /// The fingerprint of the relay's own key: no other node takes the claim.
    pub node: String,
    /// What the node gave for this link: no other link takes the claim.
    pub nonce: [u8; 32],
    /// Until when it is good, in seconds since the Unix epoch.
    pub expires: u64,
}

/// Why a claim is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It cannot be read.
    #[error("the claim cannot be understood")]
    Malformed,
    /// It is of another version.
    #[error("the claim is of another version")]
    Version,
    /// It is for another node or link.
    #[error("the claim is for another link")]
    Elsewhere,
    /// It is over, or good for longer than it may be.
    #[error("the claim's time is over, or the clocks differ")]
    Expired,
    /// A newer one is known.
    #[error("a newer claim to this session is known")]
    Old,
}

impl Claim {
    /// A claim of the present form.
    #[must_use]
    pub fn new(key: Vec<u8>, epoch: u64, node: &str, nonce: [u8; 32], now: u64) -> Self {
        Self {
            version: 1,
            key,
            epoch,
            node: node.to_owned(),
            nonce,
            expires: now.saturating_add(60),
        }
    }

    /// The bytes that are signed and sent.
    ///
    /// # Errors
    /// A key or name that is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ClaimError> {
        let bytes = postcard::to_stdvec(self).map_err(|_| ClaimError::Malformed)?;
        if bytes.len() > CLAIM_MAX {
            return Err(ClaimError::Malformed);
        }
        Ok(bytes)
    }

    /// Reads a claim.
    ///
    /// # Errors
    /// Bytes that are no claim of this form.
    pub fn read(bytes: &[u8]) -> Result<Self, ClaimError> {
        if bytes.len() > CLAIM_MAX {
            return Err(ClaimError::Malformed);
        }
        match postcard::take_from_bytes::<Self>(bytes) {
            Ok((claim, [])) if claim.version == 1 => Ok(claim),
            Ok((_, [])) => Err(ClaimError::Version),
            _ => Err(ClaimError::Malformed),
        }
    }

    /// Which session is claimed.
    #[must_use]
    pub fn sid(&self) -> Sid {
        Sid::of(&self.key)
    }

    /// Whether the claim holds here and now, its signature left out. `known` is
    /// the greatest epoch that was ever taken for the session.
    ///
    /// # Errors
    /// Why not.
    pub fn check(
        &self,
        node: &str,
        nonce: &[u8; 32],
        now: u64,
        known: Option<u64>,
    ) -> Result<(), ClaimError> {
        if self.node != node || self.nonce != *nonce {
            return Err(ClaimError::Elsewhere);
        }
        let over = self.expires.saturating_add(SKEW) < now;
        if over || self.expires > now.saturating_add(LIFE_MAX + SKEW) {
            return Err(ClaimError::Expired);
        }
        if known.is_some_and(|known| self.epoch <= known) {
            return Err(ClaimError::Old);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn claim() -> Claim {
        Claim::new(b"blob".to_vec(), 7, "SHA256:node", [1; 32], 1000)
    }

    #[test]
    fn claim_is_read_as_it_was_written_or_not_at_all() {
        let bytes = claim().to_bytes().unwrap();
        assert_eq!(Claim::read(&bytes), Ok(claim()));
        for cut in 0..bytes.len() {
            assert_eq!(Claim::read(&bytes[..cut]), Err(ClaimError::Malformed));
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert_eq!(Claim::read(&longer), Err(ClaimError::Malformed));
        assert_eq!(
            Claim::read(&vec![1; CLAIM_MAX + 1]),
            Err(ClaimError::Malformed)
        );
        let other = Claim {
            version: 2,
            ..claim()
        }
        .to_bytes()
        .unwrap();
        assert_eq!(Claim::read(&other), Err(ClaimError::Version));
    }

    #[test]
    fn claim_counts_for_one_node_and_link_once_and_for_a_time() {
        let claim = claim();
        let check = |node, nonce: u8, now, known| claim.check(node, &[nonce; 32], now, known);
        assert_eq!(check("SHA256:node", 1, 1000, None), Ok(()));
        assert_eq!(check("SHA256:node", 1, 1000, Some(6)), Ok(()));
        assert_eq!(check("SHA256:node", 1, 1000, Some(7)), Err(ClaimError::Old));
        assert_eq!(
            check("SHA256:other", 1, 1000, None),
            Err(ClaimError::Elsewhere)
        );
        assert_eq!(
            check("SHA256:node", 2, 1000, None),
            Err(ClaimError::Elsewhere)
        );
        assert_eq!(
            check("SHA256:node", 1, 1361, None),
            Err(ClaimError::Expired)
        );
        assert_eq!(check("SHA256:node", 1, 100, None), Err(ClaimError::Expired));
    }
}
