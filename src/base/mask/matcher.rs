//! The search itself: all occurrences of all spellings, overlapping ones too, in
//! one pass over a stream, with as little held back as can still become one.
//!
//! ```text
//! held:    c c s e c ␛[31m r …        visible: the s, e, c, r; the rest rides along
//!              └──────────────┘ depth of the automaton's state = what may begin a value
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::MARK;

/// The most bytes held back for one beginning of a value, control sequences
/// among it. Beyond them it is masked as if it were whole.
pub const HELD: usize = 256 * 1024;

/// The most characters of a value's beginning that may be shown.
const SLIP: u32 = 3;

/// How far a beginning is followed before it is taken for one.
const LOOK: u32 = 6;

/// Whether a byte is passed over by the search: blanks and controls.
pub(super) const fn is_passed_over(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// What is looked for, as an automaton. A state is what has been seen of a value.
#[derive(Debug)]
pub(super) struct Table {
    nfa: NFA,
    start: StateID,
    /// By state: how many bytes of a value have been seen, and the length of the
    /// longest value that ends here.
    states: Vec<(u32, u32)>,
    /// Bytes with which no value begins.
    idle: [bool; 256],
    /// How much of a beginning may be shown.
    slip: u32,
    /// The length of the longest pattern.
    longest: usize,
    /// What it was made of, for tables that it is joined with.
    patterns: Vec<Vec<u8>>,
}

impl Table {
    /// A table of these patterns, none of them empty.
    ///
    /// # Errors
    /// The library's own words when they are too many.
    pub(super) fn new(patterns: Vec<Vec<u8>>) -> Result<Self, String> {
        let nfa = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(&patterns)
            .map_err(|error| error.to_string())?;
        let start = nfa
            .start_state(Anchored::No)
            .map_err(|error| error.to_string())?;
        let mut table = Self {
            nfa,
            start,
            states: Vec::new(),
            idle: [true; 256],
            slip: SLIP,
            longest: patterns.iter().map(Vec::len).max().unwrap_or(0),
            patterns: Vec::new(),
        };
        for pattern in &patterns {
            table.walk(pattern);
        }
        let shortest = patterns.iter().map(Vec::len).min().unwrap_or(0);
        table.slip = SLIP.min(u32::try_from(shortest / 4).unwrap_or(0));
        table.patterns = patterns;
        Ok(table)
    }

    /// Notes the states on a pattern's way: each beginning has one of its own.
    fn walk(&mut self, pattern: &[u8]) {
        if let Some(first) = pattern.first() {
            self.idle[usize::from(*first)] = false;
        }
        let mut state = self.start;
        for (seen, byte) in (1_u32..).zip(pattern) {
            state = self.nfa.next_state(Anchored::No, state, *byte);
            let at = state.as_usize();
            if self.states.len() <= at {
                self.states.resize(at + 1, (0, 0));
            }
            if self.states[at].0 != 0 {
                continue;
            }
            let ends = if self.nfa.is_match(state) {
                let lengths = (0..self.nfa.match_len(state))
                    .map(|index| self.nfa.pattern_len(self.nfa.match_pattern(state, index)));
                u32::try_from(lengths.max().unwrap_or(0)).unwrap_or(u32::MAX)
            } else {
                0
            };
            self.states[at] = (seen, ends);
        }
    }

    /// All spellings of all values.
    pub(super) fn patterns(&self) -> &[Vec<u8>] {
        &self.patterns
    }

    /// The length of the longest spelling of a value, in bytes.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.nfa.next_state(Anchored::No, state, byte)
    }

    fn at(&self, state: StateID) -> (u32, u32) {
        self.states
            .get(state.as_usize())
            .copied()
            .unwrap_or_default()
    }
}

