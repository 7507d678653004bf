//! `source-file` and `if-shell`, and the reading of configuration texts. Files
//! are asked for, and their commands run in the line that asked.
//!
//! ```text
//! patterns ─ListFiles→ paths ─ReadFile→ texts ─parse→ Files ─→ the line
//!                                              └ faults are told at the end
//! ```

use std::collections::VecDeque;

use crate::base::Label;
use crate::command::{self, Call, Command, Item, Source, args};
use crate::config::{self, FileConfig, OptionDef};
use crate::format::{self, Scope};
use crate::mux::peer::ExitStatus;
use crate::mux::resolve::{Current, Found};
use crate::mux::{Effect, Mux};

use super::context::File;
use super::script::{expand, job, place};
use super::{Answer, Context, Outcome, Ran, parse, places};

/// How deep files may name files.
const MAX_NESTED: usize = 50;

/// The name of the variable that formats know the file by.
const CURRENT_FILE: &str = "current_file";

/// `if-shell`.
pub(super) fn if_shell(mux: &mut Mux, cx: &mut Context, args: &args::IfShell) -> Ran {
    let found = place(mux, cx, args.target.as_ref()).unwrap_or(None);
    let condition = expand(mux, cx, found.as_ref(), &args.condition);
    if args.format {
        return branch(mux, cx, args, format::truthy(&condition));
    }
    if args.background {
        let waiting = args::IfShell {
            background: false,
            ..args.clone()
        };
        let call = Call::from(Command::IfShell(waiting));
        cx.aside.push((None, vec![call]));
        return Ok(Outcome::Done);
    }
    let token = job(mux, cx, found.as_ref(), (condition, false), None);
    Ok(Outcome::Wait(token))
}

/// `if-shell`, once its condition ran.
pub(super) fn if_resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::IfShell,
    answer: Answer,
) -> Ran {
    match answer {
        Answer::Job(status, _) => branch(mux, cx, args, status == ExitStatus::SUCCESS),
        _ => Ok(Outcome::Done),
    }
}

fn branch(mux: &mut Mux, cx: &mut Context, args: &args::IfShell, holds: bool) -> Ran {
    let text = if holds {
        Some(&args.then_command)
    } else {
        args.else_command.as_ref()
    };
    if let Some(text) = text {
        cx.insert.extend(parse::parse_assigning(mux, text)?);
    }
    Ok(Outcome::Done)
}

/// What a `source-file` has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Sourcing {
    /// Patterns whose files are not known yet; the first is being looked up.
    patterns: VecDeque<String>,
    /// Files not read yet; the first is being read.
    paths: VecDeque<String>,
    /// What was read.
    files: Vec<File>,
    /// Faults in the files.
    causes: Vec<String>,
    /// Something was not found, not read or not right.
    failed: bool,
    /// There was a file to read.
    found: bool,
}

impl Sourcing {
    /// Keeps what was read of a file, or its faults.
    fn take(&mut self, path: String, read: Result<Vec<parse::Line>, String>) {
        match read {
            Ok(lines) => self.files.push(File {
                path,
                lines,
                current: None,
            }),
            Err(cause) => {
                self.causes.push(cause);
                self.failed = true;
            }
        }
    }
}

/// `source-file`.
pub(super) fn source(mux: &mut Mux, cx: &mut Context, args: &args::SourceFile) -> Ran {
    if cx.depth >= MAX_NESTED {
        return Err("too many nested files".to_owned());
    }
    let found = place(mux, cx, args.target.as_ref()).unwrap_or(None);
    let pattern = |path: &String| match args.expand {
        true => expand(mux, cx, found.as_ref(), path),
        false => path.clone(),
    };
    let sourcing = Sourcing {
        patterns: args.paths.iter().map(pattern).collect(),
        ..Sourcing::default()
    };
    cx.sourcing = Some(Box::new(sourcing));
    go_on(mux, cx, args)
}

/// Asks for what comes next, or ends.
fn go_on(mux: &mut Mux, cx: &mut Context, args: &args::SourceFile) -> Ran {
    let Some(sourcing) = &mut cx.sourcing else {
        return Ok(Outcome::Done);
    };
    let client = cx.client;
    while sourcing.patterns.front().is_some_and(|path| path == "-") {
        sourcing.paths.extend(sourcing.patterns.pop_front());
        sourcing.found = true;
    }
    if let Some(pattern) = sourcing.patterns.front() {
        let pattern = at_home(mux, pattern);
        let dir = directory(mux, client);
        let token = mux.ids.token();
        mux.emit(Effect::ListFiles {
            token,
            dir,
            pattern,
        });
        return Ok(Outcome::Wait(token));
    }
    if let Some(path) = sourcing.paths.front() {
        let path = path.clone();
        let token = mux.ids.token();
        mux.emit(Effect::ReadFile {
            token,
            client,
            path,
        });
        return Ok(Outcome::Wait(token));
    }
    let sourcing = cx.sourcing.take().unwrap_or_default();
    finish(mux, cx, args, *sourcing)
}

