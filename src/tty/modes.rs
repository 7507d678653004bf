//! Taking a client's terminal over and giving it back as it was, and the modes
//! between frames (xterm ctlseqs, "DEC Private Mode Set"). It draws nothing.

use crate::base::palette::palette;
use crate::base::{Color, Pos};

use super::caps::Caps;
use super::frame::{CursorShape, FrameCursor, FrameModes, MouseDemand};

/// Takes the terminal over: its title is saved, the alternate screen entered,
/// keypad and cursor keys set to application mode, pastes bracketed. What a
/// frame asks for ([`FrameModes`]) comes with the first `diff`. To be written
/// once: a second time would save the title again.
pub fn enter(caps: &Caps, out: &mut Vec<u8>) {
    if caps.title && caps.title_stack {
        out.extend_from_slice(b"\x1b[22;0;0t");
    }
    if caps.alternate {
        out.extend_from_slice(b"\x1b[?1049h");
    }
    reset_screen(caps, out);
    if let Some(rows) = caps.scroll_away {
        // Line feeds at the last row: what was shown goes to the scrollback.
        out.extend_from_slice(format!("\x1b[{rows};1H").as_bytes());
        out.resize(out.len() + usize::from(rows), b'\n');
    }
    out.extend_from_slice(b"\x1b[?1h\x1b=");
    if caps.paste {
        out.extend_from_slice(b"\x1b[?2004h");
    }
    watch_colors(caps, out);
}

/// Asks the terminal what it is: XTVERSION, its colours, DA2, and DA1 last,
/// which every terminal that answers anything answers. Nothing here puts a mark
/// on a screen that does not know it. The answers come as `Input::Reply`, and
/// [`Caps::learn`] takes them in.
pub fn ask(caps: &Caps, out: &mut Vec<u8>) {
    if caps.answers {
        out.extend_from_slice(b"\x1b[>q\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b[>c\x1b[c");
    }
}

/// Asks a terminal that has shown itself to be of today for more: modes 2026 and
/// 2031, the kitty keyboard protocol, a cell's pixels, capabilities of its terminfo entry; DA1
/// again at the end. Some old imitations of xterm would show parts of these.
pub fn ask_more(caps: &Caps, out: &mut Vec<u8>) {
    if !caps.answers {
        return;
    }
    out.extend_from_slice(b"\x1b[?2026$p\x1b[?2031$p\x1b[?u\x1b[16t");
    for name in ["RGB", "Tc", "Smulx", "Setulc", "Ms", "Smol"] {
        out.extend_from_slice(b"\x1bP+q");
        for byte in name.bytes() {
            for digit in [byte >> 4, byte & 15] {
                out.push(b"0123456789ABCDEF"[usize::from(digit)]);
            }
        }
        out.extend_from_slice(b"\x1b\\");
    }
    out.extend_from_slice(b"\x1b[c");
}

/// Asks for the two colours again, after the colour scheme changed.
pub fn ask_colors(caps: &Caps, out: &mut Vec<u8>) {
    if caps.answers {
        out.extend_from_slice(b"\x1b]10;?\x1b\\\x1b]11;?\x1b\\");
    }
}

/// Asks to be told when the colour scheme changes (DECSET 2031); [`leave`] ends
/// it.
pub fn watch_colors(caps: &Caps, out: &mut Vec<u8>) {
    if caps.color_scheme {
        out.extend_from_slice(b"\x1b[?2031h");
    }
}

