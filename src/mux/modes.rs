//! Modes of panes in which something is chosen: a tree of sessions, lists of
//! buffers and clients, options. What is on a list is found out by `exec`,
//! and how it is drawn by `ui`; here is what is kept between two keys.

pub mod tree;

use std::time::Duration;

use crate::base::{PaneId, Rect, SessionId, Size, WindowId};

use super::prompt::Prompt;
use super::resolve::Found;
use super::{Mux, Window};

pub use tree::{Closed, Item, Node, Preview, Tree};

/// What a mode's prompt asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What to search for.
    Search,
    /// Which items to show.
    Filter,
    /// A command for each tagged item.
    Run,
    /// Whether the selected item goes.
    EndCurrent,
    /// Whether the tagged items go.
    EndTagged,
    /// A new value, for the place that the mode remembers.
    Value,
    /// What narrows the list; it is asked for all the time.
    Switch,
}

/// The kinds of modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `choose-tree`.
    Tree,
    /// `choose-buffer`.
    Buffer,
    /// `choose-client`.
    Client,
    /// `customize-mode`.
    Options,
    /// `switch-mode`.
    Switch,
    /// `display-panes`.
    Panes,
}

impl Kind {
    /// Its name, as `#{pane_mode}` shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree-mode",
            Self::Buffer => "buffer-mode",
            Self::Client => "client-mode",
            Self::Options => "options-mode",
            Self::Switch => "switch-mode",
            Self::Panes => "panes-mode",
        }
    }
}

/// Which scope of an option is being set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The command that sets it, without the value.
    pub command: Vec<String>,
}

/// What only `display-panes` has.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// When they go; none waits for a key.
    pub until: Option<Duration>,
    /// No key ends them.
    pub no_keys: bool,
    /// The window whose panes are shown.
    pub window: Option<WindowId>,
}

/// A pane's mode.
#[derive(Clone, Debug)]
pub struct Mode {
    /// What is chosen.
    pub kind: Kind,
    /// The items.
    pub tree: Tree,
    /// How an item is shown: a format.
    pub format: String,
    /// Each line's shortcut: a format.
    pub key_format: String,
    /// The command for the choice, `%%` standing for it.
    pub command: String,
    /// Only items for which this is true, if there is any.
    pub filter: Option<String>,
    /// Where it was opened.
    pub at: Found,
    /// Leaving it kills the pane.
    pub kills: bool,
    /// The pane itself is left out.
    pub hides_own: bool,
    /// Every session of a group is shown.
    pub whole_groups: bool,
    /// What is ended needs no confirmation.
    pub no_confirm: bool,
    /// Information stands in place of the preview.
    pub info: bool,
    /// The pane was zoomed for the mode.
    pub zoomed: bool,
    /// Keys are explained over the items.
    pub help: bool,
    /// What is being asked.
    pub prompt: Option<Box<Prompt>>,
    /// What was searched for last, and whether forwards.
    pub search: Option<(String, bool)>,
    /// How far previews are scrolled.
    pub scrolled: i32,
    /// The scope of an option being set.
    pub edited: Option<Edited>,
    /// What is said of the selected option, each line with styles.
    pub about: Vec<String>,
    /// A guest opened it: only this session is shown.
    pub only: Option<SessionId>,
    /// Windows are listed, not sessions (`switch-mode`).
    pub windows: bool,
    /// What only `display-panes` has.
    pub numbers: Numbers,
    /// The token of a queue that waits for its end.
    pub waiter: Option<crate::base::Token>,
    /// What was true when the items were made; none if they are to be made anew.
    pub held: Option<Held>,
}

/// What the items of a mode stand still for: while none of it changes, what comes
/// and goes elsewhere does not move the list under the hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The size that the pane is seen with.
    pub size: Size,
    /// The name of the pane's session.
    pub session: String,
    /// Its windows: index, name, panes and the active one.
    pub windows: Vec<(u32, String, Vec<PaneId>, PaneId)>,
    /// The window that the session shows.
    pub current: Option<u32>,
}

impl Mode {
    /// A mode without items.
    #[must_use]
    pub fn new(kind: Kind, at: Found) -> Self {
        Self {
            kind,
            tree: Tree::default(),
            format: String::new(),
            key_format: String::new(),
            command: String::new(),
            filter: None,
            at,
            kills: false,
            hides_own: false,
            whole_groups: false,
            no_confirm: false,
            info: false,
            zoomed: false,
            help: false,
            prompt: None,
            search: None,
            scrolled: 0,
            edited: None,
            about: Vec::new(),
            only: None,
            windows: false,
            numbers: Numbers::default(),
            held: None,
            waiter: None,
        }
    }
}

