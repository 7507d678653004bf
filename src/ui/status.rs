//! The status line: formats expanded for a client, or its prompt or message.

use crate::base::{ClientId, Key, Pool, Pos, SessionId, Style};
use crate::config::StyleSpec;
use crate::format::{self, Scope};
use crate::mux::{Client, Mux};

use super::prompt::{PromptText, escape};
use super::styled::{self, StyledLine};

/// The text of one status line before it is laid out, by which a view knows
/// whether it must be drawn again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatusText {
    text: String,
    base: Style,
    /// A prompt or message over it.
    pub(super) over: Option<Box<PromptText>>,
}

impl StatusText {
    pub(super) fn layout(&self, columns: u16, pool: &mut Pool) -> StyledLine {
        let mut line = styled::layout(&self.text, columns, self.base, pool);
        if let Some(over) = &self.over {
            over.draw(&mut line.cells, pool);
        }
        line
    }
}

/// A style option expanded and applied over a base.
pub(super) fn style_option(mux: &Mux, scope: &Scope<'_>, text: &str, base: Style) -> Style {
    let expanded = format::expand(text, mux, scope);
    StyleSpec::parse(&expanded).map_or(base, |spec| spec.apply(base, base))
}

/// The lines of a client's status, from the top; the scope is the client's.
pub(super) fn lines(mux: &Mux, client: &Client, scope: &Scope<'_>) -> Vec<StatusText> {
    let count = mux.status_lines(client.session);
    let base = base_style(mux, scope, client.session);
    let mut lines: Vec<_> = (0..count)
        .map(|nth| format_line(mux, scope, client.session, nth, base))
        .collect();
    if let Some(line) = lines.first_mut().filter(|_| client.hint) {
        line.text.push_str(&hint(mux, client.session));
    }
    if let Some(over) = private(mux, client, scope) {
        // Without a status line the last line of the screen shows it.
        let at = message_line(mux, client);
        let over = Some(Box::new(over));
        match lines.get_mut(at) {
            Some(line) => line.over = over,
            None => lines.push(StatusText {
                text: String::new(),
                base: Style::DEFAULT,
                over,
            }),
        }
    }
    lines
}

fn base_style(mux: &Mux, scope: &Scope<'_>, session: Option<SessionId>) -> Style {
    let style = mux.session_str(session, "status-style");
    let mut base = style_option(mux, scope, style, Style::DEFAULT);
    for (option, set_fg) in [("status-fg", true), ("status-bg", false)] {
        let colour = mux.session_str(session, option);
        if colour == "default" || colour.is_empty() {
            continue;
        }
        let key = if set_fg { "fg" } else { "bg" };
        base = style_option(mux, scope, &format!("{key}={colour}"), base);
    }
    base
}

fn format_line(
    mux: &Mux,
    scope: &Scope<'_>,
    session: Option<SessionId>,
    nth: u16,
    base: Style,
) -> StatusText {
    let option = mux.session_option(session, "status-format");
    let template = option.and_then(|value| value.entry(u32::from(nth)));
    let mut text = format::expand_time(template.unwrap_or_default(), mux, scope);
    if nth == 0 && matches!(mux.server_str("share-names"), "status" | "both") {
        text.push_str(&typist(mux, session));
    }
    if nth == 0 && relay_reads(mux, session) {
        text.push_str(" #[reverse] the relay can read ");
    }
    StatusText {
        text,
        base,
        over: None,
    }
}

/// Whether guests may come whose ssh ends in a relay.
fn relay_reads(mux: &Mux, session: Option<SessionId>) -> bool {
    let owner = session.and_then(|id| mux.sessions.get(&id));
    let share = owner.and_then(|owner| owner.share.as_deref());
    let relay = share.and_then(|share| share.relay.as_ref());
    relay.is_some_and(|relay| relay.compat)
}

/// What a newcomer is told, at the right end: how the keys are shown.
fn hint(mux: &Mux, session: Option<SessionId>) -> String {
    let help: Option<Key> = "?".parse().ok();
    let bound = help.and_then(|key| mux.bindings.get("prefix", key));
    let prefix = mux.session_text(session, "prefix");
    if bound.is_none() || prefix == "None" {
        return String::new();
    }
    let prefix = prefix.replacen("C-", "ctrl-", 1);
    format!(" #[reverse] {} ? keys #[noreverse]", escape(&prefix))
}

/// Who typed last in the active pane, at the right end.
fn typist(mux: &Mux, session: Option<SessionId>) -> String {
    let pane = session.and_then(|id| mux.current_pane(id));
    let pane = pane.and_then(|id| mux.panes.get(&id));
    let name = pane.and_then(|pane| pane.typist.as_ref());
    name.map_or_else(String::new, |name| {
        format!(" #[reverse] {} ", escape(name.as_str()))
    })
}

/// A prompt or message over a status line.
fn private(mux: &Mux, client: &Client, scope: &Scope<'_>) -> Option<PromptText> {
    if let Some(message) = &client.message {
        return Some(PromptText::message(mux, scope, &message.text));
    }
    let prompt = client.prompt.as_ref()?;
    Some(PromptText::prompt(mux, scope, prompt))
}

/// The status line on which prompts and messages are (`message-line`).
pub(super) fn message_line(mux: &Mux, client: &Client) -> usize {
    let count = usize::from(mux.status_lines(client.session));
    let wanted = mux.session_str(client.session, "message-line");
    let wanted = wanted.parse::<usize>().unwrap_or(0);
    wanted.min(count.saturating_sub(1))
}

/// The first row of a client's status lines.
pub(super) fn top_row(mux: &Mux, client: &Client) -> u16 {
    let rows = client.size().map_or(0, |size| size.rows());
    let count = mux.status_lines(client.session);
    if at_top(mux, client) {
        0
    } else {
        rows.saturating_sub(count.max(1))
    }
}

/// Whether the status lines are above the window.
pub(super) fn at_top(mux: &Mux, client: &Client) -> bool {
    mux.session_str(client.session, "status-position") == "top"
}

/// Where a client's window begins: below the status lines if they are at the
/// top.
pub(super) fn window_origin(mux: &Mux, client: ClientId) -> Pos {
    let Some(client) = mux.clients.get(&client) else {
        return Pos::default();
    };
    let above = if at_top(mux, client) {
        mux.status_lines(client.session)
    } else {
        0
    };
    Pos::new(0, above)
}
