//! Which pull requests and issues must come first, as a pull's text says in lines `Depends-On: …`.

use super::prose;
use super::quote::cell;
use crate::model::{Action, Item, Number, Planned, Repository, RepositoryName};

const KEY: &str = "depends-on:";

/// What the lines `Depends-On:` of a text name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Pull requests and issues, each once, in the order in which they are named.
    pub found: Vec<(RepositoryName, Number)>,
    /// Words that name nothing.
    pub unreadable: Vec<String>,
}

/// What whoever asked for a dependency is told where GitHub refuses it, once for the action of this key.
#[must_use]
pub fn cannot_wait(key: &str, (repository, number): (&Repository, Number), on: &Item, reason: &str) -> Planned {
    let text = format!("This issue cannot wait for {on}: {}.", cell(reason).trim_end_matches('.'));
    let action = Action::Comment { repository: repository.clone(), number, text };
    Planned { key: format!("refused/{key}"), slot: None, action }
}

/// Reads the lines `Depends-On: #12, owner/name#12, https://github.com/owner/name/pull/12` of a pull's text, outside
/// code and comments. `repository` is the one that a bare number means.
#[must_use]
pub fn depends_on(body: &str, repository: &RepositoryName) -> Named {
    let mut named = Named::default();
    for line in prose::lines(body).into_iter().filter(|line| !line.code) {
        let inner = line.text.trim_start_matches(' ');
        // Four spaces make an indented code block.
        let indented = line.text.len() - inner.len() > 3;
        let begins = inner.get(..KEY.len()).is_some_and(|key| key.eq_ignore_ascii_case(KEY));
        if indented || !begins {
            continue;
        }
        let words = inner.get(KEY.len()..).unwrap_or_default().split([',', ' ', '\t']);
        for word in words.filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and")) {
            let Some((of, number)) = reference(word.trim_end_matches(['.', ';']), repository) else {
                named.unreadable.push(word.to_owned());
                continue;
            };
            if !named.found.iter().any(|(seen, same)| *same == number && same_repository(seen, &of)) {
                named.found.push((of, number));
            }
        }
    }
    named
}

/// Reads what an issue waits for: lines that begin with `Depends on #12`, with or without a hyphen, a colon or a list's
/// bullet. A word that names nothing ends such a line, which may be a plain sentence.
#[must_use]
pub fn waits_for(body: &str, repository: &RepositoryName) -> Vec<(RepositoryName, Number)> {
    let mut found: Vec<(RepositoryName, Number)> = Vec::new();
    for line in prose::lines(body).into_iter().filter(|line| !line.code) {
        let words = waiting_words(&line.text).unwrap_or_default().split([',', ' ', '\t']);
        let words = words.filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and"));
        for (of, number) in words.map_while(|word| reference(word.trim_end_matches(['.', ';']), repository)) {
            if !found.iter().any(|(seen, same)| *same == number && same_repository(seen, &of)) {
                found.push((of, number));
            }
        }
    }
    found
}

/// What follows the words that begin such a line.
fn waiting_words(line: &str) -> Option<&str> {
    let inner = line.trim_start_matches(' ');
    // Four spaces make an indented code block.
    if line.len() - inner.len() > 3 {
        return None;
    }
    let inner = inner.strip_prefix("- ").or_else(|| inner.strip_prefix("* ")).unwrap_or(inner);
    let (key, rest) = inner.split_at_checked(KEY.len() - 1)?;
    let is_key = ["depends on", "depends-on"].iter().any(|known| key.eq_ignore_ascii_case(known));
    is_key.then(|| rest.strip_prefix(':').unwrap_or(rest))
}

/// Whether both names mean one repository; GitHub's names do not differ by case.
#[must_use]
pub fn same_repository(one: &RepositoryName, other: &RepositoryName) -> bool {
    one.owner.eq_ignore_ascii_case(&other.owner) && one.name.eq_ignore_ascii_case(&other.name)
}

fn reference(word: &str, here: &RepositoryName) -> Option<(RepositoryName, Number)> {
    if let Some((before, digits)) = word.split_once('#')
        && !word.contains("://")
    {
        let repository = if before.is_empty() { here.clone() } else { before.parse().ok()? };
        return Some((repository, number(digits)?));
    }
    let word = word.trim_start_matches('<').trim_end_matches('>');
    let path = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"))?;
    let path = path.split(['?', '#']).next()?;
    let mut parts = path.split('/').skip(1);
    let repository = format!("{}/{}", parts.next()?, parts.next()?).parse().ok()?;
    let kind = parts.next()?;
    matches!(kind, "pull" | "issues").then_some(())?;
    Some((repository, number(parts.next()?)?))
}

fn number(digits: &str) -> Option<Number> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| all_digits && *number > 0).map(Number)
}