impl Mode {
    /// What has been typed into the mode's prompt.
    #[must_use]
    pub fn typed(&self) -> String {
        let prompt = self.prompt.as_deref();
        prompt.map_or_else(String::new, |prompt| prompt.line.text())
    }
}

impl Mux {
    /// Puts a pane into a mode, zoomed if that is asked for. A pane that is in
    /// one already stays as it is; whether it was put into this one.
    pub fn enter_mode(&mut self, pane: PaneId, mut mode: Mode, zoom: bool) -> bool {
        let Some(owner) = self.panes.get(&pane).filter(|pane| pane.mode.is_none()) else {
            return false;
        };
        let window = owner.window;
        if zoom && let Some(window) = self.windows.get(&window) {
            let fits = window.zoomed.is_none() && window.panes().len() > 1;
            mode.zoomed = fits;
            if fits {
                self.set_zoom(window.id, pane, true);
            }
        }
        if let Some(owner) = self.panes.get_mut(&pane) {
            owner.mode = Some(Box::new(mode));
        }
        self.mode_changed(pane);
        true
    }

    /// Lets all modes show what has come and gone since their items were made.
    pub fn renew_modes(&mut self) {
        for mode in self
            .panes
            .values_mut()
            .filter_map(|pane| pane.mode.as_mut())
        {
            mode.held = None;
        }
    }

    /// Takes a pane out of its mode, which may be the end of the pane.
    pub fn end_mode(&mut self, pane: PaneId) {
        let Some(owner) = self.panes.get_mut(&pane) else {
            return;
        };
        let Some(mode) = owner.mode.take() else {
            return;
        };
        let window = owner.window;
        if mode.zoomed {
            self.set_zoom(window, pane, false);
        }
        if let Some(token) = mode.waiter {
            self.channels.wake(token);
        }
        self.mode_changed(pane);
        if mode.kills {
            self.kill_pane(pane);
        }
    }

    fn set_zoom(&mut self, window: WindowId, pane: PaneId, on: bool) {
        if let Some(window) = self.windows.get_mut(&window) {
            if on {
                window.zoom(pane);
            } else {
                window.unzoom();
            }
        }
    }

    fn mode_changed(&mut self, pane: PaneId) {
        let Some(window) = self.panes.get(&pane).map(|pane| pane.window) else {
            return;
        };
        let session = self.sessions_of(window).next().map(|session| session.id);
        let about = [("hook_pane", pane.to_string())];
        self.fire("pane-mode-changed", session, &about);
    }
}

impl Window {
    /// Where each pane is drawn when the whole window is shown in a room: in
    /// its place, or smaller where the room is.
    #[must_use]
    pub fn numbered(&self, room: Size) -> Vec<(PaneId, Rect)> {
        let (cols, rows) = (u32::from(room.cols()), u32::from(room.rows()));
        let (all_cols, all_rows) = (u32::from(self.size.cols()), u32::from(self.size.rows()));
        let fits = all_cols <= cols && all_rows <= rows;
        let scale = |at: u32, of: u32, all: u32| if fits { at } else { at * of / all.max(1) };
        let cell = |at: u32| u16::try_from(at).unwrap_or(u16::MAX);
        let placed = self.panes().into_iter().filter_map(|pane| {
            let mut rect = self.layout.rect(pane)?;
            // They are shown without scrollbars.
            let insets = self.layout.insets();
            rect.width = rect.width.saturating_add(insets.bar);
            if insets.bar_left {
                rect.x = rect.x.saturating_sub(insets.bar);
            }
            let x = scale(u32::from(rect.x), cols, all_cols);
            let y = scale(u32::from(rect.y), rows, all_rows);
            let right = scale(u32::from(rect.right()), cols, all_cols)
                .max(x + 1)
                .min(cols);
            let bottom = scale(u32::from(rect.bottom()), rows, all_rows)
                .max(y + 1)
                .min(rows);
            let place = Rect {
                x: cell(x),
                y: cell(y),
                width: cell(right.saturating_sub(x)),
                height: cell(bottom.saturating_sub(y)),
            };
            (place.width > 0 && place.height > 0).then_some((pane, place))
        });
        placed.collect()
    }
}
