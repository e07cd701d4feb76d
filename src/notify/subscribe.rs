//! Listening to the topic for machines: what is there, and what comes while the connection lasts.

use std::time::Duration;

use reqwest::Response;

use super::answer::{self, SeenMessage};
use super::error::NotifyError;
use super::publish::Notifier;
use crate::model::{HeardMessage, Timestamp};

/// ntfy gives a sign of life every 45 s; after so long without one, in seconds, the connection counts as dead.
pub const SILENCE_MAX_S: u64 = 120;
/// How much of the cached messages is read at once, in bytes.
const POLL_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// A line that is longer than any message of ntfy's is none, in bytes.
const LINE_LIMIT_BYTES: usize = 256 * 1024;

/// An open connection on which messages come.
#[derive(Debug)]
pub struct Subscription {
    response: Response,
    /// What has come of the next line.
    rest: Vec<u8>,
}

impl Notifier {
    /// The topic for machines, if one is configured.
    #[must_use]
    pub fn machine_topic(&self) -> Option<&str> {
        self.machines.as_deref()
    }

    /// What was published for machines at `since` or later, oldest first, as far as ntfy keeps it.
    ///
    /// # Errors
    /// See [`NotifyError`].
    pub async fn poll_machines(&self, since: Timestamp) -> Result<Vec<HeardMessage>, NotifyError> {
        let topic = self.machines.as_deref().ok_or(NotifyError::NoTopic)?;
        self.read_topic(topic, since).await
    }

    pub(super) async fn read_topic(&self, topic: &str, since: Timestamp) -> Result<Vec<HeardMessage>, NotifyError> {
        let host = &self.primary.host;
        let mut url = host.messages(topic);
        url.query_pairs_mut().append_pair("poll", "1").append_pair("since", &since.seconds().to_string());
        let response = host.send(self.client.get(url), &*self.clock).await?;
        let body = answer::read_at_most(response, POLL_LIMIT_BYTES).await?;
        Ok(body.split(|byte| *byte == b'\n').filter_map(message).collect())
    }

    /// Listens to the topic for machines: what was published at `since` or later, then what comes.
    ///
    /// A time, not an id: an id that the server no longer knows has it send everything it keeps, and messages that are
    /// published within one second may come in any order (<https://docs.ntfy.sh/subscribe/api/#fetch-cached-messages>).
    ///
    /// # Errors
    /// See [`NotifyError`].
    pub async fn subscribe_machines(&self, since: Timestamp) -> Result<Subscription, NotifyError> {
        let topic = self.machines.as_deref().ok_or(NotifyError::NoTopic)?;
        let host = &self.primary.host;
        let mut url = host.messages(topic);
        url.query_pairs_mut().append_pair("since", &since.seconds().to_string());
        let response = host.open(self.client.get(url), &*self.clock).await?;
        Ok(Subscription { response, rest: Vec::new() })
    }
}

impl Subscription {
    /// The next message; `None` when the server ended the connection.
    ///
    /// # Errors
    /// The connection broke, or nothing at all came for [`SILENCE_MAX_S`].
    pub async fn next(&mut self) -> Result<Option<HeardMessage>, NotifyError> {
        loop {
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                if let Some(message) = message(&line) {
                    return Ok(Some(message));
                }
            }
            if self.rest.len() > LINE_LIMIT_BYTES {
                return Err(NotifyError::NotNtfy);
            }
            let silence = Duration::from_secs(SILENCE_MAX_S);
            let chunk = tokio::time::timeout(silence, self.response.chunk()).await;
            match chunk.map_err(|_| NotifyError::Silent)?? {
                Some(chunk) => self.rest.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

/// A line that is a message; openings and signs of life are none.
fn message(line: &[u8]) -> Option<HeardMessage> {
    let seen: SeenMessage = serde_json::from_slice(line).ok()?;
    let published = Timestamp::from_seconds(seen.time);
    (seen.event == "message").then_some(HeardMessage { id: seen.id, published, text: seen.message })
}
