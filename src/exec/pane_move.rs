//! Panes that change places: swap, break, join.

use crate::command::args;
use crate::mux::Mux;
use crate::mux::layout::{Axis, SplitPlan};
use crate::mux::resolve::Found;

use super::session::checked_name;
use super::{Context, Outcome, Ran, new_pane, pane, places, window};

/// Says that a modal pane stays where it is.
pub(super) fn not_modal(mux: &Mux, found: &Found) -> Result<(), String> {
    let owner = mux.windows.get(&found.window);
    match owner.and_then(|owner| owner.modal) {
        Some(modal) if modal.pane == found.pane => Err("pane is modal".to_owned()),
        _ => Ok(()),
    }
}

/// `swap-pane`.
pub(super) fn swap(mux: &mut Mux, cx: &mut Context, args: &args::SwapPane) -> Ran {
    let source = pane::marked_source(mux, args.source.as_ref());
    let mut from = places::pane(mux, cx, source.as_ref())?;
    let to = places::pane(mux, cx, args.target.as_ref())?;
    not_modal(mux, &from)?;
    not_modal(mux, &to)?;
    if args.up || args.down {
        from = next_tiled(mux, &to, args.down)?;
    }
    let mut zoomed = Vec::new();
    for id in [from.window, to.window] {
        if let Some(owner) = mux.windows.get_mut(&id)
            && owner.zoomed.is_some()
        {
            owner.unzoom();
            zoomed.push(id);
        }
    }
    if from.pane != to.pane {
        exchange(mux, &from, &to, args.detached);
    }
    for id in zoomed.into_iter().filter(|_| args.keep_zoom) {
        if let Some(owner) = mux.windows.get_mut(&id) {
            owner.zoom(owner.active);
        }
    }
    Ok(Outcome::Done)
}

/// The tiled pane after another in the order, or before it.
fn next_tiled(mux: &Mux, to: &Found, down: bool) -> Result<Found, String> {
    let owner = mux.windows.get(&to.window).ok_or("no current target")?;
    if owner.layout.floats(to.pane) {
        let way = if down { "down" } else { "up" };
        return Err(format!("cannot swap {way} on floating pane"));
    }
    let mut panes = owner.panes();
    panes.retain(|pane| !owner.layout.floats(*pane));
    let at = panes.iter().position(|p| *p == to.pane).unwrap_or(0);
    let step = if down { 1 } else { panes.len() - 1 };
    let pane = panes[(at + step) % panes.len()];
    Ok(Found { pane, ..*to })
}

fn exchange(mux: &mut Mux, from: &Found, to: &Found, keep_active: bool) {
    mux.swap_panes(from.pane, to.pane);
    let same = from.window == to.window;
    let Some(owner) = mux.windows.get_mut(&to.window) else {
        return;
    };
    match (same, keep_active) {
        (true, false) => {
            owner.select(to.pane);
        }
        // The pane stays active, or its place where it was the target.
        (true, true) if owner.active == from.pane => {
            owner.select(to.pane);
            owner.select(from.pane);
        }
        (true, true) if owner.active == to.pane => {
            owner.select(from.pane);
        }
        (true, true) | (false, true) => {}
        (false, false) => {
            owner.select(from.pane);
            if let Some(owner) = mux.windows.get_mut(&from.window) {
                owner.select(to.pane);
            }
        }
    }
}

