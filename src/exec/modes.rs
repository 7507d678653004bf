//! Modes in which something is chosen: how they are opened, kept up to date and
//! left. What is on their lists is made in `build`, keys are taken in `keys`.

mod build;
mod keys;
mod options;

use std::time::Duration;

use crate::base::{PaneId, Size};
use crate::command::args;
use crate::mux::Mux;
use crate::mux::modes::{Ask, Closed, Held, Kind, Mode, Numbers, Preview};
use crate::mux::resolve::Found;

use super::{Context, Outcome, Ran, places};

pub use keys::{Follow, ModeMouse, mode_key};

const KEY_FORMAT: &str = "#{?#{e|<:#{line},10},#{line},#{?#{e|<:#{line},36},\
    M-#{a:#{e|+:97,#{e|-:#{line},10}}},}}";

/// `choose-tree`.
pub(super) fn tree(mux: &mut Mux, cx: &Context, args: &args::ChooseTree) -> Ran {
    let Some((at, mut mode)) = prepare(mux, cx, Kind::Tree, &args.choose)? else {
        return Ok(Outcome::Done);
    };
    mode.hides_own = args.hide_own;
    mode.whole_groups = args.whole_groups;
    mode.info = args.info;
    let closed = if args.sessions {
        Closed::Sessions
    } else if args.windows {
        Closed::Windows
    } else {
        Closed::Nothing
    };
    build::open_tree(mux, &mut mode, closed);
    enter(mux, at, mode, args.choose.zoom)
}

/// `choose-client`.
pub(super) fn clients(mux: &mut Mux, cx: &Context, args: &args::ChooseClient) -> Ran {
    let Some((at, mut mode)) = prepare(mux, cx, Kind::Client, &args.choose)? else {
        return Ok(Outcome::Done);
    };
    mode.hides_own = args.hide_own;
    mode.info = args.info;
    enter(mux, at, mode, args.choose.zoom)
}

/// `choose-buffer`.
pub(super) fn buffers(mux: &mut Mux, cx: &Context, args: &args::ChooseBuffer) -> Ran {
    let prepared = prepare(mux, cx, Kind::Buffer, &args.choose)?;
    if mux.buffers.iter().next().is_none() {
        return Ok(Outcome::Done);
    }
    let Some((at, mode)) = prepared else {
        return Ok(Outcome::Done);
    };
    enter(mux, at, mode, args.choose.zoom)
}

/// `customize-mode`.
pub(super) fn customize(mux: &mut Mux, cx: &Context, args: &args::CustomizeMode) -> Ran {
    let choose = args::Choose {
        kill: args.kill,
        no_preview: args.no_preview,
        zoom: args.zoom,
        format: args.format.clone(),
        filter: args.filter.clone(),
        target: args.target.clone(),
        ..args::Choose::default()
    };
    let Some((at, mode)) = prepare(mux, cx, Kind::Options, &choose)? else {
        return Ok(Outcome::Done);
    };
    enter(mux, at, mode, args.zoom)
}

/// `switch-mode`.
pub(super) fn switch(mux: &mut Mux, cx: &Context, args: &args::SwitchMode) -> Ran {
    let format = args.format.clone();
    let choose = args::Choose {
        kill: args.kill,
        zoom: args.zoom,
        format: format.or_else(|| args.windows.then(|| build::SWITCH_WINDOWS.to_owned())),
        key_format: Some(String::new()),
        target: args.target.clone(),
        template: args.template.clone(),
        ..args::Choose::default()
    };
    let Some((at, mut mode)) = prepare(mux, cx, Kind::Switch, &choose)? else {
        return Ok(Outcome::Done);
    };
    mode.windows = args.windows;
    // The prompt's row.
    mode.tree.preview_rows = Some(1);
    keys::ask(mux, cx, &mut mode, Ask::Switch, "(search) ", "");
    enter(mux, at, mode, args.zoom)
}

/// `display-panes`.
pub(super) fn panes(mux: &mut Mux, cx: &Context, args: &args::DisplayPanes) -> Ran {
    let at = places::pane(mux, cx, args.target.as_ref())?;
    let source = match &args.source {
        Some(target) => places::window(mux, cx, Some(target))?,
        None => at,
    };
    let time = match &args.duration {
        Some(text) => places::count(text, "delay", 0, i64::from(u32::MAX))?,
        None => mux.window_number(Some(at.window), "display-panes-time"),
    };
    let time = Duration::from_millis(u64::try_from(time).unwrap_or(1000));
    let mut mode = Mode::new(
        Kind::Panes,
        Found {
            pane: at.pane,
            ..source
        },
    );
    let template = args.template.as_deref();
    template
        .unwrap_or("select-pane -t '%%'")
        .clone_into(&mut mode.command);
    mode.kills = args.kill;
    mode.only = cx.authority.only;
    mode.numbers = Numbers {
        until: (!time.is_zero()).then(|| cx.now.mono + time),
        no_keys: args.no_keys,
        window: Some(source.window),
    };
    mux.enter_mode(at.pane, mode, !args.no_zoom);
    Ok(Outcome::Done)
}

