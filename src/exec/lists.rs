//! The order of lists (`-O`, `-r`).

use crate::base::{ClientId, SessionId};
use crate::mux::Mux;
use crate::mux::resolve::Found;

fn wrong(order: &str) -> String {
    format!("invalid sort order: {order}")
}

/// Sorts sessions: by name unless asked otherwise.
pub(super) fn sort_sessions(
    mux: &Mux,
    ids: &mut [SessionId],
    order: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |id: &SessionId| mux.sessions.get(id);
    match order {
        None | Some("name") => ids.sort_by_key(|id| of(id).map(|s| s.name.clone())),
        Some("index") => ids.sort_unstable(),
        Some("creation") => ids.sort_by_key(|id| of(id).map(|s| s.created)),
        Some("activity") => {
            ids.sort_by_key(|id| std::cmp::Reverse(of(id).map(|s| s.activity)));
        }
        Some(other) => return Err(wrong(other)),
    }
    if reversed {
        ids.reverse();
    }
    Ok(())
}

/// Sorts windows of one session: by index unless asked otherwise.
pub(super) fn sort_windows(
    mux: &Mux,
    list: &mut [Found],
    order: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |found: &Found| mux.windows.get(&found.window);
    match order {
        None | Some("index") => list.sort_by_key(|found| found.index),
        Some("name") => list.sort_by_key(|found| of(found).map(|w| w.name.clone())),
        Some("creation") => list.sort_by_key(|found| found.window),
        Some("activity") => {
            list.sort_by_key(|found| std::cmp::Reverse(of(found).map(|w| w.activity)));
        }
        Some("size") => list.sort_by_key(|found| of(found).map(|w| w.size.area())),
        Some(other) => return Err(wrong(other)),
    }
    if reversed {
        list.reverse();
    }
    Ok(())
}

/// Sorts panes of one window: as the layout has them unless asked otherwise.
pub(super) fn sort_panes(
    mux: &Mux,
    list: &mut [Found],
    order: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |found: &Found| mux.panes.get(&found.pane);
    match order {
        None | Some("index") => {}
        Some("creation") => list.sort_by_key(|found| found.pane),
        Some("activity") => {
            list.sort_by_key(|found| std::cmp::Reverse(of(found).map(|p| p.output_at)));
        }
        Some("name") => list.sort_by_key(|found| of(found).map(|p| p.command.clone())),
        Some("size") => list.sort_by_key(|found| of(found).map(|p| p.size().area())),
        Some(other) => return Err(wrong(other)),
    }
    if reversed {
        list.reverse();
    }
    Ok(())
}

/// Sorts clients: by name unless asked otherwise.
pub(super) fn sort_clients(
    mux: &Mux,
    list: &mut [ClientId],
    order: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    let of = |id: &ClientId| mux.clients.get(id);
    match order {
        None | Some("name") => list.sort_by_key(|id| of(id).map(|c| c.name.clone())),
        Some("creation") => list.sort_by_key(|id| of(id).map(|c| c.created)),
        Some("activity") => list.sort_by_key(|id| std::cmp::Reverse(of(id).map(|c| c.activity))),
        Some("size") => {
            list.sort_by_key(|id| of(id).and_then(crate::mux::Client::size).map(|s| s.area()));
        }
        Some(other) => return Err(wrong(other)),
    }
    if reversed {
        list.reverse();
    }
    Ok(())
}

/// Sorts buffers by name, size or creation (the newest first).
pub(super) fn sort_buffers(
    mux: &Mux,
    names: &mut [String],
    order: Option<&str>,
    reversed: bool,
) -> Result<(), String> {
    match order {
        None | Some("creation") => {}
        Some("name") => names.sort_unstable(),
        Some("size") => names.sort_by_key(|name| mux.buffers.get(Some(name)).map(|b| b.data.len())),
        Some(other) => return Err(wrong(other)),
    }
    if reversed {
        names.reverse();
    }
    Ok(())
}
