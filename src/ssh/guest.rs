//! One guest: a session channel with what is still to be written to it. Orders
//! come from the owner at any time and never block; a task of the guest's own
//! writes them as the peer takes them. It holds at most one picture, and gives
//! a guest up that does not take its exit.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use russh::ChannelWriteHalf;
use russh::server::Msg;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::DoorEvent;
use super::ask::Asked;
use super::stdin::Stdin;
use crate::access::Grant;
use crate::door::line::Rein;
use crate::mux::effect::Stream;

/// Output that waits for a guest, in bytes; one that lets more pile up is cut.
/// A single larger piece is taken when nothing else waits.
const PENDING_MAX: usize = 16 * 1024 * 1024;

/// What tells a terminal that lines follow, and that they have ended: tmux's own
/// device control string.
const ENTER_LINES: &[u8] = b"\x1bP1000p";
const LEAVE_LINES: &[u8] = b"\x1b\\";

/// SSH's extended data type of standard error (RFC 4254, 5.2).
const STDERR: u32 = 1;

/// A guest of any share, printed `guest-0`. Never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuestId(pub u64);

impl fmt::Display for GuestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "guest-{}", self.0)
    }
}

impl fmt::Debug for GuestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes that a guest sent. A guest has few of them under way: it is read
/// further only when the owner has dropped them.
pub struct Chunk {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl Chunk {
    pub(super) fn new(bytes: Vec<u8>, permit: OwnedSemaphorePermit) -> Self {
        Self {
            bytes,
            _permit: permit,
        }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

/// What the owner holds of a guest. Nothing here blocks, and nothing fails: a
/// guest that is gone takes no more orders.
#[derive(Clone)]
pub struct Guest {
    inner: Arc<Inner>,
}

/// What a guest is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A terminal, which is raw: lines end in CR LF, and there is one stream.
    Terminal,
    /// A command with its three streams.
    Command,
    /// Files: standard output has a protocol of its own.
    Files,
    /// Lines of control mode.
    Control {
        /// Their begin and end are marked (`-CC`).
        marks: bool,
        /// They pass a terminal, as with `ssh -t`.
        terminal: bool,
    },
}

impl Kind {
    /// What a request makes of a guest who has a terminal, or has not.
    pub(super) fn of(asked: &Asked, terminal: bool) -> Self {
        match asked {
            Asked::Files => Self::Files,
            Asked::Control(marks, _) => Self::Control {
                marks: *marks,
                terminal,
            },
            _ if terminal => Self::Terminal,
            _ => Self::Command,
        }
    }

    /// Whether it is control mode.
    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Control { .. })
    }

    /// Whether the guest's end is a terminal in raw mode, where a line ends in
    /// CR LF and Return sends CR.
    const fn is_raw(self) -> bool {
        matches!(self, Self::Terminal | Self::Control { terminal: true, .. })
    }

    /// What a guest typed, as the owner takes it: lines as a terminal's driver
    /// would have ended them (ICRNL).
    pub(super) fn typed(self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.is_control() && self.is_raw() {
            let returns = bytes.iter_mut().filter(|byte| **byte == b'\r');
            returns.for_each(|byte| *byte = b'\n');
        }
        bytes
    }
}

struct Inner {
    id: GuestId,
    kind: Kind,
    /// The owner has let the guest in.
    inside: CancellationToken,
    state: Mutex<Outbox>,
    wake: Notify,
    leaving: CancellationToken,
    rein: Arc<Rein>,
    stdin: Stdin,
}

#[derive(Default)]
struct Outbox {
    orders: VecDeque<Order>,
    bytes: usize,
    leave: Vec<u8>,
    exit: Option<Exit>,
}

struct Exit {
    status: u8,
    message: Option<String>,
}

enum Order {
    Draw(Arc<[u8]>),
    Print(Stream, Vec<u8>),
}

enum Step {
    Write(Order),
    Exit(Exit, Vec<u8>),
    Wait,
}

impl Order {
    fn len(&self) -> usize {
        match self {
            Self::Draw(bytes) => bytes.len(),
            Self::Print(_, bytes) => bytes.len(),
        }
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner.id, f)
    }
}

