//! Copy mode's search: texts and patterns, once and as they are typed, with the
//! matches in view and how many there are. A text without capitals is searched
//! for in any case, as tmux does.

use regex::{Regex, RegexBuilder};

use crate::base::width;
use crate::term::{Direction, Query};

use super::folds::Folds;
use super::sheet::{Glyph, Sheet};
use super::{CopyMode, Place};

/// Memory for a compiled expression, in bytes.
const REGEX_LIMIT: usize = 1 << 20;
/// Columns of a line that goes on in others that a pattern is matched with.
const LINE_LIMIT: usize = 2000;
/// Lines that are gone through one by one; more are searched as packed text.
const LINES_LIMIT: usize = 10_000;
/// Matches that are counted.
const COUNT_LIMIT: usize = 100_000;
/// What makes a text a pattern.
const SPECIAL: &str = "^$*+()?[].\\";

/// What was searched for in a copy mode, and what was found.
#[derive(Clone, Debug)]
pub struct Search {
    /// What the last search command said: downwards, or up.
    asked: Option<bool>,
    /// Which way was searched last.
    down: bool,
    is_pattern: bool,
    text: Option<String>,
    /// The pane's last search, and whether it was a pattern.
    pub(super) last: Option<(String, bool)>,
    /// The match that each cell of the view is part of; 0 for none.
    marks: Option<Vec<u32>>,
    count: Option<(usize, bool)>,
    /// The next search counts all matches.
    counted: bool,
    /// Where a search that is being typed began: column, row, lines back.
    from: Option<(usize, usize, usize)>,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            asked: None,
            down: false,
            is_pattern: false,
            text: None,
            last: None,
            marks: None,
            // As tmux has it: none were found before one was looked for.
            count: Some((0, false)),
            counted: false,
            from: None,
        }
    }
}

impl Search {
    /// Whether matches are shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.marks.is_some()
    }

    /// How many matches there are, and whether there may be more.
    #[must_use]
    pub fn count(&self) -> Option<(usize, bool)> {
        self.count
    }

    fn clear(&mut self) {
        self.count = None;
        self.marks = None;
    }

    /// The matches go; a search that is typed begins anew.
    pub(super) fn forget(&mut self) {
        self.clear();
        self.from = None;
    }
}

/// What is looked for in lines.
enum Wanted {
    Text { glyphs: Vec<Glyph>, folded: bool },
    Pattern(Regex),
}

impl Wanted {
    fn new(text: &str, is_pattern: bool) -> Option<Self> {
        let folded = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_pattern {
            let built = RegexBuilder::new(text)
                .case_insensitive(folded)
                .size_limit(REGEX_LIMIT)
                .build();
            return built.ok().map(Self::Pattern);
        }
        let mut glyphs = Vec::new();
        for (cluster, columns) in width::clusters(text) {
            let mut chars = cluster.chars();
            glyphs.push(match (chars.next(), chars.next()) {
                (Some(ch), None) => Glyph::Char(ch),
                _ => Glyph::Cluster(cluster.into()),
            });
            if columns == 2 {
                glyphs.push(Glyph::Tail);
            }
        }
        (!glyphs.is_empty()).then_some(Self::Text { glyphs, folded })
    }

    /// The first match that begins in a line's columns: its column and width.
    fn first(&self, sheet: &Sheet<'_>, line: usize, from: usize) -> Option<(usize, usize)> {
        match self {
            Self::Text { glyphs, folded } => {
                let own = sheet.line(line);
                let end = own.glyphs.len();
                let is_here = |col: &usize| is_at(sheet, line, *col, glyphs, *folded);
                let col = (from..end).find(is_here)?;
                Some((col, glyphs.len()))
            }
            Self::Pattern(regex) => {
                let text = Text::new(sheet, line);
                let start = text.byte(from)?;
                let found = regex.find_at(&text.text, start)?;
                let (col, end) = (text.column(found.start()), text.column(found.end()));
                (!found.is_empty() && col < sheet.cols).then(|| (col, end - col))
            }
        }
    }

