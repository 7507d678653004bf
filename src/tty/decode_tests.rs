//! What each terminal sends, and what it means.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::base::KeyAction;
use crate::base::{MouseAction, MouseEvent};

const NOW: Duration = Duration::from_secs(100);

fn decoder() -> Decoder {
    Decoder::new(DecoderConfig::default())
}

fn all(bytes: &[u8]) -> Vec<Input> {
    let mut out = Vec::new();
    decoder().feed(bytes, NOW, &mut out);
    out
}

/// Keys by name, all else in its debug form.
fn names(inputs: &[Input]) -> String {
    let name = |input: &Input| match input {
        Input::Key(key) => key.to_string(),
        Input::Stroke(key, stroke) => {
            let action = match stroke.action {
                KeyAction::Press => "",
                KeyAction::Repeat => "+",
                KeyAction::Release => "-",
            };
            let held = stroke.held.map(|held| format!("/{held}"));
            let base = stroke.base.map(|base| format!("({base})"));
            let more = held.unwrap_or_default() + &base.unwrap_or_default();
            format!("{action}{key}{more}")
        }
        other => format!("{other:?}"),
    };
    inputs.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// Feeds byte by byte, then waits long enough for everything to end.
fn settled(chunks: &[&[u8]]) -> Vec<Input> {
    let (mut decoder, mut out) = (decoder(), Vec::new());
    for chunk in chunks {
        decoder.feed(chunk, NOW, &mut out);
    }
    while let Some(deadline) = decoder.deadline() {
        decoder.tick(deadline, &mut out);
    }
    out
}

#[test]
fn decoder_knows_the_keys_of_each_terminal() {
    for (terminal, bytes, keys) in [
        ("any", "aZ~é日", "a Z ~ é 日"),
        (
            "any",
            "\0\x01\x08\t\n\r\x1a",
            "C-Space C-a C-h Tab C-j Enter C-z",
        ),
        ("any", "\x1c\x1d\x1e\x1f\x7f", "C-\\ C-] C-^ C-_ BSpace"),
        (
            "any",
            "\x1ba\x1bé\x1b\r\x1b\x7f\x1b\x01",
            "M-a M-é M-Enter M-BSpace C-M-a",
        ),
        (
            "any",
            "\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F",
            "Up Down Right Left Home End",
        ),
        (
            "any",
            "\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF",
            "Up Down Right Left Home End",
        ),
        ("any", "\x1b\x1b[A\x1b\x1bOB", "M-Up M-Down"),
        (
            "xterm",
            "\x1bOP\x1bOQ\x1bOR\x1bOS\x1b[15~\x1b[24~",
            "F1 F2 F3 F4 F5 F12",
        ),
        (
            "xterm",
            "\x1b[1;5A\x1b[1;2P\x1b[1;3R\x1b[3;5~\x1b[1;8H",
            "C-Up S-F1 M-F3 C-DC C-M-S-Home",
        ),
        (
            "xterm",
            "\x1b[Z\x1b[1;5Z\x1b[5~\x1b[6~",
            "BTab C-BTab PPage NPage",
        ),
        (
            "xterm",
            "\x1bOM\x1bOp\x1bOy\x1bOj\x1bOk\x1bOm\x1bOn\x1bOo",
            "KPEnter KP0 KP9 KP* KP+ KP- KP. KP/",
        ),
        (
            "xterm",
            "\x1b[27;5;105~\x1b[27;2;65~\x1b[27;6;65~\x1b[27;5;33~\x1b[27;2;32~",
            "C-i A C-S-A C-! S-Space",
        ),
        (
            "xterm",
            "\x1b[27;2;13~\x1b[27;5;9~\x1b[27;2;9~\x1b[27;3;27~",
            "S-Enter C-Tab BTab M-Escape",
        ),
        (
            "older xterm",
            "\x1bO5A\x1bO1;5B\x1b[5C",
            "C-Up C-Down C-Right",
        ),
        (
            "rxvt",
            "\x1b[7~\x1b[8~\x1b[a\x1bOa\x1b[3$\x1b[3^\x1b[3@",
            "Home End S-Up C-Up S-DC C-DC C-S-DC",
        ),
        (
            "rxvt",
            "\x1b[11~\x1b[14~\x1b[23$\x1b[25~\x1b[34~",
            "F1 F4 S-F11 S-F3 S-F10",
        ),
        (
            "linux",
            "\x1b[[A\x1b[[E\x1b[1~\x1b[4~\x1b[2~",
            "F1 F5 Home End IC",
        ),
        (
            "putty",
            "\x1b[11~\x1b[15~\x1b\x1b[C\x1bOl",
            "F1 F5 M-Right ,",
        ),
        (
            "kitty",
            "\x1b[97u\x1b[97;5u\x1b[97;6u\x1b[97;2u\x1b[97:65;2u",
            "a C-a C-S-a A A(a)",
        ),
        (
            "kitty",
            "\x1b[27u\x1b[13;5u\x1b[9;2u\x1b[127;3u\x1b[32;5u",
            "Escape C-Enter BTab M-BSpace C-Space",
        ),
        (
            "kitty",
            "\x1b[97;1:3u\x1b[1;1:3A\x1b[1;5:2B\x1b[57441u",
            "-a -Up +C-Down",
        ),
        (
            "kitty",
            "\x1b[57376u\x1b[57399u\x1b[57414u\x1b[13~\x1b[97;65u",
            "F13 KP0 KPEnter F3 a/64",
        ),
        (
            "kitty",
            "\x1b[49:33;6u\x1b[49;6u\x1b[105;3u",
            "C-!(1) C-S-1 M-i",
        ),
        ("focus", "\x1b[I\x1b[O", "FocusIn FocusOut"),
    ] {
        assert_eq!(names(&all(bytes.as_bytes())), keys, "{terminal} {bytes:?}");
    }
}

#[test]
fn decoder_swallows_what_it_does_not_know() {
    for bytes in [
        &b"\x1b[?1;2;3z"[..],
        b"\x1b[99~",
        b"\x1b]99;x;y\x07",
        b"\x1b]l title\x1b\\",
        b"\x1b[[Z",
        b"\x1b[<0;0;0M",
        b"\x1b[M\x01\x01\x01",
        b"\xff\xc0\x80\xf8",
        b"\xc2\x85",
    ] {
        assert_eq!(names(&all(bytes)), "", "{bytes:?}");
        assert_eq!(names(&all(&[bytes, b"k"].concat())), "k", "{bytes:?}");
    }
    let long = [b"\x1b[".to_vec(), b"1;".repeat(100_000), b"Ax".to_vec()].concat();
    assert_eq!(names(&all(&long)), "x");
    let long = [
        b"\x1b]52;c;".to_vec(),
        b"AAAA".repeat(1_000_000),
        b"\x07x".to_vec(),
    ]
    .concat();
    assert_eq!(names(&all(&long)), "x");
}

#[test]
fn decoder_never_types_a_reply() {
    for (bytes, reply) in [
        ("\x1b[?62;4;52c", Reply::PrimaryAttributes(vec![62, 4, 52])),
        (
            "\x1b[>41;390;0c",
            Reply::SecondaryAttributes(vec![41, 390, 0]),
        ),
        (
            "\x1bP!|7E565445\x1b\\",
            Reply::TertiaryAttributes("7E565445".into()),
        ),
        ("\x1b[0n", Reply::Status),
        ("\x1b[12;40R", Reply::CursorPosition { x: 39, y: 11 }),
        ("\x1b[?1;1R", Reply::CursorPosition { x: 0, y: 0 }),
        (
            "\x1b[?2026;2$y",
            Reply::Mode {
                mode: 2026,
                private: true,
                state: 2,
            },
        ),
        (
            "\x1b[4;1$y",
            Reply::Mode {
                mode: 4,
                private: false,
                state: 1,
            },
        ),
        (
            "\x1b]10;rgb:ffff/8080/0000\x1b\\",
            Reply::Foreground((255, 128, 0)),
        ),
        ("\x1b]11;rgb:1/2/3\x07", Reply::Background((17, 34, 51))),
        ("\x1b]4;5;#010203\x07", Reply::Palette(5, (1, 2, 3))),
        ("\x1bP>|WezTerm 1\x1b\\", Reply::Version("WezTerm 1".into())),
        ("\x1b[?5u", Reply::KittyFlags(5)),
        (
            "\x1b]52;c;aGVsbG8=\x07",
            Reply::Clipboard(b"hello".to_vec()),
        ),
        ("\x1b[?997;1n", Reply::ColorScheme { dark: true }),
        ("\x1b[8;24;80t", Reply::TextArea(crate::base::Size::DEFAULT)),
        (
            "\x1b[6;20;10t",
            Reply::CellPixels {
                width: 10,
                height: 20,
            },
        ),
        (
            "\x1bP1+r5463=32\x1b\\",
            Reply::Capability {
                name: "Tc".into(),
                known: true,
            },
        ),
        (
            "\x1bP0+r524742\x1b\\",
            Reply::Capability {
                name: "RGB".into(),
                known: false,
            },
        ),
        ("\x1bP1$r0m\x1b\\", Reply::Other),
        ("\x1b_Gi=1;OK\x1b\\", Reply::Other),
    ] {
        assert_eq!(all(bytes.as_bytes()), [Input::Reply(reply)], "{bytes:?}");
    }
}

#[test]
fn decoder_reads_mouse_reports_of_every_encoding() {
    use MouseAction::{Down, Drag, Move, Up, WheelDown, WheelUp};
    let at = |action, x, y, mods| Input::Mouse(MouseEvent { action, x, y, mods });
    let none = Mods::NONE;
    for (bytes, inputs) in [
        (
            &b"\x1b[<0;5;7M\x1b[<0;5;7m"[..],
            vec![at(Down(1), 4, 6, none), at(Up(1), 4, 6, none)],
        ),
        (b"\x1b[<34;300;1M", vec![at(Drag(3), 299, 0, none)]),
        (b"\x1b[<35;2;2M", vec![at(Move, 1, 1, none)]),
        (
            b"\x1b[<64;1;1M\x1b[<81;1;1M",
            vec![at(WheelUp, 0, 0, none), at(WheelDown, 0, 0, Mods::CTRL)],
        ),
        (b"\x1b[<64;1;1m", vec![]),
        (
            b"\x1b[<128;1;1M\x1b[<66;1;1M",
            vec![at(Down(8), 0, 0, none), at(Down(6), 0, 0, none)],
        ),
        (
            b"\x1b[M !!\x1b[M#!\"",
            vec![at(Down(1), 0, 0, none), at(Up(1), 0, 1, none)],
        ),
        (b"\x1b[M#!!", vec![]),
        (
            b"\x1b[34;9;9M\x1b[66;9;8M\x1b[35;9;8M",
            vec![
                at(Down(3), 8, 8, none),
                at(Drag(3), 8, 7, none),
                at(Up(3), 8, 7, none),
            ],
        ),
        (
            b"\x1b[<28;1;1M",
            vec![at(
                Down(1),
                0,
                0,
                Mods::SHIFT.with(Mods::META).with(Mods::CTRL),
            )],
        ),
    ] {
        assert_eq!(all(bytes), inputs, "{bytes:?}");
    }
    let mut utf8 = Decoder::new(DecoderConfig {
        utf8_mouse: true,
        ..DecoderConfig::default()
    });
    let mut out = Vec::new();
    utf8.feed("\x1b[M \u{100}!".as_bytes(), NOW, &mut out);
    assert_eq!(out, [at(Down(1), 223, 0, none)]);
}

#[test]
fn decoder_tells_escape_from_a_sequence_by_time() {
    let (mut decoder, mut out) = (decoder(), Vec::new());
    decoder.set_escape_time(Duration::from_millis(20));
    decoder.feed(b"\x1b", NOW, &mut out);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, NOW + Duration::from_millis(20));
    decoder.tick(deadline - Duration::from_millis(1), &mut out);
    assert!(out.is_empty());
    decoder.tick(deadline, &mut out);
    assert_eq!(names(&out), "Escape");
    assert_eq!(decoder.deadline(), None);
    out.clear();
    decoder.feed(b"\x1b", NOW, &mut out);
    decoder.feed(b"[A", NOW + Duration::from_millis(19), &mut out);
    decoder.feed(b"\x1b", NOW, &mut out);
    decoder.feed(b"x", NOW + Duration::from_secs(1), &mut out);
    assert_eq!(names(&out), "Up Escape x");
}

