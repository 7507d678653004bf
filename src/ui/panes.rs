//! Panes on a frame: which of their rows changed since they were drawn last,
//! and those rows carried from the terminal's pool into that of the pictures.

use rustc_hash::FxHashMap;

use crate::base::{Cell, Color, PaneId, Pool, Pos, Rect, Size, Style, StyleId};
use crate::format::Scope;
use crate::mux::{Mux, Pane};

use super::clock;
use super::copy;
use super::modes;
use super::palette::Palette;
use super::prompt::PromptText;

/// What a view remembers of a pane.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The sequence number up to which rows were carried over.
    seq: u64,
    /// It was in a mode.
    copying: bool,
}

/// What a view remembers of all panes.
#[derive(Clone, Debug, Default)]
pub(super) struct PaneCache {
    seen: FxHashMap<PaneId, Seen>,
}

impl PaneCache {
    /// Forgets everything: every row is to be drawn.
    pub(super) fn clear(&mut self) {
        self.seen.clear();
    }

    /// Forgets panes that are not shown any more.
    pub(super) fn keep(&mut self, shown: impl Fn(PaneId) -> bool) {
        self.seen.retain(|pane, _| shown(*pane));
    }

    /// Marks all rows of a floating pane that changed.
    pub(super) fn changes_float(&mut self, pane: &Pane, rect: Rect, dirty: &mut [bool]) {
        let seen = self.seen.entry(pane.id).or_default();
        let copying = shows_more(pane);
        let seq = pane.term.seq().max(1);
        if seen.seq != seq || copying || seen.copying {
            let rows = dirty.iter_mut().skip(usize::from(rect.y));
            rows.take(usize::from(rect.height))
                .for_each(|row| *row = true);
            *seen = Seen { seq, copying };
        }
    }

    /// Marks the rows of the window that a pane's changes touch.
    pub(super) fn changes(&mut self, pane: &Pane, rect: Rect, dirty: &mut [bool]) {
        let seen = self.seen.entry(pane.id).or_default();
        let copying = shows_more(pane);
        let seq = pane.term.seq().max(1);
        if seen.seq == seq && !copying && !seen.copying {
            return;
        }
        let all = seen.seq == 0 || seen.seq > seq || copying || seen.copying;
        let last = pane.size().rows() - 1;
        let rows = dirty.iter_mut().skip(usize::from(rect.y));
        for (row, y) in rows.zip(0..rect.height) {
            *row |= all || pane.term.row_seq(y.min(last)) > seen.seq;
        }
        *seen = Seen { seq, copying };
    }
}

/// Whether a pane shows more than its program wrote, so that no row of it can be
/// known to be as it was.
fn shows_more(pane: &Pane) -> bool {
    pane.mode.is_some() || pane.prompt.is_some() || pane.clock || pane.copy.is_some()
}

/// The rows of the panes that are in a mode, by pane; a guest sees none that
/// lists more than its own session.
pub(super) fn covers(
    mux: &Mux,
    places: &[(PaneId, Rect)],
    foreign: bool,
    palette: &mut Palette,
) -> FxHashMap<PaneId, Vec<Vec<Cell>>> {
    let mut covers = FxHashMap::default();
    for (id, rect) in places {
        let Some(pane) = mux.panes.get(id) else {
            continue;
        };
        if let Some(mode) = pane.mode.as_deref().filter(|_| !foreign) {
            let size = Size::new(rect.width, rect.height);
            covers.insert(*id, modes::rows(mux, pane, mode, size, palette));
        }
    }
    covers
}

/// Draws a pane's part of one row of the window; `cover` is what its mode
/// shows.
pub(super) fn draw_row(
    mux: &Mux,
    (pane, cover): (&Pane, Option<&Vec<Vec<Cell>>>),
    rect: Rect,
    y: u16,
    content: Style,
    palette: &mut Palette,
    row: &mut [Cell],
) {
    let from = usize::from(rect.x).min(row.len());
    let to = usize::from(rect.right()).min(row.len());
    let cover = (pane, cover, rect.height);
    draw_line(mux, cover, y - rect.y, content, palette, &mut row[from..to]);
}

/// Draws a line of a pane of some height; `content` stands for the default
/// colours of what its program wrote.
pub(super) fn draw_line(
    mux: &Mux,
    (pane, cover, height): (&Pane, Option<&Vec<Vec<Cell>>>, u16),
    line: u16,
    content: Style,
    palette: &mut Palette,
    target: &mut [Cell],
) {
    let covered = cover.and_then(|rows| rows.get(usize::from(line)));
    if let Some(cells) = covered {
        for (own, cell) in target.iter_mut().zip(cells) {
            *own = *cell;
        }
    } else if pane.clock {
        clock::draw_row(mux, pane, line, height, palette.pool_mut(), target);
    } else if let Some(copy) = pane.copy.as_deref() {
        copy::draw_row(mux, pane, copy, line, palette.pool_mut(), target);
    } else {
        if line < pane.size().rows() {
            palette.carry(pane, pane.term.row(line), target);
        }
    }
    if content != Style::DEFAULT {
        colour(content, palette.pool_mut(), target);
    }
    mend_cut(target);
    if let Some(prompt) = prompt(mux, pane).filter(|_| line == prompt_row(mux, pane, height)) {
        prompt.draw(target, palette.pool_mut());
    }
}

fn prompt(mux: &Mux, pane: &Pane) -> Option<PromptText> {
    let prompt = pane.prompt.as_deref()?;
    let scope = prompt.session.map(|id| Scope::of_session(mux, id));
    let scope = Scope {
        pane: Some(pane.id),
        window: Some(pane.window),
        ..scope.unwrap_or_default()
    };
    Some(PromptText::prompt(mux, &scope, prompt))
}

fn prompt_row(mux: &Mux, pane: &Pane, height: u16) -> u16 {
    let session = pane.prompt.as_ref().and_then(|prompt| prompt.session);
    if mux.session_str(session, "status-position") == "top" {
        0
    } else {
        height.saturating_sub(1)
    }
}

/// Where the cursor of a pane's prompt is, in the pane.
pub(super) fn prompt_cursor(mux: &Mux, pane: &Pane, size: Size) -> Option<Pos> {
    let column = prompt(mux, pane)?.cursor_at(size.cols())?;
    Some(Pos::new(column, prompt_row(mux, pane, size.rows())))
}

/// Gives cells in default colours those of a style.
fn colour(content: Style, pool: &mut Pool, cells: &mut [Cell]) {
    let mut known: Option<(StyleId, StyleId)> = None;
    for cell in cells {
        let new = match known {
            Some((old, new)) if old == cell.style => new,
            _ => {
                let own = pool.get(cell.style);
                let or = |own: Color, other| if own == Color::Default { other } else { own };
                let new = pool.style(Style {
                    fg: or(own.fg, content.fg),
                    bg: or(own.bg, content.bg),
                    ..own
                });
                known = Some((cell.style, new));
                new
            }
        };
        cell.style = new;
    }
}

/// A wide cell whose right half was cut off becomes a blank.
fn mend_cut(cells: &mut [Cell]) {
    if let Some(last) = cells.last_mut()
        && last.is_wide()
    {
        *last = Cell::empty(last.style);
    }
}
