//! Whatever bytes come in, `tests/it/properties/commands.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::commands::check(data));
