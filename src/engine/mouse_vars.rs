//! The variables that a mouse key's commands know of where the mouse was:
//! `mouse_x`, `mouse_word` and their like.

use crate::base::{ClientId, PaneId, SessionId};
use crate::config::RangeSpec;
use crate::exec::MouseAt;
use crate::mux::copy::CopyMode;
use crate::ui;

use super::Engine;

impl Engine {
    /// What commands of a mouse key know of it.
    pub(super) fn mouse_variables(&self, client: ClientId, at: &MouseAt) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: String| out.push((name.to_owned(), value));
        let place = crate::base::Pos::new(at.event.x, at.event.y);
        if let Some((line, range)) = ui::status_range(&self.mux, client, place) {
            let pane = at.pane.or_else(|| match at.window {
                Some(index) => self.window_at(at.session, index),
                None => self.active_pane(client),
            });
            add(
                "mouse_pane",
                pane.map(|id| id.to_string()).unwrap_or_default(),
            );
            add("mouse_x", place.x.to_string());
            add("mouse_y", line.to_string());
            add("mouse_status_line", line.to_string());
            let range = match range {
                RangeSpec::None => String::new(),
                RangeSpec::Left => "left".to_owned(),
                RangeSpec::Right => "right".to_owned(),
                RangeSpec::Pane(_) => "pane".to_owned(),
                RangeSpec::Window(_) | RangeSpec::WindowId(_) => "window".to_owned(),
                RangeSpec::Session(_) => "session".to_owned(),
                RangeSpec::Control(_) => "control".to_owned(),
                RangeSpec::User(name) => name,
            };
            add("mouse_status_range", range);
            return out;
        }
        let Some(pane) = at.pane.and_then(|id| self.mux.panes.get(&id)) else {
            return out;
        };
        add("mouse_pane", pane.id.to_string());
        let size = pane.size();
        let Some(inside) = at.inside(size.cols(), size.rows()) else {
            return out;
        };
        add("mouse_x", inside.x.to_string());
        add("mouse_y", inside.y.to_string());
        let (x, y) = (usize::from(inside.x), usize::from(inside.y));
        let separators = self.mux.session_str(None, "word-separators");
        let mut tell = |copy: &CopyMode| {
            add("mouse_line", copy.line_text(y));
            add("mouse_word", copy.word_text(x, y, separators));
            add("mouse_hyperlink", copy.link_at(x, y).unwrap_or_default());
        };
        match pane.copy.as_deref() {
            Some(copy) => tell(copy),
            None => tell(&CopyMode::enter(pane.term.clone(), false)),
        }
        out
    }

    /// The active pane of a window by its index.
    fn window_at(&self, session: Option<SessionId>, index: u32) -> Option<PaneId> {
        let session = self.mux.sessions.get(&session?)?;
        let window = self.mux.windows.get(&session.links.get(&index)?.window)?;
        Some(window.active)
    }
}
