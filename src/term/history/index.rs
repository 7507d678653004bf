//! Which lines of the history are marked, by their numbers since the beginning.
//! It holds a bounded number of marks and knows nothing of what they mean.

use std::collections::VecDeque;

use crate::base::Anchor;
use crate::term::marks::Marks;

/// Marked lines that are remembered; the oldest are forgotten first.
const MARKS_MAX: usize = 64 * 1024;

/// Marked lines, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    lines: VecDeque<(u64, Marks)>,
}

impl Index {
    /// Adds marks to a line.
    pub(super) fn add(&mut self, line: u64, marks: Marks) {
        let newest = self.lines.back().is_none_or(|(last, _)| *last < line);
        let at = if newest {
            self.lines.len()
        } else {
            self.lines.partition_point(|(at, _)| *at < line)
        };
        match self.lines.get_mut(at) {
            Some((known, old)) if *known == line => *old = old.and(marks),
            Some(_) | None => self.lines.insert(at, (line, marks)),
        }
        if self.lines.len() > MARKS_MAX {
            self.lines.pop_front();
        }
    }

    /// The marks of a line.
    pub(super) fn get(&self, line: u64) -> Marks {
        // Lines are mostly asked for at the new end, or there are no marks.
        if self.lines.back().is_none_or(|(last, _)| *last < line) {
            return Marks::NONE;
        }
        let at = self.lines.binary_search_by_key(&line, |(at, _)| *at);
        at.ok()
            .and_then(|at| self.lines.get(at))
            .map_or(Marks::NONE, |(_, marks)| *marks)
    }

    /// The line on which an anchor lies.
    pub(super) fn anchored(&self, anchor: Anchor) -> Option<u64> {
        let mut newest = self.lines.iter().rev();
        let found = newest.find(|(_, marks)| marks.holds(anchor));
        found.map(|(line, _)| *line)
    }

    /// The lines on which anchors lie, with the first and the last of each.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (u64, Anchor, Anchor)> {
        let lines = self.lines.iter();
        lines.filter_map(|(line, marks)| {
            let (first, last) = marks.anchors()?;
            Some((*line, first, last))
        })
    }

    /// Forgets the lines from `line` on.
    pub(super) fn cut(&mut self, line: u64) {
        while self.lines.back().is_some_and(|(last, _)| *last >= line) {
            self.lines.pop_back();
        }
    }

    /// Forgets the lines before `line`.
    pub(super) fn trim(&mut self, line: u64) {
        while self.lines.front().is_some_and(|(first, _)| *first < line) {
            self.lines.pop_front();
        }
    }

    /// Adds `more` to the newest line that has some of `which`.
    pub(super) fn add_to_newest(&mut self, which: Marks, more: Marks) {
        let newest = self.lines.iter_mut().rev();
        if let Some((_, marks)) = newest.into_iter().find(|(_, m)| m.any(which)) {
            *marks = marks.and(more);
        }
    }

    /// The first line after `line` with some of `which`.
    pub(super) fn after(&self, line: u64, which: Marks) -> Option<u64> {
        let from = self.lines.partition_point(|(at, _)| *at <= line);
        let rest = self.lines.iter().skip(from);
        rest.into_iter()
            .find(|(_, marks)| marks.any(which))
            .map(|(at, _)| *at)
    }

    /// The last line before `line` with some of `which`.
    pub(super) fn before(&self, line: u64, which: Marks) -> Option<u64> {
        let to = self.lines.partition_point(|(at, _)| *at < line);
        let older = self.lines.iter().take(to).rev();
        older
            .into_iter()
            .find(|(_, marks)| marks.any(which))
            .map(|(at, _)| *at)
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lines.capacity() * size_of::<(u64, Marks)>()
    }
}
