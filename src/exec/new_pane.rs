//! New panes beside others: `split-window` and `new-pane`. What a pane runs is
//! decided in `spawn`, where it lies in the model.

use crate::base::{Label, PaneId};
use crate::command::args;
use crate::mux::layout::{Area, Axis, FloatPlace, SplitPlan};
use crate::mux::resolve::Found;
use crate::mux::window::Modal;
use crate::mux::{LifeError, Mux};

use super::place_pane::float_place;
use super::spawn::{self, Wish};
use super::{Answer, Context, Outcome, Ran, pane, places, shown, window};

/// The size that `-l` or `-p` asks for along an axis.
pub(super) fn split_size(
    mux: &Mux,
    cx: &Context,
    found: &Found,
    (axis, full): (Axis, bool),
    (size, percentage): (Option<&str>, Option<&str>),
) -> Result<Option<u16>, String> {
    let owner = mux.windows.get(&found.window);
    let whole = if full {
        owner.map(|owner| Area::new(0, 0, owner.size.cols(), owner.size.rows()))
    } else {
        owner.and_then(|owner| owner.layout.area(found.pane))
    };
    let whole = whole.unwrap_or_default().side(axis);
    let most = (0, i64::from(i32::MAX));
    let cells = match (size, percentage) {
        (Some(size), _) => places::measure(mux, cx, found, size, most, whole),
        (None, Some(percent)) => {
            let percent = percent.trim_end_matches('%');
            places::measure(mux, cx, found, percent, (0, 100), 0)
                .map(|percent| i32::from(whole) * percent / 100)
        }
        (None, None) => return Ok(None),
    };
    let cells = cells.map_err(|cause| format!("invalid tiled geometry {cause}"))?;
    Ok(Some(u16::try_from(cells).unwrap_or(u16::MAX)))
}

/// `split-window`.
pub(super) fn split(mux: &mut Mux, cx: &mut Context, args: &args::SplitWindow) -> Ran {
    make(mux, cx, args, None)
}

/// `new-pane`.
pub(super) fn new(mux: &mut Mux, cx: &mut Context, args: &args::NewPane) -> Ran {
    if args.mouse && cx.mouse.is_none() {
        return Ok(Outcome::Done);
    }
    make(mux, cx, &args.split, Some(args))
}

fn make(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SplitWindow,
    new: Option<&args::NewPane>,
) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let lines = lines(mux, &found, args)?;
    let modal = new.is_some_and(|new| new.modal);
    let over_zoom = modal || new.is_some_and(|new| new.over_zoom);
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    if modal && owner.modal.is_some() {
        return Err("window already has a modal pane".to_owned());
    }
    let floats = owner.layout.floats(found.pane);
    let floating = match new {
        Some(new) if new.tiled && floats => {
            return Err("can't split a floating pane".to_owned());
        }
        Some(new) => !new.tiled,
        None => floats,
    };
    let pane = if floating {
        let framed = lines != "none";
        let area = float_area(mux, cx, &found, args, new, framed)?;
        if !over_zoom && let Some(owner) = mux.windows.get_mut(&found.window) {
            owner.unzoom();
        }
        let fresh = fresh(mux, cx, &found, args);
        mux.new_float(found.pane, area, args.before, fresh)
            .map_err(|error| error.to_string())?
    } else {
        split_tiled(mux, cx, &found, args)?
    };
    dress(mux, cx, &found, pane, args)?;
    if let Some(owner) = mux.windows.get_mut(&found.window) {
        if over_zoom {
            owner.over_zoom.push(pane);
        }
        if let Some(new) = new.filter(|_| modal) {
            owner.select(pane);
            owner.modal = Some(Modal {
                pane,
                all_keys: new.all_keys,
                close_on_click: new.close_on_click,
                close_on_escape: new.close_on_escape,
            });
        } else if !args.detached {
            owner.select(pane);
        }
        if args.zoom {
            owner.zoom(owner.active);
        }
    }
    if new.is_some_and(|new| new.mouse)
        && let Some(at) = cx.mouse
    {
        let framed = mux.pane_str(Some(pane), "pane-border-lines") != "none";
        mux.draw_float(cx.client, pane, at, framed);
    }
    cx.made_in = Some(found.session);
    if !args.detached {
        cx.set_current(Found { pane, ..found });
    }
    match spawn::start(mux, cx, pane) {
        Some(token) => Ok(Outcome::Wait(token)),
        None => {
            let done = window::finish(mux, cx, args.print, args.format.as_deref())?;
            if args.from_stdin {
                return shown::ask(mux, cx, pane);
            }
            Ok(done)
        }
    }
}

