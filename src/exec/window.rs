//! Windows: new, kill, rename, select, list, move, swap, respawn.

use crate::base::Size;
use crate::command::args;
use crate::command::target::Target;
use crate::mux::resolve::{Found, Slot};
use crate::mux::session::Session;
use crate::mux::{LifeError, Mux};

use super::session::checked_name;
use super::spawn::{self, Wish};
use super::{Answer, Context, Outcome, Ran, pane, places};

/// What `new-window`, `split-window` and `break-pane` print with `-P`.
pub(super) const PRINT_FORMAT: &str = "#{session_name}:#{window_index}.#{pane_index}";

/// The index that a new window gets: the one named, beside a window with `-a`
/// or `-b`, or the first free one.
fn index_for(mux: &mut Mux, slot: Slot, after: bool, before: bool) -> u32 {
    if after || before {
        let index = if before { slot.near } else { slot.near + 1 };
        mux.shuffle_up(slot.session, index);
        return index;
    }
    slot.index.unwrap_or_else(|| {
        let base = mux.base_index(Some(slot.session));
        mux.sessions
            .get(&slot.session)
            .map_or(base, |owner| owner.free_index(base))
    })
}

/// `new-window`.
pub(super) fn new(mux: &mut Mux, cx: &mut Context, args: &args::NewWindow) -> Ran {
    let slot = places::slot(mux, cx, args.target.as_ref())?;
    let here = mux.place_in(slot.session).ok_or("no current target")?;
    let name = match &args.name {
        Some(name) => {
            let name = places::expand(mux, cx, &here, name);
            Some(checked_name("window", &name)?)
        }
        None => None,
    };
    if args.select_existing
        && let Some(done) = select_there(mux, args, &slot, name.as_deref())?
    {
        return Ok(done);
    }
    if let Some(index) = slot.index.filter(|_| !args.after && !args.before) {
        let taken = mux
            .sessions
            .get(&slot.session)
            .and_then(|s| s.links.get(&index))
            .is_some();
        if taken && !args.kill_existing {
            return Err(format!(
                "create window failed: {}",
                LifeError::IndexInUse(index)
            ));
        }
    }
    let own = mux
        .sessions
        .get(&slot.session)
        .map(|s| s.environ.clone())
        .unwrap_or_default();
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: args.empty,
    };
    let fresh = spawn::new_pane(mux, cx, Some(slot.session), &own, Some(&here), wish);
    // Beside a window that is not there is its place, unlike where windows are moved.
    let beside = !slot.free;
    let index = index_for(mux, slot, args.after && beside, args.before && beside);
    let replaced = replace(mux, slot, index, args.kill_existing);
    let made = mux.new_window(slot.session, index, name.as_deref(), fresh);
    let (_, pane) = made.map_err(|error| format!("create window failed: {error}"))?;
    if let Some(aside) = replaced {
        mux.unlink(slot.session, aside);
    }
    if !args.detached || replaced.is_some_and(|_| here.index == index) {
        select(mux, slot.session, index);
    }
    let found = mux
        .place_of_pane(pane, Some(slot.session))
        .ok_or("no current target")?;
    cx.made_in = Some(slot.session);
    let shown = mux.sessions.get(&slot.session).map(|owner| owner.current);
    if !args.detached || shown == Some(index) {
        cx.set_current(found);
    }
    match spawn::start(mux, cx, pane) {
        Some(token) => Ok(Outcome::Wait(token)),
        None => finish(mux, cx, args.print, args.format.as_deref()),
    }
}

/// Puts a window that is to be replaced aside, so that its session never runs
/// out of windows; the index it has then.
fn replace(mux: &mut Mux, slot: Slot, index: u32, kill: bool) -> Option<u32> {
    let owner = mux.sessions.get(&slot.session).filter(|_| kill)?;
    owner.links.get(&index)?;
    let aside = owner.free_index(owner.links.keys().next_back().map_or(0, |last| last + 1));
    mux.move_link((slot.session, index), (slot.session, aside))
        .then_some(aside)
}

/// `new-window`, once its process runs or does not.
pub(super) fn new_resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::NewWindow,
    answer: Answer,
) -> Ran {
    match spawn::started(mux, cx, answer) {
        Ok(_) => finish(mux, cx, args.print, args.format.as_deref()),
        Err(why) => Err(undo(mux, cx, "create window failed", &why)),
    }
}

