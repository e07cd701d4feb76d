//! The door for GitHub's webhooks: proves that a delivery is genuine, and answers once it is on disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tracing::{Instrument as _, debug, error_span};

use super::Door;
use super::body::{self, BodyFault};
use super::problem::{Problem, ProblemKind};
use crate::metrics::DeliveryResult;
use crate::model::{Delivery, DeliveryGuid, DeliverySource, EventName};
use crate::receive::{Signature, is_object};
use crate::store::Accepted;

/// GitHub's own limit: it sends nothing larger
/// (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap>).
const LIMIT_BYTES: usize = 25 * 1024 * 1024;

/// GitHub itself gives up after 10 s
/// (<https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds>).
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// `POST /webhooks/github`
pub(super) async fn github(State(door): State<Arc<Door>>, request: Request) -> Response {
    match receive(&door, request).await {
        Ok(Accepted::Stored) => answer(r#"{"accepted":true,"duplicate":false}"#),
        Ok(Accepted::Duplicate) => answer(r#"{"accepted":true,"duplicate":true}"#),
        Err(problem) => problem.into_response(),
    }
}

fn answer(body: &'static str) -> Response {
    let json = HeaderValue::from_static("application/json");
    (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, json)], Bytes::from_static(body.as_bytes())).into_response()
}

async fn receive(door: &Door, request: Request) -> Result<Accepted, Problem> {
    let (head, body) = request.into_parts();
    let refuse = |kind: ProblemKind, detail: String| kind.counted(&door.metrics, detail);
    let claims = Claims::read(&head.headers).map_err(|(kind, detail)| refuse(kind, detail))?;
    // Of the level of errors, so that every line that is logged on the way carries the id.
    let span = error_span!("webhook", otel.kind = "server", delivery = %claims.guid, event = %claims.event);
    take(door, claims, body).instrument(span).await
}

/// Proves that it is genuine and stores it.
async fn take(door: &Door, claims: Claims, body: axum::body::Body) -> Result<Accepted, Problem> {
    let refuse = |kind: ProblemKind, detail: String| kind.counted(&door.metrics, detail);
    let too_large = || refuse(ProblemKind::PayloadTooLarge, format!("A webhook has at most {LIMIT_BYTES} bytes."));
    if claims.announced.is_some_and(|bytes| bytes > LIMIT_BYTES) {
        return Err(too_large());
    }
    let body = match tokio::time::timeout(BODY_TIMEOUT, body::read(body, claims.announced, LIMIT_BYTES)).await {
        Ok(Ok(body)) => body,
        Ok(Err(BodyFault::TooLarge)) => return Err(too_large()),
        Ok(Err(BodyFault::Incomplete)) => {
            return Err(refuse(ProblemKind::IncompleteBody, "The body ended before its end.".to_owned()));
        }
        Err(_) => return Err(refuse(ProblemKind::RequestTimeout, "The body did not come within 10 s.".to_owned())),
    };
    let arrived = Instant::now();
    if !door.verifier.accepts(&claims.signature, &body) {
        let detail = "X-Hub-Signature-256 was not made from this body with the webhook's secret.";
        return Err(refuse(ProblemKind::BadSignature, detail.to_owned()));
    }
    if !is_object(&body) {
        return Err(refuse(ProblemKind::NotJson, "The body is not a JSON object.".to_owned()));
    }
    let (guid, event) = (claims.guid, claims.event);
    let delivery = Delivery {
        guid: DeliveryGuid::new(&guid),
        source: DeliverySource::Github,
        event: EventName(event.clone()),
        received: door.clock.now(),
        body,
    };
    let accepted = door.doors.accept(delivery).await;
    door.metrics.ingested_in(arrived.elapsed());
    let result = match &accepted {
        Ok(Accepted::Stored) => DeliveryResult::Stored,
        Ok(Accepted::Duplicate) => DeliveryResult::Duplicate,
        Err(_) => DeliveryResult::Failed,
    };
    door.metrics.delivery(&event, result);
    accepted.map_err(|fault| {
        // The trouble itself is told once, by whoever stores.
        debug!(delivery = %guid, event, error = %fault, "a delivery could not be stored and was refused");
        let detail = "The delivery could not be stored; send it again later.";
        refuse(ProblemKind::StoreUnavailable, detail.to_owned())
    })
}

/// What a request says about itself before its body is looked at.
struct Claims {
    event: String,
    guid: String,
    signature: Signature,
    announced: Option<usize>,
}

impl Claims {
    fn read(headers: &HeaderMap) -> Result<Self, (ProblemKind, String)> {
        let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if !is_json(content_type) {
            let shown = String::from_utf8_lossy(content_type);
            let detail = format!("The content type is {shown:?}; set the webhook's content type to application/json.");
            return Err((ProblemKind::UnsupportedMediaType, detail));
        }
        let event = word(headers, "X-GitHub-Event")?;
        let guid = word(headers, "X-GitHub-Delivery")?;
        let signature = headers.get("x-hub-signature-256").ok_or_else(|| {
            let detail = "X-Hub-Signature-256 is missing; set a secret for the webhook.";
            (ProblemKind::MissingHeader, detail.to_owned())
        })?;
        let signature = Signature::parse(signature.as_bytes()).ok_or_else(|| {
            let detail = "X-Hub-Signature-256 should be sha256= and 64 hexadecimal digits.";
            (ProblemKind::MalformedHeader, detail.to_owned())
        })?;
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(Self { event, guid, signature, announced })
    }
}

/// Whether it is `application/json`, with or without parameters.
pub(super) fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// A header that holds one short word.
pub(super) fn word(headers: &HeaderMap, name: &'static str) -> Result<String, (ProblemKind, String)> {
    let value = headers.get(name).ok_or_else(|| (ProblemKind::MissingHeader, format!("{name} is missing.")))?;
    let good = |text: &&str| {
        matches!(text.len(), 1..=100)
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    value.to_str().ok().filter(good).map(str::to_owned).ok_or_else(|| {
        let detail = format!("{name} should be 1 to 100 letters, digits and any of `-_.:`.");
        (ProblemKind::MalformedHeader, detail)
    })
}
