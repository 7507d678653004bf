//! A window: a layout of panes, one of them active.

use crate::base::{ClientId, Now, PaneId, Rect, SessionId, Size, WindowId};
use crate::config::{Options, Value};

use super::Mux;
use super::layout::preset::Preset;
use super::layout::text::Activity;
use super::layout::{Area, Form, Layout};

/// A pane beside which no other can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modal {
    /// The pane.
    pub pane: PaneId,
    /// Every key goes to it, the prefix too (`-K`).
    pub all_keys: bool,
    /// A click outside it ends it (`-C`).
    pub close_on_click: bool,
    /// `Escape` or `C-c` ends it (`-D`).
    pub close_on_escape: bool,
}

/// A window.
#[derive(Debug)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// Its name.
    pub name: String,
    /// Where its panes lie when none is zoomed.
    pub layout: Layout,
    /// The active pane; always in `layout`.
    pub active: PaneId,
    /// Panes that were active before, the latest first; all in `layout`.
    pub last: Vec<PaneId>,
    /// The pane that fills the window; the active one, unless that floats over
    /// it.
    pub zoomed: Option<PaneId>,
    /// Floating panes that are seen over a zoomed one (`new-pane -A`).
    pub over_zoom: Vec<PaneId>,
    /// The floating pane that takes all keys and clicks (`new-pane -O`).
    pub modal: Option<Modal>,
    /// Its size, which its clients or `resize-window` decide.
    pub size: Size,
    /// The size that `resize-window` gave it, or that it was made with.
    pub manual: Size,
    /// The client that used it last, whose size it has (tmux(1), `window-size`).
    pub latest: Option<ClientId>,
    /// Options set on this window.
    pub options: Options,
    /// The sessions that it was linked in, the first first; others may be among
    /// them that have it no more.
    pub(super) linked: Vec<SessionId>,
    /// When it was made.
    pub created: Now,
    /// When a pane last wrote.
    pub activity: Now,
    /// The preset applied last, for `next-layout`.
    pub preset: Option<Preset>,
    /// The layout before the last `select-layout`, for `-o`.
    pub old_layout: Option<String>,
}

impl Window {
    /// A window of one pane. A name that is given is kept (tmux(1),
    /// `automatic-rename`).
    pub(super) fn new(
        (id, size): (WindowId, Size),
        pane: PaneId,
        given: Option<&str>,
        own_name: String,
        now: Now,
    ) -> Self {
        let mut options = Options::default();
        if given.is_some() {
            options.insert("automatic-rename", Value::Flag(false));
        }
        Self {
            id,
            name: given.map_or(own_name, str::to_owned),
            layout: Layout::new(pane, size),
            active: pane,
            last: Vec::new(),
            zoomed: None,
            over_zoom: Vec::new(),
            modal: None,
            size,
            manual: size,
            latest: None,
            options,
            linked: Vec::new(),
            created: now,
            activity: now,
            preset: None,
            old_layout: None,
        }
    }

    /// Makes a pane active and remembers the one before. A zoomed window shows it
    /// then. Whether it changed.
    pub fn select(&mut self, pane: PaneId) -> bool {
        let barred = self.modal.is_some_and(|modal| modal.pane != pane);
        if pane == self.active || barred || !self.has(pane) {
            return false;
        }
        let old = self.active;
        self.last.retain(|p| *p != pane && *p != old);
        self.last.insert(0, old);
        self.active = pane;
        if self.zoomed.is_some() && !self.over_zoom.contains(&pane) {
            self.zoomed = Some(pane);
        }
        true
    }

    /// Brings a floating pane over the others.
    pub fn raise(&mut self, pane: PaneId) {
        if self.layout.floats(pane) {
            self.layout.restack(pane, 0);
        }
    }

    /// Lets a pane fill the window. Whether it does.
    pub fn zoom(&mut self, pane: PaneId) -> bool {
        if self.zoomed.is_some() || self.layout.len() < 2 || !self.has(pane) {
            return false;
        }
        // One that is seen over a zoomed pane stays the active one.
        let over = self.over_zoom.contains(&self.active);
        if pane != self.active && !over && !self.select(pane) {
            return false;
        }
        self.zoomed = Some(pane);
        true
    }