/// Gives the terminal back. Safe at any moment, also after half a frame. What a
/// terminal may have turned out to know since is undone as well: those that do
/// not know it pass over it.
pub fn leave(caps: &Caps, out: &mut Vec<u8>) {
    let may = |has: bool| has || caps.answers;
    if may(caps.sync) {
        out.extend_from_slice(b"\x1b[?2026l");
    }
    if may(caps.hyperlinks) {
        out.extend_from_slice(b"\x1b]8;;\x1b\\");
    }
    let all = Caps {
        focus: may(caps.focus),
        extended_keys: may(caps.extended_keys),
        kitty_keys: may(caps.kitty_keys),
        ..*caps
    };
    modes(None, FrameModes::default(), &all, out);
    if may(caps.color_scheme) {
        out.extend_from_slice(b"\x1b[?2031l");
    }
    if may(caps.paste) {
        out.extend_from_slice(b"\x1b[?2004l");
    }
    out.extend_from_slice(b"\x1b[?1l\x1b>");
    if caps.cursor_shape {
        out.extend_from_slice(b"\x1b[0 q");
    }
    if caps.cursor_color {
        out.extend_from_slice(b"\x1b]112\x07");
    }
    reset_screen(caps, out);
    if caps.alternate {
        out.extend_from_slice(b"\x1b[?1049l");
    } else {
        out.extend_from_slice(b"\x1b[H\x1b[J");
    }
    if caps.cursor_hide {
        out.extend_from_slice(b"\x1b[?25h");
    }
    if caps.title && caps.title_stack {
        out.extend_from_slice(b"\x1b[23;0;0t");
    }
}

/// Puts back what bytes that are not ours may have moved or set: plain text in
/// ASCII, no margins, the cursor at `at`. What they drew stays, a picture perhaps.
pub fn settle_after(caps: &Caps, at: Pos, out: &mut Vec<u8>) {
    reset_screen(caps, out);
    out.extend_from_slice(format!("\x1b[{};{}H", at.y + 1, at.x + 1).as_bytes());
}

