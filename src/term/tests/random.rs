//! Random streams: no cut of the input matters, nothing panics, and what must
//! hold holds. Plain programs' output looks as other emulators show it.

use proptest::prelude::*;

use super::{fed, picture};
use crate::base::{Cell, Size};
use crate::term::{Config, Output, Terminal};

/// Pieces that streams are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let csi = (
        prop::sample::select(vec!["", "?", ">", "="]),
        prop::collection::vec(0u16..30, 0..5),
        prop::sample::select(vec!["", " ", "$", "'", "*", "!", "\"", "#"]),
        0x40u8..0x7f,
    )
        .prop_map(|(prefix, params, inter, last)| {
            let params: Vec<String> = params.iter().map(u16::to_string).collect();
            let mut bytes = format!("\x1b[{prefix}{}{inter}", params.join(";")).into_bytes();
            bytes.push(last);
            bytes
        });
    let mode = (
        prop::sample::select(vec![
            3u16, 6, 7, 40, 41, 42, 45, 47, 69, 95, 1045, 1046, 1047, 1048, 1049,
        ]),
        any::<bool>(),
    )
        .prop_map(|(mode, on)| format!("\x1b[?{mode}{}", if on { 'h' } else { 'l' }).into_bytes());
    let text = prop::sample::select(vec![
        "hello world, this is a longer text",
        "日本語テキスト",
        "é",
        "e\u{301}\u{302}",
        "👩\u{200d}👧",
        "🇩🇪",
        "❤\u{fe0f}",
        "\u{9b}",
        "\u{85}",
        "─│",
        "\r\n",
        "\t",
        "\x08",
        "\n",
        "\x1bM",
        "\x1b7",
        "\x1b8",
        "\x1b(0",
        "\x0e",
        "\x1bN",
        "\x1b[4h",
        "\x1b[1\"q",
        "\x1bV",
        "\x1b[44m",
        "\x1b#8",
        "\x1b#6",
        "\x1b#5",
        "\x1b6",
        "\x1b9",
        "\x1b(K",
        "\x1b G",
        "\x1b[b",
        "\x1b]0;title\x07",
        "\x1bPtmux;\x1b\x1bx\x1b\\",
        "\x1b]52;c;aGk=\x1b\\",
    ]);
    prop_oneof![
        4 => csi,
        2 => mode,
        6 => text.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

/// All of a terminal that can be seen, numbers of the pool resolved.
fn seen(term: &Terminal) -> String {
    let mut out = format!(
        "{:?} {:?} {:?} {:?} {}",
        term.cursor(),
        term.modes(),
        term.title(),
        term.region,
        term.pending
    );
    for grid in &term.grids {
        for y in 0..term.size().rows() {
            let row = grid.row(y);
            out.push_str(if row.wrapped { "\n+" } else { "\n " });
            for cell in &row.cells {
                let cell: Cell = *cell;
                term.pool().push_text(cell, &mut out);
                if cell.style != Default::default() || cell.is_protected() || cell.is_pad() {
                    let style = term.pool().get(cell.style);
                    out.push_str(&format!("{style:?}{}", cell.is_protected()));
                }
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn state_does_not_depend_on_the_cuts(
        bytes in stream(),
        cuts in prop::collection::vec(1usize..9, 1..20),
        cols in 1u16..24,
        rows in 1u16..8,
    ) {
        let size = Size::new(cols, rows);
        let config = Config { allow_passthrough: true, ..Config::default() };
        let mut bulk = Terminal::new(size, config.clone());
        let mut told = Output::default();
        bulk.feed(&bytes, &mut told);
        prop_assert_eq!(bulk.verify(), Ok(()));
        let mut cut = Terminal::new(size, config);
        let mut told_cut = Output::default();
        let (mut rest, mut n) = (&bytes[..], 0);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(cuts[n % cuts.len()].min(rest.len()));
            cut.feed(now, &mut told_cut);
            prop_assert_eq!(cut.verify(), Ok(()));
            rest = later;
            n += 1;
        }
        prop_assert_eq!(seen(&bulk), seen(&cut));
        prop_assert_eq!(told, told_cut);
    }

    #[test]
    fn resize_holds_the_invariants(
        steps in prop::collection::vec((stream(), 1u16..24, 1u16..8), 1..6),
    ) {
        let mut term = Terminal::new(Size::new(12, 4), Config::default());
        for (bytes, cols, rows) in steps {
            term.feed(&bytes, &mut Output::default());
            term.resize(Size::new(cols, rows));
            prop_assert_eq!(term.verify(), Ok(()));
        }
    }
}

#[test]
fn plain_programs_look_as_in_vt100() {
    for input in [
        "total 3\r\n-rw-r--r-- 1 a b\r\n\x1b[1;34mdir\x1b[0m\r\n",
        "\x1b[H\x1b[2Jtop\x1b[5;10Hmiddle\x1b[K\x1b[9;1Hend\x1b[A\x1b[3Pup",
        "one\ttwo\r\n\x1b[?1049h\x1b[2;8rfoo\x1b[8;1H\n\nbar\x1b[?1049lback",
        "日本語 and 0123456789012345678901234567890123456789",
        "a\x1b[10@b\r\x1b[2L\x1b[3Mc\x1b[5Xd\x1b[1Je",
    ] {
        let term = fed(40, 10, input);
        let mut other = vt100::Parser::new(10u16.try_into().unwrap(), 40u16.try_into().unwrap(), 0);
        other.process(input.as_bytes());
        let rows: Vec<String> = other
            .screen()
            .rows(0, 40)
            .map(|row| row.trim_end().to_owned())
            .collect();
        assert_eq!(
            picture(&term),
            rows.join("|").trim_end_matches('|'),
            "{input:?}"
        );
    }
}