    /// Ends the zoom. Whether there was one.
    pub fn unzoom(&mut self) -> bool {
        self.zoomed.take().is_some()
    }

    /// Forgets a pane that is not in the layout any more; another is active if
    /// it was.
    pub fn forget(&mut self, pane: PaneId) {
        self.last.retain(|p| *p != pane);
        self.over_zoom.retain(|p| *p != pane);
        self.zoomed = self.zoomed.filter(|p| *p != pane);
        self.modal = self.modal.filter(|modal| modal.pane != pane);
    }

    /// The panes in order; their position is `pane_index` less
    /// `pane-base-index`.
    #[must_use]
    pub fn panes(&self) -> Vec<PaneId> {
        self.layout.panes()
    }

    /// Whether the pane is in this window.
    #[must_use]
    pub fn has(&self, pane: PaneId) -> bool {
        self.layout.has(pane)
    }

    /// The tiled panes to be seen with their places, or the zoomed one.
    #[must_use]
    pub fn visible(&self) -> Vec<(PaneId, Rect)> {
        match self.zoomed {
            Some(pane) => vec![(pane, self.layout.zoomed(self.size))],
            None => self.layout.places(),
        }
    }

    /// The floating panes to be seen, the rearmost first.
    #[must_use]
    pub fn floating(&self) -> Vec<(PaneId, Area)> {
        let mut floats = self.layout.floating();
        if let Some(zoomed) = self.zoomed {
            floats.retain(|(pane, _)| *pane != zoomed && self.over_zoom.contains(pane));
        }
        floats
    }

    /// The place of a pane as it is shown, or would be without zoom.
    #[must_use]
    pub fn area(&self, pane: PaneId) -> Option<Area> {
        if self.zoomed == Some(pane) {
            return Some(self.layout.zoomed(self.size).into());
        }
        self.layout.area(pane)
    }

    /// What of [`Self::area`] is not beyond the left and upper edges.
    #[must_use]
    pub fn place(&self, pane: PaneId) -> Option<Rect> {
        self.area(pane).map(Area::clipped)
    }

    /// Who is active and was; `base` is the number of the first pane.
    #[must_use]
    pub fn activity_of_panes(&self, base: i64) -> Activity {
        Activity {
            active: Some(self.active),
            last: self.last.clone(),
            base,
        }
    }

    /// The layout as a string; `base` is the number of the first pane.
    #[must_use]
    pub fn layout_text(&self, form: Form, base: i64) -> String {
        self.layout.to_text(form, &self.activity_of_panes(base))
    }

    /// The layout that is seen, as a string.
    #[must_use]
    pub fn visible_layout_text(&self, form: Form, base: i64) -> String {
        let Some(zoomed) = self.zoomed else {
            return self.layout_text(form, base);
        };
        let over: Vec<PaneId> = self.floating().iter().map(|(pane, _)| *pane).collect();
        let activity = self.activity_of_panes(base);
        self.layout
            .zoomed_text((zoomed, self.size), &over, form, &activity)
    }

    /// How recently a pane was active; larger is later.
    #[must_use]
    pub fn recency(&self, pane: PaneId) -> usize {
        if pane == self.active {
            return usize::MAX;
        }
        let at = self.last.iter().position(|p| *p == pane);
        at.map_or(0, |at| self.last.len() - at)
    }
}

impl Mux {
    /// How layouts are written for a client: as tmux always did for a control
    /// client that has not asked for the newer form.
    #[must_use]
    pub fn layout_form(&self, client: Option<ClientId>) -> Form {
        let client = client.and_then(|id| self.clients.get(&id));
        match client.and_then(|client| client.control.as_deref()) {
            Some(control) if !control.new_layouts => Form::Older,
            _ => Form::Json,
        }
    }
}
