//! The history against a naive model that keeps every cell.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::base::pool::Link;
use crate::base::{Attrs, Color, LinkId, Style, StyleId, width};
use crate::term::view::ViewLine;

const NO_LIMIT: usize = usize::MAX;

/// A cell as the model keeps it.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    text: String,
    wide: bool,
    style: Style,
    link: Option<Link>,
}

fn seen(cell: Cell, pool: &Pool) -> Option<Seen> {
    if cell.is_tail() {
        return None;
    }
    let mut text = String::new();
    pool.push_text(cell, &mut text);
    let style = pool.get(cell.style);
    Some(Seen {
        text,
        wide: cell.is_wide(),
        link: pool.link_of(style.link).cloned(),
        style: Style {
            link: LinkId::NONE,
            ..style
        },
    })
}

fn blank() -> Seen {
    Seen {
        text: " ".into(),
        wide: false,
        style: Style::DEFAULT,
        link: None,
    }
}

/// Wraps a model line and fills its rows up with blanks.
fn model_rows(line: &[Seen], cols: u16) -> Vec<Vec<Seen>> {
    let mut rows = vec![Vec::new()];
    let mut used = 0;
    for cell in line {
        let width = if cell.wide { 2 } else { 1 };
        if used + width > cols {
            rows.push(Vec::new());
            used = 0;
        }
        used += width;
        rows.last_mut().unwrap().push(cell.clone());
    }
    for row in &mut rows {
        let used: u16 = row.iter().map(|c| if c.wide { 2 } else { 1 }).sum();
        row.extend(std::iter::repeat_n(blank(), usize::from(cols - used)));
    }
    rows
}

fn seen_row(history: &History, row: usize, cols: u16) -> (Vec<Seen>, bool) {
    let mut pool = Pool::new();
    let mut out = ViewLine::default();
    history.row(row, cols, &mut pool, &mut out);
    assert_eq!(out.cells.len(), usize::from(cols));
    let cells = out.cells.iter().filter_map(|c| seen(*c, &pool));
    (cells.collect(), out.wrapped)
}

fn cells_of(text: &str, style: StyleId, pool: &mut Pool) -> Vec<Cell> {
    crate::term::view::tests::text_cells(text, style, pool)
}

fn push(history: &mut History, text: &str) {
    let mut pool = Pool::new();
    let cells = cells_of(text, StyleId::DEFAULT, &mut pool);
    history.push_row(&cells, false, &pool);
}

fn text_of(history: &History, row: usize, cols: u16) -> String {
    let (cells, _) = seen_row(history, row, cols);
    let text: String = cells.iter().map(|c| c.text.as_str()).collect();
    text.trim_end().to_owned()
}

fn styles(pool: &mut Pool) -> Vec<StyleId> {
    let link = pool.link(Link {
        id: "a".into(),
        uri: "http://x/".into(),
    });
    [
        Style::DEFAULT,
        Style::DEFAULT.fg(Color::Indexed(1)),
        Style::DEFAULT.bg(Color::Rgb(1, 2, 3)),
        Style::DEFAULT.with(Attrs::BOLD),
        Style {
            link,
            ..Style::DEFAULT
        },
    ]
    .map(|style| pool.style(style))
    .to_vec()
}