#[test]
fn decoder_gives_up_on_what_never_ends() {
    for (chunk, typed) in [
        (&b"\x1b"[..], "Escape"),
        (b"\x1b\x1b", "M-Escape"),
        (b"\x1b[", "M-["),
        (b"\x1bO", "M-O"),
        (b"\x1b]", "M-]"),
        (b"\x1bP", "M-P"),
        (b"\x1b]0;half", ""),
        (b"\x1b[1;", ""),
        (b"\x1b[M!", ""),
        (b"\xe6\x97", ""),
    ] {
        assert_eq!(names(&settled(&[chunk])), typed, "{chunk:?}");
    }
    assert_eq!(names(&settled(&[b"\x1b]0;half\rx"])), "Enter x");
    assert_eq!(names(&settled(&[b"\x1b]hello\r"])), "M-] h e l l o Enter");
    assert_eq!(names(&settled(&[b"\x1bPath\x1b_x"])), "M-P a t h M-_ x");
    assert_eq!(names(&settled(&[b"\xe6\x97x"])), "x");
}

#[test]
fn decoder_takes_pastes_in_bounded_pieces() {
    let chunk = |bytes: &[u8], first, last| {
        Input::Paste(PasteChunk {
            bytes: bytes.to_vec(),
            first,
            last,
        })
    };
    assert_eq!(
        all(b"a\x1b[200~x\x1b[A\x1b[20\x1b\x03y\x1b[201~b"),
        [
            Input::Key(Key::char('a')),
            Input::Key(KeyCode::PasteStart.into()),
            chunk(b"x\x1b[A\x1b[20\x1b\x03y", true, true),
            Input::Key(Key::char('b')),
        ]
    );
    assert_eq!(
        names(&all(b"\x1b[200~\x1b[201~\x1b[201~")),
        "PasteStart PasteEnd"
    );
    let long = [
        b"\x1b[200~".to_vec(),
        vec![b'x'; PASTE_LIMIT + 1],
        b"\x1b[201~".to_vec(),
    ]
    .concat();
    assert_eq!(
        all(&long),
        [
            Input::Key(KeyCode::PasteStart.into()),
            chunk(&[b'x'; PASTE_LIMIT], true, false),
            chunk(b"x", false, true)
        ]
    );
    assert_eq!(
        settled(&[b"\x1b[200~half\x1b[2"]),
        [
            Input::Key(KeyCode::PasteStart.into()),
            chunk(b"half\x1b[2", true, true)
        ]
    );
}

