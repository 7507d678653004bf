//! Panning: what a client sees of a window that is larger than its screen. The
//! view follows the cursor, kept in the middle once it is beyond the first
//! screen, until somebody moves it by hand. It is made from the model alone:
//! nothing is kept of what was seen before.

use crate::base::{Pos, Size};

use super::{Client, Mux, Window};

impl Mux {
    /// The place of a window that is at the top left of a client's room for
    /// windows.
    #[must_use]
    pub fn pan(&self, client: &Client, window: &Window) -> Pos {
        self.window_area(client)
            .map_or_else(Pos::default, |area| self.pan_in(client, window, area))
    }

    /// The same where the room is known.
    #[must_use]
    pub fn pan_in(&self, client: &Client, window: &Window, area: Size) -> Pos {
        let (most, size) = (beyond(window.size, area), window.size);
        if most == Pos::default() {
            return most;
        }
        let by_hand = client.pan.filter(|(panned, _)| *panned == window.id);
        if let Some((_, pan)) = by_hand {
            return Pos::new(pan.x.min(most.x), pan.y.min(most.y));
        }
        let cursor = self.window_cursor(window);
        Pos::new(
            follow(cursor.x.min(size.cols() - 1), area.cols(), most.x),
            follow(cursor.y.min(size.rows() - 1), area.rows(), most.y),
        )
    }

    /// Moves a client's view of its window by cells.
    pub fn pan_by(
        &self,
        client: &Client,
        dx: i32,
        dy: i32,
    ) -> Option<(crate::base::WindowId, Pos)> {
        let window = self.current_window(client.session?)?;
        let most = beyond(window.size, self.window_area(client)?);
        let from = self.pan(client, window);
        let moved = |from: u16, by: i32, most: u16| {
            let to = i32::from(from).saturating_add(by).clamp(0, most.into());
            u16::try_from(to).unwrap_or(0)
        };
        let to = Pos::new(moved(from.x, dx, most.x), moved(from.y, dy, most.y));
        Some((window.id, to))
    }

    /// Where the cursor is in a window.
    fn window_cursor(&self, window: &Window) -> Pos {
        let place = window.place(window.active);
        let (Some(rect), Some(pane)) = (place, self.panes.get(&window.active)) else {
            return Pos::default();
        };
        let inside = match pane.copy.as_deref() {
            Some(copy) => {
                let (col, row) = copy.cursor();
                let cell = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
                Pos::new(cell(col), cell(row))
            }
            // What shows no cursor is seen from its beginning.
            None if pane.mode.is_some() || !pane.term.cursor().visible => return Pos::default(),
            None => pane.term.cursor().pos,
        };
        let x = inside.x.min(rect.width.saturating_sub(1));
        let y = inside.y.min(rect.height.saturating_sub(1));
        Pos::new(rect.x + x, rect.y + y)
    }
}

/// How far a window reaches beyond a client's room for it.
fn beyond(window: Size, area: Size) -> Pos {
    Pos::new(
        window.cols().saturating_sub(area.cols()),
        window.rows().saturating_sub(area.rows()),
    )
}

/// The first cell to be seen so that the cursor's is: it is in the middle where
/// it can be (tmux's rule).
fn follow(cursor: u16, area: u16, most: u16) -> u16 {
    if cursor < area {
        0
    } else if cursor > most {
        most
    } else {
        cursor - area / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn view_follows_the_cursor_and_always_shows_it() {
        for (cursor, from) in [
            (0, 0),
            (39, 0),
            (40, 20),
            (59, 39),
            (60, 40),
            (61, 60),
            (99, 60),
        ] {
            assert_eq!(follow(cursor, 40, 60), from, "{cursor}");
        }
        for area in 1..30 {
            for cursor in 0..100 {
                let from = follow(cursor, area, 100 - area);
                assert!((from..from + area).contains(&cursor), "{cursor} in {area}");
            }
        }
    }
}
