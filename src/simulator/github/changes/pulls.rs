//! Pull requests opened, and what a push does to them.

use serde_json::json;

use super::Done;
use crate::simulator::github::entities::{Actor, Pull};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// A pull request to be opened.
#[derive(Debug, Clone, Default)]
pub struct NewPull {
    /// The title.
    pub title: String,
    /// The body, if any.
    pub body: Option<String>,
    /// The branch with the changes; `owner:branch` when it is in a fork.
    pub head: String,
    /// The branch to merge into.
    pub base: String,
    /// Whether it is only a draft.
    pub draft: bool,
}

impl State {
    pub fn open_pull(&mut self, repository: i64, actor: &Actor, new: NewPull) -> Result<i64, SimulatorError> {
        let home = self.repository(repository)?;
        let unknown = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: new.base.clone() };
        let base_sha = home.git.head(&new.base).ok_or_else(unknown)?;
        let head = self.head_branch(repository, &new.head)?;
        let number = home.next_number();
        home.git.set_reference(&format!("refs/pull/{number}/head"), &head.sha)?;
        let mut issue = self.blank_issue(number, actor);
        issue.title = new.title;
        issue.body = new.body;
        issue.pull = Some(Pull {
            head: head.branch,
            head_repository: Some(head.repository),
            head_owner: head.owner,
            base: new.base,
            head_sha: head.sha,
            base_sha,
            draft: new.draft,
            merged: None,
            trial: None,
        });
        self.repository_mut(repository)?.issues.insert(number, issue);
        self.tell_issue((repository, number), "opened", json!({}), actor)?;
        Ok(number)
    }

    /// Moves the heads of the open pulls of a branch, telling `synchronize` of each.
    pub fn synchronize_pulls(&mut self, repository: i64, branch: &str, after: &str, actor: &Actor) -> Done {
        for at in self.pulls_from(repository, branch) {
            let before = self.move_head(at, after)?;
            if let Some(before) = before {
                let fields = json!({"before": before, "after": after});
                self.tell_issue(at, "synchronize", fields, actor)?;
                self.dismiss_stale_reviews(at, actor)?;
            }
        }
        Ok(())
    }

    /// Points a pull at its head's new commit and returns the one before; `None` when it is there already.
    fn move_head(&mut self, at: (i64, i64), after: &str) -> Result<Option<String>, SimulatorError> {
        let now = self.now();
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let Some(pull) = issue.pull.as_ref().filter(|pull| pull.head_sha != after) else { return Ok(None) };
        if pull.head_repository != Some(at.0) {
            self.head_branch(at.0, &format!("{}:{}", pull.head_owner, pull.head))?;
        }
        home.git.set_reference(&format!("refs/pull/{}/head", at.1), after)?;
        let base = home.git.head(&pull.base);
        let issue = self.issue_mut(at.0, at.1)?;
        issue.updated_at = now;
        let Some(pull) = issue.pull.as_mut() else { return Ok(None) };
        pull.base_sha = base.unwrap_or_else(|| std::mem::take(&mut pull.base_sha));
        Ok(Some(std::mem::replace(&mut pull.head_sha, after.to_owned())))
    }

    /// Whether the branch that a pull comes from is still there, and at which commit.
    pub fn head_now(&self, pull: &Pull) -> Option<String> {
        self.repository(pull.head_repository?).ok()?.git.head(&pull.head)
    }

    /// Reopens a pull, at wherever its branch is by now; `false` when that or its base is gone.
    pub fn reopen_pull(&mut self, at: (i64, i64), actor: &Actor) -> Result<bool, SimulatorError> {
        let home = self.repository(at.0)?;
        let pull = self.issue(at.0, at.1)?.pull.as_ref().filter(|pull| home.git.head(&pull.base).is_some());
        let head = pull.and_then(|pull| self.head_now(pull));
        let Some(head) = head else { return Ok(false) };
        self.move_head(at, &head)?;
        self.reopen_issue(at, actor)?;
        Ok(true)
    }

    /// Points an open pull at another base, which is an edit.
    pub fn change_base(&mut self, at: (i64, i64), base: &str, actor: &Actor) -> Done {
        let home = self.repository(at.0)?;
        let unknown = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: base.to_owned() };
        let sha = home.git.head(base).ok_or_else(unknown)?;
        let issue = self.issue_mut(at.0, at.1)?;
        let Some(pull) = issue.pull.as_mut().filter(|pull| pull.base != base) else { return Ok(()) };
        let before = std::mem::replace(&mut pull.base, base.to_owned());
        let before_sha = std::mem::replace(&mut pull.base_sha, sha);
        let changes = json!({"base": {"ref": {"from": before}, "sha": {"from": before_sha}}});
        self.note(at, "base_ref_changed", json!({}), actor)?;
        self.tell_issue(at, "edited", json!({"changes": changes}), actor)
    }

    /// Marks a draft as ready, or turns a pull back into a draft.
    pub fn set_draft(&mut self, at: (i64, i64), draft: bool, actor: &Actor) -> Done {
        let issue = self.issue_mut(at.0, at.1)?;
        let Some(pull) = issue.pull.as_mut().filter(|pull| pull.draft != draft) else { return Ok(()) };
        pull.draft = draft;
        let action = if draft { "converted_to_draft" } else { "ready_for_review" };
        self.tell_issue(at, action, json!({}), actor)
    }
}
