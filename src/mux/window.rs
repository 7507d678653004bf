//! A window: a layout of panes, one of them active.

use crate::base::{Now, PaneId, Rect, Size, WindowId};
use crate::config::Options;

use super::layout::Layout;
use super::layout::preset::Preset;

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
    /// The active pane fills the window.
    pub zoomed: bool,
    /// Its size, which its clients or `resize-window` decide.
    pub size: Size,
    /// Options set on this window.
    pub options: Options,
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
    /// Makes a pane active and remembers the one before. Whether it changed.
    pub fn select(&mut self, pane: PaneId) -> bool {
        if pane == self.active || self.layout.rect(pane).is_none() {
            return false;
        }
        let old = self.active;
        self.last.retain(|p| *p != pane && *p != old);
        self.last.insert(0, old);
        self.active = pane;
        true
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
        self.layout.rect(pane).is_some()
    }

    /// The panes to be seen with their places: all of them, or the zoomed one.
    #[must_use]
    pub fn visible(&self) -> Vec<(PaneId, Rect)> {
        if self.zoomed {
            vec![(self.active, Rect::of(self.size))]
        } else {
            self.layout.places()
        }
    }

    /// The place of a pane as it is shown, or would be without zoom.
    #[must_use]
    pub fn place(&self, pane: PaneId) -> Option<Rect> {
        if self.zoomed && pane == self.active {
            return Some(Rect::of(self.size));
        }
        self.layout.rect(pane)
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
