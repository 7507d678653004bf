//! The command language's lexer, by the rules of tmux(1) "COMMAND PARSING AND
//! EXECUTION". Text becomes tokens; what may follow what is `grammar`'s. It
//! looks up no command and runs nothing.
//!
//! | written | means |
//! |---|---|
//! | `'…'` | verbatim |
//! | `"…"` | with escapes, `$NAME`, `${NAME}` and a leading `~` |
//! | `\n \t \e \s \a \b \f \v \r \ooo \uXXXX \UXXXXXXXX \c` | escapes, outside quotes too |
//! | `;` and newline | end a command; `\;` is a word |
//! | `{ … }` | one argument of commands, which are read now; it nests |
//! | `#` at a word's start | a comment, but `#{…}` after `%if` is a condition |
//! | `\` at a line's end | joins the next line |
//! | `NAME=value` before a command or alone, `%hidden NAME=value` | assignments |
//! | `%if`, `%elif`, `%else`, `%endif` | conditions, asked of the caller |
//!
//! As in tmux, a quote left open ends with the text. Depth of blocks and of
//! conditions is bounded by [`MAX_DEPTH`].

use std::collections::BTreeMap;
use std::fmt;

use super::grammar;
use super::join::join_lines;
use super::print::render;

/// How deep blocks and conditions may nest.
pub const MAX_DEPTH: usize = 128;

/// One argument of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// What it says; of a block, its commands as text that reads back as the
    /// same, a line for each group.
    pub text: String,
    /// The commands, if it was written as a `{ … }` block.
    pub block: Option<Box<[Group]>>,
}

/// Commands of one line; when one fails, the rest of the line is not run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The line where they end, from 1.
    pub line: usize,
    /// The commands, each with at least one word.
    pub commands: Vec<Vec<Word>>,
}

impl Word {
    /// A word that is no block.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            block: None,
        }
    }

    /// A block of commands.
    #[must_use]
    pub fn of_block(groups: Vec<Group>) -> Self {
        Self {
            text: render(&groups),
            block: Some(groups.into_boxed_slice()),
        }
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Text that the lexer refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in tmux's words.
    pub message: String,
}

impl fmt::Display for LexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LexError {}

/// A name set by an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether programs do not get it (`%hidden`).
    pub hidden: bool,
}

/// What a text holds, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Commands to run.
    Commands(Group),
    /// A variable of the global environment.
    Assignment {
        /// The line, from 1.
        line: usize,
        /// What is set.
        set: Assignment,
    },
}

/// Names assigned so far in the text being read; they go before the environment.
pub type Assigned = BTreeMap<String, String>;

/// What the lexer asks of its caller.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The value of `$NAME`; `HOME` for `~`, and `~NAME` for a user's home.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the condition of an `%if` holds.
    pub condition: &'a dyn Fn(&str, &Assigned) -> bool,
    /// Whether what is assigned holds for the rest of the text. It does not where
    /// a text is only looked at (tmux(1), `source-file -n`).
    pub assign: bool,
}

