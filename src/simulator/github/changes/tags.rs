//! Tags created, moved and deleted.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::Actor;
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::payloads::Push;
use crate::simulator::github::state::State;

impl State {
    /// Points a tag at a commit or at a tag object, telling of the push, and of the creation where it is new.
    pub fn set_tag(&mut self, repository: i64, name: &str, sha: &str, actor: &Actor) -> Done {
        let reference = format!("refs/tags/{name}");
        let home = self.repository(repository)?;
        let before = home.git.reference(&reference);
        if before.as_deref() == Some(sha) {
            return Ok(());
        }
        home.git.set_reference(&reference, sha)?;
        let commit = home.git.resolve(sha);
        let branches = home.git.branches()?;
        let base_ref = branches.into_iter().find(|(_, tip)| before.is_none() && commit.as_deref() == Some(tip));
        let push = Push {
            reference: &reference,
            before: before.as_deref(),
            after: Some(sha),
            base_ref: base_ref.map(|(branch, _)| format!("refs/heads/{branch}")),
            commits: &[],
            pusher: &actor.login,
        };
        let (fields, created) = (self.views().push(home, &push), before.is_none());
        let made = json!({
            "ref": name,
            "ref_type": "tag",
            "master_branch": home.default_branch,
            "description": null,
            "pusher_type": "user",
        });
        self.tell(repository, Happening { event: "push", action: None, fields, actor })?;
        if created {
            self.tell(repository, Happening { event: "create", action: None, fields: made, actor })
        } else {
            Ok(())
        }
    }

    /// Deletes a tag, telling of the push and of the deletion; `false` when there is none.
    pub fn delete_tag(&mut self, repository: i64, name: &str, actor: &Actor) -> Result<bool, SimulatorError> {
        let reference = format!("refs/tags/{name}");
        let home = self.repository(repository)?;
        let Some(before) = home.git.reference(&reference) else { return Ok(false) };
        home.git.delete_reference(&reference)?;
        let push = Push {
            reference: &reference,
            before: Some(&before),
            after: None,
            base_ref: None,
            commits: &[],
            pusher: &actor.login,
        };
        let fields = self.views().push(home, &push);
        let gone = json!({"ref": name, "ref_type": "tag", "pusher_type": "user"});
        self.tell(repository, Happening { event: "push", action: None, fields, actor })?;
        self.tell(repository, Happening { event: "delete", action: None, fields: gone, actor })?;
        Ok(true)
    }

    /// Whether a commit's workflow files are those of no branch, so that GitHub takes a new ref to it for a change of
    /// workflows. Only where the repository is told to mind.
    ///
    /// <https://docs.github.com/en/rest/git/refs#create-a-reference>
    pub fn brings_workflows(&self, repository: i64, sha: &str) -> Result<bool, SimulatorError> {
        let home = self.repository(repository)?;
        let commit = home.git.resolve(sha).filter(|_| home.shipping.workflows_guarded);
        let Some(own) = commit.and_then(|commit| home.git.workflows(&commit)) else { return Ok(false) };
        let known = |(_, tip): &(String, String)| home.git.workflows(tip).as_ref() == Some(&own);
        Ok(!home.git.branches()?.iter().any(known))
    }
}
