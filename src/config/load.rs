//! The native configuration file, `config.toml`: options, key bindings,
//! environment and commands. Text becomes checked data; nothing is applied.
//! Every error names its place, shows it, and says what is allowed there.
//!
//! ```toml
//! commands = ["new-session -d -s main"]
//!
//! [options]
//! mouse = false
//! status-left = "[#S] "
//! update-environment = ["DISPLAY", "SSH_AUTH_SOCK"]
//! "@mine" = "text"
//!
//! [bindings.prefix]
//! "C-a" = "last-window"
//! "Up" = { run = "select-pane -U", repeat = true, note = "Pane above" }
//! "x" = ""                  # takes the default binding away
//!
//! [environment]
//! EDITOR = "vim"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::base::Key;
use crate::command::{lex_words, parse};

use super::bindings::{Binding, EntryError, Keys, of_entry};
use super::options::{Kind, OptionDef, OptionName, find_option, options};
use super::overlay::Options;
use super::value::Value;

/// A configuration file, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileConfig {
    /// Options with their values, for the global layers; the row is none for
    /// the user's own (`@name`).
    pub options: Vec<(Option<&'static OptionDef>, String, Value)>,
    /// Keys to bind.
    pub bindings: Vec<Binding>,
    /// Keys to unbind, with their tables.
    pub unbind: Vec<(String, Key)>,
    /// Variables of the global environment.
    pub environment: BTreeMap<String, String>,
    /// Commands to run once the rest is applied, as text.
    pub commands: Vec<String>,
}

/// What is wrong in a configuration file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The line itself.
    pub source: String,
    /// How many characters the mark covers, at least 1.
    pub width: usize,
    /// What is allowed, or what was perhaps meant.
    pub help: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file, line, column, ..
        } = self;
        writeln!(f, "{file}:{line}:{column}: {}", self.message)?;
        writeln!(f, "  | {}", self.source)?;
        let marks = "^".repeat(self.width.max(1));
        write!(f, "  | {}{marks}", " ".repeat(column.saturating_sub(1)))?;
        match &self.help {
            Some(help) => write!(f, "\n  = {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    options: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    bindings: BTreeMap<String, Keys>,
    #[serde(default)]
    environment: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    commands: Vec<Spanned<String>>,
}

/// Reads a configuration file's text; `file` is its name for messages, `env`
/// answers for variables and `~` in commands.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn load(
    text: &str,
    file: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<FileConfig, ConfigError> {
    let at = Place { text, file };
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or("invalid TOML");
        at.error(error.span().unwrap_or(0..0), message)
    })?;
    let mut config = FileConfig::default();
    for (name, value) in &raw.options {
        config.options.push(option_value(&at, name, value)?);
    }
    for (table, keys) in &raw.bindings {
        bindings(&at, table, keys, env, &mut config)?;
    }
    for (name, value) in raw.environment {
        let bad = name.get_ref().is_empty() || name.get_ref().contains(['=', '\0']);
        if bad || value.get_ref().contains('\0') {
            return Err(at.error(name.span(), "not a variable's name or value"));
        }
        config
            .environment
            .insert(name.into_inner(), value.into_inner());
    }
    for command in raw.commands {
        check_command(&at, &command, env)?;
        config.commands.push(command.into_inner());
    }
    Ok(config)
}

fn bindings(
    at: &Place<'_>,
    table: &str,
    keys: &Keys,
    env: &dyn Fn(&str) -> Option<String>,
    config: &mut FileConfig,
) -> Result<(), ConfigError> {
    for (key, entry) in keys {
        let name = key.get_ref();
        if entry.get_ref().run.trim().is_empty() {
            let known = name
                .parse()
                .map_err(|_| at.error(key.span(), format!("unknown key: {name}")))?;
            config.unbind.push((table.to_owned(), known));
            continue;
        }
        let binding = of_entry(table, name, entry.get_ref(), env).map_err(|error| match error {
            EntryError::Key(message) => at.error(key.span(), message),
            EntryError::Run(error) => {
                let refused = at.error(entry.span(), error.to_string());
                refused.help(error.hint())
            }
        })?;
        config.bindings.push(binding);
    }
    Ok(())
}

