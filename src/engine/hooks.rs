//! Hooks: command lists that run when something has happened, by the server's own
//! right, with formats that know what it was (`#{hook}`, `#{hook_client}`). What a
//! hook's own commands do runs no further hook.

use crate::base::Label;
use crate::command::Command;
use crate::exec::{self, Context, Outcome};

use super::Engine;
use super::queue::{Line, Source};

impl Engine {
    /// Queues the commands of the hooks that were fired. Whether there were any.
    pub(super) fn run_hooks(&mut self) -> bool {
        let fired = std::mem::take(&mut self.mux.fired);
        let any = !fired.is_empty();
        for fired in fired {
            let set = self.mux.session_option(fired.session, &fired.hook);
            let texts = set.map(|value| value.entries().map(|(_, text)| text.to_owned()).collect());
            let texts: Vec<String> = texts.unwrap_or_default();
            let mut groups = Vec::new();
            for text in texts {
                match exec::parse_text(&self.mux, &text) {
                    Ok(commands) => groups.push(commands),
                    Err(why) => self.mux.log(Label::new(&format!("{}: {why}", fired.hook))),
                }
            }
            let mut cx = Context::for_server(&self.mux);
            cx.variables = fired.variables;
            cx.current.session = fired
                .session
                .filter(|id| self.mux.sessions.contains_key(id));
            self.enqueue(Source::Hook(fired.hook), groups, cx);
        }
        any
    }

    /// Fires `after-…` for a command that was done; `before` is how many hooks
    /// were fired when it began. A hook's own commands fire none.
    pub(super) fn after_command(
        &mut self,
        line: &Line,
        (outcome, command): &(Outcome, Command),
        before: usize,
    ) {
        if matches!(line.source(), Source::Hook(_)) {
            self.mux.fired.truncate(before);
            return;
        }
        if !matches!(outcome, Outcome::Done | Outcome::Status(_)) {
            return;
        }
        let client = line.client().and_then(|id| self.mux.clients.get(&id));
        let session = line.session().or_else(|| client?.session);
        let name = client.map(|client| ("hook_client", client.name.clone()));
        let more: Vec<_> = name.into_iter().collect();
        self.mux
            .fire(&format!("after-{}", command.name()), session, &more);
    }
}
