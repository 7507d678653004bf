//! Guests over ssh on loopback, with the stock client: this program's own door
//! beside OpenSSH's `sshd` with `tmux attach` behind it. A peer that knows no
//! `share` is reached through an `sshd` of the bench's own.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use portable_pty::CommandBuilder;
use tempfile::TempDir;

use super::echo;
use super::throughput::{HISTORY, megabytes};
use super::{Context, LIMIT, Push};
use crate::client::Client;
use crate::corpus::Kind;
use crate::guard;
use crate::mux::{Server, pause};
use crate::proc::{self, Cpu};
use crate::report::{Pair, Row, Side};
use crate::stats::median;
use crate::worker::Worker;

/// Guests whose memory is measured.
const GUESTS: usize = 10;

/// The session's name in the status line.
const SHOWN: &str = "[bench]";

/// How guests come to a server.
struct Door {
    /// The stock client's words, the place and command among them.
    words: Vec<OsString>,
    /// OpenSSH's server, where it is needed.
    sshd: Option<Sshd>,
}

/// An `sshd` of the bench's own.
struct Sshd {
    child: Child,
    dir: TempDir,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        guard::kill(self.child.id(), self.dir.path());
    }
}

impl Door {
    fn open(server: &Server) -> Result<Self> {
        let share = ["share", "--listen", "127.0.0.1:0", "-t", "=bench"];
        if server.run(&share).is_err() {
            return Self::behind_sshd(server);
        }
        let line = server.run(&["display-message", "-p", "-t", "=bench:", "#{ssh_command}"])?;
        let mut words = client_words();
        words.extend(line.split_whitespace().skip(1).map(OsString::from));
        Ok(Self { words, sshd: None })
    }

    fn behind_sshd(server: &Server) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("muxsshd").tempdir()?;
        let at = |name: &str| dir.path().join(name);
        for key in ["host", "id"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            let made = keygen.arg(at(key)).status()?;
            ensure!(made.success(), "ssh-keygen: {made}");
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\n\
             PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n\
             PasswordAuthentication no\nMaxStartups 100\nMaxSessions 100\n",
            at("host").display(),
            at("id.pub").display()
        );
        std::fs::write(at("config"), config)?;
        // sshd asks for its own absolute path.
        let child = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(at("config"))
            .env("BENCH_DIR", dir.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("/usr/sbin/sshd (openssh-server)")?;
        guard::register(child.id(), dir.path())?;
        let mut words = client_words();
        words.extend(["-i".into(), at("id").into_os_string()]);
        words.extend(["-p".into(), port.to_string().into()]);
        words.push("127.0.0.1".into());
        words.push(server.attach_line().into());
        let sshd = Sshd { child, dir };
        let end = Instant::now() + Server::PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(Instant::now() < end, "sshd does not listen on {port}");
            pause(Duration::from_millis(10));
        }
        Ok(Self {
            words,
            sshd: Some(sshd),
        })
    }

    /// Starts a guest and looks for a text from its first byte on.
    fn guest(&self, dir: &Path, text: &str) -> Result<Client> {
        let mut command = CommandBuilder::new("ssh");
        command.args(&self.words);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", dir);
        command.env("TERM", "xterm-256color");
        command.cwd(dir);
        Client::spawn(command, text.as_bytes())
    }

    /// All processes that a guest costs on the host's side.
    fn processes(&self, server: &Server) -> Vec<u32> {
        let mut all = vec![server.pid()];
        if let Some(sshd) = &self.sshd {
            all.extend(proc::tree(sshd.child.id()));
        }
        all
    }
}

fn client_words() -> Vec<OsString> {
    let mut words: Vec<OsString> = ["-tt", "-e", "none", "-F", "/dev/null"]
        .map(Into::into)
        .into();
    for option in [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "IdentityAgent=none",
        "LogLevel=ERROR",
    ] {
        words.extend(["-o".into(), option.into()]);
    }
    words
}

/// Fields are dropped in order: guests before their door and server.
struct Stage {
    guests: Vec<Client>,
    door: Door,
    worker: Worker,
    server: Server,
}

