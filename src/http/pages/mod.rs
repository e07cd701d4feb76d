//! The dashboard: pages that show what the store knows, and forms that ask for what people may do on GitHub.
//!
//! What somebody sees and may do follows their permission in each repository (`access.rs`). Whatever changes something
//! is a form with a token of the session's own (`form.rs`), and becomes a delivery like a call of the API (`ask.rs`),
//! so it is judged where everything is. No script stands in a page: `headers.rs` forbids it.

mod access;
mod ask;
mod assets;
mod board;
mod chart;
mod charts;
mod fault;
mod form;
mod headers;
mod live;
mod pull;
mod pull_view;
mod pulls;
mod queue;
mod session;
mod shell;
mod sign_in;
mod viewer;
mod when;
mod words;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

pub use access::PermissionOf;
pub use sign_in::{GithubSignIn, LoginOf, SignInEnd};

use super::Door;

/// What the pages need beside the server's door.
pub struct Pages {
    access: access::Access,
    sign_in: Option<GithubSignIn>,
    /// Where people reach the server, without a slash at its end.
    address: String,
    live: live::Live,
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
        Self { access: access::Access::new(permission_of, public), sign_in, address, live: live::Live::default() }
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
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/token", post(sign_in::with_token))
        .route("/sign-in/github", get(sign_in::with_github))
        .route("/sign-in/callback", get(sign_in::callback))
        .route("/sign-out", post(sign_in::out))
        .route("/theme", post(shell::theme))
        .route("/assets/{file}", get(assets::asset))
        .layer(middleware::from_fn(headers::guard))
}

/// What the pages need; a server without them has no route that leads here.
fn pages(door: &Door) -> Result<&Pages, fault::PageFault> {
    door.pages.as_ref().ok_or(fault::PageFault::NotFound)
}
