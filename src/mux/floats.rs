//! What floats over a client's panes: menus, and popups in which a program
//! runs. Both are the client's alone. How they are drawn is `ui`'s, what their
//! keys run the engine's.

use std::collections::BTreeMap;

use crate::base::{ClientId, Key, PaneId, Pos, Size, Token};
use crate::term::Terminal;

use super::resolve::{Current, Found};
use super::{Effect, MouseAt, Mux};

/// Where something that floats is to be, before its client's screen is known:
/// formats, or the letters of tmux(1), "display-menu".
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The left edge.
    pub x: Option<String>,
    /// The bottom edge.
    pub y: Option<String>,
    /// The pane that it is about.
    pub at: Found,
    /// The mouse event that led to it.
    pub mouse: Option<MouseAt>,
}

/// How it looks: styles and lines, expanded.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// Inside.
    pub style: String,
    /// The border.
    pub border: String,
    /// The selected item of a menu.
    pub selected: String,
    /// The border's lines, by the names of `popup-border-lines`.
    pub lines: String,
}

/// An item of a menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// Its name and key, styles included; none is a line between items.
    pub name: Option<String>,
    /// It cannot be chosen.
    pub disabled: bool,
    /// Its shortcut.
    pub key: Option<Key>,
    /// What it runs.
    pub command: String,
}

/// A menu.
#[derive(Clone, Debug)]
pub struct Menu {
    /// The title, styles included.
    pub title: String,
    /// The items.
    pub items: Vec<MenuItem>,
    /// The selected one.
    pub choice: Option<usize>,
    /// Columns of the longest name.
    pub width: u16,
    /// Where it is to be, until it has been placed.
    pub wanted: Option<Wanted>,
    /// Its top left corner.
    pub at: Pos,
    /// How it looks.
    pub looks: Looks,
    /// It takes the mouse.
    pub mouse: bool,
    /// A button that is let go beside it leaves it open.
    pub stays_open: bool,
    /// What a missing target means in its commands.
    pub current: Current,
    /// The mouse event that it was opened by.
    pub event: Option<MouseAt>,
}

impl Menu {
    /// Its size with its border.
    #[must_use]
    pub fn size(&self) -> Size {
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX - 2);
        Size::new(self.width.saturating_add(4), rows.saturating_add(2))
    }

    /// Whether an item can be chosen.
    #[must_use]
    pub fn can_choose(&self, at: usize) -> bool {
        let item = self.items.get(at);
        item.is_some_and(|item| item.name.is_some() && !item.disabled)
    }

    /// Selects the next item that can be chosen, round the ends.
    pub fn step(&mut self, down: bool) {
        let count = self.items.len();
        let mut at = self.choice;
        for _ in 0..count {
            at = Some(match (at, down) {
                (None, true) => 0,
                (None, false) | (Some(0), false) => count - 1,
                (Some(at), true) => (at + 1) % count,
                (Some(at), false) => at - 1,
            });
            if at.is_some_and(|at| self.can_choose(at)) {
                self.choice = at;
                return;
            }
        }
    }

    /// Goes five items that can be chosen on or back, no further than the ends.
    pub fn page(&mut self, down: bool) {
        for _ in 0..5 {
            let before = self.choice;
            self.step(down);
            let round = match (before, self.choice) {
                (Some(before), Some(now)) => (now < before) == down,
                _ => false,
            };
            if round {
                self.choice = before;
                return;
            }
        }
    }
}

/// What a drag does to a popup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drag {
    /// It is moved, held at this place of it.
    Move(Pos),
    /// Its corner is moved.
    Size,
}

/// A popup.
pub struct Popup {
    /// By what its process is known; it is no pane of a window.
    pub id: PaneId,
    /// Its terminal.
    pub term: Terminal,
    /// Its top left corner.
    pub at: Pos,
    /// Its size with its border.
    pub size: Size,
    /// Where and how large it was last asked to be.
    pub asked: (Pos, Size),
    /// Where it is to be, until it has been placed.
    pub wanted: Option<Wanted>,
    /// The title, styles included.
    pub title: String,
    /// How it looks.
    pub looks: Looks,
    /// It closes when its program ends: 1 always, 2 when that went well.
    pub closes: u8,
    /// Any key closes it once its program has ended.
    pub any_key: bool,
    /// Its program has ended, with this status.
    pub ended: Option<u8>,
    /// What the mouse is doing to it.
    pub drag: Option<Drag>,
    /// The token of a queue that waits for its end.
    pub waiter: Option<Token>,
}

impl Popup {
    /// Whether it has a border.
    #[must_use]
    pub fn bordered(&self) -> bool {
        self.looks.lines != "none"
    }

