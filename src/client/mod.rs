//! The local client: says hello, asks for one command line, prints what comes
//! back, and becomes a terminal's other end when the server attaches it. It
//! knows nothing of sessions. The way of a plain command is blocking and builds
//! no runtime.

mod control;
mod pump;
mod raw;
mod stage;

pub use stage::Stage;

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use serde::de::DeserializeOwned;

use crate::wire::frame::{CHUNK, MAX_FRAME};
use crate::wire::{
    Blob, Decoder, FromClient, Hello, OutStream, Reply, Terminal, ToClient, WireError, encode,
    reason,
};

/// What a server's sudden end is called, as in tmux.
const LOST: &str = "server exited unexpectedly";

/// How long a server may take to let a client in.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// How often a server that goes while it is called is called again.
const CALLS: u32 = 50;

/// How long after.
const PAUSE: Duration = Duration::from_millis(10);

/// Opens the connection to the server; asked again when it was one that ended.
pub type Connect = Box<dyn FnMut() -> Result<UnixStream, String>>;

/// One client's work.
pub struct ClientOptions {
    /// The command line's words; none attaches or creates.
    pub argv: Vec<String>,
    /// [`connect`], or the daemon's start.
    pub connect: Connect,
    /// `-u`: the terminal takes UTF-8 whatever the locale says.
    pub utf8: bool,
    /// `-T` and `-2`: features of the terminal, separated by commas.
    pub features: String,
    /// `-C`, or `-CC`.
    pub control: Control,
    /// Finds a terminal's compiled terminfo entry by its name; empty for none.
    pub terminfo: fn(&str) -> Vec<u8>,
    /// What to write instead of what an error refuses, for people at a terminal:
    /// scripts get the error alone.
    pub remedy: Option<fn(&str) -> Option<String>>,
}

/// Whether a client speaks lines (tmux(1), "CONTROL MODE").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// It shows a terminal.
    #[default]
    Off,
    /// `-C`: it speaks lines, and leaves its terminal as it is.
    Lines,
    /// `-CC`: its terminal is raw, and is told that lines follow.
    Terminal,
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("argv", &self.argv)
            .field("utf8", &self.utf8)
            .finish_non_exhaustive()
    }
}

/// Connects to a running server.
///
/// # Errors
/// In tmux's words, as scripts look for them.
pub fn connect(socket: &Path) -> Result<UnixStream, String> {
    UnixStream::connect(socket).map_err(|error| {
        let shown = socket.display();
        if error.kind() == io::ErrorKind::ConnectionRefused {
            format!("no server running on {shown}")
        } else {
            format!("error connecting to {shown} ({})", reason(&error))
        }
    })
}

/// Runs the client to its end. The exit status is the server's, or 1.
#[must_use]
pub fn run(options: ClientOptions) -> ExitCode {
    ExitCode::from(status(options))
}

/// The same for a caller that has yet to end.
#[must_use]
pub fn status(options: ClientOptions) -> u8 {
    let remedy = options.remedy;
    match serve(options) {
        Ok(served) => {
            say(served.lost.map(|why| format!("[{why}]")));
            served.status
        }
        Err(message) => {
            write_to(OutStream::Err, format!("{message}\n").as_bytes());
            advise(remedy, &message);
            1
        }
    }
}

/// Runs the client to its end for a caller that has another way to go on with
/// the terminal. The exit status is the server's, or 1.
///
/// # Errors
/// Why the terminal was not attached, or how the server was lost.
pub fn attend(options: ClientOptions) -> Result<u8, String> {
    let served = serve(options)?;
    match served.lost {
        Some(why) if why == LOST => Err(why.to_owned()),
        _ if !served.attached && served.status != 0 => Err("the server refused".to_owned()),
        _ => Ok(served.status),
    }
}

/// What came of a client that was let in.
struct Served {
    status: u8,
    /// It became a terminal's other end.
    attached: bool,
    /// What ended it from outside.
    lost: Option<&'static str>,
}

impl Served {
    const fn ended(status: u8, attached: bool) -> Self {
        Self {
            status,
            attached,
            lost: None,
        }
    }
}

