//! Keys in modes: moving, tagging, searching, filtering, and what is done with
//! what was chosen. Whatever it does to others it does by commands, which run
//! under the right of who pressed the key.

use crate::base::{Key, KeyCode, Mods, MouseAction, PaneId, Pos};
use crate::mux::Mux;
use crate::mux::modes::{Ask, Item, Kind, Mode, Node, Preview};
use crate::mux::prompt::{Around, Flags, Pressed, Prompt, PromptType, Purpose, substitute};
use crate::mux::resolve::Current;

use super::super::Context;
use super::{build, options};

/// A command that a mode asks for, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// The command line.
    pub text: String,
    /// What a missing target means in it.
    pub current: Current,
}

/// Where the mouse is in a mode's pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeMouse {
    /// The place in the pane.
    pub at: Pos,
    /// What was done.
    pub action: MouseAction,
}

/// What a key has led to.
#[derive(Default)]
pub(super) struct Done {
    /// The mode is over.
    over: bool,
    follow: Vec<Follow>,
}

impl Done {
    /// Runs a command, if there is one.
    pub(super) fn follow_all(&mut self, text: Option<String>) {
        text.into_iter().for_each(|text| self.run(text));
    }

    pub(super) fn run(&mut self, text: String) {
        self.follow.push(Follow {
            text,
            current: Current::default(),
        });
    }
}

/// Takes a key for a pane's mode. The commands that follow are to be run for
/// whoever pressed it, in order.
pub fn mode_key(
    mux: &mut Mux,
    cx: &Context,
    id: PaneId,
    key: Key,
    mouse: Option<ModeMouse>,
) -> Vec<Follow> {
    let Some(mut mode) = mux.panes.get_mut(&id).and_then(|pane| pane.mode.take()) else {
        return Vec::new();
    };
    let mut done = Done::default();
    let before = mode.prompt.is_some();
    // A guest only ends what shows more than its own session.
    let foreign = cx.authority.only.is_some() && cx.authority.only != mode.only;
    if foreign {
        done.over = ends(key);
    } else {
        take(mux, cx, &mut mode, key, mouse, &mut done);
    }
    let looks = mode.prompt.is_some() || (!before && (mouse.is_some() || !renews(key)));
    let stays = mode.held.is_some() && done.follow.is_empty() && looks;
    // What a command leaves of the items is seen once it has run.
    let runs = !done.follow.is_empty();
    if let Some(pane) = mux.panes.get_mut(&id) {
        pane.mode = Some(mode);
    }
    if done.over {
        mux.end_mode(id);
    } else if !stays {
        super::refresh(mux, id);
        if let Some(mode) = mux.panes.get_mut(&id).and_then(|pane| pane.mode.as_mut())
            && runs
        {
            mode.held = None;
        }
    }
    done.follow
}

/// Whether a key asks for the items anew, and does not only move about in what is
/// seen or tag some of it.
fn renews(key: Key) -> bool {
    let code = key.code;
    if key.mods == Mods::META {
        return matches!(code, KeyCode::Char('+' | '-'));
    }
    if !key.mods.is_empty() {
        return false;
    }
    let opens = ['+', '-', 'h', 'l', 'H'];
    let shows = ['O', 'r', 'c', 'v', 'i'];
    let ends = ['d', 'D', 'z', 'Z'];
    match code {
        KeyCode::Left | KeyCode::Right => true,
        KeyCode::Char(ch) => [&opens[..], &shows, &ends].concat().contains(&ch),
        _ => false,
    }
}

fn ends(key: Key) -> bool {
    let plain = key.mods.is_empty();
    (plain && matches!(key.code, KeyCode::Escape | KeyCode::Char('q')))
        || key == Key::ctrl('g')
        || key == Key::ctrl('[')
}

