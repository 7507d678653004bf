//! The options before a listed key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), and
//! one of our own: `stepmux-grant="view"`. For files that sshd reads as well the
//! same is `environment="STEPMUX_GRANT=view"`, which sshd passes over. What
//! cannot be honoured here refuses its key: an option that is not understood may
//! be the one that matters.

use std::net::IpAddr;

use super::Grant;
use super::expiry::Expiry;
use super::from::AddressList;
use super::keys::short;
use crate::base::Now;

/// Options that hold in any case here: agent and X11 forwarding are refused to
/// everyone, and no rc file is run.
const HARMLESS: [&str; 6] = [
    "no-agent-forwarding",
    "no-x11-forwarding",
    "no-user-rc",
    "agent-forwarding",
    "x11-forwarding",
    "user-rc",
];

/// The most principals that one line names.
const MAX_PRINCIPALS: usize = 256;

/// What a line allows and forbids to its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyOptions {
    /// The key signs certificates and opens nothing by itself.
    pub authority: bool,
    /// Whom an authority's certificates must name. Empty: the user name that
    /// the guest gives.
    pub principals: Vec<String>,
    /// What the key's holder may do, where it is not what the share says.
    pub grant: Option<Grant>,
    /// No terminal: command lines alone.
    pub no_pty: bool,
    /// No forwards.
    pub no_forwarding: bool,
    /// Until when the key is taken.
    pub expires: Option<Expiry>,
    /// From where it is taken.
    pub from: Option<AddressList>,
}

impl KeyOptions {
    /// Reads a line's options, separated by commas outside of quotes. The last
    /// word on a matter counts, but each restriction stays.
    ///
    /// # Errors
    /// An option that is unknown, not honoured here, or wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut options = Self::default();
        for option in split(text) {
            options.take(&option)?;
        }
        if !options.principals.is_empty() && !options.authority {
            return Err("principals without cert-authority, key refused".to_owned());
        }
        Ok(options)
    }

    fn take(&mut self, option: &str) -> Result<(), String> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(unquote(value)?)),
            None => (option, None),
        };
        let name = name.to_ascii_lowercase();
        match (name.as_str(), value) {
            ("", None) => {}
            ("restrict", None) => (self.no_pty, self.no_forwarding) = (true, true),
            ("pty", None) => self.no_pty = false,
            ("no-pty", None) => self.no_pty = true,
            ("port-forwarding", None) => self.no_forwarding = false,
            ("no-port-forwarding", None) => self.no_forwarding = true,
            ("cert-authority", None) => self.authority = true,
            ("principals", Some(value)) => {
                let names = value
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                self.principals = names.map(str::to_owned).collect();
                if self.principals.is_empty() || self.principals.len() > MAX_PRINCIPALS {
                    return Err("principals names nobody, key refused".to_owned());
                }
            }
            ("expiry-time", Some(value)) => {
                let end = Expiry::parse(&value)?;
                self.expires = Some(match self.expires {
                    Some(known) => known.earlier(end),
                    None => end,
                });
            }
            ("from", Some(value)) => {
                if self.from.is_some() {
                    return Err("from given twice, key refused".to_owned());
                }
                self.from = Some(AddressList::parse(&value)?);
            }
            ("stepmux-grant", Some(value)) => self.set_grant(&value)?,
            ("environment", Some(value)) => match value.split_once('=') {
                Some(("STEPMUX_GRANT", grant)) => self.set_grant(grant)?,
                _ => return Err("environment is not honoured, key refused".to_owned()),
            },
            (known, None) if HARMLESS.contains(&known) => {}
            _ => {
                return Err(format!(
                    "option not supported, key refused: {}",
                    short(&name)
                ));
            }
        }
        Ok(())
    }

    fn set_grant(&mut self, word: &str) -> Result<(), String> {
        let grant = word.parse::<Grant>()?;
        self.grant = Some(self.grant.map_or(grant, |known| known.min(grant)));
        Ok(())
    }

    /// Whether the key is taken from there and now. Where nobody knows from
    /// where, a list of addresses admits nobody.
    #[must_use]
    pub fn holds(&self, address: Option<IpAddr>, now: Now) -> bool {
        let listed = |from: &AddressList| address.is_some_and(|address| from.admits(address));
        self.expires.is_none_or(|end| !end.is_over(now)) && self.from.as_ref().is_none_or(listed)
    }
}

/// Splits at commas outside of quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for ch in text.chars() {
        match ch {
            ',' if !quoted => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && ch == '\\' && !escaped;
        part.push(ch);
    }
    parts.push(part);
    parts
}

/// Takes the quotes off a value; `\"` inside is a quote.
fn unquote(value: &str) -> Result<String, String> {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or("a value without quotes, key refused")?;
    Ok(inner.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn options_say_what_a_key_may() {
        let read = |text: &str| KeyOptions::parse(text).unwrap();
        assert_eq!(read(""), KeyOptions::default());
        let all = read("restrict,pty,stepmux-grant=\"view\"");
        assert_eq!(
            (all.no_pty, all.no_forwarding, all.grant),
            (false, true, Some(Grant::View))
        );
        assert!(read("restrict").no_pty);
        assert_eq!(
            read("environment=\"STEPMUX_GRANT=admin\"").grant,
            Some(Grant::Admin)
        );
        let authority = read("cert-authority,principals=\"ann, bob\"");
        assert_eq!(authority.principals, ["ann", "bob"]);
        // The weaker of two grants counts.
        let twice = read("stepmux-grant=\"admin\",stepmux-grant=\"view\"");
        assert_eq!(twice.grant, Some(Grant::View));
    }

    #[test]
    fn option_that_cannot_be_evaluated_refuses_the_key() {
        for text in [
            "command=\"ls\"",
            "permitopen=\"a:1\"",
            "tunnel=\"1\"",
            "verify-required",
            "future",
            "restrict=\"x\"",
            "from",
            "from=10.0.0.1",
            "from=\"10.0.0.0/99\"",
            "from=\"!build.example.org,*\"",
            "principals=\"ann\"",
            "cert-authority,principals=\"\"",
            "expiry-time=\"2030\"",
            "stepmux-grant=\"owner\"",
            "environment=\"PATH=/tmp\"",
        ] {
            assert!(KeyOptions::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn options_hold_from_there_and_until_then() {
        let options = KeyOptions::parse("from=\"10.0.0.0/8\",expiry-time=\"20300101Z\"").unwrap();
        let at = |seconds: i64| Now {
            unix_us: seconds * 1_000_000,
            ..Now::default()
        };
        let inside = IpAddr::from([10, 1, 2, 3]);
        assert!(options.holds(Some(inside), at(1_893_455_999)));
        assert!(!options.holds(Some(inside), at(1_893_456_000)));
        assert!(!options.holds(Some(IpAddr::from([11, 0, 0, 1])), at(0)));
        assert!(!options.holds(None, at(0)));
    }
}
