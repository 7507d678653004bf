//! Splits the command line of an exec request into words, as a shell would: a
//! guest writes `ssh HOST list-windows -F '#{window_name}'` and expects the
//! quotes to be taken off. It expands nothing and runs nothing.

/// Why a line has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitError {
    /// A quote is not closed.
    Quote,
    /// The line ends in a backslash.
    Backslash,
    /// The line is not UTF-8.
    Encoding,
}

impl std::fmt::Display for SplitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Quote => "unterminated quote",
            Self::Backslash => "nothing after the last backslash",
            Self::Encoding => "the command is not UTF-8",
        })
    }
}

/// Splits a line at blanks. Quoting follows POSIX (XCU 2.2): `'…'` keeps all,
/// `"…"` keeps all but a backslash before `"`, `\`, `$` and a backquote, a bare
/// backslash keeps the next character. An unquoted `;` is a word of its own.
pub(super) fn split(line: &[u8]) -> Result<Vec<String>, SplitError> {
    let line = std::str::from_utf8(line).map_err(|_| SplitError::Encoding)?;
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(ch) = chars.next() {
        match ch {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            ';' => {
                words.extend(word.take());
                words.push(";".to_owned());
            }
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '\\' => {
                let next = chars.next().ok_or(SplitError::Backslash)?;
                word.get_or_insert_default().push(next);
            }
            _ => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), SplitError> {
    loop {
        match chars.next() {
            None => return Err(SplitError::Quote),
            Some('\'') => return Ok(()),
            Some(ch) => word.push(ch),
        }
    }
}

fn double(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), SplitError> {
    loop {
        match chars.next() {
            None => return Err(SplitError::Quote),
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                None => return Err(SplitError::Quote),
                Some(ch @ ('"' | '\\' | '$' | '`')) => word.push(ch),
                Some(ch) => word.extend(['\\', ch]),
            },
            Some(ch) => word.push(ch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_takes_words_as_a_shell_does() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  list-windows \t -a\n", &["list-windows", "-a"]),
            ("send-keys 'a b' \"c d\"e", &["send-keys", "a b", "c de"]),
            (r#"x "\"\\\$\n" \ y ''"#, &["x", r#""\$\n"#, " y", ""]),
            ("next;prev", &["next", ";", "prev"]),
            ("-F '#{a};b'", &["-F", "#{a};b"]),
            ("ü\\ü", &["üü"]),
        ];
        for (line, words) in table {
            assert_eq!(
                split(line.as_bytes()).as_deref(),
                Ok(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]),
                "{line}"
            );
        }
    }

    #[test]
    fn split_refuses_what_is_not_closed() {
        for (line, error) in [
            (&b"a 'b"[..], SplitError::Quote),
            (b"\"a\\", SplitError::Quote),
            (b"a\\", SplitError::Backslash),
            (b"\xff", SplitError::Encoding),
        ] {
            assert_eq!(split(line), Err(error));
        }
    }
}
