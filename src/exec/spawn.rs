//! What a new pane's process gets: program, directory, environment. It asks for
//! the process; whether it started is told later.

use crate::base::{PaneId, SessionId, Token};
use crate::mux::effect::{Program, SpawnSpec};
use crate::mux::peer::Process;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Environ, Mux, NewPane};

use super::{Answer, Context, places};

/// What a command says about the process it starts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish<'a> {
    /// The shell command or the words after the flags.
    pub(super) words: &'a [String],
    /// `-c`.
    pub(super) cwd: Option<&'a str>,
    /// `-e`.
    pub(super) env: &'a [String],
    /// Start nothing.
    pub(super) empty: bool,
}

/// A pane that a session gets, as a command wishes it.
pub(super) fn new_pane(
    mux: &Mux,
    cx: &Context,
    session: Option<SessionId>,
    own: &Environ,
    at: Option<&Found>,
    wish: Wish<'_>,
) -> NewPane {
    let cwd = start_dir(mux, cx, session, at, wish.cwd);
    let mut environ = mux.environ.merged(own);
    let path = cx
        .client
        .and_then(|id| mux.clients.get(&id))
        .filter(|client| client.session.is_none())
        .and_then(|client| client.environ.value("PATH"));
    if let Some(path) = path {
        environ.set("PATH", path, false);
    }
    let shell = shell(mux, session, &environ);
    let (program, command) = program(mux, session, &shell, wish);
    // A session that is being made gets the next number.
    let number = session.unwrap_or(mux.ids.next_session()).0.to_string();
    let env = environment(mux, &number, environ, &shell, &cwd, wish.env);
    NewPane {
        spec: SpawnSpec {
            program,
            cwd,
            env,
            size: crate::base::Size::DEFAULT,
        },
        command,
    }
}

/// The user's shell: `default-shell`, or what the environment says.
pub(super) fn shell(mux: &Mux, session: Option<SessionId>, environ: &Environ) -> String {
    let chosen = mux.session_text(session, "default-shell");
    if chosen.starts_with('/') {
        return chosen;
    }
    let own = environ
        .value("SHELL")
        .filter(|shell| shell.starts_with('/'));
    own.unwrap_or("/bin/sh").to_owned()
}

fn program(
    mux: &Mux,
    session: Option<SessionId>,
    shell: &str,
    wish: Wish<'_>,
) -> (Program, String) {
    let shell = shell.to_owned();
    match wish.words {
        _ if wish.empty => (Program::Argv(Vec::new()), String::new()),
        [] => {
            let debug = session
                .and_then(|id| mux.sessions.get(&id))
                .and_then(|owner| owner.debug.as_deref())
                .filter(|debug| !debug.shell.is_empty());
            if let Some(debug) = debug {
                return (Program::Argv(debug.shell.clone()), String::new());
            }
            let command = mux.session_text(session, "default-command");
            if command.is_empty() {
                (Program::LoginShell { shell }, String::new())
            } else {
                (
                    Program::Shell {
                        shell,
                        command: command.clone(),
                    },
                    command,
                )
            }
        }
        [only] if only.is_empty() => (Program::Argv(vec![String::new()]), String::new()),
        [command] => {
            let command = command.clone();
            (
                Program::Shell {
                    shell,
                    command: command.clone(),
                },
                command,
            )
        }
        words => (Program::Argv(words.to_vec()), words.join(" ")),
    }
}

/// Where a process starts: `-c`, the directory of a command line's client, or
/// the session's; that of the server's start while it is configured.
pub(super) fn start_dir(
    mux: &Mux,
    cx: &Context,
    session: Option<SessionId>,
    at: Option<&Found>,
    wish: Option<&str>,
) -> String {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    let base = match client.filter(|c| c.session.is_none() && !c.cwd.is_empty()) {
        // While the configuration runs, all is as for the client that started it.
        _ if mux.configuring => mux.server.cwd.clone(),
        Some(client) => client.cwd.clone(),
        None => session
            .and_then(|id| mux.sessions.get(&id))
            .map(|owner| owner.cwd.clone())
            .filter(|cwd| !cwd.is_empty())
            .or_else(|| client.map(|client| client.cwd.clone()))
            .filter(|cwd| !cwd.is_empty())
            .or_else(|| mux.environ.value("HOME").map(str::to_owned))
            .unwrap_or_else(|| "/".to_owned()),
    };
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else {
        return base;
    };
    let wish = match at {
        Some(found) => places::expand(mux, cx, found, wish),
        None => wish.to_owned(),
    };
    if wish.starts_with('/') {
        wish
    } else if wish.is_empty() {
        base
    } else {
        format!("{}/{wish}", base.trim_end_matches('/'))
    }
}

