//! A pane's output as log lines that a person can follow: a line is written when
//! it is finished, however many rows it took; a progress bar shows its last state,
//! and so do several of them one above the other; full-screen programs (whose last
//! screen is another's to tell) and what is drawn elsewhere on the screen are left
//! out, colours dropped. It keeps no screen, and of the history only the lines that
//! may still be drawn over.
//!
//! ```text
//! rows:  a line that was written        ← drawn over by cursor up: written again,
//!        a line that was written          once, when a further line is finished
//! text:  the line under way, wrapped by the terminal after `width` columns
//!        └ start: where its row under the cursor begins
//! ```

use std::collections::VecDeque;

use vte::{Params, Parser, Perform};

use crate::base::Label;

/// The longest line kept, in characters; the rest of it is dropped.
pub const MAX_LINE: usize = 4096;

/// Bytes of one control string after which it is taken for broken.
const MAX_STRING: usize = 64 * 1024;

/// The lines that may still be drawn over.
const MAX_ROWS: usize = 64;

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

    /// Tells how wide the terminal is, in columns: a program that has come to its
    /// edge goes on in the next row, and its line is one all the same.
    pub fn set_width(&mut self, cols: u16) {
        let width = usize::from(cols).max(1);
        if self.line.width != width {
            // Rows begin elsewhere now; the shell draws its line again.
            self.line.width = width;
            self.line.start = self.line.col - self.line.col % width;
        }
    }

    /// Takes output; finished lines are added to `out`, each with its newline.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.feed_some(rest, out);
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// The same up to where a program takes the whole screen or gives it back, if
    /// one does; how many bytes that were, at least one of any.
    pub fn feed_some(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let mut taken = 0;
        self.line.turned = false;
        for chunk in bytes.chunks(CHUNK) {
            self.line.heard = false;
            std::mem::swap(&mut self.line.out, out);
            let count = self.parser.advance_until_terminated(&mut self.line, chunk);
            std::mem::swap(&mut self.line.out, out);
            taken += count;
            // The parser keeps an unfinished control string without limit.
            self.line.silent = if self.line.heard {
                0
            } else {
                self.line.silent + count
            };
            if self.line.silent > MAX_STRING {
                self.line.silent = 0;
                self.parser = Parser::new();
            }
            if self.line.turned {
                break;
            }
        }
        taken.max(1)
    }

    /// Whether a program has taken the whole screen.
    #[must_use]
    pub const fn is_full_screen(&self) -> bool {
        self.line.alternate
    }

    /// Writes an unfinished line, because the pane has ended; but not a shell's bare
    /// prompt. What follows on it becomes a line of its own.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.line.out, out);
        self.line.go_down();
        self.line.write_changed();
        if self.line.is_prompt() {
            // Nor is it one when the shell, hung up, ends its line.
            self.line.text.clear();
            (self.line.col, self.line.start) = (0, 0);
            self.line.flushed = true;
        } else if !self.line.is_blank() {
            self.line.emit();
            self.line.flushed = true;
        }
        std::mem::swap(&mut self.line.out, out);
    }

    /// Whether an unfinished line waits for [`Self::flush`].
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.line.is_blank()
    }
}

/// A line that was written, and may be drawn over.
#[derive(Default)]
struct Row {
    text: Vec<char>,
    changed: bool,
}

#[derive(Default)]
struct Line {
    prefix: String,
    text: Vec<char>,
    col: usize,
    /// Where the row under the cursor begins in the text.
    start: usize,
    /// The terminal's columns; 0 where lines never wrap.
    width: usize,
    /// The last lines that were written.
    rows: VecDeque<Row>,
    /// How many of them the cursor is above the line under way.
    up: usize,
    /// The line under way, while the cursor is above it.
    bottom: Vec<char>,
    alternate: bool,
    /// That has just changed.
    turned: bool,
    /// Where a saved cursor comes back to (DECSC).
    saved: Option<(usize, usize)>,
    /// The cursor is elsewhere on the screen until it comes back.
    aside: bool,
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

