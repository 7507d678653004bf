//! One pane's output on its way to logs: lines as they are finished, of a
//! full-screen program its last screen, all without the secrets. It knows no
//! session and writes to nobody.

use std::time::Duration;

use crate::base::duration::in_words;
use crate::base::mask::{Masker, Secrets};
use crate::base::{Label, Size};
use crate::ci::mirror::{Mirror, is_unsafe};
use crate::term::{CaptureOptions, CaptureRange, Config, Output, Terminal};

/// What is known of a pane while it writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    /// The pane's size.
    pub(super) size: Size,
    /// What runs in it.
    pub(super) program: &'a str,
    /// The time.
    pub(super) now: Duration,
}

/// A pane's output on its way to the log.
#[derive(Debug)]
pub(super) struct PaneLog {
    mirror: Mirror,
    masker: Masker,
    /// What is known of a line that is not whole yet.
    part: Vec<u8>,
    /// What a full-screen program shows.
    screen: Option<Screen>,
}

/// A full-screen program's screen.
#[derive(Debug)]
struct Screen {
    term: Box<Terminal>,
    since: Duration,
}

impl Screen {
    fn new(around: Around<'_>) -> Self {
        Self {
            term: Box::new(Terminal::new(around.size, Config::picture())),
            since: around.now,
        }
    }

    /// Takes what a program draws; what it asks for is not answered.
    fn feed(&mut self, bytes: &[u8], size: Size) {
        if self.term.size() != size {
            self.term.resize(size);
        }
        self.term.feed(bytes, &mut Output::default());
    }

    /// Tells the screen's end in lines. They are set off by blanks, so that a value
    /// which goes over several of them is one for the masker.
    fn tell(&self, around: Around<'_>, out: &mut Vec<u8>) {
        let text = self
            .term
            .capture(CaptureRange::default(), CaptureOptions::default());
        let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
        let first = rows.iter().position(|row| !row.is_empty());
        let last = rows.iter().rposition(|row| !row.is_empty());
        let program = Label::new(around.program);
        let span = around.now.saturating_sub(self.since);
        let span = match span.as_secs() {
            0 => String::new(),
            _ => format!(" for {}", in_words(span)),
        };
        let (Some(first), Some(last)) = (first, last) else {
            out.extend_from_slice(format!("({program} had the screen{span})\n").as_bytes());
            return;
        };
        let head = format!("({program} had the screen{span}; at its end it showed:)\n");
        out.extend_from_slice(head.as_bytes());
        let rows = rows.get(first..=last).unwrap_or_default();
        for alike in rows.chunk_by(|one, next| one == next) {
            let row: String = alike[0].chars().filter(|ch| !is_unsafe(*ch)).collect();
            let line = format!("  {row}");
            // An editor's rows below the text's end.
            let times = if row.is_empty() { alike.len() } else { 1 };
            for _ in 0..times {
                out.extend_from_slice(line.trim_end().as_bytes());
                out.push(b'\n');
            }
            if alike.len() > times {
                let more = format!("  ({} more such rows)\n", alike.len() - times);
                out.extend_from_slice(more.as_bytes());
            }
        }
    }
}

impl PaneLog {
    pub(super) fn new(secrets: &Secrets) -> Self {
        Self {
            mirror: Mirror::new(&Label::default()),
            masker: secrets.stream(),
            part: Vec::new(),
            screen: None,
        }
    }

    /// Takes output; whole lines of it, without secrets.
    pub(super) fn feed(&mut self, bytes: &[u8], around: Around<'_>) -> Vec<u8> {
        self.mirror.set_width(around.size.cols());
        let mut said = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = self.mirror.feed_some(rest, &mut said);
            let (part, after) = rest.split_at(count.min(rest.len()));
            rest = after;
            match (self.mirror.is_full_screen(), &mut self.screen) {
                (true, None) => self.screen = Some(Screen::new(around)),
                (true, Some(screen)) => screen.feed(part, around.size),
                (false, Some(screen)) => {
                    // But the byte by which it gives the screen back.
                    let drawn = part.split_last().map_or(part, |(_, drawn)| drawn);
                    screen.feed(drawn, around.size);
                    screen.tell(around, &mut said);
                    self.screen = None;
                }
                (false, None) => {}
            }
        }
        self.masked(&said, false)
    }

    /// Nothing more is waited for: the rest, so far as it says something. If that is
    /// the `last`, nothing is kept back.
    pub(super) fn end(&mut self, around: Around<'_>, last: bool) -> Vec<u8> {
        let mut said = Vec::new();
        self.mirror.flush(&mut said);
        if let Some(screen) = self.screen.take() {
            screen.tell(around, &mut said);
        }
        self.masked(&said, last)
    }

    /// Masks what the mirror has said, and gives whole lines back. Masked are
    /// the lines that come out, one after the other: however a value was
    /// written, there it stands in one piece.
    fn masked(&mut self, said: &[u8], last: bool) -> Vec<u8> {
        self.masker.feed(said, &mut self.part);
        if last {
            self.masker.finish(&mut self.part);
        }
        let whole = self.part.iter().rposition(|byte| *byte == b'\n');
        self.part.drain(..whole.map_or(0, |at| at + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn log(parts: &[&str]) -> String {
        let secrets = Secrets::of(["hunter2-secret"]).unwrap();
        let mut log = PaneLog::new(&secrets);
        let mut text = Vec::new();
        let at = |second: usize| Around {
            size: Size::new(20, 5),
            program: "vim",
            now: Duration::from_secs(second as u64),
        };
        for (second, part) in parts.iter().enumerate() {
            text.extend(log.feed(part.as_bytes(), at(second)));
        }
        text.extend(log.end(at(parts.len()), true));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn full_screen_program_is_told_by_its_last_screen() {
        let parts = [
            "$ vim\r\n\x1b[?1049h\x1b[H\x1b[2Jold text",
            "\x1b[H\x1b[2Jnew\x1b[3;3Htext\x1b[5;1H~\x1b]2;t\x07",
            "\x1b[?104",
            "9l$ next\r\n",
        ];
        assert_eq!(
            log(&parts),
            "$ vim\n(full-screen program)\n\
             (vim had the screen for 3 seconds; at its end it showed:)\n  \
             new\n\n    text\n\n  ~\n$ next\n"
        );
        // Rows that are alike are told once.
        assert_eq!(
            log(&["\x1b[?1049h\x1b[Hx\r\n~\r\n~\r\n~\r\n~\x1b[?1049l"]),
            "(full-screen program)\n(vim had the screen; at its end it showed:)\n  x\n  ~\n  \
             (3 more such rows)\n"
        );
        // One that cleaned up after itself, and one that never did.
        assert_eq!(
            log(&["\x1b[?1049hx\x1b[H\x1b[2J\x1b[?1049l\x1b[?1049hleft"]),
            "(full-screen program)\n(vim had the screen)\n(full-screen program)\n\
             (vim had the screen for 1 second; at its end it showed:)\n  left\n"
        );
    }

    #[test]
    fn last_screen_shows_no_secret_over_several_rows() {
        let text = "\x1b[?1049h\x1b[2;15Hhunter2-secret!\x1b[?1049l";
        assert_eq!(
            log(&[text]),
            "(full-screen program)\n(vim had the screen; at its end it showed:)\n                \
             [secure]\n!\n"
        );
    }
}
