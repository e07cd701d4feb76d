//! Whatever bytes come in, `tests/it/properties/answers.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::answers::check(data));
