//! `customize-mode`: options, variables and key bindings as a tree, and what
//! its keys do to them. Everything is changed by commands (`set-option`,
//! `bind-key` …), under the right of whoever presses the key.

use std::collections::BTreeMap;

use crate::base::Key;
use crate::command::quote;
use crate::config::{self, OptionDef, Scope as Level, Value};
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::modes::{Ask, Edited, Item, Mode, Node};

use super::super::Context;
use super::build::BARE;
use super::keys::{Done, ask, plain, shell_quote};

/// A heading: whether hooks are below it, and of which levels.
type Section = (&'static str, bool, &'static [Level]);

/// The headings for what tmux has too; it says where each thing lies.
const SECTIONS: &[Section] = &[
    ("Server Options", false, &[Level::Server]),
    ("Session Options", false, &[Level::Session]),
    (
        "Window & Pane Options",
        false,
        &[Level::Window, Level::Pane],
    ),
    ("Session Hooks", true, &[Level::Server, Level::Session]),
    ("Window & Pane Hooks", true, &[Level::Window, Level::Pane]),
];

const ALL_LEVELS: &[Level] = &[Level::Server, Level::Session, Level::Window, Level::Pane];

/// The headings for what only this program has: behind all others.
const OWN_SECTIONS: &[Section] = &[
    ("Own Options", false, ALL_LEVELS),
    ("Own Hooks", true, ALL_LEVELS),
];

const TABLE: &str = "Key Table - ";

/// The items, those that the filter lets through.
pub(super) fn items(mux: &Mux, mode: &Mode, filter: Option<&str>) -> Vec<Item> {
    let mut items = Vec::new();
    add_sections(mux, mode, filter, SECTIONS, false, &mut items);
    // A guest's list has no variables of the server.
    let own = mode.only.is_none();
    for (title, environ) in [
        ("Global Environment", Some(&mux.environ)),
        (
            "Session Environment",
            mux.sessions.get(&mode.at.session).map(|own| &own.environ),
        ),
    ] {
        if !own {
            break;
        }
        let at = heading(&mut items, title);
        for (name, variable) in environ.into_iter().flat_map(|own| own.iter()) {
            if !fits(mux, mode, filter, &other_vars("is_environment", name)) {
                continue;
            }
            let node = Node::Option(title.to_owned(), name.to_owned(), None);
            let text = variable.value.clone().unwrap_or_default();
            items.push(closed(node, at, name, Some(escape(&text))));
        }
    }
    for table in mux.bindings.tables() {
        add_table(mux, mode, filter, table, &mut items);
    }
    // As in `show-options`, what tmux does not have is left out of the whole list.
    if filter.is_some() {
        add_sections(mux, mode, filter, OWN_SECTIONS, true, &mut items);
    }
    items
}

/// Adds options and hooks below their headings: this program's own, or the rest.
fn add_sections(
    mux: &Mux,
    mode: &Mode,
    filter: Option<&str>,
    sections: &[Section],
    own: bool,
    items: &mut Vec<Item>,
) {
    for (title, hooks, levels) in sections {
        let at = heading(items, title);
        let mut defs: Vec<&OptionDef> = if *hooks {
            config::hooks().collect()
        } else {
            config::options().collect()
        };
        defs.retain(|def| levels.contains(&def.scope) && config::is_own(def) == own);
        defs.sort_by_key(|def| def.name);
        if !own && !hooks {
            add_users(mux, mode, filter, (title, at), levels[0], items);
        }
        for def in defs {
            add_option(mux, mode, filter, (title, at), def, items);
        }
        if own && items.len() == at + 1 {
            items.pop();
        }
    }
}

