//! Variables of the window, and of its place in the session.

use std::collections::BTreeSet;

use crate::base::{Pos, Size};
use crate::mux::session::Alerts;
use crate::mux::{Mux, Window};

use super::super::{Kind, Scope};
use super::bit;

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let window = mux.windows.get(&scope.window?)?;
    linked(name, mux, scope, window)
        .or_else(|| of_window(name, mux, scope, window))
        .or_else(|| of_others(name, mux, window))
}

/// What depends on the window alone.
fn of_window(name: &str, mux: &Mux, scope: &Scope<'_>, window: &Window) -> Option<String> {
    Some(match name {
        "window_id" => window.id.to_string(),
        "window_name" => window.name.clone(),
        "window_panes" => window.panes().len().to_string(),
        "window_width" => window.size.cols().to_string(),
        "window_manual_width" | "window_manual_height" => {
            if mux.window_str(Some(window.id), "window-size") != "manual" {
                return None;
            }
            let side = if name.ends_with("width") {
                window.manual.cols()
            } else {
                window.manual.rows()
            };
            side.to_string()
        }
        "window_height" => window.size.rows().to_string(),
        "window_layout" | "window_visible_layout" => {
            let form = mux.layout_form(scope.caller.or(scope.client));
            let base = mux.window_number(Some(window.id), "pane-base-index");
            if name == "window_layout" {
                window.layout_text(form, base)
            } else {
                window.visible_layout_text(form, base)
            }
        }
        "window_modal_pane" => window
            .modal
            .map(|modal| modal.pane.to_string())
            .unwrap_or_default(),
        "window_zoomed_flag" => bit(window.zoomed.is_some()),
        "window_activity" => window.activity.unix().to_string(),
        "window_format" => bit(scope.kind == Kind::Window),
        // What tmux takes a cell for whose pixels nobody told.
        "window_cell_width" => "16".to_owned(),
        "window_cell_height" => "32".to_owned(),
        "window_bigger" => bit(bigger(mux, scope, window.size)?),
        "window_offset_x" => pan(mux, scope, window)?.x.to_string(),
        "window_offset_y" => pan(mux, scope, window)?.y.to_string(),
        "window_marked_flag" => bit(mux.marked.is_some_and(|pane| window.has(pane))),
        _ => return None,
    })
}

/// What depends on the sessions and clients that show the window.
fn of_others(name: &str, mux: &Mux, window: &Window) -> Option<String> {
    let clients = || {
        mux.clients.values().filter(|client| {
            let session = client.session.and_then(|id| mux.sessions.get(&id));
            !client.records && session.is_some_and(|s| s.window() == Some(window.id))
        })
    };
    let sessions = || mux.sessions_of(window.id);
    let in_order = || mux.sessions_in_order(window.id).into_iter();
    // A session has it as often as it is linked there.
    let links = || {
        in_order().flat_map(|s| {
            let links = s.links.values().filter(|link| link.window == window.id);
            links.map(move |_| s)
        })
    };
    let active = || sessions().filter(|s| s.window() == Some(window.id));
    Some(match name {
        "window_linked" => bit(links().count() > 1),
        // A group counts once (tmux(1), FORMATS).
        "window_linked_sessions" => {
            let groups: BTreeSet<&String> = sessions().filter_map(|s| s.group.as_ref()).collect();
            let alone = sessions().filter(|s| s.group.is_none()).count();
            (groups.len() + alone).to_string()
        }
        "window_linked_sessions_list" => join(links().map(|s| s.name.clone())),
        "window_active_clients" => clients().count().to_string(),
        "window_active_clients_list" => join(clients().map(|c| c.name.clone())),
        "window_active_sessions" => active().count().to_string(),
        "window_active_sessions_list" => join(
            in_order()
                .filter(|s| s.window() == Some(window.id))
                .map(|s| s.name.clone()),
        ),
        _ => return None,
    })
}

/// What depends on the window's link in the session.
fn linked(name: &str, mux: &Mux, scope: &Scope<'_>, window: &Window) -> Option<String> {
    let session = mux.sessions.get(&scope.session?)?;
    let index = scope.index.or_else(|| session.index_of(window.id))?;
    let alerts = session
        .links
        .get(&index)
        .map_or_else(Alerts::default, |link| link.alerts);
    let current = session.current == index;
    let last = session.last.first() == Some(&index);
    Some(match name {
        "window_index" => index.to_string(),
        "window_active" => bit(current),
        "window_last_flag" => bit(last),
        "window_bell_flag" => bit(alerts.bell),
        "window_activity_flag" => bit(alerts.activity),
        "window_silence_flag" => bit(alerts.silence),
        "window_start_flag" => bit(session.links.keys().next() == Some(&index)),
        "window_end_flag" => bit(session.links.keys().next_back() == Some(&index)),
        "window_stack_index" => {
            let at = session.last.iter().position(|old| *old == index);
            at.map_or(0, |at| at + 1).to_string()
        }
        "window_flags" | "window_raw_flags" => {
            let marks = [
                (alerts.activity, "#"),
                (alerts.bell, "!"),
                (alerts.silence, "~"),
                (current, "*"),
                (last, "-"),
                (
                    mux.marked.is_some_and(|pane| window.has(pane))
                        && session.index_of(window.id) == Some(index),
                    "M",
                ),
                (window.modal.is_some(), "O"),
                (window.zoomed.is_some(), "Z"),
            ];
            let set = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark);
            let text: String = set.collect();
            if name == "window_flags" {
                text.replace('#', "##")
            } else {
                text
            }
        }
        _ => return None,
    })
}

/// Where a client's part of a window begins that is bigger than the client.
fn pan(mux: &Mux, scope: &Scope<'_>, window: &Window) -> Option<Pos> {
    bigger(mux, scope, window.size).filter(|bigger| *bigger)?;
    let client = mux.clients.get(&scope.client?)?;
    Some(mux.pan(client, window))
}

/// Whether a window is bigger than the client, if there is one.
fn bigger(mux: &Mux, scope: &Scope<'_>, size: Size) -> Option<bool> {
    let client = mux.clients.get(&scope.client?)?;
    let area = mux.window_area(client);
    Some(area.is_some_and(|area| size.cols() > area.cols() || size.rows() > area.rows()))
}

fn join(list: impl Iterator<Item = String>) -> String {
    list.collect::<Vec<_>>().join(",")
}

pub(super) fn scopes<'a>(mux: &Mux, scope: &Scope<'a>) -> Vec<(Scope<'a>, bool)> {
    let Some(session) = scope.session.and_then(|id| mux.sessions.get(&id)) else {
        return Vec::new();
    };
    session
        .links
        .iter()
        .map(|(index, link)| {
            let own = Scope {
                kind: Kind::Window,
                index: Some(*index),
                window: Some(link.window),
                pane: mux.windows.get(&link.window).map(|window| window.active),
                ..*scope
            };
            (own, session.current == *index)
        })
        .collect()
}
