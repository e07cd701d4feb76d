//! The message of the commit that a pull request becomes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::prose;
use crate::model::{Login, MergeMethod, Pull};
use crate::policy::MergeSettings;

const TRAILER: &str = "co-authored-by:";

/// The message of a merge. `None` leaves it to GitHub, which for a rebase keeps every commit's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitMessage {
    /// The first line.
    pub title: Option<String>,
    /// The rest, without the blank line between.
    pub body: Option<String>,
}

/// The message for merging `pull` by `method`: title from the policy's template, and the pull's text up to the
/// policy's marker without HTML comments. A squash names everybody else who wrote a commit in trailers
/// (<https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors>).
#[must_use]
pub fn merge_message(pull: &Pull, settings: &MergeSettings, method: MergeMethod) -> CommitMessage {
    let names_authors = match method {
        MergeMethod::Rebase => return CommitMessage::default(),
        MergeMethod::Merge => false,
        MergeMethod::Squash => settings.co_authors,
    };
    let (mut body, mut trailers) = text(pull, settings);
    if names_authors {
        for identity in co_authors(pull) {
            add(&mut trailers, &identity);
        }
    }
    if !trailers.is_empty() {
        let lines: Vec<String> = trailers.iter().map(|identity| format!("Co-authored-by: {identity}")).collect();
        if !body.is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(&lines.join("\n"));
    }
    CommitMessage { title: Some(settings.message.fill(pull)), body: Some(body) }
}

/// The pull's own text up to the marker, and the trailers that stand in it, which have to come last.
fn text(pull: &Pull, settings: &MergeSettings) -> (String, Vec<String>) {
    let marker = settings.cut_body_at.as_str();
    let kept = match pull.body.split_once(marker) {
        Some((before, _)) if !marker.is_empty() => before,
        Some(_) | None => pull.body.as_str(),
    };
    let mut trailers = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for line in prose::lines(kept) {
        if let Some(identity) = trailer(&line.text).filter(|_| !line.code) {
            add(&mut trailers, identity);
            continue;
        }
        let blank = line.text.trim().is_empty();
        if !(blank && !line.code && lines.last().is_none_or(String::is_empty)) {
            lines.push(line.text.trim_end().to_owned());
        }
    }
    (lines.join("\n").trim().to_owned(), trailers)
}

/// Everybody who wrote a commit or is named in one, apart from the pull's author, as `Name <address>`.
fn co_authors(pull: &Pull) -> Vec<String> {
    let mut everybody = Vec::new();
    for commit in &pull.commits {
        let named = commit.message.lines().filter_map(trailer);
        for identity in commit.authors.iter().map(String::as_str).chain(named) {
            add(&mut everybody, identity);
        }
    }
    let own = own_addresses(pull, &everybody);
    everybody.retain(|identity| address(identity).is_some_and(|address| !own.contains(&address)));
    everybody
}

/// The addresses of the pull's author: those that GitHub made from the login or that go with it as the name, else
/// that of whoever alone began every commit.
fn own_addresses(pull: &Pull, everybody: &[String]) -> Vec<String> {
    let own: Vec<String> =
        everybody.iter().filter(|identity| is_of(identity, &pull.author)).filter_map(|one| address(one)).collect();
    if !own.is_empty() {
        return own;
    }
    let first: BTreeSet<String> = pull
        .commits
        .iter()
        .filter_map(|commit| commit.authors.first().and_then(|identity| address(identity)))
        .collect();
    if first.len() == 1 { first.into_iter().collect() } else { Vec::new() }
}

/// Whether an identity is that of an account, as far as can be told from it. GitHub's own addresses are
/// `login@users.noreply.github.com`, with an id and a plus sign before the login since 2017.
fn is_of(identity: &str, login: &Login) -> bool {
    let name = identity.split('<').next().unwrap_or_default().trim();
    let by_address = address(identity).is_some_and(|address| {
        address.split_once('@').is_some_and(|(local, host)| {
            let account = local.split_once('+').map_or(local, |(_, account)| account);
            host.starts_with("users.noreply.") && login.is(&Login::from(account))
        })
    });
    by_address || login.is(&Login::from(name))
}

fn add(identities: &mut Vec<String>, identity: &str) {
    let Some(new) = address(identity) else { return };
    if !identities.iter().any(|kept| address(kept).as_ref() == Some(&new)) {
        identities.push(identity.chars().filter(|c| !c.is_control()).collect());
    }
}

/// The address between the angle brackets, in small letters.
fn address(identity: &str) -> Option<String> {
    let (_, rest) = identity.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    Some(address.trim().to_lowercase()).filter(|address| address.contains('@'))
}

/// What a line `Co-authored-by: …` names.
fn trailer(line: &str) -> Option<&str> {
    let line = line.trim();
    let key = line.get(..TRAILER.len())?;
    let identity = line.get(TRAILER.len()..)?.trim();
    (key.eq_ignore_ascii_case(TRAILER) && address(identity).is_some()).then_some(identity)
}
