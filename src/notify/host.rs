//! One ntfy server: its address, our token there, and the pause it is in.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::Answer;
use super::error::NotifyError;
use super::pause::{Current, Pause};
use super::publish::REQUEST_TIMEOUT_S;
use crate::model::Clock;

/// A server that requests go to, unless it is paused.
#[derive(Debug)]
pub(super) struct Host {
    url: Url,
    token: Option<SecretString>,
    pause: Mutex<Pause>,
}

impl Host {
    pub(super) fn new(url: Url, token: Option<SecretString>) -> Self {
        Self { url, token, pause: Mutex::default() }
    }

    /// Where JSON is published to: the root, never the topic (<https://docs.ntfy.sh/publish/#publish-as-json>).
    pub(super) fn root(&self) -> Url {
        self.at(&[""])
    }

    /// Where the messages of a topic are read.
    pub(super) fn messages(&self, topic: &str) -> Url {
        self.at(&[topic, "json"])
    }

    /// Where a message is published whose body is its text.
    pub(super) fn topic(&self, topic: &str) -> Url {
        self.at(&[topic])
    }

    /// The pause that the server is in.
    pub(super) fn paused(&self, clock: &dyn Clock) -> Option<Current> {
        self.pause().at(clock.now())
    }

    /// Sends the request and returns a successful answer; sends none while the server is paused, and pauses it on 429.
    pub(super) async fn send(&self, request: RequestBuilder, clock: &dyn Clock) -> Result<Response, NotifyError> {
        self.exchange(request.timeout(Duration::from_secs(REQUEST_TIMEOUT_S)), clock).await
    }

    /// As [`Host::send`], for an answer whose body never ends.
    pub(super) async fn open(&self, request: RequestBuilder, clock: &dyn Clock) -> Result<Response, NotifyError> {
        let opened = self.exchange(request, clock);
        tokio::time::timeout(Duration::from_secs(REQUEST_TIMEOUT_S), opened).await.unwrap_or(Err(NotifyError::Silent))
    }

    async fn exchange(&self, request: RequestBuilder, clock: &dyn Clock) -> Result<Response, NotifyError> {
        if let Some(current) = self.paused(clock) {
            return Err(current.into());
        }
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        };
        let response = request.send().await?;
        match Answer::read(response).await {
            Answer::Good(response) => {
                self.pause().success(clock.now());
                Ok(response)
            }
            Answer::Limited { daily } => {
                let begun = {
                    let mut pause = self.pause();
                    let now = clock.now();
                    if daily { pause.daily_limit(now) } else { pause.too_many_requests(now) }
                };
                tracing::warn!(host = self.url.host_str(), until = %begun.until, daily, "ntfy answered 429, pausing");
                Err(begun.into())
            }
            Answer::Bad(error) => Err(error),
        }
    }

    /// A client's request to the server.
    pub(super) fn post(&self, client: &Client, body: Vec<u8>) -> RequestBuilder {
        client.post(self.root()).header(reqwest::header::CONTENT_TYPE, "application/json").body(body)
    }

    fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.url.clone();
        // Only URLs such as `mailto:` have no path; the client refuses those by itself.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn pause(&self) -> MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Current> for NotifyError {
    fn from(pause: Current) -> Self {
        Self::Limited { until: pause.until, daily: pause.daily }
    }
}
