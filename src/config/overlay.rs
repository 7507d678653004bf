//! One layer of options: what is set at one place. Layers are laid over each
//! other by the caller; [`Global`] is the lowest, where every option has a
//! value.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use rustc_hash::FxHashMap;

use crate::base::Key;
use crate::command::number;

use super::colours;
use super::options::{Kind, OptionDef, Scope, hooks, options};
use super::style::StyleSpec;
use super::value::Value;

/// What is wrong with an option's name or value, in tmux's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// No such option; with one of a near name, if there is one.
    Invalid {
        /// What was written.
        name: String,
        /// What was perhaps meant.
        near: Option<&'static str>,
    },
    /// An abbreviation of several options.
    Ambiguous(String),
    /// An index of what is no array.
    NotArray(String),
    /// A value that does not fit.
    Value(String),
    /// A value is missing.
    Empty,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { name, .. } => write!(f, "invalid option: {name}"),
            Self::Ambiguous(name) => write!(f, "ambiguous option: {name}"),
            Self::NotArray(name) => write!(f, "not an array: {name}"),
            Self::Value(message) => f.write_str(message),
            Self::Empty => f.write_str("empty value"),
        }
    }
}

impl std::error::Error for OptionError {}

impl OptionError {
    /// What to try instead, for whoever shows the error to a person.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid {
                near: Some(near), ..
            } => Some(format!("did you mean {near}?")),
            _ => None,
        }
    }
}

/// One layer of options, user options (`@name`) among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    values: FxHashMap<Cow<'static, str>, Value>,
}

impl Options {
    /// A layer in which nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The option's value in this layer.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// What is set in this layer, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let mut all: Vec<(&str, &Value)> = self
            .values
            .iter()
            .map(|(name, value)| (name.as_ref(), value))
            .collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all.into_iter()
    }

    /// Whether nothing is set in this layer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Puts a value as it is; for values that are right by construction.
    pub fn insert(&mut self, name: &str, value: Value) {
        self.values.insert(Cow::Owned(name.to_owned()), value);
    }

    fn put_default(&mut self, def: &OptionDef) {
        let name = Cow::Borrowed(def.name);
        self.values.insert(name, default_of(def));
    }

    /// Sets an option of the table. `inherited` is the value that held so far,
    /// from this layer or one below: what is appended to or changed over.
    ///
    /// # Errors
    /// A value that does not fit; the layer is then unchanged.
    pub fn set(
        &mut self,
        def: &OptionDef,
        index: Option<u32>,
        value: Option<&str>,
        append: bool,
        inherited: Option<&Value>,
    ) -> Result<(), OptionError> {
        let new = if let Kind::Array { separators } = def.kind {
            let own = self.values.get(def.name);
            let value = value.ok_or(OptionError::Empty)?;
            Value::List(set_list(own, index, separators, value, append))
        } else {
            single(def, value, append, inherited)?
        };
        self.values.insert(Cow::Borrowed(def.name), new);
        Ok(())
    }

    /// Sets a user option (`@name`), any text.
    ///
    /// # Errors
    /// No value.
    pub fn set_user(
        &mut self,
        name: &str,
        value: Option<&str>,
        append: bool,
        inherited: Option<&Value>,
    ) -> Result<(), OptionError> {
        let value = value.ok_or(OptionError::Empty)?;
        let old = inherited.filter(|_| append).map_or("", Value::as_text);
        let text = format!("{old}{value}");
        let name = Cow::Owned(name.to_owned());
        self.values.insert(name, Value::Text(text));
        Ok(())
    }

    /// Takes an option, or one entry of an array, out of this layer; answers
    /// whether it was there.
    pub fn unset(&mut self, name: &str, index: Option<u32>) -> bool {
        match (index, self.values.get_mut(name)) {
            (Some(index), Some(Value::List(list))) => list.remove(&index).is_some(),
            (Some(_), _) => false,
            (None, _) => self.values.remove(name).is_some(),
        }
    }
}

fn bad(what: &str, value: &str) -> OptionError {
    OptionError::Value(format!("{what}: {value}"))
}

