//! Arguments of the commands on windows and their layouts. Data only: nothing here runs.

use clap::Args;

use crate::command::target::Target;

/// Arguments of `new-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct NewWindow {
    /// Insert after the target window, moving others up.
    #[arg(short = 'a')]
    pub after: bool,
    /// Insert before the target window, moving others up.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the new window current.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Start no program in it.
    #[arg(short = 'E')]
    pub empty: bool,
    /// Replace the window at the target index.
    #[arg(short = 'k')]
    pub kill_existing: bool,
    /// Print information about the new window.
    #[arg(short = 'P')]
    pub print: bool,
    /// Select the window of this name when there is one.
    #[arg(short = 'S')]
    pub select_existing: bool,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Set this NAME=VALUE in the program's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// What -P prints.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Name of the window.
    #[arg(short = 'n', value_name = "window-name")]
    pub name: Option<String>,
    /// Index for the new window.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// What to run instead of the shell.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Arguments of `kill-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KillWindow {
    /// Kill every window of the session but the target.
    #[arg(short = 'a')]
    pub others: bool,
    /// With -a, only the windows for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Window to kill.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `rename-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RenameWindow {
    /// Window to rename.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// The new name.
    #[arg(value_name = "new-name")]
    pub name: String,
}

/// Arguments of `select-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectWindow {
    /// Select the last window, as last-window does.
    #[arg(short = 'l')]
    pub last: bool,
    /// Select the next window, as next-window does.
    #[arg(short = 'n')]
    pub next: bool,
    /// Select the previous window, as previous-window does.
    #[arg(short = 'p')]
    pub previous: bool,
    /// When the target is current already, go to the last window.
    #[arg(short = 'T')]
    pub toggle: bool,
    /// Window to select.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `next-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct NextWindow {
    /// Go to the next window with an alert.
    #[arg(short = 'a')]
    pub alert: bool,
    /// Session to act on.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `previous-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviousWindow {
    /// Go to the previous window with an alert.
    #[arg(short = 'a')]
    pub alert: bool,
    /// Session to act on.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `last-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWindow {
    /// Session to act on.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `list-windows`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ListWindows {
    /// List the windows of every session.
    #[arg(short = 'a')]
    pub all: bool,
    /// Reverse the order.
    #[arg(short = 'r')]
    pub reversed: bool,
    /// What to print for each window.
    #[arg(short = 'F', value_name = "format")]
    pub format: Option<String>,
    /// Only the windows for which this format is true.
    #[arg(short = 'f', value_name = "filter")]
    pub filter: Option<String>,
    /// Sort by this: index, name or activity.
    #[arg(short = 'O', value_name = "order")]
    pub order: Option<String>,
    /// Session whose windows to list.
    #[arg(short = 't', value_name = "target-session")]
    pub target: Option<Target>,
}

/// Arguments of `move-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveWindow {
    /// Move to the next index after the destination.
    #[arg(short = 'a')]
    pub after: bool,
    /// Move to the index before the destination.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the moved window current.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Replace the window at the destination.
    #[arg(short = 'k')]
    pub kill_existing: bool,
    /// Renumber the session's windows in order.
    #[arg(short = 'r')]
    pub renumber: bool,
    /// Window to move.
    #[arg(short = 's', value_name = "src-window")]
    pub source: Option<Target>,
    /// Where to.
    #[arg(short = 't', value_name = "dst-window")]
    pub target: Option<Target>,
}

/// Arguments of `link-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkWindow {
    /// Link at the next index after the destination.
    #[arg(short = 'a')]
    pub after: bool,
    /// Link at the index before the destination.
    #[arg(short = 'b')]
    pub before: bool,
    /// Do not make the window current there.
    #[arg(short = 'd')]
    pub detached: bool,
    /// Replace the window at the destination.
    #[arg(short = 'k')]
    pub kill_existing: bool,
    /// Window to link.
    #[arg(short = 's', value_name = "src-window")]
    pub source: Option<Target>,
    /// Where to.
    #[arg(short = 't', value_name = "dst-window")]
    pub target: Option<Target>,
}

