//! A proxy between this machine and a relay (RFC 9110, 9.3.6: CONNECT): which
//! one the environment names, where it is not used, and what is said to it. Its
//! answer is read no further than its end, and is bounded.

use std::net::IpAddr;

use data_encoding::BASE64;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::access::invite::host_port;
use crate::base::Secret;
use crate::door::info::plain;
use crate::mux::effect::RelayWay;

/// The longest answer of a proxy, in bytes.
const ANSWER_MAX: usize = 8192;

/// A proxy as the environment names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// It is talked to over TLS.
    pub(super) secure: bool,
    /// `USER:PASSWORD`.
    login: Option<Secret<String>>,
}

/// The proxy on the way to a host, if there is one.
///
/// # Errors
/// A proxy that cannot be used, in words that do not repeat its password.
pub(super) fn between(way: &RelayWay, host: &str, port: u16) -> Result<Option<Proxy>, String> {
    if way.proxy.is_empty() || spared(&way.no_proxy, host, port) {
        return Ok(None);
    }
    read(&way.proxy).map(Some)
}

/// `[http[s]://][USER[:PASSWORD]@]HOST[:PORT][/]`.
fn read(text: &str) -> Result<Proxy, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        other => {
            let other = plain(other);
            return Err(format!(
                "proxies of {other}:// are not used: name one of http:// or https://, \
                 or a command (--proxy-command)"
            ));
        }
    };
    let place = rest.split('/').next().unwrap_or_default();
    let (login, place) = match place.rsplit_once('@') {
        Some((login, place)) => (Some(Secret::new(decoded(login))), place),
        None => (None, place),
    };
    let Some((host, port)) = host_port(place) else {
        return Err("the proxy in the environment has no host".to_owned());
    };
    Ok(Proxy {
        host: host.to_owned(),
        port: port.unwrap_or(if secure { 443 } else { 80 }),
        secure,
        login,
    })
}

/// Undoes percent-encoding (RFC 3986, 2.1); what is none stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether NO_PROXY names a host: `*`, a name (and all below it), an address, a
/// network, each with or without a port.
fn spared(list: &str, host: &str, port: u16) -> bool {
    let ip: Option<IpAddr> = host.parse().ok();
    let name = host.to_ascii_lowercase();
    let entries = list.split([',', ' ']).map(str::trim);
    entries.filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let (Some(ip), Some((net, bits))) = (ip, entry.split_once('/')) {
            return within(ip, net, bits);
        }
        let entry = entry.strip_prefix("*.").unwrap_or(entry);
        let entry = entry.strip_prefix('.').unwrap_or(entry);
        let Some((own, at)) = host_port(entry) else {
            return false;
        };
        if at.is_some_and(|at| at != port) {
            return false;
        }
        match ip {
            Some(ip) => own.parse() == Ok(ip),
            None => {
                let own = own.to_ascii_lowercase();
                let above = name.strip_suffix(&own);
                above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    })
}

