//! GitHub's web flow, by which people sign in to an App: a page to agree on, a code that counts once, and a person's token.
//!
//! <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app>

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::header::{ACCEPT, AUTHORIZATION};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::answer::{Answer, Body, Refusal};
use super::call::Call;
use super::entities::AccountKind;
use super::state::State;
use crate::model::Timestamp;

/// A code counts for 10 minutes.
const CODE_LIFETIME_MS: i64 = 10 * 60 * 1000;
/// A person's token counts for 8 hours.
const TOKEN_LIFETIME_S: i64 = 8 * 60 * 60;

/// Who is on the way, and who has arrived.
#[derive(Debug, Default)]
pub struct SignIns {
    /// The App's callback addresses; those on loopback count without being listed.
    pub callbacks: Vec<String>,
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, (String, Timestamp)>,
}

/// What a code was given for.
#[derive(Debug, Clone)]
struct Grant {
    login: String,
    redirect: String,
    challenge: Option<String>,
    until: Timestamp,
}

/// What an App asks a person's browser to bring.
struct Asked {
    redirect: Url,
    state: String,
    challenge: Option<String>,
}

type Pairs = [(String, String)];

/// Answers what belongs to signing in; `None` for everything else.
pub fn answer(state: &mut State, call: &Call) -> Option<Answer> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["login", "oauth", "authorize"]) => Some(page(state, call)),
        ("POST", ["login", "oauth", "authorize"]) => Some(agreed(state, &form(call))),
        ("POST", ["login", "oauth", "access_token"]) => Some(exchanged(state, call)),
        ("GET", ["user"]) => Some(user(state, call)),
        _ => None,
    }
}

pub fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub fn form(call: &Call) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&call.body).into_owned().collect()
}

/// A page; nothing of GitHub's own looks.
pub fn html(status: u16, body: &str) -> Answer {
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Simulated GitHub</title></head>\
         <body><main>{body}</main></body></html>"
    );
    let body = Body::Raw { content_type: "text/html; charset=utf-8", bytes: text.into_bytes() };
    Answer { status, headers: Vec::new(), body }
}

fn asked(state: &State, pairs: &Pairs) -> Result<Asked, Answer> {
    let wrong = |status, what: &str| html(status, &format!("<h1>{what}</h1>"));
    if value(pairs, "client_id") != Some(state.app.client_id.as_str()) {
        return Err(wrong(404, "There is no such App"));
    }
    let redirect = value(pairs, "redirect_uri").and_then(|text| Url::parse(text).ok());
    let redirect = redirect.filter(|url| {
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        loopback || state.sign_ins.callbacks.iter().any(|known| known == url.as_str())
    });
    let redirect = redirect.ok_or_else(|| wrong(400, "The redirect_uri is not associated with this application"))?;
    let of_app = value(pairs, "state").filter(|text| !text.is_empty());
    let of_app = of_app.ok_or_else(|| wrong(400, "This GitHub wants a state from every App"))?;
    let challenge = value(pairs, "code_challenge").map(str::to_owned);
    if challenge.is_some() && value(pairs, "code_challenge_method") != Some("S256") {
        return Err(wrong(400, "The code_challenge_method has to be S256"));
    }
    Ok(Asked { redirect, state: of_app.to_owned(), challenge })
}

