//! Search against a naive one over the rows' text.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::base::StyleId;
use crate::term::history::History;
use crate::term::view::tests::{TextRows, text_cells};

const COLS: u16 = 6;

/// Pushes rows (a trailing `\` marks a wrapped one) into a history.
fn history_of(rows: &[String], settle: bool) -> History {
    let mut history = History::new(usize::MAX, usize::MAX);
    let mut pool = Pool::new();
    for row in rows {
        let text = row.strip_suffix('\\').unwrap_or(row);
        let cells = text_cells(text, StyleId::DEFAULT, &mut pool);
        history.push_row(&cells, text.len() < row.len(), &pool);
    }
    if settle {
        history.settle();
    }
    history
}

fn at(row: usize, col: u16) -> ViewPos {
    ViewPos::new(row, col)
}

/// Every start of a match, overlapping ones too, found cell by cell.
fn naive(view: &View<'_>, needle: &str) -> Vec<ViewPos> {
    let mut lines: Vec<Vec<(char, ViewPos)>> = vec![Vec::new()];
    let mut pool = Pool::new();
    let mut line = ViewLine::default();
    for row in 0..view.rows() {
        view.row(row, &mut pool, &mut line);
        for col in 0..view.cols() {
            let cell = line.cells[usize::from(col)];
            let mut text = String::new();
            pool.push_text(cell, &mut text);
            if !cell.is_pad() {
                let chars = text.chars().map(|ch| (ch, at(row, col)));
                lines.last_mut().unwrap().extend(chars);
            }
        }
        if !line.wrapped {
            lines.push(Vec::new());
        }
    }
    let needle: Vec<char> = needle.chars().collect();
    let mut found = Vec::new();
    for line in lines {
        for window in line.windows(needle.len()) {
            if window.iter().map(|(ch, _)| *ch).eq(needle.iter().copied()) {
                found.push(window[0].1);
            }
        }
    }
    found
}

/// A row of exactly six columns when wrapped, so that nothing is padded.
fn row_of() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "ababab\\",
        "XaXbXa\\",
        "abXXab",
        "bXXb",
        "",
        "日Xab",
        "a日bab\\",
        "XX",
        "b",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn search_finds_what_a_naive_one_finds(
        rows in prop::collection::vec(row_of(), 0..20),
        screen in prop::collection::vec(row_of(), 1..5),
        needle in prop::sample::select(vec!["Xa", "XX", "X", "aX", "bX", "日X", "abX"]),
        from in (0..25_usize, 0..COLS),
        settle in any::<bool>(),
        regex in any::<bool>(),
    ) {
        let history = history_of(&rows, settle);
        let screen: Vec<&str> = screen.iter().map(String::as_str).collect();
        let screen = TextRows::new(COLS, &screen);
        let view = View { history: &history, screen: &screen };
        let query = if regex {
            Query::regex(needle).unwrap()
        } else {
            Query::literal(needle).unwrap()
        };
        let from = at(from.0.min(view.rows() - 1), from.1);
        let all = naive(&view, needle);
        let start = |direction, wrap| {
            search(&view, &query, from, direction, wrap).map(|found| found.start)
        };
        let next = all.iter().copied().find(|pos| *pos > from);
        prop_assert_eq!(start(Direction::Forward, false), next);
        prop_assert_eq!(start(Direction::Forward, true), next.or(all.first().copied()));
        // A backward search by expression takes matches that do not overlap.
        if needle != "XX" {
            let before = all.iter().copied().rev().find(|pos| *pos < from);
            prop_assert_eq!(start(Direction::Backward, false), before);
            prop_assert_eq!(start(Direction::Backward, true), before.or(all.last().copied()));
            let shown: Vec<ViewPos> = matches_in(&view, &query, 0..view.rows())
                .into_iter()
                .map(|found| found.start)
                .collect();
            prop_assert_eq!(&shown, &all);
            prop_assert_eq!(count(&view, &query, 1000), (all.len(), false));
            prop_assert_eq!(count(&view, &query, 1).0, all.len().min(1));
        }
    }
}

