//! Scrollbars beside panes (`pane-scrollbars on`): how much of a pane's text is in
//! sight, and where. What the mouse does with them is not known here.

use crate::base::{Cell, Pool, Style};
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
        let insets = window.layout.insets();
        let text = mux.window_str(Some(window.id), "pane-scrollbars-style");
        let spec = crate::config::StyleSpec::parse(text).unwrap_or_default();
        let pad = spec.pad.unwrap_or(0).min(insets.bar);
        Self {
            width: insets.bar - pad,
            pad,
            left: insets.bar_left,
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
    let (first, rows) = slider(pane, look.area.h);
    let (own, inverse) = (
        bars.style,
        Style {
            fg: bars.style.bg,
            bg: bars.style.fg,
            ..bars.style
        },
    );
    let on = (first..first + rows).contains(&u64::from(line));
    let style = pool.style(if on { inverse } else { own });
    for x in from..from + i32::from(bars.width) {
        if let Some(cell) = usize::try_from(x).ok().and_then(|x| row.get_mut(x)) {
            *cell = Cell::narrow(' ', style);
        }
    }
}

/// The slider's first row and its rows, of so many.
fn slider(pane: &Pane, height: u16) -> (u64, u64) {
    let height = u64::from(height.max(1));
    let history = u64::try_from(pane.term.history_rows()).unwrap_or(u64::MAX / 2);
    let total = history + height;
    let rows = (height * height / total).max(1);
    let below = match pane.copy.as_deref() {
        Some(copy) => u64::try_from(copy.back()).unwrap_or(0),
        None => 0,
    };
    let first = if below == 0 {
        height - rows
    } else {
        (history.saturating_sub(below) * height / total).min(height - rows)
    };
    (first, rows)
}
