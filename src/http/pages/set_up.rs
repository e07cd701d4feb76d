//! Set-up of a server that is set up: its operator is shown where the App is installed and changed.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use futures::future::BoxFuture;

use super::fault::PageFault;
use super::pages;
use super::viewer::Viewer;
use crate::http::Door;

/// The App's page on GitHub, or `None` where GitHub does not say.
pub type AppUrl = Arc<dyn Fn() -> BoxFuture<'static, Option<String>> + Send + Sync>;

#[derive(Template)]
#[template(path = "set_up_ready.html", config = ".askama.toml")]
struct Ready {
    app_url: Option<String>,
}

/// `GET /setup`, to which GitHub also leads back when somebody loads the last page of set-up anew.
pub(super) async fn page(State(door): State<Arc<Door>>, viewer: Viewer) -> Result<Response, PageFault> {
    if !viewer.is_operator() {
        return Err(PageFault::NotFound);
    }
    let app_url = match &pages(&door)?.app_url {
        // It goes into links, so it is one.
        Some(app_url) => app_url().await.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        None => None,
    };
    Ok(Html(Ready { app_url }.render()?).into_response())
}