    /// The last match that begins in a line before a column.
    fn last(&self, sheet: &Sheet<'_>, line: usize, before: usize) -> Option<(usize, usize)> {
        match self {
            Self::Text { glyphs, folded } => {
                let is_here = |col: &usize| is_at(sheet, line, *col, glyphs, *folded);
                let col = (0..before).rev().find(is_here)?;
                Some((col, glyphs.len()))
            }
            Self::Pattern(regex) => {
                let text = Text::new(sheet, line);
                let found = regex
                    .find_iter(&text.text)
                    .take_while(|found| !found.is_empty())
                    .map(|found| (text.column(found.start()), text.column(found.end())));
                let own = found.take_while(|(col, _)| *col < before && *col < sheet.cols);
                own.last().map(|(col, end)| (col, end - col))
            }
        }
    }
}

/// Whether glyphs stand at a place, going on where a line does.
fn is_at(sheet: &Sheet<'_>, line: usize, col: usize, glyphs: &[Glyph], folded: bool) -> bool {
    let (mut line, mut col) = (line, col);
    for wanted in glyphs {
        while col >= sheet.cols && line < sheet.last() && sheet.wraps(line) {
            col -= sheet.cols;
            line += 1;
        }
        if col >= sheet.cols {
            return false;
        }
        let own = sheet.line(line);
        let same = match (own.glyph(col), wanted) {
            (Glyph::Char(own), Glyph::Char(wanted)) if folded => {
                own.to_ascii_lowercase() == *wanted
            }
            (own, wanted) => own == wanted,
        };
        if !same {
            return false;
        }
        col += 1;
    }
    true
}

/// A line's text with those it goes on in, and the column of each byte.
struct Text {
    text: String,
    /// First byte of each column, then of what lies behind the last.
    starts: Vec<usize>,
}

impl Text {
    fn new(sheet: &Sheet<'_>, line: usize) -> Self {
        let mut own = Self {
            text: String::new(),
            starts: Vec::new(),
        };
        for at in line..=sheet.last() {
            let read = sheet.line(at);
            for col in 0..sheet.cols {
                own.starts.push(own.text.len());
                read.glyph(col).push(&mut own.text);
            }
            if !read.wrapped || own.starts.len() >= LINE_LIMIT {
                break;
            }
        }
        own.starts.push(own.text.len());
        own
    }

    fn byte(&self, col: usize) -> Option<usize> {
        self.starts.get(col).copied()
    }

    fn column(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start < byte)
    }
}

impl CopyMode {
    /// What was searched for and found.
    #[must_use]
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Begins with the pane's last search.
    pub fn set_last_search(&mut self, text: &str, is_pattern: bool) {
        self.search = Search::default();
        if !text.is_empty() {
            self.search.last = Some((text.to_owned(), is_pattern));
            self.search.text = Some(text.to_owned());
            self.search.is_pattern = is_pattern;
            self.search.asked = Some(false);
        }
    }

    /// The pane's last search, and whether it was for a pattern.
    #[must_use]
    pub fn last_search(&self) -> Option<(&str, bool)> {
        let (text, is_pattern) = self.search.last.as_ref()?;
        Some((text, *is_pattern))
    }

    pub(super) fn search_for(
        &mut self,
        text: &str,
        down: bool,
        is_pattern: bool,
        times: u32,
        wrap: bool,
    ) {
        if text.is_empty() {
            return;
        }
        self.search.text = Some(text.to_owned());
        self.search.asked = Some(down);
        self.search.is_pattern = is_pattern;
        for _ in 0..times {
            if !self.search_once(down, wrap) {
                break;
            }
        }
    }

    pub(super) fn search_again(&mut self, turned: bool, times: u32, wrap: bool) {
        let Some(down) = self.search.asked else {
            return;
        };
        for _ in 0..times {
            if !self.search_once(down != turned, wrap) {
                break;
            }
        }
    }

