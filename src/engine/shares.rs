//! Shares: a session opened to guests, and those refused at its door.

use std::net::SocketAddr;

use crate::base::{Label, SessionId, Token};
use crate::exec::Answer;
use crate::mux::effect::ShareInfo;

use super::Engine;

impl Engine {
    pub(super) fn shared(&mut self, token: Token, result: Result<Box<ShareInfo>, String>) {
        if let Ok(info) = &result
            && let Some(session) = self.mux.sessions.get_mut(&info.session)
        {
            session.share = Some(info.clone());
        }
        self.queue.answer(token, Answer::Shared(result));
    }

    pub(super) fn guest_refused(&mut self, session: SessionId, address: SocketAddr) {
        let label = Label::new(&format!("refused a guest from {address}"));
        self.mux.announce(session, &label, None);
    }
}