fn check_command(
    at: &Place<'_>,
    command: &Spanned<String>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(), ConfigError> {
    let commands = lex_words(command.get_ref(), env)
        .map_err(|error| at.error(command.span(), error.message))?;
    for words in commands {
        parse(&words).map_err(|error| {
            let refused = at.error(command.span(), error.to_string());
            refused.help(error.hint())
        })?;
    }
    Ok(())
}

type Setting = (Option<&'static OptionDef>, String, Value);

fn option_value(
    at: &Place<'_>,
    name: &Spanned<String>,
    value: &Spanned<toml::Value>,
) -> Result<Setting, ConfigError> {
    let found = find_option(name.get_ref()).map_err(|error| {
        let refused = at.error(name.span(), error.to_string());
        refused.help(error.hint().or_else(|| Some(like(name.get_ref()))))
    })?;
    let mut layer = Options::new();
    let (def, name) = match found {
        OptionName::User { name, .. } => (None, name),
        OptionName::Known { def, key: None } if !def.hook => (Some(def), def.name.to_owned()),
        OptionName::Known { def, .. } => {
            let refused = at.error(name.span(), "an entry or a hook cannot be set here");
            let help = format!(
                "give all of {} as a list of strings, or use commands",
                def.name
            );
            return Err(refused.help(Some(help)));
        }
    };
    let wrong = |message: String| {
        let refused = at.error(value.span(), message);
        refused.help(def.map(allowed))
    };
    let texts: Vec<String> = match value.get_ref() {
        toml::Value::Array(list) if def.is_some_and(OptionDef::is_array) => {
            let texts: Option<Vec<_>> = list.iter().map(scalar).collect();
            texts.ok_or_else(|| wrong("expected a list of strings".to_owned()))?
        }
        other => {
            let text = scalar(other);
            vec![text.ok_or_else(|| wrong(format!("a {} does not fit", other.type_str())))?]
        }
    };
    match def {
        Some(def) if def.is_array() && value.get_ref().is_array() => {
            layer.insert(&name, Value::list(texts));
        }
        Some(def) => layer
            .set(def, None, Some(&texts[0]), false, None)
            .map_err(|error| wrong(error.to_string()))?,
        None => layer.insert(&name, Value::Text(texts[0].clone())),
    }
    let value = layer.get(&name).cloned();
    Ok((def, name, value.unwrap_or(Value::Text(String::new()))))
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => None,
    }
}

/// What an option's value may be, in one line.
#[must_use]
pub fn allowed(def: &OptionDef) -> String {
    let what = match def.kind {
        Kind::Flag => "true or false".to_owned(),
        Kind::Number { min, max, unit } => format!("a number from {min} to {max} {unit}"),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Text => "text".to_owned(),
        Kind::Command => "a command such as \"new-session -A\"".to_owned(),
        Kind::Style => "a style such as \"fg=red,bold\"".to_owned(),
        Kind::Colour | Kind::PlainColour => {
            "a colour such as \"red\", \"colour33\" or \"#0087ff\"".to_owned()
        }
        Kind::Key => "a key's name such as \"C-b\"".to_owned(),
        Kind::Array { .. } => "a list of strings".to_owned(),
    };
    format!("{} takes {}", def.name, what.trim_end())
}

/// Options that share the first part of an unknown one's name.
fn like(name: &str) -> String {
    let stem = name.split('-').next().unwrap_or_default();
    let shared: Vec<&str> = options()
        .map(|def| def.name)
        .filter(|known| !stem.is_empty() && known.starts_with(stem))
        .collect();
    if shared.is_empty() {
        "show-options -g lists every option".to_owned()
    } else {
        format!("there are {}", shared.join(", "))
    }
}

struct Place<'a> {
    text: &'a str,
    file: &'a str,
}

impl Place<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let source = self.text[begin..].lines().next().unwrap_or_default();
        let column = self.text[begin..start].chars().count() + 1;
        let marked = self.text.get(start..span.end).unwrap_or_default();
        let width = marked.lines().next().unwrap_or_default().chars().count();
        ConfigError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            message: message.into(),
            source: source.to_owned(),
            width: width.max(1),
            help: None,
        }
    }
}

impl ConfigError {
    fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_file_is_read() {
        let text = r##"
commands = ["new-session -d -s main ; neww", 'set -g @x "$HOME"']
[options]
mouse = false
history-limit = 5000
status-left = "[#S] "
status-style = "fg=red,bold"
update-environment = ["A", "B"]
"@mine" = "x"
[bindings.prefix]
"C-a" = "last-window"
"Up" = { run = "select-pane -U", repeat = true, note = "up" }
"x" = ""
[environment]
EDITOR = "vim"
"##;
        let config = load(text, "c.toml", &|_| None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.commands.len(), 2);
        let value = |name: &str| {
            let found = config.options.iter().find(|(_, known, _)| known == name);
            found.unwrap().2.to_string()
        };
        assert_eq!(value("mouse"), "off");
        assert_eq!(value("history-limit"), "5000");
        assert_eq!(value("update-environment"), "A\nB");
        assert_eq!(value("@mine"), "x");
        assert_eq!(config.bindings.len(), 2);
        assert_eq!(config.unbind.len(), 1);
        assert_eq!(config.environment["EDITOR"], "vim");
    }

    #[test]
    fn errors_name_place_and_what_is_allowed() {
        for (text, place, message, help) in [
            (
                "[options]\nmouze = true\n",
                "f:2:1",
                "invalid option: mouze",
                "did you mean mouse?",
            ),
            (
                "[options]\nmouse = 'x'\n",
                "f:2:9",
                "bad value: x",
                "mouse takes true or false",
            ),
            (
                "[options]\nstatus-position = 'left'",
                "f:2:19",
                "unknown value: left",
                "top, bottom",
            ),
            (
                "[options]\nhistory-limit = -1",
                "f:2:17",
                "value is too small: -1",
                "from 0",
            ),
            ("[option]\n", "f:1:2", "unknown field `option`", ""),
            (
                "[bindings.prefix]\n\"Foo\" = 'x'",
                "f:2:1",
                "unknown key: Foo",
                "",
            ),
            (
                "[bindings.prefix]\n\"a\" = 'newwx'",
                "f:2:7",
                "unknown command: newwx",
                "",
            ),
            (
                "[bindings.prefix]\n\"a\" = { ran = 'x' }",
                "f:2:9",
                "unknown field `ran`",
                "",
            ),
            ("commands = ['a {']", "f:1:13", "syntax error", ""),
            ("x = = 1", "f:1:5", "", ""),
        ] {
            let error = load(text, "f", &|_| None).unwrap_err();
            let shown = error.to_string();
            assert!(shown.starts_with(place), "{shown}\n{place}");
            assert!(error.message.contains(message), "{shown}");
            assert!(shown.contains(help) && shown.contains('^'), "{shown}");
        }
    }
}
