//! The parser of what a pane's program writes: printable runs in one go, C0 and
//! C1 controls, ESC and CSI sequences (ECMA-48 §5.3–5.4, the state machine of
//! the DEC VT500 series), and strings, each with a bound. Its state survives
//! any cut of the input. It decides where things begin and end, not what they
//! mean, and it never runs the payload of a tmux passthrough.

use memchr::{memchr, memchr2};

use super::sixel::Measure;
use super::{Config, Output, Terminal};

/// Values of one control sequence, kept inline; further ones are dropped.
const MAX_PARAMS: usize = 64;
/// The longest parameters that tmux reads, and the most numbers. A sequence with
/// more does nothing.
const LONGEST: u8 = 63;
const MOST: u8 = 23;
/// The part of a text run that is looked at in one go, so that controls
/// inside it cannot make the work quadratic.
const WINDOW: usize = 1024;

/// Bytes of an incomplete sequence that are kept to be shown.
const PENDING_MAX: usize = 64 << 10;

/// Numbers of a control sequence. `:` joins a value to the one before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Params {
    values: [u16; MAX_PARAMS],
    joined: u64,
    /// Values that have a digit.
    given: u64,
    len: usize,
    full: bool,
    /// The number being read, which may be beyond what is kept of it.
    number: u32,
    /// Bytes read.
    bytes: u8,
    /// Numbers that are joined to none.
    own: u8,
    /// A number is too large.
    large: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            values: [0; MAX_PARAMS],
            joined: 0,
            given: 0,
            len: 0,
            full: false,
            number: 0,
            bytes: 0,
            own: 0,
            large: false,
        }
    }
}

impl Params {
    fn clear(&mut self) {
        self.joined = 0;
        self.given = 0;
        self.len = 0;
        self.full = false;
        self.number = 0;
        self.bytes = 0;
        self.own = 0;
        self.large = false;
    }

    /// Whether tmux would read these at all: not when they are too long, too many
    /// or too large.
    #[inline]
    pub(super) fn readable(&self) -> bool {
        !self.large && self.bytes <= LONGEST && self.own <= MOST
    }

    #[inline]
    fn digit(&mut self, byte: u8) {
        self.bytes = self.bytes.saturating_add(1);
        if self.full {
            return;
        }
        if self.len == 0 {
            self.start(false);
        }
        self.given |= 1 << (self.len - 1);
        let value = &mut self.values[self.len - 1];
        *value = value
            .saturating_mul(10)
            .saturating_add(u16::from(byte - b'0'));
        let number = self.number.saturating_mul(10);
        self.number = number.saturating_add(u32::from(byte - b'0'));
        self.large |= self.number > i32::MAX as u32;
    }

    #[inline]
    fn start(&mut self, joined: bool) {
        self.number = 0;
        self.own = self.own.saturating_add(u8::from(!joined));
        if self.len == MAX_PARAMS {
            self.full = true;
            return;
        }
        self.values[self.len] = 0;
        self.joined |= u64::from(joined) << self.len;
        self.len += 1;
    }

    #[inline]
    fn separator(&mut self, joined: bool) {
        self.bytes = self.bytes.saturating_add(1);
        if self.len == 0 {
            self.start(false);
        }
        self.start(joined);
    }

