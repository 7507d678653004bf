//! Arguments of the commands on panes. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `split-window`, and those that `new-pane` has of them.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitWindow {
    /// Put the new pane to the left or above.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the new pane active.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Make an empty pane.
    #[arg(short = 'E')]
    pub empty: bool,
    /// Set this NAME=VALUE in the program's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// Span the whole window.
    #[arg(short = 'f')]
    pub full: bool,
    /// Split left and right.
    #[arg(short = 'h')]
    pub horizontal: bool,
    /// Make an empty pane that shows standard input, once it has ended.
    #[arg(short = 'I')]
    pub from_stdin: bool,
    /// When the program has ended, close the pane at a key.
    #[arg(short = 'k')]
    pub keep: bool,
    /// Print information about the new pane.
    #[arg(short = 'P')]
    pub print: bool,
    /// Split above and below (the default).
    #[arg(short = 'v')]
    pub vertical: bool,
    /// Wait until the program has ended and return its exit status.
    #[arg(short = 'W')]
    pub wait: bool,
    /// Zoom the new pane; keep the window zoomed.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// Border lines of a floating pane.
    #[arg(short = 'B', value_name = "border-lines")]
    pub border_lines: Option<String>,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// What -P prints.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Columns or rows of the new pane, or a percentage.
    #[arg(short = 'l', value_name = "size")]
    pub size: Option<String>,
    /// As -k, with this message.
    #[arg(short = 'm', value_name = "message")]
    pub message: Option<String>,
    /// Size as a percentage.
    #[arg(short = 'p', value_name = "percentage")]
    pub percentage: Option<String>,
    /// Style of the pane's content.
    #[arg(short = 's', value_name = "style")]
    pub style: Option<String>,
    /// Style of the border while the pane is active.
    #[arg(short = 'S', value_name = "active-border-style")]
    pub active_border: Option<String>,
    /// Style of the border while the pane is not active.
    #[arg(short = 'R', value_name = "inactive-border-style")]
    pub inactive_border: Option<String>,
    /// Title of the new pane.
    #[arg(short = 'T', value_name = "title")]
    pub title: Option<String>,
    /// Pane to split.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// What to run instead of the shell; empty for an empty pane.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Where a floating pane is to be and how large; cells or percentages.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    /// Columns, or a percentage of the window's.
    #[arg(short = 'x', value_name = "width")]
    pub width: Option<String>,
    /// Rows, or a percentage of the window's.
    #[arg(short = 'y', value_name = "height")]
    pub height: Option<String>,
    /// Left column, or a percentage of the window's.
    #[arg(short = 'X', value_name = "x-position")]
    pub x: Option<String>,
    /// Top row, or a percentage of the window's.
    #[arg(short = 'Y', value_name = "y-position")]
    pub y: Option<String>,
}

/// Arguments of `new-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPane {
    /// Keep it in sight over a zoomed pane.
    #[arg(short = 'A')]
    pub over_zoom: bool,
    /// Close a modal pane by a click outside it.
    #[arg(short = 'C')]
    pub close_on_click: bool,
    /// Close a modal pane by Escape or C-c.
    #[arg(short = 'D')]
    pub close_on_escape: bool,
    /// Give a modal pane all keys, the prefix too.
    #[arg(short = 'K')]
    pub all_keys: bool,
    /// Split a pane, as split-window does.
    #[arg(short = 'L')]
    pub tiled: bool,
    /// Follow the mouse; only for mouse bindings.
    #[arg(short = 'M')]
    pub mouse: bool,
    /// Make it modal: no other pane can be used beside it.
    #[arg(short = 'O')]
    pub modal: bool,
    /// Its place.
    #[command(flatten)]
    pub place: Geometry,
    /// What it has of split-window.
    #[command(flatten)]
    pub split: SplitWindow,
}

