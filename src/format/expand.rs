//! The walk over a format's text, and what each modifier does.

use crate::base::width;
use crate::mux::Mux;

use super::modifiers::{self, Modifier};
use super::{Scope, arith, pattern, time, truthy, vars};

/// Deepest nesting of `#{…}` and of expansions of expansions.
const MAX_DEPTH: usize = 64;

/// Most texts expanded for one format, loops and nested formats together.
const MAX_STEPS: usize = 100_000;

/// Longest result, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// One expansion under way.
pub(super) struct Expander<'a> {
    mux: &'a Mux,
    scope: Scope<'a>,
    strftime: bool,
    depth: usize,
    steps: usize,
    extra: Vec<(String, String)>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(mux: &'a Mux, scope: &Scope<'a>, strftime: bool) -> Self {
        Self {
            mux,
            scope: *scope,
            strftime,
            depth: 0,
            steps: 0,
            extra: Vec::new(),
        }
    }

    /// Expands a whole text.
    pub(super) fn run(&mut self, text: &str) -> String {
        if self.depth >= MAX_DEPTH || self.steps >= MAX_STEPS {
            return String::new();
        }
        self.depth += 1;
        self.steps += 1;
        let timed;
        let text = if self.strftime && text.contains('%') {
            timed = time::strftime(text, self.scope.now.unix(), self.scope.now);
            timed.as_str()
        } else {
            text
        };
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('#') {
            out.push_str(&rest[..at]);
            rest = self.special(&rest[at + 1..], &mut out);
            if out.len() > MAX_LENGTH {
                break;
            }
        }
        if out.len() <= MAX_LENGTH {
            out.push_str(rest);
        }
        self.depth -= 1;
        out
    }

    /// Handles what follows a `#`; gives back what is left of the text.
    fn special<'t>(&mut self, text: &'t str, out: &mut String) -> &'t str {
        let Some(next) = text.chars().next() else {
            out.push('#');
            return text;
        };
        match next {
            '{' => match modifiers::skip(&text[1..], &['}']) {
                Some(end) => {
                    let value = self.replace(&text[1..=end]);
                    out.push_str(&value);
                    &text[end + 2..]
                }
                // Not closed: tmux gives up here, and so does the text.
                None => "",
            },
            '(' => match closing(&text[1..]) {
                Some(end) => {
                    if self.scope.jobs {
                        let command = self.run(&text[1..=end]);
                        out.push_str(&self.mux.jobs.output_of(&command));
                    }
                    &text[end + 2..]
                }
                None => "",
            },
            '#' => {
                let run = text.len() - text.trim_start_matches('#').len();
                if text[run..].starts_with('[') {
                    out.push('#');
                    out.push_str(&text[..run]);
                    out.push('[');
                    return &text[run + 1..];
                }
                out.push('#');
                &text[1..]
            }
            ',' | '}' => {
                out.push(next);
                &text[1..]
            }
            letter => match alias(letter) {
                Some(name) => {
                    out.push_str(&self.variable(name).unwrap_or_default());
                    &text[1..]
                }
                None => {
                    out.push('#');
                    text
                }
            },
        }
    }

    /// The value of a variable; nothing when there is none of the name.
    fn variable(&self, name: &str) -> Option<String> {
        let extra = self.extra.iter().rev().find(|(known, _)| known == name);
        let given = || self.scope.vars.iter().find(|(known, _)| known == name);
        if let Some((_, value)) = extra.or_else(given) {
            return Some(value.clone());
        }
        vars::lookup(name, self.mux, &self.scope)
    }

    /// The value of what stands between `#{` and `}`.
    fn replace(&mut self, key: &str) -> String {
        let (list, rest) = modifiers::split(key);
        let value = if let Some(value) = self.operator(&list, rest) {
            value
        } else if let Some(condition) = rest.strip_prefix('?') {
            self.conditional(condition)
        } else {
            self.plain(&list, rest)
        };
        self.shape(&list, value)
    }

    /// A variable, or a nested format, with `E:`, `T:`, `t:` and the like.
    fn plain(&mut self, list: &[Modifier], key: &str) -> String {
        let has = |name: &str| list.iter().any(|m| m.name == name);
        let value = if key.contains("#{") {
            self.run(key)
        } else {
            self.variable(key).unwrap_or_default()
        };
        let value = match list.iter().find(|m| m.name == "t") {
            Some(modifier) => self.time(modifier, &value),
            None => value,
        };
        if has("T") {
            let outer = std::mem::replace(&mut self.strftime, true);
            let value = self.run(&value);
            self.strftime = outer;
            return value;
        }
        if has("E") { self.run(&value) } else { value }
    }

    fn time(&mut self, modifier: &Modifier, value: &str) -> String {
        let Ok(unix) = value.trim().parse::<i64>() else {
            return String::new();
        };
        let now = self.scope.now;
        let flags = modifier.args.first().map_or("", String::as_str);
        if flags.contains('p') {
            time::pretty(unix, now)
        } else if let (true, Some(format)) = (flags.contains('f'), modifier.args.get(1)) {
            let format = unescape(format);
            time::strftime(&format, unix, now)
        } else if flags.contains('r') {
            (now.unix() - unix).to_string()
        } else if unix == 0 {
            String::new()
        } else {
            time::long(unix, now)
        }
    }

    /// The modifiers that make a value of their own.
    fn operator(&mut self, list: &[Modifier], rest: &str) -> Option<String> {
        for modifier in list {
            let value = match modifier.name.as_str() {
                "l" => unescape(rest),
                "a" => self.character(rest),
                "==" | "!=" | "<" | ">" | "<=" | ">=" => self.compare(&modifier.name, rest),
                "||" => self.any(rest, true),
                "&&" => self.any(rest, false),
                "!" => bit(!truthy(&self.condition(rest))),
                "!!" => bit(truthy(&self.condition(rest))),
                "m" => self.matches(modifier, rest),
                "e" => self.arithmetic(modifier, rest),
                "R" => self.repeat(rest),
                "N" => self.exists(modifier, rest),
                "S" | "W" | "P" | "L" => self.each(&modifier.name, rest),
                "C" => self.search(modifier, rest),
                _ => continue,
            };
            return Some(value);
        }
        None
    }

    fn character(&mut self, rest: &str) -> String {
        let code = self.run(rest).trim().parse::<u32>().ok();
        let ch = code
            .filter(|code| (32..127).contains(code))
            .and_then(char::from_u32);
        ch.map(String::from).unwrap_or_default()
    }

    fn compare(&mut self, op: &str, rest: &str) -> String {
        let parts = modifiers::parts(rest);
        let (Some(a), Some(b)) = (parts.first(), parts.get(1)) else {
            return String::new();
        };
        let (a, b) = (self.run(a), self.run(b));
        bit(match op {
            "==" => a == b,
            "!=" => a != b,
            "<" => a < b,
            ">" => a > b,
            "<=" => a <= b,
            _ => a >= b,
        })
    }

    fn any(&mut self, rest: &str, wanted: bool) -> String {
        let parts = modifiers::parts(rest);
        let found = parts
            .iter()
            .any(|part| truthy(&self.condition(part)) == wanted);
        bit(found == wanted)
    }

    fn matches(&mut self, modifier: &Modifier, rest: &str) -> String {
        let parts = modifiers::parts(rest);
        let (Some(pattern), Some(text)) = (parts.first(), parts.get(1)) else {
            return String::new();
        };
        let (pattern, text) = (self.run(pattern), self.run(text));
        let ignore_case = modifier.has_flag('i');
        bit(if modifier.has_flag('r') {
            pattern::regex_matches(&pattern, &text, ignore_case)
        } else {
            pattern::fnmatch(&pattern, &text, ignore_case)
        })
    }

    fn arithmetic(&mut self, modifier: &Modifier, rest: &str) -> String {
        let parts = modifiers::parts(rest);
        let (Some(a), Some(b)) = (parts.first(), parts.get(1)) else {
            return String::new();
        };
        let (a, b) = (self.run(a), self.run(b));
        let op = modifier.args.first().map_or("", String::as_str);
        let float = modifier
            .args
            .get(1)
            .is_some_and(|flags| flags.contains('f'));
        let places = modifier
            .args
            .get(2)
            .and_then(|n| n.parse().ok())
            .unwrap_or(2);
        arith::evaluate(op, float, places, &a, &b).unwrap_or_default()
    }

    fn repeat(&mut self, rest: &str) -> String {
        let parts = modifiers::parts(rest);
        let (Some(text), Some(count)) = (parts.first(), parts.get(1)) else {
            return String::new();
        };
        let text = self.run(text);
        let count = self.run(count).trim().parse::<usize>().unwrap_or(0);
        text.repeat(count.min(MAX_LENGTH / text.len().max(1)))
    }

    fn exists(&mut self, modifier: &Modifier, rest: &str) -> String {
        let name = self.run(rest);
        if modifier.has_flag('s') {
            return bit(self.mux.session_named(&name).is_some());
        }
        let session = self.scope.session.and_then(|id| self.mux.sessions.get(&id));
        let mut windows = session.iter().flat_map(|s| s.links.values());
        bit(windows.any(|link| {
            let window = self.mux.windows.get(&link.window);
            window.is_some_and(|window| window.name == name)
        }))
    }

    fn search(&mut self, modifier: &Modifier, rest: &str) -> String {
        let wanted = self.run(rest);
        let Some(pane) = self.scope.pane.and_then(|id| self.mux.panes.get(&id)) else {
            return "0".to_owned();
        };
        let ignore_case = modifier.has_flag('i');
        let found = (0..pane.size().rows()).find(|y| {
            let mut line = String::new();
            for cell in pane.term.row(*y) {
                pane.term.pool().push_text(*cell, &mut line);
            }
            let line = line.trim_end();
            if modifier.has_flag('r') {
                pattern::regex_matches(&wanted, line, ignore_case)
            } else {
                pattern::fnmatch(&format!("*{wanted}*"), line, ignore_case)
            }
        });
        found.map_or(0, |y| y + 1).to_string()
    }

    /// The loops over sessions, windows, panes and clients: each in its own
    /// scope, the current one by the second format if there is one.
    fn each(&mut self, kind: &str, rest: &str) -> String {
        let parts = modifiers::parts(rest);
        let all = parts.first().copied().unwrap_or_default();
        let current = parts.get(1).copied().unwrap_or(all);
        let scopes = vars::scopes(kind, self.mux, &self.scope);
        let count = scopes.len();
        let mut out = String::new();
        for (nth, (scope, is_current)) in scopes.into_iter().enumerate() {
            let outer = std::mem::replace(&mut self.scope, scope);
            let marks = self.extra.len();
            self.extra.push(("loop_index".to_owned(), nth.to_string()));
            self.extra
                .push(("loop_last_flag".to_owned(), bit(nth + 1 == count)));
            out.push_str(&self.run(if is_current { current } else { all }));
            self.extra.truncate(marks);
            self.scope = outer;
            if out.len() > MAX_LENGTH {
                break;
            }
        }
        out
    }

    /// `?c1,v1,c2,v2,default`: the value of the first condition that holds.
    fn conditional(&mut self, text: &str) -> String {
        let parts = modifiers::parts(text);
        for pair in parts.chunks(2) {
            match pair {
                [condition, value] => {
                    if truthy(&self.condition(condition)) {
                        return self.run(value);
                    }
                }
                [default] => return self.run(default),
                _ => break,
            }
        }
        String::new()
    }

    /// A condition: a variable's value, or an expanded format. A name that is
    /// no variable is false.
    fn condition(&mut self, text: &str) -> String {
        if let Some(value) = self.variable(text) {
            return value;
        }
        let value = self.run(text);
        let is_name = value == text && text.parse::<i64>().is_err();
        if is_name { String::new() } else { value }
    }

    /// The modifiers that change a value: substitution, quoting, length, width.
    fn shape(&mut self, list: &[Modifier], mut value: String) -> String {
        for modifier in list {
            value = match modifier.name.as_str() {
                "s" => self.substitute(modifier, &value),
                "b" => basename(&value).to_owned(),
                "d" => dirname(&value).to_owned(),
                "q" => quote(modifier, &value),
                _ => value,
            };
        }
        for modifier in list {
            value = match modifier.name.as_str() {
                "=" => self.limit(modifier, value),
                "p" => self.pad(modifier, value),
                "w" => width::str_width(&value).to_string(),
                "n" => value.len().to_string(),
                _ => value,
            };
        }
        value
    }

    fn substitute(&mut self, modifier: &Modifier, value: &str) -> String {
        let [pattern, with, ..] = modifier.args.as_slice() else {
            return value.to_owned();
        };
        let (pattern, with) = (self.run(pattern), self.run(with));
        let ignore_case = modifier
            .args
            .get(2)
            .is_some_and(|flags| flags.contains('i'));
        pattern::substitute(&pattern, &with, value, ignore_case)
    }

    fn limit(&mut self, modifier: &Modifier, value: String) -> String {
        let Some(limit) = self.number(modifier) else {
            return value;
        };
        let columns = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
        let whole = visible_width(&value);
        if limit == 0 || whole <= columns {
            return value;
        }
        let marker = modifier.args.get(1).cloned().unwrap_or_default();
        if limit > 0 {
            format!("{}{marker}", cut_start(&value, columns))
        } else {
            format!("{marker}{}", cut_end(&value, whole - columns))
        }
    }

    fn pad(&mut self, modifier: &Modifier, value: String) -> String {
        let Some(columns) = self.number(modifier) else {
            return value;
        };
        let wanted = usize::try_from(columns.unsigned_abs())
            .unwrap_or(0)
            .min(MAX_LENGTH);
        let fill = " ".repeat(wanted.saturating_sub(visible_width(&value)));
        if columns > 0 {
            format!("{value}{fill}")
        } else {
            format!("{fill}{value}")
        }
    }

    fn number(&mut self, modifier: &Modifier) -> Option<i64> {
        let text = modifier.args.first()?;
        self.run(text).trim().parse().ok()
    }
}

