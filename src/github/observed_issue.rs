//! What has been said, labelled and linked on an issue, read by one query.

use serde::Serialize;

use super::issue_answer::IssueData;
use super::{GithubError, InstallationClient, PullComment};
use crate::model::{ActorKind, Item, LabelEvent, LinkedPull, Login, Number, RepositoryName, SubIssue, Timestamp};

const ISSUE_QUERY: &str = include_str!("graphql/issue.graphql");

/// What GitHub shows of an issue besides the issue itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueThread {
    /// Who edited its text last, and when; `None` where nobody did.
    pub edited: Option<(Option<(Login, ActorKind)>, Timestamp)>,
    /// Its 50 newest comments, oldest first.
    pub comments: Vec<PullComment>,
    /// The 50 newest changes of its labels, oldest first.
    pub label_events: Vec<LabelEvent>,
    /// The issue that it is part of, with its title.
    pub parent: Option<(Item, String)>,
    /// Issues that are part of it.
    pub sub_issues: Vec<SubIssue>,
    /// Pull requests of which GitHub says that they close it.
    pub pulls: Vec<LinkedPull>,
}

#[derive(Serialize)]
struct IssueVariables<'a> {
    owner: &'a str,
    name: &'a str,
    number: i64,
}

impl InstallationClient {
    /// What was said, labelled and linked on an issue; `None` when it is not there, or is a pull request.
    ///
    /// # Errors
    /// Whatever keeps any part of it from being known.
    pub async fn issue_thread(
        &self,
        repository: &RepositoryName,
        number: Number,
    ) -> Result<Option<IssueThread>, GithubError> {
        let variables = IssueVariables { owner: &repository.owner, name: &repository.name, number: number.0 };
        let data: IssueData = match self.caller.query(ISSUE_QUERY, variables).await {
            Ok(data) => data,
            Err(GithubError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(data.repository.and_then(|home| home.issue).map(super::issue_answer::IssueNode::into_thread))
    }
}
