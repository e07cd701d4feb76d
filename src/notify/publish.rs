//! Publishing: to the configured server, or for urgent messages to the fallback when the day's quota is used up.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, redirect};
use secrecy::SecretString;

use super::answer;
use super::config::NtfyConfig;
use super::error::{Next, NotifyError};
use super::fit::Fitted;
use super::host::Host;
use crate::model::{Clock, PeopleMessage, Urgency5};

/// How long connecting may take, in seconds.
pub const CONNECT_TIMEOUT_S: u64 = 5;
/// How long a request may take from connecting to the last byte of the answer, in seconds.
pub const REQUEST_TIMEOUT_S: u64 = 15;

/// A client with the timeouts that publishing wants. Redirects are not followed: they turn a POST into a GET.
///
/// # Errors
/// The TLS backend could not be set up.
pub fn http_client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_S))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("stationmaster/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// A message that ntfy has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// ntfy's id of it.
    pub id: String,
    /// Whether it went to the fallback.
    pub by_fallback: bool,
}

/// Publishes to ntfy; clones share the connections and the pauses.
#[derive(Debug, Clone)]
pub struct Notifier {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) primary: Arc<Place>,
    pub(super) fallback: Option<Arc<Place>>,
    /// The topic for machines.
    pub(super) machines: Option<Arc<str>>,
    /// What messages to machines are signed with.
    pub(super) secret: Option<SecretString>,
}

/// A server and the topic that is used there.
#[derive(Debug)]
pub(super) struct Place {
    pub host: Host,
    topic: Option<String>,
    /// Whether the topic above goes before the one that the message names.
    overrides: bool,
}

impl Place {
    /// The message as it is published here.
    pub(super) fn fit(&self, message: &PeopleMessage) -> Result<Fitted, NotifyError> {
        let own = self.topic.as_deref();
        let named = message.topic.as_deref();
        let topic = if self.overrides { own.or(named) } else { named.or(own) };
        Ok(Fitted::new(topic.ok_or(NotifyError::NoTopic)?, message))
    }
}

impl Notifier {
    /// A notifier over a shared client, for which [`http_client`] is meant.
    #[must_use]
    pub fn new(client: Client, config: NtfyConfig, clock: Arc<dyn Clock>) -> Self {
        let NtfyConfig { url, topic, token, fallback_url, fallback_topic, protocol_topic } = config;
        // The same origin shares the quota: asking there is asking the host that said to stop.
        let fallback = fallback_url.filter(|fallback| fallback.origin() != url.origin()).map(|fallback_url| {
            let overrides = fallback_topic.is_some();
            let topic = fallback_topic.or_else(|| topic.clone());
            Arc::new(Place { host: Host::new(fallback_url, None), topic, overrides })
        });
        let primary = Arc::new(Place { host: Host::new(url, token), topic, overrides: false });
        Self { client, clock, primary, fallback, machines: protocol_topic.map(Arc::from), secret: None }
    }

    /// The same notifier, which signs what it says to machines with this secret (`NTFY_SECRET`).
    #[must_use]
    pub fn signing(mut self, secret: Option<SecretString>) -> Self {
        self.secret = secret;
        self
    }

    /// Publishes a message, cut to ntfy's limits.
    ///
    /// # Errors
    /// See [`NotifyError`]; [`NotifyError::next`] says what to do. While the server is paused after a 429 this is
    /// [`NotifyError::Limited`], without a request.
    pub async fn publish(&self, message: &PeopleMessage) -> Result<Published, NotifyError> {
        let limited = match self.publish_at(&self.primary, message).await {
            Ok(id) => return Ok(Published { id, by_fallback: false }),
            Err(error @ NotifyError::Limited { daily: true, .. }) => error,
            Err(error) => return Err(error),
        };
        let Some(fallback) = self.fallback_for(message) else { return Err(limited) };
        match self.publish_at(fallback, message).await {
            Ok(id) => Ok(Published { id, by_fallback: true }),
            Err(error) => match error.next() {
                Next::Retry | Next::Wait(_) => Err(error),
                // It will never go that way, but the quota is renewed at midnight.
                Next::GiveUp => {
                    tracing::warn!(%error, "the ntfy fallback refuses an urgent message, which waits for the quota");
                    Err(limited)
                }
            },
        }
    }

    /// The place for this message when the day's quota is used up.
    pub(super) fn fallback_for(&self, message: &PeopleMessage) -> Option<&Place> {
        self.fallback.as_deref().filter(|_| message.priority == Urgency5::Max)
    }

    async fn publish_at(&self, place: &Place, message: &PeopleMessage) -> Result<String, NotifyError> {
        let fitted = place.fit(message)?;
        let request = place.host.post(&self.client, fitted.to_json());
        let response = place.host.send(request, &*self.clock).await?;
        Ok(answer::published(response).await?.id)
    }
}
