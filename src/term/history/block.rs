//! A block of packed lines: raw while new, compressed once old. It owns its
//! styles and links, so that dropping it drops all it needed. It knows nothing
//! of limits or of the screen.

use std::cell::Cell as Slot;
use std::sync::Arc;

use crate::base::pool::Link;
use crate::base::{LinkId, Pool, Style, StyleId};

use super::filter::Filter;
use super::line::{self, Line};
use super::store::{Part, Store, StoreError, Stored};

/// Text after which a block takes no further line, in bytes: a little less than
/// 64 KiB, so that the last line seldom makes the buffer grow beyond.
pub(super) const BLOCK_TEXT: usize = 62 * 1024;
/// Records after which a block takes no further line, in bytes.
const BLOCK_META: usize = 64 * 1024;
/// Lines that a block takes.
const BLOCK_LINES: usize = 4096;
/// Styles after which a block takes no further line.
const BLOCK_STYLES: usize = 4096;

/// Where a line begins in a raw block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) text: u32,
    pub(super) meta: u32,
}

/// Lines as they are written and read.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    /// The lines' text, each but the last ended by a line feed.
    pub(super) text: Vec<u8>,
    pub(super) meta: Vec<u8>,
    pub(super) starts: Vec<Start>,
    /// Columns of each line, only when they came from a store.
    pub(super) widths: Vec<u16>,
}

impl Raw {
    /// Finds the lines of the text by their records, each with its length.
    pub(super) fn cut(&mut self, packed: &[u8]) {
        let Self {
            text, meta, starts, ..
        } = self;
        meta.clear();
        starts.clear();
        let mut at = 0;
        let mut start = 0;
        let mut ends = memchr::memchr_iter(b'\n', text);
        while at < packed.len() {
            let len = line::take(packed, &mut at) as usize;
            starts.push(Start {
                text: start,
                meta: meta.len() as u32,
            });
            let end = at.saturating_add(len).min(packed.len());
            meta.extend_from_slice(&packed[at..end]);
            at = end;
            start = ends.next().map_or(text.len(), |end| end + 1) as u32;
        }
    }

    /// A line by its number in the block.
    pub(super) fn line(&self, index: usize) -> Line<'_> {
        let Some(start) = self.starts.get(index) else {
            return Line {
                text: &[],
                meta: &[],
            };
        };
        let (text_end, meta_end) = match self.starts.get(index + 1) {
            Some(next) => ((next.text as usize).saturating_sub(1), next.meta as usize),
            None => (self.text.len(), self.meta.len()),
        };
        Line {
            text: self
                .text
                .get(start.text as usize..text_end)
                .unwrap_or_default(),
            meta: self
                .meta
                .get(start.meta as usize..meta_end)
                .unwrap_or_default(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.meta.clear();
        self.starts.clear();
    }

    fn bytes(&self) -> usize {
        self.text.capacity() + self.meta.capacity() + self.starts.capacity() * size_of::<Start>()
    }
}

/// Lines compressed; text apart from records, for a search reads only text.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    text: Squeezed,
    meta: Squeezed,
}

#[derive(Clone, Debug)]
struct Squeezed {
    bytes: Box<[u8]>,
    len: u32,
}

impl Squeezed {
    fn new(raw: &[u8]) -> Self {
        let packed = lz4_flex::block::compress(raw);
        let bytes = if packed.len() < raw.len() {
            packed.into_boxed_slice()
        } else {
            raw.into()
        };
        Self {
            bytes,
            len: raw.len() as u32,
        }
    }

    fn open(&self, out: &mut Vec<u8>) {
        if self.bytes.len() == self.len as usize {
            out.clear();
            out.extend_from_slice(&self.bytes);
            return;
        }
        // What it held is written over: only growth is cleared first.
        out.resize(self.len as usize, 0);
        let len = lz4_flex::block::decompress_into(&self.bytes, out).unwrap_or(0);
        out.truncate(len);
    }
}

impl Packed {
    fn new(raw: &Raw) -> Self {
        let mut meta = Vec::with_capacity(raw.meta.len() + raw.starts.len());
        for index in 0..raw.starts.len() {
            let line = raw.line(index);
            line::put(&mut meta, line.meta.len() as u32);
            meta.extend_from_slice(line.meta);
        }
        Self {
            text: Squeezed::new(&raw.text),
            meta: Squeezed::new(&meta),
        }
    }

