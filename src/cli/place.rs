//! A server as the command line names it: its socket, how it is started, and
//! the server process's own arguments. Which commands may start it is tmux's
//! rule (tmux(1), `start-server`).

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::globals::Server;
use super::{SERVER, fail, warn};
use crate::client;
use crate::command::{find, split_argv};
use crate::server;
use crate::server::daemon::{self, Start};
use crate::server::socket::{self, Choice};

/// The commands that start the server when none runs; no command does too.
const STARTERS: [&str; 6] = [
    "attach-session",
    "debug-session",
    "list-commands",
    "list-keys",
    "new-session",
    "start-server",
];

/// A server, running or not.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its socket.
    pub(super) socket: PathBuf,
    /// The terminal takes UTF-8 whatever the locale says.
    pub(super) utf8: bool,
    /// Features of the terminal, separated by commas.
    pub(super) features: String,
    files: Vec<PathBuf>,
    cwd: PathBuf,
    verbose: bool,
    never_start: bool,
    as_tmux: bool,
}

impl Place {
    /// Finds the socket; its directory is made when it is the user's own.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn find(server: Server, as_tmux: bool) -> Result<Self, String> {
        let choice = Choice {
            path: server.path.map(|path| absolute(&path)),
            name: server.name,
            as_tmux,
        };
        Ok(Self {
            socket: socket::path(&choice, |name| std::env::var_os(name))?,
            utf8: server.utf8,
            features: server.features,
            files: server.files,
            cwd: absolute(Path::new(".")),
            verbose: server.verbose,
            never_start: server.never_start,
            as_tmux,
        })
    }

    /// Connects for a command line, starting the server where tmux would.
    ///
    /// # Errors
    /// A sentence for the user, in tmux's words.
    pub(super) fn connect(&self, argv: &[String]) -> Result<UnixStream, String> {
        let (starts, unknown) = nature(argv);
        if starts && !self.never_start {
            return self.connect_or_start();
        }
        // A server may know an alias by that name, so it is asked first.
        client::connect(&self.socket).map_err(|error| unknown.unwrap_or(error))
    }

    /// Connects to the server, which is started when it does not run.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn connect_or_start(&self) -> Result<UnixStream, String> {
        daemon::connect_or_start(&self.socket, &Start::own(self.server_args()))
    }

    /// Another client of this server, as a program to run.
    pub(super) fn client(&self) -> Command {
        let mut command = Command::new("/proc/self/exe");
        command.arg("-S").arg(&self.socket);
        if self.utf8 {
            command.arg("-u");
        }
        if !self.features.is_empty() {
            command.arg("-T").arg(&self.features);
        }
        for file in &self.files {
            command.arg("-f").arg(self.cwd.join(file));
        }
        command
    }

    /// The `-S` that a user needs to name this server, if any.
    pub(super) fn flag(&self) -> Option<String> {
        let around =
            |name: &str| std::env::var_os(name).filter(|_| !matches!(name, "STEPMUX" | "TMUX"));
        let usual = Choice {
            as_tmux: self.as_tmux,
            ..Choice::default()
        };
        let usual = socket::path(&usual, around);
        let usual = usual.is_ok_and(|usual| usual == self.socket);
        (!usual).then(|| self.socket.to_string_lossy().into_owned())
    }

    fn server_args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec![SERVER.into(), self.socket.clone().into()];
        if self.as_tmux {
            args.push("--as-tmux".into());
        }
        if self.verbose {
            args.push("--log".into());
            args.push(self.cwd.clone().into());
        }
        args.push("--cwd".into());
        args.push(self.cwd.clone().into());
        for file in &self.files {
            args.push("-f".into());
            args.push(file.clone().into());
        }
        args
    }

    /// `-D`: is the server, in this process.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn serve_here(&self) -> Result<(), String> {
        let lock = socket::Lock::take(&self.socket)?;
        let listener = socket::listen(&self.socket, &lock)?;
        let said = |error: std::io::Error| crate::io::reason(&error);
        let own = std::io::stderr();
        let own = rustix::io::fcntl_dupfd_cloexec(&own, 3).map_err(|error| said(error.into()))?;
        let (read, write) = std::io::pipe().map_err(said)?;
        rustix::stdio::dup2_stdin(&listener).map_err(|error| said(error.into()))?;
        rustix::stdio::dup2_stderr(&write).map_err(|error| said(error.into()))?;
        drop((listener, write, lock));
        std::thread::spawn(move || relay(read, &own));
        start_log(self.verbose.then(|| PathBuf::from(".")).as_deref());
        server::run(&server::Start {
            socket: self.socket.clone(),
            cwd: self.cwd.clone(),
            files: self.files.clone(),
            as_tmux: self.as_tmux,
            awaited: false,
        })
    }
}