/// Calls a server. One that is about to end may still be called and then not
/// answer: the next call finds that none runs, or the next one.
fn call(connect: &mut Connect, hello: &Hello) -> Result<Link, String> {
    for _ in 1..CALLS {
        match Link::open(connect()?, hello) {
            Err(error) if error == LOST => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    Link::open(connect()?, hello)
}

fn serve(mut options: ClientOptions) -> Result<Served, String> {
    let hello = hello(&options);
    let raw = match options.control {
        Control::Terminal => Some(raw::Lines::enter()?),
        Control::Off | Control::Lines => None,
    };
    let mut link = call(&mut options.connect, &hello)?;
    let argv = options.argv;
    link.send(&FromClient::Command { argv })?;
    if options.control != Control::Off {
        return control::run(link, raw);
    }
    loop {
        match link.next::<ToClient>()? {
            ToClient::Print { stream, bytes } => {
                write_to(stream, &bytes.0);
                if stream == OutStream::Err {
                    advise(options.remedy, &String::from_utf8_lossy(&bytes.0));
                }
            }
            ToClient::ReadStdin => send_stdin(&mut link)?,
            ToClient::Attach => return attached(link),
            ToClient::Exit { status, message } => {
                say(message);
                return Ok(Served::ended(status, false));
            }
            ToClient::Exec { command } => return Err(become_shell(&command)),
            // They belong to a terminal that this client does not hold.
            ToClient::Draw(_)
            | ToClient::Suspend
            | ToClient::Lock { .. }
            | ToClient::ExitControl { .. } => {}
        }
    }
}

fn attached(link: Link) -> Result<Served, String> {
    match pump::run(link.stream, link.decoder)? {
        pump::End::Exit { status, message } => {
            say(message);
            Ok(Served::ended(status, true))
        }
        pump::End::Exec { command } => Err(become_shell(&command)),
        pump::End::Gone(why) => Ok(Served {
            status: 1,
            attached: true,
            lost: Some(why),
        }),
    }
}

/// The server's end of a blocking connection.
struct Link {
    stream: UnixStream,
    decoder: Decoder,
}

impl Link {
    fn open(stream: UnixStream, hello: &Hello) -> Result<Self, String> {
        let mut link = Self {
            stream,
            decoder: Decoder::new(MAX_FRAME),
        };
        let mut out = Vec::new();
        hello.encode(&mut out).map_err(|error| error.to_string())?;
        link.write(&out)?;
        link.wait_at_most(Some(ANSWER_TIME))?;
        loop {
            if let Some(body) = link.decoder.body().map_err(garbled)? {
                match Reply::parse(body).map_err(garbled)? {
                    Reply::Welcome(_) => break,
                    Reply::Refuse(message) => return Err(message),
                }
            }
            link.fill()?;
        }
        link.wait_at_most(None)?;
        Ok(link)
    }

    /// Limits how long a read waits: a server that was stopped accepts and says
    /// nothing, and must not keep a login waiting for ever.
    fn wait_at_most(&self, time: Option<Duration>) -> Result<(), String> {
        let set = self.stream.set_read_timeout(time);
        set.map_err(|error| reason(&error))
    }

    fn send(&mut self, message: &FromClient) -> Result<(), String> {
        let mut out = Vec::new();
        encode(message, &mut out).map_err(|error| error.to_string())?;
        self.write(&out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        // A server that refuses may close before it has read everything; its
        // words are still to be read then.
        match self.stream.write_all(bytes) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(reason(&error)),
            _ => Ok(()),
        }
    }

    fn next<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        loop {
            if let Some(message) = self.decoder.message().map_err(garbled)? {
                return Ok(message);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), String> {
        let mut buffer = [0; 16 << 10];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(LOST.to_owned()),
                Ok(len) => {
                    self.decoder.push(&buffer[..len]);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err("the server does not answer".to_owned());
                }
                Err(_) => return Err(LOST.to_owned()),
            }
        }
    }
}

fn garbled(error: WireError) -> String {
    format!("the server's answer cannot be understood: {error}")
}

fn hello(options: &ClientOptions) -> Hello {
    let text = |name: &str| std::env::var(name).unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .map(text)
        .find(|value| !value.is_empty())
        .unwrap_or_default()
        .to_uppercase();
    // A pane of ours or of tmux shows UTF-8 whatever the locale is.
    let inside = ["STEPMUX", "TMUX"]
        .iter()
        .any(|name| !text(name).is_empty());
    let utf8 = options.utf8 || inside || locale.contains("UTF-8") || locale.contains("UTF8");
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let control = options.control != Control::Off;
    // A control client has no size of its own, and is named a terminal all the same.
    let described = match raw::describe() {
        Some((tty, ..)) if control => Some((tty, 80, 24)),
        None if control => Some((String::new(), 80, 24)),
        described => described,
    };
    Hello {
        cwd: cwd().to_string_lossy().into_owned(),
        env,
        control,
        terminal: described.map(|(tty, cols, rows)| Terminal {
            cols,
            rows,
            term: text("TERM"),
            tty,
            utf8,
            features: options.features.clone(),
            terminfo: Blob((options.terminfo)(&text("TERM"))),
        }),
    }
}

/// The directory as the shell names it (PWD), when that is where we are.
fn cwd() -> PathBuf {
    let real = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let named = std::env::var_os("PWD").map(PathBuf::from);
    named
        .filter(|named| named.is_absolute())
        .filter(|named| named.canonicalize().is_ok_and(|found| found == real))
        .unwrap_or(real)
}

/// Says below an error what to write instead, to whoever reads it at a terminal.
fn advise(remedy: Option<fn(&str) -> Option<String>>, error: &str) {
    let remedy = remedy.filter(|_| io::stderr().is_terminal());
    if let Some(advice) = remedy.and_then(|remedy| remedy(error.trim_end())) {
        write_to(OutStream::Err, format!("{advice}\n").as_bytes());
    }
}

/// Writes to a standard stream; a reader that has gone is no error.
fn write_to(stream: OutStream, bytes: &[u8]) {
    match stream {
        OutStream::Out => write_all(io::stdout(), bytes),
        OutStream::Err => write_all(io::stderr(), bytes),
    }
}

fn write_all(stream: impl AsFd, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&stream, rest) {
            Ok(0) => return,
            Ok(len) => rest = &rest[len..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => await_fd(&stream, PollFlags::OUT),
            Err(_) => return,
        }
    }
}

