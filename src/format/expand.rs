//! The walk over a format's text: what stands as it is, what begins with `#`,
//! and what `#{…}` is replaced by. What each modifier does to a value is in
//! `shape`, `arith`, `fuzzy`, `pattern` and `time`; the loops are in `loops`.

use std::time::Duration;

use crate::base::Color;
use crate::base::mask::Secrets;
use crate::base::palette::palette;
use crate::config::colours::{self, StyleColour};
use crate::mux::{Client, Mux};

use super::modifiers::{self, Modifier};
use super::shape::{self, Quote};
use super::{Scope, arith, fuzzy, pattern, time, truthy, vars};

/// Deepest nesting of expansions (that of tmux).
const MAX_DEPTH: usize = 100;

/// Most bytes looked at for one format, loops and nested formats together; in
/// place of tmux's time of 100 ms, as nothing here reads a clock.
const MAX_WORK: usize = 32 << 20;

/// Bytes that an expansion counts beside its text's.
const STEP: usize = 256;

/// Most steps told.
const MAX_STEPS: usize = 10_000;

/// Longest result, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// Widest that a value is cut or padded to, in columns.
const MAX_WIDTH: i64 = 10_000;

/// Most repetitions of `R:`, and the longest text that they make.
const MAX_REPEAT: usize = 10_000;
const MAX_REPEATED: usize = 65_536;

/// How long one frame of `A:` is shown.
const FRAME: Duration = Duration::from_millis(100);

