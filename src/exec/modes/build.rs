//! What is on the lists of modes: items for sessions, windows and panes, for
//! clients and for buffers, by formats, filters and orders. It reads the model
//! and changes the mode alone.

use std::cmp::Ordering;

use crate::base::{ClientId, Key, PaneId, SessionId, Size, WindowId};
use crate::format::{self, Scope};
use crate::mux::modes::{Closed, Item, Kind, Mode, Node};
use crate::mux::{Client, Mux, Session};

use super::options;

/// Options of whose numbers tmux names no unit.
pub(super) const BARE: [&str; 8] = [
    "buffer-limit",
    "input-buffer-size",
    "message-limit",
    "monitor-silence",
    "prompt-history-limit",
    "status-left-length",
    "status-right-length",
    "tiled-layout-max-columns",
];

/// How an item of the tree is shown unless `-F` says otherwise (tmux's
/// `tree_mode_format`).
const TREE_FORMAT: &str = "#{?pane_format,#{?pane_marked,#[fg=thememagenta],}\
    #{?pane_floating_flag,#[underscore],}#{pane_current_command}\
    #[fg=themelightgrey]#{pane_flags}\
    #{?#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}},: \"#{pane_title}\",}\
    ,window_format,#{?window_marked_flag,#[fg=thememagenta],}#{window_name}\
    #[fg=themelightgrey]#{window_flags}\
    #{?#{&&:#{==:#{window_panes},1},#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}}},\
    : \"#{pane_title}\",},#[fg=themelightgrey]#{session_windows} windows\
    #{?session_grouped, (group #{session_group}: #{session_group_list}),}\
    #{?session_attached, (attached),}}";
const BUFFER_FORMAT: &str = "#{t/p:buffer_created}: #{buffer_sample}";
const CLIENT_FORMAT: &str =
    "#[fg=themelightgrey]#{t/p:client_activity}: session #[default]#{session_name}";

const SWITCH_SESSIONS: &str = "#{session_name} #[dim]#{session_windows} windows#[default] \
    #{?session_attached,attached,#[dim]detached#[default]} #[dim]#{window_name}#[default]";

/// How `switch-mode -w` shows a window.
pub(super) const SWITCH_WINDOWS: &str = "#{window_name} \
    #[dim]#{session_name}:#{window_index}#{window_flags}#[default] \
    #[dim]#{pane_current_command}#[default] \
    #{?#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}},#[dim]#{pane_title}#[default],}";

/// The format and the command of a kind of mode.
pub(super) const fn defaults(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Tree => (TREE_FORMAT, "switch-client -Zt '%%'"),
        Kind::Buffer => (BUFFER_FORMAT, "paste-buffer -p -b '%%'"),
        Kind::Client => (CLIENT_FORMAT, "detach-client -t '%%'"),
        Kind::Switch => (SWITCH_SESSIONS, "switch-client -Zt '%%'"),
        Kind::Options | Kind::Panes => ("", ""),
    }
}

/// The orders of a kind of mode, the first by default.
#[must_use]
pub(super) fn orders(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Tree => &["index", "name", "activity", "z"],
        Kind::Buffer => &["creation", "name", "size"],
        Kind::Client => &["name", "size", "creation", "activity"],
        Kind::Options | Kind::Switch | Kind::Panes => &[],
    }
}

/// The order of a name, which need not be one of the kind's own.
pub(super) fn order_named(name: &str) -> Option<&'static str> {
    const KNOWN: [&str; 9] = [
        "activity", "creation", "index", "key", "modifier", "name", "order", "size", "z",
    ];
    KNOWN
        .into_iter()
        .find(|order| order.eq_ignore_ascii_case(name))
}

/// The order behind a kind's present one; the first behind one of others.
pub(super) fn next_order(kind: Kind, order: &str) -> &'static str {
    let own = orders(kind);
    let at = own.iter().position(|name| *name == order);
    let next = at.map_or(0, |at| (at + 1) % own.len());
    own.get(next).copied().unwrap_or_default()
}

