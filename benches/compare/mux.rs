//! A multiplexer under test: its binary, a server of its own in a directory of
//! its own, and the commands that both sides understand. Only tmux's command
//! line is used, so any multiplexer that has it can be compared.

use std::ffi::OsString;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::client::Client;
use crate::guard;
use crate::proc::{self, Cpu};
use crate::worker::{self, Worker};

/// The prompt of every shell in the bench.
pub(crate) const PROMPT: &str = "READY>";

/// One of the two binaries.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// What the report calls it.
    pub(crate) name: String,
    /// Its binary.
    pub(crate) program: PathBuf,
}

impl Peer {
    /// A binary that exists and tells its version.
    pub(crate) fn new(program: &Path) -> Result<Self> {
        let output = Command::new(program)
            .arg("-V")
            .output()
            .with_context(|| format!("{}: cannot be run", program.display()))?;
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(!name.is_empty(), "{} -V says nothing", program.display());
        Ok(Self {
            name,
            program: program.to_owned(),
        })
    }
}

/// A server, killed when it is dropped.
pub(crate) struct Server {
    peer: Peer,
    dir: TempDir,
    listener: UnixListener,
    pid: u32,
}

impl Server {
    /// What anything that should happen at once is given.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

    /// A directory for a server that does not run yet.
    pub(crate) fn prepare(peer: &Peer) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("muxbench").tempdir()?;
        std::fs::write(dir.path().join(".profile"), format!("PS1='{PROMPT} '\n"))?;
        let listener = UnixListener::bind(dir.path().join("worker"))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            peer: peer.clone(),
            dir,
            listener,
            pid: 0,
        })
    }

    /// A server with one detached session, `bench`, whose pane runs a shell.
    pub(crate) fn with_shell(peer: &Peer) -> Result<Self> {
        let mut server = Self::prepare(peer)?;
        server.run(&["new-session", "-d", "-s", "bench", "-x", "200", "-y", "50"])?;
        server.know_pid()?;
        Ok(server)
    }

    /// A server with one detached session, `bench`, whose pane runs a worker,
    /// and whose panes keep `history` lines.
    pub(crate) fn with_worker(peer: &Peer, history: usize) -> Result<(Self, Worker)> {
        let mut server = Self::prepare(peer)?;
        let (lines, pane) = (history.to_string(), server.worker_command()?);
        let mut words = vec!["start-server", ";", "set-option", "-g", "history-limit"];
        words.extend([&*lines, ";", "new-session", "-d", "-s", "bench"]);
        words.extend(["-x", "200", "-y", "50", &*pane]);
        server.run(&words)?;
        server.know_pid()?;
        let worker = server.accept()?;
        Ok((server, worker))
    }

    /// The shell command that makes a pane a worker of this server.
    pub(crate) fn worker_command(&self) -> Result<String> {
        let (program, words) = worker::command(&self.dir.path().join("worker"))?;
        Ok(format!(
            "exec '{}' {} '{}'",
            program.display(),
            words[0],
            words[1]
        ))
    }

    /// Waits for a worker to connect.
    pub(crate) fn accept(&self) -> Result<Worker> {
        let end = Instant::now() + Self::PATIENCE;
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Ok(Worker::new(stream));
                }
                Err(_) if Instant::now() < end => pause(Duration::from_millis(2)),
                Err(error) => bail!("no program came up in the pane: {error}"),
            }
        }
    }

    /// Learns the server's process, and has it killed at the bench's end.
    pub(crate) fn know_pid(&mut self) -> Result<()> {
        let text = self.run(&["display-message", "-p", "#{pid}"])?;
        self.pid = text
            .trim()
            .parse()
            .with_context(|| format!("pid {text:?}"))?;
        guard::register(self.pid, self.dir.path())
    }

    /// The server's process.
    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Its directory, which is the home of all that runs in it.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A shell command that attaches a terminal to `bench`.
    pub(crate) fn attach_line(&self) -> String {
        let dir = self.dir.path().display();
        format!(
            "exec env TMUX_TMPDIR={dir} STEPMUX_TMPDIR={dir} LANG=C.UTF-8 LC_ALL=C.UTF-8 \
             {} {} attach-session -t =bench",
            self.peer.program.display(),
            Self::GLOBAL.join(" ")
        )
    }

    /// Runs a command to its end; what it printed.
    pub(crate) fn run(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.peer.program);
        command.args(Self::GLOBAL).args(words).env_clear();
        command.envs(self.env()).current_dir(self.dir.path());
        let output = command.stdin(Stdio::null()).output()?;
        ensure!(
            output.status.success(),
            "{} {}: {}",
            self.peer.name,
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Seconds that a command takes from its start to its end.
    pub(crate) fn time(&self, words: &[&str]) -> Result<f64> {
        let start = Instant::now();
        self.run(words)?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Starts a client in a pty with a command such as `attach-session`, and
    /// looks for `pattern` from its first byte on.
    pub(crate) fn client(&self, words: &[&str], pattern: &str) -> Result<Client> {
        let mut command = CommandBuilder::new(&self.peer.program);
        command.args(Self::GLOBAL);
        command.args(words);
        command.cwd(self.dir.path());
        command.env_clear();
        for (name, value) in self.env() {
            command.env(name, value);
        }
        Client::spawn(command, pattern.as_bytes())
    }

    /// Attaches a client to `bench` and waits until it is on screen.
    pub(crate) fn attach(&self) -> Result<Client> {
        let before = self.clients()?;
        let client = self.client(&["attach-session", "-t", "=bench"], "")?;
        let end = Instant::now() + Self::PATIENCE;
        while self.clients()? <= before || client.bytes() == 0 {
            ensure!(Instant::now() < end, "the client did not attach");
            pause(Duration::from_millis(10));
        }
        pause(Duration::from_millis(100));
        Ok(client)
    }

    fn clients(&self) -> Result<usize> {
        Ok(self.run(&["list-clients", "-F", "x"])?.lines().count())
    }

    /// CPU time of the server and its clients' processes: whichever of them a
    /// multiplexer lets do the work.
    pub(crate) fn cpu(&self, clients: &[Client]) -> Cpu {
        let own = Cpu::of(self.pid);
        clients
            .iter()
            .fold(own, |sum, client| sum.plus(Cpu::of(client.pid())))
    }

    const GLOBAL: [&str; 4] = ["-L", "bench", "-f", "/dev/null"];

    fn env(&self) -> Vec<(&'static str, OsString)> {
        let dir = self.dir.path().as_os_str().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        vec![
            ("PATH", path),
            ("HOME", dir.clone()),
            ("TMUX_TMPDIR", dir.clone()),
            ("STEPMUX_TMPDIR", dir),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("SHELL", "/bin/sh".into()),
            ("PS1", format!("{PROMPT} ").into()),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.pid == 0 && self.know_pid().is_err() {
            return;
        }
        let _ = self.run(&["kill-server"]);
        let end = Instant::now() + Duration::from_secs(2);
        while proc::belongs_to(self.pid, self.dir.path()) && Instant::now() < end {
            pause(Duration::from_millis(5));
        }
        guard::kill(self.pid, self.dir.path());
    }
}

/// Lets time pass: for quiet between measurements, never inside one.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