impl Stage {
    fn new(context: &Context, side: Side) -> Result<Self> {
        let (server, worker) = Server::with_worker(context.peer(side), HISTORY)?;
        Ok(Self {
            guests: Vec::new(),
            door: Door::open(&server)?,
            worker,
            server,
        })
    }

    /// Lets a guest in and waits for its first picture: the seconds to it.
    fn join(&mut self) -> Result<f64> {
        let start = Instant::now();
        let guest = self.door.guest(self.server.dir(), SHOWN)?;
        let seen = guest.seen(Server::PATIENCE)?;
        self.guests.push(guest);
        Ok((seen - start).as_secs_f64())
    }

    fn pss(&self) -> Result<f64> {
        let all = self.door.processes(&self.server);
        all.into_iter().map(proc::pss).sum()
    }

    fn cpu(&self) -> Cpu {
        let all = self.door.processes(&self.server);
        all.into_iter()
            .fold(Cpu::default(), |sum, pid| sum.plus(Cpu::of(pid)))
    }
}

/// From the client's start to the session's picture.
pub(super) fn join(context: &Context, push: Push<'_>) -> Result<()> {
    let mut row = Row::new("guest over ssh: start to first picture", "ms");
    let mut stages = Pair::make(|side| Stage::new(context, side))?;
    context.interleave(|side| {
        let stage = stages.get(side);
        let mut times = Vec::new();
        for _ in 0..context.count(10) {
            times.push(stage.join()?);
            stage.guests.clear();
            pause(Duration::from_millis(50));
        }
        row.wall.get(side).push(median(&times) * 1e3);
        Ok(())
    })?;
    push(row);
    Ok(())
}

/// Memory and start of a further guest.
pub(super) fn memory(context: &Context, push: Push<'_>) -> Result<()> {
    let mut row = Row::new(format!("each of {GUESTS} guests over ssh, PSS"), "MB");
    context.interleave(|side| {
        let mut stage = Stage::new(context, side)?;
        stage.join()?;
        pause(Duration::from_millis(500));
        let before = stage.pss()?;
        for _ in 0..GUESTS {
            stage.join()?;
        }
        pause(Duration::from_millis(500));
        #[allow(clippy::cast_precision_loss, reason = "ten")]
        let each = (stage.pss()? - before) / GUESTS as f64;
        row.wall.get(side).push(each / 1e6);
        Ok(())
    })?;
    push(row);
    Ok(())
}

/// Keystroke echo of a guest.
pub(super) fn typed(context: &Context, push: Push<'_>) -> Result<()> {
    let mut rows = echo::Rows::new("keystroke echo, guest over ssh");
    let mut stages = Pair::make(|side| {
        let mut stage = Stage::new(context, side)?;
        stage.worker.sink()?;
        stage.join()?;
        anyhow::Ok(stage)
    })?;
    context.interleave(|side| {
        let guest = &mut stages.get(side).guests[0];
        let times = echo::typed(guest, context.count(200), Duration::from_millis(4))?;
        rows.add(side, &times);
        Ok(())
    })?;
    rows.push(push);
    Ok(())
}

/// A pane that gets log lines while one guest looks at it; the CPU time is that
/// of the host's side.
pub(super) fn flood(context: &Context, push: Push<'_>) -> Result<()> {
    let file = context.corpus(Kind::Plain)?;
    let size = megabytes(&file)?;
    let mut row = Row::new("plain, one guest over ssh", "MB/s");
    let mut stages = Pair::make(|side| {
        let mut stage = Stage::new(context, side)?;
        stage.join()?;
        stage.worker.write(&file, LIMIT)?;
        anyhow::Ok(stage)
    })?;
    context.interleave(|side| {
        let stage = stages.get(side);
        let before = stage.cpu();
        let start = Instant::now();
        stage.worker.write(&file, LIMIT)?;
        let wall = start.elapsed().as_secs_f64();
        let cpu = stage.cpu().since(before);
        row.wall.get(side).push(size / wall);
        row.cpu.get(side).push(cpu * 100.0 / size);
        Ok(())
    })?;
    push(row);
    Ok(())
}
