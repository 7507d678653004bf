//! Images leave a box of text of their size, and nothing else: sixel (VT340;
//! xterm ctlseqs: modes 80 and 8452), kitty's graphics protocol, iTerm2's inline
//! images. A cell is 8 by 16 pixels.

use stepmux::base::Size;
use stepmux::term::{Config, Output, Terminal};

use crate::{fed, line, replies};

/// Input on 12 by 4 cells, the rows, the cursor.
#[test]
fn image_leaves_a_box_and_the_cursor_where_it_would_be() {
    for (input, rows, cursor) in [
        // 24 by 32 pixels are 3 by 2 cells.
        (
            "ab\x1bP0;0;0q\"1;1;24;32#0~\x1b\\c",
            ["absix", "..c++"],
            (3, 1),
        ),
        ("ab\x1bPq\"1;1;88;16~\x1b\\", ["absixel 88x1", ""], (2, 0)),
        ("ab\x1bP9q!8~\x1b\\", ["abs", ""], (2, 0)),
        (
            "ab\x1b[?8452h\x1bP9;1q\"1;1;24;32~\x1b\\",
            ["absix", "..+++"],
            (5, 1),
        ),
        (
            "ab\x1b[?80h\x1bP9;1q\"1;1;24;32~\x1b\\c",
            ["sic", "+++"],
            (3, 0),
        ),
        ("ab\x1bPq\x1b\\c", ["abc", ""], (3, 0)),
        ("ab\x1bP1;1|17/61\x1b\\c", ["abc", ""], (3, 0)),
        // It scrolls where it has no room.
        ("\x1b[4;1Hab\x1bP9;1q\"1;1;24;32~\x1b\\c", ["", ""], (3, 3)),
        // Kitty's: by cells, by pixels; not displayed; by placeholders.
        (
            "ab\x1b_Ga=T,f=24,s=24,v=32;AAAA\x1b\\c",
            ["abkit", "..+++c"],
            (6, 1),
        ),
        (
            "ab\x1b_Ga=T,c=4,r=1,m=1;AAAA\x1b\\c\x1b_Gm=0;AAAA\x1b\\",
            ["abkittc", ""],
            (7, 0),
        ),
        (
            "ab\x1b_Ga=T,C=1,c=4,r=2;AAAA\x1b\\c",
            ["abcitt", "..++++"],
            (3, 0),
        ),
        (
            "ab\x1b_Ga=t,i=1,f=24,s=1,v=1;AAAA\x1b\\c",
            ["abc", ""],
            (3, 0),
        ),
        ("ab\x1b_Ga=T,U=1,c=4,r=2;AAAA\x1b\\c", ["abc", ""], (3, 0)),
        ("ab\x1b_Ga=d\x1b\\c\x1b_other\x1b\\d", ["abcd", ""], (4, 0)),
        // iTerm2's: by cells, by percent, to be stored.
        (
            "ab\x1b]1337;File=inline=1;width=3;height=2:AAAA\x07c",
            ["abima", "..+++c"],
            (6, 1),
        ),
        (
            "ab\x1b]1337;File=width=25%;height=16px;inline=1:AAAA\x07c",
            ["abimac", ""],
            (6, 0),
        ),
        (
            "ab\x1b]1337;File=name=eA==;size=3:AAAA\x07c",
            ["abc", ""],
            (3, 0),
        ),
        (
            "ab\x1b]1337;File=inline=1:iVBORw0KGgoAAAANSUhEUgAAABgAAAAg\x07c",
            ["abima", "..+++c"],
            (6, 1),
        ),
    ] {
        let (term, out) = fed(12, 4, input.as_bytes());
        let got = [line(&term, 0), line(&term, 1)];
        let got = got.each_ref().map(|row| row.trim_end_matches('.'));
        assert_eq!(got, rows, "{input:?}");
        let pos = term.cursor().pos;
        assert_eq!((pos.x, pos.y), cursor, "{input:?}");
        assert!(out.replies.is_empty(), "{input:?}");
    }
    let (term, _) = fed(12, 4, b"\x1b[4;1Hab\x1bP9;1q\"1;1;24;32~\x1b\\c");
    assert_eq!(line(&term, 2).trim_end_matches('.'), "absix");
    assert_eq!(line(&term, 3).trim_end_matches('.'), "..c++");
}

/// An answer of any kind would say that images are shown (kitty, "Querying
/// support"); and DA1 does not list sixel (4).
#[test]
fn image_queries_are_answered_truthfully() {
    let query = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c";
    assert_eq!(replies(query), "\x1b[?1;2c");
}

#[test]
fn huge_image_costs_neither_memory_nor_scrolling() {
    let mut term = Terminal::new(Size::new(80, 24), Config::default());
    let mut out = Output::default();
    for head in [
        &b"\x1bP0;1;0q"[..],
        b"\x1b_Ga=T,c=999999999,r=999999999;",
        b"\x1b]1337;File=inline=1;height=99999999:",
    ] {
        term.feed(head, &mut out);
        for _ in 0..64 {
            term.feed(&b"!999999999~-".repeat(8192), &mut out);
        }
        term.feed(b"\x1b\\", &mut out);
        term.verify().unwrap();
    }
    assert!(term.history_rows() <= 3 * 24);
    assert_eq!(out, Output::default());
}
