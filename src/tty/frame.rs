//! The picture that a client should see: rows of cells, cursor, title and modes.
//! A frame holds no styles itself; its cells' numbers belong to the pool of its
//! generation. It is a value: drawing it is the work of [`super::diff()`].

use std::sync::Arc;

use crate::base::{Cell, Color, Label, Pos, Size};

/// A cursor's form (DECSCUSR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CursorShape {
    /// What the terminal's user chose.
    #[default]
    Default,
    /// A block.
    Block,
    /// A line below.
    Underline,
    /// A line at the left.
    Bar,
}

/// Where and how the cursor is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameCursor {
    /// Its place; a place outside the frame counts as the nearest inside.
    pub pos: Pos,
    /// Whether it is shown.
    pub visible: bool,
    /// Its form.
    pub shape: CursorShape,
    /// Whether it blinks; of no effect on [`CursorShape::Default`].
    pub blinking: bool,
    /// Its colour; the default one is the terminal's own.
    pub color: Color,
}

/// Which mouse reports are wanted, each including those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MouseDemand {
    /// None: the terminal's own selection works.
    #[default]
    Off,
    /// Presses, releases and the wheel (DECSET 1000).
    Buttons,
    /// Also motion with a button held (DECSET 1002).
    Drag,
    /// All motion (DECSET 1003).
    All,
}

/// The modes that a client's terminal should be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameModes {
    /// Mouse reports.
    pub mouse: MouseDemand,
    /// Focus reports (DECSET 1004).
    pub focus: bool,
    /// Keys told apart by modifyOtherKeys (xterm ctlseqs, XTMODKEYS).
    pub extended_keys: bool,
    /// The kitty keyboard protocol's flags, for those who know it instead.
    pub kitty_keys: u8,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its size.
    pub size: Size,
    /// `size.rows()` rows of `size.cols()` cells. Two rows that are the same
    /// allocation are known to be equal.
    pub rows: Vec<Arc<[Cell]>>,
    /// The cursor.
    pub cursor: FrameCursor,
    /// The generation of the pool that the cells' numbers belong to. Frames of
    /// two generations cannot be compared.
    pub generation: u64,
    /// The terminal's title; `None` leaves it alone.
    pub title: Option<Label>,
    /// The terminal's modes.
    pub modes: FrameModes,
}

impl Frame {
    /// A blank frame.
    #[must_use]
    pub fn new(size: Size, generation: u64) -> Self {
        let blank: Arc<[Cell]> = vec![Cell::EMPTY; usize::from(size.cols())].into();
        Self {
            size,
            rows: vec![blank; usize::from(size.rows())],
            cursor: FrameCursor::default(),
            generation,
            title: None,
            modes: FrameModes::default(),
        }
    }

    /// Puts cells into row `y`, cut or filled to the frame's width; whether that
    /// changed it. An equal row keeps its allocation.
    pub fn set_row(&mut self, y: u16, cells: &[Cell]) -> bool {
        let Some(row) = self.rows.get_mut(usize::from(y)) else {
            return false;
        };
        let cols = usize::from(self.size.cols());
        let cells = &cells[..cells.len().min(cols)];
        let (head, tail) = row.split_at(cells.len().min(row.len()));
        if row.len() == cols && head == cells && tail.iter().all(|cell| *cell == Cell::EMPTY) {
            return false;
        }
        *row = if cells.len() == cols {
            cells.into()
        } else {
            let fill = std::iter::repeat_n(Cell::EMPTY, cols - cells.len());
            cells.iter().copied().chain(fill).collect()
        };
        true
    }

    /// The cells of row `y`; none outside the frame.
    #[must_use]
    pub fn row(&self, y: u16) -> &[Cell] {
        self.rows.get(usize::from(y)).map_or(&[], |row| row)
    }

    /// Makes of a frame that is shown one that is not to be trusted: the next
    /// difference writes all of it again, modes and title too, without clearing
    /// the screen first.
    pub fn distrust(&mut self) {
        self.generation = u64::MAX;
        self.distrust_modes();
    }

    /// The same for modes, title and the cursor's look alone.
    pub fn distrust_modes(&mut self) {
        self.title = None;
        let FrameModes {
            mouse,
            focus,
            extended_keys,
            kitty_keys,
        } = self.modes;
        // Whatever is wanted next, it differs or is set already.
        self.modes = FrameModes {
            mouse: match mouse {
                MouseDemand::Off => MouseDemand::All,
                _ => MouseDemand::Off,
            },
            focus: !focus,
            extended_keys: !extended_keys,
            kitty_keys: !kitty_keys,
        };
        self.cursor.shape = match self.cursor.shape {
            CursorShape::Default => CursorShape::Bar,
            _ => CursorShape::Default,
        };
        self.cursor.color = match self.cursor.color {
            Color::Default => Color::Rgb(0, 0, 0),
            _ => Color::Default,
        };
    }

    /// The cursor's place, inside the frame.
    #[must_use]
    pub fn cursor_pos(&self) -> Pos {
        Pos::new(
            self.cursor.pos.x.min(self.size.cols() - 1),
            self.cursor.pos.y.min(self.size.rows() - 1),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::StyleId;

    #[test]
    fn frame_keeps_the_allocation_of_an_equal_row() {
        let mut frame = Frame::new(Size::new(3, 2), 0);
        let x = Cell::narrow('x', StyleId::DEFAULT);
        assert!(frame.set_row(0, &[x]));
        let kept = Arc::clone(&frame.rows[0]);
        assert!(!frame.set_row(0, &[x, Cell::EMPTY]));
        assert!(!frame.set_row(0, &[x, Cell::EMPTY, Cell::EMPTY, x]));
        assert!(Arc::ptr_eq(&kept, &frame.rows[0]));
        assert!(!frame.set_row(2, &[x]));
        assert_eq!(frame.row(0).len(), 3);
    }
}