/// Arguments of `select-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectPane {
    /// Select the pane below.
    #[arg(short = 'D')]
    pub down: bool,
    /// Take no more input.
    #[arg(short = 'd')]
    pub disable_input: bool,
    /// Take input again.
    #[arg(short = 'e')]
    pub enable_input: bool,
    /// Select the pane to the left.
    #[arg(short = 'L')]
    pub left: bool,
    /// Select the last pane, as last-pane does.
    #[arg(short = 'l')]
    pub last: bool,
    /// Clear the marked pane.
    #[arg(short = 'M')]
    pub clear_mark: bool,
    /// Mark the pane, or unmark it when it is marked.
    #[arg(short = 'm')]
    pub mark: bool,
    /// Select the pane to the right.
    #[arg(short = 'R')]
    pub right: bool,
    /// Select the pane above.
    #[arg(short = 'U')]
    pub up: bool,
    /// Keep the window zoomed.
    #[arg(short = 'Z')]
    pub keep_zoom: bool,
    /// Print the pane's window-style.
    #[arg(short = 'g')]
    pub show_style: bool,
    /// Set the pane's window-style.
    #[arg(short = 'P', value_name = "style")]
    pub style: Option<String>,
    /// Set the pane's title.
    #[arg(short = 'T', value_name = "title")]
    pub title: Option<String>,
    /// Pane to select.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `last-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LastPane {
    /// Disable input to the pane.
    #[arg(short = 'd')]
    pub disable_input: bool,
    /// Enable input to the pane.
    #[arg(short = 'e')]
    pub enable_input: bool,
    /// Keep the window zoomed.
    #[arg(short = 'Z')]
    pub keep_zoom: bool,
    /// Window to act on.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `kill-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KillPane {
    /// Kill every pane of the window but the target.
    #[arg(short = 'a')]
    pub others: bool,
    /// With -a, only the panes for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Pane to kill.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `list-panes`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPanes {
    /// List the panes of the whole server.
    #[arg(short = 'a')]
    pub all: bool,
    /// The target is a session: list all its panes.
    #[arg(short = 's')]
    pub session: bool,
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each pane.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the panes for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Sort by this: index, creation or activity.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
    /// Window whose panes to list.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `resize-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ResizePane {
    /// Resize by the mouse; only for mouse bindings.
    #[arg(short = 'M')]
    pub mouse: bool,
    /// Drop the lines below the cursor, taking lines from the history.
    #[arg(short = 'T')]
    pub trim: bool,
    /// Zoom the pane, or unzoom it.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// Move the border down.
    #[arg(short = 'D', num_args = 0..=1, require_equals = true, value_name = "lines")]
    pub down: Option<Option<String>>,
    /// Move the border left.
    #[arg(short = 'L', num_args = 0..=1, require_equals = true, value_name = "columns")]
    pub left: Option<Option<String>>,
    /// Move the border right.
    #[arg(short = 'R', num_args = 0..=1, require_equals = true, value_name = "columns")]
    pub right: Option<Option<String>>,
    /// Move the border up.
    #[arg(short = 'U', num_args = 0..=1, require_equals = true, value_name = "lines")]
    pub up: Option<Option<String>>,
    /// To this many columns, or a percentage.
    #[arg(short = 'x', value_name = "width")]
    pub width: Option<String>,
    /// To this many rows, or a percentage.
    #[arg(short = 'y', value_name = "height")]
    pub height: Option<String>,
    /// Pane to resize.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// By how many cells, for -D, -L, -R or -U; 1 by default.
    #[arg(value_name = "adjustment", hide = true)]
    pub adjustment: Option<String>,
}

/// Arguments of `swap-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SwapPane {
    /// Do not change which pane is active.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Swap with the next pane.
    #[arg(short = 'D')]
    pub down: bool,
    /// Swap with the previous pane.
    #[arg(short = 'U')]
    pub up: bool,
    /// Keep the window zoomed.
    #[arg(short = 'Z')]
    pub keep_zoom: bool,
    /// One pane; the marked or active one by default.
    #[arg(short = 's', value_name = "src-pane")]
    pub source: Option<Target>,
    /// The other pane.
    #[arg(short = 't', value_name = "dst-pane")]
    pub target: Option<Target>,
}

