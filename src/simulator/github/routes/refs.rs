//! Branches and tags as refs: read, created, moved without losing commits, and deleted; and Git's objects behind them.

use serde_json::{Value, json};

use super::{Path, git_database, git_objects, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::Git;
use crate::simulator::github::installations::Access;
use crate::simulator::github::payloads::node_id;

/// A ref that may be written: whether it is a tag, and its name without what stands before.
type Written<'a> = (bool, &'a str);

/// `/repos/{owner}/{repo}/git/…`: `ref` for reading and `refs` for writing, and the objects.
pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("contents", access)])?;
    match (method, rest) {
        ("GET", ["ref", name @ ..]) => ok(view(context, context.state.repository(id)?, &name.join("/"))?),
        ("GET", ["matching-refs", name @ ..]) => {
            let home = context.state.repository(id)?;
            let found = home.git.matching(&format!("refs/{}", name.join("/")))?;
            Ok(context.list(&found.iter().map(|(name, sha)| entry(context, home, name, sha)).collect::<Vec<Value>>()))
        }
        ("GET", ["blobs", sha]) => git_objects::blob(context, context.state.repository(id)?, sha),
        ("GET", ["commits", sha]) => git_objects::commit(context, context.state.repository(id)?, sha),
        ("GET", ["tags", sha]) => git_objects::tag(context, context.state.repository(id)?, (sha, 200)),
        ("GET", ["trees", name @ ..]) => {
            git_objects::tree(context, context.state.repository(id)?, (&name.join("/"), 200))
        }
        ("POST", ["refs"]) => create(context, id),
        ("POST", [kind]) => git_database::make(context, id, kind),
        ("PATCH", ["refs", kind @ ("heads" | "tags"), name @ ..]) => {
            update(context, id, (*kind == "tags", &name.join("/")))
        }
        ("DELETE", ["refs", kind @ ("heads" | "tags"), name @ ..]) => {
            let (bot, name) = (context.state.bot(), name.join("/"));
            let tag = *kind == "tags";
            let gone = if tag {
                context.state.delete_tag(id, &name, &bot)?
            } else {
                context.state.delete_branch(id, &name, &bot)?
            };
            if gone { Ok(Answer::empty(204)) } else { Err(Refusal::new(422, "Reference does not exist")) }
        }
        _ => Err(Refusal::not_found()),
    }
}

/// The ref of this name, which lacks its `refs/`.
fn view(context: &Context<'_>, home: &Repository, name: &str) -> Result<Value, Refusal> {
    let name = format!("refs/{name}");
    let sha = home.git.reference(&name).ok_or_else(Refusal::not_found)?;
    Ok(entry(context, home, &name, &sha))
}

fn entry(context: &Context<'_>, home: &Repository, name: &str, sha: &str) -> Value {
    let api = context.views().repository_url(home);
    let kind = home.git.kind_of(sha).unwrap_or("commit");
    json!({
        "ref": name,
        "node_id": node_id("REF_", home.id),
        "url": format!("{api}/git/{name}"),
        "object": {"type": kind, "sha": sha, "url": format!("{api}/git/{kind}s/{sha}")},
    })
}

/// The object that a body names, which must be there: a branch stands at a commit, a tag may stand at a tag object.
fn wanted_sha(context: &Context<'_>, home: &Repository, tag: bool) -> Result<String, Refusal> {
    let body = context.call.json()?;
    let sha = text(&body, "sha")?.unwrap_or_default().to_owned();
    match home.git.kind_of(&sha) {
        Some("commit") => Ok(sha),
        Some(_) if tag && home.git.resolve(&sha).is_some() => Ok(sha),
        Some(_) => Err(Refusal::new(422, "Reference update failed")),
        None => Err(Refusal::new(422, "Object does not exist")),
    }
}

fn full_name((tag, name): Written<'_>) -> String {
    format!("refs/{}/{name}", if tag { "tags" } else { "heads" })
}

/// <https://docs.github.com/en/rest/git/refs#create-a-reference>
fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    let name = text(&body, "ref")?.unwrap_or_default();
    let branch = name.strip_prefix("refs/heads/").map(|name| (false, name));
    let written = branch.or_else(|| name.strip_prefix("refs/tags/").map(|name| (true, name)));
    let wrong = || Refusal::new(422, "Reference name must start with 'refs/' and contain at least two slashes.");
    let written = written.ok_or_else(wrong)?;
    if !Git::is_valid_reference(name) {
        return Err(Refusal::new(422, format!("{name} is not a valid ref name.")));
    }
    let sha = wanted_sha(context, home, written.0)?;
    if home.git.reference(name).is_some() {
        return Err(Refusal::new(422, "Reference already exists"));
    }
    set(context, id, written, &sha)?;
    Ok(Answer::json(201, view(context, context.state.repository(id)?, name.trim_start_matches("refs/"))?))
}

/// Unless forced, a ref moves only to a commit that contains the one it is at.
///
/// <https://docs.github.com/en/rest/git/refs#update-a-reference>
fn update(context: &mut Context<'_>, id: i64, written: Written<'_>) -> Reply {
    let home = context.state.repository(id)?;
    let name = full_name(written);
    let before = home.git.reference(&name).ok_or_else(|| Refusal::new(422, "Reference does not exist"))?;
    let sha = wanted_sha(context, home, written.0)?;
    let forced = context.call.json()?.get("force").and_then(Value::as_bool).unwrap_or(false);
    let peeled = |sha: &str| home.git.resolve(sha).unwrap_or_default();
    if !forced && !home.git.contains(&peeled(&sha), &peeled(&before)) {
        return Err(Refusal::new(422, "Update is not a fast forward"));
    }
    if let Some(message) = context.state.ref_refusal(id, written.1, &sha).filter(|_| !written.0) {
        return Err(Refusal::new(422, message));
    }
    set(context, id, written, &sha)?;
    ok(view(context, context.state.repository(id)?, name.trim_start_matches("refs/"))?)
}

fn set(context: &mut Context<'_>, id: i64, (tag, name): Written<'_>, sha: &str) -> Result<(), Refusal> {
    let bot = context.state.bot();
    if !tag {
        return Ok(context.state.move_branch(id, name, sha, &bot)?);
    }
    may_tag(context, id, sha)?;
    Ok(context.state.set_tag(id, name, sha, &bot)?)
}

/// Refuses with no word but GitHub's usual one where the commit's workflow files are those of no branch and the App may
/// not write workflows.
pub fn may_tag(context: &Context<'_>, id: i64, sha: &str) -> Result<(), Refusal> {
    if context.state.brings_workflows(id, sha)? { context.needs(&[("workflows", Access::Write)]) } else { Ok(()) }
}
