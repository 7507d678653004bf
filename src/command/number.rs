//! Numbers in arguments and option values, with strtonum(3)'s three causes.

/// Reads a decimal number within `min..=max`.
///
/// # Errors
/// `invalid`, `too small` or `too large`, as tmux puts it after the name of
/// what was wrong (`width too large`).
pub fn number(text: &str, min: i64, max: i64) -> Result<i64, &'static str> {
    let text = text.trim_start();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("invalid");
    }
    match text.parse::<i64>() {
        Ok(value) if value < min => Err("too small"),
        Ok(value) if value > max => Err("too large"),
        Ok(value) => Ok(value),
        Err(_) if text.starts_with('-') => Err("too small"),
        Err(_) => Err("too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_says_why_it_is_none() {
        for (text, result) in [
            ("5", Ok(5)),
            ("-3", Ok(-3)),
            ("x", Err("invalid")),
            ("", Err("invalid")),
            ("5x", Err("invalid")),
            ("11", Err("too large")),
            ("-11", Err("too small")),
            ("99999999999999999999", Err("too large")),
        ] {
            assert_eq!(number(text, -10, 10), result, "{text}");
        }
    }
}
