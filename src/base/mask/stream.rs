//! A stream of a terminal's bytes, of which text is searched and control sequences
//! are passed over. What a string sequence holds (a title, a clipboard) is
//! searched for itself.

use std::fmt;
use std::sync::Arc;

use super::matcher::{Matcher, Table};

/// Where the stream stands (ECMA-48, and xterm's string sequences).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In `ESC [ …`.
    Sequence,
    /// In `ESC ] …` or a kin of it.
    String,
    /// There, after an ESC.
    StringEscape,
}

/// Takes the values out of one stream. Without values it changes nothing.
#[derive(Clone)]
pub struct Masker(Option<Box<Work>>);

#[derive(Clone)]
struct Work {
    at: At,
    text: Matcher,
    string: Matcher,
    table: Arc<Table>,
    /// What a string sequence has become so far.
    aside: Vec<u8>,
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masker(***)")
    }
}

impl Masker {
    pub(super) fn new(table: Option<Arc<Table>>) -> Self {
        Self(table.map(|table| {
            Box::new(Work {
                at: At::Text,
                text: Matcher::new(table.clone()),
                string: Matcher::new(table.clone()),
                table,
                aside: Vec::new(),
            })
        }))
    }

    /// Takes bytes in any pieces, and adds to `out` what may get out. What may be
    /// the beginning of a value is held back, at most [`super::HELD`] bytes.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match &mut self.0 {
            Some(work) => work.feed(bytes, out),
            None => out.extend_from_slice(bytes),
        }
    }

    /// Lets out what is held back if that shows no more than a few characters of
    /// a value's beginning; for a stream that has been quiet. If the rest of the
    /// value follows, the mark stands for that.
    pub fn settle(&mut self, out: &mut Vec<u8>) {
        if let Some(work) = &mut self.0
            && work.at == At::Text
        {
            work.text.settle(out);
        }
    }

    /// Lets the rest out: the stream is over. What follows is another stream.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(work) = &mut self.0 {
            work.end_string(out);
            work.text.finish(out);
            work.at = At::Text;
        }
    }
}

impl Work {
    fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.at == At::Text {
                let idle = self.text.idle(bytes);
                if idle > 0 {
                    self.text.pass(&bytes[..idle], out);
                    bytes = &bytes[idle..];
                    continue;
                }
            }
            self.byte(byte, out);
            bytes = rest;
        }
        self.put_aside(out);
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match (self.at, byte) {
            (At::Text, 0x1b) => {
                self.at = At::Escape;
                self.text.beside(&[byte], out);
            }
            (At::Text, _) => self.text.text(byte, out),
            (At::Escape, b'[') => self.control(At::Sequence, byte, out),
            (At::Escape, b']' | b'P' | b'X' | b'^' | b'_' | b'k') => {
                self.control(At::String, byte, out);
                self.string = Matcher::new(self.table.clone());
            }
            // A further ESC begins anew; intermediates go on (ECMA-48, 5.3).
            (At::Escape, 0x1b | 0x20..=0x2f) => self.control(At::Escape, byte, out),
            (At::Escape, _) => self.control(At::Text, byte, out),
            (At::Sequence, 0x1b) => self.control(At::Escape, byte, out),
            // A terminal gives a sequence up at such a byte and shows it.
            (At::Sequence, 0x80..) => {
                self.at = At::Text;
                self.text.text(byte, out);
            }
            (At::Sequence, 0x40..=0x7e | 0x18 | 0x1a) => self.control(At::Text, byte, out),
            (At::Sequence, _) => self.text.beside(&[byte], out),
            (At::String, 0x07 | 0x18 | 0x1a) => {
                self.end_string(out);
                self.control(At::Text, byte, out);
            }
            (At::String, 0x1b) => self.at = At::StringEscape,
            (At::String, _) => self.string.text(byte, &mut self.aside),
            // `ESC \` ends it; any other ESC ends it too, and begins its own.
            (At::StringEscape, _) => {
                self.end_string(out);
                self.text.beside(&[0x1b], out);
                self.at = At::Escape;
                self.byte(byte, out);
            }
        }
    }

    fn control(&mut self, next: At, byte: u8, out: &mut Vec<u8>) {
        self.at = next;
        self.text.beside(&[byte], out);
    }

    fn put_aside(&mut self, out: &mut Vec<u8>) {
        if !self.aside.is_empty() {
            self.text.beside(&self.aside, out);
            self.aside.clear();
        }
    }

    fn end_string(&mut self, out: &mut Vec<u8>) {
        self.string.finish(&mut self.aside);
        self.put_aside(out);
    }
}