fn take(
    mux: &mut Mux,
    cx: &Context,
    mode: &mut Mode,
    key: Key,
    mouse: Option<ModeMouse>,
    done: &mut Done,
) {
    if mode.kind == Kind::Panes {
        number_key(mux, mode, key, mouse, done);
        return;
    }
    if mode.kind == Kind::Switch {
        switch_key(mux, cx, mode, key, mouse, done);
        return;
    }
    if mode.prompt.is_some() {
        if !key.is_mouse() {
            prompt_key(mux, cx, mode, key, done);
        }
        return;
    }
    if mode.help {
        mode.help = key.is_mouse() || matches!(key.code, KeyCode::FocusIn | KeyCode::FocusOut);
        return;
    }
    let key = match mouse {
        Some(mouse) => match mouse_key(mode, mouse) {
            Some(key) => key,
            None => return,
        },
        None => key,
    };
    let lines = mode.tree.lines.iter();
    let chosen = lines.zip(0..).find(|(at, _)| {
        let item = mode.tree.items.get(**at);
        mouse.is_none() && item.is_some_and(|item| item.key == Some(key))
    });
    let key = match chosen.map(|(_, line)| line) {
        Some(line) => {
            mode.tree.current = line;
            Key::plain(KeyCode::Enter)
        }
        None => key,
    };
    if ends(key) {
        done.over = true;
        return;
    }
    let before = mode.tree.current;
    if !moves(mode, key) && !common(mux, cx, mode, key) {
        match mode.kind {
            Kind::Tree => tree_key(mux, mode, key, done),
            Kind::Buffer => buffer_key(mux, mode, key, done),
            Kind::Client => client_key(mux, mode, key, done),
            Kind::Options => options::key(mux, cx, mode, key, done),
            Kind::Switch | Kind::Panes => {}
        }
    }
    if mode.tree.current != before {
        mode.scrolled = 0;
    }
}

/// Keys move in the list or narrow it; a guest's history is not asked for.
fn switch_key(
    mux: &mut Mux,
    cx: &Context,
    mode: &mut Mode,
    key: Key,
    mouse: Option<ModeMouse>,
    done: &mut Done,
) {
    let key = match mouse {
        Some(mouse) => mouse_key(mode, mouse),
        None => Some(key).filter(|key| !key.is_mouse()),
    };
    let Some(key) = key else { return };
    let before = mode.typed();
    let is = |ch| key == Key::ctrl(ch);
    match key.code {
        KeyCode::Escape => done.over = true,
        KeyCode::Enter => choose(mux, mode, done),
        KeyCode::Up => mode.tree.up(true),
        KeyCode::Down => {
            mode.tree.down(true);
        }
        KeyCode::PageUp => mode.tree.page(false),
        KeyCode::PageDown => mode.tree.page(true),
        _ if is('p') || is('k') => mode.tree.up(true),
        _ if is('n') || is('j') => {
            mode.tree.down(true);
        }
        _ => {
            prompt_key(mux, cx, mode, key, done);
            done.over |= mode.prompt.is_none();
        }
    }
    if mode.typed() != before {
        mode.tree.restart();
    }
}

/// Runs the mode's command for the selected item, and ends the mode.
fn choose(mux: &Mux, mode: &Mode, done: &mut Done) {
    if let Some(item) = mode.tree.selected() {
        run_for(mux, &mode.command, &item.node, false, done);
    }
    done.over = true;
}

/// A pane is chosen by its number, or by the mouse.
fn number_key(mux: &Mux, mode: &Mode, key: Key, mouse: Option<ModeMouse>, done: &mut Done) {
    if ends(key) {
        done.over = true;
        return;
    }
    let window = mode.numbers.window.and_then(|id| mux.windows.get(&id));
    let Some(window) = window.filter(|_| !mode.numbers.no_keys) else {
        return;
    };
    let pane = match mouse {
        Some(mouse) => {
            let size = mux.window_of(mode.at.pane).map(|window| window.size);
            let places = window.numbered(size.unwrap_or(window.size));
            // The foremost of floating panes is the one that was hit.
            let here = places
                .into_iter()
                .filter(|(_, rect)| rect.contains(mouse.at));
            let hit = here.min_by_key(|(pane, _)| {
                let layout = &window.layout;
                let depth = layout.depth(*pane);
                if layout.floats(*pane) {
                    depth
                } else {
                    usize::MAX
                }
            });
            let hit = hit.filter(|_| mouse.action == MouseAction::Down(1));
            if hit.is_none() {
                return;
            }
            hit.map(|(pane, _)| pane)
        }
        None => {
            let number = plain(key).and_then(|ch| ch.to_digit(36));
            let base = mux.window_number(Some(window.id), "pane-base-index");
            let at = number.and_then(|number| usize::try_from(i64::from(number) - base).ok());
            at.and_then(|at| window.panes().get(at).copied())
        }
    };
    if let Some(pane) = pane {
        done.run(substitute(&mode.command, &pane.to_string(), 1));
    }
    done.over = true;
}

