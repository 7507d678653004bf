//! The spellings in which a value may appear: as it is, each of its lines, and as
//! other programs encode and quote it. Blanks are dropped from all, since they
//! are passed over in what is searched.

use std::collections::BTreeSet;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use super::MAX_VALUE;
use super::matcher::is_passed_over;

/// The shortest value that is looked for, in bytes without blanks (Travis CI's
/// own bound).
pub const MIN_VALUE: usize = 3;

/// The shortest spelling other than the value itself, in bytes.
pub const MIN_FORM: usize = 6;

/// What is looked for.
#[derive(Debug, Default)]
pub(super) struct Patterns(BTreeSet<Vec<u8>>);

impl Patterns {
    /// Adds a value and its spellings.
    pub(super) fn add(&mut self, value: &[u8]) {
        let value = value.trim_ascii();
        if value.len() <= MAX_VALUE {
            self.whole(value);
        }
        if !value.contains(&b'\n') {
            return;
        }
        for line in value.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            // A brace alone on its line is no secret.
            if line.len() >= MIN_FORM && line.len() <= MAX_VALUE {
                self.whole(line);
            }
        }
    }

    /// The spellings, each once.
    pub(super) fn finish(self) -> Vec<Vec<u8>> {
        self.0.into_iter().collect()
    }

    fn whole(&mut self, value: &[u8]) {
        self.put(value, MIN_VALUE);
        if stripped(value).len() < MIN_VALUE {
            return;
        }
        self.put(&unescaped(value), MIN_VALUE);
        for form in [
            percent(value, false, true),
            percent(value, false, false),
            percent(value, true, true),
            json(value),
            xml(value, "&#39;"),
            xml(value, "&apos;"),
            shell(value),
            backslashed(value),
            HEXLOWER.encode(value).into_bytes(),
            HEXUPPER.encode(value).into_bytes(),
        ] {
            self.put(&form, MIN_FORM);
        }
        for shift in 0..3 {
            for form in base64(value, shift) {
                self.put(&form, MIN_FORM);
            }
        }
    }

    fn put(&mut self, form: &[u8], least: usize) {
        let form = stripped(form);
        if form.len() >= least {
            self.0.insert(form);
        }
    }
}

fn stripped(form: &[u8]) -> Vec<u8> {
    form.iter()
        .copied()
        .filter(|byte| !is_passed_over(*byte))
        .collect()
}

/// The characters of a base64 text that this value alone decides, when so many
/// bytes stand before it in a group of three, and something or nothing behind it
/// (RFC 4648, both alphabets).
fn base64(value: &[u8], shift: usize) -> [Vec<u8>; 4] {
    let mut text = vec![0; shift];
    text.extend_from_slice(value);
    let first = [0, 2, 3][shift];
    // Of the last group only what holds no bit of what may follow.
    let last = text.len() * 8 / 6;
    let standard = BASE64_NOPAD.encode(&text).into_bytes();
    let url = BASE64URL_NOPAD.encode(&text).into_bytes();
    let cut = |coded: &[u8], end: usize| coded.get(first..end).unwrap_or_default().to_vec();
    [
        cut(&standard, last),
        cut(&standard, standard.len()),
        cut(&url, last),
        cut(&url, url.len()),
    ]
}

/// RFC 3986, "Percent-Encoding"; forms (`application/x-www-form-urlencoded`)
/// write a blank as `+`.
fn percent(value: &[u8], form: bool, upper: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(*byte),
            b' ' if form => text.push(b'+'),
            byte if upper => text.extend(format!("%{byte:02X}").bytes()),
            byte => text.extend(format!("%{byte:02x}").bytes()),
        }
    }
    text
}

/// RFC 8259, "Strings", without the quotes.
fn json(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            b'\n' => text.extend(b"\\n"),
            b'\r' => text.extend(b"\\r"),
            b'\t' => text.extend(b"\\t"),
            byte if *byte < 0x20 => text.extend(format!("\\u{byte:04x}").bytes()),
            byte => text.push(*byte),
        }
    }
    text
}

/// XML 1.0, "Predefined Entities"; of `'` there are two common spellings.
fn xml(value: &[u8], apostrophe: &str) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte {
            b'&' => text.extend(b"&amp;"),
            b'<' => text.extend(b"&lt;"),
            b'>' => text.extend(b"&gt;"),
            b'"' => text.extend(b"&quot;"),
            b'\'' => text.extend(apostrophe.bytes()),
            byte => text.push(*byte),
        }
    }
    text
}

/// As a shell's `set -x` writes a word with an apostrophe.
fn shell(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte {
            b'\'' => text.extend(b"'\\''"),
            byte => text.push(*byte),
        }
    }
    text
}

/// Each character that a shell might read itself with a backslash, as
/// `printf %q` writes it.
fn backslashed(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        let plain = byte.is_ascii_alphanumeric() || b"_-.,:+/@%=".contains(byte) || *byte >= 0x80;
        if !plain {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text
}

/// The value as `echo -e` would print it (Travis CI masks that too).
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n' | b'r' | b't' | b'a' | b'b' | b'f' | b'v') => {}
            Some(b'\\') | None => text.push(b'\\'),
            Some(other) => text.extend([b'\\', other]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_keeps_only_what_the_value_decides() {
        // "abc" alone, after one byte, after two.
        assert_eq!(base64(b"abc", 0)[0], b"YWJj");
        assert_eq!(base64(b"abc", 1)[0], b"FiY");
        assert_eq!(base64(b"abc", 2)[0], b"hYm");
        assert_eq!(base64(b"abc", 2)[1], b"hYmM");
        assert_eq!(base64(&[0xff, 0xff, 0xff], 0)[2], b"____");
    }

    #[test]
    fn backslashes_are_read_as_echo_reads_them() {
        assert_eq!(unescaped(br"a\nb\\c\q"), br"ab\c\q");
        assert_eq!(unescaped(b"plain\\"), b"plain\\");
    }

    #[test]
    fn other_spellings_of_short_values_are_not_looked_for() {
        let mut patterns = Patterns::default();
        patterns.add(b"abc");
        let all = patterns.finish();
        assert_eq!(all, [b"616263".to_vec(), b"abc".to_vec()]);
    }
}
