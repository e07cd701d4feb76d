//! What time brings about: clocks of tasks, the watchdog, digests, numbers, and the settings of all of them.

mod calendar;
mod digest;
mod lapse;
mod policy;
mod response;
mod scene;
mod silence;
mod stats;
mod watchdog;
mod watching;