/// A pane's environment, our own variables over it and `-e` over them.
fn environment(
    mux: &Mux,
    number: &str,
    mut environ: Environ,
    shell: &str,
    cwd: &str,
    extra: &[String],
) -> Vec<(String, String)> {
    for stale in ["STEPMUX", "STEPMUX_PANE", "TMUX", "TMUX_PANE"] {
        environ.unset(stale);
    }
    let place = format!("{},{},{number}", mux.server.socket, mux.server.pid);
    environ.set("STEPMUX", &place, false);
    if mux.server.as_tmux {
        environ.set("TMUX", &place, false);
    }
    let (program, version) = if mux.server.as_tmux {
        ("tmux", crate::format::TMUX_VERSION)
    } else {
        ("stepmux", env!("CARGO_PKG_VERSION"))
    };
    let mut term = mux.server_text("default-terminal");
    if term.is_empty() || (term == "tmux-256color" && !mux.server.has_terminfo) {
        "screen-256color".clone_into(&mut term);
    }
    environ.set("TERM", &term, false);
    environ.set("COLORTERM", "truecolor", false);
    environ.set("TERM_PROGRAM", program, false);
    environ.set("TERM_PROGRAM_VERSION", version, false);
    environ.set("SHELL", shell, false);
    environ.set("PWD", cwd, false);
    for pair in extra {
        if let Some((name, value)) = pair.split_once('=') {
            environ.set(name, value, false);
        }
    }
    environ.to_pairs()
}

/// What tells programs which terminal they are in.
const OF_TERMINAL: [&str; 4] = ["TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM"];

/// The environment of a job (`run-shell`, `if-shell`, `#()`).
pub fn job_environment(mux: &Mux, session: Option<SessionId>) -> Vec<(String, String)> {
    let own = session.and_then(|id| mux.sessions.get(&id));
    let environ = match own {
        Some(owner) => mux.environ.merged(&owner.environ),
        None => mux.environ.clone(),
    };
    let shell = shell(mux, session, &environ);
    let cwd = environ.value("PWD").unwrap_or("/").to_owned();
    let outside = OF_TERMINAL.map(|name| (name, environ.value(name).map(str::to_owned)));
    let outside = outside.into_iter();
    let outside: Vec<(String, String)> = outside
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let number = session.map_or("-1".to_owned(), |id| id.0.to_string());
    let mut pairs = environment(mux, &number, environ, &shell, &cwd, &[]);
    // While the configuration runs, its conditions may ask for the terminal
    // that the server was started from.
    if mux.configuring {
        pairs.retain(|(name, _)| !OF_TERMINAL.contains(&name.as_str()));
        pairs.extend(outside);
    }
    pairs
}

/// Asks for a pane's process; nothing for a pane that is to stay empty.
pub(super) fn start(mux: &mut Mux, cx: &mut Context, pane: PaneId) -> Option<Token> {
    cx.spawned = Some(pane);
    let spec = mux.panes.get(&pane)?.spec.clone();
    if spec.program.is_nothing() {
        return None;
    }
    let token = mux.ids.token();
    mux.emit(Effect::Spawn {
        token,
        pane,
        spec: Box::new(spec),
    });
    Some(token)
}

/// The pane whose process was asked for, once it runs.
///
/// # Errors
/// Why it does not run.
pub(super) fn started(mux: &mut Mux, cx: &Context, answer: Answer) -> Result<PaneId, String> {
    let pane = cx.spawned.ok_or("no process was asked for")?;
    match answer {
        Answer::Spawned(Ok(process)) => {
            adopt(mux, pane, process);
            Ok(pane)
        }
        Answer::Spawned(Err(why)) => Err(why),
        _ => Ok(pane),
    }
}

fn adopt(mux: &mut Mux, pane: PaneId, process: Process) {
    if let Some(pane) = mux.panes.get_mut(&pane) {
        pane.tty.clone_from(&process.tty);
        pane.process = Some(process);
        pane.dead = None;
    }
}
