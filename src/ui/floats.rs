//! Menus and popups as they are drawn: over everything else of a client's
//! picture.

use crate::base::{Cell, ClientId, Pos, Size, Style, StyleId};
use crate::config::{Align, StyleSpec};
use crate::mux::Mux;
use crate::mux::floats::{Looks, Menu, Popup};
use crate::tty::Frame;

use super::canvas::{BoxLines, Canvas};
use super::palette::Palette;
use super::styled;

/// How many columns a styled text takes.
#[must_use]
pub fn text_width(text: &str) -> usize {
    styled::measure(text, Style::DEFAULT).0
}

/// Draws what floats over a client's panes onto its picture.
pub(super) fn draw(mux: &Mux, client: ClientId, frame: &mut Frame, palette: &mut Palette) {
    if let Some(popup) = mux.popup_of(client).filter(|popup| popup.wanted.is_none()) {
        let rows = popup_rows(popup, palette);
        put(frame, popup.at, &rows);
    }
    if let Some(menu) = mux.menu_of(client).filter(|menu| menu.wanted.is_none()) {
        let rows = menu_rows(menu, palette);
        put(frame, menu.at, &rows);
    }
}

pub(super) fn put(frame: &mut Frame, at: Pos, rows: &[Vec<Cell>]) {
    let blank = Cell::empty(StyleId::default());
    for (cells, y) in rows.iter().zip(at.y..) {
        if y >= frame.size.rows() {
            break;
        }
        let mut row = frame.row(y).to_vec();
        let from = usize::from(at.x).min(row.len());
        let to = (from + cells.len()).min(row.len());
        // Wide characters that lose a half.
        if from > 0 && row[from - 1].is_wide() {
            row[from - 1] = blank;
        }
        if let Some(next) = row.get_mut(to).filter(|cell| cell.is_tail()) {
            *next = blank;
        }
        row[from..to].copy_from_slice(&cells[..to - from]);
        frame.set_row(y, &row);
    }
}

fn style(text: &str) -> Style {
    let spec = StyleSpec::parse(text).unwrap_or_default();
    spec.apply(Style::DEFAULT, Style::DEFAULT)
}

/// What is inside and the border, each of its own style alone.
fn styles(looks: &Looks) -> (Style, Style) {
    (style(&looks.style), style(&looks.border))
}

/// The title on the upper border, by its alignment.
fn title(text: &str, border: Style, canvas: &mut Canvas<'_>) {
    let columns = canvas.size().cols();
    if text.is_empty() || columns < 5 {
        return;
    }
    let room = columns - 4;
    let width = u16::try_from(text_width(text))
        .unwrap_or(u16::MAX)
        .min(room);
    let align = if text.contains("align=centre") {
        Align::Centre
    } else if text.contains("align=right") {
        Align::Right
    } else {
        Align::Left
    };
    let x = match align {
        Align::Centre => 2 + room / 2 - width / 2,
        Align::Right => 2 + room - width,
        _ => 2,
    };
    canvas.styled(Pos::new(x, 0), width, text, border, false);
}

fn menu_rows(menu: &Menu, palette: &mut Palette) -> Vec<Vec<Cell>> {
    let (inside, border) = styles(&menu.looks);
    let selected = style(&menu.looks.selected);
    let size = menu.size();
    let mut canvas = Canvas::new(size, inside, palette);
    // Without lines there is as much room around the items.
    let padded = menu.looks.lines == "padded";
    let lines = BoxLines::named(&menu.looks.lines).unwrap_or(BoxLines::BLANK);
    canvas.frame(Pos::new(0, 0), size, lines, border);
    title(&menu.title, border, &mut canvas);
    let width = menu.width + 2;
    for ((item, nth), y) in menu.items.iter().zip(0..).zip(1u16..) {
        let Some(name) = &item.name else {
            canvas.text(Pos::new(0, y), &lines.joins[0].to_string(), 1, border);
            for x in 1..=width {
                canvas.text(Pos::new(x, y), &lines.across.to_string(), 1, border);
            }
            let right = Pos::new(width + 1, y);
            canvas.text(right, &lines.joins[1].to_string(), 1, border);
            continue;
        };
        let chosen = menu.choice == Some(nth) && !item.disabled;
        let base = if chosen { selected } else { inside };
        canvas.blank(Pos::new(1, y), width, base);
        let base = if item.disabled {
            super::modes::dimmed(base)
        } else {
            base
        };
        let taken = canvas.styled(Pos::new(2, y), menu.width, name, base, chosen);
        if padded && !chosen {
            // Beyond the text it is all border, as in tmux.
            canvas.blank(Pos::new(2 + taken, y), width - 1 - taken, border);
        }
    }
    canvas.rows
}

fn popup_rows(popup: &Popup, palette: &mut Palette) -> Vec<Vec<Cell>> {
    let (inside, border) = styles(&popup.looks);
    let mut canvas = Canvas::new(popup.size, inside, palette);
    let edge = u16::from(popup.bordered());
    if let Some(lines) = BoxLines::named(&popup.looks.lines)
        && popup.size.cols() > 2
        && popup.size.rows() > 2
    {
        canvas.frame(Pos::new(0, 0), popup.size, lines, border);
        title(&popup.title, border, &mut canvas);
    }
    let size = popup.term.size();
    let room = popup.inner();
    let rows = size.rows().min(room.rows());
    let columns = usize::from(size.cols().min(room.cols()));
    let from = usize::from(edge);
    for y in 0..rows {
        let source = popup.term.row(y);
        let Some(row) = canvas.rows.get_mut(usize::from(y + edge)) else {
            break;
        };
        let columns = columns
            .min(source.len())
            .min(row.len().saturating_sub(from));
        let target = &mut row[from..from + columns];
        canvas
            .palette
            .carry_over(popup.id, &popup.term, &source[..columns], target);
        under(target, inside, canvas.palette);
    }
    canvas.rows
}

/// Cells of the default colours take those of the popup.
fn under(cells: &mut [Cell], inside: Style, palette: &mut Palette) {
    let pool = palette.pool_mut();
    for cell in cells {
        let own = pool.get(cell.style);
        let mut style = own;
        if own.fg == crate::base::Color::Default {
            style = style.fg(inside.fg);
        }
        if own.bg == crate::base::Color::Default {
            style = style.bg(inside.bg);
        }
        if style != own {
            cell.style = pool.style(style);
        }
    }
}

/// Where the cursor is while something floats: in a popup, or nowhere.
pub(super) fn cursor(mux: &Mux, client: ClientId) -> Option<Option<Pos>> {
    if mux.menu_of(client).is_some() {
        return Some(None);
    }
    let popup = mux.popup_of(client)?;
    let cursor = popup.term.cursor();
    let origin = popup.origin();
    let inside: Size = popup.inner();
    let seen = cursor.visible
        && popup.ended.is_none()
        && cursor.pos.x < inside.cols()
        && cursor.pos.y < inside.rows();
    Some(seen.then(|| Pos::new(origin.x + cursor.pos.x, origin.y + cursor.pos.y)))
}
