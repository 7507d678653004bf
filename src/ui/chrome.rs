//! Overlays: text to read, choosers, the phases panel, pane numbers. Painted with ratatui into a
//! buffer of their own and carried into cells.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use ratatui::style::{Color as RColor, Modifier, Style as RStyle};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Widget};

use crate::base::{Attrs, Cell, Color, Pool, Size, Style, Underline, width};
use crate::mux::client::{Overlay, TextView};
use crate::mux::{Client, Mux};

use super::key_help;
use super::panel;
use super::people;

/// The rows that an overlay covers, from the top of the screen; none if the
/// client has no overlay that covers it.
pub(super) fn rows(mux: &Mux, client: &Client, pool: &mut Pool) -> Option<Vec<Vec<Cell>>> {
    // Before any buffer is made: most pictures have no overlay.
    let overlay = client.overlay.as_deref()?;
    let size = client.size()?;
    let lines = mux.status_lines(client.session);
    let size = Size::new(size.cols(), size.rows().saturating_sub(lines));
    if let Overlay::Peek(peek) = overlay {
        return Some(super::peek::rows(mux, peek, size, pool));
    }
    let area = Area::new(0, 0, size.cols(), size.rows());
    let mut buffer = Buffer::empty(area);
    match overlay {
        Overlay::Text(view) => text(view, area, &mut buffer),
        Overlay::Phases(panel) => panel::draw(mux, client, panel, area, &mut buffer),
        Overlay::Keys(help) => key_help::draw(mux, client, help, area, &mut buffer),
        Overlay::People(list) => people::draw(mux, client, list, area, &mut buffer),
        Overlay::Peek(_) => {}
    }
    Some(carry(&buffer, size, pool))
}

fn text(view: &TextView, area: Area, buffer: &mut Buffer) {
    let shown: Vec<_> = view.shown().collect();
    let rows = usize::from(area.height.saturating_sub(2)).max(1);
    let place = format!(
        " {}-{} of {} ",
        (view.top + 1).min(shown.len()),
        (view.top + rows).min(shown.len()),
        shown.len()
    );
    let hint = if view.typing {
        format!(" /{}_ ", view.filter)
    } else if view.filter.is_empty() {
        " / search  q close ".to_owned()
    } else {
        format!(" /{}  q close ", view.filter)
    };
    let block = frame(view.title.as_str())
        .title_bottom(hint)
        .title_bottom(Line::from(place).right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    let visible = shown.iter().skip(view.top).take(usize::from(inner.height));
    for (line, y) in visible.zip(inner.y..) {
        let line = width::prefix(line.as_str(), usize::from(inner.width));
        buffer.set_string(inner.x, y, line, RStyle::default());
    }
}

pub(super) fn frame(title: &str) -> Block<'_> {
    let block = Block::default().borders(Borders::ALL);
    if title.is_empty() {
        block
    } else {
        block.title(format!(" {title} "))
    }
}

/// Carries a buffer's cells into the view's pool.
fn carry(buffer: &Buffer, size: Size, pool: &mut Pool) -> Vec<Vec<Cell>> {
    let mut rows = Vec::with_capacity(usize::from(size.rows()));
    for y in 0..size.rows() {
        let mut row = Vec::with_capacity(usize::from(size.cols()));
        while row.len() < usize::from(size.cols()) {
            let x = u16::try_from(row.len()).unwrap_or(u16::MAX);
            let Some(cell) = buffer.cell((x, y)) else {
                break;
            };
            let style = pool.style(style_of(cell));
            let symbol = cell.symbol();
            let wide = width::str_width(symbol) == 2 && row.len() + 1 < usize::from(size.cols());
            row.push(pool.cell(symbol, wide, style));
            if wide {
                row.push(Cell::tail(style));
            }
        }
        rows.push(row);
    }
    rows
}

fn style_of(cell: &ratatui::buffer::Cell) -> Style {
    let mut attrs = Attrs::NONE;
    for (modifier, attr) in [
        (Modifier::BOLD, Attrs::BOLD),
        (Modifier::DIM, Attrs::DIM),
        (Modifier::ITALIC, Attrs::ITALIC),
        (Modifier::REVERSED, Attrs::REVERSE),
    ] {
        attrs = attrs.set(attr, cell.modifier.contains(modifier));
    }
    let underlined = cell.modifier.contains(Modifier::UNDERLINED);
    Style {
        fg: color(cell.fg),
        bg: color(cell.bg),
        attrs,
        underline: if underlined {
            Underline::Single
        } else {
            Underline::None
        },
        ..Style::DEFAULT
    }
}

fn color(color: RColor) -> Color {
    match color {
        RColor::Indexed(n) => Color::Indexed(n),
        RColor::Rgb(r, g, b) => Color::Rgb(r, g, b),
        RColor::Black => Color::Indexed(0),
        RColor::Red => Color::Indexed(1),
        RColor::Green => Color::Indexed(2),
        RColor::Yellow => Color::Indexed(3),
        RColor::Blue => Color::Indexed(4),
        RColor::Magenta => Color::Indexed(5),
        RColor::Cyan => Color::Indexed(6),
        RColor::Gray => Color::Indexed(7),
        RColor::DarkGray => Color::Indexed(8),
        RColor::LightRed => Color::Indexed(9),
        RColor::LightGreen => Color::Indexed(10),
        RColor::LightYellow => Color::Indexed(11),
        RColor::LightBlue => Color::Indexed(12),
        RColor::LightMagenta => Color::Indexed(13),
        RColor::LightCyan => Color::Indexed(14),
        RColor::White => Color::Indexed(15),
        RColor::Reset => Color::Default,
    }
}
