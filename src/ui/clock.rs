//! The clock that a pane shows (`clock-mode`): large digits where there is room,
//! the bare time where there is not.

use crate::base::{Cell, Pool, Style};
use crate::format::{self, Scope};
use crate::mux::{Mux, Pane};

use super::status::style_option;

/// Columns and rows of a digit.
const SIDE: usize = 5;

/// A character's rows, from the top; a dot is left free.
fn face(ch: char) -> Option<[&'static str; SIDE]> {
    Some(match ch {
        '0' => ["#####", "#...#", "#...#", "#...#", "#####"],
        '1' => ["....#", "....#", "....#", "....#", "....#"],
        '2' => ["#####", "....#", "#####", "#....", "#####"],
        '3' => ["#####", "....#", "#####", "....#", "#####"],
        '4' => ["#...#", "#...#", "#####", "....#", "....#"],
        '5' => ["#####", "#....", "#####", "....#", "#####"],
        '6' => ["#####", "#....", "#####", "#...#", "#####"],
        '7' => ["#####", "....#", "....#", "....#", "....#"],
        '8' => ["#####", "#...#", "#####", "#...#", "#####"],
        '9' => ["#####", "#...#", "#####", "....#", "#####"],
        ':' => [".....", "..#..", ".....", "..#..", "....."],
        'A' => ["#####", "#...#", "#####", "#...#", "#...#"],
        'P' => ["#####", "#...#", "#####", "#....", "#...."],
        'M' => ["#...#", "##.##", "#.#.#", "#...#", "#...#"],
        _ => return None,
    })
}

/// Draws one line of a pane that shows the clock.
pub(super) fn draw_row(
    mux: &Mux,
    pane: &Pane,
    line: u16,
    height: u16,
    pool: &mut Pool,
    target: &mut [Cell],
) {
    target.fill(Cell::EMPTY);
    let window = Some(pane.window);
    let style = match mux.window_str(window, "clock-mode-style") {
        "12" => "%l:%M %p",
        "12-with-seconds" => "%l:%M:%S %p",
        "24-with-seconds" => "%H:%M:%S",
        _ => "%H:%M",
    };
    let scope = Scope {
        pane: Some(pane.id),
        window,
        now: mux.now,
        ..Scope::default()
    };
    let time = format::expand_time(style, mux, &scope);
    let colour = mux.window_str(window, "clock-mode-colour");
    let fg = style_option(mux, &scope, &format!("fg={colour}"), Style::DEFAULT).fg;
    let (cols, rows) = (target.len(), usize::from(height));
    let (row, wide) = (usize::from(line), (SIDE + 1) * time.len());
    if cols < wide || rows <= SIDE {
        if cols >= time.len() && row == rows / 2 {
            let id = pool.style(Style {
                fg,
                ..Style::DEFAULT
            });
            let from = cols / 2 - time.len() / 2;
            for (cell, ch) in target[from..].iter_mut().zip(time.chars()) {
                *cell = Cell::narrow(ch, id);
            }
        }
        return;
    }
    let Some(part) = row.checked_sub(rows / 2 - SIDE.div_ceil(2)) else {
        return;
    };
    let id = pool.style(Style {
        fg,
        bg: fg,
        ..Style::DEFAULT
    });
    let from = cols / 2 - wide / 2;
    for (at, ch) in time.chars().enumerate() {
        let Some(marks) = face(ch).and_then(|face| face.get(part).copied()) else {
            continue;
        };
        let cells = target[from + at * (SIDE + 1)..].iter_mut();
        for (cell, mark) in cells.zip(marks.chars()) {
            if mark == '#' {
                *cell = Cell::narrow('#', id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_as_wide_as_they_are_high() {
        for ch in "0123456789:APM".chars() {
            let rows = face(ch).unwrap_or_default();
            assert!(rows.iter().all(|row| row.len() == SIDE), "{ch}");
            assert!(rows.iter().any(|row| row.contains('#')), "{ch}");
        }
        assert!(face(' ').is_none());
    }
}