const PASTE_LIMIT: usize = super::super::paste::PASTE_CHUNK;

fn with_keys() -> Decoder {
    let mut decoder = decoder();
    let keys = [
        (&b"\x1b[5;30001~"[..], KeyCode::User(0)),
        (b"\x1bOA", KeyCode::User(1)),
        (b"\x1b[[1", KeyCode::F(20)),
        (b"\x1bx", KeyCode::User(2)),
        (b"\x01F\r", KeyCode::User(3)),
    ];
    let own = |(bytes, code): (&[u8], KeyCode)| (bytes.to_vec(), Key::from(code));
    decoder.set_keys(keys.into_iter().map(own).collect());
    decoder
}

#[test]
fn decoder_matches_own_keys_before_others() {
    for (bytes, keys) in [
        (&b"\x1b[5;30001~\x1bOA\x1b[A"[..], "User0 User1 Up"),
        (b"\x1b[5~\x1bOP\x1bx\x1by", "PPage F1 User2 M-y"),
        (b"\x01F\r\x01F\x01x", "User3 C-a F C-a x"),
        (b"\x1b[200~\x1bOA\x1b[201~\x1bOA", "PasteStart paste User1"),
        (b"\x1b\x1bOA", "M-Up"),
    ] {
        for size in 1..=bytes.len() {
            let (mut decoder, mut out) = (with_keys(), Vec::new());
            for chunk in bytes.chunks(size) {
                decoder.feed(chunk, NOW, &mut out);
            }
            let shown = names(&out).replace(&format!("{:?}", paste(b"\x1bOA")), "paste");
            assert_eq!(shown, keys, "{bytes:?} by {size}");
        }
    }
}

