//! The first stage: proves that a delivery is genuine and reads what it means, bytes to [`Event`](crate::model::Event).

mod lenient;
mod meaning;
mod payload;
mod request;
mod signature;
mod webhook;

pub use request::{RequestFault, parse_request};
pub use signature::{Signature, Verifier};
pub use webhook::{WebhookFault, is_object, parse};
