//! A `stepmux debug` that runs, its log, and what is typed in its session.

use std::io::Read;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::{Output, World, finish_child, until, until_or};

/// A Travis file with a bit of everything.
pub const FIXTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/ci/build.travis.yml"
);

/// A debug build that runs, and its log so far.
#[derive(Debug)]
pub struct Log {
    child: Option<Child>,
    text: Arc<Mutex<String>>,
}

impl Log {
    /// Debugs [`FIXTURE`].
    #[track_caller]
    pub fn start(world: &World, more: &[&str]) -> Self {
        Self::of(world, FIXTURE, more)
    }

    /// Debugs a file.
    #[track_caller]
    pub fn of(world: &World, file: &str, more: &[&str]) -> Self {
        let mut command = world.program(&["debug", "--file", file]);
        command.args(more);
        Self::by(command)
    }

    /// Debugs as a command line says, in a CI.
    #[track_caller]
    pub fn by(command: Command) -> Self {
        // Each CI says how to join in words of its own.
        Self::by_saying(command, &["attach-session -t ", "ssh -"])
    }

    /// Runs the program by these words, until it says something.
    #[track_caller]
    pub fn by_words(world: &World, words: &[&str], said: &str) -> Self {
        Self::by_saying(world.program(words), &[said])
    }

    /// Debugs, until one of these is said.
    #[track_caller]
    pub fn by_saying(mut command: Command, said: &[&str]) -> Self {
        command.env("CI", "true").env("USER", "octo");
        let mut child = command.spawn().expect("the program runs");
        let mut stdout = child.stdout.take().unwrap();
        let text = Arc::new(Mutex::new(String::new()));
        let own = Arc::clone(&text);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stdout.read(&mut buffer) {
                let part = String::from_utf8_lossy(&buffer[..read]);
                own.lock().unwrap().push_str(&part);
            }
        });
        let log = Self {
            child: Some(child),
            text,
        };
        log.wait_any(said);
        log
    }

    /// What it said so far.
    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// Waits until it says this.
    #[track_caller]
    pub fn wait(&self, text: &str) {
        self.wait_any(&[text]);
    }

    /// Waits until it says one of these.
    #[track_caller]
    pub fn wait_any(&self, texts: &[&str]) {
        until_or(
            &format!("{texts:?} in the log"),
            || texts.iter().any(|text| self.text().contains(text)),
            || format!("the log:\n{}", self.text()),
        );
    }

    /// Waits until the session's windows may be looked at.
    #[track_caller]
    pub fn ready(self, world: &World) -> Self {
        prompt(world, "debug:");
        self
    }

    /// Waits for the end: its status, the whole log, and its standard error.
    #[track_caller]
    pub fn end(mut self) -> Output {
        let mut out = finish_child("debug", self.child.take().unwrap());
        until("the log's end", || Arc::strong_count(&self.text) == 1);
        out.stdout = self.text();
        out
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[track_caller]
/// Waits for a shell's prompt.
pub fn prompt(world: &World, target: &str) {
    let asked = ["capture-pane", "-p", "-t", target];
    world.wait("prompt", &asked, |text| text.trim_end().ends_with('$'));
}

/// Types a line and waits until the shell has answered it, which the answer's
/// own mark tells from those before; what the pane shows then.
pub fn typed(world: &World, target: &str, line: &str) -> String {
    static MARK: AtomicUsize = AtomicUsize::new(0);
    let mark = format!("-of-{}-", MARK.fetch_add(1, Ordering::Relaxed));
    world.ok(&["clear-history", "-t", target]);
    let line = format!("clear; {line}; echo end-$?{mark}");
    world.ok(&["send-keys", "-t", target, &line, "Enter"]);
    let asked = ["capture-pane", "-p", "-J", "-S", "-", "-t", target];
    let over = |text: &str| {
        let status = |line: &str| line.starts_with("end-") && line.ends_with(&mark);
        text.lines().any(status) && text.trim_end().ends_with('$')
    };
    world.wait(&format!("end of {line:?}"), &asked, over)
}
