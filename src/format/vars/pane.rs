//! Variables of the pane, its process, its terminal and its copy mode.

use crate::base::PaneId;
use crate::mux::copy::CopyMode;
use crate::mux::effect::Program;
use crate::mux::layout::StatusSide;
use crate::mux::peer::ExitStatus;
use crate::mux::{Mux, Pane, Window};
use crate::term::{CursorShape, MouseEncoding, MouseMode};

use super::super::{Kind, Scope};
use super::bit;

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let pane = mux.panes.get(&scope.pane?)?;
    let window = mux.windows.get(&pane.window)?;
    of_pane(name, mux, scope, pane)
        .or_else(|| of_process(name, pane))
        .or_else(|| place(name, mux, window, pane.id))
        .or_else(|| terminal(name, pane))
        .or_else(|| modes(name, pane))
        .or_else(|| super::copy::value(name, mux, pane))
        .or_else(|| looks(name, pane))
}

fn of_pane(name: &str, mux: &Mux, scope: &Scope<'_>, pane: &Pane) -> Option<String> {
    Some(match name {
        "pane_id" => pane.id.to_string(),
        "pane_title" => pane.title(&mux.server.host).to_string(),
        "pane_marked" => bit(mux.marked == Some(pane.id)),
        "pane_input_off" => bit(pane.input_off),
        "pane_pipe" => bit(pane.piped),
        "pane_pipe_pid" => pane
            .pipe_pid
            .map_or_else(String::new, |pid| pid.to_string()),
        "pane_synchronized" => bit(mux.pane_flag(Some(pane.id), "synchronize-panes")),
        "pane_format" => bit(scope.kind == Kind::Pane),
        "pane_in_mode" => {
            let count = pane.modes() + usize::from(pane.mode.is_some());
            count.to_string()
        }
        "pane_mode" if pane.clock => "clock-mode".to_owned(),
        "pane_mode" => match &pane.mode {
            Some(mode) => mode.kind.name().to_owned(),
            None => pane.copy.as_deref().map_or("", CopyMode::name).to_owned(),
        },
        "pane_typist" => pane
            .typist
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        "pane_watchers" => {
            let names: Vec<&str> = mux.watchers(pane.id).map(|c| c.name.as_str()).collect();
            names.join(",")
        }
        "pane_search_string" => pane.last_search.clone(),
        "pane_unseen_changes" => bit(pane.copy.is_some() && pane.stale),
        // Nothing for one that never wrote.
        "pane_last_output_time" if pane.outputs == 0 => String::new(),
        "pane_last_output_time" => pane.output_at.unix().to_string(),
        _ => return None,
    })
}

fn of_process(name: &str, pane: &Pane) -> Option<String> {
    let dead = pane.dead;
    Some(match name {
        // A pane that runs nothing has none; one that starts has 0 until it does.
        "pane_pid" | "pane_current_path" if dead.is_some() || pane.spec.program.is_nothing() => {
            String::new()
        }
        "pane_pid" => pane.process.as_ref().map_or(0, |p| p.pid).to_string(),
        "pane_tty" => pane.tty.clone(),
        "pane_start_command" => start_command(&pane.spec.program, &pane.start_command),
        "pane_start_command_list" => start_list(&pane.spec.program, &pane.start_command)?,
        "pane_start_path" => pane.spec.cwd.clone(),
        "pane_current_command" if pane.spec.program.is_nothing() => {
            start_command(&pane.spec.program, &pane.start_command)
        }
        "pane_current_command" => pane.current_command(),
        "pane_current_path" => pane.cwd.clone(),
        "pane_path" => pane.term.path().to_owned(),
        "pane_dead" => bit(dead.is_some()),
        "pane_dead_status" => match dead.map(|d| d.status) {
            Some(ExitStatus::Code(code)) => code.to_string(),
            Some(ExitStatus::Signal(_)) | None => String::new(),
        },
        "pane_dead_signal" => match dead.map(|d| d.status) {
            Some(ExitStatus::Signal(signal)) => signal.to_string(),
            Some(ExitStatus::Code(_)) | None => String::new(),
        },
        "pane_dead_time" => dead.map(|d| d.at.unix().to_string()).unwrap_or_default(),
        _ => return None,
    })
}

