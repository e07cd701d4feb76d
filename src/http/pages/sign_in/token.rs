//! Signing in with a token of this server, slowly for whoever guesses.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::super::fault::PageFault;
use super::super::origin::{is_foreign, own_path};
use super::super::session::Secret;
use super::super::viewer::{OPERATOR, Who, operator_session};
use super::super::{form, pages};
use super::{Arrival, WRONG_TOKENS, begin, noted, shown};
use crate::http::Door;
use crate::model::Scope;
use crate::store::SessionOf;

/// `POST /sign-in/token`: with a token of the scope `admin` or `read`.
pub(in crate::http::pages) async fn with_token(
    State(door): State<Arc<Door>>,
    request: Request,
) -> Result<Response, PageFault> {
    let pages = pages(&door)?;
    let (parts, body) = request.into_parts();
    if is_foreign(pages, &parts.headers) {
        return Err(form::stale());
    }
    let fields = form::fields(&parts.headers, body).await?;
    let back_to = own_path(fields.get("to").unwrap_or("/"));
    // Each is counted before it is looked at, so that many at once are no way around the limit.
    let tries = match pages.limits.wrong_tokens.take(door.clock.now()) {
        Ok(tries) => tries,
        Err(wait_ms) => return too_many(&door, back_to, wait_ms),
    };
    if let Some(arrival) = known(&door, fields.get("token").unwrap_or_default()).await? {
        pages.limits.wrong_tokens.give_back();
        return begin(&door, &parts.headers, (arrival, back_to)).await;
    }
    door.metrics.rejected("wrong-sign-in-token");
    if tries == WRONG_TOKENS {
        tracing::warn!(WRONG_TOKENS, "wrong tokens within a minute; signing in with a token rests until it is over");
        let summary = format!("{WRONG_TOKENS} wrong tokens were tried within a minute; no more are looked at in it.");
        noted(&door, "stationmaster", &summary).await?;
    }
    let fault = "That is no token of this server with the scope admin or read.";
    shown(pages, back_to, Some((StatusCode::FORBIDDEN, fault)))
}

fn too_many(door: &Door, back_to: &str, wait_ms: i64) -> Result<Response, PageFault> {
    door.metrics.rejected("too-many-sign-in-tokens");
    let fault = "Too many wrong tokens were tried within the last minute. Try again in a minute.";
    let mut response = shown(pages(door)?, back_to, Some((StatusCode::TOO_MANY_REQUESTS, fault)))?;
    let seconds = wait_ms.div_euclid(1000) + 1;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// Whose token it is, if it may sign in.
async fn known(door: &Door, given: &str) -> Result<Option<Arrival>, PageFault> {
    let secret = Secret::new();
    if let Some(of_server) = door.api.as_ref().and_then(|api| api.token()) {
        let wanted = Sha256::digest(of_server.expose_secret().as_bytes());
        if verify_slices_are_equal(&Sha256::digest(given.as_bytes()), &wanted).is_ok() {
            let who = Who::Token { name: OPERATOR.to_owned(), admin: true };
            return Ok(Some(Arrival { of: operator_session(&secret, of_server), who, secret }));
        }
    }
    let token = door.doors.store().token_of(given).await?;
    let token = token.filter(|token| matches!(token.scope, Scope::Admin | Scope::Read));
    Ok(token.map(|token| {
        let who = Who::Token { name: token.name, admin: token.scope == Scope::Admin };
        Arrival { of: SessionOf::Token(token.id), who, secret }
    }))
}
