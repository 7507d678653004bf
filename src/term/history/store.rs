//! Blocks of lines outside the process's memory. Where they are kept is the
//! outer world's affair: it gives a [`Store`], to which blocks are appended and
//! from which they are read back. A store that fails costs the lines that it
//! held, and nothing else.

use std::fmt::Debug;
use std::sync::Arc;

use super::block::Raw;

/// What stands in place of lines that a store lost.
const LOST: &str = "[lines lost: the history file cannot be read]";

/// Why a store could not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A place for blocks of bytes, which live as long as it does.
pub trait BlockStore: Debug + Send + Sync {
    /// Keeps bytes; says where.
    ///
    /// # Errors
    /// When they could not all be kept.
    fn append(&self, bytes: &[u8]) -> Result<u64, StoreError>;

    /// Reads `len` bytes into `out`, in place of what it held.
    ///
    /// # Errors
    /// When they are not all there.
    fn read(&self, at: u64, len: usize, out: &mut Vec<u8>) -> Result<(), StoreError>;

    /// Says that these bytes are not wanted any more.
    fn free(&self, at: u64, len: usize);
}

/// A store that terminals may hold.
pub type Store = Arc<dyn BlockStore>;

/// A compressed part: its bytes in the store, and its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) packed: u32,
    pub(super) len: u32,
}

/// A block in a store: text, records, widths, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// None when the store did not take it.
    store: Option<Store>,
    at: u64,
    text: Part,
    meta: Part,
    widths: Part,
    pub(super) lines: u32,
    /// Another has it too, and frees it.
    lent: bool,
}

impl Stored {
    /// From here on it only reads.
    pub(super) fn lend(&mut self) {
        self.lent = true;
    }

    /// Puts a block's parts into a store. If it fails the lines are lost, but
    /// not their number.
    pub(super) fn new(
        store: &Store,
        parts: [(&[u8], Part); 3],
        lines: usize,
    ) -> (Self, Result<(), StoreError>) {
        let bytes: Vec<u8> = parts
            .iter()
            .flat_map(|(bytes, _)| *bytes)
            .copied()
            .collect();
        let [(_, text), (_, meta), (_, widths)] = parts;
        let result = store.append(&bytes);
        let stored = Self {
            store: result.is_ok().then(|| Arc::clone(store)),
            at: *result.as_ref().unwrap_or(&0),
            text,
            meta,
            widths,
            lines: u32::try_from(lines).unwrap_or(u32::MAX),
            lent: false,
        };
        (stored, result.map(|_| ()))
    }

    fn packed(&self) -> usize {
        (self.text.packed + self.meta.packed + self.widths.packed) as usize
    }

    /// The text alone, into `out`; nothing if it is lost.
    pub(super) fn text(&self, out: &mut Vec<u8>) {
        let mut packed = Vec::new();
        let len = self.text.packed as usize;
        let read = self
            .store
            .as_ref()
            .map(|s| s.read(self.at, len, &mut packed));
        let text = match read {
            Some(Ok(())) => unpack(&packed, self.text, out),
            Some(Err(_)) | None => false,
        };
        if !text {
            self.placeholder_text(out);
        }
    }

    /// The lines, in place of what `raw` held.
    pub(super) fn open(&self, raw: &mut Raw) {
        if !self.try_open(raw).unwrap_or(false) {
            self.placeholder(raw);
        }
    }

    fn try_open(&self, raw: &mut Raw) -> Option<bool> {
        let mut packed = Vec::new();
        let store = self.store.as_ref()?;
        store.read(self.at, self.packed(), &mut packed).ok()?;
        let (text, rest) = packed.split_at_checked(self.text.packed as usize)?;
        let (meta, widths) = rest.split_at_checked(self.meta.packed as usize)?;
        let (mut records, mut bytes) = (Vec::new(), Vec::new());
        let whole = unpack(text, self.text, &mut raw.text)
            && unpack(meta, self.meta, &mut records)
            && unpack(widths, self.widths, &mut bytes);
        if !whole {
            return None;
        }
        raw.cut(&records);
        raw.widths.clear();
        let pairs = bytes.chunks_exact(2);
        raw.widths
            .extend(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
        Some(raw.starts.len() == self.lines as usize && raw.widths.len() == raw.starts.len())
    }

    fn placeholder_text(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(LOST.as_bytes());
        let more = (self.lines as usize).saturating_sub(1);
        out.extend(std::iter::repeat_n(b'\n', more));
    }

    fn placeholder(&self, raw: &mut Raw) {
        self.placeholder_text(&mut raw.text);
        let lines = self.lines as usize;
        // Each line: one byte of records, the header.
        let records: Vec<u8> = [1, 0].repeat(lines);
        raw.cut(&records);
        raw.widths.clear();
        raw.widths.resize(lines, 0);
        if let Some(first) = raw.widths.first_mut() {
            *first = LOST.len() as u16;
        }
    }

    /// Tells the store that the block is gone.
    pub(super) fn free(&self) {
        if let Some(store) = self.store.as_ref().filter(|_| !self.lent) {
            store.free(self.at, self.packed());
        }
    }
}

fn unpack(packed: &[u8], part: Part, out: &mut Vec<u8>) -> bool {
    let len = part.len as usize;
    if part.packed == part.len {
        out.clear();
        out.extend_from_slice(packed);
        return packed.len() == len;
    }
    out.resize(len, 0);
    lz4_flex::block::decompress_into(packed, out).is_ok_and(|n| n == len)
}
