//! Who may do what: grants, tokens, key lists. It decides from values alone and
//! never opens a socket or reads a file. A rule that cannot be evaluated denies.

pub mod grant;
pub mod keys;
pub mod token;

pub use grant::Grant;
pub use keys::{AuthorizedKey, KeyList, NoKeys, SkippedLine, fingerprint};
pub use token::{Token, TokenHash, Tokens};
