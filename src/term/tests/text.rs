//! Characters, widths, clusters, charsets and SGR.

use super::{check, fed, line, style};
use crate::base::{Attrs, Color, Underline};
use crate::term::{Config, Output, Terminal};

#[test]
fn invalid_utf8_becomes_one_mark_for_what_its_first_byte_announces() {
    // Unicode 15 §3.9, table 3-8 and its neighbours, marked as tmux marks them.
    for (bytes, text) in [
        (
            &b"a\xf1\x80\x80\xe1\x80\xc2b\x80c\x80\xbfd"[..],
            "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}d",
        ),
        (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
        (b"\xe0\x80\x80x", "\u{fffd}x"),
        (b"\xed\xa0\x80x", "\u{fffd}x"),
        (b"\xf0\x9f\xc3\xa9x", "\u{fffd}x"),
        (b"\xe2\x82", ""),
        (b"\xe2\x82\x1b[Cx", "\u{fffd} x"),
        (b"\xf0\x9f\x98\x80", "😀"),
    ] {
        for step in [1, 2, 3, 64] {
            let mut term = Terminal::new(crate::base::Size::new(20, 2), Config::default());
            for chunk in bytes.chunks(step) {
                term.feed(chunk, &mut Output::default());
            }
            assert_eq!(line(&term, 0), text, "{bytes:x?} by {step}");
        }
    }
}

#[test]
fn wide_characters_stay_whole_at_margins_and_under_overwrites() {
    check(&[
        ("日本", "日本", 4, 0),
        ("日本\x1b[2Gx", " x本", 2, 0),
        ("日本\x1b[3Gx", "日x", 3, 0),
        ("日本\x1b[2G\x1b[K", "", 1, 0),
        ("日本\x1b[2G\x1b[P", " 本", 1, 0),
        ("日本\x1b[2G\x1b[@", "   本", 1, 0),
        ("012345678日", "012345678|日", 2, 1),
        ("01234567日", "01234567日", 9, 0),
        ("01234567日x", "01234567日|x", 1, 1),
        ("\x1b[?7l012345678日", "012345678", 9, 0),
        ("é日\x1b[2Gö", "éö", 2, 0),
    ]);
    assert!(fed(10, 2, "012345678日").row(0)[9].is_pad());
    let _ = fed(1, 2, "日本x日");
}

#[test]
fn clusters_are_kept_whole() {
    check(&[
        ("e\u{301}x", "e\u{301}x", 2, 0),
        ("👩\u{200d}👧x", "👩\u{200d}👧x", 3, 0),
        ("👍🏽x", "👍🏽x", 3, 0),
        ("🇩🇪🇫🇷x", "🇩🇪🇫🇷x", 5, 0),
        ("❤\u{fe0f}x", "❤\u{fe0f}x", 3, 0),
        ("1\u{fe0f}\u{20e3}x", "1\u{fe0f}\u{20e3}x", 3, 0),
        ("\u{301}x", "x", 1, 0),
        ("012345678e\u{301}x", "012345678e\u{301}|x", 1, 1),
        ("012345678❤\u{fe0f}x", "012345678|❤\u{fe0f}x", 3, 1),
    ]);
}

#[test]
fn charsets_shift_as_ecma35_says() {
    check(&[
        ("\x1b(0lqk\x1b(Bq", "┌─┐q", 4, 0),
        ("\x1b)0\x0eq\x0fq", "─q", 2, 0),
        ("\x1b(A#\x1b(B#", "£#", 2, 0),
        ("\x1b*0\x1bNqq", "─q", 2, 0),
        ("\x1b+0\x1boq\x1bO", "─", 1, 0),
        ("\x1b(0\x1b7\x1b(Bq\x1b8q", "─", 1, 0),
    ]);
}

#[test]
fn sgr_takes_every_form_of_colour_and_underline() {
    let rgb = Color::Rgb(1, 2, 3);
    for (sgr, fg) in [
        ("31", Color::Indexed(1)),
        ("97", Color::Indexed(15)),
        ("38;5;200", Color::Indexed(200)),
        ("38:5:200", Color::Indexed(200)),
        ("38;2;1;2;3", rgb),
        ("38:2:1:2:3", rgb),
        ("38:2::1:2:3", rgb),
        ("38:2::1:2:3:4:5", rgb),
        ("38;5;200;39", Color::Default),
        ("38;5;300", Color::Default),
    ] {
        let term = fed(4, 1, &format!("\x1b[{sgr}mx"));
        assert_eq!(style(&term, 0, 0).fg, fg, "{sgr}");
    }
    for (sgr, underline) in [
        ("4", Underline::Single),
        ("21", Underline::Double),
        ("4:3", Underline::Curly),
        ("4:4", Underline::Dotted),
        ("4:5", Underline::Dashed),
        ("4;24", Underline::None),
        ("4:3;4:0", Underline::None),
    ] {
        let term = fed(4, 1, &format!("\x1b[{sgr}mx"));
        assert_eq!(style(&term, 0, 0).underline, underline, "{sgr}");
    }
    let term = fed(4, 1, "\x1b[1;2;3;5;7;8;9;53;58:2::1:2:3;48;5;9mx");
    let all = style(&term, 0, 0);
    assert_eq!(all.attrs, Attrs::from_bits(0xff).with(Attrs::BG_LONG));
    assert_eq!((all.us, all.bg), (rgb, Color::Indexed(9)));
    let term = fed(
        4,
        1,
        "\x1b[1;2;3;5;7;8;9;53;4m\x1b[22;23;24;25;27;28;29;55mx",
    );
    assert_eq!(style(&term, 0, 0), Default::default());
}

#[test]
fn hyperlink_holds_until_closed_and_survives_sgr() {
    // OSC 8.
    let term = fed(9, 1, "\x1b]8;id=7;http://x/\x1b\\a\x1b[0mb\x1b]8;;\x07c");
    let link = |x| term.pool().link_of(style(&term, x, 0).link).cloned();
    assert_eq!(&*link(1).unwrap().uri, "http://x/");
    assert_eq!(&*link(0).unwrap().id, "7");
    assert_eq!(link(2), None);
}