fn paste(bytes: &[u8]) -> Input {
    Input::Paste(PasteChunk {
        bytes: bytes.to_vec(),
        first: true,
        last: true,
    })
}

#[test]
fn decoder_with_own_keys_still_tells_escape_by_time() {
    let (mut decoder, mut out) = (with_keys(), Vec::new());
    decoder.feed(b"\x1b", NOW, &mut out);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, NOW + Duration::from_millis(10));
    decoder.tick(deadline, &mut out);
    assert_eq!((names(&out).as_str(), decoder.deadline()), ("Escape", None));
    decoder.feed(b"\x01F", NOW, &mut out);
    decoder.tick(decoder.deadline().unwrap(), &mut out);
    assert_eq!(names(&out), "Escape C-a F");
    decoder.feed(b"\x1b[5;3", NOW, &mut out);
    decoder.tick(decoder.deadline().unwrap(), &mut out);
    decoder.feed(
        b"A",
        decoder.deadline().unwrap() - Duration::from_millis(1),
        &mut out,
    );
    assert_eq!(
        names(&out),
        "Escape C-a F M-PPage".replace("M-PPage", "M-Up")
    );
}

#[test]
fn decoder_reads_eight_bits_where_utf8_is_missing() {
    let mut decoder = Decoder::new(DecoderConfig {
        utf8: false,
        ..DecoderConfig::default()
    });
    let mut out = Vec::new();
    decoder.feed(b"\xe1\x9bA\x8fP\x81\xff\x9b1;5B", NOW, &mut out);
    assert_eq!(names(&out), "M-a Up F1 C-M-a M-BSpace C-Down");
}