/// Whether an address is of a network.
fn within(ip: IpAddr, net: &str, bits: &str) -> bool {
    let (Ok(net), Ok(bits)) = (net.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            let differ = ip.to_bits() ^ net.to_bits();
            bits <= 32 && differ.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            let differ = ip.to_bits() ^ net.to_bits();
            bits <= 128 && differ.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Asks a proxy for a connection. What follows its answer is the host's.
///
/// # Errors
/// What it answers, in a sentence.
pub(super) async fn connect<S>(
    stream: S,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<BufReader<S>, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    let place = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let mut request = format!(
        "CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: stepmux/{}\r\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Some(login) = &proxy.login {
        let login = BASE64.encode(login.expose().as_bytes());
        request.push_str(&format!("Proxy-Authorization: Basic {login}\r\n"));
    }
    request.push_str("\r\n");
    let ended = |_| "it closed the connection".to_owned();
    stream.write_all(request.as_bytes()).await.map_err(ended)?;
    stream.flush().await.map_err(ended)?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
        if answer.len() >= ANSWER_MAX {
            return Err("its answer is too long".to_owned());
        }
        answer.push(stream.read_u8().await.map_err(ended)?);
    }
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let (version, status) = (words.next(), words.next());
    if !version.is_some_and(|version| version.starts_with("HTTP/1.")) {
        return Err("it is no proxy of HTTP".to_owned());
    }
    match status.unwrap_or_default() {
        status if status.len() == 3 && status.starts_with('2') => Ok(stream),
        "407" if proxy.login.is_some() => Err("it refuses the user and password (407)".to_owned()),
        "407" => Err("it wants a user and password: http://USER:PASSWORD@… (407)".to_owned()),
        "403" => Err(format!("it does not let {place} be reached (403)")),
        status => {
            let words = words.next().unwrap_or_default();
            Err(plain(format!("it answers {status} {words}").trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn proxy_is_read_from_its_address() {
        for (text, host, port, secure, login) in [
            ("http://proxy:3128", "proxy", 3128, false, None),
            ("proxy", "proxy", 80, false, None),
            ("https://proxy/", "proxy", 443, true, None),
            (
                "http://ann:p%40ss@10.0.0.1:8/",
                "10.0.0.1",
                8,
                false,
                Some("ann:p@ss"),
            ),
            ("http://[::1]:8", "::1", 8, false, None),
        ] {
            let proxy = read(text).unwrap();
            let own = proxy.login.as_ref().map(|login| login.expose().as_str());
            let read = (proxy.host.as_str(), proxy.port, proxy.secure, own);
            assert_eq!(read, (host, port, secure, login), "{text}");
        }
        for text in ["socks5://ann:secret@proxy", "http://ann:secret@", ""] {
            let error = read(text).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn no_proxy_spares_hosts_domains_addresses_and_networks() {
        for (list, host, spares) in [
            ("", "relay.example", false),
            ("*", "relay.example", true),
            ("relay.example", "relay.example", true),
            ("example", "relay.example", true),
            (".EXAMPLE", "relay.example", true),
            ("*.example", "relay.example", true),
            ("ample", "relay.example", false),
            ("relay.example:22", "relay.example", true),
            ("relay.example:23", "relay.example", false),
            ("a, 10.0.0.1", "10.0.0.1", true),
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "11.0.0.1", true),
            ("10.0.0.0/99", "10.0.0.1", false),
            ("2001:db8::/32", "2001:db8::7", true),
            ("10.0.0.0/8", "10.example", false),
        ] {
            assert_eq!(spared(list, host, 22), spares, "{list} {host}");
        }
    }

    /// What a proxy with an answer makes of a request.
    async fn told(answer: &str, url: &str) -> (Result<String, String>, String) {
        let (near, mut far) = tokio::io::duplex(64 << 10);
        let answer = answer.to_owned();
        let proxy = tokio::spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(far.read_u8().await.unwrap());
            }
            far.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        let got = match connect(near, &read(url).unwrap(), "2001:db8::1", 22).await {
            Ok(mut stream) => {
                let mut rest = String::new();
                stream.read_to_string(&mut rest).await.unwrap();
                Ok(rest)
            }
            Err(why) => Err(why),
        };
        (got, proxy.await.unwrap())
    }

    #[tokio::test]
    async fn connect_takes_what_follows_a_good_answer_and_names_the_others() {
        let good = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nSSH-2.0-";
        let (got, request) = told(good, "http://ann:pw@proxy").await;
        assert_eq!(got.unwrap(), "SSH-2.0-");
        assert!(request.starts_with("CONNECT [2001:db8::1]:22 HTTP/1.1\r\n"));
        assert!(request.contains("\r\nProxy-Authorization: Basic YW5uOnB3\r\n"));
        for (answer, why) in [
            ("HTTP/1.1 407 Auth\r\n\r\n", "wants a user"),
            ("HTTP/1.1 403 No\r\n\r\n", "does not let"),
            ("HTTP/1.1 502 Bad \x1b[2J\r\n\r\n", "502 Bad [2J"),
            ("SSH-2.0-x\r\n\r\n", "no proxy"),
            ("HTTP/1.1 200", "closed"),
        ] {
            let (got, request) = told(answer, "http://proxy").await;
            assert!(got.as_ref().unwrap_err().contains(why), "{got:?}");
            assert!(!request.contains("Authorization"), "{request}");
        }
        let endless = format!("HTTP/1.1 200 {}", "x".repeat(ANSWER_MAX));
        let (got, _) = told(&endless, "http://proxy").await;
        assert_eq!(got.unwrap_err(), "its answer is too long");
    }
}
