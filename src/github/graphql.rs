//! GraphQL queries: the same credential and throttle as every call, and no answer where any part of it failed.

use std::sync::PoisonError;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::GithubError;
use super::caller::Caller;
use super::request::{Call, Response};
use super::throttle::SET_BACK_MS;
use crate::model::Timestamp;

/// The pause after GraphQL's own rate limit where GitHub names no end of it.
const PAUSE_MS: i64 = 60_000;
/// A failure this deep is of the repository or pull request asked for; a deeper one is of a part of it.
const SUBJECT_DEPTH: usize = 2;

#[derive(Serialize)]
struct Query<'a, V> {
    query: &'a str,
    variables: V,
}

/// An answer (<https://spec.graphql.org/October2021/#sec-Response-Format>).
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Option<&'a serde_json::value::RawValue>,
    #[serde(default)]
    errors: Vec<QueryError>,
}

#[derive(Deserialize)]
struct QueryError {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<serde_json::Value>,
}

impl QueryError {
    /// The graver, the higher: one that means "not there" must not hide another.
    fn gravity(&self) -> u8 {
        match self.kind.as_deref() {
            Some("RATE_LIMITED") => 4,
            Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => 2,
            Some("NOT_FOUND") if self.path.len() <= SUBJECT_DEPTH => 1,
            Some(_) | None => 3,
        }
    }

    /// GitHub names no type where it ran out of time or failed.
    fn is_passing(&self) -> bool {
        let kinds = ["INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT", "LOADING"];
        self.kind.as_deref().is_some_and(|kind| kinds.contains(&kind))
            || self.message.starts_with("Something went wrong")
            || self.message.to_ascii_lowercase().contains("timeout")
    }

    fn into_error(self, call: &Call, until: Timestamp) -> GithubError {
        let (name, gravity, passing) = (call.to_string(), self.gravity(), self.is_passing());
        let message = match &self.kind {
            Some(kind) => format!("{} ({kind})", self.message),
            None => self.message,
        };
        match gravity {
            4 => GithubError::RateLimited { until, secondary: false },
            2 => GithubError::Forbidden { call: name, message, needed_permissions: None },
            1 => GithubError::NotFound { call: name, message },
            _ if passing => GithubError::Server { call: name, status: 502, message, ambiguous: false },
            _ => GithubError::Unexpected { call: name, status: 200, message },
        }
    }
}

impl Caller {
    /// Asks a query. Answers with `errors` are errors, whatever data they hold beside them.
    ///
    /// # Errors
    /// [`GithubError::NotFound`] only when the repository or pull request itself is not there.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: impl Serialize + Send,
    ) -> Result<T, GithubError> {
        let (now, blocked) = (self.now(), *self.queries_blocked.lock().unwrap_or_else(PoisonError::into_inner));
        // A pause that began in the future did so before the clock was set back.
        let holds = |(from, until): &(Timestamp, Timestamp)| *from <= now.plus_ms(SET_BACK_MS) && now < *until;
        if let Some((_, until)) = blocked.filter(holds) {
            return Err(GithubError::RateLimited { until, secondary: false });
        }
        let call = Call::query(&Query { query, variables })?;
        let response = self.call(call.clone()).await?;
        let answer: Answer<'_> = serde_json::from_slice(&response.body).map_err(|fault| decode(&call, &fault))?;
        if let Some(worst) = answer.errors.into_iter().max_by_key(QueryError::gravity) {
            let error = worst.into_error(&call, self.end_of_limit(&response));
            if let GithubError::RateLimited { until, .. } = &error {
                let pause = (self.now(), *until);
                *self.queries_blocked.lock().unwrap_or_else(PoisonError::into_inner) = Some(pause);
            }
            return Err(error);
        }
        let data = answer.data.map_or("null", serde_json::value::RawValue::get);
        let mut reader = serde_json::Deserializer::from_str(data);
        serde_path_to_error::deserialize(&mut reader).map_err(|fault| GithubError::Decode {
            call: call.to_string(),
            fault: format!("at {}: {}", fault.path(), fault.inner()),
            performed: false,
        })
    }

    fn end_of_limit(&self, response: &Response) -> Timestamp {
        let named = response.number("x-ratelimit-reset").map(Timestamp::from_seconds);
        named.filter(|until| *until > self.now()).unwrap_or_else(|| self.now().plus_ms(PAUSE_MS))
    }
}

fn decode(call: &Call, fault: &serde_json::Error) -> GithubError {
    GithubError::Decode { call: call.to_string(), fault: fault.to_string(), performed: false }
}
