//! The properties that the targets check: those of the ordinary tests, which
//! compile and run them on a stable toolchain, so that they cannot rot here.

#[path = "../../tests/props/mod.rs"]
pub mod props;
