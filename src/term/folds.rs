//! Folds: parts of a pane's output that a CI's runner marked, or a step of our
//! own. The marks of Travis, GitLab and GitHub are taken in as they come, where
//! that is switched on, and do not show:
//!
//! ```text
//! travis_fold:start:NAME ⏎ESC[0K   travis_fold:end:NAME ⏎ESC[0K     (⏎ is CR)
//! travis_time:start:ID ⏎ESC[0K     travis_time:end:ID:…,duration=NS… ⏎ESC[0K
//! section_start:TIME:NAME[…] ⏎ESC[0K   section_end:TIME:NAME ⏎ESC[0K
//! ##[group]TITLE, ::group::TITLE … ##[endgroup], ::endgroup::
//! ```
//! A mark begins at the start of a line. What looks like one is printed as it
//! comes for as long as it fits into the row, for it may be a person who types;
//! only what would wrap is held back, and printed after all when it turns out to
//! be no mark. It is the mark's own end that erases it. Nothing else is hidden.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Output, Terminal};
use crate::base::{Anchor, Label};
use crate::term::marks::Marks;

/// Folds that are remembered; the oldest are forgotten first.
const MAX_FOLDS: usize = 4096;
/// Folds within each other.
const MAX_DEPTH: usize = 32;
/// The longest mark, in bytes.
const MAX_MARK: usize = 512;
/// Columns in which every beginning of a mark fits.
const MIN_COLS: usize = 20;

/// What a mark begins with.
const PREFIXES: [(&[u8], Kind); 8] = [
    (b"travis_fold:", Kind::Fold),
    (b"travis_time:", Kind::Time),
    (b"section_start:", Kind::SectionStart),
    (b"section_end:", Kind::SectionEnd),
    (b"##[group]", Kind::Group),
    (b"##[endgroup]", Kind::EndGroup),
    (b"::group::", Kind::Group),
    (b"::endgroup::", Kind::EndGroup),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fold,
    Time,
    SectionStart,
    SectionEnd,
    Group,
    EndGroup,
}

/// A fold.
#[derive(Clone, Debug)]
struct Fold {
    begin: Anchor,
    end: Anchor,
    name: Label,
    took: Option<Duration>,
}

/// A fold whose end has not come.
#[derive(Clone, Debug)]
struct Open {
    begin: Anchor,
    name: Label,
    /// When it began, as the mark says, in seconds.
    since: Option<u64>,
    took: Option<Duration>,
    group: bool,
}

/// A mark that has begun to come.
#[derive(Clone, Debug)]
enum Watch {
    /// All so far fits the beginning of some mark, and is printed.
    Prefix,
    /// What follows the prefix, up to the carriage return.
    Body(Kind),
    /// The carriage return, and what follows it.
    Tail(Kind),
    /// Behind the end of a group: its line is empty, and goes.
    Eol,
}

/// What a terminal knows of folds.
#[derive(Clone, Debug, Default)]
pub(super) struct Folds {
    list: VecDeque<Fold>,
    open: Vec<Open>,
    watch: Option<Watch>,
    /// The mark as far as it has come.
    text: Vec<u8>,
    /// How much of it is printed.
    printed: usize,
    /// What came of the tail.
    tail: Vec<u8>,
}

/// A fold's rows; row 0 is the oldest of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldRows {
    /// What stands for it.
    pub id: Anchor,
    /// Its name; empty when its first line says what it is.
    pub name: Label,
    /// Its first row.
    pub first: usize,
    /// Its last row.
    pub last: usize,
    /// How long it took, if anyone told.
    pub took: Option<Duration>,
}

impl Terminal {
    /// Whether a mark may begin with what comes next.
    #[inline]
    pub(super) fn may_mark(&self, bytes: &[u8]) -> bool {
        self.config.fold_marks
            && self.x == 0
            && usize::from(self.size.cols()) >= MIN_COLS
            && matches!(bytes.first(), Some(b't' | b's' | b'#' | b':'))
            && self.active == 0
            && PREFIXES.iter().any(|(prefix, _)| {
                let n = prefix.len().min(bytes.len());
                prefix[..n] == bytes[..n]
            })
    }

    /// Whether a mark has begun to come.
    #[inline]
    pub(super) fn is_marking(&self) -> bool {
        self.folds.watch.is_some()
    }