#[test]
fn decoder_tells_a_position_from_a_shifted_f3() {
    for (bytes, meaning) in [
        ("\x1b[1;2R", "S-F3"),
        ("\x1b[1;8R", "C-M-S-F3"),
        ("\x1b[R", "F3"),
        ("\x1b[1;1R", "Reply(CursorPosition { x: 0, y: 0 })"),
        ("\x1b[1;80R", "Reply(CursorPosition { x: 79, y: 0 })"),
        ("\x1b[2;2R", "Reply(CursorPosition { x: 1, y: 1 })"),
    ] {
        assert_eq!(names(&all(bytes.as_bytes())), meaning, "{bytes:?}");
    }
}

#[test]
fn decoder_swallows_answers_that_nobody_asked_for() {
    for bytes in [
        "\x1bP1$r0;1m\x1b\\",
        "\x1bP0$r\x1b\\",
        "\x1bP1+r524742=382f382f38\x1b\\",
        "\x1bP0+r\x1b\\",
        "\x1b]4;1;rgb:ffff/0000/0000\x1b\\",
        "\x1b]12;rgb:ffff/ffff/ffff\x07",
        "\x1b]52;c;\x07",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b[48;24;80;480;800t",
        "\x1b[?997;2n",
        "\x1b[>0;95;0c",
        "\x1b[?15n",
        "\x1b[?1;2;4c",
        "\x1b[>4;2m",
        "\x1b[?1;0;256S",
        "\x1b[?12;13;1R",
        "\x1b]l name\x1b\\",
        "\x1b]L name\x1b\\",
    ] {
        let bytes = bytes.as_bytes();
        for cut in 0..bytes.len() {
            let inputs = settled(&[&bytes[..cut], &bytes[cut..], b"k"]);
            let typed: Vec<_> = inputs
                .iter()
                .filter(|input| !matches!(input, Input::Reply(_)))
                .collect();
            assert_eq!(typed, [&Input::Key(Key::char('k'))], "{bytes:?} at {cut}");
        }
    }
}

#[test]
fn decoder_folds_the_modifiers_of_each_protocol() {
    for (bytes, keys) in [
        // xterm: 8 is Meta, 16 and locks are none.
        (
            "\x1b[1;9A\x1b[1;10C\x1b[1;13D",
            "M-Up/8 M-S-Right/9 C-M-Left/12",
        ),
        ("\x1b[97;9u\x1b[97;33u\x1b[97;129u", "M-a/8 M-a/32 a/128"),
        // kitty: text for a key that has no code, alternates, events.
        ("\x1b[0;;229u\x1b[97;2;65u\x1b[97::99;5u", "å A C-a"),
        ("\x1b[57358u\x1b[57441;2u\x1b[57442;1:3u", ""),
        ("\x1b[3;1:3~\x1b[3;1:1~\x1b[5;5:2~", "-DC DC +C-PPage"),
        ("\x1b[49:33;2;33u\x1b[49;1:3u\x1b[113;1;97u", "!(1) -1 a"),
        ("\x1b[97;5;97u\x1b[97;9;97u\x1b[57399;;49u", "C-a M-a/8 KP0"),
    ] {
        assert_eq!(names(&all(bytes.as_bytes())), keys, "{bytes:?}");
    }
}

#[test]
fn decoder_keeps_all_of_a_paste_and_nothing_of_its_marks() {
    let text: Vec<u8> = (0..300_000u32)
        .map(|n| b"ab\x1b[20 1~\r\n"[n as usize % 11])
        .collect();
    let whole = [&b"\x1b[200~"[..], &text, b"\x1b[200~\x1b[201~\x1b[201~k"].concat();
    for size in [1, 7, 4096, 65_536, whole.len()] {
        let (mut decoder, mut out) = (decoder(), Vec::new());
        for chunk in whole.chunks(size) {
            decoder.feed(chunk, NOW, &mut out);
        }
        let (mut pasted, mut ends, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for input in out {
            match input {
                Input::Paste(chunk) => {
                    assert!(chunk.bytes.len() <= PASTE_LIMIT);
                    ends.push((chunk.first, chunk.last));
                    pasted.extend(chunk.bytes);
                }
                other => rest.push(other),
            }
        }
        assert!(pasted == [&text[..], b"\x1b[200~"].concat(), "by {size}");
        assert_eq!(names(&rest), "PasteStart PasteEnd k");
        assert!(ends[0].0 && ends.iter().filter(|end| end.0).count() == 1);
        assert!(ends[ends.len() - 1].1 && ends.iter().filter(|end| end.1).count() == 1);
    }
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        &b"\x1b[A"[..],
        b"\x1bOP",
        b"\x1b",
        b"\x1b\x1b[1;5C",
        b"\x1b[200~",
        b"\x1b[201~",
        b"pasted\r",
        b"\x1b]11;rgb:1/2/3\x1b\\",
        b"\x1bP>|v\x1b\\",
        b"\x1b[<0;3;4M",
        b"\x1b[M !!",
        "é日👍".as_bytes(),
        b"\x1b[27;5;105~",
        b"\x1b[97;6u",
        b"\x1b[3$",
        b"\x1b[?2026;2$y",
        b"x",
        b"\x07",
        b"\x1b[[A",
        b"\x1b]",
    ])
    .prop_map(<[u8]>::to_vec);
    let noise = prop::collection::vec(any::<u8>(), 0..4);
    prop::collection::vec(prop_oneof![4 => known, 1 => noise], 0..12).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn decoder_does_not_care_how_bytes_were_cut(bytes in fragments()) {
        let whole = settled(&[&bytes]);
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&settled(&single), &whole);
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            prop_assert_eq!(&settled(&[head, tail]), &whole, "cut at {}", at);
        }
    }

    #[test]
    fn decoder_with_own_keys_does_not_care_either(bytes in fragments()) {
        let run = |size: usize| {
            let (mut decoder, mut out) = (with_keys(), Vec::new());
            for chunk in bytes.chunks(size) {
                decoder.feed(chunk, NOW, &mut out);
            }
            while let Some(deadline) = decoder.deadline() {
                decoder.tick(deadline, &mut out);
            }
            out
        };
        let whole = run(bytes.len().max(1));
        for size in 1..8 {
            prop_assert_eq!(&run(size), &whole, "by {}", size);
        }
    }
}