/// Arguments of `unlink-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct UnlinkWindow {
    /// End the window if it is linked nowhere else.
    #[arg(short = 'k')]
    pub kill: bool,
    /// Window to unlink.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `swap-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SwapWindow {
    /// Do not change which window is current.
    #[arg(short = 'd')]
    pub detached: bool,
    /// One window; the marked or current one by default.
    #[arg(short = 's', value_name = "src-window")]
    pub source: Option<Target>,
    /// The other window.
    #[arg(short = 't', value_name = "dst-window")]
    pub target: Option<Target>,
}

/// Arguments of `rotate-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RotateWindow {
    /// Rotate the panes forward.
    #[arg(short = 'D')]
    pub down: bool,
    /// Rotate the panes backward (the default).
    #[arg(short = 'U')]
    pub up: bool,
    /// Keep the window zoomed.
    #[arg(short = 'Z')]
    pub keep_zoom: bool,
    /// Window to rotate.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `resize-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct ResizeWindow {
    /// To the size of the smallest client that shows it.
    #[arg(short = 'a')]
    pub smallest: bool,
    /// To the size of the largest client that shows it.
    #[arg(short = 'A')]
    pub largest: bool,
    /// Move the lower edge down.
    #[arg(short = 'D')]
    pub down: bool,
    /// Move the right edge left.
    #[arg(short = 'L')]
    pub left: bool,
    /// Move the right edge right.
    #[arg(short = 'R')]
    pub right: bool,
    /// Move the lower edge up.
    #[arg(short = 'U')]
    pub up: bool,
    /// To this many columns.
    #[arg(short = 'x', value_name = "width")]
    pub width: Option<String>,
    /// To this many rows.
    #[arg(short = 'y', value_name = "height")]
    pub height: Option<String>,
    /// Window to resize.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// By how many cells; 1 by default.
    #[arg(value_name = "adjustment")]
    pub adjustment: Option<String>,
}

/// Arguments of `respawn-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct RespawnWindow {
    /// Start no program in it.
    #[arg(short = 'E')]
    pub empty: bool,
    /// Kill what still runs in the window.
    #[arg(short = 'k')]
    pub kill_existing: bool,
    /// Start in this directory.
    #[arg(short = 'c', value_name = "start-directory")]
    pub cwd: Option<String>,
    /// Set this NAME=VALUE in the program's environment.
    #[arg(short = 'e', value_name = "environment")]
    pub env: Vec<String>,
    /// Window to start again.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
    /// What to run; the first command again by default.
    #[arg(value_name = "shell-command")]
    pub command: Vec<String>,
}

/// Arguments of `select-layout`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectLayout {
    /// Spread the target pane and its neighbours evenly.
    #[arg(short = 'E')]
    pub even: bool,
    /// Go to the next preset layout.
    #[arg(short = 'n')]
    pub next: bool,
    /// Go back to the layout before the last change.
    #[arg(short = 'o')]
    pub undo: bool,
    /// Go to the previous preset layout.
    #[arg(short = 'p')]
    pub previous: bool,
    /// Window, by one of its panes.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// A preset's name, or a layout string; the last preset again by default.
    #[arg(value_name = "layout-name")]
    pub layout: Option<String>,
}

/// Arguments of `next-layout`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct NextLayout {
    /// Window to lay out.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `previous-layout`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviousLayout {
    /// Window to lay out.
    #[arg(short = 't', value_name = "target-window")]
    pub target: Option<Target>,
}

/// Arguments of `find-window`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct FindWindow {
    /// Look in the visible contents.
    #[arg(short = 'C')]
    pub content: bool,
    /// Ignore case.
    #[arg(short = 'i')]
    pub ignore_case: bool,
    /// Look in the names.
    #[arg(short = 'N')]
    pub name: bool,
    /// The pattern is a regular expression.
    #[arg(short = 'r')]
    pub regex: bool,
    /// Look in the titles.
    #[arg(short = 'T')]
    pub title: bool,
    /// Zoom the pane while choosing.
    #[arg(short = 'Z')]
    pub zoom: bool,
    /// Pane to choose in.
    #[arg(short = 't', value_name = "target-pane")]
    pub target: Option<Target>,
    /// What to look for.
    #[arg(value_name = "match-string")]
    pub pattern: String,
}
