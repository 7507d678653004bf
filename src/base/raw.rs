//! Words of a command line that are not UTF-8: each byte that is not is held as
//! one character of the last private ones (U+10FF80 and up), so that a name made
//! of it can be refused and shown as it was written. It tells nobody else's text
//! from such words: whoever has that character says the byte.

use std::borrow::Cow;

/// The character that holds byte 0.
const BASE: u32 = 0x10_ff00;

/// Text of bytes, those that are not UTF-8 held each in a character.
#[must_use]
pub fn hold(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let held = chunk.invalid().iter();
        text.extend(held.filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
    }
    text
}

/// The byte that a character holds.
#[must_use]
pub fn held(ch: char) -> Option<u8> {
    let byte = u32::from(ch).checked_sub(BASE)?;
    u8::try_from(byte).ok().filter(|byte| *byte >= 0x80)
}

/// The bytes that [`hold`] made the text of.
#[must_use]
pub fn release(text: &str) -> Cow<'_, [u8]> {
    if !text.chars().any(|ch| held(ch).is_some()) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for ch in text.chars() {
        match held(ch) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [
            &b""[..],
            b"plain",
            "é 漢".as_bytes(),
            b"a\xffb",
            b"\x80\xc3",
            b"\xed\xa0\x80 \xf4\x90\x80\x80",
        ] {
            let text = hold(bytes);
            assert_eq!(release(&text), bytes, "{bytes:?}");
            let valid = std::str::from_utf8(bytes).is_ok();
            assert_eq!(text.chars().all(|ch| held(ch).is_none()), valid);
        }
    }
}
