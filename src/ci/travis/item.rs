//! Values as Travis compares and prints them: scalars as Ruby would print what
//! Psych made of them, so that `010` is `8` and `True` is `true`, while floats,
//! times and words with `yes`, `no`, `on` or `off` stay their own text.
//! Source: Psych's `ScalarScanner` and travis-yml's exceptions to it (yaml.rb).

use super::super::yaml::{Node, Value};

/// A value without its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Item {
    Null,
    Text(String),
    List(Vec<Item>),
    Map(Vec<(String, Item)>),
}

impl Item {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        let entry = entries.iter().find(|(name, _)| name == key);
        entry.map(|(_, item)| item)
    }

    /// A list's items, nothing for null, else itself alone.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::Null => &[],
            Self::List(items) => items,
            Self::Text(_) | Self::Map(_) => std::slice::from_ref(self),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// A node as it is.
    pub(super) fn of(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text(printed(text, node.quoted)),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Map(entries) => {
                let entry = |(key, node): &(String, Node)| (key.clone(), Self::of(node));
                Self::Map(entries.iter().map(entry).collect())
            }
        }
    }
}

/// What Ruby prints for a scalar.
pub(super) fn printed(text: &str, quoted: bool) -> String {
    let keep = || text.to_owned();
    if quoted || text.len() > 60 || text.contains(char::is_whitespace) {
        let symbol = !quoted && text.len() > 1 && text.starts_with(':');
        return if symbol { text[1..].to_owned() } else { keep() };
    }
    match text {
        "true" | "True" | "TRUE" => return "true".to_owned(),
        "false" | "False" | "FALSE" => return "false".to_owned(),
        _ => {}
    }
    if text.len() > 1
        && let Some(symbol) = text.strip_prefix(':')
    {
        return symbol.trim_matches(['"', '\'']).to_owned();
    }
    integer(text).map_or_else(keep, |number| number.to_string())
}

/// A plain integer of YAML 1.1: decimal, octal, hexadecimal, binary, base 60.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if !digits.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    if digits.contains(':') {
        return base_60(digits).map(|number| sign * number);
    }
    let clean: String = digits.chars().filter(|ch| !"_,".contains(*ch)).collect();
    let (radix, clean) = match clean.as_bytes() {
        [b'0', b'x', _, ..] => (16, &clean[2..]),
        [b'0', b'b', _, ..] => (2, &clean[2..]),
        [b'0', _, ..] => (8, &clean[1..]),
        _ => (10, clean.as_str()),
    };
    if clean.starts_with(['+', '-']) {
        return None;
    }
    i128::from_str_radix(clean, radix).ok()?.checked_mul(sign)
}

fn base_60(digits: &str) -> Option<i128> {
    let parts: Vec<&str> = digits.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut sum: i128 = 0;
    for (index, part) in parts.iter().enumerate() {
        let valid = part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
        if !valid || (index > 0 && (part.len() > 2 || part.parse::<u32>().ok()? > 59)) {
            return None;
        }
        let unit = [3_600, 60, 1][index]; // of two parts, too, the first is hours
        sum = sum.checked_add(part.parse::<i128>().ok()?.checked_mul(unit)?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalar_is_printed_as_ruby_would() {
        let table = [
            ("8", "8"),
            ("010", "8"),
            ("0x1F", "31"),
            ("1_000", "1000"),
            ("+5", "5"),
            ("-5", "-5"),
            ("1:30", "5400"),
            ("0:1:30", "90"),
            ("True", "true"),
            ("FALSE", "false"),
            ("1.10", "1.10"),
            ("1e3", "1e3"),
            ("yes", "yes"),
            ("On", "On"),
            ("089", "089"),
            (":sym", "sym"),
            (":", ":"),
            ("", ""),
            ("9.", "9."),
            ("2.7.1", "2.7.1"),
            ("3-nightly", "3-nightly"),
            (
                "99999999999999999999999999999999999999999999",
                "99999999999999999999999999999999999999999999",
            ),
        ];
        for (given, expected) in table {
            assert_eq!(printed(given, false), expected, "{given}");
            assert_eq!(printed(given, true), given);
        }
    }
}
