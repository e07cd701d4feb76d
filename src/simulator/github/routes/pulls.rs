//! Pull requests read: list, get, their files and commits.

use serde_json::Value;

use super::{Path, pull_diff, pull_merge, pull_writes};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::{Issue, Pull};
use crate::simulator::github::installations::Access;

/// <https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>
const MOST_FILES: usize = 3000;
/// <https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request>
const MOST_COMMITS: usize = 250;

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    match (context.call.method.as_str(), rest) {
        ("GET", [number]) => one(context, (id, super::number(number)?)),
        ("GET", _) => read(context, id, rest),
        ("POST", []) => pull_writes::create(context, id),
        ("PATCH", [number]) => pull_writes::edit(context, (id, super::number(number)?)),
        ("PUT", [number, "merge"]) => pull_merge::merge(context, (id, super::number(number)?)),
        ("PUT", [number, "update-branch"]) => pull_merge::update_branch(context, (id, super::number(number)?)),
        _ => Err(Refusal::not_found()),
    }
}

/// One pull, whose mergeability this read asks for.
fn one(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    context.needs(&[("pull_requests", Access::Read)])?;
    pull_writes::find(context, at)?;
    if context.call.header("accept").is_some_and(|accept| accept.contains("diff")) {
        return pull_diff::whole(context, at);
    }
    let mergeable = context.state.mergeability(at);
    let (home, issue, pull) = pull_writes::find(context, at)?;
    let mut view = context.views().pull(home, issue, pull);
    context.views().set_mergeable(at, mergeable, &mut view);
    ok(view)
}

fn read(context: &Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    context.needs(&[("pull_requests", Access::Read)])?;
    let Some((first, rest)) = rest.split_first() else { return list(context, id) };
    let home = context.state.repository(id)?;
    let issue = context.state.issue(id, super::number(first)?)?;
    let pull = issue.pull.as_ref().ok_or_else(Refusal::not_found)?;
    let fork = home.git.merge_base(&pull.base_sha, &pull.head_sha).unwrap_or_else(|| pull.base_sha.clone());
    match rest {
        ["merge"] if pull.merged.is_some() => Ok(Answer::empty(204)),
        ["files"] => {
            let files = home.git.diff(Some(&fork), &pull.head_sha)?;
            let show = |file| context.views().file_diff(home, file, &pull.head_sha);
            Ok(context.list(&files.iter().take(MOST_FILES).map(show).collect::<Vec<Value>>()))
        }
        ["commits"] => {
            let commits = home.git.between(&fork, &pull.head_sha)?;
            let show = |commit| context.views().commit(home, commit);
            Ok(context.list(&commits.iter().take(MOST_COMMITS).map(show).collect::<Vec<Value>>()))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn list(context: &Context<'_>, id: i64) -> Reply {
    let home = context.state.repository(id)?;
    let parameter = |name: &str| context.call.parameter(name);
    let state = parameter("state").unwrap_or("open");
    // Without `owner:` before the branch, GitHub does not filter at all.
    let head = parameter("head").and_then(|head| head.split_once(':'));
    let owner_of = |pull: &Pull| {
        let from = pull.head_repository.and_then(|id| context.state.repository(id).ok());
        from.map_or_else(|| pull.head_owner.clone(), |from| from.owner.clone())
    };
    let wanted = |(issue, pull): &(&Issue, &Pull)| {
        (state == "all" || state == issue.state())
            && parameter("base").is_none_or(|base| pull.base == base)
            && head.is_none_or(|(owner, branch)| pull.head == branch && owner_of(pull).eq_ignore_ascii_case(owner))
    };
    let all = home.issues.values().filter_map(|issue| Some((issue, issue.pull.as_ref()?)));
    let mut pulls: Vec<(&Issue, &Pull)> = all.filter(wanted).collect();
    let by_update = parameter("sort") == Some("updated");
    pulls.sort_by_key(|(issue, _)| (by_update.then_some(issue.updated_at), issue.number));
    if parameter("direction").unwrap_or("desc") == "desc" {
        pulls.reverse();
    }
    let show = |(issue, pull)| context.views().pull_simple(home, issue, pull);
    Ok(context.list(&pulls.into_iter().map(show).collect::<Vec<Value>>()))
}
