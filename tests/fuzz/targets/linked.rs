//! Whatever bytes come in, `tests/it/properties/linked.rs` holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stationmaster_fuzz::properties::linked::check(data));