/// Adds the user's own options of a level.
fn add_users(
    mux: &Mux,
    mode: &Mode,
    filter: Option<&str>,
    (title, parent): (&str, usize),
    level: Level,
    items: &mut Vec<Item>,
) {
    let layers = match level {
        Level::Server => vec![&mux.options.server],
        Level::Session => {
            let own = mux.sessions.get(&mode.at.session).map(|own| &own.options);
            own.into_iter().chain([&mux.options.session]).collect()
        }
        Level::Window | Level::Pane => {
            let pane = mux.panes.get(&mode.at.pane).map(|own| &own.options);
            let window = mux.windows.get(&mode.at.window).map(|own| &own.options);
            let own = pane.into_iter().chain(window);
            own.chain([&mux.options.window]).collect()
        }
    };
    let mut users: BTreeMap<&str, &Value> = BTreeMap::new();
    for (name, value) in layers.iter().flat_map(|layer| layer.iter()) {
        if name.starts_with('@') {
            users.entry(name).or_insert(value);
        }
    }
    for (name, value) in users {
        let about = About {
            name,
            value: shown(value),
            unit: "",
            place: place(mux, mode, name, level),
            list: false,
            hook: false,
        };
        if fits(mux, mode, filter, &about.vars()) {
            let node = Node::Option(title.to_owned(), name.to_owned(), None);
            let text = about.line(mux, mode);
            items.push(closed(node, parent, name, Some(text)));
        }
    }
}

/// Where an option is set, if not for all: a session, a window or a pane.
fn place(mux: &Mux, mode: &Mode, name: &str, level: Level) -> Option<String> {
    let at = mode.at;
    match level {
        Level::Server => None,
        Level::Session => {
            let own = mux.sessions.get(&at.session)?;
            own.options.get(name)?;
            Some(format!("session {}", own.name))
        }
        Level::Window | Level::Pane => {
            let window = mux.windows.get(&at.window)?;
            let pane = mux.panes.get(&at.pane)?;
            if pane.options.get(name).is_some() {
                return Some(pane_place(mux, mode));
            }
            window.options.get(name)?;
            Some(format!("window {}", at.index))
        }
    }
}

fn pane_place(mux: &Mux, mode: &Mode) -> String {
    let window = mux.windows.get(&mode.at.window);
    let panes = window.map(|window| window.panes()).unwrap_or_default();
    let nth = panes.iter().position(|pane| *pane == mode.at.pane);
    let base = mux.window_number(Some(mode.at.window), "pane-base-index");
    let number = i64::try_from(nth.unwrap_or(0)).unwrap_or(0) + base;
    format!("pane {number}")
}

/// What formats and filters know of an option.
struct About<'a> {
    name: &'a str,
    value: String,
    unit: &'a str,
    place: Option<String>,
    list: bool,
    hook: bool,
}

