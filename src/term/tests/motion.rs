//! Motion, margins, wrapping, editing (ECMA-48 §8.3, xterm ctlseqs, VT510 ch. 5).

use super::{check, fed, line, picture, style};
use crate::base::{Color, Pos, Size};
use crate::term::CursorShape;

#[test]
fn cursor_moves_as_ecma48_says() {
    check(&[
        ("\x1b[2;3Hx", "|  x", 3, 1),
        ("\x1b[99;99Hx", "|||         x", 9, 3),
        ("\x1b[3;3H\x1b[A\x1b[2D*", "|*", 1, 1),
        ("\x1b[B\x1b[C*", "| *", 2, 1),
        ("ab\x1b[E*", "ab|*", 1, 1),
        ("\x1b[3d*\x1b[F+", "|+|*", 1, 1),
        ("\x1b[5G*\x1b[2`+", " +  *", 2, 0),
        ("a\x1b[2a*\x1b[e+", "a  *|    +", 5, 1),
        ("a\tb", "a       b", 9, 0),
        ("\x1b[I*\x1b[Z+", "        +", 9, 0),
        ("\x1b[3g\t*", "         *", 9, 0),
        ("\x1b[3G\x1bH\r\t*", "  *", 3, 0),
        ("a\r\nb\x1bMc", "ac|b", 2, 0),
        ("ab\x1bEc", "ab|c", 1, 1),
        ("\x1b[20ha\nb", "a|b", 1, 1),
        ("a\x1b[3b", "aaaa", 4, 0),
        ("\u{9b}2;2Hx", "| x", 2, 1),
    ]);
}

#[test]
fn pending_wrap_behaves_as_in_tmux() {
    // The cursor is beyond the last column until the next character.
    check(&[
        ("0123456789", "0123456789", 9, 0),
        ("0123456789a", "0123456789|a", 1, 1),
        ("0123456789\x08x", "012345678x", 9, 0),
        ("0123456789\x1b[2Dx", "01234567x9", 9, 0),
        ("0123456789\nx", "0123456789||x", 1, 2),
        ("0123456789\x1b[Kx", "0123456789|x", 1, 1),
        ("0123456789\x1b[Px", "0123456789|x", 1, 1),
        ("0123456789\x1b[1mx", "0123456789|x", 1, 1),
        ("0123456789\x1b7\x1b[H\x1b8x", "012345678x", 9, 0),
        ("0123456789\tx", "0123456789|x", 1, 1),
        ("\x1b[?7l0123456789abc", "012345678c", 9, 0),
        ("0123456789a\x1b[?45h\x08\x08\x08x", "01234567x9|a", 9, 0),
    ]);
}

