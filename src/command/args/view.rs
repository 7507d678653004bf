//! Arguments of the commands that show, ask and choose. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `display-message`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayMessage {
    /// List every format variable with its value.
    #[arg(short = 'a')]
    pub all: bool,
    /// Keep the panes changing while the message shows.
    #[arg(short = 'C')]
    pub keep_updating: bool,
    /// Show standard input in the empty pane, once it has ended.
    #[arg(short = 'I')]
    pub from_stdin: bool,
    /// Write the message anew, which is a JSON object.
    #[arg(short = 'j')]
    pub json: bool,
    /// Do not expand the message.
    #[arg(short = 'l')]
    pub literal: bool,
    /// A key does not end the message.
    #[arg(short = 'N')]
    pub ignore_keys: bool,
    /// Print instead of showing it in the status line.
    #[arg(short = 'p')]
    pub print: bool,
    /// Print how the format is expanded.
    #[arg(short = 'v')]
    pub verbose: bool,
    /// Client to show it on.
    #[arg(short = 'c', value_name = "target-client")]
    pub client: Option<String>,
    /// For how many milliseconds; 0 until a key.
    #[arg(short = 'd', value_name = "delay")]
    pub delay: Option<String>,
    /// The message as a format.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Pane that formats speak of.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The message.
    #[arg(value_name = "message")]
    pub message: Option<String>,
}

/// Arguments of `command-prompt`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandPrompt {
    /// Take one key, without Enter.
    #[arg(short = '1')]
    pub one_key: bool,
    /// Do not wait for the answer.
    #[arg(short = 'b')]
    pub background: bool,
    /// Keep the panes changing while the prompt shows.
    #[arg(short = 'C')]
    pub keep_updating: bool,
    /// Backspace in an empty prompt closes it.
    #[arg(short = 'e')]
    pub backspace_exit: bool,
    /// Expand the template as a format.
    #[arg(short = 'F')]
    pub expand: bool,
    /// Run the command at every change, as a search.
    #[arg(short = 'i')]
    pub incremental: bool,
    /// Take one key and give its name.
    #[arg(short = 'k')]
    pub key_name: bool,
    /// The prompts hold no formats.
    #[arg(short = 'l')]
    pub literal: bool,
    /// Take digits only.
    #[arg(short = 'N')]
    pub numeric: bool,
    /// Show the prompt in the pane.
    #[arg(short = 'P')]
    pub pane: bool,
    /// First answers, comma-separated.
    #[arg(short = 'I', value_name = "inputs")]
    pub inputs: Option<String>,
    /// Questions, comma-separated.
    #[arg(short = 'p', value_name = "prompts")]
    pub prompts: Option<String>,
    /// Client to ask.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// Kind of history: command or search.
    #[arg(short = 'T', value_name = "prompt-type")]
    pub prompt_type: Option<String>,
    /// Command to run, with %1 to %9 and %% replaced by the answers.
    #[arg(value_name = "template")]
    pub template: Option<String>,
    /// The template was written as a block.
    #[arg(skip)]
    pub block: bool,
}

/// Arguments of `confirm-before`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfirmBefore {
    /// Do not wait for the answer.
    #[arg(short = 'b')]
    pub background: bool,
    /// Enter means yes.
    #[arg(short = 'y')]
    pub default_yes: bool,
    /// Key that means yes; y by default.
    #[arg(short = 'c', value_name = "confirm-key")]
    pub confirm_key: Option<String>,
    /// The question.
    #[arg(short = 'p', value_name = "prompt")]
    pub prompt: Option<String>,
    /// Client to ask.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// Command to run on yes.
    #[arg(value_name = "command")]
    pub command: String,
}

/// Arguments of `show-messages`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowMessages {
    /// Show jobs instead.
    #[arg(short = 'J')]
    pub jobs: bool,
    /// Show terminals instead.
    #[arg(short = 'T')]
    pub terminals: bool,
    /// Client whose messages to show.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
}

/// Arguments of `show-prompt-history`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowPromptHistory {
    /// Kind of history: command or search; both by default.
    #[arg(short = 'T', value_name = "prompt-type")]
    pub prompt_type: Option<String>,
}

/// Arguments of `clear-prompt-history`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ClearPromptHistory {
    /// Kind of history: command or search; both by default.
    #[arg(short = 'T', value_name = "prompt-type")]
    pub prompt_type: Option<String>,
}
