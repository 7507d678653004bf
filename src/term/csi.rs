//! What controls, escape sequences and control sequences do (ECMA-48 §8.3,
//! xterm ctlseqs, VT510 chapter 5): dispatch by their final byte. The work is
//! done elsewhere in the room.

use super::charset::Charset;
use super::keys::is_key_control;
use super::parse::Params;
use super::screen::Guard;
use super::{CursorShape, Notice, Output, Terminal, sgr};

impl Terminal {
    /// A C0 control.
    #[inline]
    pub(super) fn execute(&mut self, byte: u8, out: &mut Output) {
        self.last = None;
        match byte {
            // A flood of them is one.
            0x07 if out.notices.last() == Some(&Notice::Bell) => {}
            0x07 => out.notices.push(Notice::Bell),
            0x08 => self.back(1),
            0x09 => self.write_tab(),
            0x0a..=0x0c => {
                self.index();
                if self.modes.newline {
                    self.carriage_return();
                }
            }
            0x0d => self.carriage_return(),
            0x0e => self.charsets.lock(1),
            0x0f => self.charsets.lock(0),
            _ => {}
        }
    }

    /// An escape sequence, by its intermediates and final byte.
    pub(super) fn escape_dispatch(&mut self, last: u8, out: &mut Output) {
        self.last = None;
        match (self.parser.inter(), last) {
            ([], b'6') => self.back_index(),
            ([], b'7') => self.save_cursor(),
            ([], b'8') => self.restore_cursor(),
            ([], b'9') => self.forward_index(),
            ([], b'=') => self.modes.app_keypad = true,
            ([], b'>') => self.modes.app_keypad = false,
            ([], b'D') => self.index(),
            ([], b'E') => {
                self.index();
                self.carriage_return();
            }
            ([], b'H') => self.tabs.set(self.x, true),
            ([], b'M') => self.reverse_index(),
            ([], b'N') => self.charsets.shift(2),
            ([], b'O') => self.charsets.shift(3),
            ([], b'V') => {
                self.pen.protected = true;
                self.pen.guard = Guard::Iso;
            }
            ([], b'W') => self.pen.protected = false,
            ([], b'Z') => {
                let from = out.replies.len();
                self.device_attributes(out);
                self.shorten_controls(from, out);
            }
            ([], b'c') => {
                self.keep_screen();
                self.full_reset();
            }
            ([], b'n') => self.charsets.lock(2),
            ([], b'o') => self.charsets.lock(3),
            ([b'#'], b'3' | b'4' | b'6') => self.set_double(true),
            ([b'#'], b'5') => self.set_double(false),
            ([b'#'], b'8') => self.align(),
            ([b' '], b'F') => self.eight_bit = false,
            ([b' '], b'G') => self.eight_bit = self.has_level(2),
            ([slot @ (b'(' | b')' | b'*' | b'+'), code @ ..], last) => {
                let slot = usize::from(*slot - b'(');
                let set = match code {
                    [first, ..] => Charset::of(&[*first, last], self.modes.national),
                    [] => Charset::of(&[last], self.modes.national),
                };
                self.charsets.designate(slot, set);
            }
            ([slot @ (b'-' | b'.' | b'/')], last) => {
                let slot = usize::from(*slot - b'-') + 1;
                self.charsets.designate(slot, Charset::of_96(&[last]));
            }
            _ => {}
        }
    }

    /// A control sequence, by its prefix, intermediates and final byte.
    pub(super) fn csi_dispatch(&mut self, last: u8, out: &mut Output) {
        if last != b'b' {
            // Only what comes right after a character repeats it (xterm).
            self.last = None;
        }
        if !self.parser.params.readable() {
            return;
        }
        if last == b'm' && self.parser.prefix == 0 && self.parser.inter().is_empty() {
            sgr::apply(&self.parser.params, &mut self.pen.style);
            self.pen.stale = true;
            return;
        }
        let params = self.parser.params;
        let from = out.replies.len();
        match (self.parser.prefix, self.parser.inter()) {
            (0, []) => self.csi_plain(last, &params, out),
            (prefix, []) if is_key_control(prefix, last) => {
                self.key_control((prefix, last), &params, out);
            }
            (b'?', []) => self.csi_private(last, &params, out),
            (b'>', []) => self.csi_secondary(last, &params, out),
            (b'=', []) if last == b'c' && params.raw(0) == 0 => self.unit_id(out),
            (0, [inter]) => {
                let inter = *inter;
                self.csi_intermediate(inter, last, &params, out);
            }
            (b'?', [b'$']) if last == b'p' => self.report_mode(params.raw(0), true, out),
            _ => {}
        }
        self.shorten_controls(from, out);
    }

