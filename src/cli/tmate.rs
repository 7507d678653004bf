//! The program under the name `tmate`: a session is shared as soon as it is
//! there, so that scripts written for tmate find what they look for. The words
//! and the lines are tmate's; the session is the server's, and guests come to
//! this machine's own door.
//!
//! It fails closed: a session that cannot be shared as asked for is ended.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Deserialize;

use super::globals::{self, Request};
use super::log::{Form, Log};
use super::place::Place;
use super::watch::Watch;
use super::watched::{answer, attend};
use super::{fail, print, said, warn};
use crate::ci::functions::quote;
use crate::client::{self, ClientOptions};

/// Names where guests may come in; before the option `share-listen` nothing
/// but this machine itself.
const LISTEN: &str = "STEPMUX_LISTEN";

/// Where they come in when nobody says so.
const LOOPBACK: &str = "127.0.0.1:0";

const USAGE: &str = "\
usage: tmate [-2CFhuVv] [-a authorized-keys] [-f file] [-k api-key]
             [-L socket-name] [-n session-name] [-r session-name-read-only]
             [-S socket-path] [command [flags]]";

/// tmate's own flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Own {
    /// `-a`
    keys: Option<String>,
    /// `-F`
    foreground: bool,
}

/// What `share --json` prints, as far as it is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shared {
    ssh_command: Option<String>,
    ssh_command_ro: Option<String>,
    host: String,
}

/// Runs the program under the name `tmate`, whose words these are.
pub(super) fn main(words: &[OsString]) -> ExitCode {
    let (own, rest) = match take_own(words) {
        Ok(taken) => taken,
        Err(why) => return fail(&format!("tmate: {why}\n{USAGE}")),
    };
    let mut globals = match globals::parse(&rest) {
        Ok(globals) => globals,
        Err(Some(why)) => return fail(&format!("tmate: {why}\n{USAGE}")),
        Err(None) => return fail(USAGE),
    };
    let argv = match globals.request {
        Request::Version => return said(format!("tmate {}\n", env!("CARGO_PKG_VERSION"))),
        Request::Help => return said(format!("{USAGE}\n")),
        Request::Shell { login, words } => return super::shell::run(&words, login),
        Request::Command(argv) => argv,
    };
    let server = &mut globals.server;
    if server.path.is_none() && server.name.is_none() && !inside() {
        server.name = Some("tmate".to_owned());
    }
    if server.files.is_empty() {
        server.files.push(own_file());
    }
    let place = match Place::find(globals.server, true) {
        Ok(place) => place,
        Err(why) => return fail(&why),
    };
    match act(&place, &own, argv) {
        Ok(status) => ExitCode::from(status),
        Err(why) => fail(why.trim_end()),
    }
}

