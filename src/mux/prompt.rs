//! A prompt in a client's status line: a line being edited, and what happens
//! with it.

use crate::base::{Key, KeyCode, Label, Mods};

/// What a prompt does with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// `command-prompt`: the answers are put into the template and run.
    Command {
        /// The command with `%%`, `%1` … in it.
        template: String,
        /// What is still to be asked: the label and the first input.
        more: Vec<(String, String)>,
        /// What has been answered.
        answers: Vec<String>,
        /// Take the first key as the answer.
        single: bool,
        /// Take only digits; another key ends the prompt and is handled again.
        numeric: bool,
        /// Run the command on every change.
        incremental: bool,
        /// Take a key's name as the answer.
        key: bool,
    },
    /// `confirm-before`: `y` runs the command.
    Confirm {
        /// The command.
        command: String,
        /// The key that confirms.
        key: char,
        /// Enter confirms too.
        default_yes: bool,
    },
}

/// A prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What stands before the input.
    pub label: Label,
    /// The line being edited.
    pub line: Line,
    /// What it is for.
    pub kind: PromptKind,
    /// Where in the history the user is, counted from the latest.
    pub history_at: Option<usize>,
    /// The token of a queue that waits for the answer.
    pub waiter: Option<crate::base::Token>,
}

/// An edited line with its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    chars: Vec<char>,
    cursor: usize,
    killed: Vec<char>,
}

impl Line {
    /// Longest line, in characters.
    pub const MAX: usize = 8192;

    /// A line with a text and the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let chars: Vec<char> = text
            .chars()
            .filter(|ch| !ch.is_control())
            .take(Self::MAX)
            .collect();
        Self {
            cursor: chars.len(),
            chars,
            killed: Vec::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// The text left of the cursor.
    #[must_use]
    pub fn before_cursor(&self) -> String {
        self.chars[..self.cursor].iter().collect()
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Replaces the text; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        let killed = std::mem::take(&mut self.killed);
        *self = Self {
            killed,
            ..Self::new(text)
        };
    }

    /// Writes a text at the cursor; controls are left out.
    pub fn insert(&mut self, text: &str) {
        for ch in text.chars().filter(|ch| !ch.is_control()) {
            if self.chars.len() < Self::MAX {
                self.chars.insert(self.cursor, ch);
                self.cursor += 1;
            }
        }
    }

    /// Edits by a key as readline's emacs keys do. Whether the key was one.
    pub fn edit(&mut self, key: Key) -> bool {
        let ctrl = key.mods == Mods::CTRL;
        let meta = key.mods == Mods::META;
        match key.code {
            KeyCode::Char(ch) if key.mods.is_empty() => self.insert(ch.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if key.mods.is_empty() => self.delete_back(1),
            KeyCode::Char('h') if ctrl => self.delete_back(1),
            KeyCode::Delete => self.delete_forward(),
            KeyCode::Char('d') if ctrl => self.delete_forward(),
            KeyCode::Left if key.mods.is_empty() => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Char('b') if ctrl => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right if key.mods.is_empty() => self.forward(1),
            KeyCode::Char('f') if ctrl => self.forward(1),
            KeyCode::Home => self.cursor = 0,
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::End => self.cursor = self.chars.len(),
            KeyCode::Char('e') if ctrl => self.cursor = self.chars.len(),
            KeyCode::Char('u') if ctrl => {
                self.chars.clear();
                self.cursor = 0;
            }
            KeyCode::Char('k') if ctrl => self.killed = self.chars.split_off(self.cursor),
            KeyCode::Char('w') if ctrl => self.kill_word(),
            KeyCode::Char('y') if ctrl => self.insert(&self.killed.iter().collect::<String>()),
            KeyCode::Char('t') if ctrl => self.transpose(),
            KeyCode::Char('b') if meta => self.cursor = self.word_start(),
            KeyCode::Char('f') if meta => self.cursor = self.word_end(),
            KeyCode::Left if ctrl => self.cursor = self.word_start(),
            KeyCode::Right if ctrl => self.cursor = self.word_end(),
            _ => return false,
        }
        true
    }

    fn delete_back(&mut self, count: usize) {
        let from = self.cursor.saturating_sub(count);
        self.chars.drain(from..self.cursor);
        self.cursor = from;
    }

    fn delete_forward(&mut self) {
        if self.cursor < self.chars.len() {
            self.chars.remove(self.cursor);
        }
    }

    fn forward(&mut self, count: usize) {
        self.cursor = (self.cursor + count).min(self.chars.len());
    }

    fn word_start(&self) -> usize {
        let mut at = self.cursor;
        while at > 0 && self.chars[at - 1] == ' ' {
            at -= 1;
        }
        while at > 0 && self.chars[at - 1] != ' ' {
            at -= 1;
        }
        at
    }

    fn word_end(&self) -> usize {
        let mut at = self.cursor;
        while at < self.chars.len() && self.chars[at] == ' ' {
            at += 1;
        }
        while at < self.chars.len() && self.chars[at] != ' ' {
            at += 1;
        }
        at
    }

    fn kill_word(&mut self) {
        let from = self.word_start();
        self.killed = self.chars.drain(from..self.cursor).collect();
        self.cursor = from;
    }

    fn transpose(&mut self) {
        let at = self.cursor.min(self.chars.len().saturating_sub(1));
        if at > 0 {
            self.chars.swap(at - 1, at);
            self.cursor = (at + 1).min(self.chars.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&str]) -> (String, String) {
        let mut line = Line::new("one two");
        for key in keys {
            assert!(key.parse().is_ok_and(|key| line.edit(key)), "{key}");
        }
        (line.text(), line.before_cursor())
    }

    #[test]
    fn line_edits_as_readline_does() {
        for (keys, text, before) in [
            (&["C-w", "x"][..], "one x", "one x"),
            (
                &["C-a", "C-k", "C-y", "C-y"],
                "one twoone two",
                "one twoone two",
            ),
            (&["M-b", "BSpace"], "onetwo", "one"),
            (&["Home", "DC", "C-e"], "ne two", "ne two"),
            (&["C-u"], "", ""),
            (&["C-t"], "one tow", "one tow"),
            (&["C-Left", "C-Left", "Right"], "one two", "o"),
        ] {
            assert_eq!(
                typed(keys),
                (text.to_owned(), before.to_owned()),
                "{keys:?}"
            );
        }
    }

    #[test]
    fn line_takes_no_controls_and_is_bounded() {
        let mut line = Line::new("a\x1bb");
        line.insert(&"x".repeat(2 * Line::MAX));
        assert!(line.text().starts_with("abx"));
        assert_eq!(line.text().len(), Line::MAX);
    }
}
