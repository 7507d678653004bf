//! Authorised keys, line by line (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). A bad
//! line is skipped and reported; a key whose options cannot be honoured is
//! refused; a text that yields no key is an error, so a restriction that resolves
//! to nobody starts no share. It checks shapes, it verifies no signature.
//! What the options say is in [`super::options`].

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::{Digest, Sha256};

use super::options::KeyOptions;

/// Key types that are let in. DSA keys are not, and a certificate is no key.
const KINDS: [&str; 7] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
];

/// The longest line read, in bytes; longer ones are skipped.
const MAX_LINE: usize = 16 * 1024;

/// The most keys taken from one text.
const MAX_KEYS: usize = 4096;

/// One listed public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizedKey {
    /// Its type, such as `ssh-ed25519`.
    pub kind: String,
    /// The key in SSH wire form (RFC 4253, section 6.6).
    pub blob: Vec<u8>,
    /// The rest of the line; may be empty. Not yet safe to draw.
    pub comment: String,
    /// What the line allows and forbids.
    pub options: KeyOptions,
}

/// What a text of keys may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyText {
    /// A file of the operator's own: options are honoured.
    Own,
    /// From a forge: keys alone. A line with options is skipped, so that a
    /// forge can make nobody an authority or an admin.
    Foreign,
    /// Every key is an authority, as in sshd's `TrustedUserCAKeys`.
    Authorities,
}

impl AuthorizedKey {
    /// The key's blob in base64, as in the file.
    #[must_use]
    pub fn base64(&self) -> String {
        BASE64.encode(&self.blob)
    }

    /// The key's fingerprint, `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.blob)
    }
}

/// A line that gave no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl fmt::Display for SkippedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// The keys of a text, and what was skipped in it. Never without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyList {
    /// The keys, in order, each once.
    pub keys: Vec<AuthorizedKey>,
    /// Lines that gave none.
    pub skipped: Vec<SkippedLine>,
}

/// A text that yields no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable key{}", why(.skipped))]
pub struct NoKeys {
    /// Lines that might have given one.
    pub skipped: Vec<SkippedLine>,
}

fn why(skipped: &[SkippedLine]) -> String {
    skipped.first().map_or_else(
        || " in an empty list".to_owned(),
        |first| format!(" ({first})"),
    )
}

impl KeyList {
    /// Reads the keys of an operator's own text.
    ///
    /// # Errors
    /// When no line gives a key.
    pub fn parse(text: &str) -> Result<Self, NoKeys> {
        Self::read(text, KeyText::Own)
    }

    /// Reads the keys of a text of some kind.
    ///
    /// # Errors
    /// When no line gives a key.
    pub fn read(text: &str, kind: KeyText) -> Result<Self, NoKeys> {
        let mut list = Self {
            keys: Vec::new(),
            skipped: Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        for (index, line) in text.lines().enumerate() {
            let line_no = index + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parsed = if list.keys.len() >= MAX_KEYS {
                Err(format!("more than {MAX_KEYS} keys"))
            } else {
                parse_line(line, kind)
            };
            match parsed {
                Ok(key) if seen.insert((key.blob.clone(), key.options.authority)) => {
                    list.keys.push(key)
                }
                Ok(_) => list.skip(line_no, "listed before".to_owned()),
                Err(reason) => list.skip(line_no, reason),
            }
        }
        if list.keys.is_empty() {
            return Err(NoKeys {
                skipped: list.skipped,
            });
        }
        Ok(list)
    }

    fn skip(&mut self, line: usize, reason: String) {
        if self.skipped.len() < MAX_KEYS {
            self.skipped.push(SkippedLine { line, reason });
        }
    }

    /// The listed key equal to a presented one. `algorithm` is the public key's
    /// or its signature's (`rsa-sha2-256` is `ssh-rsa` here); a certificate's
    /// never matches, and an authority's key admits nobody by itself.
    #[must_use]
    pub fn find(&self, algorithm: &str, blob: &[u8]) -> Option<&AuthorizedKey> {
        let kind = match algorithm {
            "rsa-sha2-256" | "rsa-sha2-512" => "ssh-rsa",
            other => other,
        };
        self.keys
            .iter()
            .find(|key| !key.options.authority && key.kind == kind && key.blob == blob)
    }

    /// The authorities with this key, which may sign certificates.
    pub fn authorities(&self, blob: &[u8]) -> impl Iterator<Item = &AuthorizedKey> {
        self.keys
            .iter()
            .filter(move |key| key.options.authority && key.blob == blob)
    }

    /// Whether any key is an authority.
    #[must_use]
    pub fn has_authority(&self) -> bool {
        self.keys.iter().any(|key| key.options.authority)
    }
}

fn parse_line(line: &str, text: KeyText) -> Result<AuthorizedKey, String> {
    if line.len() > MAX_LINE {
        return Err("line too long".to_owned());
    }
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    let (options, rest) = if is_kind(first) {
        ("", line)
    } else {
        split_options(line)?
    };
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let kind = words.next().unwrap_or_default();
    if kind.contains("-cert-v01@") {
        return Err("a certificate is no key: list its authority".to_owned());
    }
    if !KINDS.contains(&kind) {
        return Err(if kind.is_empty() {
            "no key on the line".to_owned()
        } else {
            format!("unsupported key type: {}", short(kind))
        });
    }
    if text == KeyText::Foreign && !options.is_empty() {
        return Err("options are not taken from there".to_owned());
    }
    let mut options = KeyOptions::parse(options)?;
    options.authority |= text == KeyText::Authorities;
    let base64 = words.next().ok_or("the key is missing")?;
    let blob = BASE64
        .decode(base64.as_bytes())
        .map_err(|_| "the key is not base64")?;
    if embedded_kind(&blob) != Some(kind.as_bytes()) {
        return Err(format!("the key is not of type {kind}"));
    }
    let comment = words.collect::<Vec<_>>().join(" ");
    Ok(AuthorizedKey {
        kind: kind.to_owned(),
        blob,
        comment,
        options,
    })
}

fn is_kind(word: &str) -> bool {
    KINDS.contains(&word) || word == "ssh-dss" || word.contains("-cert-v01@")
}

/// A word of the text, fit for a message.
pub(super) fn short(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Splits the options field off: it ends at the first blank outside quotes.
fn split_options(line: &str) -> Result<(&str, &str), String> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b' ' | b'\t' if !quoted => return Ok((&line[..at], &line[at + 1..])),
            _ => {}
        }
    }
    Err(if quoted {
        "unfinished quote in the options".to_owned()
    } else {
        "no key on the line".to_owned()
    })
}