/// Makes a tree for the first time, with what is closed and selected at first.
pub(super) fn open_tree(mux: &Mux, mode: &mut Mode, closed: Closed) {
    let mut items = tree(mux, mode, mode.at.pane, mode.filter.as_deref());
    if items.is_empty() {
        items = tree(mux, mode, mode.at.pane, None);
    }
    mode.tree.closed = closed;
    close(mode, &mut items);
    let at = mode.at;
    let one = mux
        .windows
        .get(&at.window)
        .is_some_and(|window| window.panes().len() == 1);
    let select = match closed {
        Closed::Sessions => Node::Session(at.session),
        Closed::Nothing if !one => Node::Pane(at.session, at.index, at.pane),
        _ => Node::Window(at.session, at.index),
    };
    mode.tree.replace(items, Some(&select));
}

/// Closes what a tree shows closed until it is opened.
fn close(mode: &Mode, items: &mut [Item]) {
    if mode.kind != Kind::Tree {
        return;
    }
    for item in items {
        item.expanded = match item.node {
            Node::Session(_) => mode.tree.closed != Closed::Sessions,
            _ => mode.tree.closed == Closed::Nothing,
        };
    }
}

/// Makes the items of a mode anew and fits them to a size.
pub(super) fn rebuild(mux: &Mux, mode: &mut Mode, own: PaneId, size: Size) {
    let filter = mode.filter.clone();
    let mut items = items(mux, mode, own, filter.as_deref());
    mode.tree.no_matches = items.is_empty();
    if items.is_empty() && filter.is_some() {
        items = self::items(mux, mode, own, None);
    }
    close(mode, &mut items);
    mode.tree.replace(items, None);
    mode.tree.resize(size);
    keys(mux, mode);
}

fn items(mux: &Mux, mode: &Mode, own: PaneId, filter: Option<&str>) -> Vec<Item> {
    match mode.kind {
        Kind::Tree => tree(mux, mode, own, filter),
        Kind::Buffer => buffers(mux, mode, filter),
        Kind::Client => clients(mux, mode, filter),
        Kind::Options => options::items(mux, mode, filter),
        Kind::Switch => switchable(mux, mode),
        Kind::Panes => Vec::new(),
    }
}

/// Gives each line its shortcut.
fn keys(mux: &Mux, mode: &mut Mode) {
    let lines = mode.tree.lines.clone();
    if mode.kind == Kind::Options {
        for (at, line) in lines.into_iter().zip(0..) {
            if let Some(item) = mode.tree.items.get_mut(at) {
                item.key = options::shortcut(line);
            }
        }
        let selected = mode.tree.selected().map(|item| item.node.clone());
        mode.about = selected.map_or_else(Vec::new, |node| options::describe(mux, mode, &node));
        return;
    }
    for (at, line) in lines.into_iter().zip(0usize..) {
        let Some(item) = mode.tree.items.get(at) else {
            continue;
        };
        let vars = [("line".to_owned(), line.to_string())];
        let text = match &item.node {
            Node::Buffer(name) => {
                let scope = buffer_scope(mux, mode, name).with_vars(&vars);
                format::expand(&mode.key_format, mux, &scope)
            }
            node => match scope_of(mux, node) {
                Some(scope) => format::expand(&mode.key_format, mux, &scope.with_vars(&vars)),
                None => String::new(),
            },
        };
        if let Some(item) = mode.tree.items.get_mut(at) {
            item.key = text.parse::<Key>().ok();
        }
    }
}

/// What formats speak of at an item.
#[must_use]
pub(super) fn scope_of(mux: &Mux, node: &Node) -> Option<Scope<'static>> {
    match node {
        Node::Session(id) => Some(Scope::of_session(mux, *id)),
        Node::Window(session, index) => window_scope(mux, *session, *index),
        Node::Pane(session, index, pane) => {
            let scope = window_scope(mux, *session, *index)?;
            Some(Scope {
                pane: Some(*pane),
                ..scope
            })
        }
        Node::Client(id) => Some(Scope::of_client(mux, *id)),
        _ => None,
    }
}