    fn csi_plain(&mut self, last: u8, params: &Params, out: &mut Output) {
        let n = params.count(0);
        match last {
            b'@' => self.insert_chars(n),
            b'A' => self.up(n),
            b'B' => self.down(n),
            b'C' => self.forward(n),
            b'D' => self.back(n),
            b'E' => {
                self.down(n);
                self.carriage_return();
            }
            b'F' => {
                self.up(n);
                self.carriage_return();
            }
            b'G' | b'`' => self.goto(n - 1, self.at().1),
            b'H' | b'f' => self.goto(params.count(1) - 1, n - 1),
            b'I' => self.tab(n),
            b'J' => self.erase_screen(params.raw(0), false),
            b'K' => self.erase_line(params.raw(0), false),
            b'L' => self.insert_lines(n),
            b'M' => self.delete_lines(n),
            b'P' => self.delete_chars(n),
            b'S' => self.scroll_up(n),
            // With more parameters it is xterm's mouse tracking.
            b'T' if params.len() < 2 => self.scroll_down(n),
            b'^' => self.scroll_down(n),
            b'X' => self.erase_chars(n),
            b'Z' => self.tab_back(n),
            b'a' => self.goto(self.at().0.saturating_add(n), self.at().1),
            b'b' => self.repeat(n),
            b'c' if params.raw(0) == 0 => self.device_attributes(out),
            b'd' => self.goto(self.at().0, n - 1),
            b'e' => self.goto(self.at().0, self.at().1.saturating_add(n)),
            // HPB; xterm has it not, ECMA-48 has.
            b'j' => self.goto(self.at().0.saturating_sub(n), self.at().1),
            b'g' => match params.raw(0) {
                0 => self.tabs.set(self.x, false),
                3 => self.tabs.clear(),
                _ => {}
            },
            b'h' | b'l' => {
                for mode in params.iter() {
                    self.set_ansi_mode(mode, last == b'h');
                }
            }
            b'n' => self.status(params.raw(0), out),
            b'r' => self.set_rows(params),
            b's' if self.modes.margins => self.set_columns(params),
            b's' => self.save_cursor(),
            b't' => self.window_operation(params, out),
            b'u' => self.restore_cursor(),
            b'x' => self.terminal_parameters(params.raw(0), out),
            _ => {}
        }
    }

    fn csi_private(&mut self, last: u8, params: &Params, out: &mut Output) {
        match last {
            b'J' => self.erase_screen(params.raw(0), true),
            b'K' => self.erase_line(params.raw(0), true),
            b'W' if params.raw(0) == 5 => {
                self.tabs = super::tabs::Tabs::new(self.size.cols());
            }
            b'h' | b'l' => {
                for mode in params.iter() {
                    self.set_mode(mode, last == b'h');
                    if mode == 2048 && last == b'h' {
                        self.report_size(out);
                    }
                }
            }
            b'n' => self.private_status(params, out),
            b'r' => params.iter().for_each(|mode| self.restore_mode(mode)),
            b's' => params.iter().for_each(|mode| self.save_mode(mode)),
            _ => {}
        }
    }

    fn csi_secondary(&mut self, last: u8, params: &Params, out: &mut Output) {
        match last {
            b'c' if params.raw(0) == 0 => self.secondary_attributes(out),
            b'q' if params.raw(0) == 0 => self.version(out),
            b't' | b'T' => self.title_mode(params.iter(), last == b't'),
            _ => {}
        }
    }

    fn csi_intermediate(&mut self, inter: u8, last: u8, params: &Params, out: &mut Output) {
        let n = params.count(0);
        match (inter, last) {
            (b' ', b'@') => self.scroll_columns(n, false),
            (b' ', b'A') => self.scroll_columns(n, true),
            (b' ', b'q') => self.set_shape(params.raw(0)),
            (b'!', b'p') => self.soft_reset(),
            (b'"', b'p') => self.set_level(params.raw(0), params.raw(1)),
            (b'"', b'q') => {
                self.pen.protected = params.raw(0) == 1;
                if self.pen.protected {
                    self.pen.guard = Guard::Dec;
                }
            }
            (b'#', b'y') => self.checksum_bits = params.raw(0).min(63) as u8,
            (b'#', b'{' | b'p') => self.push_style(),
            (b'#', b'}' | b'q') => self.pop_style(),
            (b'#', b'|') => self.report_styles(params, out),
            (b'$', b'p') => self.report_mode(params.raw(0), false, out),
            (b'$', b'r') => self.restyle_rect(params, false),
            (b'$', b't') => self.restyle_rect(params, true),
            (b'$', b'v') => self.copy_rect(params),
            (b'$', b'w') => self.presentation(params.raw(0), out),
            (b'$', b'x') => self.fill_rect(params),
            (b'$', b'z') => self.erase_rect(params, false),
            (b'$', b'{') => self.erase_rect(params, true),
            (b'\'', b'}') => self.shift_columns(self.x, n, true),
            (b'\'', b'~') => self.shift_columns(self.x, n, false),
            (b'*', b'x') if params.raw(0) < 3 => self.extent = params.raw(0) as u8,
            (b'*', b'y') => self.checksum(params, out),
            _ => {}
        }
    }

    /// DECSTBM.
    fn set_rows(&mut self, params: &Params) {
        let rows = self.size.rows();
        let top = params.count(0) - 1;
        // As in tmux a zero that is given is a one.
        let bottom = match params.given(1) {
            Some(bottom) => bottom.clamp(1, rows) - 1,
            None => rows - 1,
        };
        if top < bottom {
            self.region.top = top;
            self.region.bottom = bottom;
            self.goto(0, 0);
        }
    }

    /// DECSLRM.
    fn set_columns(&mut self, params: &Params) {
        let cols = self.size.cols();
        let left = params.count(0) - 1;
        let right = params.or(1, cols).min(cols) - 1;
        if left < right {
            self.region.left = left;
            self.region.right = right;
            self.goto(0, 0);
        }
    }

    /// DECSCUSR.
    fn set_shape(&mut self, style: u16) {
        self.shape = match style {
            0 => CursorShape::Default,
            1 | 2 => CursorShape::Block,
            3 | 4 => CursorShape::Underline,
            5 | 6 => CursorShape::Bar,
            _ => return,
        };
        self.blinking = matches!(style, 1 | 3 | 5);
    }
}
