//! `POST …/environments/{environment}/{verb}`: asks something of an environment, and answers once that is on disk.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;

use super::Api;
use super::wish::Verb;
use crate::decide::tracking::{self, AskContext, AskRefusal, AskWords, RefusalKind};
use crate::http::Door;
use crate::http::body::{self, BodyFault};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::webhook::{is_json, word};
use crate::metrics::DeliveryResult;
use crate::model::{
    self, Authority, Delivery, DeliveryGuid, DeliverySource, EnvironmentAsk, EnvironmentName, EventName, Repository,
    RepositoryName,
};
use crate::policy::Policy;
use crate::receive;
use crate::store::Accepted;

/// No body is longer: it holds a few words.
const LIMIT_BYTES: usize = 64 * 1024;
/// Whoever sends so little is done sooner.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// What the caller calls its call, so that the same call twice takes effect once.
const KEY: &str = "Idempotency-Key";

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
pub(super) async fn ask(State(door): State<Arc<Door>>, named: Named, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let api = super::admitted(&door, &head.headers)?;
    let (owner, name, environment, verb) = super::path(&door, named)?;
    let verb = Verb::named(&verb).ok_or_else(|| super::nothing_here(&door))?;
    let repository = super::repository_name(&door, &owner, &name)?;
    let (guid, is_named) = guid(&door, &head.headers)?;
    let call = Call { repository, environment, verb, guid, is_named };
    let body = read(&door, &head.headers, body).await?;
    if !known_already(&door, &call).await? {
        let wish = wish(&door, api, (&call, &body)).await?;
        store(&door, (&call, &wish)).await?;
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

async fn read(door: &Door, headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, Problem> {
    let refuse = |kind: ProblemKind, detail: String| kind.counted(&door.metrics, detail);
    let too_large = || refuse(ProblemKind::PayloadTooLarge, format!("A call has at most {LIMIT_BYTES} bytes."));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > LIMIT_BYTES) {
        return Err(too_large());
    }
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, body::read(body, announced, LIMIT_BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(BodyFault::TooLarge)) => return Err(too_large()),
        Ok(Err(BodyFault::Incomplete)) => {
            return Err(refuse(ProblemKind::IncompleteBody, "The body ended before its end.".to_owned()));
        }
        Err(_) => return Err(refuse(ProblemKind::RequestTimeout, "The body did not come within 10 s.".to_owned())),
    };
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !bytes.is_empty() && !is_json(content_type) {
        let shown = String::from_utf8_lossy(content_type);
        let detail = format!("The content type is {shown:?}; send JSON as application/json.");
        return Err(refuse(ProblemKind::UnsupportedMediaType, detail));
    }
    Ok(bytes)
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
        Ok(model::Request::OpenIssue { .. }) | Err(_) => false,
    };
    if same {
        return Ok(true);
    }
    let detail = format!("This {KEY} was used for another call; take a new one for each.");
    Err(ProblemKind::Unprocessable.counted(&door.metrics, detail))
}

/// What is asked of which environment, as it is stored.
async fn wish(door: &Door, api: &Api, (call, body): (&Call, &[u8])) -> Result<model::Request, Problem> {
    let words = call.verb.words(call.environment.clone(), body);
    let words = words.map_err(|detail| ProblemKind::NotJson.counted(&door.metrics, detail))?;
    let (repository, policy) = super::repository(door, api, call.repository.clone()).await?;
    if let Some(fault) = &policy.unreadable {
        let detail = format!("Nothing is deployed while the policy cannot be read: {fault}");
        return Err(ProblemKind::Conflict.counted(&door.metrics, detail));
    }
    let (environment, wish) = asked(door, (&repository, &policy), &words).await?;
    let authority = Authority::Operator { name: "the API".to_owned() };
    Ok(model::Request::Environment { repository, environment, wish, authority })
}

async fn asked(
    door: &Door,
    (repository, policy): (&Repository, &Policy),
    words: &AskWords,
) -> Result<(EnvironmentName, EnvironmentAsk), Problem> {
    let store = door.doors.store();
    let records = store.environments(repository.id).await.map_err(super::of_store(door))?;
    let releases = store.releases(repository.id).await.map_err(super::of_store(door))?;
    let context = AskContext {
        environments: &policy.environments,
        records: &records,
        releases: &releases,
        now: door.clock.now(),
    };
    tracking::ask(words, &context).map_err(|refusal| refused(door, &refusal))
}

fn refused(door: &Door, refusal: &AskRefusal) -> Problem {
    let kind = match refusal.kind() {
        RefusalKind::Unknown => ProblemKind::NotFound,
        RefusalKind::Unclear => ProblemKind::Unprocessable,
        RefusalKind::Unfitting => ProblemKind::Conflict,
    };
    kind.counted(&door.metrics, refusal.sentence())
}

async fn store(door: &Door, (call, wish): (&Call, &model::Request)) -> Result<(), Problem> {
    let event = EventName(wish.event_name().to_owned());
    let body = serde_json::to_vec(wish)
        .map_err(|_| ProblemKind::Internal.counted(&door.metrics, "The request cannot be written down."))?;
    let delivery = Delivery {
        guid: call.guid.clone(),
        source: DeliverySource::Api,
        event: event.clone(),
        received: door.clock.now(),
        body: body.into(),
    };
    let accepted = door.doors.accept(delivery).await;
    let result = match &accepted {
        Ok(Accepted::Stored) => DeliveryResult::Stored,
        Ok(Accepted::Duplicate) => DeliveryResult::Duplicate,
        Err(_) => DeliveryResult::Failed,
    };
    door.metrics.delivery(&event.0, result);
    accepted.map(drop).map_err(super::of_store(door))
}
