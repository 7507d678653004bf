//! A pane's output as log lines that a person can follow: a line is written when
//! it is finished, a progress bar shows its last state, full-screen programs are
//! left out, colours dropped. It keeps no screen and no history.

use vte::{Params, Parser, Perform};

use crate::base::Label;

/// The longest line kept, in characters; the rest of it is dropped.
pub const MAX_LINE: usize = 4096;

/// Bytes of one control string after which it is taken for broken.
const MAX_STRING: usize = 64 * 1024;

/// Bytes handed to the parser at once.
const CHUNK: usize = 4096;

/// Turns one pane's bytes into lines.
pub struct Mirror {
    parser: Parser,
    line: Line,
}

impl std::fmt::Debug for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the content: it may hold what must not be logged.
        f.debug_struct("Mirror").finish_non_exhaustive()
    }
}

impl Mirror {
    /// A mirror whose lines begin with `[prefix] `, unless it is empty.
    #[must_use]
    pub fn new(prefix: &Label) -> Self {
        let mut mirror = Self {
            parser: Parser::new(),
            line: Line::default(),
        };
        mirror.set_prefix(prefix);
        mirror
    }

    /// Changes what the next lines begin with, such as a window's new name.
    pub fn set_prefix(&mut self, prefix: &Label) {
        self.line.prefix = if prefix.is_empty() {
            String::new()
        } else {
            format!("[{prefix}] ")
        };
    }

    /// Takes output; finished lines are added to `out`, each with its newline.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for chunk in bytes.chunks(CHUNK) {
            self.line.heard = false;
            std::mem::swap(&mut self.line.out, out);
            self.parser.advance(&mut self.line, chunk);
            std::mem::swap(&mut self.line.out, out);
            // The parser keeps an unfinished control string without limit.
            self.line.silent = if self.line.heard {
                0
            } else {
                self.line.silent + chunk.len()
            };
            if self.line.silent > MAX_STRING {
                self.line.silent = 0;
                self.parser = Parser::new();
            }
        }
    }

    /// Writes an unfinished line, because the pane has been idle or has ended.
    /// What follows on it becomes a line of its own.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        if self.line.is_blank() {
            return;
        }
        std::mem::swap(&mut self.line.out, out);
        self.line.emit();
        std::mem::swap(&mut self.line.out, out);
        self.line.flushed = true;
    }

    /// Whether an unfinished line waits for [`Self::flush`].
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.line.is_blank()
    }
}

#[derive(Default)]
struct Line {
    prefix: String,
    text: Vec<char>,
    col: usize,
    alternate: bool,
    /// Inside `ESC k title ESC \`, which the parser would print; characters so far.
    title: Option<usize>,
    flushed: bool,
    heard: bool,
    silent: usize,
    out: Vec<u8>,
}

impl Line {
    fn is_blank(&self) -> bool {
        self.text.iter().all(|ch| *ch == ' ')
    }

    fn emit(&mut self) {
        let end = self
            .text
            .iter()
            .rposition(|ch| *ch != ' ')
            .map_or(0, |at| at + 1);
        let text: String = self.text[..end].iter().collect();
        self.out.extend_from_slice(self.prefix.as_bytes());
        self.out.extend_from_slice(text.as_bytes());
        while self.out.last() == Some(&b' ') {
            self.out.pop();
        }
        self.out.push(b'\n');
        self.text.clear();
        self.col = 0;
        self.flushed = false;
    }

    fn newline(&mut self) {
        if self.alternate {
            return;
        }
        if self.flushed && self.is_blank() {
            self.text.clear();
            self.col = 0;
            self.flushed = false;
            return;
        }
        self.emit();
    }

    fn erase(&mut self, mode: u16) {
        let col = self.col.min(self.text.len());
        match mode {
            0 => self.text.truncate(col),
            1 => self.text[..col].fill(' '),
            2 => self.text.clear(),
            _ => {}
        }
    }

    fn set_alternate(&mut self, on: bool) {
        if on && !self.alternate {
            if !self.is_blank() {
                self.emit();
            }
            self.text.extend("(full-screen program)".chars());
            self.emit();
        }
        self.alternate = on;
    }
}

