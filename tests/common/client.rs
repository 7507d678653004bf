//! A terminal with a program on it: what it shows is read by a thread of its
//! own, so that the program never waits for the test, except when the test
//! stalls it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{Color, Parser, Screen};

use super::PATIENCE;

/// How much of what was drawn is shown when a wait fails, in bytes.
const LOG: usize = 2048;

struct Seen {
    parser: Parser,
    log: VecDeque<u8>,
    bytes: usize,
    stalled: bool,
    ended: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    news: Condvar,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A failed wait panics with the lock held; the rest still tidies up.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One cell as it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its text; a blank is a space.
    pub text: String,
    /// Foreground and background.
    pub colours: (Color, Color),
    /// Bold, dim, italic, underlined, reversed.
    pub attributes: [bool; 5],
}

/// Rows of cells as they look.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(pub Vec<Vec<Look>>);

impl Picture {
    /// The first rows of a screen.
    pub fn of(screen: &Screen, rows: u16) -> Self {
        let (_, cols) = screen.size();
        let look = |row, col| {
            let cell = screen.cell(row, col).unwrap();
            let text = match cell.contents() {
                "" if !cell.is_wide_continuation() => " ",
                text => text,
            };
            Look {
                text: text.to_owned(),
                colours: (cell.fgcolor(), cell.bgcolor()),
                attributes: [
                    cell.bold(),
                    cell.dim(),
                    cell.italic(),
                    cell.underline(),
                    cell.inverse(),
                ],
            }
        };
        let row = |row| (0..cols.get()).map(|col| look(row, col)).collect();
        Self((0..rows).map(row).collect())
    }

    /// What `capture-pane -p -e` printed.
    pub fn of_capture(text: &str, cols: u16, rows: u16) -> Self {
        let mut parser = parser(cols, rows);
        let lines = text.trim_end_matches('\n').replace('\n', "\r\n");
        parser.process(lines.as_bytes());
        Self::of(parser.screen(), rows)
    }

    /// The text of a row.
    pub fn row(&self, row: usize) -> String {
        self.0[row].iter().map(|look| look.text.as_str()).collect()
    }

    /// The rows that differ, for people.
    pub fn differences(&self, other: &Self) -> String {
        let mut text = String::new();
        for (nth, (a, b)) in self.0.iter().zip(&other.0).enumerate() {
            if a == b {
                continue;
            }
            let first = a.iter().zip(b).find(|(a, b)| a != b);
            let _ = writeln!(
                text,
                "row {nth}:\n  {}\n  {}",
                self.row(nth),
                other.row(nth)
            );
            let _ = writeln!(text, "  first: {first:?}");
        }
        text
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (0..self.0.len()).try_for_each(|row| writeln!(f, "{}", self.row(row)))
    }
}

fn parser(cols: u16, rows: u16) -> Parser {
    let size = |n| NonZeroU16::new(n).unwrap();
    Parser::new(size(rows), size(cols), 0)
}

