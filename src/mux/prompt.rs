//! A prompt: a line being edited on a client, in a pane or in a pane's mode,
//! and what happens with it. It runs nothing and draws nothing.

pub mod history;
pub mod keys;
pub mod line;

use crate::base::{ClientId, PaneId, SessionId, Token};
use crate::config::Align;

use super::Mux;
use super::modes::Ask;

pub use history::Histories;
pub use keys::{Around, Pressed};
pub use line::Line;

/// The kinds of prompts, each with a history of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromptType {
    /// A command, or part of one.
    #[default]
    Command,
    /// Something to look for.
    Search,
}

/// How a prompt takes keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Take the first character as the answer.
    pub single: bool,
    /// Take only digits; another key ends the prompt and is handled again.
    pub numeric: bool,
    /// Run the command on every change.
    pub incremental: bool,
    /// Take a key's name as the answer.
    pub key_name: bool,
    /// Backspace in an empty line ends it.
    pub backspace_exit: bool,
    /// Enter confirms.
    pub accepts: bool,
    /// It was asked for with `-C`.
    pub keeps_updating: bool,
    /// It is at the bottom of a pane.
    pub in_pane: bool,
    /// It is at the bottom of a pane's mode.
    pub in_mode: bool,
}

impl Flags {
    /// The flags' names, as formats show them (`#{prompt_flags}`).
    #[must_use]
    pub fn names(self, command_mode: bool, quoting: bool) -> String {
        let names = [
            (self.single, "SINGLE"),
            (self.numeric, "NUMERIC"),
            (self.incremental, "INCREMENTAL"),
            (self.key_name, "KEY"),
            (self.accepts, "ACCEPT"),
            (quoting, "QUOTENEXT"),
            (self.backspace_exit, "BSPACE_EXIT"),
            (self.keeps_updating, "NOFREEZE"),
            (command_mode, "COMMANDMODE"),
            (self.in_pane, "ISPANE"),
            (self.in_mode, "ISMODE"),
        ];
        let set = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name);
        set.collect::<Vec<_>>().join(",")
    }
}

/// What a prompt does with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `command-prompt`: the answers are put into the template and run.
    Command(Template),
    /// `confirm-before`: a key runs the command.
    Confirm {
        /// The command.
        command: String,
        /// The key that confirms.
        key: char,
        /// Enter confirms too.
        default_yes: bool,
    },
    /// A question of the mode that the prompt is in.
    Mode(Ask),
}

/// A command with places for answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The command with `%%`, `%1` … in it.
    pub text: String,
    /// It was written as a block: answers go into its words after it is read.
    pub block: bool,
    /// What is still to be asked: the label and the first input.
    pub more: Vec<(String, String)>,
    /// What has been answered.
    pub answers: Vec<String>,
}

/// A prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What stands before the input: a format.
    pub label: String,
    /// The line being edited.
    pub line: Line,
    /// Which history it has, and what Tab completes.
    pub kind: PromptType,
    /// How it takes keys.
    pub flags: Flags,
    /// What it is for.
    pub purpose: Purpose,
    /// vi's keys are in force.
    pub vi: bool,
    /// vi's command mode.
    pub command_mode: bool,
    /// The next key is taken as it is.
    pub quoting: bool,
    /// What ends a word (`word-separators`).
    pub separators: String,
    /// What an incremental prompt was opened with.
    pub last: String,
    /// How far back in the history the user is; 0 is the line itself.
    pub history_at: usize,
    /// What Tab found, each with its sentence, shown beside the line.
    pub matches: Vec<(String, String)>,
    /// Which of those stands in the line, once Tab has gone to one.
    pub picked: Option<usize>,
    /// The client that was asked, if it is a client's.
    pub client: Option<ClientId>,
    /// Whose options it follows.
    pub session: Option<SessionId>,
    /// The pane that its command is for.
    pub pane: Option<PaneId>,
    /// The token of a queue that waits for the answer.
    pub waiter: Option<Token>,
}

impl Prompt {
    /// A prompt with a label and a first input.
    #[must_use]
    pub fn new(label: &str, input: &str) -> Self {
        Self {
            label: label.to_owned(),
            line: Line::new(input),
            kind: PromptType::default(),
            flags: Flags::default(),
            purpose: Purpose::Command(Template::default()),
            vi: false,
            command_mode: false,
            quoting: false,
            separators: String::new(),
            last: String::new(),
            history_at: 0,
            matches: Vec::new(),
            picked: None,
            client: None,
            session: None,
            pane: None,
            waiter: None,
        }
    }

