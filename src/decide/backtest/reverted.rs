//! Which merged pull requests were taken back later, by what GitHub writes into a revert and by what Git does.

use std::collections::BTreeMap;

use crate::model::{Number, PastPull, RepositoryName};

/// What GitHub's button "Revert" writes into the text of the pull that it opens; the number or `owner/name#number` follows
/// (<https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/reverting-a-pull-request>).
const BY_PULL: &str = "Reverts ";
/// What `git revert` writes into the message of its commit; the commit's id follows (<https://git-scm.com/docs/git-revert>).
const BY_COMMIT: &str = "This reverts commit ";

/// Reverted pulls, each with the merged pull that reverted it.
pub(super) fn reverted(repository: &RepositoryName, pulls: &[PastPull]) -> BTreeMap<Number, Number> {
    let mut found = BTreeMap::new();
    let says_so = |pull: &&PastPull| {
        pull.merged.is_some() && (pull.body.contains(BY_PULL) || texts(pull).any(|text| text.contains(BY_COMMIT)))
    };
    for reverting in pulls.iter().filter(says_so) {
        for pull in pulls.iter().filter(|pull| pull.merged.is_some() && pull.number != reverting.number) {
            if names_pull(repository, reverting, pull) || names_commit(reverting, pull) {
                found.insert(pull.number, reverting.number);
            }
        }
    }
    found
}

fn names_pull(repository: &RepositoryName, reverting: &PastPull, pull: &PastPull) -> bool {
    let short = format!("#{}", pull.number);
    let long = format!("{repository}{short}");
    reverting.body.lines().filter_map(|line| line.trim().strip_prefix(BY_PULL)).any(|named| {
        let named = named.trim().trim_end_matches('.');
        named == short || named.eq_ignore_ascii_case(&long)
    })
}

fn names_commit(reverting: &PastPull, pull: &PastPull) -> bool {
    let Some(commit) = &pull.merge_commit else { return false };
    texts(reverting).flat_map(|text| text.split(BY_COMMIT).skip(1)).any(|after| after.starts_with(commit.as_str()))
}

/// The messages of its commits, and its own text.
fn texts(pull: &PastPull) -> impl Iterator<Item = &str> {
    pull.commits.iter().map(|commit| commit.message.as_str()).chain([pull.body.as_str()])
}
