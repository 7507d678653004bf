//! Searches the history and the screen for a literal or a regular expression.
//! The history is searched as packed text; the screen, with a line that comes
//! down into it from the history, as it is. Drawing matches is not done here.

use std::ops::Range;

use memchr::memmem::{Finder, FinderRev};
use regex::bytes::{Regex, RegexBuilder};

use crate::base::{Cell, Pool};

use super::Terminal;
use super::history::{Needle, Pairs, Spot};
use super::marks::Marks;
use super::view::{Rows, View, ViewLine, ViewPos, blank};

/// Text of a logical line looked at on one side of a row, in bytes.
const LINE_LIMIT: usize = 64 * 1024;
/// Memory for a compiled expression, in bytes.
const REGEX_LIMIT: usize = 1 << 20;

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards newer rows.
    Forward,
    /// Towards older rows.
    Backward,
}

/// A match: its first and its last cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The first cell.
    pub start: ViewPos,
    /// The last cell (of a wide one the left half).
    pub end: ViewPos,
}

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Query(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Exact {
        forward: Box<Finder<'static>>,
        backward: Box<FinderRev<'static>>,
        pairs: Pairs,
    },
    /// A literal without regard to case.
    Folded {
        regex: Regex,
        /// None where other letters than ASCII's have two cases.
        pairs: Option<Pairs>,
    },
    Pattern {
        regex: Regex,
        /// Tells quickly that no line of a text matches.
        filter: bool,
    },
}

/// A pattern that cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPattern(String);

impl Query {
    /// A literal text. Without upper-case letters in it, case does not count,
    /// as in tmux's copy mode.
    ///
    /// # Errors
    /// When the text is empty or longer than is sensible.
    pub fn literal(text: &str) -> Result<Self, BadPattern> {
        if text.is_empty() {
            return Err(BadPattern("empty pattern".into()));
        }
        if is_folded(text) && text.chars().any(char::is_alphabetic) {
            let ascii = text.is_ascii();
            let regex = compile(&regex::escape(text), true, !ascii)?;
            let pairs = ascii.then(|| Pairs::of(text.as_bytes()));
            return Ok(Self(Kind::Folded { regex, pairs }));
        }
        Ok(Self(Kind::Exact {
            forward: Box::new(Finder::new(text.as_bytes()).into_owned()),
            backward: Box::new(FinderRev::new(text.as_bytes()).into_owned()),
            pairs: Pairs::of(text.as_bytes()),
        }))
    }

    /// A regular expression in the `regex` crate's syntax; `^` and `$` are a
    /// logical line's ends. Case counts as in [`Self::literal`].
    ///
    /// # Errors
    /// When the expression is none, is empty, or is too large.
    pub fn regex(pattern: &str) -> Result<Self, BadPattern> {
        if pattern.is_empty() {
            return Err(BadPattern("empty pattern".into()));
        }
        let regex = compile(pattern, is_folded(pattern), true)?;
        let own_flags = ["\\A", "\\z", "(?"]
            .iter()
            .any(|mark| pattern.contains(mark));
        Ok(Self(Kind::Pattern {
            regex,
            filter: !own_flags,
        }))
    }
}

fn compile(pattern: &str, folded: bool, unicode: bool) -> Result<Regex, BadPattern> {
    RegexBuilder::new(pattern)
        .case_insensitive(folded)
        .unicode(unicode)
        .multi_line(true)
        .size_limit(REGEX_LIMIT)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            BadPattern(last.trim_start_matches("error: ").to_owned())
        })
}

fn is_folded(text: &str) -> bool {
    !text.chars().any(char::is_uppercase)
}

impl Needle for Query {
    fn spans_lines(&self) -> bool {
        !matches!(self.0, Kind::Pattern { .. })
    }

    fn pairs(&self) -> Option<&Pairs> {
        match &self.0 {
            Kind::Exact { pairs, .. } => Some(pairs),
            Kind::Folded { pairs, .. } => pairs.as_ref(),
            Kind::Pattern { .. } => None,
        }
    }

    fn may_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Kind::Pattern { filter: false, .. } => true,
            Kind::Pattern { regex, .. } | Kind::Folded { regex, .. } => regex.is_match(text),
            Kind::Exact { forward, .. } => forward.find(text).is_some(),
        }
    }

    fn first(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        match &self.0 {
            Kind::Exact { forward, .. } => {
                let at = from + forward.find(text.get(from..)?)?;
                Some(at..at + forward.needle().len())
            }
            Kind::Folded { regex, .. } | Kind::Pattern { regex, .. } => {
                let mut from = from;
                while from <= text.len() {
                    let found = regex.find_at(text, from)?;
                    if !found.is_empty() {
                        return Some(found.range());
                    }
                    from = found.end() + 1;
                }
                None
            }
        }
    }

    fn last(&self, text: &[u8], before: usize) -> Option<Range<usize>> {
        match &self.0 {
            Kind::Exact { backward, .. } => {
                let len = backward.needle().len();
                let end = before.checked_sub(1)?.saturating_add(len).min(text.len());
                let at = backward.rfind(&text[..end])?;
                Some(at..at + len)
            }
            Kind::Folded { regex, .. } | Kind::Pattern { regex, .. } => regex
                .find_iter(text)
                .take_while(|found| found.start() < before)
                .filter(|found| !found.is_empty())
                .last()
                .map(|found| found.range()),
        }
    }
}