    /// Takes over what a session's options say of prompts.
    #[must_use]
    pub fn configured(mut self, mux: &Mux, session: Option<SessionId>) -> Self {
        self.vi = mux.session_str(session, "status-keys") == "vi";
        mux.session_str(session, "word-separators")
            .clone_into(&mut self.separators);
        self.session = session;
        if self.flags.incremental {
            self.last = self.line.text();
            self.line.clear();
        }
        self
    }

    /// Asks the next question of several.
    pub fn ask(&mut self, label: &str, input: &str) {
        label.clone_into(&mut self.label);
        self.line.set(input);
        self.history_at = 0;
        self.matches.clear();
        self.picked = None;
    }

    /// Puts the next of what Tab found into the line, the first after the last.
    pub fn pick(&mut self) {
        let next = self.picked.map_or(0, |at| at + 1);
        let next = if next < self.matches.len() { next } else { 0 };
        if let Some((name, _)) = self.matches.get(next) {
            let name = name.clone();
            self.line.replace_word(&name);
            self.picked = Some(next);
        }
    }
}

/// Where a prompt lies on its line: the columns that it has, from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub x: u16,
    /// How many.
    pub width: u16,
}

impl Area {
    /// The area that a style's `width` and `align` leave of a line.
    #[must_use]
    pub fn within(columns: u16, width: Option<u16>, align: Align) -> Self {
        let width = width.filter(|width| *width > 0 && *width < columns);
        let Some(width) = width else {
            return Self {
                x: 0,
                width: columns,
            };
        };
        let room = columns - width;
        let x = match align {
            Align::Centre | Align::AbsoluteCentre => room / 2,
            Align::Right => room,
            Align::Default | Align::Left => 0,
        };
        Self { x, width }
    }
}

/// Puts one answer into a template: the first `%%` and every `%N` of its
/// number. A `%` behind asks for quotes to be escaped (tmux(1),
/// "command-prompt").
#[must_use]
pub fn substitute(template: &str, answer: &str, number: usize) -> String {
    let mut out = String::with_capacity(template.len() + answer.len());
    let mut replaced = false;
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let numbered = rest
            .chars()
            .next()
            .and_then(|ch| ch.to_digit(10))
            .is_some_and(|digit| digit > 0 && digit as usize == number);
        if !numbered {
            if replaced || !rest.starts_with('%') {
                out.push('%');
                continue;
            }
            replaced = true;
        }
        rest = &rest[1..];
        if let Some(behind) = rest.strip_prefix('%') {
            rest = behind;
            push_quoted(&mut out, answer);
        } else if numbered {
            out.push_str(answer);
        } else {
            // No answer ends a template's single quotes.
            out.push_str(&answer.replace('\'', "'\\''"));
        }
    }
    out.push_str(rest);
    out
}

fn push_quoted(out: &mut String, answer: &str) {
    for ch in answer.chars() {
        if matches!(ch, '"' | '\\' | '$' | ';' | '~') {
            out.push('\\');
        }
        out.push(ch);
    }
}

/// Puts answers into a template, one after the other.
#[must_use]
pub fn fill(template: &str, answers: &[String]) -> String {
    let mut text = template.to_owned();
    for (answer, number) in answers.iter().zip(1..) {
        text = substitute(&text, answer, number);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_takes_answers_where_tmux_puts_them() {
        for (template, answers, filled) in [
            ("display \"%%\"", &["a b"][..], "display \"a b\""),
            ("x '%%' '%%'", &["a"], "x 'a' '%%'"),
            ("x %%,%%", &["a", "b"], "x a,b"),
            ("x '%%' %1", &["a'b"], "x 'a'\\''b' a'b"),
            ("x %1", &["a'b"], "x a'b"),
            ("x %1 %2 %1", &["1", "2"], "x 1 2 1"),
            (
                "x \"%%%\"",
                &["a\"b$c;d~e\\"],
                "x \"a\\\"b\\$c\\;d\\~e\\\\\"",
            ),
            ("x %1%", &["a;"], "x a\\;"),
            ("x '%%' %1", &["a'b"], "x 'a'\\''b' a'b"),
            ("x \"%%%\"", &["a'b"], "x \"a'b\""),
            ("50% of %%", &["x"], "50% of x"),
            ("%3", &["x"], "%3"),
            ("%", &["x"], "%"),
            ("", &["x"], ""),
        ] {
            let answers: Vec<_> = answers.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(fill(template, &answers), filled, "{template}");
        }
    }

    #[test]
    fn area_is_what_width_and_alignment_leave() {
        for (width, align, area) in [
            (None, Align::Right, (0, 80)),
            (Some(40), Align::Centre, (20, 40)),
            (Some(40), Align::Right, (40, 40)),
            (Some(40), Align::Default, (0, 40)),
            (Some(90), Align::Right, (0, 80)),
        ] {
            let found = Area::within(80, width, align);
            assert_eq!((found.x, found.width), area);
        }
    }
}
