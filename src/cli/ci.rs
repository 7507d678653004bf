//! `stepmux ci`: what stepmux understands of a CI file, for people and programs.
//! It reads files and prints; it starts nothing and needs no server.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};

use clap::{CommandFactory, Parser, Subcommand};

use super::ci_files::{self, Choice};
use super::{fail, print, warn};
use crate::base::Label;
use crate::ci::Build;
use crate::ci::show::{self, Paint};

/// The stack of a thread that reads files: they may be deep.
const STACK: usize = 16 << 20;

/// How many files may be read ahead of the one whose line is due.
const AHEAD: u64 = 256;

const EXIT_STATUS: &str = "\
Exit status:
  0 success; with --batch also when files among those named were refused: their
  lines say so. 1 when a file cannot be found, read or understood, or has no such
  job. 2 for wrong arguments.";

/// Shows what stepmux understands of a CI file: its jobs, phases and steps.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux ci", after_help = EXIT_STATUS, disable_version_flag = true)]
struct Ci {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Lists the jobs: number, name, and what tells each apart
    List(List),
    /// Shows phases and steps, of all jobs or of one
    Show(Show),
    /// Prints the errors and warnings of files as FILE:LINE:COLUMN: MESSAGE
    Check(Check),
}

#[derive(Clone, Debug, Parser)]
struct List {
    /// The CI file; otherwise the one of the working directory
    file: Option<PathBuf>,
    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Debug, Parser)]
struct Show {
    /// The CI file; otherwise the one of the working directory
    file: Option<PathBuf>,
    /// Show this job alone, by number or name
    #[arg(long, value_name = "N|NAME", conflicts_with = "batch")]
    job: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Read names of files from the standard input, one a line, and print a line
    /// of JSON for each, in the same order
    #[arg(long, requires = "json", conflicts_with_all = ["file", "phases_dir"])]
    batch: bool,
    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Debug, Parser)]
struct Check {
    /// The CI files; otherwise all of the working directory
    files: Vec<PathBuf>,
    #[command(flatten)]
    choice: Choice,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Ci::command()
}

/// Runs `ci`, whose words these are.
pub(super) fn main(argv: &[String]) -> ExitCode {
    match Ci::try_parse_from(argv) {
        Ok(args) => match args.action.run() {
            Ok(status) => ExitCode::from(status),
            Err(message) => fail(&clean(message.trim_end())),
        },
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

impl Action {
    fn run(&self) -> Result<u8, String> {
        match self {
            Self::List(list) => {
                let build = read(&list.choice, list.file.as_deref())?;
                print(&show::table(&build, paint()));
                Ok(0)
            }
            Self::Show(show) if show.batch => batch(&show.choice),
            Self::Show(show) => show.run(),
            Self::Check(check) => check.run(),
        }
    }
}

/// The build of a file; what is to be said of it goes to standard error.
fn read(choice: &Choice, file: Option<&Path>) -> Result<Build, String> {
    let found = choice.build(file, "as FILE")?;
    for line in found.note.iter().chain(&found.build.warnings) {
        warn(&clean(line));
    }
    Ok(found.build)
}

impl Show {
    fn run(&self) -> Result<u8, String> {
        let build = read(&self.choice, self.file.as_deref())?;
        let only = match &self.job {
            Some(job) => {
                let job = build.job(Some(job)).map_err(|error| error.to_string())?;
                build.jobs.iter().position(|known| std::ptr::eq(known, job))
            }
            None => None,
        };
        if self.json {
            print(&(show::json(&build, only, None) + "\n"));
            return Ok(0);
        }
        let jobs = build.jobs.iter().enumerate();
        let shown: Vec<String> = jobs
            .filter(|(index, _)| only.is_none_or(|only| only == *index))
            .map(|(index, job)| show::job(index + 1, job, paint()))
            .collect();
        print(&shown.join("\n"));
        Ok(0)
    }
}

impl Check {
    fn run(&self) -> Result<u8, String> {
        if self.files.is_empty() && self.choice.phases_dir.is_some() {
            self.choice.build(None, "")?;
            return Ok(0);
        }
        let wanted = |system| self.choice.system.is_none_or(|only| only == system);
        let files: Vec<PathBuf> = if self.files.is_empty() {
            let all = ci_files::all(Path::new("")).into_iter();
            let all = all.filter(|(system, _)| wanted(*system));
            all.flat_map(|(_, files)| files).collect()
        } else {
            self.files.clone()
        };
        if files.is_empty() {
            // Says what was looked for.
            self.choice.build(None, "as FILE")?;
        }
        let mut status = 0;
        for file in &files {
            match self.choice.read(file) {
                Ok(build) => {
                    for warning in &build.warnings {
                        print(&(clean(warning) + "\n"));
                    }
                }
                Err(error) => {
                    print(&(clean(&error) + "\n"));
                    status = 1;
                }
            }
        }
        Ok(status)
    }
}

/// The lines of a text, each fit for a terminal.
fn clean(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| Label::new(line).to_string())
        .collect();
    lines.join("\n")
}

/// Colours only for a terminal, and not when the user wants none (no-color.org).
fn paint() -> Paint {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if std::io::stdout().is_terminal() && !refused && !dumb {
        Paint::Colour
    } else {
        Paint::Plain
    }
}

/// What the threads of a batch share: the names, and how far the lines are out.
struct Batch<'a> {
    names: Mutex<(u64, Box<dyn Iterator<Item = String> + Send + 'a>)>,
    printed: Mutex<u64>,
    due: Condvar,
}

impl Batch<'_> {
    /// The next name with its number; none at the end.
    fn next(&self) -> Option<(u64, String)> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = names.1.next()?;
        let number = names.0;
        names.0 += 1;
        Some((number, name))
    }

    /// Waits until the line of a number may be made, so that few wait to be printed.
    fn wait(&self, number: u64) {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let far = |printed: &mut u64| number >= printed.saturating_add(AHEAD);
        drop(self.due.wait_while(printed, far));
    }

    fn done(&self, printed: u64) {
        *self.printed.lock().unwrap_or_else(PoisonError::into_inner) = printed;
        self.due.notify_all();
    }
}