    /// Whether nothing is after a shell's prompt, but the cursor.
    fn is_prompt(&self) -> bool {
        let last = self.text.iter().rposition(|ch| *ch != ' ').unwrap_or(0);
        let counts = last > 0 && self.text.get(last - 1).is_some_and(char::is_ascii_digit);
        let sign = match self.text.get(last) {
            Some('$' | '#' | '>') => true,
            // That of a progress bar is none.
            Some('%') => !counts,
            _ => false,
        };
        sign && self.col == last + 2
    }

    /// Writes the line under way, and what was drawn over above it.
    fn emit(&mut self) {
        self.write_changed();
        let text = std::mem::take(&mut self.text);
        self.write(&text);
        if self.rows.len() == MAX_ROWS {
            self.rows.pop_front();
        }
        let changed = false;
        self.rows.push_back(Row { text, changed });
        (self.col, self.start) = (0, 0);
        self.flushed = false;
    }

    fn write(&mut self, text: &[char]) {
        let end = text.iter().rposition(|ch| *ch != ' ');
        let text: String = text[..end.map_or(0, |at| at + 1)].iter().collect();
        self.out.extend_from_slice(self.prefix.as_bytes());
        self.out.extend_from_slice(text.as_bytes());
        while self.out.last() == Some(&b' ') {
            self.out.pop();
        }
        self.out.push(b'\n');
    }

    /// Writes again what was drawn over, as it is now.
    fn write_changed(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        for row in rows.iter_mut().filter(|row| row.changed) {
            row.changed = false;
            if row.text.iter().any(|ch| *ch != ' ') {
                self.write(&row.text);
            }
        }
        self.rows = rows;
    }

    fn newline(&mut self) {
        self.aside = false;
        if self.alternate {
            return;
        }
        if self.up > 0 {
            self.move_rows(self.up - 1);
            return;
        }
        if self.width > 0 && self.start + self.width < self.text.len() {
            self.start += self.width;
            self.col = (self.col + self.width).min(MAX_LINE);
            return;
        }
        if self.flushed && self.is_blank() {
            self.text.clear();
            (self.col, self.start) = (0, 0);
            self.flushed = false;
            return;
        }
        self.emit();
    }

    /// Goes to the row that is so many above the line under way.
    fn move_rows(&mut self, up: usize) {
        let up = up.min(self.rows.len());
        if up == self.up {
            return;
        }
        let column = self.col - self.start;
        let text = std::mem::take(&mut self.text);
        let last = self.rows.len();
        match self.rows.get_mut(last.wrapping_sub(self.up)) {
            Some(row) if self.up > 0 => {
                row.changed |= row.text != text;
                row.text = text;
            }
            _ => self.bottom = text,
        }
        self.up = up;
        self.text = match self.rows.get(last.wrapping_sub(up)) {
            Some(row) if up > 0 => row.text.clone(),
            _ => std::mem::take(&mut self.bottom),
        };
        (self.start, self.col) = (0, column);
    }

    /// Goes back to the line under way.
    fn go_down(&mut self) {
        self.move_rows(0);
    }

    fn cursor_up(&mut self, count: usize) {
        let rows = self.start.checked_div(self.width).unwrap_or(0).min(count);
        self.start -= rows * self.width;
        self.col -= rows * self.width;
        if count > rows {
            self.move_rows(self.up.saturating_add(count - rows));
        }
    }

    fn cursor_down(&mut self, count: usize) {
        if self.up > 0 {
            let left = count.saturating_sub(self.up);
            self.move_rows(self.up.saturating_sub(count));
            if left == 0 {
                return;
            }
        }
        let below = self.text.len().saturating_sub(self.start + 1);
        let rows = below.checked_div(self.width).unwrap_or(0).min(count);
        self.start += rows * self.width;
        self.col += rows * self.width;
    }

    /// The cursor goes to a place of the screen, which is not known here.
    fn jump(&mut self) {
        if self.saved.is_some() {
            self.aside = true;
            return;
        }
        self.go_down();
        if !self.is_blank() {
            self.emit();
        }
        self.text.clear();
        (self.col, self.start) = (0, 0);
    }