/// What the mouse means: a line is selected, or chosen by two clicks.
fn mouse_key(mode: &mut Mode, mouse: ModeMouse) -> Option<Key> {
    match mouse.action {
        MouseAction::WheelUp => return Some(Key::plain(KeyCode::Up)),
        MouseAction::WheelDown => return Some(Key::plain(KeyCode::Down)),
        _ => {}
    }
    let row = usize::from(mouse.at.y);
    if row >= mode.tree.height {
        return None;
    }
    let line = mode.tree.offset + row;
    if line >= mode.tree.lines.len() {
        return None;
    }
    match mouse.action {
        MouseAction::Down(1 | 3) => mode.tree.current = line,
        MouseAction::DoubleClick(1) => {
            mode.tree.current = line;
            return Some(Key::plain(KeyCode::Enter));
        }
        _ => {}
    }
    None
}

/// Keys that move and open; whether the key was one.
fn moves(mode: &mut Mode, key: Key) -> bool {
    let tree = &mut mode.tree;
    let plain = key.mods.is_empty();
    match key.code {
        KeyCode::Up | KeyCode::Char('k') if plain => tree.up(true),
        KeyCode::Char('p') if key == Key::ctrl('p') => tree.up(true),
        KeyCode::Down | KeyCode::Char('j') if plain => {
            tree.down(true);
        }
        KeyCode::Char('n') if key == Key::ctrl('n') => {
            tree.down(true);
        }
        KeyCode::PageUp if plain => tree.page(false),
        KeyCode::Char('b') if key == Key::ctrl('b') => tree.page(false),
        KeyCode::PageDown if plain => tree.page(true),
        KeyCode::Char('f') if key == Key::ctrl('f') => tree.page(true),
        KeyCode::Home | KeyCode::Char('g') if plain => tree.go(0),
        KeyCode::End | KeyCode::Char('G') if plain => tree.go(usize::MAX),
        KeyCode::Left | KeyCode::Char('h' | '-') if plain => tree.collapse(),
        KeyCode::Right | KeyCode::Char('l' | '+') if plain => tree.expand(),
        KeyCode::Char('-') if key.mods == Mods::META => tree.expand_all(false),
        KeyCode::Char('+') if key.mods == Mods::META => tree.expand_all(true),
        _ => return false,
    }
    true
}

/// Keys that all modes have; whether the key was one.
fn common(mux: &Mux, cx: &Context, mode: &mut Mode, key: Key) -> bool {
    let ctrl = |ch| key == Key::ctrl(ch);
    if key == Key::plain(KeyCode::F(1)) || ctrl('h') {
        mode.help = true;
        return true;
    }
    if ctrl('t') {
        mode.tree.tag_all();
        return true;
    }
    if ctrl('s') {
        search_prompt(mux, cx, mode);
        return true;
    }
    if !key.mods.is_empty() {
        return false;
    }
    match key.code {
        KeyCode::Char('t') => {
            if mode.tree.tag() {
                mode.tree.down(false);
            }
        }
        KeyCode::Char('T') => mode.tree.untag_all(),
        KeyCode::Char('O') => {
            mode.tree.order = build::next_order(mode.kind, mode.tree.order);
        }
        KeyCode::Char('r') => mode.tree.reversed = !mode.tree.reversed,
        KeyCode::Char('?' | '/') => search_prompt(mux, cx, mode),
        KeyCode::Char('n') => search_on(mux, mode, true),
        KeyCode::Char('N') => search_on(mux, mode, false),
        KeyCode::Char('f') => {
            let filter = mode.filter.clone().unwrap_or_default();
            ask(mux, cx, mode, Ask::Filter, "(filter) ", &filter);
        }
        KeyCode::Char('c') => mode.filter = None,
        KeyCode::Char('v') => {
            mode.tree.preview = match mode.tree.preview {
                Preview::Off => Preview::Big,
                Preview::Normal => Preview::Off,
                Preview::Big => Preview::Normal,
            };
        }
        KeyCode::Char('i') if matches!(mode.kind, Kind::Tree | Kind::Client) => {
            mode.info = !mode.info;
        }
        _ => return false,
    }
    true
}

fn search_prompt(mux: &Mux, cx: &Context, mode: &mut Mode) {
    let last = mode.search.take().map(|(text, _)| text);
    mode.search = last.map(|text| (text, true));
    ask(mux, cx, mode, Ask::Search, "(search) ", "");
}

