//! Arguments of the commands on the build's phases. Data only: nothing here runs.

use clap::{Args, ValueEnum};

use crate::command::target::Target;

/// Arguments of `phase`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Print as JSON.
    #[arg(short = 'j', long = "json")]
    pub json: bool,
    /// Session to look at.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// What to do: list or status.
    #[arg(value_enum, value_name = "action")]
    pub action: PhaseAction,
}

/// Arguments of `debug-session`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DebugSession {
    /// Name of the session.
    #[arg(short = 's', value_name = "session-name")]
    pub name: Option<String>,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Columns while no client is attached.
    #[arg(short = 'x', value_name = "width")]
    pub width: Option<String>,
    /// Rows while no client is attached.
    #[arg(short = 'y', value_name = "height")]
    pub height: Option<String>,
    /// Set this NAME=VALUE in the session's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// The build's plan.
    #[arg(long = "plan", value_name = "FILE")]
    pub plan: Option<String>,
    /// What to run in the first window.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Arguments of `debug-wait`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DebugWait {
    /// Write nothing; only wait for the end.
    #[arg(short = 'q', long = "quiet")]
    pub quiet: bool,
    /// Session to watch.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// What `phase` does.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhaseAction {
    /// Print what ran, how long, and its status.
    #[default]
    List,
    /// Print the phases' states on one line.
    Status,
}
