//! Option values, and how they are printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::command::quote;

/// Names an entry of an array: by number, or by any text that is no number.
/// Numbers come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArrayKey {
    /// A number.
    Number(u32),
    /// Any other text.
    Name(String),
}

impl ArrayKey {
    /// Reads what stands in brackets; nothing if it is empty or a number too
    /// large.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::Number);
        }
        Some(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for ArrayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// An option's value. Choices, keys, colours and styles are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
    /// Texts by number or name.
    List(BTreeMap<ArrayKey, String>),
}

impl Value {
    /// Whether a flag is on; a number is on unless 0, text unless empty, `off`
    /// or `0`.
    #[must_use]
    pub fn is_on(&self) -> bool {
        match self {
            Self::Flag(on) => *on,
            Self::Number(number) => *number != 0,
            Self::Text(text) => !matches!(text.as_str(), "" | "off" | "0"),
            Self::List(list) => !list.is_empty(),
        }
    }

    /// The number; 0 or 1 for a flag, 0 for what is none.
    #[must_use]
    pub fn as_number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Flag(on) => i64::from(*on),
            Self::Text(text) => text.parse().unwrap_or(0),
            Self::List(_) => 0,
        }
    }

    /// The text; empty for what is none.
    #[must_use]
    pub fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "on",
            Self::Flag(false) => "off",
            Self::Number(_) | Self::List(_) => "",
        }
    }

    /// The entries of a list, in order; none for what is no list.
    pub fn entries(&self) -> impl Iterator<Item = (&ArrayKey, &str)> {
        let list = match self {
            Self::List(list) => Some(list),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) => None,
        };
        list.into_iter()
            .flatten()
            .map(|(key, text)| (key, text.as_str()))
    }

    /// The entry of a list at a number.
    #[must_use]
    pub fn entry(&self, number: u32) -> Option<&str> {
        match self {
            Self::List(list) => list.get(&ArrayKey::Number(number)).map(String::as_str),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) => None,
        }
    }

    /// A list of these texts, counted from 0.
    #[must_use]
    pub fn list(texts: impl IntoIterator<Item = String>) -> Self {
        Self::List((0..).map(ArrayKey::Number).zip(texts).collect())
    }

    /// The lines that `show-options` prints for the option `name`, where
    /// `inherited` adds a star to the name (`show-options -A`), and the text of
    /// a `plain` one is not quoted.
    #[must_use]
    pub fn lines(&self, name: &str, inherited: bool, plain: bool) -> Vec<String> {
        let star = if inherited { "*" } else { "" };
        let quote = |text: &str| {
            if plain { text.to_owned() } else { quote(text) }
        };
        match self {
            Self::List(list) if list.is_empty() => vec![format!("{name}{star}")],
            Self::List(list) => list
                .iter()
                .map(|(index, text)| format!("{name}[{index}]{star} {}", quote(text)))
                .collect(),
            Self::Text(text) => vec![format!("{name}{star} {}", quote(text))],
            Self::Flag(_) | Self::Number(_) => vec![format!("{name}{star} {self}")],
        }
    }
}

impl fmt::Display for Value {
    /// The bare value, as `show-options -v` prints it; a list line by line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(_) | Self::Text(_) => f.write_str(self.as_text()),
            Self::Number(number) => write!(f, "{number}"),
            Self::List(list) => {
                let texts: Vec<&str> = list.values().map(String::as_str).collect();
                f.write_str(&texts.join("\n"))
            }
        }
    }
}
