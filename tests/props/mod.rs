//! What must hold of every input, as functions of bytes: one definition for the
//! tests of `tests/props.rs` and for the fuzz targets of `fuzz/`. Each function
//! panics where its property fails. They know the public API only, and keep
//! nothing between two calls.
//!
//! The first bytes of an input choose sizes and modes, so that any input means
//! something and a small change of it is a small change of the test.

mod access;
mod capture;
mod ci;
mod client;
mod command;
mod format;
mod layout;
mod link;
mod mask;
mod oracle;
mod pane;
mod render;
mod seen;
mod wire;

pub use access::access_text;
pub use capture::capture_round_trip;
pub use ci::{ci_file, ci_systems};
pub use client::client_bytes;
pub use command::command_lex;
pub use format::format_expand;
pub use layout::layout_string;
pub use link::link_words;
pub use mask::mask_stream;
pub use pane::pane_bytes;
pub use render::render_oracle;
pub use wire::wire_frame;

/// A property: it panics where the input breaks it.
pub type Property = fn(&[u8]);

/// Every property by the name of its fuzz target.
pub const ALL: [(&str, Property); 13] = [
    ("pane_bytes", pane_bytes),
    ("capture_round_trip", capture_round_trip),
    ("render_oracle", render_oracle),
    ("client_bytes", client_bytes),
    ("layout_string", layout_string),
    ("command_lex", command_lex),
    ("format_expand", format_expand),
    ("wire_frame", wire_frame),
    ("link_words", link_words),
    ("ci_file", ci_file),
    ("ci_systems", ci_systems),
    ("access_text", access_text),
    ("mask_stream", mask_stream),
];

/// Takes an input's bytes one after the other; zeros after its end.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start.
    pub fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => 0,
        }
    }

    /// A side of a screen in cells: mostly small, sometimes large.
    pub fn side(&mut self) -> u16 {
        match self.byte() {
            wide @ 0xf0.. => 60 + u16::from(wide - 0xf0) * 16,
            byte => 1 + u16::from(byte % 40),
        }
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Small pseudo-random numbers (Marsaglia's xorshift), the same ones each time.
pub struct Dice(u64);

impl Dice {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next one below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The low bits of a xorshift are its worst.
        (self.0 >> 20) as usize % n.max(1)
    }
}

/// Cuts bytes into pieces of one to sixteen, as the seed has it; a seed of 0
/// cuts between any two.
pub fn cut(mut bytes: &[u8], seed: u8, mut each: impl FnMut(&[u8])) {
    let mut dice = Dice::new(seed.into());
    while !bytes.is_empty() {
        let n = if seed == 0 { 1 } else { 1 + dice.below(16) };
        let (piece, rest) = bytes.split_at(n.min(bytes.len()));
        each(piece);
        bytes = rest;
    }
}

/// An input's text: its UTF-8, other bytes replaced.
pub fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
