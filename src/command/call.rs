//! A command with the words that it was read from: what its hooks are told of its
//! flags and arguments (`hook_flag_t`, `hook_argument_0`), and where its target
//! is. It runs nothing and looks nothing up.

use std::ops::Deref;

use super::getopt::ParseError;
use super::lex::Word;
use super::print::print;
use super::table::{Command, parse_words};
use super::target::Wanted;

/// A command as it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command.
    pub command: Command,
    words: Vec<Word>,
}

impl Deref for Call {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.command
    }
}

impl From<Command> for Call {
    /// A command whose words are not known: its hooks are told of none.
    fn from(command: Command) -> Self {
        Self {
            command,
            words: Vec::new(),
        }
    }
}

impl Call {
    /// Reads a command from its words, the name first.
    ///
    /// # Errors
    /// As [`Command::parse`].
    pub fn read(words: Vec<Word>) -> Result<Self, ParseError> {
        Ok(Self {
            command: parse_words(&words)?,
            words,
        })
    }

    /// A command with the words that it was read from.
    #[must_use]
    pub fn known(command: Command, words: Vec<Word>) -> Self {
        Self { command, words }
    }

    /// It as it would be printed; its name alone if its words are not known.
    #[must_use]
    pub fn text(&self) -> String {
        if self.words.is_empty() {
            return self.command.name().to_owned();
        }
        print(&self.words)
    }

    /// What hooks are told of it, by key: `arguments` as it would be printed,
    /// each `argument_N`, each `flag_X` and `flag_X_N` (1 for a flag without a
    /// value).
    #[must_use]
    pub fn payload(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let printed = print(&self.words);
        let arguments = printed.split_once(' ').map_or("", |(_, rest)| rest);
        all.push(("arguments".to_owned(), arguments.to_owned()));
        let rest = self.words.get(1..).unwrap_or_default();
        let spec = self.command.row().spec();
        let Ok(parsed) = spec.split(rest) else {
            return all;
        };
        for (number, at) in parsed.positionals.iter().enumerate() {
            let text = rest.get(*at).map_or("", |word| word.text.as_str());
            all.push((format!("argument_{number}"), text.to_owned()));
        }
        let mut counts = std::collections::BTreeMap::<char, usize>::new();
        for (index, value) in parsed.flags {
            let Some(letter) = spec.flags.get(index).and_then(|flag| flag.letter) else {
                continue;
            };
            all.push((format!("flag_{letter}"), value.unwrap_or("1").to_owned()));
            if let Some(value) = value {
                let count = counts.entry(letter).or_default();
                all.push((format!("flag_{letter}_{count}"), value.to_owned()));
                *count += 1;
            }
        }
        all
    }

    /// What its `-t` names, and what kind of thing that is; nothing for a command
    /// whose `-t` is no place.
    #[must_use]
    pub fn target(&self) -> Option<(Wanted, Option<String>)> {
        let spec = self.command.row().spec();
        let at = spec.flags.iter().position(|f| f.letter == Some('t'))?;
        let wanted = match spec.flags[at].value.as_str() {
            "target-pane" | "dst-pane" => Wanted::Pane,
            "target-window" | "dst-window" => Wanted::Window,
            "target-session" => Wanted::Session,
            _ => return None,
        };
        let rest = self.words.get(1..).unwrap_or_default();
        let parsed = spec.split(rest).ok()?;
        let mut flags = parsed.flags.into_iter().rev();
        let text = flags
            .find(|(flag, _)| *flag == at)
            .and_then(|(_, text)| text);
        Some((wanted, text.map(str::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        let words = super::super::lex_words(text, &|_| None).unwrap().remove(0);
        Call::read(words).unwrap()
    }

    #[test]
    fn payload_names_flags_and_arguments() {
        let call = call("neww -d -e A=1 -e B=2 -P 'sleep 100'");
        let mut payload = call.payload();
        payload.sort();
        let lines: Vec<_> = payload.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            lines,
            [
                "argument_0=sleep 100",
                "arguments=-Pd -e A=1 -e B=2 \"sleep 100\"",
                "flag_P=1",
                "flag_d=1",
                "flag_e=A=1",
                "flag_e=B=2",
                "flag_e_0=A=1",
                "flag_e_1=B=2",
            ]
        );
    }

    #[test]
    fn target_is_what_the_flag_takes() {
        for (text, target) in [
            ("selectp -t a:0.1", Some((Wanted::Pane, Some("a:0.1")))),
            ("killw", Some((Wanted::Window, None))),
            ("has -t x", Some((Wanted::Session, Some("x")))),
            ("detach -t x", None),
            ("set-buffer x", None),
        ] {
            let found = call(text).target();
            let target = target.map(|(wanted, text)| (wanted, text.map(str::to_owned)));
            assert_eq!(found, target, "{text}");
        }
    }
}