    /// The parameters of a text such as `1;2:3`.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut params = Self::default();
        for byte in text {
            match byte {
                b'0'..=b'9' => params.digit(*byte),
                b';' => params.separator(false),
                b':' => params.separator(true),
                _ => {}
            }
        }
        params
    }

    /// Adds a value.
    pub(super) fn push(&mut self, value: u16) {
        self.start(false);
        if !self.full {
            self.values[self.len - 1] = value;
        }
    }

    /// Values, parts included.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The value at `at`; 0 where there is none.
    #[inline]
    pub(super) fn raw(&self, at: usize) -> u16 {
        if at < self.len { self.values[at] } else { 0 }
    }

    /// The value at `at`, if there is a number.
    pub(super) fn given(&self, at: usize) -> Option<u16> {
        let known = at < self.len && self.given >> at & 1 != 0;
        known.then(|| self.values[at])
    }

    /// The value at `at`, 1 if absent or 0.
    #[inline]
    pub(super) fn count(&self, at: usize) -> u16 {
        self.raw(at).max(1)
    }

    /// The value at `at`, `default` if absent or 0.
    pub(super) fn or(&self, at: usize, default: u16) -> u16 {
        match self.raw(at) {
            0 => default,
            value => value,
        }
    }

    /// How many parts follow the value at `at` after colons.
    #[inline]
    pub(super) fn subs(&self, at: usize) -> usize {
        if self.joined == 0 || at + 1 >= MAX_PARAMS {
            return 0;
        }
        (self.joined >> (at + 1)).trailing_ones() as usize
    }

    /// The parameters from `at` on.
    pub(super) fn from(&self, at: usize) -> Self {
        let mut rest = Self::default();
        for i in at..self.len {
            rest.values[i - at] = self.values[i];
        }
        rest.len = self.len.saturating_sub(at);
        rest.joined = self.joined.checked_shr(at as u32).unwrap_or(0);
        rest
    }

    /// The values, parts included.
    pub(super) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.values[..self.len].iter().copied()
    }
}

/// Which string is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StringKind {
    /// Operating system command.
    Osc,
    /// Device control string, parameters included.
    Dcs,
    /// `ESC k`: a window's name, as screen(1) has it.
    Name,
    /// Application program command: kitty's images.
    Apc,
    /// SOS or PM: swallowed.
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    Csi,
    Text(StringKind),
    /// An ESC inside a string: `\` ends it, anything else cancels it.
    TextEscape(StringKind),
}

/// Where the parser is.
#[derive(Clone, Debug, Default)]
pub(super) struct Parser {
    state: State,
    pub(super) params: Params,
    /// `<`, `=`, `>` or `?` before the parameters, or 0.
    pub(super) prefix: u8,
    inter: [u8; 2],
    inter_len: usize,
    ignore: bool,
    string: Vec<u8>,
    overflow: bool,
    /// The string is a sixel image, whose data is measured and not kept.
    sixel: Option<Measure>,
    /// The byte before the next one of a string.
    last: u8,
    partial: [u8; 4],
    partial_len: usize,
    /// What has come of a sequence that is not complete, up to a bound.
    pub(super) pending: Vec<u8>,
}

impl Parser {
    fn start(&mut self, state: State) {
        self.state = state;
        self.params.clear();
        self.prefix = 0;
        self.inter_len = 0;
        self.ignore = false;
    }

    fn start_string(&mut self, kind: StringKind) {
        self.state = State::Text(kind);
        self.string.clear();
        self.overflow = false;
        self.sixel = None;
        self.last = 0;
    }

    fn collect(&mut self, byte: u8) {
        if let Some(slot) = self.inter.get_mut(self.inter_len) {
            *slot = byte;
            self.inter_len += 1;
        } else {
            self.ignore = true;
        }
    }

    /// The intermediate bytes, at most two.
    #[inline]
    pub(super) fn inter(&self) -> &[u8] {
        &self.inter[..self.inter_len]
    }

    /// Adds to the string, up to its kind's limit.
    fn append(&mut self, kind: StringKind, mut piece: &[u8], config: &Config) {
        const HEAD: usize = 16;
        if kind == StringKind::Other || self.overflow {
            return;
        }
        if let Some(sixel) = &mut self.sixel {
            sixel.feed(piece);
            return;
        }
        if self.string.len() < HEAD {
            let n = piece.len().min(HEAD - self.string.len());
            self.string.extend_from_slice(&piece[..n]);
            piece = &piece[n..];
        }
        if kind == StringKind::Dcs {
            self.find_sixel();
        }
        if let Some(sixel) = &mut self.sixel {
            sixel.feed(piece);
            return;
        }
        if piece.is_empty() {
            return;
        }
        let limit = limit(kind, &self.string, config);
        let room = limit.saturating_sub(self.string.len());
        if piece.len() > room && is_cut_short(kind, &self.string) {
            self.string.extend_from_slice(&piece[..room]);
        } else if piece.len() > room {
            self.overflow = true;
            self.string = Vec::new();
        } else {
            self.string.extend_from_slice(piece);
        }
    }