/// Splits a command string into commands and their words. Assignments are
/// dropped, and a condition holds unless it is empty or `0`.
///
/// # Errors
/// Text that does not parse, with its line.
pub fn lex(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Vec<String>>, LexError> {
    let commands = lex_words(text, env)?;
    let plain = |words: Vec<Word>| words.into_iter().map(|word| word.text).collect();
    Ok(commands.into_iter().map(plain).collect())
}

/// Like [`lex`], keeping which words were blocks.
///
/// # Errors
/// Text that does not parse, with its line.
pub fn lex_words(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Vec<Word>>, LexError> {
    let condition = |text: &str, _: &Assigned| !text.is_empty() && text != "0";
    let items = read(
        text,
        &Source {
            env,
            condition: &condition,
            assign: true,
        },
    )?;
    let mut all = Vec::new();
    for item in items {
        if let Item::Commands(group) = item {
            all.extend(group.commands);
        }
    }
    Ok(all)
}

/// Reads a whole text: a configuration file or a command string.
///
/// # Errors
/// Text that does not parse, with its line.
pub fn read(text: &str, source: &Source<'_>) -> Result<Vec<Item>, LexError> {
    let mut items = Vec::new();
    read_into(text, source, &mut items)?;
    Ok(items)
}

/// As [`read`]; what stands before a fault is among the items.
///
/// # Errors
/// Text that does not parse, with its line.
pub fn read_into(text: &str, source: &Source<'_>, items: &mut Vec<Item>) -> Result<(), LexError> {
    let (text, joins) = join_lines(text);
    let lexer = Lexer {
        text: &text,
        at: 0,
        line: 1,
        newline: false,
        condition: false,
        ended: false,
        joins: &joins,
        env: source.env,
        assigned: Assigned::new(),
    };
    grammar::read(lexer, source, items)
}

/// Splits shell words into commands: a word ending in an unescaped `;` ends
/// one, `\;` at a word's end is a literal semicolon.
#[must_use]
pub fn split_argv(argv: &[String]) -> Vec<Vec<String>> {
    let words: Vec<Word> = argv.iter().map(Word::new).collect();
    let plain = |words: Vec<Word>| words.into_iter().map(|word| word.text).collect();
    split_words(&words).into_iter().map(plain).collect()
}

/// Like [`split_argv`], for words that may be blocks (which never end one).
#[must_use]
pub fn split_words(words: &[Word]) -> Vec<Vec<Word>> {
    let mut commands = Vec::new();
    let mut command = Vec::new();
    for word in words {
        let mut word = word.clone();
        let mut ends = false;
        if word.block.is_none() && word.text.ends_with(';') {
            word.text.pop();
            if word.text.ends_with('\\') {
                word.text.pop();
                word.text.push(';');
            } else {
                ends = true;
            }
        }
        if !ends || !word.text.is_empty() {
            command.push(word);
        }
        if ends && !command.is_empty() {
            commands.push(std::mem::take(&mut command));
        }
    }
    if !command.is_empty() {
        commands.push(command);
    }
    commands
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    End,
    Newline,
    Semicolon,
    Open,
    Close,
    Word(String),
    Assign(String, String),
    /// `#{…}` after a condition's word.
    Format(String),
    If,
    Elif,
    Else,
    Endif,
    Hidden,
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Start,
    None,
    Single,
    Double,
}

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The line of the last token's end, from 1.
    pub(super) line: usize,
    /// The last token ended its line.
    newline: bool,
    /// The last token was a condition's word: a format may follow.
    condition: bool,
    /// The newline that every text ends in was told.
    ended: bool,
    joins: &'a [usize],
    env: &'a dyn Fn(&str) -> Option<String>,
    /// What was assigned so far.
    pub(super) assigned: Assigned,
}

impl Lexer<'_> {
    pub(super) fn error(&self, message: &str) -> LexError {
        LexError {
            line: self.line,
            message: message.to_owned(),
        }
    }

    pub(super) fn syntax(&self) -> LexError {
        self.error("syntax error")
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Counts the lines that were continued before this place.
    fn count_joins(&mut self) {
        while let Some((&join, rest)) = self.joins.split_first()
            && join <= self.at
        {
            self.line += 1;
            self.joins = rest;
        }
    }

    fn next(&mut self) -> Option<char> {
        self.count_joins();
        let ch = self.peek()?;
        self.at += ch.len_utf8();
        if ch == '\n' {
            self.line += 1;
        }
        Some(ch)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|ch| ch != '\n') {
            self.next();
        }
    }

    /// The next token. Every text ends in a newline, its own or one more.
    pub(super) fn token(&mut self) -> Result<Token, LexError> {
        self.line += usize::from(std::mem::take(&mut self.newline));
        let condition = std::mem::take(&mut self.condition);
        loop {
            self.skip_blanks();
            let Some(ch) = self.peek() else {
                self.count_joins();
                let ended = std::mem::replace(&mut self.ended, true);
                return Ok(if ended { Token::End } else { Token::Newline });
            };
            match ch {
                '#' if condition && self.text[self.at..].starts_with("#{") => {
                    self.next();
                    let mut format = String::new();
                    self.format(&mut format)?;
                    return Ok(Token::Format(format));
                }
                '#' => self.skip_comment(),
                '%' => return self.directive(),
                '\n' => {
                    // The line is counted once its last token is done with.
                    self.count_joins();
                    self.at += 1;
                    self.newline = true;
                    return Ok(Token::Newline);
                }
                ';' | '{' | '}' => {
                    self.next();
                    return Ok(match ch {
                        ';' => Token::Semicolon,
                        '{' => Token::Open,
                        _ => Token::Close,
                    });
                }
                _ => break,
            }
        }
        let text = self.word()?;
        Ok(match text.split_once('=') {
            Some((name, value)) if is_name(name) => {
                Token::Assign(name.to_owned(), value.to_owned())
            }
            _ => Token::Word(text),
        })
    }

    /// What begins with `%`: a word of a condition, or a plain one of percent
    /// signs and digits.
    fn directive(&mut self) -> Result<Token, LexError> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|ch| !matches!(ch, ' ' | '\t' | '\n'))
        {
            self.next();
        }
        let text = &self.text[start..self.at];
        if text.bytes().all(|b| b == b'%' || b.is_ascii_digit()) {
            return Ok(Token::Word(text.to_owned()));
        }
        self.condition = true;
        match text {
            "%hidden" => Ok(Token::Hidden),
            "%if" => Ok(Token::If),
            "%elif" => Ok(Token::Elif),
            "%else" => Ok(Token::Else),
            "%endif" => Ok(Token::Endif),
            _ => Err(self.syntax()),
        }
    }

    fn word(&mut self) -> Result<String, LexError> {
        let mut word = String::new();
        let mut quote = Quote::None;
        let mut last = Quote::Start;
        while let Some(ch) = self.peek() {
            if quote == Quote::None && matches!(ch, '\n' | ' ' | '\t' | ';' | '}') {
                break;
            }
            self.next();
            match ch {
                '\n' => self.newline_in_quotes(&mut word),
                '\\' if quote != Quote::Single => self.escape(&mut word)?,
                '~' if quote != Quote::Single && last != quote => self.tilde(&mut word)?,
                '$' if quote != Quote::Single => self.variable(&mut word)?,
                '\'' if quote != Quote::Double => {
                    last = quote;
                    quote = toggle(quote, Quote::Single);
                    continue;
                }
                '"' if quote != Quote::Single => {
                    last = quote;
                    quote = toggle(quote, Quote::Double);
                    continue;
                }
                _ => word.push(ch),
            }
            last = quote;
        }
        Ok(word)
    }

    /// After a newline inside quotes: indentation and comment lines go.
    fn newline_in_quotes(&mut self, word: &mut String) {
        word.push('\n');
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let comment =
            rest.starts_with('#') && !rest[1..].starts_with([',', '#', '{', '}', ':', '[', '(']);
        if comment {
            self.skip_comment();
        }
    }

    /// Reads what follows a `\`.
    fn escape(&mut self, word: &mut String) -> Result<(), LexError> {
        let Some(ch) = self.next() else {
            return Err(self.syntax());
        };
        let plain = match ch {
            '0'..='3' => self.octal(ch)?,
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            's' => ' ',
            'v' => '\u{b}',
            'r' => '\r',
            'n' => '\n',
            't' => '\t',
            'u' => self.unicode(ch, 4)?,
            'U' => self.unicode(ch, 8)?,
            '4'..='7' => return Err(self.error("invalid octal escape")),
            _ => ch,
        };
        word.push(plain);
        Ok(())
    }

    fn octal(&mut self, first: char) -> Result<char, LexError> {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let digit = self.peek().and_then(|ch| ch.to_digit(8));
            let Some(digit) = digit else {
                return Err(self.error("invalid octal escape"));
            };
            self.next();
            value = value * 8 + digit;
        }
        Ok(char::from_u32(value).unwrap_or('\u{fffd}'))
    }

    fn unicode(&mut self, kind: char, digits: usize) -> Result<char, LexError> {
        let mut value = 0;
        for _ in 0..digits {
            let Some(ch) = self.peek().filter(|&ch| ch != '\n') else {
                return Err(self.syntax());
            };
            let Some(digit) = ch.to_digit(16) else {
                return Err(self.error(&format!("invalid \\{kind} argument")));
            };
            self.next();
            value = (value << 4) | digit;
        }
        char::from_u32(value).ok_or_else(|| self.error(&format!("invalid \\{kind} argument")))
    }

    fn variable(&mut self, word: &mut String) -> Result<(), LexError> {
        let braces = self.peek() == Some('{');
        if !braces && !self.peek().is_some_and(|ch| is_name_char(ch, true)) {
            word.push('$');
            return Ok(());
        }
        if braces {
            self.next();
        }
        let start = self.at;
        while self
            .peek()
            .is_some_and(|ch| is_name_char(ch, !braces && self.at == start))
        {
            self.next();
        }
        let end = self.at;
        if braces {
            if self.peek() != Some('}') {
                return Err(self.error("invalid environment variable"));
            }
            self.next();
        }
        let name = &self.text[start..end];
        match self.assigned.get(name) {
            Some(value) => word.push_str(value),
            None => word.push_str(&(self.env)(name).unwrap_or_default()),
        }
        Ok(())
    }

    fn tilde(&mut self, word: &mut String) -> Result<(), LexError> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|ch| !matches!(ch, '/' | ' ' | '\t' | '\n' | '"' | '\'' | ';' | '}'))
        {
            self.next();
        }
        let home = match &self.text[start..self.at] {
            "" => (self.env)("HOME"),
            user => (self.env)(&format!("~{user}")),
        };
        let home = home
            .filter(|home| !home.is_empty())
            .ok_or_else(|| self.syntax())?;
        word.push_str(&home);
        Ok(())
    }

    /// Copies `#{…}` with what nests in it; the `#` is read already.
    fn format(&mut self, word: &mut String) -> Result<(), LexError> {
        word.push('#');
        let mut depth = 0;
        loop {
            let ch = self.next().filter(|&ch| ch != '\n');
            let Some(ch) = ch else {
                return Err(self.syntax());
            };
            word.push(ch);
            match ch {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

fn toggle(quote: Quote, to: Quote) -> Quote {
    if quote == to { Quote::None } else { to }
}

fn is_name_char(ch: char, first: bool) -> bool {
    ch == '_' || ch.is_ascii_alphabetic() || (!first && ch.is_ascii_digit())
}

fn is_name(name: &str) -> bool {
    let mut first = true;
    !name.is_empty()
        && name
            .chars()
            .all(|ch| is_name_char(ch, std::mem::take(&mut first)))
}

#[cfg(test)]
#[path = "lex_tests.rs"]
mod tests;
