//! What an option is, and how one is found by name. The rows are in the
//! `table_*` files; values are in [`super::overlay`].

use super::overlay::OptionError;
use super::value::ArrayKey;
use super::{
    table_hooks, table_own, table_server, table_session, table_share, table_tmate, table_window,
};

/// Where an option may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The server.
    Server,
    /// Sessions, falling back to the global session options.
    Session,
    /// Windows, falling back to the global window options.
    Window,
    /// Panes, falling back to their window and the global window options.
    Pane,
}

/// What an option's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Flag,
    /// A whole number.
    Number {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
        /// What is counted; empty for plain numbers.
        unit: &'static str,
    },
    /// One of these words; with no value given, the first two change over.
    Choice(&'static [&'static str]),
    /// Any text.
    Text,
    /// A style (tmux(1), "STYLES"); formats in it are checked when expanded.
    Style,
    /// A colour, kept as it was written; it may have formats, or be empty.
    Colour,
    /// A colour, kept by its one name.
    PlainColour,
    /// One or more commands.
    Command,
    /// A key's name.
    Key,
    /// A list of texts by number or name.
    Array {
        /// What separates entries when a whole list is set; empty for none.
        separators: &'static str,
        /// What each entry is.
        of: Entry,
    },
}

/// What the entries of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Any text.
    Text,
    /// Colours, kept by their one name.
    Colour,
    /// Commands.
    Command,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionDef {
    /// Its name.
    pub name: &'static str,
    /// Where it may be set.
    pub scope: Scope,
    /// What its value is.
    pub kind: Kind,
    /// Its default as text; of an array, one entry a line, counted from 0.
    pub default: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Whether it is a hook: an array of commands, set by set-hook.
    pub hook: bool,
}

/// The shapes that a cursor may have.
pub(super) const CURSOR_STYLES: [&str; 7] = [
    "default",
    "blinking-block",
    "block",
    "blinking-underline",
    "underline",
    "blinking-bar",
    "bar",
];

impl OptionDef {
    const fn new(
        name: &'static str,
        scope: Scope,
        kind: Kind,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            scope,
            kind,
            default,
            about,
            hook: false,
        }
    }

    pub(super) const fn flag(
        name: &'static str,
        scope: Scope,
        on: bool,
        about: &'static str,
    ) -> Self {
        let default = if on { "on" } else { "off" };
        Self::new(name, scope, Kind::Flag, default, about)
    }

    pub(super) const fn number(
        name: &'static str,
        scope: Scope,
        (min, max, unit): (i64, i64, &'static str),
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Number { min, max, unit }, default, about)
    }

    pub(super) const fn choice(
        name: &'static str,
        scope: Scope,
        choices: &'static [&'static str],
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Choice(choices), default, about)
    }

    pub(super) const fn text(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Text, default, about)
    }

    pub(super) const fn style(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Style, default, about)
    }

    pub(super) const fn colour(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Colour, default, about)
    }

    pub(super) const fn plain_colour(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::PlainColour, default, about)
    }

    pub(super) const fn command(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Command, default, about)
    }

    pub(super) const fn key(
        name: &'static str,
        scope: Scope,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(name, scope, Kind::Key, default, about)
    }

    pub(super) const fn array(
        name: &'static str,
        scope: Scope,
        separators: &'static str,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        let of = Entry::Text;
        Self::new(name, scope, Kind::Array { separators, of }, default, about)
    }

    pub(super) const fn colours(
        name: &'static str,
        scope: Scope,
        separators: &'static str,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        let of = Entry::Colour;
        Self::new(name, scope, Kind::Array { separators, of }, default, about)
    }

    pub(super) const fn hook(name: &'static str, scope: Scope, about: &'static str) -> Self {
        let kind = Kind::Array {
            separators: "",
            of: Entry::Command,
        };
        Self {
            hook: true,
            ..Self::new(name, scope, kind, "", about)
        }
    }

    /// Whether its text is printed as it is, and not quoted: colours, keys,
    /// choices and commands are no free text.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        match self.kind {
            Kind::Flag
            | Kind::Number { .. }
            | Kind::Choice(_)
            | Kind::PlainColour
            | Kind::Command
            | Kind::Key => true,
            Kind::Array { of, .. } => !matches!(of, Entry::Text),
            Kind::Text | Kind::Style | Kind::Colour => false,
        }
    }

    /// Whether the option is a list.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self.kind, Kind::Array { .. })
    }
}

/// Every option, hooks left out: tmux's in the order in which it lists them,
/// then those that it does not have.
pub fn options() -> impl Iterator<Item = &'static OptionDef> {
    table_server::ROWS
        .iter()
        .chain(table_session::ROWS)
        .chain(table_window::ROWS)
        .chain(own_options())
}

/// Whether an option or hook is one that tmux does not have.
#[must_use]
pub fn is_own(def: &OptionDef) -> bool {
    own_options()
        .chain(table_own::HOOKS)
        .any(|own| own.name == def.name)
}

/// The options that tmux does not have.
fn own_options() -> impl Iterator<Item = &'static OptionDef> {
    table_own::ROWS
        .iter()
        .chain(table_share::ROWS)
        .chain(table_tmate::ROWS)
}

/// Every hook: tmux's, then those that it does not have.
pub fn hooks() -> impl Iterator<Item = &'static OptionDef> {
    table_hooks::ROWS.iter().chain(table_own::HOOKS)
}

