//! Answers to the two large queries, read from their bytes alone: what is checked of the readers without a call.

use super::issue_answer::{IssueData, IssueNode};
use super::pull_answer::PullData;
use super::{IssueThread, PullComment};
use crate::model::{Check, Pull, Review};

/// What one answer tells of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullAnswer {
    /// The pull request.
    pub pull: Pull,
    /// The checks of its head, as far as they are on the first page.
    pub checks: Vec<Check>,
    /// Its reviews, where the answer holds all of them.
    pub reviews: Vec<Review>,
    /// Its newest comments.
    pub comments: Vec<PullComment>,
}

/// Reads the `data` of the answer about a pull request; `None` when it is not there.
///
/// # Errors
/// It is not what GitHub's schema says.
pub fn pull_of_answer(data: &[u8]) -> Result<Option<PullAnswer>, serde_json::Error> {
    let data: PullData = serde_json::from_slice(data)?;
    let node = data.repository.and_then(|repository| repository.pull_request);
    Ok(node.map(|node| {
        let parts = node.into_parts();
        PullAnswer {
            pull: parts.pull,
            checks: parts.checks.map(|(checks, _)| checks).unwrap_or_default(),
            reviews: parts.reviews.unwrap_or_default(),
            comments: parts.comments,
        }
    }))
}

/// Reads the `data` of the answer about an issue; `None` when it is not there.
///
/// # Errors
/// It is not what GitHub's schema says.
pub fn issue_of_answer(data: &[u8]) -> Result<Option<IssueThread>, serde_json::Error> {
    let data: IssueData = serde_json::from_slice(data)?;
    Ok(data.repository.and_then(|home| home.issue).map(IssueNode::into_thread))
}