impl About<'_> {
    fn vars(&self) -> Vec<(String, String)> {
        let is = |set: bool| u8::from(set).to_string();
        [
            ("is_option", is(true)),
            ("is_key", is(false)),
            ("is_environment", is(false)),
            ("option_name", self.name.to_owned()),
            ("option_value", self.value.clone()),
            ("option_scope", self.place.clone().unwrap_or_default()),
            ("option_unit", self.unit.to_owned()),
            ("option_is_global", is(self.place.is_none())),
            ("option_is_array", is(self.list)),
            ("option_is_hook", is(self.hook)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// How it is shown: by `-F`, or where it is set and its value.
    fn line(&self, mux: &Mux, mode: &Mode) -> String {
        if !mode.format.is_empty() {
            let vars = self.vars();
            let scope = Scope::of_session(mux, mode.at.session).with_vars(&vars);
            return format::expand(&mode.format, mux, &scope);
        }
        let place = self.place.as_deref().map_or(String::new(), |place| {
            format!("#[reverse]({})#[default] ", escape(place))
        });
        let gap = if self.unit.is_empty() { "" } else { " " };
        let value = escape(&self.value);
        format!("{place}#[fg=themelightgrey]{value}{gap}{}", self.unit)
    }
}

fn escape(text: &str) -> String {
    text.replace('#', "##")
}

fn heading(items: &mut Vec<Item>, title: &str) -> usize {
    let at = items.len();
    let mut item = Item::new(Node::Heading(title.to_owned()), None, title, None);
    item.expanded = false;
    item.no_tag = true;
    items.push(item);
    at
}

fn closed(node: Node, parent: usize, name: &str, text: Option<String>) -> Item {
    let mut item = Item::new(node, Some(parent), name, text);
    item.expanded = false;
    item
}

fn fits(mux: &Mux, mode: &Mode, filter: Option<&str>, vars: &[(String, String)]) -> bool {
    let Some(filter) = filter else { return true };
    let scope = Scope::of_session(mux, mode.at.session).with_vars(vars);
    format::truthy(&format::expand(filter, mux, &scope))
}

/// What a filter knows of what is no option.
fn other_vars(kind: &str, name: &str) -> Vec<(String, String)> {
    let kinds = ["is_option", "is_key", "is_environment"].into_iter();
    let mut vars: Vec<(String, String)> = kinds
        .map(|own| (own.to_owned(), u8::from(own == kind).to_string()))
        .collect();
    let names = ["key", "environment_name"].into_iter();
    let own = names.filter(|own| kind.ends_with(own.split('_').next().unwrap_or_default()));
    vars.extend(own.map(|own| (own.to_owned(), name.to_owned())));
    if kind == "is_environment" {
        vars.push(("option_is_global".to_owned(), "1".to_owned()));
    }
    vars
}

/// The value of an option where the mode was opened.
fn value<'a>(mux: &'a Mux, mode: &Mode, def: &OptionDef) -> Option<&'a Value> {
    match def.scope {
        Level::Server => mux.server_option(def.name),
        Level::Session => mux.session_option(Some(mode.at.session), def.name),
        Level::Window => mux.window_option(Some(mode.at.window), def.name),
        Level::Pane => mux.pane_option(Some(mode.at.pane), def.name),
    }
}

fn shown(value: &Value) -> String {
    value.to_string()
}

fn add_option(
    mux: &Mux,
    mode: &Mode,
    filter: Option<&str>,
    (title, parent): (&str, usize),
    def: &OptionDef,
    items: &mut Vec<Item>,
) {
    let value = value(mux, mode, def);
    let list = matches!(def.kind, config::Kind::Array { .. });
    let about = About {
        name: def.name,
        value: value.map(shown).unwrap_or_default(),
        unit: match def.kind {
            config::Kind::Number { unit, .. } if !BARE.contains(&def.name) => unit,
            _ => "",
        },
        place: place(mux, mode, def.name, def.scope),
        list,
        hook: def.hook,
    };
    if !fits(mux, mode, filter, &about.vars()) {
        return;
    }
    let text = (!list).then(|| about.line(mux, mode));
    let node = Node::Option(title.to_owned(), def.name.to_owned(), None);
    let at = items.len();
    items.push(closed(node, parent, def.name, text));
    if !list {
        return;
    }
    for (key, text) in value.into_iter().flat_map(Value::entries) {
        let key = key.to_string();
        let name = format!("{}[{key}]", def.name);
        let node = Node::Option(title.to_owned(), def.name.to_owned(), Some(key));
        let text = format!("#[fg=themelightgrey]{}", escape(text));
        items.push(closed(node, at, &name, Some(text)));
    }
}

const fn level(scope: Level) -> &'static str {
    match scope {
        Level::Server => "server",
        Level::Session => "session",
        Level::Window => "window",
        Level::Pane => "window and pane",
    }
}

fn add_table(mux: &Mux, mode: &Mode, filter: Option<&str>, table: &str, items: &mut Vec<Item>) {
    let at = heading(items, &format!("{TABLE}{table}"));
    for binding in mux.bindings.iter().filter(|binding| binding.table == table) {
        let name = binding.key.to_string();
        if !fits(mux, mode, filter, &other_vars("is_key", &name)) {
            continue;
        }
        let commands = binding.commands_text();
        let text = binding.note.clone().unwrap_or_else(|| commands.clone());
        let node = Node::Key(table.to_owned(), binding.key);
        let own = items.len();
        items.push(closed(node, at, &name, Some(escape(&text))));
        let note = binding.note.clone().unwrap_or_default();
        let repeat = if binding.repeat { "on" } else { "off" };
        let parts = [
            ("Command", commands),
            ("Note", note),
            ("Repeat", repeat.to_owned()),
        ];
        for ((name, text), part) in parts.into_iter().zip(0..) {
            let node = Node::KeyPart(table.to_owned(), binding.key, part);
            let mut item = closed(node, own, name, Some(escape(&text)));
            item.draw_as_parent = true;
            item.no_tag = true;
            items.push(item);
        }
    }
}

