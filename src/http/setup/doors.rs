//! What a server without an App answers where set-up is not what is asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Room;
use crate::http::problem::{Problem, ProblemKind};

/// The address of this server as its asker wrote it: behind a proxy it is not where we listen.
pub(super) fn own_origin(headers: &HeaderMap, room: &Room) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_host = |host: &&str| {
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'[' | b']'))
    };
    let host = text("host").filter(|host| !host.is_empty()).filter(is_host);
    let host = host.map_or_else(|| room.set_up.address.to_string(), str::to_owned);
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{host}")
}

fn not_set_up(headers: &HeaderMap, room: &Room) -> Problem {
    let what = format!("not set up: open {}/setup", own_origin(headers, room));
    Problem { kind: ProblemKind::NotReady, detail: format!("Not ready: {what}."), not_ready: vec![what] }
}

/// `GET /readyz`
pub(super) async fn ready(State(room): State<Arc<Room>>, headers: HeaderMap) -> Problem {
    not_set_up(&headers, &room)
}

/// Browsers are led to set-up; everybody else is told that there is nothing yet.
pub(super) async fn elsewhere(State(room): State<Arc<Room>>, method: Method, headers: HeaderMap) -> Response {
    let takes_pages = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if method == Method::GET && takes_pages.is_some_and(|accept| accept.contains("text/html")) {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static("/setup"))]).into_response();
    }
    not_set_up(&headers, &room).into_response()
}
