//! Hooks: command lists that run when something has happened, by the server's own
//! right, with formats that know what it was (`#{hook}`, `#{hook_client}`). The
//! hooks of commands run in the line of the command, all others one after the
//! other on a line of their own. What those do fires no further hook.

use std::time::Duration;

use crate::base::Label;
use crate::command::Call;
use crate::config::Value;
use crate::exec::{self, Context, Outcome};
use crate::format;
use crate::format::Scope;
use crate::mux::Effect;
use crate::mux::effect::Stream;
use crate::mux::events::Fired;
use crate::mux::resolve::Current;

use super::Engine;
use super::queue::{Group, Line, Source};

/// How long watched formats rest between two looks.
const MONITOR_INTERVAL: Duration = Duration::from_secs(1);

impl Engine {
    /// Queues the commands of the events that were fired, and wakes who waits for
    /// them. Whether there were any.
    pub(super) fn run_hooks(&mut self) -> bool {
        let fired = std::mem::take(&mut self.mux.fired);
        let any = !fired.is_empty();
        for event in fired {
            self.wake_waiters(&event);
            let groups = self.hook_groups(&event);
            if groups.is_empty() {
                continue;
            }
            let mut cx = Context::for_server(&self.mux);
            cx.variables = event.variables();
            cx.current = event.at;
            cx.client = event.client.filter(|id| self.mux.clients.contains_key(id));
            self.enqueue(Source::Hook(event.hook), groups, cx);
        }
        if any {
            self.mux.forget_fires();
        }
        any
    }

    /// Fires what changed beside commands, and runs the hooks of that. What hooks
    /// bring about fires nothing, so that this comes to an end.
    pub(super) fn tell_changes(&mut self, stirred: bool) {
        // What is being started is told of once it runs.
        if stirred && !self.queue.starts_something() {
            self.mux.note_changes();
        }
        if !self.mux.fired.is_empty() && self.run_queues() {
            self.demand_all();
            self.mux.settle_sizes();
            self.sync_attached();
        }
    }

    /// A hook's commands at a place, a group for each entry; its run is counted.
    fn hook_groups(&mut self, event: &Fired) -> Vec<Vec<Call>> {
        let hook = event.hook.as_str();
        let found = match event.holder {
            Some(holder) => self.mux.hook_of(hook, holder),
            None => self.mux.hook_at(hook, event.at),
        };
        let Some((holder, value)) = found else {
            return Vec::new();
        };
        let texts: Vec<String> = match value {
            Value::List(list) => list.values().cloned().collect(),
            single => vec![single.to_string()],
        };
        self.mux.count_fire(holder, hook);
        let mut groups = Vec::new();
        for text in texts {
            match exec::parse_text(&self.mux, &text) {
                Ok(commands) => groups.push(commands),
                Err(why) => self.mux.log(Label::new(&format!("{hook}: {why}"))),
            }
        }
        groups
    }

    /// Tells those who wait for an event: its payload, if they want to see it, and
    /// that it came, if it is the one they want.
    fn wake_waiters(&mut self, event: &Fired) {
        if self.mux.listeners.waiters.is_empty() {
            return;
        }
        let mut vars: Vec<(String, String)> = event.payload.clone().into_iter().collect();
        vars.push(("event".to_owned(), event.hook.clone()));
        let waiters = std::mem::take(&mut self.mux.listeners.waiters);
        let mut left = Vec::with_capacity(waiters.len());
        for waiter in waiters {
            if waiter.event != event.hook {
                left.push(waiter);
                continue;
            }
            if let Some(client) = waiter.client.filter(|_| waiter.verbose) {
                let bytes = event.lines().into_bytes();
                let stream = Stream::Out;
                self.mux.emit(Effect::Print {
                    client,
                    stream,
                    bytes,
                });
            }
            let scope = Scope {
                now: self.mux.now,
                vars: &vars,
                ..Scope::default()
            };
            let wanted = waiter.format.as_ref();
            if wanted.is_none_or(|f| format::truthy(&format::expand(f, &self.mux, &scope))) {
                self.mux.channels.wake(waiter.token);
            } else {
                left.push(waiter);
            }
        }
        left.append(&mut self.mux.listeners.waiters);
        self.mux.listeners.waiters = left;
    }