    /// Begins to look at a mark.
    pub(super) fn begin_mark(&mut self) {
        self.folds.text.clear();
        self.folds.tail.clear();
        self.folds.printed = 0;
        self.folds.watch = Some(Watch::Prefix);
    }

    /// Takes in bytes of a mark; says how many. It ends the mark where it is
    /// complete, or none.
    pub(super) fn take_mark(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let mut at = 0;
        while let (Some(watch), Some(byte)) = (&self.folds.watch, bytes.get(at).copied()) {
            let taken = match *watch {
                Watch::Prefix => self.mark_prefix(byte),
                Watch::Body(kind) => self.mark_body(kind, byte),
                Watch::Tail(kind) => self.mark_tail(kind, byte, out),
                Watch::Eol => {
                    let blank = matches!(byte, b'\r' | b'\n') && self.x == 0;
                    if !blank || byte == b'\n' {
                        self.folds.watch = None;
                    }
                    blank
                }
            };
            at += usize::from(taken);
        }
        at
    }

    fn mark_prefix(&mut self, byte: u8) -> bool {
        self.folds.text.push(byte);
        let text = &self.folds.text;
        let fits = PREFIXES.iter().find(|(prefix, _)| prefix.starts_with(text));
        let Some((prefix, kind)) = fits else {
            // All before is printed, and this byte is nobody's.
            self.folds.watch = None;
            return false;
        };
        let whole = prefix.len() == text.len();
        self.print_ascii(&[byte]);
        self.folds.printed = self.folds.text.len();
        if whole {
            self.after_prefix(*kind);
        }
        true
    }

    fn after_prefix(&mut self, kind: Kind) {
        match kind {
            Kind::Fold | Kind::Time | Kind::SectionStart | Kind::SectionEnd => {
                self.folds.watch = Some(Watch::Body(kind));
            }
            Kind::Group => {
                self.hide_mark();
                self.open_fold(Label::default(), None, true);
                self.folds.watch = None;
            }
            Kind::EndGroup => {
                self.hide_mark();
                let at = self.folds.open.iter().rposition(|open| open.group);
                self.close_fold(at, None);
                self.folds.watch = Some(Watch::Eol);
            }
        }
    }

    /// Takes a mark off its row, as CR and EL would.
    fn hide_mark(&mut self) {
        self.x = 0;
        self.erase_line(0, false);
    }

    fn mark_body(&mut self, kind: Kind, byte: u8) -> bool {
        if byte == b'\r' {
            self.folds.tail.push(byte);
            self.folds.watch = Some(Watch::Tail(kind));
            return true;
        }
        if !byte.is_ascii_graphic() || self.folds.text.len() >= MAX_MARK {
            self.no_mark();
            return false;
        }
        self.folds.text.push(byte);
        // The last column is left free, so that nothing waits to wrap.
        let room = usize::from(self.x) + 2 <= self.edge();
        if room && self.folds.printed + 1 == self.folds.text.len() {
            self.print_ascii(&[byte]);
            self.folds.printed += 1;
        }
        true
    }

    /// CR, then `ESC [ K` or `ESC [ 0 K`.
    fn mark_tail(&mut self, kind: Kind, byte: u8, out: &mut Output) -> bool {
        let tail = &mut self.folds.tail;
        tail.push(byte);
        match tail.as_slice() {
            b"\r\x1b" | b"\r\x1b[" | b"\r\x1b[0" => true,
            b"\r\x1b[K" | b"\r\x1b[0K" => {
                self.folds.watch = None;
                self.hide_mark();
                self.marked(kind);
                true
            }
            _ => {
                tail.pop();
                let tail = std::mem::take(tail);
                self.no_mark();
                self.replay(&tail, out);
                false
            }
        }
    }

    /// It was no mark: what was held back is printed.
    fn no_mark(&mut self) {
        self.folds.watch = None;
        let text = std::mem::take(&mut self.folds.text);
        self.print_ascii(text.get(self.folds.printed..).unwrap_or_default());
    }

    /// No more will come: what was held back is printed.
    pub fn end_output(&mut self) {
        if self.is_marking() {
            self.seq += 1;
            self.no_mark();
            let tail = std::mem::take(&mut self.folds.tail);
            self.replay(&tail, &mut Output::default());
        }
    }

