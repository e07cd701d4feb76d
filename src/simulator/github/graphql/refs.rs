//! Refs, and the objects that they stand at.

use super::arguments::Arguments;
use super::nodes::{Found, Node};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Repository;

/// The kinds of ref whose names are shown without what stands before.
const PREFIXES: &[&str] = &["refs/heads/", "refs/tags/"];

/// The full name of a ref that may be named in short: a branch before a tag.
pub fn named(home: &Repository, name: &str) -> Option<String> {
    let written =
        [String::new(), "refs/".to_owned()].into_iter().chain(PREFIXES.iter().map(|start| (*start).to_owned()));
    let full = written.map(|start| format!("{start}{name}")).filter(|full| full.starts_with("refs/"));
    full.into_iter().find(|full| home.git.reference(full).is_some())
}

/// `refs(refPrefix: …)`, by name.
pub fn list(home: &Repository, arguments: &Arguments) -> Found {
    let prefix = arguments.text("refPrefix").unwrap_or_default();
    let matching = home.git.matching(prefix).unwrap_or_default();
    let query = arguments.text("query").unwrap_or_default();
    let wanted = matching.into_iter().filter(|(full, _)| full.contains(query));
    Found::Many("Ref", wanted.map(|(full, _)| Node::Ref(home.id, full)).collect())
}

/// What a revision names; trees and blobs are not served.
pub fn object(home: &Repository, revision: &str) -> Option<Node> {
    let (sha, kind) = home.git.object(revision)?;
    node(home.id, sha, kind)
}

fn node(repository: i64, sha: String, kind: &str) -> Option<Node> {
    match kind {
        "commit" => Some(Node::Commit(repository, sha)),
        "tag" => Some(Node::Tag(repository, sha)),
        _ => None,
    }
}

pub fn reference(context: &Context<'_>, id: i64, full: &str, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    let prefix = PREFIXES.iter().find(|start| full.starts_with(**start)).copied().unwrap_or("refs/");
    Some(match name {
        "name" => Found::plain(full.strip_prefix(prefix)),
        "prefix" => Found::plain(prefix),
        _ => {
            let sha = home.git.reference(full)?;
            let kind = home.git.kind_of(&sha)?;
            Found::One(node(id, sha, kind))
        }
    })
}

pub fn tag(context: &Context<'_>, id: i64, sha: &str, name: &str) -> Option<Found> {
    let home = context.state.repository(id).ok()?;
    let tag = home.git.tag(sha)?;
    Some(match name {
        "oid" => Found::plain(tag.sha),
        "abbreviatedOid" => Found::plain(sha.get(..7)),
        "name" => Found::plain(tag.name),
        "message" => Found::plain(tag.message),
        "tagger" => Found::One(Some(Node::GitActor { name: tag.tagger, email: tag.email })),
        _ => Found::One(node(id, tag.target, tag.kind)),
    })
}
