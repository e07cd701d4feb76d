//! The body of a `push`, of a branch or of a tag.

use serde_json::{Value, json};

use super::Views;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::{CommitView, email};

/// What GitHub shows where a ref was not there before, or is not there any more.
pub const NO_SHA: &str = "0000000000000000000000000000000000000000";

/// A ref that was created, moved or deleted.
#[derive(Debug)]
pub struct Push<'a> {
    /// The ref in full.
    pub reference: &'a str,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
    /// The branch that a new tag stands at, in full.
    pub base_ref: Option<String>,
    /// What the push brought in, oldest first.
    pub commits: &'a [CommitView],
    pub pusher: &'a str,
}

impl Views<'_> {
    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
    pub fn push(self, repository: &Repository, push: &Push<'_>) -> Value {
        let git = &repository.git;
        let listed: Vec<Value> = push.commits.iter().map(|commit| self.pushed_commit(repository, commit)).collect();
        let tip = push.after.and_then(|after| git.view(&git.resolve(after)?));
        let forced = match (push.before, push.after) {
            (Some(before), Some(after)) => {
                let peeled = |sha: &str| git.resolve(sha).unwrap_or_default();
                !git.contains(&peeled(after), &peeled(before))
            }
            (None, _) | (_, None) => false,
        };
        let (before, after) = (push.before.unwrap_or(NO_SHA), push.after.unwrap_or(NO_SHA));
        let short = |sha: &str| sha.get(..12).unwrap_or(sha).to_owned();
        json!({
            "ref": push.reference,
            "before": before,
            "after": after,
            "created": push.before.is_none(),
            "deleted": push.after.is_none(),
            "forced": forced,
            "base_ref": push.base_ref,
            "compare": format!("{}/compare/{}...{}", self.page_url(repository), short(before), short(after)),
            "commits": listed,
            "head_commit": tip.map(|commit| self.pushed_commit(repository, &commit)),
            "repository": self.pushed_repository(repository),
            "pusher": {"name": push.pusher, "email": email(push.pusher)},
        })
    }
}
