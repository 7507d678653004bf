//! GitLab's small languages: values with `$VARIABLES`, durations in words, and
//! rules as a line for people.

use crate::ci::functions::quote;
use crate::ci::yaml::{Node, Value as Yaml};

/// A variable's value in shell syntax: `$X` and `${X}` are expanded by the shell,
/// as GitLab expands them, `$$` is a dollar; nothing else is special.
pub(in crate::ci) fn shell(value: &str) -> String {
    if !value.contains('$') {
        return quote(value);
    }
    let mut text = String::from("\"");
    let mut rest = value;
    while let Some(ch) = rest.chars().next() {
        let after = &rest[ch.len_utf8()..];
        if ch == '$' {
            if let Some(more) = after.strip_prefix('$') {
                text.push_str("\\$");
                rest = more;
                continue;
            }
            if let Some(length) = variable(after) {
                text.push('$');
                text.push_str(&after[..length]);
                rest = &after[length..];
                continue;
            }
        }
        if matches!(ch, '$' | '`' | '"' | '\\') {
            text.push('\\');
        }
        if ch != '\0' {
            text.push(ch);
        }
        rest = after;
    }
    text.push('"');
    text
}

/// The length of a variable's name after `$`, braces included.
fn variable(text: &str) -> Option<usize> {
    let (inner, braces) = match text.strip_prefix('{') {
        Some(inner) => (inner, 2),
        None => (text, 0),
    };
    let length = inner
        .find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_')
        .unwrap_or(inner.len());
    let starts = inner.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_');
    let closed = braces == 0 || inner[length..].starts_with('}');
    (starts && closed).then_some(length + braces)
}

/// The names that a value refers to.
pub(super) fn referred(value: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(more) = rest.strip_prefix('$') {
            rest = more;
        } else if let Some(length) = variable(rest) {
            names.push(rest[..length].trim_matches(['{', '}']));
            rest = &rest[length..];
        }
    }
    names
}

/// A duration such as `1h 30m`, `3 days and 2 hours` or `90`, in seconds.
pub(in crate::ci) fn seconds(text: &str) -> Option<u64> {
    let mut total = 0.0_f64;
    let mut number: Option<f64> = None;
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u64>() {
        return Some(seconds);
    }
    while !rest.is_empty() {
        let digits = |ch: char| ch.is_ascii_digit() || ch == '.';
        let is_number = rest.starts_with(digits);
        let end = rest
            .find(|ch: char| digits(ch) != is_number || ch.is_whitespace() || ch == ',')
            .unwrap_or(rest.len());
        let (word, more) = rest.split_at(end.max(1).min(rest.len()));
        if is_number {
            number = Some(word.parse().ok()?);
        } else if word != "and" {
            let unit = match word.to_ascii_lowercase().as_str() {
                "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
                "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
                "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
                "d" | "day" | "days" => 86_400.0,
                "w" | "wk" | "week" | "weeks" => 604_800.0,
                "mo" | "mos" | "month" | "months" => 2_592_000.0,
                "y" | "yr" | "year" | "years" => 31_536_000.0,
                _ => return None,
            };
            total += number.take()? * unit;
        }
        rest = more.trim_start_matches([' ', ',', '\t', '\n']);
    }
    let sound = number.is_none() && total > 0.0 && total < 1e12;
    // Positive and far below the limit of the type.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    sound.then_some(total as u64)
}

/// Rules, or any tree, on one line: `if: … when: never; changes: a, b`.
pub(super) fn line(node: &Node) -> String {
    match &node.value {
        Yaml::Null => String::new(),
        Yaml::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Yaml::List(items) => {
            let nested = items.iter().any(|item| item.text().is_none());
            let items: Vec<String> = items.iter().map(line).collect();
            items.join(if nested { "; " } else { ", " })
        }
        Yaml::Map(entries) => {
            let entry = |(key, node): &(String, Node)| match &node.value {
                Yaml::Map(_) => format!("{key} ({})", line(node)),
                _ => format!("{key}: {}", line(node)),
            };
            entries.iter().map(entry).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_expands_variables_and_nothing_else() {
        for (value, expected) in [
            ("plain", "plain"),
            ("two words", "'two words'"),
            ("$A/${B_1}x", "\"$A/${B_1}x\""),
            ("$$A", "\"\\$A\""),
            ("$(id) `id` \"$A\\", "\"\\$(id) \\`id\\` \\\"$A\\\\\""),
            ("${A:-x}", "\"\\${A:-x}\""),
            ("5$", "\"5\\$\""),
            ("$1", "\"\\$1\""),
        ] {
            assert_eq!(shell(value), expected, "{value}");
        }
        assert_eq!(referred("$A ${B}$$C $1 x$D"), ["A", "B", "D"]);
    }

    #[test]
    fn durations_are_read_in_words() {
        for (text, expected) in [
            ("90", Some(90)),
            ("1h 30m", Some(5400)),
            ("1h30m", Some(5400)),
            ("3 hours 30 minutes", Some(12_600)),
            ("1 day and 2 hrs, 5 secs", Some(93_605)),
            ("1.5 hours", Some(5400)),
            ("never", None),
            ("5 parsecs", None),
            ("1h 30", None),
            ("", None),
            ("1..2h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
