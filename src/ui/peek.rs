//! A client's own look into a pane's history, on all of its screen but the
//! status lines; the last row says where it is.

use crate::base::{Attrs, Cell, Pool, Size, Style, width};
use crate::mux::Mux;
use crate::mux::peek::Peek;
use crate::term::{Direction, ViewLine};

use super::copy::paint;

/// The rows of a look on a screen of a size.
pub(super) fn rows(mux: &Mux, peek: &Peek, size: Size, pool: &mut Pool) -> Vec<Vec<Cell>> {
    let blank = vec![Cell::EMPTY; usize::from(size.cols())];
    let mut rows = vec![blank; usize::from(size.rows())];
    let Some((last, above)) = rows.split_last_mut() else {
        return rows;
    };
    let Some(pane) = mux.panes.get(&peek.pane) else {
        return rows;
    };
    let term = &pane.term;
    let mark = Style::DEFAULT.with(Attrs::REVERSE);
    let total = term.history_rows() + usize::from(term.size().rows());
    let mut text = ViewLine::default();
    for (target, line) in above.iter_mut().zip(0..) {
        let Some(index) = peek.row(term, line).filter(|index| *index < total) else {
            break;
        };
        term.view_row(index, pool, &mut text);
        for (cell, own) in target.iter_mut().zip(&text.cells) {
            *cell = own.plain();
        }
        if text.cells.len() > target.len()
            && let Some(end) = target.last_mut()
            && end.is_wide()
        {
            *end = Cell::EMPTY;
        }
        let Some((query, _)) = &peek.search else {
            continue;
        };
        for found in term.matches_in(query, index..index + 1) {
            let start = found.start;
            let from = if start.row < index { 0 } else { start.col };
            let to = if found.end.row > index {
                u16::MAX
            } else {
                found.end.col.saturating_add(1)
            };
            paint(target, from, to, mark, pool);
        }
    }
    let state = format!("[{}/{}] ", peek.above(term), term.history_rows());
    let hint = match &peek.typing {
        Some((typed, Direction::Forward)) => format!("{state}/{typed}_"),
        Some((typed, Direction::Backward)) => format!("{state}?{typed}_"),
        None if peek.said.is_empty() => {
            format!("{state}your own view: / ? search  n N again  q back")
        }
        None => format!("{state}{}", peek.said),
    };
    let id = pool.style(mark);
    last.fill(Cell::narrow(' ', id));
    let mut column = 0;
    for (cluster, columns) in width::clusters(&hint) {
        let wide = columns == 2;
        if column + usize::from(columns) > last.len() {
            break;
        }
        last[column] = pool.cell(cluster, wide, id);
        if wide {
            last[column + 1] = Cell::tail(id);
        }
        column += usize::from(columns);
    }
    rows
}
