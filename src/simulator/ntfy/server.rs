//! The routes, and what every request goes through before them: faults, credentials and the request limit.

use std::future::pending;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio_util::sync::CancellationToken;

use super::connection::{CuttableListener, Scissors};
use super::error::{self, ErrorAnswer};
use super::fault::{self, Fault};
use super::state::Shared;
use super::{publish, subscribe};
use crate::simulator::passing::{Moment, Passing};

/// The largest body that is read, in bytes.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
const HEALTH: &str = "/v1/health";
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Serves until `stop`.
pub(super) async fn run(listener: CuttableListener, shared: Arc<Shared>, stop: CancellationToken) {
    let router = Router::new()
        .route(HEALTH, get(health))
        .route("/", post(publish::as_json).put(publish::as_json))
        .route("/{topic}", post(publish::plain).put(publish::plain))
        .route("/{topics}/json", get(subscribe::json))
        .fallback(async || error::NOT_FOUND)
        .method_not_allowed_fallback(async || error::NOT_FOUND)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), enter))
        .with_state(shared);
    let service = router.into_make_service_with_connect_info::<Scissors>();
    tokio::select! {
        () = stop.cancelled() => {}
        // It never ends by itself: errors of single connections are not its errors.
        _ = axum::serve(listener, service) => {}
    }
}

async fn health() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "healthy": true }))
}

/// Counts a request, and lets it go wrong where that is wanted.
async fn enter(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path() == HEALTH {
        return next.run(request).await;
    }
    // The whole body is taken first, so that no fault is mistaken for a failure to send.
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT_BYTES).await else {
        return error::BODY_TOO_LARGE.into_response();
    };
    let (method, target) = (parts.method.clone(), parts.uri.to_string());
    let passing = |moment| Passing { method: method.as_str(), target: &target, body: &[], moment };
    shared.post.pass(&passing(Moment::Arrived)).await;
    let request = Request::from_parts(parts, Body::from(body));
    let fault = {
        let mut held = shared.lock();
        held.requests += 1;
        held.faults.pop_front()
    };
    let answer = match fault {
        None => carry_out(&shared, request, next).await,
        Some(Fault::Status(status)) => fault::answer(status),
        Some(Fault::StatusAfterDoing(status)) => {
            drop(carry_out(&shared, request, next).await);
            fault::answer(status)
        }
        Some(Fault::CutConnection) => hang_up(&scissors).await,
        Some(Fault::CutAfterDoing) => {
            drop(carry_out(&shared, request, next).await);
            hang_up(&scissors).await
        }
        Some(Fault::Stall) => pending().await,
    };
    shared.post.pass(&passing(Moment::Done)).await;
    answer
}

async fn hang_up(scissors: &Scissors) -> Response {
    scissors.cut();
    pending().await
}

async fn carry_out(shared: &Shared, request: Request, next: Next) -> Response {
    match admit(shared, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Whether the credentials are good and the visitor has a request left.
fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(), ErrorAnswer> {
    // A known user is one visitor wherever the requests come from; others are told apart by address.
    let visitor = headers.get(AUTHORIZATION).or_else(|| headers.get(FORWARDED_FOR));
    let visitor = visitor.map_or_else(String::new, |value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let now = shared.clock.now();
    let mut held = shared.lock();
    held.access.authenticate(headers)?;
    if held.limiter.admit(&visitor, now) { Ok(()) } else { Err(error::TOO_MANY_REQUESTS) }
}
