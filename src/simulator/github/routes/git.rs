//! Branches, commits and comparisons.

use serde_json::{Value, json};

use super::Path;
use crate::model::Timestamp;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::CommitView;
use crate::simulator::github::installations::Access;
use crate::simulator::github::state::State;

/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
const MOST_FILES: usize = 300;
/// The commits of a comparison that is not asked for page by page: the newest ones.
const MOST_COMMITS: usize = 250;

pub fn route(context: &Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("contents", Access::Read)])?;
    let home = context.state.repository(id)?;
    match rest {
        ["branches"] => branches(context, home),
        ["branches", name @ ..] if !name.is_empty() => branch(context, home, &name.join("/")),
        ["commits"] => commits(context, home),
        ["commits", sha, "pulls"] => pulls_of(context, home, sha),
        ["commits", revision @ ..] if !revision.is_empty() => commit(context, home, &revision.join("/")),
        ["compare", range @ ..] if !range.is_empty() => compare(context, home, &range.join("/")),
        _ => Err(Refusal::not_found()),
    }
}

/// <https://docs.github.com/en/rest/commits/commits#get-a-commit>
fn commit(context: &Context<'_>, home: &Repository, revision: &str) -> Reply {
    let found = home.git.resolve(revision).and_then(|sha| home.git.view(&sha));
    let unknown = || Refusal::new(422, format!("No commit found for SHA: {revision}"));
    let commit = found.ok_or_else(unknown)?;
    let mut view = context.views().commit(home, &commit);
    let files = home.git.diff(commit.parents.first().map(String::as_str), &commit.sha)?;
    let additions: usize = files.iter().map(|file| file.additions).sum();
    let deletions: usize = files.iter().map(|file| file.deletions).sum();
    view["stats"] = json!({"additions": additions, "deletions": deletions, "total": additions + deletions});
    let show = |file| context.views().file_diff(home, file, &commit.sha);
    view["files"] = files.iter().take(MOST_FILES).map(show).collect();
    ok(view)
}

/// <https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit>
fn pulls_of(context: &Context<'_>, home: &Repository, revision: &str) -> Reply {
    let sha = home.git.resolve(revision);
    let sha = sha.ok_or_else(|| Refusal::new(422, format!("No commit found for SHA: {revision}")))?;
    let found = State::pulls_of_commit(home, &sha).into_iter();
    let show = |(issue, pull)| context.views().pull_simple(home, issue, pull);
    Ok(context.list(&found.map(show).collect::<Vec<Value>>()))
}

/// <https://docs.github.com/en/rest/commits/commits#list-commits>
fn commits(context: &Context<'_>, home: &Repository) -> Reply {
    let parameter = |name: &str| context.call.parameter(name);
    let start = parameter("sha").filter(|sha| !sha.is_empty()).unwrap_or(&home.default_branch);
    let start = home.git.resolve(start).ok_or_else(Refusal::not_found)?;
    let time = |name: &str| parameter(name).and_then(Timestamp::parse_rfc3339);
    let (since, until) = (time("since"), time("until"));
    let by = |wanted: Option<&str>, login: Option<&str>, email: &str| {
        wanted.is_none_or(|wanted| {
            login.is_some_and(|login| login.eq_ignore_ascii_case(wanted)) || email.eq_ignore_ascii_case(wanted)
        })
    };
    let wanted = |commit: &CommitView| {
        by(parameter("author"), commit.author_login(), &commit.email)
            && by(parameter("committer"), commit.committer_login(), &commit.committer_email)
            && since.is_none_or(|since| commit.at >= since)
            && until.is_none_or(|until| commit.at <= until)
    };
    let found = home.git.history(&start)?.into_iter().filter(wanted);
    Ok(context.list(&found.map(|commit| context.views().commit(home, &commit)).collect::<Vec<Value>>()))
}

fn branches(context: &Context<'_>, home: &Repository) -> Reply {
    let api = context.views().repository_url(home);
    let show = |(name, sha): (String, String)| json!({"name": name, "commit": {"sha": sha, "url": format!("{api}/commits/{sha}")}, "protected": home.judging.protects(&name)});
    let all: Vec<Value> = home.git.branches()?.into_iter().map(show).collect();
    Ok(context.list(&all))
}

fn branch(context: &Context<'_>, home: &Repository, name: &str) -> Reply {
    let tip = home.git.head(name).and_then(|sha| home.git.view(&sha));
    let tip = tip.ok_or_else(|| Refusal::new(404, "Branch not found"))?;
    let (api, page) = (context.views().repository_url(home), context.views().page_url(home));
    let (protected, protection) = super::protection::summary(context, home.id, name)?;
    ok(json!({
        "name": name,
        "commit": context.views().commit(home, &tip),
        "_links": {"self": format!("{api}/branches/{name}"), "html": format!("{page}/tree/{name}")},
        "protected": protected,
        "protection": protection,
        "protection_url": format!("{api}/branches/{name}/protection"),
    }))
}

/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
fn compare(context: &Context<'_>, home: &Repository, range: &str) -> Reply {
    let (from, to) = range.split_once("...").ok_or_else(Refusal::not_found)?;
    let find = |revision: &str| -> Result<CommitView, Refusal> {
        let sha = if revision.contains(':') {
            Some(context.state.head_branch(home.id, revision)?.sha)
        } else {
            home.git.resolve(revision)
        };
        sha.and_then(|sha| home.git.view(&sha)).ok_or_else(Refusal::not_found)
    };
    let (base, head) = (find(from)?, find(to)?);
    let fork = home.git.merge_base(&base.sha, &head.sha);
    let fork = fork.ok_or_else(|| Refusal::new(404, "No common ancestor between the two commits"))?;
    let (ahead, behind) = (home.git.between(&base.sha, &head.sha)?, home.git.between(&head.sha, &base.sha)?);
    let status = match (ahead.is_empty(), behind.is_empty()) {
        (true, true) => "identical",
        (false, true) => "ahead",
        (true, false) => "behind",
        (false, false) => "diverged",
    };
    let views = context.views();
    let (api, page) = (views.repository_url(home), views.page_url(home));
    let commits: Vec<Value> = ahead.iter().map(|commit| views.commit(home, commit)).collect();
    let diff = home.git.diff(Some(&fork), &head.sha)?;
    let first_page = context.call.parameter("page").is_none_or(|page| page == "1");
    let shown = diff.iter().take(if first_page { MOST_FILES } else { 0 });
    let files: Vec<Value> = shown.map(|file| views.file_diff(home, file, &head.sha)).collect();
    let in_pages = ["page", "per_page"].iter().any(|name| context.call.parameter(name).is_some());
    let older = commits.len().saturating_sub(MOST_COMMITS);
    let (commits, link) =
        if in_pages { context.page(&commits) } else { (commits.into_iter().skip(older).collect(), None) };
    let answer = Answer::json(
        200,
        json!({
            "url": format!("{api}/compare/{range}"),
            "html_url": format!("{page}/compare/{range}"),
            "permalink_url": format!("{page}/compare/{}...{}", base.sha, head.sha),
            "diff_url": format!("{page}/compare/{range}.diff"),
            "patch_url": format!("{page}/compare/{range}.patch"),
            "base_commit": views.commit(home, &base),
            "merge_base_commit": views.commit(home, &find(&fork)?),
            "status": status,
            "ahead_by": ahead.len(),
            "behind_by": behind.len(),
            "total_commits": ahead.len(),
            "commits": commits,
            "files": files,
        }),
    );
    Ok(match link {
        Some(link) => answer.with("link", link),
        None => answer,
    })
}
