//! The attached client: bytes between its terminal and the server, on one
//! thread. Pictures are written in order and acknowledged once the terminal has
//! them; while it has not, the server is not read. Nothing is interpreted.

use std::fs::File;
use std::io;
use std::os::unix::net::UnixStream as StdStream;

use rustix::io::Errno;
use rustix::process::{Signal as Kill, getpid, kill_process};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{LOST, garbled, raw, reason, write_to};
use crate::wire::{Decoder, FromClient, ToClient, encode};

/// What may wait for the server before typing is no longer read, in bytes.
const MAX_TYPED: usize = 1 << 20;

/// How an attachment ended.
pub(super) enum End {
    /// The server said so.
    Exit {
        /// The exit status.
        status: u8,
        /// The last line.
        message: Option<String>,
    },
    /// The client is to become this shell command.
    Exec {
        /// The command.
        command: String,
    },
    /// The server, the terminal or this process was ended from outside.
    Gone(&'static str),
}

/// Serves the terminal until the attachment ends; it is restored then.
pub(super) fn run(stream: StdStream, decoder: Decoder) -> Result<End, String> {
    let said = |error: io::Error| reason(&error);
    let tty = raw::open()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(said)?;
    runtime.block_on(async {
        stream.set_nonblocking(true).map_err(said)?;
        let mut signals = Signals::new().map_err(said)?;
        let mut pump = Pump {
            stream: UnixStream::from_std(stream).map_err(said)?,
            decoder,
            tty: watch(tty).map_err(said)?,
            drawing: Vec::new(),
            drawn: 0,
            owes_ready: false,
            sending: Vec::new(),
            sent: 0,
            buffer: vec![0; 64 << 10],
        };
        raw::enter(pump.tty.get_ref())?;
        let mut guard = raw::Guard { left: false };
        let end = pump.serve(&mut signals).await;
        guard.left = matches!(end, Ok(End::Exit { .. } | End::Exec { .. }));
        end
    })
}

/// Registers the terminal with the runtime. tokio deprecates this for types
/// that may lie about their fd; a `File` cannot.
#[allow(deprecated)]
fn watch(tty: File) -> io::Result<AsyncFd<File>> {
    AsyncFd::with_interest(tty, Interest::READABLE | Interest::WRITABLE)
}

struct Signals {
    size: Signal,
    resumed: Signal,
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

enum Told {
    Size,
    Resumed,
    End(&'static str),
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            size: signal(SignalKind::window_change())?,
            resumed: signal(SignalKind::from_raw(Kill::CONT.as_raw()))?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.size.recv() => Told::Size,
            _ = self.resumed.recv() => Told::Resumed,
            _ = self.terminate.recv() => Told::End("terminated"),
            _ = self.interrupt.recv() => Told::End("terminated"),
            _ = self.hangup.recv() => Told::End("lost tty"),
        }
    }
}

struct Pump {
    stream: UnixStream,
    decoder: Decoder,
    tty: AsyncFd<File>,
    /// The picture being drawn, and how much of it the terminal has.
    drawing: Vec<u8>,
    drawn: usize,
    owes_ready: bool,
    /// Frames for the server, and how much of them it has.
    sending: Vec<u8>,
    sent: usize,
    buffer: Vec<u8>,
}

enum Woke {
    Typed,
    Draw,
    Receive,
    Send,
    Told(Told),
}

impl Pump {
    async fn serve(&mut self, signals: &mut Signals) -> Result<End, String> {
        // The size may have changed since the hello.
        self.send_size();
        loop {
            if let Some(end) = self.advance()? {
                return Ok(end);
            }
            let draws = !self.drawing.is_empty();
            let sends = !self.sending.is_empty();
            let reads = self.sending.len() < MAX_TYPED;
            let woke = tokio::select! {
                biased;
                _ = self.tty.readable(), if reads => Woke::Typed,
                _ = self.tty.writable(), if draws => Woke::Draw,
                _ = self.stream.readable(), if !draws => Woke::Receive,
                _ = self.stream.writable(), if sends => Woke::Send,
                told = signals.next() => Woke::Told(told),
            };
            let end = match woke {
                Woke::Typed => self.read_tty(),
                Woke::Receive => self.receive(),
                Woke::Told(told) => self.told(told)?,
                // What waits is written by the next turn's `advance`.
                Woke::Draw | Woke::Send => None,
            };
            if let Some(why) = end {
                self.push(&FromClient::Bye);
                let _ = self.flush();
                return Ok(End::Gone(why));
            }
        }
    }

