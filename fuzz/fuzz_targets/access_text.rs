//! Key lists, addresses, limits and answers; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::access_text(data));
