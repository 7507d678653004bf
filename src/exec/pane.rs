//! Panes: split, select, kill, list, resize, respawn, capture, pipe.

use crate::base::{Label, PaneId};
use crate::command::args;
use crate::command::target::Target;
use crate::mux::layout::Direction;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::spawn::{self, Wish};
use super::{Answer, Context, Outcome, Ran, places, window};

/// The marked pane where a source was not given and one is marked.
pub(super) fn marked_source(mux: &Mux, given: Option<&Target>) -> Option<Target> {
    given
        .cloned()
        .or_else(|| mux.marked.map(|_| Target("{marked}".to_owned())))
}

/// `select-pane`.
pub(super) fn select(mux: &mut Mux, cx: &mut Context, args: &args::SelectPane) -> Ran {
    if args.last {
        let last = args::LastPane {
            disable_input: args.disable_input,
            enable_input: args.enable_input,
            keep_zoom: args.keep_zoom,
            target: args.target.clone(),
        };
        return self::last(mux, cx, &last);
    }
    let found = places::pane(mux, cx, args.target.as_ref())?;
    // Only another active pane is told of.
    cx.idle = true;
    if args.clear_mark {
        mux.marked = None;
        return Ok(Outcome::Done);
    }
    if args.mark {
        let owner = mux.windows.get(&found.window);
        if owner.is_some_and(|owner| owner.zoomed.is_some_and(|zoomed| zoomed != found.pane)) {
            return Ok(Outcome::Done);
        }
        let same = mux.marked == Some(found.pane);
        mux.marked = (!same).then_some(found.pane);
        return Ok(Outcome::Done);
    }
    if let Some(style) = &args.style {
        for option in ["window-style", "window-active-style"] {
            set_option(mux, found.pane, option, style)?;
        }
    }
    if args.show_style {
        let style = mux.pane_text(Some(found.pane), "window-style");
        cx.print(&style);
        return Ok(Outcome::Done);
    }
    if args.enable_input || args.disable_input {
        if let Some(pane) = mux.panes.get_mut(&found.pane) {
            pane.input_off = args.disable_input;
        }
        return Ok(Outcome::Done);
    }
    if let Some(title) = &args.title {
        // A title that is no name changes nothing, and is no error in tmux.
        let title = Label::name(&places::expand(mux, cx, &found, title));
        if let (Some(title), Some(pane)) = (title, mux.panes.get_mut(&found.pane)) {
            pane.title = Some(title);
        }
        return Ok(Outcome::Done);
    }
    let direction = match (args.up, args.down, args.left, args.right) {
        (true, ..) => Some(Direction::Up),
        (_, true, ..) => Some(Direction::Down),
        (_, _, true, _) => Some(Direction::Left),
        (.., true) => Some(Direction::Right),
        _ => None,
    };
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    let pane = match direction {
        Some(direction) => {
            let recent = |pane| owner.recency(pane);
            owner.layout.neighbour(found.pane, direction, recent)
        }
        None => Some(found.pane),
    };
    if let Some(pane) = pane {
        cx.idle = owner.active == pane;
        make_active(mux, found.window, pane, args.keep_zoom);
        cx.set_current(Found { pane, ..found });
    }
    Ok(Outcome::Done)
}

