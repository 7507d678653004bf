//! The life of debug builds by time: what counts against their limits, the
//! warnings, what their logs say again, their end, and the end of what they leave
//! behind. How long each may live is `ci::life`'s to say.

use std::time::Duration;

use crate::base::duration::in_words;
use crate::base::{SessionId, Token};
use crate::ci::life::{End, Life, Reason, WARNINGS};
use crate::mux::Effect;
use crate::mux::effect::EndSignal;

use super::Engine;

/// How long processes have to end after the hang-up, before they are killed.
const GRACE: Duration = Duration::from_secs(3);

/// The same when the whole server ends.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(20);

impl Engine {
    /// Looks at every debug session whose time may have come.
    pub(super) fn lives_due(&mut self) {
        self.settle_passing();
        let now = self.now().mono;
        let due = self.upkeep.lives_at.is_some_and(|at| at <= now);
        if !due && !self.stirred {
            return;
        }
        let sessions = self.mux.sessions.values();
        let debugged = sessions.filter(|session| session.debug.is_some());
        let debugged: Vec<SessionId> = debugged.map(|session| session.id).collect();
        for session in debugged {
            self.note_attendance(session);
            self.say_again(session);
            self.end_when_due(session);
        }
        let debugs = self.mux.sessions.values();
        let debugs = debugs.filter_map(|session| session.debug.as_deref());
        self.upkeep.lives_at = debugs
            .filter_map(|debug| {
                if debug.closing.is_some() {
                    return debug.closing;
                }
                let says = debug.notice.next.filter(|_| !debug.life.came());
                debug.life.due(now).into_iter().chain(says).min()
            })
            .min();
    }

    /// When one of them is to be looked at.
    pub(super) fn life_deadline(&self) -> Option<Duration> {
        let passing = self.mux.passing.iter().filter_map(|passing| passing.next);
        passing.chain(self.upkeep.lives_at).min()
    }

    /// Whether a life is so near its end that seconds are shown.
    pub(super) fn is_near(&self, life: &Life) -> bool {
        let left = life.left(self.now().mono);
        left.is_some_and(|left| left <= WARNINGS[0])
    }

    /// Notes who is here, what was done last, and whether the build goes on.
    fn note_attendance(&mut self, id: SessionId) {
        let now = self.now().mono;
        let here = self.mux.is_attended(id);
        let panes = self.mux.panes.values();
        let own = |window| self.mux.sessions.get(&id).is_some_and(|s| s.has(window));
        let wrote = panes.filter(|pane| own(pane.window));
        let wrote = wrote.map(|pane| pane.output_at.mono).max();
        let Some(session) = self.mux.sessions.get_mut(&id) else {
            return;
        };
        let typed = session.activity.mono;
        let Some(debug) = session.debug.as_deref_mut() else {
            return;
        };
        if here {
            debug.life.come();
            debug.attended = true;
            debug.life.act(typed.max(wrote.unwrap_or_default()));
        } else if std::mem::take(&mut debug.attended) {
            debug.life.act(now);
        }
        if debug.runs {
            let timeline = &debug.timeline;
            let stands = timeline.held().is_some() || timeline.result().is_some();
            let goes_on = !stands || timeline.is_running();
            if debug.life.builds(goes_on, now) {
                let again = debug.notice.again.clone();
                if !again.is_empty() {
                    self.mux.say_in_log(id, &again);
                }
            }
        }
    }

    /// Repeats how to join, while nobody has come.
    fn say_again(&mut self, id: SessionId) {
        let now = self.now().mono;
        let session = self.mux.sessions.get_mut(&id);
        let Some(debug) = session.and_then(|session| session.debug.as_deref_mut()) else {
            return;
        };
        let due = debug.notice.next.is_some_and(|next| next <= now);
        if !due || debug.life.came() || debug.closing.is_some() {
            return;
        }
        debug.notice.next = debug.notice.every.map(|every| now + every);
        let line = debug.notice.line.clone();
        self.mux.say_in_log(id, &line);
    }

    /// Warns, decides, and ends.
    fn end_when_due(&mut self, id: SessionId) {
        let now = self.now().mono;
        let session = self.mux.sessions.get_mut(&id);
        let Some(debug) = session.and_then(|session| session.debug.as_deref_mut()) else {
            return;
        };
        if let Some(at) = debug.closing {
            if at <= now {
                self.mux.kill_session(id);
            }
            return;
        }
        if let Some((at, reason)) = debug.life.limit()
            && at <= now
        {
            let status = None;
            debug.life.decide(End { reason, status });
        }
        if let Some(end) = debug.life.end() {
            self.close(id, end);
            return;
        }
        if let Some(left) = debug.life.warning(now) {
            let left = in_words(left);
            let text =
                format!("This debug build ends in {left}. To stay longer: stepmux extend 30m");
            self.mux.tell_all(id, &text);
            self.demand_all();
        }
    }

    /// Tells why, and hangs up what runs; what does not end by itself is ended
    /// with the session.
    fn close(&mut self, id: SessionId, end: End) {
        let now = self.now().mono;
        let session = self.mux.sessions.get_mut(&id);
        let Some(debug) = session.and_then(|session| session.debug.as_deref_mut()) else {
            return;
        };
        debug.closing = Some(now + GRACE);
        let text = match end.reason {
            Reason::Exit => String::new(),
            _ => format!("This debug build ends. {}", debug.life.why(end)),
        };
        self.mux.end_logs(id, false);
        if !text.is_empty() {
            self.mux.tell_all(id, &text);
        }
        let mark = self.mux.place_of(id);
        let token = self.mux.ids.token();
        self.mux.emit(Effect::EndProcesses {
            token,
            mark,
            signal: EndSignal::Hangup,
        });
        self.demand_all();
    }

    /// Processes of an ended session were looked for.
    pub(super) fn processes_left(&mut self, token: Token, left: usize) {
        let now = self.now().mono;
        let found = self.mux.passing.iter();
        let Some(at) = found.into_iter().position(|passing| passing.token == token) else {
            return;
        };
        // Whatever a kill leaves is no longer ours to end.
        let over = self.mux.passing[at].since + GRACE + GRACE;
        if left > 0 && now < over {
            self.mux.passing[at].next = Some(now + LOOK);
            return;
        }
        let passing = self.mux.passing.remove(at);
        for waiter in passing.waiters {
            self.mux.channels.wake(waiter);
        }
    }

    /// Looks again for the processes of ended sessions; kills those whose time
    /// is over.
    fn settle_passing(&mut self) {
        let now = self.now().mono;
        let grace = if self.mux.ending { LAST_GRACE } else { GRACE };
        for at in 0..self.mux.passing.len() {
            let token = self.mux.ids.token();
            let passing = &mut self.mux.passing[at];
            if passing.next.is_none_or(|next| next > now) {
                continue;
            }
            let kill = now >= passing.since + grace && !passing.killed;
            passing.killed |= kill;
            passing.next = None;
            passing.token = token;
            let mark = passing.mark.clone();
            let signal = if kill {
                EndSignal::Kill
            } else {
                EndSignal::Count
            };
            self.mux.emit(Effect::EndProcesses {
                token,
                mark,
                signal,
            });
        }
    }
}
