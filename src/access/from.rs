//! Lists of addresses, as `from=` of a key and `source-address` of a certificate
//! have them: networks (`10.0.0.0/8`), and patterns with `*` and `?` over the
//! address as text; `!` excludes. It resolves no name: a name admits nobody, and
//! an excluded name refuses the whole list, since nobody can tell who it is.

use std::net::IpAddr;

/// The most entries that a list may have.
const MAX_ENTRIES: usize = 256;

/// A list of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressList(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    excludes: bool,
    what: Pattern,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Network(IpAddr, u8),
    Text(String),
}

impl AddressList {
    /// Reads a list, separated by commas.
    ///
    /// # Errors
    /// An entry that cannot be evaluated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries: Result<Vec<_>, String> =
            text.split(',').map(|entry| read(entry.trim())).collect();
        let entries = entries?;
        if entries.len() > MAX_ENTRIES {
            return Err("too many addresses".to_owned());
        }
        Ok(Self(entries))
    }

    /// Whether an address is on the list and not excluded.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let text = address.to_string();
        let fits = |entry: &&Entry| match &entry.what {
            Pattern::Network(network, bits) => within(address, *network, *bits),
            Pattern::Text(pattern) => matches(pattern.as_bytes(), text.as_bytes()),
        };
        let mut fitting = self.0.iter().filter(fits).peekable();
        fitting.peek().is_some() && fitting.all(|entry| !entry.excludes)
    }
}

fn read(text: &str) -> Result<Entry, String> {
    let (excludes, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let wrong = || format!("no address: {}", super::keys::short(text));
    if text.is_empty() {
        return Err("an empty address".to_owned());
    }
    let what = if let Some((network, bits)) = text.split_once('/') {
        let network: IpAddr = network.parse().map_err(|_| wrong())?;
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        if bits > most {
            return Err(wrong());
        }
        Pattern::Network(network, bits)
    } else if let Ok(address) = text.parse::<IpAddr>() {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        Pattern::Network(address, bits)
    } else {
        let of_address = |byte: u8| byte.is_ascii_hexdigit() || b".:*?".contains(&byte);
        if excludes && !text.bytes().all(of_address) {
            return Err(wrong());
        }
        Pattern::Text(text.to_ascii_lowercase())
    };
    Ok(Entry { excludes, what })
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        let drop = width - u32::from(bits).min(width);
        a.checked_shr(drop).unwrap_or(0) == b.checked_shr(drop).unwrap_or(0)
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
        _ => false,
    }
}

/// Whether a text fits a pattern of `*` and `?`, in time that is at most the
/// product of their lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(ch) if *ch == b'?' || *ch == text[from] => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((known, taken)) => {
                    star = Some((known, taken + 1));
                    (at, from) = (known + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|ch| *ch == b'*')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn list_admits_networks_and_patterns_but_not_what_it_excludes() {
        for (list, address, admitted) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8,!10.1.0.0/16", "10.1.2.3", false),
            ("!10.1.0.0/16,10.0.0.0/8", "10.2.2.3", true),
            ("!10.1.0.0/16", "10.2.2.3", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.*", "192.0.2.77", true),
            ("192.0.2.?", "192.0.2.77", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "10.0.0.1", false),
            ("0.0.0.0/0", "::ffff:10.0.0.1", true),
            ("::/0", "10.0.0.1", false),
            ("host.example.org", "10.0.0.1", false),
            ("*", "10.0.0.1", true),
        ] {
            let read = AddressList::parse(list).unwrap();
            assert_eq!(
                read.admits(address.parse().unwrap()),
                admitted,
                "{list} {address}"
            );
        }
    }

    #[test]
    fn list_that_cannot_be_evaluated_is_refused() {
        for list in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/x",
            "a/8",
            "!host.example.org,*",
            "10.0.0.1,,",
        ] {
            assert!(AddressList::parse(list).is_err(), "{list}");
        }
    }
}
