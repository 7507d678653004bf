//! Key tables: which key runs which commands. The defaults are text in
//! `keybindings/`, run through the same parser as a user's own.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

use crate::base::Key;
use crate::command::{
    Call, Command, LexError, ParseError, Word, lex_words, parse_words, print_all, quote,
};

const DEFAULTS: [&str; 3] = [
    include_str!("../../keybindings/tmux.toml"),
    include_str!("../../keybindings/vi-copy.toml"),
    include_str!("../../keybindings/emacs-copy.toml"),
];

/// What stands in place of the prefix table for a set, and its prefix key.
const SETS: [(&str, &str, &str); 2] = [
    ("tmux", "C-b", DEFAULTS[0]),
    (
        "screen",
        "C-a",
        include_str!("../../keybindings/screen.toml"),
    ),
];

/// The sets of copy mode: their table, what `mode-keys` is with them, and text.
const COPY_SETS: [(&str, &str, &str, &str); 2] = [
    ("vi-copy", "copy-mode-vi", "vi", DEFAULTS[1]),
    ("emacs-copy", "copy-mode", "emacs", DEFAULTS[2]),
];

/// One key's binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// Its table.
    pub table: String,
    /// Whether it may be repeated within `repeat-time`.
    pub repeat: bool,
    /// What it does, for people.
    pub note: Option<String>,
    /// The commands as written.
    pub commands: String,
    parsed: OnceCell<Parsed>,
}

/// Commands read. Those of the built-in keys are read when one is pressed or
/// listed first: few ever are, and all of them take half a megabyte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parsed {
    words: Box<[Vec<Word>]>,
    run: Box<[Command]>,
}

impl Parsed {
    fn new(mut words: Vec<Vec<Word>>) -> Result<Self, BindError> {
        let run: Result<_, _> = words.iter().map(|words| parse_words(words)).collect();
        words.iter_mut().for_each(Vec::shrink_to_fit);
        Ok(Self {
            run: run.map_err(BindError::Command)?,
            words: words.into_boxed_slice(),
        })
    }

    fn of_text(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, BindError> {
        Self::new(lex_words(text, env).map_err(BindError::Lex)?)
    }
}

/// Why a binding's commands are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindError {
    /// The text does not parse.
    Lex(LexError),
    /// A command is unknown or its arguments are wrong.
    Command(ParseError),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lex(error) => error.fmt(f),
            Self::Command(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BindError {}

impl BindError {
    /// What to try instead, for whoever shows the error to a person.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Lex(_) => None,
            Self::Command(error) => error.hint(),
        }
    }
}

impl Binding {
    /// A binding of commands given as text; `env` answers for its variables,
    /// which are read now and not when the key is pressed, as in tmux.
    ///
    /// # Errors
    /// Text that does not parse, or a command that is wrong. A command of the
    /// `command-alias` option is not known here.
    pub fn from_text(
        table: &str,
        key: Key,
        commands: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, BindError> {
        let parsed = Parsed::of_text(commands, env)?;
        Ok(Self::new(table, key, commands.trim(), parsed.into()))
    }

    /// A binding of commands that are read already.
    ///
    /// # Errors
    /// A command that is wrong.
    pub fn from_commands(
        table: &str,
        key: Key,
        commands: Vec<Vec<Word>>,
    ) -> Result<Self, BindError> {
        let text = print_all(&commands, " ; ");
        let parsed = Parsed::new(commands)?;
        Ok(Self::new(table, key, &text, parsed.into()))
    }

    fn new(table: &str, key: Key, commands: &str, parsed: OnceCell<Parsed>) -> Self {
        Self {
            key,
            table: table.to_owned(),
            repeat: false,
            note: None,
            commands: commands.to_owned(),
            parsed,
        }
    }

    /// The same binding with another note, and repeated or not.
    #[must_use]
    pub fn noted(self, note: Option<String>, repeat: bool) -> Self {
        Self {
            note,
            repeat,
            ..self
        }
    }

    fn parsed(&self) -> &Parsed {
        // What a user wrote was read when it was bound; a test reads what is
        // built in.
        let read = || Parsed::of_text(&self.commands, &|_| None).unwrap_or_default();
        self.parsed.get_or_init(read)
    }

    /// The commands as words; none for a key that is bound to nothing.
    #[must_use]
    pub fn words(&self) -> &[Vec<Word>] {
        &self.parsed().words
    }

    /// The commands typed; read once, whatever the number of key presses.
    #[must_use]
    pub fn run(&self) -> &[Command] {
        &self.parsed().run
    }

    /// The commands with their words, to be run.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let Parsed { words, run } = self.parsed();
        let both = run.iter().cloned().zip(words.iter().cloned());
        both.map(|(command, words)| Call::known(command, words))
            .collect()
    }

