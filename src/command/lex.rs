//! The command language's lexer, by the rules of tmux(1) "COMMAND PARSING AND
//! EXECUTION". Text becomes words; it looks up no command and runs nothing.
//!
//! | written | means |
//! |---|---|
//! | `'…'` | verbatim |
//! | `"…"` | with escapes, `$NAME`, `${NAME}` and a leading `~` |
//! | `\n \t \e \s \a \b \f \v \r \ooo \uXXXX \UXXXXXXXX \c` | escapes, outside quotes too |
//! | `;` and newline | end a command; `\;` is a word |
//! | `{ … }` | one argument holding the source text inside; it nests |
//! | `#` at a word's start | a comment, but `#{…}` as an argument is a word |
//! | `\` at a line's end | joins the next line |
//! | `NAME=value` before a command or alone, `%hidden NAME=value` | assignments |
//! | `%if`, `%elif`, `%else`, `%endif` | conditions, asked of the caller |
//!
//! As in tmux, a quote left open ends with the text. Depth of blocks and of
//! conditions is bounded by [`MAX_DEPTH`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use super::join::join_lines;

/// How deep blocks and conditions may nest.
pub const MAX_DEPTH: usize = 128;

/// One argument of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// What it says; of a block, the source text inside the braces, from
    /// its first word to its last.
    pub text: String,
    /// Whether it was written as a `{ … }` block.
    pub block: bool,
}

impl Word {
    /// A word that is no block.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            block: false,
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
    /// Commands of one line; when one fails, the rest of the line is not run.
    Commands {
        /// The line of the first word, from 1.
        line: usize,
        /// The commands, each with at least one word.
        commands: Vec<Vec<Word>>,
    },
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
        },
    )?;
    let mut all = Vec::new();
    for item in items {
        if let Item::Commands { commands, .. } = item {
            all.extend(commands);
        }
    }
    Ok(all)
}

/// The commands of a text that is one line and says nothing but them: no
/// variable, no home, no assignment, no condition. Nothing for other texts.
pub(super) fn lex_plain(text: &str) -> Option<Vec<Vec<Word>>> {
    let asked = Cell::new(false);
    let env = |_: &str| {
        asked.set(true);
        None
    };
    let condition = |_: &str, _: &Assigned| {
        asked.set(true);
        true
    };
    let source = Source {
        env: &env,
        condition: &condition,
    };
    let items = read(text, &source).ok()?;
    let mut commands = Vec::new();
    for item in items {
        match item {
            Item::Commands { commands: line, .. } if commands.is_empty() => commands = line,
            Item::Commands { .. } | Item::Assignment { .. } => return None,
        }
    }
    (!asked.get()).then_some(commands)
}

