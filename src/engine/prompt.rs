//! A client's prompt: editing, history, completion, and what its answer runs.

use crate::base::{ClientId, Key, KeyCode, Label, Mods};
use crate::command;
use crate::exec::{Answer, Authority, Context};
use crate::mux::prompt::{Line, Prompt, PromptKind};

use super::Engine;

/// What a key does to a prompt.
enum Step {
    /// It goes on.
    Stay,
    /// It ends without an answer.
    Cancel,
    /// It ends, and this is the answer.
    Answer(String),
    /// It ends, and the key is handled again.
    Release(String),
}

impl Engine {
    /// Whether a prompt is open and took the key.
    pub(super) fn prompt_takes(&mut self, client: ClientId, key: Key) -> bool {
        let Some(mut prompt) = self
            .mux
            .clients
            .get_mut(&client)
            .and_then(|c| c.prompt.take())
        else {
            return false;
        };
        if key.is_mouse() || matches!(key.code, KeyCode::FocusIn | KeyCode::FocusOut) {
            self.keep(client, prompt);
            return true;
        }
        match self.prompt_key(client, &mut prompt, key) {
            Step::Stay => {
                self.keep(client, prompt);
                self.incremental(client);
            }
            Step::Cancel => self.wake(&prompt),
            Step::Answer(text) => self.answered(client, *prompt, text),
            Step::Release(text) => {
                self.answered(client, *prompt, text);
                return false;
            }
        }
        true
    }

    /// Whether a prompt is open and took pasted text.
    pub(super) fn prompt_pastes(&mut self, client: ClientId, text: &[u8]) -> bool {
        let prompt = self
            .mux
            .clients
            .get_mut(&client)
            .and_then(|c| c.prompt.as_mut());
        let Some(prompt) = prompt else { return false };
        prompt.line.insert(&String::from_utf8_lossy(text));
        true
    }

    fn keep(&mut self, client: ClientId, prompt: Box<Prompt>) {
        if let Some(client) = self.mux.clients.get_mut(&client) {
            client.prompt = Some(prompt);
        }
    }

    fn wake(&mut self, prompt: &Prompt) {
        if let Some(token) = prompt.waiter {
            self.queue.answer(token, Answer::Woken);
        }
    }

    fn prompt_key(&mut self, client: ClientId, prompt: &mut Prompt, key: Key) -> Step {
        let ctrl = |ch| key == Key::ctrl(ch);
        match &prompt.kind {
            PromptKind::Confirm {
                key: yes,
                default_yes,
                ..
            } => {
                let confirmed = key == Key::char(*yes)
                    || (*default_yes && key.code == KeyCode::Enter && key.mods.is_empty());
                return if confirmed {
                    Step::Answer(String::new())
                } else {
                    Step::Cancel
                };
            }
            PromptKind::Command { key: true, .. } => return Step::Answer(key.to_string()),
            PromptKind::Command { single: true, .. } => {
                return match key.code {
                    KeyCode::Char(ch) if key.mods.is_empty() => Step::Answer(ch.to_string()),
                    _ => Step::Cancel,
                };
            }
            PromptKind::Command { numeric: true, .. } => {
                let digit = matches!(key.code, KeyCode::Char('0'..='9')) && key.mods.is_empty();
                if !digit && key.code != KeyCode::Backspace {
                    return Step::Release(prompt.line.text());
                }
            }
            PromptKind::Command { .. } => {}
        }
        match key.code {
            KeyCode::Enter => Step::Answer(prompt.line.text()),
            KeyCode::Escape => Step::Cancel,
            _ if ctrl('c') || ctrl('g') => Step::Cancel,
            _ if ctrl('m') || ctrl('j') => Step::Answer(prompt.line.text()),
            KeyCode::Backspace if prompt.line.is_empty() => Step::Cancel,
            KeyCode::Up => self.recall(client, prompt, 1),
            KeyCode::Down => self.recall(client, prompt, -1),
            _ if ctrl('p') => self.recall(client, prompt, 1),
            _ if ctrl('n') => self.recall(client, prompt, -1),
            KeyCode::Tab => {
                complete(&mut prompt.line);
                Step::Stay
            }
            _ => {
                prompt.line.edit(key);
                Step::Stay
            }
        }
    }

    fn recall(&self, client: ClientId, prompt: &mut Prompt, step: i32) -> Step {
        let history = self.mux.clients.get(&client).map(|c| c.history.as_slice());
        let history = history.unwrap_or_default();
        let at = match (prompt.history_at, step > 0) {
            (None, true) => Some(0),
            (None, false) | (Some(0), false) => None,
            (Some(at), true) => Some((at + 1).min(history.len().saturating_sub(1))),
            (Some(at), false) => Some(at - 1),
        };
        let text = at.and_then(|at| history.iter().rev().nth(at));
        prompt.history_at = at.filter(|_| text.is_some());
        prompt.line.set(text.map_or("", String::as_str));
        Step::Stay
    }

