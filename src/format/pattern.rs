//! fnmatch(3) patterns, regular expressions and substitution for formats and
//! targets.

use regex::{Regex, RegexBuilder};

/// Longest pattern understood, in bytes.
const MAX_PATTERN: usize = 4096;

/// Whether a glob pattern matches the whole text (`*`, `?`, `[…]`, `\`).
#[must_use]
pub fn fnmatch(pattern: &str, text: &str, ignore_case: bool) -> bool {
    compile(&glob_to_regex(pattern), ignore_case).is_some_and(|regex| regex.is_match(text))
}

/// Whether a regular expression matches anywhere.
pub(super) fn regex_matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    compile(pattern, ignore_case).is_some_and(|regex| regex.is_match(text))
}

/// Replaces every match; `\1` to `\9` in the replacement stand for groups.
pub(super) fn substitute(pattern: &str, with: &str, text: &str, ignore_case: bool) -> String {
    let Some(regex) = compile(pattern, ignore_case) else {
        return text.to_owned();
    };
    let replace = |found: &regex::Captures<'_>| {
        let mut out = String::new();
        let mut chars = with.chars();
        while let Some(ch) = chars.next() {
            match (ch, ch == '\\') {
                (_, true) => match chars.next() {
                    Some(digit) if digit.is_ascii_digit() => {
                        let group = digit as usize - '0' as usize;
                        out.push_str(found.get(group).map_or("", |m| m.as_str()));
                    }
                    Some(other) => out.push(other),
                    None => out.push('\\'),
                },
                (ch, false) => out.push(ch),
            }
        }
        out
    };
    regex.replace_all(text, replace).into_owned()
}

fn compile(pattern: &str, ignore_case: bool) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .size_limit(1 << 20)
        .build()
        .ok()
}

fn glob_to_regex(glob: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut chars = glob.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '\\' => push_literal(&mut out, chars.next().unwrap_or('\\')),
            '[' => push_class(&mut out, &mut chars),
            ch => push_literal(&mut out, ch),
        }
    }
    out.push('$');
    out
}

fn push_literal(out: &mut String, ch: char) {
    out.push_str(&regex::escape(ch.encode_utf8(&mut [0; 4])));
}

/// A bracket expression; one that is not closed is a literal `[`.
fn push_class(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let rest: String = chars.clone().collect();
    let from = usize::from(rest.starts_with(['!', '^']));
    let Some(end) = rest
        .char_indices()
        .skip(from + 1)
        .find(|(_, ch)| *ch == ']')
    else {
        out.push_str("\\[");
        return;
    };
    let body = &rest[from..end.0];
    out.push('[');
    if from == 1 {
        out.push('^');
    }
    for ch in body.chars() {
        if matches!(ch, '\\' | '[' | ']' | '&' | '~' | '^') {
            out.push('\\');
        }
        out.push(ch);
    }
    out.push(']');
    for _ in rest[..=end.0].chars() {
        chars.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnmatch_as_the_shell_does() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("a[", "a[", true),
            ("a.c", "abc", false),
            ("\\*", "*", true),
            ("日?", "日本", true),
            ("[]]x", "]x", true),
        ] {
            assert_eq!(fnmatch(pattern, text, false), matches, "{pattern} {text}");
        }
        assert!(fnmatch("ABC", "abc", true));
    }

    #[test]
    fn substitute_keeps_groups_and_survives_bad_patterns() {
        assert_eq!(substitute("a(.)", "\\1\\1", "axay", false), "xxyy");
        assert_eq!(substitute("(", "x", "text", false), "text");
    }
}
