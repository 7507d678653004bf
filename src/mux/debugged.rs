//! Debug sessions in the model: what is said in them, and what is left to do
//! when one has ended: its end is written down, its processes are ended, and only
//! then do those who waited for it go on. It decides no end.

use std::time::Duration;

use crate::base::{Label, SessionId, Token};
use crate::ci::life::{End, Reason};

use super::effect::{Effect, EndSignal};
use super::session::Debug;
use super::{Client, Mux};

/// The name of the file in a debug session's directory that tells its end.
pub const END_FILE: &str = "end";

/// A debug session that has ended, whose processes may not have.
#[derive(Debug)]
pub struct Passing {
    /// What marks its processes: the value of their `$STEPMUX`.
    pub mark: String,
    /// When it ended.
    pub since: Duration,
    /// When its processes are looked for again; none while they are.
    pub next: Option<Duration>,
    /// The look that is under way.
    pub token: Token,
    /// They were killed.
    pub killed: bool,
    /// Who waits for it.
    pub waiters: Vec<Token>,
}

impl Mux {
    /// The value of `$STEPMUX` in the processes of a session.
    #[must_use]
    pub fn place_of(&self, session: SessionId) -> String {
        let server = &self.server;
        format!("{},{},{}", server.socket, server.pid, session.0)
    }

    /// Writes a debug session's end down, and begins to end its processes.
    pub(super) fn end_debug(&mut self, session: SessionId, debug: Debug, waiters: Vec<Token>) {
        let end = debug.life.end().unwrap_or(End {
            reason: Reason::Exit,
            status: None,
        });
        if !debug.dir.is_empty() {
            let text = serde_json::to_string(&end).unwrap_or_default();
            self.emit(Effect::Note {
                path: format!("{}/{END_FILE}", debug.dir),
                text: text + "\n",
            });
        }
        let (mark, token) = (self.place_of(session), self.ids.token());
        self.emit(Effect::EndProcesses {
            token,
            mark: mark.clone(),
            signal: EndSignal::Hangup,
        });
        self.passing.push(Passing {
            mark,
            since: self.now.mono,
            next: None,
            token,
            killed: false,
            waiters,
        });
    }

    /// The debug sessions that a client may look at, in their order: a guest's own
    /// alone.
    #[must_use]
    pub fn debugged_for(&self, client: &Client) -> Vec<SessionId> {
        let own = client.guest_of();
        let sessions = self.sessions.values();
        sessions
            .filter(|session| session.debug.is_some())
            .map(|session| session.id)
            .filter(|id| own.is_none_or(|own| own == *id))
            .collect()
    }

    /// Whether somebody is in a session: attached, or a guest with a command.
    #[must_use]
    pub fn is_attended(&self, session: SessionId) -> bool {
        let mut guests = self.guests(session);
        self.attached(session).next().is_some() || guests.any(|guest| guest.waiting.is_none())
    }

    /// Tells everyone in a session and its logs.
    pub fn tell_all(&mut self, session: SessionId, text: &str) {
        self.announce(session, &Label::new(text), None);
        self.say_in_log(session, text);
    }
}
