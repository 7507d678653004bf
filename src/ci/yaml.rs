//! A YAML file as a tree in which every scalar is its own text: `1.10` stays
//! `1.10` and `on` stays `on`, as CI systems read them. Anchors and merge keys are
//! resolved, each node knows its place. It gives no scalar a type.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Spanned};

/// Where a node begins: line and column, both from 1; 0 when unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// A CI file that could not be understood, as `FILE:LINE:COLUMN: message`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {message}", .place.line, .place.column)]
pub struct CiError {
    /// The file as it was named.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong; may go on over several lines.
    pub message: String,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    /// Its tag as written, such as `!reference`; none when it has none.
    pub(crate) tag: Option<String>,
    /// A scalar in quotes or a block: its text is no number, truth value or null.
    pub(crate) quoted: bool,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key, when the node is a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The scalar's text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The node itself, when it is a list.
    pub(crate) fn list(&self) -> Option<&Self> {
        matches!(self.value, Value::List(_)).then_some(self)
    }

    /// The node as a list: a list's items, nothing for null, else itself alone.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Null => &[],
            Value::List(items) => items,
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(self),
        }
    }
}

/// Reads a file's text; `None` is an empty file.
pub(crate) fn parse(text: &str, file: &str) -> Result<Option<Node>, CiError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
    };
    let raw =
        serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options).map_err(|error| {
            let place = error.location().map(place).unwrap_or_default();
            let message = error.without_snippet().to_string();
            CiError {
                file: file.to_owned(),
                place,
                message: first_line(&message),
            }
        })?;
    let node = resolve(raw, text);
    Ok((!matches!(node.value, Value::Null)).then_some(node))
}

/// The message alone; its place is told apart.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or("not YAML");
    let told = line.rfind(" at line ").unwrap_or(line.len());
    line[..told].to_owned()
}

fn place(location: Location) -> Place {
    Place {
        line: location.line(),
        column: location.column(),
    }
}

/// What serde is told of a node. A plain scalar that looks like a number or a
/// truth value arrives converted, so its text is taken from the file by its span.
enum Raw {
    Null,
    Text(String),
    Converted(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

fn resolve(raw: Spanned<Raw>, source: &str) -> Node {
    let place = place(raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(text) => Value::Text(text),
        Raw::Converted(shown) => {
            Value::Text(slice(source, raw.defined).map_or(shown, str::to_owned))
        }
        Raw::List(items) => Value::List(items.into_iter().map(|n| resolve(n, source)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, node)| (key, resolve(node, source)))
                .collect(),
        ),
    };
    Node {
        place,
        tag: None,
        quoted: false,
        value,
    }
}

fn slice(source: &str, at: Location) -> Option<&str> {
    let span = at.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    let text = source.get(start..start.checked_add(length)?)?.trim();
    (!text.is_empty()).then_some(text)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Converted(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map: Vec<(String, Spanned<Raw>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        while let Some((key, value)) = entries.next_entry::<String, Spanned<Raw>>()? {
            if let Some(&at) = places.get(&key) {
                map[at] = (key, value);
            } else {
                places.insert(key.clone(), map.len());
                map.push((key, value));
            }
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn show(node: &Node) -> String {
        match &node.value {
            Value::Null => "~".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(items) => {
                format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" "))
            }
            Value::Map(entries) => {
                let one = |(key, node): &(String, Node)| format!("{key}: {}", show(node));
                format!(
                    "{{{}}}",
                    entries.iter().map(one).collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    #[test]
    fn scalars_stay_their_own_text() {
        let node = parse(
            "[1.10, 0777, on, No, 1e3, .inf, 0x1F, 'q', \"1\", 2020-01-01, +5]",
            "f",
        )
        .unwrap()
        .unwrap();
        assert_eq!(
            show(&node),
            r#"["1.10" "0777" "on" "No" "1e3" ".inf" "0x1F" "q" "1" "2020-01-01" "+5"]"#
        );
    }

    #[test]
    fn keys_stay_their_own_text_and_the_last_duplicate_wins() {
        let node = parse("on: 1\n1.10: x\na: 1\na: 2\n", "f").unwrap().unwrap();
        assert_eq!(show(&node), r#"{on: "1", 1.10: "x", a: "2"}"#);
    }

    #[test]
    fn anchors_and_merges_are_resolved() {
        let text = "base: &b {x: 1.0, y: yes}\nuse:\n  <<: *b\n  y: 2\nagain: *b\n";
        let node = parse(text, "f").unwrap().unwrap();
        assert_eq!(
            show(&node),
            r#"{base: {x: "1.0", y: "yes"}, use: {y: "2", x: "1.0"}, again: {x: "1.0", y: "yes"}}"#
        );
    }

    #[test]
    fn broken_file_is_an_error_with_its_place() {
        let error = parse("a:\n  - b\n c: [\n", "x.yml").unwrap_err();
        assert!(error.to_string().starts_with("x.yml:3:"), "{error}");
        assert!(parse("", "f").unwrap().is_none());
        assert!(parse("# only a remark\n", "f").unwrap().is_none());
    }

    #[test]
    fn laughs_end_at_the_budget() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for n in 1..12 {
            let list = vec![format!("*a{}", n - 1); 9].join(",");
            text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        assert!(parse(&text, "f").is_err());
    }
}