/// Takes a pane away that could not be started, and says so.
pub(super) fn undo(mux: &mut Mux, cx: &mut Context, what: &str, why: &str) -> String {
    if let Some(pane) = cx.spawned.take() {
        mux.kill_pane(pane);
    }
    cx.current = super::Current::default();
    format!("{what}: {why}")
}

/// Prints what `-P` asks for of the pane that was made.
pub(super) fn finish(mux: &Mux, cx: &mut Context, print: bool, format: Option<&str>) -> Ran {
    if print
        && let Some(pane) = cx.spawned
        && let Some(found) = mux.place_of_pane(pane, cx.made_in.or(cx.current.session))
    {
        let line = places::expand(mux, cx, &found, format.unwrap_or(PRINT_FORMAT));
        cx.print(&line);
    }
    Ok(Outcome::Done)
}

/// `new-window -S`: makes the window current that is where the target says, or has
/// the name where that names no place; nothing if there is none.
fn select_there(
    mux: &mut Mux,
    args: &args::NewWindow,
    slot: &Slot,
    name: Option<&str>,
) -> Result<Option<Outcome>, String> {
    let owner = mux.sessions.get(&slot.session).ok_or("no current target")?;
    let index = match (slot.index, name) {
        (Some(index), _) => Some(index).filter(|index| owner.links.contains_key(index)),
        (None, Some(name)) => named(mux, owner, name)?,
        (None, None) => None,
    };
    if let Some(index) = index.filter(|_| !args.detached) {
        select(mux, slot.session, index);
    }
    Ok(index.map(|_| Outcome::Done))
}

/// The index of the one window of a session that has a name.
fn named(mux: &Mux, owner: &Session, name: &str) -> Result<Option<u32>, String> {
    let mut same = owner.links.iter().filter(|(_, link)| {
        mux.windows
            .get(&link.window)
            .is_some_and(|w| w.name == name)
    });
    match (same.next(), same.next()) {
        (Some(_), Some(_)) => Err(format!("multiple windows named {name}")),
        (first, _) => Ok(first.map(|(index, _)| *index)),
    }
}

/// Makes a window of a session current.
pub(super) fn select(mux: &mut Mux, session: crate::base::SessionId, index: u32) {
    if let Some(owner) = mux.sessions.get_mut(&session) {
        owner.select(index);
    }
}

/// `kill-window`.
pub(super) fn kill(mux: &mut Mux, cx: &Context, args: &args::KillWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    if args.filter.is_some() && !args.others {
        return Err("-f only valid with -a".to_owned());
    }
    if !args.others {
        mux.kill_window(found.window);
        return Ok(Outcome::Done);
    }
    let owner = mux
        .sessions
        .get(&found.session)
        .ok_or("no current target")?;
    let others: Vec<_> = owner
        .links
        .iter()
        .filter(|(_, link)| link.window != found.window)
        .filter_map(|(index, _)| mux.place_at(owner, *index))
        .filter(|other| {
            places::item(
                mux,
                &places::scope(mux, cx, other),
                "",
                args.filter.as_deref(),
            )
            .is_some()
        })
        .map(|other| other.window)
        .collect();
    for window in others {
        mux.kill_window(window);
    }
    Ok(Outcome::Done)
}

/// `rename-window`.
pub(super) fn rename(mux: &mut Mux, cx: &Context, args: &args::RenameWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let name = checked_name("window", &places::expand(mux, cx, &found, &args.name))?;
    if let Some(window) = mux.windows.get_mut(&found.window) {
        window.name = name;
        let off = crate::config::Value::Flag(false);
        window.options.insert("automatic-rename", off);
    }
    Ok(Outcome::Done)
}

/// `select-window`.
pub(super) fn select_window(mux: &mut Mux, cx: &mut Context, args: &args::SelectWindow) -> Ran {
    if args.last || args.next || args.previous {
        let found = places::window(mux, cx, args.target.as_ref())?;
        return if args.last {
            last_in(mux, cx, found)
        } else {
            step(mux, cx, found, args.next, false)
        };
    }
    let found = places::window(mux, cx, args.target.as_ref())?;
    let current = mux.sessions.get(&found.session).map(|s| s.current);
    if args.toggle && current == Some(found.index) {
        return last_in(mux, cx, found);
    }
    select(mux, found.session, found.index);
    used_by(mux, cx, found.session);
    cx.set_current(found);
    Ok(Outcome::Done)
}

