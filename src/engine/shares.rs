//! Shares: a session opened to guests, those refused at its door, those who wait
//! to be let in, and the share's own end.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Map, json};

use crate::access::Grant;
use crate::base::{ClientId, Label, SessionId, Token};
use crate::exec::Answer;
use crate::mux::Effect;
use crate::mux::effect::{ShareInfo, Stream};
use crate::mux::guests::{Decision, Waiting};
use crate::mux::peer::Origin;

use super::Engine;
use super::clients::who;

/// The most of a guest's command line that is kept while they wait, in bytes.
const ARGV_MAX: usize = 64 * 1024;

/// What a guest reads while the session takes nobody.
const LOCKED: &str = "[the session takes no further guests]";

impl Engine {
    /// A door is open, or its tokens are new.
    pub(super) fn shared(&mut self, token: Token, result: Result<Box<ShareInfo>, String>) {
        let result = result.and_then(|info| self.opened(info));
        self.queue.answer(token, Answer::Shared(result));
    }

    fn opened(&mut self, told: Box<ShareInfo>) -> Result<Box<ShareInfo>, String> {
        if let Some(session) = self.mux.sessions.get_mut(&told.session) {
            let mut info = told.clone();
            let id = info.session;
            let event = if let Some(old) = session.share.as_deref() {
                (info.locked, info.ends) = (old.locked, old.ends);
                "rotated"
            } else {
                info.ends = info.policy.expires.map(|time| self.mux.now.mono + time);
                "shared"
            };
            let listen: Vec<String> = info.listen.iter().map(ToString::to_string).collect();
            session.share = Some(info);
            if let Err(why) = self.mux.gather_hidden() {
                self.mux.unshare(id, "[sharing stopped]");
                return Err(why);
            }
            let mut fields = Map::new();
            fields.insert("listen".to_owned(), json!(listen));
            self.mux.audit(id, event, fields);
        }
        Ok(told)
    }

    /// Someone was refused at a door.
    pub(super) fn guest_refused(&mut self, session: SessionId, address: SocketAddr, key: &str) {
        let label = Label::new(&format!("refused a guest from {address}"));
        self.mux.announce(session, &label, None);
        let mut fields = Map::new();
        fields.insert("address".to_owned(), json!(address.ip().to_string()));
        fields.insert("port".to_owned(), json!(address.port()));
        if !key.is_empty() {
            fields.insert("key".to_owned(), json!(key));
        }
        self.mux.audit(session, "refused", fields);
        let more = [
            ("hook_address", address.ip().to_string()),
            ("hook_key", key.to_owned()),
        ];
        self.mux.fire("join-refused", Some(session), &more);
    }

    /// A guest asks for something for the first time. True: not now, they were
    /// sent away or wait.
    pub(super) fn greet_guest(&mut self, id: ClientId, argv: &[String]) -> bool {
        let Some(client) = self.mux.clients.get(&id) else {
            return true;
        };
        let Some(session) = client.guest_of() else {
            return false;
        };
        let share = self.mux.sessions.get(&session);
        let Some(share) = share.and_then(|owner| owner.share.as_deref()) else {
            self.mux
                .dismiss(id, 1, Some("[sharing stopped]".to_owned()));
            return true;
        };
        if share.locked {
            self.turn_away(id, "locked out", LOCKED);
            return true;
        }
        let Some(wait) = share.policy.knock else {
            return false;
        };
        if argv.iter().map(String::len).sum::<usize>() > ARGV_MAX {
            self.turn_away(id, "denied", "[the command line is too long]");
            return true;
        }
        let waiting = Waiting {
            argv: argv.to_vec(),
            until: self.now().mono + wait,
            decision: None,
        };
        self.knock(id, session, waiting);
        true
    }

    fn knock(&mut self, id: ClientId, session: SessionId, waiting: Waiting) {
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        client.waiting = Some(Box::new(waiting));
        let mut said = format!("{} asks to join", who(client));
        if let Origin::Ssh { key, .. } = &client.origin
            && !key.is_empty()
        {
            said.push_str(&format!(" ({key})"));
        }
        said.push_str(": admit-guest, or the list of people");
        self.mux.announce(session, &Label::new(&said), Some(id));
        self.mux.emit(Effect::Print {
            client: id,
            stream: Stream::Err,
            bytes: b"stepmux: waiting until someone inside lets you in\n".to_vec(),
        });
        self.tell(id, session, "asked", Some("join-requested"));
    }