/// Reads every file that the standard input names, on all processors; one line of
/// JSON each, in order and at once.
fn batch(choice: &Choice) -> Result<u8, String> {
    let lines = std::io::BufReader::new(std::io::stdin());
    let names = lines
        .split(b'\n')
        .map_while(Result::ok)
        .map(|name| {
            String::from_utf8_lossy(&name)
                .trim_end_matches('\r')
                .to_owned()
        })
        .filter(|name| !name.is_empty());
    let shared = Batch {
        names: Mutex::new((0, Box::new(names))),
        printed: Mutex::new(0),
        due: Condvar::new(),
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel::<(u64, String)>();
        let mut started = 0;
        for _ in 0..threads {
            let (sender, shared) = (sender.clone(), &shared);
            let work = move || {
                while let Some((number, name)) = shared.next() {
                    shared.wait(number);
                    if sender.send((number, line(choice, &name))).is_err() {
                        break;
                    }
                }
            };
            let thread = std::thread::Builder::new().stack_size(STACK);
            started += usize::from(thread.spawn_scoped(scope, work).is_ok());
        }
        drop(sender);
        if started == 0 {
            return Err("no thread could be started".to_owned());
        }
        write(&receiver, &shared);
        Ok(0)
    })
}

/// Prints the lines in order. A reader that has gone ends it, which is no error.
fn write(receiver: &mpsc::Receiver<(u64, String)>, shared: &Batch<'_>) {
    let mut out = std::io::stdout().lock();
    let mut early: BTreeMap<u64, String> = BTreeMap::new();
    let (mut due, mut gone) = (0, false);
    while let Ok((number, line)) = receiver.recv() {
        early.insert(number, line);
        while let Some(mut line) = early.remove(&due) {
            due += 1;
            line.push('\n');
            gone = gone || out.write_all(line.as_bytes()).is_err() || out.flush().is_err();
        }
        shared.done(due);
        if gone {
            std::process::exit(0);
        }
    }
}

/// A file's line of JSON, whatever the file does to us.
fn line(choice: &Choice, name: &str) -> String {
    let read = catch_unwind(AssertUnwindSafe(|| choice.read(Path::new(name))));
    match read {
        Ok(Ok(build)) => show::json(&build, None, Some(name)),
        Ok(Err(error)) => show::json_error(name, &error),
        Err(_) => show::json_error(name, &format!("{name}: reading it failed within stepmux")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(line: &str) -> Result<Ci, clap::Error> {
        Ci::try_parse_from(std::iter::once("ci").chain(line.split_whitespace()))
    }

    #[test]
    fn definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn arguments_are_read() {
        for line in [
            "list",
            "list f --system gitlab",
            "show --job 2 --json f",
            "show --json --batch --system travis",
            "check a b c",
            "list --phases-dir d",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in [
            "",
            "nosuch",
            "list a b",
            "show --batch",
            "show --batch --json f",
            "show --batch --json --job 1",
            "list --system scripts",
            "list --system x",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
