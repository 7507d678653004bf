//! A screen that takes a terminal's bytes and gives back what changed, line by
//! line, in plain drawing: what a recording holds, and what a replay draws. No
//! query, title, clipboard or mode of the original gets through it.

use std::fmt::Write as _;

use crate::base::Size;
use crate::base::mask::Secrets;
use crate::term::{CaptureOptions, CaptureRange, Config, Output, Terminal};

/// Begins a screen: attributes, margins, origin and charset as they are at the
/// start, no wrapping at the right side, all erased (ECMA-48, DEC STD 070).
pub(super) const BEGIN: &str = "\x1b[?6l\x1b[r\x1b(B\x0f\x1b[m\x1b[?7l\x1b[H\x1b[2J";

/// A screen, and what was drawn of it.
#[derive(Debug)]
pub(super) struct Picture {
    term: Terminal,
    secrets: Secrets,
    drawn: Vec<String>,
    cursor: Option<(u16, u16, bool)>,
}

impl Picture {
    /// An empty screen on which nothing was drawn.
    pub(super) fn new(cols: u16, rows: u16, secrets: Secrets) -> Self {
        Self {
            term: Terminal::new(Size::new(cols, rows), Config::picture()),
            secrets,
            drawn: Vec::new(),
            cursor: None,
        }
    }

    /// Takes bytes; what they ask for is not answered.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut told = Output::default();
        self.term.feed(bytes, &mut told);
    }

    /// Gets another size; all is to be drawn anew.
    pub(super) fn resize(&mut self, cols: u16, rows: u16) {
        self.term.resize_picture(Size::new(cols, rows));
        self.forget();
    }

    /// Draws all of it the next time.
    pub(super) fn forget(&mut self) {
        self.drawn.clear();
        self.cursor = None;
    }

    /// Whether the alternate screen is shown, as by a client that is attached.
    pub(super) fn is_alternate(&self) -> bool {
        self.term.modes().alternate
    }

    /// The rows, with colours or as text alone, without the secrets.
    pub(super) fn rows(&self, escapes: bool) -> Vec<String> {
        let options = CaptureOptions {
            escapes,
            trailing: escapes,
            ..CaptureOptions::default()
        };
        let rows = (0..self.term.size().rows()).map(|row| {
            let line = Some(i64::from(row));
            let range = CaptureRange {
                start: line,
                end: line,
            };
            let text = self.term.capture(range, options);
            text.trim_end_matches('\n').to_owned()
        });
        let rows: Vec<String> = rows.collect();
        if self.secrets.is_empty() {
            return rows;
        }
        // A value may be wrapped: all is looked through as one text.
        let masked = self.secrets.mask(&rows.join("\r\n"));
        let masked: Vec<String> = masked.split("\r\n").map(str::to_owned).collect();
        if masked.len() == rows.len() {
            return masked;
        }
        rows.iter().map(|row| self.secrets.mask(row)).collect()
    }

    /// What changes the drawn screen into this one, on a terminal of so many
    /// rows; nothing when nothing changed.
    pub(super) fn draw(&mut self, height: u16) -> Option<String> {
        let rows = self.rows(true);
        let mut text = String::new();
        if self.drawn.is_empty() {
            text.push_str(BEGIN);
        }
        for (at, row) in rows.iter().enumerate().take(usize::from(height)) {
            if self.drawn.get(at) != Some(row) {
                let _ = write!(text, "\x1b[{};1H\x1b[m\x1b[K{row}\x1b[m", at + 1);
            }
        }
        let cursor = self.term.cursor();
        let (x, y) = (cursor.pos.x, cursor.pos.y);
        let cursor = Some((x, y, cursor.visible && y < height));
        if !text.is_empty() || cursor != self.cursor {
            let shown = if cursor.is_some_and(|(_, _, shown)| shown) {
                'h'
            } else {
                'l'
            };
            let _ = write!(text, "\x1b[{};{}H\x1b[?25{shown}", y + 1, x + 1);
        }
        self.drawn = rows;
        self.cursor = cursor;
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn drawing_gives_the_same_screen_and_no_query() {
        let mut picture = Picture::new(20, 5, Secrets::default());
        let mut seen = Picture::new(20, 5, Secrets::default());
        for part in [
            "one\r\n\x1b[31;44mtwo\x1b[m\x1b[c\x1b]52;c;aGk=\x07\x1b]2;title\x07",
            "\x1b[?1049h\x1b[H\x1b[2Jfull\x1b[3;5H\x1b[1;4mbold \x1b[m",
            "\x1b[?1049l\x1b[>q\x1b[6n",
            "\u{4f60}\u{597d}\r\n\r\n\r\n\r\nscrolled",
        ] {
            picture.feed(part.as_bytes());
            let drawn = picture.draw(5).unwrap();
            for unwanted in ["\x1b]", "\x1b[c", "\x1b[>q", "\x1b[6n", "1049"] {
                assert!(!drawn.contains(unwanted), "{drawn:?}");
            }
            seen.feed(drawn.as_bytes());
            // Blanks that were never written end a row early.
            let rows = |picture: &Picture| -> Vec<String> {
                let rows = picture.rows(true).into_iter();
                rows.map(|row| row.trim_end().to_owned()).collect()
            };
            assert_eq!(rows(&seen), rows(&picture));
            assert_eq!(seen.term.cursor().pos, picture.term.cursor().pos);
            assert_eq!(picture.draw(5), None);
        }
    }

    #[test]
    fn secrets_are_never_drawn_however_they_come() {
        let secrets = Secrets::of(["hunter2-and-more"]).unwrap();
        let mut picture = Picture::new(10, 4, secrets);
        let mut all = String::new();
        for part in ["a hunter2", "-\x1b[31mand", "-\x1b[mmore", " b"] {
            picture.feed(part.as_bytes());
            all.extend(picture.draw(4));
        }
        let rows = picture.rows(false).join("");
        assert!(rows.contains("[secure]"), "{rows}");
        assert!(!rows.contains("more"), "{rows}");
        assert!(!all.contains("hunter2-and-more"), "{all:?}");
    }
}
