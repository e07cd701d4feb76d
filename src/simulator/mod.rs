//! A GitHub and an ntfy held in memory and served over HTTP, for `demo` and for tests.

pub mod github;
pub mod ntfy;
mod passing;

pub use passing::{Moment, Passing, Watch};