/// What is said of an item below the list: each line, styles included.
#[must_use]
pub(super) fn describe(mux: &Mux, mode: &Mode, node: &Node) -> Vec<String> {
    match node {
        Node::Option(_, name, key) => describe_option(mux, mode, name, key.as_deref()),
        Node::Key(table, key) | Node::KeyPart(table, key, _) => {
            let binding = mux.bindings.get(table, *key);
            let mut lines = Vec::new();
            if let Some(binding) = binding {
                let note = binding
                    .note
                    .as_deref()
                    .unwrap_or("There is no note for this key.");
                lines.push(escape(note));
                lines.push(String::new());
                lines.push(format!("This key is in the {} table.", escape(table)));
                let does = if binding.repeat { "does" } else { "does not" };
                lines.push(format!("This key {does} repeat."));
                lines.push(String::new());
                lines.push(format!("Command: {}", escape(&binding.commands_text())));
            }
            lines
        }
        _ => Vec::new(),
    }
}

fn describe_option(mux: &Mux, mode: &Mode, name: &str, key: Option<&str>) -> Vec<String> {
    if name.starts_with('@') {
        return vec!["This is an option of your own.".to_owned()];
    }
    let Some(def) = config::option(name) else {
        return vec!["This is an environment variable.".to_owned()];
    };
    let kind = if def.hook { "hook" } else { "option" };
    let mut lines = vec![escape(def.about), String::new()];
    lines.push(format!("This is a {} {kind}.", level(def.scope)));
    match def.kind {
        config::Kind::Array { .. } => {
            let entry = key.map(|key| format!(", entry {key}")).unwrap_or_default();
            lines.push(format!("This is an array {kind}{entry}."));
        }
        config::Kind::Choice(choices) => {
            lines.push(format!("Available values are: {}.", choices.join(", ")));
        }
        config::Kind::Number { min, max, .. } => {
            lines.push(format!("Its value is a number from {min} to {max}."));
        }
        _ => {}
    }
    lines.push(String::new());
    if let Some(value) = value(mux, mode, def)
        && !matches!(def.kind, config::Kind::Array { .. })
    {
        lines.push(format!("Option value: {}", escape(&shown(value))));
        let text = shown(value);
        if text.contains("#{") {
            let scope = Scope {
                pane: Some(mode.at.pane),
                ..Scope::of_session(mux, mode.at.session)
            };
            let expanded = format::expand(&text, mux, &scope);
            lines.push(format!("This expands to: {}", escape(&expanded)));
        }
    }
    lines.push(format!("The default is: {}", escape(def.default)));
    lines
}

/// A key in the mode.
pub(super) fn key(mux: &Mux, cx: &Context, mode: &mut Mode, key: Key, done: &mut Done) {
    let Some(node) = mode.tree.selected().map(|item| item.node.clone()) else {
        return;
    };
    match plain(key) {
        Some('\r' | 's') => edit(mux, cx, mode, &node, false, done),
        Some('S') => edit(mux, cx, mode, &node, true, done),
        Some('w') => edit_window(mux, cx, mode, &node),
        Some('e') => done.follow_all(edit_outside(mux, mode, &node)),
        Some('u' | 'd') => {
            let label = label(&node);
            let what = if plain(key) == Some('u') {
                "Unset"
            } else {
                "Reset"
            };
            let end = if what == "Reset" { " to default" } else { "" };
            if !label.is_empty() {
                let text = format!("{what} {}{end}? ", escape(&label));
                ask(mux, cx, mode, Ask::EndCurrent, &text, "");
            }
        }
        Some('U' | 'D') => {
            let tagged = mode.tree.tagged().count();
            let what = if plain(key) == Some('U') {
                "Unset"
            } else {
                "Reset"
            };
            let end = if what == "Reset" { " to default" } else { "" };
            if tagged > 0 {
                let text = format!("{what} {tagged} tagged{end}? ");
                ask(mux, cx, mode, Ask::EndTagged, &text, "");
            }
        }
        _ => {}
    }
}

