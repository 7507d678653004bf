//! Presentation state: the cursor's (DECCIR) and the tab stops (DECTABSR),
//! reported (DECRQPSR) and restored (DECRSPS), as VT510 has them. A restored
//! state is held to what the screen allows.

use super::Terminal;
use super::charset::Charset;
use super::osc::number_of;
use super::reply::say;
use super::screen::Guard;
use super::{Output, parse::Params};
use crate::base::{Attrs, Underline};

/// Renditions in the order of DECCIR's bits.
const RENDITIONS: [(Attrs, u8); 3] = [
    (Attrs::BOLD, 0x01),
    (Attrs::BLINK, 0x04),
    (Attrs::REVERSE, 0x08),
];
const UNDERLINE: u8 = 0x02;
/// DECCIR's flags: origin mode, single shifts, pending wrap.
const ORIGIN: u8 = 0x01;
const SHIFT_2: u8 = 0x02;
const SHIFT_3: u8 = 0x04;
const WRAP: u8 = 0x08;

impl Terminal {
    /// DECRQPSR.
    pub(super) fn presentation(&self, what: u16, out: &mut Output) {
        match what {
            1 => self.report_cursor(out),
            2 => {
                let stops: Vec<String> = self.tabs.iter().map(|x| (x + 1).to_string()).collect();
                say(out, format_args!("\x1bP2$u{}\x1b\\", stops.join("/")));
            }
            _ => {}
        }
    }

    fn report_cursor(&self, out: &mut Output) {
        let style = self.pen.style;
        let mut rendition = 0x40;
        for (attr, bit) in RENDITIONS {
            rendition |= if style.attrs.has(attr) { bit } else { 0 };
        }
        if style.underline != Underline::None {
            rendition |= UNDERLINE;
        }
        let protected = 0x40 | u8::from(self.pen.protected);
        let single = self.charsets.single();
        let flags = [
            (self.modes.origin, ORIGIN),
            (single == Some(2), SHIFT_2),
            (single == Some(3), SHIFT_3),
            (self.pending, WRAP),
        ];
        let flags = flags.iter().filter(|(on, _)| *on);
        let flags = flags.fold(0x40, |bits, (_, bit)| bits | bit);
        let [rendition, protected, flags] = [rendition, protected, flags].map(char::from);
        let (x, y) = (self.x + 1, self.y + 1);
        let left = self.charsets.left();
        let sets: String = (0..4).map(|slot| self.charsets.set(slot).name()).collect();
        say(
            out,
            format_args!(
                "\x1bP1$u{y};{x};1;{rendition};{protected};{flags};{left};2;@;{sets}\x1b\\"
            ),
        );
    }

    /// DECRSPS, with what DECRQPSR reported.
    pub(super) fn restore_presentation(&mut self, params: &Params, text: &[u8]) {
        match params.raw(0) {
            1 => self.restore_cursor_report(text),
            2 => {
                self.tabs.clear();
                for stop in text.split(|b| *b == b'/').filter_map(number_of) {
                    self.tabs.set(stop.saturating_sub(1), true);
                }
            }
            _ => {}
        }
    }

    fn restore_cursor_report(&mut self, text: &[u8]) {
        let fields: Vec<&[u8]> = text.splitn(10, |b| *b == b';').collect();
        let number = |at: usize| fields.get(at).and_then(|field| number_of(field));
        let bits = |at: usize| fields.get(at).and_then(|field| field.first().copied());
        let (Some(y), Some(x), Some(rendition), Some(protected), Some(flags)) =
            (number(0), number(1), bits(3), bits(4), bits(5))
        else {
            return;
        };
        self.modes.origin = false;
        self.goto(x.saturating_sub(1), y.saturating_sub(1));
        self.modes.origin = flags & ORIGIN != 0;
        self.pending = flags & WRAP != 0 && usize::from(self.x) + 1 == self.edge();
        let style = &mut self.pen.style;
        for (attr, bit) in RENDITIONS {
            style.attrs = style.attrs.set(attr, rendition & bit != 0);
        }
        style.underline = match rendition & UNDERLINE {
            0 => Underline::None,
            _ => Underline::Single,
        };
        self.pen.stale = true;
        self.pen.protected = protected & 1 != 0;
        if self.pen.protected {
            self.pen.guard = Guard::Dec;
        }
        let mut names = fields.get(9).copied().unwrap_or_default();
        for slot in 0..4 {
            let length = if names.first() == Some(&b'%') { 2 } else { 1 };
            let Some((name, rest)) = names.split_at_checked(length) else {
                break;
            };
            self.charsets.designate(slot, Charset::of(name, true));
            names = rest;
        }
        if let Some(left) = number(6) {
            self.charsets.lock((left & 3) as u8);
        }
        if flags & (SHIFT_2 | SHIFT_3) != 0 {
            self.charsets
                .shift(if flags & SHIFT_2 != 0 { 2 } else { 3 });
        }
    }
}
