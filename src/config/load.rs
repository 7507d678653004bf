//! The native configuration file, `config.toml`: options, theme, key bindings,
//! hooks, environment and commands. Text becomes checked data; nothing is applied.
//! Every error names its place, shows it, and says what is allowed there; all of
//! them are found, of what is no TOML the first, and a file with one is not used.
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
//! [theme]
//! background = "detect"     # or dark, light, or terminal: its own 16 colours
//! dark.green = "#98c379"
//!
//! [bindings.prefix]
//! "C-a" = "last-window"
//! "Up" = { run = "select-pane -U", repeat = true, note = "Pane above" }
//! "x" = ""                  # takes the default binding away
//!
//! [hooks]
//! after-new-window = "display-message 'a new window'"
//! client-attached = ["refresh-client", "display-message hello"]
//!
//! [environment]
//! EDITOR = "vim"
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::Key;
use crate::command::table::nearest;
use crate::command::{lex_words, parse};

use super::bindings::{Binding, Entry, EntryError, of_entry};
use super::fault::{ConfigError, Place};
use super::options::{Kind, OptionDef, OptionName, find_option, hooks, option, options};
use super::overlay::Options;
use super::value::Value;

/// Most faults that are told of one file.
const MOST: usize = 100;

/// The parts of a file.
const PARTS: [&str; 6] = [
    "options",
    "theme",
    "bindings",
    "hooks",
    "environment",
    "commands",
];

/// The colours of a theme, as `[theme.dark]` and `[theme.light]` name them.
pub const COLOURS: [&str; 10] = [
    "black",
    "white",
    "light-grey",
    "dark-grey",
    "green",
    "yellow",
    "red",
    "blue",
    "cyan",
    "magenta",
];

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
    /// Hooks with their commands, for the global layers; the row is none for the
    /// user's own (`@name`).
    pub hooks: Vec<(Option<&'static OptionDef>, String, Value)>,
    /// Variables of the global environment.
    pub environment: BTreeMap<String, String>,
    /// Commands to run once the rest is applied, as text, each with its line.
    pub commands: Vec<(usize, String)>,
}

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;
type Name<'i> = Spanned<Cow<'i, str>>;
type Read<T> = Result<T, ConfigError>;

/// Reads a configuration file's text; `file` is its name for messages, `env`
/// answers for variables and `~` in commands.
///
/// # Errors
/// All that is wrong, with its place; at least one, at most a hundred.
pub fn load(text: &str, file: &str, env: Env<'_>) -> Result<FileConfig, Vec<ConfigError>> {
    let at = Place { text, file };
    let (document, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        let fault = |error: &toml::de::Error| {
            let message = error.message().lines().next().unwrap_or("invalid TOML");
            at.error(error.span().unwrap_or(0..0), message)
        };
        // What follows a fault of TOML itself may be no fault.
        return Err(faults.iter().take(1).map(fault).collect());
    }
    let mut reader = Reader {
        at,
        env,
        config: FileConfig::default(),
        errors: Vec::new(),
    };
    for (name, value) in document.get_ref() {
        reader.part(name, value);
    }
    let Reader {
        config, mut errors, ..
    } = reader;
    if errors.is_empty() {
        return Ok(config);
    }
    errors.sort_by_key(|error| (error.line, error.column));
    errors.truncate(MOST);
    Err(errors)
}

struct Reader<'a> {
    at: Place<'a>,
    env: Env<'a>,
    config: FileConfig,
    errors: Vec<ConfigError>,
}

