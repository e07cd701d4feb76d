//! Pull requests merged, by the API or because a push brought their commits in, and issues that this closes.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::Done;
use crate::simulator::github::entities::{Actor, Closed, Issue, Merged, Pull, Repository};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::git::{Merge, MergeMethod};
use crate::simulator::github::state::State;

/// What a merge asks for; what it leaves out is as GitHub has it by itself.
#[derive(Debug)]
pub struct MergeRequest {
    pub method: MergeMethod,
    pub title: Option<String>,
    pub message: Option<String>,
}

/// What became of merging one branch into another.
#[derive(Debug)]
pub enum Merging {
    Merged(String),
    AlreadyMerged,
    Conflict,
}

impl MergeRequest {
    /// The whole message of the commit that is made.
    fn text(&self, issue: &Issue, pull: &Pull) -> String {
        let (title, message) = match self.method {
            MergeMethod::Merge => (
                format!("Merge pull request #{} from {}/{}", issue.number, pull.head_owner, pull.head),
                Some(issue.title.clone()),
            ),
            MergeMethod::Squash | MergeMethod::Rebase => (format!("{} (#{})", issue.title, issue.number), None),
        };
        let title = self.title.clone().filter(|title| !title.is_empty()).unwrap_or(title);
        let message = self.message.clone().or(message).filter(|message| !message.is_empty());
        message.map_or_else(|| title.clone(), |message| format!("{title}\n\n{message}"))
    }
}

