//! Who may do what: grants, tokens, key lists, certificates, limits. It decides
//! from values alone and never opens a socket or reads a file. A rule that cannot
//! be evaluated denies.

pub mod certificate;
pub mod claim;
pub mod expiry;
pub mod from;
pub mod grant;
pub mod invite;
pub mod keys;
pub mod limit;
pub mod local;
pub mod options;
pub mod route;
pub mod token;
pub mod verdict;

pub use claim::{Claim, ClaimError};
pub use grant::{Grant, Means};
pub use invite::{HostBlob, Invite};
pub use keys::{AuthorizedKey, KeyList, KeyText, NoKeys, SkippedLine, fingerprint};
pub use limit::{Forge, LimitTo};
pub use local::LocalAccess;
pub use options::KeyOptions;
pub use route::{Prefix, Route, RouteKey, Sid};
pub use token::{Token, TokenHash, Tokens};
