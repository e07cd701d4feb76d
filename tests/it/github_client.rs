//! The client for GitHub against a server that answers as each test tells it to.

mod changes;
mod credentials;
mod limits;
mod merging;
mod protection;
mod pulls;
mod refusals;
mod secrecy;
pub mod server;
mod typed;
