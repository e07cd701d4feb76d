//! Files and directories of a commit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::simulator::github::answer::{Answer, Body, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::git::Entry;
use crate::simulator::github::installations::Access;
use crate::simulator::github::payloads::encode_path;

pub fn route(context: &Context<'_>, id: i64, path: &[&str]) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("contents", Access::Read)])?;
    let home = context.state.repository(id)?;
    let path = path.join("/");
    let path = path.trim_matches('/');
    let revision = context.call.parameter("ref").unwrap_or(&home.default_branch);
    let sha = home.git.resolve(revision);
    let sha = sha.ok_or_else(|| Refusal::new(404, format!("No commit found for the ref {revision}")))?;
    let raw = context.call.header("accept").is_some_and(|accept| accept.contains("raw"));
    match home.git.entry(&sha, path).ok_or_else(Refusal::not_found)? {
        Entry::File { content, .. } if raw => Ok(Answer {
            status: 200,
            headers: Vec::new(),
            body: Body::Raw { content_type: "application/vnd.github.raw+json; charset=utf-8", bytes: content },
        }),
        Entry::File { sha: blob, content } => {
            let mut view = entry(context, home, (path, revision), (&blob, "file"));
            view["size"] = content.len().into();
            view["encoding"] = "base64".into();
            view["content"] = wrapped(&STANDARD.encode(content)).into();
            ok(view)
        }
        Entry::Directory(listed) => {
            let show = |one: &crate::simulator::github::git::Listed| {
                let whole = if path.is_empty() { one.name.clone() } else { format!("{path}/{}", one.name) };
                let kind = if one.directory { "dir" } else { "file" };
                let mut view = entry(context, home, (&whole, revision), (&one.sha, kind));
                view["size"] = one.size.into();
                view
            };
            ok(listed.iter().map(show).collect())
        }
    }
}

fn entry(context: &Context<'_>, home: &Repository, (path, revision): (&str, &str), (sha, kind): (&str, &str)) -> Value {
    let (api, page) = (context.views().repository_url(home), context.views().page_url(home));
    let (encoded, revision) = (encode_path(path), encode_path(revision));
    let url = format!("{api}/contents/{encoded}?ref={revision}");
    let (blob, tree) = if kind == "dir" { ("trees", "tree") } else { ("blobs", "blob") };
    let git = format!("{api}/git/{blob}/{sha}");
    let html = format!("{page}/{tree}/{revision}/{encoded}");
    json!({
        "type": kind,
        "name": path.rsplit('/').next(),
        "path": path,
        "sha": sha,
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": (kind == "file").then(|| format!("{page}/raw/{revision}/{encoded}")),
        "_links": {"self": url, "git": git, "html": html},
    })
}

/// Base64 in lines of 60 characters, as GitHub writes it.
pub fn wrapped(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 60 + 1);
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 60 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}