#[test]
fn region_scrolls_and_edits_inside() {
    check(&[
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx", "1|3|x|4", 1, 2),
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2H\x1bMx", "1|x|2|4", 1, 1),
        ("1\r\n2\r\n3\r\n4\x1b[S", "2|3|4", 1, 3),
        ("1\r\n2\r\n3\r\n4\x1b[2T", "||1|2", 1, 3),
        ("1\r\n2\r\n3\r\n4\x1b[2;2H\x1b[Lx", "1| x|2|3", 2, 1),
        ("1\r\n2\r\n3\r\n4\x1b[2;2H\x1b[Mx", "1|3x|4", 2, 1),
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[4H\x1b[Lx", "1|2|3|x", 1, 3),
        ("1\r\n2\r\n3\r\n4\x1b[1;2r\x1b[3H\x1b[Mx", "1|2|x", 1, 2),
        ("12\x1b[2;3r\x1b[2H\x1b[0;0rx", "12|x", 1, 1),
        ("\x1b[2;3r\x1b[?6h\x1b[9;1Hx\x1b[1;2Hy", "| y|x", 2, 1),
        ("abcdef\x1b[3G\x1b[2@x", "abx cdef", 3, 0),
        ("abcdef\x1b[3G\x1b[2P", "abef", 2, 0),
        ("abcdef\x1b[3G\x1b[2X", "ab  ef", 2, 0),
        ("abc\x1b[G\x1b[4hxy\x1b[4l", "xyabc", 2, 0),
        ("abc\x1b[2 @", "c", 3, 0),
        ("abc\x1b[2 A", "  abc", 3, 0),
        ("abc\x1b[2G\x1b['}", "a bc", 1, 0),
        ("abc\x1b[2G\x1b['~", "ac", 1, 0),
        ("\x1b#8\x1b[2;3H\x1b[1K\x1b[J", "EEEEEEEEEE", 2, 1),
        ("\x1b#8\x1b[3H\x1b[1J", "|| EEEEEEEEE|EEEEEEEEEE", 0, 2),
    ]);
}

#[test]
fn row_runs_on_until_it_or_the_next_is_cleared_whole() {
    // As tmux's captures say it.
    for (input, runs) in [
        ("0123456789ab", [true, false]),
        ("0123456789ab\x1b[1;10Hz", [true, false]),
        ("0123456789ab\x1b[1;10H\x1b[K", [true, false]),
        ("0123456789ab\x1b[H\x1b[P", [true, false]),
        ("0123456789ab\x1b[H\x1b[@", [true, false]),
        ("0123456789ab\x1b[H\x1b[2K", [false, false]),
        ("0123456789ab\x1b[2;1H\x1b[K", [false, false]),
        ("0123456789ab\x1b[1;1H\x1b[1;10H\x1b[J", [false, false]),
        ("0123456789abcdefghijk\x1b[2H\x1b[L", [false, false]),
        ("0123456789abcdefghijk\x1b[2H\x1b[M", [false, false]),
    ] {
        let term = fed(10, 4, input);
        assert_eq!(
            [term.row_wrapped(0), term.row_wrapped(1)],
            runs,
            "{input:?}"
        );
    }
}

#[test]
fn sequence_does_nothing_when_tmux_cannot_read_its_numbers() {
    let many = |n: usize| vec!["1"; n].join(";");
    for (numbers, x) in [
        ("2147483647".to_owned(), 9),
        ("2147483648".to_owned(), 0),
        (many(23), 1),
        (many(24), 0),
        (format!("{}1", "0".repeat(62)), 1),
        (format!("{}1", "0".repeat(63)), 0),
    ] {
        let term = fed(10, 2, &format!("\x1b[{numbers}C"));
        assert_eq!(term.cursor().pos.x, x, "{numbers}");
    }
}

#[test]
fn side_margins_confine_text_and_shifts() {
    // VT510 DECSLRM; needs DECLRMM.
    check(&[
        ("\x1b[?69h\x1b[3;5s\x1b[1;3Habcd", "  abc|  d", 3, 1),
        (
            "\x1b[?69h\x1b[3;5sx\x1b[3G\rabc\x08\x08\x08\x08y",
            "x ybc",
            3,
            0,
        ),
        (
            "0123456789\x1b[?69h\x1b[3;5s\x1b[1;3H\x1b[@",
            "01 2356789",
            2,
            0,
        ),
        (
            "0123456789\x1b[?69h\x1b[3;5s\x1b[1;3H\x1b[P",
            "0134 56789",
            2,
            0,
        ),
        (
            "0123456789\x1b[?69h\x1b[3;5s\x1b[1;3H\x1b[L",
            "01   56789|  234",
            2,
            0,
        ),
        (
            "0123456789\x1b[?69h\x1b[3;5s\x1b[1;3H\x1b[M",
            "01   56789",
            2,
            0,
        ),
        ("\x1b[ss\x1b[?69h\x1b[us", "s", 1, 0),
    ]);
}

#[test]
fn erased_cells_keep_the_background_only() {
    // terminfo bce.
    let term = fed(4, 2, "\x1b[1;31;44mab\x1b[K\x1b[2;1H\x1b[L");
    let erased = style(&term, 3, 0);
    assert_eq!((erased.fg, erased.bg), (Color::Default, Color::Indexed(4)));
    assert!(erased.attrs.is_empty());
    assert_eq!(style(&term, 0, 1).bg, Color::Indexed(4));
}

#[test]
fn protected_cells_survive_selective_erase() {
    // VT510 DECSCA, DECSEL, DECSED; ECMA-48 SPA.
    check(&[
        ("a\x1b[1\"qb\x1b[0\"qc\x1b[?2K", " b", 3, 0),
        ("a\x1b[1\"qb\x1b[0\"qc\x1b[?2J", " b", 3, 0),
        ("a\x1b[1\"qb\x1b[0\"qc\x1b[2K", "", 3, 0),
        ("a\x1bVb\x1bWc\x1b[2K", " b", 3, 0),
        ("a\x1b[1\"qb\x1b[0\"qc\x1b[1;1;1;9${", " b", 3, 0),
    ]);
}

#[test]
fn rectangles_copy_fill_erase_and_restyle() {
    // VT510 DECFRA, DECERA, DECCRA, DECCARA, DECRARA.
    check(&[
        ("\x1b[88;2;2;3;4$x", "| XXX| XXX", 0, 0),
        (
            "\x1b#8\x1b[2;2;3;9$z",
            "EEEEEEEEEE|E        E|E        E|EEEEEEEEEE",
            0,
            0,
        ),
        (
            "ab\r\ncd\x1b[1;1;2;2;1;3;5;1$v",
            "ab|cd|    ab|    cd",
            2,
            1,
        ),
        ("abc\x1b[1;1;1;2;1;1;2;1$v", "aab", 3, 0),
        ("\x1b[65;9;9;99;99$x", "", 0, 0),
    ]);
    let term = fed(10, 4, "abc\x1b[2*x\x1b[1;2;1;2;1;4$r\x1b[1;2;1;3;1$t");
    assert_eq!(style(&term, 1, 0).attrs.bits(), 0);
    assert_eq!(style(&term, 2, 0).attrs.bits(), 1);
    assert_ne!(style(&term, 1, 0).underline, Default::default());
}

#[test]
fn alternate_screen_and_saved_cursors_are_apart() {
    // xterm ctlseqs, 47/1047/1048/1049.
    check(&[
        ("ab\x1b[?1049hcd\x1b[?1049le", "abe", 3, 0),
        ("ab\x1b[?1049hcd", "  cd", 4, 0),
        ("ab\x1b[?47hcd\x1b[?47l\x1b[?47h", "  cd", 4, 0),
        ("ab\x1b[?1047hcd\x1b[?1047l\x1b[?1047h", "", 4, 0),
        ("ab\x1b[?1048h\x1b[3H\x1b[?1048lc", "abc", 3, 0),
        ("ab\x1b7\x1b[?47h\x1b[4;4H\x1b7\x1b[?47l\x1b8c", "abc", 3, 0),
        ("ab\x1bcc", "c", 1, 0),
    ]);
}

#[test]
fn soft_reset_leaves_text_and_position() {
    let term = fed(10, 4, "ab\x1b[2;3r\x1b[4h\x1b[1m\x1b[3;3H\x1b7\x1b[!px");
    assert_eq!(picture(&term), "ab||  x");
    assert!(!term.modes().insert);
    assert_eq!(style(&term, 2, 2), Default::default());
}

#[test]
fn resize_wraps_lines_anew_and_keeps_the_cursor() {
    let mut term = fed(10, 4, "$ 0123456789abc\r\n$ ");
    term.resize(Size::new(6, 4));
    term.verify().unwrap();
    // The blank row below stays, and what is above goes into the history.
    assert_eq!(picture(&term), "456789|abc|$");
    assert_eq!(term.cursor().pos, Pos::new(2, 2));
    assert!(term.row_wrapped(0) && !term.row_wrapped(1));
    term.resize(Size::new(20, 4));
    assert_eq!(picture(&term), "$ 0123456789abc|$");
    assert_eq!(term.cursor().pos, Pos::new(2, 1));
    term.resize(Size::new(4, 2));
    term.resize(Size::new(20, 4));
    assert_eq!(picture(&term), "$ 0123456789abc|$");
    assert_eq!(term.cursor().pos, Pos::new(2, 1));
}

#[test]
fn resize_keeps_wide_characters_whole() {
    let mut term = fed(10, 3, "a日本語日b");
    for cols in [3, 1, 2, 5, 4, 10] {
        term.resize(Size::new(cols, 3));
        term.verify().unwrap();
    }
    let mut term = fed(10, 3, "a日本語日b");
    term.resize(Size::new(4, 5));
    assert_eq!(picture(&term), "日b");
    term.resize(Size::new(14, 3));
    assert_eq!(line(&term, 0), "a日本語日b");
}

#[test]
fn full_height_scroll_goes_to_history_and_comes_back() {
    let mut term = fed(10, 2, "1\r\n2\r\n3\r\n4");
    assert_eq!(term.history_rows(), 2);
    term.resize(Size::new(10, 4));
    assert_eq!(picture(&term), "1|2|3|4");
    assert_eq!(term.history_rows(), 0);
    term.resize(Size::new(10, 2));
    assert_eq!((picture(&term).as_str(), term.history_rows()), ("3|4", 2));
    // So does what leaves a region, wherever that is; not the alternate screen.
    let term = fed(10, 3, "\x1b[2;3r\x1b[3H\n\n\n\x1b[r\x1b[?1049h\n\n\n\n\n\n");
    assert_eq!(term.history_rows(), 3);
}

#[test]
fn every_capability_of_tmux_256color_does_its_work() {
    // infocmp -x tmux-256color; those tested elsewhere are left out.
    check(&[
        ("abc\x1b[H\x1b[J", "", 0, 0),                            // clear
        ("abc\x1b[1;2H\x1b[1K", "  c", 1, 0),                     // el1
        ("\x1b[2;3r\x1b[3;1Ha\nb", "|a| b", 2, 2),                // csr, ind
        ("a\x1b[2Sb", " b", 2, 0),                                // indn
        ("\x1b(B\x1b)0\x0eqx\x0fq", "─│q", 3, 0),                 // enacs, smacs, rmacs
        ("\x1bgab", "ab", 2, 0),                                  // flash
        ("\x1b[5dx\x1b[3Gy", "|||x y", 3, 3),                     // vpa, hpa
        ("ab\x1b[?1h\x1b=\x1b[?1l\x1b>c", "abc", 3, 0),           // smkx, rmkx
        ("\x1b[1mab\x1bc\x1b[?1000l\x1b[?25hc", "c", 1, 0),       // rs2, cnorm
        ("\x1b]0;t\x07\x1b]12;#fff\x07\x1b]112\x07x", "x", 1, 0), // tsl, Cs, Cr
        ("\x1b[34h\x1b[?25hx\x1b[34ly", "xy", 2, 0),              // cnorm, cvvis
        ("a\x1b[3Jb", "ab", 2, 0),                                // E3
    ]);
    let all = fed(10, 2, "\x1b[0;1;4;7;5;2;8m\x0fx\x1b[m\x0fy");
    assert_eq!(style(&all, 0, 0).attrs.names().count(), 5);
    assert_eq!(style(&all, 1, 0), Default::default());
    for (on, off) in [("?25l", "?25h"), ("?2004h", "?2004l"), ("?1000h", "?1000l")] {
        let term = fed(4, 1, &format!("\x1b[{on}\x1b[{off}"));
        assert_eq!(term.modes(), fed(4, 1, "").modes(), "{on}");
    }
    for (code, shape, blinking) in [
        (1, CursorShape::Block, true),
        (2, CursorShape::Block, false),
        (3, CursorShape::Underline, true),
        (6, CursorShape::Bar, false),
        (0, CursorShape::Default, false),
    ] {
        let cursor = fed(4, 1, &format!("\x1b[{code} q")).cursor();
        assert_eq!((cursor.shape, cursor.blinking), (shape, blinking));
    }
}

#[test]
fn line_that_runs_out_of_history_is_wrapped_whole() {
    let mut term = fed(4, 2, "abcdefghijkl");
    assert_eq!(term.history_rows(), 1);
    term.resize(Size::new(12, 2));
    assert_eq!(
        (picture(&term).as_str(), term.history_rows()),
        ("abcdefghijkl", 0)
    );
    assert_eq!(term.cursor().pos, Pos::new(11, 0));
    term.feed(b"m", &mut crate::term::Output::default());
    assert_eq!(picture(&term), "abcdefghijkl|m");
    term.resize(Size::new(3, 2));
    assert_eq!((picture(&term).as_str(), term.history_rows()), ("jkl|m", 3));
}

#[test]
fn alternate_screen_is_cut_and_the_primary_wrapped_behind_it() {
    let mut term = fed(6, 3, "abcdef\r\n$ \x1b[?1049h\x1b[3Hbottom");
    term.resize(Size::new(3, 2));
    term.verify().unwrap();
    assert_eq!(picture(&term), "|bot");
    term.feed(b"\x1b[?1049lx", &mut crate::term::Output::default());
    assert_eq!(picture(&term), "def|$ x");
}