/// One search through one stream.
#[derive(Clone)]
pub(super) struct Matcher {
    table: Arc<Table>,
    state: StateID,
    /// Bytes that are not out yet; the first is number `base` of all.
    held: Vec<u8>,
    base: u64,
    /// The numbers of those among them that are text, and whether they are
    /// blanks, which are not searched.
    visible: VecDeque<(u64, bool)>,
    /// How many of them are searched.
    waiting: u64,
    /// How many searched bytes are out.
    out: u64,
    /// Where values were found, counted in searched bytes, apart from each other.
    found: VecDeque<(u64, u64)>,
    /// The last searched byte that is out became a mark.
    marked: bool,
}

impl Matcher {
    pub(super) fn new(table: Arc<Table>) -> Self {
        let state = table.start;
        Self {
            table,
            state,
            held: Vec::new(),
            base: 0,
            visible: VecDeque::new(),
            waiting: 0,
            out: 0,
            found: VecDeque::new(),
            marked: false,
        }
    }

    /// How many of the first bytes are sure to be neither part of a value nor of
    /// anything but text.
    pub(super) fn idle(&self, bytes: &[u8]) -> usize {
        if !self.held.is_empty() || self.table.at(self.state).0 > 0 {
            return 0;
        }
        let (mut state, mut depth, mut sure) = (self.table.start, 0, 0);
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == 0x1b {
                break;
            }
            let idles = depth == 0 && self.table.idle[usize::from(*byte)];
            if !idles && !is_passed_over(*byte) {
                state = self.table.next(state, *byte);
                let ends;
                (depth, ends) = self.table.at(state);
                if depth > LOOK || ends > 0 {
                    break;
                }
            }
            if depth == 0 {
                state = self.table.start;
                sure = at + 1;
            }
        }
        sure
    }

    /// Lets bytes through of which [`Self::idle`] said that they can be.
    pub(super) fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if bytes.iter().any(|byte| !is_passed_over(*byte)) {
            // However many there are: what is found begins after them.
            self.out += 1;
            self.found.clear();
        }
        self.marked = false;
        out.extend_from_slice(bytes);
    }

    /// Takes a byte of the text.
    pub(super) fn text(&mut self, byte: u8, out: &mut Vec<u8>) {
        if is_passed_over(byte) {
            if !self.held.is_empty() && matches!(byte, b' ' | b'\t') {
                self.visible
                    .push_back((self.base + self.held.len() as u64, true));
            }
            self.beside(&[byte], out);
            return;
        }
        self.visible
            .push_back((self.base + self.held.len() as u64, false));
        self.waiting += 1;
        self.held.push(byte);
        self.state = self.table.next(self.state, byte);
        let (depth, ends) = self.table.at(self.state);
        let seen = self.out + self.waiting;
        if ends > 0 {
            self.find(seen - u64::from(ends).min(seen), seen);
        }
        self.release(seen - u64::from(depth).min(seen), out);
    }

    /// Takes bytes that are passed over; they keep their place.
    pub(super) fn beside(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            self.base += bytes.len() as u64;
            self.marked = false;
            out.extend_from_slice(bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() > HELD {
            let seen = self.out + self.waiting;
            self.find(self.out, seen);
            self.release(seen, out);
            self.state = self.table.start;
        }
    }

    /// Lets out what is held back, if no more of a value than may be shown is.
    pub(super) fn settle(&mut self, out: &mut Vec<u8>) {
        if self.table.at(self.state).0 <= self.table.slip {
            let seen = self.out + self.waiting;
            self.release(seen, out);
        }
    }

    /// Lets out the rest; the stream is over.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        let seen = self.out + self.waiting;
        self.release(seen, out);
        self.state = self.table.start;
        self.marked = false;
    }

    /// The bytes of a whole text that are values'.
    pub(super) fn spans(&mut self, text: &[u8]) -> Vec<Range<usize>> {
        let mut places: Vec<usize> = Vec::new();
        for (at, byte) in text.iter().enumerate() {
            if is_passed_over(*byte) {
                continue;
            }
            places.push(at);
            self.state = self.table.next(self.state, *byte);
            let ends = self.table.at(self.state).1;
            if ends > 0 {
                let seen = places.len() as u64;
                self.find(seen - u64::from(ends).min(seen), seen);
            }
        }
        let place = |index: u64| places.get(usize::try_from(index).unwrap_or(usize::MAX));
        let whole = |(start, end): &(u64, u64)| Some(*place(*start)?..place(end - 1)? + 1);
        self.found.iter().filter_map(whole).collect()
    }

    /// How much of a text's end may begin a value.
    pub(super) fn begun(&mut self, text: &[u8]) -> usize {
        for byte in text.iter().filter(|byte| !is_passed_over(**byte)) {
            self.state = self.table.next(self.state, *byte);
        }
        let (depth, ends) = self.table.at(self.state);
        if depth <= self.table.slip || ends == depth {
            return 0;
        }
        let mut seen = 0;
        let first = text.iter().rposition(|byte| {
            seen += u32::from(!is_passed_over(*byte));
            seen == depth
        });
        text.len() - first.unwrap_or(0)
    }

    /// What before each of these places in a text, in order, may begin a value
    /// of which more is there than may be shown.
    pub(super) fn cut(&mut self, text: &[u8], places: &[usize]) -> Vec<Range<usize>> {
        let mut searched: Vec<usize> = Vec::new();
        let mut cut = Vec::new();
        let mut at = 0;
        for &place in places {
            for (index, byte) in text.iter().enumerate().take(place).skip(at) {
                if !is_passed_over(*byte) {
                    searched.push(index);
                    self.state = self.table.next(self.state, *byte);
                }
            }
            at = at.max(place);
            let (depth, ends) = self.table.at(self.state);
            if depth > self.table.slip && ends != depth {
                let depth = usize::try_from(depth).unwrap_or(usize::MAX);
                let first = searched.len().saturating_sub(depth);
                cut.extend(searched.get(first).map(|first| *first..place));
            }
        }
        cut
    }

    /// Notes a value; with those that it overlaps it is one.
    fn find(&mut self, mut start: u64, mut end: u64) {
        while let Some(&(before, until)) = self.found.back() {
            if until <= start {
                break;
            }
            start = start.min(before);
            end = end.max(until);
            self.found.pop_back();
        }
        self.found.push_back((start, end));
    }

    /// Lets out the searched bytes before this one, and what rides along.
    fn release(&mut self, until: u64, out: &mut Vec<u8>) {
        let mut taken = 0;
        while let Some(&(number, blank)) = self.visible.front() {
            if !blank && self.out >= until {
                break;
            }
            self.visible.pop_front();
            let at = usize::try_from(number - self.base).unwrap_or(usize::MAX);
            let inside = self.beside_until(taken, at, out);
            taken = at + 1;
            if blank {
                // Within a value it is the value's.
                if !inside {
                    self.marked = false;
                    out.extend(self.held.get(at));
                }
                continue;
            }
            let front = self.found.front();
            let secret = front.is_some_and(|(start, _)| *start <= self.out);
            if !secret {
                out.extend(self.held.get(at));
            } else if !self.marked {
                out.extend_from_slice(MARK.as_bytes());
            }
            self.marked = secret;
            self.out += 1;
            self.waiting -= 1;
        }
        let next = self.visible.front().map(|(number, _)| number - self.base);
        let next = next.map_or(self.held.len(), |at| {
            usize::try_from(at).unwrap_or(usize::MAX)
        });
        self.beside_until(taken, next, out);
        self.held.drain(..next.min(self.held.len()));
        self.base += next as u64;
    }

    /// Lets out what stands before the next searched byte; whether that is
    /// within a value.
    fn beside_until(&mut self, from: usize, to: usize, out: &mut Vec<u8>) -> bool {
        while self.found.front().is_some_and(|(_, end)| *end <= self.out) {
            self.found.pop_front();
        }
        let inside = self
            .found
            .front()
            .is_some_and(|(start, _)| *start < self.out);
        let between = self.held.get(from..to).unwrap_or_default();
        if !between.is_empty() && !inside {
            self.marked = false;
        }
        out.extend_from_slice(between);
        inside
    }
}
