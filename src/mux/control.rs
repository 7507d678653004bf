//! A control client (tmux(1), "CONTROL MODE"): its flags, sizes and subscriptions,
//! and what is to be written to it. All is pure: lines and panes' output go in,
//! bytes in the protocol's form come out, at the pace at which they are taken.
//! It knows no command, and decides nothing about the model.
//!
//! ```text
//! command ─ begin ─ print … ─ end ─┐
//! change ─ notify ─ (held while a block is open) ─┼─▶ one queue ─ take ─▶ bytes
//! pane ─ output ─ (off, paused: dropped) ─────────┘
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::base::mask::{Masker, Secrets};
use crate::base::{PaneId, Size, WindowId};

/// How far behind a client may be that does not let itself be paused (tmux
/// gives it five minutes).
const PATIENCE: Duration = Duration::from_secs(300);

/// The most of panes' output that waits for one client, in bytes; then a pane is
/// paused, or the client is too far behind.
const MOST_OUTPUT: usize = 16 << 20;

/// What one entry of the queue costs beside its bytes.
const ENTRY: usize = 64;

/// The most bytes of a pane in one line.
const LINE: usize = 2048;

/// Pieces of a pane's output are joined up to this size, in bytes.
const JOINED: usize = 4096;

/// The most subscriptions of one client.
const MOST_SUBSCRIPTIONS: usize = 256;

/// What the client asked for about a pane (`refresh-client -A`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaneState {
    /// Its output is sent.
    On,
    /// Its output is not wanted.
    Off,
    /// Its output is not sent until the client says `continue`.
    Paused,
}

/// What a subscription looks at (`refresh-client -B`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The attached session.
    Session,
    /// One pane.
    Pane(PaneId),
    /// Every pane of the session.
    Panes,
    /// One window.
    Window(WindowId),
    /// Every window of the session.
    Windows,
}

impl Watched {
    /// Reads the middle part of a subscription; what is none of tmux's words is
    /// the session, as there.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let number = |text: &str| text.parse().ok();
        match text {
            "%*" => return Self::Panes,
            "@*" => return Self::Windows,
            _ => {}
        }
        if let Some(id) = text.strip_prefix('%').and_then(number) {
            return Self::Pane(PaneId(id));
        }
        if let Some(id) = text.strip_prefix('@').and_then(number) {
            return Self::Window(WindowId(id));
        }
        Self::Session
    }
}

/// Where a subscription's value was taken: window, its index, pane.
pub type Place = (Option<(WindowId, u32)>, Option<PaneId>);

/// A format whose changes the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What it looks at.
    pub watched: Watched,
    /// The format.
    pub format: String,
    /// The value that was told for each place.
    pub told: BTreeMap<Place, String>,
}

/// A control client's own state.
#[derive(Debug, Default)]
pub struct Control {
    /// `no-output`: it gets no panes' output.
    pub no_output: bool,
    /// `wait-exit`: it waits for an empty line before it exits.
    pub wait_exit: bool,
    /// `new-layouts`: layouts are told in the newer form.
    pub new_layouts: bool,
    /// `pause-after`: a pane that is so far behind is paused.
    pub pause_after: Option<Duration>,
    /// It has said its size: until then it counts for no window.
    pub sized: bool,
    /// Sizes that it wants single windows to have.
    pub window_sizes: BTreeMap<WindowId, Size>,
    /// Its subscriptions by name.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// When subscriptions are looked at next; none without any.
    pub check_at: Option<Duration>,
    /// Why it exits, if it is told so.
    pub reason: Option<&'static str>,
    /// One of its commands failed: so will it, in the end.
    pub failed: bool,
    /// Its windows get their sizes anew, and it is told of all of them.
    pub resized: bool,
    /// It is to exit, with this status.
    leaving: Option<u8>,
    queue: VecDeque<Entry>,
    /// What came while a block was open.
    held: Vec<Entry>,
    block: bool,
    panes: BTreeMap<PaneId, Flow>,
    /// Panes' output in the queue, in bytes and costs.
    output: usize,
    /// Sent, and not taken yet.
    sending: bool,
    /// Only ASCII: bytes from 128 up are escaped too.
    ascii: bool,
}

#[derive(Debug)]
enum Entry {
    Line(Vec<u8>),
    Output {
        pane: PaneId,
        at: Duration,
        data: Vec<u8>,
        sent: usize,
    },
}

#[derive(Debug)]
struct Flow {
    state: PaneState,
    /// Takes out what the client may not see, wherever it is cut into pieces.
    masker: Option<Masker>,
    /// When its waiting pieces were written, the oldest first.
    waiting: VecDeque<Duration>,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            state: PaneState::On,
            masker: None,
            waiting: VecDeque::new(),
        }
    }
}

impl Control {
    /// A control client that has just come. With `ascii` nothing but ASCII is
    /// written: what a guest's terminal would take for control codes in eight
    /// bits is escaped as well.
    #[must_use]
    pub fn new(ascii: bool) -> Self {
        Self {
            ascii,
            ..Self::default()
        }
    }