    /// A search as it is typed: the first character of `typed` says whether it
    /// began (`=`), or goes on up (`-`) or down (`+`).
    pub(super) fn search_typed(&mut self, typed: &str, down: bool, wrap: bool) {
        let mut chars = typed.chars();
        let how = chars.next();
        let text = chars.as_str();
        match self.search.from {
            None => self.search.from = Some((self.col, self.row, self.back)),
            Some(from) if self.search.text.as_deref().is_some_and(|old| old != text) => {
                (self.col, self.row, self.back) = from;
                self.back = self.back.min(self.above());
                self.col = self.limit(self.here().line, false);
            }
            Some(_) => {}
        }
        if text.is_empty() {
            return self.search.clear();
        }
        let down = match how {
            Some('=') => down,
            Some('-') => false,
            Some('+') => true,
            _ => return,
        };
        self.search.asked = Some(down);
        self.search.is_pattern = false;
        self.search.text = Some(text.to_owned());
        if !self.search_once(down, wrap) {
            self.search.clear();
        }
    }

    fn search_once(&mut self, down: bool, wrap: bool) -> bool {
        let Some(text) = self.search.text.clone() else {
            return false;
        };
        let is_pattern = self.search.is_pattern && text.contains(|ch| SPECIAL.contains(ch));
        self.search.down = down;
        let same = self.search.last.as_ref() == Some(&(text.clone(), is_pattern));
        let counts = !self.search.counted || !same;
        self.search.counted = true;
        if counts && self.search.is_shown() {
            self.search.clear();
        }
        self.search.last = Some((text.clone(), is_pattern));
        let Some(wanted) = Wanted::new(&text, is_pattern) else {
            return false;
        };
        let mut from = self.here();
        if !down {
            self.step_back(&mut from, wrap);
        } else if self.vi {
            if self.search.marks.is_some() {
                self.pass_mark(&mut from, wrap);
            } else {
                self.step(&mut from, wrap);
            }
        }
        if !self.find(&wanted, from, down, wrap) {
            return false;
        }
        self.mark_matches(&wanted, counts);
        let mut here = self.here();
        let inside = self.cell(here).is_some_and(|at| {
            at > 0 && self.mark_at(at) != 0 && self.mark_at(at) == self.mark_at(at - 1)
        });
        if down && inside {
            self.pass_mark(&mut here, wrap);
            self.find(&wanted, here, down, wrap);
            here = self.here();
        }
        if down && !self.vi {
            self.pass_mark(&mut here, wrap);
            self.col = here.col;
            self.row = here.line.saturating_sub(self.top()).min(self.rows() - 1);
        } else if !down {
            self.go_match_start(here);
        }
        true
    }

    fn step(&self, at: &mut Place, wrap: bool) {
        if at.col + 1 < self.cols() {
            at.col += 1;
        } else if at.line < self.last_line() {
            *at = Place {
                line: at.line + 1,
                col: 0,
            };
        } else if wrap {
            *at = Place::default();
        }
    }

    fn step_back(&self, at: &mut Place, wrap: bool) {
        if at.col > 0 {
            at.col -= 1;
            return;
        }
        let line = match at.line.checked_sub(1) {
            Some(line) => line,
            None if wrap => self.last_line(),
            None => return,
        };
        *at = Place {
            line,
            col: self.cols() - 1,
        };
    }

    /// Past the match that a place is in.
    fn pass_mark(&self, at: &mut Place, wrap: bool) {
        let mark = |at: Place| self.cell(at).map(|cell| self.mark_at(cell));
        let Some(own) = mark(*at).filter(|mark| *mark != 0) else {
            return;
        };
        while mark(*at) == Some(own) {
            let before = *at;
            self.step(at, wrap);
            if *at == before {
                return;
            }
        }
    }

    fn go_match_start(&mut self, from: Place) {
        let Some(start) = self.cell(from) else { return };
        let own = self.mark_at(start);
        let mut at = start;
        while at > 0 && self.mark_at(at - 1) == own {
            at -= 1;
        }
        (self.col, self.row) = (at % self.cols(), at / self.cols());
    }

