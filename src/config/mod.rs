//! Options, key bindings, styles and the configuration file, as data. It
//! parses and checks; it reads no file, keeps no session, and decides nothing:
//! which overlay is asked before which is `mux`'s affair.

pub mod bindings;
pub mod colours;
pub mod fault;
pub mod load;
pub mod old;
pub mod options;
pub mod overlay;
pub mod style;
pub mod suggest;
mod table_hooks;
mod table_own;
mod table_server;
mod table_session;
mod table_share;
mod table_tmate;
mod table_window;
pub mod value;

pub use bindings::{Binding, Bindings};
pub use colours::StyleColour;
pub use fault::ConfigError;
pub use load::{FileConfig, load};
pub use options::{
    Entry, Kind, OptionDef, OptionName, Scope, find_option, hooks, is_own, option, options,
};
pub use overlay::{Global, OptionError, Options};
pub use style::{Align, DefaultOp, ListPart, RangeSpec, StyleSpec};
pub use value::{ArrayKey, Value};
