//! Hostile inputs by name: what never ends, what nests, what counts to four
//! billion. Memory stays bounded, time stays linear, the grid stays whole.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use stepmux::base::Size;
use stepmux::command::{lex, print};
use stepmux::format::fnmatch;
use stepmux::term::{CaptureOptions, CaptureRange, Config, Output, Terminal};
use stepmux::tty::{Decoder, Input};

use super::props;

const MIB: usize = 1 << 20;
/// What a terminal may hold for an unfinished string: the longest that it takes.
const STRING: usize = 2 * MIB;

fn terminal(cols: u16, rows: u16) -> Terminal {
    let config = Config {
        allow_passthrough: true,
        ..Config::default()
    };
    Terminal::new(Size::new(cols, rows), config)
}

fn fed(cols: u16, rows: u16, bytes: &[u8]) -> (Terminal, Output) {
    let (mut term, mut out) = (terminal(cols, rows), Output::default());
    term.feed(bytes, &mut out);
    assert_eq!(term.verify(), Ok(()));
    (term, out)
}

/// A GiB where tests are optimised; in a debug build a part of it, as the limits
/// are a hundredth of either.
const ENDLESS: usize = if cfg!(debug_assertions) { 96 } else { 1024 };

#[test]
fn endless_strings_hold_bounded_memory() {
    let chunk = vec![b'x'; MIB];
    let openings: [&str; 12] = [
        "\x1b]0;",
        "\x1b]2;",
        "\x1b]8;;http://",
        "\x1b]52;c;",
        "\x1b]4;1;#",
        "\x1b]7717;nonce;",
        "\x1b]1337;File=:",
        "\x1bk",
        "\x1bP",
        "\x1bPtmux;",
        "\x1bPq#",
        "\x1b_G",
    ];
    for opening in openings {
        let (mut term, mut out) = (terminal(80, 24), Output::default());
        term.feed(opening.as_bytes(), &mut out);
        for _ in 0..ENDLESS / openings.len() {
            term.feed(&chunk, &mut out);
            assert!(term.held_bytes() <= STRING, "{opening:?}");
        }
        assert_eq!(
            out,
            Output::default(),
            "{opening:?} was taken before its end"
        );
        // It is over when it ends, whatever it was, and nothing was printed.
        term.feed(b"\x1b\\ok", &mut out);
        assert!(term.held_bytes() <= STRING);
        assert_eq!(term.cursor().pos.x, 2, "{opening:?}");
        assert!(out.replies.is_empty());
        assert!(term.title().as_str().len() < 16 << 10);
        assert_eq!(term.verify(), Ok(()));
    }
}

#[test]
fn endless_strings_of_a_client_hold_bounded_memory() {
    let chunk = vec![b'x'; MIB];
    for opening in ["\x1b[200~", "\x1b]52;c;", "\x1bP>|", "\x1b_", "\x1b["] {
        let (mut decoder, mut out) = (Decoder::new(Default::default()), Vec::new());
        decoder.feed(opening.as_bytes(), Duration::ZERO, &mut out);
        for _ in 0..ENDLESS / 32 {
            decoder.feed(&chunk, Duration::ZERO, &mut out);
            assert!(decoder.held_bytes() <= STRING, "{opening:?}");
            // A paste goes on as it comes, and what is no string is typed.
            let whole = |input: &Input| matches!(input, Input::Paste(_) | Input::Key(_));
            assert!(out.iter().all(whole), "{opening:?}");
            out.clear();
        }
    }
}

#[test]
fn parameters_without_end_are_dropped_not_kept() {
    for separator in [";", ":", ";;", ":;"] {
        for last in ["m", "h", "H", "r", "$r", "c", "t"] {
            let many = vec!["38"; 10_000].join(separator);
            for prefix in ["", "?", ">"] {
                let text = format!("\x1b[{prefix}{many}{last}\x1b[m\x1b[Hok");
                let (term, _) = fed(20, 5, text.as_bytes());
                assert_eq!(term.cursor().pos.x, 2);
            }
        }
    }
    let digits = "9".repeat(100_000);
    fed(
        20,
        5,
        format!("\x1b[{digits}C\x1b[{digits};{digits}H").as_bytes(),
    );
}

#[test]
fn a_million_marks_on_one_cell_are_one_bounded_cluster() {
    for mark in ["\u{301}", "\u{200d}", "\u{fe0f}", "\u{1f3fd}", "\u{200d}👩"] {
        let text = format!("e{}", mark.repeat(MIB / 2 / mark.len()));
        let (term, _) = fed(20, 5, text.as_bytes());
        let mut cell = String::new();
        term.pool().push_text(term.row(0)[0], &mut cell);
        assert!(cell.len() <= 256, "{} bytes in a cell", cell.len());
        assert!(term.pool().len() <= 10_000, "{mark:?}");
    }
}