    /// Goes to the next match from a place on, this place included.
    fn find(&mut self, wanted: &Wanted, from: Place, down: bool, wrap: bool) -> bool {
        let open = Folds::default();
        let rows = Sheet::new(&self.term, &open);
        let from = Place {
            line: self.folds.row(from.line),
            ..from
        };
        let found = if rows.lines > LINES_LIMIT {
            self.find_packed(from, down, wrap)
        } else {
            let last = rows.last();
            let ranges = if down {
                [(from, last), (Place::default(), from.line)]
            } else {
                let end = Place {
                    line: last,
                    col: rows.cols.saturating_sub(1),
                };
                [(from, 0), (end, from.line)]
            };
            let tries = if wrap { 2 } else { 1 };
            ranges
                .into_iter()
                .take(tries)
                .find_map(|(from, end)| find_in(wanted, &rows, from, end, down))
        };
        let Some(found) = found else { return false };
        self.uncover(found.line);
        let line = self.folds.shown(found.line);
        self.bring(Place { line, ..found });
        self.update_selection(false);
        true
    }

    /// As it is done in long histories: by their packed text.
    fn find_packed(&self, from: Place, down: bool, wrap: bool) -> Option<Place> {
        let query = self.query()?;
        let col = u16::try_from(from.col).unwrap_or(u16::MAX);
        let at = crate::term::ViewPos::new(from.line, col);
        let (at, direction) = if down {
            // A match that begins right here counts too.
            let before = match (col.checked_sub(1), from.line.checked_sub(1)) {
                (Some(col), _) => crate::term::ViewPos::new(from.line, col),
                (None, Some(line)) => crate::term::ViewPos::new(line, u16::MAX - 1),
                (None, None) => at,
            };
            (before, Direction::Forward)
        } else {
            let next = crate::term::ViewPos::new(from.line, col.saturating_add(1));
            (next, Direction::Backward)
        };
        let found = self.term.search(&query, at, direction, wrap)?;
        Some(Place {
            line: found.start.row,
            col: usize::from(found.start.col),
        })
    }

    fn query(&self) -> Option<Query> {
        let (text, is_pattern) = self.search.last.as_ref()?;
        if *is_pattern {
            Query::regex(text).ok()
        } else {
            Query::literal(text).ok()
        }
    }

    /// Finds the matches in view anew after it moved.
    pub(super) fn refresh_marks(&mut self) {
        if self.search.marks.is_none() {
            return;
        }
        let Some((text, is_pattern)) = self.search.last.clone() else {
            return;
        };
        if let Some(wanted) = Wanted::new(&text, is_pattern) {
            self.mark_matches(&wanted, false);
        }
    }

    fn mark_matches(&mut self, wanted: &Wanted, counts: bool) {
        let (cols, rows, top) = (self.cols(), self.rows(), self.top());
        let mut marks = vec![0; cols * rows];
        let count = {
            let sheet = self.sheet();
            let mut number = 0;
            let mut line = top;
            while sheet.continues(line) && top - line < LINE_LIMIT {
                line -= 1;
            }
            for line in line..top + rows {
                let mut col = 0;
                while let Some((at, width)) = wanted.first(&sheet, line, col) {
                    col = at + width.max(1);
                    if let Some(row) = line.checked_sub(top) {
                        number += 1;
                        let cell = row * cols + at;
                        let end = (cell + width).min(marks.len());
                        let free = marks[cell.min(end)..end].iter_mut();
                        free.filter(|mark| **mark == 0)
                            .for_each(|mark| *mark = number);
                    }
                }
            }
            counts.then(|| self.count_all(wanted, &sheet))
        };
        if let Some(count) = count {
            self.search.count = Some(count);
        }
        self.search.marks = Some(marks);
    }

    fn count_all(&self, wanted: &Wanted, sheet: &Sheet<'_>) -> (usize, bool) {
        if sheet.lines > LINES_LIMIT {
            let query = self.query();
            return query.map_or((0, false), |query| {
                self.term.count_matches(&query, COUNT_LIMIT)
            });
        }
        let mut count = 0;
        for line in 0..sheet.lines {
            let mut col = 0;
            while let Some((at, width)) = wanted.first(sheet, line, col) {
                col = at + width.max(1);
                count += 1;
            }
        }
        (count, false)
    }