    fn erase(&mut self, mode: u16) {
        let len = self.text.len();
        let (start, col) = (self.start.min(len), self.col.min(len));
        let end = match self.width {
            0 => len,
            width => (self.start + width).min(len),
        };
        let range = match mode {
            0 => col..end.max(col),
            1 => start..col,
            2 => start..end,
            _ => return,
        };
        if range.end == len && mode != 1 {
            self.text.truncate(range.start);
        } else {
            self.text[range].fill(' ');
        }
    }

    /// Erases to the screen's end: the rest of the line. More than that is a
    /// screen that begins anew.
    fn erase_below(&mut self, mode: u16) {
        if mode == 0 {
            self.text.truncate(self.col);
        }
    }

    fn set_alternate(&mut self, on: bool) {
        if on && !self.alternate {
            self.go_down();
            if !self.is_blank() {
                self.emit();
            }
            self.text.clear();
            (self.col, self.start) = (0, 0);
            self.text.extend("(full-screen program)".chars());
            self.emit();
        }
        self.turned |= self.alternate != on;
        self.alternate = on;
        self.saved = None;
        self.aside = false;
    }

    fn save(&mut self) {
        self.saved = Some((self.col, self.start));
    }

    fn restore(&mut self) {
        if let Some((col, start)) = self.saved.take() {
            (self.col, self.start) = (col, start);
        }
        self.aside = false;
    }
}

