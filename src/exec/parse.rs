//! Text and words become commands, aliases of `command-alias` included. Nothing
//! is run here; what a text assigns is set only for `if-shell` and `run-shell`.

use crate::command::{self, Call, Group, Item, Word};
use crate::mux::Mux;

/// Commands of one line, with the line that errors name.
pub(super) type Line = (usize, Vec<Call>);

/// Reads a command line as text: a prompt's answer, a menu's choice.
///
/// # Errors
/// What is wrong, in tmux's words.
pub fn parse_text(mux: &Mux, text: &str) -> Result<Vec<Call>, String> {
    parse_groups(mux, text).map(|groups| groups.into_iter().flatten().collect())
}

/// Reads commands as text, each line a group of its own: when a command fails,
/// the rest of its own line is not run.
///
/// # Errors
/// What is wrong, in tmux's words.
pub fn parse_groups(mux: &Mux, text: &str) -> Result<Vec<Vec<Call>>, String> {
    let lines = Reading::new(mux).lines(groups(mux, text)?);
    Ok(lines?.into_iter().map(|(_, commands)| commands).collect())
}

/// The same, and sets the variables that the text assigns, as a file's are set.
/// Only for who may run `if-shell` and `run-shell`.
///
/// # Errors
/// What is wrong, in tmux's words.
pub(super) fn parse_assigning(mux: &mut Mux, text: &str) -> Result<Vec<Vec<Call>>, String> {
    let mut groups = Vec::new();
    for item in items(mux, text)? {
        match item {
            Item::Assignment { set, .. } => {
                mux.environ.set(&set.name, &set.value, set.hidden);
            }
            Item::Commands(group) => groups.push(group),
        }
    }
    let lines = Reading::new(mux).lines(groups);
    Ok(lines?.into_iter().map(|(_, commands)| commands).collect())
}

fn groups(mux: &Mux, text: &str) -> Result<Vec<Group>, String> {
    let groups = items(mux, text)?.into_iter().filter_map(|item| match item {
        Item::Commands(group) => Some(group),
        Item::Assignment { .. } => None,
    });
    Ok(groups.collect())
}

fn items(mux: &Mux, text: &str) -> Result<Vec<Item>, String> {
    let env = |name: &str| variable(mux, name);
    let condition = |text: &str, _: &command::Assigned| !text.is_empty() && text != "0";
    let source = command::Source {
        env: &env,
        condition: &condition,
        assign: true,
    };
    command::read(text, &source).map_err(|error| error.to_string())
}

/// A command line as it is kept and printed: aliases replaced, every command
/// in its one form.
///
/// # Errors
/// What is wrong, in tmux's words.
pub(super) fn canonical(mux: &Mux, text: &str) -> Result<String, String> {
    let mut lines = Vec::new();
    for group in groups(mux, text)? {
        let (_, built) = Reading::new(mux).group(group, true)?;
        lines.push(command::print_all(&built.words, " ; "));
    }
    Ok(lines.join(" ; "))
}

/// Reads one command's words, as a shell split them.
///
/// # Errors
/// What is wrong, in tmux's words.
pub fn parse_words(mux: &Mux, words: &[String]) -> Result<Vec<Call>, String> {
    let words = words.iter().map(Word::new).collect();
    let group = Group {
        line: 1,
        commands: vec![words],
    };
    let lines = Reading::new(mux).lines(vec![group])?;
    Ok(lines
        .into_iter()
        .flat_map(|(_, commands)| commands)
        .collect())
}

/// Reads one command's words and adds what they mean, aliases included.
pub(super) fn read_all(mux: &Mux, words: Vec<Word>, out: &mut Vec<Call>) -> Result<(), String> {
    let group = Group {
        line: 1,
        commands: vec![words],
    };
    let lines = Reading::new(mux).lines(vec![group])?;
    out.extend(lines.into_iter().flat_map(|(_, commands)| commands));
    Ok(())
}

