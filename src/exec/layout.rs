//! Layouts of windows: select, next, previous, rotate.

use crate::base::WindowId;
use crate::command::args;
use crate::command::target::Target;
use crate::mux::layout::preset::{MainSides, Preset};
use crate::mux::{Mux, Window};

use super::{Context, Outcome, Ran, places};

/// `select-layout`.
pub(super) fn select(mux: &mut Mux, cx: &Context, args: &args::SelectLayout) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let form = mux.layout_form(cx.client);
    let base = mux.window_number(Some(found.window), "pane-base-index");
    unzoomed(mux, found.window);
    let window = mux
        .windows
        .get_mut(&found.window)
        .ok_or("no current target")?;
    let before = window.layout_text(form, base);
    let old = window.old_layout.replace(before);
    let done = if args.next || args.previous {
        cycle_at(mux, found.window, args.next);
        Ok(())
    } else if args.even {
        window.layout.spread(found.pane);
        Ok(())
    } else if args.undo {
        old.as_deref()
            .map_or(Ok(()), |old| apply_text(mux, found.window, old))
    } else {
        match (&args.layout, window.preset) {
            (None, Some(preset)) => {
                apply(mux, found.window, preset);
                Ok(())
            }
            (None, None) => Ok(()),
            (Some(name), _) => match name.parse() {
                Ok(preset) => {
                    apply(mux, found.window, preset);
                    Ok(())
                }
                Err(_) => apply_text(mux, found.window, name),
            },
        }
    };
    if done.is_err()
        && let Some(window) = mux.windows.get_mut(&found.window)
    {
        window.old_layout = old;
    }
    done?;
    if !args.even {
        // The setting of the layout is told, and the command's end.
        mux.tell_layout(found.window, 2);
    }
    Ok(Outcome::Done)
}

/// Ends a zoom, which is an event of its own.
fn unzoomed(mux: &mut Mux, window: WindowId) {
    let zoomed = mux.windows.get_mut(&window).is_some_and(Window::unzoom);
    if zoomed {
        mux.settle_layouts();
        mux.note_changes();
    }
}

fn apply_text(mux: &mut Mux, window: WindowId, text: &str) -> Result<(), String> {
    let owner = mux.windows.get_mut(&window).ok_or("no current target")?;
    let read = owner.layout.read(text);
    let (layout, activity) = read.map_err(|error| format!("{error}: {text}"))?;
    owner.layout = layout;
    let manual = owner.manual;
    owner.size = owner.layout.size();
    if let Some(activity) = activity.filter(|_| owner.modal.is_none()) {
        owner.active = activity.active.unwrap_or(owner.active);
        owner.last = activity.last;
        owner.last.retain(|pane| *pane != owner.active);
    }
    if mux.window_str(Some(window), "window-size") == "manual" {
        mux.resize_window(window, manual);
    }
    Ok(())
}

/// `next-layout` and `previous-layout`.
pub(super) fn cycle(mux: &mut Mux, cx: &Context, target: Option<&Target>, forward: bool) -> Ran {
    let found = places::window(mux, cx, target)?;
    let form = mux.layout_form(cx.client);
    let base = mux.window_number(Some(found.window), "pane-base-index");
    unzoomed(mux, found.window);
    if let Some(owner) = mux.windows.get_mut(&found.window) {
        owner.old_layout = Some(owner.layout_text(form, base));
    }
    cycle_at(mux, found.window, forward);
    mux.tell_layout(found.window, 2);
    Ok(Outcome::Done)
}

fn cycle_at(mux: &mut Mux, window: WindowId, forward: bool) {
    let last = mux.windows.get(&window).and_then(|w| w.preset);
    apply(mux, window, Preset::cycle(last, forward));
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
        main_width: side("main-pane-width", size.cols() - 1),
        main_height: side("main-pane-height", size.rows() - 1),
        other_width: side("other-pane-width", size.cols() - 1),
        other_height: side("other-pane-height", size.rows() - 1),
        most_columns: u16::try_from(mux.window_number(Some(window), "tiled-layout-max-columns"))
            .unwrap_or(0),
    };
    if let Some(owner) = mux.windows.get_mut(&window) {
        owner.unzoom();
        owner.layout.arrange(preset, size, sides);
        owner.size = owner.layout.size();
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
    let zoomed = window.unzoom();
    let at = window
        .panes()
        .iter()
        .position(|pane| *pane == window.active)
        .unwrap_or(0);
    window.layout.rotate(args.down);
    // A modal pane stays the active one, wherever it comes.
    if let Some(next) = window.panes().get(at).copied() {
        window.select(next);
    }
    if zoomed && args.keep_zoom {
        window.zoom(window.active);
    }
    if !zoomed {
        // Panes in other places are no other layout here.
        mux.layouts_told.insert(found.window, 0);
        mux.unsaid_layouts.insert(found.window);
    }
    Ok(Outcome::Done)
}
