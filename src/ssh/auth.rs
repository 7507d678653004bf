//! What opens a share's door: a token as the user name, a listed public key or a
//! certificate of a listed authority under any name, the word of the operator's
//! own program. It decides from what was loaded when the share was opened; what
//! it cannot decide it refuses. Tokens are never logged.

use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};
use russh::{MethodKind, MethodSet};

use super::program::{Program, Question};
use crate::access::certificate::{self, CertificateFacts, Permits};
use crate::access::{AuthorizedKey, Grant, KeyList, Means, Token, Tokens};
use crate::base::{Label, Now, Secret};

/// A guest's name is cut here, in characters.
const NAME_MAX: usize = 64;

/// An admitted guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// What they may do.
    pub(super) grant: Grant,
    /// How they are called: the key's comment or fingerprint, or `token`.
    pub(super) name: String,
    /// By what they come in.
    pub(super) means: Means,
    /// Their key's fingerprint; empty without one.
    pub(super) key: String,
    /// They may have a terminal.
    pub(super) pty: bool,
    /// They may have forwards, as far as the share has any.
    pub(super) forwarding: bool,
}

/// Someone at the door.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// The user name, which may be a token.
    pub(super) user: &'a str,
    /// From where.
    pub(super) address: IpAddr,
    /// A relay says so: no rule about addresses can be checked by it.
    pub(super) relayed: bool,
    /// When.
    pub(super) now: Now,
}

impl Attempt<'_> {
    /// The address that rules may be checked by.
    fn known(&self) -> Option<IpAddr> {
        (!self.relayed).then_some(self.address)
    }
}

/// What a share asks of those who come.
pub(super) struct Terms {
    /// The keys and authorities.
    pub(super) lists: Vec<KeyList>,
    /// What a key's holder may do, where its line says nothing.
    pub(super) key_grant: Grant,
    /// The most that anyone may do.
    pub(super) most: Grant,
    /// Tokens open nothing without a listed key.
    pub(super) keys_only: bool,
    /// Who is asked about the others.
    pub(super) program: Option<Program>,
}

/// The tokens and terms of one share.
pub(super) struct Lock {
    tokens: RwLock<Tokens>,
    terms: Terms,
}

/// The tokens made for a share.
pub(super) struct Minted {
    /// May type; none for a share that is only watched.
    pub(super) token: Option<Secret<String>>,
    /// May only watch.
    pub(super) view: Secret<String>,
}

