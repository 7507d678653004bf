//! `stepmux join STRING`: runs the system's ssh so that it reaches a session and
//! nobody else, and runs it again when the connection is lost. It opens no
//! connection itself, and puts no token where other users can see it.

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::{CommandFactory, Parser};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::join_files::{Files, Wishes};
use super::{fail, warn};
use crate::access::Invite;
use crate::access::invite::SCHEME;
use crate::tty;

/// The string that stands for the first line of standard input.
const FROM_INPUT: &str = "stepmux://-";

/// The first wait before ssh is started again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The exit status of an ssh that failed by itself (ssh(1), EXIT STATUS).
const SSH_FAILED: i32 = 255;

const EXIT_STATUS: &str = "\
Exit status:
  ssh's own: that of the session or the command, 255 when there was no
  connection; 1 for a string that is none, 2 for wrong arguments.";

/// Joins a shared session by the stepmux:// string that its host was given. A
/// connection that is lost is made again.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux join", after_help = EXIT_STATUS, disable_version_flag = true)]
struct Join {
    /// The string, or stepmux://- for one that is read from standard input
    #[arg(value_name = "STRING")]
    invite: String,
    /// Give ssh this option, as its own -o; may be repeated
    #[arg(short = 'o', long = "option", value_name = "KEY=VALUE")]
    options: Vec<String>,
    /// Let ssh use this key
    #[arg(short = 'i', long = "identity", value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Try to come back for so long after a connection was lost; 0 for not at all
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    patience: u64,
    /// Run this command line of stepmux there, instead of joining
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Join::command()
}

/// Whether a command line is this, and not tmux's abbreviation of `join-pane`.
pub(super) fn is_meant(argv: &[String]) -> bool {
    argv.first().is_some_and(|name| name == "join")
        && argv[1..].iter().any(|word| word.starts_with(SCHEME))
}

/// Runs `join` with its arguments.
pub(super) fn main(argv: &[String]) -> ExitCode {
    let mut args = match Join::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(&mut args) {
        Ok(status) => ExitCode::from(u8::try_from(status).unwrap_or(1)),
        Err(why) => fail(&format!("stepmux join: {why}")),
    }
}

fn run(args: &mut Join) -> Result<i32, String> {
    let from_input = args.invite == FROM_INPUT;
    if from_input {
        args.invite.clear();
        let read = std::io::stdin().read_line(&mut args.invite);
        read.map_err(|error| crate::io::reason(&error))?;
    }
    let invite = Invite::read(args.invite.trim())?;
    let wishes = Wishes {
        options: &args.options,
        identity: args.identity.as_deref(),
    };
    let files = Files::write(&invite, &wishes)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| crate::io::reason(&error))?;
    runtime.block_on(async {
        let signals = Signals::new().map_err(|error| crate::io::reason(&error))?;
        let visit = Visit {
            files: &files,
            command: &args.command,
            terminal: from_input,
            patience: Duration::from_secs(args.patience),
        };
        visit.run(signals).await
    })
}

/// What ends a visit from outside.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for any; its number.
    async fn any(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
            _ = self.hangup.recv() => 1,
        }
    }

    /// Waits for one that ends us whatever ssh does; its number.
    async fn ended(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.hangup.recv() => 1,
        }
    }
}

/// A stay in a session, over as many connections as it takes.
struct Visit<'a> {
    files: &'a Files,
    command: &'a [String],
    /// Standard input is used up: ssh has the terminal instead.
    terminal: bool,
    patience: Duration,
}