/// The client that turned to a window decides its size from now on.
fn used_by(mux: &mut Mux, cx: &Context, session: crate::base::SessionId) {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    let client = client.filter(|client| client.session.is_some());
    let Some(client) = client.map(|client| client.id) else {
        return;
    };
    mux.use_window(client, session);
}

/// `next-window` and `previous-window`.
pub(super) fn next(
    mux: &mut Mux,
    cx: &mut Context,
    target: Option<&Target>,
    forward: bool,
    alert: bool,
) -> Ran {
    let found = places::session(mux, cx, target)?;
    step(mux, cx, found, forward, alert)
}

fn step(mux: &mut Mux, cx: &mut Context, found: Found, forward: bool, alert: bool) -> Ran {
    let owner = mux
        .sessions
        .get(&found.session)
        .ok_or("no current target")?;
    let Some(index) = owner.step(forward, alert) else {
        let which = if forward { "next" } else { "previous" };
        return Err(format!("no {which} window"));
    };
    select(mux, found.session, index);
    used_by(mux, cx, found.session);
    follow(mux, cx, found.session);
    Ok(Outcome::Done)
}

/// `last-window`.
pub(super) fn last(mux: &mut Mux, cx: &mut Context, args: &args::LastWindow) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    last_in(mux, cx, found)
}

fn last_in(mux: &mut Mux, cx: &mut Context, found: Found) -> Ran {
    let owner = mux
        .sessions
        .get(&found.session)
        .ok_or("no current target")?;
    let index = *owner.last.first().ok_or("no last window")?;
    select(mux, found.session, index);
    used_by(mux, cx, found.session);
    follow(mux, cx, found.session);
    Ok(Outcome::Done)
}

/// Makes a session's present place current for what follows on the line.
pub(super) fn follow(mux: &Mux, cx: &mut Context, session: crate::base::SessionId) {
    if let Some(found) = mux.place_in(session) {
        cx.set_current(found);
    }
}

/// Where a window is moved or linked to, and how.
struct Move<'a> {
    source: Option<&'a Target>,
    target: Option<&'a Target>,
    after: bool,
    before: bool,
    detached: bool,
    kill_existing: bool,
    unlink: bool,
}

/// `move-window`.
pub(super) fn move_window(mux: &mut Mux, cx: &mut Context, args: &args::MoveWindow) -> Ran {
    if args.renumber {
        places::window(mux, cx, args.source.as_ref())?;
        // tmux says nothing of a session that is not there.
        if let Ok(found) = places::session(mux, cx, args.target.as_ref()) {
            mux.renumber(found.session);
        }
        return Ok(Outcome::Done);
    }
    let wanted = Move {
        source: args.source.as_ref(),
        target: args.target.as_ref(),
        after: args.after,
        before: args.before,
        detached: args.detached,
        kill_existing: args.kill_existing,
        unlink: true,
    };
    link_to(mux, cx, &wanted)
}

/// `link-window`.
pub(super) fn link(mux: &mut Mux, cx: &mut Context, args: &args::LinkWindow) -> Ran {
    let wanted = Move {
        source: args.source.as_ref(),
        target: args.target.as_ref(),
        after: args.after,
        before: args.before,
        detached: args.detached,
        kill_existing: args.kill_existing,
        unlink: false,
    };
    link_to(mux, cx, &wanted)
}

fn link_to(mux: &mut Mux, cx: &mut Context, wanted: &Move<'_>) -> Ran {
    let from = places::window(mux, cx, wanted.source)?;
    let slot = places::slot(mux, cx, wanted.target)?;
    let mut source = from.index;
    let index = if wanted.after || wanted.before {
        let index = index_for(mux, slot, wanted.after, wanted.before);
        // Making room may have moved the source along.
        let moved = mux.sessions.get(&from.session);
        let moved = moved.filter(|_| slot.session == from.session && source >= index);
        let at = moved.and_then(|s| s.links.get(&source)).map(|l| l.window);
        if moved.is_some() && at != Some(from.window) {
            source += 1;
        }
        Some(index)
    } else {
        slot.index
    };
    let linked = mux.link_window(
        (from.session, from.window),
        (slot.session, index),
        wanted.kill_existing,
        !wanted.detached,
    );
    if let Err(error) = linked {
        // Room may have been made for it, where others of a group are.
        mux.sync_group(slot.session);
        return Err(error.to_string());
    }
    if slot.session != from.session {
        mux.unmark_window(from.window);
    }
    if wanted.unlink {
        mux.unlink(from.session, source);
        if wanted.source.is_none() {
            mux.renumber_if_wanted(from.session);
        }
    }
    Ok(Outcome::Done)
}