impl Lock {
    /// Makes a share's lock and its first tokens.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(super) fn new(terms: Terms) -> Result<(Self, Minted), String> {
        let lock = Self {
            tokens: RwLock::default(),
            terms,
        };
        let minted = lock.rotate()?;
        Ok((lock, minted))
    }

    /// Makes new tokens, independent, so that neither tells the other. The old
    /// ones open nothing from then on.
    ///
    /// # Errors
    /// The system gives no randomness; the old ones stay.
    pub(super) fn rotate(&self) -> Result<Minted, String> {
        let mut tokens = Tokens::default();
        let view = mint()?;
        tokens.add(&view, Grant::View);
        let token = match self.terms.most {
            Grant::View => None,
            Grant::Type | Grant::Admin => Some(mint()?),
        };
        if let Some(token) = &token {
            tokens.add(token, Grant::Type);
        }
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
        Ok(Minted {
            token: token.map(Token::into_secret),
            view: view.into_secret(),
        })
    }

    /// How many keys and authorities are listed.
    pub(super) fn keys(&self) -> usize {
        self.terms.lists.iter().map(|list| list.keys.len()).sum()
    }

    /// Whether tokens open nothing without a listed key.
    pub(super) fn keys_only(&self) -> bool {
        self.terms.keys_only
    }

    fn token_grant(&self, user: &str) -> Option<Grant> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.lookup(user)
    }

    /// Whom a user name admits by itself. Compared in constant time.
    pub(super) fn by_name(&self, user: &str) -> Option<Pass> {
        let grant = self.token_grant(user).filter(|_| !self.terms.keys_only)?;
        let name = match grant {
            Grant::View => "view token",
            Grant::Type | Grant::Admin => "token",
        };
        Some(Pass {
            grant,
            name: name.to_owned(),
            means: Means::Token,
            key: String::new(),
            pty: true,
            forwarding: true,
        })
    }

    /// Whether the holder of a public key may prove that it is theirs. More may
    /// try than will be let in: an authority's certificate looks like its key
    /// here, and the program is asked about proven keys alone.
    pub(super) fn may_prove(
        &self,
        attempt: Attempt<'_>,
        key: &PublicKey,
        algorithm: &Algorithm,
    ) -> bool {
        if matches!(algorithm, Algorithm::Rsa { hash: None }) {
            return false;
        }
        let terms = &self.terms;
        (terms.program.is_some() && !terms.keys_only)
            || terms.lists.iter().any(KeyList::has_authority)
            || self.by_name(attempt.user).is_some()
            || self.by_key(attempt, key, algorithm).is_some()
    }

    /// Whom a public key admits. SHA-1 signatures (`ssh-rsa`) admit nobody.
    pub(super) fn by_key(
        &self,
        attempt: Attempt<'_>,
        key: &PublicKey,
        algorithm: &Algorithm,
    ) -> Option<Pass> {
        if matches!(algorithm, Algorithm::Rsa { hash: None }) {
            return None;
        }
        let blob = key.to_bytes().ok()?;
        let kind = key.algorithm();
        let listed = self.terms.lists.iter();
        let found = listed
            .filter_map(|list| list.find(kind.as_str(), &blob))
            .find(|found| found.options.holds(attempt.known(), attempt.now))?;
        let permits = Permits {
            pty: !found.options.no_pty,
            forwarding: !found.options.no_forwarding,
        };
        let print = key.fingerprint(HashAlg::Sha256).to_string();
        Some(self.pass(
            attempt.user,
            found,
            permits,
            &found.comment,
            print,
            Means::Key,
        ))
    }

    /// Whom a certificate admits, whose signature by its holder was checked.
    /// The key inside may be listed; a certificate is not that key.
    pub(super) fn by_certificate(
        &self,
        attempt: Attempt<'_>,
        certificate: &Certificate,
    ) -> Option<Pass> {
        let refuse = |why: &str| tracing::info!(why, "certificate refused");
        let signer = certificate.signature_key();
        if matches!(
            certificate.signature().algorithm(),
            Algorithm::Rsa { hash: None }
        ) {
            refuse("signed with SHA-1");
            return None;
        }
        let unix = u64::try_from(attempt.now.unix()).unwrap_or(0);
        let print = [signer.fingerprint(HashAlg::Sha256)];
        if certificate.validate_at(unix, &print).is_err() {
            refuse("its signature or time is wrong");
            return None;
        }
        let blob = PublicKey::new(signer.clone(), "").to_bytes().ok()?;
        let facts = CertificateFacts {
            user: certificate.cert_type().is_user(),
            key_id: certificate.key_id(),
            principals: certificate.valid_principals(),
            valid: (certificate.valid_after(), certificate.valid_before()),
            critical: pairs(certificate.critical_options()).collect(),
            extensions: pairs(certificate.extensions())
                .map(|(name, _)| name)
                .collect(),
        };
        let mut last = "not signed by an authority of this share";
        for authority in self
            .terms
            .lists
            .iter()
            .flat_map(|list| list.authorities(&blob))
        {
            match certificate::judge(
                authority,
                &facts,
                attempt.user,
                attempt.known(),
                attempt.now,
            ) {
                Ok(permits) => {
                    let print = certificate.public_key().fingerprint(HashAlg::Sha256);
                    let (print, name) = (print.to_string(), facts.key_id);
                    let means = Means::Certificate;
                    return Some(self.pass(attempt.user, authority, permits, name, print, means));
                }
                Err(why) => last = why,
            }
        }
        refuse(last);
        None
    }

    /// The pass of a key's or certificate's holder. A token as the user name
    /// beside it never gives more than both.
    fn pass(
        &self,
        user: &str,
        listed: &AuthorizedKey,
        permits: Permits,
        name: &str,
        print: String,
        means: Means,
    ) -> Pass {
        let own = listed.options.grant.unwrap_or(self.terms.key_grant);
        let own = own.min(self.terms.most);
        Pass {
            grant: self.token_grant(user).map_or(own, |token| own.min(token)),
            name: call(name).unwrap_or_else(|| print.clone()),
            means,
            key: print,
            pty: permits.pty,
            forwarding: permits.forwarding,
        }
    }

    /// Whether the operator's program has a say about this attempt, which came
    /// with or without a proven key.
    pub(super) fn asks_program(&self, proven: bool) -> bool {
        self.terms.program.is_some() && (proven || !self.terms.keys_only)
    }

    /// What the operator's program says. `listed` is whom the lists would let
    /// in by this key; where keys are demanded, both must agree.
    pub(super) async fn by_program(
        &self,
        attempt: Attempt<'_>,
        key: Option<&PublicKey>,
        listed: Option<Pass>,
    ) -> Option<Pass> {
        let program = self.terms.program.as_ref()?;
        if self.terms.keys_only && listed.is_none() {
            return None;
        }
        let verdict = program
            .ask(&Question {
                user: attempt.user,
                address: attempt.address,
                key,
            })
            .await?;
        let print = key.map(|key| key.fingerprint(HashAlg::Sha256).to_string());
        let print = print.unwrap_or_default();
        let name = call(verdict.name.as_str())
            .or_else(|| listed.as_ref().map(|pass| pass.name.clone()))
            .or_else(|| (!print.is_empty()).then(|| print.clone()))
            .unwrap_or_else(|| "guest".to_owned());
        let grant = verdict.grant.min(self.terms.most);
        let listed = listed.as_ref();
        Some(Pass {
            grant: listed.map_or(grant, |pass| grant.min(pass.grant)),
            name,
            means: Means::Program,
            key: print,
            pty: listed.is_none_or(|pass| pass.pty),
            forwarding: listed.is_none_or(|pass| pass.forwarding),
        })
    }

    /// The methods named to one who was refused. The last of them only says
    /// why: it asks for nothing.
    pub(super) fn methods(&self) -> MethodSet {
        let mut methods = MethodSet::empty();
        if self.keys() > 0 || self.terms.program.is_some() {
            methods.push(MethodKind::PublicKey);
        }
        methods.push(MethodKind::KeyboardInteractive);
        methods
    }

    /// What is accepted here, for one who was refused.
    pub(super) fn accepted(&self) -> String {
        let lists = &self.terms.lists;
        let mut ways = Vec::new();
        if !self.terms.keys_only {
            ways.push("the user name of the host's ssh line (ssh TOKEN@HOST)");
        }
        let plain = |list: &KeyList| list.keys.iter().any(|key| !key.options.authority);
        if lists.iter().any(plain) {
            ways.push("a public key that the host has listed");
        }
        if lists.iter().any(KeyList::has_authority) {
            ways.push("a certificate of an authority that the host has listed");
        }
        if self.terms.program.is_some() {
            ways.push("what the host's own program lets in");
        }
        let also = if self.keys() == 0 && self.terms.program.is_none() {
            " No public keys are listed."
        } else if self.terms.keys_only {
            " A token alone opens nothing here."
        } else {
            ""
        };
        format!("stepmux: accepted here: {}.{also}", ways.join("; or "))
    }
}

