//! Panes' sizes and places: `resize-pane`, `move-pane`, `break-pane -W`. The
//! arithmetic is the layout's.

use crate::command::args;
use crate::mux::Mux;
use crate::mux::layout::{Area, Axis, Direction, FloatPlace, Position};
use crate::mux::resolve::Found;

use super::{Context, Outcome, Ran, pane_move, places};

/// Whether a pane has a border when it floats.
fn framed(mux: &Mux, found: &Found) -> bool {
    mux.pane_str(Some(found.pane), "pane-border-lines") != "none"
}

/// Reads `-x -y -X -Y`: sides with the border, the corner of the border.
pub(super) fn float_place(
    mux: &Mux,
    cx: &Context,
    found: &Found,
    args: &args::Geometry,
    framed: bool,
) -> Result<FloatPlace, String> {
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    let size = owner.size;
    let border = i32::from(framed);
    let read = |text: &Option<String>, least: i32, most: i64, whole: u16| {
        let bounds = (i64::from(least), most);
        let read = |text: &String| places::measure(mux, cx, found, text, bounds, whole);
        let read = text.as_ref().map(read).transpose();
        read.map_err(|cause| format!("position {cause}"))
    };
    let side = i64::from(crate::base::Size::MAX_SIDE);
    let w = read(&args.width, 0, side, size.cols())?.map(|w| w - 2 * border);
    let h = read(&args.height, 0, side, size.rows())?.map(|h| h - 2 * border);
    let (cols, rows) = (i32::from(size.cols()), i32::from(size.rows()));
    let left = -w.unwrap_or(cols / 2);
    let top = -h.unwrap_or(rows / 4);
    let x = read(&args.x, left, cols.into(), size.cols())?;
    let y = read(&args.y, top, rows.into(), size.rows())?;
    Ok(FloatPlace {
        w,
        h,
        x: x.map(|x| x + border),
        y: y.map(|y| y + border),
        bare: !framed,
    })
}

/// `break-pane -W`.
pub(super) fn float(mux: &mut Mux, cx: &mut Context, args: &args::BreakPane) -> Ran {
    let found = places::pane(mux, cx, args.source.as_ref())?;
    if args.target.is_some() {
        places::slot(mux, cx, args.target.as_ref())?;
    }
    pane_move::not_modal(mux, &found)?;
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    if owner.zoomed.is_some() {
        return Err("can't float a pane while window is zoomed".to_owned());
    }
    if owner.layout.floats(found.pane) {
        return Err("pane is already floating".to_owned());
    }
    let framed = framed(mux, &found);
    let failed = |cause: String| format!("failed to float pane: {cause}");
    let wanted = float_place(mux, cx, &found, &args.place, framed).map_err(failed)?;
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    let lifted = owner.layout.lift(found.pane, wanted);
    lifted.map_err(|error| failed(error.to_string()))?;
    if !args.detached {
        owner.select(found.pane);
        owner.raise(found.pane);
        cx.set_current(found);
    }
    Ok(Outcome::Done)
}

/// A change by cells; one if none is given.
fn change(mux: &Mux, cx: &Context, found: &Found, given: Option<&String>) -> Result<i32, String> {
    let Some(text) = given else { return Ok(1) };
    let bounds = (i64::from(i32::MIN), i64::from(i32::MAX));
    let limit = i32::from(crate::base::Size::MAX_SIDE);
    places::measure(mux, cx, found, text, bounds, 0)
        .map(|cells| cells.clamp(-limit, limit))
        .map_err(|cause| format!("adjustment {cause}"))
}

