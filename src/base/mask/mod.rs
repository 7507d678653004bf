//! Values that must not get out, and their removal from what does: logs, exports,
//! recordings, the pictures of those who may only look. Each becomes [`MARK`].
//!
//! ```text
//! Secrets ─ stream() ─→ Masker: bytes of a terminal in any pieces → bytes without them
//!         ├ mask()  ──→ a whole text
//!         └ spans() ──→ where they are, for whoever draws cells
//! ```
//!
//! A value is found whatever colours, cursor motions, blanks, line breaks and
//! pieces it is split by, and also as base64, in hexadecimal, and as URLs, JSON,
//! XML and shells would quote it. What a program makes of it otherwise (reversed,
//! letter by letter with text between) is not found: this guards against
//! accidents, not against whoever may type. It knows no option and no environment.

mod forms;
mod matcher;
mod names;
mod stream;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use forms::{MIN_FORM, MIN_VALUE};
pub use matcher::HELD;
pub use names::{is_meant, is_secret_name, is_telling, matches_name};
pub use stream::Masker;

use matcher::{Matcher, Table};

/// What stands for a value, as in the logs of Travis CI.
pub const MARK: &str = "[secure]";

/// The most values that are taken; further ones are refused by [`Secrets::of`].
pub const MAX_VALUES: usize = 4096;

/// The longest value that is looked for whole, in bytes. Of a longer one each
/// line is.
pub const MAX_VALUE: usize = 16 * 1024;

/// The values that must not get out. Copies share one table.
#[derive(Clone, Default)]
pub struct Secrets(Option<Arc<Table>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the values nor how many or how long they are.
        f.write_str("Secrets(***)")
    }
}

