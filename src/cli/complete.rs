//! What a shell may complete: `stepmux completions --words WORD…` prints, for the
//! last word, one candidate a line with a tab and its sentence; a first line
//! `:files` or `:dirs` asks the shell for names of files as well. Running sessions
//! are asked for, and no server is started.

use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use super::generate::{GLOBALS, PAGES, PROGRAM};
use super::globals::{self, Server};
use super::place::Place;
use super::print;
use crate::base::Label;
use crate::command::expect::{Expected, expected, flags};
use crate::command::table;
use crate::config::suggest::{Suggestion, suggest};

/// Most candidates.
const MOST: usize = 500;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most that is taken of an answer, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// What can be written for a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    list: Vec<Suggestion>,
    /// Files fit too.
    files: bool,
    /// Directories fit too.
    dirs: bool,
}

impl Found {
    fn of(list: Vec<Suggestion>) -> Self {
        Self {
            list,
            ..Self::default()
        }
    }

    fn files() -> Self {
        Self {
            files: true,
            ..Self::default()
        }
    }

    fn dirs() -> Self {
        Self {
            dirs: true,
            ..Self::default()
        }
    }
}

/// Asks a server: a list command with a format for the name and the sentence.
type Ask<'a> = &'a dyn Fn(&[&str]) -> Vec<Suggestion>;

/// Prints what may stand for the last word.
pub(super) fn main(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((word, before)) = words.split_last() else {
        return ExitCode::SUCCESS;
    };
    let (global, _) = split_globals(before);
    let global: Vec<std::ffi::OsString> = global.iter().map(std::ffi::OsString::from).collect();
    let server = globals::parse(&global).map(|globals| globals.server);
    let ask = |list: &[&str]| asked(server.clone().unwrap_or_default(), list);
    let mut found = candidates(before, word, &ask);
    found.list.retain(|(text, _)| text.starts_with(word));
    found.list.truncate(MOST);
    let mut out = String::new();
    if found.dirs {
        out.push_str(":dirs\n");
    } else if found.files {
        out.push_str(":files\n");
    }
    for (text, about) in &found.list {
        // Names come from elsewhere: no control character reaches the shell.
        out.push_str(&format!("{}\t{}\n", Label::new(text), Label::new(about)));
    }
    print(&out);
    ExitCode::SUCCESS
}