    /// The text alone, into `out`.
    pub(super) fn text(&self, out: &mut Vec<u8>) {
        self.text.open(out);
    }

    /// The lines, in place of what `raw` held.
    pub(super) fn open(&self, raw: &mut Raw) {
        self.text.open(&mut raw.text);
        let mut packed = Vec::new();
        self.meta.open(&mut packed);
        raw.cut(&packed);
    }

    fn opened(&self) -> Arc<Raw> {
        let mut raw = Raw::default();
        self.open(&mut raw);
        Arc::new(raw)
    }

    fn bytes(&self) -> usize {
        self.text.bytes.len() + self.meta.bytes.len()
    }
}

/// A block's styles by number; 0 is the default style. Their links are numbers
/// in the block's own list.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) styles: Vec<Style>,
    pub(super) links: Vec<Link>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            styles: vec![Style::DEFAULT],
            links: Vec::new(),
        }
    }
}

impl Table {
    /// The number in `pool` of one of the block's styles.
    pub(super) fn in_pool(&self, id: u32, pool: &mut Pool) -> StyleId {
        if id == 0 {
            return StyleId::DEFAULT;
        }
        let mut style = self.styles.get(id as usize).copied().unwrap_or_default();
        style.link = (style.link.0 as usize)
            .checked_sub(1)
            .and_then(|at| self.links.get(at))
            .map_or(LinkId::NONE, |link| pool.link(link.clone()));
        pool.style(style)
    }

    fn bytes(&self) -> usize {
        let links: usize = self.links.iter().map(|l| l.id.len() + l.uri.len()).sum();
        self.styles.capacity() * size_of::<Style>()
            + self.links.capacity() * size_of::<Link>()
            + links
    }
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Raw(Arc<Raw>),
    Packed(Packed),
    Stored(Stored),
}

/// Some thousand lines that are kept, read and dropped together.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Never given twice in one history.
    pub(super) serial: u64,
    pub(super) body: Body,
    /// Columns of each line, were it never wrapped; also of skipped ones. Empty
    /// when the block is stored.
    pub(super) widths: Vec<u16>,
    /// No line is wider.
    pub(super) widest: u16,
    /// Whether the first line goes on from the block before.
    pub(super) continued: bool,
    /// Lines dropped at the front.
    pub(super) skip: usize,
    /// Whether some line has wide cells, so that wrapping must look at it.
    pub(super) wide: bool,
    /// Whether some line has tabs.
    pub(super) tabbed: bool,
    /// Lines that were there when the width last changed.
    pub(super) reflowed: usize,
    /// Whether some line is wrapped anew: one of those or a later one, with wide
    /// characters or tabs.
    pub(super) anew: bool,
    pub(super) table: Table,
    /// What the text may hold, once the block is compressed.
    pub(super) filter: Option<Filter>,
    /// Display rows of the lines not skipped, at a width.
    pub(super) rows: Slot<Option<(u16, usize)>>,
}

impl Block {
    pub(super) fn new(serial: u64, raw: Raw) -> Self {
        Self {
            serial,
            body: Body::Raw(Arc::new(raw)),
            widths: Vec::new(),
            widest: 0,
            continued: false,
            skip: 0,
            wide: false,
            tabbed: false,
            reflowed: 0,
            anew: false,
            table: Table::default(),
            filter: None,
            rows: Slot::new(None),
        }
    }

    /// Lines, dropped ones too.
    pub(super) fn len(&self) -> usize {
        match &self.body {
            Body::Stored(stored) => stored.lines as usize,
            Body::Raw(_) | Body::Packed(_) => self.widths.len(),
        }
    }

    /// Lines not dropped.
    pub(super) fn lines(&self) -> usize {
        self.len() - self.skip
    }

    /// The columns of a line; `raw` are the block's lines.
    pub(super) fn width(&self, line: usize, raw: &Raw) -> u16 {
        let widths = match &self.body {
            Body::Stored(_) => &raw.widths,
            Body::Raw(_) | Body::Packed(_) => &self.widths,
        };
        widths.get(line).copied().unwrap_or(0)
    }

