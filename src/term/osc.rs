//! Strings with a meaning: OSC (xterm ctlseqs), `ESC k`, and DCS. Each arrives
//! whole and bounded by the parser; text from it leaves only as a `Label`, or
//! cleaned.

use super::parse::Params;
use super::title::program_name;
use super::{Notice, Output, PromptMark, Terminal};
use crate::base::pool::Link;
use crate::base::{Label, LinkId, base64};

impl Terminal {
    /// An operating system command; `st` says which terminator to answer with.
    pub(super) fn osc(&mut self, string: &[u8], st: bool, out: &mut Output) {
        let (number, rest) = match string.iter().position(|b| *b == b';') {
            Some(at) => (&string[..at], Some(&string[at + 1..])),
            None => (string, None),
        };
        let Some(number) = number_of(number) else {
            return;
        };
        let text = rest.unwrap_or_default();
        match number {
            0..=2 if rest.is_some() => self.title_string(text, number < 2, number != 1, out),
            4 | 5 => self.palette(number, text, st, out),
            7 => self.set_path(text, out),
            8 => self.hyperlink(text),
            9 => notify(text, out),
            10..=19 if rest.is_some() => self.dynamic_colors(number, text, st, out),
            52 => self.clipboard(text, st, out),
            104 | 105 => self.reset_palette(number, text),
            110..=119 => self.set_dynamic_color(number - 100, None),
            133 => self.prompt(text, out),
            1337 => self.iterm(text, out),
            777 => {
                if let Some(text) = text.strip_prefix(b"notify;") {
                    let text: Vec<u8> = text
                        .iter()
                        .map(|b| if *b == b';' { b' ' } else { *b })
                        .collect();
                    out.notices.push(Notice::Notify(Label::from_bytes(&text)));
                }
            }
            7717 => {
                let payload = String::from_utf8_lossy(text).into_owned();
                let row = self.cursor_row();
                let at_start = self.at_line_start();
                out.notices.push(Notice::Mark {
                    payload,
                    row,
                    at_start,
                });
            }
            _ => {}
        }
        if matches!(number, 4 | 5 | 10..=19 | 104 | 105 | 110..=119) {
            self.touch_all();
        }
    }

    /// OSC 1337, iTerm2's: the directory and inline files; its other forms
    /// change nothing here and are swallowed.
    fn iterm(&mut self, text: &[u8], out: &mut Output) {
        if let Some(path) = text.strip_prefix(b"CurrentDir=") {
            self.set_path(path, out);
        } else if let Some(file) = text.strip_prefix(b"File=") {
            self.iterm_file(file);
        } else if text == b"ClearScrollback" {
            self.erase_screen(3, false);
        }
    }

    /// `ESC k`.
    pub(super) fn window_name(&mut self, string: &[u8], out: &mut Output) {
        if let Some(name) = program_name(string).filter(|_| self.config.allow_rename) {
            out.notices.push(Notice::WindowName(name));
        }
    }

    fn set_path(&mut self, text: &[u8], out: &mut Output) {
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        let path = Label::new(text).as_str().to_owned();
        if self.path != path {
            self.path.clone_from(&path);
            out.notices.push(Notice::Path(path));
        }
    }

    /// OSC 8: `params;uri`, an empty target ending the link.
    fn hyperlink(&mut self, text: &[u8]) {
        let Some(at) = text.iter().position(|b| *b == b';') else {
            return;
        };
        let uri = Label::from_bytes(&text[at + 1..]);
        self.pen.stale = true;
        if uri.is_empty() {
            self.pen.style.link = LinkId::NONE;
            return;
        }
        let params = Label::from_bytes(&text[..at]);
        let id = params
            .as_str()
            .split(':')
            .find_map(|p| p.strip_prefix("id="));
        self.pen.style.link = self.pool.link(Link {
            id: id.unwrap_or_default().into(),
            uri: uri.as_str().into(),
        });
    }

    /// OSC 133: a letter, then options; D's first is the exit status.
    fn prompt(&mut self, text: &[u8], out: &mut Output) {
        let mut fields = text.split(|b| *b == b';');
        let kind = fields.next();
        // Kitty's and VTE's `k=`: of a prompt in several parts, all but the first
        // (continuation, secondary, right) start nothing.
        let part = |field: &[u8]| matches!(field, b"k=c" | b"k=s" | b"k=r");
        let mark = match kind {
            Some(b"A" | b"P" | b"N") if fields.clone().any(part) => return,
            Some(b"A" | b"P" | b"N") => PromptMark::A,
            Some(b"B") => PromptMark::B,
            Some(b"C") => PromptMark::C,
            Some(b"D") => {
                let status = fields.next().and_then(|s| std::str::from_utf8(s).ok());
                PromptMark::D(status.and_then(|s| s.parse().ok()))
            }
            _ => return,
        };
        self.mark_prompt(mark);
        out.notices.push(Notice::Prompt(mark));
    }

    /// OSC 52: `targets;base64` or `targets;?`.
    fn clipboard(&mut self, text: &[u8], st: bool, out: &mut Output) {
        if !self.config.clipboard {
            return;
        }
        let Some(at) = text.iter().position(|b| *b == b';') else {
            return;
        };
        let data = &text[at + 1..];
        if data == b"?" {
            let known = |b: &&u8| matches!(b, b'a'..=b'z' | b'0'..=b'9');
            let selection = text[..at].iter().filter(known).take(16);
            out.notices.push(Notice::ClipboardQuery {
                selection: selection.map(|b| char::from(*b)).collect(),
                st,
            });
        } else if let Some(bytes) = base64::decode(data) {
            out.notices.push(Notice::Clipboard(bytes));
        }
    }

    /// A device control string: parameters, intermediates, final byte, data.
    pub(super) fn dcs(&mut self, string: &[u8], out: &mut Output) {
        if let Some(payload) = string.strip_prefix(b"tmux;") {
            if self.config.allow_passthrough {
                out.notices.push(Notice::Passthrough(payload.to_vec()));
            }
            return;
        }
        let digits = string
            .iter()
            .take_while(|b| matches!(b, b'0'..=b'9' | b';' | b':'))
            .count();
        let (params, rest) = string.split_at(digits);
        if let Some(what) = rest.strip_prefix(b"$q") {
            self.report_setting(what, out);
        } else if let Some(names) = rest.strip_prefix(b"+q") {
            self.report_capabilities(names, out);
        } else if let Some(stops) = rest.strip_prefix(b"$t") {
            self.restore_presentation(&Params::of(params), stops);
        }
    }
}

/// OSC 9: a notification, unless it is ConEmu's `9;number`.
fn notify(text: &[u8], out: &mut Output) {
    let first = text.split(|b| *b == b';').next().unwrap_or_default();
    if text.is_empty() || number_of(first).is_some() {
        return;
    }
    out.notices.push(Notice::Notify(Label::from_bytes(text)));
}

pub(super) fn end(st: bool) -> &'static str {
    if st { "\x1b\\" } else { "\x07" }
}

pub(super) fn number_of(text: &[u8]) -> Option<u16> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
