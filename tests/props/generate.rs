//! Inputs for the properties: streams as programs write them, with every kind
//! of damage, made by proptest or by [`Dice`](super::props::Dice).

use proptest::prelude::*;

use super::props::Dice;

/// Pieces of text and short sequences that streams are made of.
const PIECES: [&str; 48] = [
    "hello world, a longer text",
    "日本語テキスト",
    "é",
    "e\u{301}\u{302}",
    "👩\u{200d}👧",
    "🇩🇪",
    "🇩",
    "❤\u{fe0f}",
    "1\u{fe0f}\u{20e3}",
    "👍🏽",
    "\u{1100}\u{1161}\u{11a8}",
    "\u{9b}31m",
    "\u{85}",
    "─│┌┘",
    "\r\n",
    "\t",
    "\x08",
    "\n",
    "\x0b",
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1b7",
    "\x1b8",
    "\x1b(0",
    "\x1b(B",
    "\x0e",
    "\x0f",
    "\x1bN",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[20h",
    "\x1b[1\"q",
    "\x1bV",
    "\x1b[1;31;44m",
    "\x1b[4:3;58:2::1:2:3m",
    "\x1b[7;9;53m",
    "\x1b[m",
    "\x1b#8",
    "\x1bc",
    "\x1b[!p",
    "\x1bk name\x1b\\",
    "\x1b]0;title\x07",
    "\x1b]8;id=a;http://x/\x1b\\link",
    "\x1b]8;;\x07",
    "\x1bPtmux;\x1b\x1bx\x1b\\",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\",
];

/// Private modes that change how what follows is taken.
const MODES: [u16; 16] = [
    1, 3, 5, 6, 7, 25, 40, 45, 47, 69, 1000, 1045, 1047, 1048, 1049, 2026,
];

fn csi() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        8 => 0u32..30,
        1 => Just(65_535),
        1 => Just(u32::MAX),
    ];
    (
        prop::sample::select(vec!["", "", "", "?", ">", "="]),
        prop::collection::vec((number, prop::sample::select(vec![";", ";", ":"])), 0..6),
        prop::sample::select(vec!["", "", "", "", " ", "$", "'", "*", "!", "\"", "#"]),
        0x40u8..0x7f,
    )
        .prop_map(|(prefix, numbers, inter, last)| {
            let mut bytes = format!("\x1b[{prefix}").into_bytes();
            for (nth, (number, separator)) in numbers.iter().enumerate() {
                if nth > 0 {
                    bytes.extend(separator.bytes());
                }
                bytes.extend(number.to_string().bytes());
            }
            bytes.extend(inter.bytes());
            bytes.push(last);
            bytes
        })
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let mode = (
        prop::sample::select(&MODES[..]),
        prop::sample::select(vec!['h', 'l', 's', 'r']),
    )
        .prop_map(|(mode, what)| format!("\x1b[?{mode}{what}").into_bytes());
    let place = (1u8..12, 1u8..30).prop_map(|(y, x)| format!("\x1b[{y};{x}H").into_bytes());
    let known = prop::sample::select(&PIECES[..]).prop_map(|text| text.as_bytes().to_vec());
    let resize = (0u8..40, 0u8..40).prop_map(|(cols, rows)| vec![0xff, cols, rows]);
    prop_oneof![
        4 => csi(),
        2 => mode,
        2 => place,
        8 => known,
        1 => resize,
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

/// A program's stream after `head` bytes of sizes and options.
pub(crate) fn stream(head: usize) -> impl Strategy<Value = Vec<u8>> {
    let head = prop::collection::vec(any::<u8>(), head);
    let pieces = prop::collection::vec(piece(), 0..40);
    (head, pieces).prop_map(|(head, pieces)| [head, pieces.concat()].concat())
}

/// Bytes in which the given words are frequent.
pub(crate) fn words(head: usize, known: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let head = prop::collection::vec(any::<u8>(), head);
    let known = prop::sample::select(known).prop_map(|text| text.as_bytes().to_vec());
    let wild = prop::collection::vec(any::<u8>(), 0..6);
    let pieces = prop::collection::vec(prop_oneof![8 => known, 1 => wild], 0..40);
    (head, pieces).prop_map(|(head, pieces)| [head, pieces.concat()].concat())
}

/// One wild stream of about `length` bytes, the same for the same seed.
pub(crate) fn wild(seed: u64, length: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut bytes = Vec::with_capacity(length + 64);
    while bytes.len() < length {
        match dice.below(10) {
            0 => bytes.extend((0..dice.below(40)).map(|_| dice.below(256) as u8)),
            1 => {
                let text = PIECES[dice.below(PIECES.len())].as_bytes();
                bytes.extend(&text[..dice.below(text.len() + 1)]);
            }
            2..=4 => bytes.extend(PIECES[dice.below(PIECES.len())].bytes()),
            5 => {
                let mode = MODES[dice.below(MODES.len())];
                let what = ['h', 'l'][dice.below(2)];
                bytes.extend(format!("\x1b[?{mode}{what}").bytes());
            }
            6 => {
                let number = [1, 7, 99, 65_536, u32::MAX][dice.below(5)];
                let last = char::from(0x40 + dice.below(63) as u8);
                bytes.extend(format!("\x1b[{number};{number}{last}").bytes());
            }
            7 => bytes.extend(std::iter::repeat_n(dice.below(256) as u8, dice.below(90))),
            _ => bytes.extend((0..dice.below(60)).map(|_| 0x20 + dice.below(95) as u8)),
        }
    }
    bytes
}
