//! Pull requests opened, changed and merged by the App.

use serde_json::json;

use super::text;
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{IssueEdit, NewPull};
use crate::simulator::github::entities::{Issue, Pull, Repository};
use crate::simulator::github::installations::Access;

pub fn create(context: &mut Context<'_>, id: i64) -> Reply {
    context.needs(&[("pull_requests", Access::Write)])?;
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    let missing = |field: &str| Refusal::invalid("PullRequest", field, "missing_field");
    let new = NewPull {
        title: text(&body, "title")?.ok_or_else(|| missing("title"))?.to_owned(),
        body: text(&body, "body")?.map(str::to_owned),
        head: text(&body, "head")?.ok_or_else(|| missing("head"))?.to_owned(),
        base: text(&body, "base")?.ok_or_else(|| missing("base"))?.to_owned(),
        draft: body.get("draft").and_then(serde_json::Value::as_bool).unwrap_or(false),
    };
    openable(context, home, &new)?;
    let bot = context.state.bot();
    let number = context.state.open_pull(id, &bot, new)?;
    show(context, (id, number), 201)
}

fn openable(context: &Context<'_>, home: &Repository, new: &NewPull) -> Result<(), Refusal> {
    let invalid = |field: &str| Refusal::invalid("PullRequest", field, "invalid");
    let base = home.git.head(&new.base).ok_or_else(|| invalid("base"))?;
    let head = context.state.head_branch(home.id, &new.head).map_err(|_| invalid("head"))?;
    let custom =
        |message: String| Refusal::validation(json!({"resource": "PullRequest", "code": "custom", "message": message}));
    if home.git.contains(&base, &head.sha) {
        return Err(custom(format!("No commits between {} and {}", new.base, new.head)));
    }
    let same = |issue: &Issue| {
        let pull = issue.pull.as_ref().filter(|_| issue.closed.is_none());
        pull.is_some_and(|pull| {
            pull.head == head.branch && pull.head_repository == Some(head.repository) && pull.base == new.base
        })
    };
    if home.issues.values().any(same) {
        return Err(custom(format!("A pull request already exists for {}:{}.", head.owner, head.branch)));
    }
    Ok(())
}

fn show(context: &Context<'_>, at: (i64, i64), status: u16) -> Reply {
    let (home, issue, pull) = find(context, at)?;
    Ok(Answer::json(status, context.views().pull(home, issue, pull)))
}

pub fn find<'a>(context: &'a Context<'_>, at: (i64, i64)) -> Result<(&'a Repository, &'a Issue, &'a Pull), Refusal> {
    let (home, issue) = (context.state.repository(at.0)?, context.state.issue(at.0, at.1)?);
    Ok((home, issue, issue.pull.as_ref().ok_or_else(Refusal::not_found)?))
}

pub fn edit(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("pull_requests", Access::Write)])?;
    let (home, issue, pull) = find(context, at)?;
    let body = context.call.json()?;
    let base = text(&body, "base")?;
    if base.is_some_and(|base| home.git.head(base).is_none()) {
        return Err(Refusal::invalid("PullRequest", "base", "invalid"));
    }
    if base.is_some_and(|base| base != pull.base) && issue.closed.is_some() {
        let message = "Cannot change the base branch of a closed pull request.";
        return Err(Refusal::custom("PullRequest", "base", message));
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
        Some("open") if !context.state.reopen_pull(at, &bot)? => return Err(branch_deleted(context, at)),
        Some("open") | None => {}
        Some(_) => return Err(Refusal::invalid("PullRequest", "state", "invalid")),
    }
    show(context, at, 200)
}

/// Why a closed pull cannot be reopened: what it came from is gone.
fn branch_deleted(context: &Context<'_>, at: (i64, i64)) -> Refusal {
    let found = find(context, at).ok().filter(|(_, _, pull)| pull.head_repository.is_some());
    let message = match found {
        Some((home, _, pull)) => {
            let gone = if home.git.head(&pull.base).is_none() { &pull.base } else { &pull.head };
            format!("state cannot be changed. The {gone} branch has been deleted.")
        }
        None => "state cannot be changed. The repository that submitted this pull request has been deleted.".to_owned(),
    };
    Refusal::custom("PullRequest", "state", &message)
}