/// A program on a terminal.
pub struct Client {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Client {
    /// Starts a program on a terminal of a size, with this environment alone.
    #[track_caller]
    pub fn start(
        words: &[OsString],
        env: &[(&'static str, OsString)],
        cwd: &Path,
        cols: u16,
        rows: u16,
    ) -> Self {
        let mut command = CommandBuilder::from_argv(words.to_vec());
        command.env_clear();
        command.cwd(cwd);
        for (name, value) in env {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // Only the program holds the terminal now: its end is the end of input.
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let shared = Arc::new(Shared {
            seen: Mutex::new(Seen {
                parser: parser(cols, rows),
                log: VecDeque::new(),
                bytes: 0,
                stalled: false,
                ended: false,
            }),
            news: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || read(reader, &own));
        Self {
            shared,
            master: pair.master,
            writer,
            child,
        }
    }

    /// Types.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.writer.write_all(bytes.as_ref()).unwrap();
        self.writer.flush().unwrap();
    }

    /// What it shows.
    pub fn screen(&self) -> String {
        self.shared.seen().parser.screen().contents()
    }

    /// What its first rows look like.
    pub fn picture(&self, rows: u16) -> Picture {
        Picture::of(self.shared.seen().parser.screen(), rows)
    }

    /// Its last row: the status line.
    pub fn status(&self) -> String {
        let seen = self.shared.seen();
        last_row(seen.parser.screen())
    }

    /// How many bytes were drawn on it.
    pub fn drawn(&self) -> usize {
        self.shared.seen().bytes
    }

    /// Waits for a picture.
    #[track_caller]
    pub fn wait(&self, what: &str, wanted: impl Fn(&Screen) -> bool) {
        self.wait_seen(what, |seen| wanted(seen.parser.screen()));
    }

    /// Waits for a text.
    #[track_caller]
    pub fn wait_text(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits for a text in the last row.
    #[track_caller]
    pub fn wait_status(&self, text: &str) {
        self.wait(text, |screen| last_row(screen).contains(text));
    }

    #[track_caller]
    fn wait_seen(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.seen();
        while !wanted(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "no {what} after {PATIENCE:?} in\n{}",
                show(&seen)
            );
            let woken = self.shared.news.wait_timeout(seen, left);
            seen = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Stops reading, as a terminal behind a dead line does.
    pub fn stall(&self) {
        self.shared.seen().stalled = true;
    }

    /// Reads again.
    pub fn resume(&self) {
        self.shared.seen().stalled = false;
        self.shared.news.notify_all();
    }

    /// Gives the terminal another size.
    pub fn resize(&self, cols: u16, rows: u16) {
        let now = |n| NonZeroU16::new(n).unwrap();
        self.shared.seen().parser.set_size(now(rows), now(cols));
        self.master.resize(size(cols, rows)).unwrap();
    }

    /// The program's process.
    pub fn pid(&self) -> Pid {
        let pid = self.child.process_id().unwrap();
        Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// The terminal's modes (termios(3)), for comparison.
    pub fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().unwrap())
    }

    /// Waits for the program's end; its exit status.
    #[track_caller]
    pub fn finish(&mut self) -> u32 {
        self.wait_seen("end", |seen| seen.ended);
        self.child.wait().unwrap().exit_code()
    }

    /// Whether the terminal is as a program should leave it.
    #[track_caller]
    pub fn assert_restored(&self) {
        let seen = self.shared.seen();
        let screen = seen.parser.screen();
        let none = vt100::MouseProtocolMode::None;
        let left = [
            (screen.alternate_screen(), "alternate screen"),
            (screen.hide_cursor(), "hidden cursor"),
            (screen.bracketed_paste(), "bracketed paste"),
            (screen.application_cursor(), "application cursor keys"),
            (screen.application_keypad(), "application keypad"),
            (screen.mouse_protocol_mode() != none, "mouse reports"),
        ];
        for (set, what) in left {
            assert!(!set, "{what} is left on in\n{}", show(&seen));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.resume();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        cols,
        rows,
        ..PtySize::default()
    }
}

fn read(mut reader: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = reader.read(&mut buffer).unwrap_or(0);
        let mut seen = shared.seen();
        while seen.stalled && read > 0 {
            let woken = shared.news.wait(seen);
            seen = woken.unwrap_or_else(PoisonError::into_inner);
        }
        seen.parser.process(&buffer[..read]);
        seen.bytes += read;
        seen.log.extend(&buffer[..read]);
        let extra = seen.log.len().saturating_sub(LOG);
        seen.log.drain(..extra);
        seen.ended = read == 0;
        drop(seen);
        shared.news.notify_all();
        if read == 0 {
            return;
        }
    }
}

fn last_row(screen: &Screen) -> String {
    let (_, cols) = screen.size();
    screen.rows(0, cols.get()).last().unwrap_or_default()
}

/// The screen between bars, then the last bytes.
fn show(seen: &Seen) -> String {
    let screen = seen.parser.screen();
    let (_, cols) = screen.size();
    let width = usize::from(cols.get());
    let mut text = String::new();
    for row in screen.rows(0, cols.get()) {
        let _ = writeln!(text, "|{row:<width$}|");
    }
    let log: Vec<u8> = seen.log.iter().copied().collect();
    let _ = writeln!(text, "recent bytes: {}", log.escape_ascii());
    text
}
