//! Copy mode on the screen: the view into history, selection, matches, and the
//! position in the corner.

use crate::base::{Attrs, Cell, Label, Pool, Style, width};
use crate::format::Scope;
use crate::mux::copy::{AbsPos, AbsRow, CopyMode};
use crate::mux::{Mux, Pane};
use crate::term::ViewLine;

use super::status::style_option;

/// Draws one line of a pane in copy mode.
pub(super) fn draw_row(
    mux: &Mux,
    pane: &Pane,
    copy: &CopyMode,
    line: u16,
    pool: &mut Pool,
    target: &mut [Cell],
) {
    let row = copy.row_below(line);
    let Some(index) = view_index(pane, row) else {
        return;
    };
    let fold = copy.fold_label(row);
    match fold {
        Some(label) => put_label(label, pool, target),
        None => {
            let mut text = ViewLine::default();
            pane.term.view_row(index, pool, &mut text);
            for (cell, own) in target.iter_mut().zip(&text.cells) {
                *cell = own.plain();
            }
        }
    }
    let style = |option: &str| {
        let scope = Scope {
            pane: Some(pane.id),
            window: Some(pane.window),
            now: mux.now,
            ..Scope::default()
        };
        let text = mux.window_str(Some(pane.window), option);
        style_option(mux, &scope, text, Style::DEFAULT)
    };
    if let Some((query, _)) = copy.search.as_ref().filter(|_| fold.is_none()) {
        let restyle = style("copy-mode-match-style");
        for found in pane.term.matches_in(query, index..index + 1) {
            let from = if found.start.row < index {
                0
            } else {
                found.start.col
            };
            let to = if found.end.row > index {
                u16::MAX
            } else {
                found.end.col
            };
            paint(target, from, to, restyle, pool);
        }
    }
    let separators = mux.session_str(None, "word-separators");
    let emacs = mux.window_str(Some(pane.window), "mode-keys") != "vi";
    if let Some(ends) = copy.selected(&pane.term, separators, emacs)
        && let Some((from, to)) = on_row(copy, ends, row)
    {
        paint(target, from, to, style("mode-style"), pool);
    }
    if line == 0 && !copy.hide_position {
        position(pane, copy, style("mode-style"), pool, target);
    }
}

/// The line that stands for a closed fold.
fn put_label(label: &Label, pool: &mut Pool, target: &mut [Cell]) {
    let bold = pool.style(Style::DEFAULT.with(Attrs::BOLD));
    let mut cells = Vec::with_capacity(target.len());
    for (cluster, columns) in width::clusters(label.as_str()) {
        let wide = columns == 2;
        if cells.len() + usize::from(columns) > target.len() {
            break;
        }
        cells.push(pool.cell(cluster, wide, bold));
        if wide {
            cells.push(Cell::tail(bold));
        }
    }
    for (cell, own) in target.iter_mut().zip(cells) {
        *cell = own;
    }
}

/// The view row of a row since the beginning, if it is still there.
pub(super) fn view_index(pane: &Pane, row: AbsRow) -> Option<usize> {
    let oldest = pane
        .term
        .rows_pushed()
        .saturating_sub(pane.term.history_rows() as u64);
    usize::try_from(row.0.checked_sub(oldest)?).ok()
}

/// The selected columns of a row, from and up to.
fn on_row(copy: &CopyMode, (a, b): (AbsPos, AbsPos), row: AbsRow) -> Option<(u16, u16)> {
    let (from, to) = if a <= b { (a, b) } else { (b, a) };
    if row < from.row || row > to.row {
        return None;
    }
    if copy.rectangle {
        return Some((a.col.min(b.col), a.col.max(b.col).saturating_add(1)));
    }
    let start = if row == from.row { from.col } else { 0 };
    let end = if row == to.row {
        to.col.saturating_add(1)
    } else {
        u16::MAX
    };
    Some((start, end))
}

pub(super) fn paint(target: &mut [Cell], from: u16, to: u16, style: Style, pool: &mut Pool) {
    let to = usize::from(to).min(target.len());
    let from = usize::from(from).min(to);
    let id = pool.style(style);
    for cell in &mut target[from..to] {
        let shown = if cell.is_empty() {
            Cell::narrow(' ', id)
        } else {
            *cell
        };
        *cell = shown.restyled(id);
    }
}

/// `[rows above the bottom/rows of history]` in the top right corner.
fn position(pane: &Pane, copy: &CopyMode, style: Style, pool: &mut Pool, target: &mut [Cell]) {
    let above = copy.lines_below(&pane.term);
    let text = format!("[{above}/{}]", pane.term.history_rows());
    let columns = width::str_width(&text);
    let Some(from) = target.len().checked_sub(columns) else {
        return;
    };
    let id = pool.style(style);
    for (cell, ch) in target[from..].iter_mut().zip(text.chars()) {
        *cell = Cell::narrow(ch, id);
    }
    if from > 0 && target[from - 1].is_wide() {
        target[from - 1] = Cell::empty(target[from - 1].style);
    }
}
