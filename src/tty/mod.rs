//! A client's terminal: its bytes become keys ([`Decoder`]), a picture becomes
//! its bytes ([`diff()`]), each by what it can do ([`Caps`]).
//!
//! Pure: no clock, no file, no variable is read; time and names come in as
//! values. It knows nothing of panes, sessions or bindings, keeps nothing of
//! what it drew (the caller holds the frame that is shown), and lets no control
//! character of a cell out.

pub mod caps;
mod clipboard;
pub mod color;
mod csi;
mod custom;
pub mod decode;
pub mod diff;
mod encode;
pub mod features;
pub mod frame;
mod known;
pub mod modes;
mod mouse;
mod palette;
pub mod paste;
pub mod reply;
mod scroll;
pub mod terminfo;

pub use caps::{Caps, Charset, Depth, Theme, Usable};
pub use clipboard::{ask_clipboard, clipboard, clipboard_answer};
pub use decode::{Decoder, DecoderConfig, Input};
pub use diff::{as_one, diff};
pub use features::{Override, OverrideValue};
pub use frame::{CursorShape, Frame, FrameCursor, FrameModes, MouseDemand};
pub use modes::{ask, ask_colors, ask_more, enter, leave, settle_after, watch_colors};
pub use palette::{ask_palette, palette_answer};
pub use paste::{PASTE_CHUNK, PasteChunk};
pub use reply::{Reply, Rgb};
pub use terminfo::Terminfo;