/// Waits for a stream that someone else set not to block.
fn await_fd(stream: &impl AsFd, flags: PollFlags) {
    let _ = poll(&mut [PollFd::new(stream, flags)], None);
}

fn send_stdin(link: &mut Link) -> Result<(), String> {
    let stdin = io::stdin();
    let mut buffer = vec![0; CHUNK];
    loop {
        let len = match rustix::io::read(&stdin, &mut buffer) {
            Ok(len) => len,
            Err(rustix::io::Errno::INTR) => continue,
            Err(rustix::io::Errno::AGAIN) => {
                await_fd(&stdin, PollFlags::IN);
                continue;
            }
            Err(_) => 0,
        };
        let bytes = buffer[..len].to_vec().into();
        let end = len == 0;
        link.send(&FromClient::Stdin { bytes, end })?;
        if end {
            return Ok(());
        }
    }
}

fn say(message: Option<String>) {
    if let Some(message) = message {
        write_to(OutStream::Out, format!("{message}\n").as_bytes());
    }
}

/// Becomes a shell command; it comes back only with the reason why not.
fn become_shell(command: &str) -> String {
    let shell = std::env::var_os("SHELL").filter(|shell| !shell.is_empty());
    let shell = shell.unwrap_or_else(|| "/bin/sh".into());
    let error = Command::new(&shell).arg("-c").arg(command).exec();
    format!(
        "can't start {}: {}",
        Path::new(&shell).display(),
        reason(&error)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_says_what_is_missing_as_tmux_does() {
        let error = connect(Path::new("/nonexistent/s")).err();
        let wanted = "error connecting to /nonexistent/s (No such file or directory)";
        assert_eq!(error.as_deref(), Some(wanted));
    }
}
