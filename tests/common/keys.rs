//! Keys and certificates of a world, made by the stock ssh-keygen, and guests
//! who come with them.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use super::{Client, Output, Share, World, finish};

impl World {
    /// Makes an ed25519 key; its file, with the public one beside it.
    #[track_caller]
    pub fn keygen(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let mut command = self.command("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]);
        command.arg(&path);
        let out = finish("ssh-keygen", command);
        assert_eq!(out.status, Some(0), "{out:?}");
        path
    }

    /// A key's line as authorized_keys has it.
    #[track_caller]
    pub fn public(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap()
    }

    /// Lets an authority sign a key; more are ssh-keygen's own flags.
    #[track_caller]
    pub fn certify(&self, authority: &str, name: &str, more: &[&str]) {
        let mut command = self.command("ssh-keygen");
        command.arg("-q").arg("-s").arg(self.path(authority));
        command.args(["-I", name]).args(more);
        command.arg(self.path(&format!("{name}.pub")));
        let out = finish("ssh-keygen -s", command);
        assert_eq!(out.status, Some(0), "{out:?}");
    }

    /// A guest's command line with one key.
    #[track_caller]
    pub fn ssh_key(&self, share: &Share, user: &str, key: &str, words: &[&str]) -> Output {
        let mut command = self.command("ssh");
        command
            .args(self.key_options(share.port, key))
            .arg(format!("{user}@127.0.0.1"))
            .args(words);
        finish(&format!("ssh -i {key} {words:?}"), command)
    }

    /// A guest with one key on a terminal; what it shows is not waited for.
    #[track_caller]
    pub fn guest_key(&self, share: &Share, user: &str, key: &str) -> Client {
        let mut words: Vec<OsString> = vec!["ssh".into()];
        words.extend(self.key_options(share.port, key));
        words.push(format!("{user}@127.0.0.1").into());
        self.on_terminal(&words, 90, 24)
    }

    fn key_options(&self, port: u16, key: &str) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["-o", "IdentitiesOnly=yes", "-i"].map(Into::into).into();
        words.push(self.path(key).into());
        // The first word on a matter counts: no other identity.
        let options = self.ssh_options(port);
        words.extend(
            options
                .into_iter()
                .filter(|word| word != "IdentityFile=none")
                .collect::<Vec<_>>(),
        );
        let mut kept = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            // A lone -o is what the filter left.
            if word == "-o" && words.peek().is_some_and(|next| next == "-o") {
                continue;
            }
            kept.push(word);
        }
        kept
    }
}

/// What a forge says: path, status, body.
pub type Answers = &'static [(&'static str, &'static str, String)];

/// A forge: answers each path with one answer, as often as it is asked.
pub fn forge(answers: Answers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { continue };
            answer(client, answers);
        }
    });
    url
}

/// What a server at 127.0.0.1 does TLS with, and the certificate of its authority
/// in PEM.
pub fn secure_server() -> (Arc<rustls::ServerConfig>, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertifiedIssuer::self_signed(authority, key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let own = own.signed_by(&key, &authority).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key.into())
        .unwrap();
    (Arc::new(config), authority.pem())
}

/// The same over TLS, and the certificate of its authority in PEM.
pub fn secure_forge(answers: Answers) -> (String, String) {
    let (config, authority) = secure_server();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { continue };
            let talk = rustls::ServerConnection::new(config.clone()).unwrap();
            answer(rustls::StreamOwned::new(talk, client), answers);
        }
    });
    (url, authority)
}

/// Reads one request and answers it; a peer that is gone is left alone.
fn answer(mut client: impl Read + Write, answers: Answers) {
    let mut request = [0; 2048];
    let len = client.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..len]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let found = answers.iter().find(|(own, ..)| *own == path);
    let (status, body) = found.map_or(("404 Not Found", ""), |(_, status, body)| (status, body));
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = client.write_all(text.as_bytes());
    let _ = client.flush();
}
