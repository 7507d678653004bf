//! Guests in the model: who waits to be let in, who is here, what is written
//! down of them, and the hooks that tell of it. What a door or a deadline does is
//! the engine's; here is only what it leads to.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::access::Grant;
use crate::base::{ClientId, Now, PaneId, SessionId};

use super::effect::Effect;
use super::peer::Origin;
use super::{Client, Mux};

/// What was decided about a guest who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They come in under this grant.
    Admit(Grant),
    /// They are sent away.
    Deny,
}

/// A guest who waits at the door until someone inside decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What they asked for, run once they are let in.
    pub argv: Vec<String>,
    /// When they are sent away.
    pub until: Duration,
    /// What was decided in this turn.
    pub decision: Option<Decision>,
}

impl Mux {
    /// Whether a user of the machine may do all whatever the list says: the
    /// server's own, and root, who could enter anyway.
    #[must_use]
    pub fn is_own_user(&self, uid: u32) -> bool {
        uid == 0 || uid == self.server.uid
    }

    /// Gives a client that is another user's what `server-access` says now, or
    /// sends it away.
    pub fn hold_to_access(&mut self, id: ClientId) {
        let Some(client) = self.clients.get(&id) else {
            return;
        };
        let Origin::Local { uid, gid, .. } = client.origin else {
            return;
        };
        if self.is_own_user(uid) {
            return;
        }
        match self.local_access.grant(uid, gid) {
            Some(grant) => {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.grant = grant;
                }
            }
            None => self.dismiss(id, 1, Some("[access not allowed]".to_owned())),
        }
    }

    /// The guests of a session: attached, waiting, or with a command.
    pub fn guests(&self, session: SessionId) -> impl Iterator<Item = &Client> {
        self.clients
            .values()
            .filter(move |c| c.guest_of() == Some(session) && !c.dismissed)
    }

    /// Whom the list of people of a session shows: those who wait first, then
    /// whoever is attached, in the order in which they came.
    #[must_use]
    pub fn people(&self, session: SessionId) -> Vec<ClientId> {
        let here = |client: &&Client| {
            (client.session == Some(session) && !client.records)
                || ((client.waiting.is_some() || client.reads_files)
                    && client.guest_of() == Some(session))
        };
        let mut people: Vec<&Client> = self.clients.values().filter(here).collect();
        people.sort_by_key(|client| (client.waiting.is_none(), client.id));
        people.into_iter().map(|client| client.id).collect()
    }

    /// Closes a session to guests and sends them away. Whether it was shared.
    pub fn unshare(&mut self, session: SessionId, message: &str) -> bool {
        let owner = self.sessions.get_mut(&session);
        if owner.and_then(|owner| owner.share.take()).is_none() {
            return false;
        }
        // It is less than before, which was not too much.
        self.gather_hidden().unwrap_or_default();
        let guests: Vec<ClientId> = self.guests(session).map(|client| client.id).collect();
        for guest in guests {
            self.dismiss(guest, 0, Some(message.to_owned()));
        }
        self.emit(Effect::Unshare { session });
        true
    }

    /// The clients whose focus is in a pane: it is the active one of what they
    /// look at.
    pub fn watchers(&self, pane: PaneId) -> impl Iterator<Item = &Client> {
        let looks = move |client: &&Client| {
            let session = client.session;
            session.and_then(|id| self.current_pane(id)) == Some(pane) && !client.records
        };
        self.clients.values().filter(looks)
    }

    /// Writes a line about a guest to the share's audit log, if it has one.
    pub fn audit_guest(&mut self, session: SessionId, event: &str, client: &Client) {
        let mut fields = Map::new();
        fields.insert("client".to_owned(), json!(client.name));
        fields.insert(
            "grant".to_owned(),
            json!(client.effective_grant().to_string()),
        );
        if let Origin::Ssh {
            address,
            means,
            key,
            name,
            ..
        } = &client.origin
        {
            fields.insert("name".to_owned(), json!(name));
            fields.insert("address".to_owned(), json!(address.ip().to_string()));
            fields.insert("port".to_owned(), json!(address.port()));
            fields.insert("means".to_owned(), json!(means.to_string()));
            if !key.is_empty() {
                fields.insert("key".to_owned(), json!(key));
            }
        }
        self.audit(session, event, fields);
    }

    /// Writes a line to the share's audit log, if it has one. It never holds a
    /// token, a user name as it was given, or what was typed.
    pub fn audit(&mut self, session: SessionId, event: &str, fields: Map<String, Value>) {
        let Some(owner) = self.sessions.get(&session) else {
            return;
        };
        let path = owner.share.as_ref().map(|share| share.audit.clone());
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            return;
        };
        let mut line = Map::new();
        line.insert("time".to_owned(), json!(stamp(self.now)));
        line.insert("event".to_owned(), json!(event));
        line.insert("session".to_owned(), json!(owner.name));
        line.extend(fields);
        let line = Value::Object(line).to_string();
        self.emit(Effect::Audit { path, line });
    }
}

/// A moment as RFC 3339 has it, in UTC.
fn stamp(now: Now) -> String {
    jiff::Timestamp::from_microsecond(now.unix_us)
        .map_or_else(|_| String::new(), |at| at.to_string())
}
