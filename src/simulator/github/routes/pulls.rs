//! Pull requests read: list, get, their files and commits.

use serde_json::Value;

use super::{Path, pull_writes};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::{Issue, Pull};
use crate::simulator::github::installations::Access;

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    match (context.call.method.as_str(), rest) {
        ("GET", _) => read(context, id, rest),
        ("POST", []) => pull_writes::create(context, id),
        ("PATCH", [number]) => pull_writes::edit(context, (id, super::number(number)?)),
        ("PUT", [number, "merge"]) => pull_writes::merge(context, (id, super::number(number)?)),
        _ => Err(Refusal::not_found()),
    }
}

fn read(context: &Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    context.needs(&[("pull_requests", Access::Read)])?;
    let Some((first, rest)) = rest.split_first() else { return list(context, id) };
    let home = context.state.repository(id)?;
    let issue = context.state.issue(id, super::number(first)?)?;
    let pull = issue.pull.as_ref().ok_or_else(Refusal::not_found)?;
    let fork = home.git.merge_base(&pull.base_sha, &pull.head_sha).unwrap_or_else(|| pull.base_sha.clone());
    match rest {
        [] => ok(context.views().pull(home, issue, pull)),
        ["merge"] if pull.merged.is_some() => Ok(Answer::empty(204)),
        ["files"] => {
            let files = home.git.diff(Some(&fork), &pull.head_sha)?;
            let show = |file| context.views().file_diff(home, file, &pull.head_sha);
            Ok(context.list(&files.iter().map(show).collect::<Vec<Value>>()))
        }
        ["commits"] => {
            let commits = home.git.between(&fork, &pull.head_sha)?;
            Ok(context.list(&commits.iter().map(|commit| context.views().commit(home, commit)).collect::<Vec<Value>>()))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn list(context: &Context<'_>, id: i64) -> Reply {
    let home = context.state.repository(id)?;
    let parameter = |name: &str| context.call.parameter(name);
    let state = parameter("state").unwrap_or("open");
    let wanted = |(issue, pull): &(&Issue, &Pull)| {
        (state == "all" || state == issue.state())
            && parameter("base").is_none_or(|base| pull.base == base)
            && parameter("head").is_none_or(|head| head == format!("{}:{}", home.owner, pull.head))
    };
    let pulls = home.issues.values().rev().filter_map(|issue| Some((issue, issue.pull.as_ref()?)));
    let show = |(issue, pull)| context.views().pull_simple(home, issue, pull);
    Ok(context.list(&pulls.filter(wanted).map(show).collect::<Vec<Value>>()))
}
