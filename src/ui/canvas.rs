//! Rows of cells that text, boxes and parts of panes are put on: what modes,
//! menus and popups are drawn with. It knows nothing of what it shows.

use crate::base::{Cell, Pos, Size, Style, width};
use crate::mux::Pane;

use super::palette::Palette;
use super::styled;

/// The lines of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BoxLines {
    /// Corners: top left, top right, bottom left, bottom right.
    pub(super) corners: [char; 4],
    /// Across and down.
    pub(super) across: char,
    pub(super) down: char,
    /// Where a line between items meets the sides.
    pub(super) joins: [char; 2],
}

impl BoxLines {
    /// Light lines.
    pub(super) const SINGLE: Self = Self {
        corners: ['┌', '┐', '└', '┘'],
        across: '─',
        down: '│',
        joins: ['├', '┤'],
    };

    /// Blanks in place of lines.
    pub(super) const BLANK: Self = Self {
        corners: [' '; 4],
        across: ' ',
        down: ' ',
        joins: [' '; 2],
    };

    /// The lines that an option names; none for no border.
    pub(super) fn named(name: &str) -> Option<Self> {
        let plain = |corner, across, down| Self {
            corners: [corner; 4],
            across,
            down,
            joins: [corner; 2],
        };
        Some(match name {
            "none" => return None,
            "padded" => plain(' ', ' ', ' '),
            "simple" => plain('+', '-', '|'),
            "rounded" => Self {
                corners: ['╭', '╮', '╰', '╯'],
                ..Self::SINGLE
            },
            "double" => Self {
                corners: ['╔', '╗', '╚', '╝'],
                across: '═',
                down: '║',
                joins: ['╠', '╣'],
            },
            "heavy" => Self {
                corners: ['┏', '┓', '┗', '┛'],
                across: '━',
                down: '┃',
                joins: ['┣', '┫'],
            },
            _ => Self::SINGLE,
        })
    }
}

/// Rows being drawn.
pub(super) struct Canvas<'a> {
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) palette: &'a mut Palette,
    size: Size,
}