/// Asks the server that the flags name, if it runs.
fn asked(server: Server, list: &[&str]) -> Vec<Suggestion> {
    let never = Server {
        never_start: true,
        ..server
    };
    let Ok(place) = Place::find(never, false) else {
        return Vec::new();
    };
    if crate::client::connect(&place.socket).is_err() {
        return Vec::new();
    }
    let mut client = place.client();
    client.args(list).stdin(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = client.stdout(Stdio::piped()).spawn() else {
        return Vec::new();
    };
    let mut text = Vec::new();
    if let Some(out) = child.stdout.take() {
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(out, MOST_BYTES), &mut text);
    }
    let until = Instant::now() + PATIENCE;
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > until {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let text = String::from_utf8_lossy(&text);
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    pairs
        .map(|(name, about)| (name.to_owned(), about.to_owned()))
        .collect()
}

/// The global flags with their values, and what follows them.
fn split_globals<'a>(words: &'a [&'a str]) -> (&'a [&'a str], &'a [&'a str]) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') || word.len() < 2 {
            break;
        }
        let letters = &word[1..];
        let takes = letters.find(['c', 'f', 'L', 'S', 'T']);
        at += 1 + usize::from(takes == Some(letters.len() - 1) && !word.starts_with("--"));
    }
    words.split_at(at.min(words.len()))
}

fn candidates(before: &[&str], word: &str, ask: Ask<'_>) -> Found {
    let (global, rest) = split_globals(before);
    if rest.is_empty() {
        let last = global.last().copied().unwrap_or_default();
        let whole = globals_end(global);
        if let Some(letter) = whole {
            return match letter {
                'f' | 'S' => Found::files(),
                'L' => Found::of(sockets()),
                _ => Found::default(),
            };
        }
        if word.starts_with('-') && last != "--" {
            let list = GLOBALS.iter().filter(|(flag, ..)| *flag != "--");
            return Found::of(list.map(|(flag, _, about)| pair(flag, about)).collect());
        }
        return Found::of(names(true));
    }
    // A word that ends in ; ends a command.
    let start = rest
        .iter()
        .rposition(|word| word.ends_with(';') && !word.ends_with("\\;"));
    let own = start.map_or(rest, |at| &rest[at + 1..]);
    if start.is_none()
        && let Some(found) = program(rest, word)
    {
        return found;
    }
    match expected(own, word) {
        Expected::Name => Found::of(names(false)),
        Expected::Flag(row) => {
            let list = flags(row).into_iter();
            Found::of(list.map(|(flag, about)| (flag, about.to_owned())).collect())
        }
        Expected::Value { what, before, .. } => value(what, &before, word, ask),
        Expected::Nothing => Found::default(),
    }
}

/// The letter of a global flag whose value comes next.
fn globals_end(global: &[&str]) -> Option<char> {
    let last = global.last()?;
    let group = last.starts_with('-') && !last.starts_with("--") && last.len() > 1;
    let at = last.find(['c', 'f', 'L', 'S', 'T']).filter(|_| group)?;
    // A value that only looks like a flag is behind the flag that takes it.
    let (_, rest) = split_globals(&global[..global.len() - 1]);
    let letter = last[at..].chars().next()?;
    (rest.is_empty() && at + 1 == last.len()).then_some(letter)
}

fn pair(name: &str, about: &str) -> Suggestion {
    (name.to_owned(), about.to_owned())
}

/// Names of commands, and those of the program's own doings.
fn names(own: bool) -> Vec<Suggestion> {
    let program = PROGRAM.iter().filter(|_| own);
    let mut list: Vec<Suggestion> = program.map(|(name, about)| pair(name, about)).collect();
    for row in table().iter().filter(|row| !row.hidden) {
        list.push(pair(row.name, row.about));
    }
    for row in table().iter().filter(|row| !row.hidden) {
        list.extend(row.alias.map(|alias| pair(alias, row.about)));
    }
    list
}

/// What follows the program's own words; nothing if it is a server's command.
fn program(words: &[&str], word: &str) -> Option<Found> {
    let (name, rest) = words.split_first()?;
    let definition = match *name {
        "completions" => {
            let shells = ["bash", "zsh", "fish"];
            return Some(Found::of(
                shells
                    .map(|shell| pair(shell, "Its completion script."))
                    .to_vec(),
            ));
        }
        "man" => {
            let pages = PAGES.iter().map(|(page, about)| pair(page, about));
            return Some(Found::of(pages.collect()));
        }
        "ci" => super::ci::definition(),
        "config" => super::config::definition(),
        "debug" => super::debug::definition(),
        "doctor" => super::doctor::definition(),
        "export" => super::export::definition(),
        "join" => super::join::definition(),
        "record" => super::record::definition(),
        "relay" => super::relay::definition(),
        "replay" => super::replay::definition(),
        "serve" => super::serve::definition(),
        _ => return None,
    };
    let actions = definition.get_subcommands().count() > 0;
    let mut own = &definition;
    if actions {
        let Some(action) = rest.first() else {
            let list = definition.get_subcommands().map(|action| {
                let about = action.get_about().map(ToString::to_string);
                (action.get_name().to_owned(), about.unwrap_or_default())
            });
            return Some(Found::of(list.collect()));
        };
        own = definition.find_subcommand(action)?;
    }
    Some(of_clap(own, rest.last().copied().unwrap_or_default(), word))
}

/// What a definition of ours has: options, their values, files.
fn of_clap(definition: &clap::Command, last: &str, word: &str) -> Found {
    let long = last.strip_prefix("--").unwrap_or_default();
    let asks = definition.get_arguments().find(|arg| {
        let takes = arg.get_action().takes_values();
        takes && !long.is_empty() && arg.get_long() == Some(long)
    });
    if let Some(arg) = asks {
        let possible: Vec<Suggestion> = arg
            .get_possible_values()
            .iter()
            .map(|value| {
                let help = value.get_help().map(ToString::to_string);
                (value.get_name().to_owned(), help.unwrap_or_default())
            })
            .collect();
        let names = arg.get_value_names().unwrap_or_default();
        let named = |what: &str| names.iter().any(|name| name.as_str().contains(what));
        return Found {
            files: possible.is_empty() && named("FILE"),
            dirs: named("DIR"),
            list: possible,
        };
    }
    if word.starts_with('-') {
        let list = definition.get_arguments().filter_map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some((format!("--{}", arg.get_long()?), help))
        });
        return Found::of(list.collect());
    }
    Found {
        files: definition.get_positionals().count() > 0,
        ..Found::default()
    }
}

