//! `stepmux debug`: from a CI file to running, shared sessions, and the log that a
//! CI shows of them. It starts and watches; the sessions are the server's.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use serde::Deserialize;

use super::briefing::{Briefing, Hold, Order, Start};
use super::ci_files;
use super::debug_end::{Kind, Over, end_processes};
use super::debug_names::{plain_name, session_name};
use super::debug_wait;
use super::log::{Form, Log};
use super::place::Place;
use super::recording::{self, Recording};
use super::sharing::Sharing;
use super::tell::{self, Ways};
use super::watch::{Files, Watch};
use super::watched::{Watched, answer, ask, attend, exactly, exists, kill};
use super::{fail, masks, warn, wrapped};
use crate::base::Label;
use crate::base::duration::parse_duration;
use crate::ci::banner::{Banner, Manner, Previous, UNAVAILABLE};
use crate::ci::life::Limits;
use crate::ci::{Build, functions};

/// The files whose coming ends the session as `continue` does, as for
/// action-tmate: in the working directory, and this.
const CONTINUE: [&str; 2] = ["continue", "/continue"];

/// How long a recording's end is waited for when a signal has come: whoever sent it
/// may kill soon.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is said then.
const CONTINUED: &str = "Exiting debugging session because the continue file was created\n";

const EXIT_STATUS: &str = "\
Exit status:
  0, 1, 2 or 86 as --previous says: passed, failed (the default), errored or
  canceled; 0 after a detach, with --detach, and when `stepmux continue` or the
  file `continue` ended the session. N after `stepmux finish --status N`. 1 also
  when the file, the job or the session is refused, 2 for wrong arguments, 130
  and 143 after SIGINT and SIGTERM, which end the session.
  With --run the build's own: 0 passed, 1 failed or not finished, 2 errored, as
  the phases say or as `phase pass` and `phase fail` decided. With --on-failure
  the command's own, or 0 when it was decided that it passed. A limit changes
  none of these. Of several jobs the largest.";

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
    /// The job, by number or name; needed when the file has several. Several
    /// times: a session for each, named after it
    #[arg(long, value_name = "N|NAME")]
    job: Vec<String>,
    /// A session for every job of the file
    #[arg(long, conflicts_with = "job")]
    all_jobs: bool,
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
    #[arg(long, conflicts_with_all = ["run", "previous", "file", "job", "all_jobs"], requires = "command")]
    on_failure: bool,
    /// Print and run exactly what Travis would
    #[arg(long)]
    travis_exact: bool,
    /// End when nobody has come for so long, such as 10m, after the start or, with
    /// --run, the build
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<Duration>,
    /// End so long after the start or, with --run, the build
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    keep: Option<Duration>,
    /// End when whoever came has done nothing for so long, nor what runs before
    /// them has written anything
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    idle: Option<Duration>,
    /// End so long after the start, whatever happens
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    max: Option<Duration>,
    /// Let `stepmux extend` go so far after the start; otherwise to --max
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    cap: Option<Duration>,
    /// Let the values of variables of this name not get out, as those encrypted in
    /// the CI file do not; may hold `*`, may be repeated
    #[arg(long, value_name = "NAME")]
    mask: Vec<String>,
    /// Do not take variables for secret because of names like *_TOKEN
    #[arg(long)]
    no_mask_names: bool,
    /// Say how to join again, as often as this, while nobody has come
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    announce_every: Option<Duration>,
    /// Print JSON objects instead, one a line: ready, log and end
    #[arg(long, conflicts_with = "attach")]
    json: bool,
    /// Record what is seen to a new file, as `stepmux record` does; of several jobs
    /// each has one, with the session's name before the ending
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write how to join to a file, as JSON, once somebody can
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Print how to join and exit; `stepmux debug wait` waits for the end later
    #[arg(long, conflicts_with_all = ["attach", "on_failure"])]
    detach: bool,
    /// The session's name
    #[arg(long, value_name = "SESSION", default_value = "debug", value_parser = plain_name)]
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
    if argv.get(1).is_some_and(|word| word == "wait") {
        return debug_wait::main(&argv[1..], place);
    }
    match Debug::try_parse_from(argv) {
        Ok(args) => exit(args.run(place)),
        Err(error) => misread(&error),
    }
}

