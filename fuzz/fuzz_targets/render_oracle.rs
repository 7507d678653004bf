//! Drawn frames look right in three emulators; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::render_oracle(data));
