//! The attached client: hands its raw terminal to the server, then waits on
//! one thread for what the server asks of it and for signals. Keys and pictures
//! do not pass through here; what puts the terminal back in the end does.

use std::fs::File;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::{Signal as Kill, getpid, kill_process};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{LOST, garbled, raw, reason, write_to};
use crate::wire::{Decoder, FromClient, ToClient, encode};

/// How long a server may take to let go of the terminal.
const PATIENCE: Duration = Duration::from_millis(500);

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
            tty,
            sending: Vec::new(),
            sent: 0,
            buffer: vec![0; 16 << 10],
        };
        raw::enter(&pump.tty)?;
        let mut guard = raw::Guard { left: false };
        let end = pump.serve(&mut signals).await;
        guard.left = matches!(end, Ok(End::Exit { .. } | End::Exec { .. }));
        end
    })
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
    tty: File,
    /// Frames for the server, and how much of them it has.
    sending: Vec<u8>,
    sent: usize,
    buffer: Vec<u8>,
}

enum Woke {
    Receive,
    Send,
    Told(Told),
}

impl Pump {
    async fn serve(&mut self, signals: &mut Signals) -> Result<End, String> {
        if !self.hand_over().await {
            return Ok(End::Gone(LOST));
        }
        loop {
            while let Some(message) = self.decoder.message::<ToClient>().map_err(garbled)? {
                if let Some(end) = self.obey(message).await? {
                    return Ok(end);
                }
            }
            if !self.flush() {
                return Ok(End::Gone(LOST));
            }
            let sends = !self.sending.is_empty();
            let woke = tokio::select! {
                biased;
                _ = self.stream.readable() => Woke::Receive,
                _ = self.stream.writable(), if sends => Woke::Send,
                told = signals.next() => Woke::Told(told),
            };
            let end = match woke {
                Woke::Receive => self.receive(),
                Woke::Told(told) => self.told(told).await?,
                // What waits is written by the next turn's `flush`.
                Woke::Send => None,
            };
            if let Some(why) = end {
                self.part();
                return Ok(End::Gone(why));
            }
        }
    }

    async fn obey(&mut self, message: ToClient) -> Result<Option<End>, String> {
        match message {
            ToClient::Draw(bytes) => raw::write(self.tty.as_fd(), &bytes.0),
            ToClient::Exit { status, message } => return Ok(Some(End::Exit { status, message })),
            ToClient::Exec { command } => return Ok(Some(End::Exec { command })),
            ToClient::Suspend => {
                raw::restore(false);
                let _ = kill_process(getpid(), Kill::TSTP);
                return Ok(self.resume().await?.map(End::Gone));
            }
            ToClient::Lock { command } => {
                raw::restore(false);
                // It ends when the command does: whoever cannot run it stays out.
                let _ = std::process::Command::new("/bin/sh")
                    .args(["-c", &command])
                    .status();
                return Ok(self.resume().await?.map(End::Gone));
            }
            ToClient::Print { stream, bytes } => write_to(stream, &bytes.0),
            // Its standard input is the terminal: there is no file to send.
            ToClient::ReadStdin => self.push(&FromClient::Stdin {
                bytes: Vec::new().into(),
                end: true,
            }),
            ToClient::Attach | ToClient::ExitControl { .. } => {}
        }
        Ok(None)
    }

    async fn resume(&mut self) -> Result<Option<&'static str>, String> {
        raw::enter(&self.tty)?;
        Ok((!self.hand_over().await).then_some(LOST))
    }

    async fn told(&mut self, told: Told) -> Result<Option<&'static str>, String> {
        match told {
            Told::Size => self.send_size(),
            Told::Resumed => return self.resume().await,
            Told::End(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    fn send_size(&mut self) {
        let (cols, rows) = raw::size(&self.tty);
        self.push(&FromClient::Resize { cols, rows });
    }

    /// Passes the terminal to the server, and says its size, which may have
    /// changed since the hello; false when the server is gone.
    async fn hand_over(&mut self) -> bool {
        while !self.sending.is_empty() {
            if self.stream.writable().await.is_err() || !self.flush() {
                return false;
            }
        }
        let mut message = Vec::new();
        let _ = encode(&FromClient::Terminal, &mut message);
        loop {
            if self.stream.writable().await.is_err() {
                return false;
            }
            let (stream, tty) = (&self.stream, &self.tty);
            let passed = stream.try_io(Interest::WRITABLE, || pass(stream, &message, tty));
            match passed {
                Ok(sent) => {
                    // The descriptor went with the first byte.
                    self.sending.extend_from_slice(&message[sent..]);
                    break;
                }
                Err(error) if passing(&error) => {}
                // What the server said before it went is still read.
                Err(error) => return error.kind() == io::ErrorKind::BrokenPipe,
            }
        }
        self.send_size();
        true
    }

    /// Takes leave, and waits a little until the server has let go of the
    /// terminal: what it draws behind the reset would stay there.
    fn part(&mut self) {
        self.push(&FromClient::Bye);
        let _ = self.flush();
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let wait = Timespec::try_from(left).ok();
            let mut fds = [PollFd::new(&self.stream, PollFlags::IN)];
            match poll(&mut fds, wait.as_ref()) {
                Ok(1..) => {}
                Err(Errno::INTR) => continue,
                Ok(0) | Err(_) => return,
            }
            let flags = RecvFlags::DONTWAIT;
            match rustix::net::recv(&self.stream, self.buffer.as_mut_slice(), flags) {
                Ok((1.., _)) | Err(Errno::INTR | Errno::AGAIN) => {}
                Ok((0, _)) | Err(_) => return,
            }
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

/// Sends a message and the terminal's descriptor with its first byte.
fn pass(stream: impl AsFd, message: &[u8], tty: impl AsFd) -> io::Result<usize> {
    let fds = [tty.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&fds));
    let slices = [IoSlice::new(message)];
    Ok(sendmsg(stream, &slices, &mut control, SendFlags::NOSIGNAL)?)
}

fn passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
