//! Sequences that mean a key by an option or a terminal's description: looked
//! for at the start of what a terminal sends, before it is read otherwise. It
//! holds no state, and knows nothing of time.

use crate::base::Key;

/// The longest sequence taken, in bytes.
const MAX_LEN: usize = 64;
/// The most sequences taken.
const MAX_KEYS: usize = 1024;

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A key, and the length of its sequence.
    Key(Key, usize),
    /// Perhaps the start of one.
    More,
    /// None.
    Nothing,
}

/// Sequences and their keys, sorted by sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Custom(Vec<(Vec<u8>, Key)>);

impl Custom {
    pub(super) fn new(mut keys: Vec<(Vec<u8>, Key)>) -> Self {
        keys.retain(|(sequence, _)| (1..=MAX_LEN).contains(&sequence.len()));
        keys.truncate(MAX_KEYS);
        // A stable sort: of equal sequences the first stays first.
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        keys.dedup_by(|later, first| later.0 == first.0);
        Self(keys)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The longest sequence that `bytes` begin with. Where a longer one may
    /// still come, more is wanted, unless these are the `last` bytes.
    pub(super) fn find(&self, bytes: &[u8], last: bool) -> Found {
        let from = self
            .0
            .partition_point(|(sequence, _)| sequence.as_slice() < bytes);
        let longer = self.0.get(from..).and_then(|rest| {
            rest.iter()
                .find(|(sequence, _)| sequence.len() > bytes.len() || sequence != bytes)
        });
        if !last && longer.is_some_and(|(sequence, _)| sequence.starts_with(bytes)) {
            return Found::More;
        }
        let whole = (1..=bytes.len().min(MAX_LEN)).rev().find_map(|len| {
            let at = self
                .0
                .binary_search_by(|(sequence, _)| sequence.as_slice().cmp(&bytes[..len]));
            Some((at.ok()?, len))
        });
        match whole {
            Some((at, len)) => Found::Key(self.0[at].1, len),
            None => Found::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_sequence_wins_once_it_is_decided() {
        let (a, b, c) = (Key::char('a'), Key::char('b'), Key::char('c'));
        let custom = Custom::new(vec![
            (b"\x1bO".to_vec(), a),
            (b"\x1bOP".to_vec(), b),
            (b"\x1bOP".to_vec(), c),
            (Vec::new(), c),
        ]);
        for (bytes, last, found) in [
            (&b"\x1b"[..], false, Found::More),
            (b"\x1b", true, Found::Nothing),
            (b"\x1bO", false, Found::More),
            (b"\x1bO", true, Found::Key(a, 2)),
            (b"\x1bOP", false, Found::Key(b, 3)),
            (b"\x1bOQ", false, Found::Key(a, 2)),
            (b"x", false, Found::Nothing),
        ] {
            assert_eq!(custom.find(bytes, last), found, "{bytes:?} {last}");
        }
    }
}
