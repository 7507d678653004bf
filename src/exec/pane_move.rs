//! Panes that change places: swap, break, join.

use crate::command::args;
use crate::mux::Mux;
use crate::mux::layout::{Axis, SplitPlan};
use crate::mux::resolve::Found;

use super::session::checked_name;
use super::{Context, Outcome, Ran, pane, places, window};

/// `swap-pane`.
pub(super) fn swap(mux: &mut Mux, cx: &mut Context, args: &args::SwapPane) -> Ran {
    let to = places::pane(mux, cx, args.target.as_ref())?;
    let from = if args.up || args.down {
        let owner = mux.windows.get(&to.window).ok_or("no current target")?;
        let panes = owner.panes();
        let at = panes.iter().position(|p| *p == to.pane).unwrap_or(0);
        let other = if args.down {
            (at + 1) % panes.len()
        } else {
            (at + panes.len() - 1) % panes.len()
        };
        let pane = panes.get(other).copied().ok_or("no current target")?;
        Found { pane, ..to }
    } else {
        let source = pane::marked_source(mux, args.source.as_ref());
        places::pane(mux, cx, source.as_ref())?
    };
    if from.pane == to.pane {
        return Ok(Outcome::Done);
    }
    for id in [from.window, to.window] {
        if let Some(owner) = mux.windows.get_mut(&id) {
            owner.zoomed = owner.zoomed && args.keep_zoom && from.window == to.window;
        }
    }
    let active = mux.windows.get(&to.window).map(|w| w.active);
    mux.swap_panes(from.pane, to.pane);
    if from.window == to.window {
        // Without -d the target is active; with it the pane that was stays.
        let pane = match active {
            Some(active) if args.detached => active,
            _ => to.pane,
        };
        if let Some(owner) = mux.windows.get_mut(&to.window) {
            owner.select(pane);
        }
    } else if !args.detached {
        for (id, pane) in [(to.window, from.pane), (from.window, to.pane)] {
            if let Some(owner) = mux.windows.get_mut(&id) {
                owner.select(pane);
            }
        }
    }
    Ok(Outcome::Done)
}

/// `break-pane`.
pub(super) fn break_off(mux: &mut Mux, cx: &mut Context, args: &args::BreakPane) -> Ran {
    let from = places::pane(mux, cx, args.source.as_ref())?;
    let slot = places::slot(mux, cx, args.target.as_ref())?;
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
    let to = places::pane(mux, cx, args.target.as_ref())?;
    let source = pane::marked_source(mux, args.source.as_ref());
    let from = places::pane(mux, cx, source.as_ref())?;
    if from.pane == to.pane {
        return Err("source and target panes must be different".to_owned());
    }
    let axis = if args.horizontal {
        Axis::Columns
    } else {
        Axis::Rows
    };
    let size = pane::split_size(
        mux,
        &to,
        (axis, args.full),
        args.size.as_deref(),
        args.percentage.as_deref(),
    )?;
    let plan = SplitPlan {
        axis,
        size,
        before: args.before,
        full: args.full,
    };
    mux.join_pane(from.pane, to.pane, plan)
        .map_err(|error| match error {
            crate::mux::LifeError::NoSpace(_) => "create pane failed: pane too small".to_owned(),
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
