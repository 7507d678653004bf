//! What the mouse does in the model: reports for a pane's program, a selection
//! or a border that is dragged. Which key a report is, the engine has decided.

use crate::base::{ClientId, MouseAction, MouseEvent, PaneId, Pos, SessionId, WindowId};

use super::copy::{CopyMode, Numbering};
use super::drag::Edges;
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
    /// The client.
    pub client: Option<ClientId>,
    /// A drag goes on that copy mode or a border follows.
    pub drags: bool,
}

/// What a drag that has begun goes on to do, without asking the key tables again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drag {
    /// It moves an end of copy mode's selection in a pane.
    Select {
        /// The pane.
        pane: PaneId,
        /// Its corner on the client's screen.
        origin: Corner,
    },
    /// It moves a border between tiled panes.
    Border(WindowId),
    /// It moves a floating pane.
    Float(PaneId),
    /// It moves edges of a floating pane.
    Edges(PaneId, Edges),
    /// It draws a new floating pane.
    Draw {
        /// The pane.
        pane: PaneId,
        /// The corner that stays, in cells of the window.
        start: (i32, i32),
        /// The corners are those of its border.
        framed: bool,
    },
    /// It moves the slider of a pane's scrollbar.
    Slider {
        /// The pane.
        pane: PaneId,
        /// The row of the slider that is held.
        held: i32,
        /// Leave copy mode at the bottom.
        exits: bool,
    },
}

impl MouseAt {
    /// Whether the wheel was turned.
    #[must_use]
    pub fn is_wheel(&self) -> bool {
        matches!(
            self.event.action,
            MouseAction::WheelUp | MouseAction::WheelDown
        )
    }

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

    /// Copy mode of a pane with the line numbers that it shows, to turn a place
    /// of the view into one of the text.
    fn copy_under(&mut self, pane: PaneId) -> Option<(&mut CopyMode, Numbering)> {
        let window = self.panes.get(&pane)?.window;
        let vi = self.has_vi_keys(pane);
        let numbers = self.window_text(Some(window), "copy-mode-line-numbers");
        let copy = self.panes.get_mut(&pane)?.copy.as_deref_mut()?;
        copy.set_keys(vi);
        let numbering = copy.numbering(&numbers);
        Some((copy, numbering))
    }

    /// Puts copy mode's cursor where the mouse is.
    pub fn point(&mut self, at: MouseAt) {
        let (Some(pane), Some(origin)) = (at.pane, at.origin) else {
            return;
        };
        let to = Pos::new(at.event.x, at.event.y);
        if let Some((copy, numbering)) = self.copy_under(pane) {
            let size = copy.term().size();
            let to = origin.inside(to, size.cols(), size.rows());
            copy.point(to, numbering);
        }
    }

    /// Begins to drag a selection, or an end of the one under the mouse.
    pub fn begin_drag(&mut self, at: MouseAt) {
        let (Some(pane), Some(origin)) = (at.pane, at.origin) else {
            return;
        };
        let Some((copy, numbering)) = self.copy_under(pane) else {
            return;
        };
        let size = copy.term().size();
        let from = origin.inside(at.last, size.cols(), size.rows());
        copy.grab(from, numbering);
        let drag = Drag::Select { pane, origin };
        let client = at.client.and_then(|id| self.clients.get_mut(&id));
        if let Some(client) = client {
            client.drag = Some(drag);
        }
        self.drag_selection(pane, origin, Pos::new(at.event.x, at.event.y));
    }

    /// Moves a dragged selection's end to a place of the client's screen. Whether
    /// it is at an edge of the view, where it scrolls on by itself.
    pub fn drag_selection(&mut self, pane: PaneId, origin: Corner, to: Pos) -> bool {
        let Some((copy, numbering)) = self.copy_under(pane) else {
            return false;
        };
        let size = copy.term().size();
        let to = origin.inside(to, size.cols(), size.rows());
        copy.drag(to, numbering)
    }

    /// The drag at the edge of a view goes on. Whether it is to be called again.
    pub fn drag_scroll(&mut self, pane: PaneId) -> bool {
        let copy = self.copy_under(pane);
        copy.is_some_and(|(copy, _)| copy.drag_edge())
    }

    /// The button was let go.
    pub fn end_drag(&mut self, drag: Drag, to: Pos) {
        let Drag::Select { pane, origin } = drag else {
            return;
        };
        if let Some((copy, numbering)) = self.copy_under(pane) {
            if numbering != Numbering::Off {
                let size = copy.term().size();
                let to = origin.inside(to, size.cols(), size.rows());
                copy.drag(to, numbering);
            }
            copy.drop_drag();
        }
    }

    /// The view to where the mouse is, of a scrollbar's height: as if the slider
    /// were dragged there. The pane, if copy mode is to be left.
    pub fn slide_to_mouse(&mut self, at: MouseAt, exits: bool) -> Option<PaneId> {
        let pane = at.pane?;
        let y = self.row_of_bar(at.client, pane, Pos::new(at.event.x, at.event.y))?;
        let start = self.row_of_bar(at.client, pane, at.start)?;
        let (first, rows) = self.panes.get(&pane)?.slider();
        let held = (start - i32::from(first)).clamp(0, i32::from(rows) - 1);
        let drag = Drag::Slider { pane, held, exits };
        if let Some(client) = at.client.and_then(|id| self.clients.get_mut(&id)) {
            client.drag = Some(drag);
        }
        self.slide(pane, y - held, exits).then_some(pane)
    }

    /// A row of a client's screen as one of a pane, which may be beyond it.
    #[must_use]
    pub fn row_of_bar(&self, client: Option<ClientId>, pane: PaneId, at: Pos) -> Option<i32> {
        let (_, y) = self.window_place(client, at)?;
        Some(y - self.window_of(pane)?.area(pane)?.y)
    }

    /// Brings the first row of a pane's slider to a row of the pane; whether copy
    /// mode is to be left.
    pub fn slide(&mut self, pane: PaneId, y: i32, exits: bool) -> bool {
        let slider = self.panes.get(&pane).map_or(1, |pane| pane.slider().1);
        let Some((copy, _)) = self.copy_under(pane) else {
            return false;
        };
        let rows = usize::from(copy.term().size().rows());
        let y = usize::try_from(y).unwrap_or(0);
        let top = if y + usize::from(slider) >= rows {
            copy.above()
        } else {
            (copy.above() + rows) * y / rows
        };
        copy.slide_to(top.min(copy.above()), exits)
    }

    /// Moves the border that is held at a place of a window along with the mouse.
    /// Whether there is one.
    pub fn drag_border(&mut self, window: WindowId, from: (i32, i32), to: (i32, i32)) -> bool {
        let window = self.windows.get_mut(&window);
        let Some(window) = window.filter(|window| window.zoomed.is_none()) else {
            return false;
        };
        window.layout.drag_border(from, to)
    }
}
