//! Which channels beside ntfy get a message for people: each has an action of its own in the outbox.

use std::fmt;
use std::sync::Arc;

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::{Action, PeopleMessage, Planned, RepositoryName, Subject};

/// The channels as they are configured now.
pub trait ChannelsFor: Send + Sync {
    /// Whether there is any.
    fn is_any(&self) -> bool;

    /// The names of those that want a message, which is about a repository or about the server itself.
    fn wanting(&self, message: &PeopleMessage, repository: Option<&RepositoryName>) -> Vec<String>;
}

/// Who is asked which channels want a message.
#[derive(Clone)]
pub(super) struct Wanting(Option<Arc<dyn ChannelsFor>>);

impl Wanting {
    pub(super) const fn nobody() -> Self {
        Self(None)
    }
}

impl fmt::Debug for Wanting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Wanting").field(&self.0.is_some()).finish()
    }
}

impl Store {
    /// The same store, which queues each message for people once more for every channel that wants it.
    #[must_use]
    pub fn telling_over(mut self, channels: Arc<dyn ChannelsFor>) -> Self {
        self.channels = Wanting(Some(channels));
        self
    }

    /// The same message once more for each channel, under a key of its own.
    pub(super) async fn over_channels(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        planned: &Planned,
    ) -> Result<Vec<Planned>, StoreError> {
        let known = self.channels.0.as_ref().filter(|channels| channels.is_any());
        let (Some(known), Action::Notify(message)) = (known, &planned.action) else {
            return Ok(Vec::new());
        };
        let name: Option<String> = sqlx::query_scalar("SELECT name FROM repositories WHERE id = $1")
            .bind(subject.repository().0)
            .fetch_optional(&mut **transaction)
            .await?;
        let repository: Option<RepositoryName> = name.and_then(|name| name.parse().ok());
        let channels = known.wanting(message, repository.as_ref()).into_iter();
        let also = channels.map(|channel| Planned {
            key: format!("{}/{channel}", planned.key),
            slot: planned.slot.as_ref().map(|slot| format!("{slot}/{channel}")),
            action: Action::NotifyChannel { channel, message: message.clone() },
        });
        Ok(also.collect())
    }
}
