//! The text of a YAML scalar: plain, quoted, and block, with line folding as in
//! YAML 1.1 chapter 9 and libyaml. It gives no scalar a type.

use super::scan::{Bad, Done, Scanner};

/// The line breaks and blanks between two words of a folded scalar.
#[derive(Default)]
struct Gap {
    blanks: String,
    first: String,
    more: String,
    broken: bool,
}

impl Gap {
    /// Ends the gap: one break is a space, each further one is kept.
    fn fold_into(&mut self, out: &mut String) {
        if !self.broken {
            out.push_str(&self.blanks);
        } else if self.first.starts_with('\n') {
            if self.more.is_empty() {
                out.push(' ');
            }
            out.push_str(&self.more);
        } else {
            out.push_str(&self.first);
            out.push_str(&self.more);
        }
        *self = Self::default();
    }

    fn is_empty(&self) -> bool {
        !self.broken && self.blanks.is_empty()
    }
}

impl Scanner<'_> {
    /// Copies one character.
    fn read(&mut self, out: &mut String) {
        let start = self.at;
        self.skip();
        out.push_str(self.text.get(start..self.at).unwrap_or_default());
    }

    /// Copies a line break; CR, LF, CRLF and NEL become LF.
    fn read_break(&mut self, out: &mut String) {
        match self.break_len(0) {
            0 => return,
            3 => out.push_str(self.text.get(self.at..self.at + 3).unwrap_or_default()),
            _ => out.push('\n'),
        }
        self.skip_break();
    }

    /// Copies or passes the blanks and breaks of a gap.
    fn read_gap(&mut self, gap: &mut Gap) {
        if self.blank(0) {
            if gap.broken {
                self.skip();
            } else {
                self.read(&mut gap.blanks);
            }
        } else if gap.broken {
            self.read_break(&mut gap.more);
        } else {
            self.read_break(&mut gap.first);
            gap.broken = true;
        }
    }

    /// Whether a plain scalar ends at the character.
    fn plain_ends(&self) -> bool {
        let flow = self.flow > 0;
        match self.peek(0) {
            b':' => self.blank_or_end(1) || (flow && b",?[]{}".contains(&self.peek(1))),
            b',' | b'[' | b']' | b'{' | b'}' => flow,
            _ => false,
        }
    }

    pub(super) fn plain_scalar(&mut self) -> Result<String, Bad> {
        let mut text = String::new();
        let mut gap = Gap::default();
        let indent = self.indent + 1;
        loop {
            if self.at_document_mark() || self.peek(0) == b'#' {
                break;
            }
            let before = self.at;
            while !self.blank_or_end(0) && !self.plain_ends() {
                if !gap.is_empty() {
                    gap.fold_into(&mut text);
                }
                self.read(&mut text);
            }
            if before == self.at && gap.is_empty() && text.is_empty() {
                return self.bad("this character cannot begin a value");
            }
            if !self.blank(0) && self.break_len(0) == 0 {
                break;
            }
            while self.blank(0) || self.break_len(0) > 0 {
                if gap.broken && self.column < indent && self.peek(0) == b'\t' {
                    self.blank_line()?;
                }
                self.read_gap(&mut gap);
            }
            if self.flow == 0 && self.column < indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        Ok(text)
    }

    /// Passes the blanks of a line with nothing else. libyaml refuses a tab there;
    /// only one that indents something is refused here.
    fn blank_line(&mut self) -> Done {
        let place = self.place();
        while self.blank(0) {
            self.skip();
        }
        if self.blank_or_end(0) || self.peek(0) == b'#' {
            return Ok(());
        }
        Err(Bad {
            place,
            message: "a tab cannot indent; use spaces",
        })
    }

    pub(super) fn quoted_scalar(&mut self, quote: u8) -> Result<String, Bad> {
        let mut text = String::new();
        let mut gap = Gap::default();
        let opening = self.place();
        self.skip();
        loop {
            if self.at_document_mark() || self.ended() {
                return Err(Bad {
                    place: opening,
                    message: "this quote is never closed",
                });
            }
            self.quoted_word(quote, &mut text, &mut gap)?;
            if self.peek(0) == quote && !self.ended() {
                break;
            }
            while self.blank(0) || self.break_len(0) > 0 {
                self.read_gap(&mut gap);
            }
            gap.fold_into(&mut text);
        }
        self.skip();
        Ok(text)
    }

    /// The characters up to a blank, a break or the closing quote.
    fn quoted_word(&mut self, quote: u8, text: &mut String, gap: &mut Gap) -> Done {
        while !self.blank_or_end(0) {
            let byte = self.peek(0);
            if byte == quote {
                if quote == b'\'' && self.peek(1) == b'\'' {
                    text.push('\'');
                    self.skip();
                    self.skip();
                    continue;
                }
                return Ok(());
            }
            if byte == b'\\' && quote == b'"' {
                if self.break_len(1) > 0 {
                    self.skip();
                    self.skip_break();
                    gap.broken = true; // the break itself is escaped away
                    return Ok(());
                }
                self.escape(text)?;
                continue;
            }
            self.read(text);
        }
        Ok(())
    }

    fn escape(&mut self, text: &mut String) -> Done {
        let digits = match self.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let Some(found) = escaped(other) else {
                    return self.bad("unknown escape; a `\\` is written `\\\\` in double quotes");
                };
                text.push(found);
                self.skip();
                self.skip();
                return Ok(());
            }
        };
        let hex = self.text.get(self.at + 2..self.at + 2 + digits);
        let code = hex
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let Some(found) = code.and_then(char::from_u32) else {
            return self.bad("an escape with too few hexadecimal digits, or of no character");
        };
        text.push(found);
        for _ in 0..digits + 2 {
            self.skip();
        }
        Ok(())
    }

    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<String, Bad> {
        self.skip();
        let (keep, mut indent) = self.block_header()?;
        let (mut text, mut first, mut more) = (String::new(), String::new(), String::new());
        self.block_breaks(&mut indent, &mut more)?;
        let mut leading_blank = false;
        while self.column == indent && !self.ended() {
            let blank = self.blank(0);
            if !literal && first.starts_with('\n') && !leading_blank && !blank {
                if more.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first);
            }
            first.clear();
            text.push_str(&more);
            more.clear();
            leading_blank = blank;
            let start = self.at;
            self.skip_line_rest();
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
            self.read_break(&mut first);
            self.block_breaks(&mut indent, &mut more)?;
        }
        if keep != Some(false) {
            text.push_str(&first);
        }
        if keep == Some(true) {
            text.push_str(&more);
        }
        Ok(text)
    }

    /// The chomping (`+` keeps, `-` strips) and the indentation of the content, 0
    /// when it is to be found.
    fn block_header(&mut self) -> Result<(Option<bool>, i64), Bad> {
        let (mut keep, mut increment) = (None, 0);
        for _ in 0..2 {
            match self.peek(0) {
                b'+' if keep.is_none() => keep = Some(true),
                b'-' if keep.is_none() => keep = Some(false),
                digit @ b'1'..=b'9' if increment == 0 => increment = i64::from(digit - b'0'),
                _ => break,
            }
            self.skip();
        }
        while self.blank(0) {
            self.skip();
        }
        if self.peek(0) == b'#' {
            self.skip_line_rest();
        }
        if !self.ended() && self.break_len(0) == 0 {
            return self.bad("text cannot follow `|` or `>` on its line");
        }
        if !self.ended() {
            self.skip_break();
        }
        let indent = match increment {
            0 => 0,
            n => self.indent.max(0) + n,
        };
        Ok((keep, indent))
    }

    /// Passes indentation and empty lines; finds the indentation if it is 0.
    fn block_breaks(&mut self, indent: &mut i64, breaks: &mut String) -> Done {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.column < *indent) && self.peek(0) == b' ' {
                self.skip();
            }
            deepest = deepest.max(self.column);
            let open = *indent == 0 || self.column < *indent;
            if open && self.peek(0) == b'\t' && self.column > self.indent {
                self.blank_line()?;
            }
            if self.break_len(0) == 0 {
                break;
            }
            self.read_break(breaks);
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

/// The character of a one-letter escape in double quotes.
fn escaped(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