/// Arguments of `break-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct BreakPane {
    /// Insert after the destination window.
    #[arg(short = 'a')]
    pub after: bool,
    /// Insert before the destination window.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the new window current, or the floating pane active.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Print information about the new window.
    #[arg(short = 'P')]
    pub print: bool,
    /// Let the pane float in its window.
    #[arg(short = 'W')]
    pub float: bool,
    /// What -P prints.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Name of the new window.
    #[arg(short = 'n', value_name = "window-name")]
    pub name: Option<String>,
    /// Pane to break off.
    #[arg(short = 's', value_name = "src-pane")]
    pub source: Option<Target>,
    /// Where to put it.
    #[arg(short = 't', value_name = "dst-window")]
    pub target: Option<Target>,
    /// The floating pane's place.
    #[command(flatten)]
    pub place: Geometry,
}

/// Arguments of `join-pane`, and those that `move-pane` has of them.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinPane {
    /// Put the pane to the left or above.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the joined pane active.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Span the whole window.
    #[arg(short = 'f')]
    pub full: bool,
    /// Split left and right.
    #[arg(short = 'h')]
    pub horizontal: bool,
    /// Split above and below (the default).
    #[arg(short = 'v')]
    pub vertical: bool,
    /// Columns or rows of the joined pane, or a percentage.
    #[arg(short = 'l', value_name = "size")]
    pub size: Option<String>,
    /// Size as a percentage.
    #[arg(short = 'p', value_name = "percentage")]
    pub percentage: Option<String>,
    /// Pane to join; the marked or active one by default.
    #[arg(short = 's', value_name = "src-pane")]
    pub source: Option<Target>,
    /// Pane to split, or floating pane to move.
    #[arg(short = 't', value_name = "dst-pane")]
    pub target: Option<Target>,
}

/// Arguments of `move-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct MovePane {
    /// Move a floating pane by the mouse; only for mouse bindings.
    #[arg(short = 'M')]
    pub mouse: bool,
    /// Move a floating pane down.
    #[arg(short = 'D', num_args = 0..=1, require_equals = true, value_name = "lines")]
    pub down: Option<Option<String>>,
    /// Move a floating pane left.
    #[arg(short = 'L', num_args = 0..=1, require_equals = true, value_name = "columns")]
    pub left: Option<Option<String>>,
    /// Move a floating pane right.
    #[arg(short = 'R', num_args = 0..=1, require_equals = true, value_name = "columns")]
    pub right: Option<Option<String>>,
    /// Move a floating pane up.
    #[arg(short = 'U', num_args = 0..=1, require_equals = true, value_name = "lines")]
    pub up: Option<Option<String>>,
    /// Move a floating pane to this position.
    #[arg(short = 'P', value_name = "position")]
    pub position: Option<String>,
    /// Move a floating pane to this column, or a percentage.
    #[arg(short = 'X', value_name = "x-position")]
    pub x: Option<String>,
    /// Move a floating pane to this row, or a percentage.
    #[arg(short = 'Y', value_name = "y-position")]
    pub y: Option<String>,
    /// Put so many floating panes over it.
    #[arg(short = 'z', value_name = "z-index")]
    pub depth: Option<String>,
    /// What it has of join-pane.
    #[command(flatten)]
    pub join: JoinPane,
}