/// `move-pane`: a floating pane somewhere else, or what `join-pane` does.
pub(super) fn move_pane(mux: &mut Mux, cx: &mut Context, args: &args::MovePane) -> Ran {
    if args.mouse {
        if let Some(at) = cx.mouse {
            mux.drag_float(cx.client, at);
        }
        return Ok(Outcome::Done);
    }
    let moves = [
        (&args.down, Direction::Down),
        (&args.up, Direction::Up),
        (&args.left, Direction::Left),
        (&args.right, Direction::Right),
    ];
    let floating = moves.iter().any(|(given, _)| given.is_some())
        || args.position.is_some()
        || args.x.is_some()
        || args.y.is_some()
        || args.depth.is_some();
    if !floating {
        return pane_move::join(mux, cx, &args.join);
    }
    let found = places::pane(mux, cx, args.join.target.as_ref())?;
    let framed = framed(mux, &found);
    let owner = mux.windows.get(&found.window).ok_or("no current target")?;
    if !owner.layout.floats(found.pane) {
        return Err("pane is not floating".to_owned());
    }
    let area = owner.layout.cell(found.pane).unwrap_or_default();
    let (size, border) = (owner.size, i32::from(framed));
    let place = |text: &Option<String>, side: u16, whole: u16| {
        let bounds = (-i64::from(side), i64::from(whole));
        let read = |text: &String| places::measure(mux, cx, &found, text, bounds, whole);
        let read = text.as_ref().map(read).transpose();
        read.map_err(|cause| format!("position {cause}"))
    };
    let x = place(&args.x, area.w, size.cols())?.map_or(area.x, |x| x + border);
    let y = place(&args.y, area.h, size.rows())?.map_or(area.y, |y| y + border);
    let mut area = Area { x, y, ..area };
    for (given, direction) in moves {
        let Some(given) = given else { continue };
        let by = change(mux, cx, &found, given.as_ref())?;
        match direction {
            Direction::Down => area.y += by,
            Direction::Up => area.y -= by,
            Direction::Left => area.x -= by,
            Direction::Right => area.x += by,
        }
    }
    let position: Option<Position> = match &args.position {
        Some(name) => Some(places::expand(mux, cx, &found, name).parse()?),
        None => None,
    };
    let depth = match &args.depth {
        Some(text) => Some(places::count(text, "z-index", 0, i64::from(i32::MAX))?),
        None => None,
    };
    let owner = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    owner.layout.move_float(found.pane, area.x, area.y);
    if let Some(position) = position {
        owner.layout.position(found.pane, position, framed);
    }
    if let Some(depth) = depth {
        let depth = usize::try_from(depth).unwrap_or(usize::MAX);
        owner.layout.restack(found.pane, depth);
    }
    Ok(Outcome::Done)
}

/// `resize-pane`.
pub(super) fn resize(mux: &mut Mux, cx: &Context, args: &args::ResizePane) -> Ran {
    if args.mouse {
        if let Some(at) = cx.mouse {
            mux.drag_resize(cx.client, at);
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
        if !owner.unzoom() {
            owner.zoom(found.pane);
        }
        return Ok(Outcome::Done);
    }
    owner.unzoom();
    let size = owner.size;
    for (text, what, axis, whole) in [
        (&args.width, "width", Axis::Columns, size.cols()),
        (&args.height, "height", Axis::Rows, size.rows()),
    ] {
        let Some(text) = text else { continue };
        let bounds = (0, i64::from(i32::MAX));
        let cells = places::measure(mux, cx, &found, text, bounds, whole)
            .map_err(|cause| format!("{what} {cause}"))?;
        to_side(mux, &found, axis, cells)?;
    }
    let moves = [
        (&args.left, Direction::Left),
        (&args.right, Direction::Right),
        (&args.up, Direction::Up),
        (&args.down, Direction::Down),
    ];
    for (given, direction) in moves {
        let Some(given) = given else { continue };
        let given = given.as_ref().or(args.adjustment.as_ref());
        let by = change(mux, cx, &found, given)?;
        by_border(mux, &found, direction, by)?;
    }
    // Control clients are told of the change, and of the command's end.
    mux.tell_layout(found.window, 2);
    Ok(Outcome::Done)
}

fn to_side(mux: &mut Mux, found: &Found, axis: Axis, cells: i32) -> Result<(), String> {
    let frame = if framed(mux, found) { 2 } else { 0 };
    let Some(owner) = mux.windows.get_mut(&found.window) else {
        return Ok(());
    };
    if owner.layout.floats(found.pane) {
        let cells = if cells > frame { cells - frame } else { cells };
        let sized = owner.layout.resize_float_to(found.pane, axis, cells);
        return sized.map_err(|error| format!("size {error}"));
    }
    let mut cells = u16::try_from(cells).unwrap_or(u16::MAX);
    if axis == Axis::Rows && owner.layout.gives_row(found.pane) {
        cells = cells.saturating_add(1);
    }
    owner.layout.resize_pane_to(found.pane, axis, cells);
    Ok(())
}

fn by_border(mux: &mut Mux, found: &Found, to: Direction, by: i32) -> Result<(), String> {
    let Some(owner) = mux.windows.get_mut(&found.window) else {
        return Ok(());
    };
    let axis = to.axis();
    if owner.layout.floats(found.pane) {
        let first = !to.is_forward();
        let sized = owner.layout.resize_float(found.pane, axis, by, first);
        return sized.map_err(|error| format!("adjustment {error}"));
    }
    let by = if to.is_forward() { by } else { -by };
    owner.layout.resize_pane(found.pane, axis, by);
    Ok(())
}
