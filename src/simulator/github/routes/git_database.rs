//! Git's objects made one by one: blobs, trees, commits and tags.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::FileMode;
use serde_json::{Map, Value, json};

use super::{git_objects, text};
use crate::model::Timestamp;
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::{Author, NewCommit, NewTag, TreeEdit};

type Body = Map<String, Value>;

pub fn make(context: &Context<'_>, id: i64, kind: &str) -> Reply {
    let home = context.state.repository(id)?;
    let body = context.call.json()?;
    match kind {
        "blobs" => blob(context, home, &body),
        "trees" => tree(context, home, &body),
        "commits" => commit(context, home, &body),
        "tags" => tag(context, home, &body),
        _ => Err(Refusal::not_found()),
    }
}

fn given<'a>(body: &'a Body, field: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::new(422, format!("Invalid request.\n\n\"{field}\" wasn't supplied."));
    text(body, field)?.ok_or_else(missing)
}

/// <https://docs.github.com/en/rest/git/blobs#create-a-blob>
fn blob(context: &Context<'_>, home: &Repository, body: &Body) -> Reply {
    let written = given(body, "content")?;
    let bytes = match text(body, "encoding")?.unwrap_or("utf-8") {
        "base64" => {
            let letters: String = written.split_whitespace().collect();
            STANDARD.decode(letters).map_err(|_| Refusal::new(422, "content is not valid Base64"))?
        }
        _ => written.as_bytes().to_vec(),
    };
    let sha = home.git.make_blob(&bytes)?;
    let url = format!("{}/git/blobs/{sha}", context.views().repository_url(home));
    Ok(Answer::json(201, json!({"sha": sha, "url": url})))
}

/// <https://docs.github.com/en/rest/git/trees#create-a-tree>
fn tree(context: &Context<'_>, home: &Repository, body: &Body) -> Reply {
    let lines = body.get("tree").and_then(Value::as_array).filter(|lines| !lines.is_empty());
    let lines = lines.ok_or_else(|| Refusal::new(422, "Invalid tree info"))?;
    let edits = lines.iter().map(|line| edit(home, line)).collect::<Result<Vec<_>, _>>()?;
    let unknown = || Refusal::new(422, "base_tree is not a valid tree oid");
    let base = text(body, "base_tree")?.map(|sha| home.git.tree_of(sha).ok_or_else(unknown)).transpose()?;
    let made = home.git.make_tree(base.as_deref(), &edits)?;
    let sha = made.ok_or_else(|| Refusal::new(422, "GitRPC::BadObjectState"))?;
    git_objects::tree(context, home, (&sha, 201))
}

fn edit(home: &Repository, line: &Value) -> Result<TreeEdit, Refusal> {
    let wrong = |what: &str| Refusal::new(422, format!("tree.{what}"));
    let field = |name: &str| line.get(name).and_then(Value::as_str);
    let path = field("path").filter(|path| !path.is_empty() && !path.starts_with('/') && !path.contains("//"));
    let path = path.ok_or_else(|| wrong("path cannot be empty or start with a slash"))?;
    let (mode, kind) = match field("mode") {
        Some("100644") => (FileMode::Blob, "blob"),
        Some("100755") => (FileMode::BlobExecutable, "blob"),
        Some("120000") => (FileMode::Link, "blob"),
        Some("040000") => (FileMode::Tree, "tree"),
        Some("160000") => (FileMode::Commit, "commit"),
        Some(_) | None => return Err(wrong("mode must be one of 100644, 100755, 040000, 160000, 120000")),
    };
    let object = match (field("content"), line.get("sha")) {
        (Some(_), Some(_)) => return Err(wrong("sha and tree.content cannot both be given")),
        (Some(content), None) => Some(home.git.make_blob(content.as_bytes())?),
        (None, Some(Value::Null)) => None,
        (None, Some(Value::String(sha))) if kind == "commit" || home.git.kind_of(sha) == Some(kind) => {
            Some(sha.clone())
        }
        (None, Some(sha)) => return Err(wrong(&format!("sha {sha} is not a valid {kind}"))),
        (None, None) => return Err(wrong("sha or tree.content is required")),
    };
    Ok(TreeEdit { path: path.to_owned(), mode, object })
}

/// Who a body says it was, at which time; the App itself where it says nothing.
fn person(context: &Context<'_>, body: &Body, field: &str) -> Result<(String, String, Timestamp), Refusal> {
    let (bot, now) = (context.state.bot().login, context.state.now());
    let Some(given) = body.get(field).and_then(Value::as_object) else {
        let id = context.state.account(&bot).map_or(0, |account| account.id);
        let email = format!("{id}+{bot}@users.noreply.github.com");
        return Ok((bot, email, now));
    };
    let part = |name: &str| {
        let missing = || Refusal::new(422, format!("Invalid request.\n\n\"{name}\" wasn't supplied."));
        text(given, name)?.map(str::to_owned).ok_or_else(missing)
    };
    let at = text(given, "date")?.and_then(Timestamp::parse_rfc3339).unwrap_or(now);
    Ok((part("name")?, part("email")?, at))
}

/// <https://docs.github.com/en/rest/git/commits#create-a-commit>
fn commit(context: &Context<'_>, home: &Repository, body: &Body) -> Reply {
    let tree = given(body, "tree")?;
    if home.git.kind_of(tree) != Some("tree") {
        return Err(Refusal::new(422, "Tree SHA does not exist"));
    }
    let parents = body.get("parents").map(|list| super::texts(list, "parents")).transpose()?.unwrap_or_default();
    if parents.iter().any(|sha| home.git.kind_of(sha) != Some("commit")) {
        return Err(Refusal::new(422, "Parent SHA does not exist or is not a commit object"));
    }
    let (name, email, at) = person(context, body, "author")?;
    let author = Author { name: &name, email: &email };
    let other = if body.contains_key("committer") { "committer" } else { "author" };
    let (name, email, _) = person(context, body, other)?;
    let committer = Author { name: &name, email: &email };
    let message = given(body, "message")?;
    let sha = home.git.make_commit(&NewCommit { message, tree, parents: &parents, author, committer, at })?;
    let made = home.git.view(&sha).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(201, context.views().git_commit(home, &made)))
}

/// Makes only the object: a ref to it is created apart.
///
/// <https://docs.github.com/en/rest/git/tags#create-a-tag-object>
fn tag(context: &Context<'_>, home: &Repository, body: &Body) -> Reply {
    let (name, message, target) = (given(body, "tag")?, given(body, "message")?, given(body, "object")?);
    let kind = given(body, "type")?;
    if !["commit", "tree", "blob"].contains(&kind) {
        return Err(Refusal::new(
            422,
            format!("Invalid request.\n\n{kind} is not a member of [\"commit\", \"tree\", \"blob\"]."),
        ));
    }
    if home.git.kind_of(target) != Some(kind) {
        return Err(Refusal::new(422, "Object does not exist"));
    }
    let (person, email, at) = person(context, body, "tagger")?;
    let tagger = Author { name: &person, email: &email };
    let sha = home.git.make_tag(&NewTag { name, message, target, tagger, at })?;
    git_objects::tag(context, home, (&sha, 201))
}
