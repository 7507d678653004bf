//! Command lines, sources, config files, names; see `tests/props/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stepmux_fuzz::props::command_lex(data));
