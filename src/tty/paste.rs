//! Bracketed paste (xterm ctlseqs, DECSET 2004): everything between
//! `CSI 200 ~` and `CSI 201 ~` is text, however it was cut. It never holds more
//! than one chunk, and never looks into the text.

use super::decode::Input;

/// The most bytes handed over in one piece.
pub const PASTE_CHUNK: usize = 64 * 1024;

const END: &[u8] = b"\x1b[201~";

/// A piece of pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasteChunk {
    /// The text as it came, at most [`PASTE_CHUNK`] bytes; a character may be
    /// cut between two chunks.
    pub bytes: Vec<u8>,
    /// Whether the paste starts here.
    pub first: bool,
    /// Whether the paste ends here (also when it timed out).
    pub last: bool,
}

/// A paste being received.
#[derive(Clone, Debug, Default)]
pub(super) struct Paste {
    held: Vec<u8>,
    /// Bytes of [`END`] seen.
    matched: usize,
    begun: bool,
}

impl Paste {
    /// Starts anew.
    pub(super) fn start(&mut self) {
        *self = Self::default();
    }

    /// Memory held for the chunk that is being gathered, in bytes.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    /// Takes bytes up to the end of the paste: how many, and whether it ended.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.matched == 0 {
                let rest = &bytes[at..];
                let text = rest.iter().position(|b| *b == 0x1b).unwrap_or(rest.len());
                self.hold(&rest[..text], out);
                at += text;
                if text < rest.len() {
                    self.matched = 1;
                    at += 1;
                }
            } else if byte == END[self.matched] {
                self.matched += 1;
                at += 1;
                if self.matched == END.len() {
                    self.matched = 0;
                    self.finish(out);
                    return (at, true);
                }
            } else {
                let seen = std::mem::take(&mut self.matched);
                self.hold(&END[..seen], out);
            }
        }
        (at, false)
    }

    fn hold(&mut self, mut text: &[u8], out: &mut Vec<Input>) {
        while !text.is_empty() {
            if self.held.len() == PASTE_CHUNK {
                self.give(false, out);
            }
            let room = (PASTE_CHUNK - self.held.len()).min(text.len());
            let (now, later) = text.split_at(room);
            self.held.extend_from_slice(now);
            text = later;
        }
    }

    /// Hands over what is left, as the end of the paste.
    pub(super) fn finish(&mut self, out: &mut Vec<Input>) {
        let seen = std::mem::take(&mut self.matched);
        self.hold(&END[..seen], out);
        if self.begun || !self.held.is_empty() {
            self.give(true, out);
        }
        self.start();
    }

    fn give(&mut self, last: bool, out: &mut Vec<Input>) {
        out.push(Input::Paste(PasteChunk {
            bytes: std::mem::take(&mut self.held),
            first: !self.begun,
            last,
        }));
        self.begun = true;
    }
}
