//! Signing in, with GitHub or with a token, and signing out.

use std::sync::Arc;

use askama::Template;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::fault::PageFault;
use super::form::{self, Sent};
use super::session::{self, LIFETIME_MS, Secret, hashed};
use super::{Pages, pages, shell, viewer};
use crate::http::Door;
use crate::model::{Login, Scope};
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
/// The cookie that binds a sign-in to the browser that began it.
const STATE: &str = "sign-in";

impl Pages {
    /// Whether people reach the server over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.address.starts_with("https://")
    }

    fn redirect(&self) -> String {
        format!("{}/sign-in/callback", self.address)
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

/// `GET /sign-in`
pub(super) async fn page(State(door): State<Arc<Door>>, Query(wanted): Query<Wanted>) -> Result<Response, PageFault> {
    let back_to = own_path(wanted.to.as_deref().unwrap_or("/")).to_owned();
    shown(pages(&door)?, back_to, None)
}

fn shown(pages: &Pages, back_to: String, fault: Option<&'static str>) -> Result<Response, PageFault> {
    let page = SignInPage { back_to, with_github: pages.sign_in.is_some(), fault };
    let status = if fault.is_some() { axum::http::StatusCode::FORBIDDEN } else { axum::http::StatusCode::OK };
    Ok((status, Html(page.render()?)).into_response())
}

/// `POST /sign-in/token`: with a token of the scope `admin` or `read`.
pub(super) async fn with_token(State(door): State<Arc<Door>>, request: Request) -> Result<Response, PageFault> {
    let (parts, body) = request.into_parts();
    form::own_page(&parts.headers)?;
    let fields = form::fields(&parts.headers, body).await?;
    let back_to = own_path(fields.get("to").unwrap_or("/")).to_owned();
    let Some(token) = known_token(&door, fields.get("token").unwrap_or_default()).await? else {
        let fault = "That is no token of this server with the scope admin or read.";
        return shown(pages(&door)?, back_to, Some(fault));
    };
    begin(&door, &SessionOf::Token(token), &back_to).await
}

/// The id of a token, if it may sign in.
async fn known_token(door: &Door, given: &str) -> Result<Option<String>, PageFault> {
    let setting: Option<&SecretString> = door.api.as_ref().and_then(|api| api.token());
    if let Some(setting) = setting {
        let wanted = Sha256::digest(setting.expose_secret().as_bytes());
        if verify_slices_are_equal(&Sha256::digest(given.as_bytes()), &wanted).is_ok() {
            return Ok(Some(viewer::OPERATOR.to_owned()));
        }
    }
    let token = door.doors.store().token_of(given).await?;
    Ok(token.filter(|token| matches!(token.scope, Scope::Admin | Scope::Read)).map(|token| token.id))
}

/// `GET /sign-in/github`: sends the browser to GitHub, with a state and a challenge (RFC 7636).
pub(super) async fn with_github(
    State(door): State<Arc<Door>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageFault> {
    let pages = pages(&door)?;
    let github = pages.sign_in.as_ref().ok_or(PageFault::NotFound)?;
    let (state, verifier) = (Secret::new(), Secret::new());
    let back_to = own_path(wanted.to.as_deref().unwrap_or("/")).to_owned();
    let begun = SignInBegun { verifier: verifier.text().to_owned(), back_to };
    let ends = door.clock.now().plus_ms(SIGN_IN_MS);
    door.doors.store().begin_sign_in(&state.hash(), &begun, ends).await?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.text()));
    let mut url = Url::parse(&format!("{}/login/oauth/authorize", github.web_url)).map_err(|_| PageFault::Internal)?;
    url.query_pairs_mut()
        .append_pair("client_id", &github.client_id)
        .append_pair("redirect_uri", &pages.redirect())
        .append_pair("state", state.text())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let to = axum::http::HeaderValue::from_str(url.as_str()).map_err(|_| PageFault::Internal)?;
    let cookie = session::line(STATE, state.text(), (pages.is_secure(), SIGN_IN_MS / 1000));
    let head = [(axum::http::header::LOCATION, to), (axum::http::header::SET_COOKIE, cookie)];
    Ok((axum::http::StatusCode::SEE_OTHER, head).into_response())
}

/// What GitHub sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// `GET /sign-in/callback`
pub(super) async fn callback(
    State(door): State<Arc<Door>>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response, PageFault> {
    let pages = pages(&door)?;
    let github = pages.sign_in.as_ref().ok_or(PageFault::NotFound)?;
    let again = || PageFault::Stale("This sign-in was begun elsewhere, or it took too long. Begin again.".to_owned());
    let state = returned.state.ok_or_else(again)?;
    let own = session::cookie(&headers, STATE).ok_or_else(again)?;
    if verify_slices_are_equal(own.as_bytes(), state.as_bytes()).is_err() {
        return Err(again());
    }
    let begun = door.doors.store().end_sign_in(&hashed("", &state)).await?.ok_or_else(again)?;
    if returned.error.is_some() {
        return shown(pages, begun.back_to, Some("GitHub was told not to sign you in."));
    }
    let code = returned.code.ok_or_else(again)?;
    let end = SignInEnd { code, verifier: begun.verifier, redirect: pages.redirect() };
    let login = (github.login_of)(end).await.map_err(|fault| {
        tracing::warn!(fault, "a sign-in could not be ended");
        PageFault::Unavailable("GitHub did not say who you are. Begin again.".to_owned())
    })?;
    begin(&door, &SessionOf::Person(login), &begun.back_to).await
}

/// Begins a session. Its secret is a new one, whatever the browser held before.
async fn begin(door: &Door, of: &SessionOf, to: &str) -> Result<Response, PageFault> {
    let secret = Secret::new();
    let ends = door.clock.now().plus_ms(LIFETIME_MS);
    door.doors.store().begin_session(&secret.hash(), of, ends).await?;
    Ok(shell::back(to, Some(secret.set(pages(door)?.is_secure()))))
}

/// `POST /sign-out`
pub(super) async fn out(State(door): State<Arc<Door>>, sent: Sent) -> Result<Response, PageFault> {
    if let Some(secret) = &sent.viewer.secret {
        door.doors.store().end_session(&secret.hash()).await?;
    }
    Ok(shell::back("/sign-in", Some(session::forget(pages(&door)?.is_secure()))))
}

/// The path, if it leads to a page of ours, else the first page: nobody is led to another site.
pub(super) fn own_path(path: &str) -> &str {
    let mut letters = path.chars();
    let is_own = letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !path.chars().any(|letter| letter.is_control() || letter == '\\');
    if is_own { path } else { "/" }
}

/// A text as the value of a query.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
