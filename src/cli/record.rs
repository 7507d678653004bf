//! `stepmux record`: looks at a session as a client that may only look, and
//! writes what it sees as an asciicast, with the build's steps as its marks. It
//! changes nothing of the session, not even a window's size.
//!
//! ```text
//! attach-session -r on a pty ─bytes→ Picture ─drawing→ lines of the file
//! a control client ─"the size, the step changed"→ resizes, marks
//! ```

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::{CommandFactory, Parser};
use memchr::memmem;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, flock};
use rustix::termios::{Winsize, tcsetwinsize};

use super::cast::{self, Event, What};
use super::environs;
use super::log::{Form, Log};
use super::masks::Masks;
use super::picture::Picture;
use super::place::Place;
use super::watch::Watch;
use super::watched::answer;
use super::{fail, print};
use crate::base::Size;
use crate::io::reason;
use crate::io::spawn::{self, Started};
use crate::mux::effect::{Program, SpawnSpec};

/// How long output is gathered before it is drawn.
const FRAME: Duration = Duration::from_millis(40);

/// How long events wait for marks that belong before them.
const LATE: Duration = Duration::from_millis(2500);

/// What the control client is told of: the size with the status lines, the step.
const WATCHED: &str = "#{window_width}x#{window_height} \
#{?#{==:#{status},off},0,#{?#{==:#{status},on},1,#{status}}} \
#{phase_name}:#{phase_step}:#{phase_status}";

/// Records a session until it ends, or this is interrupted.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux record", disable_version_flag = true)]
pub(super) struct Record {
    /// The session; otherwise the one that attach-session would take
    #[arg(short = 't', value_name = "target-session")]
    target: Option<String>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Say when it has begun, and nothing after that: for `debug --record`
    #[arg(long, hide = true)]
    started: bool,
    #[command(flatten)]
    masks: Masks,
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Record::command()
}

/// Runs `record`, whose words these are.
pub(super) fn main(argv: &[String], place: &Place) -> ExitCode {
    match Record::try_parse_from(argv) {
        Ok(args) => match args.run(place) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&format!("stepmux record: {message}")),
        },
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// What the recorder's threads say.
enum Told {
    Bytes(Vec<u8>),
    /// What is watched has changed.
    Seen(String),
    /// The session is over, or somebody wants the end.
    End,
}

impl Record {
    fn run(&self, place: &Place) -> Result<(), String> {
        // A message is shown whatever its target.
        let mut there = place.client();
        there.arg("has-session");
        if let Some(target) = &self.target {
            there.args(["-t", target]);
        }
        answer(there)?;
        let mut ask = place.client();
        ask.args(["display-message", "-p"]);
        if let Some(target) = &self.target {
            ask.args(["-t", target]);
        }
        ask.arg(format!("#{{session_id}} {WATCHED}\t#{{session_name}}"));
        let said = answer(ask)?;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let (said, name) = said.split_once('\t').ok_or("no session")?;
        let (session, seen) = said.split_once(' ').ok_or("no session")?;
        let files = environs::directory(&place.socket, name);
        let known = files.as_deref().map(environs::secrets).unwrap_or_default();
        let secrets = self.masks.secrets([], known)?;
        let (cols, rows) = size(seen).ok_or("the session has no size")?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).mode(0o600);
        let options = if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        let said = |error: std::io::Error| format!("{}: {}", self.file.display(), reason(&error));
        let file = options.open(&self.file).map_err(said)?;
        // Whoever waits for the recording's end waits for this.
        let _ = flock(&file, FlockOperation::LockExclusive);
        let (tell, told) = channel();
        let client = Looker::start(place, session, cols, rows, tell.clone())?;
        let control = Control::start(place, session, tell.clone())?;
        let watch = Watch::start(std::sync::Arc::new(Log::new(Form::Text)), move |_| {
            let _ = tell.send(Told::End);
        })?;
        let mut recorder = Recorder {
            place: place.clone(),
            session: session.to_owned(),
            file,
            start: Instant::now(),
            start_us: since_1970(),
            picture: Picture::new(cols, rows, secrets),
            held: Vec::new(),
            size: (cols, rows),
            waiting: Vec::new(),
            marked: 0,
            step: String::new(),
        };
        let header = cast::header(cols, rows, recorder.start_us / 1_000_000, "stepmux");
        recorder.file.write_all(header.as_bytes()).map_err(said)?;
        if self.started {
            begun().map_err(said)?;
        }
        let done = recorder.record(&told, &client);
        drop((client, control, watch));
        done.map_err(said)
    }
}

