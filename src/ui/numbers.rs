//! `display-panes`: the panes of a window, small if need be, each with its
//! number over it.

use crate::base::{PaneId, Pos, Rect, Size, Style};
use crate::format::{self, Scope};
use crate::mux::modes::Mode;
use crate::mux::{Mux, Pane, Window};

use super::canvas::Canvas;
use super::status::style_option;

/// Digits, five rows of five cells each, the first at the highest bit.
const DIGITS: [[u8; 5]; 10] = [
    [0b11111, 0b10001, 0b10001, 0b10001, 0b11111],
    [0b00001, 0b00001, 0b00001, 0b00001, 0b00001],
    [0b11111, 0b00001, 0b11111, 0b10000, 0b11111],
    [0b11111, 0b00001, 0b11111, 0b00001, 0b11111],
    [0b10001, 0b10001, 0b11111, 0b00001, 0b00001],
    [0b11111, 0b10000, 0b11111, 0b00001, 0b11111],
    [0b11111, 0b10000, 0b11111, 0b10001, 0b11111],
    [0b11111, 0b00001, 0b00001, 0b00001, 0b00001],
    [0b11111, 0b10001, 0b11111, 0b10001, 0b11111],
    [0b11111, 0b10001, 0b11111, 0b00001, 0b11111],
];

/// Draws the panes of the mode's window.
pub(super) fn draw(mux: &Mux, own: &Pane, mode: &Mode, canvas: &mut Canvas<'_>) {
    let window = mode.numbers.window.and_then(|id| mux.windows.get(&id));
    let Some(window) = window else { return };
    let places = window.numbered(canvas.size());
    let text = mux.window_str(Some(own.window), "display-panes-border-style");
    let style = style_option(mux, &scope(mode, window, own.id), text, Style::DEFAULT);
    let tiled: Vec<(PaneId, Rect)> = places
        .iter()
        .filter(|(id, _)| !window.layout.floats(*id))
        .copied()
        .collect();
    for (id, rect) in &tiled {
        number(mux, own, mode, window, (*id, *rect), canvas);
    }
    borders(&tiled, canvas, style);
    // Floating panes with their frames over that, the rearmost first.
    for (id, _) in window.layout.floating() {
        let Some((_, rect)) = places.iter().find(|(other, _)| *other == id) else {
            continue;
        };
        if mux.pane_str(Some(id), "pane-border-lines") != "none" {
            frame(*rect, canvas, style);
        }
        for y in rect.y..rect.bottom() {
            canvas.blank(Pos::new(rect.x, y), rect.width, Style::DEFAULT);
        }
        number(mux, own, mode, window, (id, *rect), canvas);
    }
}

/// A pane's picture, with its number over it.
fn number(
    mux: &Mux,
    own: &Pane,
    mode: &Mode,
    window: &Window,
    (id, rect): (PaneId, Rect),
    canvas: &mut Canvas<'_>,
) {
    let Some(pane) = mux.panes.get(&id) else {
        return;
    };
    let base = mux.window_number(Some(window.id), "pane-base-index");
    let place = Pos::new(rect.x, rect.y);
    canvas.picture(place, Size::new(rect.width, rect.height), pane);
    let at = window.panes().iter().position(|pane| *pane == id);
    let number = at.and_then(|at| i64::try_from(at).ok()).unwrap_or(0) + base;
    Number::new(mux, own, mode, window, pane).draw(number, rect, canvas);
}

/// The frame round a floating pane, as far as it is seen.
fn frame(rect: Rect, canvas: &mut Canvas<'_>, style: Style) {
    let size = canvas.size();
    let (left, top) = (rect.x.checked_sub(1), rect.y.checked_sub(1));
    let right = (rect.right() < size.cols()).then(|| rect.right());
    let bottom = (rect.bottom() < size.rows()).then(|| rect.bottom());
    let mut put = |x: Option<u16>, y: Option<u16>, line: &str| {
        if let (Some(x), Some(y)) = (x, y) {
            canvas.text(Pos::new(x, y), line, 1, style);
        }
    };
    for x in rect.x..rect.right() {
        put(Some(x), top, "─");
        put(Some(x), bottom, "─");
    }
    for y in rect.y..rect.bottom() {
        put(left, Some(y), "│");
        put(right, Some(y), "│");
    }
    put(left, top, "┌");
    put(right, top, "┐");
    put(left, bottom, "└");
    put(right, bottom, "┘");
}

fn scope(mode: &Mode, window: &Window, pane: PaneId) -> Scope<'static> {
    Scope {
        session: Some(mode.at.session),
        window: Some(window.id),
        index: Some(mode.at.index),
        pane: Some(pane),
        ..Scope::default()
    }
}

/// How one pane's number looks.
struct Number {
    style: Style,
    text: String,
}

