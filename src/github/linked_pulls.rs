//! One pull request by REST, as far as it can show that a task is done.

use serde::Deserialize;

use super::account::AccountBody;
use super::pulls::{pull_path, pull_state};
use super::request::Call;
use super::{GithubError, InstallationClient};
use crate::model::{BranchName, LinkedPull, Login, Number, PullState, RepositoryName, Review, ReviewState, Timestamp};

/// A pull request as GitHub tells it (<https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>).
#[derive(Deserialize)]
struct PullBody {
    number: i64,
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<AccountBody>,
    state: String,
    #[serde(default)]
    merged: bool,
    #[serde(default)]
    merged_at: Option<String>,
    html_url: String,
    base: BaseBody,
    head: HeadBody,
}

#[derive(Deserialize)]
struct BaseBody {
    #[serde(rename = "ref")]
    branch: BranchName,
    repo: RepositoryBody,
}

#[derive(Deserialize)]
struct RepositoryBody {
    full_name: RepositoryName,
}

#[derive(Deserialize)]
struct HeadBody {
    #[serde(rename = "ref")]
    branch: BranchName,
}

impl InstallationClient {
    /// A pull request under the present name of its repository. Whether GitHub has it close an issue is not told here,
    /// so `closes` is false.
    ///
    /// # Errors
    /// [`GithubError::Decode`] for a state that is neither open nor closed.
    pub async fn linked_pull(&self, repository: &RepositoryName, number: Number) -> Result<LinkedPull, GithubError> {
        let call = Call::get(pull_path(repository, number, &[])?);
        let body: PullBody = self.caller.call(call.clone()).await?.decode(&call)?;
        let state = pull_state(&call, &body.state, body.merged)?;
        let changes_requested = match state {
            PullState::Open => changes_requested(&self.reviews(repository, number).await?),
            PullState::Closed | PullState::Merged => false,
        };
        let (author, _) = AccountBody::author(body.user);
        Ok(LinkedPull {
            repository: body.base.repo.full_name,
            number: Number(body.number),
            title: body.title,
            body: body.body.unwrap_or_default(),
            author,
            state,
            merged: body.merged_at.as_deref().and_then(Timestamp::parse_rfc3339),
            base: body.base.branch,
            head_branch: body.head.branch,
            changes_requested,
            closes: false,
            url: body.html_url,
        })
    }
}

/// Whether somebody's newest review that approves or refuses, oldest first, asks for changes.
fn changes_requested(reviews: &[Review]) -> bool {
    let mut newest: Vec<(&Login, bool)> = Vec::new();
    for review in reviews {
        let asks = match review.state {
            ReviewState::ChangesRequested => true,
            ReviewState::Approved | ReviewState::Dismissed => false,
            ReviewState::Commented | ReviewState::Pending => continue,
        };
        newest.retain(|(author, _)| !author.is(&review.author));
        newest.push((&review.author, asks));
    }
    newest.iter().any(|(_, asks)| *asks)
}
