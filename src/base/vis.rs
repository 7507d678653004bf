//! Bytes of any kind as printable text, the way strvis(3) writes them: C's
//! escapes or carets, UTF-8 as it is. It reads nothing back.

/// Writes bytes with escapes: `\n`, `\\`, `\033`; what is no UTF-8 in octal.
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(ch) = chars.next() {
            let next = chars.peek().copied();
            write(&mut out, ch, next);
        }
        for byte in chunk.invalid() {
            octal(&mut out, *byte);
        }
    }
    out
}

fn write(out: &mut String, ch: char, next: Option<char>) {
    match ch {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        // A digit after it would be read as part of the number.
        '\0' if !next.is_some_and(|next| ('0'..='7').contains(&next)) => out.push_str("\\0"),
        // C1 controls are characters of their own here, which no terminal may get.
        ch if ch.is_control() => {
            let mut buffer = [0; 4];
            for byte in ch.encode_utf8(&mut buffer).bytes() {
                octal(out, byte);
            }
        }
        ch => out.push(ch),
    }
}

fn octal(out: &mut String, byte: u8) {
    out.push('\\');
    for shift in [6, 3, 0] {
        out.push(char::from(b'0' + (byte >> shift & 7)));
    }
}

/// Appends bytes with carets for controls, so that none is obeyed where they are
/// typed: `^[`, `^?`, `M-C` for a byte that is no UTF-8. Blanks, a bell, a
/// backspace and a carriage return stay, and so does UTF-8 (vis(3), `VIS_SAFE`).
pub fn caret(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            match byte {
                7..=10 | b'\r' | b' '..=b'~' | 0x80.. => out.push(byte),
                _ => out.extend_from_slice(&[b'^', byte ^ 0x40]),
            }
        }
        for byte in chunk.invalid() {
            let low = byte & 0x7f;
            match low {
                b' ' => out.extend_from_slice(b"\\240"),
                0..b' ' | 0x7f => out.extend_from_slice(&[b'M', b'^', low ^ 0x40]),
                _ => out.extend_from_slice(&[b'M', b'-', low]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_written_with_carets() {
        for (bytes, text) in [
            (&b"a\tb\x07\x08\r\n"[..], &b"a\tb\x07\x08\r\n"[..]),
            (b"\x1b[2J\x01\x7f\0", b"^[[2J^A^?^@"),
            (b"\xff\xc3.\x9b\xa0", b"M^?M-C.M^[\\240"),
            ("é\u{9b}".as_bytes(), "é\u{9b}".as_bytes()),
        ] {
            let mut out = Vec::new();
            caret(bytes, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn bytes_are_written_with_escapes() {
        for (bytes, text) in [
            (&b"a b"[..], "a b"),
            (b"a\nb\t\\", "a\\nb\\t\\\\"),
            (b"\0\xff", "\\0\\377"),
            (b"\x007", "\\0007"),
            (b"\x1b[0m\x7f", "\\033[0m\\177"),
            ("é→".as_bytes(), "é→"),
            (b"\xc2\x85", "\\302\\205"),
        ] {
            assert_eq!(visible(bytes), text);
        }
    }
}