    /// Whether a line's rows cannot be told without reading the block.
    pub(super) fn must_read(&self) -> bool {
        self.wide || self.anew || matches!(self.body, Body::Stored(_))
    }

    /// Whether a line that has `width` columns may take more than one row of `cols`,
    /// as some are wrapped anew: no column counts more than twice.
    pub(super) fn may_part(&self, width: u16, cols: u16) -> bool {
        self.anew && u32::from(width) * 2 > u32::from(cols)
    }

    /// Whether a line was there when the width changed, and is not only ASCII: its
    /// first row keeps what tmux notes of such rows.
    pub(super) fn is_rich(&self, index: usize, line: Line<'_>) -> bool {
        index < self.reflowed && line.flags() & (line::TEXT | line::TABS) != 0
    }

    /// Whether a line's rows are other than as it was printed.
    pub(super) fn is_anew(&self, index: usize, line: Line<'_>) -> bool {
        let odd = line.flags() & (line::WIDE | line::TABS) != 0;
        odd && (index < self.reflowed || line.flags() & line::ANEW != 0)
    }

    /// Moves the lines to a store. If it fails they are lost; their number is
    /// not.
    pub(super) fn put(&mut self, store: &Store) -> Result<(), StoreError> {
        self.pack();
        let Body::Packed(packed) = &self.body else {
            return Ok(());
        };
        let widths: Vec<u8> = self.widths.iter().flat_map(|w| w.to_le_bytes()).collect();
        let widths = Squeezed::new(&widths);
        let part = |squeezed: &Squeezed| Part {
            packed: squeezed.bytes.len() as u32,
            len: squeezed.len,
        };
        let parts = [&packed.text, &packed.meta, &widths].map(|s| (&*s.bytes, part(s)));
        let (stored, result) = Stored::new(store, parts, self.widths.len());
        self.body = Body::Stored(stored);
        self.widths = Vec::new();
        self.rows.set(None);
        result
    }

    /// Whether the next line belongs in a new block.
    pub(super) fn is_full(&self) -> bool {
        match &self.body {
            Body::Packed(_) | Body::Stored(_) => true,
            Body::Raw(raw) => {
                raw.text.len() >= BLOCK_TEXT
                    || raw.meta.len() >= BLOCK_META
                    || raw.starts.len() >= BLOCK_LINES
                    || self.table.styles.len() >= BLOCK_STYLES
            }
        }
    }

    /// Compresses the block; gives back its buffers.
    pub(super) fn pack(&mut self) -> Option<Raw> {
        let Body::Raw(raw) = &mut self.body else {
            return None;
        };
        let packed = Packed::new(raw);
        self.filter = Some(Filter::new(&raw.text));
        let raw = std::mem::take(Arc::make_mut(raw));
        self.body = Body::Packed(packed);
        self.widths.shrink_to_fit();
        self.table.styles.shrink_to_fit();
        Some(raw)
    }

    /// The lines, decompressed if need be.
    pub(super) fn raw(&self) -> Arc<Raw> {
        match &self.body {
            Body::Raw(raw) => Arc::clone(raw),
            Body::Packed(packed) => packed.opened(),
            Body::Stored(stored) => {
                let mut raw = Raw::default();
                stored.open(&mut raw);
                Arc::new(raw)
            }
        }
    }

    /// The lines for writing, decompressed for good if need be.
    pub(super) fn thaw(&mut self) {
        self.filter = None;
        match &self.body {
            Body::Raw(_) => {}
            Body::Packed(packed) => self.body = Body::Raw(packed.opened()),
            Body::Stored(stored) => {
                let mut raw = Raw::default();
                stored.open(&mut raw);
                stored.free();
                self.widths = std::mem::take(&mut raw.widths);
                self.body = Body::Raw(Arc::new(raw));
            }
        }
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Raw(raw) => raw.bytes(),
            Body::Packed(packed) => packed.bytes(),
            Body::Stored(_) => 0,
        };
        let filter = self.filter.as_ref().map_or(0, |_| Filter::BYTES);
        body + filter + self.widths.capacity() * 2 + self.table.bytes() + size_of::<Self>()
    }
}
