//! `stepmux debug`: from a CI file to a running, shared session, and the log
//! that a CI shows of it. It starts and watches; the session is the server's.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitCode, Output, Stdio};

use clap::{CommandFactory, Parser};
use serde::Deserialize;

use super::briefing::{Briefing, Hold, Order, Start};
use super::ci_files;
use super::place::Place;
use super::sharing::Sharing;
use super::watch::Watch;
use super::{fail, print, warn, wrapped};
use crate::ci::Build;
use crate::ci::banner::{Banner, Previous, UNAVAILABLE};
use crate::client::{self, ClientOptions};

const EXIT_STATUS: &str = "\
Exit status:
  0, 1, 2 or 86 as --previous says: passed, failed (the default), errored or
  canceled; 0 after a detach. 1 also when the file, the job or the session is
  refused, 2 for wrong arguments, 130 and 143 after SIGINT and SIGTERM, which
  end the session.
  With --run the build's own: 0 passed, 1 failed or not finished, 2 errored, as
  the phases say or as `phase pass` and `phase fail` decided. With --on-failure
  the command's own, or 0 when it was decided that it passed.";

/// Starts the session of a debug build: windows with the phases of a CI file
/// as functions, shared when asked for.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux debug", after_help = EXIT_STATUS, disable_version_flag = true)]
pub(super) struct Debug {
    /// The CI file; otherwise the one of the working directory
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    choice: ci_files::Choice,
    /// The job, by number or name; needed when the file has several
    #[arg(long, value_name = "N|NAME")]
    job: Option<String>,
    #[command(flatten)]
    sharing: Sharing,
    /// Print no session output, but a dot a minute
    #[arg(long)]
    quiet: bool,
    /// The build's state before, which the exit status restores: passed,
    /// failed, errored or canceled
    #[arg(long, value_name = "STATE", default_value = "failed")]
    previous: Previous,
    /// Run the build in the first window as the CI would, and hold at a failing
    /// step with its directory and environment
    #[arg(long, conflicts_with = "previous")]
    run: bool,
    /// With --run, when the session stays: at a failure (it ends when the build
    /// passes), always, or never
    #[arg(long, value_name = "WHEN", default_value = "failure", requires = "run")]
    hold: Hold,
    /// Run the command here, and open the session only if it fails, where it
    /// failed
    #[arg(long, conflicts_with_all = ["run", "previous", "file", "job"], requires = "command")]
    on_failure: bool,
    /// Print and run exactly what Travis would
    #[arg(long)]
    travis_exact: bool,
    /// The session's name
    #[arg(long, value_name = "SESSION", default_value = "debug")]
    name: String,
    /// Who asked for the debug build
    #[arg(long, value_name = "WHO")]
    login: Option<String>,
    /// Attach this terminal to the session; what happens at a terminal outside
    /// of a CI
    #[arg(long, conflicts_with_all = ["no_attach", "quiet"])]
    attach: bool,
    /// Print the session's output instead
    #[arg(long)]
    no_attach: bool,
    /// The command of --on-failure
    #[arg(last = true, value_name = "COMMAND", requires = "on_failure")]
    command: Vec<String>,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Debug::command()
}

