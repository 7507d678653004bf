//! Scripts: `if-shell`, `source-file`. Shell commands
//! are asked for; their ends come back as answers.

use crate::command::{self, Item, Source, args};
use crate::config::{self, FileConfig, OptionDef};
use crate::format::{self, Scope};
use crate::mux::effect::JobSpec;
use crate::mux::peer::ExitStatus;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran, buffer, parse, places, spawn};

fn expand(mux: &Mux, cx: &Context, found: Option<&Found>, text: &str) -> String {
    match found {
        Some(found) => places::expand(mux, cx, found, text),
        None => format::expand(
            text,
            mux,
            &Scope {
                vars: &cx.variables,
                now: cx.now,
                ..Scope::default()
            },
        ),
    }
}

/// A place for formats: the target given, or the current one if there is any.
fn place(
    mux: &Mux,
    cx: &Context,
    target: Option<&command::Target>,
) -> Result<Option<Found>, String> {
    match target {
        Some(_) => places::pane(mux, cx, target).map(Some),
        None => Ok(mux.here(&cx.asker())),
    }
}

/// Asks for a shell command; `stderr` if what it complains of is output too.
pub(super) fn job(
    mux: &mut Mux,
    cx: &Context,
    found: Option<&Found>,
    (command, stderr): (String, bool),
    cwd: Option<&str>,
) -> crate::base::Token {
    let session = found.map(|found| found.session);
    let token = mux.ids.token();
    let spec = JobSpec {
        command,
        cwd: spawn::start_dir(mux, cx, session, found, cwd),
        env: spawn::job_environment(mux, session),
        input: Vec::new(),
        stderr,
    };
    mux.emit(Effect::RunJob { token, spec });
    token
}

/// `if-shell`.
pub(super) fn if_shell(mux: &mut Mux, cx: &mut Context, args: &args::IfShell) -> Ran {
    let found = place(mux, cx, args.target.as_ref())?;
    let condition = expand(mux, cx, found.as_ref(), &args.condition);
    if args.format {
        return branch(mux, cx, args, format::truthy(&condition));
    }
    let token = job(mux, cx, found.as_ref(), (condition, false), None);
    Ok(Outcome::Wait(token))
}

/// `if-shell`, once its condition ran.
pub(super) fn if_resumed(mux: &Mux, cx: &mut Context, args: &args::IfShell, answer: Answer) -> Ran {
    match answer {
        Answer::Job(status, _) => branch(mux, cx, args, status == ExitStatus::SUCCESS),
        _ => Ok(Outcome::Done),
    }
}

fn branch(mux: &Mux, cx: &mut Context, args: &args::IfShell, holds: bool) -> Ran {
    let text = if holds {
        Some(&args.then_command)
    } else {
        args.else_command.as_ref()
    };
    if let Some(text) = text {
        let commands = parse::parse_text(mux, text)?;
        cx.insert.push(commands);
    }
    Ok(Outcome::Done)
}

/// `source-file`: the files one after the other.
pub(super) fn source(mux: &mut Mux, cx: &mut Context, args: &args::SourceFile) -> Ran {
    let Some(path) = args.paths.get(cx.step) else {
        return Ok(Outcome::Done);
    };
    let path = buffer::file_path(mux, cx, path);
    let token = mux.ids.token();
    mux.emit(Effect::ReadFile {
        token,
        client: cx.client,
        path,
    });
    Ok(Outcome::Wait(token))
}

/// `source-file`, once a file is read: its commands go before what follows, and
/// the next file is asked for.
pub(super) fn sourced(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::SourceFile,
    answer: Answer,
) -> Ran {
    let path = args.paths.get(cx.step).cloned().unwrap_or_default();
    cx.step += 1;
    match answer {
        Answer::File(Ok(bytes)) => {
            let text = String::from_utf8_lossy(&bytes);
            let errors = if path.ends_with(".toml") {
                source_native(mux, cx, &path, &text, args.parse_only)?
            } else {
                source_text(mux, cx, &path, &text, args.parse_only)?
            };
            if !errors.is_empty() {
                return Err(errors.join("\n"));
            }
        }
        Answer::File(Err(why)) if !args.quiet => return Err(buffer::file_error(&path, &why)),
        _ => {}
    }
    source(mux, cx, args)
}

/// Reads a native configuration text; its commands run as those of a file in
/// the command language do. Nothing is taken of a text with a fault.
fn source_native(
    mux: &mut Mux,
    cx: &mut Context,
    file: &str,
    text: &str,
    parse_only: bool,
) -> Result<Vec<String>, String> {
    let loaded = config::load(text, file, &|name| parse::variable(mux, name));
    let loaded = loaded.map_err(|error| error.to_string().trim_end().to_owned())?;
    if parse_only {
        return Ok(Vec::new());
    }
    let guarded = |def: &OptionDef| def.hook || def.scope == config::Scope::Server;
    if loaded
        .options
        .iter()
        .any(|(def, ..)| def.is_some_and(guarded))
    {
        cx.authority
            .demand_own("source-file with options of the server or hooks")?;
    }
    let mut errors = Vec::new();
    for commands in take_settings(mux, loaded) {
        errors.extend(source_text(mux, cx, file, &commands, false)?);
    }
    Ok(errors)
}

/// Puts a native configuration file's content into the model; the commands that
/// are left to run. What it says was checked when it was read.
pub fn take_settings(mux: &mut Mux, config: FileConfig) -> Vec<String> {
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

/// Reads a configuration text in the command language: assignments are made,
/// each line becomes a group in [`Context::insert`]. Lines that are wrong are
/// left out and named in what is returned, with file and line.
///
/// # Errors
/// Text that does not even split into lines of words.
pub fn source_text(
    mux: &mut Mux,
    cx: &mut Context,
    file: &str,
    text: &str,
    parse_only: bool,
) -> Result<Vec<String>, String> {
    let items = {
        let mux: &Mux = mux;
        let here = mux.here(&cx.asker());
        let env = |name: &str| parse::variable(mux, name);
        let condition = |text: &str, assigned: &command::lex::Assigned| {
            let vars: Vec<(String, String)> = assigned
                .iter()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
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
        };
        command::read(text, &source)
            .map_err(|error| format!("{file}:{}: {}", error.line, error.message))?
    };
    let mut errors = Vec::new();
    for item in items {
        match item {
            Item::Assignment { set, .. } => {
                if !parse_only {
                    mux.environ.set(&set.name, &set.value, set.hidden);
                }
            }
            Item::Commands { line, commands } => {
                let mut group = Vec::new();
                for words in commands {
                    if let Err(error) = parse::read(mux, words, 16, &mut group) {
                        errors.push(format!("{file}:{line}: {error}"));
                        break;
                    }
                }
                if !parse_only && !group.is_empty() {
                    cx.insert.push(group);
                }
            }
        }
    }
    Ok(errors)
}