/// One expansion under way.
pub(super) struct Expander<'a> {
    pub(super) mux: &'a Mux,
    pub(super) scope: Scope<'a>,
    /// Texts pass through strftime(3) first.
    strftime: bool,
    /// `#()` is left out: in a command of `#()`, and in what it printed.
    nojobs: bool,
    depth: usize,
    work: usize,
    /// Variables of the loops around, the innermost last.
    pub(super) extra: Vec<(String, String)>,
    /// What was done, if it is to be told.
    pub(super) steps: Option<Vec<String>>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(mux: &'a Mux, scope: &Scope<'a>, strftime: bool) -> Self {
        Self {
            mux,
            scope: *scope,
            strftime,
            nojobs: false,
            depth: 0,
            work: 0,
            extra: Vec::new(),
            steps: None,
        }
    }

    /// Tells a step, indented by its depth.
    pub(super) fn tell(&mut self, step: impl FnOnce() -> String) {
        let indent = self.depth.min(10);
        if let Some(steps) = self.steps.as_mut().filter(|steps| steps.len() < MAX_STEPS) {
            steps.push(format!("#{:indent$}{}", "", step()));
        }
    }

    /// Expands a whole text.
    pub(super) fn run(&mut self, text: &str) -> String {
        self.work = self.work.saturating_add(text.len() + STEP);
        if text.is_empty() || self.depth >= MAX_DEPTH || self.work >= MAX_WORK {
            return String::new();
        }
        let timed;
        let text = if self.strftime && text.contains('%') {
            let now = self.scope.now;
            match time::strftime(text, now.unix(), now) {
                Some(text) => timed = text,
                None => return String::new(),
            }
            timed.as_str()
        } else {
            text
        };
        self.depth += 1;
        self.tell(|| format!("expanding format: {text}"));
        let out = self.walk(text);
        self.tell(|| format!("result is: {out}"));
        self.depth -= 1;
        out
    }

    fn walk(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        // Where the style ends that was begun last: no letter is a name in it.
        let mut style_end = 0;
        while let Some(next) = text[at..].find('#') {
            out.push_str(&text[at..at + next]);
            at += next;
            match self.special(text, at, &mut style_end, &mut out) {
                Some(after) if out.len() <= MAX_LENGTH => at = after,
                _ => return out,
            }
        }
        out.push_str(&text[at..]);
        out
    }

    /// Handles the `#` at a place; gives back where the text goes on, or
    /// nothing when what follows cannot be read and the rest is dropped.
    fn special(
        &mut self,
        text: &str,
        at: usize,
        style_end: &mut usize,
        out: &mut String,
    ) -> Option<usize> {
        let rest = &text[at + 1..];
        let next = rest.chars().next()?;
        match next {
            '{' => {
                let end = at + modifiers::skip(&text[at..], b"}")?;
                let key = &text[at + 2..end];
                self.tell(|| format!("found #{{}}: {key}"));
                out.push_str(&self.replace(key)?);
                Some(end + 1)
            }
            '(' => {
                let end = closing(&rest[1..])?;
                out.push_str(&self.job(&rest[1..=end]));
                Some(at + end + 3)
            }
            '#' | '[' => {
                let run = text.len() - at - text[at..].trim_start_matches('#').len();
                if text[at + run..].starts_with('[') {
                    // A style, or escapes before a bracket: for who draws it.
                    let end = modifiers::skip(&text[at..], b"]");
                    *style_end = end.map_or(0, |end| at + end);
                    out.push_str(&text[at..=at + run]);
                    return Some(at + run + 1);
                }
                out.extend(std::iter::repeat_n('#', run / 2));
                Some(at + run - run % 2)
            }
            ',' | '}' => {
                out.push(next);
                Some(at + 2)
            }
            letter => {
                let name = alias(letter).filter(|_| at + 2 > *style_end);
                match name {
                    Some(name) => out.push_str(&self.replace(name)?),
                    None => out.extend(['#', letter]),
                }
                Some(at + 1 + letter.len_utf8())
            }
        }
    }

    /// The last line of a command's output, in which formats are expanded too.
    fn job(&mut self, command: &str) -> String {
        if !self.scope.jobs || self.nojobs {
            return String::new();
        }
        let outer = (self.strftime, self.nojobs);
        (self.strftime, self.nojobs) = (false, true);
        let command = self.run(command);
        let output = self.mux.jobs.output_of(&command, self.job_dir());
        let shown = self.run(&output);
        (self.strftime, self.nojobs) = outer;
        shown
    }

    /// Where a `#()` runs: in the directory of the session that the client looks
    /// at, or at home.
    fn job_dir(&self) -> &'a str {
        let client = self.scope.client.and_then(|id| self.mux.clients.get(&id));
        let session = client.and_then(|client| self.mux.sessions.get(&client.session?));
        let home = || self.mux.environ.value("HOME");
        session
            .map(|session| session.cwd.as_str())
            .filter(|cwd| !cwd.is_empty())
            .or_else(home)
            .unwrap_or("/")
    }

    /// What is hidden from the client whose format it is: of a value that would be
    /// cut or compared, a mask of the result would hide nothing.
    fn hidden(&self) -> Option<&'a Secrets> {
        let client = self.mux.asking.or(self.scope.client)?;
        self.mux.hidden_from(self.mux.clients.get(&client)?)
    }

    /// The value of a variable; nothing when there is none of the name.
    pub(super) fn variable(&self, name: &str, environment: bool) -> Option<String> {
        let value = self.value_of(name, environment)?;
        Some(match self.hidden() {
            Some(secrets) => secrets.mask(&value),
            None => value,
        })
    }

    fn value_of(&self, name: &str, environment: bool) -> Option<String> {
        let extra = self.extra.iter().rev().find(|(known, _)| known == name);
        let given = || self.scope.vars.iter().find(|(known, _)| known == name);
        if let Some((_, value)) = extra.or_else(given) {
            return Some(value.clone());
        }
        vars::lookup(name, self.mux, &self.scope, environment)
    }

    /// The value of what stands between `#{` and `}`; nothing when it cannot be
    /// read, which ends the text around it.
    fn replace(&mut self, key: &str) -> Option<String> {
        let (list, rest) = modifiers::split(key);
        let plan = self.plan(&list);
        let value = self.value(&plan, rest);
        if value.is_none() {
            self.tell(|| format!("failed {key}"));
        }
        let value = self.finish(&plan, value?);
        self.tell(|| format!("replaced '{key}' with '{value}'"));
        Some(value)
    }

    /// The modifiers with their arguments expanded.
    fn plan<'t>(&mut self, list: &[Modifier<'t>]) -> Plan<'t> {
        let mut plan = Plan::default();
        for modifier in list {
            let args: Vec<String> = modifier
                .args
                .iter()
                .map(|arg| self.run(&modifiers::unescape(arg)))
                .collect();
            let nth = plan.list.len();
            self.tell(|| format!("modifier {nth} is {}", modifier.name));
            for (at, arg) in args.iter().enumerate() {
                self.tell(|| format!("modifier {nth} argument {at}: {arg}"));
            }
            plan.list.push((modifier.name, args));
        }
        plan
    }

    /// The value before it is shaped, by the first of these that is asked for.
    fn value(&mut self, plan: &Plan<'_>, rest: &str) -> Option<String> {
        if let Some(flags) = plan.arg("I") {
            return Some(self.of_client(flags, rest));
        }
        if let Some(args) = plan.args("A") {
            return Some(self.frame(args.first(), rest));
        }
        if plan.has("l") {
            return Some(modifiers::unescape(rest));
        }
        if plan.has("a") {
            return Some(self.character(rest));
        }
        if let Some(args) = plan.args("c") {
            let flags = args.first().map_or("", String::as_str);
            let name = self.run(rest);
            return Some(colour(&name, flags).unwrap_or_default());
        }
        for kind in ["S", "W", "P", "L", "O", "V"] {
            if let Some(args) = plan.args(kind) {
                return self.each(kind, args, rest);
            }
        }
        if let Some(value) = self.named(plan, rest) {
            return Some(value);
        }
        if let Some(args) = plan.args("C") {
            return Some(self.search(args, rest));
        }
        if plan.has("R") {
            return self.repeat(rest);
        }
        if plan.has("!") {
            return Some(bit(!truthy(&self.run(rest))));
        }
        if plan.has("!!") {
            return Some(bit(truthy(&self.run(rest))));
        }
        if let Some((name, _)) = plan.last(&["||", "&&"]) {
            return Some(self.any(rest, name == "||"));
        }
        if let Some((name, args)) = plan.last(&["==", "!=", "<", ">", "<=", ">=", "m"]) {
            return self.compare(name, args, rest);
        }
        if let Some(condition) = rest.strip_prefix('?') {
            return Some(self.conditional(plan, condition));
        }
        if let Some(args) = plan.args("e").filter(|args| (1..=3).contains(&args.len())) {
            return Some(self.arithmetic(args, rest));
        }
        if rest.contains("#{") {
            return Some(self.run(rest));
        }
        let found = self.find(plan, rest);
        self.tell(|| match &found {
            Some(value) => format!("format '{rest}' found: {value}"),
            None => format!("format '{rest}' not found"),
        });
        Some(found.unwrap_or_default())
    }

    /// A variable with the modifiers that are for variables alone: times, parts
    /// of file names, quoting.
    fn find(&self, plan: &Plan<'_>, name: &str) -> Option<String> {
        let Some(args) = plan.args("t") else {
            let mut value = self.variable(name, true)?;
            if plan.has("b") {
                value = shape::basename(&value).to_owned();
            }
            if plan.has("d") {
                value = shape::dirname(&value).to_owned();
            }
            for quote in plan.quotes() {
                value = quote.apply(&value);
            }
            return Some(value);
        };
        let value = self.variable(name, false)?;
        let unix = value.trim_start().parse::<i64>().ok().filter(|t| *t > 0)?;
        let now = self.scope.now;
        let flags = args.first().map_or("", String::as_str);
        if flags.contains('p') {
            time::pretty(unix, now)
        } else if flags.contains('r') {
            time::relative(unix, now)
        } else if flags.contains('d') {
            Some((now.unix() - unix).to_string())
        } else if let (true, Some(format)) = (flags.contains('f'), args.get(1)) {
            time::strftime(&modifiers::strip(format), unix, now)
        } else {
            time::long(unix, now)
        }
    }

    /// `I`: what the client's terminal can do, or a variable that it brought.
    fn of_client(&self, flags: &str, name: &str) -> String {
        let client = self.scope.asked_client();
        let client = client.and_then(|id| self.mux.clients.get(&id));
        let attached = |c: &&Client| c.terminal.is_some() && c.session.is_some();
        let Some(client) = client.filter(attached) else {
            return String::new();
        };
        if flags.contains('e') {
            let value = client.environ.value(name).filter(|_| self.scope.jobs);
            return value.unwrap_or_default().to_owned();
        }
        if flags.contains('f') {
            return bit(client.caps.features().any(|known| known == name));
        }
        // Of a terminal's description only features are kept.
        bit(false)
    }

    /// `A`: one of a list of frames after the other, where they are drawn again.
    fn frame(&self, count: Option<&String>, frames: &str) -> String {
        let Some(asked) = self.scope.frames.filter(|_| !self.nojobs) else {
            return String::new();
        };
        let list: Vec<&str> = frames.split(',').collect();
        if list.len() > 1 {
            asked.set(true);
        }
        let count = count.and_then(|count| count.parse().ok());
        let count = count.filter(|n| (1..=100).contains(n)).unwrap_or(1_u32);
        let at = self.scope.now.mono.as_millis() / (FRAME * count).as_millis();
        let at = usize::try_from(at % list.len() as u128).unwrap_or(0);
        list.get(at).copied().unwrap_or_default().to_owned()
    }

    fn character(&mut self, rest: &str) -> String {
        let code = self.run(rest).trim_start().parse::<u32>().ok();
        let code = code.filter(|code| (32..127).contains(code));
        code.and_then(char::from_u32)
            .map(String::from)
            .unwrap_or_default()
    }

    /// `N`: whether a window or session of the name exists.
    fn named(&mut self, plan: &Plan<'_>, rest: &str) -> Option<String> {
        let args = plan.args("N")?;
        let flags = args.first().map(String::as_str);
        if flags.is_none_or(|flags| flags.contains('w')) {
            let session = self.scope.session?;
            let name = self.run(rest);
            let session = self.mux.sessions.get(&session)?;
            return Some(bit(session.links.values().any(|link| {
                let window = self.mux.windows.get(&link.window);
                window.is_some_and(|window| window.name == name)
            })));
        }
        if flags.is_some_and(|flags| flags.contains('s')) {
            let name = self.run(rest);
            return Some(bit(self.mux.session_named(&name).is_some()));
        }
        None
    }

    fn search(&mut self, args: &[String], rest: &str) -> String {
        let wanted = self.run(rest);
        let flags = args.first().map_or("", String::as_str);
        let pane = self.scope.pane.and_then(|id| self.mux.panes.get(&id));
        // Whether something is there would tell what is hidden, letter by letter.
        let Some(pane) = pane.filter(|_| self.hidden().is_none()) else {
            return "0".to_owned();
        };
        let ignore_case = flags.contains('i');
        let glob = format!("*{wanted}*");
        let found = (0..pane.size().rows()).find(|y| {
            let mut line = String::new();
            for cell in pane.term.row(*y) {
                pane.term.pool().push_text(*cell, &mut line);
            }
            let line = line.trim_end();
            if flags.contains('r') {
                pattern::regex_matches(&wanted, line, ignore_case)
            } else {
                pattern::fnmatch(&glob, line, ignore_case)
            }
        });
        found.map_or(0, |y| y + 1).to_string()
    }

    fn repeat(&mut self, rest: &str) -> Option<String> {
        let (text, count) = self.both(rest)?;
        let count = count.trim_start().parse::<usize>().unwrap_or(0);
        let fits = count <= MAX_REPEAT && count.saturating_mul(text.len()) <= MAX_REPEATED;
        Some(if fits {
            text.repeat(count)
        } else {
            String::new()
        })
    }

    /// What stands before and after the first comma, both expanded.
    fn both(&mut self, text: &str) -> Option<(String, String)> {
        let (a, b) = modifiers::halves(text)?;
        Some((self.run(a), self.run(b)))
    }

    /// `||` and `&&`: as far as it needs to look, one of the parts is as `wanted`.
    fn any(&mut self, rest: &str, wanted: bool) -> String {
        let mut left = Some(rest);
        while let Some(text) = left {
            let (part, more) = modifiers::first(text);
            if truthy(&self.run(part)) == wanted {
                return bit(wanted);
            }
            left = more;
        }
        bit(!wanted)
    }

    fn compare(&mut self, op: &str, args: &[String], rest: &str) -> Option<String> {
        let (a, b) = self.both(rest)?;
        Some(match op {
            "==" => bit(a == b),
            "!=" => bit(a != b),
            "<" => bit(a < b),
            ">" => bit(a > b),
            "<=" => bit(a <= b),
            ">=" => bit(a >= b),
            _ => matches(args.first().map_or("", String::as_str), &a, &b),
        })
    }

    fn arithmetic(&mut self, args: &[String], rest: &str) -> String {
        let Some((a, b)) = self.both(rest) else {
            return String::new();
        };
        arith::evaluate(args, &a, &b).unwrap_or_default()
    }

    /// `?c1,v1,c2,v2,default`: the value of the first condition that holds.
    fn conditional(&mut self, plan: &Plan<'_>, text: &str) -> String {
        let mut rest = text;
        loop {
            let (condition, Some(more)) = modifiers::first(rest) else {
                return self.run(rest);
            };
            let holds = truthy(&self.condition(plan, condition));
            let outcome = if holds { "true" } else { "false" };
            self.tell(|| format!("condition '{condition}' is {outcome}"));
            let (value, left) = modifiers::first(more);
            if holds {
                return self.run(value);
            }
            match left {
                Some(left) => rest = left,
                None => return String::new(),
            }
        }
    }

    /// A condition: a variable's value, or an expanded format. What is neither
    /// is false.
    fn condition(&mut self, plan: &Plan<'_>, text: &str) -> String {
        if let Some(value) = self.find(plan, text) {
            return value;
        }
        let value = self.run(text);
        if value == text { String::new() } else { value }
    }

    /// What is done to any value: expanded again, substituted, cut, padded,
    /// counted, in this order.
    fn finish(&mut self, plan: &Plan<'_>, mut value: String) -> String {
        if plan.has("E") {
            value = self.run(&value);
        } else if plan.has("T") {
            let outer = std::mem::replace(&mut self.strftime, true);
            value = self.run(&value);
            self.strftime = outer;
        }
        for (name, args) in &plan.list {
            if let ("s", [pattern, with, flags @ ..]) = (*name, args.as_slice()) {
                let (pattern, with) = (self.run(pattern), self.run(with));
                let ignore_case = flags.first().is_some_and(|flags| flags.contains('i'));
                value = pattern::substitute(&pattern, &with, &value, ignore_case);
            }
        }
        if let Some((_, args)) = plan.with_args("=") {
            value = limit(args, value);
        }
        if let Some((_, args)) = plan.with_args("p") {
            value = shape::pad(value, columns(&args[0]));
        }
        if plan.has("n") {
            value = value.len().to_string();
        }
        if plan.has("w") {
            value = shape::columns(&value).to_string();
        }
        value
    }
}