impl Guest {
    pub(super) fn new(id: GuestId, kind: Kind, rein: Arc<Rein>) -> Self {
        Self {
            inner: Arc::new(Inner {
                id,
                kind,
                inside: CancellationToken::new(),
                state: Mutex::default(),
                wake: Notify::new(),
                leaving: CancellationToken::new(),
                rein,
                stdin: Stdin::default(),
            }),
        }
    }

    /// Who it is.
    #[must_use]
    pub fn id(&self) -> GuestId {
        self.inner.id
    }

    /// Begins to show the session: `enter` is written at once, `leave` when the
    /// guest exits for whatever reason, before its last message. Costs no
    /// credit; a guest begins with one.
    pub fn attach(&self, enter: &[u8], leave: Vec<u8>) {
        self.inner.inside.cancel();
        self.lock().leave = leave;
        self.push(Order::Print(Stream::Out, enter.to_vec()));
    }

    /// Draws. Costs the guest's one credit, which comes back as
    /// [`DoorEvent::Ready`] once the channel has taken all bytes.
    pub fn draw(&self, bytes: Arc<[u8]>) {
        self.push(Order::Draw(bytes));
    }

    /// Says lines of control mode, the first of them after the mark of `-CC`; costs
    /// as [`Self::draw`] does.
    pub fn say(&self, bytes: Vec<u8>) {
        let kind = self.inner.kind;
        if matches!(kind, Kind::Control { marks: true, .. }) && !self.is_inside() {
            self.attach(ENTER_LINES, LEAVE_LINES.to_vec());
        }
        self.inner.inside.cancel();
        self.draw(if kind.is_raw() {
            with_returns(&bytes).into()
        } else {
            bytes.into()
        });
    }

    /// Writes to the guest's standard output or error. Costs no credit. On a
    /// terminal a bare LF becomes CR LF, as a pty would do (ONLCR), and there
    /// is no standard error of its own.
    pub fn print(&self, stream: Stream, bytes: &[u8]) {
        self.push(match self.inner.kind {
            Kind::Files => Order::Print(Stream::Err, bytes.to_vec()),
            kind if kind.is_raw() => Order::Print(Stream::Out, with_returns(bytes)),
            _ => Order::Print(stream, bytes.to_vec()),
        });
    }

    /// Lets a guest in who asked for files; another is told that this is no
    /// command to be typed.
    pub fn serve_files(&self) {
        if self.inner.kind == Kind::Files {
            self.inner.inside.cancel();
        } else {
            self.print(Stream::Err, b"stepmux: files are had by sftp and scp\n");
            self.exit(1, None);
        }
    }

    /// Holds the guest's whole connection to a new grant: its forwards, and the
    /// channels that it opens from now on.
    pub fn hold(&self, grant: Grant) {
        self.inner.rein.hold(grant);
    }

    /// Whether the owner has let the guest in.
    pub(super) fn is_inside(&self) -> bool {
        self.inner.inside.is_cancelled()
    }

    /// Waits until it has.
    pub(super) async fn inside(&self) {
        self.inner.inside.cancelled().await;
    }

    /// Waits until the guest has been told to go, or is gone.
    pub(super) async fn leaving(&self) {
        self.inner.leaving.cancelled().await;
    }

    /// What it is there for.
    pub(super) fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// Ends the guest after what was ordered before: its terminal is restored,
    /// the message becomes its last line, the client exits with `status`. A
    /// guest that does not take this in time is cut. Further orders are void.
    pub fn exit(&self, status: u8, message: Option<String>) {
        let mut state = self.lock();
        if state.exit.is_none() {
            self.inner.stdin.pass_over();
            state.exit = Some(Exit { status, message });
            drop(state);
            self.inner.leaving.cancel();
            self.inner.wake.notify_one();
        }
    }

