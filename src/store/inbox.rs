//! The engine's side of the inbox: deliveries that wait to be understood, and those that came to rest.

use std::collections::BTreeSet;

use super::RepositoryUpdate;
use super::durable::Durable as _;
use super::{Bell, Store, StoreError};
use crate::model::{
    BranchName, Delivery, DeliveryGuid, DeliverySource, DeliveryState, EventName, Planned, Report, RepositoryId, Sha,
    Subject, Timestamp,
};

/// A body larger than GitHub sends is never stored, so none is unpacked to more (25 MiB, GitHub's payload cap).
const BODY_MAX_BYTES: usize = 26 * 1024 * 1024;

/// A stored delivery that is to be understood.
#[derive(Debug)]
pub struct IntakeItem {
    /// Its place in the order of arrival.
    pub id: i64,
    /// What came in.
    pub delivery: Delivery,
}

/// A way to find subjects that an event does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownBy {
    /// Open pulls with this head.
    Head(RepositoryId, Sha),
    /// Open pulls of which a push to this branch may change what is decided.
    Base(RepositoryId, BranchName),
    /// The releases of a repository, if this is its release branch.
    ReleaseBranch(RepositoryId, BranchName),
    /// The releases that this commit may become, and environments that want it.
    Candidate(RepositoryId, Sha),
    /// Environments that are being deployed to.
    Deploying(RepositoryId),
}

/// What understanding a delivery came to.
#[derive(Debug)]
pub struct IntakeResult {
    /// `Marked` where it names subjects, otherwise where it comes to rest.
    pub state: DeliveryState,
    /// Why it came to rest there.
    pub note: Option<String>,
    /// The subjects to look at.
    pub subjects: Vec<Subject>,
    /// Subjects to look at that only the store knows.
    pub known_by: Vec<KnownBy>,
    /// The typed event as JSON, for the decision that will look at it.
    pub event: String,
    /// What it says about repositories.
    pub repositories: Vec<RepositoryUpdate>,
    /// Effects that follow from the delivery itself, with the subject they belong to.
    pub actions: Vec<(Subject, Planned)>,
    /// What subjects are told by the delivery itself.
    pub reports: Vec<(Subject, Report)>,
}

impl IntakeResult {
    /// A delivery that comes to rest without effect.
    #[must_use]
    pub fn at_rest(state: DeliveryState, note: impl Into<String>) -> Self {
        Self {
            state,
            note: Some(note.into()),
            subjects: Vec::new(),
            known_by: Vec::new(),
            event: String::new(),
            repositories: Vec::new(),
            actions: Vec::new(),
            reports: Vec::new(),
        }
    }
}

/// A delivery as it is listed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StoredDelivery {
    /// The sender's id for it.
    pub guid: DeliveryGuid,
    /// The door it came through.
    pub source: String,
    /// What the sender says it is.
    pub event: String,
    /// When we had all of it.
    pub received: Timestamp,
    /// How far it has come.
    pub state: String,
    /// Why it came to rest there.
    pub note: Option<String>,
}

/// Source, event, time of arrival, body, state and note.
type WholeRow = (String, String, i64, Vec<u8>, String, Option<String>);

/// Id, place, source, event, time of arrival and body.
pub(super) type NewRow = (String, i64, String, String, i64, Vec<u8>);

