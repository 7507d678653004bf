//! What copy mode has selected, as places and as text, and where copied text
//! goes: the buffers, and the clients' clipboards if `set-clipboard` says so.

use crate::base::{PaneId, WindowId};
use crate::term::{Terminal, ViewPos, select};

use super::copy::{AbsPos, CopyMode, SelectBy};
use super::pane::Pane;
use super::{Client, Mux};

impl CopyMode {
    /// The first and last selected cell, both within; corners for a rectangle.
    /// `exclusive` leaves the later end out, as emacs does with its point.
    #[must_use]
    pub fn selected(
        &self,
        term: &Terminal,
        separators: &str,
        exclusive: bool,
    ) -> Option<(AbsPos, AbsPos)> {
        let selection = self.selection?;
        let (mut from, mut to) = (selection.anchor, selection.head);
        if from > to {
            (from, to) = (to, from);
        }
        let (a, b) = (Self::to_view(term, from), Self::to_view(term, to));
        let ends = self.selected_rows(term, separators, exclusive, (from, to), (a, b))?;
        Some(self.with_folds(term, ends))
    }

    /// Whole folds in place of the lines that stand for them.
    fn with_folds(
        &self,
        term: &Terminal,
        (mut from, mut to): (AbsPos, AbsPos),
    ) -> (AbsPos, AbsPos) {
        if self.rectangle {
            return (from, to);
        }
        if self.fold_label(from.row).is_some() {
            from.col = 0;
        }
        if self.fold_label(to.row).is_some() {
            to = AbsPos {
                row: self.last_of(to.row),
                col: term.size().cols() - 1,
            };
        }
        (from, to)
    }

    fn selected_rows(
        &self,
        term: &Terminal,
        separators: &str,
        exclusive: bool,
        (from, to): (AbsPos, AbsPos),
        (a, b): (ViewPos, ViewPos),
    ) -> Option<(AbsPos, AbsPos)> {
        let selection = self.selection?;
        match selection.by {
            SelectBy::Char if self.rectangle => Some((selection.anchor, selection.head)),
            SelectBy::Char if exclusive => {
                if from == to {
                    return None;
                }
                let cols = term.size().cols();
                let last = match to.col.checked_sub(1) {
                    Some(col) => AbsPos { col, ..to },
                    None => AbsPos {
                        row: super::copy::AbsRow(to.row.0.saturating_sub(1)),
                        col: cols - 1,
                    },
                };
                Some((from, last))
            }
            SelectBy::Char => Some((from, to)),
            SelectBy::Word => term.with_rows(|rows| {
                let first = select::word_at(rows, a, separators).map_or(a, |(start, _)| start);
                let last = select::word_at(rows, b, separators).map_or(b, |(_, end)| end);
                Some((Self::of_view(term, first), Self::of_view(term, last)))
            }),
            SelectBy::Line => term.with_rows(|rows| {
                let first = select::line_start(rows, a);
                let last = ViewPos::new(select::line_end(rows, b).row, rows.cols() - 1);
                Some((Self::of_view(term, first), Self::of_view(term, last)))
            }),
        }
    }
}

impl Pane {
    /// The text that copy mode has selected.
    #[must_use]
    pub fn selected_text(&self, separators: &str, exclusive: bool) -> Option<String> {
        let copy = self.copy.as_deref()?;
        let (from, to) = copy.selected(&self.term, separators, exclusive)?;
        let (from, to) = (
            CopyMode::to_view(&self.term, from),
            CopyMode::to_view(&self.term, to),
        );
        let mut text = self.term.text_range(from, to, copy.rectangle);
        let lines = copy.selection.is_some_and(|s| s.by == SelectBy::Line);
        if lines && !copy.rectangle {
            text.push('\n');
        }
        Some(text)
    }
}

/// Text for clients' own clipboards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// The text.
    pub text: Vec<u8>,
    /// Where it was copied: who does not have this window gets nothing of it.
    /// None is for clients of the server's own user, and never for a guest.
    pub window: Option<WindowId>,
}

impl Mux {
    /// Whether a client's clipboard may have a text.
    #[must_use]
    pub fn may_have(&self, clip: &Clip, client: &Client) -> bool {
        match clip.window {
            None => client.guest_of().is_none(),
            Some(window) => {
                let session = client.session.and_then(|id| self.sessions.get(&id));
                session.is_some_and(|session| session.has(window))
            }
        }
    }

    /// Puts a pane into copy mode, if it is not in it already.
    pub fn enter_copy(&mut self, pane: PaneId) -> bool {
        let Some(pane) = self.panes.get_mut(&pane) else {
            return false;
        };
        if pane.copy.is_none() {
            pane.copy = Some(Box::new(CopyMode::enter(&pane.term)));
            return true;
        }
        false
    }

    /// Adds text copied in a window as the newest buffer, and gives it to the
    /// clipboards of those who have that window.
    pub fn copied(&mut self, text: Vec<u8>, window: WindowId, name: Option<&str>) {
        if text.is_empty() {
            return;
        }
        if self.server_text("set-clipboard") != "off" {
            self.clipboard = Some(Clip {
                text: text.clone(),
                window: Some(window),
            });
        }
        match name {
            Some(name) => self.buffers.set(name, text, self.now),
            None => {
                let limit = self.buffer_limit();
                self.buffers.push(text, limit, self.now);
            }
        }
    }

    /// How many automatic buffers are kept.
    #[must_use]
    pub fn buffer_limit(&self) -> usize {
        usize::try_from(self.server_number("buffer-limit")).unwrap_or(50)
    }
}