impl Reader<'_> {
    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let error = self.at.error(span, message).help(help);
        self.errors.push(error);
    }

    /// Takes what could be read; what could not is a fault of the file.
    fn keep<T>(&mut self, read: Read<T>) -> Option<T> {
        read.map_err(|error| self.errors.push(error)).ok()
    }

    fn part(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let part = name.get_ref().as_ref();
        if part == "commands" {
            return self.commands(value);
        }
        if !PARTS.contains(&part) {
            let help = nearest(part, PARTS.into_iter());
            let help = help.map_or_else(
                || format!("a file has {}", PARTS.join(", ")),
                |near| format!("did you mean {near}?"),
            );
            return self.wrong(name.span(), format!("unknown part: {part}"), Some(help));
        }
        let Some(table) = value.get_ref().as_table() else {
            let what = value.get_ref().type_str();
            let help = Some(format!("write [{part}] and what belongs to it below"));
            return self.wrong(value.span(), format!("a {what} does not fit"), help);
        };
        for (name, value) in table {
            match part {
                "options" => {
                    let read = option_value(&self.at, name, value);
                    let read = self.keep(read);
                    self.config.options.extend(read);
                }
                "theme" => self.theme(name, value),
                "bindings" => self.table(name, value),
                "hooks" => self.hook(name, value),
                _ => self.variable(name, value),
            }
        }
    }

    fn theme(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("background", _) => self.set_as("theme", name, value),
            (side @ ("dark" | "light"), DeValue::Table(colours)) => {
                for (name, value) in colours {
                    let own = format!("{side}-theme-{}", name.get_ref());
                    if option(&own).is_some() {
                        self.set_as(&own, name, value);
                        continue;
                    }
                    let message = format!("unknown colour of a theme: {}", name.get_ref());
                    let help = format!("there are {}", COLOURS.join(", "));
                    self.wrong(name.span(), message, Some(help));
                }
            }
            (other, _) => {
                let message = format!("unknown in a theme: {other}");
                let help = "a theme has background, and the tables dark and light";
                self.wrong(name.span(), message, Some(help.to_owned()));
            }
        }
    }

    /// Sets the option of a full name by what stands at another.
    fn set_as(&mut self, option: &str, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let named = Spanned::new(name.span(), Cow::Borrowed(option));
        let read = option_value(&self.at, &named, value);
        let read = self.keep(read);
        self.config.options.extend(read);
    }

    fn table(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let Some(keys) = value.get_ref().as_table() else {
            let help = "write [bindings.TABLE], with TABLE such as prefix, root or copy-mode-vi";
            let message = format!("no key table: {}", name.get_ref());
            return self.wrong(name.span(), message, Some(help.to_owned()));
        };
        for (key, value) in keys {
            let read = entry(&self.at, value);
            if let Some(entry) = self.keep(read) {
                self.binding(name.get_ref(), key, value.span(), &entry);
            }
        }
    }

    fn binding(&mut self, table: &str, key: &Name<'_>, at: Range<usize>, entry: &Entry) {
        let name = key.get_ref().as_ref();
        if entry.run.trim().is_empty() {
            match name.parse() {
                Ok(known) => self.config.unbind.push((table.to_owned(), known)),
                Err(_) => self.wrong(key.span(), format!("unknown key: {name}"), None),
            }
            return;
        }
        match of_entry(table, name, entry, self.env) {
            Ok(binding) => self.config.bindings.push(binding),
            Err(EntryError::Key(message)) => self.wrong(key.span(), message, None),
            Err(EntryError::Run(error)) => self.wrong(at, error.to_string(), error.hint()),
        }
    }

    fn hook(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let found = match find_option(name.get_ref()) {
            Ok(found) if found.key().is_none() => found,
            Ok(_) => {
                let help = "give all of its commands as a list".to_owned();
                return self.wrong(name.span(), "an entry cannot be set here", Some(help));
            }
            Err(error) => {
                let help = error.hint().unwrap_or_else(|| like(name.get_ref(), true));
                let message = format!("no such hook: {}", name.get_ref());
                return self.wrong(name.span(), message, Some(help));
            }
        };
        if found.def().is_some_and(|def| !def.hook) {
            let help = format!("{} belongs to [options]", found.name());
            return self.wrong(name.span(), "an option is no hook", Some(help));
        }
        let Some(commands) = self.texts(value) else {
            return;
        };
        for (span, command) in &commands {
            self.check(span.clone(), command);
        }
        let texts = commands.into_iter().map(|(_, command)| command);
        let value = match found.def() {
            Some(_) => Value::list(texts),
            None => Value::Text(texts.collect::<Vec<_>>().join(" ; ")),
        };
        let name = found.name().to_owned();
        self.config.hooks.push((found.def(), name, value));
    }

    /// A string, or a list of them.
    fn texts(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<(Range<usize>, String)>> {
        let list = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        let mut texts = Vec::with_capacity(list.len());
        for item in list {
            let Some(text) = item.get_ref().as_str() else {
                let what = item.get_ref().type_str();
                let help = Some("a command is a string such as \"new-window\"".to_owned());
                self.wrong(item.span(), format!("a {what} does not fit"), help);
                return None;
            };
            texts.push((item.span(), text.to_owned()));
        }
        Some(texts)
    }

    fn variable(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let key = name.get_ref().as_ref();
        if key.is_empty() || key.contains(['=', '\0']) {
            return self.wrong(name.span(), "not a variable's name", None);
        }
        match value.get_ref().as_str() {
            Some(text) if !text.contains('\0') => {
                let text = text.to_owned();
                self.config.environment.insert(key.to_owned(), text);
            }
            _ => {
                let help = Some(format!("{key} takes a string"));
                self.wrong(value.span(), "not a variable's value", help);
            }
        }
    }

    fn commands(&mut self, value: &Spanned<DeValue<'_>>) {
        // The places come in order, so that all are found in one pass.
        let (mut line, mut seen) = (1, 0);
        for (span, command) in self.texts(value).unwrap_or_default() {
            let between = self.at.text.get(seen..span.start).unwrap_or_default();
            line += between.matches('\n').count();
            seen = span.start.max(seen);
            self.check(span, &command);
            self.config.commands.push((line, command));
        }
    }

    /// Checks commands given as text.
    fn check(&mut self, span: Range<usize>, text: &str) {
        let commands = match lex_words(text, self.env) {
            Ok(commands) => commands,
            Err(error) => return self.wrong(span, error.message, None),
        };
        for words in commands {
            if let Err(error) = parse(&words) {
                self.wrong(span.clone(), error.to_string(), error.hint());
            }
        }
    }
}