/// Opens a prompt in the mode.
pub(super) fn ask(mux: &Mux, cx: &Context, mode: &mut Mode, ask: Ask, label: &str, input: &str) {
    let session = cx.client.and_then(|id| mux.clients.get(&id)?.session);
    let session = session.or(Some(mode.at.session));
    let confirms = matches!(ask, Ask::EndCurrent | Ask::EndTagged);
    let kind = match ask {
        Ask::Search | Ask::Filter => PromptType::Search,
        _ => PromptType::Command,
    };
    let prompt = Prompt {
        kind,
        flags: Flags {
            in_mode: true,
            single: confirms,
            ..Flags::default()
        },
        purpose: Purpose::Mode(ask),
        client: cx.client,
        ..Prompt::new(label, input)
    };
    mode.prompt = Some(Box::new(prompt.configured(mux, session)));
}

fn prompt_key(mux: &mut Mux, cx: &Context, mode: &mut Mode, key: Key, done: &mut Done) {
    let Some(mut prompt) = mode.prompt.take() else {
        return;
    };
    let guest = cx.authority.only.is_some();
    let empty = crate::mux::prompt::Histories::default();
    let around = Around {
        histories: if guest { &empty } else { &mux.histories },
        pasted: None,
    };
    let pressed = prompt.press(key, &around);
    let Purpose::Mode(asked) = prompt.purpose else {
        return;
    };
    match pressed {
        Pressed::Stay | Pressed::Changed(_) | Pressed::Moved => mode.prompt = Some(prompt),
        Pressed::Complete => {
            super::super::complete(mux, &mut prompt);
            mode.prompt = Some(prompt);
        }
        Pressed::Cancelled => match asked {
            Ask::Search => mode.search = None,
            Ask::Filter => mode.filter = None,
            _ => {}
        },
        Pressed::Answered(text) | Pressed::Released(text) => {
            if !text.is_empty() && !prompt.flags.single && !guest {
                let limit = mux.server_number("prompt-history-limit");
                let limit = usize::try_from(limit).unwrap_or(100);
                mux.histories.add(prompt.kind, &text, limit);
            }
            answered(mux, mode, asked, &text, done);
        }
    }
}

fn answered(mux: &Mux, mode: &mut Mode, asked: Ask, text: &str, done: &mut Done) {
    let yes = text.eq_ignore_ascii_case("y");
    match asked {
        Ask::Search if text.is_empty() => mode.search = None,
        Ask::Search => {
            mode.search = Some((text.to_owned(), true));
            search(mux, mode, true);
        }
        Ask::Filter => mode.filter = (!text.is_empty()).then(|| text.to_owned()),
        Ask::Run if text.is_empty() => {}
        Ask::Run => {
            for node in mode.tree.chosen() {
                run_for(mux, text, &node, true, done);
            }
        }
        Ask::EndCurrent if yes => {
            let node = mode.tree.selected().map(|item| item.node.clone());
            node.iter().for_each(|node| end_any(mode, node, done));
        }
        Ask::EndTagged if yes => {
            let tagged: Vec<Node> = mode.tree.tagged().map(|item| item.node.clone()).collect();
            tagged.iter().for_each(|node| end_any(mode, node, done));
        }
        Ask::Value => options::set(mode, text, done),
        Ask::EndCurrent | Ask::EndTagged | Ask::Switch => {}
    }
}

fn search_on(mux: &Mux, mode: &mut Mode, forward: bool) {
    search(mux, mode, forward);
}

/// Selects the next item that fits what is searched for.
fn search(mux: &Mux, mode: &mut Mode, forward: bool) {
    let Some((text, _)) = mode.search.clone() else {
        return;
    };
    let fold = !text.chars().any(char::is_uppercase);
    let has = |hay: &str| {
        if fold {
            hay.to_lowercase().contains(&text.to_lowercase())
        } else {
            hay.contains(&text)
        }
    };
    let fits = |item: &Item| match &item.node {
        Node::Session(id) => mux.sessions.get(id).is_some_and(|own| has(&own.name)),
        Node::Window(session, index) => {
            let window = build::window_at(mux, *session, *index);
            let window = window.and_then(|id| mux.windows.get(&id));
            window.is_some_and(|window| has(&window.name))
        }
        Node::Pane(_, _, id) => mux.panes.get(id).is_some_and(|pane| has(&pane.command)),
        Node::Buffer(name) => {
            let buffer = mux.buffers.get(Some(name));
            has(name) || buffer.is_some_and(|buffer| has(&String::from_utf8_lossy(&buffer.data)))
        }
        _ => has(&item.name),
    };
    if let Some(node) = mode.tree.find(forward, &fits) {
        mode.tree.reveal(&node);
    }
}

