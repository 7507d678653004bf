//! The end of a turn: sizes, names, ends, and what is due by time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::{ClientId, Label, PaneId, Token};
use crate::exec::{self, Answer};
use crate::mux::Effect;
use crate::mux::Session;
use crate::mux::effect::JobSpec;
use crate::mux::peer::ExitStatus;

use super::Engine;

/// How long a pane's foreground process is left alone between look-ups.
const INSPECT: Duration = Duration::from_millis(500);

/// How long clients have to leave before the server does.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Upkeep that goes on between events.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    /// Panes whose foreground process is to be looked up, and when.
    inspections: BTreeMap<PaneId, Duration>,
    /// By what windows were called: their active panes, how many modes those are
    /// in, whether they are dead, and whether a window is called by itself.
    pub(super) named: BTreeMap<crate::base::WindowId, (PaneId, usize, bool, bool)>,
    /// When status lines are drawn again.
    status_at: Option<Duration>,
    /// When panels with a run under way are drawn again.
    pub(super) panel_at: Option<Duration>,
    /// What configuration files complained of, for the first client.
    pub(super) config_errors: Vec<Label>,
    /// They have waited for somebody to be told of them.
    pub(super) config_errors_late: bool,
    /// All configuration files were read.
    pub(super) read: bool,
    /// The client that was here first.
    pub(super) first: Option<ClientId>,
    /// Its command line, while the configuration runs.
    pub(super) first_command: Option<Vec<String>>,
    /// A client has been here; without one the server waits for its first.
    had_client: bool,
    /// The server is ending; when it does so at the latest.
    ending: Option<Duration>,
    ended: bool,
    pub(super) histories: super::histories::Histories,
    /// When debug sessions' limits are looked at again.
    pub(super) lives_at: Option<Duration>,
    pub(super) silences: super::alerts::Silences,
    /// When watched formats are looked at again.
    pub(super) monitors_at: Option<Duration>,
    /// What outlives the server.
    pub(super) memory: super::memory::Memory,
    /// Copy modes that take in output, and clocks.
    pub(super) views: super::views::Views,
}

impl Upkeep {
    /// Asks for a look-up of a pane's foreground process soon.
    pub(super) fn inspect(&mut self, pane: PaneId, now: Duration) {
        self.inspections.entry(pane).or_insert(now + INSPECT);
    }
}

impl Engine {
    pub(super) fn settle(&mut self) {
        self.upkeep.had_client |= !self.mux.clients.is_empty();
        self.tick_decoders();
        self.tick_mouse();
        self.settle_guests();
        self.lives_due();
        if self.run_queues() {
            self.demand_all();
        }
        let stirred = std::mem::take(&mut self.stirred);
        if stirred {
            self.sync_attached();
        }
        self.settle_terminals();
        if stirred {
            exec::refresh_modes(&mut self.mux);
            self.settle_floats();
            self.settle_focus();
            self.mux.settle_sizes();
            self.settle_names();
            self.note_sights();
        }
        if stirred {
            self.turned_to();
        }
        self.silence_due(stirred);
        self.lock_due();
        self.monitors_due();
        self.tell_changes(stirred);
        if stirred {
            self.notify_controls();
        }
        self.check_subscriptions();
        self.expire();
        self.expire_numbers();
        self.inspect_due();
        self.settle_histories();
        self.status_due();
        self.panel_due();
        self.views_due();
        self.run_status_jobs();
        self.tell_config_errors();
        self.end_if_empty();
    }

    pub(super) fn upkeep_deadline(&self) -> Option<Duration> {
        let inspect = self.upkeep.inspections.values().min().copied();
        let messages = self.mux.clients.values().filter_map(|client| {
            let message = client.message.as_ref().and_then(|message| message.until);
            [message, client.repeat_until].into_iter().flatten().min()
        });
        let numbers = self.mux.panes.values().filter_map(|pane| {
            let mode = pane.mode.as_ref()?;
            mode.numbers.until
        });
        let ending = self.upkeep.ending.filter(|_| !self.upkeep.ended);
        let status = self.upkeep.status_at.filter(|_| !self.attached.is_empty());
        let quiet = self.upkeep.histories.deadline();
        let panel = self.panel_deadline();
        let monitors = self.upkeep.monitors_at;
        let silence = self.upkeep.silences.deadline();
        let lock = self.lock_deadline();
        let own = [
            inspect,
            messages.min(),
            numbers.min(),
            ending,
            status,
            quiet,
            panel,
            monitors,
            silence,
            lock,
            self.upkeep.views.deadline(),
        ];
        own.into_iter().flatten().min()
    }