    /// What a command's guest sends until it says that this was all. On a
    /// terminal there are only keys.
    pub fn read_stdin(&self) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        let inner = Arc::clone(&self.inner);
        async move {
            if inner.kind != Kind::Command {
                return Err("no standard input".to_owned());
            }
            inner.stdin.whole().await
        }
    }

    /// Where a command's input is kept until it is asked for.
    pub(super) fn stdin(&self) -> &Stdin {
        &self.inner.stdin
    }

    fn push(&self, order: Order) {
        let mut state = self.lock();
        // An empty draw is kept: its credit must come back.
        if state.exit.is_some() || (order.len() == 0 && matches!(order, Order::Print(..))) {
            return;
        }
        if state.bytes > 0 && state.bytes + order.len() > PENDING_MAX {
            drop(state);
            tracing::info!(guest = %self.inner.id, "cut: it does not take its output");
            self.inner.rein.cut();
            return;
        }
        self.inner.stdin.pass_over();
        state.bytes += order.len();
        state.orders.push_back(order);
        drop(state);
        self.inner.wake.notify_one();
    }

    fn next(&self) -> Step {
        let mut state = self.lock();
        if let Some(order) = state.orders.pop_front() {
            return Step::Write(order);
        }
        match state.exit.as_mut() {
            Some(exit) => {
                let exit = Exit {
                    status: exit.status,
                    message: exit.message.take(),
                };
                Step::Exit(exit, std::mem::take(&mut state.leave))
            }
            None => Step::Wait,
        }
    }

    fn written(&self, bytes: usize) {
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_sub(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Outbox> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut last = 0;
    for &byte in bytes {
        if byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        last = byte;
    }
    out
}

/// The task of a guest: writes its orders until it exits, leaves or is cut.
pub(super) struct Scribe {
    pub(super) guest: Guest,
    pub(super) channel: ChannelWriteHalf<Msg>,
    /// Where readiness is told; none for one whom the owner never met.
    pub(super) events: Option<mpsc::Sender<DoorEvent>>,
    /// The peer closed the channel, or its connection ended.
    pub(super) gone: CancellationToken,
    /// How long an exit may take.
    pub(super) linger: Duration,
}

impl Scribe {
    /// Runs until the guest is done; `open` is held as long. Says nothing to
    /// the owner about it: the caller does.
    pub(super) async fn run<T: Send>(self, open: T) {
        let inner = Arc::clone(&self.guest.inner);
        let overdue = async {
            inner.leaving.cancelled().await;
            tokio::time::sleep(self.linger).await;
        };
        tokio::select! {
            () = self.pump() => {}
            () = self.gone.cancelled() => {}
            () = inner.rein.severed() => {}
            () = overdue => inner.rein.cut(),
        }
        self.gone.cancel();
        inner.leaving.cancel();
        drop(open);
    }

    async fn pump(&self) {
        let mut out = Box::pin(self.channel.make_writer());
        let mut err = Box::pin(self.channel.make_writer_ext(Some(STDERR)));
        loop {
            let written = match self.guest.next() {
                Step::Wait => {
                    self.guest.inner.wake.notified().await;
                    continue;
                }
                Step::Exit(exit, leave) => {
                    let files = self.guest.inner.kind == Kind::Files;
                    if files {
                        self.finish(&mut err, exit, leave).await;
                    } else {
                        self.finish(&mut out, exit, leave).await;
                    }
                    return;
                }
                Step::Write(Order::Draw(bytes)) => {
                    let written = write(&mut out, &bytes).await;
                    self.guest.written(bytes.len());
                    if written && let Some(events) = &self.events {
                        let guest = self.guest.id();
                        let _ = events.send(DoorEvent::Ready { guest }).await;
                    }
                    written
                }
                Step::Write(Order::Print(stream, bytes)) => {
                    let written = match stream {
                        Stream::Out => write(&mut out, &bytes).await,
                        Stream::Err => write(&mut err, &bytes).await,
                    };
                    self.guest.written(bytes.len());
                    written
                }
            };
            if !written {
                return;
            }
        }
    }

    async fn finish(&self, out: &mut (impl AsyncWrite + Unpin), exit: Exit, leave: Vec<u8>) {
        let kind = self.guest.inner.kind;
        let line = exit
            .message
            .map(|message| format!("{message}\n").into_bytes());
        let mut line = line.unwrap_or_default();
        if kind.is_raw() {
            line = with_returns(&line);
        }
        // The last of control mode's lines is one of them.
        let last = if kind.is_control() {
            [line, leave].concat()
        } else {
            [leave, line].concat()
        };
        if write(out, &last).await {
            // The peer may be gone in between; then nobody is left to tell.
            let _ = self.channel.exit_status(u32::from(exit.status)).await;
            let _ = self.channel.eof().await;
            let _ = self.channel.close().await;
        }
    }
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> bool {
    bytes.is_empty() || to.write_all(bytes).await.is_ok()
}

/// The guests there are, of all shares.
#[derive(Debug)]
pub(super) struct Guests {
    map: Mutex<HashMap<GuestId, Guest>>,
    count: watch::Sender<usize>,
    relayed: watch::Sender<usize>,
}

/// A connection that is counted.
#[derive(Debug)]
pub(super) struct Relayed(Arc<Guests>);

impl Drop for Relayed {
    fn drop(&mut self) {
        self.0.relayed.send_modify(|count| *count -= 1);
    }
}

impl Guests {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            map: Mutex::default(),
            count: watch::Sender::new(0),
            relayed: watch::Sender::new(0),
        })
    }

    /// Counts a connection that comes over a relay, until what is returned is
    /// dropped.
    pub(super) fn relayed(self: &Arc<Self>) -> Relayed {
        self.relayed.send_modify(|count| *count += 1);
        Relayed(Arc::clone(self))
    }

    /// Waits until no connection comes over a relay: what they were sent last
    /// has arrived, for their clients have gone.
    pub(super) async fn none_relayed(&self) {
        // As below.
        let mut count = self.relayed.subscribe();
        let _ = count.wait_for(|count| *count == 0).await;
    }

    /// Adds a guest unless there are `most`.
    pub(super) fn insert(&self, guest: Guest, most: usize) -> bool {
        let mut map = self.lock();
        if map.len() >= most {
            return false;
        }
        map.insert(guest.id(), guest);
        self.count.send_replace(map.len());
        true
    }

    /// All that there are.
    pub(super) fn all(&self) -> Vec<Guest> {
        self.lock().values().cloned().collect()
    }

    pub(super) fn remove(&self, id: GuestId) {
        let mut map = self.lock();
        map.remove(&id);
        self.count.send_replace(map.len());
    }

    pub(super) fn get(&self, id: GuestId) -> Option<Guest> {
        self.lock().get(&id).cloned()
    }

    /// Waits until there is none.
    pub(super) async fn none_left(&self) {
        // The sender lives as long as this borrow: the wait cannot fail.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GuestId, Guest>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(kind: Kind) -> (Guest, CancellationToken) {
        let cut = CancellationToken::new();
        (Guest::new(GuestId(1), kind, Rein::new(cut.clone())), cut)
    }

    #[test]
    fn print_returns_the_carriage_on_a_terminal() {
        assert_eq!(with_returns(b"a\nb\r\n\n"), b"a\r\nb\r\n\r\n");
    }

    #[test]
    fn orders_keep_their_order_and_end_with_the_exit() {
        let (guest, _) = guest(Kind::Terminal);
        guest.attach(b"in", b"out".to_vec());
        guest.draw(Arc::from(&b"picture"[..]));
        guest.exit(3, Some("bye".into()));
        guest.print(Stream::Out, b"too late");
        guest.exit(0, None);
        assert!(matches!(guest.next(), Step::Write(Order::Print(Stream::Out, b)) if b == b"in"));
        assert!(matches!(guest.next(), Step::Write(Order::Draw(b)) if *b == *b"picture"));
        assert!(
            matches!(guest.next(), Step::Exit(exit, leave) if exit.status == 3 && leave == b"out")
        );
    }

    #[test]
    fn guest_that_takes_nothing_is_cut_before_memory_grows() {
        let (guest, cut) = guest(Kind::Command);
        let piece = vec![b'x'; 1024 * 1024];
        for _ in 0..100 {
            guest.print(Stream::Out, &piece);
        }
        assert!(cut.is_cancelled());
        assert!(guest.lock().bytes <= PENDING_MAX);
    }
}