/// A logical line read from rows: its text, and where each byte is shown.
#[derive(Debug, Default)]
struct Logical {
    text: Vec<u8>,
    /// First byte and place of each cell.
    cells: Vec<(usize, ViewPos)>,
}

impl Logical {
    /// Appends a row; `at` is the number that it shall have.
    fn push(&mut self, at: usize, line: &ViewLine, pool: &Pool) {
        let used = if line.wrapped {
            line.unpadded()
        } else {
            line.used()
        };
        let mut text = String::new();
        for (col, cell) in line.cells[..used].iter().enumerate() {
            if cell.is_tail() {
                continue;
            }
            let pos = ViewPos::new(at, col as u16);
            self.cells.push((self.text.len() + text.len(), pos));
            pool.push_text(*cell, &mut text);
        }
        self.text.extend_from_slice(text.as_bytes());
    }

    fn place(&self, byte: usize) -> ViewPos {
        let at = self.cells.partition_point(|(start, _)| *start <= byte);
        let cell = self.cells.get(at.saturating_sub(1));
        cell.map_or(ViewPos::default(), |(_, pos)| *pos)
    }

    /// The first byte of the first cell at or after a place.
    fn byte(&self, pos: ViewPos) -> usize {
        let at = self.cells.partition_point(|(_, cell)| *cell < pos);
        self.cells
            .get(at)
            .map_or(self.text.len() + 1, |(start, _)| *start)
    }

    fn found(&self, range: Range<usize>) -> Match {
        Match {
            start: self.place(range.start),
            end: self.place(range.end.saturating_sub(1)),
        }
    }

    fn first(&self, query: &Query, from: ViewPos) -> Option<Match> {
        let found = query.first(&self.text, self.byte(from))?;
        Some(self.found(found))
    }

    fn last(&self, query: &Query, before: ViewPos) -> Option<Match> {
        let found = query.last(&self.text, self.byte(before))?;
        Some(self.found(found))
    }
}

/// The logical lines that have a row in `range`, whole up to a bound.
fn logical_lines(rows: &dyn Rows, range: Range<usize>) -> Vec<Logical> {
    let mut pool = Pool::new();
    let mut line = ViewLine::default();
    let reach = (LINE_LIMIT / usize::from(rows.cols())).max(1);
    let end = range.end.min(rows.rows());
    let mut first = range.start;
    while first > 0 && range.start - first < reach {
        rows.row(first - 1, &mut pool, &mut line);
        if !line.wrapped {
            break;
        }
        first -= 1;
    }
    let mut lines = Vec::new();
    let mut logical = Logical::default();
    let mut at = first;
    while at < rows.rows() && (at < end || !logical.cells.is_empty()) && at < end + reach {
        rows.row(at, &mut pool, &mut line);
        logical.push(at, &line, &pool);
        at += 1;
        if !line.wrapped {
            lines.push(std::mem::take(&mut logical));
        }
    }
    lines.push(logical);
    lines
}

/// Every match that shows in a range of rows, in order, for drawing them.
/// Matches that begin above or end below the range are among them.
#[must_use]
pub fn matches_in(rows: &dyn Rows, query: &Query, range: Range<usize>) -> Vec<Match> {
    let mut matches = Vec::new();
    for line in logical_lines(rows, range.clone()) {
        let mut at = 0;
        while let Some(found) = query.first(&line.text, at) {
            at = found.end.max(found.start + 1);
            let found = line.found(found);
            if found.end.row >= range.start && found.start.row < range.end {
                matches.push(found);
            }
        }
    }
    matches
}

/// How many matches there are, and whether counting stopped at `limit`.
#[must_use]
pub fn count(view: &View<'_>, query: &Query, limit: usize) -> (usize, bool) {
    let live = Live::new(view);
    // A line that comes down into the screen is counted with the screen.
    let mut count = view.history.scan_count(query, live.limit(), limit);
    for line in &live.lines {
        let mut at = 0;
        while count < limit
            && let Some(found) = query.first(&line.text, at)
        {
            count += 1;
            at = found.end.max(found.start + 1);
        }
    }
    (count.min(limit), count >= limit)
}

/// The screen's logical lines, the first with its part in the history.
struct Live {
    lines: Vec<Logical>,
    /// First row of `lines`.
    first: ViewPos,
    /// Where the part in the history begins.
    start: Option<Spot>,
}

