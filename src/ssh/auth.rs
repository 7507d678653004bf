//! What opens a share's door: a token as the user name, or a listed public key
//! under any name. It decides from what was loaded when the share was opened;
//! what it cannot decide it refuses. Tokens are never logged.

use std::io::Read;

use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};
use russh::{MethodKind, MethodSet};

use super::info::{open_file, reason};
use crate::access::{Grant, KeyList, Token, Tokens};
use crate::base::{Label, Secret};

/// A key list is never longer, in bytes.
const LIST_MAX: u64 = 1024 * 1024;
/// A guest's name is cut here, in characters.
const NAME_MAX: usize = 64;

/// An admitted guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// What they may do.
    pub(super) grant: Grant,
    /// How they are called: the key's comment or fingerprint, or `token`.
    pub(super) name: String,
}

/// The tokens and keys of one share.
pub(super) struct Lock {
    tokens: Tokens,
    lists: Vec<KeyList>,
    key_grant: Grant,
}

/// The tokens made for a share.
pub(super) struct Minted {
    /// May type; none for a share that is only watched.
    pub(super) token: Option<Secret<String>>,
    /// May only watch.
    pub(super) view: Secret<String>,
}

impl Lock {
    /// Makes a share's tokens; independent, so that neither tells the other.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(super) fn new(
        view_only: bool,
        lists: Vec<KeyList>,
        key_grant: Grant,
    ) -> Result<(Self, Minted), String> {
        let mut tokens = Tokens::default();
        let view = mint()?;
        tokens.add(&view, Grant::View);
        let token = if view_only { None } else { Some(mint()?) };
        if let Some(token) = &token {
            tokens.add(token, Grant::Type);
        }
        let minted = Minted {
            token: token.map(|token| Secret::new(token.expose().to_owned())),
            view: Secret::new(view.expose().to_owned()),
        };
        let lock = Self {
            tokens,
            lists,
            key_grant,
        };
        Ok((lock, minted))
    }

    /// How many keys are listed.
    pub(super) fn keys(&self) -> usize {
        self.lists.iter().map(|list| list.keys.len()).sum()
    }

    /// Whom a user name admits by itself. Compared in constant time.
    pub(super) fn by_name(&self, user: &str) -> Option<Pass> {
        let grant = self.tokens.lookup(user)?;
        let name = match grant {
            Grant::View => "view token",
            Grant::Type | Grant::Admin => "token",
        };
        Some(Pass {
            grant,
            name: name.to_owned(),
        })
    }

    /// Whom a public key admits. SHA-1 signatures (`ssh-rsa`) admit nobody.
    pub(super) fn by_key(&self, key: &PublicKey, algorithm: &Algorithm) -> Option<Pass> {
        if matches!(algorithm, Algorithm::Rsa { hash: None }) {
            return None;
        }
        let blob = key.to_bytes().ok()?;
        let name = key.algorithm();
        let found = self
            .lists
            .iter()
            .find_map(|list| list.find(name.as_str(), &blob))?;
        Some(Pass {
            grant: self.key_grant,
            name: call(&found.comment, key),
        })
    }

    /// Whom a certificate admits: nobody, since no authority is configured. The
    /// key inside may be listed; a certificate is not that key.
    #[allow(clippy::unused_self)]
    pub(super) fn by_certificate(&self, _certificate: &Certificate) -> Option<Pass> {
        None
    }

    /// The methods named to one who was refused. The last of them only says
    /// why: it asks for nothing.
    pub(super) fn methods(&self) -> MethodSet {
        let mut methods = MethodSet::empty();
        if self.keys() > 0 {
            methods.push(MethodKind::PublicKey);
        }
        methods.push(MethodKind::KeyboardInteractive);
        methods
    }

    /// What a refused guest is told.
    pub(super) fn accepted(&self) -> &'static str {
        if self.keys() > 0 {
            "stepmux: accepted here is the user name that the host's ssh line shows \
             (ssh TOKEN@HOST), or a public key which the host has listed."
        } else {
            "stepmux: accepted here is the user name that the host's ssh line shows \
             (ssh TOKEN@HOST). No public keys are listed."
        }
    }
}

fn mint() -> Result<Token, String> {
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).map_err(|error| format!("no randomness: {error}"))?;
    let token = Token::from_entropy(&entropy);
    entropy.fill(0);
    Ok(token)
}

fn call(comment: &str, key: &PublicKey) -> String {
    let label = Label::new(comment.trim());
    if label.is_empty() {
        key.fingerprint(HashAlg::Sha256).to_string()
    } else {
        label.as_str().chars().take(NAME_MAX).collect()
    }
}

/// Reads the key lists of a share. A list that cannot be read, or has no key,
/// opens nothing.
///
/// # Errors
/// A sentence naming the file.
pub(super) fn read_lists(paths: &[String]) -> Result<Vec<KeyList>, String> {
    paths.iter().map(|path| read_list(path)).collect()
}

fn read_list(path: &str) -> Result<KeyList, String> {
    let fail = |why: &str| format!("authorized keys {path}: {why}");
    let mut text = String::new();
    let file = open_file(path).map_err(|error| fail(&reason(&error)))?;
    let read = file.take(LIST_MAX + 1).read_to_string(&mut text);
    let read = read.map_err(|error| fail(&reason(&error)))?;
    if read as u64 > LIST_MAX {
        return Err(fail("it is longer than 1 MiB"));
    }
    let list = KeyList::parse(&text).map_err(|_| fail("it has no usable key"))?;
    if !list.skipped.is_empty() {
        tracing::warn!(
            path,
            lines = list.skipped.len(),
            "lines without a usable key"
        );
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Bnb0pd7nJ0Zk0oUQ5b5fV5m6h9x2yq1Wg0dF3cT9u";

    #[test]
    fn lock_tells_tokens_apart_and_refuses_the_rest() {
        let (lock, minted) = Lock::new(false, Vec::new(), Grant::Type).unwrap();
        let token = minted.token.unwrap();
        assert_eq!(lock.by_name(token.expose()).unwrap().grant, Grant::Type);
        let view = lock.by_name(minted.view.expose()).unwrap();
        assert_eq!(
            (view.grant, view.name.as_str()),
            (Grant::View, "view token")
        );
        for name in ["", "root", &token.expose()[1..]] {
            assert_eq!(lock.by_name(name), None);
        }
    }

    #[test]
    fn lock_has_no_typing_token_when_only_watched() {
        let (_, minted) = Lock::new(true, Vec::new(), Grant::View).unwrap();
        assert!(minted.token.is_none());
    }

    #[test]
    fn lock_refuses_sha1_of_a_listed_key() {
        let key: PublicKey = KEY.parse().unwrap();
        let list = KeyList::parse(&format!("{KEY} ann@home\n")).unwrap();
        let (lock, _) = Lock::new(false, vec![list], Grant::View).unwrap();
        let pass = lock.by_key(&key, &Algorithm::Ed25519).unwrap();
        assert_eq!((pass.grant, pass.name.as_str()), (Grant::View, "ann@home"));
        assert_eq!(lock.by_key(&key, &Algorithm::Rsa { hash: None }), None);
    }

    #[test]
    fn lists_without_a_key_open_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys").to_str().unwrap().to_owned();
        let lists = |path: &str| read_lists(&[path.to_owned()]).map(|lists| lists.len());
        assert_eq!(
            lists(&path),
            Err(format!("authorized keys {path}: No such file or directory"))
        );
        std::fs::write(&path, "# nobody\nnot a key\n").unwrap();
        assert_eq!(
            lists(&path),
            Err(format!("authorized keys {path}: it has no usable key"))
        );
    }
}
