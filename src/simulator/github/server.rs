//! The HTTP server: reads a request, lets a fault strike, asks the routes, and writes the answer down and out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::response::Response;
use http::HeaderValue;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::answer::{Answer, Body, Refusal};
use super::app_manifest;
use super::auth::{Caller, authenticate};
use super::call::{Call, Context};
use super::connection::Scissors;
use super::faults::{self, FaultKind};
use super::holds::{self, HoldAt};
use super::observe::{AuthKind, LoggedRequest};
use super::routes;
use super::sign_in;
use super::state::State;
use super::webhooks::hex;
use super::witness;
use crate::model::{Clock, Timestamp};
use crate::simulator::passing::{Moment, Passing, Post};

/// Requests kept for assertions; older ones are forgotten, so that a long demo does not grow.
const REQUESTS_KEPT: usize = 20_000;

/// What the server, the deliverer and the owner's handle have in common.
#[derive(Debug)]
pub struct Shared {
    state: Mutex<State>,
    /// Told of after every change of the state.
    pub changed: Notify,
    /// Held while one webhook is under way, so that they arrive in order.
    pub delivering: tokio::sync::Mutex<()>,
    pub client: reqwest::Client,
    pub clock: Arc<dyn Clock>,
    /// Where a test watches what passes.
    pub post: Post,
}

impl Shared {
    pub fn new(state: State) -> Result<Self, reqwest::Error> {
        let clock = Arc::clone(&state.clock);
        // Webhooks go to loopback, in the clear.
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            delivering: tokio::sync::Mutex::new(()),
            client,
            clock,
            post: Post::default(),
        })
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for a change.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let outcome = change(&mut self.lock());
        self.changed.notify_waiters();
        outcome
    }
}

/// A finished exchange, before it becomes bytes.
struct Exchange {
    answer: Answer,
    auth: AuthKind,
}

pub async fn handle(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let call = Call::new(parts.method.as_str(), target, parts.headers, body);
    let began = shared.clock.now();
    let gate = holds::take(&mut shared.lock().gates, &call.method, &call.target);
    match gate {
        None => answered(shared, scissors, (call, began), None).await,
        // Apart from its connection, so that it goes on though whoever sent it may be gone by then.
        Some(gate) => tokio::spawn(answered(shared, scissors, (call, began), Some(gate))).await.unwrap_or_default(),
    }
}

