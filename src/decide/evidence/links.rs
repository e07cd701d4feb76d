//! Which tasks a pull request belongs to, by its branch, its title and its text.

use crate::decide::prose;
use crate::model::{Item, LinkedPull, Number, RepositoryName};

/// What may stand before the number in a branch's name. `release/12` is none of them.
const PREFIXES: [&str; 14] = [
    "task", "tasks", "issue", "issues", "feature", "feat", "fix", "bugfix", "hotfix", "bug", "chore", "docs",
    "refactor", "test",
];

/// The words by which a text closes an issue
/// (<https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue>).
const KEYWORDS: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// The tasks of a repository to which a pull says by its branch, title or text that it belongs; those of other
/// repositories that its text names are among them. Each is named once.
#[must_use]
pub fn tasks_of_pull(home: &RepositoryName, (branch, title, body): (&str, &str, &str)) -> Vec<Item> {
    let near = |number| Item { repository: home.clone(), number };
    let mut found: Vec<Item> = [by_branch(branch), by_title(title)].into_iter().flatten().map(near).collect();
    found.extend(by_text(home, title));
    for line in prose::lines(body).into_iter().filter(|line| !line.code) {
        found.extend(by_text(home, &line.text));
    }
    let mut once: Vec<Item> = Vec::new();
    for item in found {
        if !once.iter().any(|known| known.is(&item)) {
            once.push(item);
        }
    }
    once
}

/// Whether a pull belongs to a task, by what GitHub says or by what it says itself.
pub(super) fn belongs(pull: &LinkedPull, task: &Item) -> bool {
    let said = (pull.head_branch.as_str(), pull.title.as_str(), pull.body.as_str());
    pull.closes || tasks_of_pull(&pull.repository, said).iter().any(|item| item.is(task))
}

/// `task/12-signals`, `feature/12`.
fn by_branch(branch: &str) -> Option<Number> {
    let (prefix, rest) = branch.split_once('/')?;
    PREFIXES.iter().any(|known| known.eq_ignore_ascii_case(prefix)).then_some(())?;
    leading(rest, &['-', '_', '/'])
}

/// `#12: Show signals`.
fn by_title(title: &str) -> Option<Number> {
    leading(title.trim_start().trim_start_matches('[').strip_prefix('#')?, &[':', ' ', ']'])
}

/// The number at the beginning, if one of these signs or nothing follows.
fn leading(text: &str, followed_by: &[char]) -> Option<Number> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (rest.is_empty() || rest.starts_with(followed_by)).then_some(())?;
    digits.parse().ok().filter(|number| *number > 0).map(Number)
}

/// `Fixes #12`, `closes: owner/name#12`, `resolves https://github.com/owner/name/issues/12`; each number needs a word of
/// its own, as on GitHub.
fn by_text(home: &RepositoryName, text: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches(['(', '*', '_', '-', '[']).trim_end_matches(':');
        if !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) {
            continue;
        }
        found.extend(words.peek().and_then(|next| reference(next, home)));
    }
    found
}

fn reference(word: &str, home: &RepositoryName) -> Option<Item> {
    let word = word.trim_matches(|c: char| "()[]<>*_,.;:!".contains(c));
    if let Some((_, path)) = word.split_once("://") {
        let mut parts = path.split(['/', '?', '#']).skip(1);
        let (owner, name, kind, number) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        return (kind == "issues").then(|| format!("{owner}/{name}#{number}").parse().ok())?;
    }
    word.contains('#').then(|| Item::near(word, home).ok())?
}
