//! Accounts, and what they wrote: labels' names, reviews and comments.

use serde_json::Value;

use super::nodes::{Found, Node};
use crate::model::Timestamp;
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::AccountKind;
use crate::simulator::github::state::State;

/// An account; nobody where it is gone, as GitHub gives `null` for ghosts.
pub fn actor(state: &State, login: &str) -> Option<Node> {
    state.account(login).map(|account| Node::Actor(account.login.clone()))
}

pub fn kind(state: &State, login: &str) -> &'static str {
    state.account(login).map_or(AccountKind::User, |account| account.kind).word()
}

/// Unlike over REST, a bot's login has no `[bot]` behind it.
pub fn field(state: &State, login: &str, name: &str) -> Option<Found> {
    let account = state.account(login)?;
    let shown = match account.kind {
        AccountKind::Bot => account.login.trim_end_matches("[bot]"),
        AccountKind::User | AccountKind::Organization => &account.login,
    };
    Some(match name {
        "login" => Found::plain(shown),
        "databaseId" => Found::plain(account.id),
        _ => Found::Plain(state.views().user(login)["html_url"].clone()),
    })
}

pub fn label(context: &Context<'_>, repository: i64, id: i64, name: &str) -> Option<Found> {
    let label = context.state.repository(repository).ok()?.label_by_id(id)?;
    Some(match name {
        "name" => Found::plain(label.name.as_str()),
        "color" => Found::plain(label.color.as_str()),
        _ => Found::plain(label.description.clone()),
    })
}

pub fn review(context: &Context<'_>, at: (i64, i64), id: i64, name: &str) -> Option<Found> {
    let home = context.state.repository(at.0).ok()?;
    let review = home.judging.reviews_of(at.1).iter().find(|review| review.id == id)?;
    Some(match name {
        "databaseId" => Found::plain(id),
        // A BigInt is written as a text.
        "fullDatabaseId" => Found::plain(id.to_string()),
        "state" => Found::plain(review.state.word()),
        "body" => Found::plain(review.body.as_str()),
        "submittedAt" => Found::plain(review.submitted_at.to_rfc3339()),
        "author" => Found::One(actor(context.state, &review.author)),
        _ => Found::One(home.git.view(&review.commit).map(|commit| Node::Commit(at.0, commit.sha))),
    })
}

pub fn comment(context: &Context<'_>, at: (i64, i64), id: i64, name: &str) -> Option<Found> {
    let issue = context.state.issue(at.0, at.1).ok()?;
    let comment = issue.comments.iter().find(|comment| comment.id == id)?;
    let edited = (comment.edits > 0).then_some(comment.updated_at);
    Some(match name {
        "databaseId" => Found::plain(id),
        // A BigInt is written as a text.
        "fullDatabaseId" => Found::plain(id.to_string()),
        "body" => Found::plain(comment.body.as_str()),
        "createdAt" => Found::plain(comment.created_at.to_rfc3339()),
        "updatedAt" => Found::plain(comment.updated_at.to_rfc3339()),
        "lastEditedAt" => Found::Plain(time(edited)),
        "author" => Found::One(actor(context.state, &comment.author)),
        _ => Found::One(comment.editor.as_deref().and_then(|login| actor(context.state, login))),
    })
}

/// A time as GitHub writes it, or `null`.
pub fn time(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::to_rfc3339).into()
}