    /// Draws, obeys and answers as far as it goes without waiting.
    fn advance(&mut self) -> Result<Option<End>, String> {
        loop {
            if !self.draw() {
                return Ok(Some(End::Gone("lost tty")));
            }
            if !self.drawing.is_empty() {
                break;
            }
            let Some(message) = self.decoder.message::<ToClient>().map_err(garbled)? else {
                break;
            };
            if let Some(end) = self.obey(message)? {
                return Ok(Some(end));
            }
        }
        Ok((!self.flush()).then_some(End::Gone(LOST)))
    }

    fn obey(&mut self, message: ToClient) -> Result<Option<End>, String> {
        match message {
            ToClient::Draw { more, bytes } => {
                self.drawing = bytes.0;
                self.drawn = 0;
                self.owes_ready = !more;
                if self.drawing.is_empty() {
                    self.acknowledge();
                }
            }
            ToClient::Exit { status, message } => return Ok(Some(End::Exit { status, message })),
            ToClient::Exec { command } => return Ok(Some(End::Exec { command })),
            ToClient::Suspend => {
                raw::restore(false);
                let _ = kill_process(getpid(), Kill::TSTP);
                self.resume()?;
            }
            ToClient::Print { stream, bytes } => write_to(stream, &bytes.0),
            // Its standard input is the terminal: there is no file to send.
            ToClient::ReadStdin => self.push(&FromClient::Stdin {
                bytes: Vec::new().into(),
                end: true,
            }),
            ToClient::Attach => {}
        }
        Ok(None)
    }

    fn resume(&mut self) -> Result<(), String> {
        raw::enter(self.tty.get_ref())?;
        self.send_size();
        Ok(())
    }

    fn told(&mut self, told: Told) -> Result<Option<&'static str>, String> {
        match told {
            Told::Size => self.send_size(),
            Told::Resumed => self.resume()?,
            Told::End(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    fn send_size(&mut self) {
        let (cols, rows) = raw::size(self.tty.get_ref());
        self.push(&FromClient::Resize { cols, rows });
    }

    fn read_tty(&mut self) -> Option<&'static str> {
        let buffer = &mut self.buffer;
        let read = self.tty.try_io(Interest::READABLE, |tty| {
            rustix::io::read(tty, buffer.as_mut_slice()).map_err(io::Error::from)
        });
        match read {
            Ok(0) => Some("lost tty"),
            Ok(len) => {
                let bytes = self.buffer[..len].to_vec().into();
                self.push(&FromClient::Bytes(bytes));
                None
            }
            Err(error) if passing(&error) => None,
            Err(_) => Some("lost tty"),
        }
    }

    fn receive(&mut self) -> Option<&'static str> {
        match self.stream.try_read(&mut self.buffer) {
            Ok(0) => Some(LOST),
            Ok(len) => {
                self.decoder.push(&self.buffer[..len]);
                None
            }
            Err(error) if passing(&error) => None,
            Err(_) => Some(LOST),
        }
    }

    /// Writes what the terminal takes; false when the terminal is gone.
    fn draw(&mut self) -> bool {
        while self.drawn < self.drawing.len() {
            let rest = &self.drawing[self.drawn..];
            let written = self.tty.try_io(Interest::WRITABLE, |tty| {
                rustix::io::write(tty, rest).map_err(io::Error::from)
            });
            match written {
                Ok(len) => self.drawn += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return passing(&error),
            }
        }
        if !self.drawing.is_empty() {
            self.drawing = Vec::new();
            self.acknowledge();
        }
        true
    }

    fn acknowledge(&mut self) {
        if std::mem::take(&mut self.owes_ready) {
            self.push(&FromClient::Ready);
        }
    }

    fn push(&mut self, message: &FromClient) {
        // None of these messages is too large for a frame.
        let _ = encode(message, &mut self.sending);
    }

    /// Sends what the server takes; false when the server is gone. What it
    /// said before it went is still read: only a failed read ends the client.
    fn flush(&mut self) -> bool {
        while self.sent < self.sending.len() {
            match self.stream.try_write(&self.sending[self.sent..]) {
                Ok(len) => self.sent += len,
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                Err(error) => return passing(&error),
            }
        }
        self.sending.clear();
        self.sent = 0;
        true
    }
}

fn passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    ) || Errno::from_io_error(error) == Some(Errno::AGAIN)
}
