//! Issues: who edited them, what was said and labelled, and what they hang together with.

use super::arguments::Arguments;
use super::nodes::{Found, Node, needs};
use super::people::{actor, time};
use super::pulls;
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::fixes;
use crate::simulator::github::entities::{At, HistoryEntry, Issue, Repository};
use crate::simulator::github::payloads::node_id;
use crate::simulator::github::state::State;

pub fn by_number(home: &Repository, number: i64) -> Found {
    if home.issues.get(&number).is_some_and(|issue| issue.pull.is_none()) {
        return Found::One(Some(Node::Issue(home.id, number)));
    }
    let message = format!("Could not resolve to an Issue with the number of {number}.");
    Found::Refused { kind: "NOT_FOUND", message }
}

/// <https://docs.github.com/en/graphql/reference/objects#issue>
pub fn field(context: &Context<'_>, at: At, name: &str, arguments: &Arguments) -> Option<Found> {
    if name == "closedByPullRequestsReferences"
        && let Some(refused) = needs(context, "pull_requests")
    {
        return Some(refused);
    }
    let (home, issue) = (context.state.repository(at.0).ok()?, context.state.issue(at.0, at.1).ok()?);
    let visible = |at: &At| context.visible(at.0).is_ok();
    let many = |all: &[At]| {
        let nodes = all.iter().filter(|at| visible(at)).map(|at| Node::Issue(at.0, at.1));
        Found::Many("Issue", nodes.collect())
    };
    Some(match name {
        "repository" => Found::One(Some(Node::Repository(home.id))),
        "labels" => Found::Many("Label", issue.labels.iter().map(|id| Node::Label(home.id, *id)).collect()),
        "comments" => {
            let (repository, number) = at;
            let nodes = issue.comments.iter().map(|comment| Node::Comment { repository, number, id: comment.id });
            Found::Many("IssueComment", nodes.collect())
        }
        "timelineItems" => Found::Many("IssueTimelineItems", label_changes(at, issue, arguments)),
        "parent" => Found::One(issue.links.parent.filter(visible).map(|at| Node::Issue(at.0, at.1))),
        "subIssues" => many(&issue.links.sub_issues),
        "blockedBy" => many(&issue.links.blocked_by),
        "blocking" => many(&issue.links.blocking),
        "closedByPullRequestsReferences" => closing(home, at.1, arguments.truth("includeClosedPrs")),
        "author" => Found::One(actor(context.state, &issue.author)),
        "editor" => Found::One(issue.body_edited.as_ref().and_then(|(login, _)| actor(context.state, login))),
        _ => return plain(context, home, issue, name),
    })
}

fn plain(context: &Context<'_>, home: &Repository, issue: &Issue, name: &str) -> Option<Found> {
    Some(match name {
        "id" => Found::plain(node_id("I_", issue.id)),
        "databaseId" => Found::plain(issue.id),
        // A BigInt is written as a text.
        "fullDatabaseId" => Found::plain(issue.id.to_string()),
        "number" => Found::plain(issue.number),
        "title" => Found::plain(issue.title.as_str()),
        "body" => Found::plain(issue.body.clone().unwrap_or_default()),
        "state" => Found::plain(issue.state().to_uppercase()),
        "stateReason" => Found::plain(issue.state_reason.as_deref().map(str::to_uppercase)),
        "url" => Found::plain(format!("{}/issues/{}", context.views().page_url(home), issue.number)),
        "createdAt" => Found::plain(issue.created_at.to_rfc3339()),
        "updatedAt" => Found::plain(issue.updated_at.to_rfc3339()),
        "closedAt" => Found::Plain(time(issue.closed.as_ref().map(|closed| closed.at))),
        "lastEditedAt" => Found::Plain(time(issue.body_edited.as_ref().map(|(_, at)| *at))),
        _ => return None,
    })
}

/// Of all kinds of history only the changes of labels are served.
fn label_changes(at: At, issue: &Issue, arguments: &Arguments) -> Vec<Node> {
    let wanted = arguments.words("itemTypes");
    let is_wanted = |word: &str| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == word));
    let shown = issue.history.iter().filter_map(|entry| {
        let (added, word) = match entry.event {
            "labeled" => (true, "LABELED_EVENT"),
            "unlabeled" => (false, "UNLABELED_EVENT"),
            _ => return None,
        };
        is_wanted(word).then_some(Node::LabelChange { at, id: entry.id, added })
    });
    shown.collect()
}

pub fn label_change(state: &State, at: At, id: i64, name: &str) -> Option<Found> {
    let entry: &HistoryEntry = state.issue(at.0, at.1).ok()?.history.iter().find(|entry| entry.id == id)?;
    Some(match name {
        "createdAt" => Found::plain(entry.at.to_rfc3339()),
        "actor" => Found::One(actor(state, &entry.actor)),
        _ => {
            let label = entry.details["label"]["name"].as_str().unwrap_or_default();
            Found::One(Some(Node::FormerLabel(label.to_owned())))
        }
    })
}

pub fn former_label(label: &str, name: &str) -> Option<Found> {
    (name == "name").then(|| Found::plain(label))
}

/// Pulls into the default branch that say they close an issue; the closed ones only where they are asked for.
///
/// <https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue>
fn closing(home: &Repository, number: i64, closed_too: bool) -> Found {
    let names = |issue: &Issue| fixes(issue.body.as_deref().unwrap_or_default(), &home.full_name()).contains(&number);
    let found = home.issues.values().filter(|issue| {
        let Some(pull) = &issue.pull else { return false };
        pull.base == home.default_branch && names(issue) && (closed_too || pulls::state(issue, pull) == "OPEN")
    });
    Found::Many("PullRequest", found.map(|issue| pulls::node(home.id, issue.number)).collect())
}