fn single(
    def: &OptionDef,
    value: Option<&str>,
    append: bool,
    inherited: Option<&Value>,
) -> Result<Value, OptionError> {
    match (def.kind, value) {
        (Kind::Flag, None) => Ok(Value::Flag(!inherited.is_some_and(Value::is_on))),
        (Kind::Flag, Some(value)) => flag(value),
        (Kind::Choice(choices), None) => {
            let now = inherited.map_or(def.default, Value::as_text);
            match choices.iter().position(|choice| *choice == now) {
                Some(at @ (0 | 1)) => Ok(Value::Text(choices[1 - at].to_owned())),
                _ => Ok(Value::Text(now.to_owned())),
            }
        }
        (Kind::Choice(choices), Some(value)) if choices.contains(&value) => {
            Ok(Value::Text(value.to_owned()))
        }
        (Kind::Choice(_), Some(value)) => Err(bad("unknown value", value)),
        (_, None) => Err(OptionError::Empty),
        (Kind::Number { min, max, .. }, Some(value)) => number(value, min, max)
            .map(Value::Number)
            .map_err(|cause| bad(&format!("value is {cause}"), value)),
        (Kind::Key, Some(value)) => value
            .parse::<Key>()
            .map(|key| Value::Text(key.to_string()))
            .map_err(|_| bad("bad key", value)),
        (Kind::Colour, Some(value)) if value.contains("#{") => Ok(Value::Text(value.to_owned())),
        (Kind::Colour, Some(value)) => colours::canonical(value)
            .map(Value::Text)
            .ok_or_else(|| bad("bad colour", value)),
        (Kind::Style, Some(value)) => {
            let old = inherited.filter(|_| append).map_or("", Value::as_text);
            let comma = if old.is_empty() || value.is_empty() {
                ""
            } else {
                ","
            };
            let text = format!("{old}{comma}{value}");
            if !text.contains("#{") && StyleSpec::parse(&text).is_none() {
                return Err(bad("invalid style", value));
            }
            Ok(Value::Text(text))
        }
        // Whether the file is there is found out when it is started.
        (Kind::Text, Some(value)) if def.name == "default-shell" && !value.starts_with('/') => {
            Err(bad("not a suitable shell", value))
        }
        (Kind::Text | Kind::Array { .. }, Some(value)) => {
            let old = inherited.filter(|_| append).map_or("", Value::as_text);
            Ok(Value::Text(format!("{old}{value}")))
        }
    }
}

fn flag(value: &str) -> Result<Value, OptionError> {
    let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is(["1", "on", "yes"]) {
        Ok(Value::Flag(true))
    } else if is(["0", "off", "no"]) {
        Ok(Value::Flag(false))
    } else {
        Err(bad("bad value", value))
    }
}

fn set_list(
    own: Option<&Value>,
    index: Option<u32>,
    separators: &str,
    value: &str,
    append: bool,
) -> BTreeMap<u32, String> {
    let mut list = match own {
        Some(Value::List(list)) if append || index.is_some() => list.clone(),
        _ => BTreeMap::new(),
    };
    if let Some(index) = index {
        let old = list.remove(&index).filter(|_| append).unwrap_or_default();
        list.insert(index, old + value);
        return list;
    }
    let entries: Vec<&str> = if separators.is_empty() {
        vec![value]
    } else {
        value
            .split(|ch| separators.contains(ch))
            .filter(|entry| !entry.is_empty())
            .collect()
    };
    let mut free = 0;
    for entry in entries {
        while list.contains_key(&free) {
            free += 1;
        }
        list.insert(free, entry.to_owned());
    }
    list
}

/// The lowest layers, in which every option has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// The server's options.
    pub server: Options,
    /// The sessions' options.
    pub session: Options,
    /// The windows' and panes' options.
    pub window: Options,
}

impl Default for Global {
    fn default() -> Self {
        let mut global = Self {
            server: Options::new(),
            session: Options::new(),
            window: Options::new(),
        };
        for def in options() {
            global.layer_mut(def.scope).put_default(def);
        }
        global
    }
}

impl Global {
    /// The layer of a scope; panes share the windows'.
    #[must_use]
    pub const fn layer(&self, scope: Scope) -> &Options {
        match scope {
            Scope::Server => &self.server,
            Scope::Session => &self.session,
            Scope::Window | Scope::Pane => &self.window,
        }
    }

    /// The layer of a scope, to change it.
    pub const fn layer_mut(&mut self, scope: Scope) -> &mut Options {
        match scope {
            Scope::Server => &mut self.server,
            Scope::Session => &mut self.session,
            Scope::Window | Scope::Pane => &mut self.window,
        }
    }

    /// Puts an option back to its default; one entry of an array is removed.
    pub fn reset(&mut self, def: &OptionDef, index: Option<u32>) {
        let layer = self.layer_mut(def.scope);
        if index.is_some() {
            layer.unset(def.name, index);
        } else if hooks().any(|hook| hook.name == def.name) {
            layer.unset(def.name, None);
        } else {
            layer.put_default(def);
        }
    }
}

/// An option's default as a value.
#[must_use]
pub fn default_of(def: &OptionDef) -> Value {
    let text = def.default;
    match def.kind {
        Kind::Flag => Value::Flag(text == "on"),
        Kind::Number { .. } => Value::Number(text.parse().unwrap_or(0)),
        Kind::Array { .. } => Value::List((0..).zip(text.lines().map(str::to_owned)).collect()),
        Kind::Choice(_) | Kind::Text | Kind::Style | Kind::Colour | Kind::Key => {
            Value::Text(text.to_owned())
        }
    }
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