fn label(node: &Node) -> String {
    match node {
        Node::Option(_, name, Some(key)) => format!("{name}[{key}]"),
        Node::Option(_, name, None) => name.clone(),
        Node::Key(_, key) | Node::KeyPart(_, key, _) => format!("key {key}"),
        _ => String::new(),
    }
}

/// The command that sets an option at its level, without its value.
fn setter(mode: &Mode, level: Level, global: bool) -> Vec<String> {
    let at = mode.at;
    let words: Vec<String> = match (level, global) {
        (Level::Server, _) => vec!["-s".to_owned()],
        (Level::Session, true) => vec!["-g".to_owned()],
        (Level::Window | Level::Pane, true) => vec!["-gw".to_owned()],
        (Level::Session, false) => vec!["-t".to_owned(), format!("{}:", at.session)],
        (Level::Window, false) => vec!["-w".to_owned(), "-t".to_owned(), window_of(mode)],
        (Level::Pane, false) => vec!["-p".to_owned(), "-t".to_owned(), at.pane.to_string()],
    };
    let mut all = vec!["set-option".to_owned()];
    all.extend(words);
    all
}

fn window_of(mode: &Mode) -> String {
    format!("{}:{}", mode.at.session, mode.at.index)
}

fn edit(mux: &Mux, cx: &Context, mode: &mut Mode, node: &Node, global: bool, done: &mut Done) {
    match node {
        Node::Option(title, name, key) => {
            if name.starts_with('@') {
                edit_user(mux, cx, mode, (title, name), global);
                return;
            }
            let Some(def) = config::option(name) else {
                edit_variable(mux, cx, mode, title, name);
                return;
            };
            let command = setter(mode, def.scope, global || def.hook);
            edit_at(mux, cx, mode, def, key.as_deref(), command, done);
        }
        Node::KeyPart(table, key, part) => edit_key(mux, cx, mode, (table, *key, *part), done),
        _ => {}
    }
}

/// Opens an option's value in the user's editor, in a popup; what is saved is set
/// where `s` would set it.
fn edit_outside(mux: &Mux, mode: &Mode, node: &Node) -> Option<String> {
    let Node::Option(_, name, key) = node else {
        return None;
    };
    let def = config::option(name)?;
    let name = match key {
        Some(key) => format!("{name}[{key}]"),
        None if def.is_array() => return None,
        None => name.clone(),
    };
    let set = setter(mode, def.scope, def.hook);
    let level: Vec<String> = set.iter().skip(1).map(|word| shell_quote(word)).collect();
    let (level, name) = (level.join(" "), shell_quote(&name));
    let program = shell_quote(&mux.server.program);
    let editor = mux.server_text("editor");
    let script = format!(
        "f=$(mktemp) && {program} show-options -Aqv {level} {name} >\"$f\" && \
         ${{VISUAL:-${{EDITOR:-{editor}}}}} \"$f\" && \
         {program} set-option {level} {name} \"$(cat \"$f\")\"; rm -f \"$f\""
    );
    Some(format!("display-popup -E -w 80% -h 80% {}", quote(&script)))
}

fn edit_window(mux: &Mux, cx: &Context, mode: &mut Mode, node: &Node) {
    if let Node::Option(_, name, key) = node
        && let Some(def) = config::option(name).filter(|def| def.scope == Level::Pane)
    {
        let words = ["set-option", "-w", "-t"].map(str::to_owned);
        let mut command = words.to_vec();
        command.push(window_of(mode));
        let mut nothing = Done::default();
        edit_at(mux, cx, mode, def, key.as_deref(), command, &mut nothing);
    }
}