fn pairs(
    options: &russh::keys::ssh_key::certificate::OptionsMap,
) -> impl Iterator<Item = (&str, &str)> {
    options
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

fn mint() -> Result<Token, String> {
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).map_err(|error| format!("no randomness: {error}"))?;
    let token = Token::from_entropy(&entropy);
    entropy.fill(0);
    Ok(token)
}

/// A name that can be shown; none if nothing of it is left.
fn call(name: &str) -> Option<String> {
    let label = Label::new(name.trim());
    let shown: String = label.as_str().chars().take(NAME_MAX).collect();
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::access::KeyText;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Bnb0pd7nJ0Zk0oUQ5b5fV5m6h9x2yq1Wg0dF3cT9u";

    fn terms(lines: &str) -> Terms {
        let list = KeyList::read(lines, KeyText::Own);
        Terms {
            lists: list.into_iter().collect(),
            key_grant: Grant::Type,
            most: Grant::Admin,
            keys_only: false,
            program: None,
        }
    }

    fn attempt(user: &str) -> Attempt<'_> {
        Attempt {
            user,
            address: IpAddr::from([127, 0, 0, 1]),
            relayed: false,
            now: Now::default(),
        }
    }

    #[test]
    fn lock_tells_tokens_apart_and_refuses_the_rest() {
        let (lock, minted) = Lock::new(terms("")).unwrap();
        let token = minted.token.unwrap();
        assert_eq!(lock.by_name(token.expose()).unwrap().grant, Grant::Type);
        let view = lock.by_name(minted.view.expose()).unwrap();
        assert_eq!(
            (view.grant, view.name.as_str()),
            (Grant::View, "view token")
        );
        for name in ["", "root", &token.expose()[1..]] {
            assert_eq!(lock.by_name(name), None);
        }
        let new = lock.rotate().unwrap();
        assert_eq!(lock.by_name(token.expose()), None);
        assert!(lock.by_name(new.token.unwrap().expose()).is_some());
    }

    #[test]
    fn lock_has_no_typing_token_when_only_watched() {
        let looking = Terms {
            most: Grant::View,
            ..terms(&format!("stepmux-grant=\"admin\" {KEY}"))
        };
        let (lock, minted) = Lock::new(looking).unwrap();
        assert!(minted.token.is_none());
        let key: PublicKey = KEY.parse().unwrap();
        let pass = lock
            .by_key(attempt("x"), &key, &Algorithm::Ed25519)
            .unwrap();
        assert_eq!(pass.grant, Grant::View);
    }

    #[test]
    fn lock_gives_each_key_its_own_grant_and_refuses_sha1() {
        let key: PublicKey = KEY.parse().unwrap();
        for (options, grant) in [
            ("", Some(Grant::Type)),
            ("stepmux-grant=\"view\" ", Some(Grant::View)),
            ("stepmux-grant=\"admin\" ", Some(Grant::Admin)),
            ("from=\"10.0.0.0/8\" ", None),
            ("expiry-time=\"19700101Z\" ", None),
        ] {
            let (lock, _) = Lock::new(terms(&format!("{options}{KEY} ann@home\n"))).unwrap();
            let pass = lock.by_key(attempt("x"), &key, &Algorithm::Ed25519);
            assert_eq!(pass.as_ref().map(|pass| pass.grant), grant, "{options}");
            assert!(pass.is_none_or(|pass| pass.name == "ann@home" && pass.means == Means::Key));
            let sha1 = Algorithm::Rsa { hash: None };
            assert_eq!(lock.by_key(attempt("x"), &key, &sha1), None);
        }
    }

    #[test]
    fn limited_lock_wants_a_key_and_no_more_than_the_token_gives() {
        let limited = Terms {
            keys_only: true,
            ..terms(KEY)
        };
        let (lock, minted) = Lock::new(limited).unwrap();
        let key: PublicKey = KEY.parse().unwrap();
        let view = minted.view.expose();
        assert_eq!(lock.by_name(view), None);
        assert_eq!(lock.by_name(minted.token.unwrap().expose()), None);
        let grant = |user: &str| {
            let pass = lock.by_key(attempt(user), &key, &Algorithm::Ed25519);
            pass.map(|pass| pass.grant)
        };
        assert_eq!(grant(view), Some(Grant::View));
        assert_eq!(grant("anybody"), Some(Grant::Type));
        assert!(lock.accepted().contains("A token alone opens nothing"));
    }
}