    /// The size of its terminal.
    #[must_use]
    pub fn inner(&self) -> Size {
        inner(self.size, self.bordered())
    }

    /// The place of the terminal's first cell.
    #[must_use]
    pub fn origin(&self) -> Pos {
        let edge = u16::from(self.bordered());
        Pos::new(self.at.x + edge, self.at.y + edge)
    }

    /// Moves and resizes it so that it is on a screen.
    pub fn fit(&mut self, screen: Size) {
        let (at, size) = self.asked;
        let cols = size.cols().min(screen.cols());
        let rows = size.rows().min(screen.rows());
        self.size = Size::new(cols, rows);
        self.at = Pos::new(
            at.x.min(screen.cols() - cols),
            at.y.min(screen.rows() - rows),
        );
    }
}

/// What a border leaves of a size.
#[must_use]
pub fn inner(size: Size, bordered: bool) -> Size {
    let edge = if bordered { 2 } else { 0 };
    Size::new(
        size.cols().saturating_sub(edge),
        size.rows().saturating_sub(edge),
    )
}

impl std::fmt::Debug for Popup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the content: it may hold what must not be logged.
        f.debug_struct("Popup")
            .field("id", &self.id)
            .field("at", &self.at)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// What floats over a client's panes.
#[derive(Debug, Default)]
pub struct Floats {
    /// A popup.
    pub popup: Option<Box<Popup>>,
    /// A menu, over the popup too.
    pub menu: Option<Box<Menu>>,
}

impl Floats {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.popup.is_none() && self.menu.is_none()
    }
}

/// All that floats, by client.
pub type ByClient = BTreeMap<ClientId, Floats>;

impl Mux {
    /// The menu of a client.
    #[must_use]
    pub fn menu_of(&self, client: ClientId) -> Option<&Menu> {
        self.floats.get(&client)?.menu.as_deref()
    }

    /// The popup of a client.
    #[must_use]
    pub fn popup_of(&self, client: ClientId) -> Option<&Popup> {
        self.floats.get(&client)?.popup.as_deref()
    }

    /// The popup whose process has an id, and whose it is.
    pub fn popup_mut(&mut self, id: PaneId) -> Option<(ClientId, &mut Popup)> {
        self.floats.iter_mut().find_map(|(client, floats)| {
            let popup = floats.popup.as_deref_mut().filter(|popup| popup.id == id)?;
            Some((*client, popup))
        })
    }

    /// Closes a client's menu.
    pub fn close_menu(&mut self, client: ClientId) -> Option<Box<Menu>> {
        let floats = self.floats.get_mut(&client)?;
        let menu = floats.menu.take();
        if floats.is_empty() {
            self.floats.remove(&client);
        }
        menu
    }

    /// Closes a client's popup and ends what runs in it. Who waited for it
    /// learns the status of its program.
    pub fn close_popup(&mut self, client: ClientId) {
        const HANGUP: u8 = 129;
        let Some(floats) = self.floats.get_mut(&client) else {
            return;
        };
        let Some(popup) = floats.popup.take() else {
            return;
        };
        if floats.is_empty() {
            self.floats.remove(&client);
        }
        if popup.ended.is_none() {
            self.emit(Effect::PaneClose { pane: popup.id });
        }
        if let Some(token) = popup.waiter {
            self.popups_closed
                .push((token, popup.ended.unwrap_or(HANGUP)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(names: &[&str]) -> Menu {
        let item = |name: &&str| MenuItem {
            name: (!name.is_empty()).then(|| (*name).to_owned()),
            disabled: name.starts_with('-'),
            key: None,
            command: String::new(),
        };
        Menu {
            title: String::new(),
            items: names.iter().map(item).collect(),
            choice: None,
            width: 5,
            wanted: None,
            at: Pos::default(),
            looks: Looks::default(),
            mouse: false,
            stays_open: false,
            current: Current::default(),
            event: None,
        }
    }

    #[test]
    fn menu_steps_and_pages_over_what_cannot_be_chosen() {
        let mut own = menu(&["a", "", "-b", "c"]);
        for (down, at) in [(true, 0), (true, 3), (true, 0), (false, 3), (false, 0)] {
            own.step(down);
            assert_eq!(own.choice, Some(at));
        }
        let mut long = menu(&["a", "b", "", "c", "d", "e", "f", "g", "-h"]);
        long.choice = Some(0);
        for (down, at) in [(true, 6), (true, 7), (true, 7), (false, 1), (false, 0)] {
            long.page(down);
            assert_eq!(long.choice, Some(at));
        }
        let mut none = menu(&["", "-b"]);
        none.step(true);
        assert_eq!((none.choice, none.size()), (None, Size::new(9, 4)));
    }
}
