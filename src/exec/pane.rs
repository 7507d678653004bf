//! Panes: split, select, kill, list, resize, respawn, capture, pipe.

use crate::base::{Label, PaneId};
use crate::command::args;
use crate::command::target::Target;
use crate::mux::layout::{Axis, Direction, SplitPlan};
use crate::mux::resolve::Found;
use crate::mux::{Effect, LifeError, Mux};

use super::spawn::{self, Wish};
use super::{Answer, Context, Outcome, Ran, lists, places, window};

const LIST_FORMAT: &str = "#{pane_index}: [#{pane_width}x#{pane_height}] \
    [history #{history_size}/#{history_limit}, #{history_bytes} bytes] \
    #{pane_id}#{?pane_active, (active),}#{?pane_dead, (dead),}";

/// The marked pane where a source was not given and one is marked.
pub(super) fn marked_source(mux: &Mux, given: Option<&Target>) -> Option<Target> {
    given
        .cloned()
        .or_else(|| mux.marked.map(|_| Target("{marked}".to_owned())))
}

/// The size that `-l` or `-p` asks for along an axis.
pub(super) fn split_size(
    mux: &Mux,
    found: &Found,
    plan: (Axis, bool),
    size: Option<&str>,
    percentage: Option<&str>,
) -> Result<Option<u16>, String> {
    let owner = mux.windows.get(&found.window);
    let rect = if plan.1 {
        owner.map(|w| crate::base::Rect::of(w.layout.size()))
    } else {
        owner.and_then(|w| w.layout.rect(found.pane))
    };
    let rect = rect.unwrap_or_default();
    let (whole, what) = match plan.0 {
        Axis::Columns => (rect.width, "columns"),
        Axis::Rows => (rect.height, "lines"),
    };
    let what = if size.is_some_and(|s| s.ends_with('%')) {
        "size"
    } else {
        what
    };
    match (size, percentage) {
        (Some(size), _) => places::cells(size, what, whole).map(Some),
        (None, Some(percent)) => {
            let percent = places::count(percent.trim_end_matches('%'), "percentage", 0, 100)?;
            Ok(u16::try_from(i64::from(whole) * percent / 100).ok())
        }
        (None, None) => Ok(None),
    }
}

/// `split-window`.
pub(super) fn split(mux: &mut Mux, cx: &mut Context, args: &args::SplitWindow) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let axis = if args.horizontal {
        Axis::Columns
    } else {
        Axis::Rows
    };
    let size = split_size(
        mux,
        &found,
        (axis, args.full),
        args.size.as_deref(),
        args.percentage.as_deref(),
    )?;
    let own = mux
        .sessions
        .get(&found.session)
        .map(|s| s.environ.clone())
        .unwrap_or_default();
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: args.from_stdin,
    };
    let fresh = spawn::new_pane(mux, cx, Some(found.session), &own, Some(&found), wish);
    let zoomed = mux.windows.get(&found.window).is_some_and(|w| w.zoomed);
    let plan = SplitPlan {
        axis,
        size,
        before: args.before,
        full: args.full,
    };
    let pane = match mux.split(found.pane, plan, fresh) {
        Ok(pane) => pane,
        Err(error @ LifeError::NoSpace(_)) => return Err(error.to_string()),
        Err(error) => return Err(format!("create pane failed: {error}")),
    };
    if let Some(title) = &args.title {
        // A title that is no name changes nothing, and is no error in tmux.
        let title = Label::name(&places::expand(mux, cx, &found, title));
        if let (Some(title), Some(pane)) = (title, mux.panes.get_mut(&pane)) {
            pane.title = Some(title);
        }
    }
    if let Some(owner) = mux.windows.get_mut(&found.window) {
        if !args.detached {
            owner.select(pane);
        }
        owner.zoomed = args.zoom && (zoomed || !args.detached);
    }
    if !args.detached {
        cx.set_current(Found { pane, ..found });
    }
    match spawn::start(mux, cx, pane) {
        Some(token) => Ok(Outcome::Wait(token)),
        None => window::finish(mux, cx, args.print, args.format.as_deref()),
    }
}

/// `split-window`, once its process runs or does not.
pub(super) fn split_resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SplitWindow,
    answer: Answer,
) -> Ran {
    match spawn::started(mux, cx, answer) {
        Ok(_) => window::finish(mux, cx, args.print, args.format.as_deref()),
        Err(why) => Err(window::undo(mux, cx, "create pane failed", &why)),
    }
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
    if args.clear_mark {
        mux.marked = None;
        return Ok(Outcome::Done);
    }
    if args.mark {
        let same = mux.marked == Some(found.pane);
        mux.marked = (!same).then_some(found.pane);
        return Ok(Outcome::Done);
    }
    if let Some(style) = &args.style {
        if let Some(def) = crate::config::option("window-style")
            && let Some(pane) = mux.panes.get_mut(&found.pane)
        {
            let set = pane.options.set(def, None, Some(style), false, None);
            set.map_err(|error| error.to_string())?;
        }
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
        make_active(mux, found.window, pane, args.keep_zoom);
        cx.set_current(Found { pane, ..found });
    }
    Ok(Outcome::Done)
}

