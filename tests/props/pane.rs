//! What a program writes to its pane: no cut of it matters, nothing it writes
//! breaks the grid or fills memory, whatever the sizes in between.

use stepmux::base::{Size, width};
use stepmux::term::{Config, Output, Terminal};

use super::seen::seen;
use super::{Reader, cut};

/// History bytes that the test allows.
const HISTORY: usize = 1 << 20;
/// What a history may hold beyond its limit: the block that is being written.
const HISTORY_SLACK: usize = 512 << 10;
/// The longest text of a program that a terminal may keep for a title or path.
const TEXT: usize = 16 << 10;

/// One step of a pane's life.
pub enum Step<'a> {
    /// The program writes.
    Feed(&'a [u8]),
    /// The window changes.
    Resize(Size),
}

/// Splits a stream into steps: FF and two bytes are a resize, FF FF is one FF.
pub fn steps(bytes: &[u8]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == 0xff) {
        let (text, tail) = rest.split_at(at);
        if tail.get(1) == Some(&0xff) {
            steps.push(Step::Feed(&rest[..=at]));
            rest = &tail[2..];
            continue;
        }
        if !text.is_empty() {
            steps.push(Step::Feed(text));
        }
        let mut reader = Reader::new(&tail[1..]);
        let (cols, rows) = (reader.side(), reader.side());
        steps.push(Step::Resize(Size::new(cols, rows)));
        rest = reader.rest();
    }
    if !rest.is_empty() {
        steps.push(Step::Feed(rest));
    }
    steps
}

/// Size, cuts, options, then the stream with resizes in it (see [`steps`]).
pub fn pane_bytes(data: &[u8]) {
    let mut reader = Reader::new(data);
    let size = Size::new(reader.side(), reader.side());
    let seed = reader.byte();
    let flags = reader.byte();
    let config = Config {
        history_lines: if flags & 1 == 0 { 2000 } else { 0 },
        history_bytes: HISTORY,
        allow_passthrough: flags & 2 == 0,
        alternate_screen: flags & 4 == 0,
        scroll_on_clear: flags & 8 == 0,
        background: (flags & 16 != 0).then_some((1, 2, 3)),
        ..Config::default()
    };
    let (mut bulk, mut told) = (Terminal::new(size, config.clone()), Output::default());
    let (mut pieces, mut told_pieces) = (Terminal::new(size, config), Output::default());
    let mut fed = 0;
    for step in steps(reader.rest()) {
        match step {
            Step::Feed(bytes) => {
                fed += bytes.len();
                bulk.feed(bytes, &mut told);
                cut(bytes, seed, |piece| pieces.feed(piece, &mut told_pieces));
                assert_eq!(pieces.verify(), Ok(()), "in pieces");
            }
            Step::Resize(size) => {
                bulk.resize(size);
                pieces.resize(size);
            }
        }
        assert_eq!(bulk.verify(), Ok(()));
    }
    fitting(&bulk);
    for (term, told) in [(&mut bulk, &mut told), (&mut pieces, &mut told_pieces)] {
        bounded(term, told, fed);
        // What cannot be seen shows in what comes next: pen, charsets, last
        // character, saved cursor, an unfinished string.
        term.feed(b"\x1b\\q\x1b[3b\x1bP$qm\x1b\\\x1b8lx\x1b[6n", told);
    }
    assert_eq!(seen(&bulk), seen(&pieces), "a cut of the input shows");
    assert_eq!(told, told_pieces, "a cut of the input was told");
}

/// Nothing that `fed` bytes brought about is larger than it may be.
pub fn bounded(term: &Terminal, told: &Output, fed: usize) {
    let area = term.size().area();
    let pool = term.pool().len();
    assert!(pool <= 8192 + 8 * area, "a pool of {pool}");
    let history = term.history_bytes();
    assert!(history <= HISTORY + HISTORY_SLACK, "{history} of history");
    assert!(term.title().as_str().len() <= TEXT);
    assert!(term.path().len() <= TEXT);
    let per_byte = 64 + usize::from(term.size().cols());
    let replies = told.replies.len();
    assert!(
        replies <= 4096 + fed * per_byte,
        "{replies} of replies to {fed}"
    );
    assert!(told.notices.len() <= fed, "{} told", told.notices.len());
}

/// Every cell's text is as wide as the cell.
fn fitting(term: &Terminal) {
    let mut text = String::new();
    for y in 0..term.size().rows() {
        for cell in term.row(y).iter().filter(|cell| !cell.is_tail()) {
            text.clear();
            term.pool().push_text(*cell, &mut text);
            let columns = width::str_width(&text);
            assert_eq!(columns, 1 + usize::from(cell.is_wide()), "{text:?}");
        }
    }
}