/// The type named inside a key in wire form.
fn embedded_kind(blob: &[u8]) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let kind = rest.get(..length)?;
    (rest.len() > length).then_some(kind)
}

/// The fingerprint of a key in wire form, as `ssh-keygen -l` prints it.
#[must_use]
pub fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", BASE64_NOPAD.encode(&Sha256::digest(blob)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJKwoUPP2OcYfGUBVHE1UmN7j9cNHsiGY4U+OQB1p1Qf";

    #[test]
    fn keys_are_read_line_by_line_and_bad_lines_reported() {
        let text = format!(
            "# team\n\nssh-ed25519 {KEY} ann@example.org laptop\nssh-ed25519 AAAA bad\nnonsense\n\
             ssh-ed25519 {KEY} again\nssh-rsa {KEY} wrong\nssh-dss AAAA old\n"
        );
        let list = KeyList::parse(&text).unwrap();
        assert_eq!(list.keys.len(), 1);
        assert_eq!(list.keys[0].comment, "ann@example.org laptop");
        assert_eq!(list.keys[0].base64(), KEY);
        let lines: Vec<usize> = list.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [4, 5, 6, 7, 8]);
    }

    #[test]
    fn options_are_honoured_or_their_key_is_refused() {
        let table = [
            ("", true),
            ("no-agent-forwarding,no-X11-forwarding ", true),
            ("restrict ", true),
            ("from=\"10.0.0.0/8,!10.1.*\" ", true),
            ("command=\"echo \\\"hi there\\\"\" ", false),
            ("future-option ", false),
            ("command=\"open ", false),
        ];
        for (options, expected) in table {
            let line = format!("{options}ssh-ed25519 {KEY} x");
            assert_eq!(KeyList::parse(&line).is_ok(), expected, "{options}");
        }
    }

    #[test]
    fn foreign_text_makes_no_authority_and_no_admin() {
        let text = format!(
            "cert-authority ssh-ed25519 {KEY}\nstepmux-grant=\"admin\" ssh-ed25519 {KEY}\n"
        );
        assert!(KeyList::read(&text, KeyText::Foreign).is_err());
        let plain = KeyList::read(&format!("ssh-ed25519 {KEY}"), KeyText::Foreign);
        assert_eq!(plain.map(|list| list.keys.len()), Ok(1));
    }

    #[test]
    fn authority_signs_and_is_no_key_itself() {
        let blob = BASE64.decode(KEY.as_bytes()).unwrap();
        for (text, kind) in [
            (format!("cert-authority ssh-ed25519 {KEY}"), KeyText::Own),
            (format!("ssh-ed25519 {KEY}"), KeyText::Authorities),
        ] {
            let list = KeyList::read(&text, kind).unwrap();
            assert!(list.has_authority());
            assert!(list.find("ssh-ed25519", &blob).is_none());
            assert_eq!(list.authorities(&blob).count(), 1);
        }
    }

    #[test]
    fn text_without_a_key_is_an_error() {
        let empty = KeyList::parse("# nobody\n").unwrap_err();
        assert_eq!(empty.to_string(), "no usable key in an empty list");
        let error = KeyList::parse("restrict x y\n").unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }

    #[test]
    fn presented_key_is_found_by_type_and_blob() {
        let list = KeyList::parse(&format!("ssh-ed25519 {KEY}")).unwrap();
        let blob = BASE64.decode(KEY.as_bytes()).unwrap();
        assert!(list.find("ssh-ed25519", &blob).is_some());
        assert!(
            list.find("ssh-ed25519-cert-v01@openssh.com", &blob)
                .is_none()
        );
        assert!(list.find("ssh-ed25519", &blob[1..]).is_none());
    }

    #[test]
    fn fingerprint_is_unpadded_sha256_of_the_blob() {
        assert_eq!(
            fingerprint(b""),
            "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
        );
    }
}