/// Reads the words after a key in `bind-key`: one word is text or a block, and
/// several are commands with `;` between them.
///
/// # Errors
/// What is wrong, in tmux's words.
pub(super) fn bound(mux: &Mux, words: Vec<Word>) -> Result<Vec<Vec<Word>>, String> {
    let groups = match words.as_slice() {
        [word] => groups(mux, &word.text)?,
        words => vec![Group {
            line: 1,
            commands: command::split_words(words),
        }],
    };
    let mut all = Vec::new();
    for group in groups {
        let (_, built) = Reading::new(mux).group(group, true)?;
        all.extend(built.words);
    }
    Ok(all)
}

/// What one line became.
#[derive(Default)]
struct Built {
    commands: Vec<Call>,
    words: Vec<Vec<Word>>,
}

/// Words on their way to commands.
pub(super) struct Reading<'a> {
    mux: &'a Mux,
    /// The line that was read last: where an error is.
    pub(super) line: usize,
    /// The name of a text whose commands are to be printed.
    verbose: Option<&'a str>,
    /// What was to be printed.
    pub(super) printed: Vec<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(mux: &'a Mux) -> Self {
        Self {
            mux,
            line: 1,
            verbose: None,
            printed: Vec::new(),
        }
    }

    /// Prints what is read, as of this file.
    pub(super) fn verbose(self, file: Option<&'a str>) -> Self {
        Self {
            verbose: file,
            ..self
        }
    }

    /// Reads lines of words, to the first fault.
    pub(super) fn lines(&mut self, groups: Vec<Group>) -> Result<Vec<Line>, String> {
        let read = |group: Group| {
            let (line, built) = self.group(group, true)?;
            Ok((line, built.commands))
        };
        groups.into_iter().map(read).collect()
    }

    fn group(&mut self, group: Group, aliases: bool) -> Result<(usize, Built), String> {
        let mut built = Built::default();
        for words in group.commands {
            self.line = group.line;
            self.command(words, aliases, &mut built)?;
        }
        if let Some(file) = self.verbose {
            let text = command::print_all(&built.words, " ; ");
            self.printed.push(format!("{file}:{}: {text}", self.line));
        }
        Ok((group.line, built))
    }

    fn command(
        &mut self,
        mut words: Vec<Word>,
        aliases: bool,
        built: &mut Built,
    ) -> Result<(), String> {
        let Some(name) = words.first() else {
            return Ok(());
        };
        if let Some(alias) = self.alias(&name.text).filter(|_| aliases) {
            let env = |name: &str| variable(self.mux, name);
            let expanded =
                command::expand_alias(&words, &alias, &env).map_err(|error| error.to_string())?;
            // What an alias says is no alias again.
            for words in expanded {
                self.command(words, false, built)?;
            }
            return Ok(());
        }
        let row = command::find(&name.text).map_err(|error| error.to_string())?;
        for word in &mut words[1..] {
            if let Some(block) = word.block.take() {
                *word = self.block(block.into_vec(), aliases)?;
            }
        }
        command::settle_blocks(row, &mut words).map_err(|error| error.to_string())?;
        let call = Call::read(words.clone()).map_err(|error| error.to_string())?;
        built.commands.push(call);
        built.words.push(words);
        Ok(())
    }

    /// Reads a block's commands, which are then known to be right.
    fn block(&mut self, groups: Vec<Group>, aliases: bool) -> Result<Word, String> {
        let mut read = Vec::with_capacity(groups.len());
        for group in groups {
            let (line, built) = self.group(group, aliases)?;
            read.push(Group {
                line,
                commands: built.words,
            });
        }
        Ok(Word::of_block(read))
    }

    fn alias(&self, name: &str) -> Option<String> {
        let aliases = self.mux.server_option("command-alias")?;
        aliases.entries().find_map(|(_, entry)| {
            let (own, text) = entry.split_once('=')?;
            (own == name).then(|| text.to_owned())
        })
    }
}

/// A variable of the server's environment; `HOME` for `~`, and `~NAME` for a
/// user's home.
pub(super) fn variable(mux: &Mux, name: &str) -> Option<String> {
    if let Some(user) = name.strip_prefix('~') {
        return mux.server.homes.get(user).cloned();
    }
    mux.environ.value(name).map(str::to_owned)
}
