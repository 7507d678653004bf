//! What a loader has to say beside its build: errors with a place, warnings with
//! a place, and the bounds of what one file may grow to.

use std::collections::HashMap;

use super::model::{Ask, EnvVar, Job};
use super::yaml::{CiError, Place};

/// The most warnings of one file; more of them help nobody.
const MAX_WARNINGS: usize = 500;

/// The most steps of one file, over all jobs.
const MAX_STEPS: usize = 100_000;

/// The most expressions that one step or job asks for.
const MAX_ASKS: usize = 500;

/// The most bytes of commands and values of one file, over all jobs.
const MAX_BYTES: usize = 64 << 20;

/// The most warnings that [`warn_once`] keeps, beside one that says so.
const MAX_TEXTS: usize = 200;

/// The most characters of a step that is named by its command.
const MAX_NAME: usize = 120;

/// Notes something that is no error; each text once, at its first place.
pub(super) fn warn_once(warnings: &mut Vec<String>, file: &str, place: Place, message: &str) {
    let tail = format!(": {message}");
    if warnings.iter().any(|known| known.ends_with(&tail)) {
        return;
    }
    match warnings.len() {
        MAX_TEXTS => warnings.push("more warnings are left out".to_owned()),
        n if n > MAX_TEXTS => {}
        _ => {
            let Place { line, column } = place;
            warnings.push(format!("{file}:{line}:{column}{tail}"));
        }
    }
}

/// The first line of a command that says something, as its name.
pub(super) fn first_line(command: &str) -> String {
    let mut lines = command.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

/// The notes on one file.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The file as it was named.
    pub(super) file: String,
    /// Warnings as `FILE:LINE:COLUMN: message`, ready to print.
    pub(super) warnings: Vec<String>,
    steps: usize,
    bytes: usize,
}

impl Notes {
    pub(super) fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// An error at a place of the file.
    pub(super) fn error(&self, place: Place, message: impl Into<String>) -> CiError {
        CiError {
            file: self.file.clone(),
            place,
            message: message.into(),
        }
    }

    /// Adds a warning, once.
    pub(super) fn warn(&mut self, place: Place, message: impl AsRef<str>) {
        if self.warnings.len() >= MAX_WARNINGS {
            return;
        }
        let Place { line, column } = place;
        let text = format!("{}:{line}:{column}: {}", self.file, message.as_ref());
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }

    /// Takes a step and its bytes from the budget.
    ///
    /// # Errors
    /// When the file has grown beyond its bounds.
    pub(super) fn spend(&mut self, place: Place, bytes: usize) -> Result<(), CiError> {
        self.steps = self.steps.saturating_add(1);
        self.weigh(place, bytes)
    }

    /// Takes bytes from the budget.
    ///
    /// # Errors
    /// When the file has grown beyond its bounds.
    pub(super) fn weigh(&mut self, place: Place, bytes: usize) -> Result<(), CiError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.steps > MAX_STEPS || self.bytes > MAX_BYTES {
            return Err(self.error(place, "the file grows too large when it is expanded"));
        }
        Ok(())
    }
}

/// What a job's variables and names take of the budget, in bytes.
pub(super) fn size(job: &Job) -> usize {
    let env = job
        .env
        .iter()
        .map(|var| var.name.len() + var.value.len() + 64);
    let needs = job.needs.iter().map(|need| need.len() + 32);
    env.sum::<usize>() + needs.sum::<usize>()
}

/// Adds variables; later ones replace earlier ones of the same name.
pub(super) fn overlay(env: &mut Vec<EnvVar>, more: Vec<EnvVar>) {
    if more.is_empty() {
        return;
    }
    let index: HashMap<String, usize> = env
        .iter()
        .enumerate()
        .map(|(at, var)| (var.name.clone(), at))
        .collect();
    for var in more {
        match index.get(&var.name) {
            Some(&at) => env[at] = var,
            None => env.push(var),
        }
    }
}

/// Adds an expression to those that are asked for, once, as long as they are few
/// enough for anybody to answer.
pub(super) fn ask(asks: &mut Vec<Ask>, ask: Ask) {
    if asks.len() < MAX_ASKS && !asks.contains(&ask) {
        asks.push(ask);
    }
}

/// A text cut to a number of characters, for messages and names.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{cut}...")
}

/// A text as a shell identifier: other characters become `_`.
pub(super) fn identifier(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|ch| if ch.is_ascii_alphanumeric() { ch } else { '_' })
        .collect();
    if !name.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_') {
        name.insert(0, '_');
    }
    name
}

/// Whether a text is a shell identifier.
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warning_has_its_place_and_is_given_once() {
        let mut notes = Notes::of("f");
        let place = Place { line: 2, column: 3 };
        notes.warn(place, "x");
        notes.warn(place, "x");
        assert_eq!(notes.warnings, ["f:2:3: x"]);
    }

    #[test]
    fn budget_ends() {
        let mut notes = Notes::of("f");
        assert!(notes.spend(Place::default(), 10).is_ok());
        assert!(notes.spend(Place::default(), usize::MAX).is_err());
    }

    #[test]
    fn text_is_made_an_identifier_or_short() {
        assert_eq!(identifier("a-b c"), "a_b_c");
        assert_eq!(identifier("1"), "_1");
        assert_eq!(identifier(""), "_");
        assert!(is_identifier("_A9") && !is_identifier("9") && !is_identifier(""));
        assert_eq!(short("abcdefgh", 6), "abc...");
    }
}
