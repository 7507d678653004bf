//! A way into a shared session as one string, for `stepmux join`:
//!
//! ```text
//! stepmux://TOKEN@HOST[:PORT]/KEY                   the host's own door
//! stepmux://TOKEN@HOST[:PORT]/KEY/ROUTE/RELAYKEY    through a relay
//! ```
//!
//! It carries the public keys of whom to expect, so that nobody in between can
//! pass for them. It is as secret as its token, and is never logged.

use std::fmt::Write as _;

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::Sid;
use crate::base::Secret;

/// How every such string begins.
pub const SCHEME: &str = "stepmux://";

/// The longest string that is read, in bytes: an RSA key of 16384 bits fits.
const MAX: usize = 8192;

/// What precedes an ed25519 key in its blob (RFC 8709, 4).
const ED25519: &[u8] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

/// A public key as SSH sends it (RFC 4253, 6.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostBlob(Vec<u8>);

impl HostBlob {
    /// The key of a line as OpenSSH writes it, `ALGORITHM BASE64`; none for any
    /// other text.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let (name, blob) = (words.next()?, words.next()?);
        let blob = Self(BASE64.decode(blob.as_bytes()).ok()?);
        (blob.algorithm()? == name).then_some(blob)
    }

    /// The key's algorithm, which its blob begins with.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let name = std::str::from_utf8(rest.get(..length)?).ok()?;
        let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '@' | '.');
        let sound = (1..=64).contains(&length) && rest.len() > length;
        (sound && name.chars().all(plain)).then_some(name)
    }

    /// The key as `ALGORITHM BASE64`.
    #[must_use]
    pub fn line(&self) -> String {
        let algorithm = self.algorithm().unwrap_or_default();
        format!("{algorithm} {}", BASE64.encode(&self.0))
    }

    /// Under which name its session is known.
    #[must_use]
    pub fn sid(&self) -> Sid {
        Sid::of(&self.0)
    }

    fn text(&self) -> String {
        let short = self.0.strip_prefix(ED25519).filter(|key| key.len() == 32);
        BASE64URL_NOPAD.encode(short.unwrap_or(&self.0))
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let blob = if bytes.len() == 32 {
            Self([ED25519, &bytes].concat())
        } else {
            Self(bytes)
        };
        blob.algorithm().is_some().then_some(blob)
    }
}

/// The relay on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The user name that the relay asks for.
    pub route: String,
    /// The relay's key.
    pub key: HostBlob,
}

/// One way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The user name at the session's door.
    pub token: Secret<String>,
    /// The name or address to connect to: the relay's, where there is one.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The key of the session's door.
    pub key: HostBlob,
    /// The relay on the way.
    pub via: Option<Via>,
}

impl Invite {
    /// The string. It is a secret: it has the token.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{SCHEME}{}@", self.token.expose());
        // Writing to a String cannot fail.
        let _ = if self.host.contains(':') {
            write!(text, "[{}]", self.host)
        } else {
            write!(text, "{}", self.host)
        };
        if self.port != 22 {
            let _ = write!(text, ":{}", self.port);
        }
        let _ = write!(text, "/{}", self.key.text());
        if let Some(via) = &self.via {
            let _ = write!(text, "/{}/{}", via.route, via.key.text());
        }
        text
    }

    /// Reads a string.
    ///
    /// # Errors
    /// A sentence that repeats nothing of it: it may be a secret.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "this is no stepmux://TOKEN@HOST[:PORT]/KEY[/ROUTE/RELAYKEY]";
        if text.len() > MAX {
            return Err("this string is too long to be a way into a session");
        }
        let rest = text.strip_prefix(SCHEME).ok_or(FORM)?;
        let (place, path) = rest.split_once('/').ok_or(FORM)?;
        let (token, place) = place.split_once('@').ok_or(FORM)?;
        let (host, port) = host_port(place).ok_or(FORM)?;
        if !is_user(token) {
            return Err("the token in this string is none");
        }
        let key = |text: &str| HostBlob::read(text).ok_or("the key in this string is none");
        let mut parts = path.split('/');
        let own = key(parts.next().unwrap_or_default())?;
        let via = match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => None,
            (Some(route), Some(relay), None) if is_user(route) => Some(Via {
                route: route.to_owned(),
                key: key(relay)?,
            }),
            _ => return Err(FORM),
        };
        Ok(Self {
            token: Secret::new(token.to_owned()),
            host: host.to_owned(),
            port: port.unwrap_or(22),
            key: own,
            via,
        })
    }
}

