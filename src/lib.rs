//! stepmux, a terminal multiplexer for debug VMs.

pub mod base;
pub mod term;
pub mod tty;
