//! Option look-up along the chain pane → window → global, or session → global
//! (tmux(1), "OPTIONS").

use crate::base::{PaneId, SessionId, WindowId};
use crate::config::{Options, Value};

use super::Mux;

impl Mux {
    /// A server option.
    #[must_use]
    pub fn server_option(&self, name: &str) -> Option<&Value> {
        self.options.server.get(name)
    }

    /// A session option as it holds for a session.
    #[must_use]
    pub fn session_option(&self, session: Option<SessionId>, name: &str) -> Option<&Value> {
        let own = session.and_then(|id| self.sessions.get(&id));
        first(name, [own.map(|s| &s.options), Some(&self.options.session)])
    }

    /// A window option as it holds for a window.
    #[must_use]
    pub fn window_option(&self, window: Option<WindowId>, name: &str) -> Option<&Value> {
        let own = window.and_then(|id| self.windows.get(&id));
        first(name, [own.map(|w| &w.options), Some(&self.options.window)])
    }

    /// A pane option as it holds for a pane.
    #[must_use]
    pub fn pane_option(&self, pane: Option<PaneId>, name: &str) -> Option<&Value> {
        let own = pane.and_then(|id| self.panes.get(&id));
        let window = own.map(|pane| pane.window);
        let set = own.and_then(|pane| pane.options.get(name));
        set.or_else(|| self.window_option(window, name))
    }

    /// A server option's number, 0 if it has none.
    #[must_use]
    pub fn server_number(&self, name: &str) -> i64 {
        number(self.server_option(name))
    }

    /// A server option's flag.
    #[must_use]
    pub fn server_flag(&self, name: &str) -> bool {
        flag(self.server_option(name))
    }

    /// A server option's text as it is kept; empty for a number or list.
    #[must_use]
    pub fn server_str(&self, name: &str) -> &str {
        self.server_option(name).map_or("", Value::as_text)
    }

    /// A server option's text.
    #[must_use]
    pub fn server_text(&self, name: &str) -> String {
        text(self.server_option(name))
    }

    /// A session option's number, 0 if it has none.
    #[must_use]
    pub fn session_number(&self, session: Option<SessionId>, name: &str) -> i64 {
        number(self.session_option(session, name))
    }

    /// A session option's flag.
    #[must_use]
    pub fn session_flag(&self, session: Option<SessionId>, name: &str) -> bool {
        flag(self.session_option(session, name))
    }

    /// A session option's text as it is kept; empty for a number or list.
    #[must_use]
    pub fn session_str(&self, session: Option<SessionId>, name: &str) -> &str {
        self.session_option(session, name)
            .map_or("", Value::as_text)
    }

    /// A session option's text.
    #[must_use]
    pub fn session_text(&self, session: Option<SessionId>, name: &str) -> String {
        text(self.session_option(session, name))
    }

    /// A window option's number, 0 if it has none.
    #[must_use]
    pub fn window_number(&self, window: Option<WindowId>, name: &str) -> i64 {
        number(self.window_option(window, name))
    }

    /// A window option's flag.
    #[must_use]
    pub fn window_flag(&self, window: Option<WindowId>, name: &str) -> bool {
        flag(self.window_option(window, name))
    }

    /// A window option's text as it is kept; empty for a number or list.
    #[must_use]
    pub fn window_str(&self, window: Option<WindowId>, name: &str) -> &str {
        self.window_option(window, name).map_or("", Value::as_text)
    }

    /// A window option's text.
    #[must_use]
    pub fn window_text(&self, window: Option<WindowId>, name: &str) -> String {
        text(self.window_option(window, name))
    }

    /// A pane option's flag.
    #[must_use]
    pub fn pane_flag(&self, pane: Option<PaneId>, name: &str) -> bool {
        flag(self.pane_option(pane, name))
    }

    /// A pane option's text as it is kept; empty for a number or list.
    #[must_use]
    pub fn pane_str(&self, pane: Option<PaneId>, name: &str) -> &str {
        self.pane_option(pane, name).map_or("", Value::as_text)
    }

    /// A pane option's text.
    #[must_use]
    pub fn pane_text(&self, pane: Option<PaneId>, name: &str) -> String {
        text(self.pane_option(pane, name))
    }
}

fn first<'a, const N: usize>(name: &str, chain: [Option<&'a Options>; N]) -> Option<&'a Value> {
    chain
        .into_iter()
        .flatten()
        .find_map(|options| options.get(name))
}

fn number(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => *number,
        Some(Value::Flag(on)) => i64::from(*on),
        Some(Value::Text(text)) => text.parse().unwrap_or(0),
        Some(Value::List(_)) | None => 0,
    }
}

/// A choice between off and on is a flag too (`remain-on-exit`, `status`).
fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Flag(on)) => *on,
        Some(Value::Number(number)) => *number != 0,
        Some(Value::Text(text)) => !matches!(text.as_str(), "" | "off" | "0" | "no"),
        Some(Value::List(_)) | None => false,
    }
}

fn text(value: Option<&Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
