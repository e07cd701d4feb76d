//! What was learned, and what workers note for themselves.

use super::conditions::{Conditions, containing};
use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{Impact, Learning, Number, RepositoryId, Timestamp, WorkerId};

/// What is looked for among learnings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LearningQuery {
    /// Words that must all occur.
    pub words: Vec<String>,
    /// One category.
    pub category: Option<String>,
    /// One tag.
    pub tag: Option<String>,
    /// At least this impact.
    pub impact: Impact,
    /// One repository.
    pub repository: Option<RepositoryId>,
    /// At most so many.
    pub limit: i64,
}

impl Store {
    /// What was learned, the weightiest first, then the newest.
    pub async fn learnings(&self, query: &LearningQuery) -> Result<Vec<Learning>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("impact >= ?", [query.impact.thousandths().into()]);
        if let Some(repository) = query.repository {
            conditions.add("repository_id = ?", [repository.0.into()]);
        }
        if let Some(category) = &query.category {
            conditions.add("category = ?", [category.to_lowercase().as_str().into()]);
        }
        if let Some(tag) = &query.tag {
            conditions.add(r"words LIKE ? ESCAPE '\'", [containing(&format!(" #{tag} "))]);
        }
        for word in &query.words {
            conditions.add(r"words LIKE ? ESCAPE '\'", [containing(word)]);
        }
        let order = ("SELECT learning FROM learnings", "impact DESC, id DESC");
        let rows: Vec<(String,)> = conditions.fetch(self, order, query.limit).await?;
        rows.into_iter().map(|(text,)| serde_json::from_str(&text).map_err(StoreError::corrupt)).collect()
    }

    pub(super) async fn save_learning(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        learning: &Learning,
    ) -> Result<(), StoreError> {
        let tags = learning.tags.iter().fold(String::new(), |tags, tag| tags + "#" + tag + " ");
        let words = format!("{} {} {} {tags}", learning.title, learning.description, learning.category);
        sqlx::query(
            "INSERT INTO learnings (id, repository_id, number, category, impact, words, learning, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.next_id())
        .bind(repository.0)
        .bind(learning.item.number.0)
        .bind(learning.category.to_lowercase())
        .bind(learning.impact.thousandths())
        .bind(words.to_lowercase())
        .bind(serde_json::to_string(learning).map_err(StoreError::corrupt)?)
        .bind(learning.at.ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Keeps a note of a worker's own.
    pub async fn add_note(
        &self,
        worker: &WorkerId,
        task: (RepositoryId, Number),
        text: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO notes (id, worker, repository_id, number, text, at_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.next_id())
        .bind(worker.as_str())
        .bind(task.0.0)
        .bind(task.1.0)
        .bind(text)
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .durably("add_note")
        .await?;
        Ok(())
    }

    /// A worker's own notes on a task, oldest first.
    pub async fn notes(
        &self,
        worker: &WorkerId,
        task: (RepositoryId, Number),
    ) -> Result<Vec<(Timestamp, String)>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT at_ms, text FROM notes WHERE worker = $1 AND repository_id = $2 AND number = $3 ORDER BY id",
        )
        .bind(worker.as_str())
        .bind(task.0.0)
        .bind(task.1.0)
        .fetch_all(self.database.reader())
        .await?;
        Ok(rows.into_iter().map(|(at_ms, text)| (Timestamp(at_ms), text)).collect())
    }
}
