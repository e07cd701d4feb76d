//! Branches pushed to, moved and deleted.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::Actor;
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::git::Changes;
use crate::simulator::github::payloads::Push;
use crate::simulator::github::state::State;

impl State {
    /// Commits files to a branch, which starts at the default branch when it is new, and tells of the push.
    pub fn push_files(
        &mut self,
        repository: i64,
        actor: &Actor,
        changes: &Changes<'_>,
    ) -> Result<String, SimulatorError> {
        let home = self.repository(repository)?;
        let before = home.git.head(changes.branch);
        if before.is_none()
            && let Some(start) = home.git.head(&home.default_branch)
        {
            home.git.set_branch(changes.branch, &start)?;
        }
        let after = home.git.commit_all(changes)?;
        self.pushed(repository, changes.branch, (before, &after), actor)?;
        Ok(after)
    }

    /// Tells of a branch that moved from `before` (none: it is new) to `after`.
    pub fn pushed(
        &mut self,
        repository: i64,
        branch: &str,
        (before, after): (Option<String>, &str),
        actor: &Actor,
    ) -> Done {
        let now = self.now();
        self.repository_mut(repository)?.pushed_at = now;
        let home = self.repository(repository)?;
        let start = before.clone().or_else(|| home.git.head(&home.default_branch)).unwrap_or_default();
        let commits = home.git.between(&start, after).unwrap_or_default();
        let push = Push {
            reference: &format!("refs/heads/{branch}"),
            before: before.as_deref(),
            after: Some(after),
            base_ref: None,
            commits: &commits,
            pusher: &actor.login,
        };
        let fields = self.views().push(home, &push);
        self.tell(repository, Happening { event: "push", action: None, fields, actor })?;
        self.synchronize_pulls(repository, branch, after, actor)?;
        self.settle_merged_pulls(repository, branch, (&start, after), actor)?;
        if self.repository(repository)?.default_branch == branch {
            let messages: Vec<String> = commits.into_iter().map(|commit| commit.message).collect();
            for message in messages {
                self.close_what_is_fixed(repository, &message, actor)?;
            }
        }
        Ok(())
    }

    /// Creates a branch or moves it, and tells of the push.
    pub fn move_branch(&mut self, repository: i64, branch: &str, sha: &str, actor: &Actor) -> Done {
        let git = &self.repository(repository)?.git;
        let before = git.head(branch);
        git.set_branch(branch, sha)?;
        if before.as_deref() == Some(sha) { Ok(()) } else { self.pushed(repository, branch, (before, sha), actor) }
    }

    /// Deletes a branch, telling of the push, the deletion, and the pulls that this closes; `false` when there is none.
    pub fn delete_branch(&mut self, repository: i64, branch: &str, actor: &Actor) -> Result<bool, SimulatorError> {
        let home = self.repository(repository)?;
        let Some(before) = home.git.head(branch) else { return Ok(false) };
        home.git.delete_branch(branch)?;
        let push = Push {
            reference: &format!("refs/heads/{branch}"),
            before: Some(&before),
            after: None,
            base_ref: None,
            commits: &[],
            pusher: &actor.login,
        };
        let fields = self.views().push(home, &push);
        let gone = json!({"ref": branch, "ref_type": "branch", "pusher_type": "user"});
        let mut orphans = self.pulls_from(repository, branch);
        let open = home.issues.values().filter(|issue| issue.closed.is_none());
        let onto = open.filter(|issue| issue.pull.as_ref().is_some_and(|pull| pull.base == branch));
        orphans.extend(onto.map(|issue| (repository, issue.number)));
        self.tell(repository, Happening { event: "push", action: None, fields, actor })?;
        self.tell(repository, Happening { event: "delete", action: None, fields: gone, actor })?;
        for at in orphans {
            self.close_issue(at, actor, "completed")?;
        }
        Ok(true)
    }
}
