//! Whom an OpenSSH certificate admits (PROTOCOL.certkeys). The signature was
//! checked by whoever read it; here is decided whether its authority, names,
//! time and options open the door. A certificate of anyone but a listed authority
//! is nothing, whatever key is inside, and so is one with an option that is
//! critical and not understood, or that names nobody.

use std::net::IpAddr;

use super::from::AddressList;
use super::keys::AuthorizedKey;
use crate::base::Now;

/// What a certificate says of itself.
#[derive(Clone, Debug)]
pub struct CertificateFacts<'a> {
    /// It is one for users, not for hosts.
    pub user: bool,
    /// Its name, given by the authority.
    pub key_id: &'a str,
    /// Whom it names.
    pub principals: &'a [String],
    /// From when and until before when it holds, in Unix seconds.
    pub valid: (u64, u64),
    /// Options that must be understood, with their values.
    pub critical: Vec<(&'a str, &'a str)>,
    /// What it permits.
    pub extensions: Vec<&'a str>,
}

/// What a certificate allows beyond entering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permits {
    /// A terminal.
    pub pty: bool,
    /// Forwards.
    pub forwarding: bool,
}

/// Decides about a certificate that `authority` has signed, presented under a
/// user name from an address.
///
/// # Errors
/// Why it is refused, for the log.
pub fn judge(
    authority: &AuthorizedKey,
    facts: &CertificateFacts<'_>,
    user: &str,
    address: Option<IpAddr>,
    now: Now,
) -> Result<Permits, &'static str> {
    if !authority.options.authority {
        return Err("not signed by an authority");
    }
    if !facts.user {
        return Err("a host's certificate");
    }
    let unix = u64::try_from(now.unix()).unwrap_or(0);
    if unix < facts.valid.0 || unix >= facts.valid.1 {
        return Err("not valid now");
    }
    if !authority.options.holds(address, now) {
        return Err("the authority is not taken from there or now");
    }
    let wanted = &authority.options.principals;
    let named = |name: &String| {
        if wanted.is_empty() {
            name == user
        } else {
            wanted.contains(name)
        }
    };
    if !facts.principals.iter().any(named) {
        return Err("none of its principals may enter");
    }
    for (name, value) in &facts.critical {
        match *name {
            "source-address" => {
                let list = AddressList::parse(value).map_err(|_| "its source-address is wrong")?;
                if !address.is_some_and(|address| list.admits(address)) {
                    return Err("not valid from there");
                }
            }
            _ => return Err("a critical option that is not supported"),
        }
    }
    let permits = |name: &str| facts.extensions.contains(&name);
    Ok(Permits {
        pty: permits("permit-pty") && !authority.options.no_pty,
        forwarding: permits("permit-port-forwarding") && !authority.options.no_forwarding,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::access::KeyList;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKwoUPP2OcYfGUBVHE1UmN7j9cNHsiGY4U+OQB1p1Qf";

    fn facts(principals: &[String]) -> CertificateFacts<'_> {
        CertificateFacts {
            user: true,
            key_id: "ann",
            principals,
            valid: (100, 200),
            critical: Vec::new(),
            extensions: vec!["permit-pty"],
        }
    }

    fn decide(
        line: &str,
        facts: &CertificateFacts<'_>,
        user: &str,
    ) -> Result<Permits, &'static str> {
        let list = KeyList::parse(&format!("{line} {KEY}")).unwrap();
        let now = Now {
            unix_us: 150_000_000,
            ..Now::default()
        };
        let address = Some(IpAddr::from([10, 0, 0, 1]));
        judge(&list.keys[0], facts, user, address, now)
    }

    #[test]
    fn certificate_enters_by_its_authority_name_and_time() {
        let ann = ["ann".to_owned()];
        let good = facts(&ann);
        let permits = decide("cert-authority", &good, "ann").unwrap();
        assert_eq!(
            permits,
            Permits {
                pty: true,
                forwarding: false
            }
        );
        assert!(decide("cert-authority", &good, "bob").is_err());
        assert!(decide("cert-authority,principals=\"ann\"", &good, "bob").is_ok());
        assert!(decide("cert-authority,principals=\"eve\"", &good, "ann").is_err());
        assert!(decide("cert-authority,from=\"11.0.0.0/8\"", &good, "ann").is_err());
        assert!(decide("restrict", &good, "ann").is_err());
        assert!(decide("cert-authority", &facts(&[]), "ann").is_err());
        for valid in [(151, 200), (100, 150), (0, 0)] {
            let late = CertificateFacts {
                valid,
                ..good.clone()
            };
            assert!(decide("cert-authority", &late, "ann").is_err());
        }
        let host = CertificateFacts {
            user: false,
            ..good
        };
        assert!(decide("cert-authority", &host, "ann").is_err());
    }

    #[test]
    fn critical_option_is_understood_or_denies() {
        let ann = ["ann".to_owned()];
        for (name, value, admitted) in [
            ("source-address", "10.0.0.0/8", true),
            ("source-address", "11.0.0.0/8", false),
            ("source-address", "nonsense/x", false),
            ("force-command", "ls", false),
            ("verify-required", "", false),
            ("future@example.org", "", false),
        ] {
            let certificate = CertificateFacts {
                critical: vec![(name, value)],
                ..facts(&ann)
            };
            let decided = decide("cert-authority", &certificate, "ann");
            assert_eq!(decided.is_ok(), admitted, "{name}");
        }
    }
}
