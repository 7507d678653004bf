//! The two screens and their saved cursors.

use super::{answers, check, fed, style};
use stepmux::base::Attrs;

#[test]
fn alternate_screens_differ_in_what_they_clear_and_save() {
    // xterm ctlseqs: 47, 1047, 1048, 1049; 1046 forbids them all.
    check(&[
        ("ab\x1b[?47h", "", 3, 1),
        ("ab\x1b[?47hcd\x1b[?47l", "ab", 5, 1),
        ("ab\x1b[?47hcd\x1b[?47l\x1b[?47h", "  cd", 5, 1),
        ("ab\x1b[?1047hcd\x1b[?1047l\x1b[?1047h", "", 5, 1),
        ("ab\x1b[?1047hcd\x1b[?47l\x1b[?1047h", "  cd", 5, 1),
        ("ab\x1b[?1049h", "", 3, 1),
        ("ab\x1b[?1049hcd\x1b[5H\x1b[?1049l", "ab", 3, 1),
        ("ab\x1b[?47hcd\x1b[?47l\x1b[?1049h", "", 5, 1),
        ("ab\x1b[?1049hcd\x1b[?1049h", "", 5, 1),
        ("ab\x1b[?1046l\x1b[?1049hcd", "abcd", 5, 1),
        ("ab\x1b[?1046l\x1b[?47hcd", "abcd", 5, 1),
    ]);
}

#[test]
fn cursor_is_saved_with_its_state() {
    // VT510 DECSC: position, rendition, charsets, origin mode, protection.
    check(&[
        ("\x1b[2;3H\x1b7\x1b[H\x1b8", "", 3, 2),
        ("\x1b[2;3H\x1b[s\x1b[H\x1b[u", "", 3, 2),
        ("\x1b[2;3H\x1b[?1048h\x1b[H\x1b[?1048l", "", 3, 2),
        ("\x1b[2;3H\x1b8", "", 1, 1),
        ("\x1b(0\x1b7\x1b(B\x1b8q", "─", 2, 1),
        ("\x1b)0\x0e\x1b7\x0f\x1b8q", "─", 2, 1),
        // Not saved: insert, autowrap and reverse wrap.
        ("\x1b[4h\x1b7\x1b[4l\x1b8a\x1b[Gb", "b", 2, 1),
        ("\x1b7\x1b[?7l\x1b80123456789a", "012345678a", 10, 1),
        ("\x1b[?45h\x1b7\x1b[?45l\x1b8\x1b[2H\x08", "", 1, 2),
        // Origin mode comes back, and with it the region.
        ("\x1b[3;3H\x1b7\x1b[2;4r\x1b[?6h\x1b8\x1b[Hx", "x", 2, 1),
        ("\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b7\x1b[?6l\x1b8", "", 2, 3),
        // With DECLRMM CSI s sets margins.
        (
            "\x1b[3;2H\x1b[s\x1b[?69h\x1b[1;9s\x1b[5;5H\x1b[s\x1b[u",
            "",
            2,
            3,
        ),
    ]);
    let (term, _) = fed(4, 2, b"\x1b[1m\x1b7\x1b[m\x1b8x");
    assert!(style(&term, 0, 0).attrs.has(Attrs::BOLD));
}

#[test]
fn each_screen_has_its_own_saved_cursor() {
    // xterm.
    for (save, restore) in [
        ("\x1b7", "\x1b8"),
        ("\x1b[s", "\x1b[u"),
        ("\x1b[?1048h", "\x1b[?1048l"),
    ] {
        let first = format!("\x1b[3;2H{save}\x1b[?47h\x1b[5;6H{save}\x1b[?47l{restore}");
        check(&[(&first, "", 2, 3)]);
        check(&[(&format!("{first}\x1b[?47h{restore}"), "", 6, 5)]);
    }
    answers(&[(
        "\x1b[3;3H\x1b[?1049h\x1b[H\x1b7\x1b[?1049l\x1b[6n",
        "\x1b[3;3R",
    )]);
}
