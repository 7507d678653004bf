//! Answers to a program's questions (xterm ctlseqs; VT510 "Reports"). Every
//! answer is made here, from this terminal's own state; none holds text that a
//! program could have chosen, such as a title.

use std::io::Write;

use super::parse::Params;
use super::screen::Guard;
use super::{CursorShape, Notice, Output, Rgb, Terminal, sgr};
use crate::base::Label;

/// Appends a formatted answer.
pub(super) fn say(out: &mut Output, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = out.replies.write_fmt(text);
}

impl Terminal {
    /// DA1: a VT100 with advanced video, as tmux-256color's `u8`.
    pub(super) fn device_attributes(&self, out: &mut Output) {
        say(out, format_args!("\x1b[?1;2c"));
    }

    /// DA2: 84 is `T`, as tmux says it.
    pub(super) fn secondary_attributes(&self, out: &mut Output) {
        say(out, format_args!("\x1b[>84;0;0c"));
    }

    /// DA3.
    pub(super) fn unit_id(&self, out: &mut Output) {
        say(out, format_args!("\x1bP!|00000000\x1b\\"));
    }

    /// XTVERSION.
    pub(super) fn version(&self, out: &mut Output) {
        let version = env!("CARGO_PKG_VERSION");
        say(out, format_args!("\x1bP>|stepmux {version}\x1b\\"));
    }

    /// DSR.
    pub(super) fn status(&self, what: u16, out: &mut Output) {
        match what {
            5 => say(out, format_args!("\x1b[0n")),
            6 => {
                let (x, y) = self.at();
                say(out, format_args!("\x1b[{};{}R", y + 1, x + 1));
            }
            _ => {}
        }
    }

    /// DSR, DEC's own.
    pub(super) fn private_status(&self, what: u16, out: &mut Output) {
        match what {
            6 => {
                let (x, y) = self.at();
                say(out, format_args!("\x1b[?{};{};1R", y + 1, x + 1));
            }
            15 => say(out, format_args!("\x1b[?13n")),
            25 => say(out, format_args!("\x1b[?20n")),
            26 => say(out, format_args!("\x1b[?27;1;0;0n")),
            53 | 55 => say(out, format_args!("\x1b[?50n")),
            56 => say(out, format_args!("\x1b[?57;0n")),
            62 => say(out, format_args!("\x1b[0*{{")),
            63 => say(out, format_args!("\x1bP0!~0000\x1b\\")),
            75 => say(out, format_args!("\x1b[?70n")),
            996 => self.report_scheme(out),
            _ => {}
        }
    }

    /// DECRQM.
    pub(super) fn report_mode(&mut self, mode: u16, private: bool, out: &mut Output) {
        let state = |on: bool| if on { 1 } else { 2 };
        if private {
            let known = match mode {
                // Clusters always count as one character.
                2027 => 3,
                _ => self.mode(mode).map_or(0, state),
            };
            say(out, format_args!("\x1b[?{mode};{known}$y"));
        } else {
            let known = match mode {
                2 => state(self.modes.locked),
                4 => state(self.modes.insert),
                12 => 3,
                20 => state(self.modes.newline),
                1 | 3 | 5 | 7 | 10 | 11 | 13..=19 => 4,
                _ => 0,
            };
            say(out, format_args!("\x1b[{mode};{known}$y"));
        }
    }

    /// DECREQTPARM.
    pub(super) fn terminal_parameters(&self, what: u16, out: &mut Output) {
        if what < 2 {
            say(out, format_args!("\x1b[{};1;1;128;128;1;0x", what + 2));
        }
    }

    /// XTWINOPS: sizes, and the title stack. Titles are not told, and nothing
    /// moves or resizes.
    pub(super) fn window_operation(&mut self, params: &Params, out: &mut Output) {
        let (cols, rows) = (self.size.cols(), self.size.rows());
        match params.raw(0) {
            11 => say(out, format_args!("\x1b[1t")),
            13 => say(out, format_args!("\x1b[3;0;0t")),
            18 => say(out, format_args!("\x1b[8;{rows};{cols}t")),
            19 => say(out, format_args!("\x1b[9;{rows};{cols}t")),
            22 if matches!(params.raw(1), 0 | 2) => {
                if self.titles.len() == 16 {
                    self.titles.remove(0);
                }
                self.titles.push(self.title.clone());
            }
            23 if matches!(params.raw(1), 0 | 2) => {
                if let Some(title) = self.titles.pop() {
                    self.set_title(title, out);
                }
            }
            _ => {}
        }
    }

    pub(super) fn set_title(&mut self, title: Label, out: &mut Output) {
        if self.config.allow_title && self.title != title {
            self.title = title.clone();
            out.notices.push(Notice::Title(title));
        }
    }

    /// DECRQSS: the state that the named control would set.
    pub(super) fn report_setting(&self, what: &[u8], out: &mut Output) {
        let region = self.region;
        let text = match what {
            b"m" => format!("{}m", sgr::report(self.pen.style)),
            b"r" => format!("{};{}r", region.top + 1, region.bottom + 1),
            b"s" => format!("{};{}s", region.left + 1, region.right + 1),
            b" q" => {
                let shape = match self.shape {
                    CursorShape::Default | CursorShape::Block => 2,
                    CursorShape::Underline => 4,
                    CursorShape::Bar => 6,
                };
                format!("{} q", shape - u8::from(self.blinking))
            }
            b"\"p" => "64;1\"p".to_owned(),
            b"\"q" => {
                let on = self.pen.protected && self.pen.guard == Guard::Dec;
                format!("{}\"q", u8::from(on))
            }
            b"*x" => format!("{}*x", if self.stream { 1 } else { 2 }),
            b"t" => format!("{}t", self.size.rows()),
            b"$|" => format!("{}$|", self.size.cols()),
            b"*|" => format!("{}*|", self.size.rows()),
            _ => {
                say(out, format_args!("\x1bP0$r\x1b\\"));
                return;
            }
        };
        say(out, format_args!("\x1bP1$r{text}\x1b\\"));
    }

    /// DECRQPSR: tab stops; cursor information is not reported.
    pub(super) fn presentation(&self, what: u16, out: &mut Output) {
        if what == 2 {
            let stops: Vec<String> = self.tabs.iter().map(|x| (x + 1).to_string()).collect();
            say(out, format_args!("\x1bP2$u{}\x1b\\", stops.join("/")));
        }
    }

    /// XTGETTCAP: the few capabilities that programs ask for.
    pub(super) fn report_capabilities(&self, names: &[u8], out: &mut Output) {
        for name in names.split(|b| *b == b';').take(32) {
            let value = match unhex(name).as_deref() {
                Some(b"TN" | b"name") => "tmux-256color",
                Some(b"Co" | b"colors") => "256",
                Some(b"RGB") => "8/8/8",
                _ => {
                    say(out, format_args!("\x1bP0+r\x1b\\"));
                    continue;
                }
            };
            let name = String::from_utf8_lossy(name);
            say(out, format_args!("\x1bP1+r{name}="));
            for byte in value.bytes() {
                say(out, format_args!("{byte:02X}"));
            }
            say(out, format_args!("\x1b\\"));
        }
    }
}

/// A colour as OSC replies write it.
pub(super) fn color((r, g, b): Rgb) -> String {
    format!("rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() % 2 == 1 {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16);
    text.chunks(2)
        .map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8))
        .collect()
}