/// A row of clusters, each with the index of its style.
fn row_of() -> impl Strategy<Value = (Vec<(&'static str, usize)>, bool)> {
    let cluster = prop::sample::select(vec![
        "a",
        "b",
        "~",
        " ",
        " ",
        "é",
        "日",
        "e\u{301}",
        "👩‍👩‍👧",
        "❤\u{fe0f}",
        "🇩🇪",
        "",
    ]);
    let run = (cluster, 0..5_usize, 1..9_usize);
    (prop::collection::vec(run, 0..12), any::<bool>()).prop_map(|(runs, wrapped)| {
        let cells = runs
            .into_iter()
            .flat_map(|(text, style, count)| std::iter::repeat_n((text, style), count))
            .collect();
        (cells, wrapped)
    })
}

struct Model {
    lines: Vec<Vec<Seen>>,
    open: bool,
}

impl Model {
    fn push(&mut self, cells: &[Cell], wrapped: bool, pool: &Pool) {
        if !self.open {
            self.lines.push(Vec::new());
        }
        let mut row: Vec<Seen> = cells.iter().filter_map(|c| seen(*c, pool)).collect();
        if !wrapped {
            let empty = |c: &&Cell| c.is_empty() && c.style == StyleId::DEFAULT;
            let cut = cells.iter().rev().take_while(empty).count();
            row.truncate(row.len() - cut);
        }
        self.lines.last_mut().unwrap().extend(row);
        self.open = wrapped;
    }

    fn check(&self, history: &History, cols: u16) -> Result<(), TestCaseError> {
        let mut rows = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            let wrapped = model_rows(line, cols);
            let count = wrapped.len();
            let open = self.open && n + 1 == self.lines.len();
            let mark = |(at, row)| (row, at + 1 < count || open);
            rows.extend(wrapped.into_iter().enumerate().map(mark));
        }
        prop_assert_eq!(history.rows(cols), rows.len());
        prop_assert_eq!(history.lines(), self.lines.len());
        for (at, row) in rows.iter().enumerate() {
            prop_assert_eq!(&seen_row(history, at, cols), row, "row {}", at);
        }
        for at in (0..rows.len()).rev().step_by(3) {
            prop_assert_eq!(&seen_row(history, at, cols), &rows[at], "row {}", at);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn history_reads_back_what_was_pushed_at_any_width(
        rows in prop::collection::vec(row_of(), 0..30),
        widths in prop::collection::vec(2..70_u16, 1..4),
        settle in any::<bool>(),
    ) {
        let mut pool = Pool::new();
        let styles = styles(&mut pool);
        let mut history = History::new(NO_LIMIT, NO_LIMIT);
        let mut model = Model { lines: Vec::new(), open: false };
        for (clusters, wrapped) in &rows {
            let cells = build(clusters, &styles, &mut pool);
            history.push_row(&cells, *wrapped, &pool);
            model.push(&cells, *wrapped, &pool);
            if settle {
                history.blocks.back_mut().unwrap().pack();
            }
            model.check(&history, widths[0])?;
            if settle {
                history.thaw_newest();
            }
        }
        for cols in widths {
            model.check(&history, cols)?;
        }
    }

    #[test]
    fn pop_line_gives_back_lines_newest_first(
        rows in prop::collection::vec(row_of(), 0..30),
    ) {
        let mut pool = Pool::new();
        let styles = styles(&mut pool);
        let mut history = History::new(NO_LIMIT, NO_LIMIT);
        let mut model = Model { lines: Vec::new(), open: false };
        for (clusters, wrapped) in &rows {
            let cells = build(clusters, &styles, &mut pool);
            history.push_row(&cells, *wrapped, &pool);
            model.push(&cells, *wrapped, &pool);
        }
        while let Some(line) = model.lines.pop() {
            let mut into = Pool::new();
            let (cells, open) = history.pop_line(&mut into).unwrap();
            let cells: Vec<Seen> = cells.iter().filter_map(|c| seen(*c, &into)).collect();
            prop_assert_eq!(cells, line);
            prop_assert_eq!(open, model.open);
            model.open = false;
            model.check(&history, 20)?;
        }
        prop_assert!(history.pop_line(&mut pool).is_none());
        prop_assert_eq!(history.bytes(), 0);
    }
}

fn build(clusters: &[(&str, usize)], styles: &[StyleId], pool: &mut Pool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (text, style) in clusters {
        let wide = width::str_width(text) == 2;
        cells.push(pool.cell(text, wide, styles[*style]));
        if wide {
            cells.push(Cell::tail(styles[*style]));
        }
    }
    cells
}

#[test]
fn rows_that_wrap_are_one_line() {
    let mut history = History::new(NO_LIMIT, NO_LIMIT);
    let pool = Pool::new();
    let cells = cells_of("abcde", StyleId::DEFAULT, &mut Pool::new());
    history.push_row(&cells, true, &pool);
    history.push_row(&cells, false, &pool);
    assert_eq!((history.lines(), history.pushed_rows()), (1, 2));
    assert_eq!(history.rows(5), 2);
    assert_eq!(history.rows(4), 3);
    assert_eq!(text_of(&history, 1, 4), "eabc");
    assert_eq!(text_of(&history, 0, 80), "abcdeabcde");
}

#[test]
fn limit_drops_a_tenth_of_the_oldest_lines() {
    let mut history = History::new(100, NO_LIMIT);
    for n in 0..100 {
        push(&mut history, &format!("line {n}"));
    }
    assert_eq!((history.lines(), history.dropped_lines()), (100, 0));
    push(&mut history, "line 100");
    assert_eq!((history.lines(), history.dropped_lines()), (91, 10));
    assert_eq!(text_of(&history, 0, 80), "line 10");
    history.set_limit(5, NO_LIMIT);
    assert_eq!(text_of(&history, 0, 80), "line 96");
    assert_eq!(history.rows(80), 5);
    history.set_limit(0, NO_LIMIT);
    push(&mut history, "gone");
    assert_eq!((history.lines(), history.rows(80)), (0, 0));
}

#[test]
fn many_blocks_are_read_compressed_and_dropped() {
    let mut history = History::new(30_000, NO_LIMIT);
    for n in 0..50_000 {
        push(&mut history, &format!("{n} some text of a build log {n}"));
    }
    let first = 50_000 - history.lines();
    assert!(history.blocks.len() > 8, "{}", history.blocks.len());
    for row in [0, 1, 777, 12_345, history.lines() - 1, 3] {
        let n = first + row;
        let want = format!("{n} some text of a build log {n}");
        assert_eq!(text_of(&history, row, 80), want);
    }
    assert_eq!(history.rows(20), 2 * history.lines());
    history.settle();
    let mut pool = Pool::new();
    for n in (first..50_000).rev() {
        let (cells, open) = history.pop_line(&mut pool).unwrap();
        assert_eq!(
            cells.len(),
            format!("{n} some text of a build log {n}").len()
        );
        assert!(!open);
    }
    assert_eq!((history.lines(), history.bytes()), (0, 0));
}

#[test]
fn byte_limit_drops_whole_blocks() {
    let mut history = History::new(NO_LIMIT, 300_000);
    for n in 0..100_000 {
        push(&mut history, &format!("{:x}", n * 2_654_435_761_u64));
    }
    assert!(history.bytes() < 600_000, "{}", history.bytes());
    assert!(history.dropped_lines() > 0);
    let sum: usize = history.blocks.iter().map(Block::bytes).sum();
    assert_eq!(history.bytes(), sum);
}

#[test]
fn endless_line_is_cut_and_stays_readable() {
    let mut history = History::new(NO_LIMIT, NO_LIMIT);
    let pool = Pool::new();
    let cells = cells_of(&"x".repeat(80), StyleId::DEFAULT, &mut Pool::new());
    for _ in 0..5_000 {
        history.push_row(&cells, true, &pool);
    }
    assert_eq!(history.lines(), 13);
    assert!((0..history.rows(80)).all(|row| seen_row(&history, row, 80).1));
    let (_, open) = history.pop_line(&mut Pool::new()).unwrap();
    assert!(open && history.is_open());
    history.push_row(&cells, false, &pool);
    assert!(!history.is_open());
    assert_eq!(history.lines(), 13);
}

#[test]
fn erased_blanks_keep_their_colour_but_are_not_text() {
    let mut pool = Pool::new();
    let red = pool.style(Style::DEFAULT.bg(Color::Indexed(1)));
    let mut cells = cells_of("ab", red, &mut pool);
    cells.resize(10, Cell::empty(red));
    let mut history = History::new(NO_LIMIT, NO_LIMIT);
    history.push_row(&cells, false, &pool);
    let mut out = ViewLine::default();
    let mut view = Pool::new();
    history.row(0, 10, &mut view, &mut out);
    assert!(out.cells[9].is_empty());
    assert_eq!(view.get(out.cells[9].style).bg, Color::Indexed(1));
    assert_eq!(out.used(), 2);
}

#[test]
fn styles_stay_right_when_the_pool_is_rebuilt() {
    let mut history = History::new(NO_LIMIT, NO_LIMIT);
    for color in [1, 2] {
        let mut pool = Pool::new();
        let style = pool.style(Style::DEFAULT.fg(Color::Indexed(color)));
        history.push_row(&[Cell::narrow('x', style)], false, &pool);
    }
    let colors = [0, 1].map(|row| seen_row(&history, row, 4).0[0].style.fg);
    assert_eq!(colors, [Color::Indexed(1), Color::Indexed(2)]);
}

#[test]
fn clear_gives_the_memory_back() {
    let mut history = History::new(NO_LIMIT, NO_LIMIT);
    for _ in 0..5_000 {
        push(&mut history, "some line");
    }
    history.clear();
    assert_eq!(
        (history.bytes(), history.lines(), history.rows(9)),
        (0, 0, 0)
    );
    push(&mut history, "again");
    assert_eq!(text_of(&history, 0, 80), "again");
}

/// A store in memory, which can be told to fail.
#[derive(Debug, Default)]
struct TestStore {
    bytes: std::sync::Mutex<Vec<u8>>,
    freed: std::sync::atomic::AtomicUsize,
    full: std::sync::atomic::AtomicBool,
    broken: std::sync::atomic::AtomicBool,
}

impl store::BlockStore for TestStore {
    fn append(&self, bytes: &[u8]) -> Result<u64, store::StoreError> {
        if self.full.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(store::StoreError("no space left".into()));
        }
        let mut all = self.bytes.lock().unwrap();
        all.extend_from_slice(bytes);
        Ok((all.len() - bytes.len()) as u64)
    }

    fn read(&self, at: u64, len: usize, out: &mut Vec<u8>) -> Result<(), store::StoreError> {
        if self.broken.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(store::StoreError("gone".into()));
        }
        let all = self.bytes.lock().unwrap();
        out.clear();
        out.extend_from_slice(&all[at as usize..at as usize + len]);
        Ok(())
    }

    fn free(&self, _: u64, len: usize) {
        self.freed
            .fetch_add(len, std::sync::atomic::Ordering::Relaxed);
    }
}