/// The option or hook of this full name.
#[must_use]
pub fn option(name: &str) -> Option<&'static OptionDef> {
    options().chain(hooks()).find(|def| def.name == name)
}

/// An option as a command names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionName {
    /// One of the table, with an index where one was given.
    Known {
        /// Its row.
        def: &'static OptionDef,
        /// The entry of an array; of an option that is none, what was written.
        key: Option<ArrayKey>,
    },
    /// `@name`: the user's own, always text.
    User {
        /// Its name, with the `@`.
        name: String,
        /// What was written in brackets; user options are no arrays.
        key: Option<ArrayKey>,
    },
}

impl OptionName {
    /// The full name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known { def, .. } => def.name,
            Self::User { name, .. } => name,
        }
    }

    /// The row, if it is an option of the table.
    #[must_use]
    pub const fn def(&self) -> Option<&'static OptionDef> {
        match self {
            Self::Known { def, .. } => Some(def),
            Self::User { .. } => None,
        }
    }

    /// What was written in brackets.
    #[must_use]
    pub const fn key(&self) -> Option<&ArrayKey> {
        match self {
            Self::Known { key, .. } | Self::User { key, .. } => key.as_ref(),
        }
    }
}

/// Old spellings that are read as well.
const SPELLINGS: &[(&str, &str)] = &[
    ("clock-mode-color", "clock-mode-colour"),
    ("cursor-color", "cursor-colour"),
    ("display-panes-active-color", "display-panes-active-colour"),
    ("display-panes-color", "display-panes-colour"),
    ("pane-colors", "pane-colours"),
    (
        "prompt-command-cursor-color",
        "prompt-command-cursor-colour",
    ),
    ("prompt-cursor-color", "prompt-cursor-colour"),
];

/// Finds an option by its name or an abbreviation, with `[key]` for an entry
/// of an array: a number or a name.
///
/// # Errors
/// No such option, several, or brackets that are none.
pub fn find_option(text: &str) -> Result<OptionName, OptionError> {
    let (name, key) = split_key(text).ok_or_else(|| OptionError::Key(text.to_owned()))?;
    if name.starts_with('@') {
        return Ok(OptionName::User {
            name: name.to_owned(),
            key,
        });
    }
    let spelling = SPELLINGS.iter().find(|(old, _)| *old == name);
    let name = spelling.map_or(name, |(_, new)| new);
    let def = match option(name) {
        Some(def) => def,
        None => abbreviation(name).map_err(|error| error.of(text))?,
    };
    Ok(OptionName::Known { def, key })
}

/// Splits `name[key]`; nothing when the brackets are not in order.
fn split_key(text: &str) -> Option<(&str, Option<ArrayKey>)> {
    if text.is_empty() {
        return None;
    }
    let Some((name, rest)) = text.split_once('[') else {
        return Some((text, None));
    };
    let key = rest.strip_suffix(']').filter(|key| !key.contains(']'))?;
    Some((name, Some(ArrayKey::parse(key)?)))
}

fn abbreviation(name: &str) -> Result<&'static OptionDef, OptionError> {
    let mut fits = options()
        .chain(hooks())
        .filter(|def| def.name.starts_with(name));
    match (fits.next(), fits.next()) {
        (Some(def), None) => Ok(def),
        (None, _) => Err(invalid(name)),
        (Some(_), Some(_)) => Err(OptionError::Ambiguous(name.to_owned())),
    }
}

fn invalid(name: &str) -> OptionError {
    let known = options().chain(hooks()).map(|def| def.name);
    OptionError::Invalid {
        name: name.to_owned(),
        near: crate::command::table::nearest(name, known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_rows_described() {
        let mut names: Vec<&str> = options().chain(hooks()).map(|def| def.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for def in options().chain(hooks()) {
            assert!(def.about.ends_with('.'), "{}", def.name);
        }
    }

    #[test]
    fn names_are_found_as_tmux_finds_them() {
        let found = |text: &str| match find_option(text) {
            Ok(found) => match found.key() {
                Some(key) => format!("{} [{key}]", found.name()),
                None => found.name().to_owned(),
            },
            Err(error) => error.to_string(),
        };
        for (text, expected) in [
            ("status", "status"),
            ("escape", "escape-time"),
            ("stat", "ambiguous option: stat"),
            ("", "ambiguous option: "),
            ("[1]", "ambiguous option: [1]"),
            ("statuss", "invalid option: statuss"),
            ("nope", "invalid option: nope"),
            ("nope[1]", "invalid option: nope[1]"),
            ("command-alias[3]", "command-alias [3]"),
            ("command-alias[007]", "command-alias [7]"),
            ("command-alias[-1]", "command-alias [-1]"),
            ("command-alias[a b]", "command-alias [a b]"),
            ("command-alias[a[b]", "command-alias [a[b]"),
            ("command-alias[]", "ambiguous option: command-alias[]"),
            ("command-alias[a]b", "ambiguous option: command-alias[a]b"),
            ("command-alias[a", "ambiguous option: command-alias[a"),
            ("user-keys[4294967295]", "user-keys [4294967295]"),
            (
                "user-keys[4294967296]",
                "ambiguous option: user-keys[4294967296]",
            ),
            ("status[1]", "status [1]"),
            ("display-panes-color", "display-panes-colour"),
            ("status-color", "invalid option: status-color"),
            ("@x", "@x"),
            ("@x[1]", "@x [1]"),
            ("after-new-window[0]", "after-new-window [0]"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        let error = find_option("statsu").unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean status?"));
    }
}
