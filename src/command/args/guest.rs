//! Arguments of the commands about guests. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `admit-guest`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct AdmitGuest {
    /// Let them look only.
    #[arg(short = 'r')]
    pub read_only: bool,
    /// Let them in under this grant: view, type or admin.
    #[arg(short = 'g', value_name = "grant", conflicts_with = "read_only")]
    pub grant: Option<String>,
    /// Guest to let in; the one who has waited longest.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `deny-guest`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DenyGuest {
    /// Send everyone away who waits.
    #[arg(short = 'a')]
    pub all: bool,
    /// Guest to send away; the one who has waited longest.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `grant-guest`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantGuest {
    /// Guest whose grant is changed; without it the only one.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// The new grant: view, type or admin.
    #[arg(value_name = "grant")]
    pub grant: String,
}

/// Arguments of `kick-guest`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KickGuest {
    /// Send every guest of the session away.
    #[arg(short = 'a')]
    pub all: bool,
    /// Guest to send away.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// Session whose guests are sent away by -a.
    #[arg(short = 's', value_name = "target-session")]
    pub session: Option<Target>,
}

/// Arguments of `lock-share`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LockShare {
    /// Let guests in again.
    #[arg(short = 'u')]
    pub unlock: bool,
    /// Shared session.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `server-access`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerAccess {
    /// Let a user or group in who was not.
    #[arg(short = 'a')]
    pub add: bool,
    /// Let a user or group in no longer.
    #[arg(short = 'd')]
    pub deny: bool,
    /// It is a group.
    #[arg(short = 'g')]
    pub group: bool,
    /// List who is let in.
    #[arg(short = 'l')]
    pub list: bool,
    /// They only look.
    #[arg(short = 'r')]
    pub read_only: bool,
    /// They may do all that the owner may (the default).
    #[arg(short = 'w')]
    pub writable: bool,
    /// The user or group.
    #[arg(value_name = "user|group")]
    pub who: Option<String>,
}

/// Arguments of `rotate-share`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RotateShare {
    /// Print the connection as JSON.
    #[arg(short = 'j', long = "json")]
    pub json: bool,
    /// Print nothing.
    #[arg(short = 'q', conflicts_with = "json")]
    pub quiet: bool,
    /// Shared session.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `choose-guest`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ChooseGuest {}

/// Arguments of `serve-files`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ServeFiles {}

/// Arguments of `peek`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Peek {
    /// Begin one page above the end.
    #[arg(short = 'u')]
    pub page_up: bool,
    /// Pane to look into.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}
