//! `stepmux debug wait`: waits for the end of a session that `debug --detach`
//! left, as a CI does before it takes a machine away. It starts nothing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use serde::{Deserialize, Serialize};

use super::briefing::Briefing;
use super::debug::{continue_files, exit, go_on, misread};
use super::debug_end::{Kind, Over};
use super::log::{Form, Log};
use super::place::Place;
use super::recording;
use super::tell::Ways;
use super::watch::Watch;
use super::watched::{Watched, ask, exactly, exists, kill};
use crate::base::duration::{in_words, parse_duration};
use crate::ci::banner::Manner;
use crate::ci::life::Limits;

/// The file in a session's directory that says what it was for.
const FILE: &str = "left.json";

/// Waits for the end of a debug session that was started with --detach, and
/// prints what it writes.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux debug wait", disable_version_flag = true)]
pub(super) struct Wait {
    /// The session's name
    #[arg(long, value_name = "SESSION", default_value = "debug")]
    name: String,
    /// End it when nobody has come for so long from now on, such as 10m; whoever
    /// is there may stay
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<Duration>,
    /// Say how to join again, as often as this, while nobody has come
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    announce_every: Option<Duration>,
    /// Print no session output, but a dot a minute
    #[arg(long)]
    quiet: bool,
    /// Print JSON objects instead, one a line: ready, log and end
    #[arg(long)]
    json: bool,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Wait::command()
}

/// Runs `debug wait`, whose words these are.
pub(super) fn main(argv: &[String], place: &Place) -> ExitCode {
    match Wait::try_parse_from(argv) {
        Ok(args) => exit(args.run(place)),
        Err(error) => misread(&error),
    }
}

/// What was left of a session to wait for it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Left {
    pub(super) ways: Ways,
    pub(super) kind: Kind,
    pub(super) manner: Manner,
    pub(super) quiet: bool,
    pub(super) mark: String,
    #[serde(default)]
    pub(super) recording: Option<PathBuf>,
}

impl Left {
    /// Writes it beside the session's other files.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn write(&self, files: &Briefing) -> Result<(), String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        files.keep(FILE, &text)
    }

    /// That of the session of a name that was left last, and its directory.
    fn find(socket: &Path, name: &str) -> Option<(PathBuf, Self)> {
        let mut parent = socket.as_os_str().to_owned();
        parent.push(".d");
        let entries = std::fs::read_dir(parent).ok()?.flatten();
        let found = entries.filter_map(|entry| {
            let file = entry.path().join(FILE);
            let when = std::fs::metadata(&file).ok()?.modified().ok()?;
            let left: Self = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
            (left.ways.session == name).then_some((when, entry.path(), left))
        });
        let (_, dir, left) = found.max_by_key(|found| found.0)?;
        Some((dir, left))
    }
}

impl Wait {
    fn run(&self, place: &Place) -> Result<u8, String> {
        let (dir, left) = Left::find(&place.socket, &self.name).ok_or_else(|| {
            format!(
                "no debug session {} was left by stepmux debug --detach",
                self.name
            )
        })?;
        let files = Briefing::of(&dir);
        let log = Arc::new(Log::new(if self.json { Form::Json } else { Form::Text }));
        if exists(place, &self.name) {
            self.watch(place, &left, &log)?;
        }
        let over = Over {
            session: &self.name,
            kind: left.kind,
            manner: left.manner,
            files: &files,
            mark: &left.mark,
        };
        let status = over.settle(&log, true);
        if let Some(file) = &left.recording {
            recording::settle(file, recording::LAST);
        }
        Ok(status)
    }

    fn watch(&self, place: &Place, left: &Left, log: &Arc<Log>) -> Result<(), String> {
        let watch = {
            let (place, name) = (place.clone(), self.name.clone());
            let mark = left.mark.clone();
            Watch::start(Arc::clone(log), move |status| {
                kill(&place, &name);
                super::debug_end::end_processes(&mark, Duration::ZERO);
                std::process::exit(i32::from(status));
            })?
        };
        let target = exactly(&self.name);
        let line = format!("SSH: {}", left.ways.line());
        let line = if left.ways.is_shared() {
            line.as_str()
        } else {
            left.ways.line()
        };
        log.text(&format!("{line}\n"));
        log.event(&left.ways.ready(&Limits::default()));
        if let Some(wait) = self.wait {
            log.text(&format!(
                "Waiting for somebody to come, at most {}.\n",
                in_words(wait)
            ));
        }
        let seconds = |time: Duration| time.as_secs().to_string();
        let (wait, every) = (self.wait.map(seconds), self.announce_every.map(seconds));
        let mut words = vec!["debug-notice", "-t", &target];
        for (flag, value) in [("--wait", &wait), ("--every", &every)] {
            words.extend(value.iter().flat_map(|value| [flag, value.as_str()]));
        }
        if self.announce_every.is_some() {
            words.extend(["--", line]);
        }
        if words.len() > 3 {
            ask(place, &words);
        }
        let quiet = self.quiet || left.quiet;
        let mut command = place.client();
        command.args(["debug-wait", "-t", &target]);
        command.args(quiet.then_some("--quiet"));
        let mut watched = Watched::attend(command)?;
        if !self.json {
            if quiet {
                log.dot();
            }
            watch.dots();
        }
        watch.files(continue_files(), {
            let (place, log, name) = (place.clone(), Arc::clone(log), self.name.clone());
            move || go_on(&place, &[name], &log)
        });
        watched.mirror(log, "");
        drop(watch);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_sound() {
        definition().debug_assert();
    }
}
