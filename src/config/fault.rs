//! What is wrong in a configuration file, and where: a place in its text, the
//! line itself with a mark under it, and what would be right. It reads no file.

use std::fmt;
use std::ops::Range;

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

impl ConfigError {
    pub(super) fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

/// Every fault of a file as people read them, one after the other.
#[must_use]
pub fn shown(errors: &[ConfigError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// A text with its name, in which places are named.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a str,
}

impl Place<'_> {
    /// A fault of a span of bytes.
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
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
