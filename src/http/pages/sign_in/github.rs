//! Signing in by GitHub's web flow, with a state that is bound to the browser and PKCE (RFC 7636).

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::super::fault::PageFault;
use super::super::session::{self, Secret, hashed, state_name};
use super::super::viewer::Who;
use super::super::{Pages, pages};
use super::{Arrival, Wanted, begin, shown};
use crate::http::Door;
use crate::model::Login;
use crate::store::{SessionOf, SignInBegun};

/// Finds out whose sign-in it was, from the code and PKCE's secret; a sentence part where GitHub does not say.
pub type LoginOf = Arc<dyn Fn(SignInEnd) -> BoxFuture<'static, Result<Login, String>> + Send + Sync>;

/// What ends a sign-in.
#[derive(Debug, Clone)]
pub struct SignInEnd {
    /// What GitHub gave to the browser.
    pub code: String,
    /// PKCE's secret.
    pub verifier: String,
    /// The address that GitHub sent the browser to.
    pub redirect: String,
}

/// GitHub's sign-in
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app>).
#[derive(Clone)]
pub struct GithubSignIn {
    /// The App's client id.
    pub client_id: String,
    /// GitHub's pages, without a slash at their end.
    pub web_url: String,
    /// Ends it.
    pub login_of: LoginOf,
}

/// A sign-in that takes longer has to begin again.
const SIGN_IN_MS: i64 = 10 * 60 * 1000;

fn redirect(pages: &Pages) -> String {
    format!("{}/sign-in/callback", pages.address)
}

/// `GET /sign-in/github`: sends the browser to GitHub, with a state and a challenge.
pub(in crate::http::pages) async fn with_github(
    State(door): State<Arc<Door>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageFault> {
    let pages = pages(&door)?;
    let github = pages.sign_in.as_ref().ok_or(PageFault::NotFound)?;
    let (state, verifier) = (Secret::new(), Secret::new());
    let begun = SignInBegun { verifier: verifier.text().to_owned(), back_to: wanted.path().to_owned() };
    let ends = door.clock.now().plus_ms(SIGN_IN_MS);
    door.doors.store().begin_sign_in(&state.hash(), &begun, ends).await?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.text()));
    let mut url = Url::parse(&format!("{}/login/oauth/authorize", github.web_url)).map_err(|_| PageFault::Internal)?;
    url.query_pairs_mut()
        .append_pair("client_id", &github.client_id)
        .append_pair("redirect_uri", &redirect(pages))
        .append_pair("state", state.text())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let to = HeaderValue::from_str(url.as_str()).map_err(|_| PageFault::Internal)?;
    let secure = pages.is_secure();
    let cookie = session::line(state_name(secure), state.text(), (secure, SIGN_IN_MS / 1000));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::SET_COOKIE, cookie)]).into_response())
}

/// What GitHub sends the browser back with.
#[derive(Deserialize)]
pub(in crate::http::pages) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// `GET /sign-in/callback`: whatever comes of it, the state counts no more.
pub(in crate::http::pages) async fn callback(
    State(door): State<Arc<Door>>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response, PageFault> {
    let pages = pages(&door)?;
    let secure = pages.is_secure();
    let mut response = ended(&door, &headers, returned).await?;
    let forgotten = session::line(state_name(secure), "", (secure, 0));
    response.headers_mut().append(header::SET_COOKIE, forgotten);
    Ok(response)
}

async fn ended(door: &Door, headers: &HeaderMap, returned: Returned) -> Result<Response, PageFault> {
    let pages = pages(door)?;
    let github = pages.sign_in.as_ref().ok_or(PageFault::NotFound)?;
    let again = || PageFault::Stale("This sign-in was begun elsewhere, or it took too long. Begin again.".to_owned());
    let state = returned.state.ok_or_else(again)?;
    let own = session::cookie(headers, state_name(pages.is_secure())).ok_or_else(again)?;
    if verify_slices_are_equal(own.as_bytes(), state.as_bytes()).is_err() {
        return Err(again());
    }
    let begun = door.doors.store().end_sign_in(&hashed("", &state)).await?.ok_or_else(again)?;
    if returned.error.is_some() {
        let fault = "GitHub was told not to sign you in.";
        return shown(pages, &begun.back_to, Some((StatusCode::FORBIDDEN, fault)));
    }
    let code = returned.code.ok_or_else(again)?;
    let end = SignInEnd { code, verifier: begun.verifier, redirect: redirect(pages) };
    let login = (github.login_of)(end).await.map_err(|fault| {
        tracing::warn!(fault, "a sign-in could not be ended");
        PageFault::Unavailable("GitHub did not say who you are. Begin again.".to_owned())
    })?;
    let of = SessionOf::Person(login.clone());
    let arrival = Arrival { of, who: Who::Person(login), secret: Secret::new() };
    begin(door, headers, (arrival, &begun.back_to)).await
}
