//! Sizes: which clients decide a window's size (`window-size`), and how a new
//! size reaches layouts, terminals and processes. Called once a turn.

use crate::access::Grant;
use crate::base::{ClientId, PaneId, SessionId, Size, WindowId};

use crate::config::StyleSpec;

use super::Mux;
use super::client::Client;
use super::effect::Effect;
use super::layout::{Insets, StatusSide};
use super::session::Session;

impl Mux {
    /// Brings every window, pane and process to its size.
    pub fn settle_sizes(&mut self) {
        let windows: Vec<_> = self.windows.keys().copied().collect();
        let now = std::mem::take(&mut self.resize_now);
        for window in windows {
            if let Some(size) = self.wanted_size(window, now) {
                self.resize_window(window, size);
            }
            self.settle_panes(window);
        }
    }

    /// Brings every terminal to the size of its place in the layout, so that
    /// the next command on a line sees it.
    pub fn settle_layouts(&mut self) {
        let windows: Vec<_> = self.windows.keys().copied().collect();
        for window in windows {
            self.settle_panes(window);
        }
    }

    /// Gives a window a size; its panes follow at the end of the turn.
    pub fn resize_window(&mut self, window: WindowId, size: Size) {
        let Some(owner) = self.windows.get(&window) else {
            return;
        };
        let framed: Vec<PaneId> = owner
            .layout
            .floating()
            .into_iter()
            .filter(|(pane, _)| self.pane_str(Some(*pane), "pane-border-lines") != "none")
            .map(|(pane, _)| pane)
            .collect();
        if let Some(window) = self.windows.get_mut(&window)
            && (window.size != size || window.layout.size() != size)
        {
            window.layout.resize(size);
            // Panes that cannot shrink further keep the window as large.
            window.size = join(size, window.layout.size(), u16::max);
            let size = window.size;
            window
                .layout
                .fit_floats(size, |pane| framed.contains(&pane));
        }
    }

    /// What a client leaves for windows: its screen without the status line.
    #[must_use]
    pub fn window_area(&self, client: &Client) -> Option<Size> {
        let size = client.size()?;
        if client.control.is_some() {
            return Some(size);
        }
        let lines = self.status_lines(client.session);
        Some(Size::new(size.cols(), size.rows().saturating_sub(lines)))
    }

    /// How many lines the status line takes in a session.
    #[must_use]
    pub fn status_lines(&self, session: Option<SessionId>) -> u16 {
        match self.session_str(session, "status") {
            "off" => 0,
            text => text.parse().map_or(1, |n: u16| n.clamp(0, 5)),
        }
    }

    /// The size that a window's clients want. One that no attached session shows
    /// waits until one does, unless all are to follow `now`.
    fn wanted_size(&self, window: WindowId, now: bool) -> Option<Size> {
        let owner = self.windows.get(&window)?;
        let policy = self.window_str(Some(window), "window-size");
        let session_of = |client: &Client| self.sessions.get(&client.session?);
        let shows = |client: &Client| session_of(client).and_then(Session::window) == Some(window);
        if !now && policy != "manual" && !self.clients.values().any(shows) {
            return None;
        }
        let aggressive = self.window_flag(Some(window), "aggressive-resize");
        let has = |client: &Client| session_of(client).is_some_and(|s| s.has(window));
        let counts = |client: &&Client| self.sizes(client, Some(window));
        let here = || self.clients.values().filter(|client| has(client));
        let several = here().filter(counts).nth(1).is_some();
        let clients = || {
            here()
                .filter(counts)
                .filter(|client| !aggressive || shows(client))
        };
        let own = |client: &Client| client.control.as_ref()?.window_sizes.get(&window).copied();
        let area = |client: &Client| own(client).or_else(|| self.window_area(client));
        let areas = || clients().filter_map(area);
        let wanted = match policy {
            "manual" => Some(owner.manual),
            "smallest" => areas().reduce(|a, b| join(a, b, u16::min)),
            "largest" => areas().reduce(|a, b| join(a, b, u16::max)),
            // One alone decides, of several the one that used it last; once that
            // has left, the one used last.
            _ => {
                let gone = |id: ClientId| {
                    let client = self.clients.get(&id);
                    client.is_none_or(|client| client.session.is_none())
                };
                if owner.latest.is_some_and(gone) {
                    clients().max_by_key(|client| client.latest)
                } else {
                    clients().find(|client| !several || owner.latest == Some(client.id))
                }
                .and_then(area)
            }
        };
        // What a control client says of a window bounds it, whoever decides.
        let bounds = clients().filter_map(own);
        bounds.fold(wanted, |size, own| Some(join(size?, own, u16::min)))
    }

