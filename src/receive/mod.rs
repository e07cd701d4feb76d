//! The first stage: proves that a delivery is genuine and reads what it means, bytes to [`Event`](crate::model::Event).

mod command;
mod diff;
mod lenient;
mod meaning;
mod message;
mod payload;
mod request;
mod signature;
mod webhook;

pub use command::parse as parse_commands;
pub use diff::{DiffFault, parse_diff, read_diff};
pub use message::{AGE_MAX_MS, AHEAD_MAX_MS, Genuine, MessageFault, MessageReader, Read as MessageRead};
pub use request::{RequestFault, parse_inbound, parse_request};
pub use signature::{Signature, Verifier};
pub use webhook::{WebhookFault, is_object, parse};
