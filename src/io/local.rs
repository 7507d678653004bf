//! The local door: accepts clients on the unix socket, checks who they are, and
//! turns their frames into values. What is wrong with one connection ends that
//! connection alone. It runs no command and knows no session.
//!
//! ```text
//! socket, terminal ─→ connection task ─LocalEvent→ one bounded queue ─→ owner
//! owner ─ClientHandle→ the terminal itself; what it does not take waits there
//!                    → bytes waiting (bounded) ─→ connection task ─→ socket
//! ```

use std::cell::{Cell, RefCell};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::terminal::{Did, Terminal};
use crate::access::{Grant, LocalAccess};
use crate::base::{ClientId, Size};
use crate::engine::event::{Origin, Peer, TerminalSpec};
use crate::mux::effect::Stream;
use crate::wire::frame::{MAX_FROM_CLIENT, MAX_HELLO};
use crate::wire::hello::mismatch;
use crate::wire::{
    Decoder, FromClient, Hello, OutStream, Preamble, Reply, ToClient, Welcome, WireError, encode,
};

/// What may wait for one client to take it, in bytes; beyond, it is dropped.
pub const MAX_WAITING: usize = 64 << 20;

/// The most that a client's standard input may be, in bytes.
pub const MAX_STDIN: usize = 64 << 20;

/// How many events may wait for the owner; then connections wait.
pub const QUEUE: usize = 256;

/// How long a connection may take to introduce itself.
const HELLO_TIME: Duration = Duration::from_secs(10);

/// How long a client that was told to go may take to read that and go.
const LEAVE_TIME: Duration = Duration::from_secs(5);

/// The kernel's buffer for what is sent to a control client, in bytes.
const CONTROL_BUFFER: usize = 4 << 10;

/// How long to wait when the process has no descriptor left for a client.
const BREATH: Duration = Duration::from_millis(100);

/// Mints client ids for every door of one server.
#[derive(Clone, Debug, Default)]
pub struct ClientIds(Arc<AtomicU32>);