fn find(rows: &[&str], query: &Query) -> Option<(ViewPos, ViewPos)> {
    let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    let history = history_of(&rows, true);
    let screen = TextRows::new(10, &[""]);
    let view = View {
        history: &history,
        screen: &screen,
    };
    let found = search(&view, query, at(0, 0), Direction::Forward, true)?;
    Some((found.start, found.end))
}

#[test]
fn case_counts_only_with_upper_case_letters() {
    let rows = ["one", "TWO two", "straße É"];
    let literal = |text| find(&rows, &Query::literal(text).unwrap());
    assert_eq!(literal("two"), Some((at(1, 0), at(1, 2))));
    assert_eq!(literal("TWO"), Some((at(1, 0), at(1, 2))));
    assert_eq!(literal("Two"), None);
    assert_eq!(literal("é"), Some((at(2, 7), at(2, 7))));
    assert_eq!(literal("."), None);
}

#[test]
fn expression_sees_one_line_at_a_time() {
    let rows = ["error: x", "", "  end  ", "0x1f"];
    let regex = |text| find(&rows, &Query::regex(text).unwrap());
    assert_eq!(regex(r"^\s+end"), Some((at(2, 0), at(2, 4))));
    assert_eq!(regex(r"x\s+end"), None);
    assert_eq!(regex(r"[^a]*$"), Some((at(0, 1), at(0, 7))));
    assert_eq!(regex(r"\A0x[0-9a-f]+\z"), Some((at(3, 0), at(3, 3))));
    assert_eq!(regex("x*"), Some((at(0, 7), at(0, 7))));
}

#[test]
fn bad_patterns_are_told() {
    assert!(Query::literal("").is_err());
    assert!(Query::regex("").is_err());
    let error = Query::regex("a(").unwrap_err().to_string();
    assert_eq!(error, "unclosed group");
    assert!(Query::regex(&"(a{1000}){1000}".repeat(9)).is_err());
}

#[test]
fn match_goes_on_from_the_history_into_the_screen() {
    let history = history_of(&["zzabcd\\".to_owned()], false);
    let screen = TextRows::new(6, &["efgh", ""]);
    let view = View {
        history: &history,
        screen: &screen,
    };
    let query = Query::literal("cdef").unwrap();
    let want = Some(Match {
        start: at(0, 4),
        end: at(1, 1),
    });
    for direction in [Direction::Forward, Direction::Backward] {
        assert_eq!(search(&view, &query, at(0, 0), direction, true), want);
    }
    assert_eq!(matches_in(&view, &query, 1..2).len(), 1);
    assert_eq!(count(&view, &query, 9), (1, false));
}

#[test]
fn compressed_blocks_are_searched_whatever_their_filters_say() {
    let mut term = Terminal::new(
        crate::base::Size::new(60, 5),
        crate::term::Config {
            history_lines: 100_000,
            ..crate::term::Config::default()
        },
    );
    for n in 0..6000 {
        let marker = if n % 1999 == 7 {
            "Needle ÄÖ"
        } else {
            "nothing"
        };
        let text = format!("line {n} of some log {marker} here\r\n");
        term.feed(text.as_bytes(), &mut crate::term::Output::default());
    }
    term.settle();
    let bottom = ViewPos::new(term.history_rows(), 0);
    for (query, count) in [
        (Query::literal("Needle"), 3),
        (Query::literal("needle"), 3),
        (Query::literal("needle äö"), 3),
        (Query::literal("Needle ÄÖ here"), 3),
        (Query::literal("NEEDLE"), 0),
        (Query::literal("ä"), 3),
        (Query::literal("2006 of"), 1),
        (Query::regex("need[l]e .{2} h"), 3),
        (Query::literal("zq"), 0),
    ] {
        let query = query.unwrap();
        assert_eq!(term.count_matches(&query, 99), (count, false), "{query:?}");
        let up = term.search(&query, bottom, Direction::Backward, false);
        let down = term.search(&query, ViewPos::default(), Direction::Forward, false);
        assert_eq!((up.is_some(), down.is_some()), (count > 0, count > 0));
    }
}