    /// Sends a guest away who was never inside.
    fn turn_away(&mut self, id: ClientId, event: &str, message: &str) {
        let session = self.mux.clients.get(&id).and_then(|c| c.guest_of());
        if let Some(session) = session {
            if let Some(client) = self.mux.clients.get(&id) {
                let label = Label::new(&format!("{} was {event}", who(client)));
                self.mux.announce(session, &label, None);
            }
            self.tell(id, session, event, Some("join-refused"));
        }
        let mut terminal = true;
        if let Some(client) = self.mux.clients.get_mut(&id) {
            client.waiting = None;
            terminal = client.terminal.is_some();
        }
        if terminal {
            self.mux.dismiss(id, 1, Some(message.to_owned()));
            return;
        }
        // A command line's output is read by programs.
        self.mux.emit(Effect::Print {
            client: id,
            stream: Stream::Err,
            bytes: format!("stepmux: {message}\n").into_bytes(),
        });
        self.mux.dismiss(id, 1, None);
    }

    /// Writes down and hooks what happened about a client.
    pub(super) fn tell(
        &mut self,
        id: ClientId,
        session: SessionId,
        event: &str,
        hook: Option<&str>,
    ) {
        // Taken out for a moment: what is told reads the rest of the model.
        let Some(client) = self.mux.clients.remove(&id) else {
            return;
        };
        self.mux.audit_guest(session, event, &client);
        if let Some(hook) = hook {
            self.mux.fire_about(hook, session, &client);
        }
        self.mux.clients.insert(id, client);
    }

    /// Carries out what was decided about those who wait, and ends shares whose
    /// time is over.
    pub(super) fn settle_guests(&mut self) {
        let now = self.now().mono;
        let mut decided: Vec<(ClientId, Option<Decision>)> = Vec::new();
        for client in self.mux.clients.values() {
            if let Some(waiting) = client.waiting.as_deref() {
                match waiting.decision {
                    Some(decision) => decided.push((client.id, Some(decision))),
                    None if waiting.until <= now => decided.push((client.id, None)),
                    None => {}
                }
            }
        }
        for (id, decision) in decided {
            match decision {
                Some(Decision::Admit(grant)) => self.let_in(id, grant),
                Some(Decision::Deny) => self.turn_away(id, "denied", "[you were not let in]"),
                None => self.turn_away(id, "not answered", "[nobody let you in]"),
            }
        }
        let over: Vec<SessionId> = self
            .mux
            .sessions
            .values()
            .filter(|s| {
                s.share
                    .as_ref()
                    .and_then(|share| share.ends)
                    .is_some_and(|at| at <= now)
            })
            .map(|session| session.id)
            .collect();
        for session in over {
            self.mux.audit(session, "expired", Map::new());
            self.mux
                .unshare(session, "[the time to share this session is over]");
            let label = Label::new("the share's time is over: guests have left");
            self.mux.announce(session, &label, None);
            self.demand_all();
        }
    }

    fn let_in(&mut self, id: ClientId, grant: Grant) {
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        let Some(waiting) = client.waiting.take() else {
            return;
        };
        client.grant = grant;
        let session = client.guest_of();
        self.mux.emit(Effect::HoldGuest { client: id, grant });
        if let Some(session) = session {
            self.tell(id, session, "admitted", None);
        }
        self.run_command_line(id, &waiting.argv);
        self.demand_all();
    }

    /// When somebody has waited long enough, or a share ends.
    pub(super) fn guests_deadline(&self) -> Option<Duration> {
        let waiting = self
            .mux
            .clients
            .values()
            .filter_map(|client| client.waiting.as_deref());
        let ends = self
            .mux
            .sessions
            .values()
            .filter_map(|s| s.share.as_ref()?.ends);
        waiting.map(|waiting| waiting.until).chain(ends).min()
    }
}