/// How a client leaves the screen (xterm ctlseqs, mode 1049).
const LEAVE: &[u8] = b"\x1b[?1049l";

/// Says that it has begun, and lets go of who started it: nobody may wait for an
/// output that stays open.
fn begun() -> std::io::Result<()> {
    print("recording\n");
    let nothing = std::fs::OpenOptions::new().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Columns and rows of a client that shows a window and its status lines.
fn size(seen: &str) -> Option<(u16, u16)> {
    let mut words = seen.split(' ');
    let (cols, rows) = words.next()?.split_once('x')?;
    let status: u16 = words.next()?.parse().ok()?;
    let rows = rows.parse::<u16>().ok()?.checked_add(status)?;
    Some((cols.parse().ok()?, rows)).filter(|&(cols, rows)| cols > 0 && rows > 0)
}

/// The step of what is watched, if one runs or ran.
fn step(seen: &str) -> Option<&str> {
    let step = seen.splitn(3, ' ').nth(2)?;
    (!step.starts_with(':')).then_some(step)
}

fn since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}

struct Recorder {
    place: Place,
    session: String,
    file: File,
    start: Instant,
    /// The same, in microseconds since 1970.
    start_us: u64,
    picture: Picture,
    /// Bytes that may begin [`LEAVE`].
    held: Vec<u8>,
    size: (u16, u16),
    waiting: Vec<Event>,
    /// The last run of a step that is marked.
    marked: u64,
    step: String,
}

