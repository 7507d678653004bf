//! Bytes typed by a client's terminal become keys, mouse events, pastes and
//! replies. Time comes in as a value: a lone Escape is told from the start of
//! a sequence by `escape-time` (tmux(1), "OPTIONS").
//!
//! What looks like a sequence is never typed as text: unknown ones are
//! swallowed whole, each with a bound in bytes and in time. How the bytes were
//! cut into reads changes nothing.
//!
//! ```text
//! Ground ─ESC─ Escape ─[─ Csi ─final─ key, mouse, reply, paste
//!    │           ├─O─ Ss3 ─final─ key      └─M─ X10    └─[─ Linux
//!    └─lead─ Utf8├─] P _─ String ─ST, BEL─ reply
//!                └─else─ Meta and that key
//! ```

use std::time::Duration;

use crate::base::{Key, KeyCode, Keystroke, Mods, MouseEvent};

use super::csi::{self, Params, Sequence};
use super::custom::{Custom, Found};
use super::mouse::{self, Buttons};
use super::paste::{Paste, PasteChunk};
use super::reply::{self, Reply, StringKind};

/// The longest control sequence read, in bytes; a longer one is swallowed.
const MAX_CSI: usize = 256;
/// The longest string kept, in bytes: an OSC 52 answer of 1 MiB in base64.
const MAX_STRING: usize = 1_400_000;
/// How long `ESC [`, `ESC O`, `ESC ]` … alone may wait: a second half that
/// comes late over a network is worse typed than a rare Meta key is delayed.
const INTRODUCER_TIME: Duration = Duration::from_millis(50);
/// How long the rest of a sequence may take after its last byte.
const SEQUENCE_TIME: Duration = Duration::from_millis(500);
/// How long a string may take in all.
const STRING_TIME: Duration = Duration::from_secs(10);
/// How long a paste may pause before it counts as ended.
const PASTE_TIME: Duration = Duration::from_secs(5);

/// One thing that a client's terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key; focus changes are keys too.
    Key(Key),
    /// A key of which the kitty protocol tells more than that it was pressed.
    Stroke(Key, Keystroke),
    /// A mouse report.
    Mouse(MouseEvent),
    /// Part of a bracketed paste.
    Paste(PasteChunk),
    /// The answer to a question; it is never typed.
    Reply(Reply),
}

/// How a client's bytes are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderConfig {
    /// How long a lone Escape waits for the rest of a sequence; below 1 ms it
    /// counts as 1 ms (`escape-time`).
    pub escape_time: Duration,
    /// Whether `CSI M` coordinates are UTF-8 (DECSET 1005). stepmux asks for
    /// SGR reports and never for these.
    pub utf8_mouse: bool,
    /// Whether characters come as UTF-8. Where not, a byte above 127 is a control
    /// of ECMA-48's C1 or a key with Meta held (xterm's `eightBitInput`).
    pub utf8: bool,
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            escape_time: Duration::from_millis(10),
            utf8_mouse: false,
            utf8: true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    Csi,
    /// `CSI [`: the Linux console's F1 to F5.
    Linux,
    Ss3,
    X10,
    /// A string; the flag says that its last byte was ESC.
    Text(StringKind, bool),
    /// A character that needs this many more bytes.
    Utf8(u8),
    Paste,
}

/// Reads one client's bytes.
#[derive(Clone, Debug)]
pub struct Decoder {
    config: DecoderConfig,
    /// Sequences with a meaning of their own, looked for before all else.
    custom: Custom,
    /// The start of one of them, held until it is whole or something else.
    pending: Vec<u8>,
    state: State,
    /// In `Utf8`: Meta is held. Elsewhere: an ESC came before the sequence.
    meta: bool,
    seq: Vec<u8>,
    overflow: bool,
    paste: Paste,
    buttons: Buttons,
    started: Duration,
    deadline: Option<Duration>,
}

impl Decoder {
    /// A decoder at rest.
    #[must_use]
    pub fn new(config: DecoderConfig) -> Self {
        Self {
            config,
            custom: Custom::default(),
            pending: Vec::new(),
            state: State::Ground,
            meta: false,
            seq: Vec::new(),
            overflow: false,
            paste: Paste::default(),
            buttons: Buttons::default(),
            started: Duration::ZERO,
            deadline: None,
        }
    }

    /// Changes `escape-time`; what is pending keeps its old deadline.
    pub fn set_escape_time(&mut self, time: Duration) {
        self.config.escape_time = time;
    }

