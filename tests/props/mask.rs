//! Masking: beside an oracle that looks for every value at every place, and that
//! no spelling of a value is left in any stream.

use stepmux::base::mask::{MARK, Secrets};

use super::{Dice, Reader, cut};

/// Letters, and what may stand between them.
const PIECES: [&str; 16] = [
    "a",
    "b",
    "c",
    "d",
    "ab",
    "ba",
    "aa",
    " ",
    "\r\n",
    "\t",
    " \r",
    "\x1b[31m",
    "\x1b[2;5H",
    "\x1b]0;x\x07",
    "\x1bM",
    "x",
];

/// Cuts; how many values, and their letters; then pieces of the stream.
pub fn mask_stream(data: &[u8]) {
    let mut reader = Reader::new(data);
    let seed = reader.byte();
    let mut dice = Dice::new(u64::from(reader.byte()) << 8 | u64::from(reader.byte()));
    let values: Vec<Vec<u8>> = (0..=dice.below(4))
        .map(|_| {
            (0..3 + dice.below(4))
                .map(|_| b"abcd"[dice.below(4)])
                .collect()
        })
        .collect();
    beside_the_oracle(&values, reader.rest(), seed);
    spellings(&mut dice, reader.rest(), seed);
}

fn masked(secrets: &Secrets, bytes: &[u8], seed: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut masker = secrets.stream();
    cut(bytes, seed, |piece| masker.feed(piece, &mut out));
    masker.finish(&mut out);
    out
}

/// Of values of a few letters no other spelling can be in the stream.
fn beside_the_oracle(values: &[Vec<u8>], pieces: &[u8], seed: u8) {
    let mut bytes = Vec::new();
    let mut seen = Vec::new();
    for piece in pieces {
        let piece = PIECES[usize::from(*piece) % PIECES.len()].as_bytes();
        if piece[0].is_ascii_alphabetic() {
            seen.extend(bytes.len()..bytes.len() + piece.len());
        }
        bytes.extend_from_slice(piece);
    }
    let mut secret = vec![false; seen.len()];
    // Whether a value goes on from this letter to the next.
    let mut joined = vec![false; seen.len()];
    for value in values {
        for start in 0..seen.len() {
            let places = seen.get(start..start + value.len()).unwrap_or_default();
            let same = places.iter().map(|at| &bytes[*at]).eq(value);
            if same {
                secret[start..start + value.len()].fill(true);
                joined[start..start + value.len() - 1].fill(true);
            }
        }
    }
    let mut expected = Vec::new();
    let mut seen = seen
        .into_iter()
        .zip(secret.into_iter().zip(joined))
        .peekable();
    let (mut before, mut inside) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match seen.next_if(|(place, _)| *place == at) {
            Some((_, (true, joined))) => {
                if !before {
                    expected.extend_from_slice(MARK.as_bytes());
                }
                (before, inside) = (true, joined);
            }
            Some((_, (false, _))) => {
                expected.push(*byte);
                (before, inside) = (false, false);
            }
            None => {
                // No piece has a blank in a control sequence.
                if !(inside && matches!(byte, b' ' | b'\t')) {
                    expected.push(*byte);
                }
                before &= inside;
            }
        }
    }
    let secrets = Secrets::of(values).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&masked(&secrets, &bytes, seed)),
        String::from_utf8_lossy(&expected),
        "{values:?}"
    );
}

/// A value that nothing else holds is gone in each of its spellings, split by
/// whatever the data says.
fn spellings(dice: &mut Dice, splits: &[u8], seed: u8) {
    let letters = b"QZXJKqzxjk0123456789/+=&%\"'<>$";
    let length = 8 + dice.below(24);
    let value: Vec<u8> = (0..length)
        .map(|_| letters[dice.below(letters.len())])
        .collect();
    let secrets = Secrets::of([&value]).unwrap();
    let text = String::from_utf8(value).unwrap();
    let forms = [
        text.clone(),
        data_encoding::BASE64_NOPAD.encode(text.as_bytes()),
        data_encoding::BASE64URL_NOPAD.encode(text.as_bytes()),
        data_encoding::HEXLOWER.encode(text.as_bytes()),
        text.replace('\\', "\\\\").replace('"', "\\\""),
        text.replace('\'', "'\\''"),
    ];
    for form in forms {
        let form = form.as_bytes();
        let mut bytes = b"before: ".to_vec();
        for (at, byte) in form.iter().enumerate() {
            bytes.push(*byte);
            if let Some(split @ 0..32) = splits.get(at) {
                let gaps = [
                    " ",
                    "\r\n",
                    "\t",
                    " \r",
                    "\x1b[31m",
                    "\x1b[3;4H",
                    "\x1b]2;y\x1b\\",
                    "\x1b=",
                ];
                bytes.extend_from_slice(gaps[usize::from(*split) % 8].as_bytes());
            }
        }
        bytes.extend_from_slice(b" :after");
        let out = masked(&secrets, &bytes, seed);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("before: [secure]"), "{text:?}");
        assert!(text.ends_with(":after"), "{text:?}");
        // Nothing but the mark and what stood between.
        let rest = text.len() - "before:  :after".len() - MARK.len();
        assert!(
            rest <= bytes.len() - form.len() - "before:  :after".len() + 1,
            "{text:?}"
        );
    }
}
