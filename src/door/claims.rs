//! Claims are signed and their signatures checked here, by OpenSSH's format
//! (PROTOCOL.sshsig). Whether a signed claim holds is `access`'s to say.

use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::access::Claim;
use crate::access::claim::NAMESPACE;

/// Whether a claim was signed by the key that it names.
pub(crate) fn signed(claim: &Claim, bytes: &[u8], signature: &[u8]) -> bool {
    let key = PublicKey::from_bytes(&claim.key);
    let signature = SshSig::from_pem(signature);
    match (key, signature) {
        (Ok(key), Ok(signature)) => key.verify(NAMESPACE, bytes, &signature).is_ok(),
        _ => false,
    }
}

/// Signs a claim by the session's key; what [`Link::Register`] carries.
///
/// # Errors
/// A key that cannot sign.
pub(crate) fn sign(key: &PrivateKey, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let signature = key.sign(NAMESPACE, HashAlg::Sha512, bytes);
    let signature = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
    signature
        .map(String::into_bytes)
        .map_err(|error| error.to_string())
}

/// Seconds since the Unix epoch.
pub(crate) fn unix_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::door::hostkey;

    #[test]
    fn claim_is_signed_by_the_key_that_it_names_alone() {
        let home = tempfile::tempdir().unwrap();
        let key = |name: &str| {
            hostkey::of(None, true, &home.path().join(name))
                .unwrap()
                .key
        };
        let (own, other) = (key("a"), key("b"));
        let blob = own.public_key().to_bytes().unwrap();
        let claim = Claim::new(blob, 1, "SHA256:node", [0; 32], 5);
        let bytes = claim.to_bytes().unwrap();
        let good = sign(&own, &bytes).unwrap();
        assert!(signed(&claim, &bytes, &good));
        assert!(!signed(&claim, &bytes, &sign(&other, &bytes).unwrap()));
        assert!(!signed(&claim, b"other bytes", &good));
        assert!(!signed(&claim, &bytes, &good[..good.len() / 2]));
        assert!(!signed(&claim, &bytes, b""));
    }
}
