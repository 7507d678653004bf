//! The commands of copy mode by their names, as `send-keys -X` gives them: their
//! flags and arguments, which of them end the showing of matches, and what they
//! do to the mode. What copies, pipes or ends the mode is done by who asks.

use crate::term::Marks;

use super::CopyMode;
use super::view::Numbering;

/// Whether a command ends the showing of matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clears {
    /// It does.
    Always,
    /// With emacs' keys.
    Emacs,
    /// It does not.
    Never,
}

use Clears::{Always, Emacs, Never};

/// A command's row.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// The flags it takes.
    pub flags: &'static str,
    /// Fewest and most arguments.
    pub args: (usize, usize),
    /// Whether it ends the showing of matches.
    pub clears: Clears,
}

const fn row(name: &'static str, clears: Clears) -> Command {
    with(name, clears, "", (0, 0))
}

const fn with(
    name: &'static str,
    clears: Clears,
    flags: &'static str,
    args: (usize, usize),
) -> Command {
    Command {
        name,
        flags,
        args,
        clears,
    }
}

/// All commands, by name.
const COMMANDS: &[Command] = &[
    row("append-selection", Always),
    row("append-selection-and-cancel", Always),
    row("back-to-indentation", Always),
    row("begin-selection", Always),
    row("bottom-line", Emacs),
    row("cancel", Always),
    row("clear-selection", Always),
    with("copy-end-of-line", Always, "CP", (0, 1)),
    with("copy-end-of-line-and-cancel", Always, "CP", (0, 1)),
    with("copy-line", Always, "CP", (0, 1)),
    with("copy-line-and-cancel", Always, "CP", (0, 1)),
    with("copy-pipe", Always, "CP", (0, 2)),
    with("copy-pipe-and-cancel", Always, "CP", (0, 2)),
    with("copy-pipe-end-of-line", Always, "CP", (0, 2)),
    with("copy-pipe-end-of-line-and-cancel", Always, "CP", (0, 2)),
    with("copy-pipe-line", Always, "CP", (0, 2)),
    with("copy-pipe-line-and-cancel", Always, "CP", (0, 2)),
    with("copy-pipe-no-clear", Never, "CP", (0, 2)),
    with("copy-selection", Always, "CP", (0, 1)),
    with("copy-selection-and-cancel", Always, "CP", (0, 1)),
    with("copy-selection-no-clear", Never, "CP", (0, 1)),
    row("cursor-centre-horizontal", Emacs),
    row("cursor-centre-vertical", Emacs),
    row("cursor-down", Emacs),
    row("cursor-down-and-cancel", Always),
    row("cursor-left", Emacs),
    row("cursor-right", Emacs),
    row("cursor-up", Emacs),
    row("end-of-line", Emacs),
    row("fold-close", Always),
    row("fold-close-all", Always),
    row("fold-open", Always),
    row("fold-open-all", Always),
    row("fold-toggle", Always),
    row("fold-toggle-all", Always),
    with("goto-line", Emacs, "", (1, 1)),
    row("halfpage-down", Emacs),
    row("halfpage-down-and-cancel", Always),
    row("halfpage-up", Emacs),
    row("history-bottom", Emacs),
    row("history-top", Emacs),
    row("jump-again", Emacs),
    with("jump-backward", Emacs, "", (1, 1)),
    with("jump-forward", Emacs, "", (1, 1)),
    row("jump-reverse", Emacs),
    with("jump-to-backward", Emacs, "", (1, 1)),
    with("jump-to-forward", Emacs, "", (1, 1)),
    row("jump-to-mark", Always),
    row("line-numbers-off", Never),
    row("line-numbers-on", Never),
    row("line-numbers-toggle", Never),
    row("middle-line", Emacs),
    row("next-command", Always),
    row("next-failure", Always),
    row("next-matching-bracket", Always),
    row("next-paragraph", Emacs),
    row("next-phase", Always),
    with("next-prompt", Always, "o", (0, 0)),
    row("next-space", Emacs),
    row("next-space-end", Emacs),
    row("next-word", Emacs),
    row("next-word-end", Emacs),
    row("other-end", Emacs),
    row("page-down", Emacs),
    row("page-down-and-cancel", Always),
    row("page-up", Emacs),
    with("pipe", Always, "", (0, 1)),
    with("pipe-and-cancel", Always, "", (0, 1)),
    with("pipe-no-clear", Never, "", (0, 1)),
    row("previous-command", Always),
    row("previous-failure", Always),
    row("previous-matching-bracket", Always),
    row("previous-paragraph", Emacs),
    row("previous-phase", Always),
    with("previous-prompt", Always, "o", (0, 0)),
    row("previous-space", Emacs),
    row("previous-word", Emacs),
    row("recentre-top-bottom", Always),
    row("rectangle-off", Always),
    row("rectangle-on", Always),
    row("rectangle-toggle", Always),
    row("refresh-from-pane", Always),
    row("refresh-now", Always),
    row("refresh-off", Never),
    row("refresh-on", Never),
    row("refresh-toggle", Never),
    row("scroll-bottom", Always),
    row("scroll-down", Emacs),
    row("scroll-down-and-cancel", Always),
    row("scroll-exit-off", Always),
    row("scroll-exit-on", Always),
    row("scroll-exit-toggle", Always),
    row("scroll-middle", Always),
    with("scroll-to-mouse", Emacs, "e", (0, 0)),
    row("scroll-top", Always),
    row("scroll-up", Emacs),
    row("search-again", Never),
    with("search-backward", Never, "", (0, 1)),
    with("search-backward-incremental", Never, "", (1, 1)),
    with("search-backward-text", Never, "", (0, 1)),
    with("search-forward", Never, "", (0, 1)),
    with("search-forward-incremental", Never, "", (1, 1)),
    with("search-forward-text", Never, "", (0, 1)),
    row("search-reverse", Never),
    row("select-line", Always),
    row("select-word", Always),
    with("selection-mode", Always, "", (0, 1)),
    row("set-mark", Always),
    row("start-of-line", Emacs),
    row("stop-selection", Always),
    row("toggle-position", Never),
    row("top-line", Emacs),
];

