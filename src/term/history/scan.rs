//! Searches the packed text itself, block by block, without taking lines
//! apart. What a match is, a [`Needle`] says.

use std::ops::Range;

use super::block::{Body, Raw};
use super::filter::Pairs;
use super::{Block, History};

/// What is looked for in text. Lines are separated by line feeds, which no
/// match may hold.
pub(in crate::term) trait Needle {
    /// Whether the text of many lines may be searched at once.
    fn spans_lines(&self) -> bool;
    /// Pairs of bytes, letters in any case, that every match has.
    fn pairs(&self) -> Option<&Pairs>;
    /// Whether any line of the text may hold a match.
    fn may_match(&self, text: &[u8]) -> bool;
    /// The first match that starts at `from` or later.
    fn first(&self, text: &[u8], from: usize) -> Option<Range<usize>>;
    /// The last match that starts before `before`.
    fn last(&self, text: &[u8], before: usize) -> Option<Range<usize>>;
}

/// A byte of a line of the history, until the next change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::term) struct Spot {
    pub(super) block: usize,
    pub(super) line: usize,
    pub(super) byte: usize,
}

impl Spot {
    /// The end of all lines.
    pub(in crate::term) const END: Self = Self {
        block: usize::MAX,
        line: usize::MAX,
        byte: usize::MAX,
    };

    /// The spot `bytes` further in its line.
    pub(in crate::term) fn after(self, bytes: usize) -> Self {
        Self {
            byte: self.byte.saturating_add(bytes),
            ..self
        }
    }
}

impl History {
    /// The first match that starts at `from` or later: where, and its bytes.
    pub(in crate::term) fn scan_forward(
        &self,
        needle: &dyn Needle,
        from: Spot,
    ) -> Option<(Spot, usize)> {
        let mut buffer = Vec::new();
        for index in from.block..self.blocks.len() {
            let block = &self.blocks[index];
            if passes(block, needle) {
                continue;
            }
            let start = if index == from.block {
                self.byte_of(block, from.line.max(block.skip), from.byte)
            } else if block.skip > 0 {
                self.byte_of(block, block.skip, 0)
            } else {
                0
            };
            let raw = raw_of(block);
            let text = block_text(block, raw.as_deref(), &mut buffer);
            if let Some(found) = forward(needle, text, start) {
                return Some(spot_of(index, text, &found));
            }
        }
        None
    }

    /// The last match that starts before `before`: where, and its bytes.
    pub(in crate::term) fn scan_backward(
        &self,
        needle: &dyn Needle,
        before: Spot,
    ) -> Option<(Spot, usize)> {
        let mut buffer = Vec::new();
        let last = before.block.min(self.blocks.len().checked_sub(1)?);
        for index in (0..=last).rev() {
            let block = &self.blocks[index];
            if passes(block, needle) {
                continue;
            }
            let end = if index == before.block {
                self.byte_of(block, before.line, before.byte)
            } else {
                usize::MAX
            };
            let floor = if block.skip > 0 {
                self.byte_of(block, block.skip, 0)
            } else {
                0
            };
            let raw = raw_of(block);
            let text = block_text(block, raw.as_deref(), &mut buffer);
            let end = end.min(text.len() + 1);
            if let Some(found) = backward(needle, text, floor, end) {
                return Some(spot_of(index, text, &found));
            }
        }
        None
    }

    /// Counts matches before `before` that do not overlap, and stops at
    /// `limit`.
    pub(in crate::term) fn scan_count(
        &self,
        needle: &dyn Needle,
        before: Spot,
        limit: usize,
    ) -> usize {
        let mut buffer = Vec::new();
        let mut count = 0;
        for (index, block) in self
            .blocks
            .iter()
            .enumerate()
            .take(before.block.saturating_add(1))
        {
            if passes(block, needle) {
                continue;
            }
            let end = if index == before.block {
                self.byte_of(block, before.line, before.byte)
            } else {
                usize::MAX
            };
            let mut at = if block.skip > 0 {
                self.byte_of(block, block.skip, 0)
            } else {
                0
            };
            let raw = raw_of(block);
            let text = block_text(block, raw.as_deref(), &mut buffer);
            while count < limit
                && let Some(found) = forward(needle, text, at)
                && found.start < end
            {
                count += 1;
                at = found.end.max(found.start + 1);
            }
        }
        count
    }

    /// The byte in its block's text of a byte of a line.
    fn byte_of(&self, block: &Block, line: usize, byte: usize) -> usize {
        let raw = self.load(block);
        match raw.starts.get(line) {
            Some(start) => {
                let len = raw.line(line).text.len();
                start.text as usize + byte.min(len)
            }
            None => raw.text.len() + 1,
        }
    }
}

/// Whether a block cannot hold a match, told without reading it.
fn passes(block: &Block, needle: &dyn Needle) -> bool {
    match (&block.filter, needle.pairs()) {
        (Some(filter), Some(pairs)) => !filter.may_hold(pairs),
        (_, _) => false,
    }
}

fn raw_of(block: &Block) -> Option<std::sync::Arc<Raw>> {
    matches!(block.body, Body::Raw(_)).then(|| block.raw())
}

fn block_text<'a>(block: &Block, raw: Option<&'a Raw>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    match (raw, &block.body) {
        (Some(raw), _) => &raw.text,
        (None, Body::Packed(packed)) => {
            packed.text(buffer);
            buffer
        }
        (None, Body::Stored(stored)) => {
            stored.text(buffer);
            buffer
        }
        (None, Body::Raw(_)) => &[],
    }
}

fn spot_of(block: usize, text: &[u8], found: &Range<usize>) -> (Spot, usize) {
    let before = text.get(..found.start).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let spot = Spot {
        block,
        line: memchr::memchr_iter(b'\n', before).count(),
        byte: found.start - start,
    };
    (spot, found.len())
}

/// The first match at or after `from`, in lines cut apart if need be.
pub(in crate::term) fn forward(
    needle: &dyn Needle,
    text: &[u8],
    from: usize,
) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    if needle.spans_lines() {
        return needle.first(text, from);
    }
    let start = memchr::memrchr(b'\n', &text[..from]).map_or(0, |at| at + 1);
    if !needle.may_match(&text[start..]) {
        return None;
    }
    let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| from + at);
    let mut line = start..end;
    let mut skip = from - start;
    loop {
        if let Some(found) = needle.first(&text[line.clone()], skip) {
            return Some(line.start + found.start..line.start + found.end);
        }
        let start = line.end + 1;
        let rest = text.get(start..)?;
        let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at);
        line = start..end;
        skip = 0;
    }
}

/// The last match at or after `floor` that starts before `before`.
pub(in crate::term) fn backward(
    needle: &dyn Needle,
    text: &[u8],
    floor: usize,
    before: usize,
) -> Option<Range<usize>> {
    let part = text.get(floor..)?;
    let before = before.checked_sub(floor)?;
    let offset = |found: Range<usize>| floor + found.start..floor + found.end;
    // Searching forward is the faster by far, and most blocks hold no match.
    if !needle.may_match(part) {
        return None;
    }
    if needle.spans_lines() {
        return needle.last(part, before).map(offset);
    }
    let mut end = {
        let at = before.min(part.len());
        memchr::memchr(b'\n', &part[at..]).map_or(part.len(), |n| at + n)
    };
    loop {
        let start = memchr::memrchr(b'\n', &part[..end]).map_or(0, |at| at + 1);
        if let Some(limit) = before.checked_sub(start)
            && let Some(found) = needle.last(&part[start..end], limit)
        {
            return Some(offset(start + found.start..start + found.end));
        }
        end = start.checked_sub(1)?;
    }
}
