//! Clusters and widths as a program sees them: print, then ask where the cursor
//! is (UAX #11, UAX #29, UTS #51; conjoining Hangul: Unicode §3.12; wide cells
//! under overwrites: xterm).

use proptest::prelude::*;
use stepmux::base::Size;
use stepmux::term::{Config, Output, Terminal};

use crate::{fed, line};

/// Text printed from the left margin, the columns it took, and the cells.
#[test]
fn cluster_takes_one_cell_of_its_width() {
    for (text, columns, cells) in [
        ("e\u{301}x", 2, "e\u{301}x"),
        ("\u{301}x", 1, "x"),
        ("👩\u{200d}👩\u{200d}👧x", 3, "👩\u{200d}👩\u{200d}👧_x"),
        ("🧑🏿\u{200d}🤝\u{200d}🧑🏻", 2, "🧑🏿\u{200d}🤝\u{200d}🧑🏻_"),
        ("🙂\u{200d}↔\u{fe0f}", 2, "🙂\u{200d}↔\u{fe0f}_"),
        ("🏳\u{fe0f}\u{200d}🌈", 2, "🏳\u{fe0f}\u{200d}🌈_"),
        ("👍🏽👍", 4, "👍🏽_👍_"),
        ("🏽", 2, "🏽_"),
        ("a🏽", 3, "a🏽_"),
        ("🇩🇪🇫🇷", 4, "🇩🇪_🇫🇷_"),
        ("🇩🇪🇫", 3, "🇩🇪_🇫"),
        ("🇩x", 2, "🇩x"),
        ("❤\u{fe0f}x", 3, "❤\u{fe0f}_x"),
        ("❤\u{fe0e}x", 2, "❤\u{fe0e}x"),
        ("⌚\u{fe0f}x", 3, "⌚\u{fe0f}_x"),
        ("1\u{fe0f}\u{20e3}x", 3, "1\u{fe0f}\u{20e3}_x"),
        ("#\u{20e3}x", 2, "#\u{20e3}x"),
        ("a\u{fe0f}x", 2, "a\u{fe0f}x"),
        ("ᄒ\u{1161}\u{11ab}ᄀ", 4, "ᄒ\u{1161}\u{11ab}_ᄀ_"),
        ("가\u{11a8}x", 3, "가\u{11a8}_x"),
        ("क\u{94d}ष", 2, "क\u{94d}ष"),
        ("क\u{93f}", 2, "क\u{93f}"),
        ("ก\u{e33}", 2, "ก\u{e33}"),
        ("a\u{ad}b", 3, "a\u{ad}b"),
        ("a\u{200b}b", 2, "a\u{200b}b"),
        ("😀\u{200d}a", 3, "😀\u{200d}_a"),
        ("\u{2028}a", 1, "a"),
    ] {
        let (term, _) = fed(20, 2, text.as_bytes());
        assert_eq!(term.cursor().pos.x, columns, "{text:?}");
        let got = line(&term, 0);
        assert_eq!(got.trim_end_matches('.'), cells, "{text:?}");
    }
}