/// Asks for an option's value; flags change over at once.
fn edit_at(
    mux: &Mux,
    cx: &Context,
    mode: &mut Mode,
    def: &OptionDef,
    key: Option<&str>,
    mut command: Vec<String>,
    done: &mut Done,
) {
    let list = matches!(def.kind, config::Kind::Array { .. });
    let name = match key {
        Some(key) => format!("{}[{key}]", def.name),
        None if list => format!("{}[+]", def.name),
        None => def.name.to_owned(),
    };
    let present = value(mux, mode, def);
    if let config::Kind::Choice(choices) = def.kind {
        let now = present.map(shown).unwrap_or_default();
        let at = choices.iter().position(|choice| *choice == now);
        let next = at.map_or(0, |at| (at + 1) % choices.len().max(1));
        if let Some(next) = choices.get(next) {
            command.extend([name, (*next).to_owned()]);
            done.run(words(&command));
        }
        return;
    }
    if let config::Kind::Flag = def.kind {
        let on = present.map(shown).unwrap_or_default() == "on";
        command.extend([name, if on { "off" } else { "on" }.to_owned()]);
        done.run(words(&command));
        return;
    }
    let input = match key {
        Some(key) => present.and_then(|value| {
            let mut entries = value.entries();
            let found = entries.find(|(own, _)| own.to_string() == key);
            found.map(|(_, text)| text.to_owned())
        }),
        None if list => None,
        None => present.map(shown),
    };
    let whose = whose(mux, mode, def.scope, &command);
    let label = format!("({}{whose}) ", escape(&name));
    // A free place of an array is the one behind the last.
    let place = if list && key.is_none() {
        let entries = present.map_or(0, |value| value.entries().count());
        format!("{}[{entries}]", def.name)
    } else {
        name
    };
    command.push(place);
    mode.edited = Some(Edited { command });
    ask(
        mux,
        cx,
        mode,
        Ask::Value,
        &label,
        &input.unwrap_or_default(),
    );
}

/// The level of a heading's options, for the user's own.
fn user_level(title: &str) -> Level {
    match title {
        "Server Options" => Level::Server,
        "Session Options" => Level::Session,
        _ => Level::Window,
    }
}

/// Asks for the value of an option of the user's own.
fn edit_user(mux: &Mux, cx: &Context, mode: &mut Mode, (title, name): (&str, &str), global: bool) {
    let level = user_level(title);
    let present = match level {
        Level::Server => mux.server_option(name),
        Level::Session => mux.session_option(Some(mode.at.session), name),
        Level::Window | Level::Pane => mux.pane_option(Some(mode.at.pane), name),
    };
    let mut command = setter(mode, level, global);
    command.push(name.to_owned());
    let label = format!("({}{}) ", escape(name), whose(mux, mode, level, &command));
    let input = present.map(shown).unwrap_or_default();
    mode.edited = Some(Edited { command });
    ask(mux, cx, mode, Ask::Value, &label, &input);
}

/// For whom a command sets an option, as its prompt says it.
fn whose(mux: &Mux, mode: &Mode, level: Level, command: &[String]) -> String {
    let wide = command.get(1).is_some_and(|flag| flag.starts_with("-g"));
    let text = match (level, wide) {
        (Level::Server, _) => String::new(),
        (_, true) => ", global".to_owned(),
        (Level::Session, false) => {
            let own = mux.sessions.get(&mode.at.session);
            own.map_or_else(String::new, |own| format!(", for session {}", own.name))
        }
        _ if command.iter().any(|word| word == "-p") => format!(", for {}", pane_place(mux, mode)),
        _ => format!(", for window {}", mode.at.index),
    };
    escape(&text)
}

