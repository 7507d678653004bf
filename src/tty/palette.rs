//! Asking a client's terminal for a colour of its palette, and the answer to the
//! program that wanted it (xterm ctlseqs, OSC 4). Nobody's palette is changed.

/// Asks for a colour.
pub fn ask_palette(index: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b]4;{index};?\x1b\\").as_bytes());
}

/// Tells a program a colour that it asked for, ended by ST or BEL as it asked.
pub fn palette_answer(index: u8, rgb: (u8, u8, u8), st: bool, out: &mut Vec<u8>) {
    let (r, g, b) = rgb;
    let end = if st { "\x1b\\" } else { "\x07" };
    let text = format!("\x1b]4;{index};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}{end}");
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palette_is_asked_for_and_told_as_it_was_asked() {
        let mut out = Vec::new();
        ask_palette(7, &mut out);
        palette_answer(7, (1, 0xab, 0), true, &mut out);
        palette_answer(255, (1, 0xab, 0), false, &mut out);
        let told =
            "\x1b]4;7;?\x1b\\\x1b]4;7;rgb:0101/abab/0000\x1b\\\x1b]4;255;rgb:0101/abab/0000\x07";
        assert_eq!(out, told.as_bytes());
    }
}
