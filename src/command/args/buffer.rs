//! Arguments of the commands on paste buffers. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `save-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SaveBuffer {
    /// Add to the file.
    #[arg(short = 'a')]
    pub append: bool,
    /// Buffer to write; the newest by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
    /// File, or `-` for standard output.
    #[arg(value_name = "path")]
    pub path: String,
}

/// Arguments of `load-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBuffer {
    /// Also set the client's clipboard.
    #[arg(short = 'w')]
    pub clipboard: bool,
    /// Buffer to set; a new one by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
    /// Client for -w.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// File, or `-` for standard input.
    #[arg(value_name = "path")]
    pub path: String,
}

/// Arguments of `set-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SetBuffer {
    /// Add to the buffer.
    #[arg(short = 'a')]
    pub append: bool,
    /// Also set the client's clipboard.
    #[arg(short = 'w')]
    pub clipboard: bool,
    /// Buffer to set; a new one by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
    /// Rename the buffer to this.
    #[arg(short = 'n', value_name = "new-buffer-name")]
    pub new_name: Option<String>,
    /// Client for -w.
    #[arg(short = 't', value_name = "target-client")]
    pub client: Option<String>,
    /// What to put into it.
    #[arg(value_name = "data")]
    pub data: Option<String>,
}

/// Arguments of `show-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowBuffer {
    /// Buffer to print; the newest by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
}

/// Arguments of `delete-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteBuffer {
    /// Buffer to delete; the newest by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
}

/// Arguments of `paste-buffer`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PasteBuffer {
    /// Delete the buffer afterwards.
    #[arg(short = 'd')]
    pub delete: bool,
    /// Paste in brackets when the program asked for them.
    #[arg(short = 'p')]
    pub bracketed: bool,
    /// Send line feeds as they are.
    #[arg(short = 'r')]
    pub no_replace: bool,
    /// Send control characters as they are.
    #[arg(short = 'S')]
    pub no_escape: bool,
    /// What to send for each line feed; a carriage return by default.
    #[arg(short = 's', value_name = "separator")]
    pub separator: Option<String>,
    /// Buffer to paste; the newest by default.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
    /// Pane to paste into.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `list-buffers`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListBuffers {
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each buffer.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the buffers for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Sort by this: name, size or creation.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
}
