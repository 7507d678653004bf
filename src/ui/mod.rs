//! What a client sees: panes, borders, status line, prompts and overlays, put
//! together into a frame; and what lies at a place of it. It reads the model
//! and changes nothing. Chrome is drawn from `Label`s only, so that no text of
//! a program, a CI file or a guest reaches a terminal unchecked. The only room
//! with ratatui.
//!
//! ```text
//!   client ─→ Outline (what only commands change) ─┐ equal: one View for all
//!   panes' rows with new numbers ──────────────────┴→ View::compose ─→ Frame
//! ```

mod bars;
mod borders;
mod candidates;
mod canvas;
mod chrome;
mod clock;
mod copy;
mod float_panes;
mod floats;
mod help;
mod info;
mod key_help;
mod masked;
mod modes;
mod numbers;
mod outline;
mod palette;
mod panel;
mod panes;
mod peek;
mod people;
mod place;
mod prompt;
mod status;
mod styled;
mod view;

pub use bars::BarPart;
pub use floats::text_width;
pub use outline::{Outline, Outlines};
pub use palette::Palette;
pub use place::{Place, place_at, status_range, window_in_status};
pub use view::{Extent, View};
