//! Closed pull requests with their commits, checks and reviews, a page at a time.

use serde::{Deserialize, Serialize};

use super::check_runs::time;
use super::nodes::{ActorNode, NameNode, Nodes};
use super::pull_answer::{OidNode, ReviewNode, Rollup};
use super::{GithubError, InstallationClient};
use crate::model::{BranchName, Number, PastCommit, PastPull, RepositoryName, Sha, Timestamp};

const QUERY: &str = concat!(include_str!("graphql/past_pulls.graphql"), include_str!("graphql/check.graphql"));
/// Pulls a page. Each asks for the checks of ten commits, and GitHub gives up on a query after ten seconds
/// (<https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>).
const PAGE: u32 = 20;
/// A page that GitHub fails to answer is asked for in smaller parts, down to this.
const SMALLEST_PAGE: u32 = 5;

#[derive(Serialize)]
struct Variables<'a> {
    owner: &'a str,
    name: &'a str,
    count: u32,
    after: Option<&'a str>,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<Home>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Home {
    pull_requests: Nodes<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    number: i64,
    title: String,
    body: Option<String>,
    is_draft: bool,
    url: String,
    created_at: String,
    closed_at: Option<String>,
    merged_at: Option<String>,
    author: Option<ActorNode>,
    merged_by: Option<ActorNode>,
    labels: Option<Nodes<NameNode>>,
    head_ref_oid: Sha,
    head_ref_name: BranchName,
    base_ref_name: BranchName,
    merge_commit: Option<OidNode>,
    commits: Nodes<CommitNode>,
    reviews: Option<Nodes<ReviewNode>>,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: CommitBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitBody {
    oid: Sha,
    message: String,
    committed_date: String,
    status_check_rollup: Option<Rollup>,
}

impl From<CommitNode> for PastCommit {
    fn from(CommitNode { commit }: CommitNode) -> Self {
        Self {
            sha: commit.oid,
            message: commit.message,
            committed: time(Some(&commit.committed_date)).unwrap_or(Timestamp(0)),
            checks: commit.status_check_rollup.map(|rollup| rollup.into_page().0).unwrap_or_default(),
        }
    }
}

impl From<Node> for PastPull {
    fn from(node: Node) -> Self {
        let (author, author_kind) = ActorNode::author(node.author);
        let created = time(Some(&node.created_at)).unwrap_or(Timestamp(0));
        let merged = time(node.merged_at.as_deref());
        Self {
            number: Number(node.number),
            title: node.title,
            body: node.body.unwrap_or_default(),
            author,
            author_kind,
            labels: node.labels.into_iter().flat_map(Nodes::into_entries).map(|label| label.name).collect(),
            draft: node.is_draft,
            base: node.base_ref_name,
            head: node.head_ref_oid,
            head_branch: node.head_ref_name,
            created,
            closed: merged.or_else(|| time(node.closed_at.as_deref())).unwrap_or(created),
            merged: merged.map(|at| (at, node.merged_by.map(|actor| actor.named().0))),
            merge_commit: node.merge_commit.map(|commit| commit.oid),
            commits: node.commits.into_entries().map(PastCommit::from).collect(),
            reviews: node.reviews.into_iter().flat_map(Nodes::into_entries).map(Into::into).collect(),
            url: node.url,
        }
    }
}

impl InstallationClient {
    /// The newest closed and merged pull requests, newest first, at most so many
    /// (<https://docs.github.com/en/graphql/reference/objects#pullrequestconnection>).
    pub async fn past_pulls(&self, repository: &RepositoryName, most: u32) -> Result<Vec<PastPull>, GithubError> {
        let (mut found, mut after, mut page) = (Vec::new(), None, PAGE);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        loop {
            let left = u32::try_from(most - found.len()).unwrap_or(u32::MAX);
            if left == 0 {
                return Ok(found);
            }
            let (owner, name) = (repository.owner.as_str(), repository.name.as_str());
            let variables = Variables { owner, name, count: page.min(left), after: after.as_deref() };
            let data: Data = match self.caller.query(QUERY, variables).await {
                Ok(data) => data,
                Err(GithubError::Server { .. }) if page > SMALLEST_PAGE => {
                    page /= 2;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(home) = data.repository else { return Ok(found) };
            let (pulls, next) = home.pull_requests.into_entries_and_next();
            found.extend(pulls.map(PastPull::from));
            found.truncate(most);
            match next {
                Some(cursor) => after = Some(cursor),
                None => return Ok(found),
            }
        }
    }
}
