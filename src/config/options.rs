//! What an option is, and how one is found by name. The rows are in the
//! `table_*` files; values are in [`super::overlay`].

use super::overlay::OptionError;
use super::{table_hooks, table_server, table_session, table_share, table_tmate, table_window};

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
    /// A colour.
    Colour,
    /// A key's name.
    Key,
    /// A list of texts by index.
    Array {
        /// What separates entries when a whole list is set; empty for none.
        separators: &'static str,
    },
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
    /// Its default as text; of an array, one entry a line.
    pub default: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Whether it is a hook: an array of commands, set by set-hook.
    pub hook: bool,
}

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
        Self::new(name, scope, Kind::Array { separators }, default, about)
    }

    pub(super) const fn hook(name: &'static str, scope: Scope, about: &'static str) -> Self {
        Self {
            hook: true,
            ..Self::new(name, scope, Kind::Array { separators: "" }, "", about)
        }
    }

    /// Whether the option is a list.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self.kind, Kind::Array { .. })
    }
}

/// Every option, hooks left out: server, session, window and pane.
pub fn options() -> impl Iterator<Item = &'static OptionDef> {
    table_server::ROWS
        .iter()
        .chain(table_share::ROWS)
        .chain(table_tmate::ROWS)
        .chain(table_session::ROWS)
        .chain(table_window::ROWS)
}

/// Every hook.
pub fn hooks() -> impl Iterator<Item = &'static OptionDef> {
    table_hooks::ROWS.iter()
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
        /// The entry of an array.
        index: Option<u32>,
    },
    /// `@name`: the user's own, always text.
    User(String),
}

/// Finds an option by its name or an abbreviation, `color` understood as
/// `colour`, with `[index]` for an entry of an array.
///
/// # Errors
/// No such option, several, or an index of what is no array.
pub fn find_option(text: &str) -> Result<OptionName, OptionError> {
    if text.is_empty() {
        return Err(OptionError::Invalid {
            name: String::new(),
            near: None,
        });
    }
    if text.starts_with('@') {
        return Ok(OptionName::User(text.to_owned()));
    }
    let (name, index) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, digits)) => match digits.parse() {
            Ok(index) => (name, Some(index)),
            Err(_) => return Err(invalid(text)),
        },
        None => (text, None),
    };
    let british = name.replace("color", "colour");
    let def = match option(name).or_else(|| option(&british)) {
        Some(def) => def,
        None => abbreviation(name)?,
    };
    if index.is_some() && !def.is_array() {
        return Err(OptionError::NotArray(text.to_owned()));
    }
    Ok(OptionName::Known { def, index })
}

fn abbreviation(name: &str) -> Result<&'static OptionDef, OptionError> {
    let mut fits = options()
        .chain(hooks())
        .filter(|def| !name.is_empty() && def.name.starts_with(name));
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
            Ok(OptionName::Known { def, index }) => format!("{} {index:?}", def.name),
            Ok(OptionName::User(name)) => name,
            Err(error) => error.to_string(),
        };
        for (text, expected) in [
            ("status", "status None"),
            ("escape", "escape-time None"),
            ("stat", "ambiguous option: stat"),
            ("statuss", "invalid option: statuss"),
            ("nope", "invalid option: nope"),
            ("command-alias[3]", "command-alias Some(3)"),
            ("status[1]", "not an array: status[1]"),
            ("display-panes-color", "display-panes-colour None"),
            ("@x", "@x"),
            ("after-new-window[0]", "after-new-window Some(0)"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        let error = find_option("statsu").unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean status?"));
    }
}