/// The border lines that the new pane gets.
fn lines(mux: &Mux, found: &Found, args: &args::SplitWindow) -> Result<String, String> {
    let Some(name) = &args.border_lines else {
        return Ok(mux.window_text(Some(found.window), "pane-border-lines"));
    };
    let mut tried = crate::config::Options::default();
    if let Some(def) = crate::config::option("pane-border-lines")
        && tried.set(def, None, Some(name), false, None).is_err()
    {
        return Err(format!("pane-border-lines unknown value: {name}"));
    }
    Ok(name.clone())
}

fn float_area(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    args: &args::SplitWindow,
    new: Option<&args::NewPane>,
    framed: bool,
) -> Result<Area, String> {
    let wanted = match new {
        Some(new) => Some(float_place(mux, cx, found, &new.place, framed)?),
        None => None,
    };
    let cx_mouse = new.filter(|new| new.mouse).and(cx.mouse);
    let start = cx_mouse.and_then(|at| mux.window_place(cx.client, at.start));
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    let Some(wanted) = wanted else {
        let axis = if args.horizontal {
            Axis::Columns
        } else {
            Axis::Rows
        };
        return owner
            .layout
            .split_float(found.pane, axis, args.before, args.full, framed)
            .map_err(|error| error.to_string());
    };
    let wanted = match start {
        // It grows from here with the mouse.
        Some((x, y)) => FloatPlace {
            x: Some(x + i32::from(framed)),
            y: Some(y + i32::from(framed)),
            w: Some(1),
            h: Some(1),
            bare: !framed,
        },
        None => wanted,
    };
    owner
        .layout
        .float_place(wanted)
        .map_err(|error| error.to_string())
}

fn fresh(mux: &Mux, cx: &Context, found: &Found, args: &args::SplitWindow) -> crate::mux::NewPane {
    let own = mux
        .sessions
        .get(&found.session)
        .map(|s| s.environ.clone())
        .unwrap_or_default();
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: args.from_stdin || args.empty,
    };
    spawn::new_pane(mux, cx, Some(found.session), &own, Some(found), wish)
}

fn split_tiled(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    args: &args::SplitWindow,
) -> Result<PaneId, String> {
    let axis = if args.horizontal {
        Axis::Columns
    } else {
        Axis::Rows
    };
    let wanted = (args.size.as_deref(), args.percentage.as_deref());
    let plan = SplitPlan {
        axis,
        size: split_size(mux, cx, found, (axis, args.full), wanted)?,
        before: args.before,
        full: args.full,
        at_end: true,
    };
    let fresh = fresh(mux, cx, found, args);
    mux.split(found.pane, plan, fresh)
        .map_err(|error| match error {
            error @ LifeError::NoSpace(_) => error.to_string(),
            error => format!("create pane failed: {error}"),
        })
}

/// Gives a new pane its title, styles and what it does at its end.
fn dress(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    pane: PaneId,
    args: &args::SplitWindow,
) -> Result<(), String> {
    if let Some(title) = &args.title {
        // A title that is no name changes nothing, and is no error in tmux.
        let title = Label::name(&places::expand(mux, cx, found, title));
        if let (Some(title), Some(pane)) = (title, mux.panes.get_mut(&pane)) {
            pane.title = Some(title);
        }
    }
    let keep = args.keep || args.message.is_some();
    let wanted = [
        ("window-style", args.style.as_deref()),
        ("window-active-style", args.style.as_deref()),
        ("pane-active-border-style", args.active_border.as_deref()),
        ("pane-border-style", args.inactive_border.as_deref()),
        ("pane-border-lines", args.border_lines.as_deref()),
        ("remain-on-exit", keep.then_some("key")),
        ("remain-on-exit-format", args.message.as_deref()),
    ];
    for (option, value) in wanted {
        if let Some(value) = value {
            // As in tmux, a style that cannot be read is left out.
            let _ = pane::set_option(mux, pane, option, value);
        }
    }
    Ok(())
}

/// `split-window` and `new-pane`, once the process runs or does not, and with
/// `-W` once it has ended.
pub(super) fn resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SplitWindow,
    answer: Answer,
) -> Ran {
    if let Answer::Job(status, _) = answer {
        return Ok(Outcome::Status(status.code()));
    }
    if let (Answer::File(_), Some(pane)) = (&answer, cx.spawned) {
        return shown::show(mux, pane, answer);
    }
    match spawn::started(mux, cx, answer) {
        Ok(pane) => {
            let done = window::finish(mux, cx, args.print, args.format.as_deref())?;
            if !args.wait {
                return Ok(done);
            }
            let token = mux.ids.token();
            match mux.panes.get_mut(&pane) {
                Some(pane) => pane.awaited = Some(token),
                None => return Ok(done),
            }
            Ok(Outcome::Wait(token))
        }
        Err(why) => Err(window::undo(mux, cx, "create pane failed", &why)),
    }
}