    /// When `lock-after-time` locks a session's clients, if it does.
    fn lock_at(&self, session: &Session) -> Option<Duration> {
        let seconds = self.mux.session_number(Some(session.id), "lock-after-time");
        let idle = Duration::from_secs(u64::try_from(seconds).ok().filter(|s| *s > 0)?);
        let mut clients = self.mux.attached(session.id);
        let open = clients.any(|client| !client.suspended && client.guest_of().is_none());
        open.then(|| session.activity.mono + idle)
    }

    fn lock_deadline(&self) -> Option<Duration> {
        let sessions = self.mux.sessions.values();
        sessions.filter_map(|session| self.lock_at(session)).min()
    }

    /// Locks the clients of sessions in which nobody has typed for so long.
    fn lock_due(&mut self) {
        let now = self.now().mono;
        let sessions = self.mux.sessions.values();
        let due = sessions.filter(|session| self.lock_at(session).is_some_and(|at| at <= now));
        let due: Vec<_> = due.map(|session| session.id).collect();
        for session in due {
            self.mux.lock_session(session);
            if let Some(owner) = self.mux.sessions.get_mut(&session) {
                owner.activity = self.mux.now;
            }
        }
    }

    /// Ends sessions that the last client has left (`destroy-unattached`).
    pub(super) fn destroy_unattached(&mut self) {
        let sessions: Vec<_> = self.mux.sessions.keys().copied().collect();
        for id in sessions {
            let count = self.mux.group_of(id).len();
            let grouped = self
                .mux
                .sessions
                .get(&id)
                .is_some_and(|s| s.group.is_some());
            let ends = match self.mux.session_str(Some(id), "destroy-unattached") {
                "on" => true,
                "keep-last" => grouped && count > 1,
                "keep-group" => !grouped || count > 1,
                _ => false,
            };
            if ends && self.mux.attached(id).next().is_none() {
                self.mux.kill_session(id);
            }
        }
    }

    /// Ends messages, pane numbers and repeat times that are over.
    fn expire(&mut self) {
        let now = self.now().mono;
        let over = |until: Option<Duration>| until.is_some_and(|until| until <= now);
        for (id, client) in &mut self.mux.clients {
            let mut changed = false;
            if over(client.message.as_ref().and_then(|message| message.until)) {
                client.message = None;
                changed = true;
            }
            if over(client.repeat_until) {
                client.repeat_until = None;
                client.repeat_key = None;
                client.key_table = None;
                changed = true;
            }
            if changed && let Some(attached) = self.attached.get_mut(id) {
                attached.pace.demand();
            }
        }
    }

    /// Ends pane numbers that are over.
    fn expire_numbers(&mut self) {
        let now = self.now().mono;
        let over = |pane: &&crate::mux::Pane| {
            let mode = pane.mode.as_ref();
            mode.is_some_and(|mode| mode.numbers.until.is_some_and(|until| until <= now))
        };
        let over: Vec<PaneId> = self.mux.panes.values().filter(over).map(|p| p.id).collect();
        for pane in over {
            self.mux.end_mode(pane);
            self.mux.settle_sizes();
            self.demand_all();
        }
    }

