//! The pure parts by themselves, with criterion: what a pane's terminal takes
//! from a program, what a client's terminal is sent, and the history. No pty, no
//! server: `cargo bench --bench term [-- FILTER]`.

#[path = "corpus/mod.rs"]
mod corpus;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use stepmux::base::{Cell, Pool, Size, StyleId};
use stepmux::term::history::History;
use stepmux::term::{
    CaptureOptions, CaptureRange, Config, Direction, Output, Query, Terminal, ViewPos,
};
use stepmux::tty::{Caps, Frame, diff};

use corpus::{Dice, Kind, LINE, generate, history_lines};

/// Columns and rows of every terminal here.
const COLS: u16 = 200;
/// Rows of the terminals that are fed.
const ROWS: u16 = 50;
/// Rows of the frames that are drawn.
const FRAME_ROWS: u16 = 60;
/// Lines of the history that is searched.
const LINES: usize = 1_000_000;

/// Lines of the history that lies in a file.
const STORED: usize = 10_000_000;
/// Lines of the history that is captured.
const CAPTURED: usize = 100_000;

fn main() {
    // cargo test gives no --bench: then each body runs once, and what takes
    // long is left out.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20)
        .configure_from_args();
    feed(&mut criterion, if measured { 4_000_000 } else { 20_000 });
    draw(&mut criterion);
    push(&mut criterion);
    search(&mut criterion, if measured { LINES } else { 1000 });
    stored(&mut criterion, if measured { STORED } else { 1000 });
    capture(&mut criterion, if measured { CAPTURED } else { 1000 });
    criterion.final_summary();
}

/// A terminal takes a corpus whole, in reads of a pty, and byte by byte.
fn feed(criterion: &mut Criterion, bytes: usize) {
    let mut group = criterion.benchmark_group("feed");
    for kind in [Kind::Plain, Kind::Coloured, Kind::Dense, Kind::Unicode] {
        let corpus = generate(kind, bytes);
        for (name, chunk, share) in [("bulk", bytes, 1), ("4k", 4096, 1), ("bytes", 1, 8)] {
            let part = &corpus[..corpus.len() / share];
            group.throughput(Throughput::Bytes(part.len() as u64));
            group.bench_function(format!("{}/{name}", kind.name()), |bencher| {
                let mut terminal = Terminal::new(Size::new(COLS, ROWS), Config::default());
                bencher.iter(|| feed_all(&mut terminal, part, chunk));
            });
        }
    }
    group.finish();
}

fn feed_all(terminal: &mut Terminal, bytes: &[u8], chunk: usize) {
    let mut out = Output::default();
    for part in bytes.chunks(chunk) {
        terminal.feed(black_box(part), &mut out);
    }
    black_box(out);
}

/// A client is sent what changed between two frames.
fn draw(criterion: &mut Criterion) {
    let caps = Caps::from_env("xterm-256color", |_| None, true);
    let mut terminal = Terminal::new(Size::new(COLS, FRAME_ROWS), Config::default());
    feed_all(&mut terminal, &generate(Kind::Coloured, 40_000), 4096);
    let shown = frame_of(&terminal);
    let mut group = criterion.benchmark_group("diff");
    for rows in [0, 1, 10, FRAME_ROWS] {
        let mut new = shown.clone();
        for y in 0..rows {
            let changed: Vec<Cell> = shown.row(y).iter().rev().copied().collect();
            new.set_row(y, &changed);
        }
        let mut out = Vec::with_capacity(1 << 20);
        group.bench_function(format!("{rows} rows"), |bencher| {
            bencher.iter(|| {
                out.clear();
                diff(
                    Some(&shown),
                    black_box(&new),
                    terminal.pool(),
                    &caps,
                    &mut out,
                );
                black_box(out.len())
            });
        });
    }
    group.finish();
}

fn frame_of(terminal: &Terminal) -> Frame {
    let mut frame = Frame::new(terminal.size(), terminal.pool_generation());
    for y in 0..terminal.size().rows() {
        frame.set_row(y, terminal.row(y));
    }
    frame
}

