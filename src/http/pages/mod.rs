//! The dashboard: pages that show what the store knows, and forms that ask for what people may do on GitHub.
//!
//! What somebody sees and may do follows their permission in each repository (`access.rs`). Whatever changes something
//! is a form with a token of the session's own (`form.rs`), and becomes a delivery like a call of the API (`ask.rs`),
//! so it is judged where everything is. No script stands in a page: `headers.rs` forbids it.

mod about;
mod access;
mod api;
mod ask;
mod assets;
mod audit;
mod audit_file;
mod audit_filter;
mod board;
mod chart;
mod charts;
mod connect;
mod environment;
mod environment_ask;
mod environment_forms;
mod fault;
mod form;
mod headers;
mod href;
mod inbox;
mod learnings;
mod limit;
mod listing;
mod live;
mod looking;
mod masked;
mod origin;
mod outbox;
mod policies;
mod pull;
mod pull_view;
mod pulls;
mod queue;
mod releases;
mod retry;
mod rules;
mod said;
mod session;
mod set_up;
mod shell;
mod sign_in;
mod standing;
mod suggested;
mod task;
mod trial;
mod viewer;
mod when;
mod worker;
mod worker_row;
mod workers;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub use access::PermissionOf;
pub use set_up::AppUrl;
pub use sign_in::{GithubSignIn, LoginOf, SignInEnd};

use super::Door;

/// What the pages need beside the server's door.
pub struct Pages {
    access: access::Access,
    sign_in: Option<GithubSignIn>,
    /// Where people reach the server, without a slash at its end.
    address: String,
    live: live::Live,
    limits: sign_in::Limits,
    policies: policies::Policies,
    app_url: Option<AppUrl>,
    model: Option<ModelShown>,
}

/// What those who run the server see of its model.
#[derive(Debug, Clone)]
pub struct ModelShown {
    /// What it is called.
    pub name: String,
    /// How many tokens it may cost in a day.
    pub tokens_per_day: u32,
}

impl fmt::Debug for Pages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pages").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Pages {
    /// Pages at this address for whoever may see something, which `permission_of` tells; strangers only where `public`.
    #[must_use]
    pub fn new(address: String, sign_in: Option<GithubSignIn>, (permission_of, public): (PermissionOf, bool)) -> Self {
        Self {
            access: access::Access::new(permission_of, public),
            sign_in,
            address,
            live: live::Live::default(),
            limits: sign_in::Limits::default(),
            policies: policies::Policies::default(),
            app_url: None,
            model: None,
        }
    }

    /// Where people reach the server, without a slash at its end.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The same, which show what asking a model comes to.
    #[must_use]
    pub fn showing_model(self, model: Option<ModelShown>) -> Self {
        Self { model, ..self }
    }

    /// The same, which lead the operator to the App.
    #[must_use]
    pub fn leading_to(self, app_url: AppUrl) -> Self {
        Self { app_url: Some(app_url), ..self }
    }
}

/// All pages.
pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/", get(board::page))
        .route("/charts", get(charts::page))
        .route("/live", get(live::stream))
        .route("/pulls", get(pulls::page))
        .route("/pulls/{owner}/{name}/{number}", get(pull::page).post(pull::ask))
        .route("/queue", get(queue::page))
        .route("/tasks/{owner}/{name}/{number}", get(task::page).post(task::ask))
        .route("/releases", get(releases::page))
        .route("/releases/{owner}/{name}/{environment}", get(environment::page).post(environment_ask::ask))
        .route("/inbox", get(inbox::page))
        .route("/inbox/{guid}", get(inbox::delivery))
        .route("/inbox/replay", post(inbox::replay))
        .route("/outbox", get(outbox::page))
        .route("/outbox/{id}", get(outbox::action))
        .route("/outbox/retry", get(retry::confirm).post(retry::retry))
        .route("/audit", get(audit::page))
        .route("/audit/{id}", get(audit::one))
        .route("/audit.csv", get(audit_file::csv))
        .route("/audit.jsonl", get(audit_file::jsonl))
        .route("/learnings", get(learnings::page))
        .route("/rules", get(rules::page))
        .route("/rules/try", get(rules::attempt))
        .route("/rules/{owner}/{name}/propose", post(suggested::have_proposed))
        .route("/api", get(api::page))
        .route("/api/docs/{file}", get(api::file))
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/token", post(sign_in::with_token))
        .route("/sign-in/github", get(sign_in::with_github))
        .route("/sign-in/callback", get(sign_in::callback))
        .route("/setup", get(set_up::page))
        .route("/setup/callback", get(set_up::page))
        .route("/sign-out", post(sign_in::out))
        .route("/theme", post(shell::theme))
        .route("/assets/{file}", get(assets::asset))
        .route("/workers", get(workers::page))
        .route("/workers/{id}", get(worker::page).post(worker::say))
        .layer(middleware::from_fn(headers::guard))
}

/// Styles and scripts alone, for a server that has no dashboard yet.
pub(super) fn asset_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(assets::asset)).layer(middleware::from_fn(headers::guard))
}

/// The page that says that there is nothing, for whoever reads pages: at an address that is not known, or one that is
/// not asked so.
pub(super) fn nothing_here(door: &Door, headers: &HeaderMap, is_known: bool) -> Option<Response> {
    let fault = if is_known { fault::PageFault::WrongMethod } else { fault::PageFault::NotFound };
    let reads_pages = door.pages.is_some() && headers::reads_pages(headers);
    reads_pages.then(|| headers::guarded(fault.into_response()))
}

/// What the pages need; a server without them has no route that leads here.
fn pages(door: &Door) -> Result<&Pages, fault::PageFault> {
    door.pages.as_ref().ok_or(fault::PageFault::NotFound)
}
