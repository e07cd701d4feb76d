//! Whatever bytes come in, `tests/it/properties/config.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::config::check(data));
