//! What people do to issues besides writing on them: link them, and close them for a reason.

use super::GithubSimulator;
use super::error::SimulatorError;
use crate::model::Number;

impl GithubSimulator {
    /// Closes an issue as `completed`, `not_planned` or `duplicate`.
    pub fn close_issue_as(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        reason: &str,
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.close_issue((id, number.0), actor, reason))
    }

    /// Makes an issue part of another one of the same repository.
    pub fn add_sub_issue(
        &self,
        repository: &str,
        who: &str,
        parent: Number,
        child: Number,
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.add_sub_issue((id, parent.0), (id, child.0), false, actor))
    }

    /// Takes an issue out of the one that it is part of.
    pub fn remove_sub_issue(
        &self,
        repository: &str,
        who: &str,
        parent: Number,
        child: Number,
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.remove_sub_issue((id, parent.0), (id, child.0), actor))
    }

    /// Has an issue wait for another one, which may be in another repository.
    pub fn add_dependency(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        on: (&str, Number),
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| {
            let other = state.repository_id(on.0)?;
            state.add_dependency((id, number.0), (other, on.1.0), actor)
        })
    }

    /// Has an issue no longer wait for another one.
    pub fn remove_dependency(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        on: (&str, Number),
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| {
            let other = state.repository_id(on.0)?;
            state.remove_dependency((id, number.0), (other, on.1.0), actor).map(drop)
        })
    }
}