    /// Whether a client has a say in sizes, of a window or of a new one. One that
    /// wants none (`ignore-size`) has it as long as nobody else does, as in tmux.
    fn sizes(&self, client: &Client, window: Option<WindowId>) -> bool {
        let others = || {
            let mut others = self.clients.values();
            others.any(|other| {
                other.session.is_some() && !other.ignore_size && self.may_size(other, None)
            })
        };
        self.may_size(client, window) && !(client.ignore_size && others())
    }

    pub(super) fn may_size(&self, client: &Client, window: Option<WindowId>) -> bool {
        if client.records {
            return false;
        }
        let types = client.effective_grant().allows(Grant::Type);
        let looks_on = client.guest_of().is_some() && !types;
        let silent = client.control.as_ref().is_some_and(|control| {
            let sized = window.is_some_and(|id| control.window_sizes.contains_key(&id));
            !types || !control.sized && !sized
        });
        !silent && (self.server_flag("share-viewer-size") || !looks_on)
    }

    /// The size that a session's clients give to what is new in it by a
    /// `window-size` policy; with nobody there that of `default-size`
    /// (tmux(1), `default-size`).
    #[must_use]
    pub fn session_size(&self, session: SessionId, policy: &str) -> Size {
        let clients = || {
            let here = |client: &&Client| client.session == Some(session);
            let counts = |client: &&Client| self.sizes(client, None);
            self.clients.values().filter(here).filter(counts)
        };
        let areas = || clients().filter_map(|client| self.window_area(client));
        let wanted = match policy {
            "manual" => None,
            "smallest" => areas().reduce(|a, b| join(a, b, u16::min)),
            "largest" => areas().reduce(|a, b| join(a, b, u16::max)),
            _ => clients()
                .max_by_key(|client| client.latest)
                .and_then(|client| self.window_area(client)),
        };
        wanted.unwrap_or_else(|| self.default_size(Some(session)))
    }

    /// The `default-size` option of a session, or the global one; `80x24` when
    /// it cannot be read.
    #[must_use]
    pub fn default_size(&self, session: Option<SessionId>) -> Size {
        let text = self.session_str(session, "default-size");
        let read = || {
            let (cols, rows) = text.split_once('x')?;
            let side = |text: &str| text.parse::<u16>().ok();
            Some(Size::new(side(cols)?, side(rows)?))
        };
        read().unwrap_or(Size::DEFAULT)
    }

    /// Tells a window's layout what borders' status lines and scrollbars take.
    pub fn configure_insets(&mut self, id: WindowId) {
        let status = match self.window_str(Some(id), "pane-border-status") {
            "top" => Some(StatusSide::Top),
            "bottom" => Some(StatusSide::Bottom),
            _ => None,
        };
        let bar = if self.window_str(Some(id), "pane-scrollbars") == "on" {
            let style = StyleSpec::parse(self.window_str(Some(id), "pane-scrollbars-style"));
            let style = style.unwrap_or_default();
            let width = style.width.unwrap_or(1).max(1);
            width.saturating_add(style.pad.unwrap_or(0))
        } else {
            0
        };
        let insets = Insets {
            status,
            bar,
            bar_left: self.window_str(Some(id), "pane-scrollbars-position") == "left",
        };
        if let Some(window) = self.windows.get_mut(&id) {
            window.layout.set_insets(insets);
        }
    }

    fn settle_panes(&mut self, window: WindowId) {
        let Some(window) = self.windows.get(&window) else {
            return;
        };
        let mut sizes: Vec<(PaneId, Size)> = window.layout.sizes();
        if let Some(zoomed) = window.zoomed {
            sizes.retain(|(pane, _)| *pane != zoomed);
            sizes.push((zoomed, window.layout.zoomed(window.size).size()));
        }
        for (id, size) in sizes {
            let Some(pane) = self.panes.get_mut(&id) else {
                continue;
            };
            if pane.term.size() != size {
                pane.term.resize(size);
                let mut mode = pane.copy.as_deref_mut();
                while let Some(own) = mode {
                    own.resize(size);
                    mode = own.beneath_mut();
                }
                if pane.dead.is_none() {
                    self.effects.push(Effect::PaneResize { pane: id, size });
                    let bytes = pane.term.size_report();
                    if !bytes.is_empty() {
                        self.effects.push(Effect::PaneWrite { pane: id, bytes });
                    }
                }
            }
        }
    }
}

fn join(a: Size, b: Size, pick: fn(u16, u16) -> u16) -> Size {
    Size::new(pick(a.cols(), b.cols()), pick(a.rows(), b.rows()))
}
