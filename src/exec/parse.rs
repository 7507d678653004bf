//! Text and words become commands, aliases of `command-alias` included. Nothing
//! is run here.

use crate::command::{self, Call, Word};
use crate::mux::Mux;

/// How often an alias may lead to another.
const MAX_ALIASES: usize = 16;

/// Reads a command line as text: a binding, a prompt's answer, a hook.
///
/// # Errors
/// What is wrong, in tmux's words.
pub fn parse_text(mux: &Mux, text: &str) -> Result<Vec<Call>, String> {
    let env = |name: &str| variable(mux, name);
    let lines = command::lex_words(text, &env).map_err(|error| error.to_string())?;
    let mut commands = Vec::new();
    for words in lines {
        read(mux, words, MAX_ALIASES, &mut commands)?;
    }
    Ok(commands)
}

/// Reads one command's words, as a shell split them.
///
/// # Errors
/// What is wrong, in tmux's words.
pub fn parse_words(mux: &Mux, words: &[String]) -> Result<Vec<Call>, String> {
    let words = words.iter().map(Word::new).collect();
    let mut commands = Vec::new();
    read(mux, words, MAX_ALIASES, &mut commands)?;
    Ok(commands)
}

/// Reads one command's words and adds what they mean, aliases included.
pub(super) fn read_all(mux: &Mux, words: Vec<Word>, out: &mut Vec<Call>) -> Result<(), String> {
    read(mux, words, MAX_ALIASES, out)
}

/// Reads one command's words and adds what they mean.
pub(super) fn read(
    mux: &Mux,
    words: Vec<Word>,
    depth: usize,
    out: &mut Vec<Call>,
) -> Result<(), String> {
    let Some(name) = words.first() else {
        return Ok(());
    };
    if let Some(alias) = alias(mux, &name.text).filter(|_| depth > 0) {
        let env = |name: &str| variable(mux, name);
        let expanded =
            command::expand_alias(&words, &alias, &env).map_err(|error| error.to_string())?;
        for words in expanded {
            read(mux, words, depth - 1, out)?;
        }
        return Ok(());
    }
    out.push(Call::read(words).map_err(|error| error.to_string())?);
    Ok(())
}

/// A command line as it is kept and printed: aliases replaced, every command
/// in its one form.
///
/// # Errors
/// What is wrong, in tmux's words.
pub(super) fn canonical(mux: &Mux, text: &str) -> Result<String, String> {
    let env = |name: &str| variable(mux, name);
    let lines = command::lex_words(text, &env).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    for words in lines {
        unalias(mux, words, MAX_ALIASES, &mut all)?;
    }
    for words in &all {
        command::parse(words).map_err(|error| error.to_string())?;
    }
    Ok(command::print_all(&all, " ; "))
}

fn unalias(
    mux: &Mux,
    words: Vec<Word>,
    depth: usize,
    out: &mut Vec<Vec<Word>>,
) -> Result<(), String> {
    let name = words.first().map_or("", |word| word.text.as_str());
    let Some(alias) = alias(mux, name).filter(|_| depth > 0) else {
        out.push(words);
        return Ok(());
    };
    let env = |name: &str| variable(mux, name);
    let expanded =
        command::expand_alias(&words, &alias, &env).map_err(|error| error.to_string())?;
    for words in expanded {
        unalias(mux, words, depth - 1, out)?;
    }
    Ok(())
}

fn alias(mux: &Mux, name: &str) -> Option<String> {
    let aliases = mux.server_option("command-alias")?;
    aliases.entries().find_map(|(_, entry)| {
        let (own, text) = entry.split_once('=')?;
        (own == name).then(|| text.to_owned())
    })
}

/// A variable of the server's environment; `HOME` for `~`.
pub(super) fn variable(mux: &Mux, name: &str) -> Option<String> {
    mux.environ.value(name).map(str::to_owned)
}
