//! The commands' arguments, one struct per command and one file per family.
//! Flags carry tmux's letters (tmux(1)), fields carry words. Nothing here runs,
//! and nothing here is checked against the model: numbers and sizes stay text
//! where tmux takes percentages or formats.

mod buffer;
mod choose;
mod client;
mod guest;
mod key;
mod menu;
mod option;
mod pane;
mod phase;
mod script;
mod session;
mod share;
mod view;
mod window;

pub use buffer::*;
pub use choose::*;
pub use client::*;
pub use guest::*;
pub use key::*;
pub use menu::*;
pub use option::*;
pub use pane::*;
pub use phase::*;
pub use script::*;
pub use session::*;
pub use share::*;
pub use view::*;
pub use window::*;
