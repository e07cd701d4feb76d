//! A witness is shown every exchange and every webhook as it leaves, and may judge it.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value;

use super::answer::{Answer, Body};
use super::call::Call;
use super::faults::FaultKind;

/// Whoever is to see what goes in and out. It is called while the simulator works, so it must not call back into it.
pub trait Witness: fmt::Debug + Send + Sync {
    /// A request and what was answered.
    fn exchange(&self, exchange: &WitnessedExchange<'_>);

    /// A webhook as it is queued: its event and its payload.
    fn webhook(&self, event: &str, payload: &Value);
}

/// A request and its answer.
#[derive(Debug)]
pub struct WitnessedExchange<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path and query as they were sent, without `/api/v3`.
    pub target: &'a str,
    /// The headers that were sent.
    pub headers: &'a HeaderMap,
    /// The body that was sent.
    pub body: &'a [u8],
    /// The answer; `None` when a fault made it or swallowed it.
    pub answer: Option<WitnessedAnswer<'a>>,
}

/// An answer of the simulator's own making.
#[derive(Debug)]
pub struct WitnessedAnswer<'a> {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: WitnessedBody<'a>,
}

/// A body by its kind.
#[derive(Debug)]
pub enum WitnessedBody<'a> {
    /// None at all.
    Empty,
    /// JSON.
    Json(&'a Value),
    /// Something else, with its content type.
    Raw(&'a str),
}

/// Shows an exchange to the witness, if there is one. An answer that a fault has made says nothing about GitHub.
pub fn show(witness: Option<&Arc<dyn Witness>>, call: &Call, answer: Option<&Answer>, fault: Option<&FaultKind>) {
    let Some(witness) = witness else { return };
    let own = match fault {
        None | Some(FaultKind::Slow { .. }) => answer,
        Some(_) => None,
    };
    witness.exchange(&WitnessedExchange {
        method: &call.method,
        target: &call.target,
        headers: &call.headers,
        body: &call.body,
        answer: own.map(|answer| WitnessedAnswer {
            status: answer.status,
            body: match &answer.body {
                Body::Empty => WitnessedBody::Empty,
                Body::Json(value) => WitnessedBody::Json(value),
                Body::Raw { content_type, .. } => WitnessedBody::Raw(content_type),
            },
        }),
    });
}
