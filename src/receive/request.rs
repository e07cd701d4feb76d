//! Reads what was asked for by another door than a webhook.

use crate::model::{Inbound, Request};

/// Why a request cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be understood: {0}")]
pub struct RequestFault(#[from] serde_json::Error);

/// Reads the body of a delivery that the command line, the API or a message made.
pub fn parse_request(body: &[u8]) -> Result<Request, RequestFault> {
    Ok(serde_json::from_slice(body)?)
}

/// Reads the body of a delivery that a message of another machine became.
pub fn parse_inbound(body: &[u8]) -> Result<Inbound, RequestFault> {
    Ok(serde_json::from_slice(body)?)
}
