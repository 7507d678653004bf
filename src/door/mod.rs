//! What every SSH server here has at its door: host keys, who may knock, a rein
//! on each connection, pipes out of a channel, and streams over a link. It
//! admits nobody: rooms above decide.

pub(crate) mod accept;
pub(crate) mod claims;
pub(crate) mod config;
pub(crate) mod gate;
pub(crate) mod hostkey;
pub(crate) mod info;
pub(crate) mod line;
pub(crate) mod pipe;
pub(crate) mod streams;
pub(crate) mod talk;
