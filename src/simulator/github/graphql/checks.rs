//! Commits and what is said of them: check runs and statuses as one rollup.

use super::nodes::{Found, Node, needs};
use super::people::{actor, time};
use super::pulls;
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;

pub fn commit(context: &Context<'_>, id: i64, sha: &str, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    if name == "statusCheckRollup" {
        let refused = needs(context, "checks").or_else(|| needs(context, "statuses"));
        let any = !contexts(home, id, sha).is_empty();
        return Some(refused.unwrap_or_else(|| Found::One(any.then(|| Node::Rollup(id, sha.to_owned())))));
    }
    if name == "associatedPullRequests" {
        return Some(needs(context, "pull_requests").unwrap_or_else(|| pulls::of_commit(home, sha)));
    }
    let commit = home.git.view(sha)?;
    Some(match name {
        "oid" => Found::plain(sha),
        "abbreviatedOid" => Found::plain(sha.get(..7)),
        "message" => Found::plain(commit.message),
        "messageHeadline" => Found::plain(commit.message.lines().next()),
        "committedDate" => Found::plain(commit.at.to_rfc3339()),
        "url" => Found::plain(format!("{}/commit/{sha}", context.views().page_url(home))),
        "author" => Found::One(Some(Node::GitActor { name: commit.author, email: commit.email })),
        _ => Found::Many("GitActor", authors(&commit.message, commit.author, commit.email)),
    })
}

/// The author, and whoever the message names as a co-author.
///
/// <https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors>
fn authors(message: &str, name: String, email: String) -> Vec<Node> {
    let mut authors = vec![Node::GitActor { name, email }];
    for line in message.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        if key.trim().eq_ignore_ascii_case("co-authored-by")
            && let Some((name, email)) = value.trim().trim_end_matches('>').split_once('<')
        {
            authors.push(Node::GitActor { name: name.trim().to_owned(), email: email.trim().to_owned() });
        }
    }
    authors
}

/// The newest run of each App and name, and the newest status of each context.
fn contexts(home: &Repository, id: i64, sha: &str) -> Vec<Node> {
    let runs = home.judging.latest_runs(sha).into_iter().map(|run| Node::CheckRun(id, run.id));
    let statuses = home.judging.latest_statuses(sha).into_iter().map(|status| Node::Status(id, status.id));
    runs.chain(statuses).collect()
}

pub fn rollup(context: &Context<'_>, id: i64, sha: &str, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    if name == "contexts" {
        return Some(Found::Many("StatusCheckRollupContext", contexts(home, id, sha)));
    }
    let (runs, statuses) = (home.judging.latest_runs(sha), home.judging.latest_statuses(sha));
    let bad = runs.iter().any(|run| run.status == "completed" && !run.passed());
    let any = |words: &[&str]| statuses.iter().any(|status| words.contains(&status.state.as_str()));
    let state = if bad || any(&["failure"]) {
        "FAILURE"
    } else if any(&["error"]) {
        "ERROR"
    } else if any(&["pending"]) || runs.iter().any(|run| run.status != "completed") {
        "PENDING"
    } else {
        "SUCCESS"
    };
    Some(Found::plain(state))
}

pub fn run(context: &Context<'_>, id: i64, run: i64, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    let run = home.judging.run(run)?;
    let page = || format!("{}/runs/{}", context.views().page_url(home), run.id);
    Some(match name {
        "id" => Found::plain(super::super::payloads::node_id("CR_", run.id)),
        "databaseId" => Found::plain(run.id),
        "name" => Found::plain(run.name.as_str()),
        "status" => Found::plain(run.status.to_uppercase()),
        "conclusion" => Found::plain(run.conclusion.as_deref().map(str::to_uppercase)),
        "startedAt" => Found::Plain(time(run.started_at)),
        "completedAt" => Found::Plain(time(run.completed_at)),
        "detailsUrl" => Found::plain(run.details_url.clone().unwrap_or_else(page)),
        "externalId" => Found::plain(run.external_id.as_str()),
        "title" => Found::plain(run.output.title.clone()),
        "summary" => Found::plain(run.output.summary.clone()),
        "text" => Found::plain(run.output.text.clone()),
        _ => Found::One(Some(Node::CheckSuite(id, run.suite))),
    })
}

pub fn suite(context: &Context<'_>, id: i64, suite: i64, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    let suite = home.judging.suite(suite)?;
    let (status, conclusion) = home.judging.suite_state(suite);
    Some(match name {
        "databaseId" => Found::plain(suite.id),
        "status" => Found::plain(status.to_uppercase()),
        "conclusion" => Found::plain(conclusion.map(|word| word.to_uppercase())),
        _ => {
            let app = &suite.app;
            Found::One(Some(Node::App { id: app.id, slug: app.slug.clone(), name: app.name.clone() }))
        }
    })
}

pub fn status(context: &Context<'_>, id: i64, status: i64, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    let status = home.judging.statuses.iter().find(|known| known.id == status)?;
    Some(match name {
        "context" => Found::plain(status.context.as_str()),
        "state" => Found::plain(status.state.to_uppercase()),
        "createdAt" => Found::plain(status.created_at.to_rfc3339()),
        "targetUrl" => Found::plain(status.target_url.clone()),
        "description" => Found::plain(status.description.clone()),
        _ => Found::One(actor(context.state, &status.creator)),
    })
}
