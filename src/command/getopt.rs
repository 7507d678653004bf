//! A getopt pass before clap, so that words are read exactly as tmux reads
//! them: flags may be grouped and values glued, `--` ends the flags, and so
//! does the first word that is none. What is a flag, and which take values,
//! comes from the clap definition; errors have tmux's words.

use std::ffi::OsString;
use std::fmt;

use clap::ArgAction;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A value.
    Value,
    /// A value, or none when a flag or the end follows.
    Optional,
}

/// One flag of a command.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its letter; none for a flag that has only a long name.
    pub letter: Option<char>,
    /// Its long name; only stepmux's own commands have some.
    pub long: Option<String>,
    /// What it takes.
    pub takes: Takes,
    /// What the value is called in the usage.
    pub value: String,
    /// What it does, in one sentence.
    pub help: String,
    /// Whether the usage leaves it out.
    pub hidden: bool,
}

/// One argument of a command after its flags.
#[derive(Clone, Debug)]
pub struct Positional {
    /// What it is called in the usage.
    pub value: String,
    /// What it is, in one sentence.
    pub help: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it takes every further word.
    pub rest: bool,
    /// Whether the usage leaves it out.
    pub hidden: bool,
}

/// What a command's definition says about its words.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The command's name, for messages.
    pub name: &'static str,
    /// Its flags, in the order of the definition.
    pub flags: Vec<Flag>,
    /// Its other arguments.
    pub positionals: Vec<Positional>,
    /// Long names may be used, and flags may follow other arguments.
    pub own: bool,
}

/// Words taken apart, not yet typed.
#[derive(Clone, Debug, Default)]
pub struct Parsed<'a> {
    /// Each flag found (by its place in [`Spec::flags`]) with its value.
    pub flags: Vec<(usize, Option<&'a str>)>,
    /// The places, in the words given, of what is no flag.
    pub positionals: Vec<usize>,
}

/// Words that are no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// No word at all.
    Empty,
    /// A name that no command has; with a near one, if there is one.
    Unknown {
        /// What was written.
        name: String,
        /// A command with a name like it.
        near: Option<&'static str>,
    },
    /// An abbreviation of several commands.
    Ambiguous {
        /// What was written.
        name: String,
        /// Their names, in order.
        could_be: Vec<&'static str>,
    },
    /// `-?`: the usage was asked for.
    Usage(String),
    /// A command's words are wrong.
    Args {
        /// The command.
        command: &'static str,
        /// What is wrong.
        message: String,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no command"),
            Self::Unknown { name, .. } => write!(f, "unknown command: {name}"),
            Self::Ambiguous { name, could_be } => {
                let names = could_be.join(", ");
                write!(f, "ambiguous command: {name}, could be: {names}")
            }
            Self::Usage(usage) => write!(f, "usage: {usage}"),
            Self::Args { command, message } => write!(f, "command {command}: {message}"),
        }
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    /// What to try instead, for whoever shows the error to a person.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                near: Some(near), ..
            } => Some(format!("did you mean {near}?")),
            _ => None,
        }
    }
}

