//! The key help: a client's list of bindings, searched as is typed. What is on it
//! is read from the key tables each time; here is what is kept between two keys.
//! It runs nothing.

use crate::base::{KeyCode, Label, SessionId, WindowId};
use crate::config::Binding;

use super::Mux;

/// The longest search, in bytes.
const MAX_FILTER: usize = 200;

/// The key help of one client.
#[derive(Clone, Debug, Default)]
pub struct KeyHelp {
    /// Only bindings with all of its words are shown.
    pub filter: String,
    /// The selected one, among those shown.
    pub selected: usize,
    /// The first one shown.
    pub top: usize,
}

/// One binding, for people.
#[derive(Clone, Debug)]
pub struct HelpRow<'a> {
    /// What is pressed, the prefix in front.
    pub keys: Label,
    /// What it does: its note, or else its commands.
    pub says: Label,
    /// Whether it can be run from the help: keys of a mode mean something there
    /// alone, and those of the mouse where it points.
    pub runs: bool,
    /// The binding.
    pub binding: &'a Binding,
}

impl KeyHelp {
    /// Adds to the search, up to a bound; the first match is selected.
    pub fn typed(&mut self, ch: char) {
        if self.filter.len() + ch.len_utf8() <= MAX_FILTER && !ch.is_control() {
            self.filter.push(ch);
            self.reset();
        }
    }

    /// Takes the search's last letter, or all of it.
    pub fn erase(&mut self, all: bool) {
        if all {
            self.filter.clear();
        } else {
            self.filter.pop();
        }
        self.reset();
    }

    /// Selects another of `count` rows, of which `height` are in sight.
    pub fn step(&mut self, by: isize, count: usize, height: usize) {
        let last = count.saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.top = super::panel::in_sight(self.top, self.selected, count, height);
    }

    fn reset(&mut self) {
        self.selected = 0;
        self.top = 0;
    }

    /// The bindings that the search lets through: those of the prefix, those
    /// without it, those of copy mode, those of other tables; the mouse's last.
    #[must_use]
    pub fn rows<'a>(
        &self,
        mux: &'a Mux,
        session: Option<SessionId>,
        window: Option<WindowId>,
    ) -> Vec<HelpRow<'a>> {
        let prefix = mux.session_text(session, "prefix");
        let vi = mux.window_str(window, "mode-keys") == "vi";
        let other_mode = if vi { "copy-mode" } else { "copy-mode-vi" };
        let words: Vec<String> = self
            .filter
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let mut rows: Vec<((bool, u8, u8), HelpRow<'a>)> = Vec::new();
        for binding in mux.bindings.iter() {
            if binding.table == other_mode {
                continue;
            }
            let (rank, keys) = match binding.table.as_str() {
                "prefix" => (0, format!("{prefix} {}", binding.key)),
                "root" => (1, binding.key.to_string()),
                table if table.starts_with("copy-mode") => (2, format!("copy {}", binding.key)),
                table => (3, format!("{table} {}", binding.key)),
            };
            let mouse = matches!(binding.key.code, KeyCode::Mouse(_));
            let row = row(binding, &keys, rank < 2 && !mouse);
            if let Some(nearness) = self.nearness(&row, &words) {
                rows.push(((mouse, nearness, rank), row));
            }
        }
        rows.sort_by_key(|(rank, _)| *rank);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether all words are somewhere in a binding, and how near: in what is
    /// shown, at the commands' beginning, anywhere in them.
    fn nearness(&self, row: &HelpRow<'_>, words: &[String]) -> Option<u8> {
        let all_in = |text: &str| words.iter().all(|word| text.contains(word.as_str()));
        let shown = format!("{} {}", row.keys, row.says).to_lowercase();
        if all_in(&shown) {
            return Some(u8::from(row.binding.note.is_none() && !words.is_empty()));
        }
        let commands = row.binding.commands.to_lowercase();
        if commands.starts_with(self.filter.trim_start().to_lowercase().as_str()) {
            return Some(0);
        }
        all_in(&format!("{shown} {commands}")).then_some(2)
    }
}

fn row<'a>(binding: &'a Binding, keys: &str, runs: bool) -> HelpRow<'a> {
    let says = match &binding.note {
        Some(note) => Label::new(note),
        None => Label::new(&binding.commands),
    };
    HelpRow {
        keys: Label::new(keys),
        says,
        runs,
        binding,
    }
}