/// `break-pane`.
pub(super) fn break_off(mux: &mut Mux, cx: &mut Context, args: &args::BreakPane) -> Ran {
    let from = places::pane(mux, cx, args.source.as_ref())?;
    let slot = places::slot(mux, cx, args.target.as_ref())?;
    not_modal(mux, &from)?;
    let beside = args.after || args.before;
    let taken = slot.index.filter(|_| !beside).filter(|index| {
        mux.sessions
            .get(&slot.session)
            .is_some_and(|s| s.links.contains_key(index))
    });
    let alone = mux
        .windows
        .get(&from.window)
        .is_some_and(|w| w.layout.len() == 1);
    if let Some(index) = taken
        && !(alone && slot.session == from.session && index == from.index)
    {
        return Err(format!("index in use: {index}"));
    }
    let name = args
        .name
        .as_deref()
        .map(|name| checked_name("window", &places::expand(mux, cx, &from, name)))
        .transpose()?;
    if alone {
        let moved = args::MoveWindow {
            after: args.after,
            before: args.before,
            detached: args.detached,
            source: Some(crate::command::target::Target(from.window.to_string())),
            target: args.target.clone(),
            ..args::MoveWindow::default()
        };
        window::move_window(mux, cx, &moved)?;
        if let (Some(name), Some(owner)) = (name, mux.windows.get_mut(&from.window)) {
            owner.name = name;
            let off = crate::config::Value::Flag(false);
            owner.options.insert("automatic-rename", off);
        }
    } else {
        let index = if beside {
            let index = if args.before {
                slot.near
            } else {
                slot.near + 1
            };
            mux.shuffle_up(slot.session, index);
            index
        } else {
            slot.index.unwrap_or_else(|| {
                let base = mux.base_index(Some(slot.session));
                mux.sessions
                    .get(&slot.session)
                    .map_or(base, |s| s.free_index(base))
            })
        };
        mux.break_pane(from.pane, slot.session, index, name.as_deref())
            .map_err(|error| error.to_string())?;
        if !args.detached {
            window::select(mux, slot.session, index);
        }
    }
    if let Some(found) = mux.place_of_pane(from.pane, Some(slot.session)) {
        if !args.detached {
            cx.set_current(found);
        }
        if args.print {
            let format = args.format.as_deref().unwrap_or(window::PRINT_FORMAT);
            let line = places::expand(mux, cx, &found, format);
            cx.print(&line);
        }
    }
    Ok(Outcome::Done)
}

/// `join-pane`.
pub(super) fn join(mux: &mut Mux, cx: &mut Context, args: &args::JoinPane) -> Ran {
    let source = pane::marked_source(mux, args.source.as_ref());
    let from = places::pane(mux, cx, source.as_ref())?;
    let to = places::pane(mux, cx, args.target.as_ref())?;
    not_modal(mux, &from)?;
    for found in [&to, &from] {
        if let Some(owner) = mux.windows.get_mut(&found.window) {
            owner.unzoom();
        }
    }
    let floats = |mux: &Mux, found: &Found| {
        let owner = mux.windows.get(&found.window);
        owner.is_some_and(|owner| owner.layout.floats(found.pane))
    };
    if from.pane == to.pane {
        if !floats(mux, &from) {
            return Err("source and target panes must be different".to_owned());
        }
        return tile(mux, cx, &from, args.detached);
    }
    if floats(mux, &to) {
        return Err("size or position can't split a floating pane".to_owned());
    }
    let axis = if args.horizontal {
        Axis::Columns
    } else {
        Axis::Rows
    };
    let wanted = (args.size.as_deref(), args.percentage.as_deref());
    let size = new_pane::split_size(mux, cx, &to, (axis, args.full), wanted)
        .map_err(|error| format!("size or position {error}"))?;
    let plan = SplitPlan {
        axis,
        size,
        before: args.before,
        full: args.full,
        at_end: false,
    };
    mux.join_pane(from.pane, to.pane, plan)
        .map_err(|error| match error {
            error @ crate::mux::LifeError::NoSpace(_) => format!("size or position {error}"),
            other => other.to_string(),
        })?;
    if !args.detached {
        if let Some(owner) = mux.windows.get_mut(&to.window) {
            owner.select(from.pane);
        }
        if let Some(found) = mux.place_of_pane(from.pane, Some(to.session)) {
            window::select(mux, found.session, found.index);
            cx.set_current(found);
        }
    }
    Ok(Outcome::Done)
}

/// Puts a floating pane back among the tiled ones of its window.
fn tile(mux: &mut Mux, cx: &mut Context, found: &Found, detached: bool) -> Ran {
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    owner
        .layout
        .tile(found.pane)
        .map_err(|error| format!("size or position {error}"))?;
    owner.over_zoom.retain(|pane| *pane != found.pane);
    if !detached {
        owner.select(found.pane);
        cx.set_current(*found);
    }
    Ok(Outcome::Done)
}