/// The directory that names are taken from.
fn directory(mux: &Mux, client: Option<crate::base::ClientId>) -> String {
    let own = client.and_then(|id| mux.clients.get(&id));
    let dir = own.map(|client| client.cwd.as_str());
    let dir = dir.unwrap_or(&mux.server.cwd);
    if dir.is_empty() { "/" } else { dir }.to_owned()
}

/// A `~` that neither a shell nor the parser took.
fn at_home(mux: &Mux, path: &str) -> String {
    let home = mux.environ.value("HOME");
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// `source-file`, once files are found or one is read.
pub(super) fn sourced(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SourceFile,
    answer: Answer,
) -> Ran {
    let Some(mut sourcing) = cx.sourcing.take() else {
        return Ok(Outcome::Done);
    };
    let Answer::File(result) = answer else {
        return Ok(Outcome::Done);
    };
    if let Some(pattern) = sourcing.patterns.pop_front() {
        match result {
            Ok(found) => {
                let found = String::from_utf8_lossy(&found);
                let paths = found.split('\0').filter(|path| !path.is_empty());
                sourcing.paths.extend(paths.map(str::to_owned));
                sourcing.found |= !sourcing.paths.is_empty();
            }
            Err(why) if !missing(args, &why) => {
                cx.warnings.push(format!("{why}: {pattern}"));
                sourcing.failed = true;
            }
            Err(_) => {}
        }
    } else if let Some(path) = sourcing.paths.pop_front() {
        match result {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                one_file(mux, cx, args, &mut sourcing, path, &text)?;
            }
            Err(why) if !missing(args, &why) => {
                let why = match why.as_str() {
                    // As tmux words what reading one ends in.
                    "Is a directory" => "Input/output error",
                    why => why,
                };
                cx.warnings.push(format!("{why}: {path}"));
                sourcing.failed = true;
            }
            Err(_) => {}
        }
    }
    cx.sourcing = Some(sourcing);
    go_on(mux, cx, args)
}

/// Whether a file is not there and need not be.
fn missing(args: &args::SourceFile, why: &str) -> bool {
    args.quiet && why == "No such file or directory"
}

fn one_file(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SourceFile,
    sourcing: &mut Sourcing,
    path: String,
    text: &str,
) -> Result<(), String> {
    if path.ends_with(".toml") {
        return source_native(mux, cx, &path, text, args.parse_only, sourcing);
    }
    let mut printed = Vec::new();
    let told = args.verbose.then_some(&mut printed);
    let read = source_text(mux, cx, &path, text, args.parse_only, told);
    // A control client is told of errors alone.
    let control = cx.client.and_then(|id| mux.control_mut(id)).is_some();
    for line in printed.into_iter().filter(|_| !control) {
        cx.print(&line);
    }
    sourcing.take(path, read);
    Ok(())
}

fn finish(mux: &mut Mux, cx: &mut Context, args: &args::SourceFile, read: Sourcing) -> Ran {
    let control = cx.client.and_then(|id| mux.control_mut(id));
    if let Some(control) = control {
        for cause in &read.causes {
            control.notify(format!("%config-error {}", Label::new(cause)));
        }
    } else if cx.client.is_none() {
        cx.causes.extend(read.causes);
    } else {
        for cause in &read.causes {
            cx.print(cause);
        }
    }
    if !args.parse_only {
        let target = args.target.as_ref();
        let found = target.and_then(|target| places::pane(mux, cx, Some(target)).ok());
        cx.files.extend(read.files.into_iter().map(|file| File {
            current: found.map(current),
            ..file
        }));
    }
    if !read.failed {
        return Ok(Outcome::Done);
    }
    // Where nothing was there to read, the command itself fails.
    match (read.found, cx.warnings.pop()) {
        (false, Some(why)) => return Err(why),
        (_, why) => cx.warnings.extend(why),
    }
    Ok(Outcome::Status(1))
}

fn current(found: Found) -> Current {
    Current {
        session: Some(found.session),
        index: Some(found.index),
        window: Some(found.window),
        pane: Some(found.pane),
    }
}

/// Reads a native configuration text; its commands run as those of a file in
/// the command language do. Nothing is taken of a text with a fault.
fn source_native(
    mux: &mut Mux,
    cx: &mut Context,
    path: &str,
    text: &str,
    parse_only: bool,
    sourcing: &mut Sourcing,
) -> Result<(), String> {
    let loaded = config::load(text, path, &|name| parse::variable(mux, name));
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(errors) => {
            let text = config::fault::shown(&errors);
            // An error of our own: tmux has no such files to print faults of.
            match cx.client {
                Some(_) => cx.warnings.push(text),
                None => sourcing.causes.push(text),
            }
            sourcing.failed = true;
            return Ok(());
        }
    };
    if parse_only {
        return Ok(());
    }
    let guarded = |def: &OptionDef| def.hook || def.scope == config::Scope::Server;
    let mut set = loaded.options.iter();
    if !loaded.hooks.is_empty() || set.any(|(def, ..)| def.is_some_and(guarded)) {
        cx.authority
            .demand_own("source-file with options of the server or hooks")?;
    }
    for commands in take_settings(mux, loaded) {
        let read = source_from(mux, cx, path, &commands);
        sourcing.take(path.to_owned(), read);
    }
    Ok(())
}

