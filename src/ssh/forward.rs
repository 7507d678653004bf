//! Forwarded connections (`ssh -L`, `-D`, `-W`; RFC 4254, 7.2): from a guest
//! through this machine to where the share's policy allows, which is nowhere
//! unless it was asked for. Remote forwards (`-R`) and unix sockets are refused
//! altogether.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use russh::ChannelWriteHalf;
use russh::server::Msg;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::door::pipe::Inflow;

/// How long a connection may take to be made.
const DIAL: Duration = Duration::from_secs(10);

/// How long the other side may take nothing.
const STALL: Duration = Duration::from_secs(30);

/// Bytes read at once.
const PIECE: usize = 32 * 1024;

/// Where a share's guests may be connected to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Targets {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Any,
    /// This machine, named as such.
    Loopback,
    Place {
        /// In lower case; none is any.
        host: Option<String>,
        port: Option<u16>,
    },
}

impl Targets {
    /// Reads a share's rules: `any`, `loopback`, or `HOST:PORT` with `*` for
    /// either.
    ///
    /// # Errors
    /// A rule that cannot be understood.
    pub(super) fn read(rules: &[String]) -> Result<Self, String> {
        let rules = rules.iter().map(|rule| read(rule).ok_or(rule));
        let rules: Result<_, _> = rules.collect();
        match rules {
            Ok(rules) => Ok(Self { rules }),
            Err(rule) => Err(format!(
                "forward {rule}: not any, loopback or HOST:PORT (* for any host or port)"
            )),
        }
    }

    /// Whether there is any place at all.
    pub(super) fn any(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether a guest may be connected to this.
    pub(super) fn allow(&self, host: &str, port: u16) -> bool {
        self.rules.iter().any(|rule| match rule {
            Rule::Any => true,
            Rule::Loopback => local(host).is_some(),
            Rule::Place {
                host: known,
                port: wanted,
            } => {
                let same = |known: &String| same_host(known, host);
                known.as_ref().is_none_or(same) && wanted.is_none_or(|wanted| wanted == port)
            }
        })
    }
}

fn read(rule: &str) -> Option<Rule> {
    match rule {
        "any" => return Some(Rule::Any),
        "loopback" => return Some(Rule::Loopback),
        _ => {}
    }
    let (host, port) = rule.rsplit_once(':')?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = match bare {
        Some(bare) => bare,
        // An address of IPv6 without brackets has no port.
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-' | '_' | ':');
    let host = match host {
        "*" => None,
        "" => return None,
        host if host.chars().all(plain) => Some(host.to_ascii_lowercase()),
        _ => return None,
    };
    let port = match port {
        "*" => None,
        port => Some(port.parse().ok().filter(|&port| port > 0)?),
    };
    Some(Rule::Place { host, port })
}

/// Whether two names mean the same without asking anybody.
fn same_host(known: &str, host: &str) -> bool {
    match (known.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(known), Ok(host)) => known.to_canonical() == host.to_canonical(),
        _ => known.eq_ignore_ascii_case(host),
    }
}

/// The addresses of this machine that a name stands for without a resolver,
/// which could be made to say anything.
fn local(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        let v4 = std::net::Ipv4Addr::LOCALHOST;
        let v6 = std::net::Ipv6Addr::LOCALHOST;
        return Some(vec![v4.into(), v6.into()]);
    }
    let address = host.parse::<IpAddr>().ok()?.to_canonical();
    address.is_loopback().then(|| vec![address])
}

/// Connects to a place that is allowed.
pub(super) async fn dial(host: &str, port: u16) -> Option<TcpStream> {
    let connect = async {
        match local(host) {
            Some(addresses) => {
                let places = addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
                TcpStream::connect(&places.collect::<Vec<_>>()[..]).await
            }
            None => TcpStream::connect((host, port)).await,
        }
    };
    let tcp = timeout(DIAL, connect).await.ok()?.ok()?;
    let _ = tcp.set_nodelay(true);
    Some(tcp)
}

/// Passes bytes both ways until both sides have said all, or one breaks off.
pub(super) async fn splice(tcp: TcpStream, input: Inflow, channel: &ChannelWriteHalf<Msg>) {
    let (read, write) = tcp.into_split();
    let there = outward(input, write);
    let back = inward(read, channel);
    // A side that ended well waits for the other; one that broke does not.
    tokio::pin!(there, back);
    tokio::select! {
        whole = &mut there => if whole { back.await; },
        whole = &mut back => if whole { there.await; },
    }
}

async fn outward(mut input: Inflow, mut write: OwnedWriteHalf) -> bool {
    while let Some(bytes) = input.next().await {
        let written = timeout(STALL, write.write_all(&bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            return false;
        }
    }
    write.shutdown().await.is_ok()
}

async fn inward(mut read: OwnedReadHalf, channel: &ChannelWriteHalf<Msg>) -> bool {
    let mut out = Box::pin(channel.make_writer());
    let mut piece = vec![0; PIECE];
    loop {
        match read.read(&mut piece).await {
            Ok(0) => return channel.eof().await.is_ok(),
            Ok(len) => {
                if out.write_all(&piece[..len]).await.is_err() {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(rules: &[&str]) -> Result<Targets, String> {
        let rules: Vec<String> = rules.iter().map(|&rule| rule.to_owned()).collect();
        Targets::read(&rules)
    }

    #[test]
    fn targets_allow_what_their_rules_name() {
        for (rules, host, port, allowed) in [
            (&[][..], "localhost", 80, false),
            (&["any"], "example.org", 22, true),
            (&["loopback"], "LocalHost", 80, true),
            (&["loopback"], "127.9.9.9", 80, true),
            (&["loopback"], "::1", 80, true),
            (&["loopback"], "::ffff:127.0.0.1", 80, true),
            (&["loopback"], "0.0.0.0", 80, false),
            (&["loopback"], "localhost.evil.org", 80, false),
            (&["loopback"], "10.0.0.1", 80, false),
            (&["db:5432"], "DB", 5432, true),
            (&["db:5432"], "db", 5433, false),
            (&["db:*"], "db", 1, true),
            (&["*:80"], "x", 80, true),
            (&["*:80"], "x", 81, false),
            (&["[::1]:80"], "0:0:0:0:0:0:0:1", 80, true),
            (&["10.0.0.1:80", "db:1"], "db", 1, true),
        ] {
            let read = targets(rules).map(|targets| targets.allow(host, port));
            assert_eq!(read, Ok(allowed), "{rules:?} {host}:{port}");
        }
    }

    #[test]
    fn rules_that_cannot_be_understood_are_refused() {
        for rule in [
            "", "db", ":80", "db:0", "db:70000", "d b:80", "::1:80", "[::1",
        ] {
            assert!(targets(&[rule]).is_err(), "{rule}");
        }
        assert!(!Targets::default().any());
    }
}