/// What may be written for what the usage calls `what`.
fn value(what: &str, before: &[String], word: &str, ask: Ask<'_>) -> Found {
    let list = match what {
        "target-session" => sessions(ask),
        "target-window" | "src-window" | "dst-window" | "source-window" => {
            windows(word, ask, false)
        }
        "target-pane" | "src-pane" | "dst-pane" => windows(word, ask, true),
        "target-client" => ask(&[
            "list-clients",
            "-F",
            "#{client_name}\t#{session_name}, #{client_width}x#{client_height}",
        ]),
        "buffer-name" => ask(&["list-buffers", "-F", "#{buffer_name}\t#{buffer_sample}"]),
        "command" => names(false),
        "path" | "FILE" => return Found::files(),
        "start-directory" | "working-directory" | "DIR" => return Found::dirs(),
        "variable" => ask(&["show-environment", "-g"]),
        "shell-command" => return Found::files(),
        _ => suggest(what, before),
    };
    Found::of(list)
}

fn sessions(ask: Ask<'_>) -> Vec<Suggestion> {
    ask(&[
        "list-sessions",
        "-F",
        "#{session_name}\t#{session_windows} windows#{?session_attached, (attached),}",
    ])
}

/// Sessions until a colon is there; then windows, and panes after a dot.
fn windows(word: &str, ask: Ask<'_>, panes: bool) -> Vec<Suggestion> {
    let Some((session, rest)) = word.split_once(':') else {
        let list = sessions(ask).into_iter();
        return list
            .map(|(name, about)| (format!("{name}:"), about))
            .collect();
    };
    let target = format!("={session}:");
    if panes && rest.contains('.') {
        return ask(&[
            "list-panes",
            "-s",
            "-t",
            &target,
            "-F",
            "#{session_name}:#{window_index}.#{pane_index}\t#{pane_current_command}",
        ]);
    }
    ask(&[
        "list-windows",
        "-t",
        &target,
        "-F",
        "#{session_name}:#{window_index}\t#{window_name}, #{window_panes} panes",
    ])
}

/// The names of the sockets in the user's directory.
fn sockets() -> Vec<Suggestion> {
    let Ok(place) = Place::find(Server::default(), false) else {
        return Vec::new();
    };
    let dir = place.socket.parent().unwrap_or(Path::new("/"));
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .take(MOST)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.ends_with(".lock") && !name.ends_with(".state"))
        .collect();
    names.sort();
    let about = |name: String| (name, "A server's socket.".to_owned());
    names.into_iter().map(about).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Found {
        let mut words: Vec<&str> = line.split(' ').collect();
        let word = words.pop().unwrap_or_default();
        let ask = |list: &[&str]| vec![pair(list[0], "live"), pair("work", "live")];
        let mut found = candidates(&words, word, &ask);
        found.list.retain(|(text, _)| text.starts_with(word));
        found
    }

    #[test]
    fn each_place_has_its_candidates() {
        for (line, wanted) in [
            ("new-s", "new-session"),
            ("-L x unsh", "unshare"),
            ("-Lx -f a unsh", "unshare"),
            ("-", "-2"),
            ("neww -", "-a"),
            ("neww ; kill-serv", "kill-server"),
            ("neww; kill-serv", "kill-server"),
            ("set -g status-po", "status-position"),
            ("set -g status-position ", "top"),
            ("set-hook -g client-att", "client-attached"),
            ("attach -t ", "list-sessions"),
            ("neww -t ", "work:"),
            ("selectp -t work:1.", ""),
            ("select-layout ti", "tiled"),
            ("completions f", "fish"),
            ("man c", "ci"),
            ("ci ch", "check"),
            ("config ad", "adopt"),
            ("config adopt --f", "--force"),
            ("doctor --", "--json"),
            ("debug --prev", "--previous"),
            ("bind -T copy-mode-", "copy-mode-vi"),
            ("showb -b ", "list-buffers"),
            ("kill-server x", ""),
        ] {
            let found = found(line);
            let texts: Vec<&str> = found.list.iter().map(|(text, _)| text.as_str()).collect();
            let fits = if wanted.is_empty() {
                texts.is_empty()
            } else {
                texts.contains(&wanted)
            };
            assert!(fits, "{line}: {texts:?}");
            let told = |(_, about): &Suggestion| !about.is_empty();
            assert!(found.list.iter().all(told), "{line}");
        }
        assert!(found("-f ").files && found("-S ").files && found("source ").files);
        assert!(found("neww -c ").dirs && found("config check ").files);
    }
}
