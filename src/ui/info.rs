//! Information about a mode's selected item: a table of names and values, each
//! value a format.

use crate::base::{Pos, Size, Style};
use crate::format::{self, Scope};
use crate::mux::modes::{Item, Kind, Node};

use super::canvas::Canvas;
use super::modes::Drawing;

/// Columns of the names.
const NAMES: u16 = 14;

const SESSION: &[(&str, &str)] = &[
    (
        "Session",
        "#{session_name} #[fg=themelightgrey](#{session_id})",
    ),
    (
        "Created Time",
        "#{t:session_created} #[fg=themelightgrey](#{t/r:session_created})",
    ),
    (
        "Activity Time",
        "#{t:session_activity} #[fg=themelightgrey](#{t/r:session_activity})",
    ),
    (
        "Attached Time",
        "#{?session_last_attached,#{t:session_last_attached} #[fg=themelightgrey](#{t/r:session_last_attached}),#[fg=themelightgrey]never}",
    ),
    (
        "Clients",
        "#{?session_attached,#{session_attached_list},#[fg=themelightgrey]none}",
    ),
    ("Windows", "#{session_windows}"),
    ("Path", "#{session_path}"),
    (
        "Group",
        "#{?session_grouped,#{session_group}: #{session_group_list},none}",
    ),
    (
        "Flags",
        "#[fg=#{?session_attached,themegreen,themelightgrey}]attached \
         #[fg=#{?session_grouped,themegreen,themelightgrey}]grouped \
         #[fg=#{?session_marked,themegreen,themelightgrey}]marked \
         #[fg=#{?session_bell_flag,themegreen,themelightgrey}]bell \
         #[fg=#{?session_activity_flag,themegreen,themelightgrey}]activity \
         #[fg=#{?session_silence_flag,themegreen,themelightgrey}]silence",
    ),
];

const WINDOW: &[(&str, &str)] = &[
    (
        "Window",
        "#{window_index}: #{window_name} #[fg=themelightgrey](#{window_id})",
    ),
    ("Size", "#{window_width}x#{window_height}"),
    ("Panes", "#{window_panes}"),
    (
        "Activity Time",
        "#{t:window_activity} #[fg=themelightgrey](#{t/r:window_activity})",
    ),
    ("Sessions", "#{window_linked_sessions_list}"),
    (
        "Flags",
        "#[fg=#{?window_active,themegreen,themelightgrey}]active \
         #[fg=#{?window_last_flag,themegreen,themelightgrey}]last \
         #[fg=#{?window_bell_flag,themegreen,themelightgrey}]bell \
         #[fg=#{?window_activity_flag,themegreen,themelightgrey}]activity \
         #[fg=#{?window_silence_flag,themegreen,themelightgrey}]silence \
         #[fg=#{?window_zoomed_flag,themegreen,themelightgrey}]zoomed \
         #[fg=#{?window_marked_flag,themegreen,themelightgrey}]marked",
    ),
];

const PANE: &[(&str, &str)] = &[
    ("Pane", "#{pane_index} #[fg=themelightgrey](#{pane_id})"),
    ("Title", "#{pane_title}"),
    (
        "Command",
        "#{pane_current_command} #[fg=themelightgrey](PID #{pane_pid})",
    ),
    ("Path", "#{pane_current_path}"),
    ("TTY", "#{pane_tty}"),
    (
        "Position",
        "#{pane_left},#{pane_top} #{pane_width}x#{pane_height}",
    ),
    ("Mode", "#{?pane_in_mode,#{pane_mode},none}"),
    (
        "Flags",
        "#[fg=#{?pane_active,themegreen,themelightgrey}]active \
         #[fg=#{?window_zoomed_flag,themegreen,themelightgrey}]zoomed \
         #[fg=#{?pane_marked,themegreen,themelightgrey}]marked \
         #[fg=#{?pane_synchronized,themegreen,themelightgrey}]sync \
         #[fg=#{?pane_dead,themegreen,themelightgrey}]dead \
         #[fg=#{?pane_pipe,themegreen,themelightgrey}]piped",
    ),
];