/// The exit code of what came of it.
pub(super) fn exit(ran: Result<u8, String>) -> ExitCode {
    match ran {
        Ok(status) => ExitCode::from(status),
        Err(message) => fail(message.trim_end()),
    }
}

/// Says what is wrong with the arguments.
pub(super) fn misread(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
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

/// A session that runs, and what it is for.
#[derive(Debug)]
struct Running {
    files: Briefing,
    watched: Watched,
    ways: Ways,
    manner: Manner,
    recording: Option<Recording>,
}

/// What a signal's way out must know of a session.
#[derive(Debug)]
struct Left {
    session: String,
    dir: PathBuf,
    /// What marks its processes.
    mark: String,
    recording: Option<PathBuf>,
}

/// What is told to a watch that a signal comes to.
type Known = Arc<std::sync::Mutex<Vec<Left>>>;

impl Debug {
    fn run(&self, place: &Place) -> Result<u8, String> {
        let (build, jobs, start) = if self.on_failure {
            let status = wrapped::run(&self.command)?;
            if status == 0 {
                return Ok(0);
            }
            (
                wrapped::build(&self.command),
                vec![0],
                Start::Failed(status),
            )
        } else {
            let (build, jobs) = self.build()?;
            let start = if self.run {
                Start::Run(self.hold)
            } else {
                Start::Wait
            };
            (build, jobs, start)
        };
        for warning in &build.warnings {
            warn(warning);
        }
        let log = Arc::new(Log::new(if self.json { Form::Json } else { Form::Text }));
        let known = Known::default();
        let watch = {
            let (place, known) = (place.clone(), Arc::clone(&known));
            Watch::start(Arc::clone(&log), move |status| end(&place, &known, status))?
        };
        let mut running: Vec<Running> = Vec::new();
        for (at, job) in jobs.iter().enumerate() {
            match self.begin(place, &build, *job, &start, (at, jobs.len()), &known) {
                Ok(begun) => running.push(begun),
                Err(why) => {
                    end_all(place, &running);
                    log.text(UNAVAILABLE);
                    return Err(why);
                }
            }
        }
        if let Err(why) = self.tell(place, &running, &log) {
            end_all(place, &running);
            return Err(why);
        }
        if self.detach {
            return self.leave(running, &start, &log);
        }
        if self.attaches() {
            // The attached client restores its terminal at a signal by itself.
            drop(watch);
            return Ok(self.attend(place, running, &start, &log));
        }
        if !self.json {
            if self.quiet {
                log.dot();
            }
            watch.dots();
        }
        let sessions: Vec<String> = running.iter().map(|one| one.ways.session.clone()).collect();
        watch.files(Files::new(CONTINUE.map(PathBuf::from)), {
            let (place, log) = (place.clone(), Arc::clone(&log));
            move || go_on(&place, &sessions, &log)
        });
        let status = self.mirror(&mut running, &start, &log);
        drop(watch);
        Ok(status)
    }

    /// Makes one job's session, and lets guests in.
    fn begin(
        &self,
        place: &Place,
        build: &Build,
        job: usize,
        start: &Start,
        (at, of): (usize, usize),
        known: &Known,
    ) -> Result<Running, String> {
        let told = build.jobs.get(job).ok_or("the build has no such job")?;
        let names = !self.no_mask_names;
        let secrets = masks::of_job(told, &self.mask, names, masks::environment())?;
        let name = if of == 1 {
            self.name.clone()
        } else {
            session_name(&self.name, at, &told.name)
        };
        let cwd = std::env::current_dir().map_err(|error| crate::io::reason(&error))?;
        let cwd = cwd.to_string_lossy();
        let order = Order {
            build: build.clone(),
            job,
            build_dir: &cwd,
            start: start.clone(),
            exact: self.travis_exact,
            limits: self.limits(),
            secrets,
        };
        let files = Briefing::write(&place.socket, &name, order)?;
        let note = |mark: &str, recording: Option<&Recording>| {
            let mut known = known
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            known.retain(|left| left.session != name);
            known.push(Left {
                session: name.clone(),
                dir: files.dir().to_owned(),
                mark: mark.to_owned(),
                recording: recording.map(|own| own.file.clone()),
            });
        };
        note("", None);
        let watched = self.open(place, &files, &name, &cwd, start)?;
        note(&watched.mark, None);
        let recording = match self.start_recording(place, &name, of) {
            Ok(recording) => recording,
            Err(why) => {
                kill(place, &name);
                end_processes(&watched.mark, Duration::ZERO);
                return Err(why);
            }
        };
        note(&watched.mark, recording.as_ref());
        let shared = match self.share(place, &name, at) {
            Ok(shared) => shared.unwrap_or_default(),
            // The build may be over before anybody could join.
            Err(_) if self.run && !exists(place, &name) => Shared::default(),
            Err(why) => {
                kill(place, &name);
                end_processes(&watched.mark, Duration::ZERO);
                return Err(why);
            }
        };
        let ways = Ways {
            attach: line(place, &name),
            session: name,
            job: told.name.clone(),
            ssh: shared.ssh_command,
            ssh_read_only: shared.ssh_command_ro,
            ssh_compat: shared.ssh_command_compat,
            join: shared.join_command,
            known_hosts: shared.known_hosts,
            fingerprint: shared.fingerprint,
        };
        Ok(Running {
            manner: Manner::of(build.system),
            files,
            watched,
            ways,
            recording,
        })
    }

    /// Begins the recording of one of so many sessions, if one is wanted.
    fn start_recording(
        &self,
        place: &Place,
        session: &str,
        of: usize,
    ) -> Result<Option<Recording>, String> {
        let Some(file) = &self.record else {
            return Ok(None);
        };
        let file = match of {
            1 => file.clone(),
            _ => recording::file_of(file, session),
        };
        match Recording::start(place, session, &file) {
            Ok(recording) => Ok(Some(recording)),
            // The build may be over before it could be seen.
            Err(why) if self.run && !exists(place, session) => {
                warn(&why);
                Ok(None)
            }
            Err(why) => Err(why),
        }
    }

    /// Says how to join, everywhere where that is wanted.
    fn tell(&self, place: &Place, running: &[Running], log: &Log) -> Result<(), String> {
        let limits = self.limits();
        let all: Vec<Ways> = running.iter().map(|one| one.ways.clone()).collect();
        let login = self.login();
        for one in running {
            let ways = &one.ways;
            let more = ways.more();
            let banner = Banner {
                manner: one.manner,
                login: &login,
                ssh: ways.line(),
                local: !ways.is_shared(),
                read_only: ways.ssh_read_only.as_deref().filter(|_| ways.ssh.is_some()),
                more: &more,
                fingerprint: ways.fingerprint.as_deref(),
                quiet: self.quiet || self.detach,
                limits,
            };
            if ways.is_shared() || !self.attaches() {
                if running.len() > 1 {
                    log.text(&format!("Job {}:\n", Label::new(&ways.job)));
                }
                log.text(&banner.opening());
                log.event(&ways.ready(&limits));
            }
            self.notice(place, ways, &banner);
        }
        tell::github(&all, |name| std::env::var(name).ok());
        match &self.ready_file {
            Some(path) => tell::ready_file(path, &all, &limits),
            None => Ok(()),
        }
    }

    /// What the server says again in the log.
    fn notice(&self, place: &Place, ways: &Ways, banner: &Banner<'_>) {
        let again = self.run && ways.is_shared();
        if self.announce_every.is_none() && !again {
            return;
        }
        let target = exactly(&ways.session);
        let line = format!("SSH: {}", ways.line());
        let line = if ways.is_shared() {
            line.as_str()
        } else {
            ways.line()
        };
        let every = self.announce_every.map(|every| every.as_secs().to_string());
        let mut words = vec!["debug-notice", "-t", &target];
        let text = banner.again();
        if again {
            words.extend(["--again", &text]);
        }
        if let Some(every) = &every {
            words.extend(["--every", every]);
        }
        words.extend(["--", line]);
        let mut command = place.client();
        command.args(words);
        // A build that is over already has nothing to say again.
        let _ = answer(command);
    }

    /// `--detach`: the session is left to itself, and to `debug wait`.
    fn leave(&self, running: Vec<Running>, start: &Start, log: &Log) -> Result<u8, String> {
        for mut one in running {
            let left = debug_wait::Left {
                recording: one.recording.as_ref().map(|own| own.file.clone()),
                ways: one.ways.clone(),
                kind: self.kind(start),
                manner: one.manner,
                quiet: self.quiet,
                mark: one.watched.mark.clone(),
            };
            left.write(&one.files)?;
            one.files.let_go();
            let name = match one.ways.session.as_str() {
                "debug" => String::new(),
                other => format!(" --name {}", functions::quote(other)),
            };
            log.text(&format!("Wait for its end by: stepmux debug wait{name}\n"));
        }
        Ok(0)
    }

    /// Attaches this terminal to the first session.
    fn attend(&self, place: &Place, mut running: Vec<Running>, start: &Start, log: &Log) -> u8 {
        if let Some(first) = running.first() {
            let target = exactly(&first.ways.session);
            let mut words = vec!["attach-session", "-t", &target];
            if first.ways.is_shared() {
                // Its answer covers the screen until it has been read.
                words.extend([";", "share", "-t", &target]);
            }
            attend(place, &words);
        }
        let mut worst = 0;
        for one in &mut running {
            if exists(place, &one.ways.session) {
                one.files.let_go();
                log.text(&format!(
                    "The session goes on. Back to it: {}\n",
                    one.ways.attach
                ));
            } else {
                worst = worst.max(self.over(one, start).settle(log, true));
                one.recording.iter_mut().for_each(Recording::finish);
            }
        }
        worst
    }

    /// Prints what the sessions write until all have ended; the exit status.
    fn mirror(&self, running: &mut [Running], start: &Start, log: &Log) -> u8 {
        let several = running.len() > 1;
        std::thread::scope(|scope| {
            for one in running.iter_mut() {
                let label = if several {
                    format!("[{}] ", Label::new(&one.ways.session))
                } else {
                    String::new()
                };
                let watched = &mut one.watched;
                scope.spawn(move || watched.mirror(log, &label));
            }
        });
        let mut worst = 0;
        for one in running.iter() {
            let status = self.over(one, start).settle(log, !several);
            if several {
                let name = Label::new(&one.ways.session);
                log.text(&format!("{name} exited with {status}.\n"));
                log.event(&tell::ended(&one.ways.session, one.files.end(), status));
            }
            worst = worst.max(status);
        }
        for one in running.iter_mut() {
            one.recording.iter_mut().for_each(Recording::finish);
        }
        if several {
            log.text(&crate::ci::banner::done(worst));
        }
        worst
    }

    fn over<'a>(&self, one: &'a Running, start: &Start) -> Over<'a> {
        Over {
            session: &one.ways.session,
            kind: self.kind(start),
            manner: one.manner,
            files: &one.files,
            mark: &one.watched.mark,
        }
    }

    const fn kind(&self, start: &Start) -> Kind {
        match start {
            Start::Wait => Kind::Wait(self.previous.status()),
            Start::Run(_) => Kind::Run,
            Start::Failed(status) => Kind::Failed(*status),
        }
    }

    const fn limits(&self) -> Limits {
        Limits {
            wait: self.wait,
            keep: self.keep,
            idle: self.idle,
            max: self.max,
            cap: self.cap,
        }
    }

    /// The build of the CI file, and which of its jobs.
    fn build(&self) -> Result<(Build, Vec<usize>), String> {
        let found = self.choice.build(self.file.as_deref(), "with --file")?;
        if let Some(note) = &found.note {
            warn(note);
        }
        let build = found.build;
        if self.all_jobs {
            let all = (0..build.jobs.len()).collect();
            return Ok((build, all));
        }
        let mut jobs = Vec::new();
        let choices: Vec<Option<&str>> = if self.job.is_empty() {
            vec![None]
        } else {
            self.job.iter().map(|job| Some(job.as_str())).collect()
        };
        for choice in choices {
            let job = build.job(choice);
            let job =
                job.map_err(|error| format!("{error}\nChoose with --job N or --job NAME."))?;
            let index = build.jobs.iter().position(|known| std::ptr::eq(known, job));
            let index = index.unwrap_or(0);
            if !jobs.contains(&index) {
                jobs.push(index);
            }
        }
        Ok((build, jobs))
    }

    fn open(
        &self,
        place: &Place,
        files: &Briefing,
        name: &str,
        cwd: &str,
        start: &Start,
    ) -> Result<Watched, String> {
        let mut command = place.client();
        command.args(["debug-session", "-s", name, "-c", cwd, "--plan"]);
        command.arg(files.plan());
        if self.attaches() || self.detach {
            command.arg("--print");
        } else {
            command.arg("--watch").args(self.quiet.then_some("--quiet"));
        }
        if *start != Start::Wait {
            // What runs the build is bash, whatever the user's own shell.
            command.arg("--").args(files.bash());
        }
        Watched::open(command)
    }

    fn share(&self, place: &Place, name: &str, at: usize) -> Result<Option<Shared>, String> {
        let Some(words) = self.sharing.words(at) else {
            return Ok(None);
        };
        let ask = |more: &[&str]| {
            let mut command = place.client();
            command.args(["share", "--json", "-t", &exactly(name)]);
            command.args(more).args(&words);
            answer(command)
        };
        // Where there is no HOME, or none that can be written, there is no host
        // key that stays.
        let said = match ask(&[]) {
            Err(_) if !self.sharing.has_host_key() => ask(&["--fresh-host-key"])?,
            said => said?,
        };
        let shared = serde_json::from_slice(&said);
        shared
            .map(Some)
            .map_err(|error| format!("share's answer cannot be understood: {error}"))
    }

    fn login(&self) -> String {
        let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
        let login = self.login.clone().or_else(user);
        login.unwrap_or_else(|| "unknown".to_owned())
    }

    fn attaches(&self) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let ttys = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let logs = self.quiet || self.no_attach || self.json || self.detach;
        let plain = !logs && !set("CI") && !set("STEPMUX");
        self.attach || (ttys && plain)
    }
}

