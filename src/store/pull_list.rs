//! Pull requests as pages list and show them, bound to the repositories that somebody may read.

use sqlx::FromRow;

use super::conditions::{Conditions, containing};
use super::pulls::{leading, merge_blocker, state, word};
use super::{Store, StoreError};
use crate::model::{
    Explanation, HeadReview, MergeBlocker, Number, PullRecord, PullShown, PullState, RepositoryId, Sha, Subject,
    Timestamp,
};

/// Which pull requests are listed. Only those of `repositories` are; of none, nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullQuery {
    /// In these repositories.
    pub repositories: Vec<RepositoryId>,
    /// In this state.
    pub state: PullState,
    /// Opened by this account, in whatever case.
    pub author: Option<String>,
    /// Whose first blocker waits on this kind: a word of [`crate::model::WaitsOn::kind`], `queue` or `nobody`.
    pub waits_on: Option<String>,
    /// Whose title contains this, in whatever case.
    pub text: Option<String>,
    /// After this one in the order of the list.
    pub after: Option<PullAfter>,
}

/// A place in the list: when the pull was changed last, its repository and its number.
pub type PullAfter = (Timestamp, RepositoryId, Number);

/// A pull request in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPull {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// Where it stands.
    pub state: PullState,
    /// Its head.
    pub head: Sha,
    /// The branch that it merges into.
    pub base: String,
    /// Why it is not merged, as of the last look.
    pub explanation: Explanation,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was merged or closed.
    pub ended: Option<Timestamp>,
    /// When a decision last changed it.
    pub updated: Timestamp,
}

impl ListedPull {
    /// All that keeps it from being merged.
    pub fn blockers(&self) -> impl Iterator<Item = &MergeBlocker> {
        self.explanation.blockers.iter().filter_map(merge_blocker)
    }

    /// The one that it is listed by.
    #[must_use]
    pub fn leading(&self) -> Option<&MergeBlocker> {
        leading(&self.blockers().collect::<Vec<_>>())
    }
}

#[derive(FromRow)]
struct ListedRow {
    repository_id: i64,
    number: i64,
    title: String,
    author: String,
    state: String,
    head: String,
    base: String,
    explanation: String,
    opened_ms: i64,
    ended_ms: Option<i64>,
    updated_ms: i64,
}

impl TryFrom<ListedRow> for ListedPull {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        Ok(Self {
            repository: RepositoryId(row.repository_id),
            number: Number(row.number),
            title: row.title,
            author: row.author,
            state: state(&row.state)?,
            head: Sha::new(row.head),
            base: row.base,
            explanation: serde_json::from_str(&row.explanation).map_err(StoreError::corrupt)?,
            opened: Timestamp(row.opened_ms),
            ended: row.ended_ms.map(Timestamp),
            updated: Timestamp(row.updated_ms),
        })
    }
}

const SELECT: &str = "SELECT repository_id, number, title, author, state, head, base, explanation, opened_ms, ended_ms, \
                      updated_ms FROM pulls";

/// All that a page shows of one pull request.
#[derive(Debug, Clone)]
pub struct PullPage {
    /// As in lists.
    pub listed: ListedPull,
    /// What its decisions remember.
    pub record: PullRecord,
    /// What was seen of it; `None` where it was not looked at since pages are there.
    pub shown: Option<PullShown>,
}

/// A line of what happened about a subject.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Happened {
    /// Its place in the order of writing.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What kind of line it is.
    pub kind: String,
    /// One sentence.
    pub summary: String,
}

impl PullQuery {
    /// What holds in every tab.
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.one_of("repository_id", self.repositories.iter().map(|id| id.0.into()).collect());
        if let Some(author) = &self.author {
            conditions.add("LOWER(author) = ?", [author.to_lowercase().as_str().into()]);
        }
        if let Some(text) = &self.text {
            conditions.add(r"LOWER(title) LIKE ? ESCAPE '\'", [containing(text)]);
        }
        conditions
    }
}

impl Store {
    /// Pull requests, those that were changed last first.
    pub async fn pull_list(&self, query: &PullQuery, limit: i64) -> Result<Vec<ListedPull>, StoreError> {
        if query.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = query.conditions();
        conditions.add("state = ?", [word(query.state).into()]);
        if let Some(waits_on) = &query.waits_on {
            conditions.add("waits_on = ?", [waits_on.as_str().into()]);
        }
        if let Some((updated, repository, number)) = query.after {
            let place = [updated.ms().into(), repository.0.into(), number.0.into()];
            conditions.add("(updated_ms, repository_id, number) < (?, ?, ?)", place);
        }
        let order = "updated_ms DESC, repository_id DESC, number DESC";
        let rows: Vec<ListedRow> = conditions.fetch(self, (SELECT, order), limit).await?;
        rows.into_iter().map(ListedPull::try_from).collect()
    }

    /// How many pull requests there are in each state, whatever they wait on; states without any are left out.
    pub async fn pull_tabs(&self, query: &PullQuery) -> Result<Vec<(PullState, i64)>, StoreError> {
        if query.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let select = ("SELECT state, COUNT(*) FROM pulls", "state");
        let rows: Vec<(String, i64)> = query.conditions().fetch_grouped(self, select).await?;
        rows.into_iter().map(|(word, count)| Ok((state(&word)?, count))).collect()
    }

    /// All that a page shows of one pull request.
    pub async fn pull_page(&self, id: RepositoryId, number: Number) -> Result<Option<PullPage>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("repository_id = ? AND number = ?", [id.0.into(), number.0.into()]);
        let listed = conditions.fetch::<ListedRow>(self, (SELECT, "number"), 1).await?.pop();
        let (Some(listed), Some(record)) = (listed, self.pull(id, number).await?) else { return Ok(None) };
        let sql = "SELECT shown FROM pulls WHERE repository_id = $1 AND number = $2";
        let shown: Option<String> =
            sqlx::query_scalar(sql).bind(id.0).bind(number.0).fetch_one(self.database.reader()).await?;
        let shown = shown.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)?;
        Ok(Some(PullPage { listed: listed.try_into()?, record, shown }))
    }

    /// Our newest review of a head, by whatever rules.
    pub async fn newest_review(
        &self,
        (repository, number): (RepositoryId, Number),
        head: &Sha,
    ) -> Result<Option<HeadReview>, StoreError> {
        let text: Option<String> = sqlx::query_scalar(
            "SELECT review FROM head_reviews WHERE repository_id = $1 AND number = $2 AND head = $3 \
             ORDER BY at_ms DESC LIMIT 1",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(head.as_str())
        .fetch_optional(self.database.reader())
        .await?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)
    }

    /// What happened about a subject, the newest first, without what was seen.
    pub async fn happened(&self, subject: &Subject, limit: i64) -> Result<Vec<Happened>, StoreError> {
        let sql = "SELECT id, at_ms, actor, kind, summary FROM audit WHERE subject = $1 ORDER BY id DESC LIMIT $2";
        Ok(sqlx::query_as(sql).bind(subject.to_string()).bind(limit).fetch_all(self.database.reader()).await?)
    }
}
