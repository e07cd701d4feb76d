//! Reviews of pull requests.

use serde_json::{Value, json};

use super::{Views, association, node_id};
use crate::simulator::github::entities::{Issue, Repository};
use crate::simulator::github::judging::Review;

impl Views<'_> {
    /// GitHub's `pull-request-review`.
    pub fn review(self, repository: &Repository, issue: &Issue, review: &Review) -> Value {
        let pull = format!("{}/pulls/{}", self.repository_url(repository), issue.number);
        let page = format!("{}/pull/{}#pullrequestreview-{}", self.page_url(repository), issue.number, review.id);
        json!({
            "id": review.id,
            "node_id": node_id("PRR_", review.id),
            "user": self.user(&review.author),
            "body": review.body,
            "state": review.state.word(),
            "html_url": page,
            "pull_request_url": pull,
            "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
            "submitted_at": review.submitted_at.to_rfc3339(),
            "commit_id": review.commit,
            "author_association": association(repository, &review.author),
        })
    }
}
