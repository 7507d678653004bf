//! The host key: the user's own, made at first use, a file named by the host, or
//! one that lives as long as the share. A key that others may read or replace is
//! refused, never repaired. A certificate beside a named key (`FILE-cert.pub`) is
//! presented with it; one that does not fit is an error, not left out.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{Algorithm, Certificate, HashAlg, PrivateKey, PublicKey};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::info::{open_file, reason};

/// A user's key for shares, in the state directory.
const FILE: &str = "host_ed25519";
/// A key file is never longer, in bytes.
const MAX: u64 = 64 * 1024;

/// A host key with its certificate, if it has one.
#[derive(Debug)]
pub(crate) struct HostKey {
    /// The key.
    pub(crate) key: PrivateKey,
    /// What an authority says of it.
    pub(crate) certificate: Option<Certificate>,
}

impl HostKey {
    /// A key without a certificate.
    pub(crate) fn bare(key: PrivateKey) -> Self {
        Self {
            key,
            certificate: None,
        }
    }

    /// The authority that signed the certificate, as `ALGORITHM BASE64`.
    pub(crate) fn authority(&self) -> Result<Option<String>, String> {
        let Some(certificate) = &self.certificate else {
            return Ok(None);
        };
        let key = PublicKey::new(certificate.signature_key().clone(), "");
        let line = key.to_openssh().map_err(|error| error.to_string())?;
        Ok(Some(line.trim_end().to_owned()))
    }
}

/// The key of a named file with the certificate beside it, a key that is
/// written nowhere, or the one of `state_dir`.
///
/// # Errors
/// A sentence naming the file or directory.
pub(crate) fn of(file: Option<&str>, new: bool, state_dir: &Path) -> Result<HostKey, String> {
    match file {
        Some(path) => {
            let key = load(path)?;
            let certificate = certificate_of(path, &key)?;
            Ok(HostKey { key, certificate })
        }
        None if new => fresh().map(HostKey::bare),
        None => load_or_create(state_dir, FILE).map(HostKey::bare),
    }
}

/// A key that is written nowhere.
fn fresh() -> Result<PrivateKey, String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| error.to_string())?;
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    seed.fill(0);
    Ok(key)
}

/// The certificate beside a key's file, if there is one.
fn certificate_of(path: &str, key: &PrivateKey) -> Result<Option<Certificate>, String> {
    let path = format!("{path}-cert.pub");
    let fail = |why: &str| format!("host certificate {path}: {why}");
    let file = match open_file(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(&reason(&error))),
    };
    let mut text = String::new();
    let read = file.take(MAX).read_to_string(&mut text);
    read.map_err(|error| fail(&reason(&error)))?;
    let certificate = Certificate::from_openssh(text.trim());
    let certificate = certificate.map_err(|_| fail("it is not an OpenSSH certificate"))?;
    if !certificate.cert_type().is_host() {
        return Err(fail("it is not a host's"));
    }
    if certificate.public_key() != key.public_key().key_data() {
        return Err(fail("it is another key's"));
    }
    if certificate.verify_signature().is_err() {
        return Err(fail("its signature is wrong"));
    }
    Ok(Some(certificate))
}

/// Loads the key of a named file. Links are followed; the file itself must be
/// ours (or root's) and closed to everyone else.
///
/// # Errors
/// A sentence naming the file.
pub(crate) fn load(path: &str) -> Result<PrivateKey, String> {
    let fail = |why: &str| format!("host key {path}: {why}");
    let file = open_file(path).map_err(|error| fail(&reason(&error)))?;
    let key = parse(&file).map_err(|why| fail(&why))?;
    if matches!(key.algorithm(), Algorithm::Dsa) {
        return Err(fail("DSA keys are not supported"));
    }
    Ok(key)
}

/// Loads the key of a name in `dir`, or makes both. The directory is 0700, the
/// key 0600, both ours and no links.
///
/// # Errors
/// A sentence naming the file or directory.
pub(crate) fn load_or_create(dir: &Path, name: &str) -> Result<PrivateKey, String> {
    check_dir(dir).map_err(|why| format!("state directory {}: {why}", dir.display()))?;
    let path = dir.join(name);
    let fail = |why: String| format!("host key {}: {why}", path.display());
    if let Some(key) = read_own(&path).map_err(fail)? {
        return Ok(key);
    }
    create(dir, name, &path).map_err(fail)?;
    // Whoever was first has won: everyone reads the file that is there.
    match read_own(&path).map_err(fail)? {
        Some(key) => Ok(key),
        None => Err(fail("it vanished".to_owned())),
    }
}

