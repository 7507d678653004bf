//! What tells quickly that a block does not hold a text: which pairs of bytes
//! occur in it, hashed, with ASCII letters of both cases as one. A filter may say that
//! a text is there when it is not, never the other way round.

/// Bits of a filter.
const BITS: usize = 8192;

/// The pairs of one block's text.
#[derive(Clone, Debug)]
pub(super) struct Filter(Box<[u64; BITS / 64]>);

/// The pairs that a text must have.
#[derive(Clone, Debug, Default)]
pub(in crate::term) struct Pairs(Vec<u16>);

impl Pairs {
    /// The pairs of a text that is searched for.
    pub(in crate::term) fn of(text: &[u8]) -> Self {
        let pairs = text.windows(2).map(|pair| slot(pair[0], pair[1]) as u16);
        Self(pairs.collect())
    }
}

/// The bit of a pair. One bit of each byte is set, which makes letters of both
/// cases one (and some other bytes too, which only costs a look).
#[inline]
fn slot(first: u8, second: u8) -> usize {
    let pair = u16::from_le_bytes([first, second]) | 0x2020;
    usize::from(pair.wrapping_mul(0x9e37) >> 3)
}

impl Filter {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut seen = [false; BITS];
        for pair in text.windows(2) {
            seen[slot(pair[0], pair[1])] = true;
        }
        let mut bits = Box::new([0; BITS / 64]);
        for (word, seen) in bits.iter_mut().zip(seen.chunks_exact(64)) {
            for (at, seen) in seen.iter().enumerate() {
                *word |= u64::from(*seen) << at;
            }
        }
        Self(bits)
    }

    /// Whether the text may have all of these pairs.
    pub(super) fn may_hold(&self, pairs: &Pairs) -> bool {
        pairs.0.iter().all(|pair| {
            let pair = usize::from(*pair);
            self.0[pair / 64] >> (pair % 64) & 1 == 1
        })
    }

    pub(super) const BYTES: usize = BITS / 8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_holds_every_text_that_is_there() {
        let text = "A line of a Log with 漢字 and 12345\nand more".as_bytes();
        let filter = Filter::new(text);
        for from in 0..text.len() {
            for to in from..text.len() {
                assert!(filter.may_hold(&Pairs::of(&text[from..to])));
                assert!(filter.may_hold(&Pairs::of(&text[from..to].to_ascii_lowercase())));
            }
        }
        for absent in ["NEEDLE", "zq", "54321 z", "字漢"] {
            assert!(!filter.may_hold(&Pairs::of(absent.as_bytes())), "{absent}");
        }
    }
}
