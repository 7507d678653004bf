//! Setting the clipboard of a client's terminal, and asking for it where a user
//! did (xterm ctlseqs, OSC 52). No program's question is handed on.

use data_encoding::BASE64;

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
    out.extend_from_slice(BASE64.encode(text).as_bytes());
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
    let text = &text[..text.len().min(MAX)];
    out.extend_from_slice(BASE64.encode(text).as_bytes());
    out.extend_from_slice(if st { b"\x1b\\" } else { b"\x07" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipboard_is_set_in_base64_and_only_where_it_is_wanted() {
        let mut out = Vec::new();
        clipboard(&Caps::from_env("xterm", |_| None, true), b"fo", &mut out);
        assert_eq!(out, b"\x1b]52;;Zm8=\x07");
        out.clear();
        clipboard(&Caps::from_env("vt100", |_| None, true), b"x", &mut out);
        assert!(out.is_empty());
    }
}
