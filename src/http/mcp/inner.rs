//! Calls of the API within the server: the same router, the same token, no socket.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use crate::http::api::{self, call};
use crate::http::{Door, body};

/// No answer of the API is longer by far.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The API, as whoever calls it from within has it.
#[derive(Clone)]
pub(super) struct Inner {
    door: Arc<Door>,
    router: Router,
}

/// A call of the API.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    pub(super) body: Option<Value>,
    /// What the caller calls it, so that it takes effect once.
    pub(super) key: Option<String>,
}

impl Call {
    /// Reads.
    pub(super) fn get(target: impl Into<String>) -> Self {
        Self { method: Method::GET, target: target.into(), body: None, key: None }
    }
}

/// What the API answered; null where it has no body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Inner {
    pub(super) fn new(door: &Arc<Door>) -> Self {
        let router = api::routes(door).fallback(crate::http::no_such_route).with_state(Arc::clone(door));
        Self { door: Arc::clone(door), router }
    }

    pub(super) const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Calls the API with the token of a message. `Err` where the call has no form: with a sentence.
    pub(super) async fn call(&self, message: &Parts, call: &Call) -> Result<Answer, String> {
        let mut request = Request::builder().method(call.method.clone()).uri(call.target.as_str());
        if let Some(token) = message.headers.get(header::AUTHORIZATION) {
            request = request.header(header::AUTHORIZATION, token);
        }
        if let Some(key) = &call.key {
            let key = HeaderValue::from_str(key).map_err(|_| "`idempotency_key` should be one word.".to_owned())?;
            request = request.header(call::KEY, key);
        }
        let body = match &call.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).map_err(|_| "The call cannot be written as one of the API.".to_owned())?;
        let Ok(response) = TowerToHyperService::new(self.router.clone()).call(request).await;
        let (head, body) = response.into_parts();
        let bytes = body::read(body, None, ANSWER_BYTES).await.map_err(|_| "The answer is too long.".to_owned())?;
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Answer { status: head.status, body })
    }
}