/// Reads a whole text: a configuration file or a command string.
///
/// # Errors
/// Text that does not parse, with its line.
pub fn read(text: &str, source: &Source<'_>) -> Result<Vec<Item>, LexError> {
    let (text, joins) = join_lines(text);
    let lexer = Lexer {
        text: &text,
        at: 0,
        start: 0,
        place: Place::Command,
        line: 1,
        joins: &joins,
        env: source.env,
        assigned: Assigned::new(),
    };
    Reader {
        lexer,
        condition: source.condition,
        items: Vec::new(),
        line: 0,
        commands: Vec::new(),
        words: Vec::new(),
        assigned_here: false,
        branches: Vec::new(),
    }
    .run()
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
        if !word.block && word.text.ends_with(';') {
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

#[derive(Debug, PartialEq)]
enum Token {
    End,
    Newline,
    Semicolon,
    Open,
    Close,
    Word(String),
    Assign(String, String),
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

/// What a token may be, by those before it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// A command begins.
    Command,
    /// An argument of one.
    Argument,
    /// The one word after `%if`, `%elif` or `%hidden`.
    Single,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Where the last token begins.
    start: usize,
    /// What the next token may be.
    place: Place,
    line: usize,
    joins: &'a [usize],
    env: &'a dyn Fn(&str) -> Option<String>,
    assigned: Assigned,
}

impl Lexer<'_> {
    fn error(&self, message: &str) -> LexError {
        LexError {
            line: self.line,
            message: message.to_owned(),
        }
    }

    fn syntax(&self) -> LexError {
        self.error("syntax error")
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        while let Some((&join, rest)) = self.joins.split_first()
            && join <= self.at
        {
            self.line += 1;
            self.joins = rest;
        }
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

    /// The next token, by its place. Whoever skips a block and whoever runs its
    /// text later see the same ones.
    fn token(&mut self) -> Result<Token, LexError> {
        let token = self.token_here()?;
        self.place = match (&token, self.place) {
            (Token::If | Token::Elif | Token::Hidden, _) => Place::Single,
            (Token::Word(_), Place::Command | Place::Argument) | (Token::Close, _) => {
                Place::Argument
            }
            (Token::Assign(..), Place::Argument) => Place::Argument,
            (Token::Word(_) | Token::Assign(..), _)
            | (Token::Newline | Token::Semicolon | Token::Open | Token::End, _)
            | (Token::Else | Token::Endif, _) => Place::Command,
        };
        Ok(token)
    }

    fn token_here(&mut self) -> Result<Token, LexError> {
        // In an argument or a condition, `#{` begins a word and not a comment.
        let argument = self.place != Place::Command;
        loop {
            self.skip_blanks();
            self.start = self.at;
            let Some(ch) = self.peek() else {
                return Ok(Token::End);
            };
            match ch {
                '#' if argument && self.text[self.at..].starts_with("#{") => break,
                '#' => {
                    self.skip_comment();
                    continue;
                }
                '\n' | ';' | '{' | '}' => {
                    self.next();
                    return Ok(match ch {
                        '\n' => Token::Newline,
                        ';' => Token::Semicolon,
                        '{' => Token::Open,
                        _ => Token::Close,
                    });
                }
                _ => break,
            }
        }
        let directive = self.peek() == Some('%');
        let text = self.word()?;
        if directive && !text.bytes().all(|b| b == b'%' || b.is_ascii_digit()) {
            return match text.as_str() {
                "%hidden" => Ok(Token::Hidden),
                "%if" => Ok(Token::If),
                "%elif" => Ok(Token::Elif),
                "%else" => Ok(Token::Else),
                "%endif" => Ok(Token::Endif),
                // Arguments such as `%%1` or `%p` are more useful than an error.
                _ if argument => Ok(Token::Word(text)),
                _ => Err(self.syntax()),
            };
        }
        Ok(match text.split_once('=') {
            Some((name, value)) if is_name(name) => {
                Token::Assign(name.to_owned(), value.to_owned())
            }
            _ => Token::Word(text),
        })
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
                '\\' if quote != Quote::Single => {
                    if !self.escape(&mut word)? {
                        break;
                    }
                }
                '~' if quote != Quote::Single && last != quote => self.tilde(&mut word)?,
                '$' if quote != Quote::Single => self.variable(&mut word)?,
                '#' if quote == Quote::None && self.peek() == Some('{') => {
                    self.format(&mut word)?;
                }
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

    /// Reads what follows a `\`; false at the end of the text.
    fn escape(&mut self, word: &mut String) -> Result<bool, LexError> {
        let Some(ch) = self.next() else {
            return Ok(false);
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
        Ok(true)
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
        let hex = self.text.get(self.at..self.at + digits);
        let value = hex
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        let Some(value) = value else {
            return Err(self.error(&format!("invalid \\{kind} argument")));
        };
        self.at += digits;
        Ok(value)
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
            .is_some_and(|ch| is_name_char(ch, self.at == start))
        {
            self.next();
        }
        let name = &self.text[start..self.at];
        if braces && (name.is_empty() || self.next() != Some('}')) {
            return Err(self.error("invalid environment variable"));
        }
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

    /// The source text of a block, from its first token to its last but for
    /// newlines; the opening brace is read already. Cut at tokens and nowhere
    /// else, it has the same ones when it is read by itself.
    fn block(&mut self) -> Result<String, LexError> {
        let mut inner = self.at..self.at;
        let mut depth = 1;
        loop {
            let token = self.token()?;
            match token {
                Token::End => return Err(self.syntax()),
                Token::Open if depth == MAX_DEPTH => return Err(self.error("too deeply nested")),
                Token::Open => depth += 1,
                Token::Close if depth == 1 => return Ok(self.text[inner].to_owned()),
                Token::Close => depth -= 1,
                _ => {}
            }
            if token != Token::Newline {
                let start = if inner.is_empty() {
                    self.start
                } else {
                    inner.start
                };
                inner = start..self.at;
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

/// One open `%if`.
struct Branch {
    /// Whether the lines here count.
    active: bool,
    /// Whether a branch was taken already.
    taken: bool,
    /// Whether `%else` was seen.
    last: bool,
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    condition: &'a dyn Fn(&str, &Assigned) -> bool,
    items: Vec<Item>,
    line: usize,
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    assigned_here: bool,
    branches: Vec<Branch>,
}

impl Reader<'_> {
    fn run(mut self) -> Result<Vec<Item>, LexError> {
        loop {
            let line = self.lexer.line;
            let token = self.lexer.token()?;
            if !matches!(token, Token::Newline | Token::End) && self.fresh() {
                self.line = self.lexer.line;
            }
            match token {
                Token::End => {
                    self.end_line();
                    if !self.branches.is_empty() {
                        return Err(self.lexer.syntax());
                    }
                    return Ok(self.items);
                }
                Token::Newline => self.end_line(),
                Token::Semicolon if self.fresh() => return Err(at(line)),
                Token::Semicolon => self.end_command(),
                Token::Close => return Err(self.lexer.syntax()),
                Token::Open if self.words.is_empty() => return Err(self.lexer.syntax()),
                Token::Open => {
                    let text = self.lexer.block()?;
                    self.words.push(Word { text, block: true });
                }
                Token::Word(text) => self.words.push(Word::new(text)),
                Token::Assign(name, value) => self.assign(name, value, false),
                Token::Hidden => match self.lexer.token()? {
                    Token::Assign(name, value) if self.words.is_empty() => {
                        self.assign(name, value, true);
                    }
                    _ => return Err(self.lexer.syntax()),
                },
                Token::If | Token::Elif | Token::Else | Token::Endif => {
                    self.end_line();
                    self.directive(&token, line)?;
                }
            }
        }
    }

    /// Whether nothing stands on the line yet.
    fn fresh(&self) -> bool {
        self.words.is_empty() && self.commands.is_empty() && !self.assigned_here
    }

    fn active(&self) -> bool {
        self.branches.iter().all(|branch| branch.active)
    }

    fn assign(&mut self, name: String, value: String, hidden: bool) {
        if !self.words.is_empty() {
            self.words.push(Word::new(format!("{name}={value}")));
            return;
        }
        self.assigned_here = true;
        if self.active() {
            self.lexer.assigned.insert(name.clone(), value.clone());
            self.items.push(Item::Assignment {
                line: self.line,
                set: Assignment {
                    name,
                    value,
                    hidden,
                },
            });
        }
    }

    fn end_command(&mut self) {
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }

    fn end_line(&mut self) {
        self.end_command();
        self.assigned_here = false;
        let commands = std::mem::take(&mut self.commands);
        if !commands.is_empty() && self.active() {
            self.items.push(Item::Commands {
                line: self.line,
                commands,
            });
        }
    }

    fn directive(&mut self, token: &Token, line: usize) -> Result<(), LexError> {
        if matches!(token, Token::If | Token::Elif) {
            let (Token::Word(text), line) = (self.lexer.token()?, self.lexer.line) else {
                return Err(self.lexer.syntax());
            };
            return self.branch(token, &text, line);
        }
        let Some(branch) = self.branches.last_mut() else {
            return Err(at(line));
        };
        if *token == Token::Endif {
            self.branches.pop();
        } else if branch.last {
            return Err(at(line));
        } else {
            branch.active = !branch.taken;
            branch.last = true;
        }
        Ok(())
    }

    fn branch(&mut self, token: &Token, text: &str, line: usize) -> Result<(), LexError> {
        if *token == Token::If {
            if self.branches.len() == MAX_DEPTH {
                return Err(self.lexer.error("too deeply nested"));
            }
            let holds = self.active() && (self.condition)(text, &self.lexer.assigned);
            self.branches.push(Branch {
                active: holds,
                taken: holds,
                last: false,
            });
            return Ok(());
        }
        let Some(mut branch) = self.branches.pop().filter(|branch| !branch.last) else {
            return Err(at(line));
        };
        let holds = !branch.taken && self.active() && (self.condition)(text, &self.lexer.assigned);
        branch.active = holds;
        branch.taken |= holds;
        self.branches.push(branch);
        Ok(())
    }
}

fn at(line: usize) -> LexError {
    LexError {
        line,
        message: "syntax error".to_owned(),
    }
}

#[cfg(test)]
#[path = "lex_tests.rs"]
mod tests;
