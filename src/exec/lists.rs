//! Lists of sessions, windows, panes, clients and buffers: their order (`-O`,
//! `-r`), and the commands that print windows and panes. As in tmux an order
//! that means nothing for a list leaves it by name, and `-r` without `-O`
//! turns sessions and clients round, but no windows, panes or buffers.

use std::cmp::Reverse;

use crate::base::{ClientId, SessionId};
use crate::command::args;
use crate::format::Kind;
use crate::mux::Mux;
use crate::mux::resolve::Found;

use super::{Context, Outcome, Ran, places};

/// How `list-windows` prints a window of one session, and of all.
const WINDOW: &str = "#{window_index}: #{window_name}#{window_raw_flags} \
    (#{window_panes} panes) [#{window_width}x#{window_height}] \
    [layout #{window_layout}] #{window_id}#{?window_active, (active),}";
const WINDOW_OF_ALL: &str = "#{session_name}:#{window_index}: #{window_name}#{window_raw_flags} \
    (#{window_panes} panes) [#{window_width}x#{window_height}] ";

/// How `list-panes` prints a pane, after where it is.
const PANE: &str = "#{pane_index}: [#{pane_width}x#{pane_height}\
    #{?pane_floating_flag, #{pane_left}#,#{pane_top}#,#{pane_z},}] \
    [history #{history_size}/#{history_limit}, #{history_bytes} bytes] \
    #{pane_id}#{?pane_active, (active),}#{?pane_dead, (dead),}";

/// What to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The list's own order.
    Own,
    /// The name.
    Name,
    /// The index, or the id.
    Index,
    /// When it was made.
    Creation,
    /// When it was last used, the latest first.
    Activity,
    /// The size.
    Size,
    /// Something that only other lists have.
    Other,
}

/// Reads `-O`.
///
/// # Errors
/// A word that is no order.
pub(super) fn order(text: Option<&str>) -> Result<Option<Order>, String> {
    let Some(text) = text else { return Ok(None) };
    Ok(Some(match text.to_ascii_lowercase().as_str() {
        "order" | "key" => Order::Own,
        "name" | "title" => Order::Name,
        "index" => Order::Index,
        "creation" => Order::Creation,
        "activity" => Order::Activity,
        "size" => Order::Size,
        "z" | "modifier" => Order::Other,
        _ => return Err("invalid sort order".to_owned()),
    }))
}

/// Sorts by a key; of things that are equal none goes before the other, turned
/// round or not.
fn arrange<T, K: Ord>(list: &mut [T], reversed: bool, key: impl Fn(&T) -> K) {
    if reversed {
        list.sort_by_cached_key(|item| Reverse(key(item)));
    } else {
        list.sort_by_cached_key(key);
    }
}

/// Sorts sessions: by name unless asked otherwise.
pub(super) fn sort_sessions(
    mux: &Mux,
    ids: &mut [SessionId],
    asked: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |id: &SessionId| mux.sessions.get(id);
    let name = |id: &SessionId| of(id).map(|s| s.name.clone());
    match order(asked)? {
        Some(Order::Index) => arrange(ids, reversed, |id| *id),
        Some(Order::Creation) => {
            arrange(ids, reversed, |id| {
                (of(id).map(|s| s.created.mono), name(id))
            });
        }
        Some(Order::Activity) => arrange(ids, reversed, |id| {
            (Reverse(of(id).map(|s| s.activity.mono)), name(id))
        }),
        _ => arrange(ids, reversed, name),
    }
    Ok(())
}

/// Sorts windows, of all the sessions listed: by index in each unless asked
/// otherwise.
fn sort_windows(mux: &Mux, list: &mut [Found], order: Option<Order>, reversed: bool) {
    let of = |found: &Found| mux.windows.get(&found.window);
    let name = |found: &Found| of(found).map(|w| w.name.clone());
    match order {
        None => {}
        Some(Order::Own) if reversed => list.reverse(),
        Some(Order::Own) => {}
        Some(Order::Index) => arrange(list, reversed, |found| (found.index, name(found))),
        Some(Order::Creation) => arrange(list, reversed, |found| {
            (of(found).map(|w| w.created.mono), name(found))
        }),
        Some(Order::Activity) => arrange(list, reversed, |found| {
            (Reverse(of(found).map(|w| w.activity.mono)), name(found))
        }),
        Some(Order::Size) => arrange(list, reversed, |found| {
            (of(found).map(|w| w.size.area()), name(found))
        }),
        Some(Order::Name | Order::Other) => arrange(list, reversed, name),
    }
}