/// Passes the server's report on to the terminal, without its 0 byte.
fn relay(read: std::io::PipeReader, own: &impl std::os::fd::AsFd) {
    for line in BufReader::new(read).split(b'\n').map_while(Result::ok) {
        let mut line: Vec<u8> = line.into_iter().filter(|&byte| byte != 0).collect();
        if !line.is_empty() {
            line.push(b'\n');
            let _ = rustix::io::write(own, &line);
        }
    }
}

/// Is the server process: the words after the one that leads here.
pub(super) fn serve(words: &[OsString]) -> ExitCode {
    let Some((socket, rest)) = words.split_first() else {
        return fail("a server is started by its client only");
    };
    let mut start = server::Start {
        socket: socket.into(),
        cwd: PathBuf::from("/"),
        awaited: true,
        ..server::Start::default()
    };
    let mut log = None;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match word.to_str() {
            Some("--as-tmux") => start.as_tmux = true,
            Some("--log") => log = rest.next().map(PathBuf::from),
            Some("--cwd") => start.cwd = rest.next().map(PathBuf::from).unwrap_or_default(),
            Some("-f") => start.files.extend(rest.next().map(PathBuf::from)),
            _ => return fail("a server is started by its client only"),
        }
    }
    start_log(log.as_deref());
    match server::run(&start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

/// Writes our own spans and events to `stepmux-server-PID.log`. What crates say
/// through `log` is left out for good: an ssh library logs user names, and
/// those are tokens here.
fn start_log(dir: Option<&Path>) {
    let Some(dir) = dir else { return };
    let path = dir.join(format!("stepmux-server-{}.log", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match options.open(&path) {
        Ok(file) => file,
        Err(error) => {
            return warn(&format!(
                "error creating {} ({})",
                path.display(),
                crate::io::reason(&error)
            ));
        }
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("stepmux=debug")
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file))
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Whether a command line starts the server, and what is unknown in it.
fn nature(argv: &[String]) -> (bool, Option<String>) {
    let mut starts = argv.is_empty();
    let mut unknown = None;
    for words in split_argv(argv) {
        let Some(name) = words.first() else { continue };
        match find(name) {
            Ok(row) => starts |= STARTERS.contains(&row.name),
            Err(error) => unknown = unknown.or_else(|| Some(error.to_string())),
        }
    }
    (starts, unknown)
}

/// The server works in `/`: what it is told is told from there.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nature_knows_who_starts_the_server() {
        for (line, starts, unknown) in [
            ("", true, None),
            ("new -d", true, None),
            ("attach", true, None),
            ("lsk", true, None),
            ("ls", false, None),
            ("has -t x", false, None),
            ("kill-server", false, None),
            ("ls ; new -d", true, None),
            ("foo", false, Some("unknown command: foo")),
            ("ls ; foo", false, Some("unknown command: foo")),
        ] {
            let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let wanted = (starts, unknown.map(str::to_owned));
            assert_eq!(nature(&argv), wanted, "{line}");
        }
    }

    #[test]
    fn starters_are_commands() {
        for name in STARTERS {
            assert_eq!(find(name).map(|row| row.name), Ok(name));
        }
    }
}
