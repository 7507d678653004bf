//! Arguments of menus and popups. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `display-menu`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayMenu {
    /// Take the mouse, however the menu was opened.
    #[arg(short = 'M')]
    pub mouse: bool,
    /// Stay open when the button is let go beside the menu.
    #[arg(short = 'O')]
    pub stay_open: bool,
    /// Lines of the border.
    #[arg(short = 'b', value_name = "border-lines")]
    pub border_lines: Option<String>,
    /// Client to show it on.
    #[arg(short = 'c', value_name = "target-client")]
    pub client: Option<String>,
    /// The item selected first, or `-` for none.
    #[arg(short = 'C', value_name = "starting-choice")]
    pub choice: Option<String>,
    /// Style of the selected item.
    #[arg(short = 'H', value_name = "selected-style")]
    pub selected_style: Option<String>,
    /// Style of the menu.
    #[arg(short = 's', value_name = "style")]
    pub style: Option<String>,
    /// Style of the border.
    #[arg(short = 'S', value_name = "border-style")]
    pub border_style: Option<String>,
    /// Pane that the commands are for.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The title, as a format.
    #[arg(short = 'T', value_name = "title")]
    pub title: Option<String>,
    /// Left edge: a column, one of C, R, P, M, L and W, or a format.
    #[arg(short = 'x', value_name = "position")]
    pub x: Option<String>,
    /// Bottom edge: a row, one of C, P, M, L, W and S, or a format.
    #[arg(short = 'y', value_name = "position")]
    pub y: Option<String>,
    /// Of each item its name, its key and its command; an empty name alone is
    /// a line between items.
    #[arg(value_name = "name [key] [command]", required = true)]
    pub items: Vec<String>,
}

/// Arguments of `display-popup`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayPopup {
    /// Draw no border.
    #[arg(short = 'B')]
    pub no_border: bool,
    /// Close the client's popup.
    #[arg(short = 'C')]
    pub close: bool,
    /// Close when the command ends; given twice, when it ends well.
    #[arg(short = 'E', action = clap::ArgAction::Count)]
    pub close_on_exit: u8,
    /// Any key closes it once the command has ended.
    #[arg(short = 'k')]
    pub any_key: bool,
    /// Take -E and -k of an open popup back.
    #[arg(short = 'N')]
    pub stay: bool,
    /// Lines of the border.
    #[arg(short = 'b', value_name = "border-lines")]
    pub border_lines: Option<String>,
    /// Client to show it on.
    #[arg(short = 'c', value_name = "target-client")]
    pub client: Option<String>,
    /// Where the command starts.
    #[arg(short = 'd', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// A variable for the command; may be repeated.
    #[arg(short = 'e', value_name = "environment")]
    pub environment: Vec<String>,
    /// Rows, or a percentage.
    #[arg(short = 'h', value_name = "height")]
    pub height: Option<String>,
    /// Style of the popup.
    #[arg(short = 's', value_name = "style")]
    pub style: Option<String>,
    /// Style of the border.
    #[arg(short = 'S', value_name = "border-style")]
    pub border_style: Option<String>,
    /// Pane that formats speak of.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The title, as a format.
    #[arg(short = 'T', value_name = "title")]
    pub title: Option<String>,
    /// Columns, or a percentage.
    #[arg(short = 'w', value_name = "width")]
    pub width: Option<String>,
    /// Left edge: a column, one of C, R, P, M, L and W, or a format.
    #[arg(short = 'x', value_name = "position")]
    pub x: Option<String>,
    /// Bottom edge: a row, one of C, P, M, L, W and S, or a format.
    #[arg(short = 'y', value_name = "position")]
    pub y: Option<String>,
    /// The shell command, or a program and its arguments.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}
