//! The words on a relay's links; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::link_words(data));