/// The text of every row at a width.
fn row_texts(history: &History, cols: u16) -> Vec<String> {
    let (mut pool, mut line) = (Pool::new(), ViewLine::default());
    let mut texts = Vec::new();
    for row in 0..history.rows(cols) {
        history.row(row, cols, &mut pool, &mut line);
        let mut text = String::new();
        line.cells[..line.used()]
            .iter()
            .for_each(|cell| pool.push_text(*cell, &mut text));
        texts.push(text);
    }
    texts
}

fn numbered(lines: usize) -> History {
    let mut history = History::new(1_000_000, usize::MAX);
    let mut pool = Pool::new();
    for n in 0..lines {
        let text = format!(
            "line {n} {}",
            ["ascii ", "wide 漢字 "][n % 2].repeat(n % 17)
        );
        let cells = crate::term::view::tests::text_cells(&text, StyleId::DEFAULT, &mut pool);
        history.push_row(&cells, false, &pool);
    }
    history
}

#[test]
fn stored_blocks_read_as_those_in_memory() {
    let plain = numbered(8000);
    let mut history = numbered(8000);
    let test = Arc::new(TestStore::default());
    history.set_store(test.clone());
    let before = history.bytes();
    while history.shed() > 0 {}
    assert!(
        history.bytes() < before / 4,
        "{} of {before}",
        history.bytes()
    );
    assert!(history.blocks.len() > 4);
    for cols in [200, 40] {
        assert_eq!(row_texts(&history, cols), row_texts(&plain, cols), "{cols}");
    }
    // Lines come back out of it, and go on to be written.
    let mut pool = Pool::new();
    for _ in 0..7990 {
        history.pop_line(&mut pool).unwrap();
    }
    history.push_row(&[Cell::narrow('x', StyleId::DEFAULT)], false, &pool);
    let texts = row_texts(&history, 200);
    assert_eq!((texts.len(), texts[10].as_str()), (11, "x"));
    history.clear();
    let all = test.bytes.lock().unwrap().len();
    assert_eq!(test.freed.load(std::sync::atomic::Ordering::Relaxed), all);
}

