//! Texts of a format's own words in no order, and a good text with pieces
//! overwritten, for the loaders' tests. They come from a simple generator, so a
//! failure repeats.

#![allow(clippy::unwrap_used)]

use super::model::Build;
use super::yaml::CiError;

/// The texts that are tried.
const ROUNDS: u32 = 3000;

/// Loads mangled texts, named `file`: each is a build of some job, or an error
/// which says where and what. Some must be of either kind.
pub(crate) fn try_loader(
    file: &str,
    words: &[&str],
    base: &str,
    load: impl Fn(&str) -> Result<Build, CiError>,
) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap() % bound
    };
    let (mut good, mut bad) = (0, 0);
    for round in 0..ROUNDS {
        let text = if round % 2 == 0 {
            let count = next(40);
            (0..count).map(|_| words[next(words.len())]).collect()
        } else {
            overwritten(base, words, &mut next)
        };
        match load(&text) {
            Ok(build) => {
                good += 1;
                assert!(!build.jobs.is_empty(), "{text}");
            }
            Err(error) => {
                bad += 1;
                let told = error.to_string();
                assert!(told.starts_with(&format!("{file}:")), "{told}");
                assert!(!error.message.is_empty(), "{text}");
            }
        }
    }
    assert!(good > 50 && bad > 50, "{good} {bad}");
}

fn overwritten(base: &str, words: &[&str], next: &mut impl FnMut(usize) -> usize) -> String {
    let mut text = base.to_owned();
    for _ in 0..1 + next(4) {
        let start = text.floor_char_boundary(next(text.len()));
        let end = text.floor_char_boundary(start + next(12));
        text.replace_range(start..end.max(start), words[next(words.len())]);
    }
    text
}
