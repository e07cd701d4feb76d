//! Whatever bytes come in, `tests/it/properties/ntfy.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::ntfy::check(data));