const CLIENT: &[(&str, &str)] = &[
    (
        "Client Name",
        "#{client_name} #[fg=themelightgrey](PID #{client_pid})",
    ),
    ("Session", "#{client_session}"),
    (
        "Attach Time",
        "#{t:client_created} #[fg=themelightgrey](#{t/r:client_created})",
    ),
    (
        "Activity Time",
        "#{t:client_activity} #[fg=themelightgrey](#{t/r:client_activity})",
    ),
    ("Terminal Type", "#{client_termtype}"),
    ("TERM", "#{client_termname}"),
    (
        "Size",
        "#{client_width}x#{client_height} #[fg=themelightgrey](cell #{client_cell_width}x#{client_cell_height})",
    ),
    (
        "Bytes Written",
        "#{client_written} #[fg=themelightgrey](#{client_discarded} discarded)",
    ),
];

const RULE: (&str, &str) = ("-", "");

/// Draws the table of an item.
pub(super) fn draw(
    drawing: &Drawing<'_>,
    item: &Item,
    at: Pos,
    size: Size,
    canvas: &mut Canvas<'_>,
) {
    let mux = drawing.mux;
    if drawing.mode.kind == Kind::Options {
        let lines = drawing.mode.about.iter();
        for (line, y) in lines.zip(at.y..at.y.saturating_add(size.rows())) {
            canvas.styled(Pos::new(at.x, y), size.cols(), line, Style::DEFAULT, false);
        }
        return;
    }
    let rows: Vec<(&str, &str)> = match &item.node {
        Node::Session(_) => SESSION.to_vec(),
        Node::Window(..) => [WINDOW, &[RULE], SESSION].concat(),
        Node::Pane(..) => [PANE, &[RULE], WINDOW, &[RULE], SESSION].concat(),
        Node::Client(_) => CLIENT.to_vec(),
        _ => return,
    };
    let Some(scope) = scope(drawing, &item.node) else {
        return;
    };
    for y in 0..size.rows() {
        let place = Pos::new(at.x, at.y + y);
        let row = rows.get(usize::from(y)).copied();
        if row == Some(RULE) {
            canvas.across(place, size.cols(), drawing.border);
            let cross = Pos::new(at.x + NAMES, place.y);
            canvas.text(cross, "┼", 1, drawing.border);
            continue;
        }
        canvas.down(Pos::new(at.x + NAMES, place.y), 1, drawing.border);
        let Some((name, value)) = row else { continue };
        let name = format!("#[fg=themelightgrey]{name}");
        canvas.styled(place, NAMES, &name, Style::DEFAULT, false);
        let value = format::expand(value, mux, &scope);
        if let Some(room) = size.cols().checked_sub(NAMES + 2) {
            let place = Pos::new(at.x + NAMES + 2, place.y);
            canvas.styled(place, room, &value, Style::DEFAULT, false);
        }
    }
}

fn scope(drawing: &Drawing<'_>, node: &Node) -> Option<Scope<'static>> {
    let mux = drawing.mux;
    let window = |session, index: &u32| {
        let owner = mux.sessions.get(session)?;
        let window = owner.links.get(index)?.window;
        Some(Scope {
            session: Some(*session),
            index: Some(*index),
            window: Some(window),
            pane: mux.windows.get(&window).map(|window| window.active),
            now: mux.now,
            ..Scope::default()
        })
    };
    match node {
        Node::Session(id) => Some(Scope::of_session(mux, *id)),
        Node::Window(session, index) => window(session, index),
        Node::Pane(session, index, pane) => Some(Scope {
            pane: Some(*pane),
            ..window(session, index)?
        }),
        Node::Client(id) => Some(Scope::of_client(mux, *id)),
        _ => None,
    }
}
