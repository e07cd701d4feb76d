//! Looks whether a message was published, so that a retry after an unclear failure does not double it.

use super::answer::{self, SeenMessage};
use super::error::{Next, NotifyError};
use super::fit::Fitted;
use super::publish::{Notifier, Place};
use crate::model::{PeopleMessage, Timestamp};

/// How much of the cached messages is read, in bytes.
const POLL_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// How far the server's clock may be behind ours, in milliseconds.
const CLOCK_SKEW_MS: i64 = 5_000;
const FORBIDDEN: u16 = 403;

impl Notifier {
    /// Whether this message was published at `since` or later: same title, text and link. A topic that may not be
    /// read says no, and so does one whose messages are gone after ntfy's 12 h.
    ///
    /// # Errors
    /// As for [`Notifier::publish`]: it is then unknown, and publishing should wait too.
    pub async fn already_published(&self, message: &PeopleMessage, since: Timestamp) -> Result<bool, NotifyError> {
        let at_primary = self.is_at(&self.primary, message, since).await;
        let Some(fallback) = self.fallback_for(message) else { return at_primary };
        match at_primary {
            Ok(true) => Ok(true),
            // The quota may have been renewed since the message went to the fallback. What cannot be seen there
            // does not hold up an urgent message: better twice than never.
            Ok(false) => Ok(self.is_at(fallback, message, since).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the ntfy fallback does not tell whether it has an urgent message");
                false
            })),
            Err(NotifyError::Limited { daily: true, .. }) => match self.is_at(fallback, message, since).await {
                Err(error) if error.next() == Next::GiveUp => Ok(false),
                found => found,
            },
            Err(error) => Err(error),
        }
    }

    async fn is_at(&self, place: &Place, message: &PeopleMessage, since: Timestamp) -> Result<bool, NotifyError> {
        let sought = place.fit(message)?;
        let since_s = since.plus_ms(-CLOCK_SKEW_MS).seconds();
        let mut url = place.host.messages(&sought.topic);
        url.query_pairs_mut().append_pair("poll", "1").append_pair("since", &since_s.to_string());
        let response = match place.host.send(self.client.get(url), &*self.clock).await {
            Err(NotifyError::Refused { http: FORBIDDEN, .. }) => return Ok(false),
            response => response?,
        };
        let body = answer::read_at_most(response, POLL_LIMIT_BYTES).await?;
        let lines = body.split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).any(|seen| is_same(&sought, &seen)))
    }
}

fn is_same(sought: &Fitted, seen: &SeenMessage) -> bool {
    seen.event == "message"
        && seen.title == sought.title
        && seen.message == sought.message
        && seen.click == sought.click
}
