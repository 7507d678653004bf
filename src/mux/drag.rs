//! Drags of the mouse that change a layout: borders between tiled panes, edges
//! of floating ones, and those as a whole. Which key began one the engine knows.

use crate::base::{ClientId, PaneId, Pos};

use super::layout::Area;
use super::layout::Axis;
use super::mouse::{Drag, MouseAt};
use super::{Client, Mux};

/// Edges of a pane that are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    left: bool,
    right: bool,
    top: bool,
    bottom: bool,
}

impl Edges {
    /// The edges of a frame around an area that are at a place.
    fn at(area: Area, x: i32, y: i32) -> Self {
        Self {
            left: x < area.x,
            right: x >= area.right(),
            top: y < area.y,
            bottom: y >= area.bottom(),
        }
    }

    fn any(self) -> bool {
        self.left || self.right || self.top || self.bottom
    }
}

impl Mux {
    /// A place of a client's screen as one of its window.
    #[must_use]
    pub fn window_place(&self, client: Option<ClientId>, at: Pos) -> Option<(i32, i32)> {
        let client = self.clients.get(&client?)?;
        let window = self.current_window(client.session?)?;
        let pan = self.pan(client, window);
        let y = i32::from(at.y) - i32::from(self.rows_above(client));
        Some((i32::from(at.x) + i32::from(pan.x), y + i32::from(pan.y)))
    }

    /// How many rows are above a client's window.
    #[must_use]
    pub fn rows_above(&self, client: &Client) -> u16 {
        if self.session_str(client.session, "status-position") == "top" {
            self.status_lines(client.session)
        } else {
            0
        }
    }

    /// Lets a client's mouse hold a floating pane, and moves it at once.
    pub fn drag_float(&mut self, client: Option<ClientId>, at: MouseAt) {
        let Some(pane) = at.pane else { return };
        let window = self.window_of(pane);
        if window.is_none_or(|window| !window.layout.floats(pane)) {
            return;
        }
        let drag = Drag::Float(pane);
        if let Some(client) = client.and_then(|id| self.clients.get_mut(&id)) {
            client.drag = Some(drag);
        }
        if let Some(client) = client {
            let to = Pos::new(at.event.x, at.event.y);
            self.drag_layout(drag, client, at.start, to);
        }
    }

    /// Lets a client's mouse draw a new floating pane: one corner of it, or of its
    /// border, is where the button went down, the other where the mouse is.
    pub fn draw_float(
        &mut self,
        client: Option<ClientId>,
        pane: PaneId,
        at: MouseAt,
        framed: bool,
    ) {
        let Some(start) = self.window_place(client, at.start) else {
            return;
        };
        let drag = Drag::Draw {
            pane,
            start,
            framed,
        };
        if let Some(client) = client.and_then(|id| self.clients.get_mut(&id)) {
            client.drag = Some(drag);
        }
        if let Some(client) = client {
            let to = Pos::new(at.event.x, at.event.y);
            self.drag_layout(drag, client, at.start, to);
        }
    }

    /// Lets a client's mouse hold what border it is at, and moves it at once.
    pub fn drag_resize(&mut self, client: Option<ClientId>, at: MouseAt) {
        let Some(start) = self.window_place(client, at.start) else {
            return;
        };
        let Some(pane) = at.pane else { return };
        let Some(window) = self.window_of(pane) else {
            return;
        };
        let floats = window.layout.floats(pane) && window.zoomed != Some(pane);
        let drag = if floats {
            let area = window.layout.cell(pane).unwrap_or_default();
            let edges = Edges::at(area, start.0, start.1);
            if !edges.any() {
                return;
            }
            // The upper border, but for its corners, moves the whole pane.
            if edges.top && !edges.left && !edges.right {
                Drag::Float(pane)
            } else {
                Drag::Edges(pane, edges)
            }
        } else {
            Drag::Border(window.id)
        };
        if let Some(client) = client.and_then(|id| self.clients.get_mut(&id)) {
            client.drag = Some(drag);
        }
        let to = Pos::new(at.event.x, at.event.y);
        if let Some(client) = client {
            self.drag_layout(drag, client, at.start, to);
        }
    }

    /// Moves what a client's mouse holds of a layout.
    pub fn drag_layout(&mut self, drag: Drag, client: ClientId, from: Pos, to: Pos) {
        let (Some(from), Some(to)) = (
            self.window_place(Some(client), from),
            self.window_place(Some(client), to),
        ) else {
            return;
        };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        match drag {
            Drag::Select { .. } | Drag::Slider { .. } => {}
            Drag::Border(window) => {
                self.drag_border(window, from, to);
            }
            Drag::Float(pane) => {
                if let Some(window) = self.window_of_mut(pane)
                    && let Some(area) = window.layout.cell(pane)
                {
                    window.layout.move_float(pane, area.x + dx, area.y + dy);
                }
            }
            Drag::Draw {
                pane,
                start,
                framed,
            } => {
                if let Some(window) = self.window_of_mut(pane) {
                    let (cols, rows) = (window.size.cols(), window.size.rows());
                    let (x, w) = between(start.0, to.0.clamp(0, i32::from(cols) - 1), framed);
                    let (y, h) = between(start.1, to.1.clamp(0, i32::from(rows) - 1), framed);
                    window.layout.move_float(pane, x, y);
                    // Both are at least 1.
                    let _ = window.layout.resize_float_to(pane, Axis::Columns, w);
                    let _ = window.layout.resize_float_to(pane, Axis::Rows, h);
                }
            }
            Drag::Edges(pane, edges) => {
                if let Some(window) = self.window_of_mut(pane) {
                    for (axis, by, first, last) in [
                        (Axis::Columns, dx, edges.left, edges.right),
                        (Axis::Rows, dy, edges.top, edges.bottom),
                    ] {
                        if first || last {
                            let change = if first { -by } else { by };
                            // One that would vanish stays as it is.
                            let _ = window.layout.resize_float(pane, axis, change, first);
                        }
                    }
                }
            }
        }
    }

    fn window_of_mut(&mut self, pane: PaneId) -> Option<&mut super::Window> {
        let window = self.panes.get(&pane)?.window;
        self.windows.get_mut(&window)
    }
}

/// Where a side between two cells begins and how long it is, without its border
/// where it has one.
fn between(from: i32, to: i32, framed: bool) -> (i32, i32) {
    let (first, last) = (from.min(to), from.max(to));
    if framed {
        (first + 1, (last - first - 1).max(1))
    } else {
        (first, last - first + 1)
    }
}
