//! Formats (tmux(1), "FORMATS"): `#{…}` over the model. Expansion reads and
//! never changes; it is bounded in depth, work and length, so that no format hangs
//! or fills memory. Styles `#[…]` pass through untouched: drawing them is `ui`'s.

mod arith;
mod expand;
mod fuzzy;
mod loops;
mod modifiers;
mod pattern;
mod shape;
mod time;
mod vars;

use std::cell::Cell;

use crate::base::{ClientId, Now, PaneId, SessionId, WindowId};
use crate::mux::Mux;

pub use fuzzy::rank;
pub use pattern::fnmatch;

/// The version of tmux whose language is followed.
pub const TMUX_VERSION: &str = "3.8";

/// What kind of thing a format was asked to speak of: what `session_format`,
/// `window_format` and `pane_format` tell apart, whatever else is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// None of them.
    #[default]
    None,
    /// A session.
    Session,
    /// A window.
    Window,
    /// A pane.
    Pane,
}

/// What a format speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// The client.
    pub client: Option<ClientId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The window.
    pub window: Option<WindowId>,
    /// The window's index in the session.
    pub index: Option<u32>,
    /// The pane.
    pub pane: Option<PaneId>,
    /// Variables that the context adds; they come before the model's own.
    pub vars: &'a [(String, String)],
    /// The moment, for `#{t:…}` and strftime.
    pub now: Now,
    /// The paste buffer, by name.
    pub buffer: Option<&'a str>,
    /// `#()` may run commands: only for formats that someone wrote who may.
    pub jobs: bool,
    /// The kind of thing that it is about.
    pub kind: Kind,
    /// The client whose command it is.
    pub caller: Option<ClientId>,
    /// Where the format is drawn again by itself, for `#{A:…}`: set when it is
    /// to be soon.
    pub frames: Option<&'a Cell<bool>>,
    /// Set when a variable of the client itself is read: what was expanded then
    /// holds for no other client.
    pub asked: Option<&'a Cell<bool>>,
}

impl<'a> Scope<'a> {
    /// The scope of a session: its current window and active pane.
    #[must_use]
    pub fn of_session(mux: &Mux, session: SessionId) -> Self {
        let owner = mux.sessions.get(&session);
        Self {
            session: Some(session),
            index: owner.map(|s| s.current),
            window: owner.and_then(|s| s.window()),
            pane: mux.current_pane(session),
            now: mux.now,
            kind: Kind::Session,
            ..Self::default()
        }
    }

    /// The scope of a client: its session's current window and active pane.
    #[must_use]
    pub fn of_client(mux: &Mux, client: ClientId) -> Self {
        let session = mux.clients.get(&client).and_then(|c| c.session);
        let scope = session.map_or_else(Self::default, |id| Scope::of_session(mux, id));
        Self {
            client: Some(client),
            now: mux.now,
            kind: Kind::None,
            ..scope
        }
    }

    /// The same scope for a format of the server's own options, which may run
    /// commands.
    #[must_use]
    pub fn trusted(self) -> Self {
        Self { jobs: true, ..self }
    }

    /// The same scope for a format that is about a kind of thing.
    #[must_use]
    pub fn as_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The client, which is then noted as asked for.
    fn asked_client(&self) -> Option<ClientId> {
        if let Some(asked) = self.asked {
            asked.set(true);
        }
        self.client
    }

    /// The same scope with variables added by the context.
    #[must_use]
    pub fn with_vars(self, vars: &'a [(String, String)]) -> Self {
        Self { vars, ..self }
    }
}

/// Expands a format.
#[must_use]
pub fn expand(template: &str, mux: &Mux, scope: &Scope<'_>) -> String {
    expand::Expander::new(mux, scope, false).run(template)
}

/// Expands a format after strftime(3), as status lines and `T:` do.
#[must_use]
pub fn expand_time(template: &str, mux: &Mux, scope: &Scope<'_>) -> String {
    expand::Expander::new(mux, scope, true).run(template)
}

/// Expands a format after strftime(3), and tells step by step how: for people.
#[must_use]
pub fn explain(template: &str, mux: &Mux, scope: &Scope<'_>) -> (Vec<String>, String) {
    let mut expander = expand::Expander::new(mux, scope, true);
    expander.steps = Some(Vec::new());
    let text = expander.run(template);
    (expander.steps.unwrap_or_default(), text)
}

/// Every variable that has a value, with it: those of the model by name, then
/// those of the context.
#[must_use]
pub fn all(mux: &Mux, scope: &Scope<'_>) -> Vec<(String, String)> {
    let own = vars::NAMES.iter().filter_map(|name| {
        let value = vars::variable(name, mux, scope)?;
        Some(((*name).to_owned(), value))
    });
    let mut all: Vec<_> = own.collect();
    let mut given = scope.vars.to_vec();
    given.sort_unstable();
    all.extend(given);
    all
}

/// Whether an expanded condition holds: it is neither empty nor `0`.
#[must_use]
pub fn truthy(text: &str) -> bool {
    !text.is_empty() && text != "0"
}

#[cfg(test)]
mod tests;
