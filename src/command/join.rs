//! The first step of reading a command text: lines that end in `\` are joined,
//! and the returns of other systems go. It knows nothing of words.

use std::borrow::Cow;

/// Takes out returns before a newline and every `\` + newline, and says where
/// (in the joined text). What it makes stays the same when it is joined again.
pub(super) fn join_lines(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    if !text.contains("\\\n") && !text.contains("\r\n") {
        return (Cow::Borrowed(text), Vec::new());
    }
    // Each character, with whether a run of `\` that ends in it is odd.
    let mut kept: Vec<(char, bool)> = Vec::with_capacity(text.len());
    let mut joins = Vec::new();
    let mut len = 0;
    for ch in text.chars() {
        if ch == '\n' {
            len -= drop_returns(&mut kept);
            if kept.last().is_some_and(|(_, odd)| *odd) {
                kept.pop();
                len -= 1 + drop_returns(&mut kept);
                joins.push(len);
                continue;
            }
        }
        let odd = ch == '\\' && !kept.last().is_some_and(|(_, odd)| *odd);
        kept.push((ch, odd));
        len += ch.len_utf8();
    }
    (kept.iter().map(|(ch, _)| *ch).collect(), joins)
}

/// Takes the returns at the end away, and says how many.
fn drop_returns(kept: &mut Vec<(char, bool)>) -> usize {
    let all = kept.len();
    while kept.pop_if(|(ch, _)| *ch == '\r').is_some() {}
    all - kept.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_lines_stay_as_they_are_when_they_are_joined_again() {
        let marks = ["\\", "\n", "\r", "a"];
        for number in 0..4usize.pow(7) {
            let text: String = (0..7)
                .map(|at| marks[number / 4usize.pow(at) % 4])
                .collect();
            let (once, joins) = join_lines(&text);
            assert!(joins.iter().all(|join| *join <= text.len()));
            let (twice, none) = join_lines(&once);
            assert_eq!((&twice, none.len()), (&once, 0), "{text:?}");
        }
    }

    #[test]
    fn many_joins_and_returns_take_linear_time() {
        let text = "\\\\\r\\\r\n\\\n".repeat(200_000);
        let (joined, joins) = join_lines(&text);
        assert!(joined.len() < text.len() && joins.len() >= 200_000);
    }
}