    /// Sets sequences that mean a key whatever they would mean otherwise: those
    /// of the `user-keys` option, those of the terminal's description. Of two
    /// that fit the first holds; empty and overlong ones are passed over.
    pub fn set_keys(&mut self, keys: Vec<(Vec<u8>, Key)>) {
        self.custom = Custom::new(keys);
    }

    /// Bytes held for what is not finished, for tests of their bound.
    #[doc(hidden)]
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.seq.capacity() + self.paste.held_bytes()
    }

    /// When [`Self::tick`] is due; nothing while no sequence is pending.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Reads bytes that arrived at `now`. A deadline that has passed by then is
    /// served first.
    pub fn feed(&mut self, bytes: &[u8], now: Duration, out: &mut Vec<Input>) {
        self.tick(now, out);
        if bytes.is_empty() {
            return;
        }
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.state == State::Paste {
                let (used, ended) = self.paste.feed(rest, out);
                if ended {
                    self.state = State::Ground;
                }
                rest = &rest[used..];
                continue;
            }
            rest = tail;
            if self.custom.is_empty() {
                self.byte(byte, now, out);
            } else {
                self.pending.push(byte);
                self.match_pending(false, now, out);
            }
        }
        self.deadline = self.patience(now);
    }

    /// Gives up on what is pending if its time has passed at `now`.
    pub fn tick(&mut self, now: Duration, out: &mut Vec<Input>) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        if !self.pending.is_empty() {
            self.match_pending(true, now, out);
            // What was held has already waited as long as a lone Escape may.
            if !matches!(self.state, State::Ground | State::Escape) {
                self.deadline = self.patience(now);
                return;
            }
        }
        match self.state {
            State::Escape => {
                let mods = if self.meta { Mods::META } else { Mods::NONE };
                out.push(Input::Key(Key::from(KeyCode::Escape).with(mods)));
            }
            State::Csi | State::Ss3 | State::Text(..) => self.abandon(out),
            State::Paste => self.paste.finish(out),
            State::Ground | State::Linux | State::X10 | State::Utf8(_) => {}
        }
        self.rest();
    }

    /// Reads what is held as far as it is decided; all of it where no more is
    /// waited for.
    fn match_pending(&mut self, last: bool, now: Duration, out: &mut Vec<Input>) {
        while !self.pending.is_empty() {
            // Inside a sequence, and in a paste that one began, bytes are its own.
            if self.state == State::Paste {
                let held = std::mem::take(&mut self.pending);
                let (used, ended) = self.paste.feed(&held, out);
                if ended {
                    self.state = State::Ground;
                }
                self.pending = held[used..].to_vec();
                continue;
            }
            let found = if self.state == State::Ground {
                self.custom.find(&self.pending, last)
            } else {
                Found::Nothing
            };
            let used = match found {
                Found::Key(key, len) => {
                    out.push(Input::Key(key));
                    len
                }
                Found::More => return,
                Found::Nothing => {
                    let byte = self.pending[0];
                    self.byte(byte, now, out);
                    1
                }
            };
            self.pending.drain(..used);
        }
    }

    fn patience(&self, now: Duration) -> Option<Duration> {
        let escape_time = self.config.escape_time.max(Duration::from_millis(1));
        Some(match self.state {
            State::Ground if !self.pending.is_empty() => now + escape_time,
            State::Ground => return None,
            State::Escape => now + escape_time,
            State::Csi | State::Ss3 | State::Text(_, false) if self.seq.is_empty() => {
                now + escape_time.max(INTRODUCER_TIME)
            }
            State::Text(..) => (now + SEQUENCE_TIME).min(self.started + STRING_TIME),
            State::Csi | State::Ss3 | State::Linux | State::X10 | State::Utf8(_) => {
                now + SEQUENCE_TIME
            }
            State::Paste => now + PASTE_TIME,
        })
    }

    fn rest(&mut self) {
        self.state = State::Ground;
        self.meta = false;
        self.overflow = false;
        if self.seq.capacity() > 4096 {
            self.seq = Vec::new();
        } else {
            self.seq.clear();
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.seq.clear();
        self.overflow = false;
    }

    fn keep(&mut self, byte: u8, limit: usize) {
        if self.seq.len() < limit {
            self.seq.push(byte);
        } else {
            self.overflow = true;
        }
    }

    fn byte(&mut self, byte: u8, now: Duration, out: &mut Vec<Input>) {
        match self.state {
            State::Ground | State::Paste => self.ground(byte, out),
            State::Escape => self.escape(byte, now, out),
            State::Csi => self.csi(byte, out),
            State::Linux => self.linux(byte, out),
            State::Ss3 => self.ss3(byte, out),
            State::X10 => self.x10(byte, out),
            State::Text(kind, escaped) => self.text(kind, escaped, byte, out),
            State::Utf8(need) => self.utf8(need, byte, out),
        }
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            0x1b => {
                self.rest();
                self.state = State::Escape;
            }
            0..=0x7f => out.push(Input::Key(of_ascii(byte))),
            0x80..=0xff if !self.config.utf8 => self.eight_bits(byte, out),
            0xc2..=0xf4 => self.lead(byte),
            // No character starts with this byte (RFC 3629): dropped.
            0x80..=0xc1 | 0xf5..=0xff => {}
        }
    }

    /// A byte of a terminal that does not speak UTF-8: the controls that begin a
    /// sequence (ECMA-48, 5.3), or a key with Meta held.
    fn eight_bits(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            0x9b => self.enter(State::Csi),
            0x8f => self.enter(State::Ss3),
            _ => out.push(Input::Key(of_ascii(byte & 0x7f).with(Mods::META))),
        }
    }

    fn lead(&mut self, byte: u8) {
        let need = match byte {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            _ => 3,
        };
        self.enter(State::Utf8(need));
        self.seq.push(byte);
    }

    fn utf8(&mut self, need: u8, byte: u8, out: &mut Vec<Input>) {
        if byte & 0xc0 != 0x80 {
            self.rest();
            self.ground(byte, out);
            return;
        }
        self.seq.push(byte);
        if need > 1 {
            self.state = State::Utf8(need - 1);
            return;
        }
        let typed = std::str::from_utf8(&self.seq).ok();
        if let Some(ch) = typed.and_then(|text| text.chars().next())
            && !ch.is_control()
        {
            let mods = if self.meta { Mods::META } else { Mods::NONE };
            out.push(Input::Key(Key::char(ch).with(mods)));
        }
        self.rest();
    }

    fn escape(&mut self, byte: u8, now: Duration, out: &mut Vec<Input>) {
        match byte {
            b'[' => self.enter(State::Csi),
            b'O' => self.enter(State::Ss3),
            0x1b => {
                self.stray_escape(out);
                self.meta = true;
            }
            b']' | b'P' | b'_' => {
                self.stray_escape(out);
                self.started = now;
                self.enter(State::Text(StringKind::of(byte), false));
            }
            0..=0x7f => {
                self.stray_escape(out);
                self.rest();
                out.push(Input::Key(of_ascii(byte).with(Mods::META)));
            }
            0xc2..=0xf4 if self.config.utf8 => {
                self.stray_escape(out);
                self.lead(byte);
                self.meta = true;
            }
            0x80..=0xff => {
                self.stray_escape(out);
                self.rest();
                out.push(Input::Key(KeyCode::Escape.into()));
                if !self.config.utf8 {
                    self.ground(byte, out);
                }
            }
        }
    }

    /// Types the ESC that turned out not to be the Meta of a sequence.
    fn stray_escape(&mut self, out: &mut Vec<Input>) {
        if std::mem::take(&mut self.meta) {
            out.push(Input::Key(KeyCode::Escape.into()));
        }
    }

    /// Drops the pending sequence. Where nothing came after its introducer, it
    /// was the Meta key of that name.
    fn abandon(&mut self, out: &mut Vec<Input>) {
        if self.seq.is_empty() && !self.overflow {
            let typed = match self.state {
                State::Csi => Some('['),
                State::Ss3 => Some('O'),
                State::Text(kind, false) => Some(kind.introducer()),
                State::Text(_, true)
                | State::Ground
                | State::Escape
                | State::Linux
                | State::X10
                | State::Utf8(_)
                | State::Paste => None,
            };
            if let Some(ch) = typed {
                self.stray_escape(out);
                out.push(Input::Key(Key::char(ch).with(Mods::META)));
            }
        }
        self.rest();
    }

    fn csi(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'$' if csi::is_rxvt_number(&self.seq) => self.csi_end(byte, out),
            0x20..=0x3f => self.keep(byte, MAX_CSI),
            b'[' if self.seq.is_empty() => self.state = State::Linux,
            b'M' if self.seq.is_empty() => self.state = State::X10,
            0x40..=0x7e => self.csi_end(byte, out),
            0..=0x1f | 0x7f..=0xff => {
                self.abandon(out);
                self.ground(byte, out);
            }
        }
    }

    fn csi_end(&mut self, last: u8, out: &mut Vec<Input>) {
        let meta = self.meta;
        let read = if self.overflow {
            Sequence::Unknown
        } else {
            csi::read(&self.seq, last)
        };
        match read {
            Sequence::Key(key, stroke) if stroke == Keystroke::default() => {
                let mods = if meta { Mods::META } else { Mods::NONE };
                out.push(Input::Key(key.with(mods)));
            }
            Sequence::Key(key, stroke) => {
                self.stray_escape(out);
                out.push(Input::Stroke(key, stroke));
            }
            Sequence::Report(code) => {
                self.stray_escape(out);
                out.push(Input::Key(code.into()));
            }
            Sequence::Mouse(report) => {
                self.stray_escape(out);
                out.extend(self.buttons.event(report).map(Input::Mouse));
            }
            Sequence::Reply(reply) => {
                self.stray_escape(out);
                out.push(Input::Reply(reply));
            }
            Sequence::PasteStart => {
                self.stray_escape(out);
                out.push(Input::Key(KeyCode::PasteStart.into()));
                self.rest();
                self.paste.start();
                self.state = State::Paste;
                return;
            }
            Sequence::Unknown => {}
        }
        self.rest();
    }

    fn linux(&mut self, byte: u8, out: &mut Vec<Input>) {
        let mods = if self.meta { Mods::META } else { Mods::NONE };
        self.rest();
        match byte {
            b'A'..=b'E' => {
                let key = Key::from(KeyCode::F(byte - b'A' + 1));
                out.push(Input::Key(key.with(mods)));
            }
            0x20..=0x7e => {}
            0..=0x1f | 0x7f..=0xff => self.ground(byte, out),
        }
    }

    fn ss3(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'0'..=b'9' | b';' => self.keep(byte, MAX_CSI),
            b' ' | 0x40..=0x7e => {
                let mods = if self.meta { Mods::META } else { Mods::NONE };
                if let Some(key) = csi::ss3(&Params::read(&self.seq), byte) {
                    out.push(Input::Key(key.with(mods)));
                } else if self.seq.is_empty() {
                    // No terminal sends this: Meta-O and a further key.
                    self.abandon(out);
                    self.ground(byte, out);
                }
                self.rest();
            }
            0..=0x1f | 0x21..=0x2f | 0x3a | 0x3c..=0x3f | 0x7f..=0xff => {
                self.abandon(out);
                self.ground(byte, out);
            }
        }
    }

    fn x10(&mut self, byte: u8, out: &mut Vec<Input>) {
        self.seq.push(byte);
        let Some(report) = mouse::x10(&self.seq, self.config.utf8_mouse) else {
            // Three values of at most two bytes each always end.
            if self.seq.len() >= 6 {
                self.rest();
            }
            return;
        };
        self.stray_escape(out);
        out.extend(self.buttons.event(report).map(Input::Mouse));
        self.rest();
    }

    fn text(&mut self, kind: StringKind, escaped: bool, byte: u8, out: &mut Vec<Input>) {
        match (escaped, byte) {
            (true, b'\\') | (false, 0x07) => {
                if !self.overflow {
                    out.extend(reply::of_string(kind, &self.seq).map(Input::Reply));
                }
                self.rest();
            }
            (true, _) => {
                // The ESC was no terminator: it starts something new.
                self.rest();
                self.state = State::Escape;
                self.escape(byte, self.started, out);
            }
            (false, 0x1b) => self.state = State::Text(kind, true),
            // No answer holds a control character: somebody is typing.
            (false, 0..=0x1f) => {
                self.abandon(out);
                self.ground(byte, out);
            }
            // No answer begins so either.
            (false, _) if self.seq.is_empty() && !kind.may_begin(byte) => {
                self.abandon(out);
                self.ground(byte, out);
            }
            (false, 0x20..=0xff) => self.keep(byte, MAX_STRING),
        }
    }
}

/// The key of one byte below 0x80 (ESC excepted: it starts a sequence).
fn of_ascii(byte: u8) -> Key {
    match byte {
        0 => Key::ctrl(' '),
        b'\t' => KeyCode::Tab.into(),
        b'\r' => KeyCode::Enter.into(),
        0x1b => KeyCode::Escape.into(),
        0x7f => KeyCode::Backspace.into(),
        1..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(byte + 0x40)),
        _ => Key::char(char::from(byte)),
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