/// A key's entry: a command, or a table with `run`, `repeat` and `note`.
fn entry(at: &Place<'_>, value: &Spanned<DeValue<'_>>) -> Read<Entry> {
    let mut entry = Entry {
        run: String::new(),
        repeat: false,
        note: None,
    };
    let table = match value.get_ref() {
        DeValue::String(run) => {
            entry.run = run.as_ref().to_owned();
            return Ok(entry);
        }
        DeValue::Table(table) => table,
        other => {
            let message = format!("a {} does not fit", other.type_str());
            let help = "a key takes a command, or { run = \"…\", repeat = true, note = \"…\" }";
            return Err(at.error(value.span(), message).help(Some(help.to_owned())));
        }
    };
    let mut runs = false;
    for (name, value) in table {
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("run", DeValue::String(run)) => {
                entry.run = run.as_ref().to_owned();
                runs = true;
            }
            ("repeat", DeValue::Boolean(on)) => entry.repeat = *on,
            ("note", DeValue::String(note)) => entry.note = Some(note.as_ref().to_owned()),
            ("run" | "repeat" | "note", other) => {
                let message = format!("a {} does not fit", other.type_str());
                return Err(at.error(value.span(), message));
            }
            (other, _) => {
                let message = format!("unknown field `{other}`");
                let help = "a key has run, repeat and note".to_owned();
                return Err(at.error(name.span(), message).help(Some(help)));
            }
        }
    }
    if runs {
        return Ok(entry);
    }
    Err(at.error(value.span(), "missing field `run`"))
}

type Setting = (Option<&'static OptionDef>, String, Value);

fn option_value(at: &Place<'_>, name: &Name<'_>, value: &Spanned<DeValue<'_>>) -> Read<Setting> {
    let found = find_option(name.get_ref()).map_err(|error| {
        let refused = at.error(name.span(), error.to_string());
        refused.help(error.hint().or_else(|| Some(like(name.get_ref(), false))))
    })?;
    let mut layer = Options::new();
    let (def, name) = match found {
        OptionName::User { name, .. } => (None, name),
        OptionName::Known { def, key: None } if !def.hook => (Some(def), def.name.to_owned()),
        OptionName::Known { def, key } => {
            let what = if def.hook { "a hook" } else { "an entry" };
            let refused = at.error(name.span(), format!("{what} cannot be set here"));
            let help = match key {
                _ if def.hook => format!("{} belongs to [hooks]", def.name),
                _ => format!("give all of {} as a list of strings", def.name),
            };
            return Err(refused.help(Some(help)));
        }
    };
    let wrong = |message: String| {
        let refused = at.error(value.span(), message);
        refused.help(def.map(allowed))
    };
    let texts: Vec<String> = match value.get_ref() {
        DeValue::Array(list) if def.is_some_and(OptionDef::is_array) => {
            let texts: Option<Vec<_>> = list.iter().map(|item| scalar(item.get_ref())).collect();
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
            .set(def, None, texts.first().map(String::as_str), false, None)
            .map_err(|error| wrong(error.to_string()))?,
        None => layer.insert(&name, Value::Text(texts.concat())),
    }
    let value = layer.get(&name).cloned();
    Ok((def, name, value.unwrap_or(Value::Text(String::new()))))
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.as_ref().to_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Boolean(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
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

/// Options or hooks that share the first part of an unknown one's name.
fn like(name: &str, of_hooks: bool) -> String {
    let stem = name.split('-').next().unwrap_or_default();
    let own = options().filter(|_| !of_hooks);
    let shared: Vec<&str> = own
        .chain(hooks().filter(|_| of_hooks))
        .map(|def| def.name)
        .filter(|known| !stem.is_empty() && known.starts_with(stem))
        .collect();
    if !shared.is_empty() {
        return format!("there are {}", shared.join(", "));
    }
    let lists = if of_hooks {
        "show-hooks"
    } else {
        "show-options"
    };
    format!("{lists} -g lists all there are")
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
