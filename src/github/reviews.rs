//! Reviews of pull requests: list, submit, dismiss.

use http::Method;
use serde::{Deserialize, Serialize};

use super::account::AccountBody;
use super::pulls::pull_path;
use super::{GithubError, InstallationClient};
use crate::model::{Number, RepositoryName, Review, ReviewState, Sha, Timestamp};

/// What a review that we submit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewEvent {
    /// Merge it.
    Approve,
    /// Not as it is; GitHub demands a text.
    RequestChanges,
    /// Remarks only; GitHub demands a text.
    Comment,
}

/// A review to submit (<https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewReview {
    /// The head that it is for.
    #[serde(rename = "commit_id")]
    pub commit: Sha,
    /// What it says.
    pub event: ReviewEvent,
    /// Its text.
    pub body: String,
}

#[derive(Serialize)]
struct Dismissal<'a> {
    message: &'a str,
    event: &'static str,
}

#[derive(Deserialize)]
struct ReviewBody {
    id: i64,
    #[serde(default)]
    user: Option<AccountBody>,
    state: ReviewWord,
    #[serde(default)]
    commit_id: Option<Sha>,
    #[serde(default)]
    submitted_at: Option<String>,
}

#[derive(Deserialize)]
struct IdBody {
    id: i64,
}

/// GitHub's words, the same in both APIs; another one is an error, since it could be a refusal.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ReviewWord {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

impl From<ReviewWord> for ReviewState {
    fn from(word: ReviewWord) -> Self {
        match word {
            ReviewWord::Approved => Self::Approved,
            ReviewWord::ChangesRequested => Self::ChangesRequested,
            ReviewWord::Commented => Self::Commented,
            ReviewWord::Dismissed => Self::Dismissed,
            ReviewWord::Pending => Self::Pending,
        }
    }
}

impl From<ReviewBody> for Review {
    fn from(body: ReviewBody) -> Self {
        let (author, author_kind) = AccountBody::author(body.user);
        Self {
            id: body.id,
            author,
            author_kind,
            state: body.state.into(),
            commit: body.commit_id,
            submitted: body.submitted_at.as_deref().and_then(Timestamp::parse_rfc3339),
        }
    }
}

impl InstallationClient {
    /// All reviews of a pull request, oldest first.
    pub async fn reviews(&self, repository: &RepositoryName, number: Number) -> Result<Vec<Review>, GithubError> {
        let bodies: Vec<ReviewBody> = self.caller.list(pull_path(repository, number, &["reviews"])?).await?;
        Ok(bodies.into_iter().map(Review::from).collect())
    }

    /// Submits a review and returns its id. Done twice it is there twice: look with [`Self::reviews`] first.
    pub async fn create_review(
        &self,
        repository: &RepositoryName,
        number: Number,
        review: &NewReview,
    ) -> Result<i64, GithubError> {
        let path = pull_path(repository, number, &["reviews"])?;
        let body: IdBody = self.caller.write(Method::POST, path, review).await?.decode()?;
        Ok(body.id)
    }

    /// Takes a submitted review back, with the reason
    /// (<https://docs.github.com/en/rest/pulls/reviews#dismiss-a-review-for-a-pull-request>).
    pub async fn dismiss_review(
        &self,
        repository: &RepositoryName,
        number: Number,
        review: i64,
        why: &str,
    ) -> Result<(), GithubError> {
        let path = pull_path(repository, number, &["reviews", &review.to_string(), "dismissals"])?;
        self.caller.write(Method::PUT, path, &Dismissal { message: why, event: "DISMISS" }).await.map(drop)
    }
}
