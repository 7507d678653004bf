//! A world of its own for each test: a directory with the socket, the home and
//! a cleared environment, in which the built program runs. Everything that was
//! started in it is ended with it. Nothing here sleeps: waits have a name and a
//! deadline, and say what was seen when it passes.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test program uses a part of it"
)]

pub mod account;
pub mod bash;
pub mod client;
pub mod debug;
pub mod guest;
pub mod keys;
pub mod relay;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

#[allow(unused_imports, reason = "each test program uses a part of it")]
pub use client::{Client, Picture};
#[allow(unused_imports, reason = "each test program uses a part of it")]
pub use guest::Share;

/// How long anything may take before a test fails: far more than on a busy
/// machine, since nothing but a failure waits for its end.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long a script of many commands may take before a test fails.
pub const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// The kernel's page, in bytes, on the machines that this is built for.
const PAGE: usize = 4096;

/// The program under test.
pub const STEPMUX: &str = env!("CARGO_BIN_EXE_stepmux");

/// What a program left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; none after a signal.
    pub status: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// One test's own machine, as far as the program can see.
#[derive(Debug)]
pub struct World {
    dir: TempDir,
    program: PathBuf,
}

impl World {
    /// A world for the built program.
    #[track_caller]
    pub fn new() -> Self {
        Self::of(STEPMUX)
    }

    /// A world for another program with the same command line.
    #[track_caller]
    pub fn of(program: impl Into<PathBuf>) -> Self {
        // A socket's path is short (unix(7)): TMPDIR may not be.
        let dir = tempfile::Builder::new().prefix("mux").tempdir_in("/tmp");
        let dir = dir.expect("a directory in /tmp");
        let world = Self {
            dir,
            program: program.into(),
        };
        world.write(
            "home/.bash_profile",
            "PS1='$ '\nunset PROMPT_COMMAND HISTFILE MAILCHECK\n",
        );
        world.write("home/.inputrc", "set enable-bracketed-paste off\n");
        world
    }

    /// A path in the world's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The home of whoever is in this world.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Where the program's server listens.
    pub fn socket(&self) -> PathBuf {
        let uid = rustix::process::getuid().as_raw();
        self.path(&format!("stepmux-{uid}/default"))
    }

    /// The whole environment of programs in this world.
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        let own = |name: &str| self.path(name).into_os_string();
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        vec![
            ("PATH", path),
            ("HOME", own("home")),
            ("SHELL", "/bin/bash".into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("STEPMUX_TMPDIR", self.dir.path().into()),
            ("TMUX_TMPDIR", self.dir.path().into()),
            ("XDG_CONFIG_HOME", own("home/.config")),
            ("XDG_STATE_HOME", own("home/.local/state")),
            ("XDG_RUNTIME_DIR", own("run")),
        ]
    }

