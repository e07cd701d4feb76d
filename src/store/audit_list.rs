//! The audit as people look through it.

use super::conditions::{Conditions, containing};
use super::{AuditRow, Store, StoreError};
use crate::model::{Door, RepositoryId, Subject, Timestamp};

/// Which lines of the audit are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// About issues and pulls of one repository.
    pub repository: Option<RepositoryId>,
    /// About one subject.
    pub subject: Option<Subject>,
    /// By one actor, as it stands in the audit.
    pub actor: Option<String>,
    /// Of one kind, such as `decision`, `ask` or `claim`.
    pub kind: Option<String>,
    /// Asked for by one door.
    pub door: Option<Door>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Words that must all occur in the sentence.
    pub words: Vec<String>,
    /// At most so many.
    pub limit: i64,
    /// Only lines that were written before this one.
    pub before_id: Option<i64>,
}

const SELECT: &str =
    "SELECT id, at_ms, actor, subject, decision, kind, summary, explanation, saw, deliveries, door FROM audit";

impl Store {
    /// Lines of the audit, the newest first.
    pub async fn audit_rows(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(repository) = query.repository {
            let under = format!("{}/%", repository.0);
            let lanes = ["issue", "pull"].map(|kind| format!("{kind}/{under}").as_str().into());
            conditions.add("(subject LIKE ? OR subject LIKE ?)", lanes);
        }
        if let Some(subject) = &query.subject {
            conditions.add("subject = ?", [subject.to_string().as_str().into()]);
        }
        if let Some(actor) = &query.actor {
            conditions.add("actor = ?", [actor.as_str().into()]);
        }
        if let Some(kind) = &query.kind {
            conditions.add("kind = ?", [kind.as_str().into()]);
        }
        if let Some(door) = query.door {
            conditions.add("door = ?", [door.as_str().into()]);
        }
        if let Some(from) = query.from {
            conditions.add("at_ms >= ?", [from.ms().into()]);
        }
        if let Some(until) = query.until {
            conditions.add("at_ms < ?", [until.ms().into()]);
        }
        if let Some(id) = query.before_id {
            conditions.add("id < ?", [id.into()]);
        }
        for word in &query.words {
            conditions.add(r"LOWER(summary) LIKE ? ESCAPE '\'", [containing(word)]);
        }
        conditions.fetch(self, (SELECT, "id DESC"), query.limit).await
    }

    /// What happened about a subject: decisions, asks and claims, oldest first. At most `limit` of the newest.
    pub async fn timeline(&self, subject: &Subject, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        self.audit_of(Some(subject), limit).await
    }
}
