//! What Tab found for a client's prompt: a list in a frame beside the line, each
//! with its sentence. It chooses nothing.

use std::sync::Arc;

use crate::base::{Label, Pos, Size, Style};
use crate::mux::{Client, Mux};
use crate::tty::Frame;

use super::canvas::{BoxLines, Canvas};
use super::outline::Outline;
use super::palette::Palette;
use super::prompt::escape;
use super::{floats, status};

/// Most lines of the list.
const MOST: usize = 12;

/// Columns between a name and its sentence.
const GAP: usize = 2;

/// Draws the list over a client's picture; whether there was one.
pub(super) fn draw(
    mux: &Mux,
    client: &Client,
    outline: &Outline,
    frame: &mut Arc<Frame>,
    palette: &mut Palette,
) -> bool {
    let Some(prompt) = client.prompt.as_deref() else {
        return false;
    };
    let matches = &prompt.matches;
    let size = outline.size;
    let lines = u16::try_from(outline.status.len()).unwrap_or(1).max(1);
    let room = usize::from(size.rows().saturating_sub(lines));
    if matches.is_empty() || room < 3 || size.cols() < 10 {
        return false;
    }
    let shown = matches.len().min(room - 2).min(MOST);
    let columns = usize::from(size.cols()) - 4;
    let label = |text: &str| Label::new(text);
    let name_wide = matches.iter().map(|(name, _)| label(name).width()).max();
    let name_wide = name_wide.unwrap_or(0).min(columns);
    let about_wide = matches.iter().map(|(_, about)| label(about).width()).max();
    let wide = (name_wide + GAP + about_wide.unwrap_or(0)).min(columns);
    let (Ok(wide), Ok(rows)) = (u16::try_from(wide), u16::try_from(shown)) else {
        return false;
    };
    let inside = Size::new(wide + 4, rows + 2);
    let mut canvas = Canvas::new(inside, Style::DEFAULT, palette);
    canvas.frame(Pos::new(0, 0), inside, BoxLines::SINGLE, Style::DEFAULT);
    let last = prompt.picked.map_or(0, |at| at + 1);
    let first = last.saturating_sub(shown);
    let rows_shown = matches.iter().enumerate().skip(first).take(shown);
    for ((nth, (name, about)), y) in rows_shown.zip(1u16..) {
        let name = label(name);
        let pad = " ".repeat((name_wide + GAP).saturating_sub(name.width()));
        let text = format!(
            "#[bold{}]{}#[default]{pad}#[fg=themelightgrey]{}",
            if prompt.picked == Some(nth) {
                ",reverse"
            } else {
                ""
            },
            escape(name.as_str()),
            escape(label(about).as_str())
        );
        canvas.styled(Pos::new(2, y), wide, &text, Style::DEFAULT, false);
    }
    if matches.len() > shown {
        let more = format!(" {} more ", matches.len() - shown);
        canvas.text(Pos::new(2, rows + 1), &more, wide, Style::DEFAULT);
    }
    let y = if status::at_top(mux, client) {
        lines
    } else {
        size.rows().saturating_sub(lines + rows + 2)
    };
    let at = Pos::new(0, y);
    floats::put(Arc::make_mut(frame), at, &canvas.rows);
    true
}
