//! Titles of window and icon: set (OSC 0, 1, 2), put aside and taken back, and
//! told (xterm ctlseqs: XTWINOPS 20 to 23, XTSMTITLE, XTRMTITLE). A title may be
//! set by whatever is printed, and a report arrives as typed text: so no report
//! holds a character that a shell or an editor could take for more than a letter.

use data_encoding::HEXLOWER_PERMISSIVE;

use super::reply::say;
use super::{Notice, Output, Terminal};
use crate::base::Label;

/// Titles kept aside.
const MAX_TITLES: usize = 16;
/// Characters of a title that are reported.
const MAX_REPORTED: usize = 128;

/// How titles are written (XTSMTITLE).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TitleModes {
    /// They are set in hexadecimal.
    set_hex: bool,
    /// They are reported in hexadecimal.
    report_hex: bool,
}

/// A name that a program gives: C0 controls in it are nothing, DEL or what is
/// no UTF-8 makes it none.
pub(super) fn program_name(text: &[u8]) -> Option<Label> {
    let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte >= b' ').collect();
    Label::name_of_bytes(&plain)
}

impl Terminal {
    /// OSC 0 (`icon` and `window`), 1 and 2.
    pub(super) fn title_string(&mut self, text: &[u8], icon: bool, window: bool, out: &mut Output) {
        let title = if self.title_modes.set_hex {
            unhex(text).and_then(|bytes| Label::name_of_bytes(&bytes))
        } else {
            program_name(text)
        };
        let Some(title) = title else {
            return;
        };
        if icon && self.config.allow_title {
            self.icon = title.clone();
        }
        if window {
            self.set_title(title, out);
        }
    }

    pub(super) fn set_title(&mut self, title: Label, out: &mut Output) {
        if self.config.allow_title {
            self.title = title.clone();
            out.notices.push(Notice::Title(title));
        }
    }

    /// XTWINOPS 22: 0 both, 1 the icon's, 2 the window's. What is not asked for
    /// is as in the entry below.
    pub(super) fn push_title(&mut self, which: u16) {
        let below = self.titles.last().cloned();
        let (icon, window) = below.unwrap_or_else(|| (self.icon.clone(), self.title.clone()));
        let entry = match which {
            0 => (self.icon.clone(), self.title.clone()),
            1 => (self.icon.clone(), window),
            2 => (icon, self.title.clone()),
            _ => return,
        };
        if self.titles.len() == MAX_TITLES {
            self.titles.remove(0);
        }
        self.titles.push(entry);
    }

    /// XTWINOPS 23: takes an entry off and sets what is asked for.
    pub(super) fn pop_title(&mut self, which: u16, out: &mut Output) {
        if which > 2 {
            return;
        }
        let Some((icon, window)) = self.titles.pop() else {
            return;
        };
        if which != 2 && self.config.allow_title {
            self.icon = icon;
        }
        if which != 1 {
            self.set_title(window, out);
        }
    }

    /// XTWINOPS 20 (`L`, the icon's) and 21 (`l`, the window's).
    pub(super) fn report_title(&self, letter: char, out: &mut Output) {
        let title = if letter == 'L' {
            &self.icon
        } else {
            &self.title
        };
        let text = reported(title.as_str());
        say(out, format_args!("\x1b]{letter}"));
        if self.title_modes.report_hex {
            for byte in text.bytes() {
                say(out, format_args!("{byte:02X}"));
            }
        } else {
            say(out, format_args!("{text}"));
        }
        say(out, format_args!("\x1b\\"));
    }

    /// XTSMTITLE and XTRMTITLE; text is UTF-8 in any case.
    pub(super) fn title_mode(&mut self, values: impl Iterator<Item = u16>, on: bool) {
        let mut any = false;
        for value in values {
            any = true;
            match value {
                0 => self.title_modes.set_hex = on,
                1 => self.title_modes.report_hex = on,
                _ => {}
            }
        }
        if !any {
            self.title_modes = TitleModes::default();
        }
    }
}

/// A title as it may be typed into a program: letters, digits, blanks, dots.
fn reported(title: &str) -> String {
    let harmless = |ch: char| ch.is_alphanumeric() || matches!(ch, ' ' | '.' | '_');
    let chars = title.chars().take(MAX_REPORTED);
    chars
        .map(|ch| if harmless(ch) { ch } else { '_' })
        .collect()
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(super) fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}
