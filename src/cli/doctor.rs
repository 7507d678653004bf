//! `stepmux doctor`: what of this machine and terminal hinders a session, and how
//! to mend each. It looks and changes nothing but that the directory of the
//! sockets is made, as every other command makes it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use serde_json::json;

use super::doctor_checks::{Around, examine};
use super::globals::Server;
use super::place::Place;
use super::{fail, print};
use crate::base::Label;
use crate::client;

const EXIT_STATUS: &str = "\
Exit status:
  0 when nothing is wrong, 1 when something is, 2 for wrong arguments.
  What is only worth knowing (hint) changes nothing.";

/// Checks terminal, locale, sockets, sshd and login shell, and says how to mend each.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux doctor", after_help = EXIT_STATUS, disable_version_flag = true)]
struct Doctor {
    /// Print a JSON array: area, name, state, found and mend of each check
    #[arg(long)]
    json: bool,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// All is well.
    Fine,
    /// It works, and could be better.
    Hint,
    /// It hinders.
    Fault,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Hint => "hint",
            Self::Fault => "fault",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// What it belongs to: terminal, locale, socket, sshd, login, configuration.
    pub(super) area: &'static str,
    /// What was looked at.
    pub(super) name: &'static str,
    /// How it went.
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// How to mend it; empty when there is nothing to mend.
    pub(super) mend: String,
}

/// The definition, for the manual and the shells.
pub(super) fn definition() -> clap::Command {
    Doctor::command()
}

/// Runs `doctor`, whose words these are, for a server.
pub(super) fn main(argv: &[String], server: Server) -> ExitCode {
    let args = match Doctor::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let place = Place::find(server, false);
    let socket = place.as_ref().map(|place| place.socket.clone());
    let answers = socket
        .as_ref()
        .is_ok_and(|socket| client::connect(socket).is_ok());
    let around = Around {
        root: PathBuf::from("/"),
        env: Box::new(|name| std::env::var(name).ok()),
        program: std::env::current_exe().unwrap_or_default(),
        uid: rustix::process::getuid().as_raw(),
        terminal: size(),
        socket: socket.map_err(Clone::clone),
        answers,
    };
    let checks = examine(&around);
    let text = if args.json {
        as_json(&checks)
    } else {
        as_text(&checks)
    };
    match text {
        Ok(text) => print(&text),
        Err(message) => return fail(&message),
    }
    let sick = checks.iter().any(|check| check.state == State::Fault);
    ExitCode::from(u8::from(sick))
}

/// The terminal's size, when the standard output or error is one.
fn size() -> Option<(u16, u16)> {
    let found = [
        rustix::termios::tcgetwinsize(std::io::stdout()),
        rustix::termios::tcgetwinsize(std::io::stderr()),
    ];
    let found = found.into_iter().find_map(Result::ok)?;
    Some((found.ws_col, found.ws_row))
}

/// The checks by area, each with what was found and how to mend it.
fn as_text(checks: &[Check]) -> Result<String, String> {
    let mut text = String::new();
    let mut area = "";
    for check in checks {
        if check.area != area {
            area = check.area;
            text.push_str(area);
            text.push('\n');
        }
        let found = Label::new(&check.found);
        text.push_str(&format!(
            "  {:<5}  {:<22} {found}\n",
            check.state.name(),
            check.name
        ));
        if !check.mend.is_empty() {
            text.push_str(&format!("         -> {}\n", Label::new(&check.mend)));
        }
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    text.push_str(&format!(
        "{} checks: {} faults, {} hints\n",
        checks.len(),
        count(State::Fault),
        count(State::Hint)
    ));
    Ok(text)
}

fn as_json(checks: &[Check]) -> Result<String, String> {
    let list: Vec<serde_json::Value> = checks
        .iter()
        .map(|check| {
            json!({
                "area": check.area,
                "name": check.name,
                "state": check.state.name(),
                "found": check.found,
                "mend": check.mend,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&list).map_err(|error| error.to_string())?;
    Ok(format!("{text}\n"))
}
