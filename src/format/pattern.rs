//! Regular expressions and substitution of formats: POSIX's extended ones
//! (regex(7)) are rewritten for the `regex` crate, whose time is linear. What it
//! cannot do, back-references, matches nothing.

use regex::{Captures, Regex, RegexBuilder};

use crate::base::{glob, glob_ignoring_case};

/// Longest pattern understood, in bytes.
const MAX_PATTERN: usize = 4096;

/// Longest text that a substitution makes, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// Whether a glob pattern matches the whole text (`*`, `?`, `[…]`, `\`).
#[must_use]
pub fn fnmatch(pattern: &str, text: &str, ignore_case: bool) -> bool {
    if ignore_case {
        glob_ignoring_case(pattern, text)
    } else {
        glob(pattern, text)
    }
}

/// Whether a regular expression matches anywhere.
pub(super) fn regex_matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    compile(pattern, ignore_case).is_some_and(|regex| regex.is_match(text))
}

/// Replaces every match; `\1` to `\9` in the replacement stand for groups. An
/// empty match counts only after another empty one or apart from the last
/// match, and a pattern that begins with `^` is replaced once, as in tmux.
pub(super) fn substitute(pattern: &str, with: &str, text: &str, ignore_case: bool) -> String {
    let Some(regex) = compile(pattern, ignore_case) else {
        return text.to_owned();
    };
    if text.is_empty() || pattern.is_empty() {
        return text.to_owned();
    }
    let anchored = pattern.starts_with('^');
    let mut out = String::new();
    let (mut start, mut last, mut empty) = (0, 0, false);
    while start <= text.len() && out.len() < MAX_TEXT {
        let Some(found) = regex.captures(&text[start..]) else {
            break;
        };
        let Some(whole) = found.get(0) else { break };
        let (from, to) = (start + whole.start(), start + whole.end());
        out.push_str(&text[last..from]);
        let counts = empty || anchored || from != last || !whole.is_empty();
        last = to;
        if counts {
            put(&mut out, with, &found);
            start = to;
            empty = false;
        } else {
            start = to + text[to..].chars().next().map_or(1, char::len_utf8);
            empty = true;
        }
        if anchored {
            break;
        }
    }
    out.push_str(&text[last..]);
    out
}

/// Writes the replacement for one match.
fn put(out: &mut String, with: &str, found: &Captures<'_>) {
    let mut chars = with.chars();
    while let Some(ch) = chars.next() {
        if ch != '\\' {
            out.push(ch);
            continue;
        }
        let Some(next) = chars.next() else {
            out.push('\\');
            break;
        };
        let group = next.to_digit(10).and_then(|n| found.get(n as usize));
        match group.filter(|group| !group.is_empty()) {
            Some(group) => out.push_str(group.as_str()),
            None => out.push(next),
        }
    }
}

fn compile(pattern: &str, ignore_case: bool) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    RegexBuilder::new(&translate(pattern)?)
        .case_insensitive(ignore_case)
        .dot_matches_new_line(true)
        .size_limit(1 << 20)
        .build()
        .ok()
}

/// A POSIX expression in the crate's syntax; nothing for one that is none.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(ch) = rest.chars().next() {
        rest = &rest[ch.len_utf8()..];
        match ch {
            '\\' => {
                let next = rest.chars().next()?;
                rest = &rest[next.len_utf8()..];
                match next {
                    // GNU's classes and edges of words.
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' => out.extend(['\\', next]),
                    '<' => out.push_str("\\b{start}"),
                    '>' => out.push_str("\\b{end}"),
                    '1'..='9' => return None,
                    _ => out.push_str(&regex::escape(next.encode_utf8(&mut [0; 4]))),
                }
            }
            '[' => rest = bracket(rest, &mut out)?,
            // A brace that begins no count is a character.
            '{' if !rest.starts_with(|ch: char| ch.is_ascii_digit() || ch == ',') => {
                out.push_str("\\{");
            }
            // No expression begins with an operator.
            '(' if rest.starts_with('?') => return None,
            _ => out.push(ch),
        }
    }
    Some(out)
}

/// Rewrites a bracket expression, in which a backslash is a character; gives
/// back what follows it.
fn bracket<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    out.push('[');
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut first = true;
    loop {
        let ch = rest.chars().next()?;
        if ch == ']' && !first {
            out.push(']');
            return Some(&rest[1..]);
        }
        if let Some(inner) = rest.strip_prefix("[:") {
            let end = inner.find(":]")?;
            out.push_str(&format!("[:{}:]", &inner[..end]));
            rest = &inner[end + 2..];
        } else {
            // A minus is a range's, but not at an end.
            let range = ch == '-' && !first && !rest[1..].starts_with(']');
            if !range && !ch.is_alphanumeric() && ch.is_ascii() && !ch.is_ascii_control() {
                out.push('\\');
            }
            if ch == ' ' {
                out.pop();
            }
            out.push(ch);
            rest = &rest[ch.len_utf8()..];
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regex_reads_posix_syntax() {
        for (pattern, text, wanted) in [
            ("^a.c$", "abc", true),
            ("[[:digit:]]+", "a1", true),
            ("\\d", "5", false),
            ("[]a]", "]", true),
            ("[^]a]", "b", true),
            ("[a-]", "-", true),
            ("[\\]", "\\", true),
            ("[a b]", " ", true),
            ("\\bfoo\\b", "a foo b", true),
            ("a{2}", "aa", true),
            ("a{", "a{", true),
            ("(", "(", false),
            ("a\\", "a", false),
            ("[a", "a", false),
            ("a|b", "b", true),
        ] {
            assert_eq!(regex_matches(pattern, text, false), wanted, "{pattern}");
        }
        assert!(regex_matches("ABC", "xabcx", true));
    }

    #[test]
    fn substitute_counts_empty_matches_as_tmux_does() {
        for (pattern, with, text, wanted) in [
            ("a(.)", "\\1\\1", "axay", "xxyy"),
            ("(", "x", "text", "text"),
            ("b*", "x", "abc", "axcx"),
            ("^a", "x", "aaa", "xaa"),
            ("^", "x", "aaa", "xaaa"),
            ("", "x", "aaa", "aaa"),
            ("a", "b\\", "a", "b\\"),
            ("c$", "x", "abc", "abx"),
            ("b", "\\9", "abc", "a9c"),
            (".", "-", "日本", "--"),
            (".*", "x", "", ""),
        ] {
            assert_eq!(
                substitute(pattern, with, text, false),
                wanted,
                "{pattern} in {text}"
            );
        }
        assert_eq!(substitute("B", "x", "abc", true), "axc");
    }
}