fn edit_variable(mux: &Mux, cx: &Context, mode: &mut Mode, title: &str, name: &str) {
    let global = title == "Global Environment";
    let environ = if global {
        Some(&mux.environ)
    } else {
        mux.sessions.get(&mode.at.session).map(|own| &own.environ)
    };
    let value = environ
        .and_then(|own| own.value(name))
        .unwrap_or_default()
        .to_owned();
    let mut command = vec!["set-environment".to_owned()];
    if global {
        command.push("-g".to_owned());
    } else {
        command.extend(["-t".to_owned(), format!("{}:", mode.at.session)]);
    }
    command.push(name.to_owned());
    mode.edited = Some(Edited { command });
    ask(
        mux,
        cx,
        mode,
        Ask::Value,
        &format!("({}) ", escape(name)),
        &value,
    );
}

fn edit_key(
    mux: &Mux,
    cx: &Context,
    mode: &mut Mode,
    (table, key, part): (&str, Key, u8),
    done: &mut Done,
) {
    let Some(binding) = mux.bindings.get(table, key) else {
        return;
    };
    let mut command = vec!["bind-key".to_owned(), "-T".to_owned(), table.to_owned()];
    let commands = binding.commands_text().replace(" \\; ", " ; ");
    let note = binding.note.clone();
    if binding.repeat != (part == 2) {
        command.push("-r".to_owned());
    }
    match part {
        0 => {
            if let Some(note) = note {
                command.extend(["-N".to_owned(), note]);
            }
            command.push(key.to_string());
            mode.edited = Some(Edited { command });
            ask(mux, cx, mode, Ask::Value, &format!("({key}) "), &commands);
        }
        1 => {
            let note = note.unwrap_or_default();
            command.extend([key.to_string(), commands]);
            command.insert(1, "-N".to_owned());
            mode.edited = Some(Edited { command });
            ask(mux, cx, mode, Ask::Value, &format!("({key}) "), &note);
        }
        _ => {
            if let Some(note) = note {
                command.extend(["-N".to_owned(), note]);
            }
            command.extend([key.to_string(), commands]);
            done.run(words(&command));
        }
    }
}

fn words(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// A value was given for what is being edited.
pub(super) fn set(mode: &mut Mode, text: &str, done: &mut Done) {
    let Some(Edited { mut command }) = mode.edited.take() else {
        return;
    };
    // A note stands before the key.
    let note = command.get(1).is_some_and(|word| word == "-N");
    if note {
        command.insert(2, text.to_owned());
    } else {
        command.push(text.to_owned());
    }
    done.run(words(&command));
}

/// Unsets what an item stands for.
pub(super) fn unset(mode: &Mode, node: &Node, done: &mut Done) {
    match node {
        Node::Option(title, name, _) if name.starts_with('@') => {
            let mut command = setter(mode, user_level(title), false);
            command.extend(["-u".to_owned(), name.clone()]);
            done.run(words(&command));
        }
        Node::Option(title, name, key) => {
            let Some(def) = config::option(name) else {
                let global = title == "Global Environment";
                let flag = if global { "-gu" } else { "-u" };
                let at = format!("{}:", mode.at.session);
                let all = ["set-environment", flag, "-t", &at, name].map(str::to_owned);
                done.run(words(&all));
                return;
            };
            let mut command = setter(mode, def.scope, def.scope != Level::Pane || def.hook);
            command.push("-u".to_owned());
            command.push(match key {
                Some(key) => format!("{name}[{key}]"),
                None => name.clone(),
            });
            done.run(words(&command));
        }
        Node::Key(table, key) | Node::KeyPart(table, key, _) => {
            let all = ["unbind-key", "-T", table, &key.to_string()].map(str::to_owned);
            done.run(words(&all));
        }
        _ => {}
    }
}

/// The shortcut of a line.
pub(super) fn shortcut(line: usize) -> Option<Key> {
    let text = match line {
        0..=9 => line.to_string(),
        10..=35 => {
            let nth = u8::try_from(line - 10).ok()?;
            format!("M-{}", char::from(b'a' + nth))
        }
        _ => return None,
    };
    text.parse().ok()
}