/// `find-window`: a tree of what fits.
pub(super) fn find(mux: &mut Mux, cx: &Context, args: &args::FindWindow) -> Ran {
    let all = !(args.content || args.name || args.title);
    let suffix = match (args.regex, args.ignore_case) {
        (true, true) => "/ri",
        (true, false) => "/r",
        (false, true) => "/i",
        (false, false) => "",
    };
    let star = if args.regex { "" } else { "*" };
    let text = &args.pattern;
    let within = |name: &str| format!("#{{m{suffix}:{star}{text}{star},#{{{name}}}}}");
    let parts = [
        (args.content, format!("#{{C{suffix}:{text}}}")),
        (args.name, within("window_name")),
        (args.title, within("pane_title")),
    ];
    let wanted: Vec<String> = parts
        .into_iter()
        .filter(|(wanted, _)| all || *wanted)
        .map(|(_, part)| part)
        .collect();
    let filter = wanted
        .into_iter()
        .reduce(|a, b| format!("#{{||:{a},{b}}}"))
        .unwrap_or_default();
    let choose = args::Choose {
        filter: Some(filter),
        zoom: args.zoom,
        target: args.target.clone(),
        ..args::Choose::default()
    };
    let tree = args::ChooseTree {
        choose,
        ..args::ChooseTree::default()
    };
    self::tree(mux, cx, &tree)
}

/// A mode without items; none while nobody is attached.
fn prepare(
    mux: &Mux,
    cx: &Context,
    kind: Kind,
    wish: &args::Choose,
) -> Result<Option<(Found, Mode)>, String> {
    let at = places::pane(mux, cx, wish.target.as_ref())?;
    let order = match &wish.order {
        None => build::orders(kind).first().copied().unwrap_or_default(),
        Some(name) => build::order_named(name).ok_or("invalid sort order")?,
    };
    if kind == Kind::Client && mux.clients.values().all(|client| client.session.is_none()) {
        return Ok(None);
    }
    let (format, command) = build::defaults(kind);
    let mut mode = Mode::new(kind, at);
    let shown = wish.format.as_deref().unwrap_or(format);
    shown.clone_into(&mut mode.format);
    wish.key_format
        .as_deref()
        .unwrap_or(KEY_FORMAT)
        .clone_into(&mut mode.key_format);
    wish.template
        .as_deref()
        .unwrap_or(command)
        .clone_into(&mut mode.command);
    mode.filter.clone_from(&wish.filter);
    mode.kills = wish.kill;
    mode.no_confirm = wish.no_confirm;
    mode.only = cx.authority.only;
    mode.tree.order = order;
    mode.tree.preview_rows = (kind == Kind::Options).then_some(12);
    mode.tree.reversed = wish.reversed;
    mode.tree.preview = match wish.no_preview {
        0 => Preview::Normal,
        1 => Preview::Off,
        _ => Preview::Big,
    };
    Ok(Some((at, mode)))
}

fn enter(mux: &mut Mux, at: Found, mode: Mode, zoom: bool) -> Ran {
    if mux.enter_mode(at.pane, mode, zoom) {
        refresh(mux, at.pane);
    }
    Ok(Outcome::Done)
}

/// Brings the modes of all panes up to the model.
pub fn refresh_modes(mux: &mut Mux) {
    let with: Vec<PaneId> = mux
        .panes
        .values()
        .filter(|pane| pane.mode.is_some())
        .map(|pane| pane.id)
        .collect();
    for pane in with {
        if !still(mux, pane) {
            refresh(mux, pane);
        }
    }
}

/// Whether a pane's mode shows what it may go on showing: what was chosen from
/// stays as it was seen until a key asks for more, so that Enter never takes what
/// has just moved under it.
fn still(mux: &Mux, id: PaneId) -> bool {
    let mode = mux.panes.get(&id).and_then(|pane| pane.mode.as_deref());
    mode.is_some_and(|mode| mode.held.is_some() && mode.held == held(mux, mode, id))
}

/// What a mode's items stand still for; none of those that are always up to date.
fn held(mux: &Mux, mode: &Mode, id: PaneId) -> Option<Held> {
    if !matches!(mode.kind, Kind::Tree | Kind::Buffer | Kind::Client) {
        return None;
    }
    let session = mux.sessions.get(&mode.at.session)?;
    let windows = session.links.iter().filter_map(|(index, link)| {
        let window = mux.windows.get(&link.window)?;
        let panes = window.panes().to_vec();
        Some((*index, window.name.clone(), panes, window.active))
    });
    Some(Held {
        size: seen_size(mux, id),
        session: session.name.clone(),
        windows: windows.collect(),
        current: Some(session.current),
    })
}

/// Brings a pane's mode up to the model; one with nothing left is left.
pub(super) fn refresh(mux: &mut Mux, id: PaneId) {
    let Some(pane) = mux.panes.get_mut(&id) else {
        return;
    };
    let Some(mut mode) = pane.mode.take() else {
        return;
    };
    let empty = if mode.kind == Kind::Panes {
        let window = mode.numbers.window;
        window.is_none_or(|id| !mux.windows.contains_key(&id))
    } else {
        let size = seen_size(mux, id);
        build::rebuild(mux, &mut mode, id, size);
        mode.held = held(mux, &mode, id);
        mode.tree.lines.is_empty() && mode.kind != Kind::Switch
    };
    if let Some(pane) = mux.panes.get_mut(&id) {
        pane.mode = Some(mode);
    }
    if empty {
        mux.end_mode(id);
    }
}

/// The size of a pane as it is seen: a zoomed one has the window's.
fn seen_size(mux: &Mux, id: PaneId) -> Size {
    let window = mux.window_of(id);
    let place = window.and_then(|window| window.place(id));
    place.map_or(Size::DEFAULT, |rect| Size::new(rect.width, rect.height))
}
