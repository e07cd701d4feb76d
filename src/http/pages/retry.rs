//! `POST /outbox/retry`: dead actions are tried once more, one or all of a kind.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::fault::PageFault;
use super::form::Sent;
use super::href::with_query;
use super::inbox::noted;
use super::looking::Looking;
use super::shell::{self, Part, Shell};
use crate::http::Door;
use crate::store::Retried;

#[derive(Template)]
#[template(path = "retry.html", config = ".askama.toml")]
struct RetryPage {
    shell: Shell,
    kind: String,
    count: i64,
    listed: String,
}

/// Of which kind all are to be tried once more.
#[derive(Deserialize)]
pub(super) struct OfKind {
    kind: String,
}

/// `GET /outbox/retry?kind=KIND`: says how many there are before anything is done.
pub(super) async fn confirm(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(of): Query<OfKind>,
) -> Result<Html<String>, PageFault> {
    looking.operators_only()?;
    let kinds = door.doors.store().dead_kinds().await?;
    let (kind, count) = kinds.into_iter().find(|(kind, _)| *kind == of.kind).ok_or(PageFault::NotFound)?;
    let listed = with_query("/outbox", &[("state", "dead"), ("kind", &kind)]);
    let shell = looking.shell(&door, Part::Outbox, "Try them once more?").await?;
    Ok(Html(RetryPage { shell, kind, count, listed }.render()?))
}

/// `POST /outbox/retry`: the one of `key`, or the `count` of `kind`.
pub(super) async fn retry(State(door): State<Arc<Door>>, sent: Sent) -> Result<Response, PageFault> {
    if !sent.viewer.is_operator() {
        return Err(PageFault::NotFound);
    }
    match sent.fields.get("key") {
        Some(key) => one(&door, &sent, key).await,
        None => all_of_kind(&door, &sent).await,
    }
}

async fn one(door: &Door, sent: &Sent, key: &str) -> Result<Response, PageFault> {
    let id: i64 = sent.fields.need("id", "The action's number")?.parse().map_err(|_| PageFault::NotFound)?;
    let store = door.doors.store();
    store.action(key).await?.ok_or(PageFault::NotFound)?;
    if !store.retry_action(key).await? {
        let detail = "This action is not dead any more; somebody else had it tried once more. Look again.";
        return Err(PageFault::Stale(detail.to_owned()));
    }
    noted(door, &sent.viewer, &format!("Action {key} was replayed.")).await?;
    Ok(shell::back(&format!("/outbox/{id}?retried=yes"), None))
}

async fn all_of_kind(door: &Door, sent: &Sent) -> Result<Response, PageFault> {
    let kind = sent.fields.need("kind", "The kind of action")?;
    let wrong = |_| PageFault::Unfitting("How many there are should be a number.".to_owned());
    let seen: i64 = sent.fields.need("count", "How many there are")?.parse().map_err(wrong)?;
    match door.doors.store().retry_kind(kind, seen).await? {
        Retried::All => {}
        Retried::Otherwise(now) => {
            let detail =
                format!("There were {seen} dead actions of the kind {kind}, and now there are {now}. Look again.");
            return Err(PageFault::Stale(detail));
        }
    }
    let were =
        if seen == 1 { "1 dead action of the kind".to_owned() } else { format!("All {seen} dead actions of the kind") };
    let was = if seen == 1 { "was" } else { "were" };
    noted(door, &sent.viewer, &format!("{were} {kind} {was} replayed.")).await?;
    Ok(shell::back(&with_query("/outbox", &[("kind", kind)]), None))
}