impl Store {
    /// Deliveries, newest first, of one state or of all.
    pub async fn deliveries(
        &self,
        state: Option<DeliveryState>,
        limit: i64,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let rows: Vec<(String, String, String, i64, String, Option<String>)> = sqlx::query_as(
            "SELECT guid, source, event, received_ms, state, note FROM deliveries \
             WHERE $1 = '' OR state = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(state.map_or("", DeliveryState::as_str))
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(guid, source, event, received_ms, state, note)| StoredDelivery {
                guid: DeliveryGuid::new(guid),
                source,
                event,
                received: Timestamp(received_ms),
                state,
                note,
            })
            .collect())
    }

    /// One delivery with its body; `None` when there is none of that id.
    pub async fn delivery(
        &self,
        guid: &DeliveryGuid,
    ) -> Result<Option<(Delivery, DeliveryState, Option<String>)>, StoreError> {
        let row: Option<WholeRow> =
            sqlx::query_as("SELECT source, event, received_ms, body, state, note FROM deliveries WHERE guid = $1")
                .bind(guid.as_str())
                .fetch_optional(self.database.reader())
                .await?;
        row.map(|(source, event, received_ms, body, state, note)| {
            let item = item((guid.as_str().to_owned(), 0, source, event, received_ms, body))?;
            Ok((item.delivery, state.parse().map_err(StoreError::corrupt)?, note))
        })
        .transpose()
    }

    /// Has a delivery that came to rest understood once more. `false` when there is none of that id or it has not
    /// come to rest.
    pub async fn replay(&self, guid: &DeliveryGuid) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE deliveries SET state = 'new', note = NULL WHERE guid = $1 AND state IN ('dead', 'ignored', 'done')",
        )
        .bind(guid.as_str())
        .execute(self.database.writer())
        .durably("replay")
        .await?
        .rows_affected();
        self.database.ring(Bell::Intake);
        Ok(changed == 1)
    }

    /// How many deliveries there are in each state.
    pub async fn delivery_counts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(sqlx::query_as("SELECT state, COUNT(*) FROM deliveries GROUP BY state ORDER BY state")
            .fetch_all(self.database.reader())
            .await?)
    }

    /// Marks subjects as if an event had named them, without a delivery: for sweeps and changed rules.
    pub async fn mark(&self, subjects: &[Subject]) -> Result<(), StoreError> {
        // Each row is locked until the end: in one order for all, so that no two wait for each other.
        let subjects: BTreeSet<&Subject> = subjects.iter().collect();
        let mut transaction = self.database.begin().await?;
        for subject in subjects {
            self.mark_in(&mut transaction, subject, self.clock.now()).await?;
        }
        transaction.commit().durably("mark").await?;
        self.database.ring(Bell::Subjects);
        Ok(())
    }

    /// Notes under `fact` that this policy is in force, and marks every open task and pull of a repository, or of all, if
    /// another was before. Returns how many were marked.
    ///
    /// Both in one transaction: a decision that was made by the old policy either is in force before, and its task is
    /// marked here, or comes after, and finds the fact changed under it.
    pub async fn apply_policy(
        &self,
        fact: &str,
        fingerprint: &str,
        repository: Option<RepositoryId>,
    ) -> Result<Option<usize>, StoreError> {
        let mut transaction = self.database.begin().await?;
        if !self.change_fact(&mut transaction, fact, fingerprint).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        let mut subjects = self.open_tasks(&mut transaction, repository).await?;
        subjects.extend(self.release_subjects(&mut transaction, repository).await?);
        subjects.extend(self.open_pull_subjects(&mut transaction, repository).await?);
        subjects.sort();
        for subject in &subjects {
            self.mark_in(&mut transaction, subject, self.clock.now()).await?;
        }
        transaction.commit().durably("apply_policy").await?;
        self.database.ring(Bell::Subjects);
        Ok(Some(subjects.len()))
    }
}

pub(super) fn item((guid, id, source, event, received_ms, body): NewRow) -> Result<IntakeItem, StoreError> {
    let source = match source.as_str() {
        "github" => DeliverySource::Github,
        "timer" => DeliverySource::Timer,
        "api" => DeliverySource::Api,
        "cli" => DeliverySource::Cli,
        "ntfy" => DeliverySource::Ntfy,
        other => return Err(StoreError::corrupt(format!("a delivery from an unknown source {other:?}"))),
    };
    let body = zstd::bulk::decompress(&body, BODY_MAX_BYTES)
        .map_err(|error| StoreError::corrupt(format!("the stored body cannot be unpacked: {error}")))?;
    let delivery = Delivery {
        guid: DeliveryGuid::new(guid),
        source,
        event: EventName(event),
        received: Timestamp(received_ms),
        body: body.into(),
    };
    Ok(IntakeItem { id, delivery })
}
