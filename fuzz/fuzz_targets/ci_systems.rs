//! CI files; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::ci_systems(data));