/// The command line that attaches a local terminal.
fn line(place: &Place, name: &str) -> String {
    let flag = match place.flag() {
        Some(socket) => format!(" -S {}", functions::quote(&socket)),
        None => String::new(),
    };
    format!("stepmux{flag} attach-session -t {}", functions::quote(name))
}

/// The file `continue` has come.
pub(super) fn go_on(place: &Place, sessions: &[String], log: &Log) {
    log.text(CONTINUED);
    for session in sessions {
        ask(place, &["continue", "-t", &exactly(session)]);
    }
}

/// The files that it means here.
pub(super) fn continue_files() -> Files {
    Files::new(CONTINUE.map(PathBuf::from))
}

/// Ends sessions that cannot be what was asked for.
fn end_all(place: &Place, running: &[Running]) {
    for begun in running {
        kill(place, &begun.ways.session);
        end_processes(&begun.watched.mark, Duration::ZERO);
    }
}

/// A signal's way out: at once, and nothing is left behind.
fn end(place: &Place, known: &Known, status: u8) {
    let known = known
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for left in known.iter() {
        kill(place, &left.session);
        end_processes(&left.mark, Duration::ZERO);
        remove(&left.dir);
    }
    for file in known.iter().filter_map(|left| left.recording.as_ref()) {
        recording::settle(file, LAST_WORDS);
    }
    std::process::exit(i32::from(status));
}

