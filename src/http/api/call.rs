//! A call that changes something: its body, the name that the caller gave it, and the same answer when it comes again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::auth::Caller;
use crate::http::Door;
use crate::http::body::{self, BodyFault};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::webhook::{is_json, word};
use crate::model::DeliveryGuid;
use crate::store::RememberedCall;

/// No body is longer: it holds a few words.
const LIMIT_BYTES: usize = 64 * 1024;
/// Whoever sends so little is done sooner.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// What the caller calls its call, so that the same call twice takes effect once.
pub(in crate::http) const KEY: &str = "Idempotency-Key";

/// What is answered to a call that took effect.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    body: Value,
}

impl Answer {
    /// `200`
    pub(super) fn ok<T: Serialize>(body: &T) -> Self {
        Self::of(StatusCode::OK, body)
    }

    /// `202`
    pub(super) fn accepted(request: &DeliveryGuid) -> Self {
        Self::of(StatusCode::ACCEPTED, &serde_json::json!({"accepted": true, "request": request.as_str()}))
    }

    /// `204`
    pub(super) const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Value::Null }
    }

    fn of<T: Serialize>(status: StatusCode, body: &T) -> Self {
        // What is shown is made of texts and numbers under texts, which always has a JSON form.
        Self { status, body: serde_json::to_value(body).unwrap_or_default() }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        if self.body.is_null() { self.status.into_response() } else { (self.status, Json(self.body)).into_response() }
    }
}

/// Names of calls that are being answered at this moment, by caller.
pub(super) type UnderWay = Arc<Mutex<HashSet<(String, String)>>>;

/// A call with its body.
#[derive(Debug)]
pub(super) struct Call {
    /// The body, byte for byte.
    pub(super) body: Bytes,
    caller: String,
    key: Option<String>,
    digest: String,
}

impl Call {
    /// Reads all of a call.
    pub(super) async fn read(door: &Door, caller: &Caller, request: Request) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let key = if head.headers.contains_key(KEY) {
            Some(word(&head.headers, KEY).map_err(|(kind, detail)| kind.counted(&door.metrics, detail))?)
        } else {
            None
        };
        let body = read(door, &head.headers, body).await?;
        let mut digest = Sha256::new();
        for part in [head.method.as_str().as_bytes(), head.uri.path().as_bytes(), &body] {
            digest.update(part);
            digest.update(b"\n");
        }
        let digest = format!("{:x}", digest.finalize());
        Ok(Self { body, caller: caller.id.clone(), key, digest })
    }

    /// The id of the delivery that this call becomes: made of the caller's name for it, else one of our own.
    pub(super) fn guid(&self) -> DeliveryGuid {
        match &self.key {
            Some(key) => DeliveryGuid::new(format!("call:{}:{key}", self.caller)),
            None => DeliveryGuid::new(format!("api-{:016x}", rand::random::<u64>())),
        }
    }

    /// Does the work, unless this call was answered before: then the same is answered once more. Only what took effect
    /// is remembered; a call that was refused may come again under its name.
    pub(super) async fn once(
        &self,
        door: &Door,
        work: impl Future<Output = Result<Answer, Problem>> + Send,
    ) -> Result<Response, Problem> {
        let Some(key) = &self.key else { return Ok(work.await?.into_response()) };
        let _claimed = self.claim(door, key)?;
        let store = door.doors.store();
        if let Some(before) = store.remembered_call(&self.caller, key).await.map_err(super::of_store(door))? {
            return self.again(door, &before);
        }
        let answer = work.await?;
        let call = RememberedCall {
            digest: self.digest.clone(),
            status: answer.status.as_u16(),
            answer: answer.body.to_string(),
        };
        if store.remember_call(&self.caller, key, &call).await.map_err(super::of_store(door))? {
            return Ok(answer.into_response());
        }
        // Another server was faster: what it answered is what counts.
        match store.remembered_call(&self.caller, key).await.map_err(super::of_store(door))? {
            Some(before) => self.again(door, &before),
            None => Ok(answer.into_response()),
        }
    }

    fn again(&self, door: &Door, before: &RememberedCall) -> Result<Response, Problem> {
        if before.digest != self.digest {
            let detail = format!("This {KEY} was used for another call; take a new one for each.");
            return Err(ProblemKind::Unprocessable.counted(&door.metrics, detail));
        }
        let unreadable = || ProblemKind::Internal.counted(&door.metrics, "What was answered before cannot be read.");
        let status = StatusCode::from_u16(before.status).map_err(|_| unreadable())?;
        let body = serde_json::from_str(&before.answer).map_err(|_| unreadable())?;
        Ok(Answer { status, body }.into_response())
    }

    /// Keeps others from answering the same call at the same time.
    fn claim(&self, door: &Door, key: &str) -> Result<Claimed, Problem> {
        let names = door.api.as_ref().map(|api| Arc::clone(&api.under_way)).unwrap_or_default();
        let name = (self.caller.clone(), key.to_owned());
        if !names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone()) {
            let detail = format!("A call with this {KEY} is being answered; wait for its answer.");
            return Err(ProblemKind::Conflict.counted(&door.metrics, detail));
        }
        Ok(Claimed { names, name })
    }
}

/// Holds the name of a call while it is answered.
struct Claimed {
    names: UnderWay,
    name: (String, String),
}

impl Drop for Claimed {
    fn drop(&mut self) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// Reads a body that is JSON, or none.
pub(in crate::http) async fn read(door: &Door, headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, Problem> {
    let refuse = |kind: ProblemKind, detail: String| kind.counted(&door.metrics, detail);
    let too_large = || refuse(ProblemKind::PayloadTooLarge, format!("A call has at most {LIMIT_BYTES} bytes."));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > LIMIT_BYTES) {
        return Err(too_large());
    }
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, body::read(body, announced, LIMIT_BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(BodyFault::TooLarge)) => return Err(too_large()),
        Ok(Err(BodyFault::Incomplete)) => {
            return Err(refuse(ProblemKind::IncompleteBody, "The body ended before its end.".to_owned()));
        }
        Err(_) => return Err(refuse(ProblemKind::RequestTimeout, "The body did not come within 10 s.".to_owned())),
    };
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !bytes.is_empty() && !is_json(content_type) {
        let shown = String::from_utf8_lossy(content_type);
        let detail = format!("The content type is {shown:?}; send JSON as application/json.");
        return Err(refuse(ProblemKind::UnsupportedMediaType, detail));
    }
    Ok(bytes)
}
