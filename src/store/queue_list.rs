//! The merge queues as their page shows them, bound to the repositories that somebody may read.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::conditions::Conditions;
use super::{Store, StoreError};
use crate::model::{BranchName, Check, Number, PullRecord, QueueRecord, RepositoryId, Timestamp};

/// A pull request that waits in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedEntry {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// The greater, the sooner.
    pub priority: i64,
    /// Since when it waits.
    pub entered: Timestamp,
    /// What is going on with it, as a sentence part; `None` before the queue has seen it.
    pub state: Option<String>,
}

/// A branch's queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListedQueue {
    /// What its decisions remember.
    pub record: QueueRecord,
    /// The checks of the commit that is tested.
    pub checks: Vec<Check>,
    /// Everything in it, in its order.
    pub entries: Vec<QueuedEntry>,
}

/// A pull request that was put out of a queue and has no new head since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutPull {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// The branch that it was queued for.
    pub base: String,
    /// Its title.
    pub title: String,
    /// Why, as a sentence part.
    pub why: String,
    /// When a decision last changed it.
    pub at: Timestamp,
}

type EntryRow = (i64, i64, String, String, String, i64, i64, Option<String>);

impl Store {
    /// Every queue of these repositories in which something waits or is under way, by repository and branch.
    pub async fn queue_list(
        &self,
        repositories: &[RepositoryId],
    ) -> Result<BTreeMap<(RepositoryId, BranchName), ListedQueue>, StoreError> {
        let mut queues: BTreeMap<(RepositoryId, BranchName), ListedQueue> = BTreeMap::new();
        if repositories.is_empty() {
            return Ok(queues);
        }
        let select =
            "SELECT repository_id, number, base, title, author, priority, entered_ms, state FROM queue_entries";
        let order = "repository_id, base, priority DESC, entered_ms, number";
        let entries: Vec<EntryRow> = of(repositories).fetch(self, (select, order), ENTRIES_MAX).await?;
        for (id, number, base, title, author, priority, entered_ms, state) in entries {
            let (number, entered) = (Number(number), Timestamp(entered_ms));
            let queue = queues.entry((RepositoryId(id), BranchName::new(base))).or_default();
            queue.entries.push(QueuedEntry { number, title, author, priority, entered, state });
        }
        let select = "SELECT repository_id, base, record, checks FROM queues";
        let rows: Vec<(i64, String, String, String)> =
            of(repositories).fetch(self, (select, "repository_id, base"), ENTRIES_MAX).await?;
        for (id, base, record, checks) in rows {
            let record: QueueRecord = serde_json::from_str(&record).map_err(StoreError::corrupt)?;
            let key = (RepositoryId(id), BranchName::new(base));
            if record.batch.is_none() && record.suspects.is_empty() && !queues.contains_key(&key) {
                continue;
            }
            let queue = queues.entry(key).or_default();
            queue.checks = serde_json::from_str(&checks).map_err(StoreError::corrupt)?;
            queue.record = record;
        }
        for queue in queues.values_mut() {
            queue.entries.sort_by_key(|entry| (Reverse(entry.priority), entry.entered, entry.number));
        }
        Ok(queues)
    }

    /// Open pull requests of these repositories that were put out of a queue, the latest first.
    pub async fn put_out(&self, repositories: &[RepositoryId], limit: i64) -> Result<Vec<PutOutPull>, StoreError> {
        if repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = of(repositories);
        conditions.add("state = 'open' AND record LIKE '%\"put_out\":[%'", []);
        let select = "SELECT repository_id, number, base, title, record, updated_ms FROM pulls";
        let rows: Vec<(i64, i64, String, String, String, i64)> =
            conditions.fetch(self, (select, "updated_ms DESC, repository_id, number"), limit).await?;
        let mut found = Vec::with_capacity(rows.len());
        for (id, number, base, title, record, updated_ms) in rows {
            let record: PullRecord = serde_json::from_str(&record).map_err(StoreError::corrupt)?;
            let Some((_, why)) = record.put_out else { continue };
            let (repository, number, at) = (RepositoryId(id), Number(number), Timestamp(updated_ms));
            found.push(PutOutPull { repository, number, base, title, why, at });
        }
        Ok(found)
    }
}

/// Nobody reads more of a queue than this.
const ENTRIES_MAX: i64 = 500;

fn of(repositories: &[RepositoryId]) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.one_of("repository_id", repositories.iter().map(|id| id.0.into()).collect());
    conditions
}