/// Whether a character would hide or reorder the rest of a line.
#[must_use]
pub fn is_unsafe(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Perform for Line {
    fn terminated(&self) -> bool {
        self.turned
    }

    fn print(&mut self, ch: char) {
        self.heard = true;
        if let Some(length) = &mut self.title {
            *length += 1;
            if *length > MAX_LINE {
                self.title = None;
            }
            return;
        }
        if self.alternate || self.aside || is_unsafe(ch) || self.col >= MAX_LINE {
            return;
        }
        if self.width > 0 && self.col >= self.start + self.width {
            self.start += self.width;
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
            _ if self.aside => {}
            b'\r' => self.col = self.start,
            0x08 => self.col = self.col.saturating_sub(1).max(self.start),
            b'\t' => {
                let column = ((self.col - self.start) / 8 + 1) * 8;
                let edge = self.width.checked_sub(1).unwrap_or(MAX_LINE);
                self.col = (self.start + column.min(edge)).min(MAX_LINE);
            }
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
            ([], 's') => self.save(),
            ([], 'u') => self.restore(),
            _ if self.aside => {}
            ([], 'H' | 'f' | 'd') => self.jump(),
            ([], 'A') => self.cursor_up(count),
            ([], 'B') => self.cursor_down(count),
            ([], 'E') => {
                self.col = self.start;
                self.cursor_down(count);
            }
            ([], 'F') => {
                self.col = self.start;
                self.cursor_up(count);
            }
            ([], 'J') => self.erase_below(first.unwrap_or(0)),
            ([], 'K') => self.erase(first.unwrap_or(0)),
            ([], 'C') => self.col = self.col.saturating_add(count).min(MAX_LINE),
            ([], 'D') => self.col = self.col.saturating_sub(count).max(self.start),
            ([], 'G' | '`') => self.col = self.start.saturating_add(count - 1).min(MAX_LINE),
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
            ([], b'7') => self.save(),
            ([], b'8') => self.restore(),
            ([], b'E') => self.newline(),
            ([], b'c') => {
                self.restore();
                self.turned |= self.alternate;
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

    fn narrow(input: &str) -> String {
        let mut mirror = Mirror::new(&Label::default());
        mirror.set_width(10);
        let mut out = Vec::new();
        mirror.feed(input.as_bytes(), &mut out);
        mirror.flush(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn line_over_several_rows_is_one_as_the_shell_draws_it() {
        let table = [
            // The terminal wraps by itself; readline makes it do so.
            ("0123456789abc\r\n", "0123456789abc\n"),
            ("$ 23456789 \rabc\r\n", "$ 23456789abc\n"),
            // Back to its first row, and written anew.
            (
                "$ 23456789 \rabc\x1b[A\r$ xx\x1b[K\r\n\x1b[K\r\nnext\r\n",
                "$ xx\nnext\n",
            ),
            ("0123456789abc\x08\x08\x08\x08X\r\n", "0123456789Xbc\n"),
            ("0123456789abc\x1b[A\rX\x1b[BY\r\n", "X123456789aYc\n"),
        ];
        for (input, expected) in table {
            assert_eq!(narrow(input), expected, "{input:?}");
        }
    }

    #[test]
    fn progress_bars_above_each_other_show_their_last_state_once() {
        let mut input = "a: waiting\r\nb: waiting\r\n".to_owned();
        for percent in 1..=100 {
            input += &format!("\x1b[2A\x1b[2K\ra: {percent}%\r\n\x1b[2K\rb: {percent}%\r\n");
        }
        input += "done\r\n";
        let expected = "a: waiting\nb: waiting\na: 100%\nb: 100%\ndone\n";
        for chunk in [1, 7, 4096] {
            assert_eq!(mirror(input.as_bytes(), chunk), expected);
        }
        // One line alone of them, and nothing after it.
        let input = "a: 1%\r\nb: 1%\r\n\x1b[1A\rb: 9%\x1b[1B\r";
        assert_eq!(mirror(input.as_bytes(), 4096), "a: 1%\nb: 1%\nb: 9%\n");
    }

    #[test]
    fn what_is_drawn_elsewhere_on_the_screen_is_left_out() {
        let bar = "\x1b7\x1b[24;0f\x1b[42mProgress: [ 5%]\x1b[m [##..]\x1b8";
        let input = format!("Unpacking x{bar} (1.0)\r\n{bar}Setting up x\r\n");
        assert_eq!(
            mirror(input.as_bytes(), 4096),
            "Unpacking x (1.0)\nSetting up x\n"
        );
        assert_eq!(mirror(b"one\x1b[5;1Htwo\r\n", 4096), "one\ntwo\n");
    }

    #[test]
    fn idle_line_is_written_once() {
        let mut mirror = Mirror::new(&Label::from("0:build"));
        let mut out = Vec::new();
        mirror.feed(b"45% ", &mut out);
        assert!(mirror.is_pending());
        mirror.flush(&mut out);
        mirror.flush(&mut out);
        mirror.feed(b"\r\nnext\r\n", &mut out);
        mirror.feed(b"\r\n", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "[0:build] 45%\n[0:build] next\n[0:build]\n"
        );
    }

    #[test]
    fn bare_prompt_is_no_last_line() {
        for (input, wanted) in [
            ("a\r\nroot@vm:~# ", "a\n"),
            ("a\r\n\x1b[32m$\x1b[m ", "a\n"),
            ("a\r\n$ make", "a\n$ make\n"),
            ("a\r\n$ \x08\x08", "a\n$\n"),
            ("a\r\nGo on? ", "a\nGo on?\n"),
        ] {
            assert_eq!(mirror(input.as_bytes(), 4096), wanted, "{input:?}");
        }
        let mut mirror = Mirror::new(&Label::default());
        let mut out = Vec::new();
        mirror.feed(b"a\r\n$ ", &mut out);
        mirror.flush(&mut out);
        mirror.feed(b"\x1b[?2004l\r\r\nlogout\r\n", &mut out);
        assert_eq!(out, b"a\nlogout\n");
    }

    #[test]
    fn feeding_stops_where_a_program_takes_the_screen_or_gives_it_back() {
        let mut mirror = Mirror::new(&Label::default());
        let mut out = Vec::new();
        let text = b"x\r\n\x1b[?1049hvim\x1b[?1049ly\r\n";
        assert_eq!(mirror.feed_some(text, &mut out), 11);
        assert!(mirror.is_full_screen());
        assert_eq!(mirror.feed_some(&text[11..], &mut out), 11);
        assert!(!mirror.is_full_screen());
        assert_eq!(mirror.feed_some(&text[22..], &mut out), 3);
        assert_eq!(out, b"x\n(full-screen program)\ny\n");
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
