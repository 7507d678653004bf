//! stepmux as a login shell: someone at a terminal lands in the shared
//! session, everything else gets the user's real shell, so that scp, sftp,
//! rsync and git through the system's sshd work. Whatever goes wrong on the
//! way to the session ends in the real shell too: nobody is locked out.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use super::globals::Server;
use super::place::Place;
use super::{LOGIN, shell, warn};
use crate::client::{self, ClientOptions};

/// Is the login shell, with the words after its name.
pub(super) fn main(words: &[OsString]) -> ExitCode {
    let inside = std::env::var_os("STEPMUX").is_some_and(|value| !value.is_empty());
    if inside || !std::io::stdin().is_terminal() || !words.iter().all(is_idle) {
        return shell::run(words, true);
    }
    let real = shell::real();
    if std::env::var_os("SHELL").is_some_and(|shell| shell == real) {
        return attach();
    }
    // The server and every client read SHELL from the environment, and that is
    // changed safely only for a new program. Should that fail, the session is
    // only less right about SHELL.
    let _ = Command::new("/proc/self/exe")
        .arg0("stepmux")
        .arg(LOGIN)
        .env("SHELL", &real)
        .exec();
    attach()
}

/// Words that say only what a login shell at a terminal is anyway.
fn is_idle(word: &OsString) -> bool {
    word == "-l" || word == "-i" || word == "--login"
}

/// Attaches to the user's session, or creates it, or becomes the real shell.
pub(super) fn attach() -> ExitCode {
    match attended() {
        Ok(status) => ExitCode::from(status),
        Err(reason) => {
            let reason = reason.lines().next().unwrap_or_default().to_owned();
            warn(&format!(
                "stepmux: no shared session ({reason}), this is a plain shell"
            ));
            shell::run(&[], true)
        }
    }
}

fn attended() -> Result<u8, String> {
    let term = std::env::var("TERM").unwrap_or_default();
    if term.is_empty() || term == "dumb" {
        return Err("the terminal cannot show one".to_owned());
    }
    let place = Place::find(Server::default(), false)?;
    client::attend(ClientOptions {
        argv: Vec::new(),
        connect: Box::new(move || place.connect_or_start()),
        utf8: false,
        features: String::new(),
        control: client::Control::Off,
        terminfo: crate::io::terminfo::of_this_machine,
        remedy: None,
    })
}
