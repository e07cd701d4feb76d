//! The client for GitHub against a server that answers as each test tells it to.

mod changes;
mod credentials;
mod deployments;
mod issues;
mod limits;
mod merging;
mod protection;
mod pulls;
mod refusals;
mod releases;
mod secrecy;
pub mod server;
mod typed;
