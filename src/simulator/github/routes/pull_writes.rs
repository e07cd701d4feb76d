//! Pull requests opened, changed and merged by the App.

use serde_json::json;

use super::text;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{IssueEdit, MergeRequest, NewPull};
use crate::simulator::github::entities::{Issue, Pull, Repository};
use crate::simulator::github::git::MergeMethod;
use crate::simulator::github::installations::Access;

pub fn create(context: &mut Context<'_>, id: i64) -> Reply {
    context.needs(&[("pull_requests", Access::Write)])?;
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    let missing = |field: &str| Refusal::invalid("PullRequest", field, "missing_field");
    let own = format!("{}:", home.owner);
    let new = NewPull {
        title: text(&body, "title")?.ok_or_else(|| missing("title"))?.to_owned(),
        body: text(&body, "body")?.map(str::to_owned),
        head: text(&body, "head")?.ok_or_else(|| missing("head"))?.trim_start_matches(&own).to_owned(),
        base: text(&body, "base")?.ok_or_else(|| missing("base"))?.to_owned(),
        draft: body.get("draft").and_then(serde_json::Value::as_bool).unwrap_or(false),
    };
    openable(home, &new)?;
    let bot = context.state.bot();
    let number = context.state.open_pull(id, &bot, new)?;
    show(context, (id, number), 201)
}

fn openable(home: &Repository, new: &NewPull) -> Result<(), Refusal> {
    let tip = |branch: &str, field: &str| {
        home.git.head(branch).ok_or_else(|| Refusal::invalid("PullRequest", field, "invalid"))
    };
    let (head, base) = (tip(&new.head, "head")?, tip(&new.base, "base")?);
    let custom =
        |message: String| Refusal::validation(json!({"resource": "PullRequest", "code": "custom", "message": message}));
    if home.git.contains(&base, &head) {
        return Err(custom(format!("No commits between {} and {}", new.base, new.head)));
    }
    let same = |issue: &&Issue| {
        let pull = issue.pull.as_ref().filter(|_| issue.closed.is_none());
        pull.is_some_and(|pull| pull.head == new.head && pull.base == new.base)
    };
    if home.issues.values().any(|issue| same(&issue)) {
        return Err(custom(format!("A pull request already exists for {}:{}.", home.owner, new.head)));
    }
    Ok(())
}

fn show(context: &Context<'_>, at: (i64, i64), status: u16) -> Reply {
    let (home, issue, pull) = find(context, at)?;
    Ok(Answer::json(status, context.views().pull(home, issue, pull)))
}

fn find<'a>(context: &'a Context<'_>, at: (i64, i64)) -> Result<(&'a Repository, &'a Issue, &'a Pull), Refusal> {
    let (home, issue) = (context.state.repository(at.0)?, context.state.issue(at.0, at.1)?);
    Ok((home, issue, issue.pull.as_ref().ok_or_else(Refusal::not_found)?))
}

pub fn edit(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("pull_requests", Access::Write)])?;
    let (home, _, pull) = find(context, at)?;
    let body = context.call.json()?;
    let base = text(&body, "base")?;
    if base.is_some_and(|base| home.git.head(base).is_none()) {
        return Err(Refusal::invalid("PullRequest", "base", "invalid"));
    }
    let state = text(&body, "state")?;
    if state == Some("open") && pull.merged.is_some() {
        return Err(Refusal::custom(
            "PullRequest",
            "state",
            "state cannot be changed. The pull request has been merged.",
        ));
    }
    let edit =
        IssueEdit { title: text(&body, "title")?.map(str::to_owned), body: text(&body, "body")?.map(str::to_owned) };
    let bot = context.state.bot();
    context.state.edit_issue(at, &bot, edit)?;
    if let Some(base) = base {
        context.state.change_base(at, base, &bot)?;
    }
    match state {
        Some("closed") => context.state.close_issue(at, &bot, "completed")?,
        Some("open") => context.state.reopen_issue(at, &bot)?,
        Some(_) => return Err(Refusal::invalid("PullRequest", "state", "invalid")),
        None => {}
    }
    show(context, at, 200)
}

/// <https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request>
pub fn merge(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("contents", Access::Write)])?;
    let body = context.call.json()?;
    let (home, issue, pull) = find(context, at)?;
    let not_mergeable = || Refusal::new(405, "Pull Request is not mergeable");
    if issue.closed.is_some() {
        return Err(not_mergeable());
    }
    if pull.draft {
        return Err(Refusal::new(405, "Pull Request is still a draft"));
    }
    if text(&body, "sha")?.is_some_and(|sha| sha != pull.head_sha) {
        return Err(Refusal::new(409, "Head branch was modified. Review and try the merge again."));
    }
    let method = text(&body, "merge_method")?.unwrap_or("merge");
    let method = MergeMethod::parse(method)
        .ok_or_else(|| Refusal::new(422, "Invalid request.\n\nmerge_method is not one of merge, squash, rebase."))?;
    let default_title = match method {
        MergeMethod::Merge => format!("Merge pull request #{} from {}/{}", at.1, home.owner, pull.head),
        MergeMethod::Squash | MergeMethod::Rebase => format!("{} (#{})", issue.title, at.1),
    };
    let title = text(&body, "commit_title")?.map_or(default_title, str::to_owned);
    let message = text(&body, "commit_message")?.filter(|message| !message.is_empty());
    let message = message.map_or_else(|| title.clone(), |message| format!("{title}\n\n{message}"));
    let bot = context.state.bot();
    let merged = context.state.merge_pull(at, &MergeRequest { method, message }, &bot)?;
    let sha = merged.ok_or_else(not_mergeable)?;
    ok(json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}))
}