impl Visit<'_> {
    async fn run(&self, mut signals: Signals) -> Result<i32, String> {
        let mut inside = false;
        let mut lost: Option<Instant> = None;
        let mut wait = FIRST_WAIT;
        loop {
            self.files.clear();
            let mut child = self.start()?;
            let status = tokio::select! {
                status = child.wait() => status.map_err(|error| crate::io::reason(&error))?,
                number = signals.ended() => {
                    stop(&mut child).await;
                    return Ok(128 + number);
                }
            };
            let Some(code) = status.code() else {
                let number = std::os::unix::process::ExitStatusExt::signal(&status);
                return Ok(128 + number.unwrap_or(0));
            };
            if code != SSH_FAILED {
                return Ok(code);
            }
            let said = self.files.said();
            if self.files.joined() {
                (inside, lost, wait) = (true, None, FIRST_WAIT);
            }
            let since = *lost.get_or_insert_with(Instant::now);
            let last = Last::of(&said);
            let patient = since.elapsed() < self.patience && self.command.is_empty();
            if inside {
                give_terminal_back();
            }
            if !inside || !patient || last.is_final() {
                said.iter().for_each(|line| warn(line));
                last.advice().into_iter().for_each(warn);
                return Ok(SSH_FAILED);
            }
            let why = said.last().map_or("ssh ended", String::as_str);
            warn(&format!(
                "stepmux: the connection was lost ({why}); trying again, ctrl-c ends"
            ));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                number = signals.any() => return Ok(128 + number),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    fn start(&self) -> Result<Child, String> {
        let mut ssh = Command::new("ssh");
        ssh.args(self.files.words())
            .arg("--")
            .arg(self.files.host());
        ssh.args(self.command).kill_on_drop(true);
        if self.terminal {
            let tty = std::fs::OpenOptions::new()
                .read(true)
                .write(true)
                .open("/dev/tty");
            ssh.stdin(tty.map_or_else(|_| Stdio::null(), Stdio::from));
        }
        ssh.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                "there is no ssh here: OpenSSH's client is needed".to_owned()
            }
            _ => format!("ssh: {}", crate::io::reason(&error)),
        })
    }
}

/// Ends ssh as a signal would, so that it restores the terminal's modes.
async fn stop(child: &mut Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    let _ = tokio::time::timeout(Duration::from_secs(2), child.wait()).await;
}

/// Undoes what a session's picture has set on our terminal: nobody else does
/// when the connection is lost.
fn give_terminal_back() {
    use std::io::{IsTerminal, Write};
    let mut out = std::io::stdout().lock();
    if out.is_terminal() {
        let term = std::env::var("TERM").unwrap_or_default();
        let mut bytes = Vec::new();
        let caps = tty::Caps::from_env(&term, |name| std::env::var(name).ok(), true);
        tty::leave(&caps, &mut bytes);
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
    }
}

/// What ssh said last, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// A key was another one than the string's.
    OtherKey,
    /// The way in is none.
    Refused,
    /// Anything else: it may go away.
    Other,
}

impl Last {
    fn of(said: &[String]) -> Self {
        let any = |text: &str| said.iter().any(|line| line.contains(text));
        if any("Host key verification failed") || any("IDENTIFICATION HAS CHANGED") {
            Self::OtherKey
        } else if any("Permission denied") || any("Too many authentication failures") {
            Self::Refused
        } else {
            Self::Other
        }
    }

    fn is_final(self) -> bool {
        self != Self::Other
    }

    fn advice(self) -> Option<&'static str> {
        match self {
            Self::OtherKey => Some(
                "stepmux: this is not the host that the string names, or somebody is in between",
            ),
            Self::Refused => Some(
                "stepmux: the string lets nobody in (any more): ask for a new one, \
                 or for which key is needed",
            ),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn join_is_meant_with_a_string_alone() {
        for (line, meant) in [
            ("join stepmux://t@h/k", true),
            ("join -o A=b stepmux://t@h/k ls", true),
            ("join", false),
            ("join -s 1 -t 2", false),
            ("join-pane stepmux://t@h/k", false),
        ] {
            assert_eq!(is_meant(&words(line)), meant, "{line}");
        }
    }

    #[test]
    fn command_after_the_string_is_the_sessions() {
        let args = Join::try_parse_from(words("join -o A=b stepmux://t@h/k ls -F x"));
        let args = args.ok();
        let read = args.as_ref().map(|args| (&args.options, &args.command));
        assert_eq!(read, Some((&words("A=b"), &words("ls -F x"))));
    }

    #[test]
    fn refusals_end_a_visit_and_lost_connections_do_not() {
        let of = |line: &str| Last::of(&[line.to_owned()]);
        assert_eq!(of("Host key verification failed."), Last::OtherKey);
        assert_eq!(of("t@h: Permission denied (none)."), Last::Refused);
        for line in [
            "client_loop: send disconnect: Broken pipe",
            "ssh: connect to host h port 22: Connection refused",
            "channel 0: open failed: connect failed: ",
        ] {
            assert!(!of(line).is_final(), "{line}");
        }
    }
}