/// Arguments of `respawn-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RespawnPane {
    /// Start no program in it.
    #[arg(short = 'E')]
    pub empty: bool,
    /// Kill what still runs in the pane.
    #[arg(short = 'k')]
    pub kill_existing: bool,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Set this NAME=VALUE in the program's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// Pane to start again.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// What to run; the first command again by default.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Arguments of `capture-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct CapturePane {
    /// The alternate screen.
    #[arg(short = 'a')]
    pub alternate: bool,
    /// Write controls as octal escapes.
    #[arg(short = 'C')]
    pub octal: bool,
    /// Write attributes and colours as escape sequences.
    #[arg(short = 'e')]
    pub escapes: bool,
    /// Begin each line with its flags.
    #[arg(short = 'F')]
    pub line_flags: bool,
    /// Write hyperlinks as escape sequences.
    #[arg(short = 'H')]
    pub hyperlinks: bool,
    /// Join wrapped lines and keep trailing spaces.
    #[arg(short = 'J')]
    pub join: bool,
    /// Begin each line with its number.
    #[arg(short = 'L')]
    pub line_numbers: bool,
    /// The copy mode's screen when the pane is in it.
    #[arg(short = 'M')]
    pub mode: bool,
    /// Keep trailing spaces.
    #[arg(short = 'N')]
    pub trailing: bool,
    /// Print instead of making a buffer.
    #[arg(short = 'p')]
    pub print: bool,
    /// Only the start of an escape sequence not yet complete.
    #[arg(short = 'P')]
    pub pending: bool,
    /// No error when there is no alternate screen.
    #[arg(short = 'q')]
    pub quiet: bool,
    /// Dump the grid cell by cell.
    #[arg(short = 'R')]
    pub raw: bool,
    /// Leave out cells that were never written.
    #[arg(short = 'T')]
    pub no_pad: bool,
    /// Buffer to make.
    #[arg(short = 'b', value_name = "buffer-name")]
    pub buffer: Option<String>,
    /// Last line; 0 the first visible, negative in the history, `-` the end.
    #[arg(short = 'E', value_name = "end-line")]
    pub end: Option<String>,
    /// First line; 0 the first visible, negative in the history, `-` the beginning.
    #[arg(short = 'S', value_name = "start-line")]
    pub start: Option<String>,
    /// Pane to capture.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `clear-history`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ClearHistory {
    /// Forget the hyperlinks too.
    #[arg(short = 'H')]
    pub hyperlinks: bool,
    /// Pane whose history to clear.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `pipe-pane`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PipePane {
    /// Type the command's output into the pane.
    #[arg(short = 'I')]
    pub input: bool,
    /// Give the pane's output to the command (the default).
    #[arg(short = 'O')]
    pub output: bool,
    /// Only open a pipe when there is none.
    #[arg(short = 'o')]
    pub toggle: bool,
    /// Pane to pipe.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// The command; without one, the pipe is closed.
    #[arg(value_name = "shell-command")]
    pub command: Option<String>,
}

/// Arguments of `send-keys`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SendKeys {
    /// Expand formats in the arguments.
    #[arg(short = 'F')]
    pub expand: bool,
    /// Each key is a character's number in hexadecimal.
    #[arg(short = 'H')]
    pub hex: bool,
    /// Give the keys to the client's key table, not to the pane.
    #[arg(short = 'K')]
    pub client_keys: bool,
    /// Send the keys as text, without looking up names.
    #[arg(short = 'l')]
    pub literal: bool,
    /// Pass a mouse event through; only for mouse bindings.
    #[arg(short = 'M')]
    pub mouse: bool,
    /// Reset the terminal first.
    #[arg(short = 'R')]
    pub reset: bool,
    /// The arguments are a copy-mode command.
    #[arg(short = 'X')]
    pub mode_command: bool,
    /// Client for -K.
    #[arg(short = 'c', value_name = "target-client")]
    pub client: Option<String>,
    /// How often.
    #[arg(short = 'N', value_name = "repeat-count")]
    pub repeat: Option<String>,
    /// Pane to type into.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// Key names, or text.
    #[arg(value_name = "key")]
    pub keys: Vec<String>,
}

/// Arguments of `send-prefix`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SendPrefix {
    /// Send prefix2 instead.
    #[arg(short = '2')]
    pub secondary: bool,
    /// Pane to type into.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `clock-mode`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockMode {
    /// Pane to show the clock in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}

/// Arguments of `copy-mode`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyMode {
    /// Scroll down one page.
    #[arg(short = 'd')]
    pub page_down: bool,
    /// Leave when scrolled to the bottom.
    #[arg(short = 'e')]
    pub exit_at_bottom: bool,
    /// Hide the position indicator.
    #[arg(short = 'H')]
    pub hide_position: bool,
    /// Leaving the mode kills the pane.
    #[arg(short = 'k')]
    pub kill: bool,
    /// Begin a mouse drag; only for mouse bindings.
    #[arg(short = 'M')]
    pub drag: bool,
    /// Leave copy mode and every other mode.
    #[arg(short = 'q')]
    pub quit: bool,
    /// Scroll to the mouse; only for mouse bindings.
    #[arg(short = 'S')]
    pub scroll: bool,
    /// Scroll up one page.
    #[arg(short = 'u')]
    pub page_up: bool,
    /// Look at this pane's contents instead.
    #[arg(short = 's', value_name = "src-pane")]
    pub source: Option<Target>,
    /// Pane to put into copy mode.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
}
