//! The loops of formats: over sessions, windows, panes and clients, each in its
//! own scope and in the order asked for; over options and environments, whose
//! values are variables. Options and environments are for those who may type:
//! there is more in them than a guest who looks on may see.

use std::cmp::Reverse;

use crate::config::{self, Options, Value};
use crate::mux::Environ;

use super::expand::{Expander, bit};
use super::{Scope, modifiers, vars};

/// Longest result of a loop, in bytes.
const MAX_LENGTH: usize = 1 << 20;

impl<'a> Expander<'a> {
    /// Expands a format for each of a kind; nothing where there is nothing to
    /// loop in.
    pub(super) fn each(&mut self, kind: &str, args: &[String], rest: &str) -> Option<String> {
        let flags = args.first().map_or("", String::as_str);
        match kind {
            "O" => Some(self.each_option(if args.len() == 1 { flags } else { "" }, rest)),
            "V" => Some(self.each_variable(if args.len() == 1 { flags } else { "" }, rest)),
            "W" => {
                self.scope.session?;
                Some(self.each_scope(kind, flags, rest))
            }
            "P" => {
                self.scope.window?;
                Some(self.each_scope(kind, flags, rest))
            }
            _ => Some(self.each_scope(kind, flags, rest)),
        }
    }

    fn each_scope(&mut self, kind: &str, flags: &str, rest: &str) -> String {
        let (all, current) = match modifiers::halves(rest) {
            Some((all, current)) if kind != "L" => (all, current),
            _ => (rest, rest),
        };
        let mut scopes = vars::scopes(kind, self.mux, &self.scope);
        self.sort(kind, flags, &mut scopes);
        let count = scopes.len();
        let windows: Vec<Scope<'a>> = match kind {
            "W" => scopes.iter().map(|(scope, _)| *scope).collect(),
            _ => Vec::new(),
        };
        let mut out = String::new();
        for (nth, (scope, is_current)) in scopes.into_iter().enumerate() {
            let marks = self.extra.len();
            self.number(nth, nth + 1 == count);
            if kind == "W" {
                self.neighbours(&windows, nth);
            }
            let outer = std::mem::replace(&mut self.scope, scope);
            out.push_str(&self.run(if is_current { current } else { all }));
            self.extra.truncate(marks);
            self.scope = outer;
            if out.len() > MAX_LENGTH {
                break;
            }
        }
        out
    }

    fn number(&mut self, nth: usize, last: bool) {
        self.set("loop_index", nth.to_string());
        self.set("loop_last_flag", bit(last));
    }

    fn set(&mut self, name: &str, value: String) {
        self.extra.push((name.to_owned(), value));
    }

    /// Puts the scopes of a loop in order.
    fn sort(&self, kind: &str, flags: &str, scopes: &mut [(Scope<'a>, bool)]) {
        let mux = self.mux;
        let name = |scope: &Scope<'a>| match kind {
            "S" => Some(mux.sessions.get(&scope.session?)?.name.clone()),
            "W" => Some(mux.windows.get(&scope.window?)?.name.clone()),
            _ => Some(mux.clients.get(&scope.client?)?.name.clone()),
        };
        let activity = |scope: &Scope<'a>| match kind {
            "S" => Some(mux.sessions.get(&scope.session?)?.activity.mono),
            "W" => Some(mux.windows.get(&scope.window?)?.activity.mono),
            _ => Some(mux.clients.get(&scope.client?)?.activity.mono),
        };
        match kind {
            // By place for `i` and by depth for `z`, as the layout has them.
            "P" if flags.contains(['i', 'z']) => {}
            "P" => scopes.sort_by_key(|(scope, _)| scope.pane),
            "S" if flags.contains('i') => scopes.sort_by_key(|(scope, _)| scope.session),
            _ if flags.contains('i') => {}
            _ if flags.contains('n') => scopes.sort_by_key(|(scope, _)| name(scope)),
            _ if flags.contains('t') => {
                scopes.sort_by_key(|(scope, _)| (Reverse(activity(scope)), name(scope)));
            }
            "S" => scopes.sort_by_key(|(scope, _)| scope.session),
            _ => {}
        }
        // All panes lie at the same depth.
        if flags.contains('r') && !(kind == "P" && flags.contains('z')) {
            scopes.reverse();
        }
    }

    /// What a window's format may know of the windows beside it.
    fn neighbours(&mut self, windows: &[Scope<'a>], nth: usize) {
        let before = nth.checked_sub(1).and_then(|at| windows.get(at)).copied();
        let after = windows.get(nth + 1).copied();
        let is_current = |scope: Option<Scope<'a>>| {
            scope.is_some_and(|scope| {
                let session = scope.session.and_then(|id| self.mux.sessions.get(&id));
                session.is_some_and(|session| Some(session.current) == scope.index)
            })
        };
        let (after_current, before_current) = (is_current(before), is_current(after));
        self.set("window_after_active", bit(after_current));
        self.set("window_before_active", bit(before_current));
        for (side, scope, current) in [
            ("next", after, before_current),
            ("prev", before, after_current),
        ] {
            let Some(scope) = scope else { continue };
            let index = scope.index.unwrap_or(0).to_string();
            self.set(&format!("{side}_window_index"), index);
            self.set(&format!("{side}_window_active"), bit(current));
            let window = scope.window.and_then(|id| self.mux.windows.get(&id));
            let Some(window) = window else { continue };
            for (name, value) in window.options.iter() {
                if name.starts_with('@') {
                    self.set(&format!("{side}_{name}"), value.to_string());
                }
            }
        }
    }

    /// `O`: the options of one table, arrays once for each entry.
    fn each_option(&mut self, flags: &str, rest: &str) -> String {
        let Some(options) = self.options(flags) else {
            return String::new();
        };
        let mut rows: Vec<Row> = Vec::new();
        for (name, value) in options.iter() {
            let entries: Vec<_> = match value {
                Value::List(_) => value.entries().collect(),
                _ => Vec::new(),
            };
            let count = entries.len();
            let array = matches!(value, Value::List(_));
            let row = |key: String, value: String, first: bool, last: bool| Row {
                name: name.to_owned(),
                value,
                key,
                array,
                first,
                last,
                count,
            };
            if count == 0 {
                let value = if array {
                    String::new()
                } else {
                    value.to_string()
                };
                rows.push(row(String::new(), value, array, array));
            }
            for (nth, (key, text)) in entries.into_iter().enumerate() {
                let last = nth + 1 == count;
                rows.push(row(key.to_string(), text.to_owned(), nth == 0, last));
            }
        }
        let count = rows.len();
        let mut out = String::new();
        for (nth, row) in rows.into_iter().enumerate() {
            let marks = self.extra.len();
            self.number(nth, nth + 1 == count);
            self.set_row(row);
            out.push_str(&self.run(rest));
            self.extra.truncate(marks);
            if out.len() > MAX_LENGTH {
                break;
            }
        }
        out
    }

    fn set_row(&mut self, row: Row) {
        let hook = config::hooks().any(|def| def.name == row.name);
        self.set("option_is_user", bit(row.name.starts_with('@')));
        self.set("option_is_hook", bit(hook));
        self.set("option_is_array", bit(row.array));
        self.set("option_array_first", bit(row.first));
        self.set("option_array_last", bit(row.last));
        self.set("option_array_count", row.count.to_string());
        self.set("option_array_index", row.key.clone());
        self.set("option_array_key", row.key);
        self.set("option_value", row.value);
        self.set("option_name", row.name);
    }

    /// The table that the flags name.
    fn options(&self, flags: &str) -> Option<&'a Options> {
        if !self.scope.jobs {
            return None;
        }
        let mux = self.mux;
        let flags = if flags.is_empty() { "s" } else { flags };
        let global = flags.contains('g');
        if flags.contains('v') {
            return Some(&mux.options.server);
        }
        if flags.contains('w') {
            return match global {
                true => Some(&mux.options.window),
                false => Some(&mux.windows.get(&self.scope.window?)?.options),
            };
        }
        if flags.contains('s') {
            return match global {
                true => Some(&mux.options.session),
                false => Some(&mux.sessions.get(&self.scope.session?)?.options),
            };
        }
        if flags.contains('p') {
            let pane = self.scope.pane.filter(|_| !global)?;
            return Some(&mux.panes.get(&pane)?.options);
        }
        global.then_some(&mux.options.session)
    }

    /// `V`: the variables of one environment.
    fn each_variable(&mut self, flags: &str, rest: &str) -> String {
        let Some(environ) = self.environ(flags) else {
            return String::new();
        };
        let count = environ.iter().count();
        let mut out = String::new();
        for (nth, (name, variable)) in environ.iter().enumerate() {
            let marks = self.extra.len();
            self.number(nth, nth + 1 == count);
            self.set("environ_name", name.to_owned());
            self.set("environ_value", variable.value.clone().unwrap_or_default());
            self.set("environ_hidden", bit(variable.hidden));
            self.set("environ_removed", bit(variable.value.is_none()));
            out.push_str(&self.run(rest));
            self.extra.truncate(marks);
            if out.len() > MAX_LENGTH {
                break;
            }
        }
        out
    }

    fn environ(&self, flags: &str) -> Option<&'a Environ> {
        if !self.scope.jobs {
            return None;
        }
        let mux = self.mux;
        match flags {
            "" | "s" => Some(&mux.sessions.get(&self.scope.session?)?.environ),
            "g" => Some(&mux.environ),
            "c" => Some(&mux.clients.get(&self.scope.caller?)?.environ),
            _ => None,
        }
    }
}

/// One turn of a loop over options.
struct Row {
    name: String,
    value: String,
    key: String,
    array: bool,
    first: bool,
    last: bool,
    count: usize,
}
