//! Layouts of windows: select, next, previous, rotate.

use crate::base::WindowId;
use crate::command::args;
use crate::command::target::Target;
use crate::mux::Mux;
use crate::mux::layout::Layout;
use crate::mux::layout::preset::{MainSides, Preset};

use super::{Context, Outcome, Ran, places};

/// `select-layout`.
pub(super) fn select(mux: &mut Mux, cx: &Context, args: &args::SelectLayout) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if args.next || args.previous {
        return cycle_at(mux, found.window, args.next);
    }
    let window = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    let before = window.layout.to_text();
    if args.even {
        window.zoomed = false;
        window.layout.spread(found.pane);
    } else if args.undo {
        let Some(old) = window.old_layout.clone() else {
            return Ok(Outcome::Done);
        };
        apply_text(mux, found.window, &old)?;
    } else {
        match &args.layout {
            None => {
                if let Some(preset) = window.preset {
                    apply(mux, found.window, preset);
                }
            }
            Some(name) => match name.parse() {
                Ok(preset) => apply(mux, found.window, preset),
                Err(_) => apply_text(mux, found.window, name)?,
            },
        }
    }
    if let Some(window) = mux.windows.get_mut(&found.window) {
        window.old_layout = Some(before);
    }
    Ok(Outcome::Done)
}

fn apply_text(mux: &mut Mux, window: WindowId, text: &str) -> Result<(), String> {
    let owner = mux.windows.get_mut(&window).ok_or("no current target")?;
    let panes = owner.panes();
    let mut layout = Layout::from_text(text, &panes).map_err(|error| format!("{error}: {text}"))?;
    owner.zoomed = false;
    layout.resize(owner.size);
    owner.layout = layout;
    Ok(())
}

/// `next-layout` and `previous-layout`.
pub(super) fn cycle(mux: &mut Mux, cx: &Context, target: Option<&Target>, forward: bool) -> Ran {
    let found = places::window(mux, cx, target)?;
    cycle_at(mux, found.window, forward)
}

fn cycle_at(mux: &mut Mux, window: WindowId, forward: bool) -> Ran {
    let last = mux.windows.get(&window).and_then(|w| w.preset);
    apply(mux, window, Preset::cycle(last, forward));
    Ok(Outcome::Done)
}

fn apply(mux: &mut Mux, window: WindowId, preset: Preset) {
    let Some(owner) = mux.windows.get(&window) else {
        return;
    };
    let size = owner.size;
    let side = |name: &str, whole: u16| {
        let text = mux.window_text(Some(window), name);
        places::cells(&text, name, whole).unwrap_or(0)
    };
    let sides = MainSides {
        main_width: side("main-pane-width", size.cols()),
        main_height: side("main-pane-height", size.rows()),
        other_width: side("other-pane-width", size.cols()),
        other_height: side("other-pane-height", size.rows()),
    };
    let layout = Layout::preset(preset, &owner.panes(), size, sides);
    if let (Some(owner), Some(layout)) = (mux.windows.get_mut(&window), layout) {
        owner.zoomed = false;
        owner.layout = layout;
        owner.preset = Some(preset);
    }
}

/// `rotate-window`: the panes move on by one place, the active place stays.
pub(super) fn rotate(mux: &mut Mux, cx: &mut Context, args: &args::RotateWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let window = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    let mut panes = window.panes();
    let at = panes
        .iter()
        .position(|pane| *pane == window.active)
        .unwrap_or(0);
    if args.down {
        panes.rotate_right(1);
    } else {
        panes.rotate_left(1);
    }
    window.layout.refill(&panes);
    if !args.keep_zoom {
        window.zoomed = false;
    }
    if let Some(next) = panes.get(at).copied() {
        window.select(next);
    }
    Ok(Outcome::Done)
}