/// What may be begun and not ended, or nested.
const OPEN: [&str; 28] = [
    "\x1b",
    "\x1b[",
    "\x1b]0;",
    "\x1bP",
    "\x1bPtmux;\x1b",
    "\x1b[1;",
    "\x1b]8;;",
    "\x1bP+q",
    "\x1b_",
    "\x1bX",
    "\x1b^",
    "\x1bk",
    "\x1b(",
    "\x1b#",
    "\x1b[?",
    "\x1b[ ",
    "\x1b[$",
    "\u{9b}",
    "\u{9d}",
    "\u{90}",
    "\u{c2}",
    "\x1b7",
    "\x1b[22t",
    "\x1b[?1049h",
    "\x1b[?s",
    "\x1b]4;1;?;",
    "\x1bO",
    "\x1bN",
];

#[test]
fn sequences_that_never_end_or_nest_leave_a_working_terminal() {
    for (nth, piece) in OPEN.into_iter().enumerate() {
        let text = piece.repeat(if nth < 5 { 100_000 } else { 8_000 });
        let (mut term, mut out) = fed(20, 5, text.as_bytes());
        term.feed(b"\x18\x1b\\\x1bc\x1b[!pok", &mut out);
        assert_eq!(term.cursor().pos.x, 2, "{piece:?}");
        assert!(out.replies.len() <= 64 * text.len(), "{piece:?}");
        assert!(term.held_bytes() <= STRING);
        let (mut decoder, mut got) = (Decoder::new(Default::default()), Vec::new());
        decoder.feed(text.as_bytes(), Duration::ZERO, &mut got);
        assert!(got.len() <= text.len() + 1);
        assert!(decoder.held_bytes() <= STRING);
    }
}

#[test]
fn huge_counts_do_no_more_than_the_screen_has() {
    for count in [
        "65535",
        "65536",
        "2147483648",
        "4294967295",
        "18446744073709551616",
    ] {
        for last in 0x40..0x7f_u8 {
            let last = char::from(last);
            let mut text = String::from("x\x1b[5;3H日");
            for inter in ["", " ", "$", "'", "*", "!", "\"", "#"] {
                for prefix in ["", "?", ">", "="] {
                    text += &format!("\x1b[{prefix}{count}{inter}{last}x");
                    text += &format!("\x1b[{prefix}{count};{count};1;{count}{inter}{last}");
                    text += &format!("\x1b[{prefix}1;{count};{count};{count};{count}{inter}{last}");
                }
            }
            let (term, out) = fed(30, 8, text.as_bytes());
            assert_eq!(term.size(), Size::new(30, 8), "{last}");
            assert!(out.replies.len() <= 16 * text.len(), "{last}");
        }
    }
}

#[test]
fn smallest_and_largest_screens_hold() {
    let stream = super::generate::wild(1, 1500);
    for (cols, rows) in [
        (1, 1),
        (1, 2),
        (2, 1),
        (1, 10_000),
        (10_000, 1),
        (10_000, 20),
        (20, 10_000),
    ] {
        let (mut term, mut out) = fed(cols, rows, &stream);
        term.feed(
            "日本\x1b#8\x1b[?69h\x1b[2;3s\x1b[9999L\x1b[9999M日\t\t".as_bytes(),
            &mut out,
        );
        assert_eq!(term.verify(), Ok(()), "{cols}x{rows}");
        if cols.max(rows) < 10 {
            term.resize(Size::new(u16::MAX, 1));
            term.resize(Size::new(1, u16::MAX));
            assert_eq!(term.size(), Size::new(1, Size::MAX_SIDE));
            assert_eq!(term.verify(), Ok(()), "from {cols}x{rows}");
        }
    }
}