fn remove(dir: &Path) {
    // What is left over is the user's own and harms nobody.
    let _ = std::fs::remove_dir_all(dir);
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
        assert_eq!(args.job, ["2"]);
        assert_eq!(args.sharing.listen, ["0:1", "0:2"]);
        assert_eq!((args.quiet, args.previous.status()), (true, 2));
        assert_eq!(read("").unwrap().previous, Previous::Failed);
        for wrong in [
            "--previous x",
            "--nosuch",
            "--attach --quiet",
            "word",
            "--keep soon",
            "--job 1 --all-jobs",
            "--detach --attach",
            "--name a:b",
            "--name $1",
            "--name a\x1b",
        ] {
            assert_eq!(read(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn limits_are_read() {
        let args = read("--wait 10m --keep 1h30m --idle 90 --max 2h --cap 3h").unwrap();
        let limits = args.limits();
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs());
        assert_eq!(seconds(limits.wait), Some(600));
        assert_eq!(seconds(limits.keep), Some(5400));
        assert_eq!(seconds(limits.idle), Some(90));
        assert_eq!(seconds(limits.cap), Some(10_800));
    }

    #[test]
    fn shared_json_may_lack_the_typing_line() {
        let json = r#"{"session":"a","ssh_command":null,"ssh_command_ro":"ssh b","fingerprint":"SHA256:x"}"#;
        let shared: Shared = serde_json::from_str(json).unwrap();
        assert_eq!(shared.ssh_command_ro.as_deref(), Some("ssh b"));
        assert!(shared.ssh_command.is_none() && shared.known_hosts.is_none());
    }
}