impl Live {
    fn new(view: &View<'_>) -> Self {
        let above = view.history.rows(view.cols());
        let lines = logical_lines(view, above..view.rows());
        let first = lines
            .first()
            .and_then(|line| line.cells.first())
            .map_or(ViewPos::new(above, 0), |(_, pos)| *pos);
        let first = first.min(ViewPos::new(above, 0));
        let start = if first.row < above {
            view.history.spot(first, view.cols())
        } else {
            None
        };
        Self {
            lines,
            first,
            start,
        }
    }

    /// The end of what the history is searched for.
    fn limit(&self) -> Spot {
        self.start.unwrap_or(Spot::END)
    }
}

/// The next match that starts after `from`, or the one before it, the search
/// going on from the other end if `wrap` is set.
#[must_use]
pub fn search(
    view: &View<'_>,
    query: &Query,
    from: ViewPos,
    direction: Direction,
    wrap: bool,
) -> Option<Match> {
    let live = Live::new(view);
    let top = ViewPos::default();
    let bottom = ViewPos::new(view.rows(), 0);
    match direction {
        Direction::Forward => {
            let next = ViewPos::new(from.row, from.col.saturating_add(1));
            forward(view, &live, query, next)
                .or_else(|| wrap.then(|| forward(view, &live, query, top)).flatten())
        }
        Direction::Backward => backward(view, &live, query, from)
            .or_else(|| wrap.then(|| backward(view, &live, query, bottom)).flatten()),
    }
}

fn forward(view: &View<'_>, live: &Live, query: &Query, from: ViewPos) -> Option<Match> {
    if from < live.first
        && let Some(spot) = view.history.spot(from, view.cols())
        && let Some((at, len)) = view.history.scan_forward(query, spot)
        && at < live.limit()
    {
        return Some(packed_match(view, at, len));
    }
    live.lines.iter().find_map(|line| line.first(query, from))
}

fn backward(view: &View<'_>, live: &Live, query: &Query, before: ViewPos) -> Option<Match> {
    if before > live.first {
        let lines = live.lines.iter().rev();
        if let Some(found) = lines.filter_map(|line| line.last(query, before)).next() {
            return Some(found);
        }
    }
    let limit = if before < live.first {
        view.history.spot(before, view.cols())?
    } else {
        live.limit()
    };
    let (at, len) = view.history.scan_backward(query, limit)?;
    Some(packed_match(view, at, len))
}

fn packed_match(view: &View<'_>, at: Spot, len: usize) -> Match {
    let cols = view.cols();
    Match {
        start: view.history.place(at, cols),
        end: view.history.place(at.after(len.saturating_sub(1)), cols),
    }
}

/// The rows of a terminal's present screen.
pub(super) struct ScreenRows<'a>(pub(super) &'a Terminal);

impl Rows for ScreenRows<'_> {
    fn rows(&self) -> usize {
        usize::from(self.0.size().rows())
    }

    fn cols(&self) -> u16 {
        self.0.size().cols()
    }

    fn row(&self, index: usize, pool: &mut Pool, out: &mut ViewLine) {
        let rows = self.0.size().rows();
        let Some(y) = u16::try_from(index).ok().filter(|y| *y < rows) else {
            return blank(self.cols(), out);
        };
        let mut importer = crate::base::pool::Importer::new();
        out.cells.clear();
        for cell in self.0.row(y) {
            let own = importer.cell(*cell, &self.0.pool, pool);
            out.cells.push(match cell.half_of() {
                Some(ch) => Cell::wide(ch, own.style).halved(),
                None => own.noted_as(*cell),
            });
        }
        out.wrapped = self.0.row_wrapped(y);
    }

    fn extent(&self, index: usize) -> Option<(usize, usize)> {
        let grid = &self.0.grids[self.0.active];
        u16::try_from(index).ok().map(|y| grid.row(y).extent())
    }

    fn marks(&self, index: usize) -> Marks {
        let grid = &self.0.grids[self.0.active];
        u16::try_from(index).map_or(Marks::NONE, |y| grid.row(y).marks)
    }

    fn is_rich(&self, index: usize) -> bool {
        let grid = &self.0.grids[self.0.active];
        u16::try_from(index).is_ok_and(|y| grid.row(y).rich)
    }

    fn continues(&self) -> bool {
        self.0.active == 0
    }
}

impl Terminal {
    /// Finds the next match after `from`, or the last one before it; with
    /// `wrap` the search goes on from the other end.
    #[must_use]
    pub fn search(
        &self,
        query: &Query,
        from: ViewPos,
        direction: Direction,
        wrap: bool,
    ) -> Option<Match> {
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        search(&view, query, from, direction, wrap)
    }

    /// Finds every match that shows in a range of view rows.
    #[must_use]
    pub fn matches_in(&self, query: &Query, rows: Range<usize>) -> Vec<Match> {
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        matches_in(&view, query, rows)
    }

    /// Counts matches up to `limit`; true when there may be more.
    #[must_use]
    pub fn count_matches(&self, query: &Query, limit: usize) -> (usize, bool) {
        let screen = ScreenRows(self);
        let view = View {
            history: &self.history,
            screen: &screen,
        };
        count(&view, query, limit)
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