fn place(name: &str, mux: &Mux, window: &Window, pane: PaneId) -> Option<String> {
    let area = window.area(pane)?;
    let size = window.size;
    let status = window.layout.insets().status;
    let top = i32::from(status == Some(StatusSide::Top));
    let bottom = i32::from(size.rows()) - i32::from(status == Some(StatusSide::Bottom));
    let hidden = window.zoomed.is_some_and(|zoomed| zoomed == pane)
        || (window.zoomed.is_some() && !window.over_zoom.contains(&pane));
    let floats = window.layout.floats(pane) && !hidden;
    let modal = window.modal.is_some_and(|modal| modal.pane == pane);
    Some(match name {
        "pane_index" => {
            let at = window.panes().iter().position(|p| *p == pane)?;
            let base = mux.window_number(Some(window.id), "pane-base-index");
            (i64::try_from(at).ok()? + base).to_string()
        }
        "pane_active" => bit(window.active == pane),
        "pane_last" => bit(window.last.first() == Some(&pane)),
        "pane_width" => area.w.to_string(),
        "pane_height" => area.h.to_string(),
        "pane_left" => area.x.to_string(),
        "pane_top" => area.y.to_string(),
        "pane_right" => (area.right() - 1).to_string(),
        "pane_bottom" => (area.bottom() - 1).to_string(),
        "pane_x" => area.x.to_string(),
        "pane_y" => area.y.to_string(),
        "pane_z" => depth(window, pane).to_string(),
        "pane_at_left" => bit(area.x == 0),
        "pane_at_top" => bit(area.y == top),
        "pane_at_right" => bit(area.right() == i32::from(size.cols())),
        "pane_at_bottom" => bit(area.bottom() == bottom),
        "pane_floating_flag" => bit(floats),
        "pane_modal_flag" => bit(modal),
        "pane_zoomed_flag" => bit(window.zoomed == Some(pane)),
        "pane_unzoomed_width" => window.layout.area(pane)?.w.to_string(),
        "pane_unzoomed_height" => window.layout.area(pane)?.h.to_string(),
        "pane_flags" => {
            let marks = [
                (window.active == pane, "*"),
                (window.last.first() == Some(&pane), "-"),
                (window.zoomed == Some(pane), "Z"),
                (floats, "F"),
                (window.over_zoom.contains(&pane), "A"),
                (modal, "O"),
            ];
            marks
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, mark)| *mark)
                .collect()
        }
        _ => return None,
    })
}

/// How many of the floating panes that are seen are over one; a tiled pane
/// counts itself (as in tmux).
fn depth(window: &Window, pane: PaneId) -> usize {
    let floats = window.floating();
    let at = floats.iter().rev().position(|(other, _)| *other == pane);
    at.unwrap_or_else(|| {
        let over = window.layout.over(pane);
        let shown = over
            .iter()
            .filter(|other| floats.iter().any(|(pane, _)| pane == *other));
        shown.count() + 1
    })
}

fn terminal(name: &str, pane: &Pane) -> Option<String> {
    let term = &pane.term;
    let cursor = term.cursor();
    Some(match name {
        "cursor_x" => term.column_after().to_string(),
        "cursor_y" => cursor.pos.y.to_string(),
        "cursor_flag" => bit(cursor.visible),
        "cursor_blinking" => bit(cursor.blinking),
        "cursor_character" => {
            let mut text = String::new();
            let row = term.row(cursor.pos.y);
            // A cursor that waits to wrap is beyond its row.
            let at = usize::from(term.column_after());
            match row.get(at) {
                // What a character or a tab goes on with is none.
                Some(cell) if cell.is_half() => text.extend(cell.half_of()),
                Some(cell) if cell.is_tab_rest() => {}
                Some(cell) => term.pool().push_text(*cell, &mut text),
                None => text.push(' '),
            }
            text
        }
        "history_size" => term.history_rows().to_string(),
        "history_limit" => term.history_limit().to_string(),
        "history_bytes" => history_bytes(pane).to_string(),
        "history_all_bytes" => {
            let lines = term.history_rows() + usize::from(pane.size().rows());
            format!("{lines},{},0,0,0,0", history_bytes(pane))
        }
        "history_added" => term.rows_pushed().to_string(),
        "history_collected" => {
            let held = u64::try_from(term.history_rows()).unwrap_or(u64::MAX);
            term.rows_pushed().saturating_sub(held).to_string()
        }
        "history_generation" => term.history_generation().to_string(),
        "pane_output_generation" => pane.outputs.to_string(),
        "alternate_saved_x" | "alternate_saved_y" => u32::MAX.to_string(),
        "scroll_region_upper" => term.scroll_region().0.to_string(),
        "scroll_region_lower" => term.scroll_region().1.to_string(),
        "pane_tabs" => {
            let stops = term.tab_stops();
            stops
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(",")
        }
        _ => return None,
    })
}

/// Bytes of a line that holds nothing, as tmux counts them.
const LINE_BYTES: usize = 40;