impl ClientIds {
    /// An id that was never given before.
    #[must_use]
    pub fn mint(&self) -> ClientId {
        ClientId(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a local client did.
#[derive(Debug)]
pub enum LocalEvent {
    /// It was admitted.
    Connected {
        /// Its fresh id.
        client: ClientId,
        /// Who it is.
        peer: Box<Peer>,
        /// How to speak to it.
        handle: ClientHandle,
    },
    /// It wants a command line run.
    Command {
        /// Who.
        client: ClientId,
        /// The words.
        argv: Vec<String>,
    },
    /// Its terminal sent bytes.
    Bytes {
        /// Whose.
        client: ClientId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Its terminal has this size, or must be drawn anew at this size.
    Resized {
        /// Whose.
        client: ClientId,
        /// The size.
        size: Size,
    },
    /// Its terminal has taken a picture that it did not take at once; or the
    /// connection the bytes for a control client.
    Ready {
        /// Who.
        client: ClientId,
    },
    /// Its standard input, asked for with [`ClientHandle::read_stdin`].
    Stdin {
        /// Whose.
        client: ClientId,
        /// The whole of it, or why not.
        result: Result<Vec<u8>, String>,
    },
    /// A control client's standard input has ended.
    Eof {
        /// Whose.
        client: ClientId,
    },
    /// It is gone; nothing more comes from it.
    Gone {
        /// Who.
        client: ClientId,
    },
}

/// Speaks to one client. Nothing here waits; what a client does not take is
/// held up to [`MAX_WAITING`], then the client is dropped.
#[derive(Clone, Debug)]
pub struct ClientHandle(Rc<Line>);

#[derive(Debug, Default)]
struct Line {
    waiting: RefCell<Vec<u8>>,
    /// Bytes waiting or being written.
    unsent: Cell<usize>,
    /// Someone waits for all of that to be written.
    awaited: Cell<bool>,
    terminal: RefCell<Hold>,
    /// The terminal came or went.
    changed: Notify,
    /// Nothing may be added: it was told to go.
    leaving: Cell<bool>,
    /// It took too little: the connection ends at once.
    dropped: Cell<bool>,
    wake: Notify,
}

/// Who holds a client's terminal.
#[derive(Debug)]
enum Hold {
    /// The client; the picture waits for it to hand the terminal over.
    Client(Vec<u8>),
    /// The server.
    Server(Rc<Terminal>),
}

impl Default for Hold {
    fn default() -> Self {
        Self::Client(Vec::new())
    }
}

impl ClientHandle {
    /// Draws on its terminal; whether that has taken everything at once. If it
    /// has not, [`LocalEvent::Ready`] says when it has.
    pub fn draw(&self, bytes: &[u8]) -> bool {
        match &mut *self.0.terminal.borrow_mut() {
            Hold::Server(terminal) => terminal.draw(bytes),
            // One picture at most waits: none is made without the credit.
            Hold::Client(waiting) => {
                waiting.extend_from_slice(bytes);
                false
            }
        }
    }

    /// Gives the terminal back to the client with the last bytes for it.
    fn give_back(&self, last: &[u8]) {
        let mut bytes = match self.0.terminal.take() {
            Hold::Client(waiting) => waiting,
            Hold::Server(terminal) => terminal.take_rest(),
        };
        self.0.changed.notify_one();
        bytes.extend_from_slice(last);
        if !bytes.is_empty() {
            self.push(|out| ToClient::encode_draw(&bytes, out));
        }
    }

    /// Writes to its standard output or error.
    pub fn print(&self, stream: Stream, bytes: &[u8]) {
        let stream = match stream {
            Stream::Out => OutStream::Out,
            Stream::Err => OutStream::Err,
        };
        self.push(|out| ToClient::encode_print(stream, bytes, out));
    }

    /// Writes to a control client; [`LocalEvent::Ready`] says when the
    /// connection has taken it.
    pub fn say(&self, bytes: &[u8]) {
        self.0.awaited.set(true);
        self.print(Stream::Out, bytes);
    }

    /// Ends a control client. Nothing can be sent after this.
    pub fn exit_control(&self, status: u8, reason: Option<String>, wait: bool) {
        self.send(&ToClient::ExitControl {
            status,
            reason,
            wait,
        });
        self.leave();
    }

    /// Makes its terminal raw.
    pub fn attach(&self) {
        self.send(&ToClient::Attach);
    }

    /// Asks for its whole standard input.
    pub fn read_stdin(&self) {
        self.send(&ToClient::ReadStdin);
    }

    /// Stops it until its shell continues it; `leave` puts its terminal back.
    pub fn suspend(&self, leave: &[u8]) {
        self.give_back(leave);
        self.send(&ToClient::Suspend);
    }

    /// Lets it run a shell command and come back; `leave` puts its terminal back.
    pub fn lock(&self, leave: &[u8], command: String) {
        self.give_back(leave);
        self.send(&ToClient::Lock { command });
    }

    /// Ends it; `leave` puts its terminal back. Nothing can be sent after this.
    pub fn exit(&self, leave: &[u8], status: u8, message: Option<String>) {
        self.give_back(leave);
        self.send(&ToClient::Exit { status, message });
        self.leave();
    }

    /// Lets it become a shell command; `leave` puts its terminal back. Nothing
    /// can be sent after this.
    pub fn exec(&self, leave: &[u8], command: String) {
        self.give_back(leave);
        self.send(&ToClient::Exec { command });
        self.leave();
    }

    /// Ends the connection without a word.
    pub fn drop_now(&self) {
        self.0.dropped.set(true);
        self.0.wake.notify_one();
    }

    /// How many bytes it has not taken yet.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.0.unsent.get()
    }

    fn leave(&self) {
        self.0.leaving.set(true);
        self.0.wake.notify_one();
    }

    fn send(&self, message: &ToClient) {
        self.push(|out| encode(message, out));
    }

    fn push(&self, fill: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>) {
        let line = &*self.0;
        if line.leaving.get() || line.dropped.get() {
            return;
        }
        let mut waiting = line.waiting.borrow_mut();
        let before = waiting.len();
        let filled = fill(&mut waiting);
        let unsent = line.unsent.get() + waiting.len() - before;
        line.unsent.set(unsent);
        if filled.is_err() || unsent > MAX_WAITING {
            waiting.clear();
            line.dropped.set(true);
        }
        line.wake.notify_one();
    }
}

/// Serves the socket until its future is dropped or the owner's queue is gone.
/// Must run inside a `LocalSet`.
pub async fn serve(
    listener: UnixListener,
    ids: ClientIds,
    access: Rc<RefCell<LocalAccess>>,
    owner: mpsc::Sender<LocalEvent>,
) {
    while !owner.is_closed() {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (ids, owner, access) = (ids.clone(), owner.clone(), Rc::clone(&access));
                spawn_local(async move {
                    if let Err(error) = connection(stream, &ids, &access, &owner).await {
                        tracing::debug!(%error, "local connection");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn connection(
    stream: UnixStream,
    ids: &ClientIds,
    access: &RefCell<LocalAccess>,
    owner: &mpsc::Sender<LocalEvent>,
) -> io::Result<()> {
    let peer = stream.peer_cred()?;
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    let grant = may_enter(&access.borrow(), peer.uid(), peer.gid());
    let Some(grant) = grant else {
        let text = "access not allowed".to_owned();
        return answer(&mut write, &Reply::Refuse(text)).await;
    };
    let introduced = timeout(HELLO_TIME, reader.hello()).await;
    let hello = match introduced.unwrap_or(Err(Refusal::Silent)) {
        Ok(hello) => hello,
        Err(Refusal::Said(text)) => return answer(&mut write, &Reply::Refuse(text)).await,
        Err(Refusal::Silent) => return Ok(()),
    };
    let pid = std::process::id();
    answer(&mut write, &Reply::Welcome(Welcome { pid })).await?;
    let client = ids.mint();
    let line = Rc::new(Line::default());
    let origin = Origin::Local {
        pid: peer.pid().map_or(0, i32::unsigned_abs),
        uid: peer.uid(),
        gid: peer.gid(),
    };
    reader.control = hello.control;
    if hello.control {
        // How far it is behind is to be seen, not to be hidden in the kernel.
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(write.as_ref(), CONTROL_BUFFER);
    }
    let connected = LocalEvent::Connected {
        client,
        peer: Box::new(peer_of(hello, origin, grant)),
        handle: ClientHandle(line.clone()),
    };
    if owner.send(connected).await.is_err() {
        return Ok(());
    }
    let result = tokio::select! {
        result = reader.run(client, &line, owner) => result,
        result = write_out(write, client, &line, owner) => result,
        result = serve_terminal(client, &line, owner) => result,
    };
    line.dropped.set(true);
    line.terminal.take();
    let _ = owner.send(LocalEvent::Gone { client }).await;
    result
}

/// What a user may do: all for the server's own and for root, who could enter
/// anyway; for others what the list says, nothing if it says nothing.
fn may_enter(access: &LocalAccess, uid: u32, gid: u32) -> Option<Grant> {
    if uid == 0 || uid == rustix::process::geteuid().as_raw() {
        return Some(Grant::Admin);
    }
    access.grant(uid, gid)
}

fn peer_of(hello: Hello, origin: Origin, grant: Grant) -> Peer {
    let Hello {
        cwd,
        env,
        terminal,
        control,
    } = hello;
    let terminal = terminal.map(|terminal| TerminalSpec {
        size: Size::new(terminal.cols, terminal.rows),
        term: terminal.term,
        tty: terminal.tty,
        utf8: terminal.utf8,
        features: terminal.features,
        terminfo: terminal.terminfo.0,
    });
    Peer {
        origin,
        grant,
        terminal,
        control,
        cwd,
        env,
    }
}

async fn answer(write: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let mut out = Vec::new();
    reply.encode(&mut out).map_err(io::Error::other)?;
    timeout(HELLO_TIME, write.write_all(&out)).await?
}

/// Writes what waits, until the client was told to go and had time to.
async fn write_out(
    mut write: OwnedWriteHalf,
    client: ClientId,
    line: &Line,
    owner: &mpsc::Sender<LocalEvent>,
) -> io::Result<()> {
    let mut sending = Vec::new();
    loop {
        if line.dropped.get() {
            return Ok(());
        }
        std::mem::swap(&mut sending, &mut line.waiting.borrow_mut());
        if sending.is_empty() {
            if line.awaited.take() && owner.send(LocalEvent::Ready { client }).await.is_err() {
                return Ok(());
            }
            if !line.waiting.borrow().is_empty() {
                continue;
            }
            if line.leaving.get() {
                write.shutdown().await?;
                tokio::time::sleep(LEAVE_TIME).await;
                return Ok(());
            }
            line.wake.notified().await;
            continue;
        }
        send_all(&mut write, &sending, line).await?;
        sending.clear();
        sending.shrink_to(1 << 20);
    }
}

async fn send_all(write: &mut OwnedWriteHalf, bytes: &[u8], line: &Line) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (dropped, leaving) = (line.dropped.get(), line.leaving.get());
        if dropped {
            return Ok(());
        }
        let sent = tokio::select! {
            sent = write.write(rest) => sent?,
            () = line.wake.notified() => continue,
            () = tokio::time::sleep(LEAVE_TIME), if leaving => {
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        line.unsent.set(line.unsent.get().saturating_sub(sent));
        rest = &rest[sent..];
    }
    Ok(())
}

/// Passes on what a client's terminal does, while the server holds it.
async fn serve_terminal(
    client: ClientId,
    line: &Rc<Line>,
    owner: &mpsc::Sender<LocalEvent>,
) -> io::Result<()> {
    loop {
        let held = match &*line.terminal.borrow() {
            Hold::Server(terminal) => Some(terminal.clone()),
            Hold::Client(_) => None,
        };
        let Some(terminal) = held else {
            line.changed.notified().await;
            continue;
        };
        let did = tokio::select! {
            biased;
            () = line.changed.notified() => continue,
            did = terminal.next() => did,
        };
        let event = match did {
            Did::Typed(bytes) => LocalEvent::Bytes { client, bytes },
            Did::Drawn => LocalEvent::Ready { client },
            Did::Lost => {
                line.terminal.take();
                ClientHandle(line.clone()).exit(b"", 1, Some("[lost tty]".to_owned()));
                continue;
            }
        };
        if owner.send(event).await.is_err() {
            return Ok(());
        }
    }
}

enum Refusal {
    /// It gets a reason.
    Said(String),
    /// It is nothing that would read one.
    Silent,
}

struct Reader {
    read: OwnedReadHalf,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// The last descriptor that came along, until its message is read.
    passed: Option<OwnedFd>,
    stdin: Vec<u8>,
    stdin_lost: bool,
    /// Its standard input is lines of commands.
    control: bool,
}

impl Reader {
    fn new(read: OwnedReadHalf) -> Self {
        Self {
            read,
            decoder: Decoder::new(MAX_HELLO),
            buffer: vec![0; 16 << 10],
            passed: None,
            stdin: Vec::new(),
            stdin_lost: false,
            control: false,
        }
    }

    /// Reads more; false at the end of the connection.
    async fn more(&mut self) -> io::Result<bool> {
        loop {
            self.read.readable().await?;
            let (buffer, passed) = (&mut self.buffer, &mut self.passed);
            let stream = self.read.as_ref();
            match stream.try_io(Interest::READABLE, || receive(stream, buffer, passed)) {
                Ok(0) => return Ok(false),
                Ok(len) => {
                    self.decoder.push(&self.buffer[..len]);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn hello(&mut self) -> Result<Hello, Refusal> {
        loop {
            match self.decoder.body() {
                Ok(Some(body)) => {
                    return read_hello(body).inspect(|_| {
                        self.decoder.set_limit(MAX_FROM_CLIENT);
                    });
                }
                Ok(None) => {}
                Err(_) => return Err(Refusal::Silent),
            }
            if !self.more().await.unwrap_or(false) {
                return Err(Refusal::Silent);
            }
        }
    }

    async fn run(
        &mut self,
        client: ClientId,
        line: &Rc<Line>,
        owner: &mpsc::Sender<LocalEvent>,
    ) -> io::Result<()> {
        loop {
            while let Some(message) = self.decoder.message().map_err(io::Error::other)? {
                if message == FromClient::Bye {
                    return Ok(());
                }
                let event = self.event(client, line, message);
                if let Some(event) = event
                    && owner.send(event).await.is_err()
                {
                    return Ok(());
                }
            }
            if !self.more().await? {
                return Ok(());
            }
        }
    }

    fn event(
        &mut self,
        client: ClientId,
        line: &Rc<Line>,
        message: FromClient,
    ) -> Option<LocalEvent> {
        match message {
            FromClient::Command { argv } => Some(LocalEvent::Command { client, argv }),
            FromClient::Terminal => {
                let drawn = self.take_terminal(line);
                drawn.then_some(LocalEvent::Ready { client })
            }
            FromClient::Resize { cols, rows } => Some(LocalEvent::Resized {
                client,
                size: Size::new(cols, rows),
            }),
            FromClient::Stdin { end: true, .. } if self.control => Some(LocalEvent::Eof { client }),
            FromClient::Stdin { bytes, .. } if self.control => Some(LocalEvent::Bytes {
                client,
                bytes: bytes.0,
            }),
            FromClient::Stdin { bytes, end } => self.stdin(client, &bytes.0, end),
            FromClient::Bye => None,
        }
    }

    /// Takes the terminal that the client passed; whether it has taken the
    /// picture that waited for it.
    fn take_terminal(&mut self, line: &Rc<Line>) -> bool {
        let passed = self.passed.take().ok_or_else(|| "not passed".to_owned());
        let terminal = match passed.and_then(Terminal::new) {
            Ok(terminal) => terminal,
            Err(error) => {
                let message = format!("open terminal failed: {error}");
                ClientHandle(line.clone()).exit(b"", 1, Some(message));
                return false;
            }
        };
        // One that is told to go keeps its terminal.
        if line.leaving.get() {
            return false;
        }
        let mut hold = line.terminal.borrow_mut();
        let Hold::Client(waiting) = &mut *hold else {
            return false;
        };
        let drawn = !waiting.is_empty() && terminal.draw(waiting);
        *hold = Hold::Server(Rc::new(terminal));
        line.changed.notify_one();
        drawn
    }

    fn stdin(&mut self, client: ClientId, bytes: &[u8], end: bool) -> Option<LocalEvent> {
        self.stdin_lost |= self.stdin.len() + bytes.len() > MAX_STDIN;
        if self.stdin_lost {
            self.stdin = Vec::new();
        } else {
            self.stdin.extend_from_slice(bytes);
        }
        let whole = end.then(|| std::mem::take(&mut self.stdin))?;
        let result = if std::mem::take(&mut self.stdin_lost) {
            Err(format!("larger than {} MiB", MAX_STDIN >> 20))
        } else {
            Ok(whole)
        };
        Some(LocalEvent::Stdin { client, result })
    }
}

fn read_hello(body: &[u8]) -> Result<Hello, Refusal> {
    let (client, rest) = Preamble::split(body).map_err(|_| Refusal::Silent)?;
    let own = Preamble::own();
    if client.protocol != own.protocol {
        return Err(Refusal::Said(mismatch(&own, &client)));
    }
    Hello::parse(rest).map_err(|error| Refusal::Said(error.to_string()))
}

/// Reads from a socket; the last descriptor that came along replaces `passed`.
fn receive(
    stream: &UnixStream,
    buffer: &mut [u8],
    passed: &mut Option<OwnedFd>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut slices = [IoSliceMut::new(buffer)];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let message = rustix::net::recvmsg(stream, &mut slices, &mut control, flags)?;
    for note in control.drain() {
        if let RecvAncillaryMessage::ScmRights(fds) = note {
            *passed = fds.last().or_else(|| passed.take());
        }
    }
    Ok(message.bytes)
}
