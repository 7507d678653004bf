//! What a capture with escapes (tmux(1), capture-pane -e) writes, fed to a fresh
//! terminal, gives the same cells: of the screen, and of the history.

use proptest::prelude::*;

use super::super::{CaptureOptions, CaptureRange, Config, Output, Terminal};
use crate::base::{Pool, Size, Style, StyleId};
use crate::term::ViewLine;

/// A piece of a program's output: text, styles, motion and erasure. No piece
/// puts characters side by side that join only there.
fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "a",
        "some text",
        "   ",
        "back\\slash",
        "é",
        "e\u{301}",
        "漢字",
        "👩\u{200d}🚀",
        "▄",
        "\u{a0}",
    ]);
    let sgr = prop::sample::select(vec![
        "",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "7",
        "8",
        "9",
        "22",
        "24",
        "27",
        "31",
        "42",
        "93",
        "104",
        "38;5;208",
        "48;5;17",
        "38;2;1;2;3",
        "48;2;200;100;0",
        "58;5;9",
        "58;2;4;5;6",
        "59",
        "4:2",
        "4:3",
        "4:4",
        "4:5",
        "53",
        "55",
        "39",
        "49",
    ]);
    let links = prop::sample::select(vec![";", ";http://a/", "id=7;http://a/", ";http://b/?x=1"]);
    prop_oneof![
        6 => words.prop_map(str::to_owned),
        4 => sgr.prop_map(|codes| format!("\x1b[{codes}m")),
        1 => links.prop_map(|link| format!("\x1b]8;{link}\x1b\\")),
        3 => Just("\r\n".to_owned()),
        1 => (1..30_u8).prop_map(|x| format!("\x1b[{x}G")),
        1 => (0..3_u8).prop_map(|how| format!("\x1b[{how}K")),
        1 => Just("\x1b[J".to_owned()),
    ]
}

/// A row as it is seen: each cell's text, its style and its link.
fn seen(term: &Terminal, row: usize) -> Vec<(String, Style, Option<String>)> {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    term.view_row(row, &mut pool, &mut line);
    let cells = line.cells.iter().map(|cell| {
        let mut text = String::new();
        if !cell.is_pad() {
            pool.push_text(*cell, &mut text);
        }
        // A margin's blank is no cell of the text.
        let id = if cell.is_pad() {
            StyleId::DEFAULT
        } else {
            cell.style
        };
        let mut style = pool.get(id);
        let link = pool
            .link_of(style.link)
            .map(|to| format!("{}|{}", to.id, to.uri));
        style.link = crate::base::LinkId::NONE;
        let text = if text.is_empty() && !cell.is_tail() {
            " ".to_owned()
        } else {
            text
        };
        (text, style, link)
    });
    cells.collect()
}

proptest! {
    #[test]
    fn capture_with_escapes_gives_the_same_cells(
        pieces in prop::collection::vec(piece(), 1..80),
        cols in 2..24_u16,
        rows in 1..8_u16,
    ) {
        let mut term = Terminal::new(Size::new(cols, rows), Config::default());
        term.feed(pieces.concat().as_bytes(), &mut Output::default());
        // Of what is left of a wide character that was erased in part, captures
        // write the whole, as tmux's do.
        let half = |y| term.row(y).iter().any(|cell| cell.is_half());
        prop_assume!(!(0..rows).any(half));
        let above = term.history_rows();
        let options = CaptureOptions {
            escapes: true,
            trailing: true,
            ..CaptureOptions::default()
        };
        for start in [Some(i64::MIN), None] {
            let first = if start.is_some() { 0 } else { above };
            let count = above + usize::from(rows) - first;
            let text = term.capture(CaptureRange { start, end: None }, options);
            let text = text.strip_suffix('\n').unwrap_or(&text).replace('\n', "\r\n");
            let mut again = Terminal::new(Size::new(cols, count as u16), Config::default());
            again.feed(text.as_bytes(), &mut Output::default());
            prop_assert_eq!(again.history_rows(), 0, "{:?}", text);
            for row in 0..count {
                prop_assert_eq!(seen(&again, row), seen(&term, first + row), "row {} of {:?}", row, text);
            }
        }
    }
}