/// Rows scroll off into a history that is full.
fn push(criterion: &mut Criterion) {
    const BATCH: usize = 1000;
    let mut pool = Pool::new();
    let bold = stepmux::base::Style {
        attrs: stepmux::base::Attrs::BOLD,
        ..stepmux::base::Style::DEFAULT
    };
    let bold = pool.style(bold);
    let mut group = criterion.benchmark_group("history");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (name, accent) in [("plain", StyleId::DEFAULT), ("coloured", bold)] {
        let rows: Vec<Vec<Cell>> = rows(BATCH, accent);
        group.bench_function(format!("push/{name}"), |bencher| {
            bencher.iter_batched_ref(
                || History::new(100_000, 64 << 20),
                |history| {
                    for row in &rows {
                        history.push_row(black_box(row), false, &pool);
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Rows of a log, of which every third word or so has the accent's style.
fn rows(count: usize, accent: StyleId) -> Vec<Vec<Cell>> {
    let mut dice = Dice::new(7);
    let text = history_lines(count, false);
    let lines = text.split(|byte| *byte == b'\n').take(count);
    let row = |line: &[u8]| {
        let mut style = StyleId::DEFAULT;
        let mut cells = vec![Cell::EMPTY; usize::from(COLS)];
        for (cell, byte) in cells.iter_mut().zip(line.iter().take(LINE)) {
            if *byte == b' ' {
                style = [accent, StyleId::DEFAULT, StyleId::DEFAULT][dice.below(3)];
            }
            *cell = Cell::narrow(char::from(*byte), style);
        }
        cells
    };
    lines.map(row).collect()
}

/// A whole history is searched, both ways, for what it does not hold.
fn search(criterion: &mut Criterion, lines: usize) {
    let mut group = criterion.benchmark_group("search");
    let config = Config {
        history_lines: 2 * lines,
        history_bytes: 1 << 30,
        ..Config::default()
    };
    let queries = [
        ("literal", Query::literal("No such Text")),
        ("folded", Query::literal("no such text")),
        ("regex", Query::regex("no such (text|word) [0-9]+")),
    ];
    let mut terminal = None;
    for (name, query) in queries {
        let Ok(query) = query else { continue };
        for (way, direction) in [("up", Direction::Backward), ("down", Direction::Forward)] {
            group.bench_function(format!("{name}/{way}"), |bencher| {
                // Made when the first of these is asked for: it takes a while.
                let terminal = terminal.get_or_insert_with(|| filled(config.clone(), lines));
                let row = match direction {
                    Direction::Backward => terminal.history_rows(),
                    Direction::Forward => 0,
                };
                let from = ViewPos { row, col: 0 };
                bencher.iter(|| black_box(terminal.search(&query, from, direction, false)));
            });
        }
    }
    group.finish();
}

fn filled(config: Config, lines: usize) -> Terminal {
    let mut terminal = Terminal::new(Size::new(COLS, ROWS), config);
    feed_all(&mut terminal, &history_lines(lines, false), 64 * 1024);
    terminal
}

/// A whole history is captured as text, and with its styles.
fn capture(criterion: &mut Criterion, lines: usize) {
    let mut group = criterion.benchmark_group("capture");
    let config = Config {
        history_lines: 2 * lines,
        ..Config::default()
    };
    let range = CaptureRange {
        start: Some(i64::MIN),
        end: None,
    };
    for (text, coloured) in [("plain", false), ("coloured", true)] {
        let mut terminal = Terminal::new(Size::new(COLS, ROWS), config.clone());
        feed_all(&mut terminal, &history_lines(lines, coloured), 64 * 1024);
        for (name, escapes) in [("text", false), ("escapes", true)] {
            let options = CaptureOptions {
                escapes,
                ..CaptureOptions::default()
            };
            group.bench_function(format!("{text}/{name}"), |bencher| {
                bencher.iter(|| black_box(terminal.capture(range, options).len()));
            });
        }
    }
    group.finish();
}

/// A history that lies in a file is searched from its end to its beginning.
fn stored(criterion: &mut Criterion, lines: usize) {
    const PIECE: usize = 100_000;
    let mut group = criterion.benchmark_group("stored");
    group.sample_size(10);
    let Ok(query) = Query::literal("No such Text") else {
        return;
    };
    let mut made = None;
    group.bench_function("literal", |bencher| {
        let terminal = made.get_or_insert_with(|| in_file(lines, PIECE));
        let row = terminal.history_rows();
        let from = ViewPos { row, col: 0 };
        bencher.iter(|| black_box(terminal.search(&query, from, Direction::Backward, false)));
    });
    group.finish();
}

fn in_file(lines: usize, piece: usize) -> Terminal {
    let config = Config {
        history_lines: 2 * lines,
        history_bytes: usize::MAX,
        ..Config::default()
    };
    let mut terminal = Terminal::new(Size::new(COLS, ROWS), config);
    if let Ok(store) = stepmux::io::spill::open("on") {
        terminal.set_store(store);
    }
    let text = history_lines(piece.min(lines), false);
    for _ in 0..lines.div_ceil(piece) {
        feed_all(&mut terminal, &text, 64 * 1024);
        while terminal.shed() > 0 {}
    }
    let bytes = terminal.history_bytes();
    #[allow(clippy::print_stdout, reason = "a figure that is no time")]
    {
        println!("{lines} lines in a file: {bytes} bytes in memory");
    }
    terminal
}
