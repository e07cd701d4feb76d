//! Pull requests, with what Git says about their branches.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::{Issue, Pull, Repository};

impl Views<'_> {
    /// GitHub's `pull-request-simple`, as lists show it.
    pub fn pull_simple(self, repository: &Repository, issue: &Issue, pull: &Pull) -> Value {
        let mut view = self.issue(repository, issue);
        let url = format!("{}/pulls/{}", self.repository_url(repository), issue.number);
        let page = format!("{}/pull/{}", self.page_url(repository), issue.number);
        let issue_url = self.issue_url(repository, issue.number);
        let statuses = format!("{}/statuses/{}", self.repository_url(repository), pull.head_sha);
        if let Some(fields) = view.as_object_mut() {
            let of_issues_only = [
                "pull_request",
                "repository_url",
                "labels_url",
                "events_url",
                "timeline_url",
                "reactions",
                "closed_by",
                "performed_via_github_app",
                "state_reason",
                "comments",
            ];
            for name in of_issues_only {
                fields.remove(name);
            }
        }
        for (name, value) in [
            ("url", url.clone()),
            ("html_url", page.clone()),
            ("diff_url", format!("{page}.diff")),
            ("patch_url", format!("{page}.patch")),
            ("issue_url", issue_url.clone()),
            ("commits_url", format!("{url}/commits")),
            ("review_comments_url", format!("{url}/comments")),
            ("review_comment_url", format!("{}/pulls/comments{{/number}}", self.repository_url(repository))),
            ("comments_url", format!("{issue_url}/comments")),
            ("statuses_url", statuses.clone()),
            ("node_id", node_id("PR_", issue.id)),
        ] {
            view[name] = value.into();
        }
        view["_links"] = json!({
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue_url},
            "comments": {"href": format!("{issue_url}/comments")},
            "review_comments": {"href": format!("{url}/comments")},
            "review_comment": {"href": format!("{}/pulls/comments{{/number}}", self.repository_url(repository))},
            "commits": {"href": format!("{url}/commits")},
            "statuses": {"href": statuses},
        });
        let head = pull.head_repository.and_then(|id| self.state.repositories.get(&id));
        let owner = head.map_or(&pull.head_owner, |home| &home.owner);
        view["head"] = self.side((head, owner), &pull.head, &pull.head_sha);
        view["base"] = self.side((Some(repository), &repository.owner), &pull.base, &pull.base_sha);
        view["merged_at"] = pull.merged.as_ref().map(|merged| merged.at.to_rfc3339()).into();
        view["merge_commit_sha"] = pull.merged.as_ref().map(|merged| merged.sha.clone()).into();
        view["requested_reviewers"] = json!([]);
        view["requested_teams"] = json!([]);
        view["auto_merge"] = Value::Null;
        view
    }

    /// GitHub's `pull-request`: the simple form and what is counted and tried only for one at a time.
    pub fn pull(self, repository: &Repository, issue: &Issue, pull: &Pull) -> Value {
        let mut view = self.pull_simple(repository, issue, pull);
        let git = &repository.git;
        let base = git.merge_base(&pull.base_sha, &pull.head_sha).unwrap_or_else(|| pull.base_sha.clone());
        let counts = git.diff_counts(&base, &pull.head_sha).unwrap_or_default();
        let mergeable = self.state.known_mergeability(repository, issue);
        self.set_mergeable((repository.id, issue.number), mergeable, &mut view);
        view["merged"] = pull.merged.is_some().into();
        view["merged_by"] = pull.merged.as_ref().map_or(Value::Null, |merged| self.user(&merged.by));
        view["comments"] = issue.comments.len().into();
        view["review_comments"] = 0.into();
        view["maintainer_can_modify"] = false.into();
        view["commits"] = git.between(&base, &pull.head_sha).map_or(0, |commits| commits.len()).into();
        view["additions"] = counts.additions.into();
        view["deletions"] = counts.deletions.into();
        view["changed_files"] = counts.files.into();
        view
    }

    /// Writes what a trial merge found into a pull's view.
    pub fn set_mergeable(self, at: (i64, i64), mergeable: Option<bool>, view: &mut Value) {
        view["mergeable"] = mergeable.into();
        view["rebaseable"] = mergeable.into();
        view["mergeable_state"] = self.state.merge_state_status(at, mergeable).to_lowercase().into();
    }

    /// One end of a pull; the head's repository may be gone.
    fn side(self, (repository, owner): (Option<&Repository>, &str), branch: &str, sha: &str) -> Value {
        json!({
            "label": format!("{owner}:{branch}"),
            "ref": branch,
            "sha": sha,
            "user": self.user(owner),
            "repo": repository.map(|repository| self.repository(repository)),
        })
    }
}
