//! The key help on the screen: a list of bindings with what each does, what is
//! searched for, and the selected one's command in full as far as it fits. All
//! of it goes through labels, since notes and commands are the user's own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use ratatui::style::{Modifier, Style as RStyle};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::base::{Label, width};
use crate::mux::key_help::KeyHelp;
use crate::mux::panel::in_sight;
use crate::mux::{Client, Mux};

/// The widest column of keys, in cells.
const MOST_KEYS: usize = 24;

/// Draws the help for a client.
pub(super) fn draw(mux: &Mux, client: &Client, help: &KeyHelp, area: Area, buffer: &mut Buffer) {
    let session = client.session;
    let window = session.and_then(|id| mux.sessions.get(&id)?.window());
    let rows = help.rows(mux, session, window);
    let selected = help.selected.min(rows.len().saturating_sub(1));
    let runs = rows.get(selected).is_some_and(|row| row.runs);
    let narrow = area.width < 60;
    let keys = match (help.filter.is_empty(), runs) {
        (true, true) if !narrow => " type to search  Enter runs it  q closes ",
        (true, _) => " type to search  q closes ",
        (false, true) if !narrow => " Enter runs it  Esc all  C-c closes ",
        (false, _) => " Esc all  C-c closes ",
    };
    let nth = if rows.is_empty() { 0 } else { selected + 1 };
    let place = format!(" {nth}/{} ", rows.len());
    // On a narrow screen the place would lie over the keys.
    let fits = width::str_width(keys) + place.len() + 2 <= usize::from(area.width);
    let mut block = super::chrome::frame("keys").title_bottom(keys);
    if fits {
        block = block.title_bottom(Line::from(place).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    if inner.height < 3 || inner.width == 0 {
        return;
    }
    let search = format!("/{}", Label::new(&help.filter));
    let bold = RStyle::default().add_modifier(Modifier::BOLD);
    put(buffer, inner, 0, &search, bold);
    let height = usize::from(inner.height) - 2;
    let top = in_sight(help.top, selected, rows.len(), height);
    let widest = rows.iter().map(|row| row.keys.width()).max().unwrap_or(0);
    let half = usize::from(inner.width) / 2;
    let column = widest.min(MOST_KEYS).min(half).max(1);
    for ((nth, row), y) in rows.iter().enumerate().skip(top).take(height).zip(1..) {
        let cut = width::prefix(row.keys.as_str(), column);
        let gap = " ".repeat(column.saturating_sub(width::str_width(cut)) + 1);
        let line = format!("{cut}{gap}{}", row.says);
        let mut style = RStyle::default();
        if nth == selected {
            style = style.add_modifier(Modifier::REVERSED);
        }
        put(buffer, inner, y, &line, style);
    }
    let last = match rows.get(selected) {
        Some(row) => Label::new(&row.binding.commands),
        None => Label::new("no key does that"),
    };
    let dim = RStyle::default().add_modifier(Modifier::DIM);
    put(buffer, inner, inner.height - 1, last.as_str(), dim);
}

/// One line over the whole width, in one style.
fn put(buffer: &mut Buffer, area: Area, y: u16, text: &str, style: RStyle) {
    let cells = usize::from(area.width);
    let text = width::prefix(text, cells);
    let rest = " ".repeat(cells.saturating_sub(width::str_width(text)));
    buffer.set_string(area.x, area.y + y, format!("{text}{rest}"), style);
}
