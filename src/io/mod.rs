//! The outside world in the owner's event loop: ptys, the local socket, jobs,
//! files, signals. Everything here speaks in ids, bytes and the engine's own
//! types; it decides nothing, and keeps no state that the engine has.
//!
//! All of it lives on one current-thread runtime inside a `LocalSet`; only
//! files are read and written on other threads.

pub mod alarm;
pub mod audit;
pub mod file;
mod glob;
pub mod job;
pub mod local;
pub mod pipe;
pub mod proc;
pub mod pty;
pub mod reap;
pub mod signal;
pub mod spawn;
pub mod spill;
mod terminal;
pub mod terminfo;
pub mod web;

pub use local::{ClientHandle, ClientIds, LocalEvent};
pub use pty::{PaneEvent, Panes};
pub use signal::{Signal, Signals};

pub use crate::wire::reason;
