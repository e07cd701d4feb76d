//! Proposed rules in the database: what each repository's record says, and the titles that they are learned from.

use super::database::Tx;
use super::pulls::state;
use super::{AuditEntry, Store, StoreError};
use crate::model::{Deed, Number, PullState, RepositoryId, RuleKey, RulesRecord, SeenTitle, Subject, TaskType};

/// Of so many of the newest issues titles are learned from.
const TITLES: i64 = 2_000;

type TitleRow = (i64, String, String, i64, Option<String>, String);

impl Store {
    /// What is known of a repository's proposed rules, with what became of the pull request: one that was merged is
    /// none any more, and what one proposed that was closed without a merge is declined.
    pub async fn rules_record(&self, repository: RepositoryId) -> Result<RulesRecord, StoreError> {
        let text: Option<String> = sqlx::query_scalar("SELECT record FROM proposed_rules WHERE repository_id = $1")
            .bind(repository.0)
            .fetch_optional(self.database.reader())
            .await?;
        let record = text.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)?;
        let mut record: RulesRecord = record.unwrap_or_default();
        let Some(number) = record.pull.as_ref().and_then(|pull| pull.number) else { return Ok(record) };
        match self.state_of_pull(repository, number).await? {
            Some(PullState::Open) | None => {}
            Some(PullState::Merged) => record.pull = None,
            Some(PullState::Closed) => {
                let turned_down: Vec<RuleKey> = record.pull.take().map(|pull| pull.rules).unwrap_or_default();
                record.declined.extend(turned_down);
                record.declined.sort();
                record.declined.dedup();
            }
        }
        Ok(record)
    }

    async fn state_of_pull(&self, repository: RepositoryId, number: Number) -> Result<Option<PullState>, StoreError> {
        let word: Option<String> =
            sqlx::query_scalar("SELECT state FROM pulls WHERE repository_id = $1 AND number = $2")
                .bind(repository.0)
                .bind(number.0)
                .fetch_optional(self.database.reader())
                .await?;
        word.map(|word| state(&word)).transpose()
    }

    pub(super) async fn save_rules_record(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        record: &RulesRecord,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO proposed_rules (repository_id, record, updated_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (repository_id) DO UPDATE SET record = $2, updated_ms = $3",
        )
        .bind(repository.0)
        .bind(serde_json::to_string(record).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// The titles of a repository's newest issues, the newest first, with what kind of task each is and who said so.
    pub async fn seen_titles(&self, repository: RepositoryId) -> Result<Vec<SeenTitle>, StoreError> {
        let rows: Vec<TitleRow> = sqlx::query_as(
            "SELECT number, title, task_type, type_pinned, rule, priority FROM tasks WHERE repository_id = $1 \
             ORDER BY number DESC LIMIT $2",
        )
        .bind(repository.0)
        .bind(TITLES)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter()
            .map(|(number, title, task_type, pinned, rule, priority)| {
                Ok(SeenTitle {
                    number: Number(number),
                    title,
                    task_type: TaskType::new(task_type),
                    by_person: pinned != 0,
                    rule,
                    priority: priority.parse().map_err(StoreError::corrupt)?,
                })
            })
            .collect()
    }

    /// Writes what was asked, and what was answered, under the delivery that asked.
    pub(super) async fn write_deed(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let guids = deed.request.iter().map(crate::model::DeliveryGuid::as_str).collect::<Vec<_>>();
        let guids = serde_json::to_string(&guids).map_err(StoreError::corrupt)?;
        let entry = AuditEntry {
            actor: &deed.who,
            subject: Some(subject.to_string()),
            kind: if deed.refused { "refused" } else { "ask" },
            summary: &deed.what,
            deliveries: Some(guids),
            door: Some(deed.door),
            ..AuditEntry::default()
        };
        self.write_audit(transaction, &entry).await
    }
}
