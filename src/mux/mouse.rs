//! What the mouse does in the model: reports for a pane's program, a selection
//! or a border that is dragged. Which key a report is, the engine has decided.

use crate::base::{MouseEvent, PaneId, Pos, SessionId};

use super::layout::Direction;
use super::{Effect, Mux};

/// A pane's top left corner in cells of a client's screen, which may lie beyond
/// its edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corner {
    /// Cells from the left.
    pub x: i32,
    /// Cells from the top.
    pub y: i32,
}

impl Corner {
    /// A place of the screen as one of the pane, brought into it where it lies
    /// outside.
    #[must_use]
    pub fn inside(self, at: Pos, cols: u16, rows: u16) -> Pos {
        let within = |at: u16, from: i32, size: u16| {
            let last = i32::from(size.saturating_sub(1));
            u16::try_from((i32::from(at) - from).clamp(0, last)).unwrap_or(0)
        };
        Pos::new(within(at.x, self.x, cols), within(at.y, self.y, rows))
    }
}

/// A mouse report with what lay under it.
#[derive(Clone, Copy, Debug)]
pub struct MouseAt {
    /// The report, in cells of the client's screen.
    pub event: MouseEvent,
    /// The client's session.
    pub session: Option<SessionId>,
    /// The window whose name it was on, by its index.
    pub window: Option<u32>,
    /// The pane it was in, or whose border it was on.
    pub pane: Option<PaneId>,
    /// The pane's top left corner on the client's screen, if it was in one.
    pub origin: Option<Corner>,
    /// Where the button went down.
    pub start: Pos,
    /// Where the report before was.
    pub last: Pos,
}

impl MouseAt {
    /// The place inside the pane, brought into it where it lies outside.
    #[must_use]
    pub fn inside(&self, cols: u16, rows: u16) -> Option<Pos> {
        let origin = self.origin?;
        Some(origin.inside(Pos::new(self.event.x, self.event.y), cols, rows))
    }
}

impl Mux {
    /// The panes that a key typed into one reaches: all of its window with
    /// `synchronize-panes`.
    #[must_use]
    pub fn typed_into(&self, pane: PaneId) -> Vec<PaneId> {
        if !self.pane_flag(Some(pane), "synchronize-panes") {
            return vec![pane];
        }
        let Some(window) = self.window_of(pane) else {
            return Vec::new();
        };
        let mut panes = window.panes();
        panes.retain(|other| *other == pane || self.pane_flag(Some(*other), "synchronize-panes"));
        panes
    }

    /// Reports the mouse to the program of the pane it is in, if it asked.
    pub fn mouse_to_pane(&mut self, at: MouseAt) {
        let Some(id) = at.pane else { return };
        let Some(pane) = self.panes.get(&id).filter(|pane| pane.takes_input()) else {
            return;
        };
        let size = pane.size();
        let Some(place) = at.inside(size.cols(), size.rows()) else {
            return;
        };
        if pane.copy.is_some() {
            return;
        }
        let event = MouseEvent {
            x: place.x,
            y: place.y,
            ..at.event
        };
        let mut bytes = Vec::new();
        pane.term.encode_mouse(&event, &mut bytes);
        if !bytes.is_empty() {
            self.emit(Effect::PaneWrite { pane: id, bytes });
        }
    }

    /// Moves a dragged selection's end to a place of the client's screen;
    /// above and below the pane it scrolls. Whether there is one to move.
    pub fn drag_selection(&mut self, pane: PaneId, origin: Corner, to: Pos) -> bool {
        let Some(owner) = self.panes.get_mut(&pane) else {
            return false;
        };
        let Some(copy) = owner.copy.as_deref_mut() else {
            return false;
        };
        if copy.selection.is_none_or(|selection| selection.stopped) {
            return false;
        }
        let size = owner.term.size();
        let row = i64::from(to.y) - i64::from(origin.y);
        let last = i64::from(size.rows()) - 1;
        if row < 0 || row > last {
            copy.scroll(&owner.term, if row < 0 { -1 } else { 1 });
        }
        let to = origin.inside(to, size.cols(), size.rows());
        copy.point(&owner.term, to);
        true
    }

    /// Moves the border at the right of or below a pane along with the mouse.
    /// Whether there is such a pane.
    pub fn drag_border(&mut self, pane: PaneId, last: Pos, to: Pos) -> bool {
        let Some(window) = self.panes.get(&pane).map(|pane| pane.window) else {
            return false;
        };
        let Some(window) = self.windows.get_mut(&window).filter(|w| !w.zoomed) else {
            return false;
        };
        let moves = [
            (
                to.x.abs_diff(last.x),
                to.x > last.x,
                Direction::Right,
                Direction::Left,
            ),
            (
                to.y.abs_diff(last.y),
                to.y > last.y,
                Direction::Down,
                Direction::Up,
            ),
        ];
        for (cells, forward, on, back) in moves {
            if cells > 0 {
                window
                    .layout
                    .resize_pane(pane, if forward { on } else { back }, cells);
            }
        }
        true
    }
}