impl<'a> Canvas<'a> {
    /// Blank rows of a style.
    pub(super) fn new(size: Size, style: Style, palette: &'a mut Palette) -> Self {
        let blank = Cell::narrow(' ', palette.pool_mut().style(style));
        let row = vec![blank; usize::from(size.cols())];
        Self {
            rows: vec![row; usize::from(size.rows())],
            palette,
            size,
        }
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Blanks some columns of a row.
    pub(super) fn blank(&mut self, at: Pos, columns: u16, style: Style) {
        let cell = Cell::narrow(' ', self.palette.pool_mut().style(style));
        self.fill(at, columns, cell);
    }

    fn fill(&mut self, at: Pos, columns: u16, cell: Cell) {
        let Some(row) = self.rows.get_mut(usize::from(at.y)) else {
            return;
        };
        let cells = row.iter_mut().skip(usize::from(at.x));
        cells.take(usize::from(columns)).for_each(|own| *own = cell);
    }

    fn put_cell(&mut self, at: Pos, cell: Cell) {
        let row = self.rows.get_mut(usize::from(at.y));
        if let Some(own) = row.and_then(|row| row.get_mut(usize::from(at.x))) {
            *own = cell;
        }
    }

    /// Gives what stands in a cell another style.
    pub(super) fn restyle(&mut self, at: Pos, style: Style) {
        let id = self.palette.pool_mut().style(style);
        let row = self.rows.get_mut(usize::from(at.y));
        if let Some(own) = row.and_then(|row| row.get_mut(usize::from(at.x))) {
            *own = own.restyled(id);
        }
    }

    fn put_char(&mut self, at: Pos, ch: char, style: Style) {
        let id = self.palette.pool_mut().style(style);
        self.put_cell(at, Cell::narrow(ch, id));
    }

    /// Writes plain text, at most so many columns of it; where it ends.
    pub(super) fn text(&mut self, at: Pos, text: &str, columns: u16, style: Style) -> u16 {
        let id = self.palette.pool_mut().style(style);
        let mut x = at.x;
        let end = at.x.saturating_add(columns).min(self.size.cols());
        for (cluster, wide) in width::clusters(text) {
            let wide = wide == 2;
            let next = x + 1 + u16::from(wide);
            if next > end {
                break;
            }
            let cell = self.palette.pool_mut().cell(cluster, wide, id);
            self.put_cell(Pos::new(x, at.y), cell);
            if wide {
                self.put_cell(Pos::new(x + 1, at.y), Cell::tail(id));
            }
            x = next;
        }
        x
    }

    /// Writes styled text over a base, in at most so many columns; how many it
    /// took. Where it has no text nothing is touched. With `fixed` the base's
    /// colours stay.
    pub(super) fn styled(
        &mut self,
        at: Pos,
        columns: u16,
        text: &str,
        base: Style,
        fixed: bool,
    ) -> u16 {
        let room = columns.min(self.size.cols().saturating_sub(at.x));
        if room == 0 {
            return 0;
        }
        let (wanted, fill) = styled::measure(text, base);
        let taken = u16::try_from(wanted).unwrap_or(room).min(room);
        // Text that is aligned has the whole room.
        let aligned = text.contains("align=");
        let wide = if aligned || fill.is_some() {
            room
        } else {
            taken
        };
        let pool = self.palette.pool_mut();
        let line = styled::layout_as(text, wide, base, fixed, pool);
        for (cell, x) in line.cells.into_iter().zip(at.x..) {
            self.put_cell(Pos::new(x, at.y), cell);
        }
        taken
    }

    /// Draws a box.
    pub(super) fn frame(&mut self, at: Pos, size: Size, lines: BoxLines, style: Style) {
        let (right, bottom) = (at.x + size.cols() - 1, at.y + size.rows() - 1);
        for x in at.x..=right {
            self.put_char(Pos::new(x, at.y), lines.across, style);
            self.put_char(Pos::new(x, bottom), lines.across, style);
        }
        for y in at.y + 1..bottom {
            self.put_char(Pos::new(at.x, y), lines.down, style);
            self.put_char(Pos::new(right, y), lines.down, style);
        }
        let corners = [(at.x, at.y), (right, at.y), (at.x, bottom), (right, bottom)];
        for ((x, y), ch) in corners.into_iter().zip(lines.corners) {
            self.put_char(Pos::new(x, y), ch, style);
        }
    }

    /// Draws a line down.
    pub(super) fn down(&mut self, at: Pos, rows: u16, style: Style) {
        for y in at.y..at.y.saturating_add(rows) {
            self.put_char(Pos::new(at.x, y), '│', style);
        }
    }

    /// Draws a line across.
    pub(super) fn across(&mut self, at: Pos, columns: u16, style: Style) {
        for x in at.x..at.x.saturating_add(columns) {
            self.put_char(Pos::new(x, at.y), '─', style);
        }
    }

    /// Copies a part of a pane's screen, with its cursor in sight and shown.
    pub(super) fn preview(&mut self, at: Pos, size: Size, pane: &Pane) {
        let Some(cursor) = self.part(at, size, pane) else {
            return;
        };
        if cursor.x < size.cols() && cursor.y < size.rows() {
            self.reverse(Pos::new(at.x + cursor.x, at.y + cursor.y));
        }
    }

    /// The same without its cursor.
    pub(super) fn picture(&mut self, at: Pos, size: Size, pane: &Pane) {
        self.part(at, size, pane);
    }

    /// Copies the part round the cursor; where in it that is, if it is shown.
    fn part(&mut self, at: Pos, size: Size, pane: &Pane) -> Option<Pos> {
        let own = pane.size();
        let cursor = pane.term.cursor();
        let from = |cursor: u16, room: u16, all: u16| {
            let from = cursor.saturating_sub(room / 3);
            if from + room > all {
                all.saturating_sub(room)
            } else {
                from
            }
        };
        let (x, y) = if cursor.visible {
            (
                from(cursor.pos.x, size.cols(), own.cols()),
                from(cursor.pos.y, size.rows(), own.rows()),
            )
        } else {
            (0, 0)
        };
        for line in 0..size.rows().min(own.rows() - y) {
            let source = pane.term.row(y + line);
            let source = source.get(usize::from(x)..).unwrap_or_default();
            let Some(row) = self.rows.get_mut(usize::from(at.y + line)) else {
                break;
            };
            let columns = usize::from(size.cols()).min(source.len());
            let from = usize::from(at.x).min(row.len());
            let to = (from + columns).min(row.len());
            let target = &mut row[from..to];
            self.palette.carry(pane, source, target);
            if let Some(last) = target.last_mut()
                && last.is_wide()
            {
                *last = Cell::empty(last.style);
            }
        }
        let (cx, cy) = (cursor.pos.x.checked_sub(x)?, cursor.pos.y.checked_sub(y)?);
        cursor.visible.then(|| Pos::new(cx, cy))
    }

    fn reverse(&mut self, at: Pos) {
        let row = self.rows.get(usize::from(at.y));
        let Some(cell) = row.and_then(|row| row.get(usize::from(at.x))).copied() else {
            return;
        };
        let pool = self.palette.pool_mut();
        let style = pool.get(cell.style).with(crate::base::Attrs::REVERSE);
        let style = pool.style(style);
        let mut cell = cell;
        cell.style = style;
        self.put_cell(at, cell);
    }
}
