//! The properties of `tests/it`, for the fuzzer.

#[path = "../it/properties/mod.rs"]
pub mod properties;
