//! A pull's whole difference as one text, unless it is too large.

use serde_json::json;

use super::pull_writes::find;
use crate::simulator::github::answer::{Answer, Body, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::git::MOST_LINES;

/// <https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits>
const MOST_FILES: usize = 300;

/// Answers `Accept: application/vnd.github.diff`; 406 beyond GitHub's limits.
///
/// <https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>
pub fn whole(context: &Context<'_>, at: (i64, i64)) -> Reply {
    let (home, _, pull) = find(context, at)?;
    let fork = home.git.merge_base(&pull.base_sha, &pull.head_sha).unwrap_or_else(|| pull.base_sha.clone());
    let (bytes, counts) = home.git.diff_text(&fork, &pull.head_sha)?;
    let lines = String::from_utf8_lossy(&bytes).lines().count();
    let too_large = |what: &str, most: usize| {
        let message = format!("Sorry, the diff exceeded the maximum number of {what} ({most})");
        let errors = vec![json!({"resource": "PullRequest", "field": "diff", "code": "too_large"})];
        Err(Refusal { errors, ..Refusal::new(406, message) })
    };
    if counts.files > MOST_FILES {
        return too_large("files", MOST_FILES);
    }
    if lines > MOST_LINES {
        return too_large("lines", MOST_LINES);
    }
    let content_type = "application/vnd.github.diff; charset=utf-8";
    Ok(Answer { status: 200, headers: Vec::new(), body: Body::Raw { content_type, bytes } })
}
