//! Which machines may bring sessions: anyone, or the holders of listed keys. The
//! list is read again when it is asked for; one that cannot be read, or lists
//! nobody, changes nothing.

use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use russh::keys::{PublicKey, PublicKeyBase64};

use crate::access::KeyList;
use crate::base::Now;
use crate::door::claims::unix_now;
use crate::door::info::{open_file, reason};

/// The longest list, in bytes.
const MAX: u64 = 4 * 1024 * 1024;

/// Who may bring sessions.
#[derive(Clone, Debug)]
pub enum AllowHosts {
    /// Anyone who reaches the relay.
    Open,
    /// The holders of the keys in these files (sshd(8), "AUTHORIZED_KEYS FILE
    /// FORMAT").
    Keys(Vec<PathBuf>),
}

/// Those who may, as last read.
#[derive(Debug)]
pub(super) struct Hosts {
    allow: AllowHosts,
    lists: RwLock<Arc<Vec<KeyList>>>,
}

impl Hosts {
    /// Reads the lists.
    ///
    /// # Errors
    /// A sentence naming a file.
    pub(super) fn read(allow: AllowHosts) -> Result<Self, String> {
        let lists = lists(&allow)?;
        Ok(Self {
            allow,
            lists: RwLock::new(Arc::new(lists)),
        })
    }

    /// Whether anyone may.
    pub(super) fn open(&self) -> bool {
        matches!(self.allow, AllowHosts::Open)
    }

    /// Whether the holder of a key may, who comes from an address. Where anyone
    /// may no key is asked for, and none says more.
    pub(super) fn lists(&self, key: &PublicKey, from: IpAddr) -> bool {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        let (kind, blob) = (key.algorithm(), key.public_key_bytes());
        let now = Now {
            unix_us: i64::try_from(unix_now().saturating_mul(1_000_000)).unwrap_or(i64::MAX),
            ..Now::default()
        };
        lists
            .iter()
            .filter_map(|list| list.find(kind.as_str(), &blob))
            .any(|found| found.options.holds(Some(from), now))
    }

    /// Reads the lists again; how many keys there are.
    ///
    /// # Errors
    /// A sentence naming a file; the lists stay as they were.
    pub(super) fn renew(&self) -> Result<usize, String> {
        let lists = lists(&self.allow)?;
        let keys = lists.iter().map(|list| list.keys.len()).sum();
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
        Ok(keys)
    }
}

fn lists(allow: &AllowHosts) -> Result<Vec<KeyList>, String> {
    match allow {
        AllowHosts::Open => Ok(Vec::new()),
        AllowHosts::Keys(files) => files.iter().map(|path| list(path)).collect(),
    }
}

fn list(path: &Path) -> Result<KeyList, String> {
    let fail = |why: &str| format!("hosts' keys {}: {why}", path.display());
    let name = path.to_str().ok_or_else(|| fail("no name in UTF-8"))?;
    let file = open_file(name).map_err(|error| fail(&reason(&error)))?;
    let mut text = String::new();
    let read = file.take(MAX).read_to_string(&mut text);
    read.map_err(|error| fail(&reason(&error)))?;
    let list = KeyList::parse(&text).map_err(|none| fail(&none.to_string()))?;
    // A line that is passed over would shut a machine out without a word.
    if let Some(skipped) = list.skipped.first() {
        return Err(fail(&format!("line {}: {}", skipped.line, skipped.reason)));
    }
    if list.has_authority() {
        return Err(fail("cert-authority: machines come by plain keys alone"));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::door::hostkey;

    fn key(dir: &Path, name: &str) -> PublicKey {
        let key = hostkey::load_or_create(dir, name).unwrap();
        key.public_key().clone()
    }

    #[test]
    fn listed_keys_alone_may_come_and_a_broken_list_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("keys");
        let (a, b) = (key(&dir, "a"), key(&dir, "b"));
        let line = |key: &PublicKey| key.to_openssh().unwrap();
        let path = home.path().join("list");
        let allow = AllowHosts::Keys(vec![path.clone()]);
        let error = Hosts::read(allow.clone()).unwrap_err();
        assert!(error.contains("No such file"), "{error}");
        std::fs::write(&path, format!("from=\"10.0.0.0/8\" {}\n", line(&a))).unwrap();
        let hosts = Hosts::read(allow).unwrap();
        let (near, far) = (IpAddr::from([10, 1, 1, 1]), IpAddr::from([11, 1, 1, 1]));
        assert!(!hosts.open() && hosts.lists(&a, near));
        assert!(!hosts.lists(&a, far) && !hosts.lists(&b, near));
        for wrong in ["", "nonsense\n", &format!("cert-authority {}\n", line(&b))] {
            std::fs::write(&path, wrong).unwrap();
            assert!(hosts.renew().is_err(), "{wrong}");
            assert!(hosts.lists(&a, near) && !hosts.lists(&b, near));
        }
        std::fs::write(&path, format!("{}\n{}\n", line(&a), line(&b))).unwrap();
        assert_eq!(hosts.renew(), Ok(2));
        assert!(hosts.lists(&b, far));
    }
}