fn bit(on: bool) -> String {
    if on { "1".to_owned() } else { "0".to_owned() }
}

/// The one-letter aliases (tmux(1), "FORMATS").
fn alias(letter: char) -> Option<&'static str> {
    Some(match letter {
        'D' => "pane_id",
        'F' => "window_flags",
        'H' => "host",
        'I' => "window_index",
        'P' => "pane_index",
        'S' => "session_name",
        'T' => "pane_title",
        'W' => "window_name",
        'h' => "host_short",
        _ => return None,
    })
}

/// Where the parenthesis that was opened before the text closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, ch) in text.char_indices() {
        match ch {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Takes the `#` from `#,`, `##`, `#}` and `#:`.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let next = chars.peek().copied();
        if ch == '#' && next == Some('{') {
            depth += 1;
        }
        if ch == '}' {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 && ch == '#' && matches!(next, Some(',' | '#' | '{' | '}' | ':')) {
            out.extend(chars.next());
            continue;
        }
        out.push(ch);
    }
    out
}

fn basename(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

fn dirname(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((head, _)) => head,
        None if path.starts_with('/') => "/",
        None => ".",
    }
}

fn quote(modifier: &Modifier, value: &str) -> String {
    let flags = modifier.args.first().map_or("", String::as_str);
    if flags.contains(['e', 'h']) {
        return value.replace('#', "##");
    }
    if flags.contains('a') {
        let body = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('$', "\\$");
        return format!("\"{body}\"");
    }
    let mut out = String::with_capacity(value.len());
    for ch in value.chars() {
        if "|&;<>()$`\\\"'*?[# =%".contains(ch) {
            out.push('\\');
        }
        out.push(ch);
    }
    out
}