/// Sorts panes of one window: as the layout has them unless asked otherwise.
fn sort_panes(mux: &Mux, list: &mut [Found], order: Option<Order>, reversed: bool) {
    let of = |found: &Found| mux.panes.get(&found.pane);
    match order {
        None => {}
        Some(Order::Creation) => arrange(list, reversed, |found| found.pane),
        Some(Order::Size) => arrange(list, reversed, |found| of(found).map(|p| p.size().area())),
        Some(Order::Name) => arrange(list, reversed, |found| {
            of(found).map(|p| p.title(&mux.server.host).to_string())
        }),
        Some(Order::Own | Order::Index | Order::Activity | Order::Other) if reversed => {
            list.reverse();
        }
        Some(Order::Own | Order::Index | Order::Activity | Order::Other) => {}
    }
}

/// Sorts clients: by name unless asked otherwise.
pub(super) fn sort_clients(
    mux: &Mux,
    list: &mut [ClientId],
    asked: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |id: &ClientId| mux.clients.get(id);
    let name = |id: &ClientId| of(id).map(|c| c.name.clone());
    match order(asked)? {
        Some(Order::Creation) => arrange(list, reversed, |id| of(id).map(|c| c.created.mono)),
        Some(Order::Activity) => {
            arrange(list, reversed, |id| {
                Reverse(of(id).map(|c| c.activity.mono))
            });
        }
        Some(Order::Size) => arrange(list, reversed, |id| {
            of(id).and_then(crate::mux::Client::size).map(|s| s.area())
        }),
        _ => arrange(list, reversed, name),
    }
    Ok(())
}

/// Sorts buffers: as they are, the newest first, unless asked otherwise.
pub(super) fn sort_buffers(
    mux: &Mux,
    names: &mut [String],
    asked: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let size = |name: &String| mux.buffers.get(Some(name)).map(|b| b.data.len());
    match order(asked)? {
        Some(Order::Own | Order::Creation) if reversed => names.reverse(),
        None | Some(Order::Own | Order::Creation) => {}
        Some(Order::Size) => arrange(names, reversed, |name| (size(name), name.clone())),
        Some(_) => arrange(names, reversed, String::clone),
    }
    Ok(())
}

/// `list-windows`.
pub(super) fn windows(mux: &Mux, cx: &mut Context, args: &args::ListWindows) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let order = order(args.order.as_deref())?;
    let (sessions, default) = if args.all {
        (places::visible_sessions(mux, cx), WINDOW_OF_ALL)
    } else {
        (vec![found.session], WINDOW)
    };
    let template = args.format.as_deref().unwrap_or(default);
    let owners = sessions.iter().filter_map(|id| mux.sessions.get(id));
    let places = owners.flat_map(|owner| {
        let indices = owner.links.keys();
        indices.filter_map(move |index| mux.place_at(owner, *index))
    });
    let mut list: Vec<Found> = places.collect();
    sort_windows(mux, &mut list, order, args.reversed);
    print(
        mux,
        cx,
        &list,
        Kind::Window,
        template,
        args.filter.as_deref(),
    );
    Ok(Outcome::Done)
}

/// `list-panes`.
pub(super) fn panes(mux: &Mux, cx: &mut Context, args: &args::ListPanes) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let order = order(args.order.as_deref())?;
    let (windows, prefix) = if args.all {
        let sessions = places::visible_sessions(mux, cx);
        let found = sessions.iter().flat_map(|id| windows_of(mux, *id));
        (found.collect(), "#{session_name}:#{window_index}.")
    } else if args.session {
        (windows_of(mux, found.session), "#{window_index}.")
    } else {
        (vec![found], "")
    };
    let default = format!("{prefix}{PANE}");
    let template = args.format.as_deref().unwrap_or(&default);
    for found in windows {
        let panes = mux.windows.get(&found.window).map(|w| w.panes());
        let panes = panes.unwrap_or_default().into_iter();
        let mut list: Vec<Found> = panes.map(|pane| Found { pane, ..found }).collect();
        sort_panes(mux, &mut list, order, args.reversed);
        print(mux, cx, &list, Kind::Pane, template, args.filter.as_deref());
    }
    Ok(Outcome::Done)
}

fn windows_of(mux: &Mux, session: SessionId) -> Vec<Found> {
    let Some(owner) = mux.sessions.get(&session) else {
        return Vec::new();
    };
    let indices = owner.links.keys();
    indices
        .filter_map(|index| mux.place_at(owner, *index))
        .collect()
}

/// Prints the places that the filter leaves, numbered by `#{line}`.
fn print(
    mux: &Mux,
    cx: &mut Context,
    list: &[Found],
    kind: Kind,
    template: &str,
    filter: Option<&str>,
) {
    let mut lines = Vec::new();
    for (nth, found) in list.iter().enumerate() {
        let mut vars = vec![("line".to_owned(), nth.to_string())];
        vars.extend_from_slice(&cx.variables);
        let scope = places::scope(mux, cx, found).as_kind(kind).with_vars(&vars);
        lines.extend(places::item(mux, &scope, template, filter));
    }
    for line in lines {
        cx.print(&line);
    }
}
