//! Arguments of the commands on sessions. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `new-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSession {
    /// Attach to the session when it exists already.
    #[arg(short = 'A')]
    pub attach_if_exists: bool,
    /// Do not attach the new session to this client.
    #[arg(short = 'd')]
    pub detached: bool,
    /// With -A, detach every other client of the session.
    #[arg(short = 'D')]
    pub detach_others: bool,
    /// Do not apply the update-environment option.
    #[arg(short = 'E')]
    pub keep_environment: bool,
    /// Print information about the new session.
    #[arg(short = 'P')]
    pub print: bool,
    /// With -D, also send SIGHUP to the parents of the detached clients.
    #[arg(short = 'X')]
    pub hangup_others: bool,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Set this NAME=VALUE in the session's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// What -P prints.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Client flags, comma-separated.
    #[arg(short = 'f', value_name = "flags")]
    pub flags: Option<String>,
    /// Name of the first window.
    #[arg(short = 'n', value_name = "window-name")]
    pub window_name: Option<String>,
    /// Name of the session.
    #[arg(short = 's', value_name = "session-name")]
    pub name: Option<String>,
    /// Group the new session with this one.
    #[arg(short = 't', value_name = "target-session")]
    pub group: Option<Target>,
    /// Columns while no client is attached; `-` for this client's.
    #[arg(short = 'x', value_name = "width")]
    pub width: Option<String>,
    /// Rows while no client is attached; `-` for this client's.
    #[arg(short = 'y', value_name = "height")]
    pub height: Option<String>,
    /// What to run in the first window instead of the shell.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Arguments of `attach-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachSession {
    /// Detach every other client of the session.
    #[arg(short = 'd')]
    pub detach_others: bool,
    /// Do not apply the update-environment option.
    #[arg(short = 'E')]
    pub keep_environment: bool,
    /// Attach read-only.
    #[arg(short = 'r')]
    pub read_only: bool,
    /// With -d, also send SIGHUP to the parents of the detached clients.
    #[arg(short = 'x')]
    pub hangup_others: bool,
    /// Make this the session's directory for new windows.
    #[arg(short = 'c', value_name = "working-directory")]
    pub cwd: Option<String>,
    /// Client flags, comma-separated.
    #[arg(short = 'f', value_name = "flags")]
    pub flags: Option<String>,
    /// Session to attach to.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `has-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct HasSession {
    /// Session to look for.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `kill-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KillSession {
    /// Kill every session but the target.
    #[arg(short = 'a')]
    pub others: bool,
    /// Clear the alerts of the session's windows; kill nothing.
    #[arg(short = 'C')]
    pub clear_alerts: bool,
    /// Kill every session of the target's group.
    #[arg(short = 'g')]
    pub group: bool,
    /// With -a, only the sessions for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Session to kill.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `list-sessions`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListSessions {
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each session.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the sessions for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Sort by this: index, name, creation or activity.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
}

/// Arguments of `rename-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RenameSession {
    /// Session to rename.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// The new name.
    #[arg(value_name = "new-name")]
    pub name: String,
}
