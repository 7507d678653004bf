//! The program's front: global flags, which server, and what is done without
//! one. Commands are the server's to run; no session is known here.
//!
//! ```text
//! argv ─┬ --stepmux-server ──────────────▶ server::run
//!       ├ -stepmux, --login ─▶ login ────▶ client, else the real shell
//!       ├ debug, ci, man, completions ───▶ here
//!       ├ under the name tmate ─▶ tmate ─▶ client; its session is shared
//!       └ anything else ─▶ flags ─▶ client ─▶ server (started when it may be)
//! ```

mod briefing;
mod cast;
mod ci;
mod ci_files;
mod complete;
mod completions;
mod config;
mod config_adopt;
mod config_trial;
mod config_units;
mod config_write;
mod debug;
mod debug_end;
mod debug_names;
mod debug_wait;
mod doctor;
mod doctor_checks;
mod environs;
mod export;
pub mod generate;
pub mod generate_ci;
mod generate_cluster;
pub mod generate_config;
pub mod generate_debug;
pub mod generate_export;
pub mod generate_phase;
pub mod generate_relay;
pub mod generate_serve;
pub mod generate_share;
mod globals;
mod join;
mod join_files;
mod log;
mod login;
mod manual;
mod manual_timeline;
mod masks;
mod picture;
mod place;
mod player;
mod record;
mod recording;
mod relay;
mod relay_cluster;
mod replay;
mod serve;
mod sharing;
mod shell;
mod tell;
mod tmate;
mod watch;
mod watched;
mod wrapped;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use crate::client::{self, ClientOptions};
use globals::{Globals, Request};
use place::Place;

/// The first argument of a server process (see [`place`]).
const SERVER: &str = "--stepmux-server";

/// The first argument of a login shell's second start (see [`login`]).
const LOGIN: &str = "--stepmux-login";

/// How a word on the command line is refused by tmux: exit status 1.
const REFUSED: u8 = 1;

/// Runs the program and answers with its exit status.
#[must_use]
pub fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let name = words.next().unwrap_or_else(|| "stepmux".into());
    let words: Vec<OsString> = words.collect();
    match words.first().and_then(|word| word.to_str()) {
        Some(SERVER) => return place::serve(&words[1..]),
        Some(LOGIN) => return login::attach(),
        Some(crate::serve::keeper::KEEPER) => return serve::keep(&words[1..]),
        Some("--login") => return login::main(&words[1..]),
        Some("--version") => return version(false),
        Some("--help") => return help(),
        _ if name.as_encoded_bytes().starts_with(b"-") => return login::main(&words),
        _ => {}
    }
    let base = Path::new(&name).file_name().and_then(|base| base.to_str());
    if base == Some("tmate") {
        return tmate::main(&words);
    }
    let as_tmux = base == Some("tmux");
    match globals::parse(&words) {
        Ok(globals) => act(globals, as_tmux),
        Err(refusal) => {
            let shown = if as_tmux { "tmux" } else { "stepmux" };
            let usage = globals::usage(shown);
            fail(&match refusal {
                Some(refusal) => format!("{shown}: {refusal}\n{usage}"),
                None => usage,
            })
        }
    }
}

fn act(globals: Globals, as_tmux: bool) -> ExitCode {
    let control = globals.control;
    let argv = match globals.request {
        Request::Version => return version(as_tmux),
        Request::Help => return help(),
        Request::Shell { login, words } => return shell::run(&words, login),
        Request::Command(argv) => argv,
    };
    match argv.first().map(String::as_str) {
        Some("ci") => return ci::main(&argv),
        _ if !as_tmux && join::is_meant(&argv) => return join::main(&argv),
        Some("config") if !as_tmux => return config::main(&argv),
        Some("doctor") if !as_tmux => return doctor::main(&argv, globals.server),
        Some("relay") if !as_tmux => return relay::main(&argv),
        Some("serve") if !as_tmux => return serve::main(&argv),
        Some("replay") if !as_tmux => {
            return replay::main(&argv, || Place::find(globals.server, as_tmux));
        }
        Some("man") => return manual::main(&argv[1..]),
        Some("completions") if argv.get(1).is_some_and(|word| word == "--words") => {
            return complete::main(&argv[2..]);
        }
        Some("completions") => {
            return match completions::completions(&argv[1..]) {
                Ok(text) => said(text),
                Err(message) => fail(&message),
            };
        }
        _ => {}
    }
    let place = match Place::find(globals.server, as_tmux) {
        Ok(place) => place,
        Err(message) => return fail(&message),
    };
    if globals.foreground {
        return match place.serve_here() {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&message),
        };
    }
    match argv.first().map(String::as_str) {
        Some("debug") => return debug::main(&argv, &place),
        Some("record") if !as_tmux => return record::main(&argv, &place),
        Some("export") if !as_tmux => return export::main(&argv, &place),
        _ => {}
    }
    let connect = {
        let argv = argv.clone();
        let place = place.clone();
        Box::new(move || place.connect(&argv))
    };
    client::run(ClientOptions {
        argv,
        connect,
        utf8: place.utf8,
        features: place.features.clone(),
        control,
        terminfo: crate::io::terminfo::of_this_machine,
        remedy: (!as_tmux).then_some(crate::config::suggest::remedy),
    })
}

/// Says the version; under tmux's name that of the tmux whose language it speaks.
fn version(as_tmux: bool) -> ExitCode {
    if as_tmux {
        return said(format!("tmux {}\n", crate::format::TMUX_VERSION));
    }
    said(format!("stepmux {}\n", env!("CARGO_PKG_VERSION")))
}

fn help() -> ExitCode {
    said(generate::help())
}

/// Prints on standard output; a reader that has gone is no error.
fn said(text: impl AsRef<str>) -> ExitCode {
    print(text.as_ref());
    ExitCode::SUCCESS
}

/// Prints on standard error: the way of everything that is refused.
fn fail(message: &str) -> ExitCode {
    warn(message);
    ExitCode::from(REFUSED)
}

fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn warn(message: &str) {
    use std::io::Write;
    // It may hold words of files.
    let plain = |ch: char| {
        if ch.is_control() && !matches!(ch, '\n' | '\t') {
            '?'
        } else {
            ch
        }
    };
    let message: String = message.chars().map(plain).collect();
    let _ = writeln!(std::io::stderr(), "{message}");
}
