//! Setting the clipboard of a client's terminal, and asking for it where a user
//! did (xterm ctlseqs, OSC 52). No program's question is handed on.

use super::caps::Caps;

/// Largest text offered to a terminal, in bytes; what is larger is left out,
/// since a cut one would be worse than none.
const MAX: usize = 1 << 20;

/// Sets the clipboard, if the terminal lets us.
pub fn clipboard(caps: &Caps, text: &[u8], out: &mut Vec<u8>) {
    if !caps.clipboard || text.len() > MAX {
        return;
    }
    out.extend_from_slice(b"\x1b]52;;");
    base64(text, out);
    out.push(0x07);
}

/// Asks for the clipboard, if the terminal has one to be set.
pub fn ask_clipboard(caps: &Caps, out: &mut Vec<u8>) {
    if caps.clipboard {
        out.extend_from_slice(b"\x1b]52;;?\x1b\\");
    }
}

/// The answer to a program that asked for the clipboard, for the selections it
/// named (xterm's default where it named none), ended by ST or BEL as it asked.
pub fn clipboard_answer(text: &[u8], selection: &str, st: bool, out: &mut Vec<u8>) {
    let selection = if selection.is_empty() {
        "s0"
    } else {
        selection
    };
    out.extend_from_slice(b"\x1b]52;");
    out.extend_from_slice(selection.as_bytes());
    out.push(b';');
    base64(&text[..text.len().min(MAX)], out);
    out.extend_from_slice(if st { b"\x1b\\" } else { b"\x07" });
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(text: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in text.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            if at <= chunk.len() {
                out.push(DIGITS[(bits >> shift & 63) as usize]);
            } else {
                out.push(b'=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipboard_is_base64_and_only_where_it_is_wanted() {
        for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            let mut out = Vec::new();
            base64(text.as_bytes(), &mut out);
            assert_eq!(out, encoded.as_bytes());
        }
        let mut out = Vec::new();
        let caps = Caps::from_env("vt100", |_| None, true);
        clipboard(&caps, b"x", &mut out);
        assert!(out.is_empty());
    }
}
