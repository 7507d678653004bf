//! The tables of the native file, written from a model: the options, keys,
//! hooks and variables that were named, with the values that they have there.
//! What no table can say is refused as a whole.

use std::fmt::Write as _;

use crate::base::Key;
use crate::config::{ArrayKey, Bindings, OptionName, Scope, Value};
use crate::mux::Mux;

/// What goes into the tables: names first, their values when they are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    options: Vec<(OptionName, String)>,
    hooks: Vec<(OptionName, String)>,
    variables: Vec<(String, String)>,
    keys: Vec<((String, Key), String)>,
}

fn add<K: PartialEq>(list: &mut Vec<(K, String)>, key: K) {
    if list.iter().all(|(known, _)| *known != key) {
        list.push((key, String::new()));
    }
}

fn whole(name: OptionName) -> OptionName {
    match name {
        OptionName::Known { def, .. } => OptionName::Known { def, key: None },
        OptionName::User { name, .. } => OptionName::User { name, key: None },
    }
}

impl Tables {
    /// An option was set.
    pub(super) fn option(&mut self, name: OptionName) {
        add(&mut self.options, whole(name));
    }

    /// A hook was set.
    pub(super) fn hook(&mut self, name: OptionName) {
        add(&mut self.hooks, whole(name));
    }

    /// A variable was set.
    pub(super) fn variable(&mut self, name: &str) {
        add(&mut self.variables, name.to_owned());
    }

    /// A key was bound or unbound; nothing if there is no such key.
    pub(super) fn key(&mut self, table: &str, key: &str) -> Option<()> {
        add(&mut self.keys, (table.to_owned(), key.parse().ok()?));
        Some(())
    }

    /// Takes the values from a model; nothing if one is none that a table has.
    pub(super) fn read(&mut self, mux: &Mux) -> Option<()> {
        let value_of = |name: &OptionName| {
            let scope = name.def().map_or(Scope::Session, |def| def.scope);
            mux.options.layer(scope).get(name.name())
        };
        for (name, text) in self.options.iter_mut().chain(&mut self.hooks) {
            *text = toml(value_of(name)?)?;
        }
        for (name, text) in &mut self.variables {
            *text = string(mux.environ.value(name)?);
        }
        for ((table, key), text) in &mut self.keys {
            *text = match mux.bindings.get(table, *key) {
                None => "\"\"".to_owned(),
                Some(binding) => {
                    let run = string(&binding.commands);
                    let mut fields = Vec::new();
                    if binding.repeat {
                        fields.push("repeat = true".to_owned());
                    }
                    if let Some(note) = &binding.note {
                        fields.push(format!("note = {}", string(note)));
                    }
                    if fields.is_empty() {
                        run
                    } else {
                        format!("{{ run = {run}, {} }}", fields.join(", "))
                    }
                }
            };
        }
        Some(())
    }

    /// The tables as a file has them.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let named = |list: &[(OptionName, String)]| {
            list.iter()
                .map(|(name, value)| (super::config_adopt::plain(name), value.clone()))
                .collect::<Vec<_>>()
        };
        section(&mut out, "options", &named(&self.options));
        let mut tables: Vec<&str> = self.keys.iter().map(|((t, _), _)| t.as_str()).collect();
        tables.sort_unstable();
        tables.dedup();
        for table in tables {
            let own: Vec<(String, String)> = self
                .keys
                .iter()
                .filter(|((own, _), _)| own == table)
                .map(|((_, key), value)| (key.to_string(), value.clone()))
                .collect();
            section(&mut out, &format!("bindings.{}", word(table)), &own);
        }
        section(&mut out, "hooks", &named(&self.hooks));
        section(&mut out, "environment", &self.variables);
        out
    }

    /// How many there are of each, for a person.
    pub(super) fn counts(&self) -> String {
        let counts = [
            (self.options.len(), "options"),
            (self.keys.len(), "keys"),
            (self.hooks.len(), "hooks"),
            (self.variables.len(), "variables"),
        ];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        let some: Vec<String> = some
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if some.is_empty() {
            "nothing".to_owned()
        } else {
            some.join(", ")
        }
    }
}

fn section(out: &mut String, name: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "[{name}]");
    for (name, value) in entries {
        let _ = writeln!(out, "{} = {value}", word(name));
    }
}

/// A value as TOML; nothing for a list with gaps or names.
fn toml(value: &Value) -> Option<String> {
    Some(match value {
        Value::Flag(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => string(text),
        Value::List(list) => {
            let mut entries = Vec::with_capacity(list.len());
            for ((key, text), number) in list.iter().zip(0..) {
                if *key != ArrayKey::Number(number) {
                    return None;
                }
                entries.push(string(text));
            }
            format!("[{}]", entries.join(", "))
        }
    })
}

/// A key of TOML, quoted where it must be.
fn word(text: &str) -> String {
    let bare = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_');
    if !text.is_empty() && text.chars().all(bare) {
        text.to_owned()
    } else {
        string(text)
    }
}

/// A string of TOML: as it is where single quotes can hold it.
pub(super) fn string(text: &str) -> String {
    let hard = text.chars().any(char::is_control);
    if !hard && !text.contains('\'') && text.contains(['"', '\\']) {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for ch in text.chars() {
        match ch {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ch if ch.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(ch));
            }
            ch => out.push(ch),
        }
    }
    out.push('"');
    out
}

/// Whether two sets of key tables do the same at every key.
pub(super) fn same_keys(one: &Bindings, other: &Bindings) -> bool {
    let lines = |bindings: &Bindings| {
        let lines = bindings.iter().map(|binding| {
            let what = binding.commands_text();
            let Some(note) = &binding.note else {
                return (
                    binding.table.clone(),
                    binding.key,
                    binding.repeat,
                    what,
                    None,
                );
            };
            let note = Some(note.clone());
            (
                binding.table.clone(),
                binding.key,
                binding.repeat,
                what,
                note,
            )
        });
        lines.collect::<Vec<_>>()
    };
    lines(one) == lines(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in [
            "",
            "a b",
            "it's",
            "\"x\"",
            "\\n",
            "a\nb\t\u{1}\u{7f}",
            "'\"\\",
        ] {
            let line = format!("x = {}", string(text));
            let read: toml::Table = ::toml::from_str(&line).unwrap();
            assert_eq!(read["x"].as_str(), Some(text), "{line}");
        }
    }
}