/// `unlink-window`.
pub(super) fn unlink(mux: &mut Mux, cx: &Context, args: &args::UnlinkWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let group = mux.group_of(found.session);
    let own = |id: &crate::base::SessionId| *id == found.session || !group.contains(id);
    let links = mux.sessions.values().filter(|s| own(&s.id)).flat_map(|s| {
        let same = |link: &&crate::mux::session::Link| link.window == found.window;
        s.links.values().filter(same)
    });
    if !args.kill && links.count() < 2 {
        return Err("window only linked to one session".to_owned());
    }
    mux.unlink(found.session, found.index);
    Ok(Outcome::Done)
}

/// `swap-window`.
pub(super) fn swap(mux: &mut Mux, cx: &mut Context, args: &args::SwapWindow) -> Ran {
    let marked = pane::marked_source(mux, args.source.as_ref());
    let from = places::window(mux, cx, marked.as_ref())?;
    let to = places::window(mux, cx, args.target.as_ref())?;
    if from.session != to.session && mux.group_of(from.session).contains(&to.session) {
        return Err("can't move window, sessions are grouped".to_owned());
    }
    if from.window == to.window {
        return Ok(Outcome::Done);
    }
    mux.swap_links((from.session, from.index), (to.session, to.index));
    if from.session != to.session {
        mux.unmark_window(from.window);
        mux.unmark_window(to.window);
    }
    if args.detached {
        select(mux, to.session, to.index);
        if from.session != to.session {
            select(mux, from.session, from.index);
        }
    }
    Ok(Outcome::Done)
}

/// `resize-window`.
pub(super) fn resize(mux: &mut Mux, cx: &Context, args: &args::ResizeWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let adjustment = match &args.adjustment {
        Some(text) => places::count(text, "adjustment", 1, i64::from(i32::MAX))?,
        None => 1,
    };
    let by = u16::try_from(adjustment).unwrap_or(u16::MAX);
    let size = mux
        .windows
        .get(&found.window)
        .ok_or("no current target")?
        .size;
    let side = |text: Option<&String>, what: &str, own: u16| match text {
        Some(text) => places::count(text, what, 1, i64::from(Size::MAX_SIDE))
            .map(|n| u16::try_from(n).unwrap_or(u16::MAX)),
        None => Ok(own),
    };
    let mut cols = side(args.width.as_ref(), "width", size.cols())?;
    let mut rows = side(args.height.as_ref(), "height", size.rows())?;
    if args.left {
        cols = cols.saturating_sub(by).max(1);
    } else if args.right {
        cols = cols.saturating_add(by);
    } else if args.up {
        rows = rows.saturating_sub(by).max(1);
    } else if args.down {
        rows = rows.saturating_add(by);
    }
    if args.largest || args.smallest {
        let policy = if args.largest { "largest" } else { "smallest" };
        let size = mux.session_size(found.session, policy);
        (cols, rows) = (size.cols(), size.rows());
    }
    if let Some(window) = mux.windows.get_mut(&found.window) {
        let manual = crate::config::Value::Text("manual".to_owned());
        window.options.insert("window-size", manual);
        window.manual = Size::new(cols, rows);
    }
    mux.resize_window(found.window, Size::new(cols, rows));
    Ok(Outcome::Done)
}

/// `respawn-window`.
pub(super) fn respawn(mux: &mut Mux, cx: &mut Context, args: &args::RespawnWindow) -> Ran {
    let found = places::window(mux, cx, args.target.as_ref())?;
    let panes = mux
        .windows
        .get(&found.window)
        .map(|w| w.panes())
        .unwrap_or_default();
    let active = |id: &crate::base::PaneId| {
        mux.panes
            .get(id)
            .is_some_and(|p| p.dead.is_none() && p.process.is_some())
    };
    if !args.kill_existing && panes.iter().any(active) {
        let at = places::expand(mux, cx, &found, "#{session_name}:#{window_index}");
        return Err(format!("respawn window failed: window {at} still active"));
    }
    // The first pane stays, whichever is active.
    let found = panes.first().map_or(found, |&pane| Found { pane, ..found });
    for other in panes.into_iter().filter(|id| *id != found.pane) {
        mux.kill_pane(other);
    }
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: args.empty,
    };
    let ran = pane::start_again(mux, cx, &found, wish);
    if ran.is_ok() {
        select(mux, found.session, found.index);
    }
    ran
}
