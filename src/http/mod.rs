//! The HTTP server: the webhook's door, the API, the same for agents over MCP, health and metrics; errors are problems as RFC 9457 has them.

mod api;
mod body;
mod environments;
mod health;
mod mcp;
mod pages;
mod problem;
mod serve;
mod setup;
mod store_doors;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub use api::{
    Api, DeploymentShown, EnvironmentShown, FaultsOf, PolicyOf, ReleaseShown, RulesOf, SettingsShown, api_markdown,
};
pub use pages::{AppUrl, GithubSignIn, LoginOf, ModelShown, Pages, PermissionOf, SignInEnd};
pub use problem::{Problem, ProblemKind};
pub use serve::serve;
pub use setup::{ManifestOf, MayStore, Register, Registered, SetUp, Wanted, WantedFault, set_up_router};
pub use store_doors::StoreDoors;

use crate::metrics::Metrics;
use crate::model::Clock;
use crate::receive::Verifier;

/// What the handlers need.
#[derive(Debug)]
pub struct Door {
    /// Where deliveries go.
    pub doors: StoreDoors,
    /// Who is believed.
    pub verifier: Verifier,
    /// Where the time of arrival comes from.
    pub clock: Arc<dyn Clock>,
    /// Where everything is counted.
    pub metrics: Metrics,
    /// What the API needs; `None` where there is none, because nothing is decided here.
    pub api: Option<Api>,
    /// What the dashboard needs; `None` where there is none.
    pub pages: Option<Pages>,
}

/// All routes of the server, and a problem for every other path and method.
pub fn router(door: Door) -> Router {
    let door = Arc::new(door);
    let api = door.api.is_some().then(|| api::routes(&door));
    let mcp = door.api.is_some().then(|| mcp::routes(&door));
    let pages = door.pages.is_some().then(pages::routes);
    Router::new()
        .merge(api.unwrap_or_default())
        .merge(mcp.unwrap_or_default())
        .merge(pages.unwrap_or_default())
        .route("/webhooks/github", post(webhook::github))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(door)
}

async fn no_such_route(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    let problem = ProblemKind::NotFound.counted(&door.metrics, "There is nothing at this path.");
    pages::nothing_here(&door, &headers, false).unwrap_or_else(|| problem.into_response())
}

async fn wrong_method(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    let detail = "This path does not take this method; see the Allow header.";
    let problem = ProblemKind::MethodNotAllowed.counted(&door.metrics, detail);
    pages::nothing_here(&door, &headers, true).unwrap_or_else(|| problem.into_response())
}