/// Modifiers with their arguments expanded.
#[derive(Default)]
struct Plan<'t> {
    list: Vec<(&'t str, Vec<String>)>,
}

impl Plan<'_> {
    fn has(&self, name: &str) -> bool {
        self.list.iter().any(|(known, _)| *known == name)
    }

    /// The arguments of the last modifier of a name.
    fn args(&self, name: &str) -> Option<&[String]> {
        self.last(&[name]).map(|(_, args)| args)
    }

    /// The first argument of the last modifier of a name that has any.
    fn arg(&self, name: &str) -> Option<&str> {
        let (_, args) = self.with_args(name)?;
        args.first().map(String::as_str)
    }

    /// The last modifier of these names.
    fn last(&self, names: &[&str]) -> Option<(&str, &[String])> {
        let mut fits = self.list.iter().rev();
        let found = fits.find(|(name, _)| names.contains(name));
        found.map(|(name, args)| (*name, args.as_slice()))
    }

    /// The last modifier of a name that has arguments.
    fn with_args(&self, name: &str) -> Option<(&str, &[String])> {
        let mut fits = self.list.iter().rev();
        let found = fits.find(|(known, args)| *known == name && !args.is_empty());
        found.map(|(name, args)| (*name, args.as_slice()))
    }

    /// The ways to quote, each once, in their order.
    fn quotes(&self) -> impl Iterator<Item = Quote> {
        let quotes = self.list.iter().filter(|(name, _)| *name == "q");
        let asked: Vec<Quote> = quotes
            .filter_map(|(_, args)| Quote::of(args.first().map(String::as_str)))
            .collect();
        let order = [Quote::Shell, Quote::Single, Quote::Style, Quote::Argument];
        order.into_iter().filter(move |way| asked.contains(way))
    }
}

