//! What the phases of a job are called by commands and marks: the file's own
//! names, made unique. Whoever makes identifiers of them does it here too, so
//! that both count alike. It renames nothing in the model.

use std::collections::{HashMap, HashSet};

use super::model::Job;
use crate::base::Label;

/// The longest key of a phase, in bytes: encoded it fits into a mark.
const MAX_KEY: usize = 256;

/// Gives each name once: a name that was given before gets `_2` and so on.
#[derive(Clone, Debug, Default)]
pub struct Unique {
    taken: HashSet<String>,
    /// The number to be tried next for a name.
    next: HashMap<String, u32>,
}

impl Unique {
    /// The name itself, or with the first number that makes it a new one.
    pub fn give(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        while !self.taken.insert(candidate.clone()) {
            let number = self.next.entry(name.to_owned()).or_insert(1);
            *number += 1;
            candidate = format!("{name}_{number}");
        }
        candidate
    }

    /// The name as an identifier: what is no letter, digit or `_` of ASCII
    /// becomes `_`.
    pub fn identifier(&mut self, name: &str) -> String {
        let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = name.chars().map(keep).collect();
        self.give(if name.is_empty() { "_" } else { &name })
    }
}

/// The keys of a job's phases, in order: what `phase` takes, and what marks
/// carry. They hold no control character, are not empty, and differ.
#[must_use]
pub fn keys(job: &Job) -> Vec<Label> {
    let mut unique = Unique::default();
    let mut keys = Vec::with_capacity(job.phases.len());
    for phase in &job.phases {
        let name = Label::new(&phase.name);
        let name = match name.as_str().trim() {
            "" => "phase",
            name => cut(name),
        };
        keys.push(Label::new(&unique.give(name)));
    }
    keys
}

/// The start of a text, at most [`MAX_KEY`] bytes of it.
fn cut(text: &str) -> &str {
    text[..text.floor_char_boundary(MAX_KEY)].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::model::Phase;

    fn job(names: &[&str]) -> Job {
        let phase = |name: &&str| Phase::stepwise(name, Vec::new());
        Job {
            phases: names.iter().map(phase).collect(),
            ..Job::default()
        }
    }

    #[test]
    fn keys_are_the_names_made_unique() {
        let long = "é".repeat(500);
        let keys = keys(&job(&[
            "Run tests",
            "Run tests",
            "Run tests_2",
            "a\u{1b}[31m;b",
            " ",
            "",
            "Run tests",
            &long,
        ]));
        let keys: Vec<&str> = keys.iter().map(Label::as_str).collect();
        assert_eq!(
            keys[..7],
            [
                "Run tests",
                "Run tests_2",
                "Run tests_2_2",
                "a[31m;b",
                "phase",
                "phase_2",
                "Run tests_3"
            ]
        );
        assert_eq!(keys[7].len(), MAX_KEY);
    }

    #[test]
    fn identifiers_are_made_of_word_characters_and_unique() {
        let mut unique = Unique::default();
        for (name, expected) in [
            ("a b", "a_b"),
            ("a-b", "a_b_2"),
            ("script", "script"),
            ("", "_"),
        ] {
            assert_eq!(unique.identifier(name), expected);
        }
    }

    #[test]
    fn many_equal_names_cost_linear_time() {
        let names = vec!["x"; 20_000];
        assert_eq!(
            keys(&job(&names)).last().map(Label::as_str),
            Some("x_20000")
        );
    }
}
