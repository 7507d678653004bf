//! Variables of a pane's copy mode.

use crate::mux::copy::{CopyMode, SelectBy};
use crate::mux::{Mux, Pane};

use super::bit;

pub(super) fn value(name: &str, mux: &Mux, pane: &Pane) -> Option<String> {
    let copy = pane.copy.as_deref()?;
    of_view(name, mux, pane, copy)
        .or_else(|| of_selection(name, copy))
        .or_else(|| of_search(name, copy))
        .or_else(|| of_cursor(name, mux, copy))
}

fn of_view(name: &str, mux: &Mux, pane: &Pane, copy: &CopyMode) -> Option<String> {
    let numbering = || {
        let option = mux.window_str(Some(pane.window), "copy-mode-line-numbers");
        copy.numbering(option)
    };
    Some(match name {
        "scroll_position" => copy.back().to_string(),
        "copy_position" => copy.position(numbering()).0.to_string(),
        "copy_position_limit" => copy.position(numbering()).1.to_string(),
        "copy_line_numbers" => bit(copy.number_width(numbering()) > 0),
        "refresh_active" => bit(copy.refreshes),
        "rectangle_toggle" => bit(copy.is_rectangle()),
        // Lines have no times here.
        "top_line_time" => "0".to_owned(),
        _ => return None,
    })
}

fn of_selection(name: &str, copy: &CopyMode) -> Option<String> {
    let ends = copy.selection();
    let place = |pick: fn((crate::mux::copy::Place, crate::mux::copy::Place)) -> usize| {
        ends.map_or_else(String::new, |ends| pick(ends).to_string())
    };
    Some(match name {
        "selection_start_x" => place(|(start, _)| start.col),
        "selection_start_y" => place(|(start, _)| start.line),
        "selection_end_x" => place(|(_, end)| end.col),
        "selection_end_y" => place(|(_, end)| end.line),
        "selection_active" => bit(copy.selects()),
        "selection_present" => bit(ends.is_some_and(|(start, end)| start != end)),
        "selection_mode" => match copy.selects_by() {
            SelectBy::Char => "char",
            SelectBy::Word => "word",
            SelectBy::Line => "line",
        }
        .to_owned(),
        _ => return None,
    })
}

fn of_search(name: &str, copy: &CopyMode) -> Option<String> {
    let search = copy.search();
    Some(match name {
        "search_present" => bit(search.is_shown()),
        "search_timed_out" => bit(false),
        "search_count" => search.count()?.0.to_string(),
        "search_count_partial" => bit(search.count()?.1),
        "search_match" => copy.match_here()?,
        _ => return None,
    })
}

fn of_cursor(name: &str, mux: &Mux, copy: &CopyMode) -> Option<String> {
    let (col, row) = copy.cursor();
    Some(match name {
        "copy_cursor_x" => col.to_string(),
        "copy_cursor_y" => row.to_string(),
        "copy_cursor_line" => copy.line_text(row),
        "copy_cursor_word" => {
            let separators = mux.session_str(None, "word-separators");
            copy.word_text(col, row, separators)
        }
        "copy_cursor_hyperlink" => copy.link_at(col, row).unwrap_or_default(),
        _ => return None,
    })
}