/// `m`: whether the pattern matches the text, or with `p` where.
fn matches(flags: &str, pattern: &str, text: &str) -> String {
    if flags.contains('p') {
        let columns = fuzzy::columns(pattern, text).unwrap_or_default();
        let texts: Vec<String> = columns.iter().map(ToString::to_string).collect();
        return texts.join(",");
    }
    let ignore_case = flags.contains('i');
    bit(if flags.contains('z') {
        fuzzy::columns(pattern, text).is_some()
    } else if flags.contains('r') {
        pattern::regex_matches(pattern, text, ignore_case)
    } else {
        pattern::fnmatch(pattern, text, ignore_case)
    })
}

/// `c`: a colour's six digits, or with `f` and `b` the sequence that sets it.
fn colour(name: &str, flags: &str) -> Option<String> {
    let sequence = flags.contains(['f', 'b']);
    if name.eq_ignore_ascii_case("none") {
        return sequence.then(|| "\x1b[0m".to_owned());
    }
    let colour = colours::parse(name)?;
    if !sequence {
        let (red, green, blue) = match colour {
            StyleColour::Color(Color::Rgb(red, green, blue)) => (red, green, blue),
            StyleColour::Color(Color::Indexed(index)) => rgb(index),
            _ => return None,
        };
        return Some(format!("{red:02x}{green:02x}{blue:02x}"));
    }
    let back = flags.contains('b');
    let base = if back { 40 } else { 30 };
    Some(match colour {
        StyleColour::Color(Color::Rgb(red, green, blue)) => {
            format!("\x1b[{};2;{red};{green};{blue}m", base + 8)
        }
        StyleColour::Color(Color::Indexed(index @ 0..=7)) => {
            format!("\x1b[{}m", base + u16::from(index))
        }
        StyleColour::Color(Color::Indexed(index @ 8..=15)) => {
            format!("\x1b[{}m", base + 52 + u16::from(index))
        }
        StyleColour::Color(Color::Indexed(index)) => format!("\x1b[{};5;{index}m", base + 8),
        _ => format!("\x1b[{}m", base + 9),
    })
}