#[test]
fn store_that_fails_loses_only_what_it_held() {
    let mut history = numbered(8000);
    let test = Arc::new(TestStore::default());
    history.set_store(test.clone());
    history.shed();
    let held = history.blocks[0].lines();
    test.full.store(true, std::sync::atomic::Ordering::Relaxed);
    history.shed();
    let lost = history.blocks[1].lines();
    let texts = row_texts(&history, 500);
    assert_eq!(texts.len(), 8000);
    assert!(texts[0].starts_with("line 0"));
    assert!(texts[held].starts_with("[lines lost"), "{}", texts[held]);
    assert_eq!(texts[held + 1], "");
    assert!(texts[held + lost].starts_with(&format!("line {} ", held + lost)));
    test.broken
        .store(true, std::sync::atomic::Ordering::Relaxed);
    history.settle();
    assert!(row_texts(&history, 500)[0].starts_with("[lines lost"));
    assert_eq!(row_texts(&history, 9).len(), history.rows(9));
}

#[test]
fn history_without_a_store_sheds_its_oldest_lines() {
    let mut history = numbered(8000);
    let before = history.bytes();
    let freed = history.shed();
    assert!(freed > 0 && history.bytes() == before - freed);
    assert!(history.lines() < 8000 && history.dropped_lines() > 0);
    while history.shed() > 0 {}
    assert!(history.lines() > 0);
}

