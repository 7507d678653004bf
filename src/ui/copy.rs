//! Copy mode on the screen: lines of its picture, with line numbers, the cursor's
//! line, mark, matches and selection in their styles, and the position.

use crate::base::{Attrs, Cell, Color, Label, Pool, Style, StyleId, width};
use crate::config::StyleSpec;
use crate::format::Scope;
use crate::mux::copy::{CopyMode, Glow, Numbering};
use crate::mux::{Mux, Pane};
use crate::term::ViewLine;

use super::status::style_option;
use super::styled;

/// How a pane's copy mode looks by its options.
struct Look<'a> {
    mux: &'a Mux,
    scope: Scope<'a>,
    numbering: Numbering,
}

impl<'a> Look<'a> {
    fn new(mux: &'a Mux, pane: &'a Pane, copy: &CopyMode) -> Self {
        let scope = Scope {
            pane: Some(pane.id),
            window: Some(pane.window),
            now: mux.now,
            ..Scope::default()
        };
        let numbers = mux.window_str(Some(pane.window), "copy-mode-line-numbers");
        Self {
            mux,
            scope,
            numbering: copy.numbering(numbers),
        }
    }

    fn option(&self, name: &str) -> &'a str {
        self.mux.window_str(self.scope.window, name)
    }

    fn spec(&self, option: &str) -> StyleSpec {
        let text = crate::format::expand(self.option(option), self.mux, &self.scope);
        StyleSpec::parse(&text).unwrap_or_default()
    }

    fn style(&self, option: &str) -> Style {
        style_option(self.mux, &self.scope, self.option(option), Style::DEFAULT)
    }
}

/// The column of a pane in which copy mode's cursor is seen.
pub(super) fn cursor_column(mux: &Mux, pane: &Pane, copy: &CopyMode) -> u16 {
    let look = Look::new(mux, pane, copy);
    let column = copy.seen_col(look.numbering, copy.cursor().0);
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Draws one line of a pane in copy mode.
pub(super) fn draw_row(
    mux: &Mux,
    pane: &Pane,
    copy: &CopyMode,
    line: u16,
    pool: &mut Pool,
    target: &mut [Cell],
) {
    let look = Look::new(mux, pane, copy);
    let row = usize::from(line);
    let (col, cursor_row) = copy.cursor();
    let wide = copy.number_width(look.numbering).min(target.len());
    let (numbers, text) = target.split_at_mut(wide);
    if wide > 0 {
        let style = if row == cursor_row {
            "copy-mode-current-line-number-style"
        } else {
            "copy-mode-line-number-style"
        };
        let number = copy.number(look.numbering, row);
        let id = pool.style(look.style(style));
        put_number(&format!("{number:>wide$} ", wide = wide - 1), id, numbers);
    }
    draw_text(&look, copy, row, pool, text);
    if row == 0 && !copy.hide_position {
        let format = look.option("copy-mode-position-format");
        let shown = crate::format::expand_time(format, mux, &look.scope);
        let base = look.style("copy-mode-position-style");
        styled::layout_over(&shown, base, pool, text);
    }
    if row == cursor_row
        && col >= copy.text_width(look.numbering)
        && let Some(last) = target.last_mut()
    {
        *last = Cell::narrow('$', StyleId::DEFAULT);
    }
    if copy.has_selection() {
        let style = look.style("copy-mode-selection-style");
        let adds = !look.spec("copy-mode-selection-style").noattr;
        for (at, cell) in target.iter_mut().enumerate() {
            if copy.is_selected(look.numbering, row, at) {
                restyle(cell, pool, |own| selected(style, own, adds));
            }
        }
    }
    for at in 0..target.len() {
        let halved = target[at].is_wide() && target.get(at + 1).is_none_or(|next| !next.is_tail());
        let torn = target[at].is_tail() && (at == 0 || !target[at - 1].is_wide());
        if halved || torn {
            target[at] = Cell::narrow(' ', target[at].style);
        }
    }
}

fn put_number(text: &str, style: StyleId, target: &mut [Cell]) {
    for (cell, ch) in target.iter_mut().zip(text.chars()) {
        *cell = Cell::narrow(ch, style);
    }
}

/// The text of a line, with what stands out in it.
fn draw_text(look: &Look<'_>, copy: &CopyMode, row: usize, pool: &mut Pool, target: &mut [Cell]) {
    let mut text = ViewLine::default();
    match copy.read_row(row, pool, &mut text) {
        Some(label) => put_label(label, pool, target),
        None => {
            for (cell, own) in target.iter_mut().zip(&text.cells) {
                *cell = *own;
            }
        }
    }
    let current = look.option("copy-mode-current-line-style");
    let current = (row == copy.cursor().1 && current != "default")
        .then(|| look.style("copy-mode-current-line-style"));
    let plain = copy.glow(row, 0);
    if current.is_none() && !plain.marked && !copy.search().is_shown() {
        return;
    }
    let mark = look.style("copy-mode-mark-style");
    let found = look.style("copy-mode-match-style");
    let own = look.style("copy-mode-current-match-style");
    for (at, cell) in target.iter_mut().enumerate() {
        let glow = copy.glow(row, at);
        if current.is_none()
            && glow
                == (Glow {
                    current: glow.current,
                    ..Glow::default()
                })
        {
            continue;
        }
        restyle(cell, pool, |mut style| {
            if let Some(current) = current {
                style = over(current, style);
            }
            let turn = |to: Style| {
                if glow.mark {
                    turned(to, style)
                } else {
                    bare(to, style)
                }
            };
            match (glow.found, glow.marked) {
                (Some(true), _) => turn(own),
                (Some(false), _) => turn(found),
                (None, true) => turn(mark),
                (None, false) => style,
            }
        });
    }
}

/// Gives a cell another style; one that nothing was written to becomes a blank.
fn restyle(cell: &mut Cell, pool: &mut Pool, change: impl FnOnce(Style) -> Style) {
    let style = pool.style(change(pool.get(cell.style)));
    let shown = if cell.is_empty() {
        Cell::narrow(' ', style)
    } else {
        *cell
    };
    *cell = shown.restyled(style);
}

/// A style in place of a cell's, its link kept.
fn bare(style: Style, own: Style) -> Style {
    Style {
        link: own.link,
        ..style
    }
}

fn turned(style: Style, own: Style) -> Style {
    Style {
        fg: style.bg,
        bg: style.fg,
        ..bare(style, own)
    }
}

/// Colours where they are set, and attributes added.
fn over(style: Style, own: Style) -> Style {
    let pick = |new: Color, old: Color| if new == Color::Default { old } else { new };
    Style {
        fg: pick(style.fg, own.fg),
        bg: pick(style.bg, own.bg),
        attrs: own.attrs.with(style.attrs),
        ..own
    }
}

/// The selection's style over a cell's: its colours where they are set, and its
/// attributes, to which the cell's are added if it `adds`.
fn selected(style: Style, own: Style, adds: bool) -> Style {
    let pick = |new: Color, old: Color| if new == Color::Default { old } else { new };
    Style {
        fg: pick(style.fg, own.fg),
        bg: pick(style.bg, own.bg),
        attrs: if adds {
            style.attrs.with(own.attrs)
        } else {
            style.attrs
        },
        link: own.link,
        ..style
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

/// Restyles the columns from and up to others.
pub(super) fn paint(target: &mut [Cell], from: u16, to: u16, style: Style, pool: &mut Pool) {
    let to = usize::from(to).min(target.len());
    let from = usize::from(from).min(to);
    for cell in &mut target[from..to] {
        restyle(cell, pool, |_| style);
    }
}
