//! Base64 as programs in terminals write it: lenient where RFC 4648 (section 4)
//! lets a specification be. Keys and tokens are read strictly, elsewhere.

use data_encoding::BASE64_NOPAD;

/// The bytes of `text`. Blanks are passed over, and padding may be missing; none
/// for any other character, or for digits that are no whole bytes.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'=');
    let mut digits = text[..end.unwrap_or(text.len())].to_vec();
    digits.retain(|byte| !matches!(byte, b' ' | b'\r' | b'\n' | b'\t'));
    BASE64_NOPAD.decode(&digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_decodes_or_refuses() {
        for (text, bytes) in [
            ("aGVsbG8=", Some("hello")),
            ("aGVsbG8", Some("hello")),
            ("aGVs\r\nbG8=\n", Some("hello")),
            ("", Some("")),
            ("=", Some("")),
            ("a*", None),
            ("aGVsb", None),
        ] {
            assert_eq!(
                decode(text.as_bytes()),
                bytes.map(|bytes| bytes.as_bytes().to_vec()),
                "{text:?}"
            );
        }
    }
}