impl Number {
    fn new(mux: &Mux, own: &Pane, mode: &Mode, window: &Window, pane: &Pane) -> Self {
        let option = if window.active == pane.id {
            "display-panes-active-colour"
        } else {
            "display-panes-colour"
        };
        let scope = Scope {
            now: mux.now,
            ..scope(mode, window, pane.id)
        };
        let colour = mux.window_str(Some(own.window), option);
        let colour = format!("fg={colour}");
        let template = mux.window_str(Some(own.window), "display-panes-format");
        Self {
            style: style_option(mux, &scope, &colour, Style::DEFAULT),
            text: format::expand(template, mux, &scope),
        }
    }

    fn draw(&self, number: i64, rect: Rect, canvas: &mut Canvas<'_>) {
        let digits = number.to_string();
        let len = u16::try_from(digits.len()).unwrap_or(u16::MAX);
        let letter = u8::try_from(number - 10).ok().filter(|nth| *nth < 25);
        let letter = letter.map(|nth| char::from(b'a' + nth).to_string());
        let (sx, sy) = (rect.width, rect.height);
        if sx < len {
            return;
        }
        let formatted = !self.text.is_empty();
        let wide = len * 6 - 1;
        if sx < wide || sy < if formatted { 7 } else { 5 } {
            let mut text = digits;
            if let Some(letter) = letter.filter(|_| sx >= len + 2) {
                text = format!("{text} {letter}");
            }
            let wide = u16::try_from(text.len()).unwrap_or(u16::MAX);
            let at = Pos::new(rect.x + (sx - wide) / 2, rect.y + sy / 2);
            canvas.text(at, &text, wide, self.style);
            if formatted && sy > 1 {
                self.describe(rect, canvas);
            }
            return;
        }
        let block = Style::DEFAULT.bg(self.style.fg);
        let (mut x, y) = (rect.x + (sx - wide) / 2, rect.y + (sy - 5) / 2);
        for digit in digits.bytes() {
            let rows = DIGITS[usize::from(digit.wrapping_sub(b'0')) % 10];
            for (row, dy) in rows.into_iter().zip(0..) {
                for dx in 0..5u16 {
                    if row >> (4 - dx) & 1 == 1 {
                        canvas.blank(Pos::new(x + dx, y + dy), 1, block);
                    }
                }
            }
            x += 6;
        }
        if sy > 6 {
            self.describe(rect, canvas);
            if let Some(letter) = letter {
                canvas.text(Pos::new(x - 2, y + 5), &letter, 1, self.style);
            }
        }
    }

    fn describe(&self, rect: Rect, canvas: &mut Canvas<'_>) {
        let (wide, _) = super::styled::measure(&self.text, self.style);
        let wide = u16::try_from(wide).unwrap_or(u16::MAX).min(rect.width);
        // The text is at the right unless it says otherwise.
        let x = if self.text.contains("align=right") {
            rect.x + rect.width - wide
        } else {
            rect.x
        };
        canvas.styled(Pos::new(x, rect.y), wide, &self.text, self.style, false);
    }
}

/// Lines where no pane is, joined where they meet.
fn borders(places: &[(PaneId, Rect)], canvas: &mut Canvas<'_>, style: Style) {
    let size = canvas.size();
    let right = places
        .iter()
        .map(|(_, rect)| rect.right())
        .max()
        .unwrap_or(0);
    let bottom = places
        .iter()
        .map(|(_, rect)| rect.bottom())
        .max()
        .unwrap_or(0);
    let (right, bottom) = (right.min(size.cols()), bottom.min(size.rows()));
    let free = |x: Option<u16>, y: Option<u16>| {
        let (Some(x), Some(y)) = (x, y) else {
            return false;
        };
        let covered = places.iter().any(|(_, rect)| rect.contains(Pos::new(x, y)));
        x < right && y < bottom && !covered
    };
    for y in 0..bottom {
        for x in 0..right {
            if !free(Some(x), Some(y)) {
                continue;
            }
            let left = free(x.checked_sub(1), Some(y));
            let up = free(Some(x), y.checked_sub(1));
            let next = free(x.checked_add(1), Some(y));
            let down = free(Some(x), y.checked_add(1));
            let line = match (left, next, up, down) {
                (true, true, true, true) => "┼",
                (true, true, true, false) => "┴",
                (true, true, false, true) => "┬",
                (true, false, true, true) => "┤",
                (false, true, true, true) => "├",
                (true, false, true, false) => "┘",
                (true, false, false, true) => "┐",
                (false, true, true, false) => "└",
                (false, true, false, true) => "┌",
                (_, _, true, _) | (_, _, _, true) => "│",
                _ => "─",
            };
            canvas.text(Pos::new(x, y), line, 1, style);
        }
    }
}
