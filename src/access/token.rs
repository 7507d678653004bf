//! Join tokens: made of entropy given from outside, kept only as hashes, compared
//! in constant time. It never prints a token and never makes one by itself.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::Grant;
use crate::base::Secret;

/// Letters and digits that cannot be taken for one another: no `i l o I O 0 1`.
const ALPHABET: &[u8; 55] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A secret that admits a guest: 25 characters of 55, 144.5 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(Secret<String>);

impl Token {
    /// Characters of a token.
    pub const LEN: usize = 25;

    /// A token from 32 uniformly random bytes. They are read as one number and
    /// written in base 55, so each character is uniform to within 2^-110.
    #[must_use]
    pub fn from_entropy(entropy: &[u8; 32]) -> Self {
        let mut number = *entropy;
        let mut text = String::with_capacity(Self::LEN);
        for _ in 0..Self::LEN {
            text.push(char::from(ALPHABET[divide(&mut number)]));
        }
        Self(Secret::new(text))
    }

    /// The token's text, for the one line that tells it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The token as a secret that no formatter prints.
    #[must_use]
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }

    /// What is stored of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose())
    }
}

/// Divides a big-endian number by 55 in place and gives the remainder.
fn divide(number: &mut [u8; 32]) -> usize {
    let mut rest = 0_usize;
    for byte in number.iter_mut() {
        let part = rest * 256 + usize::from(*byte);
        *byte = (part / ALPHABET.len()) as u8;
        rest = part % ALPHABET.len();
    }
    rest
}

/// The SHA-256 of a token. Two are compared in constant time.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a presented text, whatever its length.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash that 64 hexadecimal digits, of either case, spell.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The hash in 64 hexadecimal digits, to be written down.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// The tokens of one share, each with its grant.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    entries: Vec<(TokenHash, Grant)>,
}

impl Tokens {
    /// No token: everyone is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a token in under a grant. The token itself is not kept.
    pub fn add(&mut self, token: &Token, grant: Grant) {
        self.entries.push((token.hash(), grant));
    }

    /// Lets a hash in under a grant.
    pub fn add_hash(&mut self, hash: TokenHash, grant: Grant) {
        self.entries.push((hash, grant));
    }

    /// Ends a token.
    pub fn remove(&mut self, hash: &TokenHash) {
        self.entries.retain(|(known, _)| known != hash);
    }

    /// The grant of a presented text. Every token is compared, so the time tells
    /// neither whether one matched nor which.
    #[must_use]
    pub fn lookup(&self, presented: &str) -> Option<Grant> {
        let hash = TokenHash::of(presented);
        let mut found = 0_u8;
        for (known, grant) in &self.entries {
            let rank = match grant {
                Grant::View => 1,
                Grant::Type => 2,
                Grant::Admin => 3,
            };
            found.conditional_assign(&rank, known.0.ct_eq(&hash.0));
        }
        match found {
            1 => Some(Grant::View),
            2 => Some(Grant::Type),
            3 => Some(Grant::Admin),
            _ => None,
        }
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_has_144_bits_of_unambiguous_characters() {
        let token = Token::from_entropy(&[0xff; 32]);
        assert_eq!(token.expose().len(), Token::LEN);
        assert!(!token.expose().contains(['i', 'l', 'o', 'I', 'O', '0', '1']));
        assert!((ALPHABET.len() as f64).log2() * Token::LEN as f64 > 144.0);
        let mut seen = ALPHABET.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), ALPHABET.len());
    }

    #[test]
    fn token_differs_when_any_byte_of_its_low_end_differs() {
        let mut entropy = [7_u8; 32];
        let first = Token::from_entropy(&entropy);
        entropy[31] ^= 1;
        assert_ne!(first, Token::from_entropy(&entropy));
    }

    #[test]
    fn token_is_never_printed() {
        let token = Token::from_entropy(&[9; 32]);
        let shown = format!("{token:?} {:?}", token.hash());
        assert!(!shown.contains(token.expose()));
    }

    #[test]
    fn tokens_give_the_grant_of_the_one_that_matches() {
        let (view, typing) = (Token::from_entropy(&[1; 32]), Token::from_entropy(&[2; 32]));
        let mut tokens = Tokens::new();
        assert_eq!(tokens.lookup(view.expose()), None);
        tokens.add(&view, Grant::View);
        tokens.add(&typing, Grant::Type);
        assert_eq!(tokens.lookup(view.expose()), Some(Grant::View));
        assert_eq!(tokens.lookup(typing.expose()), Some(Grant::Type));
        for wrong in ["", &view.expose()[1..], "x"] {
            assert_eq!(tokens.lookup(wrong), None);
        }
        tokens.remove(&typing.hash());
        assert_eq!(tokens.lookup(typing.expose()), None);
    }
}
