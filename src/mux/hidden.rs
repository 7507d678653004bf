//! What clients are not to see: the secrets of builds, and the tokens with which
//! one may type in a session, both for whoever may only look and for recordings.
//! It finds nothing itself ([`crate::base::mask`] does) and draws nothing.

use crate::access::Grant;
use crate::base::mask::Secrets;

use super::control::Control;
use super::effect::Effect;
use super::peer::Origin;
use super::session::Session;
use super::{Client, Mux};

/// What is looked for in what goes out. A pane may be in several sessions, so that
/// the values of all count for each.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// The tokens of open shares that let their holder type.
    tokens: Secrets,
    /// Those, and the secrets of all builds.
    all: Secrets,
}

impl Hidden {
    fn of<'a>(sessions: impl Iterator<Item = &'a Session> + Clone) -> Result<Self, String> {
        let shares = sessions
            .clone()
            .filter_map(|session| session.share.as_deref());
        let typing = shares.filter_map(|share| share.token.as_ref());
        let tokens = Secrets::of(typing.map(|token| token.expose()))?;
        let builds = sessions.filter_map(|session| session.debug.as_deref());
        let all = Secrets::joined(builds.map(|debug| &debug.secrets).chain([&tokens]))?;
        Ok(Self { tokens, all })
    }
}

impl Mux {
    /// Gathers anew what is not to be seen: a build or a share came, changed or
    /// went.
    ///
    /// # Errors
    /// A sentence when it is too much to look for; what was gathered before stays.
    pub fn gather_hidden(&mut self) -> Result<(), String> {
        self.hidden = Hidden::of(self.sessions.values())?;
        let controls = self
            .clients
            .values_mut()
            .filter_map(|c| c.control.as_deref_mut());
        controls.for_each(Control::unveil);
        Ok(())
    }

    /// Whether a build's secrets can be looked for beside all that is.
    ///
    /// # Errors
    /// A sentence when it is too much.
    pub fn can_hide(&self, secrets: &Secrets) -> Result<(), String> {
        Secrets::joined([&self.hidden.all, secrets]).map(drop)
    }

    /// What a client is not to see: one that records, and a guest or another user
    /// who may only look. To these the secrets of builds are shown where
    /// `mask-view` says so, tokens never.
    #[must_use]
    pub fn hidden_from(&self, client: &Client) -> Option<&Secrets> {
        let hidden = if client.records || (self.looks_on(client) && self.masks(client)) {
            &self.hidden.all
        } else if self.looks_on(client) {
            &self.hidden.tokens
        } else {
            return None;
        };
        (!hidden.is_empty()).then_some(hidden)
    }

    /// Whether a client is somebody else's and may only look.
    fn looks_on(&self, client: &Client) -> bool {
        let others = match client.origin {
            Origin::Local { uid, .. } => !self.is_own_user(uid),
            _ => client.guest_of().is_some(),
        };
        others && client.effective_grant() == Grant::View
    }

    fn masks(&self, client: &Client) -> bool {
        self.session_flag(client.guest_of().or(client.session), "mask-view")
    }

    /// Takes what clients are not to see out of what is printed for them.
    pub fn mask_printed(&self, effects: &mut [Effect]) {
        for effect in effects {
            let (Effect::Print { client, bytes, .. } | Effect::Control { client, bytes }) = effect
            else {
                continue;
            };
            let client = self.clients.get(client);
            if let Some(secrets) = client.and_then(|client| self.hidden_from(client)) {
                *bytes = secrets.mask_bytes(bytes);
            }
        }
    }
}