fn window_scope(mux: &Mux, session: SessionId, index: u32) -> Option<Scope<'static>> {
    let window = window_at(mux, session, index)?;
    Some(Scope {
        session: Some(session),
        index: Some(index),
        window: Some(window),
        pane: mux.windows.get(&window).map(|window| window.active),
        now: mux.now,
        ..Scope::default()
    })
}

/// The window at an index of a session.
#[must_use]
pub(super) fn window_at(mux: &Mux, session: SessionId, index: u32) -> Option<WindowId> {
    let owner = mux.sessions.get(&session)?;
    owner.links.get(&index).map(|link| link.window)
}

fn tree(mux: &Mux, mode: &Mode, own: PaneId, filter: Option<&str>) -> Vec<Item> {
    let mut items = Vec::new();
    for session in shown_sessions(mux, mode) {
        let at = items.len();
        let scope = Scope::of_session(mux, session.id);
        let vars = kinds("session_format");
        let text = format::expand(&mode.format, mux, &scope.with_vars(&vars));
        let node = Node::Session(session.id);
        items.push(Item::new(node, None, &session.name, Some(text)));
        for index in sorted_windows(mux, mode, session) {
            add_window(mux, mode, own, filter, (session.id, index), at, &mut items);
        }
        if items.len() == at + 1 {
            items.pop();
        }
    }
    items
}

/// What `switch-mode` lists: what fits what was typed, the best first, else by
/// name.
fn switchable(mux: &Mux, mode: &Mode) -> Vec<Item> {
    let typed = mode.typed();
    let sessions = mux.sessions.values();
    let mut named: Vec<(String, Node)> = Vec::new();
    for session in sessions.filter(|own| mode.only.is_none_or(|only| only == own.id)) {
        if !mode.windows {
            named.push((session.name.clone(), Node::Session(session.id)));
            continue;
        }
        for (index, link) in &session.links {
            let window = mux.windows.get(&link.window);
            let name = window.map_or_else(String::new, |window| window.name.clone());
            named.push((name, Node::Window(session.id, *index)));
        }
    }
    named.sort();
    let ranked = named.into_iter().filter_map(|(_, node)| {
        let text = format::expand(&mode.format, mux, &scope_of(mux, &node)?);
        let (score, _) = format::rank(&typed, &text)?;
        Some((score, Item::new(node, None, "", Some(text))))
    });
    let mut ranked: Vec<(i64, Item)> = ranked.collect();
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    ranked.into_iter().map(|(_, item)| item).collect()
}

/// The sessions of a tree: of a group the mode's own, or the first.
fn shown_sessions<'a>(mux: &'a Mux, mode: &Mode) -> Vec<&'a Session> {
    let mut sessions: Vec<&Session> = mux
        .sessions
        .values()
        .filter(|session| mode.only.is_none_or(|only| only == session.id))
        .collect();
    sort(mode, &mut sessions, |a, b| {
        let by_name = || a.name.cmp(&b.name);
        match order(mode) {
            "name" => by_name(),
            "activity" => b.activity.mono.cmp(&a.activity.mono).then_with(by_name),
            _ => a.id.cmp(&b.id),
        }
    });
    if mode.whole_groups {
        return sessions;
    }
    let here = mux.group_of(mode.at.session);
    sessions.retain(|session| {
        let group = mux.group_of(session.id);
        if group.len() < 2 {
            return true;
        }
        if here.contains(&session.id) {
            return session.id == mode.at.session;
        }
        group.iter().min() == Some(&session.id)
    });
    sessions
}

fn order(mode: &Mode) -> &'static str {
    mode.tree.order
}

fn sort<T>(mode: &Mode, list: &mut [T], by: impl Fn(&T, &T) -> Ordering) {
    list.sort_by(|a, b| {
        let order = by(a, b);
        if mode.tree.reversed {
            order.reverse()
        } else {
            order
        }
    });
}