/// Memory that the history and the screen take: ours, and what tmux takes for a
/// line.
fn history_bytes(pane: &Pane) -> usize {
    let lines = pane.term.history_rows() + usize::from(pane.size().rows());
    lines * LINE_BYTES + pane.term.history_bytes()
}

/// A command as its words would be written.
fn start_command(program: &Program, written: &str) -> String {
    match program {
        Program::Argv(words) => quote_all(words),
        _ if written.is_empty() => String::new(),
        _ => crate::command::quote(written),
    }
}

fn quote_all(words: &[String]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| crate::command::quote(word))
        .collect();
    quoted.join(" ")
}

/// The words of a command as a shell reads them.
fn start_list(program: &Program, written: &str) -> Option<String> {
    match program {
        Program::Argv(words) => {
            let quoted: Vec<String> = words.iter().map(|word| single(word)).collect();
            Some(quoted.join(" "))
        }
        _ => (!written.is_empty()).then(|| single(written)),
    }
}

fn single(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What a program made of its cursor and colours.
fn looks(name: &str, pane: &Pane) -> Option<String> {
    let term = &pane.term;
    let hex = |colour: Option<(u8, u8, u8)>, none: &str| match colour {
        Some((red, green, blue)) => format!("#{red:02x}{green:02x}{blue:02x}"),
        None => none.to_owned(),
    };
    let colours = term.colors();
    Some(match name {
        "pane_fg" => hex(colours.foreground, "default"),
        "pane_bg" => hex(colours.background, "default"),
        "cursor_colour" => hex(colours.cursor, "none"),
        "cursor_very_visible" => bit(false),
        "cursor_shape" => match term.cursor().shape {
            CursorShape::Default => "default",
            CursorShape::Block => "block",
            CursorShape::Underline => "underline",
            CursorShape::Bar => "bar",
        }
        .to_owned(),
        "pane_pb_state" => "hidden".to_owned(),
        "pane_pb_progress" | "pane_command_running" => "0".to_owned(),
        "pane_key_mode" => match term.modes().modify_other_keys {
            0 => "VT10x",
            1 => "Ext 1",
            _ => "Ext 2",
        }
        .to_owned(),
        "pane_private_modes" => private_modes(pane),
        _ => return None,
    })
}

/// The numbers of the DEC private modes that are set.
fn private_modes(pane: &Pane) -> String {
    let modes = pane.term.modes();
    let cursor = pane.term.cursor();
    let set = [
        (1, modes.app_cursor),
        (6, modes.origin),
        (7, modes.wrap),
        (12, cursor.blinking),
        (25, modes.cursor_visible),
        (1000, modes.mouse == MouseMode::Normal),
        (1002, modes.mouse == MouseMode::Button),
        (1003, modes.mouse == MouseMode::Any),
        (1004, modes.focus_events),
        (1005, modes.mouse_encoding == MouseEncoding::Utf8),
        (1006, modes.mouse_encoding == MouseEncoding::Sgr),
        (2004, modes.bracketed_paste),
        (2026, modes.sync),
        (2031, modes.color_scheme),
    ];
    let on = set.iter().filter(|(_, on)| *on);
    let numbers: Vec<String> = on.map(|(number, _)| number.to_string()).collect();
    numbers.join(",")
}

fn modes(name: &str, pane: &Pane) -> Option<String> {
    let modes = pane.term.modes();
    Some(bit(match name {
        "alternate_on" => modes.alternate,
        "insert_flag" => modes.insert,
        "keypad_cursor_flag" => modes.app_cursor,
        "keypad_flag" => modes.app_keypad,
        "origin_flag" => modes.origin,
        "wrap_flag" => modes.wrap,
        "bracket_paste_flag" => modes.bracketed_paste,
        "synchronized_output_flag" => modes.sync,
        "mouse_any_flag" => modes.mouse != MouseMode::Off,
        "mouse_standard_flag" => modes.mouse == MouseMode::Normal,
        "mouse_button_flag" => modes.mouse == MouseMode::Button,
        "mouse_all_flag" => modes.mouse == MouseMode::Any,
        "mouse_sgr_flag" => modes.mouse_encoding == MouseEncoding::Sgr,
        "mouse_utf8_flag" => modes.mouse_encoding == MouseEncoding::Utf8,
        _ => return None,
    }))
}

pub(super) fn scopes<'a>(mux: &Mux, scope: &Scope<'a>) -> Vec<(Scope<'a>, bool)> {
    let Some(window) = scope.window.and_then(|id| mux.windows.get(&id)) else {
        return Vec::new();
    };
    let panes = window.panes();
    panes
        .into_iter()
        .map(|pane| {
            let own = Scope {
                kind: Kind::Pane,
                pane: Some(pane),
                ..*scope
            };
            (own, window.active == pane)
        })
        .collect()
}