#[test]
fn resize_storms_keep_the_grid_whole_and_the_text() {
    let mut dice = props::Dice::new(7);
    let (mut term, mut out) = (terminal(80, 24), Output::default());
    for n in 0..300 {
        let line = format!("line {n} 日本語 {}\r\n", "word ".repeat(n % 40));
        term.feed(line.as_bytes(), &mut out);
    }
    let text = |term: &Terminal| {
        let all = CaptureRange {
            start: Some(i64::MIN),
            end: Some(i64::MAX),
        };
        let join = CaptureOptions {
            join: true,
            ..CaptureOptions::default()
        };
        let captured = term.capture(all, join);
        let lines = captured.lines().map(str::trim_end);
        lines
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let before = text(&term);
    for _ in 0..400 {
        term.resize(Size::new(
            2 + dice.below(120) as u16,
            1 + dice.below(50) as u16,
        ));
        assert_eq!(term.verify(), Ok(()));
    }
    term.resize(Size::new(80, 24));
    assert_eq!(text(&term), before, "resizes lose text");
}

/// What this thread has had of the processor: others' work does not count.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The least time of three runs.
fn time(run: &dyn Fn(usize), n: usize) -> Duration {
    let once = |_| {
        let start = spent();
        run(n);
        spent() - start
    };
    (0..3).map(once).min().unwrap_or_default()
}

/// Demands that sixteen times the input takes no more than 64 times the time:
/// linear work takes 16 times, quadratic 256 times.
fn linear(name: &str, n: usize, run: &dyn Fn(usize)) {
    let small = time(run, n).max(Duration::from_micros(200));
    let large = time(run, 16 * n);
    assert!(
        large <= 64 * small,
        "{name}: {small:?} for {n}, {large:?} for {}",
        16 * n
    );
}

#[test]
fn pane_bytes_take_linear_time() {
    for piece in [
        "\u{301}",
        "\x07",
        "\x1b[",
        "\x1b]0;",
        "\u{9c}",
        "a\u{85}",
        "\x1b[38:2::1:2:3m",
        "1;",
        "\x1bPtmux;\x1b\x1b",
        "日",
        "x",
        "\t",
        "\x1b[3b",
        "\x1b[22;0t",
        "\x1bH",
        "\x1b]4;1;?\x07",
        "\x1bP+q544e;544e\x1b\\",
        "\r\n",
        "\x1b[?1049h",
        "🇩",
        "👩\u{200d}",
        "\x1b[6n",
        "\x1b]133;A\x07",
    ] {
        linear(&format!("{piece:?}"), 500, &|n| {
            drop(fed(20, 5, piece.repeat(n).as_bytes()))
        });
    }
    linear("invalid UTF-8", 2000, &|n| {
        drop(fed(20, 5, &b"\xe2\x82".repeat(n)))
    });
    linear("styles", 500, &|n| {
        let style = |n: usize| format!("\x1b[38;2;{};{};{}mx", n % 256, n / 256 % 256, n / 65536);
        fed(20, 5, (0..n).map(style).collect::<String>().as_bytes());
    });
    linear("links", 500, &|n| {
        let link = |n: usize| format!("\x1b]8;id={n};http://x/{n}\x07x");
        fed(20, 5, (0..n).map(link).collect::<String>().as_bytes());
    });
    linear("clusters", 500, &|n| {
        let marks = |n: usize| char::from_u32(0x300 + n as u32 % 64).unwrap_or('\u{300}');
        let cluster = |n: usize| format!("e{}{}{}", marks(n), marks(n / 64), marks(n / 4096));
        fed(20, 5, (0..n).map(cluster).collect::<String>().as_bytes());
    });
    linear("one line read back", 2000, &|n| {
        let (mut term, _) = fed(20, 5, "word ".repeat(n).as_bytes());
        for cols in [19, 21, 5, 80] {
            term.resize(Size::new(cols, 5));
            let all = CaptureRange {
                start: Some(i64::MIN),
                end: None,
            };
            assert!(!term.capture(all, CaptureOptions::default()).is_empty());
        }
    });
}

#[test]
fn other_parsers_take_linear_time() {
    for piece in [
        "\x1b",
        "\x1b[",
        "\x1b[1;",
        "\x1b]",
        "\x1b[200~x\x1b[20",
        "\x1b[<1;1;1M",
        "é",
        "\u{c2}",
        "x",
        "\x1bO",
    ] {
        linear(&format!("client {piece:?}"), 2000, &|n| {
            let (mut decoder, mut out) = (Decoder::new(Default::default()), Vec::new());
            decoder.feed(piece.repeat(n).as_bytes(), Duration::ZERO, &mut out);
        });
    }
    for piece in [
        "{ ", "'", "\"", "\\", "a;", "a 'b' ", "$FOO ", "%if 1\n", "#{", "~", "\n", "A=b ",
    ] {
        linear(&format!("command {piece:?}"), 200, &|n| {
            if let Ok(commands) = lex(&format!("a {}", piece.repeat(n)), &|_| None) {
                assert!(
                    commands
                        .iter()
                        .flatten()
                        .all(|word| !print::quote(word).is_empty())
                );
            }
        });
    }
    linear("fnmatch", 50, &|n| {
        let pattern = format!("{}b", "*a".repeat(32));
        assert!(!fnmatch(&pattern, &"a".repeat(n), false));
    });
    linear("layout", 20, &|n| {
        let cells = vec!["1x1,0,0"; n].join(",");
        let body = format!("\x1f{}x1,0,0{{{cells}}}", 2 * n - 1);
        props::layout_string(body.as_bytes());
    });
    linear("frames", 500, &|n| {
        props::wire_frame(&b"\0\0\x01\0\0\0\x03".repeat(n))
    });
}
