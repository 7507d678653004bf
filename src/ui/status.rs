//! The status line: formats expanded for a client, or its prompt or message.

use crate::base::{ClientId, Pool, Pos, SessionId, Style};
use crate::config::StyleSpec;
use crate::format::{self, Scope};
use crate::mux::prompt::{Prompt, PromptKind};
use crate::mux::{Client, Mux};

use super::styled::{self, StyledLine};

/// The text of one status line before it is laid out, by which a view knows
/// whether it must be drawn again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatusText {
    text: String,
    base: Style,
    /// The cursor's column in a prompt.
    pub(super) cursor: Option<u16>,
}

impl StatusText {
    pub(super) fn layout(&self, columns: u16, pool: &mut Pool) -> StyledLine {
        styled::layout(&self.text, columns, self.base, pool)
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
    if let Some(private) = private_line(mux, client, scope) {
        // Without a status line the last line of the screen shows it.
        let at = usize::from(count.saturating_sub(1));
        match lines.get_mut(at) {
            Some(line) => *line = private,
            None => lines.push(private),
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
    StatusText {
        text,
        base,
        cursor: None,
    }
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

/// A prompt or message, which stands in place of the last status line.
fn private_line(mux: &Mux, client: &Client, scope: &Scope<'_>) -> Option<StatusText> {
    let style = |option: &str| {
        let text = mux.session_str(client.session, option);
        style_option(mux, scope, text, Style::DEFAULT)
    };
    if let Some(prompt) = &client.prompt {
        return Some(prompt_line(prompt, client, style("message-style")));
    }
    let message = client.message.as_ref()?;
    Some(StatusText {
        text: escape(message.text.as_str()),
        base: style("message-style"),
        cursor: None,
    })
}

/// The prompt with its input, scrolled so that the cursor is in sight.
fn prompt_line(prompt: &Prompt, client: &Client, base: Style) -> StatusText {
    let columns = client.size().map_or(80, |size| usize::from(size.cols()));
    let input = match prompt.kind {
        PromptKind::Confirm { .. } => String::new(),
        PromptKind::Command { .. } => prompt.line.text(),
    };
    let before = crate::base::Label::new(&prompt.line.before_cursor()).width();
    let room = columns.saturating_sub(prompt.label.width() + 1).max(1);
    let skip = before.saturating_sub(room);
    let mut skipped = 0;
    let shown: String = crate::base::width::clusters(&input)
        .filter(|(_, width)| {
            let keep = skipped >= skip;
            if !keep {
                skipped += usize::from(*width);
            }
            keep
        })
        .map(|(cluster, _)| cluster)
        .collect();
    let cursor = prompt.label.width() + before - skipped.min(before);
    StatusText {
        text: format!("{}{}", escape(prompt.label.as_str()), escape(&shown)),
        base,
        cursor: u16::try_from(cursor).ok(),
    }
}

/// Text in which `#` means nothing.
fn escape(text: &str) -> String {
    text.replace('#', "##")
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
