//! Reads where documentation stands: the address of a page, or the path of a file.

use url::Url;

use super::{code, words};
use crate::model::{Evidence, RepositoryName};

/// The first address, else the word that looks most like a path.
pub(super) fn read(text: &str, home: &RepositoryName, web_host: &str) -> Result<Evidence, Vec<String>> {
    let mut wrong = Vec::new();
    for word in words(text).filter(|word| word.contains("://")) {
        match page(word, home, web_host) {
            Ok(evidence) => return Ok(evidence),
            Err(what) => wrong.push(what),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    match likeliest(text) {
        Some(path) => Ok(Evidence::File { path: path.to_owned() }),
        None => Err(vec!["no page and no file is named".to_owned()]),
    }
}

/// The first of those that look most like a path.
fn likeliest(text: &str) -> Option<&str> {
    let mut best = (0, "");
    for word in words(text) {
        if likeness(word) > best.0 {
            best = (likeness(word), word);
        }
    }
    (best.0 > 0).then_some(best.1)
}

/// A page; where it shows a file of the task's own repository, that file.
fn page(address: &str, home: &RepositoryName, web_host: &str) -> Result<Evidence, String> {
    if let Ok(parts) = code::below(address, web_host)
        && let [owner, name, "blob", _, path @ ..] = parts.as_slice()
        && home.is(&RepositoryName::new(*owner, *name))
        && likeness(&path.join("/")) > 0
    {
        return Ok(Evidence::File { path: path.join("/") });
    }
    let shown: String = address.chars().filter(|c| *c != '`').collect();
    let url = Url::parse(address).map_err(|error| format!("`{shown}` is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{shown}` does not begin with `https://`"));
    }
    let authority = address.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or("");
    if authority.contains(['@', '\\']) {
        return Err(format!("`{shown}` has a user name in front of its host"));
    }
    Ok(Evidence::Page { url: url.into() })
}

/// How much a word looks like a path within a repository: 0 is not at all.
fn likeness(word: &str) -> u8 {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    let parts_good = word.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !word.chars().all(good) || !parts_good {
        return 0;
    }
    let name = word.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let extended = extension.len() >= 2 && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    match (word.contains('/'), extended) {
        (true, true) => 3,
        (false, true) => 2,
        (true, false) => 1,
        (false, false) => 0,
    }
}