/// `GET /login/oauth/authorize`: a button for every person, as nobody has a password here.
fn page(state: &State, call: &Call) -> Answer {
    if let Err(refused) = asked(state, &call.query) {
        return refused;
    }
    let fields = ["client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"].into_iter();
    let hidden: Vec<String> = fields
        .filter_map(|name| Some((name, value(&call.query, name)?)))
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let people = state.accounts.values().filter(|account| account.kind == AccountKind::User);
    let buttons: Vec<String> = people
        .map(|account| escaped(&account.login))
        .map(|login| format!("<p><button name=\"login\" value=\"{login}\">Sign in as {login}</button></p>"))
        .collect();
    let (hidden, buttons) = (hidden.concat(), buttons.concat());
    html(
        200,
        &format!(
            "<h1>Sign in to simulated GitHub</h1><form method=\"post\" action=\"/login/oauth/authorize\">{hidden}{buttons}\
             <p><button name=\"cancel\" value=\"1\">Cancel</button></p></form>"
        ),
    )
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `POST /login/oauth/authorize`: sends the browser back to the App, with a code or with the news that there is none.
fn agreed(state: &mut State, fields: &Pairs) -> Answer {
    let asked = match asked(state, fields) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let login = value(fields, "login").and_then(|login| state.account(login)).map(|account| account.login.clone());
    let mut to = asked.redirect.clone();
    match login {
        Some(login) => {
            let code = format!("{:020x}", rand::random::<u128>() >> 48);
            let until = state.now().plus_ms(CODE_LIFETIME_MS);
            let redirect = asked.redirect.to_string();
            state.sign_ins.codes.insert(code.clone(), Grant { login, redirect, challenge: asked.challenge, until });
            to.query_pairs_mut().append_pair("code", &code);
        }
        None => {
            to.query_pairs_mut()
                .append_pair("error", "access_denied")
                .append_pair("error_description", "The user has denied your application access.");
        }
    }
    to.query_pairs_mut().append_pair("state", &asked.state);
    Answer::empty(302).with("location", to.to_string())
}

/// `POST /login/oauth/access_token`: a code for a token, once. What is wrong is told with status 200
/// (<https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors>).
fn exchanged(state: &mut State, call: &Call) -> Answer {
    let fields = form(call);
    let body = match granted(state, &fields) {
        Ok(grant) => {
            let token = format!("ghu_{:036x}", rand::random::<u128>());
            let until = Timestamp::from_seconds(state.now().seconds() + TOKEN_LIFETIME_S);
            state.sign_ins.tokens.insert(token.clone(), (grant.login, until));
            json!({"access_token": token, "expires_in": TOKEN_LIFETIME_S, "scope": "", "token_type": "bearer"})
        }
        Err(error) => json!({"error": error, "error_description": "The sign-in cannot be ended so."}),
    };
    let wants_json = call.header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("json"));
    if wants_json { Answer::json(200, body) } else { as_form(&body) }
}

fn as_form(body: &Value) -> Answer {
    let pairs = body.as_object().into_iter().flatten();
    let pairs = pairs.map(|(key, value)| (key, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
    let body = Body::Raw { content_type: "application/x-www-form-urlencoded; charset=utf-8", bytes };
    Answer { status: 200, headers: Vec::new(), body }
}

fn granted(state: &mut State, fields: &Pairs) -> Result<Grant, &'static str> {
    let is_app = value(fields, "client_id") == Some(state.app.client_id.as_str())
        && value(fields, "client_secret") == Some(state.app.client_secret.as_str());
    if !is_app {
        return Err("incorrect_client_credentials");
    }
    let now = state.now();
    // Whatever comes of it, a code that was shown is used up.
    let grant = value(fields, "code").and_then(|code| state.sign_ins.codes.remove(code));
    let grant = grant.filter(|grant| now < grant.until).ok_or("bad_verification_code")?;
    if value(fields, "redirect_uri").is_some_and(|redirect| redirect != grant.redirect) {
        return Err("redirect_uri_mismatch");
    }
    let proof = value(fields, "code_verifier").map(|text| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
    let proven = grant.challenge.is_none() || grant.challenge == proof;
    if proven { Ok(grant) } else { Err("bad_verification_code") }
}

/// `GET /user` (<https://docs.github.com/en/rest/users/users#get-the-authenticated-user>)
fn user(state: &State, call: &Call) -> Answer {
    let Some(header) = call.header(AUTHORIZATION.as_str()) else {
        return Refusal::new(401, "Requires authentication").into_answer();
    };
    let token = header.split_once(' ').map_or(header, |(_, token)| token);
    let login = state.sign_ins.tokens.get(token).filter(|(_, until)| state.now() < *until).map(|(login, _)| login);
    match login.and_then(|login| state.account(login)) {
        Some(account) => Answer::json(200, super::payloads::Views { state }.profile(&account.login)),
        None if state.tokens.contains_key(token) => {
            Refusal::new(403, "Resource not accessible by integration").into_answer()
        }
        None => Refusal::new(401, "Bad credentials").into_answer(),
    }
}
