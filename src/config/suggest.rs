//! What may be written for a thing of the tables, each with its sentence: names
//! of options, hooks and key tables, and the values that an option takes. It
//! knows no session.

use super::bindings::Bindings;
use super::old;
use super::options::{Kind, OptionDef, find_option, hooks, options};

/// What to write instead of what a message refuses: what has taken the place of
/// something old, or a name that is near.
#[must_use]
pub fn remedy(message: &str) -> Option<String> {
    if let Some(advice) = old::advice(message) {
        return Some(advice.to_owned());
    }
    if let Some(name) = message.strip_prefix("invalid option: ") {
        return find_option(name).err()?.hint();
    }
    let name = message.strip_prefix("unknown command: ")?;
    crate::command::find(name).err()?.hint()
}

/// A text that may be written, with what it is.
pub type Suggestion = (String, String);

fn named(def: &'static OptionDef) -> Suggestion {
    (def.name.to_owned(), def.about.to_owned())
}

/// What may be written for what the usage calls `what`, after some arguments;
/// nothing if the tables do not say.
#[must_use]
pub fn suggest(what: &str, before: &[String]) -> Vec<Suggestion> {
    match what {
        "option" => options().map(named).collect(),
        "hook" => hooks().map(named).collect(),
        "value" => before.first().map(|name| values(name)).unwrap_or_default(),
        "key-table" => {
            let bindings = Bindings::default();
            let tables = bindings.tables();
            tables
                .map(|table| (table.to_owned(), "A key table.".to_owned()))
                .collect()
        }
        "layout-name" => LAYOUTS
            .iter()
            .map(|(name, about)| own(name, about))
            .collect(),
        "prompt-type" => vec![
            own("command", "Commands and what belongs to them."),
            own("search", "What is searched for."),
        ],
        "grant" => vec![
            own("view", "To look only."),
            own("type", "To type and run commands."),
            own("admin", "To decide about others too."),
        ],
        "border-lines" => BORDERS
            .iter()
            .map(|name| own(name, "Lines of a border."))
            .collect(),
        "order" | "sort-order" => ORDERS
            .iter()
            .map(|name| own(name, "Sort by this."))
            .collect(),
        _ => Vec::new(),
    }
}

fn own(name: &str, about: &str) -> Suggestion {
    (name.to_owned(), about.to_owned())
}

/// The values of an option, as far as they can be listed.
fn values(name: &str) -> Vec<Suggestion> {
    let Ok(found) = find_option(name) else {
        return Vec::new();
    };
    let Some(def) = found.def() else {
        return Vec::new();
    };
    let of = |value: &str| {
        let usual = if value == def.default {
            " (default)"
        } else {
            ""
        };
        (value.to_owned(), format!("{}{usual}", def.name))
    };
    match def.kind {
        Kind::Flag => ["on", "off"].map(of).to_vec(),
        Kind::Choice(choices) => choices.iter().map(|value| of(value)).collect(),
        Kind::Colour | Kind::PlainColour => COLOURS.iter().map(|value| of(value)).collect(),
        Kind::Number { .. } => vec![of(def.default)],
        Kind::Text | Kind::Style | Kind::Command | Kind::Key | Kind::Array { .. } => Vec::new(),
    }
}

const LAYOUTS: [(&str, &str); 7] = [
    ("even-horizontal", "Side by side, equally wide."),
    ("even-vertical", "One above the other, equally high."),
    ("main-horizontal", "A large pane on top, the others below."),
    (
        "main-horizontal-mirrored",
        "A large pane below, the others on top.",
    ),
    (
        "main-vertical",
        "A large pane on the left, the others right of it.",
    ),
    (
        "main-vertical-mirrored",
        "A large pane on the right, the others left of it.",
    ),
    ("tiled", "As equal as can be, in rows and columns."),
];

const BORDERS: [&str; 7] = [
    "single", "double", "heavy", "simple", "rounded", "padded", "none",
];

const ORDERS: [&str; 6] = ["index", "name", "size", "creation", "activity", "time"];

const COLOURS: [&str; 18] = [
    "default",
    "terminal",
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "brightblack",
    "brightred",
    "brightgreen",
    "brightyellow",
    "brightblue",
    "themegreen",
    "themered",
    "themelightgrey",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_say_what_may_be_written() {
        let names = |what: &str, before: &[&str]| {
            let before: Vec<String> = before.iter().map(|word| (*word).to_owned()).collect();
            let found = suggest(what, &before);
            assert!(found.iter().all(|(_, about)| !about.is_empty()), "{what}");
            found.into_iter().map(|(text, _)| text).collect::<Vec<_>>()
        };
        assert!(names("option", &[]).contains(&"history-limit".to_owned()));
        assert!(names("hook", &[]).contains(&"client-attached".to_owned()));
        assert!(names("key-table", &[]).contains(&"copy-mode-vi".to_owned()));
        assert_eq!(names("value", &["mouse"]), ["on", "off"]);
        assert_eq!(names("value", &["status-position"]), ["top", "bottom"]);
        assert_eq!(names("value", &["history-limit"]), ["2000"]);
        assert_eq!(names("value", &["nosuch"]), [""; 0]);
        assert_eq!(names("format", &[]), [""; 0]);
    }

    #[test]
    fn remedy_is_what_was_meant() {
        for (message, wanted) in [
            (
                "unknown command: nw-window",
                Some("did you mean new-window?"),
            ),
            ("invalid option: statsu", Some("did you mean status?")),
            (
                "invalid option: mode-mouse",
                Some("write set -g mouse on, which does all of it"),
            ),
            ("unknown command: xyzzy", None),
            ("no such session: x", None),
        ] {
            assert_eq!(remedy(message).as_deref(), wanted, "{message}");
        }
    }

    #[test]
    fn colours_that_are_suggested_are_colours() {
        for name in COLOURS {
            assert!(super::super::colours::parse(name).is_some(), "{name}");
        }
    }
}
