//! Arguments of the commands on options, environment and hooks. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `set-option`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SetOption {
    /// Add to the value of a string, style or array.
    #[arg(short = 'a')]
    pub append: bool,
    /// Expand formats in the value.
    #[arg(short = 'F')]
    pub expand: bool,
    /// The global value.
    #[arg(short = 'g')]
    pub global: bool,
    /// Only when it is not set yet.
    #[arg(short = 'o')]
    pub only_new: bool,
    /// A pane option.
    #[arg(short = 'p')]
    pub pane: bool,
    /// No error for an unknown or ambiguous option.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// A server option.
    #[arg(short = 's')]
    pub server: bool,
    /// Unset it; an own value falls back to the inherited one.
    #[arg(short = 'u')]
    pub unset: bool,
    /// Like -u, and in every pane of the window.
    #[arg(short = 'U')]
    pub unset_panes: bool,
    /// A window option.
    #[arg(short = 'w')]
    pub window: bool,
    /// Whose option.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The option's name.
    #[arg(value_name = "option")]
    pub option: String,
    /// Its value; without one, a flag or a choice of two changes over.
    #[arg(value_name = "value")]
    pub value: Option<String>,
}

/// Arguments of `set-window-option`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SetWindowOption {
    /// Add to the value of a string, style or array.
    #[arg(short = 'a')]
    pub append: bool,
    /// Expand formats in the value.
    #[arg(short = 'F')]
    pub expand: bool,
    /// The global value.
    #[arg(short = 'g')]
    pub global: bool,
    /// Only when it is not set yet.
    #[arg(short = 'o')]
    pub only_new: bool,
    /// No error for an unknown or ambiguous option.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// Unset it; an own value falls back to the inherited one.
    #[arg(short = 'u')]
    pub unset: bool,
    /// Whose option.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// The option's name.
    #[arg(value_name = "option")]
    pub option: String,
    /// Its value; without one, a flag or a choice of two changes over.
    #[arg(value_name = "value")]
    pub value: Option<String>,
}

/// Arguments of `show-options`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowOptions {
    /// Show inherited values too, marked with a star.
    #[arg(short = 'A')]
    pub inherited: bool,
    /// The global values.
    #[arg(short = 'g')]
    pub global: bool,
    /// Show hooks too.
    #[arg(short = 'H')]
    pub hooks: bool,
    /// Pane options.
    #[arg(short = 'p')]
    pub pane: bool,
    /// No error for an unknown option.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// Server options.
    #[arg(short = 's')]
    pub server: bool,
    /// Only the value.
    #[arg(short = 'v')]
    pub value_only: bool,
    /// Window options.
    #[arg(short = 'w')]
    pub window: bool,
    /// What to print for each option.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Whose options.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Only this option.
    #[arg(value_name = "option")]
    pub option: Option<String>,
}

/// Arguments of `show-window-options`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowWindowOptions {
    /// The global values.
    #[arg(short = 'g')]
    pub global: bool,
    /// Only the value.
    #[arg(short = 'v')]
    pub value_only: bool,
    /// What to print for each option.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Whose options.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// Only this option.
    #[arg(value_name = "option")]
    pub option: Option<String>,
}

/// Arguments of `set-environment`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SetEnvironment {
    /// Expand formats in the value.
    #[arg(short = 'F')]
    pub expand: bool,
    /// The global environment.
    #[arg(short = 'g')]
    pub global: bool,
    /// Hidden from programs.
    #[arg(short = 'h')]
    pub hidden: bool,
    /// Remove the variable from programs' environment.
    #[arg(short = 'r')]
    pub remove: bool,
    /// Unset the variable here.
    #[arg(short = 'u')]
    pub unset: bool,
    /// Session whose environment to change.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// The variable.
    #[arg(value_name = "variable")]
    pub name: String,
    /// Its value.
    #[arg(value_name = "value")]
    pub value: Option<String>,
}

/// Arguments of `show-environment`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowEnvironment {
    /// The global environment.
    #[arg(short = 'g')]
    pub global: bool,
    /// Only hidden variables.
    #[arg(short = 'h')]
    pub hidden: bool,
    /// Print as commands for a Bourne shell.
    #[arg(short = 's')]
    pub shell: bool,
    /// Session whose environment to show.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
    /// Only this variable.
    #[arg(value_name = "variable")]
    pub name: Option<String>,
}

/// Arguments of `set-hook`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SetHook {
    /// Add a command to the hook.
    #[arg(short = 'a')]
    pub append: bool,
    /// The global hook.
    #[arg(short = 'g')]
    pub global: bool,
    /// A pane hook.
    #[arg(short = 'p')]
    pub pane: bool,
    /// Fire the event of this name, which begins with `@`.
    #[arg(short = 'E')]
    pub event: bool,
    /// Run the hook now.
    #[arg(short = 'R')]
    pub run: bool,
    /// With -B, run the hook only when the format has become true.
    #[arg(short = 'T')]
    pub when_true: bool,
    /// Unset the hook, or with -B the subscription.
    #[arg(short = 'u')]
    pub unset: bool,
    /// A window hook.
    #[arg(short = 'w')]
    pub window: bool,
    /// Run the hook `@name` whenever a format has changed, looked at once a second.
    #[arg(short = 'B', value_name = "name:what:format")]
    pub monitor: Option<String>,
    /// Whose hook.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The hook's name; with -B what it runs.
    #[arg(value_name = "hook")]
    pub hook: Option<String>,
    /// What it runs.
    #[arg(value_name = "command")]
    pub command: Option<String>,
}

/// Arguments of `show-hooks`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowHooks {
    /// The subscriptions of set-hook -B.
    #[arg(short = 'B')]
    pub monitors: bool,
    /// The global hooks.
    #[arg(short = 'g')]
    pub global: bool,
    /// Pane hooks.
    #[arg(short = 'p')]
    pub pane: bool,
    /// Window hooks.
    #[arg(short = 'w')]
    pub window: bool,
    /// What to print for each hook.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Whose hooks.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Only this hook.
    #[arg(value_name = "hook")]
    pub hook: Option<String>,
}