/// The fingerprint as OpenSSH prints it, `SHA256:…`.
pub(crate) fn fingerprint(key: &PrivateKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The public key as `ALGORITHM BASE64`, without a comment.
pub(crate) fn public_line(key: &PrivateKey) -> Result<String, String> {
    let mut public = key.public_key().clone();
    public.set_comment("");
    let line = public.to_openssh().map_err(|error| error.to_string())?;
    Ok(line.trim_end().to_owned())
}

/// Makes a private directory, or checks that one is ours and closed to others.
///
/// # Errors
/// Why it is not; the directory is not named.
pub(crate) fn check_dir(dir: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| reason(&error))?;
    let meta = fs::symlink_metadata(dir).map_err(|error| reason(&error))?;
    if !meta.is_dir() {
        return Err("it is not a directory".to_owned());
    }
    check_private(meta.uid(), meta.mode(), false)
}

/// Checks that what has this owner and mode is ours (or, with `root`, root's) and
/// closed to everyone else.
///
/// # Errors
/// Why it is not.
pub(crate) fn check_private(uid: u32, mode: u32, root: bool) -> Result<(), String> {
    let ours = rustix::process::geteuid().as_raw();
    if uid != ours && !(root && uid == 0) {
        return Err("it belongs to another user".to_owned());
    }
    if mode & 0o077 != 0 {
        return Err(format!("others may use it (mode {:04o})", mode & 0o7777));
    }
    Ok(())
}

fn read_own(path: &Path) -> Result<Option<PrivateKey>, String> {
    let flags = OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits();
    let flags = i32::try_from(flags).map_err(|error| error.to_string())?;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    match opened {
        Ok(file) => parse(&file).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            Err("it is a symbolic link".to_owned())
        }
        Err(error) => Err(reason(&error)),
    }
}

fn parse(mut file: &File) -> Result<PrivateKey, String> {
    let meta = file.metadata().map_err(|error| reason(&error))?;
    if !meta.is_file() {
        return Err("it is not a file".to_owned());
    }
    check_private(meta.uid(), meta.mode(), true)?;
    let mut pem = Vec::new();
    let read = Read::by_ref(&mut file).take(MAX).read_to_end(&mut pem);
    read.map_err(|error| reason(&error))?;
    let key = PrivateKey::from_openssh(&pem).map_err(|_| "it is not an OpenSSH key".to_owned())?;
    if key.is_encrypted() {
        return Err("it has a passphrase".to_owned());
    }
    Ok(key)
}

/// Writes a new key beside its place and links it there, so that two servers
/// starting at once agree on one, and a crash leaves none half-written.
fn create(dir: &Path, name: &str, path: &Path) -> Result<(), String> {
    let key = fresh()?;
    let text = key
        .to_openssh(LineEnding::LF)
        .map_err(|error| error.to_string())?;
    let draft = dir.join(format!(".{name}.{}", std::process::id()));
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(reason(&error)),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(|error| reason(&error))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(|error| reason(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn host_key_is_made_once_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("state");
        let first = load_or_create(&dir, FILE).unwrap();
        let again = load_or_create(&dir, FILE).unwrap();
        assert_eq!(fingerprint(&first), fingerprint(&again));
        assert!(fingerprint(&first).starts_with("SHA256:"));
        assert!(public_line(&first).unwrap().starts_with("ssh-ed25519 AAAA"));
        let mode = fs::metadata(dir.join(FILE)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        assert!(load(dir.join(FILE).to_str().unwrap()).is_ok());
    }

    #[test]
    fn host_key_is_refused_where_others_reach_it() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("state");
        load_or_create(&dir, FILE).unwrap();
        let key = dir.join(FILE);

        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(
            load_or_create(&dir, FILE)
                .unwrap_err()
                .contains("mode 0640")
        );
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(
            load_or_create(&dir, FILE)
                .unwrap_err()
                .contains("mode 0755")
        );
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();

        let moved = home.path().join("elsewhere");
        fs::rename(&key, &moved).unwrap();
        symlink(&moved, &key).unwrap();
        assert!(
            load_or_create(&dir, FILE)
                .unwrap_err()
                .contains("symbolic link")
        );

        let linked = home.path().join("linked");
        symlink(&dir, &linked).unwrap();
        assert!(
            load_or_create(&linked, FILE)
                .unwrap_err()
                .contains("not a directory")
        );
    }

    #[test]
    fn host_key_file_must_be_a_plain_private_key() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        let name = path.to_str().unwrap();
        assert!(
            load(name)
                .unwrap_err()
                .ends_with("No such file or directory")
        );
        fs::write(&path, "garbage").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(load(name).unwrap_err().ends_with("not an OpenSSH key"));
    }
}