/// Makes a pane active. The zoom ends unless it is kept; it then shows the new
/// pane.
pub(super) fn make_active(
    mux: &mut Mux,
    window: crate::base::WindowId,
    pane: PaneId,
    keep_zoom: bool,
) {
    if let Some(owner) = mux.windows.get_mut(&window)
        && owner.select(pane)
    {
        owner.zoomed = owner.zoomed && keep_zoom;
    }
}

/// `last-pane`.
pub(super) fn last(mux: &mut Mux, cx: &mut Context, args: &args::LastPane) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    let pane = *owner.last.first().ok_or("no last pane")?;
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

/// `list-panes`.
pub(super) fn list(mux: &Mux, cx: &mut Context, args: &args::ListPanes) -> Ran {
    let (sessions, prefix) = if args.all {
        (
            places::visible_sessions(mux, cx),
            "#{session_name}:#{window_index}.",
        )
    } else if args.session {
        let found = places::session(mux, cx, args.target.as_ref())?;
        (vec![found.session], "#{window_index}.")
    } else {
        let found = places::window(mux, cx, args.target.as_ref())?;
        return list_window(mux, cx, args, &found, "");
    };
    for id in sessions {
        let Some(owner) = mux.sessions.get(&id) else {
            continue;
        };
        for index in owner.links.keys() {
            if let Some(found) = mux.place_at(owner, *index) {
                list_window(mux, cx, args, &found, prefix)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn list_window(
    mux: &Mux,
    cx: &mut Context,
    args: &args::ListPanes,
    found: &Found,
    prefix: &str,
) -> Ran {
    let default = format!("{prefix}{LIST_FORMAT}");
    let template = args.format.as_deref().unwrap_or(&default);
    let panes = mux
        .windows
        .get(&found.window)
        .map(|w| w.panes())
        .unwrap_or_default();
    let mut list: Vec<Found> = panes
        .into_iter()
        .map(|pane| Found { pane, ..*found })
        .collect();
    lists::sort_panes(mux, &mut list, args.order.as_deref(), args.reversed)?;
    for at in list {
        let scope = places::scope(mux, cx, &at);
        if let Some(line) = places::item(mux, &scope, template, args.filter.as_deref()) {
            cx.print(&line);
        }
    }
    Ok(Outcome::Done)
}

/// `resize-pane`.
pub(super) fn resize(mux: &mut Mux, cx: &Context, args: &args::ResizePane) -> Ran {
    if args.mouse {
        if let Some(at) = cx.mouse
            && let Some(pane) = at.pane
        {
            let to = crate::base::Pos::new(at.event.x, at.event.y);
            mux.drag_border(pane, at.start, to);
            if let Some(client) = at.client.and_then(|id| mux.clients.get_mut(&id)) {
                client.drag = Some(crate::mux::mouse::Drag::Border(pane));
            }
        }
        return Ok(Outcome::Done);
    }
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if args.trim {
        // As in tmux, not while a mode covers the screen.
        if let Some(pane) = mux.panes.get_mut(&found.pane)
            && pane.copy.is_none()
        {
            pane.term.trim_below_cursor();
        }
        return Ok(Outcome::Done);
    }
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    if args.zoom {
        if owner.zoomed {
            owner.zoomed = false;
        } else if owner.layout.len() > 1 {
            owner.select(found.pane);
            owner.zoomed = true;
        }
        return Ok(Outcome::Done);
    }
    let default = match &args.adjustment {
        Some(text) => places::count(text, "adjustment", 1, i64::from(i32::MAX))?,
        None => 1,
    };
    let size = owner.layout.size();
    let cols = match &args.width {
        Some(text) => Some(places::cells(text, "width", size.cols())?),
        None => None,
    };
    let rows = match &args.height {
        Some(text) => Some(places::cells(text, "height", size.rows())?),
        None => None,
    };
    let moves = [
        (&args.left, Direction::Left),
        (&args.right, Direction::Right),
        (&args.up, Direction::Up),
        (&args.down, Direction::Down),
    ];
    let mut steps = Vec::new();
    for (given, direction) in moves {
        let by = match given {
            None => continue,
            Some(None) => default,
            Some(Some(text)) => places::count(text, "adjustment", 1, i64::from(i32::MAX))?,
        };
        steps.push((direction, u16::try_from(by).unwrap_or(u16::MAX)));
    }
    owner.zoomed = false;
    if let Some(cols) = cols {
        owner.layout.resize_pane_to(found.pane, Axis::Columns, cols);
    }
    if let Some(rows) = rows {
        owner.layout.resize_pane_to(found.pane, Axis::Rows, rows);
    }
    for (direction, by) in steps {
        owner.layout.resize_pane(found.pane, direction, by);
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
    pane.dead = None;
    pane.term.reset();
    pane.term.clear_history();
    if pane.process.take().is_some() {
        mux.emit(Effect::PaneClose { pane: found.pane });
    }
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