    /// Turns to measuring once a DCS's final byte says that it is an image.
    fn find_sixel(&mut self) {
        let is_param = |b: &u8| matches!(b, b'0'..=b'9' | b';');
        if let Some(at) = self.string.iter().position(|b| !is_param(b))
            && self.string[at] == b'q'
        {
            let mut sixel = Measure::default();
            sixel.feed(&self.string[at + 1..]);
            self.string.truncate(at);
            self.sixel = Some(sixel);
        }
    }
}

/// The longest string kept, in bytes; a longer one is dropped whole. What a
/// program can fill with text of its own may be as long as the option says.
fn limit(kind: StringKind, head: &[u8], config: &Config) -> usize {
    match kind {
        StringKind::Osc if head.starts_with(b"52;") => config.string_bytes,
        StringKind::Osc if head.starts_with(b"7717;") => 64 << 10,
        StringKind::Osc if head.starts_with(b"4;") => 16 << 10,
        StringKind::Osc if head.starts_with(b"8;") => 8 << 10,
        StringKind::Dcs if config.allow_passthrough && head.starts_with(b"tmux;") => {
            config.string_bytes
        }
        StringKind::Osc | StringKind::Dcs | StringKind::Name | StringKind::Apc => 4 << 10,
        StringKind::Other => 0,
    }
}

/// Whether the start of a string is enough: the data of an image, of which only
/// the size is wanted.
fn is_cut_short(kind: StringKind, head: &[u8]) -> bool {
    kind == StringKind::Apc || (kind == StringKind::Osc && head.starts_with(b"1337;Fil"))
}

/// Bytes at the start that are printable ASCII.
#[inline]
fn ascii_run(bytes: &[u8]) -> usize {
    run(bytes, |b| b.wrapping_sub(0x20) < 0x5f)
}

/// Bytes at the start that are no C0 control and no DEL.
#[inline]
fn text_run(bytes: &[u8]) -> usize {
    run(bytes, |b| b >= 0x20 && b != 0x7f)
}

#[inline]
fn run(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let mut n = 0;
    for block in bytes.chunks_exact(16) {
        if !block.iter().fold(true, |all, b| all & is(*b)) {
            break;
        }
        n += 16;
    }
    n + bytes[n..]
        .iter()
        .position(|b| !is(*b))
        .unwrap_or(bytes.len() - n)
}