impl State {
    /// Merges an open pull into its base and returns the new tip; `None` when there is a conflict.
    pub fn merge_pull(
        &mut self,
        at: (i64, i64),
        request: &MergeRequest,
        actor: &Actor,
    ) -> Result<Option<String>, SimulatorError> {
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let unknown = || SimulatorError::UnknownIssue { repository: home.full_name(), number: at.1 };
        let pull = issue.pull.clone().ok_or_else(unknown)?;
        let tip = home.git.head(&pull.base);
        let gone = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: pull.base.clone() };
        let base = tip.ok_or_else(gone)?;
        let made = home.git.merge(&Merge {
            base: &base,
            head: &pull.head_sha,
            method: request.method,
            message: &request.text(issue, &pull),
            author: match request.method {
                MergeMethod::Squash => &issue.author,
                MergeMethod::Merge | MergeMethod::Rebase => &actor.login,
            },
            at: self.now(),
        })?;
        let Some(sha) = made else { return Ok(None) };
        // Marked before the push, which would otherwise take it for a merge by hand.
        let landed = match request.method {
            MergeMethod::Merge | MergeMethod::Squash => vec![sha.clone()],
            MergeMethod::Rebase => home.git.between(&base, &sha)?.into_iter().map(|commit| commit.sha).collect(),
        };
        self.mark_merged(at, (&sha, landed), actor)?;
        self.move_branch(at.0, &pull.base, &sha, actor)?;
        self.tell_merged(at, actor)?;
        Ok(Some(sha))
    }

    /// Merges a commit into a branch with a merge commit, and tells of the push.
    pub fn merge_into_branch(
        &mut self,
        repository: i64,
        branch: &str,
        (head, message): (&str, &str),
        actor: &Actor,
    ) -> Result<Merging, SimulatorError> {
        let home = self.repository(repository)?;
        let gone = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: branch.to_owned() };
        let base = home.git.head(branch).ok_or_else(gone)?;
        if home.git.contains(&base, head) {
            return Ok(Merging::AlreadyMerged);
        }
        let (method, author, at) = (MergeMethod::Merge, actor.login.as_str(), self.now());
        let Some(sha) = home.git.merge(&Merge { base: &base, head, method, message, author, at })? else {
            return Ok(Merging::Conflict);
        };
        self.move_branch(repository, branch, &sha, actor)?;
        Ok(Merging::Merged(sha))
    }

    /// Open pulls whose head a push has brought into their base count as merged, by the first of its commits that has
    /// the head in it: the tip may have brought in several pulls, each with a merge commit of its own.
    pub fn settle_merged_pulls(
        &mut self,
        repository: i64,
        branch: &str,
        (before, after): (&str, &str),
        actor: &Actor,
    ) -> Done {
        let home = self.repository(repository)?;
        let brought = home.git.mainline(before, after).unwrap_or_default();
        let mut merged = Vec::new();
        for issue in home.issues.values().filter(|issue| issue.closed.is_none()) {
            let Some(pull) = issue.pull.as_ref().filter(|pull| pull.base == branch) else { continue };
            if home.git.contains(after, &pull.head_sha) {
                let first = brought.iter().find(|sha| home.git.contains(sha, &pull.head_sha));
                merged.push((issue.number, first.cloned().unwrap_or_else(|| after.to_owned())));
            }
        }
        for (number, sha) in merged {
            self.mark_merged((repository, number), (&sha, vec![sha.clone()]), actor)?;
            self.tell_merged((repository, number), actor)?;
        }
        Ok(())
    }

    /// Whether a commit is part of a pull: one of its own, or what its merge put on the base.
    pub fn is_part_of(home: &Repository, pull: &Pull, sha: &str) -> bool {
        pull.merged.as_ref().is_some_and(|merged| merged.sha == sha || merged.landed.iter().any(|one| one == sha))
            || home.git.contains(&pull.head_sha, sha) && !home.git.contains(&pull.base_sha, sha)
    }

    /// The pulls that a commit is part of, merged or open, by number.
    ///
    /// <https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit>
    pub fn pulls_of_commit<'a>(home: &'a Repository, sha: &str) -> Vec<(&'a Issue, &'a Pull)> {
        let pulls = home.issues.values().filter_map(|issue| Some((issue, issue.pull.as_ref()?)));
        let alive = pulls.filter(|(issue, pull)| issue.closed.is_none() || pull.merged.is_some());
        alive.filter(|(_, pull)| Self::is_part_of(home, pull, sha)).collect()
    }

    fn mark_merged(&mut self, at: (i64, i64), (sha, landed): (&str, Vec<String>), actor: &Actor) -> Done {
        let now = self.now();
        let issue = self.issue_mut(at.0, at.1)?;
        issue.closed = Some(Closed { at: now, by: actor.login.clone() });
        if let Some(pull) = issue.pull.as_mut() {
            pull.merged = Some(Merged { at: now, by: actor.login.clone(), sha: sha.to_owned(), landed });
        }
        Ok(())
    }

    fn tell_merged(&mut self, at: (i64, i64), actor: &Actor) -> Done {
        self.note(at, "merged", json!({}), actor)?;
        self.note(at, "closed", json!({}), actor)?;
        self.tell_issue(at, "closed", json!({}), actor)?;
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let into_default = issue.pull.as_ref().is_some_and(|pull| pull.base == home.default_branch);
        let body = issue.body.clone().filter(|_| into_default).unwrap_or_default();
        self.close_what_is_fixed(at.0, &body, actor)
    }

    /// Closes the open issues that a text names with one of GitHub's keywords.
    pub fn close_what_is_fixed(&mut self, repository: i64, text: &str, actor: &Actor) -> Done {
        for number in fixes(text, &self.repository(repository)?.full_name()) {
            if self.issue(repository, number).is_ok_and(|issue| issue.pull.is_none()) {
                self.close_issue((repository, number), actor, "completed")?;
            }
        }
        Ok(())
    }
}

/// The numbers of a repository's issues that a text says are closed by it, each once.
///
/// <https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue>
pub fn fixes(text: &str, full_name: &str) -> Vec<i64> {
    static KEYWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+([\w.-]+/[\w.-]+)?#(\d+)\b").ok()
    });
    let mut numbers = Vec::new();
    for found in KEYWORD.iter().flat_map(|keyword| keyword.captures_iter(text)) {
        let here = found.get(1).is_none_or(|name| name.as_str().eq_ignore_ascii_case(full_name));
        match found[2].parse() {
            Ok(number) if here && !numbers.contains(&number) => numbers.push(number),
            Ok(_) | Err(_) => {}
        }
    }
    numbers
}
