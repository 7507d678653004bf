//! The ground floor: ids, geometry, cells, styles, key names, display width,
//! labels, secrets and their masking. It knows nothing of terminals, sessions or the outside
//! world, and names no other room.

pub mod base64;
pub mod cell;
pub mod duration;
pub mod geom;
pub mod glob;
pub mod ids;
pub mod key;
pub mod keynames;
pub mod label;
pub mod mask;
pub mod now;
pub mod palette;
pub mod pool;
pub mod raw;
pub mod secret;
pub mod style;
pub mod vis;
pub mod width;
pub mod x11;

pub use cell::{Cell, CellText};
pub use geom::{Pos, Rect, Size};
pub use glob::{glob, glob_ignoring_case};
pub use ids::{Anchor, ClientId, Minter, PaneId, SessionId, Token, WindowId};
pub use key::{
    Key, KeyAction, KeyCode, Keystroke, Mods, MouseAction, MouseEvent, MouseKey, MousePlace,
};
pub use label::Label;
pub use now::Now;
pub use pool::{ClusterId, LinkId, Pool, StyleId};
pub use secret::Secret;
pub use style::{Attrs, Color, Style, ThemeColor, Underline};
pub use vis::visible;
