//! Git's refs and objects read, and branches created, moved without losing commits, and deleted.

use serde_json::{Value, json};

use super::{Path, git_objects, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::installations::Access;
use crate::simulator::github::payloads::node_id;

/// `/repos/{owner}/{repo}/git/ref/…` for reading and `/git/refs/…` for writing.
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
        ("GET", ["trees", name @ ..]) => git_objects::tree(context, context.state.repository(id)?, &name.join("/")),
        ("POST", ["refs"]) => create(context, id),
        ("PATCH", ["refs", "heads", name @ ..]) => update(context, id, &name.join("/")),
        ("DELETE", ["refs", "heads", name @ ..]) => {
            let bot = context.state.bot();
            if context.state.delete_branch(id, &name.join("/"), &bot)? {
                Ok(Answer::empty(204))
            } else {
                Err(Refusal::new(422, "Reference does not exist"))
            }
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
    json!({
        "ref": name,
        "node_id": node_id("REF_", home.id),
        "url": format!("{api}/git/{name}"),
        "object": {"type": "commit", "sha": sha, "url": format!("{api}/git/commits/{sha}")},
    })
}

/// The commit that a body names, which must be there.
fn wanted_sha(context: &Context<'_>, home: &Repository) -> Result<String, Refusal> {
    let body = context.call.json()?;
    let sha = text(&body, "sha")?.unwrap_or_default().to_owned();
    if sha.len() == 40 && home.git.view(&sha).is_some() {
        Ok(sha)
    } else {
        Err(Refusal::new(422, "Object does not exist"))
    }
}

fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    let name = text(&body, "ref")?.and_then(|name| name.strip_prefix("refs/heads/"));
    let name = name.ok_or_else(|| Refusal::new(422, "Reference name must start with 'refs/heads/'."))?;
    let sha = wanted_sha(context, home)?;
    if home.git.head(name).is_some() {
        return Err(Refusal::new(422, "Reference already exists"));
    }
    let bot = context.state.bot();
    context.state.move_branch(id, name, &sha, &bot)?;
    Ok(Answer::json(201, view(context, context.state.repository(id)?, &format!("heads/{name}"))?))
}

/// Unless forced, a branch moves only to a commit that contains the one it is at.
fn update(context: &mut Context<'_>, id: i64, name: &str) -> Reply {
    let home = context.state.repository(id)?;
    let before = home.git.head(name).ok_or_else(|| Refusal::new(422, "Reference does not exist"))?;
    let sha = wanted_sha(context, home)?;
    let forced = context.call.json()?.get("force").and_then(Value::as_bool).unwrap_or(false);
    if !forced && !home.git.contains(&sha, &before) {
        return Err(Refusal::new(422, "Update is not a fast forward"));
    }
    if let Some(message) = context.state.ref_refusal(id, name, &sha) {
        return Err(Refusal::new(422, message));
    }
    let bot = context.state.bot();
    context.state.move_branch(id, name, &sha, &bot)?;
    ok(view(context, context.state.repository(id)?, &format!("heads/{name}"))?)
}
