//! Arguments of the commands that open a session to guests. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `share`. What is not given here is as the options `share-…` say.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Listen there; port 0 takes a free one. May be repeated.
    #[arg(short = 'l', long = "listen", value_name = "ADDR:PORT")]
    pub listen: Vec<String>,
    /// Let guests come through this relay, or its nodes with commas between them; nothing else listens then, unless it is asked for.
    #[arg(short = 'R', long = "relay", value_name = "HOST[:PORT]")]
    pub relay: Option<String>,
    /// Talk to a relay only if its key has this fingerprint, SHA256:...
    #[arg(short = 'P', long = "relay-key", value_name = "FINGERPRINT")]
    pub relay_key: Option<String>,
    /// Let guests also come by ssh alone, without a jump: their ssh ends in the relay, which can read and change what they see and type.
    #[arg(short = 'C', long = "relay-compat")]
    pub relay_compat: bool,
    /// Show the relay this ed25519 key, where it takes known machines only.
    #[arg(short = 'I', long = "relay-identity", value_name = "FILE")]
    pub relay_identity: Option<String>,
    /// Reach the relay through a command's standard input and output; %h and %p in it are its host and port, and none is no command.
    #[arg(short = 'X', long = "proxy-command", value_name = "CMD")]
    pub proxy_command: Option<String>,
    /// Let the holders of these public keys in, each under the grant of its line. May be repeated.
    #[arg(short = 'k', long = "authorized-keys", value_name = "FILE")]
    pub authorized_keys: Vec<String>,
    /// Let nobody in without a key of gh:USER, gl:USER, FILE or the authorities of ca:FILE; a token alone opens nothing then. May be repeated.
    #[arg(short = 'L', long = "limit-to", value_name = "WHOM")]
    pub limit_to: Vec<String>,
    /// Use this host key instead of the user's own, with the certificate FILE-cert.pub beside it.
    #[arg(short = 'H', long = "host-key", value_name = "FILE")]
    pub host_key: Option<String>,
    /// Use a host key that lives as long as the share.
    #[arg(short = 'F', long = "fresh-host-key")]
    pub fresh_host_key: bool,
    /// Let nobody do more than look.
    #[arg(short = 'r', long = "view-only")]
    pub view_only: bool,
    /// Let everyone wait until someone inside admits them.
    #[arg(short = 'K', long = "knock")]
    pub knock: bool,
    /// Let no more guests in at once.
    #[arg(short = 'm', long = "max-guests", value_name = "N")]
    pub max_guests: Option<String>,
    /// End the share after a time, such as 90, 45m, 2h or 1h30m.
    #[arg(short = 'e', long = "expires", value_name = "DURATION")]
    pub expires: Option<String>,
    /// Let a program decide about whom no token or key lets in.
    #[arg(short = 'A', long = "auth-command", value_name = "CMD")]
    pub auth_command: Option<String>,
    /// Serve the files below a directory to whoever may type.
    #[arg(short = 'S', long = "sftp", value_name = "DIR")]
    pub sftp: Option<String>,
    /// Let whoever may type forward connections to any, loopback or HOST:PORT. May be repeated.
    #[arg(short = 'W', long = "forward", value_name = "WHERE")]
    pub forward: Vec<String>,
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