    /// Begins a block: `%begin time number flags`.
    pub fn begin(&mut self, time: i64, number: u64, flags: u8) {
        self.guard("begin", time, number, flags);
        self.block = true;
    }

    /// Ends a block: `%end` or `%error`; what was held back comes after it.
    pub fn end(&mut self, time: i64, number: u64, flags: u8, failed: bool) {
        self.block = false;
        let word = if failed { "error" } else { "end" };
        self.guard(word, time, number, flags);
        for entry in std::mem::take(&mut self.held) {
            self.push(entry);
        }
    }

    fn guard(&mut self, word: &str, time: i64, number: u64, flags: u8) {
        let line = format!("%{word} {time} {number} {flags}");
        self.queue.push_back(Entry::Line(line.into_bytes()));
    }

    /// Writes a command's output; a line that is not ended is.
    pub fn print(&mut self, bytes: &[u8]) {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        self.queue.push_back(Entry::Line(bytes.to_vec()));
    }

    /// Tells of something, after the block that is open, if one is.
    pub fn notify(&mut self, line: String) {
        self.push(Entry::Line(line.into_bytes()));
    }

    fn push(&mut self, entry: Entry) {
        if self.block {
            self.held.push(entry);
        } else {
            self.queue.push_back(entry);
        }
    }

    /// Whether a pane's output is wanted.
    #[must_use]
    pub fn wants(&self, pane: PaneId) -> bool {
        !self.no_output && self.state(pane) == PaneState::On
    }

    /// What the client asked for about a pane.
    #[must_use]
    pub fn state(&self, pane: PaneId) -> PaneState {
        self.panes.get(&pane).map_or(PaneState::On, |f| f.state)
    }

    /// Looks out for secrets in what a pane writes, of which this stands before its
    /// cursor already.
    pub fn veil(&mut self, pane: PaneId, secrets: &Secrets, before: impl FnOnce() -> String) {
        let flow = self.panes.entry(pane).or_default();
        flow.masker.get_or_insert_with(|| {
            let mut masker = secrets.stream();
            // What of it may begin a value is held back, and seen twice at most.
            masker.feed(before().as_bytes(), &mut Vec::new());
            masker.settle(&mut Vec::new());
            masker
        });
    }

    /// Looks out for secrets no more.
    pub fn unveil(&mut self) {
        self.panes.values_mut().for_each(|flow| flow.masker = None);
    }

    /// What a pane wrote, without the secrets. Output that is not wanted passes
    /// through here too: what comes later may end a value that began in it.
    #[must_use]
    pub fn veiled(&mut self, pane: PaneId, secrets: &Secrets, bytes: &[u8]) -> Vec<u8> {
        let flow = self.panes.entry(pane).or_default();
        let masker = flow.masker.get_or_insert_with(|| secrets.stream());
        let mut out = Vec::with_capacity(bytes.len());
        masker.feed(bytes, &mut out);
        masker.settle(&mut out);
        out
    }

    /// Takes in what a pane wrote. False: the client is too far behind to be
    /// kept; its output is gone.
    #[must_use]
    pub fn output(&mut self, pane: PaneId, bytes: &[u8], now: Duration) -> bool {
        if bytes.is_empty() || !self.wants(pane) {
            return true;
        }
        let oldest = self.panes.get(&pane).and_then(|flow| flow.waiting.front());
        let age = oldest.map_or(Duration::ZERO, |at| now.saturating_sub(*at));
        let full = self.output + bytes.len() + ENTRY > MOST_OUTPUT;
        match self.pause_after {
            Some(limit) if (oldest.is_some() && age >= limit) || full => {
                self.pause(pane);
                return true;
            }
            None if age >= PATIENCE || full => {
                self.discard_output();
                return false;
            }
            _ => {}
        }
        if let Some(Entry::Output {
            pane: own, data, ..
        }) = self.queue.back_mut()
            && *own == pane
            && !self.block
            && data.len() + bytes.len() <= JOINED
        {
            data.extend_from_slice(bytes);
            self.output += bytes.len();
            return true;
        }
        self.output += bytes.len() + ENTRY;
        let flow = self.panes.entry(pane).or_default();
        flow.waiting.push_back(now);
        self.push(Entry::Output {
            pane,
            at: now,
            data: bytes.to_vec(),
            sent: 0,
        });
        true
    }

    /// Pauses a pane: what waits of it is dropped, and the client is told.
    pub fn pause(&mut self, pane: PaneId) {
        let flow = self.panes.entry(pane).or_default();
        if flow.state != PaneState::Paused {
            flow.state = PaneState::Paused;
            self.drop_output(pane);
            self.notify(format!("%pause {pane}"));
        }
    }

    /// Sends a paused pane's further output again, and tells the client so.
    pub fn resume(&mut self, pane: PaneId) {
        let flow = self.panes.entry(pane).or_default();
        if flow.state == PaneState::Paused {
            flow.state = PaneState::On;
            self.notify(format!("%continue {pane}"));
        }
    }

