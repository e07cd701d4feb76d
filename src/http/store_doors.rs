//! The store as the server uses it: to keep a delivery, to say whether it is ready, and how deep its queues are.

use std::time::Duration;

use crate::model::{Delivery, DeliveryState};
use crate::store::{Accepted, Ingest, OutboxState, Store, StoreError};

/// GitHub gives up after 10 s, and takes an answer before that for what it is
/// (<https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds>).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// Deliveries go to the ingest's writing task; questions go to the store.
#[derive(Debug)]
pub struct StoreDoors {
    store: Store,
    ingest: Ingest,
}

/// How much waits, by state; states without any are left out.
#[derive(Debug)]
pub(super) struct Depths {
    pub(super) inbox: Vec<(DeliveryState, i64)>,
    pub(super) outbox: Vec<(&'static str, i64)>,
}

impl StoreDoors {
    /// Doors to this store.
    #[must_use]
    pub const fn new(store: Store, ingest: Ingest) -> Self {
        Self { store, ingest }
    }

    /// Keeps a delivery. Returns only once it is durable, or when it cannot be made so in time; it may be kept all the
    /// same then, and is known when it comes again.
    pub(super) async fn accept(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        let accepted = tokio::time::timeout(ANSWER_TIMEOUT, self.ingest.accept(delivery)).await;
        accepted.unwrap_or(Err(StoreError::TooSlow))
    }

    /// The store, for whoever only reads.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// What is not ready, a sentence part each, such as `the database cannot be reached`; empty when all is.
    pub(super) async fn ready(&self) -> Vec<String> {
        match self.store.ping().await {
            Ok(()) => self.store.in_trouble().iter().map(ToString::to_string).collect(),
            Err(error) => {
                // Why it cannot be reached may name hosts and users: that is for the log, not for whoever asks.
                tracing::debug!(%error, "not ready: the database cannot be reached");
                vec!["the database cannot be reached".to_owned()]
            }
        }
    }

    /// How much waits at this moment.
    pub(super) async fn depths(&self) -> Result<Depths, StoreError> {
        let deliveries = self.store.delivery_counts().await?;
        let actions = self.store.action_counts().await?;
        Ok(Depths {
            inbox: deliveries.into_iter().filter_map(|(state, count)| Some((state.parse().ok()?, count))).collect(),
            outbox: actions
                .into_iter()
                .filter_map(|(state, count)| Some((state.parse::<OutboxState>().ok()?.as_str(), count)))
                .collect(),
        })
    }
}