/// Whether it was started in a pane, whose server is meant then.
fn inside() -> bool {
    ["STEPMUX", "TMUX"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// `~/.tmate.conf`, and never tmux's own file.
fn own_file() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let file = home.map(|home| home.join(".tmate.conf"));
    let file = file.filter(|file| file.exists());
    file.unwrap_or_else(|| "/dev/null".into())
}

/// Takes tmate's own flags out of those before the command.
fn take_own(words: &[OsString]) -> Result<(Own, Vec<OsString>), String> {
    let (mut own, mut rest) = (Own::default(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(flags) = word.to_str().filter(|word| is_flags(word)) else {
            rest.push(word.clone());
            break;
        };
        let mut kept = String::from("-");
        for (at, letter) in flags[1..].char_indices() {
            let glued = &flags[1 + at + letter.len_utf8()..];
            match letter {
                'F' => own.foreground = true,
                'a' | 'n' | 'r' | 'k' => {
                    let value = if glued.is_empty() {
                        let next = words.next().and_then(|word| word.to_str());
                        next.ok_or_else(|| format!("option requires an argument -- {letter}"))?
                    } else {
                        glued
                    };
                    if letter == 'a' {
                        own.keys = Some(value.to_owned());
                    }
                    break;
                }
                // These take the rest of the word, or the next one.
                'c' | 'f' | 'L' | 'S' | 'T' => {
                    kept.push(letter);
                    kept.push_str(glued);
                    if glued.is_empty() {
                        rest.push(std::mem::replace(&mut kept, String::from("-")).into());
                        rest.extend(words.next().cloned());
                    }
                    break;
                }
                letter => kept.push(letter),
            }
        }
        if kept.len() > 1 {
            rest.push(kept.into());
        }
    }
    rest.extend(words.cloned());
    Ok((own, rest))
}

fn is_flags(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && !word.starts_with("--")
}

fn act(place: &Place, own: &Own, argv: Vec<String>) -> Result<u8, String> {
    let first = argv.first().map(String::as_str);
    let makes = matches!(first, None | Some("new-session" | "new"));
    match (first, argv.get(1).map(String::as_str)) {
        (Some("wait-for" | "wait"), Some("tmate-ready")) => {
            share(place, own, &newest(place)?)?;
            return Ok(0);
        }
        _ if own.foreground => return foreground(place, own, argv),
        _ if !makes => return Ok(client(place, argv)),
        _ => {}
    }
    let session = make(place, own, &argv)?;
    if detached(&argv) {
        return Ok(0);
    }
    attend(place, &["attach-session", "-t", &session]);
    Ok(0)
}

/// Whether `new-session` attaches nobody.
fn detached(argv: &[String]) -> bool {
    let flags = argv.iter().skip(1).take_while(|word| *word != ";");
    let mut flags = flags.take_while(|word| *word != "--");
    flags.any(|word| is_flags(word) && word.contains('d') && !takes_value(word))
}

/// A flag of `new-session` with its value in the same word (`-sdebug`).
fn takes_value(word: &str) -> bool {
    let with_value = ['c', 'e', 'f', 'F', 'n', 's', 't', 'x', 'y'];
    word.chars()
        .nth(1)
        .is_some_and(|letter| with_value.contains(&letter))
}

/// Makes a session that nobody is attached to, and shares it.
fn make(place: &Place, own: &Own, argv: &[String]) -> Result<String, String> {
    let mut words: Vec<&str> = argv.iter().map(String::as_str).collect();
    if words.is_empty() {
        words.push("new-session");
    }
    if !detached(argv) {
        words.insert(1, "-d");
    }
    // It starts the server, which then knows this place by its socket.
    drop(place.connect_or_start()?);
    let mut command = place.client();
    command.args(words);
    print(&String::from_utf8_lossy(&answer(command)?));
    let session = newest(place)?;
    share(place, own, &session).inspect_err(|_| kill(place, &session))?;
    Ok(session)
}

/// The session that was made last.
fn newest(place: &Place) -> Result<String, String> {
    let mut command = place.client();
    command.args(["list-sessions", "-F", "#{session_id}"]);
    let said = answer(command)?;
    let said = String::from_utf8_lossy(&said);
    let number = |id: &&str| id.trim_start_matches('$').parse::<u64>().unwrap_or(0);
    let newest = said.lines().max_by_key(number);
    newest
        .map(str::to_owned)
        .ok_or_else(|| "no sessions".to_owned())
}

/// Shares a session unless it is shared; how guests come in.
fn share(place: &Place, own: &Own, session: &str) -> Result<Shared, String> {
    let shared = ask(
        place,
        &["display-message", "-p", "-t", session, "#{ssh_command_ro}"],
    )?;
    let mut command = place.client();
    command.args(["share", "--json", "-t", session]);
    if shared.is_empty() {
        if ask(place, &["show-options", "-sqv", "share-listen"])?.is_empty() {
            let listen = std::env::var(LISTEN).ok().filter(|place| !place.is_empty());
            command.arg("--listen");
            command.arg(listen.unwrap_or_else(|| LOOPBACK.to_owned()));
        }
        let set = ask(place, &["show-options", "-sqv", "tmate-authorized-keys"])?;
        let keys = own.keys.clone().unwrap_or(set);
        if !keys.is_empty() {
            command.arg("--limit-to").arg(limit(&keys));
        }
    }
    let said = answer(command)?;
    serde_json::from_slice(&said)
        .map_err(|error| format!("share's answer cannot be understood: {error}"))
}

/// What `--limit-to` calls whom tmate's `-a` lets in: only they come in.
fn limit(keys: &str) -> String {
    match keys.strip_prefix("github:") {
        Some(user) => format!("gh:{user}"),
        None => std::path::absolute(keys)
            .map_or_else(|_| keys.to_owned(), |path| path.to_string_lossy().into()),
    }
}

fn ask(place: &Place, words: &[&str]) -> Result<String, String> {
    let mut command = place.client();
    command.args(words);
    let said = answer(command)?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

/// `-F`: says how to join, and waits for the session's end.
fn foreground(place: &Place, own: &Own, argv: Vec<String>) -> Result<u8, String> {
    let session = make(place, own, &argv)?;
    let watch = {
        let (place, session) = (place.clone(), session.clone());
        Watch::start(Arc::new(Log::new(Form::Text)), move |status| {
            kill(&place, &session);
            std::process::exit(i32::from(status));
        })?
    };
    let shared = share(place, own, &session)?;
    let socket = place.socket.to_string_lossy();
    let mut lines = format!(
        "To connect to the session locally, run: tmate -S {} attach\nConnecting to {}...\n",
        quote(&socket),
        shared.host
    );
    for (what, line) in [
        ("ssh session read only", &shared.ssh_command_ro),
        ("ssh session", &shared.ssh_command),
    ] {
        if let Some(line) = line {
            lines.push_str(&format!("{what}: {line}\n"));
        }
    }
    print(&lines);
    attend(place, &["debug-wait", "--quiet", "-t", &session]);
    drop(watch);
    Ok(0)
}

fn kill(place: &Place, session: &str) {
    let mut command = place.client();
    command.args(["kill-session", "-t", session]);
    if let Err(why) = answer(command) {
        warn(&why);
    }
}

/// Any other command: as under the name of tmux.
fn client(place: &Place, argv: Vec<String>) -> u8 {
    let connect = {
        let (place, argv) = (place.clone(), argv.clone());
        Box::new(move || place.connect(&argv))
    };
    client::status(ClientOptions {
        argv,
        connect,
        utf8: place.utf8,
        features: place.features.clone(),
        control: client::Control::Off,
        terminfo: crate::io::terminfo::of_this_machine,
        remedy: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn own_flags_are_taken_from_among_the_others() {
        for (line, keys, foreground, rest) in [
            ("-S /s new-session -d", None, false, "-S /s new-session -d"),
            ("-f x -F", None, true, "-f x"),
            (
                "-2Fa keys -S/s ls -F x",
                Some("keys"),
                true,
                "-2 -S/s ls -F x",
            ),
            (
                "-n name -rother -kkey -akeys wait x",
                Some("keys"),
                false,
                "wait x",
            ),
            ("-V", None, false, "-V"),
        ] {
            let (own, left) = take_own(&words(line)).unwrap();
            assert_eq!(own.keys.as_deref(), keys, "{line}");
            assert_eq!((own.foreground, left), (foreground, words(rest)), "{line}");
        }
        assert!(take_own(&words("-a")).is_err());
    }

    #[test]
    fn detached_is_read_from_the_flags_of_new_session() {
        for (line, expected) in [
            ("new-session -d", true),
            ("new -ds x", true),
            ("new-session", false),
            ("new-session -sdebug", false),
            ("new-session -s x ; detach -d", false),
        ] {
            let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(detached(&argv), expected, "{line}");
        }
    }

    #[test]
    fn limit_names_files_and_forges() {
        assert_eq!(limit("github:ann"), "gh:ann");
        assert_eq!(limit("/k"), "/k");
        assert!(limit("k").ends_with("/k") && limit("k").starts_with('/'));
    }
}