/// Columns, input, rows, cursor.
#[test]
fn wide_cell_keeps_whole_at_margins_and_under_overwrites() {
    for (input, rows, cursor) in [
        // It does not fit: the last column is left blank.
        ("abcd日", ["abcd.", "日_..."], (2, 1)),
        ("abcde\u{301}f", ["abcde\u{301}", "f...."], (1, 1)),
        // A cluster that becomes wide at the last column moves on.
        ("abcd❤\u{fe0f}", ["abcd.", "❤\u{fe0f}_..."], (2, 1)),
        ("abcd🇩🇪", ["abcd.", "🇩🇪_..."], (2, 1)),
        ("abc❤\u{fe0f}x", ["abc❤\u{fe0f}_", "x...."], (1, 1)),
        // Without wrapping what does not fit is not written.
        ("\x1b[?7labcd日", ["abcd.", "....."], (4, 0)),
        ("\x1b[?7labc日本", ["abc日_", "....."], (4, 0)),
        ("\x1b[?7labcdef\u{301}", ["abcdf\u{301}", "....."], (4, 0)),
        ("\x1b[?7labcd❤\u{fe0f}", ["abcd❤", "....."], (4, 0)),
        // Either half written over blanks the other.
        ("日本\x1b[1;2Hx", [".x本_.", "....."], (2, 0)),
        ("日本\x1b[1;1Hx", ["x.本_.", "....."], (1, 0)),
        ("日本\x1b[1;2H語", [".語_..", "....."], (3, 0)),
        ("日本\x1b[1;2H\x1b[X", ["..本_.", "....."], (1, 0)),
        ("日本\x1b[1;2H\x1b[P", [".本_..", "....."], (1, 0)),
        ("日本\x1b[1;2H\x1b[@", ["...本_", "....."], (1, 0)),
        ("日本\x1b[1;4H\x1b[1K", [".....", "....."], (3, 0)),
        // Insert mode shifts by the width; the half pushed off is blanked.
        ("abc\x1b[4h\x1b[1;2H日", ["a日_bc", "....."], (3, 0)),
        ("a日b\x1b[4h\x1b[1;1Hxy", ["xya日_", "....."], (2, 0)),
        ("a日本\x1b[4h\x1b[1;1Hx", ["xa日_.", "....."], (1, 0)),
        (
            "abcd\x1b[4h\x1b[1;1H❤\u{fe0f}",
            ["❤\u{fe0f}_abc", "....."],
            (2, 0),
        ),
        // Left and right margins.
        (
            "\x1b[?69h\x1b[2;4s\x1b[1;2Ha日本",
            [".a日_.", ".本_.."],
            (3, 1),
        ),
        (
            "\x1b[?69h\x1b[2;4s\x1b[1;2Hab日",
            [".ab..", ".日_.."],
            (3, 1),
        ),
    ] {
        let (term, _) = fed(5, 2, input.as_bytes());
        let got = [line(&term, 0), line(&term, 1)];
        assert_eq!(got, rows, "{input:?}");
        let pos = term.cursor().pos;
        assert_eq!((pos.x, pos.y), cursor, "{input:?}");
    }
}

/// xterm keeps combining with what was written last even where the cursor
/// stands on it.
#[test]
fn mark_joins_the_cell_at_the_last_column() {
    let (term, _) = fed(3, 2, "abc\u{301}\u{302}d".as_bytes());
    assert_eq!(line(&term, 0), "abc\u{301}\u{302}");
    assert_eq!(line(&term, 1), "d..");
}

#[test]
fn a_million_marks_are_kept_to_a_bound() {
    let mut term = Terminal::new(Size::new(80, 24), Config::default());
    let mut out = Output::default();
    for piece in [1, 7, 4096] {
        let marks = "\u{301}".repeat(1_000_000 / piece.max(100));
        for chunk in format!("e{marks}").as_bytes().chunks(piece) {
            term.feed(chunk, &mut out);
        }
    }
    assert!(term.pool().cluster_bytes() < 2 << 20);
    assert_eq!(term.cursor().pos.x, 3);
}

const PIECES: [&str; 24] = [
    "a", " ", "bc", "é", "e\u{301}", "\u{301}", "\u{fe0f}", "\u{fe0e}", "\u{200d}", "👩", "💻",
    "❤", "🏽", "🇩", "🇪", "日", "ᄒ", "\u{1161}", "가", "\u{11a8}", "1", "\u{20e3}", "─", "\u{ad}",
];

proptest! {
    /// However the input is cut, the screen is the same.
    #[test]
    fn cut_of_the_input_changes_nothing(
        parts in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60),
        modes in prop::sample::select(vec!["", "\x1b[?7l", "\x1b[4h", "\x1b[?69h\x1b[3;9s"]),
        cut in 1usize..9,
    ) {
        let text = format!("{modes}{}", parts.concat());
        let (whole, _) = fed(11, 4, text.as_bytes());
        let mut other = Terminal::new(Size::new(11, 4), Config::default());
        for chunk in text.as_bytes().chunks(cut) {
            other.feed(chunk, &mut Output::default());
        }
        other.verify().unwrap();
        for y in 0..4 {
            prop_assert_eq!(line(&whole, y), line(&other, y));
            prop_assert_eq!(whole.row_wrapped(y), other.row_wrapped(y));
        }
        prop_assert_eq!(whole.cursor(), other.cursor());
    }

    /// What a row holds reads back as cells of the same text and width.
    #[test]
    fn row_has_the_width_of_its_text(
        parts in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30),
    ) {
        let text = parts.concat();
        let (term, _) = fed(80, 2, text.as_bytes());
        let kept: String = line(&term, 0).replace(['_', '.'], "");
        prop_assert_eq!(
            stepmux::base::width::str_width(&kept),
            usize::from(term.cursor().pos.x)
        );
    }
}