fn sorted_windows(mux: &Mux, mode: &Mode, session: &Session) -> Vec<u32> {
    let mut windows: Vec<(u32, &crate::mux::Window)> = session
        .links
        .iter()
        .filter_map(|(index, link)| Some((*index, mux.windows.get(&link.window)?)))
        .collect();
    sort(mode, &mut windows, |(at_a, a), (at_b, b)| {
        let by_index = || at_a.cmp(at_b);
        match order(mode) {
            "name" => a.name.cmp(&b.name).then_with(by_index),
            "activity" => b.activity.mono.cmp(&a.activity.mono).then_with(by_index),
            "creation" => a.created.mono.cmp(&b.created.mono).then_with(by_index),
            "size" => a.size.area().cmp(&b.size.area()).then_with(by_index),
            _ => by_index(),
        }
    });
    windows.into_iter().map(|(index, _)| index).collect()
}

/// Adds a window and its panes; nothing if the filter leaves no pane of it.
fn add_window(
    mux: &Mux,
    mode: &Mode,
    own: PaneId,
    filter: Option<&str>,
    (session, index): (SessionId, u32),
    parent: usize,
    items: &mut Vec<Item>,
) {
    let Some(scope) = window_scope(mux, session, index) else {
        return;
    };
    let Some(window) = scope.window.and_then(|id| mux.windows.get(&id)) else {
        return;
    };
    let fits = |pane: PaneId| {
        let scope = Scope {
            pane: Some(pane),
            ..scope
        };
        filter.is_none_or(|filter| format::truthy(&format::expand(filter, mux, &scope)))
    };
    let mut panes: Vec<(usize, PaneId)> = window.panes().iter().copied().enumerate().collect();
    if let [(_, only)] = panes.as_slice()
        && !fits(*only)
    {
        return;
    }
    let at = items.len();
    let vars = kinds("window_format");
    let text = format::expand(&mode.format, mux, &scope.with_vars(&vars));
    let node = Node::Window(session, index);
    let mut item = Item::new(node, Some(parent), &index.to_string(), Some(text));
    item.align = 1;
    items.push(item);
    let base = mux.window_number(Some(window.id), "pane-base-index");
    sort(mode, &mut panes, |(at_a, a), (at_b, b)| match order(mode) {
        "index" | "" => at_a.cmp(at_b),
        order => pane_order(mux, order, *a, *b),
    });
    let vars = kinds("pane_format");
    for (place, pane) in panes {
        if (mode.hides_own && pane == own) || !fits(pane) {
            continue;
        }
        let scope = Scope {
            pane: Some(pane),
            ..scope
        };
        let text = format::expand(&mode.format, mux, &scope.with_vars(&vars));
        let name = i64::try_from(place).unwrap_or(0) + base;
        let node = Node::Pane(session, index, pane);
        let mut item = Item::new(node, Some(at), &name.to_string(), Some(text));
        item.align = 1;
        items.push(item);
    }
    let own_only = mode.hides_own && window.panes() == [own];
    if items.len() == at + 1 && !own_only {
        items.pop();
    }
}

/// How panes lie by an order; those that are equal stay in their places, turned
/// round or not.
fn pane_order(mux: &Mux, order: &str, a: PaneId, b: PaneId) -> Ordering {
    let (Some(a), Some(b)) = (mux.panes.get(&a), mux.panes.get(&b)) else {
        return Ordering::Equal;
    };
    match order {
        "name" => {
            let host = &mux.server.host;
            a.title(host).as_str().cmp(b.title(host).as_str())
        }
        "activity" => a.output_at.mono.cmp(&b.output_at.mono),
        "creation" => a.id.cmp(&b.id),
        "size" => a.size().area().cmp(&b.size().area()),
        _ => Ordering::Equal,
    }
}

/// Variables that tell what kind of thing an item is.
fn kinds(kind: &str) -> Vec<(String, String)> {
    let names = ["session_format", "window_format", "pane_format"];
    let set = names.map(|name| (name.to_owned(), u8::from(name == kind).to_string()));
    set.to_vec()
}

