//! A session that another client of ours makes or watches, for `debug`: its log
//! comes through that client's standard output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use super::log::Log;
use super::place::Place;
use super::warn;
use crate::client::{self, ClientOptions};

/// A session, and the client that watches it.
#[derive(Debug)]
pub(super) struct Watched {
    client: Child,
    lines: Option<BufReader<ChildStdout>>,
    /// What marks the session's processes; empty where that is not known.
    pub(super) mark: String,
}

impl Watched {
    /// Makes a session, by a client that first says in a line what marks its
    /// processes.
    ///
    /// # Errors
    /// Why there is no session.
    pub(super) fn open(command: Command) -> Result<Self, String> {
        let mut made = Self::attend(command)?;
        let mut line = String::new();
        if let Some(lines) = &mut made.lines {
            lines.read_line(&mut line).map_err(said)?;
        }
        if line.is_empty() {
            let output = Output {
                status: made.client.wait().map_err(said)?,
                stdout: Vec::new(),
                stderr: rest(&mut made.client),
            };
            outcome(output)?;
        }
        line.trim().clone_into(&mut made.mark);
        Ok(made)
    }

    /// Watches by this client.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub(super) fn attend(mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = command.spawn().map_err(said)?;
        let lines = client.stdout.take().map(BufReader::new);
        Ok(Self {
            client,
            lines,
            mark: String::new(),
        })
    }

    /// Prints what its panes write until it ends, each line after the label.
    pub(super) fn mirror(&mut self, log: &Log, label: &str) {
        if let Some(mut lines) = self.lines.take() {
            let mut line = Vec::new();
            // A log that nobody reads any more ends nothing.
            while matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
                log.lines(&line, label);
                line.clear();
            }
        }
        let said = rest(&mut self.client);
        let said = String::from_utf8_lossy(&said);
        let said = said.trim();
        if !said.is_empty() {
            warn(said);
        }
        let _ = self.client.wait();
    }
}

fn said(error: std::io::Error) -> String {
    crate::io::reason(&error)
}

/// What a client that has ended said of it.
fn rest(client: &mut Child) -> Vec<u8> {
    let mut said = Vec::new();
    if let Some(stderr) = client.stderr.take() {
        let _ = stderr.take(64 * 1024).read_to_end(&mut said);
    }
    said
}

/// Runs another client to its end and gives back what it printed.
pub(super) fn answer(mut command: Command) -> Result<Vec<u8>, String> {
    let output = command.stdin(Stdio::null()).output().map_err(said)?;
    outcome(output)
}

/// What a client printed, or why it failed.
fn outcome(output: Output) -> Result<Vec<u8>, String> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(if said.is_empty() {
        output.status.to_string()
    } else {
        said
    })
}

/// Is a client of the server until that ends; how is told, nothing else done.
pub(super) fn attend(place: &Place, words: &[&str]) {
    let argv: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let connect = {
        let socket = place.socket.clone();
        Box::new(move || client::connect(&socket))
    };
    let options = ClientOptions {
        argv,
        connect,
        utf8: place.utf8,
        features: place.features.clone(),
        control: client::Control::Off,
        terminfo: crate::io::terminfo::of_this_machine,
        remedy: None,
    };
    if let Err(message) = client::attend(options) {
        warn(&message);
    }
}

/// A target that means the session of this name and no other.
pub(super) fn exactly(name: &str) -> String {
    format!("={name}")
}

/// Whether there is such a session.
pub(super) fn exists(place: &Place, name: &str) -> bool {
    let mut command = place.client();
    command.args(["has-session", "-t", &exactly(name)]);
    answer(command).is_ok()
}

/// Ends a session; it may not have been made yet.
pub(super) fn kill(place: &Place, name: &str) {
    let mut command = place.client();
    command.args(["kill-session", "-t", &exactly(name)]);
    let _ = answer(command);
}

/// Asks the server for something that may fail for reasons of its own.
pub(super) fn ask(place: &Place, words: &[&str]) {
    let mut command = place.client();
    command.args(words);
    if let Err(why) = answer(command) {
        warn(&why);
    }
}
