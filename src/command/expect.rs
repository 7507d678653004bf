//! What may stand at the end of a command line that is being typed, as far as
//! the table of commands says: for the shells' completions and the prompt's. It
//! looks nothing up.

use super::getopt::Takes;
use super::table::{Row, find};

/// What is expected in place of the word that is being typed.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A command's name.
    Name,
    /// A flag.
    Flag(&'static Row),
    /// What something is called in the usage (`target-pane`, `option`): a flag's
    /// value or an argument, with the arguments before it.
    Value {
        /// The command.
        row: &'static Row,
        /// What it is called.
        what: &'static str,
        /// The arguments before it, flags left out.
        before: Vec<String>,
    },
    /// Nothing that is known.
    Nothing,
}

/// What is expected after some words of one command, the name first, in place of
/// `word`.
#[must_use]
pub fn expected(words: &[&str], word: &str) -> Expected {
    let Some((name, rest)) = words.split_first() else {
        return Expected::Name;
    };
    let Ok(row) = find(name) else {
        return Expected::Nothing;
    };
    let spec = row.spec();
    let mut before = Vec::new();
    let mut ended = false;
    let mut wanted = None;
    for own in rest {
        if wanted.take().is_some() {
            continue;
        }
        let flags = !ended && own.len() > 1 && own.starts_with('-');
        if *own == "--" && !ended {
            ended = true;
        } else if flags && own.starts_with("--") {
            let long = own.trim_start_matches('-');
            let flag = spec
                .flags
                .iter()
                .find(|flag| flag.long.as_deref() == Some(long));
            wanted = flag.filter(|flag| flag.takes == Takes::Value);
        } else if flags {
            // The last letter of a group may want the next word.
            for (at, letter) in own.char_indices().skip(1) {
                let flag = spec.flags.iter().find(|flag| flag.letter == Some(letter));
                let takes = flag.filter(|flag| flag.takes == Takes::Value);
                if takes.is_some() {
                    let last = at + letter.len_utf8() == own.len();
                    wanted = takes.filter(|_| last);
                    break;
                }
            }
        } else {
            before.push((*own).to_owned());
            ended |= !spec.own;
        }
    }
    if let Some(flag) = wanted {
        let what = flag.value.as_str();
        return Expected::Value { row, what, before };
    }
    if word.starts_with('-') && !ended {
        return Expected::Flag(row);
    }
    let last = spec.positionals.last().filter(|last| last.rest);
    let own = spec.positionals.get(before.len()).or(last);
    match own.filter(|own| !own.hidden) {
        Some(own) => Expected::Value {
            row,
            what: &own.value,
            before,
        },
        None => Expected::Nothing,
    }
}

/// The flags of a command as they are written, each with its sentence.
#[must_use]
pub fn flags(row: &'static Row) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for flag in row.spec().flags.iter().filter(|flag| !flag.hidden) {
        let help = flag.help.as_str();
        all.extend(flag.letter.map(|letter| (format!("-{letter}"), help)));
        all.extend(flag.long.as_ref().map(|long| (format!("--{long}"), help)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let mut words: Vec<&str> = line.split(' ').collect();
        let word = words.pop().unwrap_or_default();
        match expected(&words, word) {
            Expected::Name => "name".to_owned(),
            Expected::Flag(row) => format!("flag of {}", row.name),
            Expected::Value { row, what, before } => {
                format!("{} of {} after {}", what, row.name, before.len())
            }
            Expected::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn place_in_the_line_says_what_is_expected() {
        for (line, wanted) in [
            ("", "name"),
            ("new", "name"),
            ("nosuch x", "nothing"),
            ("neww -", "flag of new-window"),
            ("neww -t ", "target-window of new-window after 0"),
            ("neww -dt ma", "target-window of new-window after 0"),
            ("neww -tma -", "flag of new-window"),
            ("set -g ", "option of set-option after 0"),
            ("set -g mouse ", "value of set-option after 1"),
            ("set -g mouse -", "value of set-option after 1"),
            ("set -- -", "option of set-option after 0"),
            ("set a b ", "nothing"),
            ("source a b ", "path of source-file after 2"),
            ("share --listen ", "ADDR:PORT of share after 0"),
            ("share --kn", "flag of share"),
            ("kill-server ", "nothing"),
        ] {
            assert_eq!(shown(line), wanted, "{line:?}");
        }
    }

    #[test]
    fn flags_have_sentences() {
        let row = find("new-window").unwrap();
        let all = flags(row);
        assert!(all.iter().any(|(name, _)| name == "-t"), "{all:?}");
        assert!(all.iter().all(|(_, about)| !about.is_empty()), "{all:?}");
    }
}
