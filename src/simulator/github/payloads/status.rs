//! Commit statuses, one by one and taken together.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::Repository;
use crate::simulator::github::judging::CommitStatus;

impl Views<'_> {
    /// GitHub's `status`, with its creator.
    pub fn status(self, repository: &Repository, status: &CommitStatus) -> Value {
        let mut view = self.status_simple(repository, status);
        view["creator"] = self.user(&status.creator);
        view
    }

    fn status_simple(self, repository: &Repository, status: &CommitStatus) -> Value {
        json!({
            "id": status.id,
            "node_id": node_id("SC_", status.id),
            "url": format!("{}/statuses/{}", self.repository_url(repository), status.sha),
            "avatar_url": self.user(&status.creator)["avatar_url"],
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": status.created_at.to_rfc3339(),
            "updated_at": status.created_at.to_rfc3339(),
        })
    }

    /// GitHub's `combined-commit-status`, but with all statuses of the commit; the caller cuts the page.
    ///
    /// <https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference>
    pub fn combined_status(self, repository: &Repository, sha: &str) -> Value {
        let newest = repository.judging.latest_statuses(sha);
        let any = |words: &[&str]| newest.iter().any(|status| words.contains(&status.state.as_str()));
        let state = if any(&["error", "failure"]) {
            "failure"
        } else if newest.is_empty() || any(&["pending"]) {
            "pending"
        } else {
            "success"
        };
        let url = self.repository_url(repository);
        json!({
            "state": state,
            "statuses": newest.iter().map(|status| self.status_simple(repository, status)).collect::<Vec<_>>(),
            "sha": sha,
            "total_count": newest.len(),
            "repository": self.minimal_repository(repository),
            "commit_url": format!("{url}/commits/{sha}"),
            "url": format!("{url}/commits/{sha}/status"),
        })
    }
}
