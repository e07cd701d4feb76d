//! Merging a pull request, and what GitHub means when it refuses.

use http::Method;
use serde::{Deserialize, Serialize};

use super::pulls::pull_path;
use super::request::Call;
use super::{GithubError, InstallationClient};
use crate::model::{Number, RepositoryName, Sha};

/// A merge to be made (<https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeRequest {
    /// The head that was judged; GitHub refuses any other with 409.
    pub sha: Sha,
    /// `merge`, `squash` or `rebase`.
    #[serde(rename = "merge_method")]
    pub method: String,
    /// The title of the commit; GitHub's own where there is none.
    #[serde(rename = "commit_title", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The rest of its message; GitHub's own where there is none.
    #[serde(rename = "commit_message", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct MergedBody {
    sha: Option<Sha>,
    merged: bool,
    #[serde(default)]
    message: String,
}

/// What a refused merge means. GitHub answers nearly all of them with 405, so its sentence tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeRefusal {
    /// The head is another one than was judged: observe anew.
    HeadMoved,
    /// The base got a commit meanwhile, or another merge is under way: try again.
    BaseMoved,
    /// It is a draft.
    Draft,
    /// It conflicts, is closed, or GitHub has not computed yet whether it can be merged.
    NotMergeable,
    /// The repository or a ruleset forbids this way of merging.
    MethodForbidden,
    /// Protection or a ruleset demands something more, in GitHub's words.
    ProtectionUnmet(String),
    /// It is merged already.
    AlreadyMerged,
    /// Anything else, with the whole sentence.
    Other(String),
}

impl MergeRefusal {
    /// What an error of [`InstallationClient::merge_pull`] means.
    #[must_use]
    pub fn of(error: &GithubError) -> Self {
        match error {
            GithubError::NotAllowed { message, .. } | GithubError::Forbidden { message, .. } => {
                Self::said(message).unwrap_or_else(|| Self::Other(error.to_string()))
            }
            // The documented meaning of 409 is a head other than `sha`.
            GithubError::Conflict { message, .. } => Self::said(message).unwrap_or(Self::HeadMoved),
            GithubError::Validation { message, errors, .. } => {
                let all = std::iter::once(message).chain(errors);
                let mut meanings = all.filter_map(|sentence| Self::said(sentence));
                meanings.next().unwrap_or_else(|| Self::Other(error.to_string()))
            }
            GithubError::Config { .. }
            | GithubError::Path { .. }
            | GithubError::RateLimited { .. }
            | GithubError::Unauthorized { .. }
            | GithubError::Suspended { .. }
            | GithubError::NotFound { .. }
            | GithubError::Gone { .. }
            | GithubError::Server { .. }
            | GithubError::Transport { .. }
            | GithubError::Decode { .. }
            | GithubError::TooLarge { .. }
            | GithubError::TooManyPages { .. }
            | GithubError::Unexpected { .. } => Self::Other(error.to_string()),
        }
    }

    fn said(message: &str) -> Option<Self> {
        let lower = message.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["head branch was modified", "head branch is out of date"]) {
            Some(Self::HeadMoved)
        } else if has(&["base branch was modified", "merge already in progress"]) {
            Some(Self::BaseMoved)
        } else if has(&["draft"]) {
            Some(Self::Draft)
        } else if has(&["already merged", "already been merged"]) {
            Some(Self::AlreadyMerged)
        } else if has(&[
            "merges are not allowed",
            "merge commits are not allowed",
            "merge method",
            "must not contain merge commits",
        ]) {
            Some(Self::MethodForbidden)
        } else if has(&[
            "required",
            "rule violation",
            "protected branch",
            "approving review",
            "changes requested",
            "merge queue",
            "not authorized",
            "status check",
            "conversation",
        ]) {
            Some(Self::ProtectionUnmet(message.to_owned()))
        } else if has(&["not mergeable", "conflict", "is closed"]) {
            Some(Self::NotMergeable)
        } else {
            None
        }
    }
}

impl InstallationClient {
    /// Merges a pull request and returns the commit on the base.
    ///
    /// # Errors
    /// For [`MergeRefusal::of`]. Where [`GithubError::may_have_happened`], look with [`Self::pull_state`].
    pub async fn merge_pull(
        &self,
        repository: &RepositoryName,
        number: Number,
        merge: &MergeRequest,
    ) -> Result<Sha, GithubError> {
        let call = Call::new(Method::PUT, pull_path(repository, number, &["merge"])?).json(merge)?;
        let body: MergedBody = self.caller.call(call.clone()).await?.decode(&call)?;
        match body.sha {
            Some(sha) if body.merged => Ok(sha),
            Some(_) | None => Err(GithubError::NotAllowed { call: call.to_string(), message: body.message }),
        }
    }
}