/// A user name that no program takes for anything else.
fn is_user(text: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | '+');
    (1..=256).contains(&text.len()) && !text.starts_with('-') && text.chars().all(plain)
}

/// Reads `HOST`, `HOST:PORT`, `[ADDRESS]`, `[ADDRESS]:PORT` or an IPv6 address.
/// None: it is no place, or one that a program could take for an option.
#[must_use]
pub fn host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            match rest {
                "" => (host, None),
                rest => (host, Some(rest.strip_prefix(':')?)),
            }
        }
        None => match text.rsplit_once(':') {
            Some((host, _)) if host.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-' | '_' | ':');
    let sound = (1..=253).contains(&host.len()) && !host.starts_with('-');
    if !sound || !host.chars().all(plain) {
        return None;
    }
    match port {
        None => Some((host, None)),
        Some(port) => {
            let port = port.parse().ok().filter(|port| *port > 0)?;
            Some((host, Some(port)))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn blob(algorithm: &str, key: &[u8]) -> HostBlob {
        let mut bytes = Vec::new();
        for part in [algorithm.as_bytes(), key] {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        HostBlob(bytes)
    }

    fn invite(host: &str, port: u16, key: HostBlob, via: bool) -> Invite {
        Invite {
            token: Secret::new("tok".to_owned()),
            host: host.to_owned(),
            port,
            key,
            via: via.then(|| Via {
                route: "rabc".to_owned(),
                key: blob("ssh-ed25519", &[9; 32]),
            }),
        }
    }

    #[test]
    fn invite_is_read_as_it_was_written() {
        let ed = || blob("ssh-ed25519", &[7; 32]);
        for (invite, begin) in [
            (invite("vm", 22, ed(), false), "stepmux://tok@vm/BwcH"),
            (
                invite("2001:db8::1", 2222, ed(), true),
                "stepmux://tok@[2001:db8::1]:2222/",
            ),
            (
                invite("10.0.0.1", 1, blob("ssh-rsa", &[1; 300]), true),
                "stepmux://tok@10.0.0.1:1/",
            ),
        ] {
            let text = invite.write();
            assert!(text.starts_with(begin), "{text}");
            assert_eq!(Invite::read(&text), Ok(invite), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_an_invite() {
        let good = invite("vm", 22, blob("ssh-ed25519", &[7; 32]), true).write();
        for at in 0..good.len() {
            // What is left may be the shorter form, never another token or host.
            if let Ok(short) = Invite::read(&good[..at]) {
                assert_eq!((short.host.as_str(), short.port), ("vm", 22), "{at}");
            }
        }
        for text in [
            "",
            "ssh tok@vm",
            "stepmux://tok@vm",
            "stepmux://tok@-oProxyCommand=x/BwcH",
            "stepmux://-F@vm/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "stepmux://tok@vm:0/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "stepmux://tok@vm/AAAA",
            "stepmux://tok@vm/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc/route",
            "stepmux://to k@vm/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            &"x".repeat(MAX + 1),
        ] {
            let error = Invite::read(text).unwrap_err();
            assert!(!error.contains("tok@"), "{error}");
        }
    }

    #[test]
    fn key_is_the_one_of_its_line() {
        let key = blob("ssh-ed25519", &[7; 32]);
        assert_eq!(HostBlob::of_line(&key.line()), Some(key.clone()));
        let commented = format!("{} somebody", key.line());
        assert_eq!(HostBlob::of_line(&commented), Some(key.clone()));
        let lying = key.line().replace("ssh-ed25519 ", "ssh-rsa ");
        assert_eq!(HostBlob::of_line(&lying), None);
        assert_eq!(HostBlob::of_line("ssh-ed25519"), None);
    }

    #[test]
    fn place_is_a_host_with_or_without_a_port() {
        for (text, host, port) in [
            ("relay.example", "relay.example", None),
            ("relay.example:2222", "relay.example", Some(2222)),
            ("192.0.2.1:1", "192.0.2.1", Some(1)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("[2001:db8::1]:7", "2001:db8::1", Some(7)),
        ] {
            assert_eq!(host_port(text), Some((host, port)), "{text}");
        }
        for text in [
            "", ":22", "a:", "a:0", "a:99999", "-ox=y", "a b", "[a", "[a]7",
        ] {
            assert_eq!(host_port(text), None, "{text}");
        }
    }
}
