//! stepmux, a terminal multiplexer for debug VMs.

pub mod base;