impl Recorder {
    fn record(&mut self, told: &Receiver<Told>, client: &Looker) -> std::io::Result<()> {
        let mut frame: Option<Instant> = None;
        loop {
            let wait = frame.map_or(LATE, |at| at.saturating_duration_since(Instant::now()));
            match told.recv_timeout(wait) {
                Ok(Told::Bytes(bytes)) => {
                    self.feed(&bytes);
                    frame.get_or_insert(Instant::now() + FRAME);
                }
                Ok(Told::Seen(seen)) => self.seen(&seen, client),
                Ok(Told::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if frame.is_some_and(|at| at <= Instant::now()) {
                frame = None;
                self.draw();
            }
            self.write(self.now().saturating_sub(micros(LATE)))?;
        }
        self.draw();
        self.mark();
        self.write(u64::MAX)?;
        self.file.sync_all()
    }

    fn now(&self) -> u64 {
        micros(self.start.elapsed())
    }

    /// Takes a client's bytes. What it shows last is drawn before it leaves the
    /// screen, however soon that is.
    fn feed(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        while let Some(at) = memmem::find(&self.held, LEAVE) {
            let rest = self.held.split_off(at + LEAVE.len());
            let shown = std::mem::replace(&mut self.held, rest);
            self.picture.feed(&shown[..at]);
            self.draw();
            self.picture.feed(LEAVE);
        }
        let begun = |len: &usize| self.held.ends_with(&LEAVE[..*len]);
        let begun = (1..LEAVE.len()).rev().find(begun).unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - begun);
        let shown = std::mem::replace(&mut self.held, rest);
        self.picture.feed(&shown);
    }

    fn draw(&mut self) {
        // Before and after it is attached, a client shows nothing of the session.
        if self.picture.is_alternate()
            && let Some(text) = self.picture.draw(self.size.1)
        {
            let at = self.now();
            self.waiting.push(Event {
                at,
                what: What::Output(text),
            });
        }
    }

    fn seen(&mut self, seen: &str, client: &Looker) {
        if let Some(size) = size(seen)
            && size != self.size
        {
            self.size = size;
            let (cols, rows) = size;
            self.picture.resize(cols, rows);
            client.resize(cols, rows);
            let at = self.now();
            self.waiting.push(Event {
                at,
                what: What::Resize(cols, rows),
            });
        }
        if let Some(step) = step(seen)
            && step != self.step
        {
            self.step = step.to_owned();
            self.mark();
        }
    }

    /// Marks the runs that began since the last time, when they began.
    fn mark(&mut self) {
        let mut ask = self.place.client();
        ask.args(["timeline", "--json", "-t", &self.session]);
        let Ok(said) = answer(ask) else { return };
        let Ok(timeline) = serde_json::from_slice::<serde_json::Value>(&said) else {
            return;
        };
        for run in timeline["runs"].as_array().into_iter().flatten() {
            let number = |name: &str| run[name].as_u64().unwrap_or_default();
            if number("id") <= self.marked {
                continue;
            }
            self.marked = number("id");
            let at = number("start_us").saturating_sub(self.start_us);
            let phase = run["phase"].as_str().unwrap_or_default();
            let name = format!("{phase}:{}", number("step"));
            self.waiting.push(Event {
                at,
                what: What::Step(name),
            });
        }
    }

    /// Writes the events before a time.
    fn write(&mut self, before: u64) -> std::io::Result<()> {
        self.waiting.sort_by_key(|event| event.at);
        let ready = self.waiting.partition_point(|event| event.at < before);
        let text: String = self
            .waiting
            .drain(..ready)
            .map(|e| cast::line(&e))
            .collect();
        self.file.write_all(text.as_bytes())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The client that looks, on a pty of its own.
struct Looker {
    started: Started,
}

impl Looker {
    fn start(
        place: &Place,
        session: &str,
        cols: u16,
        rows: u16,
        tell: Sender<Told>,
    ) -> Result<Self, String> {
        let command = place.client();
        let mut argv = vec![own_program()];
        argv.extend(
            command
                .get_args()
                .map(|word| word.to_string_lossy().into_owned()),
        );
        let words = [
            "attach-session",
            "-E",
            "-r",
            "-f",
            "recorder",
            "-t",
            session,
        ];
        argv.extend(words.map(str::to_owned));
        let mut env = vec![
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("COLORTERM".to_owned(), "truecolor".to_owned()),
        ];
        for name in ["PATH", "HOME", "TERMINFO", "TERMINFO_DIRS"] {
            env.extend(
                std::env::var(name)
                    .ok()
                    .map(|value| (name.to_owned(), value)),
            );
        }
        let started = spawn::spawn(&SpawnSpec {
            program: Program::Argv(argv),
            cwd: "/".to_owned(),
            env,
            size: Size::new(cols, rows),
        })?;
        let said = |error: std::io::Error| reason(&error);
        let master = File::from(started.master.try_clone().map_err(said)?);
        std::thread::spawn(move || listen(master, &tell));
        Ok(Self { started })
    }

    fn resize(&self, cols: u16, rows: u16) {
        let size = Winsize {
            ws_row: rows,
            ws_col: cols,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let _ = tcsetwinsize(&self.started.master, size);
    }
}

impl Drop for Looker {
    fn drop(&mut self) {
        let signal = rustix::process::Signal::HUP;
        let _ = rustix::process::pidfd_send_signal(&self.started.pidfd, signal);
        let pid = Some(self.started.pid);
        let _ = rustix::process::waitpid(pid, rustix::process::WaitOptions::empty());
    }
}

/// Passes on what a client draws, until it is gone.
fn listen(mut master: File, tell: &Sender<Told>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match master.read(&mut buffer) {
            Ok(count @ 1..) => {
                if tell.send(Told::Bytes(buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                let mut fds = [PollFd::from_borrowed_fd(master.as_fd(), PollFlags::IN)];
                let _ = poll(&mut fds, None);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    let _ = tell.send(Told::End);
}

fn own_program() -> String {
    let own = std::env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
    own.to_string_lossy().into_owned()
}

/// The client that is told of changes.
struct Control {
    child: Child,
}

impl Control {
    fn start(place: &Place, session: &str, tell: Sender<Told>) -> Result<Self, String> {
        let said = |error: std::io::Error| reason(&error);
        let mut command = place.client();
        command.args(["-C", "attach-session", "-E", "-f", "recorder,no-output"]);
        command.args(["-t", session]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().map_err(said)?;
        // Its end of the pipe stays open in the child's handle.
        if let Some(stdin) = &mut child.stdin {
            let line = format!("refresh-client -B 'seen::{WATCHED}'\n");
            stdin.write_all(line.as_bytes()).map_err(said)?;
        }
        let out = child.stdout.take().ok_or("no output")?;
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let seen = line
                    .strip_prefix("%subscription-changed seen ")
                    .and_then(|rest| rest.split_once(" : "));
                if let Some((_, seen)) = seen
                    && tell.send(Told::Seen(seen.to_owned())).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { child })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_reads() {
        let seen = "120x39 1 script:2:running";
        assert_eq!(size(seen), Some((120, 40)));
        assert_eq!(step(seen), Some("script:2:running"));
        assert_eq!(size("80x24 0 ::"), Some((80, 24)));
        assert_eq!(step("80x24 0 ::"), None);
        for odd in ["", "x 1 ", "0x0 0 ::", "80x65535 1 ::", "80x24 on ::"] {
            assert_eq!(size(odd), None, "{odd}");
        }
    }
}
