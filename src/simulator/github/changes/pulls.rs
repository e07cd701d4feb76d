//! Pull requests opened, and what a push does to them.

use serde_json::json;

use super::Done;
use crate::simulator::github::entities::{Actor, Pull};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// A pull request to be opened between two branches of one repository.
#[derive(Debug, Clone, Default)]
pub struct NewPull {
    /// The title.
    pub title: String,
    /// The body, if any.
    pub body: Option<String>,
    /// The branch with the changes.
    pub head: String,
    /// The branch to merge into.
    pub base: String,
    /// Whether it is only a draft.
    pub draft: bool,
}

impl State {
    pub fn open_pull(&mut self, repository: i64, actor: &Actor, new: NewPull) -> Result<i64, SimulatorError> {
        let home = self.repository(repository)?;
        let tip = |branch: &str| {
            let unknown = || SimulatorError::UnknownBranch { repository: home.full_name(), branch: branch.to_owned() };
            home.git.head(branch).ok_or_else(unknown)
        };
        let (head_sha, base_sha) = (tip(&new.head)?, tip(&new.base)?);
        let number = home.next_number();
        let mut issue = self.blank_issue(number, actor);
        issue.title = new.title;
        issue.body = new.body;
        issue.pull = Some(Pull { head: new.head, base: new.base, head_sha, base_sha, draft: new.draft, merged: None });
        self.repository_mut(repository)?.issues.insert(number, issue);
        self.tell_issue((repository, number), "opened", json!({}), actor)?;
        Ok(number)
    }

    /// Moves the heads of the open pulls of a branch, telling `synchronize` of each.
    pub fn synchronize_pulls(&mut self, repository: i64, branch: &str, after: &str, actor: &Actor) -> Done {
        let now = self.now();
        let mut moved = Vec::new();
        for issue in self.repository_mut(repository)?.issues.values_mut().filter(|issue| issue.closed.is_none()) {
            if let Some(pull) = issue.pull.as_mut().filter(|pull| pull.head == branch && pull.head_sha != after) {
                let before = std::mem::replace(&mut pull.head_sha, after.to_owned());
                issue.updated_at = now;
                moved.push((issue.number, before));
            }
        }
        for (number, before) in moved {
            let fields = json!({"before": before, "after": after});
            self.tell_issue((repository, number), "synchronize", fields, actor)?;
        }
        Ok(())
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