/// SGR 0, ASCII, no margins.
fn reset_screen(caps: &Caps, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[m\x1b(B");
    if caps.margins {
        out.extend_from_slice(b"\x1b[r");
    }
}

/// Changes modes from what is known to be set (`None`: anything may be).
pub(super) fn modes(shown: Option<FrameModes>, new: FrameModes, caps: &Caps, out: &mut Vec<u8>) {
    if caps.mouse && shown.map(|s| s.mouse) != Some(new.mouse) {
        mouse(shown.map(|s| s.mouse), new.mouse, out);
    }
    if caps.focus && shown.map(|s| s.focus) != Some(new.focus) {
        out.extend_from_slice(if new.focus {
            b"\x1b[?1004h"
        } else {
            b"\x1b[?1004l"
        });
    }
    let keys = |modes: FrameModes| (modes.extended_keys, modes.kitty_keys);
    if shown.map(keys) != Some(keys(new)) {
        extended_keys(new, caps, out);
    }
}

/// The kitty protocol where it is known, since what knows both is told apart
/// better by it; its flags are a stack for each screen, and ours is the top.
fn extended_keys(new: FrameModes, caps: &Caps, out: &mut Vec<u8>) {
    let on = new.extended_keys;
    if caps.kitty_keys {
        let flags = new.kitty_keys & 31;
        out.extend_from_slice(format!("\x1b[={flags};1u").as_bytes());
    }
    if caps.extended_keys {
        let both = on && !caps.kitty_keys;
        out.extend_from_slice(if both { b"\x1b[>4;2m" } else { b"\x1b[>4m" });
    }
}

/// The three kinds of reports exclude each other in some terminals and add up
/// in others: all off, then the one wanted, then SGR coordinates.
fn mouse(shown: Option<MouseDemand>, new: MouseDemand, out: &mut Vec<u8>) {
    if shown != Some(MouseDemand::Off) {
        out.extend_from_slice(b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l");
    }
    let on: &[u8] = match new {
        MouseDemand::Off => return,
        MouseDemand::Buttons => b"\x1b[?1000h",
        MouseDemand::Drag => b"\x1b[?1000h\x1b[?1002h",
        MouseDemand::All => b"\x1b[?1000h\x1b[?1002h\x1b[?1003h",
    };
    out.extend_from_slice(on);
    out.extend_from_slice(b"\x1b[?1006h");
}

/// Sets the cursor's colour where it differs (OSC 12, 112).
pub(super) fn cursor_color(
    shown: Option<FrameCursor>,
    new: FrameCursor,
    caps: &Caps,
    out: &mut Vec<u8>,
) {
    let before = shown.map_or(Color::Default, |shown| shown.color);
    if !caps.cursor_color || before == new.color {
        return;
    }
    let (r, g, b) = match caps.theme.show(new.color) {
        Color::Default | Color::Theme(_) => return out.extend_from_slice(b"\x1b]112\x07"),
        Color::Indexed(n) => palette(n),
        Color::Rgb(r, g, b) => (r, g, b),
    };
    out.extend_from_slice(b"\x1b]12;rgb:");
    for (at, byte) in [r, g, b].into_iter().enumerate() {
        if at > 0 {
            out.push(b'/');
        }
        for digit in [byte >> 4, byte & 15] {
            out.push(b"0123456789abcdef"[usize::from(digit)]);
        }
    }
    out.push(7);
}

/// Sets the cursor's form where it differs (DECSCUSR, VT520).
pub(super) fn cursor_shape(
    shown: Option<FrameCursor>,
    new: FrameCursor,
    caps: &Caps,
    out: &mut Vec<u8>,
) {
    if !caps.cursor_shape || shown.map(shape_code) == Some(shape_code(new)) {
        return;
    }
    out.extend_from_slice(&[0x1b, b'[', shape_code(new), b' ', b'q']);
}

fn shape_code(cursor: FrameCursor) -> u8 {
    let steady = u8::from(!cursor.blinking);
    match cursor.shape {
        CursorShape::Default => b'0',
        CursorShape::Block => b'1' + steady,
        CursorShape::Underline => b'3' + steady,
        CursorShape::Bar => b'5' + steady,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn leave_undoes_what_enter_and_frames_did() {
        let caps = Caps::from_env("xterm-256color", |_| None, true);
        let (mut begin, mut end) = (Vec::new(), Vec::new());
        enter(&caps, &mut begin);
        let all = FrameModes {
            mouse: MouseDemand::All,
            focus: true,
            extended_keys: true,
            kitty_keys: 1,
        };
        modes(None, all, &caps, &mut begin);
        leave(&caps, &mut end);
        let (begin, end) = (
            String::from_utf8(begin).unwrap(),
            String::from_utf8(end).unwrap(),
        );
        for set in begin
            .split('\x1b')
            .filter(|s| s.starts_with("[?") && s.ends_with('h'))
        {
            let reset = set.replace('h', "l");
            assert!(end.contains(&reset), "{set}");
        }
        assert!(end.contains("\x1b>") && end.contains("\x1b[23;0;0t"));
        assert!(end.contains("\x1b[>4m") && end.contains("\x1b[?25h"));
    }

    #[test]
    fn modes_are_written_only_when_they_change() {
        let caps = Caps::from_env("xterm", |_| None, true);
        let mut out = Vec::new();
        let off = FrameModes::default();
        modes(Some(off), off, &caps, &mut out);
        assert!(out.is_empty());
        let drag = FrameModes {
            mouse: MouseDemand::Drag,
            ..off
        };
        modes(Some(off), drag, &caps, &mut out);
        assert_eq!(out, b"\x1b[?1000h\x1b[?1002h\x1b[?1006h");
    }

    #[test]
    fn screen_is_scrolled_away_where_it_is_to_be_kept() {
        let caps = Caps {
            alternate: false,
            scroll_away: Some(3),
            ..Caps::from_env("xterm-256color", |_| None, true)
        };
        let (mut begin, mut end) = (Vec::new(), Vec::new());
        enter(&caps, &mut begin);
        leave(&caps, &mut end);
        let (begin, end) = (String::from_utf8(begin), String::from_utf8(end));
        let (begin, end) = (begin.unwrap(), end.unwrap());
        assert!(begin.contains("\x1b[r\x1b[3;1H\n\n\n\x1b[?1h"), "{begin:?}");
        assert!(!begin.contains("1049") && !end.contains("1049"));
        assert!(end.contains("\x1b[H\x1b[J"), "{end:?}");
    }

    #[test]
    fn plain_terminal_is_asked_for_nothing_it_lacks() {
        let caps = Caps::from_env("vt100", |_| None, true);
        let mut out = Vec::new();
        enter(&caps, &mut out);
        leave(&caps, &mut out);
        ask(&caps, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("1049") && !text.contains("2004") && !text.contains("t"));
    }
}
