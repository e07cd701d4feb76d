//! What the page of one task reads: its history line by line, and what its last decision saw.

use super::conditions::Conditions;
use super::{Store, StoreError};
use crate::model::{Explanation, IssueSnapshot, Number, RepositoryId, Subject, TaskState, Timestamp};

/// Which lines of a subject's history are read, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Of one kind, such as `decision`, `ask` or `refused`.
    pub kind: Option<String>,
    /// Only lines that were written before this one.
    pub before_id: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// A line of a subject's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// Its place in the order of writing.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What kind of line it is.
    pub kind: String,
    /// One sentence.
    pub what: String,
    /// Why, where it is a decision.
    pub explanation: Explanation,
    /// By which door it was asked for, where somebody asked.
    pub door: Option<String>,
}

/// A task by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTask {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
}

/// Id, time, actor, kind, summary, explanation and door.
type Row = (i64, i64, String, String, String, Option<String>, Option<String>);

impl Store {
    /// What happened about a subject, the newest first, without what each decision saw.
    pub async fn history(&self, subject: &Subject, query: &HistoryQuery) -> Result<Vec<HistoryLine>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("subject = ?", [subject.to_string().as_str().into()]);
        if let Some(kind) = &query.kind {
            conditions.add("kind = ?", [kind.as_str().into()]);
        }
        if let Some(id) = query.before_id {
            conditions.add("id < ?", [id.into()]);
        }
        let select = "SELECT id, at_ms, actor, kind, summary, explanation, door FROM audit";
        let rows: Vec<Row> = conditions.fetch(self, (select, "id DESC"), query.limit).await?;
        rows.into_iter().map(line).collect()
    }

    /// The kinds of lines in a subject's history, by name.
    pub async fn history_kinds(&self, subject: &Subject) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT kind FROM audit WHERE subject = $1 ORDER BY kind";
        Ok(sqlx::query_scalar(sql).bind(subject.to_string()).fetch_all(self.database.reader()).await?)
    }

    /// Which of these issues are tasks: each with its title and where it stands.
    pub async fn tasks_among(&self, items: &[(RepositoryId, Number)]) -> Result<Vec<NamedTask>, StoreError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let either = vec!["(repository_id = ? AND number = ?)"; items.len()].join(" OR ");
        let values = items.iter().flat_map(|(repository, number)| [repository.0.into(), number.0.into()]);
        conditions.add_all(&format!("({either})"), values.collect());
        let select = ("SELECT repository_id, number, title, state FROM tasks", "repository_id, number");
        let rows: Vec<(i64, i64, String, String)> = conditions.fetch(self, select, i64::MAX).await?;
        let named = |(repository, number, title, state): (i64, i64, String, String)| {
            let state = state.parse().map_err(StoreError::corrupt)?;
            Ok(NamedTask { repository: RepositoryId(repository), number: Number(number), title, state })
        };
        rows.into_iter().map(named).collect()
    }

    /// What the last notable decision about an issue saw of it; `None` where that was not an issue as it is seen today.
    pub async fn last_seen(&self, subject: &Subject) -> Result<Option<IssueSnapshot>, StoreError> {
        let saw: Option<String> = sqlx::query_scalar(
            "SELECT saw FROM audit WHERE subject = $1 AND kind = 'decision' AND saw IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .bind(subject.to_string())
        .fetch_optional(self.database.reader())
        .await?;
        Ok(saw.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

fn line((id, at_ms, who, kind, what, explanation, door): Row) -> Result<HistoryLine, StoreError> {
    let explanation = explanation.map(|text| serde_json::from_str(&text)).transpose();
    let explanation = explanation.map_err(StoreError::corrupt)?.unwrap_or_default();
    Ok(HistoryLine { id, at: Timestamp(at_ms), who, kind, what, explanation, door })
}
