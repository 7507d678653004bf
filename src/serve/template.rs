//! How a debug build is started: words with places for a job's own. Each word
//! stays one argument of the program, whatever is put in; a shell is never
//! asked. What a place holds cannot become a flag.

use std::collections::BTreeMap;

/// The most words of a template.
const MAX_WORDS: usize = 256;

/// What is put into the places.
pub(super) type Values = BTreeMap<String, String>;

/// A command line with places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    words: Vec<Word>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Word {
    /// It is there only if this has a value: `{?NAME}` at its beginning.
    only_with: Option<String>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `{NAME}`, or `{NAME:sh}` quoted for a shell at the far end (ssh(1) joins
    /// its words and gives them to the login shell there).
    Place {
        name: String,
        quoted: bool,
    },
}

impl Template {
    /// Reads words: `{NAME}`, `{NAME:sh}`, `{?NAME}` at a word's beginning, `{{`
    /// for a brace.
    ///
    /// # Errors
    /// A sentence that names the word.
    pub(super) fn parse(words: &[String]) -> Result<Self, String> {
        if words.is_empty() || words.len() > MAX_WORDS {
            return Err(format!("a command has 1 to {MAX_WORDS} words"));
        }
        let read = words
            .iter()
            .map(|word| Word::parse(word).map_err(|error| format!("{error} in {word:?}")));
        let words: Vec<Word> = read.collect::<Result<_, _>>()?;
        if words[0].only_with.is_some() {
            return Err("the program's name cannot be left out".to_owned());
        }
        Ok(Self { words })
    }

    /// The words of a command.
    ///
    /// # Errors
    /// A sentence: a place has no value, or its value would be taken for a flag.
    pub(super) fn fill(&self, values: &Values) -> Result<Vec<String>, String> {
        let present = |name: &String| values.get(name).is_some_and(|value| !value.is_empty());
        let mut filled = Vec::with_capacity(self.words.len());
        for word in &self.words {
            if word.only_with.as_ref().is_none_or(present) {
                filled.push(word.fill(values)?);
            }
        }
        Ok(filled)
    }
}

impl Word {
    fn parse(text: &str) -> Result<Self, String> {
        let mut word = Self::default();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let end = end.ok_or_else(|| format!("a lone {brace}"))?;
            let inside = &rest[..end];
            rest = &rest[end + 1..];
            if let Some(name) = inside.strip_prefix('?') {
                if !literal.is_empty() || !word.parts.is_empty() || word.only_with.is_some() {
                    return Err(format!("{{?{name}}} is not at the beginning"));
                }
                word.only_with = Some(checked(name)?);
                continue;
            }
            if !literal.is_empty() {
                word.parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            let (name, quoted) = match inside.strip_suffix(":sh") {
                Some(name) => (name, true),
                None => (inside, false),
            };
            let name = checked(name)?;
            word.parts.push(Part::Place { name, quoted });
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            word.parts.push(Part::Text(literal));
        }
        Ok(word)
    }

    fn fill(&self, values: &Values) -> Result<String, String> {
        let mut text = String::new();
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Place { name, quoted } => {
                    let value = values.get(name);
                    let value = value.ok_or_else(|| format!("the job has no {name}"))?;
                    if value.contains('\0') {
                        return Err(format!("{name} has a NUL"));
                    }
                    // A value that begins a word could be read as an option; and
                    // so could one at the far end of ssh.
                    if value.starts_with('-') && (index == 0 || *quoted) {
                        return Err(format!("{name} begins with a hyphen"));
                    }
                    if *quoted {
                        text.push_str(&quote(value));
                    } else {
                        text.push_str(value);
                    }
                }
            }
        }
        Ok(text)
    }
}

fn checked(name: &str) -> Result<String, String> {
    let sound = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_';
    if !name.is_empty() && name.chars().all(sound) {
        return Ok(name.to_owned());
    }
    Err(format!("{{{name}}} is no name"))
}

/// One word for a POSIX shell (POSIX.1, "Single-Quotes").
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fill(words: &[&str], values: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Template::parse(&words)?.fill(&values.iter().map(own).collect())
    }

    #[test]
    fn places_are_filled_and_stay_one_argument() {
        for (words, wanted) in [
            (&["run", "a{x}b"][..], &["run", "a1 $(id); '2'b"][..]),
            (&["run", "{x}"], &["run", "1 $(id); '2'"]),
            (&["run", "{x:sh}"], &["run", "'1 $(id); '\\''2'\\'''"]),
            (&["run", "{?x}--x={x}"], &["run", "--x=1 $(id); '2'"]),
            (&["run", "{?e}--e={e}", "{?none}x"], &["run"]),
            (&["run", "{{x}}", "{{{y}}}"], &["run", "{x}", "{y}"]),
            (&["run", "--o={flag}"], &["run", "--o=-rf"]),
        ] {
            let values = [
                ("x", "1 $(id); '2'"),
                ("e", ""),
                ("flag", "-rf"),
                ("y", "y"),
            ];
            assert_eq!(fill(words, &values).unwrap(), wanted, "{words:?}");
        }
    }

    #[test]
    fn values_never_become_flags() {
        let values = [("x", "-oProxyCommand=id")];
        for words in [&["ssh", "{x}"][..], &["ssh", "h", "run {x:sh}"], &["{x}"]] {
            let error = fill(words, &values).unwrap_err();
            assert_eq!(error, "x begins with a hyphen", "{words:?}");
        }
    }

    #[test]
    fn words_that_do_not_read_are_refused() {
        for (words, wanted) in [
            (&[][..], "1 to 256 words"),
            (&["{?x}a"], "cannot be left out"),
            (&["a", "{x"], "a lone {"),
            (&["a", "x}"], "a lone }"),
            (&["a", "{X}"], "{X} is no name"),
            (&["a", "{}"], "{} is no name"),
            (&["a", "b{?x}"], "not at the beginning"),
            (&["a", "{missing}"], "the job has no missing"),
            (&["a", "{nul}"], "nul has a NUL"),
        ] {
            let error = fill(words, &[("nul", "a\0b")]).unwrap_err();
            assert!(error.contains(wanted), "{words:?}: {error}");
        }
    }
}
