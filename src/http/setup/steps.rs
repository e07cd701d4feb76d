//! The steps of set-up: choose, confirm, and come back from GitHub.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use url::Url;

use super::answer::{Choose, Confirm, Done, Stop, shown, stopped};
use super::doors::own_origin;
use super::{Room, Wanted};
use crate::http::body;

/// No form of set-up is larger.
const FORM_MAX_BYTES: usize = 16 * 1024;

/// What the address carries.
#[derive(Deserialize)]
pub(super) struct Address {
    code: Option<String>,
}

/// What GitHub sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
}

/// `GET /setup?code=…`
pub(super) async fn choose(
    State(room): State<Arc<Room>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response {
    if !has_code(&room, address.code.as_deref()) {
        return locked(address.code.is_some());
    }
    let origin = own_origin(&headers, &room);
    let mut wanted = room.set_up.usual.clone();
    if wanted.public_url.is_empty() {
        wanted.public_url.clone_from(&origin);
    }
    if room.set_up.is_chosen {
        return confirmed(&room, &wanted, &origin);
    }
    choice(&room, &wanted, None)
}

/// `POST /setup`
pub(super) async fn confirm(State(room): State<Arc<Room>>, headers: HeaderMap, body: Body) -> Response {
    let Ok(bytes) = body::read(body, None, FORM_MAX_BYTES).await else {
        return stopped(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Stop { title: "That does not work", detail: "The form is too long, or it was cut off.", code: None },
        );
    };
    let fields: HashMap<String, String> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    if !has_code(&room, fields.get("setup_code").map(String::as_str)) {
        return locked(true);
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let is_personal = field("owner") != "organization";
    let wanted = Wanted {
        organization: Some(field("organization")).filter(|_| !is_personal),
        github_url: field("github_url"),
        public_url: field("public_url"),
        name: field("name"),
    };
    if !is_personal && field("organization").trim().is_empty() {
        let fault = "Name the organisation that is to own the App, or choose your own account.".to_owned();
        return choice(&room, &wanted, Some(fault));
    }
    match wanted.clone().checked() {
        Ok(checked) => confirmed(&room, &checked, &own_origin(&headers, &room)),
        Err(fault) => choice(&room, &wanted, Some(fault.to_string())),
    }
}

/// `GET /setup/callback?code=…&state=…`
pub(super) async fn callback(State(room): State<Arc<Room>>, Query(returned): Query<Returned>) -> Response {
    let wanted = returned.state.as_deref().and_then(|state| room.take(state));
    let Some((wanted, code)) = wanted.zip(returned.code) else {
        let detail = "This registration was not begun here, was ended before, or took too long. Open the address with \
            the code again, and begin anew.";
        return stopped(StatusCode::CONFLICT, &Stop { title: "Out of date", detail, code: None });
    };
    match (room.set_up.register)(wanted, code).await {
        Ok(app) => {
            let page = shown(StatusCode::OK, &Done { app: &app }, None);
            // The page is still sent: whoever stops serving waits for what is under way.
            room.set_up.done.cancel();
            page
        }
        Err(detail) => {
            let stop = Stop { title: "Not set up", detail: &detail, code: Some(&room.set_up.code) };
            stopped(StatusCode::BAD_GATEWAY, &stop)
        }
    }
}

fn choice(room: &Room, wanted: &Wanted, fault: Option<String>) -> Response {
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shown(status, &Choose { code: &room.set_up.code, wanted, fault }, None)
}

fn confirmed(room: &Room, wanted: &Wanted, origin: &str) -> Response {
    let set_up = &room.set_up;
    if let Err(detail) = (set_up.may_store)() {
        let stop = Stop { title: "Not possible yet", detail: &detail, code: Some(&set_up.code) };
        return stopped(StatusCode::CONFLICT, &stop);
    }
    // GitHub leads back to where this browser is: the public address may not lead here yet.
    let manifest = (set_up.manifest_of)(wanted, &format!("{origin}/setup/callback"));
    let state = room.begin(wanted.clone());
    let github = Url::parse(&wanted.github_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let page = Confirm { wanted, form_url: wanted.form_url(&state), manifest, asks: &set_up.asks };
    shown(StatusCode::OK, &page, Some(&github))
}

fn has_code(room: &Room, given: Option<&str>) -> bool {
    given.is_some_and(|given| verify_slices_are_equal(given.as_bytes(), room.set_up.code.as_bytes()).is_ok())
}

fn locked(given: bool) -> Response {
    let (title, detail) = if given {
        ("Another code", "This is not the code of this start of the server, which makes a new one each time.")
    } else {
        ("Not set up yet", "This server has no GitHub App yet.")
    };
    let detail = format!(
        "{detail} Whoever runs it finds the address to open in what the server printed and logged when it started: it \
         ends in /setup?code=…"
    );
    stopped(StatusCode::FORBIDDEN, &Stop { title, detail: &detail, code: None })
}
