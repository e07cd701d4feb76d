//! Whether a pull can be merged: unknown for some reads after each push to either end, then known.

use super::entities::{Issue, Pull, Repository, Trial};
use super::state::State;

impl State {
    /// Whether a pull merges without a conflict, for one read: `None` while GitHub has not found out yet, and for what
    /// is not an open pull. Each call is a read; the trial begins anew when the head or the base has moved.
    ///
    /// <https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests>
    pub fn mergeability(&mut self, (repository, number): (i64, i64)) -> Option<bool> {
        let unknown_reads = self.unknown_mergeability_reads;
        let of = open_pull(self.issue(repository, number).ok()?).and_then(|pull| {
            let home = self.repository(repository).ok()?;
            Some(ends(home, pull))
        })?;
        let pull = self.issue_mut(repository, number).ok()?.pull.as_mut()?;
        let trial = pull.trial.take().filter(|trial| trial.of == of);
        let trial = trial.unwrap_or(Trial { of, reads_left: unknown_reads });
        let known = trial.reads_left == 0;
        pull.trial = Some(Trial { reads_left: trial.reads_left.saturating_sub(1), ..trial });
        if known { self.trial_merge(repository, number) } else { None }
    }

    /// What is known of a pull's mergeability without reading it, as webhooks and answers to writes show it.
    pub fn known_mergeability(&self, home: &Repository, issue: &Issue) -> Option<bool> {
        let pull = open_pull(issue)?;
        let of = ends(home, pull);
        let tried = pull.trial.as_ref().is_some_and(|trial| trial.of == of && trial.reads_left == 0);
        if tried || self.unknown_mergeability_reads == 0 { merges(home, pull) } else { None }
    }

    fn trial_merge(&self, repository: i64, number: i64) -> Option<bool> {
        let home = self.repository(repository).ok()?;
        merges(home, open_pull(home.issues.get(&number)?)?)
    }
}

fn open_pull(issue: &Issue) -> Option<&Pull> {
    issue.pull.as_ref().filter(|_| issue.closed.is_none())
}

fn tip(home: &Repository, pull: &Pull) -> String {
    home.git.head(&pull.base).unwrap_or_else(|| pull.base_sha.clone())
}

fn ends(home: &Repository, pull: &Pull) -> String {
    format!("{} into {} at {}", pull.head_sha, pull.base, tip(home, pull))
}

fn merges(home: &Repository, pull: &Pull) -> Option<bool> {
    home.git.merges_cleanly(&tip(home, pull), &pull.head_sha).ok()
}