    /// A place's cell of the view.
    fn cell(&self, at: Place) -> Option<usize> {
        let row = at.line.checked_sub(self.top())?;
        (row < self.rows()).then(|| row * self.cols() + at.col)
    }

    fn mark_at(&self, cell: usize) -> u32 {
        let marks = self.search.marks.as_ref();
        marks
            .and_then(|marks| marks.get(cell).copied())
            .unwrap_or(0)
    }

    /// The first and last cell of the match that a cell is in.
    fn match_around(&self, cell: usize) -> (usize, usize) {
        let own = self.mark_at(cell);
        let (mut start, mut end) = (cell, cell);
        while start > 0 && self.mark_at(start - 1) == own {
            start -= 1;
        }
        while self.mark_at(end + 1) == own {
            end += 1;
        }
        (start, end)
    }

    /// The match that the cursor is on or right behind (`search_match`).
    #[must_use]
    pub fn match_here(&self) -> Option<String> {
        let mut cell = self.cell(self.here())?;
        if self.mark_at(cell) == 0 {
            cell = cell.checked_sub(1)?;
        }
        if self.mark_at(cell) == 0 {
            return None;
        }
        let (start, end) = self.match_around(cell);
        let sheet = self.sheet();
        let mut out = String::new();
        for cell in start..=end {
            let line = sheet.line(self.top() + cell / sheet.cols);
            line.glyph(cell % sheet.cols).push(&mut out);
        }
        (!out.is_empty()).then_some(out)
    }

    /// Whether a cell of the view is part of a match, and of the one that the
    /// cursor is on.
    #[must_use]
    pub fn match_at(&self, row: usize, col: usize) -> Option<bool> {
        self.search.marks.as_ref()?;
        let cell = row * self.cols() + col;
        let own = self.mark_at(cell);
        if own == 0 {
            return None;
        }
        let mut cursor = self.row * self.cols() + self.col;
        if cursor != 0 && !self.vi && self.search.down {
            cursor -= 1;
        }
        if self.mark_at(cursor) != own {
            return Some(false);
        }
        let (start, end) = self.match_around(cursor);
        Some((start..=end).contains(&cell))
    }

    /// After the size or the text changed, the matches are found anew.
    pub(super) fn research(&mut self) {
        let shown = self.search.marks.is_some();
        self.search.clear();
        if shown
            && let Some((text, is_pattern)) = self.search.last.clone()
            && let Some(wanted) = Wanted::new(&text, is_pattern)
        {
            self.mark_matches(&wanted, true);
        }
        self.search.from = Some((self.col, self.row, self.back));
    }
}

/// The first match on the way from a place to a line, both included.
fn find_in(
    wanted: &Wanted,
    rows: &Sheet<'_>,
    from: Place,
    end: usize,
    down: bool,
) -> Option<Place> {
    if down {
        return (from.line..=end).find_map(|line| {
            let first = if line == from.line { from.col } else { 0 };
            let (col, _) = wanted.first(rows, line, first)?;
            Some(Place { line, col })
        });
    }
    let found = (end..=from.line).rev().find_map(|line| {
        let before = if line == from.line {
            from.col + 1
        } else {
            rows.cols
        };
        let (col, width) = wanted.last(rows, line, before)?;
        Some((Place { line, col }, width))
    });
    let (mut at, width) = found?;
    // What matches on from the line above, to the same end, is one match.
    if matches!(wanted, Wanted::Pattern(_)) {
        let mut width = width;
        while at.col == 0 && at.line > end && rows.continues(at.line) {
            let Some((col, longer)) = wanted.last(rows, at.line - 1, rows.cols) else {
                break;
            };
            if col + longer != width + rows.cols {
                break;
            }
            width = longer;
            at = Place {
                line: at.line - 1,
                col,
            };
        }
    }
    Some(at)
}
