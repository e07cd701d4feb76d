//! `POST …/environments/{environment}/{verb}`: asks something of an environment, and answers once that is on disk.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::auth::Caller;
use super::call::{self, KEY};
use super::wish::Verb;
use crate::decide::tracking::{AskRefusal, RefusalKind};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::webhook::word;
use crate::http::{Door, environments};
use crate::model::{self, Authority, DeliveryGuid, RepositoryName};
use crate::receive;

type Named = Result<Path<(String, String, String, String)>, PathRejection>;

/// What is called for.
struct Call {
    repository: RepositoryName,
    environment: String,
    verb: Verb,
    guid: DeliveryGuid,
    is_named: bool,
}

/// `POST …/environments/{environment}/{verb}`
pub(super) async fn ask(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    named: Named,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let (owner, name, environment, verb) = super::path(&door, named)?;
    let verb = Verb::named(&verb).ok_or_else(|| super::nothing_here(&door))?;
    let repository = super::repository_name(&door, &owner, &name)?;
    let (guid, is_named) = guid(&door, &head.headers)?;
    let call = Call { repository, environment, verb, guid, is_named };
    let body = call::read(&door, &head.headers, body).await?;
    if !known_already(&door, &call).await? {
        let wish = wish(&door, &caller, (&call, &body)).await?;
        super::store(&door, &call.guid, &wish).await?;
    }
    let answer = json!({"accepted": true, "request": call.guid.as_str()});
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// The id of the call: the caller's, else one of our own.
fn guid(door: &Door, headers: &HeaderMap) -> Result<(DeliveryGuid, bool), Problem> {
    if !headers.contains_key(KEY) {
        return Ok((DeliveryGuid::new(format!("api-{:016x}", rand::random::<u64>())), false));
    }
    let key = word(headers, KEY).map_err(|(kind, detail)| kind.counted(&door.metrics, detail))?;
    Ok((DeliveryGuid::new(format!("api:{key}")), true))
}

/// Whether a call of this name was accepted before. What it asked for may be done by now, so it is not asked again
/// whether it could be.
async fn known_already(door: &Door, call: &Call) -> Result<bool, Problem> {
    if !call.is_named {
        return Ok(false);
    }
    let before = door.doors.store().delivery(&call.guid).await.map_err(super::of_store(door))?;
    let Some((delivery, ..)) = before else { return Ok(false) };
    let same = match receive::parse_request(&delivery.body) {
        Ok(model::Request::Environment { repository, environment, wish, .. }) => {
            repository.name.is(&call.repository)
                && environment.as_str().eq_ignore_ascii_case(&call.environment)
                && Verb::of(&wish) == call.verb
        }
        Ok(
            model::Request::OpenIssue { .. }
            | model::Request::Task { .. }
            | model::Request::Pull { .. }
            | model::Request::ProposeRules { .. },
        )
        | Err(_) => false,
    };
    if same {
        return Ok(true);
    }
    let detail = format!("This {KEY} was used for another call; take a new one for each.");
    Err(ProblemKind::Unprocessable.counted(&door.metrics, detail))
}

/// What is asked of which environment, as it is stored.
async fn wish(door: &Door, caller: &Caller, (call, body): (&Call, &[u8])) -> Result<model::Request, Problem> {
    let words = call.verb.words(call.environment.clone(), body);
    let words = words.map_err(|detail| ProblemKind::NotJson.counted(&door.metrics, detail))?;
    let name = if caller.is_operator() { "the API" } else { &caller.name };
    let authority = Authority::Operator { name: name.to_owned() };
    let request = environments::request(door, &call.repository, (&words, authority)).await;
    request.map_err(|fault| super::of_ask(door, &call.repository, fault))
}

/// What kind of problem a refusal is.
pub(super) const fn kind_of(refusal: &AskRefusal) -> ProblemKind {
    match refusal.kind() {
        RefusalKind::Unknown => ProblemKind::NotFound,
        RefusalKind::Unclear => ProblemKind::Unprocessable,
        RefusalKind::Unfitting => ProblemKind::Conflict,
    }
}