/// The colour of a number as tmux counts it, which for the first sixteen is not
/// xterm's.
fn rgb(index: u8) -> (u8, u8, u8) {
    let level = |bit: u8| if index & bit == 0 { 0 } else { 255 };
    let half = |bit: u8| if index & bit == 0 { 0 } else { 128 };
    match index {
        7 => (192, 192, 192),
        8 => (128, 128, 128),
        0..=7 => (half(1), half(2), half(4)),
        9..=15 => (level(1), level(2), level(4)),
        _ => palette(index),
    }
}

/// A number of columns, within bounds; no number is none.
fn columns(text: &str) -> i64 {
    let number = text.trim_start().parse::<i64>().ok();
    let fits = number.filter(|n| (-MAX_WIDTH..=MAX_WIDTH).contains(n));
    fits.unwrap_or(0)
}

/// `=`: the first or last columns, with a mark where something was cut.
fn limit(args: &[String], value: String) -> String {
    let limit = columns(&args[0]);
    let wanted = usize::try_from(limit.unsigned_abs()).unwrap_or(0);
    let cut = match limit {
        0 => return value,
        1.. => shape::cut_end(&value, wanted),
        _ => shape::cut_start(&value, wanted),
    };
    match args.get(1).filter(|_| cut != value) {
        Some(mark) if limit > 0 => cut + mark,
        Some(mark) => format!("{mark}{cut}"),
        None => cut,
    }
}

pub(super) fn bit(on: bool) -> String {
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
