//! What people and other systems do about tags, deployments and workflow runs.

use super::GithubSimulator;
use super::changes::NewDeploymentStatus;
use super::entities::{AccountKind, Actor};
use super::error::SimulatorError;
use super::git::{Author, NewTag, email};
use super::state::State;

impl GithubSimulator {
    /// Makes or moves a bare tag as the repository's owner.
    pub fn tag(&self, repository: &str, name: &str, sha: &str) -> Result<(), SimulatorError> {
        self.as_owner(repository, |state, id, owner| {
            let home = state.repository(id)?;
            home.git.view(sha).ok_or_else(|| SimulatorError::UnknownCommit(sha.to_owned()))?;
            state.set_tag(id, name, sha, owner)
        })
    }

    /// Makes an annotated tag as the repository's owner and returns the SHA of its own object.
    pub fn annotated_tag(
        &self,
        repository: &str,
        name: &str,
        sha: &str,
        message: &str,
    ) -> Result<String, SimulatorError> {
        self.as_owner(repository, |state, id, owner| {
            let home = state.repository(id)?;
            let tagger = Author { name: &owner.login, email: &email(&owner.login) };
            let new = NewTag { name, message, target: sha, tagger, at: state.now() };
            let made = home.git.make_tag(&new)?;
            state.set_tag(id, name, &made, owner)?;
            Ok(made)
        })
    }

    /// Deletes a tag as the repository's owner; its release stays.
    pub fn delete_tag(&self, repository: &str, name: &str) -> Result<(), SimulatorError> {
        self.as_owner(repository, |state, id, owner| state.delete_tag(id, name, owner).map(drop))
    }

    /// Sets whether GitHub refuses the App a tag at a commit whose workflow files are those of no branch, unless its
    /// installation has `workflows: write`. Off from the start.
    pub fn set_workflows_permission_needed(&self, repository: &str, needed: bool) -> Result<(), SimulatorError> {
        self.as_owner(repository, |state, id, _| {
            state.repository_mut(id)?.shipping.workflows_guarded = needed;
            Ok(())
        })
    }

    /// Says of a deployment what a deploy target of its own would: `success`, `failure`, `in_progress`…
    #[expect(clippy::too_many_arguments, reason = "a scenario reads best with all of it on one line")]
    pub fn report_deployment(
        &self,
        repository: &str,
        deployment: i64,
        who: &str,
        state: &str,
        description: &str,
    ) -> Result<(), SimulatorError> {
        let new = NewDeploymentStatus {
            state: state.to_owned(),
            description: description.to_owned(),
            auto_inactive: true,
            ..NewDeploymentStatus::default()
        };
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            let kind = if who.ends_with("[bot]") { AccountKind::Bot } else { AccountKind::User };
            state.add_account(who, kind);
            state.report_deployment((id, deployment), &Actor::person(who), new).map(drop)
        })
    }

    /// Lets a queued workflow run begin.
    pub fn begin_run(&self, repository: &str, run: i64) -> Result<(), SimulatorError> {
        self.as_owner(repository, |state, id, _| state.move_run(id, run, None))
    }

    /// Ends a workflow run with `success`, `failure`, `cancelled`…; one that was queued begins first.
    pub fn finish_run(&self, repository: &str, run: i64, conclusion: &str) -> Result<(), SimulatorError> {
        self.as_owner(repository, |state, id, _| state.move_run(id, run, Some(conclusion)))
    }

    fn as_owner<T>(
        &self,
        repository: &str,
        act: impl FnOnce(&mut State, i64, &Actor) -> Result<T, SimulatorError>,
    ) -> Result<T, SimulatorError> {
        let owner = repository.split('/').next().unwrap_or_default();
        self.act(repository, owner, act)
    }
}
