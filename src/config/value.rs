//! Option values, and how they are printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::command::quote;

/// An option's value. Choices, keys, colours and styles are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
    /// Texts by index.
    List(BTreeMap<u32, String>),
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
    pub fn entries(&self) -> impl Iterator<Item = (u32, &str)> {
        let list = match self {
            Self::List(list) => Some(list),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) => None,
        };
        list.into_iter()
            .flatten()
            .map(|(index, text)| (*index, text.as_str()))
    }

    /// The lines that `show-options` prints for the option `name`, where
    /// `inherited` adds a star to the name (`show-options -A`).
    #[must_use]
    pub fn lines(&self, name: &str, inherited: bool) -> Vec<String> {
        let star = if inherited { "*" } else { "" };
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