/// Sets an option of a pane.
pub(super) fn set_option(
    mux: &mut Mux,
    pane: PaneId,
    name: &str,
    value: &str,
) -> Result<(), String> {
    if let Some(def) = crate::config::option(name)
        && let Some(pane) = mux.panes.get_mut(&pane)
    {
        let set = pane.options.set(def, None, Some(value), false, None);
        set.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Makes a pane active. The zoom ends unless it is kept; it then shows the new
/// pane.
pub(super) fn make_active(
    mux: &mut Mux,
    window: crate::base::WindowId,
    pane: PaneId,
    keep_zoom: bool,
) {
    if let Some(owner) = mux.windows.get_mut(&window) {
        let zoomed = owner.zoomed.is_some();
        if owner.select(pane) {
            owner.raise(pane);
            if zoomed {
                owner.unzoom();
                if keep_zoom {
                    owner.zoom(pane);
                }
            }
        }
    }
}

/// `last-pane`.
pub(super) fn last(mux: &mut Mux, cx: &mut Context, args: &args::LastPane) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    let mut others = owner.panes();
    others.retain(|pane| *pane != owner.active);
    let only = others.first().filter(|_| others.len() == 1);
    let pane = *owner.last.first().or(only).ok_or("no last pane")?;
    if args.enable_input || args.disable_input {
        if let Some(pane) = mux.panes.get_mut(&pane) {
            pane.input_off = args.disable_input;
        }
        return Ok(Outcome::Done);
    }
    make_active(mux, found.window, pane, args.keep_zoom);
    cx.set_current(Found { pane, ..found });
    Ok(Outcome::Done)
}

/// `kill-pane`.
pub(super) fn kill(mux: &mut Mux, cx: &Context, args: &args::KillPane) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if !args.others {
        mux.kill_pane(found.pane);
        return Ok(Outcome::Done);
    }
    let mut others = mux
        .windows
        .get(&found.window)
        .map(|w| w.panes())
        .unwrap_or_default();
    others.retain(|pane| *pane != found.pane);
    others.retain(|pane| {
        let at = Found {
            pane: *pane,
            ..found
        };
        places::item(
            mux,
            &places::scope(mux, cx, &at),
            "",
            args.filter.as_deref(),
        )
        .is_some()
    });
    for pane in others {
        mux.kill_pane(pane);
    }
    Ok(Outcome::Done)
}

/// `respawn-pane`.
pub(super) fn respawn(mux: &mut Mux, cx: &mut Context, args: &args::RespawnPane) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let active = mux
        .panes
        .get(&found.pane)
        .is_some_and(|p| p.dead.is_none() && p.process.is_some());
    if active && !args.kill_existing {
        let at = places::expand(mux, cx, &found, window::PRINT_FORMAT);
        return Err(format!("respawn pane failed: pane {at} still active"));
    }
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: args.empty,
    };
    start_again(mux, cx, &found, wish)
}

/// Starts a program in a pane that is there, in place of the one before.
pub(super) fn start_again(mux: &mut Mux, cx: &mut Context, found: &Found, wish: Wish<'_>) -> Ran {
    let own = mux
        .sessions
        .get(&found.session)
        .map(|s| s.environ.clone())
        .unwrap_or_default();
    let fresh = spawn::new_pane(mux, cx, Some(found.session), &own, Some(found), wish);
    let as_tmux = mux.server.as_tmux;
    let pane = mux.panes.get_mut(&found.pane).ok_or("no current target")?;
    let mut spec = fresh.spec;
    if wish.words.is_empty() && !wish.empty {
        spec.program = pane.spec.program.clone();
    } else {
        pane.start_command = fresh.command;
    }
    if wish.cwd.is_none() {
        spec.cwd.clone_from(&pane.spec.cwd);
    }
    spec.size = pane.size();
    spec.env
        .push(("STEPMUX_PANE".to_owned(), found.pane.to_string()));
    if as_tmux {
        spec.env
            .push(("TMUX_PANE".to_owned(), found.pane.to_string()));
    }
    pane.spec = spec;
    pane.copy = None;
    pane.clock = false;
    pane.dead = None;
    if let Some(mode) = pane.mode.as_mut() {
        mode.kills = false;
    }
    // What the old process left in the history stays, as in tmux.
    pane.term.reset();
    if pane.process.take().is_some() {
        mux.emit(Effect::PaneClose { pane: found.pane });
    }
    mux.end_mode(found.pane);
    match spawn::start(mux, cx, found.pane) {
        Some(token) => Ok(Outcome::Wait(token)),
        None => Ok(Outcome::Done),
    }
}

/// `respawn-pane` and `respawn-window`, once the process runs or does not.
pub(super) fn respawn_resumed(mux: &mut Mux, cx: &mut Context, what: &str, answer: Answer) -> Ran {
    let Err(why) = spawn::started(mux, cx, answer) else {
        return Ok(Outcome::Done);
    };
    let now = mux.now;
    if let Some(pane) = cx.spawned.and_then(|id| mux.panes.get_mut(&id)) {
        pane.dead = Some(crate::mux::pane::Dead {
            status: crate::mux::peer::ExitStatus::Code(1),
            at: now,
        });
    }
    Err(format!("respawn {what} failed: {why}"))
}
