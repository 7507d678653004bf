//! Arguments of the commands that open a session to guests. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `share`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Listen there; port 0 takes a free one. May be repeated.
    #[arg(short = 'l', long = "listen", value_name = "ADDR:PORT")]
    pub listen: Vec<String>,
    /// Let the holders of these public keys in. May be repeated.
    #[arg(short = 'k', long = "authorized-keys", value_name = "FILE")]
    pub authorized_keys: Vec<String>,
    /// Use this host key instead of the user's own.
    #[arg(short = 'H', long = "host-key", value_name = "FILE")]
    pub host_key: Option<String>,
    /// Make no token that may type.
    #[arg(short = 'r', long = "view-only")]
    pub view_only: bool,
    /// Print the connection as JSON.
    #[arg(short = 'j', long = "json")]
    pub json: bool,
    /// Session to share.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `unshare`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Unshare {
    /// Session to close to guests.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}