    /// The key as `list-keys` prints it, quoted.
    #[must_use]
    pub fn key_text(&self) -> String {
        quote(&self.key.to_string())
    }

    /// The commands as `list-keys` prints them.
    #[must_use]
    pub fn commands_text(&self) -> String {
        print_all(self.words(), " \\; ")
    }
}

/// Every key table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    tables: BTreeMap<String, BTreeMap<Key, Binding>>,
}

impl Default for Bindings {
    /// The built-in tables: `root`, `prefix`, `move`, `copy-mode` and
    /// `copy-mode-vi`.
    fn default() -> Self {
        let mut bindings = Self::empty();
        for text in DEFAULTS {
            bindings.add(text, None);
        }
        bindings
    }
}

impl Bindings {
    /// No table and no key.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            tables: BTreeMap::new(),
        }
    }

    /// Adds the bindings of a built-in file, or those of one of its tables. A test
    /// reads each line of the files; none is lost here.
    fn add(&mut self, text: &str, only: Option<&str>) {
        let tables: BTreeMap<String, Keys> = toml::from_str(text).unwrap_or_default();
        for (table, keys) in &tables {
            if only.is_some_and(|only| only != table) {
                continue;
            }
            for (key, entry) in keys {
                let Ok(key) = key.get_ref().parse() else {
                    continue;
                };
                let Entry { run, repeat, note } = entry.get_ref();
                let binding = Binding::new(table, key, run.trim(), OnceCell::new());
                self.bind(binding.noted(note.clone(), *repeat));
            }
        }
    }

    /// Puts a set's prefix table in place of the one that is there; answers with
    /// the set's prefix key, or nothing when there is no set of the name.
    pub fn use_set(&mut self, name: &str) -> Option<&'static str> {
        let (_, prefix, text) = SETS.iter().find(|(known, ..)| *known == name)?;
        self.unbind_all("prefix");
        self.add(text, Some("prefix"));
        Some(prefix)
    }

    /// Puts a set's table of copy mode in place of the one that is there; answers
    /// with what `mode-keys` is with it, or nothing when there is no such set.
    pub fn use_copy_set(&mut self, name: &str) -> Option<&'static str> {
        let (_, table, keys, text) = COPY_SETS.iter().find(|(known, ..)| *known == name)?;
        self.unbind_all(table);
        self.add(text, Some(table));
        Some(keys)
    }

    /// The key's binding in a table.
    #[must_use]
    pub fn get(&self, table: &str, key: Key) -> Option<&Binding> {
        self.tables.get(table)?.get(&key)
    }

    /// A whole table, by key.
    #[must_use]
    pub fn table(&self, table: &str) -> Option<&BTreeMap<Key, Binding>> {
        self.tables.get(table)
    }

    /// The tables' names, in order.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// Every binding, by table and key.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.tables.values().flat_map(BTreeMap::values)
    }

    /// Binds a key, in place of what it was bound to.
    pub fn bind(&mut self, binding: Binding) {
        let table = self.tables.entry(binding.table.clone()).or_default();
        table.insert(binding.key, binding);
    }

    /// Takes a key's binding away; answers whether there was one. A table
    /// without keys is gone.
    pub fn unbind(&mut self, table: &str, key: Key) -> bool {
        let Some(keys) = self.tables.get_mut(table) else {
            return false;
        };
        let found = keys.remove(&key).is_some();
        if keys.is_empty() {
            self.tables.remove(table);
        }
        found
    }

    /// Takes a whole table away; answers whether there was one.
    pub fn unbind_all(&mut self, table: &str) -> bool {
        self.tables.remove(table).is_some()
    }
}

