//! The frame around every page: navigation, whose page it is, and what came of what they asked last.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::fault::PageFault;
use super::session::{cookie, line};
use super::viewer::{Viewer, Who};
use super::{ask, form, origin, pages};
use crate::http::Door;
use crate::model::DeliveryGuid;
use crate::store::RequestState;

/// A part of the dashboard, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Board,
    Pulls,
    Queue,
    Releases,
    Workers,
    Learnings,
    Charts,
    Rules,
    Audit,
    Inbox,
    Outbox,
    Api,
}

impl Part {
    const ALL: [Self; 12] = [
        Self::Board,
        Self::Pulls,
        Self::Queue,
        Self::Releases,
        Self::Workers,
        Self::Learnings,
        Self::Charts,
        Self::Rules,
        Self::Audit,
        Self::Inbox,
        Self::Outbox,
        Self::Api,
    ];

    const fn of(self) -> (&'static str, &'static str) {
        match self {
            Self::Board => ("/", "Board"),
            Self::Pulls => ("/pulls", "Pull requests"),
            Self::Queue => ("/queue", "Queue"),
            Self::Releases => ("/releases", "Releases"),
            Self::Workers => ("/workers", "Workers"),
            Self::Learnings => ("/learnings", "Learnings"),
            Self::Charts => ("/charts", "Charts"),
            Self::Rules => ("/rules", "Rules"),
            Self::Audit => ("/audit", "Audit"),
            Self::Inbox => ("/inbox", "Inbox"),
            Self::Outbox => ("/outbox", "Outbox"),
            Self::Api => ("/api", "API"),
        }
    }

    /// Whether only those see it who look into the server itself.
    const fn is_of_the_server(self) -> bool {
        matches!(self, Self::Inbox | Self::Outbox)
    }
}

/// A place in the navigation.
pub(super) struct Place {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) is_here: bool,
}

/// The frame of one page.
pub(super) struct Shell {
    pub(super) title: String,
    pub(super) places: Vec<Place>,
    /// Who looks at it, if they are signed in.
    pub(super) name: Option<String>,
    pub(super) csrf: String,
    /// The path and query of this page, from which it is loaded again when something changes.
    pub(super) path: String,
    /// `light`, `dark`, or `auto` where the browser decides.
    pub(super) theme: &'static str,
    /// How many repositories are left out because GitHub did not answer.
    pub(super) unknown: usize,
    /// Whether somebody is signed in who may read none of the repositories.
    pub(super) sees_nothing: bool,
    /// Whether GitHub's sign-in is offered.
    pub(super) can_sign_in: bool,
    pub(super) note: Option<Note>,
}

/// What came of what was asked last.
pub(super) struct Note {
    /// `ok`, `waits` or `bad`.
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// What every page takes from its request.
pub(super) struct Look<'a> {
    pub(super) door: &'a Door,
    pub(super) viewer: &'a Viewer,
    pub(super) headers: &'a HeaderMap,
    pub(super) path: &'a str,
}

impl Shell {
    /// The frame of a page, which belongs to this part.
    pub(super) async fn new(look: &Look<'_>, part: Part, title: impl Into<String>) -> Result<Self, PageFault> {
        let viewer = look.viewer;
        let places = Part::ALL.into_iter().filter(|place| !place.is_of_the_server() || viewer.is_operator());
        let places = places.map(|place| {
            let (path, name) = place.of();
            Place { path, name, is_here: place == part }
        });
        Ok(Self {
            title: title.into(),
            places: places.collect(),
            name: viewer.name(),
            csrf: viewer.csrf(),
            path: look.path.to_owned(),
            theme: theme_of(look.headers),
            unknown: viewer.unknown(),
            sees_nothing: viewer.unknown() == 0
                && viewer.repositories().is_empty()
                && matches!(viewer.who, Who::Person(_)),
            can_sign_in: viewer.who == Who::Stranger,
            note: note(look).await?,
        })
    }
}

/// `?asked=ID` is what a form leads to: the page says what has become of it, and says so again when that has changed.
async fn note(look: &Look<'_>) -> Result<Option<Note>, PageFault> {
    let query = look.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let asked = pairs.find(|(key, value)| key == "asked" && value.starts_with(ask::PREFIX));
    let Some((_, guid)) = asked else { return Ok(None) };
    // These ids are long and random; whoever has one asked for it.
    let known = look.door.doors.store().what_became_of(&DeliveryGuid::new(guid.into_owned())).await?;
    Ok(known.map(|state| match state {
        RequestState::Waiting => Note { kind: "waits", text: "Asked for; it is decided in a moment.".to_owned() },
        RequestState::Done { note, .. } => Note { kind: "ok", text: told("Done", note) },
        RequestState::Refused { note } => Note { kind: "bad", text: told("Not done", note) },
    }))
}

fn told(what: &str, note: Option<String>) -> String {
    note.map_or_else(|| format!("{what}."), |note| format!("{what}: {note}"))
}

fn theme_of(headers: &HeaderMap) -> &'static str {
    match cookie(headers, "theme") {
        Some("light") => "light",
        Some("dark") => "dark",
        Some(_) | None => "auto",
    }
}

/// `POST /theme`: nothing but the look of this browser's pages changes, so strangers may too.
pub(super) async fn theme(State(door): State<Arc<Door>>, request: Request) -> Result<Response, PageFault> {
    let (parts, body) = request.into_parts();
    if origin::is_foreign(pages(&door)?, &parts.headers) {
        return Err(form::stale());
    }
    let fields = form::fields(&parts.headers, body).await?;
    let theme = match fields.get("theme") {
        Some("light") => "light",
        Some("dark") => "dark",
        Some(_) | None => "auto",
    };
    let secure = pages(&door)?.is_secure();
    let cookie = line("theme", theme, (secure, 365 * 24 * 60 * 60));
    Ok(back(fields.get("to").unwrap_or("/"), Some(cookie)))
}

/// Leads to another page of ours.
pub(super) fn back(to: &str, cookie: Option<HeaderValue>) -> Response {
    let to = origin::own_path(to);
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
