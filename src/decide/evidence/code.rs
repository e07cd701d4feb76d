//! Reads which pull request is named: by its address on the right host, or as `owner/name#7`.

use super::words;
use crate::model::{Evidence, Item, RepositoryName};

/// The pull that a text names first.
pub(super) fn read(text: &str, home: &RepositoryName, web_host: &str) -> Result<Evidence, Vec<String>> {
    let mut wrong = Vec::new();
    for word in words(text) {
        let named = if is_address(word) {
            pull_at(word, web_host)
        } else if word.contains('#') {
            Item::near(word, home).map_err(|_| format!("{word:?} names no pull request"))
        } else {
            continue;
        };
        match named {
            Ok(pull) => return Ok(Evidence::Code { pull }),
            Err(what) => wrong.push(what),
        }
    }
    if wrong.is_empty() {
        wrong.push("no pull request is named".to_owned());
    }
    Err(wrong)
}

/// Whether somebody means a word as an address, whatever is wrong with it.
fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains("/pull/") || word.starts_with("//") || word.contains('\\')
}

/// The parts of an address below `web_host`, none of them encoded. An address is taken apart to the letter: whatever a
/// browser would put right, such as a user name in front of the host, is a way to make one host look like another.
///
/// # Errors
/// What is wrong with it, as a sentence part.
pub(super) fn below<'a>(address: &'a str, web_host: &str) -> Result<Vec<&'a str>, String> {
    let shown = || format!("`{}`", address.chars().filter(|c| *c != '`').collect::<String>());
    let (wanted_scheme, wanted_host) = web_host.split_once("://").unwrap_or(("https", web_host));
    let Some((scheme, rest)) = address.split_once("://") else {
        return Err(format!("{} is no whole address: it does not begin with `{wanted_scheme}://`", shown()));
    };
    if !scheme.eq_ignore_ascii_case(wanted_scheme) {
        return Err(format!("{} does not begin with `{wanted_scheme}://`", shown()));
    }
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.contains('@') {
        return Err(format!("{} has a user name in front of its host", shown()));
    }
    if wanted_host.is_empty() || !host.eq_ignore_ascii_case(wanted_host) {
        let same_name = host.split(':').next().unwrap_or_default().eq_ignore_ascii_case(wanted_host);
        let what = if same_name { "names a port".to_owned() } else { format!("is not on {wanted_host}") };
        return Err(format!("{} {what}", shown()));
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.contains(['%', '\\']) || !path.is_ascii() {
        return Err(format!("{} has encoded or foreign signs in its path", shown()));
    }
    Ok(path.trim_matches('/').split('/').collect())
}

fn pull_at(address: &str, web_host: &str) -> Result<Item, String> {
    let parts = below(address, web_host)?;
    let wrong = || format!("`{address}` is not the address of a pull request");
    match parts.as_slice() {
        [owner, name, "pull", number, rest @ ..] => {
            let plain = rest.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            let item = format!("{owner}/{name}#{number}").parse().map_err(|_| wrong())?;
            if plain && digits { Ok(item) } else { Err(wrong()) }
        }
        [_, _, "issues", ..] => Err(format!("`{address}` is an issue, not a pull request")),
        _ => Err(wrong()),
    }
}
