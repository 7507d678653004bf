//! What a pane is sent for a paste. A pasted text can never end a bracketed
//! paste by itself (xterm ctlseqs, "Bracketed Paste Mode"), whatever it holds.

const START: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

/// Put in place of an introducer that could have marked the paste's end.
const SHOWN: &[u8] = "\u{241b}".as_bytes();

/// Appends a whole paste. `bracketed` puts it between the marks of DECSET 2004
/// and defuses every control sequence in it that ends in `~`: with `ESC [` or a
/// C1 CSI, as one byte or as UTF-8, with any parameters, and with controls in
/// between, which terminals and programs pass over. Otherwise the text is sent
/// as it is.
pub fn encode_paste(text: &[u8], bracketed: bool, out: &mut Vec<u8>) {
    encode_paste_piece(text, bracketed, (true, true), out);
}

/// Appends a piece of a paste: the first piece opens the brackets, the last
/// closes them. A sequence that is cut between two pieces is defused in the
/// first of them.
pub fn encode_paste_piece(
    text: &[u8],
    bracketed: bool,
    (first, last): (bool, bool),
    out: &mut Vec<u8>,
) {
    if !bracketed {
        out.extend_from_slice(text);
        return;
    }
    if first {
        out.extend_from_slice(START);
    }
    let (whole, open) = if last {
        (text, &[][..])
    } else {
        text.split_at(open_from(text))
    };
    defuse(whole, out);
    if !open.is_empty() {
        out.extend_from_slice(SHOWN);
        out.extend_from_slice(&open[1..]);
    }
    if last {
        out.extend_from_slice(END);
    }
}

/// Where a sequence begins that may go on in the next piece, or the end.
fn open_from(text: &[u8]) -> usize {
    const LONGEST: usize = 32;
    let tail = text.len().saturating_sub(LONGEST);
    let starts = |byte: &u8| matches!(byte, 0x1b | 0x9b | 0xc2);
    let at = text[tail..].iter().position(starts);
    at.map_or(text.len(), |at| tail + at)
}

fn defuse(text: &[u8], out: &mut Vec<u8>) {
    let mut kept = 0;
    let mut at = 0;
    while at < text.len() {
        let Some((introducer, body)) = introducer(text, at) else {
            at += char_len(text, at);
            continue;
        };
        if ends_in_tilde(&text[body..]) {
            out.extend_from_slice(&text[kept..at]);
            out.extend_from_slice(SHOWN);
            kept = at + introducer;
        }
        at += introducer;
    }
    out.extend_from_slice(&text[kept..]);
}

/// Bytes of the introducer at `at` (ESC alone, or a C1 CSI) and where the
/// parameters begin.
fn introducer(text: &[u8], at: usize) -> Option<(usize, usize)> {
    match text[at..] {
        [0x1b, ..] => {
            let rest = &text[at + 1..];
            let skipped = rest.iter().take_while(|b| is_passed_over(**b)).count();
            (rest.get(skipped) == Some(&b'[')).then_some((1, at + skipped + 2))
        }
        [0xc2, 0x9b, ..] => Some((2, at + 2)),
        [0x9b, ..] => Some((1, at + 1)),
        _ => None,
    }
}

/// Controls that do not end a sequence: C0 but ESC, CAN and SUB; and DEL.
fn is_passed_over(byte: u8) -> bool {
    matches!(byte, 0..=0x17 | 0x19 | 0x1c..=0x1f | 0x7f)
}

fn ends_in_tilde(body: &[u8]) -> bool {
    body.iter()
        .find(|b| !is_passed_over(**b) && !matches!(b, 0x20..=0x3f))
        == Some(&b'~')
}

/// Bytes of the character at `at`; 1 where the text is not UTF-8.
fn char_len(text: &[u8], at: usize) -> usize {
    let len = match text[at] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return 1,
    };
    match text.get(at..at + len) {
        Some(bytes) if std::str::from_utf8(bytes).is_ok() => len,
        Some(_) | None => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn paste(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode_paste(text, true, &mut out);
        out.strip_prefix(START)
            .and_then(|rest| rest.strip_suffix(END))
            .unwrap()
            .to_vec()
    }

    #[test]
    fn paste_outside_brackets_is_sent_as_it_is() {
        let mut out = Vec::new();
        encode_paste(b"a\x1b[201~\n", false, &mut out);
        assert_eq!(out, b"a\x1b[201~\n");
    }

    #[test]
    fn paste_defuses_its_end_in_every_form() {
        for (text, want) in [
            (&b"a\x1b[201~b"[..], "a␛[201~b"),
            (b"\x1b[0201;1~", "␛[0201;1~"),
            (b"\x1b[20\x001~", "␛[20\u{0}1~"),
            (b"\x1b\x00[201~", "␛\u{0}[201~"),
            (b"\x9b201~", "␛201~"),
            (b"\xc2\x9b201~", "␛201~"),
            (b"\x1b\x1b[201~[201~", "\x1b␛[201~[201~"),
            (b"\x1b[31mred\x1b[m", "\x1b[31mred\x1b[m"),
            ("雛 ě 🙛".as_bytes(), "雛 ě 🙛"),
        ] {
            assert_eq!(String::from_utf8(paste(text)).unwrap(), want);
        }
    }

    proptest! {
        #[test]
        fn paste_never_holds_its_own_end(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    &b"\x1b"[..], b"[", b"201~", b"20", b"1", b"~", b"\x9b", b"\xc2", b"\xe9",
                    b"\x00", b"\n", b";", b"x",
                ]),
                0..24,
            )
        ) {
            let out = paste(&parts.concat());
            let holds = |part: &[u8]| out.windows(part.len()).any(|w| w == part);
            prop_assert!(!holds(END) && !holds(b"\xc2\x9b201~"));
        }
    }
}
