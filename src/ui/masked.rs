//! The picture of one who is to see no secrets: each of their characters is a
//! star, wherever on the screen they stand and whatever drew them. What a pane
//! shows is looked up in its terminal, so that a value is known which begins above
//! or goes on below or beside what is seen. What anyone else sees is left alone.

use std::sync::Arc;

use crate::base::mask::Secrets;
use crate::base::{Cell, CellText, Label, PaneId, Pool};
use crate::mux::client::Overlay;
use crate::mux::{Client, Mux, veil};
use crate::tty::Frame;

/// What stands for a character.
const STAR: char = '*';

/// A pane on the frame, of which only a part may be seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) pane: PaneId,
    /// Where its upper left cell is, or would be.
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// The frame's cells, of which some become stars.
struct Sheet {
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// Makes a cell a star.
    fn star(&mut self, x: usize, y: usize) {
        let Some(row) = self.rows.get_mut(y) else {
            return;
        };
        let Some(cell) = row.get_mut(x) else {
            return;
        };
        let (style, wide) = (cell.style, cell.is_wide());
        *cell = Cell::narrow(STAR, style);
        if let Some(tail) = row.get_mut(x + 1).filter(|_| wide) {
            *tail = Cell::narrow(STAR, style);
        }
    }

    /// Makes a line's cell stars, if it is on the frame.
    fn star_in(&mut self, shown: &Shown, line: usize, column: usize) {
        if line >= usize::from(shown.height) || column >= usize::from(shown.width) {
            return;
        }
        let on = |from: i32, by: usize| {
            let by = i32::try_from(by).ok()?;
            usize::try_from(from.checked_add(by)?).ok()
        };
        if let (Some(x), Some(y)) = (on(shown.x, column), on(shown.y, line)) {
            self.star(x, y);
        }
    }

    /// Stars out what is on the frame as it is read, row by row between these
    /// columns: lists, titles, prompts.
    fn star_read(&mut self, secrets: &Secrets, pool: &Pool, area: Option<&Shown>) {
        let mut bytes = Vec::new();
        let mut cells = Vec::new();
        let mut edges = Vec::new();
        let at = |from: i32| usize::try_from(from).unwrap_or(0);
        let (top, bottom, left, right) = match area {
            None => (0, usize::MAX, 0, usize::MAX),
            Some(area) => (
                at(area.y),
                at(area.y + i32::from(area.height)),
                at(area.x),
                at(area.x + i32::from(area.width)),
            ),
        };
        let mut buffer = [0; 4];
        let rows = self.rows.iter().enumerate().take(bottom).skip(top);
        for (y, row) in rows {
            for (x, cell) in row.iter().enumerate().take(right).skip(left) {
                let text = match cell.text() {
                    CellText::Char(ch) => ch.encode_utf8(&mut buffer),
                    CellText::Cluster(id) => pool.cluster_text(id),
                    CellText::Empty | CellText::Tail => " ",
                };
                bytes.extend_from_slice(text.as_bytes());
                cells.resize(bytes.len(), (x, y));
            }
            // What goes on beyond the edge is not there to be read.
            if bytes.last().is_some_and(|byte| *byte > b' ') {
                edges.push(bytes.len());
            }
        }
        let spans = secrets.spans(&bytes).into_iter();
        for place in spans.chain(secrets.cut(&bytes, &edges)).flatten() {
            let seen = bytes.get(place).is_some_and(|byte| *byte > b' ');
            if let Some(&(x, y)) = cells.get(place).filter(|_| seen) {
                self.star(x, y);
            }
        }
    }

    /// Stars out what a pane shows of its terminal.
    fn star_pane(&mut self, mux: &Mux, secrets: &Secrets, shown: &Shown, pool: &mut Pool) {
        let Some(pane) = mux.panes.get(&shown.pane) else {
            return;
        };
        self.star_read(secrets, pool, Some(shown));
        if pane.mode.is_some() || pane.clock {
            return;
        }
        let Some(copy) = pane.copy.as_deref() else {
            let above = pane.term.history_rows();
            let rows = above..above + usize::from(pane.term.size().rows());
            for (row, column) in veil::hidden(&pane.term, secrets, rows, true, pool) {
                self.star_in(shown, row - above, usize::from(column));
            }
            return;
        };
        let option = mux.window_str(Some(pane.window), "copy-mode-line-numbers");
        let numbering = copy.numbering(option);
        // Closed folds leave out rows: each piece between them is one.
        let mut line = 0;
        let height = usize::from(shown.height);
        while line < height {
            let first = copy.row_of(copy.top() + line);
            let mut count = 1;
            while line + count < height && copy.row_of(copy.top() + line + count) == first + count {
                count += 1;
            }
            let rows = first..first + count;
            for (row, column) in veil::hidden(copy.term(), secrets, rows, false, pool) {
                let column = copy.seen_col(numbering, usize::from(column));
                self.star_in(shown, line + row - first, column);
            }
            line += count;
        }
    }

    /// Stars out what a client's own look into a pane's history shows.
    fn star_peek(&mut self, mux: &Mux, client: &Client, secrets: &Secrets, top: u16) {
        let Some(Overlay::Peek(peek)) = client.overlay.as_deref() else {
            return;
        };
        let Some(pane) = mux.panes.get(&peek.pane) else {
            return;
        };
        let Some(first) = peek.row(&pane.term, 0) else {
            return;
        };
        // Its last row says where it is.
        let others = 1 + usize::from(mux.status_lines(client.session));
        let height = self.rows.len().saturating_sub(others);
        let rows = first..first + height;
        let cells = veil::hidden(&pane.term, secrets, rows, false, &mut Pool::new());
        for (row, column) in cells {
            self.star(usize::from(column), usize::from(top) + row - first);
        }
    }
}

/// Makes the masked picture of a client's frame, in place of the one before. The
/// panes are those that are seen; with an overlay of the client's own there are
/// none. `top` is the first row below status lines.
pub(super) fn mask(
    mux: &Mux,
    (client, secrets): (&Client, &Secrets),
    frame: &Arc<Frame>,
    (panes, top): (&[Shown], u16),
    pool: &mut Pool,
    last: &mut Option<Arc<Frame>>,
) {
    let rows = frame.rows.iter().map(|row| row.to_vec()).collect();
    let mut sheet = Sheet { rows };
    sheet.star_read(secrets, pool, None);
    for shown in panes {
        sheet.star_pane(mux, secrets, shown, pool);
    }
    sheet.star_peek(mux, client, secrets, top);
    let title = frame.title.as_ref();
    let title = title.map(|title| Label::new(&secrets.mask(title.as_str())));
    let same = |old: &&Arc<Frame>| old.size == frame.size && old.generation == frame.generation;
    let mut new = match last.as_ref().filter(same) {
        Some(old) => old.as_ref().clone(),
        None => Frame::new(frame.size, frame.generation),
    };
    let mut changed = (new.cursor, new.modes) != (frame.cursor, frame.modes) || new.title != title;
    for (y, row) in (0u16..).zip(&sheet.rows) {
        changed |= new.set_row(y, row);
    }
    (new.cursor, new.modes, new.title) = (frame.cursor, frame.modes, title);
    if changed || last.as_ref().filter(same).is_none() {
        *last = Some(Arc::new(new));
    }
}