    /// Wants a pane's output, or wants it no more.
    pub fn switch(&mut self, pane: PaneId, on: bool) {
        let flow = self.panes.entry(pane).or_default();
        if on {
            if flow.state == PaneState::Off {
                flow.state = PaneState::On;
            }
        } else {
            flow.state = PaneState::Off;
            self.drop_output(pane);
        }
    }

    fn drop_output(&mut self, pane: PaneId) {
        let mut freed = 0;
        let mut keep = |entry: &Entry| match entry {
            Entry::Output {
                pane: own, data, ..
            } if *own == pane => {
                freed += data.len() + ENTRY;
                false
            }
            _ => true,
        };
        self.queue.retain(&mut keep);
        self.held.retain(&mut keep);
        self.output -= freed.min(self.output);
        if let Some(flow) = self.panes.get_mut(&pane) {
            flow.waiting.clear();
        }
    }

    /// Drops all panes' output that waits: nothing of it comes after an exit.
    pub fn discard_output(&mut self) {
        let line = |entry: &Entry| matches!(entry, Entry::Line(_));
        self.queue.retain(line);
        self.held.retain(line);
        self.output = 0;
        for flow in self.panes.values_mut() {
            flow.waiting.clear();
        }
    }

    /// Forgets panes and windows that are gone.
    pub fn forget(&mut self, pane: impl Fn(PaneId) -> bool, window: impl Fn(WindowId) -> bool) {
        self.panes
            .retain(|id, flow| pane(*id) || !flow.waiting.is_empty());
        self.window_sizes.retain(|id, _| window(*id));
    }

    /// Adds a subscription, or takes the place of one of its name. Whether there
    /// was room for it.
    pub fn subscribe(&mut self, name: &str, watched: Watched, format: &str, now: Duration) -> bool {
        let known = self.subscriptions.contains_key(name);
        if !known && self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
            return false;
        }
        let subscription = Subscription {
            watched,
            format: format.to_owned(),
            told: BTreeMap::new(),
        };
        self.subscriptions.insert(name.to_owned(), subscription);
        self.check_at.get_or_insert(now + Duration::from_secs(1));
        true
    }

    /// Lets it exit once all is said.
    pub fn leave(&mut self, status: u8) {
        let failed = u8::from(self.failed);
        self.leaving.get_or_insert(status.max(failed));
    }

    /// With which status it is to exit; once.
    pub fn leaves(&mut self) -> Option<u8> {
        self.leaving.take()
    }

    /// Whether nothing waits to be written.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.sending
    }

    /// The client has taken what was sent.
    pub fn taken(&mut self) {
        self.sending = false;
    }

    /// The next bytes to send, about `most` of them, if the last have been taken.
    pub fn take(&mut self, most: usize, now: Duration) -> Option<Vec<u8>> {
        // A block goes out as a whole.
        if self.sending || self.block || self.queue.is_empty() {
            return None;
        }
        self.sending = true;
        Some(self.drain(most, now))
    }

    /// All that waits, whether the last was taken or not: the client exits.
    pub fn take_rest(&mut self, now: Duration) -> Vec<u8> {
        self.discard_output();
        self.block = false;
        for entry in std::mem::take(&mut self.held) {
            self.push(entry);
        }
        self.drain(usize::MAX, now)
    }

    fn drain(&mut self, most: usize, now: Duration) -> Vec<u8> {
        let mut out = Vec::new();
        while out.len() < most
            && let Some(entry) = self.queue.front_mut()
        {
            let (pane, at, data, sent) = match entry {
                Entry::Line(line) => {
                    out.append(line);
                    out.push(b'\n');
                    self.queue.pop_front();
                    continue;
                }
                Entry::Output {
                    pane,
                    at,
                    data,
                    sent,
                } => (*pane, *at, data, sent),
            };
            let head = match self.pause_after {
                Some(_) => {
                    let age = now.saturating_sub(at).as_millis();
                    format!("%extended-output {pane} {age} : ")
                }
                None => format!("%output {pane} "),
            };
            let end = data.len().min(*sent + LINE);
            out.extend_from_slice(head.as_bytes());
            escape(&data[*sent..end], self.ascii, &mut out);
            out.push(b'\n');
            *sent = end;
            if end == data.len() {
                self.output -= (data.len() + ENTRY).min(self.output);
                self.queue.pop_front();
                if let Some(flow) = self.panes.get_mut(&pane) {
                    flow.waiting.pop_front();
                }
            }
        }
        out
    }
}

/// Appends a pane's bytes as the protocol writes them: control characters and
/// the backslash in octal.
fn escape(bytes: &[u8], ascii: bool, out: &mut Vec<u8>) {
    for &byte in bytes {
        if byte < b' ' || byte == b'\\' || (ascii && byte >= 0x7f) {
            let digit = |shift: u8| b'0' + ((byte >> shift) & 7);
            out.extend_from_slice(&[b'\\', digit(6), digit(3), digit(0)]);
        } else {
            out.push(byte);
        }
    }
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
