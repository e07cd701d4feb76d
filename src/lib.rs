#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

pub mod model;
pub mod simulator;
