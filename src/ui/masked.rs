//! The picture of a guest who may only look, without the session's secrets: each
//! of their characters is a star, wherever on the screen they stand and whatever
//! drew them. What anyone else sees is left alone.

use std::sync::Arc;

use crate::base::mask::Secrets;
use crate::base::{Cell, CellText, Label, Pool, Rect};
use crate::mux::{Mux, Pane};
use crate::term::ViewLine;
use crate::tty::Frame;

/// How many cells of the history are read to know the beginning of a value that
/// goes on at the top of the screen.
const ABOVE: usize = 4096;

/// What stands for a character.
const STAR: char = '*';

/// Text of cells, and which cell each byte of it is.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    /// A row and column of the frame; none for what is not on it.
    cells: Vec<Option<(usize, usize)>>,
}

impl Text {
    fn add(&mut self, cell: Cell, pool: &Pool, place: Option<(usize, usize)>) {
        let mut buffer = [0; 4];
        let text = match cell.text() {
            CellText::Char(ch) => ch.encode_utf8(&mut buffer),
            CellText::Cluster(id) => pool.cluster_text(id),
            CellText::Empty | CellText::Tail => " ",
        };
        self.bytes.extend_from_slice(text.as_bytes());
        self.cells.resize(self.bytes.len(), place);
    }

    /// Stars out what is a value, or begins one before `end`, the cursor's place.
    fn star(&self, secrets: &Secrets, end: Option<usize>, rows: &mut [Vec<Cell>]) {
        let mut spans = secrets.spans(&self.bytes);
        if let Some(end) = end {
            let begun = secrets.begun(self.bytes.get(..end).unwrap_or_default());
            spans.push(end - begun..end);
        }
        for place in spans.into_iter().flatten() {
            // A blank that is passed over is none of the value's characters.
            let seen = self.bytes.get(place).is_some_and(|byte| *byte > b' ');
            let at = self.cells.get(place).copied().flatten().filter(|_| seen);
            let Some((row, column)) = at else { continue };
            let Some(row) = rows.get_mut(row) else {
                continue;
            };
            let Some(cell) = row.get_mut(column) else {
                continue;
            };
            let style = cell.style;
            let wide = cell.is_wide();
            *cell = Cell::narrow(STAR, style);
            if let Some(tail) = row.get_mut(column + 1).filter(|_| wide) {
                *tail = Cell::narrow(STAR, style);
            }
        }
    }
}

/// Makes the masked picture of a frame, in place of the one before.
pub(super) fn mask(
    mux: &Mux,
    secrets: &Secrets,
    frame: &Arc<Frame>,
    places: &[(crate::base::PaneId, Rect)],
    pool: &mut Pool,
    shown: &mut Option<Arc<Frame>>,
) {
    let mut rows: Vec<Vec<Cell>> = frame.rows.iter().map(|row| row.to_vec()).collect();
    for (id, rect) in places {
        if let Some(pane) = mux.panes.get(id) {
            let (text, cursor) = of_pane(pane, frame, *rect, pool);
            text.star(secrets, cursor, &mut rows);
        }
    }
    // Whatever else is on the screen, as it is read.
    let mut whole = Text::default();
    for (y, row) in frame.rows.iter().enumerate() {
        for (x, cell) in row.iter().enumerate() {
            whole.add(*cell, pool, Some((y, x)));
        }
    }
    whole.star(secrets, None, &mut rows);
    let title = frame.title.as_ref();
    let title = title.map(|title| Label::new(&secrets.mask(title.as_str())));
    let same = |old: &&Arc<Frame>| old.size == frame.size && old.generation == frame.generation;
    let mut new = match shown.as_ref().filter(same) {
        Some(old) => old.as_ref().clone(),
        None => Frame::new(frame.size, frame.generation),
    };
    let mut changed = (new.cursor, new.modes) != (frame.cursor, frame.modes) || new.title != title;
    for (y, row) in (0u16..).zip(&rows) {
        changed |= new.set_row(y, row);
    }
    (new.cursor, new.modes, new.title) = (frame.cursor, frame.modes, title);
    if changed || shown.as_ref().filter(same).is_none() {
        *shown = Some(Arc::new(new));
    }
}

/// The text of a pane as the frame shows it, after what has left its screen; and
/// where the cursor is in it.
fn of_pane(pane: &Pane, frame: &Frame, rect: Rect, pool: &mut Pool) -> (Text, Option<usize>) {
    let mut text = Text::default();
    let plain = pane.copy.is_none() && pane.mode.is_none();
    if plain {
        let term = &pane.term;
        let above = term.history_rows();
        let rows = ABOVE / usize::from(term.size().cols()).max(1) + 1;
        let mut line = ViewLine::default();
        for row in above.saturating_sub(rows)..above {
            term.view_row(row, pool, &mut line);
            for cell in &line.cells {
                text.add(*cell, pool, None);
            }
        }
    }
    let mut cursor = None;
    let at = frame.cursor.pos;
    for y in rect.y..rect.bottom() {
        let row = frame.rows.get(usize::from(y));
        for x in rect.x..rect.right() {
            if (x, y) == (at.x, at.y) {
                cursor = Some(text.bytes.len());
            }
            if let Some(cell) = row.and_then(|row| row.get(usize::from(x))) {
                text.add(*cell, pool, Some((usize::from(y), usize::from(x))));
            }
        }
    }
    (text, cursor.filter(|_| plain))
}
