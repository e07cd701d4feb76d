//! The audit: every decision and every order of a person, with what was seen and why. It is never pruned.

use serde::Serialize;

use super::database::Tx;
use super::durable::Durable as _;
use super::{ClaimedSubject, MarkedDelivery, Store, StoreError};
use crate::model::{Door, Explanation, Subject, Timestamp};

/// A line to be written.
#[derive(Debug, Default)]
pub struct AuditEntry<'a> {
    /// Who: `stationmaster`, or a login, or `cli`.
    pub actor: &'a str,
    /// About what.
    pub subject: Option<String>,
    /// Which decision of that subject.
    pub decision: Option<i64>,
    /// `decision`, `rules`, `replay` and the like.
    pub kind: &'a str,
    /// One sentence.
    pub summary: &'a str,
    /// The explanation as JSON.
    pub explanation: Option<String>,
    /// The snapshot as JSON.
    pub saw: Option<&'a str>,
    /// What it was made of beside the snapshot, and what it planned, as JSON.
    pub replay: Option<&'a str>,
    /// The ids of the deliveries that led to it, as a JSON list.
    pub deliveries: Option<String>,
    /// By which door it was asked for, where somebody asked.
    pub door: Option<Door>,
}

impl<'a> AuditEntry<'a> {
    /// The line of a decision that is put into force: what was claimed and seen, what was decided and why.
    pub(super) fn of_decision(
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        (summary, explanation): (&'a str, &Explanation),
        (saw, replay): (&'a str, Option<&'a str>),
    ) -> Result<Self, StoreError> {
        let guids: Vec<&str> = seen.iter().map(|delivery| delivery.guid.as_str()).collect();
        Ok(Self {
            actor: "stationmaster",
            subject: Some(claimed.subject.to_string()),
            decision: Some(claimed.decisions + 1),
            kind: "decision",
            summary,
            explanation: Some(serde_json::to_string(explanation).map_err(StoreError::corrupt)?),
            saw: Some(saw),
            replay,
            deliveries: Some(serde_json::to_string(&guids).map_err(StoreError::corrupt)?),
            door: None,
        })
    }
}

/// A line as it is read.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct AuditRow {
    /// Its place in the order of writing.
    pub id: i64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// About what.
    pub subject: Option<String>,
    /// Which decision of that subject.
    pub decision: Option<i64>,
    /// What kind of line it is.
    pub kind: String,
    /// One sentence.
    pub summary: String,
    /// The explanation as JSON.
    pub explanation: Option<String>,
    /// The snapshot as JSON.
    pub saw: Option<String>,
    /// The ids of the deliveries that led to it, as a JSON list.
    pub deliveries: Option<String>,
    /// By which door it was asked for, where somebody asked.
    pub door: Option<String>,
}

/// A decision as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDecision {
    /// When.
    pub at: Timestamp,
    /// One sentence.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
}

impl AuditRow {
    /// When it was written.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        Timestamp(self.at_ms)
    }
}

impl Store {
    /// Writes a line outside any decision.
    pub async fn audit(&self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.write_audit(&mut transaction, entry).await?;
        Ok(transaction.commit().durably("audit").await?)
    }

    pub(super) async fn write_audit(&self, transaction: &mut Tx, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let subject = entry.subject.as_deref().and_then(|text| text.parse::<Subject>().ok());
        let repository = subject.map(|subject| subject.repository());
        sqlx::query(
            "INSERT INTO audit (id, at_ms, actor, subject, decision, kind, summary, explanation, saw, deliveries, door, \
               repository_id, replay) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(self.next_id())
        .bind(self.clock.now().ms())
        .bind(entry.actor)
        .bind(entry.subject.as_deref())
        .bind(entry.decision)
        .bind(entry.kind)
        .bind(entry.summary)
        .bind(entry.explanation.as_deref())
        .bind(entry.saw)
        .bind(entry.deliveries.as_deref())
        .bind(entry.door.map(Door::as_str))
        .bind(repository.map(|id| id.0))
        .bind(entry.replay)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// The newest decision about a subject, in its sentences; `None` when there is none yet.
    pub async fn last_decision(&self, subject: &Subject) -> Result<Option<LastDecision>, StoreError> {
        let row: Option<(i64, String, Option<String>)> = sqlx::query_as(
            "SELECT at_ms, summary, explanation FROM audit WHERE subject = $1 AND kind = 'decision' \
             ORDER BY id DESC LIMIT 1",
        )
        .bind(subject.to_string())
        .fetch_optional(self.database.reader())
        .await?;
        row.map(|(at_ms, summary, explanation)| {
            let explanation = explanation.map(|text| serde_json::from_str(&text)).transpose();
            let explanation = explanation.map_err(StoreError::corrupt)?.unwrap_or_default();
            Ok(LastDecision { at: Timestamp(at_ms), summary, explanation })
        })
        .transpose()
    }

    /// What was decided about a subject, oldest first; of everything, when no subject is given. At most `limit` of
    /// the newest.
    pub async fn audit_of(&self, subject: Option<&Subject>, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows: Vec<AuditRow> = sqlx::query_as(
            "SELECT id, at_ms, actor, subject, decision, kind, summary, explanation, saw, deliveries, door FROM audit \
             WHERE $1 = '' OR subject = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(subject.map(Subject::to_string).unwrap_or_default())
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        rows.reverse();
        Ok(rows)
    }
}
