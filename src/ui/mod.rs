//! What a client sees: panes, borders, status line, prompts and overlays, put
//! together into a frame; and what lies at a place of it. It reads the model
//! and changes nothing. Chrome is drawn from `Label`s only, so that no text of
//! a program, a CI file or a guest reaches a terminal unchecked. The only room
//! with ratatui.

mod borders;
mod chrome;
mod copy;
mod panes;
mod place;
mod status;
mod styled;
mod view;

pub use place::{Place, place_at};
pub use view::View;
