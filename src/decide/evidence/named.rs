//! Reads checks by name and how each ended, and the commit on which GitHub's checks are to be looked up.

use super::words;
use crate::model::{Evidence, Sha};

/// `smoke test: passed`, a line each, or `checks: build, deploy`; and where they are GitHub's, `commit <sha>`.
pub(super) fn read(text: &str) -> Result<Evidence, Vec<String>> {
    let (text, commit) = without_commit(text);
    let mut checks: Vec<(String, bool)> = Vec::new();
    for line in text.split(['\n', ';']) {
        let line = line.trim().trim_start_matches(['-', '*', ' ']);
        match line.split_once(':') {
            Some((key, names)) if ["checks", "check"].contains(&key.trim().to_ascii_lowercase().as_str()) => {
                checks.extend(names.split(',').filter_map(|name| ended(name).or_else(|| claimed(name))));
            }
            Some(_) | None => checks.extend(line.split(',').filter_map(ended)),
        }
    }
    if checks.is_empty() {
        return Err(vec!["no check is named with how it ended".to_owned()]);
    }
    Ok(Evidence::Verification { checks, commit })
}

/// `smoke test: passed`.
fn ended(text: &str) -> Option<(String, bool)> {
    let (name, word) = text.rsplit_once([':', '='])?;
    let word = word.trim().trim_end_matches('.').to_ascii_lowercase();
    let passed = match word.as_str() {
        "passed" | "pass" | "passes" | "ok" | "green" | "success" | "succeeded" | "✅" => true,
        "failed" | "fail" | "fails" | "red" | "error" | "failure" | "broken" | "❌" => false,
        _ => return None,
    };
    Some((bare(name)?, passed))
}

/// A name in a list of checks, all of which are said to have passed.
fn claimed(name: &str) -> Option<(String, bool)> {
    Some((bare(name)?, true))
}

fn bare(name: &str) -> Option<String> {
    let name = name.trim().trim_matches(['`', '"', '\'', '*']).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Takes `commit <sha>` out of a text, also written `commit: <sha>`, `commit=<sha>` or `--commit <sha>`.
fn without_commit(text: &str) -> (String, Option<Sha>) {
    let lower = text.to_ascii_lowercase();
    for (at, key) in lower.match_indices("commit") {
        let after = at + key.len();
        let behind = text.get(after..).unwrap_or_default();
        let named = behind.trim_start_matches([' ', ':', '=', '`']);
        let sha = words(named).next().unwrap_or_default();
        let hex = sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        if behind.len() == named.len() || !hex || !(7..=40).contains(&sha.len()) {
            continue;
        }
        let before = text.get(..at).unwrap_or_default();
        let before = before.trim_end_matches(['-', ' ', '(']).trim_end_matches([' ', ',']);
        let rest = named.get(sha.len()..).unwrap_or_default().trim_start_matches(['`', ')']);
        return (format!("{before}\n{rest}"), Some(Sha::new(sha.to_ascii_lowercase())));
    }
    (text.to_owned(), None)
}
