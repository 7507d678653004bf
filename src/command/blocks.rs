//! Which arguments may be `{ … }` blocks of commands, as tmux's commands have
//! it, and what becomes of a block where text is wanted. It runs nothing.

use super::getopt::ParseError;
use super::lex::{Group, Word};
use super::print::print_lines;
use super::table::Row;

/// Whether a command's argument of this place (from 0) may be a block. `item` is
/// the place in a menu's item.
fn takes_block(row: &Row, at: usize, item: usize, first_flags: &[Word]) -> bool {
    match row.name {
        "bind-key" => true,
        "choose-buffer" | "choose-client" | "choose-tree" | "command-prompt" | "confirm-before"
        | "display-panes" | "switch-mode" => at == 0,
        "display-menu" => item == 2,
        "if-shell" => at == 1 || at == 2,
        "run-shell" => first_flags.iter().any(|word| word.text.contains('C')),
        // With -B the hook's name is in the flag.
        "set-hook" if at == 0 => first_flags
            .iter()
            .any(|word| word.text.starts_with('-') && word.text.contains('B')),
        "set-hook" | "set-option" | "set-window-option" => at == 1,
        _ => row.own,
    }
}

/// The place of what follows a word in a menu's item: an empty name is a line by
/// itself, without key and command.
fn after_in_item(place: usize, word: &Word) -> usize {
    match place {
        0 if word.block.is_none() && word.text.is_empty() => 0,
        place => (place + 1) % 3,
    }
}

/// Checks where blocks stand among a command's words (the name first), and
/// makes text of those that are a value.
///
/// # Errors
/// A block where a string is wanted; words that do not fit the command.
pub fn settle_blocks(row: &Row, words: &mut [Word]) -> Result<(), ParseError> {
    if words.iter().all(|word| word.block.is_none()) {
        return Ok(());
    }
    let rest = words.get(1..).unwrap_or_default();
    let refuse = |message: String| ParseError::Args {
        command: row.name,
        message,
    };
    let parsed = row.spec().flags_of(rest)?;
    let first = parsed.positionals.first().copied().unwrap_or(rest.len());
    for (at, word) in rest.iter().take(first).enumerate() {
        if word.block.is_some() {
            let before = at
                .checked_sub(1)
                .and_then(|at| rest[at].text.chars().last());
            let letter = before.unwrap_or('-');
            return Err(refuse(format!("-{letter} argument must be a string")));
        }
    }
    let mut item = 0;
    for (place, &at) in parsed.positionals.iter().enumerate() {
        let word = &rest[at];
        let fits = word.block.is_none() || takes_block(row, place, item, &rest[..first]);
        item = after_in_item(item, word);
        if !fits {
            let place = place + 1;
            return Err(refuse(format!("argument {place} must be \"string\"")));
        }
    }
    let text = |groups: &[Group]| match row.name {
        // A hook is shown as one line.
        "set-hook" => Some(print_lines(groups, " ; ")),
        "set-option" | "set-window-option" => Some(print_lines(groups, " ;; ")),
        _ => None,
    };
    for word in &mut words[1..] {
        if let Some(text) = word.block.as_deref().and_then(text) {
            word.text = text;
        }
    }
    Ok(())
}
