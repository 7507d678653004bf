//! Key help of modes: a box in the middle of the pane, if there is room for all
//! of it.

use crate::base::{Pos, Size, Style};
use crate::format::{self, Scope};
use crate::mux::modes::Kind;

use super::canvas::{BoxLines, Canvas};
use super::modes::Drawing;

/// What the keys of every mode do; `%1` stands for an item.
const FIRST: &[(&str, &str)] = &[
    ("Up, k", "Move cursor up"),
    ("Down, j", "Move cursor down"),
    ("g", "Go to top"),
    ("G", "Go to bottom"),
    ("PPage, C-b", "Page up"),
    ("NPage, C-f", "Page down"),
    ("Left, h", "Collapse %1"),
    ("Right, l", "Expand %1"),
    ("M--", "Collapse all %1s"),
    ("M-+", "Expand all %1s"),
    ("t", "Toggle %1 tag"),
    ("T", "Untag all %1s"),
    ("C-t", "Tag all %1s"),
    ("C-s", "Search forward"),
    ("n", "Repeat search forward"),
    ("N", "Repeat search backward"),
    ("f", "Filter %1s"),
    ("O", "Change sort order"),
    ("r", "Reverse sort order"),
    ("v", "Toggle preview"),
];

const TREE: &[(&str, &str)] = &[
    ("Enter", "Choose selected %1"),
    ("S-Up", "Swap current and previous window"),
    ("S-Down", "Swap current and next window"),
    ("x", "Kill selected %1"),
    ("X", "Kill tagged %1s"),
    ("<", "Scroll previews left"),
    (">", "Scroll previews right"),
    ("m", "Set the marked pane"),
    ("M", "Clear the marked pane"),
    ("i", "Toggle session, window and pane information"),
    (":", "Run a command for each tagged %1"),
    ("f", "Enter a format"),
    ("H", "Jump to the starting pane"),
];

const BUFFER: &[(&str, &str)] = &[
    ("Enter", "Paste selected %1"),
    ("p", "Paste selected %1"),
    ("P", "Paste tagged %1s"),
    ("d", "Delete selected %1"),
    ("D", "Delete tagged %1s"),
    ("e", "Open %1 in editor"),
    ("f", "Enter a filter"),
];

const CLIENT: &[(&str, &str)] = &[
    ("i", "Toggle info view"),
    ("Enter", "Choose selected %1"),
    ("d", "Detach selected %1"),
    ("D", "Detach tagged %1s"),
    ("x", "Detach selected %1"),
    ("X", "Detach tagged %1s"),
    ("z", "Suspend selected %1"),
    ("Z", "Suspend tagged %1s"),
    ("f", "Enter a filter"),
];

const OPTIONS: &[(&str, &str)] = &[
    ("Enter, s", "Set %1 value"),
    ("S", "Set global %1 value"),
    ("w", "Set window %1 value"),
    ("d", "Set to default value"),
    ("D", "Set tagged %1s to default value"),
    ("u", "Unset %1"),
    ("U", "Unset tagged %1s"),
    ("e", "Open the value in an editor"),
    ("f", "Enter a filter"),
];

const LAST: &[(&str, &str)] = &[("q, Escape", "Exit mode")];

/// Draws the help, if it fits.
pub(super) fn draw(drawing: &Drawing<'_>, canvas: &mut Canvas<'_>) {
    let (own, item, wide): (_, _, u16) = match drawing.mode.kind {
        Kind::Tree => (TREE, "item", 51),
        Kind::Buffer => (BUFFER, "buffer", 39),
        Kind::Client => (CLIENT, "client", 39),
        Kind::Options => (OPTIONS, "option", 52),
        Kind::Switch | Kind::Panes => (&[] as &[(&str, &str)], "item", 39),
    };
    let count = FIRST.len() + own.len() + LAST.len();
    let rows = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(2);
    let size = canvas.size();
    let columns = wide + 2;
    if size.cols() < columns || size.rows() < rows {
        return;
    }
    let at = Pos::new((size.cols() - columns) / 2, (size.rows() - rows) / 2);
    canvas.frame(
        at,
        Size::new(columns, rows),
        BoxLines::SINGLE,
        drawing.border,
    );
    let scope = Scope {
        pane: Some(drawing.pane.id),
        window: Some(drawing.pane.window),
        now: drawing.mux.now,
        ..Scope::default()
    };
    let border = "#[#{E:tree-mode-border-style}]│#[default]";
    let border = format::expand(border, drawing.mux, &scope);
    let lines = FIRST.iter().chain(own).chain(LAST);
    for ((key, text), y) in lines.zip(at.y + 1..) {
        let text = text.replace("%1", item);
        let line = format!("#[fg=themelightgrey]{key:>11} {border} {text}");
        let place = Pos::new(at.x + 1, y);
        canvas.blank(place, wide, Style::DEFAULT);
        canvas.styled(place, wide, &line, Style::DEFAULT, false);
    }
}