    /// A mark is complete.
    fn marked(&mut self, kind: Kind) {
        let text = std::mem::take(&mut self.folds.text);
        let text = String::from_utf8_lossy(&text);
        let body = text.split_once(':').map_or("", |(_, body)| body);
        let (first, rest) = body.split_once(':').unwrap_or((body, ""));
        match (kind, first) {
            (Kind::Fold, "start") => self.open_fold(Label::new(rest), None, false),
            (Kind::Fold, "end") => {
                let at = self.open_named(rest);
                self.close_fold(at, None);
            }
            (Kind::Time, "end") => {
                let took = rest.split([':', ',']).find_map(|part| {
                    let nanos = part.strip_prefix("duration=")?.parse().ok()?;
                    Some(Duration::from_nanos(nanos))
                });
                if let Some(open) = self.folds.open.last_mut() {
                    open.took = took;
                }
            }
            (Kind::SectionStart, time) => {
                let name = rest.split('[').next().unwrap_or_default();
                self.open_fold(Label::new(name), time.parse().ok(), false);
            }
            (Kind::SectionEnd, time) => {
                let at = self.open_named(rest.split('[').next().unwrap_or_default());
                self.close_fold(at, time.parse().ok());
            }
            (Kind::Fold | Kind::Time | Kind::Group | Kind::EndGroup, _) => {}
        }
    }

    fn open_named(&self, name: &str) -> Option<usize> {
        let name = Label::new(name);
        self.folds.open.iter().rposition(|open| open.name == name)
    }

    fn open_fold(&mut self, name: Label, since: Option<u64>, group: bool) {
        let Some(begin) = self.anchor_here() else {
            return;
        };
        if self.folds.open.len() >= MAX_DEPTH {
            self.folds.open.remove(0);
        }
        self.folds.open.push(Open {
            begin,
            name,
            since,
            took: None,
            group,
        });
    }

    /// Ends an open fold, and those inside it which were never ended.
    fn close_fold(&mut self, at: Option<usize>, until: Option<u64>) {
        let Some(at) = at else { return };
        let Some(end) = self.anchor_here() else {
            return;
        };
        let mut ended = self.folds.open.split_off(at).into_iter();
        let Some(open) = ended.next() else { return };
        let between = open.since.zip(until).and_then(|(a, b)| b.checked_sub(a));
        self.add_fold(
            open.begin,
            end,
            open.name,
            open.took.or(between.map(Duration::from_secs)),
        );
    }

    fn anchor_here(&mut self) -> Option<Anchor> {
        let row = self.cursor_row()?;
        self.anchor_row(row, Marks::NONE)
    }

    /// Makes a fold of the lines from one anchor up to another, that one's own
    /// line not being part of it.
    pub fn add_fold(&mut self, begin: Anchor, end: Anchor, name: Label, took: Option<Duration>) {
        if self.folds.list.len() >= MAX_FOLDS {
            self.folds.list.pop_front();
        }
        self.folds.list.push_back(Fold {
            begin,
            end,
            name,
            took,
        });
    }

    /// The folds whose lines are there, the outer before the inner.
    #[must_use]
    pub fn folds(&self) -> Vec<FoldRows> {
        if self.folds.list.is_empty() {
            return Vec::new();
        }
        let mut anchors = self.anchors();
        anchors.sort_by_key(|(_, first, _)| *first);
        let row = |anchor: Anchor| {
            let at = anchors.partition_point(|(_, _, last)| *last < anchor);
            let found = anchors.get(at).filter(|(_, first, _)| *first <= anchor);
            found.map(|(row, ..)| *row)
        };
        let folds = self.folds.list.iter();
        let mut rows: Vec<FoldRows> = folds
            .filter_map(|fold| {
                let (first, end) = (row(fold.begin)?, row(fold.end)?);
                let last = end.checked_sub(1).filter(|last| *last >= first)?;
                Some(FoldRows {
                    id: fold.begin,
                    name: fold.name.clone(),
                    first,
                    last,
                    took: fold.took,
                })
            })
            .collect();
        rows.sort_by_key(|fold| (fold.first, usize::MAX - fold.last));
        rows
    }
}