/// Puts a native configuration file's content into the model; the commands that
/// are left to run, with their lines. What it says was checked when it was read.
pub fn take_settings(mux: &mut Mux, config: FileConfig) -> Vec<(usize, String)> {
    let set = config.options.iter().find(|row| row.1 == "keybindings");
    if let Some((_, name, value)) = set {
        // Before the rest, which may bind over it.
        mux.options.server.insert(name, value.clone());
        super::key::use_set(mux);
    }
    for (def, name, value) in config.options {
        let scope = def.map_or(config::Scope::Session, |def| def.scope);
        mux.options.layer_mut(scope).insert(&name, value);
    }
    for (def, name, value) in config.hooks {
        mux.listeners.hooks = true;
        let scope = def.map_or(config::Scope::Session, |def| def.scope);
        mux.options.layer_mut(scope).insert(&name, value);
        if def.is_none() {
            mux.trust_hook(crate::mux::events::Holder::Sessions, &name, true);
        }
    }
    for (table, key) in config.unbind {
        mux.bindings.unbind(&table, key);
    }
    for binding in config.bindings {
        mux.bindings.bind(binding);
    }
    for (name, value) in &config.environment {
        mux.environ.set(name, value, false);
    }
    config.commands
}

/// Reads a configuration text in the command language: assignments are made
/// (unless it is only parsed), commands are given back by line. `told` takes
/// each line as it was understood.
///
/// # Errors
/// The first fault, as `file:line: what`; no command of a text with one runs.
pub fn source_text(
    mux: &mut Mux,
    cx: &Context,
    file: &str,
    text: &str,
    parse_only: bool,
    told: Option<&mut Vec<String>>,
) -> Result<Vec<parse::Line>, String> {
    read_text(mux, cx, file, text, parse_only, told)
        .map_err(|(line, error)| format!("{file}:{line}: {error}"))
}

/// Reads commands that stand in a file from a line on.
///
/// # Errors
/// As [`source_text`].
pub fn source_from(
    mux: &mut Mux,
    cx: &Context,
    file: &str,
    (first, text): &(usize, String),
) -> Result<Vec<parse::Line>, String> {
    let down = first.saturating_sub(1);
    let lines = read_text(mux, cx, file, text, false, None)
        .map_err(|(line, error)| format!("{file}:{}: {error}", line + down))?;
    Ok(lines
        .into_iter()
        .map(|(line, calls)| (line + down, calls))
        .collect())
}

/// The same as [`source_text`] with the fault's line apart.
///
/// # Errors
/// The line of the first fault, and what is wrong in it.
pub fn read_text(
    mux: &mut Mux,
    cx: &Context,
    file: &str,
    text: &str,
    parse_only: bool,
    told: Option<&mut Vec<String>>,
) -> Result<Vec<parse::Line>, (usize, String)> {
    let mut items = Vec::new();
    let whole = {
        let mux: &Mux = mux;
        let here = mux.here(&cx.asker());
        let env = |name: &str| parse::variable(mux, name);
        let condition = |text: &str, assigned: &command::lex::Assigned| {
            let mut vars: Vec<(String, String)> = assigned
                .iter()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            vars.push((CURRENT_FILE.to_owned(), file.to_owned()));
            // What tmux's language is told is which of its versions it is.
            vars.push(("version".to_owned(), format::TMUX_VERSION.to_owned()));
            let scope = match &here {
                Some(found) => places::scope(mux, cx, found),
                None => Scope {
                    now: cx.now,
                    ..Scope::default()
                },
            };
            format::truthy(&format::expand(text, mux, &scope.with_vars(&vars)))
        };
        let source = Source {
            env: &env,
            condition: &condition,
            assign: !parse_only,
        };
        command::read_into(text, &source, &mut items)
    };
    let mut groups = Vec::new();
    for item in items {
        match item {
            Item::Assignment { set, .. } if !parse_only => {
                mux.environ.set(&set.name, &set.value, set.hidden);
            }
            Item::Assignment { .. } => {}
            Item::Commands(group) => groups.push(group),
        }
    }
    // What was assigned before a fault holds.
    whole.map_err(|error| (error.line, error.message))?;
    let mut reading = parse::Reading::new(mux).verbose(told.is_some().then_some(file));
    let lines = reading.lines(groups);
    let line = reading.line;
    if let Some(told) = told {
        told.append(&mut reading.printed);
    }
    lines.map_err(|error| (line, error))
}
