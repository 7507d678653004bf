//! What was answered before, by the kind of prompt. Files are others' work.

use super::PromptType;

/// What was answered before, the latest last.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    commands: Vec<String>,
    searches: Vec<String>,
}

impl Histories {
    /// The answers to prompts of a kind, the latest last.
    #[must_use]
    pub fn of(&self, kind: PromptType) -> &[String] {
        match kind {
            PromptType::Command => &self.commands,
            PromptType::Search => &self.searches,
        }
    }

    /// Adds an answer unless it is the same as the last one; of the oldest
    /// only `limit` are kept.
    pub fn add(&mut self, kind: PromptType, text: &str, limit: usize) {
        let own = match kind {
            PromptType::Command => &mut self.commands,
            PromptType::Search => &mut self.searches,
        };
        if own.last().is_some_and(|last| last == text) {
            return;
        }
        // One answer is one line of the file.
        own.push(text.replace(['\n', '\r'], " "));
        let excess = own.len().saturating_sub(limit);
        own.drain(..excess);
    }

    /// Adds what was answered later, of each kind as many as the limit.
    pub fn extend(&mut self, later: &Self, limit: usize) {
        for kind in PromptType::ALL {
            for text in later.of(kind) {
                self.add(kind, text, limit);
            }
        }
    }

    /// Forgets the answers to prompts of a kind.
    pub fn clear(&mut self, kind: PromptType) {
        match kind {
            PromptType::Command => self.commands.clear(),
            PromptType::Search => self.searches.clear(),
        }
    }

    /// The lines of a history file: `kind:answer`.
    #[must_use]
    pub fn to_lines(&self) -> String {
        let mut out = String::new();
        for kind in PromptType::ALL {
            for text in self.of(kind) {
                out.push_str(kind.name());
                out.push(':');
                out.push_str(text);
                out.push('\n');
            }
        }
        out
    }

    /// Reads the lines of a history file; a line without a kind is a command.
    #[must_use]
    pub fn from_lines(text: &str, limit: usize) -> Self {
        let mut own = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let known = line
                .split_once(':')
                .and_then(|(kind, rest)| Some((PromptType::named(kind)?, rest)));
            let (kind, text) = known.unwrap_or((PromptType::Command, line));
            own.add(kind, text, limit);
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_are_bounded_and_survive_a_file() {
        let mut own = Histories::default();
        for text in ["a", "b", "b", "c"] {
            own.add(PromptType::Command, text, 2);
        }
        own.add(PromptType::Search, "x:y", 2);
        assert_eq!(own.of(PromptType::Command), ["b", "c"]);
        let read = Histories::from_lines(&format!("{}plain\n", own.to_lines()), 5);
        assert_eq!(read.of(PromptType::Command), ["b", "c", "plain"]);
        assert_eq!(read.of(PromptType::Search), ["x:y"]);
    }
}