/// Runs `debug`, whose words these are.
pub(super) fn main(argv: &[String], place: &Place) -> ExitCode {
    match Debug::try_parse_from(argv) {
        Ok(args) => match args.run(place) {
            Ok(status) => ExitCode::from(status),
            Err(message) => fail(message.trim_end()),
        },
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// What `share --json` prints.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shared {
    ssh_command: Option<String>,
    ssh_command_ro: Option<String>,
    ssh_command_compat: Option<String>,
    join_command: Option<String>,
    known_hosts: Option<String>,
    fingerprint: Option<String>,
}

impl Debug {
    fn run(&self, place: &Place) -> Result<u8, String> {
        let (build, job, start) = if self.on_failure {
            let status = wrapped::run(&self.command)?;
            if status == 0 {
                return Ok(0);
            }
            (wrapped::build(&self.command), 0, Start::Failed(status))
        } else {
            let (build, job) = self.build()?;
            let start = if self.run {
                Start::Run(self.hold)
            } else {
                Start::Wait
            };
            (build, job, start)
        };
        for warning in &build.warnings {
            warn(warning);
        }
        let cwd = std::env::current_dir().map_err(|error| crate::io::reason(&error))?;
        let cwd = cwd.to_string_lossy();
        let order = Order {
            build,
            job,
            build_dir: &cwd,
            start: start.clone(),
            exact: self.travis_exact,
        };
        let mut files = Briefing::write(&place.socket, &self.name, order)?;
        let watch = {
            let (place, name, dir) = (place.clone(), self.name.clone(), files.dir().to_owned());
            Watch::start(move |status| end(&place, &name, &dir, status))?
        };
        let attach = self.attaches();
        let mut session = self
            .open(place, &files, &cwd, &start)
            .inspect_err(|_| print(UNAVAILABLE))?;
        let shared = match self.share(place) {
            Ok(shared) => shared,
            // The build may be over before anybody could join.
            Err(_) if self.run && !exists(place, &self.name) => None,
            Err(why) => {
                kill(place, &self.name);
                print(UNAVAILABLE);
                return Err(why);
            }
        };
        let (ssh, more) = self.ways(place, shared.as_ref());
        let banner = Banner {
            login: &self.login(),
            ssh: &ssh,
            more: &more,
            quiet: self.quiet,
            limit: None,
        };
        if shared.is_some() || !attach {
            print(&self.opening(&banner, shared.is_some()));
        }
        if attach {
            // The attached client restores its terminal at a signal by itself.
            drop(watch);
            attend(place, &["attach-session", "-t", &exactly(&self.name)]);
            if exists(place, &self.name) {
                files.let_go();
                print(&format!(
                    "The session goes on. Back to it: {}\n",
                    line(place, &self.name)
                ));
                return Ok(0);
            }
        } else {
            if self.quiet {
                watch.dots();
            }
            session.mirror();
            drop(watch);
        }
        files.stop_asides();
        let status = match start {
            Start::Wait => {
                print(&banner.closing(self.previous));
                return Ok(self.previous.status());
            }
            Start::Run(_) => files.result().unwrap_or(1),
            Start::Failed(status) => match files.result() {
                Some(0) => 0,
                _ => status,
            },
        };
        print(&format!("\nDone. Your build exited with {status}.\n"));
        Ok(status)
    }

    /// The build of the CI file, and which of its jobs.
    fn build(&self) -> Result<(Build, usize), String> {
        let found = self.choice.build(self.file.as_deref(), "with --file")?;
        if let Some(note) = &found.note {
            warn(note);
        }
        let build = found.build;
        let job = build.job(self.job.as_deref());
        let job = job.map_err(|error| format!("{error}\nChoose with --job N or --job NAME."))?;
        let index = build.jobs.iter().position(|known| std::ptr::eq(known, job));
        let index = index.unwrap_or(0);
        Ok((build, index))
    }

    fn open(
        &self,
        place: &Place,
        files: &Briefing,
        cwd: &str,
        start: &Start,
    ) -> Result<Session, String> {
        let mut command = place.client();
        command.args(["debug-session", "-s", &self.name, "-c", cwd, "--plan"]);
        command.arg(files.plan());
        if !self.attaches() {
            command.arg("--watch").args(self.quiet.then_some("--quiet"));
        }
        if *start != Start::Wait {
            // What runs the build is bash, whatever the user's own shell.
            command.arg("--").args(files.bash());
        }
        Session::open(command)
    }

    fn share(&self, place: &Place) -> Result<Option<Shared>, String> {
        let Some(words) = self.sharing.words() else {
            return Ok(None);
        };
        let mut command = place.client();
        command.args(["share", "--json", "-t", &exactly(&self.name)]);
        command.args(words);
        let said = answer(command)?;
        let shared = serde_json::from_slice(&said);
        shared
            .map(Some)
            .map_err(|error| format!("share's answer cannot be understood: {error}"))
    }

    /// The line to join with, and what else a guest may want to know.
    fn ways(&self, place: &Place, shared: Option<&Shared>) -> (String, Vec<String>) {
        let Some(shared) = shared else {
            return (line(place, &self.name), Vec::new());
        };
        let mut more = Vec::new();
        let ssh = match (&shared.ssh_command, &shared.ssh_command_ro) {
            (Some(ssh), read_only) => {
                more.extend(read_only.iter().map(|ssh| format!("Read-only: {ssh}")));
                ssh.clone()
            }
            (None, Some(read_only)) => read_only.clone(),
            (None, None) => String::new(),
        };
        let join = shared.join_command.iter();
        more.extend(join.map(|line| format!("With stepmux: {line}")));
        let plain = shared.ssh_command_compat.iter();
        more.extend(plain.map(|line| format!("Plain ssh, which the relay can read: {line}")));
        let known = shared.known_hosts.iter();
        more.extend(
            known
                .flat_map(|text| text.lines())
                .map(|line| format!("known_hosts: {line}")),
        );
        more.extend(
            shared
                .fingerprint
                .iter()
                .map(|print| format!("Host key: {print}")),
        );
        (ssh, more)
    }

    /// The log's beginning; without guests it names no ssh.
    fn opening(&self, banner: &Banner<'_>, shared: bool) -> String {
        let text = banner.opening();
        if shared {
            return text;
        }
        text.replacen(
            "Use the following SSH command",
            "Use the following command",
            1,
        )
    }

    fn login(&self) -> String {
        let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
        let login = self.login.clone().or_else(user);
        login.unwrap_or_else(|| "unknown".to_owned())
    }

    fn attaches(&self) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let ttys = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let plain = !self.quiet && !self.no_attach && !set("CI") && !set("STEPMUX");
        self.attach || (ttys && plain)
    }
}

