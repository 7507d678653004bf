//! One small text from an https server: a forge's list of a user's keys. It
//! follows no redirect and takes no answer but 200, so that whoever asks gets
//! what the named server says or an error; plain http goes to this machine
//! alone. It blocks: it is called where that is allowed.

use std::io::Read;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

/// The longest text that is taken, in bytes.
pub const TEXT_MAX: u64 = 1024 * 1024;

/// How long the whole of it may take.
pub const TIME: Duration = Duration::from_secs(15);

/// Gets a text, within [`TEXT_MAX`] and `time`.
///
/// # Errors
/// A sentence without the address: no such name, no answer in time, another
/// status than 200, a text that is too long or no UTF-8.
pub fn get(url: &str, time: Duration) -> Result<String, String> {
    check(url)?;
    let secure = url.starts_with("https://");
    let mut config = Agent::config_builder()
        .https_only(secure)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(time))
        .max_response_header_size(64 * 1024)
        .user_agent(concat!("stepmux/", env!("CARGO_PKG_VERSION")))
        .accept("text/plain");
    if secure {
        config = config.tls_config(tls()?);
    }
    let agent: Agent = config.build().into();
    let mut answer = agent.get(url).call().map_err(|error| why(&error))?;
    match answer.status().as_u16() {
        200 => {}
        404 => return Err("there is no such user (404)".to_owned()),
        status @ (403 | 429) => return Err(format!("it refuses to answer for now ({status})")),
        status => return Err(format!("it answered {status}")),
    }
    let mut bytes = Vec::new();
    let body = answer.body_mut().as_reader();
    let read = body.take(TEXT_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| super::reason(&error))?;
    if bytes.len() as u64 > TEXT_MAX {
        return Err("the answer is longer than 1 MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "the answer is no text".to_owned())
}

/// Plain http could be changed by whoever is on the way.
fn check(url: &str) -> Result<(), String> {
    if url.starts_with("https://") {
        return Ok(());
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return Err("it is no https address".to_owned());
    };
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match place.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    let here = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if here && !place.contains('@') {
        Ok(())
    } else {
        Err("plain http is taken from this machine alone".to_owned())
    }
}

/// The authorities of the system (SSL_CERT_FILE and SSL_CERT_DIR, where set).
fn tls() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    let roots: Vec<_> = found
        .certs
        .iter()
        .map(|own| Certificate::from_der(own.as_ref()).to_owned())
        .collect();
    if roots.is_empty() {
        return Err(NO_AUTHORITIES.to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(provider)
        .build())
}

/// What a connection over TLS is made with, by the system's authorities.
///
/// # Errors
/// A sentence: there are none.
pub fn client() -> Result<Arc<rustls::ClientConfig>, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(NO_AUTHORITIES.to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

const NO_AUTHORITIES: &str = "this system has no certificate authorities (ca-certificates)";

fn why(error: &Error) -> String {
    match error {
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::HostNotFound => "there is no such host".to_owned(),
        Error::Io(error) => super::reason(error),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that says one thing to one client.
    fn serve(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ann.keys", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = client.read(&mut request);
            let _ = client.write_all(&answer);
        });
        url
    }

    fn answer(status: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .into_bytes()
    }

    #[test]
    fn get_takes_the_text_of_a_good_answer_alone() {
        let get = |answer: Vec<u8>| get(&serve(answer), Duration::from_secs(10));
        assert_eq!(
            get(answer("200 OK", "ssh-ed25519 A\n")).unwrap(),
            "ssh-ed25519 A\n"
        );
        for (status, why) in [
            ("404 Not Found", "no such user"),
            ("429 Too Many Requests", "for now (429)"),
            ("403 Forbidden", "for now (403)"),
            ("500 Oops", "answered 500"),
            ("302 Found\r\nLocation: http://127.0.0.1:1/", "answered 302"),
        ] {
            let error = get(answer(status, "ssh-ed25519 A\n")).unwrap_err();
            assert!(error.contains(why), "{status}: {error}");
        }
        let long = "x".repeat(usize::try_from(TEXT_MAX).unwrap() + 1);
        assert!(get(answer("200 OK", &long)).unwrap_err().contains("1 MiB"));
        assert!(get(b"nonsense\r\n\r\n".to_vec()).is_err());
    }

    #[test]
    fn get_gives_up_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let error = get(&url, Duration::from_millis(50)).unwrap_err();
        assert_eq!(error, "no answer in time");
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (url, good) in [
            ("https://example.org/x", true),
            ("http://127.0.0.1:80/x", true),
            ("http://[::1]:80/x", true),
            ("http://example.org/x", false),
            ("http://127.0.0.1@example.org/x", false),
            ("http://127.0.0.1.example.org/x", false),
            ("ftp://127.0.0.1/x", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(check(url).is_ok(), good, "{url}");
        }
    }
}
