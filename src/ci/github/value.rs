//! Values of GitHub's expressions, and what is known of them: a value that only
//! GitHub knows is [`Value::Unknown`] and makes what is computed from it so. The
//! coercions are those of the documentation ("Evaluate expressions", "Operators").

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::ci::yaml::{Node, Value as Yaml};

/// A value, as far as the file tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Known to GitHub alone.
    Unknown,
    Null,
    Bool(bool),
    Num(f64),
    Text(String),
    List(Vec<Value>),
    /// Keys are looked up without regard to case.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A YAML scalar by the core schema's types; lists and maps with what is in them.
    pub(super) fn of(node: &Node) -> Self {
        match &node.value {
            Yaml::Null => Self::Null,
            Yaml::Text(text) if node.quoted => Self::text(text),
            Yaml::Text(text) => Self::plain(text),
            Yaml::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Yaml::Map(entries) => {
                let entries = entries.iter();
                Self::Map(
                    entries
                        .map(|(key, node)| (key.clone(), Self::of(node)))
                        .collect(),
                )
            }
        }
    }

    fn plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            _ => number(text).map_or_else(|| Self::text(text), Self::Num),
        }
    }

    /// How many values it holds at its top.
    pub(super) fn breadth(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
            _ => 1,
        }
    }

    /// How much it holds in all, in values and 64-byte pieces of text.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => 1 + text.len() / 64,
            Self::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Self::Map(entries) => {
                1 + entries
                    .iter()
                    .map(|(_, value)| 1 + value.weight())
                    .sum::<usize>()
            }
            Self::Unknown | Self::Null | Self::Bool(_) | Self::Num(_) => 1,
        }
    }

    /// Whether something in it is unknown.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(items) => items.iter().any(Self::is_unknown),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.is_unknown()),
            Self::Null | Self::Bool(_) | Self::Num(_) | Self::Text(_) => false,
        }
    }

    /// As text in a template; what is unknown has none.
    pub(super) fn shown(&self) -> Option<String> {
        Some(match self {
            Self::Unknown => return None,
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Num(number) => decimal(*number),
            Self::Text(text) => text.clone(),
            Self::List(_) => "Array".to_owned(),
            Self::Map(_) => "Object".to_owned(),
        })
    }

    /// Whether it counts as true.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Unknown => return None,
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Num(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::List(_) | Self::Map(_) => true,
        })
    }

    /// As a number, for comparisons of different types.
    fn as_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Num(number) => *number,
            Self::Text(text) if text.trim().is_empty() => 0.0,
            Self::Text(text) => number(text.trim()).unwrap_or(f64::NAN),
            Self::Unknown | Self::List(_) | Self::Map(_) => f64::NAN,
        }
    }

    /// `==`: text without regard to case, different types as numbers.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        Some(match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => return None,
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => folded(a) == folded(b),
            // Only the same instance is equal, which cannot be told; take its text.
            (Self::List(_), Self::List(_)) | (Self::Map(_), Self::Map(_)) => self == other,
            (a, b) => {
                let (a, b) = (a.as_number(), b.as_number());
                !a.is_nan() && !b.is_nan() && (a - b).abs() == 0.0
            }
        })
    }

    /// How it stands to another, for `<` and its kin; none within some when the
    /// two cannot be compared.
    pub(super) fn order(&self, other: &Self) -> Option<Option<std::cmp::Ordering>> {
        Some(match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => return None,
            (Self::Text(a), Self::Text(b)) => Some(folded(a).cmp(&folded(b))),
            (a, b) => a.as_number().partial_cmp(&b.as_number()),
        })
    }

    /// The value of a key or an index; null when there is none.
    pub(super) fn at(&self, key: &Self) -> Self {
        match (self, key) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Map(entries), key) => {
                let name = folded(&key.shown().unwrap_or_default());
                let mut entries = entries.iter();
                let found = entries.find(|(known, _)| folded(known) == name);
                found.map_or(Self::Null, |(_, value)| value.clone())
            }
            (Self::List(items), key) => {
                let index = key.as_number();
                let whole = index >= 0.0 && index.fract() == 0.0;
                // An index beyond any list's length finds nothing, however it is cut.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let found = whole.then(|| items.get(index as usize)).flatten();
                found.cloned().unwrap_or(Self::Null)
            }
            _ => Self::Null,
        }
    }

    /// Its items for `.*`: those of a list, the values of a map.
    pub(super) fn all(&self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::List(items) => Self::List(items.clone()),
            Self::Map(entries) => Self::List(entries.iter().map(|(_, v)| v.clone()).collect()),
            _ => Self::List(Vec::new()),
        }
    }

    /// Its scalars in order, with their keys joined by dots.
    pub(super) fn leaves(&self, name: &str, leaves: &mut Vec<(String, String)>) {
        match self {
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.leaves(&format!("{name}.{index}"), leaves);
                }
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    value.leaves(&format!("{name}.{key}"), leaves);
                }
            }
            scalar => {
                let shown = scalar.shown().unwrap_or_else(|| "?".to_owned());
                leaves.push((name.to_owned(), shown));
            }
        }
    }

    /// As JSON, indented by two, as `toJSON` prints it.
    pub(super) fn json(&self) -> Option<String> {
        if self.is_unknown() {
            return None;
        }
        let mut text = String::new();
        self.write_json(&mut text, 0);
        Some(text)
    }

    fn write_json(&self, text: &mut String, depth: usize) {
        let indent = |text: &mut String, depth: usize| {
            text.push('\n');
            text.push_str(&"  ".repeat(depth));
        };
        match self {
            Self::Unknown | Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(&value.to_string()),
            Self::Num(number) => text.push_str(&decimal(*number)),
            Self::Text(value) => text.push_str(&quoted(value)),
            Self::List(items) if items.is_empty() => text.push_str("[]"),
            Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    indent(text, depth + 1);
                    item.write_json(text, depth + 1);
                }
                indent(text, depth);
                text.push(']');
            }
            Self::Map(entries) if entries.is_empty() => text.push_str("{}"),
            Self::Map(entries) => {
                text.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    indent(text, depth + 1);
                    text.push_str(&quoted(key));
                    text.push_str(": ");
                    value.write_json(text, depth + 1);
                }
                indent(text, depth);
                text.push('}');
            }
        }
    }

    /// A JSON text; none when it is not JSON.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Text as `==`, `contains` and keys compare it.
