//! Hostile inputs by name.
