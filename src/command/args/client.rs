//! Arguments of the commands on clients and the server. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `detach-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DetachClient {
    /// Detach every client but the target.
    #[arg(short = 'a')]
    pub others: bool,
    /// Also send SIGHUP to the client's parent.
    #[arg(short = 'P')]
    pub hangup: bool,
    /// Let the client become this command.
    #[arg(short = 'E', value_name = "shell-command")]
    pub exec: Option<String>,
    /// Detach every client of this session.
    #[arg(short = 's', value_name = "target-session")]
    pub session: Option<Target>,
    /// Client to detach.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `switch-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SwitchClient {
    /// Do not apply the update-environment option.
    #[arg(short = 'E')]
    pub keep_environment: bool,
    /// To the last session.
    #[arg(short = 'l')]
    pub last: bool,
    /// To the next session.
    #[arg(short = 'n')]
    pub next: bool,
    /// To the previous session.
    #[arg(short = 'p')]
    pub previous: bool,
    /// Make the client read-only, or not any more.
    #[arg(short = 'r')]
    pub toggle_read_only: bool,
    /// Keep the window zoomed when the target is a pane.
    #[arg(short = 'Z')]
    pub keep_zoom: bool,
    /// Client to switch.
    #[arg(short = 'c', value_name = "target-client")]
    pub client: Option<String>,
    /// Session, window or pane to switch to.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// Key table for the next key.
    #[arg(short = 'T', value_name = "key-table")]
    pub table: Option<String>,
    /// Order for -n and -p: index, name, creation or activity.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
}

/// Arguments of `refresh-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RefreshClient {
    /// Follow the cursor again after panning.
    #[arg(short = 'c')]
    pub follow: bool,
    /// Pan down.
    #[arg(short = 'D')]
    pub down: bool,
    /// Ask the terminal for its clipboard.
    #[arg(short = 'l')]
    pub clipboard: bool,
    /// Pan left.
    #[arg(short = 'L')]
    pub left: bool,
    /// Pan right.
    #[arg(short = 'R')]
    pub right: bool,
    /// Only the status line.
    #[arg(short = 'S')]
    pub status_only: bool,
    /// Pan up.
    #[arg(short = 'U')]
    pub up: bool,
    /// Control mode: change what a pane sends (on, off, continue, pause).
    #[arg(short = 'A', value_name = "pane:state")]
    pub pane_state: Vec<String>,
    /// Control mode: tell when a format changes.
    #[arg(short = 'B', value_name = "name:what:format")]
    pub subscription: Vec<String>,
    /// Control mode: the client's size, or a window's.
    #[arg(short = 'C', value_name = "XxY")]
    pub size: Vec<String>,
    /// Client flags, comma-separated.
    #[arg(short = 'f', value_name = "flags")]
    pub flags: Option<String>,
    /// Control mode: answer to a pane's request.
    #[arg(short = 'r', value_name = "pane:report")]
    pub report: Vec<String>,
    /// Client to refresh.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// By how many cells to pan; 1 by default.
    #[arg(value_name = "adjustment")]
    pub adjustment: Option<String>,
}

/// Arguments of `suspend-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SuspendClient {
    /// Client to suspend.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `lock-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LockClient {
    /// Client to lock.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `lock-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LockSession {
    /// Session whose clients to lock.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `lock-server`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LockServer {}

/// Arguments of `list-clients`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListClients {
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each client.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the clients for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Sort by this: name, size, creation or activity.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
    /// Only the clients of this session.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `list-commands`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListCommands {
    /// What to print for each command.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only this command.
    #[arg(value_name = "command")]
    pub command: Option<String>,
}

/// Arguments of `start-server`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct StartServer {}

/// Arguments of `kill-server`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KillServer {}
