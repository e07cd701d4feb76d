//! The client for GitHub against a server that answers as each test tells it to.

mod credentials;
mod limits;
mod refusals;
mod secrecy;
mod server;
mod typed;