    fn inspect_due(&mut self) {
        let now = self.now().mono;
        let due: Vec<_> = self
            .upkeep
            .inspections
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(pane, _)| *pane)
            .collect();
        for pane in due {
            self.upkeep.inspections.remove(&pane);
            let alive = self
                .mux
                .panes
                .get(&pane)
                .is_some_and(|p| p.process.is_some());
            if alive {
                self.mux.emit(Effect::Inspect { pane });
            }
        }
    }

    fn status_due(&mut self) {
        let now = self.now().mono;
        let seconds = u64::try_from(self.mux.session_number(None, "status-interval")).unwrap_or(15);
        let every = if seconds > 1 && self.shows_a_run() {
            1
        } else {
            seconds
        };
        let next = (every > 0).then(|| now + Duration::from_secs(every));
        if self.upkeep.status_at.is_some_and(|at| at > now) {
            // A step began to run: its time is shown from now on.
            self.upkeep.status_at = self.upkeep.status_at.min(next.or(self.upkeep.status_at));
            return;
        }
        self.demand_all();
        self.upkeep.status_at = next;
    }

    /// Whether someone looks at a session in which a step of a build runs.
    fn shows_a_run(&self) -> bool {
        let mut sessions = self.attached.keys().filter_map(|id| {
            let session = self.mux.clients.get(id)?.session?;
            self.mux.sessions.get(&session)?.debug.as_deref()
        });
        sessions.any(|debug| debug.timeline.is_running() || self.is_near(&debug.life))
    }

    /// Runs the `#()` commands that formats asked for, once in a status
    /// interval each.
    fn run_status_jobs(&mut self) {
        if self.mux.jobs.is_empty() {
            return;
        }
        let now = self.now().mono;
        let seconds = u64::try_from(self.mux.session_number(None, "status-interval")).unwrap_or(15);
        let every = Duration::from_secs(seconds.max(1));
        let ids = &mut self.mux.ids;
        for (token, command, cwd) in self.mux.jobs.due(now, every, || ids.token()) {
            let env = exec::job_environment(&self.mux, None);
            let spec = JobSpec {
                command,
                cwd,
                env,
                input: Vec::new(),
                stderr: false,
            };
            self.mux.emit(Effect::RunJob { token, spec });
        }
    }

    fn tell_config_errors(&mut self) {
        if self.upkeep.config_errors.is_empty() {
            return;
        }
        // One that waited for the end of the configuration is told before its
        // command runs, one that came later once it is attached.
        let waited = !std::mem::replace(&mut self.upkeep.config_errors_late, true);
        let mut controls = self.controls.keys();
        let ready = |id: &&ClientId| {
            let client = self.mux.clients.get(id);
            client.is_some_and(|c| (c.session.is_some() || waited) && c.guest_of().is_none())
        };
        if let Some(id) = controls.find(ready).copied() {
            let lines = std::mem::take(&mut self.upkeep.config_errors);
            if let Some(control) = self.mux.control_mut(id) {
                for line in lines {
                    control.notify(format!("%config-error {line}"));
                }
            }
            return;
        }
        // Whose configuration it is: no guest's.
        let own = |id: &&ClientId| {
            let client = self.mux.clients.get(id);
            client.is_some_and(|client| client.guest_of().is_none())
        };
        let Some(client) = self.attached.keys().find(own).copied() else {
            return;
        };
        let Some(pane) = self.active_pane(client) else {
            return;
        };
        let lines = std::mem::take(&mut self.upkeep.config_errors);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.show_in_pane(pane, text.as_bytes());
    }

    /// The server ends with its last session, once its clients are gone.
    fn end_if_empty(&mut self) {
        if self.mux.ending && self.upkeep.ending.is_none() {
            self.shut_down();
        }
        if self.upkeep.ended {
            return;
        }
        let now = self.now().mono;
        let busy = self.mux.configuring && !self.mux.ending;
        if !self.upkeep.had_client || busy {
            return;
        }
        let empty = self.mux.sessions.is_empty() && self.mux.server_flag("exit-empty");
        let lonely = self.attached.is_empty() && self.mux.server_flag("exit-unattached");
        if lonely && !self.mux.ending && self.mux.clients.is_empty() {
            self.shut_down();
        }
        if !empty && !self.mux.ending {
            return;
        }
        let until = *self.upkeep.ending.get_or_insert(now + LAST_WORDS);
        let settled = self.mux.clients.is_empty() && self.mux.passing.is_empty();
        if settled || now >= until {
            self.upkeep.ended = true;
            self.keep_history();
            self.mux.emit(Effect::Shutdown);
        } else if !self.mux.ending {
            // A client that is here may still make a session.
            self.upkeep.ending = None;
        }
    }

    /// Ends every session and client.
    pub(super) fn shut_down(&mut self) {
        self.mux.ending = true;
        self.mux.emit(Effect::CloseDoor);
        self.upkeep.had_client = true;
        self.upkeep
            .ending
            .get_or_insert(self.mux.now.mono + LAST_WORDS);
        let clients: Vec<ClientId> = self.mux.clients.keys().copied().collect();
        for client in clients {
            let owner = self.mux.clients.get(&client);
            if let Some(owner) = owner.filter(|owner| owner.session.is_some()) {
                // A control client has not failed by that.
                let status = u8::from(owner.control.is_none());
                self.mux
                    .dismiss(client, status, Some("[server exited]".to_owned()));
            }
        }
        let sessions: Vec<_> = self.mux.sessions.keys().copied().collect();
        for session in sessions {
            self.mux.kill_session(session);
        }
    }

    pub(super) fn job_done(&mut self, token: Token, status: ExitStatus, output: Vec<u8>) {
        if self.mux.jobs.done(token, &output) {
            self.demand_all();
            return;
        }
        self.queue.answer(token, Answer::Job(status, output));
    }

    pub(super) fn file_done(&mut self, token: Token, result: Result<Vec<u8>, String>) {
        if !self.history_came(token, &result) {
            self.queue.answer(token, Answer::File(result));
        }
    }
}
