//! Where copied text goes: the buffers, and the clients' clipboards if
//! `set-clipboard` says so; and how panes come into copy mode. What is copied,
//! copy mode knows.

use crate::base::{PaneId, WindowId};

use super::copy::CopyMode;
use super::{Client, Mux};

/// Text for clients' own clipboards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// The text.
    pub text: Vec<u8>,
    /// Where it was copied: who does not have this window gets nothing of it.
    /// None is for clients of the server's own user, and never for a guest.
    pub window: Option<WindowId>,
}

/// Lines that view mode keeps.
const VIEW_LINES: usize = 100_000;

/// Where copied text is to go.
#[derive(Clone, Copy, Debug)]
pub struct Copied<'a> {
    /// Into a buffer.
    pub buffer: bool,
    /// Onto the clients' clipboards.
    pub clipboard: bool,
    /// What the buffer's name begins with, if not `buffer`.
    pub prefix: Option<&'a str>,
}

impl Default for Copied<'_> {
    fn default() -> Self {
        Self {
            buffer: true,
            clipboard: true,
            prefix: None,
        }
    }
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

    /// Puts a pane into copy mode, of its own picture or another pane's. False if
    /// it is in it already.
    pub fn enter_copy(&mut self, pane: PaneId, source: Option<PaneId>) -> bool {
        let vi = self.has_vi_keys(pane);
        let from = source.unwrap_or(pane);
        let Some(picture) = self.panes.get(&from).map(|pane| pane.term.clone()) else {
            return false;
        };
        let Some(pane) = self.panes.get_mut(&pane) else {
            return false;
        };
        if pane.copy.as_deref().is_some_and(|copy| !copy.is_view()) {
            return false;
        }
        let mut copy = CopyMode::enter(picture, vi);
        if from != pane.id {
            copy.set_source(from);
            copy.trim();
            copy.resize(pane.term.size());
        }
        copy.set_last_search(&pane.last_search, pane.last_search_pattern);
        copy.set_beneath(pane.copy.take());
        pane.clock = false;
        pane.copy = Some(Box::new(copy));
        true
    }

    /// Shows a command's output in a pane, below what is shown there already.
    pub fn show_in_view(&mut self, pane: PaneId, text: &[u8]) {
        let vi = self.has_vi_keys(pane);
        let Some(pane) = self.panes.get_mut(&pane) else {
            return;
        };
        if pane.copy.as_deref().is_none_or(|copy| !copy.is_view()) {
            let config = crate::term::Config {
                history_lines: VIEW_LINES,
                ..crate::term::Config::default()
            };
            let term = crate::term::Terminal::new(pane.term.size(), config);
            let mut view = CopyMode::view(term, vi);
            view.set_last_search(&pane.last_search, pane.last_search_pattern);
            view.set_beneath(pane.copy.take());
            pane.copy = Some(Box::new(view));
        }
        if let Some(copy) = pane.copy.as_deref_mut() {
            copy.show(text);
        }
    }

    /// Leaves the mode that a pane is in, which may kill it.
    pub fn leave_mode(&mut self, pane: PaneId) {
        let kills = self
            .panes
            .get_mut(&pane)
            .is_some_and(super::Pane::leave_mode);
        if kills {
            self.kill_pane(pane);
        }
    }

    /// Leaves every mode that a pane is in.
    pub fn leave_modes(&mut self, pane: PaneId) {
        if let Some(own) = self.panes.get_mut(&pane) {
            own.clock = false;
        }
        self.end_mode(pane);
        while self.panes.get(&pane).is_some_and(|own| own.copy.is_some()) {
            self.leave_mode(pane);
        }
    }

    /// Whether copy mode in a pane has vi's keys.
    #[must_use]
    pub fn has_vi_keys(&self, pane: PaneId) -> bool {
        let window = self.panes.get(&pane).map(|pane| pane.window);
        self.window_str(window, "mode-keys") == "vi"
    }

    /// Shows what panes wrote where copy mode refreshes itself. Whether anything
    /// changed.
    pub fn refresh_copies(&mut self) -> bool {
        let mut changed = false;
        for pane in self.panes.values_mut() {
            let seq = pane.term.seq();
            let Some(copy) = pane.copy.as_deref_mut() else {
                continue;
            };
            if copy.seen() != seq
                && let Some(follow) = copy.wants_refresh()
            {
                copy.refresh(pane.term.clone(), follow);
                changed = true;
            }
        }
        changed
    }

    /// Shows what a pane wrote in its copy mode, once.
    pub fn refresh_copy(&mut self, pane: PaneId) {
        let Some(own) = self.panes.get(&pane) else {
            return;
        };
        let Some(copy) = own.copy.as_deref().filter(|copy| !copy.is_view()) else {
            return;
        };
        let source = copy.source().unwrap_or(pane);
        let Some(picture) = self.panes.get(&source).map(|pane| pane.term.clone()) else {
            return;
        };
        let own = self.panes.get_mut(&pane).and_then(|own| own.copy.as_mut());
        if let Some(copy) = own {
            copy.refresh(picture, false);
        }
    }

    /// Puts copied text into a buffer (`paste`: none for automatic, else a
    /// name's beginning), and gives it to the clipboards of those who have its
    /// window.
    pub fn copied(&mut self, text: Vec<u8>, window: WindowId, to: Copied<'_>) {
        if text.is_empty() {
            return;
        }
        if to.clipboard && self.server_text("set-clipboard") != "off" {
            self.clipboard = Some(Clip {
                text: text.clone(),
                window: Some(window),
            });
        }
        if !to.buffer {
            return;
        }
        let limit = self.buffer_limit();
        self.buffers.push_named(to.prefix, text, limit, self.now);
    }

    /// Appends copied text to the newest buffer, or makes one.
    pub fn append_copied(&mut self, text: Vec<u8>, window: WindowId) {
        let top = self.buffers.get(None).filter(|top| top.automatic);
        let Some((name, mut data)) = top.map(|top| (top.name.clone(), top.data.clone())) else {
            return self.copied(text, window, Copied::default());
        };
        if self.server_text("set-clipboard") != "off" {
            self.clipboard = Some(Clip {
                text: text.clone(),
                window: Some(window),
            });
        }
        data.extend_from_slice(&text);
        self.buffers.set(&name, data, self.now);
    }

    /// How many automatic buffers are kept.
    #[must_use]
    pub fn buffer_limit(&self) -> usize {
        usize::try_from(self.server_number("buffer-limit")).unwrap_or(50)
    }
}
