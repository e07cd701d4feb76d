//! Git's own objects: blobs, trees and bare commits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::contents::wrapped;
use crate::simulator::github::answer::{Answer, Body, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::TreeLine;
use crate::simulator::github::payloads::{node_id, unsigned};

/// The most lines of a recursive tree; what is left out shows as `truncated`.
///
/// <https://docs.github.com/en/rest/git/trees#get-a-tree>
const MOST_LINES: usize = 100_000;

/// <https://docs.github.com/en/rest/git/blobs#get-a-blob>
pub fn blob(context: &Context<'_>, home: &Repository, sha: &str) -> Reply {
    let bytes = home.git.blob(sha).ok_or_else(Refusal::not_found)?;
    if context.call.header("accept").is_some_and(|accept| accept.contains("raw")) {
        let content_type = "application/vnd.github.raw+json; charset=utf-8";
        return Ok(Answer { status: 200, headers: Vec::new(), body: Body::Raw { content_type, bytes } });
    }
    ok(json!({
        "sha": sha,
        "node_id": node_id("B_", home.id),
        "size": bytes.len(),
        "url": format!("{}/git/blobs/{sha}", context.views().repository_url(home)),
        "content": wrapped(&STANDARD.encode(bytes)),
        "encoding": "base64",
    }))
}

/// <https://docs.github.com/en/rest/git/trees#get-a-tree>
pub fn tree(context: &Context<'_>, home: &Repository, (revision, status): (&str, u16)) -> Reply {
    let recursive = context.call.parameter("recursive").is_some();
    let (sha, lines) = home.git.tree(revision, recursive).ok_or_else(Refusal::not_found)?;
    let api = context.views().repository_url(home);
    let show = |line: &TreeLine| {
        let mut view = json!({"path": line.path, "mode": line.mode, "type": line.kind, "sha": line.sha});
        if let Some(size) = line.size {
            view["size"] = size.into();
        }
        if line.kind != "commit" {
            view["url"] = format!("{api}/git/{}s/{}", line.kind, line.sha).into();
        }
        view
    };
    let shown: Vec<Value> = lines.iter().take(MOST_LINES).map(show).collect();
    let view = json!({
        "sha": sha,
        "url": format!("{api}/git/trees/{sha}"),
        "tree": shown,
        "truncated": lines.len() > MOST_LINES,
    });
    Ok(Answer::json(status, view))
}

/// An annotated tag's own object.
///
/// <https://docs.github.com/en/rest/git/tags#get-a-tag>
pub fn tag(context: &Context<'_>, home: &Repository, (sha, status): (&str, u16)) -> Reply {
    let tag = home.git.tag(sha).ok_or_else(Refusal::not_found)?;
    let api = context.views().repository_url(home);
    let view = json!({
        "node_id": node_id("TA_", home.id),
        "sha": tag.sha,
        "url": format!("{api}/git/tags/{}", tag.sha),
        "tag": tag.name,
        "message": tag.message,
        "tagger": {"name": tag.tagger, "email": tag.email, "date": tag.at.to_rfc3339()},
        "object": {"type": tag.kind, "sha": tag.target, "url": format!("{api}/git/{}s/{}", tag.kind, tag.target)},
        "verification": unsigned(),
    });
    Ok(Answer::json(status, view))
}

/// <https://docs.github.com/en/rest/git/commits#get-a-commit-object>
pub fn commit(context: &Context<'_>, home: &Repository, sha: &str) -> Reply {
    let commit = home.git.view(sha).filter(|_| sha.len() == 40).ok_or_else(Refusal::not_found)?;
    ok(context.views().git_commit(home, &commit))
}
