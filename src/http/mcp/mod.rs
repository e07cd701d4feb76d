//! `/mcp`: the API as tools and resources for AI agents (<https://modelcontextprotocol.io/specification>).
//!
//! A tool is a route of the API under a short name (`catalogue.rs`), with the very keys of that route as its arguments
//! (`arguments.rs`). A call goes through the API's own router with the caller's token (`inner.rs`), so whatever the API
//! checks, refuses, audits or does once is so here, in the same sentences. A token is shown the tools of its scope, and
//! refused the others.
//!
//! What people and machines have written is marked in every answer (`marks.rs`): an agent must not take an issue's text
//! for an instruction.
//!
//! No session is kept: each message is answered by itself, in JSON, by whichever replica it meets.

mod annotations;
mod answer;
mod arguments;
mod catalogue;
mod guide;
mod inner;
mod marks;
mod origin;
mod resources;
mod server;
mod waiting;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};

use self::inner::Inner;
use self::server::Agents;
use super::Door;
use super::api::{auth, call};
use super::problem::Problem;

/// What a client of the protocol has to take; our answers are the first of them.
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// The code of JSON-RPC for what is no JSON (<https://www.jsonrpc.org/specification#error_object>).
const NO_JSON: i32 = -32_700;
/// The code of JSON-RPC for JSON that is no request.
const NO_REQUEST: i32 = -32_600;

type Service = StreamableHttpService<Agents, NeverSessionManager>;

/// The one route; what it does, the API does.
pub(super) fn routes(door: &Arc<Door>) -> Router<Arc<Door>> {
    let inner = Inner::new(door);
    // Who may ask from where is looked at below, before a message is read, and told in our words (`origin.rs`).
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts();
    let service: Service = StreamableHttpService::new(move || Ok(Agents::new(inner.clone())), Arc::default(), config);
    let take = move |State(door): State<Arc<Door>>, request: Request| {
        let service = service.clone();
        async move { message(&door, &service, request).await.unwrap_or_else(Problem::into_response) }
    };
    Router::new().route("/mcp", post(take))
}

/// Lets pass what a known token sends from where agents are, up to the size that the API takes.
async fn message(door: &Arc<Door>, service: &Service, request: Request) -> Result<Response, Problem> {
    let (mut head, body) = request.into_parts();
    origin::check(door, &head.headers)?;
    let caller = auth::known(door, &head.headers).await?;
    let bytes = call::read(door, &head.headers, body).await?;
    if let Some(refusal) = unfit(&bytes) {
        return Ok(refusal);
    }
    head.extensions.insert(caller);
    head.headers.insert(header::ACCEPT, ACCEPTED);
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let answer = service.handle(Request::from_parts(head, Body::from(bytes))).await;
    Ok(answer.map(Body::new))
}

/// The answer to what is no message of JSON-RPC.
fn unfit(bytes: &[u8]) -> Option<Response> {
    let (code, why) = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(_)) => return None,
        Ok(Value::Array(_)) => (NO_REQUEST, "send one message at a time: batches are not taken".to_owned()),
        Ok(_) => (NO_REQUEST, "a message is a JSON object".to_owned()),
        Err(fault) => (NO_JSON, format!("the message is no JSON: {fault}")),
    };
    let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": why}});
    Some((StatusCode::BAD_REQUEST, axum::Json(body)).into_response())
}
