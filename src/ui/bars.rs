//! Scrollbars beside panes (`pane-scrollbars on`): how much of a pane's text is in
//! sight, and where, and what of one is at a place. What the mouse does there is not
//! known here.

use crate::base::{Cell, PaneId, Pool, Style};
use crate::mux::layout::Area;
use crate::mux::{Mux, Pane, Window};

use super::borders::{Look, PaneLook};
use super::status::style_option;
use crate::format::Scope;

/// How a window's scrollbars look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BarLook {
    /// Columns of the bar itself.
    width: u16,
    /// Columns between it and the pane.
    pad: u16,
    left: bool,
    style: Style,
}

impl BarLook {
    /// How they look in a scope.
    pub(super) fn new(mux: &Mux, window: &Window, scope: &Scope<'_>) -> Self {
        let (width, pad, left) = widths(mux, window);
        let text = mux.window_str(Some(window.id), "pane-scrollbars-style");
        Self {
            width,
            pad,
            left,
            style: style_option(mux, scope, text, Style::DEFAULT),
        }
    }

    /// Whether there are any.
    pub(super) fn is_shown(self) -> bool {
        self.width > 0
    }
}

/// Draws the scrollbars' part of a row of the window.
pub(super) fn draw_row(mux: &Mux, look: &Look, y: u16, pool: &mut Pool, row: &mut [Cell]) {
    if !look.bars.is_shown() {
        return;
    }
    for pane in &look.tiled {
        let line = u16::try_from(i32::from(y) - pane.area.y).ok();
        let line = line.filter(|line| *line < pane.area.h);
        if let (Some(line), Some(owner)) = (line, mux.panes.get(&pane.pane)) {
            draw_line(look.bars, pane, owner, line, pool, row);
        }
    }
}

/// Draws a line of a pane's scrollbar, if it has one.
pub(super) fn draw_line(
    bars: BarLook,
    look: &PaneLook,
    pane: &Pane,
    line: u16,
    pool: &mut Pool,
    row: &mut [Cell],
) {
    if !bars.is_shown() {
        return;
    }
    let from = if bars.left {
        look.area.x - i32::from(bars.width + bars.pad)
    } else {
        look.area.right() + i32::from(bars.pad)
    };
    let (first, rows) = pane.slider();
    let (own, inverse) = (
        bars.style,
        Style {
            fg: bars.style.bg,
            bg: bars.style.fg,
            ..bars.style
        },
    );
    let on = (first..first + rows).contains(&line);
    let style = pool.style(if on { inverse } else { own });
    for x in from..from + i32::from(bars.width) {
        if let Some(cell) = usize::try_from(x).ok().and_then(|x| row.get_mut(x)) {
            *cell = Cell::narrow(' ', style);
        }
    }
}

/// A part of a scrollbar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarPart {
    /// What is above the slider.
    Above,
    /// The slider.
    Slider,
    /// What is below the slider.
    Below,
}

/// The part of a pane's scrollbar at a place of its window.
pub(super) fn part_at(
    mux: &Mux,
    window: &Window,
    (pane, area): (PaneId, Area),
    (x, y): (i32, i32),
) -> Option<BarPart> {
    let (width, pad, left) = widths(mux, window);
    let from = if left {
        area.x - i32::from(width + pad)
    } else {
        area.right() + i32::from(pad)
    };
    let over = (from..from + i32::from(width)).contains(&x) && (area.y..area.bottom()).contains(&y);
    let owner = mux.panes.get(&pane).filter(|_| over)?;
    let (first, rows) = owner.slider();
    let line = y - area.y;
    Some(if line < i32::from(first) {
        BarPart::Above
    } else if line < i32::from(first) + i32::from(rows) {
        BarPart::Slider
    } else {
        BarPart::Below
    })
}

/// A window's columns for scrollbars and their padding, and whether they are at
/// the left.
fn widths(mux: &Mux, window: &Window) -> (u16, u16, bool) {
    let insets = window.layout.insets();
    let text = mux.window_str(Some(window.id), "pane-scrollbars-style");
    let spec = crate::config::StyleSpec::parse(text).unwrap_or_default();
    let pad = spec.pad.unwrap_or(0).min(insets.bar);
    (insets.bar - pad, pad, insets.bar_left)
}
