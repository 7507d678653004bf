//! Arguments of the commands that put a pane into a mode to choose in. Data
//! only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// What the commands that open a list to choose from have in common.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Choose {
    /// Leaving the mode kills the pane.
    #[arg(short = 'k')]
    pub kill: bool,
    /// Begin without a preview; given twice, with a large one.
    #[arg(short = 'N', action = clap::ArgAction::Count)]
    pub no_preview: u8,
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// Ask for no confirmation.
    #[arg(short = 'y', hide = true)]
    pub no_confirm: bool,
    /// Zoom the pane while choosing.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// What to show for each item.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the items for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Shortcut key of each line.
    #[arg(short = 'K', value_name = "key-format")]
    pub key_format: Option<String>,
    /// Sort by this.
    #[arg(short = 'O', value_name = "sort-order")]
    pub order: Option<String>,
    /// Pane to choose in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Command to run with `%%` replaced by the item.
    #[arg(value_name = "template")]
    pub template: Option<String>,
}

/// Arguments of `choose-tree`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ChooseTree {
    /// Show every session of a group.
    #[arg(short = 'G')]
    pub whole_groups: bool,
    /// Leave the pane that chooses out of the list.
    #[arg(short = 'h')]
    pub hide_own: bool,
    /// Begin with information in place of the preview.
    #[arg(short = 'i', hide = true)]
    pub info: bool,
    /// Begin with sessions collapsed.
    #[arg(short = 's')]
    pub sessions: bool,
    /// Begin with windows collapsed.
    #[arg(short = 'w')]
    pub windows: bool,
    /// What all lists to choose from have.
    #[command(flatten)]
    pub choose: Choose,
}

/// Arguments of `choose-client`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ChooseClient {
    /// Leave the pane that chooses out of the list.
    #[arg(short = 'h')]
    pub hide_own: bool,
    /// Begin with information in place of the preview.
    #[arg(short = 'i')]
    pub info: bool,
    /// What all lists to choose from have.
    #[command(flatten)]
    pub choose: Choose,
}

/// Arguments of `choose-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ChooseBuffer {
    /// What all lists to choose from have.
    #[command(flatten)]
    pub choose: Choose,
}

/// Arguments of `customize-mode`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomizeMode {
    /// Leaving the mode kills the pane.
    #[arg(short = 'k')]
    pub kill: bool,
    /// Begin without the information.
    #[arg(short = 'N', action = clap::ArgAction::Count)]
    pub no_preview: u8,
    /// Zoom the pane while choosing.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// What to show for each item.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the items for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Pane to choose in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `switch-mode`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SwitchMode {
    /// Leaving the mode kills the pane.
    #[arg(short = 'k')]
    pub kill: bool,
    /// List sessions, as by default.
    #[arg(short = 's')]
    pub sessions: bool,
    /// List windows.
    #[arg(short = 'w')]
    pub windows: bool,
    /// Zoom the pane while choosing.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// What to show for each item.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Pane to choose in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Command to run with `%%` replaced by the item.
    #[arg(value_name = "command")]
    pub template: Option<String>,
}

/// Arguments of `display-panes`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayPanes {
    /// Do not wait until a pane is chosen.
    #[arg(short = 'b', hide = true)]
    pub background: bool,
    /// Leaving the mode kills the pane.
    #[arg(short = 'k')]
    pub kill: bool,
    /// Take no key.
    #[arg(short = 'N')]
    pub no_keys: bool,
    /// Do not zoom the pane.
    #[arg(short = 'Z')]
    pub no_zoom: bool,
    /// For how many milliseconds; 0 until a key.
    #[arg(short = 'd', value_name = "duration")]
    pub duration: Option<String>,
    /// Window whose panes are shown.
    #[arg(short = 's', value_name = "source-window")]
    pub source: Option<Target>,
    /// Pane to show them in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Command to run with `%%` replaced by the pane.
    #[arg(value_name = "template")]
    pub template: Option<String>,
}
