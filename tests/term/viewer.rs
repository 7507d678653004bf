//! What programs are told of mouse, focus, size and colours of their viewer
//! (xterm ctlseqs, "Mouse Tracking"; the proposals for modes 2031 and 2048).

use stepmux::base::{Mods, MouseAction, MouseEvent, Size};
use stepmux::term::{Output, Terminal};

use crate::{fed, replies};

fn reported(term: &Terminal, action: MouseAction, at: (u16, u16), mods: Mods) -> String {
    let (x, y) = at;
    let mut out = Vec::new();
    term.encode_mouse(&MouseEvent { action, x, y, mods }, &mut out);
    String::from_utf8(out).unwrap()
}

/// The modes set, the event at column 2 and row 1 (from 0), the bytes.
#[test]
fn mouse_is_reported_in_the_form_asked_for() {
    use MouseAction::{Down, Drag, Move, Up, WheelDown, WheelUp};
    for (modes, action, mods, want) in [
        ("", Down(1), Mods::NONE, ""),
        ("\x1b[?9h", Down(1), Mods::CTRL, "\x1b[M #\""),
        ("\x1b[?9h", Up(1), Mods::NONE, ""),
        ("\x1b[?1000h", Down(1), Mods::CTRL, "\x1b[M0#\""),
        ("\x1b[?1000h", Up(1), Mods::NONE, "\x1b[M##\""),
        ("\x1b[?1000h", WheelUp, Mods::NONE, "\x1b[M`#\""),
        ("\x1b[?1000h", Drag(1), Mods::NONE, ""),
        ("\x1b[?1002h", Drag(1), Mods::NONE, "\x1b[M@#\""),
        ("\x1b[?1002h", Move, Mods::NONE, ""),
        ("\x1b[?1003h", Move, Mods::NONE, "\x1b[MC#\""),
        ("\x1b[?1003h\x1b[?1003l", Down(1), Mods::NONE, ""),
        ("\x1b[?1000;1006h", Down(3), Mods::SHIFT, "\x1b[<6;3;2M"),
        ("\x1b[?1000;1006h", Up(3), Mods::NONE, "\x1b[<2;3;2m"),
        ("\x1b[?1000;1015h", Down(1), Mods::META, "\x1b[40;3;2M"),
        ("\x1b[?1000;1005h", Down(1), Mods::NONE, "\x1b[M #\""),
        ("\x1b[?1000;1016h", Down(1), Mods::NONE, "\x1b[<0;21;25M"),
        (
            "\x1b[?1000;1006h\x1b[?1006l",
            Down(1),
            Mods::NONE,
            "\x1b[M #\"",
        ),
        ("\x1b[?1007h", WheelUp, Mods::NONE, ""),
        (
            "\x1b[?1007;1049h",
            WheelUp,
            Mods::NONE,
            "\x1b[A\x1b[A\x1b[A",
        ),
        (
            "\x1b[?1;1007;1049h",
            WheelDown,
            Mods::NONE,
            "\x1bOB\x1bOB\x1bOB",
        ),
        ("\x1b[?1007;1049h", Down(1), Mods::NONE, ""),
        (
            "\x1b[?1000;1006;1007;1049h",
            WheelUp,
            Mods::NONE,
            "\x1b[<64;3;2M",
        ),
    ] {
        let (term, _) = fed(80, 24, modes.as_bytes());
        assert_eq!(
            reported(&term, action, (2, 1), mods),
            want,
            "{modes:?} {action:?}"
        );
    }
}

#[test]
fn size_is_reported_in_band_where_asked_for() {
    let (mut term, out) = fed(80, 24, b"\x1b[?2048h");
    assert_eq!(out.replies, b"\x1b[48;24;80;384;640t");
    term.resize(Size::new(100, 30));
    assert_eq!(term.size_report(), b"\x1b[48;30;100;480;800t");
    term.set_cell_pixels((10, 20));
    assert_eq!(term.size_report(), b"\x1b[48;30;100;600;1000t");
    term.feed(b"\x1b[?2048l", &mut Output::default());
    assert_eq!(term.size_report(), b"");
}

#[test]
fn colour_scheme_is_told_when_asked_and_when_it_changes() {
    assert_eq!(replies(b"\x1b[?996n"), "\x1b[?997;1n");
    let (mut term, _) = fed(80, 24, b"\x1b[?2031h");
    assert_eq!(term.set_viewer_colors(None, Some((0, 0, 0)), None), b"");
    let light = Some((250, 250, 240));
    assert_eq!(term.set_viewer_colors(None, light, None), b"\x1b[?997;2n");
    assert_eq!(term.set_viewer_colors(Some((1, 1, 1)), light, None), b"");
    let mut out = Output::default();
    term.feed(b"\x1b[?2031l\x1b[?996n", &mut out);
    assert_eq!(out.replies, b"\x1b[?997;2n");
    assert_eq!(term.set_viewer_colors(None, None, None), b"");
    // What a terminal says of its scheme goes before what its background is.
    assert_eq!(term.set_viewer_colors(None, light, Some(false)), b"");
    term.feed(b"\x1b[?996n", &mut out);
    assert!(out.replies.ends_with(b"\x1b[?997;1n"));
}
