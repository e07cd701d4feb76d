//! Refs of branches: create, move without losing commits, delete.

use serde_json::{Value, json};

use super::{Path, text};
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
        ("GET", ["ref", "heads", name @ ..]) => {
            let home = context.state.repository(id)?;
            ok(view(context, home, &name.join("/"))?)
        }
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

fn view(context: &Context<'_>, home: &Repository, name: &str) -> Result<Value, Refusal> {
    let sha = home.git.head(name).ok_or_else(Refusal::not_found)?;
    let api = context.views().repository_url(home);
    Ok(json!({
        "ref": format!("refs/heads/{name}"),
        "node_id": node_id("REF_", home.id),
        "url": format!("{api}/git/refs/heads/{name}"),
        "object": {"type": "commit", "sha": sha, "url": format!("{api}/git/commits/{sha}")},
    }))
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
    Ok(Answer::json(201, view(context, context.state.repository(id)?, name)?))
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
    let bot = context.state.bot();
    context.state.move_branch(id, name, &sha, &bot)?;
    ok(view(context, context.state.repository(id)?, name)?)
}