/// Characters that would hide or reorder the rest of a line.
fn is_unsafe(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Perform for Line {
    fn print(&mut self, ch: char) {
        self.heard = true;
        if let Some(length) = &mut self.title {
            *length += 1;
            if *length > MAX_LINE {
                self.title = None;
            }
            return;
        }
        if self.alternate || is_unsafe(ch) || self.col >= MAX_LINE {
            return;
        }
        if self.text.len() < self.col {
            self.text.resize(self.col, ' ');
        }
        match self.text.get_mut(self.col) {
            Some(place) => *place = ch,
            None => self.text.push(ch),
        }
        self.col += 1;
    }

    fn execute(&mut self, byte: u8) {
        self.heard = true;
        match byte {
            b'\n' | 0x0b | 0x0c => {
                self.title = None;
                self.newline();
            }
            b'\r' => self.col = 0,
            0x08 => self.col = self.col.saturating_sub(1),
            b'\t' => self.col = ((self.col / 8 + 1) * 8).min(MAX_LINE),
            0x07 => self.title = None,
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        self.heard = true;
        let first = params.iter().next().and_then(|p| p.first()).copied();
        let count = usize::from(first.unwrap_or(0).max(1));
        match (intermediates, action) {
            ([b'?'], 'h' | 'l') => {
                let screen = |p: &[u16]| matches!(p, [47 | 1047 | 1049]);
                if params.iter().any(screen) {
                    self.set_alternate(action == 'h');
                }
            }
            _ if self.alternate => {}
            ([], 'K') => self.erase(first.unwrap_or(0)),
            ([], 'C') => self.col = self.col.saturating_add(count).min(MAX_LINE),
            ([], 'D') => self.col = self.col.saturating_sub(count),
            ([], 'G' | '`') => self.col = (count - 1).min(MAX_LINE),
            ([], 'P') => {
                let start = self.col.min(self.text.len());
                let end = start.saturating_add(count).min(self.text.len());
                self.text.drain(start..end);
            }
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        self.heard = true;
        match (intermediates, byte) {
            ([], b'k') => self.title = Some(0),
            ([], b'\\') => self.title = None,
            ([], b'E') => self.newline(),
            ([], b'c') => {
                self.alternate = false;
                self.title = None;
            }
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, _params: &[&[u8]], _bell: bool) {
        self.heard = true;
    }

    fn hook(&mut self, _params: &Params, _intermediates: &[u8], _ignore: bool, _action: char) {
        self.heard = true;
    }

    fn put(&mut self, _byte: u8) {
        self.heard = true;
    }

    fn unhook(&mut self) {
        self.heard = true;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn mirror(input: &[u8], chunk: usize) -> String {
        let mut mirror = Mirror::new(&Label::default());
        let mut out = Vec::new();
        for part in input.chunks(chunk) {
            mirror.feed(part, &mut out);
        }
        mirror.flush(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn output_becomes_readable_lines_in_any_chunks() {
        let table: [(&str, &str); 15] = [
            ("one\r\ntwo\r\n", "one\ntwo\n"),
            ("a\r\n\r\nb", "a\n\nb\n"),
            ("10%\r50%\r100%\r\ndone\r\n", "100%\ndone\n"),
            ("loading...\r\x1b[Kok\r\n", "ok\n"),
            ("abc\x08\x08X\r\n", "aXc\n"),
            ("a\tb\r\n", "a       b\n"),
            ("\x1b[31mred\x1b[0m\r\n", "red\n"),
            ("\x1b]0;title\x07text\r\n", "text\n"),
            ("\x1bkname\x1b\\text\r\n", "text\n"),
            ("a\x1b[3Cb\r\n", "a   b\n"),
            (
                "x\r\n\x1b[?1049h~\r\n~\x1b[2J\x1b[?1049ly\r\n",
                "x\n(full-screen program)\ny\n",
            ),
            ("日本\u{202e}é\r\n", "日本é\n"),
            ("trail   \r\n", "trail\n"),
            ("abcdef\x1b[3D\x1b[1P\r\n", "abcef\n"),
            ("\x1bP1$rq\x1b\\t\r\n", "t\n"),
        ];
        for (input, expected) in table {
            for chunk in [1, 3, 4096] {
                assert_eq!(
                    mirror(input.as_bytes(), chunk),
                    expected,
                    "{input:?} by {chunk}"
                );
            }
        }
    }

    #[test]
    fn idle_line_is_written_once() {
        let mut mirror = Mirror::new(&Label::from("0:build"));
        let mut out = Vec::new();
        mirror.feed(b"$ ", &mut out);
        assert!(mirror.is_pending());
        mirror.flush(&mut out);
        mirror.flush(&mut out);
        mirror.feed(b"\r\nnext\r\n", &mut out);
        mirror.feed(b"\r\n", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "[0:build] $\n[0:build] next\n[0:build]\n"
        );
    }

    #[test]
    fn memory_is_bounded_by_line_and_string_limits() {
        let mut mirror = Mirror::new(&Label::default());
        let mut out = Vec::new();
        for _ in 0..300 {
            mirror.feed(&[b'x'; 1000], &mut out);
        }
        assert_eq!(mirror.line.text.len(), MAX_LINE);
        mirror.feed(b"\n\x1b]0;", &mut out);
        for _ in 0..300 {
            mirror.feed(&[b'y'; 1000], &mut out);
        }
        mirror.feed(b"\r\nback\r\n", &mut out);
        assert!(out.ends_with(b"\nback\n"));
    }

    #[test]
    fn lines_hold_no_control_character_whatever_comes_in() {
        let mut seed = 7_u32;
        let bytes: Vec<u8> = (0..20_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let text = mirror(&bytes, 333);
        assert!(text.chars().all(|ch| ch == '\n' || !ch.is_control()));
    }
}
