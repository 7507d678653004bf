//! Mutual TLS between nodes: both sides show a certificate of the cluster's own
//! authority, for a name in the peer table. No public authority counts, and no
//! version before TLS 1.3.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{Resumption, verify_server_name};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::door::info::{open_file, reason};

/// The longest file, in bytes.
const MAX: u64 = 256 * 1024;

/// Where a node's certificates are, in PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// The authority that signs the nodes' certificates, and nothing else.
    pub authority: PathBuf,
    /// This node's certificate, for its name.
    pub certificate: PathBuf,
    /// Its key, closed to everybody else.
    pub key: PathBuf,
}

/// Both sides of a node's TLS.
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) connector: TlsConnector,
}

impl Tls {
    /// Loads a node's certificates.
    ///
    /// # Errors
    /// A sentence naming the file that cannot be used, or saying that the
    /// certificate is not for this name.
    pub(super) fn load(files: &Files, name: &str) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&files.authority)? {
            let added = roots.add(certificate);
            added.map_err(|error| fail(&files.authority, &error.to_string()))?;
        }
        let roots = Arc::new(roots);
        let chain = certificates(&files.certificate)?;
        let own = chain.first().is_some_and(|own| is_for(own, name));
        if !own {
            let why = format!("it is not for the name {name}");
            return Err(fail(&files.certificate, &why));
        }
        let pem = read(&files.key, true)?;
        let key = PrivateKeyDer::from_pem_slice(&pem);
        let key = key.map_err(|_| fail(&files.key, "it has no private key"))?;
        let said = |error: &dyn std::fmt::Display| fail(&files.certificate, &error.to_string());
        let provider = Arc::new(default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
                .build()
                .map_err(|error| fail(&files.authority, &error.to_string()))?;
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| said(&error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key.clone_key())
            .map_err(|error| said(&error))?;
        // Each connection shows its certificate: none is resumed.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| said(&error))?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .map_err(|error| said(&error))?;
        client.resumption = Resumption::disabled();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: TlsConnector::from(Arc::new(client)),
        })
    }
}

/// Whether a certificate, whose authority was checked, is for a name.
pub(super) fn is_for(certificate: &CertificateDer<'_>, name: &str) -> bool {
    let (Ok(parsed), Ok(name)) = (
        ParsedCertificate::try_from(certificate),
        ServerName::try_from(name),
    ) else {
        return false;
    };
    verify_server_name(&parsed, &name).is_ok()
}

fn fail(path: &Path, why: &str) -> String {
    format!("{}: {why}", path.display())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read(path, false)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(fail(path, "it has no certificate in PEM")),
    }
}

fn read(path: &Path, private: bool) -> Result<Vec<u8>, String> {
    let said = |error: std::io::Error| fail(path, &reason(&error));
    let file: File = open_file(&path.to_string_lossy()).map_err(said)?;
    let mode = file.metadata().map_err(said)?.mode();
    if private && mode & 0o077 != 0 {
        let why = format!("others may use it (mode {:04o})", mode & 0o7777);
        return Err(fail(path, &why));
    }
    let mut bytes = Vec::new();
    file.take(MAX).read_to_end(&mut bytes).map_err(said)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A directory with an authority and a certificate for a name.
    fn files(home: &Path, name: &str) -> Files {
        let mut terms = rcgen::CertificateParams::new(Vec::new()).unwrap();
        terms.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let authority = terms.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(terms, key);
        let own = rcgen::KeyPair::generate().unwrap();
        let terms = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = terms.signed_by(&own, &issuer).unwrap();
        let write = |file: &str, text: String| {
            let path = home.join(file);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            path
        };
        Files {
            authority: write("ca.pem", authority.pem()),
            certificate: write("node.pem", certificate.pem()),
            key: write("node.key", own.serialize_pem()),
        }
    }

    #[test]
    fn certificates_are_loaded_for_their_own_name_alone() {
        let home = tempfile::tempdir().unwrap();
        let files = files(home.path(), "n1");
        assert!(Tls::load(&files, "n1").is_ok());
        let other = Tls::load(&files, "n2").err().unwrap();
        assert!(other.contains("not for the name n2"), "{other}");
    }

    #[test]
    fn key_that_others_may_read_and_files_that_are_none_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let files = files(home.path(), "n1");
        let swapped = Files {
            certificate: files.key.clone(),
            ..files.clone()
        };
        let why = Tls::load(&swapped, "n1").err().unwrap();
        assert!(why.contains("no certificate"), "{why}");
        let swapped = Files {
            key: files.certificate.clone(),
            ..files.clone()
        };
        let why = Tls::load(&swapped, "n1").err().unwrap();
        assert!(why.contains("no private key"), "{why}");
        std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o644)).unwrap();
        let why = Tls::load(&files, "n1").err().unwrap();
        assert!(why.contains("others may use it"), "{why}");
        std::fs::remove_file(&files.authority).unwrap();
        let why = Tls::load(&files, "n1").err().unwrap();
        assert!(why.contains("No such file"), "{why}");
    }
}