/// Puts an item into a template and has it run.
fn run_for(mux: &Mux, template: &str, node: &Node, about: bool, done: &mut Done) {
    let Some(target) = build::target_of(mux, node) else {
        return;
    };
    let current = build::scope_of(mux, node).filter(|_| about);
    let current = current.map_or_else(Current::default, |scope| Current {
        session: scope.session,
        index: scope.index,
        window: scope.window,
        pane: scope.pane,
    });
    let text = substitute(template, &target, 1);
    if !text.is_empty() {
        done.follow.push(Follow { text, current });
    }
}

fn end_any(mode: &Mode, node: &Node, done: &mut Done) {
    if mode.kind == Kind::Options {
        options::unset(mode, node, done);
    } else {
        end(node, done);
    }
}

/// The command that ends what an item stands for.
fn end(node: &Node, done: &mut Done) {
    done.run(match node {
        Node::Session(id) => format!("kill-session -t '{id}'"),
        Node::Window(session, index) => format!("kill-window -t '{session}:{index}'"),
        Node::Pane(_, _, pane) => format!("kill-pane -t {pane}"),
        _ => return,
    });
}

pub(super) fn plain(key: Key) -> Option<char> {
    match key.code {
        KeyCode::Char(ch) if key.mods.is_empty() => Some(ch),
        KeyCode::Enter if key.mods.is_empty() => Some('\r'),
        _ => None,
    }
}

fn tree_key(mux: &mut Mux, mode: &mut Mode, key: Key, done: &mut Done) {
    let Some(item) = mode.tree.selected().cloned() else {
        return;
    };
    let swaps = match key.code {
        KeyCode::Up if key.mods == Mods::SHIFT => Some(false),
        KeyCode::Char('K') if key.mods.is_empty() => Some(false),
        KeyCode::Down if key.mods == Mods::SHIFT => Some(true),
        KeyCode::Char('J') if key.mods.is_empty() => Some(true),
        _ => None,
    };
    if let Some(down) = swaps {
        swap(mode, down, done);
        return;
    }
    match plain(key) {
        Some('\r') => choose(mux, mode, done),
        Some('<') => mode.scrolled = mode.scrolled.saturating_sub(1),
        Some('>') => mode.scrolled = mode.scrolled.saturating_add(1),
        Some('H') => {
            let at = mode.at;
            mode.tree.reveal(&Node::Pane(at.session, at.index, at.pane));
        }
        Some('m') => {
            let scope = build::scope_of(mux, &item.node);
            mux.marked = scope.and_then(|scope| scope.pane).or(mux.marked);
        }
        Some('M') => mux.marked = None,
        Some('x') => end_one(mux, mode, &item, done),
        Some('X') => end_tagged(mux, mode, done),
        Some(':') => {
            let tagged = mode.tree.tagged().count();
            let label = if tagged > 0 {
                format!("({tagged} tagged) ")
            } else {
                "(current) ".to_owned()
            };
            ask_plain(mux, mode, Ask::Run, &label);
        }
        _ => {}
    }
}

fn ask_plain(mux: &Mux, mode: &mut Mode, asked: Ask, label: &str) {
    let cx = Context::for_server(mux);
    ask(mux, &cx, mode, asked, &label.replace('#', "##"), "");
}

fn end_one(mux: &Mux, mode: &mut Mode, item: &Item, done: &mut Done) {
    if build::target_of(mux, &item.node).is_none() {
        return;
    }
    let label = match &item.node {
        Node::Session(id) => match mux.sessions.get(id) {
            Some(session) => format!("Kill session {}? ", session.name),
            None => return,
        },
        Node::Window(_, index) => format!("Kill window {index}? "),
        Node::Pane(..) => format!("Kill pane {}? ", item.name),
        _ => return,
    };
    if mode.no_confirm {
        end(&item.node, done);
    } else {
        ask_plain(mux, mode, Ask::EndCurrent, &label);
    }
}

fn end_tagged(mux: &Mux, mode: &mut Mode, done: &mut Done) {
    let tagged: Vec<Node> = mode.tree.tagged().map(|item| item.node.clone()).collect();
    if tagged.is_empty() {
        return;
    }
    if mode.no_confirm {
        tagged.iter().for_each(|node| end(node, done));
    } else {
        let label = format!("Kill {} tagged? ", tagged.len());
        ask_plain(mux, mode, Ask::EndTagged, &label);
    }
}

