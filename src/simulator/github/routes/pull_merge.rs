//! Pull requests merged, and their branches brought up to date.

use serde_json::json;

use super::pull_writes::find;
use super::text;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{MergeRequest, Merging};
use crate::simulator::github::entities::MergeMethods;
use crate::simulator::github::git::MergeMethod;
use crate::simulator::github::installations::Access;

/// <https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request>
pub fn merge(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("contents", Access::Write)])?;
    let body = context.call.json()?;
    let (home, issue, pull) = find(context, at)?;
    let not_mergeable = || Refusal::new(405, "Pull Request is not mergeable");
    let base = home.git.head(&pull.base).filter(|_| issue.closed.is_none()).ok_or_else(not_mergeable)?;
    if pull.draft {
        return Err(Refusal::new(405, "Pull Request is still a draft"));
    }
    if text(&body, "sha")?.is_some_and(|sha| sha != pull.head_sha) {
        return Err(Refusal::new(409, "Head branch was modified. Review and try the merge again."));
    }
    let wanted = text(&body, "merge_method")?.unwrap_or("merge");
    let method = MergeMethod::parse(wanted)
        .ok_or_else(|| Refusal::new(422, "Invalid request.\n\nmerge_method is not one of merge, squash, rebase."))?;
    allowed(home.merge_methods, method)?;
    let of_method = || context.state.merge_method_refusal(at.0, at.1, wanted);
    if let Some(message) = context.state.protection_refusal(at.0, at.1).or_else(of_method) {
        return Err(Refusal::new(405, message));
    }
    let clean = home.git.merges_cleanly(&base, &pull.head_sha)?;
    let own = |field: &str| text(&body, field).map(|text| text.map(str::to_owned));
    let request = MergeRequest { method, title: own("commit_title")?, message: own("commit_message")? };
    let bot = context.state.bot();
    let sha = context.state.merge_pull(at, &request, &bot)?.ok_or_else(|| {
        let only_rebasing_fails = clean && method == MergeMethod::Rebase;
        if only_rebasing_fails { Refusal::new(405, "This branch can't be rebased") } else { not_mergeable() }
    })?;
    ok(json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}))
}

fn allowed(settings: MergeMethods, method: MergeMethod) -> Result<(), Refusal> {
    let (allowed, kind) = match method {
        MergeMethod::Merge => (settings.merge, "Merge commits"),
        MergeMethod::Squash => (settings.squash, "Squash merges"),
        MergeMethod::Rebase => (settings.rebase, "Rebase merges"),
    };
    if allowed { Ok(()) } else { Err(Refusal::new(405, format!("{kind} are not allowed on this repository."))) }
}

/// <https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch>
pub fn update_branch(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("pull_requests", Access::Write)])?;
    let body = context.call.json()?;
    let (home, issue, pull) = find(context, at)?;
    let refuse = |message: &str| Err(Refusal::new(422, message));
    if pull.head_repository != Some(at.0) {
        return Err(Refusal::new(403, "Resource not accessible by integration"));
    }
    if text(&body, "expected_head_sha")?.is_some_and(|sha| sha != pull.head_sha) {
        return refuse("expected head sha didn’t match current head ref.");
    }
    let Some(base) = home.git.head(&pull.base).filter(|_| issue.closed.is_none()) else {
        return refuse("Pull request is closed.");
    };
    let (head, message) = (pull.head.clone(), format!("Merge branch '{}' into {}", pull.base, pull.head));
    let url = format!("{}/pulls/{}", context.views().repository_url(home), at.1);
    let bot = context.state.bot();
    match context.state.merge_into_branch(at.0, &head, (&base, &message), &bot)? {
        Merging::Merged(_) => Ok(Answer::json(202, json!({"message": "Updating pull request branch.", "url": url}))),
        Merging::AlreadyMerged => refuse("There are no new commits on the base branch."),
        Merging::Conflict => refuse("merge conflict between base and head"),
    }
}

/// <https://docs.github.com/en/rest/branches/branches#merge-a-branch>
pub fn merge_branch(context: &mut Context<'_>, id: i64) -> Reply {
    context.needs(&[("contents", Access::Write)])?;
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    let given = |field: &str| {
        let missing = || Refusal::new(422, format!("Invalid request.\n\n\"{field}\" wasn't supplied."));
        text(&body, field)?.ok_or_else(missing)
    };
    let (base, head) = (given("base")?, given("head")?);
    let absent = |message: &str| Refusal::new(404, message);
    home.git.head(base).ok_or_else(|| absent("Base does not exist"))?;
    let sha = home.git.resolve(head).ok_or_else(|| absent("Head does not exist"))?;
    let message = text(&body, "commit_message")?.filter(|message| !message.is_empty());
    let message = message.map_or_else(|| format!("Merge {head} into {base}"), str::to_owned);
    let bot = context.state.bot();
    match context.state.merge_into_branch(id, base, (&sha, &message), &bot)? {
        Merging::Merged(made) => {
            let home = context.state.repository(id)?;
            let commit = home.git.view(&made).ok_or_else(Refusal::not_found)?;
            Ok(Answer::json(201, context.views().commit(home, &commit)))
        }
        Merging::AlreadyMerged => Ok(Answer::empty(204)),
        Merging::Conflict => Err(Refusal::new(409, "Merge conflict")),
    }
}
