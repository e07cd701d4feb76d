//! Where the demo's releases run: a page of health for each environment, on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use tokio::task::AbortHandle;

#[derive(Debug, Default)]
struct Streets {
    runs: BTreeMap<String, String>,
    sick: BTreeSet<(String, String)>,
}

type Shared = Arc<Mutex<Streets>>;

/// The town; it closes when it is dropped.
pub(super) struct Town {
    pub(super) url: String,
    streets: Shared,
    server: AbortHandle,
}

impl Drop for Town {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Town {
    pub(super) async fn open() -> Result<Self> {
        let streets = Shared::default();
        let router = Router::new().route("/{environment}/health", get(health)).with_state(Arc::clone(&streets));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the demo's town closed");
            }
        });
        Ok(Self { url, streets, server: server.abort_handle() })
    }

    /// This version is deployed there.
    pub(super) fn deploy(&self, environment: &str, tag: &str) {
        self.streets().runs.insert(environment.to_owned(), tag.to_owned());
    }

    /// This version does not work there.
    pub(super) fn is_sick(&self, environment: &str, tag: &str) {
        self.streets().sick.insert((environment.to_owned(), tag.to_owned()));
    }

    /// What runs there.
    pub(super) fn runs(&self, environment: &str) -> Option<String> {
        self.streets().runs.get(environment).cloned()
    }

    fn streets(&self) -> std::sync::MutexGuard<'_, Streets> {
        self.streets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn health(State(streets): State<Shared>, Path(environment): Path<String>) -> (StatusCode, String) {
    let streets = streets.lock().unwrap_or_else(PoisonError::into_inner);
    let tag = streets.runs.get(&environment).cloned().unwrap_or_default();
    let sick = streets.sick.contains(&(environment.clone(), tag.clone()));
    let status = if sick { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    (status, format!("{environment} runs {tag}\n"))
}