/// Columns of a text; styles `#[…]` take none.
fn visible_width(text: &str) -> usize {
    segments(text)
        .filter(|(style, _)| !style)
        .map(|(_, part)| width::str_width(part))
        .sum()
}

/// The text up to a number of columns, every style kept.
fn cut_start(text: &str, columns: usize) -> String {
    let mut left = columns;
    let mut out = String::new();
    for (style, part) in segments(text) {
        let kept = if style {
            part
        } else {
            width::prefix(part, left)
        };
        if !style {
            left -= width::str_width(kept);
        }
        out.push_str(kept);
    }
    out
}

/// The text without its first columns, every style kept.
fn cut_end(text: &str, columns: usize) -> String {
    let mut skip = columns;
    let mut out = String::new();
    for (style, part) in segments(text) {
        if style {
            out.push_str(part);
            continue;
        }
        for (cluster, width) in width::clusters(part) {
            if skip > 0 {
                skip = skip.saturating_sub(usize::from(width));
            } else {
                out.push_str(cluster);
            }
        }
    }
    out
}

/// A text in turns of plain parts and styles.
fn segments(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = if rest.starts_with("#[") {
            let end = rest.find(']').map_or(rest.len(), |end| end + 1);
            let (style, tail) = rest.split_at(end);
            rest = tail;
            return Some((true, style));
        } else {
            rest.find("#[").unwrap_or(rest.len())
        };
        let (part, tail) = rest.split_at(at);
        rest = tail;
        Some((false, part))
    })
}