/// The command of a name.
#[must_use]
pub fn command(name: &str) -> Option<&'static Command> {
    let at = COMMANDS.binary_search_by_key(&name, |command| command.name);
    COMMANDS.get(at.ok()?)
}

/// What a command is given.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Flags that were set.
    pub flags: &'a str,
    /// The first argument.
    pub arg: Option<&'a str>,
    /// How often, at least once.
    pub times: u32,
    /// `word-separators`.
    pub separators: &'a str,
    /// `wrap-search`.
    pub wrap: bool,
    /// `copy-mode-line-numbers`.
    pub numbers: &'a str,
    /// The mouse drags a selection.
    pub drags: bool,
}

impl CopyMode {
    /// Does a command that changes nothing but the mode. True when the mode is to
    /// be left.
    pub fn act(&mut self, command: &Command, given: Given<'_>) -> bool {
        let ends = self.moves(command.name, given)
            || self.words(command.name, given)
            || self.selects_or_marks(command.name, given)
            || self.searches(command.name, given)
            || self.settings(command.name, given);
        let clears = match command.clears {
            Always => true,
            Emacs => !self.vi,
            Never => false,
        };
        if clears && self.search.is_shown() {
            self.search.forget();
        }
        ends
    }

    /// Motions by lines and pages.
    fn moves(&mut self, name: &str, given: Given<'_>) -> bool {
        let times = given.times;
        let exits = self.exit_at_bottom;
        let repeat = |own: &mut Self, one: fn(&mut Self)| {
            for _ in 0..times {
                let before = (own.here(), own.back);
                one(own);
                if before == (own.here(), own.back) && !own.selection.is_on {
                    break;
                }
            }
        };
        match name {
            "cursor-up" => repeat(self, |own| own.up(false)),
            "cursor-down" => repeat(self, |own| own.down(false)),
            "cursor-down-and-cancel" => {
                let before = self.row;
                repeat(self, |own| own.down(false));
                return before == self.row && self.back == 0;
            }
            "cursor-left" => repeat(self, Self::left),
            "cursor-right" => repeat(self, Self::right),
            "cursor-centre-vertical" => {
                self.place_cursor(self.col, self.rows() / 2);
                self.update_selection(false);
            }
            "cursor-centre-horizontal" => {
                self.place_cursor(self.cols() / 2, self.row);
                self.update_selection(false);
            }
            "start-of-line" => self.start_of_line(),
            "back-to-indentation" => self.indentation(),
            "end-of-line" => self.end_of_line(),
            "top-line" => self.go_view_row(0),
            "middle-line" => self.go_view_row((self.rows() - 1) / 2),
            "bottom-line" => self.go_view_row(self.rows() - 1),
            "history-top" => self.go_oldest(),
            "history-bottom" => self.go_newest(),
            "page-up" => repeat(self, |own| own.page_up(false)),
            "halfpage-up" => repeat(self, |own| own.page_up(true)),
            "page-down" => return self.pages_down(times, false, exits),
            "page-down-and-cancel" => return self.pages_down(times, false, true),
            "halfpage-down" => return self.pages_down(times, true, exits),
            "halfpage-down-and-cancel" => return self.pages_down(times, true, true),
            "scroll-up" => self.scroll_up(times, given.drags),
            "scroll-down" => return self.scroll_down(times, false, given.drags),
            "scroll-down-and-cancel" => return self.scroll_down(times, true, given.drags),
            "scroll-top" => self.line_to_row(0),
            "scroll-middle" => self.line_to_row((self.rows() - 1) / 2),
            "scroll-bottom" => self.line_to_row(self.rows() - 1),
            "recentre-top-bottom" => self.recentre(),
            "goto-line" => {
                let absolute = self.numbering(given.numbers).is_absolute();
                self.goto_line(given.arg.unwrap_or_default(), absolute);
            }
            _ => {}
        }
        false
    }

    fn pages_down(&mut self, times: u32, half: bool, exits: bool) -> bool {
        for _ in 0..times {
            let before = (self.here(), self.back);
            if self.page_down(half, exits) {
                return true;
            }
            if before == (self.here(), self.back) {
                break;
            }
        }
        false
    }

