//! Waits for the decision about a call that was accepted, as the command line does.

use std::time::Duration;

use axum::http::request::Parts;
use serde_json::Value;
use tokio::time::Instant;

use super::arguments::escaped;
use super::catalogue::ROOT;
use super::inner::{Answer, Call, Inner};
use crate::http::serve::Stopping;
use crate::model::Item;

/// How often it is looked whether something was decided.
const LOOK: Duration = Duration::from_millis(200);

/// What became of an accepted call after at most so many seconds; the answer as it was, where nothing is waited for.
/// What opened an issue is waited for until the issue is a task, of which more can be asked.
pub(super) async fn decided(inner: &Inner, message: &Parts, (accepted, patience_s): (Answer, u64)) -> Answer {
    let Some(request) = accepted.body["request"].as_str().filter(|_| accepted.status.is_success()) else {
        return accepted;
    };
    let look = Call::get(format!("{ROOT}requests/{}", escaped(request)));
    let until = Instant::now() + Duration::from_secs(patience_s);
    let mut last = None;
    while Instant::now() < until && !is_stopping(message) {
        // What was accepted stays so, whatever comes of looking.
        match inner.call(message, &look).await {
            Ok(answer) if answer.status.is_success() => last = Some(answer),
            Ok(_) | Err(_) => {}
        }
        match last.as_ref().map(|answer| &answer.body) {
            Some(body) if body["state"] == "done" && is_task(inner, message, body).await => break,
            Some(body) if body["state"] == "refused" => break,
            Some(_) | None => tokio::time::sleep(LOOK).await,
        }
    }
    last.unwrap_or_else(|| waiting(accepted))
}

/// A call that nothing was waited for.
fn waiting(mut accepted: Answer) -> Answer {
    if let Value::Object(members) = &mut accepted.body {
        members.insert("state".to_owned(), Value::from("waiting"));
    }
    accepted
}

/// Whether an issue that was opened was looked at already; true where none was.
async fn is_task(inner: &Inner, message: &Parts, outcome: &Value) -> bool {
    let Some(item) = outcome["item"].as_str().and_then(|item| item.parse::<Item>().ok()) else { return true };
    let look = Call::get(format!("{ROOT}tasks/{}/{}", item.repository, item.number));
    inner.call(message, &look).await.is_ok_and(|answer| answer.status.is_success())
}

/// A server that is about to stop waits for nothing.
fn is_stopping(message: &Parts) -> bool {
    message.extensions.get::<Stopping>().is_some_and(|Stopping(token)| token.is_cancelled())
}
