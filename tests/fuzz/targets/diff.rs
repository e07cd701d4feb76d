//! Whatever bytes come in, `tests/it/properties/diff.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::diff::check(data));