    /// Puts `after-…` behind a command that was done, on its line.
    pub(super) fn after_command(&mut self, line: &mut Line, outcome: &Outcome, call: &Call) {
        if matches!(outcome, Outcome::Done | Outcome::Status(_)) && !line.context().was_idle() {
            let hook = format!("after-{}", call.name());
            self.command_hook(line, &hook, call);
        }
    }

    /// Puts `command-error` behind a command that failed.
    pub(super) fn command_failed(&mut self, line: &mut Line, call: &Call) {
        self.command_hook(line, "command-error", call);
    }

    /// Puts the hooks that a command wants run (`set-hook -R`) behind it.
    pub(super) fn asked_hooks(&mut self, line: &mut Line) {
        let client = line.client();
        for event in std::mem::take(&mut line.context().run_hooks)
            .into_iter()
            .rev()
        {
            let mut cx = Context::for_server(&self.mux);
            cx.client = client;
            cx.current = event.at;
            cx.variables = event.variables();
            for group in self.hook_groups(&event).into_iter().rev() {
                line.insert(Group::of_hook(group, cx.clone()));
            }
        }
    }

    /// Looks at the formats that are watched, once a second.
    pub(super) fn monitors_due(&mut self) {
        if self.mux.listeners.monitors.is_empty() {
            self.upkeep.monitors_at = None;
            return;
        }
        let now = self.now();
        let at = *self.upkeep.monitors_at.get_or_insert(now.mono);
        if at > now.mono {
            return;
        }
        self.upkeep.monitors_at = Some(now.mono + MONITOR_INTERVAL);
        self.mux.look_at_monitors(|mux, template, at| {
            let scope = Scope {
                session: at.session,
                window: at.window,
                index: at.index,
                pane: at.pane,
                now,
                jobs: true,
                ..Scope::default()
            };
            format::expand(template, mux, &scope)
        });
    }

    fn command_hook(&mut self, line: &mut Line, hook: &str, call: &Call) {
        if !self.mux.listens() {
            return;
        }
        let at = self.place_of_call(line, call);
        if !self.mux.listens_to(hook, at) {
            return;
        }
        let mut event = Fired::new(hook, at);
        event.payload.extend(call.payload());
        self.wake_waiters(&event);
        let client = line.client();
        let mut cx = Context::for_server(&self.mux);
        cx.client = client;
        cx.current = at;
        cx.variables = event.variables();
        let owner = client.and_then(|id| self.mux.clients.get(&id));
        if let Some(owner) = owner {
            let name = ("hook_client".to_owned(), owner.name.clone());
            cx.variables.push(name);
        }
        for group in self.hook_groups(&event).into_iter().rev() {
            line.insert(Group::of_hook(group, cx.clone()));
        }
    }

    /// What a command was about: what it made current, its target, or the place
    /// of whoever ran it.
    fn place_of_call(&self, line: &mut Line, call: &Call) -> Current {
        let cx = line.context();
        let session = cx.current.session;
        let made = matches!(
            call.name(),
            "new-session" | "new-window" | "split-window" | "new-pane"
        );
        let pane = cx.made().filter(|_| made);
        if let Some(found) = pane.and_then(|pane| self.mux.place_of_pane(pane, session)) {
            return Current::of(found);
        }
        let cx = line.context();
        if made && cx.current != Current::default() {
            return cx.current;
        }
        let asker = cx.asker();
        let target = call.target().filter(|(_, text)| text.is_some());
        let found =
            target.and_then(|(wanted, text)| self.mux.find(&asker, text.as_deref(), wanted).ok());
        let found = found.or_else(|| self.mux.here(&asker));
        found.map_or(cx.current, Current::of)
    }
}
