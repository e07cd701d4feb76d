//! Which pulls say that they belong to which tasks, and the marks that follow when such a pull changes.

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::{Blocker, Explanation, MergeBlocker, Number, PullRecord, RepositoryId, Subject};

/// So many pulls of a task are looked at, the newest.
const PULLS_LIMIT: i64 = 20;

/// What a pull was before a decision about it: its state, and whether changes were requested.
type Standing = (String, bool);

impl Store {
    /// Pulls that say that they belong to a task of their repository, the newest first, at most 20.
    pub async fn pulls_of_task(&self, repository: RepositoryId, task: Number) -> Result<Vec<Number>, StoreError> {
        let sql = "SELECT pull FROM task_pulls WHERE repository_id = $1 AND task = $2 ORDER BY pull DESC LIMIT $3";
        let numbers: Vec<i64> = sqlx::query_scalar(sql)
            .bind(repository.0)
            .bind(task.0)
            .bind(PULLS_LIMIT)
            .fetch_all(self.database.reader())
            .await?;
        Ok(numbers.into_iter().map(Number).collect())
    }

    /// Notes to which tasks a pull belongs, and has those looked at for which something changed. Must come before the
    /// pull itself is saved, since what it was before tells what changed.
    pub(super) async fn link_tasks(
        &self,
        transaction: &mut Tx,
        (record, explanation): (&PullRecord, &Explanation),
        links: &[Number],
    ) -> Result<(), StoreError> {
        let (repository, pull) = (record.repository, record.number);
        let before = self.linked_tasks(transaction, repository, pull).await?;
        if before.is_empty() && links.is_empty() {
            return Ok(());
        }
        let standing = (super::pulls::word(record.state).to_owned(), asks_changes(explanation));
        let changed = self.standing(transaction, repository, pull).await? != Some(standing);
        for gone in before.iter().filter(|task| !links.contains(task)) {
            sqlx::query("DELETE FROM task_pulls WHERE repository_id = $1 AND task = $2 AND pull = $3")
                .bind(repository.0)
                .bind(gone.0)
                .bind(pull.0)
                .execute(&mut **transaction)
                .await?;
        }
        for task in links.iter().filter(|task| !before.contains(task)) {
            sqlx::query(
                "INSERT INTO task_pulls (repository_id, task, pull) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(repository.0)
            .bind(task.0)
            .bind(pull.0)
            .execute(&mut **transaction)
            .await?;
        }
        let mut tasks: Vec<Number> = before.iter().chain(links).copied().collect();
        tasks.sort_unstable();
        tasks.dedup();
        tasks.retain(|task| changed || before.contains(task) != links.contains(task));
        self.mark_tasks(transaction, repository, &tasks).await
    }

    /// Has the tasks looked at to which a pull belongs.
    pub(super) async fn mark_tasks_of_pull(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        pull: Number,
    ) -> Result<(), StoreError> {
        let tasks = self.linked_tasks(transaction, repository, pull).await?;
        self.mark_tasks(transaction, repository, &tasks).await
    }

    async fn linked_tasks(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        pull: Number,
    ) -> Result<Vec<Number>, StoreError> {
        let sql = "SELECT task FROM task_pulls WHERE repository_id = $1 AND pull = $2 ORDER BY task";
        let tasks: Vec<i64> =
            sqlx::query_scalar(sql).bind(repository.0).bind(pull.0).fetch_all(&mut **transaction).await?;
        Ok(tasks.into_iter().map(Number).collect())
    }

    async fn standing(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        pull: Number,
    ) -> Result<Option<Standing>, StoreError> {
        let sql = "SELECT state, explanation FROM pulls WHERE repository_id = $1 AND number = $2";
        let row: Option<(String, String)> =
            sqlx::query_as(sql).bind(repository.0).bind(pull.0).fetch_optional(&mut **transaction).await?;
        let Some((state, explanation)) = row else { return Ok(None) };
        let explanation: Explanation = serde_json::from_str(&explanation).map_err(StoreError::corrupt)?;
        Ok(Some((state, asks_changes(&explanation))))
    }

    /// A branch may bear the number of what is no task, so only those are marked that are known; another one looks for
    /// its pulls when it becomes a task.
    async fn mark_tasks(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        tasks: &[Number],
    ) -> Result<(), StoreError> {
        for task in tasks {
            let sql = "SELECT COUNT(*) FROM tasks WHERE repository_id = $1 AND number = $2";
            let known: i64 =
                sqlx::query_scalar(sql).bind(repository.0).bind(task.0).fetch_one(&mut **transaction).await?;
            if known > 0 {
                self.mark_in(transaction, &Subject::Issue(repository, *task), self.clock.now()).await?;
            }
        }
        Ok(())
    }
}

fn asks_changes(explanation: &Explanation) -> bool {
    let asks = |blocker: &Blocker| matches!(blocker, Blocker::Merge { because: MergeBlocker::ChangesRequested { .. } });
    explanation.blockers.iter().any(asks)
}
