//! Signing in, with GitHub or with a token, and signing out; each leaves a line in the audit.

mod github;
mod token;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;

pub use github::{GithubSignIn, LoginOf, SignInEnd};
pub(super) use github::{callback, with_github};
pub(super) use token::with_token;

use super::fault::PageFault;
use super::form::Sent;
use super::limit::PerMinute;
use super::origin::own_path;
use super::session::{self, LIFETIME_MS, Secret};
use super::viewer::Who;
use super::{Pages, pages, shell};
use crate::http::Door;
use crate::model;
use crate::store::{AuditEntry, SessionOf, StoreError};

/// So many wrong tokens a minute are looked at, whoever tries them.
const WRONG_TOKENS: u32 = 10;
/// So many refused forms a minute are noted in the audit, which is never pruned; all are counted.
const NOTED_FORMS: u32 = 10;
/// No more of an address that a form was sent to is noted.
const NOTED_PATH_CHARACTERS: usize = 200;

/// What may happen only so often.
#[derive(Debug)]
pub(super) struct Limits {
    wrong_tokens: PerMinute,
    noted_forms: PerMinute,
}

impl Default for Limits {
    fn default() -> Self {
        Self { wrong_tokens: PerMinute::new(WRONG_TOKENS), noted_forms: PerMinute::new(NOTED_FORMS) }
    }
}

impl Pages {
    /// Whether people reach the server over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.address.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
    }
}

#[derive(Template)]
#[template(path = "sign_in.html", config = ".askama.toml")]
struct SignInPage {
    back_to: String,
    with_github: bool,
    fault: Option<&'static str>,
}

/// Where somebody wants to go once they are signed in.
#[derive(Deserialize)]
pub(super) struct Wanted {
    to: Option<String>,
}

impl Wanted {
    fn path(&self) -> &str {
        own_path(self.to.as_deref().unwrap_or("/"))
    }
}

/// Somebody who has just shown who they are.
struct Arrival {
    of: SessionOf,
    who: Who,
    /// The secret of their session to be.
    secret: Secret,
}

/// `GET /sign-in`
pub(super) async fn page(State(door): State<Arc<Door>>, Query(wanted): Query<Wanted>) -> Result<Response, PageFault> {
    shown(pages(&door)?, wanted.path(), None)
}

fn shown(pages: &Pages, back_to: &str, fault: Option<(StatusCode, &'static str)>) -> Result<Response, PageFault> {
    let (status, fault) = fault.map_or((StatusCode::OK, None), |(status, fault)| (status, Some(fault)));
    let page = SignInPage { back_to: back_to.to_owned(), with_github: pages.sign_in.is_some(), fault };
    Ok((status, Html(page.render()?)).into_response())
}

/// Begins a session. Its secret is a new one, whatever the browser held before, and what it held counts no more.
async fn begin(door: &Door, headers: &HeaderMap, (arrival, to): (Arrival, &str)) -> Result<Response, PageFault> {
    let (pages, store) = (pages(door)?, door.doors.store());
    if let Some(former) = Secret::of(headers, pages.is_secure()) {
        store.end_session(&former.hash()).await?;
    }
    let by = match &arrival.of {
        SessionOf::Person(_) => "by GitHub",
        SessionOf::Token(_) => "with a token",
    };
    let ends = door.clock.now().plus_ms(LIFETIME_MS);
    store.begin_session(&arrival.secret.hash(), &arrival.of, ends).await?;
    let actor = arrival.who.actor();
    noted(door, &actor, &format!("{actor} signed in {by}.")).await?;
    Ok(shell::back(to, Some(arrival.secret.set(pages.is_secure()))))
}

/// `POST /sign-out`
pub(super) async fn out(State(door): State<Arc<Door>>, sent: Sent) -> Result<Response, PageFault> {
    if let Some(secret) = &sent.viewer.secret {
        door.doors.store().end_session(&secret.hash()).await?;
        let actor = sent.viewer.who.actor();
        noted(&door, &actor, &format!("{actor} signed out.")).await?;
    }
    Ok(shell::back("/sign-in", Some(session::forget(pages(&door)?.is_secure()))))
}

/// Counts a form that was refused, and notes it where it was of somebody's session.
pub(super) async fn refused(door: &Door, (who, parts): (&Who, &Parts), why: &str) {
    door.metrics.rejected("refused-form");
    let is_noted = pages(door).is_ok_and(|pages| pages.limits.noted_forms.take(door.clock.now()).is_ok());
    if *who == Who::Stranger || !is_noted {
        return;
    }
    let path: String = parts.uri.path().chars().take(NOTED_PATH_CHARACTERS).collect();
    let actor = who.actor();
    tracing::warn!(actor, path, why, "a form was refused");
    if let Err(error) = noted(door, &actor, &format!("A form of {actor} to {path} was refused: {why}.")).await {
        tracing::error!(%error, "a refused form could not be noted");
    }
}

async fn noted(door: &Door, actor: &str, summary: &str) -> Result<(), StoreError> {
    let entry = AuditEntry { actor, kind: "sign_in", summary, door: Some(model::Door::Page), ..AuditEntry::default() };
    door.doors.store().audit(&entry).await
}
