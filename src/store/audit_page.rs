//! The audit as a page lists it, for somebody who may read some repositories and not others.

use super::conditions::{Conditions, containing};
use super::order::ArrivalOrder;
use super::{AuditRow, Store, StoreError};
use crate::model::{Door, RepositoryId, Subject, Timestamp};

/// Words are looked for in so many lines at a time.
const SEARCHED_AT_ONCE: i64 = 5_000;

/// Which lines of the audit are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPageQuery {
    /// About these repositories, of none nothing; all there is, also what is about no repository, where not given.
    pub repositories: Option<Vec<RepositoryId>>,
    /// About one of these; about anything where none is named.
    pub subjects: Vec<Subject>,
    /// By one actor, as it stands in the audit.
    pub actor: Option<String>,
    /// Of one kind.
    pub kind: Option<String>,
    /// Asked for by one door.
    pub door: Option<Door>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Words that must all occur in the sentence.
    pub words: Vec<String>,
    /// Only lines that were written before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Lines of the audit without what they saw, the newest first.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// Where to go on, if there is more.
    pub next: Option<i64>,
    /// Whether words were looked for in only so many lines, and older ones may have them too.
    pub stopped_at: Option<i64>,
}

impl AuditPageQuery {
    /// What the index of the audit knows.
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(repositories) = &self.repositories {
            conditions.one_of("repository_id", repositories.iter().map(|id| id.0.into()).collect());
        }
        conditions.one_of("subject", self.subjects.iter().map(|of| of.to_string().as_str().into()).collect());
        if let Some(actor) = &self.actor {
            conditions.add("actor = ?", [actor.as_str().into()]);
        }
        if let Some(kind) = &self.kind {
            conditions.add("kind = ?", [kind.as_str().into()]);
        }
        if let Some(door) = self.door {
            conditions.add("door = ?", [door.as_str().into()]);
        }
        // Lines are numbered by the time at which they are written.
        if let Some(from) = self.from {
            conditions.add("id >= ?", [ArrivalOrder::floor(from).into()]);
        }
        if let Some(until) = self.until {
            conditions.add("id < ?", [ArrivalOrder::floor(until).into()]);
        }
        if let Some(before) = self.before {
            conditions.add("id < ?", [before.into()]);
        }
        conditions
    }
}

impl Store {
    /// A page of the audit.
    pub async fn audit_page(&self, query: &AuditPageQuery) -> Result<AuditPage, StoreError> {
        if query.repositories.as_ref().is_some_and(Vec::is_empty) {
            return Ok(AuditPage { rows: Vec::new(), next: None, stopped_at: None });
        }
        let one_more = query.limit.saturating_add(1);
        let candidates = ("SELECT id FROM audit", "id DESC");
        let fitting = if query.words.is_empty() { one_more } else { SEARCHED_AT_ONCE };
        let mut conditions = query.conditions().among("id", candidates, fitting);
        for word in &query.words {
            conditions.add(r"LOWER(summary) LIKE ? ESCAPE '\'", [containing(word)]);
        }
        let select = "SELECT id, at_ms, actor, subject, decision, kind, summary, explanation, NULL AS saw, deliveries, door \
            FROM audit";
        let mut rows: Vec<AuditRow> = conditions.fetch(self, (select, "id DESC"), one_more).await?;
        let shown = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let is_cut = rows.len() > shown;
        rows.truncate(shown);
        let next = rows.last().filter(|_| is_cut).map(|row| row.id);
        let stopped_at =
            if next.is_none() && !query.words.is_empty() { self.last_searched(query).await? } else { None };
        Ok(AuditPage { rows, next, stopped_at })
    }

    /// The last line in which words were looked for, if there are more.
    async fn last_searched(&self, query: &AuditPageQuery) -> Result<Option<i64>, StoreError> {
        let conditions = query.conditions().among("id", ("SELECT id FROM audit", "id DESC"), SEARCHED_AT_ONCE);
        let found: Vec<(Option<i64>, i64)> =
            conditions.fetch(self, ("SELECT MIN(id), COUNT(*) FROM audit", "1"), 1).await?;
        Ok(found.first().filter(|(_, count)| *count == SEARCHED_AT_ONCE).and_then(|(last, _)| *last))
    }

    /// One line with all that it saw.
    pub async fn audit_line(&self, id: i64) -> Result<Option<AuditRow>, StoreError> {
        let sql = "SELECT id, at_ms, actor, subject, decision, kind, summary, explanation, saw, deliveries, door \
            FROM audit WHERE id = $1";
        Ok(sqlx::query_as(sql).bind(id).fetch_optional(self.database.reader()).await?)
    }
}
