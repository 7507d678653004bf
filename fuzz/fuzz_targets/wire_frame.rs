//! The local protocol; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::wire_frame(data));