impl Spec {
    /// Reads a clap definition.
    #[must_use]
    pub fn of(name: &'static str, command: &clap::Command) -> Self {
        let mut spec = Self {
            name,
            flags: Vec::new(),
            positionals: Vec::new(),
            own: false,
        };
        for arg in command.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let value = arg
                .get_value_names()
                .and_then(|names| names.first())
                .map(ToString::to_string)
                .unwrap_or_default();
            if arg.is_positional() {
                spec.positionals.push(Positional {
                    value,
                    help,
                    required: arg.is_required_set(),
                    rest: matches!(arg.get_action(), ArgAction::Append),
                    hidden: arg.is_hide_set(),
                });
                continue;
            }
            spec.own |= arg.get_long().is_some();
            let takes = match arg.get_action() {
                ArgAction::SetTrue | ArgAction::Count => Takes::Nothing,
                _ if arg.is_require_equals_set() => Takes::Optional,
                _ => Takes::Value,
            };
            spec.flags.push(Flag {
                letter: arg.get_short(),
                long: arg.get_long().map(str::to_owned),
                takes,
                value: if takes == Takes::Nothing {
                    String::new()
                } else {
                    value
                },
                help,
                hidden: arg.is_hide_set(),
            });
        }
        spec
    }

    /// The most arguments after the flags, if there is a limit.
    #[must_use]
    pub fn most(&self) -> Option<usize> {
        let limited = !self.positionals.iter().any(|arg| arg.rest);
        limited.then_some(self.positionals.len())
    }

    /// The fewest arguments after the flags.
    #[must_use]
    pub fn least(&self) -> usize {
        self.positionals.iter().filter(|arg| arg.required).count()
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::Args {
            command: self.name,
            message: message.into(),
        }
    }

    /// Takes the words after the command's name apart.
    ///
    /// # Errors
    /// Unknown or invalid flags, missing values, too few or many arguments.
    pub fn split<'a, W: AsRef<str>>(&self, words: &'a [W]) -> Result<Parsed<'a>, ParseError> {
        let parsed = self.flags_of(words)?;
        let count = parsed.positionals.len();
        if count < self.least() {
            let need = self.least();
            return Err(self.error(format!("too few arguments (need at least {need})")));
        }
        match self.most() {
            Some(most) if count > most => {
                Err(self.error(format!("too many arguments (need at most {most})")))
            }
            _ => Ok(parsed),
        }
    }

    /// The same, however many arguments there are.
    pub(super) fn flags_of<'a, W: AsRef<str>>(
        &self,
        words: &'a [W],
    ) -> Result<Parsed<'a>, ParseError> {
        let mut parsed = Parsed::default();
        let mixed = self.own && self.most().is_some();
        let mut at = 0;
        while let Some(word) = words.get(at).map(AsRef::as_ref) {
            if word == "--" {
                at += 1;
                break;
            }
            if self.own && word.starts_with("--") {
                at = self.long(words, at, &mut parsed)?;
            } else if word.len() > 1 && word.starts_with('-') {
                at = self.group(words, at, &mut parsed)?;
            } else if mixed {
                parsed.positionals.push(at);
                at += 1;
            } else {
                break;
            }
        }
        parsed.positionals.extend(at..words.len());
        Ok(parsed)
    }

    fn long<'a, W: AsRef<str>>(
        &self,
        words: &'a [W],
        at: usize,
        parsed: &mut Parsed<'a>,
    ) -> Result<usize, ParseError> {
        let word = &words[at].as_ref()[2..];
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let found = self
            .flags
            .iter()
            .position(|flag| flag.long.as_deref() == Some(name));
        let Some(index) = found else {
            let known: Vec<String> = self
                .flags
                .iter()
                .filter_map(|flag| flag.long.as_ref().map(|long| format!("--{long}")))
                .collect();
            let known = known.join(", ");
            return Err(self.error(format!("unknown flag --{name} (there are {known})")));
        };
        if self.flags[index].takes == Takes::Nothing {
            if glued.is_some() {
                return Err(self.error(format!("--{name} takes no argument")));
            }
            parsed.flags.push((index, None));
            return Ok(at + 1);
        }
        let next = words.get(at + 1).map(AsRef::as_ref);
        let Some(value) = glued.or(next) else {
            return Err(self.error(format!("--{name} expects an argument")));
        };
        parsed.flags.push((index, Some(value)));
        Ok(at + 1 + usize::from(glued.is_none()))
    }

    /// Reads one word of grouped flags; answers where to go on.
    fn group<'a, W: AsRef<str>>(
        &self,
        words: &'a [W],
        at: usize,
        parsed: &mut Parsed<'a>,
    ) -> Result<usize, ParseError> {
        let mut rest = &words[at].as_ref()[1..];
        let next = words.get(at + 1).map(AsRef::as_ref);
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            if letter == '?' {
                return Err(ParseError::Usage(super::usage::of_spec(self)));
            }
            if !letter.is_ascii_alphanumeric() {
                return Err(self.error(format!("invalid flag -{letter}")));
            }
            let found = self
                .flags
                .iter()
                .position(|flag| flag.letter == Some(letter));
            let Some(index) = found else {
                return Err(self.error(format!("unknown flag -{letter}")));
            };
            match self.flags[index].takes {
                Takes::Nothing => parsed.flags.push((index, None)),
                Takes::Value if !rest.is_empty() => {
                    parsed.flags.push((index, Some(rest)));
                    return Ok(at + 1);
                }
                Takes::Value => {
                    let Some(value) = next else {
                        return Err(self.error(format!("-{letter} expects an argument")));
                    };
                    parsed.flags.push((index, Some(value)));
                    return Ok(at + 2);
                }
                // A glued value is a number; anything else is a further flag.
                Takes::Optional if rest.starts_with(is_amount) => {
                    parsed.flags.push((index, Some(rest)));
                    return Ok(at + 1);
                }
                Takes::Optional => {
                    let value = next.filter(|word| rest.is_empty() && is_value(word));
                    parsed.flags.push((index, value));
                    if value.is_some() {
                        return Ok(at + 2);
                    }
                }
            }
        }
        Ok(at + 1)
    }

    /// The words in one form that clap reads without ambiguity.
    pub(super) fn canonical<W: AsRef<str>>(
        &self,
        parsed: &Parsed<'_>,
        words: &[W],
    ) -> Vec<OsString> {
        let mut argv = Vec::with_capacity(parsed.flags.len() + parsed.positionals.len() + 1);
        for &(index, value) in &parsed.flags {
            let flag = &self.flags[index];
            let mut word = match (flag.letter, &flag.long) {
                (Some(letter), _) => format!("-{letter}"),
                (None, Some(long)) => format!("--{long}"),
                (None, None) => continue,
            };
            if let Some(value) = value {
                word.push('=');
                word.push_str(value);
            }
            argv.push(word.into());
        }
        if !parsed.positionals.is_empty() {
            argv.push("--".into());
            let of = |&at: &usize| OsString::from(words[at].as_ref());
            argv.extend(parsed.positionals.iter().map(of));
        }
        argv
    }
}

fn is_amount(ch: char) -> bool {
    ch.is_ascii_digit() || matches!(ch, '-' | '+' | '#')
}

/// Whether a word can be an optional value: not a flag, but maybe negative.
fn is_value(word: &str) -> bool {
    match word.strip_prefix('-') {
        Some(rest) => rest.starts_with(|ch: char| ch.is_ascii_digit()),
        None => true,
    }
}
