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
use super::options::{Entry, Kind, OptionDef, Scope, hooks, options};
use super::style::StyleSpec;
use super::value::{ArrayKey, Value};

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
    /// No name, or brackets that are none: tmux calls it ambiguous.
    Key(String),
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
            Self::Ambiguous(name) | Self::Key(name) => write!(f, "ambiguous option: {name}"),
            Self::NotArray(name) => write!(f, "not an array: {name}"),
            Self::Value(message) => f.write_str(message),
            Self::Empty => f.write_str("empty value"),
        }
    }
}

impl std::error::Error for OptionError {}

impl OptionError {
    /// The same of another text: what was written, brackets and all.
    pub(super) fn of(self, text: &str) -> Self {
        match self {
            Self::Invalid { near, .. } => Self::Invalid {
                name: text.to_owned(),
                near,
            },
            Self::Ambiguous(_) => Self::Ambiguous(text.to_owned()),
            Self::Key(_) | Self::NotArray(_) | Self::Value(_) | Self::Empty => self,
        }
    }

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

    /// Sets an option of the table. What is appended to is this layer's own
    /// value; `inherited` is the value that held so far, which a flag or choice
    /// without a value changes over.
    ///
    /// # Errors
    /// A value that does not fit; the layer is then unchanged.
    pub fn set(
        &mut self,
        def: &OptionDef,
        key: Option<&ArrayKey>,
        value: Option<&str>,
        append: bool,
        inherited: Option<&Value>,
    ) -> Result<(), OptionError> {
        let own = self.values.get(def.name);
        let new = if let Kind::Array { separators, of } = def.kind {
            let value = value.ok_or(OptionError::Empty)?;
            Value::List(set_list(own, key, (separators, of), value, append)?)
        } else {
            let own = own.filter(|_| append).map(Value::as_text);
            single(def, value, own, inherited)?
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
    ) -> Result<(), OptionError> {
        let value = value.ok_or(OptionError::Empty)?;
        let own = self.get(name).filter(|_| append);
        let text = format!("{}{value}", own.map_or("", Value::as_text));
        let name = Cow::Owned(name.to_owned());
        self.values.insert(name, Value::Text(text));
        Ok(())
    }

    /// Takes an option, or one entry of an array, out of this layer; answers
    /// whether it was there.
    pub fn unset(&mut self, name: &str, key: Option<&ArrayKey>) -> bool {
        match (key, self.values.get_mut(name)) {
            (Some(key), Some(Value::List(list))) => list.remove(key).is_some(),
            (Some(_), _) => false,
            (None, _) => self.values.remove(name).is_some(),
        }
    }
}

fn bad(what: &str, value: &str) -> OptionError {
    OptionError::Value(format!("{what}: {value}"))
}

/// The value of an option that is no array; `own` is what is appended to.
fn single(
    def: &OptionDef,
    value: Option<&str>,
    own: Option<&str>,
    inherited: Option<&Value>,
) -> Result<Value, OptionError> {
    match (def.kind, value) {
        (Kind::Flag, None | Some("")) => {
            return Ok(Value::Flag(!inherited.is_some_and(Value::is_on)));
        }
        (Kind::Choice(choices), None) => return Ok(changed_over(def, choices, inherited)),
        _ => {}
    }
    let value = value.ok_or(OptionError::Empty)?;
    match def.kind {
        Kind::Flag => flag(value),
        Kind::Choice(choices) if choices.contains(&value) => Ok(Value::Text(value.to_owned())),
        Kind::Choice(_) => Err(bad("unknown value", value)),
        Kind::Number { min, max, .. } => number(value, min, max)
            .map(Value::Number)
            .map_err(|cause| bad(&format!("value is {cause}"), value)),
        Kind::Key => value
            .parse::<Key>()
            .map(|key| Value::Text(key.to_string()))
            .map_err(|_| bad("bad key", value)),
        Kind::PlainColour => colour(value).map(Value::Text),
        Kind::Colour | Kind::Style | Kind::Text | Kind::Command | Kind::Array { .. } => {
            text(def, value, own).map(Value::Text)
        }
    }
}

/// A choice without a value: the first two change over, others stay.
fn changed_over(def: &OptionDef, choices: &[&str], inherited: Option<&Value>) -> Value {
    let now = inherited.map_or(def.default, Value::as_text);
    let at = choices.iter().position(|choice| *choice == now);
    let other = at.filter(|at| *at < 2).and_then(|at| choices.get(1 - at));
    Value::Text((*other.unwrap_or(&now)).to_owned())
}

/// What is kept as it was written, once it is known to be right.
fn text(def: &OptionDef, value: &str, own: Option<&str>) -> Result<String, OptionError> {
    let between = if def.kind == Kind::Style { "," } else { "" };
    let text = match own {
        Some(own) => format!("{own}{between}{value}"),
        None => value.to_owned(),
    };
    // What a format makes of it is seen when it is drawn.
    let fixed = !text.contains("#{");
    match def.kind {
        Kind::Style if fixed && StyleSpec::parse(&text).is_none() => {
            Err(bad("invalid style", &text))
        }
        Kind::Colour if fixed && !text.is_empty() && colours::parse(&text).is_none() => {
            Err(bad("invalid colour", &text))
        }
        // Whether the file can be run is asked where it is set.
        _ if def.name == "default-shell" && !text.starts_with('/') => {
            Err(bad("not a suitable shell", &text))
        }
        _ if def.name == "default-size" && !is_size(&text) => Err(bad("value is invalid", &text)),
        _ => Ok(text),
    }
}

/// Whether a text is a size as `default-size` takes it: tmux asks no more than
/// that it begins with a digit and has an x before another.
fn is_size(text: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    digit(bytes.first())
        && bytes
            .windows(2)
            .any(|pair| pair[0] == b'x' && digit(pair.get(1)))
}

fn colour(value: &str) -> Result<String, OptionError> {
    colours::canonical(value).ok_or_else(|| bad("bad colour", value))
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

/// A list with one entry set, or set as a whole, or with entries added in the
/// first free places.
fn set_list(
    own: Option<&Value>,
    key: Option<&ArrayKey>,
    (separators, of): (&str, Entry),
    value: &str,
    append: bool,
) -> Result<BTreeMap<ArrayKey, String>, OptionError> {
    let checked = |text: &str| match of {
        Entry::Colour => colour(text),
        Entry::Text | Entry::Command => Ok(text.to_owned()),
    };
    let mut list = match own {
        Some(Value::List(list)) if append || key.is_some() => list.clone(),
        _ => BTreeMap::new(),
    };
    if let Some(key) = key {
        let old = list.get(key).filter(|_| append && of == Entry::Text);
        let text = format!("{}{value}", old.map_or("", String::as_str));
        list.insert(key.clone(), checked(&text)?);
        return Ok(list);
    }
    let whole = separators.is_empty();
    let entries = value.split(|ch| !whole && separators.contains(ch));
    let mut free = 0;
    for entry in entries.filter(|entry| !entry.is_empty()) {
        while list.contains_key(&ArrayKey::Number(free)) {
            free += 1;
        }
        list.insert(ArrayKey::Number(free), checked(entry)?);
    }
    Ok(list)
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
        for def in options().chain(hooks()) {
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
    pub fn reset(&mut self, def: &OptionDef, key: Option<&ArrayKey>) {
        let layer = self.layer_mut(def.scope);
        if key.is_some() {
            layer.unset(def.name, key);
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
        Kind::Array { .. } => Value::list(text.lines().map(str::to_owned)),
        Kind::Choice(_)
        | Kind::Text
        | Kind::Style
        | Kind::Colour
        | Kind::PlainColour
        | Kind::Command
        | Kind::Key => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
