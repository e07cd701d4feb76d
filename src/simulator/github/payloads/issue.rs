//! Issues, comments, reactions and the lines of an issue's history.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::{At, Comment, HistoryEntry, Issue, Links, Permission, Reaction, Repository};

/// GitHub's words for reactions, in its order.
pub const REACTIONS: &[&str] = &["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];

impl Views<'_> {
    pub fn issue_url(self, repository: &Repository, number: i64) -> String {
        format!("{}/issues/{number}", self.repository_url(repository))
    }

    /// An issue; a pull request when seen through the issues API has `pull_request` besides.
    pub fn issue(self, repository: &Repository, issue: &Issue) -> Value {
        let url = self.issue_url(repository, issue.number);
        let kind = if issue.pull.is_some() { "pull" } else { "issues" };
        let mut view = json!({
            "id": issue.id,
            "node_id": node_id(if issue.pull.is_some() { "PR_" } else { "I_" }, issue.id),
            "url": url,
            "repository_url": self.repository_url(repository),
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "timeline_url": format!("{url}/timeline"),
            "html_url": format!("{}/{kind}/{}", self.page_url(repository), issue.number),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(&issue.author),
            "author_association": association(repository, &issue.author),
            "labels": self.issue_labels(repository, issue),
            "state": issue.state(),
            "state_reason": issue.state_reason,
            "locked": false,
            "active_lock_reason": null,
            "assignee": issue.assignees.first().map_or(Value::Null, |login| self.user(login)),
            "assignees": issue.assignees.iter().map(|login| self.user(login)).collect::<Vec<_>>(),
            "milestone": null,
            "comments": issue.comments.len(),
            "created_at": issue.created_at.to_rfc3339(),
            "updated_at": issue.updated_at.to_rfc3339(),
            "closed_at": issue.closed.as_ref().map(|closed| closed.at.to_rfc3339()),
            "closed_by": issue.closed.as_ref().map_or(Value::Null, |closed| self.user(&closed.by)),
            "reactions": reaction_counts(&url, &issue.reactions),
            "performed_via_github_app": self.via_app(issue.via_app),
        });
        if let Some(pull) = &issue.pull {
            let page = format!("{}/pull/{}", self.page_url(repository), issue.number);
            view["draft"] = pull.draft.into();
            view["pull_request"] = json!({
                "url": format!("{}/pulls/{}", self.repository_url(repository), issue.number),
                "html_url": page,
                "diff_url": format!("{page}.diff"),
                "patch_url": format!("{page}.patch"),
                "merged_at": pull.merged.as_ref().map(|merged| merged.at.to_rfc3339()),
            });
        } else {
            self.show_links(&mut view, &issue.links);
        }
        view
    }

    /// An issue as webhooks carry it, which do not say who closed it.
    pub fn told_issue(self, repository: &Repository, issue: &Issue) -> Value {
        let mut view = self.issue(repository, issue);
        if let Some(fields) = view.as_object_mut() {
            fields.remove("closed_by");
        }
        view
    }

    fn show_links(self, view: &mut Value, links: &Links) {
        let closed = |all: &[At]| {
            all.iter().filter(|at| self.state.issue(at.0, at.1).is_ok_and(|issue| issue.closed.is_some())).count()
        };
        let (total, completed) = (links.sub_issues.len(), closed(&links.sub_issues));
        view["sub_issues_summary"] = json!({
            "total": total,
            "completed": completed,
            "percent_completed": (completed * 100).checked_div(total).unwrap_or(0),
        });
        view["issue_dependencies_summary"] = json!({
            "blocked_by": links.blocked_by.len() - closed(&links.blocked_by),
            "total_blocked_by": links.blocked_by.len(),
            "blocking": links.blocking.len() - closed(&links.blocking),
            "total_blocking": links.blocking.len(),
        });
        let parent = links.parent.and_then(|at| Some((self.state.repository(at.0).ok()?, at.1)));
        if let Some((home, number)) = parent {
            view["parent_issue_url"] = self.issue_url(home, number).into();
        }
    }

    pub fn issue_labels(self, repository: &Repository, issue: &Issue) -> Vec<Value> {
        let worn = issue.labels.iter().filter_map(|id| repository.label_by_id(*id));
        worn.map(|label| self.label(repository, label)).collect()
    }

    pub fn comment(self, repository: &Repository, issue: &Issue, comment: &Comment) -> Value {
        let url = format!("{}/issues/comments/{}", self.repository_url(repository), comment.id);
        let kind = if issue.pull.is_some() { "pull" } else { "issues" };
        let page = self.page_url(repository);
        json!({
            "id": comment.id,
            "node_id": node_id("IC_", comment.id),
            "url": url,
            "html_url": format!("{page}/{kind}/{}#issuecomment-{}", issue.number, comment.id),
            "issue_url": self.issue_url(repository, issue.number),
            "user": self.user(&comment.author),
            "author_association": association(repository, &comment.author),
            "body": comment.body,
            "created_at": comment.created_at.to_rfc3339(),
            "updated_at": comment.updated_at.to_rfc3339(),
            "reactions": reaction_counts(&url, &comment.reactions),
            "performed_via_github_app": self.via_app(comment.via_app),
        })
    }

    pub fn reaction(self, reaction: &Reaction) -> Value {
        json!({
            "id": reaction.id,
            "node_id": node_id("REA_", reaction.id),
            "user": self.user(&reaction.user),
            "content": reaction.content,
            "created_at": reaction.created_at.to_rfc3339(),
        })
    }

    pub fn history_entry(self, repository: &Repository, entry: &HistoryEntry) -> Value {
        let mut view = json!({
            "id": entry.id,
            "node_id": node_id("EV_", entry.id),
            "url": format!("{}/issues/events/{}", self.repository_url(repository), entry.id),
            "actor": self.user(&entry.actor),
            "event": entry.event,
            "commit_id": null,
            "commit_url": null,
            "created_at": entry.at.to_rfc3339(),
            "performed_via_github_app": self.via_app(self.state.bot().login == entry.actor),
        });
        if let (Some(fields), Some(details)) = (view.as_object_mut(), entry.details.as_object()) {
            fields.extend(details.clone());
        }
        view
    }
}

/// GitHub's guess at how an author stands to a repository.
pub fn association(repository: &Repository, login: &str) -> &'static str {
    if login.eq_ignore_ascii_case(&repository.owner) {
        return "OWNER";
    }
    match repository.permission(login) {
        Permission::None | Permission::Read => "NONE",
        Permission::Triage | Permission::Write | Permission::Maintain | Permission::Admin => "COLLABORATOR",
    }
}

fn reaction_counts(url: &str, reactions: &[Reaction]) -> Value {
    let mut view = json!({"url": format!("{url}/reactions"), "total_count": reactions.len()});
    for content in REACTIONS {
        view[*content] = reactions.iter().filter(|reaction| reaction.content == *content).count().into();
    }
    view
}