fn clients(mux: &Mux, mode: &Mode, filter: Option<&str>) -> Vec<Item> {
    let mut clients: Vec<&Client> = mux
        .clients
        .values()
        .filter(|client| client.session.is_some() && !client.dismissed)
        .filter(|client| mode.only.is_none() || client.session == mode.only)
        .collect();
    let size = |client: &Client| client.size().map(|size| (size.cols(), size.rows()));
    sort(mode, &mut clients, |a, b| {
        let by_name = || a.name.cmp(&b.name);
        match order(mode) {
            "size" => size(a).cmp(&size(b)).then_with(by_name),
            "creation" => b.created.mono.cmp(&a.created.mono).then_with(by_name),
            "activity" => b.activity.mono.cmp(&a.activity.mono).then_with(by_name),
            _ => by_name(),
        }
    });
    let item = |client: &&Client| {
        let scope = Scope::of_client(mux, client.id);
        let fits = |filter: &str| format::truthy(&format::expand(filter, mux, &scope));
        if filter.is_some_and(|filter| !fits(filter)) {
            return None;
        }
        let text = format::expand(&mode.format, mux, &scope);
        let node = Node::Client(client.id);
        Some(Item::new(node, None, &client.name, Some(text)))
    };
    clients.iter().filter_map(item).collect()
}

fn buffer_scope<'a>(mux: &Mux, mode: &Mode, name: &'a str) -> Scope<'a> {
    let at = mode.at;
    let there = mux.panes.contains_key(&at.pane) && mux.sessions.contains_key(&at.session);
    Scope {
        buffer: Some(name),
        session: there.then_some(at.session),
        window: there.then_some(at.window),
        index: there.then_some(at.index),
        pane: there.then_some(at.pane),
        now: mux.now,
        ..Scope::default()
    }
}

fn buffers(mux: &Mux, mode: &Mode, filter: Option<&str>) -> Vec<Item> {
    let mut buffers: Vec<_> = mux.buffers.iter().collect();
    sort(mode, &mut buffers, |a, b| match order(mode) {
        "size" => a
            .data
            .len()
            .cmp(&b.data.len())
            .then_with(|| a.name.cmp(&b.name)),
        // They lie newest first.
        "creation" => Ordering::Equal,
        _ => a.name.cmp(&b.name),
    });
    if order(mode) == "creation" && mode.tree.reversed {
        buffers.reverse();
    }
    let item = |buffer: &&crate::mux::buffers::Buffer| {
        let scope = buffer_scope(mux, mode, &buffer.name);
        let fits = |filter: &str| format::truthy(&format::expand(filter, mux, &scope));
        if filter.is_some_and(|filter| !fits(filter)) {
            return None;
        }
        let text = format::expand(&mode.format, mux, &scope);
        let node = Node::Buffer(buffer.name.clone());
        Some(Item::new(node, None, &buffer.name, Some(text)))
    };
    buffers.iter().filter_map(item).collect()
}

/// What a command names an item by; none if it is gone.
pub(super) fn target_of(mux: &Mux, node: &Node) -> Option<String> {
    let session = |id: &SessionId| mux.sessions.get(id).map(|session| session.name.clone());
    match node {
        Node::Session(id) => Some(format!("={}:", session(id)?)),
        Node::Window(id, index) => {
            window_at(mux, *id, *index)?;
            Some(format!("={}:{index}.", session(id)?))
        }
        Node::Pane(id, index, pane) => {
            let window = mux.windows.get(&window_at(mux, *id, *index)?)?;
            window.panes().contains(pane).then_some(())?;
            Some(format!("={}:{index}.{pane}", session(id)?))
        }
        Node::Buffer(name) => mux.buffers.get(Some(name)).map(|_| name.clone()),
        Node::Client(id) => client_name(mux, *id),
        _ => None,
    }
}

fn client_name(mux: &Mux, id: ClientId) -> Option<String> {
    mux.clients.get(&id).map(|client| client.name.clone())
}
