//! Commit statuses set.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::judging::CommitStatus;
use crate::simulator::github::state::State;

/// A status to be set.
#[derive(Debug)]
pub struct NewStatus {
    pub sha: String,
    pub context: String,
    /// `error`, `failure`, `pending` or `success`.
    pub state: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
}

impl State {
    /// Sets a status; what was set before under its context stays in the list, but counts no more.
    pub fn set_status(&mut self, repository: i64, actor: &Actor, new: NewStatus) -> Result<i64, SimulatorError> {
        let home = self.repository(repository)?;
        let known = home.git.view(&new.sha).filter(|commit| commit.sha == new.sha);
        known.ok_or_else(|| SimulatorError::UnknownCommit(new.sha.clone()))?;
        self.add_account(&actor.login, AccountKind::User);
        let status = CommitStatus {
            id: self.fresh_id(),
            sha: new.sha,
            context: new.context,
            state: new.state,
            description: new.description,
            target_url: new.target_url,
            creator: actor.login.clone(),
            via_app: actor.via_app,
            created_at: self.now(),
        };
        let id = status.id;
        self.tell_status(repository, &status, actor)?;
        self.repository_mut(repository)?.judging.statuses.push(status);
        Ok(id)
    }

    fn tell_status(&mut self, repository: i64, status: &CommitStatus, actor: &Actor) -> Done {
        let (home, views) = (self.repository(repository)?, self.views());
        let url = views.repository_url(home);
        let branches = home.git.branches()?.into_iter().filter(|(_, tip)| *tip == status.sha);
        let branches = branches.map(|(name, sha)| {
            let commit = json!({"sha": sha, "url": format!("{url}/commits/{sha}")});
            json!({"name": name, "commit": commit, "protected": home.judging.protects(&name)})
        });
        let fields = json!({
            "id": status.id,
            "sha": status.sha,
            "name": home.full_name(),
            "avatar_url": null,
            "target_url": status.target_url,
            "context": status.context,
            "description": status.description,
            "state": status.state,
            "commit": home.git.view(&status.sha).map(|commit| views.commit(home, &commit)),
            "branches": branches.collect::<Vec<_>>(),
            "created_at": status.created_at.to_rfc3339(),
            "updated_at": status.created_at.to_rfc3339(),
        });
        self.tell(repository, Happening { event: "status", action: None, fields, actor })
    }
}