/// What a key's entry in a TOML file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) run: String,
    pub(super) repeat: bool,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryTable {
    run: String,
    #[serde(default)]
    repeat: bool,
    note: Option<String>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a command, or { run = \"…\", repeat = true, note = \"…\" }")
            }

            fn visit_str<E>(self, run: &str) -> Result<Entry, E> {
                Ok(Entry {
                    run: run.to_owned(),
                    repeat: false,
                    note: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                let table = EntryTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Entry {
                    run: table.run,
                    repeat: table.repeat,
                    note: table.note,
                })
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

/// One key table of a TOML file.
pub(super) type Keys = BTreeMap<Spanned<String>, Spanned<Entry>>;

/// Makes a binding of an entry; the error says what is wrong, without a place.
pub(super) fn of_entry(
    table: &str,
    key: &str,
    entry: &Entry,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Binding, EntryError> {
    let key: Key = key
        .parse()
        .map_err(|_| EntryError::Key(format!("unknown key: {key}")))?;
    let binding = Binding::from_text(table, key, &entry.run, env).map_err(EntryError::Run)?;
    Ok(binding.noted(entry.note.clone(), entry.repeat))
}

/// What is wrong with an entry of a key table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryError {
    Key(String),
    Run(BindError),
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tables = Vec<Result<Binding, EntryError>>;

    fn read_tables(text: &str) -> Result<Tables, toml::de::Error> {
        let tables: BTreeMap<String, Keys> = toml::from_str(text)?;
        let bindings = tables.iter().flat_map(|(table, keys)| {
            keys.iter()
                .map(move |(key, entry)| of_entry(table, key.get_ref(), entry.get_ref(), &|_| None))
        });
        Ok(bindings.collect())
    }

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn every_builtin_binding_reads() {
        let screen = SETS.map(|(_, _, text)| text);
        for text in DEFAULTS.into_iter().chain(screen) {
            for binding in read_tables(text).unwrap() {
                let binding = binding.unwrap_or_else(|error| panic!("{error:?}"));
                assert!(!binding.words().is_empty() && !binding.run().is_empty());
                if binding.table == "prefix" {
                    assert!(binding.note.is_some(), "{}", binding.key);
                }
                for words in binding.words() {
                    for word in words.iter().filter(|word| word.block.is_some()) {
                        let inner = lex_words(&word.text, &|_| None).unwrap();
                        for words in inner {
                            parse_words(&words).unwrap_or_else(|error| panic!("{error}"));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn builtin_tables_have_tmuxs_keys() {
        let bindings = Bindings::default();
        let tables: Vec<&str> = bindings.tables().collect();
        let known = ["copy-mode", "copy-mode-vi", "move", "prefix", "root"];
        assert_eq!(tables, known);
        for name in "c 0 9 n p l w s d \" % o ; x & z [ ] : ? , $ Space ! { } C-b C-o".split(' ') {
            assert!(bindings.get("prefix", key(name)).is_some(), "{name}");
        }
        let up = bindings.get("prefix", key("Up")).unwrap();
        assert!(up.repeat);
        let mouse = bindings.get("root", key("MouseDown1Pane")).unwrap();
        assert_eq!(mouse.commands_text(), "select-pane -t = \\; send-keys -M");
    }

    #[test]
    fn set_takes_the_place_of_the_prefix_table() {
        let mut bindings = Bindings::default();
        assert_eq!(bindings.use_set("screen"), Some("C-a"));
        let tab = bindings.get("prefix", key("Tab")).unwrap();
        assert_eq!(tab.commands_text(), "select-pane -t :.+");
        assert!(bindings.get("root", key("WheelUpPane")).is_some());
        assert_eq!(bindings.use_set("none"), None);
        assert_eq!(bindings.use_set("tmux"), Some("C-b"));
        assert_eq!(bindings, Bindings::default());
    }

    #[test]
    fn copy_set_restores_its_table_alone() {
        let mut bindings = Bindings::default();
        bindings.unbind_all("copy-mode-vi");
        bindings.unbind("prefix", key("c"));
        assert_eq!(bindings.use_copy_set("vi-copy"), Some("vi"));
        assert!(bindings.get("copy-mode-vi", key("v")).is_some());
        assert!(bindings.get("prefix", key("c")).is_none());
        assert_eq!(bindings.use_copy_set("emacs-copy"), Some("emacs"));
        assert_eq!(bindings.use_copy_set("screen"), None);
    }

    #[test]
    fn keys_are_bound_and_unbound() {
        let mut bindings = Bindings::empty();
        let words = lex_words("splitw -h ; neww", &|_| None).unwrap();
        let binding = Binding::from_commands("prefix", key("x"), words).unwrap();
        assert_eq!(binding.commands_text(), "split-window -h \\; new-window");
        bindings.bind(binding);
        assert!(bindings.unbind("prefix", key("x")));
        assert!(!bindings.unbind("prefix", key("x")));
        assert_eq!(bindings.tables().count(), 0);
    }

    #[test]
    fn wrong_commands_are_refused() {
        let refused = Binding::from_text("prefix", key("x"), "nosuch", &|_| None).unwrap_err();
        assert_eq!(refused.to_string(), "unknown command: nosuch");
        assert!(Binding::from_text("prefix", key("x"), "a {", &|_| None).is_err());
    }
}