    fn answered(&mut self, client: ClientId, mut prompt: Prompt, text: String) {
        self.remember(client, &prompt, &text);
        let command = match &mut prompt.kind {
            PromptKind::Confirm { command, .. } => std::mem::take(command),
            PromptKind::Command {
                template,
                more,
                answers,
                ..
            } => {
                answers.push(text);
                if !more.is_empty() {
                    let (label, input) = more.remove(0);
                    prompt.label = Label::new(&label);
                    prompt.line = Line::new(&input);
                    prompt.history_at = None;
                    self.keep(client, Box::new(prompt));
                    return;
                }
                fill(template, answers)
            }
        };
        self.wake(&prompt);
        self.run_prompt(client, &command);
    }

    fn run_prompt(&mut self, client: ClientId, command: &str) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let authority = Authority::of(owner);
        let cx = Context::for_client(&self.mux, client, authority);
        self.run_text(client, command, cx);
    }

    /// Runs the command of an incremental prompt on what is typed so far.
    fn incremental(&mut self, client: ClientId) {
        let prompt = self
            .mux
            .clients
            .get(&client)
            .and_then(|c| c.prompt.as_ref());
        let Some(prompt) = prompt else { return };
        if let PromptKind::Command {
            template,
            incremental: true,
            ..
        } = &prompt.kind
        {
            let command = fill(template, &[format!("={}", prompt.line.text())]);
            self.run_prompt(client, &command);
        }
    }

    fn remember(&mut self, client: ClientId, prompt: &Prompt, text: &str) {
        let keeps = matches!(
            prompt.kind,
            PromptKind::Command {
                single: false,
                key: false,
                numeric: false,
                ..
            }
        );
        let limit = usize::try_from(self.mux.server_number("prompt-history-limit")).unwrap_or(100);
        let Some(client) = self.mux.clients.get_mut(&client) else {
            return;
        };
        if keeps && !text.is_empty() {
            client.history.retain(|old| old != text);
            client.history.push(text.to_owned());
            let excess = client.history.len().saturating_sub(limit.max(1));
            client.history.drain(..excess);
        }
    }
}

/// Completes a command's name at the start of the line; to the longest common
/// beginning when there are several.
fn complete(line: &mut Line) {
    let typed = line.before_cursor();
    if typed.is_empty() || typed.contains(' ') || typed != line.text() {
        return;
    }
    let names: Vec<&str> = command::table()
        .iter()
        .flat_map(|row| [Some(row.name), row.alias])
        .flatten()
        .filter(|name| name.starts_with(&typed))
        .collect();
    let Some(first) = names.first() else { return };
    let common = names.iter().fold(*first, |common, name| {
        let same = common
            .bytes()
            .zip(name.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        &common[..same]
    });
    let space = if names.len() == 1 { " " } else { "" };
    line.set(&format!("{common}{space}"));
}

/// Puts answers into a template: `%%` is the first answer (quoted for the
/// command language by `%%%`), `%1` to `%9` the others.
fn fill(template: &str, answers: &[String]) -> String {
    if template.is_empty() || template == "%1" {
        return answers.first().cloned().unwrap_or_default();
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let nth = rest
            .as_bytes()
            .get(1)
            .filter(|b| (b'1'..=b'9').contains(*b));
        if let Some(digit) = nth {
            let answer = answers.get(usize::from(digit - b'1'));
            out.push_str(&quoted(answer.map_or("", String::as_str)));
            rest = &rest[2..];
        } else if rest.starts_with("%%") {
            out.push_str(&quoted(answers.first().map_or("", String::as_str)));
            rest = rest.strip_prefix("%%%").unwrap_or(&rest[2..]);
        } else {
            out.push('%');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// An answer as it stands between double quotes of a command: it ends no
/// quote, expands no variable and starts no other command.
fn quoted(answer: &str) -> String {
    let mut out = String::with_capacity(answer.len());
    for ch in answer.chars() {
        if matches!(ch, '"' | '\\' | '$' | ';' | '~') {
            out.push('\\');
        }
        out.push(ch);
    }
    out
}

/// Whether a key only moves within a prompt or list (no text).
pub(super) fn is_plain(key: Key) -> Option<char> {
    match key.code {
        KeyCode::Char(ch) if key.mods == Mods::NONE => Some(ch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_takes_answers_without_breaking_quotes() {
        for (template, answers, filled) in [
            (
                "rename-window \"%%\"",
                &["a b"][..],
                "rename-window \"a b\"",
            ),
            (
                "rename-window \"%%\"",
                &["a\" ; kill-server"],
                "rename-window \"a\\\" \\; kill-server\"",
            ),
            ("x %1 %2", &["1", "2"], "x 1 2"),
            ("", &["ls"], "ls"),
            ("50% of %%%", &["x"], "50% of x"),
        ] {
            let answers: Vec<_> = answers.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(fill(template, &answers), filled);
        }
    }

    #[test]
    fn tab_completes_to_the_common_beginning() {
        let mut line = Line::new("rename-w");
        complete(&mut line);
        assert_eq!(line.text(), "rename-window ");
    }
}