/// Swaps the selected window with the one before or behind it, where windows
/// lie by their numbers.
fn swap(mode: &mut Mode, down: bool, done: &mut Done) {
    let by_number = mode.tree.order == "index";
    let Some(line) = mode.tree.beside(down).filter(|_| by_number) else {
        return;
    };
    let other = mode
        .tree
        .lines
        .get(line)
        .and_then(|at| mode.tree.items.get(*at));
    let nodes = (
        mode.tree.selected().map(|item| &item.node),
        other.map(|item| &item.node),
    );
    if let (Some(Node::Window(session, one)), Some(Node::Window(other, two))) = nodes
        && session == other
    {
        done.run(format!(
            "swap-window -d -s '{session}:{one}' -t '{session}:{two}'"
        ));
        mode.tree.current = line;
    }
}

fn buffer_key(mux: &mut Mux, mode: &mut Mode, key: Key, done: &mut Done) {
    let selected = mode.tree.selected().map(|item| item.node.clone());
    let command = mode.command.clone();
    match plain(key) {
        Some('p' | '\r') => {
            if let Some(node) = selected {
                run_for(mux, &command, &node, false, done);
            }
            done.over = true;
        }
        Some('P') => {
            for node in mode.tree.chosen() {
                run_for(mux, &command, &node, false, done);
            }
            done.over = true;
        }
        Some('d') => delete(mux, mode, &selected.into_iter().collect::<Vec<_>>()),
        Some('D') => {
            let tagged: Vec<Node> = mode.tree.tagged().map(|item| item.node.clone()).collect();
            delete(mux, mode, &tagged);
        }
        Some('e') => {
            if let Some(Node::Buffer(name)) = selected
                && mux.buffers.get(Some(&name)).is_some()
            {
                done.run(edit_command(mux, &name));
            }
        }
        _ => {}
    }
}

/// Deletes buffers; the one beside stays selected.
fn delete(mux: &mut Mux, mode: &mut Mode, nodes: &[Node]) {
    for node in nodes {
        let own = mode.tree.selected().map(|item| &item.node) == Some(node);
        if own && !mode.tree.down(false) {
            mode.tree.up(false);
        }
        if let Node::Buffer(name) = node {
            mux.buffers.delete(Some(name));
        }
    }
}

/// Opens a buffer in the user's editor, in a popup.
fn edit_command(mux: &Mux, name: &str) -> String {
    let script = format!(
        "f=$(mktemp) && {program} save-buffer -b {name} \"$f\" && \
         ${{VISUAL:-${{EDITOR:-vi}}}} \"$f\" && \
         {program} load-buffer -b {name} \"$f\"; rm -f \"$f\"",
        program = shell_quote(&mux.server.program),
        name = shell_quote(name)
    );
    format!(
        "display-popup -E -w 80% -h 80% {}",
        crate::command::quote(&script)
    )
}

/// A word of a shell.
pub(super) fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn client_key(mux: &Mux, mode: &mut Mode, key: Key, done: &mut Done) {
    let selected = mode.tree.selected().map(|item| item.node.clone());
    match plain(key) {
        Some('\r') => {
            let command = mode.command.clone();
            if let Some(node) = selected {
                run_for(mux, &command, &node, false, done);
            }
            done.over = true;
        }
        Some(ch @ ('d' | 'x' | 'z')) => {
            if let Some(node) = selected {
                leave(mux, mode, &node, ch, done);
            }
        }
        Some(ch @ ('D' | 'X' | 'Z')) => {
            let tagged: Vec<Node> = mode.tree.tagged().map(|item| item.node.clone()).collect();
            for node in tagged {
                leave(mux, mode, &node, ch.to_ascii_lowercase(), done);
            }
        }
        _ => {}
    }
}

/// Detaches or suspends a client.
fn leave(mux: &Mux, mode: &mut Mode, node: &Node, how: char, done: &mut Done) {
    if mode.tree.selected().map(|item| &item.node) == Some(node) {
        mode.tree.down(false);
    }
    let command = match how {
        'd' => "detach-client -t '%%'",
        'x' => "detach-client -P -t '%%'",
        _ => "suspend-client -t '%%'",
    };
    run_for(mux, command, node, false, done);
}
