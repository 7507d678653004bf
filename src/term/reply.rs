//! Answers to a program's questions (xterm ctlseqs; VT510 "Reports"). Every
//! answer is made from this terminal's own state, never by asking a viewer's;
//! titles, which others choose, are told by `title` alone.

use std::io::Write;

use super::parse::Params;
use super::screen::Guard;
use super::title::unhex;
use super::{CursorShape, Output, Rgb, Terminal, sgr};

/// Appends a formatted answer.
pub(super) fn say(out: &mut Output, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = out.replies.write_fmt(text);
}

impl Terminal {
    /// DA1: a VT100 with advanced video, as tmux-256color's `u8`; once a program
    /// has chosen a level (DECSCL) a terminal of that level, with what xterm says
    /// of itself.
    pub(super) fn device_attributes(&self, out: &mut Output) {
        match self.level {
            0 | 1 => say(out, format_args!("\x1b[?1;2c")),
            level @ 2..=3 => say(out, format_args!("\x1b[?{};1;2;6;9;15;22;29c", 60 + level)),
            level => say(
                out,
                format_args!("\x1b[?{};1;2;6;9;15;16;17;18;21;22;28;29c", 60 + level),
            ),
        }
    }

    /// DA2: 84 is `T`, as tmux says it; once a program has chosen a level, the
    /// model of that level and the patch of xterm that this terminal follows.
    pub(super) fn secondary_attributes(&self, out: &mut Output) {
        let model = match self.level {
            0 => {
                say(out, format_args!("\x1b[>84;0;0c"));
                return;
            }
            1 => 0,
            2 => 1,
            3 => 24,
            4 => 41,
            _ => 64,
        };
        say(out, format_args!("\x1b[>{model};379;0c"));
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
    pub(super) fn private_status(&self, params: &Params, out: &mut Output) {
        match params.raw(0) {
            6 => {
                let (x, y) = self.at();
                say(out, format_args!("\x1b[?{};{};1R", y + 1, x + 1));
            }
            // No printer; keys unlocked; a keyboard of unknown kind; no locator.
            15 => say(out, format_args!("\x1b[?13n")),
            25 => say(out, format_args!("\x1b[?20n")),
            26 => say(out, format_args!("\x1b[?27;1;0;0n")),
            53 | 55 => say(out, format_args!("\x1b[?50n")),
            56 => say(out, format_args!("\x1b[?57;0n")),
            // No room for macros, nor any; data sound; one session.
            62 => say(out, format_args!("\x1b[0*{{")),
            63 => say(out, format_args!("\x1bP{}!~0000\x1b\\", params.raw(1))),
            75 => say(out, format_args!("\x1b[?70n")),
            85 => say(out, format_args!("\x1b[?83n")),
            996 => self.report_scheme(out),
            _ => {}
        }
    }

    /// DECRQM, from level 3 on.
    pub(super) fn report_mode(&mut self, mode: u16, private: bool, out: &mut Output) {
        if !self.has_level(3) {
            return;
        }
        if private {
            let state = self.mode_report(mode);
            say(out, format_args!("\x1b[?{mode};{state}$y"));
        } else {
            let state = self.ansi_mode_report(mode);
            say(out, format_args!("\x1b[{mode};{state}$y"));
        }
    }

    /// DECREQTPARM.
    pub(super) fn terminal_parameters(&self, what: u16, out: &mut Output) {
        if what < 2 {
            say(out, format_args!("\x1b[{};1;1;128;128;1;0x", what + 2));
        }
    }

    /// XTWINOPS: reports, and the titles. The window is the pane: it fills its
    /// display, stands at the origin, and programs do not move or resize it.
    pub(super) fn window_operation(&mut self, params: &Params, out: &mut Output) {
        let (cols, rows) = (self.size.cols(), self.size.rows());
        let (across, down) = self.config.cell;
        let wide = u32::from(cols) * u32::from(across);
        let high = u32::from(rows) * u32::from(down);
        match params.raw(0) {
            11 => say(out, format_args!("\x1b[1t")),
            13 => say(out, format_args!("\x1b[3;0;0t")),
            14 => say(out, format_args!("\x1b[4;{high};{wide}t")),
            15 => say(out, format_args!("\x1b[5;{high};{wide}t")),
            16 => say(out, format_args!("\x1b[6;{down};{across}t")),
            18 => say(out, format_args!("\x1b[8;{rows};{cols}t")),
            19 => say(out, format_args!("\x1b[9;{rows};{cols}t")),
            20 => self.report_title('L', out),
            21 => self.report_title('l', out),
            22 => self.push_title(params.raw(1)),
            23 => self.pop_title(params.raw(1), out),
            _ => {}
        }
    }

    /// Makes C1 controls of the replies from `from` on single bytes, if the
    /// program asked for that (S8C1T). Text in them holds no ESC.
    pub(super) fn shorten_controls(&self, from: usize, out: &mut Output) {
        if !self.eight_bit || out.replies.len() <= from {
            return;
        }
        let mut rest = out.replies.split_off(from).into_iter().peekable();
        while let Some(byte) = rest.next() {
            match rest.peek() {
                Some(next @ 0x40..=0x5f) if byte == 0x1b => {
                    out.replies.push(next + 0x40);
                    rest.next();
                }
                _ => out.replies.push(byte),
            }
        }
    }

    /// XTPUSHSGR; beyond ten, as in xterm, nothing.
    pub(super) fn push_style(&mut self) {
        if self.styles_pushed.len() < 10 {
            self.styles_pushed.push(self.pen.style);
        }
    }

    /// XTPOPSGR.
    pub(super) fn pop_style(&mut self) {
        if let Some(style) = self.styles_pushed.pop() {
            self.pen.style = style;
            self.pen.stale = true;
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
                let blinking = u8::from(self.blinking);
                let shape = match self.shape {
                    CursorShape::Default => 0,
                    CursorShape::Block => 2 - blinking,
                    CursorShape::Underline => 4 - blinking,
                    CursorShape::Bar => 6 - blinking,
                };
                // The control comes first as well: so does tmux write it.
                format!(" q{shape} q")
            }
            b"\"p" if self.level == 1 => "61\"p".to_owned(),
            b"\"p" => {
                let level = if self.level == 0 { 4 } else { self.level };
                format!("6{level};{}\"p", u8::from(!self.eight_bit))
            }
            // Text never goes to a status line; there is none.
            b"$}" => "0$}".to_owned(),
            b"$~" => "0$~".to_owned(),
            b"\"q" => {
                let on = self.pen.protected && self.pen.guard == Guard::Dec;
                format!("{}\"q", u8::from(on))
            }
            b"*x" => format!("{}*x", self.extent),
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