#[test]
fn settled_history_is_small_and_goes_on() {
    let mut history = History::new(2000, usize::MAX);
    let pool = Pool::new();
    let row = |n: usize| {
        let text = format!("{n:05} {}", "some words of a log line ".repeat(4));
        text.chars()
            .take(100)
            .map(|ch| Cell::narrow(ch, StyleId::DEFAULT))
            .collect::<Vec<Cell>>()
    };
    for n in 0..1900 {
        history.push_row(&row(n), false, &pool);
    }
    history.settle();
    let each = history.bytes() / history.lines();
    assert!(each <= 80, "{each}");
    let blocks = history.blocks.len();
    for n in 1900..1950 {
        history.push_row(&row(n), false, &pool);
        history.settle();
    }
    assert!(history.blocks.len() <= blocks + 1);
    assert!(row_texts(&history, 100)[1949].starts_with("01949"));
}

#[test]
fn history_keeps_tabs_with_wide_and_coloured_cells() {
    let mut pool = Pool::new();
    let red = pool.style(Style {
        fg: Color::Indexed(1),
        ..Style::DEFAULT
    });
    let tab = |len: usize, style| (0..len).map(move |at| Cell::tab(at == 0, style));
    let plain = StyleId::DEFAULT;
    let mut ascii = vec![Cell::narrow('a', plain)];
    ascii.extend(tab(7, plain));
    ascii.extend(tab(8, red));
    ascii.push(Cell::narrow('b', plain));
    let mut wide = vec![Cell::wide('日', plain), Cell::tail(plain)];
    wide.extend(tab(6, plain));
    wide.push(Cell::narrow('é', red));
    let mut history = History::new(100, usize::MAX);
    for cells in [&ascii, &wide] {
        history.push_row(cells, false, &pool);
    }
    let mut line = ViewLine::default();
    for (row, cells) in [(0, &ascii), (1, &wide)] {
        history.row(row, 40, &mut pool, &mut line);
        let tabs = |cells: &[Cell]| -> Vec<(bool, bool)> {
            let of = |cell: &Cell| (cell.is_tab(), cell.is_tab_rest());
            cells.iter().map(of).collect()
        };
        assert_eq!(tabs(&line.cells[..cells.len()]), tabs(cells), "{row}");
    }
    // A tab that a narrower row cuts goes on as blanks of it.
    history.row(0, 4, &mut pool, &mut line);
    assert!(line.cells[1].is_tab() && line.cells[2].is_tab_rest());
    history.row(1, 4, &mut pool, &mut line);
    assert!(line.cells[0].is_tab_rest());
}
