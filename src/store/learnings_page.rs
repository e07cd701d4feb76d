//! Learnings as a page lists them, of the repositories that somebody may read.

use super::conditions::{Conditions, containing};
use super::{Store, StoreError};
use crate::model::{Impact, Learning, Number, RepositoryId};

/// So many categories are offered.
const CATEGORIES: usize = 50;

/// Which learnings are listed. Only those of `repositories` are; of none, nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LearningPageQuery {
    /// Of these repositories.
    pub repositories: Vec<RepositoryId>,
    /// Words that must all occur.
    pub words: Vec<String>,
    /// One category.
    pub category: Option<String>,
    /// One tag.
    pub tag: Option<String>,
    /// At least this impact.
    pub impact: Impact,
    /// After this one: its impact in thousandths, and its id.
    pub after: Option<(i64, i64)>,
    /// At most so many.
    pub limit: i64,
}

/// A learning and where it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLearning {
    /// Its place in the order of writing.
    pub id: i64,
    /// The repository of its task.
    pub repository: RepositoryId,
    /// Its task.
    pub number: Number,
    /// What was learned.
    pub learning: Learning,
}

impl Store {
    /// Learnings, the weightiest first, then the newest.
    pub async fn learning_page(&self, query: &LearningPageQuery) -> Result<Vec<FoundLearning>, StoreError> {
        if query.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        conditions.one_of("repository_id", query.repositories.iter().map(|id| id.0.into()).collect());
        conditions.add("impact >= ?", [query.impact.thousandths().into()]);
        if let Some(category) = &query.category {
            conditions.add("category = ?", [category.to_lowercase().as_str().into()]);
        }
        if let Some(tag) = &query.tag {
            conditions.add(r"words LIKE ? ESCAPE '\'", [containing(&format!(" #{tag} "))]);
        }
        for word in &query.words {
            conditions.add(r"words LIKE ? ESCAPE '\'", [containing(word)]);
        }
        if let Some((impact, id)) = query.after {
            conditions.add("(impact < ? OR (impact = ? AND id < ?))", [impact.into(), impact.into(), id.into()]);
        }
        let select = ("SELECT id, repository_id, number, learning FROM learnings", "impact DESC, id DESC");
        let rows: Vec<(i64, i64, i64, String)> = conditions.fetch(self, select, query.limit).await?;
        let found = rows.into_iter().map(|(id, repository, number, text)| {
            let learning = serde_json::from_str(&text).map_err(StoreError::corrupt)?;
            Ok(FoundLearning { id, repository: RepositoryId(repository), number: Number(number), learning })
        });
        found.collect()
    }

    /// The categories of learnings in these repositories, with how many there are of each, the most used first.
    pub async fn learning_categories(&self, repositories: &[RepositoryId]) -> Result<Vec<(String, i64)>, StoreError> {
        if repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        conditions.one_of("repository_id", repositories.iter().map(|id| id.0.into()).collect());
        let mut rows: Vec<(String, i64)> =
            conditions.fetch_grouped(self, ("SELECT category, COUNT(*) FROM learnings", "category")).await?;
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        rows.truncate(CATEGORIES);
        Ok(rows)
    }
}