/// How many bytes a character has by its first; one for a byte that begins none.
fn announced(byte: u8) -> usize {
    match byte {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

impl Terminal {
    /// Parses one piece of input.
    pub(super) fn parse(&mut self, bytes: &[u8], out: &mut Output) {
        let mut at = 0;
        // Where the sequence begins that is not complete.
        let mut begun = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let ground = self.parser.state == State::Ground;
            at += match self.parser.state {
                State::Ground => self.ground(rest, out),
                State::Escape => self.escape(rest[0], out),
                State::Csi => self.control_sequence(rest, out),
                State::Text(kind) => self.string(kind, rest, out),
                State::TextEscape(kind) => self.string_escape(kind, rest[0], out),
            };
            if ground {
                self.parser.pending.clear();
                // An ESC, or a C1 control in UTF-8.
                begun = match bytes.get(at.wrapping_sub(1)) {
                    Some(0x1b) => at - 1,
                    Some(_) | None => at.saturating_sub(2),
                };
            }
        }
        if self.parser.state == State::Ground {
            self.parser.pending.clear();
        } else {
            let room = PENDING_MAX.saturating_sub(self.parser.pending.len());
            let piece = bytes.get(begun..).unwrap_or_default();
            let piece = &piece[..piece.len().min(room)];
            self.parser.pending.extend_from_slice(piece);
        }
    }

    /// Parses bytes that were held back.
    pub(super) fn replay(&mut self, bytes: &[u8], out: &mut Output) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match self.parser.state {
                State::Ground => self.ground(rest, out),
                State::Escape => self.escape(rest[0], out),
                State::Csi => self.control_sequence(rest, out),
                State::Text(_) | State::TextEscape(_) => return,
            };
        }
    }

    fn ground(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        if self.parser.partial_len > 0 {
            return self.partial(bytes[0], out);
        }
        let mut at = 0;
        if self.is_marking() {
            at = self.take_mark(bytes, out);
            if at == bytes.len() || self.parser.state != State::Ground {
                return at;
            }
        }
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                0x20..=0x7e if self.may_mark(&bytes[at..]) => {
                    self.begin_mark();
                    at += self.take_mark(&bytes[at..], out);
                    if self.parser.state != State::Ground {
                        return at;
                    }
                }
                0x20..=0x7e => {
                    let mut n = ascii_run(&bytes[at..]);
                    let more = bytes.get(at + n).is_some_and(|b| *b >= 0x80);
                    // Marks may follow the last one: it goes with them.
                    n -= usize::from(more);
                    self.print_ascii(&bytes[at..at + n]);
                    at += n;
                    if more {
                        at += self.text(&bytes[at..], out);
                        if self.parser.state != State::Ground || self.parser.partial_len > 0 {
                            return at;
                        }
                    }
                }
                0x1b => {
                    self.parser.start(State::Escape);
                    return at + 1;
                }
                0x00..=0x1f => {
                    self.execute(byte, out);
                    at += 1;
                }
                0x7f => at += 1,
                0x80.. => {
                    at += self.text(&bytes[at..], out);
                    if self.parser.state != State::Ground || self.parser.partial_len > 0 {
                        return at;
                    }
                }
            }
        }
        at
    }

    /// Prints UTF-8. What is none becomes one U+FFFD for as many bytes as its
    /// first one announces, as in tmux, or fewer where another character begins.
    fn text(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let window = &bytes[..bytes.len().min(WINDOW)];
        let run = &window[..text_run(window)];
        let open = run.len() == window.len();
        let mut at = 0;
        while at < run.len() {
            let rest = &run[at..];
            let (text, error) = match std::str::from_utf8(rest) {
                Ok(text) => (text, None),
                Err(error) => {
                    let valid = &rest[..error.valid_up_to()];
                    (std::str::from_utf8(valid).unwrap_or_default(), Some(error))
                }
            };
            at += self.print_str(text, out);
            if self.parser.state != State::Ground {
                return at;
            }
            if error.is_none() {
                continue;
            }
            let tail = &run[at..];
            let announced = announced(tail[0]);
            let high = tail.iter().take_while(|byte| **byte >= 0x80).count();
            let n = high.min(announced);
            if n < announced && n == tail.len() && open {
                if window.len() < bytes.len() {
                    return at;
                }
                self.parser.partial[..n].copy_from_slice(tail);
                self.parser.partial_len = n;
                return run.len();
            }
            self.print_char(char::REPLACEMENT_CHARACTER);
            at += n;
        }
        at
    }

    /// Goes on with a character cut by the end of the last piece.
    fn partial(&mut self, byte: u8, out: &mut Output) -> usize {
        let n = self.parser.partial_len;
        if byte < 0x80 {
            self.parser.partial_len = 0;
            self.print_char(char::REPLACEMENT_CHARACTER);
            return 0;
        }
        self.parser.partial[n] = byte;
        let partial = self.parser.partial;
        if n + 1 < announced(partial[0]) {
            self.parser.partial_len = n + 1;
            return 1;
        }
        self.parser.partial_len = 0;
        match std::str::from_utf8(&partial[..=n]) {
            Ok(text) => {
                self.print_str(text, out);
            }
            Err(_) => self.print_char(char::REPLACEMENT_CHARACTER),
        }
        1
    }

    /// Prints text without C0 controls, up to a C1 control that starts a
    /// sequence; says how many bytes were taken.
    fn print_str(&mut self, text: &str, out: &mut Output) -> usize {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if byte < 0x80 {
                let mut n = ascii_run(&bytes[at..]);
                // Marks may follow the last one: it goes with them.
                n -= usize::from(n > 0 && bytes.get(at + n).is_some_and(|b| *b >= 0x80));
                self.print_ascii(&bytes[at..at + n]);
                at += n;
            }
            let n = self.print_run(&text[at..]);
            at += n;
            if n > 0 {
                continue;
            }
            let Some(ch) = text[at..].chars().next() else {
                break;
            };
            if ch.is_ascii() {
                let n = ascii_run(&bytes[at..]);
                self.print_ascii(&bytes[at..at + n]);
                at += n.max(1);
                continue;
            }
            let joined = self.join_before(&text[at..]);
            if joined > 0 {
                at += joined;
                continue;
            }
            at += ch.len_utf8();
            if matches!(ch, '\u{80}'..='\u{9f}') {
                // Two bytes of UTF-8, as xterm reads C1 in UTF-8 mode.
                self.c1(ch as u8 - 0x40, out);
                if self.parser.state != State::Ground {
                    return at;
                }
            } else {
                self.print_char(ch);
            }
        }
        at
    }

    /// A C1 control, by the final byte of its `ESC` form.
    fn c1(&mut self, byte: u8, out: &mut Output) {
        self.parser.start(State::Escape);
        self.escape(byte, out);
    }

    fn escape(&mut self, byte: u8, out: &mut Output) -> usize {
        match byte {
            0x1b => self.parser.start(State::Escape),
            0x18 | 0x1a => self.parser.state = State::Ground,
            0x00..=0x1f => self.execute(byte, out),
            0x20..=0x2f => self.parser.collect(byte),
            0x7f => {}
            0x80.. => {
                self.parser.state = State::Ground;
                return 0;
            }
            0x30..=0x7e if self.parser.inter_len > 0 => {
                self.parser.state = State::Ground;
                if !self.parser.ignore {
                    self.escape_dispatch(byte, out);
                }
            }
            b'[' => self.parser.start(State::Csi),
            b']' => self.parser.start_string(StringKind::Osc),
            b'P' => self.parser.start_string(StringKind::Dcs),
            b'k' => self.parser.start_string(StringKind::Name),
            b'X' | b'^' => self.parser.start_string(StringKind::Other),
            b'_' => self.parser.start_string(StringKind::Apc),
            0x30..=0x7e => {
                self.parser.state = State::Ground;
                self.escape_dispatch(byte, out);
            }
        }
        1
    }

    fn control_sequence(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        for (at, byte) in bytes.iter().copied().enumerate() {
            let parser = &mut self.parser;
            match byte {
                b'0'..=b'9' if parser.inter_len == 0 => parser.params.digit(byte),
                b';' if parser.inter_len == 0 => parser.params.separator(false),
                b':' if parser.inter_len == 0 => parser.params.separator(true),
                b'<'..=b'?'
                    if parser.inter_len == 0 && parser.params.len() == 0 && parser.prefix == 0 =>
                {
                    parser.prefix = byte;
                }
                0x30..=0x3f => parser.ignore = true,
                0x20..=0x2f => parser.collect(byte),
                0x40..=0x7e => {
                    parser.state = State::Ground;
                    if !parser.ignore {
                        self.csi_dispatch(byte, out);
                    }
                    return at + 1;
                }
                0x1b => {
                    parser.start(State::Escape);
                    return at + 1;
                }
                0x18 | 0x1a => {
                    parser.state = State::Ground;
                    return at + 1;
                }
                0x00..=0x1f => self.execute(byte, out),
                0x7f => {}
                0x80.. => {
                    parser.state = State::Ground;
                    return at;
                }
            }
        }
        bytes.len()
    }

    /// Collects a string until ESC, CAN, SUB, a C1 ST, or BEL where BEL ends it.
    fn string(&mut self, kind: StringKind, bytes: &[u8], out: &mut Output) -> usize {
        let bel = match kind {
            StringKind::Osc | StringKind::Name => 0x07,
            StringKind::Dcs | StringKind::Apc | StringKind::Other => 0x1b,
        };
        let mut end = memchr2(0x1b, bel, bytes).unwrap_or(bytes.len());
        end = memchr2(0x18, 0x1a, &bytes[..end]).unwrap_or(end);
        let mut from = 0;
        while let Some(n) = memchr(0x9c, &bytes[from..end]) {
            // ST as UTF-8, C2 9C; a bare 9C is part of some other character.
            let at = from + n;
            let before = if at > 0 {
                bytes[at - 1]
            } else {
                self.parser.last
            };
            if before == 0xc2 {
                self.append(kind, &bytes[..at]);
                self.parser.string.pop();
                self.finish(kind, true, out);
                return at + 1;
            }
            from = at + 1;
        }
        self.append(kind, &bytes[..end]);
        match bytes.get(end) {
            None => {
                self.parser.last = bytes.last().copied().unwrap_or(0);
                return end;
            }
            Some(0x1b) => self.parser.state = State::TextEscape(kind),
            Some(0x07) => self.finish(kind, false, out),
            Some(_) => {
                self.parser.state = State::Ground;
                self.parser.string.clear();
            }
        }
        end + 1
    }

    fn append(&mut self, kind: StringKind, piece: &[u8]) {
        self.parser.append(kind, piece, &self.config);
    }

    fn string_escape(&mut self, kind: StringKind, byte: u8, out: &mut Output) -> usize {
        match byte {
            b'\\' => {
                self.finish(kind, true, out);
                1
            }
            // tmux doubles each ESC of a passthrough's payload.
            0x1b if kind == StringKind::Dcs && self.parser.is_passthrough() => {
                self.append(kind, b"\x1b");
                self.parser.last = 0;
                self.parser.state = State::Text(kind);
                1
            }
            _ => {
                // What ends a title or an OSC otherwise takes it all the same,
                // as in tmux.
                if matches!(kind, StringKind::Osc | StringKind::Name | StringKind::Apc) {
                    self.finish(kind, false, out);
                }
                self.parser.string.clear();
                self.parser.start(State::Escape);
                0
            }
        }
    }

    fn finish(&mut self, kind: StringKind, st: bool, out: &mut Output) {
        self.parser.state = State::Ground;
        let string = std::mem::take(&mut self.parser.string);
        let from = out.replies.len();
        if let Some(sixel) = self.parser.sixel.take() {
            self.sixel(&Params::of(&string), sixel);
        } else if !self.parser.overflow {
            match kind {
                StringKind::Osc => self.osc(&string, st, out),
                StringKind::Dcs => self.dcs(&string, out),
                StringKind::Name => self.window_name(&string, out),
                StringKind::Apc if string.starts_with(b"G") => self.kitty_image(&string),
                // screen(1)'s way to say OSC 2.
                StringKind::Apc => self.title_string(&string, false, true, out),
                StringKind::Other => {}
            }
            self.shorten_controls(from, out);
        }
        if string.capacity() <= 4096 {
            self.parser.string = string;
            self.parser.string.clear();
        }
    }
}

impl Parser {
    /// Memory held for strings, in bytes.
    pub(super) fn held(&self) -> usize {
        self.string.capacity()
    }

    fn is_passthrough(&self) -> bool {
        self.overflow || self.string.starts_with(b"tmux;")
    }
}
