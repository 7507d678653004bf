//! Floating panes on a frame: each with its frame over what lies behind it. Which
//! rows must be drawn is not known here.

use crate::base::{Cell, Pool};
use crate::mux::Mux;
use crate::mux::layout::{Area, StatusSide};

use super::borders::{Look, PaneLook};
use super::palette::Palette;
use super::{bars, panes, styled};

/// Draws the floating panes' part of a row of the window, the rearmost first.
pub(super) fn draw_row(
    mux: &Mux,
    (look, covers): (&Look, &super::view::Covers),
    y: u16,
    palette: &mut Palette,
    row: &mut [Cell],
) {
    for pane in &look.floats {
        let line = i32::from(y) - pane.area.y;
        if pane.framed {
            let frame = look.body(pane).framed();
            let pointed = look.pointed == Some(pane.pane);
            draw_frame(
                (pane, pointed),
                frame,
                i32::from(y),
                palette.pool_mut(),
                row,
            );
        }
        let Ok(line) = u16::try_from(line) else {
            continue;
        };
        if line >= pane.area.h {
            continue;
        }
        let Some(owner) = mux.panes.get(&pane.pane) else {
            continue;
        };
        let mut cells = vec![Cell::EMPTY; usize::from(pane.area.w)];
        let cover = (owner, covers.get(&pane.pane), pane.area.h);
        panes::draw_line(mux, cover, line, pane.content, palette, &mut cells);
        copy(&cells, pane.area.x, row);
        bars::draw_line(look.bars, pane, owner, line, palette.pool_mut(), row);
    }
}

/// Puts cells on a row from a column on, which may lie beyond its start.
fn copy(cells: &[Cell], from: i32, row: &mut [Cell]) {
    let skip = usize::try_from(-from).unwrap_or(0).min(cells.len());
    let from = usize::try_from(from).unwrap_or(0).min(row.len());
    let seen = &cells[skip..];
    let count = seen.len().min(row.len() - from);
    row[from..from + count].copy_from_slice(&seen[..count]);
    // Halves of wide characters that were cut at the edges, here and behind.
    if count == 0 {
        return;
    }
    if row[from].is_tail() {
        row[from] = Cell::empty(row[from].style);
    }
    if row[from + count - 1].is_wide() {
        row[from + count - 1] = Cell::empty(row[from + count - 1].style);
    }
    if let Some(before) = from.checked_sub(1)
        && row[before].is_wide()
    {
        row[before] = Cell::empty(row[before].style);
    }
    if let Some(after) = row.get_mut(from + count)
        && after.is_tail()
    {
        *after = Cell::empty(after.style);
    }
}

/// Draws a frame's part of a row; arrows point at the pane, one cell into it.
fn draw_frame(
    (pane, pointed): (&PaneLook, bool),
    frame: Area,
    y: i32,
    pool: &mut Pool,
    row: &mut [Cell],
) {
    let (top, bottom) = (frame.y, frame.bottom() - 1);
    if !(top..=bottom).contains(&y) {
        return;
    }
    let style = pool.style(pane.style);
    let lines = &pane.lines;
    let beside = pointed && y == top + 2;
    if y != top && y != bottom {
        if beside {
            copy(&[Cell::narrow('→', style).isolated()], frame.x, row);
            copy(
                &[Cell::narrow('←', style).isolated()],
                frame.right() - 1,
                row,
            );
            return;
        }
        let side = [Cell::narrow(lines[12], style).isolated()];
        copy(&side, frame.x, row);
        copy(&side, frame.right() - 1, row);
        return;
    }
    let (left, right) = if beside {
        ('→', '←')
    } else if y == top {
        (lines[10], lines[9])
    } else {
        (lines[6], lines[5])
    };
    let mut cells = vec![Cell::narrow(lines[3], style); usize::from(frame.w)];
    if let Some(first) = cells.first_mut() {
        *first = Cell::narrow(left, style);
    }
    if let Some(last) = cells.last_mut() {
        *last = Cell::narrow(right, style);
    }
    // Never at the corner of a pane of one column.
    if pointed && frame.w > 3 {
        let arrow = if y == top { '↓' } else { '↑' };
        cells[2] = Cell::narrow(arrow, style);
    }
    if let Some((side, text)) = &pane.status
        && (*side == StatusSide::Top) == (y == top)
        && frame.w > 4
    {
        let to = usize::from(frame.w) - 1;
        if let Some(target) = cells.get_mut(3..to) {
            styled::layout_over(text, pane.style, pool, target);
        }
    }
    copy(&cells, frame.x, row);
}
