//! Arguments of the commands on the build's phases. Data only: nothing here runs.

use clap::{Args, ValueEnum};

use crate::command::target::Target;

/// Arguments of `phase`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Keep the colours of a log.
    #[arg(short = 'e', long = "escapes")]
    pub escapes: bool,
    /// Print list and status as JSON.
    #[arg(short = 'j', long = "json")]
    pub json: bool,
    /// The run by its number in the timeline, instead of the last one.
    #[arg(short = 'r', long = "run", value_name = "run")]
    pub run: Option<String>,
    /// Session to look at.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// What to do: list, status, show, log, diff, goto, retry, next or where.
    #[arg(value_enum, value_name = "action")]
    pub action: PhaseAction,
    /// The phase, or a step of it as PHASE:N.
    #[arg(value_name = "step")]
    pub step: Option<String>,
    /// The run that diff compares with the last one, by its number; otherwise
    /// the last but one.
    #[arg(value_name = "old-run")]
    pub old: Option<String>,
    /// The run that it is compared with.
    #[arg(value_name = "new-run")]
    pub new: Option<String>,
}

/// Arguments of `timeline`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Print as JSON.
    #[arg(short = 'j', long = "json")]
    pub json: bool,
    /// Session to look at.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `phase-panel`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PhasePanel {
    /// Session to look at.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `phase-report`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseReport {
    /// Pane in which it happened.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The mark, as in a pane's output but without the nonce.
    #[arg(value_name = "mark")]
    pub mark: String,
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
    /// Once it is made, write what marks the session's processes on a line, then what its panes
    /// write from their first byte on, until it ends.
    #[arg(long = "watch")]
    pub watch: bool,
    /// Only write that line.
    #[arg(long = "print")]
    pub print: bool,
    /// With --watch, write nothing of what its panes write.
    #[arg(short = 'q', long = "quiet")]
    pub quiet: bool,
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

/// Arguments of `debug-notice`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DebugNotice {
    /// How often the line is said while nobody has come.
    #[arg(short = 'e', long = "every", value_name = "DURATION")]
    pub every: Option<String>,
    /// What is said when a build that ran is held or over.
    #[arg(short = 'a', long = "again", value_name = "TEXT")]
    pub again: Option<String>,
    /// Wait for somebody from now on, at most so long.
    #[arg(short = 'w', long = "wait", value_name = "DURATION")]
    pub wait: Option<String>,
    /// Session that it is about.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// How to join, in a line.
    #[arg(value_name = "line")]
    pub line: Option<String>,
}

/// Arguments of `extend`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Extend {
    /// Session whose debug build stays longer.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// How much longer, such as 90, 45m, 2h or 1h30m.
    #[arg(value_name = "duration")]
    pub duration: String,
}

/// Arguments of `continue`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Continue {
    /// Session whose debug build goes on.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `finish`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// Exit status of the debug build, 0 to 255, instead of its own.
    #[arg(short = 's', long = "status", value_name = "status")]
    pub status: Option<String>,
    /// Session whose debug build ends.
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
    /// Print what is known of a phase or step.
    Show,
    /// Print the output of a step's last run.
    Log,
    /// Compare the outputs of two runs of a step.
    Diff,
    /// Go to the output of a step's last run, in copy mode.
    Goto,
    /// Type the command into the step's pane that runs it again.
    Retry,
    /// Type the command into the build's pane that goes on.
    Next,
    /// Print the phase, the step and the state at which the build stands.
    Where,
}

impl PhaseAction {
    /// Whether it changes what others see.
    #[must_use]
    pub const fn types(self) -> bool {
        matches!(self, Self::Goto | Self::Retry | Self::Next)
    }
}