impl Secrets {
    /// The values, each with its other spellings; those that are shorter than
    /// [`MIN_VALUE`] without their blanks are left out, since every log would be
    /// full of marks.
    ///
    /// # Errors
    /// A sentence when there are more than [`MAX_VALUES`] or their table would
    /// be too large; nothing is masked by halves.
    pub fn of<I>(values: I) -> Result<Self, String>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let mut patterns = forms::Patterns::default();
        for (at, value) in values.into_iter().enumerate() {
            if at >= MAX_VALUES {
                return Err(format!("more than {MAX_VALUES} secrets"));
            }
            patterns.add(value.as_ref());
        }
        Self::found_by(patterns.finish())
    }

    /// The values of all of these together.
    ///
    /// # Errors
    /// A sentence when their table would be too large.
    pub fn joined<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<Self, String> {
        let mut tables = all.into_iter().filter_map(|secrets| secrets.0.as_ref());
        let Some(first) = tables.next() else {
            return Ok(Self(None));
        };
        let mut patterns: BTreeSet<&Vec<u8>> = tables.flat_map(|table| table.patterns()).collect();
        if patterns.is_empty() {
            return Ok(Self(Some(first.clone())));
        }
        patterns.extend(first.patterns());
        Self::found_by(patterns.into_iter().cloned().collect())
    }

    fn found_by(patterns: Vec<Vec<u8>>) -> Result<Self, String> {
        if patterns.is_empty() {
            return Ok(Self(None));
        }
        let table = Table::new(patterns).map_err(|why| format!("secrets: {why}"))?;
        Ok(Self(Some(Arc::new(table))))
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// A masker of one stream, such as a pane's output.
    #[must_use]
    pub fn stream(&self) -> Masker {
        Masker::new(self.0.clone())
    }

    /// A text without the values.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        let masked = self.mask_bytes(text.as_bytes());
        String::from_utf8(masked)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The bytes of a whole stream without the values.
    #[must_use]
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut masker = self.stream();
        masker.feed(bytes, &mut out);
        masker.finish(&mut out);
        out
    }

    /// Where the values are in a text without control sequences, in order and
    /// apart from each other, in bytes.
    #[must_use]
    pub fn spans(&self, text: &[u8]) -> Vec<Range<usize>> {
        let Some(table) = &self.0 else {
            return Vec::new();
        };
        Matcher::new(table.clone()).spans(text)
    }

    /// The length of the longest spelling that is looked for, in bytes: so much of
    /// a text beside what is shown may belong to a value in it.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.longest())
    }

    /// What before each of these places in a text, in order, may be the beginning
    /// of a value that is cut off there, when that is more than may be shown of
    /// one.
    #[must_use]
    pub fn cut(&self, text: &[u8], places: &[usize]) -> Vec<Range<usize>> {
        let Some(table) = &self.0 else {
            return Vec::new();
        };
        Matcher::new(table.clone()).cut(text, places)
    }

    /// How many bytes at the end of a text may be the beginning of a value, when
    /// that is more than may be shown of one; else 0.
    #[must_use]
    pub fn begun(&self, text: &[u8]) -> usize {
        let Some(table) = &self.0 else {
            return 0;
        };
        Matcher::new(table.clone()).begun(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets::of(values).unwrap()
    }

    #[test]
    fn value_becomes_one_mark_however_it_is_written() {
        let secrets = secrets(&["hunter2-and-more", "s3cr3t/with+all=", "it's \"quoted\""]);
        let table = [
            ("a hunter2-and-more b", "a [secure] b"),
            ("hunter2-and-moreHUNTER", "[secure]HUNTER"),
            ("hunter2\r\n-and-more!", "[secure]\r\n!"),
            ("hunter2-\x1b[31mand\x1b[0m-more", "[secure]\x1b[31m\x1b[0m"),
            ("hunter2-and \r-more$", "[secure]\r$"),
            ("aHVudGVyMi1hbmQtbW9yZQ== x", "[secure]== x"),
            ("s3cr3t%2Fwith%2Ball%3D", "[secure]"),
            ("s3cr3t%2fwith%2ball%3d", "[secure]"),
            (r#"it's \"quoted\""#, "[secure]"),
            (r"it'\''s", r"it'\''s"),
            (r#"'it'\''s "quoted"'"#, "'[secure]'"),
            ("it&#39;s &quot;quoted&quot;", "[secure]"),
            ("68756e746572322d616e642d6d6f7265", "[secure]"),
            ("hunter2-and-mor", "hunter2-and-mor"),
            ("hunter2-and-mohunter2-and-more", "hunter2-and-mo[secure]"),
            ("hunter2-and-more hunter2-and-more", "[secure] [secure]"),
            ("hunter2- and-more, b", "[secure], b"),
        ];
        for (text, masked) in table {
            assert_eq!(secrets.mask(text), masked, "{text:?}");
        }
    }

    #[test]
    fn base64_is_found_at_every_offset_and_over_lines() {
        let value = "correct horse battery staple";
        let secrets = secrets(&[value]);
        for before in ["", "x", "xy", "user:", "ab:c:"] {
            for after in ["", "!", "!!"] {
                let text = format!("{before}{value}{after}");
                let coded = data_encoding::BASE64.encode(text.as_bytes());
                let lines: Vec<&[u8]> = coded.as_bytes().chunks(10).collect();
                let folded = lines.join(&b"\n"[..]);
                for coded in [coded.as_bytes(), &folded] {
                    let masked = secrets.mask_bytes(coded);
                    let masked = String::from_utf8(masked).unwrap();
                    assert!(masked.contains(MARK), "{before}|{after}: {masked}");
                    assert!(masked.len() < 32, "{before}|{after}: {masked}");
                }
            }
        }
    }

    #[test]
    fn overlapping_values_leave_no_part_of_either() {
        let table: [(&[&str], &str, &str); 5] = [
            (&["aab"], "aaab", "a[secure]"),
            (&["abcd", "cdef"], "xabcdefx", "x[secure]x"),
            (&["abc", "abcdef"], "abcdef abcde", "[secure] [secure]de"),
            (&["abc", "def"], "abcdef", "[secure]"),
            (&["bcd", "abcde"], "abcdx", "a[secure]x"),
        ];
        for (values, text, masked) in table {
            assert_eq!(secrets(values).mask(text), masked, "{values:?} {text}");
        }
    }

    #[test]
    fn joined_secrets_are_found_together() {
        let (none, one, two) = (
            secrets(&[]),
            secrets(&["hunter2"]),
            secrets(&["s3cr3t", "hunter2"]),
        );
        let text = "hunter2 s3cr3t hun";
        for (all, masked) in [
            (vec![], text),
            (vec![&none], text),
            (vec![&none, &one], "[secure] s3cr3t hun"),
            (vec![&one, &none, &two], "[secure] [secure] hun"),
        ] {
            assert_eq!(Secrets::joined(all).unwrap().mask(text), masked);
        }
    }

    #[test]
    fn lines_of_a_long_value_are_values() {
        let key = "-----BEGIN KEY-----\nMIIEabcdefgh\nijklmnop1234\n-----END KEY-----\n";
        let secrets = secrets(&[key]);
        assert_eq!(secrets.mask("x MIIEabcdefgh y"), "x [secure] y");
        assert_eq!(secrets.mask("ijklmnop1234"), "[secure]");
    }

    #[test]
    fn value_in_a_title_is_masked_and_the_title_kept() {
        let secrets = secrets(&["hunter2"]);
        for text in [
            "\x1b]0;x hunter2 y\x07",
            "\x1bP hunter2\x1b\\",
            "\x1b]0;hunter2\x1b\\z",
        ] {
            assert_eq!(
                secrets.mask(text),
                text.replace("hunter2", MARK),
                "{text:?}"
            );
        }
        assert_eq!(
            secrets.mask("hun\x1b]0;title\x07ter2."),
            "[secure]\x1b]0;title\x07."
        );
    }

    #[test]
    fn short_values_are_no_secrets() {
        assert!(secrets(&["", "ab", "a \n b"]).is_empty());
        assert!(!secrets(&["abc"]).is_empty());
    }

    #[test]
    fn formatter_tells_nothing() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(format!("{secrets:?}"), "Secrets(***)");
        assert!(!format!("{:?}", secrets.stream()).contains("hunter"));
    }

    #[test]
    fn spans_are_where_the_values_are() {
        let secrets = secrets(&["abcdefgh"]);
        assert_eq!(secrets.spans(b"xabcd\nefgh abcdefgh"), [1..10, 11..19]);
        assert!(secrets.spans(b"abcdefg").is_empty());
        assert_eq!(secrets.begun(b"x abcdefg"), 7);
        assert_eq!(secrets.begun(b"x ab"), 0);
        assert_eq!(secrets.begun(b"x abcdefgh"), 0);
        assert_eq!(secrets.longest(), 16, "in hexadecimal");
    }

    #[test]
    fn beginnings_are_found_where_a_text_is_cut() {
        let secrets = secrets(&["abcdefghijkl"]);
        let text = b"abcdefgh abcd abcdefghijkl";
        for (places, wanted) in [
            (&[8][..], &[(0, 8)][..]),
            (&[4, 8, 13], &[(0, 4), (0, 8), (9, 13)]),
            (&[3, 11, 26], &[]),
            (&[20], &[(14, 20)]),
        ] {
            let cut = secrets.cut(text, places).into_iter();
            let cut: Vec<_> = cut.map(|range| (range.start, range.end)).collect();
            assert_eq!(cut, wanted, "{places:?}");
        }
    }
}