    /// Any program in this world.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.env())
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The program under test with these words, and no configuration file.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = self.command(&self.program);
        command.args(["-f", "/dev/null"]).args(args);
        command
    }

    /// Runs the program to its end.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Output {
        finish(&format!("{args:?}"), self.program(args))
    }

    /// Runs the program, which must succeed in silence; its standard output.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(
            out.status == Some(0) && out.stderr.is_empty(),
            "{args:?}: {out:#?}"
        );
        out.stdout
    }

    /// Expands a format in the first session's current pane.
    #[track_caller]
    pub fn ask(&self, format: &str) -> String {
        self.ok(&["display-message", "-p", format])
            .trim_end()
            .to_owned()
    }

    /// Runs the program again and again until its output is as wanted.
    #[track_caller]
    pub fn wait(&self, what: &str, args: &[&str], wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let out = self.run(args);
            if wanted(&out.stdout) {
                return out.stdout;
            }
            assert!(
                Instant::now() < deadline,
                "no {what} after {PATIENCE:?}: {args:?} gave {out:#?}"
            );
        }
    }

    /// A session without a client, with a shell whose prompt is there.
    #[track_caller]
    pub fn start(&self, cols: u16, rows: u16) {
        let (cols, rows) = (cols.to_string(), rows.to_string());
        self.ok(&["new-session", "-d", "-s", "work", "-x", &cols, "-y", &rows]);
        self.wait("prompt", &["capture-pane", "-p"], |text| {
            text.starts_with("$ ") || text.starts_with("$\n")
        });
    }

    /// Attaches a client of a size.
    #[track_caller]
    pub fn attach(&self, cols: u16, rows: u16) -> Client {
        let client = self.terminal(&["attach-session"], cols, rows);
        client.wait("status line", |screen| screen.contents().contains("[work]"));
        client
    }

    /// Runs the program on a terminal of a size.
    #[track_caller]
    pub fn terminal(&self, args: &[&str], cols: u16, rows: u16) -> Client {
        let mut words = vec![
            self.program.clone().into_os_string(),
            "-f".into(),
            "/dev/null".into(),
        ];
        words.extend(args.iter().map(OsString::from));
        self.on_terminal(&words, cols, rows)
    }

    /// Runs anything on a terminal of a size.
    #[track_caller]
    pub fn on_terminal(&self, words: &[OsString], cols: u16, rows: u16) -> Client {
        Client::start(words, &self.env(), &self.home(), cols, rows)
    }

    /// The server's process.
    #[track_caller]
    pub fn pid(&self) -> Pid {
        let pid = self.ask("#{pid}");
        Pid::from_raw(pid.parse().expect("a number")).expect("a process")
    }

    /// The server's resident memory, in bytes (proc(5), statm).
    #[track_caller]
    pub fn memory(&self, pid: Pid) -> usize {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero()));
        let statm = statm.expect("the server runs");
        let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
        pages * PAGE
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Killing it by signal would do; asking first lets it tidy up.
        if let Ok(mut child) = self.program(&["kill-server"]).spawn() {
            let _ = wait_child(&mut child, Duration::from_secs(2));
            let _ = child.kill();
            let _ = child.wait();
        }
        for pid in inhabitants(self.dir.path()) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The processes whose environment names a directory: those of its world.
pub fn inhabitants(dir: &Path) -> Vec<Pid> {
    let needle = dir.as_os_str().as_encoded_bytes();
    let mine = rustix::process::getpid();
    let named = |pid: i32| {
        let env = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        env.windows(needle.len()).any(|part| part == needle)
    };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| named(*pid))
        .filter_map(Pid::from_raw)
        .filter(|pid| *pid != mine)
        .collect()
}

/// Runs a program to its end, which must come in time.
#[track_caller]
pub fn finish(what: &str, mut command: Command) -> Output {
    let child = command.spawn().unwrap_or_else(|error| {
        panic!("{what}: {command:?}: {error}");
    });
    finish_child(what, child)
}

/// Waits for a program's end, which must come in time.
#[track_caller]
pub fn finish_child(what: &str, child: Child) -> Output {
    finish_within(what, child, PATIENCE)
}

/// Waits for a program's end, which must come within a time.
#[track_caller]
pub fn finish_within(what: &str, child: Child, time: Duration) -> Output {
    let pid = Pid::from_child(&child);
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(out) = result.recv_timeout(time) else {
        let _ = kill_process(pid, Signal::KILL);
        panic!("{what} does not end");
    };
    let out = out.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Output {
        status: out.status.code(),
        stdout: text(out.stdout),
        stderr: text(out.stderr),
    }
}

/// Whether a program ended in time.
fn wait_child(child: &mut Child, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        breathe();
    }
    false
}

/// Waits until something is true.
#[track_caller]
pub fn until(what: &str, ready: impl FnMut() -> bool) {
    until_or(what, ready, String::new);
}

/// Waits until something is true, and shows what there is when it does not
/// come.
#[track_caller]
pub fn until_or(what: &str, ready: impl FnMut() -> bool, show: impl FnOnce() -> String) {
    until_within(what, PATIENCE, ready, show);
}

/// Waits until something is true within a time, and shows what there is when it
/// does not come.
#[track_caller]
pub fn until_within(
    what: &str,
    time: Duration,
    mut ready: impl FnMut() -> bool,
    show: impl FnOnce() -> String,
) {
    let deadline = Instant::now() + time;
    while !ready() {
        if Instant::now() >= deadline {
            panic!("no {what} after {time:?}\n{}", show());
        }
        breathe();
    }
}

/// Lets others run between two looks at something that cannot wake us.
pub fn breathe() {
    thread::park_timeout(Duration::from_millis(2));
}