/// Carries a request out and writes it down.
async fn answered(
    shared: Arc<Shared>,
    scissors: Scissors,
    (call, began): (Call, Timestamp),
    gate: Option<holds::Taken>,
) -> Response {
    if let Some(gate) = gate.as_ref().filter(|gate| gate.at == HoldAt::Arrival) {
        gate.wait().await;
    }
    let fault = {
        let mut state = shared.lock();
        let named = faults::take(&mut state.faults, &call.method, &call.target);
        named.or_else(|| state.endpoint_faults.as_mut()?.take(&call))
    };
    match &fault {
        Some(FaultKind::Slow { ms }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
        Some(FaultKind::Stall) => {
            log(&shared, (&call, began), (None, AuthKind::Unchecked), fault.as_ref());
            let witness = shared.lock().witness.clone();
            witness::show(witness.as_ref(), &call, None, fault.as_ref());
            return std::future::pending().await;
        }
        Some(_) | None => {}
    }
    let passing = |moment| Passing { method: &call.method, target: &call.target, body: &call.body, moment };
    shared.post.pass(&passing(Moment::Arrived)).await;
    let exchange = exchange(&shared, &call, fault.as_ref());
    if let Some(gate) = gate.as_ref().filter(|gate| gate.at == HoldAt::Answer) {
        gate.wait().await;
    }
    let cut = matches!(fault, Some(FaultKind::CutConnection | FaultKind::CutAfterDoing));
    let answer = if cut { None } else { Some(&exchange.answer) };
    log(&shared, (&call, began), (answer, exchange.auth), fault.as_ref());
    let witness = shared.lock().witness.clone();
    witness::show(witness.as_ref(), &call, answer, fault.as_ref());
    if cut {
        scissors.cut();
    }
    shared.post.pass(&passing(Moment::Done)).await;
    let mut response = response(exchange.answer, shared.clock.now());
    if fault == Some(FaultKind::BrokenOffAfterDoing) {
        let whole = std::mem::take(response.body_mut()).collect().await.map(http_body_util::Collected::to_bytes);
        *response.body_mut() = broken_off(&whole.unwrap_or_default());
    }
    response
}

/// The first half of a body, and then an error, which ends the connection. Without a length the other side could take
/// what came for the whole.
fn broken_off(whole: &[u8]) -> HttpBody {
    let half = bytes::Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    let end = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    HttpBody::from_stream(futures::stream::iter([Ok(half), end]))
}

/// Does what is asked, or what the fault makes of it.
fn exchange(shared: &Shared, call: &Call, fault: Option<&FaultKind>) -> Exchange {
    let failed = |status: u16| Refusal::new(status, "Server Error").into_answer();
    let unchecked = |answer| Exchange { answer, auth: AuthKind::Unchecked };
    match fault {
        Some(FaultKind::Status(status)) => unchecked(failed(*status)),
        Some(FaultKind::Refusal { status, message }) => unchecked(Refusal::new(*status, message).into_answer()),
        Some(FaultKind::CutConnection) => unchecked(Answer::empty(500)),
        Some(FaultKind::Page) => unchecked(page()),
        Some(FaultKind::PageAfterDoing) => {
            let done = shared.change(|state| process(state, call, None));
            Exchange { answer: page(), ..done }
        }
        Some(FaultKind::TruncatedAfterDoing) => {
            let done = shared.change(|state| process(state, call, None));
            Exchange { answer: truncated(done.answer), ..done }
        }
        Some(FaultKind::SecondaryLimit { retry_after_s }) => unchecked(secondary_limit(403, *retry_after_s)),
        Some(FaultKind::TooManyRequests { retry_after_s }) => unchecked(secondary_limit(429, *retry_after_s)),
        Some(FaultKind::RateLimitPrimary { reset_in_s }) => {
            shared.change(|state| process(state, call, Some(*reset_in_s)))
        }
        Some(FaultKind::StatusAfterDoing(status)) => {
            let done = shared.change(|state| process(state, call, None));
            Exchange { answer: failed(*status), ..done }
        }
        Some(FaultKind::CutAfterDoing | FaultKind::BrokenOffAfterDoing | FaultKind::Slow { .. } | FaultKind::Stall)
        | None => shared.change(|state| process(state, call, None)),
    }
}

/// What a proxy or a portal shows instead of GitHub's answer.
fn page() -> Answer {
    let html = "<!DOCTYPE html><html><title>Welcome</title><p>Please accept our terms.</html>";
    Answer { body: Body::Raw { content_type: "text/html; charset=utf-8", bytes: html.into() }, ..Answer::empty(200) }
}

/// Half of what a good answer says; a refusal is left as it is.
fn truncated(answer: Answer) -> Answer {
    match answer.body {
        Body::Json(value) if answer.status < 300 => {
            let text = value.to_string();
            let half = text.chars().take(text.chars().count() / 2).collect::<String>();
            let content_type = "application/json; charset=utf-8";
            Answer { body: Body::Raw { content_type, bytes: half.into() }, ..answer }
        }
        body @ (Body::Empty | Body::Json(_) | Body::Raw { .. }) => Answer { body, ..answer },
    }
}

/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>
fn secondary_limit(status: u16, retry_after_s: Option<u32>) -> Answer {
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let answer = Refusal::new(status, message).into_answer();
    match retry_after_s {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    }
}

fn process(state: &mut State, call: &Call, exhaust_for_s: Option<i64>) -> Exchange {
    // People's browsers and tokens have limits of their own.
    if let Some(answer) = sign_in::answer(state, call).or_else(|| app_manifest::answer(state, call)) {
        return Exchange { answer, auth: AuthKind::Unchecked };
    }
    if call.header("user-agent").is_none_or(str::is_empty) {
        let message =
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header";
        return Exchange { answer: Refusal::new(403, message).into_answer(), auth: AuthKind::Unchecked };
    }
    let caller = match authenticate(state, &call.headers) {
        Ok(caller) => caller,
        Err(refusal) => return Exchange { answer: refusal.into_answer(), auth: AuthKind::Refused },
    };
    let auth = match &caller {
        Caller::App => AuthKind::App,
        Caller::Installation(token) => AuthKind::Installation(token.installation),
    };
    let (bucket, now) = (caller.bucket(), state.now());
    if let Some(seconds) = exhaust_for_s {
        state.limits.exhaust(bucket, now, Timestamp::from_seconds(now.seconds() + seconds));
    }
    let free = call.segments.first().is_some_and(|first| first == "rate_limit");
    if !free && state.limits.window(bucket, now).remaining() == 0 {
        let whose = match &auth {
            AuthKind::Installation(id) => format!("installation ID {id}"),
            AuthKind::App | AuthKind::Refused | AuthKind::Unchecked => format!("app ID {}", state.app.id),
        };
        let mut answer = Refusal::new(403, format!("API rate limit exceeded for {whose}.")).into_answer();
        answer.headers.extend(state.limits.window(bucket, now).headers());
        return Exchange { answer, auth };
    }
    if creates_content(call, &caller)
        && let Err(retry_after_s) = state.limits.count_content(bucket, now)
    {
        return Exchange { answer: secondary_limit(403, Some(retry_after_s)), auth };
    }
    let reply = routes::answer(&mut Context { state, call, caller });
    let mut answer = conditional(call, reply.unwrap_or_else(Refusal::into_answer));
    let window = state.limits.window(bucket, now);
    if !free && answer.status != 304 {
        window.used += 1;
    }
    answer.headers.extend(window.headers());
    Exchange { answer, auth }
}

/// What GitHub paces is whatever notifies people; the reference says so at each such endpoint ("Creating content too
/// quickly using this endpoint may result in secondary rate limiting").
///
/// <https://docs.github.com/en/rest/issues/issues#create-an-issue>, <https://docs.github.com/en/rest/issues/comments>
fn creates_content(call: &Call, caller: &Caller) -> bool {
    let notifies = ["issues", "comments", "pulls", "reviews", "releases"];
    matches!(caller, Caller::Installation(_))
        && call.method == "POST"
        && call.segments.last().is_some_and(|last| notifies.contains(&last.as_str()))
}

/// Gives a good answer to GET its `ETag`, or 304 where the caller has it already. GitHub's tags hold for one token only:
/// <https://github.com/github/docs/issues/34689>.
///
/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate>
fn conditional(call: &Call, answer: Answer) -> Answer {
    if call.method != "GET" || answer.status != 200 {
        return answer;
    }
    let mut digest = Sha256::new();
    digest.update(call.header("authorization").unwrap_or_default());
    match &answer.body {
        Body::Empty => {}
        Body::Json(value) => digest.update(value.to_string()),
        Body::Raw { bytes, .. } => digest.update(bytes),
    }
    let etag = format!("W/\"{}\"", hex(&digest.finalize()));
    let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let had = call.header("if-none-match").is_some_and(|had| had.split(',').any(|one| weak(one) == weak(&etag)));
    if had { Answer::empty(304).with("etag", etag) } else { answer.with("etag", etag) }
}

fn log(
    shared: &Shared,
    (call, began): (&Call, Timestamp),
    (answer, auth): (Option<&Answer>, AuthKind),
    fault: Option<&FaultKind>,
) {
    let response_body = match answer.map(|answer| &answer.body) {
        Some(Body::Json(value)) => Some(value.clone()),
        Some(Body::Empty | Body::Raw { .. }) | None => None,
    };
    shared.change(|state| {
        if state.requests.len() == REQUESTS_KEPT {
            state.requests.pop_front();
        }
        let at = state.now();
        state.requests.push_back(LoggedRequest {
            began,
            at,
            method: call.method.clone(),
            path: call.target.clone(),
            request_body: call.body.clone(),
            status: answer.map(|answer| answer.status),
            response_body,
            auth,
            fault: fault.map(ToString::to_string),
        });
    });
}

fn response(answer: Answer, now: Timestamp) -> Response {
    let (content_type, body) = match answer.body {
        Body::Empty => (None, HttpBody::empty()),
        Body::Json(value) => (Some("application/json; charset=utf-8"), HttpBody::from(value.to_string())),
        Body::Raw { content_type, bytes } => (Some(content_type), HttpBody::from(bytes)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    let fixed = [
        ("date", now.to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ("x-github-request-id", format!("{:016X}", rand::random::<u64>())),
        ("x-github-media-type", "github.v3; format=json".to_owned()),
        ("x-github-api-version-selected", "2022-11-28".to_owned()),
    ];
    let typed = content_type.map(|content_type| ("content-type", content_type.to_owned()));
    for (name, value) in fixed.into_iter().chain(typed).chain(answer.headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