pub(super) fn folded(text: &str) -> String {
    text.to_uppercase()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A number as expressions write it: decimal, `0x`, `0o`, an exponent.
pub(super) fn number(text: &str) -> Option<f64> {
    let (sign, bare) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let radix = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().map(f64::from);
    if let Some(digits) = bare.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = bare.strip_prefix("0o") {
        return radix(digits, 8);
    }
    // What Rust reads beside these, such as `inf`, is text here.
    let start = bare.bytes().next()?;
    let decimal = bare
        .bytes()
        .all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    if !decimal || !(start.is_ascii_digit() || start == b'.') {
        return None;
    }
    bare.parse::<f64>().ok().map(|number| sign * number)
}

/// A number as text: at most 15 digits, no trailing zeros.
fn decimal(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    if number.abs() >= 1e15 || number.abs() < 1e-5 {
        return format!("{number:E}");
    }
    let whole = format!("{:.0}", number.abs().trunc()).len();
    let text = format!("{number:.*}", 15_usize.saturating_sub(whole));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// Reads JSON with its keys in their order.
struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[allow(clippy::cast_precision_loss)] // GitHub's numbers are doubles too
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Num(value as f64))
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Num(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Num(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_github_writes_them() {
        for (number, text) in [
            (3.10, "3.1"),
            (20.0, "20"),
            (0.5, "0.5"),
            (-1.25, "-1.25"),
            (0.1 + 0.2, "0.3"),
            (1_000_000.0, "1000000"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }

    #[test]
    fn types_are_coerced_to_be_compared() {
        let text = |text: &str| Value::text(text);
        for (a, b, equal) in [
            (text("Abc"), text("aBC"), Some(true)),
            (Value::Null, text(""), Some(true)),
            (Value::Bool(true), Value::Num(1.0), Some(true)),
            (text("0x10"), Value::Num(16.0), Some(true)),
            (text("x"), Value::Num(0.0), Some(false)),
            (Value::Null, Value::Bool(false), Some(true)),
            (Value::Unknown, Value::Null, None),
        ] {
            assert_eq!(a.equals(&b), equal, "{a:?} {b:?}");
        }
    }

    #[test]
    fn json_keeps_the_order_of_its_keys() {
        let value = Value::of_json(r#"{"z":[1,{"b":null}],"a":"x\n"}"#).unwrap_or(Value::Null);
        let expected =
            "{\n  \"z\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"a\": \"x\\n\"\n}";
        assert_eq!(value.json().as_deref(), Some(expected));
        assert_eq!(Value::of_json("[1"), None);
        assert_eq!(Value::Unknown.json(), None);
    }
}