/// A target that means the session of this name and no other.
fn exactly(name: &str) -> String {
    format!("={name}")
}

/// The command line that attaches a local terminal.
fn line(place: &Place, name: &str) -> String {
    let flag = match place.flag() {
        Some(socket) => format!(" -S {}", crate::ci::functions::quote(&socket)),
        None => String::new(),
    };
    format!(
        "stepmux{flag} attach-session -t {}",
        crate::ci::functions::quote(name)
    )
}

/// A session that was made, and the client that watches it from the beginning.
#[derive(Debug)]
struct Session {
    client: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Session {
    /// Makes it, by a client that first says so in a line.
    fn open(mut command: std::process::Command) -> Result<Self, String> {
        let said = |error: std::io::Error| crate::io::reason(&error);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = command.spawn().map_err(said)?;
        let mut lines = client.stdout.take().map(BufReader::new);
        let mut id = String::new();
        if let Some(lines) = &mut lines {
            lines.read_line(&mut id).map_err(said)?;
        }
        if id.is_empty() {
            let output = Output {
                status: client.wait().map_err(said)?,
                stdout: Vec::new(),
                stderr: rest(&mut client),
            };
            outcome(output)?;
        }
        Ok(Self { client, lines })
    }

    /// Prints what its panes write until it ends.
    fn mirror(&mut self) {
        if let Some(mut lines) = self.lines.take() {
            // A log that nobody reads any more ends nothing.
            while let Ok(part @ [_, ..]) = lines.fill_buf() {
                let size = part.len();
                let mut out = std::io::stdout();
                let _ = out.write_all(part).and_then(|()| out.flush());
                lines.consume(size);
            }
        }
        let said = String::from_utf8_lossy(&rest(&mut self.client))
            .trim()
            .to_owned();
        if !said.is_empty() {
            warn(&said);
        }
        let _ = self.client.wait();
    }
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
pub(super) fn answer(mut command: std::process::Command) -> Result<Vec<u8>, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| crate::io::reason(&error))?;
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
    };
    if let Err(message) = client::attend(options) {
        warn(&message);
    }
}

fn exists(place: &Place, name: &str) -> bool {
    let mut command = place.client();
    command.args(["has-session", "-t", &exactly(name)]);
    answer(command).is_ok()
}

fn kill(place: &Place, name: &str) {
    let mut command = place.client();
    command.args(["kill-session", "-t", &exactly(name)]);
    // It may not have been made yet.
    let _ = answer(command);
}

/// A signal's way out.
fn end(place: &Place, name: &str, dir: &Path, status: u8) {
    kill(place, name);
    let _ = std::fs::remove_dir_all(dir);
    std::process::exit(i32::from(status));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(line: &str) -> Result<Debug, clap::Error> {
        Debug::try_parse_from(std::iter::once("debug").chain(line.split_whitespace()))
    }

    #[test]
    fn definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn arguments_are_read() {
        let args = read("--job 2 --listen 0:1 --listen 0:2 --quiet --previous errored").unwrap();
        assert_eq!(args.job.as_deref(), Some("2"));
        assert_eq!(args.sharing.listen, ["0:1", "0:2"]);
        assert_eq!((args.quiet, args.previous.status()), (true, 2));
        assert_eq!(read("").unwrap().previous, Previous::Failed);
        for wrong in ["--previous x", "--nosuch", "--attach --quiet", "word"] {
            assert_eq!(read(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn shared_json_may_lack_the_typing_line() {
        let json = r#"{"session":"a","ssh_command":null,"ssh_command_ro":"ssh b","fingerprint":"SHA256:x"}"#;
        let shared: Shared = serde_json::from_str(json).unwrap();
        assert_eq!(shared.ssh_command_ro.as_deref(), Some("ssh b"));
        assert!(shared.ssh_command.is_none() && shared.known_hosts.is_none());
    }
}
