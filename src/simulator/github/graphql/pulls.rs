//! Pull requests, by number and as lists.

use super::arguments::Arguments;
use super::nodes::{Found, Node, Once};
use super::people::{actor, time};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::{Issue, Pull, Repository};
use crate::simulator::github::payloads::node_id;
use crate::simulator::github::state::State;

pub fn by_number(home: &Repository, number: i64) -> Found {
    if home.issues.get(&number).is_some_and(|issue| issue.pull.is_some()) {
        return Found::One(Some(node(home.id, number)));
    }
    let message = format!("Could not resolve to a PullRequest with the number of {number}.");
    Found::Refused { kind: "NOT_FOUND", message }
}

/// Oldest first, as GraphQL lists without an order; by the time of creation, which is that of the numbers, the other way
/// round where it is asked for so.
pub fn list(home: &Repository, arguments: &Arguments) -> Found {
    let states = arguments.words("states");
    let (base, head) = (arguments.text("baseRefName"), arguments.text("headRefName"));
    let pulls = home.issues.values().filter_map(|issue| Some((issue, issue.pull.as_ref()?)));
    let wanted = pulls.filter(|(issue, pull)| {
        states.as_ref().is_none_or(|states| states.iter().any(|wanted| wanted == state(issue, pull)))
            && base.is_none_or(|base| pull.base == base)
            && head.is_none_or(|head| pull.head == head)
    });
    let mut nodes: Vec<Node> = wanted.map(|(issue, _)| node(home.id, issue.number)).collect();
    if arguments.word_within("orderBy", "direction") == Some("DESC") {
        nodes.reverse();
    }
    Found::Many("PullRequest", nodes)
}

pub const fn state(issue: &Issue, pull: &Pull) -> &'static str {
    if pull.merged.is_some() {
        "MERGED"
    } else if issue.closed.is_some() {
        "CLOSED"
    } else {
        "OPEN"
    }
}

/// The pulls that a commit is part of.
pub fn of_commit(home: &Repository, sha: &str) -> Found {
    let found = State::pulls_of_commit(home, sha).into_iter();
    Found::Many("PullRequest", found.map(|(issue, _)| node(home.id, issue.number)).collect())
}

pub fn node(repository: i64, number: i64) -> Node {
    Node::Pull { at: (repository, number), mergeable: Once::new() }
}

pub fn field(context: &mut Context<'_>, (at, mergeable): ((i64, i64), &Once), name: &str) -> Option<Found> {
    match name {
        "mergeable" | "mergeStateStatus" => return Some(merge_state(context, (at, mergeable), name)),
        "reviewDecision" => return Some(Found::plain(context.state.review_decision(at))),
        _ => {}
    }
    let (home, issue) = (context.state.repository(at.0).ok()?, context.state.issue(at.0, at.1).ok()?);
    let pull = issue.pull.as_ref()?;
    Some(match name {
        "id" => Found::plain(node_id("PR_", issue.id)),
        "databaseId" => Found::plain(issue.id),
        "number" => Found::plain(issue.number),
        "title" => Found::plain(issue.title.as_str()),
        "body" => Found::plain(issue.body.clone().unwrap_or_default()),
        "state" => Found::plain(state(issue, pull)),
        "isDraft" => Found::plain(pull.draft),
        "isCrossRepository" => Found::plain(pull.head_repository != Some(home.id)),
        "merged" => Found::plain(pull.merged.is_some()),
        "mergedAt" => Found::Plain(time(pull.merged.as_ref().map(|merged| merged.at))),
        "mergedBy" => Found::One(pull.merged.as_ref().and_then(|merged| actor(context.state, &merged.by))),
        "closed" => Found::plain(issue.closed.is_some()),
        "closedAt" => Found::Plain(time(issue.closed.as_ref().map(|closed| closed.at))),
        "url" => Found::plain(format!("{}/pull/{}", context.views().page_url(home), issue.number)),
        "createdAt" => Found::plain(issue.created_at.to_rfc3339()),
        "updatedAt" => Found::plain(issue.updated_at.to_rfc3339()),
        "author" => Found::One(actor(context.state, &issue.author)),
        "mergeCommit" => Found::One(pull.merged.as_ref().map(|merged| Node::Commit(at.0, merged.sha.clone()))),
        _ => return branches(home, pull, name).or_else(|| lists(home, issue, pull, name)),
    })
}

fn branches(home: &Repository, pull: &Pull, name: &str) -> Option<Found> {
    Some(match name {
        "headRefOid" => Found::plain(pull.head_sha.as_str()),
        "repository" => Found::One(Some(Node::Repository(home.id))),
        "headRefName" => Found::plain(pull.head.as_str()),
        "headRepository" => Found::One(pull.head_repository.map(Node::Repository)),
        "baseRefName" => Found::plain(pull.base.as_str()),
        "baseRefOid" => Found::plain(pull.base_sha.as_str()),
        "changedFiles" | "additions" | "deletions" => {
            let files = home.git.diff(Some(&fork_point(home, pull)), &pull.head_sha).unwrap_or_default();
            Found::plain(match name {
                "additions" => files.iter().map(|file| file.additions).sum(),
                "deletions" => files.iter().map(|file| file.deletions).sum(),
                _ => files.len(),
            })
        }
        _ => return None,
    })
}

fn lists(home: &Repository, issue: &Issue, pull: &Pull, name: &str) -> Option<Found> {
    let (repository, number) = (home.id, issue.number);
    Some(match name {
        "labels" => Found::Many("Label", issue.labels.iter().map(|id| Node::Label(repository, *id)).collect()),
        "commits" => {
            let commits = home.git.between(&fork_point(home, pull), &pull.head_sha).unwrap_or_default();
            let nodes = commits.into_iter().map(|commit| Node::PullCommit(repository, commit.sha));
            Found::Many("PullRequestCommit", nodes.collect())
        }
        "reviews" => {
            let all = home.judging.reviews_of(number).iter();
            let nodes = all.map(|review| Node::Review { repository, number, id: review.id });
            Found::Many("PullRequestReview", nodes.collect())
        }
        "comments" => {
            let nodes = issue.comments.iter().map(|comment| Node::Comment { repository, number, id: comment.id });
            Found::Many("IssueComment", nodes.collect())
        }
        _ => return None,
    })
}

fn fork_point(home: &Repository, pull: &Pull) -> String {
    home.git.merge_base(&pull.base_sha, &pull.head_sha).unwrap_or_else(|| pull.base_sha.clone())
}

/// <https://docs.github.com/en/graphql/reference/enums#mergestatestatus>
fn merge_state(context: &mut Context<'_>, (at, mergeable): ((i64, i64), &Once), name: &str) -> Found {
    let mergeable = *mergeable.get_or_init(|| context.state.mergeability(at));
    if name == "mergeStateStatus" {
        return Found::plain(context.state.merge_state_status(at, mergeable));
    }
    Found::plain(match mergeable {
        None => "UNKNOWN",
        Some(true) => "MERGEABLE",
        Some(false) => "CONFLICTING",
    })
}