    /// Motions by words, characters, paragraphs, brackets, marks.
    fn words(&mut self, name: &str, given: Given<'_>) -> bool {
        let words = given.separators;
        let jump = given.arg.and_then(|arg| arg.chars().next());
        if let Some(wanted) = jump {
            let (forward, short) = match name {
                "jump-forward" => (true, false),
                "jump-backward" => (false, false),
                "jump-to-forward" => (true, true),
                "jump-to-backward" => (false, true),
                _ => return false,
            };
            self.jump_to(wanted, forward, short, given.times);
            return false;
        }
        match name {
            "jump-again" => self.jump_again(false, given.times),
            "jump-reverse" => self.jump_again(true, given.times),
            "jump-to-mark" => self.go_mark(),
            "set-mark" => self.set_mark(),
            _ => {}
        }
        if let Some((which, after)) = marked(name, given.flags) {
            self.go_marked(which, after);
            return false;
        }
        for _ in 0..given.times {
            let before = (self.here(), self.back);
            match name {
                "next-word" => self.next_word(words),
                "next-word-end" => self.word_end(words, false),
                "previous-word" => self.word_start(words, true),
                "next-space" => self.next_word(""),
                "next-space-end" => self.word_end("", false),
                "previous-space" => self.word_start("", true),
                "next-paragraph" => self.next_paragraph(),
                "previous-paragraph" => self.previous_paragraph(),
                "previous-matching-bracket" => self.previous_bracket(),
                "next-matching-bracket" if !self.next_bracket() => break,
                _ => {}
            }
            if before == (self.here(), self.back) {
                break;
            }
        }
        false
    }

    fn selects_or_marks(&mut self, name: &str, given: Given<'_>) -> bool {
        match name {
            "cancel" => return true,
            "begin-selection" => self.begin(),
            "clear-selection" => self.clear_selection(),
            "stop-selection" => self.stop_selection(),
            "select-line" => self.select_line(given.times),
            "select-word" => self.select_word(given.separators),
            "selection-mode" => self.selection_mode(given.arg, given.separators),
            "other-end" => {
                self.selection.by = super::SelectBy::Char;
                if given.times % 2 == 1 {
                    self.other_end();
                }
            }
            "rectangle-on" => self.set_rectangle(true),
            "rectangle-off" => self.set_rectangle(false),
            "rectangle-toggle" => self.set_rectangle(!self.rectangle),
            _ => {
                self.fold(name);
            }
        }
        false
    }

    fn searches(&mut self, name: &str, given: Given<'_>) -> bool {
        let text = given.arg.unwrap_or_default();
        let (times, wrap) = (given.times, given.wrap);
        match name {
            "search-again" => self.search_again(false, times, wrap),
            "search-reverse" => self.search_again(true, times, wrap),
            "search-forward" => self.search_for(text, true, true, times, wrap),
            "search-backward" => self.search_for(text, false, true, times, wrap),
            "search-forward-text" => self.search_for(text, true, false, times, wrap),
            "search-backward-text" => self.search_for(text, false, false, times, wrap),
            "search-forward-incremental" => self.search_typed(text, true, wrap),
            "search-backward-incremental" => self.search_typed(text, false, wrap),
            _ => {}
        }
        false
    }

    fn settings(&mut self, name: &str, given: Given<'_>) -> bool {
        match name {
            "scroll-exit-on" => self.exit_at_bottom = true,
            "scroll-exit-off" => self.exit_at_bottom = false,
            "scroll-exit-toggle" => self.exit_at_bottom = !self.exit_at_bottom,
            "toggle-position" => self.hide_position = !self.hide_position,
            "refresh-on" => self.set_refreshes(true),
            "refresh-off" => self.set_refreshes(false),
            "refresh-toggle" => self.set_refreshes(!self.refreshes),
            "line-numbers-on" => self.set_numbers(true, given.numbers),
            "line-numbers-off" => self.set_numbers(false, given.numbers),
            "line-numbers-toggle" => {
                let on = self.numbering(given.numbers) == Numbering::Off;
                self.set_numbers(on, given.numbers);
            }
            _ => {}
        }
        false
    }

    fn set_refreshes(&mut self, on: bool) {
        self.refreshes = on && !self.is_view && self.source.is_none();
    }
}

/// The marks that a command goes to, and whether to newer ones.
fn marked(name: &str, flags: &str) -> Option<(Marks, bool)> {
    let (way, what) = name.split_once('-')?;
    let which = match what {
        "prompt" if flags.contains('o') => Marks::OUTPUT,
        "prompt" => Marks::PROMPT,
        "command" => Marks::INPUT,
        "phase" => Marks::PHASE,
        "failure" => Marks::FAILED,
        _ => return None,
    };
    match way {
        "next" => Some((which, true)),
        "previous" => Some((which, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_their_names() {
        for pair in COMMANDS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for own in COMMANDS {
            assert_eq!(command(own.name).map(|found| found.name), Some(own.name));
        }
        assert!(command("cursor").is_none());
    }
}
