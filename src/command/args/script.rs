//! Arguments of the commands that run others. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `source-file`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Expand the paths as formats.
    #[arg(short = 'F')]
    pub expand: bool,
    /// Parse only; run nothing.
    #[arg(short = 'n')]
    pub parse_only: bool,
    /// No error for a missing file.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// Print the commands.
    #[arg(short = 'v')]
    pub verbose: bool,
    /// Pane that the commands act on.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Files or patterns; `-` for standard input.
    #[arg(required = true, value_name = "path")]
    pub paths: Vec<String>,
}

/// Arguments of `if-shell`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct IfShell {
    /// Do not wait for the shell command.
    #[arg(short = 'b')]
    pub background: bool,
    /// The first argument is a format: true unless empty or 0.
    #[arg(short = 'F')]
    pub format: bool,
    /// Pane that the commands act on.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Shell command whose success decides, or a format.
    #[arg(value_name = "shell-command")]
    pub condition: String,
    /// What to run when it is true.
    #[arg(value_name = "command")]
    pub then_command: String,
    /// What to run when it is false.
    #[arg(value_name = "command")]
    pub else_command: Option<String>,
}

/// Arguments of `run-shell`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RunShell {
    /// Do not wait for it.
    #[arg(short = 'b')]
    pub background: bool,
    /// The argument is a command of stepmux, not of the shell.
    #[arg(short = 'C')]
    pub commands: bool,
    /// Keep standard error with the output.
    #[arg(short = 'E')]
    pub stderr: bool,
    /// Run in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Wait this many seconds first.
    #[arg(short = 'd', value_name = "delay")]
    pub delay: Option<String>,
    /// Pane that formats speak of and that shows the output.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// What to run.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
    /// It is a block, in which no formats are expanded.
    #[arg(skip)]
    pub block: bool,
}

/// Arguments of `wait-for`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitFor {
    /// Wait for the next event of this name.
    #[arg(short = 'E')]
    pub event: bool,
    /// Lock the channel, waiting while it is locked.
    #[arg(short = 'L')]
    pub lock: bool,
    /// Wake what waits for the channel.
    #[arg(short = 'S')]
    pub signal: bool,
    /// Unlock the channel.
    #[arg(short = 'U')]
    pub unlock: bool,
    /// List who waits.
    #[arg(short = 'l')]
    pub list: bool,
    /// With -E, print what is known of each event of the name.
    #[arg(short = 'v')]
    pub verbose: bool,
    /// With -E, wait for an event for which this format is true.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Wake this one that waits.
    #[arg(short = 'w', value_name = "waiter")]
    pub waiter: Option<String>,
    /// The channel's or event's name.
    #[arg(value_name = "name")]
    pub channel: String,
}
